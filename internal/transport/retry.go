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
	"strings"
	"time"
)

var errForeignHost = errors.New("refused to send the API key to a host that is not the API's")

// waitError ends a call that would have to wait too long.
type waitError struct {
	wait     time.Duration
	why      string
	cooldown bool          // another call was told to wait
	held     bool          // the pacer held the call back until now
	waited   time.Duration // the time waited until now
}

func (e *waitError) Error() string {
	if e.held {
		return fmt.Sprintf("held back for %s, since the server had announced to refuse more requests", e.waited.Round(time.Millisecond))
	}
	return fmt.Sprintf("a wait of %s before the next attempt would outlive %s", e.wait.Round(time.Millisecond), e.why)
}

// Is reports true for context.DeadlineExceeded, since the call would have met
// that.
func (e *waitError) Is(target error) bool { return target == context.DeadlineExceeded }

// checkRetry decides, after an attempt, whether to make another one. It also
// settles how long to wait, since only here the call can fail instead of sleeping
// past its deadline.
func (c *call) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if !isLimited(resp) && !c.retryable(resp, err) {
		return false, nil
	}
	if ctx.Err() != nil || c.attempts >= c.s.Retry.MaxAttempts {
		return false, nil
	}
	now := time.Now()
	if !isLimited(resp) { // for a 429, arrived has settled the wait
		var header http.Header
		if resp != nil {
			header = resp.Header
		}
		c.wait, c.word = c.nextWait(header, false, now)
	}
	deadline, ok := ctx.Deadline()
	late := c.elapsed(now.Add(c.wait)) > c.s.Retry.MaxElapsed
	switch {
	case ok && !now.Add(c.wait).Before(deadline):
		return false, &waitError{wait: c.wait, why: "the context's deadline"}
	case c.word > c.s.Retry.MaxWait:
		return false, &waitError{wait: c.wait, why: "the retry policy's MaxWait"}
	case late && c.word > 0:
		return false, &waitError{wait: c.wait, why: "the retry policy's MaxElapsed"}
	}
	return !late, nil
}

func isLimited(resp *http.Response) bool {
	return resp != nil && resp.StatusCode == http.StatusTooManyRequests
}

// retryable reports whether to retry, for everything except a 429.
func (c *call) retryable(resp *http.Response, err error) bool {
	if err != nil {
		var wait *waitError
		var cert *tls.CertificateVerificationError
		if errors.As(err, &wait) || errors.As(err, &cert) || errors.Is(err, ErrTooLarge) || errors.Is(err, errForeignHost) || proxyRefused(err) {
			return false
		}
		return c.unsent || c.repeatable()
	}
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusMisdirectedRequest, http.StatusTooEarly, // from intermediaries
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
		520, 521, 522, 523, 524: // Cloudflare: no response, or none that it can pass on
		return c.repeatable()
	}
	return false
}

// proxyRefused reports whether a proxy wants other credentials, or refuses to
// connect to the host at all. Trying again would change nothing and may lock
// accounts. http.Transport reports only the text of the status line.
func proxyRefused(err error) bool {
	var refused *proxyError
	if errors.As(err, &refused) {
		s := refused.status
		return s < 500 && s != http.StatusRequestTimeout && s != http.StatusTooManyRequests
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if err.Error() == http.StatusText(http.StatusProxyAuthRequired) {
			return true
		}
	}
	return false
}

func (c *call) repeatable() bool {
	return !c.req.Writes() || c.req.Repeatable || c.s.Retry.Writes
}

// backoff is called by the retry loop right after checkRetry has returned true.
func (c *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	c.waited += c.wait
	c.log(slog.LevelInfo, "cometchat.retry", slog.Duration("wait", c.wait))
	c.waiting(WaitRetry, c.wait)
	return c.wait
}

// nextWait returns the wait that the server asks for. Without one, it returns an
// exponential backoff with full jitter. word is the shortest wait that satisfies
// the server: a point in time is given in whole seconds of the server's clock, so
// it may be up to a second less.
func (c *call) nextWait(h http.Header, limited bool, now time.Time) (wait, word time.Duration) {
	if wait, word = retryAfter(h, now); wait > 0 {
		return wait, word
	}
	if limited {
		if d, ok := c.t.limits.untilReset(h, now); ok {
			return d, max(d-time.Second, 1)
		}
	}
	r := c.s.Retry
	ceiling := r.MinWait
	for n := 1; n < c.attempts && ceiling < r.MaxWait; n++ {
		ceiling *= 2
	}
	return time.Duration(rand.Float64() * float64(min(ceiling, r.MaxWait))), 0
}

// RetryAfter parses a Retry-After header in either form. It returns 0 if the
// header is missing, malformed or in the past.
func RetryAfter(h http.Header) time.Duration {
	wait, _ := retryAfter(h, time.Now())
	return wait
}

// longestWait replaces every longer wait that a server asks for.
const longestWait = 10 * 365 * 24 * time.Hour

func retryAfter(h http.Header, now time.Time) (wait, word time.Duration) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, ok := parseSeconds(v); ok {
		return seconds, seconds
	}
	for _, layout := range []string{http.TimeFormat, "Mon, 02 Jan 2006 15:04:05 UTC", time.RFC1123Z, time.RFC850, time.ANSIC} {
		at, err := time.Parse(layout, v)
		if err != nil {
			continue
		}
		if d := min(at.Sub(serverTime(h, now)), longestWait); d > 0 {
			return d, max(d-time.Second, 1)
		}
		break
	}
	return 0, 0
}

// parseSeconds parses digits, with an optional fraction, and rounds up to whole
// seconds.
func parseSeconds(s string) (time.Duration, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, false
	}
	const most = int64(longestWait / time.Second)
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > most {
		n = most
	}
	if strings.Trim(fraction, "0") != "" {
		n = min(n+1, most)
	}
	return time.Duration(n) * time.Second, true
}

// serverTime returns the server's own time if its response has a Date, or else
// now. Dates in the response refer to the server's clock, and ours may be minutes
// off.
func serverTime(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}
