package cometchat

import (
	"context"
	"fmt"
	"time"
)

var (
	getNotificationPreferences    = get("/notifications/v1/preferences")
	updateNotificationPreferences = patch("/notifications/v1/preferences")
	resetNotificationPreferences  = del("/notifications/v1/preferences")
	listMutedConversations        = get("/notifications/v1/preferences/mute").under("mutedConversations")
	muteConversations             = put("/notifications/v1/preferences/mute")
	unmuteConversations           = del("/notifications/v1/preferences/mute")
	getNotificationTimezone       = get("/notifications/v1/preferences/timezone")
	updateNotificationTimezone    = patch("/notifications/v1/preferences/timezone")
)

// NotificationPreferences are a user's preferences for notifications. In an
// update, a field that is nil or zero is left alone.
type NotificationPreferences struct {
	Group    *GroupNotifications    `json:"group,omitempty"`
	OneOnOne *OneOnOneNotifications `json:"oneOnOne,omitempty"`
	Mute     *MuteNotifications     `json:"mute,omitempty"`
	// UsePrivacyTemplate asks for notifications without the messages' texts, if
	// the app's settings let users choose. Update sends it, and Reset returns it;
	// Get and Update return the app's setting, in Templates, instead.
	UsePrivacyTemplate *bool `json:"usePrivacyTemplate,omitempty"`
	// Sound and Templates are those of the app. They are set only in responses.
	Sound     *NotificationSound     `json:"sound,omitempty"`
	Templates *NotificationTemplates `json:"templates,omitempty"`
}

// notificationPreferencesAnswer is the form in which the API sends preferences.
type notificationPreferencesAnswer struct {
	Preferences struct {
		Group    *GroupNotifications    `json:"group"`
		OneOnOne *OneOnOneNotifications `json:"oneOnOne"`
		Mute     *MuteNotifications     `json:"mute"`
	} `json:"preferences"`
	Sound     *NotificationSound     `json:"sound"`
	Templates *NotificationTemplates `json:"templates"`
}

func (a *notificationPreferencesAnswer) value() *NotificationPreferences {
	return &NotificationPreferences{
		Group: a.Preferences.Group, OneOnOne: a.Preferences.OneOnOne, Mute: a.Preferences.Mute,
		Sound: a.Sound, Templates: a.Templates,
	}
}

// notificationPreferencesUpdate is the form in which the API reads preferences,
// which has other names than the form in which it sends them. Its parts have the
// fields of the exported types, so that they can be converted; what users cannot
// change has no name.
type notificationPreferencesUpdate struct {
	Group              *groupNotificationsUpdate    `json:"groupPreferences,omitempty"`
	OneOnOne           *oneOnOneNotificationsUpdate `json:"oneOnOnePreferences,omitempty"`
	Mute               *muteNotificationsUpdate     `json:"mutePreferences,omitempty"`
	UsePrivacyTemplate *bool                        `json:"usePrivacyTemplate,omitempty"`
}

type groupNotificationsUpdate struct {
	Messages                   MessageNotifications  `json:"groupMessages,omitempty"`
	MessagesOverride           *bool                 `json:"-"`
	Replies                    MessageNotifications  `json:"groupReplies,omitempty"`
	RepliesOverride            *bool                 `json:"-"`
	QuotedReplies              MessageNotifications  `json:"groupQuotedReplies,omitempty"`
	QuotedRepliesOverride      *bool                 `json:"-"`
	Reactions                  ReactionNotifications `json:"groupReactions,omitempty"`
	ReactionsOverride          *bool                 `json:"-"`
	MemberLeft                 EventNotifications    `json:"groupMemberLeft,omitempty"`
	MemberLeftOverride         *bool                 `json:"-"`
	MemberAdded                EventNotifications    `json:"groupMemberAdded,omitempty"`
	MemberAddedOverride        *bool                 `json:"-"`
	MemberJoined               EventNotifications    `json:"groupMemberJoined,omitempty"`
	MemberJoinedOverride       *bool                 `json:"-"`
	MemberKicked               EventNotifications    `json:"groupMemberKicked,omitempty"`
	MemberKickedOverride       *bool                 `json:"-"`
	MemberBanned               EventNotifications    `json:"groupMemberBanned,omitempty"`
	MemberBannedOverride       *bool                 `json:"-"`
	MemberUnbanned             EventNotifications    `json:"groupMemberUnbanned,omitempty"`
	MemberUnbannedOverride     *bool                 `json:"-"`
	MemberScopeChanged         EventNotifications    `json:"groupMemberScopeChanged,omitempty"`
	MemberScopeChangedOverride *bool                 `json:"-"`
	MessageEdited              EventNotifications    `json:"-"`
	MessageDeleted             EventNotifications    `json:"-"`
}

