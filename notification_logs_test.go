package cometchat_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestNotificationLogs(t *testing.T) {
	client := testkit.Replayed(t, "notifications/logs", func(srv *cometchattest.Server) {
		testkit.SeedTutoring(srv)
		for i := range 45 {
			srv.AddNotificationLogs(cometchattest.NotificationLog{MessageID: int64(i + 1), Sender: "piotr", Receiver: "lena", Reason: []string{"", "DND_PREFERENCE"}[i%2]})
		}
	})
	logs := client.Notifications.Logs
	first, err := logs.List(nil).First(t.Context())
	require.NoError(t, err)
	require.Len(t, first.Items, 20)
	at := cometchat.UnixMilli(1000 * int64(testkit.RecordedAt))
	assert.Equal(t, &cometchat.NotificationLog{
		ID: first.Items[0].ID, ProcessingStartedAt: at, ProcessingEndedAt: at + 8, ProcessingTimeInMS: 8, MessageSentAt: at, Component: "notifications-core",
		Channel: cometchat.NotificationChannelPush, Provider: cometchat.NotificationProviderFCM, Trigger: cometchat.NotificationTriggerMessageSent,
		MessageID: "1", Sender: "piotr", Receiver: "lena", ReceiverType: cometchat.ReceiverTypeUser, NotificationTriggered: true, Success: testkit.Yes,
	}, first.Items[0])

	list := logs.List(&cometchat.NotificationLogListOptions{Reason: cometchat.NotificationReasonDNDPreference})
	seen := map[string]bool{}
	for l, err := range list.All(t.Context()) {
		require.NoError(t, err)
		assert.False(t, l.NotificationTriggered)
		assert.Nil(t, l.Success)
		seen[l.MessageID] = true
	}
	assert.Len(t, seen, 22)
	var back []string
	for l, err := range list.Backward(t.Context()) {
		require.NoError(t, err)
		back = append(back, l.MessageID)
	}
	assert.Len(t, back, 22)
	assert.Equal(t, "44", back[0])
}

// TestNotificationLogPages pages by the id of the last log, since meta.next would
// only list logs of one message.
func TestNotificationLogPages(t *testing.T) {
	var queries []string
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		pages := map[string]string{
			"":   `[{"_id":"a","messageId":7},{"_id":"b","messageId":7}]`,
			"b":  `[{"_id":"c","messageId":7}]`,
			"c":  `[]`,
			"on": `[{"_id":"on","messageId":7}]`,
		}
		_, _ = io.WriteString(w, `{"data":`+pages[r.URL.Query().Get("logId")]+`,"meta":{"previous":{"affix":"prepend","messageId":7},"current":{"limit":20,"count":2},"next":{"affix":"append","messageId":7}}}`)
	}, testkit.Once)
	logs, err := client.Notifications.Logs.List(&cometchat.NotificationLogListOptions{Sender: "piotr"}).Collect(t.Context(), 100)
	require.NoError(t, err)
	assert.Len(t, logs, 3)
	assert.Equal(t, []string{"sender=piotr", "affix=append&logId=b&sender=piotr", "affix=append&logId=c&sender=piotr"}, queries)

	page, err := client.Notifications.Logs.List(nil).First(t.Context())
	require.NoError(t, err)
	queries = nil
	_, err = client.Notifications.Logs.List(nil).From(page.Next).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"affix=append&logId=b"}, queries)

	// A server that returns the same page again is noticed, and so is one whose
	// logs have no id to continue from.
	for _, body := range []string{`{"data":[{"_id":"a"}]}`, `{"data":[{"messageId":7}]}`} {
		asked := 0
		client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
			asked++
			_, _ = io.WriteString(w, body)
		}, testkit.Once)
		_, err := client.Notifications.Logs.List(nil).Collect(t.Context(), 100)
		require.ErrorIs(t, err, cometchat.ErrPaginationLoop)
		assert.Less(t, asked, 4)
	}
}
