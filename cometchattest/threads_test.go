package cometchattest_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// reply sends a text to a thread and returns the id of the message.
func (a *api) reply(from, parent, text string) string {
	a.t.Helper()
	return a.as(from, "POST", "/messages/"+parent+"/thread", `{"data":{"text":"`+text+`"}}`).data()["id"].(string)
}

func TestReply(t *testing.T) {
	a := chat(t)
	parent := a.text("ana", "ben", "question")
	a.clock.Advance(time.Minute)
	got := a.as("ben", "POST", "/messages/"+parent+"/thread", `{"receiver":"ana","receiverType":"user","data":{"text":"answer"}}`).data()
	assert.Equal(t, parent, got["parentId"])
	assert.Equal(t, "ana_user_ben", got["conversationId"])
	first := got["id"].(string)

	t.Run("goes where the parent went", func(t *testing.T) {
		got := a.as("ana", "POST", "/messages/"+parent+"/thread", `{"data":{"text":"thanks"}}`).data()
		assert.Equal(t, "ben", got["receiver"])
		post := a.post("ana", "all")
		got = a.as("cleo", "POST", "/messages/"+post+"/thread", `{"data":{"text":"yes"}}`).data()
		assert.Equal(t, "group_team", got["conversationId"])
	})
	t.Run("the parent", func(t *testing.T) {
		got := a.do("GET", "/messages/"+parent, "").data()
		assert.Equal(t, 2., got["replyCount"])
		assert.Equal(t, float64(start.Unix()+60), got["updatedAt"])
	})
	t.Run("list", func(t *testing.T) {
		r := a.as("ana", "GET", "/messages/"+parent+"/thread?id=&limit=1", "")
		assert.Equal(t, []string{first}, r.column("id"))
		assert.JSONEq(t, `{"current":{"limit":1,"count":1},"next":{"affix":"append","id":"`+first+`","sentAt":`+unix(start.Add(time.Minute))+`}}`, metaOf(t, r))
		assert.Equal(t, [][]string{{first}, {"3"}}, a.walk("/messages/"+parent+"/thread", "next", url.Values{"limit": {"1"}}))
		assert.Equal(t, [][]string{{"3"}, {first}}, a.walk("/messages/"+parent+"/thread", "previous", url.Values{"limit": {"1"}, "affix": {"prepend"}}))
	})
	t.Run("several receivers", func(t *testing.T) {
		got := a.as("ana", "POST", "/messages/"+parent+"/thread", `{"multipleReceivers":{"uids":["ben","cleo"]},"data":{"text":"x"}}`).data()
		assert.Equal(t, parent, at(t, got, "uids", "ben", "parentId"))
		assert.Equal(t, "ERR_WRONG_MESSAGE_THREAD", at(t, got, "uids", "cleo", "error", "code"))
	})
	t.Run("refused", func(t *testing.T) {
		body := `{"data":{"text":"x"}}`
		a.do("POST", "/messages/"+parent+"/thread", body).badFields("onBehalfOf")
		a.as("ana", "POST", "/messages/"+first+"/thread", body).fails(400, "ERR_MESSAGE_THREAD_NESTING")
		a.as("ana", "POST", "/messages/"+parent+"/thread", `{"receiver":"cleo","receiverType":"user","data":{"text":"x"}}`).fails(400, "ERR_WRONG_MESSAGE_THREAD")
		a.as("dan", "POST", "/messages/"+parent+"/thread", body).fails(403, "ERR_MESSAGE_NO_ACCESS")
		note := a.do("PUT", "/messages/"+parent, `{"data":{"text":"x"}}`).data()["id"].(string)
		a.as("ana", "POST", "/messages/"+note+"/thread", body).fails(400, "ERR_WRONG_MESSAGE_THREAD_CATEGORY")
		a.do("DELETE", "/messages/"+parent, "").ok()
		a.as("ana", "POST", "/messages/"+parent+"/thread", body).fails(403, "ERR_MESSAGE_ACTION_NOT_ALLOWED")
	})
}

func TestThreadSubscription(t *testing.T) {
	a := chat(t)
	id := a.text("ana", "ben", "x")
	for _, method := range []string{"POST", "DELETE"} {
		r := a.as("ben", method, "/messages/"+id+"/thread/subscription", "")
		assert.JSONEq(t, `{"data":{"success":true}}`, r.Body)
		a.do(method, "/messages/"+id+"/thread/subscription", "").badFields("onBehalfOf")
		a.as("dan", method, "/messages/"+id+"/thread/subscription", "").fails(403, "ERR_MESSAGE_NO_ACCESS")
	}
}