type oneOnOneNotificationsUpdate struct {
	Messages              MessageNotifications  `json:"oneOnOneMessages,omitempty"`
	MessagesOverride      *bool                 `json:"-"`
	Replies               MessageNotifications  `json:"oneOnOneReplies,omitempty"`
	RepliesOverride       *bool                 `json:"-"`
	QuotedReplies         MessageNotifications  `json:"oneOnOneQuotedReplies,omitempty"`
	QuotedRepliesOverride *bool                 `json:"-"`
	Reactions             ReactionNotifications `json:"oneOnOneReactions,omitempty"`
	ReactionsOverride     *bool                 `json:"-"`
	MessageEdited         EventNotifications    `json:"-"`
	MessageDeleted        EventNotifications    `json:"-"`
}

type muteNotificationsUpdate struct {
	DND                    DoNotDisturb          `json:"dnd,omitempty"`
	DNDOverride            *bool                 `json:"-"`
	Schedule               *NotificationSchedule `json:"schedule,omitempty"`
	ScheduleOverride       *bool                 `json:"-"`
	MutedGroupsOverride    *bool                 `json:"-"`
	MutedOneOnOnesOverride *bool                 `json:"-"`
}

// written returns the preferences under the names of updates.
func (p *NotificationPreferences) written() any {
	return &notificationPreferencesUpdate{
		Group: (*groupNotificationsUpdate)(p.Group), OneOnOne: (*oneOnOneNotificationsUpdate)(p.OneOnOne),
		Mute: (*muteNotificationsUpdate)(p.Mute), UsePrivacyTemplate: p.UsePrivacyTemplate,
	}
}

func (u *notificationPreferencesUpdate) value() *NotificationPreferences {
	return &NotificationPreferences{
		Group: (*GroupNotifications)(u.Group), OneOnOne: (*OneOnOneNotifications)(u.OneOnOne),
		Mute: (*MuteNotifications)(u.Mute), UsePrivacyTemplate: u.UsePrivacyTemplate,
	}
}

func (p *NotificationPreferences) validate(v *validation) {
	if p.Mute != nil {
		p.Mute.Schedule.check(v, "mutePreferences.schedule")
	}
}

// MutedConversation is a conversation that does not notify a user until a moment.
type MutedConversation struct {
	// ID is a uid or a guid, depending on Type; see Receiver.
	ID    string                `json:"id"`
	Type  MutedConversationType `json:"type"`
	Until UnixMilli             `json:"until,omitempty"`
}

// Receiver returns the user or group that the conversation is with.
func (c *MutedConversation) Receiver() Receiver {
	if c.Type == MutedConversationTypeGroup {
		return ToGroup(c.ID)
	}
	return ToUser(c.ID)
}

// MutedConversationType is the kind of a muted conversation. Its values differ
// from those of ReceiverType.
type MutedConversationType string

// The kinds of conversations.
const (
	MutedConversationTypeOneOnOne MutedConversationType = "oneOnOne"
	MutedConversationTypeGroup    MutedConversationType = "group"
)

type mutedConversations struct {
	Conversations []MutedConversation `json:"conversations"`
	until         *time.Time
	problems      []error
}

// newMutedConversations is the request that mutes the conversations with some
// users and groups, or unmutes them if until is nil.
func newMutedConversations(with []Receiver, until *time.Time) *mutedConversations {
	m := &mutedConversations{until: until}
	for i, r := range with {
		c := MutedConversation{ID: r.id(), Type: MutedConversationTypeOneOnOne}
		if r.kind() == ReceiverTypeGroup {
			c.Type = MutedConversationTypeGroup
		}
		if until != nil {
			c.Until = UnixMilli(until.UnixMilli())
		}
		if err := r.problem(fmt.Sprintf("conversations[%d]", i)); err != nil {
			m.problems = append(m.problems, err)
		}
		m.Conversations = append(m.Conversations, c)
	}
	return m
}

func (m *mutedConversations) validate(v *validation) {
	if len(m.Conversations) == 0 {
		v.add(ValidationError{Field: "conversations", Reason: "required"})
	}
	if m.until != nil && m.until.IsZero() {
		v.add(ValidationError{Field: "until", Reason: "required"})
	}
	v.errs = append(v.errs, m.problems...)
}

// MutedConversationListOptions are the options of ListMuted. The API documents
// none so far.
type MutedConversationListOptions struct{}

