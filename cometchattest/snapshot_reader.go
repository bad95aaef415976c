package cometchattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// snapshotReader reads values into a state. Its input must be valid JSON;
// eachSnapshotLine checks whole lines.
type snapshotReader struct {
	state *state
	parts map[string]reflect.Value // of the state, by path
	seed  maphash.Seed
	// Most texts and documents repeat earlier ones, so they are stored once.
	texts     [1 << 12]string
	documents [1 << 10]json.RawMessage
}

func newSnapshotReader(st *state) *snapshotReader {
	return &snapshotReader{state: st, parts: map[string]reflect.Value{}, seed: maphash.MakeSeed()}
}

var errBadSnapshotValue = errors.New("is not what a snapshot has there")

// line reads a line into the part of the state that it names.
func (r *snapshotReader) line(text []byte) error {
	members := 0
	err := eachMember(bytes.TrimSpace(text), func(path, raw []byte) error {
		if members++; members > 1 {
			return nil
		}
		if err := r.part(string(path), raw); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if err == nil && members != 1 {
		return errors.New("a line has one member")
	}
	return err
}

// partOf returns the part of the state with a path.
func (r *snapshotReader) partOf(path string) (reflect.Value, error) {
	if v, ok := r.parts[path]; ok {
		return v, nil
	}
	v := reflect.ValueOf(r.state).Elem()
	for name := range strings.SplitSeq(path, ".") {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return v, errBadSnapshotValue
		}
		fields := snapshotFields(v.Type())
		i := slices.IndexFunc(fields, func(f snapshotField) bool { return f.name == name })
		if i < 0 {
			return v, fmt.Errorf("there is no %q in a snapshot", name)
		}
		v = field(v, fields[i].index)
	}
	r.parts[path] = v
	return v, nil
}

func (r *snapshotReader) part(path string, raw []byte) error {
	v, err := r.partOf(path)
	if err != nil {
		return err
	}
	store := r.state.messages
	switch v.Addr().Interface().(type) {
	case *timeline:
		m := &message{}
		if err := r.object(raw, reflect.ValueOf(m).Elem()); err != nil {
			return err
		}
		if n := len(store.timeline); m.id < 1 || n > 0 && store.timeline[n-1].id >= m.id {
			return errors.New("the ids of messages must grow")
		}
		if m.conversation == nil {
			return errors.New("a message must be in a conversation")
		}
		store.timeline = append(store.timeline, m)
		return nil
	case *map[string]*conversation:
		cv := &conversation{}
		if err := r.object(raw, reflect.ValueOf(cv).Elem()); err != nil {
			return err
		}
		if cv.kind != typeUser && cv.kind != typeGroup || store.conversations[cv.id] != nil {
			return fmt.Errorf("the conversation %q is there twice, or neither with a user nor of a group", cv.id)
		}
		store.conversations[cv.id] = cv
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if t, ok := asTable(v); ok {
			return r.row(raw, t)
		}
		if v.Type().Elem().Kind() == reflect.Struct {
			return errBadSnapshotValue // its fields have their own lines
		}
	case reflect.Map:
		parts, err := elements(raw, 2)
		if err != nil {
			return err
		}
		name, err := r.text(parts[0])
		if err != nil {
			return err
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		return r.entry(name, parts[1], v)
	}
	return r.value(raw, v)
}

func (r *snapshotReader) value(raw []byte, v reflect.Value) error {
	if string(raw) == "null" {
		return nil
	}
	switch v.Type() {
	case rawType:
		v.SetBytes(r.document(raw))
		return nil
	case timeType:
		return json.Unmarshal(raw, v.Addr().Interface())
	case messageType:
		id, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return errBadSnapshotValue
		}
		m, ok := r.state.messages.get(id)
		if !ok {
			return fmt.Errorf("there is no message %d before", id)
		}
		v.Set(reflect.ValueOf(m))
		return nil
	case conversationType:
		id, err := r.text(raw)
		if err != nil {
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
		return r.scalar(raw, v)
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

func (r *snapshotReader) scalar(raw []byte, v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		s, err := r.text(raw)
		v.SetString(s)
		return err
	case reflect.Int64:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return errBadSnapshotValue
		}
		v.SetInt(n)
		return nil
	}
	return json.Unmarshal(raw, v.Addr().Interface())
}

// text returns a string. Repeated strings share memory.
func (r *snapshotReader) text(raw []byte) (string, error) {
	if raw[0] != '"' {
		return "", errBadSnapshotValue
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') >= 0 || !utf8.Valid(inner) {
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	}
	known := &r.texts[maphash.Bytes(r.seed, inner)%uint64(len(r.texts))]
	if *known != string(inner) {
		*known = string(inner)
	}
	return *known, nil
}

// document returns a copy of a JSON document. Documents are replaced rather than
// modified, so copies can be shared.
func (r *snapshotReader) document(raw []byte) json.RawMessage {
	known := &r.documents[maphash.Bytes(r.seed, raw)%uint64(len(r.documents))]
	if !bytes.Equal(*known, raw) {
		*known = slices.Clip(slices.Clone(raw))
	}
	return *known
}

func (r *snapshotReader) table(raw []byte, t snapshotTable) error {
	return eachElement(raw, func(row []byte) error { return r.row(row, t) })
}

func (r *snapshotReader) row(raw []byte, t snapshotTable) error {
	parts, err := elements(raw, 3)
	if err != nil {
		return err
	}
	id, err := r.text(parts[0])
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(string(parts[1]), 10, 64)
	if err != nil {
		return errBadSnapshotValue
	}
	return t.addRow(id, at, func(v reflect.Value) error { return r.value(parts[2], v) })
}

func (r *snapshotReader) list(raw []byte, v reflect.Value) error {
	n := 0
	if err := eachElement(raw, func([]byte) error { n++; return nil }); err != nil {
		return err
	}
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), n, n))
	} else if n != v.Len() {
		return errBadSnapshotValue
	}
	arePointers := v.Type().Elem().Kind() == reflect.Pointer
	i := -1
	return eachElement(raw, func(element []byte) error {
		if i++; arePointers && string(element) == "null" {
			return errBadSnapshotValue
		}
		return r.value(element, v.Index(i))
	})
}

