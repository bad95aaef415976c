package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/go-cometchat/cometchat"
)

// absent is the value of a thing that is not there.
const absent = "(absent)"

// claim is a value that a thing may have, and what speaks for it.
type claim struct{ value, origin string }

// register follows one thing on the server, such as the name of a user, by what
// its writers were told. A write that was reported done leaves one value
// possible, one of unknown outcome adds a value, and one that failed for certain
// changes nothing.
//
// A shared register has several writers at once. None of them knows in which
// order the writes were carried out, so that every value written stays possible.
type register struct {
	shared   bool
	created  []string // who was told to have created it
	possible []claim
	refused  []claim
}

func (r *register) allows(value string) bool { return has(r.possible, value) }

func has(claims []claim, value string) bool {
	return slices.ContainsFunc(claims, func(c claim) bool { return c.value == value })
}

// ledger holds what callers were told.
type ledger struct {
	mu        sync.Mutex
	registers map[string]*register
	// mints counts, by uid, the tokens that may exist without anybody knowing
	// their value, and attempts all that were asked for.
	unknownMints, mintAttempts map[string]int
	done, refused, unknown     int
}

func newLedger() *ledger {
	return &ledger{registers: map[string]*register{}, unknownMints: map[string]int{}, mintAttempts: map[string]int{}}
}

func (l *ledger) get(key string) *register {
	r := l.registers[key]
	if r == nil {
		r = &register{possible: []claim{{absent, "nothing was written yet"}}}
		l.registers[key] = r
	}
	return r
}

// share makes a register one of several writers.
func (l *ledger) share(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.get(key).shared = true
}

// told takes in what the caller of a write was told.
func (l *ledger) told(key, value, origin string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.get(key)
	c := claim{value, fmt.Sprintf("%s, told: %v", origin, err)}
	switch {
	case err == nil:
		l.done++
		if r.shared {
			r.possible = append(slices.DeleteFunc(r.possible, func(c claim) bool { return c.value == absent }), c)
		} else {
			r.possible = []claim{c}
		}
	case errors.Is(err, cometchat.ErrOutcomeUnknown):
		l.unknown++
		r.possible = append(r.possible, c)
	default:
		l.refused++
		r.refused = append(r.refused[max(0, len(r.refused)-20):], c)
	}
}

// created takes in that a caller was told to have created a thing.
func (l *ledger) created(key, origin string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.get(key)
	r.created = append(r.created, origin)
}

// read takes in a value that the only writer of a thing has read back; false
// if that value cannot be.
func (l *ledger) read(key, value, origin string) (was []claim, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.get(key)
	if !r.allows(value) {
		return slices.Clone(r.possible), false
	}
	r.possible = []claim{{value, origin + ", read"}}
	return nil, true
}

// known returns the value of a thing if only one is possible.
func (l *ledger) known(key string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.get(key)
	if len(r.possible) != 1 {
		return "", false
	}
	return r.possible[0].value, true
}

// maybe says whether a thing may have a value.
func (l *ledger) maybe(key, value string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.get(key).allows(value)
}

// minted takes in what the caller was told who asked for a token of a user.
func (l *ledger) minted(uid string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mintAttempts[uid]++
	switch {
	case err == nil:
		l.done++
	case errors.Is(err, cometchat.ErrOutcomeUnknown):
		l.unknown++
		l.unknownMints[uid]++
	default:
		l.refused++
	}
}

func (l *ledger) mintsOf(uid string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mintAttempts[uid]
}

func (l *ledger) minters() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.mintAttempts))
}

// finding is something that must not be.
type finding struct {
	kind string
	what string
}

// The kinds of findings that compare what was told with what is there.
const (
	findLost       = "reported done, but lost"
	findUnwanted   = "reported not done, but there"
	findUnexpected = "there, but nobody was told of it"
	findDuplicate  = "there more than once"
	findCreated    = "reported created more than once"
)

// state is what the server holds, by the keys of the ledger: every value found.
type state struct {
	values map[string][]string
	// tokens are the keys of the tokens of each uid.
	tokens map[string][]string
}

// compare finds where the ledger and the server do not fit.
func (l *ledger) compare(s *state) []finding {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []finding
	keys := map[string]bool{}
	for key := range l.registers {
		keys[key] = true
	}
	for key := range s.values {
		keys[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		found = append(found, l.compareOne(key, s.values[key])...)
	}
	for _, uid := range slices.Sorted(maps.Keys(s.tokens)) {
		unaccounted := 0
		for _, key := range s.tokens[uid] {
			if l.registers[key] == nil {
				unaccounted++
			}
		}
		if unaccounted > l.unknownMints[uid] {
			found = append(found, finding{findUnexpected, fmt.Sprintf(
				"auth tokens of %s: %d that no caller got, where %d calls ended with their outcome unknown", uid, unaccounted, l.unknownMints[uid])})
		}
	}
	return found
}

func (l *ledger) compareOne(key string, values []string) []finding {
	var found []finding
	add := func(kind, format string, args ...any) {
		found = append(found, finding{kind, key + ": " + fmt.Sprintf(format, args...)})
	}
	r := l.registers[key]
	if r == nil {
		add(findUnexpected, "%q", values)
		return found
	}
	if len(r.created) > 1 {
		add(findCreated, "%q", r.created)
	}
	if len(values) > 1 {
		add(findDuplicate, "%q; possible: %s", values, list(r.possible))
	}
	if len(values) == 0 {
		values = []string{absent}
	}
	for _, value := range values {
		switch {
		case r.allows(value):
		case has(r.refused, value):
			add(findUnwanted, "%q; possible: %s; refused: %s", value, list(r.possible), list(r.refused))
		default:
			add(findLost, "%q; possible: %s", value, list(r.possible))
		}
	}
	return found
}

func list(claims []claim) string {
	text := ""
	for _, c := range claims {
		text += fmt.Sprintf("\n      %q by %s", c.value, c.origin)
	}
	return text
}

// has says whether anything was told of a thing.
func (l *ledger) has(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.registers[key] != nil
}
