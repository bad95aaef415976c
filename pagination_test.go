package cometchat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// pagedServer responds to user lists from a script: one function of the page that
// is asked for and of the number of the request.
type pagedServer struct {
	mu       sync.Mutex
	requests []string // queries
	answer   func(page, request int) string
}

func (s *pagedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.RawQuery)
	n := len(s.requests)
	s.mu.Unlock()
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	_, _ = w.Write([]byte(s.answer(page, n)))
}

func (s *pagedServer) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

func (s *pagedServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// page writes a users page with the rows of the given uids.
func page(current, total int, uids ...string) string {
	return fmt.Sprintf(`{"data":[%s],"meta":{"pagination":{"total":0,"count":%d,"per_page":2,"current_page":%d,"total_pages":%d}}}`,
		rows(uids...), len(uids), current, total)
}

func rows(uids ...string) string {
	list := make([]string, len(uids))
	for i, uid := range uids {
		list[i] = fmt.Sprintf(`{"uid":%q,"name":%q}`, uid, uid)
	}
	return strings.Join(list, ",")
}

func TestPageListEnds(t *testing.T) {
	tests := []struct {
		name     string
		answer   func(page, request int) string
		want     []string
		requests int
		is       error
		inTurn   bool // the script, or the number of requests, is for one request after the other
	}{
		{
			name: "total_pages is right",
			answer: func(p, _ int) string {
				return page(p, 3, fmt.Sprint("a", p), fmt.Sprint("b", p))
			},
			want: []string{"a1", "b1", "a2", "b2", "a3", "b3"}, requests: 3,
		},
		{
			name: "total_pages grows",
			answer: func(p, _ int) string {
				return page(p, min(p+1, 4), fmt.Sprint("a", p))
			},
			want: []string{"a1", "a2", "a3", "a4"}, requests: 4,
		},
		{
			name: "total_pages shrinks while rows are deleted",
			answer: func(p, _ int) string {
				return page(p, 4-p, fmt.Sprint("a", p))
			},
			want: []string{"a1", "a2"}, requests: 2, inTurn: true,
		},
		{
			name: "an empty page in the middle",
			answer: func(p, _ int) string {
				if p == 2 {
					return page(p, 3)
				}
				return page(p, 3, fmt.Sprint("a", p))
			},
			want: []string{"a1", "a3"}, requests: 3,
		},
		{
			name: "two empty pages in the middle",
			answer: func(p, _ int) string {
				if p == 2 || p == 3 {
					return page(p, 4)
				}
				return page(p, 4, fmt.Sprint("a", p))
			},
			want: []string{"a1", "a4"}, requests: 4,
		},
		{name: "no rows at all", answer: func(p, _ int) string { return page(p, 1) }, requests: 1},
		{name: "no pages at all", answer: func(p, _ int) string { return page(p, 0) }, requests: 1},
		{name: "no meta", answer: func(int, int) string { return `{"data":[` + rows("a") + `]}` }, want: []string{"a"}, requests: 1},
		{name: "meta is an array", answer: func(int, int) string { return `{"data":[` + rows("a") + `],"meta":[]}` }, want: []string{"a"}, requests: 1},
		{name: "meta is malformed", answer: func(int, int) string { return `{"data":[` + rows("a") + `],"meta":{"pagination":"x"}}` }, want: []string{"a"}, requests: 1},
		{
			name: "numbers as strings",
			answer: func(p, _ int) string {
				return fmt.Sprintf(`{"data":[%s],"meta":{"pagination":{"current_page":"%d","total_pages":"2"}}}`, rows(fmt.Sprint("a", p)), p)
			},
			want: []string{"a1", "a2"}, requests: 2,
		},
		{
			name:   "the server ignores the page asked for",
			answer: func(int, int) string { return page(1, 5, "a", "b") },
			want:   []string{"a", "b"}, requests: 2, is: cometchat.ErrPaginationLoop,
		},
		{
			name:   "the server ignores the page asked for but counts on",
			answer: func(p, _ int) string { return page(p, p+1, "a", "b") },
			want:   []string{"a", "b"}, requests: 3, is: cometchat.ErrPaginationLoop,
		},
		{
			name:   "the server ignores the page asked for, counts on, and has two",
			answer: func(p, _ int) string { return page(p, 2, "a", "b") },
			want:   []string{"a", "b"}, requests: 2, is: cometchat.ErrPaginationLoop,
		},
		{
			name: "as many new rows as a page has",
			answer: func(p, _ int) string {
				return page(p, 4, []string{"", "a", "a", "b", "c"}[p])
			},
			want: []string{"a", "b", "c"}, requests: 4,
		},
		{
			name: "a page that comes again but for one member",
			answer: func(_, n int) string {
				return strings.Replace(page(1, 2, "a"), `"uid"`, fmt.Sprintf(`"lastActiveAt":%d,"uid"`, n), 1)
			},
			want: []string{"a"}, requests: 2, is: cometchat.ErrPaginationLoop,
		},
		{
			name:   "a meta without the page's number",
			answer: func(int, int) string { return `{"data":[` + rows("a") + `],"meta":{"pagination":{"total_pages":2}}}` },
			want:   []string{"a"}, requests: 1,
		},
		{
			name:   "empty pages for ever",
			answer: func(p, _ int) string { return page(p, p+1) },
			want:   nil, requests: 2, is: cometchat.ErrPaginationLoop,
		},
		{
			name:   "the number stands still, and nothing comes",
			answer: func(_, n int) string { return page(1, 5, []string{"a"}[:max(0, 2-n)]...) },
			want:   []string{"a"}, requests: 2, is: cometchat.ErrPaginationLoop, inTurn: true,
		},
		{
			name:   "the number stands still, though other rows come",
			answer: func(_, n int) string { return page(1, 5, fmt.Sprint("a", n)) },
			want:   []string{"a1"}, requests: 2, is: cometchat.ErrPaginationLoop, inTurn: true,
		},
		{
			name: "a row that is no user",
			answer: func(p, _ int) string {
				if p == 2 {
					return `{"data":[` + rows("x") + `,7],"meta":{"pagination":{"current_page":2,"total_pages":3}}}`
				}
				return page(p, 3, "a")
			},
			want: []string{"a"}, requests: 2, is: errAny,
		},
	}
	for _, tt := range tests {
		for _, prefetch := range []int{0, 3} {
			if tt.inTurn && prefetch > 0 {
				continue
			}
			t.Run(fmt.Sprintf("%s/prefetch %d", tt.name, prefetch), func(t *testing.T) {
				s := &pagedServer{answer: tt.answer}
				list := testkit.Served(t, s.ServeHTTP, testkit.Once).Users.List(nil).Prefetch(prefetch)
				for range 2 { // each range starts anew
					s.reset()
					uids, err := testkit.UIDsOf(list.All(t.Context()))
					assert.Equal(t, tt.want, uids)
					if prefetch == 0 || tt.is == nil {
						assert.Equal(t, tt.requests, s.count())
					}
					switch tt.is {
					case nil:
						assert.NoError(t, err)
					case errAny:
						assert.Error(t, err)
					default:
						assert.ErrorIs(t, err, tt.is)
					}
					if tt.is != nil {
						var at *cometchat.PageError
						require.ErrorAs(t, err, &at)
						assert.False(t, at.Position.IsZero())
					}
				}
			})
		}
	}
}

var errAny = fmt.Errorf("any error")

func TestPageListRequests(t *testing.T) {
	s := &pagedServer{answer: func(p, _ int) string { return page(p, p, "a") }}
	client := testkit.Served(t, s.ServeHTTP, testkit.Once)
	ctx := t.Context()
	tests := []struct {
		name string
		opts *cometchat.UserListOptions
		walk func(*cometchat.PageList[cometchat.User]) error
		want string
	}{
		{"All asks for the maximum", nil, func(l *cometchat.PageList[cometchat.User]) error {
			_, err := testkit.UIDsOf(l.All(ctx))
			return err
		}, "page=1&perPage=1000"},
		{"All keeps a size that is named", &cometchat.UserListOptions{PerPage: 5, Page: 3}, func(l *cometchat.PageList[cometchat.User]) error {
			_, err := testkit.UIDsOf(l.All(ctx))
			return err
		}, "page=3&perPage=5"},
		{"First leaves the size to the API", nil, func(l *cometchat.PageList[cometchat.User]) error {
			_, err := l.First(ctx)
			return err
		}, "page=1"},
		{"All keeps the place that a page alone names", &cometchat.UserListOptions{Page: 3}, func(l *cometchat.PageList[cometchat.User]) error {
			_, err := testkit.UIDsOf(l.All(ctx))
			return err
		}, "page=3"},
		{"so does Collect", &cometchat.UserListOptions{Page: 3}, func(l *cometchat.PageList[cometchat.User]) error {
			_, err := l.Prefetch(2).Collect(ctx, 7)
			return err
		}, "page=3"},
		{"First keeps what is named", &cometchat.UserListOptions{PerPage: 5, Page: 3}, func(l *cometchat.PageList[cometchat.User]) error {
			_, err := l.First(ctx)
			return err
		}, "page=3&perPage=5"},
		{"Collect asks for no more than it needs", nil, func(l *cometchat.PageList[cometchat.User]) error {
			_, err := l.Collect(ctx, 7)
			return err
		}, "page=1&perPage=7"},
		{"Collect asks for no more than the maximum", nil, func(l *cometchat.PageList[cometchat.User]) error {
			_, err := l.Collect(ctx, 7000)
			return err
		}, "page=1&perPage=1000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.reset()
			require.NoError(t, tt.walk(client.Users.List(tt.opts)))
			assert.Equal(t, []string{tt.want}, s.requests)
		})
	}
}

