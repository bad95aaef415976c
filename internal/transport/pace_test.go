package transport

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func remaining(n int64) http.Header {
	return http.Header{"X-Ratelimit-Remaining": {strconv.FormatInt(n, 10)}}
}

// take lets n requests leave that need not wait.
func take(t *testing.T, p *pacer, n int) (numbers []int64) {
	t.Helper()
	for range n {
		number, _, err := p.acquire(t.Context())
		require.NoError(t, err)
		numbers = append(numbers, number)
	}
	return numbers
}

// queue makes n requests wait in line. The function that it returns lists those
// that have left.
func queue(t *testing.T, p *pacer, n int) (out func() []int) {
	t.Helper()
	var mu sync.Mutex
	var order []int
	for i := range n {
		go func() {
			if _, _, err := p.acquire(t.Context()); err == nil {
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
			}
		}()
		synctest.Wait()
	}
	return func() []int {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return append([]int{}, order...)
	}
}

func newPacer() *pacer { return &pacer{limits: &ChatLimits} }

func TestPacerWithoutWord(t *testing.T) {
	p := newPacer()
	take(t, p, 1000)
}

func TestPacerLetsOutWhatIsLeftInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer()
		p.release(take(t, p, 1)[0], remaining(3), false)
		out := queue(t, p, 6)
		assert.Equal(t, []int{0, 1, 2}, out())
		p.release(2, remaining(2), false) // one is done, two of three are taken
		assert.Equal(t, []int{0, 1, 2}, out())
		p.release(4, nil, false)
		assert.Equal(t, []int{0, 1, 2}, out())
		p.release(3, remaining(1), false) // no request is under way
		assert.Equal(t, []int{0, 1, 2, 3}, out())
		p.release(5, remaining(90), false) // departed when left was 1: a new budget
		assert.ElementsMatch(t, []int{0, 1, 2, 3, 4, 5}, out())
	})
}

func TestPacerOvertakenAnswer(t *testing.T) {
	p := newPacer()
	numbers := take(t, p, 3)
	p.release(numbers[2], remaining(100), false)
	p.release(numbers[1], remaining(110), false)
	assert.EqualValues(t, 100, p.left)
	p.release(numbers[0], remaining(90), false)
	assert.EqualValues(t, 90, p.left)
}

func TestPacerTakesTheSmallerBudget(t *testing.T) {
	p := newPacer()
	h := remaining(500)
	h.Set("X-RateLimit-Remaining-For-App", "7")
	p.release(take(t, p, 1)[0], h, false)
	assert.EqualValues(t, 7, p.left)
}

func TestPacerAfter429(t *testing.T) {
	p := newPacer()
	numbers := take(t, p, 3)
	p.release(numbers[0], http.Header{"X-Ratelimit-Limit": {"500"}, "X-Ratelimit-Remaining": {"0"}}, true)
	assert.True(t, p.told)
	assert.EqualValues(t, 500, p.left)
	p.release(numbers[1], remaining(2), false)
	assert.EqualValues(t, 500, p.left, "of the budget that is over")
	p.release(numbers[2], nil, true)
	assert.False(t, p.told, "of unknown size")
}

// TestPacerExpiry checks that waiting requests leave when the number told becomes
// invalid, although no response wakes them.
func TestPacerExpiry(t *testing.T) {
	for name, tt := range map[string]struct {
		reset string
		after time.Duration
	}{
		"at the server's reset":          {"1000000012", 12 * time.Second},
		"after a minute":                 {"", time.Minute},
		"a reset that is over":           {"999999000", time.Minute},
		"a reset that is years away":     {"99999999999999", time.Minute},
		"a reset that is in a few hours": {"1000009999", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPacer()
				h := remaining(0)
				h.Set("Date", time.Unix(1_000_000_000, 0).UTC().Format(http.TimeFormat))
				if tt.reset != "" {
					h.Set("X-RateLimit-Reset", tt.reset)
				}
				p.release(take(t, p, 1)[0], h, false)
				take(t, p, 1) // hangs forever
				out := queue(t, p, 9)
				time.Sleep(tt.after - 1)
				assert.Empty(t, out())
				time.Sleep(time.Nanosecond)
				assert.Len(t, out(), 9)
				p.mu.Lock()
				defer p.mu.Unlock()
				assert.Nil(t, p.timer)
			})
		})
	}
}

func TestPacerGivingUpInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer()
		p.release(take(t, p, 1)[0], remaining(0), false)
		take(t, p, 1)
		ctx, cancel := context.WithCancel(t.Context())
		var err error
		go func() { _, _, err = p.acquire(ctx) }()
		synctest.Wait()
		out := queue(t, p, 1)
		time.Sleep(time.Second)
		cancel()
		synctest.Wait()
		assert.Equal(t, &waitError{held: true, waited: time.Second, wait: 59 * time.Second}, err)
		assert.Empty(t, out(), "its turn has not come")
		assert.EqualValues(t, 1, p.flying)
		p.release(2, nil, false)
		assert.Equal(t, []int{0}, out())
	})
	// The turn comes while the call gives up, and is passed on. Which of the two
	// the call sees first is chance, so the test tries it often.
	synctest.Test(t, func(t *testing.T) {
		p := newPacer()
		p.release(take(t, p, 1)[0], remaining(0), false)
		held := take(t, p, 1)[0]
		for i := range 100 {
			ctx, cancel := context.WithCancel(t.Context())
			first, second := make(chan int64, 1), make(chan int64, 1)
			for _, waiter := range []struct {
				ctx  context.Context
				turn chan int64
			}{{ctx, first}, {t.Context(), second}} {
				go func() {
					number, _, err := p.acquire(waiter.ctx)
					if err != nil {
						number = 0
					}
					waiter.turn <- number
				}()
				synctest.Wait()
			}
			if i%2 == 0 {
				p.release(held, nil, false)
				cancel()
			} else {
				cancel()
				p.release(held, nil, false)
			}
			if number := <-first; number > 0 {
				p.release(number, nil, false)
			}
			held = <-second
			assert.EqualValues(t, 1, p.flying)
		}
	})
}

func TestPacerKnownLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer()
		p.perMinute = 60
		start := time.Now()
		for i := range 150 {
			number, _, err := p.acquire(t.Context())
			require.NoError(t, err)
			assert.Equal(t, time.Duration(i/60)*time.Minute, time.Since(start))
			p.release(number, nil, false)
		}
		p.recent = nil
		take(t, p, 59)
		numbers := take(t, p, 1)
		p.abandon()
		assert.Positive(t, numbers[0])
		start = time.Now()
		take(t, p, 1)
		assert.Zero(t, time.Since(start), "what was not sent does not count")
	})
}

// TestTrust judges numbers. Each row has those of one server.
func TestTrust(t *testing.T) {
	for name, tt := range map[string]struct {
		numbers  func(i int64) int64
		believed int64 // of 200
	}{
		"stuck at 0":            {func(int64) int64 { return 0 }, 3},
		"stuck at 5":            {func(int64) int64 { return 5 }, 3},
		"two nodes":             {func(i int64) int64 { return 5 - i%2*2 }, 5},
		"a second's":            {func(i int64) int64 { return 4 - i%5 }, 7},
		"a budget":              {func(i int64) int64 { return 200 - i }, 200},
		"a shared budget":       {func(i int64) int64 { return 2000 - 8*i }, 200},
		"answers that overtake": {func(i int64) int64 { return 200 - (i ^ 7) }, 200},
		"stuck, then a budget":  {func(i int64) int64 { return 200 - max(i, 100) }, 3 + 93},
	} {
		var tr trust
		var believed int64
		for i := range int64(200) {
			if tr.observe(tt.numbers(i), 1, true) {
				believed++
			}
		}
		assert.InDelta(t, tt.believed, believed, 30, name)
		if tt.believed == 200 || tt.believed < 30 {
			assert.Equal(t, tt.believed, believed, name)
		}
	}
}

func TestShare(t *testing.T) {
	var alone, eighth trust
	assert.Equal(t, 1.0, alone.share(10), "until there is word")
	for i := range int64(300) {
		alone.observe(1000-i, 10, true)
		eighth.observe(10_000-8*i, 10, true)
	}
	assert.InDelta(t, 1, alone.share(10), 0.001)
	assert.InDelta(t, 0.125, eighth.share(10), 0.02)
}

