package cometchat

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/go-cometchat/cometchat/internal/redact"
)

// Secret is a credential: an auth token, an API key. It is printed as
// "[redacted]" by every verb of fmt, and by slog for it and for the types of this
// package that hold one. string(s) gives the value.
//
// The value shows where Go asks no type how to print it:
//
//   - fmt calls no methods on unexported fields, so that it prints a Secret in one
//     in full, and so does slog's text handler for such a struct;
//   - a verb that does not fit, such as %s for a slice of pointers to structs, has
//     fmt print all that is below without asking (go vet finds most of these);
//   - a conversion, as in string(s) or []byte(s), is a plain text;
//   - JSON has the value, since handing a token to a front end is what it is for,
//     and slog's JSON handler encodes slices, maps and other structs as JSON.
type Secret string

// Format prints "[redacted]" for every verb, or nothing for an empty Secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// String returns "[redacted]", or "" for an empty Secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redact.Placeholder
}

// LogValue gives slog "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
