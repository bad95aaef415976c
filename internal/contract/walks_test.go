package contract

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// walks are all ways through a list of at least a hundred users or messages, ten
// to a page. Each returns the number of items that it got.
var walks = map[string]func(ctx context.Context, c *cometchat.Client, prefetch int) (int, error){
	"pages": func(ctx context.Context, c *cometchat.Client, prefetch int) (int, error) {
		return counted(c.Users.List(&cometchat.UserListOptions{PerPage: 10}).Prefetch(prefetch).All(ctx))
	},
	"pages collected": func(ctx context.Context, c *cometchat.Client, prefetch int) (int, error) {
		users, err := c.Users.List(&cometchat.UserListOptions{PerPage: 10}).Prefetch(prefetch).Collect(ctx, 1000)
		return len(users), err
	},
	"cursor": func(ctx context.Context, c *cometchat.Client, prefetch int) (int, error) {
		return counted(c.Messages.List(&cometchat.MessageListOptions{Limit: 10}).Prefetch(prefetch).All(ctx))
	},
	"cursor backward": func(ctx context.Context, c *cometchat.Client, prefetch int) (int, error) {
		return counted(c.Messages.List(&cometchat.MessageListOptions{Limit: 10}).Prefetch(prefetch).Backward(ctx))
	},
	"cursor collected": func(ctx context.Context, c *cometchat.Client, prefetch int) (int, error) {
		messages, err := c.Messages.List(&cometchat.MessageListOptions{Limit: 10}).Prefetch(prefetch).Collect(ctx, 1000)
		return len(messages), err
	},
}

func counted[T any](seq iter.Seq2[*T, error]) (n int, err error) {
	for _, e := range seq {
		if e != nil {
			err = e
			continue
		}
		n++
	}
	return n, err
}

// eachWalk runs a test for each walk, without and with prefetching.
func eachWalk(t *testing.T, test func(t *testing.T, walk func(context.Context, *cometchat.Client) (int, error))) {
	for name, walk := range walks {
		for _, prefetch := range []int{0, 4} {
			t.Run(fmt.Sprintf("%s/prefetch %d", name, prefetch), func(t *testing.T) {
				test(t, func(ctx context.Context, c *cometchat.Client) (int, error) { return walk(ctx, c, prefetch) })
			})
		}
	}
}

// TestNilContextOfAWalk checks that a nil context is an error, as for a single
// call.
func TestNilContextOfAWalk(t *testing.T) {
	client := testkit.Answering(t, 200, `{"data":[]}`)
	var none context.Context
	_, single := client.Users.Get(none, "lena")
	var cause *cometchat.TransportError
	require.ErrorAs(t, single, &cause)
	eachWalk(t, func(t *testing.T, walk func(context.Context, *cometchat.Client) (int, error)) {
		_, err := walk(none, client)
		var page *cometchat.PageError
		require.ErrorAs(t, err, &page)
		var broken *cometchat.TransportError
		require.ErrorAs(t, err, &broken)
		assert.EqualError(t, broken.Err, cause.Err.Error())
	})
}

// TestCancelledWalk checks that a walk ends with the context's own error.
func TestCancelledWalk(t *testing.T) {
	contexts := map[string]struct {
		make func(context.Context) (context.Context, func())
		want error
	}{
		"cancelled": {func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, context.Canceled},
		"expired": {func(ctx context.Context) (context.Context, func()) {
			return context.WithTimeout(ctx, time.Second)
		}, context.DeadlineExceeded},
	}
	for name, tt := range contexts {
		t.Run(name, func(t *testing.T) {
			eachWalk(t, func(t *testing.T, walk func(context.Context, *cometchat.Client) (int, error)) {
				synctest.Test(t, func(t *testing.T) {
					b := testkit.InBubble(t, []cometchat.Option{testkit.Once})
					b.SeedUsers(100)
					b.SeedMessages(100, 1)
					b.Inject(cometchattest.Fault{Skip: 1, Times: cometchattest.Always, Latency: time.Minute})
					ctx, cancel := tt.make(t.Context())
					defer cancel()
					start := time.Now()
					_, err := walk(ctx, b.Client)
					assert.Equal(t, time.Second, time.Since(start))
					assert.ErrorIs(t, err, tt.want)
					assert.NotErrorIs(t, err, cometchat.ErrNotFound)
					assert.NotErrorIs(t, err, cometchat.CodeUIDNotFound)
					var answer *cometchat.Error
					assert.NotErrorAs(t, err, &answer)
					var page *cometchat.PageError
					assert.ErrorAs(t, err, &page)
				})
			})
		})
	}
}

