package wire

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// Bulk is the data of a bulk response. The API has the shapes below, where
// <outcome> is {"success":true,"message":"…","data":{…}},
// {"success":false,"error":{…}}, true or false:
//
//	by id     {"<id>":<outcome>, …}                     blocked users
//	grouped   {"<group>":{"<id>":<outcome>, …}, …}      members by scope, friends
//	whole     {"success":true,"message":"…"}            one outcome for all
//	valued    {"<id>":<entity>, …}, also grouped         messages by receiver
//	single    <entity>                                   a message to one receiver
//	listed    {"<outcome's name>":["<id>", …], …}        users deactivated
//
// Entries reads the first four shapes, Whole the third, Single the fifth and
// Listed the last.
type Bulk map[string]json.RawMessage

// Entry is what a bulk response says about one id.
type Entry struct {
	Group string // such as the scope; "" for an entry outside a group
	ID    string
	Raw   json.RawMessage
}

// Entries returns the entries, sorted by group and id.
func (b Bulk) Entries() []Entry {
	var list []Entry
	for _, key := range sortedKeys(b) {
		raw := b[key]
		kind := KindOf(raw)
		if !Present(raw) && kind != KindBool || kind != KindObject && ofTheWhole(key) {
			continue
		}
		members := Members(raw)
		if members == nil || statesOutcome(members) || isEntity(members) {
			list = append(list, Entry{ID: key, Raw: raw})
			continue
		}
		for _, id := range sortedKeys(members) {
			if KindOf(members[id]) != KindNull {
				list = append(list, Entry{Group: key, ID: id, Raw: members[id]})
			}
		}
	}
	return list
}

// ofTheWhole reports whether key names a member that describes the whole response
// rather than one id.
func ofTheWhole(key string) bool {
	return key == "success" || key == "code" || strings.EqualFold(key, "message")
}

// statesOutcome reports whether members are those of an entry. In a group of
// entries, "success" may be an id.
func statesOutcome(members map[string]json.RawMessage) bool {
	for _, name := range []string{"success", "error", "code"} {
		raw, ok := members[name]
		if !ok {
			continue
		}
		inner := Members(raw)
		if inner == nil || name == "error" && inner["success"] == nil {
			return true
		}
	}
	return false
}

// isEntity reports whether members are those of an entity. In a group of entries,
// "id" may be an id.
func isEntity(members map[string]json.RawMessage) bool {
	kind := KindOf(members["id"])
	return kind == KindString || kind == KindNumber
}

// Whole returns the response as one outcome. It returns false unless the response
// states an outcome and holds no entries.
func (b Bulk) Whole() (json.RawMessage, bool) {
	if !statesOutcome(b) {
		return nil, false
	}
	for name, raw := range b {
		if name != "error" && name != "data" && KindOf(raw) == KindObject {
			return nil, false
		}
	}
	raw, err := Marshal(map[string]json.RawMessage(b))
	return raw, err == nil
}

// Single returns the response as the entry of its receiver. It returns false
// unless the response is one entity.
func (b Bulk) Single() (Entry, bool) {
	if !isEntity(b) {
		return Entry{}, false
	}
	raw, err := Marshal(map[string]json.RawMessage(b))
	var entity struct{ Receiver string }
	if err == nil {
		err = Decode(raw, &entity)
	}
	return Entry{ID: entity.Receiver, Raw: raw}, err == nil
}

// Listed returns the ids in the list of this name. It leaves out nulls and empty
// ids.
func (b Bulk) Listed(name string) []string {
	var ids []string
	_ = Decode(b[name], &ids)
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// Outcome is what an entry says: done, with a message and data, or failed, with a
// fault. An entry may also say neither.
type Outcome struct {
	Done    bool
	Message string
	Data    json.RawMessage // the entity, if the entry holds or is one
	Fault   *Fault
}

// Outcome reads an entry. An entry without a statement of success counts as done
// only if it holds the data that success would have brought.
func (e Entry) Outcome() Outcome {
	if members := Members(e.Raw); isEntity(members) && !statesOutcome(members) {
		return Outcome{Done: true, Data: e.Raw}
	}
	var entry struct {
		Success *bool           `json:"success"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
		Error   json.RawMessage `json:"error"`
		Code    string          `json:"code"`
	}
	var plain bool
	if Unmarshal(e.Raw, &plain) == nil {
		entry.Success = &plain
	} else if Decode(e.Raw, &entry) != nil {
		return Outcome{Fault: &Fault{Message: "the response's entry has an unexpected shape: " + KindOf(e.Raw).String()}}
	}
	switch {
	case Present(entry.Error):
		return Outcome{Fault: ParseFault(entry.Error)}
	case entry.Code != "" || entry.Success != nil && !*entry.Success:
		fault := ParseFault(e.Raw)
		if fault.Message == "" && fault.Code == "" {
			fault.Message = "the response says that it failed"
		}
		return Outcome{Fault: fault}
	}
	return Outcome{Done: entry.Success != nil || Present(entry.Data), Message: entry.Message, Data: entry.Data}
}

// Beside decodes the members of b that B has fields for into a new B, and returns
// the other members.
func Beside[B any](b Bulk) (*B, Bulk) {
	beside, rest := new(B), maps.Clone(b)
	fields := fieldsOf(reflect.TypeFor[B]())
	for name := range b {
		if fields[strings.ToLower(name)] != nil {
			delete(rest, name)
		}
	}
	if raw, err := Marshal(map[string]json.RawMessage(b)); err == nil {
		_ = Decode(raw, beside) // a member that does not fit stays zero
	}
	return beside, rest
}
