package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUnder(t *testing.T) {
	for body, want := range map[string]string{
		`{"data":{"items":[1,{"a":2}],"more":3},"meta":4}`: `{"data":[1,{"a":2}]}`,
		`{"data":{"items":null}}`:                          `{"data":null}`,
		`{"items":[1],"success":true}`:                     `{"data":[1]}`, // without an envelope
		// The rest stays as it is.
		`{"data":{"success":true}}`:                   ``,
		`{"data":[{"items":[1]}]}`:                    ``,
		`{"data":null}`:                               ``,
		`{"error":{"code":"X"},"data":{"items":[1]}}`: ``,
		`{"data":{"items":[1]`:                        ``,
		``:                                            ``,
		`<html>`:                                      ``,
		`{"data":{"Items":[1],"items ":2,"other":[3]}}`: ``,
	} {
		if want == "" {
			want = body
		}
		assert.Equal(t, want, string(Under("items", []byte(body))), body)
		assert.Equal(t, body, string(Under("", []byte(body))))
	}
}

func TestOptional(t *testing.T) {
	type contact struct {
		Email string `json:"email"`
	}
	for body, want := range map[string]struct {
		email   string
		problem string
	}{
		`{"data":{"email":"a@b"}}`:   {"a@b", ""},
		`{"data":[{"email":"a@b"}]}`: {"a@b", ""},
		`{"data":{}}`:                {},
		`{"data":[]}`:                {},
		`{"data":null}`:              {},
		`{"data":false}`:             {},
		`{"data":{"email":null}}`:    {},
		`{"data":5}`:                 {"", "the response's data has an unexpected shape: a number"},
		`{}`:                         {"", "the response holds no data"},
		``:                           {"", "the response is empty"},
		`{"data":{"email":`:          {"", "the response is not JSON, or was cut short"},
		`{"error":{"code":"X"}}`:     {"", "the response is an error"},
		`{"data":{"success":false}}`: {"", "the response says that it failed"},
	} {
		got, problem := Optional[contact]([]byte(body))
		assert.Equal(t, want.problem, textOf(problem), body)
		if problem == nil {
			assert.Equal(t, &contact{want.email}, got, body)
		}
	}
}

// FuzzUnder checks that the value of a member decodes as it does in place of
// data.
func FuzzUnder(f *testing.F) {
	seed(f)
	f.Add([]byte(`{"data":{"items":[{"uid":"a"}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		inner := Under("items", body)
		if string(inner) == string(body) {
			return
		}
		answer, problem := open(body)
		assert.Nil(t, problem)
		want, _ := DecodeList[user]([]byte(`{"data":` + string(Members(answer.Data)["items"]) + `}`))
		got, _ := DecodeList[user](inner)
		assert.Equal(t, want, got)
		_, _ = Optional[user](inner)
	})
}
