package contract

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// noneSet drops the result that tells whether a value is set, which is true in
// every example.
func noneSet[T any](v *T, set bool, err error) (any, error) {
	if err == nil && !set {
		return nil, io.ErrUnexpectedEOF
	}
	return v, err
}

// notificationCall is a call of an operation, and the request that it sends.
type notificationCall struct {
	route      string
	call       func(ctx context.Context, c *cometchat.Client) (any, error)
	path       string // including the query
	onBehalfOf string
	body       string
}

// notificationCalls holds every operation once.
var notificationCalls = slices.Concat([]notificationCall{
	{"GET /notifications/v1/settings", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.Settings.Get(ctx)
	}, "/notifications/v1/settings", "", ""},
	{"PATCH /notifications/v1/settings", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return nil, c.Notifications.Settings.Update(ctx, &cometchat.NotificationSettings{
			Preferences: &cometchat.AppNotificationPreferences{
				BypassForMentions: testkit.Yes,
				Call:              &cometchat.CallNotifications{Ended: cometchat.EventNotificationsOn, CallNotificationOverrides: cometchat.CallNotificationOverrides{EndedOverride: testkit.Yes}},
				Mute:              &cometchat.MuteNotifications{DND: cometchat.DoNotDisturbOn, DNDOverride: testkit.No},
				SMS:               &cometchat.DigestNotifications{MaxPerDay: cometchat.Ptr(0)},
			},
			Templates: &cometchat.NotificationTemplates{PollMessageDefault: &cometchat.NotificationTemplate{
				Body: cometchat.Ptr("<b>{{message.data.text}}</b>"), BodyFallback: cometchat.Ptr(""),
			}},
		})
	}, "/notifications/v1/settings", "", `{"preferences":{"call":{"endedSetting":2},"mute":{"dndPreferenceOverride":false},"sms":{"maxPerDay":0},"bypassPreferencesForMentions":true},` +
		`"templates":{"pollMessageTemplateDefault":{"body":"<b>{{message.data.text}}</b>","body_fallback":""}}}`},
	{"DELETE /notifications/v1/settings", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return nil, c.Notifications.Settings.Reset(ctx)
	}, "/notifications/v1/settings", "", ""},

	{"GET /notifications/v1/preferences", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.Preferences.Get(ctx, "piotr")
	}, "/notifications/v1/preferences?uid=piotr", "", ""},
	{"PATCH /notifications/v1/preferences", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.Preferences.Update(ctx, "piotr", &cometchat.NotificationPreferences{
			Group:    &cometchat.GroupNotifications{Messages: cometchat.MessageNotificationsMentions, MessagesOverride: testkit.Yes, MemberLeft: cometchat.EventNotificationsOn, MessageEdited: cometchat.EventNotificationsOn},
			OneOnOne: &cometchat.OneOnOneNotifications{Reactions: cometchat.ReactionNotificationsAll},
			Mute: &cometchat.MuteNotifications{DND: cometchat.DoNotDisturbOff, Schedule: &cometchat.NotificationSchedule{
				Friday: &cometchat.NotificationHours{From: cometchat.Clock(7, 5), To: cometchat.Clock(22, 30)}}},
			UsePrivacyTemplate: testkit.No,
			Sound:              &cometchat.NotificationSound{Chat: "ping"},
		})
	}, "/notifications/v1/preferences?uid=piotr", "", `{"groupPreferences":{"groupMessages":3,"groupMemberLeft":2},"oneOnOnePreferences":{"oneOnOneReactions":3},` +
		`"mutePreferences":{"dnd":1,"schedule":{"friday":{"from":705,"to":2230,"dnd":false}}},"usePrivacyTemplate":false}`},
	{"DELETE /notifications/v1/preferences", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.Preferences.Reset(ctx, "piotr")
	}, "/notifications/v1/preferences?uid=piotr", "", ""},
	{"GET /notifications/v1/preferences/mute", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.Preferences.ListMuted(ctx, "piotr", nil)
	}, "/notifications/v1/preferences/mute?uid=piotr", "", ""},
	{"PUT /notifications/v1/preferences/mute", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return nil, c.Notifications.Preferences.Mute(ctx, "piotr", testkit.EveryOne, testkit.Later)
	}, "/notifications/v1/preferences/mute?uid=piotr", "", `{"conversations":[{"id":"lena","type":"oneOnOne","until":1893456000123},{"id":"crew","type":"group","until":1893456000123}]}`},
	{"DELETE /notifications/v1/preferences/mute", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return nil, c.Notifications.Preferences.Unmute(ctx, "piotr", testkit.EveryOne)
	}, "/notifications/v1/preferences/mute?uid=piotr", "", `{"conversations":[{"id":"lena","type":"oneOnOne"},{"id":"crew","type":"group"}]}`},
	{"GET /notifications/v1/preferences/timezone", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.Preferences.Timezone(ctx, "piotr")
	}, "/notifications/v1/preferences/timezone?uid=piotr", "", ""},
	{"PATCH /notifications/v1/preferences/timezone", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.Preferences.SetTimezone(ctx, "piotr", "Europe/Warsaw")
	}, "/notifications/v1/preferences/timezone?uid=piotr", "", `{"timezone":"Europe/Warsaw"}`},

	{"GET /notifications/v1/contact-details", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return noneSet(c.Notifications.Contacts.Get(ctx, "piotr"))
	}, "/notifications/v1/contact-details", "piotr", ""},
	{"PATCH /notifications/v1/contact-details", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.Contacts.Update(ctx, "piotr", &cometchat.UpdateContactDetailsRequest{PhNo: cometchat.Ptr("+48221234567")})
	}, "/notifications/v1/contact-details", "piotr", `{"phno":"+48221234567"}`},
	{"DELETE /notifications/v1/contact-details", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return nil, c.Notifications.Contacts.Delete(ctx, "piotr")
	}, "/notifications/v1/contact-details", "piotr", ""},

	{"POST /notifications/push/v1/tokens", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return nil, c.Notifications.PushTokens.Register(ctx, testkit.Device)
	}, "/notifications/push/v1/tokens", "", `{"authToken":"piotr_token_1","platform":"fcm_android","providerId":"firebase","timezone":"Europe/Warsaw","fcmToken":"fcm:token/1"}`},
	{"GET /notifications/push/v1/tokens", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.PushTokens.List(ctx, "piotr_token_1", &cometchat.PushTokenListOptions{All: true})
	}, "/notifications/push/v1/tokens?all=true&authToken=piotr_token_1", "", ""},
	{"DELETE /notifications/push/v1/tokens", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.PushTokens.Unregister(ctx, "piotr_token_1", &cometchat.UnregisterPushTokenOptions{All: true})
	}, "/notifications/push/v1/tokens?all=true", "", `{"authToken":"piotr_token_1"}`},
	{"DELETE /notifications/push/v1/tokens/{pushToken}", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.PushTokens.Delete(ctx, "piotr_token_1", "fcm:token/1")
	}, "/notifications/push/v1/tokens/fcm:token%2F1", "", `{"authToken":"piotr_token_1"}`},

	{"GET /notifications/v1/logs", func(ctx context.Context, c *cometchat.Client) (any, error) {
		page, err := c.Notifications.Logs.List(&cometchat.NotificationLogListOptions{
			MessageID: "3", ReactionID: "4", From: time.UnixMilli(5), To: testkit.Later, MessageCategory: cometchat.MessageCategoryMessage, MessageType: cometchat.MessageTypeText,
			Trigger: cometchat.NotificationTriggerReactionAdded, Channel: cometchat.NotificationChannelPush, Provider: cometchat.NotificationProviderAPNS,
			Sender: "a", Receiver: "b", ReceiverType: cometchat.ReceiverTypeGroup, Member: "c", ReactionSender: "d", ReactionReceiver: "e",
			NotificationTriggered: testkit.No, Success: testkit.Yes, Reason: cometchat.NotificationReasonDNDPreference,
		}).First(ctx)
		if err != nil {
			return nil, err
		}
		return page.Items, nil
	}, "/notifications/v1/logs?channel=push&from=5&member=c&messageCategory=message&messageId=3&messageType=text&notificationTriggered=false&provider=apns" +
		"&reactionId=4&reactionReceiver=e&reactionSender=d&reason=DND_PREFERENCE&receiver=b&receiverType=group&sender=a&success=true&to=1893456000123&trigger=message_reaction_added", "", ""},
},
	pushProviderCalls("fcm", func(c *cometchat.Client) *cometchat.PushProviderService[cometchat.FCMProvider] {
		return c.Notifications.Providers.FCM
	}, testkit.FCM,
		`{"providerId":"firebase","serviceAccountFilename":"tutoring.json","serviceAccountCreds":{"project_id":"tutoring","client_email":"push@tutoring.test",`+
			`"private_key":"-----BEGIN KEY-----\nfirebase/1\n","private_key_id":"k1"},"notificationInPayload":{"ios":{"chat":true,"call":false},"android":{"chat":true,"call":true},"web":{"chat":false,"call":false}}}`),
	pushProviderCalls("apns", func(c *cometchat.Client) *cometchat.PushProviderService[cometchat.APNSProvider] {
		return c.Notifications.Providers.APNS
	}, testkit.APNS,
		`{"providerId":"apple","keyId":"KEY7","teamId":"TEAM7","bundleId":"test.tutoring","p8KeyFilename":"AuthKey_KEY7.p8","p8Key":"-----BEGIN KEY-----\napple/1\n",`+
			`"includeContentAvailable":true,"includeMutableContent":true,"productionMode":false}`),
	providerCalls("push/v1/providers/custom", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.CustomPushProvider] {
		return c.Notifications.Providers.CustomPush
	}, testkit.CustomPush, `{"isEnabled":true,"webhookURL":"https://push.tutoring.test/hook","useBasicAuth":true,"basicAuthUsername":"chat","basicAuthPassword":"push/pass/1"}`),
	providerCalls("email/v1/providers/custom", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.CustomEmailProvider] {
		return c.Notifications.Providers.CustomEmail
	}, testkit.CustomEmail, `{"isEnabled":true,"webhookURL":"https://mail.tutoring.test/hook","useBasicAuth":false,"basicAuthUsername":"chat","basicAuthPassword":"mail/pass/1","useStoredEmailID":true}`),
	providerCalls("sms/v1/providers/custom", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.CustomSMSProvider] {
		return c.Notifications.Providers.CustomSMS
	}, testkit.CustomSMS, `{"isEnabled":false,"webhookURL":"https://sms.tutoring.test/hook","useBasicAuth":true,"basicAuthUsername":"chat","basicAuthPassword":"text/pass/1","useStoredPhNo":false}`),
	providerCalls("email/v1/providers/sendgrid", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.SendGridProvider] {
		return c.Notifications.Providers.SendGrid
	}, testkit.SendGrid, `{"sendGridApiKey":"SG.tutoring/1","sendGridTemplateID":"d-71","sendGridUnsubscribeGroupID":"4711","senderName":"Tutoring","senderEmail":"chat@tutoring.test",`+
		`"allowEmailReplies":true,"senderEmailForReplies":"reply@tutoring.test","isEnabled":true}`),
	providerCalls("sms/v1/providers/twilio", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.TwilioProvider] {
		return c.Notifications.Providers.Twilio
	}, testkit.Twilio, `{"twilioAccountSID":"AC71","twilioAuthToken":"twilio/token/1","twilioSenderPhoneNumber":"+4930123456","isEnabled":true}`),
)

