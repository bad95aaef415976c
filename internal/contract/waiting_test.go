package contract

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// TestAnotherCallsFailure cancels calls with the error of another call as the
// cause, as an errgroup does. Their errors must not match that error.
func TestAnotherCallsFailure(t *testing.T) {
	cause := &cometchat.Error{StatusCode: 404, Code: cometchat.CodeUIDNotFound, Method: "GET", Path: "/users/nobody"}
	walk := func(list *cometchat.PageList[cometchat.User]) func(context.Context, *cometchat.Client) error {
		return func(ctx context.Context, _ *cometchat.Client) error {
			for _, err := range list.All(ctx) {
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
	started := make(chan struct{}, 100)
	client := testkit.Served(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // otherwise the server does not notice that the client has left
		started <- struct{}{}
		<-r.Context().Done()
	})
	for name, call := range map[string]func(context.Context, *cometchat.Client) error{
		"get":      testkit.GetOne,
		"create":   testkit.CreateOne,
		"list":     walk(client.Users.List(nil)),
		"prefetch": walk(client.Users.List(nil).Prefetch(4)),
		"cursor": func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.Messages.List(nil).Prefetch(1).Collect(ctx, 10)
			return err
		},
		"lookup": func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.Messages.FindByMUID(ctx, testkit.Bob, "muid", 10)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() {
				<-started
				cancel(cause)
			}()
			err := call(ctx, client)
			require.ErrorIs(t, err, context.Canceled)
			assert.NotErrorIs(t, err, cometchat.ErrNotFound)
			assert.NotErrorIs(t, err, cometchat.CodeUIDNotFound)
			assert.NotErrorIs(t, err, context.DeadlineExceeded)
			var other *cometchat.Error
			assert.False(t, errors.As(err, &other))

			short, stop := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, cause)
			defer stop()
			err = call(short, client)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.NotErrorIs(t, err, cometchat.ErrNotFound)
			assert.False(t, errors.As(err, &other))
			for len(started) > 0 {
				<-started
			}
		})
	}
}

// TestHeldBack makes a call give up while the pacer holds it back.
func TestHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testkit.InBubble(t, nil)
		b.Inject(cometchattest.Fault{Status: 200, Body: []byte(`{"data":{"uid":"user-0001"}}`), Header: http.Header{
			"X-Ratelimit-Remaining":         {"0"},
			"X-Ratelimit-Remaining-For-App": {"0"},
			"X-Ratelimit-Reset":             {strconv.FormatInt(time.Now().Add(20*time.Second).Unix(), 10)},
		}})
		b.Inject(cometchattest.Fault{Latency: time.Hour})
		require.NoError(t, testkit.GetOne(t.Context(), b.Client))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- testkit.GetOne(ctx, b.Client) }()
		synctest.Wait()

		short, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		err := testkit.CreateOne(short, b.Client.With(cometchat.WithRetry(cometchat.RetryPolicy{})))
		require.NoError(t, err, "creating users has a budget of its own")
		err = testkit.UpdateOne(short, b.Client)
		var wait *cometchat.WaitError
		require.ErrorAs(t, err, &wait)
		assert.Equal(t, 15*time.Second, wait.Wait)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorIs(t, err, cometchat.ErrRateLimited)
		assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)
		assert.EqualError(t, err, "cometchat: PUT /users/user-0001: not waiting 15s: cometchat: rate limited: "+
			"held back for 5s, since the server had announced to refuse more requests")
		cancel()
		require.ErrorIs(t, <-done, context.Canceled)
	})
}

// TestPartsOfBodies checks that the status is kept if the body of a response is
// cut short.
func TestPartsOfBodies(t *testing.T) {
	for status, category := range map[int]error{
		401: cometchat.ErrUnauthorized, 403: cometchat.ErrPermissionDenied, 429: cometchat.ErrRateLimited, 503: cometchat.ErrServer,
	} {
		client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"error":{"code":"ERR_`))
		}, testkit.Once)
		err := testkit.CreateOne(t.Context(), client)
		var e *cometchat.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, status, e.StatusCode)
		assert.ErrorIs(t, err, category)
		assert.Equal(t, status >= 500, errors.Is(err, cometchat.ErrOutcomeUnknown))
		assert.Equal(t, `{"error":{"code":"ERR_`, string(e.Body))
		assert.Equal(t, http.StatusText(status)+" (22 bytes of application/json) (its body was cut short: read the response: unexpected EOF)", e.Message)
	}
}

// TestSeeOther checks that a 303 leaves the outcome unknown, since it may be the
// response to a request that was carried out.
func TestSeeOther(t *testing.T) {
	for status, unknown := range map[int]bool{301: false, 302: false, 303: true, 307: false, 308: false} {
		client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example.com/")
			w.WriteHeader(status)
		}, testkit.Once)
		err := testkit.CreateOne(t.Context(), client)
		var e *cometchat.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, status, e.StatusCode)
		assert.Equal(t, unknown, errors.Is(err, cometchat.ErrOutcomeUnknown), status)
		assert.NotErrorIs(t, testkit.GetOne(t.Context(), client), cometchat.ErrOutcomeUnknown)
	}
}

// TestLoopbackInCapitals checks that a request to LOCALHOST does not go to a
// proxy, which would see the key: the proxy rules of net/http know only the lower
// case spelling. net/http reads the environment once, so the test needs another
// process.
func TestLoopbackInCapitals(t *testing.T) {
	if os.Getenv("COMETCHAT_TEST_LOOPBACK") != "" {
		client, err := cometchat.NewClient(cometchat.RegionUS, "test-key-0001", cometchat.WithBaseURL("http://LOCALHOST:1/v3"), testkit.Once)
		require.NoError(t, err)
		require.Error(t, testkit.GetOne(t.Context(), client))
		return
	}
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusBadRequest)
	}))
	defer proxy.Close()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestLoopbackInCapitals$")
	cmd.Env = append(os.Environ(), "COMETCHAT_TEST_LOOPBACK=1", "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Zero(t, asked.Load())
}

// TestCloseIdleConnections closes the connections that clients share, and those
// of the caller's http.Client.
func TestCloseIdleConnections(t *testing.T) {
	var open atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data":{"uid":"user-0001"}}`))
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		}
	}
	srv.Start()
	defer srv.Close()
	for name, opts := range map[string][]cometchat.Option{
		"shared":    nil,
		"their own": {cometchat.WithHTTPClient(&http.Client{Transport: &http.Transport{}})},
		"an app's":  {cometchat.WithAppID("app1")},
	} {
		for range 20 {
			client := testkit.Client(t, srv.URL, "test-key-0001", opts...)
			require.NoError(t, testkit.GetOne(t.Context(), client))
			require.NoError(t, testkit.GetOne(t.Context(), client.With(cometchat.WithAppID("app2"))))
			require.NoError(t, testkit.GetOne(t.Context(), client.OnBehalfOf("anna")))
			assert.EqualValues(t, 1, open.Load(), name)
		}
		testkit.Client(t, srv.URL, "test-key-0001", opts...).CloseIdleConnections()
		assert.Eventually(t, func() bool { return open.Load() == 0 }, 5*time.Second, time.Millisecond, name)
	}
}
