package cometchat

import (
	"encoding/json"
	"reflect"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// rawItem holds an item as it was received. It is behind a pointer, so that it
// costs next to nothing if it is not kept, and is not printed if it is: fmt
// shows an address.
type rawItem struct{ raw *json.RawMessage }

// Raw returns the item byte for byte as it was received, including what the type
// does not name, and any secrets in it. It is nil unless the client has
// [WithRawItems] and the item is one of a list, or the whole result of a call; a
// part of something else is in the Raw of that.
func (r rawItem) Raw() json.RawMessage {
	if r.raw == nil {
		return nil
	}
	return *r.raw
}

func (r *rawItem) keepRaw(raw json.RawMessage) { r.raw = &raw }

// rawKeeper is a type with a rawItem.
type rawKeeper interface{ keepRaw(json.RawMessage) }

// keepRaw copies from a body what T, one value or a list, is decoded from, and
// returns a function that stores it in the decoded value. The body itself does
// not live long enough: it is cleaned before it is decoded, and its memory is
// reused afterwards.
func keepRaw[T any](body []byte) func(T) {
	switch any(*new(T)).(type) {
	case rawKeeper:
		raw := wire.RawData(body)
		return func(v T) {
			if !reflect.ValueOf(v).IsNil() { // an acknowledgement may come in its place
				any(v).(rawKeeper).keepRaw(raw)
			}
		}
	case itemsHolder:
		raws := wire.RawItems(body)
		return func(v T) {
			any(v).(itemsHolder).Each(func(i int, item any) {
				if item, ok := item.(rawKeeper); ok {
					item.keepRaw(raws[i])
				}
			})
		}
	}
	return func(T) {}
}

// itemsHolder is a list of any type.
type itemsHolder interface {
	Each(f func(i int, item any))
}
