package cometchattest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sync"
)

// snapshotRun is a snapshot being written. It shows the state at one moment,
// although requests continue. Most of the state is encoded at once. Users and
// messages, which may number in the millions, are encoded in batches; a change of
// one of them first encodes its old state.
type snapshotRun struct {
	snapshotWriter
	parts  []snapshotPart // remaining parts
	before map[any][]byte // lines of users and messages that have changed since
	count  int            // number of lines
	failed error
}

// snapshotPart is either encoded text or rows yet to be encoded.
type snapshotPart struct {
	text []byte
	path string
	rows int                // number of remaining rows
	row  func(left int) any // a *user or a *message; left is 1 for the last one
}

// snapshotRuns are the runs of a state. They change while the state is locked for
// reading, and are read while it is locked for writing.
type snapshotRuns struct {
	mu   sync.Mutex
	runs []*snapshotRun
}

func (r *snapshotRuns) begin(run *snapshotRun) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs = append(r.runs, run)
}

func (r *snapshotRuns) end(run *snapshotRun) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs = slices.DeleteFunc(r.runs, func(other *snapshotRun) bool { return other == run })
}

// keepUser and keepMessage must be called before each change of a user or a
// message.
func (r *snapshotRuns) keepUser(u *user) {
	for _, run := range r.runs {
		run.keep("users.table", u)
	}
}

func (r *snapshotRuns) keepMessage(m *message) {
	for _, run := range r.runs {
		run.keep("messages.timeline", m)
	}
}

func (r *snapshotRun) keep(path string, row any) {
	if _, ok := r.before[row]; ok {
		return
	}
	w := snapshotWriter{secrets: r.secrets, before: r.before}
	if err := w.rowLine(path, row); err != nil && r.failed == nil {
		r.failed = err
	}
	r.before[row] = w.buf.Bytes()
}

// rowLine writes the line of a *user or a *message.
func (w *snapshotWriter) rowLine(path string, row any) error {
	return w.line(path, func() error {
		if u, ok := row.(*user); ok {
			return w.row(u.entry.id, u.entry.at, reflect.ValueOf(u).Elem())
		}
		return w.object(reflect.ValueOf(row).Elem())
	})
}

// newSnapshotRun starts a snapshot of the state, which must be locked.
func (s *Server) newSnapshotRun(secrets bool) (*snapshotRun, error) {
	r := &snapshotRun{before: map[any][]byte{}}
	r.snapshotWriter = snapshotWriter{secrets: secrets, before: r.before, later: r.later}
	head, err := json.Marshal(snapshotHead{snapshotFormat, snapshotVersion, s.now().UTC()})
	if err != nil {
		return nil, err
	}
	r.buf.Write(append(head, '\n'))
	if err := r.lines("", reflect.ValueOf(s.state).Elem()); err != nil {
		return nil, fmt.Errorf("cometchattest: %w", err)
	}
	r.cut()
	return r, nil
}

// later schedules rows to be encoded later.
func (r *snapshotRun) later(path string, n int, row func(left int) any) {
	r.cut()
	r.parts = append(r.parts, snapshotPart{path: path, rows: n, row: row})
}

// cut makes the encoded text a part.
func (r *snapshotRun) cut() {
	r.parts = append(r.parts, snapshotPart{text: slices.Clone(r.buf.Bytes())})
	r.buf.Reset()
}

// snapshotRows is the number of rows encoded while the state is locked.
const snapshotRows = 500

// next returns the next text, or nil at the end. The state must be locked.
func (r *snapshotRun) next() ([]byte, error) {
	if len(r.parts) == 0 {
		return nil, r.failed
	}
	p := &r.parts[0]
	text := p.text
	if p.row != nil {
		r.buf.Reset()
		for range min(p.rows, snapshotRows) {
			row := p.row(p.rows)
			p.rows--
			if line, ok := r.before[row]; ok {
				r.buf.Write(line)
			} else if err := r.rowLine(p.path, row); err != nil {
				return nil, fmt.Errorf("cometchattest: %w", err)
			}
		}
		text = r.buf.Bytes()
	}
	if p.rows == 0 {
		r.parts = r.parts[1:]
	}
	r.count += bytes.Count(text, []byte("\n"))
	if len(r.parts) == 0 {
		text = fmt.Appendf(text, "{\"end\":{\"lines\":%d}}\n", r.count+1)
	}
	return text, r.failed
}
