// Package redact removes secrets from texts: known secrets by their value, in any
// spelling, and unknown ones by the name of their JSON member.
package redact

import (
	"bytes"
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Placeholder replaces a secret.
const Placeholder = "[redacted]"

// minSecret is the minimum length of a value to look for, in bytes. Shorter
// values are not credentials, and replacing them would garble every text that
// contains them.
const minSecret = 4

// Redactor replaces secrets with placeholders. It is immutable and safe for use
// by multiple goroutines. The secrets are kept behind functions, so that printers
// that follow unexported fields show none.
type Redactor struct {
	list  func() []secret
	index func() *index // made when first needed
}

type secret struct{ value, placeholder string }

// New returns a Redactor that replaces each secret with Placeholder.
func New(secrets ...string) *Redactor { return of(nil).With(secrets...) }

func of(list []secret) *Redactor {
	return &Redactor{
		list:  func() []secret { return list },
		index: sync.OnceValue(func() *index { return newIndex(list) }),
	}
}

// With returns a Redactor that also replaces the given secrets.
func (r *Redactor) With(secrets ...string) *Redactor {
	if len(secrets) == 0 {
		return r
	}
	list := slices.Clone(r.list())
	for _, s := range secrets {
		list = append(list, secret{s, Placeholder})
	}
	return of(list)
}

// Replacing returns a Redactor that also replaces value with placeholder. If a
// value has two placeholders, the first one counts.
func (r *Redactor) Replacing(value, placeholder string) *Redactor {
	return of(append(slices.Clone(r.list()), secret{value, placeholder}))
}

// index finds spellings by their first bytes.
type index struct {
	heads   map[[minSecret]byte][]secret
	begins  [256]bool
	longest int
}

// newIndex lists the spellings of each secret, unescaped and in lower case.
func newIndex(list []secret) *index {
	x := &index{heads: map[[minSecret]byte][]secret{}}
	seen := map[string]bool{}
	for _, s := range list {
		if len(s.value) < minSecret {
			continue
		}
		x.longest = max(x.longest, len(s.value))
		for _, spelling := range spellings(s.value) {
			spelling = lower(spelling)
			if seen[spelling] || len(spelling) < minSecret {
				continue
			}
			seen[spelling] = true
			head := [minSecret]byte([]byte(spelling))
			x.heads[head] = append(x.heads[head], secret{spelling, s.placeholder})
			x.begins[head[0]] = true
		}
	}
	return x
}

// spellings returns the value itself, its form encoding, and its base64: alone,
// and as a part of a longer value, such as the user and password of a Basic
// header.
func spellings(value string) []string {
	list := []string{value, strings.ReplaceAll(value, " ", "+")}
	plain := []byte(value)
	for range layers { // a value that contains escapes does not survive the unescaping of the text
		var changed bool
		if plain, _, changed = unescape(plain, nil); !changed {
			break
		}
		list = append(list, string(plain))
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		list = append(list, enc.EncodeToString([]byte(value)), enc.WithPadding(base64.NoPadding).EncodeToString([]byte(value)))
		for offset := range 3 {
			// Only the digits that depend on these bytes alone, whatever
			// surrounds them.
			encoded := enc.EncodeToString(append(make([]byte, offset), value...))
			list = append(list, encoded[(8*offset+5)/6:8*(offset+len(value))/6])
		}
	}
	return list
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lowerByte(c)
	}
	return string(b)
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// span is a part of a text that a placeholder replaces.
type span struct {
	from, to    int
	placeholder string
}

// layers is how many escapings may be nested: JSON in JSON in a query that was
// escaped twice.
const layers = 4

// String returns s without the secrets, in any mixture of case and of URL, JSON
// and HTML escapes. The work is a constant per byte.
func (r *Redactor) String(s string) string {
	x := r.index()
	if len(x.heads) == 0 {
		return s
	}
	spans := x.find(nil, []byte(s), nil)
	text, at := []byte(s), []int(nil)
	for range layers {
		var changed bool
		if text, at, changed = unescape(text, at); !changed {
			break
		}
		spans = x.find(spans, text, at)
	}
	if len(spans) == 0 {
		return s
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	var b strings.Builder
	end := 0
	for _, p := range spans {
		if p.from >= end {
			b.WriteString(s[end:p.from])
			b.WriteString(p.placeholder)
		}
		end = max(end, p.to)
	}
	b.WriteString(s[end:])
	return b.String()
}

// find adds the spans of the secrets in text. at maps the bytes of text to
// positions in the original; nil means that text is the original.
func (x *index) find(spans []span, text []byte, at []int) []span {
	var head [minSecret]byte
	for i := 0; i+minSecret <= len(text); i++ {
		if !x.begins[lowerByte(text[i])] {
			continue
		}
		for j := range head {
			head[j] = lowerByte(text[i+j])
		}
		for _, s := range x.heads[head] {
			if !hasPrefixFold(text[i:], s.value) {
				continue
			}
			p := span{i, i + len(s.value), s.placeholder}
			if at != nil {
				to := p.to
				for to < len(text) && at[to] == at[to-1] { // never end inside an escape
					to++
				}
				p.from, p.to = at[p.from], at[to]
			}
			spans = append(spans, p)
		}
	}
	return spans
}

func hasPrefixFold(text []byte, lowered string) bool {
	if len(text) < len(lowered) {
		return false
	}
	for i := range len(lowered) {
		if lowerByte(text[i]) != lowered[i] {
			return false
		}
	}
	return true
}

// secretMember matches the beginning of a member that holds a credential which
// was unknown before the response came: a new token, the key of a call's socket.
// The backslashes are those of JSON inside a JSON string.
var secretMember = regexp.MustCompile(`(?i)"(?:\w*token|\w*api_?key|\w*password|secret|identity|private_?key|p8_?key|replies_?webhook|access_?key|admin_?url)\\*"\s*:\s*(\\*)"`)

// minFound is the minimum length, in bytes, of a secret found in a body that is
// then looked for in the whole body.
const minFound = 12

// Body returns a JSON text without the secrets, including those in its own
// members. Those may occur in it again, such as an API key that names its object.
func (r *Redactor) Body(b []byte) []byte {
	rest := []byte(r.String(string(b)))
	var out []byte
	var found []string
	for {
		m := secretMember.FindSubmatchIndex(rest)
		if m == nil {
			out = append(out, rest...)
			break
		}
		out = append(append(out, rest[:m[1]]...), Placeholder...)
		rest = rest[m[1]:]
		end := endOfString(rest, m[3]-m[2])
		if value := string(rest[:end]); len(value) >= minFound && value != Placeholder {
			found = append(found, value)
		}
		rest = rest[end:]
	}
	if len(found) == 0 {
		return out
	}
	return []byte(New(found...).String(string(out)))
}

// endOfString returns where the closing quote of a string begins, including the
// backslashes before it. backslashes is how many backslashes the string's own
// quotes have. Without a closing quote, endOfString returns the length of b.
func endOfString(b []byte, backslashes int) int {
	run := 0
	for i, c := range b {
		switch {
		case c == '\\':
			run++
			continue
		case c == '"' && run%(2*(backslashes+1)) == backslashes:
			return i - backslashes
		}
		run = 0
	}
	return len(b)
}

// Head returns at most limit bytes of the result of Body. The work does not
// depend on the length of b.
func (r *Redactor) Head(b []byte, limit int) []byte {
	// The end of the part examined may cut a known secret in two, so that it is
	// no longer recognizable. That part is not shown. An escape of one byte has
	// at most 12 bytes: \u0041, escaped once more in a URL.
	margin := 12 * (r.index().longest + minSecret)
	whole := len(b) <= limit+margin
	if !whole {
		b = b[:limit+margin]
	}
	b = r.Body(b)
	if !whole {
		b = b[:max(len(b)-margin, 0)]
	}
	return bytes.Clone(b[:min(len(b), limit)])
}

// Error returns err. If the text of err holds a secret, it returns a replacement
// that errors.Is treats as err.
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

// scrubbed does not unwrap, since the wrapped error would print the secret.
type scrubbed struct {
	text string
	is   func(error) bool
}

func (e *scrubbed) Error() string { return e.text }

func (e *scrubbed) Is(target error) bool { return e.is(target) }
