package walk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// page is a page of the lists in these tests, with the place it was requested at.
type page struct {
	at      int
	items   []string
	skipped int
	next    int // 0 for none
	known   int // how many pages after this one are known
	stuck   string
}

// script is a list that consists of one function.
type script struct {
	fetches atomic.Int64
	flying  atomic.Int64
	most    atomic.Int64
	answer  func(ctx context.Context, at int) (*page, error)
}

func (s *script) Fetch(ctx context.Context, at int) (*page, error) {
	s.fetches.Add(1)
	n := s.flying.Add(1)
	defer s.flying.Add(-1)
	for old := s.most.Load(); n > old && !s.most.CompareAndSwap(old, n); old = s.most.Load() {
	}
	return s.answer(ctx, at)
}

func (s *script) Next(p *page, n int) (int, bool) {
	return p.next + n, p.next > 0 && n <= p.known
}

func (s *script) Content(p *page) ([]string, int) { return p.items, p.skipped }

func (s *script) Stuck(_, p *page) string { return p.stuck }

func (s *script) Loop(at int, why string) error { return &loop{at, why} }

type loop struct {
	at  int
	why string
}

func (l *loop) Error() string { return fmt.Sprintf("%d: %s", l.at, l.why) }

// of returns a list of these pages, at 1, 2 and so on. Each names the next page,
// and all that follow.
func of(pages ...*page) *script {
	return &script{answer: func(_ context.Context, at int) (*page, error) {
		p := *pages[at-1]
		p.at, p.known = at, len(pages)-at-1
		if p.next == 0 && at < len(pages) {
			p.next = at + 1
		}
		return &p, nil
	}}
}

func items(items ...string) *page { return &page{items: items} }

// endless returns a list without a last page. nth returns the items of page n.
func endless(nth func(n int) []string) *script {
	return &script{answer: func(_ context.Context, at int) (*page, error) {
		return &page{at: at, items: nth(at), next: at + 1, known: 1000}, nil
	}}
}

// shown collects the places and items of the pages that a walk yields.
func shown(pages iter.Seq2[*page, error]) (places []int, all []string, err error) {
	for p, e := range pages {
		if e != nil {
			err = e
			continue
		}
		places = append(places, p.at)
		all = append(all, p.items...)
	}
	return places, all, err
}

