// Package wire reads JSON as a PHP server writes it: envelopes, lists, errors
// and the results of bulk calls, with the oddities of all of them. It knows no
// resource and imports nothing of the client.
//
// All decoding goes through [Unmarshal]. Where the JSON has another shape than
// the Go type, [Decode] reshapes it. Whatever the input, the work is bounded by
// a constant per byte.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/go-cometchat/cometchat/internal/fastjson"
)

// Unmarshal is json.Unmarshal, and faster where the JSON is ordinary. Every decode
// of the client goes through it.
func Unmarshal(data []byte, v any) error { return fastjson.Decode(data, v) }

// unmarshalFlat is Unmarshal for what must not be nested deeper than maxFlat:
// JSON that is comes out as a mismatch, since a few bytes make a large struct at
// each level. Then dst may have been written to.
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

// Marshal is json.Marshal without HTML escaping: what users write arrives as
// they wrote it.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// mismatch tells JSON of another shape from what is no JSON at all.
func mismatch(err error) bool {
	var syntax *json.SyntaxError
	return !errors.As(err, &syntax)
}

// Problem is what is wrong with a response that claims success.
type Problem struct {
	Text string
	// Refused reports that the response says clearly that nothing was done.
	Refused bool
}

// Kind is the kind of a JSON value.
type Kind byte

// The kinds. KindNone is that of no value at all.
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

// Present tells a value from its absence: null, and what PHP makes of nothing.
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

// TrimBOM returns body without the byte order mark that it may begin with.
func TrimBOM(body []byte) []byte { return bytes.TrimPrefix(body, bom) }

// Clean prepares a body for decoding, in place: it takes away a byte order mark
// and the backslashes that PHP writes before slashes.
func Clean(body []byte) []byte { return plainSlashes(TrimBOM(body)) }

// plainSlashes turns the \/ that PHP writes for every slash into /, in place,
// and returns what is left of body. To JSON both are the same, and what is not
// JSON does not become it; but encoding/json unescapes byte by byte into memory
// of its own, and responses are full of links: a user costs two allocations less.
func plainSlashes(body []byte) []byte {
	end, from := 0, 0 // body[:end] is done, body[from:] is yet to be moved behind it
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
