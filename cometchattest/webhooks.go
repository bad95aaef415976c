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

// How the service delivers events.
const (
	deliveryTimeout = 2 * time.Second
	maxReceiverBody = 4 << 10 // kept of a receiver's response
)

// retryDelays are the delays between a failed attempt and the next one.
var retryDelays = []time.Duration{10 * time.Second, 30 * time.Second}

// DeliveryState is the state of a delivery.
type DeliveryState string

// The states of deliveries.
const (
	// DeliveryStateWaiting means that the delivery has not been tried yet.
	DeliveryStateWaiting DeliveryState = "waiting"
	// DeliveryStateDelivered means that the response had a status from 200 to
	// 299.
	DeliveryStateDelivered DeliveryState = "delivered"
	// DeliveryStateRetrying means that the delivery failed and is retried at
	// NextAt.
	DeliveryStateRetrying DeliveryState = "retrying"
	// DeliveryStateFailed means that the delivery failed and is not retried.
	DeliveryStateFailed DeliveryState = "failed"
	// DeliveryStateHeld means that the delivery waits for [Endpoint.Release].
	DeliveryStateHeld DeliveryState = "held"
	// DeliveryStateDropped means that the delivery was dropped to make room for
	// newer ones, or because its endpoint was removed or the server was reset.
	DeliveryStateDropped DeliveryState = "dropped"
)

// Delivery is the delivery of an event to an endpoint.
type Delivery struct {
	// ID is the number of the delivery on the server, counted from 1.
	ID int64
	// EventID is the [Event.ID] of the event.
	EventID int64
	// Endpoint is the id of the endpoint.
	Endpoint string
	// Trigger is the name of the event.
	Trigger string
	// Payload is the body of the request, which is the same for all attempts.
	Payload []byte
	// State is the state of the delivery.
	State DeliveryState
	// Attempts are the attempts made so far, oldest first.
	Attempts []Attempt
	// NextAt is when the delivery is retried, by the server's clock; zero if it
	// is not.
	NextAt time.Time
}

// Attempt is a request to an endpoint.
type Attempt struct {
	// At is when the attempt was made, by the server's clock.
	At time.Time
	// Duration is how long the attempt took, in real time.
	Duration time.Duration
	// Status is the HTTP status of the response, or 0 if there is none.
	Status int
	// Error says why there is no response; it is empty if there is one.
	Error string
	// ResponseBody is the body of the response, up to 4 KiB.
	ResponseBody []byte
}

// Duplicates says which deliveries are made twice.
type Duplicates string

// The values of Duplicates.
const (
	DuplicatesNever  Duplicates = "never"
	DuplicatesAlways Duplicates = "always"
	// DuplicatesNext duplicates only the next delivery.
	DuplicatesNext Duplicates = "next"
)

// EndpointSettings holds the settings of an [Endpoint].
type EndpointSettings struct {
	// ID is the id of the endpoint, which payloads contain as the member
	// "webhook".
	ID string
	// URL is the URL to deliver to; empty for a handler.
	URL string
	// Triggers are the events to deliver; if empty, all events are delivered.
	Triggers []string
	// User is the user name for Basic authentication; empty if there is none.
	// HasPassword reports whether there is a password, which is not returned.
	User        string
	HasPassword bool
	// Retries reports whether failed deliveries are retried: 10 seconds after the
	// first attempt, and 30 seconds after the second.
	Retries bool
	// Disabled reports whether no events are delivered.
	Disabled bool
	// Delay is the time between an event and its delivery, by the server's clock.
	Delay time.Duration
	// Duplicates says which deliveries are made twice; empty means never.
	Duplicates Duplicates

	password string
}

// RedactedURL returns the URL with "xxxxx" instead of the password it may have,
// for logs and error messages.
func (e EndpointSettings) RedactedURL() string { return redactURL(e.URL) }

// redactURL also hides the user of what is not a valid URL, since it cannot tell
// where the password begins.
func redactURL(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Redacted()
	}
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return "xxxxx" + address[at:]
	}
	return address
}

