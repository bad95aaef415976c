package transport

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// sending watches whether any part of a request may have been written. Without
// proof to the contrary, a request counts as sent.
type sending struct {
	plain      bool // http.Transport alone sends it, so that it reports every connection
	body       bool // the request has a body
	asked, got atomic.Bool
	read       atomic.Bool // a part of the body was read
}

// watch returns the request to send in place of req.
func (s *sending) watch(ctx context.Context, req *http.Request) *http.Request {
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { s.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { s.got.Store(true) },
	}))
	if req.Body == nil || req.Body == http.NoBody {
		return req
	}
	s.body = true
	if s.plain {
		return req
	}
	req.Body = &watched{req.Body, s}
	if get := req.GetBody; get != nil {
		req.GetBody = func() (io.ReadCloser, error) {
			b, err := get()
			if err != nil {
				return nil, err
			}
			return &watched{b, s}, nil
		}
	}
	return req
}

// impossible reports whether nothing can have been written. If no connection was
// obtained, that is proof for http.Transport alone, which reports all of its
// connections. Another RoundTripper may have tried first by means that report
// nothing. To write a body, however, it must have read it.
func (s *sending) impossible() bool {
	return s.asked.Load() && !s.got.Load() && (s.plain || s.body && !s.read.Load())
}

type watched struct {
	io.ReadCloser
	s *sending
}

func (w *watched) Read(b []byte) (int, error) {
	w.s.read.Store(true)
	return w.ReadCloser.Read(b)
}
