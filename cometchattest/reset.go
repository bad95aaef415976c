package cometchattest

import (
	"slices"
	"time"
)

// seed is something that was put into the app before any request could have
// changed it.
type seed struct {
	at  time.Time
	put func(c *call)
	// again, when set, does what goes with it besides, unless that is kept.
	again func(s *Server, keep []Keep)
}

// seed puts something into the app, with a call of its own whose actor is the app
// itself. What goes past here comes back with [Server.Reset], so put may be called
// again, with another state; it must not keep or change what it was made with.
func (s *Server) seed(put func(c *call)) {
	sown := seed{at: s.now(), put: put}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sow(s.state, sown)
	s.changes++
	if !s.grown {
		s.seeds = append(s.seeds, sown)
	}
}

func (s *Server) sow(st *state, sown seed) {
	sown.put(&call{server: s, state: st, now: sown.at})
}

// Keep is something that [Server.Reset] can leave as it is.
type Keep string

// What Reset can leave as it is.
const (
	// KeepRequests keeps the log of requests.
	KeepRequests Keep = "requests"
	// KeepFaults keeps the faults, and how often they have happened.
	KeepFaults Keep = "faults"
	// KeepClock keeps the clock where it is.
	KeepClock Keep = "clock"
)

// Reset takes the app back to what the methods that begin with Add and Seed had
// made of it before the first request that could change it, and before the first
// Reset: the same ids and times, and ids that are given next start where they
// started. What these methods have added later is not kept. Reset also empties the
// log of requests, forgets faults and rate limits, and lets the clock follow what it
// followed before it was moved.
func (s *Server) Reset(keep ...Keep) {
	s.restart(true, keep)
}

// Empty is [Server.Reset], but the app is as New makes it.
func (s *Server) Empty(keep ...Keep) {
	s.restart(false, keep)
}

func (s *Server) restart(seeded bool, keep []Keep) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grown = true
	s.changes++
	s.restarts++
	s.state = s.emptyState()
	if seeded {
		s.state = s.seededState()
	}
	s.limiter.forget()
	s.bus.reset()
	if !slices.Contains(keep, KeepRequests) {
		s.ResetRequests()
	}
	if !slices.Contains(keep, KeepFaults) {
		s.ClearFaults()
	}
	if !slices.Contains(keep, KeepClock) {
		s.clock.Reset()
	}
	for _, sown := range s.seeds {
		if seeded && sown.again != nil {
			sown.again(s, keep)
		}
	}
}

// seededState is that of an app with everything that is a seed.
func (s *Server) seededState() *state {
	st := s.emptyState()
	for _, sown := range s.seeds {
		s.sow(st, sown)
	}
	return st
}
