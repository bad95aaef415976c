package console

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The limits of streams: the time between looks at what has changed, the time
// between lines that only keep the connection alive, the number of streams, and
// the time that a write may take.
const (
	streamEvery   = 200 * time.Millisecond
	streamAlive   = 15 * time.Second
	maxStreams    = 100
	streamTimeout = 5 * time.Second
)

// marks are counters that change together with what they are named after. A
// stream that reconnects sends the marks that it has seen, so that the console
// keeps nothing for it.
type marks struct {
	Boot     string `json:"-"`
	Restarts int64  `json:"reset"`
	Request  int64  `json:"request"`
	Change   int64  `json:"change"`
	Delivery int64  `json:"delivery"`
	Fault    int64  `json:"fault"`
	Clock    int64  `json:"clock"`
}

func (m marks) String() string {
	return fmt.Sprintf("%s.%d.%d.%d.%d.%d.%d", m.Boot, m.Restarts, m.Request, m.Change, m.Delivery, m.Fault, m.Clock)
}

func parseMarks(s string) (m marks, ok bool) {
	boot, rest, _ := strings.Cut(s, ".")
	n, _ := fmt.Sscanf(rest, "%d.%d.%d.%d.%d.%d", &m.Restarts, &m.Request, &m.Change, &m.Delivery, &m.Fault, &m.Clock)
	m.Boot = boot
	return m, n == 6
}

// marks returns the current marks.
func (c *Console) marks(ctx context.Context) (marks, error) {
	n, err := c.counts(ctx)
	clock := c.srv.Clock()
	at := int64(clock.Ahead() / time.Millisecond)
	if clock.Stopped() {
		at = clock.Now().UnixMilli()
	}
	return marks{
		Boot: c.boot, Restarts: n.Restarts, Change: n.Changes, Delivery: n.Deliveries, Fault: n.Faults, Clock: at,
		// A request that is being processed will change once more.
		Request: 2*n.LastRequest - n.OpenRequests,
	}, err
}

// streams are the open streams.
type streams struct {
	mu    sync.Mutex
	open  map[*stream]bool
	ended chan struct{} // closed when the emulator stops
}

type stream struct{ _ byte } // not empty, so that each has its own address

// over returns a channel that is closed when the emulator stops.
func (s *streams) over() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended = make(chan struct{})
	}
	return s.ended
}

func (s *streams) end() {
	over := s.over()
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-over:
	default:
		close(s.ended)
	}
}

func (s *streams) add(one *stream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= maxStreams {
		return false
	}
	s.open[one] = true
	return true
}

func (s *streams) remove(one *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, one)
}

// since returns the names of what has changed, the most important first.
func (m marks) since(was marks) []string {
	var names []string
	for _, topic := range []struct {
		name    string
		changed bool
	}{
		{"reset", m.Boot != was.Boot || m.Restarts != was.Restarts},
		{"request", m.Request != was.Request},
		{"change", m.Change != was.Change},
		{"delivery", m.Delivery != was.Delivery},
		{"fault", m.Fault != was.Fault},
		{"clock", m.Clock != was.Clock},
	} {
		if topic.changed {
			names = append(names, topic.name)
		}
	}
	return names
}

// stream sends what has changed, until the request ends.
func (v *visit) stream() error {
	me := &stream{}
	if !v.streams.add(me) {
		return &problem{http.StatusServiceUnavailable, "TOO_MANY", "there are too many streams", ""}
	}
	defer v.streams.remove(me)
	ctx, over := v.r.Context(), v.streams.over()
	seen, err := v.marks(ctx)
	if err != nil {
		return err
	}
	control := http.NewResponseController(v.w)
	_ = control.SetReadDeadline(time.Time{}) // if it cannot be set, there is no deadline
	send := func(format string, args ...any) bool {
		_ = control.SetWriteDeadline(time.Now().Add(streamTimeout))
		_, err := fmt.Fprintf(v.w, format, args...)
		return err == nil && control.Flush() == nil
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// What has changed since the page was made, or since the connection was lost.
	if was, ok := parseMarks(cmp.Or(v.r.Header.Get("Last-Event-ID"), v.r.URL.Query().Get("since"))); ok {
		seen = was
	}
	if !send("retry: 1000\nid: %s\n\n", seen) {
		return nil
	}
	tick := time.NewTicker(streamEvery)
	defer tick.Stop()
	for quiet := time.Duration(0); ; {
		now, err := v.marks(ctx)
		if err != nil {
			return nil // the client has left
		}
		if now != seen {
			names := now.since(seen)
			data, _ := json.Marshal(map[string]any{"topics": names, "marks": now}) // never fails
			if !send("id: %s\nevent: %s\ndata: %s\n\n", now, names[0], data) {
				return nil
			}
			seen, quiet = now, 0
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		case <-over:
			send("event: bye\ndata: {}\n\n")
			return nil
		}
		if quiet += streamEvery; quiet >= streamAlive {
			if !send(":\n\n") {
				return nil
			}
			quiet = 0
		}
	}
}
