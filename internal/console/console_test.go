package console_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/console"
)

const appKey = "the-key-of-the-app"

type emulator struct {
	srv     *cometchattest.Server
	console *console.Console
	url     string
}

func start(t *testing.T, opt console.Options, opts ...cometchattest.Option) *emulator {
	t.Helper()
	opts = append([]cometchattest.Option{cometchattest.WithAPIKey(appKey), cometchattest.WithRequestLog(1000, 64<<20), cometchattest.WithClientAPI()}, opts...)
	e := &emulator{srv: cometchattest.New(opts...)}
	t.Cleanup(e.srv.Close)
	e.console = console.New(e.srv, opt)
	e.console.Ready()
	server := httptest.NewServer(e.console)
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// send sends a request. headers are pairs of name and value.
func (e *emulator) send(t *testing.T, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, e.url+path, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res, string(raw)
}

// do sends JSON to the control API.
func (e *emulator) do(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	res, raw := e.send(t, method, "/_emulator"+path, body, "Content-Type", "application/json")
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(raw), &doc), raw)
	return res.StatusCode, doc
}

// codeOf returns the code of a control API error.
func codeOf(t *testing.T, raw string) string {
	t.Helper()
	var doc struct{ Error struct{ Code string } }
	require.NoError(t, json.Unmarshal([]byte(raw), &doc), raw)
	return doc.Error.Code
}

func (e *emulator) client(t *testing.T, method, path, as, body string) int {
	t.Helper()
	headers := []string{"apikey", appKey, "Content-Type", "application/json"}
	if as != "" {
		headers = append(headers, "onBehalfOf", as)
	}
	res, _ := e.send(t, method, "/v3"+path, body, headers...)
	return res.StatusCode
}

func TestSafety(t *testing.T) {
	e := start(t, console.Options{AllowHosts: []string{"emulator.example", ".svc.cluster.local"}})
	e.srv.SeedUsers(1)
	for host, allowed := range map[string]bool{
		"127.0.0.1:1": true, "[::1]:1": true, "localhost": true, "a.localhost:80": true, "emulator": true, "10.1.2.3": true,
		"host.docker.internal:1": true, "emulator.example": true, "x.svc.cluster.local": true,
		"evil.example": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "svc.cluster.local": false, "EVIL.example:80": false,
	} {
		for _, path := range []string{"/_emulator/state", "/v3/users", "/_emulator/health"} {
			res, _ := e.send(t, "GET", path, "", "Host", host, "apikey", appKey)
			assert.Equal(t, allowed, res.StatusCode == 200, "%s %s: %d", host, path, res.StatusCode)
		}
	}
	own := e.url
	for _, test := range []struct {
		method, path, kind, origin, site, mode string
		status                                 int
	}{
		{"POST", "/clock/advance", "application/json", "", "", "", 200},
		{"POST", "/clock/advance", "application/json", own, "same-origin", "", 200},
		{"POST", "/clock/advance", "", "", "", "", 415},
		{"POST", "/clock/advance", "text/plain", own, "same-origin", "", 415},
		{"POST", "/clock/advance", "application/json", "http://evil.example", "", "", 403},
		{"POST", "/clock/advance", "application/json", "null", "", "", 403},
		{"POST", "/clock/advance", "application/x-www-form-urlencoded", "http://evil.example", "cross-site", "navigate", 403},
		{"POST", "/clock/advance", "application/json", "http://localhost:1", "same-site", "", 403},
		{"DELETE", "/requests", "", "http://evil.example", "cross-site", "", 403},
		{"PUT", "/clock", "application/json", "", "cross-site", "", 403},
		{"PATCH", "/webhooks/x", "application/json", "", "cross-site", "", 403},
		{"POST", "/v3/users", "application/json", "http://evil.example", "", "", 403},
		{"GET", "/state", "", "http://evil.example", "cross-site", "cors", 403},
		{"GET", "/state", "", "", "cross-site", "no-cors", 403},
		{"GET", "/events", "", "", "same-site", "cors", 403},
		{"GET", "/events", "", "", "cross-site", "navigate", 403},
		{"GET", "/state", "", "", "cross-site", "navigate", 200},
		{"GET", "/state", "", "", "same-origin", "cors", 200},
		{"GET", "/state", "", "", "none", "navigate", 200},
	} {
		headers := []string{"Accept", "*/*"}
		for name, value := range map[string]string{"Content-Type": test.kind, "Origin": test.origin, "Sec-Fetch-Site": test.site, "Sec-Fetch-Mode": test.mode} {
			if value != "" {
				headers = append(headers, name, value)
			}
		}
		body := ""
		if test.method != "GET" && test.method != "DELETE" {
			body = `{"by":"1s"}`
		}
		res, raw := e.send(t, test.method, "/_emulator"+test.path, body, headers...)
		assert.Equal(t, test.status, res.StatusCode, "%+v %s", test, raw)
		if code := map[int]string{403: "FORBIDDEN", 415: "WRONG_TYPE"}[test.status]; code != "" {
			assert.Equal(t, code, codeOf(t, raw))
		}
		assert.Empty(t, res.Header.Get("Access-Control-Allow-Origin"))
	}
}

