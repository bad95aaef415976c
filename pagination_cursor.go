package cometchat

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-cometchat/cometchat/internal/walk"
)

// CursorPage is one page of a CursorList.
type CursorPage[T any] struct {
	Items []*T
	// Skipped is how many items the server left empty: null, [] or false.
	Skipped int
	// Position is where this page begins; Next and Previous are where its
	// neighbours begin, or zero if the server names none. The server names no
	// Previous on the first page, but a Next on every page, so that only a page
	// without items shows the end of the list.
	Position Position
	Next     Position
	Previous Position
	// Limit and Count are what the server says about the page's size.
	Limit, Count int
}

// LogValue returns the page's size for slog; the items may hold secrets.
func (p CursorPage[T]) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("items", len(p.Items)))
}

// CursorList is a list in pages linked by cursors: each page names what to send
// to get its neighbours. It is lazy and immutable like PageList, and can be
// walked in both directions. If a server ignored the cursor it is sent, it would
// return the first page again. A walk notices that only when the cursor of that
// page repeats, and then ends with ErrPaginationLoop.
type CursorList[T any] struct{ list }

func cursorList[T any](c *core, o op) *CursorList[T] {
	return &CursorList[T]{list{core: c, op: o}}
}

// From returns the same list, starting at p. A p of another list, or of one with
// other filters, is refused with a *ValidationError at the first fetch. Pages
// have the size that the options name, or else the size they had when p was
// taken.
func (l *CursorList[T]) From(p Position) *CursorList[T] {
	d := *l
	d.from = p
	return &d
}

// Prefetch returns the same list, which fetches one page ahead while the page
// before it is being used. A cursor list allows no more than one, so it only
// matters whether n is more than 0. Panics are as in PageList.Prefetch.
func (l *CursorList[T]) Prefetch(n int) *CursorList[T] {
	d := *l
	d.prefetch = n
	return &d
}

// First fetches one page: the one at the list's Position, or the first. Its
// size is the API's default unless the options name one.
func (l *CursorList[T]) First(ctx context.Context) (*CursorPage[T], error) {
	s, start, err := l.open(0, forward)
	if err != nil {
		return nil, err
	}
	return s.Fetch(ctx, start)
}

