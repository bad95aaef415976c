package console_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/console"
)

// submit sends a form as a browser does, and returns where it leads.
func (e *emulator) submit(t *testing.T, path string, fields url.Values) string {
	t.Helper()
	res, body := e.send(t, "POST", "/_emulator"+path, fields.Encode(), "Content-Type", "application/x-www-form-urlencoded",
		"Accept", "text/html", "Origin", e.url, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusSeeOther, res.StatusCode, "%s %v: %s", path, fields, body)
	return res.Header.Get("Location")
}

// upload sends a file in a form.
func (e *emulator) upload(t *testing.T, method, path, file string) int {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "file.json")
	require.NoError(t, err)
	_, err = part.Write([]byte(file))
	require.NoError(t, err)
	require.NoError(t, form.Close())
	res, _ := e.send(t, method, "/_emulator"+path, body.String(), "Content-Type", form.FormDataContentType())
	return res.StatusCode
}

// items returns the items of a list.
func (e *emulator) items(t *testing.T, path string) []any {
	t.Helper()
	status, doc := e.do(t, "GET", path, "")
	require.Equal(t, 200, status, path)
	items, _ := doc["items"].([]any)
	return items
}

// TestForms does with forms what scripts do with JSON.
func TestForms(t *testing.T) {
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer hook.Close()
	e := start(t, console.Options{})
	status, _ := e.do(t, "POST", "/seed", `{"users":[{"uid":"ada"},{"uid":"ben"}],"groups":[{"guid":"team","owner":"ada"}],"messages":[{"sender":"ada","receiver":"ben","text":"hi"}]}`)
	require.Equal(t, 200, status)

	assert.Equal(t, "/_emulator/faults", e.submit(t, "/faults", url.Values{
		"method": {"POST"}, "path": {"/users"}, "status": {"503"}, "times": {"-1"}, "latency": {"1ms"}, "dropAfter": {""}, "message": {"gone, for now"},
	}))
	assert.Equal(t, []any{map[string]any{
		"id": 1., "method": "POST", "path": "/users", "status": 503., "times": -1., "latency": "1ms", "message": "gone, for now", "seen": 0., "hits": 0., "left": -1.,
	}}, e.items(t, "/faults"))
	e.submit(t, "/faults/1", url.Values{"_method": {"DELETE"}})
	e.submit(t, "/faults", url.Values{"dropBefore": {"on"}})
	e.submit(t, "/faults", url.Values{"_method": {"DELETE"}})
	assert.Empty(t, e.items(t, "/faults"))

	assert.Equal(t, "/_emulator/clock", e.submit(t, "/clock", url.Values{"_method": {"PUT"}, "local": {"2031-02-03T04:05"}, "mode": {"stopped"}}))
	_, doc := e.do(t, "GET", "/clock", "")
	assert.Equal(t, []any{"2031-02-03T04:05:00Z", "stopped"}, []any{doc["now"], doc["mode"]})
	e.submit(t, "/clock/advance", url.Values{"by": {"1h"}})
	_, doc = e.do(t, "GET", "/clock", "")
	assert.Equal(t, "2031-02-03T05:05:00Z", doc["now"])
	e.submit(t, "/clock", url.Values{"_method": {"PUT"}, "mode": {"moved"}})
	e.submit(t, "/clock", url.Values{"_method": {"PUT"}, "mode": {"real"}})
	_, doc = e.do(t, "GET", "/clock", "")
	assert.Equal(t, "real", doc["mode"])

	e.submit(t, "/webhooks", url.Values{
		"id": {"rides"}, "url": {hook.URL}, "triggers": {"message_sent, user_mentioned"}, "user": {"u"}, "password": {"swordfish"}, "retryOnFailure": {"on"}, "hold": {"on"},
	})
	endpoint := map[string]any{
		"id": "rides", "url": hook.URL, "triggers": []any{"message_sent", "user_mentioned"}, "user": "u", "hasPassword": true, "retryOnFailure": true,
		"enabled": true, "delay": "0s", "order": "happened", "duplicate": "never", "hold": true, "held": 0.,
	}
	assert.Equal(t, []any{endpoint}, e.items(t, "/webhooks"))
	assert.Equal(t, 200, e.client(t, "POST", "/messages", "ada", `{"receiver":"ben","receiverType":"user","category":"message","type":"text","data":{"text":"two"}}`))
	e.submit(t, "/webhooks/rides/release", url.Values{"order": {"shuffled"}, "seed": {"7"}, "twice": {"on"}})
	e.submit(t, "/webhooks/rides", url.Values{"_method": {"PATCH"}, "enabled": {"false"}, "delay": {"2s"}, "duplicate": {"next"}, "hold": {"false"}, "retryOnFailure": {"false"}})
	endpoint["enabled"], endpoint["delay"], endpoint["duplicate"], endpoint["hold"], endpoint["retryOnFailure"] = false, "2s", "next", false, false
	assert.Equal(t, []any{endpoint}, e.items(t, "/webhooks"))
	require.NoError(t, e.srv.AwaitDeliveries(t.Context()))
	require.Len(t, e.items(t, "/deliveries"), 1)
	assert.Len(t, e.items(t, "/deliveries")[0].(map[string]any)["attempts"], 2, "twice")
	e.submit(t, "/deliveries", url.Values{"_method": {"DELETE"}})
	assert.Empty(t, e.items(t, "/deliveries"))
	e.submit(t, "/events", url.Values{"trigger": {"call_started"}, "data": {`{"sessionId":"s"}`}})
	assert.Equal(t, "call_started", e.items(t, "/events")[0].(map[string]any)["trigger"])
	e.submit(t, "/webhooks/rides", url.Values{"_method": {"DELETE"}})
	assert.Empty(t, e.items(t, "/webhooks"))

	e.submit(t, "/v3/users", url.Values{"uid": {"cleo"}, "name": {"Cleo"}, "tags:list": {"a, b"}, "metadata:json": {`{"n":1}`}, "role": {""}})
	_, doc = e.do(t, "GET", "/users/cleo", "")
	user := doc["user"].(map[string]any)
	assert.Equal(t, []any{"Cleo", []any{"a", "b"}, map[string]any{"n": 1.}}, []any{user["name"], user["tags"], user["metadata"]})
	assert.Equal(t, "/_emulator/users", e.submit(t, "/v3/users/cleo", url.Values{"_method": {"DELETE"}, "permanent": {"true"}, "_then": {"/_emulator/users"}}))
	e.submit(t, "/say", url.Values{"conversation": {"ada_user_ben"}, "as": {"ben"}, "text": {"three"}})
	e.submit(t, "/say", url.Values{"conversation": {"group_team"}, "as": {"ada"}, "text": {"four"}, "kind": {"custom"}})
	e.submit(t, "/requests", url.Values{"_method": {"DELETE"}})
	assert.Empty(t, e.items(t, "/requests"))

	assert.Equal(t, 200, e.upload(t, "POST", "/seed", `{"users":[{"uid":"dora"}]}`))
	_, snapshot := e.send(t, "GET", "/_emulator/snapshot?secrets=true", "")
	e.submit(t, "/reset", url.Values{"to": {"empty"}, "keep": {"requests", "endpoints", "clock", "faults"}})
	assert.Empty(t, e.items(t, "/users"))
	e.submit(t, "/start", nil)
	assert.Len(t, e.items(t, "/users"), 10)
	assert.Equal(t, 200, e.upload(t, "PUT", "/snapshot", snapshot))
	assert.Len(t, e.items(t, "/users"), 3)
	assert.Equal(t, 400, e.upload(t, "PUT", "/snapshot", "{}"))
}

