package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/console"
)

// shown returns the texts of a page that an expression finds.
func (e *emulator) shown(t *testing.T, path, expression string) (texts []string) {
	t.Helper()
	res, raw := e.send(t, "GET", "/_emulator"+path, "", "Accept", "text/html")
	require.Equal(t, http.StatusOK, res.StatusCode, path)
	for _, match := range regexp.MustCompile(expression).FindAllStringSubmatch(raw, -1) {
		texts = append(texts, html.UnescapeString(match[1]))
	}
	return texts
}

func TestFaultsAreDescribed(t *testing.T) {
	e := start(t, console.Options{})
	for _, fault := range []cometchattest.Fault{
		{},
		{Latency: 800 * time.Millisecond, Times: 3},
		{DropBefore: true, DropAfter: true},
		{RedirectTo: "/x", Code: "ERR_X"},
		{Status: 429, RetryAfter: "2", Body: []byte("x")},
		{Truncate: true, TruncateJSON: true, Malformed: true, RepeatPage: true, Times: cometchattest.Always, Path: "/users"},
	} {
		e.srv.Inject(fault)
	}
	e.client(t, "GET", "/users", "", "")
	assert.Equal(t, []string{
		"nothing else", "800ms later", "connection closed, done, response lost", "redirect, ERR_X", "429 Too Many Requests, another body, Retry-After 2",
		"body cut off, half of the JSON, malformed JSON, page repeated",
	}, e.shown(t, "/faults", `<span class="tag (?:warn)? wraps">([^<]*)</span>`))
	assert.Equal(t, []string{"used up", "0 of 3", "0 of 1", "0 of 1", "0 of 1", "0 of ∞"}, e.shown(t, "/faults", `<td class="num(?: muted)?">([^<]*(?:of|up)[^<]*)</td>`))
}

func TestActionsAreSentences(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.AddUsers(cometchattest.User{UID: "ada", Name: "Ada"}, cometchattest.User{UID: "ben", Name: "Ben"}, cometchattest.User{UID: "cleo", Name: "Cleo"})
	e.srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Owner: "ada"})
	for _, step := range []struct{ method, path, body string }{
		{"POST", "/groups/team/members", `{"participants":["ben","cleo"]}`},
		{"PUT", "/groups/team/members/ben", `{"scope":"moderator"}`},
		{"DELETE", "/groups/team/members/cleo", ""},
		{"POST", "/groups/team/bannedusers/ben", ""},
		{"DELETE", "/groups/team/bannedusers/ben", ""},
	} {
		require.Equal(t, 200, e.client(t, step.method, step.path, "ada", step.body), step.path)
	}
	assert.Equal(t, []string{
		"Ada added Ben", "Ada added Cleo", "Ada changed the scope of Ben", "Cleo was kicked by Ada", "Ben was banned by Ada", "Ben was unbanned by Ada",
	}, e.shown(t, "/conversations/group_team", `<p class="act"[^>]*>(.*?) · <time>`))
}

func TestMessagesOfOtherKinds(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.AddUsers(cometchattest.User{UID: "ada", Name: "Ada"}, cometchattest.User{UID: "ben", Name: "Ben"})
	for _, data := range []string{
		`"category":"interactive","type":"form","data":{"interactiveData":{"title":"Which stall?","formFields":[{"label":"Number"},{"placeholder":"Name"},{"type":"x"}]}}`,
		`"category":"interactive","type":"card","data":{"interactiveData":{"text":"Ready","cardActions":[{"buttonText":"Take it"},{"text":"Leave it"}]}}`,
		`"category":"custom","type":"place","data":{"customData":{"lat":48.2}}`,
		`"category":"message","type":"text","data":{"text":"<@uid:ben>, are you <@uid:nobody>?"}`,
	} {
		require.Equal(t, 200, e.client(t, "POST", "/messages", "ada", `{"receiver":"ben","receiverType":"user",`+data+`}`), data)
	}
	const chat = "/conversations/ada_user_ben"
	assert.Equal(t, []string{"interactive · form", "interactive · card", "custom · place"}, e.shown(t, chat, `<span class="kind">([^<]*)</span>`))
	assert.Equal(t, []string{"Which stall?", "Number", "Name", "x", "Ready", "Take it", "Leave it"}, e.shown(t, chat, `<[bi]>([^<]+)</[bi]>`)[1:]) // behind the name of the program
	assert.Equal(t, []string{"@Ben", "@nobody"}, e.shown(t, chat, `<span class="at">([^<]*)</span>`))
}