func TestCORS(t *testing.T) {
	e := start(t, console.Options{CORSOrigins: []string{"http://localhost:5173"}})
	res, _ := e.send(t, "OPTIONS", "/v3/users", "", "Origin", "http://localhost:5173", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authtoken")
	assert.Equal(t, []any{204, "http://localhost:5173", "authtoken", "600", "Origin"}, []any{
		res.StatusCode, res.Header.Get("Access-Control-Allow-Origin"), res.Header.Get("Access-Control-Allow-Headers"),
		res.Header.Get("Access-Control-Max-Age"), res.Header.Get("Vary"),
	})
	res, _ = e.send(t, "GET", "/v3/users", "", "Origin", "http://evil.example", "apikey", appKey)
	assert.Empty(t, res.Header.Get("Access-Control-Allow-Origin"))
	for _, path := range []string{"/_emulator/state", "/management/apps"} {
		res, _ = e.send(t, "GET", path, "", "Origin", "http://localhost:5173")
		assert.Empty(t, res.Header.Get("Access-Control-Allow-Origin"), path)
	}
}

func TestStates(t *testing.T) {
	srv := cometchattest.New()
	t.Cleanup(srv.Close)
	c := console.New(srv, console.Options{Version: "v1"})
	get := func(path string) (int, string) {
		rec := httptest.NewRecorder()
		c.ServeHTTP(rec, httptest.NewRequest("GET", "http://localhost"+path, nil))
		return rec.Code, strings.TrimSpace(rec.Body.String()) + rec.Header().Get("Retry-After")
	}
	status, body := get("/_emulator/health")
	assert.Equal(t, []any{503, `{"done":0,"status":"loading"}1`}, []any{status, body})
	status, body = get("/v3/users")
	assert.Equal(t, []any{503, "1"}, []any{status, body[len(body)-1:]})
	assert.Equal(t, "NOT_READY", codeOf(t, body[:len(body)-1]))
	c.Ready()
	status, body = get("/_emulator/health")
	assert.Equal(t, []any{200, `{"status":"ready","version":"v1"}`}, []any{status, body})
	rec := httptest.NewRecorder()
	c.ServeHTTP(rec, httptest.NewRequest("POST", "http://localhost/_emulator/health", nil))
	assert.Equal(t, []any{405, "GET", "WRONG_METHOD"}, []any{rec.Code, rec.Header().Get("Allow"), codeOf(t, rec.Body.String())})
	c.Stop()
	status, body = get("/_emulator/health")
	assert.Equal(t, []any{503, `{"status":"stopping"}`}, []any{status, body})
}

func TestMistakes(t *testing.T) {
	e := start(t, console.Options{})
	for _, test := range []struct {
		method, path, body string
		status             int
		code, field        string
	}{
		{"POST", "/faults", `{"statsu":1}`, 400, "BAD_FIELD", "statsu"},
		{"POST", "/faults", `{"times":-2}`, 400, "BAD_FAULT", "times"},
		{"POST", "/faults", `{"status":42}`, 400, "BAD_FAULT", "status"},
		{"POST", "/faults", `{"latency":"soon"}`, 400, "BAD_FAULT", "latency"},
		{"POST", "/faults", `{"times":"x"}`, 400, "BAD_FIELD", "times"},
		{"POST", "/faults", `{`, 400, "BAD_JSON", ""},
		{"POST", "/faults", `{} {}`, 400, "BAD_JSON", ""},
		{"POST", "/faults", `{"body":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "TOO_LARGE", ""},
		{"DELETE", "/faults/7", "", 404, "NOT_FOUND", ""},
		{"PUT", "/faults", "{}", 405, "WRONG_METHOD", ""},
		{"GET", "/nowhere", "", 404, "NOT_FOUND", ""},
		{"POST", "/reset", `{"to":"moon"}`, 400, "BAD_FIELD", "to"},
		{"POST", "/reset", `{"keep":["all"]}`, 400, "BAD_FIELD", "keep"},
		{"PUT", "/clock", `{}`, 400, "BAD_FIELD", "now"},
		{"PUT", "/clock", `{"mode":"fast"}`, 400, "BAD_FIELD", "mode"},
		{"POST", "/clock/advance", `{"by":"-1s"}`, 400, "BAD_FIELD", "by"},
		{"GET", "/requests?limit=0", "", 400, "BAD_FIELD", "limit"},
		{"GET", "/requests?methd=GET", "", 400, "BAD_FIELD", "methd"},
		{"GET", "/requests/9", "", 404, "NOT_FOUND", ""},
		{"GET", "/requests/wait?timeout=0s", "", 408, "TIMEOUT", ""},
		{"GET", "/deliveries?limit=1001", "", 400, "BAD_FIELD", "limit"},
		{"GET", "/deliveries/1", "", 404, "NOT_FOUND", ""},
		{"POST", "/webhooks", `{"url":"ftp://x"}`, 400, "BAD_FIELD", "url"},
		{"POST", "/webhooks", `{"url":"http://x","triggers":["message_snet"]}`, 400, "BAD_FIELD", "triggers"},
		{"PATCH", "/webhooks/none", `{}`, 404, "NOT_FOUND", ""},
		{"POST", "/events", `{"trigger":"nothing"}`, 400, "BAD_FIELD", "trigger"},
		{"POST", "/seed", `{"users":[{"uid":""}]}`, 400, "BAD_SEED", "users[0].uid"},
		{"PUT", "/snapshot", `{}`, 400, "BAD_SEED", ""},
		{"POST", "/snapshot", "", 409, "CONFLICT", ""},
		{"GET", "/users/ghost", "", 404, "NOT_FOUND", ""},
		{"POST", "/v3/internal/counts", "{}", 404, "NOT_FOUND", ""},
	} {
		status, doc := e.do(t, test.method, test.path, test.body)
		failure, _ := doc["error"].(map[string]any)
		require.NotNil(t, failure, "%s %s: %v", test.method, test.path, doc)
		field, _ := failure["field"].(string)
		assert.Equal(t, []any{test.status, test.code, test.field}, []any{status, failure["code"], field}, "%s %s %v", test.method, test.path, failure)
	}
}

func TestControl(t *testing.T) {
	got := make(chan string, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer hook.Close()
	e := start(t, console.Options{URL: "http://127.0.0.1:8789/v3"})
	status, doc := e.do(t, "POST", "/seed", `{"users":[{"uid":"ada"},{"uid":"ben"}],"messages":[{"sender":"ada","receiver":"ben","text":"hi"}]}`)
	assert.Equal(t, []any{200, map[string]any{"added": map[string]any{"users": 2., "groups": 0., "messages": 1.}}}, []any{status, doc})

	// A fault, in a form with JSON in it, as curl -d sends it.
	res, _ := e.send(t, "POST", "/_emulator/faults", `{"path":"/users","status":429,"retryAfter":"2"}`, "Content-Type", "application/x-www-form-urlencoded")
	assert.Equal(t, 200, res.StatusCode)
	assert.Equal(t, 429, e.client(t, "GET", "/users", "", ""))
	_, doc = e.do(t, "GET", "/faults", "")
	assert.Equal(t, map[string]any{"id": 1., "path": "/users", "status": 429., "retryAfter": "2", "seen": 1., "hits": 1., "left": 0.}, doc["items"].([]any)[0])
	_, doc = e.do(t, "GET", "/requests?fault=1&count=true", "")
	assert.Equal(t, map[string]any{"count": 1.}, doc)

	// A webhook that fails, and is tried again when the clock is advanced.
	status, _ = e.do(t, "POST", "/webhooks", `{"id":"rides","url":"`+hook.URL+`","user":"u","password":"swordfish","retryOnFailure":true}`)
	assert.Equal(t, 200, status)
	assert.Equal(t, 200, e.client(t, "POST", "/messages", "ada", `{"receiver":"ben","receiverType":"user","category":"message","type":"text","data":{"text":"two"}}`))
	status, doc = e.do(t, "GET", "/deliveries/wait?trigger=message_sent", "")
	require.Equal(t, 200, status, doc)
	first := <-got
	status, doc = e.do(t, "POST", "/clock/advance", `{"by":"11s"}`)
	assert.Equal(t, []any{200, 1.}, []any{status, doc["delivered"]})
	assert.Equal(t, first, <-got)
	_, doc = e.do(t, "GET", "/deliveries/1", "")
	assert.Equal(t, []any{"retrying", 2}, []any{doc["state"], len(doc["attempts"].([]any))})
	status, _ = e.do(t, "POST", "/deliveries/1/again", `{"times":2}`)
	assert.Equal(t, 200, status)
	assert.Equal(t, first, <-got)
	assert.Equal(t, first, <-got)
	_, doc = e.do(t, "GET", "/requests/2", "")
	require.Len(t, doc["events"], 1)
	assert.Equal(t, "message_sent", doc["events"].([]any)[0].(map[string]any)["trigger"])
	status, doc = e.do(t, "POST", "/requests/2/again", "")
	assert.Equal(t, []any{200, 200., 3.}, []any{status, doc["status"], doc["id"]})
	status, _ = e.do(t, "POST", "/events", `{"trigger":"call_started"}`)
	assert.Equal(t, 200, status)

	// A snapshot is restored, and a reset returns to the seed.
	_, snapshot := e.send(t, "GET", "/_emulator/snapshot?secrets=true", "")
	_, hidden := e.send(t, "GET", "/_emulator/snapshot", "")
	assert.NotContains(t, hidden, appKey)
	status, _ = e.do(t, "POST", "/reset", "")
	assert.Equal(t, 200, status)
	_, doc = e.do(t, "GET", "/state", "")
	assert.Equal(t, []any{1., 0., 0.}, []any{doc["counts"].(map[string]any)["messages"], doc["counts"].(map[string]any)["endpoints"], doc["counts"].(map[string]any)["faults"]})
	status, doc = e.do(t, "PUT", "/snapshot", snapshot)
	assert.Equal(t, 200, status, doc)
	_, doc = e.do(t, "GET", "/state", "")
	assert.Equal(t, 3., doc["counts"].(map[string]any)["messages"])
}

// TestCurl runs the command line that the page offers for copying, in a shell.
func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl here; install it to run this")
	}
	e := start(t, console.Options{})
	for i, body := range []string{`{"uid":"it's","name":"@file $HOME ` + "`id`" + `"}`, "@/etc/passwd", "\xff\x00\x01", `{"a":"\"\\"}`} {
		e.client(t, "POST", "/users", "", body)
		_, doc := e.do(t, "GET", fmt.Sprintf("/requests/%d", 2*i+1), "")
		line := doc["curl"].(string)
		assert.NotContains(t, line, appKey)
		sh := exec.CommandContext(t.Context(), "sh", "-c", line)
		sh.Env = append(sh.Environ(), "COMETCHAT_API_KEY="+appKey)
		out, err := sh.CombinedOutput()
		require.NoError(t, err, "%s\n%s", line, out)
		requests := e.srv.Requests()
		assert.Equal(t, body, string(requests[len(requests)-1].Body), line)
	}
}

// secretValues must not be on any page or in any response.
var secretValues = []string{appKey, "pass-of-group", "swordfish", "account-key-1", "account-secret-1"}

func TestPages(t *testing.T) {
	e := start(t, console.Options{Version: "v1"}, cometchattest.WithManagementCredentials("account-key-1", "account-secret-1"))
	pages := []string{"/", "/users", "/groups", "/conversations", "/requests", "/webhooks", "/faults", "/clock", "/ask?what=reset", "/nowhere"}
	check := func(when string, paths ...string) {
		seen := map[string]bool{}
		for len(paths) > 0 {
			path := paths[0]
			if paths = paths[1:]; seen[path] || len(seen) > 150 {
				continue
			}
			seen[path] = true
			res, raw := e.send(t, "GET", "/_emulator"+path, "", "Accept", "text/html")
			assert.Less(t, res.StatusCode, 500, "%s %s", when, path)
			wellFormed(t, when+" "+path, raw)
			for _, secret := range secretValues {
				assert.NotContains(t, raw, secret, "%s %s", when, path)
			}
			assert.NotContains(t, raw, "<script>", "%s %s", when, path)
			assert.NotContains(t, raw, ` style="`, "%s %s", when, path)
			assert.NotRegexp(t, `(?i)(src|srcset|href|action|formaction|poster|data)="([a-z]+:)?//`, raw, "%s %s", when, path)
			assert.Contains(t, res.Header.Get("Content-Security-Policy"), "default-src 'none'")
			if path == "/nowhere" {
				continue
			}
			assert.Equal(t, 200, res.StatusCode, "%s %s", when, path)
			assert.Less(t, len(raw), 300_000, "%s %s", when, path)
			for _, link := range regexp.MustCompile(`href="/_emulator(/[^"#]*)"`).FindAllStringSubmatch(raw, -1) {
				if to := strings.ReplaceAll(link[1], "&amp;", "&"); !strings.Contains(to, ".") && !strings.HasPrefix(to, "/snapshot") {
					paths = append(paths, to)
				}
			}
		}
	}
	check("empty", pages...)

	odd := []string{"<script>alert(1)</script>", "مرحبا", "🎉👩‍👩‍👧", strings.Repeat("x", 65_536), `"quoted' & more`}
	e.srv.AddUsers(cometchattest.User{UID: "odd/../<b>", Name: odd[0]}, cometchattest.User{UID: "ben", Name: odd[1], Avatar: "https://elsewhere.example/a.png", Link: "//elsewhere.example", Tags: []string{odd[4]}, Metadata: []byte(`{"</script>":1}`)})
	e.srv.AddGroups(cometchattest.Group{GUID: "g g", Name: odd[4], Type: "password", Password: "pass-of-group", Owner: "ben"})
	for _, text := range odd {
		e.srv.AddMessages(cometchattest.Message{Sender: "ben", Receiver: "odd/../<b>", Text: text}, cometchattest.Message{Sender: "ben", Receiver: "g g", ReceiverType: "group", Text: text})
	}
	e.srv.AddMessages(cometchattest.Message{Sender: "ben", Receiver: "g g", ReceiverType: "group", Category: "strange", Type: "?", Data: []byte(`{"a":[null,1.5,true,"<"]}`)})
	e.srv.AddMessages(cometchattest.Message{Sender: "ben", Receiver: "g g", ReceiverType: "group", Type: "image", Data: []byte(
		`{"url":"https://elsewhere.example/i.png","attachments":[{"url":"https://elsewhere.example/i.png","name":"i.png","mimeType":"image/png","extension":"png","size":7}]}`)})
	e.srv.DeliverTo("http://127.0.0.1:9/", cometchattest.WithBasicAuth("u", "swordfish"))
	_, token := e.send(t, "POST", "/v3/users/ben/auth_tokens", `{}`, "apikey", appKey, "Content-Type", "application/json")
	var made struct{ Data struct{ AuthToken string } }
	require.NoError(t, json.Unmarshal([]byte(token), &made))
	require.NotEmpty(t, made.Data.AuthToken)
	secretValues := append(secretValues, made.Data.AuthToken)
	e.client(t, "DELETE", "/users/ben/auth_tokens/"+made.Data.AuthToken, "", "")
	e.client(t, "POST", "/groups", "", `{"guid":"x","name":"X","type":"password","password":"pass-of-group"}`)
	e.client(t, "POST", "/messages", "ben", `{"receiver":"g g","receiverType":"group","category":"message","type":"text","data":{"text":"x"}}`)
	e.client(t, "GET", "/apikeys/"+appKey, "", "")
	check("odd", pages...)
	for _, path := range []string{"/requests/1", "/requests/2", "/requests/3", "/requests", "/webhooks", "/state", "/deliveries", "/requests/5"} {
		for _, accept := range []string{"text/html", "application/json"} {
			_, raw := e.send(t, "GET", "/_emulator"+path, "", "Accept", accept)
			for _, secret := range secretValues {
				assert.NotContains(t, raw, secret, "%s as %s", path, accept)
			}
		}
	}

	e.srv.SeedUsers(1000)
	e.srv.SeedMessages(1000, 10)
	for range 200 {
		e.client(t, "GET", "/users", "", "")
	}
	for _, path := range []string{"/users", "/conversations/user-0001_user_user-0002", "/requests"} {
		_, raw := e.send(t, "GET", "/_emulator"+path, "", "Accept", "text/html")
		wellFormed(t, path, raw)
	}
}

// wellFormed checks that every element of a page is closed in the right place.
func wellFormed(t *testing.T, name, raw string) {
	t.Helper()
	raw = regexp.MustCompile(`(?i)<!doctype[^>]*>`).ReplaceAllString(raw, "")
	dec := xml.NewDecoder(strings.NewReader(raw))
	dec.Strict, dec.AutoClose, dec.Entity = false, []string{"meta", "link", "input", "br"}, xml.HTMLEntity
	var open []string
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if !assert.NoError(t, err, name) {
			return
		}
		switch token := token.(type) {
		case xml.StartElement:
			open = append(open, token.Name.Local)
		case xml.EndElement:
			require.NotEmpty(t, open, name)
			require.Equal(t, open[len(open)-1], token.Name.Local, name)
			open = open[:len(open)-1]
		}
	}
	assert.Empty(t, open, name)
}

