package redact

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape undoes one layer of URL, JSON and HTML escapes. For each byte of
// plain, and for its end, from holds the position in the original that it stands
// for.
func unescape(text []byte, at []int) (plain []byte, from []int, changed bool) {
	if !bytes.ContainsAny(text, `%\&`) {
		return text, at, false
	}
	plain = make([]byte, 0, len(text))
	from = make([]int, 0, len(text)+1)
	for i := 0; i < len(text); {
		before := len(plain)
		width := 1
		switch c := text[i]; c {
		case '%':
			plain, width = percent(plain, text[i:])
		case '\\':
			plain, width = backslash(plain, text[i:])
		case '&':
			plain, width = entity(plain, text[i:])
		default:
			plain = append(plain, c)
		}
		changed = changed || width > 1
		for range len(plain) - before {
			from = append(from, original(at, i))
		}
		i += width
	}
	return plain, append(from, original(at, len(text))), changed
}

func original(at []int, i int) int {
	if at == nil {
		return i
	}
	return at[i]
}

// percent, backslash and entity append what an escape stands for and return its
// width. For text that is not an escape they append its first byte.

func percent(plain, text []byte) ([]byte, int) {
	if len(text) >= 3 {
		if n, err := strconv.ParseUint(string(text[1:3]), 16, 8); err == nil {
			return append(plain, byte(n)), 3
		}
	}
	return append(plain, '%'), 1
}

func backslash(plain, text []byte) ([]byte, int) {
	if len(text) < 2 {
		return append(plain, '\\'), 1
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return append(plain, c), 2
	case 'b', 'f', 'n', 'r', 't':
		return append(plain, "\b\f\n\r\t"[strings.IndexByte("bfnrt", c)]), 2
	case 'u':
		if high, ok := unit(text); ok {
			if low, ok := unit(text[6:]); ok {
				if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
					return utf8.AppendRune(plain, r), 12
				}
			}
			return utf8.AppendRune(plain, high), 6
		}
	}
	return append(plain, '\\'), 1
}

// unit reads \uXXXX.
func unit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(n), err == nil
}

func entity(plain, text []byte) ([]byte, int) {
	const longest = len("&#x00000026;")
	end := bytes.IndexByte(text[:min(len(text), longest)], ';')
	if end > 0 {
		escape := string(text[:end+1])
		if s := html.UnescapeString(escape); s != escape {
			return append(plain, s...), len(escape)
		}
	}
	return append(plain, '&'), 1
}
