package cometchat

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMatchResults(t *testing.T) {
	answered := []Result[int]{
		{ID: "bea", Value: Ptr(2)},
		{ID: "ana", Err: CodeAlreadyJoined},
		{ID: "zoe", Value: Ptr(9)},
	}
	r := matchResults([]string{"Ana", "BEA", "cleo", "ana"}, answered)
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
	assert.NoError(t, matchResults([]string{"zoe"}, answered).Err())

	b, err := json.Marshal(r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"items":[
		{"id":"Ana","success":false,"error":"ERR_ALREADY_JOINED"},
		{"id":"BEA","success":true,"value":2},
		{"id":"cleo","success":false,"error":"cometchat: outcome unknown: the answer does not mention it"},
		{"id":"ana","success":false,"error":"ERR_ALREADY_JOINED"}
	],"unmatched":[{"id":"zoe","success":true,"value":9}]}`, string(b))
}

func TestBulkEntries(t *testing.T) {
	for body, want := range map[string][]bulkEntry{
		`{}`: nil,
		`{"admins":{"b":{"success":true},"a":{}},"z":{"success":true}}`: {
			{"admins", "a", []byte(`{}`)}, {"admins", "b", []byte(`{"success":true}`)}, {"", "z", []byte(`{"success":true}`)},
		},
		// Somebody may be called as a member of an entry is.
		`{"admins":{"success":{"success":true}}}`:                  {{"admins", "success", []byte(`{"success":true}`)}},
		`{"admins":{"error":{"success":false}}}`:                   {{"admins", "error", []byte(`{"success":false}`)}},
		`{"admins":{"code":{"success":true}}}`:                     {{"admins", "code", []byte(`{"success":true}`)}},
		`{"a":{"error":{"code":"X"}}}`:                             {{"", "a", []byte(`{"error":{"code":"X"}}`)}},
		`{"a":null,"b":[],"c":"","d":{},"e":[1],"f":{"g":"text"}}`: {{"", "e", []byte(`[1]`)}, {"f", "g", []byte(`"text"`)}},
	} {
		var answer bulkAnswer
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		assert.Equal(t, want, answer.entries(), body)
	}
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
		var answer bulkAnswer
		if decodeLenient([]byte(body), &answer) != nil {
			return
		}
		if raw, ok := answer.acknowledgement(); ok && !json.Valid(raw) {
			t.Fatalf("not JSON: %s", raw)
		}
		results := matchResults([]string{id}, readEntries(&client.core, call, answer.entries(), addedMember))
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
