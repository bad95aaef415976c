package transport

import (
	"context"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"
)

// pacer keeps requests back that the server has announced to refuse: no more
// are under way than it said it would still take. Whoever waits goes in the
// order of arrival. Without word from the server it holds nobody. The zero value
// is ready.
type pacer struct {
	mu      sync.Mutex
	told    bool      // left is meaningful
	at      time.Time // when it was told
	deaf    bool      // 0 was told, and requests were processed all the same
	left    int64
	flying  int64
	waiting []chan struct{}
}

// free says whether one more request may leave. One is always allowed: its
// answer is what tells that the budget is full again.
func (p *pacer) free() bool {
	if p.told && time.Since(p.at) > budgetPeriod {
		p.told = false
	}
	return !p.told || p.flying < max(p.left, 1)
}

// budgetPeriod is how long the API's budgets last; what was said of one is of
// no use after that.
const budgetPeriod = time.Minute

func (p *pacer) acquire(ctx context.Context) error {
	p.mu.Lock()
	if len(p.waiting) == 0 && p.free() {
		p.flying++
		p.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()

	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.waiting, turn); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
	} else { // the turn came at the same moment
		p.flying--
		p.wake()
	}
	return ctx.Err()
}

// room is what a request that now departs can at most leave over.
func (p *pacer) room() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.told {
		return math.MaxInt64
	}
	return p.left
}

// release ends a request that departed with the given room, and takes in what
// its answer says; h is nil where there was none. limited is for a 429 that is
// about this budget.
func (p *pacer) release(room int64, h http.Header, limited bool) {
	remaining, told := headerInt(h, remainingHeaders)
	if app, ok := headerInt(h, appLeftHeaders); ok && (!told || app < remaining) {
		remaining, told = app, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying--
	if remaining > 0 {
		p.deaf = false
	}
	switch {
	case limited: // a new budget, once the cooldown is over
		p.left, p.told = headerInt(h, limitHeaders)
		p.at = time.Now()
	case !told, p.deaf:
	case p.told && p.left == 0 && remaining == 0:
		p.told, p.deaf = false, true // the number means nothing
	case !p.told, remaining < p.left, remaining >= room:
		// A number above left is an answer that was overtaken, unless there was
		// not even so much when its request departed: then the budget is a new one.
		p.left, p.told, p.at = remaining, true, time.Now()
	}
	p.wake()
}

func (p *pacer) wake() {
	for len(p.waiting) > 0 && p.free() {
		close(p.waiting[0])
		p.waiting = p.waiting[1:]
		p.flying++
	}
}

// depart waits until the call may send: its budget is not cooling down, and the
// pacer has room. A client that never retries never waits here. It returns what
// ends the request.
func (c *call) depart() (arrive func(http.Header, bool), err error) {
	if c.s.Retry.MaxAttempts <= 1 {
		return func(http.Header, bool) {}, nil
	}
	pace := &c.t.paces[0]
	if c.req.Core {
		pace = &c.t.paces[1]
	}
	for {
		if err := c.awaitCooldown(); err != nil {
			return nil, err
		}
		if err := pace.acquire(c.ctx); err != nil {
			return nil, err
		}
		if c.cooling() <= 0 {
			room := pace.room()
			return func(h http.Header, limited bool) {
				if c.ofUser(h) {
					h = nil
				}
				pace.release(room, h, limited)
			}, nil
		}
		pace.release(0, nil, false) // somebody met a 429 while this one waited
	}
}
