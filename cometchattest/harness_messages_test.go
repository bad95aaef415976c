package cometchattest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// rawMember is the JSON of one member of an answer.
func rawMember(t *testing.T, body, name string) json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(body), &members))
	return members[name]
}
