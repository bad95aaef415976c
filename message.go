package cometchat

import (
	"encoding/json"
	"log/slog"
	"path"
	"strings"
)

// Message is an entry in a conversation: what users, bots and the app write,
// and what the server reports about edits, members and calls. Category and Type
// say which it is. Data can be read, and the methods can be called, on every
// message.
//
// WithResponse gives access to members of the response that Message does not
// name.
type Message struct {
	rawItem
	// ID consists of digits. Newer messages have larger ids.
	ID string `json:"id" wire:"id"`
	// MUID is the id that the sender gave the message, if any.
	MUID           string `json:"muid,omitempty"`
	ConversationID string `json:"conversationId,omitempty"`
	// Sender is a uid; app_system if no user acted.
	Sender       string       `json:"sender,omitempty"`
	ReceiverType ReceiverType `json:"receiverType,omitempty"`
	// Receiver is a uid or a guid, depending on ReceiverType.
	Receiver string          `json:"receiver,omitempty"`
	Category MessageCategory `json:"category,omitempty"`
	Type     MessageType     `json:"type,omitempty"`
	Data     MessageData     `json:"data,omitzero"`

	SentAt    UnixTime `json:"sentAt,omitempty"`
	UpdatedAt UnixTime `json:"updatedAt,omitempty"`
	// DeliveredAt and ReadAt are the times of receipts.
	DeliveredAt UnixTime `json:"deliveredAt,omitempty"`
	ReadAt      UnixTime `json:"readAt,omitempty"`
	EditedAt    UnixTime `json:"editedAt,omitempty"`
	EditedBy    string   `json:"editedBy,omitempty"`
	DeletedAt   UnixTime `json:"deletedAt,omitempty"`
	DeletedBy   string   `json:"deletedBy,omitempty"`

	// ParentID is set on a reply in a thread: the id of the message it replies
	// to.
	ParentID string `json:"parentId,omitempty"`
	// ReplyCount and LastReply are set on a message that has replies.
	ReplyCount int      `json:"replyCount,omitempty"`
	LastReply  *Message `json:"lastReply,omitempty"`
	// Tags are included in lists only on request.
	Tags            Tags     `json:"tags,omitempty"`
	QuotedMessageID string   `json:"quotedMessageId,omitempty"`
	QuotedMessage   *Message `json:"quotedMessage,omitempty"`
	// PinnedBy and PinnedAt are set while the message is pinned, SavedAt only for
	// the user who saved it.
	PinnedBy string   `json:"pinnedBy,omitempty"`
	PinnedAt UnixTime `json:"pinnedAt,omitempty"`
	SavedAt  UnixTime `json:"savedAt,omitempty"`
	// Reactions are in Data in most responses; ReactionCounts returns them from
	// either.
	Reactions []ReactionCount `json:"reactions,omitempty"`
	// Receipts are kept as the API sends them; their shape is not documented.
	Receipts json.RawMessage `json:"receipts,omitempty"`
}

// MessageCategory is the kind of a message. Other values may occur.
type MessageCategory string

// The documented categories. Action and call messages are made by the server.
const (
	MessageCategoryMessage     MessageCategory = "message"
	MessageCategoryCustom      MessageCategory = "custom"
	MessageCategoryInteractive MessageCategory = "interactive"
	MessageCategoryAction      MessageCategory = "action"
	MessageCategoryCall        MessageCategory = "call"
	MessageCategoryAgentic     MessageCategory = "agentic"
)

// MessageType is the kind of a message within its category. Custom messages have
// types of the application's own, and other values may occur.
type MessageType string

// The documented types.
const (
	// Of category message. Audio and video are types of calls, too.
	MessageTypeText  MessageType = "text"
	MessageTypeImage MessageType = "image"
	MessageTypeVideo MessageType = "video"
	MessageTypeAudio MessageType = "audio"
	MessageTypeFile  MessageType = "file"

	// Of category interactive.
	MessageTypeForm              MessageType = "form"
	MessageTypeCard              MessageType = "card"
	MessageTypeScheduler         MessageType = "scheduler"
	MessageTypeCustomInteractive MessageType = "customInteractive"

	// Of category action.
	MessageTypeGroupMember   MessageType = "groupMember"
	MessageTypeMessageAction MessageType = "message"
)

