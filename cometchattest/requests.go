package cometchattest

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Request is a request that reached the server, whether or not it got a response.
type Request struct {
	// ID counts the requests from 1. [Server.ResetRequests] does not reset it.
	ID int64
	// Method is the HTTP method.
	Method string
	// Path is the path as it was sent, escaped, without the leading /v3 or
	// /management.
	Path string
	// Route is the pattern of the operation, such as "GET /users/{uid}"; empty if
	// there is none.
	Route string
	// Query holds the parameters of the URL.
	Query url.Values
	// Header holds the headers, with API keys, auth tokens and the credentials of
	// the Management API replaced by "[redacted]".
	Header http.Header
	// Body is the body as it was sent, and BodySize its size in bytes. If
	// [WithRequestLog] bounds the bytes of the log, Body has at most 64 KiB.
	Body     []byte
	BodySize int
	// Status is the HTTP status of the response; 0 while the request is being
	// processed, and if the connection was closed without a response.
	Status int
	// ActingUser is the value of the header onBehalfOf, or empty.
	ActingUser string
	// Time is when the request arrived, by the server's clock.
	Time time.Time
	// Duration is how long processing took, in real time; 0 while the request is
	// being processed.
	Duration time.Duration
	// FaultID is the id of the fault that hit the request, or 0; see
	// [Server.Inject].
	FaultID int64
	// ResponseBody is the body of the response as sent, at most 64 KiB of it,
	// ResponseSize its size in bytes, and ResponseHeader its headers. They are only
	// kept if [WithRequestLog] bounds the bytes of the log.
	ResponseBody   []byte
	ResponseSize   int
	ResponseHeader http.Header
}

// WithRequestLog bounds the log of requests. It keeps the newest requests: at
// most the given number of entries, and at most the given number of bytes of
// paths, parameters, headers, bodies and responses in total, and of each body and
// response at most 64 KiB. A request that alone exceeds the bytes is not logged. A
// bound of 0 means no bound. By default the log is not bounded and keeps no
// responses.
func WithRequestLog(entries, bytes int) Option {
	return func(s *Server) { s.log.maxEntries, s.log.maxSize = entries, bytes }
}

// requestLog holds requests in the order they arrived.
type requestLog struct {
	maxEntries, maxSize int // 0 means no limit

	mu      sync.Mutex
	entries []*logEntry
	size    int   // of all entries, in bytes
	last    int64 // the id of the newest
	open    int   // number of requests being processed
}

type logEntry struct {
	Request
	route    *route
	base     string // of the path
	segments []string
	size     int // in bytes
	began    time.Time
}

// maxLoggedBody is how many bytes of a body a bounded log keeps.
const maxLoggedBody = 64 << 10

// kept returns the part of a body that the log keeps: a copy, if it is not the whole.
func (l *requestLog) kept(body []byte) []byte {
	if l.maxSize == 0 || len(body) <= maxLoggedBody {
		return body
	}
	return bytes.Clone(body[:maxLoggedBody])
}

func (l *requestLog) add(e *logEntry) {
	e.began = time.Now()
	e.Body, e.BodySize = l.kept(e.Body), len(e.Body)
	e.size = len(e.Path) + len(e.Body) + sizeOf(e.Query) + sizeOf(e.Header)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	e.ID = l.last
	l.open++
	if l.maxSize > 0 && e.size > l.maxSize {
		return
	}
	l.entries = append(l.entries, e)
	l.size += e.size
	l.trim()
}

// sizeOf returns the size of parameters or headers in bytes.
func sizeOf(values map[string][]string) int {
	n := 0
	for name, list := range values {
		n += len(name)
		for _, value := range list {
			n += len(value)
		}
	}
	return n
}

// trim removes the oldest entries until the log is within its bounds.
func (l *requestLog) trim() {
	for len(l.entries) > 0 &&
		(l.maxEntries > 0 && len(l.entries) > l.maxEntries || l.maxSize > 0 && l.size > l.maxSize) {
		l.size -= l.entries[0].size
		l.entries[0].size = 0
		l.entries[0] = nil
		l.entries = l.entries[1:]
	}
}

// hit records that a fault hit a request.
func (l *requestLog) hit(e *logEntry, fault int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.FaultID = fault
}

// done records the end of a request, unless it is already recorded. A nil
// response means that the connection was closed.
func (l *requestLog) done(e *logEntry, a *response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.Duration != 0 {
		return
	}
	e.Duration = max(time.Since(e.began), 1)
	l.open--
	if a == nil {
		return
	}
	e.Status = a.status
	if l.maxSize > 0 && e.size > 0 { // still in the log
		e.ResponseBody, e.ResponseSize, e.ResponseHeader = l.kept(a.body), len(a.body), a.header.Clone()
		size := len(e.ResponseBody) + sizeOf(e.ResponseHeader)
		e.size += size
		l.size += size
		l.trim()
	}
}

// Requests returns the requests since the server was created, or since
// [Server.ResetRequests], in the order they arrived; with [WithRequestLog] only
// the newest. The values are copies and may be changed.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	list := make([]Request, len(s.log.entries))
	for i, e := range s.log.entries {
		r := e.Request
		r.Query = url.Values(http.Header(r.Query).Clone())
		r.Header, r.ResponseHeader = r.Header.Clone(), r.ResponseHeader.Clone()
		r.Body, r.ResponseBody = bytes.Clone(r.Body), bytes.Clone(r.ResponseBody)
		list[i] = r
	}
	return list
}

// ResetRequests removes all requests from the log.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	for _, e := range s.log.entries {
		e.size = 0
	}
	s.log.entries, s.log.size = nil, 0
}

// Count returns the number of requests in the log with a method and a path. The
// path is relative to /v3 or /management. A segment in braces, such as {name},
// matches any one segment. An empty method or path matches any.
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

// redactHeader returns a copy of headers without API keys, auth tokens and the
// credentials of the Management API.
func redactHeader(h http.Header) http.Header {
	h = h.Clone()
	for _, key := range slices.Collect(maps.Keys(h)) {
		if containsFold([]string{apiKeyHeader, authTokenHeader, accountKeyHeader, accountSecretHeader}, key) {
			h[key] = []string{"[redacted]"}
		}
	}
	return h
}
