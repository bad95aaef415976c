package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func ptr[T any](v T) *T { return &v }

func textOf(p *Problem) string {
	if p == nil {
		return ""
	}
	return p.Text
}

// when decodes by its own rule.
type when int64

func (w *when) UnmarshalJSON(b []byte) error {
	text := Scalar(b)
	if text == "null" {
		return nil
	}
	_, err := fmt.Sscan(strings.ReplaceAll(text, ".", " "), (*int64)(w))
	return err
}

type user struct {
	UID           string          `json:"uid" wire:"id"`
	Name          string          `json:"name"`
	Avatar        string          `json:"avatar"`
	Link          string          `json:"link"`
	Status        string          `json:"status"`
	Metadata      json.RawMessage `json:"metadata"`
	Tags          []string        `json:"tags"`
	CreatedAt     when            `json:"createdAt"`
	UpdatedAt     when            `json:"updatedAt"`
	DeactivatedAt when            `json:"deactivatedAt"`
	BlockedByMe   bool            `json:"blockedByMe"`
	HasBlockedMe  bool            `json:"hasBlockedMe"`
}

// thing has a member of every kind the types of this package use.
type thing struct {
	ID      string          `json:"id"`
	Flag    bool            `json:"flag"`
	Num     int             `json:"num"`
	Small   int8            `json:"small"`
	When    when            `json:"when"`
	Tags    []string        `json:"tags"`
	Plain   []string        `json:"plain"`
	Meta    json.RawMessage `json:"meta"`
	Map     map[string]int  `json:"map"`
	Part    part            `json:"part"`
	Ptr     *part           `json:"ptr"`
	Parts   []*part         `json:"parts"`
	Ratio   float64         `json:"ratio"`
	Narrow  float32         `json:"narrow"`
	Big     uint64          `json:"big"`
	Few     uint8           `json:"few"`
	Any     any             `json:"any"`
	Flagged *bool           `json:"flagged"`
	Noted   *string         `json:"noted"`
	Counted *int            `json:"counted"`
	embedded
}

type part struct {
	Name string `json:"name"`
}

type embedded struct {
	Inner string `json:"inner"`
}

