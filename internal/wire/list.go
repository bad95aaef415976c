package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// Pagination is what the server says about a numbered page.
type Pagination struct {
	Total       int `json:"total"`
	Count       int `json:"count"`
	PerPage     int `json:"per_page"`
	CurrentPage int `json:"current_page"`
	TotalPages  int `json:"total_pages"`
}

// Meta is what comes with the items of a list.
type Meta struct {
	Pagination Pagination      `json:"pagination"`
	Cursor     json.RawMessage `json:"cursor"`
	Current    struct {
		Limit int `json:"limit"`
		Count int `json:"count"`
	} `json:"current"`
	Next     json.RawMessage `json:"next"`
	Previous json.RawMessage `json:"previous"`
}

// List is a page of a list.
type List[T any] struct {
	Items   []*T
	Skipped int // items that were null, [] or false
	Meta    Meta
}

// DecodeList decodes the envelope of a list.
func DecodeList[T any](body []byte) (List[T], *Problem) {
	var env struct {
		Data   []*T            `json:"data"`
		Meta   Meta            `json:"meta"`
		Cursor json.RawMessage `json:"cursor"`
		Error  json.RawMessage `json:"error"`
	}
	list := List[T]{}
	err := unmarshalFlat(body, &env)
	if err == nil && len(env.Data) > 0 && !Present(env.Error) && !slices.Contains(env.Data, nil) {
		for _, item := range env.Data {
			prune(reflect.ValueOf(item).Elem())
		}
		list.Items, list.Meta = env.Data, env.Meta
	} else {
		answer, problem := open(body)
		if problem != nil {
			return List[T]{}, problem
		}
		if list.Items, list.Skipped, problem = decodeItems[T](answer.Data, &answer.Meta); problem != nil {
			return List[T]{}, problem
		}
		_ = Decode(answer.Meta, &list.Meta) // a useless meta never costs a page
		env.Cursor = answer.Cursor          // Unmarshal may have stopped at an item before the cursor
	}
	if !Present(list.Meta.Cursor) { // the cursor is inside meta or beside it
		list.Meta.Cursor = env.Cursor
	}
	return list, nil
}

// nothing reports whether item is what the server writes in place of an item.
func nothing(item json.RawMessage) bool {
	return !Present(item) && KindOf(item) != KindString && KindOf(item) != KindObject
}

// decodeItems decodes items one by one, so that an error names the item. It
// counts the items that are nothing.
func decodeItems[T any](data json.RawMessage, meta *json.RawMessage) (items []*T, skipped int, problem *Problem) {
	if !Present(data) {
		return nil, 0, nil
	}
	raws, ok := Items(data)
	if only := new(T); !ok && entity[T]() && Decode(data, only) == nil && Identified(only) {
		return []*T{only}, 0, nil // in place of a list of one
	}
	if !ok {
		return nil, 0, oddData(data)
	}
	if data[0] == '{' && len(*meta) == 0 { // then meta is a member beside the items
		*meta = Members(data)["meta"]
	}
	for i, raw := range raws {
		item := new(T)
		switch {
		case nothing(raw):
			skipped++
		case KindOf(raw) != KindObject || Decode(raw, item) != nil:
			return nil, 0, &Problem{Text: fmt.Sprintf("item %d of the list has an unexpected shape: %s", i, KindOf(raw))}
		default:
			items = append(items, item)
		}
	}
	return items, skipped, nil
}

// Items returns the items of an array, or of an object in place of one, whose
// members are named "0", "1" and so on. It ignores other members.
func Items(raw []byte) ([]json.RawMessage, bool) {
	var items []json.RawMessage
	if KindOf(raw) == KindArray {
		return items, Unmarshal(raw, &items) == nil
	}
	members := Members(raw)
	if members == nil {
		return nil, false
	}
	byNumber := map[int]json.RawMessage{}
	var numbers []int // with gaps if PHP has filtered the list
	for name, value := range members {
		if n, ok := number(name); ok {
			numbers = append(numbers, n)
			byNumber[n] = value
		}
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		items = append(items, byNumber[n])
	}
	return items, len(items) > 0 || len(members) == 0
}

