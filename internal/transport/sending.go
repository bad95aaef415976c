package transport

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// sending watches whether anything of a request may have been written. Without
// proof that nothing was, it counts as sent.
type sending struct {
	plain      bool // http.Transport alone has it: no other connections than it reports
	body       bool // there is one
	asked, got atomic.Bool
	read       atomic.Bool // of the body
}

// watch returns the request to hand on in the place of req.
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

// impossible says whether nothing can have been written. That no connection was
// had is proof for the one RoundTripper whose connections all report: another may
// have tried first by means that report nothing. Whoever wrote a body, though,
// has read it.
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
