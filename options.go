package cometchat

import (
	"cmp"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat/internal/transport"
)

// Option sets one property of a client. NewClient takes options, and so does
// Client.With, for one call or a few.
type Option func(*settings) error

// settings are a client's properties. Changing those in connection takes a new
// transport.
type settings struct {
	connection
	transport.Settings
	metadataLimit int
	actingUser    string
	tracers       []Tracer
	onResponse    func(*Response)
	rawItems      bool
	// webhookVersion is the version that calls about webhooks ask for in a
	// header.
	webhookVersion string
}

type connection struct {
	management   bool // of a ManagementClient
	region       Region
	appID        string
	baseURL      string
	callsBaseURL string
	insecure     bool
	httpClient   *http.Client
	importRate   int // requests a minute; 0 for any number
}

// ofClient refuses an option of a Client in a ManagementClient.
func (s *settings) ofClient(field string) error {
	if s.management {
		return &ValidationError{Field: field, Reason: "is no option of a ManagementClient"}
	}
	return nil
}

// Defaults of a client's options.
const (
	// DefaultTimeout limits one attempt of a call.
	DefaultTimeout = 30 * time.Second
	// DefaultMaxResponseBytes limits one response, after decompression: 64 MiB.
	DefaultMaxResponseBytes = 64 << 20
	// DefaultImportLimit is how many requests a minute DataImport makes.
	DefaultImportLimit = 60
)

// importBudget names the budget that the requests of DataImport count against.
const importBudget = "import"

// budgets are the limits that are known before the API reports them, in
// requests a minute.
func (c connection) budgets() map[string]int64 {
	return map[string]int64{importBudget: int64(c.importRate)}
}

func defaultSettings() settings {
	s := settings{metadataLimit: DefaultMetadataLimit}
	s.Timeout = DefaultTimeout
	s.MaxResponseBytes = DefaultMaxResponseBytes
	s.importRate = DefaultImportLimit
	s.UserAgent = "go-cometchat/" + Version
	s.Retry = RetryPolicy{}.orDefaults()
	return s
}

// WithAppID names the app. The client then talks to
// https://<appid>.api-<region>.cometchat.io/v3 and sends an appid header.
// Without it, the host is https://api-<region>.cometchat.io/v3.
func WithAppID(appID string) Option {
	return func(s *settings) error {
		if err := cmp.Or(s.ofClient("appId"), dnsLabel("appId", appID)); err != nil {
			return err
		}
		s.appID = appID
		return nil
	}
}

// WithBaseURL replaces the whole base URL, version included:
// "https://host/v3". Plain http is refused unless the host is a loopback
// address or WithInsecureHTTP is given.
func WithBaseURL(base string) Option {
	return func(s *settings) error {
		if base == "" {
			return &ValidationError{Field: "baseURL", Reason: "required"}
		}
		s.baseURL = base
		return nil
	}
}

// WithCallsBaseURL replaces the base URL of Calls alone. The default is that of
// WithBaseURL, or else https://<appid>.call-<region>.cometchat.io/v3. The rules
// of WithBaseURL apply to this URL, too.
func WithCallsBaseURL(base string) Option {
	return func(s *settings) error {
		if base == "" {
			return &ValidationError{Field: "callsBaseURL", Reason: "required"}
		}
		s.callsBaseURL = base
		return s.ofClient("callsBaseURL")
	}
}

// WithInsecureHTTP allows a base URL with plain http, which sends the API key
// in the clear.
func WithInsecureHTTP() Option {
	return func(s *settings) error {
		s.insecure = true
		return nil
	}
}

// WithHTTPClient sends requests through a copy of c: its transport, its cookie
// jar and its time-out are used; c itself is not changed, and only
// CloseIdleConnections closes its idle connections. Redirects to another host
// are refused, whatever c.CheckRedirect says.
func WithHTTPClient(c *http.Client) Option {
	return func(s *settings) error {
		if c == nil {
			return &ValidationError{Field: "httpClient", Reason: "must not be nil"}
		}
		s.httpClient = c
		return nil
	}
}

// WithRetry replaces the whole retry policy, including an earlier
// WithRetryWrites. RetryPolicy{MaxAttempts: 1} tries everything once.
func WithRetry(p RetryPolicy) Option {
	return func(s *settings) error {
		if p.MaxAttempts < 0 || p.MinWait < 0 || p.MaxWait < 0 || p.MaxElapsed < 0 {
			return &ValidationError{Field: "retry", Reason: "must not be negative"}
		}
		s.Retry = p.orDefaults()
		return nil
	}
}

// WithRetryWrites lets the calls of this client send writes again that may have
// been carried out already. Use it for a call that does no harm when it is done
// twice:
//
//	client.With(cometchat.WithRetryWrites()).Users.Update(ctx, uid, req)
func WithRetryWrites() Option {
	return func(s *settings) error {
		s.Retry.Writes = true
		return nil
	}
}

// WithTimeout limits each attempt of a call, from the request to the last byte of
// the response; 0 removes the limit. The default is DefaultTimeout. The context
// limits the whole call, including its waits.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) error {
		if d < 0 {
			return &ValidationError{Field: "timeout", Reason: "must not be negative"}
		}
		s.Timeout = d
		return nil
	}
}

