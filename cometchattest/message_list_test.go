package cometchattest_test

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestFirstPageOfMessages(t *testing.T) {
	a := chat(t)
	a.srv.SeedMessages(355, 1)
	assert.JSONEq(t, `{"current":{"limit":1000,"count":355},"next":{"affix":"append","sentAt":`+unix(start)+`,"id":"355"}}`,
		metaOf(t, a.do("GET", "/messages?count=1&limit=1000", "")))
	assert.JSONEq(t, `{
		"previous":{"affix":"prepend","sentAt":"1693887765","id":"355"},
		"current":{"limit":1000,"count":0},
		"next":{"affix":"append","sentAt":"1693887765","id":"355"}}`,
		metaOf(t, a.do("GET", "/messages?affix=append&id=355&count=1&sentAt=1693887765&limit=1000", "")))
	t.Run("further pages", func(t *testing.T) {
		assert.JSONEq(t, `{
			"previous":{"affix":"prepend","sentAt":`+unix(start.Add(-344*time.Second))+`,"id":"11"},
			"current":{"limit":100,"count":100},
			"next":{"affix":"append","sentAt":`+unix(start.Add(-245*time.Second))+`,"id":"110"}}`,
			metaOf(t, a.do("GET", "/messages?affix=append&id=10", "")))
	})
	t.Run("the newest page", func(t *testing.T) {
		r := a.do("GET", "/messages?affix=prepend&limit=3", "")
		assert.Equal(t, []string{"353", "354", "355"}, r.column("id"), "oldest first")
		assert.JSONEq(t, `{
			"previous":{"affix":"prepend","sentAt":`+unix(start.Add(-2*time.Second))+`,"id":"353"},
			"current":{"limit":3,"count":3},
			"next":{"affix":"append","sentAt":`+unix(start)+`,"id":"355"}}`, metaOf(t, r))
		assert.Equal(t, []string{"351", "352"}, a.do("GET", "/messages?affix=prepend&id=353&limit=2", "").column("id"), "the nearest ones before")
		assert.JSONEq(t, `{"previous":{"affix":"prepend","id":"1"},"current":{"limit":100,"count":0},"next":{"affix":"append","id":"1"}}`,
			metaOf(t, a.do("GET", "/messages?affix=prepend&id=1", "")))
	})
	t.Run("an app without messages", func(t *testing.T) {
		r := newAPI(t).do("GET", "/messages", "")
		now := unix(start)
		assert.JSONEq(t, `{"data":[],"meta":{"previous":{"affix":"prepend","sentAt":`+now+`},"current":{"limit":100,"count":0},"next":{"affix":"append","sentAt":`+now+`}}}`, r.Body,
			"the time of the request")
	})
	t.Run("a timestamp is echoed as a string", func(t *testing.T) {
		next := a.do("GET", "/messages?fromTimestamp=7", "").meta()["next"].(map[string]any)
		assert.Equal(t, "7", next["fromTimestamp"])
		assert.IsType(t, 0., next["sentAt"])
	})
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

func metaOf(t *testing.T, r reply) string {
	t.Helper()
	require.Contains(t, r.ok(), "meta")
	return string(rawMember(t, r.Body, "meta"))
}

// walk follows one step of the meta of each page until a page is empty. It
// returns the ids of each page.
func (a *api) walk(path, step string, query url.Values) [][]string {
	a.t.Helper()
	var pages [][]string
	for range 1000 {
		r := a.do("GET", path+"?"+query.Encode(), "")
		ids := r.column("id")
		if len(ids) == 0 {
			return pages
		}
		pages = append(pages, ids)
		next, ok := r.meta()[step].(map[string]any)
		require.True(a.t, ok, "there is no %s: %s", step, r.Body)
		for name, value := range next {
			if number, ok := value.(float64); ok {
				value = strconv.FormatFloat(number, 'f', -1, 64)
			}
			query.Set(name, value.(string))
		}
	}
	a.t.Fatal("the walk does not end")
	return nil
}

func TestWalkInTheSameSecond(t *testing.T) {
	a := chat(t)
	a.srv.SeedMessages(300, 1000)
	want := make([]string, 300)
	for i := range want {
		want[i] = strconv.Itoa(i + 1)
	}
	for _, path := range []string{"/messages", "/users/user-0002/messages"} {
		for _, limit := range []string{"100", "7"} {
			forward := a.walk(path, "next", url.Values{"limit": {limit}})
			assert.Equal(t, want, slices.Concat(forward...))
			backward := a.walk(path, "previous", url.Values{"limit": {limit}, "affix": {"prepend"}})
			slices.Reverse(backward)
			assert.Equal(t, want, slices.Concat(backward...))
		}
	}
	t.Run("with a filter", func(t *testing.T) {
		pages := a.walk("/messages", "next", url.Values{"limit": {"100"}, "sender": {"USER-0002"}})
		require.Len(t, pages, 2)
		assert.Len(t, pages[0], 100)
		assert.Len(t, pages[1], 50)
	})
	t.Run("by the time alone", func(t *testing.T) {
		assert.Empty(t, a.do("GET", "/messages?sentAt="+unix(start), "").column("id"))
		assert.Len(t, a.do("GET", "/messages?sentAt="+unix(start.Add(-1)), "").column("id"), 100)
		assert.Empty(t, a.do("GET", "/messages?affix=prepend&sentAt="+unix(start), "").column("id"))
		assert.Equal(t, "300", a.do("GET", "/messages?affix=prepend&limit=1&sentAt="+unix(start.Add(time.Second)), "").column("id")[0])
	})
}

func TestMessageListParameters(t *testing.T) {
	a := chat(t)
	a.srv.SeedMessages(1001, 10)
	assert.Len(t, a.do("GET", "/messages", "").column("id"), 100)
	assert.Len(t, a.do("GET", "/users/user-0001/messages", "").column("id"), 10)
	assert.Len(t, a.do("GET", "/messages?limit=1000", "").column("id"), 1000)
	assert.Len(t, a.do("GET", "/users/user-0001/messages?perPage=50", "").column("id"), 50)
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=1001": "limit", "limit=x": "limit", "perPage=0": "perPage",
		"affix=before": "affix", "id=x": "id", "id=-1": "id", "sentAt=x": "sentAt",
		"category=chat": "category", "categories=message,chat": "categories", "type=song": "type", "types=text,song": "types",
		"sentAt[from]=x": "sentAt[from]", "updatedAt[to]=x": "updatedAt[to]", "editedAt[to]=x": "editedAt[to]",
		"fromTimestamp=x": "fromTimestamp", "toTimestamp=x": "toTimestamp",
	} {
		t.Run(query, func(t *testing.T) {
			(&api{t, a.srv, a.clock}).do("GET", "/messages?"+query, "").badFields(field)
		})
	}
	a.do("GET", "/messages?receiverType=friend", "").ok()
	a.do("GET", "/messages?category=custom&type=place", "").ok()
	a.do("GET", "/messages", "", "onBehalfOf", "ghost").fails(404, "ERR_UID_NOT_FOUND")
	a.do("GET", "/users/ghost/messages", "").fails(404, "ERR_UID_NOT_FOUND")
	a.do("GET", "/groups/ghost/messages", "").fails(404, "ERR_GUID_NOT_FOUND")
	a.do("GET", "/messages/9999/thread", "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
}

func TestMessageFilters(t *testing.T) {
	a := chat(t)
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	ids := a.srv.AddMessages(
		cometchattest.Message{Sender: "ana", Receiver: "ben", Text: "Hello <@uid:ben>", Tags: []string{"a"}, SentAt: second(1)},
		cometchattest.Message{Sender: "ben", Receiver: "ana", Text: "see https://x.test", SentAt: second(2)},
		cometchattest.Message{Sender: "cleo", Receiver: "team", ReceiverType: "group", Type: "image", Tags: []string{"a", "b"}, SentAt: second(3),
			Data: []byte(`{"attachments":[{"url":"https://x.test/a.png"}]}`)},
		cometchattest.Message{Sender: "ana", Receiver: "team", ReceiverType: "group", Category: "custom", Type: "place", SentAt: second(4),
			Data: []byte(`{"customData":{"a":1}}`)},
		cometchattest.Message{Receiver: "dan", Text: "HELLO", SentAt: second(5)},
		cometchattest.Message{Sender: "ben", Receiver: "ana", Text: "reply", ParentID: "1", SentAt: second(6)},
		cometchattest.Message{Sender: "dan", Receiver: "cleo", Text: "deleted http://x", SentAt: second(7)},
	)
	require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7"}, ids)
	a.clock.Advance(time.Minute)
	a.do("PUT", "/messages/2", `{"data":{"text":"see www.x.test"}}`).ok()
	a.clock.Advance(time.Minute)
	a.do("DELETE", "/messages/7", "").ok()
	a.as("ana", "POST", "/messages/2/reactions/%F0%9F%98%80", "").ok()
	a.do("POST", "/users/ana/blockedusers", `{"blockedUids":["cleo"]}`).ok()
	edited := unix(start.Add(time.Minute))

	for _, tt := range []struct {
		actor, path, query string
		want               []string
	}{
		{"", "/messages", "", []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}},
		{"", "/messages", "searchKey=hello", []string{"1", "5"}},
		{"", "/messages", "searchKey=deleted", []string{}},
		{"", "/messages", "hasAttachments=true", []string{"3"}},
		{"", "/messages", "attachmentTypes=image,video", []string{"3"}},
		{"", "/messages", "attachmentTypes=audio", []string{}},
		{"", "/messages", "hasMentions=true", []string{"1"}},
		{"", "/messages", "mentionedUids=cleo,BEN", []string{"1"}},
		{"", "/messages", "hasLinks=1", []string{"2"}},
		{"", "/messages", "hasReactions=true", []string{"2"}},
		{"", "/messages", "receiverType=group", []string{"3", "4"}},
		{"", "/messages", "receiverType=friend&category=custom", []string{"4"}},
		{"", "/messages", "category=action", []string{"8", "9"}},
		{"", "/messages", "categories=custom,action", []string{"4", "8", "9"}},
		{"", "/messages", "type=image", []string{"3"}},
		{"", "/messages", "categories[]=custom&categories[]=message&types[]=place&types[]=image", []string{"3", "4"}},
		{"", "/messages", "sender=app_system", []string{"5", "8", "9"}},
		{"", "/messages", "senders=cleo,dan", []string{"3", "7"}},
		{"", "/messages", "hideDeleted=true&sender=dan", []string{}},
		{"", "/messages", "onlyDeleted=true", []string{"7"}},
		{"", "/messages", "hideReplies=true&senders=ben", []string{"2"}},
		{"", "/messages", "conversationId=ana_user_ben", []string{"1", "2", "6", "8"}},
		{"", "/messages", "conversationId=nothing", []string{}},
		{"", "/messages", "tags=a", []string{"1", "3"}},
		{"", "/messages", "tags=b,c", []string{"3"}},
		{"", "/messages", "sentAt[from]=" + unix(second(3)) + "&sentAt[to]=" + unix(second(4)), []string{"3", "4"}},
		{"", "/messages", "editedAt[from]=" + edited + "&editedAt[to]=" + edited, []string{"2"}},
		{"", "/messages", "updatedAt[from]=1", []string{"1", "2", "7"}},
		{"", "/messages", "fromTimestamp=" + unix(second(2)) + "&toTimestamp=" + unix(second(3)), []string{"2", "3"}},
		{"", "/messages", "category=message&toTimestamp=" + unix(second(1)), []string{"1", "2", "3", "5", "6", "7"}},
		{"", "/messages", "unread=true", []string{"1", "2", "5", "6"}},
		{"ana", "/messages", "", []string{"1", "2", "3", "4", "6", "8"}},
		{"ana", "/messages", "hideMessagesFromBlockedUsers=true", []string{"1", "2", "4", "6", "8"}},
		{"dan", "/messages", "", []string{"5", "7", "9"}},
		{"ana", "/messages", "sender=ben", []string{"2", "6"}},
		{"ana", "/messages", "unread=true", []string{"2", "3", "6"}},
		{"ana", "/users/ben/messages", "", []string{"1", "2", "6", "8"}},
		{"ana", "/users/cleo/messages", "", []string{}},
		{"ben", "/users/ana/messages", "myMentionsOnly=true", []string{"1"}},
		{"ben", "/users/ana/messages", "undelivered=true", []string{"1"}},
		{"ben", "/users/ana/messages", "toTimestamp=" + unix(second(1)), []string{"1"}},
		{"", "/users/ben/messages", "", []string{"1", "2", "6", "8"}},
		{"", "/users/dan/messages", "", []string{"5", "7", "9"}},
		{"", "/groups/team/messages", "", []string{"3", "4"}},
		{"ana", "/groups/TEAM/messages", "hideMessagesFromBlockedUsers=true", []string{"4"}},
		{"", "/messages/1/thread", "", []string{"6"}},
		{"", "/messages/2/thread", "", []string{}},
	} {
		t.Run(tt.actor+tt.path+"?"+tt.query, func(t *testing.T) {
			a := &api{t, a.srv, a.clock}
			assert.Equal(t, tt.want, a.as(tt.actor, "GET", tt.path+"?"+tt.query, "").column("id"))
		})
	}
	t.Run("not for everybody", func(t *testing.T) {
		a.as("dan", "GET", "/groups/team/messages", "").fails(403, "ERR_GROUP_NOT_JOINED")
		a.as("dan", "GET", "/messages/1/thread", "").fails(403, "ERR_MESSAGE_NO_ACCESS")
	})
	t.Run("tags", func(t *testing.T) {
		assert.NotContains(t, a.do("GET", "/messages", "").Body, `"tags"`)
		var tags []any
		for _, m := range a.do("GET", "/messages?withTags=true", "").ok()["data"].([]any) {
			if m := m.(map[string]any); m["tags"] != nil {
				tags = append(tags, m["tags"])
			}
		}
		assert.Equal(t, []any{[]any{"a"}, []any{"a", "b"}}, tags)
	})
	t.Run("a user without messages", func(t *testing.T) {
		a.srv.SeedUsers(1)
		assert.Empty(t, a.do("GET", "/users/user-0001/messages", "").column("id"))
		a.srv.AddGroups(cometchattest.Group{GUID: "silent"})
		assert.Empty(t, a.do("GET", "/groups/silent/messages", "").column("id"))
	})
}