// TestFormsThatAreWrong checks that a page names the wrong field.
func TestFormsThatAreWrong(t *testing.T) {
	e := start(t, console.Options{})
	for path, fields := range map[string]url.Values{
		"/faults":        {"times": {"often"}},
		"/faults#":       {"statsu": {"1"}},
		"/faults##":      {"header": {"no json"}},
		"/users":         {"_method": {"GET"}},
		"/v3/users":      {"metadata:json": {"{"}},
		"/clock":         {"_method": {"PUT"}, "mode": {"real"}, "now": {"2031-02-03T04:05:00Z"}},
		"/clock/advance": {"by": {""}},
		"/say":           {"conversation": {"nobody_user_else"}},
		"/events":        {"trigger": {""}},
	} {
		res, body := e.send(t, "POST", "/_emulator"+path, fields.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html")
		assert.GreaterOrEqual(t, res.StatusCode, 400, path)
		assert.Less(t, res.StatusCode, 500, path)
		assert.Contains(t, body, "That did not work", path)
	}
	res, _ := e.send(t, "POST", "/_emulator/faults", "a=%zz", "Content-Type", "application/x-www-form-urlencoded")
	assert.Equal(t, 400, res.StatusCode)
	res, _ = e.send(t, "POST", "/_emulator/seed", "no parts", "Content-Type", "multipart/form-data")
	assert.Equal(t, 400, res.StatusCode)
}

// TestLists reads the lists of the page as JSON.
func TestLists(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.AddUsers(cometchattest.User{UID: "ada", Name: "Ada"}, cometchattest.User{UID: "ben", Name: "Ben"})
	e.srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Owner: "ada", Participants: []string{"ben"}})
	ids := e.srv.AddMessages(
		cometchattest.Message{Sender: "ada", Receiver: "ben", Text: "hi"},
		cometchattest.Message{Sender: "ben", ReceiverType: "group", Receiver: "team", Text: "all"})

	names := func(path, member string) (list []any) {
		for _, item := range e.items(t, path) {
			list = append(list, item.(map[string]any)[member])
		}
		return list
	}
	assert.ElementsMatch(t, []any{"ada", "ben"}, names("/users", "uid"))
	assert.Equal(t, []any{"ben"}, names("/users?q=ben", "uid"))
	assert.Equal(t, []any{"team"}, names("/groups?q=tea", "guid"))
	assert.ElementsMatch(t, []any{"ada_user_ben", "group_team"}, names("/conversations", "conversationId"))
	_, doc := e.do(t, "GET", "/groups/team", "")
	assert.Len(t, doc["members"], 2)
	assert.Equal(t, "team", doc["group"].(map[string]any)["guid"])
	_, doc = e.do(t, "GET", "/conversations/ada_user_ben?as=ben", "")
	assert.Len(t, doc["messages"], 1)
	_, doc = e.do(t, "GET", "/messages/"+ids[0], "")
	assert.Equal(t, "hi", doc["data"].(map[string]any)["data"].(map[string]any)["text"])
	for _, path := range []string{"/groups/ghost", "/conversations/ghost", "/messages/99"} {
		status, _ := e.do(t, "GET", path, "")
		assert.Equal(t, 404, status, path)
	}
	for path, kind := range map[string]string{"/style.css": "text/css; charset=utf-8", "/page.js": "text/javascript; charset=utf-8", "/icon.svg": "image/svg+xml"} {
		res, body := e.send(t, "GET", "/_emulator"+path, "")
		assert.Equal(t, []any{200, kind}, []any{res.StatusCode, res.Header.Get("Content-Type")}, path)
		assert.NotEmpty(t, body)
	}
}

