package cometchat_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestNewClientHosts(t *testing.T) {
	tests := []struct {
		name   string
		region cometchat.Region
		opts   []cometchat.Option
		url    string
		appID  string
		field  string // of the error
	}{
		{name: "region", region: "us", url: "https://api-us.cometchat.io/v3/users/a"},
		{name: "a region of tomorrow", region: "Sg2", url: "https://api-sg2.cometchat.io/v3/users/a"},
		{name: "app id", region: "eu", opts: []cometchat.Option{cometchat.WithAppID("123abc")},
			url: "https://123abc.api-eu.cometchat.io/v3/users/a", appID: "123abc"},
		{name: "base URL", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("https://chat.example.com/api/v3/"), cometchat.WithAppID("x")},
			url: "https://chat.example.com/api/v3/users/a", appID: "x"},
		{name: "plain http at home", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("http://127.0.0.1:80/v3")}, url: "http://127.0.0.1:80/v3/users/a"},
		{name: "plain http at home, version 6", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("http://[::1]/v3")}, url: "http://[::1]/v3/users/a"},
		{name: "plain http at localhost", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("http://localhost/v3")}, url: "http://localhost/v3/users/a"},
		{name: "plain http, asked for", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("http://chat.example.com/v3"), cometchat.WithInsecureHTTP()}, url: "http://chat.example.com/v3/users/a"},
		{name: "plain http", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("http://chat.example.com/v3")}, field: "baseURL"},
		{name: "no region", region: "", field: "region"},
		{name: "a region that is a host", region: "us.evil.example/", field: "region"},
		{name: "a region that ends the host", region: "us#", field: "region"},
		{name: "a region with a dash at its end", region: "us-", field: "region"},
		{name: "a region too long", region: cometchat.Region(strings.Repeat("a", 64)), field: "region"},
		{name: "an app id that is a host", region: "us", opts: []cometchat.Option{cometchat.WithAppID("evil.example/?")}, field: "appId"},
		{name: "an empty app id", region: "us", opts: []cometchat.Option{cometchat.WithAppID("")}, field: "appId"},
		{name: "base URL without a host", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("https:///v3")}, field: "baseURL"},
		{name: "base URL with a user", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("https://u:p@host/v3")}, field: "baseURL"},
		{name: "base URL with a query", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("https://host/v3?x=1")}, field: "baseURL"},
		{name: "base URL with an empty query", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("https://host/v3?")}, field: "baseURL"},
		{name: "an empty base URL", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("")}, field: "baseURL"},
		{name: "base URL of another scheme", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("ftp://host/v3")}, field: "baseURL"},
		{name: "base URL that is none", region: "us", opts: []cometchat.Option{cometchat.WithBaseURL("https://ho st/\x00")}, field: "baseURL"},
		{name: "no HTTP client", region: "us", opts: []cometchat.Option{cometchat.WithHTTPClient(nil)}, field: "httpClient"},
		{name: "negative time-out", region: "us", opts: []cometchat.Option{cometchat.WithTimeout(-1)}, field: "timeout"},
		{name: "negative retry", region: "us", opts: []cometchat.Option{cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: -1})}, field: "retry"},
		{name: "no size", region: "us", opts: []cometchat.Option{cometchat.WithMaxResponseBytes(0)}, field: "maxResponseBytes"},
		{name: "negative metadata limit", region: "us", opts: []cometchat.Option{cometchat.WithMetadataLimit(-1)}, field: "metadataLimit"},
		{name: "user agent of two lines", region: "us", opts: []cometchat.Option{cometchat.WithUserAgent("a\r\nX-Evil: 1")}, field: "userAgent"},
		{name: "user agent with a NUL", region: "us", opts: []cometchat.Option{cometchat.WithUserAgent("a\x00")}, field: "userAgent"},
		{name: "white space acting", region: "us", opts: []cometchat.Option{cometchat.WithOnBehalfOf(" ")}, field: "onBehalfOf"},
		{name: "white space around who acts", region: "us", opts: []cometchat.Option{cometchat.WithOnBehalfOf("bob ")}, field: "onBehalfOf"},
		{name: "nobody acting", region: "us", opts: []cometchat.Option{cometchat.WithOnBehalfOf("")}, field: "onBehalfOf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rt := &testkit.RoundTripper{}
			opts := append([]cometchat.Option{cometchat.WithHTTPClient(&http.Client{Transport: rt})}, tt.opts...)
			client, err := cometchat.NewClient(tt.region, "key-0001", opts...)
			if tt.field != "" {
				var invalid *cometchat.ValidationError
				require.ErrorAs(t, err, &invalid)
				assert.Equal(t, tt.field, invalid.Field)
				assert.Nil(t, client)
				return
			}
			require.NoError(t, err)
			assert.Empty(t, rt.Requests, "no request in the constructor")
			_, err = client.Users.Get(t.Context(), "a")
			require.NoError(t, err)
			assert.Equal(t, tt.url, rt.Requests[0].URL.String())
			assert.Equal(t, tt.appID, rt.Requests[0].Header.Get("appid"))
		})
	}
	for _, key := range []string{"", "two words", "line\nbreak", "kéy"} {
		_, err := cometchat.NewClient("us", key)
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, err, &invalid)
		assert.Equal(t, "apiKey", invalid.Field)
	}
}

