package cometchattest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// unreadOf returns the number of unread messages a user has in a conversation.
func (a *api) unreadOf(uid, path string) string {
	a.t.Helper()
	return a.as(uid, "GET", path+"/conversation", "").data()["unreadMessageCount"].(string)
}

func TestGetConversation(t *testing.T) {
	a := chat(t)
	a.text("ana", "ben", "1")
	a.clock.Advance(time.Minute)
	id := a.text("ana", "ben", "2")
	got := a.as("ben", "GET", "/users/ANA/conversation", "").data()
	last := got["lastMessage"].(map[string]any)
	assert.Equal(t, id, last["id"])
	assert.NotContains(t, last, "receipts")
	assert.Equal(t, map[string]any{
		"conversationId": "ana_user_ben", "conversationType": "user", "unreadMessageCount": "2",
		"createdAt": float64(start.Unix()), "updatedAt": float64(start.Unix() + 60),
		"lastMessage": last, "conversationWith": userEntity("ana", "Ana", "ana_user_ben")["entity"],
	}, got)
	assert.Equal(t, "0", a.unreadOf("ana", "/users/ben"))

	t.Run("of a group", func(t *testing.T) {
		a.post("ana", "hello")
		got := a.as("ben", "GET", "/groups/team/conversation", "").data()
		assert.Equal(t, "group_team", got["conversationId"])
		assert.Equal(t, "1", got["unreadMessageCount"])
		assert.Equal(t, "team", at(t, got, "conversationWith", "guid"))
		assert.Equal(t, true, at(t, got, "conversationWith", "hasJoined"))
		assert.Equal(t, map[string]any{"data": []any{[]any{}}}, at(t, got, "lastMessage", "receipts"))
	})
	t.Run("by its id, in a list", func(t *testing.T) {
		rows := a.as("ben", "GET", "/conversations/ana_user_ben", "").ok()["data"].([]any)
		require.Len(t, rows, 1)
		assert.Equal(t, got, rows[0])
	})
	t.Run("replies, edits and what is deleted are not the last message", func(t *testing.T) {
		a.reply("ana", id, "r")
		a.do("PUT", "/messages/"+id, `{"data":{"text":"edited"}}`).ok()
		got := a.as("ben", "GET", "/users/ana/conversation", "").data()
		assert.Equal(t, id, at(t, got, "lastMessage", "id"))
		assert.Equal(t, "2", got["unreadMessageCount"])
		a.do("DELETE", "/messages/"+id, "").ok()
		got = a.as("ben", "GET", "/users/ana/conversation", "").data()
		assert.NotContains(t, got, "lastMessage")
		assert.Equal(t, "1", got["unreadMessageCount"])
	})
	t.Run("refused", func(t *testing.T) {
		a.do("GET", "/users/ana/conversation", "").badFields("onBehalfOf")
		a.as("dan", "GET", "/users/ana/conversation", "").fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
		a.as("ana", "GET", "/users/ghost/conversation", "").fails(404, "ERR_UID_NOT_FOUND")
		a.as("ana", "GET", "/groups/ghost/conversation", "").fails(404, "ERR_GUID_NOT_FOUND")
		a.as("dan", "GET", "/groups/team/conversation", "").fails(403, "ERR_GROUP_NOT_JOINED")
		a.do("GET", "/conversations/ana_user_ben", "").badFields("onBehalfOf")
		a.as("dan", "GET", "/conversations/ana_user_ben", "").fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
		a.as("dan", "GET", "/conversations/nothing", "").fails(404, "ERR_CONVERSATION_NOT_FOUND")
	})
}

