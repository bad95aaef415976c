package cometchat

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// IsSystemic reports whether err is about the account, the connection or the
// service, and not about what the call was for. A program that works through a
// list stops where it is true, since every other row would fail in the same way,
// and goes on where it is false. It is true for
//
//   - ErrUnauthorized: the key is wrong;
//   - ErrRateLimited, after the library's own waits, and any *WaitError;
//   - CodePlanRestriction, CodePlanQuotaRestriction and
//     CodeSubscriptionExpired, or a 402 without a code: the plan does not
//     allow more;
//   - a *TransportError: no connection, an ended context;
//   - a 502, 503 or 504, and any page of a gateway instead of the API's
//     response;
//   - CodeAPINotFound and CodeInvalidAPIVersion: the base URL is wrong;
//   - ErrNotAttempted and ErrPaginationLoop.
//
// It is false for failures of the row: a role that does not exist (ErrNotFound),
// a uid that is taken (ErrAlreadyExists), a field that is too long
// (ErrInvalidRequest), a user without permission (ErrPermissionDenied), a failure
// of the server that has a code.
func IsSystemic(err error) bool {
	var response *Error
	var broken *TransportError
	var wait *WaitError
	switch {
	case err == nil:
		return false
	case errors.As(err, &wait), errors.As(err, &broken),
		errors.Is(err, ErrUnauthorized), errors.Is(err, ErrRateLimited),
		errors.Is(err, ErrNotAttempted), errors.Is(err, ErrPaginationLoop),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return true
	case !errors.As(err, &response):
		return false
	}
	switch response.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	switch response.Code {
	case CodePlanRestriction, CodePlanQuotaRestriction, CodeSubscriptionExpired, CodeAPINotFound, CodeInvalidAPIVersion:
		return true
	case "":
		return response.StatusCode == http.StatusPaymentRequired || !response.ofTheAPI()
	}
	return false
}

// Error is a response that reports a failure: an error status, an error inside a
// 200, or a body that the API did not write (HTML of a gateway, nothing at all,
// JSON cut short). It holds neither the API key nor an auth token, even where the
// server sent one back.
type Error struct {
	// StatusCode is the HTTP status, 200 included.
	StatusCode int
	// Code is the API's code; empty if the body has none.
	Code ErrorCode
	// Message and DevMessage are the API's texts, at most 2,048 bytes of each. If
	// the body has no message, Message is the library's own.
	Message    string
	DevMessage string
	// Source names the service that failed ("chat-api"), if the response says so.
	Source string
	// Details lists what is wrong by field, whatever its form in the response: at
	// most 32 texts, which have about 2,048 bytes together with the names of the
	// fields. Texts that are about no field are listed under "". It is nil if
	// there are none.
	Details map[string][]string
	// Method and Path are those of the request. The path is relative to the base
	// URL, and without tokens and keys.
	Method string
	Path   string
	// Header holds the response's headers.
	Header http.Header
	// RetryAfter is how long the server asked to wait; 0 if it did not say.
	RetryAfter time.Duration
	// Body is the response's body, at most 4,096 bytes of it.
	Body []byte

	outcomeUnknown bool
	refused        bool // a success by its status that says it is none
}

// Limits of what an Error holds, in bytes.
const (
	maxErrorBody = 4096
	maxErrorText = 2048 // of each text, of the details together, and of Error()
	maxErrorCode = 128
	maxPlainText = 200 // of a body that is no JSON, in place of a message
)

// Error returns method, path, status, code, message and details on one line of
// at most 2,048 bytes, with control characters escaped.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cometchat: %s %s: %d", e.Method, e.Path, e.StatusCode)
	if e.Code != "" {
		b.WriteString(" " + string(e.Code))
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	for _, field := range sortedKeys(e.Details) {
		fmt.Fprintf(&b, "; %s: %s", field, strings.Join(e.Details[field], " "))
	}
	return oneLine(b.String())
}

// Is matches the error's category, its code and ErrOutcomeUnknown.
func (e *Error) Is(target error) bool {
	if code, ok := target.(ErrorCode); ok {
		return code != "" && code == e.Code
	}
	if target == ErrOutcomeUnknown {
		return e.outcomeUnknown
	}
	return target != nil && target == e.category()
}

// category is decided by the code, and by the status if the code says nothing.
// Some of the statuses that gateways send, too, are clear in themselves; the
// others count only if the response is the API's, with a code or an object.
func (e *Error) category() error {
	if c := e.Code.category(); c != nil {
		return c
	}
	switch s := e.StatusCode; {
	case s == http.StatusUnauthorized:
		return ErrUnauthorized
	case s == http.StatusPaymentRequired:
		return ErrQuotaExceeded
	case s == http.StatusForbidden:
		return ErrPermissionDenied
	case s == http.StatusTooManyRequests:
		return ErrRateLimited
	case s >= 500:
		return ErrServer
	case s < 400 && e.Code == "" && !e.refused, s >= 400 && !e.ofTheAPI():
		return nil
	case s == http.StatusNotFound:
		return ErrNotFound
	case s == http.StatusConflict:
		return ErrAlreadyExists
	case s == http.StatusProxyAuthRequired, s == http.StatusRequestTimeout,
		s == http.StatusMisdirectedRequest, s == http.StatusTooEarly:
		return nil // of something on the way, not of the request
	}
	return ErrInvalidRequest
}