func TestNewClientFromEnv(t *testing.T) {
	clear := func(t *testing.T) {
		for _, name := range []string{"COMETCHAT_REGION", "COMETCHAT_API_KEY", "COMETCHAT_APP_ID", "COMETCHAT_BASE_URL"} {
			t.Setenv(name, "")
		}
	}
	request := func(t *testing.T) *http.Request {
		rt := &testkit.RoundTripper{}
		client, err := cometchat.NewClientFromEnv(cometchat.WithHTTPClient(&http.Client{Transport: rt}))
		require.NoError(t, err)
		_, err = client.Users.Get(t.Context(), "a")
		require.NoError(t, err)
		return rt.Requests[0]
	}
	t.Run("all", func(t *testing.T) {
		clear(t)
		t.Setenv("COMETCHAT_REGION", "in")
		t.Setenv("COMETCHAT_API_KEY", "key-0002")
		t.Setenv("COMETCHAT_APP_ID", "app7")
		r := request(t)
		assert.Equal(t, "app7.api-in.cometchat.io", r.URL.Host)
		assert.Equal(t, "key-0002", r.Header.Get("apikey"))
		t.Setenv("COMETCHAT_BASE_URL", "https://chat.example.com/v3")
		assert.Equal(t, "chat.example.com", request(t).URL.Host)
	})
	t.Run("a base URL instead of a region", func(t *testing.T) {
		clear(t)
		t.Setenv("COMETCHAT_API_KEY", "key-0002")
		t.Setenv("COMETCHAT_BASE_URL", "https://chat.example.com/v3")
		assert.Equal(t, "chat.example.com", request(t).URL.Host)
	})
	t.Run("missing", func(t *testing.T) {
		clear(t)
		_, err := cometchat.NewClientFromEnv()
		assert.EqualError(t, err, "cometchat: COMETCHAT_REGION: required: the environment variable is not set\n"+
			"cometchat: COMETCHAT_API_KEY: required: the environment variable is not set")
		t.Setenv("COMETCHAT_REGION", "us")
		_, err = cometchat.NewClientFromEnv()
		assert.EqualError(t, err, "cometchat: COMETCHAT_API_KEY: required: the environment variable is not set")
		_, err = cometchat.NewClient(cometchat.RegionUS, os.Getenv("COMETCHAT_API_KEY"))
		assert.EqualError(t, err, "cometchat: apiKey: required: is the environment variable set that it comes from?")
	})
}

func TestRequestOnTheWire(t *testing.T) {
	rt := &testkit.RoundTripper{}
	client, err := cometchat.NewClient("us", "key-0001", cometchat.WithAppID("app7"), cometchat.WithUserAgent("backend/1.2"),
		cometchat.WithHTTPClient(&http.Client{Transport: rt}))
	require.NoError(t, err)
	_, err = client.OnBehalfOf("Anna").Users.Update(t.Context(), "a", &cometchat.UpdateUserRequest{Name: cometchat.Ptr(`<b> & "é" 😅`)})
	require.NoError(t, err)

	r := rt.Requests[0]
	assert.Equal(t, "PUT", r.Method)
	assert.Equal(t, "/v3/users/a", r.URL.EscapedPath())
	assert.Empty(t, r.URL.RawQuery)
	assert.Equal(t, http.Header{
		"Accept":       {"application/json"},
		"Apikey":       {"key-0001"},
		"Appid":        {"app7"},
		"Content-Type": {"application/json"},
		"Onbehalfof":   {"Anna"},
		"User-Agent":   {"backend/1.2 go-cometchat/" + cometchat.Version},
	}, r.Header)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	assert.Equal(t, `{"name":"<b> & \"é\" 😅"}`, string(body))
}

