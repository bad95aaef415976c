package cometchat

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// ValidationError is a request that was refused before it was sent. It matches
// ErrInvalidRequest. A call that finds several mistakes joins them.
type ValidationError struct {
	// Operation is the route of the call, as in "PUT /users/{uid}". It is empty
	// if the mistake is not in a call, but for example in an option of a client.
	Operation string
	// Field is the API's name for what is wrong: "metadata", "tags[3]", "uid".
	Field string
	// Limit is the most (or least) that is allowed; 0 if there is no limit.
	Limit int
	// Size is the size of what was given, in the unit that the text names.
	Size int
	// Reason says what is wrong, without the value.
	Reason string
}

// Error returns the operation, the field and the reason.
func (e *ValidationError) Error() string {
	operation := ""
	if e.Operation != "" {
		operation = e.Operation + ": "
	}
	return "cometchat: " + operation + e.Field + ": " + e.Reason
}

// LogValue returns what [LogValue] returns for e.
func (e *ValidationError) LogValue() slog.Value { return LogValue(e) }

func (e *ValidationError) tell(f *facts) {
	method, path, _ := strings.Cut(e.Operation, " ")
	f.request(method, path)
}

// Is matches ErrInvalidRequest.
func (e *ValidationError) Is(target error) bool { return target == ErrInvalidRequest }

// validatable is a request, or a part of one, that knows its limits.
type validatable interface{ validate(*validation) }

// validation collects the mistakes in one request.
type validation struct {
	metadataLimit int
	errs          []error
}

func (v *validation) add(e ValidationError) { v.errs = append(v.errs, &e) }

// within checks a part of a request, whose fields are named below field.
func (v *validation) within(field string, part validatable) {
	before := len(v.errs)
	part.validate(v)
	for _, err := range v.errs[before:] {
		if e, ok := err.(*ValidationError); ok {
			e.Field = field + "." + e.Field
		}
	}
}

func (v *validation) err() error { return join(v.errs...) }

func (v *validation) required(field, value string) {
	if value == "" {
		v.add(ValidationError{Field: field, Reason: "required"})
	}
}

// present checks a member that may be false, but must not be missing.
func (v *validation) present(field string, value *bool) {
	if value == nil {
		v.add(ValidationError{Field: field, Reason: "required"})
	}
}

func (v *validation) environment(variable, value string) {
	if value == "" {
		v.add(ValidationError{Field: variable, Reason: "required: the environment variable is not set"})
	}
}

func (v *validation) length(field, value string, limit int) {
	if v.utf8(field, value) && len(value) > limit { // bytes: never fewer than characters
		v.atMost(field, utf8.RuneCountInString(value), limit, "characters")
	}
}

// utf8 checks that a text is UTF-8, since encoding/json would replace invalid
// bytes.
func (v *validation) utf8(field, value string) bool {
	ok := utf8.ValidString(value)
	if !ok {
		v.add(ValidationError{Field: field, Size: len(value), Reason: "is not valid UTF-8"})
	}
	return ok
}

// texts checks every text in a request that was encoded as JSON.
func (v *validation) texts(field string, value reflect.Value) {
	switch value.Kind() {
	case reflect.String:
		v.utf8(field, value.String())
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			v.texts(field, value.Elem())
		}
	case reflect.Struct:
		for i := range value.NumField() {
			if f := value.Type().Field(i); f.IsExported() {
				v.texts(jsonName(f, field), value.Field(i))
			}
		}
	case reflect.Map:
		for key, item := range value.Seq2() {
			v.texts(field, key)
			v.texts(field, item)
		}
	case reflect.Slice, reflect.Array:
		if value.Type().Elem().Kind() == reflect.Uint8 { // JSON, or bytes that go as base64
			if value.Type().Implements(reflect.TypeFor[json.Marshaler]()) {
				v.utf8(field, string(value.Bytes()))
			}
			return
		}
		for i := range value.Len() {
			v.texts(fmt.Sprintf("%s[%d]", field, i), value.Index(i))
		}
	}
}

// jsonName is the name of a field in JSON, or whole for a field without one.
func jsonName(f reflect.StructField, whole string) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case name != "":
		return name
	case f.Anonymous:
		return whole
	}
	return strings.ToLower(f.Name[:1]) + f.Name[1:]
}

// optional checks a field of an update, where nil leaves the field alone.
func (v *validation) optional(field string, value *string, limit int) {
	if value != nil {
		v.length(field, *value, limit)
	}
}

// oneOf checks a text that must be one of a few.
func oneOf[T ~string](v *validation, field string, value T, allowed ...T) {
	if !slices.Contains(allowed, value) {
		v.add(ValidationError{Field: field, Size: len(value), Reason: fmt.Sprintf("must be one of %v", allowed)})
	}
}

func (v *validation) atMost(field string, size, limit int, unit string) {
	if size > limit {
		v.add(ValidationError{Field: field, Limit: limit, Size: size,
			Reason: fmt.Sprintf("%d %s, at most %d allowed", size, unit, limit)})
	}
}

func (v *validation) between(field string, value, low, high int) {
	if value < low || value > high {
		v.add(ValidationError{Field: field, Limit: high, Size: value,
			Reason: fmt.Sprintf("%d, must be %d to %d", value, low, high)})
	}
}

// MaxPageSize is the most items that the API returns in one page. All, Pages and
// Backward ask for it unless the list's options name a size.
const MaxPageSize = 1000

// Limits on ids and names, in characters.
const (
	maxID   = 100
	maxName = 100
	maxURL  = 3000
	// An auth token is a uid, an underscore and 50 characters.
	maxToken     = 200
	maxPushToken = 4096
	maxReaction  = 45
	maxWebhookID = 50
	maxSessionID = 255
)

// id checks what names a resource, in a path or in a header: an empty id, or one
// that walks up the path, would reach another endpoint.
func (v *validation) id(field, value string, limit int) {
	switch {
	case value == "":
		v.add(ValidationError{Field: field, Limit: limit, Reason: "required"})
	case value == "." || value == "..":
		v.add(ValidationError{Field: field, Size: len(value), Reason: "must not be a path step"})
	default:
		v.length(field, value, limit)
		for _, r := range value {
			if r < ' ' || r == 0x7f {
				v.add(ValidationError{Field: field, Size: len(value), Reason: "holds a control character"})
				return
			}
		}
	}
}

func (v *validation) ids(field string, values []string, limit int) {
	if len(values) == 0 {
		v.add(ValidationError{Field: field, Limit: limit, Reason: "required"})
	}
	if limit > 0 {
		v.atMost(field, len(values), limit, "entries")
	}
	for i, value := range values {
		v.id(fmt.Sprintf("%s[%d]", field, i), value, maxID)
	}
}

// checkCredential makes sure that a credential can be sent in a header.
func checkCredential(field, value string) error {
	if value == "" {
		return &ValidationError{Field: field, Reason: "required: is the environment variable set that it comes from?"}
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return &ValidationError{Field: field, Size: len(value), Reason: "must be printable ASCII without spaces"}
	}
	return nil
}