// ofTheAPI reports whether the response is the API's and not a gateway's page. An
// error with neither headers nor a body comes from no gateway: a test made it by
// hand, and its status counts.
func (e *Error) ofTheAPI() bool {
	return e.Code != "" || len(e.Body)+len(e.Header) == 0 || bytes.HasPrefix(bytes.TrimLeft(e.Body, " \t\r\n"), []byte("{"))
}

// LogValue returns what [LogValue] returns for e.
func (e *Error) LogValue() slog.Value { return LogValue(e) }

func (e *Error) tell(f *facts) {
	f.kind = cmp.Or(f.kind, "response")
	f.request(e.Method, e.Path)
	f.status, f.code, f.wait = e.StatusCode, string(e.Code), max(f.wait, e.RetryAfter)
}

// TransportError reports a call without a usable response: no connection, a
// broken one, a time-out, a cancelled context, a response that is too large. It
// unwraps to the cause, so that errors.Is finds context.Canceled, and matches
// ErrOutcomeUnknown if a write may have been carried out.
type TransportError struct {
	// Method and Path are those of the request, with tokens and keys left out.
	Method string
	Path   string
	// Attempts is how many times the request was tried.
	Attempts int
	// Err is the cause.
	Err error

	outcomeUnknown bool
}

// Error returns method, path, the number of attempts and the cause.
func (e *TransportError) Error() string {
	if e.Attempts > 1 {
		return fmt.Sprintf("cometchat: %s %s: %d attempts: %v", e.Method, e.Path, e.Attempts, e.Err)
	}
	return fmt.Sprintf("cometchat: %s %s: %v", e.Method, e.Path, e.Err)
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Is matches ErrOutcomeUnknown when a write may have been carried out.
func (e *TransportError) Is(target error) bool {
	return target == ErrOutcomeUnknown && e.outcomeUnknown
}

// LogValue returns what [LogValue] returns for e.
func (e *TransportError) LogValue() slog.Value { return LogValue(e) }

func (e *TransportError) tell(f *facts) {
	f.kind = cmp.Or(f.kind, "transport")
	f.request(e.Method, e.Path)
}

// WaitError reports a call that failed at once, because the wait before its first
// or next attempt would outlive the context's deadline or the retry policy. It
// matches context.DeadlineExceeded, ErrOutcomeUnknown if a write may have been
// carried out, and whatever its Err matches, such as ErrRateLimited.
type WaitError struct {
	// Method and Path are those of the request, with tokens and keys left out.
	Method string
	Path   string
	// Wait is how long the call would have had to wait.
	Wait time.Duration
	// Err is the reason for the wait: the *Error or *TransportError of the last
	// attempt, or ErrRateLimited if another call was told to wait. If the library
	// itself held the call back until its context ended, because the server had
	// announced that it would refuse more requests, Err says so and matches
	// ErrRateLimited.
	Err error

	outcomeUnknown bool
}

// Error returns the method and the path, the wait and its reason.
func (e *WaitError) Error() string {
	request := ""
	switch e.Err.(type) {
	case *Error, *TransportError: // say it themselves
	default:
		if e.Method != "" {
			request = e.Method + " " + e.Path + ": "
		}
	}
	return fmt.Sprintf("cometchat: %snot waiting %s: %v", request, e.Wait.Round(time.Millisecond), e.Err)
}

// Unwrap returns the reason for the wait.
func (e *WaitError) Unwrap() error { return e.Err }

// Is matches context.DeadlineExceeded, and ErrOutcomeUnknown when a write may
// have been carried out.
func (e *WaitError) Is(target error) bool {
	return target == context.DeadlineExceeded || target == ErrOutcomeUnknown && e.outcomeUnknown
}

// LogValue returns what [LogValue] returns for e.
func (e *WaitError) LogValue() slog.Value { return LogValue(e) }

func (e *WaitError) tell(f *facts) {
	f.request(e.Method, e.Path)
	f.wait = e.Wait
}

// afterUnknown returns the error of a call that was made because of an earlier
// error. If that one leaves open what was carried out, the result does, too.
func afterUnknown(before, err error) error {
	if err == nil || !errors.Is(before, ErrOutcomeUnknown) || errors.Is(err, ErrOutcomeUnknown) {
		return err
	}
	text := fmt.Sprintf("%v (%v of an attempt before it)", err, ErrOutcomeUnknown)
	return &reason{text, &joined{[]error{err, ErrOutcomeUnknown}}}
}

// PageError is what a list yields if a page cannot be fetched. It unwraps to the
// cause.
type PageError struct {
	// Position is that of the page: List.From(Position) continues there, without
	// missing or repeating an item.
	Position Position
	// Err is the cause.
	Err error
}

// Error names the page ("page 3", or "page after" and the id in its cursor) and
// the cause.
func (e *PageError) Error() string { return fmt.Sprintf("%s: %v", e.Position.place(), e.Err) }

// Unwrap returns the cause.
func (e *PageError) Unwrap() error { return e.Err }

// LogValue returns what [LogValue] returns for e.
func (e *PageError) LogValue() slog.Value { return LogValue(e) }
