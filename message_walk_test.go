package cometchat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

// history answers GET requests with pages of messages as the real API does: the
// oldest first, no previous on the first page, a next on every page and also on
// the empty one behind the last, and the time of a cursor a number at first and
// a text once it was sent back.
type history struct {
	n         int
	sentAt    func(i int) int
	stuckNext bool // the next cursor stands still, though pages differ
	samePage  bool // every page is the first

	mu       sync.Mutex
	requests []url.Values
}

// sent returns the queries of the requests so far, and forgets them.
func (h *history) sent() []url.Values {
	h.mu.Lock()
	defer h.mu.Unlock()
	requests := h.requests
	h.requests = nil
	return requests
}

// newHistory has n messages, perSecond of them each second.
func newHistory(n, since, perSecond int) *history {
	return &history{n: n, sentAt: func(i int) int { return since + i/perSecond }}
}

func (h *history) muid(i int) string { return "m-" + strconv.Itoa(i) }

func (h *history) message(i int) map[string]any {
	return map[string]any{
		"id": strconv.Itoa(1000 + i), "muid": h.muid(i), "conversationId": "ann_user_bob", "sender": "ann", "receiverType": "user", "receiver": "bob",
		"category": "message", "type": "text", "data": map[string]any{"text": fmt.Sprint("text ", i)},
		"sentAt": h.sentAt(i), "updatedAt": h.sentAt(i),
	}
}

func (h *history) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	h.mu.Lock()
	h.requests = append(h.requests, q)
	h.mu.Unlock()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil {
		limit = 10
	}
	// The messages are in order of (sentAt, id), and so is the cursor.
	at, cursor := 0, q.Get("id") != ""
	if cursor {
		id, _ := strconv.Atoi(q.Get("id"))
		at = id - 1000
	}
	from, to := 0, min(limit, h.n)
	switch {
	case h.samePage:
	case q.Get("affix") == "prepend" && cursor:
		from, to = max(at-limit, 0), at
	case q.Get("affix") == "prepend":
		from, to = max(h.n-limit, 0), h.n
	case cursor:
		from = min(at+1, h.n)
		to = min(from+limit, h.n)
	}
	items := []any{}
	for i := from; i < to; i++ {
		items = append(items, h.message(i))
	}
	edge := func(affix string, i int) map[string]any {
		return map[string]any{"affix": affix, "id": strconv.Itoa(1000 + i), "sentAt": h.sentAt(i)}
	}
	meta := map[string]any{"current": map[string]any{"limit": limit, "count": len(items)}}
	switch {
	case len(items) > 0:
		meta["next"] = edge("append", to-1)
		if cursor || q.Get("affix") == "prepend" {
			meta["previous"] = edge("prepend", from)
		}
	case cursor:
		echo := func(affix string) map[string]any {
			return map[string]any{"affix": affix, "id": q.Get("id"), "sentAt": q.Get("sentAt")}
		}
		meta["next"], meta["previous"] = echo("append"), echo("prepend")
	}
	if h.stuckNext && len(items) > 0 {
		meta["next"] = edge("append", limit-1)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": items, "meta": meta})
}

// walkIDs collects the ids of a walk, until it ends or fails.
func walkIDs(seq func(func(*cometchat.Message, error) bool)) (ids []string, err error) {
	for m, e := range seq {
		if e != nil {
			return ids, e
		}
		ids = append(ids, m.ID)
	}
	return ids, nil
}

func idRange(from, to int) []string {
	var ids []string
	for i := from; i < to; i++ {
		ids = append(ids, strconv.Itoa(1000+i))
	}
	return ids
}

