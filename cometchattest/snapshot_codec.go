package cometchattest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
	"unsafe"
)

// The code below writes and reads values of any type in the state, by the names
// of their fields. A new field of the state is therefore included in snapshots
// without further code. Tags change that:
//
//	snapshot:"-"       created again by state.rebuild
//	snapshot:",secret" omitted in snapshots without secrets
//
// Zero members are omitted. Times are in RFC 3339. A table is a list of rows,
// each with its id, its time and its value. A reference to a message or a
// conversation is its id.

// snapshotField is a field that snapshots include.
type snapshotField struct {
	index  int
	name   string
	secret bool
}

// knownFields caches the fields of types.
var knownFields sync.Map // []snapshotField by reflect.Type

func snapshotFields(t reflect.Type) []snapshotField {
	if known, ok := knownFields.Load(t); ok {
		return known.([]snapshotField)
	}
	var fields []snapshotField
	for i := range t.NumField() {
		switch tag := t.Field(i).Tag.Get("snapshot"); tag {
		case "-":
		default:
			fields = append(fields, snapshotField{i, t.Field(i).Name, tag == ",secret"})
		}
	}
	knownFields.Store(t, fields)
	return fields
}

// field returns a field of a struct as a settable value, even if it is not
// exported.
func field(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

var (
	rawType          = reflect.TypeFor[json.RawMessage]()
	timeType         = reflect.TypeFor[time.Time]()
	messageType      = reflect.TypeFor[*message]()
	conversationType = reflect.TypeFor[*conversation]()
)

// snapshotTable is a table with rows of any type.
type snapshotTable interface {
	// eachRow calls f for each row, oldest first, with its addressable value.
	eachRow(f func(id string, at int64, value reflect.Value) error) error
	// addRow adds a row whose value is set by fill.
	addRow(id string, at int64, fill func(value reflect.Value) error) error
	self() any
}

// asTable returns the table that v points to. A struct that embeds a table is not
// a table.
func asTable(v reflect.Value) (snapshotTable, bool) {
	t, ok := v.Interface().(snapshotTable)
	return t, ok && !v.IsNil() && t.self() == v.Interface()
}

func (t *table[T]) self() any { return t }

func (t *table[T]) eachRow(f func(string, int64, reflect.Value) error) error {
	for _, e := range t.entries {
		if err := f(e.id, e.at, reflect.ValueOf(&e.value).Elem()); err != nil {
			return err
		}
	}
	return nil
}

func (t *table[T]) addRow(id string, at int64, fill func(reflect.Value) error) error {
	var value T
	if _, twice := t.byID[id]; twice {
		return fmt.Errorf("%q is there twice", id)
	}
	if err := fill(reflect.ValueOf(&value).Elem()); err != nil {
		return err
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && v.IsNil() {
		return fmt.Errorf("%q has no value", id)
	}
	t.insert(t.newEntry(id, at, value))
	return nil
}

// anyTypes are the types of values in an interface that need a mark, by their
// mark. Strings, booleans, ints and documents need none.
var anyTypes = map[string]reflect.Type{
	"$int64": reflect.TypeFor[int64](), "$float64": reflect.TypeFor[float64](), "$json": rawType,
	"$map": reflect.TypeFor[map[string]any](), "$list": reflect.TypeFor[[]any](), "$texts": reflect.TypeFor[[]string](),
	"$documents": reflect.TypeFor[[]document](),
}

// snapshotWriter writes values.
type snapshotWriter struct {
	buf     bytes.Buffer
	secrets bool
	before  map[any][]byte // see snapshotRun
	later   func(path string, n int, row func(left int) any)
}

func (w *snapshotWriter) raw(s string) { w.buf.WriteString(s) }

func (w *snapshotWriter) text(s string) {
	if isPlain(s) {
		w.buf.WriteByte('"')
		w.buf.WriteString(s)
		w.buf.WriteByte('"')
		return
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic("cometchattest: " + err.Error()) // never for a string
	}
	w.buf.Write(b)
}

// isPlain reports whether a text needs no escaping in JSON.
func isPlain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c >= utf8.RuneSelf, c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

func (w *snapshotWriter) value(v reflect.Value) error {
	switch v.Type() {
	case rawType:
		return w.document(v.Bytes())
	case timeType:
		w.text(v.Interface().(time.Time).UTC().Format(time.RFC3339Nano))
		return nil
	case messageType:
		if m := v.Interface().(*message); m == nil || m.removed && w.before[m] == nil {
			w.raw("null")
		} else {
			w.raw(m.idText())
		}
		return nil
	case conversationType:
		w.text(v.Interface().(*conversation).id)
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		w.text(v.String())
	case reflect.Bool:
		w.raw(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int64:
		w.raw(strconv.FormatInt(v.Int(), 10))
	case reflect.Float64:
		w.raw(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.Pointer:
		if v.IsNil() {
			w.raw("null")
			return nil
		}
		if t, ok := asTable(v); ok {
			return w.table(t)
		}
		return w.value(v.Elem())
	case reflect.Interface:
		return w.any(v)
	case reflect.Slice, reflect.Array:
		return w.list(v)
	case reflect.Map:
		return w.dictionary(v)
	case reflect.Struct:
		return w.object(v)
	default:
		return fmt.Errorf("a value of the type %s cannot be in a snapshot", v.Type())
	}
	return nil
}

// document writes a JSON document on a single line.
func (w *snapshotWriter) document(doc []byte) error {
	switch {
	case doc == nil:
		w.raw("null")
		return nil
	case isCompact(doc):
		w.buf.Write(doc)
		return nil
	}
	return json.Compact(&w.buf, doc)
}

// isCompact reports whether valid JSON has white space only in strings. It is
// cheaper than json.Compact, and true for most documents.
func isCompact(doc []byte) bool {
	for i := 0; i < len(doc); i++ {
		switch doc[i] {
		case '"':
			i = stringEnd(doc, i) - 1
		case ' ', '\t', '\r', '\n':
			return false
		}
	}
	return true
}

func (w *snapshotWriter) table(t snapshotTable) error {
	separator := "["
	err := t.eachRow(func(id string, at int64, value reflect.Value) error {
		w.raw(separator)
		separator = ","
		return w.row(id, at, value)
	})
	if separator == "[" {
		w.raw("[")
	}
	w.raw("]")
	return err
}

func (w *snapshotWriter) row(id string, at int64, value reflect.Value) error {
	w.raw("[")
	w.text(id)
	w.raw("," + strconv.FormatInt(at, 10) + ",")
	err := w.value(value)
	w.raw("]")
	return err
}

func (w *snapshotWriter) list(v reflect.Value) error {
	if v.Kind() == reflect.Slice && v.IsNil() {
		w.raw("null")
		return nil
	}
	w.raw("[")
	for i := range v.Len() {
		if i > 0 {
			w.raw(",")
		}
		if err := w.value(v.Index(i)); err != nil {
			return err
		}
	}
	w.raw("]")
	return nil
}

// sortedKeys returns the keys of a map as sorted strings, and the keys by string.
func sortedKeys(v reflect.Value) ([]string, map[string]reflect.Value) {
	byText := map[string]reflect.Value{}
	for _, key := range v.MapKeys() {
		byText[fmt.Sprint(key)] = key
	}
	return slices.Sorted(maps.Keys(byText)), byText
}

func (w *snapshotWriter) dictionary(v reflect.Value) error {
	if v.IsNil() {
		w.raw("null")
		return nil
	}
	keys, byText := sortedKeys(v)
	w.raw("{")
	for i, key := range keys {
		if i > 0 {
			w.raw(",")
		}
		w.text(key)
		w.raw(":")
		// Map values are not addressable, so copy the value.
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(v.MapIndex(byText[key]))
		if err := w.value(value); err != nil {
			return err
		}
	}
	w.raw("}")
	return nil
}

func (w *snapshotWriter) object(v reflect.Value) error {
	separator := "{"
	for _, f := range snapshotFields(v.Type()) {
		member := field(v, f.index)
		if member.IsZero() || f.secret && !w.secrets {
			continue
		}
		w.raw(separator)
		separator = ","
		w.text(f.name)
		w.raw(":")
		if err := w.value(member); err != nil {
			return fmt.Errorf("%s.%w", f.name, err)
		}
	}
	if separator == "{" {
		w.raw("{")
	}
	w.raw("}")
	return nil
}

func (w *snapshotWriter) any(v reflect.Value) error {
	if v.IsNil() {
		w.raw("null")
		return nil
	}
	v = v.Elem()
	switch v.Interface().(type) {
	case string, bool, int, document:
		return w.value(v)
	}
	for mark, t := range anyTypes {
		if t == v.Type() {
			w.raw("{")
			w.text(mark)
			w.raw(":")
			err := w.value(v)
			w.raw("}")
			return err
		}
	}
	return fmt.Errorf("a value of the type %s cannot be in a snapshot", v.Type())
}
