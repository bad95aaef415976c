package wire

import (
	"encoding/json"
	"slices"
)

// RawData returns the data of a response as it came.
func RawData(body []byte) json.RawMessage {
	answer, _ := open(TrimBOM(body))
	return answer.Data
}

// RawItems returns what DecodeList makes its items of, in their order, as it
// came.
func RawItems(body []byte) []json.RawMessage {
	items, _ := Items(RawData(body))
	return slices.DeleteFunc(items, nothing)
}

// Each calls f for each item.
func (l List[T]) Each(f func(i int, item any)) {
	for i, item := range l.Items {
		f(i, item)
	}
}