type notificationTimezone struct {
	Timezone string `json:"timezone"`
}

func (t *notificationTimezone) value() string { return t.Timezone }

func (t *notificationTimezone) validate(v *validation) { v.required("timezone", t.Timezone) }

// aboutUser names, in the query, the user that an operation is about.
type aboutUser struct {
	UID string `url:"uid"`
}

func (u *aboutUser) validate(v *validation) { v.id("uid", u.UID, maxID) }

// NotificationPreferencesService manages the preferences of single users.
type NotificationPreferencesService service

// Get returns a user's preferences, and those of the app where the user has none.
// It fails with CodeUIDNotFound (ErrNotFound) if there is no such user.
//
// GET /notifications/v1/preferences
func (s *NotificationPreferencesService) Get(ctx context.Context, uid string) (*NotificationPreferences, error) {
	return translated(do[notificationPreferencesAnswer](ctx, s.core, getNotificationPreferences.at().query(&aboutUser{uid})))
}

// Update changes the preferences that are not nil or zero, and returns all
// preferences. The preferences that Get returns can be changed and sent back:
// what users cannot change is left out. It fails with CodeUIDNotFound
// (ErrNotFound) if there is no such user.
//
// PATCH /notifications/v1/preferences
func (s *NotificationPreferencesService) Update(ctx context.Context, uid string, preferences *NotificationPreferences) (*NotificationPreferences, error) {
	return translated(do[notificationPreferencesAnswer](ctx, s.core, updateNotificationPreferences.at().query(&aboutUser{uid}).body(preferences)))
}

// Reset gives a user the app's preferences again, and returns them. It fails with
// CodeUIDNotFound (ErrNotFound) if there is no such user.
//
// DELETE /notifications/v1/preferences
func (s *NotificationPreferencesService) Reset(ctx context.Context, uid string) (*NotificationPreferences, error) {
	return translated(do[notificationPreferencesUpdate](ctx, s.core, resetNotificationPreferences.at().query(&aboutUser{uid})))
}

// ListMuted returns all conversations that a user has muted; the API has no pages
// for them. opts may be nil. It fails with CodeUIDNotFound (ErrNotFound) if there
// is no such user.
//
// GET /notifications/v1/preferences/mute
func (s *NotificationPreferencesService) ListMuted(ctx context.Context, uid string, _ *MutedConversationListOptions) ([]*MutedConversation, error) {
	return doItems[MutedConversation](ctx, s.core, listMutedConversations.at().query(&aboutUser{uid}))
}

// Mute silences a user's conversations with some users and groups until a moment
// in the future. Other muted conversations stay muted. It fails with
// CodeUIDNotFound (ErrNotFound) if there is no such user. The API refuses a
// moment in the past (ErrInvalidRequest).
//
// PUT /notifications/v1/preferences/mute
func (s *NotificationPreferencesService) Mute(ctx context.Context, uid string, conversations []Receiver, until time.Time) error {
	return acknowledge(ctx, s.core, muteConversations.at().query(&aboutUser{uid}).body(newMutedConversations(conversations, &until)))
}

// Unmute ends what Mute started. It fails with CodeUIDNotFound (ErrNotFound) if
// there is no such user.
//
// DELETE /notifications/v1/preferences/mute
func (s *NotificationPreferencesService) Unmute(ctx context.Context, uid string, conversations []Receiver) error {
	return acknowledge(ctx, s.core, unmuteConversations.at().query(&aboutUser{uid}).body(newMutedConversations(conversations, nil)))
}

// Timezone returns the time zone of a user's schedule, such as "Europe/Lisbon";
// "" if none is set. It fails with CodeUIDNotFound (ErrNotFound) if there is no
// such user.
//
// GET /notifications/v1/preferences/timezone
func (s *NotificationPreferencesService) Timezone(ctx context.Context, uid string) (string, error) {
	return translated(doOptional[notificationTimezone](ctx, s.core, getNotificationTimezone.at().query(&aboutUser{uid})))
}

// SetTimezone sets the time zone of a user's schedule, by its IANA name, and
// returns the one in the response. It fails with CodeUIDNotFound (ErrNotFound) if
// there is no such user, and with ErrInvalidRequest if there is no such time
// zone.
//
// PATCH /notifications/v1/preferences/timezone
func (s *NotificationPreferencesService) SetTimezone(ctx context.Context, uid, timezone string) (string, error) {
	return translated(doOptional[notificationTimezone](ctx, s.core, updateNotificationTimezone.at().query(&aboutUser{uid}).body(&notificationTimezone{timezone})))
}
