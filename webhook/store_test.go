package webhook_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/webhook"
)

// keyless are the payloads whose events have no key.
var keyless = map[string]bool{
	"user_blocked": true, "user_unblocked": true,
	"group_member_added":                            true, // says nothing of when
	"legacy/before_message":                         true,
	"providers/push-notification-payload-generated": true, "providers/push-notification-payload-generated-call": true,
	"providers/email-notification-payload-generated": true, "providers/sms-notification-payload-generated": true,
}

// TestKey checks that each event has a key of its own, and the same event the
// same key, whatever the order of its members.
func TestKey(t *testing.T) {
	keys := map[string]string{}
	for _, name := range events(t) {
		text := payload(t, name)
		e, err := webhook.Parse([]byte(text))
		require.NoError(t, err)
		key := webhook.Key(e)
		assert.Equal(t, keyless[name], key == "", name)
		if key == "" {
			continue
		}
		if name != "seen/message_deleted" { // another shape of the same deletion
			assert.NotContains(t, keys, key, name)
		}
		keys[key] = name

		trigger, hash, _ := strings.Cut(key, ":")
		assert.Equal(t, string(e.Header().Trigger), trigger)
		assert.Len(t, hash, 64)
		for _, other := range []string{
			strings.Replace(text, `"app27c0ffee11"`, `"app2"`, 1+strings.Count(text, `"app27c0ffee11"`)),
			strings.NewReplacer(`"rides"`, `"other"`, `"old-hook"`, `"other"`).Replace(text),
		} {
			e, err := webhook.Parse([]byte(other))
			require.NoError(t, err)
			assert.NotEqual(t, key, webhook.Key(e), "%s: of another app or webhook", name)
		}
	}
}

// TestKeyDistinguishes checks that events with the same id have different keys.
func TestKeyDistinguishes(t *testing.T) {
	for name, change := range map[string][]string{
		"message_edited":                 {`"text": "Parcel is at door B"`, `"text": "Parcel is at door C"`},
		"seen/message_edited":            {`"editedAt": 1761000160`, `"editedAt": 1761000161`},
		"group_updated":                  {`"name": "Depot Three"`, `"name": "Depot Four"`},
		"group_created":                  {`"createdAt": 1760000000`, `"createdAt": 1760000001`},
		"moderation_engine_blocked":      {`"updatedAt": 1761000100`, `"updatedAt": 1761000101`},
		"message_reaction_added":         {`"reactedAt": 1761000140`, `"reactedAt": 1761000141`},
		"message_read_by_all":            {`"receiver": "depot-3"`, `"receiver": "depot-4"`},
		"message_read_receipt":           {`"sender": "courier-9"`, `"sender": "courier-8"`},
		"group_member_kicked":            {`"updatedAt": 1761000100`, `"updatedAt": 1761000101`},
		"call_participant_left":          {`"left_at": 1761000560`, `"left_at": 1761000561`},
		"after_feed_item_interacted":     {`"interactedAt": 1761000730`, `"interactedAt": 1761000731`},
		"moderation_engine_failed":       {`"completedAt": 1761000603`, `"completedAt": 1761000604`},
		"legacy/message_read_receipt":    {`"receiptSender": "courier-9"`, `"receiptSender": "courier-8"`},
		"user_connection_status_changed": {`"timestamp": 1761000400123`, `"timestamp": 1761000400124`},
	} {
		text := payload(t, name)
		require.Contains(t, text, change[0], name)
		a, err := webhook.Parse([]byte(text))
		require.NoError(t, err)
		b, err := webhook.Parse([]byte(strings.Replace(text, change[0], change[1], 1)))
		require.NoError(t, err)
		assert.NotEqual(t, webhook.Key(a), webhook.Key(b), name)
	}
}

