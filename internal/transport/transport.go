// Package transport turns one API request into HTTP exchanges. It adds the
// credentials, bounds and reads the response, decides whether to try again and
// how long to wait first, and keeps secrets out of everything that it reports.
//
// The loop itself is that of hashicorp/go-retryablehttp. Its defaults would
// resend a POST, wait for any Retry-After however long, discard the last response
// and close the idle connections of a shared client. So each of its hooks is set
// here.
package transport

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
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
	MinWait     time.Duration // the upper bound of the first backoff
	MaxWait     time.Duration // the longest single wait; the call fails if the server asks for a longer one
	MaxElapsed  time.Duration // no wait begins that would end later than this after the start of the call
	Writes      bool          // also resend requests that may have been carried out
}

// Settings are what a client may choose for each call. They are only read.
type Settings struct {
	Retry            Retry
	Timeout          time.Duration // of one attempt, response included; 0 for none
	MaxResponseBytes int64         // of one response, decompressed
	UserAgent        string
	Logger           *slog.Logger // nil for none
}

// Config describes a Transport.
type Config struct {
	Base        *url.URL // the API is below it; only its host ever gets the credentials
	Credentials Credentials
	HTTPClient  *http.Client     // copied; nil for the pool that all Transports share
	Limits      *Limits          // nil for ChatLimits
	Budgets     map[string]int64 // requests a minute, for each Request.Budget whose limit is known beforehand
}

// Request is one API request. Path is escaped and relative to the base URL.
type Request struct {
	Operation string // the route: "GET /users/{uid}"
	Method    string
	Path      string
	RawQuery  string
	Body      []byte // nil for none
	// ContentType is that of the body; "" stands for JSON.
	ContentType string
	// Header holds the headers of this request, in addition to those of the
	// credentials.
	Header     map[string]string
	ActingUser string
	Budget     string   // the name of the budget that it counts against
	Repeatable bool     // the API documents that sending it twice has the same effect as sending it once
	Secrets    []string // values that must not appear in anything that is reported
	// Waiting is called before a wait begins; it may be nil.
	Waiting func(Wait)
}

// Wait describes a wait that is about to begin.
type Wait struct {
	Reason   WaitReason
	Attempts int           // made before the wait
	Time     time.Duration // how long the wait will be, or may be at most; 0 if unknown
}

// WaitReason says what a call waits for.
type WaitReason int

// The reasons for waiting.
const (
	WaitRetry    WaitReason = iota // for the next attempt
	WaitCooldown                   // for the end of a 429 that another call has met
	WaitBudget                     // for room in the budget
)

// Writes reports whether carrying out the request may change data.
func (r *Request) Writes() bool { return r.Method != http.MethodGet }

// Response is the response to a Request, whatever its status. Body is valid only
// until Release.
type Response struct {
	StatusCode int
	Header     http.Header
	Body       []byte
	Cut        error // why Body is incomplete; only set if the status decides without it
	Attempts   int
	Waited     time.Duration
	// OutcomeUnknown reports whether an attempt may have carried out a write
	// although the response is not a success.
	OutcomeUnknown bool

	buf *bytes.Buffer
}

// Release returns the body's memory to the pool. Body must not be used
// afterwards.
func (r *Response) Release() {
	if r.buf != nil {
		putBuffer(r.buf)
		r.buf, r.Body = nil, nil
	}
}

// Failure reports a call that ended without a usable response.
type Failure struct {
	Err            error // the cause, free of secrets and of the URL
	Attempts       int
	Waited         time.Duration
	OutcomeUnknown bool
	Wait           time.Duration // if not 0, the call gave up because it would have had to wait this long
	Held           bool          // the wait was for room in the budget; the server did not ask for it
	Response       *Response     // the response that asked for the refused wait,
	Cause          error         // or the error of a broken attempt; both nil if another call's response asked
}

func (f *Failure) Error() string { return f.Err.Error() }

func (f *Failure) Unwrap() error { return f.Err }

// Transport sends requests. It is safe for use by multiple goroutines.
type Transport struct {
	base        url.URL
	prefix      string
	credentials Credentials
	client      http.Client
	plain       bool          // client's RoundTripper is an *http.Transport
	timeout     time.Duration // of the caller's http.Client, for each attempt
	redactor    *redact.Redactor
	limits      *Limits
	cooldown    cooldown
	paces       paces
	told        atomic.Pointer[RateLimit]
}

