package webhook

// Trigger names what an event tells. Any value may come.
type Trigger string

// The documented triggers. MessageDeliveryReceipt and MessageReadReceipt are
// those of legacy webhooks, too.
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
var kinds = map[Trigger]func() Event{
	TriggerMessageSent:            newEvent[MessageSent],
	TriggerMessageEdited:          newEvent[MessageEdited],
	TriggerMessageDeleted:         newEvent[MessageDeleted],
	TriggerMessageDeliveryReceipt: newEvent[MessageDeliveryReceipt],
	TriggerMessageReadReceipt:     newEvent[MessageReadReceipt],
	TriggerMessageDeliveredToAll:  newEvent[MessageDeliveredToAll],
	TriggerMessageReadByAll:       newEvent[MessageReadByAll],
	TriggerMessageReactionAdded:   newEvent[MessageReactionAdded],
	TriggerMessageReactionRemoved: newEvent[MessageReactionRemoved],
	TriggerUserMentioned:          newEvent[UserMentioned],

	TriggerUserBlocked:                 newEvent[UserBlocked],
	TriggerUserUnblocked:               newEvent[UserUnblocked],
	TriggerUserConnectionStatusChanged: newEvent[UserConnectionStatusChanged],

	TriggerGroupCreated:            newEvent[GroupCreated],
	TriggerGroupUpdated:            newEvent[GroupUpdated],
	TriggerGroupDeleted:            newEvent[GroupDeleted],
	TriggerGroupOwnerTransferred:   newEvent[GroupOwnerTransferred],
	TriggerGroupMemberAdded:        newEvent[GroupMemberAdded],
	TriggerGroupMemberKicked:       newEvent[GroupMemberKicked],
	TriggerGroupMemberBanned:       newEvent[GroupMemberBanned],
	TriggerGroupMemberUnbanned:     newEvent[GroupMemberUnbanned],
	TriggerGroupMemberJoined:       newEvent[GroupMemberJoined],
	TriggerGroupMemberLeft:         newEvent[GroupMemberLeft],
	TriggerGroupMemberScopeChanged: newEvent[GroupMemberScopeChanged],

	TriggerCallInitiated:            newEvent[CallInitiated],
	TriggerCallBusy:                 newEvent[CallBusy],
	TriggerCallCancelled:            newEvent[CallCancelled],
	TriggerCallRejected:             newEvent[CallRejected],
	TriggerCallUnanswered:           newEvent[CallUnanswered],
	TriggerCallStarted:              newEvent[CallStarted],
	TriggerCallParticipantJoined:    newEvent[CallParticipantJoined],
	TriggerCallParticipantLeft:      newEvent[CallParticipantLeft],
	TriggerCallEnded:                newEvent[CallEnded],
	TriggerMeetingStarted:           newEvent[MeetingStarted],
	TriggerMeetingParticipantJoined: newEvent[MeetingParticipantJoined],
	TriggerMeetingParticipantLeft:   newEvent[MeetingParticipantLeft],
	TriggerMeetingEnded:             newEvent[MeetingEnded],
	TriggerRecordingGenerated:       newEvent[RecordingGenerated],
	TriggerTranscriptionGenerated:   newEvent[TranscriptionGenerated],

	TriggerModerationEngineApproved: newEvent[ModerationEngineApproved],
	TriggerModerationEngineBlocked:  newEvent[ModerationEngineBlocked],
	TriggerModerationEngineFailed:   newEvent[ModerationEngineFailed],
	TriggerModerationManualApproved: newEvent[ModerationManualApproved],

	TriggerAfterCampaignCompleted:         newEvent[AfterCampaignCompleted],
	TriggerAfterCampaignFailed:            newEvent[AfterCampaignFailed],
	TriggerAfterNotificationCreated:       newEvent[AfterNotificationCreated],
	TriggerAfterFeedItemSent:              newEvent[AfterFeedItemSent],
	TriggerAfterFeedItemDelivered:         newEvent[AfterFeedItemDelivered],
	TriggerAfterFeedItemRead:              newEvent[AfterFeedItemRead],
	TriggerAfterFeedItemInteracted:        newEvent[AfterFeedItemInteracted],
	TriggerAfterPushNotificationSent:      newEvent[AfterPushNotificationSent],
	TriggerAfterPushNotificationDelivered: newEvent[AfterPushNotificationDelivered],
	TriggerAfterPushNotificationClicked:   newEvent[AfterPushNotificationClicked],

	TriggerBeforeMessage:                newEvent[BeforeMessage],
	TriggerAfterMessage:                 newEvent[AfterMessage],
	TriggerAfterConnectionStatusChanged: newEvent[AfterConnectionStatusChanged],
	legacyMessageDeliveryReceipt:        newEvent[LegacyMessageDeliveryReceipt],
	legacyMessageReadReceipt:            newEvent[LegacyMessageReadReceipt],

	TriggerPushNotificationPayloadGenerated:  newEvent[PushNotificationPayloadGenerated],
	TriggerEmailNotificationPayloadGenerated: newEvent[EmailNotificationPayloadGenerated],
	TriggerSMSNotificationPayloadGenerated:   newEvent[SMSNotificationPayloadGenerated],
}

// newEvent returns a new E, whose pointer is an Event.
func newEvent[E any, P interface {
	*E
	Event
}]() Event {
	return P(new(E))
}
