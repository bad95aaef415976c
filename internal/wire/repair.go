package wire

import (
	"bytes"
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Decode decodes raw into dst. If the shape of the JSON differs from that of the
// Go type (a number for a string, a string for a number, [] for an object, an
// object for a list: the API sends all of these), Decode reshapes the value and
// decodes it again. A member that no reshaping fits stays zero, so that one odd
// member never costs a page. Well-formed input is not slowed down. A pointer to
// an entity whose id is missing (see [Identified]) becomes nil.
//
// It returns an error if raw is not JSON, or if the value as a whole does not
// fit.
func Decode[T any](raw []byte, dst *T) error {
	before := *dst
	if err := unmarshalFlat(raw, dst); err != nil {
		*dst = before
		return reshape(raw, dst, err)
	}
	prune(reflect.ValueOf(dst).Elem())
	return nil
}

// reshape decodes raw, which does not decode as it is. reason is the error that
// decoding returned.
func reshape[T any](raw []byte, dst *T, reason error) error {
	r := repairer{scanner: scanner{in: raw}}
	if !mismatch(reason) || !r.fit(reflect.TypeFor[T]()) {
		return reason
	}
	if err := Unmarshal(r.out, dst); err != nil {
		return err
	}
	prune(reflect.ValueOf(dst).Elem())
	return nil
}

// Value decodes a part that was kept as JSON. It returns nil if there is no
// value, or if the value lacks the id that its type has.
func Value[T any](raw []byte) *T {
	v := new(T)
	if !Present(raw) || Decode(raw, v) != nil || !Identified(v) {
		return nil
	}
	return v
}

// The deepest levels that a repair looks at: of objects and arrays, and of JSON
// in strings. It leaves out deeper values.
const (
	maxDepth  = 32
	maxOpened = 2
)

// repairer turns JSON of another shape into JSON of the shape of a type. It walks
// over its input once, except for the names of an object in place of a list.
type repairer struct {
	scanner
	out    []byte
	depth  int
	opened int // strings of JSON that are nested in each other
}

// fit walks over a value and writes it in a shape that decodes into t. If there
// is no such shape, it writes nothing and returns false.
func (r *repairer) fit(t reflect.Type) bool {
	c := r.peek()
	if c == 'n' || t == rawType {
		r.write(r.value())
		return true
	}
	if opaque(t) {
		raw := r.value()
		if Unmarshal(raw, reflect.New(t).Interface()) != nil {
			return false
		}
		r.write(raw)
		return true
	}
	switch t.Kind() {
	case reflect.Pointer:
		return r.fitPointer(t.Elem())
	case reflect.Interface:
		r.write(r.value())
		return true
	case reflect.String:
		return r.fitText()
	case reflect.Slice, reflect.Map, reflect.Struct:
		return r.fitComposite(t, false)
	}
	if c == '{' || c == '[' {
		r.value()
		return false
	}
	return r.fitScalar(t)
}

func (r *repairer) write(b []byte) { r.out = append(r.out, b...) }

// instead skips the next value and writes text in its place.
func (r *repairer) instead(text string) bool {
	r.value()
	r.out = append(r.out, text...)
	return true
}

// undo removes what was written since mark, unless ok. It returns ok.
func (r *repairer) undo(mark int, ok bool) bool {
	if !ok {
		r.out = r.out[:mark]
	}
	return ok
}

// nothing reports whether PHP's [], "" or false comes next.
func (r *repairer) nothing() bool {
	r.peek()
	switch rest := r.in[r.at:]; r.peek() {
	case 'f':
		return true
	case '"':
		return len(rest) > 1 && rest[1] == '"'
	case '[':
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		return len(rest) > 0 && rest[0] == ']'
	}
	return false
}

func (r *repairer) fitPointer(t reflect.Type) bool {
	c := r.peek()
	if r.nothing() && !(c == 'f' && t.Kind() == reflect.Bool) && !(c == '"' && t.Kind() == reflect.String) {
		return r.instead("null")
	}
	return r.fit(t)
}

func (r *repairer) fitText() bool {
	switch r.peek() {
	case '"':
		r.write(r.text())
		return true
	case '{': // an entity in place of its id
		return r.deeper(r.fitID)
	case 'f': // PHP's word for nothing
		return r.instead(`""`)
	case '[':
		r.value()
		return false
	}
	r.out = strconv.AppendQuote(r.out, string(r.literal()))
	return true
}

// fitID writes the id of an object: the first of uid, guid and id that is there.
func (r *repairer) fitID() bool {
	start, best := len(r.out), 3
	r.members(func(name []byte) {
		rank := slices.Index([]string{"uid", "guid", "id"}, strings.ToLower(unquote(name)))
		if rank < 0 || rank >= best || r.nothing() || r.peek() == 'n' {
			r.value()
			return
		}
		mark := len(r.out)
		if r.undo(mark, r.fitText()) {
			best = rank
			r.out = append(r.out[:start], r.out[mark:]...)
		}
	})
	return r.undo(start, best < 3)
}

func (r *repairer) fitScalar(t reflect.Type) bool {
	var text string
	if r.peek() == '"' {
		text = strings.TrimSpace(unquote(r.text()))
	} else {
		text = string(r.literal())
	}
	truth, err := strconv.ParseBool(text)
	isBool := err == nil
	if t.Kind() == reflect.Bool {
		if isBool {
			r.out = strconv.AppendBool(r.out, truth)
		}
		return isBool
	}
	if isBool && len(text) > 1 {
		text = map[bool]string{true: "1", false: "0"}[truth]
	}
	number, ok := fitNumber(text, t)
	if ok {
		r.out = append(r.out, number...)
	}
	return ok
}

// fitNumber returns text as a number of type t. For an integer it cuts off the
// decimals.
func fitNumber(text string, t reflect.Type) (string, bool) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", false
	}
	whole := math.Trunc(f)
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		b, err := json.Marshal(f)
		return string(b), err == nil && !reflect.Zero(t).OverflowFloat(f)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil && whole > -1<<63 && whole < 1<<63 {
			n, err = int64(whole), nil
		}
		return strconv.FormatInt(n, 10), err == nil && !reflect.Zero(t).OverflowInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil && whole >= 0 && whole < 1<<64 {
			n, err = uint64(whole), nil
		}
		return strconv.FormatUint(n, 10), err == nil && !reflect.Zero(t).OverflowUint(n)
	}
	return "", false
}

