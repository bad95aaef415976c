package cometchat_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
	"github.com/go-cometchat/cometchat/webhook"
)

func TestManagementWebhooks(t *testing.T) {
	client := managed(t, "webhooks")
	made, err := client.Webhooks.Create(t.Context(), "depot", &cometchat.CreateWebhookRequest{
		ID: "rides", Name: "Rides", WebhookURL: "https://depot.example.org/hook", UseBasicAuth: true,
		Username: "hook", Password: "correct-horse", Enabled: true, RetryOnFailure: true,
	})
	require.NoError(t, err)
	want := &cometchat.Webhook{
		ID: "rides", Name: "Rides", WebhookURL: "https://depot.example.org/hook", UseBasicAuth: true, Username: "hook",
		Enabled: true, RetryOnFailure: true, CreatedAt: testkit.RecordedAt, UpdatedAt: testkit.RecordedAt,
	}
	assert.Equal(t, want, made)

	results, err := client.Webhooks.AddTriggers(t.Context(), "depot", "rides", []string{"message_sent", "order_shipped", "user_blocked"})
	assert.ErrorIs(t, err, cometchat.CodeTriggerNotFound)
	require.Len(t, results.Items, 3)
	assert.Equal(t, []bool{true, false, true}, []bool{results.Items[0].OK(), results.Items[1].OK(), results.Items[2].OK()})
	require.NoError(t, client.Webhooks.RemoveTriggers(t.Context(), "depot", "rides", []string{"user_blocked"}))
	triggers, err := client.Webhooks.ListTriggers("depot", "rides", nil).Collect(t.Context(), 10)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.WebhookTrigger{{ID: "message_sent", Category: "messages", Description: "Fires on message sent"}}, triggers)

	changed, err := client.Webhooks.Update(t.Context(), "depot", "rides", &cometchat.UpdateWebhookRequest{Enabled: cometchat.Ptr(false), Password: cometchat.Ptr(cometchat.Secret("battery-staple"))})
	require.NoError(t, err)
	want.Enabled = false
	assert.Equal(t, want, changed)
	got, err := client.Webhooks.Get(t.Context(), "depot", "rides")
	require.NoError(t, err)
	assert.Equal(t, want, got)
	page, err := client.Webhooks.List("depot", &cometchat.WebhookListOptions{SearchKey: "ride", PerPage: 5}).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.Webhook{want}, page.Items)

	legacy := client.With(cometchat.WithLegacyWebhooks())
	_, err = legacy.Webhooks.Get(t.Context(), "depot", "rides")
	assert.ErrorIs(t, err, cometchat.CodeWebhookNotFound)
	require.NoError(t, client.Webhooks.Delete(t.Context(), "depot", "rides"))
	assert.ErrorIs(t, client.Webhooks.Delete(t.Context(), "depot", "rides"), cometchat.ErrNotFound)
}

// TestManagementWebhookDelivers creates a webhook with one client, and causes an
// event with another.
func TestManagementWebhookDelivers(t *testing.T) {
	client, srv := testkit.Emulated(t)
	key, secret := srv.ManagementCredentials()
	management, err := cometchat.NewManagementClient(key, secret, cometchat.WithBaseURL(srv.ManagementURL()))
	require.NoError(t, err)
	srv.AddUsers(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "mark"})

	var got []string
	h, err := webhook.NewHandler(webhook.BasicAuth("rides", "correct-horse"), webhook.Deduplicate(webhook.Memory(100)))
	require.NoError(t, err)
	failures := 1
	h.OnMessageSent(func(_ context.Context, e *webhook.MessageSent) error {
		if failures--; failures >= 0 {
			return io.ErrUnexpectedEOF
		}
		got = append(got, e.AppID+" "+e.Webhook+" "+e.Message.Text())
		return nil
	})
	srv.ReceiveAt("https://depot.example.org/hook", h)

	ctx := t.Context()
	send := func(text string) {
		_, err := client.OnBehalfOf("lena").Messages.Send(ctx, cometchat.ToUser("mark"), &cometchat.SendMessageRequest{Text: text})
		require.NoError(t, err)
		require.NoError(t, srv.AwaitDeliveries(ctx))
	}
	_, err = management.Webhooks.Create(ctx, srv.AppID(), &cometchat.CreateWebhookRequest{
		ID: "rides", Name: "Rides", WebhookURL: "https://depot.example.org/hook", UseBasicAuth: true,
		Username: "rides", Password: "correct-horse", Enabled: true, RetryOnFailure: true,
	})
	require.NoError(t, err)
	send("without a trigger")
	_, err = management.Webhooks.AddTriggers(ctx, srv.AppID(), "rides", []string{"message_sent"})
	require.NoError(t, err)
	send("one")
	assert.Empty(t, got)
	srv.Clock().Advance(10 * time.Second)
	require.NoError(t, srv.AwaitDeliveries(ctx))
	assert.Equal(t, []string{"emulator rides one"}, got, "by the retry")

	require.NoError(t, srv.DeliverAgain(srv.Deliveries()[0].ID, 3))
	require.NoError(t, srv.AwaitDeliveries(ctx))
	assert.Len(t, got, 1, "duplicates")

	_, err = management.Webhooks.Update(ctx, srv.AppID(), "rides", &cometchat.UpdateWebhookRequest{Password: cometchat.Ptr(cometchat.Secret("wrong"))})
	require.NoError(t, err)
	send("two")
	deliveries := srv.Deliveries()
	assert.Equal(t, 401, deliveries[len(deliveries)-1].Attempts[0].Status)
	require.NoError(t, management.Webhooks.Delete(ctx, srv.AppID(), "rides"))
	send("three")
	assert.Len(t, srv.Deliveries(), len(deliveries))
	assert.Len(t, got, 1)
}
