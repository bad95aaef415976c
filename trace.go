package cometchat

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Response is an answer as it came, for WithResponse. Printing it shows the
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

// Tracer is called when a call starts, and the function it returns when the
// call ends; the context it returns is the one the requests are sent with. A
// list makes one call for each page. The function may be nil.
type Tracer func(ctx context.Context, call OperationInfo) (context.Context, func(OperationResult))

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

// OperationResult describes a call that ended.
type OperationResult struct {
	// StatusCode is the last HTTP status; 0 when no answer came.
	StatusCode int
	// Attempts is how many times the request was tried; 0 when it was given up
	// before. A request that the library refuses as invalid is no call.
	Attempts int
	// Waited is how long the call waited before and between attempts.
	Waited time.Duration
	// Err is what the call returns.
	Err error
}

// RateLimit is what the server's newest answer said of the request budgets, in
// requests a minute. A number it did not name is -1.
type RateLimit struct {
	// Limit and Remaining are for the kind of request last made: creating and
	// deleting users and groups has a budget of its own.
	Limit, Remaining int
	// AppLimit and AppRemaining are for all requests of the app.
	AppLimit, AppRemaining int
	// Reset is when the budget is full again; zero if not said.
	Reset time.Time
	// At is when the answer came; zero if none has come yet.
	At time.Time
}
