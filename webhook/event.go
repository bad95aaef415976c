package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/wire"
)

// Event is an event that the API sends to a webhook: a pointer to one of the
// structs of this package that embed Envelope.
type Event interface {
	// Header returns the event's envelope; never nil.
	Header() *Envelope
}

// Envelope is the part that all events have. It holds no id of the event or of
// the delivery, no attempt number and no time of sending, since the API sends
// none.
type Envelope struct {
	Trigger Trigger
	AppID   string
	Region  cometchat.Region
	// Webhook is the id of the webhook that the event was sent to; "custom" in
	// requests to a custom notification provider.
	Webhook string
	// CallType is "call" or "meet" in events of calls and meetings.
	CallType string
	// Origin and ChatAPIVersion are set in some events of legacy webhooks.
	Origin         Origin
	ChatAPIVersion string
	// Data is the event's data as it was received, including what the types do
	// not name.
	Data Data
}

// Origin says what caused an event of a legacy webhook.
type Origin struct {
	// Platform is "API", "MGNT-API", "WEBSOCKET" or "WEBRTC".
	Platform string `json:"platform,omitempty"`
}

// Header returns e.
func (e *Envelope) Header() *Envelope { return e }

// LogValue returns where the event comes from, without its content, for slog.
func (e Envelope) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("trigger", string(e.Trigger)),
		slog.String("appId", e.AppID),
		slog.String("region", string(e.Region)),
		slog.String("webhook", e.Webhook),
	)
}

// Data is the JSON of an event. Printing it shows only its size, since it
// contains what people write.
type Data json.RawMessage

// Format prints the size, for every verb.
func (d Data) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "data of %d bytes", len(d)) }

// LogValue returns the size, for slog.
func (d Data) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(d)) }

// MarshalJSON returns the JSON text, null for nil.
func (d Data) MarshalJSON() ([]byte, error) { return json.RawMessage(d).MarshalJSON() }

// UnknownEvent is an event with a trigger, or with data of a shape, that this
// package does not know. Data holds what was received. It has no key.
type UnknownEvent struct{ Envelope }

// ErrNoEvent is returned by Parse, wrapped, for a body that is not an event.
var ErrNoEvent = errors.New("webhook: not an event")

// Parse decodes the body of a delivery. It returns a pointer to the struct for
// the trigger, or an *UnknownEvent if there is none or if the data does not fit
// it. Unknown members are not an error and stay in the envelope's Data. Members
// of another shape than documented are converted if possible (such as a number to
// a text), and are zero otherwise.
//
// The error matches ErrNoEvent. It reports a body that is not JSON, not an
// object, or an object without a trigger.
func Parse(body []byte) (Event, error) {
	e, _, err := parse(body)
	return e, err
}

// parse also returns the kind, "" for an UnknownEvent.
func parse(body []byte) (Event, Trigger, error) {
	var in struct {
		Trigger        Trigger          `json:"trigger"`
		Data           json.RawMessage  `json:"data"`
		AppID          string           `json:"appId"`
		Region         cometchat.Region `json:"region"`
		Webhook        string           `json:"webhook"`
		Type           string           `json:"type"`
		Origin         Origin           `json:"origin"`
		ChatAPIVersion string           `json:"chatAPIVersion"`
	}
	if err := wire.Decode(body, &in); err != nil {
		return nil, "", fmt.Errorf("%w: no JSON object of an event's shape (%d bytes)", ErrNoEvent, len(body))
	}
	if in.Trigger == "" {
		return nil, "", fmt.Errorf("%w: no trigger (%d bytes)", ErrNoEvent, len(body))
	}
	envelope := Envelope{
		Trigger: in.Trigger, AppID: in.AppID, Region: in.Region, Webhook: in.Webhook,
		CallType: in.Type, Origin: in.Origin, ChatAPIVersion: in.ChatAPIVersion, Data: Data(in.Data),
	}
	k := kindOf(in.Trigger, in.Data)
	if decode, known := kinds[k]; known && wire.KindOf(in.Data) == wire.KindObject && !deep(in.Data) {
		if e, err := decode(in.Data); err == nil {
			*e.Header() = envelope
			return e, k, nil
		}
	}
	return &UnknownEvent{envelope}, "", nil
}

// maxDepth is how deeply the data of an event may nest. Events nest no deeper
// than 12, and encoding/json takes time in proportion to the depth for every
// value that does not fit.
const maxDepth = 100

// deep reports whether valid JSON nests too deeply.
func deep(raw []byte) bool {
	depth, text := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			text = !text
		case text && c == '\\':
			i++
		case text:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// kindOf returns the trigger, and for a legacy receipt the trigger with its
// prefix: the modern ones have a body.
func kindOf(t Trigger, data json.RawMessage) Trigger {
	if t == TriggerMessageDeliveryReceipt || t == TriggerMessageReadReceipt {
		var receipt struct{ Body, MessageID json.RawMessage }
		if wire.Decode(data, &receipt) == nil && receipt.Body == nil && receipt.MessageID != nil {
			return "legacy " + t
		}
	}
	return t
}
