package cometchattest

import (
	"slices"
	"strconv"
	"strings"
)

// filters builds the test that the parameters of a list are for its rows. Each
// method adds what its parameters say, if they were sent, and notes mistakes.
type filters[T any] struct {
	c     *call
	f     *fields
	tests []func(T) bool
}

func newFilters[T any](c *call, f *fields) *filters[T] { return &filters[T]{c: c, f: f} }

func (l *filters[T]) add(test func(T) bool) { l.tests = append(l.tests, test) }

// keep is the test; nil when it would keep all.
func (l *filters[T]) keep() func(T) bool {
	if l.tests == nil {
		return nil
	}
	return func(row T) bool {
		return !slices.ContainsFunc(l.tests, func(test func(T) bool) bool { return !test(row) })
	}
}

// search is searchKey, in the members that searchIn names, all of them without it.
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

// words are lists of words, in any case, of which the member must be one.
func (l *filters[T]) words(member func(T) string, names ...string) {
	for _, name := range names {
		if words := l.c.queryList(name); words != nil {
			l.add(func(row T) bool { return containsFold(words, member(row)) })
		}
	}
}

// tags is a list of which the member must share one.
func (l *filters[T]) tags(member func(T) []string) {
	if tags := l.c.queryList("tags"); tags != nil {
		l.add(func(row T) bool {
			return slices.ContainsFunc(member(row), func(tag string) bool { return slices.Contains(tags, tag) })
		})
	}
}

// word is a word, in any case, which the member must be.
func (l *filters[T]) word(name string, member func(T) string) {
	if word := l.c.query.Get(name); word != "" {
		l.add(func(row T) bool { return strings.EqualFold(member(row), word) })
	}
}

// truth is what the member must be.
func (l *filters[T]) truth(name string, member func(T) bool) {
	if l.c.query.Has(name) {
		want := l.c.queryBool(name)
		l.add(func(row T) bool { return member(row) == want })
	}
}

// span is the time between name[from] and name[to].
func (l *filters[T]) span(name string, member func(T) int64) {
	if in := l.c.querySpan(l.f, name); in != nil {
		l.add(func(row T) bool { return in(member(row)) })
	}
}

// number is a number that the row is compared with; valid says which are.
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

// compared are the parameters name[gt], name[lte] and so on.
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
