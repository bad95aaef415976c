package cometchattest

import "cmp"

// Page sizes of the lists with page numbers.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

// rows is an ordered list that can be accessed by position.
type rows[T any] interface {
	count() int
	at(i int) T
}

// sliceRows are rows assembled for a request.
type sliceRows[T any] []T

func (s sliceRows[T]) count() int { return len(s) }
func (s sliceRows[T]) at(i int) T { return s[i] }

// rowsOf converts rows to other rows; to is only called for the rows that are
// accessed.
type rowsOf[T, U any] struct {
	rows[T]
	to func(T) U
}

func (r rowsOf[T, U]) at(i int) U { return r.to(r.rows.at(i)) }

// joinedRows are the rows of first, followed by those of second.
type joinedRows[T any] struct{ first, second rows[T] }

func (j joinedRows[T]) count() int { return j.first.count() + j.second.count() }

func (j joinedRows[T]) at(i int) T {
	if n := j.first.count(); i >= n {
		return j.second.at(i - n)
	}
	return j.first.at(i)
}

// listResponse is the response of a list. A handler that returns a listResponse
// sets Meta itself; a nil Meta is omitted.
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

// pageCursor accompanies the pagination of the lists of users and groups.
type pageCursor struct {
	UpdatedAt int64  `json:"updatedAt"`
	Affix     string `json:"affix"`
}

// pageList describes a list with page numbers. Its method page returns the
// requested page.
type pageList[T any] struct {
	rows rows[T]
	// keep, if set, selects rows. It is called for all rows, or, if the list is
	// growing, for the rows up to the end of the page.
	keep func(T) bool
	// view returns the element of "data" for a row.
	view func(T) any
	// growing makes total 0 and, while more rows follow, total_pages one more
	// than the page, as recorded for blocked users. Otherwise both are exact.
	growing bool
	// pageSize is the page size without perPage; 0 means defaultPerPage.
	pageSize int
	// cursor, if set, is added to meta of lists that are not empty.
	cursor any
}

func (l pageList[T]) page(c *call) (any, error) {
	number, size, err := c.paging(cmp.Or(l.pageSize, defaultPerPage))
	if err != nil {
		return nil, err
	}
	data := []any{}
	// The position of a distant page may overflow an int, so use 64 bits.
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
				total++ // growing lists only need to know whether another row follows
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
		// A list without rows has one empty page.
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

// paging returns the parameters page and perPage; perPage defaults to fallback.
// Official clients send per_page as an alias of perPage.
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
