package cometchat

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/go-cometchat/cometchat/internal/transport"
	"github.com/google/go-querystring/query"
)

// core is what services make their calls by: a transport, and the settings of
// one client. It knows no API, so that each kind of client holds one.
type core struct {
	transport *transport.Transport
	settings  settings
	err       error // of an option given to With; every call returns it
}

// service is what the service of every resource is made of.
type service struct{ core *core }

// op is an operation about to be called: a route with what one request fills
// into it.
type op struct {
	route    *route
	ids      []string
	params   any        // a pointer to a struct with url tags, or nil
	extra    url.Values // on top of params
	payload  any        // the body, or nil
	problem  error      // with an argument
	position Position   // of a list's page
}

// at names the route's ids, in the order of its pattern.
func (r *route) at(ids ...string) op { return op{route: r, ids: ids} }

// query adds parameters; a nil pointer adds none.
func (o op) query(params any) op { o.params = params; return o }

// body adds the JSON body. A nil pointer is a missing request.
func (o op) body(payload any) op { o.payload = payload; return o }

// do makes a call whose answer is one thing.
func do[T any](ctx context.Context, c *core, o op) (*T, error) {
	var v *T
	err := c.send(ctx, o, func(body []byte) string {
		var problem string
		v, problem = decodeOne[T](body)
		return problem
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// acknowledge makes a call whose response has nothing to say but that it was
// done.
func acknowledge(ctx context.Context, c *core, o op) error {
	_, err := do[acknowledgement](ctx, c, o)
	return err
}

// doItems makes a call whose response is a whole list, without pages.
func doItems[T any](ctx context.Context, c *core, o op) (items []*T, err error) {
	err = c.send(ctx, o, func(body []byte) (problem string) {
		items, _, _, problem = decodeList[T](body, 0)
		return problem
	})
	return items, err
}

// send makes one call and hands a successful answer's body to decode, which
// says what is wrong with it, or "". The body is only valid meanwhile.
func (c *core) send(ctx context.Context, o op, decode func(body []byte) string) error {
	req, err := c.request(o)
	if err != nil {
		return err
	}
	return c.sendRequest(ctx, o, req, decode)
}

func (c *core) sendRequest(ctx context.Context, o op, req *transport.Request, decode func(body []byte) string) error {
	info := OperationInfo{
		Operation: o.route.operation, OnBehalfOf: c.settings.actingUser,
		Position: o.position, Page: o.position.page,
	}
	var end func(OperationResult)
	if c.settings.tracer != nil {
		ctx, end = c.settings.tracer(ctx, info)
	}
	var result OperationResult
	result.Err = c.exchange(ctx, o, req, decode, &result)
	if end != nil {
		end(result)
	}
	return result.Err
}

func (c *core) exchange(ctx context.Context, o op, req *transport.Request, decode func([]byte) string, result *OperationResult) error {
	resp, err := c.transport.Do(ctx, &c.settings.Settings, req)
	if err != nil {
		f := err.(*transport.Failure)
		result.Attempts, result.Waited = f.Attempts, f.Waited
		if f.Response != nil {
			result.StatusCode = f.Response.StatusCode
		}
		return c.failure(o, req, f)
	}
	defer resp.Release()
	result.StatusCode, result.Attempts, result.Waited = resp.StatusCode, resp.Attempts, resp.Waited
	if f := c.settings.onResponse; f != nil {
		f(&Response{
			StatusCode: resp.StatusCode, Header: resp.Header, Body: bytes.Clone(resp.Body),
			Operation: o.route.operation, Attempts: resp.Attempts, Waited: resp.Waited,
		})
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.answerError(o, req, resp, "")
	}
	resp.Body = plainSlashes(resp.Body)
	if problem := decode(resp.Body); problem != "" {
		e := c.answerError(o, req, resp, problem)
		// An answer that cannot be read says nothing of the write it answers.
		if o.route.Method != http.MethodGet && !saysNo(problem) {
			e.outcomeUnknown = true
		}
		return e
	}
	return nil
}

// request checks everything there is to check and puts the request together.
func (c *core) request(o op) (*transport.Request, error) {
	if c.err != nil {
		return nil, c.err
	}
	if o.problem != nil {
		return nil, o.problem
	}
	v := &validation{metadataLimit: c.settings.metadataLimit}
	req := &transport.Request{
		Operation:  o.route.operation,
		Method:     o.route.Method,
		ActingUser: c.settings.actingUser,
		Core:       o.route.core,
		Repeatable: o.route.idempotent,
		Path:       o.route.path(v, o.ids),
		Secrets:    o.secrets(),
	}
	values := encodeQuery(v, o.params)
	for k, list := range o.extra {
		values[k] = list
	}
	req.RawQuery = values.Encode()
	if o.payload != nil {
		req.Body = encodeBody(v, o.payload)
	}
	return req, v.err()
}

// encodeQuery returns the parameters of a struct with url tags. Lists are
// joined by commas, which a value can therefore not hold.
func encodeQuery(v *validation, params any) url.Values {
	rv := reflect.ValueOf(params)
	if params == nil || rv.IsNil() {
		return url.Values{}
	}
	check(v, params)
	rv = rv.Elem()
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
	return values
}

func encodeBody(v *validation, payload any) []byte {
	if rv := reflect.ValueOf(payload); rv.Kind() == reflect.Pointer && rv.IsNil() {
		v.add(ValidationError{Field: "request", Reason: "required"})
		return nil
	}
	before := len(v.errs)
	check(v, payload)
	if len(v.errs) > before {
		return nil
	}
	b, err := marshal(payload)
	if err != nil {
		v.add(ValidationError{Field: "request", Reason: err.Error()})
	}
	return b
}

func check(v *validation, what any) {
	if w, ok := what.(validatable); ok {
		w.validate(v)
	}
}

// count makes a list's call for the number of its items alone. How the API
// answers that is not documented, so the number is taken from wherever it
// stands; an answer without one is an error, never a 0.
func count(ctx context.Context, c *core, o op) (int, error) {
	o.extra = url.Values{"count": {"true"}, "perPage": {"1"}, "page": {"1"}}
	n := 0
	err := c.send(ctx, o, func(body []byte) string {
		answer, problem := openEnvelope(body)
		if problem != "" {
			return problem
		}
		var named struct{ Count, Total *int }
		var counted listMeta
		switch kind := jsonKind(answer.Data); {
		case (kind == "a number" || kind == "a string") && decodeLenient(answer.Data, &n) == nil:
		case kind == "an object" && decodeLenient(answer.Data, &named) == nil && (named.Count != nil || named.Total != nil):
			n = max(*cmp.Or(named.Count, new(int)), *cmp.Or(named.Total, new(int)))
		default:
			items, isList := listItems(answer.Data)
			if !isList || decodeLenient(answer.Meta, &counted) != nil || counted.Pagination.Total < len(items) {
				return "the answer holds no count"
			}
			n = counted.Pagination.Total
		}
		return ""
	})
	return n, err
}
