package cometchat

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-cometchat/cometchat/internal/redact"
)

// Route is one operation of the API, such as Method "GET" with Pattern
// "/users/{uid}".
type Route struct {
	Method  string
	Pattern string
}

// String returns method and pattern: "GET /users/{uid}".
func (r Route) String() string { return r.Method + " " + r.Pattern }

// Routes returns every operation the client can call.
func Routes() []Route {
	list := make([]Route, len(routes))
	for i, r := range routes {
		list[i] = r.Route
	}
	return list
}

// routes is filled by the declarations below.
var routes []*route

// route is a Route with what calls need to know: the operation's name, the
// pattern split at its ids, and their names.
type route struct {
	Route
	operation  string
	parts      []string
	params     []string
	idempotent bool   // documented by the vendor to be
	unpaged    bool   // a list without page parameters
	perPage    bool   // a cursor list whose page size goes by this name, too
	budget     string // the name of the rate limit that it counts against, if it is not the general one
	host       host
	member     string // of the response's data, that has what is asked for; "" for data itself
	pageID     string // the parameter that takes the id of the item beside which a page lies; "" for lists paged otherwise
}

func newRoute(method, pattern string) *route {
	r := &route{Route: Route{method, pattern}, operation: method + " " + pattern}
	rest := pattern
	for {
		before, after, found := strings.Cut(rest, "{")
		r.parts = append(r.parts, before)
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		r.params = append(r.params, name)
		rest = tail
	}
	routes = append(routes, r)
	return r
}

func get(pattern string) *route  { return newRoute(http.MethodGet, pattern) }
func post(pattern string) *route { return newRoute(http.MethodPost, pattern) }
func put(pattern string) *route  { return newRoute(http.MethodPut, pattern) }
func del(pattern string) *route  { return newRoute(http.MethodDelete, pattern) }

func patch(pattern string) *route { return newRoute(http.MethodPatch, pattern) }

func (r *route) withoutPages() *route { r.unpaged = true; return r }

// alsoPerPage marks a list whose page size the API documents under two names
// without saying which one counts.
func (r *route) alsoPerPage() *route { r.perPage = true; return r }

// under names the member of data that holds the result.
func (r *route) under(member string) *route { r.member = member; return r }

// pagedByID marks a list whose pages begin beside an item whose id is sent in
// this parameter, whatever cursor the response has.
func (r *route) pagedByID(parameter string) *route { r.pageID = parameter; return r }

// host is one of the hosts of the API.
type host int

const (
	chatHost host = iota
	callsHost
)

// on names the host of an operation that is not on the chat host.
func (r *route) on(h host) *route { r.host = h; return r }

func (r *route) inCore() *route { r.budget = "core"; return r }

// inImport counts the calls against the budget of imports.
func (r *route) inImport() *route { r.budget = importBudget; return r }

func (r *route) documentedIdempotent() *route { r.idempotent = true; return r }

// pathParam describes an id in a path.
type pathParam struct {
	limit  int // in characters
	secret bool
}

// pathParams holds the ids that differ from the others. Their limits are in
// validate.go.
var pathParams = map[string]pathParam{
	"authToken": {limit: maxToken, secret: true},
	"apiKey":    {limit: maxToken, secret: true},
	"pushToken": {limit: maxPushToken, secret: true},
	"sessionId": {limit: maxSessionID},
	"reaction":  {limit: maxReaction},
	"webhookId": {limit: maxWebhookID},
}

// op is an operation about to be called: a route with the values for one request.
type op struct {
	route    *route
	ids      []string
	params   any               // a pointer to a struct with url tags, or nil
	extra    url.Values        // on top of params
	headers  map[string]string // of this request alone
	payload  any               // the body, or nil: JSON unless it is a formRequest
	creating bool              // something new, whose body must be complete
	user     *string           // who acts instead of the client's acting user
	problem  error             // with an argument
	position Position          // of a list's page
	nothing  bool              // the response has nothing to say, so that a 204 says it all

	// repeatable says that repeating this call does no harm, unlike other calls
	// of the route.
	repeatable bool
	accepted   []ErrorCode // failures of a part of a bulk call that count as done
}

// at sets the route's ids, in the order of its pattern.
func (r *route) at(ids ...string) op { return op{route: r, ids: ids} }

// query adds parameters; a nil pointer adds none.
func (o op) query(params any) op { o.params = params; return o }

// header adds a header; an empty value adds none.
func (o op) header(name, value string) op {
	if value != "" {
		o.headers = maps.Clone(o.headers)
		if o.headers == nil {
			o.headers = map[string]string{}
		}
		o.headers[name] = value
	}
	return o
}

// body sets the body: JSON, or multipart/form-data for a formRequest. A nil
// pointer means that the request is missing.
func (o op) body(payload any) op { o.payload = payload; return o }

// newBody sets the JSON body that describes something new.
func (o op) newBody(payload any) op { o.payload, o.creating = payload, true; return o }

// onBehalfOf names the acting user, instead of the client's.
func (o op) onBehalfOf(uid string) op { o.user = &uid; return o }

// accept lists the failures that a bulk call treats as success.
func (o op) accept(codes ...ErrorCode) op { o.accepted = codes; return o }

// path puts the ids into the pattern, each as exactly one segment.
func (r *route) path(v *validation, ids []string) string {
	return r.fill(ids, func(name, id string) string {
		v.id(name, id, cmp.Or(pathParams[name].limit, maxID))
		return url.PathEscape(id)
	})
}

// fill builds the path from the pattern and what segment returns for each id.
func (r *route) fill(ids []string, segment func(name, id string) string) string {
	var b strings.Builder
	b.WriteString(r.parts[0])
	for i, name := range r.params {
		b.WriteString(segment(name, ids[i]))
		b.WriteString(r.parts[i+1])
	}
	return b.String()
}

// secrets returns the credentials among the ids, in the query and in the body.
func (o op) secrets() []string {
	var s []string
	for _, part := range []any{o.params, o.payload} {
		if holder, ok := part.(interface{ secrets() []string }); ok && !isNil(part) {
			s = append(s, holder.secrets()...)
		}
	}
	for i, name := range o.route.params {
		if pathParams[name].secret {
			s = append(s, o.ids[i])
		}
	}
	return s
}

// publicPath is the path without credentials, for errors.
func (o op) publicPath() string {
	return o.route.fill(o.ids, func(name, id string) string {
		if pathParams[name].secret {
			return redact.Placeholder
		}
		return url.PathEscape(id)
	})
}
