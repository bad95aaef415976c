package webhook

import (
	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/wire"
)

// Trigger names the kind of an event. Other values may occur.
type Trigger string

// The documented triggers. Legacy webhooks also use MessageDeliveryReceipt and
// MessageReadReceipt.
const (
	// Messages.
	TriggerMessageSent            Trigger = "message_sent"
	TriggerMessageEdited          Trigger = "message_edited"
	TriggerMessageDeleted         Trigger = "message_deleted"
	TriggerMessageDeliveryReceipt Trigger = "message_delivery_receipt"
	TriggerMessageReadReceipt     Trigger = "message_read_receipt"
	TriggerMessageDeliveredToAll  Trigger = "message_delivered_to_all"
	TriggerMessageReadByAll       Trigger = "message_read_by_all"
	TriggerMessageReactionAdded   Trigger = "message_reaction_added"
	TriggerMessageReactionRemoved Trigger = "message_reaction_removed"
	TriggerUserMentioned          Trigger = "user_mentioned"

	// Users.
	TriggerUserBlocked                 Trigger = "user_blocked"
	TriggerUserUnblocked               Trigger = "user_unblocked"
	TriggerUserConnectionStatusChanged Trigger = "user_connection_status_changed"

	// Groups.
	TriggerGroupCreated            Trigger = "group_created"
	TriggerGroupUpdated            Trigger = "group_updated"
	TriggerGroupDeleted            Trigger = "group_deleted"
	TriggerGroupOwnerTransferred   Trigger = "group_owner_transferred"
	TriggerGroupMemberAdded        Trigger = "group_member_added"
	TriggerGroupMemberKicked       Trigger = "group_member_kicked"
	TriggerGroupMemberBanned       Trigger = "group_member_banned"
	TriggerGroupMemberUnbanned     Trigger = "group_member_unbanned"
	TriggerGroupMemberJoined       Trigger = "group_member_joined"
	TriggerGroupMemberLeft         Trigger = "group_member_left"
	TriggerGroupMemberScopeChanged Trigger = "group_member_scope_changed"

	// Calls and meetings.
	TriggerCallInitiated            Trigger = "call_initiated"
	TriggerCallBusy                 Trigger = "call_busy"
	TriggerCallCancelled            Trigger = "call_cancelled"
	TriggerCallRejected             Trigger = "call_rejected"
	TriggerCallUnanswered           Trigger = "call_unanswered"
	TriggerCallStarted              Trigger = "call_started"
	TriggerCallParticipantJoined    Trigger = "call_participant_joined"
	TriggerCallParticipantLeft      Trigger = "call_participant_left"
	TriggerCallEnded                Trigger = "call_ended"
	TriggerMeetingStarted           Trigger = "meeting_started"
	TriggerMeetingParticipantJoined Trigger = "meeting_participant_joined"
	TriggerMeetingParticipantLeft   Trigger = "meeting_participant_left"
	TriggerMeetingEnded             Trigger = "meeting_ended"
	TriggerRecordingGenerated       Trigger = "recording_generated"
	TriggerTranscriptionGenerated   Trigger = "transcription_generated"

	// Moderation.
	TriggerModerationEngineApproved Trigger = "moderation_engine_approved"
	TriggerModerationEngineBlocked  Trigger = "moderation_engine_blocked"
	TriggerModerationEngineFailed   Trigger = "moderation_engine_failed"
	TriggerModerationManualApproved Trigger = "moderation_manual_approved"

	// Campaigns.
	TriggerAfterCampaignCompleted         Trigger = "after_campaign_completed"
	TriggerAfterCampaignFailed            Trigger = "after_campaign_failed"
	TriggerAfterNotificationCreated       Trigger = "after_notification_created"
	TriggerAfterFeedItemSent              Trigger = "after_feed_item_sent"
	TriggerAfterFeedItemDelivered         Trigger = "after_feed_item_delivered"
	TriggerAfterFeedItemRead              Trigger = "after_feed_item_read"
	TriggerAfterFeedItemInteracted        Trigger = "after_feed_item_interacted"
	TriggerAfterPushNotificationSent      Trigger = "after_push_notification_sent"
	TriggerAfterPushNotificationDelivered Trigger = "after_push_notification_delivered"
	TriggerAfterPushNotificationClicked   Trigger = "after_push_notification_clicked"

	// Legacy webhooks.
	TriggerBeforeMessage                Trigger = "before_message"
	TriggerAfterMessage                 Trigger = "after_message"
	TriggerAfterConnectionStatusChanged Trigger = "after_connection_status_changed"

	// Requests to a custom notification provider.
	TriggerPushNotificationPayloadGenerated  Trigger = "push-notification-payload-generated"
	TriggerEmailNotificationPayloadGenerated Trigger = "email-notification-payload-generated"
	TriggerSMSNotificationPayloadGenerated   Trigger = "sms-notification-payload-generated"
)

// The kinds of events are the triggers, and those of legacy receipts, which share
// theirs with the modern ones.
const (
	legacyMessageDeliveryReceipt = "legacy " + TriggerMessageDeliveryReceipt
	legacyMessageReadReceipt     = "legacy " + TriggerMessageReadReceipt
)