func TestDeduplicate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, webhook.Deduplicate(webhook.Memory(10)))
		var calls int
		fail := errors.New("not yet")
		var err = fail
		h.OnMessageSent(func(context.Context, *webhook.MessageSent) error { calls++; return err })
		h.OnUserBlocked(counted[webhook.UserBlocked](&calls, nil))
		body := payload(t, "message_sent")

		assert.Equal(t, 500, status(h, body))
		err = nil
		assert.Equal(t, 200, status(h, body), "a failed one runs again")
		assert.Equal(t, 200, status(h, body), "one that succeeded does not")
		assert.Equal(t, 2, calls)

		time.Sleep(webhook.DefaultExpiry - time.Second)
		assert.Equal(t, 200, status(h, body))
		assert.Equal(t, 2, calls)
		time.Sleep(time.Second)
		assert.Equal(t, 200, status(h, body), "expired")
		assert.Equal(t, 3, calls)

		for range 2 {
			assert.Equal(t, 200, status(h, payload(t, "user_blocked")))
		}
		assert.Equal(t, 5, calls, "without a key, as they come")
	})
}

// TestDeduplicateInProgress checks that a second delivery is postponed while the
// first is handled, and runs after a panic.
func TestDeduplicateInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, webhook.Deduplicate(webhook.Memory(1)), webhook.Expiry(time.Hour))
		calls := 0
		h.OnMessageSent(func(context.Context, *webhook.MessageSent) error {
			calls++
			time.Sleep(5 * time.Second)
			if calls == 1 {
				panic("odd")
			}
			return nil
		})
		body := payload(t, "message_sent")
		codes := make(chan int, 4)
		send := func() { codes <- status(h, body) }
		go send()
		synctest.Wait()
		send()
		assert.Equal(t, 503, <-codes)
		assert.Equal(t, 500, <-codes)
		send()
		send()
		assert.Equal(t, 200, <-codes)
		assert.Equal(t, 200, <-codes)
		assert.Equal(t, 2, calls)
	})
}

// failingStore fails in the methods it is told to.
type failingStore struct {
	webhook.Store
	claim, done, release error
}

func (s *failingStore) Claim(ctx context.Context, key string, expiry time.Duration) (webhook.ClaimState, error) {
	if s.claim != nil {
		return 0, s.claim
	}
	return s.Store.Claim(ctx, key, expiry)
}
func (s *failingStore) Done(context.Context, string, time.Duration) error { return s.done }
func (s *failingStore) Release(context.Context, string) error             { return s.release }

func TestStoreFailures(t *testing.T) {
	down := errors.New("down")
	for name, test := range map[string]struct {
		store    failingStore
		callback error
		code     int
		calls    int
		want     []string
	}{
		"claim":   {failingStore{claim: down}, nil, 500, 0, []string{"webhook: claim: down"}},
		"done":    {failingStore{done: down}, nil, 200, 1, []string{"webhook: store: down"}},
		"release": {failingStore{release: down}, errors.New("no"), 500, 1, []string{"no", "webhook: store: down"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			test.store.Store = webhook.Memory(1)
			h := newHandler(t, webhook.Deduplicate(&test.store), webhook.Failures(func(_ context.Context, _ webhook.Event, err error) {
				got = append(got, err.Error())
			}))
			calls := 0
			h.OnMessageSent(counted[webhook.MessageSent](&calls, test.callback))
			assert.Equal(t, test.code, status(h, payload(t, "message_sent")))
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.calls, calls)
		})
	}
}

func TestMemory(t *testing.T) {
	ctx := t.Context()
	m := webhook.Memory(2)
	claim := func(key string) webhook.ClaimState {
		state, err := m.Claim(ctx, key, time.Hour)
		require.NoError(t, err)
		return state
	}
	for _, key := range []string{"a", "b", "c"} {
		assert.Equal(t, webhook.ClaimStateGranted, claim(key))
		assert.Equal(t, webhook.ClaimStateInProgress, claim(key))
		require.NoError(t, m.Done(ctx, key, time.Hour))
	}
	assert.Equal(t, webhook.ClaimStateDone, claim("b"))
	assert.Equal(t, webhook.ClaimStateDone, claim("c"))
	assert.Equal(t, webhook.ClaimStateGranted, claim("a"), "forgotten")
	require.NoError(t, m.Release(ctx, "a"))
	assert.Equal(t, webhook.ClaimStateGranted, claim("a"))
	require.NoError(t, m.Release(ctx, "b"))
	assert.Equal(t, webhook.ClaimStateDone, claim("b"), "done stays done")
	assert.Panics(t, func() { webhook.Memory(0) })
}
