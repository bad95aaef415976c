package cometchattest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-cometchat/cometchat/internal/backdoor"
)

const (
	// Defaults for an app without WithAppID and WithRegion.
	defaultAppID  = "emulator"
	defaultRegion = "us"

	apiKeyHeader     = "apikey"
	appIDHeader      = "appid"
	onBehalfOfHeader = "onbehalfof"

	// maxBody is the maximum size of a request body in bytes. maxStrangersBody is
	// the maximum for requests without a known key or token.
	maxBody          = 10 << 20
	maxStrangersBody = 64 << 10

	// How long a server with a listener waits for the headers of a request, for
	// the whole request, and for the next request on the same connection.
	// readTimeout also limits how long a fault can delay a response, so it is
	// long.
	headerTimeout = time.Minute
	readTimeout   = 10 * time.Minute
	idleTimeout   = 2 * time.Minute
)

// Server is an in-memory CometChat app. [NewServer], [Start] and [New] create
// one. It is an [http.Handler] and is safe for concurrent use by multiple
// goroutines.
type Server struct {
	apiKey       string
	appID        string
	region       string
	account      accountCredentials
	rateLimit    int // requests a minute for each group; 0 if not enforced
	userQuota    int // 0 means no limit
	tokenLimit   int // for each user; 0 means no limit
	messageLimit int // messages a minute for each user; 0 if not enforced
	importLimit  int // imports a minute; 0 if not enforced
	clientAPI    bool

	clock   *Clock
	router  *router
	hooks   []resource
	limiter limiter
	faults  faultList
	log     requestLog
	bus     bus

	mu    sync.RWMutex // guards the fields below
	state *state
	born  time.Time // when the app was created
	seeds []seed
	grown bool // a request may have changed the state, so later data is not a seed
	// changes counts the operations that may have changed the state.
	changes int64
	// restarts counts the resets.
	restarts int64

	listener net.Listener
	http     *http.Server
	served   chan struct{} // closed when Serve returns

	flight flight
}

// flight is the set of requests being processed. It only uses channels and
// contexts that belong to the goroutines using it, so that a testing/synctest
// bubble can wait for them.
type flight struct {
	mu      sync.Mutex
	closed  bool
	cancels map[context.Context]context.CancelFunc
	empty   chan struct{} // made by the first Close that has to wait
}

// enter adds a request and returns its context, which is canceled when the flight
// is closed. It reports false if the flight is already closed.
func (f *flight) enter(r *http.Request) (context.Context, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, false
	}
	ctx, cancel := context.WithCancel(r.Context())
	f.cancels[ctx] = cancel
	return ctx, true
}

func (f *flight) leave(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cancels[ctx]()
	delete(f.cancels, ctx)
	if f.empty != nil && len(f.cancels) == 0 {
		close(f.empty)
		f.empty = nil
	}
}

// close cancels the requests. It returns a channel that is closed when all of
// them have left, or nil if there are none.
func (f *flight) close() (empty <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, cancel := range f.cancels {
		cancel()
	}
	if len(f.cancels) > 0 && f.empty == nil {
		f.empty = make(chan struct{})
	}
	return f.empty
}

// Option configures a [Server].
type Option func(*Server)

// WithAPIKey sets the app's initial API key, which has the scope fullAccess. By
// default it is random.
func WithAPIKey(key string) Option { return func(s *Server) { s.apiKey = key } }

// WithAppID sets the id of the app. A request with another id in the header appId
// then fails with 401 and AUTH_ERR_INVALID_APPID. By default the header is
// ignored.
func WithAppID(id string) Option { return func(s *Server) { s.appID = id } }

// WithClock sets the clock that the server follows; see [Server.SetClock].
func WithClock(clock func() time.Time) Option { return func(s *Server) { s.SetClock(clock) } }

