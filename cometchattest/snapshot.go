package cometchattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
)

// The format and version of snapshots. The version increases when older readers
// would misread a snapshot.
const (
	snapshotFormat  = "cometchat-emulator"
	snapshotVersion = 1
)

type snapshotHead struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	At      time.Time `json:"at"`
}

type snapshotEnd struct {
	End *struct {
		Lines int `json:"lines"`
	} `json:"end"`
}

// Snapshot writes the state of the app, from which [Server.Restore] restores it
// on this or another server, with identical responses. The format is one JSON
// document a line: the first line names the format, and the last one the number
// of lines. Snapshots contain keys, tokens and passwords. They do not contain the
// logs of requests, events and deliveries, faults and the clock.
func (s *Server) Snapshot(w io.Writer) error { return s.snapshot(w, true) }

// SnapshotWithoutSecrets is like [Server.Snapshot], but omits keys, tokens, the
// passwords of groups and webhooks, and the credentials of providers.
func (s *Server) SnapshotWithoutSecrets(w io.Writer) error { return s.snapshot(w, false) }

func (s *Server) snapshot(w io.Writer, secrets bool) error {
	s.mu.RLock()
	runs := s.state.snapshots
	run, err := s.newSnapshotRun(secrets)
	if err == nil {
		runs.begin(run)
	}
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	defer func() {
		s.mu.RLock()
		defer s.mu.RUnlock()
		runs.end(run)
	}()
	for {
		s.mu.RLock()
		text, err := run.next()
		s.mu.RUnlock()
		if err != nil || text == nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
}

// copyState returns a copy of the state, which must be locked.
func (s *Server) copyState() (*state, error) {
	run, err := s.newSnapshotRun(true)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	for {
		text, err := run.next()
		if err != nil {
			return nil, err
		}
		if text == nil {
			break
		}
		buf.Write(text)
	}
	st, _, err := readSnapshot(&buf)
	if err == nil {
		s.adopt(st)
	}
	return st, err
}

// lines writes a part of the state: a line for each row of a table, each message
// and each entry of a map, and a single line for any other value.
func (w *snapshotWriter) lines(path string, v reflect.Value) error {
	line := func(what func() error) error { return w.line(path, what) }
	switch part := v.Addr().Interface().(type) {
	case *timeline:
		rows := slices.Clone(*part)
		w.later(path, len(rows), func(left int) any { return rows[len(rows)-left] })
		return nil
	case **table[*user]:
		rows := slices.Clone((*part).entries)
		w.later(path, len(rows), func(left int) any { return rows[len(rows)-left].value })
		return nil
	case *map[string]*conversation:
		keys, _ := sortedKeys(v)
		for _, key := range keys {
			if err := line(func() error { return w.object(reflect.ValueOf((*part)[key]).Elem()) }); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return nil
	case v.Kind() == reflect.Pointer:
		if t, ok := asTable(v); ok {
			return t.eachRow(func(id string, at int64, value reflect.Value) error {
				return line(func() error { return w.row(id, at, value) })
			})
		}
		return w.lines(path, v.Elem())
	case v.Kind() == reflect.Struct:
		for _, f := range snapshotFields(v.Type()) {
			if f.secret && !w.secrets {
				continue
			}
			if err := w.lines(strings.TrimPrefix(path+"."+f.name, "."), field(v, f.index)); err != nil {
				return err
			}
		}
		return nil
	case v.Kind() == reflect.Map:
		keys, byText := sortedKeys(v)
		for _, key := range keys {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(byText[key]))
			err := line(func() error {
				w.raw("[")
				w.text(key)
				w.raw(",")
				err := w.value(value)
				w.raw("]")
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	case v.IsZero():
		return nil
	}
	return line(func() error { return w.value(v) })
}

// line writes a line for a part of the state.
func (w *snapshotWriter) line(path string, what func() error) error {
	w.raw("{")
	w.text(path)
	w.raw(":")
	if err := what(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	w.raw("}\n")
	return nil
}

// Restore replaces the state of the app with that of a snapshot. It causes no
// events. The server's own API key always remains valid. Restore returns an error
// if the snapshot is incomplete, invalid or of a later version; the error names
// the line, and the state is unchanged. Events are delivered to the webhooks of
// the snapshot. Restore also returns an error if another endpoint has the id of
// such a webhook, but restores the rest.
func (s *Server) Restore(r io.Reader) error {
	st, line, err := readSnapshot(r)
	if err != nil {
		return fmt.Errorf("cometchattest: line %d of the snapshot: %w", line, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adopt(st)
	s.grown = true
	s.changes++
	s.restarts++
	s.state = st
	return s.reconnect()
}

// reconnect delivers events to the webhooks in the state, and to no other
// webhooks of the Management API.
func (s *Server) reconnect() error {
	s.bus.removeGuarded()
	own, _ := s.state.account.apps.get(s.AppID())
	var errs []error
	for _, e := range own.webhooks.entries {
		// An existing endpoint may have the same id as a restored webhook.
		errs = append(errs, s.connect(e.value))
	}
	return errors.Join(errs...)
}

func readSnapshot(r io.Reader) (st *state, line int, err error) {
	st = newState()
	// The snapshot contains the built-in rules and lists.
	st.moderation.rules, st.moderation.lists = newTable[*ruleHistory](), newTable[*keywordList]()
	sr := newSnapshotReader(st)
	lines := 0 // the expected number, known at the end
	line, err = eachSnapshotLine(r, func(line int, text []byte) error {
		var end snapshotEnd
		switch {
		case lines > 0:
			return errors.New("there is something after the last line")
		case line == 1:
			return checkSnapshotHead(text)
		case bytes.HasPrefix(text, []byte(`{"end":`)) && json.Unmarshal(text, &end) == nil && end.End != nil:
			if lines = end.End.Lines; lines != line {
				return fmt.Errorf("there should be %d lines", lines)
			}
			return nil
		}
		return sr.line(text)
	})
	if err == nil && lines == 0 {
		line, err = line+1, errors.New("the last line is missing")
	}
	if err != nil {
		return nil, line, err
	}
	return st, line, st.rebuild()
}

func checkSnapshotHead(text []byte) error {
	var head snapshotHead
	switch err := json.Unmarshal(text, &head); {
	case err != nil:
		return err
	case head.Format != snapshotFormat:
		return fmt.Errorf("the format is %q, not %q", head.Format, snapshotFormat)
	case head.Version > snapshotVersion || head.Version < 1:
		return fmt.Errorf("the version is %d; this is an emulator for versions up to %d", head.Version, snapshotVersion)
	}
	return nil
}

// rebuild creates the indexes that a snapshot does not contain, and checks that
// all references are valid.
func (st *state) rebuild() error {
	if _, ok := st.roles.get(defaultRole); !ok {
		return errors.New("there is no role " + defaultRole)
	}
	for _, e := range st.roles.entries {
		if r := e.value; r.permissions == nil || r.restricted == nil {
			return fmt.Errorf("the role %s is not whole", e.id)
		}
	}
	for _, e := range st.users.entries {
		u := e.value
		u.entry = e
		if u.uid != e.id {
			return fmt.Errorf("the user %s is called %q", e.id, u.uid)
		}
		st.users.side(u).insert(e)
	}
	isUser := func(uid string) error {
		if _, ok := st.users.get(uid); !ok {
			return fmt.Errorf("there is no user %q", uid)
		}
		return nil
	}
	for _, tables := range []relationTables{st.friends.from, st.friends.to, st.blocks.from, st.blocks.to} {
		for uid, t := range tables {
			if err := isUser(uid); err != nil {
				return err
			}
			for _, e := range t.entries {
				if err := isUser(e.value.uid); err != nil || e.value.uid != e.id {
					return errors.Join(err, errBadSnapshotValue)
				}
			}
		}
	}
	for uid := range st.tokens {
		if err := isUser(uid); err != nil {
			return err
		}
	}
	for _, e := range st.groups.entries {
		g := e.value
		if g.guid != e.id || g.members.table == nil || g.banned == nil || g.permissions == nil {
			return fmt.Errorf("the group %s is not whole", e.id)
		}
		g.members.store, g.members.group = st.groups, g
		for _, t := range []*table[*groupMember]{g.members.table, g.banned} {
			for _, m := range t.entries {
				if err := isUser(m.id); err != nil || m.value.uid != m.id {
					return errors.Join(err, errBadSnapshotValue)
				}
			}
		}
		for _, m := range g.members.entries {
			st.groups.joined[m.id] = append(st.groups.joined[m.id], g)
		}
	}
	for _, e := range st.moderation.rules.entries {
		if len(*e.value) == 0 {
			return fmt.Errorf("the rule %s is not whole", e.id)
		}
	}
	for _, e := range st.account.apps.entries {
		a := e.value
		if a.keys == nil {
			a.keys = newTable[*apiKey]()
		}
		if a.extensions == nil || a.settings == nil || a.collaborators == nil || a.webhooks == nil || a.legacyWebhooks == nil {
			return fmt.Errorf("the app %s is not whole", e.id)
		}
	}
	return st.rebuildMessages()
}

func (st *state) rebuildMessages() error {
	s := st.messages
	for _, cv := range s.conversations {
		if cv.kind == typeUser {
			for _, uid := range cv.uids {
				s.direct[uid] = append(s.direct[uid], cv)
			}
		} else if _, ok := st.groups.get(cv.guid); !ok {
			return fmt.Errorf("there is no group %q", cv.guid)
		}
	}
	all := s.timeline
	s.timeline = nil
	for _, m := range all {
		if m.entities == nil || slices.ContainsFunc(m.payload, func(p member) bool { return p.value == nil }) {
			return fmt.Errorf("the message %d is not whole", m.id)
		}
		s.enter(m)
	}
	for _, m := range all {
		if m.deletedAt != 0 {
			delete(m.conversation.threads, m.id)
		}
	}
	if n := len(all); n > 0 && all[n-1].id > st.lastMessage {
		return errors.New("the newest message is newer than lastMessage")
	}
	return nil
}
