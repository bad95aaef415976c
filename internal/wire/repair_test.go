package wire

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tree has parts of its own type in every way that Go allows.
type tree struct {
	ID   string              `json:"id" wire:"id"`
	Kid  *tree               `json:"kid,omitempty"`
	Kids []*tree             `json:"kids,omitempty"`
	Map  map[string]tree     `json:"map,omitempty"`
	Own  json.RawMessage     `json:"own,omitempty"`
	Ptrs map[string]*tree    `json:"ptrs,omitempty"`
	In   struct{ Kid *tree } `json:"in"`
}

// TestRepairVisits checks that a repair walks over each byte a bounded number of
// times, whatever is nested and however deep.
func TestRepairVisits(t *testing.T) {
	for name, tt := range map[string]struct {
		open, end string
		visits    int
	}{
		"objects":        {`{"id":1,"kid":`, `}`, 2},
		"arrays":         {`[`, `]`, 2},
		"arrays of one":  {`{"id":1,"kid":[`, `]}`, 2},
		"ids":            {`{"id":`, `}`, 2},
		"maps":           {`{"id":1,"map":{"a":`, `}}`, 2},
		"lists":          {`{"id":1,"kids":[`, `]}`, 2},
		"numbered lists": {`{"id":1,"kids":{"0":`, `}}`, 3},
		"single items":   {`{"id":1,"kids":`, `}`, maxDepth + 2},
		"own":            {`{"id":1,"own":`, `}`, 2},
		"unknown":        {`{"id":1,"other":`, `}`, 2},
	} {
		for _, depth := range []int{1, 10, 31, 32, 33, 100, 1000, 10000} {
			body := []byte(strings.Repeat(tt.open, depth) + `"` + strings.Repeat("x", 200<<10) + `"` + strings.Repeat(tt.end, depth))
			r := repairer{scanner: scanner{in: body}}
			r.fit(reflect.TypeFor[tree]())
			assert.LessOrEqual(t, r.visited, tt.visits*len(body), "%s, %d deep", name, depth)
			assert.Equal(t, len(body), r.at, "%s, %d deep", name, depth)
			assert.LessOrEqual(t, len(r.out), len(body)+len(body)/4)
		}
	}
	text := `{"id":1}`
	for depth := range 8 { // JSON in strings, nested in each other
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		text = `{"id":1,"kid":` + string(quoted) + `}`
		r := repairer{scanner: scanner{in: []byte(text)}}
		assert.True(t, r.fit(reflect.TypeFor[tree]()))
		assert.LessOrEqual(t, r.visited, (maxOpened+2)*2*len(text), depth)
	}
}

// TestRepairDepth checks that an odd value at one level leaves the others alone,
// down to the deepest level that a repair looks at.
func TestRepairDepth(t *testing.T) {
	nested := func(depth int) string {
		return strings.Repeat(`{"id":1,"kid":`, depth-1) + `{"id":2}` + strings.Repeat("}", depth-1)
	}
	depth := func(v *tree) int {
		n := 0
		for ; v != nil; v = v.Kid {
			n++
		}
		return n
	}
	for given, want := range map[int]int{1: 1, 2: 2, 31: 31, 32: 32, 33: 32, 100: 32, 5000: 32} {
		var v tree
		require.NoError(t, Decode([]byte(nested(given)), &v))
		assert.Equal(t, want, depth(&v), given)
	}
	// Well-formed JSON decodes completely unless its depth is absurd.
	var v tree
	require.NoError(t, Decode([]byte(strings.ReplaceAll(strings.ReplaceAll(nested(90), "1", `"1"`), "2", `"2"`)), &v))
	assert.Equal(t, 90, depth(&v))
	// The application's own JSON always decodes completely.
	own := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	require.NoError(t, Decode([]byte(`{"id":7,"own":`+own+`}`), &v))
	assert.Equal(t, own, string(v.Own))
}

