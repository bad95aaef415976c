package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var postRequest = &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Body: []byte("{}")}

// otherCalls is an error that another call got. It must not be found in the error
// of this call.
type otherCalls struct{ status int }

func (otherCalls) Error() string { return "somebody else met a 404" }

// TestCauses ends a call's context at every point where it may wait.
func TestCauses(t *testing.T) {
	hang := roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context()) // as net/http does since Go 1.23
	})
	for name, tr := range map[string]func(*testing.T) *Transport{
		"in flight": func(t *testing.T) *Transport { return transportOf(t, hang) },
		"in the body": func(t *testing.T) *Transport {
			return transportOf(t, func(r *http.Request) (*http.Response, error) {
				resp := answer(200, nil, "")
				resp.Body = io.NopCloser(readFunc(func([]byte) (int, error) {
					<-r.Context().Done()
					return 0, context.Cause(r.Context())
				}))
				return resp, nil
			})
		},
		"between attempts": func(t *testing.T) *Transport { return transportOf(t, scripted(after("30"), 503)) },
		"in the cooldown": func(t *testing.T) *Transport {
			tr := transportOf(t, scripted(nil, 200))
			tr.cooldown.set("", time.Now().Add(30*time.Second))
			return tr
		},
		"in the pacer": func(t *testing.T) *Transport {
			tr := transportOf(t, scripted(nil, 200))
			p := tr.paces.of("")
			p.told, p.until, p.flying = true, time.Now().Add(time.Minute), 1
			return tr
		},
		"at once": func(t *testing.T) *Transport { return transportOf(t, hang) },
	} {
		for _, req := range []*Request{getRequest, postRequest} {
			t.Run(name+" "+req.Method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := patient
					s.Retry.Writes = true
					ctx, cancel := context.WithCancelCause(t.Context())
					if name == "at once" {
						cancel(otherCalls{404})
					} else {
						time.AfterFunc(time.Second, func() { cancel(otherCalls{404}) })
					}
					_, err := tr(t).Do(ctx, &s, req)
					require.ErrorIs(t, err, context.Canceled)
					assert.NotErrorIs(t, err, context.DeadlineExceeded)
					assert.NotErrorIs(t, err, otherCalls{404})
					var other otherCalls
					assert.False(t, errors.As(err, &other))
					assert.Contains(t, err.Error(), "context canceled (somebody else met a 404)")
				})
			})
		}
		if name == "at once" || name == "between attempts" || name == "in the cooldown" {
			continue // a wait that the deadline would cut never begins
		}
		t.Run(name+" with a time-out", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, otherCalls{404})
				defer cancel()
				_, err := tr(t).Do(ctx, &patient, getRequest)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.NotErrorIs(t, err, context.Canceled)
				var other otherCalls
				assert.False(t, errors.As(err, &other))
			})
		})
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

// TestCancelledInThePacer checks that the error says why the call was not sent.
func TestCancelledInThePacer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := transportOf(t, scripted(nil, 200))
		p := tr.paces.of("")
		p.told, p.until, p.flying = true, time.Now().Add(time.Minute), 1
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		_, err := tr.Do(ctx, &patient, postRequest)
		var f *Failure
		require.ErrorAs(t, err, &f)
		assert.EqualError(t, err, "context canceled (held back for 3s, since the server had announced to refuse more requests)")
		assert.Equal(t, Failure{Err: f.Err, Waited: 3 * time.Second}, *f)
	})
}

// TestLogOfFailures checks that a cancellation by the caller is logged at a level
// that raises no alarm, and that slow handlers keep no place in the pacer.
func TestLogOfFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(context.CancelFunc)
		want string
	}{
		"the caller":  {func(cancel context.CancelFunc) { cancel() }, "DEBUG cometchat.attempt.failed context canceled"},
		"the network": {func(context.CancelFunc) {}, "WARN cometchat.attempt.failed broken"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			tr := transportOf(t, func(r *http.Request) (*http.Response, error) {
				tt.end(cancel)
				return nil, cmpErr(r.Context().Err(), errors.New("broken"))
			})
			var lines []string
			s := patient
			s.Retry.MaxAttempts = 2
			s.Retry.MinWait, s.Retry.MaxWait = 1, 1
			s.Logger = slog.New(handler(func(r slog.Record) {
				if r.Message != "cometchat.attempt.failed" || len(lines) > 0 {
					return
				}
				r.Attrs(func(a slog.Attr) bool {
					if a.Key == "error" {
						lines = append(lines, r.Level.String()+" "+r.Message+" "+a.Value.String())
					}
					return true
				})
				p := tr.paces.of("")
				p.mu.Lock()
				defer p.mu.Unlock()
				assert.Zero(t, p.flying, "the place is given back before")
			}))
			_, err := tr.Do(ctx, &s, getRequest)
			require.Error(t, err)
			assert.Equal(t, []string{tt.want}, lines)
		})
	}
}

