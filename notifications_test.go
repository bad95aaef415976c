package cometchat_test

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

var (
	yes, no     = cometchat.Ptr(true), cometchat.Ptr(false)
	fcmProvider = &cometchat.FCMProvider{
		ProviderID: "firebase", ServiceAccountFilename: "tutoring.json",
		ServiceAccountCreds: cometchat.FCMServiceAccountCreds{
			ProjectID: "tutoring", ClientEmail: "push@tutoring.test", PrivateKey: "-----BEGIN KEY-----\nfirebase/1\n", PrivateKeyID: "k1",
		},
		NotificationInPayload: &cometchat.FCMNotificationInPayload{
			IOS: &cometchat.FCMNotificationKinds{Chat: true}, Android: &cometchat.FCMNotificationKinds{Chat: true, Call: true}, Web: &cometchat.FCMNotificationKinds{},
		},
	}
	apnsProvider = &cometchat.APNSProvider{
		ProviderID: "apple", KeyID: "KEY7", TeamID: "TEAM7", BundleID: "test.tutoring", P8KeyFilename: "AuthKey_KEY7.p8", P8Key: "-----BEGIN KEY-----\napple/1\n",
		IncludeContentAvailable: yes, IncludeMutableContent: yes, ProductionMode: no,
	}
	customPush = &cometchat.CustomPushProvider{
		IsEnabled: yes, WebhookURL: "https://push.tutoring.test/hook", UseBasicAuth: yes, BasicAuthUsername: "chat", BasicAuthPassword: "push/pass/1",
	}
	customEmail = &cometchat.CustomEmailProvider{
		IsEnabled: yes, WebhookURL: "https://mail.tutoring.test/hook", UseBasicAuth: no, BasicAuthUsername: "chat", BasicAuthPassword: "mail/pass/1", UseStoredEmailID: yes,
	}
	customSMS = &cometchat.CustomSMSProvider{
		IsEnabled: no, WebhookURL: "https://sms.tutoring.test/hook", UseBasicAuth: yes, BasicAuthUsername: "chat", BasicAuthPassword: "text/pass/1", UseStoredPhNo: no,
	}
	sendGrid = &cometchat.SendGridProvider{
		SendGridAPIKey: "SG.tutoring/1", SendGridTemplateID: "d-71", SendGridUnsubscribeGroupID: "4711", SenderName: "Tutoring",
		SenderEmail: "chat@tutoring.test", AllowEmailReplies: yes, SenderEmailForReplies: "reply@tutoring.test", IsEnabled: yes,
	}
	twilio = &cometchat.TwilioProvider{TwilioAccountSID: "AC71", TwilioAuthToken: "twilio/token/1", TwilioSenderPhoneNumber: "+4930123456", IsEnabled: yes}

	device = &cometchat.RegisterPushTokenRequest{
		AuthToken: "piotr_token_1", Platform: cometchat.PushPlatformFCMAndroid, ProviderID: "firebase", PushToken: "fcm:token/1", Timezone: "Europe/Warsaw",
	}
	everyOne = []cometchat.Receiver{cometchat.ToUser("lena"), cometchat.ToGroup("crew")}
	later    = time.UnixMilli(1893456000123)
)

// noneSet leaves out whether something is set, which an example always is.
func noneSet[T any](v *T, set bool, err error) (any, error) {
	if err == nil && !set {
		return nil, io.ErrUnexpectedEOF
	}
	return v, err
}

// notificationCall is a call of each operation, and what it sends.
type notificationCall struct {
	route      string
	call       func(ctx context.Context, c *cometchat.Client) (any, error)
	path       string // with the query
	onBehalfOf string
	body       string
}

