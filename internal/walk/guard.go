package walk

import (
	"fmt"
	"reflect"
)

// MaxEmpty is how many pages without items may follow each other.
const MaxEmpty = 100

// guard notices a server that leads a walk in a circle. It remembers two pages,
// however long the walk is: the one before, and one from further back, which is
// given up for the current one whenever the walk has become twice as long. In a
// circle of any length the remembered page comes again (Brent's method).
type guard[A comparable, P, T any] struct {
	source Source[A, P, T]
	shifts bool

	before P
	last   mark[A, T] // of the page before
	far    mark[A, T] // of a page from further back
	age    int        // of far, in pages
	lap    int        // the age at which far is given up
	met    bool       // far's items have come again since
	again  bool       // the page before has what the one before that had
	empty  int        // pages without items in a row
}

// mark is what a guard remembers of a page.
type mark[A comparable, T any] struct {
	at    A
	items []T
}

func (m mark[A, T]) has(items []T) bool {
	return len(items) > 0 && reflect.DeepEqual(m.items, items)
}

// check returns the error of a page that brings nothing new. more says whether
// the page promises another one.
func (g *guard[A, P, T]) check(at A, page P, more bool) error {
	if why := g.source.Stuck(g.before, page); why != "" {
		return g.source.Loop(at, why)
	}
	items, _ := g.source.Content(page)
	g.empty++
	if len(items) > 0 {
		g.empty = 0
	}
	repeated := g.again
	g.again = g.last.has(items)
	met := !g.again && g.far.has(items)
	switch {
	case g.again && (!g.shifts || !more || repeated):
		return g.source.Loop(at, "it has what the page before it had")
	case met && (!g.shifts || g.met):
		return g.source.Loop(at, "it has what an earlier page had")
	case more && g.empty >= MaxEmpty:
		return g.source.Loop(at, fmt.Sprintf("%d pages in a row have no items", g.empty))
	}
	g.met = g.met || met
	g.last = mark[A, T]{at, items}
	return nil
}

// passed reports whether the page at a place was walked over before.
func (g *guard[A, P, T]) passed(next A) bool {
	return next == g.last.at || g.lap > 0 && next == g.far.at
}

// move goes on to the page after this one.
func (g *guard[A, P, T]) move(page P) {
	g.before = page
	if g.age == g.lap {
		g.far, g.age, g.lap, g.met = g.last, 0, max(2*g.lap, 1), false
	}
	g.age++
}
