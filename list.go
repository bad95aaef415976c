package cometchat

import (
	"context"
	"fmt"
	"iter"
	"net/url"

	"github.com/go-cometchat/cometchat/internal/transport"
	"github.com/go-cometchat/cometchat/internal/walk"
	"github.com/go-cometchat/cometchat/internal/wire"
)

// list is what both kinds of list hold: the request, and where and how to walk.
// It is never changed after it is made.
type list struct {
	core     *core
	op       op
	from     Position
	prefetch int
}

// prepared is a list that has been checked, ready for its pages to be fetched.
type prepared struct {
	list
	id      string
	request *transport.Request // but for the query
	filters url.Values
	page    url.Values // the page parameters that the options name
}

// prepare checks the request and splits it into filters and page parameters, so
// that nothing is sent for a list that cannot work. numbered tells whether its
// pages have numbers.
func (l list) prepare(numbered bool, paging ...string) (*prepared, error) {
	req, err := l.core.request(l.op)
	if err != nil {
		return nil, err
	}
	filters, _ := url.ParseQuery(req.RawQuery) // what Encode made
	page := url.Values{}
	for _, name := range paging {
		if values, ok := filters[name]; ok {
			page[name] = values
			delete(filters, name)
		}
	}
	id := fingerprint(req.Operation+" "+req.Path, filters, req.ActingUser)
	if !l.from.IsZero() && (l.from.list != id || numbered != (l.from.page > 0)) {
		return nil, l.op.invalid(&ValidationError{Field: "position", Size: len(l.from.String()),
			Reason: "was taken from another list, or from one with other filters or another acting user"})
	}
	return &prepared{list: l, id: id, request: req, filters: filters, page: page}, nil
}

// fetchList makes the call for one page.
func fetchList[T any](ctx context.Context, l *prepared, query url.Values, at Position) (wire.List[T], error) {
	o, req := l.op, *l.request
	o.position, req.RawQuery = at, query.Encode()
	return roundTrip(ctx, l.core, o, &req, wire.DecodeList[T])
}

// Loop returns the error of a walk that makes no progress at a page.
func (l *prepared) Loop(at Position, why string) error {
	return &PageError{Position: at, Err: because(ErrPaginationLoop, why)}
}

// collect returns the first items of pages, at most limit of them.
func collect[P, T any](o op, limit int, pages iter.Seq2[*P, error], items func(*P) []*T) ([]*T, error) {
	if limit < 0 {
		return nil, o.invalid(&ValidationError{Field: "limit", Size: limit, Reason: fmt.Sprintf("%d, must be 0 or more", limit)})
	}
	if limit == 0 {
		return nil, nil
	}
	return walk.Collect(walk.Items(pages, items), limit)
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