// The form for editing has the text as the API has it, so that saving it unchanged
// keeps the mentions. A browser drops the first newline of a text area.
func TestEditingKeepsMentions(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.AddUsers(cometchattest.User{UID: "ada", Name: "Ada"}, cometchattest.User{UID: "ben", Name: "Ben"})
	const text = "\n<@uid:ben>, is 1 < 2 & 2 < 3?"
	e.srv.AddMessages(cometchattest.Message{Sender: "ada", Receiver: "ben", Text: text})
	assert.Equal(t, []string{text}, e.shown(t, "/conversations/ada_user_ben?edit=1", `(?s)<textarea name="data.text"[^>]*>\n(.*?)</textarea>`))
}

// The links to other pages of a list keep the rest of the address.
func TestPagersKeepTheQuery(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.SeedUsers(250)
	for i := range 250 {
		e.srv.AddGroups(cometchattest.Group{GUID: fmt.Sprintf("team-%03d", i), Name: "Team", Owner: "user-0001"})
		e.srv.AddMessages(cometchattest.Message{Sender: "user-0001", Receiver: fmt.Sprintf("team-%03d", i), ReceiverType: "group", Text: "hi"})
	}
	for range 60 {
		e.srv.AddMessages(cometchattest.Message{Sender: "user-0001", Receiver: "team-000", ReceiverType: "group", Text: "hi"})
	}
	pager := `<a class="btn" href="([^"]*)">(?:Newer|Older)`
	for path, want := range map[string][]string{
		"/users":                         {"?page=2"},
		"/users?before=2":                {"?before=1", "?before=3"},
		"/users?state=all&q=user&page=2": {"?page=1&q=user&state=all", "?page=3&q=user&state=all"},
		"/groups/team-000?q=team&page=3": {"?page=2&q=team"},
		"/conversations/group_team-000?as=user-0001&q=team": {"?as=user-0001&page=2&q=team"},
	} {
		assert.Equal(t, want, e.shown(t, path, pager), path)
	}
	older := e.shown(t, "/conversations/group_team-000?as=user-0001&q=team&page=2", `<a class="btn older"[^>]*href="([^"]*)"`)
	require.Len(t, older, 1)
	address, err := url.Parse(older[0])
	require.NoError(t, err)
	query := address.Query()
	assert.NotEmpty(t, query.Get("before"))
	query.Del("before")
	assert.Equal(t, url.Values{"as": {"user-0001"}, "q": {"team"}, "page": {"2"}}, query)

	// Older messages do not page the conversations beside them.
	const chat = `<a href="/_emulator/conversations/([^"]*)" data-key`
	assert.Equal(t, e.shown(t, "/conversations/group_team-000", chat), e.shown(t, "/conversations/group_team-000?before=200", chat))
}

// All members and banned users of a group can be reached, page by page.
func TestManyMembers(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.SeedUsers(400)
	var uids []string
	for i := range 400 {
		uids = append(uids, fmt.Sprintf("user-%04d", i+1))
	}
	e.srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Owner: uids[0], Participants: uids[1:250], Banned: uids[250:]})
	read := func(parameter, member, next string) (found []string) {
		for at := "1"; at != ""; {
			status, doc := e.do(t, "GET", "/groups/team?"+parameter+"="+at, "")
			require.Equal(t, 200, status)
			for _, user := range doc[member].([]any) {
				found = append(found, user.(map[string]any)["uid"].(string))
			}
			at, _ = doc[next].(string)
		}
		return found
	}
	assert.ElementsMatch(t, uids[:250], read("members", "members", "next"))
	assert.ElementsMatch(t, uids[250:], read("banned", "banned", "nextBanned"))

	pager := `<a class="btn" href="([^"]*)">(?:Newer|Older)`
	assert.Equal(t, []string{"?members=2", "?banned=2"}, e.shown(t, "/groups/team", pager))
	assert.Equal(t, []string{"?banned=2&members=2&q=team", "?banned=1&members=3&q=team"}, e.shown(t, "/groups/team?members=3&banned=2&q=team", pager))
	assert.Equal(t, []string{"101–200", "101–150"}, e.shown(t, "/groups/team?members=2&banned=2", `<div class="pager"><span class="grow num">([^<]*)<`))
	assert.Equal(t, []string{"250", "more than 100"}, e.shown(t, "/groups/team", `</h2><span class="muted num">([^<]*)<`))
	assert.Contains(t, e.shown(t, "/groups/team?members=2", `name="_then" value="([^"]*)"`), "/_emulator/groups/team?members=2")
	status, _ := e.do(t, "GET", "/groups/team?members=0", "")
	assert.Equal(t, 400, status)
}

