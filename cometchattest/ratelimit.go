package cometchattest

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// The limits that the service reports, in requests a minute.
const (
	coreLimit     = 10_000
	standardLimit = 20_000
	appLimit      = 100_000
)

// limiter counts requests in windows of one minute by the server's clock. A
// window opens with the first request after the end of the last window.
type limiter struct {
	mu      sync.Mutex
	windows map[string]*window
}

type window struct {
	start time.Time
	used  int
}

// forget closes all windows.
func (l *limiter) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.windows = nil
}

// take counts a request of a group. If the limit is reached, ok is false and the
// request is not counted. reset is when the window ends.
func (l *limiter) take(group string, limit int, now time.Time) (remaining int, reset time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.windows == nil {
		l.windows = map[string]*window{}
	}
	w := l.windows[group]
	// If the clock was set back, open a new window.
	if w == nil || now.Before(w.start) || now.Sub(w.start) >= time.Minute {
		w = &window{start: now}
		l.windows[group] = w
	}
	reset = w.start.Add(time.Minute)
	if w.used >= limit {
		return 0, reset, false
	}
	w.used++
	return limit - w.used, reset, true
}

// limit counts the request. It returns the headers that report the limit, and an
// error if the limit is exceeded.
func (c *call) limit() (http.Header, error) {
	if c.route.base == managementPath {
		return http.Header{}, nil
	}
	group, limit := "standard", standardLimit
	if c.route.core {
		group, limit = "core", coreLimit
	}
	enforced := c.server.rateLimit
	if c.route.imports {
		group, limit, enforced = "import", importLimit, c.server.importLimit
	}
	if enforced > 0 {
		limit = enforced
	}
	remaining, reset, ok := c.server.limiter.take(group, limit, c.now)
	appRemaining, _, _ := c.server.limiter.take("app", appLimit, c.now)
	h := http.Header{}
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
	h.Set("X-RateLimit-Limit-For-App", strconv.Itoa(appLimit))
	h.Set("X-RateLimit-Remaining-For-App", strconv.Itoa(appRemaining))
	if ok || enforced == 0 {
		return h, nil
	}
	return h, errTooManyRequests(reset, c.now)
}

// limitActor enforces a limit in requests a minute for each acting user.
func (c *call) limitActor(what string, limit int) error {
	uid := ""
	if c.actor != nil {
		uid = c.actor.uid
	}
	if _, reset, ok := c.server.limiter.take(what+"\x00"+uid, limit, c.now); !ok {
		return errTooManyRequests(reset, c.now)
	}
	return nil
}

// errTooManyRequests rounds up, so that a client that waits as told never waits
// too short.
func errTooManyRequests(reset, now time.Time) *apiError {
	wait := int(math.Ceil(reset.Sub(now).Seconds()))
	e := newError(http.StatusTooManyRequests, "ERR_TOO_MANY_REQUESTS", "Too many requests. Try again after %d seconds.", wait)
	e.header = http.Header{}
	e.header.Set("Retry-After", strconv.Itoa(wait))
	e.header.Set("X-Rate-Limit-Reset", strconv.FormatInt(reset.Add(time.Second-1).Unix(), 10))
	return e
}
