package fastjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds nesting, far below the depth at which encoding/json gives up.
const maxDepth = 100

// scanner goes through data. Each method passes white space and then the element
// that it is named after. It returns false if another element comes.
type scanner struct {
	data  []byte
	at    int
	depth int
}

// peek returns the next byte that is not white space, without passing it, or 0 at
// the end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.data); s.at++ {
		if c := s.data[s.at]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

// pass passes c, which must not be 0.
func (s *scanner) pass(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// open passes the bracket that opens an array or an object. more reports whether
// it has elements. In ASCII, each closing bracket is the opening one plus 2.
func (s *scanner) open(bracket byte) (more, ok bool) {
	if s.depth++; !s.pass(bracket) || s.depth > maxDepth {
		return false, false
	}
	if s.peek() == bracket+2 {
		return s.next(bracket)
	}
	return true, true
}

// next passes the byte after an element of what bracket opened: a comma, or the
// closing bracket if more is false.
func (s *scanner) next(bracket byte) (more, ok bool) {
	if s.pass(',') {
		return true, true
	}
	s.depth--
	return false, s.pass(bracket + 2)
}

// word passes a literal such as null.
func (s *scanner) word(w string) bool {
	if s.peek(); len(s.data)-s.at < len(w) || string(s.data[s.at:s.at+len(w)]) != w {
		return false
	}
	s.at += len(w)
	return true
}

// quoted passes a string and returns the text between its quotes. plain reports
// whether the text is ASCII without escapes.
func (s *scanner) quoted() (text []byte, plain, ok bool) {
	if !s.pass('"') {
		return nil, false, false
	}
	plain = true
	for from := s.at; ; plain = false {
		s.at += plainLen(s.data[s.at:])
		if s.at == len(s.data) {
			return nil, false, false
		}
		switch c := s.data[s.at]; {
		case c == '"':
			s.at++
			return s.data[from : s.at-1], plain, true
		case c >= utf8.RuneSelf:
			for s.at++; s.at < len(s.data) && s.data[s.at] >= utf8.RuneSelf; s.at++ {
			}
		case c != '\\' || !s.escape():
			return nil, false, false
		}
	}
}

// plainLen returns how many bytes at the beginning of b need no unescaping: ASCII
// except control characters, quotes and backslashes. It looks at eight bytes at a
// time and sets the top bit of those that end the run. Subtraction borrows, so
// bytes after such a byte may get the bit, too, but only the first one counts.
func plainLen(b []byte) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		if others := ((quote - ones) | (slash - ones) | (w - ones*' ') | w) & tops; others != 0 {
			return i + bits.TrailingZeros64(others)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] < utf8.RuneSelf && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

// escape passes an escape sequence.
func (s *scanner) escape() bool {
	s.at++ // the backslash
	if one := s.oneOf(`/"\bfnrt`); one || !s.oneOf("u") {
		return one
	}
	_, ok := hex4(s.data[s.at:])
	s.at = min(s.at+4, len(s.data))
	return ok
}

// hex4 reads the four digits after \u.
func hex4(b []byte) (r rune, ok bool) {
	n, err := strconv.ParseUint(string(b[:min(4, len(b))]), 16, 16)
	return rune(n), err == nil && len(b) >= 4
}

// unescape appends to dst the unescaped form of b, the inside of a string. It
// refuses half a surrogate pair, and invalid UTF-8.
func unescape(dst, b []byte) ([]byte, bool) {
	if !utf8.Valid(b) {
		return dst, false
	}
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 {
			return append(dst, b...), true
		}
		dst = append(dst, b[:i]...)
		c := b[i+1]
		b = b[i+2:]
		if c != 'u' {
			if i := strings.IndexByte("bfnrt", c); i >= 0 {
				c = "\b\f\n\r\t"[i]
			}
			dst = append(dst, c)
			continue
		}
		r, _ := hex4(b)
		n := 4
		if utf16.IsSurrogate(r) {
			var other rune
			if len(b) >= 10 && b[4] == '\\' && b[5] == 'u' {
				other, _ = hex4(b[6:])
			}
			if r = utf16.DecodeRune(r, other); r == utf8.RuneError {
				return dst, false
			}
			n = 10
		}
		dst, b = utf8.AppendRune(dst, r), b[n:]
	}
}

// number passes a number and returns its text.
func (s *scanner) number() (text []byte, ok bool) {
	s.peek()
	from := s.at
	s.oneOf("-")
	ok = s.oneOf("0") || s.digits() // no digit may follow a leading zero
	ok = ok && (!s.oneOf(".") || s.digits())
	if ok && s.oneOf("eE") {
		s.oneOf("+-")
		ok = s.digits()
	}
	return s.data[from:s.at], ok
}

func (s *scanner) digits() bool {
	from := s.at
	for s.at < len(s.data) && '0' <= s.data[s.at] && s.data[s.at] <= '9' {
		s.at++
	}
	return s.at > from
}

// oneOf passes the next byte, even white space, if it is in set.
func (s *scanner) oneOf(set string) bool {
	if s.at == len(s.data) || strings.IndexByte(set, s.data[s.at]) < 0 {
		return false
	}
	s.at++
	return true
}

// value passes a value of any kind and returns its JSON.
func (s *scanner) value() (text []byte, ok bool) {
	s.peek()
	from := s.at
	ok = s.skip()
	return s.data[from:s.at], ok
}

// skip passes a value of any kind.
func (s *scanner) skip() (ok bool) {
	switch bracket := s.peek(); bracket {
	case '{', '[':
		more, ok := s.open(bracket)
		for more && ok {
			if bracket == '{' {
				_, _, ok = s.quoted()
				ok = ok && s.pass(':')
			}
			if !ok || !s.skip() {
				return false
			}
			more, ok = s.next(bracket)
		}
		return ok
	case '"':
		_, _, ok = s.quoted()
	case 't', 'f', 'n':
		ok = s.word("true") || s.word("false") || s.word("null")
	default:
		_, ok = s.number()
	}
	return ok
}
