package transport

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// RateLimit is what the newest response said about the request budgets, in
// requests a minute. Numbers that the response did not have are -1.
type RateLimit struct {
	Limit, Remaining       int64     // of the kind of request made last
	AppLimit, AppRemaining int64     // of the whole app
	Reset                  time.Time // when the budget is full again; zero if the response did not say
	At                     time.Time // when the response came; zero if none has come
}

// Limits names the headers that tell of request budgets, in their canonical form.
// Of several names, the first one in the response counts.
type Limits struct {
	Limit, Remaining, Reset []string // Reset is a Unix time in seconds
	AppLimit, AppRemaining  []string
	// LargestUser separates the two kinds of budget: the budget of an acting user
	// allows at most this many requests a minute.
	LargestUser int64
}

// ChatLimits are the Limits of the chat API. The documents spell the headers in
// two ways, and recorded traffic in one. The documented budget of a user is at
// most 30 requests a minute, that of an app at least 500.
var ChatLimits = Limits{
	Limit:        []string{"X-Ratelimit-Limit", "X-Rate-Limit", "X-Rate-Limit-Limit"},
	Remaining:    []string{"X-Ratelimit-Remaining", "X-Rate-Limit-Remaining"},
	Reset:        []string{"X-Ratelimit-Reset", "X-Rate-Limit-Reset"},
	AppLimit:     []string{"X-Ratelimit-Limit-For-App", "X-Rate-Limit-Limit-For-App"},
	AppRemaining: []string{"X-Ratelimit-Remaining-For-App", "X-Rate-Limit-Remaining-For-App"},
	LargestUser:  30,
}

// headerInt reads a number. It ignores a negative one.
func headerInt(h http.Header, names []string) (int64, bool) {
	for _, name := range names {
		if v := h[name]; len(v) > 0 {
			if n, err := strconv.ParseInt(strings.TrimSpace(v[0]), 10, 64); err == nil && n >= 0 {
				return n, true
			}
		}
	}
	return -1, false
}

func (l *Limits) parse(h http.Header, now time.Time) (RateLimit, bool) {
	r := RateLimit{At: now}
	var said [4]bool
	r.Limit, said[0] = headerInt(h, l.Limit)
	r.Remaining, said[1] = headerInt(h, l.Remaining)
	r.AppLimit, said[2] = headerInt(h, l.AppLimit)
	r.AppRemaining, said[3] = headerInt(h, l.AppRemaining)
	if sec, ok := headerInt(h, l.Reset); ok {
		r.Reset = time.Unix(sec, 0)
	}
	return r, said != [4]bool{} || !r.Reset.IsZero()
}

// remaining returns what is left of the smaller budget.
func (l *Limits) remaining(h http.Header) (int64, bool) {
	left, ok := headerInt(h, l.Remaining)
	if app, said := headerInt(h, l.AppRemaining); said && (!ok || app < left) {
		return app, true
	}
	return left, ok
}

func (l *Limits) limit(h http.Header) (int64, bool) { return headerInt(h, l.Limit) }

func (l *Limits) untilReset(h http.Header, now time.Time) (time.Duration, bool) {
	sec, ok := headerInt(h, l.Reset)
	if !ok {
		return 0, false
	}
	d := min(time.Unix(sec, 0).Sub(serverTime(h, now)), longestWait)
	return d, d > 0
}

// cooldownKey names who has to wait after a 429: all callers ("") or the acting
// user. The limit is that of the acting user unless the headers name an exhausted
// budget of the app.
func (c *call) cooldownKey(h http.Header) string {
	if c.req.ActingUser == "" {
		return ""
	}
	if left, ok := headerInt(h, c.t.limits.AppRemaining); ok && left == 0 {
		return ""
	}
	left, hasLeft := headerInt(h, c.t.limits.Remaining)
	limit, hasLimit := headerInt(h, c.t.limits.Limit)
	if hasLeft && hasLimit && left == 0 && limit > c.t.limits.LargestUser {
		return ""
	}
	return c.req.ActingUser
}

// ofUser reports whether the headers are about the acting user's own budget.
func (c *call) ofUser(h http.Header) bool {
	limit, ok := headerInt(h, c.t.limits.Limit)
	return c.req.ActingUser != "" && ok && limit <= c.t.limits.LargestUser
}

// cooldown holds back calls that would only get the 429 that another call has
// just got. The zero value is ready to use.
type cooldown struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (d *cooldown) set(key string, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.until == nil {
		d.until = map[string]time.Time{}
	}
	now := time.Now()
	for k, t := range d.until { // so that entries of past users do not pile up
		if !t.After(now) {
			delete(d.until, k)
		}
	}
	if until.After(d.until[key]) {
		d.until[key] = until
	}
}

func (d *cooldown) left(user string, now time.Time) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return max(d.until[""].Sub(now), d.until[user].Sub(now))
}

func (c *call) cooling() time.Duration {
	return c.t.cooldown.left(c.req.ActingUser, time.Now())
}

// awaitCooldown blocks until no 429 is in force for the call.
func (c *call) awaitCooldown() error {
	for {
		wait := c.cooling()
		if wait <= 0 {
			return nil
		}
		end := time.Now().Add(wait)
		if deadline, ok := c.ctx.Deadline(); ok && !end.Before(deadline) {
			return &waitError{wait: wait, why: "the context's deadline", cooldown: true}
		}
		if wait > c.s.Retry.MaxWait+time.Second { // clocks may differ by a second
			return &waitError{wait: wait, why: "the retry policy's MaxWait", cooldown: true}
		}
		if c.elapsed(end) > c.s.Retry.MaxElapsed {
			return &waitError{wait: wait, why: "the retry policy's MaxElapsed", cooldown: true}
		}
		c.waiting(WaitCooldown, wait)
		timer := time.NewTimer(wait)
		select {
		case <-c.ctx.Done():
			timer.Stop()
			return c.ctx.Err()
		case <-timer.C:
			c.waited += wait
		}
	}
}
