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
		// An id may be equal to the name of an entry's member.
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

func fault(code, message string) *Fault { return &Fault{Code: code, Message: message} }

// TestBulkShapes checks the shapes in the doc comment of Bulk, and what each says
// about every id.
func TestBulkShapes(t *testing.T) {
	type said struct {
		Entry   // except its JSON
		Outcome // except its data
	}
	done := Outcome{Done: true}
	for name, tt := range map[string]struct {
		body  string
		whole bool
		want  []said
	}{
		"by id": {`{"a":{"success":true,"message":"m"},"b":{"success":false,"error":{"code":"C","message":"n"}},"c":true,"d":false,"e":[],"f":null}`, false, []said{
			{Entry{ID: "a"}, Outcome{Done: true, Message: "m"}}, {Entry{ID: "b"}, Outcome{Fault: fault("C", "n")}}, {Entry{ID: "c"}, done},
			{Entry{ID: "d"}, Outcome{Fault: fault("", "the response says that it failed")}}}},
		"grouped": {`{"admins":{"b":{"success":true},"a":{},"z":null},"usersToBan":[]}`, false, []said{
			{Entry{Group: "admins", ID: "a"}, Outcome{}}, {Entry{Group: "admins", ID: "b"}, done}}},
		"whole, done":   {`{"success":true,"message":"m"}`, true, []said{{Entry{}, Outcome{Done: true, Message: "m"}}}},
		"whole, failed": {`{"success":false,"error":{"code":"C"}}`, true, []said{{Entry{}, Outcome{Fault: fault("C", "")}}}},
		"whole, a code": {`{"code":"C","message":"m"}`, true, []said{{Entry{}, Outcome{Fault: fault("C", "m")}}}},
		"valued":        {`{"a":{"id":"1","data":{"text":"x"}},"uids":{"b":{"id":2}}}`, false, []said{{Entry{ID: "a"}, done}, {Entry{Group: "uids", ID: "b"}, done}}},
		"an entity that failed": {`{"a":{"id":"1","success":false}}`, false, []said{
			{Entry{ID: "a"}, Outcome{Fault: fault("", "the response says that it failed")}}}},
		"data alone": {`{"a":{"success":null,"data":{"id":1}}}`, false, []said{{Entry{ID: "a"}, done}}},
		"odd":        {`{"a":7}`, false, []said{{Entry{ID: "a"}, Outcome{Fault: fault("", "the response's entry has an unexpected shape: a number")}}}},
		"beside":     {`{"success":true,"Message":"m","a":{"success":true}}`, false, []said{{Entry{ID: "a"}, done}}},
	} {
		t.Run(name, func(t *testing.T) {
			var answer Bulk
			require.NoError(t, Decode([]byte(tt.body), &answer))
			entries := answer.Entries()
			raw, whole := answer.Whole()
			assert.Equal(t, tt.whole, whole)
			if whole {
				entries = []Entry{{Raw: raw}}
			}
			var got []said
			for _, e := range entries {
				outcome := e.Outcome()
				outcome.Data, e.Raw = nil, nil
				got = append(got, said{e, outcome})
			}
			assert.Equal(t, tt.want, got)
		})
	}

	answer := Bulk(Members([]byte(`{"id":"1","receiver":{"uid":"A"},"data":{"success":{}}}`)))
	single, ok := answer.Single()
	assert.True(t, ok)
	assert.Equal(t, "A", single.ID)
	assert.Equal(t, Outcome{Done: true, Data: single.Raw}, single.Outcome())
	_, ok = Bulk{"a": nil}.Single()
	assert.False(t, ok)

	answer = Bulk(Members([]byte(`{"listed":[null,"a",7,""],"numbered":{"0":"b"},"odd":7,"none":null}`)))
	assert.Equal(t, []string{"a", "7"}, answer.Listed("listed"))
	assert.Equal(t, []string{"b"}, answer.Listed("numbered"))
	assert.Equal(t, []string{"7"}, answer.Listed("odd"))
	assert.Empty(t, answer.Listed("none"))
	assert.Empty(t, answer.Listed("absent"))

	type known struct {
		Total int `json:"total"`
	}
	beside, rest := Beside[known](Bulk(Members([]byte(`{"Total":"3","a":{"success":true}}`))))
	assert.Equal(t, &known{3}, beside)
	assert.Equal(t, Bulk{"a": json.RawMessage(`{"success":true}`)}, rest)
	beside, rest = Beside[known](nil)
	assert.Equal(t, &known{}, beside)
	assert.Empty(t, rest)
}
