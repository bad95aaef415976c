package transport

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
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/internal/redact"
)

var patient = Settings{
	Retry:            Retry{MaxAttempts: 4, MinWait: 500 * time.Millisecond, MaxWait: time.Minute, MaxElapsed: 3 * time.Minute},
	MaxResponseBytes: 1 << 20,
	UserAgent:        "test",
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func transportOf(t *testing.T, rt roundTrip) *Transport {
	t.Helper()
	base, err := url.Parse("https://chat.example.com/v3")
	require.NoError(t, err)
	return New(Config{Base: base, APIKey: func() string { return "key-0001" }, HTTPClient: &http.Client{Transport: rt}})
}

var getRequest = &Request{Operation: "GET /x", Method: http.MethodGet, Path: "/x"}

func TestDo(t *testing.T) {
	var seen []*http.Request
	tr := transportOf(t, func(r *http.Request) (*http.Response, error) {
		seen = append(seen, r)
		return answer(200, nil, "body"), nil
	})
	resp, err := tr.Do(t.Context(), &patient, &Request{Operation: "PUT /x/{id}", Method: http.MethodPut, Path: "/x/a%2Fb", RawQuery: "q=1",
		Body: []byte("{}"), ActingUser: "anna"})
	require.NoError(t, err)
	assert.Equal(t, "body", string(resp.Body))
	assert.Equal(t, 1, resp.Attempts)
	assert.Zero(t, resp.Waited)
	assert.False(t, resp.OutcomeUnknown)
	resp.Release()
	assert.Nil(t, resp.Body)
	resp.Release() // harmless
	require.Len(t, seen, 1)
	assert.Equal(t, "https://chat.example.com/v3/x/a%2Fb?q=1", seen[0].URL.String())
	assert.Equal(t, "anna", seen[0].Header.Get("onBehalfOf"))
	assert.Equal(t, "key-0001", seen[0].Header.Get("apikey"))
	assert.Equal(t, "application/json", seen[0].Header.Get("Content-Type"))

	resp, err = tr.Do(t.Context(), &patient, getRequest)
	require.NoError(t, err)
	resp.Release()
	assert.NotContains(t, seen[1].Header, "Content-Type", "there is nothing to have a type")
}

func TestDoRefusesWhatIsNoRequest(t *testing.T) {
	tr := transportOf(t, func(*http.Request) (*http.Response, error) { return nil, errors.New("never asked") })
	_, err := tr.Do(t.Context(), &patient, &Request{Method: "NO GO", Path: "/x"})
	var f *Failure
	require.ErrorAs(t, err, &f)
	assert.Zero(t, f.Attempts)
	assert.ErrorContains(t, f, "method")
}

func TestForeignHost(t *testing.T) {
	c := &call{t: transportOf(t, func(*http.Request) (*http.Response, error) {
		t.Error("sent")
		return nil, errors.New("sent")
	}), s: &patient, req: getRequest, redactor: redact.New()}
	for _, target := range []string{"https://evil.example/v3/x", "http://chat.example.com/v3/x", "https://chat.example.com:444/v3/x"} {
		r, err := http.NewRequest(http.MethodGet, target, nil)
		require.NoError(t, err)
		_, err = c.RoundTrip(r)
		require.ErrorIs(t, err, errForeignHost)
		assert.False(t, c.retryable(nil, err))
	}
}

func TestRedirects(t *testing.T) {
	hops := 0
	follow := func(check func(*http.Request, []*http.Request) error) *Transport {
		base, err := url.Parse("https://chat.example.com/v3")
		require.NoError(t, err)
		return New(Config{Base: base, APIKey: func() string { return "key-0001" }, AppID: "app7", HTTPClient: &http.Client{CheckRedirect: check,
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				hops++
				assert.Equal(t, "app7", r.Header.Get("appid"))
				return answer(302, http.Header{"Location": {"/v3/" + strconv.Itoa(hops)}}, ""), nil
			})}})
	}
	resp, err := follow(nil).Do(t.Context(), &patient, getRequest)
	require.NoError(t, err)
	assert.Equal(t, 302, resp.StatusCode)
	assert.Equal(t, maxRedirects+1, hops, "followed a few times, not for ever")

	mine := errors.New("mine")
	_, err = follow(func(*http.Request, []*http.Request) error { return mine }).Do(t.Context(), &Settings{
		Retry: Retry{MaxAttempts: 1}, MaxResponseBytes: 10}, getRequest)
	assert.ErrorIs(t, err, mine, "the caller's own check is asked too")
}

