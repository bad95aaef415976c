package cometchat

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-cometchat/cometchat/internal/redact"
	"github.com/go-cometchat/cometchat/internal/transport"
	"github.com/go-cometchat/cometchat/internal/wire"
)

// failure makes the error of a call without a response.
func (c *core) failure(o op, req *transport.Request, f *transport.Failure) error {
	if f.Wait > 0 {
		wait := &WaitError{Method: req.Method, Path: o.publicPath(), Wait: f.Wait, Err: ErrRateLimited, outcomeUnknown: f.OutcomeUnknown}
		switch {
		case f.Response != nil:
			wait.Err = c.answerError(o, req, f.Response, nil)
			f.Response.Release()
		case f.Cause != nil:
			wait.Err = c.broken(o, req, f, f.Cause)
		case f.Held:
			wait.Err = because(ErrRateLimited, f.Err.Error())
		}
		return wait
	}
	return c.broken(o, req, f, f.Err)
}

func (c *core) broken(o op, req *transport.Request, f *transport.Failure, cause error) *TransportError {
	return &TransportError{
		Method: req.Method, Path: o.publicPath(),
		Attempts: f.Attempts, Err: cause, outcomeUnknown: f.OutcomeUnknown,
	}
}

// answerError makes the error of a response. problem is what is wrong with a
// response that claims success, or nil.
func (c *core) answerError(o op, req *transport.Request, resp *transport.Response, problem *wire.Problem) *Error {
	success := resp.StatusCode >= 200 && resp.StatusCode <= 299
	fault := wire.FindFault(resp.Body, !success)
	clean := c.host(o.route).Redactor().With(req.Secrets...)
	e := newError(clean, resp.StatusCode, resp.Body, fault)
	e.Method, e.Path = req.Method, o.publicPath()
	e.Header = http.Header{}
	for k, values := range resp.Header {
		for _, v := range values {
			e.Header[k] = append(e.Header[k], clean.String(v))
		}
	}
	e.RetryAfter = transport.RetryAfter(resp.Header)
	switch {
	case e.Message != "":
	case problem != nil:
		e.Message = cleanText(clean, problem.Text)
	case resp.StatusCode >= 300 && resp.StatusCode <= 399:
		e.Message = "a redirect to another place was refused"
	default:
		e.Message = describe(clean, resp)
	}
	if resp.Cut != nil {
		e.Message = truncate(fmt.Sprintf("%s (its body was cut short: %v)", e.Message, resp.Cut), maxErrorText)
	}
	if e.Code == CodeAPINotFound && !c.settings.management {
		e.Message = truncate(e.Message+" (does the base URL lack its version, /v3?)", maxErrorText)
	}
	e.refused = problem != nil && problem.Refused
	// A response that cannot be read says nothing about whether the write was
	// carried out, and neither does one that reports a failure of the server.
	e.outcomeUnknown = resp.OutcomeUnknown || writes(o.route) &&
		(success && !e.refused || e.Code.category() == ErrServer)
	return e
}

// failed makes the error of a part of a call that succeeded as a whole.
func (o op) failed(c *core, raw []byte, fault *wire.Fault) *Error {
	e := newError(c.host(o.route).Redactor().With(o.secrets()...), http.StatusOK, raw, fault)
	e.Method, e.Path = o.route.Method, o.publicPath()
	e.refused = true
	e.outcomeUnknown = writes(o.route) && e.Code.category() == ErrServer
	return e
}

func writes(r *route) bool { return r.Method != http.MethodGet }

// newError makes the parts that both have in common: limited texts without
// secrets.
func newError(clean *redact.Redactor, status int, body []byte, fault *wire.Fault) *Error {
	e := &Error{
		StatusCode: status,
		Code:       ErrorCode(truncate(cleanText(clean, fault.Code), maxErrorCode)),
		Message:    cleanText(clean, fault.Message),
		DevMessage: cleanText(clean, fault.DevMessage),
		Source:     cleanText(clean, fault.Source),
		Body:       clean.Head(wire.TrimBOM(body), maxErrorBody),
	}
	e.Body = e.Body[:len(e.Body)-partialRune(e.Body)]
	size := 0
	for _, d := range fault.Details {
		field, text := cleanText(clean, d.Field), cleanText(clean, d.Text)
		if size += len(field) + len(text); size > maxErrorText && len(e.Details) > 0 {
			break
		}
		if e.Details == nil {
			e.Details = map[string][]string{}
		}
		e.Details[field] = append(e.Details[field], text)
	}
	return e
}

// cleanText returns the beginning of a text, without secrets.
func cleanText(clean *redact.Redactor, text string) string {
	head := string(clean.Head([]byte(text), maxErrorText))
	if len(text) > len(head) && len(head) == maxErrorText {
		head = truncate(head+"…", maxErrorText)
	}
	return head
}

// describe replaces the message of a response that has none, with the body itself
// if it is plain text, or with the kind of body it has.
func describe(clean *redact.Redactor, resp *transport.Response) string {
	body := bytes.TrimSpace(resp.Body)
	status := http.StatusText(resp.StatusCode)
	if len(body) == 0 {
		return strings.TrimSpace(status + " (no body)")
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind = "unknown type"
	}
	if head := clean.Head(body, maxPlainText+1); kind == "text/plain" && body[0] != '<' && utf8.Valid(head) {
		return truncate(string(head), maxPlainText)
	}
	return strings.TrimSpace(fmt.Sprintf("%s (%d bytes of %s)", status, len(resp.Body), kind))
}

// partialRune returns how many bytes at the end of a text belong to a character
// that was cut.
func partialRune(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			break
		}
	}
	return 0
}
