package cometchat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/go-cometchat/cometchat/internal/transport"
)

// failure makes the error of a call without an answer.
func (c *core) failure(o op, req *transport.Request, f *transport.Failure) error {
	if f.Wait > 0 {
		wait := &WaitError{Wait: f.Wait, Err: ErrRateLimited, outcomeUnknown: f.OutcomeUnknown}
		switch {
		case f.Response != nil:
			wait.Err = c.answerError(o, req, f.Response, "")
			f.Response.Release()
		case f.Cause != nil:
			wait.Err = c.broken(o, req, f, f.Cause)
		}
		return wait
	}
	return c.broken(o, req, f, f.Err)
}

func (c *core) broken(o op, req *transport.Request, f *transport.Failure, cause error) *TransportError {
	return &TransportError{
		Method: req.Method, Path: o.publicPath(req.Path),
		Attempts: f.Attempts, Err: cause, outcomeUnknown: f.OutcomeUnknown,
	}
}

// answerError makes the error of an answer. problem is what is wrong with an
// answer that claims success.
func (c *core) answerError(o op, req *transport.Request, resp *transport.Response, problem string) *Error {
	clean := c.transport.Redactor().With(req.Secrets...)
	e := &Error{
		StatusCode:     resp.StatusCode,
		Method:         req.Method,
		Path:           o.publicPath(req.Path),
		Header:         http.Header{},
		outcomeUnknown: resp.OutcomeUnknown,
	}
	for k, values := range resp.Header {
		for _, v := range values {
			e.Header[k] = append(e.Header[k], clean.String(v))
		}
	}
	e.RetryAfter, _ = transport.RetryAfter(resp.Header)
	e.Body = []byte(truncate(string(clean.Head(resp.Body, maxErrorBody)), maxErrorBody))

	e.fill(findError(resp.Body), clean)
	switch {
	case e.Message != "":
	case problem != "":
		e.Message = problem
	case resp.StatusCode >= 300 && resp.StatusCode <= 399:
		e.Message = "a redirect to another place was refused"
	default:
		e.Message = describe(resp)
	}
	return e
}

// describe stands in for the message of an answer that has none.
func describe(resp *transport.Response) string {
	if len(bytes.TrimSpace(resp.Body)) == 0 {
		return strings.TrimSpace(http.StatusText(resp.StatusCode) + " (no body)")
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind = "unknown type"
	}
	return strings.TrimSpace(fmt.Sprintf("%s (%d bytes of %s)", http.StatusText(resp.StatusCode), len(resp.Body), kind))
}

// findError returns the error an answer holds, in its envelope or without one.
func findError(body []byte) errorBody {
	var env struct {
		Data  json.RawMessage `json:"data"`
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &env) == nil {
		switch {
		case present(env.Error):
			return parseErrorBody(env.Error)
		case env.Data != nil:
			return errorBody{}
		}
	}
	return parseErrorBody(body)
}