// A page of a user says how many friends, blocked users and conversations it does
// not list.
func TestManyFriends(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.SeedUsers(1500)
	var uids []string
	for i := range 1400 {
		uids = append(uids, fmt.Sprintf("user-%04d", i+2))
	}
	e.srv.AddFriends("user-0001", uids...)
	e.srv.AddBlocks("user-0001", uids[:112]...)
	for _, uid := range uids[:101] {
		e.srv.AddMessages(cometchattest.Message{Sender: "user-0001", Receiver: uid, Text: "hi"})
	}
	assert.Equal(t, []string{"1", "1,300", "12"}, e.shown(t, "/users/user-0001", `<li class="muted">and ([0-9,]*) more</li>`))
	assert.Equal(t, []string{"101", "0", "1,400", "112"}, e.shown(t, "/users/user-0001", `</h2><span class="muted num">([^<]*)<`))
	_, doc := e.do(t, "GET", "/users/user-0001", "")
	assert.Equal(t, []any{100, 1400., 100, 112., 100, 101.}, []any{
		len(doc["friends"].([]any)), doc["friendsCount"], len(doc["blocked"].([]any)), doc["blockedCount"], len(doc["conversations"].([]any)), doc["conversationsCount"],
	})
}

// Every message has a link to what the API sends for it to the user who sees it,
// also if it is deleted, an action, or in the thread.
func TestEveryMessageHasJSON(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.AddUsers(cometchattest.User{UID: "ada", Name: "Ada"}, cometchattest.User{UID: "ben", Name: "Ben"})
	e.srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Owner: "ada"})
	require.Equal(t, 200, e.client(t, "POST", "/groups/team/members", "ada", `{"participants":["ben"]}`))
	ids := e.srv.AddMessages(
		cometchattest.Message{Sender: "ada", Receiver: "team", ReceiverType: "group", Text: "one"},
		cometchattest.Message{Sender: "ada", Receiver: "team", ReceiverType: "group", Text: "two"},
	)
	require.Equal(t, 200, e.client(t, "POST", "/messages/"+ids[0]+"/thread", "ben", `{"receiver":"team","receiverType":"group","data":{"text":"a reply"}}`))
	require.Equal(t, 200, e.client(t, "DELETE", "/messages/"+ids[1], "ada", ""))
	const link = `<a class="json" href="/_emulator(/messages/[^"]*)"`
	main := []string{"/messages/1?as=ben", "/messages/2?as=ben", "/messages/3?as=ben"} // an action, one with a reply, a deleted one
	assert.Equal(t, main, e.shown(t, "/conversations/group_team?as=ben", link))
	assert.Equal(t, append(main, "/messages/2?as=ben", "/messages/4?as=ben"), e.shown(t, "/conversations/group_team?as=ben&thread="+ids[0], link))
	assert.Equal(t, []string{"/messages/1", "/messages/2", "/messages/3"}, e.shown(t, "/conversations/group_team", link))
	for _, id := range []string{"1", "2", "3", "4"} {
		_, shown := e.send(t, "GET", "/_emulator/messages/"+id+"?as=ben", "")
		_, sent := e.send(t, "GET", "/v3/messages/"+id, "", "apikey", appKey, "onBehalfOf", "ben")
		assert.JSONEq(t, sent, shown, id)
	}
}

