package cometchattest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How the service delivers.
const (
	deliveryTimeout = 2 * time.Second
	maxReceiverBody = 4 << 10 // of a receiver's response, is kept
)

// retryDelays is how long after a failed attempt the next one is made.
var retryDelays = []time.Duration{10 * time.Second, 30 * time.Second}

// DeliveryState is what has become of a delivery.
type DeliveryState string

// The states of deliveries.
const (
	// DeliveryStateWaiting is one that has not been tried yet.
	DeliveryStateWaiting DeliveryState = "waiting"
	// DeliveryStateDelivered is one whose response had a status from 200 to 299.
	DeliveryStateDelivered DeliveryState = "delivered"
	// DeliveryStateRetrying is one that failed and is tried again at NextAt.
	DeliveryStateRetrying DeliveryState = "retrying"
	// DeliveryStateFailed is one that failed and is not tried again.
	DeliveryStateFailed DeliveryState = "failed"
	// DeliveryStateHeld is one that waits for [Endpoint.Release].
	DeliveryStateHeld DeliveryState = "held"
	// DeliveryStateDropped is one that had to make room for newer ones, or whose
	// endpoint was removed.
	DeliveryStateDropped DeliveryState = "dropped"
)

// Delivery is an event on its way to an endpoint.
type Delivery struct {
	// ID counts the deliveries of the server, from 1.
	ID int64
	// EventID is the [Event.ID] of what it tells.
	EventID int64
	// Endpoint is the id of the endpoint it is for.
	Endpoint string
	// Trigger is the name of the event.
	Trigger string
	// Payload is the body of the request; that of all attempts is the same.
	Payload []byte
	// State is what has become of it.
	State DeliveryState
	// Attempts are those that were made, the oldest first.
	Attempts []Attempt
	// NextAt is when it is tried again, by the server's clock; zero if it is not.
	NextAt time.Time
}

// Attempt is one request to an endpoint.
type Attempt struct {
	// At is when it was made, by the server's clock.
	At time.Time
	// Duration is how long it took.
	Duration time.Duration
	// Status is the HTTP status of the response; 0 without one.
	Status int
	// Error is why there is no response; empty with one.
	Error string
	// ResponseBody is the body of the response, of which 4 KiB are kept.
	ResponseBody []byte
}

// Duplicates is which deliveries come twice.
type Duplicates string

// Which deliveries come twice.
const (
	DuplicatesNever  Duplicates = "never"
	DuplicatesAlways Duplicates = "always"
	// DuplicatesNext is the next one only.
	DuplicatesNext Duplicates = "next"
)

// EndpointSettings is how events are delivered to an [Endpoint].
type EndpointSettings struct {
	// ID is the member "webhook" of what is delivered.
	ID string
	// URL is where it goes; empty for a handler.
	URL string
	// Triggers are those it is told of; empty is all.
	Triggers []string
	// User is that of Basic authentication; empty is none. The password is not
	// told, but whether there is one.
	User        string
	HasPassword bool
	// Retries says that a failed delivery is tried again, after 10 seconds and after
	// another 30.
	Retries bool
	// Disabled says that it is told of nothing.
	Disabled bool
	// Delay is how long after an event it is told of it, by the server's clock.
	Delay time.Duration
	// Duplicates is which deliveries come twice; empty is never.
	Duplicates Duplicates

	password string
}

// DeliveryOption is a setting of an endpoint.
type DeliveryOption func(*EndpointSettings)

// WithWebhookID sets the id of an endpoint; by default it is "webhook" and a number.
func WithWebhookID(id string) DeliveryOption { return func(e *EndpointSettings) { e.ID = id } }

// WithTriggers sets which events an endpoint is told of; none is all.
func WithTriggers(triggers ...string) DeliveryOption {
	triggers = slices.Clone(triggers)
	return func(e *EndpointSettings) { e.Triggers = triggers }
}

// WithBasicAuth sets the credentials of an endpoint.
func WithBasicAuth(user, password string) DeliveryOption {
	return func(e *EndpointSettings) { e.User, e.password, e.HasPassword = user, password, password != "" }
}

// WithRetries makes failed deliveries be tried again.
func WithRetries() DeliveryOption { return func(e *EndpointSettings) { e.Retries = true } }

