package fastjson

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// plan tells how to decode into a type. It is made when it is first needed, since
// types may refer to themselves.
type plan struct {
	of        reflect.Type
	once      sync.Once
	into      func(d *decoder, v reflect.Value) bool // decodes the next value into v, which must be settable
	takesNull bool
}

var plans sync.Map // of reflect.Type to *plan

func planOf(t reflect.Type) *plan {
	p, ok := plans.Load(t)
	if !ok {
		p, _ = plans.LoadOrStore(t, &plan{of: t})
	}
	return p.(*plan)
}

func (p *plan) decode(d *decoder, v reflect.Value) bool {
	p.once.Do(p.make)
	if d.peek() != 'n' || p.takesNull {
		return p.into(d, v)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		v.SetZero()
	}
	return d.word("null")
}

func (p *plan) make() {
	t, kind, pointer := p.of, p.of.Kind(), reflect.PointerTo(p.of)
	_, streams := pointer.MethodByName("UnmarshalJSONFrom") // encoding/json calls it since Go 1.27
	own := pointer.Implements(reflect.TypeFor[json.Unmarshaler]())
	text := pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
	p.into = standard
	p.takesNull = streams || own || text || kind == reflect.Interface
	switch {
	case kind == reflect.Pointer && t.Name() == "":
		p.into = pointerTo(t.Elem())
	case (streams || own || text) && t.Name() == "": // methods of an embedded type, which are called only in some places
		p.into = func(*decoder, reflect.Value) bool { return false }
	case streams || text && !own || t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[json.Number]():
	case own:
		p.into = decodeItself
	case kind == reflect.String:
		p.into = decodeString
	case kind == reflect.Bool:
		p.into = decodeBool
	case reflect.Int <= kind && kind <= reflect.Int64:
		p.into = decodeInt
	case kind == reflect.Slice && t.Elem().Kind() != reflect.Uint8: // a byte slice is a text in base64
		p.into = sliceOf(t.Elem())
	case kind == reflect.Struct:
		p.into = structure(t)
	}
}

// standard lets encoding/json decode the value, unless that value is the whole
// document.
func standard(d *decoder, v reflect.Value) bool {
	if d.depth == 0 {
		return false
	}
	raw, ok := d.value()
	return ok && json.Unmarshal(raw, v.Addr().Interface()) == nil
}

func decodeItself(d *decoder, v reflect.Value) bool {
	raw, ok := d.value()
	return ok && v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw) == nil
}

func decodeString(d *decoder, v reflect.Value) bool {
	text, ok := d.text()
	v.SetString(text)
	return ok
}

func decodeBool(d *decoder, v reflect.Value) bool {
	is := d.word("true")
	v.SetBool(is)
	return is || d.word("false")
}

func decodeInt(d *decoder, v reflect.Value) bool {
	text, _ := d.number()
	n, err := strconv.ParseInt(string(text), 10, 64)
	v.SetInt(n)
	return err == nil && !v.OverflowInt(n)
}

func pointerTo(t reflect.Type) func(*decoder, reflect.Value) bool {
	elem := planOf(t)
	return func(d *decoder, v reflect.Value) bool {
		if v.IsNil() {
			v.Set(reflect.New(t))
		}
		return elem.decode(d, v.Elem())
	}
}

func sliceOf(t reflect.Type) func(*decoder, reflect.Value) bool {
	elem := planOf(t)
	first := max(64/max(int(t.Size()), 1), 1) // make room for 64 bytes of elements
	return func(d *decoder, v reflect.Value) bool {
		n := 0
		more, ok := d.open('[')
		for ; more && ok; n++ {
			if n == v.Cap() {
				v.Grow(max(n, first))
			}
			if n >= v.Len() {
				v.SetLen(n + 1)
			}
			if !elem.decode(d, v.Index(n)) { // into the existing element, as encoding/json does
				return false
			}
			more, ok = d.next('[')
		}
		if v.SetLen(n); n == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		return ok
	}
}

// field is the place of an object's member in a struct.
type field struct {
	name  string
	index []int // leads through embedded structs
	plan  *plan
	bit   uint64 // identifies the field within the struct
	next  *field // the next field with the same hash
}

// fields holds the fields of a struct by hash.
type fields [maxFields]*field

const maxFields = 64 // each field has a bit

// hash separates most names of a struct, but never two names that differ only in
// case. With a map, finding the field would be most of the work for a short
// member.
func hash(name []byte) int {
	n := len(name)
	if n == 0 {
		return 0
	}
	const fold = 0x20 // converts letters to lower case
	return (n*7 + int(name[0]|fold) + int(name[n/2]|fold)*3 + int(name[n-1]|fold)*5) % maxFields
}

// find returns the field of a member, or nil if there is none. It returns false
// if the name differs from a field's name only in case.
func (all *fields) find(name []byte) (_ *field, ok bool) {
	ok = true
	for f := all[hash(name)]; f != nil; f = f.next {
		if string(name) == f.name {
			return f, true
		}
		ok = ok && (len(name) != len(f.name) || !bytes.EqualFold(name, []byte(f.name)))
	}
	return nil, ok
}

func structure(t reflect.Type) func(*decoder, reflect.Value) bool {
	list, ok := fieldsOf(t, nil, nil)
	if !ok {
		return standard
	}
	var all fields
	for i, f := range list {
		at := &all[hash([]byte(f.name))]
		f.bit, f.next, *at = 1<<i, *at, f
	}
	return func(d *decoder, v reflect.Value) bool {
		var seen uint64
		more, ok := d.open('{')
		for more && ok {
			if !all.member(d, v, &seen) {
				return false
			}
			more, ok = d.next('{')
		}
		return ok
	}
}

// member decodes the next member into its field of v. seen holds the bits of the
// fields that have been decoded.
func (all *fields) member(d *decoder, v reflect.Value, seen *uint64) bool {
	name, plain, ok := d.quoted()
	if !ok || !plain || !d.pass(':') {
		return false
	}
	f, ok := all.find(name)
	if f == nil {
		return ok && d.skip()
	}
	if *seen&f.bit != 0 {
		return false
	}
	*seen |= f.bit
	for _, i := range f.index {
		v = v.Field(i)
	}
	return f.plan.decode(d, v)
}

// fieldsOf appends the fields of t to list. It returns false if encoding/json has
// special rules for the type: if several fields have one name, if a name or an
// option is unusual, if a pointer is embedded, or if there are more than
// maxFields fields.
func fieldsOf(t reflect.Type, index []int, list []*field) (_ []*field, ok bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		at := append(slices.Clip(index), i)
		switch {
		case tag == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && (tag != "" || f.Type.Kind() != reflect.Struct):
			return nil, false
		case f.Anonymous:
			if list, ok = fieldsOf(f.Type, at, list); !ok {
				return nil, false
			}
			continue
		}
		name, ok := fieldName(f.Name, tag)
		if !ok || len(list) == maxFields || slices.ContainsFunc(list, func(f *field) bool { return f.name == name }) {
			return nil, false
		}
		list = append(list, &field{name: name, index: at, plan: planOf(f.Type)})
	}
	return list, true
}

// fieldName returns the JSON name of a field. It returns false unless every
// version of encoding/json reads the tag the same way.
func fieldName(name, tag string) (_ string, ok bool) {
	tagged, options, _ := strings.Cut(tag, ",")
	if tagged != "" {
		name = tagged
	}
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@"
	return name, name != "-" && strings.Trim(name, letters) == "" && (options == "" || options == "omitempty" || options == "omitzero")
}