func TestPages(t *testing.T) {
	failure := errors.New("no page")
	failing := of(items("a"), items("b"), items("c"))
	pages := failing.answer
	failing.answer = func(ctx context.Context, at int) (*page, error) {
		if at == 2 {
			return nil, failure
		}
		return pages(ctx, at)
	}
	back := func(from, to int) *script { // page `from` leads back to page `to`
		return &script{answer: func(_ context.Context, at int) (*page, error) {
			p := &page{at: at, items: []string{fmt.Sprint(at)}, next: at + 1}
			if at == from {
				p.next = to
			}
			return p, nil
		}}
	}
	tests := []struct {
		name    string
		list    *script
		options Options
		want    []string
		fetches int64 // without running ahead
		err     error
	}{
		{"one page", of(items("a", "b")), Options{}, []string{"a", "b"}, 1, nil},
		{"an empty list", of(items()), Options{}, nil, 1, nil},
		{"three pages", of(items("a"), items("b"), items("c")), Options{}, []string{"a", "b", "c"}, 3, nil},
		{"an empty page between", of(items("a"), items(), items("c")), Options{}, []string{"a", "c"}, 3, nil},
		{"an error", failing, Options{}, []string{"a"}, 2, failure},
		{"a page that is stuck", of(items("a"), &page{items: []string{"b"}, stuck: "why"}), Options{}, []string{"a"}, 2, &loop{2, "why"}},

		{"enough in the first page", of(items("a", "b"), items("c", "d")), Options{Limit: 2, Size: 2}, []string{"a", "b"}, 1, nil},
		{"enough within the second page", of(items("a", "b"), items("c", "d"), items("e")), Options{Limit: 3, Size: 2}, []string{"a", "b", "c", "d"}, 2, nil},
		{"never enough", of(items("a", "b"), items("c")), Options{Limit: 9, Size: 2}, []string{"a", "b", "c"}, 2, nil},

		{"a place that leads to itself", back(1, 1), Options{}, []string{"1"}, 1, &loop{1, "it leads back to a page that came before"}},
		{"a later place that leads to itself", back(6, 6), Options{}, numbers(1, 6), 6, &loop{6, "it leads back to a page that came before"}},
		{"two places in a circle", back(2, 1), Options{}, numbers(1, 2), 2, &loop{1, "it leads back to a page that came before"}},

		{"a page that comes again", of(items("a"), items("b"), items("b"), items("c")), Options{}, []string{"a", "b"}, 3, &loop{3, "it has what the page before it had"}},
		{"and only seems to", of(items("a"), items("b"), items("b"), items("c")), Options{Shifts: true}, []string{"a", "b", "c"}, 4, nil},
		{"and a third time", of(items("a"), items("b"), items("b"), items("b"), items("c")), Options{Shifts: true}, []string{"a", "b"}, 4, &loop{4, "it has what the page before it had"}},
		{"and is the last", of(items("a"), items("b"), items("b")), Options{Shifts: true}, []string{"a", "b"}, 3, &loop{3, "it has what the page before it had"}},
		{"again with a limit", of(items("a"), items("a"), items("b")), Options{Shifts: true, Limit: 2, Size: 1}, []string{"a", "b"}, 3, nil},
		{
			"pages in turns", endless(func(n int) []string { return []string{"a", "b"}[n%2 : n%2+1] }), Options{},
			[]string{"b", "a", "b"}, 4, &loop{4, "it has what an earlier page had"},
		},
		{
			"pages in turns that may shift", endless(func(n int) []string { return []string{"a", "b"}[n%2 : n%2+1] }), Options{Shifts: true},
			[]string{"b", "a", "b", "a", "b", "a", "b"}, 8, &loop{8, "it has what an earlier page had"},
		},
		{"two pages that shift once", of(items("a"), items("b"), items("a"), items("b"), items("c")), Options{Shifts: true}, []string{"a", "b", "a", "b", "c"}, 5, nil},

		{
			"99 empty pages", endless(func(n int) []string {
				if n < 100 {
					return nil
				}
				return []string{"a"}
			}), Options{Limit: 1, Size: 1}, []string{"a"}, 100, nil,
		},
		{"empty pages for ever", endless(func(int) []string { return nil }), Options{}, nil, 100, &loop{100, "100 pages in a row have no items"}},
		{
			"pages of what was left out", &script{answer: func(_ context.Context, at int) (*page, error) {
				return &page{at: at, skipped: 1, next: at + 1}, nil
			}}, Options{}, nil, 100, &loop{100, "100 pages in a row have no items"},
		},
	}
	for _, tt := range tests {
		for _, ahead := range []int{0, 1, 5} {
			t.Run(fmt.Sprintf("%s/ahead %d", tt.name, ahead), func(t *testing.T) {
				tt.list.fetches.Store(0)
				o := tt.options
				o.Ahead = ahead
				_, got, err := shown(Pages(t.Context(), tt.list, 1, o))
				assert.Equal(t, tt.want, got)
				assert.Equal(t, tt.err, err)
				if ahead == 0 || tt.err == nil {
					assert.Equal(t, tt.fetches, tt.list.fetches.Load())
				}
			})
		}
	}
}

func numbers(from, to int) (list []string) {
	for n := from; n <= to; n++ {
		list = append(list, fmt.Sprint(n))
	}
	return list
}

// TestPagesLeftEmpty checks that pages with skipped items are shown, so that
// their counts are not lost.
func TestPagesLeftEmpty(t *testing.T) {
	list := of(items("a"), &page{skipped: 2}, items(), items("b"))
	places, _, err := shown(Pages(t.Context(), list, 1, Options{}))
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 4}, places)
}

// TestCircles checks that circles of any length, after any number of other pages,
// end the walk, even if each place is new.
func TestCircles(t *testing.T) {
	for tail := range 20 {
		for length := 1; length < 20; length++ {
			for name, shifts := range map[string]bool{"": false, "shifts": true} {
				n := 0
				list := endless(func(at int) []string {
					n = at
					if at > tail {
						return []string{fmt.Sprint("circle ", (at-tail)%length)}
					}
					return []string{fmt.Sprint(at)}
				})
				_, _, err := shown(Pages(t.Context(), list, 1, Options{Shifts: shifts}))
				var circle *loop
				require.ErrorAs(t, err, &circle, "%d %d %s", tail, length, name)
				assert.LessOrEqual(t, n, 6*(tail+length), "%d %d %s", tail, length, name)
			}
		}
	}
}

// TestPlacesInCircles checks that circles of places end the walk, even if every
// page has other items.
func TestPlacesInCircles(t *testing.T) {
	for tail := range 20 {
		for length := 1; length < 20; length++ {
			n := 0
			list := &script{answer: func(_ context.Context, at int) (*page, error) {
				n++
				p := &page{at: at, items: []string{fmt.Sprint("item ", n)}, next: at + 1}
				if at == tail+length {
					p.next = tail + 1
				}
				return p, nil
			}}
			_, _, err := shown(Pages(t.Context(), list, 1, Options{}))
			var circle *loop
			require.ErrorAs(t, err, &circle)
			assert.LessOrEqual(t, n, 3*(tail+length))
		}
	}
}

