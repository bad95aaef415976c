package walk

import (
	"fmt"
	"reflect"
)

// MaxEmpty is how many consecutive pages may be without items.
const MaxEmpty = 100

// guard notices a server that leads a walk in a circle. It remembers two pages,
// however long the walk is: the previous page, and one from further back. The
// latter is replaced by the current page whenever the walk has become twice as
// long. In a circle of any length, the remembered page comes again (Brent's
// method).
type guard[A comparable, P, T any] struct {
	source Source[A, P, T]
	shifts bool

	before P
	last   mark[A, T] // of the previous page
	far    mark[A, T] // of a page from further back
	age    int        // of far, in pages
	lap    int        // the age at which far is replaced
	met    bool       // far's items have come again since then
	again  bool       // the previous page had the items of the page before it
	empty  int        // consecutive pages without items
}

// mark is what a guard remembers about a page.
type mark[A comparable, T any] struct {
	at    A
	items []T
}

func (m mark[A, T]) has(items []T) bool {
	return len(items) > 0 && reflect.DeepEqual(m.items, items)
}

// check returns an error for a page that brings nothing new. more reports whether
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

// passed reports whether next is the place of a remembered page.
func (g *guard[A, P, T]) passed(next A) bool {
	return next == g.last.at || g.lap > 0 && next == g.far.at
}

// move makes page the previous page.
func (g *guard[A, P, T]) move(page P) {
	g.before = page
	if g.age == g.lap {
		g.far, g.age, g.lap, g.met = g.last, 0, max(2*g.lap, 1), false
	}
	g.age++
}
