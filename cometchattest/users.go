package cometchattest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// User is a user to add to the app with [Server.AddUsers].
type User struct {
	// UID is the id of the user, stored in lower case. Unlike ids in requests, it
	// may contain any characters.
	UID string
	// Name is the display name; if empty, it is the UID.
	Name string
	// Avatar and Link are URLs.
	Avatar, Link string
	// Role is the id of a role, which is added if it does not exist; if empty, it
	// is "default".
	Role string
	// Status is "available" or "offline"; if empty, it is "offline".
	Status string
	// StatusMessage is the status message of the user.
	StatusMessage string
	// Metadata is usually a JSON object, but may be any valid JSON.
	Metadata json.RawMessage
	// Tags are the tags of the user.
	Tags []string
	// CreatedAt is when the user was created; the zero value is the current time
	// of the server's clock. Lists are sorted by it, newest first.
	CreatedAt time.Time
	// UpdatedAt is when the user was last changed; the zero value means never.
	UpdatedAt time.Time
	// DeactivatedAt is when the user was deactivated; the zero value means that
	// the user is active.
	DeactivatedAt time.Time
}

// user is a stored user. Its slices are replaced rather than modified.
type user struct {
	uid, name, avatar, link, role, status, statusMessage string

	metadata                            json.RawMessage
	tags                                []string
	createdAt, updatedAt, deactivatedAt int64 // seconds; 0 if unset
	lastActiveAt                        int64
	entry                               *entry[*user] `snapshot:"-"`
}

// userStore holds all users. It has separate indexes of the active and the
// deactivated ones, because lists show one or the other.
type userStore struct {
	*table[*user]
	active, deactivated index[*user] `snapshot:"-"`
	// lastChange is the newest createdAt or updatedAt, in seconds.
	lastChange int64
	seeded     int
	snapshots  *snapshotRuns `snapshot:"-"`
}

func newUserStore(snapshots *snapshotRuns) *userStore {
	return &userStore{table: newTable[*user](), snapshots: snapshots}
}

// side returns the index a user belongs to.
func (s *userStore) side(u *user) *index[*user] {
	if u.deactivatedAt != 0 {
		return &s.deactivated
	}
	return &s.active
}

// addAll stores users, replacing those with the same uid.
func (s *userStore) addAll(users ...*user) {
	var all, active, deactivated []*entry[*user]
	for _, u := range users {
		if old, ok := s.get(u.uid); ok {
			s.removeUser(old)
		}
		u.entry = s.newEntry(u.uid, u.createdAt, u)
		all = append(all, u.entry)
		if u.deactivatedAt != 0 {
			deactivated = append(deactivated, u.entry)
		} else {
			active = append(active, u.entry)
		}
		s.lastChange = max(s.lastChange, u.createdAt, u.updatedAt)
	}
	s.insertAll(all)
	s.active.insertAll(active)
	s.deactivated.insertAll(deactivated)
}

func (s *userStore) removeUser(u *user) {
	s.delete(u.uid)
	s.side(u).remove(u.entry)
}

// setDeactivated moves a user between the indexes; at is 0 for an active user.
func (s *userStore) setDeactivated(u *user, at int64) {
	s.snapshots.keepUser(u)
	s.side(u).remove(u.entry)
	u.deactivatedAt = at
	s.side(u).insert(u.entry)
}

// isActive reports whether a user is active.
func (u *user) isActive() bool { return u.deactivatedAt == 0 }

// contains reports whether the uid or the name contains a text in lower case.
func (u *user) contains(key string) bool {
	return strings.Contains(u.uid, key) || strings.Contains(strings.ToLower(u.name), key)
}

// keepActive returns a test that also excludes deactivated users. keep may be
// nil. If the app has no deactivated users, keepActive returns keep itself, so
// that pages can still be cut by position.
func keepActive[T interface{ isActive() bool }](c *call, keep func(T) bool) func(T) bool {
	if c.state.users.deactivated.count() == 0 {
		return keep
	}
	return func(row T) bool { return row.isActive() && (keep == nil || keep(row)) }
}

// AddUsers adds users to the app, replacing those with the same UID. It panics if
// a UID is empty or repeated, or if metadata is not JSON.
func (s *Server) AddUsers(users ...User) {
	users = slices.Clone(users)
	for i, u := range users {
		users[i].Metadata, users[i].Tags = slices.Clone(u.Metadata), slices.Clone(u.Tags)
	}
	s.seed(func(c *call) { c.seedUsers(users) })
}

