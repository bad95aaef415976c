package cometchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestNotificationSettings(t *testing.T) {
	ctx := t.Context()
	settings := testkit.Replayed(t, "notifications/settings", testkit.SeedTutoring).Notifications.Settings
	before, err := settings.Get(ctx)
	require.NoError(t, err)
	assert.Equal(t, cometchat.MessageNotificationsAll, before.Preferences.Group.Messages)
	assert.Equal(t, testkit.Yes, before.Preferences.Group.MessagesOverride)
	assert.Equal(t, cometchat.EventNotificationsOff, before.Preferences.Call.Ended)
	assert.Equal(t, &cometchat.NotificationHours{To: cometchat.Clock(23, 59)}, before.Preferences.Mute.Schedule.Sunday)
	assert.Equal(t, cometchat.PrivacyTemplatesByChoice, before.Templates.UsePrivacyTemplate)
	assert.Equal(t, cometchat.Ptr("{{message.data.text}}"), before.Templates.TextMessageDefault.Body)
	assert.NotNil(t, before.Templates.SMSContentPrivacy)

	changed := *before
	changed.Preferences.BypassForMentions = testkit.Yes
	changed.Preferences.Push.CustomJSON = cometchat.Metadata(`{"app":7}`)
	changed.Templates.TextMessageDefault = &cometchat.NotificationTemplate{Body: cometchat.Ptr(""), TitleGroup: cometchat.Ptr("<Tutoring> & co")}
	require.NoError(t, settings.Update(ctx, &changed))
	after, err := settings.Get(ctx)
	require.NoError(t, err)
	assert.Equal(t, &changed, after)

	require.NoError(t, settings.Reset(ctx))
	fresh, err := settings.Get(ctx)
	require.NoError(t, err)
	assert.Equal(t, testkit.No, fresh.Preferences.BypassForMentions)
	assert.Empty(t, fresh.Preferences.Push.CustomJSON)
}

// TestSettingsRoundTrip is the same for the settings of the app.
func TestSettingsRoundTrip(t *testing.T) {
	client, srv := testkit.Emulated(t)
	ctx, settings := t.Context(), client.Notifications.Settings
	for _, change := range []func(s *cometchat.NotificationSettings){
		func(s *cometchat.NotificationSettings) { s.Preferences.Group.RepliesOverride = testkit.No },
		func(s *cometchat.NotificationSettings) {
			s.Preferences.OneOnOne.MessageDeleted = cometchat.EventNotificationsOff
		},
		func(s *cometchat.NotificationSettings) { s.Preferences.Call.Busy = cometchat.EventNotificationsOn },
		func(s *cometchat.NotificationSettings) { s.Preferences.Email.MaxPerDay = cometchat.Ptr(0) },
		func(s *cometchat.NotificationSettings) { s.Preferences.SMS.IncludeSenderMetadata = testkit.No },
		func(s *cometchat.NotificationSettings) { s.Preferences.Push.TrimText = testkit.Yes },
		func(s *cometchat.NotificationSettings) { s.Preferences.BypassForGroupMentions = testkit.Yes },
		func(s *cometchat.NotificationSettings) {
			s.Preferences.Mute.Schedule.Monday.To = cometchat.Clock(9, 59)
		},
		func(s *cometchat.NotificationSettings) { s.Sound.Call = "ring" },
		func(s *cometchat.NotificationSettings) {
			s.Templates.UsePrivacyTemplate = cometchat.PrivacyTemplatesNever
		},
		func(s *cometchat.NotificationSettings) {
			s.Templates.MediaMessageDefault.BodyImage = cometchat.Ptr("📷 <&>")
		},
		func(s *cometchat.NotificationSettings) {
			s.Templates.EmailSubjectDefault.SubjectGroup = cometchat.Ptr("")
		},
	} {
		want, err := settings.Get(ctx)
		require.NoError(t, err)
		before := testkit.JSON(t, want)
		change(want)
		require.NotEqual(t, before, testkit.JSON(t, want))
		testkit.Sent(srv)
		require.NoError(t, settings.Update(ctx, want))
		body := testkit.Sent(srv)[0].Body
		assert.NotContains(t, body, "busyOverride", "only responses have it")
		assert.NotContains(t, body, "dndPreferenceSetting", "only responses have it")
		got, err := settings.Get(ctx)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
