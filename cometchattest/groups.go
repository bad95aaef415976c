package cometchattest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The types of groups.
const (
	groupPublic   = "public"
	groupPassword = "password"
	groupPrivate  = "private"
)

// maxDescription is the maximum length of a description in characters.
const maxDescription = 255

// Group is a group to add to the app with [Server.AddGroups].
type Group struct {
	// GUID is the id of the group, stored in lower case. Unlike ids in requests,
	// it may contain any characters.
	GUID string
	// Name is the display name; if empty, it is the GUID.
	Name string
	// Type is "public", "password" or "private"; if empty, it is "public".
	Type string
	// Password is the password of a group of type "password".
	Password string
	// Icon is the URL of the icon.
	Icon string
	// Description is the description of the group.
	Description string
	// Owner is the uid of the owner, who becomes an admin; if empty, the app owns
	// the group.
	Owner string
	// Metadata is usually a JSON object, but may be any valid JSON.
	Metadata json.RawMessage
	// Tags are the tags of the group.
	Tags []string
	// Admins, Moderators and Participants are the uids of the members, and Banned
	// those of banned users. All must be users of the app.
	Admins, Moderators, Participants, Banned []string
	// CreatedAt is when the group was created and its members joined; the zero
	// value is the current time of the server's clock. Lists are sorted by it,
	// newest first.
	CreatedAt time.Time
	// UpdatedAt is when the group was last changed; the zero value means never.
	UpdatedAt time.Time
}

// group is a stored group. Its slices are replaced rather than modified.
type group struct {
	guid, name, kind, icon, description, owner string

	password string `snapshot:",secret"`

	metadata             json.RawMessage
	tags                 []string
	createdAt, updatedAt int64 // seconds; 0 if unset
	updatedBy            string
	members              memberTable
	banned               *table[*groupMember]
	permissions          map[string]permissionValues // by scope
}

func newGroup(guid string) *group {
	return &group{
		guid: guid, kind: groupPublic, owner: systemUID,
		members: memberTable{table: newTable[*groupMember]()}, banned: newTable[*groupMember](),
		permissions: map[string]permissionValues{},
	}
}

// groupStore holds all groups, and the groups each user is a member of.
type groupStore struct {
	*table[*group]
	joined map[string][]*group `snapshot:"-"` // by uid
	// lastChange is the newest createdAt or updatedAt, in seconds.
	lastChange int64
}

func newGroupStore() *groupStore {
	return &groupStore{table: newTable[*group](), joined: map[string][]*group{}}
}

// memberTable holds the members of a group. Once the group is in the store, it
// also updates the store's index of members.
type memberTable struct {
	*table[*groupMember]
	store *groupStore `snapshot:"-"`
	group *group      `snapshot:"-"`
}

func (t memberTable) add(uid string, at int64, m *groupMember) {
	if _, known := t.get(uid); !known && t.store != nil {
		t.store.joined[uid] = append(t.store.joined[uid], t.group)
	}
	t.table.add(uid, at, m)
}

func (t memberTable) delete(uid string) {
	if t.table.delete(uid) != nil && t.store != nil {
		t.store.unlink(uid, t.group)
	}
}

// unlink removes a group from the groups a user is a member of.
func (s *groupStore) unlink(uid string, g *group) {
	s.joined[uid] = slices.DeleteFunc(s.joined[uid], func(other *group) bool { return other == g })
	if len(s.joined[uid]) == 0 {
		delete(s.joined, uid)
	}
}

// add stores a group, replacing any with the same guid.
func (s *groupStore) add(g *group) {
	s.delete(g.guid)
	for _, e := range g.members.entries {
		s.joined[e.id] = append(s.joined[e.id], g)
	}
	g.members.store, g.members.group = s, g
	s.table.add(g.guid, g.createdAt, g)
	s.changed(g)
}

// changed records the time of a change of a group.
func (s *groupStore) changed(g *group) { s.lastChange = max(s.lastChange, g.changedAt()) }

// delete removes the group with a guid.
func (s *groupStore) delete(guid string) {
	if e := s.table.delete(guid); e != nil {
		for _, m := range e.value.members.entries {
			s.unlink(m.id, e.value)
		}
	}
}