func TestDecodeLenient(t *testing.T) {
	tests := []struct {
		name, json string
		want       thing
	}{
		{"well formed", `{"id":"a","flag":true,"num":1,"when":5,"tags":["x"],"part":{"name":"p"},"inner":"i"}`,
			thing{ID: "a", Flag: true, Num: 1, When: 5, Tags: []string{"x"}, Part: part{"p"}, embedded: embedded{"i"}}},
		{"number for a string", `{"id":3939,"inner":7}`, thing{ID: "3939", embedded: embedded{"7"}}},
		{"number with more digits than a float has", `{"id":9007199254740993}`, thing{ID: "9007199254740993"}},
		{"boolean for a string", `{"id":true}`, thing{ID: "true"}},
		{"object for a string", `{"id":{"a":1},"num":2}`, thing{Num: 2}},
		{"string for a number", `{"num":"12","small":" 3 "}`, thing{Num: 12, Small: 3}},
		{"decimal string for a number", `{"num":"21.433000"}`, thing{Num: 21}},
		{"decimal for a number", `{"num":21.9}`, thing{Num: 21}},
		{"boolean for a number", `{"num":true}`, thing{Num: 1}},
		{"a number that does not fit", `{"small":1000,"num":4}`, thing{Num: 4}},
		{"words for a number", `{"num":"many","id":"a"}`, thing{ID: "a"}},
		{"string for a boolean", `{"flag":"true"}`, thing{Flag: true}},
		{"capital string for a boolean", `{"flag":"True"}`, thing{Flag: true}},
		{"number for a boolean", `{"flag":1}`, thing{Flag: true}},
		{"words for a boolean", `{"flag":"perhaps","num":1}`, thing{Num: 1}},
		{"time as a string", `{"when":"1693887765"}`, thing{When: 1693887765}},
		{"time as words", `{"when":"yesterday","num":1}`, thing{Num: 1}},
		{"tags as null", `{"tags":null,"num":1}`, thing{Num: 1}},
		{"tags as a string", `{"tags":"x"}`, thing{Tags: []string{"x"}}},
		{"tags as an object", `{"tags":{"0":"x","1":"y"}}`, thing{Tags: []string{"x", "y"}}},
		{"tags as an object with holes", `{"tags":{"3":"y","0":"x"}}`, thing{Tags: []string{"x", "y"}}},
		{"tags of numbers", `{"tags":[1,"x"]}`, thing{Tags: []string{"1", "x"}}},
		{"list as an empty object", `{"plain":{},"num":1}`, thing{Num: 1, Plain: nil}},
		{"list with a misfit", `{"plain":["x",{"a":1}]}`, thing{Plain: []string{"x"}}},
		{"list of nothing but misfits", `{"plain":[{},{}],"num":1}`, thing{Num: 1}},
		{"metadata as an array", `{"meta":[]}`, thing{Meta: json.RawMessage(`[]`)}},
		{"metadata as a list", `{"meta":["a"],"id":1}`, thing{ID: "1", Meta: json.RawMessage(`["a"]`)}},
		{"metadata as a string", `{"meta":"{}","id":1}`, thing{ID: "1", Meta: json.RawMessage(`"{}"`)}},
		{"map as an array", `{"map":[],"num":1}`, thing{Num: 1, Map: map[string]int{}}},
		{"map with a misfit", `{"map":{"a":"1","b":[],"c":2}}`, thing{Map: map[string]int{"a": 1, "c": 2}}},
		{"map as a number", `{"map":5,"num":1}`, thing{Num: 1}},
		{"object as an array", `{"part":[],"num":1}`, thing{Num: 1}},
		{"object as an array of one", `{"part":[{"name":"p"}]}`, thing{Part: part{"p"}}},
		{"object as an array of two", `{"part":[{"name":"p"},{}],"num":1}`, thing{Num: 1}},
		{"object as a string of JSON", `{"part":"{\"name\":\"p\"}"}`, thing{Part: part{"p"}}},
		{"object as an empty string", `{"part":"","num":1}`, thing{Num: 1}},
		{"object as a string of words", `{"part":"p","num":1}`, thing{Num: 1}},
		{"object as false", `{"part":false,"ptr":false,"num":1}`, thing{Num: 1}},
		{"pointer to an object with a misfit", `{"ptr":{"name":5}}`, thing{Ptr: &part{"5"}}},
		{"one object for a list", `{"parts":{"name":"p"}}`, thing{Parts: []*part{{"p"}}}},
		{"objects under numbers for a list", `{"parts":{"0":{"name":"p"},"1":{"name":"q"}}}`, thing{Parts: []*part{{"p"}, {"q"}}}},
		{"other case", `{"ID":5,"NUM":"6"}`, thing{ID: "5", Num: 6}},
		{"string for a float", `{"ratio":"0.75","narrow":"1.5"}`, thing{Ratio: 0.75, Narrow: 1.5}},
		{"exponent for a number", `{"num":"1.9e3","big":1e3}`, thing{Num: 1900, Big: 1000}},
		{"boolean for a float", `{"ratio":true,"flagged":"true"}`, thing{Ratio: 1, Flagged: ptr(true)}},
		{"a float that does not fit", `{"narrow":"1e300","ratio":"1e999","num":1}`, thing{Num: 1}},
		{"no floats", `{"ratio":"NaN","narrow":"Infinity","num":"0x10"}`, thing{}},
		{"unsigned", `{"big":"18446744073709551615","few":"256"}`, thing{Big: 18446744073709551615}},
		{"negative for an unsigned", `{"big":-1,"few":"-1.5","num":"-1.5"}`, thing{Num: -1}},
		{"too large for an integer", `{"num":"9223372036854775808","big":"1e30"}`, thing{}},
		{"nothing for pointers", `{"flagged":"","noted":false,"counted":false,"num":"1"}`, thing{Num: 1}},
		{"false and empty for pointers that take them", `{"flagged":false,"noted":"","num":"1"}`, thing{Num: 1, Flagged: ptr(false), Noted: ptr("")}},
		{"nothing for a list", `{"tags":false,"plain":"","num":"1"}`, thing{Num: 1}},
		{"a name with escapes", `{"n\u0075m":"4","i\u0064":5}`, thing{Num: 4, ID: "5"}},
		{"the same member twice", `{"num":"1","num":"2"}`, thing{Num: 2}},
		{"white space", ` { "num" : "1" , "tags" : [ 1 , "x" ] , "part" : [ { "name" : 5 } ] , "ptr" : [ ] } `, thing{Num: 1, Tags: []string{"1", "x"}, Part: part{"5"}}},
		{"an array in an array for an object", `{"part":[[{"name":"p"}]],"num":1}`, thing{Num: 1}},
		{"numbers out of order", `{"tags":{"1":"y","0":"x","meta":{}}}`, thing{Tags: []string{"x", "y"}}},
		{"an entity for its id", `{"id":{"id":"c","guid":7,"uid":null}}`, thing{ID: "7"}},
		{"an id in an id", `{"id":{"id":{"uid":{"a":1},"guid":"g"}}}`, thing{ID: "g"}},
		{"any", `{"any":{"a":[1]},"num":"1"}`, thing{Num: 1, Any: map[string]any{"a": []any{1.0}}}},
		{"unknown members", `{"num":"1","ignored":"x","other":{}}`, thing{Num: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got thing
			require.NoError(t, Decode([]byte(tt.json), &got))
			assert.Equal(t, tt.want, got)
		})
	}
	for _, bad := range []string{``, `{`, `{"id":"a"`, `<html>`, `7`, `"words"`, `[{},{}]`} {
		assert.Error(t, Decode([]byte(bad), new(thing)), bad)
	}
}

