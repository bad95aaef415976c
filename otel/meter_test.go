package cometchatotel_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	cometchatotel "github.com/go-cometchat/cometchat/otel"
)

// collected returns the metrics by name. All of them must be in the scope of this
// package.
func collected(t *testing.T, reader sdkmetric.Reader) map[string]metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	require.Len(t, all.ScopeMetrics, 1)
	assert.Equal(t, cometchatotel.ScopeName, all.ScopeMetrics[0].Scope.Name)
	assert.Equal(t, cometchat.Version, all.ScopeMetrics[0].Scope.Version)
	byName := map[string]metricdata.Metrics{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		byName[m.Name] = m
	}
	return byName
}

// metered returns a client with spans whose metrics the reader collects.
func metered(t *testing.T) (*cometchat.Client, *cometchattest.Server, sdkmetric.Reader) {
	t.Helper()
	reader := sdkmetric.NewManualReader()
	client, srv, _, _ := traced(t)
	return client.With(cometchat.WithTracer(cometchatotel.NewMeter(nil,
		cometchatotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))))), srv, reader
}

func attrs(kv ...attribute.KeyValue) attribute.Set { return attribute.NewSet(kv...) }

var (
	getUser = []attribute.KeyValue{attribute.String("http.request.method", "GET"), attribute.String("url.template", "/users/{uid}")}
	delUser = []attribute.KeyValue{attribute.String("http.request.method", "DELETE"), attribute.String("url.template", "/users/{uid}")}
)

func with(kv []attribute.KeyValue, more ...attribute.KeyValue) attribute.Set {
	return attrs(append(kv[:len(kv):len(kv)], more...)...)
}

func TestMetrics(t *testing.T) {
	client, srv, reader := metered(t)
	srv.SeedUsers(2)
	srv.Inject(cometchattest.Fault{Status: 503})
	_, err := client.Users.Get(t.Context(), "user-0001") // twice
	require.NoError(t, err)
	_, err = client.Users.Get(t.Context(), "nobody")
	require.ErrorIs(t, err, cometchat.ErrNotFound)
	srv.Inject(cometchattest.Fault{Status: 429, RetryAfter: "600", Header: http.Header{"X-Ratelimit-Remaining": {"7"}, "X-Ratelimit-Remaining-For-App": {"70"}}})
	_, err = client.Users.Get(t.Context(), "user-0001")
	require.ErrorIs(t, err, cometchat.ErrRateLimited)
	client = client.With(cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 1}))
	srv.Inject(cometchattest.Fault{DropAfter: true})
	require.ErrorIs(t, client.Users.Delete(t.Context(), "user-0001", nil), cometchat.ErrOutcomeUnknown)

	got := collected(t, reader)
	assert.ElementsMatch(t, []string{
		"cometchat.client.operation.duration", "cometchat.client.operation.wait", "cometchat.client.operation.attempts",
		"cometchat.client.waits", "cometchat.client.unknown_outcomes", "cometchat.client.budget.remaining",
	}, keys(got))

	durations := got["cometchat.client.operation.duration"]
	assert.Equal(t, "s", durations.Unit)
	counts := map[attribute.Set]uint64{}
	for _, p := range durations.Data.(metricdata.Histogram[float64]).DataPoints {
		counts[p.Attributes] = p.Count
		assert.Positive(t, p.Sum)
	}
	status := func(n int) attribute.KeyValue { return attribute.Int("http.response.status_code", n) }
	kind := func(s string) attribute.KeyValue { return attribute.String("error.type", s) }
	assert.Equal(t, map[attribute.Set]uint64{
		with(getUser, status(200)):                                1,
		with(getUser, status(404), kind("ERR_UID_NOT_FOUND")):     1,
		with(getUser, status(429), kind("ERR_TOO_MANY_REQUESTS")): 1,
		with(delUser, kind("transport")):                          1,
	}, counts)

	attempts := map[attribute.Set]int64{}
	for _, p := range got["cometchat.client.operation.attempts"].Data.(metricdata.Histogram[int64]).DataPoints {
		attempts[p.Attributes] = p.Sum
	}
	assert.Equal(t, map[attribute.Set]int64{with(getUser): 4, with(delUser): 1}, attempts)

	for _, p := range got["cometchat.client.operation.wait"].Data.(metricdata.Histogram[float64]).DataPoints {
		assert.Less(t, p.Sum, 1.0)
	}
	sums := func(name string, points ...metricdata.DataPoint[int64]) {
		t.Helper()
		metricdatatest.AssertAggregationsEqual(t, metricdata.Sum[int64]{
			Temporality: metricdata.CumulativeTemporality, IsMonotonic: true, DataPoints: points,
		}, got[name].Data, metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
	}
	sums("cometchat.client.waits", metricdata.DataPoint[int64]{Attributes: attrs(attribute.String("cometchat.wait.reason", "retry")), Value: 1})
	sums("cometchat.client.unknown_outcomes", metricdata.DataPoint[int64]{Attributes: with(delUser), Value: 1})
	metricdatatest.AssertAggregationsEqual(t, metricdata.Gauge[int64]{DataPoints: []metricdata.DataPoint[int64]{
		{Attributes: attrs(attribute.String("cometchat.budget", "operation")), Value: 7},
		{Attributes: attrs(attribute.String("cometchat.budget", "app")), Value: 70},
	}}, got["cometchat.client.budget.remaining"].Data, metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
}

func keys[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	return names
}

// TestWaits checks that the time that a call waited is a metric in seconds, and
// that the beginning of a wait is an event of the span.
func TestWaits(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	meter := cometchatotel.NewMeter(cometchatotel.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))))
	_, trace := meter(t.Context(), cometchat.OperationInfo{Operation: "GET /users/{uid}"})
	trace.End(cometchat.OperationResult{Attempts: 2, Waited: 1500 * time.Millisecond, RateLimit: cometchat.RateLimit{Remaining: -1, AppRemaining: -1}})
	got := collected(t, reader)
	assert.InDelta(t, 1.5, got["cometchat.client.operation.wait"].Data.(metricdata.Histogram[float64]).DataPoints[0].Sum, 0)
	assert.NotContains(t, got, "cometchat.client.budget.remaining", "nothing is known of it")

	client, srv, exporter, _ := traced(t)
	srv.SeedUsers(1)
	srv.Inject(cometchattest.Fault{Status: 429, RetryAfter: "1"})
	_, err := client.Users.Get(t.Context(), "user-0001")
	require.NoError(t, err)
	events := only(t, exporter).Events
	require.Len(t, events, 1)
	assert.Equal(t, "cometchat.wait", events[0].Name)
	assert.Equal(t, []attribute.KeyValue{
		attribute.String("cometchat.wait.reason", "retry"), attribute.Float64("cometchat.wait.duration", 1),
	}, events[0].Attributes)
}

func TestGlobalMeterProvider(t *testing.T) {
	before := otel.GetMeterProvider()
	t.Cleanup(func() { otel.SetMeterProvider(before) })
	reader := sdkmetric.NewManualReader()
	otel.SetMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	_, trace := cometchatotel.NewMeter()(context.Background(), cometchat.OperationInfo{Operation: "GET /users/{uid}"})
	trace.End(cometchat.OperationResult{StatusCode: 200, Attempts: 1})
	assert.Contains(t, collected(t, reader), "cometchat.client.operation.duration")
}
