package cometchattest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Message is a message to add to the app with [Server.AddMessages].
type Message struct {
	// MUID is the id chosen by the sender.
	MUID string
	// Sender is a UID; if empty, the sender is the app itself, app_system.
	Sender string
	// Receiver is the UID of a user, or the GUID of a group.
	Receiver string
	// ReceiverType is "user" or "group"; if empty, it is "user".
	ReceiverType string
	// Category is "message", "custom", "interactive" or any other category; if
	// empty, it is "message".
	Category string
	// Type is the type of the message; if empty, it is "text".
	Type string
	// Text is the text or the caption of the message.
	Text string
	// Data is a JSON object with more members of the message's data, such as
	// attachments or customData.
	Data json.RawMessage
	// Tags are the tags of the message.
	Tags []string
	// ParentID is the id of the message this one replies to.
	ParentID string
	// SentAt is when the message was sent; the zero value is the current time of
	// the server's clock. It does not affect lists, which are sorted by id.
	SentAt time.Time
}

// AddMessages adds messages to the app and returns their ids, which increase. It
// ignores memberships, blocks and limits. It panics if a sender or a receiver
// does not exist, if a user writes to itself, if a parent does not exist or is in
// another conversation, or if data is not a JSON object.
func (s *Server) AddMessages(messages ...Message) []string {
	messages = slices.Clone(messages)
	for i, m := range messages {
		messages[i].Data, messages[i].Tags = slices.Clone(m.Data), slices.Clone(m.Tags)
	}
	ids := make([]string, len(messages))
	s.seed(func(c *call) {
		for i, in := range messages {
			m, err := c.seedMessage(in)
			if err != nil {
				panic(fmt.Sprintf("cometchattest: message %d: %v", i, err))
			}
			ids[i] = m.idText()
		}
	})
	return slices.Clone(ids)
}

func (c *call) seedMessage(in Message) (*message, error) {
	c.actor = nil
	if in.Sender != "" && !strings.EqualFold(in.Sender, systemUID) {
		u, ok := c.state.users.get(strings.ToLower(in.Sender))
		if !ok {
			return nil, errUserNotFound(in.Sender)
		}
		c.actor = u
	}
	sentAt := cmp.Or(unixOrZero(in.SentAt), c.unix())
	m := &message{
		muid: in.MUID, sender: c.actingUID(), receiver: strings.ToLower(in.Receiver),
		receiverType: cmp.Or(in.ReceiverType, typeUser), category: cmp.Or(in.Category, categoryMessage),
		kind: cmp.Or(in.Type, "text"), text: in.Text, tags: in.Tags, mentions: mentionsIn(in.Text),
		sentAt: sentAt, updatedAt: sentAt,
	}
	_, isGroup := c.state.groups.get(m.receiver)
	_, isUser := c.state.users.get(m.receiver)
	if m.receiverType == typeGroup && !isGroup || m.receiverType != typeGroup && (!isUser || m.receiver == m.sender) {
		return nil, fmt.Errorf("there is no other %s %s", m.receiverType, in.Receiver)
	}
	data := map[string]json.RawMessage{}
	if in.Data != nil {
		if err := json.Unmarshal(in.Data, &data); err != nil {
			return nil, fmt.Errorf("the data is no JSON object: %w", err)
		}
	}
	if in.Text != "" {
		data["text"] = encode(in.Text)
	}
	m.entities = c.messageEntities(m.sender, m.receiverType, m.receiver)
	if own, ok := data["entities"]; ok {
		m.entities = own
		delete(data, "entities")
	}
	m.payload = orderMembers(data)
	m.conversation = c.state.messages.conversation(m.sender, m.receiverType, m.receiver, sentAt)
	if in.ParentID != "" {
		id, _ := strconv.ParseInt(in.ParentID, 10, 64)
		parent, ok := c.state.messages.get(id)
		if !ok || parent.conversation != m.conversation {
			return nil, errMessageNotFound(in.ParentID)
		}
		m.parent = parent
	}
	c.state.addMessage(m)
	if m.category == categoryCall {
		c.followCall(m)
	}
	return m, nil
}

// SeedMessages adds n text messages, "Message 1" and so on, which two users send
// each other in turn. perSecond messages are sent each second, the last one at
// the current time of the server's clock. The users are the first two of
// [Server.SeedUsers], which are added if necessary. Further calls continue the
// numbering. Adding a message takes about a microsecond.
func (s *Server) SeedMessages(n, perSecond int) {
	s.seed(func(c *call) { c.numberMessages(n, max(perSecond, 1)) })
}

func (c *call) numberMessages(n, perSecond int) {
	if missing := 2 - c.state.users.seeded; missing > 0 {
		c.numberUsers(missing)
	}
	uids := [2]string{"user-0001", "user-0002"}
	var entities [2]json.RawMessage
	for i, uid := range uids {
		u, ok := c.state.users.get(uid)
		if !ok {
			panic("cometchattest: there is no user " + uid + " anymore")
		}
		entities[i] = c.as(u).messageEntities(uid, typeUser, uids[1-i])
	}
	store := c.state.messages
	first := c.unix() - int64((n-1)/perSecond)
	cv := store.conversation(uids[0], typeUser, uids[1], first)
	stored := make([]message, n)
	for i := range stored {
		store.seeded++
		from := store.seeded % 2
		text := "Message " + strconv.Itoa(store.seeded)
		at := first + int64(i/perSecond)
		stored[i] = message{
			conversation: cv, sender: uids[1-from], receiverType: typeUser, receiver: uids[from],
			category: categoryMessage, kind: "text", text: text,
			payload:  []member{{"text", json.RawMessage(strconv.Quote(text))}},
			entities: entities[1-from], sentAt: at, updatedAt: at,
		}
		c.state.addMessage(&stored[i])
	}
}
