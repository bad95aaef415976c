package cometchattest

import (
	"net/http"
	"strings"
)

// joinGroup makes the user a participant of a group.
func joinGroup(c *call, g *group, f *fields) (any, error) {
	password, _ := f.text("password", 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	_, banned := g.banned.get(c.actor.uid)
	_, joined := g.members.get(c.actor.uid)
	switch {
	case banned:
		return nil, newError(http.StatusForbidden, "ERR_BANNED_GROUPMEMBER", "The user %s is banned from the group %s.", c.actor.uid, g.guid)
	case joined:
		return nil, newError(http.StatusBadRequest, "ERR_ALREADY_JOINED", "The user %s is a member of the group %s already.", c.actor.uid, g.guid)
	case g.kind == groupPrivate:
		return nil, newError(http.StatusForbidden, "ERR_GROUP_JOIN_NOT_ALLOWED", "The group %s is private.", g.guid)
	case g.kind == groupPassword && password == "":
		return nil, newError(http.StatusBadRequest, "ERR_EMPTY_GROUP_PASS", "The group %s takes a password.", g.guid)
	case g.kind == groupPassword && password != g.password:
		return nil, newError(http.StatusBadRequest, "ERR_WRONG_GROUP_PASS", "The password is not that of the group %s.", g.guid)
	}
	g.join(c.actor.uid, scopeParticipant, c.unix())
	return c.groupAction("joined", c.actor, g, nil), nil
}

func leaveGroup(c *call, g *group) (any, error) {
	if g.owner == c.actor.uid {
		return nil, newError(http.StatusForbidden, "ERR_GROUP_NO_SELF_ACTION", "The owner %s cannot leave the group %s.", c.actor.uid, g.guid)
	}
	g.members.delete(c.actor.uid)
	c.groupAction("left", c.actor, g, nil)
	return acknowledge("The user %s has left the group %s.", c.actor.uid, g.guid)
}

// clientAddMembers is addMembers with every list in the response, even empty
// ones: the SDKs read each of them.
func clientAddMembers(c *call, g *group, f *fields) (any, error) {
	value, err := addMembers(c, g, f)
	if results, ok := value.(map[string]outcomes); ok {
		for _, list := range memberListNames() {
			if results[list.name] == nil {
				results[list.name] = outcomes{}
			}
		}
	}
	return value, err
}

func passOwnership(c *call, g *group, f *fields) (any, error) {
	f.require("owner")
	owner, _ := f.text("owner", 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	if g.owner != c.actor.uid {
		return nil, newError(http.StatusForbidden, "ERR_GROUP_NO_CLEARANCE", "Only the owner can pass on the group %s.", g.guid)
	}
	u, err := c.user(strings.ToLower(owner))
	if err != nil {
		return nil, err
	}
	if _, ok := g.members.get(u.uid); !ok {
		return nil, errNotAMember(g, u.uid)
	}
	old := g.owner
	g.owner, g.updatedAt, g.updatedBy = u.uid, c.unix(), c.actor.uid
	c.state.groups.changed(g)
	g.join(u.uid, scopeAdmin, c.unix())
	c.tellOwner(g, old)
	return acknowledge("The user %s owns the group %s.", u.uid, g.guid)
}