// TestPanicInAHook checks that a panic reaches the goroutine that ranges, which
// can recover, with or without prefetching.
func TestPanicInAHook(t *testing.T) {
	value := errors.New("a hook of the caller")
	for name, hook := range map[string]func(third func()) cometchat.Option{
		"response": func(third func()) cometchat.Option {
			return cometchat.WithResponse(func(*cometchat.Response) { third() })
		},
		"start of a trace": func(third func()) cometchat.Option {
			return cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
				third()
				return ctx, cometchat.Trace{End: func(cometchat.OperationResult) {}}
			})
		},
		"end of a trace": func(third func()) cometchat.Option {
			return cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
				return ctx, cometchat.Trace{End: func(cometchat.OperationResult) { third() }}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachWalk(t, func(t *testing.T, walk func(context.Context, *cometchat.Client) (int, error)) {
				client, srv := testkit.Emulated(t)
				srv.SeedUsers(100)
				srv.SeedMessages(100, 1)
				var mu sync.Mutex
				n := 0
				client = client.With(hook(func() {
					mu.Lock()
					defer mu.Unlock()
					if n++; n == 3 {
						panic(value)
					}
				}))
				assert.PanicsWithValue(t, value, func() { _, _ = walk(t.Context(), client) })
			})
		})
	}
}

// TestCollectBelowZero checks that a negative limit is an error, not an empty
// list.
func TestCollectBelowZero(t *testing.T) {
	client, srv := testkit.Emulated(t)
	want := &cometchat.ValidationError{Operation: "GET /users", Field: "limit", Size: -1, Reason: "-1, must be 0 or more"}
	users, err := client.Users.List(nil).Collect(t.Context(), -1)
	assert.Nil(t, users)
	assert.Equal(t, want, err)
	messages, err := client.Messages.List(nil).Collect(t.Context(), -1)
	assert.Nil(t, messages)
	want.Operation = "GET /messages"
	assert.Equal(t, want, err)
	assert.Empty(t, srv.Requests())
}

// TestListsWithoutAnEnd checks that walks of endless lists end.
func TestListsWithoutAnEnd(t *testing.T) {
	requests := 0
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		n := r.URL.Query().Get("page")
		if strings.HasSuffix(r.URL.Path, "/users") {
			fmt.Fprintf(w, `{"data":[],"meta":{"pagination":{"current_page":%s,"total_pages":1000000000}}}`, n)
			return
		}
		// Two pages of messages alternate, each with a new cursor.
		fmt.Fprintf(w, `{"data":[{"id":"%d"}],"meta":{"next":{"affix":"append","id":"%d"}}}`, requests%2, 1000+requests)
	}, testkit.Once)
	users, err := counted(client.Users.List(nil).All(t.Context()))
	assert.Equal(t, 0, users)
	assert.ErrorIs(t, err, cometchat.ErrPaginationLoop)
	assert.EqualError(t, err, "page 100: cometchat: pagination loop: 100 pages in a row have no items")
	assert.Equal(t, 100, requests)

	requests = 0
	messages, err := counted(client.Messages.List(nil).All(t.Context()))
	assert.Equal(t, 3, messages)
	assert.ErrorIs(t, err, cometchat.ErrPaginationLoop)
	assert.EqualError(t, err, `page after "1003": cometchat: pagination loop: it has what an earlier page had`)
	assert.Equal(t, 4, requests)
}

// cursorServer responds with the same cursor to every page of messages.
type cursorServer struct {
	cursor string
	last   url.Values
	n      int
}

func (s *cursorServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.last = r.URL.Query()
	s.n++
	fmt.Fprintf(w, `{"data":[{"id":"%d"}],"meta":{"next":%s,"previous":%[2]s}}`, s.n, s.cursor)
}

// forged returns p with another page size and more parameters.
func forged(t *testing.T, p cometchat.Position, size int, more url.Values) (cometchat.Position, error) {
	t.Helper()
	parts := strings.SplitN(p.String(), ".", 4)
	require.Len(t, parts, 4)
	cursor, err := url.ParseQuery(parts[3])
	require.NoError(t, err)
	for name, values := range more {
		cursor[name] = values
	}
	parts[2], parts[3] = strconv.Itoa(size), cursor.Encode()
	var q cometchat.Position
	return q, q.UnmarshalText([]byte(strings.Join(parts, ".")))
}

