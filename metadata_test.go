package cometchat

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/internal/wire"
)

func TestMetadata(t *testing.T) {
	type own struct {
		Plan string      `json:"plan"`
		N    json.Number `json:"n"`
	}
	for _, tt := range []struct {
		json  string
		want  own
		empty bool
		fails bool
	}{
		{json: `{"plan":"gold","n":12345678901234567890.10}`, want: own{"gold", "12345678901234567890.10"}},
		{json: `"{\"plan\":\"gold\"}"`, want: own{Plan: "gold"}},
		{json: `[]`, empty: true},
		{json: ` [ ] `, empty: true},
		{json: `{}`, empty: true},
		{json: `null`, empty: true},
		{json: ``, empty: true},
		{json: `["a"]`, fails: true},
		{json: `"words"`, fails: true},
		{json: `{`, fails: true},
	} {
		m := Metadata(tt.json)
		assert.Equal(t, tt.empty, m.IsEmpty(), tt.json)
		got, err := DecodeMetadata[own](m)
		assert.Equal(t, tt.fails, err != nil, "%s: %v", tt.json, err)
		if !tt.fails {
			assert.Equal(t, tt.want, got, tt.json)
		}
	}

	m, err := NewMetadata(map[string]any{"a": "<&>", "b": 1})
	require.NoError(t, err)
	assert.Equal(t, `{"a":"<&>","b":1}`, m.String())
	_, err = NewMetadata(func() {})
	assert.Error(t, err)

	var u struct{ M Metadata }
	require.NoError(t, json.Unmarshal([]byte(`{"M": {"b":1.50, "a":2} }`), &u))
	assert.Equal(t, `{"b":1.50, "a":2}`, u.M.String(), "as it came")
	b, err := wire.Marshal(u)
	require.NoError(t, err)
	assert.Equal(t, `{"M":{"b":1.50,"a":2}}`, string(b))
	b, err = wire.Marshal([]Metadata{nil, {}, Metadata(`[]`)})
	require.NoError(t, err)
	assert.Equal(t, `[null,{},[]]`, string(b))
	require.NoError(t, json.Unmarshal([]byte(`{"M":null}`), &u))
	assert.Nil(t, u.M)
}
