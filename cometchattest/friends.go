package cometchattest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// maxFriendsPerCall is the number of friends a request can add.
const maxFriendsPerCall = 25

// relations holds the relations of users to other users by uid, in both
// directions.
type relations struct{ from, to relationTables }

type relation struct {
	uid string
	at  int64 // in seconds
}

type relationTables map[string]*table[*relation]

// of returns the relations of a user. The table must not be changed.
func (r relationTables) of(uid string) *table[*relation] {
	if t, ok := r[uid]; ok {
		return t
	}
	return &noRelations
}

var noRelations table[*relation]

func (r relationTables) add(uid, other string, at int64) {
	if _, ok := r[uid]; !ok {
		r[uid] = newTable[*relation]()
	}
	r[uid].add(other, at, &relation{other, at})
}

func newRelations() relations { return relations{relationTables{}, relationTables{}} }

// of returns the relations of a user, and toward the relations to a user.
func (r relations) of(uid string) *table[*relation]     { return r.from.of(uid) }
func (r relations) toward(uid string) *table[*relation] { return r.to.of(uid) }

func (r relations) get(uid, other string) (*relation, bool) { return r.of(uid).get(other) }

func (r relations) add(uid, other string, at int64) {
	r.from.add(uid, other, at)
	r.to.add(other, uid, at)
}

func (r relations) delete(uid, other string) {
	r.from.of(uid).delete(other)
	r.to.of(other).delete(uid)
}

// removeUser removes all relations of and to a user.
func (r relations) removeUser(uid string) {
	for _, e := range r.of(uid).entries {
		r.to[e.id].delete(uid)
	}
	for _, e := range r.toward(uid).entries {
		r.from[e.id].delete(uid)
	}
	delete(r.from, uid)
	delete(r.to, uid)
}

// relatedUser is a user with a relation of another user to it.
type relatedUser struct {
	*user
	*relation
}

// related returns the users of relations, oldest relation first. It includes
// deactivated users; keepActive filters them.
func (c *call) related(t *table[*relation]) rows[relatedUser] {
	return rowsOf[*relation, relatedUser]{oldestFirst[*relation]{&t.index}, func(r *relation) relatedUser {
		return relatedUser{c.state.users.byID[r.uid].value, r}
	}}
}

// as returns the call as if made by another user, for responses as that user sees
// them.
func (c *call) as(viewer *user) *call {
	d := *c
	d.actor = viewer
	return &d
}

func friendsResource() resource {
	return resource{
		routes: []route{
			{pattern: "POST /users/{uid}/friends", handle: withBody((*call).pathUser, addFriends)},
			{pattern: "GET /users/{uid}/friends", handle: with((*call).pathUser, listFriends)},
			{pattern: "DELETE /users/{uid}/friends", handle: withBody((*call).pathUser, removeFriends)},
		},
		userRemoved: func(st *state, uid string) { st.friends.removeUser(uid) },
	}
}

// AddFriends makes users friends of a user. It panics if a uid is not a user of
// the app.
func (s *Server) AddFriends(uid string, friends ...string) {
	s.relate(uid, friends, func(st *state, uid, other string, now int64) {
		st.friends.add(uid, other, now)
		st.friends.add(other, uid, now)
	})
}

// relate calls what for each of the others. It converts all uids to lower case.
func (s *Server) relate(uid string, others []string, what func(st *state, uid, other string, now int64)) {
	uid, others = strings.ToLower(uid), slices.Clone(others)
	s.seed(func(c *call) {
		for _, other := range others {
			other = strings.ToLower(other)
			for _, id := range []string{uid, other} {
				if _, ok := c.state.users.get(id); !ok {
					panic(fmt.Sprintf("cometchattest: %q is no user", id))
				}
			}
			what(c.state, uid, other, c.unix())
		}
	})
}

func addFriends(c *call, u *user, f *fields) (any, error) {
	f.texts("accepted", maxFriendsPerCall, 0)
	withConversations, _ := f.boolean("addToConversations")
	uids, err := f.uids("accepted")
	if err != nil {
		return nil, err
	}
	accepted := outcomes{}
	for _, uid := range uids {
		uid = strings.ToLower(uid)
		_, known := c.state.friends.get(u.uid, uid)
		_, err := c.user(uid)
		switch {
		case uid == u.uid:
			accepted[uid] = failedOutcome(newError(http.StatusBadRequest, "ERR_CANNOT_FORM_SELF_RELATION", "The user %s cannot be its own friend.", uid))
		case err != nil:
			accepted[uid] = failedOutcome(errUserNotFound(uid))
		case known:
			accepted[uid] = failedOutcome(newError(http.StatusBadRequest, "ERR_ALREADY_FRIEND", "The users %s and %s are friends already.", u.uid, uid))
		default:
			c.state.friends.add(u.uid, uid, c.unix())
			c.state.friends.add(uid, u.uid, c.unix())
			if withConversations {
				conversation := c.state.messages.conversation(u.uid, typeUser, uid, c.unix())
				conversation.change(u.uid).keepListed = true
				conversation.change(uid).keepListed = true
			}
			accepted[uid] = outcome{Success: true, Message: "The users are friends now."}
		}
	}
	return map[string]outcomes{"accepted": accepted}, nil
}

// searchRelated returns the test of the parameter searchKey, or nil if it was not
// sent.
func (c *call) searchRelated() func(relatedUser) bool {
	key := strings.ToLower(c.query.Get("searchKey"))
	if key == "" {
		return nil
	}
	return func(r relatedUser) bool { return r.user.contains(key) }
}

func listFriends(c *call, u *user) (any, error) {
	return pageList[relatedUser]{
		rows: c.related(c.state.friends.of(u.uid)), growing: true, keep: keepActive(c, c.searchRelated()),
		view:   func(r relatedUser) any { return c.as(u).viewUser(r.user, false) },
		cursor: pageCursor{UpdatedAt: c.state.users.lastChange, Affix: "prepend"},
	}.page(c)
}

func removeFriends(c *call, u *user, f *fields) (any, error) {
	uids, err := f.uids("friends")
	if err != nil {
		return nil, err
	}
	for i, uid := range uids {
		uids[i] = strings.ToLower(uid)
	}
	for _, uid := range uids {
		if _, ok := c.state.friends.get(u.uid, uid); !ok {
			return nil, newError(http.StatusNotFound, "ERR_NOT_A_FRIEND", "The users %s and %s are not friends.", u.uid, uid)
		}
	}
	for _, uid := range uids {
		c.state.friends.delete(u.uid, uid)
		c.state.friends.delete(uid, u.uid)
	}
	return acknowledge("The users are friends no more.")
}
