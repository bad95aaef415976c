package fastjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/internal/fastjson"
)

// own decodes itself from every value except "no".
type own string

func (o *own) UnmarshalJSON(b []byte) error {
	if string(b) == `"no"` {
		return errors.New("no")
	}
	*o = own(b)
	return nil
}

// upper implements encoding.TextUnmarshaler.
type upper struct{ s string }

func (u *upper) UnmarshalText(b []byte) error {
	u.s = string(bytes.ToUpper(b))
	return nil
}

type base struct {
	ID   string `json:"id"`
	Rank int8   `json:"rank,omitempty"`
}

type deep struct{ base }

// everything has a field of every kind.
type everything struct {
	deep
	On       bool            `json:"on"`
	Count    int             `json:"count"`
	Kind     kind            `json:"kind,omitzero"`
	Own      own             `json:"own"`
	OwnAt    *own            `json:"ownAt"`
	Raw      json.RawMessage `json:"raw"`
	Tags     []string        `json:"tags"`
	Next     *everything     `json:"next"`
	List     []*everything   `json:"list"`
	Bases    []base          `json:"bases"`
	Empty    []struct{}      `json:"empty"`
	Twice    **int           `json:"twice"`
	Inner    struct{ A, a, B int }
	Map      map[string]base    `json:"map"`
	Maps     []map[string][]int `json:"maps"`
	Float    float64            `json:"float"`
	Unsigned uint8              `json:"unsigned"`
	Bytes    []byte             `json:"bytes"`
	Array    [2]int             `json:"array"`
	Upper    upper              `json:"upper"`
	Any      any                `json:"any"`
	Method   json.Unmarshaler   `json:"method"`
	Number   json.Number        `json:"number"`
	Time     time.Time          `json:"time"`
	Duration time.Duration      `json:"duration"`
	Named    named              `json:"named"`
	Channel  chan int           `json:"channel"`
	Slash    string             `json:"@x-y"`
	Long     string             `json:"aLongNameThatNeedsMoreThanEightBytes"`
	Ignored  string             `json:"-"`
	hidden   string
	unseen   own
}

type (
	kind  string
	named *own // hides the methods of own
)

// Types that are left to encoding/json as a whole, since it has special rules for
// them.
type (
	twoOfOneName struct {
		base
		Other string `json:"id"`
	}
	quoted struct {
		N int `json:"n,string"`
	}
	embedsPointer struct{ *Base }
	embedsTagged  struct {
		Base `json:"base"`
	}
	embedsText struct{ Text }
	embedsOdd  struct{ quoted }
	spaced     struct {
		X string `json:"a b"`
	}
	dashed struct {
		//lint:ignore SA5008 it is what it looks like, an odd name
		X string `json:"-,"`
	}
	foreign struct {
		É string
	}
	many struct {
		A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z                           int
		AA, BA, CA, DA, EA, FA, GA, HA, IA, JA, KA, LA, MA, NA, OA, PA, QA, RA, SA, TA, UA, VA, WA, XA, YA, ZA int
		AB, BB, CB, DB, EB, FB, GB, HB, IB, JB, KB, LB, MB, NB, OB, PB, QB, RB, SB, TB, UB, VB, WB, XB, YB, ZB int
	}
	Base = base2
	Text string
)

// base2 is embedded by an exported name.
type base2 struct {
	ID string `json:"id"`
}

// streams has the method of encoding/json/v2, as far as its signature can be
// given without that package.
type streams struct{ S string }

func (s *streams) UnmarshalJSONFrom() {}

// cased has fields whose names differ only in case.
type cased struct {
	Lower string `json:"x"`
	Upper string `json:"X"`
}

