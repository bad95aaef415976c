package cometchat

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// UnixTime is a moment in whole seconds since 1970, as the API counts. 0 is a
// time that is not set. It is decoded from numbers and from strings that hold
// one.
type UnixTime int64

// Time returns the moment in the local time zone, and the zero time.Time for 0.
func (t UnixTime) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(int64(t), 0)
}

// IsZero reports whether the time is not set.
func (t UnixTime) IsZero() bool { return t == 0 }

// String returns the moment in UTC as RFC 3339, and "" for 0.
func (t UnixTime) String() string {
	if t == 0 {
		return ""
	}
	return t.Time().UTC().Format(time.RFC3339)
}

// EncodeValues puts the number of seconds into a query.
func (t UnixTime) EncodeValues(key string, v *url.Values) error {
	v.Set(key, strconv.FormatInt(int64(t), 10))
	return nil
}

// UnmarshalJSON accepts a number, a string that holds one, "", and null. It drops
// what follows a decimal point.
func (t *UnixTime) UnmarshalJSON(b []byte) error {
	n, err := parseTime(b)
	*t = UnixTime(n)
	return err
}

// UnixMilli is a moment in whole milliseconds since 1970, as metrics count. 0 is
// a time that is not set. It is decoded from numbers and from strings that hold
// one.
type UnixMilli int64

// Time returns the moment in the local time zone, and the zero time.Time for 0.
func (t UnixMilli) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t))
}

// String returns the moment in UTC as RFC 3339 with milliseconds, and "" for 0.
func (t UnixMilli) String() string {
	if t == 0 {
		return ""
	}
	return t.Time().UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// UnmarshalJSON accepts what UnixTime accepts.
func (t *UnixMilli) UnmarshalJSON(b []byte) error {
	n, err := parseTime(b)
	*t = UnixMilli(n)
	return err
}

// maxDigits is how many digits always fit an int64.
const maxDigits = 18

// parseTime reads plain digits without strconv, as nearly all times are plain
// digits: every item of a list has several, and strconv took 3 % of a page's
// decoding.
func parseTime(b []byte) (int64, error) {
	if n, ok := parseDigits(b); ok {
		return n, nil
	}
	return parseOddTime(b)
}

// parseDigits reads a number that consists of digits only and fits.
func parseDigits(b []byte) (n int64, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, 0 < len(b) && len(b) <= maxDigits
}

func parseOddTime(b []byte) (int64, error) {
	text := wire.Scalar(b)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	if text == "" || text == "null" {
		return 0, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f > -1<<62 && f < 1<<62) {
		return 0, fmt.Errorf("cometchat: %s is no unix time", truncate(text, 40))
	}
	return int64(f), nil
}
