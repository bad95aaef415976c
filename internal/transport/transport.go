// Package transport turns one API request into HTTP exchanges: it adds the
// credentials, bounds and reads the answer, decides whether to try again and
// how long to wait first, and keeps secrets out of whatever it reports.
//
// The loop itself is hashicorp/go-retryablehttp's. Its defaults would resend a
// POST, wait for any Retry-After however long, discard the last answer and
// close the idle connections of a shared client, so each of its hooks is set
// here.
package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/go-cometchat/cometchat/internal/redact"
)

// Retry bounds how often, and for how long, one call is tried.
type Retry struct {
	MaxAttempts int           // attempts in all; 1 tries once
	MinWait     time.Duration // the first backoff's upper bound
	MaxWait     time.Duration // the longest single wait, also for one the server names
	MaxElapsed  time.Duration // no wait is begun that would end later than this after the call's start
	Writes      bool          // also resend requests that may have been carried out
}

// Settings are what a client may choose call by call. They are read only.
type Settings struct {
	Retry            Retry
	Timeout          time.Duration // of one attempt, answer included; 0 for none
	MaxResponseBytes int64         // of one answer, decompressed
	UserAgent        string
	Logger           *slog.Logger // nil for none
}

// Config is what a Transport is made of.
type Config struct {
	Base       *url.URL      // everything below it is the API; the only host that is ever sent the key
	APIKey     func() string // a function, so that printing never shows the key
	AppID      string        // sent as a header when set
	HTTPClient *http.Client  // copied; nil for a client of the transport's own
}

// Request is one API request. Path is escaped and below the base URL.
type Request struct {
	Operation  string // the route: "GET /users/{uid}"
	Method     string
	Path       string
	RawQuery   string
	Body       []byte // JSON; nil for none
	ActingUser string
	Core       bool     // counts against the smaller of the API's two budgets
	Repeatable bool     // the API documents that sending it twice is the same as once
	Secrets    []string // values that must not show up in anything reported
}

// Response is the answer to a Request, whatever its status. Body is only valid
// until Release.
type Response struct {
	StatusCode int
	Header     http.Header
	Body       []byte
	Attempts   int
	Waited     time.Duration
	// OutcomeUnknown tells of a write that an earlier attempt, or this one, may
	// have carried out although the answer is not a success.
	OutcomeUnknown bool

	buf *bytes.Buffer
}

// Release gives the body's memory back. Body must not be used afterwards.
func (r *Response) Release() {
	if r.buf != nil {
		putBuffer(r.buf)
		r.buf, r.Body = nil, nil
	}
}

// Failure reports a call that ended without a usable answer.
type Failure struct {
	Err            error // the cause, free of secrets and of the URL
	Attempts       int
	Waited         time.Duration
	OutcomeUnknown bool
	Wait           time.Duration // not 0: the call gave up because it would have had to wait this long
	Response       *Response     // what asked for the refused wait: an answer,
	Cause          error         // or a broken attempt; neither if it was another call's answer
}

func (f *Failure) Error() string { return f.Err.Error() }

func (f *Failure) Unwrap() error { return f.Err }

// Transport sends requests for any number of goroutines.
type Transport struct {
	base     url.URL
	prefix   string
	apiKey   func() string
	appID    string
	client   http.Client
	timeout  time.Duration // of the caller's http.Client, for an attempt
	redactor *redact.Redactor
	cooldown cooldown
	paces    [2]pacer // standard and core requests
	limits   atomic.Pointer[RateLimit]
}

