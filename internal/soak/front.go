package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// front stands in front of the emulator. It makes requests fail as the plan says,
// and remembers the outcome of the requests of each step.
type front struct {
	plan plan
	srv  *cometchattest.Server
	calm atomic.Bool // no more faults

	// selecting is held by a request that is to fail until the emulator has taken
	// the fault, since a fault hits the first request that comes.
	selecting sync.RWMutex

	mu     sync.Mutex
	steps  map[place]*trace
	hits   map[string]int // by kind
	served int
}

// trace is the state of the requests of one step.
type trace struct {
	begun  int // requests that have got a connection
	ended  int // whose writing has ended, with or without an error
	sent   int // that have been written
	n      int // that have arrived
	flying int // that are being processed
	faults int
	taken  bool
	events []string
}

// trace returns the trace of a step. f.mu must be held.
func (f *front) trace(at place) *trace {
	t := f.steps[at]
	if t == nil {
		t = &trace{}
		f.steps[at] = t
	}
	return t
}

func newFront(p plan) *front {
	f := &front{plan: p, srv: cometchattest.New(), steps: map[place]*trace{}, hits: map[string]int{}}
	// The emulator's minutes are short, so that the budget that it announces is
	// used up now and then, and is soon full again.
	start := time.Now()
	f.srv.SetClock(func() time.Time { return start.Add(6 * time.Since(start)) })
	return f
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, ok := placeOf(r)
	if !ok {
		f.pass(w, r)
		return
	}
	f.mu.Lock()
	t := f.trace(at)
	t.n++
	t.flying++
	f.served++
	var kind string
	var fault cometchattest.Fault
	var failing bool
	if !f.calm.Load() {
		kind, fault, failing = f.plan.fault(at, t.n, r)
	}
	if failing {
		t.faults++
		f.hits[kind]++
	}
	f.mu.Unlock()

	sw := &statusWriter{ResponseWriter: w}
	defer func() {
		problem := recover()
		f.mu.Lock()
		event := fmt.Sprintf("%s %s: %s", r.Method, publicPath(r), sw.outcome())
		if failing {
			event += " (" + kind + ")"
		}
		t.events = append(t.events, event)
		if t.flying--; t.flying == 0 && t.taken {
			delete(f.steps, at)
		}
		f.mu.Unlock()
		if problem != nil {
			panic(problem)
		}
	}()
	if failing {
		f.fail(sw, r, fault)
	} else {
		f.pass(sw, r)
	}
}

// pass passes a request to the emulator.
func (f *front) pass(w http.ResponseWriter, r *http.Request) {
	f.selecting.RLock()
	release := sync.OnceFunc(f.selecting.RUnlock)
	defer release()
	f.srv.ServeHTTP(&releaser{w, release}, r)
}

// fail passes a request that is to fail to the emulator. It makes delays itself:
// the emulator does not tell when it has taken a fault that is a delay, and no
// other request may come before that.
func (f *front) fail(w http.ResponseWriter, r *http.Request, fault cometchattest.Fault) {
	if fault.Latency > 0 {
		// The server notices that the client has left only after the body is
		// read. A request that was given up must not be carried out after the
		// caller's next write.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		select {
		case <-time.After(fault.Latency):
			f.pass(w, r)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
		return
	}
	fault.Method, fault.Path = r.Method, r.URL.Path
	f.selecting.Lock()
	release := sync.OnceFunc(func() {
		f.srv.ClearFaults() // for a request that broke off before it took its fault
		f.selecting.Unlock()
	})
	defer release()
	f.srv.Inject(fault)
	f.srv.ServeHTTP(&releaser{w, release}, r)
}

// publicPath returns a request's path without an auth token in it.
func publicPath(r *http.Request) string {
	before, _, found := strings.Cut(r.URL.Path, "/auth_tokens/")
	if found {
		return before + "/auth_tokens/..."
	}
	return before
}

// roundTripper returns a RoundTripper that counts the requests of each step.
func (f *front) roundTripper(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		at, ok := placeOf(r)
		if !ok {
			return next.RoundTrip(r)
		}
		count := func(change func(*trace)) {
			f.mu.Lock()
			defer f.mu.Unlock()
			change(f.trace(at))
		}
		return next.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			GotConn: func(httptrace.GotConnInfo) { count(func(t *trace) { t.begun++ }) },
			WroteRequest: func(info httptrace.WroteRequestInfo) {
				count(func(t *trace) {
					t.ended++
					if info.Err == nil {
						t.sent++
					}
				})
			},
		})))
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// settle waits until no request of a step is on its way or on the server. After
// that, a write that its caller has given up on cannot be carried out after the
// caller's next one. On a busy machine a request may stay in the server's socket
// for longer than its caller waits.
func (f *front) settle(at place) {
	wait := func(limit time.Duration, over func(*trace) bool) {
		for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			f.mu.Lock()
			done := over(f.trace(at))
			f.mu.Unlock()
			if done {
				return
			}
		}
	}
	// A canceled write may never report that it ended, and a written request may
	// never be read. Neither is worth a long wait.
	wait(200*time.Millisecond, func(t *trace) bool { return t.ended >= t.begun })
	wait(5*time.Second, func(t *trace) bool { return t.n >= t.sent })
	wait(time.Minute, func(t *trace) bool { return t.flying == 0 })
}

// faults returns the number of requests of a step that have been made to fail so
// far.
func (f *front) faults(at place) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t := f.steps[at]; t != nil {
		return t.faults
	}
	return 0
}

// story describes the outcome of the newest requests of a step.
func (f *front) story(at place) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.steps[at]
	if t == nil {
		return "no request"
	}
	events := t.events[max(0, len(t.events)-12):]
	return strings.Join(events, "; ")
}

// forget ends a step.
func (f *front) forget(at place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t := f.steps[at]; t != nil {
		t.taken = true
		if t.flying == 0 {
			delete(f.steps, at)
		}
	}
}

// releaser calls release when the response begins, which is after the request was
// processed.
type releaser struct {
	http.ResponseWriter
	release func()
}

func (w *releaser) Header() http.Header {
	w.release()
	return w.ResponseWriter.Header()
}

func (w *releaser) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// statusWriter remembers the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) outcome() string {
	if w.status == 0 {
		return "no answer"
	}
	return strconv.Itoa(w.status)
}
