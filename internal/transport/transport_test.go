package transport

import (
	"bytes"
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

var testKey = NewCredentials(map[string]string{"apikey": "key-0001"}, "key-0001")

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
	return New(Config{Base: base, Credentials: testKey, HTTPClient: &http.Client{Transport: rt}})
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
		return New(Config{Base: base, Credentials: NewCredentials(map[string]string{"apikey": "key-0001", "appid": "app7"}, "key-0001"), HTTPClient: &http.Client{CheckRedirect: check,
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
	tr := New(Config{Base: base, Credentials: testKey})
	assert.NotSame(t, http.DefaultTransport, tr.client.Transport)
	own := tr.client.Transport.(*http.Transport)
	assert.Equal(t, own.MaxIdleConns, own.MaxIdleConnsPerHost)

	tr = New(Config{Base: base, Credentials: testKey, HTTPClient: &http.Client{}})
	assert.Same(t, http.DefaultTransport, tr.client.Transport)

	defer func(d http.RoundTripper) { http.DefaultTransport = d }(http.DefaultTransport)
	http.DefaultTransport = roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.EOF })
	tr = New(Config{Base: base, Credentials: testKey})
	_, err = tr.client.Transport.RoundTrip(nil)
	assert.ErrorIs(t, err, io.EOF, "a replaced default transport is used as it is")
}

// TestSilentRoundTripper uses a RoundTripper that does not report its
// connections: a failure there counts as sent.
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
	p := tr.paces.of("")
	p.told, p.until = true, time.Now().Add(time.Minute)
	assert.Panics(t, func() { _, _ = tr.Do(t.Context(), &patient, getRequest) })
	angry = false
	_, err := tr.Do(t.Context(), &patient, getRequest)
	assert.NoError(t, err, "the one place in the line is free again")
}

func TestBackoffIsBounded(t *testing.T) {
	for attempt, ceiling := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 7: 32 * time.Second, 8: time.Minute, 40: time.Minute, 1000: time.Minute,
	} {
		c := &call{s: &patient, attempts: attempt}
		least, most := time.Hour, time.Duration(0)
		for range 2000 {
			d, _ := c.nextWait(nil, false, time.Now())
			least, most = min(least, d), max(most, d)
		}
		assert.LessOrEqual(t, most, ceiling)
		assert.Greater(t, most, ceiling*9/10, "the whole width is used")
		assert.Less(t, least, ceiling/10)
	}
}

func TestParseRateLimit(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	_, said := ChatLimits.parse(http.Header{"Content-Type": {"x"}}, now)
	assert.False(t, said)
	l, said := ChatLimits.parse(http.Header{"X-Rate-Limit": {"700"}, "X-Rate-Limit-Remaining": {"many"}}, now)
	assert.True(t, said)
	assert.Equal(t, RateLimit{Limit: 700, Remaining: -1, AppLimit: -1, AppRemaining: -1, At: now}, l)
	l, said = ChatLimits.parse(http.Header{"X-Rate-Limit-Reset": {"1700000060"}}, now)
	assert.True(t, said)
	assert.Equal(t, now.Add(time.Minute), l.Reset)

	tr := transportOf(t, func(*http.Request) (*http.Response, error) { return answer(200, nil, ""), nil })
	assert.Equal(t, RateLimit{Limit: -1, Remaining: -1, AppLimit: -1, AppRemaining: -1}, tr.RateLimit())
}

func TestCooldownForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d cooldown
		d.set("a", time.Now().Add(time.Second))
		d.set("a", time.Now()) // a shorter one does not replace it
		assert.Equal(t, time.Second, d.left("a", time.Now()))
		assert.LessOrEqual(t, d.left("b", time.Now()), time.Duration(0))
		time.Sleep(2 * time.Second)
		d.set("b", time.Now().Add(time.Second))
		assert.Len(t, d.until, 1)
	})
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
		p := tr.paces.of("core")
		p.told, p.until, p.flying = true, time.Now().Add(time.Minute), 1
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := tr.Do(ctx, &patient, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Budget: "core"})
		var f *Failure
		require.ErrorAs(t, err, &f)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.False(t, f.OutcomeUnknown)
		assert.Zero(t, f.Attempts)

		_, err = tr.Do(t.Context(), &patient, getRequest)
		assert.NoError(t, err, "the other budget is another")
	})
}

// TestBudgetOfOneUser checks that a user near the end of their own budget does
// not hold back others.
func TestBudgetOfOneUser(t *testing.T) {
	for limit, held := range map[string]bool{"30": false, "500": true} {
		h := http.Header{"X-Ratelimit-Limit": {limit}, "X-Ratelimit-Remaining": {"1"}}
		tr := transportOf(t, func(*http.Request) (*http.Response, error) { return answer(200, h, ""), nil })
		_, err := tr.Do(t.Context(), &patient, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", ActingUser: "chatty"})
		require.NoError(t, err)
		assert.Equal(t, held, tr.paces.of("").told, limit)
	}
}

// TestNextBudget checks that a 429 of the app tells of the next budget, and that
// one about a single user does not.
func TestNextBudget(t *testing.T) {
	for user, told := range map[string]bool{"": true, "chatty": false} {
		synctest.Test(t, func(t *testing.T) {
			refused := http.Header{"X-Ratelimit-Limit": {"500"}, "Retry-After": {"1"}}
			tr := transportOf(t, func(*http.Request) (*http.Response, error) { return answer(429, refused, ""), nil })
			s := patient
			s.Retry.MaxElapsed = time.Millisecond
			_, err := tr.Do(t.Context(), &s, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", ActingUser: user})
			var f *Failure
			require.ErrorAs(t, err, &f)
			assert.Equal(t, 429, f.Response.StatusCode)
			assert.Equal(t, told, tr.paces.of("").told)
			assert.Equal(t, told, tr.paces.of("").left == 500)
		})
	}
}

// TestTimeoutOfTheCallersClient checks that the timeout bounds attempts, not
// waits.
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
		tr := New(Config{Base: base, Credentials: testKey, HTTPClient: mine})
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
			assert.ErrorContains(t, err, "no complete response within "+within, own)
		}
		assert.Equal(t, 2*time.Second, mine.Timeout)
	})
}

// TestCancelledBefore sends nothing, so the outcome is known.
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
	tr := New(Config{Base: base, Credentials: testKey})
	defer tr.client.Transport.(*http.Transport).CloseIdleConnections()
	resp, err := tr.Do(t.Context(), &patient, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Body: []byte(`{"a":1}`)})
	require.NoError(t, err)
	assert.Equal(t, `{"a":1}`, string(resp.Body))
	resp.Release()
}
