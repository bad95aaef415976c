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

// Always as [Fault.Times] makes a fault happen for as long as it is injected.
const Always = -1

// Fault makes requests fail. Method and Path say which requests it is about,
// Skip, Every and Times which of these it hits, and the other fields what
// happens to them.
//
// Status from 400 on, Code, Body and RedirectTo answer instead of the API: the
// request is not processed. With none of these it is processed, and the fault
// changes the response, or how long it takes.
type Fault struct {
	// Method is the HTTP method; empty is any.
	Method string `json:"method,omitempty"`
	// Path is relative to /v3. {name} in it stands for any one segment, and a
	// segment without braces for itself. Empty is any path.
	Path string `json:"path,omitempty"`
	// Skip lets so many matching requests through first.
	Skip int `json:"skip,omitempty"`
	// Every hits only each so-manieth of the matching requests after Skip; 0
	// and 1 hit all.
	Every int `json:"every,omitempty"`
	// Times is how often the fault happens; 0 is once, [Always] has no end.
	Times int `json:"times,omitempty"`

	// Latency delays the request before anything else, by [Server.Clock]; it ends
	// early, without a response, when the request is cancelled or the server
	// closed.
	Latency time.Duration `json:"latency,omitempty"`
	// DropBefore closes the connection without processing the request. An
	// [http.Transport] sends a GET again by itself when that happens on a
	// connection it has used before.
	DropBefore bool `json:"dropBefore,omitempty"`
	// DropAfter processes the request, then closes the connection without a
	// response.
	DropAfter bool `json:"dropAfter,omitempty"`

	// Status is the HTTP status. Below 400, and without Code, Body and
	// RedirectTo, it becomes the status of the request's own response. 0 is 400
	// with Code, 302 with RedirectTo and 200 with Body.
	Status int `json:"status,omitempty"`
	// Code is the error code in the envelope; with a Status of 200 the error
	// comes inside a success. Empty is ERR_TOO_MANY_REQUESTS for 429 and
	// ERR_EXCEPTION otherwise.
	Code string `json:"code,omitempty"`
	// Message is the error message in the envelope; empty is the text of the
	// status.
	Message string `json:"message,omitempty"`
	// Body, if not nil, is sent as it is in the place of an envelope; it may be
	// empty.
	Body []byte `json:"body,omitempty"`
	// RedirectTo is the URL of a redirect.
	RedirectTo string `json:"redirectTo,omitempty"`
	// RetryAfter is the value of the header Retry-After, in whatever form.
	RetryAfter string `json:"retryAfter,omitempty"`
	// Header is set on the response.
	Header http.Header `json:"header,omitempty"`

	// Truncate sends half of the body under the length of the whole, then
	// closes the connection.
	Truncate bool `json:"truncate,omitempty"`
	// TruncateJSON sends half of the body as if it were the whole.
	TruncateJSON bool `json:"truncateJSON,omitempty"`
	// Malformed sends a body as long as the right one that is not JSON.
	Malformed bool `json:"malformed,omitempty"`
	// RepeatPage sends a list as if the page before the one asked for had
	// been asked for (page 1 stays page 1), and a list with cursors as if the
	// cursor had not been sent.
	RepeatPage bool `json:"repeatPage,omitempty"`
}

// ActiveFault is a fault that was injected, and what became of it.
type ActiveFault struct {
	Fault
	// ID counts the faults of the server, from 1.
	ID int64
	// Seen is how many requests it was about, and Hits how many of these it has hit.
	Seen, Hits int
}

// Left is how often it happens yet; [Always] for one without an end.
func (f *ActiveFault) Left() int {
	if f.Times == Always {
		return Always
	}
	return max(1, f.Times) - f.Hits
}

// maxHits is more than a fault hits.
const maxHits = 1 << 32

type activeFault struct {
	ActiveFault
	match matcher
}

type faultList struct {
	mu   sync.Mutex
	last int64
	// removed counts up when faults are removed, by more than they have hit.
	removed int64
	list    []*activeFault
}

// Inject adds a fault and returns its id. For each request the faults are asked in
// the order they were injected, and the first that hits is the only one: two faults
// for the same path happen one after the other.
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

// Faults returns the faults that were injected, used up or not, in their order.
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

// RemoveFault forgets the fault with an id; it tells whether there was one.
func (s *Server) RemoveFault(id int64) bool {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	before := len(s.faults.list)
	s.faults.removed += maxHits
	s.faults.list = slices.DeleteFunc(s.faults.list, func(f *activeFault) bool { return f.ID == id })
	return len(s.faults.list) < before
}

// ClearFaults forgets all faults; requests that are being delayed stay delayed.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.removed += maxHits
	s.faults.list = nil
}

// next returns the fault that hits a request, and its id; the zero Fault when none
// does.
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

// instead returns the response that takes the place of processing, if there is
// one.
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

// rewindQuery undoes the last step of a walk over a list.
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
