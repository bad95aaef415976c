package wire

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Unknown returns the members of a JSON object that T has no field for; nil if
// there are none.
func Unknown[T any](raw []byte) map[string]json.RawMessage {
	members := Members(raw)
	known := fieldsOf(reflect.TypeFor[T]())
	for name := range members {
		if _, ok := known[strings.ToLower(name)]; ok {
			delete(members, name)
		}
	}
	if len(members) == 0 {
		return nil
	}
	return members
}

// MarshalWith returns the JSON object that v encodes as, with more members that
// T has no field for.
func MarshalWith[T any](v T, more map[string]json.RawMessage) ([]byte, error) {
	b, err := Marshal(v)
	if err != nil || len(more) == 0 {
		return b, err
	}
	known := fieldsOf(reflect.TypeFor[T]())
	rest := map[string]json.RawMessage{}
	for name, value := range more {
		if _, ok := known[strings.ToLower(name)]; !ok {
			rest[name] = value
		}
	}
	unknown, err := Marshal(rest)
	switch {
	case err != nil || len(rest) == 0:
		return b, err
	case len(b) == len("{}"):
		return unknown, nil
	}
	return append(append(b[:len(b)-1], ','), unknown[1:]...), nil
}