// WithRateLimit limits requests to perMinute a minute by the server's clock, for
// each of the two groups the API counts separately: creating and deleting users
// and groups, and all other requests except imports. The Management API has no
// limit. Further requests are not processed and fail with 429,
// ERR_TOO_MANY_REQUESTS, Retry-After (seconds) and X-Rate-Limit-Reset (seconds
// since 1970). A minute starts with the first request after the end of the last
// minute.
func WithRateLimit(perMinute int) Option { return func(s *Server) { s.rateLimit = perMinute } }

// WithUserQuota limits the number of users that requests can create. If the app
// has n users, including deactivated ones, creating another fails with 402 and
// ERR_PLAN_QUOTA_RESTRICTION. [Server.AddUsers] is not limited.
func WithUserQuota(n int) Option { return func(s *Server) { s.userQuota = n } }

// New creates a server without a listener, for use as an [http.Handler]. It
// starts no goroutines.
func New(opts ...Option) *Server {
	s := &Server{
		hooks: resources(), apiKey: randomHex(20), region: defaultRegion, clock: newClock(),
		account: accountCredentials{randomHex(10), randomHex(20)},
	}
	s.bus.server = s
	s.flight.cancels = map[context.Context]context.CancelFunc{}
	s.router = newRouter(s.hooks)
	for _, opt := range opts {
		opt(s)
	}
	s.born = s.now()
	s.state = s.emptyState()
	return s
}

// emptyState returns the state of a new app.
func (s *Server) emptyState() *state {
	st, at := newState(), s.born.Unix()
	st.addRole(defaultRole, at)
	st.addDefaultReasons(at)
	s.adopt(st)
	return st
}

// adopt makes a state belong to this server. It adds the server's key, and the
// server's app to the account, with the keys of the state.
func (s *Server) adopt(st *state) {
	at := s.born.Unix()
	if _, ok := st.keys.get(s.apiKey); !ok {
		st.keys.add(s.apiKey, at, &apiKey{Key: s.apiKey, Name: "Full access", Scope: scopeFullAccess, CreatedAt: at})
	}
	own, ok := st.account.apps.get(s.AppID())
	if !ok {
		own = newManagedApp(s.AppID(), "Emulated app", s.region, at, nil)
		st.account.apps.add(own.id, at, own)
	}
	own.keys = st.keys
}

// NewServer creates a server that listens on a free port of the loopback
// interface until [Server.Close]. It closes a connection if the headers of a
// request take more than one minute, if a whole request takes more than ten, or
// if no further request arrives within two. It panics if it cannot listen.
func NewServer(opts ...Option) *Server {
	s := New(opts...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		if listener, err = net.Listen("tcp6", "[::1]:0"); err != nil {
			panic(fmt.Sprintf("cometchattest: cannot listen on the loopback interface: %v", err))
		}
	}
	s.listener, s.served = listener, make(chan struct{})
	s.http = &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
	}
	go func() {
		defer close(s.served)
		// Serve only returns after Close.
		_ = s.http.Serve(listener)
	}()
	return s
}

// Start is like [NewServer], but closes the server at the end of a test, such as
// a *testing.T.
func Start(t interface{ Cleanup(func()) }, opts ...Option) *Server {
	s := NewServer(opts...)
	t.Cleanup(s.Close)
	return s
}

// Close stops listening, closes all connections, ends delayed requests, waits for
// those being processed, and stops delivering webhooks. Later requests to the
// handler are dropped. Close may be called more than once.
func (s *Server) Close() {
	empty := s.flight.close()
	if s.http != nil {
		_ = s.http.Close()
		<-s.served
	}
	if empty != nil {
		<-empty
	}
	s.bus.close()
}

// URL returns the base URL of the API, such as http://127.0.0.1:40001/v3, or ""
// for a server created by [New]. It stays the same after Close, when connections
// to it are refused.
func (s *Server) URL() string {
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String() + basePath
}

// APIKey returns the app's initial API key, which has the scope fullAccess.
func (s *Server) APIKey() string { return s.apiKey }