func TestTheCallersHTTPClientIsLeftAlone(t *testing.T) {
	rt := &closable{RoundTripper: testkit.RoundTripper{Respond: func(*http.Request) (*http.Response, error) { return nil, errors.New("broken") }}}
	redirects := 0
	mine := &http.Client{Transport: rt, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error {
		redirects++
		return nil
	}}
	client, err := cometchat.NewClient("us", "key-0001", cometchat.WithHTTPClient(mine), testkit.Once)
	require.NoError(t, err)
	_, err = client.Users.Get(t.Context(), "a")
	require.Error(t, err)
	assert.Same(t, rt, mine.Transport)
	assert.Equal(t, time.Minute, mine.Timeout)
	assert.NoError(t, mine.CheckRedirect(nil, nil))
	assert.Equal(t, 1, redirects)
	assert.Zero(t, rt.closed, "its idle connections stay open")
}

type closable struct {
	testkit.RoundTripper
	closed int
}

func (c *closable) CloseIdleConnections() { c.closed++ }

func TestWith(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(2)
	ctx := t.Context()

	acting := client.OnBehalfOf("user-0001")
	_, err := acting.Users.Get(ctx, "user-0002")
	require.NoError(t, err)
	_, err = client.Users.Get(ctx, "user-0002")
	require.NoError(t, err)
	log := srv.Requests()
	assert.Equal(t, "user-0001", log[0].ActingUser)
	assert.Empty(t, log[1].ActingUser, "the client it was derived from is unchanged")

	srv.ResetRequests()
	for name, wrong := range map[string]*cometchat.Client{
		"onBehalfOf": client.OnBehalfOf(""),
		"timeout":    client.With(cometchat.WithTimeout(-1)),
		"baseURL":    client.With(cometchat.WithBaseURL("http://example.com")),
		"appId":      client.With(cometchat.WithAppID("a.b")).OnBehalfOf("user-0001"),
	} {
		_, err = wrong.Users.Get(ctx, "user-0002")
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, err, &invalid, name)
		assert.Equal(t, name, invalid.Field)
	}
	assert.Empty(t, srv.Requests())

	other := cometchattest.NewServer(cometchattest.WithAPIKey(srv.APIKey()))
	defer other.Close()
	other.SeedUsers(1)
	_, err = client.With(cometchat.WithBaseURL(other.URL())).Users.Get(ctx, "user-0001")
	require.NoError(t, err)
	assert.Len(t, other.Requests(), 1)

	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { client.With(testkit.Once) }), 4.0)
}

func TestResponseIsBounded(t *testing.T) {
	big := `{"data":{"uid":"a","name":"` + strings.Repeat("x", 1<<20) + `"}}`
	for _, zipped := range []bool{false, true} {
		for _, transparent := range []bool{false, true} { // whether net/http unpacks
			client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
				if !zipped {
					_, _ = io.WriteString(w, big)
					return
				}
				w.Header().Set("Content-Encoding", "gzip")
				z := gzip.NewWriter(w)
				_, _ = io.WriteString(z, big)
				_ = z.Close()
			}, testkit.Once, cometchat.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableCompression: !transparent}}))

			user, err := client.Users.Get(t.Context(), "a")
			require.NoError(t, err)
			assert.Len(t, user.Name, 1<<20)

			_, err = client.With(cometchat.WithMaxResponseBytes(1000)).Users.Get(t.Context(), "a")
			var broken *cometchat.TransportError
			require.ErrorAs(t, err, &broken)
			assert.ErrorContains(t, err, "over 1000 bytes")

			_, err = client.With(cometchat.WithMaxResponseBytes(int64(len(big)))).Users.Get(t.Context(), "a")
			assert.NoError(t, err, "just as large as allowed")
		}
	}
}

func TestContentEncoding(t *testing.T) {
	for encoding, ok := range map[string]bool{"none": true, "identity": true, "gzip": false} {
		client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", encoding)
			_, _ = io.WriteString(w, `{"data":{"uid":"a"}}`)
		}, testkit.Once)
		_, err := client.Users.Get(t.Context(), "a")
		assert.Equal(t, ok, err == nil, "%s: %v", encoding, err)
	}
}

