package cometchat

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// TestSlashesOfAnswers are plain wherever they end up, and escaped still in what
// WithResponse hands out.
func TestSlashesOfAnswers(t *testing.T) {
	const row = `{"uid":"a","avatar":"https:\/\/x.example\/a.png","metadata":{"n":9007199254740993,"url":"a\/b"}}`
	bodies := map[string]string{
		"/users/a": `{"data":` + row + `}`,
		"/users":   `{"data":[` + row + `],"meta":{"cursor":{"affix":"a\/b"}}}`,
		"/roles/a": `{"data":"a\/b"}`,
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(bodies[r.URL.Path]))
	}))
	defer srv.Close()
	var raw []byte
	client, err := NewClient(RegionUS, "key-0001", WithBaseURL(srv.URL), WithResponse(func(r *Response) { raw = r.Body }))
	require.NoError(t, err)

	user, err := client.Users.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, &User{UID: "a", Avatar: "https://x.example/a.png", Metadata: Metadata(`{"n":9007199254740993,"url":"a/b"}`)}, user)
	assert.Equal(t, bodies["/users/a"], string(raw))

	page, err := client.Users.List(nil).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*User{user}, page.Items)
	assert.Equal(t, map[string]string{"affix": "a/b"}, page.Cursor)
	assert.Equal(t, bodies["/users"], string(raw))

	_, err = client.Roles.Get(t.Context(), "a")
	var refused *Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, `{"data":"a/b"}`, string(refused.Body))
	assert.Equal(t, bodies["/roles/a"], string(raw))
}

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

func TestUnixTime(t *testing.T) {
	for _, tt := range []struct {
		json string
		want UnixTime
		ok   bool
	}{
		{`1694667681`, 1694667681, true}, {`"1694667681"`, 1694667681, true}, {`0`, 0, true}, {`null`, 0, true}, {`""`, 0, true},
		{`-5`, -5, true}, {`21.9`, 21, true}, {`"21.433000"`, 21, true}, {`1.6e9`, 1600000000, true},
		{`999999999999999999`, 999999999999999999, true}, {`1000000000000000001`, 1000000000000000001, true}, {`"007"`, 7, true},
		{`9223372036854775808`, 0, false}, {`99999999999999999999`, 0, false}, {`"12:30"`, 0, false}, {`"1 2"`, 0, false},
		{`1e300`, 0, false}, {`"NaN"`, 0, false}, {`"yesterday"`, 0, false}, {`{}`, 0, false}, {`true`, 0, false},
	} {
		got := UnixTime(7)
		err := json.Unmarshal([]byte(tt.json), &got)
		assert.Equal(t, tt.ok, err == nil, "%s: %v", tt.json, err)
		if tt.ok {
			assert.Equal(t, tt.want, got, tt.json)
		}
	}
	var zero UnixTime
	assert.True(t, zero.IsZero())
	assert.True(t, zero.Time().IsZero())
	assert.Empty(t, zero.String())
	moment := UnixTime(1700000000)
	assert.Equal(t, int64(1700000000), moment.Time().Unix())
	assert.Equal(t, "2023-11-14T22:13:20Z", fmt.Sprint(moment))
	b, err := json.Marshal(moment)
	require.NoError(t, err)
	assert.Equal(t, "1700000000", string(b))
}
