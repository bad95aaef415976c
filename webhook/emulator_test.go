package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/webhook"
)

// TestOncePerMessage sends messages with the client, and delivers them out of
// order and twice to a handler that fails for each of them at first.
func TestOncePerMessage(t *testing.T) {
	const n = 20
	h := newHandler(t, webhook.Deduplicate(webhook.Memory(1000)))
	var mu sync.Mutex
	tries, done := map[string]int{}, map[string]int{}
	h.OnMessageSent(func(_ context.Context, e *webhook.MessageSent) error {
		mu.Lock()
		defer mu.Unlock()
		text := e.Message.Text()
		if tries[text]++; tries[text] <= 2 { // both of the first deliveries
			return errors.New("not yet")
		}
		done[text]++
		return nil
	})

	srv := cometchattest.NewServer()
	defer srv.Close()
	srv.AddUsers(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "mark"})
	endpoint := srv.DeliverToHandler(h, cometchattest.WithBasicAuth("app", "pass word"), cometchattest.WithRetries())
	endpoint.Hold()
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	require.NoError(t, err)
	want := map[string]int{}
	for i := range n {
		text := fmt.Sprintf("message %d", i)
		want[text] = 1
		_, err := client.OnBehalfOf("lena").Messages.Send(t.Context(), cometchat.ToUser("mark"), &cometchat.SendMessageRequest{Text: text})
		require.NoError(t, err)
	}
	endpoint.Release(cometchattest.Shuffled(7), cometchattest.Twice)
	require.NoError(t, srv.AwaitDeliveries(t.Context()))
	assert.Empty(t, done)
	for range 3 {
		srv.Clock().Advance(30 * time.Second)
		require.NoError(t, srv.AwaitDeliveries(t.Context()))
	}
	mu.Lock()
	defer mu.Unlock()
	assert.Equal(t, want, done)
	for _, d := range srv.Deliveries() {
		assert.Equal(t, cometchattest.DeliveryStateDelivered, d.State)
	}
}