func TestWithResponse(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(1)
	var got []*cometchat.Response
	client = client.With(cometchat.WithResponse(func(r *cometchat.Response) { got = append(got, r) }))
	user, err := client.Users.Get(t.Context(), "user-0001")
	require.NoError(t, err)
	_, err = client.Users.Get(t.Context(), "nobody")
	require.Error(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, 200, got[0].StatusCode)
	assert.JSONEq(t, testkit.JSON(t, map[string]any{"data": user}), string(got[0].Body))
	assert.Equal(t, "20000", got[0].Header.Get("X-RateLimit-Limit"))
	assert.Equal(t, "GET /users/{uid}", got[0].Operation)
	assert.Equal(t, 404, got[1].StatusCode)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		text := fmt.Sprintf(verb, *got[0])
		assert.Contains(t, text, "GET /users/{uid}: 200")
		assert.NotContains(t, text, "user-0001")
	}
}

func TestTracer(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(3)
	type span struct {
		info   cometchat.OperationInfo
		result cometchat.OperationResult
	}
	type key struct{}
	var spans []*span
	client = client.With(
		cometchat.WithRetry(cometchat.RetryPolicy{MinWait: time.Nanosecond}),
		cometchat.WithTracer(func(ctx context.Context, info cometchat.OperationInfo) (context.Context, cometchat.Trace) {
			if info.Operation == "DELETE /users/{uid}" {
				return ctx, cometchat.Trace{}
			}
			s := &span{info: info}
			spans = append(spans, s)
			return context.WithValue(ctx, key{}, s), cometchat.Trace{End: func(r cometchat.OperationResult) { s.result = r }}
		}))

	srv.Inject(cometchattest.Fault{Status: 503})
	_, err := client.OnBehalfOf("user-0001").Users.Get(t.Context(), "user-0002")
	require.NoError(t, err)
	assert.Equal(t, cometchat.OperationInfo{Operation: "GET /users/{uid}", OnBehalfOf: "user-0001"}, spans[0].info)
	assert.Equal(t, 200, spans[0].result.StatusCode)
	assert.Equal(t, 2, spans[0].result.Attempts)
	assert.NoError(t, spans[0].result.Err)

	_, err = client.Users.Get(t.Context(), "nobody")
	assert.Equal(t, err, spans[1].result.Err)
	assert.Equal(t, 404, spans[1].result.StatusCode)

	list := client.Users.List(&cometchat.UserListOptions{PerPage: 2})
	for _, err := range list.All(t.Context()) {
		require.NoError(t, err)
	}
	require.Len(t, spans, 4)
	assert.Equal(t, "GET /users", spans[3].info.Operation)
	first, err := list.First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, first.Next, spans[3].info.Position)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = client.Users.Get(ctx, "user-0001")
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, spans[5].result.StatusCode)

	n := len(spans)
	_, err = client.Users.Get(t.Context(), "")
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	assert.Len(t, spans, n, "what is refused before is no call")
	err = client.Users.Delete(t.Context(), "user-0001", nil)
	assert.NoError(t, err, "a tracer may leave a call alone")
}

func TestLogger(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(1)
	var out bytes.Buffer
	client = client.With(
		cometchat.WithRetry(cometchat.RetryPolicy{MinWait: time.Nanosecond}),
		cometchat.WithLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case "time", "duration", "wait", "bytes":
				return slog.Attr{}
			}
			return a
		}}))))
	srv.Inject(cometchattest.Fault{Status: 503})
	srv.Inject(cometchattest.Fault{DropAfter: true, Path: "/users", Method: "POST"})
	_, err := client.Users.Get(t.Context(), "user-0001")
	require.NoError(t, err)
	require.ErrorIs(t, testkit.CreateOne(t.Context(), client), cometchat.ErrOutcomeUnknown)
	assert.Equal(t, `level=DEBUG msg=cometchat.attempt operation="GET /users/{uid}" attempt=1 status=503
level=INFO msg=cometchat.retry operation="GET /users/{uid}" attempt=1
level=DEBUG msg=cometchat.attempt operation="GET /users/{uid}" attempt=2 status=200
level=WARN msg=cometchat.attempt.failed operation="POST /users" attempt=1 error=EOF
`, out.String())
}

