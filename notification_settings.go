package cometchat

import (
	"context"
	"fmt"
	"time"
)

var (
	getNotificationSettings    = get("/notifications/v1/settings")
	updateNotificationSettings = patch("/notifications/v1/settings")
	resetNotificationSettings  = del("/notifications/v1/settings")
)

// MessageNotifications selects the messages that notify a user.
type MessageNotifications int

// The messages that notify.
const (
	MessageNotificationsNone     MessageNotifications = 1
	MessageNotificationsAll      MessageNotifications = 2
	MessageNotificationsMentions MessageNotifications = 3 // those that mention the user
)

// ReactionNotifications selects the reactions that notify a user.
type ReactionNotifications int

// The reactions that notify.
const (
	ReactionNotificationsNone        ReactionNotifications = 1
	ReactionNotificationsOwnMessages ReactionNotifications = 2 // those to the user's own messages
	ReactionNotificationsAll         ReactionNotifications = 3
)

// EventNotifications says whether events of one kind notify a user.
type EventNotifications int

// Whether events notify.
const (
	EventNotificationsOff EventNotifications = 1
	EventNotificationsOn  EventNotifications = 2
)

// DoNotDisturb says whether a user must not be disturbed at all.
type DoNotDisturb int

// Whether a user must not be disturbed.
const (
	DoNotDisturbOff DoNotDisturb = 1
	DoNotDisturbOn  DoNotDisturb = 2
)

// PrivacyTemplates selects the templates of notifications.
type PrivacyTemplates int

// The templates in use.
const (
	PrivacyTemplatesNever    PrivacyTemplates = 1 // the default templates
	PrivacyTemplatesAlways   PrivacyTemplates = 2 // the privacy templates
	PrivacyTemplatesByChoice PrivacyTemplates = 3 // the privacy templates for users who want them
)

// NotificationSettings are an app's settings for notifications: what applies to
// users whose own preferences do not differ, and whether these may differ. In an
// update, a field that is nil or zero is left alone.
type NotificationSettings struct {
	Preferences *AppNotificationPreferences `json:"preferences,omitempty"`
	Sound       *NotificationSound          `json:"sound,omitempty"`
	Templates   *NotificationTemplates      `json:"templates,omitempty"`
}

func (s *NotificationSettings) validate(v *validation) {
	if p := s.Preferences; p != nil && p.Mute != nil {
		p.Mute.Schedule.check(v, "preferences.mute.schedulePreferenceSetting")
	}
}

// written leaves out the members that are set only in responses.
func (s *NotificationSettings) written() any {
	if s.Preferences == nil {
		return s
	}
	settings, preferences := *s, *s.Preferences
	settings.Preferences = &preferences
	if preferences.Call != nil {
		call := *preferences.Call
		call.CallNotificationOverrides = CallNotificationOverrides{}
		preferences.Call = &call
	}
	if preferences.Mute != nil {
		mute := *preferences.Mute
		mute.DND = 0
		preferences.Mute = &mute
	}
	return &settings
}

// AppNotificationPreferences are the preferences of an app.
type AppNotificationPreferences struct {
	Group    *GroupNotifications    `json:"group,omitempty"`
	OneOnOne *OneOnOneNotifications `json:"oneOnOne,omitempty"`
	Call     *CallNotifications     `json:"call,omitempty"`
	Mute     *MuteNotifications     `json:"mute,omitempty"`
	Email    *DigestNotifications   `json:"email,omitempty"`
	SMS      *DigestNotifications   `json:"sms,omitempty"`
	Push     *PushPayload           `json:"push,omitempty"`
	// BypassForMentions and BypassForGroupMentions notify users who are
	// mentioned, by name or with their whole group, whatever their preferences.
	BypassForMentions      *bool `json:"bypassPreferencesForMentions,omitempty"`
	BypassForGroupMentions *bool `json:"bypassPreferencesForGroupMentions,omitempty"`
}