// forms returns the hidden fields of the forms on a page whose button has this name.
func (e *emulator) forms(t *testing.T, path, button string) (forms []url.Values) {
	t.Helper()
	_, raw := e.send(t, "GET", "/_emulator"+path, "", "Accept", "text/html")
	form := regexp.MustCompile(`<form method="post" action="/_emulator/faults">((?:<input [^>]*>)*)<button class="btn">` + regexp.QuoteMeta(html.EscapeString(button)) + `</button>`)
	for _, found := range form.FindAllStringSubmatch(raw, -1) {
		fields := url.Values{}
		for _, input := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`).FindAllStringSubmatch(found[1], -1) {
			fields.Add(input[1], html.UnescapeString(input[2]))
		}
		forms = append(forms, fields)
	}
	return forms
}

// The presets are those of docs/testing.md. A request that should fail replaces
// their method and path.
func TestPresets(t *testing.T) {
	e := start(t, console.Options{})
	all := []cometchattest.Fault{
		{Status: 429, RetryAfter: "2"},
		{Status: 503, Times: 2},
		{Method: "POST", DropAfter: true},
		{Method: "POST", DropBefore: true},
		{Latency: 5 * time.Second},
		{Status: 200, Code: "ERR_UID_NOT_FOUND"},
		{Status: 502, Body: []byte("<html>")},
		{Path: "/users", RepeatPage: true, Times: cometchattest.Always},
		{TruncateJSON: true},
	}
	added := func(path string) (faults []cometchattest.Fault) {
		e.srv.ClearFaults()
		for _, name := range e.shown(t, path, `<input type="hidden"[^>]*><button class="btn">([^<]*)</button>`) {
			forms := e.forms(t, path, name)
			require.Len(t, forms, 1, name)
			e.submit(t, "/faults", forms[0])
		}
		for _, f := range e.srv.Faults() {
			faults = append(faults, f.Fault)
		}
		return faults
	}
	assert.Equal(t, all, added("/faults"))
	for i := range all {
		all[i].Method, all[i].Path = "GET", "/groups"
	}
	assert.Equal(t, all, added("/faults?method=GET&path=/groups"))
}

// A fault that is used up can be added again with a button, exactly as it was.
func TestFaultsAgain(t *testing.T) {
	e := start(t, console.Options{})
	e.client(t, "POST", "/users", "", `{"uid":"ada","name":"Ada"}`)
	faults := []cometchattest.Fault{
		{Status: 429, RetryAfter: "2"},
		{Method: "GET", Path: "/users/{uid}", Every: 1, Times: 1, Latency: time.Millisecond, Status: 500, Code: "ERR_X", Message: `a "b" & <c>`, Header: http.Header{"X-A": {"b", "c"}}, Malformed: true},
		{Body: []byte("<html>é</html>")}, {Body: []byte("")}, {Body: []byte("two\nlines\r\n")}, {Body: []byte("\xff\x00")},
	}
	for _, fault := range faults {
		e.srv.Inject(fault)
		e.client(t, "GET", "/users/ada", "", "")
	}
	e.srv.Inject(cometchattest.Fault{Path: "/nowhere"})
	forms := e.forms(t, "/faults", "Again")
	require.Len(t, forms, len(faults))
	e.srv.ClearFaults()
	for i, form := range forms {
		e.submit(t, "/faults", form)
		assert.Equal(t, faults[i], e.srv.Faults()[i].Fault)
	}
}

func TestClockPage(t *testing.T) {
	e := start(t, console.Options{})
	how := func() string {
		texts := e.shown(t, "/clock", `UTC · <span class="muted">([^<]*)<`)
		require.Len(t, texts, 1)
		return texts[0]
	}
	assert.Equal(t, "running, by the time of this machine", how())
	e.srv.Clock().Advance(2 * time.Hour)
	assert.Equal(t, "running, 2h0m0s ahead of this machine", how())
	e.srv.Clock().Set(time.Now().Add(-time.Hour))
	e.srv.Clock().Stop()
	assert.Contains(t, []string{"stopped, 1h0m0s behind this machine", "stopped, 1h0m1s behind this machine"}, how())
}

// A form names a member of a member with a dot.
func TestFormsNest(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.SeedUsers(2)
	e.submit(t, "/v3/messages", url.Values{
		"_as": {"user-0001"}, "receiver": {"user-0002"}, "receiverType": {"user"}, "category": {"message"}, "type": {"text"},
		"data.text": {"hi"}, "data.metadata:json": {`{"a":[1]}`}, "tags:list": {"x, y"},
	})
	_, doc := e.do(t, "GET", "/messages/1", "")
	message, _ := doc["data"].(map[string]any)
	data, _ := message["data"].(map[string]any)
	assert.Equal(t, []any{"user-0001", "hi", map[string]any{"a": []any{1.}}}, []any{message["sender"], data["text"], data["metadata"]})
}

// events reads the events of a stream that begins where since says.
func (e *emulator) events(t *testing.T, since string, n int) (topics []any, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", e.url+"/_emulator/events", nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "text/event-stream")
	req.Header.Set("Last-Event-ID", since)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	var text bytes.Buffer
	for strings.Count(text.String(), "\n\n") < n+1 { // the first block has no event
		part := make([]byte, 1)
		_, err := res.Body.Read(part)
		require.NoError(t, err, text.String())
		text.Write(part)
	}
	for line := range strings.Lines(text.String()) {
		if rest, ok := strings.CutPrefix(line, "id: "); ok {
			id = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(line, "data: "); ok {
			var data struct{ Topics []any }
			require.NoError(t, json.Unmarshal([]byte(rest), &data))
			topics = append(topics, data.Topics...)
		}
	}
	return topics, id
}

// A stream that was interrupted reports at once what has changed in the meantime.
func TestStreamContinues(t *testing.T) {
	e := start(t, console.Options{})
	_, id := e.events(t, "", 0)
	e.client(t, "POST", "/users", "", `{"uid":"ada","name":"Ada"}`)
	e.srv.Inject(cometchattest.Fault{Path: "/nowhere"})
	topics, next := e.events(t, id, 1)
	assert.Equal(t, []any{"request", "change", "fault"}, topics)
	e.srv.Clock().Stop()
	topics, next = e.events(t, next, 1)
	assert.Equal(t, []any{"clock"}, topics)
	e.srv.Reset()
	topics, next = e.events(t, next, 1)
	assert.Equal(t, "reset", topics[0])
	_, rest, _ := strings.Cut(next, ".")
	topics, _ = e.events(t, "anotherstart."+rest, 1)
	assert.Equal(t, []any{"reset"}, topics, "the emulator was started again")
}

// A panic is one response, and a line of the log, and the next request is served.
func TestPanics(t *testing.T) {
	var log bytes.Buffer
	e := start(t, console.Options{
		Snapshot: "state.jsonl", Save: func() error { panic("no disk") }, Log: slog.New(slog.NewJSONHandler(&log, nil)),
	})
	status, doc := e.do(t, "POST", "/snapshot", "")
	failure, _ := doc["error"].(map[string]any)
	assert.Equal(t, []any{500, "INTERNAL"}, []any{status, failure["code"]})
	var line struct{ Msg, Method, Path, Panic, Stack string }
	require.NoError(t, json.Unmarshal(log.Bytes(), &line))
	assert.Contains(t, line.Stack, "TestPanics")
	line.Stack = ""
	assert.Equal(t, struct{ Msg, Method, Path, Panic, Stack string }{"a handler panicked", "POST", "/_emulator/snapshot", "no disk", ""}, line)
	status, _ = e.do(t, "GET", "/state", "")
	assert.Equal(t, 200, status)
}

// What cannot be done any more, or never could, is a mistake with a name.
func TestMistakesWithEndpoints(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.SeedUsers(2)
	status, _ := e.do(t, "POST", "/webhooks", `{"id":"rides","url":"http://127.0.0.1:9/"}`)
	require.Equal(t, 200, status)
	_, token := e.send(t, "POST", "/v3/users/user-0001/auth_tokens", "{}", "apikey", appKey, "Content-Type", "application/json")
	var made struct{ Data struct{ AuthToken string } }
	require.NoError(t, json.Unmarshal([]byte(token), &made))
	_, _ = e.send(t, "GET", "/v3/me", "", "authToken", made.Data.AuthToken)
	require.Equal(t, 200, e.client(t, "POST", "/messages", "user-0001", `{"receiver":"user-0002","receiverType":"user","data":{"text":"hi"}}`))
	require.NoError(t, e.srv.AwaitDeliveries(t.Context()))
	for _, test := range []struct {
		method, path, body string
		status             int
		code, field        string
	}{
		{"POST", "/deliveries/1/again", `{"times":0}`, 400, "BAD_FIELD", "times"},
		{"POST", "/deliveries/1/again", `{"times":101}`, 400, "BAD_FIELD", "times"},
		{"POST", "/deliveries/9/again", `{}`, 404, "NOT_FOUND", ""},
		{"POST", "/deliveries/first/again", `{}`, 404, "NOT_FOUND", ""},
		{"PATCH", "/webhooks/rides", `{"url":"http://elsewhere.example"}`, 400, "BAD_FIELD", "url"},
		{"PATCH", "/webhooks/rides", `{"delay":"soon"}`, 400, "BAD_FIELD", ""},
		{"PATCH", "/webhooks/rides", `{"duplicate":"sometimes"}`, 400, "BAD_FIELD", "duplicate"},
		{"PATCH", "/webhooks/rides", `{"order":"upside down"}`, 400, "BAD_FIELD", "order"},
		{"POST", "/webhooks/rides/release", `{"order":"upside down"}`, 400, "BAD_FIELD", "order"},
		{"POST", "/webhooks/none/release", `{}`, 404, "NOT_FOUND", ""},
		{"POST", "/webhooks", `{"id":"rides","url":"http://127.0.0.1:9/"}`, 409, "CONFLICT", ""},
		{"POST", "/requests/2/again", "", 409, "CONFLICT", ""},
		{"POST", "/requests/9/again", "", 404, "NOT_FOUND", ""},
		{"DELETE", "/webhooks/rides", "", 200, "", ""},
		{"POST", "/deliveries/1/again", `{}`, 409, "CONFLICT", ""},
	} {
		status, doc := e.do(t, test.method, test.path, test.body)
		failure, _ := doc["error"].(map[string]any)
		code, _ := failure["code"].(string)
		field, _ := failure["field"].(string)
		assert.Equal(t, []any{test.status, test.code, test.field}, []any{status, code, field}, "%s %s %s %v", test.method, test.path, test.body, failure)
	}
}

// The link to a fault contains the path as faults take it, relative to the base of
// the API. It is missing where a fault cannot hit the request.
func TestMakeThisFail(t *testing.T) {
	e := start(t, console.Options{}, cometchattest.WithManagementCredentials("account-key-1", "account-secret-1"))
	for _, test := range []struct{ path, want string }{
		{"/v3/users", "/users"},
		{"/v3/users/a%20b", "/users/a b"},
		{"/v3/users/a%2Fb", "/users/{any}"},
		{"/v3/users/ada/auth_tokens/x", "/users/ada/auth_tokens/{any}"},
		{"/v3/", "/"},
		{"/management/apps", "/apps"},
		{"/management", ""},
		{"/v3", ""},
		{"/x", ""},
	} {
		e.srv.ClearFaults()
		e.srv.ResetRequests()
		_, _ = e.send(t, "GET", test.path, "", "apikey", appKey)
		requests := e.items(t, "/requests")
		require.Len(t, requests, 1, test.path)
		id := fmt.Sprint(requests[0].(map[string]any)["id"])
		links := e.shown(t, "/requests/"+id, `href="([^"]*)">Make this fail`)
		if test.want == "" {
			assert.Empty(t, links, test.path)
			continue
		}
		require.Len(t, links, 1, test.path)
		link, err := url.Parse(links[0])
		require.NoError(t, err)
		assert.Equal(t, url.Values{"method": {"GET"}, "path": {test.want}}, link.Query(), test.path)
		e.submit(t, "/faults", url.Values{"path": {test.want}, "status": {"503"}})
		res, _ := e.send(t, "GET", test.path, "", "apikey", appKey)
		assert.Equal(t, 503, res.StatusCode, test.path)
	}
}