func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

type handler func(slog.Record)

func (handler) Enabled(context.Context, slog.Level) bool        { return true }
func (h handler) Handle(_ context.Context, r slog.Record) error { h(r); return nil }
func (h handler) WithAttrs([]slog.Attr) slog.Handler            { return h }
func (h handler) WithGroup(string) slog.Handler                 { return h }

// TestNothingReturned checks that a missing response is treated as http.Client
// treats it.
func TestNothingReturned(t *testing.T) {
	resp, err := transportOf(t, func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 404}, nil }).
		Do(t.Context(), &patient, getRequest)
	require.NoError(t, err)
	assert.Equal(t, 404, resp.StatusCode)
	assert.Empty(t, resp.Body)
	assert.NoError(t, resp.Cut)

	s := patient
	s.Retry.MaxAttempts = 1
	_, err = transportOf(t, func(*http.Request) (*http.Response, error) { return nil, nil }).Do(t.Context(), &s, getRequest)
	assert.EqualError(t, err, "the RoundTripper returned no response and no error")
}

func zipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

// broken returns a response whose body ends too early.
func broken(status int, header http.Header, body string) *http.Response {
	resp := answer(status, header, "")
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), readFunc(func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF })))
	return resp
}

func TestBodies(t *testing.T) {
	gz := http.Header{"Content-Encoding": {"GZIP"}}
	for name, tt := range map[string]struct {
		answer func(status int) *http.Response
		want   string // read in every case
		cut    string // the error about the body
	}{
		"plain":              {func(s int) *http.Response { return answer(s, nil, "hello") }, "hello", ""},
		"none":               {func(s int) *http.Response { return answer(s, http.Header{"Content-Encoding": {"none"}}, "hello") }, "hello", ""},
		"gzip":               {func(s int) *http.Response { return answer(s, gz, zipped("hello")) }, "hello", ""},
		"gzip of nothing":    {func(s int) *http.Response { return answer(s, gz, "") }, "", ""},
		"no gzip":            {func(s int) *http.Response { return answer(s, gz, "hello") }, "hello", "read the response: gzip: invalid header"},
		"gzip, header cut":   {func(s int) *http.Response { return answer(s, gz, zipped("hello")[:5]) }, "", "read the response: unexpected EOF"},
		"gzip cut short":     {func(s int) *http.Response { return broken(s, gz, zipped(strings.Repeat("x", 50))[:25]) }, strings.Repeat("x", 50), "read the response: unexpected EOF"},
		"cut short":          {func(s int) *http.Response { return broken(s, nil, "hel") }, "hel", "read the response: unexpected EOF"},
		"at the limit":       {func(s int) *http.Response { return answer(s, nil, strings.Repeat("x", 100)) }, strings.Repeat("x", 100), ""},
		"over the limit":     {func(s int) *http.Response { return answer(s, nil, strings.Repeat("x", 101)) }, strings.Repeat("x", 100), "the response is too large: over 100 bytes"},
		"over it, when open": {func(s int) *http.Response { return answer(s, gz, zipped(strings.Repeat("x", 1<<16))) }, strings.Repeat("x", 100), "the response is too large: over 100 bytes"},
		"cut at the limit":   {func(s int) *http.Response { return broken(s, nil, strings.Repeat("x", 101)) }, strings.Repeat("x", 100), "the response is too large: over 100 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Settings{Retry: Retry{MaxAttempts: 1}, MaxResponseBytes: 100}
			var status int
			tr := transportOf(t, func(*http.Request) (*http.Response, error) { return tt.answer(status), nil })
			for _, status = range []int{200, 201, 204, 299} {
				resp, err := tr.Do(t.Context(), s, postRequest)
				if tt.cut != "" {
					var f *Failure
					require.ErrorAs(t, err, &f)
					assert.EqualError(t, err, tt.cut)
					assert.True(t, f.OutcomeUnknown)
					continue
				}
				require.NoError(t, err)
				assert.Equal(t, tt.want, string(resp.Body))
				resp.Release()
			}
			for _, status = range []int{300, 304, 400, 401, 404, 409, 429, 500, 503} {
				resp, err := tr.Do(t.Context(), s, postRequest)
				require.NoError(t, err, "the status settles the case")
				assert.Equal(t, status, resp.StatusCode)
				assert.Equal(t, tt.want, string(resp.Body))
				assert.Equal(t, status >= 500, resp.OutcomeUnknown)
				if tt.cut == "" {
					assert.NoError(t, resp.Cut)
				} else {
					assert.EqualError(t, resp.Cut, tt.cut)
				}
				resp.Release()
			}
		})
	}
}

