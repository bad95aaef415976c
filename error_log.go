package cometchat

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
)

// LogValue describes an error of this package to slog, also one that other
// errors wrap: always as a group of the same members with the same types, as
// indexes of logs want it. The errors of this package give slog the same by
// themselves, so this is for those that a program has wrapped:
//
//	slog.Error("sync", "err", cometchat.LogValue(err))
//
// kind is the category in one word ("not_found", "rate_limited"), or "canceled",
// "timeout", "transport", "response" or "other"; message is the error's text on
// one line of at most 2,048 bytes. status, code, method and path are of the
// request and its response, wait is what the server asked for or a *WaitError
// refused, and outcome_unknown is what ErrOutcomeUnknown says; they are 0, empty
// or false where there is nothing to tell. It has no headers and no body.
func LogValue(err error) slog.Value {
	var (
		response                   *Error
		broken                     *TransportError
		refused                    *ValidationError
		waiting                    *WaitError
		status                     int
		code, method, path, reason string
		wait                       time.Duration
	)
	if err != nil {
		reason = oneLine(err.Error())
	}
	if errors.As(err, &refused) {
		method, path, _ = strings.Cut(refused.Operation, " ")
	}
	if errors.As(err, &broken) {
		method, path = broken.Method, broken.Path
	}
	if errors.As(err, &waiting) {
		method, path, wait = waiting.Method, waiting.Path, waiting.Wait
	}
	if errors.As(err, &response) {
		status, code, method, path = response.StatusCode, string(response.Code), response.Method, response.Path
		wait = max(wait, response.RetryAfter)
	}
	return slog.GroupValue(
		slog.String("kind", kindOf(err)),
		slog.String("message", reason),
		slog.Int("status", status),
		slog.String("code", code),
		slog.String("method", method),
		slog.String("path", path),
		slog.Duration("wait", wait),
		slog.Bool("outcome_unknown", errors.Is(err, ErrOutcomeUnknown)),
	)
}

func kindOf(err error) string {
	for _, c := range kinds {
		if errors.Is(err, c) {
			return c.(*category).kind()
		}
	}
	var broken *TransportError
	var response *Error
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &broken):
		return "transport"
	case errors.As(err, &response):
		return "response"
	case errors.Is(err, ErrOutcomeUnknown):
		return ErrOutcomeUnknown.(*category).kind()
	}
	return "other"
}

// category is an error that others are matched against.
type category struct{ name string }

func newCategory(name string) error { return &category{name} }

func (c *category) Error() string { return "cometchat: " + c.name }

func (c *category) LogValue() slog.Value { return LogValue(c) }

func (c *category) kind() string { return strings.ReplaceAll(c.name, " ", "_") }

// reason is an error with a text of its own.
type reason struct {
	text string
	err  error
}

func (r *reason) Error() string { return r.text }

func (r *reason) Unwrap() error { return r.err }

func (r *reason) LogValue() slog.Value { return LogValue(r) }

// because is err, and what there is to say of it.
func because(err error, text string) error { return &reason{err.Error() + ": " + text, err} }

// joined are several errors.
type joined struct{ errs []error }

// join is errors.Join, but for slog.
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