func TestCollectFetchesNoPageTooMany(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(20)
	for _, prefetch := range []int{0, 4} {
		for _, tt := range []struct{ limit, items, requests int }{
			{0, 0, 0}, {1, 1, 1}, {4, 4, 1}, {5, 5, 1}, {6, 6, 2}, {10, 10, 2}, {20, 20, 4}, {21, 20, 4}, {1000, 20, 4},
		} {
			srv.ResetRequests()
			users, err := client.Users.List(&cometchat.UserListOptions{PerPage: 5}).Prefetch(prefetch).Collect(t.Context(), tt.limit)
			require.NoError(t, err)
			assert.Len(t, users, tt.items)
			assert.Len(t, srv.Requests(), tt.requests, "limit %d, prefetch %d", tt.limit, prefetch)
		}
	}
}

func TestCollectKeepsWhatItGot(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(20)
	srv.Inject(cometchattest.Fault{Skip: 2, Status: 403, Code: "ERR_PERMISSION_DENIED"})
	users, err := client.Users.List(&cometchat.UserListOptions{PerPage: 5}).Collect(t.Context(), 100)
	assert.ErrorIs(t, err, cometchat.ErrPermissionDenied)
	assert.Len(t, users, 10)
}

func TestResumeAfterAnError(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(53)
	list := client.Users.List(&cometchat.UserListOptions{PerPage: 10, WithTags: true})
	whole, err := testkit.UIDsOf(list.All(t.Context()))
	require.NoError(t, err)

	srv.Inject(cometchattest.Fault{Skip: 3, Status: 403})
	uids, err := testkit.UIDsOf(list.All(t.Context()))
	var at *cometchat.PageError
	require.ErrorAs(t, err, &at)
	assert.Len(t, uids, 30)

	// The position passes through another process.
	text, err := json.Marshal(at.Position)
	require.NoError(t, err)
	var p cometchat.Position
	require.NoError(t, json.Unmarshal(text, &p))
	assert.Equal(t, at.Position, p)
	again := client.Users.List(&cometchat.UserListOptions{PerPage: 25, WithTags: true}).From(p) // the position keeps its own size
	rest, err := testkit.UIDsOf(again.All(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, whole, append(uids, rest...))

	srv.ResetRequests()
	for name, other := range map[string]*cometchat.PageList[cometchat.User]{
		"other filters":   client.Users.List(nil).From(p),
		"another user":    client.OnBehalfOf("user-0001").Users.List(&cometchat.UserListOptions{WithTags: true}).From(p),
		"a cursor's form": client.Users.List(nil).From(testkit.MustPosition(t, "c1.00000000.0.id=5")),
	} {
		_, err := other.First(t.Context())
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, err, &invalid, name)
		assert.Equal(t, "position", invalid.Field)
	}
	_, err = client.AuthTokens.List("user-0001", nil).From(p).First(t.Context())
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	assert.Empty(t, srv.Requests())
}

