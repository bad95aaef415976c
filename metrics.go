package cometchat

import (
	"context"
	"time"
)

var (
	getUsage          = get("/stats")
	getMessageMetrics = get("/stats/messages")
)

// UsageMetrics is what an app used in a period.
type UsageMetrics struct {
	Metrics   MetricsUsage     `json:"metrics"`
	TimeRange MetricsTimeRange `json:"time_range"`
}

// MetricsUsage counts minutes of calls, and users.
type MetricsUsage struct {
	AudioMinutes    int `json:"audio_minutes"`
	VideoMinutes    int `json:"video_minutes"`
	RecordedMinutes int `json:"recorded_minutes"`
	ActiveUsers     int `json:"active_users"`
	ConcurrentUsers int `json:"concurrent_users"`
}

// MetricsTimeRange is the period that metrics are about.
type MetricsTimeRange struct {
	FromDate UnixMilli `json:"fromDate"`
	ToDate   UnixMilli `json:"toDate"`
}

// MessageMetrics counts messages and receipts in intervals of five minutes.
type MessageMetrics struct {
	AppID      string             `json:"appId,omitempty"`
	StartTime  UnixMilli          `json:"startTime"`
	EndTime    UnixMilli          `json:"endTime"`
	DataPoints []MessageDataPoint `json:"dataPoints"`
}

// MessageDataPoint is one interval of MessageMetrics.
type MessageDataPoint struct {
	StartTime        UnixMilli `json:"startTime"`
	EndTime          UnixMilli `json:"endTime"`
	MessagesSent     int       `json:"messagesSent"`
	ReadReceipts     int       `json:"readReceipts"`
	DeliveryReceipts int       `json:"deliveryReceipts"`
}

type usageParams struct {
	FromDate int64 `url:"fromDate"`
	ToDate   int64 `url:"toDate"`
}

func (p *usageParams) validate(v *validation) {
	if p.FromDate > p.ToDate {
		v.add(ValidationError{Field: "fromDate", Reason: "must not be after toDate"})
	}
}

// MetricsService reports how much an app is used.
type MetricsService service

// Usage returns what the app used between two moments. They are sent in
// milliseconds, the unit in which the API's response repeats them; its
// documentation names none.
//
// GET /stats
func (s *MetricsService) Usage(ctx context.Context, from, to time.Time) (*UsageMetrics, error) {
	return do[UsageMetrics](ctx, s.core, getUsage.at().query(&usageParams{from.UnixMilli(), to.UnixMilli()}))
}

// Messages returns the newest counts of messages and receipts.
//
// GET /stats/messages
func (s *MetricsService) Messages(ctx context.Context) (*MessageMetrics, error) {
	return do[MessageMetrics](ctx, s.core, getMessageMetrics.at())
}