// kinds has the type of every kind of event.
var kinds = map[Trigger]func(data []byte) (Event, error){
	TriggerMessageSent:            decoded[MessageSent],
	TriggerMessageEdited:          decoded[MessageEdited],
	TriggerMessageDeleted:         decoded[MessageDeleted],
	TriggerMessageDeliveryReceipt: decoded[MessageDeliveryReceipt],
	TriggerMessageReadReceipt:     decoded[MessageReadReceipt],
	TriggerMessageDeliveredToAll:  decoded[MessageDeliveredToAll],
	TriggerMessageReadByAll:       decoded[MessageReadByAll],
	TriggerMessageReactionAdded:   decoded[MessageReactionAdded],
	TriggerMessageReactionRemoved: decoded[MessageReactionRemoved],
	TriggerUserMentioned:          decoded[UserMentioned],

	TriggerUserBlocked:                 decoded[UserBlocked],
	TriggerUserUnblocked:               decoded[UserUnblocked],
	TriggerUserConnectionStatusChanged: decoded[UserConnectionStatusChanged],

	TriggerGroupCreated:            decoded[GroupCreated],
	TriggerGroupUpdated:            decoded[GroupUpdated],
	TriggerGroupDeleted:            decoded[GroupDeleted],
	TriggerGroupOwnerTransferred:   decoded[GroupOwnerTransferred],
	TriggerGroupMemberAdded:        decoded[GroupMemberAdded],
	TriggerGroupMemberKicked:       decoded[GroupMemberKicked],
	TriggerGroupMemberBanned:       decoded[GroupMemberBanned],
	TriggerGroupMemberUnbanned:     decoded[GroupMemberUnbanned],
	TriggerGroupMemberJoined:       decoded[GroupMemberJoined],
	TriggerGroupMemberLeft:         decoded[GroupMemberLeft],
	TriggerGroupMemberScopeChanged: decoded[GroupMemberScopeChanged],

	TriggerCallInitiated:            decoded[CallInitiated],
	TriggerCallBusy:                 decoded[CallBusy],
	TriggerCallCancelled:            decoded[CallCancelled],
	TriggerCallRejected:             decoded[CallRejected],
	TriggerCallUnanswered:           decoded[CallUnanswered],
	TriggerCallStarted:              decoded[CallStarted],
	TriggerCallParticipantJoined:    decoded[CallParticipantJoined],
	TriggerCallParticipantLeft:      decoded[CallParticipantLeft],
	TriggerCallEnded:                decoded[CallEnded],
	TriggerMeetingStarted:           decoded[MeetingStarted],
	TriggerMeetingParticipantJoined: decoded[MeetingParticipantJoined],
	TriggerMeetingParticipantLeft:   decoded[MeetingParticipantLeft],
	TriggerMeetingEnded:             decoded[MeetingEnded],
	TriggerRecordingGenerated:       decoded[RecordingGenerated],
	TriggerTranscriptionGenerated:   decoded[TranscriptionGenerated],

	TriggerModerationEngineApproved: decoded[ModerationEngineApproved],
	TriggerModerationEngineBlocked:  decoded[ModerationEngineBlocked],
	TriggerModerationEngineFailed:   decoded[ModerationEngineFailed],
	TriggerModerationManualApproved: decoded[ModerationManualApproved],

	TriggerAfterCampaignCompleted:         decoded[AfterCampaignCompleted],
	TriggerAfterCampaignFailed:            decoded[AfterCampaignFailed],
	TriggerAfterNotificationCreated:       decoded[AfterNotificationCreated],
	TriggerAfterFeedItemSent:              decoded[AfterFeedItemSent],
	TriggerAfterFeedItemDelivered:         decoded[AfterFeedItemDelivered],
	TriggerAfterFeedItemRead:              decoded[AfterFeedItemRead],
	TriggerAfterFeedItemInteracted:        decoded[AfterFeedItemInteracted],
	TriggerAfterPushNotificationSent:      decoded[AfterPushNotificationSent],
	TriggerAfterPushNotificationDelivered: decoded[AfterPushNotificationDelivered],
	TriggerAfterPushNotificationClicked:   decoded[AfterPushNotificationClicked],

	TriggerBeforeMessage:                decoded[BeforeMessage],
	TriggerAfterMessage:                 decoded[AfterMessage],
	TriggerAfterConnectionStatusChanged: decoded[AfterConnectionStatusChanged],
	legacyMessageDeliveryReceipt:        decoded[LegacyMessageDeliveryReceipt],
	legacyMessageReadReceipt:            decoded[LegacyMessageReadReceipt],

	TriggerPushNotificationPayloadGenerated:  decoded[PushNotificationPayloadGenerated],
	TriggerEmailNotificationPayloadGenerated: decoded[EmailNotificationPayloadGenerated],
	TriggerSMSNotificationPayloadGenerated:   decoded[SMSNotificationPayloadGenerated],
}

// decoded decodes the data of an event of type E, whose pointer is an Event.
func decoded[E any, P interface {
	*E
	Event
}](data []byte) (Event, error) {
	e := new(E)
	if w, ok := any(e).(interface{ whole() *cometchat.Message }); ok {
		return P(e), wire.Decode(data, w.whole())
	}
	return P(e), wire.Decode(data, e)
}
