package webhook

import (
	"context"

	"github.com/go-cometchat/cometchat"
)

// MessageSent reports a message that a user or the app sent. A message that
// moderation blocks causes no such event. Whether messages of the front-end SDKs
// cause one depends on the app, so do not rely on receiving an event for every
// message.
type MessageSent struct {
	Envelope `json:"-"`
	Message  cometchat.Message `json:"message"`
}

// OnMessageSent calls f for every message_sent.
func (h *Handler) OnMessageSent(f func(context.Context, *MessageSent) error) {
	on(h, TriggerMessageSent, f)
}

func (e *MessageSent) key() []string { return []string{e.Message.ID} }

// MessageEdited reports an edit.
type MessageEdited struct {
	Envelope `json:"-"`
	// Message is the message in the event: an action message that reports the
	// edit, or the edited message itself. Target returns the latter in both
	// cases.
	Message cometchat.Message `json:"message"`
}

// OnMessageEdited calls f for every message_edited.
func (h *Handler) OnMessageEdited(f func(context.Context, *MessageEdited) error) {
	on(h, TriggerMessageEdited, f)
}

// Target returns the message as it is after the edit; nil if the event does not
// include it.
func (e *MessageEdited) Target() *cometchat.Message { return target(&e.Message) }

// key includes the content, since a message can be edited twice within a second.
func (e *MessageEdited) key() []string {
	t := e.Target()
	if t == nil {
		return nil
	}
	return []string{t.ID, number(t.EditedAt), content(t)}
}

// MessageDeleted reports a message's deletion.
type MessageDeleted struct {
	Envelope `json:"-"`
	// Message is the message in the event: an action message that reports the
	// deletion, or the deleted message itself. Target returns the latter in both
	// cases.
	Message cometchat.Message `json:"message"`
}

// OnMessageDeleted calls f for every message_deleted.
func (h *Handler) OnMessageDeleted(f func(context.Context, *MessageDeleted) error) {
	on(h, TriggerMessageDeleted, f)
}

// Target returns the deleted message, without its text; some events include only
// ID, ConversationID, DeletedAt and DeletedBy. It is nil if the event includes
// none.
func (e *MessageDeleted) Target() *cometchat.Message { return target(&e.Message) }

func (e *MessageDeleted) key() []string {
	if t := e.Target(); t != nil {
		return []string{t.ID}
	}
	return nil
}

// target finds the changed message in both known shapes.
func target(m *cometchat.Message) *cometchat.Message {
	if t := m.TargetMessage(); t != nil {
		return t
	}
	if m.ID == "" || m.Category == cometchat.MessageCategoryAction {
		return nil
	}
	return m
}

// UserMentioned reports a message that mentions users.
type UserMentioned struct {
	Envelope `json:"-"`
	// Message holds the mentioned users in Data.Mentions.
	Message cometchat.Message `json:"message"`
}

// OnUserMentioned calls f for every user_mentioned.
func (h *Handler) OnUserMentioned(f func(context.Context, *UserMentioned) error) {
	on(h, TriggerUserMentioned, f)
}

func (e *UserMentioned) key() []string { return []string{e.Message.ID} }

// Receipt reports that a message was delivered or read.
type Receipt struct {
	// Receiver is the receiver of the message: a uid or a guid, depending on
	// ReceiverType.
	Receiver     string                 `json:"receiver"`
	ReceiverType cometchat.ReceiverType `json:"receiverType"`
	Type         string                 `json:"type"` // "receipts"
	// Sender is the uid of the user who received or read the message; app_system
	// if the receipt is about all members of a group.
	Sender string `json:"sender"`
	// MessageSender is the uid of the message's author.
	MessageSender string      `json:"messageSender"`
	Body          ReceiptBody `json:"body"`
}

// ReceiptBody is the content of a Receipt.
type ReceiptBody struct {
	MessageID string `json:"messageId"`
	// Action is "delivered", "read", "deliveredToAll" or "readByAll".
	Action    string             `json:"action"`
	User      cometchat.User     `json:"user"` // Status is "online" or "offline"
	Timestamp cometchat.UnixTime `json:"timestamp"`
}

// MessageDeliveryReceipt reports that a message reached a user.
type MessageDeliveryReceipt struct {
	Envelope `json:"-"`
	Receipt
}

// OnMessageDeliveryReceipt calls f for every message_delivery_receipt of a modern
// webhook.
func (h *Handler) OnMessageDeliveryReceipt(f func(context.Context, *MessageDeliveryReceipt) error) {
	on(h, TriggerMessageDeliveryReceipt, f)
}

func (e *MessageDeliveryReceipt) key() []string { return e.ofOne() }

// MessageReadReceipt reports that a user read a message.
type MessageReadReceipt struct {
	Envelope `json:"-"`
	Receipt
}

// OnMessageReadReceipt calls f for every message_read_receipt of a modern
// webhook.
func (h *Handler) OnMessageReadReceipt(f func(context.Context, *MessageReadReceipt) error) {
	on(h, TriggerMessageReadReceipt, f)
}

func (e *MessageReadReceipt) key() []string { return e.ofOne() }

// MessageDeliveredToAll reports that a message reached all members of a group.
type MessageDeliveredToAll struct {
	Envelope `json:"-"`
	Receipt
}

// OnMessageDeliveredToAll calls f for every message_delivered_to_all.
func (h *Handler) OnMessageDeliveredToAll(f func(context.Context, *MessageDeliveredToAll) error) {
	on(h, TriggerMessageDeliveredToAll, f)
}

func (e *MessageDeliveredToAll) key() []string { return e.ofAll() }

// MessageReadByAll reports that all members of a group read a message.
type MessageReadByAll struct {
	Envelope `json:"-"`
	Receipt
}

// OnMessageReadByAll calls f for every message_read_by_all.
func (h *Handler) OnMessageReadByAll(f func(context.Context, *MessageReadByAll) error) {
	on(h, TriggerMessageReadByAll, f)
}

func (e *MessageReadByAll) key() []string { return e.ofAll() }

func (r *Receipt) ofOne() []string { return []string{r.Body.MessageID, r.Body.Action, r.Sender} }
func (r *Receipt) ofAll() []string { return []string{r.Body.MessageID, r.Body.Action, r.Receiver} }

// MessageReactionAdded reports a reaction to a message. It includes neither the
// message nor its conversation.
type MessageReactionAdded struct {
	Envelope `json:"-"`
	Reaction cometchat.Reaction `json:"reaction"`
}

// OnMessageReactionAdded calls f for every message_reaction_added.
func (h *Handler) OnMessageReactionAdded(f func(context.Context, *MessageReactionAdded) error) {
	on(h, TriggerMessageReactionAdded, f)
}

func (e *MessageReactionAdded) key() []string {
	return []string{e.Reaction.ID, number(e.Reaction.ReactedAt)}
}

// MessageReactionRemoved reports that a user removed a reaction.
type MessageReactionRemoved struct {
	Envelope `json:"-"`
	Reaction cometchat.Reaction `json:"reaction"`
}

// OnMessageReactionRemoved calls f for every message_reaction_removed.
func (h *Handler) OnMessageReactionRemoved(f func(context.Context, *MessageReactionRemoved) error) {
	on(h, TriggerMessageReactionRemoved, f)
}

func (e *MessageReactionRemoved) key() []string {
	return []string{e.Reaction.ID, number(e.Reaction.ReactedAt)}
}
