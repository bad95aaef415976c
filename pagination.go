package cometchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"sync"

	"github.com/go-cometchat/cometchat/internal/transport"
)

// MaxPageSize is the most items the API gives in one page. All, Pages and
// Backward ask for it unless the list's options name a size.
const MaxPageSize = 1000

// maxPrefetch bounds Prefetch, in pages.
const maxPrefetch = 64

// list is what both kinds of list hold: the request, and where and how to walk.
// It is never changed once made.
type list struct {
	core     *core
	op       op
	from     Position
	prefetch int
	problem  error // with an argument; yielded instead of the first page
}

// prepared is a list that has been checked, ready for its pages to be fetched.
type prepared struct {
	list
	id      string
	request *transport.Request // but for the query
	filters url.Values
	page    url.Values // the page parameters that the options name
}

// prepare checks the request and splits it into filters and page parameters,
// so that nothing is sent for a list that cannot work.
func (l list) prepare(paging ...string) (*prepared, error) {
	if l.problem != nil {
		return nil, l.problem
	}
	req, err := l.core.request(l.op)
	if err != nil {
		return nil, err
	}
	filters, err := url.ParseQuery(req.RawQuery)
	if err != nil {
		return nil, err
	}
	page := url.Values{}
	for _, name := range paging {
		if values, ok := filters[name]; ok {
			page[name] = values
			delete(filters, name)
		}
	}
	id := fingerprint(req.Operation+" "+req.Path, filters, req.ActingUser)
	if !l.from.IsZero() && l.from.list != id {
		return nil, &ValidationError{Field: "position", Size: len(l.from.String()),
			Reason: "was taken from another list, or from one with other filters or another acting user"}
	}
	return &prepared{list: l, id: id, request: req, filters: filters, page: page}, nil
}

// fetchList makes the call for one page, and says how many items were left out.
func fetchList[T any](ctx context.Context, l *prepared, query url.Values, at Position, hint int) (items []*T, skipped int, meta listMeta, err error) {
	o, req := l.op, *l.request
	o.position, req.RawQuery = at, query.Encode()
	err = l.core.sendRequest(ctx, o, &req, func(body []byte) (problem string) {
		items, skipped, meta, problem = decodeList[T](body, hint)
		return problem
	})
	return items, skipped, meta, err
}

// sameItems reports whether a page has brought just what the page before it
// had.
func sameItems[T any](a, b []*T) bool { return len(a) > 0 && reflect.DeepEqual(a, b) }

// itemsOf walks pages item by item.
func itemsOf[P, T any](pages iter.Seq2[*P, error], items func(*P) iter.Seq[*T]) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for page, err := range pages {
			if err != nil {
				yield(nil, err)
				return
			}
			for item := range items(page) {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// Pagination is what the server says of a page list. Not all of it can be
// trusted: for some lists Total is 0 although there are items, and TotalPages
// is CurrentPage, or one more while there is more.
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
	// Position is where this page begins, Next where the one after it does;
	// Next is zero on the last page.
	Position Position
	Next     Position
	// Pagination is the server's own account of the page.
	Pagination Pagination
	// Cursor has the members of the cursor some lists give, such as affix and
	// updatedAt; nil if there is none.
	Cursor map[string]string
}

// LogValue gives slog the page's number and size; the items may hold secrets.
func (p Page[T]) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("page", p.Position.page), slog.Int("items", len(p.Items)))
}

// PageList is a list that comes in numbered pages. It is lazy and immutable: it
// fetches when ranged over, as often as that is done, each time from its start.
// Making one cannot fail; what is wrong with its arguments is the error of the
// first fetch, before any request.
//
// A list that changes during a walk shifts: where the newest come first, an
// item created meanwhile makes another one appear twice, never be missed; items
// removed meanwhile pull others onto pages that were read already.
type PageList[T any] struct{ list }

func pageList[T any](c *core, o op) *PageList[T] {
	return &PageList[T]{list{core: c, op: o}}
}

// From returns the same list, starting at p. Pages have the size they had when
// p was taken. A p of another list, or of one with other filters, is refused
// with a *ValidationError at the first fetch.
func (l *PageList[T]) From(p Position) *PageList[T] {
	d := *l
	d.from = p
	return &d
}

// Prefetch returns the same list, fetching up to n pages at once (64 at most)
// when walked by All, Pages or Collect; their order stays. How far it may run
// ahead is what the server says of the number of pages, so lists whose
// TotalPages grows as they are read profit little.
func (l *PageList[T]) Prefetch(n int) *PageList[T] {
	d := *l
	d.prefetch = min(n, maxPrefetch)
	return &d
}

