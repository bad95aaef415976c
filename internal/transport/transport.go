// Package transport turns one API request into HTTP exchanges: it adds the
// credentials, bounds and reads the response, decides whether to try again and
// how long to wait first, and keeps secrets out of whatever it reports.
//
// The loop itself is hashicorp/go-retryablehttp's. Its defaults would resend a
// POST, wait for any Retry-After however long, discard the last response and
// close the idle connections of a shared client, so each of its hooks is set
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
	MinWait     time.Duration // the first backoff's upper bound
	MaxWait     time.Duration // the longest single wait; for a longer one that the server asks for, the call fails
	MaxElapsed  time.Duration // no wait is begun that would end later than this after the call's start
	Writes      bool          // also resend requests that may have been carried out
}

// Settings are what a client may choose call by call. They are read only.
type Settings struct {
	Retry            Retry
	Timeout          time.Duration // of one attempt, response included; 0 for none
	MaxResponseBytes int64         // of one response, decompressed
	UserAgent        string
	Logger           *slog.Logger // nil for none
}

// Config is what a Transport is made of.
type Config struct {
	Base        *url.URL // everything below it is the API; the only host that is ever sent the credentials
	Credentials Credentials
	HTTPClient  *http.Client     // copied; nil for the pool that all Transports share
	Limits      *Limits          // nil for ChatLimits
	Budgets     map[string]int64 // requests a minute, for those of Request.Budget whose limit is known beforehand
}

// Request is one API request. Path is escaped and below the base URL.
type Request struct {
	Operation string // the route: "GET /users/{uid}"
	Method    string
	Path      string
	RawQuery  string
	Body      []byte // nil for none
	// ContentType is the body's; "" stands for JSON.
	ContentType string
	// Header has headers of this request alone, beside those of the credentials.
	Header     map[string]string
	ActingUser string
	Budget     string   // names the budget that it counts against
	Repeatable bool     // the API documents that sending it twice is the same as once
	Secrets    []string // values that must not show up in anything reported
	// Waiting is called before a wait begins; it may be nil.
	Waiting func(Wait)
}

// Wait is a wait about to begin.
type Wait struct {
	Reason   WaitReason
	Attempts int           // before it
	Time     time.Duration // how long it will be, or may be at the most; 0 if unknown
}

// WaitReason says what a call waits for.
type WaitReason int

// The reasons.
const (
	WaitRetry    WaitReason = iota // the next attempt
	WaitCooldown                   // the end of a 429 that another call has met
	WaitBudget                     // room in the budget
)

// Writes says whether carrying the request out may change something.
func (r *Request) Writes() bool { return r.Method != http.MethodGet }

// Response is the response to a Request, whatever its status. Body is only valid
// until Release.
type Response struct {
	StatusCode int
	Header     http.Header
	Body       []byte
	Cut        error // why Body is not the whole body; only with a status that settles the case without it
	Attempts   int
	Waited     time.Duration
	// OutcomeUnknown tells of a write that an earlier attempt, or this one, may
	// have carried out although the response is not a success.
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

// Failure reports a call that ended without a usable response.
type Failure struct {
	Err            error // the cause, free of secrets and of the URL
	Attempts       int
	Waited         time.Duration
	OutcomeUnknown bool
	Wait           time.Duration // not 0: the call gave up because it would have had to wait this long
	Held           bool          // the wait was for the budget to have room; the server did not ask for it
	Response       *Response     // what asked for the refused wait: a response,
	Cause          error         // or a broken attempt; neither if it was another call's response
}

func (f *Failure) Error() string { return f.Err.Error() }

func (f *Failure) Unwrap() error { return f.Err }

// Transport sends requests for any number of goroutines.
type Transport struct {
	base        url.URL
	prefix      string
	credentials Credentials
	client      http.Client
	plain       bool          // client's RoundTripper is an *http.Transport
	timeout     time.Duration // of the caller's http.Client, for an attempt
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
		// It would count waits in line, too; attempts are bounded below.
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

// CloseIdleConnections closes the connections that no request uses: those of
// the caller's http.Client, or those of the pool.
func (t *Transport) CloseIdleConnections() { t.client.CloseIdleConnections() }

// Redactor returns what removes the transport's own credentials from texts.
func (t *Transport) Redactor() *redact.Redactor { return t.redactor }

// RateLimit returns what the newest response said of the limits.
func (t *Transport) RateLimit() RateLimit {
	if l := t.told.Load(); l != nil {
		return *l
	}
	return RateLimit{Limit: -1, Remaining: -1, AppLimit: -1, AppRemaining: -1}
}

func (t *Transport) isBase(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, t.base.Scheme) && strings.EqualFold(u.Host, t.base.Host)
}

// Do carries out one request. It returns a Response for every response the
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
	// Each attempt has headers of its own: http.Client adds cookies to them, and
	// a RoundTripper may add anything.
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
	held     time.Duration // of that, because of the budget
	wait     time.Duration // before the next attempt
	word     time.Duration // the least that the server asks to wait, if it does
	buf      *bytes.Buffer
	last     *http.Response // the newest response; its body is in buf
	cut      error          // what kept that body from being read to its end
	lastErr  error          // what broke the newest attempt

	unsent  bool // the newest attempt provably wrote nothing
	unknown bool // an attempt may have been carried out without saying so
}

// waiting tells of a wait that is about to begin.
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

// ended is the error of a call whose context has ended while it met err. The
// context's cause, and err itself, may be about another call altogether: they
// stand in the text alone.
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

// clean takes out the secrets, and the URLs that *url.Error prints: a path may
// hold a token.
func (c *call) clean(err error) error {
	var ue *url.Error
	for errors.As(err, &ue) {
		err = ue.Err
	}
	return c.redactor.Error(err)
}

// elapsed is how long the call has lasted at a moment, but for what it was held
// back: a budget is no failure to give up over.
func (c *call) elapsed(at time.Time) time.Duration { return at.Sub(c.start) - c.held }

// RoundTrip makes one attempt and reads its response to the end, so that a body
// cut short counts as a broken connection and is retried like one.
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
	if err := ctx.Err(); err != nil { // net/http would not tell that it sent nothing
		arrive(nil, false)
		return nil, err
	}
	c.attempts++
	begun := time.Now()
	resp, err := c.attempt(ctx, req, arrive)
	c.logAttempt(begun, resp, err) // a slow handler keeps no place in the pacer
	if err != nil {
		c.lastErr = err
		c.unknown = c.unknown || c.ambiguous(0)
		return nil, err
	}
	c.unknown = c.unknown || c.ambiguous(resp.StatusCode)
	c.last = resp
	return resp, nil
}

// attempt is an exchange and what it tells of the limits. There may be a
// response beside an error, for its headers.
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

// arrived notes what a response says of the limits before anybody else is let
// out by it.
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
// settles the case, whatever becomes of the body.
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

// ambiguous says whether an attempt that ended like this may have been carried
// out all the same. Status 0 stands for no response.
func (c *call) ambiguous(status int) bool {
	switch {
	case !c.req.Writes():
		return false
	case status == 0:
		return !c.unsent
	}
	// 303 is how a request that was carried out is answered elsewhere.
	return status >= 500 || status == http.StatusSeeOther
}
