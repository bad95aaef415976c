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

// waitError ends a call that would have to wait longer than it may.
type waitError struct {
	wait     time.Duration
	why      string
	cooldown bool          // that another call was told to keep
	held     bool          // kept back by the pacer until now
	waited   time.Duration // by then
}

func (e *waitError) Error() string {
	if e.held {
		return fmt.Sprintf("held back for %s, since the server had announced to refuse more requests", e.waited.Round(time.Millisecond))
	}
	return fmt.Sprintf("a wait of %s before the next attempt would outlive %s", e.wait.Round(time.Millisecond), e.why)
}

// Is matches context.DeadlineExceeded: that is what the call would have met.
func (e *waitError) Is(target error) bool { return target == context.DeadlineExceeded }

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
	if !isLimited(resp) { // else settled already, with the cooldown
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

// retryable is the retry table for everything but 429.
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
	case http.StatusRequestTimeout, http.StatusMisdirectedRequest, http.StatusTooEarly, // of what lies between
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
		520, 521, 522, 523, 524: // Cloudflare's: no response, or none that can be passed on
		return c.repeatable()
	}
	return false
}

// proxyRefused says whether a proxy wants other credentials, or will not connect
// to the host at all: asking again changes nothing, and locks accounts.
// http.Transport reports nothing of it but the status line's text.
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

// backoff is called by the loop right after checkRetry said yes.
func (c *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	c.waited += c.wait
	c.log(slog.LevelInfo, "cometchat.retry", slog.Duration("wait", c.wait))
	c.waiting(WaitRetry, c.wait)
	return c.wait
}

// nextWait is the server's word where it gave one, else exponential backoff
// with full jitter. word is the least that the server asks for: what it names as
// a time is a full second on its clock, and may be up to one less.
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

// RetryAfter reads a Retry-After header in either form. It returns 0 when the
// header is missing, malformed or over already.
func RetryAfter(h http.Header) time.Duration {
	wait, _ := retryAfter(h, time.Now())
	return wait
}

// longestWait is what every longer Retry-After is taken for.
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

// parseSeconds reads digits, with a fraction where a server writes one, and
// rounds up to whole seconds.
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

// serverTime is the server's own clock where it tells it: a date it names is
// one of that clock, and ours may be minutes off.
func serverTime(h http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return now
}
