package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"github.com/go-cometchat/cometchat/internal/fastjson"
)

// DecodeWith decodes raw as Decode does. It returns the members of the object
// that T has no field for, or nil if there are none.
func DecodeWith[T any](raw []byte, dst *T) (map[string]json.RawMessage, error) {
	if err := Decode(raw, dst); err != nil {
		return nil, err
	}
	unknown := Members(raw)
	known := fieldsOf(reflect.TypeFor[T]())
	for name := range unknown {
		if _, ok := known[strings.ToLower(name)]; ok {
			delete(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return nil, nil
	}
	return unknown, nil
}

// DecodeBoth decodes raw into two values, each as Decode does, for an object that
// may hold the members of either.
func DecodeBoth[A, B any](raw []byte, a *A, b *B) error {
	return errors.Join(Decode(raw, a), Decode(raw, b))
}

// DecodePrefixed decodes raw as Decode does, for an object whose member names may
// have this prefix: fileUrl for url. If both names are there, the shorter counts.
func DecodePrefixed[T any](raw []byte, prefix string, dst *T) error {
	before := *dst
	if !beginsText(raw, prefix) && fastjson.Unmarshal(raw, dst) {
		return nil
	}
	*dst = before
	members := Members(raw)
	for name, value := range members {
		short, ok := strings.CutPrefix(name, prefix)
		if !ok || short == "" {
			continue
		}
		if short = strings.ToLower(short[:1]) + short[1:]; !Present(members[short]) {
			members[short] = value
		}
	}
	if members == nil {
		return Decode(raw, dst)
	}
	renamed, err := Marshal(members)
	if err != nil {
		return err
	}
	return Decode(renamed, dst)
}

// beginsText reports whether a text in raw begins with prefix. It looks for the
// prefix first, since JSON is full of quotes.
func beginsText(raw []byte, prefix string) bool {
	for from := 0; ; from++ {
		i := bytes.Index(raw[from:], []byte(prefix))
		if i < 0 {
			return false
		}
		if from += i; from > 0 && raw[from-1] == '"' {
			return true
		}
	}
}

// MarshalWith returns the JSON object that v encodes as, with more members added
// that T has no field for.
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
