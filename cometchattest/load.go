package cometchattest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SeedError describes an error in a seed, and where it is.
type SeedError struct {
	// Line and Column are the position of the error, from 1; the column counts
	// bytes.
	Line, Column int
	// Field is the invalid member, such as "messages[3].sender"; it is empty for
	// invalid JSON.
	Field string
	// Reason says what is wrong.
	Reason string
}

// Error returns the position, the field and the reason.
func (e *SeedError) Error() string {
	place := strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": "
	if e.Field != "" {
		place += e.Field + ": "
	}
	return place + e.Reason
}

// Loaded is the number of entities [Server.Load] has added to the app.
type Loaded struct {
	Users    int `json:"users"`
	Groups   int `json:"groups"`
	Messages int `json:"messages"`
}

// Load adds the contents of a seed to the app. A seed is a JSON object with the
// members
//
//	roles      [{"role", "name", "description", "metadata"}]
//	users      [{"uid", "name", "avatar", "link", "role", "status", "statusMessage", "metadata",
//	           "tags", "createdAt", "updatedAt", "deactivatedAt"}]
//	friends    {uid: [uid, …]}
//	blocks     {uid: [uid, …]}
//	tokens     [{"uid", "authToken", "platform"}]; a token begins with the uid and "_"
//	groups     [{"guid", "name", "type", "password", "icon", "description", "owner", "metadata",
//	           "tags", "admins", "moderators", "participants", "banned", "createdAt", "updatedAt"}]
//	messages   [{"ref", "muid", "sender", "receiver", "receiverType", "category", "type", "text",
//	           "data", "tags", "parent", "quote", "sentAt"}]
//	webhooks   [{"id", "url", "triggers", "user", "password", "retryOnFailure", "enabled"}]
//	faults     [Fault] values, with names in lower camel case
//	clock      the time to set the clock to
//
// All members are optional. They have the meaning of the fields of [User],
// [Group] and [Message]. Times are numbers of seconds or RFC 3339 strings. A
// parent or a quoted message is the ref of an earlier message, or an id. Without
// a receiverType, the receiver is a group if a group has that id, and otherwise a
// user. Unknown members are errors.
//
// Load adds either all of the seed or nothing. In the latter case the error is a
// *[SeedError], unless reading fails. [Server.Reset] restores the seed, as it
// does data from [Server.AddUsers].
func (s *Server) Load(r io.Reader) (Loaded, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return Loaded{}, err
	}
	file, problem := parseSeed(text)
	if problem == nil {
		if problem = s.load(file); problem == nil {
			file.apply(s, nil)
			return Loaded{len(file.users), len(file.groups), len(file.messages)}, nil
		}
	}
	return Loaded{}, problem.locate(text)
}

// load adds a seed to the state.
func (s *Server) load(file *seedFile) *seedProblem {
	s.mu.Lock()
	defer s.mu.Unlock()
	sown := seed{at: s.now(), again: file.apply, put: func(c *call) {
		// It succeeded the first time.
		_ = file.put(c)
	}}
	st := s.state
	if s.grown {
		// Use a copy, which is discarded on an error.
		var err error
		if st, err = s.copyState(); err != nil {
			return &seedProblem{reason: err.Error()}
		}
	}
	if problem := file.put(&call{server: s, state: st, now: sown.at}); problem != nil {
		if !s.grown {
			s.state = s.seededState()
		}
		return problem
	}
	if s.state = st; !s.grown {
		s.seeds = append(s.seeds, sown)
	}
	return nil
}

// seedProblem is a [SeedError] without its position, which is only known for
// invalid JSON.
type seedProblem struct {
	field, reason string
	offset        int64
}

// locate finds the position of the problem in the text.
func (p *seedProblem) locate(text []byte) *SeedError {
	offset := p.offset
	if p.field != "" {
		offset = offsetOf(text, p.field)
	}
	before := text[:min(max(offset, 0), int64(len(text)))]
	line := bytes.Count(before, []byte("\n"))
	return &SeedError{line + 1, len(before) - bytes.LastIndexByte(before, '\n'), p.field, p.reason}
}

