package cometchattest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// chat returns an app with the users ana, ben and cleo, who are in the group
// team, and dan, who is not.
func chat(t *testing.T, opts ...cometchattest.Option) *api {
	t.Helper()
	a := newAPI(t, opts...)
	a.srv.AddUsers(
		cometchattest.User{UID: "ana", Name: "Ana", Tags: []string{"vip"}},
		cometchattest.User{UID: "ben", Name: "Ben"},
		cometchattest.User{UID: "cleo", Name: "Cleo"},
		cometchattest.User{UID: "dan", Name: "Dan"},
	)
	a.srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Participants: []string{"ana", "ben", "cleo"}, Tags: []string{"work"}})
	return a
}

// as sends a request on behalf of a user.
func (a *api) as(uid, method, path, body string) reply {
	a.t.Helper()
	return a.do(method, path, body, "onBehalfOf", uid)
}

// text sends a text to a user and returns the id of the message.
func (a *api) text(from, to, text string) string {
	a.t.Helper()
	return a.as(from, "POST", "/messages", fmt.Sprintf(`{"receiver":%q,"receiverType":"user","data":{"text":%q}}`, to, text)).data()["id"].(string)
}

// post sends a text to the group team.
func (a *api) post(from, text string) string {
	a.t.Helper()
	return a.as(from, "POST", "/messages", fmt.Sprintf(`{"receiver":"team","receiverType":"group","data":{"text":%q}}`, text)).data()["id"].(string)
}

// at returns a nested value of decoded JSON.
func at(t *testing.T, value any, path ...string) any {
	t.Helper()
	for _, name := range path {
		object, ok := value.(map[string]any)
		require.True(t, ok, "%s in %v", name, value)
		value = object[name]
	}
	return value
}

func userEntity(uid, name string, more ...string) map[string]any {
	entity := map[string]any{
		"uid": uid, "name": name, "status": "offline", "role": "default", "createdAt": float64(start.Unix()),
	}
	if len(more) > 0 {
		entity["conversationId"] = more[0]
	}
	return map[string]any{"entityType": "user", "entity": entity}
}