func (r *snapshotReader) dictionary(raw []byte, v reflect.Value) error {
	v.Set(reflect.MakeMap(v.Type()))
	return eachMember(raw, func(name, member []byte) error { return r.entry(string(name), member, v) })
}

// entry adds an entry to a map.
func (r *snapshotReader) entry(name string, raw []byte, v reflect.Value) error {
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
	if v.MapIndex(key).IsValid() {
		return fmt.Errorf("%q is there twice", name)
	}
	value := reflect.New(v.Type().Elem()).Elem()
	if err := r.value(raw, value); err != nil {
		return err
	}
	if value.Kind() == reflect.Pointer && value.IsNil() {
		return nil // refers to a message that no longer exists
	}
	v.SetMapIndex(key, value)
	return nil
}

func (r *snapshotReader) object(raw []byte, v reflect.Value) error {
	fields := snapshotFields(v.Type())
	seen := make([]bool, len(fields))
	next := 0 // members are usually in the order of the fields
	return eachMember(raw, func(name, member []byte) error {
		for tried := 0; tried == len(fields) || fields[next].name != string(name); tried++ {
			if tried == len(fields) {
				return fmt.Errorf("there is no %q in a snapshot there", name)
			}
			next = (next + 1) % len(fields)
		}
		f := fields[next]
		if seen[next] {
			return fmt.Errorf("%s is there twice", f.name)
		}
		seen[next] = true
		if err := r.value(member, field(v, f.index)); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		return nil
	})
}

func (r *snapshotReader) any(raw []byte, v reflect.Value) error {
	into := func(t reflect.Type, raw []byte) error {
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
		var marked reflect.Type
		var inner []byte
		members := 0
		if err := eachMember(raw, func(name, member []byte) error {
			marked, inner = anyTypes[string(name)], member
			members++
			return nil
		}); err != nil {
			return err
		}
		if marked != nil && members == 1 {
			return into(marked, inner)
		}
		return into(reflect.TypeFor[document](), raw)
	case c == '-', strings.ContainsRune("0123456789", rune(c)):
		return into(reflect.TypeFor[int](), raw)
	}
	return errBadSnapshotValue
}

// eachElement calls f for each element of a list in valid JSON.
func eachElement(raw []byte, f func(element []byte) error) error {
	if raw[0] != '[' {
		return errBadSnapshotValue
	}
	for i := space(raw, 1); raw[i] != ']'; {
		end := valueEnd(raw, i)
		if err := f(raw[i:end]); err != nil {
			return err
		}
		if i = space(raw, end); raw[i] == ',' {
			i = space(raw, i+1)
		}
	}
	return nil
}

// elements returns the elements of a list, which must have n of them.
func elements(raw []byte, n int) ([][]byte, error) {
	found := make([][]byte, 0, n)
	err := eachElement(raw, func(element []byte) error {
		found = append(found, element)
		return nil
	})
	if err == nil && len(found) != n {
		err = errBadSnapshotValue
	}
	return found, err
}

// eachMember calls f for each member of an object in valid JSON.
func eachMember(raw []byte, f func(name, value []byte) error) error {
	if raw[0] != '{' {
		return errBadSnapshotValue
	}
	for i := space(raw, 1); raw[i] != '}'; {
		end := valueEnd(raw, i)
		name := raw[i+1 : end-1]
		if bytes.IndexByte(name, '\\') >= 0 || !utf8.Valid(name) {
			var s string
			if err := json.Unmarshal(raw[i:end], &s); err != nil {
				return err
			}
			name = []byte(s)
		}
		i = space(raw, space(raw, end)+1) // after the colon
		end = valueEnd(raw, i)
		if err := f(name, raw[i:end]); err != nil {
			return err
		}
		if i = space(raw, end); raw[i] == ',' {
			i = space(raw, i+1)
		}
	}
	return nil
}

// space returns the position of the first character from i that is not white
// space.
func space(raw []byte, i int) int {
	for raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\n' || raw[i] == '\r' {
		i++
	}
	return i
}

// valueEnd returns where the value that begins at i ends, in valid JSON.
func valueEnd(raw []byte, i int) int {
	switch raw[i] {
	case '"':
		return stringEnd(raw, i)
	case '{', '[':
	default:
		for i < len(raw) && strings.IndexByte(",]} \t\r\n", raw[i]) < 0 {
			i++
		}
		return i
	}
	for depth := 0; ; i++ {
		switch raw[i] {
		case '"':
			i = stringEnd(raw, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

func stringEnd(raw []byte, i int) int {
	for i++; raw[i] != '"'; i++ {
		if raw[i] == '\\' {
			i++
		}
	}
	return i + 1
}
