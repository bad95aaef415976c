package cometchattest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// front returns an app that serves the client API, and a user's token for it.
func front(t *testing.T) (a *api, token string) {
	t.Helper()
	// Giving the option twice has no further effect.
	a = newAPI(t, cometchattest.WithClientAPI(), cometchattest.WithClientAPI())
	a.srv.AddUsers(
		cometchattest.User{UID: "ana_maria", Name: "Ana", Tags: []string{"staff"}, Role: "teacher"},
		cometchattest.User{UID: "ben", Name: "Ben"}, cometchattest.User{UID: "cleo", Name: "Cleo"},
	)
	a.srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Owner: "ben", Participants: []string{"ana_maria"}})
	return a, a.tokenOf("ana_maria")
}

func (a *api) tokenOf(uid string) string {
	a.t.Helper()
	return a.do("POST", "/users/"+uid+"/auth_tokens", `{"force":true,"platform":"WEB","deviceId":"d-1"}`).data()["authToken"].(string)
}

// client sends a request with an auth token instead of the key.
func (a *api) client(token, method, path, body string, header ...string) reply {
	a.t.Helper()
	return a.do(method, path, body, append([]string{"apikey", "", "authToken", token}, header...)...)
}

func TestClientAPIIsAnOption(t *testing.T) {
	a := newAPI(t)
	a.srv.AddUsers(cometchattest.User{UID: "ana"})
	token := a.tokenOf("ana")
	a.client(token, "GET", "/users", "").fails(401, "AUTH_ERR_EMPTY_APIKEY")
	a.do("GET", "/me", "").fails(404, "ERR_API_NOT_FOUND")
	assert.NotContains(t, cometchattest.Routes(), "GET /me")
}