// TestIDs sends ids through every place where one goes into a path. Each is
// refused before anything is sent, or arrives as exactly itself.
func TestIDs(t *testing.T) {
	var paths []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.EscapedPath())
		_, _ = io.WriteString(w, `{"data":{"uid":"a","authToken":"t","apiKey":"k"}}`)
	}))
	defer srv.Close()
	client := testkit.Client(t, srv.URL+"/v3", "key-0001", testkit.Once)
	ctx := t.Context()
	calls := map[string]func(id string) error{
		"GET /v3/users/%s": func(id string) error { _, err := client.Users.Get(ctx, id); return err },
		"PUT /v3/users/%s": func(id string) error {
			_, err := client.Users.Update(ctx, id, &cometchat.UpdateUserRequest{})
			return err
		},
		"DELETE /v3/users/%s":               func(id string) error { err := client.Users.Delete(ctx, id, nil); return err },
		"POST /v3/users/%s/auth_tokens":     func(id string) error { _, err := client.AuthTokens.Create(ctx, id, nil); return err },
		"DELETE /v3/users/%s/auth_tokens":   func(id string) error { err := client.AuthTokens.Flush(ctx, id); return err },
		"DELETE /v3/users/u/auth_tokens/%s": func(id string) error { err := client.AuthTokens.Delete(ctx, "u", cometchat.Secret(id)); return err },
		"DELETE /v3/users/%s/auth_tokens/t": func(id string) error { err := client.AuthTokens.Delete(ctx, id, "t"); return err },
		"DELETE /v3/apikeys/%s":             func(id string) error { err := client.APIKeys.Delete(ctx, cometchat.Secret(id)); return err },
	}
	encoded := map[string]string{
		"plain":        "plain",
		"a/b c?d#e%f":  "a%2Fb%20c%3Fd%23e%25f",
		"😅":            "%F0%9F%98%85",
		"...":          "...",
		"%2e%2e":       "%252e%252e",
		"../../groups": "..%2F..%2Fgroups",
		"a+b&c=d":      "a+b&c=d",
	}
	for pattern, call := range calls {
		for id, segment := range encoded {
			paths = nil
			require.NoError(t, call(id), "%s %q", pattern, id)
			assert.Equal(t, []string{fmt.Sprintf(pattern, segment)}, paths)
		}
		paths = nil
		for _, id := range []string{"", ".", "..", strings.Repeat("é", 201), "a\nb", "a\x00b", "\xff"} {
			err := call(id)
			var invalid *cometchat.ValidationError
			require.ErrorAs(t, err, &invalid, "%s %q", pattern, id)
			if len(id) > 10 {
				assert.Equal(t, 201, invalid.Size)
				assert.Contains(t, err.Error(), fmt.Sprintf("at most %d", invalid.Limit))
			}
		}
		assert.Empty(t, paths)
	}
	_, err := client.Users.Get(ctx, strings.Repeat("é", 101))
	assert.EqualError(t, err, "cometchat: GET /users/{uid}: uid: 101 characters, at most 100 allowed")
	_, err = client.Users.Get(ctx, strings.Repeat("é", 100))
	assert.NoError(t, err)
}

// TestManyGoroutines has many goroutines share a client, clients derived from
// it, and the emulator; the race detector watches.
func TestManyGoroutines(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(50)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			c := client
			if i%2 == 0 {
				c = client.OnBehalfOf(fmt.Sprintf("user-%04d", i%50+1))
			}
			uid := fmt.Sprintf("shared-%d", i%8)
			_, _, err := c.Users.Upsert(t.Context(), &cometchat.CreateUserRequest{UID: uid, Name: uid})
			assert.NoError(t, err)
			_, err = c.AuthTokens.Create(t.Context(), uid, nil)
			assert.NoError(t, err)
			n := 0
			for _, err := range c.Users.List(&cometchat.UserListOptions{PerPage: 10}).Prefetch(i % 4).All(t.Context()) {
				if !assert.NoError(t, err) {
					break
				}
				n++
			}
			assert.GreaterOrEqual(t, n, 50)
			_ = c.RateLimit()
			_ = fmt.Sprint(c)
		})
	}
	wg.Wait()
	got, err := client.Users.Count(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, 58, got)
}

func TestRoutes(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range cometchat.Routes() {
		assert.NotContains(t, seen, r.String(), "declared twice")
		seen[r.String()] = true
	}
	for _, operation := range []string{"GET /users", "DELETE /users/{uid}/auth_tokens/{authToken}", "PUT /apikeys/{apiKey}"} {
		assert.Contains(t, seen, operation)
	}
	emulated := map[string]bool{}
	for _, r := range cometchattest.Routes() {
		emulated[r] = true
	}
	for r := range seen {
		assert.True(t, emulated[r], "the emulator does not answer %s", r)
	}
}
