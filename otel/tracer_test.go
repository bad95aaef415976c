package cometchatotel_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	cometchatotel "github.com/go-cometchat/cometchat/otel"
)

// traced returns a client whose spans go to the exporter.
func traced(t *testing.T, opts ...cometchatotel.Option) (*cometchat.Client, *cometchattest.Server, *tracetest.InMemoryExporter, *sdktrace.TracerProvider) {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	t.Cleanup(func() { assert.NoError(t, provider.Shutdown(context.Background())) })

	srv := cometchattest.NewServer()
	t.Cleanup(srv.Close)
	opts = append([]cometchatotel.Option{cometchatotel.WithTracerProvider(provider)}, opts...)
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(),
		cometchat.WithBaseURL(srv.URL()),
		cometchat.WithRetry(cometchat.RetryPolicy{MinWait: time.Nanosecond, MaxElapsed: 10 * time.Second}),
		cometchat.WithTracer(cometchatotel.NewTracer(opts...)))
	require.NoError(t, err)
	return client, srv, exporter, provider
}

// attributes returns the attributes of a span by name, without the time that it
// waited.
func attributes(t *testing.T, s tracetest.SpanStub) map[string]any {
	t.Helper()
	got := map[string]any{}
	for _, a := range s.Attributes {
		require.NotContains(t, got, string(a.Key), "recorded twice")
		got[string(a.Key)] = a.Value.AsInterface()
	}
	require.IsType(t, 0.0, got["cometchat.waited"])
	delete(got, "cometchat.waited")
	return got
}

func only(t *testing.T, exporter *tracetest.InMemoryExporter) tracetest.SpanStub {
	t.Helper()
	spans := exporter.GetSpans()
	require.Len(t, spans, 1)
	return spans[0]
}

func TestSpanOfACall(t *testing.T) {
	client, srv, exporter, provider := traced(t)
	srv.SeedUsers(1)
	ctx, parent := provider.Tracer("test").Start(t.Context(), "parent")
	_, err := client.Users.Get(ctx, "user-0001")
	require.NoError(t, err)

	span := only(t, exporter)
	assert.Equal(t, "GET /users/{uid}", span.Name)
	assert.Equal(t, trace.SpanKindClient, span.SpanKind)
	assert.Equal(t, parent.SpanContext().SpanID(), span.Parent.SpanID())
	assert.Equal(t, parent.SpanContext().TraceID(), span.SpanContext.TraceID())
	assert.Equal(t, cometchatotel.ScopeName, span.InstrumentationScope.Name)
	assert.Equal(t, cometchat.Version, span.InstrumentationScope.Version)
	assert.Equal(t, sdktrace.Status{Code: codes.Unset}, span.Status)
	assert.Empty(t, span.Events)
	assert.Equal(t, map[string]any{
		"http.request.method":       "GET",
		"url.template":              "/users/{uid}",
		"http.response.status_code": int64(200),
		"cometchat.attempts":        int64(1),
	}, attributes(t, span))
}

// TestSpanIsInTheContextOfTheRequest checks that a request's context has the span
// of the call, so that an instrumented transport finds the parent.
func TestSpanIsInTheContextOfTheRequest(t *testing.T) {
	client, srv, exporter, _ := traced(t)
	srv.SeedUsers(1)
	var sent trace.SpanContext
	client = client.With(cometchat.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = trace.SpanContextFromContext(r.Context())
		assert.Empty(t, r.Header.Get("Traceparent"))
		return http.DefaultTransport.RoundTrip(r)
	})}))
	_, err := client.Users.Get(t.Context(), "user-0001")
	require.NoError(t, err)
	assert.Equal(t, only(t, exporter).SpanContext.SpanID(), sent.SpanID())
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSpanForEachPage(t *testing.T) {
	client, srv, exporter, _ := traced(t)
	srv.SeedUsers(5)
	list := client.Users.List(&cometchat.UserListOptions{PerPage: 2})
	for _, err := range list.All(t.Context()) {
		require.NoError(t, err)
	}
	spans := exporter.GetSpans()
	require.Len(t, spans, 3)
	for i, span := range spans {
		assert.Equal(t, "GET /users", span.Name)
		got := attributes(t, span)
		assert.Equal(t, int64(i+1), got["cometchat.page"])
		assert.NotContains(t, got, "cometchat.cursor")
	}
}

func TestSpansOfAListWithCursors(t *testing.T) {
	client, srv, exporter, _ := traced(t)
	srv.SeedUsers(2)
	srv.SeedMessages(5, 1)
	for _, err := range client.Messages.List(&cometchat.MessageListOptions{Limit: 3}).All(t.Context()) {
		require.NoError(t, err)
	}
	spans := exporter.GetSpans()
	require.GreaterOrEqual(t, len(spans), 2)
	for i, span := range spans {
		assert.Equal(t, "GET /messages", span.Name)
		got := attributes(t, span)
		assert.NotContains(t, got, "cometchat.page")
		if i == 0 {
			assert.NotContains(t, got, "cometchat.cursor")
		} else {
			assert.Equal(t, true, got["cometchat.cursor"])
		}
	}
}

