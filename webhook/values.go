package webhook

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Flag is a boolean. Events of calls write it as text: "true" or "false".
type Flag bool

// UnmarshalJSON accepts a boolean, or a text or number that means one. Anything
// else is false.
func (f *Flag) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseBool(strings.Trim(string(b), `"`))
	*f = Flag(v && err == nil)
	return nil
}

// Seconds is a number of seconds. Recordings write it as text: "48.120000".
type Seconds float64

// UnmarshalJSON accepts a number, or a text that holds one. Anything else is 0.
func (s *Seconds) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err != nil || !(v > -1<<31 && v < 1<<31) {
		v = 0
	}
	*s = Seconds(v)
	return nil
}

// Duration returns the seconds as a time.Duration.
func (s Seconds) Duration() time.Duration { return time.Duration(float64(s) * float64(time.Second)) }

// number returns a time as a part of a key; "" if it is not set.
func number[T ~int64](t T) string {
	if t == 0 {
		return ""
	}
	return strconv.FormatInt(int64(t), 10)
}

// content returns a value as a part of a key, whatever the order of its members.
func content(v any) string {
	b, _ := json.Marshal(v) // decoded from JSON, so it can be encoded
	return string(b)
}