// TestStatusDecides checks that the status, not a broken body, decides whether
// and when to try again.
func TestStatusDecides(t *testing.T) {
	for _, tt := range []struct {
		status   int
		req      *Request
		attempts int
	}{
		{401, getRequest, 1}, {404, getRequest, 1}, {503, getRequest, 2}, {429, getRequest, 2}, {429, postRequest, 2}, {503, postRequest, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			tr := transportOf(t, func(*http.Request) (*http.Response, error) {
				if n++; n == 1 {
					return broken(tt.status, after("7"), "cut sho"), nil
				}
				return answer(200, nil, "{}"), nil
			})
			resp, err := tr.Do(t.Context(), &patient, tt.req)
			require.NoError(t, err)
			assert.Equal(t, tt.attempts, resp.Attempts, "%d %s", tt.status, tt.req.Method)
			assert.Equal(t, time.Duration(tt.attempts-1)*7*time.Second, resp.Waited)
			resp.Release()
		})
	}
	synctest.Test(t, func(t *testing.T) {
		tr := transportOf(t, func(*http.Request) (*http.Response, error) { return broken(429, after("7"), "cut sho"), nil })
		s := patient
		s.Retry.MaxAttempts = 1
		_, err := tr.Do(t.Context(), &s, postRequest)
		require.NoError(t, err)
		assert.Equal(t, 7*time.Second, tr.cooldown.left("", time.Now()), "others wait all the same")
	})
}

// TestRoomForBodies checks that a body gets the room that it claims to need at
// once, but never much of it in advance.
func TestRoomForBodies(t *testing.T) {
	for name, tt := range map[string]struct{ length, limit, room int64 }{
		"of known length":     {70_000, 70_000, 74_000},
		"of unknown length":   {-1, 1 << 20, 1 << 18},
		"with a huge claim":   {1 << 60, 1 << 61, 1 << 18},
		"without a limit":     {-1, math.MaxInt64, 1 << 18},
		"a claim in the way":  {64 << 20, 64 << 20, 1 << 18},
		"a claim at the most": {math.MaxInt64, math.MaxInt64, 1 << 18},
	} {
		resp := answer(200, nil, strings.Repeat("x", 70_000))
		resp.ContentLength = tt.length
		c := &call{s: &Settings{MaxResponseBytes: tt.limit}, buf: new(bytes.Buffer)}
		require.NoError(t, c.read(resp), name)
		assert.Equal(t, 70_000, c.buf.Len(), name)
		assert.LessOrEqual(t, int64(c.buf.Cap()), tt.room, name)
	}
	huge := bytes.NewBuffer(make([]byte, maxPooled+1))
	putBuffer(huge) // dropped, since it would otherwise stay forever
	assert.NotSame(t, huge, getBuffer())
}

