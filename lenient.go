package cometchat

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decodeLenient decodes raw into dst. Where the JSON has another
// shape than the Go type (a number for a string, a string for a number, [] for
// an object, an object for a list: the API does all of these), the value is
// reshaped and decoded again; a member that no reshaping fits stays zero, so
// that one odd member never costs a page. Well-formed input pays nothing.
//
// It returns an error for what is not JSON, and when the value as a whole does
// not fit.
func decodeLenient[T any](raw []byte, dst *T) error {
	before := *dst
	err := json.Unmarshal(raw, dst)
	if err == nil || !mismatch(err) {
		return err
	}
	fitted, ok := fit(raw, reflect.TypeFor[T]())
	if !ok {
		return err
	}
	*dst = before
	return json.Unmarshal(fitted, dst)
}

// mismatch tells JSON of another shape from what is no JSON at all.
func mismatch(err error) bool {
	var syntax *json.SyntaxError
	return !errors.As(err, &syntax)
}

var unmarshalerType = reflect.TypeFor[json.Unmarshaler]()

// fit returns raw in a shape that decodes into t, and whether there is one.
func fit(raw []byte, t reflect.Type) ([]byte, bool) {
	if json.Unmarshal(raw, reflect.New(t).Interface()) == nil {
		return raw, true
	}
	if reflect.PointerTo(t).Implements(unmarshalerType) {
		return nil, false
	}
	raw = bytes.TrimSpace(raw)
	switch t.Kind() {
	case reflect.Pointer:
		if _, nothing := emptyObject(raw); nothing {
			return []byte("null"), true
		}
		return fit(raw, t.Elem())
	case reflect.String:
		return fitString(raw)
	case reflect.Bool:
		return fitBool(raw)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fitInt(raw, t)
	case reflect.Slice:
		return fitSlice(open(raw), t)
	case reflect.Map:
		return fitMap(open(raw), t)
	case reflect.Struct:
		return fitStruct(open(raw), t)
	}
	return nil, false
}

// open returns what a JSON string holds, where that is an object or an array.
func open(raw []byte) []byte {
	var text string
	if raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		inner := bytes.TrimSpace([]byte(text))
		if len(inner) > 0 && (inner[0] == '{' || inner[0] == '[') && json.Valid(inner) {
			return inner
		}
	}
	return raw
}

func fitString(raw []byte) ([]byte, bool) {
	switch raw[0] {
	case '{': // an entity in place of its id
		var entity struct{ UID, GUID, ID json.RawMessage }
		if json.Unmarshal(raw, &entity) != nil {
			return nil, false
		}
		for _, id := range []json.RawMessage{entity.UID, entity.GUID, entity.ID} {
			if present(id) {
				return fit(id, reflect.TypeFor[string]())
			}
		}
		return nil, false
	case 'f': // PHP's word for nothing
		return []byte(`""`), true
	case '[', '"': // a text that does not fit has a type of its own
		return nil, false
	}
	b, err := json.Marshal(string(raw))
	return b, err == nil
}

// scalar returns the text of a string, number or boolean.
func scalar(raw []byte) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return strings.TrimSpace(text)
	}
	return string(raw)
}

func fitBool(raw []byte) ([]byte, bool) {
	b, err := strconv.ParseBool(scalar(raw))
	return strconv.AppendBool(nil, b), err == nil
}

func fitInt(raw []byte, t reflect.Type) ([]byte, bool) {
	text := scalar(raw)
	if b, err := strconv.ParseBool(text); err == nil && len(text) > 1 {
		text = map[bool]string{true: "1", false: "0"}[b]
	}
	whole, _, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, t.Bits())
	return strconv.AppendInt(nil, n, 10), err == nil
}

func fitSlice(raw []byte, t reflect.Type) ([]byte, bool) {
	items, ok := listItems(raw)
	if !ok { // one value where a list of them is expected
		items = []json.RawMessage{raw}
	}
	var fitted []json.RawMessage
	for _, item := range items {
		if f, ok := fit(item, t.Elem()); ok {
			fitted = append(fitted, f)
		}
	}
	if len(items) > 0 && len(fitted) == 0 {
		return nil, false
	}
	b, err := json.Marshal(fitted)
	return b, err == nil
}

// listItems returns the items of an array, or of an object that stands in for
// one: its members are named "0", "1" and so on. Others are passed over.
func listItems(raw []byte) ([]json.RawMessage, bool) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) == nil {
		return items, true
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return nil, false
	}
	var numbers []int // with holes, where PHP has filtered the list
	for k := range members {
		if n, err := strconv.Atoi(k); err == nil && n >= 0 && strconv.Itoa(n) == k {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		items = append(items, members[strconv.Itoa(n)])
	}
	return items, len(items) > 0 || len(members) == 0
}

func fitMap(raw []byte, t reflect.Type) ([]byte, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return emptyObject(raw)
	}
	for k, v := range members {
		if f, ok := fit(v, t.Elem()); ok {
			members[k] = f
		} else {
			delete(members, k)
		}
	}
	b, err := json.Marshal(members)
	return b, err == nil
}

func fitStruct(raw []byte, t reflect.Type) ([]byte, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) == nil && len(items) == 1 {
			return fit(items[0], t)
		}
		return emptyObject(raw)
	}
	fields := jsonFields(t)
	for k, v := range members {
		if field, known := fields[strings.ToLower(k)]; known {
			if f, ok := fit(v, field); ok {
				members[k] = f
				continue
			}
		}
		delete(members, k)
	}
	b, err := json.Marshal(members)
	return b, err == nil
}

// emptyObject reads the [] that PHP writes for {}, and "".
func emptyObject(raw []byte) ([]byte, bool) {
	switch string(raw) {
	case "[]", `""`, "false":
		return []byte("{}"), true
	}
	return nil, false
}

// jsonFields returns the types of a struct's members by lower-cased JSON name.
func jsonFields(t reflect.Type) map[string]reflect.Type {
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
	return fields
}
