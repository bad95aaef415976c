package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
)

// maxIdle bounds the idle connections of the pool, to all hosts together. Each
// one of HTTP/1 costs two goroutines; connections in use do not count, and a
// busy backend has few idle ones at any moment.
const maxIdle = 32

// pool holds the connections of all Transports without an http.Client of their
// own, as http.DefaultTransport does for http.Clients: made and dropped for each
// job or tenant, they leave nothing behind.
var pool struct {
	sync.Mutex
	like *http.Transport // the http.DefaultTransport it was made from
	own  *http.Transport
}

// pooled returns the pool, made like http.DefaultTransport, proxies of the
// environment included.
func pooled() http.RoundTripper {
	d, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	pool.Lock()
	defer pool.Unlock()
	if pool.like != d {
		pool.like, pool.own = d, d.Clone()
		pool.own.MaxIdleConns, pool.own.MaxIdleConnsPerHost = maxIdle, maxIdle
		if pool.own.OnProxyConnectResponse == nil {
			pool.own.OnProxyConnectResponse = checkProxy
		}
	}
	return pool.own
}

// proxyError reports a proxy that did not let a connection through.
type proxyError struct{ status int }

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", e.status, http.StatusText(e.status))
}

func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{resp.StatusCode}
}
