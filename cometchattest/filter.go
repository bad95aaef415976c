package cometchattest

import (
	"slices"
	"strconv"
	"strings"
)

// filters builds the test that the parameters of a list apply to its rows. Each
// method adds the test of its parameters, if they were sent, and records errors.
type filters[T any] struct {
	c     *call
	f     *fields
	tests []func(T) bool
}

func newFilters[T any](c *call, f *fields) *filters[T] { return &filters[T]{c: c, f: f} }

func (l *filters[T]) add(test func(T) bool) { l.tests = append(l.tests, test) }

// keep returns the test, or nil if it would keep all rows.
func (l *filters[T]) keep() func(T) bool {
	if l.tests == nil {
		return nil
	}
	return func(row T) bool {
		return !slices.ContainsFunc(l.tests, func(test func(T) bool) bool { return !test(row) })
	}
}

// search adds the parameter searchKey. It searches the members that searchIn
// names, or all of them without searchIn.
func (l *filters[T]) search(has func(text, key string) bool, members map[string]func(T) string) {
	key, in := strings.ToLower(l.c.query.Get("searchKey")), l.c.queryList("searchIn")
	if key == "" {
		return
	}
	l.add(func(row T) bool {
		for name, member := range members {
			if (len(in) == 0 || containsFold(in, name)) && has(strings.ToLower(member(row)), key) {
				return true
			}
		}
		return false
	})
}

// words adds parameters that are lists of words, one of which the member must
// equal, ignoring case.
func (l *filters[T]) words(member func(T) string, names ...string) {
	for _, name := range names {
		if words := l.c.queryList(name); words != nil {
			l.add(func(row T) bool { return containsFold(words, member(row)) })
		}
	}
}

// tags adds the parameter tags, one of which the member must contain.
func (l *filters[T]) tags(member func(T) []string) {
	if tags := l.c.queryList("tags"); tags != nil {
		l.add(func(row T) bool {
			return slices.ContainsFunc(member(row), func(tag string) bool { return slices.Contains(tags, tag) })
		})
	}
}

// word adds a parameter that the member must equal, ignoring case.
func (l *filters[T]) word(name string, member func(T) string) {
	if word := l.c.query.Get(name); word != "" {
		l.add(func(row T) bool { return strings.EqualFold(member(row), word) })
	}
}

// truth adds a boolean parameter that the member must equal.
func (l *filters[T]) truth(name string, member func(T) bool) {
	if l.c.query.Has(name) {
		want := l.c.queryBool(name)
		l.add(func(row T) bool { return member(row) == want })
	}
}

// span adds the range from name[from] to name[to].
func (l *filters[T]) span(name string, member func(T) int64) {
	if in := l.c.querySpan(l.f, name); in != nil {
		l.add(func(row T) bool { return in(member(row)) })
	}
}

// number adds a numeric parameter that is compared with the row; valid, if not
// nil, checks it.
func (l *filters[T]) number(name string, valid func(int64) bool, holds func(row T, bound int64) bool) {
	value := l.c.query.Get(name)
	if value == "" {
		return
	}
	bound, err := strconv.ParseInt(value, 10, 64)
	if err != nil || valid != nil && !valid(bound) {
		l.f.fail(name, "The parameter %s must be a number.", name)
	}
	l.add(func(row T) bool { return holds(row, bound) })
}

// compared adds the parameters name[gt], name[lte] and so on.
func (l *filters[T]) compared(name string, member func(T) int64) {
	for operator, holds := range map[string]func(n, bound int64) bool{
		"gt":  func(n, bound int64) bool { return n > bound },
		"gte": func(n, bound int64) bool { return n >= bound },
		"lt":  func(n, bound int64) bool { return n < bound },
		"lte": func(n, bound int64) bool { return n <= bound },
		"eq":  func(n, bound int64) bool { return n == bound },
	} {
		l.number(name+"["+operator+"]", nil, func(row T, bound int64) bool { return holds(member(row), bound) })
	}
}
