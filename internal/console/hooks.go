package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// endpointDoc is an endpoint as the console shows it.
type endpointDoc struct {
	ID             string   `json:"id"`
	URL            string   `json:"url"`
	Triggers       []string `json:"triggers"`
	User           string   `json:"user,omitempty"`
	HasPassword    bool     `json:"hasPassword"`
	RetryOnFailure bool     `json:"retryOnFailure"`
	Enabled        bool     `json:"enabled"`
	Delay          duration `json:"delay"`
	Order          string   `json:"order"`
	Duplicate      string   `json:"duplicate"`
	Hold           bool     `json:"hold"`
	Held           int      `json:"held"`
}

// endpointSpec holds the settings of an endpoint; nil leaves a setting as it is.
type endpointSpec struct {
	ID             string    `json:"id"`
	URL            string    `json:"url"`
	Triggers       *[]string `json:"triggers"`
	User           *string   `json:"user"`
	Password       *string   `json:"password"`
	RetryOnFailure *bool     `json:"retryOnFailure"`
	Enabled        *bool     `json:"enabled"`
	Delay          *duration `json:"delay"`
	Order          string    `json:"order"`
	Duplicate      string    `json:"duplicate"`
	Hold           *bool     `json:"hold"`
}

func (c *Console) viewEndpoint(e *cometchattest.Endpoint) endpointDoc {
	s := e.Settings()
	c.mu.Lock()
	defer c.mu.Unlock()
	n, holding := e.Held()
	return endpointDoc{
		ID: s.ID, URL: s.RedactedURL(), Triggers: append([]string{}, s.Triggers...), User: s.User, HasPassword: s.HasPassword,
		RetryOnFailure: s.Retries, Enabled: !s.Disabled, Delay: duration(s.Delay), Order: or(c.orders[s.ID], "happened"),
		Duplicate: or(string(s.Duplicates), "never"), Hold: holding, Held: n,
	}
}

// options returns the requested settings.
func (s *endpointSpec) options() ([]cometchattest.DeliveryOption, error) {
	var opts []cometchattest.DeliveryOption
	if s.Triggers != nil {
		if err := cometchattest.CheckTriggers(*s.Triggers...); err != nil {
			return nil, badField("BAD_FIELD", "triggers", err.Error())
		}
		opts = append(opts, cometchattest.WithTriggers(*s.Triggers...))
	}
	if s.User != nil || s.Password != nil {
		if s.User == nil || s.Password == nil {
			return nil, badField("BAD_FIELD", "password", "user and password are set together")
		}
		opts = append(opts, cometchattest.WithBasicAuth(*s.User, *s.Password))
	}
	if s.RetryOnFailure != nil {
		opts = append(opts, cometchattest.WithoutRetries())
		if *s.RetryOnFailure {
			opts = append(opts, cometchattest.WithRetries())
		}
	}
	if s.Enabled != nil {
		opts = append(opts, cometchattest.WithDeliveries(*s.Enabled))
	}
	if s.Delay != nil {
		if *s.Delay < 0 {
			return nil, badField("BAD_FIELD", "delay", "delay must be 0s or more")
		}
		opts = append(opts, cometchattest.WithDelay(time.Duration(*s.Delay)))
	}
	switch s.Duplicate {
	case "":
	case "never", "always", "next":
		opts = append(opts, cometchattest.WithDuplicates(cometchattest.Duplicates(s.Duplicate)))
	default:
		return nil, badField("BAD_FIELD", "duplicate", "duplicate is never, always or next")
	}
	if !slices.Contains([]string{"", "happened", "reversed", "shuffled"}, s.Order) {
		return nil, badField("BAD_FIELD", "order", "order is happened, reversed or shuffled")
	}
	return opts, nil
}

// order notes in which order the deliveries of an endpoint are released.
func (c *Console) order(e *cometchattest.Endpoint, order string) {
	if order != "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.orders[e.Settings().ID] = order
	}
}

func (v *visit) listEndpoints() (any, error) {
	page := listed[endpointDoc]{Items: []endpointDoc{}}
	for _, e := range slices.Backward(v.srv.Endpoints()) {
		page.Items = append(page.Items, v.viewEndpoint(e))
	}
	return page, nil
}

func (c *Console) endpoint(id string) (*cometchattest.Endpoint, error) {
	for _, e := range c.srv.Endpoints() {
		if e.Settings().ID == id {
			return e, nil
		}
	}
	return nil, notFound("there is no endpoint " + id)
}

// errFixedEndpoints refuses endpoints that a request names.
var errFixedEndpoints = forbidden("other machines can reach the emulator, so endpoints can only be set on the command line and in its seeds")

