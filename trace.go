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

// Response is a response as it came, for WithResponse. Printing it shows the
// status and the size only, since a body may hold a token.
type Response struct {
	StatusCode int
	Header     http.Header
	// Body is the raw JSON; it may hold secrets.
	Body []byte
	// Operation is the route, as in "GET /users/{uid}".
	Operation string
	// Attempts is how many times the request was tried, and Waited how long the
	// call waited between them.
	Attempts int
	Waited   time.Duration
}

// Format prints operation, status and size, for every verb.
func (r Response) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%s: %d, %d bytes, %d attempts", r.Operation, r.StatusCode, len(r.Body), r.Attempts)
}

// LogValue gives slog what Format prints.
func (r Response) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(r)) }

// Tracer is called when a call starts, and says what it wants to be told of it;
// the context it returns is the one the requests are sent with. A list makes one
// call for each page.
type Tracer func(ctx context.Context, call OperationInfo) (context.Context, Trace)

// Trace are the functions that are called in the course of one call. Any may be
// nil. They are called by the call's goroutine, which waits for them.
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

// OperationInfo describes a call about to be made.
type OperationInfo struct {
	// Operation is the route, fit for the name of a span: "GET /users/{uid}".
	Operation string
	// OnBehalfOf is the acting user's uid, if any.
	OnBehalfOf string
	// Position is that of the page, for the calls of a list; zero for all others
	// and for the first page of a cursor list.
	Position Position
	// Page is the page's number, from 1; 0 for calls that have none.
	Page int
}

// OperationWait is a wait that is about to begin.
type OperationWait struct {
	Reason WaitReason
	// Attempts is how many times the request was tried before it.
	Attempts int
	// Wait is how long it will be. With WaitReasonBudget it is the longest, since
	// the wait ends as soon as there is room, and 0 if that is unknown.
	Wait time.Duration
}

// WaitReason says why a call waits.
type WaitReason string

// The reasons.
const (
	// WaitReasonRetry: the request is tried again, after the wait that the server
	// asked for or a backoff.
	WaitReasonRetry WaitReason = "retry"
	// WaitReasonCooldown: another call got a 429, and all wait it out.
	WaitReasonCooldown WaitReason = "cooldown"
	// WaitReasonBudget: the server said that it would refuse more requests.
	WaitReasonBudget WaitReason = "budget"
)

var waitReasons = map[transport.WaitReason]WaitReason{
	transport.WaitRetry:    WaitReasonRetry,
	transport.WaitCooldown: WaitReasonCooldown,
	transport.WaitBudget:   WaitReasonBudget,
}

// OperationResult describes a call that ended.
type OperationResult struct {
	// StatusCode is the last HTTP status; 0 when no response came.
	StatusCode int
	// Attempts is how many times the request was tried; 0 when it was given up
	// before. A request that the library refuses as invalid is no call.
	Attempts int
	// Waited is how long the call waited before and between attempts.
	Waited time.Duration
	// RateLimit is what the newest response said of the request budgets; where
	// this call got none, all its numbers are -1.
	RateLimit RateLimit
	// Err is what the call returns.
	Err error
}

// RateLimit is what the server's newest response said about the request budgets, in
// requests a minute. A number it did not name is -1.
type RateLimit struct {
	// Limit and Remaining are for the kind of request last made: creating and
	// deleting users and groups has a budget of its own.
	Limit, Remaining int
	// AppLimit and AppRemaining are for all requests of the app.
	AppLimit, AppRemaining int
	// Reset is when the budget is full again; zero if not said.
	Reset time.Time
	// At is when the response came; zero if none has come yet.
	At time.Time
}

// noRateLimit is what is known before anything was said.
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
