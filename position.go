package cometchat

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
)

// Position is a place in a list: where a page begins. It is a small value that
// can be compared, and stored as text or JSON to continue in another process. It
// holds no credentials. It belongs to the list it was taken from; a list of
// something else, or with other filters, refuses it. It cannot change the filters
// of a list. Its text is not signed, though: a stranger who edits it can name any
// place in the list. Give strangers a handle to a Position that you keep.
//
// A Position holds the size its pages had. In a list of numbered pages that size
// is used again, since a number names a place only together with it; in a list of
// cursors, a size that the options name comes first.
//
// The zero Position is the start of a list.
type Position struct {
	list   string // fingerprint of operation, ids, filters and acting user
	page   int    // of a page list
	size   int    // of its pages; 0 for the list's own
	cursor string // of a cursor list: the query that continues it
}

// IsZero reports whether p is the start of a list.
func (p Position) IsZero() bool { return p == Position{} }

// query returns the parameters of a cursor, and none for a numbered page.
func (p Position) query() url.Values {
	values, _ := url.ParseQuery(p.cursor) // what Encode made
	return values
}

// place names the page that begins at p, for errors.
func (p Position) place() string {
	cursor := p.query()
	id := cursor.Get("id")
	switch {
	case p.page > 0:
		return fmt.Sprintf("page %d", p.page)
	case p.cursor == "":
		return "page 1"
	case cursor.Has("page"):
		return fmt.Sprintf("page %.20q", cursor.Get("page"))
	case id == "":
		return "last page"
	case cursor.Get("affix") == backward:
		return fmt.Sprintf("page before %.100q", id)
	}
	return fmt.Sprintf("page after %.100q", id)
}

// String returns the same text as MarshalText.
func (p Position) String() string {
	switch {
	case p.IsZero():
		return ""
	case p.page > 0:
		return fmt.Sprintf("p1.%s.%d.%d", p.list, p.page, p.size)
	}
	return fmt.Sprintf("c1.%s.%d.%s", p.list, p.size, p.cursor)
}

// MarshalText returns a short line of text, empty for the zero Position.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Position) UnmarshalText(text []byte) error {
	q, err := parsePosition(string(text))
	if err == nil {
		*p = q
	}
	return err
}

var errPosition = errors.New("cometchat: malformed position")

func parsePosition(s string) (Position, error) {
	if s == "" {
		return Position{}, nil
	}
	kind, rest, _ := strings.Cut(s, ".")
	list, rest, _ := strings.Cut(rest, ".")
	number, rest, ok := strings.Cut(rest, ".")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 0 || !isFingerprint(list) {
		return Position{}, errPosition
	}
	p := Position{list: list}
	switch kind {
	case "p1":
		p.page = n
		p.size, err = strconv.Atoi(rest)
		if err != nil || p.page < 1 {
			return Position{}, errPosition
		}
	case "c1":
		p.size = n
		values, err := url.ParseQuery(rest)
		if err != nil || len(values) == 0 {
			return Position{}, errPosition
		}
		p.cursor = values.Encode()
	default:
		return Position{}, errPosition
	}
	if p.size < 0 || p.size > MaxPageSize {
		return Position{}, errPosition
	}
	if p.String() != s { // one text for one position, so that they compare
		return Position{}, errPosition
	}
	return p, nil
}

const fingerprintLen = 8

func isFingerprint(s string) bool {
	return len(s) == fingerprintLen && strings.Trim(s, "0123456789abcdef") == ""
}

// fingerprint distinguishes lists by everything but paging.
func fingerprint(path string, filters url.Values, actingUser string) string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%q %q %q", path, filters.Encode(), actingUser)
	return fmt.Sprintf("%0*x", fingerprintLen, h.Sum32())
}