// New returns a Transport. It opens no connection.
func New(cfg Config) *Transport {
	t := &Transport{
		base:     *cfg.Base,
		prefix:   strings.TrimSuffix(cfg.Base.String(), "/"),
		apiKey:   cfg.APIKey,
		appID:    cfg.AppID,
		redactor: redact.New(cfg.APIKey()),
	}
	if cfg.HTTPClient != nil {
		t.client = *cfg.HTTPClient
		// It would count waits in line, too; attempts are bounded below.
		t.timeout, t.client.Timeout = t.client.Timeout, 0
	}
	if t.client.Transport == nil {
		t.client.Transport = http.DefaultTransport
		if cfg.HTTPClient == nil {
			t.client.Transport = ownTransport()
		}
	}
	theirs := t.client.CheckRedirect
	t.client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		// http.Client would repeat the key's header at any host it is sent to,
		// and turn a redirected POST into a GET.
		if !t.isBase(req.URL) || req.Method != via[0].Method || len(via) > maxRedirects {
			return http.ErrUseLastResponse
		}
		if theirs != nil {
			return theirs(req, via)
		}
		return nil
	}
	return t
}

const maxRedirects = 5

// ownTransport keeps as many idle connections to the one host as a busy
// backend has calls in flight; net/http's default of 2 would close the rest
// after each call.
func ownTransport() http.RoundTripper {
	d, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	d = d.Clone()
	d.MaxIdleConnsPerHost = d.MaxIdleConns
	return d
}

// Redactor returns what removes the transport's own key from texts.
func (t *Transport) Redactor() *redact.Redactor { return t.redactor }

// RateLimit returns what the newest answer said of the limits.
func (t *Transport) RateLimit() RateLimit {
	if l := t.limits.Load(); l != nil {
		return *l
	}
	return RateLimit{Limit: -1, Remaining: -1, AppLimit: -1, AppRemaining: -1}
}

func (t *Transport) isBase(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, t.base.Scheme) && strings.EqualFold(u.Host, t.base.Host)
}

// Do carries out one request. It returns a Response for every answer the
// server gave, and a *Failure when there is none to go by.
func (t *Transport) Do(ctx context.Context, s *Settings, req *Request) (*Response, error) {
	c := &call{ctx: ctx, t: t, s: s, req: req, start: time.Now(), redactor: t.redactor.With(req.Secrets...)}
	c.client = t.client
	c.client.Transport = c
	c.retry.HTTPClient = &c.client
	c.retry.RetryMax = math.MaxInt // CheckRetry counts
	c.retry.CheckRetry = c.checkRetry
	c.retry.Backoff = c.backoff
	c.retry.ErrorHandler = retryablehttp.PassthroughErrorHandler

	target := t.prefix + req.Path
	if req.RawQuery != "" {
		target += "?" + req.RawQuery
	}
	var body any
	if req.Body != nil {
		body = req.Body
	}
	hr, err := retryablehttp.NewRequestWithContext(ctx, req.Method, target, body)
	if err != nil {
		return nil, c.fail(err)
	}
	h := hr.Header
	h["Accept"] = []string{"application/json"}
	h["User-Agent"] = []string{s.UserAgent}
	h["Apikey"] = []string{t.apiKey()}
	if t.appID != "" {
		h["Appid"] = []string{t.appID}
	}
	if req.Body != nil {
		h["Content-Type"] = []string{"application/json"}
	}
	if req.ActingUser != "" {
		h["Onbehalfof"] = []string{req.ActingUser}
	}
	resp, err := c.retry.Do(hr)
	if err != nil {
		return nil, c.fail(err)
	}
	return c.response(resp), nil
}

// call is one Do in progress: the RoundTripper of its attempts and the hooks
// of its retry loop.
type call struct {
	ctx      context.Context
	t        *Transport
	s        *Settings
	req      *Request
	redactor *redact.Redactor
	client   http.Client
	retry    retryablehttp.Client

	start    time.Time
	attempts int
	waited   time.Duration
	wait     time.Duration // before the next attempt
	buf      *bytes.Buffer
	last     *http.Response // the newest answer; its body is in buf
	lastErr  error          // what broke the newest attempt

	unsent  bool // the newest attempt provably wrote nothing
	unknown bool // an attempt may have been carried out without saying so
}

func (c *call) response(resp *http.Response) *Response {
	r := &Response{
		StatusCode:     resp.StatusCode,
		Header:         resp.Header,
		Attempts:       c.attempts,
		Waited:         c.waited,
		OutcomeUnknown: c.unknown,
		buf:            c.buf,
	}
	if c.buf != nil {
		r.Body = c.buf.Bytes()
	}
	c.buf = nil
	return r
}

