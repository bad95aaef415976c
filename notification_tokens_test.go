package cometchat_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestPushTokens(t *testing.T) {
	client := testkit.Replayed(t, "notifications/tokens", testkit.SeedTutoring)
	ctx, tokens := t.Context(), client.Notifications.PushTokens
	session, other := testkit.Mint(t, client, "piotr"), testkit.Mint(t, client, "piotr")
	phone, tablet := *testkit.Device, *testkit.Device
	phone.AuthToken, tablet.AuthToken = session, other
	tablet.Platform, tablet.PushToken, tablet.Timezone = cometchat.PushPlatformAPNSIOSDevice, "apns-token-2", ""
	require.NoError(t, tokens.Register(ctx, &phone))
	require.NoError(t, tokens.Register(ctx, &tablet))
	err := tokens.Register(ctx, &phone)
	require.ErrorIs(t, err, cometchat.CodeTokenAlreadyExists)
	require.ErrorIs(t, err, cometchat.ErrAlreadyExists)

	own, err := tokens.List(ctx, session, nil)
	require.NoError(t, err)
	at := time.Unix(int64(testkit.RecordedAt), 0).UTC()
	first := &cometchat.PushToken{
		PushToken: "a secret", Platform: "fcm_android", ProviderID: "firebase", PushTokenType: "chat", AuthToken: "a secret", UID: "piotr", CreatedAt: at, UpdatedAt: at,
	}
	second := *first
	second.Platform = "apns_ios_device"
	assert.Equal(t, []*cometchat.PushToken{first}, veiled(own))
	all, err := tokens.List(ctx, session, &cometchat.PushTokenListOptions{All: true})
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.PushToken{first, &second}, veiled(all))

	_, err = tokens.Delete(ctx, session, "no-such-token")
	require.ErrorIs(t, err, cometchat.CodeTokenNotFound)
	gone, err := tokens.Delete(ctx, session, all[0].PushToken)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.PushToken{first}, veiled(gone))
	gone, err = tokens.Unregister(ctx, session, &cometchat.UnregisterPushTokenOptions{All: true})
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.PushToken{&second}, veiled(gone))
	left, err := tokens.Unregister(ctx, session, nil)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// The member that holds a push token depends on the platform.
func TestPushTokenMembers(t *testing.T) {
	for platform, member := range map[cometchat.PushPlatform]string{
		cometchat.PushPlatformFCMWeb:                "fcmToken",
		cometchat.PushPlatformFCMIonicCordovaIOS:    "fcmToken",
		cometchat.PushPlatformAPNSReactNativeDevice: "deviceToken",
		cometchat.PushPlatformAPNSFlutterVoIP:       "voipToken",
		"fcm_of_tomorrow":                           "fcmToken",
	} {
		var body string
		client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			body = string(b)
			_, _ = io.WriteString(w, `{"data":{"success":true}}`)
		})
		require.NoError(t, client.Notifications.PushTokens.Register(t.Context(), &cometchat.RegisterPushTokenRequest{
			AuthToken: "s", Platform: platform, PushToken: "t",
		}))
		assert.JSONEq(t, `{"authToken":"s","platform":"`+string(platform)+`","`+member+`":"t"}`, body)
	}
}

// TestPushTokenInPath deletes a token that contains characters of a path: the
// token stays one segment of the path, and the body names its user.
func TestPushTokenInPath(t *testing.T) {
	var got []string
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		_, step, _ := strings.Cut(r.URL.EscapedPath(), "/tokens/")
		got = append(got, r.Method, step, r.URL.RawQuery, string(b))
		_, _ = io.WriteString(w, `{"data":{"pushTokens":[]}}`)
	})
	_, err := client.Notifications.PushTokens.Delete(t.Context(), "s", "made:up/../token?all=true")
	require.NoError(t, err)
	assert.Equal(t, []string{"DELETE", "made:up%2F..%2Ftoken%3Fall=true", "", `{"authToken":"s"}`}, got)
}
