package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// config describes a run.
type config struct {
	seed     uint64
	workers  int
	steps    int // of each worker; 0 for no limit except the duration
	duration time.Duration
	patience time.Duration // how long to wait for connections and goroutines to end
	// calmWalks is the number of ways through the lists that are walked in the
	// end, when no request fails.
	calmWalks int

	// For tests of the soak itself: middleware is called between the client and
	// the faults, and sabotage between the work and the comparison.
	middleware func(*front, http.Handler) http.Handler
	sabotage   func(*session)
}

// session is one run.
type session struct {
	cfg     config
	front   *front
	client  *cometchat.Client
	pool    *http.Transport
	base    string
	logger  *slog.Logger
	watch   *watch
	ledger  *ledger
	scenery scenery
	// connections counts the connections open on the server.
	connections atomic.Int64

	calls, retries, lookups, givenUp atomic.Int64
	waited                           atomic.Int64 // nanoseconds

	mu       sync.Mutex
	ops      map[string]*tally
	findings []finding
}

// tally counts the outcomes of an operation.
type tally struct{ all, failed, unknown int }

// maxFindings bounds the findings of one kind that are kept, since one cause has
// many effects.
const maxFindings = 25

func (s *session) report(kind, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, f := range s.findings {
		if f.kind == kind {
			n++
		}
	}
	if n < maxFindings {
		s.findings = append(s.findings, finding{kind, fmt.Sprintf(format, args...)})
	}
}

// ended counts an operation.
func (s *session) ended(t *turn, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.ops[t.op.name]
	if n == nil {
		n = &tally{}
		s.ops[t.op.name] = n
	}
	n.all++
	if err != nil {
		n.failed++
		if errors.Is(err, cometchat.ErrOutcomeUnknown) {
			n.unknown++
		}
	}
}

// report is the outcome of a run.
type report struct {
	cfg                    config
	took                   time.Duration
	ops                    map[string]*tally
	hits                   map[string]int
	requests               int
	calls, retries         int64
	waited                 time.Duration
	done, refused, unknown int
	lookups, givenUp       int64
	logLines, things       int
	findings               []finding
}

// soak does a run. It returns an error only if the soak itself fails.
func soak(ctx context.Context, cfg config) (*report, error) {
	s := &session{cfg: cfg, front: newFront(plan{cfg.seed}), watch: &watch{}, ledger: newLedger(), ops: map[string]*tally{}}
	key := s.front.srv.APIKey()
	s.watch.literals = [][]byte{[]byte(key), []byte(base64.StdEncoding.EncodeToString([]byte(key)))}
	s.logger = slog.New(slog.NewJSONHandler(s.watch, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.decorate()

	stop, err := s.serve()
	if err != nil {
		return nil, err
	}
	defer stop()
	s.pool = http.DefaultTransport.(*http.Transport).Clone()
	s.pool.MaxIdleConnsPerHost = s.pool.MaxIdleConns
	s.client, err = cometchat.NewClient(cometchat.RegionUS, key,
		cometchat.WithBaseURL(s.base),
		cometchat.WithHTTPClient(&http.Client{Transport: s.front.roundTripper(s.pool)}),
		cometchat.WithTimeout(attemptTimeout),
		cometchat.WithRetry(cometchat.RetryPolicy{MinWait: time.Millisecond, MaxWait: 3 * time.Millisecond}),
		cometchat.WithLogger(s.logger),
		cometchat.WithTracer(s.trace),
	)
	if err != nil {
		return nil, err
	}

	goroutines := runtime.NumGoroutine()
	begun := time.Now()
	s.work(ctx, begun.Add(cfg.duration))
	took := time.Since(begun)

	s.front.calm.Store(true)
	s.front.srv.ClearFaults()
	if cfg.sabotage != nil {
		cfg.sabotage(s)
	}
	s.walkInPeace()
	things, err := s.compare()
	if err != nil {
		return nil, err
	}
	s.pool.CloseIdleConnections()
	s.checkLeaks(goroutines)
	return s.summary(took, things), nil
}

// serve serves the front on a port of the loopback interface.
func (s *session) serve() (stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.base = "http://" + listener.Addr().String() + "/v3"
	var handler http.Handler = s.front
	if s.cfg.middleware != nil {
		handler = s.cfg.middleware(s.front, handler)
	}
	srv := &http.Server{
		Handler: handler, ReadHeaderTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.connections.Add(1)
			case http.StateClosed, http.StateHijacked:
				s.connections.Add(-1)
			}
		},
		// The server logs when a handler panics or breaks the rules of HTTP.
		ErrorLog: log.New(complaints{s}, "", 0),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = srv.Serve(listener)
	}()
	return func() {
		s.front.srv.Close()
		_ = srv.Close()
		<-served
	}, nil
}

