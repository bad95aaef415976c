// Package console is the part of an emulator besides the API that people and
// scripts use: the control API below /_emulator/, and the page at the same
// addresses.
//
// Each address responds with a page if the client accepts HTML, and with JSON
// otherwise. The page does its work through the API's own handlers, by the back
// door.
package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// Base is the path prefix of everything except the API.
const Base = "/_emulator"

// Options describe a console.
type Options struct {
	// Version is the version of the emulator.
	Version string
	// Region is the region of the app.
	Region string
	// URL is the base URL of the API for clients on this machine.
	URL string
	// Seeds are the names of the seeds that the app was filled from.
	Seeds []string
	// Snapshot is the name of the file that Save writes, or empty.
	Snapshot string
	// Save writes the snapshot now.
	Save func() error
	// NoPage serves only the control API.
	NoPage bool
	// AllowHosts are further names that the header Host may have. A leading dot
	// allows all names with this ending.
	AllowHosts []string
	// CORSOrigins are the origins that may use the API from a browser; "*" allows
	// any.
	CORSOrigins []string
	// Clock is the time at which the clock starts; zero is the time of this machine.
	Clock time.Time
	// ClockStopped starts with a clock that does not run.
	ClockStopped bool
	// FixedEndpoints forbids adding endpoints and changing their URLs. It is for
	// a console that other machines can reach.
	FixedEndpoints bool
	// Log receives errors of the console.
	Log *slog.Logger
}

// The states of a console.
const (
	stateLoading int32 = iota
	stateReady
	stateStopping
)

// Console handles every request that is sent to the emulator.
type Console struct {
	srv     *cometchattest.Server
	opt     Options
	mux     *http.ServeMux
	views   *views
	cross   *http.CrossOriginProtection
	state   atomic.Int32
	started time.Time
	boot    string // identifies this process to streams that reconnect
	streams streams

	mu     sync.Mutex
	fixed  map[string]cometchattest.EndpointSettings // of the endpoints that a reset keeps
	orders map[string]string                         // in which held deliveries are released, by endpoint
	warned map[string]bool                           // endpoints whose dropped deliveries were logged
}

// New returns the handler of an emulator. It is loading until [Console.Ready] is
// called.
func New(srv *cometchattest.Server, opt Options) *Console {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	var boot [4]byte
	_, _ = rand.Read(boot[:]) // never fails
	c := &Console{
		srv: srv, opt: opt, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(),
		started: time.Now(), boot: hex.EncodeToString(boot[:]), fixed: map[string]cometchattest.EndpointSettings{}, orders: map[string]string{}, warned: map[string]bool{},
	}
	c.views = newViews()
	c.streams.open = map[*stream]bool{}
	for path, methods := range c.routes() {
		c.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, methods) })
	}
	return c
}

// Fix makes a reset keep an endpoint, with the settings it has now: those of the
// command line, unlike those of seeds, which the reset adds again.
func (c *Console) Fix(e *cometchattest.Endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// Settings has no password, but an option sees it.
	_ = e.Set(func(s *cometchattest.EndpointSettings) { c.fixed[s.ID] = *s })
}

// StartClock sets the clock as the options say, if they do.
func (c *Console) StartClock() {
	if c.opt.ClockStopped { // before it is set, so that nothing passes in between
		c.srv.Clock().Stop()
	}
	if !c.opt.Clock.IsZero() {
		c.srv.Clock().Set(c.opt.Clock)
	}
}

// LogDropped logs the endpoints that have dropped deliveries, each of them once.
func (c *Console) LogDropped() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.srv.Deliveries() {
		if d.State == cometchattest.DeliveryStateDropped && !c.warned[d.Endpoint] {
			c.warned[d.Endpoint] = true
			c.opt.Log.Warn("an endpoint has too many events waiting; the oldest are dropped", "endpoint", d.Endpoint)
		}
	}
}

// Ready reports that seeds and snapshot have been read.
func (c *Console) Ready() { c.state.Store(stateReady) }

// Stop reports that the emulator is stopping, and ends the streams.
func (c *Console) Stop() {
	c.state.Store(stateStopping)
	c.streams.end()
}

// ServeHTTP passes a request to the API or to the console, or refuses it.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer c.recovered(w, r)
	path := r.URL.Path
	ofConsole := path == "/" || path == Base || strings.HasPrefix(path, Base+"/")
	switch {
	case !c.hostAllowed(r.Host):
		fail(w, r, forbidden("the name in the header Host is not one of this machine; --allow-host allows it"))
	case path == Base+"/health":
		c.health(w, r)
	case c.state.Load() == stateLoading:
		w.Header().Set("Retry-After", "1")
		fail(w, r, &problem{http.StatusServiceUnavailable, "NOT_READY", "the emulator is loading", ""})
	case path == "/favicon.ico": // browsers request it by themselves
		http.Redirect(w, r, Base+"/icon.svg", http.StatusFound)
	case !ofConsole:
		c.api(w, r)
	case path == "/" || path == Base:
		http.Redirect(w, r, Base+"/", http.StatusFound)
	default:
		c.guarded(w, r)
	}
}

