// Package wire reads JSON as a PHP server writes it: envelopes, lists, errors
// and the results of bulk calls, with the oddities of all of them. It knows no
// resource and imports nothing of the client.
//
// All decoding goes through [Unmarshal]. Where the shape of the JSON differs from
// that of the Go type, [Decode] reshapes the JSON. The work is bounded by a
// constant per byte for every input.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/go-cometchat/cometchat/internal/fastjson"
)

// Unmarshal is json.Unmarshal, but faster for ordinary JSON. All decoding in the
// client goes through it.
func Unmarshal(data []byte, v any) error { return fastjson.Decode(data, v) }

// unmarshalFlat is Unmarshal for values that must not be nested deeper than
// maxFlat: a few bytes can make a large struct at each level. Deeper JSON is a
// mismatch. v may have been written to when unmarshalFlat fails.
func unmarshalFlat(data []byte, v any) error {
	if fastjson.Unmarshal(data, v) {
		return nil
	}
	if deep(data) {
		return errDeep
	}
	return json.Unmarshal(data, v)
}

var errDeep = errors.New("nested too deep")

const maxFlat = 100

// deep reports whether data is nested deeper than maxFlat.
func deep(data []byte) bool {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = endOfText(data, i) - 1
		case '[', '{':
			if depth++; depth > maxFlat {
				return true
			}
		case ']', '}':
			depth--
		}
	}
	return false
}

// Marshal is json.Marshal without HTML escaping, so that text arrives as the user
// wrote it.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// mismatch reports whether err is about JSON of another shape, rather than about
// invalid JSON.
func mismatch(err error) bool {
	var syntax *json.SyntaxError
	return !errors.As(err, &syntax)
}

// Problem is what is wrong with a response that claims success.
type Problem struct {
	Text string
	// Refused reports whether the response says clearly that nothing was done.
	Refused bool
}

// Kind is the kind of a JSON value.
type Kind byte

// The kinds of JSON values. KindNone stands for the absence of a value.
const (
	KindNone Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindArray
	KindObject
)

// String names the kind, for messages that must not show the value.
func (k Kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// KindOf returns the kind of a JSON value.
func KindOf(raw []byte) Kind {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return KindNone
	}
	switch raw[0] {
	case '{':
		return KindObject
	case '[':
		return KindArray
	case '"':
		return KindString
	case 't', 'f':
		return KindBool
	case 'n':
		return KindNull
	}
	return KindNumber
}

// Present reports whether raw is a value other than null and the values that PHP
// writes for nothing.
func Present(raw []byte) bool {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 2 && (raw[0] == '{' || raw[0] == '[') {
		raw = append(raw[:1:1], bytes.TrimSpace(raw[1:])...)
	}
	switch string(raw) {
	case "", "null", "false", "[]", "{}", `""`:
		return false
	}
	return true
}

var bom = []byte("\xef\xbb\xbf")

// TrimBOM returns body without a leading byte order mark.
func TrimBOM(body []byte) []byte { return bytes.TrimPrefix(body, bom) }

// Clean prepares a body for decoding, in place: it removes a byte order mark and
// the backslashes that PHP writes before slashes.
func Clean(body []byte) []byte { return plainSlashes(TrimBOM(body)) }

// plainSlashes turns the \/ that PHP writes for every slash into /, in place, and
// returns the shortened body. Both forms mean the same in JSON, and invalid JSON
// stays invalid. The reason is speed: encoding/json unescapes byte by byte into
// newly allocated memory, and responses are full of links. It saves two
// allocations for each user.
func plainSlashes(body []byte) []byte {
	end, from := 0, 0 // body[:end] is done, body[from:] is still to be moved behind it
	for at := 0; ; {
		i := bytes.IndexByte(body[at:], '\\')
		if i < 0 || at+i+1 == len(body) {
			return body[:end+copy(body[end:], body[from:])]
		}
		at += i + 2
		if body[at-1] == '/' {
			end += copy(body[end:], body[from:at-2])
			from = at - 1
		}
	}
}
