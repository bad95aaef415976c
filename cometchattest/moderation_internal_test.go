package cometchattest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestSplitTerms(t *testing.T) {
	for in, want := range map[string][]string{
		"":                      {},
		" , \r\n,":              {},
		"a, b\nc\r\nd":          {"a", "b", "c", "d"},
		"\"a,b\"\n\"c\nd\",e":   {`"a,b"`, "\"c\nd\"", "e"},
		`"say ""hi"", you",bye`: {`"say ""hi"", you"`, "bye"},
		`a"b,c`:                 {`a"b,c`},
	} {
		assert.Equal(t, want, splitTerms(in), in)
	}
}

// FuzzSplitTerms checks that terms are parts of the text, in order, without
// surrounding space.
func FuzzSplitTerms(f *testing.F) {
	for _, seed := range []string{"a, b\nc", "\"a,b\",c", `"""`, "\r\n", "ä,\u00a0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rest := text
		for _, term := range splitTerms(text) {
			at := strings.Index(rest, term)
			if term == "" || term != strings.TrimSpace(term) || at < 0 {
				t.Fatalf("%q is no term of %q", term, text)
			}
			rest = rest[at+len(term):]
		}
	})
}

// FuzzMatches checks that a text with a word in it contains the word, and that a
// text that equals a term also contains it.
func FuzzMatches(f *testing.F) {
	for _, seed := range [][2]string{{"Cheap pills", "PILLS"}, {"a", "a|ab"}, {"x", "("}, {"İ", "i"}, {"ſ", "s"}, {"", ".*"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, term string) {
		if !utf8.ValidString(text) || !utf8.ValidString(term) {
			return // joining parts of a character can form another one
		}
		if term != "" && !matches(text+term+text, term, categoryWord, operatorContains) {
			t.Fatalf("%q is not found", term)
		}
		for _, category := range []string{categoryWord, categoryPattern} {
			if matches(text, term, category, operatorEquals) && !matches(text, term, category, operatorContains) {
				t.Fatalf("%q equals %q as a %s, but does not contain it", text, term, category)
			}
		}
	})
}