func TestListConversationsOfAUser(t *testing.T) {
	a := chat(t)
	a.srv.AddUsers(cometchattest.User{UID: "bot", Name: "Bot"})
	a.text("ben", "ana", "1")
	a.clock.Advance(time.Second)
	a.post("ben", "2")
	a.clock.Advance(time.Second)
	a.text("ana", "cleo", "3")
	a.text("ana", "bot", "4")
	a.do("POST", "/messages", `{"receiver":"dan","receiverType":"user","data":{"text":"5"}}`).ok()
	a.srv.AddMessages(cometchattest.Message{Sender: "bot", Receiver: "ana", Category: "agentic", Type: "assistant"})
	list := func(t *testing.T, query string) []string {
		return (&api{t, a.srv, a.clock}).as("ana", "GET", "/conversations"+query, "").column("conversationId")
	}
	all := []string{"ana_user_bot", "ana_user_cleo", "group_team", "ana_user_ben"}
	r := a.as("ana", "GET", "/conversations?perPage=3", "")
	assert.Equal(t, all[:3], r.column("conversationId"), "newest first")
	assert.Equal(t, page(4, 3, 3, 1, 2), r.meta()["pagination"])
	row := r.ok()["data"].([]any)[1].(map[string]any)
	assert.NotContains(t, row, "uid")
	assert.Equal(t, "3", at(t, row, "lastMessage", "id"))

	a.as("ana", "PUT", "/users/ben/conversation", `{"tags":["work","old"]}`).ok()
	a.do("PUT", "/users/cleo", `{"tags":["sales"]}`).ok()
	a.do("POST", "/users/ana/blockedusers", `{"blockedUids":["cleo"]}`).ok()
	for query, want := range map[string][]string{
		"?includeBlockedUsers=true":             all,
		"":                                      {"ana_user_bot", "group_team", "ana_user_ben"},
		"?conversationType=group":               {"group_team"},
		"?conversationType=user":                {"ana_user_bot", "ana_user_ben"},
		"?tags=work,x":                          {"ana_user_ben"},
		"?userTags=sales&includeBlockedUsers=1": {"ana_user_cleo"},
		"?groupTags=work":                       {"group_team"},
		"?searchKey=BE":                         {"ana_user_ben"},
		"?unread=true":                          {"ana_user_bot", "group_team", "ana_user_ben"},
		"?onlyAgentic=true":                     {"ana_user_bot"},
		"?hideAgentic=true&useCursoredIndex=1":  {"group_team", "ana_user_ben"},
		"?perPage=2&page=2":                     {"ana_user_ben"},
		"?searchKey=cleo":                       {},
		"?searchKey=cleo&includeBlockedUsers=1&userTags=nonsense": {},
	} {
		t.Run(query, func(t *testing.T) { assert.Equal(t, want, list(t, query)) })
	}
	t.Run("what rows show", func(t *testing.T) {
		row := func(query string) map[string]any {
			return a.as("ana", "GET", "/conversations?includeBlockedUsers=1"+query, "").ok()["data"].([]any)[1].(map[string]any)
		}
		assert.NotContains(t, row("")["conversationWith"], "blockedByMe")
		assert.Equal(t, true, at(t, row("&withBlockedInfo=1"), "conversationWith", "blockedByMe"))
		assert.NotContains(t, row("")["conversationWith"], "tags")
		assert.Equal(t, []any{"sales"}, at(t, row("&withUserAndGroupTags=1"), "conversationWith", "tags"))
		assert.NotContains(t, a.as("ana", "GET", "/conversations", "").Body, `"tags"`)
		var tags []any
		for _, row := range a.as("ana", "GET", "/conversations?withTags=1", "").ok()["data"].([]any) {
			if row := row.(map[string]any); row["tags"] != nil {
				tags = append(tags, row["tags"])
			}
		}
		assert.Equal(t, []any{[]any{"work", "old"}}, tags)
	})
	t.Run("refused", func(t *testing.T) {
		a.as("ana", "GET", "/conversations?unique=1&conversationType=x&useCursoredIndex=2", "").badFields("unique", "conversationType", "useCursoredIndex")
		a.as("ana", "GET", "/conversations?perPage=1001", "").badFields("perPage")
	})
	t.Run("with the app", func(t *testing.T) {
		rows := a.as("dan", "GET", "/conversations", "").ok()["data"].([]any)
		require.Len(t, rows, 1)
		assert.Equal(t, "app_system", at(t, rows[0], "conversationWith", "uid"))
		assert.Equal(t, []string{"app_system_user_dan"}, a.as("dan", "GET", "/conversations?searchKey=sys", "").column("conversationId"))
	})
}

