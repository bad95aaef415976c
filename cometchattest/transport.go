package cometchattest

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// Transport returns an [http.RoundTripper] through which an [http.Client] reaches
// the server without a socket, whatever the host of the request. It is faster
// than the loopback interface, and works inside a testing/synctest bubble. If a
// fault or [Server.Close] breaks the connection, the request fails with [io.EOF],
// or reading the body fails with [io.ErrUnexpectedEOF].
func (s *Server) Transport() http.RoundTripper { return memoryTransport{s} }

// memoryTransport passes requests to a handler, on the calling goroutine.
type memoryTransport struct{ handler http.Handler }

// RoundTrip passes a request to the handler and returns its response.
func (t memoryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	received := req.Clone(ctx)
	if received.Body == nil {
		received.Body = http.NoBody
	}
	defer func() { _ = received.Body.Close() }()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	received.RequestURI = req.URL.RequestURI()
	if received.Host == "" {
		received.Host = req.URL.Host
	}
	w := &memoryWriter{header: http.Header{}}
	broken := w.serve(t.handler, received)
	if broken && !w.flushed {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}
	w.WriteHeader(http.StatusOK)
	res := &http.Response{
		Status:     strconv.Itoa(w.status) + " " + http.StatusText(w.status),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, ContentLength: int64(w.body.Len()), Request: req,
	}
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		res.ContentLength = n
	}
	var body io.Reader = &w.body
	if broken {
		body = io.MultiReader(body, brokenOff{})
	}
	res.Body = io.NopCloser(body)
	return res, nil
}

// brokenOff ends a truncated body.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// memoryWriter is an [http.ResponseWriter] that stores the response.
type memoryWriter struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
	flushed      bool
}

// serve reports whether the handler breaks the connection.
func (w *memoryWriter) serve(h http.Handler, r *http.Request) (broken bool) {
	defer func() {
		if v := recover(); v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it, too.
			broken = true
		} else if v != nil {
			panic(v)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

func (w *memoryWriter) Header() http.Header { return w.header }

func (w *memoryWriter) WriteHeader(status int) {
	if w.sent == nil && status >= http.StatusOK {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *memoryWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush marks the response as started.
func (w *memoryWriter) Flush() {
	w.WriteHeader(http.StatusOK)
	w.flushed = true
}