// Cursor returns a cursor's members as texts, unchanged. It returns nil if there
// is no cursor.
func Cursor(raw json.RawMessage) map[string]string {
	texts := map[string]string{}
	for name, value := range Members(raw) {
		text := string(value)
		if KindOf(value) == KindString {
			text = unquote(value)
		}
		if name != "" && KindOf(value) != KindNull {
			texts[name] = text
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return texts
}

// Count is a number. ID and Type say what was counted, if the response does.
type Count struct {
	ID   string
	Type string
	N    int
}

var errNoCount = &Problem{Text: "the response holds no count"}

// Counts reads a response that holds numbers in place of a list's items. The
// format is not documented, so Counts finds the numbers wherever they are. A
// response without numbers is a problem, never a 0.
func Counts(body []byte) ([]Count, *Problem) {
	answer, problem := open(body)
	if problem != nil {
		return nil, problem
	}
	var n int
	switch KindOf(answer.Data) {
	case KindNumber, KindString:
		if Decode(answer.Data, &n) != nil {
			return nil, errNoCount
		}
		return []Count{{N: n}}, nil
	case KindArray:
		if counts := listedCounts(answer.Data); counts != nil {
			return counts, nil
		}
	case KindObject:
		if counts := namedCounts(answer.Data); counts != nil {
			return counts, nil
		}
	}
	items, isList := Items(answer.Data)
	var meta Meta
	_ = Decode(answer.Meta, &meta)
	switch total := meta.Pagination.Total; {
	case isList && Present(answer.Meta) && total >= len(items) && statesTotal(answer.Meta):
		return []Count{{N: total}}, nil
	case isList && len(items) == 0:
		return []Count{}, nil
	}
	return nil, errNoCount
}

func statesTotal(meta json.RawMessage) bool {
	_, ok := Members(Members(meta)["pagination"])["total"]
	return ok
}

// Total returns the sum of the counts in such a response. A response that counts
// nothing is a problem, too.
func Total(body []byte) (int, *Problem) {
	counts, problem := Counts(body)
	if problem == nil && len(counts) == 0 {
		problem = errNoCount
	}
	return Sum(counts), problem
}

// Sum returns the sum of the counts.
func Sum(counts []Count) int {
	n := 0
	for _, c := range counts {
		n += c.N
	}
	return n
}

// listedCounts reads an array of counts. It returns nil if an item is not a
// count.
func listedCounts(data json.RawMessage) []Count {
	var items []struct {
		EntityID, EntityType string
		Count                *int
	}
	if Decode(data, &items) != nil {
		return nil
	}
	var counts []Count
	for _, item := range items {
		if item.Count == nil { // an entity, perhaps
			return nil
		}
		counts = append(counts, Count{ID: item.EntityID, Type: item.EntityType, N: *item.Count})
	}
	return counts
}

// namedCounts reads an object of numbers by id, or an object with a count or a
// total of all. It returns nil for any other object.
func namedCounts(data json.RawMessage) []Count {
	members := Members(data)
	var counts []Count
	var total *Count
	others := 0
	for _, id := range sortedKeys(members) {
		count := Count{ID: id}
		if KindOf(members[id]) < KindNumber || Decode(members[id], &count.N) != nil {
			others++
			continue
		}
		if id == "count" || id == "total" {
			count.ID = ""
			if total == nil || total.N < count.N {
				total = &count
			}
			continue
		}
		counts = append(counts, count)
	}
	switch {
	case total != nil && (others > 0 || len(counts) == 0):
		return []Count{*total}
	case others > 0:
		return nil
	case total != nil:
		return append([]Count{*total}, counts...)
	}
	return counts
}