// TestEachRangeStartsAnew checks that a range does not depend on the one before
// it.
func TestEachRangeStartsAnew(t *testing.T) {
	pages := Pages(t.Context(), of(items("a"), items("b"), items("c")), 1, Options{Ahead: 2})
	for range pages {
		break
	}
	for range 2 {
		_, got, err := shown(pages)
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b", "c"}, got)
	}
}

// slow makes every fetch take a second, or until the context ends.
func slow(s *script) *script {
	answer := s.answer
	s.answer = func(ctx context.Context, at int) (*page, error) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
			return answer(ctx, at)
		}
	}
	return s
}

func TestAheadOfTurn(t *testing.T) {
	for _, tt := range []struct {
		name           string
		known          int // pages known after each page
		options        Options
		fetches, most  int64
		reading, total time.Duration // of one page, and of the walk
	}{
		{"in turn", 20, Options{}, 10, 1, 0, 10 * time.Second},
		{"in turn, read slowly", 20, Options{}, 10, 1, time.Second, 20 * time.Second},
		{"one ahead", 20, Options{Ahead: 1}, 10, 1, 0, 10 * time.Second},
		{"one ahead, read slowly", 20, Options{Ahead: 1}, 10, 1, time.Second, 11 * time.Second},
		{"three ahead", 20, Options{Ahead: 3}, 10, 3, 0, 4 * time.Second},
		{"more than there are", 20, Options{Ahead: 99}, 10, 9, 0, 2 * time.Second},
		{"only the next is known", 0, Options{Ahead: 3}, 10, 1, time.Second, 11 * time.Second},
		{"a limit", 20, Options{Ahead: 5, Limit: 3, Size: 1}, 3, 2, 0, 2 * time.Second},
		{"a limit that pages could meet", 20, Options{Ahead: 5, Limit: 4, Size: 3}, 4, 1, 0, 4 * time.Second},
		{"a limit without a size", 20, Options{Ahead: 2, Limit: 3}, 3, 2, 0, 2 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				list := slow(&script{answer: func(_ context.Context, at int) (*page, error) {
					p := &page{at: at, items: []string{fmt.Sprint(at)}, known: min(tt.known, 10-at-1)}
					if at < 10 {
						p.next = at + 1
					}
					return p, nil
				}})
				start := time.Now()
				var got []string
				for p, err := range Pages(t.Context(), list, 1, tt.options) {
					require.NoError(t, err)
					got = append(got, p.items...)
					time.Sleep(tt.reading)
				}
				assert.Equal(t, numbers(1, int(tt.fetches)), got)
				assert.Equal(t, tt.fetches, list.fetches.Load())
				assert.Equal(t, tt.most, list.most.Load())
				assert.Equal(t, tt.total, time.Since(start))
			})
		})
	}
}

// TestNoGoroutineIsLeft checks that no fetch is under way when a walk ends,
// however it ends. Each fetch takes a second, and the bubble fails if one is
// blocked.
func TestNoGoroutineIsLeft(t *testing.T) {
	failure := errors.New("no page")
	for _, ahead := range []int{0, 1, 8} {
		for name, end := range map[string]func(t *testing.T, ctx context.Context, cancel func(), pages iter.Seq2[*page, error]){
			"break": func(_ *testing.T, _ context.Context, _ func(), pages iter.Seq2[*page, error]) {
				for range pages {
					break
				}
			},
			"panic": func(t *testing.T, _ context.Context, _ func(), pages iter.Seq2[*page, error]) {
				assert.PanicsWithValue(t, "in the body", func() {
					for range pages {
						panic("in the body")
					}
				})
			},
			"pull": func(_ *testing.T, _ context.Context, _ func(), pages iter.Seq2[*page, error]) {
				next, stop := iter.Pull2(pages)
				_, _, _ = next()
				stop()
			},
			"error": func(t *testing.T, _ context.Context, _ func(), pages iter.Seq2[*page, error]) {
				_, got, err := shown(pages)
				assert.Equal(t, []string{"1", "2", "3", "4"}, got)
				assert.Equal(t, failure, err)
			},
			"cancel": func(t *testing.T, ctx context.Context, cancel func(), pages iter.Seq2[*page, error]) {
				var got []string
				var err error
				for p, e := range pages {
					if err = e; e == nil {
						got = append(got, p.items...)
					}
					if p != nil && p.at == 2 {
						time.Sleep(time.Minute) // the fetches under way end
						cancel()
					}
				}
				assert.Equal(t, []string{"1", "2"}, got, "nothing after the cancel, fetched or not")
				assert.Equal(t, context.Canceled, err)
			},
			"cancel while it waits": func(t *testing.T, ctx context.Context, cancel func(), pages iter.Seq2[*page, error]) {
				time.AfterFunc(1500*time.Millisecond, cancel)
				start := time.Now()
				_, got, err := shown(pages)
				assert.Equal(t, []string{"1"}, got)
				assert.Equal(t, context.Canceled, err)
				assert.Equal(t, 1500*time.Millisecond, time.Since(start))
			},
		} {
			t.Run(fmt.Sprintf("%s/ahead %d", name, ahead), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					list := endless(func(n int) []string { return []string{fmt.Sprint(n)} })
					answer := list.answer
					list.answer = func(ctx context.Context, at int) (*page, error) {
						if at == 5 && name == "error" {
							return nil, failure
						}
						return answer(ctx, at)
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					end(t, ctx, cancel, Pages(ctx, slow(list), 1, Options{Ahead: ahead}))
					assert.EqualValues(t, 0, list.flying.Load())
				})
			})
		}
	}
}

