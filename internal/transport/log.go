package transport

import (
	"log/slog"
	"time"
)

// Events carry the route, never a path, header or body: a path may hold a
// token, and a body what people wrote.
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

func (c *call) logAttempt(begun time.Time, status int, err error) {
	took := slog.Duration("duration", time.Since(begun))
	if err != nil {
		c.log(slog.LevelWarn, "cometchat.attempt.failed", took, slog.String("error", c.redactor.Error(err).Error()))
		return
	}
	c.log(slog.LevelDebug, "cometchat.attempt", took, slog.Int("status", status), slog.Int("bytes", c.buf.Len()))
}
