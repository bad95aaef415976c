package cometchat

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/internal/redact"
	"github.com/go-cometchat/cometchat/internal/wire"
)

const testKey = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"

// errorsOf returns error responses of about size bytes, by what is large in them.
func errorsOf(size int) map[string][]byte {
	fill := func(before, unit, after string) []byte {
		return []byte(before + strings.Repeat(unit, max(size/len(unit), 1)) + after)
	}
	return map[string][]byte{
		"message":       fill(`{"error":{"code":"ERR_BAD_REQUEST","message":"`, "all work and no play \\n ", `"}}`),
		"the key":       fill(`{"error":{"code":"ERR_BAD_REQUEST","message":"`, testKey+" ", `"}}`),
		"details":       fill(`{"error":{"code":"ERR_BAD_REQUEST","details":{"name":[`, `"too long",`, `"x"]}}}`),
		"detail fields": fill(`{"error":{"code":"ERR_BAD_REQUEST","details":{`, `"a long name of a field":null,`, `"x":"y"}}}`),
		"deep details":  []byte(`{"error":{"code":"ERR_BAD_REQUEST","details":` + strings.Repeat(`{"a name":`, size/11) + `"x"` + strings.Repeat("}", size/11) + "}}"),
		"tokens":        fill(`{"error":{"code":"ERR_BAD_REQUEST","token":"","x":{`, `"token":"abcdef",`, `"y":1}}}`),
		"no tokens":     fill(`{"error":{"code":"ERR_BAD_REQUEST","x":"`, `\"token\":`, `"}}`),
		"page":          fill(`<html>`, "<p>gateway", ""),
		"cut":           fill(`{"error":{"code":"ERR_BAD_REQUEST","message":"`, "all work and no play ", ""),
		"errors":        fill(`{"code":"ERR_BAD_REQUEST","errors":[`, `{"message":"x"},`, `{}]}`),
	}
}

