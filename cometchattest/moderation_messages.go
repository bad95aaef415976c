package cometchattest

import (
	"slices"
	"strings"
)

const defaultModerated = 100

func moderationMessagesResource() resource {
	return resource{routes: []route{
		{pattern: "POST /moderation/messages", handle: with((*call).fields, sendForModeration)},
		{pattern: "GET /moderation/messages", handle: listModerated},
		{pattern: "GET /moderation/messages/{id}", handle: with((*call).pathMessage, getMessage)},
		{pattern: "PUT /moderation/messages/{id}", handle: withBody((*call).changedMessage, updateModerated)},
		{pattern: "DELETE /moderation/messages/{id}", handle: with((*call).changedMessage, deleteModerated)},
	}}
}

// sendForModeration stores a message that was sent by other means. It ignores
// memberships and blocks, and creates missing users and groups from their
// descriptions.
func sendForModeration(c *call, f *fields) (any, error) {
	f.require("sender", "receiver", "receiverType", "data")
	sender, _ := f.text("sender", 0)
	sentAt := f.seconds("sentAt")
	receiverType, receiver, err := c.readReceiver(f, nil)
	if err != nil {
		return nil, err
	}
	d, err := c.readDraft(f)
	if err != nil {
		return nil, err
	}
	if err := c.makeMissing(f); err != nil {
		return nil, err
	}
	from, err := c.user(strings.ToLower(sender))
	if err != nil {
		return nil, err
	}
	receiver = strings.ToLower(receiver)
	if receiverType == typeGroup {
		err = c.mayUseGroup(receiver)
	} else {
		_, err = c.user(receiver)
	}
	if err != nil {
		return nil, err
	}
	m, err := c.place(d, from.uid, receiverType, receiver)
	if err != nil {
		return nil, err
	}
	if m.moderation == nil {
		c.decideLater(m)
	}
	if sentAt != 0 {
		m.sentAt = sentAt
	}
	return c.viewMessage(m, messageOptions{withTags: true}), nil
}

// makeMissing creates the users and the group that a message describes if they do
// not exist.
func (c *call) makeMissing(f *fields) error {
	for _, name := range []string{"senderUserDetails", "receiverUserDetails"} {
		details, sent := f.object(name)
		if !sent {
			continue
		}
		details.require("uid", "name")
		uid, _ := details.id("uid")
		createdAt := details.seconds("createdAt")
		if createdAt == 0 {
			createdAt = c.unix()
		}
		u, err := c.readUser(details, user{uid: uid, status: "offline", role: defaultRole, createdAt: createdAt})
		if err != nil {
			return err
		}
		if _, ok := c.state.users.get(uid); !ok {
			c.state.users.addAll(u)
		}
	}
	details, sent := f.object("receiverGroupDetails")
	if !sent {
		return f.err()
	}
	details.require("guid", "name", "type")
	guid, _ := details.id("guid")
	fresh := newGroup(guid)
	if fresh.createdAt = details.seconds("createdAt"); fresh.createdAt == 0 {
		fresh.createdAt = c.unix()
	}
	g, err := c.readGroup(details, *fresh)
	if err != nil {
		return err
	}
	if _, ok := c.state.groups.get(guid); !ok {
		if g.owner != systemUID {
			g.join(g.owner, scopeAdmin, c.unix())
		}
		c.state.groups.add(g)
	}
	return nil
}

func listModerated(c *call) (any, error) {
	uid, guid := strings.ToLower(c.query.Get("receiverUID")), strings.ToLower(c.query.Get("receiverGUID"))
	status := c.query.Get("moderationStatus")
	rows := slices.DeleteFunc(slices.Clone(c.state.messages.queues.moderated), func(m *message) bool {
		return uid != "" && (m.receiverType != typeUser || m.receiver != uid) ||
			guid != "" && (m.receiverType != typeGroup || m.receiver != guid) ||
			status != "" && m.moderation.status != status
	})
	return c.messagePage([]timeline{rows}, messageList{limit: defaultModerated})
}

// updateModerated returns the message itself, unlike edits in conversations.
func updateModerated(c *call, m *message, f *fields) (any, error) {
	f.require("data")
	if err := f.err(); err != nil {
		return nil, err
	}
	if err := c.edit(m, f); err != nil {
		return nil, err
	}
	c.moderate(m)
	return c.viewMessage(m, messageOptions{}), nil
}

// deleteModerated permanently removes a message with its moderation state.
func deleteModerated(c *call, m *message) (any, error) {
	c.state.messages.remove(m)
	return acknowledge("The message %d is deleted.", m.id)
}
