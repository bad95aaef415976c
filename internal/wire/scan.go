package wire

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// scanner walks over JSON value by value without decoding it. It trusts that the
// JSON is well formed. Anything else ends the walk early, so that it can also
// read a body up to the place where the body was cut.
type scanner struct {
	in      []byte
	at      int
	visited int // bytes walked over, counting each visit
}

func (s *scanner) advance(n int) {
	n = min(n, len(s.in)-s.at)
	s.at += n
	s.visited += n
}

// peek returns the first byte of the next value, or 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.in) {
		switch c := s.in[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.advance(1)
		default:
			return c
		}
	}
	return 0
}

// text walks over a string and returns it, quotes included.
func (s *scanner) text() []byte {
	start := s.at
	s.advance(endOfText(s.in, start) - start)
	return s.in[start:s.at]
}

// endOfText returns where the string that begins at i ends.
func endOfText(in []byte, i int) int {
	for i++; i < len(in); i++ {
		switch in[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(in)
}

// literal walks over a number, true, false or null and returns it.
func (s *scanner) literal() []byte {
	start := s.at
	s.advance(endOfLiteral(s.in, start) - start)
	return s.in[start:s.at]
}

// endOfLiteral returns where the number or word that begins at i ends.
func endOfLiteral(in []byte, i int) int {
	for i++; i < len(in); i++ {
		switch in[i] {
		case ',', ':', ']', '}', '[', '{', '"', ' ', '\t', '\r', '\n':
			return i
		}
	}
	return len(in)
}

// value walks over a value and returns it.
func (s *scanner) value() []byte {
	s.peek()
	start, i := s.at, s.at
	for depth := 0; i < len(s.in); {
		switch s.in[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
			continue
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case '"':
			i = endOfText(s.in, i)
		default:
			i = endOfLiteral(s.in, i)
		}
		if depth <= 0 {
			s.advance(i - start)
			return s.in[start:s.at]
		}
	}
	s.advance(len(s.in) - start)
	return s.in[start:s.at]
}

// members calls f with the name of each member of the next object, in its JSON
// form. f must walk over the value.
func (s *scanner) members(f func(name []byte)) {
	s.advance(1)
	for s.peek() == '"' {
		name := s.text()
		if s.peek() != ':' {
			return
		}
		s.advance(1)
		s.peek()
		f(name)
		if s.peek() == ',' {
			s.advance(1)
		}
	}
	s.advance(1)
}

// items calls f for each item of the next array. f must walk over the item.
func (s *scanner) items(f func()) {
	s.advance(1)
	for c := s.peek(); c != ']' && c != 0 && c != '}'; c = s.peek() {
		f()
		if s.peek() == ',' {
			s.advance(1)
		}
	}
	s.advance(1)
}

// Members returns the members of a JSON object, or nil if raw is not one.
func Members(raw []byte) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if KindOf(raw) != KindObject || Unmarshal(raw, &members) != nil {
		return nil
	}
	return members
}

// Scalar returns the text of a string, number or boolean.
func Scalar(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	if KindOf(raw) == KindString {
		return strings.TrimSpace(unquote(raw))
	}
	return string(raw)
}

// unquote returns the text of a JSON string.
func unquote(raw []byte) string {
	if len(raw) >= 2 && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1])
	}
	var text string
	_ = Unmarshal(raw, &text)
	return text
}

// TextOrList reads a text, a list of texts, an object in place of a list, or
// null. A number or a boolean becomes its text. The list is nil unless raw holds
// one.
func TextOrList(raw []byte) (string, []string, error) {
	switch KindOf(raw) {
	case KindNone, KindNull:
		return "", nil, nil
	case KindArray, KindObject:
		list := []string{}
		if err := Decode(raw, &list); err != nil {
			return "", nil, err
		}
		return "", append([]string{}, list...), nil
	}
	return Scalar(raw), nil, nil
}

// Entity reads {"entityType":…,"entity":{…}}, or a bare entity, which has no
// type. It returns a copy.
func Entity(raw []byte) (kind string, entity json.RawMessage, err error) {
	var typed struct {
		EntityType string
		Entity     json.RawMessage
	}
	if KindOf(raw) == KindObject {
		err = Decode(raw, &typed)
	}
	if err == nil && typed.EntityType == "" && typed.Entity == nil && KindOf(raw) != KindNull {
		typed.Entity = bytes.Clone(raw)
	}
	return typed.EntityType, typed.Entity, err
}

// Opened returns the content of a JSON string if that is JSON.
func Opened(raw []byte) ([]byte, bool) {
	if KindOf(raw) != KindString {
		return nil, false
	}
	text := []byte(unquote(bytes.TrimSpace(raw)))
	return text, json.Valid(text)
}
