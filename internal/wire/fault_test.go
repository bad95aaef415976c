package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestShapesOfFaults checks the shapes in which APIs, and the gateways in front
// of them, report errors. No text may be lost.
func TestShapesOfFaults(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       Fault
	}{
		{"the API's", `{"error":{"code":"ERR_X","message":"m","devMessage":"d","source":"chat-api","details":{"a":["b"]}}}`,
			Fault{"ERR_X", "m", "d", "chat-api", []Detail{{"a", "b"}}}},
		{"beside data", `{"data":[],"code":"ERR_X","message":"m"}`, Fault{Code: "ERR_X", Message: "m"}},
		{"message beside data", `{"message":"m","data":null}`, Fault{Message: "m"}},
		{"in data", `{"data":{"code":"ERR_X","message":"m"}}`, Fault{Code: "ERR_X", Message: "m"}},
		{"an error in data", `{"data":{"success":false,"error":{"code":"ERR_X","message":"m"}}}`, Fault{Code: "ERR_X", Message: "m"}},
		{"an empty error beside", `{"error":{},"message":"m","code":"ERR_X"}`, Fault{Code: "ERR_X", Message: "m"}},
		{"a list of errors", `{"error":[{"code":"ERR_X","message":"m"},{"code":"ERR_Y"}]}`, Fault{Code: "ERR_X", Message: "m"}},
		{"errors", `{"errors":[{"code":"ERR_X","message":"m"}]}`, Fault{Code: "ERR_X", Message: "m"}},
		{"a list of texts", `{"errors":["m","n"]}`, Fault{Message: "m"}},
		{"errors by field", `{"message":"invalid","errors":{"uid":["taken"],"name":"long"}}`, Fault{Message: "invalid", Details: []Detail{{"uid", "taken"}, {"name", "long"}}}},
		{"a list at the top", `[{"code":"ERR_X","message":"m"}]`, Fault{Code: "ERR_X", Message: "m"}},
		{"a label and a message", `{"statusCode":404,"error":"Not Found","message":"no such route"}`, Fault{Message: "Not Found: no such route"}},
		{"the same twice", `{"error":"m","message":"m"}`, Fault{Message: "m"}},
		{"a code for an error", `{"error":"ERR_UID_NOT_FOUND","message":"m"}`, Fault{Code: "ERR_UID_NOT_FOUND", Message: "m"}},
		{"OAuth", `{"error":"invalid_token","error_description":"expired"}`, Fault{Message: "invalid_token: expired"}},
		{"problem details", `{"type":"about:blank","title":"t","status":400}`, Fault{Message: "t"}},
		{"message as a list", `{"error":{"message":["m","n"]}}`, Fault{Message: "m n"}},
		{"message as an object", `{"error":{"message":{"en":"m"}}}`, Fault{Message: "m"}},
		{"other case", `{"Error":{"Code":"ERR_X","Message":"m"}}`, Fault{Code: "ERR_X", Message: "m"}},
		{"numbers", `{"error":{"code":1e2,"details":{"n":9007199254740993,"m":1700000000.50,"k":1000000,"t":true}}}`,
			Fault{Code: "1e2", Details: []Detail{{"n", "9007199254740993"}, {"m", "1700000000.50"}, {"k", "1000000"}, {"t", "true"}}}},
		{"a byte order mark", "\xef\xbb\xbf" + `{"error":{"code":"ERR_X"}}`, Fault{Code: "ERR_X"}},
		{"cut in a text", `{"error":{"code":"ERR_X","message":"The UID does`, Fault{Code: "ERR_X", Message: "The UID does"}},
		{"cut in an escape", `{"error":{"code":"ERR_X","message":"a\u00`, Fault{Code: "ERR_X", Message: "a"}},
		{"cut behind a name", `{"error":{"code":"ERR_X","message":`, Fault{Code: "ERR_X"}},
		{"cut in a name", `{"error":{"code":"ERR_X","mess`, Fault{Code: "ERR_X"}},
		{"broken", `{"error":{"code":"ERR_X"]]`, Fault{Code: "ERR_X"}},
		{"HTML", `<html>`, Fault{}}, {"a number", `7`, Fault{}}, {"nothing", ` `, Fault{}}, {"null", `{"error":null}`, Fault{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, *FindFault([]byte(tt.body), true))
		})
	}
}

// TestFaultOfASuccess checks that the texts beside data are about the data,
// unless the response is an error.
func TestFaultOfASuccess(t *testing.T) {
	for body, want := range map[string]Fault{
		`{"data":{"uid":""},"message":"m"}`:                        {},
		`{"data":{"message":"private","code":"x"}}`:                {Code: "x", Message: "private"},
		`{"data":{"message":"private"}}`:                           {},
		`{"data":{"success":false,"message":"m"}}`:                 {Message: "m"},
		`{"data":{"a":{"success":true},"error":{"code":"ERR_X"}}}`: {Code: "ERR_X"},
		`{"message":"m"}`:                                          {Message: "m"},
	} {
		assert.Equal(t, want, *FindFault([]byte(body), false), body)
	}
}

func TestDetailsAreBounded(t *testing.T) {
	deep := FindFault([]byte(`{"details":`+strings.Repeat(`{"a":`, 40)+`"lost"`+strings.Repeat("}", 40)+`,"code":"C"}`), true)
	assert.Equal(t, Fault{Code: "C"}, *deep)
	deep = FindFault([]byte(`{"details":`+strings.Repeat(`{"a":`, 32)+`"kept"`+strings.Repeat("}", 32)+`}`), true)
	assert.Equal(t, []Detail{{strings.TrimSuffix(strings.Repeat("a.", 32), "."), "kept"}}, deep.Details)
	many := FindFault([]byte(`{"details":[`+strings.Repeat(`"x",`, 100)+`"y"],"code":"C"}`), true)
	assert.Len(t, many.Details, maxDetails)
	assert.Equal(t, "C", many.Code)

	long := FindFault([]byte(`{"message":"`+strings.Repeat("é", MaxText)+`"}`), true)
	assert.Equal(t, strings.Repeat("é", (MaxText-1)/2), long.Message)
	escapes := FindFault([]byte(`{"message":"`+strings.Repeat(`\u00e9`, MaxText)+`"}`), true)
	assert.Equal(t, strings.Repeat("é", (MaxText-1)/6), escapes.Message)
	fields := FindFault([]byte(`{"details":{"`+strings.Repeat("x", 2*MaxText)+`":"y"}}`), true)
	assert.Equal(t, []Detail{{strings.Repeat("x", MaxText-1), "y"}}, fields.Details)
}

// TestFaultVisits checks that an error is walked over once, whatever its depth
// and size.
func TestFaultVisits(t *testing.T) {
	for _, depth := range []int{1, 10, 100, 1000, 10000} {
		for _, body := range []string{
			`{"error":{"details":` + strings.Repeat(`{"a long name":`, depth) + `"x"` + strings.Repeat("}", depth) + `}}`,
			`{"error":` + strings.Repeat(`{"error":`, depth) + `"x"` + strings.Repeat("}", depth) + `}`,
			strings.Repeat(`[`, depth) + `"x"` + strings.Repeat("]", depth),
		} {
			f := &faultReader{scanner: scanner{in: []byte(body)}, failed: true}
			f.read(0)
			assert.LessOrEqual(t, f.visited, 4*len(body), "%d deep", depth)
		}
	}
}
