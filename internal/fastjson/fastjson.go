// Package fastjson decodes ordinary JSON several times faster than encoding/json
// and leaves the rest to it. What it accepts, encoding/json accepts with the same
// value. It refuses
//
//   - JSON that is malformed, or nested deeper than 100;
//   - in a struct, a member name that is escaped or not ASCII, one that comes
//     twice, and one that differs from a field's name only in case;
//   - a value of another kind than its Go type;
//   - for an integer type, a number that is not an integer or is too large;
//   - a text that is not valid UTF-8, or escapes half a surrogate pair.
//
// It decodes structs, slices, pointers, strings, booleans, and signed integers.
// Types with UnmarshalJSON decode themselves. Other types inside these are left
// to encoding/json, one value at a time. So are structs with fields for which
// encoding/json has special rules.
//
// The package exists because decoding is most of the client's work for a list.
// Delete it when the encoding/json of the oldest supported Go takes at most 1.3
// times as long (BenchmarkDecode compares them). Decode is then json.Unmarshal.
package fastjson

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// Decode decodes data into the value that v points to, and returns the error that
// json.Unmarshal returns. If Unmarshal refuses, encoding/json decodes into the
// original value. In that case, whatever the value refers to by pointers, slices,
// and maps may have been written to, even if data is malformed.
func Decode(data []byte, v any) error {
	if p := reflect.ValueOf(v); decodable(p) {
		before := reflect.New(p.Type().Elem()).Elem()
		before.Set(p.Elem())
		if Unmarshal(data, v) {
			return nil
		}
		p.Elem().Set(before)
	}
	return json.Unmarshal(data, v)
}

// Unmarshal decodes data into the value that v points to as json.Unmarshal does,
// or returns false. It does not change data or keep a reference to it. If it
// returns false, the value may have been partly written to. A caller that goes on
// with encoding/json must restore the original value first, as Decode does.
//
// A text of up to 64 bytes that is kept also keeps the 512 bytes of memory that
// it is part of.
func Unmarshal(data []byte, v any) (ok bool) {
	p := reflect.ValueOf(v)
	if !decodable(p) {
		return false
	}
	d := decoders.Get().(*decoder)
	d.scanner = scanner{data: data}
	defer func() { d.scanner = scanner{}; decoders.Put(d) }()
	return planOf(p.Type().Elem()).decode(d, p.Elem()) && d.peek() == 0 && d.at == len(data)
}

// decoders keep their pieces for the next value, since some types decode many
// small values.
var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decodable reports whether p is a pointer to decode through. A named pointer
// type hides the methods of its element type.
func decodable(p reflect.Value) bool {
	return p.Kind() == reflect.Pointer && !p.IsNil() && p.Type().Name() == ""
}

// decoder is one pass over data into a value.
type decoder struct {
	scanner
	piece   strings.Builder // the memory for short texts
	scratch []byte          // the last text that was unescaped
}

// text passes a string and returns its unescaped text.
func (d *decoder) text() (text string, ok bool) {
	b, plain, ok := d.quoted()
	if ok && !plain {
		b, ok = unescape(d.scratch[:0], b)
		d.scratch = b
	}
	return d.keep(b), ok
}

// Short texts are cut from pieces of memory, which saves most allocations.
const shortText, textPiece = 64, 512

// keep returns b as a string.
func (d *decoder) keep(b []byte) string {
	if len(b) > shortText {
		return string(b)
	}
	if d.piece.Cap()-d.piece.Len() < len(b) {
		d.piece = strings.Builder{}
		d.piece.Grow(textPiece)
	}
	from := d.piece.Len()
	d.piece.Write(b)
	return d.piece.String()[from:]
}
