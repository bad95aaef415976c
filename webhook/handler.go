package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"runtime/debug"
	"sync"
)

// MaxBodyBytes limits a request: 1 MiB. The largest events have less than half of
// that.
const MaxBodyBytes = 1 << 20

// Handler receives the events of any number of apps and webhooks. Register its
// callbacks before the first request. A callback's context is not cancelled when
// the API stops waiting, so that the callback can finish. The response to a
// trigger without a callback is 200. The other responses are
//
//	400  the body is not an event
//	401  wrong or missing credentials
//	405  not a POST
//	413  the body is larger than MaxBodyBytes
//	415  the media type of the body is not JSON
//	500  the callback or the store failed
//	503  the event is being handled, the queue is full, or the handler is closed
type Handler struct {
	settings  *settings
	callbacks map[Trigger]callback
	// beforeMessage is the only callback whose result is the response.
	beforeMessage func(context.Context, *BeforeMessage) (*BeforeMessageDecision, error)

	mu     sync.Mutex
	sealed bool // after the first request
	seal   sync.Once
	pool   *pool // nil without Async
}

// callback is nil for kinds that are handled separately.
type callback func(context.Context, Event) error

// NewHandler returns a handler. It requires BasicAuth or WithoutCredentials. The
// error holds a *cometchat.ValidationError for every invalid option.
func NewHandler(opts ...Option) (*Handler, error) {
	s, err := newSettings(opts)
	if err != nil {
		return nil, err
	}
	h := &Handler{settings: s, callbacks: map[Trigger]callback{}}
	if s.async {
		h.pool = newPool(s.workers, s.queue, h.run, h.settings.failed)
	}
	return h, nil
}

// OnUnknown calls f for every event that this package has no type for.
func (h *Handler) OnUnknown(f func(context.Context, *UnknownEvent) error) { on(h, "", f) }

// on registers f for a kind of events, whose type is E.
func on[E any](h *Handler, kind Trigger, f func(context.Context, *E) error) {
	if f == nil {
		panic("webhook: nil callback for " + string(kind))
	}
	h.register(kind, func(ctx context.Context, e Event) error { return f(ctx, any(e).(*E)) })
}

func (h *Handler) register(kind Trigger, f callback) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sealed {
		panic("webhook: callback for " + string(kind) + " registered after the first request")
	}
	if _, twice := h.callbacks[kind]; twice {
		panic("webhook: second callback for " + string(kind))
	}
	h.callbacks[kind] = f
}

// begin ends the time in which callbacks can be registered.
func (h *Handler) begin() {
	h.seal.Do(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.sealed = true
	})
}

// ServeHTTP handles one delivery.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.begin()
	body, ok := h.settings.read(w, r)
	if !ok {
		return
	}
	e, kind, err := parse(body)
	if err != nil {
		http.Error(w, "not an event", http.StatusBadRequest)
		return
	}
	if before, ok := e.(*BeforeMessage); ok {
		h.decide(w, r, before)
		return
	}
	f := h.callbacks[kind]
	switch {
	case f == nil: // and so 200
	case h.pool == nil:
		if status := h.run(context.WithoutCancel(r.Context()), e, f); status != http.StatusOK {
			http.Error(w, http.StatusText(status), status)
		}
	case !h.pool.add(job{e, f}):
		http.Error(w, "no room in the queue", http.StatusServiceUnavailable)
	}
}

// Close waits until every queued event is handled. As soon as it is called, the
// response to deliveries is 503, so that the API sends them again. If ctx ends
// first, Close cancels the context of running callbacks, passes the waiting
// events to the hook of Failures with ErrClosed, and returns ctx's error.
// Without Async there is nothing to close, and Close returns nil.
func (h *Handler) Close(ctx context.Context) error {
	if h.pool == nil {
		return nil
	}
	return h.pool.close(ctx)
}

// decide responds to before_message.
func (h *Handler) decide(w http.ResponseWriter, r *http.Request, e *BeforeMessage) {
	var decision *BeforeMessageDecision
	answer, err := decision.answer(e.Webhook)
	ctx := context.WithoutCancel(r.Context())
	if h.beforeMessage != nil {
		err = protected(func() (err error) {
			if decision, err = h.beforeMessage(ctx, e); err != nil {
				return err
			}
			answer, err = decision.answer(e.Webhook)
			return err
		})
	}
	if err != nil {
		h.settings.failed(ctx, e, err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

// run calls f for e, unless the store knows e, and returns the status of the
// response.
func (h *Handler) run(ctx context.Context, e Event, f callback) int {
	key, store := Key(e), h.settings.store
	if store == nil || key == "" {
		return h.call(ctx, e, f)
	}
	state, err := store.Claim(ctx, key, h.settings.expiry)
	switch {
	case err != nil:
		h.settings.failed(ctx, e, fmt.Errorf("webhook: claim: %w", err))
		return http.StatusInternalServerError
	case state == ClaimStateDone:
		return http.StatusOK
	case state != ClaimStateGranted:
		return http.StatusServiceUnavailable
	}
	status := h.call(ctx, e, f)
	ctx = context.WithoutCancel(ctx) // the key must not outlive a cancelled callback
	if status != http.StatusOK {
		err = store.Release(ctx, key)
	} else {
		err = store.Done(ctx, key, h.settings.expiry)
	}
	if err != nil {
		h.settings.failed(ctx, e, fmt.Errorf("webhook: store: %w", err))
	}
	return status
}

// call calls f for e, reports its failure, and returns the status of the
// response.
func (h *Handler) call(ctx context.Context, e Event, f callback) int {
	if err := protected(func() error { return f(ctx, e) }); err != nil {
		h.settings.failed(ctx, e, err)
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

// protected turns a panic into an error.
func protected(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}

// PanicError is the panic of a callback.
type PanicError struct {
	Value any
	Stack []byte
}

// Error returns the value of the panic.
func (e *PanicError) Error() string { return fmt.Sprintf("webhook: panic: %v", e.Value) }

// read checks a request and returns its body. ok is false if it has sent a
// response.
func (s *settings) read(w http.ResponseWriter, r *http.Request) (body []byte, ok bool) {
	refuse := func(status int) ([]byte, bool) {
		http.Error(w, http.StatusText(status), status)
		return nil, false
	}
	if !s.authorized(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="webhook", charset="UTF-8"`)
		return refuse(http.StatusUnauthorized)
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return refuse(http.StatusMethodNotAllowed)
	}
	if given := r.Header.Get("Content-Type"); given != "" {
		if media, _, err := mime.ParseMediaType(given); err != nil || media != "application/json" {
			return refuse(http.StatusUnsupportedMediaType)
		}
	}
	if r.ContentLength > MaxBodyBytes {
		return refuse(http.StatusRequestEntityTooLarge)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBodyBytes))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return refuse(http.StatusRequestEntityTooLarge)
	case err != nil:
		return refuse(http.StatusBadRequest)
	}
	return body, true
}