// notificationCalls has every operation once.
var notificationCalls = slices.Concat([]notificationCall{
	{"GET /notifications/v1/settings", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return c.Notifications.Settings.Get(ctx)
	}, "/notifications/v1/settings", "", ""},
	{"PATCH /notifications/v1/settings", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return nil, c.Notifications.Settings.Update(ctx, &cometchat.NotificationSettings{
			Preferences: &cometchat.AppNotificationPreferences{
				BypassForMentions: yes,
				Call:              &cometchat.CallNotifications{Ended: cometchat.EventNotificationsOn, CallNotificationOverrides: cometchat.CallNotificationOverrides{EndedOverride: yes}},
				Mute:              &cometchat.MuteNotifications{DND: cometchat.DoNotDisturbOn, DNDOverride: no},
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
			Group:    &cometchat.GroupNotifications{Messages: cometchat.MessageNotificationsMentions, MessagesOverride: yes, MemberLeft: cometchat.EventNotificationsOn, MessageEdited: cometchat.EventNotificationsOn},
			OneOnOne: &cometchat.OneOnOneNotifications{Reactions: cometchat.ReactionNotificationsAll},
			Mute: &cometchat.MuteNotifications{DND: cometchat.DoNotDisturbOff, Schedule: &cometchat.NotificationSchedule{
				Friday: &cometchat.NotificationHours{From: cometchat.Clock(7, 5), To: cometchat.Clock(22, 30)}}},
			UsePrivacyTemplate: no,
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
		return nil, c.Notifications.Preferences.Mute(ctx, "piotr", everyOne, later)
	}, "/notifications/v1/preferences/mute?uid=piotr", "", `{"conversations":[{"id":"lena","type":"oneOnOne","until":1893456000123},{"id":"crew","type":"group","until":1893456000123}]}`},
	{"DELETE /notifications/v1/preferences/mute", func(ctx context.Context, c *cometchat.Client) (any, error) {
		return nil, c.Notifications.Preferences.Unmute(ctx, "piotr", everyOne)
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
		return nil, c.Notifications.PushTokens.Register(ctx, device)
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
			MessageID: "3", ReactionID: "4", From: time.UnixMilli(5), To: later, MessageCategory: cometchat.MessageCategoryMessage, MessageType: cometchat.MessageTypeText,
			Trigger: cometchat.NotificationTriggerReactionAdded, Channel: cometchat.NotificationChannelPush, Provider: cometchat.NotificationProviderAPNS,
			Sender: "a", Receiver: "b", ReceiverType: cometchat.ReceiverTypeGroup, Member: "c", ReactionSender: "d", ReactionReceiver: "e",
			NotificationTriggered: no, Success: yes, Reason: cometchat.NotificationReasonDNDPreference,
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
	}, fcmProvider,
		`{"providerId":"firebase","serviceAccountFilename":"tutoring.json","serviceAccountCreds":{"project_id":"tutoring","client_email":"push@tutoring.test",`+
			`"private_key":"-----BEGIN KEY-----\nfirebase/1\n","private_key_id":"k1"},"notificationInPayload":{"ios":{"chat":true,"call":false},"android":{"chat":true,"call":true},"web":{"chat":false,"call":false}}}`),
	pushProviderCalls("apns", func(c *cometchat.Client) *cometchat.PushProviderService[cometchat.APNSProvider] {
		return c.Notifications.Providers.APNS
	}, apnsProvider,
		`{"providerId":"apple","keyId":"KEY7","teamId":"TEAM7","bundleId":"test.tutoring","p8KeyFilename":"AuthKey_KEY7.p8","p8Key":"-----BEGIN KEY-----\napple/1\n",`+
			`"includeContentAvailable":true,"includeMutableContent":true,"productionMode":false}`),
	providerCalls("push/v1/providers/custom", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.CustomPushProvider] {
		return c.Notifications.Providers.CustomPush
	}, customPush, `{"isEnabled":true,"webhookURL":"https://push.tutoring.test/hook","useBasicAuth":true,"basicAuthUsername":"chat","basicAuthPassword":"push/pass/1"}`),
	providerCalls("email/v1/providers/custom", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.CustomEmailProvider] {
		return c.Notifications.Providers.CustomEmail
	}, customEmail, `{"isEnabled":true,"webhookURL":"https://mail.tutoring.test/hook","useBasicAuth":false,"basicAuthUsername":"chat","basicAuthPassword":"mail/pass/1","useStoredEmailID":true}`),
	providerCalls("sms/v1/providers/custom", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.CustomSMSProvider] {
		return c.Notifications.Providers.CustomSMS
	}, customSMS, `{"isEnabled":false,"webhookURL":"https://sms.tutoring.test/hook","useBasicAuth":true,"basicAuthUsername":"chat","basicAuthPassword":"text/pass/1","useStoredPhNo":false}`),
	providerCalls("email/v1/providers/sendgrid", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.SendGridProvider] {
		return c.Notifications.Providers.SendGrid
	}, sendGrid, `{"sendGridApiKey":"SG.tutoring/1","sendGridTemplateID":"d-71","sendGridUnsubscribeGroupID":"4711","senderName":"Tutoring","senderEmail":"chat@tutoring.test",`+
		`"allowEmailReplies":true,"senderEmailForReplies":"reply@tutoring.test","isEnabled":true}`),
	providerCalls("sms/v1/providers/twilio", func(c *cometchat.Client) *cometchat.ProviderService[cometchat.TwilioProvider] {
		return c.Notifications.Providers.Twilio
	}, twilio, `{"twilioAccountSID":"AC71","twilioAuthToken":"twilio/token/1","twilioSenderPhoneNumber":"+4930123456","isEnabled":true}`),
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

// TestNotificationWire holds every operation to what it sends, byte for byte:
// whom it is about stands in the query, in a header, or in an auth token.
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
			client := served(t, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				got.route, got.path, got.onBehalfOf, got.body = r.Method, strings.TrimPrefix(r.URL.RequestURI(), "/v3"), r.Header.Get("onBehalfOf"), string(body)
				_, _ = io.WriteString(w, `{"data":{"success":true}}`)
			}, once)
			_, _ = tt.call(t.Context(), client)
			assert.Equal(t, notificationCall{route: method, path: tt.path, onBehalfOf: tt.onBehalfOf, body: tt.body}, got)
		})
		delete(unseen, tt.route)
	}
	assert.Empty(t, unseen, "operations without a test")
}

