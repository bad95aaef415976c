package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// short returns the config of a run that takes a fraction of a second.
func short() config {
	return config{seed: 11, workers: 4, steps: 20, duration: time.Minute, patience: 5 * time.Second, calmWalks: 3}
}

func TestSoak(t *testing.T) {
	var out bytes.Buffer
	clean, err := run(t.Context(), []string{"-duration", "2500ms", "-seed", "20250101", "-workers", "8"}, &out)
	require.NoError(t, err)
	assert.True(t, clean, out.String())
	t.Log(out.String())
}

func TestRunCoversEverything(t *testing.T) {
	report, err := soak(t.Context(), config{seed: 3, workers: 8, steps: 90, duration: time.Minute, patience: 5 * time.Second, calmWalks: 3})
	require.NoError(t, err)
	assert.Empty(t, report.findings)
	for _, op := range operations {
		assert.NotNil(t, report.ops[op.name], op.name)
	}
	for _, k := range kinds {
		assert.Positive(t, report.hits[k.name], k.name)
	}
	assert.Positive(t, report.retries)
	assert.Positive(t, report.unknown)
	assert.Positive(t, report.lookups)
	assert.Equal(t, 8*90, total(report))
}

func total(r *report) (n int) {
	for _, op := range r.ops {
		n += op.all
	}
	return n
}

// TestPlanIsReproducible checks that the actions of a worker, and the faults of
// its requests, follow from the seed.
func TestPlanIsReproducible(t *testing.T) {
	describe := func(seed uint64) (lines []string) {
		p := plan{seed}
		get := httptest.NewRequest(http.MethodGet, "/v3/users?page=2", nil)
		for step := range 200 {
			turn := p.turn(1, step)
			lines = append(lines, fmt.Sprint(turn.op.name, turn.rate, turn.patience, turn.rnd.Uint64()))
			for n := range 5 {
				name, _, ok := p.fault(turn.place(), n, get)
				lines = append(lines, fmt.Sprint(name, ok))
			}
		}
		return lines
	}
	assert.Equal(t, describe(7), describe(7))
	assert.NotEqual(t, describe(7), describe(8))
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-workers", "0"}, {"-duration", "0s"}, {"-steps", "-1"}, {"-unknown"}} {
		_, err := run(t.Context(), args, io.Discard)
		assert.Error(t, err, args)
	}
}

// errUnknown is the error of a write of unknown outcome.
var errUnknown = fmt.Errorf("broken connection: %w", cometchat.ErrOutcomeUnknown)

var errRefused = errors.New("refused")