func TestMessageCounts(t *testing.T) {
	a := chat(t)
	a.text("ana", "ben", "1")
	a.text("cleo", "ben", "2")
	a.text("ana", "ben", "3")
	a.post("ana", "4")
	a.text("ben", "ana", "mine")
	count := func(r reply) string { return string(rawMember(t, r.Body, "data")) }

	assert.JSONEq(t, `[{"entityId":"ana","entityType":"user","count":2},{"entityId":"cleo","entityType":"user","count":1},{"entityId":"team","entityType":"group","count":1}]`,
		count(a.as("ben", "GET", "/messages?unread=1&count=1", "")))
	assert.JSONEq(t, `[{"entityId":"ana","entityType":"user","count":3}]`, count(a.as("ben", "GET", "/users/ana/messages?count=1", "")))
	assert.JSONEq(t, `[{"entityId":"ana","entityType":"user","count":2}]`, count(a.as("ben", "GET", "/users/ana/messages?count=1&undelivered=1", "")))
	assert.JSONEq(t, `[{"entityId":"team","entityType":"group","count":1}]`, count(a.do("GET", "/groups/team/messages?count=true", "")))
	assert.JSONEq(t, `[{"entityId":"ana","entityType":"user","count":2},{"entityId":"ben","entityType":"user","count":1}]`, count(a.do("GET", "/users/ana/messages?count=true", "")))
	assert.JSONEq(t, `[]`, count(a.as("dan", "GET", "/messages?unread=1&count=1", "")))
	assert.Len(t, a.as("ben", "GET", "/messages?count=1", "").column("id"), 5, "count alone changes nothing")
}

