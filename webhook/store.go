package webhook

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"
	"time"
)

// Key returns a text that all deliveries of one event share, and "" for an event
// in which the API sends nothing to identify it by. It is made from the app, the
// webhook, the trigger and what identifies the event in its data. It consists of
// the trigger and a hash, so it holds nothing personal, and has at most 110
// bytes.
func Key(e Event) string {
	k, ok := e.(interface{ key() []string })
	if !ok {
		return ""
	}
	parts := k.key()
	if len(parts) == 0 {
		return ""
	}
	env := e.Header()
	hash := sha256.New()
	for _, part := range append([]string{env.AppID, env.Webhook}, parts...) {
		fmt.Fprintf(hash, "%d:", len(part))
		_, _ = io.WriteString(hash, part)
	}
	for _, part := range parts {
		if part == "" { // two events could have the rest in common
			return ""
		}
	}
	return string(env.Trigger) + ":" + hex.EncodeToString(hash.Sum(nil))
}

// Store remembers the keys of events for Deduplicate. It must be safe for several
// goroutines. Handlers that share a store, in any number of processes, run a
// callback once in total.
type Store interface {
	// Claim claims a key for the caller, in one step, if no other caller has it.
	// The key expires unless Done renews it.
	Claim(ctx context.Context, key string, expiry time.Duration) (ClaimState, error)
	// Done records that the event with a claimed key succeeded, until the key
	// expires.
	Done(ctx context.Context, key string, expiry time.Duration) error
	// Release releases a claimed key, since its event failed.
	Release(ctx context.Context, key string) error
}

// ClaimState is the outcome of a Claim.
type ClaimState int

// The outcomes of a Claim.
const (
	// ClaimStateGranted means that the caller is to run the event.
	ClaimStateGranted ClaimState = iota + 1
	// ClaimStateInProgress means that another caller has claimed the key.
	ClaimStateInProgress
	// ClaimStateDone means that the event with the key succeeded.
	ClaimStateDone
)

// Memory returns a Store in memory that keeps up to n keys of events that
// succeeded, and forgets the oldest first. It is for a single process: other
// processes, and the same one after a restart, do not know its keys. It panics if
// n is not positive.
func Memory(n int) Store {
	if n < 1 {
		panic("webhook: Memory for less than one key")
	}
	return &memory{limit: n, keys: map[string]*memoryKey{}}
}

type memory struct {
	limit int
	mu    sync.Mutex
	keys  map[string]*memoryKey
	done  list.List // of keys, by when they were done
}

type memoryKey struct {
	expires time.Time
	place   *list.Element // in done; nil while in progress
}

func (m *memory) Claim(_ context.Context, key string, expiry time.Duration) (ClaimState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if k := m.keys[key]; k != nil && now.Before(k.expires) {
		if k.place == nil {
			return ClaimStateInProgress, nil
		}
		return ClaimStateDone, nil
	}
	m.forget(key)
	m.keys[key] = &memoryKey{expires: now.Add(expiry)}
	return ClaimStateGranted, nil
}

func (m *memory) Done(_ context.Context, key string, expiry time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(key)
	m.keys[key] = &memoryKey{expires: time.Now().Add(expiry), place: m.done.PushBack(key)}
	if m.done.Len() > m.limit {
		m.forget(m.done.Front().Value.(string))
	}
	return nil
}

func (m *memory) Release(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := m.keys[key]; k != nil && k.place == nil {
		m.forget(key)
	}
	return nil
}

// forget removes a key, if it is there.
func (m *memory) forget(key string) {
	if k := m.keys[key]; k != nil && k.place != nil {
		m.done.Remove(k.place)
	}
	delete(m.keys, key)
}
