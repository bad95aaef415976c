package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// duration is a duration in Go's format, such as "10s".
type duration time.Duration

func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

func (d *duration) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return errors.New("a duration is a text such as \"10s\"")
	}
	if text == "" {
		return nil
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no duration such as \"10s\"", text)
	}
	*d = duration(parsed)
	return nil
}

// readForm reads a form, and the method that it names. curl -d sends the content
// type of a form even if the body is JSON, so readForm accepts both.
func (v *visit) readForm() error {
	body, err := io.ReadAll(v.limitBody(maxControlBody))
	if err != nil {
		return err
	}
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] == '{' {
		v.r.Header.Set("Content-Type", "application/json")
		v.r.Body = io.NopCloser(bytes.NewReader(body))
		return nil
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return badField("BAD_FIELD", "", "the form cannot be read")
	}
	v.r.PostForm, v.r.Form = values, values
	if named := values.Get("_method"); named != "" {
		if v.method != http.MethodPost || !slices.Contains([]string{"PUT", "PATCH", "DELETE", "POST"}, named) {
			return badField("BAD_FIELD", "_method", "_method is PUT, PATCH or DELETE, in a form that is posted")
		}
		v.method = named
	}
	return nil
}

// bind reads the body of a request, which may be empty: a form, or JSON without
// unknown members.
func (v *visit) bind(into any) error {
	if v.r.PostForm == nil {
		body, err := io.ReadAll(v.limitBody(maxControlBody))
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(body)) == 0 {
			return nil
		}
		return decode(body, into)
	}
	doc := map[string]json.RawMessage{}
	fields := fieldsOf(reflect.TypeOf(into).Elem())
	for name, values := range v.r.PostForm {
		if strings.HasPrefix(name, "_") {
			continue
		}
		kind, ok := fields[name]
		if !ok {
			return badField("BAD_FIELD", name, "there is no field "+name)
		}
		raw, err := fromForm(kind, values)
		if err != nil {
			return badField("BAD_FIELD", name, name+": "+err.Error())
		}
		if raw != nil {
			doc[name] = raw
		}
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return decode(body, into)
}

// fieldsOf returns the types of a struct's fields by their JSON names.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			fields[name] = f.Type
		}
	}
	return fields
}

// fromForm returns the JSON of a form field, or nil for an empty one.
func fromForm(t reflect.Type, values []string) (json.RawMessage, error) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	value := strings.TrimSpace(values[len(values)-1])
	switch {
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		list := []string{}
		for _, value := range values {
			list = append(list, strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' })...)
		}
		return json.Marshal(list)
	case value == "":
		return nil, nil
	case t.Kind() == reflect.Bool:
		return json.Marshal(value == "on" || value == "true" || value == "1")
	case t == reflect.TypeFor[duration](), t == reflect.TypeFor[time.Duration](), t == reflect.TypeFor[time.Time](),
		t.Kind() == reflect.String, t == reflect.TypeFor[[]byte]():
		return json.Marshal(values[len(values)-1])
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64, t.Kind() == reflect.Uint64:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return nil, errors.New("it must be a whole number")
		}
		return json.RawMessage(value), nil
	}
	if !json.Valid([]byte(value)) {
		return nil, errors.New("it must be JSON")
	}
	return json.RawMessage(value), nil
}

// decode decodes JSON and refuses unknown members.
func decode(body []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, err := dec.Token(); err != io.EOF {
			return badField("BAD_JSON", "", "there is more than one JSON document in the body")
		}
		return nil
	}
	var fault *cometchattest.FaultError
	if errors.As(err, &fault) {
		return badField("BAD_FAULT", fault.Field, fault.Error())
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return badField("BAD_FIELD", wrong.Field, fmt.Sprintf("%s must not be a %s", wrong.Field, wrong.Value))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		return badField("BAD_FIELD", name, "there is no field "+name)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
		return badField("BAD_JSON", "", "the body is no JSON: "+err.Error())
	}
	return badField("BAD_FIELD", "", err.Error())
}
