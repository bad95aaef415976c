// Package console is what a person and a script see of an emulator besides the API:
// the control API below /_emulator/, and the page at the same addresses.
//
// Each address has two faces: it answers with a page if HTML is accepted, and with
// JSON otherwise. The page does what it does through the API's own handlers, by the
// back door.
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
	"github.com/go-cometchat/cometchat/internal/redact"
)

// Base is the path below which everything but the API is.
const Base = "/_emulator"

// Options say how a console is run.
type Options struct {
	// Version is that of the emulator.
	Version string
	// Region is that of the app.
	Region string
	// URL is the base of the API as clients of this machine reach it.
	URL string
	// Seeds are the names of what the app was filled from.
	Seeds []string
	// Snapshot is the file that Save writes; empty without one.
	Snapshot string
	// Save writes the snapshot now.
	Save func() error
	// NoPage leaves nothing but the control API.
	NoPage bool
	// AllowHosts are further names that may stand in the header Host; a leading dot
	// allows all names that end so.
	AllowHosts []string
	// CORSOrigins are those that may use the API from a browser; "*" is any.
	CORSOrigins []string
	// FixedEndpoints forbids to add endpoints and to change where they are: others
	// than this machine can reach the console.
	FixedEndpoints bool
	// Log gets what goes wrong.
	Log *slog.Logger
}

// The states of a console.
const (
	stateLoading int32 = iota
	stateReady
	stateStopping
)

// Console answers everything that is sent to the emulator.
type Console struct {
	srv     *cometchattest.Server
	opt     Options
	mux     *http.ServeMux
	views   *views
	cross   *http.CrossOriginProtection
	state   atomic.Int32
	started time.Time
	boot    string // names this process, for streams that come back
	streams streams

	mu    sync.Mutex
	fixed map[string]bool // ids of the endpoints of the command line
}

// New makes the handler of an emulator. It is loading until [Console.Ready].
func New(srv *cometchattest.Server, opt Options) *Console {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	var boot [4]byte
	_, _ = rand.Read(boot[:]) // never fails
	c := &Console{
		srv: srv, opt: opt, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection(),
		started: time.Now(), boot: hex.EncodeToString(boot[:]), fixed: map[string]bool{},
	}
	c.views = newViews()
	c.streams.open = map[*stream]bool{}
	for path, methods := range c.routes() {
		c.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, methods) })
	}
	return c
}

// Ready says that seeds and snapshot have been read. What endpoints there are by
// then cannot be removed by a reset.
func (c *Console) Ready() {
	c.mu.Lock()
	for _, e := range c.srv.Endpoints() {
		c.fixed[e.Settings().ID] = true
	}
	c.mu.Unlock()
	c.state.Store(stateReady)
}

// Stop says that the emulator is ending, and ends the streams.
func (c *Console) Stop() {
	c.state.Store(stateStopping)
	c.streams.end()
}

// ServeHTTP answers a request: to the API, to the console, or to neither.
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
	case path == "/favicon.ico": // which browsers ask for by themselves
		http.Redirect(w, r, Base+"/icon.svg", http.StatusFound)
	case !ofConsole:
		c.api(w, r)
	case path == "/" || path == Base:
		http.Redirect(w, r, Base+"/", http.StatusFound)
	default:
		c.guarded(w, r)
	}
}

// recovered makes one response of a panic, and keeps those by which a connection is
// closed on purpose.
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
	// html tells that a person looks at the response.
	html bool
	// method is that of the request, or what a form names in its place.
	method string

	redactor *redact.Redactor // see [visit.secrets]
}

func (c *Console) visit(w http.ResponseWriter, r *http.Request) *visit {
	return &visit{Console: c, w: w, r: r, html: acceptsHTML(r) && !c.opt.NoPage}
}

// action is what one method of an address does.
type action struct {
	// do returns what is answered as JSON; nil is an empty object.
	do func(*visit) (any, error)
	// show, when set, returns the page that a person gets in the place of it.
	show func(*visit) (*page, error)
	// raw, when set, answers by itself, in both cases.
	raw func(*visit) error
	// back is where a person is sent after a form was done.
	back string
}

type methods map[string]action

// serve finds the action of a request and answers with what it returns.
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

// fail answers an error with the face that the request asked for.
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

// then is where a form wants to go when it is done: an address of the console.
func (v *visit) then(otherwise string) string {
	to := v.r.PostFormValue("_then")
	if !strings.HasPrefix(to, Base+"/") || strings.ContainsAny(to, "\\\r\n") {
		to = Base + cmp.Or(otherwise, "/")
	}
	return to
}

// limitBody refuses a body that is larger than a control request can be.
func (v *visit) limitBody(n int64) io.Reader { return http.MaxBytesReader(v.w, v.r.Body, n) }

// Changes counts what may have changed the state of the app.
func (c *Console) Changes() int64 {
	n, _ := c.counts(context.Background()) // is always answered
	return n.Changes
}

// Holds is how much there is in the app.
func (c *Console) Holds() (users, groups, messages int) {
	n, _ := c.counts(context.Background()) // is always answered
	return n.Users + n.DeactivatedUsers, n.Groups, n.Messages
}