// plain is JSON that decodes into everything normally.
var plain = []string{
	`{}`, `null`, " \t\r\n{ \"id\" : \"a\" ,\n\"rank\":-7 } ", `{"on":true,"count":123456789012345678,"own":[1,"x"],"ownAt":{},"raw":{"a":[]},"tags":["a","b","c","d","e"]}`,
	`{"next":{"next":{"id":"b"}},"list":[{"id":"c"},null,{}],"bases":[{"id":"c","rank":1},{}],"empty":[{},null],"Inner":{"A":1,"B":2},"twice":7}`,
	`{"map":{"k":{"id":"d"}},"maps":[{"k":[1]},null,{}],"float":1.5e3,"unsigned":255,"bytes":"YWJj","array":[1,2,3],"upper":"abc","any":[1,null]}`,
	`{"number":12e7,"time":"2020-01-02T03:04:05Z","duration":5,"named":"x","@x-y":"s","aLongNameThatNeedsMoreThanEightBytes":"l"}`,
	`{"number":"-1.5","channel":null,"method":null}`,
	`{"id":null,"on":null,"count":null,"own":null,"ownAt":null,"raw":null,"tags":null,"next":null,"list":null,"bases":null,"Inner":null,"twice":null,"map":null,"float":null,"bytes":null}`,
	`{"array":null,"upper":null,"any":null,"number":null,"time":null,"duration":null,"named":null}`,
	`{"id":"quote \" slash \/ \\ line \n \u00e9 \uD83D\ude05 é 😅","unknown":{"x":["\u12aB",-0.5E-7,0,1e+9,true,false,null]},"tags":[],"list":[],"bases":[],"map":{}}`,
	`{"raw":"` + "\xff" + `","unknown":"` + "\xff" + `\ud800"}`, `{"id":"\b\f\r\t\u0000\uFFFD"}`, `{"-":"x","hidden":"y","unseen":"no","":1,"Ignored":2}`,
	`{"count":-9223372036854775808,"rank":-0}`, `{"tags":["` + strings.Repeat("x", 32) + `","` + strings.Repeat("é", 17) + `","` + strings.Repeat("x", 300) + `"]}`,
	`{"raw":` + nested(99) + `}`, `{"own":"yes","i":1,"unknown":"twice","unknown":"twice"}`,
}