// WithLogger logs what the transport does: "cometchat.attempt" (debug, with
// operation, attempt, duration, status and bytes), "cometchat.attempt.failed"
// (warn, with error; debug when the caller's context ended it) and
// "cometchat.retry" (info, with wait). Headers, bodies,
// paths and credentials are never logged. nil logs nothing, the default.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) error {
		s.Logger = l
		return nil
	}
}

// WithUserAgent puts product before the library's own User-Agent.
func WithUserAgent(product string) Option {
	return func(s *settings) error {
		if product == "" || strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			return &ValidationError{Field: "userAgent", Size: len(product), Reason: "must be one line of ASCII text"}
		}
		s.UserAgent = product + " go-cometchat/" + Version
		return nil
	}
}

// WithMaxResponseBytes limits the size of a response in bytes, counted after
// decompression. The default is DefaultMaxResponseBytes.
func WithMaxResponseBytes(n int64) Option {
	return func(s *settings) error {
		if n <= 0 {
			return &ValidationError{Field: "maxResponseBytes", Size: int(n), Reason: "must be positive"}
		}
		s.MaxResponseBytes = n
		return nil
	}
}

// WithMetadataLimit sets how many characters of JSON the metadata of a request
// may have; with 0 the client checks nothing and leaves the limit to the server.
// The default is DefaultMetadataLimit.
func WithMetadataLimit(n int) Option {
	return func(s *settings) error {
		if n < 0 {
			return &ValidationError{Field: "metadataLimit", Size: n, Reason: "must not be negative"}
		}
		s.metadataLimit = n
		return s.ofClient("metadataLimit")
	}
}

// WithImportLimit sets how many requests a minute DataImport makes, for an app
// whose limit was raised; with 0 the client counts nothing and leaves the limit
// to the server. The default is DefaultImportLimit.
func WithImportLimit(perMinute int) Option {
	return func(s *settings) error {
		if perMinute < 0 {
			return &ValidationError{Field: "importLimit", Size: perMinute, Reason: "must not be negative"}
		}
		s.importRate = perMinute
		return s.ofClient("importLimit")
	}
}

// WithOnBehalfOf makes requests for the user with this uid, whom the onBehalfOf
// header of every request names. Without it the app itself acts, known as
// app_system. Client.OnBehalfOf is short for it.
func WithOnBehalfOf(uid string) Option {
	return func(s *settings) error {
		var v validation
		v.id("onBehalfOf", uid, maxID)
		if strings.TrimSpace(uid) != uid { // HTTP would cut it off, down to nobody
			v.add(ValidationError{Field: "onBehalfOf", Size: len(uid), Reason: "has white space around it"})
		}
		s.actingUser = uid
		return cmp.Or(s.ofClient("onBehalfOf"), v.err())
	}
}

// WithTracer calls t for every call, in addition to the tracers that the client
// already has. The tracer given first is the outermost: its End is called last. A
// nil t adds nothing.
func WithTracer(t Tracer) Option {
	return func(s *settings) error {
		if t != nil {
			s.tracers = append(slices.Clip(s.tracers), t)
		}
		return nil
	}
}

// WithResponse calls f with each response the client receives, whatever its
// status, before the call returns. It gives access to headers and members that
// the types do not name. If several goroutines use the client, or a list
// prefetches, f is called from several goroutines.
func WithResponse(f func(*Response)) Option {
	return func(s *settings) error {
		s.onResponse = f
		return nil
	}
}

// WithRawItems keeps the JSON of users, groups, members, messages and
// conversations as it was received, for their Raw methods. It serves archives
// that must lose nothing, including what this version of the library does not
// know. Each item takes its size in memory, and a walk takes about twice the
// time.
func WithRawItems() Option {
	return func(s *settings) error {
		s.rawItems = true
		return nil
	}
}

// RetryPolicy limits how a call is repeated. Zero fields stand for the defaults.
//
// 429 is retried for every method, since the API did not process the request.
// 408, 421, 425, 502, 503, 504, 520 to 524 and broken connections are retried for
// GET, and for the PUT and DELETE calls that the API documents as idempotent. Any
// other call is retried only if nothing of it was written, or with Writes.
//
// The wait is never shorter than the server's Retry-After or, for 429, its rate
// limit reset. Where the server names neither, the wait is exponential backoff
// with full jitter. If the server asks for a longer wait than MaxWait, MaxElapsed
// or the context allows, the call fails at once with a *WaitError.
type RetryPolicy struct {
	// MaxAttempts includes the first attempt; 4 by default, 1 for no retry.
	MaxAttempts int
	// MinWait is the upper bound of the first backoff. It is doubled for each
	// further one; 500 ms by default.
	MinWait time.Duration
	// MaxWait is the longest single wait; 1 minute by default.
	MaxWait time.Duration
	// MaxElapsed is the longest time between a call's start and the end of a
	// wait; 3 minutes by default.
	MaxElapsed time.Duration
	// Writes also repeats requests that may have been carried out.
	Writes bool
}

func (p RetryPolicy) orDefaults() transport.Retry {
	return transport.Retry{
		MaxAttempts: cmp.Or(p.MaxAttempts, 4),
		MinWait:     cmp.Or(p.MinWait, 500*time.Millisecond),
		MaxWait:     cmp.Or(p.MaxWait, time.Minute),
		MaxElapsed:  cmp.Or(p.MaxElapsed, 3*time.Minute),
		Writes:      p.Writes,
	}
}
