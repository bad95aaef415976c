package cometchattest

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Always is the value of [Fault.Times] that makes a fault happen until it is
// removed.
const Always = -1

// Fault makes requests fail. Method and Path select the requests, Skip, Every and
// Times select which of these the fault hits, and the other fields say what
// happens to them.
//
// A Status of 400 or more, Code, Body and RedirectTo replace the response of the
// API: the request is not processed. Without these, the request is processed, and
// the fault changes or delays the response.
type Fault struct {
	// Method is the HTTP method; empty matches any.
	Method string `json:"method,omitempty"`
	// Path is relative to /v3 or /management. A segment in braces, such as
	// {name}, matches any one segment. An empty Path matches any path.
	Path string `json:"path,omitempty"`
	// Skip is the number of matching requests to let through first.
	Skip int `json:"skip,omitempty"`
	// Every makes the fault hit only every nth of the matching requests after
	// Skip; 0 and 1 hit all of them.
	Every int `json:"every,omitempty"`
	// Times is how often the fault happens; 0 means once, [Always] means without
	// limit.
	Times int `json:"times,omitempty"`

	// Latency delays the request before anything else, by [Server.Clock]. The
	// delay ends early, without a response, if the request is cancelled or the
	// server is closed.
	Latency time.Duration `json:"latency,omitempty"`
	// DropBefore closes the connection without processing the request. An
	// [http.Transport] retries a GET by itself if that happens on a reused
	// connection.
	DropBefore bool `json:"dropBefore,omitempty"`
	// DropAfter processes the request, then closes the connection without a
	// response.
	DropAfter bool `json:"dropAfter,omitempty"`

	// Status is the HTTP status. A Status below 400 without Code, Body and
	// RedirectTo replaces the status of the request's own response. 0 means 400
	// with Code, 302 with RedirectTo and 200 with Body.
	Status int `json:"status,omitempty"`
	// Code is the error code in the envelope. With a Status of 200, the response
	// is a success that contains the error. If empty, the code is
	// ERR_TOO_MANY_REQUESTS for 429 and ERR_EXCEPTION otherwise.
	Code string `json:"code,omitempty"`
	// Message is the error message in the envelope; if empty, it is the text of
	// the status.
	Message string `json:"message,omitempty"`
	// Body, if not nil, is sent unchanged instead of an envelope; it may be
	// empty.
	Body []byte `json:"body,omitempty"`
	// RedirectTo is the URL of a redirect.
	RedirectTo string `json:"redirectTo,omitempty"`
	// RetryAfter is the value of the header Retry-After, in any format.
	RetryAfter string `json:"retryAfter,omitempty"`
	// Header holds headers to set on the response.
	Header http.Header `json:"header,omitempty"`

	// Truncate sends half of the body with the Content-Length of the whole, then
	// closes the connection.
	Truncate bool `json:"truncate,omitempty"`
	// TruncateJSON sends half of the body with the matching Content-Length.
	TruncateJSON bool `json:"truncateJSON,omitempty"`
	// Malformed sends a body of the right length that is not valid JSON.
	Malformed bool `json:"malformed,omitempty"`
	// RepeatPage returns the page before the requested one (page 1 stays page 1).
	// A list with cursors ignores the cursor.
	RepeatPage bool `json:"repeatPage,omitempty"`
}

// ActiveFault is an injected fault with its state.
type ActiveFault struct {
	Fault
	// ID is the number of the fault on the server, counted from 1.
	ID int64
	// Seen is the number of matching requests, and Hits the number of those the
	// fault has hit.
	Seen, Hits int
}

// Left returns how often the fault can still happen, or [Always] if there is no
// limit.
func (f *ActiveFault) Left() int {
	if f.Times == Always {
		return Always
	}
	return max(1, f.Times) - f.Hits
}

// maxHits is larger than the number of hits of any fault.
const maxHits = 1 << 32

type activeFault struct {
	ActiveFault
	match matcher
}