// Secrets are hidden wherever they stand: other keys of the app, tokens, passwords.
func TestSecretsInOddPlaces(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.AddUsers(cometchattest.User{UID: "ada"})
	e.srv.AddAPIKey("another-key-of-the-app", "Other", "authOnly")
	_, raw := e.send(t, "POST", "/v3/users/ada/auth_tokens", "{}", "apikey", appKey, "Content-Type", "application/json")
	var made struct{ Data struct{ AuthToken string } }
	require.NoError(t, json.Unmarshal([]byte(raw), &made))
	require.NotEmpty(t, made.Data.AuthToken)
	_, _ = e.send(t, "GET", "/v3/users?searchKey=another-key-of-the-app&token="+made.Data.AuthToken+"&password=sword%20fish", "", "apikey", appKey)
	_, _ = e.send(t, "GET", "/v3/users/"+made.Data.AuthToken, "", "apikey", appKey)
	_, _ = e.send(t, "POST", "/v3/users", "password=swordfish&name="+made.Data.AuthToken, "apikey", appKey, "Content-Type", "application/x-www-form-urlencoded")
	e.srv.DeliverTo("http://u:swordfish@127.0.0.1:9/")
	for _, path := range []string{"/requests", "/requests/1", "/requests/2", "/requests/3", "/requests/4", "/webhooks", "/"} {
		for _, accept := range []string{"text/html", "application/json"} {
			_, raw := e.send(t, "GET", "/_emulator"+path, "", "Accept", accept)
			for _, secret := range []string{appKey, "another-key-of-the-app", made.Data.AuthToken, "swordfish", "sword%20fish"} {
				assert.NotContains(t, raw, secret, "%s as %s", path, accept)
			}
		}
	}
	_, doc := e.do(t, "GET", "/requests/2", "")
	assert.Equal(t, "password=hidden&searchKey=hidden&token=hidden", doc["query"])
}