// TestListsAreWalked sends the next of every list back as before.
func TestListsAreWalked(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.SeedUsers(5)
	for i := range 5 {
		guid := string(rune('a' + i))
		e.srv.AddGroups(cometchattest.Group{GUID: guid, Owner: "user-0001"})
		e.srv.AddMessages(cometchattest.Message{Sender: "user-0001", ReceiverType: "group", Receiver: guid, Text: "hi"})
		e.srv.Inject(cometchattest.Fault{Path: "/nowhere"})
		e.client(t, "GET", "/users", "", "")
		require.NoError(t, e.srv.Fire("call_started", nil))
	}
	for path, id := range map[string]string{
		"/users": "uid", "/groups": "guid", "/conversations": "conversationId", "/requests": "id", "/faults": "id", "/events": "id",
	} {
		seen := map[any]bool{}
		pages := 0
		for next := ""; pages == 0 || next != ""; pages++ {
			require.Less(t, pages, 5, "%s has no end", path)
			address := path + "?limit=2"
			if next != "" {
				address += "&before=" + next
			}
			status, doc := e.do(t, "GET", address, "")
			require.Equal(t, 200, status, address)
			for _, item := range doc["items"].([]any) {
				key := item.(map[string]any)[id]
				assert.False(t, seen[key], "%s has %v twice", path, key)
				seen[key] = true
			}
			next, _ = doc["next"].(string)
		}
		assert.Len(t, seen, 5, path)
	}
}