func TestSpanOfARetriedCall(t *testing.T) {
	client, srv, exporter, _ := traced(t)
	srv.SeedUsers(1)
	srv.Inject(cometchattest.Fault{Status: 503, Times: 2})
	_, err := client.Users.Get(t.Context(), "user-0001")
	require.NoError(t, err)

	span := only(t, exporter)
	assert.Equal(t, codes.Unset, span.Status.Code)
	got := attributes(t, span)
	assert.Equal(t, int64(200), got["http.response.status_code"])
	assert.Equal(t, int64(3), got["cometchat.attempts"])
	assert.Equal(t, int64(2), got["http.request.resend_count"])
	assert.NotContains(t, got, "error.type")
}

func TestSpanHasTheWaitInSeconds(t *testing.T) {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	tracer := cometchatotel.NewTracer(nil, cometchatotel.WithTracerProvider(provider))
	_, trace := tracer(t.Context(), cometchat.OperationInfo{Operation: "GET /users"})
	trace.End(cometchat.OperationResult{StatusCode: 200, Attempts: 2, Waited: 1500 * time.Millisecond})
	assert.Contains(t, only(t, exporter).Attributes, attribute.Float64("cometchat.waited", 1.5))
}

func TestSpanOfAFailingCall(t *testing.T) {
	always := func(f cometchattest.Fault) *cometchattest.Fault {
		f.Times = cometchattest.Always
		return &f
	}
	getUser := func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.Users.Get(ctx, "user-0001")
		return err
	}
	for name, test := range map[string]struct {
		fault  *cometchattest.Fault
		call   func(context.Context, *cometchat.Client) error
		want   string // error.type
		code   string
		status any
		opts   []cometchat.Option
		ctx    func(context.Context) (context.Context, context.CancelFunc)
	}{
		"code of the API": {
			call: func(ctx context.Context, c *cometchat.Client) error {
				_, err := c.Users.Get(ctx, "nobody")
				return err
			},
			want: "ERR_UID_NOT_FOUND", code: "ERR_UID_NOT_FOUND", status: int64(404),
		},
		"error inside a success": {
			fault: &cometchattest.Fault{Status: 200, Code: "ERR_PLAN_RESTRICTION"},
			want:  "ERR_PLAN_RESTRICTION", code: "ERR_PLAN_RESTRICTION", status: int64(200),
		},
		"page of a gateway": {
			fault: always(cometchattest.Fault{Status: 502, Body: []byte("<html>user-0001</html>")}),
			want:  "502", status: int64(502),
		},
		"success that is no JSON": {
			fault: always(cometchattest.Fault{Malformed: true}),
			want:  "answer", status: int64(200),
		},
		"wait too long": {
			fault: always(cometchattest.Fault{Status: 429, Code: "ERR_TOO_MANY_REQUESTS", RetryAfter: "40"}),
			want:  "ERR_TOO_MANY_REQUESTS", code: "ERR_TOO_MANY_REQUESTS", status: int64(429),
		},
		"no answer": {
			fault: always(cometchattest.Fault{DropBefore: true}),
			want:  "transport",
		},
		"attempt timed out": {
			fault: always(cometchattest.Fault{Latency: time.Minute}),
			opts:  []cometchat.Option{cometchat.WithTimeout(20 * time.Millisecond), cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 1})},
			want:  "timeout",
		},
		"deadline passed": {
			fault: always(cometchattest.Fault{Latency: time.Minute}),
			ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 20*time.Millisecond)
			},
			want: "timeout",
		},
		"canceled": {
			ctx: func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return ctx, cancel
			},
			want: "canceled",
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, srv, exporter, _ := traced(t)
			srv.SeedUsers(1)
			if test.fault != nil {
				srv.Inject(*test.fault)
			}
			if test.call == nil {
				test.call = getUser
			}
			ctx := t.Context()
			if test.ctx != nil {
				var cancel context.CancelFunc
				ctx, cancel = test.ctx(ctx)
				defer cancel()
			}
			require.Error(t, test.call(ctx, client.With(test.opts...)))

			span := only(t, exporter)
			assert.Equal(t, sdktrace.Status{Code: codes.Error, Description: test.want}, span.Status)
			for _, event := range span.Events {
				assert.Equal(t, "cometchat.wait", event.Name)
			}
			got := attributes(t, span)
			assert.Equal(t, test.want, got["error.type"])
			assert.Equal(t, test.status, got["http.response.status_code"])
			if test.code == "" {
				assert.NotContains(t, got, "cometchat.error.code")
			} else {
				assert.Equal(t, test.code, got["cometchat.error.code"])
			}
		})
	}
}

// TestSpanOfACallThatDoesNotWait checks a call that was held back because another
// call was told to wait. It has no response of its own.
func TestSpanOfACallThatDoesNotWait(t *testing.T) {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	tracer := cometchatotel.NewTracer(cometchatotel.WithTracerProvider(provider))
	_, trace := tracer(t.Context(), cometchat.OperationInfo{Operation: "GET /users"})
	trace.End(cometchat.OperationResult{Err: &cometchat.WaitError{Wait: time.Minute, Err: cometchat.ErrRateLimited}})

	span := only(t, exporter)
	assert.Equal(t, map[string]any{
		"http.request.method": "GET",
		"url.template":        "/users",
		"cometchat.attempts":  int64(0),
		"error.type":          "wait",
	}, attributes(t, span))
}