// WithoutRetries makes failed deliveries not be tried again, as by default.
func WithoutRetries() DeliveryOption { return func(e *EndpointSettings) { e.Retries = false } }

// WithDelay sets how long after an event an endpoint is told of it.
func WithDelay(d time.Duration) DeliveryOption { return func(e *EndpointSettings) { e.Delay = d } }

// WithDuplicates sets which deliveries come twice.
func WithDuplicates(d Duplicates) DeliveryOption {
	return func(e *EndpointSettings) { e.Duplicates = d }
}

// WithDeliveries says whether an endpoint is told of anything, as by default.
func WithDeliveries(enabled bool) DeliveryOption {
	return func(e *EndpointSettings) { e.Disabled = !enabled }
}

// Order is the order in which [Endpoint.Release] delivers: it gets the positions
// of what is held, from 0, and returns those to be delivered. A position that it
// returns twice is delivered twice; one that it leaves out stays held.
type Order func(held []int) []int

// Reversed is the order with the newest first.
func Reversed(held []int) []int {
	slices.Reverse(held)
	return held
}

// Twice is the order in which each comes twice.
func Twice(held []int) []int {
	var twice []int
	for _, i := range held {
		twice = append(twice, i, i)
	}
	return twice
}

// Shuffled is an order without order, which is the same for the same seed.
func Shuffled(seed uint64) Order {
	return func(held []int) []int {
		rand.New(rand.NewPCG(seed, seed)).Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
		return held
	}
}

// bus takes events to endpoints.
type bus struct {
	server *Server

	mu         sync.Mutex
	shapes     Shapes
	turns      map[string]int // by trigger
	lastEvent  int64
	changes    int64 // of deliveries, but for new ones
	events     []Event
	lastID     int64
	deliveries []*delivery
	endpoints  []*Endpoint
	receivers  map[string]http.Handler // by URL
	transport  *http.Transport
	named      int // endpoints without an id of their own
	closed     bool
	workers    sync.WaitGroup
	settling   []chan struct{} // of those who wait for the endpoints to have nothing to do
}

// delivery is a [Delivery] with what its attempts need.
type delivery struct {
	Delivery
	at time.Time // of the event
}

// job is an attempt to be made.
type job struct {
	*delivery
	due   time.Time
	try   int // 0 is the first
	epoch int
}

// Endpoint is where events are delivered to. It may be used by any number of
// goroutines.
type Endpoint struct {
	bus     *bus
	handler http.Handler // in the place of a URL
	// guarded endpoints are not called unless they are on this machine.
	guarded bool
	ctx     context.Context // of the attempts
	cancel  context.CancelFunc

	// The bus guards what follows.
	settings EndpointSettings
	holding  bool
	held     []*delivery
	ready    []job
	later    []job     // in the order of their times
	reached  time.Time // a time that has passed, whatever the clock says
	busy     bool
	epoch    int           // counts how often everything was dropped
	wake     chan struct{} // closed when there is something new to do
}

// DeliverTo delivers events to a URL, as the service does: one request each, which
// has succeeded when it is answered with a status from 200 to 299 within two
// seconds; redirects are not followed. Events are delivered one at a time in the
// order in which they happen, and a retry does not hold up those that come later.
// It goes on until [Endpoint.Remove] or [Server.Close], which ends the goroutine
// that does it. It panics for a URL that is not of http or https, for an unknown
// trigger, and for an id that another endpoint has.
func (s *Server) DeliverTo(url string, opts ...DeliveryOption) *Endpoint {
	return s.bus.mustAdd(&Endpoint{settings: EndpointSettings{URL: url}}, opts)
}

// DeliverToHandler is [Server.DeliverTo] without a network, so that it works inside a
// testing/synctest bubble. A handler that takes longer than two seconds, or
// panics, has failed.
func (s *Server) DeliverToHandler(h http.Handler, opts ...DeliveryOption) *Endpoint {
	return s.bus.mustAdd(&Endpoint{handler: h}, opts)
}

// ReceiveAt has a handler receive, without a network, what is to be delivered to a
// URL, such as that of a webhook set up by the management API. Of the latter, those
// whose URL is neither received so nor on this machine are not called: their
// deliveries fail.
func (s *Server) ReceiveAt(url string, h http.Handler) {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if s.bus.receivers == nil {
		s.bus.receivers = map[string]http.Handler{}
	}
	s.bus.receivers[url] = h
}