// GroupNotifications are the preferences for events in groups. The overrides say
// whether users may choose otherwise; only settings have MessageEdited and
// MessageDeleted.
type GroupNotifications struct {
	Messages                   MessageNotifications  `json:"messagesSetting,omitempty"`
	MessagesOverride           *bool                 `json:"messagesOverride,omitempty"`
	Replies                    MessageNotifications  `json:"repliesSetting,omitempty"`
	RepliesOverride            *bool                 `json:"repliesOverride,omitempty"`
	QuotedReplies              MessageNotifications  `json:"quotedRepliesSetting,omitempty"`
	QuotedRepliesOverride      *bool                 `json:"quotedRepliesOverride,omitempty"`
	Reactions                  ReactionNotifications `json:"reactionsSetting,omitempty"`
	ReactionsOverride          *bool                 `json:"reactionsOverride,omitempty"`
	MemberLeft                 EventNotifications    `json:"memberLeftSetting,omitempty"`
	MemberLeftOverride         *bool                 `json:"memberLeftOverride,omitempty"`
	MemberAdded                EventNotifications    `json:"memberAddedSetting,omitempty"`
	MemberAddedOverride        *bool                 `json:"memberAddedOverride,omitempty"`
	MemberJoined               EventNotifications    `json:"memberJoinedSetting,omitempty"`
	MemberJoinedOverride       *bool                 `json:"memberJoinedOverride,omitempty"`
	MemberKicked               EventNotifications    `json:"memberKickedSetting,omitempty"`
	MemberKickedOverride       *bool                 `json:"memberKickedOverride,omitempty"`
	MemberBanned               EventNotifications    `json:"memberBannedSetting,omitempty"`
	MemberBannedOverride       *bool                 `json:"memberBannedOverride,omitempty"`
	MemberUnbanned             EventNotifications    `json:"memberUnbannedSetting,omitempty"`
	MemberUnbannedOverride     *bool                 `json:"memberUnbannedOverride,omitempty"`
	MemberScopeChanged         EventNotifications    `json:"memberScopeChangedSetting,omitempty"`
	MemberScopeChangedOverride *bool                 `json:"memberScopeChangedOverride,omitempty"`
	MessageEdited              EventNotifications    `json:"messageEditedSetting,omitempty"`
	MessageDeleted             EventNotifications    `json:"messageDeletedSetting,omitempty"`
}

// OneOnOneNotifications are the preferences for conversations of two users, as
// in GroupNotifications.
type OneOnOneNotifications struct {
	Messages              MessageNotifications  `json:"messagesSetting,omitempty"`
	MessagesOverride      *bool                 `json:"messagesOverride,omitempty"`
	Replies               MessageNotifications  `json:"repliesSetting,omitempty"`
	RepliesOverride       *bool                 `json:"repliesOverride,omitempty"`
	QuotedReplies         MessageNotifications  `json:"quotedRepliesSetting,omitempty"`
	QuotedRepliesOverride *bool                 `json:"quotedRepliesOverride,omitempty"`
	Reactions             ReactionNotifications `json:"reactionsSetting,omitempty"`
	ReactionsOverride     *bool                 `json:"reactionsOverride,omitempty"`
	MessageEdited         EventNotifications    `json:"messageEditedSetting,omitempty"`
	MessageDeleted        EventNotifications    `json:"messageDeletedSetting,omitempty"`
}

// CallNotifications are the preferences for calls.
type CallNotifications struct {
	Initiated  EventNotifications `json:"initiatedSetting,omitempty"`
	Ongoing    EventNotifications `json:"ongoingSetting,omitempty"`
	Cancelled  EventNotifications `json:"cancelledSetting,omitempty"`
	Busy       EventNotifications `json:"busySetting,omitempty"`
	Rejected   EventNotifications `json:"rejectedSetting,omitempty"`
	Unanswered EventNotifications `json:"unansweredSetting,omitempty"`
	Ended      EventNotifications `json:"endedSetting,omitempty"`
	CallNotificationOverrides
}

