package cometchattest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// rawMember returns the JSON of a member of a response.
func rawMember(t *testing.T, body, name string) json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(body), &members))
	return members[name]
}