// Endpoints returns the endpoints there are, the oldest first.
func (s *Server) Endpoints() []*Endpoint {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	return slices.Clone(s.bus.endpoints)
}

// Deliveries returns what was, or is to be, delivered, the oldest first: the newest
// 10,000 since the server was made, or since [Server.Reset]. An event that no
// endpoint is told of is only in [Server.Events].
func (s *Server) Deliveries() []Delivery {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	list := make([]Delivery, len(s.bus.deliveries))
	for i, d := range s.bus.deliveries {
		list[i] = d.Delivery
		list[i].Attempts = slices.Clone(d.Attempts)
	}
	return list
}

// ResetDeliveries forgets the deliveries that nothing is to be done about any more:
// delivered, failed and dropped ones.
func (s *Server) ResetDeliveries() {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	s.bus.changes++
	s.bus.deliveries = slices.DeleteFunc(s.bus.deliveries, func(d *delivery) bool {
		return d.State == DeliveryStateDelivered || d.State == DeliveryStateFailed || d.State == DeliveryStateDropped
	})
}

// DeliverAgain makes so many new attempts at once of a delivery, with the same
// body. It returns an error if it is not one of [Server.Deliveries], or its endpoint
// was removed.
func (s *Server) DeliverAgain(id int64, times int) error {
	b := &s.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.deliveries {
		e := b.endpoint(d.Endpoint)
		if d.ID != id || e == nil {
			continue
		}
		for range times {
			e.ready = append(e.ready, job{delivery: d, try: len(retryDelays)})
		}
		e.rouse()
		return nil
	}
	return fmt.Errorf("cometchattest: there is no delivery %d to an endpoint", id)
}

// AwaitDeliveries waits until no endpoint has anything to deliver now: what is left
// are deliveries that are held, and those whose time has not come by the server's
// clock. It returns the error of ctx if that ends first.
func (s *Server) AwaitDeliveries(ctx context.Context) error {
	for first := true; ; first = false {
		settled := s.bus.settled(first)
		if settled == nil {
			return nil
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// settled returns nil when there is nothing to do, and otherwise a channel that is
// closed when an endpoint has done what it had to. With look, the endpoints look at
// the clock, which may have been moved without a word.
func (b *bus) settled(look bool) <-chan struct{} {
	now := b.server.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.ContainsFunc(b.endpoints, func(e *Endpoint) bool { return e.hasWork(now) }) {
		return nil
	}
	for _, e := range b.endpoints {
		if look {
			e.rouse()
		}
	}
	ch := make(chan struct{})
	b.settling = append(b.settling, ch)
	return ch
}

func (b *bus) mustAdd(e *Endpoint, opts []DeliveryOption) *Endpoint {
	if err := b.add(e, opts); err != nil {
		panic(err.Error())
	}
	return e
}

// add starts an endpoint.
func (b *bus) add(e *Endpoint, opts []DeliveryOption) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, opt := range opts {
		opt(&e.settings)
	}
	if e.settings.ID == "" {
		b.named++
		e.settings.ID = "webhook" + strconv.Itoa(b.named)
	}
	if err := e.check(); err != nil {
		return err
	}
	if b.endpoint(e.settings.ID) != nil {
		return fmt.Errorf("cometchattest: there is an endpoint %s already", e.settings.ID)
	}
	e.bus = b
	e.ctx, e.cancel = context.WithCancel(context.Background())
	if b.closed {
		e.cancel()
		return nil
	}
	b.endpoints = append(b.endpoints, e)
	b.workers.Add(1)
	go func() {
		defer b.workers.Done()
		e.work()
	}()
	return nil
}

func (e *Endpoint) check() error {
	if e.handler == nil {
		u, err := url.Parse(e.settings.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return fmt.Errorf("cometchattest: %q is no URL of http or https that events can be delivered to", e.settings.URL)
		}
	}
	return CheckTriggers(e.settings.Triggers...)
}

// endpoint is the one with an id; nil when there is none.
func (b *bus) endpoint(id string) *Endpoint {
	if i := slices.IndexFunc(b.endpoints, func(e *Endpoint) bool { return e.settings.ID == id }); i >= 0 {
		return b.endpoints[i]
	}
	return nil
}

// close ends the endpoints and waits for their goroutines.
func (b *bus) close() {
	b.mu.Lock()
	b.closed = true
	for _, e := range slices.Clone(b.endpoints) {
		e.remove()
	}
	transport := b.transport
	b.mu.Unlock()
	b.workers.Wait()
	if transport != nil {
		transport.CloseIdleConnections()
	}
}

// reset forgets events, deliveries, and the webhooks of the management API.
func (b *bus) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range slices.Clone(b.endpoints) {
		if e.drop(); e.guarded {
			e.remove()
		}
		e.holding = false
	}
	b.events, b.lastEvent, b.deliveries, b.lastID, b.turns = nil, 0, nil, 0, nil
}

// removeGuarded removes the webhooks of the management API.
func (b *bus) removeGuarded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range slices.Clone(b.endpoints) {
		if e.guarded {
			e.remove()
		}
	}
}