// ReceiverType tells users and groups apart as receivers.
type ReceiverType string

// The documented receiver types.
const (
	ReceiverTypeUser  ReceiverType = "user"
	ReceiverTypeGroup ReceiverType = "group"
)

// Text returns the message's text, or the caption of its attachments; "" if there
// is none. Like all methods of Message that do not decode it, Text may be called
// on a nil Message.
func (m *Message) Text() string {
	if m == nil {
		return ""
	}
	return m.Data.Text
}

// Attachments returns the message's files, or the file at the URL that an older
// message has instead; nil if there are none.
func (m *Message) Attachments() []Attachment {
	switch {
	case m == nil:
		return nil
	case len(m.Data.Attachments) == 0 && m.Data.URL != "":
		return []Attachment{{URL: m.Data.URL, Name: path.Base(strings.SplitN(m.Data.URL, "?", 2)[0])}}
	}
	return m.Data.Attachments
}

// ReactionCounts returns how often the message got each reaction, wherever the
// response has them.
func (m *Message) ReactionCounts() []ReactionCount {
	switch {
	case m == nil:
		return nil
	case len(m.Data.Reactions) == 0:
		return m.Reactions
	}
	return m.Data.Reactions
}

// IsDeleted reports whether the message was deleted; it has no content then.
func (m *Message) IsDeleted() bool { return m != nil && !m.DeletedAt.IsZero() }

// SenderUser returns the user who sent the message, or who did what an action or
// call message reports; nil if the response does not describe one. Each call
// decodes the user again.
func (m *Message) SenderUser() *User {
	if m == nil {
		return nil
	}
	if u := m.Data.Entities.Sender().User(); u != nil {
		return u
	}
	return m.Data.Entities.By().User()
}

// ReceiverUser returns the user the message is for; nil if it is for a group, or
// if the response does not describe one. Each call decodes the user again.
func (m *Message) ReceiverUser() *User {
	if m == nil {
		return nil
	}
	if u := m.Data.Entities.Receiver().User(); u != nil {
		return u
	}
	return m.Data.Entities.For().User()
}

// ReceiverGroup returns the group the message is for; nil if it is for a user, or
// if the response does not describe one. Each call decodes the group again.
func (m *Message) ReceiverGroup() *Group {
	if m == nil {
		return nil
	}
	if g := m.Data.Entities.Receiver().Group(); g != nil {
		return g
	}
	return m.Data.Entities.For().Group()
}

// TargetMessage returns the message that was edited or deleted, from the action
// message about it; nil for all other messages. Each call decodes the message
// again.
func (m *Message) TargetMessage() *Message {
	if m == nil {
		return nil
	}
	return m.Data.Entities.On().Message()
}

// TargetUser returns the user who was added, kicked and so on, from the action
// message about it; nil for all other messages. Each call decodes the user again.
func (m *Message) TargetUser() *User {
	if m == nil {
		return nil
	}
	return m.Data.Entities.On().User()
}

// Call returns the call that a call message is about; nil for all other messages.
// Each call decodes it again.
func (m *Message) Call() *MessageCall {
	if m == nil {
		return nil
	}
	return m.Data.Entities.On().Call()
}

// LogValue returns what identifies the message, without its content, for slog.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", m.ID),
		slog.String("conversationId", m.ConversationID),
		slog.String("sender", m.Sender),
		slog.String("receiverType", string(m.ReceiverType)),
		slog.String("receiver", m.Receiver),
		slog.String("category", string(m.Category)),
		slog.String("type", string(m.Type)),
		slog.String("sentAt", m.SentAt.String()),
	)
}