func TestClientAPIAuthentication(t *testing.T) {
	a, token := front(t)
	assert.Equal(t, "ana_maria", a.client(token, "GET", "/me", "").data()["uid"])
	// The key takes precedence over the token.
	assert.Equal(t, "ben", a.do("GET", "/users/ben", "", "authToken", "wrong").data()["uid"])
	// The header onBehalfOf has no effect with a token.
	sent := a.client(token, "POST", "/messages", `{"receiver":"ben","receiverType":"user","data":{"text":"hi"}}`, "onBehalfOf", "cleo")
	assert.Equal(t, "ana_maria", sent.data()["sender"])

	for _, wrong := range []string{"wrong", "_", "ana_maria_", "ben_" + token, token + "0", token[:len(token)-1], strings.ToUpper(token)} {
		a.client(wrong, "GET", "/me", "").fails(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
	}
	a.client("", "GET", "/me", "").fails(401, "AUTH_ERR_EMPTY_APIKEY")

	t.Run("the token is in no log and no error", func(t *testing.T) {
		bad := a.client(token+"x", "GET", "/me", "")
		assert.NotContains(t, bad.Body, token)
		log, err := json.Marshal(a.srv.Requests())
		require.NoError(t, err)
		assert.NotContains(t, string(log), token)
		assert.Contains(t, string(log), "[redacted]")
	})
	t.Run("operations of keys", func(t *testing.T) {
		for _, op := range [][2]string{
			{"POST", "/users"}, {"PUT", "/users/ben"}, {"DELETE", "/users/ben"}, {"GET", "/apikeys"}, {"GET", "/roles"},
			{"POST", "/users/ben/auth_tokens"}, {"GET", "/users/ben/blockedusers"}, {"GET", "/conversations/pinned"},
		} {
			a.client(token, op[0], op[1], `{"uid":"x","name":"X"}`).fails(403, "AUTH_ERR_NO_ACCESS")
		}
		a.srv.AddAPIKey("small", "Small", "authOnly")
		for _, op := range [][2]string{{"GET", "/me"}, {"PUT", "/me"}, {"DELETE", "/me"}, {"GET", "/settings"}, {"POST", "/user_sessions"},
			{"PUT", "/groups/team/members"}, {"DELETE", "/groups/team/members"}, {"PATCH", "/groups/team/owner"},
			{"POST", "/blockedusers"}, {"GET", "/blockedusers"}, {"DELETE", "/blockedusers"},
			{"GET", "/users/ben/threads"}, {"GET", "/groups/team/threads"}} {
			a.do(op[0], op[1], "").fails(403, "AUTH_ERR_NO_ACCESS")
			a.do(op[0], op[1], "", "apikey", "small").fails(403, "AUTH_ERR_NO_ACCESS")
		}
	})
	t.Run("a deactivated user", func(t *testing.T) {
		ben := a.tokenOf("ben")
		a.do("DELETE", "/users/ben", `{"permanent":false}`).ok()
		a.client(ben, "GET", "/me", "").fails(404, "ERR_UID_NOT_FOUND")
		a.do("DELETE", "/users/ben", `{"permanent":true}`).ok()
		a.client(ben, "GET", "/me", "").fails(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
	})
	t.Run("logging out", func(t *testing.T) {
		second := a.tokenOf("ana_maria")
		a.client(token, "DELETE", "/me", "").ok()
		a.client(token, "GET", "/me", "").fails(401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
		a.client(second, "GET", "/me", "").ok()
	})
}

func TestClientAPIMe(t *testing.T) {
	a, token := front(t)
	a.clock.Advance(time.Hour)
	settings := a.client(token, "GET", "/settings", "").data()
	assert.Equal(t, "emulator", settings["CLIENT_API_HOST"])
	assert.Equal(t, "emulator", settings["ADMIN_API_HOST"])
	assert.Equal(t, "v3", settings["CHAT_API_VERSION"])
	ana := map[string]any{
		"uid": "ana_maria", "name": "Ana", "role": "teacher", "status": "offline", "createdAt": float64(start.Unix()),
		"authToken": token, "settings": settings,
	}
	assert.Equal(t, ana, a.client(token, "GET", "/me", "").data())
	ana["tags"] = []any{"staff"}
	assert.Equal(t, ana, a.client(token, "GET", "/me?withTags=1", "").data())
	delete(ana, "tags")

	t.Run("a client tells about itself", func(t *testing.T) {
		got := a.client(token, "PUT", "/me", `{"platform":"WEB","deviceId":"d-1","appInfo":{"version":"v4"},"hasBlockedMe":false}`).data()
		assert.Equal(t, ana, got, "the user has not changed")
		kept := a.do("GET", "/users/ana_maria/auth_tokens/"+token, "").data()
		assert.Equal(t, "WEB", kept["platform"])
		assert.Equal(t, map[string]any{"version": "v4"}, kept["appInfo"])
	})
	t.Run("a user changes the profile", func(t *testing.T) {
		got := a.client(token, "PUT", "/me", `{"uid":"ben","name":"Anna","role":"boss","tags":["a"],"statusMessage":"out","deactivatedAt":5}`).data()
		ana["name"], ana["tags"], ana["statusMessage"] = "Anna", []any{"a"}, "out"
		ana["updatedAt"] = float64(start.Add(time.Hour).Unix())
		assert.Equal(t, ana, got)
		assert.Equal(t, "Anna", a.do("GET", "/users/ana_maria", "").data()["name"])
		assert.Equal(t, "WEB", a.do("GET", "/users/ana_maria/auth_tokens/"+token, "").data()["platform"])
	})
	a.client(token, "PUT", "/me", `{"name":"","platform":1,"appInfo":2}`).badFields("name", "platform", "appInfo")
	a.client(token, "PUT", "/me", `[1]`).fails(400, "ERR_BAD_REQUEST")
	assert.Equal(t, "Anna", a.client(token, "GET", "/me", "").data()["name"])

	assert.Equal(t, true, a.client(token, "POST", "/user_sessions", `{"sessionId":"s","data":{}}`).data()["success"])
}

func TestClientAPIChat(t *testing.T) {
	a, token := front(t)
	var ids []string
	for i := range 5 {
		body := fmt.Sprintf(`{"receiver":"team","receiverType":"group","category":"message","type":"text","text":"%d","data":{"text":"%d"}}`, i, i)
		ids = append(ids, a.client(token, "POST", "/messages", body).data()["id"].(string))
		a.clock.Advance(time.Second)
	}
	assert.Equal(t, []string{"group_team"}, a.client(token, "GET", "/conversations?per_page=1&page=1", "").column("conversationId"))
	assert.Len(t, a.client(token, "GET", "/users?per_page=2&page=1", "").column("uid"), 2)

	t.Run("a walk with the cursor beside the pages", func(t *testing.T) {
		first := a.client(token, "GET", "/groups/team/messages?per_page=2&affix=prepend", "")
		assert.Equal(t, ids[3:], first.column("id"))
		assert.Equal(t, map[string]any{
			"affix": "prepend", "id": float64(4), "sentAt": float64(start.Unix() + 3),
		}, first.meta()["cursor"])
		assert.Equal(t, map[string]any{"limit": 2.0, "count": 2.0}, first.meta()["current"])
		second := a.client(token, "GET", "/groups/team/messages?per_page=2&affix=prepend&id=4", "")
		assert.Equal(t, ids[1:3], second.column("id"))
		next := a.client(token, "GET", "/groups/team/messages?per_page=2&affix=append&id=2", "")
		assert.Equal(t, ids[2:4], next.column("id"))
		assert.Equal(t, map[string]any{
			"affix": "append", "id": float64(4), "sentAt": float64(start.Unix() + 3),
		}, next.meta()["cursor"])
		end := a.client(token, "GET", "/groups/team/messages?per_page=2&affix=prepend&id=1", "")
		assert.Empty(t, end.column("id"))
		assert.NotContains(t, end.meta(), "cursor")
		// perPage takes precedence, and responses to requests with a key have no
		// such cursor.
		assert.Len(t, a.client(token, "GET", "/groups/team/messages?per_page=2&perPage=3", "").column("id"), 3)
		assert.NotContains(t, a.do("GET", "/groups/team/messages", "").meta(), "cursor")
	})
	t.Run("ids that are numbers", func(t *testing.T) {
		quote := func(id string) reply {
			return a.client(token, "POST", "/messages", `{"receiver":"team","receiverType":"group","data":{"text":"a/b"},"quotedMessageId":`+id+`}`)
		}
		for _, id := range []string{"1", `"1"`} {
			got := quote(id).data()
			assert.Equal(t, "1", got["quotedMessage"].(map[string]any)["id"])
			assert.Equal(t, "a/b", got["data"].(map[string]any)["text"])
		}
		assert.NotContains(t, quote("null").data(), "quotedMessage")
		quote("true").badFields("quotedMessageId")
		quote("99").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
		a.client(token, "POST", "/messages", `{"quotedMessageId":1`).fails(400, "ERR_BAD_REQUEST")
	})
	t.Run("as the user may", func(t *testing.T) {
		cleo := a.tokenOf("cleo")
		a.client(cleo, "GET", "/groups/team/messages", "").fails(403, "ERR_GROUP_NOT_JOINED")
		a.client(cleo, "GET", "/messages/1", "").fails(403, "ERR_MESSAGE_NO_ACCESS")
		own := a.client(cleo, "POST", "/groups", `{"guid":"g","name":"G","type":"public","hasJoined":false,"membersCount":0,"isBanned":false}`).data()
		assert.Equal(t, "cleo", own["owner"])
		a.client(cleo, "DELETE", "/groups/team", "").fails(403, "ERR_GROUP_NOT_JOINED")
	})
}

func TestClientAPIGroups(t *testing.T) {
	a, token := front(t)
	a.srv.AddGroups(
		cometchattest.Group{GUID: "open", Banned: []string{"ben"}},
		cometchattest.Group{GUID: "vault", Type: "password", Password: "sesame"},
		cometchattest.Group{GUID: "club", Type: "private"},
	)
	ben, cleo := a.tokenOf("ben"), a.tokenOf("cleo")
	join := func(guid, body string) reply { return a.client(token, "POST", "/groups/"+guid+"/members", body) }

	t.Run("joining", func(t *testing.T) {
		action := join("open", `{"guid":"open","name":"name","type":"public","password":""}`).data()
		data := action["data"].(map[string]any)
		entities := data["entities"].(map[string]any)
		assert.Equal(t, "joined", data["action"])
		assert.Equal(t, []any{"ana_maria", "open", "ana_maria"}, []any{
			entities["by"].(map[string]any)["entity"].(map[string]any)["uid"],
			entities["for"].(map[string]any)["entity"].(map[string]any)["guid"],
			entities["on"].(map[string]any)["entity"].(map[string]any)["uid"],
		})
		assert.Equal(t, "participant", a.client(token, "GET", "/groups/open", "").data()["scope"])
		assert.Equal(t, action["id"], a.client(token, "GET", "/groups/open/messages", "").column("id")[0])

		join("open", `{}`).fails(400, "ERR_ALREADY_JOINED")
		join("ghost", `{}`).fails(404, "ERR_GUID_NOT_FOUND")
		join("club", `{}`).fails(403, "ERR_GROUP_JOIN_NOT_ALLOWED")
		join("vault", `{}`).fails(400, "ERR_EMPTY_GROUP_PASS")
		join("vault", `{"password":"Sesame"}`).fails(400, "ERR_WRONG_GROUP_PASS")
		join("vault", `{"password":1}`).badFields("password")
		join("vault", `{"password":"sesame"}`).ok()
		a.client(ben, "POST", "/groups/open/members", "").fails(403, "ERR_BANNED_GROUPMEMBER")
	})
	t.Run("leaving", func(t *testing.T) {
		leave := func(token, guid string) reply { return a.client(token, "DELETE", "/groups/"+guid+"/members", "") }
		assert.Equal(t, true, leave(token, "open").data()["success"])
		leave(token, "open").fails(403, "ERR_GROUP_NOT_JOINED")
		leave(token, "ghost").fails(404, "ERR_GUID_NOT_FOUND")
		leave(ben, "team").fails(403, "ERR_GROUP_NO_SELF_ACTION")
		assert.Equal(t, "left", a.do("GET", "/groups/open/messages?id=1", "").ok()["data"].([]any)[0].(map[string]any)["data"].(map[string]any)["action"])
	})
	t.Run("adding members", func(t *testing.T) {
		add := func(token, body string) reply { return a.client(token, "PUT", "/groups/team/members", body) }
		got := add(ben, `{"moderators":["cleo"]}`).data()
		assert.Equal(t, []string{"cleo"}, a.client(ben, "GET", "/groups/team/members?searchKey=CL", "").column("uid"))
		assert.Equal(t, true, got["moderators"].(map[string]any)["cleo"].(map[string]any)["success"])
		for _, list := range []string{"admins", "participants", "usersToBan"} {
			assert.Equal(t, map[string]any{}, got[list], list)
		}
		add(token, `{"participants":["cleo"]}`).fails(403, "ERR_GROUP_NO_MODERATOR_SCOPE")
		add(ben, `{}`).badFields("members")
	})
	t.Run("passing on", func(t *testing.T) {
		pass := func(token, body string) reply { return a.client(token, "PATCH", "/groups/team/owner", body) }
		pass(token, `{"owner":"ana_maria"}`).fails(403, "ERR_GROUP_NO_CLEARANCE")
		pass(ben, `{}`).badFields("owner")
		pass(ben, `{"owner":"ghost"}`).fails(404, "ERR_UID_NOT_FOUND")
		a.srv.AddUsers(cometchattest.User{UID: "dora"})
		pass(ben, `{"owner":"dora"}`).fails(404, "ERR_NOT_A_MEMBER")
		pass(a.tokenOf("dora"), `{"owner":"dora"}`).fails(403, "ERR_GROUP_NOT_JOINED")
		assert.NotEmpty(t, pass(ben, `{"owner":"Cleo"}`).data()["message"])
		team := a.client(cleo, "GET", "/groups/team", "").data()
		assert.Equal(t, []any{"cleo", "admin"}, []any{team["owner"], team["scope"]})
		a.client(ben, "DELETE", "/groups/team/members", "").ok()
	})
}

func TestClientAPIBlocking(t *testing.T) {
	a, token := front(t)
	got := a.client(token, "POST", "/blockedusers", `{"blockedUids":["Ben","ghost"]}`).data()
	assert.Equal(t, true, got["ben"].(map[string]any)["success"])
	assert.Equal(t, false, got["ghost"].(map[string]any)["success"])
	a.do("POST", "/users/cleo/blockedusers", `{"blockedUids":["ana_maria","ben"]}`).ok()
	a.do("POST", "/users/ben/blockedusers", `{"blockedUids":["ana_maria"]}`).ok()
	for query, want := range map[string][]string{
		"":                                  {"ben"},
		"?direction=hasBlockedMe":           {"ben", "cleo"},
		"?direction=both":                   {"ben", "cleo"},
		"?direction=both&searchKey=CL":      {"cleo"},
		"?searchKey=cl":                     {},
		"?direction=both&per_page=1":        {"ben"},
		"?direction=both&page=2&per_page=1": {"cleo"},
	} {
		assert.ElementsMatch(t, want, a.client(token, "GET", "/blockedusers"+query, "").column("uid"), query)
	}
	assert.Equal(t, page(0, 1, 1, 1, 2), a.client(token, "GET", "/blockedusers?direction=both&per_page=1", "").meta()["pagination"])
	assert.ElementsMatch(t, []string{"ben"}, a.do("GET", "/users/ana_maria/blockedusers?searchKey=cl", "").column("uid"), "a key cannot search")
	a.client(token, "DELETE", "/blockedusers", `{"blockedUids":["ben"]}`).ok()
	assert.Empty(t, a.client(token, "GET", "/blockedusers", "").column("uid"))
}

func TestClientAPIThreads(t *testing.T) {
	a, token := front(t)
	ids := a.srv.AddMessages(
		cometchattest.Message{Sender: "ben", Receiver: "team", ReceiverType: "group", Text: "1"},
		cometchattest.Message{Sender: "ben", Receiver: "ana_maria", Text: "2"},
		cometchattest.Message{Sender: "ben", Receiver: "cleo", Text: "3"},
		cometchattest.Message{Sender: "ben", Receiver: "team", ReceiverType: "group", Text: "4"},
	)
	for i, id := range []string{ids[3], ids[0], ids[1], ids[2]} {
		m := cometchattest.Message{Sender: "ben", Receiver: "team", ReceiverType: "group", Text: "reply", ParentID: id, SentAt: start.Add(time.Duration(i+1) * time.Second)}
		switch id {
		case ids[1]:
			m.Receiver, m.ReceiverType = "ana_maria", "user"
		case ids[2]:
			m.Receiver, m.ReceiverType = "cleo", "user"
		}
		a.srv.AddMessages(m)
	}
	second := func(n int64) string { return fmt.Sprint(start.Unix() + n) }
	for path, want := range map[string][]string{
		"/threads":         {"4", "1", "2"},
		"/threads?limit=2": {"1", "2"},
		"/threads?limit=2&affix=prepend&updatedAt=" + second(2):             {"4"},
		"/threads?affix=append&limit=1":                                     {"4"},
		"/threads?participatedByMe=true":                                    {},
		"/users/ben/threads":                                                {"2"},
		"/users/cleo/threads":                                               {},
		"/groups/team/threads":                                              {"4", "1"},
		"/groups/team/threads?limit=1&affix=prepend&updatedAt=" + second(2): {"4"},
	} {
		assert.Equal(t, want, a.client(token, "GET", path, "").column("id"), path)
	}
	a.client(token, "GET", "/users/ghost/threads", "").fails(404, "ERR_UID_NOT_FOUND")
	a.client(a.tokenOf("cleo"), "GET", "/groups/team/threads", "").fails(403, "ERR_GROUP_NOT_JOINED")
	assert.Equal(t, "1", a.do("GET", "/threads?limit=1&updatedAt="+second(1), "").column("id")[0], "a key starts with the oldest")
}

func TestClientAPIFlagging(t *testing.T) {
	a, token := front(t)
	id := a.srv.AddMessages(cometchattest.Message{Sender: "ben", Receiver: "team", ReceiverType: "group", Text: "buy"})[0]
	reasons := a.client(token, "GET", "/settings", "").data()["flagReasons"]
	assert.Equal(t, a.do("GET", "/moderation/reasons", "").ok()["data"], reasons)
	assert.Len(t, reasons, 3)
	got := a.client(token, "POST", "/messages/"+id+"/flagged", `{"id":"spam","remark":"twice"}`).data()
	assert.Equal(t, true, got["success"])
	flags := a.srv.Flags()
	assert.Equal(t, []cometchattest.Flag{{MessageID: id, UID: "ana_maria", ReasonID: "spam", Remark: "twice", FlaggedAt: a.clock.Now()}}, flags)
}

func TestClientAPIReadState(t *testing.T) {
	a, token := front(t)
	var ids []string
	for _, text := range []string{"1", "hi <@uid:ana_maria>", "3", "and <@uid:Ana_Maria> again"} {
		ids = append(ids, a.srv.AddMessages(cometchattest.Message{Sender: "ben", Receiver: "team", ReceiverType: "group", Text: text})...)
	}
	state := func(v map[string]any) []any {
		return []any{v["unreadMessageCount"], v["unreadMentionsCount"], v["lastReadMessageId"], v["latestMessageId"]}
	}
	conversation := func() []any { return state(a.client(token, "GET", "/groups/team/conversation", "").data()) }
	assert.Equal(t, []any{"4", 2.0, nil, ids[3]}, conversation())
	a.client(token, "POST", "/groups/team/conversation/read", `{"messageId":`+ids[2]+`}`).ok()
	assert.Equal(t, []any{"1", 1.0, ids[2], ids[3]}, conversation())
	got := a.client(token, "DELETE", "/groups/team/conversation/read", `{"messageId":"`+ids[0]+`"}`).data()
	assert.Equal(t, true, got["success"])
	assert.Equal(t, []any{"3", 2.0, ids[0], ids[3]}, state(got["conversation"].(map[string]any)))
	assert.Equal(t, "group_team", got["conversation"].(map[string]any)["conversationId"])

	a.do("PUT", "/messages/"+ids[1], `{"data":{"text":"hi <@uid:cleo>"}}`).ok()
	assert.Equal(t, []any{"3", 1.0, ids[0], ids[3]}, conversation())
	a.do("PUT", "/messages/"+ids[2], `{"data":{"text":"oh <@uid:ana_maria>"}}`).ok()
	assert.Equal(t, []any{"3", 2.0, ids[0], ids[3]}, conversation())
	a.do("DELETE", "/messages/"+ids[3], "").ok()
	assert.Equal(t, []any{"2", 1.0, ids[0], ids[3]}, conversation())
	assert.NotContains(t, a.as("ana_maria", "GET", "/groups/team/conversation", "").data(), "unreadMentionsCount")
}

func TestClientAPIPinnedAndSaved(t *testing.T) {
	a, token := front(t)
	for range 3 {
		a.srv.AddMessages(cometchattest.Message{Sender: "ben", Receiver: "team", ReceiverType: "group", Text: "hi"})
	}
	a.client(token, "POST", "/messages/1/pin", "").ok()
	a.client(token, "POST", "/messages/2/save", "").ok()
	assert.Equal(t, []string{"1"}, a.client(token, "GET", "/groups/team/messages?pinned=1", "").column("id"))
	assert.Equal(t, []string{"2"}, a.client(token, "GET", "/groups/team/messages?saved=1", "").column("id"))
	assert.Empty(t, a.client(a.tokenOf("ben"), "GET", "/messages?saved=1", "").column("id"))
	assert.Len(t, a.as("ben", "GET", "/groups/team/messages?saved=1&pinned=1", "").column("id"), 3)
}