// publish notes an event and takes it to the endpoints.
func (b *bus) publish(event Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastEvent++
	event.ID = b.lastEvent
	b.events = newest(append(b.events, event))
	for _, e := range b.endpoints {
		s := &e.settings
		if s.Disabled || len(s.Triggers) > 0 && !slices.Contains(s.Triggers, event.Trigger) {
			continue
		}
		b.lastID++
		d := &delivery{at: event.Time, Delivery: Delivery{
			ID: b.lastID, EventID: event.ID, Endpoint: s.ID, Trigger: event.Trigger, State: DeliveryStateWaiting,
			Payload: encode(envelope{
				event.Trigger, event.Data, cmp.Or(b.server.appID, defaultAppID), b.server.region, s.ID, event.kind,
			}),
		}}
		b.deliveries = newest(append(b.deliveries, d))
		e.take(d)
	}
}

// newest cuts a list down to those that are remembered.
func newest[T any](list []T) []T {
	if len(list) > 2*maxEvents {
		return slices.Clone(list[len(list)-maxEvents:])
	}
	return list
}

// envelope is what is delivered.
type envelope struct {
	Trigger string `json:"trigger"`
	Data    any    `json:"data"`
	AppID   string `json:"appId"`
	Region  string `json:"region"`
	Webhook string `json:"webhook"`
	Type    string `json:"type,omitempty"`
}

// take gives a new delivery to an endpoint.
func (e *Endpoint) take(d *delivery) {
	if e.holding {
		d.State = DeliveryStateHeld
		e.held = append(e.held, d)
	} else {
		e.schedule(d)
	}
	for len(e.held) > maxEvents {
		e.held[0].State = DeliveryStateDropped
		e.held = e.held[1:]
	}
	for len(e.ready) > maxEvents {
		e.ready[0].State = DeliveryStateDropped
		e.ready = e.ready[1:]
	}
}

// schedule has a delivery tried for the first time.
func (e *Endpoint) schedule(d *delivery) {
	times := 1
	switch e.settings.Duplicates {
	case DuplicatesNext:
		e.settings.Duplicates = DuplicatesNever
		times = 2
	case DuplicatesAlways:
		times = 2
	}
	d.State = DeliveryStateWaiting
	for range times {
		if e.settings.Delay > 0 {
			e.postpone(job{delivery: d, due: d.at.Add(e.settings.Delay)})
		} else {
			e.ready = append(e.ready, job{delivery: d})
		}
	}
	e.rouse()
}

// postpone puts a job among those whose time has not come.
func (e *Endpoint) postpone(j job) {
	i, _ := slices.BinarySearchFunc(e.later, j, func(a, b job) int {
		if a.due.After(b.due) {
			return 1
		}
		return -1 // what is due at the same time was there before
	})
	e.later = slices.Insert(e.later, i, j)
}

// rouse wakes the goroutine of the endpoint.
func (e *Endpoint) rouse() {
	if e.wake != nil {
		close(e.wake)
		e.wake = nil
	}
}

// hasWork tells whether there is something to do now.
func (e *Endpoint) hasWork(now time.Time) bool {
	return e.busy || len(e.ready) > 0 || len(e.later) > 0 && !e.later[0].due.After(now)
}

