package cometchat

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/go-cometchat/cometchat/internal/redact"
)

// Secret is a credential: an auth token or an API key. Every verb of fmt prints
// it as "[redacted]", and so does slog, for a Secret and for the types of this
// package that hold one. string(s) returns the value.
//
// The value shows where Go does not ask a type how to print it:
//
//   - fmt calls no methods on unexported fields, so it prints a Secret in
//     such a field in full, and so does slog's text handler for such a
//     struct;
//   - for a verb that does not fit, such as %s for a slice of pointers to
//     structs, fmt prints everything below without asking (go vet finds most
//     of these);
//   - a conversion, as in string(s) or []byte(s), is plain text;
//   - JSON holds the value, since handing a token to a front end is its
//     purpose, and slog's JSON handler encodes slices, maps and other structs
//     as JSON.
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

// LogValue returns "[redacted]" for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
