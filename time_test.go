package cometchat

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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

func TestUnixTimeInQueries(t *testing.T) {
	values := url.Values{}
	require.NoError(t, UnixTime(1700000000).EncodeValues("from", &values))
	assert.Equal(t, url.Values{"from": {"1700000000"}}, values)
}
