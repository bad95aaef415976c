package webhook

import (
	"context"

	"github.com/go-cometchat/cometchat"
)

// Recipient is the user that a notification is for. The API makes one request for
// each.
type Recipient struct {
	UID   string `json:"uid"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"` // in requests for e-mail
	Phone string `json:"phno,omitempty"`  // in requests for SMS
}

// NotificationDetails are the content of a push notification.
type NotificationDetails struct {
	Title          string                 `json:"title"`
	Body           string                 `json:"body"`
	Sender         string                 `json:"sender"` // uid
	SenderName     string                 `json:"senderName"`
	SenderAvatar   string                 `json:"senderAvatar,omitempty"` // URL
	Receiver       string                 `json:"receiver"`               // uid or guid, as ReceiverType says
	ReceiverName   string                 `json:"receiverName"`
	ReceiverAvatar string                 `json:"receiverAvatar,omitempty"` // URL
	ReceiverType   cometchat.ReceiverType `json:"receiverType"`
	// Tag is the id of a message or a reaction, or a guid.
	Tag                string              `json:"tag"`
	ConversationID     string              `json:"conversationId"`
	Type               string              `json:"type"` // "chat" or "call"
	SentAt             cometchat.UnixMilli `json:"sentAt"`
	UnreadMessageCount int                 `json:"unreadMessageCount,omitempty"`
	Message            *cometchat.Message  `json:"message,omitempty"`
	Custom             cometchat.Metadata  `json:"custom,omitempty"`
	// The following are set if Type is "call". CallAction is "initiated",
	// "cancelled", "unanswered", "ongoing", "rejected", "ended" or "busy".
	CallAction string                `json:"callAction,omitempty"`
	SessionID  string                `json:"sessionId,omitempty"`
	CallType   cometchat.MessageType `json:"callType,omitempty"`
}

// NotificationMessage is a message that a notification is about.
type NotificationMessage struct {
	Sender        cometchat.User     `json:"sender"`
	Message       string             `json:"message"` // the text
	MessageObject *cometchat.Message `json:"messageObject,omitempty"`
}

// UnreadMessages are the messages that an e-mail or SMS is about.
type UnreadMessages struct {
	To       Recipient             `json:"to"`
	Messages []NotificationMessage `json:"messages"`
	// SenderDetails are set in a conversation of two users, GroupDetails in a
	// group.
	SenderDetails *cometchat.User  `json:"senderDetails,omitempty"`
	GroupDetails  *cometchat.Group `json:"groupDetails,omitempty"`
}

// PushNotificationPayloadGenerated asks a custom provider to push a notification
// to one user. It has no key: a second delivery of it runs the callback again.
type PushNotificationPayloadGenerated struct {
	Envelope `json:"-"`
	To       Recipient           `json:"to"`
	Details  NotificationDetails `json:"notificationDetails"`
}

// OnPushNotificationPayloadGenerated calls f for every push-notification-payload-generated.
func (h *Handler) OnPushNotificationPayloadGenerated(f func(context.Context, *PushNotificationPayloadGenerated) error) {
	on(h, TriggerPushNotificationPayloadGenerated, f)
}

// EmailNotificationPayloadGenerated asks a custom provider to send an e-mail to
// one user. It has no key: a second delivery of it runs the callback again.
type EmailNotificationPayloadGenerated struct {
	Envelope `json:"-"`
	UnreadMessages
	Subject string `json:"subject"`
}

// OnEmailNotificationPayloadGenerated calls f for every email-notification-payload-generated.
func (h *Handler) OnEmailNotificationPayloadGenerated(f func(context.Context, *EmailNotificationPayloadGenerated) error) {
	on(h, TriggerEmailNotificationPayloadGenerated, f)
}

// SMSNotificationPayloadGenerated asks a custom provider to send an SMS to one
// user. It has no key: a second delivery of it runs the callback again.
type SMSNotificationPayloadGenerated struct {
	Envelope `json:"-"`
	UnreadMessages
}

// OnSMSNotificationPayloadGenerated calls f for every sms-notification-payload-generated.
func (h *Handler) OnSMSNotificationPayloadGenerated(f func(context.Context, *SMSNotificationPayloadGenerated) error) {
	on(h, TriggerSMSNotificationPayloadGenerated, f)
}