// AddGroups adds groups to the app, replacing those with the same GUID. It panics
// if a GUID is empty, metadata is not JSON, or a uid is not a user of the app.
func (s *Server) AddGroups(groups ...Group) {
	groups = slices.Clone(groups)
	for i := range groups {
		g := &groups[i]
		g.Metadata, g.Tags = slices.Clone(g.Metadata), slices.Clone(g.Tags)
		for _, uids := range []*[]string{&g.Admins, &g.Moderators, &g.Participants, &g.Banned} {
			*uids = slices.Clone(*uids)
		}
	}
	s.seed(func(c *call) {
		for i, g := range groups {
			if g.GUID == "" || g.Metadata != nil && !json.Valid(g.Metadata) {
				panic(fmt.Sprintf("cometchattest: group %d (%q) has no GUID, or metadata that is not JSON", i, g.GUID))
			}
			c.seedGroup(g)
		}
	})
}

func (c *call) seedGroup(in Group) {
	g := newGroup(strings.ToLower(in.GUID))
	g.name, g.kind, g.password = cmp.Or(in.Name, in.GUID), cmp.Or(in.Type, groupPublic), in.Password
	g.icon, g.description = in.Icon, in.Description
	g.metadata, g.tags = in.Metadata, in.Tags
	g.createdAt, g.updatedAt = cmp.Or(unixOrZero(in.CreatedAt), c.unix()), unixOrZero(in.UpdatedAt)
	join := func(table interface {
		add(string, int64, *groupMember)
	}, scope string, uids []string) {
		for _, uid := range uids {
			uid = strings.ToLower(uid)
			if _, ok := c.state.users.get(uid); !ok {
				panic(fmt.Sprintf("cometchattest: group %q names %q, who is no user", in.GUID, uid))
			}
			table.add(uid, g.createdAt, &groupMember{uid: uid, scope: scope, at: g.createdAt})
		}
	}
	join(g.members, scopeParticipant, in.Participants)
	join(g.members, scopeModerator, in.Moderators)
	join(g.members, scopeAdmin, in.Admins)
	join(g.banned, scopeParticipant, in.Banned)
	if in.Owner != "" {
		g.owner = strings.ToLower(in.Owner)
		join(g.members, scopeAdmin, []string{in.Owner})
	}
	c.state.groups.add(g)
}

func groupsResource() resource {
	return resource{
		routes: []route{
			{pattern: "POST /groups", handle: with((*call).fields, createGroup), core: true},
			{pattern: "GET /groups", handle: listGroups},
			{pattern: "GET /groups/{guid}", handle: with((*call).pathGroup, getGroup)},
			{pattern: "PUT /groups/{guid}", handle: withBody(pathGroupFor(scopeModerator), updateGroup)},
			{pattern: "DELETE /groups/{guid}", handle: with(pathGroupFor(scopeAdmin), deleteGroup), core: true},
		},
		userRemoved: func(st *state, uid string) {
			for _, g := range slices.Clone(st.groups.joined[uid]) {
				g.members.delete(uid)
			}
			for _, e := range st.groups.entries {
				e.value.banned.delete(uid)
				if e.value.owner == uid {
					e.value.owner = systemUID
				}
			}
		},
	}
}

// groupView is a group in a response. It omits empty members, except the number
// of members.
type groupView struct {
	GUID           string          `json:"guid"`
	Name           string          `json:"name"`
	Description    string          `json:"description,omitempty"`
	Icon           string          `json:"icon,omitempty"`
	Metadata       json.RawMessage `json:"metadata,omitempty"`
	Type           string          `json:"type"`
	Scope          string          `json:"scope,omitempty"`
	MembersCount   int             `json:"membersCount"`
	JoinedAt       int64           `json:"joinedAt,omitempty"`
	ConversationID string          `json:"conversationId"`
	HasJoined      bool            `json:"hasJoined,omitempty"`
	CreatedAt      int64           `json:"createdAt"`
	UpdatedAt      int64           `json:"updatedAt,omitempty"`
	UpdatedBy      string          `json:"updatedBy,omitempty"`
	Owner          string          `json:"owner"`
	Tags           []string        `json:"tags,omitempty"`
}