// TestPanicInAFetch checks that the goroutine that ranges panics, with the same
// value, when the page is due.
func TestPanicInAFetch(t *testing.T) {
	value := errors.New("the caller's own")
	for _, ahead := range []int{0, 1, 8} {
		t.Run(fmt.Sprint(ahead), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				list := endless(func(n int) []string {
					if n == 3 {
						panic(value)
					}
					return []string{fmt.Sprint(n)}
				})
				pages := Pages(t.Context(), slow(list), 1, Options{Ahead: ahead})
				var got []int
				assert.PanicsWithValue(t, value, func() {
					for p, err := range pages {
						require.NoError(t, err)
						got = append(got, p.at)
					}
				})
				assert.Equal(t, []int{1, 2}, got)
				assert.EqualValues(t, 0, list.flying.Load())
				for p := range pages { // no panic for a page that is not needed
					time.Sleep(time.Minute)
					if p.at == 2 {
						break
					}
				}
				assert.EqualValues(t, 0, list.flying.Load())
			})
		})
	}
}

// TestExitInAFetch checks that a fetch that ends its goroutine, as a test's
// FailNow in a hook does, ends the goroutine that ranges.
func TestExitInAFetch(t *testing.T) {
	for _, ahead := range []int{0, 1, 8} {
		synctest.Test(t, func(t *testing.T) {
			list := endless(func(n int) []string {
				if n == 3 {
					runtime.Goexit()
				}
				return []string{fmt.Sprint(n)}
			})
			var got []int
			finished, returned := make(chan bool), false
			go func() {
				defer close(finished)
				for p := range Pages(t.Context(), list, 1, Options{Ahead: ahead}) {
					got = append(got, p.at)
				}
				returned = true
			}()
			<-finished
			assert.Equal(t, []int{1, 2}, got)
			assert.False(t, returned)
			assert.EqualValues(t, 0, list.flying.Load())
		})
	}
}

// TestNilContext checks that the fetch gets to refuse a nil context.
func TestNilContext(t *testing.T) {
	refused := errors.New("nil context")
	list := &script{answer: func(ctx context.Context, _ int) (*page, error) {
		if ctx == nil {
			return nil, refused
		}
		return &page{}, nil
	}}
	for _, ahead := range []int{0, 3} {
		var none context.Context
		_, _, err := shown(Pages(none, list, 1, Options{Ahead: ahead}))
		assert.Equal(t, refused, err)
	}
}

func TestItems(t *testing.T) {
	failure := errors.New("no page")
	pages := func(yield func([]int, error) bool) {
		_ = yield([]int{1, 2}, nil) && yield(nil, nil) && yield([]int{3}, nil) && yield(nil, failure) && yield([]int{4}, nil)
	}
	all := Items(pages, func(p []int) []int { return p })
	got, err := Collect(all, 99)
	assert.Equal(t, []int{1, 2, 3}, got)
	assert.Equal(t, failure, err)
	got, err = Collect(all, 2)
	assert.Equal(t, []int{1, 2}, got)
	assert.NoError(t, err)
	got, err = Collect(Items(slices.All([]error(nil)), func(int) []int { return nil }), 2)
	assert.Empty(t, got)
	assert.NoError(t, err)
}
