package cometchat

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"strconv"

	"github.com/go-cometchat/cometchat/internal/walk"
	"github.com/go-cometchat/cometchat/internal/wire"
)

// maxPrefetch is the limit of Prefetch, in pages.
const maxPrefetch = 64

// Pagination is what the server says about a page list. It is not always
// reliable: for some lists Total is 0 although there are items, and TotalPages
// equals CurrentPage, or is one higher while there are more pages.
type Pagination struct {
	Total       int `json:"total"`
	Count       int `json:"count"`
	PerPage     int `json:"per_page"`
	CurrentPage int `json:"current_page"`
	TotalPages  int `json:"total_pages"`
}

// Page is one page of a PageList.
type Page[T any] struct {
	Items []*T
	// Skipped is how many items the server left empty: null, [] or false.
	Skipped int
	// Position is where this page begins, and Next where the following page
	// begins; Next is zero on the last page.
	Position Position
	Next     Position
	// Pagination is what the server says about the page.
	Pagination Pagination
	// Cursor holds the members of the cursor that some lists return, such as
	// affix and updatedAt; nil if there is none.
	Cursor map[string]string
}

// LogValue returns the page's number and size for slog; the items may hold
// secrets.
func (p Page[T]) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("page", p.Position.page), slog.Int("items", len(p.Items)))
}

// PageList is a list in numbered pages. It is lazy and immutable: it fetches
// pages while it is ranged over, each time from its start. Making one cannot
// fail; the first fetch reports invalid arguments, before any request is sent.
//
// A list that changes during a walk shifts. In a list with the newest items
// first, an item created in the meantime makes another one appear twice, but none
// is missed; if items are removed in the meantime, others move to pages that were
// already read.
type PageList[T any] struct{ list }

func pageList[T any](c *core, o op) *PageList[T] {
	return &PageList[T]{list{core: c, op: o}}
}

// From returns the same list, starting at p. Its pages have the size they had
// when p was taken, whatever the options say, since the number of a page only
// names a place together with the size. A p of another list, or of one with other
// filters, is refused with a *ValidationError at the first fetch.
func (l *PageList[T]) From(p Position) *PageList[T] {
	d := *l
	d.from = p
	return &d
}

// Prefetch returns the same list, which fetches up to n pages ahead (64 at most)
// when it is walked by All, Pages or Collect. The order of the pages stays the
// same. How far it runs ahead depends on the number of pages that the server
// names, so a list whose TotalPages grows while it is read gains little. If a
// hook panics while a page is fetched (a tracer, a RoundTripper), the panic
// occurs in the goroutine that ranges, at the page's turn.
func (l *PageList[T]) Prefetch(n int) *PageList[T] {
	d := *l
	d.prefetch = min(n, maxPrefetch)
	return &d
}

// First fetches one page: the page that the options name, or else the first. Its
// size is the API's default unless the options name one.
func (l *PageList[T]) First(ctx context.Context) (*Page[T], error) {
	s, start, err := l.open(0)
	if err != nil {
		return nil, err
	}
	return s.Fetch(ctx, start)
}

