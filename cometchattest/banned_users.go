package cometchattest

import "net/http"

func bannedUsersResource() resource {
	return resource{routes: []route{
		{pattern: "POST /groups/{guid}/bannedusers/{uid}", handle: banUser},
		{pattern: "GET /groups/{guid}/bannedusers", handle: with((*call).pathGroup, listBannedUsers)},
		{pattern: "DELETE /groups/{guid}/bannedusers/{uid}", handle: with(pathGroupFor(scopeModerator), unbanUser)},
	}}
}

func errAlreadyBanned(g *group, uid string) *apiError {
	return newError(http.StatusBadRequest, "ERR_ALREADY_BANNED", "The user %s is banned from the group %s already.", uid, g.guid)
}

// ban removes a user from a group, bars the user from it and announces this in
// the group.
func (c *call) ban(g *group, u *user) {
	scope := scopeParticipant
	if m, ok := g.members.get(u.uid); ok {
		scope = m.scope
		g.members.delete(u.uid)
	}
	g.banned.add(u.uid, c.unix(), &groupMember{uid: u.uid, scope: scope, at: c.unix()})
	c.groupAction("banned", u, g, nil)
}

func banUser(c *call) (any, error) {
	g, m, err := c.pathMember()
	if g != nil {
		if _, ok := g.banned.get(c.id("uid")); ok {
			return nil, errAlreadyBanned(g, c.id("uid"))
		}
	}
	if err == nil {
		err = c.clearanceOver(g, m.uid)
	}
	if err != nil {
		return nil, err
	}
	u, _ := c.state.users.get(m.uid)
	c.ban(g, u)
	return acknowledge("The user %s is banned from the group %s.", m.uid, g.guid)
}

// bannedView is a banned user, with the former scope and the time of the ban.
type bannedView struct {
	*userView
	BannedAt int64 `json:"bannedAt"`
}

func listBannedUsers(c *call, g *group) (any, error) {
	return pageList[memberRow]{
		rows: c.memberRows(g.banned), growing: true, keep: keepActive[memberRow](c, nil),
		view: func(r memberRow) any {
			v := c.viewUser(r.user, false)
			v.Scope = r.groupMember.scope
			return bannedView{v, r.groupMember.at}
		},
		cursor: pageCursor{UpdatedAt: c.state.users.lastChange, Affix: "prepend"},
	}.page(c)
}

func unbanUser(c *call, g *group) (any, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	if g.banned.delete(u.uid) == nil {
		return nil, newError(http.StatusNotFound, "ERR_NOT_A_BANNED_USER", "The user %s is not banned from the group %s.", u.uid, g.guid)
	}
	c.groupAction("unbanned", u, g, nil)
	return acknowledge("The user %s may join the group %s again.", u.uid, g.guid)
}
