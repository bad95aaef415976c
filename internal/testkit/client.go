// Package testkit holds what the tests of the client share: clients of the
// emulator, of fixtures and of handlers, the apps that they use, and tables.
package testkit

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/fixture"
)

// Once is the retry policy of tests that examine a single attempt.
var Once = cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 1})

// Emulated returns a client of a fresh emulator.
func Emulated(t testing.TB, opts ...cometchattest.Option) (*cometchat.Client, *cometchattest.Server) {
	t.Helper()
	srv := cometchattest.NewServer(opts...)
	t.Cleanup(srv.Close)
	return Client(t, srv.URL(), srv.APIKey()), srv
}

// Client returns a client of the API at base.
func Client(t testing.TB, base, key string, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	opts = append([]cometchat.Option{cometchat.WithBaseURL(base)}, opts...)
	client, err := cometchat.NewClient(cometchat.RegionUS, key, opts...)
	require.NoError(t, err)
	return client
}

// Replayed returns a client of the exchanges in testdata/<name>.http. Recording
// asks the emulator, unless the environment names an account. seed prepares the
// emulator, whose clock stands at RecordedAt.
func Replayed(t *testing.T, name string, seed func(*cometchattest.Server)) *cometchat.Client {
	t.Helper()
	srv := fixture.New(t, name, fixture.Upstream(func() (string, string) {
		upstream := cometchattest.NewServer(cometchattest.WithClock(RecordedAt.Time))
		t.Cleanup(upstream.Close)
		if seed != nil {
			seed(upstream)
		}
		return upstream.URL(), upstream.APIKey()
	}))
	return Client(t, srv.URL, srv.APIKey(), Once)
}

// Served returns a client of a handler.
func Served(t testing.TB, h http.HandlerFunc, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return Client(t, srv.URL+"/v3", "test-key-0001", opts...)
}

// Answering returns a client that gets the same response to every request.
func Answering(t testing.TB, status int, body string) *cometchat.Client {
	t.Helper()
	return Served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}, Once)
}

// Shared returns the path of a file that CI puts beside the project. An
// environment variable names the path. If it is not set, Shared skips the test.
func Shared(t testing.TB, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skip(variable + " is not set")
	}
	return path
}

// JSON returns v as JSON, for comparing whole values.
func JSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// RoundTripper responds without a network and keeps the requests.
type RoundTripper struct {
	mu       sync.Mutex
	Requests []*http.Request
	Respond  func(*http.Request) (*http.Response, error)
}

func (rt *RoundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	rt.mu.Lock()
	rt.Requests = append(rt.Requests, r)
	rt.mu.Unlock()
	if rt.Respond != nil {
		return rt.Respond(r)
	}
	return Response(200, `{"data":{"uid":"a","name":"A"}}`), nil
}

// Response returns a response with a JSON body.
func Response(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}
