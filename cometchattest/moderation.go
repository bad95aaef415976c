package cometchattest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Flag is a user's or a rule's report of a message.
type Flag struct {
	// MessageID is the id of the message.
	MessageID string
	// UID is the uid of the user who flagged the message.
	UID string
	// ReasonID is the id of the moderation reason.
	ReasonID string
	// Remark is the user's remark; empty if there is none.
	Remark string
	// FlaggedAt is when the message was flagged.
	FlaggedAt time.Time
}

// Flags returns the flags of existing messages that have not been reviewed, in
// the order of the messages. A user who flags a message again replaces the
// earlier flag. Flags of rules have the UID app_system, and the id of the rule as
// their reason.
func (s *Server) Flags() []Flag {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var flags []Flag
	for _, m := range s.state.messages.timeline {
		flags = append(flags, m.flags...)
	}
	return flags
}

// moderationReason is a reason, as stored and as sent.
type moderationReason struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	CreatedAt   int64  `json:"createdAt"`
	UpdatedAt   int64  `json:"updatedAt"`
	Default     bool   `json:"default,omitempty"`
}

// listedReason is a reason in a list, where times are strings.
type listedReason struct {
	moderationReason
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

func moderationResource() resource {
	return resource{routes: []route{
		{pattern: "POST /moderation/reasons", handle: with((*call).fields, createReason)},
		{pattern: "GET /moderation/reasons", handle: listReasons},
		{pattern: "GET /moderation/reasons/{id}", handle: getReason},
		{pattern: "PUT /moderation/reasons/{id}", handle: withBody((*call).pathReason, updateReason)},
		{pattern: "DELETE /moderation/reasons/{id}", handle: with((*call).pathReason, deleteReason)},
		{pattern: "POST /messages/{id}/flagged", handle: withBody((*call).actorMessage, flagMessage)},
	}}
}

// addDefaultReasons adds the reasons that every app has.
func (st *state) addDefaultReasons(at int64) {
	for _, r := range []moderationReason{
		{ID: "harassment", Name: "Harassment", Description: "Insults, threats, bullying"},
		{ID: "sexual", Name: "Sexual content", Description: "Nudity and what goes with it"},
		{ID: "spam", Name: "Spam", Description: "Advertising nobody asked for"},
	} {
		r.CreatedAt, r.UpdatedAt, r.Default = at, at, true
		st.reasons.add(r.ID, at, &r)
	}
}

func errReasonNotFound(id string) *apiError {
	return errNotFound("ERR_REASON_NOT_FOUND", "moderation reason", id)
}

// pathReason returns the reason named by the path.
func (c *call) pathReason() (*moderationReason, error) {
	r, ok := c.state.reasons.get(c.id("id"))
	if !ok {
		return nil, errReasonNotFound(c.named("id"))
	}
	return r, nil
}

func createReason(c *call, f *fields) (any, error) {
	f.require("id", "name")
	r := &moderationReason{CreatedAt: c.unix(), UpdatedAt: c.unix()}
	r.ID, _ = f.id("id")
	r.Name, _ = f.text("name", maxName)
	r.Description, _ = f.text("description", 0)
	if _, ok := c.state.reasons.get(r.ID); ok {
		f.fail("id", "The id %s already exists in this app.", r.ID)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	c.state.reasons.add(r.ID, r.CreatedAt, r)
	return r, nil
}

// listedReasons returns all reasons.
func (c *call) listedReasons() []listedReason {
	list := []listedReason{}
	for i := range c.state.reasons.count() {
		r := c.state.reasons.at(i)
		list = append(list, listedReason{*r, strconv.FormatInt(r.CreatedAt, 10), strconv.FormatInt(r.UpdatedAt, 10)})
	}
	return list
}

func listReasons(c *call) (any, error) {
	list := c.listedReasons()
	meta := cursorMeta{Current: cursorCurrent{Limit: max(defaultLimit, len(list)), Count: len(list)}}
	return listResponse{Data: list, Meta: meta}, nil
}

func getReason(c *call) (any, error) { return c.pathReason() }

func updateReason(c *call, r *moderationReason, f *fields) (any, error) {
	name, hasName := f.text("name", maxName)
	description, hasDescription := f.text("description", 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	if hasName {
		r.Name = name
	}
	if hasDescription {
		r.Description = description
	}
	r.UpdatedAt = c.unix()
	return r, nil
}

func deleteReason(c *call, r *moderationReason) (any, error) {
	c.state.reasons.delete(r.ID)
	return bareResponse{acknowledgement{true, "The reason " + r.ID + " is deleted."}}, nil
}

func flagMessage(c *call, m *message, f *fields) (any, error) {
	// Two versions of the documentation name the reason differently.
	name := "id"
	if !f.has(name) && f.has("reasonId") {
		name = "reasonId"
	}
	f.require(name)
	reason, _ := f.text(name, 0)
	remark, _ := f.text("remark", 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	if _, ok := c.state.reasons.get(strings.ToLower(reason)); !ok {
		return nil, errReasonNotFound(reason)
	}
	if m.category == categoryAction || m.sender == c.actor.uid {
		return nil, newError(http.StatusForbidden, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "The message %d cannot be flagged by the user %s.", m.id, c.actor.uid)
	}
	c.state.messages.change(m, func() {
		m.flags = append(
			slices.DeleteFunc(m.flags, func(flag Flag) bool { return flag.UID == c.actor.uid }),
			Flag{m.idText(), c.actor.uid, strings.ToLower(reason), remark, c.now},
		)
	})
	return bareResponse{acknowledgement{true, "The message " + m.idText() + " is flagged."}}, nil
}
