// Package cometchatotel records the calls of the CometChat client as
// OpenTelemetry spans and metrics:
//
//	client, err := cometchat.NewClient(region, apiKey,
//		cometchat.WithTracer(cometchatotel.NewTracer()),
//		cometchat.WithTracer(cometchatotel.NewMeter()))
//
// It is a separate module, so that the client does not depend on OpenTelemetry.
// It uses only the APIs of traces and metrics. The program chooses the SDK and
// the exporters.
//
// # Spans
//
// Each call is one span of kind client, a child of the span in the call's
// context. The span lasts from the first attempt to the decoded response,
// including waits and retries. Its name is the route, such as "GET /users/{uid}".
// A list makes one call, and therefore one span, for each page. A call that is
// refused before a request is sent, for example because of a missing id, makes no
// span.
//
// At the start, where a sampler sees them, a span has these attributes:
//
//   - http.request.method and url.template, the two halves of its name;
//   - cometchat.page, the number of the page, in calls of lists with numbered
//     pages;
//   - cometchat.cursor, which is true from the second page of a list with cursors
//     on;
//   - enduser.id, the acting user's uid, only with [WithActingUser].
//
// At the end it gets these attributes:
//
//   - http.response.status_code, the last status; missing if there was no response;
//   - cometchat.attempts, the number of attempts to send the request, and
//     http.request.resend_count, one less, if there was more than one;
//   - cometchat.waited, the time that the call waited before and between attempts,
//     in seconds.
//
// A call that fails has the status Error, and
//
//   - cometchat.error.code, the API's code, if the response has one;
//   - error.type, which is that code, or else the HTTP status if it is 400 or more,
//     or else "canceled", "timeout", "wait" (the client would have had to wait too
//     long), "answer" (a success whose body cannot be used) or "transport". It is
//     also the description of the span's status;
//   - an exception event with the text of the error, only with [WithErrorText].
//
// Each wait adds an event "cometchat.wait" to the span before it begins, with
// cometchat.wait.reason ("retry", "cooldown" or "budget") and
// cometchat.wait.duration in seconds.
//
// # Metrics
//
//   - cometchat.client.operation.duration, a histogram of seconds, with the
//     attributes http.request.method, url.template, http.response.status_code and
//     error.type, as in spans;
//   - cometchat.client.operation.attempts and cometchat.client.operation.wait (in
//     seconds), histograms of the attempts and waits in OperationResult, by method
//     and template;
//   - cometchat.client.waits, a counter of waits that have begun, by
//     cometchat.wait.reason; it grows while calls are still waiting;
//   - cometchat.client.budget.remaining, a gauge of the requests that are left in
//     this minute, with cometchat.budget "operation" (requests of the kind made
//     last) or "app";
//   - cometchat.client.unknown_outcomes, a counter of failures that match
//     [cometchat.ErrOutcomeUnknown], by method and template.
//
// # What is left out
//
// Credentials are never recorded. Data that may identify a user is recorded only
// if an option asks for it: there are no ids, no queries and no texts of the
// server, since paths and messages name users and groups. For this reason a page
// is recorded by its number instead of the text of its [cometchat.Position]. That
// text has a checksum of ids, filters and the acting user, and in lists with
// cursors the cursor itself.
//
// Single attempts have no spans. An instrumented transport, passed to the client
// with [cometchat.WithHTTPClient], makes each attempt a child of the call's span.
// Note that such transports commonly record the whole URL.
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

// Option changes what NewTracer and NewMeter do.
type Option func(*config)

type config struct {
	provider   trace.TracerProvider
	meters     metric.MeterProvider
	actingUser bool
	errorText  bool
}

// WithTracerProvider makes NewTracer use p instead of the global provider,
// otel.GetTracerProvider. A nil p stands for the global one.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) { c.provider = p }
}

// WithActingUser makes NewTracer record the uid of the user on whose behalf a
// call is made, as enduser.id. Spans of the app's own calls do not get the
// attribute.
func WithActingUser() Option { return func(c *config) { c.actingUser = true } }

// WithErrorText makes NewTracer record the error of a failed call as an exception
// event. The text contains the path, with the ids in it, and the server's
// message. It never contains credentials.
func WithErrorText() Option { return func(c *config) { c.errorText = true } }

// NewTracer returns a function for cometchat.WithTracer that makes a span for
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

// before returns the attributes of a call that are known before it is made.
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

// record adds the result of a call to its span.
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

// answer returns the response in a call's error, or nil, and the call's status.
func answer(r cometchat.OperationResult) (*cometchat.Error, int) {
	var apiErr *cometchat.Error
	status := r.StatusCode
	if errors.As(r.Err, &apiErr) && status == 0 {
		status = apiErr.StatusCode // of the response that asked for too long a wait
	}
	return apiErr, status
}

// errorType returns the error.type of a failure. apiErr is the response in err,
// or nil.
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
