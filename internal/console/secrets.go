package console

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/go-cometchat/cometchat/internal/redact"
)

// hidden replaces a secret.
const hidden = "hidden"

// cleaner removes keys, tokens and passwords from what the console shows: the app's
// keys by their value, auth tokens by their form, and all others by their name.
type cleaner struct{ redactor *redact.Redactor }

func (c *cleaner) String(s string) string { return hideForms(c.redactor.String(s)) }

func (c *cleaner) Body(b []byte) []byte { return []byte(hideForms(string(c.redactor.Body(b)))) }

var (
	// tokenForm is the form of the auth tokens that the emulator makes.
	tokenForm = regexp.MustCompile(`[^\s"'/?&=<>]+_\d{10}[0-9a-f]{30}\b`)
	// secretField is a secret in a query or in a form.
	secretField = regexp.MustCompile(`(?i)\b(password|apikey|authtoken|secret)=[^&\s"']+`)
)

func hideForms(s string) string {
	return secretField.ReplaceAllString(tokenForm.ReplaceAllString(s, hidden), "$1="+hidden)
}

func (v *visit) secrets() *cleaner {
	if v.cleaner == nil {
		key, secret := v.srv.ManagementCredentials()
		redactor := redact.New()
		for _, value := range append(v.apiKeys(), v.srv.APIKey(), key, secret) {
			redactor = redactor.Replacing(value, hidden)
		}
		v.cleaner = &cleaner{redactor}
	}
	return v.cleaner
}

// apiKeys returns the keys of the app.
func (v *visit) apiKeys() (keys []string) {
	var list []struct {
		APIKey string `json:"apiKey"`
	}
	if err := v.ask(v.r.Context(), &list, "/apikeys"); err != nil {
		return nil // the client has left
	}
	for _, key := range list {
		keys = append(keys, key.APIKey)
	}
	return keys
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