// DeliveryOption configures an [Endpoint].
type DeliveryOption func(*EndpointSettings)

// WithWebhookID sets the id of an endpoint. The default is "webhook" and a
// number.
func WithWebhookID(id string) DeliveryOption { return func(e *EndpointSettings) { e.ID = id } }

// WithTriggers sets the events to deliver to an endpoint. Without triggers, all
// events are delivered.
func WithTriggers(triggers ...string) DeliveryOption {
	triggers = slices.Clone(triggers)
	return func(e *EndpointSettings) { e.Triggers = triggers }
}

// WithBasicAuth sets the credentials for Basic authentication at an endpoint.
func WithBasicAuth(user, password string) DeliveryOption {
	return func(e *EndpointSettings) { e.User, e.password, e.HasPassword = user, password, password != "" }
}

// WithRetries enables retries of failed deliveries: 10 seconds after the first
// attempt, and 30 seconds after the second.
func WithRetries() DeliveryOption { return func(e *EndpointSettings) { e.Retries = true } }

// WithoutRetries disables retries of failed deliveries, which is the default.
func WithoutRetries() DeliveryOption { return func(e *EndpointSettings) { e.Retries = false } }

// WithDelay sets the time between an event and its delivery, by the server's
// clock.
func WithDelay(d time.Duration) DeliveryOption { return func(e *EndpointSettings) { e.Delay = d } }

// WithDuplicates sets which deliveries are made twice.
func WithDuplicates(d Duplicates) DeliveryOption {
	return func(e *EndpointSettings) { e.Duplicates = d }
}

// WithDeliveries sets whether events are delivered to an endpoint. The default is
// true.
func WithDeliveries(enabled bool) DeliveryOption {
	return func(e *EndpointSettings) { e.Disabled = !enabled }
}

// Order determines the order in which [Endpoint.Release] delivers. It gets the
// positions of the held deliveries, from 0, and returns the positions to deliver.
// A position that it returns twice is delivered twice; a position that it omits
// stays held.
type Order func(held []int) []int

// Reversed is an [Order] that delivers the newest first.
func Reversed(held []int) []int {
	slices.Reverse(held)
	return held
}

// Twice is an [Order] that makes each delivery twice.
func Twice(held []int) []int {
	var twice []int
	for _, i := range held {
		twice = append(twice, i, i)
	}
	return twice
}

// Shuffled returns an [Order] that is random, but the same for the same seed.
func Shuffled(seed uint64) Order {
	return func(held []int) []int {
		rand.New(rand.NewPCG(seed, seed)).Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
		return held
	}
}

// bus delivers events to endpoints.
type bus struct {
	server *Server

	mu         sync.Mutex
	shapes     Shapes
	turns      map[string]int // by trigger
	lastEvent  int64
	changes    int64 // of deliveries, except new ones
	events     []Event
	lastID     int64
	deliveries []*delivery
	endpoints  []*Endpoint
	receivers  map[string]http.Handler // by URL
	transport  *http.Transport
	named      int // number of endpoints without an id of their own
	closed     bool
	workers    sync.WaitGroup
	settling   []chan struct{} // of callers waiting for the endpoints to be idle
}

// delivery is a [Delivery] with the data for its attempts.
type delivery struct {
	Delivery
	at time.Time // of the event
}

// job is an attempt to make.
type job struct {
	*delivery
	due   time.Time
	try   int // 0 for the first
	epoch int
}

// Endpoint is a receiver of events. It is safe for concurrent use by multiple
// goroutines.
type Endpoint struct {
	bus     *bus
	handler http.Handler // instead of a URL
	// guarded endpoints are only called if they are on this machine or have a
	// receiver.
	guarded bool
	ctx     context.Context // of the attempts
	cancel  context.CancelFunc

	// The bus guards the fields below.
	settings EndpointSettings
	holding  bool
	held     []*delivery
	ready    []job
	later    []job     // sorted by time
	reached  time.Time // a time that has passed, even if the clock says otherwise
	busy     bool
	epoch    int           // number of times everything was dropped
	wake     chan struct{} // closed when there is new work
}

