package wire

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// MaxText is the length, in bytes, at which the texts of a Fault are cut. It is
// far beyond what an error shows, so that a secret that the cut splits can be
// left out.
const MaxText = 16 << 10

// maxDetails is the number of details to read, and maxEnvelopes the number of
// errors that may be nested in each other.
const (
	maxDetails   = 32
	maxEnvelopes = 2
)

// Fault is the API's error object, in every shape that it has been seen in.
type Fault struct {
	Code       string
	Message    string
	DevMessage string
	Source     string
	Details    []Detail
}

// Detail is a text about a field. Field is empty if the text is about no field.
type Detail struct{ Field, Text string }

// FindFault returns the error that a response holds, with or without an envelope.
// It reads as much as there is of a body that was cut. failed reports whether the
// status of the response is that of an error, whatever the body says.
func FindFault(body []byte, failed bool) *Fault {
	s := scanner{in: TrimBOM(body)}
	if c := s.peek(); c != '{' && c != '[' && c != '"' {
		return &Fault{}
	}
	f := &faultReader{scanner: s, failed: failed}
	f.read(0)
	return f.fault()
}

// ParseFault reads an error object, or a text in place of one.
func ParseFault(raw []byte) *Fault { return FindFault(raw, true) }

// faultReader walks over a response and keeps what looks like an error. The error
// in an envelope takes precedence over the members beside it.
type faultReader struct {
	scanner
	failed bool

	found   Fault  // the error at the top level
	inner   *Fault // the error in the envelope
	label   string // the text of an "error" that is not an object
	other   string // texts that may also tell: title, detail, error_description
	hasData bool
}

func (f *faultReader) read(depth int) {
	switch f.peek() {
	case '"':
		f.found.Message = f.string()
	case '[': // only the first of several
		n := 0
		f.items(func() {
			if n++; n == 1 && depth < maxDepth {
				f.read(depth + 1)
				return
			}
			f.value()
		})
	case '{':
		f.members(func(name []byte) { f.member(strings.ToLower(unquote(name)), depth) })
	default:
		f.value()
	}
}

func (f *faultReader) member(name string, depth int) {
	switch name {
	case "code":
		f.found.Code = f.string()
	case "message":
		f.found.Message = f.string()
	case "devmessage":
		f.found.DevMessage = f.string()
	case "source":
		f.found.Source = f.string()
	case "details":
		f.details()
	case "detail", "title", "error_description", "description":
		f.other = cmp.Or(f.other, f.string())
	case "error":
		f.envelope(depth)
	case "errors":
		if f.peek() == '[' {
			f.envelope(depth)
		} else {
			f.details()
		}
	case "data":
		f.data(depth)
	default:
		f.value()
	}
}

// envelope reads the error in an envelope.
func (f *faultReader) envelope(depth int) {
	switch c := f.peek(); {
	case c == '"':
		f.label = f.string()
	case (c == '{' || c == '[') && depth < maxEnvelopes:
		in := &faultReader{scanner: scanner{in: f.value()}, failed: true}
		in.read(depth + 1)
		f.visited += in.visited
		if fault := in.fault(); !fault.empty() {
			f.inner = fault
		}
	default:
		f.value()
	}
}

// data reads an error in place of the data: an object that says it is an error,
// or any object if the response has failed.
func (f *faultReader) data(depth int) {
	raw := f.value()
	f.hasData = true
	if KindOf(raw) != KindObject || depth > 0 {
		return
	}
	if f.failed || refusal(raw) != nil || statesOutcome(Members(raw)) {
		in := &faultReader{scanner: scanner{in: raw}, failed: true}
		in.read(depth + 1)
		if fault := in.fault(); !fault.empty() && f.inner == nil {
			f.inner = fault
		}
	}
}