func TestListConversationsOfTheApp(t *testing.T) {
	a := chat(t)
	a.text("ana", "ben", "1")
	a.clock.Advance(time.Second)
	a.text("ana", "cleo", "2")
	a.post("ana", "3")
	a.do("POST", "/messages", `{"receiver":"dan","receiverType":"user","data":{"text":"4"}}`).ok()
	a.as("ben", "POST", "/users/ana/conversation/read", "").ok()

	type row struct{ uid, id, unread string }
	list := func(query string) (rows []row) {
		for _, r := range a.do("GET", "/conversations"+query, "").ok()["data"].([]any) {
			r := r.(map[string]any)
			require.NotContains(t, r, "lastMessage")
			require.NotContains(t, r["conversationWith"], "hasJoined")
			rows = append(rows, row{r["uid"].(string), r["conversationId"].(string), r["unreadMessageCount"].(string)})
		}
		return rows
	}
	assert.Equal(t, []row{
		{"ana", "ana_user_cleo", "0"}, {"ana", "group_team", "0"}, {"ana", "ana_user_ben", "0"},
		{"ben", "group_team", "1"}, {"ben", "ana_user_ben", "0"},
		{"cleo", "ana_user_cleo", "1"}, {"cleo", "group_team", "1"},
		{"dan", "app_system_user_dan", "1"},
	}, list(""), "by user, then newest first")
	assert.Equal(t, []row{
		{"ben", "group_team", "1"}, {"cleo", "ana_user_cleo", "1"}, {"cleo", "group_team", "1"}, {"dan", "app_system_user_dan", "1"},
	}, list("?unread=1"))
	assert.Len(t, list("?unique=1"), 4)
	assert.Equal(t, page(8, 3, 3, 2, 3), a.do("GET", "/conversations?perPage=3&page=2", "").meta()["pagination"])
	first := a.do("GET", "/conversations", "").ok()["data"].([]any)[0]
	assert.Equal(t, userEntity("cleo", "Cleo")["entity"], at(t, first, "conversationWith"))
}

func TestUpdateConversation(t *testing.T) {
	a := chat(t)
	a.text("ana", "ben", "1")
	a.post("ana", "2")
	assert.Equal(t, []any{"x"}, a.as("ana", "PUT", "/users/ben/conversation", `{"tags":["x"]}`).data()["tags"])
	assert.Equal(t, []any{"y"}, a.as("ana", "PUT", "/groups/team/conversation", `{"tags":["y"]}`).data()["tags"])
	assert.NotContains(t, a.as("ana", "GET", "/users/ben/conversation", "").data(), "tags")
	assert.Equal(t, []any{"x"}, a.as("ana", "GET", "/users/ben/conversation?withTags=1", "").data()["tags"])
	assert.NotContains(t, a.as("ben", "GET", "/users/ana/conversation?withTags=1", "").data(), "tags", "each user has tags")
	assert.NotContains(t, a.as("ana", "PUT", "/users/ben/conversation", `{"tags":[]}`).data(), "tags")
	a.as("ana", "PUT", "/users/ben/conversation", ``).badFields("tags")
	a.as("ana", "PUT", "/users/ben/conversation", `{`).badFields()
	a.as("ana", "PUT", "/users/dan/conversation", `{"tags":[]}`).fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
}

