package cometchat

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// thing has a member of every kind the types of this package use.
type thing struct {
	ID    string         `json:"id"`
	Flag  bool           `json:"flag"`
	Num   int            `json:"num"`
	Small int8           `json:"small"`
	When  UnixTime       `json:"when"`
	Tags  Tags           `json:"tags"`
	Plain []string       `json:"plain"`
	Meta  Metadata       `json:"meta"`
	Map   map[string]int `json:"map"`
	Part  part           `json:"part"`
	Ptr   *part          `json:"ptr"`
	Parts []*part        `json:"parts"`
	Ratio float64        `json:"ratio"`
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
			thing{ID: "a", Flag: true, Num: 1, When: 5, Tags: Tags{"x"}, Part: part{"p"}, embedded: embedded{"i"}}},
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
		{"tags as a string", `{"tags":"x"}`, thing{Tags: Tags{"x"}}},
		{"tags as an object", `{"tags":{"0":"x","1":"y"}}`, thing{Tags: Tags{"x", "y"}}},
		{"tags as an object with holes", `{"tags":{"3":"y","0":"x"}}`, thing{Tags: Tags{"x", "y"}}},
		{"tags of numbers", `{"tags":[1,"x"]}`, thing{Tags: Tags{"1", "x"}}},
		{"list as an empty object", `{"plain":{},"num":1}`, thing{Num: 1, Plain: nil}},
		{"list with a misfit", `{"plain":["x",{"a":1}]}`, thing{Plain: []string{"x"}}},
		{"list of nothing but misfits", `{"plain":[{},{}],"num":1}`, thing{Num: 1}},
		{"metadata as an array", `{"meta":[]}`, thing{Meta: Metadata(`[]`)}},
		{"metadata as a list", `{"meta":["a"],"id":1}`, thing{ID: "1", Meta: Metadata(`["a"]`)}},
		{"metadata as a string", `{"meta":"{}","id":1}`, thing{ID: "1", Meta: Metadata(`"{}"`)}},
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
		{"no rule", `{"ratio":"1.5","num":1}`, thing{Num: 1}},
		{"unknown members", `{"num":"1","ignored":"x","other":{}}`, thing{Num: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got thing
			require.NoError(t, decodeLenient([]byte(tt.json), &got))
			assert.Equal(t, tt.want, got)
		})
	}
	for _, bad := range []string{``, `{`, `{"id":"a"`, `<html>`, `7`, `"words"`, `[{},{}]`} {
		assert.Error(t, decodeLenient([]byte(bad), new(thing)), bad)
	}
}

