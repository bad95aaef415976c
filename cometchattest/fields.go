package cometchattest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// fields is a JSON object sent to the API. Its getters report whether a member
// was sent and collect errors, which err returns. A null member counts as not
// sent.
type fields struct {
	members map[string]json.RawMessage
	prefix  string // prepended to the names in details, for nested objects
	details map[string][]string
}

func newFields(members map[string]json.RawMessage) *fields {
	return &fields{members: members, details: map[string][]string{}}
}

// fields decodes the body of the request. An empty body, null and [] (PHP's
// encoding of an empty object) count as an object without members.
func (c *call) fields() (*fields, error) {
	body := bytes.TrimSpace(c.body)
	if len(body) == 0 || string(body) == "[]" {
		return newFields(nil), nil
	}
	if kind := c.request.Header.Get("Content-Type"); kind != "" {
		if media, _, _ := mime.ParseMediaType(kind); media != "application/json" {
			return nil, newError(400, "ERR_BAD_REQUEST", "The body has the type %s where application/json is expected.", kind)
		}
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, newError(400, "ERR_BAD_REQUEST", "The body is no JSON object.")
	}
	return newFields(members), nil
}

// fail records an error about a member.
func (f *fields) fail(name, format string, args ...any) {
	name = f.prefix + name
	f.details[name] = append(f.details[name], fmt.Sprintf(format, args...))
}

// err returns the recorded errors, or nil if there are none.
func (f *fields) err() error {
	if len(f.details) == 0 {
		return nil
	}
	return errInvalid(f.details)
}

// has reports whether a member was sent and is not null.
func (f *fields) has(name string) bool {
	raw, ok := f.members[name]
	return ok && string(raw) != "null"
}

// require records an error for each member that was not sent or is a blank
// string.
func (f *fields) require(names ...string) {
	for _, name := range names {
		if !f.has(name) || isBlank(f.members[name]) {
			f.fail(name, "The field %s is required.", name)
		}
	}
}

// isBlank reports whether a value is a string of only white space.
func isBlank(raw json.RawMessage) bool {
	var text string
	return len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil && strings.TrimSpace(text) == ""
}

// text returns a string of at most limit characters; a limit of 0 means no limit.
// An empty string counts as not sent.
func (f *fields) text(name string, limit int) (string, bool) {
	if !f.has(name) {
		return "", false
	}
	var value string
	if json.Unmarshal(f.members[name], &value) != nil {
		f.fail(name, "The field %s must be a string.", name)
		return "", false
	}
	if limit > 0 && utf8.RuneCountInString(value) > limit {
		f.fail(name, "The field %s may have %d characters at most.", name, limit)
		return "", false
	}
	return value, value != ""
}

// id returns an identifier in lower case. It may have at most 100 characters:
// letters, digits, dashes and underscores.
func (f *fields) id(name string) (string, bool) {
	value, ok := f.text(name, 100)
	if !ok {
		return "", false
	}
	value = strings.ToLower(value)
	for _, r := range value {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			f.fail(name, "The field %s may only have letters, digits, dashes and underscores.", name)
			return "", false
		}
	}
	return value, true
}

// oneOf returns a string that must be one of a set.
func (f *fields) oneOf(name string, allowed ...string) (string, bool) {
	value, ok := f.text(name, 0)
	if ok && !slices.Contains(allowed, value) {
		f.fail(name, "The field %s must be one of %s.", name, strings.Join(allowed, ", "))
		return "", false
	}
	return value, ok
}

// boolean returns a boolean. The service also accepts it as a string or a number.
func (f *fields) boolean(name string) (value, ok bool) {
	if !f.has(name) {
		return false, false
	}
	switch string(f.members[name]) {
	case `true`, `"true"`, `1`, `"1"`:
		return true, true
	case `false`, `"false"`, `0`, `"0"`:
		return false, true
	}
	f.fail(name, "The field %s must be true or false.", name)
	return false, false
}

// url returns a URL with a scheme and a host, of at most maxURL characters. An
// empty string counts as not sent.
func (f *fields) url(name string) (string, bool) {
	value, ok := f.text(name, maxURL)
	if !ok {
		return "", false
	}
	if u, err := url.Parse(value); err != nil || u.Scheme == "" || u.Host == "" {
		f.fail(name, "The field %s must be a URL.", name)
		return "", false
	}
	return value, true
}

