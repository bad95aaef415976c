package cometchattest_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

const (
	fcmPath    = "/notifications/push/v1/providers/fcm"
	apnsPath   = "/notifications/push/v1/providers/apns"
	tokensPath = "/notifications/push/v1/tokens"
	prefsPath  = "/notifications/v1/preferences?uid="
)

func TestNotificationSettingsMerge(t *testing.T) {
	a := newAPI(t)
	const path = "/notifications/v1/settings"
	before := a.do("GET", path, "").data()
	assert.Equal(t, 2.0, at(t, before, "preferences", "group", "messagesSetting"))
	assert.Equal(t, false, at(t, before, "preferences", "call", "endedOverride"))
	assert.Equal(t, "default", at(t, before, "sound", "chat"))

	got := a.do("PATCH", path, `{"preferences":{"group":{"messagesSetting":3},"push":{"customJson":{"a":[1]}},"mute":{"schedulePreferenceSetting":{"monday":{"from":900,"to":1700,"dnd":false}}}},
		"templates":{"textMessageTemplateDefault":{"body":""}},"unknown":1}`).data()
	assert.Equal(t, map[string]any{"success": true}, got)
	after := a.do("GET", path, "").data()
	assert.Equal(t, 3.0, at(t, after, "preferences", "group", "messagesSetting"))
	assert.Equal(t, 2.0, at(t, after, "preferences", "group", "repliesSetting"), "sections are merged")
	assert.Equal(t, map[string]any{"from": 900.0, "to": 1700.0, "dnd": false}, at(t, after, "preferences", "mute", "schedulePreferenceSetting", "monday"))
	assert.Equal(t, map[string]any{"from": 0.0, "to": 2359.0, "dnd": false}, at(t, after, "preferences", "mute", "schedulePreferenceSetting", "sunday"))
	assert.Equal(t, map[string]any{"body": ""}, at(t, after, "templates", "textMessageTemplateDefault"), "a template is replaced")
	assert.NotContains(t, after, "unknown")
	assert.Equal(t, map[string]any{"a": []any{1.0}}, at(t, after, "preferences", "push", "customJson"))

	a.do("PATCH", path, `{"preferences":{"group":{"messagesSetting":4,"memberLeftSetting":3,"repliesOverride":"perhaps"},
		"mute":{"schedulePreferenceSetting":{"monday":{"from":960}}},"push":{"customJson":5}},"sound":{"chat":7},"templates":5}`).
		badFields("preferences.group.messagesSetting", "preferences.group.memberLeftSetting", "preferences.group.repliesOverride",
			"preferences.mute.schedulePreferenceSetting.monday.from", "preferences.push.customJson", "sound.chat", "templates")
	a.do("PATCH", path, `{`).badFields()

	a.do("DELETE", path, "").ok()
	assert.Equal(t, before, a.do("GET", path, "").data())
}

func TestNotificationPreferencesOfUsers(t *testing.T) {
	a := chat(t)
	before := a.do("GET", prefsPath+"Ana", "").data()
	assert.NotContains(t, at(t, before, "preferences", "group"), "messageEditedSetting", "the app's alone")
	got := a.do("PATCH", prefsPath+"ana", `{"groupPreferences":{"groupMemberLeft":2},"oneOnOnePreferences":{"oneOnOneReactions":3},
		"mutePreferences":{"dnd":2,"schedule":{"sunday":{"from":0,"to":0,"dnd":true}}},"usePrivacyTemplate":true}`).data()
	assert.Equal(t, 2.0, at(t, got, "preferences", "group", "memberLeftSetting"))
	assert.Equal(t, 3.0, at(t, got, "preferences", "oneOnOne", "reactionsSetting"))
	assert.Equal(t, 2.0, at(t, got, "preferences", "mute", "dndPreferenceSetting"))
	assert.Equal(t, true, at(t, got, "preferences", "mute", "schedulePreferenceSetting", "sunday", "dnd"))
	assert.Equal(t, got, a.do("GET", prefsPath+"ana", "").data())
	assert.Equal(t, before, a.do("GET", prefsPath+"ben", "").data())

	// Preferences that the settings do not let users override have no effect.
	a.do("PATCH", "/notifications/v1/settings", `{"preferences":{"group":{"memberLeftOverride":false}}}`).ok()
	assert.Equal(t, 1.0, at(t, a.do("GET", prefsPath+"ana", "").data(), "preferences", "group", "memberLeftSetting"))

	reset := a.do("DELETE", prefsPath+"ana", "").data()
	assert.Equal(t, 2.0, at(t, reset, "groupPreferences", "groupMessages"))
	assert.Equal(t, 2.0, at(t, reset, "oneOnOnePreferences", "oneOnOneReactions"))
	assert.Equal(t, 1.0, at(t, reset, "mutePreferences", "dnd"))
	assert.Equal(t, true, reset["usePrivacyTemplate"])

	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		a.do(method, "/notifications/v1/preferences", "").badFields("uid")
		a.do(method, prefsPath+"ghost", "").fails(404, "ERR_UID_NOT_FOUND")
	}
	a.do("PATCH", prefsPath+"ana", `{"groupPreferences":{"groupMessages":4}}`).badFields("groupPreferences.groupMessages")
	a.do("PATCH", prefsPath+"ana", `{`).badFields()
}