func TestThreads(t *testing.T) {
	a := chat(t)
	first, second := a.text("ana", "ben", "1"), a.text("ana", "cleo", "2")
	third, fourth := a.post("ben", "3"), a.post("ben", "4")
	a.text("ana", "ben", "without replies")
	a.clock.Advance(time.Second)
	a.reply("ben", first, "r1")
	a.clock.Advance(time.Second)
	a.reply("cleo", second, "r2")
	a.reply("cleo", third, "r3 <@uid:ana>")
	a.reply("cleo", third, "r4")
	a.clock.Advance(time.Second)
	a.reply("cleo", fourth, "r5")

	t.Run("order and pages", func(t *testing.T) {
		r := a.do("GET", "/threads", "")
		assert.Equal(t, []string{first, second, third, fourth}, r.column("id"))
		assert.JSONEq(t, `{"current":{"limit":100,"count":4},"next":{"affix":"append","updatedAt":`+unix(start.Add(3*time.Second))+`}}`, metaOf(t, r))
		assert.Equal(t, [][]string{{first}, {second, third}, {fourth}}, a.walk("/threads", "next", url.Values{"limit": {"1"}}),
			"a page goes on to the end of a second")
		assert.Equal(t, [][]string{{fourth}, {second, third}, {first}}, a.walk("/threads", "previous", url.Values{"limit": {"1"}, "affix": {"prepend"}}))
		a.do("GET", "/threads?updatedAt=x", "").badFields("updatedAt")
	})
	t.Run("the last reply writes what is empty", func(t *testing.T) {
		thread := a.do("GET", "/threads", "").ok()["data"].([]any)[2].(map[string]any)
		last := thread["lastReply"].(map[string]any)
		assert.NotContains(t, last, "parentId", "it stands in its parent")
		assert.Equal(t, 2., thread["replyCount"])
		assert.Equal(t, "r4", at(t, last, "data", "text"))
		for name, want := range map[string]any{"muid": "", "editedBy": "", "editedAt": nil, "deliveredAt": nil, "readAt": nil, "deletedAt": nil} {
			assert.Contains(t, last, name)
			assert.Equal(t, want, last[name])
		}
		a.do("PUT", "/messages/"+last["id"].(string), `{"data":{"text":"edited"}}`).ok()
		thread = a.do("GET", "/threads", "").ok()["data"].([]any)[2].(map[string]any)
		assert.Equal(t, float64(start.Unix()+3), at(t, thread, "lastReply", "editedAt"))
		assert.Equal(t, "app_system", at(t, thread, "lastReply", "editedBy"))
	})
	t.Run("of a user", func(t *testing.T) {
		assert.Equal(t, []string{first, third, fourth}, a.as("ben", "GET", "/threads", "").column("id"))
		assert.Equal(t, []string{second, third, fourth}, a.as("cleo", "GET", "/threads?participatedByMe=true", "").column("id"))
		assert.Equal(t, []string{first, second}, a.as("ana", "GET", "/threads?participatedByMe=true", "").column("id"))
		assert.Empty(t, a.as("dan", "GET", "/threads", "").column("id"))
	})
	t.Run("counts", func(t *testing.T) {
		row := func(query string) map[string]any {
			return a.as("ana", "GET", "/threads"+query, "").ok()["data"].([]any)[2].(map[string]any)
		}
		assert.Equal(t, 2., row("?withUnreadReplyCount=true")["unreadReplyCount"])
		assert.Equal(t, 1., row("?withMentionCount=true")["unreadMentionCount"])
		assert.NotContains(t, row(""), "unreadReplyCount")
		a.as("ana", "POST", "/groups/team/conversation/read", "").ok()
		assert.Equal(t, 0., row("?withUnreadReplyCount=true")["unreadReplyCount"])
		assert.NotContains(t, a.do("GET", "/threads?withUnreadReplyCount=true", "").Body, "unreadReplyCount")
	})
	t.Run("deleted", func(t *testing.T) {
		a.as("ana", "DELETE", "/users/ben/conversation", "").ok()
		assert.Equal(t, []string{second, third, fourth}, a.as("ana", "GET", "/threads", "").column("id"), "hidden by a reset")
		a.do("DELETE", "/messages/"+third, `{"permanent":true}`).ok()
		assert.Equal(t, []string{first, second, fourth}, a.do("GET", "/threads", "").column("id"))
		last := a.do("GET", "/messages/"+fourth+"/thread", "").column("id")
		a.do("DELETE", "/messages/"+last[0], `{"permanent":true}`).ok()
		assert.Equal(t, []string{first, second}, a.do("GET", "/threads", "").column("id"))
	})
}