// Environ returns the environment variables for a process that uses the server,
// such as a command under test: COMETCHAT_REGION, COMETCHAT_APP_ID,
// COMETCHAT_API_KEY and COMETCHAT_BASE_URL, each as "key=value". It panics for a
// server without a listener, because the process would call the service itself.
func (s *Server) Environ() []string {
	if s.listener == nil {
		panic("cometchattest: Environ needs a server that listens, made by NewServer or Start")
	}
	return []string{
		"COMETCHAT_REGION=" + s.region,
		"COMETCHAT_APP_ID=" + s.AppID(),
		"COMETCHAT_API_KEY=" + s.apiKey,
		"COMETCHAT_BASE_URL=" + s.URL(),
	}
}

// ServeHTTP serves a request to the API, whose path starts with /v3, or to the
// Management API, whose path starts with /management. To close the connection, it
// panics with [http.ErrAbortHandler], as net/http expects.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, ok := s.flight.enter(r)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	defer s.flight.leave(ctx)

	if r.Body == nil {
		r.Body = http.NoBody
	}
	open := backdoor.IsOpen(r.Context())
	limit := int64(maxBody)
	if !open && !s.knows(r.Header) {
		limit = maxStrangersBody
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		// The client disconnected while sending.
		panic(http.ErrAbortHandler)
	}

	base, path, segments := splitPath(r.URL.EscapedPath())
	rt, params := s.router.find(base, r.Method, segments, open)
	c := &call{
		server: s, request: r, route: rt, params: params,
		query: r.URL.Query(), body: body, cut: tooLarge != nil, now: s.now(),
	}
	if c.open = open; open {
		send(w, s.process(c), false)
		return
	}
	s.serveLogged(ctx, w, c, base, path, segments)
}

// serveLogged serves a request that is logged and can be hit by faults.
func (s *Server) serveLogged(ctx context.Context, w http.ResponseWriter, c *call, base, path string, segments []string) {
	r, rt := c.request, c.route
	entry := &logEntry{
		Request: Request{
			Method: r.Method, Path: path, Query: c.query, Header: redactHeader(r.Header), Body: c.body,
			ActingUser: headerValue(r.Header, onBehalfOfHeader), Time: c.now,
		},
		route: rt, base: base, segments: segments,
	}
	if rt != nil {
		entry.Route = rt.pattern
	}
	s.log.add(entry)
	c.entryID = entry.ID
	defer s.log.done(entry, nil) // for requests that end without a response

	fault, id := s.faults.next(r.Method, rt, segments)
	if id != 0 {
		s.log.hit(entry, id)
	}
	if fault.Latency > 0 {
		// The delay may exceed the write timeout of the HTTP server.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	}
	if !s.clock.sleep(ctx, fault.Latency) || fault.DropBefore {
		panic(http.ErrAbortHandler)
	}
	a, done := fault.instead()
	if !done {
		if fault.RepeatPage {
			c.query = rewindQuery(c.query)
		}
		if fault.Latency > 0 {
			c.now = s.now()
		}
		a = s.process(c)
	}
	if fault.DropAfter {
		panic(http.ErrAbortHandler)
	}
	a = fault.apply(a)
	s.log.done(entry, &a)
	send(w, a, fault.Truncate)
}

// process handles a request and returns its response.
func (s *Server) process(c *call) response {
	if c.route == nil {
		return responseFor(nil, newError(http.StatusNotFound, "ERR_API_NOT_FOUND",
			"There is no operation %s %s.", c.request.Method, c.request.URL.Path))
	}
	if c.request.Method == http.MethodGet {
		s.mu.RLock()
		defer s.mu.RUnlock()
	} else {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.grown = true
		s.changes++
	}
	c.state = s.state
	if err := c.authenticate(); err != nil {
		return responseFor(nil, err)
	}
	if c.cut {
		return responseFor(nil, newError(http.StatusRequestEntityTooLarge, "ERR_BAD_REQUEST",
			"The body of a request may have %d bytes at most.", maxBody))
	}
	c.news = &news{}
	var limits http.Header
	var err error
	if !c.open {
		limits, err = c.limit()
	}
	var value any
	if err == nil {
		err = c.authorize()
	}
	if err == nil {
		value, err = c.handle()
	}
	if err == nil {
		c.publish()
	}
	if c.token != nil {
		value = c.clientResponse(value)
	}
	// Encode while the lock is held, because a view may refer to the state.
	a := responseFor(value, err)
	if limits != nil {
		maps.Copy(limits, a.header)
		a.header = limits
	}
	return a
}

// knows reports whether a request has a valid key or token of the app.
func (s *Server) knows(h http.Header) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if key := headerValue(h, accountKeyHeader); key != "" {
		return s.account == accountCredentials{key, headerValue(h, accountSecretHeader)}
	}
	if key := headerValue(h, apiKeyHeader); key != "" {
		_, ok := s.state.keys.get(key)
		return ok
	}
	return s.clientAPI && s.state.token(headerValue(h, authTokenHeader)) != nil
}