// TestDocumentedNotifications decodes each documented example and compares the
// whole of what it became with the whole of the example.
func TestDocumentedNotifications(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(shared(t, "COMETCHAT_SHARED"), "api", "openapi", "chat-apis.json"))
	require.NoError(t, err)
	var doc openAPI
	require.NoError(t, json.Unmarshal(raw, &doc))
	for _, tt := range notificationCalls {
		t.Run(tt.route, func(t *testing.T) {
			method, pattern, _ := strings.Cut(tt.route, " ")
			examples := responseExamples(t, doc.Paths[pattern][strings.ToLower(method)])
			require.NotEmpty(t, examples)
			for _, body := range examples {
				got, err := tt.call(t.Context(), answering(t, 200, string(body)))
				require.NoError(t, err)
				if got != nil {
					assert.JSONEq(t, toJSON(t, documented(t, tt.route, body)), toJSON(t, got))
				}
			}
		})
	}
}

// documented is the data of an example, in the shape of the client's types.
func documented(t *testing.T, route string, body []byte) any {
	var env struct{ Data any }
	require.NoError(t, json.Unmarshal(body, &env))
	data, _ := env.Data.(map[string]any)
	for _, member := range []string{"pushProviders", "pushTokens", "mutedConversations", "timezone"} {
		if inner, ok := data[member]; ok {
			if list, ok := inner.([]any); ok && strings.HasSuffix(route, "/push/v1/providers/custom") {
				return list[0]
			}
			if list, ok := inner.([]any); ok && len(list) == 0 {
				return nil
			}
			return inner
		}
	}
	if route == "GET /notifications/v1/logs" {
		for _, item := range env.Data.([]any) {
			item := item.(map[string]any)
			for _, id := range []string{"messageId", "reactionId"} { // ids are texts in this library
				item[id] = toJSON(t, item[id])
			}
		}
		return env.Data
	}
	if !strings.HasSuffix(route, "/v1/preferences") {
		return env.Data
	}
	if inner, ok := data["preferences"].(map[string]any); ok {
		inner["sound"], inner["templates"] = data["sound"], data["templates"]
		return inner
	}
	rename := func(section string, name func(string) string) map[string]any {
		out := map[string]any{}
		for k, v := range data[section].(map[string]any) {
			out[name(k)] = v
		}
		return out
	}
	setting := func(prefix string) func(string) string {
		return func(name string) string {
			name = strings.TrimPrefix(name, prefix)
			return strings.ToLower(name[:1]) + name[1:] + "Setting"
		}
	}
	return map[string]any{
		"group":              rename("groupPreferences", setting("group")),
		"oneOnOne":           rename("oneOnOnePreferences", setting("oneOnOne")),
		"mute":               rename("mutePreferences", func(name string) string { return name + "PreferenceSetting" }),
		"usePrivacyTemplate": data["usePrivacyTemplate"],
	}
}

// tutoring is an app with two users in a group.
func tutoring(srv *cometchattest.Server) {
	at := time.Unix(int64(recordedAt), 0)
	srv.SetClock(func() time.Time { return at })
	srv.AddUsers(cometchattest.User{UID: "piotr"}, cometchattest.User{UID: "lena"})
	srv.AddGroups(cometchattest.Group{GUID: "crew", Name: "Crew", Owner: "piotr", Participants: []string{"lena"}})
}

// veiled replaces every secret in v, since a replayed one is a placeholder.
func veiled[T any](v T) T {
	var veil func(v reflect.Value)
	veil = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				veil(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				veil(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					veil(v.Field(i))
				}
			}
		case reflect.String:
			if v.Type() == reflect.TypeFor[cometchat.Secret]() && v.Len() > 0 {
				v.SetString("a secret")
			}
		}
	}
	deep := reflect.New(reflect.TypeFor[T]())
	b, _ := json.Marshal(v)
	_ = json.Unmarshal(b, deep.Interface())
	veil(deep)
	return deep.Elem().Interface().(T)
}

func TestNotificationSettings(t *testing.T) {
	ctx := t.Context()
	settings := replayed(t, "notifications/settings", tutoring).Notifications.Settings
	before, err := settings.Get(ctx)
	require.NoError(t, err)
	assert.Equal(t, cometchat.MessageNotificationsAll, before.Preferences.Group.Messages)
	assert.Equal(t, yes, before.Preferences.Group.MessagesOverride)
	assert.Equal(t, cometchat.EventNotificationsOff, before.Preferences.Call.Ended)
	assert.Equal(t, &cometchat.NotificationHours{To: cometchat.Clock(23, 59)}, before.Preferences.Mute.Schedule.Sunday)
	assert.Equal(t, cometchat.PrivacyTemplatesByChoice, before.Templates.UsePrivacyTemplate)
	assert.Equal(t, cometchat.Ptr("{{message.data.text}}"), before.Templates.TextMessageDefault.Body)
	assert.NotNil(t, before.Templates.SMSContentPrivacy)

	changed := *before
	changed.Preferences.BypassForMentions = yes
	changed.Preferences.Push.CustomJSON = cometchat.Metadata(`{"app":7}`)
	changed.Templates.TextMessageDefault = &cometchat.NotificationTemplate{Body: cometchat.Ptr(""), TitleGroup: cometchat.Ptr("<Tutoring> & co")}
	require.NoError(t, settings.Update(ctx, &changed))
	after, err := settings.Get(ctx)
	require.NoError(t, err)
	assert.Equal(t, &changed, after)

	require.NoError(t, settings.Reset(ctx))
	fresh, err := settings.Get(ctx)
	require.NoError(t, err)
	assert.Equal(t, no, fresh.Preferences.BypassForMentions)
	assert.Empty(t, fresh.Preferences.Push.CustomJSON)
}