// CallNotificationOverrides say whether users may choose otherwise. They are set
// in responses; Update does not send them.
type CallNotificationOverrides struct {
	InitiatedOverride  *bool `json:"initiatedOverride,omitempty"`
	OngoingOverride    *bool `json:"ongoingOverride,omitempty"`
	CancelledOverride  *bool `json:"cancelledOverride,omitempty"`
	BusyOverride       *bool `json:"busyOverride,omitempty"`
	RejectedOverride   *bool `json:"rejectedOverride,omitempty"`
	UnansweredOverride *bool `json:"unansweredOverride,omitempty"`
	EndedOverride      *bool `json:"endedOverride,omitempty"`
}

// MuteNotifications are the preferences that silence notifications.
type MuteNotifications struct {
	// DND can be set for a user. Settings have it only in responses; their Update
	// does not send it.
	DND         DoNotDisturb `json:"dndPreferenceSetting,omitempty"`
	DNDOverride *bool        `json:"dndPreferenceOverride,omitempty"`
	// Schedule holds the hours in which notifications are delivered.
	Schedule               *NotificationSchedule `json:"schedulePreferenceSetting,omitempty"`
	ScheduleOverride       *bool                 `json:"schedulePreferenceOverride,omitempty"`
	MutedGroupsOverride    *bool                 `json:"mutedGroupsOverride,omitempty"`
	MutedOneOnOnesOverride *bool                 `json:"mutedOneOnOnesOverride,omitempty"`
}

// NotificationSchedule holds the hours of a week in which notifications are
// delivered, in the user's time zone. In an update, a nil day is left alone.
type NotificationSchedule struct {
	Monday    *NotificationHours `json:"monday,omitempty"`
	Tuesday   *NotificationHours `json:"tuesday,omitempty"`
	Wednesday *NotificationHours `json:"wednesday,omitempty"`
	Thursday  *NotificationHours `json:"thursday,omitempty"`
	Friday    *NotificationHours `json:"friday,omitempty"`
	Saturday  *NotificationHours `json:"saturday,omitempty"`
	Sunday    *NotificationHours `json:"sunday,omitempty"`
}

// EveryDay returns a schedule with the same hours on each day.
func EveryDay(hours NotificationHours) *NotificationSchedule {
	s := &NotificationSchedule{}
	for _, day := range s.days() {
		*day.hours = &hours
	}
	return s
}

type scheduledDay struct {
	name  string
	hours **NotificationHours
}

func (s *NotificationSchedule) days() []scheduledDay {
	return []scheduledDay{
		{"monday", &s.Monday}, {"tuesday", &s.Tuesday}, {"wednesday", &s.Wednesday}, {"thursday", &s.Thursday},
		{"friday", &s.Friday}, {"saturday", &s.Saturday}, {"sunday", &s.Sunday},
	}
}

func (s *NotificationSchedule) check(v *validation, field string) {
	if s == nil {
		return
	}
	for _, day := range s.days() {
		if hours := *day.hours; hours != nil {
			hours.From.check(v, field+"."+day.name+".from")
			hours.To.check(v, field+"."+day.name+".to")
		}
	}
}

// NotificationHours are the hours of a day in which notifications are delivered.
// The whole day is from 00:00 to 23:59.
type NotificationHours struct {
	From ClockTime `json:"from"`
	To   ClockTime `json:"to"`
	// DND delivers no notifications on this day.
	DND bool `json:"dnd"`
}

// ClockTime is a time of day to the minute, as the API writes it: the hour
// times 100 plus the minute, so that 2230 is half past ten in the evening.
type ClockTime int

// Clock returns the time of day with this hour, 0 to 23, and minute, 0 to 59.
// Requests with any other values are refused with a *ValidationError.
func Clock(hour, minute int) ClockTime { return ClockTime(100*hour + minute) }

// Hour returns the hour, 0 to 23.
func (t ClockTime) Hour() int { return int(t) / 100 }

// Minute returns the minute, 0 to 59.
func (t ClockTime) Minute() int { return int(t) % 100 }