// deeper calls f one level down, unless that is too deep.
func (r *repairer) deeper(f func() bool) bool {
	if r.depth == maxDepth {
		r.value()
		return false
	}
	r.depth++
	defer func() { r.depth-- }()
	mark := len(r.out)
	return r.undo(mark, f())
}

// fitComposite fits a slice, a map or a struct. inArray reports whether the value
// is already the only item of an array, which fitComposite unwraps only once.
func (r *repairer) fitComposite(t reflect.Type, inArray bool) bool {
	c := r.peek()
	list := t.Kind() == reflect.Slice
	switch {
	case r.nothing() && list:
		return r.instead("null")
	case r.nothing():
		return r.instead("{}")
	case c == '"':
		return r.fitOpened(t)
	case c == '[' && list:
		return r.deeper(func() bool { return r.fitItems(t.Elem()) })
	case c == '[' && t.Kind() == reflect.Struct && !inArray:
		return r.deeper(func() bool { return r.fitOnly(t) })
	case c == '{' && list:
		return r.deeper(func() bool { return r.fitNumbered(t.Elem()) })
	case c == '{' && t.Kind() == reflect.Map:
		return r.deeper(func() bool { return r.fitMembers(func(string) reflect.Type { return t.Elem() }) })
	case c == '{':
		fields := fieldsOf(t)
		return r.deeper(func() bool {
			return r.fitMembers(func(name string) reflect.Type { return fields[strings.ToLower(name)] })
		})
	case list:
		return r.fitSingle(t.Elem())
	}
	r.value()
	return false
}

// fitOpened fits the content of a string that holds an object or an array.
func (r *repairer) fitOpened(t reflect.Type) bool {
	start := r.at
	text := bytes.TrimSpace([]byte(unquote(r.text())))
	isJSON := len(text) > 0 && (text[0] == '{' || text[0] == '[') && r.opened < maxOpened && json.Valid(text)
	r.visited += len(text)
	switch {
	case isJSON:
		outer := r.scanner
		r.scanner = scanner{in: text, visited: outer.visited}
		r.opened++
		ok := r.fitComposite(t, false)
		r.opened--
		outer.visited = r.visited
		r.scanner = outer
		return ok
	case t.Kind() == reflect.Slice: // one text where a list is expected
		r.at = start
		return r.fitSingle(t.Elem())
	}
	return false
}

// fitSingle fits one value in place of a list.
func (r *repairer) fitSingle(t reflect.Type) bool {
	mark := len(r.out)
	r.out = append(r.out, '[')
	ok := r.fit(t)
	r.out = append(r.out, ']')
	return r.undo(mark, ok)
}

// fitItems fits an array. It leaves out items that do not fit, and fails if none
// fits.
func (r *repairer) fitItems(t reflect.Type) bool {
	fitted, left := 0, 0
	r.out = append(r.out, '[')
	r.items(func() {
		mark := len(r.out)
		if fitted > 0 {
			r.out = append(r.out, ',')
		}
		if r.undo(mark, r.fit(t)) {
			fitted++
		} else {
			left++
		}
	})
	r.out = append(r.out, ']')
	return fitted > 0 || left == 0
}

// fitOnly fits the only item of an array in place of the array.
func (r *repairer) fitOnly(t reflect.Type) bool {
	n, ok := 0, false
	r.items(func() {
		n++
		switch {
		case n > 1:
			r.value()
		case r.peek() == '[' || r.peek() == '{':
			ok = r.fitComposite(t, true)
		default:
			ok = r.fit(t)
		}
	})
	return ok && n == 1
}