func TestDecodeOne(t *testing.T) {
	tests := []struct {
		name, body string
		want       *User
		problem    string
	}{
		{"well formed", `{"data":{"uid":"a"}}`, &User{UID: "a"}, ""},
		{"slashes escaped", `{"data":{"uid":"a","link":"https:\/\/example.com\/a"}}`, &User{UID: "a", Link: "https://example.com/a"}, ""},
		{"no error", `{"data":{"uid":"a"},"error":null}`, &User{UID: "a"}, ""},
		{"no error, in PHP", `{"data":{"uid":"a"},"error":[]}`, &User{UID: "a"}, ""},
		{"list of one", `{"data":[{"uid":"a"}]}`, &User{UID: "a"}, ""},
		{"times", `{"data":{"uid":"a","createdAt":"17","updatedAt":null,"deactivatedAt":0}}`, &User{UID: "a", CreatedAt: 17}, ""},
		{"booleans", `{"data":{"uid":"a","blockedByMe":"true","hasBlockedMe":1}}`, &User{UID: "a", BlockedByMe: true, HasBlockedMe: true}, ""},
		{"nulls", `{"data":{"uid":"a","avatar":null,"link":null,"tags":null,"metadata":null}}`, &User{UID: "a"}, ""},
		{"status of a receipt", `{"data":{"uid":"a","status":"online"}}`, &User{UID: "a", Status: "online"}, ""},
		{"metadata []", `{"data":{"uid":"a","metadata":[]}}`, &User{UID: "a", Metadata: Metadata(`[]`)}, ""},
		{"metadata list", `{"data":{"uid":"a","metadata":["x","y"]}}`, &User{UID: "a", Metadata: Metadata(`["x","y"]`)}, ""},
		{"metadata private", `{"data":{"uid":"a","metadata":{"@private":{"e":1.50}}}}`, &User{UID: "a", Metadata: Metadata(`{"@private":{"e":1.50}}`)}, ""},
		{"no uid", `{"data":{}}`, nil, "the answer's user has no uid"},
		{"empty array", `{"data":[]}`, nil, "the answer's user has no uid"},
		{"null", `{"data":null}`, nil, "the answer holds no data"},
		{"nothing", `{}`, nil, "the answer holds no data"},
		{"meta only", `{"meta":{}}`, nil, "the answer holds no data"},
		{"error", `{"error":{"code":"X"}}`, nil, "the answer is an error"},
		{"error beside data", `{"data":{"uid":"a"},"error":{"code":"X"}}`, nil, "the answer is an error"},
		{"error as a text", `{"error":"broken"}`, nil, "the answer is an error"},
		{"empty error", `{"error":{}}`, nil, "the answer holds no data"},
		{"empty error beside data", `{"data":{"uid":"a"},"error":{}}`, &User{UID: "a"}, ""},
		{"avatar false", `{"data":{"uid":"a","avatar":false}}`, &User{UID: "a"}, ""},
		{"words", `{"data":"done"}`, nil, "the answer's data has an unexpected shape: a string"},
		{"number", `{"data":7}`, nil, "the answer's data has an unexpected shape: a number"},
		{"truth", `{"data":true}`, nil, "the answer's data has an unexpected shape: a boolean"},
		{"list of two", `{"data":[{"uid":"a"},{"uid":"b"}]}`, nil, "the answer's data has an unexpected shape: an array"},
		{"empty", ``, nil, "the answer is empty"},
		{"blank", " \n", nil, "the answer is empty"},
		{"HTML", `<html>`, nil, "the answer is not JSON, or was cut short"},
		{"cut short", `{"data":{"uid":"a"`, nil, "the answer is not JSON, or was cut short"},
		{"a string", `"done"`, nil, "the answer has an unexpected shape: a string"},
		{"an array", `[1]`, nil, "the answer has an unexpected shape: an array"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problem := decodeOne[User]([]byte(tt.body))
			assert.Equal(t, tt.problem, problem)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestDecodeAcknowledgement(t *testing.T) {
	tests := []struct {
		body    string
		want    acknowledgement
		problem string
	}{
		{`{"data":{"success":true,"message":"done"}}`, acknowledgement{true, "done"}, ""},
		{`{"data":{"success":true,"Message":"done"}}`, acknowledgement{true, "done"}, ""},
		{`{"data":{"success":"true"}}`, acknowledgement{Success: true}, ""},
		{`{"data":{"success":1}}`, acknowledgement{Success: true}, ""},
		{`{"data":{"message":"done"}}`, acknowledgement{true, "done"}, ""},
		{`{"data":{}}`, acknowledgement{Success: true}, ""},
		{`{"data":[]}`, acknowledgement{Success: true}, ""},
		{`{"data":{"success":false,"message":"no"}}`, acknowledgement{}, "the answer says that it failed: no"},
		{`{"data":{"success":"false"}}`, acknowledgement{}, "the answer says that it failed: "},
		{`{"data":{"success":0}}`, acknowledgement{}, "the answer says that it failed: "},
	}
	for _, tt := range tests {
		got, problem := decodeOne[acknowledgement]([]byte(tt.body))
		assert.Equal(t, tt.problem, problem, tt.body)
		if tt.problem == "" {
			assert.Equal(t, tt.want, *got, tt.body)
		}
	}
}

func TestDecodeList(t *testing.T) {
	ab := []*User{{UID: "a"}, {UID: "b"}}
	tests := []struct {
		name, body string
		want       []*User
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
		{"odd members", `{"data":[{"uid":"a","createdAt":{}},{"uid":"b","tags":[null]}]}`, []*User{{UID: "a"}, {UID: "b", Tags: Tags{""}}}, Pagination{}, "", "", 0},
		{"empty", `{"data":[],"meta":{"pagination":{"current_page":1}}}`, nil, Pagination{CurrentPage: 1}, "", "", 0},
		{"an empty object", `{"data":{}}`, nil, Pagination{}, "", "", 0},
		{"null", `{"data":null}`, nil, Pagination{}, "", "", 0},
		{"absent", `{"meta":{}}`, nil, Pagination{}, "", "the answer holds no data", 0},
		{"error", `{"error":{"code":"X"}}`, nil, Pagination{}, "", "the answer is an error", 0},
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
		{"words", `{"data":"x"}`, nil, Pagination{}, "", "the answer's data has an unexpected shape: a string", 0},
		{"an object without numbers", `{"data":{"uid":"a"}}`, nil, Pagination{}, "", "the answer's data has an unexpected shape: an object", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, skipped, meta, problem := decodeList[User]([]byte(tt.body), 10)
			assert.Equal(t, tt.problem, problem)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.skipped, skipped)
			assert.Equal(t, tt.pages, meta.Pagination)
			assert.Equal(t, tt.cursor, string(meta.Cursor))
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
		`[1,\/2]`:                       `[1,/2]`,                  // no JSON before, none after
	} {
		assert.Equal(t, want, string(plainSlashes([]byte(body))), body)
	}
}

// TestSlashesOfAnswers are plain wherever they end up, and escaped still in what
// WithResponse hands out.
func TestSlashesOfAnswers(t *testing.T) {
	const row = `{"uid":"a","avatar":"https:\/\/x.example\/a.png","metadata":{"n":9007199254740993,"url":"a\/b"}}`
	bodies := map[string]string{
		"/users/a": `{"data":` + row + `}`,
		"/users":   `{"data":[` + row + `],"meta":{"cursor":{"affix":"a\/b"}}}`,
		"/roles/a": `{"data":"a\/b"}`,
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(bodies[r.URL.Path]))
	}))
	defer srv.Close()
	var raw []byte
	client, err := NewClient(RegionUS, "key-0001", WithBaseURL(srv.URL), WithResponse(func(r *Response) { raw = r.Body }))
	require.NoError(t, err)

	user, err := client.Users.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, &User{UID: "a", Avatar: "https://x.example/a.png", Metadata: Metadata(`{"n":9007199254740993,"url":"a/b"}`)}, user)
	assert.Equal(t, bodies["/users/a"], string(raw))

	page, err := client.Users.List(nil).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*User{user}, page.Items)
	assert.Equal(t, map[string]string{"affix": "a/b"}, page.Cursor)
	assert.Equal(t, bodies["/users"], string(raw))

	_, err = client.Roles.Get(t.Context(), "a")
	var refused *Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, `{"data":"a/b"}`, string(refused.Body))
	assert.Equal(t, bodies["/roles/a"], string(raw))
}