func TestPagesAndPositions(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(11)
	list := client.Users.List(&cometchat.UserListOptions{PerPage: 5})
	var pages []*cometchat.Page[cometchat.User]
	for p, err := range list.Pages(t.Context()) {
		require.NoError(t, err)
		pages = append(pages, p)
	}
	require.Len(t, pages, 3)
	assert.Equal(t, pages[1].Position, pages[0].Next)
	assert.Equal(t, pages[2].Position, pages[1].Next)
	assert.True(t, pages[2].Next.IsZero())
	assert.Equal(t, cometchat.Pagination{Total: 11, Count: 1, PerPage: 5, CurrentPage: 3, TotalPages: 3}, pages[2].Pagination)
	assert.Equal(t, "prepend", pages[0].Cursor["affix"])
	for _, p := range pages {
		again, err := list.From(p.Position).First(t.Context())
		require.NoError(t, err)
		assert.Equal(t, p, again)
	}
}

// TestResumeAfterFirst continues where a page of the API's own size ended.
func TestResumeAfterFirst(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(250)
	list := client.Users.List(nil)
	first, err := list.First(t.Context())
	require.NoError(t, err)
	rest, err := testkit.UIDsOf(list.From(first.Next).All(t.Context()))
	require.NoError(t, err)
	assert.Len(t, first.Items, 100)
	assert.Len(t, rest, 150)

	second, err := testkit.UIDsOf(client.Users.List(&cometchat.UserListOptions{Page: 2}).All(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, rest, second)
}

// TestUnpagedList asks for the second page of a list without page parameters in
// the same way as for the first: without a size.
func TestUnpagedList(t *testing.T) {
	s := &pagedServer{answer: func(p, _ int) string {
		return strings.ReplaceAll(page(max(p, 1), 2, fmt.Sprint("key-", p)), `"uid"`, `"apiKey"`)
	}}
	client := testkit.Served(t, s.ServeHTTP, testkit.Once)
	n := 0
	for _, err := range client.APIKeys.List(nil).All(t.Context()) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 2, n)
	assert.Equal(t, []string{"", "page=2"}, s.requests)
}

