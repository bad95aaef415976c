package cometchat

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-cometchat/cometchat/internal/redact"
)

// Route is one operation of the API, as in Method "GET", Pattern
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

// routes grows by the declarations below.
var routes []*route

// route is a Route ready for use: the operation's name, the pattern cut at its
// ids, and the names of those.
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

// alsoPerPage says that the API documents the size of the list's pages by two
// names, without telling which counts.
func (r *route) alsoPerPage() *route { r.perPage = true; return r }

// under says in which member of data the response has what is asked for.
func (r *route) under(member string) *route { r.member = member; return r }

// pagedByID says that a list's pages begin beside an item whose id this
// parameter takes, whatever cursor the response has.
func (r *route) pagedByID(parameter string) *route { r.pageID = parameter; return r }

// host is one of the hosts of the API.
type host int

const (
	chatHost host = iota
	callsHost
)

// on says which host has the operation, if it is not the chat host.
func (r *route) on(h host) *route { r.host = h; return r }

func (r *route) inCore() *route { r.budget = "core"; return r }

// inImport counts the calls against the budget of imports.
func (r *route) inImport() *route { r.budget = importBudget; return r }

func (r *route) documentedIdempotent() *route { r.idempotent = true; return r }

// pathParam says what there is to know of an id in a path.
type pathParam struct {
	limit  int // in characters
	secret bool
}

// pathParams has the ids that are not like all others, of which limits stand in
// validate.go.
var pathParams = map[string]pathParam{
	"authToken": {limit: maxToken, secret: true},
	"apiKey":    {limit: maxToken, secret: true},
	"pushToken": {limit: maxPushToken, secret: true},
	"sessionId": {limit: maxSessionID},
	"reaction":  {limit: maxReaction},
	"webhookId": {limit: maxWebhookID},
}

// op is an operation about to be called: a route with what one request fills
// into it.
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

	// repeatable says that sending it again does no harm, unlike other calls of the
	// route.
	repeatable bool
	accepted   []ErrorCode // failures of a part of a bulk call that count as done
}

// at names the route's ids, in the order of its pattern.
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

// body adds the body: JSON, or multipart/form-data for a formRequest. A nil
// pointer is a missing request.
func (o op) body(payload any) op { o.payload = payload; return o }

// newBody adds the JSON body that describes something new.
func (o op) newBody(payload any) op { o.payload, o.creating = payload, true; return o }

// onBehalfOf names the acting user, in place of the client's.
func (o op) onBehalfOf(uid string) op { o.user = &uid; return o }

// accept has a bulk call take these failures of a part for done.
func (o op) accept(codes ...ErrorCode) op { o.accepted = codes; return o }

// path fills the ids into the pattern, each as exactly one segment.
func (r *route) path(v *validation, ids []string) string {
	return r.fill(ids, func(name, id string) string {
		v.id(name, id, cmp.Or(pathParams[name].limit, maxID))
		return url.PathEscape(id)
	})
}

// fill puts the pattern together with what segment makes of each id.
func (r *route) fill(ids []string, segment func(name, id string) string) string {
	var b strings.Builder
	b.WriteString(r.parts[0])
	for i, name := range r.params {
		b.WriteString(segment(name, ids[i]))
		b.WriteString(r.parts[i+1])
	}
	return b.String()
}

// secrets are the credentials among the ids, in the query and in the body.
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

// publicPath is the path as errors may show it.
func (o op) publicPath() string {
	return o.route.fill(o.ids, func(name, id string) string {
		if pathParams[name].secret {
			return redact.Placeholder
		}
		return url.PathEscape(id)
	})
}