func TestNotificationPreferences(t *testing.T) {
	ctx := t.Context()
	preferences := replayed(t, "notifications/preferences", tutoring).Notifications.Preferences
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
	assert.Equal(t, yes, reset.UsePrivacyTemplate)

	_, err = preferences.Get(ctx, "nobody")
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
}

func TestMutedConversations(t *testing.T) {
	ctx := t.Context()
	preferences := replayed(t, "notifications/mute", tutoring).Notifications.Preferences
	require.NoError(t, preferences.Mute(ctx, "piotr", everyOne, later))
	muted, err := preferences.ListMuted(ctx, "piotr", nil)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.MutedConversation{
		{ID: "crew", Type: cometchat.MutedConversationTypeGroup, Until: 1893456000123},
		{ID: "lena", Type: cometchat.MutedConversationTypeOneOnOne, Until: 1893456000123},
	}, muted)
	assert.True(t, later.Equal(muted[0].Until.Time()))
	assert.Equal(t, []cometchat.Receiver{cometchat.ToGroup("crew"), cometchat.ToUser("lena")}, []cometchat.Receiver{muted[0].Receiver(), muted[1].Receiver()})
	require.NoError(t, preferences.Unmute(ctx, "piotr", everyOne[:1]))
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

func TestContactDetails(t *testing.T) {
	ctx := t.Context()
	contacts := replayed(t, "notifications/contacts", tutoring).OnBehalfOf("lena").Notifications.Contacts
	details, set, err := contacts.Get(ctx, "piotr")
	require.NoError(t, err)
	assert.False(t, set, "not set is no error")
	assert.Equal(t, &cometchat.ContactDetails{}, details)
	_, err = contacts.Update(ctx, "piotr", &cometchat.UpdateContactDetailsRequest{Email: cometchat.Ptr("piotr@tutoring.test")})
	require.NoError(t, err)
	details, err = contacts.Update(ctx, "piotr", &cometchat.UpdateContactDetailsRequest{PhNo: cometchat.Ptr("+48221234567")})
	require.NoError(t, err)
	want := &cometchat.ContactDetails{Email: "piotr@tutoring.test", PhNo: "+48221234567"}
	assert.Equal(t, want, details)
	details, set, err = contacts.Get(ctx, "piotr")
	require.NoError(t, err)
	assert.True(t, set)
	assert.Equal(t, want, details)
	_, set, err = contacts.Get(ctx, "lena")
	require.NoError(t, err)
	assert.False(t, set, "of the user named, whoever acts")
	require.NoError(t, contacts.Delete(ctx, "piotr"))
	_, set, err = contacts.Get(ctx, "piotr")
	require.NoError(t, err)
	assert.False(t, set)
	_, _, err = contacts.Get(ctx, "nobody")
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
}

