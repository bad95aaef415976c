package cometchat

import (
	"encoding/json"
	"log/slog"
	"time"
)

var listNotificationLogs = get("/notifications/v1/logs").pagedByID("logId")

// NotificationChannel is a way to deliver notifications.
type NotificationChannel string

// The channels of notifications.
const (
	NotificationChannelPush  NotificationChannel = "push"
	NotificationChannelEmail NotificationChannel = "email"
	NotificationChannelSMS   NotificationChannel = "sms"
)

// NotificationProvider is the kind of provider that delivers notifications.
type NotificationProvider string

// The kinds of providers: for push notifications FCM, APNS and Custom, for
// e-mails SendGrid and Custom, for SMS Twilio and Custom.
const (
	NotificationProviderFCM      NotificationProvider = "fcm"
	NotificationProviderAPNS     NotificationProvider = "apns"
	NotificationProviderSendGrid NotificationProvider = "sendgrid"
	NotificationProviderTwilio   NotificationProvider = "twilio"
	NotificationProviderCustom   NotificationProvider = "custom"
)

// NotificationTrigger is the event that a notification is about.
type NotificationTrigger string

// The events that notifications are about: messages, calls, and the members of
// groups.
const (
	NotificationTriggerMessageSent     NotificationTrigger = "after_message"
	NotificationTriggerMessageEdited   NotificationTrigger = "message_edited"
	NotificationTriggerMessageDeleted  NotificationTrigger = "message_deleted"
	NotificationTriggerReactionAdded   NotificationTrigger = "message_reaction_added"
	NotificationTriggerCallInitiated   NotificationTrigger = "initiated"
	NotificationTriggerCallRejected    NotificationTrigger = "rejected"
	NotificationTriggerCallCancelled   NotificationTrigger = "cancelled"
	NotificationTriggerCallUnanswered  NotificationTrigger = "unanswered"
	NotificationTriggerGroupJoined     NotificationTrigger = "after_group_joined"
	NotificationTriggerGroupLeft       NotificationTrigger = "after_group_left"
	NotificationTriggerMembersAdded    NotificationTrigger = "after_group_members_added"
	NotificationTriggerMembersKicked   NotificationTrigger = "after_group_members_kicked"
	NotificationTriggerMembersBanned   NotificationTrigger = "after_group_members_banned"
	NotificationTriggerMembersUnbanned NotificationTrigger = "after_group_members_unbanned"
	NotificationTriggerScopeChanged    NotificationTrigger = "after_scope_changed"
)

// NotificationReason is why a notification was not sent.
type NotificationReason string

// The reasons: a preference forbade the notification, or something was missing or
// failed.
const (
	NotificationReasonMessagesPreference       NotificationReason = "MESSAGES_PREFERENCE"
	NotificationReasonRepliesPreference        NotificationReason = "REPLIES_PREFERENCE"
	NotificationReasonQuotedRepliesPreference  NotificationReason = "QUOTED_REPLIES_PREFERENCE"
	NotificationReasonMessageActionsPreference NotificationReason = "MESSAGE_ACTIONS_PREFERENCE"
	NotificationReasonReactionsPreference      NotificationReason = "REACTIONS_PREFERENCE"
	NotificationReasonGroupActionsPreference   NotificationReason = "GROUP_ACTIONS_PREFERENCE"
	NotificationReasonDNDPreference            NotificationReason = "DND_PREFERENCE"
	NotificationReasonMutePreference           NotificationReason = "MUTE_PREFERENCE"
	NotificationReasonSchedulePreference       NotificationReason = "SCHEDULE_PREFERENCE"
	NotificationReasonCallPreference           NotificationReason = "CALL_PREFERENCE"
	NotificationReasonQuotaPreference          NotificationReason = "QUOTA_PREFERENCE"
	NotificationReasonMissingEmail             NotificationReason = "MISSING_EMAIL"
	NotificationReasonMissingPhNo              NotificationReason = "MISSING_PHNO"
	NotificationReasonInvalidPushProviderID    NotificationReason = "INVALID_PUSH_PROVIDER_ID"
	NotificationReasonTimedOut                 NotificationReason = "TIMED_OUT"
	NotificationReasonNotFound                 NotificationReason = "NOT_FOUND"
	NotificationReasonTwilioCreateError        NotificationReason = "TWILIO_CREATE_ERROR"
)

