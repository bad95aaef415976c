package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var fuzzSeeds = []string{
	``, `{}`, `[]`, `null`, `"x"`, `7`, `<html>`, `{"data":{"uid":"a"}}`, `{"data":[{"uid":"a"}],"meta":{"pagination":{"total":"1","current_page":1,"total_pages":2},"cursor":{"id":1}}}`,
	`{"data":{"0":{"uid":1},"meta":[]}}`, `{"data":[null]}`, `{"error":{"code":"X","details":{"a":["b"]}}}`, `{"error":"x"}`, `{"error":[]}`,
	`{"data":{"uid":"a","metadata":[],"tags":"x","createdAt":"17","blockedByMe":"True"}}`, `{"data":`, `{"meta":{"next":{"id":1,"x":[{}]}}}`,
}

func seed(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add([]byte(s))
	}
}

func FuzzEnvelope(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		user, problem := One[user](body)
		assert.Equal(t, user == nil, problem != nil)
		if user != nil {
			assert.True(t, json.Valid(body))
			assert.NotEmpty(t, user.UID)
		}
	})
}

func FuzzList(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		list, problem := DecodeList[user](body)
		items, meta := list.Items, list.Meta
		if problem != nil {
			assert.Empty(t, items)
		}
		for _, item := range items {
			require.NotNil(t, item)
		}
		for _, raw := range []json.RawMessage{meta.Cursor, meta.Next, meta.Previous} {
			for name, text := range Cursor(raw) {
				assert.NotEmpty(t, name+text)
			}
		}
		// The same list, well formed, decodes to the same items.
		if len(items) > 0 {
			again, err := Marshal(map[string]any{"data": items})
			require.NoError(t, err)
			same, problem := DecodeList[user](again)
			require.Nil(t, problem)
			assert.Len(t, same.Items, len(items))
		}
	})
}

// FuzzRawItems checks that every item of a list has a raw item that decodes to
// the same value.
func FuzzRawItems(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		raws := RawItems(body)
		list, problem := DecodeList[thing](Clean(bytes.Clone(body)))
		if problem != nil {
			return
		}
		require.Len(t, raws, len(list.Items))
		for i, item := range list.Items {
			again := new(thing)
			require.NoError(t, Decode(Clean(bytes.Clone(raws[i])), again))
			require.Equal(t, item, again)
		}
	})
}

// FuzzPlainSlashes checks that JSON means the same without escaped slashes, and
// that invalid JSON stays invalid.
func FuzzPlainSlashes(f *testing.F) {
	seed(f)
	for _, s := range []string{`"a\/b"`, `{"\/":"\\\/\"\u002f"}`, `\/`, `["\\"]/`, `1e999`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		plain := plainSlashes(bytes.Clone(body))
		require.Equal(t, json.Valid(body), json.Valid(plain))
		if !json.Valid(body) {
			return
		}
		assert.Len(t, plain, len(body)-escapedSlashes(body))
		assert.Zero(t, escapedSlashes(plain))
		assert.Equal(t, decodeAny(t, body), decodeAny(t, plain))
	})
}

// decodeAny keeps numbers as text, since some do not fit a float64.
func decodeAny(t *testing.T, body []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return v
}

// escapedSlashes counts the slashes behind an odd number of backslashes: two
// backslashes stand for one.
func escapedSlashes(body []byte) int {
	return strings.Count(strings.ReplaceAll(string(body), `\\`, ``), `\/`)
}

func FuzzErrorBody(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		fault := FindFault(body, true)
		for field, texts := range byField(fault.Details) {
			assert.NotEmpty(t, texts, field)
		}
	})
}

// FuzzRepair checks that a repair never writes what does not decode, and never
// walks over more than a constant multiple of its input.
func FuzzRepair(f *testing.F) {
	seed(f)
	for _, s := range []string{
		strings.Repeat("[", 40) + `"x"` + strings.Repeat("]", 40),
		strings.Repeat(`{"part":{"name":`, 40) + "1" + strings.Repeat("}}", 40),
		`{"id":{"uid":{"id":[]}},"tags":{"1":[],"0":{"0":1}},"parts":"[{\"name\":\"[1]\"}]","map":[[]],"ptr":[{"name":false}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !json.Valid(body) {
			return
		}
		r := repairer{scanner: scanner{in: body}}
		if ok := r.fit(reflect.TypeFor[thing]()); !ok {
			require.Empty(t, r.out)
			return
		}
		var v thing
		require.NoError(t, json.Unmarshal(r.out, &v), "%s", r.out)
		require.LessOrEqual(t, r.visited, maxVisits*len(body))
		require.Equal(t, len(body), r.at+len(r.in[r.at:]), "all of it")
	})
}

// maxVisits is how often a repair may walk over a byte: once, plus once for each
// JSON string around it, plus the names of each list around it.
const maxVisits = 8