// offsetOf returns where the value of a member begins. If the member does not
// exist, it returns where the innermost existing parent begins.
func offsetOf(text []byte, path string) int64 {
	dec := json.NewDecoder(bytes.NewReader(text))
	var best int64
	var walk func(at string) error
	start := func() int64 {
		i := dec.InputOffset()
		for i < int64(len(text)) && strings.IndexByte(" \t\r\n:,", text[i]) >= 0 {
			i++
		}
		return i
	}
	walk = func(at string) error {
		if rest, ok := strings.CutPrefix(path, at); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') || at == "" {
			best = start()
		}
		token, err := dec.Token()
		if err != nil {
			return err
		}
		if token != json.Delim('{') && token != json.Delim('[') {
			return nil
		}
		for i := 0; dec.More(); i++ {
			inner := at + "[" + strconv.Itoa(i) + "]"
			if token == json.Delim('{') {
				name, err := dec.Token()
				if err != nil {
					return err
				}
				inner = strings.TrimPrefix(at+"."+fmt.Sprint(name), ".")
			}
			if err := walk(inner); err != nil {
				return err
			}
		}
		_, err = dec.Token()
		return err
	}
	_ = walk("") // ends at the first syntax error
	return best
}

// seedTime is a number of seconds or an RFC 3339 string.
type seedTime struct{ time.Time }

func (t *seedTime) UnmarshalJSON(b []byte) error {
	var seconds int64
	if json.Unmarshal(b, &seconds) == nil {
		t.Time = time.Unix(seconds, 0)
		return nil
	}
	return json.Unmarshal(b, &t.Time)
}

type seedUser struct {
	UID, Name, Avatar, Link, Role, Status, StatusMessage string

	Metadata                            json.RawMessage
	Tags                                []string
	CreatedAt, UpdatedAt, DeactivatedAt seedTime
}

type seedGroup struct {
	GUID, Name, Type, Password, Icon, Description, Owner string

	Metadata                                       json.RawMessage
	Tags, Admins, Moderators, Participants, Banned []string
	CreatedAt, UpdatedAt                           seedTime
}

type seedMessage struct {
	Ref, MUID, Sender, Receiver, ReceiverType, Category, Type, Text, Parent, Quote string

	Data   json.RawMessage
	Tags   []string
	SentAt seedTime
}

type seedRole struct {
	Role, Name, Description string
	Metadata                json.RawMessage
}

type seedToken struct{ UID, AuthToken, Platform string }

type seedWebhook struct {
	ID, URL, User, Password string
	Triggers                []string
	RetryOnFailure          bool
	Enabled                 *bool
}

// seedFile is a decoded seed.
type seedFile struct {
	roles          []seedRole
	users          []seedUser
	friends, block []seedRelation
	tokens         []seedToken
	groups         []seedGroup
	messages       []seedMessage
	webhooks       []seedWebhook
	faults         []Fault
	clock          seedTime
}

// seedRelation holds the relations of a user to others.
type seedRelation struct {
	uid    string
	others []string
}

func parseSeed(text []byte) (*seedFile, *seedProblem) {
	var members map[string]json.RawMessage
	if problem := decodeSeed("", text, &members); problem != nil {
		return nil, problem
	}
	file := &seedFile{}
	for _, name := range []string{"roles", "users", "friends", "blocks", "tokens", "groups", "messages", "webhooks", "faults", "clock"} {
		raw, ok := members[name]
		delete(members, name)
		if !ok {
			continue
		}
		if problem := file.read(name, raw); problem != nil {
			return nil, problem
		}
	}
	for name := range members {
		return nil, &seedProblem{field: name, reason: "a seed has no such member"}
	}
	return file, nil
}