func (c *call) seedUsers(users []User) {
	stored, seen := make([]*user, len(users)), make(map[string]bool, len(users))
	for i, u := range users {
		uid := strings.ToLower(u.UID)
		if uid == "" || seen[uid] || u.Metadata != nil && !json.Valid(u.Metadata) {
			panic(fmt.Sprintf("cometchattest: user %d (%q) has no UID of its own, or metadata that is not JSON", i, u.UID))
		}
		seen[uid] = true
		stored[i] = &user{
			uid:           uid,
			name:          cmp.Or(u.Name, u.UID),
			avatar:        u.Avatar,
			link:          u.Link,
			role:          strings.ToLower(cmp.Or(u.Role, defaultRole)),
			status:        cmp.Or(u.Status, "offline"),
			statusMessage: u.StatusMessage,
			metadata:      u.Metadata,
			tags:          u.Tags,
			createdAt:     cmp.Or(unixOrZero(u.CreatedAt), c.unix()),
			updatedAt:     unixOrZero(u.UpdatedAt),
			deactivatedAt: unixOrZero(u.DeactivatedAt),
		}
	}
	for _, u := range users {
		c.state.addRole(cmp.Or(u.Role, defaultRole), c.unix())
	}
	c.state.users.addAll(stored...)
}

func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// SeedUsers adds n users with the UIDs user-0001, user-0002 and so on, readable
// names, and creation times one second apart. The last one is created at the
// current time of the server's clock, so lists start with it. Further calls
// continue the numbering.
func (s *Server) SeedUsers(n int) { s.seed(func(c *call) { c.numberUsers(n) }) }

func (c *call) numberUsers(n int) {
	store := c.state.users
	first := store.seeded + 1
	store.seeded += n
	users := make([]User, n)
	for i := range users {
		number := first + i
		users[i] = User{
			UID: fmt.Sprintf("user-%04d", number),
			Name: givenNames[number%len(givenNames)] + " " +
				familyNames[number/len(givenNames)%len(familyNames)],
			CreatedAt: c.now.Add(time.Duration(number-store.seeded) * time.Second),
		}
	}
	c.seedUsers(users)
}

var (
	givenNames = []string{
		"Aiko", "Bruno", "Chidi", "Dalia", "Emeka", "Farah", "Goran", "Hana", "Ivo", "Jun",
		"Kaito", "Leila", "Mateo", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Sanna", "Tariq",
	}
	familyNames = []string{
		"Almeida", "Berg", "Castillo", "Dvorak", "Eriksen", "Fontana", "Gupta", "Hoffmann", "Ito",
		"Jansen", "Kowalski", "Lindgren", "Mbeki", "Novak", "Okafor", "Petrov", "Rahman", "Silva",
	}
)

// userView is a user in a response. It omits empty members.
type userView struct {
	UID            string          `json:"uid"`
	Name           string          `json:"name"`
	Link           string          `json:"link,omitempty"`
	Avatar         string          `json:"avatar,omitempty"`
	Metadata       json.RawMessage `json:"metadata,omitempty"`
	Status         string          `json:"status"`
	StatusMessage  string          `json:"statusMessage,omitempty"`
	Role           string          `json:"role"`
	Scope          string          `json:"scope,omitempty"`
	JoinedAt       int64           `json:"joinedAt,omitempty"`
	BlockedByMe    bool            `json:"blockedByMe,omitempty"`
	BlockedByMeAt  int64           `json:"blockedByMeAt,omitempty"`
	HasBlockedMe   bool            `json:"hasBlockedMe,omitempty"`
	BlockedAt      int64           `json:"blockedAt,omitempty"`
	CreatedAt      int64           `json:"createdAt"`
	UpdatedAt      int64           `json:"updatedAt,omitempty"`
	DeactivatedAt  int64           `json:"deactivatedAt,omitempty"`
	LastActiveAt   int64           `json:"lastActiveAt,omitempty"`
	ConversationID string          `json:"conversationId,omitempty"`
	Tags           []string        `json:"tags,omitempty"`
	AuthToken      string          `json:"authToken,omitempty"`
}