func TestNoHTTPClientOfTheCaller(t *testing.T) {
	base, err := url.Parse("https://chat.example.com/v3")
	require.NoError(t, err)
	tr := New(Config{Base: base, APIKey: func() string { return "key-0001" }})
	assert.NotSame(t, http.DefaultTransport, tr.client.Transport)
	own := tr.client.Transport.(*http.Transport)
	assert.Equal(t, own.MaxIdleConns, own.MaxIdleConnsPerHost)

	tr = New(Config{Base: base, APIKey: func() string { return "key-0001" }, HTTPClient: &http.Client{}})
	assert.Same(t, http.DefaultTransport, tr.client.Transport)

	defer func(d http.RoundTripper) { http.DefaultTransport = d }(http.DefaultTransport)
	http.DefaultTransport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.EOF })
	tr = New(Config{Base: base, APIKey: func() string { return "key-0001" }})
	_, err = tr.client.Transport.RoundTrip(nil)
	assert.ErrorIs(t, err, io.EOF, "a replaced default transport is used as it is")
}

// TestSilentRoundTripper has a RoundTripper that reports nothing of its
// connections: what fails there counts as sent.
func TestSilentRoundTripper(t *testing.T) {
	n := 0
	tr := transportOf(t, func(*http.Request) (*http.Response, error) { n++; return nil, errors.New("broken") })
	_, err := tr.Do(t.Context(), &patient, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Body: []byte("{}")})
	var f *Failure
	require.ErrorAs(t, err, &f)
	assert.True(t, f.OutcomeUnknown)
	assert.Equal(t, 1, n)
	assert.EqualError(t, f.Unwrap(), "broken")

	synctest.Test(t, func(t *testing.T) {
		n = 0
		_, err = tr.Do(t.Context(), &patient, &Request{Operation: "PUT /x", Method: http.MethodPut, Path: "/x", Repeatable: true})
		require.ErrorAs(t, err, &f)
		assert.True(t, f.OutcomeUnknown)
		assert.Equal(t, 4, n)
	})
}

func TestPanicLeavesNothingBehind(t *testing.T) {
	angry := true
	tr := transportOf(t, func(*http.Request) (*http.Response, error) {
		if angry {
			panic("no")
		}
		return answer(200, nil, ""), nil
	})
	tr.paces[0].told, tr.paces[0].at = true, time.Now()
	assert.Panics(t, func() { _, _ = tr.Do(t.Context(), &patient, getRequest) })
	angry = false
	_, err := tr.Do(t.Context(), &patient, getRequest)
	assert.NoError(t, err, "the one place in the line is free again")
}

func TestBodies(t *testing.T) {
	zip := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, s)
		_ = z.Close()
		return b.String()
	}
	for name, tt := range map[string]struct {
		header http.Header
		body   string
		want   string
		err    string
	}{
		"plain":              {nil, "hello", "hello", ""},
		"none":               {http.Header{"Content-Encoding": {"none"}}, "hello", "hello", ""},
		"gzip":               {http.Header{"Content-Encoding": {"GZIP"}}, zip("hello"), "hello", ""},
		"no gzip":            {http.Header{"Content-Encoding": {"gzip"}}, "hello", "", "read the answer"},
		"gzip cut short":     {http.Header{"Content-Encoding": {"gzip"}}, zip("hello")[:20], "", "unexpected EOF"},
		"at the limit":       {nil, strings.Repeat("x", 100), strings.Repeat("x", 100), ""},
		"over the limit":     {nil, strings.Repeat("x", 101), "", "too large: over 100 bytes"},
		"over it, when open": {http.Header{"Content-Encoding": {"gzip"}}, zip(strings.Repeat("x", 1<<16)), "", "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := transportOf(t, func(*http.Request) (*http.Response, error) { return answer(200, tt.header, tt.body), nil })
			resp, err := tr.Do(t.Context(), &Settings{Retry: Retry{MaxAttempts: 1}, MaxResponseBytes: 100}, getRequest)
			if tt.err != "" {
				assert.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(resp.Body))
			resp.Release()
		})
	}
	// The room a body needs is made at once, unless its length cannot be true.
	for name, tt := range map[string]struct{ length, limit, room int64 }{
		"of known length":   {70_000, 70_000, 74_000},
		"of unknown length": {-1, 1 << 20, 1 << 18},
		"with a huge claim": {1 << 60, 1 << 20, 1 << 18},
	} {
		resp := answer(200, nil, strings.Repeat("x", 70_000))
		resp.ContentLength = tt.length
		c := &call{s: &Settings{MaxResponseBytes: tt.limit}, buf: new(bytes.Buffer)}
		require.NoError(t, c.read(resp), name)
		assert.Equal(t, 70_000, c.buf.Len(), name)
		assert.LessOrEqual(t, int64(c.buf.Cap()), tt.room, name)
	}
	huge := bytes.NewBuffer(make([]byte, maxPooled+1))
	putBuffer(huge) // dropped: it would stay for good
	assert.NotSame(t, huge, getBuffer())
}