// viewGroup returns a group as the acting user sees it. It includes tags only if
// requested or just written, and never the password.
func (c *call) viewGroup(g *group, withTags bool) *groupView {
	v := &groupView{
		GUID: g.guid, Name: g.name, Description: g.description, Icon: g.icon, Metadata: g.metadata,
		Type: g.kind, MembersCount: g.members.count(), ConversationID: groupConversationID(g.guid),
		CreatedAt: g.createdAt, UpdatedAt: g.updatedAt, UpdatedBy: g.updatedBy, Owner: g.owner,
	}
	if withTags {
		v.Tags = g.tags
	}
	if c.actor != nil {
		if m, ok := g.members.get(c.actor.uid); ok {
			v.Scope, v.JoinedAt, v.HasJoined = m.scope, m.at, true
		}
	}
	return v
}

// pathGroup returns the group named by the path.
func (c *call) pathGroup() (*group, error) {
	g, ok := c.state.groups.get(c.id("guid"))
	if !ok {
		return nil, errGroupNotFound(c.named("guid"))
	}
	return g, nil
}

// pathGroupFor returns a function that returns the group named by the path and
// fails if the acting user does not have at least this scope in it.
func pathGroupFor(scope string) func(*call) (*group, error) {
	return func(c *call) (*group, error) {
		g, err := c.pathGroup()
		if err != nil {
			return nil, err
		}
		return g, c.clearance(g, scope)
	}
}

// readGroup returns a copy of a group with the members that were sent.
func (c *call) readGroup(f *fields, g group) (*group, error) {
	for name, field := range map[string]struct {
		target *string
		limit  int
	}{
		"name": {&g.name, maxName}, "password": {&g.password, maxName},
		"description": {&g.description, maxDescription},
	} {
		if value, ok := f.text(name, field.limit); ok {
			*field.target = value
		}
	}
	if icon, ok := f.url("icon"); ok {
		g.icon = icon
	}
	if kind, ok := f.oneOf("type", groupPublic, groupPassword, groupPrivate); ok {
		g.kind = kind
	}
	if metadata, ok := f.metadata(maxMetadata); ok {
		g.metadata = metadata
	}
	if tags, ok := f.tags(); ok {
		g.tags = tags
	}
	owner, hasOwner := f.text("owner", 100)
	if err := f.err(); err != nil {
		return nil, err
	}
	if g.kind == groupPassword && g.password == "" {
		return nil, newError(http.StatusBadRequest, "ERR_EMPTY_GROUP_PASS", "A group of type password needs a password.")
	}
	if hasOwner {
		u, err := c.user(strings.ToLower(owner))
		if err != nil {
			return nil, err
		}
		g.owner = u.uid
	}
	return &g, nil
}

// createdGroup is a new group with the outcomes of adding its members.
type createdGroup struct {
	*groupView
	Members map[string]outcomes `json:"members,omitempty"`
}

func createGroup(c *call, f *fields) (any, error) {
	f.require("guid", "name", "type")
	guid, _ := f.id("guid")
	members, _ := f.object("members")
	wanted := c.memberLists(members)
	fresh := newGroup(guid)
	fresh.createdAt = c.unix()
	if c.actor != nil {
		fresh.owner = c.actor.uid
	}
	g, err := c.readGroup(f, *fresh)
	if err != nil {
		return nil, err
	}
	if _, ok := c.state.groups.get(guid); ok {
		return nil, errTaken("ERR_GUID_ALREADY_EXISTS", "GUID", guid)
	}
	if g.owner != systemUID {
		g.join(g.owner, scopeAdmin, c.unix())
	}
	c.state.groups.add(g)
	c.tellGroupCreated(g)
	var added map[string]outcomes
	c.quietly(func() { added = c.addMembers(g, wanted) })
	return createdGroup{c.viewGroup(g, true), added}, nil
}

func listGroups(c *call) (any, error) {
	withTags := c.queryBool("withTags")
	f := newFields(nil)
	affix := c.queryWord(f, "affix", affixAppend, affixPrepend)
	keep := c.groupFilter(f, affix)
	sorted := c.sortGroups(f, affix)
	if err := f.err(); err != nil {
		return nil, err
	}
	return pageList[*group]{
		rows: sorted, keep: keep,
		view:   func(g *group) any { return c.viewGroup(g, withTags) },
		cursor: pageCursor{UpdatedAt: c.state.groups.lastChange, Affix: "prepend"},
	}.page(c)
}

// changedAt returns when a group was created or last changed.
func (g *group) changedAt() int64 { return max(g.createdAt, g.updatedAt) }