// authenticate finds the API key of the request, or the user of its auth token.
func (c *call) authenticate() error {
	if c.open {
		c.key = &apiKey{Scope: scopeFullAccess}
		return nil
	}
	if c.route.base == managementPath {
		return c.authenticateAccount()
	}
	if id := headerValue(c.request.Header, appIDHeader); c.server.appID != "" && id != "" && id != c.server.appID {
		return newError(http.StatusUnauthorized, "AUTH_ERR_INVALID_APPID", "There is no app %s in this region.", id)
	}
	key := headerValue(c.request.Header, apiKeyHeader)
	if token := headerValue(c.request.Header, authTokenHeader); c.server.clientAPI && key == "" && token != "" {
		return c.authenticateUser(token)
	}
	if key == "" {
		return newError(http.StatusUnauthorized, "AUTH_ERR_EMPTY_APIKEY", "The header apikey is missing.")
	}
	var ok bool
	if c.key, ok = c.state.keys.get(key); !ok {
		return newError(http.StatusUnauthorized, "AUTH_ERR_APIKEY_NOT_FOUND", "The API key %s is not a key of this app.", maskKey(key))
	}
	return nil
}

// maskKey masks all but the ends of a key, or all of a short key.
func maskKey(key string) string {
	const shown = 5 // at each end
	if len(key) <= 2*shown {
		return strings.Repeat("*", len(key))
	}
	return key[:shown] + strings.Repeat("*", len(key)-2*shown) + key[len(key)-shown:]
}

// authorize checks what the key may do and finds the acting user.
func (c *call) authorize() error {
	if c.route.base == managementPath {
		return nil
	}
	if c.token != nil || c.route.client {
		return c.authorizeUser()
	}
	if c.key.Scope == scopeAuthOnly && !c.route.authOnly {
		return newError(http.StatusForbidden, "AUTH_ERR_NO_ACCESS", "The scope of the API key %s does not allow this operation.", c.key.Key)
	}
	uid := strings.ToLower(headerValue(c.request.Header, onBehalfOfHeader))
	if uid == "" {
		return nil
	}
	var err error
	c.actor, err = c.user(uid)
	return err
}

// send writes a response. If truncated is set, it stops in the middle of the
// body.
func send(w http.ResponseWriter, a response, truncated bool) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if !a.foreign {
		// The service sends this header with every response.
		h.Set("Content-Encoding", "none")
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	if a.status == http.StatusNoContent {
		h.Del("Content-Length")
		a.body = nil
	}
	maps.Copy(h, a.header)
	w.WriteHeader(a.status)
	if !truncated {
		// The client may have disconnected; the error can be ignored.
		_, _ = w.Write(a.body)
		return
	}
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// conversationID returns the id of the conversation of two users, in any order.
func conversationID(a, b string) string {
	return min(a, b) + "_user_" + max(a, b)
}

// randomHex returns n random bytes in hexadecimal.
func randomHex(n int) string {
	b := make([]byte, n)
	// Read never fails.
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