func (c *call) fail(err error) *Failure {
	f := &Failure{Attempts: c.attempts, Waited: c.waited, OutcomeUnknown: c.unknown}
	var wait *waitError
	if errors.As(err, &wait) {
		f.Wait = wait.wait
		switch {
		case c.last != nil:
			f.Response = c.response(c.last)
		case !wait.cooldown:
			f.Cause = c.clean(c.lastErr)
		}
	}
	f.Err = c.clean(err)
	if c.buf != nil {
		putBuffer(c.buf)
		c.buf = nil
	}
	return f
}

// clean takes out the secrets, and the URLs that *url.Error prints: a path may
// hold a token.
func (c *call) clean(err error) error {
	var ue *url.Error
	for errors.As(err, &ue) {
		err = ue.Err
	}
	return c.redactor.Error(err)
}

// RoundTrip makes one attempt and reads its answer to the end, so that a body
// cut short counts as a broken connection and is retried like one.
func (c *call) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	c.last, c.unsent = nil, true
	if !c.t.isBase(req.URL) {
		return nil, errForeignHost
	}
	arrive, err := c.depart()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil { // net/http would not tell that it sent nothing
		arrive(nil, false)
		return nil, err
	}
	var resp *http.Response
	defer func() { c.arrived(resp, arrive) }() // also when a RoundTripper panics
	c.attempts++
	begun := time.Now()
	resp, err = c.exchange(ctx, req)
	if err != nil {
		c.lastErr = err
		c.unknown = c.unknown || c.ambiguous(0)
		c.logAttempt(begun, 0, err)
		return nil, err
	}
	c.unknown = c.unknown || c.ambiguous(resp.StatusCode)
	c.last = resp
	if l, ok := parseRateLimit(resp.Header, time.Now()); ok {
		c.t.limits.Store(&l)
	}
	c.logAttempt(begun, resp.StatusCode, nil)
	return resp, nil
}

// arrived notes what an answer says of the limits before anybody else is let
// out by it.
func (c *call) arrived(resp *http.Response, arrive func(http.Header, bool)) {
	if resp == nil {
		arrive(nil, false)
		return
	}
	shared := false
	if isLimited(resp) {
		now := time.Now()
		c.wait = c.nextWait(resp.Header, true, now)
		key := c.cooldownKey(resp.Header)
		c.t.cooldown.set(key, now.Add(c.wait))
		shared = key == ""
	}
	arrive(resp.Header, shared)
}

func (c *call) exchange(ctx context.Context, req *http.Request) (*http.Response, error) {
	attempt := ctx
	timeout := c.s.Timeout
	if own := c.t.timeout; own > 0 && (timeout == 0 || own < timeout) {
		timeout = own
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		attempt, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	var sent sending
	if c.writes() {
		attempt = sent.watch(attempt)
	}
	resp, err := c.t.client.Transport.RoundTrip(req.WithContext(attempt))
	c.unsent = err != nil && sent.impossible()
	if err == nil {
		err = c.read(resp)
	}
	if err != nil {
		if attempt.Err() != nil && ctx.Err() == nil {
			err = fmt.Errorf("no complete answer within %s: %w", timeout, context.DeadlineExceeded)
		}
		return nil, err
	}
	return resp, nil
}

func (c *call) writes() bool { return c.req.Method != http.MethodGet }

// ambiguous says whether an attempt that ended like this may have been carried
// out all the same. Status 0 stands for no answer.
func (c *call) ambiguous(status int) bool {
	if !c.writes() {
		return false
	}
	return status >= 500 || status == 0 && !c.unsent
}

// sending watches whether an attempt ever got a connection to write to. Without
// proof that it did not, it counts as sent: a RoundTripper that reports nothing
// proves nothing.
type sending struct{ asked, got atomic.Bool }

func (s *sending) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { s.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { s.got.Store(true) },
	})
}

func (s *sending) impossible() bool { return s.asked.Load() && !s.got.Load() }
