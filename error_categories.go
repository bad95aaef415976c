package cometchat

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
)

// Categories of failure, for errors.Is. An *Error matches by its code if the code
// is known, or ends in words that say enough (_NOT_FOUND, _FAILED), and otherwise
// by its HTTP status: the API responds with 400, 402, 409 and 417 where others
// would use 409. A 404, a 409 or another 4xx of a gateway, with a page and no
// code, matches none of them.
//
// For a single code, compare with the code itself, which is an error too:
//
//	errors.Is(err, cometchat.CodeUIDAlreadyExists)
var (
	// ErrNotFound: something that the call names does not exist, or is
	// deactivated.
	ErrNotFound = newCategory("not found")
	// ErrAlreadyExists: the id is taken, or the relation exists already.
	ErrAlreadyExists = newCategory("already exists")
	// ErrUnauthorized: the API key is missing or unknown in this region.
	ErrUnauthorized = newCategory("unauthorized")
	// ErrPermissionDenied: the key, the role or the scope does not allow it.
	ErrPermissionDenied = newCategory("permission denied")
	// ErrRateLimited: too many requests. The refused request was not processed.
	ErrRateLimited = newCategory("rate limited")
	// ErrInvalidRequest: the request itself is wrong, as found by the client (a
	// *ValidationError) or by the server.
	ErrInvalidRequest = newCategory("invalid request")
	// ErrQuotaExceeded: a limit of the plan or of the API is used up.
	ErrQuotaExceeded = newCategory("quota exceeded")
	// ErrServer: the server failed.
	ErrServer = newCategory("server error")

	// ErrOutcomeUnknown: it is not known whether a write was carried out, since
	// the connection broke or a gateway responded after it was sent. The
	// library does not send it again, except with WithRetryWrites. Read back
	// what it would have changed, or repeat it if doing it twice does no harm.
	ErrOutcomeUnknown = newCategory("outcome unknown")
	// ErrPaginationLoop: the server keeps returning the same page, so that the
	// pages after it cannot be reached.
	ErrPaginationLoop = newCategory("pagination loop")
	// ErrNotAttempted: this part of a bulk call was never sent, because an
	// earlier request failed. Nothing of it was done, so it can be repeated as it
	// is.
	ErrNotAttempted = newCategory("not attempted")
)

// kinds are the categories, the most specific first, for an error that matches
// several.
var kinds = []error{
	ErrUnauthorized, ErrPermissionDenied, ErrQuotaExceeded, ErrRateLimited, ErrNotFound, ErrAlreadyExists,
	ErrInvalidRequest, ErrServer, ErrPaginationLoop, ErrNotAttempted, context.Canceled, context.DeadlineExceeded,
}

// category is an error that others are matched against.
type category struct{ name string }

func newCategory(name string) error { return &category{name} }

func (c *category) Error() string { return "cometchat: " + c.name }

func (c *category) LogValue() slog.Value { return LogValue(c) }

func (c *category) tell(f *facts) { f.kind = cmp.Or(f.kind, strings.ReplaceAll(c.name, " ", "_")) }

// LogValue describes an error of this package for slog, also if other errors wrap
// it: always as a group of the same members with the same types, as log indexes
// need it. The errors of this package log themselves in this form; LogValue is
// for those that a program has wrapped:
//
//	slog.Error("sync", "err", cometchat.LogValue(err))
//
// kind is the category in one word ("not_found", "rate_limited"), or "canceled",
// "timeout", "transport", "response" or "other". message is the error's text on
// one line of at most 2,048 bytes. status, code, method and path are those of the
// request and its response, wait is the wait that the server asked for or a
// *WaitError refused, and outcome_unknown tells whether the error matches
// ErrOutcomeUnknown. They are 0, empty or false if there is nothing to report.
// The group holds no headers and no body.
func LogValue(err error) slog.Value {
	var f facts
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			f.hear(kind)
			break
		}
	}
	f.hear(err)
	text := ""
	if err != nil {
		text = oneLine(err.Error())
	}
	return slog.GroupValue(
		slog.String("kind", cmp.Or(f.kind, "other")),
		slog.String("message", text),
		slog.Int("status", f.status),
		slog.String("code", f.code),
		slog.String("method", f.method),
		slog.String("path", f.path),
		slog.Duration("wait", f.wait),
		slog.Bool("outcome_unknown", errors.Is(err, ErrOutcomeUnknown)),
	)
}

// facts are what an error reports about a call.
type facts struct {
	kind         string
	method, path string
	status       int
	code         string
	wait         time.Duration
}

func (f *facts) request(method, path string) { f.method, f.path = method, path }

// hear collects the facts of an error and of those it wraps; of several that are
// joined, the facts of the first that has any.
func (f *facts) hear(err error) {
	switch err {
	case context.Canceled:
		f.kind = cmp.Or(f.kind, "canceled")
	case context.DeadlineExceeded:
		f.kind = cmp.Or(f.kind, "timeout")
	}
	if e, ok := err.(interface{ tell(*facts) }); ok {
		e.tell(f)
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		f.hear(e.Unwrap())
	case interface{ Unwrap() []error }:
		before := f.method
		for _, one := range e.Unwrap() {
			if f.hear(one); f.method != before {
				break
			}
		}
	}
}

// reason is an error with a text of its own.
type reason struct {
	text string
	err  error
}

func (r *reason) Error() string { return r.text }

func (r *reason) Unwrap() error { return r.err }

func (r *reason) LogValue() slog.Value { return LogValue(r) }

// because adds an explanation to err.
func because(err error, text string) error { return &reason{err.Error() + ": " + text, err} }

// joined are several errors.
type joined struct{ errs []error }

// join is errors.Join with a LogValue.
func join(errs ...error) error {
	var j joined
	for _, err := range errs {
		if err != nil {
			j.errs = append(j.errs, err)
		}
	}
	if len(j.errs) == 0 {
		return nil
	}
	return &j
}

func (j *joined) Error() string { return errors.Join(j.errs...).Error() }

func (j *joined) Unwrap() []error { return j.errs }

func (j *joined) LogValue() slog.Value { return LogValue(j) }