// First fetches one page: the one the options name, or the first. Its size is
// the API's default unless the options name one.
func (l *PageList[T]) First(ctx context.Context) (*Page[T], error) {
	w, err := l.walk(0)
	if err != nil {
		return nil, err
	}
	return w.fetch(ctx, w.start)
}

// All yields every item, fetching pages as they are needed. An error is yielded
// once, with a nil item, and ends the walk: a *PageError that tells where to
// resume.
func (l *PageList[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return itemsOf(l.Pages(ctx), pageItems[T])
}

func pageItems[T any](p *Page[T]) iter.Seq[*T] { return slices.Values(p.Items) }

// Pages yields every page that has items, or had some that were left out,
// fetching it as it is needed; errors are as in All.
func (l *PageList[T]) Pages(ctx context.Context) iter.Seq2[*Page[T], error] {
	return l.pages(ctx, MaxPageSize, -1)
}

// Collect returns at most limit items, and never fetches a page it does not
// need for them. On an error it returns the items it has got until then, too.
func (l *PageList[T]) Collect(ctx context.Context, limit int) ([]*T, error) {
	return collect(limit, l.pages(ctx, min(limit, MaxPageSize), limit), pageItems[T])
}

func collect[P, T any](limit int, pages iter.Seq2[*P, error], items func(*P) iter.Seq[*T]) ([]*T, error) {
	if limit <= 0 {
		return nil, nil
	}
	var got []*T
	for item, err := range itemsOf(pages, items) {
		if err != nil {
			return got, err
		}
		if got = append(got, item); len(got) == limit {
			break
		}
	}
	return got, nil
}

// pageWalk is one walk over a page list.
type pageWalk[T any] struct {
	*prepared
	start int
	size  int // 0 for the API's default
}

func (l *PageList[T]) walk(size int) (*pageWalk[T], error) {
	list, err := l.prepare("page", "perPage")
	if err != nil {
		return nil, &PageError{Position: l.from, Err: err}
	}
	w := &pageWalk[T]{prepared: list, start: 1, size: size}
	// The number of a page means a place only together with its size, so that a
	// number named without one is of pages of the API's default size.
	if n, err := strconv.Atoi(w.page.Get("page")); err == nil {
		w.start, w.size = n, 0
	}
	if n, err := strconv.Atoi(w.page.Get("perPage")); err == nil {
		w.size = n
	}
	if l.from.page > 0 {
		w.start, w.size = l.from.page, l.from.size
	}
	return w, nil
}

func (w *pageWalk[T]) position(n int) Position {
	return Position{list: w.id, page: n, size: w.size}
}

func (w *pageWalk[T]) fetch(ctx context.Context, n int) (*Page[T], error) {
	values := url.Values{}
	for k, v := range w.filters {
		values[k] = v
	}
	if paged := !w.op.route.unpaged; paged || n > 1 {
		values.Set("page", strconv.Itoa(n))
		if paged && w.size > 0 {
			values.Set("perPage", strconv.Itoa(w.size))
		}
	}
	at := w.position(n)
	items, skipped, meta, err := fetchList[T](ctx, w.prepared, values, at, w.size)
	if err != nil {
		return nil, &PageError{Position: at, Err: err}
	}
	p := &Page[T]{Items: items, Skipped: skipped, Position: at, Pagination: meta.Pagination, Cursor: cursorMembers(meta.Cursor)}
	if n := p.Pagination.CurrentPage; n > 0 && n < p.Pagination.TotalPages {
		p.Next = w.position(at.page + 1)
	}
	return p, nil
}

// pages walks the list; limit is the number of items wanted, or -1.
func (l *PageList[T]) pages(ctx context.Context, size, limit int) iter.Seq2[*Page[T], error] {
	return func(yield func(*Page[T], error) bool) {
		w, err := l.walk(size)
		if err != nil {
			yield(nil, err)
			return
		}
		ahead := startAhead(ctx, w.fetch, max(w.prefetch, 1))
		defer ahead.stop()

		var before *Page[T] // the last one that was yielded
		repeated := false
		last := w.start // the last page worth asking for ahead of its turn
		for n := w.start; ; n++ {
			if limit >= 0 && w.size > 0 {
				last = min(last, w.start+(limit-1)/w.size)
			}
			page, err := ahead.get(n, last)
			again := false
			if err == nil {
				again = before != nil && sameItems(before.Items, page.Items)
				if repeated && again || w.stuck(before, page, again) {
					err = &PageError{Position: page.Position, Err: fmt.Errorf("%w: page %d of %d brought nothing new",
						ErrPaginationLoop, page.Pagination.CurrentPage, page.Pagination.TotalPages)}
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !again && len(page.Items)+page.Skipped > 0 && !yield(page, nil) || page.Next.IsZero() {
				return
			}
			last = max(last, page.Pagination.TotalPages)
			before, repeated = page, again
		}
	}
}

// stuck reports a server that does not get ahead: one that promises more while
// its page's number stands still, or moves its end away over empty pages. A page
// whose items are those of the page before is no proof yet: as many new items at
// the list's front do that, too. But then more must follow.
func (w *pageWalk[T]) stuck(before, page *Page[T], again bool) bool {
	is := page.Pagination
	if before == nil {
		return is.CurrentPage > 0 && is.CurrentPage < page.Position.page // not the page asked for
	}
	if page.Next.IsZero() {
		return again
	}
	was := before.Pagination
	if is.CurrentPage <= was.CurrentPage {
		return true
	}
	return len(page.Items) == 0 && len(before.Items) == 0 && is.TotalPages > was.TotalPages
}

// ahead fetches pages before their turn, at most window at once, and hands them
// out in order.
type ahead[P any] struct {
	ctx    context.Context
	cancel context.CancelFunc
	fetch  func(context.Context, int) (*P, error)
	window int
	next   int // the next page to ask for
	queue  []chan fetched[P]
	wg     sync.WaitGroup
}

type fetched[P any] struct {
	page *P
	err  error
}

func startAhead[P any](ctx context.Context, fetch func(context.Context, int) (*P, error), window int) *ahead[P] {
	a := &ahead[P]{fetch: fetch, window: window}
	a.ctx, a.cancel = context.WithCancel(ctx)
	return a
}

// stop ends every fetch and waits until no goroutine is left.
func (a *ahead[P]) stop() {
	a.cancel()
	a.wg.Wait()
}

// get returns page n, and has the pages up to last under way when it does. It
// is called with every n in turn.
func (a *ahead[P]) get(n, last int) (*P, error) {
	if a.window == 1 {
		return a.fetch(a.ctx, n)
	}
	a.next = max(a.next, n)
	for a.next <= max(n, last) && len(a.queue) < a.window {
		result, number := make(chan fetched[P], 1), a.next
		a.queue = append(a.queue, result)
		a.next++
		a.wg.Go(func() {
			page, err := a.fetch(a.ctx, number)
			result <- fetched[P]{page, err}
		})
	}
	f := <-a.queue[0]
	a.queue = a.queue[1:]
	return f.page, f.err
}

// CursorPage is one page of a CursorList.
type CursorPage[T any] struct {
	Items []*T
	// Skipped is how many items the server left empty: null, [] or false.
	Skipped int
	// Position is where this page begins; Next and Previous are where its
	// neighbours do, zero where the server names none. It names no Previous on
	// the first page, but a Next on every page, so that the end of the list shows
	// only as a page without items.
	Position Position
	Next     Position
	Previous Position
	// Limit and Count are the server's own account of the page's size.
	Limit, Count int
}

// LogValue gives slog the page's size; the items may hold secrets.
func (p CursorPage[T]) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("items", len(p.Items)))
}

// CursorList is a list that comes in pages linked by cursors: each page names
// what to send to get its neighbours. It is lazy and immutable like PageList,
// and can be walked both ways. A server that ignored the cursor it is sent would
// give the first page again, which a walk cannot tell from the page it asked for
// before that page's own cursor repeats: then it ends with ErrPaginationLoop.
type CursorList[T any] struct{ list }

func cursorList[T any](c *core, o op) *CursorList[T] {
	return &CursorList[T]{list{core: c, op: o}}
}

// From returns the same list, starting at p. A p of another list, or of one
// with other filters, is refused with a *ValidationError at the first fetch.
func (l *CursorList[T]) From(p Position) *CursorList[T] {
	d := *l
	d.from = p
	return &d
}

// Prefetch returns the same list, fetching one page ahead while the one before
// it is worked on; a cursor list allows no more, so n counts only as more than 0
// or not.
func (l *CursorList[T]) Prefetch(n int) *CursorList[T] {
	d := *l
	d.prefetch = n
	return &d
}

// First fetches one page: the one at the list's Position, or the first. Its
// size is the API's default unless the options name one.
func (l *CursorList[T]) First(ctx context.Context) (*CursorPage[T], error) {
	w, err := l.walk(0, forward)
	if err != nil {
		return nil, err
	}
	return w.fetch(ctx, w.start)
}

// All yields every item, oldest first, fetching pages as they are needed. An
// error is yielded once, with a nil item, and ends the walk: a *PageError that
// tells where to resume.
func (l *CursorList[T]) All(ctx context.Context) iter.Seq2[*T, error] {
	return itemsOf(l.Pages(ctx), cursorItems[T])
}

func cursorItems[T any](p *CursorPage[T]) iter.Seq[*T] { return slices.Values(p.Items) }

// Backward yields every item before the list's Position, newest first; without
// a Position it begins at the end of the list. Errors are as in All.
func (l *CursorList[T]) Backward(ctx context.Context) iter.Seq2[*T, error] {
	return itemsOf(l.PagesBackward(ctx), func(p *CursorPage[T]) iter.Seq[*T] {
		return func(yield func(*T) bool) {
			for _, item := range slices.Backward(p.Items) {
				if !yield(item) {
					return
				}
			}
		}
	})
}

// Pages yields every page that has items, or had some that were left out,
// fetching it as it is needed; errors are as in All.
func (l *CursorList[T]) Pages(ctx context.Context) iter.Seq2[*CursorPage[T], error] {
	return l.pages(ctx, MaxPageSize, -1, forward)
}

// PagesBackward yields the pages before the list's Position, the nearest first,
// each with its items oldest first as the server gives them; errors are as in
// All.
func (l *CursorList[T]) PagesBackward(ctx context.Context) iter.Seq2[*CursorPage[T], error] {
	return l.pages(ctx, MaxPageSize, -1, backward)
}

// Collect returns at most limit items, oldest first, and never fetches a page
// it does not need for them. On an error it returns the items it has got until
// then, too.
func (l *CursorList[T]) Collect(ctx context.Context, limit int) ([]*T, error) {
	return collect(limit, l.pages(ctx, min(limit, MaxPageSize), limit, forward), cursorItems[T])
}

// The affix parameter says on which side of a cursor the page lies.
const (
	forward  = "append"
	backward = "prepend"
)

// cursorWalk is one walk over a cursor list.
type cursorWalk[T any] struct {
	*prepared
	start    string // the cursor's query; "" for the list's start
	size     int    // 0 for the API's default
	sizeName string
}

func (l *CursorList[T]) walk(size int, affix string) (*cursorWalk[T], error) {
	list, err := l.prepare("limit", "perPage")
	if err != nil {
		return nil, &PageError{Position: l.from, Err: err}
	}
	w := &cursorWalk[T]{prepared: list, size: size, sizeName: "limit"}
	for _, name := range []string{"perPage", "limit"} {
		if n, err := strconv.Atoi(w.page.Get(name)); err == nil {
			w.size, w.sizeName = n, name
		}
	}
	cursor, err := url.ParseQuery(l.from.cursor)
	if err != nil {
		return nil, &PageError{Position: l.from, Err: err}
	}
	if l.from.size > 0 || cursor.Has("page") {
		w.size = l.from.size
	}
	if len(cursor) == 0 && affix == backward {
		cursor.Set("affix", backward)
	}
	w.start = cursor.Encode()
	return w, nil
}

func (w *cursorWalk[T]) position(cursor string) Position {
	if cursor == "" {
		return Position{}
	}
	return Position{list: w.id, size: w.size, cursor: cursor}
}

func (w *cursorWalk[T]) fetch(ctx context.Context, cursor string) (*CursorPage[T], error) {
	at := w.position(cursor)
	values, err := url.ParseQuery(cursor)
	if err != nil {
		return nil, &PageError{Position: at, Err: err}
	}
	started := values.Has("affix") && len(values) > 1 // a cursor replaces where the options begin
	for k, v := range w.filters {
		if _, ok := values[k]; !ok && !(started && k == "id") {
			values[k] = v
		}
	}
	if w.size > 0 {
		values.Set(w.sizeName, strconv.Itoa(w.size))
	}
	items, skipped, meta, err := fetchList[T](ctx, w.prepared, values, at, w.size)
	if err != nil {
		return nil, &PageError{Position: at, Err: err}
	}
	if q := cursorQuery(meta.Next) + cursorQuery(meta.Previous); w.core.transport.Redactor().String(q) != q {
		return nil, &PageError{Position: at, Err: errors.New("cometchat: the answer's cursor holds the API key")}
	}
	p := &CursorPage[T]{
		Items: items, Skipped: skipped, Position: at,
		Next: w.position(cursorQuery(meta.Next)), Previous: w.position(cursorQuery(meta.Previous)),
		Limit: meta.Current.Limit, Count: meta.Current.Count,
	}
	// The messages with a user are documented with numbered pages, too.
	if n := meta.Pagination.CurrentPage; p.Next.IsZero() && n > 0 && n < meta.Pagination.TotalPages {
		p.Next = w.position(url.Values{"page": {strconv.Itoa(n + 1)}}.Encode())
	}
	return p, nil
}

// pages walks the list; limit is the number of items wanted, or -1.
func (l *CursorList[T]) pages(ctx context.Context, size, limit int, affix string) iter.Seq2[*CursorPage[T], error] {
	return func(yield func(*CursorPage[T], error) bool) {
		w, err := l.walk(size, affix)
		if err != nil {
			yield(nil, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		next := func() (*CursorPage[T], error) { return w.fetch(ctx, w.start) }
		if affix == backward {
			some, err := w.turn(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			if !some {
				return
			}
		}

		seen := map[string]bool{w.start: true}
		var before []*T
		count := 0
		for {
			page, err := next()
			if err == nil && sameItems(before, page.Items) {
				err = &PageError{Position: page.Position, Err: fmt.Errorf("%w: a page came again", ErrPaginationLoop)}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page.Items)+page.Skipped == 0 {
				return
			}
			onward := page.Next
			if affix == backward {
				onward = page.Previous
			}
			next = func() (*CursorPage[T], error) { return w.fetch(ctx, onward.cursor) }
			if seen[onward.cursor] {
				next = func() (*CursorPage[T], error) {
					return nil, &PageError{Position: onward, Err: fmt.Errorf("%w: the cursor does not move", ErrPaginationLoop)}
				}
			}
			count += len(page.Items)
			if w.prefetch > 0 && !onward.IsZero() && (limit < 0 || count < limit) {
				next = aheadOfTurn(&wg, next)
			}
			if !yield(page, nil) || onward.IsZero() {
				return
			}
			seen[onward.cursor] = true
			before = page.Items
		}
	}
}

// turn makes the start of a walk one that leads backward: a position that
// leads forward begins behind an item, which a mere change of direction would
// leave out. It says whether there is anything before.
func (w *cursorWalk[T]) turn(ctx context.Context) (bool, error) {
	cursor, err := url.ParseQuery(w.start)
	if err != nil || cursor.Get("affix") == backward {
		return true, err
	}
	page, err := w.fetch(ctx, w.start)
	if err != nil {
		return false, err
	}
	w.start = page.Previous.cursor
	if len(page.Items) == 0 { // behind the last item
		w.start = url.Values{"affix": {backward}}.Encode()
	}
	return w.start != "", nil
}

// aheadOfTurn starts a fetch and returns how to wait for it.
func aheadOfTurn[P any](wg *sync.WaitGroup, fetch func() (*P, error)) func() (*P, error) {
	result := make(chan fetched[P], 1)
	wg.Go(func() {
		page, err := fetch()
		result <- fetched[P]{page, err}
	})
	return func() (*P, error) {
		f := <-result
		return f.page, f.err
	}
}

// cursorMembers returns a cursor's members as texts, as they came; nil if there
// is no cursor.
func cursorMembers(raw json.RawMessage) map[string]string {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil
	}
	texts := map[string]string{}
	for k, v := range members {
		var text string
		if json.Unmarshal(v, &text) != nil {
			text = string(v)
		}
		if string(v) != "null" && k != "" {
			texts[k] = text
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return texts
}

// cursorQuery returns the parameters that lead to a neighbouring page: every
// member of its cursor, known or not.
func cursorQuery(raw json.RawMessage) string {
	values := url.Values{}
	for k, v := range cursorMembers(raw) {
		values.Set(k, v)
	}
	return values.Encode()
}

// validatePaging checks the page parameters of a list's options.
func validatePaging(v *validation, page, perPage int) {
	if page < 0 {
		v.add(ValidationError{Field: "page", Size: page, Reason: fmt.Sprintf("%d, must be 1 or more", page)})
	}
	if perPage != 0 {
		v.between("perPage", perPage, 1, MaxPageSize)
	}
}