func TestRetryAfter(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	date := func(t time.Time) string { return t.UTC().Format(http.TimeFormat) }
	for _, tt := range []struct {
		header http.Header
		want   time.Duration
		ok     bool
	}{
		{nil, 0, false},
		{http.Header{"Retry-After": {"15"}}, 15 * time.Second, true},
		{http.Header{"Retry-After": {"0"}}, 0, false},
		{http.Header{"Retry-After": {"-3"}}, -3 * time.Second, false},
		{http.Header{"Retry-After": {"99999999999999"}}, 0, false},
		{http.Header{"Retry-After": {"soon"}}, 0, false},
		{http.Header{"Retry-After": {date(now.Add(time.Minute))}}, time.Minute, true},
		{http.Header{"Retry-After": {date(now.Add(-time.Minute))}}, -time.Minute, false},
		{http.Header{"Retry-After": {date(now)}}, 0, false},
		{http.Header{"Retry-After": {date(now.Add(time.Hour))}, "Date": {date(now.Add(59 * time.Minute))}}, time.Minute, true},
	} {
		got, ok := retryAfter(tt.header, now)
		assert.Equal(t, tt.ok, ok, "%v", tt.header)
		if ok {
			assert.Equal(t, tt.want, got, "%v", tt.header)
		}
	}
	d, ok := RetryAfter(http.Header{"Retry-After": {"15"}})
	assert.True(t, ok)
	assert.Equal(t, 15*time.Second, d)

	for _, name := range []string{"X-Ratelimit-Reset", "X-Rate-Limit-Reset"} {
		got, ok := untilReset(http.Header{name: {strconv.FormatInt(now.Unix()+20, 10)}}, now)
		assert.True(t, ok)
		assert.Equal(t, 20*time.Second, got)
		_, ok = untilReset(http.Header{name: {strconv.FormatInt(now.Unix(), 10)}}, now)
		assert.False(t, ok, "over just now")
		_, ok = untilReset(http.Header{name: {strconv.FormatInt(now.Unix()-20, 10)}}, now)
		assert.False(t, ok, "over already")
		_, ok = untilReset(http.Header{name: {"x"}}, now)
		assert.False(t, ok)
	}
}

func TestBackoffIsBounded(t *testing.T) {
	for attempt, ceiling := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 7: 32 * time.Second, 8: time.Minute, 40: time.Minute, 1000: time.Minute,
	} {
		c := &call{s: &patient, attempts: attempt}
		least, most := time.Hour, time.Duration(0)
		for range 2000 {
			d := c.nextWait(nil, false, time.Now())
			least, most = min(least, d), max(most, d)
		}
		assert.LessOrEqual(t, most, ceiling)
		assert.Greater(t, most, ceiling*9/10, "the whole width is used")
		assert.Less(t, least, ceiling/10)
	}
}

