package cometchat_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestNotificationPreferences(t *testing.T) {
	ctx := t.Context()
	preferences := testkit.Replayed(t, "notifications/preferences", testkit.SeedTutoring).Notifications.Preferences
	before, err := preferences.Get(ctx, "piotr")
	require.NoError(t, err)
	quiet := cometchat.EveryDay(cometchat.NotificationHours{From: cometchat.Clock(7, 0), To: cometchat.Clock(22, 30)})
	quiet.Sunday.DND = true
	want := *before
	want.Group.Messages, want.Mute.Schedule = cometchat.MessageNotificationsMentions, quiet
	after, err := preferences.Update(ctx, "piotr", &want)
	require.NoError(t, err)
	assert.Equal(t, &want, after)
	again, err := preferences.Get(ctx, "piotr")
	require.NoError(t, err)
	assert.Equal(t, &want, again)
	assert.Equal(t, "22:30", again.Mute.Schedule.Friday.To.String())
	assert.Equal(t, 22*time.Hour+30*time.Minute, again.Mute.Schedule.Friday.To.SinceMidnight())

	reset, err := preferences.Reset(ctx, "piotr")
	require.NoError(t, err)
	assert.Equal(t, cometchat.MessageNotificationsAll, reset.Group.Messages)
	assert.Equal(t, cometchat.ReactionNotificationsOwnMessages, reset.OneOnOne.Reactions)
	assert.Equal(t, cometchat.DoNotDisturbOff, reset.Mute.DND)
	assert.Equal(t, cometchat.EveryDay(cometchat.NotificationHours{To: cometchat.Clock(23, 59)}), reset.Mute.Schedule)
	assert.Equal(t, testkit.Yes, reset.UsePrivacyTemplate)

	_, err = preferences.Get(ctx, "nobody")
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
}

func TestMutedConversations(t *testing.T) {
	ctx := t.Context()
	preferences := testkit.Replayed(t, "notifications/mute", testkit.SeedTutoring).Notifications.Preferences
	require.NoError(t, preferences.Mute(ctx, "piotr", testkit.EveryOne, testkit.Later))
	muted, err := preferences.ListMuted(ctx, "piotr", nil)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.MutedConversation{
		{ID: "crew", Type: cometchat.MutedConversationTypeGroup, Until: 1893456000123},
		{ID: "lena", Type: cometchat.MutedConversationTypeOneOnOne, Until: 1893456000123},
	}, muted)
	assert.True(t, testkit.Later.Equal(muted[0].Until.Time()))
	assert.Equal(t, []cometchat.Receiver{cometchat.ToGroup("crew"), cometchat.ToUser("lena")}, []cometchat.Receiver{muted[0].Receiver(), muted[1].Receiver()})
	require.NoError(t, preferences.Unmute(ctx, "piotr", testkit.EveryOne[:1]))
	muted, err = preferences.ListMuted(ctx, "piotr", &cometchat.MutedConversationListOptions{})
	require.NoError(t, err)
	assert.Len(t, muted, 1)

	zone, err := preferences.Timezone(ctx, "piotr")
	require.NoError(t, err)
	assert.Equal(t, "UTC", zone)
	zone, err = preferences.SetTimezone(ctx, "piotr", "Europe/Warsaw")
	require.NoError(t, err)
	assert.Equal(t, "Europe/Warsaw", zone)
}

// TestPreferencesRoundTrip gets preferences, changes one, updates, and gets them
// again: only that one differs, for every field that an update takes.
func TestPreferencesRoundTrip(t *testing.T) {
	client, srv := testkit.Emulated(t)
	testkit.SeedTutoring(srv)
	ctx, preferences := t.Context(), client.Notifications.Preferences
	changes := map[string]func(p *cometchat.NotificationPreferences){}
	var enums func(path string, t reflect.Type, index []int)
	enums = func(path string, t reflect.Type, index []int) {
		for i := range t.NumField() {
			f, at := t.Field(i), append(slices.Clone(index), i)
			switch {
			case f.Type.Kind() == reflect.Int && f.Name != "MessageEdited" && f.Name != "MessageDeleted":
				values := 2
				if strings.HasPrefix(f.Type.Name(), "Message") || strings.HasPrefix(f.Type.Name(), "Reaction") {
					values = 3
				}
				changes[path+f.Name] = func(p *cometchat.NotificationPreferences) {
					v := reflect.ValueOf(p).Elem().FieldByIndex(at)
					v.SetInt((v.Int()+rand.Int64N(int64(values)-1))%int64(values) + 1)
				}
			case f.Type.Kind() == reflect.Pointer && slices.Contains([]string{"Group", "OneOnOne", "Mute"}, f.Name):
				enums(path+f.Name+".", f.Type.Elem(), at)
			case f.Name == "Schedule":
				for day := range f.Type.Elem().NumField() {
					changes[path+f.Type.Elem().Field(day).Name] = func(p *cometchat.NotificationPreferences) {
						hours := reflect.ValueOf(p).Elem().FieldByIndex(append(at, day)).Interface().(*cometchat.NotificationHours)
						hours.From, hours.DND = cometchat.Clock(rand.IntN(24), rand.IntN(60)), !hours.DND
					}
				}
			}
		}
	}
	enums("", reflect.TypeFor[cometchat.NotificationPreferences](), nil)
	require.Len(t, changes, 11+4+1+7)
	for range 3 { // each from what the others have left
		for name, change := range changes {
			want, err := preferences.Get(ctx, "piotr")
			require.NoError(t, err)
			before := testkit.JSON(t, want)
			change(want)
			require.NotEqual(t, before, testkit.JSON(t, want), name)
			testkit.Sent(srv)
			_, err = preferences.Update(ctx, "piotr", want)
			require.NoError(t, err)
			assert.NotContains(t, testkit.Sent(srv)[0].Body, "usePrivacyTemplate", "only if set")
			got, err := preferences.Get(ctx, "piotr")
			require.NoError(t, err)
			require.Equal(t, want, got, name)
		}
	}
}