// SinceMidnight returns the time since the beginning of the day.
func (t ClockTime) SinceMidnight() time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

// String returns the time as in "22:30".
func (t ClockTime) String() string { return fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute()) }

func (t ClockTime) check(v *validation, field string) {
	if t < 0 || t > 2359 || t.Minute() > 59 {
		v.add(ValidationError{Field: field, Limit: 2359, Size: int(t), Reason: fmt.Sprintf("%d is no time of day, 00:00 to 23:59", int(t))})
	}
}

// DigestNotifications are the preferences for e-mails or SMS that report several
// messages at once.
type DigestNotifications struct {
	// NotifyForUnreadOnly leaves out messages that have been read.
	NotifyForUnreadOnly *bool `json:"notifyForUnreadOnly,omitempty"`
	// IntervalInSeconds is the shortest time between two of them.
	IntervalInSeconds        *int `json:"intervalInSeconds,omitempty"`
	MaxPerDay                *int `json:"maxPerDay,omitempty"`
	MaxPerDayPerConversation *int `json:"maxPerDayPerConversation,omitempty"`
	NotificationContents
}

// NotificationContents says what notifications contain for the app's own code.
type NotificationContents struct {
	IncludeMessageObject    *bool `json:"includeMessageObjectSetting,omitempty"`
	IncludeSenderMetadata   *bool `json:"includeSenderMetadataSetting,omitempty"`
	IncludeReceiverMetadata *bool `json:"includeReceiverMetadataSetting,omitempty"`
	IncludeMessageMetadata  *bool `json:"includeMessageMetadataSetting,omitempty"`
}

// PushPayload says what push notifications contain.
type PushPayload struct {
	NotificationContents
	// TrimText cuts long texts.
	TrimText *bool `json:"trimTextFieldSetting,omitempty"`
	// CustomJSON is included in each of them: a JSON object of the app's own.
	CustomJSON Metadata `json:"customJson,omitzero"`
}

// NotificationSound names the sounds that notifications play.
type NotificationSound struct {
	Chat string `json:"chat,omitempty"`
	Call string `json:"call,omitempty"`
}

// NotificationTemplates are the texts of notifications by event, each with the
// message's text (Default) and without it (Privacy). It is not documented whether
// an update replaces a template or merges into it, so send whole templates.
type NotificationTemplates struct {
	UsePrivacyTemplate          PrivacyTemplates      `json:"usePrivacyTemplate,omitempty"`
	TextMessageDefault          *NotificationTemplate `json:"textMessageTemplateDefault,omitempty"`
	TextMessagePrivacy          *NotificationTemplate `json:"textMessageTemplatePrivacy,omitempty"`
	MediaMessageDefault         *NotificationTemplate `json:"mediaMessageTemplateDefault,omitempty"`
	MediaMessagePrivacy         *NotificationTemplate `json:"mediaMessageTemplatePrivacy,omitempty"`
	CustomMessageDefault        *NotificationTemplate `json:"customMessageTemplateDefault,omitempty"`
	CustomMessagePrivacy        *NotificationTemplate `json:"customMessageTemplatePrivacy,omitempty"`
	PollMessageDefault          *NotificationTemplate `json:"pollMessageTemplateDefault,omitempty"`
	PollMessagePrivacy          *NotificationTemplate `json:"pollMessageTemplatePrivacy,omitempty"`
	ReminderMessageDefault      *NotificationTemplate `json:"reminderMessageTemplateDefault,omitempty"`
	ReminderMessagePrivacy      *NotificationTemplate `json:"reminderMessageTemplatePrivacy,omitempty"`
	InteractiveFormDefault      *NotificationTemplate `json:"interactiveFormTemplateDefault,omitempty"`
	InteractiveFormPrivacy      *NotificationTemplate `json:"interactiveFormTemplatePrivacy,omitempty"`
	InteractiveCardDefault      *NotificationTemplate `json:"interactiveCardTemplateDefault,omitempty"`
	InteractiveCardPrivacy      *NotificationTemplate `json:"interactiveCardTemplatePrivacy,omitempty"`
	InteractiveSchedulerDefault *NotificationTemplate `json:"interactiveSchedulerTemplateDefault,omitempty"`
	InteractiveSchedulerPrivacy *NotificationTemplate `json:"interactiveSchedulerTemplatePrivacy,omitempty"`
	InteractiveCustomDefault    *NotificationTemplate `json:"interactiveCustomTemplateDefault,omitempty"`
	InteractiveCustomPrivacy    *NotificationTemplate `json:"interactiveCustomTemplatePrivacy,omitempty"`
	UserMentionDefault          *NotificationTemplate `json:"userMentionTemplateDefault,omitempty"`
	UserMentionPrivacy          *NotificationTemplate `json:"userMentionTemplatePrivacy,omitempty"`
	GroupMentionDefault         *NotificationTemplate `json:"groupMentionTemplateDefault,omitempty"`
	GroupMentionPrivacy         *NotificationTemplate `json:"groupMentionTemplatePrivacy,omitempty"`
	EmailSubjectDefault         *EmailSubjectTemplate `json:"emailSubjectTemplateDefault,omitempty"`
	EmailSubjectPrivacy         *EmailSubjectTemplate `json:"emailSubjectTemplatePrivacy,omitempty"`
	SMSContentDefault           *SMSContentTemplate   `json:"smsContentTemplateDefault,omitempty"`
	SMSContentPrivacy           *SMSContentTemplate   `json:"smsContentTemplatePrivacy,omitempty"`
}