func pushProviderCalls[P any](name string, of func(*cometchat.Client) *cometchat.PushProviderService[P], p *P, body string) []notificationCall {
	path := "/notifications/push/v1/providers/" + name
	return []notificationCall{
		{"GET " + path, func(ctx context.Context, c *cometchat.Client) (any, error) { return of(c).List(ctx, nil) }, path, "", ""},
		{"POST " + path, func(ctx context.Context, c *cometchat.Client) (any, error) { return nil, of(c).Create(ctx, p) }, path, "", body},
		{"PUT " + path, func(ctx context.Context, c *cometchat.Client) (any, error) { return nil, of(c).Update(ctx, p) }, path, "", body},
		{"DELETE " + path + "/{providerId}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return nil, of(c).Delete(ctx, "my provider")
		}, path + "/my%20provider", "", ""},
		{"PUT " + path + "/default/{providerId}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return nil, of(c).SetDefault(ctx, "my provider")
		}, path + "/default/my%20provider", "", ""},
	}
}

func providerCalls[P any](path string, of func(*cometchat.Client) *cometchat.ProviderService[P], p *P, body string) []notificationCall {
	path = "/notifications/" + path
	return []notificationCall{
		{"GET " + path, func(ctx context.Context, c *cometchat.Client) (any, error) { return noneSet(of(c).Get(ctx)) }, path, "", ""},
		{"POST " + path, func(ctx context.Context, c *cometchat.Client) (any, error) { return of(c).Create(ctx, p) }, path, "", body},
		{"PUT " + path, func(ctx context.Context, c *cometchat.Client) (any, error) { return of(c).Update(ctx, p) }, path, "", body},
		{"DELETE " + path, func(ctx context.Context, c *cometchat.Client) (any, error) { return nil, of(c).Delete(ctx) }, path, "", ""},
	}
}

