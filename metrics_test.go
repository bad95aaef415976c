package cometchat_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// metricsSeed is an app whose users have sent 30 messages, ten a second.
func metricsSeed(srv *cometchattest.Server) {
	srv.SetClock(func() time.Time { return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC) })
	srv.SeedUsers(2)
	srv.SeedMessages(30, 10)
}

func TestMetricsUsage(t *testing.T) {
	client := testkit.Replayed(t, "metrics/usage", metricsSeed)
	from, to := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, time.March, 3, 0, 0, 0, 0, time.UTC)
	got, err := client.Metrics.Usage(t.Context(), from, to)
	require.NoError(t, err)
	assert.Equal(t, &cometchat.UsageMetrics{
		Metrics:   cometchat.MetricsUsage{ActiveUsers: 2},
		TimeRange: cometchat.MetricsTimeRange{FromDate: cometchat.UnixMilli(from.UnixMilli()), ToDate: cometchat.UnixMilli(to.UnixMilli())},
	}, got)
	assert.True(t, got.TimeRange.ToDate.Time().Equal(to))
	assert.Equal(t, "2026-03-01T00:00:00.000Z", got.TimeRange.FromDate.String())

	_, err = client.Metrics.Usage(t.Context(), to, from)
	var invalid *cometchat.ValidationError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, "fromDate", invalid.Field)
}

func TestMetricsMessages(t *testing.T) {
	got, err := testkit.Replayed(t, "metrics/messages", metricsSeed).Metrics.Messages(t.Context())
	require.NoError(t, err)
	require.Len(t, got.DataPoints, 12)
	sent := 0
	for i, p := range got.DataPoints {
		sent += p.MessagesSent
		assert.Equal(t, 5*time.Minute, p.EndTime.Time().Sub(p.StartTime.Time()))
		if i > 0 {
			assert.Equal(t, got.DataPoints[i-1].EndTime, p.StartTime)
		}
	}
	assert.Equal(t, 30, sent)
	assert.Equal(t, got.DataPoints[0].StartTime, got.StartTime)
	assert.Equal(t, got.DataPoints[11].EndTime, got.EndTime)

	got, err = testkit.Answering(t, 200, `{"data":{"startTime":1682676600000,"endTime":"","dataPoints":{"0":{"messagesSent":"7"}},"appId":"a"}}`).
		Metrics.Messages(t.Context())
	require.NoError(t, err)
	assert.Equal(t, &cometchat.MessageMetrics{AppID: "a", StartTime: 1682676600000, DataPoints: []cometchat.MessageDataPoint{{MessagesSent: 7}}}, got)
	assert.True(t, got.EndTime.Time().IsZero())
	assert.Empty(t, got.EndTime.String())
}
