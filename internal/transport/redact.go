package transport

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// minSecret is the length from which a value is looked for. Shorter ones are no
// credentials, and replacing them would garble every text they occur in.
const minSecret = 4

// Redactor removes secrets from texts by their value, in every spelling a URL,
// a JSON string or a Basic header would give them.
type Redactor struct {
	pairs    []string
	replacer *strings.Replacer
}

// NewRedactor returns a Redactor for the given values.
func NewRedactor(secrets ...string) *Redactor {
	return (&Redactor{}).With(secrets...)
}

// With returns a Redactor that also removes the given values.
func (r *Redactor) With(secrets ...string) *Redactor {
	if len(secrets) == 0 && r.replacer != nil {
		return r
	}
	pairs := r.pairs[:len(r.pairs):len(r.pairs)]
	for _, s := range secrets {
		if len(s) < minSecret {
			continue
		}
		quoted, _ := json.Marshal(s) // a string always marshals
		seen := map[string]bool{}
		for _, form := range []string{
			s,
			url.PathEscape(s),
			url.QueryEscape(s),
			string(quoted[1 : len(quoted)-1]),
			strings.ReplaceAll(s, "/", `\/`), // as PHP writes JSON
			base64.StdEncoding.EncodeToString([]byte(s)),
			base64.RawURLEncoding.EncodeToString([]byte(s)),
		} {
			if !seen[form] {
				seen[form] = true
				pairs = append(pairs, form, Redacted)
			}
		}
	}
	return &Redactor{pairs: pairs, replacer: strings.NewReplacer(pairs...)}
}

// String returns s without the secrets.
func (r *Redactor) String(s string) string { return r.replacer.Replace(s) }

// secretMember finds members that hold a credential nobody could know before
// the answer came: a token just minted, the key of a call's socket. The second
// one finds them in JSON that stands in a JSON string.
var (
	secretMember = regexp.MustCompile(`(?i)("(?:` + secretNames + `)"\s*:\s*")(?:[^"\\]|\\.)*("?)`)
	quotedMember = regexp.MustCompile(`(?i)(\\"(?:` + secretNames + `)\\"\s*:\s*\\")[^"\\]*`)
)

const secretNames = `auth_?token|token|api_?key|password|secret|identity`

// Body returns a JSON text without the secrets, also of those it brings along.
func (r *Redactor) Body(b []byte) []byte {
	b = secretMember.ReplaceAll([]byte(r.String(string(b))), []byte("${1}"+Redacted+"${2}"))
	return quotedMember.ReplaceAll(b, []byte("${1}"+Redacted))
}

// Error returns err, or a stand-in with the same identity under errors.Is when
// its text holds a secret.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	clean := r.String(text)
	if clean == text {
		return err
	}
	return &scrubbed{text: clean, is: func(target error) bool { return errors.Is(err, target) }}
}

// scrubbed does not unwrap: what is below would print the secret.
type scrubbed struct {
	text string
	is   func(error) bool
}

func (e *scrubbed) Error() string { return e.text }

func (e *scrubbed) Is(target error) bool { return e.is(target) }