func TestNotificationMutesAndTimezone(t *testing.T) {
	a := chat(t)
	const path = "/notifications/v1/preferences/mute"
	until := start.Add(time.Hour).UnixMilli()
	conversation := func(id, kind string) string { return fmt.Sprintf(`{"id":%q,"type":%q,"until":%d}`, id, kind, until) }
	a.do("PUT", path+"?uid=ana", `{"conversations":[`+conversation("Ben", "oneOnOne")+`]}`).ok()
	a.do("PUT", path+"?uid=ana", `{"conversations":[`+conversation("crew", "group")+`]}`).ok()
	muted := a.do("GET", path+"?uid=ana", "").data()
	assert.Equal(t, []any{
		map[string]any{"id": "crew", "type": "group", "until": float64(until)}, map[string]any{"id": "ben", "type": "oneOnOne", "until": float64(until)},
	}, muted["mutedConversations"], "others stay muted")
	a.do("DELETE", path+"?uid=ana", `{"conversations":[{"id":"crew","type":"group"}]}`).ok()
	a.do("DELETE", path+"?uid=ben", `{"conversations":[{"id":"crew","type":"group"}]}`).ok()
	assert.Len(t, a.do("GET", path+"?uid=ana", "").data()["mutedConversations"], 1)
	a.clock.Advance(time.Hour)
	assert.Empty(t, a.do("GET", path+"?uid=ana", "").data()["mutedConversations"], "until then")

	a.do("PUT", path+"?uid=ana", `{"conversations":[{"id":"","type":"user","until":1}]}`).badFields("conversations.0.id", "conversations.0.type", "conversations.0.until")
	for _, body := range []string{"", `{"conversations":[]}`, `{"conversations":5}`} {
		a.do("PUT", path+"?uid=ana", body).badFields("conversations")
		a.do("DELETE", path+"?uid=ana", body).badFields("conversations")
	}
	a.do("PUT", path+"?uid=ana", `{`).badFields()
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		a.do(method, path, "").badFields("uid")
	}

	const zone = "/notifications/v1/preferences/timezone?uid=ana"
	assert.Equal(t, map[string]any{"timezone": "UTC"}, a.do("GET", zone, "").data())
	assert.Equal(t, map[string]any{"timezone": "Asia/Kolkata"}, a.do("PATCH", zone, `{"timezone":"Asia/Kolkata"}`).data())
	assert.Equal(t, map[string]any{"timezone": "Asia/Kolkata"}, a.do("GET", zone, "").data())
	a.do("PATCH", zone, `{"timezone":"Mars/Olympus"}`).badFields("timezone")
}

