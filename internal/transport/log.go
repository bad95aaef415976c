package transport

import (
	"log/slog"
	"net/http"
	"time"
)

// Events carry the route, never a path, header or body: a path may hold a token,
// and a body may hold what people wrote.
func (c *call) log(level slog.Level, event string, attrs ...slog.Attr) {
	l := c.s.Logger
	if l == nil || !l.Enabled(c.ctx, level) {
		return
	}
	l.LogAttrs(c.ctx, level, event, append([]slog.Attr{
		slog.String("operation", c.req.Operation),
		slog.Int("attempt", c.attempts),
	}, attrs...)...)
}

func (c *call) logAttempt(begun time.Time, resp *http.Response, err error) {
	took := slog.Duration("duration", time.Since(begun))
	switch {
	case err == nil:
		c.log(slog.LevelDebug, "cometchat.attempt", took, slog.Int("status", resp.StatusCode), slog.Int("bytes", c.buf.Len()))
	case c.ctx.Err() != nil: // the caller ended it
		c.log(slog.LevelDebug, "cometchat.attempt.failed", took, slog.String("error", c.clean(err).Error()))
	default:
		c.log(slog.LevelWarn, "cometchat.attempt.failed", took, slog.String("error", c.clean(err).Error()))
	}
}
