package cometchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestManagementExtensions(t *testing.T) {
	client := managed(t, "extensions")
	results, err := client.Extensions.Enable(t.Context(), "depot", []string{"polls", "telepathy"})
	assert.ErrorIs(t, err, cometchat.CodeExtensionNotFound)
	assert.True(t, results.Items[0].OK())
	assert.False(t, results.Items[1].OK())
	all, err := client.Extensions.List("depot", nil).Collect(t.Context(), 100)
	require.NoError(t, err)
	require.Len(t, all, 32)
	var polls *cometchat.Extension
	for _, e := range all {
		if e.ID == "polls" {
			polls = e
		}
	}
	assert.Equal(t, &cometchat.Extension{
		ID: "polls", Name: "polls", TagLine: "Adds polls", Description: "The extension polls.", Author: "Emulator",
		Email: "extensions@example.com", WebhookURL: "https://extensions.example.com/polls",
		AdminURL: "https://extensions.example.com/polls/admin", WebsiteURL: "https://extensions.example.com",
		IsActive: true, CreatedAt: testkit.RecordedAt,
		Hooks:      cometchat.ExtensionHooks{Data: []cometchat.ExtensionHook{{Hook: "after_message", Description: "Messages that were sent", IsActive: true, Enabled: 1, CreatedAt: testkit.RecordedAt}}},
		Categories: cometchat.ExtensionCategories{Data: []cometchat.Metadata{}},
	}, polls)
	results, err = client.Extensions.Disable(t.Context(), "depot", []string{"polls"})
	require.NoError(t, err)
	assert.Equal(t, []cometchat.Result[cometchat.NoValue]{{ID: "polls", Message: "Done: polls."}}, results.Items)
}

func TestManagementExtensionsPage(t *testing.T) {
	_, err := managementOf(t, "http://127.0.0.1:1").Extensions.List("depot", &cometchat.ExtensionListOptions{PerPage: 1001}).First(t.Context())
	var invalid *cometchat.ValidationError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, "perPage", invalid.Field)
	assert.Equal(t, []int{1000, 1001}, []int{invalid.Limit, invalid.Size})
}