func TestContactDetailsOfUsers(t *testing.T) {
	a := chat(t)
	const path = "/notifications/v1/contact-details"
	assert.Empty(t, a.as("ana", "GET", path, "").data())
	a.as("ana", "PATCH", path, `{"email":"ana@x.test"}`).ok()
	want := map[string]any{"email": "ana@x.test", "phno": "+4930123"}
	assert.Equal(t, want, a.as("ana", "PATCH", path, `{"phno":"+4930123"}`).data())
	assert.Equal(t, want, a.as("ana", "GET", path, "").data())
	assert.Empty(t, a.as("ben", "GET", path, "").data())
	a.as("ana", "PATCH", path, `{"email":"ana","phno":"030123"}`).badFields("email", "phno")
	a.as("ana", "DELETE", path, "").ok()
	a.as("ana", "DELETE", path, "").ok()
	assert.Empty(t, a.as("ana", "GET", path, "").data())
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		a.do(method, path, "").badFields("onBehalfOf")
	}
}

func TestNotificationProviders(t *testing.T) {
	a := newAPI(t)
	hook := `{"isEnabled":true,"webhookURL":"https://x.test","useBasicAuth":false,"basicAuthUsername":"u","basicAuthPassword":"p"%s}`
	for path, tt := range map[string]struct{ body, change, member string }{
		"/notifications/push/v1/providers/custom":    {fmt.Sprintf(hook, ""), `{"isEnabled":false}`, "isEnabled"},
		"/notifications/email/v1/providers/custom":   {fmt.Sprintf(hook, `,"useStoredEmailID":true`), `{"useStoredEmailID":false}`, "useStoredEmailID"},
		"/notifications/sms/v1/providers/custom":     {fmt.Sprintf(hook, `,"useStoredPhNo":true`), `{"useStoredPhNo":false}`, "useStoredPhNo"},
		"/notifications/email/v1/providers/sendgrid": {`{"sendGridApiKey":"k","sendGridTemplateID":"t","sendGridUnsubscribeGroupID":"7","senderName":"n","senderEmail":"e","allowEmailReplies":true,"isEnabled":true}`, `{"allowEmailReplies":false}`, "allowEmailReplies"},
		"/notifications/sms/v1/providers/twilio":     {`{"twilioAccountSID":"s","twilioAuthToken":"t","twilioSenderPhoneNumber":"+49","isEnabled":true}`, `{"twilioAuthToken":"u"}`, "twilioAuthToken"},
	} {
		t.Run(path, func(t *testing.T) {
			one := func(data map[string]any) map[string]any {
				if list, ok := data["pushProviders"].([]any); ok {
					assert.Len(t, list, 1)
					return list[0].(map[string]any)
				}
				return data
			}
			a := *a
			a.t = t
			if none := a.do("GET", path, "").data(); none["pushProviders"] != nil {
				assert.Empty(t, none["pushProviders"])
			} else {
				assert.Empty(t, none)
			}
			a.do("PUT", path, tt.change).fails(404, "ERR_PROVIDER_NOT_FOUND")
			a.do("DELETE", path, "").fails(404, "ERR_PROVIDER_NOT_FOUND")
			assert.Equal(t, 400, a.do("POST", path, `{}`).Status)
			made := one(a.do("POST", path, tt.body).data())
			a.do("POST", path, tt.body).fails(400, "ERR_PROVIDER_ALREADY_EXISTS")
			changed := one(a.do("PUT", path, tt.change).data())
			assert.NotEqual(t, made[tt.member], changed[tt.member])
			assert.Equal(t, changed, one(a.do("GET", path, "").data()))
			if !strings.HasSuffix(path, "custom") {
				assert.NotContains(t, made, "isEnabled")
			}
			if strings.HasSuffix(path, "sendgrid") {
				assert.Contains(t, made["repliesWebhook"], "?token=")
				assert.NotContains(t, changed, "repliesWebhook")
			}
			a.do("PUT", path, `{`).badFields()
			a.do("POST", path, `{`).badFields()
			assert.Equal(t, map[string]any{"success": true}, a.do("DELETE", path, "").data())
		})
	}
}