// DeliverTo delivers events to a URL, as the service does. Each event is a
// request, which succeeds if the response has a status from 200 to 299 and
// arrives within two seconds; redirects are not followed. Events are delivered
// one at a time, in the order they happen; a pending retry does not delay later
// events. [Endpoint.Remove] and [Server.Close] end the deliveries and their
// goroutine. DeliverTo panics if the URL is not an http or https URL, a trigger
// is unknown, or the id belongs to another endpoint.
func (s *Server) DeliverTo(url string, opts ...DeliveryOption) *Endpoint {
	return s.bus.mustAdd(&Endpoint{settings: EndpointSettings{URL: url}}, opts)
}

// DeliverToHandler is like [Server.DeliverTo], but calls a handler instead of
// using the network, so it works inside a testing/synctest bubble. The delivery
// fails if the handler takes longer than two seconds or panics.
func (s *Server) DeliverToHandler(h http.Handler, opts ...DeliveryOption) *Endpoint {
	return s.bus.mustAdd(&Endpoint{handler: h}, opts)
}

// ReceiveAt makes a handler receive, without the network, the deliveries to a
// URL, such as that of a webhook created through the Management API. Deliveries
// to such a webhook fail without a request if its URL has no handler and is not
// on this machine.
func (s *Server) ReceiveAt(url string, h http.Handler) {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if s.bus.receivers == nil {
		s.bus.receivers = map[string]http.Handler{}
	}
	s.bus.receivers[url] = h
}

// Endpoints returns all endpoints, oldest first.
func (s *Server) Endpoints() []*Endpoint {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	return slices.Clone(s.bus.endpoints)
}

// Deliveries returns the past and pending deliveries since the server was created
// or [Server.Reset] was called, oldest first. At least the newest 10,000 are
// kept. An event that is not delivered to any endpoint is only in
// [Server.Events].
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

// ResetDeliveries removes the deliveries that are complete: delivered, failed and
// dropped ones.
func (s *Server) ResetDeliveries() {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	s.bus.changes++
	s.bus.deliveries = slices.DeleteFunc(s.bus.deliveries, func(d *delivery) bool {
		return d.State == DeliveryStateDelivered || d.State == DeliveryStateFailed || d.State == DeliveryStateDropped
	})
}

// DeliverAgain makes the given number of new attempts of a delivery at once, with
// the same body and without retries. It returns an error if the delivery is not
// one of [Server.Deliveries], or if its endpoint was removed.
func (s *Server) DeliverAgain(id int64, times int) error {
	b := &s.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.deliveries {
		e := b.endpoint(d.Endpoint)
		if d.ID != id || e == nil {
			continue
		}
		// The retry that it waits for would only repeat what is done now.
		e.later = slices.DeleteFunc(e.later, func(j job) bool { return j.delivery == d })
		d.NextAt = time.Time{}
		for range times {
			e.ready = append(e.ready, job{delivery: d, try: len(retryDelays)})
		}
		e.rouse()
		return nil
	}
	return fmt.Errorf("cometchattest: there is no delivery %d to an endpoint", id)
}

// AwaitDeliveries waits until no endpoint has a delivery to make now. Held
// deliveries, and those whose time has not come by the server's clock, may
// remain. It returns the error of ctx if ctx ends first.
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

// settled returns nil if there is nothing to do, and otherwise a channel that is
// closed when an endpoint has finished its work. If look is set, the endpoints
// check the clock, which may have moved without notice.
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

// add checks and starts an endpoint.
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
		if err := checkEndpointURL(e.settings.URL); err != nil {
			return err
		}
	}
	return CheckTriggers(e.settings.Triggers...)
}

func checkEndpointURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("cometchattest: %q is no URL of http or https that events can be delivered to", redactURL(address))
	}
	return nil
}

// endpoint returns the endpoint with an id, or nil if there is none.
func (b *bus) endpoint(id string) *Endpoint {
	if i := slices.IndexFunc(b.endpoints, func(e *Endpoint) bool { return e.settings.ID == id }); i >= 0 {
		return b.endpoints[i]
	}
	return nil
}