func TestParseRateLimit(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	_, said := parseRateLimit(http.Header{"Content-Type": {"x"}}, now)
	assert.False(t, said)
	l, said := parseRateLimit(http.Header{"X-Rate-Limit": {"700"}, "X-Rate-Limit-Remaining": {"many"}}, now)
	assert.True(t, said)
	assert.Equal(t, RateLimit{Limit: 700, Remaining: -1, AppLimit: -1, AppRemaining: -1, At: now}, l)
	l, said = parseRateLimit(http.Header{"X-Rate-Limit-Reset": {"1700000060"}}, now)
	assert.True(t, said)
	assert.Equal(t, now.Add(time.Minute), l.Reset)

	tr := transportOf(t, func(*http.Request) (*http.Response, error) { return answer(200, nil, ""), nil })
	assert.Equal(t, RateLimit{Limit: -1, Remaining: -1, AppLimit: -1, AppRemaining: -1}, tr.RateLimit())
}

func TestCooldownForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d cooldown
		d.set("a", time.Now().Add(time.Second))
		d.set("a", time.Now()) // a shorter one does not cut it
		assert.Equal(t, time.Second, d.left("a", time.Now()))
		assert.LessOrEqual(t, d.left("b", time.Now()), time.Duration(0))
		time.Sleep(2 * time.Second)
		d.set("b", time.Now().Add(time.Second))
		assert.Len(t, d.until, 1)
	})
}

func remaining(n int64) http.Header {
	return http.Header{"X-Ratelimit-Remaining": {strconv.FormatInt(n, 10)}}
}

func TestPacer(t *testing.T) {
	ctx := t.Context()
	t.Run("holds nobody without word from the server", func(t *testing.T) {
		var p pacer
		for range 1000 {
			require.NoError(t, p.acquire(ctx))
		}
	})
	t.Run("lets out what is left, in turn", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var p pacer
			require.NoError(t, p.acquire(t.Context()))
			p.release(p.room(), remaining(3), false)
			var order []int
			var mu sync.Mutex
			for i := range 6 {
				go func() {
					if p.acquire(t.Context()) == nil {
						mu.Lock()
						order = append(order, i)
						mu.Unlock()
					}
				}()
				synctest.Wait()
			}
			assert.Equal(t, []int{0, 1, 2}, order)
			room := p.room()
			p.release(room, remaining(2), false) // one done, two of three taken
			synctest.Wait()
			assert.Equal(t, []int{0, 1, 2}, order)
			p.release(room, remaining(3), false) // not below what there was: a new budget
			synctest.Wait()
			assert.Len(t, order, 5)
			p.release(0, nil, false)
			p.release(0, remaining(50), false)
			synctest.Wait()
			assert.Len(t, order, 6)
			assert.Equal(t, 5, order[5])
		})
	})
	t.Run("an overtaken answer is no new budget", func(t *testing.T) {
		var p pacer
		p.told, p.left, p.flying = true, 100, 2
		room := p.room()
		p.release(room, remaining(10), false)
		p.release(room, remaining(60), false)
		assert.EqualValues(t, 10, p.left)
	})
	t.Run("the smaller of two budgets counts", func(t *testing.T) {
		p := pacer{flying: 1}
		h := remaining(500)
		h.Set("X-RateLimit-Remaining-For-App", "7")
		p.release(p.room(), h, false)
		assert.EqualValues(t, 7, p.left)
	})
	t.Run("a 429 opens the next budget", func(t *testing.T) {
		p := pacer{told: true, flying: 1}
		h := remaining(0)
		h.Set("X-RateLimit-Limit", "500")
		p.release(p.room(), h, true)
		assert.True(t, p.told)
		assert.EqualValues(t, 500, p.left)
		p.release(p.room(), nil, true)
		assert.False(t, p.told, "of unknown size")
	})
	t.Run("a number that means nothing is not believed", func(t *testing.T) {
		p := pacer{told: true, flying: 1}
		p.release(p.room(), remaining(0), false)
		assert.False(t, p.told)
		p.release(p.room(), remaining(0), false)
		assert.False(t, p.told, "nor when it comes again")
		p.release(p.room(), remaining(5), false)
		assert.True(t, p.told, "until it is another")
	})
	t.Run("what was said is forgotten when the budget's time is over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pacer{told: true, at: time.Now(), flying: 1}
			time.Sleep(budgetPeriod)
			assert.False(t, p.free())
			time.Sleep(time.Nanosecond)
			assert.True(t, p.free())
		})
	})
	t.Run("one may always go, and who gives up leaves the line", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pacer{told: true, at: time.Now()}
			require.NoError(t, p.acquire(t.Context()))
			ctx, cancel := context.WithCancel(t.Context())
			var err error
			go func() { err = p.acquire(ctx) }()
			synctest.Wait()
			cancel()
			synctest.Wait()
			require.ErrorIs(t, err, context.Canceled)
			assert.Empty(t, p.waiting)
			assert.EqualValues(t, 1, p.flying)

			// The turn comes as the call gives up: it is passed on. Which of both the
			// call sees first is chance, so that it is tried often.
			for i := range 100 {
				ctx, cancel := context.WithCancel(t.Context())
				first, second := make(chan error, 1), make(chan error, 1)
				go func() { first <- p.acquire(ctx) }()
				synctest.Wait()
				go func() { second <- p.acquire(t.Context()) }()
				synctest.Wait()
				if i%2 == 0 {
					p.release(p.room(), nil, false)
					cancel()
				} else {
					cancel()
					p.release(p.room(), nil, false)
				}
				if <-first != nil {
					require.NoError(t, <-second)
				} else {
					p.release(p.room(), nil, false)
					require.NoError(t, <-second)
				}
				assert.EqualValues(t, 1, p.flying)
			}
		})
	})
}