func TestResetsKeepTheCommandLine(t *testing.T) {
	at := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	e := start(t, console.Options{Clock: at, ClockStopped: true})
	e.console.StartClock()
	_, err := e.srv.Load(strings.NewReader(`{"webhooks":[{"id":"of-the-seed","url":"http://127.0.0.1:9/"}]}`))
	require.NoError(t, err)
	e.console.Fix(e.srv.DeliverTo("http://127.0.0.1:9/", cometchattest.WithWebhookID("of-the-line")))
	ids := func() (ids []any) {
		for _, item := range e.items(t, "/webhooks") {
			ids = append(ids, item.(map[string]any)["id"])
		}
		return ids
	}
	status, _ := e.do(t, "PATCH", "/webhooks/of-the-seed", `{"enabled":false,"order":"reversed"}`)
	require.Equal(t, 200, status)
	line := e.items(t, "/webhooks")[0]
	status, _ = e.do(t, "PATCH", "/webhooks/of-the-line", `{"enabled":false,"order":"reversed","duplicate":"always","delay":"1m","user":"x","password":"y"}`)
	require.Equal(t, 200, status)
	require.NotEqual(t, line, e.items(t, "/webhooks")[0])
	_, _ = e.do(t, "POST", "/clock/advance", `{"by":"1h"}`)
	_, _ = e.do(t, "POST", "/webhooks", `{"id":"added","url":"http://127.0.0.1:9/"}`)
	assert.ElementsMatch(t, []any{"of-the-seed", "of-the-line", "added"}, ids())

	status, _ = e.do(t, "POST", "/reset", "")
	require.Equal(t, 200, status)
	assert.ElementsMatch(t, []any{"of-the-seed", "of-the-line"}, ids())
	assert.Contains(t, e.items(t, "/webhooks"), line, "the endpoint of the command line is as it was")
	for _, item := range e.items(t, "/webhooks") {
		assert.Equal(t, true, item.(map[string]any)["enabled"], "the endpoint of the seed is as it was")
	}
	_, doc := e.do(t, "GET", "/clock", "")
	assert.Equal(t, []any{"2031-02-03T04:05:06Z", "stopped"}, []any{doc["now"], doc["mode"]})

	_, _ = e.do(t, "POST", "/reset", `{"to":"empty"}`)
	assert.Equal(t, []any{"of-the-line"}, ids())
}