// TestPartsWithoutAnID checks that a part without its id counts as absent.
func TestPartsWithoutAnID(t *testing.T) {
	for body, want := range map[string]tree{
		`{"id":"1","kid":{}}`:                               {ID: "1"},
		`{"id":"1","kid":[]}`:                               {ID: "1"},
		`{"id":"1","kid":""}`:                               {ID: "1"},
		`{"id":"1","kid":false}`:                            {ID: "1"},
		`{"id":"1","kid":null}`:                             {ID: "1"},
		`{"id":"1","kid":[{}]}`:                             {ID: "1"},
		`{"id":1,"kid":{"id":null,"own":1}}`:                {ID: "1"},
		`{"id":"1","kid":{"id":"2","kid":{}}}`:              {ID: "1", Kid: &tree{ID: "2"}},
		`{"id":"1","map":{"a":{},"b":{"id":"2"},"c":null}}`: {ID: "1", Map: map[string]tree{"b": {ID: "2"}}},
		`{"id":"1","in":{"kid":{}}}`:                        {ID: "1"},
		`{"id":"1","kids":[{"id":"2","kid":{}}]}`:           {ID: "1", Kids: []*tree{{ID: "2"}}},
	} {
		var v tree
		require.NoError(t, Decode([]byte(body), &v), body)
		assert.Equal(t, want, v, body)
	}
	var v tree
	require.NoError(t, Decode([]byte(`{"id":"1","ptrs":{"a":{},"b":null,"c":{"id":"2","kid":{}}}}`), &v))
	assert.Equal(t, tree{ID: "1", Ptrs: map[string]*tree{"c": {ID: "2"}}}, v)
	assert.Nil(t, Value[tree]([]byte(`{}`)))
	assert.Nil(t, Value[tree]([]byte(`7`)))
	assert.Equal(t, &tree{ID: "7"}, Value[tree]([]byte(`{"id":7}`)))
	assert.True(t, Identified(&part{}))
	assert.False(t, Identified(&tree{}))
}

func TestDecodeOwn(t *testing.T) {
	type own struct {
		A map[string]struct {
			N int            `json:"n"`
			M map[string]int `json:"m"`
		} `json:"a"`
		P    *part     `json:"p"`
		List [][]*part `json:"list"`
		T    when      `json:"t"`
		Raw  json.RawMessage
	}
	for body, want := range map[string]own{
		`{"a":[]}`: {A: map[string]struct {
			N int            `json:"n"`
			M map[string]int `json:"m"`
		}{}},
		`{"a":{"x":[],"y":{"n":1,"m":[ ]}},"other":[[]],"Raw":[[]]}`: {A: map[string]struct {
			N int            `json:"n"`
			M map[string]int `json:"m"`
		}{"x": {}, "y": {N: 1, M: map[string]int{}}}, Raw: json.RawMessage(`[[]]`)},
		`{"p":[],"list":[[[],{"name":"p"}],[]],"t":"5"}`: {P: &part{}, List: [][]*part{{{}, {"p"}}, {}}, T: 5},
	} {
		var v own
		require.NoError(t, DecodeOwn([]byte(body), &v), body)
		assert.Equal(t, want, v, body)
	}
	// Nothing else is reshaped: a value that does not fit is an error, not a
	// zero.
	for _, body := range []string{`{"a":[1]}`, `{"a":{"x":{"n":"1"}}}`, `{"p":""}`, `{"p":[{"name":"p"}]}`, `{"list":{"0":[]}}`, `{`, `[]]`, ``} {
		assert.Error(t, DecodeOwn([]byte(body), new(own)), body)
	}
	assert.Error(t, DecodeOwn([]byte(`{"a":[]}`), own{}), "no pointer")
	assert.Error(t, DecodeOwn([]byte(`{"a":[]}`), nil))
}

func TestBare(t *testing.T) {
	for body, want := range map[string]string{
		``: "there is no data", ` `: "there is no data", `{`: "the data is not JSON, or was cut short", `null`: "the data holds no data",
		`{}`: "the data holds no id", `[]`: "the data holds no id", `""`: "the data holds no id", `7`: "the data's data has an unexpected shape: a number", `{"id":7}`: "",
	} {
		v, problem := Bare[tree]([]byte(body))
		assert.Equal(t, want, textOf(problem), body)
		assert.Equal(t, want == "", v != nil, body)
	}
	list, problem := Bare[[]tree]([]byte(`{"0":{"id":7}}`))
	assert.Nil(t, problem)
	assert.Equal(t, &[]tree{{ID: "7"}}, list)
}
