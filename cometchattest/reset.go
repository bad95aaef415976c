package cometchattest

import (
	"slices"
	"time"
)

// seed is data that was added to the app before any request could change it.
type seed struct {
	at  time.Time
	put func(c *call)
	// again, if set, restores what is not in the state, unless keep says
	// otherwise.
	again func(s *Server, keep []Keep)
}

// seed adds data to the app, in a call whose actor is the app itself.
// [Server.Reset] calls put again with a new state, so put must not keep or change
// the values it captures.
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

// Keep is a part of the server that [Server.Reset] can leave unchanged.
type Keep string

// The parts that Reset can keep.
const (
	// KeepRequests keeps the log of requests.
	KeepRequests Keep = "requests"
	// KeepFaults keeps the faults and how often they have happened.
	KeepFaults Keep = "faults"
	// KeepClock keeps the state of the clock.
	KeepClock Keep = "clock"
)

// Reset restores the state that the Add and Seed methods and [Server.Load]
// created before the first request that could change it and before the first
// Reset. Ids and times are the same as then, and new ids start from the same
// values. Data that these methods added later is removed. Reset also removes all
// events and deliveries, the log of requests, faults and rate limits, and calls
// [Clock.Reset], except for the parts to keep.
func (s *Server) Reset(keep ...Keep) {
	s.restart(true, keep)
}

// Empty is like [Server.Reset], but leaves the app as New creates it.
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

// seededState returns the state of a new app with all seeds.
func (s *Server) seededState() *state {
	st := s.emptyState()
	for _, sown := range s.seeds {
		s.sow(st, sown)
	}
	return st
}
