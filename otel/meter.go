package cometchatotel

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/go-cometchat/cometchat"
)

// WithMeterProvider makes NewMeter use p instead of the global provider,
// otel.GetMeterProvider. A nil p stands for the global one.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) { c.meters = p }
}

// The bounds of the histograms: the duration of a call in seconds, the time that
// it waits in seconds, which may be minutes, and its attempts.
var (
	durationBounds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 180}
	waitBounds     = []float64{0, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 180}
	attemptBounds  = []float64{1, 2, 3, 4, 6, 8, 12}
)

// meter holds the instruments.
type meter struct {
	duration, wait  metric.Float64Histogram
	attempts        metric.Int64Histogram
	waits, unknown  metric.Int64Counter
	budgetRemaining metric.Int64Gauge
}

// NewMeter returns a function for cometchat.WithTracer that records the metrics
// of every call that the package comment lists. It may be shared by clients and
// goroutines, and used together with NewTracer. If the provider refuses an
// instrument, NewMeter reports the error to otel.Handle and leaves the instrument
// out.
func NewMeter(opts ...Option) cometchat.Tracer {
	c := newConfig(opts)
	if c.meters == nil {
		c.meters = otel.GetMeterProvider()
	}
	m := newMeter(c.meters.Meter(ScopeName, metric.WithInstrumentationVersion(cometchat.Version)))
	return func(ctx context.Context, call cometchat.OperationInfo) (context.Context, cometchat.Trace) {
		method, template, _ := strings.Cut(call.Operation, " ")
		operation := []attribute.KeyValue{
			attribute.String("http.request.method", method),
			attribute.String("url.template", template),
		}
		begun := time.Now()
		return ctx, cometchat.Trace{
			Wait: func(w cometchat.OperationWait) {
				m.waits.Add(ctx, 1, metric.WithAttributes(attribute.String("cometchat.wait.reason", string(w.Reason))))
			},
			End: func(r cometchat.OperationResult) { m.record(ctx, operation, time.Since(begun), r) },
		}
	}
}

func newMeter(by metric.Meter) *meter {
	m := &meter{}
	var errs [6]error
	m.duration, errs[0] = by.Float64Histogram("cometchat.client.operation.duration", metric.WithUnit("s"),
		metric.WithDescription("How long calls take, waits and retries included."),
		metric.WithExplicitBucketBoundaries(durationBounds...))
	m.wait, errs[1] = by.Float64Histogram("cometchat.client.operation.wait", metric.WithUnit("s"),
		metric.WithDescription("How long calls wait before and between attempts."),
		metric.WithExplicitBucketBoundaries(waitBounds...))
	m.attempts, errs[2] = by.Int64Histogram("cometchat.client.operation.attempts", metric.WithUnit("{attempt}"),
		metric.WithDescription("How many times the requests of calls are tried."),
		metric.WithExplicitBucketBoundaries(attemptBounds...))
	m.waits, errs[3] = by.Int64Counter("cometchat.client.waits", metric.WithUnit("{wait}"),
		metric.WithDescription("Waits that have begun."))
	m.unknown, errs[4] = by.Int64Counter("cometchat.client.unknown_outcomes", metric.WithUnit("{call}"),
		metric.WithDescription("Writes that may or may not have been carried out."))
	m.budgetRemaining, errs[5] = by.Int64Gauge("cometchat.client.budget.remaining", metric.WithUnit("{request}"),
		metric.WithDescription("Requests that the server would still take in this minute."))
	if err := errors.Join(errs[:]...); err != nil {
		otel.Handle(err)
	}
	return m
}

// record records the result of a call.
func (m *meter) record(ctx context.Context, operation []attribute.KeyValue, took time.Duration, r cometchat.OperationResult) {
	of := metric.WithAttributes(operation...)
	m.duration.Record(ctx, took.Seconds(), metric.WithAttributes(append(operation[:len(operation):len(operation)], outcome(r)...)...))
	m.wait.Record(ctx, r.Waited.Seconds(), of)
	m.attempts.Record(ctx, int64(r.Attempts), of)
	if errors.Is(r.Err, cometchat.ErrOutcomeUnknown) {
		m.unknown.Add(ctx, 1, of)
	}
	for of, left := range map[string]int{"operation": r.RateLimit.Remaining, "app": r.RateLimit.AppRemaining} {
		if left >= 0 {
			m.budgetRemaining.Record(ctx, int64(left), metric.WithAttributes(attribute.String("cometchat.budget", of)))
		}
	}
}

// outcome returns the status of a call's response and the kind of its failure, if
// any.
func outcome(r cometchat.OperationResult) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	apiErr, status := answer(r)
	if status != 0 {
		attrs = append(attrs, attribute.Int("http.response.status_code", status))
	}
	if r.Err != nil {
		attrs = append(attrs, attribute.String("error.type", errorType(r.Err, apiErr)))
	}
	return attrs
}
