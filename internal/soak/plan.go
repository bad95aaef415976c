package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// plan is what a seed decides. It depends only on the seed and on the place in
// the run, never on what happened before.
type plan struct{ seed uint64 }

// rand returns the random numbers of one place in the run.
func (p plan) rand(worker, step, request int) *rand.Rand {
	var key [32]byte
	for i, n := range []uint64{p.seed, uint64(worker), uint64(step), uint64(request)} {
		binary.LittleEndian.PutUint64(key[8*i:], n)
	}
	return rand.New(rand.NewChaCha8(key))
}

// turn is one step of one worker.
type turn struct {
	worker, step int
	rnd          *rand.Rand
	op           *operation
	// rate is the share of the step's requests that fail.
	rate float64
	// patience, if not 0, is the time after which the caller cancels the call.
	patience time.Duration
}

func (p plan) turn(worker, step int) *turn {
	t := &turn{worker: worker, step: step, rnd: p.rand(worker, step, 0)}
	n := t.rnd.IntN(totalWeight)
	for i := range operations {
		if n -= operations[i].weight; n < 0 {
			t.op = &operations[i]
			break
		}
	}
	// Half of the steps have no faults, so that the run makes progress. Some fail
	// so often that no retry helps.
	switch n := t.rnd.IntN(100); {
	case n < 50:
	case n < 80:
		t.rate = 0.15
	case n < 95:
		t.rate = 0.5
	default:
		t.rate = 0.9
	}
	if t.rnd.IntN(20) == 0 {
		t.patience = time.Duration(t.rnd.IntN(20_000)) * time.Microsecond
	}
	return t
}

// place names a step.
type place struct{ worker, step int }

func (t *turn) place() place { return place{t.worker, t.step} }

// tag returns the beginning of the User-Agent header of a step's requests.
func (p place) tag() string { return fmt.Sprintf("soak/%d.%d", p.worker, p.step) }

// placeOf returns the step that a request belongs to. ok is false for requests
// that belong to no step.
func placeOf(r *http.Request) (p place, ok bool) {
	_, err := fmt.Sscanf(r.UserAgent(), "soak/%d.%d", &p.worker, &p.step)
	return p, err == nil
}

// fault decides how the n-th request of a step fails, counted from 1. ok is false
// if it does not fail.
func (p plan) fault(at place, n int, r *http.Request) (name string, f cometchattest.Fault, ok bool) {
	rnd := p.rand(at.worker, at.step, n)
	if rnd.Float64() >= p.turn(at.worker, at.step).rate {
		return "", f, false
	}
	for { // the kinds that fit depend on the request
		k := &kinds[rnd.IntN(len(kinds))]
		if k.fits == nil || k.fits(r) {
			return k.name, k.fault(r, rnd), true
		}
	}
}

// attemptTimeout bounds an attempt of the soak's client.
const attemptTimeout = 150 * time.Millisecond

// kind is one way for a request to fail.
type kind struct {
	name string
	// fits reports whether a request can fail like this; nil means that all can.
	fits  func(*http.Request) bool
	fault func(*http.Request, *rand.Rand) cometchattest.Fault
}

func isGet(r *http.Request) bool { return r.Method == http.MethodGet }

// isNumberedPage reports whether a request is for a page of a numbered list. In a
// list with cursors, a client cannot tell that it got another page than it asked
// for.
func isNumberedPage(r *http.Request) bool { return isGet(r) && r.URL.Query().Has("page") }

// always returns a fault that is the same for every request.
func always(f cometchattest.Fault) func(*http.Request, *rand.Rand) cometchattest.Fault {
	return func(*http.Request, *rand.Rand) cometchattest.Fault { return f }
}

// gatewayPage returns what a proxy in debug mode sends: HTML with the request's
// headers, and so with the API key.
func gatewayPage(r *http.Request) []byte {
	return []byte("<html><body><h1>Bad gateway</h1><pre>apikey: " + r.Header.Get("apikey") + "\n" + url.QueryEscape(r.URL.Path) + "</pre></body></html>")
}

