package transport

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scripted responds with one status after the other. The last one repeats.
func scripted(header http.Header, statuses ...int) roundTrip {
	var n atomic.Int64
	return func(*http.Request) (*http.Response, error) {
		return answer(statuses[min(int(n.Add(1)), len(statuses))-1], header, ""), nil
	}
}

func after(seconds string) http.Header { return http.Header{"Retry-After": {seconds}} }

func TestRetryBounds(t *testing.T) {
	post := &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Body: []byte("{}")}
	for name, tt := range map[string]struct {
		rt       roundTrip
		req      *Request
		policy   Retry
		deadline time.Duration
		status   int
		attempts int
		waited   time.Duration
		refused  time.Duration
		why      string
		unknown  bool
	}{
		"a wait that ends in time":  {rt: scripted(after("10"), 429, 200), deadline: 10*time.Second + 1, status: 200, attempts: 2, waited: 10 * time.Second},
		"a wait that ends too late": {rt: scripted(after("10"), 429, 200), deadline: 10 * time.Second, status: 429, attempts: 1, refused: 10 * time.Second},
		"within the total time": {rt: scripted(after("10"), 429, 200), policy: Retry{MaxAttempts: 4, MaxWait: time.Minute, MaxElapsed: 10 * time.Second},
			status: 200, attempts: 2, waited: 10 * time.Second},
		"beyond the total time": {rt: scripted(after("10"), 429, 200), policy: Retry{MaxAttempts: 4, MaxWait: time.Minute, MaxElapsed: 9 * time.Second},
			status: 429, attempts: 1, refused: 10 * time.Second, why: "the retry policy's MaxElapsed"},
		"beyond the longest wait": {rt: scripted(after("10"), 429, 200), policy: Retry{MaxAttempts: 4, MaxWait: 9 * time.Second, MaxElapsed: time.Hour},
			status: 429, attempts: 1, refused: 10 * time.Second, why: "the retry policy's MaxWait"},
		"beyond it, for a 503": {rt: scripted(after("10"), 503, 200), policy: Retry{MaxAttempts: 4, MaxWait: 9 * time.Second, MaxElapsed: time.Hour},
			status: 503, attempts: 1, refused: 10 * time.Second, why: "the retry policy's MaxWait"},
		"a backoff beyond the total time": {rt: scripted(nil, 503, 200), policy: Retry{MaxAttempts: 4, MinWait: time.Hour, MaxWait: time.Hour, MaxElapsed: 1},
			status: 503, attempts: 1},
		"the last attempt": {rt: scripted(after("1"), 429), policy: Retry{MaxAttempts: 3, MaxWait: time.Minute, MaxElapsed: time.Hour},
			status: 429, attempts: 3, waited: 2 * time.Second},
		"a write and 499":                    {rt: scripted(nil, 499), req: post, status: 499, attempts: 1},
		"a write and 500":                    {rt: scripted(nil, 500), req: post, status: 500, attempts: 1, unknown: true},
		"a write that may be repeated":       {rt: scripted(after("1"), 503, 404), req: &Request{Method: http.MethodPut, Path: "/x", Repeatable: true}, status: 404, attempts: 2, waited: time.Second, unknown: true},
		"a write whose repetition is wanted": {rt: scripted(after("1"), 502, 200), req: post, policy: Retry{MaxAttempts: 2, MaxWait: time.Minute, MaxElapsed: time.Hour, Writes: true}, status: 200, attempts: 2, waited: time.Second, unknown: true},
		"501 is final":                       {rt: scripted(after("1"), 501), status: 501, attempts: 1},
		"505 is final":                       {rt: scripted(after("1"), 505), status: 505, attempts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				s := patient
				if tt.policy.MaxAttempts > 0 {
					s.Retry = tt.policy
				}
				if tt.req == nil {
					tt.req = getRequest
				}
				resp, err := transportOf(t, tt.rt).Do(ctx, &s, tt.req)
				if tt.refused > 0 {
					var f *Failure
					require.ErrorAs(t, err, &f)
					assert.Equal(t, tt.refused, f.Wait)
					assert.ErrorContains(t, f, "would outlive "+cmp.Or(tt.why, "the context's deadline"))
					resp = f.Response
				} else {
					require.NoError(t, err)
				}
				assert.Equal(t, tt.status, resp.StatusCode)
				assert.Equal(t, tt.attempts, resp.Attempts)
				assert.Equal(t, tt.waited, resp.Waited)
				assert.Equal(t, tt.unknown, resp.OutcomeUnknown)
				resp.Release()
			})
		})
	}
}

