package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAcknowledge(t *testing.T) {
	for body, want := range map[string]*Problem{
		`{"data":{"success":true,"message":"done"}}`:   nil,
		`{"data":{"success":"true"}}`:                  nil,
		`{"data":{"success":1}}`:                       nil,
		`{"data":{"message":"done"}}`:                  nil,
		`{"data":{}}`:                                  nil,
		`{"data":[]}`:                                  nil,
		`{"data":true}`:                                nil,
		`{"success":true}`:                             nil,
		string(Accepted):                               nil,
		`{"data":false}`:                               {"the response says that it failed", true},
		`{"data":{"success":false,"message":"no"}}`:    {"the response says that it failed: no", true},
		`{"data":{"success":"false"}}`:                 {"the response says that it failed", true},
		`{"data":{"success":0}}`:                       {"the response says that it failed", true},
		`{"success":false,"Message":"no"}`:             {"the response says that it failed: no", true},
		`{"data":{"success":true},"error":{"code":1}}`: {"the response is an error", true},
		`{"data":null}`:                                {"the response holds no data", false},
		`{"data":"done"}`:                              {"the response's data has an unexpected shape: a string", false},
		`{"data":[1]}`:                                 {"the response's data has an unexpected shape: an array", false},
		``:                                             {"the response is empty", false},
	} {
		assert.Equal(t, want, Acknowledge([]byte(body)), body)
	}
}

func TestMaybe(t *testing.T) {
	type loose struct {
		Status string `json:"status"`
	}
	for body, want := range map[string]any{
		`{"data":{"uid":"a"}}`:        "a",
		`{"data":{"success":true}}`:   nil,
		`{"success":true}`:            nil,
		`{"data":{"success":false}}`:  "the response says that it failed",
		`{"data":[]}`:                 "the response holds no uid",
		`{"data":{}}`:                 "the response holds no uid",
		`{"data":{"message":"done"}}`: "the response holds no uid",
		`{"data":{"uid":""}}`:         "the response holds no uid",
		`{"error":{"code":"X"}}`:      "the response is an error",
	} {
		v, problem := Maybe[user]([]byte(body))
		switch {
		case problem != nil:
			assert.Equal(t, want, problem.Text, body)
		case v != nil:
			assert.Equal(t, want, v.UID, body)
		default:
			assert.Nil(t, want, body)
		}
	}
	for body, want := range map[string]*loose{
		`{"data":{"status":"set"}}`: {"set"}, `{"data":{"success":true}}`: {}, `{"data":[]}`: nil, `{"data":{}}`: nil,
	} {
		v, problem := Maybe[loose]([]byte(body))
		assert.Nil(t, problem, body)
		assert.Equal(t, want, v, body)
	}
}

// TestEmptyData checks that a struct must not be empty unless it decodes itself.
func TestEmptyData(t *testing.T) {
	type numbers struct {
		N int `json:"n"`
	}
	for _, data := range []string{`[]`, `{}`, `""`, `false`, ` [ ] `, `[{}]`} {
		body := []byte(`{"data":` + data + `}`)
		_, problem := One[numbers](body)
		if data == `[{}]` {
			assert.Nil(t, problem, "there is one")
			continue
		}
		assert.Equal(t, "the response holds no data", textOf(problem), data)
		_, problem = One[user](body)
		assert.Equal(t, "the response holds no uid", textOf(problem), data)
		_, problem = One[Bulk](body)
		assert.Nil(t, problem, data)
		_, problem = One[json.RawMessage](body)
		assert.Nil(t, problem, data)
	}
}

func TestCounts(t *testing.T) {
	for body, want := range map[string][]Count{
		`{"data":42}`:                       {{N: 42}},
		`{"data":"42"}`:                     {{N: 42}},
		`{"data":{"count":"42","total":7}}`: {{N: 42}},
		`{"data":{"count":3,"users":[]}}`:   {{N: 3}},
		`{"data":{"count":3,"bob":2}}`:      {{N: 3}, {ID: "bob", N: 2}},
		`{"data":{"bob":4,"ann":"5"}}`:      {{ID: "ann", N: 5}, {ID: "bob", N: 4}},
		`{"data":[{"entityId":"a","entityType":"user","count":"2"}]}`: {{"a", "user", 2}},
		`{"data":[],"meta":{"pagination":{"total":0}}}`:               {{N: 0}},
		`{"data":[{"uid":"a"}],"meta":{"pagination":{"total":"9"}}}`:  {{N: 9}},
		`{"data":[]}`: {}, `{"data":{}}`: {},
		`{"data":{"success":true}}`: nil, `{"data":null}`: nil, `{"data":true}`: nil, `{"data":"many"}`: nil, `{"data":{"a":[]}}`: nil,
		`{"data":[{"uid":"a"}],"meta":{"pagination":{"total":0}}}`: nil, `{"data":[{"uid":"a"}]}`: nil, `{}`: nil,
	} {
		got, problem := Counts([]byte(body))
		assert.Equal(t, want, got, body)
		assert.Equal(t, want == nil, problem != nil, body)
		n, problem := Total([]byte(body))
		assert.Equal(t, Sum(want), n, body)
		assert.Equal(t, len(want) == 0, problem != nil, body)
	}
}

func TestKinds(t *testing.T) {
	for raw, want := range map[string]string{
		``: "nothing", ` null`: "null", `true`: "a boolean", `-1`: "a number", ` "x"`: "a string", `[`: "an array", `{`: "an object",
	} {
		assert.Equal(t, want, KindOf([]byte(raw)).String(), raw)
	}
	for _, raw := range []string{``, ` `, `null`, `false`, `[]`, `{}`, `""`, ` [ ] `, "{\n}"} {
		assert.False(t, Present([]byte(raw)), raw)
	}
	for _, raw := range []string{`0`, `true`, `[0]`, `{"a":null}`, `" "`} {
		assert.True(t, Present([]byte(raw)), raw)
	}
}

func TestEntity(t *testing.T) {
	for raw, want := range map[string][2]string{
		`{"entityType":"user","entity":{"uid":"a"}}`: {"user", `{"uid":"a"}`},
		`{"entityType":"user"}`:                      {"user", ""},
		`{"uid":"a"}`:                                {"", `{"uid":"a"}`},
		`[]`:                                         {"", `[]`},
		`null`:                                       {"", ""},
	} {
		kind, entity, err := Entity([]byte(raw))
		assert.NoError(t, err)
		assert.Equal(t, want, [2]string{kind, string(entity)}, raw)
	}
}