func TestListArgumentsAreCheckedAtTheFirstFetch(t *testing.T) {
	client, srv := testkit.Emulated(t)
	ctx := t.Context()
	tests := []struct {
		name  string
		list  interface{ walkOnce(context.Context) error }
		field string
	}{
		{"perPage over the maximum", users{client.Users.List(&cometchat.UserListOptions{PerPage: 1001})}, "perPage"},
		{"perPage below zero", users{client.Users.List(&cometchat.UserListOptions{PerPage: -1})}, "perPage"},
		{"page below zero", users{client.Users.List(&cometchat.UserListOptions{Page: -1})}, "page"},
		{"a comma in a tag", users{client.Users.List(&cometchat.UserListOptions{Tags: []string{"a", "b,c"}})}, "tags[1]"},
		{"an empty role", users{client.Users.List(&cometchat.UserListOptions{Roles: []string{""}})}, "roles[0]"},
		{"an empty uid", tokens{client.AuthTokens.List("", nil)}, "uid"},
		{"no acting user", users{client.OnBehalfOf("").Users.List(nil)}, "onBehalfOf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.list.walkOnce(ctx)
			var invalid *cometchat.ValidationError
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, tt.field, invalid.Field)
			assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
		})
	}
	assert.Empty(t, srv.Requests())
}

type users struct {
	*cometchat.PageList[cometchat.User]
}

func (l users) walkOnce(ctx context.Context) error {
	_, err := testkit.UIDsOf(l.All(ctx))
	return err
}

type tokens struct {
	*cometchat.PageList[cometchat.AuthToken]
}

func (l tokens) walkOnce(ctx context.Context) error {
	_, err := l.First(ctx)
	return err
}

// TestNoGoroutineIsLeft ends walks in every possible way while pages are being
// fetched ahead; synctest fails a bubble that leaves a goroutine behind.
func TestNoGoroutineIsLeft(t *testing.T) {
	ends := map[string]func(ctx context.Context, cancel func(), l *cometchat.PageList[cometchat.User]){
		"break": func(ctx context.Context, _ func(), l *cometchat.PageList[cometchat.User]) {
			for range l.All(ctx) {
				break
			}
		},
		"break later": func(ctx context.Context, _ func(), l *cometchat.PageList[cometchat.User]) {
			n := 0
			for range l.All(ctx) {
				if n++; n == 25 {
					break
				}
			}
		},
		"cancel": func(ctx context.Context, cancel func(), l *cometchat.PageList[cometchat.User]) {
			n := 0
			_, err := testkit.UIDsOf(func(yield func(*cometchat.User, error) bool) {
				for u, err := range l.All(ctx) {
					if n++; n == 15 {
						cancel()
					}
					if !yield(u, err) {
						return
					}
				}
			})
			if err == nil {
				panic("the walk went on after the cancel")
			}
		},
		"panic": func(ctx context.Context, _ func(), l *cometchat.PageList[cometchat.User]) {
			defer func() { _ = recover() }()
			for range l.All(ctx) {
				panic("in the loop's body")
			}
		},
		"error": func(ctx context.Context, _ func(), l *cometchat.PageList[cometchat.User]) {
			if _, err := testkit.UIDsOf(l.From(cometchat.Position{}).All(ctx)); err == nil {
				panic("the fault did not show")
			}
		},
		"pull": func(ctx context.Context, _ func(), l *cometchat.PageList[cometchat.User]) {
			next, stop := iter.Pull2(l.All(ctx))
			_, _, _ = next()
			stop()
		},
	}
	for name, end := range ends {
		for _, prefetch := range []int{0, 8} {
			t.Run(fmt.Sprintf("%s/prefetch %d", name, prefetch), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := testkit.InBubble(t, nil)
					b.SeedUsers(200)
					b.Inject(cometchattest.Fault{Skip: 1, Times: 1, Latency: time.Second})
					if name == "error" {
						b.Inject(cometchattest.Fault{Skip: 4, Status: 403})
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					before := runtime.NumGoroutine()
					end(ctx, cancel, b.Client.Users.List(&cometchat.UserListOptions{PerPage: 10}).Prefetch(prefetch))
					synctest.Wait()
					// A connection has two goroutines at each end, which may
					// stay.
					assert.LessOrEqual(t, runtime.NumGoroutine(), before+4*8)
				})
			})
		}
	}
}