// recovered turns a panic into a response, except for a panic that closes a
// connection on purpose.
func (c *Console) recovered(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	c.opt.Log.Error("a handler panicked", "method", r.Method, "path", r.URL.Path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	fail(w, r, &problem{http.StatusInternalServerError, "INTERNAL", "the emulator has a fault; the log has the details", ""})
}

func (c *Console) health(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET")
		fail(w, r, &problem{http.StatusMethodNotAllowed, "WRONG_METHOD", "this address takes GET", ""})
		return
	}
	status, doc := http.StatusServiceUnavailable, map[string]any{"status": "loading"}
	switch c.state.Load() {
	case stateLoading:
		var counts counts
		if err := c.ask(r.Context(), &counts, "/internal/counts"); err == nil {
			doc["done"] = counts.Users + counts.Groups + counts.Messages
		}
		w.Header().Set("Retry-After", "1")
	case stateStopping:
		doc["status"] = "stopping"
	default:
		status, doc = http.StatusOK, map[string]any{"status": "ready", "version": c.opt.Version}
	}
	writeJSON(w, status, doc)
}

// visit is a request to the console.
type visit struct {
	*Console
	w http.ResponseWriter
	r *http.Request
	// html reports whether a person will see the response.
	html bool
	// method is the request's method, or the one that a form names in its place.
	method string

	cleaner *cleaner // see [visit.secrets]
}

func (c *Console) visit(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{Console: c, w: w, r: r, html: acceptsHTML(r) && !c.opt.NoPage}
}

// action is what one method of an address does.
type action struct {
	// do returns the value to send as JSON; nil becomes an empty object.
	do func(*visit) (any, error)
	// show, if not nil, returns the page that a person gets in place of the JSON.
	show func(*visit) (*page, error)
	// raw, if not nil, writes the response itself, for people and scripts.
	raw func(*visit) error
	// back is where a person is sent after a form.
	back string
}

type methods map[string]action

// serve finds the action of a request and sends its result.
func (c *Console) serve(w http.ResponseWriter, r *http.Request, m methods) {
	v := c.visit(w, r)
	if err := v.readMethod(); err != nil {
		c.fail(v, err)
		return
	}
	a, ok := m[v.method]
	if !ok {
		w.Header().Set("Allow", strings.Join(m.names(), ", "))
		c.fail(v, &problem{http.StatusMethodNotAllowed, "WRONG_METHOD", "this address takes " + strings.Join(m.names(), ", "), ""})
		return
	}
	if err := c.act(v, a); err != nil {
		c.fail(v, err)
	}
}

func (c *Console) act(v *visit, a action) error {
	switch {
	case a.raw != nil:
		return a.raw(v)
	case v.html && v.method == http.MethodGet && a.show != nil:
		p, err := a.show(v)
		if err != nil {
			return err
		}
		return c.views.render(v, http.StatusOK, p)
	case a.do == nil:
		return notFound("there is nothing but a page here")
	}
	value, err := a.do(v)
	if err != nil {
		return err
	}
	if v.html && v.method != http.MethodGet {
		http.Redirect(v.w, v.r, v.then(a.back), http.StatusSeeOther)
		return nil
	}
	if value == nil {
		value = struct{}{}
	}
	writeJSON(v.w, http.StatusOK, value)
	return nil
}

// fail sends an error in the format that the request asked for.
func (c *Console) fail(v *visit, err error) {
	p := asProblem(err)
	if p.status == http.StatusInternalServerError {
		c.opt.Log.Error("a request to the console failed", "path", v.r.URL.Path, "error", err.Error())
	}
	if !v.html {
		fail(v.w, v.r, p)
		return
	}
	if err := c.views.render(v, p.status, &page{Name: "problem", Title: "That did not work", Data: p}); err != nil {
		fail(v.w, v.r, p)
	}
}

// then returns where a form leads when it is done: an address of the console.
func (v *visit) then(otherwise string) string {
	to := v.r.PostFormValue("_then")
	if !strings.HasPrefix(to, Base+"/") || strings.ContainsAny(to, "\\\r\n") {
		to = Base + cmp.Or(otherwise, "/")
	}
	return to
}

// limitBody returns the body, limited to n bytes.
func (v *visit) limitBody(n int64) io.Reader { return http.MaxBytesReader(v.w, v.r.Body, n) }

// Changes returns a counter of what may have changed the app's state.
func (c *Console) Changes() int64 {
	n, _ := c.counts(context.Background()) // never fails
	return n.Changes
}

// Holds returns the numbers of users, groups and messages in the app.
func (c *Console) Holds() (users, groups, messages int) {
	n, _ := c.counts(context.Background()) // never fails
	return n.Users + n.DeactivatedUsers, n.Groups, n.Messages
}