func TestStream(t *testing.T) {
	e := start(t, console.Options{})
	req, err := http.NewRequestWithContext(t.Context(), "GET", e.url+"/_emulator/events", nil)
	require.NoError(t, err)
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	began := time.Now()
	for range 300 {
		e.client(t, "GET", "/users", "", "")
	}
	took := time.Since(began)
	e.console.Stop()
	raw, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	sent := bytes.Count(raw, []byte("event: request"))
	assert.LessOrEqual(t, sent, int(took/(200*time.Millisecond))+2, "at most five a second")
	assert.Contains(t, string(raw), "event: bye")
}

func TestTooManyStreams(t *testing.T) {
	e := start(t, console.Options{})
	open := func() *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), "GET", e.url+"/_emulator/events", nil)
		require.NoError(t, err)
		req.Header.Set("Accept", "text/event-stream")
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	for range 100 {
		require.Equal(t, 200, open().StatusCode)
	}
	assert.Equal(t, 503, open().StatusCode)
}

// TestDelaysBeyondTheWriteTimeout checks that a fault can delay a response for
// longer than the server's write timeout.
func TestDelaysBeyondTheWriteTimeout(t *testing.T) {
	e := start(t, console.Options{})
	server := httptest.NewUnstartedServer(e.console)
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()
	e.url = server.URL
	e.srv.Inject(cometchattest.Fault{Path: "/users", Latency: 150 * time.Millisecond})
	res, _ := e.send(t, "GET", "/v3/users", "", "apikey", appKey)
	assert.Equal(t, 200, res.StatusCode)
}