// sortGroups returns all groups in the order of the parameters sortBy and
// sortOrder. The default is newest first, or with a cursor least recently changed
// first.
func (c *call) sortGroups(f *fields, affix string) rows[*group] {
	by := c.queryWord(f, "sortBy", "name", "guid", "createdAt")
	order := c.queryWord(f, "sortOrder", "asc", "desc")
	if by == "" && order == "" && affix != affixAppend {
		return c.state.groups
	}
	compare := func(a, b *group) int { return cmp.Compare(a.createdAt, b.createdAt) }
	switch by {
	case "name":
		compare = func(a, b *group) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) }
	case "guid":
		compare = func(a, b *group) int { return strings.Compare(a.guid, b.guid) }
	case "":
		if affix == affixAppend {
			compare = func(a, b *group) int { return cmp.Compare(a.changedAt(), b.changedAt()) }
		}
	}
	var sorted []*group
	for _, e := range c.state.groups.entries { // oldest first
		sorted = append(sorted, e.value)
	}
	if order == "desc" {
		ascending := compare
		compare = func(a, b *group) int { return ascending(b, a) }
	}
	slices.SortStableFunc(sorted, compare)
	return sliceRows[*group](sorted)
}

// groupFilter returns the test of the parameters of the list of groups, or nil if
// it would keep all groups.
func (c *call) groupFilter(f *fields, affix string) func(*group) bool {
	l := newFilters[*group](c, f)
	l.search(strings.Contains, map[string]func(*group) string{
		"guid": func(g *group) string { return g.guid }, "name": func(g *group) string { return g.name },
	})
	l.words(func(g *group) string { return g.guid }, "guid", "guids")
	for _, name := range []string{"type", "types"} {
		if kinds := c.queryList(name); kinds != nil {
			// The filter also accepts "protected" for groups with a password.
			l.add(func(g *group) bool {
				return containsFold(kinds, g.kind) || g.kind == groupPassword && containsFold(kinds, "protected")
			})
		}
	}
	l.tags(func(g *group) []string { return g.tags })
	if c.queryBool("hasJoined") && c.actor != nil {
		l.add(func(g *group) bool { _, ok := g.members.get(c.actor.uid); return ok })
	}
	l.span("createdAt", func(g *group) int64 { return g.createdAt })
	l.span("updatedAt", func(g *group) int64 { return g.updatedAt })
	l.compared("membersCount", func(g *group) int64 { return int64(g.members.count()) })
	if affix != "" {
		l.number("updatedAt", nil, func(g *group, bound int64) bool {
			if affix == affixAppend {
				return g.changedAt() > bound
			}
			return g.changedAt() < bound
		})
	}
	return l.keep()
}

func getGroup(c *call, g *group) (any, error) {
	return c.viewGroup(g, true), nil
}

func updateGroup(c *call, g *group, f *fields) (any, error) {
	if f.has("name") {
		f.require("name")
	}
	if c.actor != nil {
		delete(f.members, "owner") // ignored if a user acts
	}
	unset, _ := f.texts("unset", 0, 0)
	changed := *g
	for i, name := range unset {
		switch name {
		case "icon":
			changed.icon = ""
		case "description":
			changed.description = ""
		case "metadata":
			changed.metadata = nil
		default:
			f.fail(fmt.Sprintf("unset.%d", i), "Only icon, description and metadata can be unset.")
		}
	}
	next, err := c.readGroup(f, changed)
	if err != nil {
		return nil, err
	}
	old := g.owner
	next.updatedAt, next.updatedBy = c.unix(), c.actingUID()
	*g = *next
	c.state.groups.changed(g)
	if g.owner != systemUID {
		g.join(g.owner, scopeAdmin, c.unix())
	}
	if g.owner != old {
		c.tellOwner(g, old)
	}
	if g.owner == old || len(f.members) > 1 {
		c.tellGroup("group_updated", g)
	}
	return c.viewGroup(g, true), nil
}

func deleteGroup(c *call, g *group) (any, error) {
	c.tellGroup("group_deleted", g)
	c.state.groups.delete(g.guid)
	c.state.messages.removeGroup(g.guid)
	return acknowledge("The group %s is deleted.", g.guid)
}

// actingUID returns the uid of the acting user, or of the system.
func (c *call) actingUID() string {
	if c.actor != nil {
		return c.actor.uid
	}
	return systemUID
}