// complaints turns what an http.Server logs into findings.
type complaints struct{ s *session }

func (c complaints) Write(p []byte) (int, error) {
	c.s.report("the server complains", "%s", strings.TrimSpace(string(p)))
	return len(p), nil
}

// decorate adds the scenery and the workers' users to the server.
func (s *session) decorate() {
	now := time.Now().Add(-time.Hour)
	var users []cometchattest.User
	for n := range staticUsers {
		uid := fmt.Sprintf("static-%03d", n+1)
		users = append(users, cometchattest.User{UID: uid, Tags: []string{staticTag}, CreatedAt: now.Add(time.Duration(n) * time.Second)})
		s.scenery.users = append(s.scenery.users, uid)
	}
	slices.Reverse(s.scenery.users) // newest first
	for n := range poolSize {
		users = append(users, cometchattest.User{UID: poolUser(n)})
	}
	for n := range s.cfg.workers {
		for i := range actors + 1 {
			users = append(users, cometchattest.User{UID: (&worker{number: n}).actor(i)})
		}
	}
	srv := s.front.srv
	srv.AddUsers(users...)
	var members []string
	for n := range staticMembers {
		members = append(members, users[n].UID)
	}
	srv.AddGroups(cometchattest.Group{GUID: staticGroup, Participants: members})
	slices.Reverse(members) // the last to join comes first
	s.scenery.members = members

	var messages []cometchattest.Message
	for n := range staticMessages {
		m := cometchattest.Message{MUID: fmt.Sprintf("static-%d", n), Sender: staticA, Receiver: staticB, Text: fmt.Sprintf("Message %d", n)}
		if n%2 == 1 {
			m.Sender, m.Receiver = m.Receiver, m.Sender
		}
		messages = append(messages, m)
	}
	s.scenery.messages = srv.AddMessages(messages...)
	for n := range sharedThings {
		s.ledger.share(userKey(fmt.Sprintf("shared-u%d", n)))
		s.ledger.share(groupKey(fmt.Sprintf("shared-g%d", n)))
	}
}

// trace is the client's tracer.
func (s *session) trace(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
	return ctx, cometchat.Trace{End: func(r cometchat.OperationResult) {
		s.calls.Add(1)
		s.retries.Add(int64(max(r.Attempts-1, 0)))
		s.waited.Add(int64(r.Waited))
	}}
}

// work runs the steps of all workers until the deadline.
func (s *session) work(ctx context.Context, deadline time.Time) {
	var wg sync.WaitGroup
	for n := range s.cfg.workers {
		w := &worker{session: s, number: n}
		wg.Go(func() {
			for step := 0; (s.cfg.steps == 0 || step < s.cfg.steps) && ctx.Err() == nil && time.Now().Before(deadline); step++ {
				w.step(step)
			}
		})
	}
	wg.Wait()
}

// walkInPeace walks the lists once more, without faults.
func (s *session) walkInPeace() {
	w := &worker{session: s, number: s.cfg.workers}
	for i := range s.cfg.calmWalks {
		n := i * 17 % ways // covers every kind of list early
		t := s.front.plan.turn(w.number, n)
		t.patience = 0
		_ = w.through(context.Background(), t, s.client, n)
	}
}

