package cometchattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"
)

// faultJSON is how a fault is written in JSON.
type faultJSON struct {
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Skip   int    `json:"skip,omitempty"`
	Every  int    `json:"every,omitempty"`
	Times  int    `json:"times,omitempty"`

	Latency    string `json:"latency,omitempty"`
	DropBefore bool   `json:"dropBefore,omitempty"`
	DropAfter  bool   `json:"dropAfter,omitempty"`

	Status     int         `json:"status,omitempty"`
	Code       string      `json:"code,omitempty"`
	Message    string      `json:"message,omitempty"`
	Body       *string     `json:"body,omitempty"`
	BodyBase64 []byte      `json:"bodyBase64,omitempty"`
	RedirectTo string      `json:"redirectTo,omitempty"`
	RetryAfter string      `json:"retryAfter,omitempty"`
	Header     http.Header `json:"header,omitempty"`

	Truncate     bool `json:"truncate,omitempty"`
	TruncateJSON bool `json:"truncateJSON,omitempty"`
	Malformed    bool `json:"malformed,omitempty"`
	RepeatPage   bool `json:"repeatPage,omitempty"`
}

// MarshalJSON writes a fault with its names in lower camel case, Latency as
// [time.Duration] writes it, and Body as text, or as bodyBase64 where it is none.
func (f Fault) MarshalJSON() ([]byte, error) {
	j := faultJSON{
		Method: f.Method, Path: f.Path, Skip: f.Skip, Every: f.Every, Times: f.Times,
		DropBefore: f.DropBefore, DropAfter: f.DropAfter,
		Status: f.Status, Code: f.Code, Message: f.Message, RedirectTo: f.RedirectTo, RetryAfter: f.RetryAfter, Header: f.Header,
		Truncate: f.Truncate, TruncateJSON: f.TruncateJSON, Malformed: f.Malformed, RepeatPage: f.RepeatPage,
	}
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
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes. Members it does not know are errors,
// as are numbers that mean nothing: a fault that is misspelt would test nothing.
func (f *Fault) UnmarshalJSON(b []byte) error {
	var j faultJSON
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return err
	}
	var latency time.Duration
	var err error
	if j.Latency != "" {
		latency, err = time.ParseDuration(j.Latency)
	}
	switch {
	case err != nil || latency < 0:
		return errors.New("latency must be a duration, such as 1.5s")
	case j.Times < Always:
		return errors.New("times must be -1 or more")
	case j.Skip < 0:
		return errors.New("skip must be 0 or more")
	case j.Every < 0:
		return errors.New("every must be 0 or more")
	case j.Status != 0 && (j.Status < 200 || j.Status > 999):
		return errors.New("status must be from 200 to 999")
	case j.Body != nil && j.BodyBase64 != nil:
		return errors.New("body and bodyBase64 exclude each other")
	}
	*f = Fault{
		Method: j.Method, Path: j.Path, Skip: j.Skip, Every: j.Every, Times: j.Times, Latency: latency,
		DropBefore: j.DropBefore, DropAfter: j.DropAfter,
		Status: j.Status, Code: j.Code, Message: j.Message, RedirectTo: j.RedirectTo, RetryAfter: j.RetryAfter, Header: j.Header,
		Body: j.BodyBase64, Truncate: j.Truncate, TruncateJSON: j.TruncateJSON, Malformed: j.Malformed, RepeatPage: j.RepeatPage,
	}
	if j.Body != nil {
		f.Body = []byte(*j.Body)
	}
	return nil
}