// odd is JSON that must not be decoded into everything.
var odd = map[string][]string{
	"malformed": {
		``, ` `, `{"id":"a"} x`, "{}\x00", "\x00", `{"id":"a",}`, `{"tags":["a",]}`, `{"tags":["a"}`, `{"tags":[`, `{"count":01}`, `{"count":-}`, `{"count":+1}`, `{"count":}`,
		`{"id":"a` + "\n" + `"}`, `{"unknown":"0123456` + "\x1f" + `"}`, `{"id":"\x"}`, `{"on":tru}`, `{"on":falsy}`, `{"on":nul}`, `{"unknown":nul}`, `{"raw":{"a":"\u12g4"}}`,
		`{"raw":[1.]}`, `{"raw":[1e]}`, `{"raw":[.5]}`, `{"raw":"\`, `{"raw":"\u12`, `{"raw":{"a" 1}}`, `{"raw":{a:1}}`, `{"raw":{1:1}}`, `{"id":"`, `{"id"`, `{"id":`, `{`, `{"id" "a"}`,
		`{id:1}`, `{"id":"\u12"}`, `{"id":"\u+123"}`, `{"id":"\u`, `{"id":"a"]`, `{"unknown":[1}`, `{"map":{]}`, `{"own":-true}`, `{"raw":"é`, `{,}`, `[,]`, `nul`, `{"bases":[{}{}]}`,
	},
	"another kind": {
		`[]`, `7`, `"x"`, `true`, `{"id":7}`, `{"id":{}}`, `{"on":1}`, `{"on":"true"}`, `{"count":"1"}`, `{"count":true}`, `{"tags":{}}`, `{"tags":"a"}`, `{"tags":[1]}`, `{"next":[]}`,
		`{"float":"1"}`, `{"map":[]}`, `{"upper":1}`, `{"bytes":1}`, `{"bytes":"*"}`, `{"list":[{"count":"1"}]}`, `{"channel":1}`, `{"number":"x"}`, `{"number":true}`, `{"time":"now"}`,
		`{"method":1}`,
	},
	"a number that is no integer, or too large": {
		`{"count":1.0}`, `{"count":1e3}`, `{"count":12345678901234567890}`, `{"rank":128}`, `{"rank":-129}`, `{"unsigned":-1}`, `{"float":1e999}`,
	},
	"a name": {
		`{"ID":"a"}`, `{"Count":1}`, `{"inner":{}}`, `{"Inner":{"a":1}}`, `{"@X-y":"s"}`, `{"id":"a","id":"b"}`, `{"on":true,"id":"a","on":true}`, `{"i\u0064":"a"}`, `{"\/":1}`,
		`{"é":1}`, `{"ſlaſh":1}`,
	},
	"a text": {
		`{"id":"` + "\xff" + `"}`, `{"id":"` + "\xc3" + `"}`, `{"id":"\ud800"}`, `{"id":"\udc00"}`, `{"id":"\ud800\u0041"}`, `{"id":"\ud800x\udc00"}`, `{"id":"\ud800\udc0"}`, `{"id":"\ud800\n012345"}`,
	},
	"its own decoder": {`{"own":"no"}`, `{"ownAt":"no"}`},
	"nesting":         {`{"raw":` + nested(100) + `}`, `{"unknown":` + nested(200) + `}`, strings.Repeat(`{"next":`, 101) + `{}` + strings.Repeat(`}`, 101)},
}

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// seeds returns all of plain and odd.
func seeds() (list []string) {
	list = append(list, plain...)
	for _, texts := range odd {
		list = append(list, texts...)
	}
	return list
}

// same checks that fastjson decodes to the same value as encoding/json, or not at
// all.
func same[T any](t *testing.T, data []byte) (ok bool) {
	t.Helper()
	return sameInto(t, data, func() *T { return new(T) })
}

// sameInto is like same, but begins with the value that target makes.
func sameInto[T any](t *testing.T, data []byte, target func() *T) (ok bool) {
	t.Helper()
	input, got, want := bytes.Clone(data), target(), target()
	ok = fastjson.Unmarshal(data, got)
	require.Equal(t, input, data, "changed")
	err := json.Unmarshal(data, want)
	if ok {
		require.NoError(t, err, "%s", data)
		require.Equal(t, want, got, "%s", data)
	}
	again := target()
	againErr := fastjson.Decode(data, again)
	require.Equal(t, err, againErr, "%s", data)
	if reflect.ValueOf(target()).Elem().IsZero() || err == nil {
		require.Equal(t, want, again, "%s", data)
	}
	return ok
}

// sameAll decodes into all types of this file.
func sameAll(t *testing.T, data []byte) {
	t.Helper()
	list := slices.Concat([]byte("["), data, []byte("]"))
	sameInto(t, data, filled)
	same[everything](t, data)
	same[[]everything](t, data)
	same[map[string]*everything](t, data)
	same[[]twoOfOneName](t, list)
	same[[]quoted](t, list)
	same[[]embedsPointer](t, list)
	same[[]embedsTagged](t, list)
	same[[]embedsText](t, list)
	same[[]embedsOdd](t, list)
	same[[]spaced](t, list)
	same[[]dashed](t, list)
	same[[]foreign](t, list)
	same[[]many](t, list)
	same[cased](t, data)
	same[[]streams](t, list)
	same[struct{ own }](t, data)
	same[[]struct{ upper }](t, list)
	same[[]*struct{ own }](t, list)
	same[named](t, data)
	same[string](t, data)
	same[*string](t, data)
	same[[]string](t, data)
	same[int64](t, data)
	same[bool](t, data)
	same[any](t, data)
	same[own](t, data)
	same[upper](t, data)
	same[[]time.Time](t, list)
	same[[]json.Number](t, list)
	same[json.RawMessage](t, data)
}

func TestUnmarshal(t *testing.T) {
	for _, text := range plain {
		assert.True(t, same[everything](t, []byte(text)), text)
		sameAll(t, []byte(text))
	}
	for text, ok := range map[string]bool{
		`two of one name`: same[[]twoOfOneName](t, []byte(`[{"id":"a"}]`)),
		`quoted`:          same[[]quoted](t, []byte(`[{"n":"7"}]`)),
		`many`:            same[[]many](t, []byte(`[{"A":1,"ZB":2}]`)),
		`cased`:           same[cased](t, []byte(`{"x":"1","X":"2"}`)),
		`foreign`:         same[[]foreign](t, []byte(`[{"É":"1","a b":""}]`)),
		`texts`:           same[[]string](t, []byte(`["a",null,"b"]`)),
		`times`:           same[[]time.Time](t, []byte(`["2020-01-02T03:04:05Z"]`)),
		`own`:             same[own](t, []byte(` {"a":[1, 2]} `)),
	} {
		assert.True(t, ok, text)
	}
}

func TestRefuse(t *testing.T) {
	for reason, texts := range odd {
		for _, text := range texts {
			assert.False(t, same[everything](t, []byte(text)), "%s: %s", reason, text)
			sameAll(t, []byte(text))
		}
	}
	assert.False(t, same[map[string]string](t, []byte(`{"a":"b"}`)), "nothing to do here")
	assert.False(t, same[struct{ own }](t, []byte(`"x"`)), "methods of what a type without a name embeds")
}

// TestNoPointer checks that targets that encoding/json refuses are refused.
func TestNoPointer(t *testing.T) {
	x := own("as it was")
	for _, v := range []any{nil, x, (*own)(nil), map[string]any{}, named(&x)} {
		assert.False(t, fastjson.Unmarshal([]byte(`"x"`), v))
		assert.Equal(t, json.Unmarshal([]byte(`"x"`), v), fastjson.Decode([]byte(`"x"`), v))
	}
}

// filled returns a value whose fields are set.
func filled() *everything {
	n, o := 7, own("o")
	at := &n
	tags := []string{"p", "q", "r", "hidden behind the end"}
	return &everything{
		deep: deep{base{"x", 1}}, On: true, Count: 7, Own: "y", OwnAt: &o, Raw: []byte("1"), Tags: tags[:3], Next: &everything{Count: 3, Tags: []string{"n"}},
		List: []*everything{{Count: 4}, {Count: 5}}, Bases: append(make([]base, 0, 9), base{"b", 2}, base{"c", 3}), Twice: &at,
		Map: map[string]base{"m": {ID: "m"}}, Maps: []map[string][]int{{"m": {1}}}, Float: 1, Bytes: []byte("b"), Array: [2]int{1, 2},
		Upper: upper{"u"}, Any: &n, Method: &o, Number: "1", Time: time.Unix(1, 0), Named: &o, Long: "l", hidden: "h", unseen: "u",
	}
}

// TestFilled decodes into a value whose fields are set. null and false must be
// applied, and existing pointers, slices and maps decoded into.
func TestFilled(t *testing.T) {
	for _, text := range append(plain, `{"on":false,"count":0,"id":"","Inner":{}}`, `{"tags":["a"],"next":{"id":"n"},"list":[{"id":"l"},{},{"id":"new"}],"map":{"k":{}},"maps":[{"k":[]}]}`,
		`{"tags":["a",null,null,null,null],"bases":[{"rank":9},{},{"id":"d"}],"twice":9,"any":7,"method":"m","named":"n","ownAt":"p"}`) {
		ok := json.Unmarshal([]byte(text), filled()) == nil // some do not fit the existing values
		assert.Equal(t, ok, sameInto(t, []byte(text), filled), text)
	}
	for _, texts := range odd {
		for _, text := range texts {
			sameInto(t, []byte(text), filled)
		}
	}
}

// TestDecodeStartsOver checks that nothing is left of what Unmarshal decoded
// before it refused.
func TestDecodeStartsOver(t *testing.T) {
	v := base{"as it was", 1}
	require.Error(t, fastjson.Decode([]byte(`{"id":"new","rank":1000`), &v))
	assert.Equal(t, base{"as it was", 1}, v)

	require.NoError(t, fastjson.Decode([]byte(`{"id":null,"RANK":7}`), &v))
	assert.Equal(t, base{"as it was", 7}, v)
}

// TestCutShort checks that the beginning of a document is not taken for a whole
// one.
func TestCutShort(t *testing.T) {
	for _, text := range plain {
		for i := range text {
			same[everything](t, []byte(text[:i]))
		}
	}
}

// TestKeepsNoReference changes data after decoding it.
func TestKeepsNoReference(t *testing.T) {
	for _, text := range plain {
		data := []byte(text)
		var got, want everything
		require.True(t, fastjson.Unmarshal(data, &got))
		clear(data)
		require.NoError(t, json.Unmarshal([]byte(text), &want))
		assert.Equal(t, want, got)
	}
}

// TestAtOnce makes the plans of types that refer to each other in many goroutines
// at once.
func TestAtOnce(t *testing.T) {
	type (
		left  struct{ Right []*struct{ Left *left } }
		right struct{ Lefts []left }
	)
	done := make(chan bool)
	for range 8 {
		go func() {
			var v right
			done <- fastjson.Unmarshal([]byte(`{"Lefts":[{"Right":[{"Left":{"Right":[]}}]}]}`), &v) && v.Lefts[0].Right[0].Left.Right != nil
		}()
	}
	for range 8 {
		assert.True(t, <-done)
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, text := range seeds() {
		f.Add([]byte(text))
	}
	f.Fuzz(sameAll)
}

// TestHexDigits checks that a byte is a digit of an escape if and only if it is
// one to encoding/json.
func TestHexDigits(t *testing.T) {
	for c := range 256 {
		data := []byte{'"', '\\', 'u', '0', '0', byte(c), '1', '"'}
		var got, want string
		ok, err := fastjson.Unmarshal(data, &got), json.Unmarshal(data, &want)
		assert.Equal(t, err == nil, ok, "%q", data)
		if ok {
			assert.Equal(t, want, got, "%q", data)
		}
	}
}
