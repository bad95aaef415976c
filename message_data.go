package cometchat

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"mime"
	"path"
	"strconv"
	"strings"
)

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

// MessageData is what a message says. Which fields are set depends on its
// category and type; all may be read on any message.
type MessageData struct {
	// Text is the text, or the caption of attachments. The API leaves it out on
	// deleted, action and call messages.
	Text        string       `json:"text,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	// URL is where older media messages have what newer ones attach.
	URL string `json:"url,omitempty"`
	// CustomData is the content of a custom message, Metadata what the sender
	// and the app's extensions added to any message.
	CustomData Metadata `json:"customData,omitempty"`
	Metadata   Metadata `json:"metadata,omitempty"`
	// Action is what an action or call message tells: "edited", "deleted",
	// "added", "joined", "initiated" and others.
	Action   string   `json:"action,omitempty"`
	Entities Entities `json:"entities,omitempty"`
	// Mentions has the mentioned users by uid.
	Mentions   map[string]User   `json:"mentions,omitempty"`
	Reactions  []ReactionCount   `json:"reactions,omitempty"`
	Moderation MessageModeration `json:"moderation,omitzero"`
	// The content of an interactive message.
	InteractionGoal        InteractionGoal `json:"interactionGoal,omitzero"`
	AllowSenderInteraction bool            `json:"allowSenderInteraction,omitempty"`
	InteractiveData        Metadata        `json:"interactiveData,omitempty"`
	// Resource names the client that sent the message.
	Resource string `json:"resource,omitempty"`
}

// LogValue keeps what people write, and the secrets of calls, out of logs.
func (d MessageData) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("textBytes", len(d.Text)),
		slog.Int("attachments", len(d.Attachments)),
		slog.String("action", d.Action),
	)
}

// Attachment is a file that comes with a message. The API fetches a sent
// attachment from its URL and keeps a copy of its own.
type Attachment struct {
	URL       string   `json:"url"`
	Name      string   `json:"name,omitempty"`
	MimeType  string   `json:"mimeType,omitempty"`
	Extension string   `json:"extension,omitempty"` // without the dot
	Size      FileSize `json:"size,omitempty"`
}

// UnmarshalJSON accepts the API's names of the members and those of its SDKs,
// such as fileUrl.
func (a *Attachment) UnmarshalJSON(b []byte) error {
	type plain Attachment
	var p struct {
		plain
		FileURL       string   `json:"fileUrl"`
		FileName      string   `json:"fileName"`
		FileMimeType  string   `json:"fileMimeType"`
		FileExtension string   `json:"fileExtension"`
		FileSize      FileSize `json:"fileSize"`
	}
	err := decodeLenient(b, &p)
	*a = Attachment{
		URL: cmp.Or(p.URL, p.FileURL), Name: cmp.Or(p.Name, p.FileName),
		MimeType:  cmp.Or(p.MimeType, p.FileMimeType),
		Extension: cmp.Or(p.Extension, p.FileExtension),
		Size:      cmp.Or(p.Size, p.FileSize),
	}
	return err
}

// kind is the type of message that such an attachment makes.
func (a Attachment) kind() MessageType {
	kind := a.MimeType
	if kind == "" {
		kind = mime.TypeByExtension(path.Ext(a.Name))
	}
	switch kind, _, _ = strings.Cut(kind, "/"); MessageType(kind) {
	case MessageTypeImage, MessageTypeVideo, MessageTypeAudio:
		return MessageType(kind)
	}
	return MessageTypeFile
}

// FileSize is the size of a file in bytes. The API writes it as a text, its SDKs
// as a number, and both may have a fraction.
type FileSize float64

// MarshalJSON returns the size as the API documents it, a text.
func (s FileSize) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatFloat(float64(s), 'f', -1, 64)), nil
}

// UnmarshalJSON accepts numbers and texts; a text that is no number is 0.
func (s *FileSize) UnmarshalJSON(b []byte) error {
	*s = 0
	if f, err := strconv.ParseFloat(scalar(b), 64); err == nil && f > -1<<62 && f < 1<<62 {
		*s = FileSize(f)
	}
	return nil
}

// MessageModeration is what the app's moderation rules made of a message; zero where
// none ran.
type MessageModeration struct {
	Status MessageModerationStatus `json:"status,omitempty"`
	// Rule is the one that decided, where one did.
	Rule MessageModerationRule `json:"rule,omitzero"`
}

// MessageModerationRule names a moderation rule.
type MessageModerationRule struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// MessageModerationStatus is the outcome of moderation. Any value may come.
type MessageModerationStatus string

// The documented outcomes.
const (
	MessageModerationStatusPending     MessageModerationStatus = "pending"
	MessageModerationStatusApproved    MessageModerationStatus = "approved"
	MessageModerationStatusDisapproved MessageModerationStatus = "disapproved"
)

// InteractionGoal says when an interactive message counts as done.
type InteractionGoal struct {
	Type       InteractionGoalType `json:"type,omitempty"`
	ElementIDs []string            `json:"elementIds,omitempty"`
}

// InteractionGoalType says how many of the goal's elements it takes. Any value
// may come.
type InteractionGoalType string

// The documented goals.
const (
	InteractionGoalTypeAnyAction InteractionGoalType = "anyAction"
	InteractionGoalTypeAnyOf     InteractionGoalType = "anyOf"
	InteractionGoalTypeAllOf     InteractionGoalType = "allOf"
	InteractionGoalTypeOneOf     InteractionGoalType = "oneOf"
	InteractionGoalTypeNone      InteractionGoalType = "none"
)

// ReactionCount is how often a message got one reaction.
type ReactionCount struct {
	Reaction string `json:"reaction"`
	Count    int    `json:"count"`
	// ReactedByMe says that the acting user is among them.
	ReactedByMe bool `json:"reactedByMe,omitempty"`
}

// Entities are those a message is about. Ordinary messages have Sender and
// Receiver; in actions and calls, By does something to On, in the conversation
// with For. They are kept as the JSON they came as, and decoded when asked for:
// a walk over many messages pays for those it looks at.
//
// Printing them shows their size only, since a call holds secrets.
type Entities json.RawMessage

// Sender returns who sent the message; zero if the answer does not say.
func (e Entities) Sender() Entity { return e.named("sender") }

// Receiver returns who the message is for; zero if the answer does not say.
func (e Entities) Receiver() Entity { return e.named("receiver") }

// By returns who acted; zero on ordinary messages.
func (e Entities) By() Entity { return e.named("by") }

// On returns what was acted on; zero on ordinary messages.
func (e Entities) On() Entity { return e.named("on") }

// For returns whose conversation it happened in; zero on ordinary messages.
func (e Entities) For() Entity { return e.named("for") }

func (e Entities) named(name string) Entity {
	if all := decodeRaw[map[string]Entity](json.RawMessage(e)); all != nil {
		return (*all)[name]
	}
	return Entity{}
}

// MarshalJSON returns the JSON text, null for nil.
func (e Entities) MarshalJSON() ([]byte, error) { return json.RawMessage(e).MarshalJSON() }

// UnmarshalJSON keeps a copy of the JSON text; null becomes nil.
func (e *Entities) UnmarshalJSON(b []byte) error { return (*Metadata)(e).UnmarshalJSON(b) }

// Format prints the size, for every verb.
func (e Entities) Format(f fmt.State, _ rune) {
	if len(e) > 0 {
		fmt.Fprintf(f, "entities of %d bytes", len(e))
	}
}

// LogValue gives slog the size.
func (e Entities) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(e)) }

// Entity is a user, a group, a message or a call that a message is about. It is
// kept as the JSON it came as, and decoded when asked for; decode it once and
// keep the result.
//
// Printing it shows type and size only, since a call holds secrets.
type Entity struct {
	Type EntityType      `json:"entityType,omitempty"`
	Raw  json.RawMessage `json:"entity,omitempty"`
}

// EntityType is what an Entity is. Any value may come.
type EntityType string

// The documented types.
const (
	EntityTypeUser    EntityType = "user"
	EntityTypeGroup   EntityType = "group"
	EntityTypeMessage EntityType = "message"
	EntityTypeCall    EntityType = "call"
)

// User returns the user, or nil if the entity is none.
func (e Entity) User() *User {
	if u := decodeEntity[User](e, EntityTypeUser); u != nil && u.UID != "" {
		return u
	}
	return nil
}

// Group returns the group, or nil if the entity is none.
func (e Entity) Group() *Group {
	if g := decodeEntity[Group](e, EntityTypeGroup); g != nil && g.GUID != "" {
		return g
	}
	return nil
}

// Message returns the message, or nil if the entity is none.
func (e Entity) Message() *Message {
	if m := decodeEntity[Message](e, EntityTypeMessage); m != nil && m.ID != "" {
		return m
	}
	return nil
}

// Call returns the call, or nil if the entity is none.
func (e Entity) Call() *Call {
	if c := decodeEntity[Call](e, EntityTypeCall); c != nil && c.SessionID != "" {
		return c
	}
	return nil
}

func decodeEntity[T any](e Entity, t EntityType) *T {
	if e.Type != t && e.Type != "" {
		return nil
	}
	return decodeRaw[T](e.Raw)
}

// decodeRaw decodes what was kept as JSON; nil if it is none.
func decodeRaw[T any](raw json.RawMessage) *T {
	v := new(T)
	if !present(raw) || decodeLenient(raw, v) != nil {
		return nil
	}
	return v
}

// Format prints type and size, for every verb.
func (e Entity) Format(f fmt.State, _ rune) {
	if e.Type != "" || len(e.Raw) > 0 {
		fmt.Fprintf(f, "%s of %d bytes", cmp.Or(e.Type, "entity"), len(e.Raw))
	}
}

// LogValue gives slog type and size.
func (e Entity) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(e)) }

// Call is a call, as a message tells of it.
type Call struct {
	SessionID string `json:"sessionid"`
	// Status is "initiated", "ongoing", "ended" or another.
	Status         string       `json:"status,omitempty"`
	Type           MessageType  `json:"type,omitempty"` // MessageTypeAudio or MessageTypeVideo
	ConversationID string       `json:"conversationId,omitempty"`
	Sender         string       `json:"sender,omitempty"`
	ReceiverType   ReceiverType `json:"receiverType,omitempty"`
	Receiver       string       `json:"receiver,omitempty"`
	InitiatedAt    UnixTime     `json:"initiatedAt,omitempty"`
	StartedAt      UnixTime     `json:"startedAt,omitempty"`
	JoinedAt       UnixTime     `json:"joinedAt,omitempty"`
	Data           MessageData  `json:"data,omitzero"`
	// WSChannel is what a client joins the call with.
	WSChannel WSChannel `json:"wsChannel,omitzero"`
}

// WSChannel is the way into a call. Its credentials are never printed.
type WSChannel struct {
	Identity Secret `json:"identity,omitempty"`
	Secret   Secret `json:"secret,omitempty"`
	Service  string `json:"service,omitempty"`
}

// LogValue keeps the credentials out of logs.
func (c Call) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("sessionId", c.SessionID),
		slog.String("status", c.Status),
		slog.String("type", string(c.Type)),
		slog.String("conversationId", c.ConversationID),
	)
}

// LogValue keeps the credentials out of logs.
func (c WSChannel) LogValue() slog.Value {
	return slog.GroupValue(slog.String("service", c.Service))
}

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
// the answer has it.
func (m *Message) ReactionCounts() []ReactionCount {
	switch {
	case m == nil:
		return nil
	case len(m.Data.Reactions) == 0:
		return m.Reactions
	}
	return m.Data.Reactions
}

// IsDeleted reports whether the message was deleted; its content is gone then.
func (m *Message) IsDeleted() bool { return m != nil && !m.DeletedAt.IsZero() }

// SenderUser returns the user who sent the message, or who did what an action or
// call message tells; nil if the answer does not describe one. It decodes the
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

// ReceiverTypeUser returns the user the message is for; nil if it is for a group, or
// if the answer does not describe one. It decodes the user at each call.
func (m *Message) ReceiverUser() *User {
	if m == nil {
		return nil
	}
	if u := m.Data.Entities.Receiver().User(); u != nil {
		return u
	}
	return m.Data.Entities.For().User()
}

// ReceiverTypeGroup returns the group the message is for; nil if it is for a user,
// or if the answer does not describe one. It decodes the group at each call.
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
func (m *Message) Call() *Call {
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