type faultList struct {
	mu   sync.Mutex
	last int64
	// removed increases when faults are removed, by more than their hits.
	removed int64
	list    []*activeFault
}

// Inject adds a fault and returns its id. The faults are tried in the order they
// were injected, and only the first one that hits a request applies to it: two
// faults for the same path happen one after the other.
func (s *Server) Inject(f Fault) (id int64) {
	f = f.clone()
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.last++
	s.faults.list = append(s.faults.list, &activeFault{ActiveFault{Fault: f, ID: s.faults.last}, newMatcher(f.Method, f.Path)})
	return s.faults.last
}

func (f Fault) clone() Fault {
	f.Header, f.Body = f.Header.Clone(), slices.Clone(f.Body)
	return f
}

// Faults returns the injected faults, including those used up, in the order they
// were injected.
func (s *Server) Faults() []ActiveFault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := make([]ActiveFault, len(s.faults.list))
	for i, f := range s.faults.list {
		list[i] = f.ActiveFault
		list[i].Fault = f.clone()
	}
	return list
}

// RemoveFault removes the fault with an id. It reports whether there was one.
func (s *Server) RemoveFault(id int64) bool {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	before := len(s.faults.list)
	s.faults.removed += maxHits
	s.faults.list = slices.DeleteFunc(s.faults.list, func(f *activeFault) bool { return f.ID == id })
	return len(s.faults.list) < before
}

// ClearFaults removes all faults. Requests that are already being delayed stay
// delayed.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.removed += maxHits
	s.faults.list = nil
}

// next returns the fault that hits a request, and its id, or the zero Fault if
// none does.
func (l *faultList) next(method string, rt *route, segments []string) (Fault, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.list {
		if f.Left() == 0 || !f.match.matches(method, rt, segments) {
			continue
		}
		f.Seen++
		if n := f.Seen - f.Skip; n > 0 && n%max(1, f.Every) == 0 {
			f.Hits++
			return f.Fault, f.ID
		}
	}
	return Fault{}, 0
}

// instead returns the response that replaces processing the request, if the fault
// has one.
func (f *Fault) instead() (response, bool) {
	switch {
	case f.RedirectTo != "":
		return response{
			status: cmp.Or(f.Status, http.StatusFound),
			header: http.Header{"Location": {f.RedirectTo}}, foreign: true,
		}, true
	case f.Body != nil:
		return response{status: cmp.Or(f.Status, http.StatusOK), body: f.Body, foreign: true}, true
	case f.Code == "" && f.Status < http.StatusBadRequest:
		return response{}, false
	}
	status := cmp.Or(f.Status, http.StatusBadRequest)
	code := "ERR_EXCEPTION"
	if status == http.StatusTooManyRequests {
		code = "ERR_TOO_MANY_REQUESTS"
	}
	return responseFor(nil, newError(status, cmp.Or(f.Code, code), "%s", cmp.Or(f.Message, http.StatusText(status)))), true
}

// rewindQuery undoes the last step of paging through a list.
func rewindQuery(query url.Values) url.Values {
	query = maps.Clone(query)
	if page, err := strconv.Atoi(query.Get("page")); err == nil && page > 1 {
		query["page"] = []string{strconv.Itoa(page - 1)}
	}
	for _, cursor := range []string{"affix", "id", "sentAt", "updatedAt"} {
		delete(query, cursor)
	}
	return query
}

// apply changes a response as the fault says.
func (f *Fault) apply(a response) response {
	if f.Status != 0 {
		a.status = f.Status
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	if f.RetryAfter != "" {
		a.header.Set("Retry-After", f.RetryAfter)
	}
	for key, values := range f.Header {
		a.header[http.CanonicalHeaderKey(key)] = slices.Clone(values)
	}
	if f.TruncateJSON {
		a.body = a.body[:len(a.body)/2]
	}
	if n := len(a.body); f.Malformed && n > 0 {
		// Every response ends with the brace of the envelope.
		a.body = append(slices.Clone(a.body[:n-1]), ']')
	}
	return a
}
