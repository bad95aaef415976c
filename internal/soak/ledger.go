package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/go-cometchat/cometchat"
)

// absent is the value of an object that does not exist.
const absent = "(absent)"

// claim is a value that an object may have, and the origin of that claim.
type claim struct{ value, origin string }

// register records the possible values of one property on the server, such as the
// name of a user, from what its writers were told. A write that was reported done
// leaves one value possible. A write of unknown outcome adds a value. A write
// that failed for certain changes nothing.
//
// A shared register has several concurrent writers. None of them knows the order
// in which the writes were carried out, so every value written stays possible.
type register struct {
	shared   bool
	created  []string // the writers that were told that they created it
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
	// unknownMints counts, by uid, the tokens that may exist without a caller
	// that knows their value. mintAttempts counts all tokens that were requested.
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

// share makes a register a shared one.
func (l *ledger) share(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.get(key).shared = true
}

// told records what the caller of a write was told.
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

// created records that a caller was told to have created an object.
func (l *ledger) created(key, origin string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.get(key)
	r.created = append(r.created, origin)
}

// read records a value that the only writer of an object has read back. It
// returns false, and the possible values, if that value is impossible.
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

// known returns the value of an object if only one is possible.
func (l *ledger) known(key string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.get(key)
	if len(r.possible) != 1 {
		return "", false
	}
	return r.possible[0].value, true
}

// maybe reports whether an object may have a value.
func (l *ledger) maybe(key, value string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.get(key).allows(value)
}

// minted records what a caller that requested a token for a user was told.
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

// finding is something that must not happen.
type finding struct {
	kind string
	what string
}

// The kinds of findings that compare what was told with what the server holds.
const (
	findLost       = "reported done, but lost"
	findUnwanted   = "reported not done, but there"
	findUnexpected = "there, but nobody was told of it"
	findDuplicate  = "there more than once"
	findCreated    = "reported created more than once"
)

// state is what the server holds: every value found, by the keys of the ledger.
type state struct {
	values map[string][]string
	// tokens holds the keys of the tokens of each uid.
	tokens map[string][]string
}

// compare returns the differences between the ledger and the server.
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
	var text strings.Builder
	for _, c := range claims {
		fmt.Fprintf(&text, "\n      %q by %s", c.value, c.origin)
	}
	return text.String()
}

// has reports whether a caller was told about an object.
func (l *ledger) has(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.registers[key] != nil
}