// viewUser returns a user as the acting user sees it. It includes tags only if
// requested or just written.
func (c *call) viewUser(u *user, withTags bool) *userView {
	v := &userView{
		UID: u.uid, Name: u.name, Link: u.link, Avatar: u.avatar, Metadata: u.metadata,
		Status: u.status, StatusMessage: u.statusMessage, Role: u.role,
		CreatedAt: u.createdAt, UpdatedAt: u.updatedAt, DeactivatedAt: u.deactivatedAt, LastActiveAt: u.lastActiveAt,
	}
	if withTags {
		v.Tags = u.tags
	}
	if c.actor != nil && c.actor != u {
		v.ConversationID = conversationID(c.actor.uid, u.uid)
		for _, res := range c.server.hooks {
			if res.decorateUser != nil {
				res.decorateUser(c, u, v)
			}
		}
	}
	return v
}

func usersResource() resource {
	return resource{routes: []route{
		{pattern: "POST /users", handle: with((*call).fields, createUser), core: true},
		{pattern: "GET /users", handle: listUsers},
		{pattern: "PUT /users", handle: with((*call).fields, reactivateUsers)},
		{pattern: "DELETE /users", handle: with((*call).fields, deactivateUsers)},
		{pattern: "GET /users/{uid}", handle: with((*call).pathUser, getUser)},
		{pattern: "PUT /users/{uid}", handle: withBody((*call).pathUser, updateUser)},
		{pattern: "DELETE /users/{uid}", handle: with((*call).fields, deleteUser), core: true},
	}}
}

// The limits on a user's fields: characters, and bytes for metadata.
const (
	maxName     = 100
	maxURL      = 3000
	maxMetadata = 5 << 10
)

// readUser returns a copy of a user with the members that were sent.
func (c *call) readUser(f *fields, u user) (*user, error) {
	for name, field := range map[string]struct {
		target *string
		limit  int
	}{
		"name": {&u.name, maxName}, "statusMessage": {&u.statusMessage, 0},
	} {
		if value, ok := f.text(name, field.limit); ok {
			*field.target = value
		}
	}
	for name, target := range map[string]*string{"avatar": &u.avatar, "link": &u.link} {
		if value, ok := f.url(name); ok {
			*target = value
		}
	}
	if metadata, ok := f.metadata(maxMetadata); ok {
		u.metadata = metadata
	}
	if tags, ok := f.tags(); ok {
		u.tags = tags
	}
	u.role = c.role(f, "role", u.role)
	return &u, f.err()
}

func createUser(c *call, f *fields) (any, error) {
	f.require("uid", "name")
	uid, _ := f.id("uid")
	withAuthToken, _ := f.boolean("withAuthToken")
	u, err := c.readUser(f, user{uid: uid, status: "offline", role: defaultRole, createdAt: c.unix()})
	if err != nil {
		return nil, err
	}
	if _, ok := c.state.users.get(uid); ok {
		return nil, errTaken("ERR_UID_ALREADY_EXISTS", "UID", uid)
	}
	if quota := c.server.userQuota; quota > 0 && c.state.users.count() >= quota {
		return nil, errQuota("The plan of this app allows %d users.", quota)
	}
	c.state.users.addAll(u)
	v := c.viewUser(u, true)
	if withAuthToken {
		v.AuthToken = c.newAuthToken(uid).Token
	}
	return v, nil
}

func listUsers(c *call) (any, error) {
	store, withTags := c.state.users, c.queryBool("withTags")
	list := pageList[*user]{
		rows:   &store.active,
		view:   func(u *user) any { return c.viewUser(u, withTags) },
		cursor: pageCursor{UpdatedAt: store.lastChange, Affix: "prepend"},
	}
	switch {
	case c.queryBool("onlyDeactivated"):
		list.rows = &store.deactivated
	case c.queryBool("withDeactivated"):
		list.rows = store
	}
	keep, err := c.userFilter()
	if err != nil {
		return nil, err
	}
	list.keep = keep
	return list.page(c)
}

// userFilter returns the test of the parameters of the list of users, or nil if
// it would keep all users.
func (c *call) userFilter() (func(*user) bool, error) {
	f := newFields(nil)
	l := newFilters[*user](c, f)
	l.search(strings.HasPrefix, map[string]func(*user) string{
		"uid": func(u *user) string { return u.uid }, "name": func(u *user) string { return u.name },
	})
	l.words(func(u *user) string { return u.status }, "status")
	l.words(func(u *user) string { return u.role }, "role", "roles")
	l.tags(func(u *user) []string { return u.tags })
	l.span("createdAt", func(u *user) int64 { return u.createdAt })
	l.span("updatedAt", func(u *user) int64 { return u.updatedAt })
	return l.keep(), f.err()
}