func TestPrefetchKeepsOrderAndBounds(t *testing.T) {
	for _, window := range []int{1, 2, 8, 1000} {
		t.Run(fmt.Sprint(window), func(t *testing.T) {
			var flying, most atomic.Int64
			synctest.Test(t, func(t *testing.T) {
				b := testkit.InBubble(t, nil)
				b.SeedUsers(997)
				delayed := b.Client.With(cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
					n := flying.Add(1)
					for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
					}
					time.Sleep(time.Duration(50+rand.IntN(50)) * time.Millisecond)
					return ctx, cometchat.Trace{End: func(cometchat.OperationResult) { flying.Add(-1) }}
				}))
				want, err := testkit.UIDsOf(b.Client.Users.List(nil).All(t.Context()))
				require.NoError(t, err)
				got, err := testkit.UIDsOf(delayed.Users.List(&cometchat.UserListOptions{PerPage: 10}).Prefetch(window).All(t.Context()))
				require.NoError(t, err)
				assert.Equal(t, want, got)
			})
			assert.EqualValues(t, min(window, 64), most.Load())
		})
	}
}

// TestPrefetchSavesTime lets every response take a second, and each page of
// messages a second of its reader's time.
func TestPrefetchSavesTime(t *testing.T) {
	messages := &cometchat.MessageListOptions{Limit: 10}
	for name, tc := range map[string]struct {
		walk     func(context.Context, *cometchat.Client, int) (int, error)
		items    int
		requests int64
		one      time.Duration // with no page ahead
		ahead    time.Duration // with four, or one
	}{
		"a page list": {func(ctx context.Context, c *cometchat.Client, window int) (int, error) {
			uids, err := testkit.UIDsOf(c.Users.List(&cometchat.UserListOptions{PerPage: 10}).Prefetch(window).All(ctx))
			return len(uids), err
		}, 100, 10, 10 * time.Second, 4 * time.Second},
		"the middle of a page list": {func(ctx context.Context, c *cometchat.Client, window int) (int, error) {
			users, err := c.Users.List(&cometchat.UserListOptions{Page: 3, PerPage: 10}).Prefetch(window).Collect(ctx, 30)
			return len(users), err
		}, 30, 3, 3 * time.Second, 2 * time.Second},
		"a cursor list": {func(ctx context.Context, c *cometchat.Client, window int) (int, error) {
			return readSlowly(c.Messages.List(messages).Prefetch(window).Pages(ctx))
		}, 30, 4, 7 * time.Second, 4 * time.Second},
		"a cursor list backward": {func(ctx context.Context, c *cometchat.Client, window int) (int, error) {
			return readSlowly(c.Messages.List(messages).Prefetch(window).PagesBackward(ctx))
		}, 30, 4, 7 * time.Second, 4 * time.Second},
		"the beginning of a cursor list": {func(ctx context.Context, c *cometchat.Client, window int) (int, error) {
			got, err := c.Messages.List(messages).Prefetch(window).Collect(ctx, 20)
			return len(got), err
		}, 20, 2, 2 * time.Second, 2 * time.Second},
	} {
		for window, want := range map[int]time.Duration{0: tc.one, 4: tc.ahead} {
			t.Run(fmt.Sprintf("%s, %d", name, window), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := testkit.InBubble(t, nil)
					b.SeedUsers(97)
					b.SeedMessages(30, 1) // brings three users along
					b.Inject(cometchattest.Fault{Latency: time.Second, Times: cometchattest.Always})
					var calls atomic.Int64 // also those that are given up before they are sent
					counted := b.Client.With(cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
						calls.Add(1)
						return ctx, cometchat.Trace{End: func(cometchat.OperationResult) {}}
					}))
					start := time.Now()
					n, err := tc.walk(t.Context(), counted, window)
					require.NoError(t, err)
					assert.Equal(t, want, time.Since(start))
					assert.Equal(t, tc.items, n)
					assert.EqualValues(t, tc.requests, calls.Load())
				})
			})
		}
	}
}

func readSlowly(pages iter.Seq2[*cometchat.CursorPage[cometchat.Message], error]) (n int, err error) {
	for page, err := range pages {
		if err != nil {
			return n, err
		}
		n += len(page.Items)
		time.Sleep(time.Second)
	}
	return n, nil
}

// messagePages is a server of message history as it was recorded: next on every
// page, including the empty one; previous from the second page on; sentAt as a
// number at first and as a string once it was sent back.
type messagePages struct {
	total, perSecond int
	stuck            bool // the cursor never moves
	requests         atomic.Int64
}

