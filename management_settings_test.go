package cometchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

func TestManagementSettings(t *testing.T) {
	const replies, threads = "core.conversations.updateOnReplies", "core.threads.updateOnMessageActions"
	client := managed(t, "settings")
	results, err := client.Settings.Set(t.Context(), "depot", map[string]bool{replies: true, threads: true, "core.unknown": true})
	assert.ErrorIs(t, err, cometchat.CodeBadRequest)
	require.Len(t, results.Items, 3)
	assert.Equal(t, []bool{true, true, false}, []bool{results.Items[0].OK(), results.Items[1].OK(), results.Items[2].OK()})

	settings, err := client.Settings.Get(t.Context(), "depot")
	require.NoError(t, err)
	assert.Len(t, settings, 10)
	assert.True(t, settings.Enabled(replies))
	assert.False(t, settings.Enabled("core.notifications.push.advanced.included"))
	assert.Equal(t, []string{"preferences", "templates"}, settings.List("core.notifications.push.advanced.included"))
	assert.Nil(t, settings.List(replies))

	require.NoError(t, client.Settings.Unset(t.Context(), "depot", []string{threads}))
	settings, err = client.Settings.Get(t.Context(), "depot")
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false}, []bool{settings.Enabled(replies), settings.Enabled(threads)})
}

func TestManagementSettingsRefused(t *testing.T) {
	settings, err := managementOf(t, "http://127.0.0.1:1").Settings.Get(t.Context(), "")
	assert.Nil(t, settings)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
}