// TestGivingUpInLine has no effect on anybody else, also when more are under way
// than may be: the budget has become smaller meanwhile.
func TestGivingUpInLine(t *testing.T) {
	for who := range 2 {
		synctest.Test(t, func(t *testing.T) {
			p := pacer{told: true, at: time.Now(), left: 1, flying: 3}
			ctx, cancel := context.WithCancel(t.Context())
			var gone, left error
			for i := range 2 {
				go func() {
					if i == who {
						gone = p.acquire(ctx)
					} else {
						left = p.acquire(t.Context())
					}
				}()
				synctest.Wait()
			}
			cancel()
			synctest.Wait()
			require.ErrorIs(t, gone, context.Canceled)
			assert.Len(t, p.waiting, 1)
			assert.EqualValues(t, 3, p.flying)
			for range 3 {
				assert.Len(t, p.waiting, 1)
				p.release(p.room(), nil, false)
			}
			synctest.Wait()
			require.NoError(t, left)
			assert.Empty(t, p.waiting)
			assert.EqualValues(t, 1, p.flying)
		})
	}
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo}))
	tr := transportOf(t, func(*http.Request) (*http.Response, error) { return answer(200, nil, ""), nil })
	s := patient
	s.Logger = logger
	_, err := tr.Do(t.Context(), &s, getRequest)
	require.NoError(t, err)
	assert.Empty(t, out.String(), "below the level")

	tr = transportOf(t, func(r *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("refused %s", r.Header.Get("apikey"))
	})
	s.Retry.MaxAttempts = 1
	_, err = tr.Do(t.Context(), &s, getRequest)
	require.Error(t, err)
	assert.Contains(t, out.String(), "cometchat.attempt.failed")
	assert.Contains(t, out.String(), "refused [redacted]")
	assert.Equal(t, "refused [redacted]", err.Error())
}

func TestCancelledInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := transportOf(t, func(*http.Request) (*http.Response, error) { return answer(200, nil, ""), nil })
		tr.paces[1] = pacer{told: true, at: time.Now(), flying: 1}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := tr.Do(ctx, &patient, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Core: true})
		var f *Failure
		require.ErrorAs(t, err, &f)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.False(t, f.OutcomeUnknown)
		assert.Zero(t, f.Attempts)

		_, err = tr.Do(t.Context(), &patient, getRequest)
		assert.NoError(t, err, "the other budget is another")
	})
}