// TestCursorsReplaceNoFilter checks what a server's cursor, or a position that
// was tampered with, can change in a request.
func TestCursorsReplaceNoFilter(t *testing.T) {
	s := &cursorServer{cursor: `{"id":1,"affix":"append"}`}
	client := testkit.Served(t, s.ServeHTTP, testkit.Once)
	filters := url.Values{"hideDeleted": {"true"}, "tags": {"public"}, "limit": {"50"}}
	list := client.Messages.List(&cometchat.MessageListOptions{Limit: 50, HideDeleted: true, Tags: []string{"public"}})
	next := func(cursor string) url.Values {
		q := url.Values{}
		for name, values := range filters {
			q[name] = values
		}
		more, err := url.ParseQuery(cursor)
		require.NoError(t, err)
		for name, values := range more {
			q[name] = values
		}
		return q
	}
	page, err := list.First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, filters, s.last)
	_, err = list.From(page.Next).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, next("affix=append&id=1"), s.last)

	names := []string{
		"tags", "hideDeleted", "hideReplies", "categories", "category", "type", "sender", "unread", "sentAt[from]", // the list's options, set or not
		"limit", "perPage", "per_page", "page", "count", "onBehalfOf", "apiKey", "apikey", "appid",
		"tags[]", "tags[0]", " tags", "Tags", "hide.deleted", "hide_deleted", "tags\x00x", "", "[tags", "ID", "id[]", "SentAt", // other spellings of these names
	}
	for _, name := range names {
		t.Run(strconv.Quote(name), func(t *testing.T) {
			p, err := forged(t, page.Next, 50, url.Values{name: {"x"}})
			require.NoError(t, err)
			sent := s.n
			for _, err := range []error{
				second(list.From(p).First(t.Context())),
				second(counted(list.From(p).All(t.Context()))),
				second(counted(list.From(p).Backward(t.Context()))),
			} {
				var invalid *cometchat.ValidationError
				require.ErrorAs(t, err, &invalid)
				assert.Equal(t, "position", invalid.Field)
			}
			assert.Equal(t, sent, s.n, "nothing is sent")

			s.cursor = fmt.Sprintf(`{"id":1,"affix":"append",%s:"x"}`, testkit.JSON(t, name))
			with, err := list.First(t.Context())
			require.NoError(t, err)
			assert.Equal(t, page.Next, with.Next)
			assert.Equal(t, page.Next, with.Previous)
		})
	}

	t.Run("what is a cursor's own", func(t *testing.T) {
		s.cursor = `{"id":1,"affix":"append","sentAt":17,"updatedAt":18,"fromTimestamp":"16","token":"t","x y":{"a":[1]}}`
		with, err := list.First(t.Context())
		require.NoError(t, err)
		_, err = list.From(testkit.MustPosition(t, with.Next.String())).First(t.Context())
		require.NoError(t, err)
		assert.Equal(t, next("affix=append&fromTimestamp=16&id=1&sentAt=17&token=t&updatedAt=18&x+y=%7B%22a%22%3A%5B1%5D%7D"), s.last)
		s.cursor = `{"page":2,"limit":999}`
		with, err = list.First(t.Context())
		require.NoError(t, err)
		_, err = list.From(with.Next).First(t.Context())
		require.NoError(t, err)
		assert.Equal(t, next("page=2"), s.last)
	})

	t.Run("the page's size", func(t *testing.T) {
		_, err := forged(t, page.Next, cometchat.MaxPageSize+1, nil)
		assert.Error(t, err)
		p, err := forged(t, page.Next, cometchat.MaxPageSize, nil)
		require.NoError(t, err)
		_, err = list.From(p).First(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "50", s.last.Get("limit"), "the options' own size comes first")

		plain := client.Messages.List(nil)
		page, err := plain.First(t.Context())
		require.NoError(t, err)
		p, err = forged(t, page.Next, 70, nil)
		require.NoError(t, err)
		_, err = plain.From(p).First(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "70", s.last.Get("limit"), "they name none")
	})
}

func second[T any](_ T, err error) error { return err }

// TestPositionOfTheOtherKind uses a position that names the right list, but is of
// the other kind.
func TestPositionOfTheOtherKind(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(3)
	srv.SeedMessages(3, 1)
	users, err := client.Users.List(nil).First(t.Context())
	require.NoError(t, err)
	messages, err := client.Messages.List(nil).First(t.Context())
	require.NoError(t, err)
	srv.ResetRequests()
	name := func(p cometchat.Position) string { return strings.Split(p.String(), ".")[1] }
	for _, err := range []error{
		second(client.Users.List(nil).From(testkit.MustPosition(t, "c1."+name(users.Position)+".0.id=1")).First(t.Context())),
		second(client.Messages.List(nil).From(testkit.MustPosition(t, "p1."+name(messages.Next)+".2.0")).First(t.Context())),
	} {
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, err, &invalid)
		assert.Equal(t, "position", invalid.Field)
	}
	assert.Empty(t, srv.Requests())
}

// TestBackwardFromAPageThatFails fails the page that is fetched to find the one
// before it.
func TestBackwardFromAPageThatFails(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedMessages(30, 1)
	list := client.Messages.List(&cometchat.MessageListOptions{Limit: 10})
	first, err := list.First(t.Context())
	require.NoError(t, err)
	srv.Inject(cometchattest.Fault{Status: 403, Code: "ERR_PERMISSION_DENIED"})
	n, err := counted(list.From(first.Next).Backward(t.Context()))
	assert.Equal(t, 0, n)
	assert.ErrorIs(t, err, cometchat.ErrPermissionDenied)
	var at *cometchat.PageError
	require.ErrorAs(t, err, &at)
	assert.Equal(t, first.Next, at.Position)
}