func TestSeedMessages(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedMessages(7, 3)
	r := a.do("GET", "/messages?limit=100", "")
	rows := r.ok()["data"].([]any)
	require.Len(t, rows, 7)
	for i, row := range rows {
		message := row.(map[string]any)
		assert.Equal(t, strconv.Itoa(i+1), message["id"])
		assert.Equal(t, fmt.Sprintf("Message %d", i+1), at(t, message, "data", "text"))
		assert.Equal(t, float64(start.Unix()-2+int64(i/3)), message["sentAt"])
		sender, receiver := "user-0001", "user-0002"
		if i%2 == 1 {
			sender, receiver = receiver, sender
		}
		assert.Equal(t, sender, message["sender"])
		assert.Equal(t, receiver, message["receiver"])
		assert.Equal(t, sender, at(t, message, "data", "entities", "sender", "entity", "uid"))
		assert.Equal(t, receiver, at(t, message, "data", "entities", "receiver", "entity", "uid"))
		assert.Equal(t, "user-0001_user_user-0002", at(t, message, "data", "entities", "receiver", "entity", "conversationId"))
	}
	a.srv.SeedMessages(1, 0)
	assert.Equal(t, "Message 8", at(t, a.do("GET", "/messages/8", "").data(), "data", "text"))
	a.do("DELETE", "/users/user-0002", `{"permanent":true}`).ok()
	assert.Panics(t, func() { a.srv.SeedMessages(1, 1) })
	a.do("GET", "/messages", "").ok()
}