// resetEndpoints gives the endpoints of the command line the settings they had at the
// start, and removes all others; the reset adds those of seeds again.
func (c *Console) resetEndpoints() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.orders = map[string]string{}
	for _, e := range c.srv.Endpoints() {
		fixed, ok := c.fixed[e.Settings().ID]
		if !ok {
			e.Remove()
			continue
		}
		if err := e.Set(func(s *cometchattest.EndpointSettings) { *s = fixed }); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) addEndpoint() (any, error) {
	if v.opt.FixedEndpoints {
		return nil, errFixedEndpoints
	}
	var in endpointSpec
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	u, err := url.Parse(in.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, badField("BAD_FIELD", "url", "url must be one of http or https")
	}
	if _, err := v.endpoint(in.ID); in.ID != "" && err == nil {
		return nil, conflict("there is an endpoint " + in.ID + " already")
	}
	opts, err := in.options()
	if err != nil {
		return nil, err
	}
	if in.ID != "" {
		opts = append(opts, cometchattest.WithWebhookID(in.ID))
	}
	e := v.srv.DeliverTo(in.URL, opts...)
	v.order(e, in.Order)
	if in.Hold != nil && *in.Hold {
		e.Hold()
	}
	return v.viewEndpoint(e), nil
}

func (v *visit) changeEndpoint() (any, error) {
	e, err := v.endpoint(v.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var in endpointSpec
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	if in.ID != "" || in.URL != "" {
		return nil, badField("BAD_FIELD", "url", "id and url cannot be changed")
	}
	opts, err := in.options()
	if err != nil {
		return nil, err
	}
	if err := e.Set(opts...); err != nil {
		return nil, badField("BAD_FIELD", "", err.Error())
	}
	v.order(e, in.Order)
	switch _, holding := e.Held(); {
	case in.Hold == nil || *in.Hold == holding:
	case *in.Hold:
		e.Hold()
	default:
		e.Release()
	}
	return v.viewEndpoint(e), nil
}

func (v *visit) removeEndpoint() (any, error) {
	e, err := v.endpoint(v.r.PathValue("id"))
	if err == nil {
		e.Remove()
	}
	return nil, err
}

func (v *visit) release() (any, error) {
	e, err := v.endpoint(v.r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	var in struct {
		Order string `json:"order"`
		Seed  uint64 `json:"seed"`
		Twice bool   `json:"twice"`
	}
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	v.mu.Lock()
	in.Order = or(in.Order, v.orders[e.Settings().ID])
	v.mu.Unlock()
	var orders []cometchattest.Order
	switch in.Order {
	case "", "happened":
	case "reversed":
		orders = append(orders, cometchattest.Reversed)
	case "shuffled":
		orders = append(orders, cometchattest.Shuffled(in.Seed))
	default:
		return nil, badField("BAD_FIELD", "order", "order is happened, reversed or shuffled")
	}
	if in.Twice {
		orders = append(orders, cometchattest.Twice)
	}
	n, _ := e.Held()
	e.Release(orders...)
	return map[string]int{"released": n}, nil
}

// deliveryDoc is a delivery as the console shows it.
type deliveryDoc struct {
	ID       int64           `json:"id"`
	Event    int64           `json:"event"`
	Endpoint string          `json:"endpoint"`
	Trigger  string          `json:"trigger"`
	State    string          `json:"state"`
	NextAt   *time.Time      `json:"nextAt,omitempty"`
	Attempts []attemptDoc    `json:"attempts"`
	Payload  json.RawMessage `json:"payload"`
}

type attemptDoc struct {
	At         time.Time `json:"at"`
	Status     int       `json:"status"`
	DurationMS float64   `json:"durationMs"`
	Error      string    `json:"error,omitempty"`
	Answer     string    `json:"answer,omitempty"`
}

func viewDelivery(d cometchattest.Delivery) deliveryDoc {
	doc := deliveryDoc{
		ID: d.ID, Event: d.EventID, Endpoint: d.Endpoint, Trigger: d.Trigger, State: string(d.State),
		Attempts: []attemptDoc{}, Payload: d.Payload,
	}
	if !d.NextAt.IsZero() {
		at := d.NextAt.UTC()
		doc.NextAt = &at
	}
	for _, a := range d.Attempts {
		doc.Attempts = append(doc.Attempts, attemptDoc{
			At: a.At.UTC(), Status: a.Status, DurationMS: float64(a.Duration.Microseconds()) / 1000, Error: a.Error, Answer: string(a.ResponseBody),
		})
	}
	return doc
}

// deliveryFilters are the parameters that select deliveries.
var deliveryFilters = []string{"trigger", "endpoint", "state", "after", "before", "limit", "n", "timeout"}

func (v *visit) keepDelivery() (func(cometchattest.Delivery) bool, error) {
	q := v.r.URL.Query()
	for name := range q {
		if !slices.Contains(deliveryFilters, name) {
			return nil, badField("BAD_FIELD", name, "there is no parameter "+name)
		}
	}
	after := 0
	if err := v.number("after", &after, 0, 1<<31-1); err != nil {
		return nil, err
	}
	trigger, endpoint, state := q.Get("trigger"), q.Get("endpoint"), q.Get("state")
	return func(d cometchattest.Delivery) bool {
		return (trigger == "" || d.Trigger == trigger) && (endpoint == "" || d.Endpoint == endpoint) &&
			(state == "" || string(d.State) == state) && d.ID > int64(after)
	}, nil
}

func deliveryID(d cometchattest.Delivery) int64 { return d.ID }

func (v *visit) listDeliveries() (any, error) {
	keep, err := v.keepDelivery()
	if err != nil {
		return nil, err
	}
	p, err := v.paging()
	return cut(p, v.srv.Deliveries(), deliveryID, keep, viewDelivery), err
}

func (v *visit) awaitDeliveries() (any, error) {
	keep, err := v.keepDelivery()
	if err != nil {
		return nil, err
	}
	return v.await(func() (int, any, error) {
		n := 0
		for _, d := range v.srv.Deliveries() {
			if keep(d) && len(d.Attempts) > 0 {
				n++
			}
		}
		return n, cut(paging{limit: 100}, v.srv.Deliveries(), deliveryID, keep, viewDelivery), nil
	})
}

func (v *visit) clearDeliveries() (any, error) {
	v.srv.ResetDeliveries()
	return nil, nil
}

func (v *visit) delivery() (cometchattest.Delivery, error) {
	id, err := v.pathID("delivery")
	if err != nil {
		return cometchattest.Delivery{}, err
	}
	all := v.srv.Deliveries()
	i := slices.IndexFunc(all, func(d cometchattest.Delivery) bool { return d.ID == id })
	if i < 0 {
		return cometchattest.Delivery{}, notFound("there is no delivery " + v.r.PathValue("id"))
	}
	return all[i], nil
}

func (v *visit) getDelivery() (any, error) {
	d, err := v.delivery()
	return viewDelivery(d), err
}

func (v *visit) deliverAgain() (any, error) {
	d, err := v.delivery()
	if err != nil {
		return nil, err
	}
	in := struct {
		Times int `json:"times"`
	}{1}
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	if in.Times < 1 || in.Times > 100 {
		return nil, badField("BAD_FIELD", "times", "times is from 1 to 100")
	}
	if err := v.srv.DeliverAgain(d.ID, in.Times); err != nil {
		return nil, conflict("the endpoint " + d.Endpoint + " is not there any more")
	}
	return map[string]int{"times": in.Times}, nil
}

// eventDoc is an event.
type eventDoc struct {
	ID      int64           `json:"id"`
	Trigger string          `json:"trigger"`
	Time    time.Time       `json:"time"`
	Request int64           `json:"request,omitempty"`
	Data    json.RawMessage `json:"data"`
}

func (c *Console) viewEvent(e cometchattest.Event) eventDoc {
	return eventDoc{e.ID, e.Trigger, e.Time.UTC(), e.RequestID, e.Data}
}

func (v *visit) listEvents() (any, error) {
	p, err := v.paging()
	if err != nil {
		return nil, err
	}
	after := 0
	if err := v.number("after", &after, 0, 1<<31-1); err != nil {
		return nil, err
	}
	trigger := v.r.URL.Query().Get("trigger")
	return cut(p, v.srv.Events(), func(e cometchattest.Event) int64 { return e.ID }, func(e cometchattest.Event) bool {
		return (trigger == "" || e.Trigger == trigger) && e.ID > int64(after)
	}, v.viewEvent), nil
}

func (v *visit) fire() (any, error) {
	var in struct {
		Trigger string          `json:"trigger"`
		Data    json.RawMessage `json:"data"`
	}
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	var data any
	if len(in.Data) > 0 {
		data = in.Data
	}
	if err := v.srv.Fire(in.Trigger, data); err != nil {
		return nil, badField("BAD_FIELD", "trigger", err.Error())
	}
	return nil, nil
}

// events sends a stream to clients that ask for one, and a list to others.
func (v *visit) events() error {
	if v.r.Header.Get("Accept") == "text/event-stream" {
		return v.stream()
	}
	value, err := v.listEvents()
	if err == nil {
		writeJSON(v.w, http.StatusOK, value)
	}
	return err
}