func TestPushTokens(t *testing.T) {
	client := replayed(t, "notifications/tokens", tutoring)
	ctx, tokens := t.Context(), client.Notifications.PushTokens
	session, other := mint(t, client, "piotr"), mint(t, client, "piotr")
	phone, tablet := *device, *device
	phone.AuthToken, tablet.AuthToken = session, other
	tablet.Platform, tablet.PushToken, tablet.Timezone = cometchat.PushPlatformAPNSIOSDevice, "apns-token-2", ""
	require.NoError(t, tokens.Register(ctx, &phone))
	require.NoError(t, tokens.Register(ctx, &tablet))
	err := tokens.Register(ctx, &phone)
	require.ErrorIs(t, err, cometchat.CodeTokenAlreadyExists)
	require.ErrorIs(t, err, cometchat.ErrAlreadyExists)

	own, err := tokens.List(ctx, session, nil)
	require.NoError(t, err)
	at := time.Unix(int64(recordedAt), 0).UTC()
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

func TestPushProviders(t *testing.T) {
	client := replayed(t, "notifications/push-providers", tutoring)
	testPushProvider(t, client.Notifications.Providers.FCM, fcmProvider, &cometchat.FCMProvider{ProviderID: "firebase", ServiceAccountFilename: "new.json"},
		func(p *cometchat.FCMProvider) { p.ServiceAccountFilename = "new.json" })
	testPushProvider(t, client.Notifications.Providers.APNS, apnsProvider, &cometchat.APNSProvider{ProviderID: "apple", ProductionMode: yes},
		func(p *cometchat.APNSProvider) { p.ProductionMode = yes })
}

func testPushProvider[P any](t *testing.T, s *cometchat.PushProviderService[P], p, change *P, apply func(*P)) {
	ctx := t.Context()
	none, err := s.List(ctx, nil)
	require.NoError(t, err)
	assert.Empty(t, none)
	require.NoError(t, s.Create(ctx, p))
	err = s.Create(ctx, p)
	require.ErrorIs(t, err, cometchat.CodeProviderAlreadyExists)
	require.NoError(t, s.Update(ctx, change))
	list, err := s.List(ctx, nil)
	require.NoError(t, err)
	want := veiled(p)
	apply(want)
	assert.Equal(t, []*P{want}, veiled(list))
	id := reflect.ValueOf(p).Elem().FieldByName("ProviderID").String()
	require.NoError(t, s.SetDefault(ctx, id))
	require.NoError(t, s.Delete(ctx, id))
	for _, err := range []error{s.Update(ctx, change), s.SetDefault(ctx, id), s.Delete(ctx, id)} {
		require.ErrorIs(t, err, cometchat.CodeProviderNotFound)
		require.ErrorIs(t, err, cometchat.ErrNotFound)
	}
}

func TestProviders(t *testing.T) {
	providers := replayed(t, "notifications/providers", tutoring).Notifications.Providers
	testProvider(t, providers.CustomPush, customPush, &cometchat.CustomPushProvider{IsEnabled: no}, func(p *cometchat.CustomPushProvider) { p.IsEnabled = no })
	testProvider(t, providers.CustomEmail, customEmail, &cometchat.CustomEmailProvider{UseBasicAuth: yes}, func(p *cometchat.CustomEmailProvider) { p.UseBasicAuth = yes })
	testProvider(t, providers.CustomSMS, customSMS, &cometchat.CustomSMSProvider{UseStoredPhNo: yes}, func(p *cometchat.CustomSMSProvider) { p.UseStoredPhNo = yes })
	answered := *sendGrid
	answered.IsEnabled, answered.RepliesWebhook = nil, "https://notifications.cometchat.test/email/v1/sendgrid/replies?token=t"
	testProvider(t, providers.SendGrid, &answered, &cometchat.SendGridProvider{SenderName: "T"}, func(p *cometchat.SendGridProvider) { p.SenderName = "T" })
	without := *twilio
	without.IsEnabled = nil
	testProvider(t, providers.Twilio, &without, &cometchat.TwilioProvider{TwilioSenderPhoneNumber: "+4930999"}, func(p *cometchat.TwilioProvider) { p.TwilioSenderPhoneNumber = "+4930999" })
}

func testProvider[P any](t *testing.T, s *cometchat.ProviderService[P], p, change *P, apply func(*P)) {
	ctx := t.Context()
	empty, set, err := s.Get(ctx)
	require.NoError(t, err)
	assert.False(t, set, "not set is no error")
	assert.Equal(t, new(P), empty)
	_, err = s.Update(ctx, change)
	require.ErrorIs(t, err, cometchat.CodeProviderNotFound)
	made, err := s.Create(ctx, p)
	require.NoError(t, err)
	assert.Equal(t, veiled(p), veiled(made))
	_, err = s.Create(ctx, p)
	require.ErrorIs(t, err, cometchat.CodeProviderAlreadyExists)
	changed, err := s.Update(ctx, change)
	require.NoError(t, err)
	want := veiled(p)
	apply(want)
	assert.Equal(t, want, veiled(changed))
	got, set, err := s.Get(ctx)
	require.NoError(t, err)
	assert.True(t, set)
	assert.Equal(t, changed, got)
	require.NoError(t, s.Delete(ctx))
	require.ErrorIs(t, s.Delete(ctx), cometchat.CodeProviderNotFound)
}

func TestNotificationLogs(t *testing.T) {
	client := replayed(t, "notifications/logs", func(srv *cometchattest.Server) {
		tutoring(srv)
		for i := range 45 {
			srv.AddNotificationLogs(cometchattest.NotificationLog{MessageID: int64(i + 1), Sender: "piotr", Receiver: "lena", Reason: []string{"", "DND_PREFERENCE"}[i%2]})
		}
	})
	logs := client.Notifications.Logs
	first, err := logs.List(nil).First(t.Context())
	require.NoError(t, err)
	require.Len(t, first.Items, 20)
	at := cometchat.UnixMilli(1000 * int64(recordedAt))
	assert.Equal(t, &cometchat.NotificationLog{
		ID: first.Items[0].ID, ProcessingStartedAt: at, ProcessingEndedAt: at + 8, ProcessingTimeInMS: 8, MessageSentAt: at, Component: "notifications-core",
		Channel: cometchat.NotificationChannelPush, Provider: cometchat.NotificationProviderFCM, Trigger: cometchat.NotificationTriggerMessageSent,
		MessageID: "1", Sender: "piotr", Receiver: "lena", ReceiverType: cometchat.ReceiverTypeUser, NotificationTriggered: true, Success: yes,
	}, first.Items[0])

	list := logs.List(&cometchat.NotificationLogListOptions{Reason: cometchat.NotificationReasonDNDPreference})
	seen := map[string]bool{}
	for l, err := range list.All(t.Context()) {
		require.NoError(t, err)
		assert.False(t, l.NotificationTriggered)
		assert.Nil(t, l.Success)
		seen[l.MessageID] = true
	}
	assert.Len(t, seen, 22)
	var back []string
	for l, err := range list.Backward(t.Context()) {
		require.NoError(t, err)
		back = append(back, l.MessageID)
	}
	assert.Len(t, back, 22)
	assert.Equal(t, "44", back[0])
}

// TestNotificationLogPages pages by the id of the last log: what meta.next names
// would filter for one message.
func TestNotificationLogPages(t *testing.T) {
	var queries []string
	client := served(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		pages := map[string]string{
			"":   `[{"_id":"a","messageId":7},{"_id":"b","messageId":7}]`,
			"b":  `[{"_id":"c","messageId":7}]`,
			"c":  `[]`,
			"on": `[{"_id":"on","messageId":7}]`,
		}
		_, _ = io.WriteString(w, `{"data":`+pages[r.URL.Query().Get("logId")]+`,"meta":{"previous":{"affix":"prepend","messageId":7},"current":{"limit":20,"count":2},"next":{"affix":"append","messageId":7}}}`)
	}, once)
	logs, err := client.Notifications.Logs.List(&cometchat.NotificationLogListOptions{Sender: "piotr"}).Collect(t.Context(), 100)
	require.NoError(t, err)
	assert.Len(t, logs, 3)
	assert.Equal(t, []string{"sender=piotr", "affix=append&logId=b&sender=piotr", "affix=append&logId=c&sender=piotr"}, queries)

	page, err := client.Notifications.Logs.List(nil).First(t.Context())
	require.NoError(t, err)
	queries = nil
	_, err = client.Notifications.Logs.List(nil).From(page.Next).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"affix=append&logId=b"}, queries)

	// A server that gives the same page again is found out, and so is one whose
	// logs have no id to go on by.
	for _, body := range []string{`{"data":[{"_id":"a"}]}`, `{"data":[{"messageId":7}]}`} {
		asked := 0
		client := served(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			_, _ = io.WriteString(w, body)
		}, once)
		_, err := client.Notifications.Logs.List(nil).Collect(t.Context(), 100)
		require.ErrorIs(t, err, cometchat.ErrPaginationLoop)
		assert.Less(t, asked, 4)
	}
}