func TestAddMessages(t *testing.T) {
	a := chat(t)
	a.srv.AddMessages(cometchattest.Message{
		Sender: "APP_SYSTEM", Receiver: "ANA", MUID: "m", Category: "agentic", Type: "assistant", Text: `a "b"`,
		Data: []byte(`{"moderation":{"status":"approved"}}`),
	})
	got := a.do("GET", "/messages/1", "").data()
	assert.Equal(t, "m", got["muid"])
	assert.Equal(t, "app_system", got["sender"])
	assert.Equal(t, "agentic", got["category"])
	assert.Equal(t, `a "b"`, at(t, got, "data", "text"))
	assert.Equal(t, "approved", at(t, got, "data", "moderation", "status"))
	assert.Equal(t, float64(start.Unix()), got["sentAt"])

	for name, m := range map[string]cometchattest.Message{
		"sender":        {Sender: "ghost", Receiver: "ana"},
		"receiver":      {Sender: "ana", Receiver: "ghost"},
		"oneself":       {Sender: "ana", Receiver: "ana"},
		"group":         {Sender: "ana", Receiver: "ghost", ReceiverType: "group"},
		"data":          {Sender: "ana", Receiver: "ben", Data: []byte(`[]`)},
		"parent":        {Sender: "ana", Receiver: "ben", ParentID: "9"},
		"parent's talk": {Sender: "ana", Receiver: "ben", ParentID: "1"},
	} {
		assert.Panics(t, func() { a.srv.AddMessages(m) }, name)
	}
	assert.Len(t, a.do("GET", "/messages", "").column("id"), 1)
}