func (file *seedFile) read(name string, raw json.RawMessage) *seedProblem {
	switch name {
	case "roles":
		return decodeList(name, raw, &file.roles)
	case "users":
		return decodeList(name, raw, &file.users)
	case "friends":
		return decodeRelations(name, raw, &file.friends)
	case "blocks":
		return decodeRelations(name, raw, &file.block)
	case "tokens":
		return decodeList(name, raw, &file.tokens)
	case "groups":
		return decodeList(name, raw, &file.groups)
	case "messages":
		return decodeList(name, raw, &file.messages)
	case "webhooks":
		return decodeList(name, raw, &file.webhooks)
	case "faults":
		return decodeList(name, raw, &file.faults)
	}
	return decodeSeed(name, raw, &file.clock)
}

// decodeSeed decodes a value. It returns a problem for unknown members.
func decodeSeed(field string, raw json.RawMessage, into any) *seedProblem {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, more := dec.Token(); errors.Is(more, io.EOF) {
			return nil
		}
		return &seedProblem{field: field, reason: "there is something after the end", offset: dec.InputOffset()}
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var fault *FaultError
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &syntax):
		return &seedProblem{field: field, reason: err.Error(), offset: syntax.Offset}
	case errors.As(err, &kind):
		if kind.Field != "" {
			field = strings.TrimPrefix(field+"."+memberName(kind.Field), ".")
		}
		return &seedProblem{field: field, reason: "it must not be a JSON " + kind.Value, offset: kind.Offset}
	case errors.As(err, &fault):
		return &seedProblem{field: strings.TrimPrefix(field+"."+fault.Field, "."), reason: "it " + fault.Reason}
	case isUnknown:
		name, _ := strconv.Unquote(unknown)
		return &seedProblem{field: strings.TrimPrefix(field+"."+name, "."), reason: "there is no such member"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &seedProblem{field: field, reason: "the JSON ends too early", offset: int64(len(raw))}
	}
	return &seedProblem{field: field, reason: err.Error()}
}

// memberName returns the JSON name of a field.
func memberName(field string) string {
	if strings.ToUpper(field) == field {
		return strings.ToLower(field)
	}
	return strings.ToLower(field[:1]) + field[1:]
}

func decodeList[T any](field string, raw json.RawMessage, into *[]T) *seedProblem {
	var elements []json.RawMessage
	if problem := decodeSeed(field, raw, &elements); problem != nil {
		return problem
	}
	*into = make([]T, len(elements))
	for i, element := range elements {
		if problem := decodeSeed(field+"["+strconv.Itoa(i)+"]", element, &(*into)[i]); problem != nil {
			return problem
		}
	}
	return nil
}

func decodeRelations(field string, raw json.RawMessage, into *[]seedRelation) *seedProblem {
	var byUID map[string][]string
	if problem := decodeSeed(field, raw, &byUID); problem != nil {
		return problem
	}
	for uid, others := range byUID {
		*into = append(*into, seedRelation{uid, others})
	}
	slices.SortFunc(*into, func(a, b seedRelation) int { return strings.Compare(a.uid, b.uid) })
	return nil
}

// put adds the seed to the state of a call.
func (file *seedFile) put(c *call) *seedProblem {
	for i, r := range file.roles {
		id := strings.ToLower(r.Role)
		if id == "" {
			return problemAt("roles", i, "role", "it is missing")
		}
		c.state.addRole(r.Role, c.unix())
		stored, _ := c.state.roles.get(id)
		stored.name, stored.description, stored.metadata = cmp.Or(r.Name, r.Role), r.Description, r.Metadata
	}
	if problem := file.putUsers(c); problem != nil {
		return problem
	}
	for i, g := range file.groups {
		if problem := g.put(c, i); problem != nil {
			return problem
		}
	}
	return file.putMessages(c)
}

func problemAt(list string, i int, member, format string, args ...any) *seedProblem {
	return &seedProblem{field: fmt.Sprintf("%s[%d].%s", list, i, member), reason: fmt.Sprintf(format, args...)}
}

