package wire

import (
	"encoding/json"
	"slices"
)

// RawData returns the data of a response unchanged.
func RawData(body []byte) json.RawMessage {
	answer, _ := open(TrimBOM(body))
	return answer.Data
}

// RawItems returns the JSON that DecodeList makes its items of, unchanged and in
// order.
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