func BenchmarkMessagePage(b *testing.B) {
	srv := cometchattest.New(cometchattest.WithAPIKey("main-key"))
	srv.SeedMessages(100_000, 10)
	for _, actor := range []string{"", "user-0001"} {
		b.Run("actor="+actor, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				req := httptest.NewRequest("GET", "http://emulator/v3/messages?limit=1000&affix=append&id=90000", nil)
				req.Header.Set("apikey", "main-key")
				req.Header.Set("onBehalfOf", actor)
				rec := httptest.NewRecorder()
				srv.ServeHTTP(rec, req)
				require.Equal(b, 200, rec.Code)
			}
		})
	}
}

// TestOwnMessagesInOrder pages through messages from many conversations. It
// requires the same messages as a filtered walk over all messages.
func TestOwnMessagesInOrder(t *testing.T) {
	a := newAPI(t)
	var members []string
	for i := range 6 {
		members = append(members, fmt.Sprintf("u%d", i))
		a.srv.AddUsers(cometchattest.User{UID: members[i]})
	}
	for i := range 4 {
		a.srv.AddGroups(cometchattest.Group{GUID: fmt.Sprintf("g%d", i), Participants: members[i:]})
	}
	random := rand.New(rand.NewPCG(1, 2))
	var all []string
	for range 300 {
		from := members[random.IntN(6)]
		m := cometchattest.Message{Sender: from, Text: "hi", Receiver: members[random.IntN(6)]}
		if random.IntN(2) == 0 || m.Receiver == from {
			m.Receiver, m.ReceiverType = fmt.Sprintf("g%d", random.IntN(4)), "group"
		}
		id := a.srv.AddMessages(m)[0]
		// u1 is a member of g0 and g1.
		if m.ReceiverType == "" && (from == "u1" || m.Receiver == "u1") || m.Receiver == "g0" || m.Receiver == "g1" {
			all = append(all, id)
		}
	}
	require.Greater(t, len(all), 100)
	assert.Equal(t, all, a.as("u1", "GET", "/messages?limit=1000", "").column("id"))

	var forwards, backwards []string
	for id := "0"; ; id = forwards[len(forwards)-1] {
		page := a.as("u1", "GET", "/messages?limit=7&id="+id, "").column("id")
		if len(page) == 0 {
			break
		}
		forwards = append(forwards, page...)
	}
	assert.Equal(t, all, forwards)
	for id := ""; ; id = "&id=" + backwards[0] {
		page := a.as("u1", "GET", "/messages?limit=7&affix=prepend"+id, "").column("id")
		if len(page) == 0 {
			break
		}
		backwards = slices.Concat(page, backwards)
	}
	assert.Equal(t, all, backwards)
}
