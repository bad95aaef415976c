package cometchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
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