func TestSendText(t *testing.T) {
	a := chat(t)
	now := float64(start.Unix())
	r := a.as("ANA", "POST", "/messages", `{"receiver":"Ben","receiverType":"user","data":{"text":"Hi <b> & \u2028 😀"},"muid":"m-1","tags":["x"]}`)
	assert.Equal(t, map[string]any{
		"id": "1", "muid": "m-1", "conversationId": "ana_user_ben", "sender": "ana", "receiverType": "user", "receiver": "ben",
		"category": "message", "type": "text", "sentAt": now, "updatedAt": now, "tags": []any{"x"},
		"data": map[string]any{
			"text": "Hi <b> & \u2028 😀",
			"entities": map[string]any{
				"sender": userEntity("ana", "Ana"), "receiver": userEntity("ben", "Ben", "ana_user_ben"),
			},
		},
	}, r.data())

	t.Run("by the app", func(t *testing.T) {
		got := a.do("POST", "/messages", `{"receiver":"ana","receiverType":"user","category":"message","type":"text","data":{"text":"Hello"}}`).data()
		assert.Equal(t, "2", got["id"], "ids grow over the app")
		assert.Equal(t, "ana_user_app_system", got["conversationId"])
		assert.Equal(t, "app_system", got["sender"])
		assert.Equal(t, "text", got["type"])
		assert.Equal(t, map[string]any{
			"sender":   map[string]any{"entityType": "user", "entity": map[string]any{"uid": "app_system", "name": "System", "role": "default", "status": "offline"}},
			"receiver": userEntity("ana", "Ana"),
		}, at(t, got, "data", "entities"))
	})
	t.Run("to a group", func(t *testing.T) {
		got := a.as("ana", "POST", "/messages", `{"receiver":"TEAM","receiverType":"group","data":{"text":"all"}}`).data()
		assert.Equal(t, "group_team", got["conversationId"])
		assert.Equal(t, map[string]any{"entityType": "group", "entity": map[string]any{
			"guid": "team", "name": "Team", "type": "public", "membersCount": 3., "conversationId": "group_team",
			"createdAt": now, "owner": "app_system",
		}}, at(t, got, "data", "entities", "receiver"))
	})
	t.Run("by a bot", func(t *testing.T) {
		got := a.do("POST", "/bots/dan/messages", `{"receiver":"ana","receiverType":"user","data":{"text":"beep"}}`).data()
		assert.Equal(t, "dan", got["sender"])
		a.do("POST", "/bots/nobody/messages", `{}`).fails(404, "ERR_BOT_NOT_FOUND")
	})
	t.Run("data as a string, what the service adds left out", func(t *testing.T) {
		got := a.as("ana", "POST", "/messages", `{"receiver":"ben","receiverType":"user","data":"{\"text\":\"s\",\"entities\":{},\"reactions\":[1],\"resource\":\"r-1\",\"metadata\":\"{\\\"k\\\":1}\",\"gone\":null}"}`).data()["data"].(map[string]any)
		delete(got, "entities")
		assert.Equal(t, map[string]any{"text": "s", "resource": "r-1", "metadata": map[string]any{"k": 1.}}, got)
	})
	t.Run("mentions", func(t *testing.T) {
		got := a.as("ana", "POST", "/messages", `{"receiver":"ben","receiverType":"user","data":{"text":"<@uid:CLEO>, <@uid:ana> <@uid:cleo> <@uid:ghost> <@uid:"}}`).data()
		assert.Equal(t, map[string]any{
			"ana":  userEntity("ana", "Ana")["entity"],
			"cleo": userEntity("cleo", "Cleo", "ana_user_cleo")["entity"],
		}, at(t, got, "data", "mentions"))
		a.as("ana", "POST", "/users/ana/blockedusers", `{"blockedUids":["cleo"]}`).ok()
		with := a.as("ana", "GET", "/messages/"+got["id"].(string)+"?mentionsWithTagInfo=true&mentionsWithBlockedInfo=true", "").data()
		assert.Equal(t, []any{"vip"}, at(t, with, "data", "mentions", "ana", "tags"))
		assert.Equal(t, true, at(t, with, "data", "mentions", "cleo", "blockedByMe"))
		without := a.as("ana", "GET", "/messages/"+got["id"].(string), "").data()
		assert.Nil(t, at(t, without, "data", "mentions", "ana", "tags"))
		assert.Nil(t, at(t, without, "data", "mentions", "cleo", "blockedByMe"))
	})
	t.Run("the text arrives byte for byte", func(t *testing.T) {
		var body struct {
			Data struct {
				Data struct{ Text json.RawMessage }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(r.Body), &body))
		assert.Equal(t, `"Hi <b> & \u2028 😀"`, string(body.Data.Data.Text))
	})
}

