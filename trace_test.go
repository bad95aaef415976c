package cometchat_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// Tracers add up, the first outermost, and one that is added to a derived client
// applies to no other.
func TestTracersAddUp(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(1)
	var told []string
	type key string
	tracer := func(name string) cometchat.Option {
		return cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
			outer, _ := ctx.Value(key("name")).(string)
			told = append(told, name+" in "+outer)
			return context.WithValue(ctx, key("name"), name), cometchat.Trace{
				Wait: func(w cometchat.OperationWait) { told = append(told, name+" waits for "+string(w.Reason)) },
				End:  func(cometchat.OperationResult) { told = append(told, name+" ends") },
			}
		})
	}
	both := client.With(tracer("a"), cometchat.WithTracer(nil), tracer("b"), cometchat.WithRetry(cometchat.RetryPolicy{MinWait: time.Nanosecond}))
	_, third := both.With(tracer("c")), both.With(tracer("d"))
	srv.Inject(cometchattest.Fault{Status: 503})
	require.NoError(t, testkit.GetOne(t.Context(), both))
	assert.Equal(t, []string{"a in ", "b in a", "a waits for retry", "b waits for retry", "b ends", "a ends"}, told)
	told = nil
	require.NoError(t, testkit.GetOne(t.Context(), third))
	assert.Equal(t, []string{"a in ", "b in a", "d in b", "d ends", "b ends", "a ends"}, told)
}

// Each wait is reported before it begins, with its reason and its length.
func TestWaitsAreTraced(t *testing.T) {
	type wait struct {
		after time.Duration // since the start
		cometchat.OperationWait
	}
	traced := func(b *testkit.Bubble) (*cometchat.Client, func() []wait) {
		start := time.Now()
		var mu sync.Mutex
		var waits []wait
		tracer := func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
			return ctx, cometchat.Trace{Wait: func(w cometchat.OperationWait) {
				mu.Lock()
				defer mu.Unlock()
				waits = append(waits, wait{time.Since(start), w})
			}}
		}
		return b.Client.With(cometchat.WithTracer(tracer)), func() []wait {
			mu.Lock()
			defer mu.Unlock()
			return waits
		}
	}
	t.Run("retry and cooldown", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := testkit.InBubble(t, nil)
			client, waits := traced(b)
			b.Inject(cometchattest.Fault{Status: 429, RetryAfter: "7"})
			var wg sync.WaitGroup
			wg.Go(func() { assert.NoError(t, testkit.GetOne(t.Context(), client)) })
			time.Sleep(2 * time.Second)
			require.NoError(t, testkit.GetOne(t.Context(), client))
			wg.Wait()
			assert.Equal(t, []wait{
				{0, cometchat.OperationWait{Reason: cometchat.WaitReasonRetry, Attempts: 1, Wait: 7 * time.Second}},
				{2 * time.Second, cometchat.OperationWait{Reason: cometchat.WaitReasonCooldown, Wait: 5 * time.Second}},
			}, waits())
		})
	})
	t.Run("budget", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := testkit.InBubble(t, nil)
			client, waits := traced(b)
			b.Inject(cometchattest.Fault{Header: http.Header{"X-Ratelimit-Remaining": {"1"}}})
			require.NoError(t, testkit.GetOne(t.Context(), client))
			b.Inject(cometchattest.Fault{Latency: 10 * time.Second})
			var wg sync.WaitGroup
			wg.Go(func() { assert.NoError(t, testkit.GetOne(t.Context(), client)) }) // the one that is left
			synctest.Wait()
			require.NoError(t, testkit.GetOne(t.Context(), client))
			wg.Wait()
			assert.Equal(t, []wait{{0, cometchat.OperationWait{Reason: cometchat.WaitReasonBudget, Wait: time.Minute}}}, waits())
			assert.NoError(t, testkit.GetOne(t.Context(), client))
			assert.Len(t, waits(), 1, "there is room again")
		})
	})
}

func TestResultHasTheRateLimit(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(1)
	var got cometchat.RateLimit
	client = client.With(testkit.Once, cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
		return ctx, cometchat.Trace{End: func(r cometchat.OperationResult) { got = r.RateLimit }}
	}))
	require.NoError(t, testkit.GetOne(t.Context(), client))
	assert.Equal(t, client.RateLimit(), got)
	srv.Inject(cometchattest.Fault{DropAfter: true, Times: cometchattest.Always})
	require.Error(t, testkit.GetOne(t.Context(), client))
	assert.Equal(t, cometchat.RateLimit{Limit: -1, Remaining: -1, AppLimit: -1, AppRemaining: -1}, got)
}
