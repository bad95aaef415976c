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

// call is one request on its way through a handler.
type call struct {
	server  *Server
	state   *state
	request *http.Request
	route   *route
	params  map[string]string
	query   url.Values
	body    []byte
	cut     bool  // there is more of the body than may be
	open    bool  // it came in by the back door
	entryID int64 // in the log; 0 for what is in none
	now     time.Time
	key     *apiKey    // of the request
	token   *authToken // in the place of a key, with [WithClientAPI]
	actor   *user      // whom the request is made on behalf of; nil is the app
	news    *news      // what it changes; nil where that is not told
	pending int64      // messages from this one on still wait to be moderated; 0 is none
}

// param is the value of a parameter of the path, unescaped.
func (c *call) param(name string) string { return c.params[name] }

// id is a parameter of the path that is a uid, guid or role: those are in lower
// case.
func (c *call) id(name string) string { return strings.ToLower(c.params[name]) }

// named is a parameter of the path as it was sent, escapes and all: so errors
// name what was not found.
func (c *call) named(name string) string {
	i := slices.Index(c.route.segments, "{"+name+"}")
	if i < 0 {
		return c.params[name] // not from the path
	}
	sent, _ := strings.CutPrefix(c.request.URL.EscapedPath(), c.route.base+"/")
	return strings.Split(sent, "/")[i]
}

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
func (c *call) pathUser() (*user, error) {
	u, err := c.user(c.id("uid"))
	if err != nil {
		return nil, errUserNotFound(c.named("uid"))
	}
	return u, nil
}

// queryBool tells whether a parameter is true or 1, in any case.
func (c *call) queryBool(name string) bool {
	value := c.query.Get(name)
	return value == "1" || strings.EqualFold(value, "true")
}

// queryList returns the elements of a parameter: joined with commas, repeated,
// or as an array is written, name[] or name[0], name[1] and so on. nil when there
// are none.
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

// indexedKeys are the parameters name[0], name[1] and so on, in the order of
// their numbers.
func (c *call) indexedKeys(name string) []string {
	var keys []string
	for key := range c.query {
		rest, opened := strings.CutPrefix(key, name+"[")
		number, closed := strings.CutSuffix(rest, "]")
		if opened && closed && number != "" && strings.Trim(number, "0123456789") == "" {
			keys = append(keys, key)
		}
	}
	// The more digits, the larger the number.
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	return keys
}

// queryWord returns a parameter that is one of a set of words, in any case, or
// empty; it notes a mistake in f.
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

// indexFold is the position of a word in a list, whatever its case; -1 when it is
// not there.
func indexFold(list []string, word string) int {
	return slices.IndexFunc(list, func(s string) bool { return strings.EqualFold(s, word) })
}

// containsFold tells whether a list has a word, whatever its case.
func containsFold(list []string, word string) bool { return indexFold(list, word) >= 0 }

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
