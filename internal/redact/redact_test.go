package redact

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// escapers write a value as different kinds of text do.
func escapers() map[string]func(string) string {
	quote := func(s string) string {
		b, _ := json.Marshal(s)
		return string(b[1 : len(b)-1])
	}
	lean := func(s string) string {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(s)
		return strings.TrimSuffix(b.String()[1:], "\"\n")
	}
	lowerHex := func(s string) string {
		return regexp.MustCompile(`%[0-9A-F]{2}`).ReplaceAllStringFunc(s, strings.ToLower)
	}
	ascii := func(s string) string {
		var b strings.Builder
		for _, r := range s {
			if r < 0x10000 {
				fmt.Fprintf(&b, `\u%04x`, r)
			} else {
				b.WriteRune(r)
			}
		}
		return b.String()
	}
	return map[string]func(string) string{
		"as it is": func(s string) string { return s },
		"upper case": func(s string) string {
			return strings.Map(func(r rune) rune {
				if r < 0x80 {
					return unicode.ToUpper(r)
				}
				return r
			}, s)
		},
		"lower case":        strings.ToLower,
		"path":              url.PathEscape,
		"query":             url.QueryEscape,
		"lower-case query":  func(s string) string { return lowerHex(url.QueryEscape(s)) },
		"escaped twice":     func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"one character":     func(s string) string { return strings.ReplaceAll(s, "/", "%2f") },
		"JSON":              quote,
		"lean JSON":         lean,
		"JSON of PHP":       func(s string) string { return strings.ReplaceAll(lean(s), "/", `\/`) },
		"JSON in ASCII":     ascii,
		"JSON in JSON":      func(s string) string { return quote(strings.ReplaceAll(quote(s), "/", `\/`)) },
		"JSON in a query":   func(s string) string { return url.QueryEscape(quote(s)) },
		"HTML":              html.EscapeString,
		"HTML by number":    func(s string) string { return strings.NewReplacer("/", "&#x2F;", "&", "&#38;").Replace(s) },
		"HTML in JSON":      func(s string) string { return quote(html.EscapeString(s)) },
		"base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"base64 of URLs":    func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"base64 in a query": func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s))) },
	}
}

var awkward = []string{`a/b"c+d é`, "key-0001", "KEYmarker/0001&x", "alice_7919_random/+", `t/"\é😀+ <t&>=?`, "p%2F#p'", "[i]i\tline"}

func TestSpellings(t *testing.T) {
	for _, secret := range awkward {
		r := New("", "abc", secret)
		for name, escape := range escapers() {
			assert.Equal(t, "x [redacted] y", r.String("x "+escape(secret)+" y"), "%s: %s", name, escape(secret))
		}
	}
}

// TestBase64OfMore encodes the secret as part of a longer value, as in a Basic
// header.
func TestBase64OfMore(t *testing.T) {
	for _, secret := range awkward {
		r := New(secret)
		for _, before := range []string{":", "u:", "me:"} {
			for _, behind := range []string{"", "!", ":and more"} {
				for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
					text := enc.EncodeToString([]byte(before + secret + behind))
					got := r.String("Basic " + text)
					assert.Contains(t, got, Placeholder)
					at := strings.Index(got, Placeholder) - len("Basic ")
					left, right := text[:at], got[len("Basic ")+at+len(Placeholder):]
					// Only digits that hold bits of other bytes are left.
					assert.LessOrEqual(t, len(left), (8*len(before)+5)/6)
					assert.LessOrEqual(t, len(right), (8*len(behind))/6+4)
				}
			}
		}
	}
}

func TestWith(t *testing.T) {
	r := New("first-one")
	assert.Same(t, r, r.With())
	assert.Equal(t, "[redacted] [redacted]", r.With("other-one").String("first-one other-one"))
	assert.Equal(t, "[redacted] other-one", r.String("first-one other-one"), "the first is unchanged")
	assert.Equal(t, "abc", New("abc").String("abc"), "too short to be one")
	assert.Equal(t, "[redacted] abc", New("abcd", "abc").String("abcd abc"))

	r = New().Replacing("alice-token", "one").Replacing("token-1", "two").Replacing("alice-token", "three")
	assert.Equal(t, "one, two, one", r.String("alice-token, token-1, ALICE%2Dtoken"))
	assert.Equal(t, "one", r.String("alice-token-1"), "of two that overlap, nothing is left")
	assert.Equal(t, "longest", New().Replacing("abcdef", "short").Replacing("abcdefgh", "longest").String("abcdefgh"))
}

