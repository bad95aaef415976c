package cometchattest

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// basePath is the base path of the API. Patterns are relative to it.
const basePath = "/v3"

// resources returns everything the emulator implements, one entry for each file.
// A new resource needs an entry here, its part of state, and its handlers.
func resources() []resource {
	return []resource{
		usersResource(),
		dataImportResource(),
		callsResource(),
		authTokensResource(),
		apiKeysResource(),
		messagesResource(),
		reactionsResource(),
		threadsResource(),
		conversationsResource(),
		moderationResource(),
		moderationRulesResource(),
		moderationKeywordsResource(),
		moderationReviewsResource(),
		moderationMessagesResource(),
		friendsResource(),
		blockedUsersResource(),
		groupsResource(),
		membersResource(),
		bannedUsersResource(),
		rolesResource(),
		permissionsResource(),
		restrictedFeaturesResource(),
		metricsResource(),
		notificationPreferencesResource(),
		notificationProvidersResource(),
		pushTokensResource(),
		notificationLogsResource(),
		appsResource(),
		extensionsResource(),
		appSettingsResource(),
		collaboratorsResource(),
		webhooksResource(),
		internalResource(),
	}
}

// resource is what a file adds to the emulator.
type resource struct {
	base   string // managementPath, or empty for basePath
	routes []route
	// userRemoved, if set, removes what the resource stores about a user who is
	// being deleted permanently.
	userRemoved func(st *state, uid string)
	// decorateUser, if set, adds the relation of the acting user (call.actor,
	// never nil here) to a user in a response.
	decorateUser func(c *call, u *user, v *userView)
}

// with returns a handler that first finds the subject of the request: what the
// path names, or the fields of the body.
func with[T any](find func(*call) (T, error), handle func(*call, T) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		v, err := find(c)
		if err != nil {
			return nil, err
		}
		return handle(c, v)
	}
}

// withBody is like with, but also passes the fields of the body.
func withBody[T any](find func(*call) (T, error), handle func(*call, T, *fields) (any, error)) func(*call) (any, error) {
	return with(find, func(c *call, v T) (any, error) {
		f, err := c.fields()
		if err != nil {
			return nil, err
		}
		return handle(c, v, f)
	})
}

// route is an operation. handle returns the value of "data", or a [listResponse]
// for a list; an error other than an *apiError becomes a 500.
type route struct {
	pattern string // "GET /users/{uid}"
	handle  func(c *call) (any, error)
	// core marks the operations in the rate-limit group with the lower limit:
	// those that create and delete users and groups.
	core bool
	// imports marks the operations with their own rate limit; see
	// [WithImportLimit].
	imports bool
	// authOnly marks the operations that a key of scope authOnly may do.
	authOnly bool
	// client marks the operations that only the user of an auth token may do; see
	// [WithClientAPI].
	client bool
	// internal marks the operations that are only available through
	// internal/backdoor.
	internal bool

	base     string // basePath or managementPath
	method   string
	path     string
	segments []string
}

// Routes returns the operations the emulator implements, such as "GET
// /users/{uid}", sorted by path and then by method. Paths are relative to a base:
// /management for paths that begin with /apps, and /v3 for all others.
func Routes() []string {
	var list []string
	for _, res := range resources() {
		for _, rt := range res.routes {
			if !rt.internal {
				list = append(list, rt.pattern)
			}
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		methodA, pathA, _ := strings.Cut(a, " ")
		methodB, pathB, _ := strings.Cut(b, " ")
		return cmp.Or(strings.Compare(pathA, pathB), strings.Compare(methodA, methodB))
	})
	return list
}

// router finds the route of a request among the routes with the same number of
// segments.
type router struct {
	byShape map[shape][]*route
}

type shape struct {
	base     string
	method   string
	segments int
}

func newRouter(all []resource) *router {
	r := &router{byShape: map[shape][]*route{}}
	for _, res := range all {
		for _, rt := range res.routes {
			rt.base = cmp.Or(res.base, basePath)
			rt.method, rt.path, _ = strings.Cut(rt.pattern, " ")
			rt.segments = strings.Split(rt.path[1:], "/")
			key := shape{rt.base, rt.method, len(rt.segments)}
			r.byShape[key] = append(r.byShape[key], &rt)
		}
	}
	// Literal segments take precedence over parameters, from left to right.
	for _, routes := range r.byShape {
		slices.SortStableFunc(routes, func(a, b *route) int {
			for i := range a.segments {
				if x, y := isParam(a.segments[i]), isParam(b.segments[i]); x != y {
					if y {
						return -1
					}
					return 1
				}
			}
			return 0
		})
	}
	return r
}

// find returns the route for a base, a method and the unescaped segments of a
// path, with the values of the route's parameters, or nil if there is none. It
// only finds internal routes if open is set.
func (r *router) find(base, method string, segments []string, open bool) (*route, map[string]string) {
	for _, rt := range r.byShape[shape{base, method, len(segments)}] {
		if rt.internal && !open {
			continue
		}
		if params, ok := matchSegments(rt.segments, segments); ok {
			return rt, params
		}
	}
	return nil, nil
}

// matchSegments compares a pattern with a path of the same length. A parameter
// matches any one non-empty segment: "/users/" does not name a user.
func matchSegments(pattern, segments []string) (map[string]string, bool) {
	params := map[string]string{}
	for i, want := range pattern {
		switch {
		case isParam(want):
			if segments[i] == "" {
				return nil, false
			}
			params[want[1:len(want)-1]] = segments[i]
		case want != segments[i]:
			return nil, false
		}
	}
	return params, true
}

func isParam(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
}

// splitPath splits an escaped path into the base of an API and unescaped
// segments. It splits before unescaping, so that an encoded slash stays part of
// an id. A path outside of both bases has no segments.
func splitPath(escaped string) (base, rest string, segments []string) {
	for _, base := range []string{basePath, managementPath} {
		if rest, ok := strings.CutPrefix(escaped, base); ok && strings.HasPrefix(rest, "/") {
			segments = strings.Split(rest[1:], "/")
			for i, segment := range segments {
				// EscapedPath only returns valid escapes.
				segments[i], _ = url.PathUnescape(segment)
			}
			return base, rest, segments
		}
	}
	return "", escaped, nil
}

// matcher selects requests by method and path, for faults and Count.
type matcher struct {
	method, path string
	segments     []string
}

func newMatcher(method, path string) matcher {
	path = strings.TrimPrefix(strings.TrimPrefix(path, basePath), managementPath)
	m := matcher{method: strings.ToUpper(method), path: path}
	if path != "" {
		m.segments = strings.Split(strings.TrimPrefix(path, "/"), "/")
	}
	return m
}

// matches reports whether a request matches. The path matches if it is the
// pattern of the request's route, or if it matches segment by segment, so that
// callers can name a single user or a path without a route.
func (m matcher) matches(method string, rt *route, segments []string) bool {
	if m.method != "" && m.method != method {
		return false
	}
	if m.path == "" {
		return true
	}
	if rt != nil && rt.path == m.path {
		return true
	}
	if len(segments) != len(m.segments) {
		return false
	}
	_, ok := matchSegments(m.segments, segments)
	return ok
}
