package cometchat

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/go-cometchat/cometchat/internal/transport"
)

// Response is a response as it was received, for WithResponse. Printing it shows
// only the status and the size, since a body may hold a token.
type Response struct {
	StatusCode int
	Header     http.Header
	// Body is the raw JSON; it may hold secrets.
	Body []byte
	// Operation is the route, as in "GET /users/{uid}".
	Operation string
	// Attempts is how many times the request was tried, and Waited how long the
	// call waited between attempts.
	Attempts int
	Waited   time.Duration
}

// Format prints the operation, the status and the size, for every verb.
func (r Response) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%s: %d, %d bytes, %d attempts", r.Operation, r.StatusCode, len(r.Body), r.Attempts)
}

// LogValue returns what Format prints, for slog.
func (r Response) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(r)) }

// Tracer is called when a call starts, and returns the functions that the call is
// to report to. The requests are sent with the context it returns. A list makes
// one call for each page.
type Tracer func(ctx context.Context, call OperationInfo) (context.Context, Trace)

// Trace holds the functions that are called in the course of one call. Any may be
// nil. The call's goroutine calls them and waits for them.
type Trace struct {
	// Wait is called before the call begins to wait.
	Wait func(OperationWait)
	// End is called when the call ends.
	End func(OperationResult)
}

// traces are those of one call, the outermost first.
type traces []Trace

func (ts traces) wait(w transport.Wait) {
	for _, t := range ts {
		if t.Wait != nil {
			t.Wait(OperationWait{Reason: waitReasons[w.Reason], Attempts: w.Attempts, Wait: w.Time})
		}
	}
}

func (ts traces) end(r OperationResult) {
	for _, t := range slices.Backward(ts) {
		if t.End != nil {
			t.End(r)
		}
	}
}

// OperationInfo describes a call that is about to be made.
type OperationInfo struct {
	// Operation is the route, usable as the name of a span: "GET /users/{uid}".
	Operation string
	// OnBehalfOf is the acting user's uid, if any.
	OnBehalfOf string
	// Position is that of the page, for the calls of a list; it is zero for all
	// other calls and for the first page of a cursor list.
	Position Position
	// Page is the page's number, from 1; 0 for calls without one.
	Page int
}

// OperationWait is a wait that is about to begin.
type OperationWait struct {
	Reason WaitReason
	// Attempts is how many times the request was tried before it.
	Attempts int
	// Wait is how long the wait will be. With WaitReasonBudget it is the longest
	// possible wait, since the wait ends as soon as there is room; it is 0 if
	// that is unknown.
	Wait time.Duration
}

// WaitReason says why a call waits.
type WaitReason string

// The reasons for a wait.
const (
	// WaitReasonRetry: the request is tried again, after the wait that the server
	// asked for, or after a backoff.
	WaitReasonRetry WaitReason = "retry"
	// WaitReasonCooldown: another call got a 429, and all calls wait as long as
	// that one must.
	WaitReasonCooldown WaitReason = "cooldown"
	// WaitReasonBudget: the server announced that it would refuse more requests.
	WaitReasonBudget WaitReason = "budget"
)

var waitReasons = map[transport.WaitReason]WaitReason{
	transport.WaitRetry:    WaitReasonRetry,
	transport.WaitCooldown: WaitReasonCooldown,
	transport.WaitBudget:   WaitReasonBudget,
}

// OperationResult describes a call that ended.
type OperationResult struct {
	// StatusCode is the last HTTP status; 0 if no response came.
	StatusCode int
	// Attempts is how many times the request was tried; 0 if the call was given
	// up before the first. A request that the library refuses as invalid is not a
	// call.
	Attempts int
	// Waited is how long the call waited before and between attempts.
	Waited time.Duration
	// RateLimit is what the newest response said about the request budgets. If
	// this call got no response, all its numbers are -1.
	RateLimit RateLimit
	// Err is what the call returns.
	Err error
}

// RateLimit is what the server's newest response said about the request budgets,
// in requests a minute. A number that it did not name is -1.
type RateLimit struct {
	// Limit and Remaining are for the kind of request made last: creating and
	// deleting users and groups has a budget of its own.
	Limit, Remaining int
	// AppLimit and AppRemaining are for all requests of the app.
	AppLimit, AppRemaining int
	// Reset is when the budget is full again; zero if the server did not say.
	Reset time.Time
	// At is when the response came; zero if none has come yet.
	At time.Time
}

// noRateLimit is what is known before the first response.
var noRateLimit = RateLimit{Limit: -1, Remaining: -1, AppLimit: -1, AppRemaining: -1}

func rateLimitOf(t *transport.Transport) RateLimit {
	if t == nil {
		return noRateLimit
	}
	l := t.RateLimit()
	return RateLimit{
		Limit: int(l.Limit), Remaining: int(l.Remaining),
		AppLimit: int(l.AppLimit), AppRemaining: int(l.AppRemaining),
		Reset: l.Reset, At: l.At,
	}
}