// TestNotificationWire compares the request of every operation byte for byte. The
// user is named in the query, in a header, or by an auth token.
func TestNotificationWire(t *testing.T) {
	unseen := map[string]bool{}
	for _, r := range cometchat.Routes() {
		if strings.HasPrefix(r.Pattern, "/notifications/") {
			unseen[r.String()] = true
		}
	}
	assert.Len(t, unseen, 49)
	for _, tt := range notificationCalls {
		t.Run(tt.route, func(t *testing.T) {
			method, _, _ := strings.Cut(tt.route, " ")
			var got notificationCall
			client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				got.route, got.path, got.onBehalfOf, got.body = r.Method, strings.TrimPrefix(r.URL.RequestURI(), "/v3"), r.Header.Get("onBehalfOf"), string(body)
				_, _ = io.WriteString(w, `{"data":{"success":true}}`)
			}, testkit.Once)
			_, _ = tt.call(t.Context(), client)
			assert.Equal(t, notificationCall{route: method, path: tt.path, onBehalfOf: tt.onBehalfOf, body: tt.body}, got)
		})
		delete(unseen, tt.route)
	}
	assert.Empty(t, unseen, "operations without a test")
}

// TestNotificationsActingUser checks that the acting user is the named user, also
// for the tracer, and that settings without preferences are sent as they are.
func TestNotificationsActingUser(t *testing.T) {
	client, srv := testkit.Emulated(t)
	testkit.SeedTutoring(srv)
	var acting []string
	client = client.With(cometchat.WithTracer(func(ctx context.Context, op cometchat.OperationInfo) (context.Context, cometchat.Trace) {
		acting = append(acting, op.OnBehalfOf)
		return ctx, cometchat.Trace{}
	})).OnBehalfOf("lena")
	_, _, err := client.Notifications.Contacts.Get(t.Context(), "piotr")
	require.NoError(t, err)
	require.NoError(t, client.Notifications.Settings.Update(t.Context(), &cometchat.NotificationSettings{Sound: &cometchat.NotificationSound{Call: "ring"}}))
	assert.Equal(t, []string{"piotr", "lena"}, acting)
	requests := srv.Requests()
	assert.Equal(t, "piotr", requests[0].Header.Get("onBehalfOf"))
	assert.Equal(t, `{"sound":{"call":"ring"}}`, string(requests[1].Body))
}