func TestPushProvidersOfApps(t *testing.T) {
	a := newAPI(t)
	for _, path := range []string{fcmPath, apnsPath} {
		list := func() []any { return a.do("GET", path, "").data()["pushProviders"].([]any) }
		assert.Empty(t, list())
		made := a.do("POST", path, `{"providerId":"one"}`).data()
		if path == fcmPath {
			assert.Equal(t, map[string]any{"success": true}, made)
		} else {
			assert.Len(t, made["pushProviders"], 1, "APNS answers all there are")
		}
		a.do("POST", path, `{"providerId":"two"}`).ok()
		a.do("POST", path, `{"providerId":"two"}`).fails(400, "ERR_PROVIDER_ALREADY_EXISTS")
		a.do("POST", path, `{}`).badFields("providerId")
		a.do("POST", path, `{"providerId":"`+strings.Repeat("x", 101)+`"}`).badFields("providerId")
		a.do("PUT", path, `{"providerId":"one","keyId":"k","serviceAccountCreds":{"private_key":"p"}}`).ok()
		a.do("PUT", path, `{"providerId":"three"}`).fails(404, "ERR_PROVIDER_NOT_FOUND")
		a.do("PUT", path, `{}`).badFields("providerId")
		a.do("PUT", path, `{`).badFields()
		assert.Equal(t, "one", at(t, list()[0], "providerId"), "in the order they were made")
		assert.Len(t, list()[0], 2)
		assert.Equal(t, map[string]any{"success": true}, a.do("PUT", path+"/default/two", "").data())
		a.do("PUT", path+"/default/three", "").fails(404, "ERR_PROVIDER_NOT_FOUND")
		a.do("DELETE", path+"/one", "").ok()
		a.do("DELETE", path+"/one", "").fails(404, "ERR_PROVIDER_NOT_FOUND")
		assert.Len(t, list(), 1)
	}
}

// logs returns the rows of a list of logs.
func (r reply) logs() []map[string]any {
	r.t.Helper()
	rows, isList := r.ok()["data"].([]any)
	require.True(r.t, isList, r.Body)
	logs := make([]map[string]any, len(rows))
	for i := range rows {
		logs[i] = rows[i].(map[string]any)
	}
	return logs
}

func (a *api) register(authToken, platform, member, token string) reply {
	a.t.Helper()
	return a.do("POST", tokensPath, fmt.Sprintf(`{"authToken":%q,"platform":%q,"providerId":"one",%q:%q}`, authToken, platform, member, token))
}

