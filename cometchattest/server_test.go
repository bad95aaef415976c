package cometchattest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestRoutes(t *testing.T) {
	routes := cometchattest.Routes()
	for _, want := range []string{
		"POST /apikeys", "GET /apikeys", "GET /apikeys/{apiKey}", "PUT /apikeys/{apiKey}", "DELETE /apikeys/{apiKey}",
		"POST /users", "GET /users", "PUT /users", "DELETE /users", "GET /users/{uid}", "PUT /users/{uid}", "DELETE /users/{uid}",
		"POST /users/{uid}/auth_tokens", "GET /users/{uid}/auth_tokens", "DELETE /users/{uid}/auth_tokens",
		"GET /users/{uid}/auth_tokens/{authToken}", "PUT /users/{uid}/auth_tokens/{authToken}", "DELETE /users/{uid}/auth_tokens/{authToken}",
	} {
		assert.Contains(t, routes, want)
	}
	seen := map[string]bool{}
	for _, route := range routes {
		assert.False(t, seen[route], route)
		seen[route] = true
	}
	assert.IsNonDecreasing(t, paths(routes))

	// The emulator accepts each of the operations, whatever the ids.
	a := newAPI(t)
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		if strings.HasPrefix(path, "/apps") {
			assert.NotContains(t, a.manage(method, path, "").Body, "ERR_API_NOT_FOUND", route)
			continue
		}
		assert.NotContains(t, a.do(method, path, "").Body, "ERR_API_NOT_FOUND", route)
	}
}

func paths(routes []string) []string {
	var list []string
	for _, route := range routes {
		_, path, _ := strings.Cut(route, " ")
		list = append(list, path)
	}
	return list
}

func TestUnknownRoute(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(1)
	for _, request := range [][2]string{
		{"GET", ""}, {"GET", "/"}, {"GET", "/nothing"}, {"PATCH", "/users"}, {"POST", "/users/user-0001"},
		{"GET", "/users/"}, {"DELETE", "/users/"}, {"GET", "/users//auth_tokens"}, {"GET", "/Users"}, {"HEAD", "/users"},
		{"GET", "/users/user-0001/"}, {"GET", "s"},
	} {
		r := a.do(request[0], request[1], "")
		r.fails(404, "ERR_API_NOT_FOUND")
		for header := range r.Header {
			assert.NotContains(t, strings.ToLower(header), "rate", request)
		}
	}
	rec := httptest.NewRecorder()
	a.srv.ServeHTTP(rec, httptest.NewRequest("GET", "http://emulator/v2.0/users", nil))
	assert.Equal(t, 404, rec.Code)
	assert.Len(t, a.do("GET", "/users", "").column("uid"), 1)
}

func TestIDsInPaths(t *testing.T) {
	srv := cometchattest.NewServer()
	defer srv.Close()
	ids := []string{".", "..", "a/b c?d#e%f", strings.Repeat("x", 101), "😅", "+", "%2f", "a;b", "{uid}"}
	for _, id := range ids {
		srv.AddUsers(cometchattest.User{UID: id})
	}
	for _, id := range ids {
		escaped := ""
		for _, b := range []byte(id) {
			escaped += fmt.Sprintf("%%%02X", b)
		}
		req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL()+"/users/"+escaped, nil)
		require.NoError(t, err)
		req.Header.Set("apikey", srv.APIKey())
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		var got struct{ Data struct{ UID string } }
		require.NoError(t, json.Unmarshal(body, &got), string(body))
		assert.Equal(t, id, got.Data.UID)
		log := srv.Requests()
		assert.Equal(t, "/users/"+escaped, log[len(log)-1].Path)
		assert.Equal(t, "GET /users/{uid}", log[len(log)-1].Route)
	}
}

func TestHeaders(t *testing.T) {
	a := newAPI(t)
	header := func(limit, remaining, app string) http.Header {
		return http.Header{
			"X-Ratelimit-Limit": {limit}, "X-Ratelimit-Remaining": {remaining},
			"X-Ratelimit-Limit-For-App": {"100000"}, "X-Ratelimit-Remaining-For-App": {app},
			"Content-Type": {"application/json"}, "Content-Encoding": {"none"},
		}
	}
	check := func(want http.Header, r reply) {
		t.Helper()
		r.Header.Del("Content-Length")
		assert.Equal(t, want, r.Header)
	}
	check(header("10000", "9999", "99999"), a.do("POST", "/users", `{"uid":"u","name":"U"}`))
	check(header("20000", "19999", "99998"), a.do("GET", "/users/u", ""))
	check(header("20000", "19998", "99997"), a.do("GET", "/users/nobody", ""))
	check(header("10000", "9998", "99996"), a.do("DELETE", "/users/u", ""))
	a.clock.Advance(time.Minute)
	check(header("20000", "19999", "99999"), a.do("GET", "/users", ""))
}

