package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBulkEntries(t *testing.T) {
	for body, want := range map[string][]Entry{
		`{}`: nil,
		`{"admins":{"b":{"success":true},"a":{}},"z":{"success":true}}`: {
			{"admins", "a", []byte(`{}`)}, {"admins", "b", []byte(`{"success":true}`)}, {"", "z", []byte(`{"success":true}`)},
		},
		// An id may be what a member of an entry is called.
		`{"admins":{"success":{"success":true}}}`:                  {{"admins", "success", []byte(`{"success":true}`)}},
		`{"admins":{"error":{"success":false}}}`:                   {{"admins", "error", []byte(`{"success":false}`)}},
		`{"admins":{"code":{"success":true}}}`:                     {{"admins", "code", []byte(`{"success":true}`)}},
		`{"a":{"error":{"code":"X"}}}`:                             {{"", "a", []byte(`{"error":{"code":"X"}}`)}},
		`{"a":null,"b":[],"c":"","d":{},"e":[1],"f":{"g":"text"}}`: {{"", "e", []byte(`[1]`)}, {"f", "g", []byte(`"text"`)}},
	} {
		var answer Bulk
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		assert.Equal(t, want, answer.Entries(), body)
	}
}