// TestBudgetOfOneUser has a user near the end of their own budget: nobody else
// is held back.
func TestBudgetOfOneUser(t *testing.T) {
	for limit, held := range map[string]bool{"30": false, "500": true} {
		h := http.Header{"X-Ratelimit-Limit": {limit}, "X-Ratelimit-Remaining": {"1"}}
		tr := transportOf(t, func(*http.Request) (*http.Response, error) { return answer(200, h, ""), nil })
		_, err := tr.Do(t.Context(), &patient, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", ActingUser: "chatty"})
		require.NoError(t, err)
		assert.Equal(t, held, tr.paces[0].told, limit)
	}
}

// TestNextBudget is told of by a 429 of the app; one that concerns a user alone
// says nothing of it.
func TestNextBudget(t *testing.T) {
	for user, told := range map[string]bool{"": true, "chatty": false} {
		synctest.Test(t, func(t *testing.T) {
			refused := http.Header{"X-Ratelimit-Limit": {"500"}, "Retry-After": {"1"}}
			tr := transportOf(t, func(*http.Request) (*http.Response, error) { return answer(429, refused, ""), nil })
			s := patient
			s.Retry.MaxElapsed = time.Millisecond
			resp, err := tr.Do(t.Context(), &s, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", ActingUser: user})
			require.NoError(t, err)
			resp.Release()
			assert.Equal(t, told, tr.paces[0].told)
			assert.Equal(t, told, tr.paces[0].left == 500)
		})
	}
}

// TestTimeoutOfTheCallersClient bounds attempts, not waits.
func TestTimeoutOfTheCallersClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, err := url.Parse("https://chat.example.com/v3")
		require.NoError(t, err)
		slow := false
		mine := &http.Client{Timeout: 2 * time.Second, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if slow {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return answer(200, nil, ""), nil
		})}
		tr := New(Config{Base: base, APIKey: func() string { return "key-0001" }, HTTPClient: mine})
		tr.cooldown.set("", time.Now().Add(3*time.Second))
		s := patient
		s.Timeout = time.Minute
		s.Retry.MaxAttempts = 2
		resp, err := tr.Do(t.Context(), &s, getRequest)
		require.NoError(t, err)
		assert.Equal(t, 3*time.Second, resp.Waited)
		resp.Release()

		slow = true
		for own, within := range map[time.Duration]string{time.Minute: "2s", 2 * time.Second: "2s", time.Second: "1s", 0: "2s"} {
			s.Timeout = own
			_, err = tr.Do(t.Context(), &s, getRequest)
			assert.ErrorContains(t, err, "no complete answer within "+within, own)
		}
		assert.Equal(t, 2*time.Second, mine.Timeout)
	})
}

// TestCancelledBefore sends nothing, and so leaves nothing unknown.
func TestCancelledBefore(t *testing.T) {
	tr := transportOf(t, func(*http.Request) (*http.Response, error) {
		t.Error("sent")
		return nil, io.EOF
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, s := range []*Settings{&patient, {Retry: Retry{MaxAttempts: 1}, MaxResponseBytes: 1}} {
		_, err := tr.Do(ctx, s, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Body: []byte("{}")})
		var f *Failure
		require.ErrorAs(t, err, &f)
		assert.ErrorIs(t, err, context.Canceled)
		assert.False(t, f.OutcomeUnknown)
		assert.Zero(t, f.Attempts)
	}
}

// TestRefusedWaitKeepsItsCause gives up before a second attempt.
func TestRefusedWaitKeepsItsCause(t *testing.T) {
	broken := errors.New("broken")
	tr := transportOf(t, func(*http.Request) (*http.Response, error) { return nil, broken })
	s := patient
	s.Retry.MinWait, s.Retry.MaxWait = time.Hour, time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := tr.Do(ctx, &s, &Request{Operation: "DELETE /x", Method: http.MethodDelete, Path: "/x", Repeatable: true})
	var f *Failure
	require.ErrorAs(t, err, &f)
	assert.Positive(t, f.Wait)
	assert.ErrorIs(t, f.Cause, broken)
	assert.True(t, f.OutcomeUnknown)
}

func TestServerThatIsReal(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	defer srv.Close()
	base, err := url.Parse(srv.URL + "/v3/")
	require.NoError(t, err)
	tr := New(Config{Base: base, APIKey: func() string { return "key-0001" }})
	defer tr.client.Transport.(*http.Transport).CloseIdleConnections()
	resp, err := tr.Do(t.Context(), &patient, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Body: []byte(`{"a":1}`)})
	require.NoError(t, err)
	assert.Equal(t, `{"a":1}`, string(resp.Body))
	resp.Release()
}
