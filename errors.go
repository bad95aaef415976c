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
// service rather than about what one call was for. A program that works through a
// list goes on to the next row where it is false, and stops where it is true,
// since all other rows will meet the same:
//
//   - ErrUnauthorized: the key is wrong;
//   - ErrRateLimited, after the library's own waits, and any *WaitError;
//   - CodePlanRestriction, CodePlanQuotaRestriction and CodeSubscriptionExpired,
//     or a 402 without a code: the plan does not allow more;
//   - a *TransportError: no connection, an ended context;
//   - a 502, 503 or 504, and any page of a gateway in place of the API's response;
//   - CodeAPINotFound and CodeInvalidAPIVersion: the base URL is wrong;
//   - ErrNotAttempted and ErrPaginationLoop.
//
// All else is of the row: a role that does not exist (ErrNotFound), a uid that is
// taken (ErrAlreadyExists), a field that is too long (ErrInvalidRequest), a user
// who may not (ErrPermissionDenied), a failure of the server that has a code.
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

// Error is a response that is not a success: an error status, an error inside a
// 200, or a body that the API did not write (HTML of a gateway, nothing at all,
// JSON cut short). It holds neither the API key nor an auth token, also where
// the server sent one back.
type Error struct {
	// StatusCode is the HTTP status, 200 included.
	StatusCode int
	// Code is the API's code; empty when the body had none.
	Code ErrorCode
	// Message and DevMessage are the API's texts, at most 2,048 bytes of each;
	// Message is the library's own where the body had none.
	Message    string
	DevMessage string
	// Source names the service that failed ("chat-api"), where it says so.
	Source string
	// Details has what is wrong by field, in whichever shape it came: at most 32
	// texts, which with the names of the fields have about 2,048 bytes. Texts
	// about no field stand under "". Nil when there are none.
	Details map[string][]string
	// Method and Path are those of the request, the path below the base URL,
	// with tokens and keys left out.
	Method string
	Path   string
	// Header has the response's headers.
	Header http.Header
	// RetryAfter is how long the server asked to wait; 0 when it did not say.
	RetryAfter time.Duration
	// Body is the response's body, at most 4,096 bytes of it.
	Body []byte

	outcomeUnknown bool
	refused        bool // a success by its status that says it is none
}

// Bounds of what an Error holds, in bytes.
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

// Is matches the category the error falls into, its code, and
// ErrOutcomeUnknown.
func (e *Error) Is(target error) bool {
	if code, ok := target.(ErrorCode); ok {
		return code != "" && code == e.Code
	}
	if target == ErrOutcomeUnknown {
		return e.outcomeUnknown
	}
	return target != nil && target == e.category()
}

// category goes by the code, and by the status where the code says nothing. Of
// the statuses that gateways answer with, too, some speak for themselves; the
// others count only with a response of the API's, which is a code or an object.
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

// ofTheAPI tells a response of the API's from a gateway's page. What has neither
// headers nor a body comes from no gateway: a test has made it by hand, and means
// what its status says.
func (e *Error) ofTheAPI() bool {
	return e.Code != "" || len(e.Body)+len(e.Header) == 0 || bytes.HasPrefix(bytes.TrimLeft(e.Body, " \t\r\n"), []byte("{"))
}

// LogValue gives slog what [LogValue] tells.
func (e *Error) LogValue() slog.Value { return LogValue(e) }

func (e *Error) tell(f *facts) {
	f.kind = cmp.Or(f.kind, "response")
	f.request(e.Method, e.Path)
	f.status, f.code, f.wait = e.StatusCode, string(e.Code), max(f.wait, e.RetryAfter)
}

// TransportError reports a call that got no response to go by: no connection, a
// broken one, a time-out, a cancelled context, a response too large. It unwraps
// to the cause, so that errors.Is finds context.Canceled, and matches
// ErrOutcomeUnknown when a write may have been carried out.
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

// LogValue gives slog what [LogValue] tells.
func (e *TransportError) LogValue() slog.Value { return LogValue(e) }

func (e *TransportError) tell(f *facts) {
	f.kind = cmp.Or(f.kind, "transport")
	f.request(e.Method, e.Path)
}

// WaitError reports a call that gave up at once, because the wait before it may
// be tried (again) would outlive the context's deadline or the retry policy. It
// matches context.DeadlineExceeded, ErrOutcomeUnknown when a write may have been
// carried out, and whatever its Err matches, such as ErrRateLimited.
type WaitError struct {
	// Method and Path are those of the request, with tokens and keys left out.
	Method string
	Path   string
	// Wait is how long the call would have had to wait.
	Wait time.Duration
	// Err is what it would have waited for: the *Error or *TransportError of its
	// last attempt, or ErrRateLimited when another call was told to wait. Where the
	// library itself held the call back until its context ended, since the server
	// had announced to refuse more requests, Err says so and matches
	// ErrRateLimited.
	Err error

	outcomeUnknown bool
}

// Error returns method and path, the wait and what it would have been for.
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

// Unwrap returns what the wait would have been for.
func (e *WaitError) Unwrap() error { return e.Err }

// Is matches context.DeadlineExceeded, and ErrOutcomeUnknown when a write may
// have been carried out.
func (e *WaitError) Is(target error) bool {
	return target == context.DeadlineExceeded || target == ErrOutcomeUnknown && e.outcomeUnknown
}

// LogValue gives slog what [LogValue] tells.
func (e *WaitError) LogValue() slog.Value { return LogValue(e) }

func (e *WaitError) tell(f *facts) {
	f.request(e.Method, e.Path)
	f.wait = e.Wait
}

// afterUnknown returns the error of a call that was made because of the error
// before. Where that one leaves open what was carried out, so does the whole.
func afterUnknown(before, err error) error {
	if err == nil || !errors.Is(before, ErrOutcomeUnknown) || errors.Is(err, ErrOutcomeUnknown) {
		return err
	}
	text := fmt.Sprintf("%v (%v of an attempt before it)", err, ErrOutcomeUnknown)
	return &reason{text, &joined{[]error{err, ErrOutcomeUnknown}}}
}

// PageError is what a list yields when a page cannot be had. It unwraps to the
// cause.
type PageError struct {
	// Position is that of the page: List.From(Position) goes on there, with
	// nothing missed or repeated.
	Position Position
	// Err is why.
	Err error
}

// Error names the page ("page 3", or "page after" and the id its cursor has) and
// the cause.
func (e *PageError) Error() string { return fmt.Sprintf("%s: %v", e.Position.place(), e.Err) }

// Unwrap returns the cause.
func (e *PageError) Unwrap() error { return e.Err }

// LogValue gives slog what [LogValue] tells.
func (e *PageError) LogValue() slog.Value { return LogValue(e) }
