package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

var errForeignHost = errors.New("refused to send the API key to a host that is not the API's")

// waitError ends a call that would have to wait longer than it may.
type waitError struct {
	wait     time.Duration
	why      string
	cooldown bool // that another call was told to keep
}

func (e *waitError) Error() string {
	return fmt.Sprintf("a wait of %s before the next attempt would outlive %s", e.wait.Round(time.Millisecond), e.why)
}

// checkRetry decides, after an attempt, whether there is to be another one. It
// also settles how long to wait, since only here the call can still fail
// instead of sleeping into its deadline.
func (c *call) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if !isLimited(resp) && !c.retryable(resp, err) {
		return false, nil
	}
	if ctx.Err() != nil || c.attempts >= c.s.Retry.MaxAttempts {
		return false, nil
	}
	now := time.Now()
	wait := c.wait // after a 429 settled already, with the cooldown
	if !isLimited(resp) {
		var header http.Header
		if resp != nil {
			header = resp.Header
		}
		wait = c.nextWait(header, false, now)
	}
	if deadline, ok := ctx.Deadline(); ok && !now.Add(wait).Before(deadline) {
		return false, &waitError{wait: wait, why: "the context's deadline"}
	}
	if now.Add(wait).Sub(c.start) > c.s.Retry.MaxElapsed {
		return false, nil
	}
	c.wait = wait
	return true, nil
}

func isLimited(resp *http.Response) bool {
	return resp != nil && resp.StatusCode == http.StatusTooManyRequests
}

// retryable is the retry table for everything but 429.
func (c *call) retryable(resp *http.Response, err error) bool {
	if err != nil {
		var wait *waitError
		var cert *tls.CertificateVerificationError
		if errors.As(err, &wait) || errors.As(err, &cert) || errors.Is(err, ErrTooLarge) || errors.Is(err, errForeignHost) {
			return false
		}
		return c.unsent || c.repeatable()
	}
	switch resp.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return c.repeatable()
	}
	return false
}

func (c *call) repeatable() bool {
	return !c.writes() || c.req.Repeatable || c.s.Retry.Writes
}

// backoff is called by the loop right after checkRetry said yes.
func (c *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	c.waited += c.wait
	c.log(slog.LevelInfo, "cometchat.retry", slog.Duration("wait", c.wait))
	return c.wait
}

// nextWait is the server's word where it gave one, else exponential backoff
// with full jitter.
func (c *call) nextWait(h http.Header, limited bool, now time.Time) time.Duration {
	r := c.s.Retry
	if d, ok := retryAfter(h, now); ok {
		return min(d, r.MaxWait)
	}
	if limited {
		if d, ok := untilReset(h, now); ok {
			return min(d, r.MaxWait)
		}
	}
	ceiling := r.MinWait
	for n := 1; n < c.attempts && ceiling < r.MaxWait; n++ {
		ceiling *= 2
	}
	return time.Duration(rand.Float64() * float64(min(ceiling, r.MaxWait)))
}

// RetryAfter reads a Retry-After header in either form. ok is false when it is
// missing, malformed or already over.
func RetryAfter(h http.Header) (time.Duration, bool) { return retryAfter(h, time.Now()) }

func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if v == "" {
		return 0, false
	}
	if sec, err := strconv.ParseInt(v, 10, 32); err == nil {
		return time.Duration(sec) * time.Second, sec > 0
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	d := at.Sub(serverTime(h, now))
	return d, d > 0
}

func untilReset(h http.Header, now time.Time) (time.Duration, bool) {
	sec, ok := headerInt(h, resetHeaders)
	if !ok {
		return 0, false
	}
	d := time.Unix(sec, 0).Sub(serverTime(h, now))
	return d, d > 0
}

// serverTime is the server's own clock where it tells it: a date it names is
// one of that clock, and ours may be minutes off.
func serverTime(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}
