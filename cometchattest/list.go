package cometchattest

import "cmp"

// Page sizes of the page-style lists.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

// rows is an ordered list that can be cut by position.
type rows[T any] interface {
	count() int
	at(i int) T
}

// sliceRows are rows that were put together for one request.
type sliceRows[T any] []T

func (s sliceRows[T]) count() int { return len(s) }
func (s sliceRows[T]) at(i int) T { return s[i] }

// rowsOf shows rows as other rows; to is only asked for the rows of a page.
type rowsOf[T, U any] struct {
	rows[T]
	to func(T) U
}

func (r rowsOf[T, U]) at(i int) U { return r.to(r.rows.at(i)) }

// joinedRows are rows followed by others.
type joinedRows[T any] struct{ first, second rows[T] }

func (j joinedRows[T]) count() int { return j.first.count() + j.second.count() }

func (j joinedRows[T]) at(i int) T {
	if n := j.first.count(); i >= n {
		return j.second.at(i - n)
	}
	return j.first.at(i)
}

// listResponse is the response of a list; a handler that returns one decides about
// meta itself. A nil Meta is left out.
type listResponse struct {
	Data any `json:"data"`
	Meta any `json:"meta,omitempty"`
}

type pageMeta struct {
	Pagination pagination `json:"pagination"`
	Cursor     any        `json:"cursor,omitempty"`
}

type pagination struct {
	Total       int `json:"total"`
	Count       int `json:"count"`
	PerPage     int `json:"per_page"`
	CurrentPage int `json:"current_page"`
	TotalPages  int `json:"total_pages"`
}

// pageCursor stands beside the pagination of the lists of users.
type pageCursor struct {
	UpdatedAt int64  `json:"updatedAt"`
	Affix     string `json:"affix"`
}

// pageList describes a page-style list; page returns the page that a request asks for.
type pageList[T any] struct {
	rows rows[T]
	// keep, when set, selects rows; it costs a walk over all of them, or, of a
	// growing list, over those up to the end of the page.
	keep func(T) bool
	// view makes the element of "data".
	view func(T) any
	// growing sends total 0 and a total_pages that is one more than the page
	// while there is more, as recorded for blocked users. Otherwise both are
	// exact.
	growing bool
	// pageSize is what the service takes without perPage; 0 is defaultPerPage.
	pageSize int
	// cursor, when set, stands in meta of lists that are not empty.
	cursor any
}

func (l pageList[T]) page(c *call) (any, error) {
	number, size, err := c.paging(cmp.Or(l.pageSize, defaultPerPage))
	if err != nil {
		return nil, err
	}
	data := []any{}
	// In 64 bits: a page can be so far out that its position is no int.
	skip, total := int(min(int64(number-1)*int64(size), int64(l.rows.count()))), 0
	if l.keep == nil {
		total = l.rows.count()
		for i := skip; i < min(total, skip+size); i++ {
			data = append(data, l.view(l.rows.at(i)))
		}
	} else {
		for i := range l.rows.count() {
			row := l.rows.at(i)
			if !l.keep(row) {
				continue
			}
			if l.growing && total == skip+size {
				total++ // one more than the page is all there is to know
				break
			}
			if total >= skip && len(data) < size {
				data = append(data, l.view(row))
			}
			total++
		}
	}
	meta := pageMeta{Pagination: pagination{
		Total: total, Count: len(data), PerPage: size, CurrentPage: number,
		// A list without rows has one page, the empty one.
		TotalPages: max(1, (total+size-1)/size),
	}}
	if l.growing {
		meta.Pagination.Total = 0
		meta.Pagination.TotalPages = number
		if total > skip+size {
			meta.Pagination.TotalPages++
		}
	}
	if total > 0 {
		meta.Cursor = l.cursor
	}
	return listResponse{Data: data, Meta: meta}, nil
}

// paging reads page and perPage, which is fallback unless it was sent (per_page is an alias that official clients
// send).
func (c *call) paging(fallback int) (number, size int, err error) {
	f := newFields(nil)
	number = c.queryNumber(f, "page", 1, 1, 1<<30)
	name := "perPage"
	if !c.query.Has(name) && c.query.Has("per_page") {
		name = "per_page"
	}
	size = c.queryNumber(f, name, fallback, 1, maxPerPage)
	return number, size, f.err()
}