func (m *messagePages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.requests.Add(1)
	q := r.URL.Query()
	limit, _ := strconv.Atoi(q.Get("limit"))
	id, _ := strconv.Atoi(q.Get("id"))
	from := id
	if q.Get("affix") == "prepend" {
		if id == 0 {
			id = m.total + 1
		}
		from = max(id-1-limit, 0)
		limit = min(limit, id-1)
	}
	if m.stuck && id > 0 {
		from = 0
	}
	to := min(from+limit, m.total)
	var items []string
	for n := from + 1; n <= to; n++ {
		items = append(items, fmt.Sprintf(`{"uid":"%d","createdAt":%d}`, n, m.second(n)))
	}
	cursor := func(affix string, n int) string {
		sentAt := strconv.Itoa(m.second(n))
		if q.Has("sentAt") {
			sentAt = strconv.Quote(sentAt)
		}
		return fmt.Sprintf(`{"affix":%q,"sentAt":%s,"id":"%d"}`, affix, sentAt, n)
	}
	meta := fmt.Sprintf(`"current":{"limit":%d,"count":%d}`, limit, len(items))
	last, first := to, from+1
	if len(items) == 0 {
		last, first = id, id
	}
	if m.stuck {
		last = 5
	}
	meta += `,"next":` + cursor("append", last)
	if q.Has("id") || q.Get("affix") == "prepend" || len(items) == 0 {
		meta += `,"previous":` + cursor("prepend", first)
	}
	fmt.Fprintf(w, `{"data":[%s],"meta":{%s}}`, strings.Join(items, ","), meta)
}

func (m *messagePages) second(n int) int { return 1700000000 + n/m.perSecond }

func numbers(from, to int) []string {
	var list []string
	for n := from; n <= to; n++ {
		list = append(list, strconv.Itoa(n))
	}
	return list
}

func TestCursorList(t *testing.T) {
	ctx := t.Context()
	m := &messagePages{total: 305, perSecond: 1000} // all in one second
	client := testkit.Served(t, m.ServeHTTP, testkit.Once)
	for _, prefetch := range []int{0, 1} {
		list := cometchat.NewCursorList[cometchat.User](client, 100).Prefetch(prefetch)
		for range 2 {
			m.requests.Store(0)
			got, err := testkit.UIDsOf(list.All(ctx))
			require.NoError(t, err)
			assert.Equal(t, numbers(1, 305), got)
			assert.EqualValues(t, 5, m.requests.Load(), "four pages and the empty one")
		}
		got, err := testkit.UIDsOf(list.Backward(ctx))
		require.NoError(t, err)
		slices.Reverse(got)
		assert.Equal(t, numbers(1, 305), got)

		for _, tt := range []struct{ limit, requests int }{{0, 0}, {1, 1}, {100, 1}, {101, 2}, {305, 4}, {306, 5}} {
			m.requests.Store(0)
			items, err := list.Collect(ctx, tt.limit)
			require.NoError(t, err)
			assert.Len(t, items, min(tt.limit, 305))
			assert.EqualValues(t, tt.requests, m.requests.Load(), "limit %d, prefetch %d", tt.limit, prefetch)
		}

		var pages []*cometchat.CursorPage[cometchat.User]
		for p, err := range list.Pages(ctx) {
			require.NoError(t, err)
			pages = append(pages, p)
		}
		require.Len(t, pages, 4)
		assert.True(t, pages[0].Position.IsZero())
		assert.True(t, pages[0].Previous.IsZero())
		assert.False(t, pages[1].Previous.IsZero())
		assert.Equal(t, pages[2].Position, pages[1].Next)
		assert.Equal(t, 100, pages[1].Limit)
		assert.Equal(t, 5, pages[3].Count)

		// Resumed in another process, in both directions.
		p := testkit.MustPosition(t, pages[2].Position.String())
		after, err := testkit.UIDsOf(list.From(p).All(ctx))
		require.NoError(t, err)
		assert.Equal(t, numbers(201, 305), after)
		before, err := testkit.UIDsOf(list.From(pages[2].Previous).Backward(ctx))
		require.NoError(t, err)
		slices.Reverse(before)
		assert.Equal(t, numbers(1, 200), before)
		// A page's own position leads forward; backward from it is everything
		// before it.
		for _, page := range pages {
			before, err := testkit.UIDsOf(list.From(page.Position).Backward(ctx))
			require.NoError(t, err)
			slices.Reverse(before)
			want := numbers(1, 305)
			if !page.Position.IsZero() {
				first, err := strconv.Atoi(page.Items[0].UID)
				require.NoError(t, err)
				want = numbers(1, first-1)
			}
			assert.Equal(t, want, before)
		}
		all, err := testkit.UIDsOf(list.From(pages[3].Next).Backward(ctx)) // behind the last
		require.NoError(t, err)
		assert.Len(t, all, 305)

		first, err := list.From(p).First(ctx)
		require.NoError(t, err)
		assert.Equal(t, p, first.Position)
	}
}

