package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/webhook"
)

func ignore(context.Context, webhook.Event, error) {}

func TestNewHandlerRefuses(t *testing.T) {
	basic := webhook.BasicAuth("app", "secret")
	for name, test := range map[string]struct {
		opts []webhook.Option
		want cometchat.ValidationError
	}{
		"nothing":       {nil, cometchat.ValidationError{Field: "credentials", Reason: "required: BasicAuth, or WithoutCredentials for a webhook that has none"}},
		"both":          {[]webhook.Option{basic, webhook.WithoutCredentials()}, cometchat.ValidationError{Field: "credentials", Reason: "BasicAuth and WithoutCredentials exclude each other"}},
		"no user":       {[]webhook.Option{basic, webhook.BasicAuth("", "x")}, cometchat.ValidationError{Field: "user", Reason: "required"}},
		"no password":   {[]webhook.Option{basic, webhook.BasicAuth("x", "")}, cometchat.ValidationError{Field: "password", Reason: "required"}},
		"colon":         {[]webhook.Option{basic, webhook.BasicAuth("a:b", "x")}, cometchat.ValidationError{Field: "user", Reason: "must not hold a colon"}},
		"nil store":     {[]webhook.Option{basic, webhook.Deduplicate(nil)}, cometchat.ValidationError{Field: "store", Reason: "must not be nil"}},
		"expiry":        {[]webhook.Option{basic, webhook.Expiry(0)}, cometchat.ValidationError{Field: "expiry", Reason: "must be positive"}},
		"expiry alone":  {[]webhook.Option{basic, webhook.Expiry(time.Hour)}, cometchat.ValidationError{Field: "expiry", Reason: "needs Deduplicate"}},
		"workers":       {[]webhook.Option{basic, webhook.Async(0, 1)}, cometchat.ValidationError{Field: "workers", Limit: 1, Reason: "must be positive"}},
		"queue":         {[]webhook.Option{basic, webhook.Async(1, -1)}, cometchat.ValidationError{Field: "queue", Limit: 1, Size: -1, Reason: "must be positive"}},
		"async unheard": {[]webhook.Option{basic, webhook.Async(1, 1)}, cometchat.ValidationError{Field: "failures", Reason: "required with Async: the hook is all that learns of a callback's failure"}},
		"nil hook":      {[]webhook.Option{basic, webhook.Failures(nil)}, cometchat.ValidationError{Field: "failures", Reason: "must not be nil"}},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := webhook.NewHandler(append(test.opts, nil)...)
			assert.Nil(t, h)
			var wrong *cometchat.ValidationError
			require.ErrorAs(t, err, &wrong)
			assert.Equal(t, test.want, *wrong)
		})
	}
}

// unread fails the test if more than limit bytes of it are read.
type unread struct {
	t     *testing.T
	limit int
	n     int
}