// NotificationTemplate is the text of a push notification. Names in double
// braces, such as {{message.data.text}}, stand for parts of the message. Which
// members a template has depends on the event; nil is left alone.
type NotificationTemplate struct {
	TitleOneOnOne *string `json:"titleOneOnOne,omitempty"`
	TitleGroup    *string `json:"titleGroup,omitempty"`
	Body          *string `json:"body,omitempty"`
	BodyOneOnOne  *string `json:"bodyOneOnOne,omitempty"`
	BodyGroup     *string `json:"bodyGroup,omitempty"`
	BodyFallback  *string `json:"body_fallback,omitempty"`
	BodyImage     *string `json:"body_image,omitempty"`
	BodyAudio     *string `json:"body_audio,omitempty"`
	BodyVideo     *string `json:"body_video,omitempty"`
	BodyFile      *string `json:"body_file,omitempty"`
}

// EmailSubjectTemplate is the subject of an e-mail, as in NotificationTemplate.
type EmailSubjectTemplate struct {
	SubjectOneOnOne *string `json:"subjectOneOnOne,omitempty"`
	SubjectGroup    *string `json:"subjectGroup,omitempty"`
}

// SMSContentTemplate is the text of an SMS, as in NotificationTemplate.
type SMSContentTemplate struct {
	BodyOneOnOne *string `json:"bodyOneOnOne,omitempty"`
	BodyGroup    *string `json:"bodyGroup,omitempty"`
}

// NotificationSettingsService manages an app's settings for notifications.
type NotificationSettingsService service

// Get returns the settings.
//
// GET /notifications/v1/settings
func (s *NotificationSettingsService) Get(ctx context.Context) (*NotificationSettings, error) {
	return do[NotificationSettings](ctx, s.core, getNotificationSettings.at())
}

// Update changes the settings that are not nil or zero. The settings that Get
// returns can be changed and sent back: what is set only in responses is left
// out.
//
// PATCH /notifications/v1/settings
func (s *NotificationSettingsService) Update(ctx context.Context, settings *NotificationSettings) error {
	return acknowledge(ctx, s.core, updateNotificationSettings.at().body(settings))
}

// Reset restores the API's own preferences, templates and sounds for the whole
// app.
//
// DELETE /notifications/v1/settings
func (s *NotificationSettingsService) Reset(ctx context.Context) error {
	return acknowledge(ctx, s.core, resetNotificationSettings.at())
}
