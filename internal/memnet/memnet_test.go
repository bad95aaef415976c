package memnet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/internal/memnet"
)

// serve runs h on a new listener until the test ends.
func serve(t *testing.T, h http.HandlerFunc) *memnet.Listener {
	t.Helper()
	l := memnet.Listen()
	srv := &http.Server{Handler: h}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		assert.NoError(t, srv.Close())
		err := <-done
		assert.True(t, errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed), "%v", err)
	})
	return l
}

func TestHTTPInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := serve(t, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Hour)
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, r.Host+" "+string(body))
		})
		start := time.Now()
		client := l.HTTPClient()
		for range 2 {
			resp, err := client.Post("http://api.example/v3", "text/plain", strings.NewReader("hello"))
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, "api.example hello", string(body))
		}
		assert.Equal(t, 2*time.Hour, time.Since(start))
	})
}

func TestConcurrentRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Minute)
			w.WriteHeader(http.StatusNoContent)
		})
		client := l.HTTPClient()
		start := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				resp, err := client.Get("http://x/")
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusNoContent, resp.StatusCode)
					_ = resp.Body.Close()
				}
			})
		}
		wg.Wait()
		assert.Equal(t, time.Minute, time.Since(start), "requests run side by side")
	})
}

func TestRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := serve(t, func(http.ResponseWriter, *http.Request) {})
		l.Refuse(2)
		client := l.HTTPClient()
		for range 2 {
			_, err := client.Get("http://x/")
			var op *net.OpError
			require.ErrorAs(t, err, &op)
			assert.Equal(t, "dial", op.Op)
			assert.Equal(t, "x:80", op.Addr.String())
			assert.ErrorIs(t, err, syscall.ECONNREFUSED)
		}
		resp, err := client.Get("http://x/")
		require.NoError(t, err)
		_ = resp.Body.Close()
	})
}

func TestClientTimeoutAndCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		client := l.HTTPClient()
		client.Timeout = 3 * time.Second
		start := time.Now()
		_, err := client.Get("http://x/")
		var ne net.Error
		require.ErrorAs(t, err, &ne)
		assert.True(t, ne.Timeout())
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestDialWaitsForAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		defer l.Close()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := l.DialContext(ctx, "tcp", "x:80")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))

		_, err = l.DialContext(ctx, "tcp", "x:80")
		assert.ErrorIs(t, err, context.DeadlineExceeded, "a context that is over is not dialed with")
	})
}

// pair returns both ends of one connection.
func pair(t *testing.T, l *memnet.Listener) (client, server net.Conn) {
	t.Helper()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		assert.NoError(t, err)
		accepted <- c
	}()
	client, err := l.DialContext(t.Context(), "tcp", "x:80")
	require.NoError(t, err)
	return client, <-accepted
}

func TestConnErrorsAreThoseOfTCP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		defer l.Close()
		client, server := pair(t, l)
		assert.Equal(t, "x:80", client.RemoteAddr().String())
		assert.Equal(t, server.LocalAddr(), client.RemoteAddr())
		assert.Equal(t, server.RemoteAddr(), client.LocalAddr())
		assert.Equal(t, "tcp", client.LocalAddr().Network())

		start := time.Now()
		require.NoError(t, client.SetReadDeadline(start.Add(time.Minute)))
		_, err := client.Read(make([]byte, 1))
		var ne net.Error
		require.ErrorAs(t, err, &ne)
		assert.True(t, ne.Timeout())
		assert.Equal(t, time.Minute, time.Since(start))
		require.NoError(t, client.SetReadDeadline(time.Time{}))

		require.NoError(t, server.Close())
		_, err = client.Read(make([]byte, 1))
		assert.Equal(t, io.EOF, err)
		_, err = client.Write([]byte("x"))
		assert.ErrorIs(t, err, syscall.EPIPE)

		require.NoError(t, client.Close())
		require.NoError(t, client.Close())
		_, err = client.Read(make([]byte, 1))
		assert.ErrorIs(t, err, net.ErrClosed)
		var op *net.OpError
		require.ErrorAs(t, err, &op)
		assert.Equal(t, "read", op.Op)
	})
}

// The test fails with a deadlock if a goroutine is still blocked when the
// bubble's function returns.
func TestCloseLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memnet.Listen()
		assert.Equal(t, "127.0.0.1:80", l.Addr().String())
		client, server := pair(t, l)
		go func() { _, _ = io.Copy(io.Discard, client) }()
		go func() { _, _ = server.Write([]byte("nobody reads what follows")); _, _ = io.Copy(io.Discard, server) }()
		dialed := make(chan error, 1)
		go func() { _, err := l.DialContext(t.Context(), "tcp", "x:80"); dialed <- err }()
		synctest.Wait()

		require.NoError(t, l.Close())
		require.NoError(t, l.Close())
		assert.ErrorIs(t, <-dialed, syscall.ECONNREFUSED, "a dial under way")
		_, err := l.Accept()
		assert.ErrorIs(t, err, net.ErrClosed)
		_, err = l.DialContext(t.Context(), "tcp", "x:80")
		assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	})
}

func TestCloseDuringRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l *memnet.Listener
		l = serve(t, func(http.ResponseWriter, *http.Request) { _ = l.Close() })
		_, err := l.HTTPClient().Get("http://x/")
		assert.True(t, errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed), "%v", err)
	})
}