// NotificationLog is the outcome of one notification to one user on one device.
// It contains what people wrote.
type NotificationLog struct {
	ID                  string    `json:"_id"`
	ProcessingStartedAt UnixMilli `json:"processingStartedAtMS,omitempty"`
	ProcessingEndedAt   UnixMilli `json:"processingEndedAtMS,omitempty"`
	// ProcessingTimeInMS is the time between the two, in milliseconds.
	ProcessingTimeInMS int64                `json:"totalProcessingTimeInMS,omitempty"`
	MessageSentAt      UnixMilli            `json:"messageSentAtMS,omitempty"`
	Component          string               `json:"component,omitempty"`
	Channel            NotificationChannel  `json:"channel,omitempty"`
	Provider           NotificationProvider `json:"provider,omitempty"`
	ProviderID         string               `json:"providerId,omitempty"`
	Trigger            NotificationTrigger  `json:"trigger,omitempty"`
	// MessageID and ReactionID name what the notification is about.
	MessageID    string       `json:"messageId,omitempty"`
	ReactionID   string       `json:"reactionId,omitempty"`
	Sender       string       `json:"sender,omitempty"`
	Receiver     string       `json:"receiver,omitempty"`
	ReceiverType ReceiverType `json:"receiverType,omitempty"`
	// Member is the user to be notified in a group; ReactionReceiver is the user
	// to be notified of the action of ReactionSender.
	Member           string `json:"member,omitempty"`
	ReactionSender   string `json:"reactionSender,omitempty"`
	ReactionReceiver string `json:"reactionReceiver,omitempty"`
	// TokenType is the platform of the device with the PushToken.
	TokenType PushPlatform `json:"tokenType,omitempty"`
	PushToken Secret       `json:"pushToken,omitempty"`
	// Payload is what the provider was given, as the API returns it.
	Payload json.RawMessage `json:"payload,omitempty"`
	// NotificationTriggered reports whether the notification was handed to the
	// provider. If so, Success reports whether the provider accepted it; if not,
	// Reason says why.
	NotificationTriggered bool               `json:"notificationTriggered"`
	Success               *bool              `json:"success,omitempty"`
	Reason                NotificationReason `json:"reason,omitempty"`
}

func (l *NotificationLog) listID() string { return l.ID }

// LogValue returns the outcome of the notification, without its content, for
// slog.
func (l NotificationLog) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", l.ID), slog.String("channel", string(l.Channel)), slog.String("trigger", string(l.Trigger)),
		slog.String("messageId", l.MessageID), slog.Bool("notificationTriggered", l.NotificationTriggered), slog.String("reason", string(l.Reason)))
}

// NotificationLogListOptions filters logs. The zero value lists all of them. A
// page has 20 logs; its size cannot be chosen.
type NotificationLogListOptions struct {
	// MessageID and ReactionID are numbers.
	MessageID  string `url:"messageId,omitempty"`
	ReactionID string `url:"reactionId,omitempty"`
	// From and To limit the time when the message was sent, to the millisecond.
	From            time.Time            `url:"from,omitempty,unixmilli"`
	To              time.Time            `url:"to,omitempty,unixmilli"`
	MessageCategory MessageCategory      `url:"messageCategory,omitempty"`
	MessageType     MessageType          `url:"messageType,omitempty"`
	Trigger         NotificationTrigger  `url:"trigger,omitempty"`
	Channel         NotificationChannel  `url:"channel,omitempty"`
	Provider        NotificationProvider `url:"provider,omitempty"`
	// Sender is a uid; Receiver is a uid or a guid, depending on ReceiverType.
	Sender           string       `url:"sender,omitempty"`
	Receiver         string       `url:"receiver,omitempty"`
	ReceiverType     ReceiverType `url:"receiverType,omitempty"`
	Member           string       `url:"member,omitempty"`
	ReactionSender   string       `url:"reactionSender,omitempty"`
	ReactionReceiver string       `url:"reactionReceiver,omitempty"`
	// NotificationTriggered, Success and Reason are as in NotificationLog.
	NotificationTriggered *bool              `url:"notificationTriggered,omitempty"`
	Success               *bool              `url:"success,omitempty"`
	Reason                NotificationReason `url:"reason,omitempty"`
}

// NotificationLogsService lists the outcomes of notifications.
type NotificationLogsService service

// List lists logs. opts may be nil. It continues after the last log of a page,
// since the cursor in the API's response would only list logs of one message.
//
// GET /notifications/v1/logs
func (s *NotificationLogsService) List(opts *NotificationLogListOptions) *CursorList[NotificationLog] {
	return cursorList[NotificationLog](s.core, listNotificationLogs.at().query(opts))
}