// New returns a Transport. It opens no connection.
func New(cfg Config) *Transport {
	t := &Transport{
		base:        *cfg.Base,
		prefix:      strings.TrimSuffix(cfg.Base.String(), "/"),
		credentials: cfg.Credentials,
		redactor:    redact.New(cfg.Credentials.secrets()...),
		limits:      cfg.Limits,
	}
	if t.limits == nil {
		t.limits = &ChatLimits
	}
	t.paces.limits, t.paces.known = t.limits, cfg.Budgets
	if cfg.HTTPClient != nil {
		t.client = *cfg.HTTPClient
		// The client's own timeout would include waits in line. Attempts are
		// bounded below.
		t.timeout, t.client.Timeout = t.client.Timeout, 0
	}
	if t.client.Transport == nil {
		t.client.Transport = http.DefaultTransport
		if cfg.HTTPClient == nil {
			t.client.Transport = pooled()
		}
	}
	_, t.plain = t.client.Transport.(*http.Transport)
	theirs := t.client.CheckRedirect
	t.client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		// http.Client would send the key's header to every host that it is
		// redirected to, and turn a redirected POST into a GET.
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

// CloseIdleConnections closes the connections that no request uses: those of the
// caller's http.Client, or those of the pool.
func (t *Transport) CloseIdleConnections() { t.client.CloseIdleConnections() }

// Redactor returns the Redactor that removes the transport's own credentials from
// texts.
func (t *Transport) Redactor() *redact.Redactor { return t.redactor }

// RateLimit returns what the newest response said about the limits.
func (t *Transport) RateLimit() RateLimit {
	if l := t.told.Load(); l != nil {
		return *l
	}
	return RateLimit{Limit: -1, Remaining: -1, AppLimit: -1, AppRemaining: -1}
}

func (t *Transport) isBase(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, t.base.Scheme) && strings.EqualFold(u.Host, t.base.Host)
}

// Do carries out one request. It returns a Response for every response of the
// server, whatever its status, and a *Failure if there is no usable response.
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
	// Each attempt has its own headers: http.Client adds cookies to them, and a
	// RoundTripper may add others.
	hr.Header = c.header()
	c.retry.PrepareRetry = func(again *http.Request) error {
		again.Header = c.header()
		return nil
	}
	resp, err := c.retry.Do(hr)
	if err != nil {
		return nil, c.fail(err)
	}
	return c.response(resp), nil
}

func (c *call) header() http.Header {
	h := http.Header{
		"Accept":     {"application/json"},
		"User-Agent": {c.s.UserAgent},
	}
	if c.req.Body != nil {
		h["Content-Type"] = []string{cmp.Or(c.req.ContentType, "application/json")}
	}
	if c.req.ActingUser != "" {
		h["Onbehalfof"] = []string{c.req.ActingUser}
	}
	for name, value := range c.req.Header {
		h.Set(name, value)
	}
	for _, own := range c.t.credentials.headers() {
		h[own.name] = []string{own.value}
	}
	return h
}

// call is one Do in progress: the RoundTripper of its attempts and the hooks of
// its retry loop.
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
	held     time.Duration // the part of waited that is due to the budget
	wait     time.Duration // before the next attempt
	word     time.Duration // the shortest wait that the server asks for, or 0
	buf      *bytes.Buffer
	last     *http.Response // the newest response; its body is in buf
	cut      error          // the error that kept that body from being read to its end
	lastErr  error          // the error that broke the newest attempt

	unsent  bool // the newest attempt provably wrote nothing
	unknown bool // an attempt may have been carried out without a response that says so
}

// waiting reports a wait that is about to begin.
func (c *call) waiting(reason WaitReason, wait time.Duration) {
	if c.req.Waiting != nil {
		c.req.Waiting(Wait{Reason: reason, Attempts: c.attempts, Time: wait})
	}
}

