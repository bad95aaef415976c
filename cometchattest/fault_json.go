package cometchattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// FaultError describes an invalid member of a fault in JSON.
type FaultError struct {
	// Field is the invalid member, such as "times".
	Field string
	// Reason says what is wrong with it.
	Reason string
}

// Error returns the member and the reason.
func (e *FaultError) Error() string { return e.Field + " " + e.Reason }

// faultFields is a Fault without its methods.
type faultFields Fault

// faultJSON is the JSON form of a fault, in which some fields differ.
type faultJSON struct {
	faultFields
	Latency    string  `json:"latency,omitempty"`
	Body       *string `json:"body,omitempty"`
	BodyBase64 []byte  `json:"bodyBase64,omitempty"`
}

func (f Fault) written() faultJSON {
	j := faultJSON{faultFields: faultFields(f)}
	if f.Latency != 0 {
		j.Latency = f.Latency.String()
	}
	switch text := string(f.Body); {
	case f.Body == nil:
	case utf8.Valid(f.Body):
		j.Body = &text
	default:
		j.BodyBase64 = f.Body
	}
	return j
}

// MarshalJSON encodes a fault with names in lower camel case. Latency has the
// format of [time.Duration], and Body is text, or base64 in bodyBase64 if it is
// not valid UTF-8.
func (f Fault) MarshalJSON() ([]byte, error) { return json.Marshal(f.written()) }

// UnmarshalJSON decodes the format of MarshalJSON. It returns an error for
// unknown members, because a fault with a misspelled member would test nothing,
// and a *[FaultError] for invalid values.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var j faultJSON
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			wrong.Field = wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
		}
		return err
	}
	var latency time.Duration
	var err error
	if j.Latency != "" {
		latency, err = time.ParseDuration(j.Latency)
	}
	for _, rule := range []struct {
		broken        bool
		field, reason string
	}{
		{strings.ContainsFunc(j.Method, func(r rune) bool { return r < 'A' || r > 'Z' && r < 'a' || r > 'z' }), "method", "must be one such as POST"},
		{j.Path != "" && j.Path[0] != '/', "path", "must begin with a slash"},
		{j.Skip < 0, "skip", "must be 0 or more"},
		{j.Every < 0, "every", "must be 0 or more"},
		{j.Times < Always, "times", "must be -1 or more"},
		{err != nil || latency < 0, "latency", "must be a duration such as 1.5s"},
		{j.Status != 0 && (j.Status < 200 || j.Status > 999), "status", "must be from 200 to 999"},
		{j.Body != nil && j.BodyBase64 != nil, "bodyBase64", "must not stand beside body"},
		{strings.ContainsAny(j.RedirectTo, "\r\n"), "redirectTo", "must be one line"},
		{strings.ContainsAny(j.RetryAfter, "\r\n"), "retryAfter", "must be one line"},
	} {
		if rule.broken {
			return &FaultError{rule.field, rule.reason}
		}
	}
	*f = Fault(j.faultFields)
	f.Latency, f.Body = latency, j.BodyBase64
	if j.Body != nil {
		f.Body = []byte(*j.Body)
	}
	return nil
}

// MarshalJSON encodes the fault with its id, the number of requests it has seen
// and hit, and how often it can still happen.
func (f ActiveFault) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID int64 `json:"id"`
		faultJSON
		Seen int `json:"seen"`
		Hits int `json:"hits"`
		Left int `json:"left"`
	}{f.ID, f.written(), f.Seen, f.Hits, f.Left()})
}
