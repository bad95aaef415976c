package cometchat

import (
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

// FuzzCursorQuery has every cursor of a page make parameters that come back as
// they were sent.
func FuzzCursorQuery(f *testing.F) {
	for _, s := range []string{`{"id":1,"affix":"a&b=c"}`, `{"":1,"x":[{}],"y":null}`, `[]`, `"x"`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		q := cursorQuery(raw).Encode()
		values, err := url.ParseQuery(q)
		require.NoError(t, err)
		assert.Equal(t, q, values.Encode())
	})
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