// Other machines cannot name endpoints, not even in a seed.
func TestFixedEndpoints(t *testing.T) {
	e := start(t, console.Options{FixedEndpoints: true})
	for path, body := range map[string]string{
		"/webhooks": `{"url":"http://10.0.0.1/x"}`, "/seed": `{"users":[{"uid":"ada"}],"webhooks":[{"url":"http://10.0.0.1/x"}]}`,
	} {
		status, doc := e.do(t, "POST", path, body)
		failure, _ := doc["error"].(map[string]any)
		assert.Equal(t, []any{403, "FORBIDDEN"}, []any{status, failure["code"]}, path)
	}
	assert.Empty(t, e.srv.Endpoints())
	status, _ := e.do(t, "POST", "/seed", `{"users":[{"uid":"ada"}]}`)
	assert.Equal(t, 200, status)
	assert.Len(t, e.items(t, "/users"), 1)
}

// Held deliveries are released in the order that is set, unless the release names
// another.
func TestOrderOfReleases(t *testing.T) {
	var mu sync.Mutex
	var got []string
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event struct {
			Data struct {
				Message struct{ ID string }
			}
		}
		_ = json.NewDecoder(r.Body).Decode(&event)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, event.Data.Message.ID)
	}))
	defer hook.Close()
	e := start(t, console.Options{})
	e.srv.SeedUsers(2)
	status, doc := e.do(t, "POST", "/webhooks", `{"id":"rides","url":"`+hook.URL+`","triggers":["message_sent"],"order":"reversed","hold":true}`)
	require.Equal(t, 200, status, doc)
	assert.Equal(t, "reversed", doc["order"])
	for range 3 {
		require.Equal(t, 200, e.client(t, "POST", "/messages", "user-0001", `{"receiver":"user-0002","receiverType":"user","data":{"text":"hi"}}`))
	}
	_, _ = e.do(t, "POST", "/webhooks/rides/release", "")
	require.NoError(t, e.srv.AwaitDeliveries(t.Context()))
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, []string{"3", "2", "1"}, got)
}