func (u *unread) Read(p []byte) (int, error) {
	u.n += len(p)
	assert.LessOrEqual(u.t, u.n-u.limit, 1, "read beyond the limit") // one byte to tell
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestHandlerRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*http.Request)
		limit  int // of what may be read; the body has no end
		want   int
	}{
		"no credentials": {func(r *http.Request) { r.Header.Del("Authorization") }, -1, 401},
		"other scheme":   {func(r *http.Request) { r.Header.Set("Authorization", "Bearer pass word") }, -1, 401},
		"wrong password": {func(r *http.Request) { r.SetBasicAuth("app", "pass word ") }, -1, 401},
		"wrong user":     {func(r *http.Request) { r.SetBasicAuth("", "pass word") }, -1, 401},
		"mixed":          {func(r *http.Request) { r.SetBasicAuth("app", "old") }, -1, 401},
		"GET":            {func(r *http.Request) { r.Method = http.MethodGet }, -1, 405},
		"form":           {func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, -1, 415},
		"odd type":       {func(r *http.Request) { r.Header.Set("Content-Type", ";;") }, -1, 415},
		"says too long":  {func(r *http.Request) { r.ContentLength = webhook.MaxBodyBytes + 1 }, -1, 413},
		"is too long":    {func(r *http.Request) { r.ContentLength = -1 }, webhook.MaxBodyBytes, 413},
		"broken off":     {func(r *http.Request) { r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), broken{})) }, -1, 400},
		"no event":       {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("{}")) }, -1, 400},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandler(t, webhook.BasicAuth("old", "other"))
			r := delivery("")
			r.ContentLength = 2
			r.Body = io.NopCloser(&unread{t: t, limit: test.limit})
			test.change(r)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			assert.Equal(t, test.want, w.Code)
			assert.Equal(t, test.want == 401, w.Header().Get("WWW-Authenticate") != "")
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestHandlerAccepts(t *testing.T) {
	text := payload(t, "message_sent")
	for name, change := range map[string]func(*http.Request){
		"as sent":       func(*http.Request) {},
		"the other one": func(r *http.Request) { r.SetBasicAuth("next", "rotation") },
		"charset":       func(r *http.Request) { r.Header.Set("Content-Type", "application/JSON; charset=utf-8") },
		"no type":       func(r *http.Request) { r.Header.Del("Content-Type") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandler(t, webhook.BasicAuth("next", "rotation"))
			n := 0
			h.OnMessageSent(counted[webhook.MessageSent](&n, nil))
			r := delivery(text)
			change(r)
			code, body := deliver(h, r)
			assert.Equal(t, 200, code)
			assert.Empty(t, body)
			assert.Equal(t, 1, n)
		})
	}
	t.Run("without credentials", func(t *testing.T) {
		h, err := webhook.NewHandler(webhook.WithoutCredentials())
		require.NoError(t, err)
		r := delivery(text)
		r.Header.Del("Authorization")
		code, _ := deliver(h, r)
		assert.Equal(t, 200, code, "a known trigger without a callback")
	})
}

// TestHandlerCalls delivers every payload to a handler with a callback for it.
func TestHandlerCalls(t *testing.T) {
	h := newHandler(t)
	var got []string
	see := func(e webhook.Event) error { got = append(got, fmt.Sprintf("%T", e)); return nil }
	h.OnMessageEdited(func(_ context.Context, e *webhook.MessageEdited) error { return see(e) })
	h.OnMessageReadReceipt(func(_ context.Context, e *webhook.MessageReadReceipt) error { return see(e) })
	h.OnLegacyMessageReadReceipt(func(_ context.Context, e *webhook.LegacyMessageReadReceipt) error { return see(e) })
	h.OnUnknown(func(_ context.Context, e *webhook.UnknownEvent) error { return see(e) })
	for _, body := range []string{
		payload(t, "message_edited"), payload(t, "seen/message_edited"), payload(t, "message_sent"),
		payload(t, "message_read_receipt"), payload(t, "legacy/message_read_receipt"), payload(t, "legacy/message_delivery_receipt"),
		`{"trigger":"message_pinned"}`, `{"trigger":"message_sent","data":1}`,
	} {
		assert.Equal(t, 200, status(h, body))
	}
	assert.Equal(t, []string{
		"*webhook.MessageEdited", "*webhook.MessageEdited", "*webhook.MessageReadReceipt", "*webhook.LegacyMessageReadReceipt",
		"*webhook.UnknownEvent", "*webhook.UnknownEvent",
	}, got)
}

func TestHandlerRegistration(t *testing.T) {
	h := newHandler(t)
	n := 0
	h.OnMessageSent(counted[webhook.MessageSent](&n, nil))
	assert.PanicsWithValue(t, "webhook: second callback for message_sent", func() {
		h.OnMessageSent(counted[webhook.MessageSent](&n, nil))
	})
	assert.PanicsWithValue(t, "webhook: nil callback for user_blocked", func() { h.OnUserBlocked(nil) })
	assert.Panics(t, func() { h.OnBeforeMessage(nil) })
	status(h, "")
	assert.PanicsWithValue(t, "webhook: callback for user_blocked registered after the first request", func() {
		h.OnUserBlocked(counted[webhook.UserBlocked](&n, nil))
	})
}