func TestMarkConversation(t *testing.T) {
	a := chat(t)
	for i := range 5 {
		a.text("ana", "ben", fmt.Sprint(i))
	}
	a.text("ben", "ana", "mine")
	a.clock.Advance(time.Second)
	times := func(id string) []any {
		m := a.do("GET", "/messages/"+id, "").data()
		return []any{m["deliveredAt"], m["readAt"]}
	}
	at := func(seconds int64) float64 { return float64(start.Unix() + seconds) }

	assert.Equal(t, "5", a.unreadOf("ben", "/users/ana"))
	r := a.as("ben", "POST", "/users/ana/conversation/delivered", `{"messageId":"3"}`)
	assert.JSONEq(t, `{"data":{"success":true,"Message":"The messages in the conversation ana_user_ben are marked as delivered for the user ben."}}`, r.Body)
	assert.Equal(t, []any{at(1), nil}, times("3"))
	assert.Equal(t, []any{nil, nil}, times("4"))
	assert.Equal(t, "5", a.unreadOf("ben", "/users/ana"))

	a.clock.Advance(time.Second)
	r = a.as("ben", "POST", "/users/ana/conversation/read", `{"messageId":4}`)
	assert.JSONEq(t, `{"data":{"success":true,"Message":"The messages in the conversation ana_user_ben are marked as read for the user ben."}}`, r.Body)
	assert.Equal(t, []any{at(1), at(2)}, times("3"), "delivered before")
	assert.Equal(t, []any{at(2), at(2)}, times("4"))
	assert.Equal(t, "1", a.unreadOf("ben", "/users/ana"))
	assert.Equal(t, []string{"5"}, a.as("ben", "GET", "/users/ana/messages?unread=1", "").column("id"))
	assert.Equal(t, []any{nil, nil}, times("6"), "one's own messages need no receipt")

	a.as("ben", "POST", "/users/ana/conversation/read", `{"messageId":"1"}`).ok()
	assert.Equal(t, "1", a.unreadOf("ben", "/users/ana"), "what was read stays read")
	a.clock.Advance(time.Second)
	a.as("ben", "POST", "/users/ana/conversation/read", ``).ok()
	assert.Equal(t, "0", a.unreadOf("ben", "/users/ana"))
	assert.Equal(t, []any{at(3), at(3)}, times("5"))

	r = a.as("ben", "DELETE", "/users/ana/conversation/read", `{"messageId":"3"}`)
	assert.JSONEq(t, `{"data":{"success":true,"message":"The messages after 3 in the conversation ana_user_ben are marked as unread for the user ben."}}`, r.Body)
	assert.Equal(t, "2", a.unreadOf("ben", "/users/ana"), "4 and 5")
	assert.Equal(t, []any{at(1), at(2)}, times("3"))
	assert.Equal(t, []any{at(2), nil}, times("4"))
	a.as("ben", "DELETE", "/users/ana/conversation/read", ``).ok()
	assert.Equal(t, "5", a.unreadOf("ben", "/users/ana"))

	t.Run("in a group", func(t *testing.T) {
		id := a.post("ana", "all")
		r := a.as("ben", "POST", "/groups/team/conversation/delivered", `{"messageId":`+id+`}`)
		assert.JSONEq(t, `{"data":{"success":true,"message":"The messages in the conversation group_team are marked as delivered for the user ben."}}`, r.Body)
		r = a.as("ben", "POST", "/groups/team/conversation/read", `{"messageId":`+id+`}`)
		assert.JSONEq(t, `{"data":{"success":true,"message":"The messages in the conversation group_team are marked as read for the user ben."}}`, r.Body)
		assert.Equal(t, "0", a.unreadOf("ben", "/groups/team"))
		assert.Equal(t, "1", a.unreadOf("cleo", "/groups/team"))
		assert.Contains(t, a.as("ben", "GET", "/messages/"+id, "").data(), "readAt")
		assert.NotContains(t, a.as("cleo", "GET", "/messages/"+id, "").data(), "readAt")
		r = a.as("ben", "DELETE", "/groups/team/conversation/read", ``)
		assert.JSONEq(t, `{"data":{"success":true,"message":"The messages after 0 in the conversation group_team are marked as unread for the user ben."}}`, r.Body)
		assert.Equal(t, "1", a.unreadOf("ben", "/groups/team"))
	})
	t.Run("refused", func(t *testing.T) {
		for _, tt := range []string{"POST /read", "POST /delivered", "DELETE /read"} {
			var method, what string
			_, err := fmt.Sscan(tt, &method, &what)
			require.NoError(t, err)
			a.do(method, "/users/ana/conversation"+what, `{"messageId":1}`).badFields("onBehalfOf")
			for _, id := range []string{`"x"`, `1.5`, `"1.5"`, `true`, `{}`} {
				a.as("ben", method, "/users/ana/conversation"+what, `{"messageId":`+id+`}`).badFields("messageId")
			}
			a.as("ben", method, "/users/ana/conversation"+what, `{`).badFields()
			a.as("ben", method, "/users/ana/conversation"+what, `{"messageId":99}`).fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
			a.as("ben", method, "/users/dan/conversation"+what, `{"messageId":1}`).fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
		}
	})
}

