package cometchat

import (
	"bytes"
	"encoding/json"
	"net/url"
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
		user, problem := decodeOne[User](body)
		assert.Equal(t, user == nil, problem != "")
		if user != nil {
			assert.True(t, json.Valid(body))
			assert.NotEmpty(t, user.UID)
		}
	})
}

func FuzzList(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		items, _, meta, problem := decodeList[User](body, 10)
		if problem != "" {
			assert.Empty(t, items)
		}
		for _, item := range items {
			require.NotNil(t, item)
		}
		for _, raw := range []json.RawMessage{meta.Cursor, meta.Next, meta.Previous} {
			q := cursorQuery(raw).Encode()
			values, err := url.ParseQuery(q)
			require.NoError(t, err)
			assert.Equal(t, q, values.Encode())
		}
		// The same list well formed decodes to the same items.
		if len(items) > 0 {
			again, err := marshal(map[string]any{"data": items})
			require.NoError(t, err)
			same, _, _, problem := decodeList[User](again, 10)
			require.Empty(t, problem)
			assert.Len(t, same, len(items))
		}
	})
}

// FuzzPlainSlashes has JSON mean the same without escaped slashes, and nothing
// else become JSON.
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

// decodeAny keeps numbers, since not all fit a float64.
func decodeAny(t *testing.T, body []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	require.NoError(t, d.Decode(&v))
	return v
}

// escapedSlashes counts them, knowing that two backslashes are one.
func escapedSlashes(body []byte) int {
	return strings.Count(strings.ReplaceAll(string(body), `\\`, ``), `\/`)
}

func FuzzErrorBody(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		b := findError(body)
		for field, texts := range parseDetails(b.Details) {
			assert.NotEmpty(t, texts, field)
		}
	})
}

func FuzzMetadata(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		m := Metadata(text)
		empty := m.IsEmpty()
		var v json.RawMessage // takes every value, numbers out of float64's range included
		err := m.Decode(&v)
		if empty {
			assert.NoError(t, err)
			assert.Nil(t, v)
		} else if json.Valid(text) {
			assert.NoError(t, err)
		}
		var back struct{ M Metadata }
		if json.Valid(text) && strings.TrimSpace(string(text)) != "null" {
			require.NoError(t, json.Unmarshal([]byte(`{"M":`+string(text)+`}`), &back))
			assert.Equal(t, strings.TrimSpace(string(text)), back.M.String())
		}
	})
}

func FuzzUnixTime(f *testing.F) {
	for _, s := range []string{`1`, `"1"`, `1.5`, `""`, `null`, `1e99`, `"NaN"`, `-0`, `"Inf"`, `{}`, `999999999999999999`, `1000000000000000001`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var got, again UnixTime
		var number int64
		err := json.Unmarshal(text, &got)
		if json.Unmarshal(text, &number) == nil { // what is an int64 already means just that
			require.NoError(t, err)
			assert.Equal(t, number, int64(got))
		}
		if err != nil {
			return
		}
		b, err := json.Marshal(got)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &again))
		assert.Equal(t, got, again)
		_ = got.String()
	})
}

func FuzzUnmarshalHalves(f *testing.F) {
	for _, s := range []string{
		`{"data":[{"uid":"a"},{"uid":"b"},{"uid":"c"}]}`,
		`{"data":[{"uid":"a"},{"uid":"b"},{"uid":7},null],"meta":{"pagination":{"total":3}},"cursor":{"id":7}}`,
		`{"data":[{"uid":"a","metadata":[{"uid":1},{"uid":2}]},{"uid":"b","createdAt":"soon"}],"error":{}}`,
		`{"data":[{"uid":"a"}],"other":[{"uid":1},{"uid":2},{"uid":3}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		body := bytes.Clone(input)
		var got listEnvelope[User]
		ok, err := got.unmarshalHalves(body, len(body)/2, 2)
		require.Equal(t, input, body)
		if !ok {
			return
		}
		require.True(t, json.Valid(body))
		want, wantErr := whole[User](string(body))
		assert.Equal(t, wantErr == nil, err == nil, "%v, %v", wantErr, err)
		if err == nil && !repeated(body, "data") {
			assert.Equal(t, want, got)
		}
	})
}

// repeated says whether an object has a member more than once: the last counts,
// and the API, which encodes arrays of PHP, never does that.
func repeated(object []byte, name string) bool {
	n := 0
	d := json.NewDecoder(bytes.NewReader(object))
	_, _ = d.Token()
	for d.More() {
		key, _ := d.Token()
		if s, _ := key.(string); strings.EqualFold(s, name) {
			n++
		}
		var value json.RawMessage
		_ = d.Decode(&value)
	}
	return n > 1
}

func FuzzPosition(f *testing.F) {
	for _, s := range []string{"", "p1.0a1b2c3d.7.100", "c1.0a1b2c3d.0.affix=append&id=5", "c1.0a1b2c3d.0.a=%41", "p1.0a1b2c3d.00007.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var p, again Position
		if p.UnmarshalText([]byte(text)) != nil {
			assert.True(t, p.IsZero())
			return
		}
		assert.Equal(t, text, p.String())
		b, err := json.Marshal(p)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &again))
		assert.Equal(t, p, again)
	})
}

func FuzzPathIDs(f *testing.F) {
	for _, s := range []string{"a", "", ".", "..", "a/b", "%2e%2e", "😅", "?x#y", "\x7f", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		v := &validation{}
		path := updateAuthToken.path(v, []string{id, id})
		if v.err() != nil {
			return
		}
		u, err := url.Parse("https://host/v3" + path)
		require.NoError(t, err)
		segments := strings.Split(u.EscapedPath(), "/")
		require.Len(t, segments, 6)
		for _, i := range []int{3, 5} {
			got, err := url.PathUnescape(segments[i])
			require.NoError(t, err)
			assert.Equal(t, id, got)
		}
	})
}