func TestRateLimit(t *testing.T) {
	a := newAPI(t, cometchattest.WithRateLimit(2))
	a.clock.Advance(300 * time.Millisecond)
	for i := range 2 {
		r := a.do("GET", "/users", "")
		r.ok()
		assert.Equal(t, "2", r.Header.Get("X-RateLimit-Limit"))
		assert.Equal(t, fmt.Sprint(1-i), r.Header.Get("X-RateLimit-Remaining"))
		assert.Empty(t, r.Header.Get("Retry-After"))
	}
	a.clock.Advance(10*time.Second + 500*time.Millisecond)
	r := a.do("PUT", "/users", `{"uidsToActivate":["x"]}`)
	r.fails(429, "ERR_TOO_MANY_REQUESTS")
	assert.Equal(t, "50", r.Header.Get("Retry-After"), "rounded up")
	assert.Equal(t, fmt.Sprint(start.Unix()+61), r.Header.Get("X-Rate-Limit-Reset"), "rounded up")
	assert.Equal(t, "0", r.Header.Get("X-RateLimit-Remaining"))

	a.do("POST", "/users", `{"uid":"u","name":"U"}`).ok()
	a.do("POST", "/users", `{"uid":"v","name":"V"}`).ok()
	a.do("POST", "/users", `{"uid":"w","name":"W"}`).fails(429, "ERR_TOO_MANY_REQUESTS")

	a.clock.Advance(50 * time.Second)
	assert.Equal(t, []string{"v", "u"}, a.do("GET", "/users", "").column("uid"), "the 429 was not processed")
	a.clock.Advance(-time.Hour)
	a.do("GET", "/users", "").ok()
}

func TestLargeBody(t *testing.T) {
	a := newAPI(t)
	a.do("POST", "/users", strings.Repeat(" ", 10<<20+1)).fails(413, "ERR_BAD_REQUEST")
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestRequestWithoutUsableBody(t *testing.T) {
	a := newAPI(t)
	broken := httptest.NewRequest("POST", "http://emulator/v3/users", brokenReader{})
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { a.srv.ServeHTTP(httptest.NewRecorder(), broken) })
	assert.Empty(t, a.srv.Requests())

	none, err := http.NewRequestWithContext(t.Context(), "GET", "http://emulator/v3/users", nil)
	require.NoError(t, err)
	none.Header["apikey"] = []string{"main-key"}
	rec := httptest.NewRecorder()
	a.srv.ServeHTTP(rec, none)
	assert.Equal(t, 200, rec.Code)
}

func TestRequestLog(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(1)
	a.do("POST", "/users", `{"uid":"n1","name":"N"}`)
	a.clock.Advance(time.Second)
	a.do("GET", "/users/a%2Fb?x=1&x=2", "", "onBehalfOf", "user-0001")
	a.do("GET", "/nothing/at/all", "")

	log := a.srv.Requests()
	require.Len(t, log, 3)
	assert.Positive(t, log[0].Duration)
	assert.Equal(t, []int64{1, 2, 3}, []int64{log[0].ID, log[1].ID, log[2].ID})
	assert.Equal(t, cometchattest.Request{
		ID: 1, Duration: log[0].Duration, BodySize: 23, Method: "POST", Path: "/users", Route: "POST /users", Query: map[string][]string{},
		Header: http.Header{"Apikey": {"[redacted]"}, "Content-Type": {"application/json"}},
		Body:   []byte(`{"uid":"n1","name":"N"}`), Status: 200, Time: start,
	}, log[0])
	assert.Equal(t, "/users/a%2Fb", log[1].Path)
	assert.Equal(t, "GET /users/{uid}", log[1].Route)
	assert.Equal(t, []string{"1", "2"}, log[1].Query["x"])
	assert.Equal(t, "user-0001", log[1].ActingUser)
	assert.Equal(t, 404, log[1].Status)
	assert.Equal(t, start.Add(time.Second), log[1].Time)
	assert.Empty(t, log[2].Route)
	assert.NotContains(t, fmt.Sprintf("%+v", log), "main-key")

	log[0].Header.Set("Apikey", "changed")
	log[0].Body[0], log[1].Query["x"][0] = 'X', "9"
	again := a.srv.Requests()
	assert.Equal(t, "[redacted]", again[0].Header.Get("apikey"))
	assert.Equal(t, byte('{'), again[0].Body[0])
	assert.Equal(t, "1", again[1].Query.Get("x"))

	for _, tt := range []struct {
		method, pattern string
		want            int
	}{
		{"", "", 3}, {"GET", "", 2}, {"get", "/users/{uid}", 1}, {"", "/users/{anything}", 1}, {"GET", "/v3/users/{uid}", 1},
		{"GET", "/users/a", 0}, {"POST", "/users", 1}, {"", "/nothing/at/{x}", 1}, {"DELETE", "", 0}, {"", "/users", 1},
	} {
		assert.Equal(t, tt.want, a.srv.Count(tt.method, tt.pattern), tt)
	}
	a.srv.ResetRequests()
	assert.Empty(t, a.srv.Requests())
	assert.Zero(t, a.srv.Count("", ""))
}

