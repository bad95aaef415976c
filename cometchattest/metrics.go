package cometchattest

import (
	"strconv"
	"time"
)

// metricsResource returns the routes of the API's metrics. They do not include
// calls, so minutes are always 0.
func metricsResource() resource {
	return resource{routes: []route{
		{pattern: "GET /stats", handle: usageMetrics},
		{pattern: "GET /stats/messages", handle: messageMetrics},
	}}
}

type usageView struct {
	Metrics struct {
		AudioMinutes    int `json:"audio_minutes"`
		VideoMinutes    int `json:"video_minutes"`
		RecordedMinutes int `json:"recorded_minutes"`
		ActiveUsers     int `json:"active_users"`
		ConcurrentUsers int `json:"concurrent_users"`
	} `json:"metrics"`
	TimeRange struct {
		FromDate int64 `json:"fromDate"`
		ToDate   int64 `json:"toDate"`
	} `json:"time_range"`
}

// usageMetrics counts the users who sent a message in the time range as active.
func usageMetrics(c *call) (any, error) {
	var u usageView
	details := map[string][]string{}
	for name, at := range map[string]*int64{"fromDate": &u.TimeRange.FromDate, "toDate": &u.TimeRange.ToDate} {
		n, err := strconv.ParseInt(c.query.Get(name), 10, 64)
		if err != nil {
			details[name] = []string{"The parameter " + name + " must be a time."}
		}
		*at = n
	}
	if len(details) > 0 {
		return nil, errInvalid(details)
	}
	active := map[string]bool{}
	for _, m := range c.state.messages.timeline {
		if at := m.sentAt * 1000; m.sender != systemUID && at >= u.TimeRange.FromDate && at <= u.TimeRange.ToDate {
			active[m.sender] = true
		}
	}
	u.Metrics.ActiveUsers = len(active)
	return u, nil
}

type dataPointView struct {
	MessagesSent     int    `json:"messagesSent"`
	ReadReceipts     int    `json:"readReceipts"`
	DeliveryReceipts int    `json:"deliveryReceipts"`
	StartTime        string `json:"startTime"`
	EndTime          string `json:"endTime"`
}

type messageMetricsView struct {
	StartTime  string          `json:"startTime"`
	EndTime    string          `json:"endTime"`
	DataPoints []dataPointView `json:"dataPoints"`
	AppID      string          `json:"appId,omitempty"`
}

// The message metrics cover the hour that ends with the current interval.
const (
	metricsInterval = 5 * time.Minute
	metricsPoints   = 12
)

func messageMetrics(c *call) (any, error) {
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	end := c.now.Truncate(metricsInterval).Add(metricsInterval)
	start := end.Add(-metricsPoints * metricsInterval)
	v := messageMetricsView{StartTime: millis(start), EndTime: millis(end), AppID: c.server.appID}
	for i := range metricsPoints {
		from := start.Add(time.Duration(i) * metricsInterval)
		v.DataPoints = append(v.DataPoints, dataPointView{StartTime: millis(from), EndTime: millis(from.Add(metricsInterval))})
	}
	for _, m := range c.state.messages.timeline {
		if i := time.Unix(m.sentAt, 0).Sub(start) / metricsInterval; m.sentAt >= start.Unix() && int(i) < metricsPoints {
			v.DataPoints[i].MessagesSent++
		}
	}
	return v, nil
}