// TestPreferencesRoundTrip gets preferences, changes one, updates, and gets them
// again: only that one differs, for every field that an update takes.
func TestPreferencesRoundTrip(t *testing.T) {
	client, srv := emulated(t)
	tutoring(srv)
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
			before := toJSON(t, want)
			change(want)
			require.NotEqual(t, before, toJSON(t, want), name)
			sent(srv)
			_, err = preferences.Update(ctx, "piotr", want)
			require.NoError(t, err)
			assert.NotContains(t, sent(srv)[0].Body, "usePrivacyTemplate", "only if set")
			got, err := preferences.Get(ctx, "piotr")
			require.NoError(t, err)
			require.Equal(t, want, got, name)
		}
	}
}

// TestSettingsRoundTrip is the same for the settings of the app.
func TestSettingsRoundTrip(t *testing.T) {
	client, srv := emulated(t)
	ctx, settings := t.Context(), client.Notifications.Settings
	for _, change := range []func(s *cometchat.NotificationSettings){
		func(s *cometchat.NotificationSettings) { s.Preferences.Group.RepliesOverride = no },
		func(s *cometchat.NotificationSettings) {
			s.Preferences.OneOnOne.MessageDeleted = cometchat.EventNotificationsOff
		},
		func(s *cometchat.NotificationSettings) { s.Preferences.Call.Busy = cometchat.EventNotificationsOn },
		func(s *cometchat.NotificationSettings) { s.Preferences.Email.MaxPerDay = cometchat.Ptr(0) },
		func(s *cometchat.NotificationSettings) { s.Preferences.SMS.IncludeSenderMetadata = no },
		func(s *cometchat.NotificationSettings) { s.Preferences.Push.TrimText = yes },
		func(s *cometchat.NotificationSettings) { s.Preferences.BypassForGroupMentions = yes },
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
		before := toJSON(t, want)
		change(want)
		require.NotEqual(t, before, toJSON(t, want))
		sent(srv)
		require.NoError(t, settings.Update(ctx, want))
		body := sent(srv)[0].Body
		assert.NotContains(t, body, "busyOverride", "only responses have it")
		assert.NotContains(t, body, "dndPreferenceSetting", "only responses have it")
		got, err := settings.Get(ctx)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// Everything that can be wrong is refused before anything is sent.
func TestNotificationsRefused(t *testing.T) {
	client, srv := emulated(t)
	n := client.Notifications
	register := func(change func(r *cometchat.RegisterPushTokenRequest)) func(context.Context) error {
		return func(ctx context.Context) error {
			r := *device
			change(&r)
			return n.PushTokens.Register(ctx, &r)
		}
	}
	for name, tt := range map[string]struct {
		call  func(ctx context.Context) error
		field string
	}{
		"no uid":    {func(ctx context.Context) error { _, err := n.Preferences.Get(ctx, ""); return err }, "uid"},
		"no user":   {func(ctx context.Context) error { _, _, err := n.Contacts.Get(ctx, ""); return err }, "onBehalfOf"},
		"nothing":   {func(ctx context.Context) error { return n.Settings.Update(ctx, nil) }, "request"},
		"no change": {func(ctx context.Context) error { _, err := n.Preferences.Update(ctx, "a", nil); return err }, "request"},
		"no contact": {func(ctx context.Context) error {
			_, err := n.Contacts.Update(ctx, "a", &cometchat.UpdateContactDetailsRequest{})
			return err
		}, "email"},
		"no zone":       {func(ctx context.Context) error { _, err := n.Preferences.SetTimezone(ctx, "a", ""); return err }, "timezone"},
		"no receiver":   {func(ctx context.Context) error { return n.Preferences.Mute(ctx, "a", nil, later) }, "conversations"},
		"no time":       {func(ctx context.Context) error { return n.Preferences.Mute(ctx, "a", everyOne, time.Time{}) }, "until"},
		"no id":         {func(ctx context.Context) error { return n.Preferences.Unmute(ctx, "a", []cometchat.Receiver{{}}) }, "conversations[0]"},
		"no platform":   {register(func(r *cometchat.RegisterPushTokenRequest) { r.Platform = "" }), "platform"},
		"odd platform":  {register(func(r *cometchat.RegisterPushTokenRequest) { r.Platform = "apns_ios" }), "platform"},
		"no token":      {register(func(r *cometchat.RegisterPushTokenRequest) { r.PushToken = "" }), "pushToken"},
		"long token":    {register(func(r *cometchat.RegisterPushTokenRequest) { r.PushToken = cometchat.Secret(strings.Repeat("x", 4097)) }), "pushToken"},
		"no session":    {register(func(r *cometchat.RegisterPushTokenRequest) { r.AuthToken = "" }), "authToken"},
		"long provider": {register(func(r *cometchat.RegisterPushTokenRequest) { r.ProviderID = strings.Repeat("p", 101) }), "providerId"},
		"no request":    {func(ctx context.Context) error { return n.PushTokens.Register(ctx, nil) }, "request"},
		"list":          {func(ctx context.Context) error { _, err := n.PushTokens.List(ctx, "", nil); return err }, "authToken"},
		"unregister":    {func(ctx context.Context) error { _, err := n.PushTokens.Unregister(ctx, "", nil); return err }, "authToken"},
		"delete":        {func(ctx context.Context) error { _, err := n.PushTokens.Delete(ctx, "t", ""); return err }, "pushToken"},
		"fcm":           {func(ctx context.Context) error { return n.Providers.FCM.Create(ctx, &cometchat.FCMProvider{}) }, "providerId"},
		"apns":          {func(ctx context.Context) error { return n.Providers.APNS.Update(ctx, &cometchat.APNSProvider{}) }, "providerId"},
		"default":       {func(ctx context.Context) error { return n.Providers.APNS.SetDefault(ctx, "") }, "providerId"},
		"custom": {func(ctx context.Context) error {
			p := *customPush
			p.BasicAuthPassword, p.UseBasicAuth = "", no
			_, err := n.Providers.CustomPush.Create(ctx, &p)
			return err
		}, "basicAuthPassword"},
		"email": {func(ctx context.Context) error {
			p := *customEmail
			p.UseStoredEmailID = nil
			_, err := n.Providers.CustomEmail.Create(ctx, &p)
			return err
		}, "useStoredEmailID"},
		"sms": {func(ctx context.Context) error {
			p := *customSMS
			p.UseStoredPhNo = nil
			_, err := n.Providers.CustomSMS.Create(ctx, &p)
			return err
		}, "useStoredPhNo"},
		"sendgrid": {func(ctx context.Context) error {
			p := *sendGrid
			p.AllowEmailReplies = nil
			_, err := n.Providers.SendGrid.Create(ctx, &p)
			return err
		}, "allowEmailReplies"},
		"twilio": {func(ctx context.Context) error {
			_, err := n.Providers.Twilio.Create(ctx, &cometchat.TwilioProvider{TwilioAccountSID: "a", TwilioAuthToken: "b"})
			return err
		}, "twilioSenderPhoneNumber"},
		"an hour too many": {func(ctx context.Context) error {
			return n.Settings.Update(ctx, &cometchat.NotificationSettings{Preferences: &cometchat.AppNotificationPreferences{
				Mute: &cometchat.MuteNotifications{Schedule: &cometchat.NotificationSchedule{Monday: &cometchat.NotificationHours{To: cometchat.Clock(24, 0)}}}}})
		}, "preferences.mute.schedulePreferenceSetting.monday.to"},
		"a minute too many": {func(ctx context.Context) error {
			_, err := n.Preferences.Update(ctx, "a", &cometchat.NotificationPreferences{
				Mute: &cometchat.MuteNotifications{Schedule: cometchat.EveryDay(cometchat.NotificationHours{From: cometchat.Clock(9, 60)})}})
			return err
		}, "mutePreferences.schedule.monday.from"},
	} {
		err := tt.call(t.Context())
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, err, &invalid, name)
		assert.Equal(t, tt.field, invalid.Field, name)
		require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
	assert.Empty(t, sent(srv))
}

// Who acts is the user named, for the tracer, too; and settings without
// preferences are sent as they are.
func TestNotificationsActingUser(t *testing.T) {
	client, srv := emulated(t)
	tutoring(srv)
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

// The name of the member that a push token stands in depends on the platform.
func TestPushTokenMembers(t *testing.T) {
	for platform, member := range map[cometchat.PushPlatform]string{
		cometchat.PushPlatformFCMWeb:                "fcmToken",
		cometchat.PushPlatformFCMIonicCordovaIOS:    "fcmToken",
		cometchat.PushPlatformAPNSReactNativeDevice: "deviceToken",
		cometchat.PushPlatformAPNSFlutterVoIP:       "voipToken",
		"fcm_of_tomorrow":                           "fcmToken",
	} {
		var body string
		client := served(t, func(w http.ResponseWriter, r *http.Request) {
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

// The API has several ways to say that something is not set, and of
// acknowledging.
func TestNotificationsOddResponses(t *testing.T) {
	ctx := t.Context()
	for _, data := range []string{`{}`, `[]`, `null`, `""`, `{"pushProviders":[]}`, `{"pushProviders":null}`, `{"pushProviders":[null]}`} {
		client := answering(t, 200, `{"data":`+data+`}`)
		_, set, err := client.Notifications.Providers.CustomPush.Get(ctx)
		require.NoError(t, err, data)
		assert.False(t, set, data)
		details, set, err := client.Notifications.Contacts.Get(ctx, "piotr")
		require.NoError(t, err, data)
		assert.False(t, set, data)
		assert.Equal(t, &cometchat.ContactDetails{}, details)
		zone, err := client.Notifications.Preferences.Timezone(ctx, "piotr")
		require.NoError(t, err, data)
		assert.Empty(t, zone)
	}
	_, set, err := answering(t, 404, `{"error":{"code":"ERR_PROVIDER_NOT_FOUND"}}`).Notifications.Providers.Twilio.Get(ctx)
	require.NoError(t, err)
	assert.False(t, set)
	for _, code := range []string{"ERR_UID_NOT_FOUND", "ERR_API_NOT_FOUND"} {
		_, _, err = answering(t, 404, `{"error":{"code":"`+code+`"}}`).Notifications.Providers.Twilio.Get(ctx)
		require.ErrorIs(t, err, cometchat.ErrorCode(code))
	}
	_, _, err = answering(t, 200, `{"data":{"twilioAccountSID":`).Notifications.Providers.Twilio.Get(ctx)
	require.Error(t, err)

	for _, body := range []string{`{"data":{"success":true}}`, `{"success":true}`, `{"data":{"pushProviders":[{"providerId":"p"}]}}`, `{"data":{"pushProviders":[]}}`} {
		require.NoError(t, answering(t, 200, body).Notifications.Providers.APNS.Create(ctx, apnsProvider), body)
	}
	err = answering(t, 200, `{"data":{"success":false,"message":"no"}}`).Notifications.Providers.FCM.Create(ctx, fcmProvider)
	require.Error(t, err)
	require.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)

	// A list under a member, with what PHP makes of nothing among its items.
	tokens, err := answering(t, 200, `{"data":{"pushTokens":[null,{"pushToken":"t","createdAt":"2026-01-02T03:04:05.678Z"}]}}`).Notifications.PushTokens.List(ctx, "s", nil)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.PushToken{{PushToken: "t", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)}}, tokens)

	// One nullable text, and times that are no times.
	p, set, err := answering(t, 200, `{"data":{"senderName":"T","senderEmailForReplies":null}}`).Notifications.Providers.SendGrid.Get(ctx)
	require.NoError(t, err)
	assert.True(t, set)
	assert.Equal(t, &cometchat.SendGridProvider{SenderName: "T"}, p)
	log, err := answering(t, 200, `{"data":[{"_id":"a","messageId":7,"payload":{"payload":{"sessionId":null}}}]}`).Notifications.Logs.List(nil).First(ctx)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.NotificationLog{{ID: "a", MessageID: "7", Payload: json.RawMessage(`{"payload":{"sessionId":null}}`)}}, log.Items)
}
