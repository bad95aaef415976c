package cometchat_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/fixture"
)

// once is the policy of tests that look at a single attempt.
var once = cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 1})

// emulated returns a client of a fresh emulator.
func emulated(t testing.TB, opts ...cometchattest.Option) (*cometchat.Client, *cometchattest.Server) {
	t.Helper()
	srv := cometchattest.NewServer(opts...)
	t.Cleanup(srv.Close)
	return clientOf(t, srv.URL(), srv.APIKey()), srv
}

// clientOf returns a client of the API at base.
func clientOf(t testing.TB, base, key string, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	opts = append([]cometchat.Option{cometchat.WithBaseURL(base)}, opts...)
	client, err := cometchat.NewClient(cometchat.RegionUS, key, opts...)
	require.NoError(t, err)
	return client
}

// replayed returns a client of the exchanges in testdata/<name>.http. Recording
// asks the emulator unless the environment names an account; seed prepares it.
func replayed(t *testing.T, name string, seed func(*cometchattest.Server)) *cometchat.Client {
	t.Helper()
	srv := fixture.New(t, name, fixture.Upstream(func() (string, string) {
		upstream := cometchattest.NewServer()
		t.Cleanup(upstream.Close)
		if seed != nil {
			seed(upstream)
		}
		return upstream.URL(), upstream.APIKey()
	}))
	return clientOf(t, srv.URL, srv.APIKey(), once)
}

// served returns a client of a handler.
func served(t testing.TB, h http.HandlerFunc, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return clientOf(t, srv.URL+"/v3", "test-key-0001", opts...)
}

// answering returns a client that gets the same answer to everything.
func answering(t testing.TB, status int, body string) *cometchat.Client {
	t.Helper()
	return served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}, once)
}

// shared returns the path of a file that CI lays beside the project, named by
// an environment variable.
func shared(t testing.TB, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skip(variable + " is not set")
	}
	return path
}

// toJSON is v's JSON, for comparing values whole.
func toJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}
