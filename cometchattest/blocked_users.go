package cometchattest

import (
	"net/http"
	"strings"
)

func blockedUsersResource() resource {
	return resource{
		routes: []route{
			{pattern: "POST /users/{uid}/blockedusers", handle: withBody((*call).pathUser, blockUsers)},
			{pattern: "GET /users/{uid}/blockedusers", handle: with((*call).pathUser, listBlockedUsers)},
			{pattern: "DELETE /users/{uid}/blockedusers", handle: withBody((*call).pathUser, unblockUsers)},
		},
		userRemoved: func(st *state, uid string) { st.blocks.removeUser(uid) },
		decorateUser: func(c *call, u *user, v *userView) {
			if r, ok := c.state.blocks.get(c.actor.uid, u.uid); ok {
				v.BlockedByMe, v.BlockedByMeAt, v.BlockedAt = true, r.at, r.at
			}
			if r, ok := c.state.blocks.get(u.uid, c.actor.uid); ok {
				v.HasBlockedMe, v.BlockedAt = true, max(v.BlockedAt, r.at)
			}
		},
	}
}

// AddBlocks makes a user block other users. It panics if a uid is not a user of
// the app.
func (s *Server) AddBlocks(uid string, blocked ...string) {
	s.relate(uid, blocked, func(st *state, uid, other string, now int64) { st.blocks.add(uid, other, now) })
}

// eachBlocked calls what for every user named in the body.
func (c *call) eachBlocked(f *fields, what func(other *user) outcome) (any, error) {
	uids, err := f.uids("blockedUids")
	if err != nil {
		return nil, err
	}
	results := outcomes{}
	for _, uid := range uids {
		uid = strings.ToLower(uid)
		if other, err := c.user(uid); err != nil {
			results[uid] = failedOutcome(errUserNotFound(uid))
		} else {
			results[uid] = what(other)
		}
	}
	return results, nil
}

func blockUsers(c *call, u *user, f *fields) (any, error) {
	return c.eachBlocked(f, func(other *user) outcome {
		if other == u {
			return failedOutcome(newError(http.StatusBadRequest, "ERR_CANNOT_BLOCK_SELF", "The user %s cannot block itself.", u.uid))
		}
		if !c.state.hasBlockedUser(u.uid, other.uid) {
			c.state.blocks.add(u.uid, other.uid, c.unix())
			c.tellUser("user_blocked", other, u)
		}
		return outcome{Success: true, Message: "The user " + u.uid + " blocks the user " + other.uid + "."}
	})
}

func unblockUsers(c *call, u *user, f *fields) (any, error) {
	return c.eachBlocked(f, func(other *user) outcome {
		if c.state.hasBlockedUser(u.uid, other.uid) {
			c.state.blocks.delete(u.uid, other.uid)
			c.tellUser("user_unblocked", other, u)
		}
		return outcome{Success: true, Message: "The user " + u.uid + " does not block the user " + other.uid + "."}
	})
}

func listBlockedUsers(c *call, u *user) (any, error) {
	f := newFields(nil)
	direction := c.queryWord(f, "direction", "blockedByMe", "hasBlockedMe", "both")
	if err := f.err(); err != nil {
		return nil, err
	}
	var list rows[relatedUser]
	var search func(relatedUser) bool
	if c.token != nil {
		search = c.searchRelated()
	}
	keep := search
	blocked, blockers := c.related(c.state.blocks.of(u.uid)), c.related(c.state.blocks.toward(u.uid))
	switch direction {
	default:
		list = blocked
	case "hasBlockedMe":
		list = blockers
	case "both":
		list = joinedRows[relatedUser]{blocked, blockers}
		// A user in both lists is returned once.
		keep = func(r relatedUser) bool {
			mine, ok := c.state.blocks.get(u.uid, r.user.uid)
			return (!ok || mine == r.relation) && (search == nil || search(r))
		}
	}
	return pageList[relatedUser]{
		rows: list, growing: true, keep: keepActive(c, keep),
		view:   func(r relatedUser) any { return c.as(u).viewUser(r.user, false) },
		cursor: pageCursor{UpdatedAt: c.state.users.lastChange, Affix: "prepend"},
	}.page(c)
}
