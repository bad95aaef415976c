package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type named struct {
	ID    string `json:"id,omitempty"`
	Count int    `json:"count,omitempty"`
}

func TestUnknownMembers(t *testing.T) {
	type members = map[string]json.RawMessage
	for in, want := range map[string]struct {
		value   named
		unknown members
		again   string
	}{
		`{"id":"a","count":2}`:               {named{"a", 2}, nil, `{"id":"a","count":2}`},
		`{"id":7,"Count":"2","more":[1, 2]}`: {named{"7", 2}, members{"more": json.RawMessage(`[1, 2]`)}, `{"id":"7","count":2,"more":[1,2]}`},
		`{"more":null}`:                      {named{}, members{"more": json.RawMessage(`null`)}, `{"more":null}`},
		`{}`:                                 {named{}, nil, `{}`},
		`[]`:                                 {named{}, nil, `{}`},
	} {
		var got named
		unknown, err := DecodeWith([]byte(in), &got)
		require.NoError(t, err, in)
		assert.Equal(t, want.value, got, in)
		assert.Equal(t, want.unknown, unknown, in)
		again, err := MarshalWith(got, unknown)
		require.NoError(t, err, in)
		assert.JSONEq(t, want.again, string(again), in)
	}
	_, err := DecodeWith([]byte(`{`), &named{})
	assert.Error(t, err)

	b, err := MarshalWith(named{ID: "a"}, members{"ID": json.RawMessage(`"b"`)})
	require.NoError(t, err)
	assert.Equal(t, `{"id":"a"}`, string(b), "what the type names is not written twice")
	_, err = MarshalWith(named{}, members{"more": json.RawMessage(`{`)})
	assert.Error(t, err)
	_, err = MarshalWith(make(chan int), nil)
	assert.Error(t, err)
}

func TestDecodeBoth(t *testing.T) {
	var a struct{ Count int }
	var b named
	require.NoError(t, DecodeBoth([]byte(`{"id":"a","count":"2"}`), &a, &b))
	assert.Equal(t, 2, a.Count)
	assert.Equal(t, named{"a", 2}, b)
	assert.Error(t, DecodeBoth([]byte(`nothing`), &a, &b))
}
