package cometchat

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/go-cometchat/cometchat/internal/transport"
	"github.com/go-cometchat/cometchat/internal/wire"
	"github.com/google/go-querystring/query"
)

// core is what services make their calls with: a transport, and the settings of
// one client. It knows nothing about a particular API, so that each kind of
// client can hold one.
type core struct {
	transport *transport.Transport
	calls     *transport.Transport // to the host of calls
	settings  settings
	err       error // of an option given to With; every call returns it
}

// configure applies options, and makes new transports if they change the
// connection.
func (c *core) configure(opts []Option, credentials func() transport.Credentials) error {
	before := c.settings.connection
	var errs []error
	for _, opt := range opts {
		if opt != nil {
			errs = append(errs, opt(&c.settings))
		}
	}
	if c.transport == nil || c.settings.connection != before {
		errs = append(errs, c.connect(credentials()))
	}
	return join(errs...)
}

// connect makes the transports to the hosts, or one if the hosts are the same.
func (c *core) connect(credentials transport.Credentials) error {
	base, err := c.settings.base()
	callsBase, callsErr := c.settings.callsBase()
	if err := cmp.Or(err, callsErr); err != nil {
		return err
	}
	cfg := transport.Config{
		Base: base, Credentials: credentials, HTTPClient: c.settings.httpClient, Budgets: c.settings.budgets(),
	}
	c.transport = transport.New(cfg)
	c.calls = c.transport
	if *callsBase != *base {
		cfg.Base = callsBase
		c.calls = transport.New(cfg)
	}
	return nil
}

// host is the transport to the host of a route.
func (c *core) host(r *route) *transport.Transport {
	if r.host == callsHost {
		return c.calls
	}
	return c.transport
}

// service is the underlying type of the service of every resource.
type service struct{ core *core }

// actingUser is the user on whose behalf the call is made; "" is the app.
func (c *core) actingUser(o op) string {
	if o.user != nil {
		return *o.user
	}
	return c.settings.actingUser
}

// The verbs: each makes one call and reads its response in one way. Those of bulk
// calls are in results.go, those of lists in pagination.go.

// do makes a call whose response is one value.
func do[T any](ctx context.Context, c *core, o op) (*T, error) {
	return call(ctx, c, o, wire.One[T])
}

// doMaybe makes a call whose response is either one value or an acknowledgement,
// for which it returns nil.
func doMaybe[T any](ctx context.Context, c *core, o op) (*T, error) {
	return call(ctx, c, o, wire.Maybe[T])
}

// doOptional makes a call whose response is one value that may be missing: then
// it returns an empty one. The value is missing if the response has nothing in
// its place, or if the response is an error with one of the codes.
func doOptional[T any](ctx context.Context, c *core, o op, missing ...ErrorCode) (*T, error) {
	v, err := call(ctx, c, o, wire.Optional[T])
	if slices.ContainsFunc(missing, func(code ErrorCode) bool { return errors.Is(err, code) }) {
		return new(T), nil
	}
	return v, err
}

// isSet reports whether what doOptional returned is there.
func isSet[T any](v *T, err error) (*T, bool, error) {
	return v, err == nil && !reflect.ValueOf(v).Elem().IsZero(), err
}

// translated returns what a response stands for whose members have other names
// than those of the type.
func translated[R interface{ value() T }, T any](response R, err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return response.value(), nil
}

// doItems makes a call whose response is a whole list, without pages.
func doItems[T any](ctx context.Context, c *core, o op) ([]*T, error) {
	list, err := call(ctx, c, o, wire.DecodeList[T])
	return list.Items, err
}

// acknowledge makes a call whose response only says that it was done.
func acknowledge(ctx context.Context, c *core, o op) error {
	o.nothing = true
	_, err := call(ctx, c, o, func(body []byte) (struct{}, *wire.Problem) {
		return struct{}{}, wire.Acknowledge(body)
	})
	return err
}

// count makes a list's call for the number of its items alone, with these
// parameters in addition.
func count(ctx context.Context, c *core, o op, params url.Values) (int, error) {
	return call(ctx, c, o.counting(params), wire.Total)
}

// counts is like count, for a response that has a number for each user and group.
func counts(ctx context.Context, c *core, o op, params url.Values) ([]wire.Count, error) {
	return call(ctx, c, o.counting(params), wire.Counts)
}

func (o op) counting(params url.Values) op {
	o.extra = url.Values{"count": {"true"}}
	maps.Copy(o.extra, params)
	return o
}

// call makes one call, whose response decode reads.
func call[T any](ctx context.Context, c *core, o op, decode func(body []byte) (T, *wire.Problem)) (T, error) {
	req, err := c.request(o)
	if err != nil {
		var none T
		return none, err
	}
	return roundTrip(ctx, c, o, req, decode)
}

// roundTrip sends a request and lets decode read the body of a successful
// response. The body is valid only until decode returns.
func roundTrip[T any](ctx context.Context, c *core, o op, req *transport.Request, decode func(body []byte) (T, *wire.Problem)) (T, error) {
	ctx, traces := c.trace(ctx, o)
	if len(traces) > 0 {
		req.Waiting = traces.wait
	}
	var result OperationResult
	var v T
	v, result.Err = exchange(ctx, c, o, req, decode, &result)
	if len(traces) > 0 {
		if result.RateLimit = noRateLimit; result.StatusCode != 0 {
			result.RateLimit = rateLimitOf(c.host(o.route))
		}
		traces.end(result)
	}
	return v, result.Err
}

// trace tells the tracers that o begins, and returns what they want to be told
// about it.
func (c *core) trace(ctx context.Context, o op) (context.Context, traces) {
	var all traces
	for _, tracer := range c.settings.tracers {
		var t Trace
		ctx, t = tracer(ctx, OperationInfo{
			Operation: o.route.operation, OnBehalfOf: c.actingUser(o),
			Position: o.position, Page: o.position.page,
		})
		all = append(all, t)
	}
	return ctx, all
}

