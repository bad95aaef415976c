package cometchattest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is a request being handled.
type call struct {
	server  *Server
	state   *state
	request *http.Request
	route   *route
	params  map[string]string
	query   url.Values
	body    []byte
	cut     bool  // the body is longer than allowed
	open    bool  // made internally, without authentication
	entryID int64 // in the request log; 0 if the request is not logged
	now     time.Time
	key     *apiKey    // the API key of the request
	token   *authToken // used instead of a key with [WithClientAPI]
	actor   *user      // the user the request is made on behalf of; nil for the app
	news    *news      // the changes the request makes; nil if they are not reported
	pending int64      // the first message still waiting for moderation; 0 if there is none
}

// param returns a parameter of the path, unescaped.
func (c *call) param(name string) string { return c.params[name] }

// id returns a parameter of the path that is a uid, guid or role, in lower case.
func (c *call) id(name string) string { return strings.ToLower(c.params[name]) }

// named returns a parameter of the path as it was sent, with its escapes. Errors
// use it to name what was not found.
func (c *call) named(name string) string {
	i := slices.Index(c.route.segments, "{"+name+"}")
	if i < 0 {
		return c.params[name] // not from the path
	}
	sent, _ := strings.CutPrefix(c.request.URL.EscapedPath(), c.route.base+"/")
	return strings.Split(sent, "/")[i]
}

// unix returns the time of the request in seconds.
func (c *call) unix() int64 { return c.now.Unix() }

// user returns the active user with a uid.
func (c *call) user(uid string) (*user, error) {
	u, ok := c.state.users.get(uid)
	if !ok || u.deactivatedAt != 0 {
		return nil, errUserNotFound(uid)
	}
	return u, nil
}

// pathUser returns the active user named by the parameter uid.
func (c *call) pathUser() (*user, error) {
	u, err := c.user(c.id("uid"))
	if err != nil {
		return nil, errUserNotFound(c.named("uid"))
	}
	return u, nil
}

// queryBool reports whether a parameter is true or 1, in any case.
func (c *call) queryBool(name string) bool {
	value := c.query.Get(name)
	return value == "1" || strings.EqualFold(value, "true")
}

// queryList returns the elements of a parameter, or nil if there are none. They
// may be joined with commas, repeated, or written as an array: name[], or
// name[0], name[1] and so on.
func (c *call) queryList(name string) []string {
	values := slices.Concat(c.query[name], c.query[name+"[]"])
	for _, key := range c.indexedKeys(name) {
		values = append(values, c.query[key]...)
	}
	var list []string
	for _, value := range values {
		for element := range strings.SplitSeq(value, ",") {
			if element != "" {
				list = append(list, element)
			}
		}
	}
	return list
}

// indexedKeys returns the parameters name[0], name[1] and so on, sorted by
// number.
func (c *call) indexedKeys(name string) []string {
	var keys []string
	for key := range c.query {
		rest, opened := strings.CutPrefix(key, name+"[")
		number, closed := strings.CutSuffix(rest, "]")
		if opened && closed && number != "" && strings.Trim(number, "0123456789") == "" {
			keys = append(keys, key)
		}
	}
	// A number with more digits is larger.
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	return keys
}

// queryWord returns a parameter whose value must be one of a set of words, in any
// case, or empty. It records an invalid value in f.
func (c *call) queryWord(f *fields, name string, allowed ...string) string {
	value := c.query.Get(name)
	if i := indexFold(allowed, value); i >= 0 {
		return allowed[i]
	}
	if value != "" {
		f.fail(name, "The parameter %s must be one of %s.", name, strings.Join(allowed, ", "))
	}
	return ""
}

// indexFold returns the position of a word in a list, ignoring case, or -1 if the
// list does not contain it.
func indexFold(list []string, word string) int {
	return slices.IndexFunc(list, func(s string) bool { return strings.EqualFold(s, word) })
}

// containsFold reports whether a list contains a word, ignoring case.
func containsFold(list []string, word string) bool { return indexFold(list, word) >= 0 }

// queryNumber returns a numeric parameter from low to high. It records an invalid
// value in f.
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

// queryTime returns a parameter that is a time in seconds, or 0 if there is none.
// It records an invalid value in f.
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

// querySpan returns the test for the parameters name[from] and name[to], both in
// seconds and inclusive, or nil if neither was sent. A time of 0 is unset and
// never matches.
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

// headerValue returns a header, whatever the case of its name. It also finds
// headers set directly on a request that was not sent over a network.
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