func TestTimesOutOfReach(t *testing.T) {
	e := start(t, console.Options{})
	for _, request := range []string{`PUT /clock {"now":"9999-01-01T00:00:00Z"}`, `PUT /clock {"now":"1700-01-01T00:00:00Z"}`, `POST /clock/advance {"by":"2000000h"}`} {
		part := strings.SplitN(request, " ", 3)
		status, doc := e.do(t, part[0], part[1], part[2])
		failure, _ := doc["error"].(map[string]any)
		assert.Equal(t, []any{400, "BAD_FIELD"}, []any{status, failure["code"]}, request)
	}
	assert.Zero(t, e.srv.Clock().Ahead())
}

// Waiting and uploading may take longer than other requests.
func TestSlowRequestsOfTheConsole(t *testing.T) {
	e := start(t, console.Options{})
	server := httptest.NewUnstartedServer(e.console)
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	e.url = server.URL
	status, doc := e.do(t, "GET", "/requests/wait?timeout=200ms", "")
	failure, _ := doc["error"].(map[string]any)
	assert.Equal(t, []any{408, "TIMEOUT"}, []any{status, failure["code"]})

	reader, writer := io.Pipe()
	go func() {
		_, _ = writer.Write([]byte(`{"users":[`))
		time.Sleep(200 * time.Millisecond)
		_, _ = writer.Write([]byte(`{"uid":"ada"}]}`))
		_ = writer.Close()
	}()
	res, err := http.Post(e.url+"/_emulator/seed", "application/json", reader)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	assert.Equal(t, http.StatusOK, res.StatusCode)
}

// TestLargeBodiesAreCut keeps 64 KiB of each body and response, and says so.
func TestLargeBodiesAreCut(t *testing.T) {
	e := start(t, console.Options{})
	e.srv.SeedUsers(1000)
	body := `{"uid":"ada","name":"Ada","metadata":{"x":"` + strings.Repeat("x", 200_000) + `"}}`
	e.client(t, "POST", "/users", "", body)
	require.Equal(t, 200, e.client(t, "GET", "/users?perPage=1000", "", ""))
	_, doc := e.do(t, "GET", "/requests/1", "")
	assert.Equal(t, []any{true, body[:64<<10], float64(len(body)), ""}, []any{doc["bodyCut"], doc["body"], doc["bytesIn"], doc["curl"]})
	assert.Nil(t, doc["answerCut"])
	_, doc = e.do(t, "GET", "/requests/2", "")
	assert.Equal(t, []any{true, 64 << 10}, []any{doc["answerCut"], len(doc["answer"].(string))})
	assert.Nil(t, doc["bodyCut"])
	assert.Equal(t, []string{"195.4 KB, cut"}, e.shown(t, "/requests/1", `<summary>Body<small>([^<]*)</small>`))
	status, doc := e.do(t, "POST", "/requests/1/again", "")
	failure, _ := doc["error"].(map[string]any)
	assert.Equal(t, []any{409, "CONFLICT"}, []any{status, failure["code"]})
}

func TestDroppedDeliveriesAreLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	e := start(t, console.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	hook := e.srv.DeliverToHandler(http.NotFoundHandler(), cometchattest.WithWebhookID("rides"))
	hook.Hold()
	for range 10_001 {
		require.NoError(t, e.srv.Fire("call_started", nil))
	}
	e.console.LogDropped()
	e.console.LogDropped()
	assert.Equal(t, 1, strings.Count(log.String(), "endpoint=rides"), log.String())
}