// compare compares what was told with what the server holds, and returns the
// number of objects compared.
func (s *session) compare() (things int, err error) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	a := &auditor{base: s.base, key: s.front.srv.APIKey(), client: &http.Client{Transport: transport}}
	held, err := a.read(context.Background(), s.ledger.minters())
	if err != nil {
		return 0, err
	}
	// A token whose value a caller was told is an object like any other.
	for _, keys := range held.tokens {
		for _, key := range keys {
			if s.ledger.has(key) {
				held.values[key] = append(held.values[key], present)
			}
		}
	}
	for _, f := range s.ledger.compare(held) {
		s.report(f.kind, "%s", f.what)
	}
	return len(held.values), nil
}

// checkLeaks waits for the connections and goroutines of the run to end. It
// reports those that are left.
func (s *session) checkLeaks(goroutines int) {
	deadline := time.Now().Add(s.cfg.patience)
	for s.connections.Load() > 0 || runtime.NumGoroutine() > goroutines {
		if time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if n := s.connections.Load(); n > 0 {
			s.report("connections left open", "%d on the server", n)
		}
		if n := runtime.NumGoroutine(); n > goroutines {
			var stacks strings.Builder
			_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			s.report("goroutines left", "%d in place of %d:\n%s", n, goroutines, stacks.String())
		}
		return
	}
}

func (s *session) summary(took time.Duration, things int) *report {
	for _, line := range s.watch.leaks {
		s.report("secret in the log", "%s", line)
	}
	l := s.ledger
	return &report{
		cfg: s.cfg, took: took, ops: s.ops, hits: s.front.hits, requests: s.front.served,
		calls: s.calls.Load(), retries: s.retries.Load(), waited: time.Duration(s.waited.Load()),
		done: l.done, refused: l.refused, unknown: l.unknown,
		lookups: s.lookups.Load(), givenUp: s.givenUp.Load(),
		logLines: s.watch.lines, things: things, findings: s.findings,
	}
}

// print writes the report in readable form.
func (r *report) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\noperation\tall\tfailed\tunknown outcome\t")
	steps := 0
	for _, name := range slices.Sorted(maps.Keys(r.ops)) {
		n := r.ops[name]
		steps += n.all
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", name, n.all, n.failed, n.unknown)
	}
	fmt.Fprintln(w, "\nfault\thits\t")
	faults := 0
	for _, name := range slices.Sorted(maps.Keys(r.hits)) {
		faults += r.hits[name]
		fmt.Fprintf(w, "%s\t%d\t\n", name, r.hits[name])
	}
	_ = w.Flush()
	fmt.Fprintf(out, `
%d steps in %s: %d calls, %d requests (%.0f a second), %d of them made to fail, %d retries, %s waited
%d writes reported done, %d not done, %d with their outcome unknown; %d messages looked for by their MUID; %d walks given up
%d things on the server compared with what was told, %d lines of log without a secret looked through
`, steps, r.took.Round(time.Millisecond), r.calls, r.requests, float64(r.requests)/r.took.Seconds(), faults, r.retries, r.waited.Round(time.Millisecond),
		r.done, r.refused, r.unknown, r.lookups, r.givenUp, r.things, r.logLines)
	if len(r.findings) == 0 {
		fmt.Fprintln(out, "no findings")
		return
	}
	fmt.Fprintf(out, "\nfindings: %d; reproduce with -seed %d -workers %d -duration %s", len(r.findings), r.cfg.seed, r.cfg.workers, r.cfg.duration)
	if r.cfg.steps > 0 {
		fmt.Fprintf(out, " -steps %d", r.cfg.steps)
	}
	fmt.Fprintln(out)
	for _, f := range r.findings {
		fmt.Fprintf(out, "  %s: %s\n", f.kind, f.what)
	}
}