func getUser(c *call, u *user) (any, error) {
	return c.viewUser(u, false), nil
}

func updateUser(c *call, u *user, f *fields) (any, error) {
	if f.has("name") {
		f.require("name")
	}
	unset, _ := f.texts("unset", 0, 0)
	changed := *u
	for i, name := range unset {
		switch name {
		case "avatar":
			changed.avatar = ""
		case "link":
			changed.link = ""
		case "metadata":
			changed.metadata = nil
		default:
			f.fail(fmt.Sprintf("unset.%d", i), "Only avatar, link and metadata can be unset.")
		}
	}
	next, err := c.readUser(f, changed)
	if err != nil {
		return nil, err
	}
	next.updatedAt = c.unix()
	c.state.snapshots.keepUser(u)
	*u = *next
	c.state.users.lastChange = max(c.state.users.lastChange, u.updatedAt)
	return c.viewUser(u, true), nil
}

// uidLists is the result of an operation on several users. It omits empty lists.
// UIDs that do not exist are as they were sent, the others in lower case.
type uidLists struct {
	Deactivated        []string `json:"deactivatedUids,omitempty"`
	AlreadyDeactivated []string `json:"alreadyDeactivatedUids,omitempty"`
	Reactivated        []string `json:"reactivatedUids,omitempty"`
	NonDeactivated     []string `json:"nonDeactivatedUids,omitempty"`
	NotFound           []string `json:"notFound,omitempty"`
}

func deleteUser(c *call, f *fields) (any, error) {
	permanent, _ := f.boolean("permanent")
	if err := f.err(); err != nil {
		return nil, err
	}
	uid := c.id("uid")
	// A deactivated user can be deleted, because only that frees the uid.
	u, ok := c.state.users.get(uid)
	if !ok {
		return nil, errUserNotFound(c.named("uid"))
	}
	if !permanent {
		return c.deactivate([]string{uid}), nil
	}
	c.state.users.removeUser(u)
	for _, res := range c.server.hooks {
		if res.userRemoved != nil {
			res.userRemoved(c.state, uid)
		}
	}
	return acknowledge("The user %s is deleted for good.", uid)
}

func deactivateUsers(c *call, f *fields) (any, error) {
	uids, err := f.uids("uidsToDeactivate")
	if err != nil {
		return nil, err
	}
	return c.deactivate(uids), nil
}

func (c *call) deactivate(uids []string) uidLists {
	var out uidLists
	for _, uid := range uids {
		switch u, ok := c.state.users.get(strings.ToLower(uid)); {
		case !ok:
			out.NotFound = append(out.NotFound, uid)
		case u.deactivatedAt != 0:
			out.AlreadyDeactivated = append(out.AlreadyDeactivated, u.uid)
		default:
			c.state.users.setDeactivated(u, c.unix())
			out.Deactivated = append(out.Deactivated, u.uid)
		}
	}
	return out
}

func reactivateUsers(c *call, f *fields) (any, error) {
	uids, err := f.uids("uidsToActivate")
	if err != nil {
		return nil, err
	}
	var out uidLists
	for _, uid := range uids {
		switch u, ok := c.state.users.get(strings.ToLower(uid)); {
		case !ok:
			out.NotFound = append(out.NotFound, uid)
		case u.deactivatedAt == 0:
			out.NonDeactivated = append(out.NonDeactivated, u.uid)
		default:
			c.state.users.setDeactivated(u, 0)
			out.Reactivated = append(out.Reactivated, u.uid)
		}
	}
	return out, nil
}

// uids reads a required list of uids. It returns them as they were sent, without
// duplicates that only differ in case. It returns an error if any field is
// invalid.
func (f *fields) uids(name string) ([]string, error) {
	sent, ok := f.texts(name, 0, 0)
	if len(sent) == 0 && f.err() == nil {
		f.fail(name, "The field %s is required.", name)
	}
	if !ok || f.err() != nil {
		return nil, f.err()
	}
	var uids []string
	seen := map[string]bool{}
	for _, uid := range sent {
		if id := strings.ToLower(uid); !seen[id] {
			seen[id] = true
			uids = append(uids, uid)
		}
	}
	return uids, nil
}