func (f *faultReader) fault() *Fault {
	fault := f.found
	switch {
	case f.inner != nil:
		fault = *f.inner
		fault.Code = cmp.Or(fault.Code, f.found.Code)
		fault.Message = cmp.Or(fault.Message, f.found.Message)
		if len(fault.Details) == 0 {
			fault.Details = f.found.Details
		}
	case f.label != "" && isCode(f.label) && fault.Code == "":
		fault.Code = f.label
	case f.label != "" && fault.Message != "" && fault.Message != f.label:
		fault.Message = f.label + ": " + fault.Message
	case f.label != "" && f.other != "":
		fault.Message = f.label + ": " + f.other
	case f.label != "":
		fault.Message = f.label
	case f.hasData && !f.failed && fault.Code == "":
		return &Fault{} // the texts beside data are about the data
	}
	if fault.Message == "" {
		fault.Message = f.other
	}
	return &fault
}

func (f *Fault) empty() bool {
	return f.Code == "" && f.Message == "" && f.DevMessage == "" && len(f.Details) == 0
}

// isCode reports whether s is a code rather than a text.
func isCode(s string) bool {
	return strings.Contains(s, "_") && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// string walks over a value and returns it as text. For a list or an object it
// returns the texts inside.
func (f *faultReader) string() string {
	switch f.peek() {
	case '"':
		return cut(f.scanner.text())
	case '{', '[':
		d := &details{scanner: scanner{in: f.value()}}
		d.read()
		var texts []string
		for _, detail := range d.list {
			texts = append(texts, detail.Text)
		}
		joined := strings.Join(texts, " ")
		return joined[:min(len(joined), MaxText)]
	}
	raw := f.literal()
	if len(raw) == 0 || raw[0] == 'n' || raw[0] == 'f' {
		return ""
	}
	return string(raw[:min(len(raw), MaxText)])
}

// details reads {"field": ["text"]}, {"field": "text"} and any other value that
// names fields.
func (f *faultReader) details() {
	d := &details{scanner: scanner{in: f.value()}, list: f.found.Details}
	d.read()
	f.found.Details = d.list
}

// details collects texts and the fields they are about.
type details struct {
	scanner
	path [][]byte // the names that lead here, in their JSON form
	list []Detail
}

func (d *details) read() {
	c := d.peek()
	switch {
	case len(d.list) == maxDetails:
		d.value()
	case (c == '{' || c == '[') && len(d.path) == maxDepth:
		d.value()
	case c == '[':
		d.path = append(d.path, nil)
		d.items(d.read)
		d.path = d.path[:len(d.path)-1]
	case c == '{':
		d.members(func(name []byte) {
			d.path = append(d.path, name)
			d.read()
			d.path = d.path[:len(d.path)-1]
		})
	case c == '"':
		d.add(cut(d.text()))
	default:
		if raw := d.literal(); len(raw) > 0 && raw[0] != 'n' {
			d.add(string(raw[:min(len(raw), MaxText)]))
		}
	}
}

func (d *details) add(text string) {
	var names []string
	size := 0
	for _, name := range d.path {
		if name != nil && size < MaxText {
			names = append(names, cut(name))
			size += len(name)
		}
	}
	field := strings.Join(names, ".")
	d.list = append(d.list, Detail{field[:min(len(field), MaxText)], text})
}

// cut decodes the beginning of a JSON string, at most MaxText bytes of it.
func cut(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	end := min(len(raw), MaxText)
	at := 1
	for at < end && raw[at] != '"' {
		switch {
		case raw[at] != '\\':
			at++
			continue
		case at+1 < end && raw[at+1] == 'u' && at+6 <= end:
			at += 6
			continue
		case at+1 < end && raw[at+1] != 'u':
			at += 2
			continue
		}
		break
	}
	at = max(min(at, end), 1)
	for range utf8.UTFMax - 1 { // the cut may have split a character
		if r, size := utf8.DecodeLastRune(raw[1:at]); r != utf8.RuneError || size != 1 {
			break
		}
		at--
	}
	return unquote(append(raw[:at:at], '"'))
}