// TestPacerModel drives a pacer by random events and compares it with one-line
// rules for which requests may leave.
func TestPacerModel(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			p := newPacer()
			type flight struct{ number int64 }
			var mu sync.Mutex
			var flying []flight
			var left []int // the calls that have left
			waiting := map[int]context.CancelFunc{}
			budget, end := int64(20+r.IntN(100)), time.Now().Add(time.Minute)
			told, void := int64(-1), time.Time{} // the newest number, and when it becomes invalid
			for step := range 400 {
				if !time.Now().Before(end) {
					budget, end = int64(20+r.IntN(100)), end.Add(time.Minute)
				}
				switch k := r.IntN(10); {
				case k < 5: // a call
					ctx, cancel := context.WithCancel(t.Context())
					mu.Lock()
					waiting[step] = cancel
					mu.Unlock()
					go func() {
						number, _, err := p.acquire(ctx)
						mu.Lock()
						defer mu.Unlock()
						delete(waiting, step)
						if err == nil {
							left = append(left, step)
							flying = append(flying, flight{number})
						}
					}()
				case k < 8 && len(flying) > 0: // a response
					mu.Lock()
					i := r.IntN(len(flying))
					f := flying[i]
					flying = append(flying[:i], flying[i+1:]...)
					mu.Unlock()
					switch {
					case budget == 0:
						h := http.Header{"X-Ratelimit-Limit": {"100"}}
						p.release(f.number, h, true)
						told, void = 100, time.Now().Add(time.Minute)
					case r.IntN(4) == 0: // a response without numbers
						budget--
						p.release(f.number, nil, false)
					default:
						budget--
						h := remaining(budget)
						h.Set("X-RateLimit-Reset", strconv.FormatInt(end.Unix(), 10))
						p.release(f.number, h, false)
						told, void = budget, end
					}
				case k == 8: // a waiting call gives up
					mu.Lock()
					for _, cancel := range waiting {
						cancel()
						break
					}
					mu.Unlock()
				default:
					time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
				}
				synctest.Wait()

				mu.Lock()
				// In order: the calls that have left came before all that still
				// wait.
				for _, l := range left {
					for w := range waiting {
						require.Less(t, l, w, "seed %d step %d", seed, step)
					}
				}
				// No call waits without a reason: a valid number, and a request
				// under way.
				if len(waiting) > 0 {
					require.True(t, told >= 0 && time.Now().Before(void), "seed %d step %d", seed, step)
					require.NotEmpty(t, flying, "seed %d step %d", seed, step)
				}
				p.mu.Lock()
				require.EqualValues(t, len(flying), p.flying)
				require.Len(t, p.waiting, len(waiting))
				p.mu.Unlock()
				mu.Unlock()
			}
			mu.Lock()
			for _, cancel := range waiting {
				cancel()
			}
			mu.Unlock()
			synctest.Wait()
			p.mu.Lock()
			defer p.mu.Unlock()
			require.Nil(t, p.timer, "a timer that wakes nobody")
		})
	}
}

// TestCooldownModel compares the cooldown with a plain list of the values set.
func TestCooldownModel(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 2))
			var d cooldown
			type word struct {
				user  string
				until time.Time
			}
			var words []word
			users := []string{"", "anna", "ben"}
			for range 200 {
				if r.IntN(2) == 0 {
					w := word{users[r.IntN(3)], time.Now().Add(time.Duration(r.IntN(20)) * time.Second)}
					words = append(words, w)
					d.set(w.user, w.until)
				}
				time.Sleep(time.Duration(r.IntN(5000)) * time.Millisecond)
				for _, user := range users {
					var want time.Duration
					for _, w := range words {
						if w.user == "" || w.user == user {
							want = max(want, time.Until(w.until))
						}
					}
					require.Equal(t, want, max(d.left(user, time.Now()), 0), "seed %d", seed)
				}
			}
		})
	}
}

// TestNumberThatMeansNothing makes 1,000 calls of 100 ms from 50 goroutines. With
// the header they may take one and a half times as long as without it.
func TestNumberThatMeansNothing(t *testing.T) {
	took := func(t *testing.T, header http.Header, reset bool, warm int) (d time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			tr := transportOf(t, func(*http.Request) (*http.Response, error) {
				time.Sleep(100 * time.Millisecond)
				h := header.Clone()
				if reset {
					h.Set("X-RateLimit-Reset", strconv.FormatInt(start.Truncate(time.Minute).Add(time.Minute).Unix(), 10))
				}
				return answer(200, h, ""), nil
			})
			call := func() {
				resp, err := tr.Do(t.Context(), &patient, getRequest)
				if assert.NoError(t, err) {
					resp.Release()
				}
			}
			for range warm {
				call()
			}
			start = time.Now()
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					for range 20 {
						call()
					}
				})
			}
			wg.Wait()
			d = time.Since(start)
		})
		return d
	}
	plain := took(t, http.Header{"X-Other": {"1"}}, false, 0)
	require.Equal(t, 2*time.Second, plain)
	for _, number := range []string{"-5", "-1", "0", "1", "2", "5", "20"} {
		for _, name := range []string{"X-RateLimit-Remaining", "X-RateLimit-Remaining-For-App"} {
			for _, reset := range []bool{false, true} {
				for _, warm := range []int{0, 1} {
					h := http.Header{}
					h.Set(name, number)
					assert.LessOrEqual(t, took(t, h, reset, warm), plain*3/2, "%s: %s, reset %v, %d before", name, number, reset, warm)
				}
			}
		}
	}
}

