// Package memnet is a network that exists only in memory, for tests that run
// inside a testing/synctest bubble. A goroutine that waits on a real socket keeps
// the bubble's clock from moving; a goroutine that waits on memnet does not.
//
// Create the listener inside the bubble, serve on it, and close it (or let every connection end) before the bubble's
// function returns.
package memnet

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// Listener is a net.Listener whose connections are pairs made by net.Pipe. It is safe for concurrent use.
//
// Connections are synchronous and unbuffered: a write returns when the peer has read it, a dial when it has been
// accepted. Deadlines work.
type Listener struct {
	accept chan net.Conn
	done   chan struct{}

	mu     sync.Mutex
	closed bool
	refuse int
	conns  map[*conn]struct{}
}

// Listen returns a listener that accepts connections dialed with its DialContext.
func Listen() *Listener {
	return &Listener{
		accept: make(chan net.Conn),
		done:   make(chan struct{}),
		conns:  make(map[*conn]struct{}),
	}
}

// Accept waits for the next dial. After Close it fails with an error that matches net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.done:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
}

// Close stops accepting and ends every connection made through the listener, on both sides, so that no goroutine is
// left blocked on one. Dials fail from then on as refused. Closing twice is harmless.
//
// Unlike this one, a net.Listener of the operating system leaves established
// connections alone. Let requests in flight finish before closing a Listener.
func (l *Listener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	close(l.done)
	conns := make([]*conn, 0, len(l.conns))
	for c := range l.conns {
		conns = append(conns, c)
	}
	l.mu.Unlock()

	for _, c := range conns {
		_ = c.Close()
	}
	return nil
}

// Addr returns 127.0.0.1:80 on tcp. The address is not real. It is a loopback
// address, so that code which allows plain http only for loopback accepts a URL
// built from it.
func (l *Listener) Addr() net.Addr { return address("127.0.0.1:80") }

// Refuse makes the next n dials fail with a connection refused error. It replaces
// what is left of an earlier Refuse.
func (l *Listener) Refuse(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuse = n
}

// DialContext connects to the listener, whatever addr names, and waits until the
// connection is accepted. It fails with a *net.OpError for "dial" that wraps
// syscall.ECONNREFUSED after Refuse or Close, or else the context's error.
func (l *Listener) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: address(addr), Err: err}
	}
	if err := ctx.Err(); err != nil {
		return fail(err)
	}

	l.mu.Lock()
	if l.closed || l.refuse > 0 {
		if l.refuse > 0 {
			l.refuse--
		}
		l.mu.Unlock()
		return fail(refused())
	}
	near, far := l.pipe(address(addr))
	l.mu.Unlock()

	select {
	case l.accept <- far:
		return near, nil
	case <-l.done:
		_, _ = near.Close(), far.Close()
		return fail(refused())
	case <-ctx.Done():
		_, _ = near.Close(), far.Close()
		return fail(ctx.Err())
	}
}

// Transport returns a new *http.Transport that dials the listener, whatever host a URL names. It uses no proxy.
func (l *Listener) Transport() *http.Transport {
	return &http.Transport{DialContext: l.DialContext}
}

// HTTPClient returns a new *http.Client with its own Transport and without a
// timeout.
func (l *Listener) HTTPClient() *http.Client {
	return &http.Client{Transport: l.Transport()}
}

// pipe makes a connection and remembers both ends. l.mu must be held.
func (l *Listener) pipe(server address) (near, far *conn) {
	a, b := net.Pipe()
	client := address("127.0.0.1:0")
	near = &conn{Conn: a, l: l, local: client, remote: server}
	far = &conn{Conn: b, l: l, local: server, remote: client}
	l.conns[near] = struct{}{}
	l.conns[far] = struct{}{}
	return near, far
}

func (l *Listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

func refused() error { return os.NewSyscallError("connect", syscall.ECONNREFUSED) }

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

// conn makes one end of a pipe fail as a TCP connection does. net/http and the
// code above it distinguish errors by these types.
type conn struct {
	net.Conn
	l             *Listener
	local, remote address
	closed        atomic.Bool
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, c.wrap("read", err)
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.wrap("write", err)
}

// Close ends the connection; the peer reads io.EOF. Closing twice is harmless.
func (c *conn) Close() error {
	c.closed.Store(true)
	c.l.forget(c)
	return c.Conn.Close()
}

func (c *conn) wrap(op string, err error) error {
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.Is(err, io.ErrClosedPipe) && c.closed.Load():
		err = net.ErrClosed
	case errors.Is(err, io.ErrClosedPipe):
		err = os.NewSyscallError(op, syscall.EPIPE)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}
