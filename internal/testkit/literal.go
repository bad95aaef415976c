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

// modulePath qualifies the types of this module in the names of generic types.
const modulePath = "github.com/go-cometchat/"

// Literal returns a value as a Go expression of package cometchat_test. Once it
// has been reviewed, a test can compare with it. It leaves out zero fields. A
// value without a literal, such as a function, or a nonzero unexported field,
// becomes a call of a function that does not exist, so that the result does not
// compile.
func Literal(v any) string {
	if v == nil {
		return "nil"
	}
	return literal(reflect.ValueOf(v), false)
}

// literal writes v. If elided is true, it leaves out the type of a composite, as
// gofmt -s does inside a list.
func literal(v reflect.Value, elided bool) string {
	name := strings.ReplaceAll(v.Type().String(), modulePath, "") // strips modulePath from type arguments
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

// typed returns the literal of a value in a place that does not tell its type.
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

// plain returns a number or boolean without the methods of its type.
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

// quoted returns a string literal, without escapes if text is JSON.
func quoted(text string) string {
	if json.Valid([]byte(text)) && strings.Contains(text, `"`) && strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

func sortedKeys(v reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
}

// braced joins the elements of a composite, on several lines if they do not fit
// one.
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