func TestRetryAfter(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	gmt := func(t time.Time) string { return t.UTC().Format(http.TimeFormat) }
	in := func(layout string, d time.Duration) string { return now.Add(d).UTC().Format(layout) }
	for _, tt := range []struct {
		header     http.Header
		wait, word time.Duration
	}{
		{nil, 0, 0},
		{after("15"), 15 * time.Second, 15 * time.Second},
		{after(" 15 "), 15 * time.Second, 15 * time.Second},
		{after("1.5"), 2 * time.Second, 2 * time.Second},
		{after("1.0"), time.Second, time.Second},
		{after("0.001"), time.Second, time.Second},
		{after("0"), 0, 0},
		{after("0.0"), 0, 0},
		{after("-1"), 0, 0},
		{after("-0.5"), 0, 0},
		{after(".5"), 0, 0},
		{after("+5"), 0, 0},
		{after("1e3"), 0, 0},
		{after("NaN"), 0, 0},
		{after("soon"), 0, 0},
		{after(""), 0, 0},
		{after("99999999999999999999"), longestWait, longestWait},
		{http.Header{"Retry-After": {"3", "9"}}, 3 * time.Second, 3 * time.Second},
		{after(in(http.TimeFormat, time.Minute)), time.Minute, 59 * time.Second},
		{after(in("Mon, 02 Jan 2006 15:04:05 UTC", time.Minute)), time.Minute, 59 * time.Second},
		{after(in(time.RFC1123Z, time.Minute)), time.Minute, 59 * time.Second},
		{after(now.Add(time.Minute).In(time.FixedZone("", 5400)).Format(time.RFC1123Z)), time.Minute, 59 * time.Second},
		{after(now.Add(time.Minute).UTC().Format("Monday, 02-Jan-06 15:04:05 GMT")), time.Minute, 59 * time.Second},
		{after(in(time.ANSIC, time.Minute)), time.Minute, 59 * time.Second},
		{after(in(http.TimeFormat, time.Second)), time.Second, 1},
		{after(gmt(now.Add(-time.Minute))), 0, 0},
		{after(gmt(now)), 0, 0},
		{http.Header{"Retry-After": {gmt(now.Add(time.Hour))}, "Date": {gmt(now.Add(59 * time.Minute))}}, time.Minute, 59 * time.Second},
	} {
		wait, word := retryAfter(tt.header, now)
		assert.Equal(t, tt.wait, wait, "%v", tt.header)
		assert.Equal(t, tt.word, word, "%v", tt.header)
	}
	assert.Equal(t, 15*time.Second, RetryAfter(after("15")))
	assert.Zero(t, RetryAfter(after("Wed, 21 Oct 2015 07:28:00 GMT")))
}

// TestStatuses checks what happens after each status.
func TestStatuses(t *testing.T) {
	again := map[int]bool{408: true, 421: true, 425: true, 429: true, 502: true, 503: true, 504: true, 520: true, 521: true, 522: true, 523: true, 524: true}
	for status := 300; status < 600; status++ {
		synctest.Test(t, func(t *testing.T) {
			do := func(req *Request, writes bool) *Response {
				s := patient
				s.Retry.Writes = writes
				resp, err := transportOf(t, scripted(nil, status)).Do(t.Context(), &s, req)
				require.NoError(t, err)
				resp.Release()
				return resp
			}
			attempts := 1
			if again[status] {
				attempts = 4
			}
			unknown := status >= 500 || status == http.StatusSeeOther
			read, write, willed := do(getRequest, false), do(postRequest, false), do(postRequest, true)
			assert.Equal(t, attempts, read.Attempts, "GET %d", status)
			assert.False(t, read.OutcomeUnknown, "GET %d", status)
			if status != http.StatusTooManyRequests {
				assert.Equal(t, 1, write.Attempts, "POST %d", status)
			}
			assert.Equal(t, unknown, write.OutcomeUnknown, "POST %d", status)
			assert.Equal(t, attempts, willed.Attempts, "POST %d that may be repeated", status)
			assert.Equal(t, unknown, willed.OutcomeUnknown, "POST %d that may be repeated", status)
		})
	}
}

// TestProxies uses proxies that refuse to connect: with the caller's
// http.Transport, which reports this only in the text of its error, and with the
// pool.
func TestProxies(t *testing.T) {
	var asked atomic.Int32
	status := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.WriteHeader(status)
	}))
	defer proxy.Close()
	proxyURL, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	base, err := url.Parse("https://chat.example.com/v3")
	require.NoError(t, err)

	theirs := &http.Transport{Proxy: http.ProxyURL(proxyURL)}
	defer func(d http.RoundTripper) { http.DefaultTransport = d }(http.DefaultTransport)
	d := http.DefaultTransport.(*http.Transport).Clone()
	d.Proxy = http.ProxyURL(proxyURL)
	http.DefaultTransport = d
	for _, tt := range []struct {
		name   string
		client *http.Client
		status int
		asked  int32
		text   string
	}{
		{"theirs", &http.Client{Transport: theirs}, 407, 1, "Proxy Authentication Required"},
		{"the pool", nil, 407, 1, "the proxy answered 407 Proxy Authentication Required"},
		{"the pool", nil, 403, 1, "the proxy answered 403 Forbidden"},
		{"the pool", nil, 502, 4, "the proxy answered 502 Bad Gateway"},
		{"the pool", nil, 429, 4, "the proxy answered 429 Too Many Requests"},
	} {
		asked.Store(0)
		status = tt.status
		s := patient
		s.Retry.MinWait, s.Retry.MaxWait = 1, 1
		_, err = New(Config{Base: base, Credentials: testKey, HTTPClient: tt.client}).Do(t.Context(), &s, postRequest)
		var f *Failure
		require.ErrorAs(t, err, &f)
		assert.EqualError(t, err, tt.text)
		assert.False(t, f.OutcomeUnknown)
		assert.Equal(t, tt.asked, asked.Load(), "%s %d", tt.name, tt.status)
	}
}

