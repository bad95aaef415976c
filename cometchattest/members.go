package cometchattest

import (
	"net/http"
	"slices"
	"strings"
)

// The scopes of members. scopeRank orders them.
const (
	scopeAdmin       = "admin"
	scopeModerator   = "moderator"
	scopeParticipant = "participant"
)

var scopeRank = map[string]int{scopeParticipant: 1, scopeModerator: 2, scopeAdmin: 3}

// maxMembersPerCall is the number of users a request can add to a group.
const maxMembersPerCall = 25

// groupMember is a member of a group, or a user banned from it.
type groupMember struct {
	uid   string
	scope string
	at    int64 // when the user joined or was banned, in seconds
}

func membersResource() resource {
	return resource{routes: []route{
		{pattern: "POST /groups/{guid}/members", handle: withBody(pathGroupFor(scopeModerator), addMembers)},
		{pattern: "GET /groups/{guid}/members", handle: with((*call).pathGroup, listMembers)},
		{pattern: "PUT /groups/{guid}/members/{uid}", handle: changeScope},
		{pattern: "DELETE /groups/{guid}/members/{uid}", handle: kickMember},
	}}
}

// join adds a user to a group, or changes the scope of a member.
func (g *group) join(uid, scope string, at int64) {
	if m, ok := g.members.get(uid); ok {
		m.scope = scope
		return
	}
	g.members.add(uid, at, &groupMember{uid: uid, scope: scope, at: at})
}

// outcomes maps ids in lower case to the outcomes of an operation on them.
type outcomes map[string]outcome

type outcome struct {
	Success bool       `json:"success"`
	Message string     `json:"message,omitempty"`
	Data    any        `json:"data,omitempty"`
	Error   *errorBody `json:"error,omitempty"`
}

// failedOutcome returns the outcome of an operation that failed with an error of
// the API.
func failedOutcome(err error) outcome {
	body := err.(*apiError).body()
	return outcome{Error: &body}
}

// memberList is a list of users to add to a group.
type memberList struct {
	name  string
	scope string // empty for users to be banned
	uids  []string
}

func memberListNames() []memberList {
	return []memberList{
		{name: "admins", scope: scopeAdmin}, {name: "moderators", scope: scopeModerator},
		{name: "participants", scope: scopeParticipant}, {name: "usersToBan"},
	}
}

// memberLists reads the lists of new members in a body. A uid in several lists
// gets the highest scope.
func (c *call) memberLists(f *fields) []memberList {
	lists := memberListNames()
	count, seen := 0, map[string]bool{}
	for i, list := range lists {
		sent, ok := f.texts(list.name, 0, 0)
		if ok && len(sent) == 0 {
			f.fail(list.name, "The field %s must have at least one element.", list.name)
		}
		count += len(sent)
		for _, uid := range sent {
			if uid = strings.ToLower(uid); !seen[uid] {
				seen[uid] = true
				lists[i].uids = append(lists[i].uids, uid)
			}
		}
	}
	if count > maxMembersPerCall {
		f.fail("members", "A request may name %d users at most.", maxMembersPerCall)
	}
	return lists
}

// clearance returns an error if the acting user's scope in a group is lower than
// scope. The app itself may do everything.
func (c *call) clearance(g *group, scope string) error {
	if c.actor == nil {
		return nil
	}
	m, ok := g.members.get(c.actor.uid)
	switch {
	case !ok:
		return newError(http.StatusForbidden, "ERR_GROUP_NOT_JOINED", "The user %s is not a member of the group %s.", c.actor.uid, g.guid)
	case scopeRank[m.scope] < scopeRank[scope] && scope == scopeAdmin:
		return newError(http.StatusForbidden, "ERR_GROUP_NO_ADMIN_SCOPE", "Only an admin of the group %s may do that.", g.guid)
	case scopeRank[m.scope] < scopeRank[scope]:
		return newError(http.StatusForbidden, "ERR_GROUP_NO_MODERATOR_SCOPE", "Only a moderator or admin of the group %s may do that.", g.guid)
	}
	return nil
}

