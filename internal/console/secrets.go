package console

import (
	"net/url"
	"strings"

	"github.com/go-cometchat/cometchat/internal/redact"
)

// hidden replaces a secret.
const hidden = "hidden"

// secrets removes keys, tokens and passwords from what the console shows: the
// app's own by their value, and all others by the name of their member.
func (v *visit) secrets() *redact.Redactor {
	if v.redactor == nil {
		key, secret := v.srv.ManagementCredentials()
		v.redactor = redact.New()
		for _, value := range []string{v.srv.APIKey(), key, secret} {
			v.redactor = v.redactor.Replacing(value, hidden)
		}
	}
	return v.redactor
}

// hidePath hides the tokens and keys in a path.
func hidePath(path string) string {
	segments := strings.Split(path, "/")
	for i := 1; i < len(segments); i++ {
		switch name, _ := url.PathUnescape(segments[i-1]); strings.ToLower(name) {
		case "auth_tokens", "apikeys":
			if segments[i] != "" {
				segments[i] = hidden
			}
		}
	}
	return strings.Join(segments, "/")
}
