package webhook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat"
)

// DefaultExpiry is how long the key of an event that succeeded is kept, unless
// Expiry sets another time. The API sends an event for the last time 40 seconds
// after the first.
const DefaultExpiry = 10 * time.Minute

// Option sets one property of a handler.
type Option func(*settings) error

type settings struct {
	credentials     []credential
	unauthenticated bool
	store           Store
	expiry          time.Duration
	async           bool
	workers, queue  int
	failure         func(context.Context, Event, error)
}

// newSettings applies the options and checks those that depend on each other.
func newSettings(opts []Option) (*settings, error) {
	s := new(settings)
	var errs []error
	for _, opt := range opts {
		if opt != nil {
			errs = append(errs, opt(s))
		}
	}
	switch {
	case len(s.credentials) == 0 && !s.unauthenticated:
		errs = append(errs, invalid("credentials", "required: BasicAuth, or WithoutCredentials for a webhook that has none"))
	case len(s.credentials) > 0 && s.unauthenticated:
		errs = append(errs, invalid("credentials", "BasicAuth and WithoutCredentials exclude each other"))
	}
	if s.expiry > 0 && s.store == nil {
		errs = append(errs, invalid("expiry", "needs Deduplicate"))
	}
	if s.async && s.failure == nil {
		errs = append(errs, invalid("failures", "required with Async: the hook is all that learns of a callback's failure"))
	}
	s.expiry = cmp.Or(s.expiry, DefaultExpiry)
	return s, errors.Join(errs...)
}

func invalid(field, reason string) error {
	return &cometchat.ValidationError{Field: field, Reason: reason}
}

// credential holds hashes, so that comparing takes the same time whatever the
// lengths.
type credential struct{ user, password [sha256.Size]byte }

func newCredential(user, password string) credential {
	return credential{sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))}
}

// BasicAuth accepts requests with this user and password, which are set on the
// webhook. It can be given several times, so that a password can be changed
// without losing events. Neither may be empty, and the user must not contain a
// colon.
func BasicAuth(user, password string) Option {
	return func(s *settings) error {
		switch {
		case user == "":
			return invalid("user", "required")
		case password == "":
			return invalid("password", "required")
		case strings.Contains(user, ":"):
			return invalid("user", "must not hold a colon")
		}
		s.credentials = append(s.credentials, newCredential(user, password))
		return nil
	}
}

// WithoutCredentials accepts requests from anyone who knows the URL. It is for a
// webhook without user and password, behind a proxy that authenticates requests.
func WithoutCredentials() Option {
	return func(s *settings) error {
		s.unauthenticated = true
		return nil
	}
}

// Deduplicate runs the callback for an event once, however often the API sends
// it. If the callback succeeded before, the response is 200; if it is running,
// the response is 503, so that the API tries again later; if it failed, it is run
// again. It applies to events with a Key; others are run each time they arrive.
func Deduplicate(store Store) Option {
	return func(s *settings) error {
		if store == nil {
			return invalid("store", "must not be nil")
		}
		s.store = store
		return nil
	}
}

// Expiry sets how long Deduplicate keeps the key of an event; the default is
// DefaultExpiry.
func Expiry(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return invalid("expiry", "must be positive")
		}
		s.expiry = d
		return nil
	}
}

// Async responds to an event as soon as it is queued, and runs the callbacks in
// this many workers. Up to queue events wait, each of at most MaxBodyBytes; if
// the queue is full, the response is 503. Close runs what is queued. Events are
// not run in the order in which they arrive.
//
// An event whose callback fails is not sent again; its error is passed to the
// hook that Failures sets, which Async requires. The package comment says where
// not to use Async.
func Async(workers, queue int) Option {
	return func(s *settings) error {
		if workers < 1 {
			return &cometchat.ValidationError{Field: "workers", Limit: 1, Size: workers, Reason: "must be positive"}
		}
		if queue < 1 {
			return &cometchat.ValidationError{Field: "queue", Limit: 1, Size: queue, Reason: "must be positive"}
		}
		s.async, s.workers, s.queue = true, workers, queue
		return nil
	}
}

// Failures calls hook with every event whose callback or store failed. A panic is
// passed as a *PanicError. Several goroutines may call hook at the same time. The
// package itself logs nothing.
func Failures(hook func(ctx context.Context, e Event, err error)) Option {
	return func(s *settings) error {
		if hook == nil {
			return invalid("failures", "must not be nil")
		}
		s.failure = hook
		return nil
	}
}

func (s *settings) failed(ctx context.Context, e Event, err error) {
	if s.failure != nil {
		s.failure(ctx, e, err)
	}
}

// authorized compares with every credential, even if an earlier one matches.
func (s *settings) authorized(r *http.Request) bool {
	if s.unauthenticated {
		return true
	}
	user, password, given := r.BasicAuth()
	got := newCredential(user, password)
	match := 0
	for _, c := range s.credentials {
		match |= subtle.ConstantTimeCompare(c.user[:], got.user[:]) & subtle.ConstantTimeCompare(c.password[:], got.password[:])
	}
	return match == 1 && given
}