func TestCursorListLoop(t *testing.T) {
	m := &messagePages{total: 10, perSecond: 1, stuck: true}
	client := testkit.Served(t, m.ServeHTTP, testkit.Once)
	for _, prefetch := range []int{0, 1} {
		m.requests.Store(0)
		got, err := testkit.UIDsOf(cometchat.NewCursorList[cometchat.User](client, 5).Prefetch(prefetch).All(t.Context()))
		assert.ErrorIs(t, err, cometchat.ErrPaginationLoop)
		var at *cometchat.PageError
		require.ErrorAs(t, err, &at)
		assert.Equal(t, numbers(1, 5), got)
		assert.EqualValues(t, 2, m.requests.Load())
	}
}

func TestCursorListEnds(t *testing.T) {
	tests := []struct {
		name    string
		answers []string // the last one repeats
		want    []string
		queries []string
		is      error
	}{
		{
			name:    "no next",
			answers: []string{`{"data":[` + rows("a") + `],"meta":{"current":{"limit":2,"count":1}}}`},
			want:    []string{"a"}, queries: []string{"limit=2"},
		},
		{
			name:    "no meta",
			answers: []string{`{"data":[` + rows("a") + `]}`},
			want:    []string{"a"}, queries: []string{"limit=2"},
		},
		{
			name:    "an empty app",
			answers: []string{`{"data":[],"meta":{"previous":{"affix":"prepend"},"next":{"affix":"append"}}}`},
			queries: []string{"limit=2"},
		},
		{
			name: "members known and unknown, of every kind",
			answers: []string{
				`{"data":[` + rows("a") + `],"meta":{"next":{"affix":"append","sentAt":17,"id":9007199254740993,"fromTimestamp":"16","more":true,"none":null,"x y":{"a":[1]}}}}`,
				`{"data":[]}`,
			},
			want:    []string{"a"},
			queries: []string{"limit=2", "affix=append&fromTimestamp=16&id=9007199254740993&limit=2&more=true&sentAt=17&x+y=%7B%22a%22%3A%5B1%5D%7D"},
		},
		{
			name: "a cursor that goes in circles over new rows",
			answers: []string{
				`{"data":[` + rows("a") + `],"meta":{"next":{"id":"1"}}}`,
				`{"data":[` + rows("b") + `],"meta":{"next":{"id":"2"}}}`,
				`{"data":[` + rows("c") + `],"meta":{"next":{"id":"1"}}}`,
			},
			want: []string{"a", "b", "c"}, queries: []string{"limit=2", "id=1&limit=2", "id=2&limit=2"}, is: cometchat.ErrPaginationLoop,
		},
		{
			name: "the same rows under a new cursor",
			answers: []string{
				`{"data":[` + rows("a") + `],"meta":{"next":{"id":"1"}}}`,
				`{"data":[` + rows("a") + `],"meta":{"next":{"id":"2"}}}`,
			},
			want: []string{"a"}, queries: []string{"limit=2", "id=1&limit=2"}, is: cometchat.ErrPaginationLoop,
		},
		{
			name: "an error",
			answers: []string{
				`{"data":[` + rows("a") + `],"meta":{"next":{"id":"1"}}}`,
				`{"error":{"code":"ERR_PERMISSION_DENIED"}}`,
			},
			want: []string{"a"}, queries: []string{"limit=2", "id=1&limit=2"}, is: cometchat.ErrPermissionDenied,
		},
	}
	for _, tt := range tests {
		for _, prefetch := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s/prefetch %d", tt.name, prefetch), func(t *testing.T) {
				var mu sync.Mutex
				var queries []string
				client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
					mu.Lock()
					defer mu.Unlock()
					queries = append(queries, r.URL.RawQuery)
					_, _ = w.Write([]byte(tt.answers[min(len(queries), len(tt.answers))-1]))
				}, testkit.Once)
				got, err := testkit.UIDsOf(cometchat.NewCursorList[cometchat.User](client, 2).Prefetch(prefetch).All(t.Context()))
				assert.Equal(t, tt.want, got)
				assert.Equal(t, tt.queries, queries)
				if tt.is == nil {
					assert.NoError(t, err)
				} else {
					assert.ErrorIs(t, err, tt.is)
				}
			})
		}
	}
}

func TestPositionText(t *testing.T) {
	for _, text := range []string{"", "p1.0a1b2c3d.1.0", "p1.0a1b2c3d.7.100", "c1.0a1b2c3d.0.id=5", "c1.0a1b2c3d.1000.affix=append&id=5&sentAt=17"} {
		p := testkit.MustPosition(t, text)
		assert.Equal(t, text, p.String())
		b, err := json.Marshal(struct{ P cometchat.Position }{p})
		require.NoError(t, err)
		var back struct{ P cometchat.Position }
		require.NoError(t, json.Unmarshal(b, &back))
		assert.Equal(t, p, back.P)
		assert.Equal(t, text == "", p.IsZero())
	}
	for _, text := range []string{"x", "p1", "p1.0a1b2c3d", "p1.0a1b2c3d.0.0", "p1.0a1b2c3d.-1.0", "p1.0a1b2c3d.1.-1", "p1.0a1b2c3d.01.0",
		"p1.short.1.0", "p1.0A1B2C3D.1.0", "p1.\xff1b2c3d4.1.0", "c1.0a1b2c3d.0.", "c1.0a1b2c3d.0.%zz", "c1.0a1b2c3d.x.id=5", "p1.0a1b2c3d.1.1001", "c1.0a1b2c3d.1001.id=5",
		"c1.0a1b2c3d.-1.id=5", "p2.0a1b2c3d.1.0", "c1.0a1b2c3d.0.b=1&a=2"} {
		p := testkit.MustPosition(t, "p1.0a1b2c3d.7.0")
		assert.Error(t, p.UnmarshalText([]byte(text)), text)
		assert.Equal(t, "p1.0a1b2c3d.7.0", p.String(), "left alone")
	}
}

