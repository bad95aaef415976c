package cometchattest

import (
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"
)

// The limits on reactions.
const (
	maxReactions     = 25 // distinct ones on each message
	maxReaction      = 45 // characters
	defaultReactions = 100
)

// reaction is a user's reaction to a message.
type reaction struct {
	id    int64
	value string
	uid   string
	at    int64
}

// reactionView is a reaction in a list.
type reactionView struct {
	ID        string `json:"id"`
	MessageID string `json:"messageId"`
	Reaction  string `json:"reaction"`
	UID       string `json:"uid"`
	ReactedAt int64  `json:"reactedAt"`
	ReactedBy any    `json:"reactedBy"`
}

// reactionCount is the number of equal reactions, in the data of a message.
type reactionCount struct {
	Reaction    string `json:"reaction"`
	Count       int    `json:"count"`
	ReactedByMe bool   `json:"reactedByMe,omitempty"`
}

func reactionsResource() resource {
	return resource{
		routes: []route{
			{pattern: "GET /messages/{id}/reactions", handle: with((*call).pathMessage, listReactions)},
			{pattern: "GET /messages/{id}/reactions/{reaction}", handle: with((*call).pathMessage, listReactions)},
			{pattern: "POST /messages/{id}/reactions/{reaction}", handle: addReaction},
			{pattern: "DELETE /messages/{id}/reactions/{reaction}", handle: removeReaction},
		},
		userRemoved: func(st *state, uid string) {
			for _, m := range st.messages.timeline {
				if by := func(r *reaction) bool { return r.uid == uid }; slices.ContainsFunc(m.reactions, by) {
					st.snapshots.keepMessage(m)
					m.reactions = slices.DeleteFunc(m.reactions, by)
				}
			}
		},
	}
}

// countReactions counts the reactions to a message, in the order of their first
// use.
func (c *call) countReactions(m *message) []reactionCount {
	var counts []reactionCount
	for _, r := range m.reactions {
		i := slices.IndexFunc(counts, func(n reactionCount) bool { return n.Reaction == r.value })
		if i < 0 {
			i = len(counts)
			counts = append(counts, reactionCount{Reaction: r.value})
		}
		counts[i].Count++
		counts[i].ReactedByMe = counts[i].ReactedByMe || r.uid == c.actingUID()
	}
	return counts
}

func (c *call) viewReaction(m *message, r *reaction) reactionView {
	return reactionView{
		ID: strconv.FormatInt(r.id, 10), MessageID: m.idText(), Reaction: r.value,
		UID: r.uid, ReactedAt: r.at, ReactedBy: c.userEntity(r.uid, true).Entity,
	}
}

func listReactions(c *call, m *message) (any, error) {
	f := newFields(nil)
	q := c.readCursor(f, defaultReactions)
	if err := f.err(); err != nil {
		return nil, err
	}
	position := 0
	for position < len(m.reactions) && (q.prepend && (q.id == 0 || m.reactions[position].id < q.id) || !q.prepend && m.reactions[position].id <= q.id) {
		position++
	}
	only := c.param("reaction")
	walk := slices.Values(m.reactions[position:])
	if q.prepend {
		walk = func(yield func(*reaction) bool) {
			for i := position - 1; i >= 0 && yield(m.reactions[i]); i-- {
			}
		}
	}
	page := cutPage(walk, q, func(r *reaction) bool { return only == "" || r.value == only })
	data := make([]reactionView, len(page))
	for i, r := range page {
		data[i] = c.viewReaction(m, r)
	}
	step := func(i int) func() cursorStep {
		return func() cursorStep { return cursorStep{ID: data[i].ID} }
	}
	return listResponse{Data: data, Meta: q.meta(len(data), step(0), step(len(data)-1))}, nil
}

// reactingMessage returns the message named by the path and the position of the
// acting user's reaction to it, or -1 if there is none.
func (c *call) reactingMessage() (*message, int, error) {
	m, err := c.actorMessage()
	if err != nil {
		return nil, 0, err
	}
	return m, slices.IndexFunc(m.reactions, func(r *reaction) bool {
		return r.uid == c.actor.uid && r.value == c.param("reaction")
	}), nil
}

func addReaction(c *call) (any, error) {
	m, i, err := c.reactingMessage()
	if err != nil {
		return nil, err
	}
	value := c.param("reaction")
	if utf8.RuneCountInString(value) > maxReaction {
		return nil, errBadField("reaction", "A reaction may have %d characters at most.", maxReaction)
	}
	if m.deletedAt != 0 || m.category == categoryAction {
		return nil, newError(http.StatusForbidden, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "The message %d takes no reactions.", m.id)
	}
	if i < 0 {
		counts := c.countReactions(m)
		known := slices.ContainsFunc(counts, func(n reactionCount) bool { return n.Reaction == value })
		if !known && len(counts) >= maxReactions {
			return nil, errBadField("reaction", "A message may have %d different reactions at most.", maxReactions)
		}
		c.state.messages.lastReaction++
		r := &reaction{c.state.messages.lastReaction, value, c.actor.uid, c.unix()}
		c.state.snapshots.keepMessage(m)
		m.reactions = append(m.reactions, r)
		c.notifyOfReaction(m, r)
		c.tellReaction("message_reaction_added", m, r)
	}
	return c.viewMessage(m, messageOptions{}), nil
}

func removeReaction(c *call) (any, error) {
	m, i, err := c.reactingMessage()
	if err != nil {
		return nil, err
	}
	if i >= 0 {
		c.tellReaction("message_reaction_removed", m, m.reactions[i])
		c.state.snapshots.keepMessage(m)
		m.reactions = slices.Delete(m.reactions, i, i+1)
	}
	return c.viewMessage(m, messageOptions{}), nil
}