// drop forgets everything that waits.
func (e *Endpoint) drop() {
	for _, j := range slices.Concat(e.ready, e.later) {
		if j.State != DeliveryStateDelivered {
			j.State, j.NextAt = DeliveryStateDropped, time.Time{}
		}
	}
	for _, d := range e.held {
		d.State = DeliveryStateDropped
	}
	e.ready, e.later, e.held = nil, nil, nil
	e.epoch++
	e.bus.changes++
}

func (e *Endpoint) remove() {
	e.drop()
	e.cancel()
	e.rouse()
	e.bus.endpoints = slices.DeleteFunc(e.bus.endpoints, func(other *Endpoint) bool { return other == e })
	e.bus.settle()
}

func (b *bus) settle() {
	for _, ch := range b.settling {
		close(ch)
	}
	b.settling = nil
}

// Settings returns the settings of the endpoint.
func (e *Endpoint) Settings() EndpointSettings {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	s := e.settings
	s.Triggers, s.password = slices.Clone(s.Triggers), ""
	return s
}

// Set changes settings of the endpoint, for events from now on. It returns an error
// for an unknown trigger; nothing is changed then, as the id never is.
func (e *Endpoint) Set(opts ...DeliveryOption) error {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	changed := Endpoint{handler: e.handler, settings: e.settings}
	for _, opt := range opts {
		opt(&changed.settings)
	}
	changed.settings.ID = e.settings.ID
	if err := changed.check(); err != nil {
		return err
	}
	e.settings = changed.settings
	return nil
}

// Hold keeps back what happens from now on, until [Endpoint.Release].
func (e *Endpoint) Hold() {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	e.holding = true
}

// Held is how many deliveries are kept back, and whether further ones are.
func (e *Endpoint) Held() (n int, holding bool) {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	return len(e.held), e.holding
}

// Release delivers what was kept back, as it happened or in the order that is what
// all of orders make of it, and keeps back no more.
func (e *Endpoint) Release(orders ...Order) {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	positions := make([]int, len(e.held))
	for i := range positions {
		positions[i] = i
	}
	for _, order := range orders {
		positions = order(positions)
	}
	e.holding = false
	released := make([]bool, len(e.held))
	for _, i := range positions {
		e.schedule(e.held[i])
		released[i] = true
	}
	var rest []*delivery
	for i, d := range e.held {
		if !released[i] {
			rest = append(rest, d)
		}
	}
	e.held = rest
}

// Remove ends the delivering. What waits is dropped.
func (e *Endpoint) Remove() {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	e.remove()
}

// work makes attempts until the endpoint is removed.
func (e *Endpoint) work() {
	clock := e.bus.server.clock
	for e.ctx.Err() == nil {
		now := clock.Now()
		e.bus.mu.Lock()
		j, ok := e.next(now)
		e.busy = ok
		var due time.Time
		var wake chan struct{}
		if !ok {
			wake = make(chan struct{})
			if e.wake = wake; len(e.later) > 0 {
				due = e.later[0].due
			}
			e.bus.settle()
		}
		e.bus.mu.Unlock()
		switch {
		case ok:
			e.attempt(j)
		case due.IsZero():
			select {
			case <-wake:
			case <-e.ctx.Done():
			}
		case clock.wait(due, wake) == waitDue:
			e.bus.mu.Lock()
			e.reached = due
			e.bus.mu.Unlock()
		}
	}
}

// next takes the job that is to be done next, if there is one.
func (e *Endpoint) next(now time.Time) (job, bool) {
	if now.Before(e.reached) {
		now = e.reached
	}
	e.reached = time.Time{}
	for len(e.later) > 0 && !e.later[0].due.After(now) {
		e.ready, e.later = append(e.ready, e.later[0]), e.later[1:]
	}
	if len(e.ready) == 0 {
		return job{}, false
	}
	j := e.ready[0]
	e.ready = e.ready[1:]
	j.epoch = e.epoch
	return j, true
}