func (c *call) response(resp *http.Response) *Response {
	r := &Response{
		StatusCode:     resp.StatusCode,
		Header:         resp.Header,
		Attempts:       c.attempts,
		Waited:         c.waited,
		OutcomeUnknown: c.unknown,
		Cut:            c.redactor.Error(c.cut),
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
	switch {
	case errors.As(err, &wait):
		f.Wait, f.Held = wait.wait, wait.held
		switch {
		case c.last != nil:
			f.Response = c.response(c.last)
		case !wait.cooldown && !wait.held:
			f.Cause = c.clean(c.lastErr)
		}
	case c.ctx != nil && c.ctx.Err() != nil:
		err = ended(c.ctx, err)
	}
	f.Err = c.clean(err)
	if c.buf != nil {
		putBuffer(c.buf)
		c.buf = nil
	}
	return f
}

// ended returns the error of a call whose context ended while it met err. The
// context's cause, and err itself, may be about another call. So only their texts
// are included.
func ended(ctx context.Context, err error) error {
	why := context.Cause(ctx)
	if why == ctx.Err() {
		why = err
	}
	if why == nil || errors.Is(why, ctx.Err()) && why == err {
		return ctx.Err()
	}
	var ue *url.Error
	for errors.As(why, &ue) {
		why = ue.Err
	}
	return fmt.Errorf("%w (%v)", ctx.Err(), why)
}

// clean removes the secrets, and the URLs that *url.Error prints: a path may hold
// a token.
func (c *call) clean(err error) error {
	var ue *url.Error
	for errors.As(err, &ue) {
		err = ue.Err
	}
	return c.redactor.Error(err)
}

// elapsed returns how long the call has lasted at a moment, without the time that
// it was held back. A full budget is not a reason to give up.
func (c *call) elapsed(at time.Time) time.Duration { return at.Sub(c.start) - c.held }

// RoundTrip makes one attempt and reads its response to the end, so that a body
// that was cut short counts as a broken connection and is retried like one.
func (c *call) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	c.last, c.cut, c.unsent = nil, nil, true
	if !c.t.isBase(req.URL) {
		return nil, errForeignHost
	}
	arrive, err := c.depart()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil { // net/http would not report that it sent nothing
		arrive(nil, false)
		return nil, err
	}
	c.attempts++
	begun := time.Now()
	resp, err := c.attempt(ctx, req, arrive)
	c.logAttempt(begun, resp, err) // after the place is given back: a handler may be slow
	if err != nil {
		c.lastErr = err
		c.unknown = c.unknown || c.ambiguous(0)
		return nil, err
	}
	c.unknown = c.unknown || c.ambiguous(resp.StatusCode)
	c.last = resp
	return resp, nil
}

// attempt makes an exchange and reads what it says about the limits. It may
// return a response together with an error, for its headers.
func (c *call) attempt(ctx context.Context, req *http.Request, arrive func(http.Header, bool)) (resp *http.Response, err error) {
	defer func() { c.arrived(resp, arrive) }() // also when a RoundTripper panics
	resp, err = c.exchange(ctx, req)
	if resp != nil {
		if l, ok := c.t.limits.parse(resp.Header, time.Now()); ok {
			c.t.told.Store(&l)
		}
	}
	return resp, err
}

// arrived records what a response says about the limits before it lets another
// request leave.
func (c *call) arrived(resp *http.Response, arrive func(http.Header, bool)) {
	if resp == nil {
		arrive(nil, false)
		return
	}
	shared := false
	if isLimited(resp) {
		now := time.Now()
		c.wait, c.word = c.nextWait(resp.Header, true, now)
		key := c.cooldownKey(resp.Header)
		c.t.cooldown.set(key, now.Add(c.wait))
		shared = key == ""
	}
	arrive(resp.Header, shared)
}

// exchange sends the request and reads the response. Outside of 2xx the status
// decides, whatever happens to the body.
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
	sent := sending{plain: c.t.plain}
	if c.req.Writes() {
		req = sent.watch(attempt, req)
	} else {
		req = req.WithContext(attempt)
	}
	resp, err := c.t.client.Transport.RoundTrip(req)
	c.unsent = err != nil && sent.impossible()
	switch {
	case err != nil:
		resp = nil
	case resp == nil:
		err = errors.New("the RoundTripper returned no response and no error")
	default:
		if resp.Body == nil {
			resp.Body = http.NoBody
		}
		err = c.read(resp)
		if err != nil && (resp.StatusCode < 200 || resp.StatusCode > 299) {
			c.cut, err = err, nil
		}
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		err = ended(ctx, err)
	case attempt.Err() != nil:
		err = fmt.Errorf("no complete response within %s: %w", timeout, context.DeadlineExceeded)
	}
	return resp, err
}

// ambiguous reports whether an attempt that ended like this may have been carried
// out nevertheless. Status 0 stands for no response.
func (c *call) ambiguous(status int) bool {
	switch {
	case !c.req.Writes():
		return false
	case status == 0:
		return !c.unsent
	}
	// A 303 may redirect to the response of a request that was carried out.
	return status >= 500 || status == http.StatusSeeOther
}
