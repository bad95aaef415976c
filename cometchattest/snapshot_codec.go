package cometchattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
	"unsafe"
)

// What follows writes and reads values of any type of the state, by the names of
// their fields, so that what is added to the state is in snapshots without further
// ado. A tag changes that:
//
//	snapshot:"-"       made anew by state.rebuild
//	snapshot:",secret" left out where secrets are not wanted
//
// Members that have the zero value are left out. Times are in RFC 3339; a table is a
// list of rows, each with its id, its time and its value; a message or conversation
// that something refers to is its id.

// snapshotField is a field that is in snapshots.
type snapshotField struct {
	index  int
	name   string
	secret bool
}

// knownFields are those of types that were looked at before.
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

// field is a field of a struct that can be set, whether it is exported or not.
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

// snapshotTable is a table of any rows.
type snapshotTable interface {
	// eachRow calls f for every row, the oldest first, with a pointer to its value.
	eachRow(f func(id string, at int64, value reflect.Value) error) error
	// addRow adds a row, whose value is what fill makes of it.
	addRow(id string, at int64, fill func(value reflect.Value) error) error
	self() any
}

// asTable is the table that v points to. What only has a table in it is none.
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
	t.add(id, at, value)
	return nil
}

// anyTypes are those that a value of any type can have besides a string, a truth,
// an int and a document, by how they are marked.
var anyTypes = map[string]reflect.Type{
	"$int64": reflect.TypeFor[int64](), "$float64": reflect.TypeFor[float64](), "$json": rawType,
	"$map": reflect.TypeFor[map[string]any](), "$list": reflect.TypeFor[[]any](), "$texts": reflect.TypeFor[[]string](),
	"$documents": reflect.TypeFor[[]document](),
}

// snapshotWriter writes values.
type snapshotWriter struct {
	buf     bytes.Buffer
	secrets bool
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

// isPlain tells whether a text is the same in JSON.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || strings.IndexByte(`"\<>&`, c) >= 0 {
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
		if m := v.Interface().(*message); m == nil || m.removed {
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

// document writes a JSON document, on one line.
func (w *snapshotWriter) document(doc []byte) error {
	if doc == nil {
		w.raw("null")
		return nil
	}
	return json.Compact(&w.buf, doc)
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

// sortedKeys are the keys of a map as texts, in order, with the keys themselves.
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
		// Values of maps cannot be addressed, and so not be looked into.
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

// snapshotReader reads values into a state.
type snapshotReader struct{ state *state }

var errBadSnapshotValue = errors.New("is not what a snapshot has there")

func (r *snapshotReader) value(raw json.RawMessage, v reflect.Value) error {
	if string(raw) == "null" {
		return nil
	}
	switch v.Type() {
	case rawType:
		v.SetBytes(slices.Clone(raw))
		return nil
	case timeType:
		return json.Unmarshal(raw, v.Addr().Interface())
	case messageType:
		var id int64
		if err := json.Unmarshal(raw, &id); err != nil {
			return err
		}
		m, ok := r.state.messages.get(id)
		if !ok {
			return fmt.Errorf("there is no message %d before", id)
		}
		v.Set(reflect.ValueOf(m))
		return nil
	case conversationType:
		var id string
		if err := json.Unmarshal(raw, &id); err != nil {
			return err
		}
		cv := r.state.messages.conversations[id]
		if cv == nil {
			return fmt.Errorf("there is no conversation %q", id)
		}
		v.Set(reflect.ValueOf(cv))
		return nil
	}
	switch v.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return json.Unmarshal(raw, v.Addr().Interface())
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		v.Set(fresh)
		if t, ok := asTable(fresh); ok {
			return r.table(raw, t)
		}
		return r.value(raw, fresh.Elem())
	case reflect.Interface:
		return r.any(raw, v)
	case reflect.Slice, reflect.Array:
		return r.list(raw, v)
	case reflect.Map:
		return r.dictionary(raw, v)
	case reflect.Struct:
		return r.object(raw, v)
	}
	return errBadSnapshotValue
}

func (r *snapshotReader) table(raw json.RawMessage, t snapshotTable) error {
	var rows []json.RawMessage
	if err := json.Unmarshal(raw, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		if err := r.row(row, t); err != nil {
			return err
		}
	}
	return nil
}

func (r *snapshotReader) row(raw json.RawMessage, t snapshotTable) error {
	var parts []json.RawMessage
	var id string
	var at int64
	if json.Unmarshal(raw, &parts) != nil || len(parts) != 3 ||
		json.Unmarshal(parts[0], &id) != nil || json.Unmarshal(parts[1], &at) != nil {
		return errBadSnapshotValue
	}
	return t.addRow(id, at, func(v reflect.Value) error { return r.value(parts[2], v) })
}

func (r *snapshotReader) list(raw json.RawMessage, v reflect.Value) error {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return err
	}
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
	} else if len(elements) != v.Len() {
		return errBadSnapshotValue
	}
	for i, element := range elements {
		if isPointer := v.Type().Elem().Kind() == reflect.Pointer; isPointer && string(element) == "null" {
			return errBadSnapshotValue
		}
		if err := r.value(element, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *snapshotReader) dictionary(raw json.RawMessage, v reflect.Value) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	v.Set(reflect.MakeMap(v.Type()))
	for name, member := range members {
		if err := r.entry(name, member, v); err != nil {
			return err
		}
	}
	return nil
}

// entry adds an entry to a map.
func (r *snapshotReader) entry(name string, raw json.RawMessage, v reflect.Value) error {
	key := reflect.New(v.Type().Key()).Elem()
	switch key.Kind() {
	case reflect.String:
		key.SetString(name)
	case reflect.Int64:
		n, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			return err
		}
		key.SetInt(n)
	default:
		return errBadSnapshotValue
	}
	value := reflect.New(v.Type().Elem()).Elem()
	if err := r.value(raw, value); err != nil {
		return err
	}
	if value.Kind() == reflect.Pointer && value.IsNil() {
		return nil // of a message that is there no more
	}
	v.SetMapIndex(key, value)
	return nil
}

func (r *snapshotReader) object(raw json.RawMessage, v reflect.Value) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	for _, f := range snapshotFields(v.Type()) {
		member, sent := members[f.name]
		delete(members, f.name)
		if !sent {
			continue
		}
		if err := r.value(member, field(v, f.index)); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	for name := range members {
		return fmt.Errorf("there is no %q in a snapshot there", name)
	}
	return nil
}

func (r *snapshotReader) any(raw json.RawMessage, v reflect.Value) error {
	into := func(t reflect.Type, raw json.RawMessage) error {
		value := reflect.New(t).Elem()
		if err := r.value(raw, value); err != nil {
			return err
		}
		v.Set(value)
		return nil
	}
	switch c := raw[0]; {
	case c == '"':
		return into(reflect.TypeFor[string](), raw)
	case c == 't', c == 'f':
		return into(reflect.TypeFor[bool](), raw)
	case c == '{':
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return err
		}
		for mark, t := range anyTypes {
			if inner, ok := members[mark]; ok && len(members) == 1 {
				return into(t, inner)
			}
		}
		return into(reflect.TypeFor[document](), raw)
	case c == '-', strings.ContainsRune("0123456789", rune(c)):
		return into(reflect.TypeFor[int](), raw)
	}
	return errBadSnapshotValue
}