func TestDecodeOne(t *testing.T) {
	tests := []struct {
		name, body string
		want       *user
		problem    string
	}{
		{"well formed", `{"data":{"uid":"a"}}`, &user{UID: "a"}, ""},
		{"slashes escaped", `{"data":{"uid":"a","link":"https:\/\/example.com\/a"}}`, &user{UID: "a", Link: "https://example.com/a"}, ""},
		{"no error", `{"data":{"uid":"a"},"error":null}`, &user{UID: "a"}, ""},
		{"no error, in PHP", `{"data":{"uid":"a"},"error":[]}`, &user{UID: "a"}, ""},
		{"list of one", `{"data":[{"uid":"a"}]}`, &user{UID: "a"}, ""},
		{"an envelope in a list", `[{"data":{"uid":"a"}}]`, &user{UID: "a"}, ""},
		{"an envelope in a list of data", `{"data":[{"data":{"uid":"a"}}]}`, &user{UID: "a"}, ""},
		{"two envelopes in a list", `[{"data":{"uid":"a"}},{"data":{"uid":"b"}}]`, nil, "the response has an unexpected shape: an array"},
		{"an error in a list", `[{"error":{"code":"X"}}]`, nil, "the response has an unexpected shape: an array"},
		{"times", `{"data":{"uid":"a","createdAt":"17","updatedAt":null,"deactivatedAt":0}}`, &user{UID: "a", CreatedAt: 17}, ""},
		{"booleans", `{"data":{"uid":"a","blockedByMe":"true","hasBlockedMe":1}}`, &user{UID: "a", BlockedByMe: true, HasBlockedMe: true}, ""},
		{"nulls", `{"data":{"uid":"a","avatar":null,"link":null,"tags":null,"metadata":null}}`, &user{UID: "a", Metadata: json.RawMessage(`null`)}, ""},
		{"status of a receipt", `{"data":{"uid":"a","status":"online"}}`, &user{UID: "a", Status: "online"}, ""},
		{"metadata []", `{"data":{"uid":"a","metadata":[]}}`, &user{UID: "a", Metadata: json.RawMessage(`[]`)}, ""},
		{"metadata list", `{"data":{"uid":"a","metadata":["x","y"]}}`, &user{UID: "a", Metadata: json.RawMessage(`["x","y"]`)}, ""},
		{"metadata private", `{"data":{"uid":"a","metadata":{"@private":{"e":1.50}}}}`, &user{UID: "a", Metadata: json.RawMessage(`{"@private":{"e":1.50}}`)}, ""},
		{"no uid", `{"data":{}}`, nil, "the response holds no uid"},
		{"empty array", `{"data":[]}`, nil, "the response holds no uid"},
		{"null", `{"data":null}`, nil, "the response holds no data"},
		{"nothing", `{}`, nil, "the response holds no data"},
		{"meta only", `{"meta":{}}`, nil, "the response holds no data"},
		{"error", `{"error":{"code":"X"}}`, nil, "the response is an error"},
		{"error beside data", `{"data":{"uid":"a"},"error":{"code":"X"}}`, nil, "the response is an error"},
		{"error as a text", `{"error":"broken"}`, nil, "the response is an error"},
		{"empty error", `{"error":{}}`, nil, "the response holds no data"},
		{"empty error beside data", `{"data":{"uid":"a"},"error":{}}`, &user{UID: "a"}, ""},
		{"avatar false", `{"data":{"uid":"a","avatar":false}}`, &user{UID: "a"}, ""},
		{"words", `{"data":"done"}`, nil, "the response's data has an unexpected shape: a string"},
		{"number", `{"data":7}`, nil, "the response's data has an unexpected shape: a number"},
		{"truth", `{"data":true}`, nil, "the response's data has an unexpected shape: a boolean"},
		{"list of two", `{"data":[{"uid":"a"},{"uid":"b"}]}`, nil, "the response's data has an unexpected shape: an array"},
		{"empty", ``, nil, "the response is empty"},
		{"blank", " \n", nil, "the response is empty"},
		{"HTML", `<html>`, nil, "the response is not JSON, or was cut short"},
		{"cut short", `{"data":{"uid":"a"`, nil, "the response is not JSON, or was cut short"},
		{"a string", `"done"`, nil, "the response has an unexpected shape: a string"},
		{"an array", `[1]`, nil, "the response has an unexpected shape: an array"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problem := One[user]([]byte(tt.body))
			assert.Equal(t, tt.problem, textOf(problem))
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestDecodeList(t *testing.T) {
	ab := []*user{{UID: "a"}, {UID: "b"}}
	tests := []struct {
		name, body string
		want       []*user
		pages      Pagination
		cursor     string
		problem    string
		skipped    int
	}{
		{"cursor in meta", `{"data":[{"uid":"a"},{"uid":"b"}],"meta":{"pagination":{"total":2,"count":2,"per_page":100,"current_page":1,"total_pages":1},"cursor":{"id":1786}}}`,
			ab, Pagination{2, 2, 100, 1, 1}, `{"id":1786}`, "", 0},
		{"cursor beside meta", `{"data":[{"uid":"a"},{"uid":"b"}],"meta":{"pagination":{"total":0,"count":5,"per_page":100,"current_page":1,"total_pages":1}},"cursor":{"affix":"prepend"}}`,
			ab, Pagination{0, 5, 100, 1, 1}, `{"affix":"prepend"}`, "", 0},
		{"cursor beside an odd item", `{"data":[{"uid":"a","createdAt":"soon"},{"uid":"b"}],"meta":{"pagination":{"total":3}},"cursor":{"id":7}}`, ab, Pagination{Total: 3}, `{"id":7}`, "", 0},
		{"an empty cursor in meta", `{"data":[{"uid":"a"},{"uid":"b"}],"meta":{"cursor":[]},"cursor":{"affix":"prepend"}}`, ab, Pagination{}, `{"affix":"prepend"}`, "", 0},
		{"no meta", `{"data":[{"uid":"a"},{"uid":"b"}]}`, ab, Pagination{}, "", "", 0},
		{"meta []", `{"data":[{"uid":"a"},{"uid":"b"}],"meta":[]}`, ab, Pagination{}, "", "", 0},
		{"meta is a text", `{"data":[{"uid":"a"},{"uid":"b"}],"meta":"none"}`, ab, Pagination{}, "", "", 0},
		{"numbers as texts in meta", `{"data":[{"uid":"a"},{"uid":"b"}],"meta":{"pagination":{"total":"9","current_page":"2","total_pages":3,"count":{}}}}`, ab,
			Pagination{Total: 9, CurrentPage: 2, TotalPages: 3}, "", "", 0},
		{"an object with numbers", `{"data":{"0":{"uid":"a"},"1":{"uid":"b"}},"meta":{"pagination":{"current_page":1}}}`, ab, Pagination{CurrentPage: 1}, "", "", 0},
		{"an object with holes", `{"data":{"10":{"uid":"b"},"2":{"uid":"a"}}}`, ab, Pagination{}, "", "", 0},
		{"an object with a number and meta", `{"data":{"0":{"uid":"a"},"meta":{"pagination":{"current_page":1,"total_pages":2}}}}`,
			ab[:1], Pagination{CurrentPage: 1, TotalPages: 2}, "", "", 0},
		{"odd members", `{"data":[{"uid":"a","createdAt":{}},{"uid":"b","tags":[null]}]}`, []*user{{UID: "a"}, {UID: "b", Tags: []string{""}}}, Pagination{}, "", "", 0},
		{"empty", `{"data":[],"meta":{"pagination":{"current_page":1}}}`, nil, Pagination{CurrentPage: 1}, "", "", 0},
		{"an empty object", `{"data":{}}`, nil, Pagination{}, "", "", 0},
		{"null", `{"data":null}`, nil, Pagination{}, "", "", 0},
		{"absent", `{"meta":{}}`, nil, Pagination{}, "", "the response holds no data", 0},
		{"error", `{"error":{"code":"X"}}`, nil, Pagination{}, "", "the response is an error", 0},
		{"an item that is none", `{"data":[{"uid":"a"},7]}`, nil, Pagination{}, "", "item 1 of the list has an unexpected shape: a number", 0},
		{"an array of one item", `{"data":[{"uid":"a"},[{"uid":"b"}]]}`, nil, Pagination{}, "", "item 1 of the list has an unexpected shape: an array", 0},
		{"a text of JSON", `{"data":["{\"uid\":\"a\"}"]}`, nil, Pagination{}, "", "item 0 of the list has an unexpected shape: a string", 0},
		{"an empty text", `{"data":[{"uid":"a"},""]}`, nil, Pagination{}, "", "item 1 of the list has an unexpected shape: a string", 0},
		{"true", `{"data":[true]}`, nil, Pagination{}, "", "item 0 of the list has an unexpected shape: a boolean", 0},
		{"a null item", `{"data":[{"uid":"a"},null,{"uid":"b"}],"meta":{"pagination":{"count":3}}}`, ab, Pagination{Count: 3}, "", "", 1},
		{"an item that is []", `{"data":[{"uid":"a"},[ ],{"uid":"b"}],"meta":{"pagination":{"count":3}}}`, ab, Pagination{Count: 3}, "", "", 1},
		{"a false item", `{"data":[false,{"uid":"a"},{"uid":"b"}],"meta":{"pagination":{"count":3}}}`, ab, Pagination{Count: 3}, "", "", 1},
		{"nothing but empty items", `{"data":[null,false,[]],"cursor":{"id":7}}`, nil, Pagination{}, `{"id":7}`, "", 3},
		{"an empty item under a number", `{"data":{"0":{"uid":"a"},"1":null,"2":{"uid":"b"}}}`, ab, Pagination{}, "", "", 1},
		{"words", `{"data":"x"}`, nil, Pagination{}, "", "the response's data has an unexpected shape: a string", 0},
		{"one entity in place of a list", `{"data":{"uid":"a"}}`, ab[:1], Pagination{}, "", "", 0},
		{"an object without numbers", `{"data":{"name":"a"}}`, nil, Pagination{}, "", "the response's data has an unexpected shape: an object", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problem := DecodeList[user]([]byte(tt.body))
			assert.Equal(t, tt.problem, textOf(problem))
			assert.Equal(t, tt.want, got.Items)
			assert.Equal(t, tt.skipped, got.Skipped)
			assert.Equal(t, tt.pages, got.Meta.Pagination)
			assert.Equal(t, tt.cursor, string(got.Meta.Cursor))
		})
	}
}

func TestPlainSlashes(t *testing.T) {
	for body, want := range map[string]string{
		``: ``, `/`: `/`, `\`: `\`, `\/`: `/`, `\/\/`: `//`, `a\`: `a\`, `\/a\`: `/a\`,
		`{"a":"b"}`:                     `{"a":"b"}`,
		`{"a":"https:\/\/x.y\/z"}`:      `{"a":"https://x.y/z"}`,
		`{"a":"\\/b"}`:                  `{"a":"\\/b"}`, // a backslash, then a slash
		`{"a":"\\\/b"}`:                 `{"a":"\\/b"}`, // the same, escaped
		`{"a":"\"\/\u002f\n","b":"\/"}`: `{"a":"\"/\u002f\n","b":"/"}`,
		`{"a":"{\"b\":\"\\\/\"}"}`:      `{"a":"{\"b\":\"\\/\"}"}`, // JSON within JSON
		`[1,\/2]`:                       `[1,/2]`,                  // no JSON before or after
	} {
		assert.Equal(t, want, string(plainSlashes([]byte(body))), body)
	}
}

func TestFindError(t *testing.T) {
	tests := []struct {
		name, body string
		code       string
		message    string
		details    map[string][]string
	}{
		{"recorded", `{"error":{"message":"m","devMessage":"d","source":"chat-api","details":{"uid":["required","too short"],"name":["required"]},"code":"ERR_BAD_REQUEST"}}`,
			"ERR_BAD_REQUEST", "m", map[string][]string{"uid": {"required", "too short"}, "name": {"required"}}},
		{"nulls", `{"error":{"message":"m","devMessage":null,"source":null,"details":null,"code":"C"}}`, "C", "m", nil},
		{"details of strings", `{"error":{"code":"C","details":{"uid":"required"}}}`, "C", "", map[string][]string{"uid": {"required"}}},
		{"dotted details", `{"error":{"code":"C","details":{"tags.0":["too long"]}}}`, "C", "", map[string][]string{"tags.0": {"too long"}}},
		{"nested details", `{"error":{"code":"C","details":{"tags":{"0":"too long"}}}}`, "C", "", map[string][]string{"tags.0": {"too long"}}},
		{"details []", `{"error":{"code":"C","details":[]}}`, "C", "", nil},
		{"details as a list", `{"error":{"code":"C","details":["a","b"]}}`, "C", "", map[string][]string{"": {"a", "b"}}},
		{"details as a text", `{"error":{"code":"C","details":"a"}}`, "C", "", map[string][]string{"": {"a"}}},
		{"a number for a code", `{"error":{"code":17,"message":["x"]}}`, "17", "x", nil},
		{"no envelope", `{"code":"C","message":"m"}`, "C", "m", nil},
		{"message only", `{"message":"m"}`, "", "m", nil},
		{"a text in the envelope", `{"error":"m"}`, "", "m", nil},
		{"a text", `"m"`, "", "m", nil},
		{"an empty object", `{}`, "", "", nil},
		{"an empty error", `{"error":{}}`, "", "", nil},
		{"HTML", `<html>`, "", "", nil},
		{"nothing", ``, "", "", nil},
		{"an array", `[]`, "", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := FindFault([]byte(tt.body), true)
			assert.Equal(t, tt.code, b.Code)
			assert.Equal(t, tt.message, b.Message)
			assert.Equal(t, tt.details, byField(b.Details))
		})
	}
}

func byField(list []Detail) map[string][]string {
	var details map[string][]string
	for _, d := range list {
		if details == nil {
			details = map[string][]string{}
		}
		details[d.Field] = append(details[d.Field], d.Text)
	}
	return details
}