func reversed(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

func TestWalkMessages(t *testing.T) {
	tests := []struct {
		name            string
		n, limit        int
		perSecond       int
		forward, behind int // requests forward and backward
	}{
		{"none", 0, 100, 1, 1, 1},
		{"one", 1, 100, 1, 2, 2},
		{"a page but one", 99, 100, 1, 2, 2},
		{"exactly a page", 100, 100, 1, 2, 2},
		{"a page and one", 101, 100, 7, 3, 3},
		{"all of one second", 300, 100, 300, 4, 4},
		{"seconds across pages", 355, 100, 30, 5, 5},
		{"pages of one", 5, 1, 5, 6, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHistory(tt.n, 1700000000, tt.perSecond)
			client := served(t, h.ServeHTTP, once)
			list := client.Messages.List(&cometchat.MessageListOptions{Limit: tt.limit})
			want := idRange(0, tt.n)

			ids, err := walkIDs(list.All(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, want, ids)
			requests := h.sent()
			assert.Len(t, requests, tt.forward)
			assert.Empty(t, requests[0]["affix"])
			for i, q := range requests[1:] { // each echoes the whole cursor
				last := min((i+1)*tt.limit, tt.n) - 1
				assert.Equal(t, url.Values{
					"affix": {"append"}, "id": {strconv.Itoa(1000 + last)}, "sentAt": {strconv.Itoa(h.sentAt(last))},
					"limit": {strconv.Itoa(tt.limit)},
				}, q)
			}

			ids, err = walkIDs(list.Backward(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, reversed(want), ids)
			assert.Len(t, h.sent(), tt.behind)

			ids, err = walkIDs(list.Prefetch(1).All(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, want, ids)
		})
	}
}

// A walk can be broken off at any page, and go on in another process: with the
// position as text, from a new client.
func TestWalkMessagesResumes(t *testing.T) {
	h := newHistory(300, 1700000000, 300)
	opts := &cometchat.MessageListOptions{Limit: 70}
	for stop := 1; stop <= 5; stop++ {
		var ids []string
		var position []byte
		pages := 0
		for page, err := range served(t, h.ServeHTTP, once).Messages.List(opts).Pages(t.Context()) {
			require.NoError(t, err)
			for _, m := range page.Items {
				ids = append(ids, m.ID)
			}
			position, err = page.Next.MarshalText()
			require.NoError(t, err)
			if pages++; pages == stop {
				break
			}
		}
		var from cometchat.Position
		require.NoError(t, from.UnmarshalText(position))
		rest, err := walkIDs(served(t, h.ServeHTTP, once).Messages.List(opts).From(from).All(t.Context()))
		require.NoError(t, err)
		assert.Equal(t, idRange(0, 300), append(ids, rest...), "stopped after page %d", stop)

		before, err := walkIDs(served(t, h.ServeHTTP, once).Messages.List(&cometchat.MessageListOptions{
			Limit: 70, FromID: ids[len(ids)-1],
		}).Backward(t.Context()))
		require.NoError(t, err)
		assert.Equal(t, reversed(ids[:len(ids)-1]), before)
	}
}

// A list begins behind a message that the options name.
func TestWalkMessagesFromID(t *testing.T) {
	h := newHistory(50, 1700000000, 3)
	client := served(t, h.ServeHTTP, once)
	list := client.Messages.ListWith(cometchat.ToUser("bob"), &cometchat.ConversationMessageListOptions{FromID: "1020", Limit: 7})
	ids, err := walkIDs(list.All(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, idRange(21, 50), ids)
	ids, err = walkIDs(list.Backward(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, reversed(idRange(0, 20)), ids)
}

// A server that does not get ahead is an error, not an endless loop and not an
// early end.
func TestWalkMessagesLoop(t *testing.T) {
	for name, h := range map[string]*history{
		"the cursor stands still": {n: 300, sentAt: func(int) int { return 1700000000 }, stuckNext: true},
		"the page comes again":    {n: 300, sentAt: func(int) int { return 1700000000 }, samePage: true},
	} {
		t.Run(name, func(t *testing.T) {
			client := served(t, h.ServeHTTP, once)
			ids, err := walkIDs(client.Messages.List(&cometchat.MessageListOptions{Limit: 100}).All(t.Context()))
			require.ErrorIs(t, err, cometchat.ErrPaginationLoop)
			var at *cometchat.PageError
			require.ErrorAs(t, err, &at)
			assert.Subset(t, idRange(0, 300), ids)
			assert.LessOrEqual(t, len(h.sent()), 3)
		})
	}
}

// The messages with a user are documented with numbered pages: a server that
// answers so is walked to its end.
func TestWalkNumberedMessages(t *testing.T) {
	var pages []string
	client := served(t, func(w http.ResponseWriter, r *http.Request) {
		pages = append(pages, r.URL.Query().Get("page"))
		n := max(1, len(pages))
		fmt.Fprintf(w, `{"data":[{"id":"%d"},{"id":"%d"}],"meta":{"pagination":{"total":0,"count":2,"per_page":2,"current_page":%d,"total_pages":3},"cursor":{"id":1786,"affix":"prepend"}}}`,
			2*n-1, 2*n, n)
	}, once)
	ids, err := walkIDs(client.Messages.ListWith(cometchat.ToUser("bob"), nil).All(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "2", "3", "4", "5", "6"}, ids)
	assert.Equal(t, []string{"", "2", "3"}, pages)
}
