package cometchat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// checked is an answer that can be wrong although it decodes, such as a user
// without a uid. check says what is wrong with it, or "".
type checked interface{ check() string }

// decodeOne decodes the envelope of a single thing. The second value says what
// is wrong, or "".
func decodeOne[T any](body []byte) (*T, string) {
	var env struct {
		Data  *T              `json:"data"`
		Error json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(body, &env); err != nil || env.Data == nil || present(env.Error) {
		answer, problem := openEnvelope(body)
		if problem == "" && jsonKind(answer.Data) == "null" {
			problem = "the answer holds no data"
		}
		if problem != "" {
			return nil, problem
		}
		env.Data = new(T)
		if err := decodeLenient(answer.Data, env.Data); err != nil {
			return nil, "the answer's data has an unexpected shape: " + jsonKind(answer.Data)
		}
	}
	if c, ok := any(env.Data).(checked); ok {
		if problem := c.check(); problem != "" {
			return nil, problem
		}
	}
	return env.Data, ""
}

// plainSlashes turns the \/ that PHP writes for every slash into /, in place,
// and returns what is left of body. To JSON both are the same, and what is not
// JSON does not become it; but encoding/json unescapes byte by byte into memory
// of its own, and answers are full of links: a user costs two allocations less.
func plainSlashes(body []byte) []byte {
	end, from := 0, 0 // body[:end] is done, body[from:] is yet to be moved behind it
	for at := 0; ; {
		i := bytes.IndexByte(body[at:], '\\')
		if i < 0 || at+i+1 == len(body) {
			return body[:end+copy(body[end:], body[from:])]
		}
		at += i + 2
		if body[at-1] == '/' {
			end += copy(body[end:], body[from:at-2])
			from = at - 1
		}
	}
}

// answerIsError and the prefix of refused are the problems of answers that say
// clearly that nothing was done.
const (
	answerIsError = "the answer is an error"
	answerRefuses = "the answer says that it failed: "
)

func saysNo(problem string) bool {
	return problem == answerIsError || strings.HasPrefix(problem, answerRefuses)
}

// listMeta is what comes with the items of a list.
type listMeta struct {
	Pagination Pagination      `json:"pagination"`
	Cursor     json.RawMessage `json:"cursor"`
	Current    struct {
		Limit int `json:"limit"`
		Count int `json:"count"`
	} `json:"current"`
	Next     json.RawMessage `json:"next"`
	Previous json.RawMessage `json:"previous"`
}

// listEnvelope is a page of a list as it comes.
type listEnvelope[T any] struct {
	Data   []*T            `json:"data"`
	Meta   listMeta        `json:"meta"`
	Cursor json.RawMessage `json:"cursor"`
	Error  json.RawMessage `json:"error"`
}

// decodeList decodes the envelope of a list, and says how many items it has left
// out. hint is how many items to make room for. The last value says what is
// wrong, or "".
func decodeList[T any](body []byte, hint int) (items []*T, skipped int, meta listMeta, problem string) {
	var env listEnvelope[T]
	err := env.unmarshal(body, hint)
	if err != nil || len(env.Data) == 0 || present(env.Error) || hasNil(env.Data) {
		answer, problem := openEnvelope(body)
		if problem != "" {
			return nil, 0, listMeta{}, problem
		}
		if env.Data, skipped, problem = decodeItems[T](answer.Data, &answer.Meta); problem != "" {
			return nil, 0, listMeta{}, problem
		}
		env.Meta = listMeta{}
		_ = decodeLenient(answer.Meta, &env.Meta) // a meta of no use never costs a page
		env.Cursor = answer.Cursor                // json.Unmarshal may have stopped at an item before it
	}
	if !present(env.Meta.Cursor) { // the cursor comes inside or beside meta
		env.Meta.Cursor = env.Cursor
	}
	return env.Data, skipped, env.Meta, ""
}

// unmarshal decodes a page with room for hint items.
func (e *listEnvelope[T]) unmarshal(body []byte, hint int) error {
	if len(body) >= longPage && runtime.GOMAXPROCS(0) > 1 {
		if ok, err := e.unmarshalHalves(body, len(body)/2+headStart, hint); ok {
			return err
		}
	}
	*e = listEnvelope[T]{Data: room[T](hint, len(body))}
	return json.Unmarshal(body, e)
}

// Bytes of JSON: how many make a page that two goroutines decode sooner than
// one, and how many one decodes until the other has begun.
const (
	longPage  = 32 << 10
	headStart = 5 << 10
)

// seam stands between the halves of a page: the end of the first, an array of
// items, and the opening of the second, a page of the others.
const (
	seam    = "]" + opening
	opening = `{"data":[`
)

// unmarshalHalves decodes the halves of a page at the same time, since decoding
// is most of what a page costs the client. It cuts where an item seems to begin,
// behind the middle, and leaves it to encoding/json to tell: anywhere else, as in
// a list inside an item or in one beside the items, the first half is no array.
// ok is false if the page was not decoded. body is changed meanwhile, and as it
// was afterwards.
func (e *listEnvelope[T]) unmarshalHalves(body []byte, middle, hint int) (ok bool, err error) {
	if !bytes.HasPrefix(body, []byte(opening)) {
		return false, nil
	}
	member, _, _ := bytes.Cut(body[len(opening):], []byte(":")) // the first one of the first item
	found := bytes.Index(body[middle:], slices.Concat([]byte("},"), member, []byte(":")))
	if found < 0 {
		return false, nil
	}
	comma := middle + found + 1
	both := slices.Replace(body, comma, comma+1, []byte(seam)...)
	front, back := both[len(opening)-1:comma+1], both[comma+1:]

	ahead := hint*len(front)/len(body) + 1
	var backErr error
	var wg sync.WaitGroup
	wg.Go(func() {
		e.Data = room[T](hint-ahead+1, len(back))
		backErr = json.Unmarshal(back, e)
	})
	items := room[T](ahead, len(front))
	frontErr := json.Unmarshal(front, &items)
	wg.Wait()
	copy(both[comma+1:], both[comma+len(seam):])
	both[comma] = ','

	if frontErr != nil && !mismatch(frontErr) || backErr != nil && !mismatch(backErr) {
		return false, nil
	}
	e.Data = append(items, e.Data...)
	return true, cmp.Or(frontErr, backErr)
}

// minItem is the least an item of a list takes in JSON. Items are allocated in
// blocks of itemBlock: 8 KiB with the word that the allocator adds.
const (
	minItem   = 64 // bytes
	itemBlock = 8<<10 - 8
)

// room returns an empty slice for n items out of size bytes, with the items
// allocated ahead: encoding/json decodes into pointers it finds. A block is small
// enough that an item somebody keeps keeps few others in memory.
func room[T any](n, size int) []*T {
	n = min(n, size/minItem)
	atOnce := max(itemBlock/int(reflect.TypeFor[T]().Size()), 1)
	items := make([]*T, 0, n)
	for len(items) < n {
		block := make([]T, min(atOnce, n-len(items)))
		for i := range block {
			items = append(items, &block[i])
		}
	}
	return items[:0]
}

func hasNil[T any](items []*T) bool {
	for _, item := range items {
		if item == nil {
			return true
		}
	}
	return false
}

// decodeItems decodes items one by one, so that an error names the one. It leaves
// out null and what PHP makes of nothing, and says how many of them there were.
func decodeItems[T any](data json.RawMessage, meta *json.RawMessage) (items []*T, skipped int, problem string) {
	if !present(data) {
		return nil, 0, ""
	}
	raws, ok := listItems(data)
	if !ok {
		return nil, 0, "the answer's data has an unexpected shape: " + jsonKind(data)
	}
	if data[0] == '{' && len(*meta) == 0 { // meta moves in with the items then
		var inside struct{ Meta json.RawMessage }
		if json.Unmarshal(data, &inside) == nil {
			*meta = inside.Meta
		}
	}
	for i, raw := range raws {
		if nothing(raw) {
			skipped++
			continue
		}
		item := new(T)
		if raw[0] != '{' || decodeLenient(raw, item) != nil {
			return nil, 0, fmt.Sprintf("item %d of the list has an unexpected shape: %s", i, jsonKind(raw))
		}
		items = append(items, item)
	}
	return items, skipped, ""
}

// nothing tells what stands in a list where an item was: null, false or [].
func nothing(item json.RawMessage) bool {
	switch item[0] {
	case 'n', 'f':
		return true
	case '[':
		return len(bytes.TrimSpace(item[1:len(item)-1])) == 0
	}
	return false
}

// envelope is an answer whose parts are still to be decoded.
type envelope struct {
	Data   json.RawMessage `json:"data"`
	Meta   json.RawMessage `json:"meta"`
	Cursor json.RawMessage `json:"cursor"`
	Error  json.RawMessage `json:"error"`
	// Some acknowledgements come without an envelope.
	Success json.RawMessage `json:"success"`
}

// openEnvelope returns the parts of an answer, and what is wrong with it, or "".
// Data is never missing; it is the whole answer where that has no envelope.
func openEnvelope(body []byte) (env envelope, problem string) {
	switch err := json.Unmarshal(body, &env); {
	case len(bytes.TrimSpace(body)) == 0:
		return envelope{}, "the answer is empty"
	case err != nil && !mismatch(err):
		return envelope{}, "the answer is not JSON, or was cut short"
	case err != nil:
		return envelope{}, "the answer has an unexpected shape: " + jsonKind(body)
	case present(env.Error):
		return envelope{}, answerIsError
	case env.Data == nil && env.Success != nil:
		return envelope{Data: bytes.TrimSpace(body)}, ""
	case env.Data == nil:
		return envelope{}, "the answer holds no data"
	}
	env.Data = bytes.TrimSpace(env.Data)
	return env, ""
}

// jsonKind names the kind of a JSON value, for messages that must not show it.
func jsonKind(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// present tells a value from its absence: null, and what PHP makes of nothing.
func present(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "false", "[]", "{}", `""`:
		return false
	}
	return true
}
