package webhook

import (
	"context"
	"encoding/json"

	"github.com/go-cometchat/cometchat"
)

// BeforeMessage is a message that a legacy webhook decides about before it is
// sent. It has no key: each request for a decision runs the callback.
type BeforeMessage struct {
	Envelope `json:"-"`
	// Message has no id yet.
	Message cometchat.Message
}

func (e *BeforeMessage) whole() *cometchat.Message { return &e.Message }

// BeforeMessageDecision decides what happens to a message. The zero value sends
// it unchanged.
type BeforeMessageDecision struct {
	// Drop prevents the message from being sent.
	Drop bool
	// Metadata, an object, is added to a message that is sent.
	Metadata cometchat.Metadata
}

// OnBeforeMessage calls f for every before_message, and responds with f's
// decision. A nil decision sends the message, and so does a handler without f.
// The API waits while f runs, even with Async.
func (h *Handler) OnBeforeMessage(f func(context.Context, *BeforeMessage) (*BeforeMessageDecision, error)) {
	if f == nil {
		panic("webhook: nil callback for before_message")
	}
	h.register(TriggerBeforeMessage, nil)
	h.beforeMessage = f
}

// answer is the response that the API reads.
func (d *BeforeMessageDecision) answer(webhook string) ([]byte, error) {
	switch {
	case d == nil || !d.Drop && d.Metadata.IsEmpty():
		return []byte("{}"), nil
	case d.Drop:
		return []byte(`{"action":"do_not_propagate"}`), nil
	}
	type injected struct {
		Webhooks map[string]cometchat.Metadata `json:"webhooks"`
	}
	return json.Marshal(map[string]injected{"@injected": {map[string]cometchat.Metadata{webhook: d.Metadata}}})
}

// AfterMessage reports to a legacy webhook that a message was sent.
type AfterMessage struct {
	Envelope `json:"-"`
	Message  cometchat.Message
}

func (e *AfterMessage) whole() *cometchat.Message { return &e.Message }

// OnAfterMessage calls f for every after_message.
func (h *Handler) OnAfterMessage(f func(context.Context, *AfterMessage) error) {
	on(h, TriggerAfterMessage, f)
}

func (e *AfterMessage) key() []string { return []string{e.Message.ID} }

// LegacyReceipt reports that a message was delivered or read.
type LegacyReceipt struct {
	MessageID       string                 `json:"messageId"`
	ReceiptType     string                 `json:"receiptType"` // "delivered" or "read"
	DeliveredAt     cometchat.UnixTime     `json:"deliveredAt,omitempty"`
	ReadAt          cometchat.UnixTime     `json:"readAt,omitempty"`
	MessageSender   string                 `json:"messageSender"`   // uid of the message's author
	ReceiptSender   string                 `json:"receiptSender"`   // uid of the user who received or read it
	ReceiptReceiver string                 `json:"receiptReceiver"` // uid or guid, as ReceiverType says
	ReceiverType    cometchat.ReceiverType `json:"receiverType"`
}

func (r *LegacyReceipt) key() []string { return []string{r.MessageID, r.ReceiptType, r.ReceiptSender} }

// LegacyMessageDeliveryReceipt reports to a legacy webhook that a message reached
// a user.
type LegacyMessageDeliveryReceipt struct {
	Envelope `json:"-"`
	LegacyReceipt
}

// OnLegacyMessageDeliveryReceipt calls f for every message_delivery_receipt of a
// legacy webhook.
func (h *Handler) OnLegacyMessageDeliveryReceipt(f func(context.Context, *LegacyMessageDeliveryReceipt) error) {
	on(h, legacyMessageDeliveryReceipt, f)
}

// LegacyMessageReadReceipt reports to a legacy webhook that a user read a
// message.
type LegacyMessageReadReceipt struct {
	Envelope `json:"-"`
	LegacyReceipt
}

// OnLegacyMessageReadReceipt calls f for every message_read_receipt of a legacy
// webhook.
func (h *Handler) OnLegacyMessageReadReceipt(f func(context.Context, *LegacyMessageReadReceipt) error) {
	on(h, legacyMessageReadReceipt, f)
}

// AfterConnectionStatusChanged reports to a legacy webhook that a user connected
// or disconnected. The webhook's setting calls it user_connection_status_change.
type AfterConnectionStatusChanged struct {
	Envelope    `json:"-"`
	User        LegacyPresence     `json:"user"`
	Event       LegacyPresenceTurn `json:"event"`
	Connections []LegacyConnection `json:"connections"` // those open now
}

// LegacyPresence says whether a user is present.
type LegacyPresence struct {
	UID             string               `json:"uid"`
	Status          cometchat.UserStatus `json:"status"` // "online" or "offline"
	StatusUpdated   bool                 `json:"status_updated"`
	StatusUpdatedAt cometchat.UnixMilli  `json:"status_updated_at"`
}

// LegacyPresenceTurn is a change of a connection.
type LegacyPresenceTurn struct {
	Type string              `json:"type"` // such as "connected"
	At   cometchat.UnixMilli `json:"at"`
	For  LegacyConnection    `json:"event_for"`
}

// LegacyConnection is a connection of a user.
type LegacyConnection struct {
	ConnectedAt cometchat.UnixMilli `json:"connected_at"`
	DeviceID    string              `json:"cometchat_device_id"`
	SessionID   string              `json:"session_id"`
	Platform    string              `json:"platform"`
}

// OnAfterConnectionStatusChanged calls f for every after_connection_status_changed.
func (h *Handler) OnAfterConnectionStatusChanged(f func(context.Context, *AfterConnectionStatusChanged) error) {
	on(h, TriggerAfterConnectionStatusChanged, f)
}

func (e *AfterConnectionStatusChanged) key() []string {
	return []string{e.User.UID, e.Event.Type, number(e.Event.At), e.Event.For.SessionID}
}