func TestSendOtherKinds(t *testing.T) {
	a := chat(t)
	for name, tt := range map[string]struct{ sent, want string }{
		"image": {
			`"type":"image","data":{"text":"look","attachments":[{"url":"https://f.test/a.png","name":"a.png","mimeType":"image/png","extension":"png","size":"350.2"}]}`,
			`{"text":"look","attachments":[{"url":"https://f.test/a.png","name":"a.png","mimeType":"image/png","extension":"png","size":"350.2"}]}`,
		},
		"file by URL": {`"type":"file","data":{"url":"https://f.test/a.txt"}`, `{"url":"https://f.test/a.txt"}`},
		"custom":      {`"category":"custom","type":"Place","data":{"customData":{"lat":1.5}}`, `{"customData":{"lat":1.5}}`},
		"custom text": {`"category":"custom","type":"Place","data":{"customData":"{\"lat\":1.5}"}`, `{"customData":{"lat":1.5}}`},
		"interactive": {
			`"category":"interactive","type":"form","data":{"interactiveData":{"title":"T"},"interactionGoal":{"type":"none"},"allowSenderInteraction":true}`,
			`{"interactiveData":{"title":"T"},"interactionGoal":{"type":"none"},"allowSenderInteraction":true}`,
		},
		"card by default": {`"category":"interactive","data":{"interactiveData":{"text":"T"}}`, `{"interactiveData":{"text":"T"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			a := &api{t, a.srv, a.clock}
			got := a.as("ana", "POST", "/messages", `{"receiver":"ben","receiverType":"user",`+tt.sent+`}`).data()["data"].(map[string]any)
			delete(got, "entities")
			var want map[string]any
			require.NoError(t, json.Unmarshal([]byte(tt.want), &want))
			assert.Equal(t, want, got)
		})
	}
}

func TestSendRefused(t *testing.T) {
	a := chat(t)
	a.srv.AddUsers(cometchattest.User{UID: "gone", DeactivatedAt: start})
	a.srv.AddGroups(cometchattest.Group{GUID: "closed", Banned: []string{"ana"}}, cometchattest.Group{GUID: "other"})
	a.do("POST", "/users/ana/blockedusers", `{"blockedUids":["cleo"]}`).ok()
	a.do("POST", "/users/dan/blockedusers", `{"blockedUids":["ana"]}`).ok()
	elsewhere := a.text("ben", "cleo", "elsewhere")

	to := `"receiver":"ben","receiverType":"user",`
	eleven := ""
	for i := range 11 {
		eleven += fmt.Sprintf("<@uid:u%d>", i)
	}
	for name, tt := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"unknown user":          {`{"receiver":"ghost","receiverType":"user","data":{"text":"x"}}`, 404, "ERR_UID_NOT_FOUND"},
		"deactivated user":      {`{"receiver":"gone","receiverType":"user","data":{"text":"x"}}`, 404, "ERR_UID_NOT_FOUND"},
		"unknown group":         {`{"receiver":"ghost","receiverType":"group","data":{"text":"x"}}`, 404, "ERR_GUID_NOT_FOUND"},
		"group not joined":      {`{"receiver":"other","receiverType":"group","data":{"text":"x"}}`, 403, "ERR_GROUP_NOT_JOINED"},
		"banned":                {`{"receiver":"closed","receiverType":"group","data":{"text":"x"}}`, 403, "ERR_BANNED_GROUPMEMBER"},
		"blocked by sender":     {`{"receiver":"cleo","receiverType":"user","data":{"text":"x"}}`, 403, "ERR_BLOCKED_RECEIVER"},
		"blocked by receiver":   {`{"receiver":"dan","receiverType":"user","data":{"text":"x"}}`, 403, "ERR_BLOCKED_SENDER"},
		"oneself":               {`{"receiver":"ana","receiverType":"user","data":{"text":"x"}}`, 400, "ERR_BAD_REQUEST"},
		"receiver type":         {`{"receiver":"ben","receiverType":"friend","data":{"text":"x"}}`, 400, "ERR_INVALID_RECEIVER_TYPE"},
		"data no object":        {`{` + to + `"data":7}`, 400, "ERR_INVALID_MESSAGE_DATA"},
		"data a list":           {`{` + to + `"data":[1]}`, 400, "ERR_INVALID_MESSAGE_DATA"},
		"no text":               {`{` + to + `"data":{}}`, 400, "ERR_EMPTY_MESSAGE_TEXT"},
		"blank text":            {`{` + to + `"data":{"text":"  "}}`, 400, "ERR_EMPTY_MESSAGE_TEXT"},
		"text no string":        {`{` + to + `"data":{"text":7}}`, 400, "ERR_INVALID_MESSAGE_TEXT"},
		"long text":             {`{` + to + `"data":{"text":"` + strings.Repeat("é", 65_537) + `"}}`, 400, "ERR_INVALID_MESSAGE_TEXT"},
		"eleven mentions":       {`{` + to + `"data":{"text":"` + eleven + `"}}`, 400, "ERR_BAD_REQUEST"},
		"metadata":              {`{` + to + `"data":{"text":"x","metadata":"no"}}`, 400, "ERR_INVALID_METADATA"},
		"category unknown":      {`{` + to + `"category":"action","data":{"text":"x"}}`, 400, "ERR_INVALID_MESSAGE_CATEGORY"},
		"category empty":        {`{` + to + `"category":"","data":{"text":"x"}}`, 400, "ERR_EMPTY_MESSAGE_CATEGORY"},
		"category a number":     {`{` + to + `"category":1,"data":{"text":"x"}}`, 400, "ERR_INVALID_MESSAGE_CATEGORY"},
		"type unknown":          {`{` + to + `"type":"song","data":{"text":"x"}}`, 400, "ERR_INVALID_MESSAGE_TYPE"},
		"type in capitals":      {`{` + to + `"type":"Text","data":{"text":"x"}}`, 400, "ERR_INVALID_MESSAGE_TYPE"},
		"type empty":            {`{` + to + `"type":"","data":{"text":"x"}}`, 400, "ERR_EMPTY_MESSAGE_TYPE"},
		"type a number":         {`{` + to + `"type":1,"data":{"text":"x"}}`, 400, "ERR_INVALID_MESSAGE_TYPE"},
		"interactive type":      {`{` + to + `"category":"interactive","type":"text","data":{}}`, 400, "ERR_INVALID_MESSAGE_TYPE"},
		"interactive data":      {`{` + to + `"category":"interactive","data":{}}`, 400, "ERR_INVALID_MESSAGE_DATA"},
		"custom without a type": {`{` + to + `"category":"custom","data":{"customData":{"a":1}}}`, 400, "ERR_EMPTY_MESSAGE_TYPE"},
		"custom without data":   {`{` + to + `"category":"custom","type":"t","data":{}}`, 400, "ERR_EMPTY_CUSTOM_DATA"},
		"custom with {}":        {`{` + to + `"category":"custom","type":"t","data":{"customData":{}}}`, 400, "ERR_EMPTY_CUSTOM_DATA"},
		"custom data":           {`{` + to + `"category":"custom","type":"t","data":{"customData":5}}`, 400, "ERR_INVALID_CUSTOM_DATA"},
		"no file":               {`{` + to + `"type":"image","data":{}}`, 400, "ERR_EMPTY_MESSAGE_FILE"},
		"no files":              {`{` + to + `"type":"image","data":{"attachments":[]}}`, 400, "ERR_EMPTY_MESSAGE_FILE"},
		"no list of files":      {`{` + to + `"type":"image","data":{"attachments":{}}}`, 400, "ERR_INVALID_MEDIA_MESSAGE"},
		"file without URL":      {`{` + to + `"type":"image","data":{"attachments":[{"name":"a"}]}}`, 400, "ERR_INVALID_MEDIA_MESSAGE"},
		"quoted unknown":        {`{` + to + `"quotedMessageId":"99","data":{"text":"x"}}`, 404, "ERR_MESSAGE_ID_NOT_FOUND"},
		"quoted elsewhere":      {`{` + to + `"quotedMessageId":"` + elsewhere + `","data":{"text":"x"}}`, 404, "ERR_MESSAGE_ID_NOT_FOUND"},
		"no receivers":          {`{"multipleReceivers":{},"data":{"text":"x"}}`, 400, "ERR_EMPTY_RECEIVER"},
		"receivers no object":   {`{"multipleReceivers":7,"data":{"text":"x"}}`, 400, "ERR_BAD_REQUEST"},
		"many with no text":     {`{"multipleReceivers":{"uids":["ben"]},"data":{}}`, 400, "ERR_EMPTY_MESSAGE_TEXT"},
		"no JSON":               {`{`, 400, "ERR_BAD_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			(&api{t, a.srv, a.clock}).as("ana", "POST", "/messages", tt.body).fails(tt.status, tt.code)
		})
	}
	t.Run("fields", func(t *testing.T) {
		a.as("ana", "POST", "/messages", `{"data":{"text":"x"}}`).badFields("receiver", "receiverType")
		a.as("ana", "POST", "/messages", `{}`).badFields("receiver", "receiverType", "data")
		a.as("ana", "POST", "/messages", `{`+to+`"data":null}`).badFields("data")
		a.as("ana", "POST", "/messages", `{"multipleReceivers":{"uids":["ben"]}}`).badFields("data")
		a.as("ana", "POST", "/messages", `{"multipleReceivers":{"uids":["ben"]},"receiver":"cleo","data":{"text":"x"}}`).badFields("receiverType")
		a.do("POST", "/bots/ana/messages", `{`+to+`"type":"image"}`).badFields("data")
		a.as("ana", "POST", "/messages", `{`+to+`"tags":["t"," "],"data":{"text":"x"}}`).badFields("tags.1")
		a.as("ana", "POST", "/messages", `{`+to+`"muid":1,"tags":["`+strings.Repeat("t", 101)+`"],"data":{"text":"x"}}`).badFields("muid", "tags.0")
	})
	t.Run("limits are inclusive", func(t *testing.T) {
		a.text("ana", "ben", strings.Repeat("é", 65_536))
		a.text("ana", "ben", strings.TrimPrefix(eleven, "<@uid:u0>"))
	})
	assert.Len(t, a.do("GET", "/messages", "").column("id"), 3, "nothing of what was refused is stored")
}

func TestSendToMany(t *testing.T) {
	a := chat(t)
	got := a.as("ana", "POST", "/messages", `{"multipleReceivers":{"uids":["Ben","ghost","ben"],"guids":["team","ghost"]},"data":{"text":"all"}}`).data()
	assert.JSONEq(t, string(rawMember(t, a.as("ana", "GET", "/messages/1?withTags=1", "").Body, "data")), jsonOf(t, at(t, got, "uids", "ben")),
		"the entry is the message itself")
	assert.Equal(t, false, at(t, got, "uids", "ghost", "success"))
	assert.Equal(t, "ERR_UID_NOT_FOUND", at(t, got, "uids", "ghost", "error", "code"))
	assert.Equal(t, "2", at(t, got, "guids", "team", "id"))
	assert.Equal(t, "ERR_GUID_NOT_FOUND", at(t, got, "guids", "ghost", "error", "code"))
	assert.Equal(t, []string{"ana_user_ben", "group_team"}, a.do("GET", "/messages", "").column("conversationId"))

	got = a.do("POST", "/messages", `{"receiver":"Ben","receiverType":"user","multipleReceivers":{"uids":["cleo","ben"]},"data":{"text":"x"}}`).data()
	assert.ElementsMatch(t, []string{"ben", "cleo"}, slices.Collect(maps.Keys(got["uids"].(map[string]any))), "the receiver is one of them, once")
	got = a.do("POST", "/messages", `{"receiver":"team","receiverType":"group","multipleReceivers":{"uids":["cleo"]},"data":{"text":"x"}}`).data()
	assert.Equal(t, "6", at(t, got, "guids", "team", "id"))
	assert.Equal(t, "5", at(t, got, "uids", "cleo", "id"))
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestMessageLimit(t *testing.T) {
	a := chat(t, cometchattest.WithMessageLimit(2))
	a.text("ana", "ben", "1")
	a.text("ana", "ben", "2")
	r := a.as("ana", "POST", "/messages", `{"receiver":"ben","receiverType":"user","data":{"text":"3"}}`)
	r.fails(429, "ERR_TOO_MANY_REQUESTS")
	assert.Equal(t, "60", r.Header.Get("Retry-After"))
	a.text("ben", "ana", "each user has a limit")
	a.clock.Advance(time.Minute)
	a.text("ana", "ben", "3")
}

func TestGetMessage(t *testing.T) {
	a := chat(t)
	id := a.as("ana", "POST", "/messages", `{"receiver":"ben","receiverType":"user","data":{"text":"x"},"tags":["t"]}`).data()["id"].(string)
	assert.Nil(t, a.do("GET", "/messages/"+id, "").data()["tags"])
	assert.Equal(t, []any{"t"}, a.do("GET", "/messages/"+id+"?withTags=true", "").data()["tags"])
	a.as("ben", "GET", "/messages/"+id, "").ok()
	a.as("dan", "GET", "/messages/"+id, "").fails(403, "ERR_MESSAGE_NO_ACCESS")
	a.do("GET", "/messages/7", "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
	a.do("GET", "/messages/seven", "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")

	inGroup := a.post("ana", "x")
	a.as("ben", "GET", "/messages/"+inGroup, "").ok()
	a.as("dan", "GET", "/messages/"+inGroup, "").fails(403, "ERR_MESSAGE_NO_ACCESS")
}

func TestQuotedMessage(t *testing.T) {
	a := chat(t)
	quoted := a.text("ana", "ben", "first")
	got := a.as("ben", "POST", "/messages", `{"receiver":"ana","receiverType":"user","quotedMessageId":"`+quoted+`","data":{"text":"second"}}`).data()
	assert.Equal(t, "first", at(t, got, "quotedMessage", "data", "text"))
	id := got["id"].(string)
	third := a.as("ana", "POST", "/messages", `{"receiver":"ben","receiverType":"user","quotedMessageId":`+id+`,"data":{"text":"third"}}`).data()
	assert.Nil(t, at(t, third, "quotedMessage", "quotedMessage"), "one level")
	assert.Nil(t, a.do("GET", "/messages/"+id+"?hideQuotedMessages=true", "").data()["quotedMessage"])
	a.do("DELETE", "/messages/"+quoted, `{"permanent":true}`).ok()
	assert.Nil(t, a.do("GET", "/messages/"+id, "").data()["quotedMessage"])
}

func TestUpdateMessage(t *testing.T) {
	a := chat(t)
	a.text("ana", "ben", "before")
	a.clock.Advance(time.Minute)
	later := float64(start.Unix() + 60)

	t.Run("by the app", func(t *testing.T) {
		got := a.do("PUT", "/messages/1", `{"data":{"text":"<@uid:cleo> after","metadata":{"k":1}},"tags":["t"]}`).data()
		on := at(t, got, "data", "entities", "on", "entity").(map[string]any)
		assert.Equal(t, map[string]any{
			"id": "2", "conversationId": "ana_user_ben", "sender": "app_system", "receiverType": "user", "receiver": "ben",
			"category": "action", "type": "message", "sentAt": later, "updatedAt": later,
			"data": map[string]any{
				"action": "edited",
				"entities": map[string]any{
					"by": map[string]any{"entityType": "user", "entity": map[string]any{
						"uid": "app_system", "name": "System", "role": "default", "status": "offline", "createdAt": float64(start.Unix()),
					}},
					"for": userEntity("ben", "Ben"),
					"on":  map[string]any{"entityType": "message", "entity": on},
				},
			},
		}, got)
		assert.Equal(t, "1", on["id"])
		assert.Equal(t, "<@uid:cleo> after", at(t, on, "data", "text"))
		assert.Contains(t, at(t, on, "data", "mentions"), "cleo")
		assert.Equal(t, "app_system", on["editedBy"])
		assert.Equal(t, later, on["editedAt"])
		assert.Equal(t, later, on["updatedAt"])
		assert.Equal(t, float64(start.Unix()), on["sentAt"])
		assert.Equal(t, []any{"t"}, on["tags"])
	})
	t.Run("by the sender, the rest stays", func(t *testing.T) {
		a.as("ana", "PUT", "/messages/1", `{"data":"{\"metadata\":{\"k\":2}}"}`).ok()
		got := a.do("GET", "/messages/1?withTags=1", "").data()
		assert.Equal(t, "<@uid:cleo> after", at(t, got, "data", "text"))
		assert.Equal(t, 2., at(t, got, "data", "metadata", "k"))
		assert.Equal(t, "ana", got["editedBy"])
		assert.Equal(t, []any{"t"}, got["tags"])
		a.as("ana", "PUT", "/messages/1", `{"tags":[]}`).ok()
		assert.Nil(t, a.do("GET", "/messages/1?withTags=1", "").data()["tags"])
	})
	t.Run("in a group", func(t *testing.T) {
		id := a.post("ana", "x")
		got := a.as("ana", "PUT", "/messages/"+id, `{"data":{"text":"y"}}`).data()
		assert.Equal(t, "group", at(t, got, "data", "entities", "for", "entityType"))
		assert.Equal(t, "ana", at(t, got, "data", "entities", "by", "entity", "uid"))
	})
	t.Run("refused", func(t *testing.T) {
		a.as("ben", "PUT", "/messages/1", `{"data":{"text":"y"}}`).fails(403, "ERR_MESSAGE_NOT_A_SENDER")
		a.as("dan", "PUT", "/messages/1", `{"data":{"text":"y"}}`).fails(403, "ERR_MESSAGE_NO_ACCESS")
		a.do("PUT", "/messages/2", `{"data":{"text":"y"}}`).fails(403, "ERR_MESSAGE_ACTION_NOT_ALLOWED")
		a.do("PUT", "/messages/99", `{"data":{"text":"y"}}`).fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
		a.do("PUT", "/messages/1", `{}`).badFields("data")
		a.do("PUT", "/messages/1", `{`).badFields()
		a.do("PUT", "/messages/1", `{"data":{"text":""}}`).fails(400, "ERR_EMPTY_MESSAGE_TEXT")
		a.do("PUT", "/messages/1", `{"data":5}`).fails(400, "ERR_INVALID_MESSAGE_DATA")
		a.do("DELETE", "/messages/1", "").ok()
		a.do("PUT", "/messages/1", `{"data":{"text":"y"}}`).fails(403, "ERR_MESSAGE_ACTION_NOT_ALLOWED")
	})
}

func TestDeleteMessage(t *testing.T) {
	a := chat(t)
	id := a.text("ana", "ben", "words")
	a.as("ben", "DELETE", "/messages/"+id, "").fails(403, "ERR_MESSAGE_NOT_A_SENDER")
	a.as("ana", "DELETE", "/messages/"+id, `{"permanent":"maybe"}`).badFields("permanent")
	a.as("ana", "DELETE", "/messages/"+id, `{`).badFields()
	a.clock.Advance(time.Second)

	got := a.as("ana", "DELETE", "/messages/"+id, "").data()
	assert.Equal(t, "deleted", at(t, got, "data", "action"))
	on := at(t, got, "data", "entities", "on", "entity").(map[string]any)
	assert.Equal(t, "ana", on["deletedBy"])
	assert.Equal(t, float64(start.Unix()+1), on["deletedAt"])

	row := a.do("GET", "/messages/"+id, "").data()
	assert.Equal(t, "ana", row["deletedBy"])
	assert.NotContains(t, row["data"], "text")
	assert.Contains(t, row["data"], "entities")

	a.do("DELETE", "/messages/2", "").fails(403, "ERR_MESSAGE_ACTION_NOT_ALLOWED")
	got = a.do("DELETE", "/messages/"+id, `{"permanent":"true"}`).data()
	assert.Equal(t, "ana", at(t, got, "data", "entities", "on", "entity", "deletedBy"), "who deleted it first")
	a.do("GET", "/messages/"+id, "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
	assert.Equal(t, []string{"2", "3"}, a.do("GET", "/messages", "").column("id"))
	assert.Equal(t, []string{"2", "3"}, a.do("GET", "/users/ben/messages", "").column("id"))
	assert.Equal(t, "4", a.text("ana", "ben", "ids are not used again"))

	before := a.do("GET", "/messages/4", "").data()
	got = a.do("DELETE", "/messages/4", `{"permanent":true}`).data()
	assert.Equal(t, "deleted", at(t, got, "data", "action"))
	assert.Equal(t, before, at(t, got, "data", "entities", "on", "entity"), "as it was")
	a.do("GET", "/messages/4", "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
}

func TestPinMessage(t *testing.T) {
	a := chat(t)
	for i := range 101 {
		a.post("ana", fmt.Sprint(i))
	}
	pinned := a.as("ben", "POST", "/messages/1/pin", "").data()
	assert.Equal(t, "ben", pinned["pinnedBy"])
	assert.Equal(t, float64(start.Unix()), pinned["pinnedAt"])
	a.clock.Advance(time.Second)
	assert.Equal(t, pinned, a.do("POST", "/messages/1/pin", "").data(), "stays as it was")
	for i := 2; i <= 100; i++ {
		assert.Equal(t, "app_system", a.do("POST", fmt.Sprintf("/messages/%d/pin", i), "").data()["pinnedBy"])
	}
	a.do("POST", "/messages/101/pin", "").fails(400, "ERR_PINNED_MESSAGES_LIMIT_EXCEEDED")
	assert.NotContains(t, a.as("cleo", "DELETE", "/messages/1/pin", "").data(), "pinnedAt")
	a.do("DELETE", "/messages/1/pin", "").ok()
	a.do("POST", "/messages/101/pin", "").ok()
	a.do("POST", "/messages/1/pin", "").fails(400, "ERR_PINNED_MESSAGES_LIMIT_EXCEEDED")
	a.do("DELETE", "/messages/2", "").ok()
	a.do("POST", "/messages/1/pin", "").ok()
	a.do("POST", "/messages/2/pin", "").fails(403, "ERR_MESSAGE_ACTION_NOT_ALLOWED")
	a.as("dan", "POST", "/messages/3/pin", "").fails(403, "ERR_MESSAGE_NO_ACCESS")
	a.as("dan", "DELETE", "/messages/3/pin", "").fails(403, "ERR_MESSAGE_NO_ACCESS")
}

func TestSaveMessage(t *testing.T) {
	a := chat(t)
	for i := range 101 {
		a.text("ana", "ben", fmt.Sprint(i))
	}
	saved := a.as("ben", "POST", "/messages/1/save", "").data()
	assert.Equal(t, float64(start.Unix()), saved["savedAt"])
	a.clock.Advance(time.Second)
	assert.Equal(t, saved, a.as("ben", "POST", "/messages/1/save", "").data(), "stays as it was")
	assert.Contains(t, a.as("ben", "GET", "/messages/1", "").data(), "savedAt")
	assert.NotContains(t, a.as("ana", "GET", "/messages/1", "").data(), "savedAt", "private")
	for i := 2; i <= 100; i++ {
		a.as("ben", "POST", fmt.Sprintf("/messages/%d/save", i), "").ok()
	}
	a.as("ben", "POST", "/messages/101/save", "").fails(400, "ERR_SAVED_MESSAGES_LIMIT_EXCEEDED")
	assert.NotContains(t, a.as("ben", "DELETE", "/messages/1/save", "").data(), "savedAt")
	a.as("ben", "DELETE", "/messages/1/save", "").ok()
	a.as("ben", "POST", "/messages/101/save", "").ok()
	a.do("POST", "/messages/1/save", "").badFields("onBehalfOf")
	a.do("DELETE", "/messages/1/save", "").badFields("onBehalfOf")
}

func TestMarkInteracted(t *testing.T) {
	a := chat(t)
	a.as("ana", "POST", "/messages", `{"receiver":"ben","receiverType":"user","category":"interactive","type":"form","data":{"interactiveData":{"title":"T"}}}`).ok()
	a.as("ben", "PATCH", "/messages/1/interacted", `{"interactions":["e1"]}`).ok()
	a.clock.Advance(time.Second)
	got := a.as("ben", "PATCH", "/messages/1/interacted", `{"interactions":["e1","e2"]}`).data()
	assert.Equal(t, true, got["success"])
	assert.Equal(t, []any{
		map[string]any{"elementId": "e1", "interactedAt": float64(start.Unix())},
		map[string]any{"elementId": "e2", "interactedAt": float64(start.Unix() + 1)},
	}, at(t, a.as("ben", "GET", "/messages/1", "").data(), "data", "interactions"))
	assert.Nil(t, at(t, a.as("ana", "GET", "/messages/1", "").data(), "data", "interactions"))

	a.as("ben", "PATCH", "/messages/1/interacted", `{"interactions":[]}`).badFields("interactions")
	a.as("ben", "PATCH", "/messages/1/interacted", ``).badFields("interactions")
	a.as("ben", "PATCH", "/messages/1/interacted", `{`).badFields()
	a.do("PATCH", "/messages/1/interacted", `{"interactions":["e1"]}`).badFields("onBehalfOf")
	id := a.text("ana", "ben", "x")
	a.as("ben", "PATCH", "/messages/"+id+"/interacted", `{"interactions":["e1"]}`).fails(403, "ERR_MESSAGE_ACTION_NOT_ALLOWED")
}

func TestDeletingAUserDeletesMessages(t *testing.T) {
	a := chat(t)
	a.text("ana", "ben", "1")
	a.text("ben", "cleo", "2")
	post := a.post("ana", "3")
	reply := a.as("ben", "POST", "/messages/"+post+"/thread", `{"data":{"text":"4"}}`).data()["id"].(string)
	other := a.post("ben", "5")
	a.as("ana", "POST", "/messages/"+other+"/reactions/x", "").ok()
	a.as("ana", "POST", "/messages/"+other+"/save", "").ok()
	a.do("PUT", "/conversations/pinned", `{"pinnedConversations":[{"uid":"ana"},{"uid":"ben"}]}`).ok()
	a.do("DELETE", "/users/ana", `{"permanent":true}`).ok()

	assert.Equal(t, []string{"2", other}, a.do("GET", "/messages", "").column("id"), "replies to what is gone are gone")
	a.do("GET", "/messages/"+reply, "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
	assert.Empty(t, a.do("GET", "/threads", "").column("id"))
	assert.NotContains(t, at(t, a.do("GET", "/messages/"+other, "").data(), "data"), "reactions")
	assert.Equal(t, []string{"app_system_user_ben"}, a.do("GET", "/conversations/pinned", "").column("conversationId"))
	assert.Equal(t, []string{"ben_user_cleo"}, a.as("ben", "GET", "/conversations?conversationType=user", "").column("conversationId"))
}