// fitNumbered fits an object in place of an array (see Items), or in place of a
// list with one item.
func (r *repairer) fitNumbered(t reflect.Type) bool {
	ahead := scanner{in: r.in, at: r.at}
	names, numbered := 0, false
	ahead.members(func(name []byte) {
		names++
		if _, numbered = number(unquote(name)); numbered {
			ahead.at = len(ahead.in) // stops the walk
			return
		}
		ahead.value()
	})
	r.visited += ahead.visited
	if names == 0 {
		return r.instead("null")
	}
	if !numbered {
		return r.fitSingle(t)
	}
	type item struct{ n, from, to int }
	var items []item
	start := len(r.out)
	r.members(func(name []byte) {
		from := len(r.out)
		n, ok := number(unquote(name))
		switch {
		case !ok:
			r.value()
		case r.fit(t):
			items = append(items, item{n, from, len(r.out)})
		}
	})
	slices.SortStableFunc(items, func(a, b item) int { return a.n - b.n })
	list := []byte{'['}
	for i, it := range items {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, r.out[it.from:it.to]...)
	}
	r.out = append(append(r.out[:start], list...), ']')
	return len(items) > 0
}

// number parses a name that PHP gives to an item of a filtered list.
func number(name string) (int, bool) {
	n, err := strconv.Atoi(name)
	return n, err == nil && n >= 0 && strconv.Itoa(n) == name
}

// fitMembers fits an object. typeOf returns the type of a member, or nil for a
// member to leave out.
func (r *repairer) fitMembers(typeOf func(name string) reflect.Type) bool {
	start := len(r.out)
	r.out = append(r.out, '{')
	r.members(func(name []byte) {
		t := typeOf(unquote(name))
		if t == nil {
			r.value()
			return
		}
		mark := len(r.out)
		if mark > start+1 {
			r.out = append(r.out, ',')
		}
		r.out = append(append(r.out, name...), ':')
		r.undo(mark, r.fit(t))
	})
	r.out = append(r.out, '}')
	return true
}

var (
	rawType       = reflect.TypeFor[json.RawMessage]()
	jsonNumber    = reflect.TypeFor[json.Number]()
	unmarshalType = reflect.TypeFor[json.Unmarshaler]()
	textType      = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// opaque reports whether t decodes by its own rules.
func opaque(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(unmarshalType) || p.Implements(textType) || t == jsonNumber ||
		t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 || t.Kind() == reflect.Array
}

var fieldCache sync.Map // of map[string]reflect.Type by reflect.Type

// fieldsOf returns the types of a struct's members by lower-cased JSON name.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if fields, ok := fieldCache.Load(t); ok {
		return fields.(map[string]reflect.Type)
	}
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" || f.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields[strings.ToLower(name)] = f.Type
	}
	fieldCache.Store(t, fields)
	return fields
}

// DecodeOwn decodes the application's own JSON into v, a pointer. It accepts the
// [] that PHP writes for {} in place of an object at every depth, and is
// otherwise as strict as encoding/json: a value that does not fit is an error.
func DecodeOwn(raw []byte, v any) error {
	err := Unmarshal(raw, v)
	t := reflect.TypeOf(v)
	if err == nil || !mismatch(err) || t == nil || t.Kind() != reflect.Pointer {
		return err
	}
	r := repairer{scanner: scanner{in: raw}}
	r.fitEmpty(t.Elem())
	return Unmarshal(r.out, v)
}

// fitEmpty writes a value as it is, except that it writes {} for [] where t has
// an object.
func (r *repairer) fitEmpty(t reflect.Type) {
	c := r.peek()
	for t.Kind() == reflect.Pointer && !opaque(t) {
		t = t.Elem()
	}
	object := !opaque(t) && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map)
	switch {
	case object && c == '[' && r.nothing():
		r.instead("{}")
	case r.depth == maxDepth:
		r.write(r.value())
	case object && c == '{':
		r.depth++
		fields := map[string]reflect.Type{}
		if t.Kind() == reflect.Struct {
			fields = fieldsOf(t)
		}
		r.separated('{', '}', func(next func()) {
			r.members(func(name []byte) {
				next()
				r.out = append(append(r.out, name...), ':')
				if t.Kind() == reflect.Map {
					r.fitEmpty(t.Elem())
				} else if field := fields[strings.ToLower(unquote(name))]; field != nil {
					r.fitEmpty(field)
				} else {
					r.write(r.value())
				}
			})
		})
		r.depth--
	case t.Kind() == reflect.Slice && !opaque(t) && c == '[':
		r.depth++
		r.separated('[', ']', func(next func()) {
			r.items(func() {
				next()
				r.fitEmpty(t.Elem())
			})
		})
		r.depth--
	default:
		r.write(r.value())
	}
}

// separated writes brackets around the output of f, and a comma for every call of
// next except the first.
func (r *repairer) separated(open, end byte, f func(next func())) {
	r.out = append(r.out, open)
	first := true
	f(func() {
		if !first {
			r.out = append(r.out, ',')
		}
		first = false
	})
	r.out = append(r.out, end)
}