func TestFindError(t *testing.T) {
	tests := []struct {
		name, body string
		code       ErrorCode
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
		{"a number for a code", `{"error":{"code":17,"message":["x"]}}`, "17", "", nil},
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
			b := findError([]byte(tt.body))
			assert.Equal(t, tt.code, b.Code)
			assert.Equal(t, tt.message, b.Message)
			assert.Equal(t, tt.details, parseDetails(b.Details))
		})
	}
}

func TestMetadata(t *testing.T) {
	type own struct {
		Plan string      `json:"plan"`
		N    json.Number `json:"n"`
	}
	for _, tt := range []struct {
		json  string
		want  own
		empty bool
		fails bool
	}{
		{json: `{"plan":"gold","n":12345678901234567890.10}`, want: own{"gold", "12345678901234567890.10"}},
		{json: `"{\"plan\":\"gold\"}"`, want: own{Plan: "gold"}},
		{json: `[]`, empty: true},
		{json: ` [ ] `, empty: true},
		{json: `{}`, empty: true},
		{json: `null`, empty: true},
		{json: ``, empty: true},
		{json: `["a"]`, fails: true},
		{json: `"words"`, fails: true},
		{json: `{`, fails: true},
	} {
		m := Metadata(tt.json)
		assert.Equal(t, tt.empty, m.IsEmpty(), tt.json)
		got, err := DecodeMetadata[own](m)
		assert.Equal(t, tt.fails, err != nil, "%s: %v", tt.json, err)
		if !tt.fails {
			assert.Equal(t, tt.want, got, tt.json)
		}
	}

	m, err := NewMetadata(map[string]any{"a": "<&>", "b": 1})
	require.NoError(t, err)
	assert.Equal(t, `{"a":"<&>","b":1}`, m.String())
	_, err = NewMetadata(func() {})
	assert.Error(t, err)

	var u struct{ M Metadata }
	require.NoError(t, json.Unmarshal([]byte(`{"M": {"b":1.50, "a":2} }`), &u))
	assert.Equal(t, `{"b":1.50, "a":2}`, u.M.String(), "as it came")
	b, err := marshal(u)
	require.NoError(t, err)
	assert.Equal(t, `{"M":{"b":1.50,"a":2}}`, string(b))
	b, err = marshal([]Metadata{nil, {}, Metadata(`[]`)})
	require.NoError(t, err)
	assert.Equal(t, `[null,{},[]]`, string(b))
	require.NoError(t, json.Unmarshal([]byte(`{"M":null}`), &u))
	assert.Nil(t, u.M)
}

// whole decodes a page as one, the way unmarshalHalves must.
func whole[T any](body string) (listEnvelope[T], error) {
	var e listEnvelope[T]
	err := json.Unmarshal([]byte(body), &e)
	return e, err
}

