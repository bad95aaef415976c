package cometchat

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// Entities are the users, groups, messages and calls that a message is about.
// Ordinary messages have Sender and Receiver; in actions and calls, By does
// something to On, in the conversation with For. They are kept as JSON and
// decoded on request, so that a walk over many messages only pays for those it
// looks at.
//
// Printing them shows only their size, since a call holds secrets.
type Entities json.RawMessage

// Sender returns the sender of the message; zero if the response does not name
// it.
func (e Entities) Sender() Entity { return e.named("sender") }

// Receiver returns the receiver of the message; zero if the response does not
// name it.
func (e Entities) Receiver() Entity { return e.named("receiver") }

// By returns the user who acted; zero on ordinary messages.
func (e Entities) By() Entity { return e.named("by") }

// On returns the object of the action; zero on ordinary messages.
func (e Entities) On() Entity { return e.named("on") }

// For returns the other side of the conversation in which it happened; zero on
// ordinary messages.
func (e Entities) For() Entity { return e.named("for") }

func (e Entities) named(name string) Entity {
	if all := wire.Value[map[string]Entity](e); all != nil {
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

// LogValue returns the size, for slog.
func (e Entities) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(e)) }

// Entity is a user, a group, a message or a call that a message is about, or that
// a conversation is with. It is kept as JSON and decoded on request; decode it
// once and keep the result.
//
// Printing it shows only its type and size, since a call holds secrets.
type Entity struct {
	Type EntityType // empty where the response does not say
	Raw  json.RawMessage
}

// MarshalJSON returns an object of entityType and entity. Without a type it
// returns the entity itself, or null.
func (e Entity) MarshalJSON() ([]byte, error) {
	if e.Type == "" {
		return e.Raw.MarshalJSON()
	}
	return wire.Marshal(struct {
		Type EntityType      `json:"entityType"`
		Raw  json.RawMessage `json:"entity,omitempty"`
	}{e.Type, e.Raw})
}

// UnmarshalJSON accepts what MarshalJSON returns.
func (e *Entity) UnmarshalJSON(b []byte) error {
	kind, raw, err := wire.Entity(b)
	*e = Entity{EntityType(kind), raw}
	return err
}

// EntityType is the kind of an Entity. Other values may occur.
type EntityType string

// The documented types.
const (
	EntityTypeUser    EntityType = "user"
	EntityTypeGroup   EntityType = "group"
	EntityTypeMessage EntityType = "message"
	EntityTypeCall    EntityType = "call"
)

// User returns the entity as a user, or nil if it is not one.
func (e Entity) User() *User { return decodeEntity[User](e, EntityTypeUser) }

// Group returns the entity as a group, or nil if it is not one.
func (e Entity) Group() *Group { return decodeEntity[Group](e, EntityTypeGroup) }

// Message returns the entity as a message, or nil if it is not one.
func (e Entity) Message() *Message { return decodeEntity[Message](e, EntityTypeMessage) }

// Call returns the entity as a call, or nil if it is not one.
func (e Entity) Call() *MessageCall { return decodeEntity[MessageCall](e, EntityTypeCall) }

func decodeEntity[T any](e Entity, t EntityType) *T {
	if e.Type != t && e.Type != "" {
		return nil
	}
	return wire.Value[T](e.Raw)
}

// Format prints the type and the size, for every verb.
func (e Entity) Format(f fmt.State, _ rune) {
	if e.Type != "" || len(e.Raw) > 0 {
		fmt.Fprintf(f, "%s of %d bytes", cmp.Or(e.Type, "entity"), len(e.Raw))
	}
}

// LogValue returns the type and the size, for slog.
func (e Entity) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(e)) }

// MessageCall is a call at the moment that a message reports. Calls.Get returns
// its outcome, by its SessionID.
type MessageCall struct {
	SessionID string `json:"sessionid" wire:"id"`
	// Status is "initiated", "ongoing", "ended" or another state.
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
	// WSChannel holds what a client joins the call with.
	WSChannel WSChannel `json:"wsChannel,omitzero"`
}

// WSChannel holds the address and the credentials for joining a call. The
// credentials are never printed.
type WSChannel struct {
	Identity Secret `json:"identity,omitempty"`
	Secret   Secret `json:"secret,omitempty"`
	Service  string `json:"service,omitempty"`
}

// LogValue keeps the credentials out of logs.
func (c MessageCall) LogValue() slog.Value {
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