// TestHeadersOfEachAttempt checks that each attempt has its own headers, so that
// headers added by cookies and RoundTrippers do not pile up.
func TestHeadersOfEachAttempt(t *testing.T) {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	base, err := url.Parse("https://chat.example.com/v3")
	require.NoError(t, err)
	var cookies, traces []string
	tr := New(Config{Base: base, Credentials: testKey, HTTPClient: &http.Client{Jar: jar, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		cookies = append(cookies, r.Header.Get("Cookie"))
		r.Header.Add("Traceparent", fmt.Sprint(len(cookies)))
		traces = append(traces, strings.Join(r.Header["Traceparent"], ","))
		return answer(503, http.Header{"Set-Cookie": {fmt.Sprintf("lb=%d", len(cookies))}}, ""), nil
	})}})
	synctest.Test(t, func(t *testing.T) {
		resp, err := tr.Do(t.Context(), &patient, getRequest)
		require.NoError(t, err)
		resp.Release()
	})
	assert.Equal(t, []string{"", "lb=1", "lb=2", "lb=3"}, cookies)
	assert.Equal(t, []string{"1", "2", "3", "4"}, traces)
}

// TestSecondWay uses a RoundTripper that first writes by unreported means, and
// only then asks for a connection, which it does not get.
func TestSecondWay(t *testing.T) {
	refused := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") }}
	for name, tt := range map[string]struct {
		first    func(r *http.Request)
		body     []byte
		attempts int
	}{
		"a wrapper":                      {func(*http.Request) {}, []byte("{}"), 4},
		"one that wrote":                 {func(r *http.Request) { _, _ = io.ReadAll(r.Body) }, []byte("{}"), 1},
		"one that wrote a copy":          {func(r *http.Request) { b, _ := r.GetBody(); _, _ = io.ReadAll(b) }, []byte("{}"), 1},
		"one that may, without a body":   {func(*http.Request) {}, nil, 1},
		"one that had a connection once": {func(r *http.Request) { httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{}) }, []byte("{}"), 1},
	} {
		tr := transportOf(t, func(r *http.Request) (*http.Response, error) {
			tt.first(r)
			return refused.RoundTrip(r)
		})
		s := patient
		s.Retry.MinWait, s.Retry.MaxWait = 1, 1
		_, err := tr.Do(t.Context(), &s, &Request{Operation: "POST /x", Method: http.MethodPost, Path: "/x", Body: tt.body})
		var f *Failure
		require.ErrorAs(t, err, &f)
		assert.Equal(t, tt.attempts, f.Attempts, name)
		assert.Equal(t, tt.attempts == 1, f.OutcomeUnknown, name)
	}
	base, err := url.Parse("https://chat.example.com/v3")
	require.NoError(t, err)
	s := patient
	s.Retry.MinWait, s.Retry.MaxWait = 1, 1
	_, err = New(Config{Base: base, Credentials: testKey, HTTPClient: &http.Client{Transport: refused}}).
		Do(t.Context(), &s, &Request{Operation: "DELETE /x", Method: http.MethodDelete, Path: "/x"})
	var f *Failure
	require.ErrorAs(t, err, &f)
	assert.Equal(t, 4, f.Attempts, "http.Transport reports all its connections")
	assert.False(t, f.OutcomeUnknown)
}