func TestUnmarshalHalves(t *testing.T) {
	const meta = `],"meta":{"pagination":{"total":9},"cursor":[7]},"cursor":[1]}`
	name := strings.Repeat("x", len(meta)) // long enough to have items in the middle
	for _, tt := range []struct {
		name, body string
		ok         bool
	}{
		{"two items", `{"data":[{"uid":"a","name":"` + name + `"},{"uid":"b"}` + meta, true},
		{"an odd number", `{"data":[{"uid":"a","name":"` + name + `"},{"uid":"b"},{"uid":"c"}` + meta, true},
		{"an error besides", `{"data":[{"uid":"a","name":"` + name + `"},{"uid":"b"},{"uid":"c"}],"error":{"code":"X"}}`, true},
		{"a null among them", `{"data":[{"uid":"a"},null,{"uid":"b"},{"uid":"c"},null,{"uid":"d"}]}`, true},
		{"an odd item in front", `{"data":[{"uid":["x"],"name":"` + name + `"},{"uid":"b"},{"uid":"c"},{"uid":"d"}` + meta, true},
		{"an odd item behind", `{"data":[{"uid":"a","name":"` + name + `"},{"uid":"b"},{"uid":"c"},{"uid":["x"]},{"uid":"e"}` + meta, true},
		{"the like in items", `{"data":[{"uid":"a","metadata":[{"uid":1},{"uid":2}]},{"uid":"b","metadata":[{"uid":3}]},{"uid":"c"}]}`, true},

		{"one item", `{"data":[{"uid":"a"}` + meta, false},
		{"none", `{"data":[` + meta, false},
		{"no items behind the middle", `{"data":[{"uid":"a"},{"uid":"b"}],"meta":{"pagination":{"total":9,"current_page":1,"total_pages":2}}}`, false},
		{"cut in a list inside an item", `{"data":[{"uid":"a","metadata":[{"uid":1},{"uid":2},{"uid":3},{"uid":4},{"uid":5}]}]}`, false},
		{"cut in a text", `{"data":[{"uid":"a","name":"0123456789 },{\"uid\":"},{"uid":"b"}]}`, true},
		{"cut in a text that ends the item", `{"data":[{uid:"a","name":"0123456789 },{uid:"},{uid:"b"}]}`, false},
		{"cut in a list beside", `{"data":[{"uid":"a"}],"other":[{"uid":1},{"uid":2},{"uid":3},{"uid":4}]}`, false},
		{"cut short", `{"data":[{"uid":"a"},{"uid":"b"},{"uid":"c"},{"uid":"d"}`, false},
		{"broken in front", `{"data":[{"uid":"a",},{"uid":"b"},{"uid":"c"},{"uid":"d"}]}`, false},
		{"numbers", `{"data":[1,2,3,4]}`, false},
		{"another opening", `{"meta":{},"data":[{"uid":"a"},{"uid":"b"},{"uid":"c"}]}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, spare := range []int{0, len(seam)} {
				body := append(make([]byte, 0, len(tt.body)+spare), tt.body...)
				var got listEnvelope[User]
				ok, err := got.unmarshalHalves(body, len(body)/2, 3)
				assert.Equal(t, tt.ok, ok)
				assert.Equal(t, tt.body, string(body), "changed for good")
				if !ok {
					assert.NoError(t, err)
					continue
				}
				want, wantErr := whole[User](tt.body)
				assert.Equal(t, wantErr == nil, err == nil, "%v, %v", wantErr, err)
				assert.Equal(t, want, got)
			}
		})
	}
}

// A long page comes out the same whether its halves were decoded at once, could
// not be, or had to be decoded item by item.
func TestLongPages(t *testing.T) {
	const n = 1000
	page := func(item string) []byte {
		var b strings.Builder
		b.WriteString(opening)
		for i := range n {
			fmt.Fprintf(&b, item+",", i)
		}
		body := []byte(strings.TrimSuffix(b.String(), ",") + `],"meta":{"pagination":{"current_page":1,"total_pages":2}}}`)
		require.GreaterOrEqual(t, len(body), longPage)
		return body
	}
	for name, item := range map[string]string{
		"plain":             `{"uid":"u%d","name":"Somebody","role":"default"}`,
		"no cut fits":       `{"uid":"u%d","name":"Somebody","tags":[{"uid":"x"},{"uid":"y"},{"uid":"z"}]}`,
		"odd":               `{"uid":"u%d","name":7,"role":"default","status":false}`,
		"another order":     `{"name":"Somebody","role":"default","uid":"u%d"}`,
		"like its metadata": `{"uid":"u%d","metadata":{"list":[{"uid":"a"},{"uid":"b"},{"uid":"c"},{"uid":"d"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			items, _, meta, problem := decodeList[User](page(item), n)
			require.Empty(t, problem)
			require.Len(t, items, n)
			for i, user := range items {
				require.Equal(t, fmt.Sprintf("u%d", i), user.UID)
			}
			assert.Equal(t, 2, meta.Pagination.TotalPages)
		})
	}
	_, _, _, problem := decodeList[User](page(`{"uid":"u%d","name":"Somebody"},"x"`), n)
	assert.Equal(t, "item 1 of the list has an unexpected shape: a string", problem)
}

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