func TestListeningServer(t *testing.T) {
	assert.Empty(t, cometchattest.New().URL())
	srv := cometchattest.NewServer(cometchattest.WithClock(nil))
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+/v3$`, srv.URL())
	assert.Len(t, srv.APIKey(), 40)
	srv.SetClock(func() time.Time { return start })
	get := func() (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL()+"/users", nil)
		require.NoError(t, err)
		req.Header.Set("apiKey", srv.APIKey())
		return http.DefaultClient.Do(req)
	}
	res, err := get()
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, 200, res.StatusCode)
	assert.Equal(t, "none", res.Header.Get("Content-Encoding"))
	assert.Equal(t, start, srv.Requests()[0].Time)

	url := srv.URL()
	srv.Close()
	srv.Close()
	assert.Equal(t, url, srv.URL())
	_, err = get()
	require.Error(t, err)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
		srv.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "http://emulator/v3/users", nil))
	})
}

// serve runs a request in a bubble and reports whether it was aborted.
func serve(ctx context.Context, srv *cometchattest.Server, target string) (rec *httptest.ResponseRecorder, aborted bool) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			aborted = true
		} else if p != nil {
			panic(p)
		}
	}()
	rec = httptest.NewRecorder()
	req := httptest.NewRequestWithContext(ctx, "GET", "http://emulator/v3"+target, nil)
	req.Header.Set("apikey", srv.APIKey())
	srv.ServeHTTP(rec, req)
	return rec, false
}

func TestLatency(t *testing.T) {
	outside := cometchattest.New() // created outside of the bubbles
	for name, made := range map[string]*cometchattest.Server{"outside": outside, "inside": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := made
				if srv == nil {
					srv = cometchattest.New()
				}
				srv.Inject(cometchattest.Fault{Latency: time.Minute, Times: 2})
				began := time.Now()
				rec, aborted := serve(t.Context(), srv, "/users")
				assert.False(t, aborted)
				assert.Equal(t, 200, rec.Code)
				assert.Equal(t, time.Minute, time.Since(began))

				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, aborted = serve(ctx, srv, "/users")
				assert.True(t, aborted)
				assert.Equal(t, time.Minute+time.Second, time.Since(began))
				assert.Zero(t, srv.Requests()[1].Status)
			})
		})
	}
}

func TestCloseEndsDelayedRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cometchattest.New()
		srv.Inject(cometchattest.Fault{Latency: time.Hour, Times: cometchattest.Always})
		began := time.Now()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				_, aborted := serve(t.Context(), srv, "/users")
				assert.True(t, aborted)
			})
		}
		synctest.Wait()
		srv.Close()
		wg.Wait()
		assert.Zero(t, time.Since(began))
	})
}

func TestConcurrentUse(t *testing.T) {
	a := newAPI(t, cometchattest.WithRateLimit(1_000_000))
	a.srv.SeedUsers(50)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			uid := fmt.Sprintf("w-%d", i%8)
			a.do("POST", "/users", `{"uid":"`+uid+`","name":"W","withAuthToken":true}`)
			a.do("PUT", "/users/"+uid, `{"metadata":{"n":1},"tags":["t"]}`)
			assert.Equal(t, 200, a.do("GET", "/users?withTags=1&tags=t&perPage=10", "", "onBehalfOf", "user-0001").Status)
			assert.Equal(t, 200, a.do("POST", "/users/user-0002/auth_tokens", `{"force":true}`).Status)
			assert.Equal(t, 200, a.do("GET", "/users/user-0002/auth_tokens", "").Status)
			assert.Equal(t, 200, a.do("DELETE", "/users", `{"uidsToDeactivate":["`+uid+`"]}`).Status)
			assert.Equal(t, 200, a.do("PUT", "/users", `{"uidsToActivate":["`+uid+`"]}`).Status)
			a.srv.Inject(cometchattest.Fault{Path: "/none"})
			a.srv.AddUsers(cometchattest.User{UID: uid + "-seeded"})
			a.srv.Requests()
			a.srv.Count("GET", "")
			a.srv.SetClock(a.clock.Now)
			a.srv.ClearFaults()
		})
	}
	wg.Wait()
	assert.Len(t, a.do("GET", "/users?perPage=1000", "").column("uid"), 50+8+8)
	assert.Equal(t, 64*7+1, a.srv.Count("", ""))
}

// TestAnswersHaveTheRecordedShape compares responses with recorded ones. The
// recordings are not in this repository; COMETCHAT_RECORDED names their
// directory.
func TestAnswersHaveTheRecordedShape(t *testing.T) {
	folder := os.Getenv("COMETCHAT_RECORDED")
	if folder == "" {
		t.Skip("COMETCHAT_RECORDED is not set")
	}
	a := newAPI(t)
	recorded := func(name string) (status int, body map[string]any) {
		raw, err := os.ReadFile(folder + "/" + name)
		require.NoError(t, err)
		var file struct {
			Status int
			Body   map[string]any
		}
		require.NoError(t, json.Unmarshal(raw, &file))
		return file.Status, file.Body
	}
	for i := range 25 {
		a.srv.AddUsers(cometchattest.User{UID: fmt.Sprintf("user_%03d", i), CreatedAt: start.Add(time.Duration(i) * time.Second)})
	}
	for _, tt := range []struct{ file, method, path, body string }{
		{"008-users-list-page-1-of-5.json", "GET", "/users?perPage=5&page=1", ""},
		{"012-users-list-page-5-of-5.json", "GET", "/users?perPage=5&page=5", ""},
		{"014-token-create-force.json", "POST", "/users/user_000/auth_tokens", `{"force":true}`},
		{"002-user-create-already-exists-400.json", "POST", "/users", `{"uid":"user_000","name":"test"}`},
		{"044-user-create-validation-400.json", "POST", "/users", ``},
		{"046-user-get-not-found-404.json", "GET", "/users/123123", ``},
		{"006-user-delete-permanent.json", "DELETE", "/users/user_000", `{"permanent":true}`},
		{"007-user-delete-not-found-404.json", "DELETE", "/users/user_000", `{"permanent":true}`},
		{"001-user-create-with-auth-token.json", "POST", "/users", `{"uid":"user_000","name":"test","link":"https://files.example/l","avatar":"https://files.example/a.png","withAuthToken":true}`},
	} {
		status, want := recorded(tt.file)
		r := a.do(tt.method, tt.path, tt.body)
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(r.Body), &got))
		assert.Equal(t, status, r.Status, tt.file)
		assert.Equal(t, outline(want), outline(got), tt.file)
		if meta, ok := want["meta"].(map[string]any); ok {
			assert.Equal(t, meta["pagination"], got["meta"].(map[string]any)["pagination"], tt.file)
		}
		if failure, ok := want["error"].(map[string]any); ok {
			assert.Equal(t, failure["code"], got["error"].(map[string]any)["code"], tt.file)
		}
	}
}

// outline replaces the values in a document with their types.
func outline(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, element := range v {
			out[key] = outline(element)
		}
		return out
	case []any:
		out := []any{}
		for _, element := range v {
			out = append(out, outline(element))
		}
		return out
	}
	return fmt.Sprintf("%T", value)
}

// FuzzServeHTTP checks that the response to any request is a single JSON document
// in an envelope.
func FuzzServeHTTP(f *testing.F) {
	f.Add("GET", "/users/a%2Fb", "page=1", "")
	f.Add("POST", "/users", "", `{"uid":"u","name":"U","metadata":"{}","tags":["a"]}`)
	f.Add("PUT", "/users/user-0001", "", `{"unset":["link"],"metadata":{"a":"\/"}}`)
	f.Add("DELETE", "/users", "createdAt[from]=1", `{"uidsToDeactivate":["a"]}`)
	f.Add("PUT", "/apikeys/main-key", "", `{"scope":null}`)
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		srv := cometchattest.New(cometchattest.WithAPIKey("main-key"))
		srv.SeedUsers(2)
		req, err := http.NewRequestWithContext(t.Context(), method, "http://emulator/v3"+path+"?"+query, strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		req.Header.Set("apikey", "main-key")
		rec := httptest.NewRecorder()
		srv.ServeHTTP(rec, req)
		var got map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(bytes.TrimSpace(rec.Body.Bytes()), &got), rec.Body.String())
		_, isError := got["error"]
		require.Equal(t, rec.Code != 200, isError)
	})
}

func BenchmarkListPageOfAMillion(b *testing.B) {
	srv := cometchattest.New()
	srv.SeedUsers(1_000_000)
	for b.Loop() {
		rec, _ := serve(b.Context(), srv, "/users?page=5000&perPage=100")
		if rec.Code != 200 {
			b.Fatal(rec.Code)
		}
	}
}
