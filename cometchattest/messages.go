package cometchattest

import (
	"encoding/json"
	"net/http"
	"strconv"
)

func messagesResource() resource {
	return resource{
		routes: []route{
			{pattern: "POST /messages", handle: sendMessage},
			{pattern: "GET /messages", handle: listMessages},
			{pattern: "GET /messages/{id}", handle: with((*call).pathMessage, getMessage)},
			{pattern: "PUT /messages/{id}", handle: with((*call).changedMessage, updateMessage)},
			{pattern: "DELETE /messages/{id}", handle: withBody((*call).changedMessage, deleteMessage)},
			{pattern: "POST /bots/{uid}/messages", handle: sendBotMessage},
			{pattern: "GET /users/{uid}/messages", handle: with((*call).pathUser, listUserMessages)},
			{pattern: "GET /groups/{guid}/messages", handle: listGroupMessages},
			{pattern: "POST /messages/{id}/pin", handle: with((*call).pathMessage, pinMessage)},
			{pattern: "DELETE /messages/{id}/pin", handle: with((*call).pathMessage, unpinMessage)},
			{pattern: "POST /messages/{id}/save", handle: with((*call).actorMessage, saveMessage)},
			{pattern: "DELETE /messages/{id}/save", handle: with((*call).actorMessage, unsaveMessage)},
			{pattern: "PATCH /messages/{id}/interacted", handle: withBody((*call).actorMessage, markInteracted)},
		},
		userRemoved: func(st *state, uid string) { st.messages.removeUser(uid) },
	}
}

func errMessageNotFound(id string) *apiError {
	return errNotFound("ERR_MESSAGE_ID_NOT_FOUND", "message with the id", id)
}

// requireActor returns an error if there is no acting user.
func (c *call) requireActor() error {
	if c.actor == nil {
		return errBadField("onBehalfOf", "The header onBehalfOf is required.")
	}
	return nil
}

// hasBlockedUser reports whether a user has blocked another.
func (st *state) hasBlockedUser(uid, other string) bool {
	_, ok := st.blocks.get(uid, other)
	return ok
}

// isGroupMember reports whether a user is a member of a group.
func (st *state) isGroupMember(guid, uid string) bool {
	g, ok := st.groups.get(guid)
	if ok {
		_, ok = g.members.get(uid)
	}
	return ok
}

// isParty reports whether a user is in a conversation.
func (c *call) isParty(cv *conversation, uid string) bool {
	if cv.kind == typeGroup {
		return c.state.isGroupMember(cv.guid, uid)
	}
	return cv.isBetween(uid)
}

// pathMessage returns the message named by the path. It fails if the acting user
// cannot see the message.
func (c *call) pathMessage() (*message, error) {
	id, err := strconv.ParseInt(c.param("id"), 10, 64)
	m, ok := c.state.messages.get(id)
	if err != nil || !ok {
		return nil, errMessageNotFound(c.named("id"))
	}
	if c.actor == nil {
		return m, nil
	}
	if !c.isParty(m.conversation, c.actor.uid) {
		return nil, newError(http.StatusForbidden, "ERR_MESSAGE_NO_ACCESS", "The user %s has no access to the message %d.", c.actor.uid, id)
	}
	if m.id <= m.conversation.participant(c.actor.uid).clearedUpTo || !m.visibleTo(c.actor.uid) {
		return nil, errMessageNotFound(c.named("id"))
	}
	return m, nil
}

// messageView is a message in a response. It omits empty members.
type messageView struct {
	ID                 string          `json:"id"`
	MUID               string          `json:"muid,omitempty"`
	ConversationID     string          `json:"conversationId"`
	Sender             string          `json:"sender"`
	ReceiverType       string          `json:"receiverType"`
	Receiver           string          `json:"receiver"`
	Category           string          `json:"category"`
	Type               string          `json:"type"`
	Data               json.RawMessage `json:"data"`
	SentAt             int64           `json:"sentAt"`
	DeliveredAt        int64           `json:"deliveredAt,omitempty"`
	ReadAt             int64           `json:"readAt,omitempty"`
	EditedAt           int64           `json:"editedAt,omitempty"`
	EditedBy           string          `json:"editedBy,omitempty"`
	DeletedAt          int64           `json:"deletedAt,omitempty"`
	DeletedBy          string          `json:"deletedBy,omitempty"`
	UpdatedAt          int64           `json:"updatedAt"`
	ParentID           string          `json:"parentId,omitempty"`
	ReplyCount         int             `json:"replyCount,omitempty"`
	UnreadReplyCount   *int            `json:"unreadReplyCount,omitempty"`
	UnreadMentionCount *int            `json:"unreadMentionCount,omitempty"`
	LastReply          any             `json:"lastReply,omitempty"`
	QuotedMessage      *messageView    `json:"quotedMessage,omitempty"`
	Tags               []string        `json:"tags,omitempty"`
	PinnedBy           string          `json:"pinnedBy,omitempty"`
	PinnedAt           int64           `json:"pinnedAt,omitempty"`
	SavedAt            int64           `json:"savedAt,omitempty"`
	Receipts           json.RawMessage `json:"receipts,omitempty"`
}

// messageOptions selects the parts of messages a response shows.
type messageOptions struct {
	withTags, hideQuoted              bool
	mentionsWithTags, mentionsBlocked bool
}

