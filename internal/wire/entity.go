package wire

import (
	"reflect"
	"strings"
	"sync"
)

// An entity is a struct with an id: the field with the tag `wire:"id"`. If the id
// is missing, a response that should hold the entity is wrong, and an entity that
// is part of another value counts as absent.

// entity reports whether T is an entity.
func entity[T any]() bool {
	t := reflect.TypeFor[T]()
	return t.Kind() == reflect.Struct && idOf(t) != nil
}

// Identified reports whether the entity that v points to has its id. A value that
// is not an entity needs none.
func Identified(v any) bool {
	rv := reflect.ValueOf(v).Elem()
	return rv.Kind() != reflect.Struct || identified(rv)
}

func identified(v reflect.Value) bool {
	f := idOf(v.Type())
	return f == nil || v.FieldByIndex(f.Index).Len() > 0
}

var idCache sync.Map // of *reflect.StructField by reflect.Type

func idOf(t reflect.Type) *reflect.StructField {
	if f, ok := idCache.Load(t); ok {
		return f.(*reflect.StructField)
	}
	var id *reflect.StructField
	for _, f := range reflect.VisibleFields(t) {
		if f.Tag.Get("wire") == "id" {
			id = &f
			break
		}
	}
	idCache.Store(t, id)
	return id
}

// idName returns the name of an entity's id in JSON.
func idName(t reflect.Type) string {
	name, _, _ := strings.Cut(idOf(t).Tag.Get("json"), ",")
	return name
}

var partsCache sync.Map // of []int by reflect.Type

// parts returns the indexes of the fields of a struct that may hold entities.
func parts(t reflect.Type) []int {
	if fields, ok := partsCache.Load(t); ok {
		return fields.([]int)
	}
	var fields []int
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && mayHold(f.Type, map[reflect.Type]bool{t: true}) {
			fields = append(fields, i)
		}
	}
	partsCache.Store(t, fields)
	return fields
}

func mayHold(t reflect.Type, seen map[reflect.Type]bool) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map:
		e := t.Elem()
		return e.Kind() == reflect.Struct && idOf(e) != nil || mayHold(e, seen)
	case reflect.Slice:
		return mayHold(t.Elem(), seen)
	case reflect.Struct:
		if seen[t] {
			return false
		}
		seen[t] = true
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && mayHold(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// prune removes the entities without an id from v: it sets pointers to them to
// nil, and deletes them from maps.
func prune(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for _, i := range parts(v.Type()) {
			prune(v.Field(i))
		}
	case reflect.Pointer:
		prunePointer(v)
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Pointer || k == reflect.Map || k == reflect.Slice {
			for i := range v.Len() {
				prune(v.Index(i))
			}
		}
	case reflect.Map:
		pruneMap(v)
	}
}

func prunePointer(v reflect.Value) {
	switch {
	case v.IsNil() || v.Type().Elem().Kind() != reflect.Struct:
	case identified(v.Elem()):
		prune(v.Elem())
	default:
		v.SetZero()
	}
}

func pruneMap(v reflect.Value) {
	e := v.Type().Elem()
	pointer := e.Kind() == reflect.Pointer
	if pointer {
		e = e.Elem()
	}
	if e.Kind() != reflect.Struct || idOf(e) == nil {
		return
	}
	for items := v.MapRange(); items.Next(); {
		item := reflect.Indirect(items.Value())
		if !item.IsValid() || !identified(item) {
			v.SetMapIndex(items.Key(), reflect.Value{})
		} else if pointer {
			prune(item)
		}
	}
}
