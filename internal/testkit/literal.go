package testkit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// modulePath is what types of this module are qualified with in the names of
// generic types.
const modulePath = "github.com/go-cometchat/"

// Literal returns a value as a Go expression of package cometchat_test, which a
// test can compare with once it has been reviewed. Fields that are zero are left
// out. What has no literal, such as a function, or a field that is not exported
// and not zero, is written as a call of a function that does not exist, so that
// it does not compile.
func Literal(v any) string {
	if v == nil {
		return "nil"
	}
	return literal(reflect.ValueOf(v), false)
}

// literal writes v; elided leaves out the type of a composite, which gofmt -s
// does inside a list.
func literal(v reflect.Value, elided bool) string {
	name := strings.ReplaceAll(v.Type().String(), modulePath, "") // of the arguments of generic types
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "nil"
		}
		if v.Elem().Kind() != reflect.Struct || v.Elem().Type() == reflect.TypeFor[time.Time]() {
			return "cometchat.Ptr(" + typed(v.Elem()) + ")"
		}
		if elided {
			return literal(v.Elem(), true)
		}
		return "&" + literal(v.Elem(), false)
	case reflect.Struct:
		return structLiteral(v, name, elided)
	case reflect.Slice:
		return sliceLiteral(v, name)
	case reflect.Map:
		var items []string
		for _, key := range sortedKeys(v) {
			items = append(items, literal(key, false)+": "+literal(v.MapIndex(key), true))
		}
		return name + braced(items)
	case reflect.String:
		return quoted(v.String())
	case reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return typed(v.Elem())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Float32, reflect.Float64:
		return fmt.Sprint(plain(v))
	}
	return "noLiteralOf(" + name + ")"
}

func structLiteral(v reflect.Value, name string, elided bool) string {
	if at, ok := v.Interface().(time.Time); ok {
		return fmt.Sprintf("time.Unix(%d, %d).UTC()", at.Unix(), at.Nanosecond())
	}
	var fields []string
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch {
		case v.Field(i).IsZero():
		case !field.IsExported():
			fields = append(fields, field.Name+": noLiteralOf("+field.Type.String()+")")
		default:
			fields = append(fields, field.Name+": "+literal(v.Field(i), false))
		}
	}
	if elided {
		name = ""
	}
	return name + braced(fields)
}

func sliceLiteral(v reflect.Value, name string) string {
	if v.IsNil() {
		return "nil"
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return name + "(" + quoted(string(v.Bytes())) + ")"
	}
	var items []string
	for i := range v.Len() {
		items = append(items, literal(v.Index(i), true))
	}
	return name + braced(items)
}

// typed is the literal of a value where nothing else says its type.
func typed(v reflect.Value) string {
	text := literal(v, false)
	switch v.Kind() {
	case reflect.Pointer, reflect.Struct, reflect.Slice, reflect.Map, reflect.Interface:
		return text
	}
	if v.Type().PkgPath() == "" && (v.Kind() == reflect.Bool || v.Kind() == reflect.Int || v.Kind() == reflect.String) {
		return text
	}
	return v.Type().String() + "(" + text + ")"
}

// plain is a number or boolean without the methods of its type.
func plain(v reflect.Value) any {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	}
	return v.Bool()
}

// quoted prefers the form without escapes for what holds JSON.
func quoted(text string) string {
	if json.Valid([]byte(text)) && strings.Contains(text, `"`) && strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

func sortedKeys(v reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
}

// braced joins the elements of a composite; where one line does not hold them,
// on as many as they need.
func braced(elements []string) string {
	line := strings.Join(elements, ", ")
	if len(line) <= 120 {
		return "{" + line + "}"
	}
	out, length := "{", 0
	for i, e := range elements {
		if i == 0 || length+len(e) > 120 {
			out, length = out+"\n", 0
		}
		out, length = out+e+", ", length+len(e)
	}
	return out + "\n}"
}
