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

// front is an app that serves the client API, and a user's token for it.
func front(t *testing.T) (a *api, token string) {
	t.Helper()
	// Given twice, it is the same option.
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

// client sends a request with an auth token in the place of the key.
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
	// The key counts where both are sent.
	assert.Equal(t, "ben", a.do("GET", "/users/ben", "", "authToken", "wrong").data()["uid"])
	// Nobody acts for somebody else.
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
			{"POST", "/users/ben/auth_tokens"}, {"POST", "/groups/team/members"}, {"GET", "/users/ben/blockedusers"},
		} {
			a.client(token, op[0], op[1], `{"uid":"x","name":"X"}`).fails(403, "AUTH_ERR_NO_ACCESS")
		}
		a.srv.AddAPIKey("small", "Small", "authOnly")
		for _, op := range [][2]string{{"GET", "/me"}, {"PUT", "/me"}, {"DELETE", "/me"}, {"GET", "/settings"}, {"POST", "/user_sessions"}} {
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
		// perPage counts where both are sent, and a key has no such cursor.
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