// TestHangingRequest checks that a hanging request delays others until the reset
// at most, or for a minute.
func TestHangingRequest(t *testing.T) {
	for _, reset := range []time.Duration{0, 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			var n atomic.Int64
			tr := transportOf(t, func(r *http.Request) (*http.Response, error) {
				h := remaining(1)
				if reset > 0 {
					h.Set("X-RateLimit-Reset", strconv.FormatInt(start.Add(reset).Unix(), 10))
				}
				if n.Add(1) == 2 {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return answer(200, h, ""), nil
			})
			resp, err := tr.Do(t.Context(), &patient, getRequest)
			require.NoError(t, err)
			resp.Release()
			ctx, cancel := context.WithCancel(t.Context())
			go func() { _, _ = tr.Do(ctx, &patient, getRequest) }()
			synctest.Wait()

			short, stop := context.WithTimeout(t.Context(), 5*time.Second)
			defer stop()
			_, err = tr.Do(short, &patient, getRequest)
			var f *Failure
			require.ErrorAs(t, err, &f)
			within := time.Minute
			if reset > 0 {
				within = reset
			}
			assert.Equal(t, Failure{Err: f.Err, Waited: 5 * time.Second, Wait: within - 5*time.Second, Held: true}, *f)
			assert.EqualError(t, f.Err, "held back for 5s, since the server had announced to refuse more requests")

			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					resp, err := tr.Do(t.Context(), &patient, getRequest)
					if assert.NoError(t, err) {
						assert.Equal(t, within-5*time.Second, resp.Waited)
						resp.Release()
					}
				})
			}
			wg.Wait()
			assert.Equal(t, within, time.Since(start))
			cancel()
		})
	}
}

// window is a budget of 500 requests a minute, counted when they arrive or when
// they are done.
type window struct {
	mu                sync.Mutex
	end               time.Time
	used              int
	served, refused   int
	reset, retryAfter bool
	late              bool
}

func (w *window) count() (left int, h http.Header) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !time.Now().Before(w.end) {
		w.end, w.used = time.Now().Truncate(time.Minute).Add(time.Minute), 0
	}
	h = http.Header{"X-Ratelimit-Limit": {"500"}}
	if w.reset {
		h.Set("X-RateLimit-Reset", strconv.FormatInt(w.end.Unix(), 10))
	}
	if w.used >= 500 {
		w.refused++
		h.Set("X-RateLimit-Remaining", "0")
		if w.retryAfter {
			h.Set("Retry-After", strconv.Itoa(int((time.Until(w.end)+time.Second-1)/time.Second)))
		}
		return -1, h
	}
	w.used++
	w.served++
	h.Set("X-RateLimit-Remaining", strconv.Itoa(500-w.used))
	return 500 - w.used, h
}

func (w *window) RoundTrip(*http.Request) (*http.Response, error) {
	latency := time.Duration(50+rand.IntN(951)) * time.Millisecond
	if w.late {
		time.Sleep(latency)
	}
	left, h := w.count()
	if !w.late {
		time.Sleep(latency)
	}
	status := 200
	if left < 0 {
		status = 429
	}
	return answer(status, h, ""), nil
}

// TestSharedBudget uses one budget from eight Transports that share nothing.
func TestSharedBudget(t *testing.T) {
	const clients, goroutines, calls = 8, 100, 3000
	for _, reset := range []bool{true, false} {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("reset %v, counted when done %v", reset, late), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := &window{reset: reset, retryAfter: true, late: late}
					base, err := url.Parse("https://chat.example.com/v3")
					require.NoError(t, err)
					var transports [clients]*Transport
					for i := range transports {
						transports[i] = New(Config{Base: base, Credentials: testKey, HTTPClient: &http.Client{Transport: w}})
					}
					start := time.Now()
					var todo atomic.Int64
					var wg sync.WaitGroup
					for i := range goroutines {
						wg.Go(func() {
							for todo.Add(1) <= calls {
								resp, err := transports[i%clients].Do(t.Context(), &patient, getRequest)
								if !assert.NoError(t, err) {
									return
								}
								assert.Equal(t, 200, resp.StatusCode)
								resp.Release()
							}
						})
					}
					wg.Wait()
					took := time.Since(start)
					ideal := (calls/500-1)*time.Minute + 3*time.Second
					share := float64(w.refused) / float64(w.served+w.refused)
					t.Logf("%.2f %% refused, %s in all, ideal %s", 100*share, took, ideal)
					assert.Less(t, share, 0.05)
					assert.Less(t, took, ideal*105/100)
				})
			})
		}
	}
}

// TestAloneWithABudget checks that the estimates of its share do not slow down a
// client that uses a budget alone.
func TestAloneWithABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &window{reset: true, retryAfter: true}
		tr := transportOf(t, w.RoundTrip)
		start := time.Now()
		var todo atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				for todo.Add(1) <= 1000 {
					resp, err := tr.Do(t.Context(), &patient, getRequest)
					if assert.NoError(t, err) {
						resp.Release()
					}
				}
			})
		}
		wg.Wait()
		t.Logf("%d refused, %s", w.refused, time.Since(start))
		assert.LessOrEqual(t, w.refused, 10)
		assert.Less(t, time.Since(start), time.Minute+12*time.Second)
	})
}