// All yields every item, oldest first, and fetches pages as needed. An error is
// yielded once, with a nil item, and ends the walk: a *PageError that says where
// to resume.
func (l *CursorList[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return walk.Items(l.Pages(ctx), cursorItems[T])
}

// Backward yields every item before the list's Position, newest first. Without a
// Position it begins at the end of the list. Errors are as in All.
func (l *CursorList[T]) Backward(ctx context.Context) iter.Seq2[*T, error] {
	return walk.Items(l.PagesBackward(ctx), func(p *CursorPage[T]) []*T {
		items := slices.Clone(p.Items)
		slices.Reverse(items)
		return items
	})
}

// Pages yields every page that has items, or had some that were left out, and
// fetches pages as needed. Errors are as in All.
func (l *CursorList[T]) Pages(ctx context.Context) iter.Seq2[*CursorPage[T], error] {
	return l.pages(ctx, MaxPageSize, 0, forward)
}

// PagesBackward yields the pages before the list's Position, the nearest first.
// The items of each page are oldest first, as the server returns them. Errors are
// as in All.
func (l *CursorList[T]) PagesBackward(ctx context.Context) iter.Seq2[*CursorPage[T], error] {
	return l.pages(ctx, MaxPageSize, 0, backward)
}

// Collect returns at most limit items, oldest first, and fetches no page that it
// does not need for them. On an error it also returns the items it has so far. A
// limit below 0 is a *ValidationError.
func (l *CursorList[T]) Collect(ctx context.Context, limit int) ([]*T, error) {
	return collect(l.op, limit, l.pages(ctx, min(limit, MaxPageSize), limit, forward), cursorItems[T])
}

func cursorItems[T any](p *CursorPage[T]) []*T { return p.Items }

// pages walks the list in pages of size, unless the options name another one.
// limit is how many items are wanted, 0 for all.
func (l *CursorList[T]) pages(ctx context.Context, size, limit int, affix string) iter.Seq2[*CursorPage[T], error] {
	return func(yield func(*CursorPage[T], error) bool) {
		s, start, err := l.open(size, affix)
		more := true
		if err == nil && affix == backward {
			start, more, err = s.turn(ctx, start)
		}
		switch {
		case err != nil:
			yield(nil, err)
		case more:
			walk.Pages(ctx, s, start, walk.Options{Ahead: min(l.prefetch, 1), Limit: limit, Size: MaxPageSize})(yield)
		}
	}
}

// cursorSource is what one walk over a cursor list fetches from.
type cursorSource[T any] struct {
	*prepared
	affix string // which way the walk goes
	size  int    // of its pages; 0 for the API's default
}

// open prepares a walk, and returns where it starts.
func (l *CursorList[T]) open(size int, affix string) (*cursorSource[T], Position, error) {
	list, err := l.prepare(false, "limit")
	if err != nil {
		return nil, Position{}, &PageError{Position: l.from, Err: err}
	}
	s := &cursorSource[T]{prepared: list, affix: affix, size: size}
	cursor := l.from.query()
	if s.own(cursor) != l.from.cursor {
		return nil, Position{}, &PageError{Position: l.from, Err: l.op.invalid(&ValidationError{Field: "position",
			Size: len(l.from.cursor), Reason: "holds a parameter that is not a cursor's to set"})}
	}
	// The number of a page names a place only together with the page size.
	if l.from.size > 0 || cursor.Has("page") {
		s.size = l.from.size
	}
	if n, err := strconv.Atoi(s.page.Get("limit")); err == nil && !cursor.Has("page") {
		s.size = n
	}
	if len(cursor) == 0 && affix == backward {
		cursor.Set("affix", backward)
	}
	return s, s.position(cursor.Encode()), nil
}

// own returns a cursor without the parameters that it must not set.
func (s *cursorSource[T]) own(cursor url.Values) string {
	return ownParams(cursor, s.op.params).Encode()
}

func (s *cursorSource[T]) position(cursor string) Position {
	if cursor == "" {
		return Position{}
	}
	return Position{list: s.id, size: s.size, cursor: cursor}
}

func (s *cursorSource[T]) Fetch(ctx context.Context, at Position) (*CursorPage[T], error) {
	values := at.query()
	started := values.Has("affix") && len(values) > 1 // a cursor replaces where the options begin
	for k, v := range s.filters {
		if _, ok := values[k]; !ok && !(started && k == "id") {
			values[k] = v
		}
	}
	if s.size > 0 && s.op.route.pageID == "" {
		values.Set("limit", strconv.Itoa(s.size))
		if s.op.route.perPage {
			values.Set("perPage", strconv.Itoa(s.size))
		}
	}
	list, err := fetchList[T](ctx, s.prepared, values, at)
	if err != nil {
		return nil, &PageError{Position: at, Err: err}
	}
	meta := list.Meta
	next, previous := s.own(cursorQuery(meta.Next)), s.own(cursorQuery(meta.Previous))
	if s.op.route.pageID != "" {
		next, previous = s.beside(list.Items)
	}
	if q := next + previous; s.core.transport.Redactor().String(q) != q {
		return nil, &PageError{Position: at, Err: errors.New("cometchat: the response's cursor holds the API key")}
	}
	p := &CursorPage[T]{
		Items: list.Items, Skipped: list.Skipped, Position: at,
		Next: s.position(next), Previous: s.position(previous),
		Limit: meta.Current.Limit, Count: meta.Current.Count,
	}
	// The messages with a user are documented with numbered pages, too.
	if n := meta.Pagination.CurrentPage; p.Next.IsZero() && n > 0 && n < meta.Pagination.TotalPages {
		p.Next = s.position(url.Values{"page": {strconv.Itoa(n + 1)}}.Encode())
	}
	return p, nil
}

// beside returns the cursors of the pages before and after some items, in a list
// that is paged by the ids of its items.
func (s *cursorSource[T]) beside(items []*T) (next, previous string) {
	if len(items) == 0 {
		return "", ""
	}
	cursor := func(affix string, item *T) string {
		return url.Values{"affix": {affix}, s.op.route.pageID: {any(item).(interface{ listID() string }).listID()}}.Encode()
	}
	return cursor(forward, items[len(items)-1]), cursor(backward, items[0])
}

func (s *cursorSource[T]) Content(p *CursorPage[T]) ([]*T, int) { return p.Items, p.Skipped }

// Next returns the page after this one. A page without items is the end, even if
// it has a cursor.
func (s *cursorSource[T]) Next(p *CursorPage[T], n int) (Position, bool) {
	at := p.Next
	if s.affix == backward {
		at = p.Previous
	}
	return at, n == 0 && !at.IsZero() && len(p.Items)+p.Skipped > 0
}

func (s *cursorSource[T]) Stuck(_, _ *CursorPage[T]) string { return "" }

// turn changes the start of a walk to one that leads backward. A position that
// leads forward begins after an item, which a mere change of direction would
// leave out. It reports whether there is anything before.
func (s *cursorSource[T]) turn(ctx context.Context, start Position) (Position, bool, error) {
	if start.query().Get("affix") == backward {
		return start, true, nil
	}
	page, err := s.Fetch(ctx, start)
	if err != nil {
		return Position{}, false, err
	}
	if len(page.Items)+page.Skipped == 0 { // behind the last item
		return s.position(url.Values{"affix": {backward}}.Encode()), true, nil
	}
	return page.Previous, !page.Previous.IsZero(), nil
}
