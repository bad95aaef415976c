package cometchattest

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one request that reached the server, in whatever way it ended.
type Request struct {
	// Method is the HTTP method.
	Method string
	// Path is the path as it was sent, escaped, without the leading /v3.
	Path string
	// Route is the pattern of the operation, such as "GET /users/{uid}"; empty
	// when there is none.
	Route string
	// Query holds the parameters of the URL.
	Query url.Values
	// Header holds the headers, with the API key and auth tokens replaced by
	// "[redacted]".
	Header http.Header
	// Body is the body as it was sent.
	Body []byte
	// Status is the HTTP status of the answer; 0 while the request is being
	// processed and when the connection was closed without an answer.
	Status int
	// ActingUser is the value of the header onBehalfOf; empty without it.
	ActingUser string
	// Time is when the request arrived, by the server's clock.
	Time time.Time
}

// requestLog keeps requests in the order of their arrival.
type requestLog struct {
	mu      sync.Mutex
	entries []*logEntry
}

type logEntry struct {
	Request
	route    *route
	segments []string
}

func (l *requestLog) add(e *logEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
}

func (l *requestLog) setStatus(e *logEntry, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Status = status
}

// Requests returns the requests since the server was made, or since
// [Server.ResetRequests], in the order of their arrival. The log grows without
// bound; the values are copies and may be changed.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	list := make([]Request, len(s.log.entries))
	for i, e := range s.log.entries {
		r := e.Request
		r.Query = url.Values(http.Header(r.Query).Clone())
		r.Header = r.Header.Clone()
		r.Body = bytes.Clone(r.Body)
		list[i] = r
	}
	return list
}

// ResetRequests empties the log of requests.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.entries = nil
}

// Count returns how many requests of the log have a method and a path. The path
// is relative to /v3; {name} in it stands for any one segment, and a segment
// without braces for itself. An empty method or path stands for any.
func (s *Server) Count(method, pattern string) int {
	m := newMatcher(method, pattern)
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	n := 0
	for _, e := range s.log.entries {
		if m.matches(e.Method, e.route, e.segments) {
			n++
		}
	}
	return n
}

// redactHeader copies headers without the API key and auth tokens.
func redactHeader(h http.Header) http.Header {
	h = h.Clone()
	for _, key := range slices.Collect(maps.Keys(h)) {
		if strings.EqualFold(key, apiKeyHeader) || strings.EqualFold(key, authTokenHeader) {
			h[key] = []string{"[redacted]"}
		}
	}
	return h
}
