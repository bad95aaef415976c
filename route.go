package cometchat

import (
	"net/http"
	"net/url"
	"slices"
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
	idempotent bool // documented by the vendor to be
	unpaged    bool // a list without page parameters
	core       bool // counts against the API's smaller rate limit
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

func (r *route) inCore() *route { r.core = true; return r }

func (r *route) documentedIdempotent() *route { r.idempotent = true; return r }

// path fills the ids into the pattern, each as exactly one segment.
func (r *route) path(v *validation, ids []string) string {
	var b strings.Builder
	b.WriteString(r.parts[0])
	for i, name := range r.params {
		limit := maxID
		switch {
		case secretParam(name):
			limit = maxToken
		case name == "reaction":
			limit = MaxReactionLength
		case name == "conversationId":
			limit = maxConversationID
			if ids[i] == "pinned" { // a path of its own
				v.add(ValidationError{Field: name, Size: len(ids[i]), Reason: "is no conversation"})
			}
		}
		v.id(name, ids[i], limit)
		b.WriteString(url.PathEscape(ids[i]))
		b.WriteString(r.parts[i+1])
	}
	return b.String()
}

// secretParam says whether an id of this name is a credential.
func secretParam(name string) bool { return name == "authToken" || name == "apiKey" }

// secrets are the credentials among the ids and in the body.
func (o op) secrets() []string {
	var s []string
	if payload, ok := o.payload.(interface{ secrets() []string }); ok {
		s = payload.secrets()
	}
	for i, name := range o.route.params {
		if secretParam(name) {
			s = append(s, o.ids[i])
		}
	}
	return s
}

// publicPath is the path as errors may show it.
func (o op) publicPath(path string) string {
	if !slices.ContainsFunc(o.route.params, secretParam) {
		return path
	}
	ids := slices.Clone(o.ids)
	for i, name := range o.route.params {
		if secretParam(name) {
			ids[i] = redact.Placeholder
		}
	}
	var b strings.Builder
	b.WriteString(o.route.parts[0])
	for i := range ids {
		b.WriteString(ids[i] + o.route.parts[i+1])
	}
	return b.String()
}
