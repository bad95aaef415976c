package cometchat

import (
	"encoding/json"
	"log/slog"
	"path"
	"strings"
)

// Message is anything that stands in a conversation: what users, bots and the
// app write, and what the server tells of edits, members and calls. Category and
// Type say which; Data may be read, and the methods called, on all of them.
//
// Members of the response that Message does not name are found by WithResponse.
type Message struct {
	rawItem
	// ID has digits only, and grows.
	ID string `json:"id" wire:"id"`
	// MUID is the id that the sender gave it, if any.
	MUID           string `json:"muid,omitempty"`
	ConversationID string `json:"conversationId,omitempty"`
	// Sender is a uid; app_system where no user acted.
	Sender       string       `json:"sender,omitempty"`
	ReceiverType ReceiverType `json:"receiverType,omitempty"`
	// Receiver is a uid or a guid, as ReceiverType says.
	Receiver string          `json:"receiver,omitempty"`
	Category MessageCategory `json:"category,omitempty"`
	Type     MessageType     `json:"type,omitempty"`
	Data     MessageData     `json:"data,omitzero"`

	SentAt    UnixTime `json:"sentAt,omitempty"`
	UpdatedAt UnixTime `json:"updatedAt,omitempty"`
	// DeliveredAt and ReadAt are receipts.
	DeliveredAt UnixTime `json:"deliveredAt,omitempty"`
	ReadAt      UnixTime `json:"readAt,omitempty"`
	EditedAt    UnixTime `json:"editedAt,omitempty"`
	EditedBy    string   `json:"editedBy,omitempty"`
	DeletedAt   UnixTime `json:"deletedAt,omitempty"`
	DeletedBy   string   `json:"deletedBy,omitempty"`

	// ParentID is set on a reply in a thread: the id of the message it is about.
	ParentID string `json:"parentId,omitempty"`
	// ReplyCount and LastReply are set on such a message itself.
	ReplyCount int      `json:"replyCount,omitempty"`
	LastReply  *Message `json:"lastReply,omitempty"`
	// Tags are given by lists only when asked to.
	Tags            Tags     `json:"tags,omitempty"`
	QuotedMessageID string   `json:"quotedMessageId,omitempty"`
	QuotedMessage   *Message `json:"quotedMessage,omitempty"`
	// PinnedBy and PinnedAt are set while the message is pinned, SavedAt for the
	// user who saved it.
	PinnedBy string   `json:"pinnedBy,omitempty"`
	PinnedAt UnixTime `json:"pinnedAt,omitempty"`
	SavedAt  UnixTime `json:"savedAt,omitempty"`
	// Reactions are in Data in most responses; ReactionCounts finds them.
	Reactions []ReactionCount `json:"reactions,omitempty"`
	// Receipts come as the API sends them; their shape is not documented.
	Receipts json.RawMessage `json:"receipts,omitempty"`
}

// MessageCategory is the kind of a message. Any value may come.
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

// MessageType says more precisely what a message is. Custom messages have types
// of the application's own, and any other value may come.
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

// ReceiverType says whether something is for a user or for a group.
type ReceiverType string

// The documented receiver types.
const (
	ReceiverTypeUser  ReceiverType = "user"
	ReceiverTypeGroup ReceiverType = "group"
)

// Text returns the message's text, or the caption of its attachments; "" if
// there is none. It may be called on a nil Message, like all methods of
// Message that do not decode it.
func (m *Message) Text() string {
	if m == nil {
		return ""
	}
	return m.Data.Text
}

// Attachments returns the message's files, also where an older message has a
// mere URL; nil if there are none.
func (m *Message) Attachments() []Attachment {
	switch {
	case m == nil:
		return nil
	case len(m.Data.Attachments) == 0 && m.Data.URL != "":
		return []Attachment{{URL: m.Data.URL, Name: path.Base(strings.SplitN(m.Data.URL, "?", 2)[0])}}
	}
	return m.Data.Attachments
}

// ReactionCounts returns how often the message got which reaction, from wherever
// the response has it.
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
// call message tells; nil if the response does not describe one. It decodes the
// user at each call.
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
// if the response does not describe one. It decodes the user at each call.
func (m *Message) ReceiverUser() *User {
	if m == nil {
		return nil
	}
	if u := m.Data.Entities.Receiver().User(); u != nil {
		return u
	}
	return m.Data.Entities.For().User()
}

// ReceiverGroup returns the group the message is for; nil if it is for a user,
// or if the response does not describe one. It decodes the group at each call.
func (m *Message) ReceiverGroup() *Group {
	if m == nil {
		return nil
	}
	if g := m.Data.Entities.Receiver().Group(); g != nil {
		return g
	}
	return m.Data.Entities.For().Group()
}

// TargetMessage returns the message that an action message is about: the one
// that was edited or deleted; nil on all others. It decodes the message at each
// call.
func (m *Message) TargetMessage() *Message {
	if m == nil {
		return nil
	}
	return m.Data.Entities.On().Message()
}

// TargetUser returns the user that an action message is about: the one who was
// added, kicked and so on; nil on all others. It decodes the user at each call.
func (m *Message) TargetUser() *User {
	if m == nil {
		return nil
	}
	return m.Data.Entities.On().User()
}

// Call returns the call that a call message is about; nil on all others. It
// decodes the call at each call.
func (m *Message) Call() *MessageCall {
	if m == nil {
		return nil
	}
	return m.Data.Entities.On().Call()
}

// LogValue gives slog what identifies the message, and nothing of what it says.
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