func (file *seedFile) putUsers(c *call) *seedProblem {
	users, seen := make([]User, len(file.users)), map[string]bool{}
	for i, u := range file.users {
		uid := strings.ToLower(u.UID)
		if uid == "" || seen[uid] {
			return problemAt("users", i, "uid", "it is missing, or there twice")
		}
		seen[uid] = true
		users[i] = User{
			UID: u.UID, Name: u.Name, Avatar: u.Avatar, Link: u.Link, Role: u.Role, Status: u.Status, StatusMessage: u.StatusMessage,
			Metadata: u.Metadata, Tags: u.Tags,
			CreatedAt: u.CreatedAt.Time, UpdatedAt: u.UpdatedAt.Time, DeactivatedAt: u.DeactivatedAt.Time,
		}
	}
	c.seedUsers(users)
	for name, relations := range map[string][]seedRelation{"friends": file.friends, "blocks": file.block} {
		for _, r := range relations {
			uid := strings.ToLower(r.uid)
			if _, ok := c.state.users.get(uid); !ok {
				return &seedProblem{field: name + "." + r.uid, reason: fmt.Sprintf("there is no user %q", r.uid)}
			}
			for i, other := range r.others {
				other = strings.ToLower(other)
				if _, ok := c.state.users.get(other); !ok || other == uid {
					return &seedProblem{field: fmt.Sprintf("%s.%s[%d]", name, r.uid, i), reason: fmt.Sprintf("there is no other user %q", other)}
				}
				if name == "blocks" {
					c.state.blocks.add(uid, other, c.unix())
				} else {
					c.state.friends.add(uid, other, c.unix())
					c.state.friends.add(other, uid, c.unix())
				}
			}
		}
	}
	for i, t := range file.tokens {
		uid := strings.ToLower(t.UID)
		if _, ok := c.state.users.get(uid); !ok {
			return problemAt("tokens", i, "uid", "there is no user %q", t.UID)
		}
		if t.AuthToken[:max(0, strings.LastIndexByte(t.AuthToken, '_'))] != uid {
			return problemAt("tokens", i, "authToken", "it must be the uid, an underscore, and something without one")
		}
		if c.state.tokens[uid] == nil {
			c.state.tokens[uid] = newTable[*authToken]()
		}
		c.state.tokens[uid].add(t.AuthToken, c.unix(), &authToken{UID: uid, Token: t.AuthToken, Platform: t.Platform, CreatedAt: c.unix()})
	}
	return nil
}

func (g seedGroup) put(c *call, i int) *seedProblem {
	if g.GUID == "" {
		return problemAt("groups", i, "guid", "it is missing")
	}
	if kind := cmp.Or(g.Type, groupPublic); !slices.Contains([]string{groupPublic, groupPassword, groupPrivate}, kind) {
		return problemAt("groups", i, "type", "there is no type %q", kind)
	}
	lists := map[string][]string{"admins": g.Admins, "moderators": g.Moderators, "participants": g.Participants, "banned": g.Banned}
	for name, uids := range lists {
		for n, uid := range uids {
			if _, ok := c.state.users.get(strings.ToLower(uid)); !ok {
				return problemAt("groups", i, fmt.Sprintf("%s[%d]", name, n), "there is no user %q", uid)
			}
		}
	}
	if _, ok := c.state.users.get(strings.ToLower(g.Owner)); !ok && g.Owner != "" {
		return problemAt("groups", i, "owner", "there is no user %q", g.Owner)
	}
	c.seedGroup(Group{
		GUID: g.GUID, Name: g.Name, Type: g.Type, Password: g.Password, Icon: g.Icon, Description: g.Description, Owner: g.Owner,
		Metadata: g.Metadata, Tags: g.Tags, Admins: g.Admins, Moderators: g.Moderators, Participants: g.Participants, Banned: g.Banned,
		CreatedAt: g.CreatedAt.Time, UpdatedAt: g.UpdatedAt.Time,
	})
	return nil
}

