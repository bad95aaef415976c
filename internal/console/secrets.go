package console

import (
	"net/url"
	"strings"

	"github.com/go-cometchat/cometchat/internal/redact"
)

// hidden stands where a secret was.
const hidden = "hidden"

// secrets takes keys, tokens and passwords out of what is shown: those of the app by
// their value, all others by the name they stand under.
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

// hidePath hides what stands for itself in a path: tokens and keys.
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
