// Package cometchatotel makes OpenTelemetry spans and metrics of the calls of the
// CometChat client:
//
//	client, err := cometchat.NewClient(region, apiKey,
//		cometchat.WithTracer(cometchatotel.NewTracer()),
//		cometchat.WithTracer(cometchatotel.NewMeter()))
//
// It is a module of its own, so that the client does not depend on
// OpenTelemetry. It uses the APIs of traces and metrics only: which SDK and
// exporters receive them is the program's choice.
//
// # Spans
//
// Each call is one span of kind client, a child of the span in the call's
// context. It lasts from the first attempt to the decoded response, waits and
// retries included. Its name is the route, such as "GET /users/{uid}". A list
// makes one call, and so one span, for each page. A call that is refused before
// anything is sent, for a missing id for example, makes none.
//
// At the start, where a sampler sees them, a span has
//
//   - http.request.method and url.template, the two halves of its name;
//   - cometchat.page, the number of the page, in calls of lists with numbered
//     pages;
//   - cometchat.cursor, true from the second page of a list with cursors on;
//   - enduser.id, the acting user's uid, with [WithActingUser] only.
//
// At the end it gets
//
//   - http.response.status_code, the last status; missing when no response came;
//   - cometchat.attempts, how many times the request was tried, and
//     http.request.resend_count, one less, when it was tried more than once;
//   - cometchat.waited, how long the call waited before and between attempts, in
//     seconds.
//
// A call that fails has the status Error, and
//
//   - cometchat.error.code, the API's code, where the response named one;
//   - error.type, which is that code, else the HTTP status from 400 on, else one
//     of "canceled", "timeout", "wait" (the client would have had to wait too
//     long), "answer" (a success whose body cannot be used) and "transport". It is
//     also the description of the span's status;
//   - an exception event with the error's text, with [WithErrorText] only.
//
// While a call lasts, each wait adds an event "cometchat.wait" before it begins,
// with cometchat.wait.reason ("retry", "cooldown" or "budget") and
// cometchat.wait.duration in seconds.
//
// # Metrics
//
//   - cometchat.client.operation.duration, a histogram of seconds, with
//     http.request.method, url.template, http.response.status_code and error.type
//     as spans have them;
//   - cometchat.client.operation.attempts and cometchat.client.operation.wait (in
//     seconds), histograms of what OperationResult says, by method and template;
//   - cometchat.client.waits, a counter of waits that have begun, by
//     cometchat.wait.reason: it grows while calls stand still;
//   - cometchat.client.budget.remaining, a gauge of the requests that are left in
//     this minute, with cometchat.budget "operation" (those of the kind made last)
//     or "app";
//   - cometchat.client.unknown_outcomes, a counter of failures that match
//     [cometchat.ErrOutcomeUnknown], by method and template.
//
// # What is left out
//
// Credentials are never recorded. Neither is, unless an option asks for it,
// anything that may tell who a user is: no ids, no query, no text of the
// server's, since paths and messages name users and groups. That is why a page
// is recorded by its number instead of the text of its [cometchat.Position],
// which has a checksum of ids, filters and the acting user, and in lists with
// cursors the cursor itself.
//
// The single attempts are no spans. An instrumented transport, given to the
// client by [cometchat.WithHTTPClient], makes each one a child of the call's
// span; be aware that such transports commonly record the whole URL.
package cometchatotel

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/go-cometchat/cometchat"
)

// ScopeName is the name of the instrumentation scope of spans and metrics.
const ScopeName = "github.com/go-cometchat/cometchat/otel"

// Option changes what NewTracer does.
type Option func(*config)

type config struct {
	provider   trace.TracerProvider
	meters     metric.MeterProvider
	actingUser bool
	errorText  bool
}

// WithTracerProvider makes the spans by p instead of the global provider,
// otel.GetTracerProvider. A nil p stands for the global one.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) { c.provider = p }
}

// WithActingUser records the uid of the user on whose behalf a call is made, as
// enduser.id. Spans of the app's own calls do not get the attribute.
func WithActingUser() Option { return func(c *config) { c.actingUser = true } }

