package transport

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"
)

// pacer holds back requests that the server has said it will refuse. Except for a
// single request, no more are under way than the server would still accept, less
// those of other clients. Requests leave in order of arrival. If the
// server says nothing, the pacer holds none back, and it believes the server's
// numbers only while they make sense. The zero value is ready to use.
type pacer struct {
	limits    *Limits
	perMinute int64 // known beforehand; 0 if unknown

	mu       sync.Mutex
	departed int64 // requests so far
	flying   int64
	recent   []time.Time // when the responses of the last minute came, if perMinute is set

	told  bool      // left is valid
	left  int64     // the number of requests that the server would still accept
	at    int64     // the value of departed for the request whose response said so
	heard int64     // the value of departed when that response came
	until time.Time // when left becomes invalid
	over  int64     // numbers told to requests up to this one belong to an earlier budget
	trust trust

	waiting []chan int64
	timer   *time.Timer // wakes the waiting requests when time ends their wait
}

// budgetPeriod is how long the API's budgets last. What the server said about a
// budget is useless after that.
const budgetPeriod = time.Minute

// free reports whether one more request may leave. Unless perMinute is used up,
// one request may always be under way: its response tells whether the budget is
// full again, or whether the number means nothing.
func (p *pacer) free() bool {
	now := time.Now()
	if p.told && !now.Before(p.until) {
		p.forget()
	}
	if p.perMinute > 0 {
		for len(p.recent) > 0 && now.Sub(p.recent[0]) >= time.Minute {
			p.recent = p.recent[1:]
		}
		// The server counts a request at some time between its departure and its
		// response.
		if int64(len(p.recent))+p.flying >= p.perMinute {
			return false
		}
	}
	if !p.told || p.flying == 0 {
		return true
	}
	// The server counts a request when it arrives or when it is done. So both the
	// requests under way and those that have departed since must fit.
	used := max(p.flying, p.departed-p.at)
	return float64(used+1) <= p.trust.room(p.left, p.flying)
}

// forget drops what was told about a budget that is over.
func (p *pacer) forget() {
	p.told = false
	p.over = p.departed
	p.trust.next(p.flying)
	p.trust.lately = span{}
}

// leave counts one more request and returns its number.
func (p *pacer) leave() int64 {
	p.flying++
	p.departed++
	return p.departed
}

// holds reports whether a request would have to wait now, and for how long at
// most; 0 means unknown.
func (p *pacer) holds() (most time.Duration, held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 && p.free() {
		return 0, false
	}
	if p.told {
		most = time.Until(p.until)
	}
	return max(most, 0), true
}

// acquire waits until one more request may leave. It returns the number of the
// request and the time that it waited.
func (p *pacer) acquire(ctx context.Context) (number int64, waited time.Duration, err error) {
	p.mu.Lock()
	if len(p.waiting) == 0 && p.free() {
		defer p.mu.Unlock()
		return p.leave(), 0, nil
	}
	turn := make(chan int64, 1)
	p.waiting = append(p.waiting, turn)
	p.wake()
	p.mu.Unlock()

	begun := time.Now()
	select {
	case number := <-turn:
		return number, time.Since(begun), nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.waiting, turn); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
		p.wake()
	} else { // the turn came at the same moment
		p.giveBack()
	}
	waited = time.Since(begun)
	return 0, waited, &waitError{held: true, waited: waited, wait: max(time.Until(p.until), 1)}
}

// abandon ends a request that was not sent after all.
func (p *pacer) abandon() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.giveBack()
}

func (p *pacer) giveBack() {
	p.flying--
	p.wake()
}

// release ends the request with the given number, and reads what its response
// says. h is nil if there was no response. limited reports a 429 that is about
// this budget.
func (p *pacer) release(number int64, h http.Header, limited bool) {
	now := time.Now()
	remaining, said := p.limits.remaining(h)
	until := now.Add(budgetPeriod)
	if d, ok := p.limits.untilReset(h, now); ok && d < budgetPeriod {
		until = now.Add(d)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flying--
	if p.perMinute > 0 {
		p.recent = append(p.recent, now)
	}
	switch {
	case limited: // a new budget begins after the cooldown
		p.forget()
		p.left, p.told = p.limits.limit(h)
		p.at, p.heard, p.until = p.departed, p.departed, now.Add(budgetPeriod)
	case !said || number <= p.over:
	default:
		// A number above left comes from a response that was overtaken. But if
		// left was known when its request departed, the budget is a new one.
		renewed := p.told && remaining > p.left && number > p.heard
		if renewed {
			p.trust.next(p.flying)
		}
		news := !p.told || renewed || remaining <= p.left
		if !p.trust.observe(remaining, p.flying, news) {
			p.told = false
		} else if news {
			p.left, p.told, p.at, p.heard, p.until = remaining, true, number, p.departed, until
		}
	}
	p.wake()
}

func (p *pacer) wake() {
	for len(p.waiting) > 0 && p.free() {
		p.waiting[0] <- p.leave()
		p.waiting = p.waiting[1:]
	}
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if len(p.waiting) == 0 {
		return
	}
	var next time.Time
	if p.told {
		next = p.until
	}
	if p.perMinute > 0 && len(p.recent) > 0 && int64(len(p.recent))+p.flying >= p.perMinute {
		if full := p.recent[0].Add(time.Minute); next.IsZero() || full.Before(next) {
			next = full
		}
	}
	if next.IsZero() {
		return
	}
	p.timer = time.AfterFunc(time.Until(next), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.wake()
	})
}