func exchange[T any](ctx context.Context, c *core, o op, req *transport.Request, decode func([]byte) (T, *wire.Problem), result *OperationResult) (T, error) {
	var none T
	resp, err := c.respond(ctx, o, req, result)
	if err != nil {
		return none, err
	}
	defer resp.Release()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return none, c.answerError(o, req, resp, nil)
	}
	keep := func(T) {}
	if c.settings.rawItems {
		keep = keepRaw[T](wire.Under(o.route.member, resp.Body))
	}
	resp.Body = wire.Under(o.route.member, wire.Clean(resp.Body))
	body := resp.Body
	if resp.StatusCode == http.StatusNoContent && len(body) == 0 && o.nothing {
		body = wire.Accepted
	}
	v, problem := decode(body)
	if problem != nil {
		return none, c.answerError(o, req, resp, problem)
	}
	keep(v)
	return v, nil
}

// respond lets the transport send a request, and returns its response.
func (c *core) respond(ctx context.Context, o op, req *transport.Request, result *OperationResult) (*transport.Response, error) {
	resp, err := c.host(o.route).Do(ctx, &c.settings.Settings, req)
	if err != nil {
		f := err.(*transport.Failure)
		result.Attempts, result.Waited = f.Attempts, f.Waited
		if f.Response != nil {
			result.StatusCode = f.Response.StatusCode
		}
		return nil, c.failure(o, req, f)
	}
	result.StatusCode, result.Attempts, result.Waited = resp.StatusCode, resp.Attempts, resp.Waited
	if f := c.settings.onResponse; f != nil {
		f(&Response{
			StatusCode: resp.StatusCode, Header: resp.Header, Body: bytes.Clone(resp.Body),
			Operation: o.route.operation, Attempts: resp.Attempts, Waited: resp.Waited,
		})
	}
	return resp, nil
}

// request checks all arguments and builds the request.
func (c *core) request(o op) (*transport.Request, error) {
	if c.err != nil {
		return nil, c.err
	}
	if o.problem != nil {
		return nil, o.invalid(o.problem)
	}
	v := &validation{metadataLimit: c.settings.metadataLimit}
	req := &transport.Request{
		Operation:  o.route.operation,
		Method:     o.route.Method,
		ActingUser: c.actingUser(o),
		Budget:     o.route.budget,
		Repeatable: o.route.idempotent || o.repeatable,
		Path:       o.route.path(v, o.ids),
		Secrets:    o.secrets(),
		Header:     o.headers,
	}
	if o.user != nil {
		v.id("onBehalfOf", *o.user, maxID)
	}
	values := encodeQuery(v, o.params)
	for k, list := range o.extra {
		values[k] = list
	}
	req.RawQuery = values.Encode()
	if o.payload != nil {
		req.Body, req.ContentType = encodeBody(v, o.payload, o.creating)
	}
	return req, o.invalid(v.err())
}

// invalid names the operation in errors about its arguments. It does not change
// err, since a list may return it more than once.
func (o op) invalid(err error) error {
	switch err := err.(type) {
	case *ValidationError:
		e := *err
		e.Operation = o.route.operation
		return &e
	case *joined:
		named := &joined{}
		for _, e := range err.errs {
			named.errs = append(named.errs, o.invalid(e))
		}
		return named
	}
	return err
}

// encodeQuery returns the parameters of a struct with url tags. Lists are joined
// by commas, so a value must not contain one.
func encodeQuery(v *validation, params any) url.Values {
	if params == nil || isNil(params) {
		return url.Values{}
	}
	check(v, params)
	rv := reflect.ValueOf(params).Elem()
	for i := range rv.NumField() {
		f := rv.Type().Field(i)
		if f.Type.Kind() != reflect.Slice || f.Type.Elem().Kind() != reflect.String {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("url"), ",")
		for j := range rv.Field(i).Len() {
			s := rv.Field(i).Index(j).String()
			if s == "" || strings.Contains(s, ",") {
				v.add(ValidationError{Field: fmt.Sprintf("%s[%d]", name, j), Size: len(s), Reason: "must be a text without commas"})
			}
		}
	}
	values, err := query.Values(params)
	if err != nil {
		v.add(ValidationError{Field: "query", Reason: err.Error()})
	}
	for _, name := range sortedKeys(values) {
		for _, value := range values[name] {
			v.utf8(name, value)
		}
	}
	return values
}

func encodeBody(v *validation, payload any, creating bool) (body []byte, contentType string) {
	if isNil(payload) {
		v.add(ValidationError{Field: "request", Reason: "required"})
		return nil, ""
	}
	before := len(v.errs)
	check(v, payload)
	if w, ok := payload.(interface{ validateNew(*validation) }); ok && creating {
		w.validateNew(v)
	}
	if len(v.errs) > before {
		return nil, ""
	}
	if f, ok := payload.(formRequest); ok {
		return encodeForm(v, f)
	}
	if t, ok := payload.(translatable); ok {
		payload = t.written()
	}
	b, err := wire.Marshal(payload)
	if err != nil {
		v.add(ValidationError{Field: "request", Reason: err.Error()})
		return nil, ""
	}
	v.texts("", reflect.ValueOf(payload))
	return b, ""
}

// translatable is a request that the API wants under other names than those of
// the type, or than those of its responses.
type translatable interface{ written() any }

// isNil reports whether a request or options are a nil pointer.
func isNil(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}

func check(v *validation, what any) {
	if w, ok := what.(validatable); ok {
		w.validate(v)
	}
}