func TestResetConversation(t *testing.T) {
	a := chat(t)
	id := a.text("ana", "ben", "1")
	got := a.as("ana", "DELETE", "/users/ben/conversation", "").data()
	assert.Equal(t, true, got["success"])
	a.as("ana", "GET", "/users/ben/conversation", "").fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
	a.as("ana", "GET", "/conversations/ana_user_ben", "").fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
	assert.Empty(t, a.as("ana", "GET", "/conversations", "").column("conversationId"))
	assert.Empty(t, a.as("ana", "GET", "/users/ben/messages", "").column("id"))
	a.as("ana", "GET", "/messages/"+id, "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
	assert.Equal(t, "1", a.unreadOf("ben", "/users/ana"), "the other user keeps everything")

	a.text("ben", "ana", "2")
	assert.Equal(t, "1", a.unreadOf("ana", "/users/ben"), "it begins again")
	assert.Equal(t, []string{"2"}, a.as("ana", "GET", "/users/ben/messages", "").column("id"))

	t.Run("keeping the place", func(t *testing.T) {
		a.post("ana", "3")
		a.as("ana", "DELETE", "/groups/team/conversation", `{"preserveOrder":true}`).ok()
		rows := a.as("ana", "GET", "/conversations?conversationType=group", "").ok()["data"].([]any)
		require.Len(t, rows, 1)
		assert.NotContains(t, rows[0], "lastMessage")
		assert.Equal(t, "0", at(t, rows[0], "unreadMessageCount"))
	})
	t.Run("with the messages", func(t *testing.T) {
		a.as("ana", "DELETE", "/users/ben/conversation", `{"deleteMessagesPermanently":true,"conversationWith":"ben"}`).ok()
		assert.Equal(t, []string{"group_team"}, a.do("GET", "/messages", "").column("conversationId"))
		a.as("ben", "GET", "/users/ana/conversation", "").fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
	})
	t.Run("for everybody", func(t *testing.T) {
		id := a.post("ana", "4")
		a.as("ben", "DELETE", "/conversations/group_team", "").ok()
		for _, uid := range []string{"ana", "ben", "cleo"} {
			a.as(uid, "GET", "/messages/"+id, "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
		}
		a.as("dan", "DELETE", "/conversations/group_team", "").fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
		a.do("DELETE", "/conversations/group_team", "").badFields("onBehalfOf")
	})
	t.Run("refused", func(t *testing.T) {
		a.text("ana", "ben", "5")
		a.as("ana", "DELETE", "/users/ben/conversation", `{"deleteMessagesPermanently":"x","preserveOrder":7,"conversationWith":1}`).
			badFields("deleteMessagesPermanently", "preserveOrder", "conversationWith")
		a.as("ana", "DELETE", "/users/ben/conversation", `{`).badFields()
		a.as("ana", "DELETE", "/users/dan/conversation", "").fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
	})
}

func TestPinConversation(t *testing.T) {
	a := chat(t)
	a.srv.SeedUsers(6)
	a.text("ana", "ben", "1")
	a.clock.Advance(time.Second)
	a.text("ana", "cleo", "2")
	a.text("ana", "dan", "3")
	pinned := a.as("ana", "POST", "/users/ben/conversation/pin", "").data()
	assert.Equal(t, map[string]any{
		"conversationId": "ana_user_ben", "conversationType": "user", "pinnedBy": "ana", "pinnedAt": float64(start.Unix() + 1),
	}, pinned)
	a.clock.Advance(time.Second)
	assert.Equal(t, pinned, a.as("ana", "POST", "/users/ben/conversation/pin", "").data(), "stays as it was")
	rows := a.as("ana", "GET", "/conversations", "").ok()["data"].([]any)
	assert.Equal(t, "ana_user_ben", at(t, rows[0], "conversationId"), "pinned first")
	assert.Equal(t, "ana", at(t, rows[0], "pinnedBy"))
	assert.NotContains(t, a.as("ben", "GET", "/users/ana/conversation", "").data(), "pinnedBy")

	assert.Equal(t, "group_team", a.as("ana", "POST", "/groups/team/conversation/pin", "").data()["conversationId"], "needs no messages")
	for i := range 3 {
		a.as("ana", "POST", fmt.Sprintf("/users/user-000%d/conversation/pin", i+1), "").ok()
	}
	a.as("ana", "POST", "/users/cleo/conversation/pin", "").fails(400, "ERR_PINNED_CONVERSATIONS_LIMIT_EXCEEDED")
	assert.Equal(t, map[string]any{"conversationId": "group_team", "conversationType": "group"},
		a.as("ana", "DELETE", "/groups/team/conversation/pin", "").data())
	a.as("ana", "DELETE", "/groups/team/conversation/pin", "").ok()
	a.clock.Advance(time.Second)
	a.as("ana", "POST", "/users/cleo/conversation/pin", "").ok()

	t.Run("by the app", func(t *testing.T) {
		assert.JSONEq(t, `{"data":[]}`, a.do("GET", "/conversations/pinned", "").Body)
		r := a.do("PUT", "/conversations/pinned", `{"pinnedConversations":[{"guid":"TEAM"},{"uid":"Dan"},{"uid":"dan"}]}`)
		list := fmt.Sprintf(`{"data":[
			{"conversationId":"group_team","conversationType":"group","pinnedBy":"app_system","pinnedAt":%[1]d},
			{"conversationId":"app_system_user_dan","conversationType":"user","pinnedBy":"app_system","pinnedAt":%[1]d}]}`, start.Unix()+3)
		assert.JSONEq(t, list, r.Body)
		assert.JSONEq(t, list, a.do("GET", "/conversations/pinned", "").Body)
		assert.Equal(t, []string{"ana_user_dan", "ana_user_cleo", "ana_user_ben"}, a.as("ana", "GET", "/conversations", "").column("conversationId"))
		assert.Equal(t, "app_system", a.as("ana", "GET", "/users/dan/conversation", "").data()["pinnedBy"])
		for _, method := range []string{"POST", "DELETE"} {
			a.as("ana", method, "/users/dan/conversation/pin", "").fails(403, "ERR_SYSTEM_PINNED_CONVERSATION")
		}
		a.clock.Advance(time.Second)
		got := a.do("PUT", "/conversations/pinned", `{"pinnedConversations":[{"uid":"ben"},{"guid":"team"}]}`).ok()["data"].([]any)
		assert.Equal(t, float64(start.Unix()+4), at(t, got[0], "pinnedAt"))
		assert.Equal(t, float64(start.Unix()+3), at(t, got[1], "pinnedAt"), "keeps its time")
	})
	t.Run("refused", func(t *testing.T) {
		const limit = "ERR_SYSTEM_PINNED_CONVERSATIONS_LIMIT_EXCEEDED"
		six := `{"uid":"user-0001"}`
		for i := range 5 {
			six += fmt.Sprintf(`,{"uid":"user-000%d"}`, i+2)
		}
		a.do("PUT", "/conversations/pinned", `{"pinnedConversations":[`+six+`]}`).fails(400, limit)
		a.do("PUT", "/conversations/pinned", `{"pinnedConversations":[{}]}`).fails(400, limit)
		a.do("PUT", "/conversations/pinned", `{"pinnedConversations":[{"uid":"ana","guid":"team"}]}`).fails(400, limit)
		a.do("PUT", "/conversations/pinned", `{"pinnedConversations":[{"uid":"ghost"}]}`).fails(404, "ERR_UID_NOT_FOUND")
		a.do("PUT", "/conversations/pinned", `{"pinnedConversations":[{"guid":"ghost"}]}`).fails(404, "ERR_GUID_NOT_FOUND")
		a.do("PUT", "/conversations/pinned", `{"pinnedConversations":7}`).badFields("pinnedConversations")
		a.do("PUT", "/conversations/pinned", ``).badFields("pinnedConversations")
		a.do("PUT", "/conversations/pinned", `{`).badFields()
		a.do("POST", "/users/ben/conversation/pin", "").badFields("onBehalfOf")
		a.as("dan", "POST", "/groups/team/conversation/pin", "").fails(403, "ERR_GROUP_NOT_JOINED")
		assert.Len(t, a.do("GET", "/conversations/pinned", "").column("conversationId"), 2, "stays as it was")
		a.do("PUT", "/conversations/pinned", `{"pinnedConversations":[]}`).ok()
		assert.Empty(t, a.do("GET", "/conversations/pinned", "").column("conversationId"))
	})
}

func TestDeletingAGroupDeletesItsConversation(t *testing.T) {
	a := chat(t)
	id := a.post("ana", "1")
	a.text("ana", "ben", "2")
	a.do("DELETE", "/groups/team", "").ok()
	a.do("GET", "/messages/"+id, "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
	assert.Equal(t, []string{"2"}, a.do("GET", "/messages", "").column("id"))
	assert.Equal(t, []string{"ana_user_ben"}, a.as("ana", "GET", "/conversations", "").column("conversationId"))
}