// No fault asks for a wait, since that would delay every worker.
var kinds = []kind{
	{name: "429", fault: always(cometchattest.Fault{Status: 429})},
	{name: "429, Retry-After in seconds", fault: always(cometchattest.Fault{Status: 429, RetryAfter: "0"})},
	{name: "429, Retry-After as a date", fault: func(*http.Request, *rand.Rand) cometchattest.Fault {
		return cometchattest.Fault{Status: 429, RetryAfter: time.Now().UTC().Format(http.TimeFormat)}
	}},
	{name: "429, budget used up", fault: func(*http.Request, *rand.Rand) cometchattest.Fault {
		return cometchattest.Fault{Status: 429, Header: http.Header{
			"X-Ratelimit-Limit": {"500"}, "X-Ratelimit-Remaining": {"0"},
			"X-Rate-Limit-Reset": {strconv.FormatInt(time.Now().Unix(), 10)},
		}}
	}},
	{name: "500", fault: always(cometchattest.Fault{Status: 500})},
	{name: "502, 503 or 504", fault: func(_ *http.Request, rnd *rand.Rand) cometchattest.Fault {
		return cometchattest.Fault{Status: 502 + rnd.IntN(3)}
	}},
	{name: "503, Retry-After", fault: always(cometchattest.Fault{Status: 503, RetryAfter: "0"})},
	{name: "502, HTML", fault: func(r *http.Request, _ *rand.Rand) cometchattest.Fault {
		return cometchattest.Fault{Status: 502, Body: gatewayPage(r), Header: http.Header{"Content-Type": {"text/html"}}}
	}},
	{name: "200, HTML", fault: func(r *http.Request, _ *rand.Rand) cometchattest.Fault {
		return cometchattest.Fault{Status: 200, Body: gatewayPage(r), Header: http.Header{"Content-Type": {"text/html"}}}
	}},
	{name: "403 or 404, HTML", fault: func(r *http.Request, rnd *rand.Rand) cometchattest.Fault {
		return cometchattest.Fault{Status: 403 + rnd.IntN(2), Body: gatewayPage(r), Header: http.Header{"Content-Type": {"text/html"}}}
	}},
	{name: "200, no body", fault: always(cometchattest.Fault{Body: []byte{}})},
	{name: "204 to what was done", fault: always(cometchattest.Fault{Status: 204})},
	{name: "202 to what was done", fault: always(cometchattest.Fault{Status: 202})},
	{name: "error of the API", fault: func(r *http.Request, rnd *rand.Rand) cometchattest.Fault {
		f := []cometchattest.Fault{
			{Status: 400, Code: "ERR_BAD_REQUEST"}, {Status: 402, Code: "ERR_PLAN_RESTRICTION"},
			{Status: 403, Code: "ERR_PERMISSION_DENIED"}, {Status: 409, Code: "ERR_OPERATION_FAILED"}, {Status: 417, Code: "ERR_OPERATION_FAILED"},
		}[rnd.IntN(5)]
		f.Message = "refused for the key " + r.Header.Get("apikey")
		return f
	}},
	{name: "error inside a 200", fault: always(cometchattest.Fault{Status: 200, Code: "ERR_OPERATION_FAILED"})},
	{name: "redirect to another host", fault: always(cometchattest.Fault{RedirectTo: "https://elsewhere.example/v3/users"})},
	{name: "redirect to the same place", fits: isGet, fault: func(r *http.Request, _ *rand.Rand) cometchattest.Fault {
		return cometchattest.Fault{RedirectTo: "http://" + r.Host + r.URL.RequestURI()}
	}},
	{name: "dropped before", fault: always(cometchattest.Fault{DropBefore: true})},
	{name: "dropped after", fault: always(cometchattest.Fault{DropAfter: true})},
	{name: "cut short", fault: always(cometchattest.Fault{Truncate: true})},
	{name: "half of the JSON", fault: always(cometchattest.Fault{TruncateJSON: true})},
	{name: "malformed JSON", fault: always(cometchattest.Fault{Malformed: true})},
	{name: "beyond the time-out", fault: always(cometchattest.Fault{Latency: 2 * attemptTimeout})},
	{name: "slow", fault: func(_ *http.Request, rnd *rand.Rand) cometchattest.Fault {
		return cometchattest.Fault{Latency: time.Duration(1+rnd.IntN(20)) * time.Millisecond}
	}},
	{name: "page repeated", fits: isNumberedPage, fault: always(cometchattest.Fault{RepeatPage: true})},
}
