package cometchattest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := cometchattest.New().Clock()
		ahead := func(d time.Duration) {
			t.Helper()
			assert.Equal(t, d, clock.Ahead())
			assert.Equal(t, d, time.Until(clock.Now()))
		}
		ahead(0)
		clock.Advance(time.Hour)
		time.Sleep(time.Minute)
		ahead(time.Hour)

		clock.Stop()
		clock.Stop()
		assert.True(t, clock.Stopped())
		time.Sleep(time.Minute)
		ahead(time.Hour - time.Minute)
		clock.Advance(-time.Hour)
		ahead(-time.Minute)
		clock.Run()
		clock.Run()
		assert.False(t, clock.Stopped())
		time.Sleep(time.Minute)
		ahead(-time.Minute)

		clock.Set(time.Now().Add(time.Second))
		ahead(time.Second)
		clock.Stop()
		clock.Set(time.Now())
		ahead(0)
		clock.Advance(time.Second)
		clock.Reset()
		ahead(0)
	})
}

// TestLatencyByTheClock checks that a delayed request continues when the clock is
// moved, and not while it is stopped.
func TestLatencyByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cometchattest.New()
		defer srv.Close()
		answered := 0
		slow := func() {
			srv.Inject(cometchattest.Fault{Latency: time.Minute, Status: http.StatusTeapot})
			go func() {
				res, _, err := roundTrip(t.Context(), srv, "GET", "/users", "")
				assert.NoError(t, err)
				assert.Equal(t, http.StatusTeapot, res.StatusCode)
				answered++
			}()
			synctest.Wait()
		}
		slow()
		srv.Clock().Advance(59 * time.Second)
		synctest.Wait()
		require.Equal(t, 0, answered)
		srv.Clock().Advance(time.Second)
		synctest.Wait()
		require.Equal(t, 1, answered)
		srv.Clock().Stop()
		slow()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 1, answered)
		srv.Clock().Run()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2, answered)
	})
}

// TestLatencyBesideAnotherClock checks that a custom clock that stands still does
// not delay requests forever.
func TestLatencyBesideAnotherClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cometchattest.New(cometchattest.WithClock(func() time.Time { return start }))
		defer srv.Close()
		srv.Inject(cometchattest.Fault{Latency: time.Minute})
		began := time.Now()
		_, _, err := roundTrip(t.Context(), srv, "GET", "/users", "")
		require.NoError(t, err)
		assert.Equal(t, time.Minute, time.Since(began))
		srv.SetClock(nil)
		assert.Equal(t, time.Now(), srv.Clock().Now())
	})
}
