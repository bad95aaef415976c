package cometchat

import (
	"iter"

	"github.com/go-cometchat/cometchat/internal/walk"
)

// NewCursorList returns a cursor list at a path of its own, for testing the walk
// apart from any resource.
func NewCursorList[T any](c *Client, limit int) *CursorList[T] {
	opts := &struct {
		Limit int `url:"limit,omitempty"`
	}{limit}
	return cursorList[T](&c.core, (&route{
		Route: Route{"GET", "/cursor"}, operation: "GET /cursor", parts: []string{"/cursor"},
	}).at().query(opts))
}

// ItemsOfPages returns what All makes of n pages with these items.
func ItemsOfPages[T any](items []*T, n int) iter.Seq2[*T, error] {
	page := &Page[T]{Items: items}
	return walk.Items(func(yield func(*Page[T], error) bool) {
		for range n {
			if !yield(page, nil) {
				return
			}
		}
	}, pageItems[T])
}