func TestBody(t *testing.T) {
	r := New()
	for in, out := range map[string]string{
		`{"authToken":"x","n":1}`:                         `{"authToken":"[redacted]","n":1}`,
		`{"authToken" : "a\"b","apiKey":"k\\"}`:           `{"authToken" : "[redacted]","apiKey":"[redacted]"}`,
		`{"PASSWORD":"x"}`:                                `{"PASSWORD":"[redacted]"}`,
		`{"authToken":"cut sho`:                           `{"authToken":"[redacted]`,
		`{"name":"authToken"}`:                            `{"name":"authToken"}`,
		`{"auth_token":"x","token":"y"}`:                  `{"auth_token":"[redacted]","token":"[redacted]"}`,
		`{"d":"{\"authToken\":\"abc\",\"n\":1}"}`:         `{"d":"{\"authToken\":\"[redacted]\",\"n\":1}"}`,
		`{"d":"{\"authToken\":\"a\\\"b\\\\\",\"n\":1}"}`:  `{"d":"{\"authToken\":\"[redacted]\",\"n\":1}"}`,
		`"{\"d\":\"{\\\"token\\\":\\\"a\\\",\\\"n\\\":1"`: `"{\"d\":\"{\\\"token\\\":\\\"[redacted]\\\",\\\"n\\\":1"`,
		`{"k-0123456789ab":{"name":"x","apiKey":"k-0123456789ab"},"accessKey":"a","adminURL":"https:\/\/x"}`: `{"[redacted]":{"name":"x","apiKey":"[redacted]"},"accessKey":"[redacted]","adminURL":"[redacted]"}`,
		`{"token":1,"secret":null}`: `{"token":1,"secret":null}`,
	} {
		assert.Equal(t, out, string(r.Body([]byte(in))))
	}
}

func TestHead(t *testing.T) {
	const secret = "the-secret-0123456789"
	r := New(secret)
	assert.Equal(t, "short", string(r.Head([]byte("short"), 10)))
	assert.Equal(t, "0123456789", string(r.Head([]byte("0123456789abc"), 10)))
	long := strings.Repeat("0123456789", 1000)
	assert.Equal(t, long[:4096], string(r.Head([]byte(long), 4096)))

	// Wherever a secret begins, however it is spelled, and whatever has become
	// shorter before it, at most its first bytes show, and only where the limit
	// itself cuts the placeholder.
	for name, escape := range escapers() {
		spelled := escape(secret)
		for at := range 120 {
			for _, before := range []string{strings.Repeat(".", at), `{"token":"` + strings.Repeat("x", at) + `",`} {
				for _, behind := range []int{0, 1000} {
					got := string(r.Head([]byte(before+spelled+strings.Repeat("-", behind)), 60))
					assert.LessOrEqual(t, len(got), 60)
					assert.NotContains(t, got, spelled[:min(len(spelled), 8)], "%s at %d", name, at)
				}
			}
		}
	}
}

func TestError(t *testing.T) {
	const secret = `a/b"c+d é`
	r := New(secret)
	assert.NoError(t, r.Error(nil))
	plain := errors.New("plain")
	assert.Same(t, plain, r.Error(plain))
	clean := r.Error(fmt.Errorf("dial %s: %w", secret, context.Canceled))
	assert.EqualError(t, clean, "dial [redacted]: context canceled")
	assert.ErrorIs(t, clean, context.Canceled)
	assert.NotErrorIs(t, clean, io.EOF)
	assert.NoError(t, errors.Unwrap(clean), "what is below would print it")
}

// TestPrinted prints a Redactor as testing libraries print structs: they follow
// pointers to unexported fields and call no methods.
func TestPrinted(t *testing.T) {
	r := New("KEY-marker-0001")
	require.Equal(t, Placeholder, r.String("KEY-marker-0001"))
	var printed printer
	assert.Equal(&printed, struct{ *Redactor }{r}, struct{ *Redactor }{New("KEY-marker-0002")})
	fmt.Fprintf(&printed, "%v %+v %#v", r, r, *r)
	require.NotEmpty(t, printed.String())
	assert.NotContains(t, strings.ToLower(printed.String()), "marker")
}

type printer struct{ strings.Builder }

func (p *printer) Errorf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// TestWorkPerByte makes texts longer. The memory allocated for them must grow no
// faster than they do, and for the head of a text not at all.
func TestWorkPerByte(t *testing.T) {
	r := New("aaaaaaaaaaaaaaaaaaaaaaaab", "key-0001")
	allocated := func(f func()) uint64 {
		f() // does what is done only once
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	for _, piece := range []string{`"token":`, `"token":"`, `"token":"x",`, "a", "%25", `\`, `\\"token\\":\\"`, "&amp;", "key-000", `\u00`, `"token"     `} {
		text := []byte(strings.Repeat(piece, (1<<16)/len(piece)))
		small := allocated(func() { r.Body(text[:1<<13]) })
		large := allocated(func() { r.Body(text) })
		assert.Less(t, large, 12*small+1<<16, "%q: %d bytes for 8 KB, %d for 64 KB", piece, small, large)
		small = allocated(func() { r.Head(text[:1<<13], 4096) })
		large = allocated(func() { r.Head(text, 4096) })
		assert.Less(t, large, 2*small+1<<16, "%q: %d and %d bytes for the head", piece, small, large)
	}
}

func FuzzString(f *testing.F) {
	f.Add("key-0001", "x", "y")
	f.Add(`a/b"c+d é`, `\u00`, "%2")
	f.Fuzz(func(t *testing.T, secret, before, behind string) {
		r := New(secret)
		r.String(before)
		r.Body([]byte(behind))
		r.Head([]byte(before+secret+behind), 10)
		if len(secret) < minSecret || strings.Contains(Placeholder, secret) {
			return
		}
		got := r.String(before + secret + behind)
		if !strings.Contains(lower(before+Placeholder+behind), lower(secret)) {
			assert.NotContains(t, got, secret)
		}
	})
}