func (file *seedFile) putMessages(c *call) *seedProblem {
	ids := map[string]int64{} // by ref
	for i, m := range file.messages {
		at := func(member, format string, args ...any) *seedProblem {
			return problemAt("messages", i, member, format, args...)
		}
		_, fromUser := c.state.users.get(strings.ToLower(m.Sender))
		if !fromUser && m.Sender != "" && m.Sender != systemUID {
			return at("sender", "there is no user %q", m.Sender)
		}
		if m.ReceiverType == "" {
			m.ReceiverType = typeUser
			if _, ok := c.state.groups.get(strings.ToLower(m.Receiver)); ok {
				m.ReceiverType = typeGroup
			}
		}
		if m.ReceiverType != typeUser && m.ReceiverType != typeGroup {
			return at("receiverType", "it must be user or group")
		}
		in := Message{
			MUID: m.MUID, Sender: m.Sender, Receiver: m.Receiver, ReceiverType: m.ReceiverType, Category: m.Category, Type: m.Type,
			Text: m.Text, Data: m.Data, Tags: m.Tags, SentAt: m.SentAt.Time,
		}
		if m.Data != nil {
			var data struct{ Text string }
			if json.Unmarshal(m.Data, &data) != nil {
				return at("data", "it must be a JSON object, whose text is a string")
			}
			in.Text = cmp.Or(m.Text, data.Text)
		}
		named := func(ref string) (*message, bool) {
			id, ok := ids[ref]
			if !ok {
				id, _ = strconv.ParseInt(ref, 10, 64)
			}
			return c.state.messages.get(id)
		}
		if m.Parent != "" {
			parent, ok := named(m.Parent)
			if !ok {
				return at("parent", "there is no message %q before", m.Parent)
			}
			in.ParentID = parent.idText()
		}
		if _, twice := ids[m.Ref]; twice && m.Ref != "" {
			return at("ref", "it is there twice")
		}
		stored, err := c.seedMessage(in)
		if err != nil {
			return at("receiver", "%v", err)
		}
		if m.Quote != "" {
			quoted, ok := named(m.Quote)
			if !ok || quoted.conversation != stored.conversation {
				return at("quote", "there is no message %q before in the conversation", m.Quote)
			}
			stored.quoted = quoted
		}
		ids[m.Ref] = stored.id
	}
	for i, w := range file.webhooks {
		wrong := func(field string, err error) *seedProblem {
			return problemAt("webhooks", i, field, "%s", strings.TrimPrefix(err.Error(), "cometchattest: "))
		}
		if err := checkEndpointURL(w.URL); err != nil {
			return wrong("url", err)
		}
		if err := CheckTriggers(w.Triggers...); err != nil {
			return wrong("triggers", err)
		}
	}
	return nil
}

// apply applies the parts of a seed that are not in the state: webhooks, faults
// and the clock.
func (file *seedFile) apply(s *Server, keep []Keep) {
	for _, w := range file.webhooks {
		opts := []DeliveryOption{WithTriggers(w.Triggers...), WithBasicAuth(w.User, w.Password), WithDeliveries(w.Enabled == nil || *w.Enabled)}
		if w.RetryOnFailure {
			opts = append(opts, WithRetries())
		}
		if w.ID != "" {
			opts = append(opts, WithWebhookID(w.ID))
		}
		// An existing webhook with the same id is kept.
		_ = s.bus.add(&Endpoint{settings: EndpointSettings{URL: w.URL}}, opts)
	}
	for _, f := range file.faults {
		if !slices.Contains(keep, KeepFaults) {
			s.Inject(f)
		}
	}
	if !file.clock.IsZero() && !slices.Contains(keep, KeepClock) {
		s.clock.Set(file.clock.Time)
	}
}