// TestItemsLeftEmpty checks that empty items cost neither the page nor the rest
// of the list, and are counted.
func TestItemsLeftEmpty(t *testing.T) {
	numbered := []string{
		`{"data":[null,{"uid":"a"},[],{"uid":"b"},false],"meta":{"pagination":{"current_page":1,"total_pages":3}}}`,
		`{"data":[null],"meta":{"pagination":{"current_page":2,"total_pages":3}}}`,
		`{"data":[{"uid":"c"}],"meta":{"pagination":{"current_page":3,"total_pages":3}}}`,
	}
	linked := []string{
		`{"data":[null,{"uid":"a"},[],{"uid":"b"},false],"meta":{"next":{"id":"1"}}}`,
		`{"data":[null],"meta":{"next":{"id":"2"}}}`,
		`{"data":[{"uid":"c"}],"meta":{}}`,
	}
	type counts struct{ items, skipped int }
	want := []counts{{2, 3}, {0, 1}, {1, 0}}
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		n, _ := strconv.Atoi(q.Get("page") + q.Get("id"))
		if strings.HasSuffix(r.URL.Path, "/users") {
			_, _ = w.Write([]byte(numbered[n-1]))
			return
		}
		_, _ = w.Write([]byte(linked[n]))
	}, testkit.Once)
	for _, prefetch := range []int{0, 3} {
		var got []counts
		for page, err := range client.Users.List(nil).Prefetch(prefetch).Pages(t.Context()) {
			require.NoError(t, err)
			got = append(got, counts{len(page.Items), page.Skipped})
		}
		assert.Equal(t, want, got)
		uids, err := testkit.UIDsOf(client.Users.List(nil).Prefetch(prefetch).All(t.Context()))
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b", "c"}, uids)

		got = nil
		list := cometchat.NewCursorList[cometchat.User](client, 5).Prefetch(prefetch)
		for page, err := range list.Pages(t.Context()) {
			require.NoError(t, err)
			got = append(got, counts{len(page.Items), page.Skipped})
		}
		assert.Equal(t, want, got)
		uids, err = testkit.UIDsOf(list.All(t.Context()))
		require.NoError(t, err)
		assert.Equal(t, []string{"a", "b", "c"}, uids)
	}
	pinned, err := testkit.Answering(t, 200, `{"data":[null,{"conversationId":"a"},[]]}`).Conversations.ReplacePinned(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.Conversation{{ConversationID: "a"}}, pinned)
}

// TestNumberedMessagesWithoutANumber checks that such pages promise no page after
// themselves.
func TestNumberedMessagesWithoutANumber(t *testing.T) {
	requests := 0
	client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
		requests++
		fmt.Fprintf(w, `{"data":[{"id":"%d"}],"meta":{"pagination":{"total_pages":3}}}`, requests)
	}, testkit.Once)
	ids, err := testkit.WalkIDs(client.Messages.ListWith(cometchat.ToUser("bob"), nil).All(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, []string{"1"}, ids)
	assert.Equal(t, 1, requests)
}

// BenchmarkIterator measures what an item costs on its way through All, compared
// with a loop over the slices of the pages: the pages are fetched before.
func BenchmarkIterator(b *testing.B) {
	items := make([]*cometchat.User, 1000)
	for i := range items {
		items[i] = &cometchat.User{UID: "a"}
	}
	perItem := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1000*len(items)), "ns/item")
	}
	b.Run("slice", func(b *testing.B) {
		for b.Loop() {
			n := 0
			for range 1000 {
				for _, user := range items {
					n += len(user.UID)
				}
			}
			require.Equal(b, 1000*len(items), n)
		}
		perItem(b)
	})
	b.Run("All", func(b *testing.B) {
		seq := cometchat.ItemsOfPages(items, 1000)
		for b.Loop() {
			n := 0
			for user, err := range seq {
				if err != nil {
					b.Fatal(err)
				}
				n += len(user.UID)
			}
			require.Equal(b, 1000*len(items), n)
		}
		perItem(b)
	})
}