// TestPool makes and drops Transports, as a backend does that makes a client for
// each job or tenant.
func TestPool(t *testing.T) {
	var open, most atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "{}") }))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			most.Store(max(most.Load(), open.Add(1)))
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
	}
	srv.Start()
	defer srv.Close()
	defer func(d http.RoundTripper) { http.DefaultTransport = d }(http.DefaultTransport)
	d := http.DefaultTransport.(*http.Transport).Clone()
	d.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, srv.Listener.Addr().String())
	}
	http.DefaultTransport = d

	for _, apps := range []int{1, 1000} {
		most.Store(0)
		goroutines := 0
		for i := range 10_000 {
			base := &url.URL{Scheme: "http", Host: fmt.Sprintf("app%d.example.com", i%apps), Path: "/v3"}
			resp, err := New(Config{Base: base, Credentials: testKey}).Do(t.Context(), &patient, getRequest)
			require.NoError(t, err)
			resp.Release()
			if i%100 == 0 {
				goroutines = max(goroutines, runtime.NumGoroutine())
			}
		}
		t.Logf("%d apps: %d connections, %d goroutines", apps, most.Load(), goroutines)
		assert.Less(t, most.Load(), int64(150), "%d apps", apps)
		assert.Less(t, goroutines, 150, "%d apps", apps)
	}
	tr := New(Config{Base: &url.URL{Scheme: "http", Host: "app1.example.com"}, Credentials: testKey})
	assert.Positive(t, open.Load())
	tr.CloseIdleConnections()
	assert.Eventually(t, func() bool { return open.Load() == 0 }, 5*time.Second, time.Millisecond)
}

// TestAnotherAPI uses an API with other headers, hosts and budgets.
func TestAnotherAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var seen []*http.Request
		tr := New(Config{
			Base:        &url.URL{Scheme: "https", Host: "management.example.com"},
			Credentials: NewCredentials(map[string]string{"key": "management-key", "secret": "management-secret"}, "management-key", "management-secret"),
			Limits:      &Limits{Remaining: []string{"Budget-Left"}, Reset: []string{"Budget-Reset"}},
			Budgets:     map[string]int64{"import": 60},
			HTTPClient: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(seen, r)
				return answer(200, http.Header{"Budget-Left": {"12"}, "X-Ratelimit-Remaining": {"0"}}, r.Header.Get("Secret")), nil
			})},
		})
		resp, err := tr.Do(t.Context(), &patient, &Request{
			Operation: "POST /import", Method: http.MethodPost, Path: "/import", Body: []byte("--x"), Budget: "import",
			ContentType: "multipart/form-data; boundary=x",
			Header:      map[string]string{"x-webhook-version": "v2", "secret": "not this one"},
		})
		require.NoError(t, err)
		assert.Equal(t, "management-secret", string(resp.Body))
		resp.Release()
		require.Len(t, seen, 1)
		assert.Equal(t, "https://management.example.com/import", seen[0].URL.String())
		assert.Equal(t, http.Header{
			"Accept": {"application/json"}, "User-Agent": {"test"}, "Content-Type": {"multipart/form-data; boundary=x"},
			"X-Webhook-Version": {"v2"}, "Key": {"management-key"}, "Secret": {"management-secret"},
		}, seen[0].Header)
		assert.Equal(t, RateLimit{Limit: -1, Remaining: 12, AppLimit: -1, AppRemaining: -1, At: time.Now()}, tr.RateLimit())
		assert.Equal(t, "[redacted] and [redacted]", tr.Redactor().String("management-key and management-secret"))
		assert.NotContains(t, fmt.Sprintf("%+v %#v", tr.credentials, tr.credentials), "management-")

		start := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				resp, err := tr.Do(t.Context(), &patient, &Request{Operation: "POST /import", Method: http.MethodPost, Path: "/import", Budget: "import"})
				if assert.NoError(t, err) {
					resp.Release()
				}
			})
		}
		_, err = tr.Do(t.Context(), &patient, getRequest)
		require.NoError(t, err)
		assert.Zero(t, time.Since(start), "another budget")
		wg.Wait()
		assert.Equal(t, time.Minute, time.Since(start))

		assert.Empty(t, Credentials{}.headers())
		assert.Empty(t, Credentials{}.secrets())
	})
}

// TestOthersWait checks that an error names the wait that another call was told
// to keep, if that wait is too long.
func TestOthersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := transportOf(t, scripted(after("60"), 429))
		s := patient
		s.Retry.MaxWait = 200 * time.Millisecond
		for range 2 {
			_, err := tr.Do(t.Context(), &s, getRequest)
			var f *Failure
			require.ErrorAs(t, err, &f)
			assert.Equal(t, time.Minute, f.Wait)
			assert.EqualError(t, err, "a wait of 1m0s before the next attempt would outlive the retry policy's MaxWait")
		}
	})
}