// WithErrorText records the error of a failed call as an exception event. Its
// text has the path, with the ids in it, and the server's message. It never has
// credentials.
func WithErrorText() Option { return func(c *config) { c.errorText = true } }

// NewTracer returns a function for cometchat.WithTracer that makes a span of
// every call. It may be shared by clients and goroutines.
func NewTracer(opts ...Option) cometchat.Tracer {
	c := newConfig(opts)
	if c.provider == nil {
		c.provider = otel.GetTracerProvider()
	}
	tracer := c.provider.Tracer(ScopeName, trace.WithInstrumentationVersion(cometchat.Version))
	return func(ctx context.Context, call cometchat.OperationInfo) (context.Context, cometchat.Trace) {
		ctx, span := tracer.Start(ctx, call.Operation,
			trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(c.before(call)...))
		return ctx, cometchat.Trace{
			Wait: func(w cometchat.OperationWait) {
				span.AddEvent("cometchat.wait", trace.WithAttributes(
					attribute.String("cometchat.wait.reason", string(w.Reason)),
					attribute.Float64("cometchat.wait.duration", w.Wait.Seconds()),
				))
			},
			End: func(r cometchat.OperationResult) {
				c.record(span, r)
				span.End()
			},
		}
	}
}

func newConfig(opts []Option) config {
	var c config
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	return c
}

// before returns what is known of a call before it is made.
func (c config) before(call cometchat.OperationInfo) []attribute.KeyValue {
	method, template, _ := strings.Cut(call.Operation, " ")
	attrs := []attribute.KeyValue{
		attribute.String("http.request.method", method),
		attribute.String("url.template", template),
	}
	if call.Page > 0 {
		attrs = append(attrs, attribute.Int("cometchat.page", call.Page))
	} else if !call.Position.IsZero() {
		attrs = append(attrs, attribute.Bool("cometchat.cursor", true))
	}
	if c.actingUser && call.OnBehalfOf != "" {
		attrs = append(attrs, attribute.String("enduser.id", call.OnBehalfOf))
	}
	return attrs
}

// record adds what a call has come to.
func (c config) record(span trace.Span, r cometchat.OperationResult) {
	if !span.IsRecording() {
		return
	}
	apiErr, status := answer(r)
	span.SetAttributes(
		attribute.Int("cometchat.attempts", r.Attempts),
		attribute.Float64("cometchat.waited", r.Waited.Seconds()),
	)
	if status != 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", status))
	}
	if r.Attempts > 1 {
		span.SetAttributes(attribute.Int("http.request.resend_count", r.Attempts-1))
	}
	if r.Err == nil {
		return
	}
	if apiErr != nil && apiErr.Code != "" {
		span.SetAttributes(attribute.String("cometchat.error.code", string(apiErr.Code)))
	}
	kind := errorType(r.Err, apiErr)
	span.SetAttributes(attribute.String("error.type", kind))
	span.SetStatus(codes.Error, kind)
	if c.errorText {
		span.AddEvent("exception", trace.WithAttributes(
			attribute.String("exception.type", fmt.Sprintf("%T", r.Err)),
			attribute.String("exception.message", r.Err.Error()),
		))
	}
}

// answer returns the response in a call's error, if there is one, and the call's
// status.
func answer(r cometchat.OperationResult) (*cometchat.Error, int) {
	var apiErr *cometchat.Error
	status := r.StatusCode
	if errors.As(r.Err, &apiErr) && status == 0 {
		status = apiErr.StatusCode // of the response that asked for a wait too long
	}
	return apiErr, status
}

// errorType names a failure by one of few words. apiErr is the response in err,
// if there is one.
func errorType(err error, apiErr *cometchat.Error) string {
	var wait *cometchat.WaitError
	switch {
	case apiErr != nil && apiErr.Code != "":
		return string(apiErr.Code)
	case apiErr != nil && apiErr.StatusCode >= 400:
		return strconv.Itoa(apiErr.StatusCode)
	case apiErr != nil:
		return "answer"
	case errors.As(err, &wait):
		return "wait"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case timedOut(err):
		return "timeout"
	}
	return "transport"
}

func timedOut(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
