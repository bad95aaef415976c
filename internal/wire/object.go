package wire

import (
	"encoding/json"
	"reflect"
)

// Object is a JSON object whose members keep their order.
type Object []Member

// Member is a member of an Object.
type Member struct {
	Name  string
	Value any
}

// MarshalJSON writes the members in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		name, err := Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// Imported decodes the entity in an import's response, which may be nested one
// level deeper than elsewhere. An entity without an id gets the given id, the one
// that was requested, unless that is "".
func Imported[T any](raw json.RawMessage, id string) *T {
	if members := Members(raw); len(members) == 1 && KindOf(members["data"]) == KindObject {
		raw = members["data"]
	}
	v := new(T)
	if !Present(raw) || Decode(raw, v) != nil {
		return nil
	}
	if rv := reflect.ValueOf(v).Elem(); !identified(rv) {
		if id == "" {
			return nil
		}
		rv.FieldByIndex(idOf(rv.Type()).Index).SetString(id)
	}
	return v
}
