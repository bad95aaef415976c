package cometchattest

import (
	"bytes"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// internalRequest is a request in a list.
type internalRequest struct {
	ID         int64     `json:"id"`
	Method     string    `json:"method"`
	Path       string    `json:"path"`
	Query      string    `json:"query"`
	Route      string    `json:"route"`
	Status     int       `json:"status"`
	Time       time.Time `json:"time"`
	DurationNS int64     `json:"duration"`
	ActingUser string    `json:"actingUser"`
	Fault      int64     `json:"fault"`
	BytesIn    int       `json:"bytesIn"`
	BytesOut   int       `json:"bytesOut"`
}

// internalRequestDetails are all details of a request.
type internalRequestDetails struct {
	internalRequest
	Header         http.Header `json:"header"`
	Body           []byte      `json:"body"`
	ResponseHeader http.Header `json:"answerHeader"`
	ResponseBody   []byte      `json:"answer"`
}

func (e *logEntry) view() internalRequest {
	return internalRequest{
		ID: e.ID, Method: e.Method, Path: e.base + e.Path, Query: e.Query.Encode(), Route: e.Route, Status: e.Status,
		Time: e.Time, DurationNS: int64(e.Duration), ActingUser: e.ActingUser, Fault: e.FaultID,
		BytesIn: e.BodySize, BytesOut: e.ResponseSize,
	}
}

// internalLog is a page of the log, newest first.
type internalLog struct {
	Requests []internalRequest `json:"requests"`
	Count    int               `json:"count"` // of all matching requests
}

// findRequests returns the requests in the log that match the parameters.
func findRequests(c *call) (any, error) {
	f := newFields(nil)
	limit := c.queryNumber(f, "limit", internalPage, 1, maxLimit)
	keep := c.requestFilter(f)
	if err := f.err(); err != nil {
		return nil, err
	}
	log := &c.server.log
	log.mu.Lock()
	defer log.mu.Unlock()
	page := internalLog{Requests: []internalRequest{}}
	for i := len(log.entries) - 1; i >= 0; i-- {
		if e := log.entries[i]; keep(e) {
			if page.Count++; page.Count <= limit {
				page.Requests = append(page.Requests, e.view())
			}
		}
	}
	return page, nil
}

// requestFilter returns the test of the parameters of findRequests.
func (c *call) requestFilter(f *fields) func(*logEntry) bool {
	before := int64(c.queryNumber(f, "before", math.MaxInt32, 0, math.MaxInt32))
	after := int64(c.queryNumber(f, "after", 0, 0, math.MaxInt32))
	q := []byte(c.query.Get("q"))
	method, route, user, fault := c.query.Get("method"), c.query.Get("route"), c.query.Get("actingUser"), c.query.Get("fault")
	match := newMatcher(method, c.query.Get("path"))
	status := c.statusFilter(f)
	return func(e *logEntry) bool {
		return e.ID < before && e.ID > after && match.matches(e.Method, e.route, e.segments) && status(e) &&
			(route == "" || e.Route == route) && (user == "" || strings.EqualFold(e.ActingUser, user)) &&
			(fault == "" || fault == "any" && e.FaultID != 0 || fault == strconv.FormatInt(e.FaultID, 10)) &&
			(len(q) == 0 || e.contains(q))
	}
}

// statusFilter returns the test of the parameter status: a status such as 404, a
// class such as 4xx, or dropped.
func (c *call) statusFilter(f *fields) func(*logEntry) bool {
	value := strings.ToLower(c.query.Get("status"))
	class, isClass := strings.CutSuffix(value, "xx")
	number, err := strconv.Atoi(class)
	switch {
	case value == "":
		return func(*logEntry) bool { return true }
	case value == "dropped":
		return func(e *logEntry) bool { return e.Status == 0 && e.Duration != 0 }
	case err != nil || isClass && (number < 1 || number > 9):
		f.fail("status", "The parameter status must be a status such as 404, a class such as 4xx, or dropped.")
	case isClass:
		return func(e *logEntry) bool { return e.Status/100 == number }
	}
	return func(e *logEntry) bool { return e.Status == number }
}

func (e *logEntry) contains(q []byte) bool {
	return bytes.Contains([]byte(e.Path), q) || bytes.Contains([]byte(e.Query.Encode()), q) ||
		strings.Contains(e.ActingUser, string(q)) || bytes.Contains(e.Body, q)
}

func describeRequest(c *call) (any, error) {
	log := &c.server.log
	log.mu.Lock()
	defer log.mu.Unlock()
	for _, e := range log.entries {
		if strconv.FormatInt(e.ID, 10) == c.param("id") {
			return internalRequestDetails{e.view(), e.Header, e.Body, e.ResponseHeader, e.ResponseBody}, nil
		}
	}
	return nil, newError(http.StatusNotFound, "ERR_REQUEST_NOT_FOUND", "There is no request %s in the log.", c.param("id"))
}