// close removes the endpoints and waits for their goroutines.
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

// reset removes events, deliveries, and the webhooks of the Management API.
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

// removeGuarded removes the webhooks of the Management API.
func (b *bus) removeGuarded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range slices.Clone(b.endpoints) {
		if e.guarded {
			e.remove()
		}
	}
}

// publish records an event and passes it to the endpoints.
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

// newest cuts a list that has grown to more than twice maxEvents back to the
// newest maxEvents.
func newest[T any](list []T) []T {
	if len(list) > 2*maxEvents {
		return slices.Clone(list[len(list)-maxEvents:])
	}
	return list
}

// envelope is the payload of a delivery.
type envelope struct {
	Trigger string `json:"trigger"`
	Data    any    `json:"data"`
	AppID   string `json:"appId"`
	Region  string `json:"region"`
	Webhook string `json:"webhook"`
	Type    string `json:"type,omitempty"`
}

// take adds a new delivery to an endpoint.
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

// schedule schedules the first attempt of a delivery.
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

// postpone adds a job to those whose time has not come.
func (e *Endpoint) postpone(j job) {
	i, _ := slices.BinarySearchFunc(e.later, j, func(a, b job) int {
		if a.due.After(b.due) {
			return 1
		}
		return -1 // after earlier jobs with the same time
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

// hasWork reports whether there is something to do now.
func (e *Endpoint) hasWork(now time.Time) bool {
	return e.busy || len(e.ready) > 0 || len(e.later) > 0 && !e.later[0].due.After(now)
}

// drop drops all waiting deliveries.
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

// Settings returns the settings of the endpoint, without the password.
func (e *Endpoint) Settings() EndpointSettings {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	s := e.settings
	s.Triggers, s.password = slices.Clone(s.Triggers), ""
	return s
}

// Set changes the settings of the endpoint for events from now on. The id cannot
// be changed. It returns an error if a trigger is unknown or a URL is invalid;
// the settings are then unchanged.
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

// Hold holds all deliveries from now on until [Endpoint.Release].
func (e *Endpoint) Hold() {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	e.holding = true
}

// Held returns the number of held deliveries, and reports whether new ones are
// held.
func (e *Endpoint) Held() (n int, holding bool) {
	e.bus.mu.Lock()
	defer e.bus.mu.Unlock()
	return len(e.held), e.holding
}

// Release makes the held deliveries and stops holding new ones. It delivers in
// the order in which the events happened, or in the order that results from
// applying orders one after the other.
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

// Remove ends the deliveries to the endpoint. Waiting deliveries are dropped.
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

// next returns the next job that is due, if there is one.
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

// attempt makes an attempt, and schedules the next one if it fails.
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

// request sends a request and records the response.
func (e *Endpoint) request(a *Attempt, s EndpointSettings, handler http.Handler, body []byte) error {
	ctx, cancel := context.WithTimeout(e.ctx, deliveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cmp.Or(s.URL, "http://handler.invalid/"), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "Application/json") // the service's spelling
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
	// The response may be incomplete; the rest does not matter.
	a.ResponseBody, _ = io.ReadAll(io.LimitReader(res.Body, maxReceiverBody))
	return nil
}

// responseWithin calls a handler on a new goroutine and returns its response. It
// returns early when the context of the request ends.
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

// connections returns the transport for connections to receivers. It uses
// HTTP/1.1 and no proxy for local receivers.
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

// isLocal reports whether a URL is on this machine.
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

// userAgent returns the name of the emulator with its version.
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

// setWebhook applies options to a webhook of the Management API. Pending
// deliveries are not affected. It must not block, because the state is locked. It
// returns an error if another endpoint has the id.
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

// removeWebhook removes a webhook added by setWebhook.
func (s *Server) removeWebhook(id string) {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	if e := s.bus.endpoint(id); e != nil && e.guarded {
		e.remove()
	}
}