// TestFaultFields sets each field of a fault, and checks that meaningless values
// are refused.
func TestFaultFields(t *testing.T) {
	e := start(t, console.Options{})
	for _, fault := range []string{
		`{"method":"PUT","path":"/users/{uid}","skip":1,"every":2,"times":3,"latency":"1s","status":400,"code":"ERR_X","message":"m","retryAfter":"5","header":{"X-A":["b"]},"truncate":true,"truncateJSON":true,"malformed":true,"repeatPage":true}`,
		`{"redirectTo":"http://elsewhere.example/","dropAfter":true}`, `{"body":"<html>"}`, `{"bodyBase64":"/wA="}`, `{"body":"","dropBefore":true}`,
	} {
		status, got := e.do(t, "POST", "/faults", fault)
		require.Equal(t, 200, status, got)
		for _, name := range []string{"id", "seen", "hits", "left"} {
			delete(got, name)
		}
		text, err := json.Marshal(got)
		require.NoError(t, err)
		assert.JSONEq(t, fault, string(text))
	}
	for field, fault := range map[string]string{
		"skip": `{"skip":-1}`, "every": `{"every":-1}`, "times": `{"times":-2}`, "status": `{"status":1000}`, "latency": `{"latency":"-1s"}`,
		"path": `{"path":"users"}`, "method": `{"method":"GET /"}`, "redirectTo": `{"redirectTo":"/\r\nX: y"}`, "bodyBase64": `{"body":"a","bodyBase64":"YQ=="}`, "retryAfter": `{"retryAfter":"1\r\nX: y"}`,
	} {
		status, doc := e.do(t, "POST", "/faults", fault)
		failure, _ := doc["error"].(map[string]any)
		assert.Equal(t, []any{400, "BAD_FAULT", field}, []any{status, failure["code"], failure["field"]}, fault)
	}
}

// TestSave writes the snapshot on request.
func TestSave(t *testing.T) {
	var saved int
	fails := errors.New("the disk is full")
	var err error
	e := start(t, console.Options{Snapshot: "state.jsonl", Save: func() error { saved++; return err }})
	status, doc := e.do(t, "POST", "/snapshot", "")
	assert.Equal(t, []any{200, map[string]any{"snapshot": "state.jsonl"}, 1}, []any{status, doc, saved})
	err = fails
	status, _ = e.do(t, "POST", "/snapshot", "")
	assert.Equal(t, 500, status)
}

// TestHolds checks the counts of objects and changes.
func TestHolds(t *testing.T) {
	e := start(t, console.Options{})
	before := e.console.Changes()
	assert.Equal(t, 200, e.client(t, "POST", "/users", "", `{"uid":"ada","name":"Ada"}`))
	assert.Greater(t, e.console.Changes(), before)
	users, groups, messages := e.console.Holds()
	assert.Equal(t, []int{1, 0, 0}, []int{users, groups, messages})
}
