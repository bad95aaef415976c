package cometchattest

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Clock is the clock of a [Server], see [Server.Clock]: timestamps, rate limits,
// the retries of deliveries and [Fault.Latency] go by it. It follows the real
// time, or the one of [Server.SetClock], until it is moved or stopped. It may be
// used by any number of goroutines.
type Clock struct {
	mu      sync.Mutex
	base    func() time.Time // what it follows
	ahead   time.Duration    // of base
	stopped bool
	at      time.Time // while stopped
	waiting []chan struct{}
}

func newClock() *Clock { return &Clock{base: time.Now} }

// Now is the time.
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

// Set moves the clock to a time; it goes on from there, unless it is stopped.
// What waits for a time that has come then, such as a retry, happens now.
func (c *Clock) Set(t time.Time) {
	c.change(func() { c.set(t) })
}

// Advance moves the clock on, or, with a negative duration, back.
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

// Stop stops the clock: it only moves by Set and Advance. Stopping it again does
// nothing.
func (c *Clock) Stop() {
	c.change(func() { c.at, c.stopped = c.now(), true })
}

// Run lets a stopped clock go on from where it is.
func (c *Clock) Run() {
	c.change(func() {
		if c.stopped {
			c.stopped = false
			c.set(c.at)
		}
	})
}

// Reset lets the clock follow again what it follows, as if it had never been
// moved or stopped.
func (c *Clock) Reset() {
	c.change(func() { c.stopped, c.ahead = false, 0 })
}

// Stopped tells whether the clock is stopped.
func (c *Clock) Stopped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped
}

// Ahead is how far the clock is ahead of what it follows; negative, behind it.
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

// change changes the clock and wakes what waits for it.
func (c *Clock) change(what func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what()
	for _, w := range c.waiting {
		close(w)
	}
	c.waiting = nil
}

// sleep waits for d by the clock; false when ctx ended first.
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

// The ways in which waiting ends: the time has come, the clock was changed, or
// it was cancelled.
const (
	waitDue = iota
	waitChanged
	waitCancelled
)

// wait waits for a time. A clock that follows [Server.SetClock] may stand still
// meanwhile, or jump without a word, so that there the real time does as well.
func (c *Clock) wait(due time.Time, cancel <-chan struct{}) int {
	c.mu.Lock()
	left := due.Sub(c.now())
	if left <= 0 {
		c.mu.Unlock()
		return waitDue
	}
	// Made by whoever waits, and not kept, so that a testing/synctest bubble knows
	// it for its own.
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

// Clock is the clock of the server.
func (s *Server) Clock() *Clock { return s.clock }

// SetClock sets what the clock of the server follows; nil is [time.Now], which is
// also the default. It may be called by any number of goroutines. What waits for a
// time while it follows another clock than the real one waits for as long in real
// time, unless [Clock.Advance] or [Clock.Set] makes it happen.
func (s *Server) SetClock(clock func() time.Time) { s.clock.follow(clock) }

func (s *Server) now() time.Time { return s.clock.Now() }
