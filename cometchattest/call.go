package cometchattest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is one request on its way through a handler.
type call struct {
	server  *Server
	state   *state
	request *http.Request
	route   *route
	params  map[string]string
	query   url.Values
	body    []byte
	now     time.Time
	key     *apiKey    // of the request
	token   *authToken // in the place of a key, with [WithClientAPI]
	actor   *user      // whom the request is made on behalf of; nil is the app
}

// param is the value of a parameter of the path, unescaped.
func (c *call) param(name string) string { return c.params[name] }

// id is a parameter of the path that is a uid, guid or role: those are in lower
// case.
func (c *call) id(name string) string { return strings.ToLower(c.params[name]) }

// unix is the time of the request in seconds.
func (c *call) unix() int64 { return c.now.Unix() }

// user is the active user with a uid.
func (c *call) user(uid string) (*user, error) {
	u, ok := c.state.users.get(uid)
	if !ok || u.deactivatedAt != 0 {
		return nil, errUserNotFound(uid)
	}
	return u, nil
}

// pathUser is the active user named by the parameter uid.
func (c *call) pathUser() (*user, error) { return c.user(c.id("uid")) }

// queryBool tells whether a parameter is true or 1, in any case.
func (c *call) queryBool(name string) bool {
	value := c.query.Get(name)
	return value == "1" || strings.EqualFold(value, "true")
}

// queryList returns the elements of a parameter: joined with commas, repeated,
// or as name[]. nil when there are none.
func (c *call) queryList(name string) []string {
	var list []string
	for _, value := range slices.Concat(c.query[name], c.query[name+"[]"]) {
		for element := range strings.SplitSeq(value, ",") {
			if element != "" {
				list = append(list, element)
			}
		}
	}
	return list
}

// queryNumber returns a parameter within bounds, noting a mistake in f.
func (c *call) queryNumber(f *fields, name string, fallback, low, high int) int {
	value := c.query.Get(name)
	if value == "" {
		return fallback
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		f.fail(name, "The parameter %s must be a number from %d to %d.", name, low, high)
		return fallback
	}
	return n
}

// queryTime returns a parameter that is a time in seconds, noting a mistake in f;
// 0 is none.
func (c *call) queryTime(f *fields, name string) int64 {
	value := c.query.Get(name)
	if value == "" {
		return 0
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 {
		f.fail(name, "The parameter %s must be a time in seconds.", name)
		return 0
	}
	return n
}

// querySpan returns the test for the parameters name[from] and name[to], in
// seconds, both inclusive; nil when neither was sent. A time of 0 is not set and
// is in no span.
func (c *call) querySpan(f *fields, name string) func(int64) bool {
	bounds := [2]int64{0, 1<<63 - 1}
	var sent bool
	for i, end := range []string{"from", "to"} {
		key := name + "[" + end + "]"
		value := c.query.Get(key)
		if value == "" {
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			f.fail(key, "The parameter %s must be a time in seconds.", key)
		}
		bounds[i], sent = n, true
	}
	if !sent {
		return nil
	}
	return func(at int64) bool { return at != 0 && at >= bounds[0] && at <= bounds[1] }
}

// headerValue finds a header in any spelling, also one set on a request that
// never went over a wire.
func headerValue(h http.Header, name string) string {
	if value := h.Get(name); value != "" {
		return value
	}
	for key, values := range h {
		if len(values) > 0 && strings.EqualFold(key, name) {
			return values[0]
		}
	}
	return ""
}