// clearanceOver returns an error if the acting user may not act on another user
// in a group.
func (c *call) clearanceOver(g *group, uid string) error {
	if c.actor == nil {
		return nil
	}
	if c.actor.uid == uid {
		return newError(http.StatusForbidden, "ERR_GROUP_NO_SELF_ACTION", "The user %s may not do that to itself.", uid)
	}
	if err := c.clearance(g, scopeModerator); err != nil {
		return err
	}
	own, _ := g.members.get(c.actor.uid)
	if other, ok := g.members.get(uid); ok && scopeRank[other.scope] > scopeRank[own.scope] {
		return newError(http.StatusForbidden, "ERR_GROUP_NO_CLEARANCE", "The scope of the user %s is too low for that.", c.actor.uid)
	}
	return nil
}

func addMembers(c *call, g *group, f *fields) (any, error) {
	wanted := c.memberLists(f)
	if f.err() == nil && !slices.ContainsFunc(wanted, func(l memberList) bool { return len(l.uids) > 0 }) {
		f.fail("members", "A request must name at least one user.")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	return c.addMembers(g, wanted), nil
}

// addMembers adds users to a group or bans them. The failure of one does not
// affect the others.
func (c *call) addMembers(g *group, wanted []memberList) map[string]outcomes {
	results := map[string]outcomes{}
	for _, list := range wanted {
		if len(list.uids) == 0 {
			continue
		}
		results[list.name] = outcomes{}
		for _, uid := range list.uids {
			results[list.name][uid] = c.addMember(g, uid, list.scope)
		}
	}
	return results
}

func (c *call) addMember(g *group, uid, scope string) outcome {
	u, err := c.user(uid)
	if err != nil {
		return failedOutcome(errUserNotFound(uid))
	}
	m, joined := g.members.get(uid)
	_, banned := g.banned.get(uid)
	switch {
	case banned && scope == "":
		return failedOutcome(errAlreadyBanned(g, uid))
	case scope == "":
		c.ban(g, u)
		return outcome{Success: true}
	case banned:
		return failedOutcome(newError(http.StatusForbidden, "ERR_BANNED_GROUPMEMBER", "The user %s is banned from the group %s.", uid, g.guid))
	case joined:
		action, err := c.giveScope(g, m, scope)
		if err != nil {
			return failedOutcome(err)
		}
		return outcome{Success: true, Data: action}
	}
	g.join(uid, scope, c.unix())
	return outcome{Success: true, Data: c.groupAction("added", u, g, nil)}
}

// giveScope changes the scope of a member and announces this in the group.
func (c *call) giveScope(g *group, m *groupMember, scope string) (*messageView, error) {
	old := m.scope
	if scope == old {
		return nil, newError(http.StatusForbidden, "ERR_SAME_SCOPE", "The member %s of the group %s has the scope %s already.", m.uid, g.guid, scope)
	}
	if err := c.clearanceOver(g, m.uid); err != nil {
		return nil, err
	}
	if m.uid == g.owner && scopeRank[scope] < scopeRank[old] {
		return nil, newError(http.StatusForbidden, "ERR_GROUP_OWNER_DEMOTE_FORBIDDEN", "The owner %s of the group %s keeps the scope %s.", m.uid, g.guid, old)
	}
	if c.actor != nil {
		if own, _ := g.members.get(c.actor.uid); scopeRank[scope] > scopeRank[own.scope] {
			return nil, newError(http.StatusForbidden, "ERR_GROUP_NO_SCOPE_CLEARANCE", "The user %s may not give the scope %s.", c.actor.uid, scope)
		}
	}
	m.scope = scope
	u, _ := c.state.users.get(m.uid)
	return c.groupAction("scopeChanged", u, g, &scopeChange{scope, old}), nil
}

// scopeChange is the new and the old scope of a member.
type scopeChange struct {
	New string `json:"new"`
	Old string `json:"old"`
}

// groupAction stores the action message about what was done to a user in a group,
// and returns it. The caller makes the change first.
func (c *call) groupAction(action string, on *user, g *group, scopes *scopeChange) *messageView {
	app := c.as(nil)
	target := app.viewUser(on, false)
	if c.actor != nil && c.actor != on {
		target.ConversationID = conversationID(c.actor.uid, on.uid)
	}
	var extras []member
	if scopes == nil {
		c.tellMember(action, g, target, "", "")
	} else {
		c.tellMember(action, g, target, scopes.New, scopes.Old)
		extras = []member{{"extras", encode(map[string]any{"scope": scopes})}}
	}
	return c.addAction(&message{
		conversation: c.state.messages.conversation(c.actingUID(), typeGroup, g.guid, c.unix()),
		receiverType: typeGroup, receiver: g.guid,
		category: categoryAction, kind: "groupMember",
		payload: extras,
	}, action, actionEntities{
		For: entity{app.viewGroup(g, true), typeGroup},
		On:  entity{target, typeUser},
	})
}

// memberRow is a member together with its user.
type memberRow struct {
	*user
	*groupMember
}

// memberRows returns members with their users. It includes deactivated users;
// keepActive filters them.
func (c *call) memberRows(t *table[*groupMember]) rows[memberRow] {
	return rowsOf[*groupMember, memberRow]{t, func(m *groupMember) memberRow {
		return memberRow{c.state.users.byID[m.uid].value, m}
	}}
}

func listMembers(c *call, g *group) (any, error) {
	statuses, scopes, key := c.queryList("status"), c.queryList("scopes"), ""
	if c.token != nil {
		key = strings.ToLower(c.query.Get("searchKey"))
	}
	var keep func(memberRow) bool
	if statuses != nil || scopes != nil || key != "" {
		keep = func(r memberRow) bool {
			return (statuses == nil || containsFold(statuses, r.user.status)) &&
				(scopes == nil || containsFold(scopes, r.groupMember.scope)) && r.user.contains(key)
		}
	}
	return pageList[memberRow]{
		rows: c.memberRows(g.members.table), growing: true, keep: keepActive(c, keep),
		view: func(r memberRow) any {
			v := c.viewUser(r.user, false)
			v.Scope, v.JoinedAt = r.groupMember.scope, r.groupMember.at
			return v
		},
		cursor: pageCursor{UpdatedAt: c.state.users.lastChange, Affix: "prepend"},
	}.page(c)
}

func errNotAMember(g *group, uid string) *apiError {
	return newError(http.StatusNotFound, "ERR_NOT_A_MEMBER", "The user %s is not a member of the group %s.", uid, g.guid)
}

// pathMember returns the group and the active member named by the path.
func (c *call) pathMember() (*group, *groupMember, error) {
	g, err := c.pathGroup()
	if err != nil {
		return nil, nil, err
	}
	u, err := c.pathUser()
	if err != nil {
		return nil, nil, err
	}
	m, ok := g.members.get(u.uid)
	if !ok {
		return g, nil, errNotAMember(g, u.uid)
	}
	return g, m, nil
}

type membershipView struct {
	GUID     string `json:"guid"`
	UID      string `json:"uid"`
	Scope    string `json:"scope"`
	JoinedAt int64  `json:"joinedAt"`
}

func changeScope(c *call) (any, error) {
	g, m, err := c.pathMember()
	if err != nil {
		return nil, err
	}
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	scope, ok := f.oneOf("scope", scopeAdmin, scopeModerator, scopeParticipant)
	if !ok {
		scope = scopeParticipant
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if _, err := c.giveScope(g, m, scope); err != nil {
		return nil, err
	}
	return membershipView{GUID: g.guid, UID: m.uid, Scope: m.scope, JoinedAt: m.at}, nil
}

func kickMember(c *call) (any, error) {
	g, m, err := c.pathMember()
	if err == nil {
		err = c.clearanceOver(g, m.uid)
	}
	if err != nil {
		return nil, err
	}
	u, _ := c.state.users.get(m.uid)
	g.members.delete(u.uid)
	c.groupAction("kicked", u, g, nil)
	return acknowledge("The member %s is removed from the group %s.", m.uid, g.guid)
}