func TestHandlerFailures(t *testing.T) {
	type failure struct {
		event webhook.Event
		err   error
	}
	var failures []failure
	h := newHandler(t, webhook.Failures(func(_ context.Context, e webhook.Event, err error) {
		failures = append(failures, failure{e, err})
	}))
	wrong := errors.New("no room")
	var ctxErr error
	h.OnMessageSent(func(context.Context, *webhook.MessageSent) error { return wrong })
	h.OnMessageEdited(func(context.Context, *webhook.MessageEdited) error { panic("odd") })
	h.OnMessageDeleted(func(ctx context.Context, _ *webhook.MessageDeleted) error { ctxErr = ctx.Err(); return nil })

	code, body := deliver(h, delivery(payload(t, "message_sent")))
	assert.Equal(t, 500, code)
	assert.Equal(t, "Internal Server Error\n", body)
	assert.Equal(t, 500, status(h, payload(t, "message_edited")))
	require.Len(t, failures, 2)
	assert.IsType(t, &webhook.MessageSent{}, failures[0].event)
	assert.Equal(t, wrong, failures[0].err)
	var panicked *webhook.PanicError
	require.ErrorAs(t, failures[1].err, &panicked)
	assert.Equal(t, "odd", panicked.Value)
	assert.Contains(t, string(panicked.Stack), "handler_test.go")
	assert.EqualError(t, panicked, "webhook: panic: odd")

	ctx, cancel := context.WithCancel(t.Context())
	cancel() // as if the API had given up
	code, _ = deliver(h, delivery(payload(t, "message_deleted")).WithContext(ctx))
	assert.Equal(t, 200, code)
	assert.NoError(t, ctxErr)
	assert.NoError(t, h.Close(t.Context()))
}

func TestBeforeMessage(t *testing.T) {
	body := payload(t, "legacy/before_message")
	code, answer := deliver(newHandler(t), delivery(body))
	assert.Equal(t, 200, code)
	assert.JSONEq(t, `{}`, answer)

	for name, test := range map[string]struct {
		decision *webhook.BeforeMessageDecision
		err      error
		code     int
		want     string
	}{
		"through":  {nil, nil, 200, `{}`},
		"zero":     {&webhook.BeforeMessageDecision{}, nil, 200, `{}`},
		"drop":     {&webhook.BeforeMessageDecision{Drop: true, Metadata: cometchat.Metadata(`{"a":1}`)}, nil, 200, `{"action":"do_not_propagate"}`},
		"metadata": {&webhook.BeforeMessageDecision{Metadata: cometchat.Metadata(`{"a":1}`)}, nil, 200, `{"@injected":{"webhooks":{"old-hook":{"a":1}}}}`},
		"no JSON":  {&webhook.BeforeMessageDecision{Metadata: cometchat.Metadata(`{"a":`)}, nil, 500, ""},
		"error":    {nil, io.EOF, 500, ""},
	} {
		t.Run(name, func(t *testing.T) {
			failed := 0
			h := newHandler(t, webhook.Async(1, 1), webhook.Failures(func(context.Context, webhook.Event, error) { failed++ }))
			h.OnBeforeMessage(func(_ context.Context, e *webhook.BeforeMessage) (*webhook.BeforeMessageDecision, error) {
				assert.Equal(t, "Parcel is at the gate", e.Message.Text())
				return test.decision, test.err
			})
			code, answer := deliver(h, delivery(body))
			assert.Equal(t, test.code, code)
			if test.code == 200 {
				assert.JSONEq(t, test.want, answer)
			}
			assert.Equal(t, test.code == 500, failed == 1)
		})
	}
}