// viewMessage returns a message as the acting user sees it.
func (c *call) viewMessage(m *message, show messageOptions) *messageView {
	v := &messageView{
		ID: m.idText(), MUID: m.muid, ConversationID: m.conversation.id,
		Sender: m.sender, ReceiverType: m.receiverType, Receiver: m.receiver,
		Category: m.category, Type: m.kind, Data: c.messageData(m, show),
		SentAt: m.sentAt, EditedAt: m.editedAt, EditedBy: m.editedBy,
		DeletedAt: m.deletedAt, DeletedBy: m.deletedBy, UpdatedAt: m.updatedAt,
		ReplyCount: len(m.replies), PinnedBy: m.pinnedBy, PinnedAt: m.pinnedAt,
	}
	v.DeliveredAt, v.ReadAt = c.receiptsOf(m)
	if m.parent != nil {
		v.ParentID = m.parent.idText()
	}
	if show.withTags {
		v.Tags = m.tags
	}
	if m.quoted != nil && !m.quoted.removed && !show.hideQuoted {
		show.hideQuoted = true
		v.QuotedMessage = c.viewMessage(m.quoted, show)
	}
	if c.actor != nil {
		v.SavedAt = c.state.messages.saved[c.actor.uid][m.id]
	}
	return v
}

// receiptsOf returns when a message was delivered to and read by its receiver, or
// in a group by the acting user.
func (c *call) receiptsOf(m *message) (delivered, read int64) {
	uid := m.receiver
	if m.receiverType == typeGroup {
		uid = c.actingUID()
	}
	if len(m.conversation.users) == 0 || uid == m.sender {
		return 0, 0
	}
	p := m.conversation.participant(uid)
	return p.delivered.at(m.id), p.read.at(m.id)
}

// messageData returns the member "data" of a message: the data that was sent,
// unless the message is deleted, and the members the service adds.
func (c *call) messageData(m *message, show messageOptions) json.RawMessage {
	data := append(make([]byte, 0, len(m.entities)+len(m.text)+64), '{')
	add := func(name string, value json.RawMessage) {
		if len(data) > 1 {
			data = append(data, ',')
		}
		data = append(data, '"')
		data = append(data, name...)
		data = append(data, '"', ':')
		data = append(data, value...)
	}
	if m.deletedAt == 0 {
		for _, part := range m.payload {
			add(part.name, part.value)
		}
	}
	add("entities", m.entities)
	if m.deletedAt == 0 {
		if mentions := c.viewMentions(m, show); len(mentions) > 0 {
			add("mentions", encode(mentions))
		}
		if len(m.reactions) > 0 {
			add("reactions", encode(c.countReactions(m)))
		}
		if list := m.interactions[c.actingUID()]; len(list) > 0 {
			add("interactions", encode(list))
		}
		if m.moderation != nil {
			add("moderation", encode(c.viewModeration(m)))
		}
	}
	return append(data, '}')
}

// viewMentions returns the users that a message mentions, by uid.
func (c *call) viewMentions(m *message, show messageOptions) map[string]*userView {
	var views map[string]*userView
	for _, uid := range m.mentions {
		u, ok := c.state.users.get(uid)
		if !ok {
			continue
		}
		v := c.viewUser(u, show.mentionsWithTags)
		if !show.mentionsBlocked {
			v.BlockedByMe, v.BlockedByMeAt, v.BlockedAt = false, 0, 0
		}
		if views == nil {
			views = map[string]*userView{}
		}
		views[uid] = v
	}
	return views
}

// entity is an entity a message refers to.
type entity struct {
	Entity any    `json:"entity"`
	Type   string `json:"entityType"`
}

// systemView is the system as a user. It has a creation time only in action
// messages.
type systemView struct {
	UID       string `json:"uid"`
	Name      string `json:"name"`
	Role      string `json:"role"`
	Status    string `json:"status"`
	CreatedAt int64  `json:"createdAt,omitempty"`
}

// userEntity returns the entity of a user or the system.
func (c *call) userEntity(uid string, withConversation bool) entity {
	u, ok := c.state.users.get(uid)
	if !ok {
		return entity{systemView{UID: uid, Name: "System", Role: defaultRole, Status: "offline"}, typeUser}
	}
	v := c.viewUser(u, false)
	if !withConversation {
		v.ConversationID = ""
	}
	return entity{v, typeUser}
}

// receiverEntity returns the entity of the user or the group that receives a
// message.
func (c *call) receiverEntity(receiverType, receiver string, withConversation bool) entity {
	if g, ok := c.state.groups.get(receiver); ok && receiverType == typeGroup {
		return entity{c.as(nil).viewGroup(g, false), typeGroup}
	}
	return c.userEntity(receiver, withConversation)
}

// messageEntities returns the entities of a sent message.
func (c *call) messageEntities(sender, receiverType, receiver string) json.RawMessage {
	return encode(struct {
		Sender   entity `json:"sender"`
		Receiver entity `json:"receiver"`
	}{c.userEntity(sender, false), c.receiverEntity(receiverType, receiver, true)})
}

func getMessage(c *call, m *message) (any, error) {
	return c.viewMessage(m, c.messageOptions()), nil
}