// attempt does a job, and plans the next one if it fails.
func (e *Endpoint) attempt(j job) {
	clock := e.bus.server.clock
	e.bus.mu.Lock()
	settings := e.settings
	handler, known := e.bus.receivers[settings.URL]
	e.bus.mu.Unlock()
	if e.handler != nil {
		handler, known = e.handler, true
	}
	a := Attempt{At: clock.Now()}
	began := time.Now()
	if e.guarded && !known && !isLocal(settings.URL) {
		a.Error = "not called: the URL of a webhook of the management API that is not on this machine; see ReceiveAt"
	} else if err := e.request(&a, settings, handler, j.Payload); err != nil {
		a.Error = err.Error()
	}
	a.Duration = time.Since(began)
	ended := clock.Now()

	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	if j.epoch != e.epoch {
		if j.State != DeliveryStateDelivered {
			j.State = DeliveryStateDropped
		}
		return
	}
	e.bus.changes++
	j.Attempts = append(j.Attempts, a)
	j.NextAt = time.Time{}
	switch {
	case a.Status >= 200 && a.Status <= 299:
		j.State = DeliveryStateDelivered
	case settings.Retries && j.try < len(retryDelays):
		j.State, j.NextAt = DeliveryStateRetrying, ended.Add(retryDelays[j.try])
		e.postpone(job{delivery: j.delivery, due: j.NextAt, try: j.try + 1})
	default:
		j.State = DeliveryStateFailed
	}
}

// request sends one request and notes the response.
func (e *Endpoint) request(a *Attempt, s EndpointSettings, handler http.Handler, body []byte) error {
	ctx, cancel := context.WithTimeout(e.ctx, deliveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cmp.Or(s.URL, "http://handler.invalid/"), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "Application/json") // in the service's spelling
	req.Header.Set("User-Agent", userAgent())
	if s.User != "" || s.password != "" {
		req.SetBasicAuth(s.User, s.password)
	}
	var res *http.Response
	if handler != nil {
		res, err = responseWithin(req, handler)
	} else {
		res, err = e.bus.connections().RoundTrip(req)
	}
	if err != nil {
		if ctx.Err() != nil && e.ctx.Err() == nil {
			return fmt.Errorf("no response within %s", deliveryTimeout)
		}
		return err
	}
	defer func() { _ = res.Body.Close() }()
	a.Status = res.StatusCode
	// What cannot be read of it is of no interest.
	a.ResponseBody, _ = io.ReadAll(io.LimitReader(res.Body, maxReceiverBody))
	return nil
}

// responseWithin has a handler respond, on a goroutine of its own, for as long as the
// context of the request lasts.
func responseWithin(req *http.Request, handler http.Handler) (*http.Response, error) {
	type result struct {
		res *http.Response
		err error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: errors.New("the handler panicked")}
		defer func() {
			if v := recover(); v != nil {
				r.err = fmt.Errorf("the handler panicked: %v", v)
			}
			done <- r
		}()
		r.res, r.err = memoryTransport{handler}.RoundTrip(req)
	}()
	select {
	case r := <-done:
		return r.res, r.err
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// connections makes the connections to receivers. It speaks HTTP/1.1 and asks no
// proxy for what is on this machine.
func (b *bus) connections() *http.Transport {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.transport == nil {
		var protocols http.Protocols
		protocols.SetHTTP1(true)
		b.transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, Protocols: &protocols,
			MaxIdleConnsPerHost: 1, IdleConnTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		}
	}
	return b.transport
}

// isLocal tells whether a URL names this machine.
func isLocal(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// userAgent names the emulator and its version.
var userAgent = sync.OnceValue(func() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
			if m.Path == "github.com/go-cometchat/cometchat" && m.Version != "" && m.Version != "(devel)" {
				version = m.Version
			}
		}
	}
	return "cometchat-emulator/" + version
})

// setWebhook has a webhook of the management API deliver as these options say. What
// is on its way to it already stays so. It must not wait for anything: the state is
// locked. It returns an error where another endpoint has the id.
func (s *Server) setWebhook(id, url string, opts ...DeliveryOption) error {
	opts = append(opts, WithWebhookID(id), func(e *EndpointSettings) { e.URL = url })
	s.bus.mu.Lock()
	e := s.bus.endpoint(id)
	s.bus.mu.Unlock()
	if e != nil && e.guarded {
		return e.Set(opts...)
	}
	return s.bus.add(&Endpoint{guarded: true}, opts)
}

// removeWebhook ends what setWebhook began.
func (s *Server) removeWebhook(id string) {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if e := s.bus.endpoint(id); e != nil && e.guarded {
		e.remove()
	}
}
