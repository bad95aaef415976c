package cometchattest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Clock is the clock of a [Server]; see [Server.Clock]. It determines timestamps,
// rate limits, the retries of deliveries and [Fault.Latency]. It follows the real
// time, or the clock given to [Server.SetClock], until it is moved or stopped. It
// is safe for concurrent use by multiple goroutines.
type Clock struct {
	mu      sync.Mutex
	base    func() time.Time // the clock it follows
	ahead   time.Duration    // of base
	stopped bool
	at      time.Time // the time while stopped
	waiting []chan struct{}
}

func newClock() *Clock { return &Clock{base: time.Now} }

// Now returns the current time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.stopped {
		return c.at
	}
	return c.base().Add(c.ahead)
}

// Set moves the clock to a time. The clock continues from there, unless it is
// stopped. Pending events that become due, such as a retry, happen at once.
func (c *Clock) Set(t time.Time) {
	c.change(func() { c.set(t) })
}

// Advance moves the clock forward by d, or back if d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.change(func() { c.set(c.now().Add(d)) })
}

func (c *Clock) set(t time.Time) {
	if c.stopped {
		c.at = t
	} else {
		c.ahead += t.Sub(c.now())
	}
}

// Stop stops the clock, so that only Set and Advance move it. Stopping a stopped
// clock has no effect.
func (c *Clock) Stop() {
	c.change(func() { c.at, c.stopped = c.now(), true })
}

// Run starts a stopped clock again from its current time.
func (c *Clock) Run() {
	c.change(func() {
		if c.stopped {
			c.stopped = false
			c.set(c.at)
		}
	})
}

// Reset makes the clock follow its base again, as if it had never been moved or
// stopped.
func (c *Clock) Reset() {
	c.change(func() { c.stopped, c.ahead = false, 0 })
}

// Stopped reports whether the clock is stopped.
func (c *Clock) Stopped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped
}

// Ahead returns how far the clock is ahead of the clock it follows; the result is
// negative if it is behind.
func (c *Clock) Ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return c.at.Sub(c.base())
	}
	return c.ahead
}

func (c *Clock) follow(base func() time.Time) {
	c.change(func() {
		if c.base = base; base == nil {
			c.base = time.Now
		}
	})
}

// change changes the clock and wakes its waiters.
func (c *Clock) change(what func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what()
	for _, w := range c.waiting {
		close(w)
	}
	c.waiting = nil
}

// sleep waits for d by the clock. It reports false if ctx ends first.
func (c *Clock) sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	due := c.Now().Add(d)
	for {
		switch c.wait(due, ctx.Done()) {
		case waitDue:
			return true
		case waitCancelled:
			return false
		}
	}
}

// The reasons for which waiting ends: the time has come, the clock was changed,
// or the wait was cancelled.
const (
	waitDue = iota
	waitChanged
	waitCancelled
)

// wait waits until due. A clock given to [Server.SetClock] may stop or jump
// without notice, so wait measures the remaining time in real time.
func (c *Clock) wait(due time.Time, cancel <-chan struct{}) int {
	c.mu.Lock()
	left := due.Sub(c.now())
	if left <= 0 {
		c.mu.Unlock()
		return waitDue
	}
	// Each waiter makes its own channel, so that it belongs to the waiter's
	// testing/synctest bubble.
	changed := make(chan struct{})
	c.waiting = append(c.waiting, changed)
	var passed <-chan time.Time
	if !c.stopped {
		timer := time.NewTimer(left)
		defer timer.Stop()
		passed = timer.C
	}
	c.mu.Unlock()
	defer c.forget(changed)
	select {
	case <-passed:
		return waitDue
	case <-changed:
		return waitChanged
	case <-cancel:
		return waitCancelled
	}
}

func (c *Clock) forget(w chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = slices.DeleteFunc(c.waiting, func(other chan struct{}) bool { return other == w })
}

// Clock returns the clock of the server.
func (s *Server) Clock() *Clock { return s.clock }

// SetClock sets the clock that the server's clock follows; nil stands for
// [time.Now], the default. It is safe for concurrent use by multiple goroutines.
// While the server follows another clock, waits last as long in real time as by
// that clock, unless [Clock.Advance] or [Clock.Set] ends them.
func (s *Server) SetClock(clock func() time.Time) { s.clock.follow(clock) }

func (s *Server) now() time.Time { return s.clock.Now() }