func TestRefusedCallMakesNoSpan(t *testing.T) {
	client, _, exporter, _ := traced(t)
	_, err := client.Users.Get(t.Context(), "")
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	assert.Empty(t, exporter.GetSpans())
}

func TestOptions(t *testing.T) {
	t.Run("acting user", func(t *testing.T) {
		client, srv, exporter, _ := traced(t, cometchatotel.WithActingUser())
		srv.SeedUsers(2)
		for _, c := range []*cometchat.Client{client, client.OnBehalfOf("user-0002")} {
			_, err := c.Users.Get(t.Context(), "user-0001")
			require.NoError(t, err)
		}
		spans := exporter.GetSpans()
		require.Len(t, spans, 2)
		assert.NotContains(t, attributes(t, spans[0]), "enduser.id")
		assert.Equal(t, "user-0002", attributes(t, spans[1])["enduser.id"])
	})
	t.Run("error text", func(t *testing.T) {
		client, _, exporter, _ := traced(t, cometchatotel.WithErrorText())
		_, err := client.Users.Get(t.Context(), "nobody")
		require.Error(t, err)
		events := only(t, exporter).Events
		require.Len(t, events, 1)
		assert.Equal(t, "exception", events[0].Name)
		assert.ElementsMatch(t, []attribute.KeyValue{
			attribute.String("exception.type", "*cometchat.Error"),
			attribute.String("exception.message", err.Error()),
		}, events[0].Attributes)
	})
}

// TestSpansTellNoSecretsAndNoIDs checks that spans never have credentials, and
// have no ids unless options ask for them.
func TestSpansTellNoSecretsAndNoIDs(t *testing.T) {
	const token = "marker-token-4711"
	for name, opts := range map[string][]cometchatotel.Option{
		"default": nil,
		"all":     {cometchatotel.WithActingUser(), cometchatotel.WithErrorText()},
	} {
		t.Run(name, func(t *testing.T) {
			client, srv, exporter, _ := traced(t, opts...)
			srv.SeedUsers(3)
			acting := client.OnBehalfOf("user-0002")

			for _, fault := range []cometchattest.Fault{
				{},
				{Status: 401, Code: "AUTH_ERR_APIKEY_NOT_FOUND", Message: "the key " + srv.APIKey() + " of user-0001 is unknown", Times: cometchattest.Always},
				{Status: 500, Body: []byte(srv.APIKey() + " " + token + " user-0001"), Times: cometchattest.Always},
				{DropAfter: true, Times: cometchattest.Always},
			} {
				if fault.Status != 0 || fault.DropAfter {
					srv.Inject(fault)
				}
				_, _ = acting.Users.Get(t.Context(), "user-0001")
				_, _ = acting.AuthTokens.Get(t.Context(), "user-0001", token)
				for _, err := range acting.Users.List(&cometchat.UserListOptions{PerPage: 2, SearchKey: "user-000"}).Pages(t.Context()) {
					if err != nil {
						break
					}
				}
				srv.ClearFaults()
			}

			var all strings.Builder
			spans := exporter.GetSpans()
			require.Equal(t, 4+3*3, len(spans), "two calls and two pages, then two calls and one page each")
			for _, span := range spans {
				fmt.Fprintln(&all, span.Name, span.Attributes, span.Events, span.Status, span.Links)
			}
			assert.NotContains(t, all.String(), srv.APIKey())
			assert.NotContains(t, all.String(), token)
			if opts == nil {
				assert.NotContains(t, all.String(), "user-0")
			} else {
				assert.Contains(t, all.String(), "user-0")
			}
		})
	}
}

// TestUnsampled checks that calls work without sampling.
func TestUnsampled(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter), sdktrace.WithSampler(sdktrace.NeverSample()))
	client, err := cometchat.NewClient(cometchat.RegionUS, "key-0001", cometchat.WithBaseURL(srv.URL),
		cometchat.WithTracer(cometchatotel.NewTracer(cometchatotel.WithTracerProvider(provider))))
	require.NoError(t, err)
	_, err = client.Users.Get(t.Context(), "user-0001")
	var answer *cometchat.Error
	require.ErrorAs(t, err, &answer)
	assert.Empty(t, exporter.GetSpans())
}

func TestGlobalProvider(t *testing.T) {
	before := otel.GetTracerProvider()
	t.Cleanup(func() { otel.SetTracerProvider(before) })
	exporter := tracetest.NewInMemoryExporter()
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter)))

	_, trace := cometchatotel.NewTracer()(t.Context(), cometchat.OperationInfo{Operation: "GET /users"})
	trace.End(cometchat.OperationResult{StatusCode: 200, Attempts: 1})
	assert.Equal(t, "GET /users", only(t, exporter).Name)
}