// TestCooldownOfOthers makes a second call while a first one waits.
func TestCooldownOfOthers(t *testing.T) {
	for name, tt := range map[string]struct {
		policy  Retry
		waited  time.Duration
		refused string
	}{
		"waits as well":              {patient.Retry, 10 * time.Second, ""},
		"waits just in time":         {Retry{MaxAttempts: 2, MaxWait: time.Minute, MaxElapsed: 10 * time.Second}, 10 * time.Second, ""},
		"would wait too long":        {Retry{MaxAttempts: 2, MaxWait: time.Minute, MaxElapsed: 9 * time.Second}, 0, "MaxElapsed"},
		"never retries, never waits": {Retry{MaxAttempts: 1}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := transportOf(t, scripted(after("10"), 429, 200))
				var wg sync.WaitGroup
				wg.Go(func() { _, _ = tr.Do(t.Context(), &patient, getRequest) })
				synctest.Wait()
				s := patient
				s.Retry = tt.policy
				start := time.Now()
				resp, err := tr.Do(t.Context(), &s, getRequest)
				assert.Equal(t, tt.waited, time.Since(start))
				if tt.refused != "" {
					assert.ErrorContains(t, err, tt.refused)
				} else {
					require.NoError(t, err)
					assert.Equal(t, tt.waited, resp.Waited)
				}
				wg.Wait()
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		tr := transportOf(t, scripted(nil, 200))
		tr.cooldown.set("", time.Now().Add(10*time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+1)
		defer cancel()
		_, err := tr.Do(ctx, &patient, getRequest)
		assert.NoError(t, err, "a deadline just behind the wait")
		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		tr.cooldown.set("", time.Now().Add(10*time.Second))
		_, err = tr.Do(ctx, &patient, getRequest)
		var f *Failure
		require.ErrorAs(t, err, &f)
		assert.Equal(t, 10*time.Second, f.Wait)
		assert.Nil(t, f.Response)

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err = tr.Do(ctx, &patient, getRequest)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

func TestCooldownKey(t *testing.T) {
	h := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	for name, tt := range map[string]struct {
		user   string
		header http.Header
		want   string
	}{
		"nobody acts":                 {"", h(), ""},
		"a user acts":                 {"anna", h(), "anna"},
		"the app is used up":          {"anna", h("X-RateLimit-Remaining-For-App", "0"), ""},
		"the app is not":              {"anna", h("X-RateLimit-Remaining-For-App", "1"), "anna"},
		"a large budget is used up":   {"anna", h("X-RateLimit-Limit", "500", "X-RateLimit-Remaining", "0"), ""},
		"a large budget is not":       {"anna", h("X-RateLimit-Limit", "500", "X-RateLimit-Remaining", "1"), "anna"},
		"a user's budget is used up":  {"anna", h("X-RateLimit-Limit", "30", "X-RateLimit-Remaining", "0"), "anna"},
		"a little more than a user's": {"anna", h("X-RateLimit-Limit", "31", "X-RateLimit-Remaining", "0"), ""},
		"a limit alone":               {"anna", h("X-RateLimit-Limit", "500"), "anna"},
		"what is left alone":          {"anna", h("X-RateLimit-Remaining", "0"), "anna"},
	} {
		t.Run(name, func(t *testing.T) {
			c := &call{t: &Transport{limits: &ChatLimits}, req: &Request{ActingUser: tt.user}}
			assert.Equal(t, tt.want, c.cooldownKey(tt.header))
		})
	}
}

func TestTimeouts(t *testing.T) {
	blocked := roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	synctest.Test(t, func(t *testing.T) {
		s := patient
		s.Timeout = 5 * time.Second
		s.Retry.MaxAttempts = 1
		_, err := transportOf(t, blocked).Do(t.Context(), &s, getRequest)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "no complete response within 5s")

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err = transportOf(t, blocked).Do(ctx, &s, getRequest)
		assert.EqualError(t, err, "context canceled", "the caller's doing, not the time-out's")
	})
}

// TestUnsent fails before there is a connection. Nothing was written, so even a
// POST is tried again.
func TestUnsent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	base, err := url.Parse("http://" + l.Addr().String())
	require.NoError(t, err)
	own := &http.Transport{}
	tr := New(Config{Base: base, Credentials: testKey, HTTPClient: &http.Client{Transport: own}})
	s := patient
	s.Retry.MinWait = time.Nanosecond
	_, err = tr.Do(t.Context(), &s, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Body: []byte("{}")})
	var f *Failure
	require.ErrorAs(t, err, &f)
	assert.Equal(t, 4, f.Attempts)
	assert.False(t, f.OutcomeUnknown)
	var op *net.OpError
	require.True(t, errors.As(err, &op))
	assert.Equal(t, "dial", op.Op)
}
