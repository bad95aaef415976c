package cometchat

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/go-cometchat/cometchat/internal/redact"
)

// Secret is a credential: an auth token, an API key. Every fmt verb prints it as
// "[redacted]", wherever it stands, and so does slog for it and for the types of
// this package that hold one. string(s) gives the value, and so does JSON, since
// handing a token to a front end is what it is for: a slice of tokens that
// slog's JSON handler encodes shows them.
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
