package contract

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func inSeconds(n int) string {
	return strconv.FormatInt(time.Now().Add(time.Duration(n)*time.Second).Unix(), 10)
}

func TestFaults(t *testing.T) {
	type fault = cometchattest.Fault
	const always = cometchattest.Always
	html := []byte("<html><body>Bad gateway</body></html>")

	tests := []struct {
		name     string
		fault    func() fault
		refuse   int // the number of dials to refuse
		call     func(context.Context, *cometchat.Client) error
		opts     []cometchat.Option
		deadline time.Duration
		cancel   time.Duration

		requests int
		attempts int // of a *TransportError; 0 if none is expected
		is       []error
		isNot    []error
		status   int // of an *Error; 0 if none is expected
		wait     time.Duration
		took     time.Duration // the exact time, unless longest is set
		longest  time.Duration
		created  bool // whether the user of CreateOne exists afterwards
	}{
		// 429: not processed, so every method is tried again.
		{name: "429 seconds, GET", fault: func() fault { return fault{Status: 429, RetryAfter: "7"} }, call: testkit.GetOne,
			requests: 2, took: 7 * time.Second},
		{name: "429 seconds, POST", fault: func() fault { return fault{Status: 429, RetryAfter: "7"} }, call: testkit.CreateOne,
			requests: 2, took: 7 * time.Second, created: true},
		{name: "429 seconds, DELETE", fault: func() fault { return fault{Status: 429, RetryAfter: "7"} }, call: testkit.DeleteOne,
			requests: 2, took: 7 * time.Second},
		{name: "429 date", fault: func() fault {
			return fault{Status: 429, RetryAfter: time.Now().Add(9 * time.Second).UTC().Format(http.TimeFormat)}
		}, call: testkit.GetOne, requests: 2, took: 9 * time.Second},
		{name: "429 date on a server whose clock is an hour ahead", fault: func() fault {
			ahead := time.Now().Add(time.Hour)
			return fault{Status: 429, RetryAfter: ahead.Add(9 * time.Second).UTC().Format(http.TimeFormat),
				Header: http.Header{"Date": {ahead.UTC().Format(http.TimeFormat)}}}
		}, call: testkit.GetOne, requests: 2, took: 9 * time.Second},
		{name: "429 reset, documented spelling", fault: func() fault {
			return fault{Status: 429, Header: http.Header{"X-Rate-Limit-Reset": {inSeconds(5)}}}
		}, call: testkit.GetOne, requests: 2, took: 5 * time.Second},
		{name: "429 reset, recorded spelling", fault: func() fault {
			return fault{Status: 429, Header: http.Header{"X-Ratelimit-Reset": {inSeconds(6)}}}
		}, call: testkit.GetOne, requests: 2, took: 6 * time.Second},
		{name: "429 without a word", fault: func() fault { return fault{Status: 429} }, call: testkit.GetOne,
			requests: 2, longest: 500 * time.Millisecond},
		{name: "429 with a Retry-After of nothing known", fault: func() fault { return fault{Status: 429, RetryAfter: "soon"} }, call: testkit.GetOne,
			requests: 2, longest: 500 * time.Millisecond},
		{name: "429 for ever", fault: func() fault { return fault{Status: 429, RetryAfter: "2", Times: always} }, call: testkit.CreateOne,
			requests: 4, status: 429, took: 6 * time.Second,
			is: []error{cometchat.ErrRateLimited, cometchat.CodeTooManyRequests}, isNot: []error{cometchat.ErrOutcomeUnknown}},
		{name: "429 with an hour to wait", fault: func() fault { return fault{Status: 429, RetryAfter: "3600"} }, call: testkit.GetOne,
			requests: 1, wait: time.Hour, status: 429, is: []error{cometchat.ErrRateLimited}},
		{name: "429 with a wait longer than the deadline", fault: func() fault { return fault{Status: 429, RetryAfter: "30"} }, call: testkit.GetOne,
			deadline: 5 * time.Second, requests: 1, wait: 30 * time.Second, status: 429,
			is: []error{cometchat.ErrRateLimited, context.DeadlineExceeded}},
		{name: "429 beyond the policy's total time", fault: func() fault { return fault{Status: 429, RetryAfter: "30", Times: always} }, call: testkit.GetOne,
			opts:     []cometchat.Option{cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 10, MaxElapsed: 70 * time.Second})},
			requests: 3, status: 429, wait: 30 * time.Second, took: time.Minute, is: []error{cometchat.ErrRateLimited}},
		{name: "429 with retries off", fault: func() fault { return fault{Status: 429, RetryAfter: "7"} }, call: testkit.GetOne,
			opts: []cometchat.Option{testkit.Once}, requests: 1, status: 429, is: []error{cometchat.ErrRateLimited}},

		// Gateways: only requests that may be repeated are tried again.
		{name: "502 once, GET", fault: func() fault { return fault{Status: 502} }, call: testkit.GetOne, requests: 2, longest: 500 * time.Millisecond},
		{name: "503 once, GET", fault: func() fault { return fault{Status: 503} }, call: testkit.GetOne, requests: 2, longest: 500 * time.Millisecond},
		{name: "504 once, GET", fault: func() fault { return fault{Status: 504} }, call: testkit.GetOne, requests: 2, longest: 500 * time.Millisecond},
		{name: "503 with Retry-After, GET", fault: func() fault { return fault{Status: 503, RetryAfter: "4"} }, call: testkit.GetOne, requests: 2, took: 4 * time.Second},
		{name: "503 for ever, GET", fault: func() fault { return fault{Status: 503, Times: always} }, call: testkit.GetOne,
			requests: 4, status: 503, longest: 3500 * time.Millisecond, is: []error{cometchat.ErrServer}, isNot: []error{cometchat.ErrOutcomeUnknown}},
		{name: "500, GET", fault: func() fault { return fault{Status: 500} }, call: testkit.GetOne, requests: 1, status: 500, is: []error{cometchat.ErrServer}},
		{name: "502, POST", fault: func() fault { return fault{Status: 502} }, call: testkit.CreateOne, requests: 1, status: 502,
			is: []error{cometchat.ErrServer, cometchat.ErrOutcomeUnknown}},
		{name: "504, POST", fault: func() fault { return fault{Status: 504} }, call: testkit.CreateOne, requests: 1, status: 504,
			is: []error{cometchat.ErrServer, cometchat.ErrOutcomeUnknown}},
		{name: "503, PUT", fault: func() fault { return fault{Status: 503} }, call: testkit.UpdateOne, requests: 1, status: 503,
			is: []error{cometchat.ErrOutcomeUnknown}},
		{name: "503, DELETE", fault: func() fault { return fault{Status: 503} }, call: testkit.DeleteOne, requests: 1, status: 503,
			is: []error{cometchat.ErrOutcomeUnknown}},
		{name: "503, PUT, opted in", fault: func() fault { return fault{Status: 503} }, call: testkit.UpdateOne,
			opts: []cometchat.Option{cometchat.WithRetryWrites()}, requests: 2, longest: 500 * time.Millisecond},
		{name: "400 is no reason to try again", fault: func() fault { return fault{Status: 400, Code: "ERR_BAD_REQUEST"} }, call: testkit.CreateOne,
			requests: 1, status: 400, is: []error{cometchat.ErrInvalidRequest}, isNot: []error{cometchat.ErrOutcomeUnknown}},

		// Connections.
		{name: "refused once, POST", refuse: 1, call: testkit.CreateOne, requests: 1, longest: 500 * time.Millisecond, created: true},
		{name: "refused for ever, GET", refuse: 1000, call: testkit.GetOne, attempts: 4, longest: 3500 * time.Millisecond, is: []error{syscall.ECONNREFUSED}},
		{name: "refused for ever, POST", refuse: 1000, call: testkit.CreateOne, attempts: 4, longest: 3500 * time.Millisecond,
			is: []error{syscall.ECONNREFUSED}, isNot: []error{cometchat.ErrOutcomeUnknown}},
		{name: "dropped before, GET", fault: func() fault { return fault{DropBefore: true} }, call: testkit.GetOne, requests: 2, longest: 500 * time.Millisecond},
		{name: "dropped before, POST", fault: func() fault { return fault{DropBefore: true} }, call: testkit.CreateOne, requests: 1, attempts: 1,
			is: []error{cometchat.ErrOutcomeUnknown}},
		{name: "dropped after, GET", fault: func() fault { return fault{DropAfter: true} }, call: testkit.GetOne, requests: 2, longest: 500 * time.Millisecond},
		{name: "dropped after, POST", fault: func() fault { return fault{DropAfter: true} }, call: testkit.CreateOne, requests: 1, attempts: 1,
			is: []error{cometchat.ErrOutcomeUnknown}, created: true},
		{name: "dropped after, POST, opted in, meets itself", fault: func() fault { return fault{DropAfter: true} }, call: testkit.CreateOne,
			opts: []cometchat.Option{cometchat.WithRetryWrites()}, requests: 2, longest: 500 * time.Millisecond, status: 400, created: true,
			is: []error{cometchat.ErrAlreadyExists, cometchat.ErrOutcomeUnknown}},
		{name: "dropped for ever, GET", fault: func() fault { return fault{DropBefore: true, Times: always} }, call: testkit.GetOne,
			requests: 4, attempts: 4, longest: 3500 * time.Millisecond, is: []error{io.EOF}},
		{name: "body cut short, GET", fault: func() fault { return fault{Truncate: true} }, call: testkit.GetOne, requests: 2, longest: 500 * time.Millisecond},
		{name: "body cut short, POST", fault: func() fault { return fault{Truncate: true} }, call: testkit.CreateOne, requests: 1, attempts: 1,
			is: []error{cometchat.ErrOutcomeUnknown, io.ErrUnexpectedEOF}, created: true},

		// Time.
		{name: "an attempt over its time, GET", fault: func() fault { return fault{Latency: time.Hour} }, call: testkit.GetOne,
			opts: []cometchat.Option{cometchat.WithTimeout(20 * time.Second)}, requests: 2, longest: 20500 * time.Millisecond},
		{name: "an attempt over its time, POST", fault: func() fault { return fault{Latency: time.Hour} }, call: testkit.CreateOne, requests: 1, attempts: 1,
			took: cometchat.DefaultTimeout, is: []error{context.DeadlineExceeded, cometchat.ErrOutcomeUnknown}},
		{name: "cancelled while waiting", fault: func() fault { return fault{Status: 429, RetryAfter: "30"} }, call: testkit.CreateOne,
			cancel: 3 * time.Second, requests: 1, attempts: 1, took: 3 * time.Second,
			is: []error{context.Canceled}, isNot: []error{cometchat.ErrOutcomeUnknown}},
		{name: "cancelled under way, GET", fault: func() fault { return fault{Latency: time.Hour} }, call: testkit.GetOne,
			cancel: 3 * time.Second, requests: 1, attempts: 1, took: 3 * time.Second,
			is: []error{context.Canceled}, isNot: []error{cometchat.ErrOutcomeUnknown}},
		{name: "cancelled under way, POST", fault: func() fault { return fault{Latency: time.Hour} }, call: testkit.CreateOne,
			cancel: 3 * time.Second, requests: 1, attempts: 1, took: 3 * time.Second,
			is: []error{context.Canceled, cometchat.ErrOutcomeUnknown}},
		{name: "deadline under way", fault: func() fault { return fault{Latency: time.Hour} }, call: testkit.GetOne,
			deadline: 3 * time.Second, requests: 1, attempts: 1, took: 3 * time.Second, is: []error{context.DeadlineExceeded}},

		// Bodies.
		{name: "HTML with an error status", fault: func() fault { return fault{Status: 403, Body: html} }, call: testkit.CreateOne,
			requests: 1, status: 403, is: []error{cometchat.ErrPermissionDenied}, isNot: []error{cometchat.ErrOutcomeUnknown}},
		{name: "HTML in a 200, GET", fault: func() fault { return fault{Body: html} }, call: testkit.GetOne, requests: 1, status: 200,
			isNot: []error{cometchat.ErrOutcomeUnknown}},
		{name: "HTML in a 200, POST", fault: func() fault { return fault{Body: html} }, call: testkit.CreateOne, requests: 1, status: 200,
			is: []error{cometchat.ErrOutcomeUnknown}},
		{name: "empty body", fault: func() fault { return fault{Body: []byte{}} }, call: testkit.GetOne, requests: 1, status: 200},
		{name: "empty body with an error status", fault: func() fault { return fault{Status: 404, Body: []byte{}} }, call: testkit.GetOne,
			requests: 1, status: 404, isNot: []error{cometchat.ErrNotFound}},
		{name: "truncated JSON, GET", fault: func() fault { return fault{TruncateJSON: true} }, call: testkit.GetOne, requests: 1, status: 200},
		{name: "truncated JSON, POST", fault: func() fault { return fault{TruncateJSON: true} }, call: testkit.CreateOne, requests: 1, status: 200,
			is: []error{cometchat.ErrOutcomeUnknown}, created: true},
		{name: "malformed JSON", fault: func() fault { return fault{Malformed: true} }, call: testkit.GetOne, requests: 1, status: 200},
		{name: "error inside a 200", fault: func() fault { return fault{Status: 200, Code: "ERR_UID_NOT_FOUND"} }, call: testkit.UpdateOne,
			requests: 1, status: 200, is: []error{cometchat.ErrNotFound, cometchat.CodeUIDNotFound}, isNot: []error{cometchat.ErrOutcomeUnknown}},
		{name: "redirect to another host", fault: func() fault { return fault{RedirectTo: "https://evil.example/v3/users/user-0001"} }, call: testkit.GetOne,
			requests: 1, status: 302},
		{name: "redirect of a POST at the same host", fault: func() fault { return fault{RedirectTo: "http://127.0.0.1/v3/users/user-0002"} }, call: testkit.CreateOne,
			requests: 1, status: 302},
		{name: "redirect of a GET at the same host", fault: func() fault { return fault{RedirectTo: "http://127.0.0.1/v3/users/user-0002"} }, call: testkit.GetOne,
			requests: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := testkit.InBubble(t, tt.opts)
				if tt.fault != nil {
					b.Inject(tt.fault())
				}
				b.Net.Refuse(tt.refuse)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.deadline > 0 {
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}

				start := time.Now()
				err := tt.call(ctx, b.Client)
				took := time.Since(start)

				assert.EqualValues(t, tt.requests, b.Seen.Load(), "requests the server saw")
				if tt.longest > 0 {
					assert.LessOrEqual(t, took, tt.longest)
				} else {
					assert.Equal(t, tt.took, took)
				}
				for _, target := range tt.is {
					assert.ErrorIs(t, err, target)
				}
				for _, target := range tt.isNot {
					assert.NotErrorIs(t, err, target)
				}
				var answer *cometchat.Error
				assert.Equal(t, tt.status > 0, errors.As(err, &answer), "%v", err)
				if answer != nil {
					assert.Equal(t, tt.status, answer.StatusCode)
					assert.NotEmpty(t, answer.Message)
				}
				var broken *cometchat.TransportError
				assert.Equal(t, tt.attempts > 0, errors.As(err, &broken), "%v", err)
				if broken != nil {
					assert.Equal(t, tt.attempts, broken.Attempts)
				}
				var wait *cometchat.WaitError
				assert.Equal(t, tt.wait > 0, errors.As(err, &wait), "%v", err)
				if wait != nil {
					assert.Equal(t, tt.wait, wait.Wait)
				}
				if tt.status == 0 && tt.attempts == 0 && tt.wait == 0 {
					assert.NoError(t, err)
				}
				b.ClearFaults()
				b.Net.Refuse(0)
				_, err = b.Client.Users.Get(t.Context(), "new")
				assert.Equal(t, tt.created, err == nil, "created: %v", err)
			})
		})
	}
}