func TestCompare(t *testing.T) {
	type write struct {
		value string
		err   error
	}
	tests := []struct {
		name   string
		writes []write
		shared bool
		held   []string
		want   string // the kind of the finding; empty for none
	}{
		{name: "nothing"},
		{name: "done", writes: []write{{"a", nil}}, held: []string{"a"}},
		{name: "done, not there", writes: []write{{"a", nil}}, want: findLost},
		{name: "done, an older value there", writes: []write{{"a", nil}, {"b", nil}}, held: []string{"a"}, want: findLost},
		{name: "unknown, there", writes: []write{{"a", errUnknown}}, held: []string{"a"}},
		{name: "unknown, not there", writes: []write{{"a", errUnknown}}},
		{name: "unknown, neither", writes: []write{{"a", nil}, {"b", errUnknown}}, held: []string{"c"}, want: findLost},
		{name: "unknown, gone", writes: []write{{"a", nil}, {"b", errUnknown}}, want: findLost},
		{name: "unknown, then done", writes: []write{{"a", errUnknown}, {"b", nil}}, held: []string{"a"}, want: findLost},
		{name: "refused, not there", writes: []write{{"a", errRefused}}},
		{name: "refused, there", writes: []write{{"a", errRefused}}, held: []string{"a"}, want: findUnwanted},
		{name: "refused over done", writes: []write{{"a", nil}, {"b", errRefused}}, held: []string{"b"}, want: findUnwanted},
		{name: "refused over done, kept", writes: []write{{"a", nil}, {"b", errRefused}}, held: []string{"a"}},
		{name: "deleted", writes: []write{{"a", nil}, {absent, nil}}},
		{name: "deleted, there", writes: []write{{"a", nil}, {absent, nil}}, held: []string{"a"}, want: findLost},
		{name: "deletion refused, gone", writes: []write{{"a", nil}, {absent, errRefused}}, want: findUnwanted},
		{name: "twice", writes: []write{{"a", nil}}, held: []string{"a", "a"}, want: findDuplicate},
		{name: "shared, the first", writes: []write{{"a", nil}, {"b", nil}}, shared: true, held: []string{"a"}},
		{name: "shared, gone", writes: []write{{"a", nil}, {"b", errUnknown}}, shared: true, want: findLost},
		{name: "shared, refused", writes: []write{{"a", nil}, {"b", errRefused}}, shared: true, held: []string{"b"}, want: findUnwanted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLedger()
			if tt.shared {
				l.share("key")
			}
			for _, w := range tt.writes {
				l.told("key", w.value, "test", w.err)
			}
			s := &state{values: map[string][]string{}}
			if tt.held != nil {
				s.values["key"] = tt.held
			}
			found := l.compare(s)
			if tt.want == "" {
				assert.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			assert.Equal(t, tt.want, found[0].kind)
			assert.Contains(t, found[0].what, "key: ")
		})
	}

	t.Run("unheard of", func(t *testing.T) {
		found := newLedger().compare(&state{values: map[string][]string{"key": {"a"}}})
		require.Len(t, found, 1)
		assert.Equal(t, findUnexpected, found[0].kind)
	})
	t.Run("created twice", func(t *testing.T) {
		l := newLedger()
		l.share("key")
		for _, origin := range []string{"one", "other"} {
			l.told("key", "a", origin, nil)
			l.created("key", origin)
		}
		found := l.compare(&state{values: map[string][]string{"key": {"a"}}})
		require.Len(t, found, 1)
		assert.Equal(t, findCreated, found[0].kind)
	})
	t.Run("tokens", func(t *testing.T) {
		l := newLedger()
		l.minted("anna", nil)
		l.told("token 1", present, "test", nil)
		l.minted("anna", errUnknown)
		s := &state{values: map[string][]string{"token 1": {present}}, tokens: map[string][]string{"anna": {"token 1", "token 2"}}}
		assert.Empty(t, l.compare(s), "the other one may be there")
		s.tokens["anna"] = append(s.tokens["anna"], "token 3")
		found := l.compare(s)
		require.Len(t, found, 1)
		assert.Equal(t, findUnexpected, found[0].kind)
	})
	t.Run("read back", func(t *testing.T) {
		l := newLedger()
		l.told("key", "a", "test", nil)
		l.told("key", "b", "test", errUnknown)
		_, ok := l.read("key", "c", "test")
		assert.False(t, ok)
		_, ok = l.read("key", "b", "test")
		assert.True(t, ok)
		_, ok = l.read("key", "a", "test")
		assert.False(t, ok, "it was b a moment ago")
	})
}

func TestWalkCheck(t *testing.T) {
	k := walk{name: "letters", want: []string{"a", "b", "c"}}
	assert.Empty(t, k.check([]string{"a", "b", "c"}, true))
	assert.Empty(t, k.check([]string{"a", "b"}, false))
	assert.Contains(t, k.check([]string{"a", "b"}, true), "1 missed (c)")
	assert.Contains(t, k.check([]string{"a", "c"}, false), "1 missed (b)")
	assert.Contains(t, k.check([]string{"a", "b", "b", "c"}, true), "1 seen more than once (b)")
	assert.NotEmpty(t, k.check([]string{"b", "a", "c"}, true), "another order")
	assert.NotEmpty(t, k.check([]string{"a", "b", "c", "d"}, true))
}

func TestWatch(t *testing.T) {
	w := &watch{literals: [][]byte{[]byte("s3cret")}}
	for _, line := range []string{
		`{"time":"2025-01-01T10:00:00.123456789Z","duration":12345678901,"user":"w1-u1"}`,
		`{"error":"[redacted]"}`,
	} {
		_, _ = io.WriteString(w, line)
		assert.Empty(t, w.leaks, line)
	}
	for i, line := range []string{"a key s3cret", "anna_1735725600" + strings.Repeat("0a", 15), "cut short: _1735725600ab12ef0011"} {
		_, _ = io.WriteString(w, line)
		assert.Len(t, w.leaks, i+1, line)
	}
	assert.Equal(t, 5, w.lines)
}

