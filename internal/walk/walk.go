// Package walk goes over a list that comes in pages: from one page to the next,
// ahead of its reader if that is requested, and never in a circle. A Source
// fetches the pages and tells whether there is another one.
package walk

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// Source is the list that one walk goes over. A is a place in the list, where a
// page begins; P is a page, and T an item of it.
type Source[A comparable, P, T any] interface {
	// Fetch returns the page at a place. A walk that runs ahead calls it from
	// several goroutines at once.
	Fetch(ctx context.Context, at A) (P, error)
	// Next returns where the nth page after this one begins, counted from 0. It
	// also reports whether that page exists, as far as this page tells.
	Next(page P, n int) (at A, ok bool)
	// Content returns the items of a page, and how many items were left out of
	// it.
	Content(page P) (items []T, skipped int)
	// Stuck returns the reason why a page shows that the server makes no
	// progress, or "". before is the previous page, or the zero P.
	Stuck(before, page P) string
	// Loop returns the error of a walk that would make no progress at a place.
	Loop(at A, why string) error
}

// Options control a walk.
type Options struct {
	// Ahead is how many pages are fetched at once while the reader is busy with
	// the previous page; 0 fetches each page when it is needed.
	Ahead int
	// Limit ends the walk with the page that has the last item wanted; 0 means no
	// limit.
	Limit int
	// Size is the largest number of items that a page can have. With a Limit, no
	// page is fetched ahead that might not be needed.
	Size int
	// Shifts reports whether items can move to a later page during the walk. A
	// page with the same items as the previous one is then left out. It counts as
	// a circle only if it is the last page or comes a third time.
	Shifts bool
}

// Pages yields the pages of a list that have items, or had items that were left
// out. It yields an error once, with the zero P, and the error ends the walk.
// However the walk ends, every fetch is stopped and no goroutine is left.
//
// If a fetch panics or ends its goroutine, the same happens to the goroutine that
// ranges, when that page is due.
func Pages[A comparable, P, T any](ctx context.Context, s Source[A, P, T], start A, o Options) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		w := walker[A, P, T]{
			source: s, options: o, at: start, more: true,
			ahead: ahead[A, P]{fetch: s.Fetch}, guard: guard[A, P, T]{source: s, shifts: o.Shifts},
		}
		defer w.ahead.stop()
		for w.more {
			page, show, err := w.step(ctx)
			if err != nil {
				var none P
				yield(none, err)
				return
			}
			if show && !yield(page, nil) {
				return
			}
		}
	}
}

// walker is a walk in progress.
type walker[A comparable, P, T any] struct {
	source  Source[A, P, T]
	options Options
	ahead   ahead[A, P]
	guard   guard[A, P, T]

	at     A    // where the next page begins
	more   bool // whether there is a next page
	circle bool // whether the next page came before
	count  int  // of items, so far
}

// step takes the next page, and reports whether to show it.
func (w *walker[A, P, T]) step(ctx context.Context) (page P, show bool, err error) {
	if w.circle {
		return page, false, w.source.Loop(w.at, "it leads back to a page that came before")
	}
	page, err = w.ahead.take(ctx, w.at)
	if err != nil {
		return page, false, err
	}
	next, more := w.source.Next(page, 0)
	if err := w.guard.check(w.at, page, more); err != nil {
		return page, false, err
	}
	if !w.guard.again {
		items, skipped := w.source.Content(page)
		w.count += len(items)
		show = len(items)+skipped > 0
	}
	more = more && (w.options.Limit <= 0 || w.count < w.options.Limit)
	w.circle = more && w.guard.passed(next)
	if more && !w.circle {
		w.ahead.run(ctx, w.options.room(w.count), func(n int) (A, bool) { return w.source.Next(page, n) })
	}
	w.guard.move(page)
	w.at, w.more = next, more
	return page, show, nil
}

// room returns how many pages may be under way after count items.
func (o Options) room(count int) int {
	if o.Limit <= 0 {
		return o.Ahead
	}
	return min(o.Ahead, (o.Limit-count-1)/max(o.Size, 1)+1)
}

// ahead fetches pages before they are due, and hands them out in order.
type ahead[A, P any] struct {
	fetch  func(context.Context, A) (P, error)
	ctx    context.Context // for the pages under way
	cancel context.CancelFunc
	queue  []<-chan fetched[P]
	wg     sync.WaitGroup
}

// fetched is the result of a fetch.
type fetched[P any] struct {
	page     P
	err      error
	panicked any
	exited   bool // by runtime.Goexit, as a test's FailNow does
}

// take returns the page at a place. If pages are under way, it must be the place
// of the first one in the queue.
func (a *ahead[A, P]) take(ctx context.Context, at A) (P, error) {
	if len(a.queue) == 0 {
		return a.fetch(ctx, at)
	}
	f := <-a.queue[0]
	a.queue = a.queue[1:]
	switch {
	case f.panicked != nil:
		panic(f.panicked)
	case f.exited:
		runtime.Goexit()
	case f.err == nil && ctx.Err() != nil: // fails as it would without running ahead
		return a.fetch(ctx, at)
	}
	return f.page, f.err
}

// run keeps up to n pages under way. place returns where the nth of them begins.
func (a *ahead[A, P]) run(ctx context.Context, n int, place func(n int) (A, bool)) {
	for len(a.queue) < n {
		at, ok := place(len(a.queue))
		if !ok {
			return
		}
		if a.cancel == nil {
			a.ctx, a.cancel = context.WithCancel(ctx)
		}
		done := make(chan fetched[P], 1)
		a.queue = append(a.queue, done)
		a.wg.Go(func() {
			f := fetched[P]{exited: true}
			defer func() {
				f.panicked = recover()
				done <- f
			}()
			f.page, f.err = a.fetch(a.ctx, at)
			f.exited = false
		})
	}
}

// stop cancels every fetch and waits until no goroutine is left.
func (a *ahead[A, P]) stop() {
	if a.cancel != nil {
		a.cancel()
		a.wg.Wait()
	}
}

// Items yields the items of pages, one by one.
func Items[P, T any](pages iter.Seq2[P, error], items func(P) []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range pages {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items(page) {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// Collect returns the first items, at most limit of them. It also returns the
// error that came before the limit was reached, if any.
func Collect[T any](items iter.Seq2[T, error], limit int) ([]T, error) {
	var got []T
	for item, err := range items {
		if err != nil {
			return got, err
		}
		if got = append(got, item); len(got) >= limit {
			break
		}
	}
	return got, nil
}