func TestCooldownIsShared(t *testing.T) {
	tests := []struct {
		name            string
		header          http.Header
		first, second   string // acting users; "" for none
		secondWaits     bool
		retriesDisabled bool
	}{
		{name: "without acting users", secondWaits: true},
		{name: "app's limit stalls an acting user", second: "user-0002", secondWaits: true},
		{name: "a user's limit stalls the same user", first: "user-0001", second: "user-0001", secondWaits: true},
		{name: "a user's limit stalls no other user", first: "user-0001", second: "user-0002"},
		{name: "a user's limit stalls not the app", first: "user-0001"},
		{name: "a user's own exhausted limit", first: "user-0001", second: "user-0002",
			header: http.Header{"X-Rate-Limit": {"30"}, "X-Rate-Limit-Remaining": {"0"}}},
		{name: "the app's exhausted limit, met by a user", first: "user-0001", second: "user-0002", secondWaits: true,
			header: http.Header{"X-Ratelimit-Remaining-For-App": {"0"}}},
		{name: "the key's exhausted limit, met by a user", first: "user-0001", secondWaits: true,
			header: http.Header{"X-Ratelimit-Limit": {"20000"}, "X-Ratelimit-Remaining": {"0"}}},
		{name: "a client that never retries never waits", retriesDisabled: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := testkit.InBubble(t, nil)
				b.Inject(cometchattest.Fault{Status: 429, RetryAfter: "10", Header: tt.header})
				acting := func(uid string) *cometchat.Client {
					if uid == "" {
						return b.Client
					}
					return b.Client.OnBehalfOf(uid)
				}
				var wg sync.WaitGroup
				wg.Go(func() { assert.NoError(t, testkit.GetOne(t.Context(), acting(tt.first))) })
				synctest.Wait() // the first call has got its 429 and sleeps

				second := acting(tt.second)
				if tt.retriesDisabled {
					second = second.With(testkit.Once)
				}
				start := time.Now()
				require.NoError(t, testkit.GetOne(t.Context(), second))
				if tt.secondWaits {
					assert.Equal(t, 10*time.Second, time.Since(start))
				} else {
					assert.Zero(t, time.Since(start))
				}
				wg.Wait()
				assert.EqualValues(t, 3, b.Seen.Load(), "nobody met a 429 of its own")
			})
		})
	}
}

func TestCooldownBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testkit.InBubble(t, nil)
		b.Inject(cometchattest.Fault{Status: 429, RetryAfter: "30"})
		go func() { _ = testkit.GetOne(t.Context(), b.Client) }()
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := testkit.CreateOne(ctx, b.Client)
		var wait *cometchat.WaitError
		require.ErrorAs(t, err, &wait)
		assert.Equal(t, 30*time.Second, wait.Wait)
		assert.ErrorIs(t, err, cometchat.ErrRateLimited)
		assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)

		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err = testkit.CreateOne(ctx, b.Client)
		require.ErrorIs(t, err, context.Canceled)
		assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown, "it was never sent")

		impatient := b.Client.With(cometchat.WithRetry(cometchat.RetryPolicy{MaxElapsed: 5 * time.Second}))
		require.ErrorAs(t, testkit.CreateOne(t.Context(), impatient), &wait)
		assert.EqualValues(t, 1, b.Seen.Load())
		time.Sleep(time.Minute) // lets the first call end
	})
}

// TestStorm uses a small budget from many goroutines. The ideal is a client that
// knows the server's window and uses up each one.
func TestStorm(t *testing.T) {
	const goroutines, calls, perMinute = 100, 60, 500
	synctest.Test(t, func(t *testing.T) {
		b := testkit.InBubble(t, nil, cometchattest.WithRateLimit(perMinute))
		start := time.Now()
		var longest atomic.Int64
		var wg sync.WaitGroup
		for range goroutines {
			wg.Go(func() {
				for range calls {
					begun := time.Now()
					assert.NoError(t, testkit.GetOne(t.Context(), b.Client))
					for took := int64(time.Since(begun)); took > longest.Load(); {
						longest.Store(took)
					}
				}
			})
		}
		wg.Wait()
		refused := b.Seen.Load() - goroutines*calls
		ideal := (goroutines*calls/perMinute - 1) * time.Minute
		t.Logf("%d calls, %d refused, %s (ideal %s), longest call %s", goroutines*calls, refused, time.Since(start), ideal, time.Duration(longest.Load()))
		assert.Less(t, float64(refused), 0.02*float64(b.Seen.Load()))
		assert.LessOrEqual(t, time.Since(start), ideal*105/100)
		assert.LessOrEqual(t, time.Duration(longest.Load()), 2*time.Minute, "nobody starves")
	})
}

func TestRateLimit(t *testing.T) {
	client, srv := testkit.Emulated(t)
	assert.Equal(t, cometchat.RateLimit{Limit: -1, Remaining: -1, AppLimit: -1, AppRemaining: -1}, client.RateLimit())

	srv.SeedUsers(1)
	require.NoError(t, testkit.GetOne(t.Context(), client))
	got := client.With().RateLimit()
	assert.Equal(t, 20000, got.Limit)
	assert.Less(t, got.Remaining, 20000)
	assert.Equal(t, 100000, got.AppLimit)
	assert.Less(t, got.AppRemaining, 100000)
	assert.True(t, got.Reset.IsZero())
	assert.False(t, got.At.IsZero())

	srv.Inject(cometchattest.Fault{Status: 429, Header: http.Header{
		"X-Ratelimit-Limit": nil, "X-Ratelimit-Remaining": nil, "X-Rate-Limit": {"700"}, "X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Reset": {"1700000000"},
	}})
	require.ErrorIs(t, testkit.GetOne(t.Context(), client.With(testkit.Once)), cometchat.ErrRateLimited)
	got = client.RateLimit()
	assert.Equal(t, 0, got.Remaining)
	assert.Equal(t, time.Unix(1700000000, 0), got.Reset)
}
