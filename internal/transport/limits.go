package transport

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// RateLimit is what the newest answer said of the request budgets, in requests
// a minute. Numbers the answer did not have are -1.
type RateLimit struct {
	Limit, Remaining       int64     // of the kind of request last made
	AppLimit, AppRemaining int64     // of the whole app
	Reset                  time.Time // when the budget is full again; zero if not said
	At                     time.Time // when the answer came; zero if none has
}

// The documents spell the headers in two ways, and recorded traffic in one.
var (
	limitHeaders     = []string{"X-Ratelimit-Limit", "X-Rate-Limit", "X-Rate-Limit-Limit"}
	remainingHeaders = []string{"X-Ratelimit-Remaining", "X-Rate-Limit-Remaining"}
	resetHeaders     = []string{"X-Ratelimit-Reset", "X-Rate-Limit-Reset"}
	appLimitHeaders  = []string{"X-Ratelimit-Limit-For-App", "X-Rate-Limit-Limit-For-App"}
	appLeftHeaders   = []string{"X-Ratelimit-Remaining-For-App", "X-Rate-Limit-Remaining-For-App"}
)

func headerInt(h http.Header, names []string) (int64, bool) {
	for _, name := range names {
		if v := h[name]; len(v) > 0 {
			if n, err := strconv.ParseInt(v[0], 10, 64); err == nil {
				return n, true
			}
		}
	}
	return -1, false
}

func parseRateLimit(h http.Header, now time.Time) (RateLimit, bool) {
	l := RateLimit{At: now}
	var said [4]bool
	l.Limit, said[0] = headerInt(h, limitHeaders)
	l.Remaining, said[1] = headerInt(h, remainingHeaders)
	l.AppLimit, said[2] = headerInt(h, appLimitHeaders)
	l.AppRemaining, said[3] = headerInt(h, appLeftHeaders)
	if sec, ok := headerInt(h, resetHeaders); ok {
		l.Reset = time.Unix(sec, 0)
	}
	return l, said != [4]bool{} || !l.Reset.IsZero()
}

// largestUserLimit separates the two kinds of budget: what a user may do a
// minute is documented as 30 at most, what an app may as 500 at least.
const largestUserLimit = 30

// cooldownKey names who has to wait after a 429: everybody ("") or only the
// acting user, whose own limit it is unless the headers name an exhausted
// budget of the app.
func (c *call) cooldownKey(h http.Header) string {
	if c.req.ActingUser == "" {
		return ""
	}
	if left, ok := headerInt(h, appLeftHeaders); ok && left == 0 {
		return ""
	}
	left, hasLeft := headerInt(h, remainingHeaders)
	limit, hasLimit := headerInt(h, limitHeaders)
	if hasLeft && hasLimit && left == 0 && limit > largestUserLimit {
		return ""
	}
	return c.req.ActingUser
}

// ofUser says whether headers tell of the acting user's own budget.
func (c *call) ofUser(h http.Header) bool {
	limit, ok := headerInt(h, limitHeaders)
	return c.req.ActingUser != "" && ok && limit <= largestUserLimit
}

// cooldown holds back calls that would only meet the 429 another call has just
// met. The zero value is ready.
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
	for k, t := range d.until { // so that users of long ago do not pile up
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

// awaitCooldown blocks until no 429 is in force for the call any more.
func (c *call) awaitCooldown() error {
	for {
		wait := c.cooling()
		if wait <= 0 {
			return nil
		}
		end := time.Now().Add(wait)
		if deadline, ok := c.ctx.Deadline(); ok && !end.Before(deadline) {
			return &waitError{wait, "the context's deadline", true}
		}
		if end.Sub(c.start) > c.s.Retry.MaxElapsed {
			return &waitError{wait, "the retry policy's MaxElapsed", true}
		}
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
