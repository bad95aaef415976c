package cometchattest

import (
	"net/http"
	"slices"
	"strings"
)

// The limits on pinned and saved messages.
const (
	maxPinnedMessages = 100 // in each conversation
	maxSavedMessages  = 100 // for each user
)

// mayChange returns an error if the acting user may not edit or delete a message.
// The app can change every message except action and call messages.
func (c *call) mayChange(m *message) error {
	switch {
	case m.category == categoryAction || m.category == categoryCall:
		return newError(http.StatusForbidden, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "A message of the category %s cannot be changed.", m.category)
	case c.actor != nil && c.actor.uid != m.sender:
		return newError(http.StatusForbidden, "ERR_MESSAGE_NOT_A_SENDER", "The user %s did not send the message %d.", c.actor.uid, m.id)
	}
	return nil
}

// changedMessage returns the message named by the path if it may be edited or
// deleted.
func (c *call) changedMessage() (*message, error) {
	m, err := c.pathMessage()
	if err != nil {
		return nil, err
	}
	return m, c.mayChange(m)
}

func updateMessage(c *call, m *message) (any, error) {
	if m.deletedAt != 0 {
		return nil, newError(http.StatusForbidden, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "The message %d is deleted.", m.id)
	}
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	tags, hasTags := f.tags()
	if !f.has("data") && !f.has("tags") {
		f.require("data")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if err := c.edit(m, f); err != nil {
		return nil, err
	}
	if hasTags {
		m.tags = tags
	}
	return c.note("edited", m), nil
}

// edit applies the data that was sent, if any, to a message, and records who
// edited it and when.
func (c *call) edit(m *message, f *fields) error {
	c.state.snapshots.keepMessage(m)
	if f.has("data") {
		d := &draft{category: m.category, kind: m.kind, text: m.text, mentions: m.mentions}
		if err := c.readData(f, d, true); err != nil {
			return err
		}
		m.setMentions(d.mentions)
		m.text, m.payload = d.text, mergeMembers(m.payload, d.payload)
	}
	m.editedAt, m.editedBy, m.updatedAt = c.unix(), c.actingUID(), c.unix()
	return nil
}

// mergeMembers returns the old members with those that were sent replaced or
// added.
func mergeMembers(old, sent []member) []member {
	merged := slices.Clone(old)
	for _, m := range sent {
		if i := slices.IndexFunc(merged, func(o member) bool { return o.name == m.name }); i >= 0 {
			merged[i] = m
		} else {
			merged = append(merged, m)
		}
	}
	return merged
}

func deleteMessage(c *call, m *message, f *fields) (any, error) {
	permanent, _ := f.boolean("permanent")
	if err := f.err(); err != nil {
		return nil, err
	}
	if permanent {
		// The action message shows the message before its deletion.
		view := c.note("deleted", m)
		c.state.messages.remove(m)
		return view, nil
	}
	if m.deletedAt == 0 {
		c.state.messages.markDeleted(m, c.actingUID(), c.unix())
	}
	view := c.note("deleted", m)
	c.state.messages.release(m)
	return view, nil
}

// note adds the action message about a change of a message.
func (c *call) note(action string, m *message) *messageView {
	note := c.addAction(&message{
		conversation: m.conversation,
		receiverType: m.receiverType, receiver: m.receiver,
		category: categoryAction, kind: categoryMessage,
	}, action, actionEntities{
		For: c.receiverEntity(m.receiverType, m.receiver, false),
		On:  entity{c.viewMessage(m, messageOptions{withTags: true}), "message"},
	})
	c.tellNote(action, note, m)
	return note
}

// actionEntities are the entities of an action message. addAction sets By.
type actionEntities struct {
	By  entity `json:"by"`
	For entity `json:"for"`
	On  entity `json:"on"`
}

// addAction stores an action message of the acting user.
func (c *call) addAction(m *message, action string, entities actionEntities) *messageView {
	m.sender, m.sentAt, m.updatedAt = c.actingUID(), c.unix(), c.unix()
	entities.By = c.userEntity(m.sender, false)
	if system, ok := entities.By.Entity.(systemView); ok {
		system.CreatedAt = c.state.roles.byID[defaultRole].at
		entities.By.Entity = system
	}
	m.payload, m.entities = append([]member{{"action", encode(action)}}, m.payload...), encode(entities)
	c.state.addMessage(m)
	return c.viewMessage(m, messageOptions{})
}

func pinMessage(c *call, m *message) (any, error) {
	if m.deletedAt != 0 || m.category == categoryAction {
		return nil, newError(http.StatusForbidden, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "The message %d cannot be pinned.", m.id)
	}
	if m.pinnedAt == 0 {
		if m.conversation.pinned >= maxPinnedMessages {
			return nil, newError(400, "ERR_PINNED_MESSAGES_LIMIT_EXCEEDED",
				"The conversation %s has %d pinned messages, which is the most there can be.", m.conversation.id, maxPinnedMessages)
		}
		c.state.snapshots.keepMessage(m)
		m.conversation.pinned++
		m.pinnedAt, m.pinnedBy = c.unix(), c.actingUID()
	}
	return c.viewMessage(m, messageOptions{}), nil
}

func unpinMessage(c *call, m *message) (any, error) {
	if m.pinnedAt != 0 {
		c.state.snapshots.keepMessage(m)
		m.conversation.pinned--
		m.pinnedAt, m.pinnedBy = 0, ""
	}
	return c.viewMessage(m, messageOptions{}), nil
}

// actorMessage returns the message named by the path for an operation that
// requires an acting user.
func (c *call) actorMessage() (*message, error) {
	if err := c.requireActor(); err != nil {
		return nil, err
	}
	return c.pathMessage()
}

func saveMessage(c *call, m *message) (any, error) {
	saved := c.state.messages.saved[c.actor.uid]
	if saved == nil {
		saved = map[int64]int64{}
		c.state.messages.saved[c.actor.uid] = saved
	}
	if saved[m.id] == 0 {
		if len(saved) >= maxSavedMessages {
			return nil, newError(400, "ERR_SAVED_MESSAGES_LIMIT_EXCEEDED",
				"The user %s has %d saved messages, which is the most there can be.", c.actor.uid, maxSavedMessages)
		}
		saved[m.id] = c.unix()
		c.state.snapshots.keepMessage(m)
		m.savedBy = append(m.savedBy, c.actor.uid)
	}
	return c.viewMessage(m, messageOptions{}), nil
}

func unsaveMessage(c *call, m *message) (any, error) {
	delete(c.state.messages.saved[c.actor.uid], m.id)
	return c.viewMessage(m, messageOptions{}), nil
}

// interaction is an element of an interactive message that a user has used.
type interaction struct {
	ElementID    string `json:"elementId"`
	InteractedAt int64  `json:"interactedAt"`
}

func markInteracted(c *call, m *message, f *fields) (any, error) {
	elements, ok := f.texts("interactions", 0, 0)
	if ok && len(elements) == 0 || !f.has("interactions") {
		f.fail("interactions", "The field interactions is required.")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if m.category != categoryInteractive {
		return nil, newError(http.StatusForbidden, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "The message %d is not interactive.", m.id)
	}
	list := slices.Clone(m.interactions[c.actor.uid])
	for _, id := range elements {
		if !slices.ContainsFunc(list, func(i interaction) bool { return strings.EqualFold(i.ElementID, id) }) {
			list = append(list, interaction{id, c.unix()})
		}
	}
	c.state.snapshots.keepMessage(m)
	if m.interactions == nil {
		m.interactions = map[string][]interaction{}
	}
	m.interactions[c.actor.uid] = list
	return acknowledge("The message %d is marked as interacted for the user %s.", m.id, c.actor.uid)
}