func TestPushTokensOfUsers(t *testing.T) {
	a := chat(t)
	phone, tablet, ben := a.tokenOf("ana"), a.tokenOf("ana"), a.tokenOf("ben")
	a.register(phone, "fcm_flutter_ios", "fcmToken", "p:1/x").ok()
	a.register(tablet, "apns_ios_voip", "voipToken", "t").ok()
	a.register(ben, "apns_ios_device", "deviceToken", "b").ok()
	a.register(ben, "fcm_web", "fcmToken", "b").fails(400, "ERR_TOKEN_ALREADY_EXISTS")
	a.register("nobody", "fcm_web", "fcmToken", "n").fails(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
	a.register(ben, "apns_ios_device", "fcmToken", "n").badFields("deviceToken")
	a.register(ben, "fcm_ios_device", "fcmToken", "n").badFields("platform")
	a.register(ben, "fcm_web", "fcmToken", strings.Repeat("x", 4097)).badFields("fcmToken")
	a.do("POST", tokensPath, ``).badFields("authToken")
	a.do("POST", tokensPath, `{`).badFields()

	list := func(query string) []any { return a.do("GET", tokensPath+query, "").data()["pushTokens"].([]any) }
	assert.Equal(t, []any{map[string]any{
		"pushToken": "p:1/x", "platform": "fcm_flutter_ios", "providerId": "one", "pushTokenType": "chat", "authToken": phone, "uid": "ana",
		"createdAt": "2024-03-01T12:00:00.000Z", "updatedAt": "2024-03-01T12:00:00.000Z",
	}}, list("?authToken="+phone))
	all := list("?all=true&authToken=" + phone)
	require.Len(t, all, 2)
	assert.Equal(t, "call", at(t, all[1], "pushTokenType"))
	a.do("GET", tokensPath, "").badFields("authToken")
	a.do("GET", tokensPath+"?authToken=x", "").fails(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")

	body := fmt.Sprintf(`{"authToken":%q}`, phone)
	a.do("DELETE", tokensPath+"/b", body).fails(404, "ERR_TOKEN_NOT_FOUND")
	assert.Equal(t, all[:1], a.do("DELETE", tokensPath+"/p:1%2Fx", body).data()["pushTokens"], "those removed")
	assert.Empty(t, a.do("DELETE", tokensPath, body).data()["pushTokens"])
	assert.Equal(t, all[1:], a.do("DELETE", tokensPath+"?all=true", body).data()["pushTokens"])
	a.do("DELETE", tokensPath, ``).badFields("authToken")
	a.do("DELETE", tokensPath+"/b", `{"authToken":"x"}`).fails(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")

	// A user keeps 100 tokens; the oldest are removed.
	for i := range 101 {
		a.register(phone, "fcm_web", "fcmToken", "w"+strconv.Itoa(i)).ok()
	}
	all = list("?all=1&authToken=" + phone)
	require.Len(t, all, 100)
	assert.Equal(t, "w1", at(t, all[0], "pushToken"))
	a.do("POST", tokensPath, fmt.Sprintf(`{"authToken":%q,"platform":"fcm_web","providerId":"one","fcmToken":"z","timezone":"Asia/Kolkata"}`, phone)).ok()
	assert.Equal(t, "Asia/Kolkata", a.do("GET", "/notifications/v1/preferences/timezone?uid=ana", "").data()["timezone"])
	a.do("DELETE", "/users/ana", `{"permanent":true}`).ok()
	a.register(ben, "fcm_web", "fcmToken", "w7").ok()
}

// TestNotificationLogsOfMessages checks which users are notified of a message,
// and the reasons why others are not.
func TestNotificationLogsOfMessages(t *testing.T) {
	until := start.Add(time.Hour).UnixMilli()
	for name, tt := range map[string]struct {
		prepare func(a *api)
		text    string
		reason  string
	}{
		"told":     {func(*api) {}, "hi", ""},
		"none":     {func(a *api) { a.do("PATCH", prefsPath+"ben", `{"oneOnOnePreferences":{"oneOnOneMessages":1}}`).ok() }, "hi", "MESSAGES_PREFERENCE"},
		"others":   {func(a *api) { a.do("PATCH", prefsPath+"ben", `{"oneOnOnePreferences":{"oneOnOneMessages":3}}`).ok() }, "hi", "MESSAGES_PREFERENCE"},
		"mentions": {func(a *api) { a.do("PATCH", prefsPath+"ben", `{"oneOnOnePreferences":{"oneOnOneMessages":3}}`).ok() }, "hi <@uid:ben>", ""},
		"bypassed": {func(a *api) {
			a.do("PATCH", "/notifications/v1/settings", `{"preferences":{"bypassPreferencesForMentions":true}}`).ok()
			a.do("PATCH", prefsPath+"ben", `{"mutePreferences":{"dnd":2}}`).ok()
		}, "hi <@uid:ben>", ""},
		"not disturbed": {func(a *api) { a.do("PATCH", prefsPath+"ben", `{"mutePreferences":{"dnd":2}}`).ok() }, "hi", "DND_PREFERENCE"},
		"muted": {func(a *api) {
			a.do("PUT", "/notifications/v1/preferences/mute?uid=ben", fmt.Sprintf(`{"conversations":[{"id":"ana","type":"oneOnOne","until":%d}]}`, until)).ok()
		}, "hi", "MUTE_PREFERENCE"},
		"muted elsewhere": {func(a *api) {
			a.do("PUT", "/notifications/v1/preferences/mute?uid=ben", fmt.Sprintf(`{"conversations":[{"id":"crew","type":"group","until":%d}]}`, until)).ok()
		}, "hi", ""},
		"quiet hours": {func(a *api) { // noon on a Friday
			a.do("PATCH", prefsPath+"ben", `{"mutePreferences":{"schedule":{"friday":{"from":1201,"to":2359,"dnd":false}}}}`).ok()
		}, "hi", "SCHEDULE_PREFERENCE"},
		"over midnight": {func(a *api) {
			a.do("PATCH", prefsPath+"ben", `{"mutePreferences":{"schedule":{"friday":{"from":2200,"to":1200,"dnd":false}}}}`).ok()
		}, "hi", ""},
		"a quiet day": {func(a *api) {
			a.do("PATCH", prefsPath+"ben", `{"mutePreferences":{"schedule":{"friday":{"from":0,"to":2359,"dnd":true}}}}`).ok()
		}, "hi", "SCHEDULE_PREFERENCE"},
		"late elsewhere": {func(a *api) { // a quarter past one on Saturday
			a.do("PATCH", "/notifications/v1/preferences/timezone?uid=ben", `{"timezone":"Pacific/Auckland"}`).ok()
			a.do("PATCH", prefsPath+"ben", `{"mutePreferences":{"schedule":{"saturday":{"from":700,"to":2200,"dnd":false}}}}`).ok()
		}, "hi", "SCHEDULE_PREFERENCE"},
		"no provider": {func(a *api) { a.do("DELETE", fcmPath+"/one", "").ok() }, "hi", "INVALID_PUSH_PROVIDER_ID"},
		"default provider": {func(a *api) {
			a.do("DELETE", fcmPath+"/one", "").ok()
			a.do("POST", fcmPath, `{"providerId":"two"}`).ok()
			a.do("PUT", fcmPath+"/default/two", "").ok()
		}, "hi", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := chat(t)
			a.do("POST", fcmPath, `{"providerId":"one"}`).ok()
			a.register(a.tokenOf("ben"), "fcm_web", "fcmToken", "b").ok()
			a.register(a.tokenOf("ben"), "apns_ios_voip", "voipToken", "v").ok() // only used for calls
			tt.prepare(a)
			id := a.text("ana", "ben", tt.text)
			logs := a.do("GET", "/notifications/v1/logs?messageId="+id, "").logs()
			require.Len(t, logs, 1)
			assert.Equal(t, tt.reason == "", logs[0]["notificationTriggered"])
			if tt.reason == "" {
				assert.NotContains(t, logs[0], "reason")
				assert.Equal(t, true, logs[0]["success"])
				assert.Equal(t, tt.text, at(t, logs[0], "payload", "payload", "body"))
			} else {
				assert.Equal(t, tt.reason, logs[0]["reason"])
				assert.NotContains(t, logs[0], "payload")
				assert.NotContains(t, logs[0], "success")
			}
		})
	}
}

func TestNotificationLogsByKind(t *testing.T) {
	a := chat(t)
	a.do("POST", apnsPath, `{"providerId":"one"}`).ok()
	for _, uid := range []string{"ana", "ben", "cleo"} {
		a.register(a.tokenOf(uid), "apns_ios_device", "deviceToken", uid).ok()
	}
	reasons := func(query string) []string {
		return a.do("GET", "/notifications/v1/logs?"+query, "").column("reason")
	}
	receivers := func(query string) []string {
		return a.do("GET", "/notifications/v1/logs?"+query, "").column("pushToken")
	}
	first := a.post("ana", "hello team")
	assert.Equal(t, []string{"ben", "cleo"}, receivers("receiverType=group&receiver=team"), "all but the sender")
	assert.Equal(t, []string{"cleo"}, receivers("member=cleo"))

	for _, uid := range []string{"ana", "ben", "cleo"} {
		a.do("PATCH", prefsPath+uid, `{"groupPreferences":{"groupReplies":1,"groupQuotedReplies":3,"groupReactions":2}}`).ok()
	}
	a.as("ben", "POST", "/messages/"+first+"/thread", `{"data":{"text":"a reply"}}`).ok()
	assert.Equal(t, []string{"REPLIES_PREFERENCE", "REPLIES_PREFERENCE"}, reasons("sender=ben"))
	a.as("cleo", "POST", "/messages", `{"receiver":"team","receiverType":"group","quotedMessageId":"`+first+`","data":{"text":"to that"}}`).ok()
	assert.Equal(t, []string{"QUOTED_REPLIES_PREFERENCE", "QUOTED_REPLIES_PREFERENCE"}, reasons("sender=cleo"))
	a.as("ben", "POST", "/messages/"+first+"/reactions/%F0%9F%8E%89", "").ok()
	assert.Equal(t, []string{"ana"}, receivers("trigger=message_reaction_added&reactionSender=ben&notificationTriggered=true"), "whose message it is")
	assert.Equal(t, []string{"REACTIONS_PREFERENCE"}, reasons("reactionReceiver=cleo&notificationTriggered=false"))
	a.as("ben", "POST", "/messages/"+first+"/reactions/%F0%9F%8E%89", "").ok()
	assert.Len(t, receivers("trigger=message_reaction_added"), 2, "a reaction is told of once")

	// Users are not notified of messages of users they have blocked.
	a.as("ben", "POST", "/users/ben/blockedusers", `{"blockedUids":["ana"]}`).ok()
	second := a.post("ana", "again")
	assert.Equal(t, []string{"cleo"}, receivers("messageId="+second))

	// Providers of which an app has a single one notify every user.
	hook := `{"isEnabled":%t,"webhookURL":"https://x.test","useBasicAuth":false,"basicAuthUsername":"u","basicAuthPassword":"p"%s}`
	a.do("POST", "/notifications/push/v1/providers/custom", fmt.Sprintf(hook, false, "")).ok()
	a.do("POST", "/notifications/email/v1/providers/custom", fmt.Sprintf(hook, true, `,"useStoredEmailID":true`)).ok()
	a.do("POST", "/notifications/sms/v1/providers/twilio", `{"twilioAccountSID":"s","twilioAuthToken":"t","twilioSenderPhoneNumber":"+49"}`).ok()
	a.as("cleo", "PATCH", "/notifications/v1/contact-details", `{"email":"cleo@x.test"}`).ok()
	third := a.text("ana", "cleo", "hi")
	assert.Equal(t, []string{"apns", "custom", "twilio"}, a.do("GET", "/notifications/v1/logs?messageId="+third, "").column("provider"))
	assert.Equal(t, []string{"MISSING_PHNO"}, reasons("channel=sms&notificationTriggered=false&messageId="+third))
	fourth := a.text("cleo", "ana", "hi")
	assert.Equal(t, []string{"MISSING_EMAIL"}, reasons("channel=email&messageId="+fourth))
}

func TestNotificationLogPages(t *testing.T) {
	a := chat(t)
	const path = "/notifications/v1/logs"
	assert.JSONEq(t, `{"current":{"limit":20,"count":0}}`, metaOf(t, a.do("GET", path, "")))
	var logs []cometchattest.NotificationLog
	for i := range 50 {
		logs = append(logs, cometchattest.NotificationLog{
			MessageID: int64(i), Sender: "ana", Receiver: "ben", TokenType: "fcm_web", PushToken: "b", Failed: i == 7, SentAt: start.Add(time.Duration(i) * time.Second),
		})
	}
	ids := a.srv.AddNotificationLogs(logs...)
	first := a.do("GET", path, "")
	assert.Equal(t, ids[:20], first.column("_id"))
	assert.JSONEq(t, `{"previous":{"affix":"prepend","messageId":0},"current":{"limit":20,"count":20},"next":{"affix":"append","messageId":19}}`, metaOf(t, first))
	assert.Equal(t, ids[40:], a.do("GET", path+"?affix=append&logId="+ids[39], "").column("_id"))
	assert.Equal(t, ids[19:39], a.do("GET", path+"?affix=prepend&logId="+ids[39], "").column("_id"))
	assert.Equal(t, ids[30:], a.do("GET", path+"?affix=prepend", "").column("_id"), "from the end")
	assert.Equal(t, ids[19:20], a.do("GET", path+"?affix=append&messageId=19", "").column("_id"), "the cursor that is answered is a filter")
	assert.Empty(t, a.do("GET", path+"?logId="+ids[49], "").column("_id"))

	for query, n := range map[string]int{
		"success=false":          1,
		"success=true":           20,
		"sender=BEN":             0,
		"from=1709294448000":     2,
		"to=1709294401000":       2,
		"reactionId=1":           0,
		"messageCategory=custom": 0,
		"messageType=text&sender=ana&receiver=ben&receiverType=user&channel=push&provider=fcm&trigger=after_message": 20,
		"reason=DND_PREFERENCE": 0,
		"reactionReceiver=x":    0,
	} {
		assert.Len(t, a.do("GET", path+"?"+query, "").logs(), n, query)
	}
	a.do("GET", path+"?affix=after&messageId=x&from=-1", "").badFields("affix", "messageId", "from")
}