// TestPlantedErrors makes runs go wrong in one way each, on the server or between
// client and server, and expects the error to be found.
func TestPlantedErrors(t *testing.T) {
	// on changes how requests with this method and path are handled.
	on := func(method, path string, f func(w http.ResponseWriter, r *http.Request, next http.Handler)) func(*front, http.Handler) http.Handler {
		return func(_ *front, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == method && r.URL.Path == "/v3"+path {
					f(w, r, next)
					return
				}
				next.ServeHTTP(w, r)
			})
		}
	}
	tests := []struct {
		name       string
		middleware func(*front, http.Handler) http.Handler
		sabotage   func(*session)
		want       string
		text       string // contained in the finding
	}{
		{name: "a user that is lost", want: findLost, text: "user w", sabotage: func(s *session) {
			s.raw(t, http.MethodDelete, "/users/"+s.first(t, "user w"), `{"permanent":true}`)
		}},
		{name: "a user with an older name", want: findLost, text: "user w", sabotage: func(s *session) {
			s.front.srv.AddUsers(cometchattest.User{UID: s.first(t, "user w"), Name: "Somebody else"})
		}},
		{name: "a member that is lost", want: findLost, text: "member w", sabotage: func(s *session) {
			guid, uid, _ := strings.Cut(s.first(t, "member w"), "/")
			s.raw(t, http.MethodDelete, "/groups/"+guid+"/members/"+uid, "")
		}},
		{name: "a duplicate", want: findDuplicate, text: "message w", sabotage: func(s *session) {
			s.front.srv.AddMessages(cometchattest.Message{MUID: s.first(t, "message w"), Sender: staticA, Receiver: staticB, Text: "again"})
		}},
		{name: "a group of nobody's", want: findUnexpected, text: "w99-g1", sabotage: func(s *session) {
			s.front.srv.AddGroups(cometchattest.Group{GUID: "w99-g1"})
		}},
		{name: "tokens that are lost", want: findLost, text: "token ", sabotage: func(s *session) {
			for _, uid := range s.ledger.minters() {
				s.raw(t, http.MethodDelete, "/users/"+uid+"/auth_tokens", "")
			}
		}},
		{name: "a token of nobody's", want: findUnexpected, text: "no caller got", sabotage: func(s *session) {
			for range 20 { // more than can have an unknown outcome
				s.raw(t, http.MethodPost, "/users/"+s.ledger.minters()[0]+"/auth_tokens", `{"force":true}`)
			}
		}},
		{name: "an item that disappears", want: "walk", text: "1 missed", sabotage: func(s *session) {
			s.raw(t, http.MethodDelete, "/messages/"+s.scenery.messages[100], `{"permanent":true}`)
		}},
		{name: "a secret in the log", want: "secret in the log", sabotage: func(s *session) {
			s.logger.Debug("request", "apikey", s.front.srv.APIKey())
		}},
		{name: "a write refused, and done all the same", want: findUnwanted, middleware: on(http.MethodPost, "/messages",
			func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				next.ServeHTTP(httptest.NewRecorder(), r)
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"error":{"code":"ERR_BAD_REQUEST","message":"no"}}`)
			})},
		{name: "a write acknowledged, and not done", want: findLost, text: "user w", middleware: on(http.MethodPost, "/users",
			func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
				body, err := io.ReadAll(r.Body)
				if assert.NoError(t, err) {
					_, _ = fmt.Fprintf(w, `{"data":%s}`, body)
				}
			})},
		{name: "a write done twice", want: findDuplicate, middleware: on(http.MethodPost, "/messages",
			func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				for _, w := range []http.ResponseWriter{httptest.NewRecorder(), w} {
					again := r.Clone(r.Context())
					again.Body = io.NopCloser(bytes.NewReader(body))
					next.ServeHTTP(w, again)
				}
			})},
		{name: "an answer with other values", want: "wrong answer", middleware: func(_ *front, next http.Handler) http.Handler {
			return rewritten(next, http.MethodPost, "/v3/users", `"name":"name`, `"name":"other name`)
		}},
		{name: "a page with an item twice", want: "walk", text: "seen more than once", middleware: func(_ *front, next http.Handler) http.Handler {
			return rewritten(next, http.MethodGet, "/v3/groups/static-group/members", `"uid":"static-093"`, `"uid":"static-094"`)
		}},
		{name: "an error without a cause", want: "an error without a cause", middleware: func(_ *front, next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/auth_tokens") {
					w.WriteHeader(http.StatusConflict)
					return
				}
				next.ServeHTTP(w, r)
			})
		}},
		{name: "a server that panics", want: "the server complains", middleware: on(http.MethodPost, "/groups",
			func(http.ResponseWriter, *http.Request, http.Handler) { panic("a handler is broken") })},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := short()
			cfg.middleware, cfg.sabotage = tt.middleware, tt.sabotage
			report, err := soak(t.Context(), cfg)
			require.NoError(t, err)
			require.Contains(t, kindsOf(report), tt.want, "%+v", report.findings)
			assert.Contains(t, textOf(report), tt.text)

			var out bytes.Buffer
			report.print(&out)
			assert.Contains(t, out.String(), "reproduce with -seed 11 -workers 4 -duration 1m0s -steps 20")
		})
	}
}

// TestPlantedLeaks leaves a goroutine and a connection behind for the whole run.
func TestPlantedLeaks(t *testing.T) {
	release := make(chan struct{})
	var left net.Conn
	cfg := short()
	cfg.steps, cfg.patience = 2, 300*time.Millisecond
	cfg.sabotage = func(s *session) {
		go func() { <-release }()
		base, err := url.Parse(s.base)
		require.NoError(t, err)
		left, err = net.Dial("tcp", base.Host)
		require.NoError(t, err)
	}
	report, err := soak(t.Context(), cfg)
	close(release)
	require.NoError(t, err)
	require.NoError(t, left.Close())
	assert.ElementsMatch(t, []string{"connections left open", "goroutines left"}, kindsOf(report))
}

func kindsOf(r *report) (kinds []string) {
	for _, f := range r.findings {
		kinds = append(kinds, f.kind)
	}
	return kinds
}

func textOf(r *report) (text string) {
	for _, f := range r.findings {
		text += f.kind + ": " + f.what + "\n"
	}
	return text
}

// first returns the id of an object that exists for certain: of the first one
// whose key in the ledger has this prefix.
func (s *session) first(t *testing.T, prefix string) string {
	t.Helper()
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	for key, r := range s.ledger.registers {
		if strings.HasPrefix(key, prefix) && len(r.possible) == 1 && r.possible[0].value != absent {
			_, id, _ := strings.Cut(key, " ")
			return id
		}
	}
	require.Fail(t, "nothing is there", prefix)
	return ""
}

// raw makes a request that belongs to no worker.
func (s *session) raw(t *testing.T, method, path, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, "http://emulator/v3"+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("apikey", s.front.srv.APIKey())
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.front.srv.ServeHTTP(w, req)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
}

// rewritten changes the text of the responses to some requests.
func rewritten(next http.Handler, method, path, from, to string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method || r.URL.Path != path {
			next.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		if json.Valid(body) {
			body = bytes.ReplaceAll(body, []byte(from), []byte(to))
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	})
}

// TestFaultsHitTheirRequests checks that faults hit the requests that the plan
// names, even while requests for the same path are delayed.
func TestFaultsHitTheirRequests(t *testing.T) {
	f := newFront(plan{1})
	defer f.srv.Close()
	status := func(fault cometchattest.Fault) int {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v3/users?perPage=1", nil)
		r.Header.Set("apikey", f.srv.APIKey())
		f.fail(w, r, fault)
		return w.Code
	}
	var wg sync.WaitGroup
	for _, is := range []struct {
		fault  cometchattest.Fault
		status int
	}{
		{cometchattest.Fault{Latency: time.Microsecond}, http.StatusOK},
		{cometchattest.Fault{RedirectTo: "http://elsewhere.example"}, http.StatusFound},
		{cometchattest.Fault{Status: http.StatusBadGateway}, http.StatusBadGateway},
	} {
		for range 4 {
			wg.Go(func() {
				for range 2000 {
					if got := status(is.fault); got != is.status {
						t.Errorf("status %d in place of %d", got, is.status)
						return
					}
				}
			})
		}
	}
	wg.Wait()
}

// TestDelayedWriteOfNobody checks that a delayed write is not carried out if the
// client has left.
func TestDelayedWriteOfNobody(t *testing.T) {
	f := newFront(plan{1})
	defer f.srv.Close()
	arrived, over := make(chan struct{}), make(chan any)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		defer func() { over <- recover() }()
		f.fail(w, r, cometchattest.Fault{Latency: time.Minute})
	}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/v3/users", strings.NewReader(`{"uid":"late"}`))
	require.NoError(t, err)
	req.Header.Set("apikey", f.srv.APIKey())
	_, err = http.DefaultClient.Do(req)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, http.ErrAbortHandler, <-over)
	assert.Zero(t, f.srv.Count(http.MethodPost, "/users"))
}