// trust judges the numbers that are told about a budget, and estimates this
// client's share of its use. A budget falls by one for each request of any
// client, so no number comes twice. It has fallen by the answered requests of
// this client and by the requests of others.
type trust struct {
	lately  span // tells whether the numbers mean anything
	deaf    bool // the numbers mean nothing
	budget  span // of the budget in force
	settled bool // part is valid
	part    float64
}

// span describes a series of numbers: how many came, the lowest and the highest.
type span struct{ n, lo, hi int64 }

func (s *span) add(n int64) {
	if s.n == 0 {
		s.lo, s.hi = n, n
	}
	s.n++
	s.lo, s.hi = min(s.lo, n), max(s.hi, n)
}

// fallen returns the number of requests that the numbers account for.
func (s *span) fallen() int64 {
	if s.n == 0 {
		return 0
	}
	return s.hi - s.lo + 1
}

const (
	// enough is how many numbers make a judgement. After that they are history.
	enough = 64
	// doubt is how many repeated numbers are accepted before they mean nothing.
	doubt = 2
	// again is how many numbers must differ before they are believed again.
	again = 8
)

// observe adds a number and reports whether it can be believed. news is true for
// a number whose response was not overtaken by another.
func (t *trust) observe(remaining, flying int64, news bool) bool {
	t.lately.add(remaining)
	if news {
		t.budget.add(remaining)
	} else if t.budget.n > 0 {
		t.budget.n++
	}
	switch fallen := t.lately.fallen(); {
	case t.lately.n > fallen+doubt:
		t.lately, t.budget, t.deaf = span{}, span{}, true
	case t.deaf && t.lately.n >= again && t.lately.n <= fallen:
		t.deaf = false
	case t.lately.n >= enough:
		t.lately = span{}
	}
	if t.budget.n >= enough {
		t.next(flying)
	}
	return !t.deaf
}

// share estimates this client's share of the budget's use. Half of the requests
// under way may have been counted already.
func (t *trust) share(flying int64) float64 {
	part, weight := 1.0, 2.0
	if t.settled {
		part, weight = t.part, 16
	}
	n, fallen := float64(t.budget.n), float64(t.budget.fallen())
	return min((part*weight+n+float64(flying)/2)/(weight+fallen), 1)
}

// room returns how many of the remaining requests this client may use. The smaller
// its share of the budget is, the more others may use before the next number comes.
func (t *trust) room(left, flying int64) float64 {
	return math.Pow(t.share(flying), 1.2) * float64(left)
}

// next turns what was observed of a budget into history.
func (t *trust) next(flying int64) {
	if t.budget.n >= again {
		t.part, t.settled = t.share(flying), true
	}
	t.budget = span{}
}

// paces holds the pacers of a Transport, by the name of the budget.
type paces struct {
	limits *Limits
	known  map[string]int64 // requests a minute

	mu     sync.Mutex
	byName map[string]*pacer
}

func (p *paces) of(budget string) *pacer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byName == nil {
		p.byName = map[string]*pacer{}
	}
	if p.byName[budget] == nil {
		p.byName[budget] = &pacer{limits: p.limits, perMinute: p.known[budget]}
	}
	return p.byName[budget]
}

// takePlace waits in the pacer's line, and returns the number of the request.
func (c *call) takePlace(pace *pacer) (number int64, err error) {
	if c.req.Waiting != nil {
		if most, held := pace.holds(); held {
			c.waiting(WaitBudget, most)
		}
	}
	number, held, err := pace.acquire(c.ctx)
	c.waited += held
	c.held += held
	if err != nil && c.ctx.Err() == context.Canceled { // not a wait that was too long
		err = fmt.Errorf("%v", err)
	}
	return number, err
}

// depart waits until the call may send: its budget is not cooling down, and the
// pacer has room. A client that never retries waits here only for a budget that
// is known beforehand. depart returns the function that ends the request.
func (c *call) depart() (arrive func(http.Header, bool), err error) {
	pace := c.t.paces.of(c.req.Budget)
	once := c.s.Retry.MaxAttempts <= 1
	if once && pace.perMinute == 0 {
		return func(http.Header, bool) {}, nil
	}
	for {
		if !once {
			if err := c.awaitCooldown(); err != nil {
				return nil, err
			}
		}
		number, err := c.takePlace(pace)
		if err != nil {
			return nil, err
		}
		if once || c.cooling() <= 0 {
			return func(h http.Header, limited bool) {
				if c.ofUser(h) {
					h = nil
				}
				pace.release(number, h, limited)
			}, nil
		}
		pace.abandon() // another request met a 429 while this one waited
	}
}