func usersOf(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"data":[`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `{"uid":"user-%d","name":"User %d","avatar":"https://files.example/%d.png","status":"offline","role":"default","createdAt":1700000000},`, i, i, i)
	}
	b.WriteString(`{"uid":"last"}],"meta":{}}`)
	return []byte(b.String())
}

// An error holds little, however long the response is, and making it allocates
// little more than that.
func TestErrorsAreBounded(t *testing.T) {
	clean := redact.New(testKey)
	const size = 4 << 20
	for name, body := range errorsOf(size) {
		t.Run(name, func(t *testing.T) {
			e := newError(clean, 400, body, wire.FindFault(body, true))
			assert.LessOrEqual(t, len(e.Error()), 2048)
			assert.LessOrEqual(t, len(e.Message), 2048)
			assert.LessOrEqual(t, len(e.Body), 4096)
			total := 0
			for field, texts := range e.Details {
				for _, text := range texts {
					total += len(field) + len(text)
				}
			}
			assert.LessOrEqual(t, total, 4096)
			assert.NotContains(t, e.Error()+string(e.Body), testKey[:8])
			if name != "page" {
				assert.Equal(t, CodeBadRequest, e.Code)
			}
			assert.LessOrEqual(t, allocated(func() { newError(clean, 400, body, wire.FindFault(body, true)) }), uint64(size))
		})
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// No part of a secret remains where a text was cut.
func TestSecretsAtTheCut(t *testing.T) {
	clean := redact.New(testKey)
	for _, limit := range []int{maxErrorText, maxErrorBody, wire.MaxText} {
		for shift := range len(testKey) + 1 {
			text := strings.Repeat("x", limit-shift) + testKey + strings.Repeat("y", 20000)
			body, err := json.Marshal(map[string]any{"code": "C", "message": text, "details": map[string]string{text: text}})
			require.NoError(t, err)
			e := newError(clean, 400, body, wire.FindFault(body, true))
			all := e.Error() + e.Message + string(e.Body) + fmt.Sprint(e.Details)
			for n := 6; n < len(testKey); n++ {
				require.NotContains(t, all, testKey[:n], "%d before %d", shift, limit)
			}
		}
	}
}

func TestErrorTextIsOneLine(t *testing.T) {
	e := &Error{
		Method: "GET", Path: "/x", StatusCode: 400, Message: "a\nb\r\x1b[31m\x00\u0085\u2028\u202e\xff é 😀",
		Details: map[string][]string{"a\tb": {"c\nd"}},
	}
	assert.EqualError(t, e, `cometchat: GET /x: 400: a\nb\r\x1b[31m\x00\u0085\u2028\u202e\xff é 😀; a\tb: c\nd`)

	e = &Error{Method: "GET", Path: "/x", StatusCode: 400, Message: strings.Repeat("é\n", 2000)}
	assert.InDelta(t, 2046, len(e.Error()), 2)
	assert.True(t, utf8.ValidString(e.Error()))
	assert.True(t, strings.HasSuffix(e.Error(), "…"))
}

func TestBodyIsCutAtACharacter(t *testing.T) {
	body := []byte("x" + strings.Repeat("é", 4000))
	e := newError(redact.New(), 500, body, &wire.Fault{})
	assert.Equal(t, "x"+strings.Repeat("é", 2047), string(e.Body))
}

func BenchmarkErrors(b *testing.B) {
	const size = 8 << 20
	clean := redact.New(testKey)
	b.Run("users", func(b *testing.B) {
		body := usersOf(size)
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if _, problem := wire.DecodeList[User](body); problem != nil {
				b.Fatal(problem)
			}
		}
	})
	for name, body := range errorsOf(size) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				newError(clean, 400, body, wire.FindFault(body, true))
			}
		})
	}
}

// nestedBodies returns responses of about 200 KB that nest in many ways.
func nestedBodies(depth int) map[string][]byte {
	const size = 200 << 10
	pad := func(used int) string { return strings.Repeat("x", max(size-used, 10)) }
	nest := func(open, inner, end string) []byte {
		return []byte(`{"data":` + strings.Repeat(open, depth) + strings.ReplaceAll(inner, "PAD", pad((len(open)+len(end))*depth)) + strings.Repeat(end, depth) + `}`)
	}
	return map[string][]byte{
		"arrays":   nest(`[`, `"PAD"`, `]`),
		"messages": nest(`{"id":1,"quotedMessage":`, `{"id":"PAD","sentAt":{}}`, `}`),
		"ids":      nest(`{"id":`, `"PAD"`, `}`),
		"data":     nest(`{"id":1,"data":{"mentions":{"a":`, `{"uid":1,"name":"PAD"}`, `}}}`),
		"alone":    nest(`[{"id":7,"lastReply":`, `{"id":"PAD"}`, `}]`),
	}
}

// A nested response costs no more than a flat one: allocations grow with the size
// of a response, not with its depth.
func TestNestingIsBounded(t *testing.T) {
	users := usersOf(200 << 10)
	plain := testing.AllocsPerRun(3, func() { wire.DecodeList[User](users) })
	for _, depth := range []int{1, 10, 32, 100, 1000, 9990} {
		for name, body := range nestedBodies(depth) {
			got := testing.AllocsPerRun(1, func() {
				wire.One[Message](body)
				wire.FindFault(body, true)
			})
			assert.LessOrEqual(t, got, 10*plain, "%s, %d deep, %d bytes", name, depth, len(body))
		}
	}
}

func BenchmarkNesting(b *testing.B) {
	users := usersOf(200 << 10)
	b.Run("users", func(b *testing.B) {
		for b.Loop() {
			wire.DecodeList[User](users)
		}
	})
	for _, depth := range []int{1, 32, 1000, 9990} {
		for name, body := range nestedBodies(depth) {
			b.Run(fmt.Sprintf("%s/%d", name, depth), func(b *testing.B) {
				for b.Loop() {
					wire.One[Message](body)
				}
			})
		}
	}
}
