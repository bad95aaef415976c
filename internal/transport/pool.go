package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
)

// maxIdle bounds the idle connections of the pool, to all hosts together. Each
// HTTP/1 connection costs two goroutines. Connections in use do not count, and a
// busy backend has few idle ones at any moment.
const maxIdle = 32

// pool holds the connections of all Transports that have no http.Client of their
// own, as http.DefaultTransport does for http.Clients. So Transports that are
// made and dropped for each job or tenant leave no connections behind.
var pool struct {
	sync.Mutex
	like *http.Transport // the http.DefaultTransport it was made from
	own  *http.Transport
}

// pooled returns the pool. It is a copy of http.DefaultTransport, including the
// proxies from the environment.
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

// proxyError reports a proxy that refused a connection.
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