// messageID returns the id of a message, sent as a number or as a string of
// digits. An empty string counts as not sent.
func (f *fields) messageID(name string) (int64, bool) {
	if !f.has(name) || isBlank(f.members[name]) {
		return 0, false
	}
	var id json.Number // accepts both
	if json.Unmarshal(f.members[name], &id) == nil {
		if n, err := id.Int64(); err == nil {
			return n, true
		}
	}
	f.fail(name, "The field %s must be the id of a message.", name)
	return 0, false
}

// seconds returns a time, sent as a number or as a string of digits, or 0 if
// there is none.
func (f *fields) seconds(name string) int64 {
	if !f.has(name) || isBlank(f.members[name]) {
		return 0
	}
	var number json.Number // accepts both
	if json.Unmarshal(f.members[name], &number) == nil {
		if n, err := number.Int64(); err == nil && n >= 0 {
			return n
		}
	}
	f.fail(name, "The field %s must be a time in seconds.", name)
	return 0
}

// texts returns a list of at most limit non-blank strings, each of at most size
// characters; 0 means no limit.
func (f *fields) texts(name string, limit, size int) ([]string, bool) {
	if !f.has(name) {
		return nil, false
	}
	var raw []json.RawMessage
	if json.Unmarshal(f.members[name], &raw) != nil {
		f.fail(name, "The field %s must be a list.", name)
		return nil, false
	}
	if limit > 0 && len(raw) > limit {
		f.fail(name, "The field %s may have %d elements at most.", name, limit)
		return nil, false
	}
	values, valid := make([]string, len(raw)), true
	for i, element := range raw {
		field := fmt.Sprintf("%s.%d", name, i)
		switch {
		case element[0] != '"' || json.Unmarshal(element, &values[i]) != nil:
			f.fail(field, "The field %s must be a string.", field)
			valid = false
		case isBlank(element):
			f.fail(field, "The field %s must not be blank.", field)
			valid = false
		case size > 0 && utf8.RuneCountInString(values[i]) > size:
			f.fail(field, "The field %s may have %d characters at most.", field, size)
			valid = false
		}
	}
	return values, valid
}

// tags returns the list of tags, within the limits of the API.
func (f *fields) tags() ([]string, bool) { return f.texts("tags", 25, 100) }

// document returns arbitrary JSON: an object or a list, or a string containing
// one. size is the limit in bytes, 0 for none. The service stores objects as PHP
// arrays, so an empty object comes back as [].
func (f *fields) document(name string, size int) (json.RawMessage, bool) {
	if !f.has(name) {
		return nil, false
	}
	raw := f.members[name]
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(strings.TrimSpace(text))
	}
	var compact bytes.Buffer
	if len(raw) == 0 || raw[0] != '{' && raw[0] != '[' || json.Compact(&compact, raw) != nil {
		f.fail(name, "The field %s must be a JSON object.", name)
		return nil, false
	}
	if size > 0 && compact.Len() > size {
		f.fail(name, "The field %s may have %d bytes at most.", name, size)
		return nil, false
	}
	if compact.String() == "{}" {
		return json.RawMessage("[]"), true
	}
	return compact.Bytes(), true
}

// metadata returns the arbitrary JSON of a user, a group or a role, of at most
// size bytes, 0 for no limit. Text that is not an object or a list is stored as
// the member rawMetadata; blank text counts as not sent.
func (f *fields) metadata(size int) (json.RawMessage, bool) {
	const name = "metadata"
	var text string
	if f.has(name) && json.Unmarshal(f.members[name], &text) == nil {
		switch text = strings.TrimSpace(text); {
		case text == "":
			return nil, false
		case text[0] != '{' && text[0] != '[' || !json.Valid([]byte(text)):
			f.members[name] = encode(map[string]string{"rawMetadata": text})
		}
	}
	return f.document(name, size)
}

// object returns a nested object, which is empty if none was sent. Its errors are
// recorded in f under name.member.
func (f *fields) object(name string) (*fields, bool) {
	nested := newFields(nil)
	nested.prefix, nested.details = f.prefix+name+".", f.details
	raw, ok := f.document(name, 0)
	if !ok || string(raw) == "[]" {
		return nested, ok
	}
	if json.Unmarshal(raw, &nested.members) != nil {
		f.fail(name, "The field %s must be a JSON object.", name)
		return nested, false
	}
	return nested, true
}
