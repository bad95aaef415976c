package cometchattest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/backdoor"
)

// unseen sends a request through the back door, without a key.
func unseen(t *testing.T, srv *cometchattest.Server, method, path, as, body string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, "http://emulator/v3"+path, strings.NewReader(body))
	r = r.WithContext(backdoor.Open(r.Context()))
	if as != "" {
		r.Header.Set("onBehalfOf", as)
	}
	rec := httptest.NewRecorder()
	srv.ServeHTTP(rec, r)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &doc))
	return rec.Code, doc
}

func TestBackDoor(t *testing.T) {
	a := newAPI(t, cometchattest.WithRateLimit(1))
	a.srv.SeedUsers(2)
	a.srv.Inject(cometchattest.Fault{Status: 503, Times: cometchattest.Always})
	for range 3 {
		status, _ := unseen(t, a.srv, "GET", "/users/user-0001", "", "")
		assert.Equal(t, 200, status)
	}
	assert.Empty(t, a.srv.Requests())
	status, _ := unseen(t, a.srv, "GET", "/users/user-0001", "ghost", "")
	assert.Equal(t, 404, status, "an acting user has to be there")

	for _, path := range []string{
		"/internal/counts", "/internal/users", "/internal/users/user-0001", "/internal/conversations",
		"/internal/conversations/x", "/internal/conversations/x/messages",
	} {
		rec := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "http://emulator/v3"+path, nil)
		r.Header.Set("apikey", a.srv.APIKey())
		a.srv.ClearFaults()
		a.srv.ServeHTTP(rec, r)
		assert.Contains(t, rec.Body.String(), "ERR_API_NOT_FOUND", path)
		assert.NotContains(t, cometchattest.Routes(), "GET "+path)
	}
}

func TestInternalRoutes(t *testing.T) {
	a := newAPI(t)
	a.srv.AddUsers(
		cometchattest.User{UID: "ada", Name: "Ada", Tags: []string{"x"}}, cometchattest.User{UID: "ben", Name: "Ben"},
		cometchattest.User{UID: "old", Name: "Old", DeactivatedAt: start},
	)
	a.srv.AddGroups(cometchattest.Group{GUID: "g", Name: "Group", Owner: "ada", Participants: []string{"ben"}})
	a.srv.AddFriends("ada", "ben")
	ids := a.srv.AddMessages(
		cometchattest.Message{Sender: "ada", Receiver: "ben", Text: "one"},
		cometchattest.Message{Sender: "ben", Receiver: "g", ReceiverType: "group", Text: "two"},
	)
	a.srv.AddMessages(cometchattest.Message{Sender: "ada", Receiver: "ben", Text: "reply", ParentID: ids[0]})

	get := func(path, as string) map[string]any {
		status, doc := unseen(t, a.srv, "GET", path, as, "")
		require.Equal(t, 200, status, path)
		return doc
	}
	counts := get("/internal/counts", "")["data"].(map[string]any)
	for _, mark := range []string{"changes", "faults", "deliveries", "restarts"} {
		delete(counts, mark)
	}
	assert.Equal(t, map[string]any{
		"users": 2., "deactivatedUsers": 1., "groups": 1., "conversations": 2., "messages": 3.,
		"requests": 0., "lastRequest": 0., "openRequests": 0.,
	}, counts)

	users := get("/internal/users?q=AD", "")["data"].([]any)
	require.Len(t, users, 1)
	assert.Equal(t, []any{"ada", 1., 2.}, []any{users[0].(map[string]any)["uid"], users[0].(map[string]any)["groups"], users[0].(map[string]any)["chats"]})
	assert.Len(t, get("/internal/users?state=all", "")["data"], 3)
	assert.Len(t, get("/internal/users?state=deactivated", "")["data"], 1)
	user := get("/internal/users/ada", "")["data"].(map[string]any)
	assert.Len(t, user["groups"], 1)
	assert.Len(t, user["friends"], 1)
	assert.Len(t, user["conversations"], 2)

	chats := get("/internal/conversations", "")["data"].([]any)
	require.Len(t, chats, 2, "each once, the newest first")
	assert.Equal(t, []any{"group_g", "ada_user_ben"}, []any{chats[0].(map[string]any)["conversationId"], chats[1].(map[string]any)["conversationId"]})

	shown := get("/internal/conversations/ada_user_ben/messages", "")["data"].(map[string]any)
	require.Len(t, shown["messages"], 1)
	assert.Equal(t, "one", shown["messages"].([]any)[0].(map[string]any)["data"].(map[string]any)["text"])
	thread := get("/internal/conversations/ada_user_ben/messages?thread="+ids[0], "ada")["data"].(map[string]any)
	assert.Len(t, thread["messages"], 1)
	assert.Equal(t, ids[0], thread["parent"].(map[string]any)["id"])
}

func TestLoggedAnswers(t *testing.T) {
	a := newAPI(t, cometchattest.WithRequestLog(10, 1<<20))
	id := a.srv.Inject(cometchattest.Fault{Path: "/users", Status: 429, RetryAfter: "2", Times: 2})
	lost := a.srv.Inject(cometchattest.Fault{Path: "/groups", DropAfter: true, Latency: time.Millisecond})
	a.do("GET", "/users", "")
	a.clock.Advance(time.Second)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		r := httptest.NewRequest("GET", "http://emulator/v3/groups", nil)
		r.Header.Set("apikey", a.srv.APIKey())
		a.srv.ServeHTTP(httptest.NewRecorder(), r)
	})
	a.do("GET", "/roles", "")
	log := a.srv.Requests()
	require.Len(t, log, 3)
	assert.Equal(t, []any{id, 429, "2"}, []any{log[0].FaultID, log[0].Status, log[0].ResponseHeader.Get("Retry-After")})
	assert.Contains(t, string(log[0].ResponseBody), "ERR_TOO_MANY_REQUESTS")
	assert.Equal(t, []any{lost, 0, []byte(nil)}, []any{log[1].FaultID, log[1].Status, log[1].ResponseBody})
	assert.Positive(t, log[1].Duration)
	assert.Equal(t, []any{int64(0), 200}, []any{log[2].FaultID, log[2].Status})

	faults := a.srv.Faults()
	require.Len(t, faults, 2)
	assert.Equal(t, []any{id, 1, 1, 1}, []any{faults[0].ID, faults[0].Seen, faults[0].Hits, faults[0].Left()})
	assert.Equal(t, 0, faults[1].Left())
	assert.True(t, a.srv.RemoveFault(lost))
	assert.False(t, a.srv.RemoveFault(lost))
	assert.Len(t, a.srv.Faults(), 1)
}
