package cometchat

import (
	"log/slog"
	"mime"
	"path"
	"strconv"
	"strings"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// MessageData is the content of a message. Which fields are set depends on its
// category and type; all of them can be read on any message.
type MessageData struct {
	// Text is the text, or the caption of attachments. The API leaves it out on
	// deleted, action and call messages.
	Text        string       `json:"text,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	// URL is set on older media messages instead of Attachments.
	URL string `json:"url,omitempty"`
	// CustomData is the content of a custom message, Metadata what the sender
	// and the app's extensions added to any message.
	CustomData Metadata `json:"customData,omitempty"`
	Metadata   Metadata `json:"metadata,omitempty"`
	// Action is what an action or call message reports: "edited", "deleted",
	// "added", "joined", "initiated" and others.
	Action string `json:"action,omitempty"`
	// Extras holds the details of an action, such as the old and the new scope of
	// a member.
	Extras   Metadata `json:"extras,omitempty"`
	Entities Entities `json:"entities,omitempty"`
	// Mentions holds the mentioned users by uid.
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

// Attachment is a file in a message. The API fetches the attachment of a sent
// message from its URL and keeps a copy.
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
	*a = Attachment{}
	return wire.DecodePrefixed(b, "file", (*plain)(a))
}

// kind is the type of a message with such an attachment.
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

// FileSize is the size of a file in bytes. The API writes it as text, its SDKs
// write it as a number, and both may have a fraction.
type FileSize float64

// MarshalJSON returns the size as text, as the API documents it.
func (s FileSize) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatFloat(float64(s), 'f', -1, 64)), nil
}

// UnmarshalJSON accepts numbers and texts; a text that is not a number becomes 0.
func (s *FileSize) UnmarshalJSON(b []byte) error {
	*s = 0
	if n, ok := parseDigits(b); ok {
		*s = FileSize(n)
	} else if f, err := strconv.ParseFloat(wire.Scalar(b), 64); err == nil && f > -1<<62 && f < 1<<62 {
		*s = FileSize(f)
	}
	return nil
}

// MessageModeration is what the app's moderation rules decided about a message;
// zero if none was applied.
type MessageModeration struct {
	Status MessageModerationStatus `json:"status,omitempty"`
	// Rule is the rule that decided, if one did.
	Rule MessageModerationRule `json:"rule,omitzero"`
}

// MessageModerationRule names a moderation rule.
type MessageModerationRule struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// MessageModerationStatus is the outcome of moderation. Other values may occur.
type MessageModerationStatus string

// The documented outcomes.
const (
	MessageModerationStatusPending     MessageModerationStatus = "pending"
	MessageModerationStatusApproved    MessageModerationStatus = "approved"
	MessageModerationStatusDisapproved MessageModerationStatus = "disapproved"
)

// InteractionGoal says when an interactive message counts as completed.
type InteractionGoal struct {
	Type       InteractionGoalType `json:"type,omitempty"`
	ElementIDs []string            `json:"elementIds,omitempty"`
}

// InteractionGoalType is how many of the goal's elements must be used. Other
// values may occur.
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
	// ReactedByMe reports whether the acting user is among them.
	ReactedByMe bool `json:"reactedByMe,omitempty"`
}
