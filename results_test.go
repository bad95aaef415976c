package cometchat

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/internal/wire"
)

func TestMatchResults(t *testing.T) {
	answered := []entry[int]{
		{"", Result[int]{ID: "bea", Value: Ptr(2)}},
		{"", Result[int]{ID: "ana", Err: CodeAlreadyJoined}},
		{"", Result[int]{ID: "zoe", Value: Ptr(9)}},
	}
	r := match(inputs([]string{"Ana", "BEA", "cleo", "ana"}), answered)
	require.Len(t, r.Items, 4)
	assert.Equal(t, Result[int]{ID: "Ana", Err: CodeAlreadyJoined}, r.Items[0])
	assert.Equal(t, "BEA", r.Items[1].ID)
	assert.Equal(t, 2, *r.Items[1].Value)
	assert.ErrorIs(t, r.Items[2].Err, ErrOutcomeUnknown)
	assert.ErrorIs(t, r.Items[3].Err, CodeAlreadyJoined)
	assert.Equal(t, []Result[int]{{ID: "zoe", Value: Ptr(9)}}, r.Unmatched)
	assert.Len(t, r.Failed(), 3)

	err := r.Err()
	require.ErrorIs(t, err, CodeAlreadyJoined)
	require.ErrorIs(t, err, ErrOutcomeUnknown)
	var one *ResultError
	require.ErrorAs(t, err, &one)
	assert.Equal(t, "Ana: ERR_ALREADY_JOINED", one.Error())
	assert.NoError(t, match(inputs([]string{"zoe"}), answered).Err())

	b, err := json.Marshal(r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"items":[
		{"id":"Ana","success":false,"error":"ERR_ALREADY_JOINED"},
		{"id":"BEA","success":true,"value":2},
		{"id":"cleo","success":false,"error":"cometchat: outcome unknown: the response does not mention it"},
		{"id":"ana","success":false,"error":"ERR_ALREADY_JOINED"}
	],"unmatched":[{"id":"zoe","success":true,"value":9}]}`, string(b))
}

func FuzzBulkAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"admins":{"a":{"success":true,"data":{"id":"1"}}}}`, `{"accepted":{"a":{"success":false,"error":{"code":"E"}}}}`,
		`{"a":{"success":true,"message":"m"}}`, `{"success":false,"message":"m"}`, `[]`, `{"a":true,"b":null}`, `{"a":{"error":"text"}}`,
	} {
		f.Add(seed, "a")
	}
	client, err := NewClient(RegionUS, "key-0123")
	if err != nil {
		f.Fatal(err)
	}
	call := addMembers.at("g")
	f.Fuzz(func(t *testing.T, body, id string) {
		var answer wire.Bulk
		if wire.Decode([]byte(body), &answer) != nil {
			return
		}
		if raw, ok := answer.Whole(); ok && !json.Valid(raw) {
			t.Fatalf("not JSON: %s", raw)
		}
		results := match(inputs([]string{id}), readEntries(&client.core, call, answer.Entries(), addedMember))
		if len(results.Items) != 1 || results.Items[0].ID != id {
			t.Fatal("one result for each input")
		}
		item := results.Items[0]
		if (item.Err == nil) != (item.Value != nil) {
			t.Fatal("a success has a value, and a failure none")
		}
		if errors.Is(item.Err, ErrNotAttempted) {
			t.Fatal("it was sent")
		}
		if _, err := json.Marshal(results); err != nil {
			t.Fatal(err)
		}
	})
}
