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
func (c *Console) secrets() *redact.Redactor {
	key, secret := c.srv.ManagementCredentials()
	r := redact.New()
	for _, value := range []string{c.srv.APIKey(), key, secret} {
		r = r.Replacing(value, hidden)
	}
	return r
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