func TestModerationHandler(t *testing.T) {
	want := &webhook.ModerationRequest{Context: []webhook.ContextMessage{{UID: "rider-7", Text: "made up"}, {UID: "courier-9", Text: "made up"}}}
	for name, test := range map[string]struct {
		verdict *webhook.ModerationVerdict
		err     error
		code    int
		want    string
	}{
		"match":      {&webhook.ModerationVerdict{IsMatchingCondition: true, Confidence: 0.9, Reason: "made up"}, nil, 200, payload(t, "providers/custom-moderation-response")},
		"no match":   {&webhook.ModerationVerdict{}, nil, 200, `{"isMatchingCondition":false,"confidence":0}`},
		"none":       {nil, nil, 500, ""},
		"error":      {nil, io.EOF, 500, ""},
		"confidence": {&webhook.ModerationVerdict{Confidence: 1.1}, nil, 500, ""},
	} {
		t.Run(name, func(t *testing.T) {
			failed := 0
			h, err := webhook.NewModerationHandler(func(_ context.Context, r *webhook.ModerationRequest) (*webhook.ModerationVerdict, error) {
				assert.Equal(t, want.Context, r.Context)
				assert.Equal(t, "7301", r.Message.ID)
				assert.Equal(t, "rider-7", r.Message.Sender)
				assert.Equal(t, cometchat.MessageModerationStatusPending, r.Message.Data.Moderation.Status)
				return test.verdict, test.err
			}, webhook.BasicAuth("app", "pass word"), webhook.Failures(func(context.Context, webhook.Event, error) { failed++ }))
			require.NoError(t, err)
			code, answer := deliver(h, delivery(payload(t, "providers/custom-moderation-request")))
			assert.Equal(t, test.code, code)
			if code == 200 {
				assert.JSONEq(t, test.want, answer)
			}
			assert.Equal(t, code == 500, failed == 1)

			for _, body := range []string{"", `{}`, `{"contextMessages":[]}`, `{"contextMessages":[{"a":"x"},{"b":[1,2]}]}`, `{"contextMessages":[{"a":{},"b":{}}]}`} {
				assert.Equal(t, 400, status(h, body), body)
			}
			r := delivery("")
			r.SetBasicAuth("app", "")
			code, _ = deliver(h, r)
			assert.Equal(t, 401, code)
		})
	}
	f := func(context.Context, *webhook.ModerationRequest) (*webhook.ModerationVerdict, error) { return nil, nil }
	for _, opts := range [][]webhook.Option{
		{}, {webhook.WithoutCredentials(), webhook.Deduplicate(webhook.Memory(1))},
		{webhook.WithoutCredentials(), webhook.Async(1, 1), webhook.Failures(ignore)},
	} {
		_, err := webhook.NewModerationHandler(f, opts...)
		assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
	_, err := webhook.NewModerationHandler(nil, webhook.WithoutCredentials())
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
}

// TestAsyncSlow checks that the response comes at once, however long a callback
// takes, that a full queue is refused, and that Close handles what is queued.
func TestAsyncSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHandler(t, webhook.Async(2, 3), webhook.Failures(ignore))
		var ran atomic.Int32
		h.OnMessageSent(func(context.Context, *webhook.MessageSent) error {
			time.Sleep(time.Minute)
			ran.Add(1)
			return nil
		})
		body := payload(t, "message_sent")
		start := time.Now()
		var codes []int
		for range 7 {
			codes = append(codes, status(h, body))
			synctest.Wait()
		}
		assert.Equal(t, []int{200, 200, 200, 200, 200, 503, 503}, codes)
		assert.Zero(t, time.Since(start))

		require.NoError(t, h.Close(t.Context()))
		assert.EqualValues(t, 5, ran.Load())
		assert.Equal(t, 3*time.Minute, time.Since(start))
		assert.Equal(t, 503, status(h, body), "closed")
		assert.NoError(t, h.Close(t.Context()), "twice")
	})
}

func TestAsyncCloseInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failures sync.Map
		h := newHandler(t, webhook.Async(1, 3), webhook.Failures(func(_ context.Context, e webhook.Event, err error) {
			failures.Store(e.(*webhook.MessageSent).Message.ID, err)
		}))
		h.OnMessageSent(func(ctx context.Context, _ *webhook.MessageSent) error {
			<-ctx.Done()
			return ctx.Err()
		})
		for _, id := range []string{"1", "2", "3"} {
			assert.Equal(t, 200, status(h, `{"trigger":"message_sent","data":{"message":{"id":"`+id+`"}}}`))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, h.Close(ctx), context.DeadlineExceeded)
		synctest.Wait()
		got := map[any]any{}
		failures.Range(func(k, v any) bool { got[k] = v; return true })
		assert.Equal(t, map[any]any{"1": context.Canceled, "2": webhook.ErrClosed, "3": webhook.ErrClosed}, got)
	})
	h := newHandler(t, webhook.Async(1, 3), webhook.Failures(ignore))
	assert.NoError(t, h.Close(t.Context()), "without a request")
}

// TestAsyncPanic checks that the hook gets a panic, and that the pool continues.
func TestAsyncPanic(t *testing.T) {
	var failures atomic.Int32
	h := newHandler(t, webhook.Async(1, 10), webhook.Failures(func(_ context.Context, _ webhook.Event, err error) {
		var panicked *webhook.PanicError
		if errors.As(err, &panicked) {
			failures.Add(1)
		}
	}))
	h.OnMessageSent(func(context.Context, *webhook.MessageSent) error { panic("odd") })
	for range 5 {
		assert.Equal(t, 200, status(h, payload(t, "message_sent")))
	}
	require.NoError(t, h.Close(t.Context()))
	assert.EqualValues(t, 5, failures.Load())
}

// TestAsyncLosesNothing closes a handler while deliveries arrive: each one whose
// response is 200 is handled.
func TestAsyncLosesNothing(t *testing.T) {
	h := newHandler(t, webhook.Async(4, 100), webhook.Failures(ignore), webhook.Deduplicate(webhook.Memory(10_000)))
	var ran, accepted atomic.Int32
	h.OnMessageSent(func(context.Context, *webhook.MessageSent) error { ran.Add(1); return nil })
	var senders sync.WaitGroup
	for s := range 8 {
		senders.Go(func() {
			for i := range 500 {
				if status(h, fmt.Sprintf(`{"trigger":"message_sent","data":{"message":{"id":"%d-%d"}}}`, s, i)) == 200 {
					accepted.Add(1)
				}
			}
		})
	}
	time.Sleep(5 * time.Millisecond)
	require.NoError(t, h.Close(t.Context()))
	senders.Wait()
	assert.Equal(t, accepted.Load(), ran.Load())
}

func BenchmarkAsync(b *testing.B) {
	h := newHandler(b, webhook.Async(2, 10_000), webhook.Failures(ignore), webhook.Deduplicate(webhook.Memory(10_000)))
	var ran atomic.Int64
	h.OnMessageSent(func(context.Context, *webhook.MessageSent) error { ran.Add(1); return nil })
	srv := httptest.NewServer(h)
	defer srv.Close()
	text := payload(b, "message_sent")
	before, after, _ := strings.Cut(text, `"7001"`)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	var id, accepted atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, _ := http.NewRequest(http.MethodPost, srv.URL, strings.NewReader(fmt.Sprintf(`%s"%d"%s`, before, id.Add(1), after)))
			r.SetBasicAuth("app", "pass word")
			r.Header.Set("Content-Type", "Application/json")
			res, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_ = res.Body.Close()
			if res.StatusCode == 200 {
				accepted.Add(1)
			}
		}
	})
	require.NoError(b, h.Close(context.Background()))
	require.Equal(b, accepted.Load(), ran.Load())
	b.ReportMetric(float64(ran.Load())/b.Elapsed().Seconds(), "deliveries/s")
}