// All yields every item and fetches pages as needed. An error is yielded once,
// with a nil item, and ends the walk: a *PageError that says where to resume.
func (l *PageList[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return walk.Items(l.Pages(ctx), pageItems[T])
}

// Pages yields every page that has items, or had some that were left out, and
// fetches pages as needed. Errors are as in All.
func (l *PageList[T]) Pages(ctx context.Context) iter.Seq2[*Page[T], error] {
	return l.pages(ctx, MaxPageSize, 0)
}

// Collect returns at most limit items, and fetches no page that it does not need
// for them. On an error it also returns the items it has so far. A limit below 0
// is a *ValidationError.
func (l *PageList[T]) Collect(ctx context.Context, limit int) ([]*T, error) {
	return collect(l.op, limit, l.pages(ctx, min(limit, MaxPageSize), limit), pageItems[T])
}

func pageItems[T any](p *Page[T]) []*T { return p.Items }

// pages walks the list in pages of size, unless the options name another one.
// limit is how many items are wanted, 0 for all.
func (l *PageList[T]) pages(ctx context.Context, size, limit int) iter.Seq2[*Page[T], error] {
	return func(yield func(*Page[T], error) bool) {
		s, start, err := l.open(size)
		if err != nil {
			yield(nil, err)
			return
		}
		walk.Pages(ctx, s, start, walk.Options{
			Ahead: l.prefetch, Limit: limit, Size: cmp.Or(s.size, MaxPageSize), Shifts: true,
		})(yield)
	}
}

// pageSource is what one walk over a page list fetches from.
type pageSource[T any] struct {
	*prepared
	size int // of its pages; 0 for the API's default
}

// open prepares a walk, and returns where it starts.
func (l *PageList[T]) open(size int) (*pageSource[T], Position, error) {
	list, err := l.prepare(true, "page", "perPage")
	if err != nil {
		return nil, Position{}, &PageError{Position: l.from, Err: err}
	}
	s := &pageSource[T]{prepared: list, size: size}
	start := 1
	// The number of a page names a place only together with the page size, so a
	// number without one refers to pages of the API's default size.
	if n, err := strconv.Atoi(s.page.Get("page")); err == nil {
		start, s.size = n, 0
	}
	if n, err := strconv.Atoi(s.page.Get("perPage")); err == nil {
		s.size = n
	}
	if l.from.page > 0 {
		start, s.size = l.from.page, l.from.size
	}
	return s, s.position(start), nil
}

func (s *pageSource[T]) position(n int) Position {
	return Position{list: s.id, page: n, size: s.size}
}

func (s *pageSource[T]) Fetch(ctx context.Context, at Position) (*Page[T], error) {
	values := maps.Clone(s.filters)
	if paged := !s.op.route.unpaged; paged || at.page > 1 {
		values.Set("page", strconv.Itoa(at.page))
		if paged && s.size > 0 {
			values.Set("perPage", strconv.Itoa(s.size))
		}
	}
	list, err := fetchList[T](ctx, s.prepared, values, at)
	if err != nil {
		return nil, &PageError{Position: at, Err: err}
	}
	p := &Page[T]{
		Items: list.Items, Skipped: list.Skipped, Position: at,
		Pagination: Pagination(list.Meta.Pagination), Cursor: wire.Cursor(list.Meta.Cursor),
	}
	if n := p.Pagination.CurrentPage; n > 0 && n < p.Pagination.TotalPages {
		p.Next = s.position(at.page + 1)
	}
	return p, nil
}

func (s *pageSource[T]) Content(p *Page[T]) ([]*T, int) { return p.Items, p.Skipped }

// Next goes as far as the server's own number of pages, which can grow.
func (s *pageSource[T]) Next(p *Page[T], n int) (Position, bool) {
	at := s.position(p.Position.page + 1 + n)
	return at, !p.Next.IsZero() && (n == 0 || at.page <= p.Pagination.TotalPages)
}

// Stuck describes a server that promises more pages while the number of its page
// does not change, or while it moves the end further away over empty pages.
func (s *pageSource[T]) Stuck(before, p *Page[T]) string {
	is := p.Pagination
	switch {
	case before == nil && is.CurrentPage > 0 && is.CurrentPage < p.Position.page:
		return fmt.Sprintf("the response is page %d", is.CurrentPage)
	case before == nil || p.Next.IsZero():
		return ""
	case is.CurrentPage <= before.Pagination.CurrentPage:
		return fmt.Sprintf("the response is page %d again", is.CurrentPage)
	case len(p.Items)+p.Skipped+len(before.Items)+before.Skipped == 0 && is.TotalPages > before.Pagination.TotalPages:
		return "its pages are empty, and become more"
	}
	return ""
}
