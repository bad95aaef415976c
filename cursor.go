package cometchat

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// The affix parameter selects the side of a cursor that the page is on.
const (
	forward  = "append"
	backward = "prepend"
)

// cursorParams are the parameters that name a place in a cursor list. If there is
// no id, a cursor can also be a page's number.
var cursorParams = map[string]bool{"id": true, "affix": true, "sentAt": true, "updatedAt": true, "fromTimestamp": true}

// ownParams returns the parameters of a cursor that it may set in a list with
// these options. They include parameters that the library does not know, since
// the API expects all of them back.
func ownParams(cursor url.Values, options any) url.Values {
	own := url.Values{}
	var reserved map[string]bool
	for name, values := range cursor {
		if !cursorParams[name] && !(name == "page" && !cursor.Has("id")) {
			if reserved == nil {
				reserved = reservedParams(options)
			}
			if reserved[plainParam(name)] {
				continue
			}
		}
		own[name] = values
	}
	return own
}

// reservedParams are the names, as plainParam makes them, that no cursor may set:
// the parameters of a list's options, those of the page size, the names of the
// headers, and a cursor's own in another spelling.
func reservedParams(options any) map[string]bool {
	reserved := map[string]bool{"": true}
	for _, name := range []string{"page", "perPage", "limit", "count", "onBehalfOf", "apiKey", "appId"} {
		reserved[plainParam(name)] = true
	}
	for name := range cursorParams {
		reserved[plainParam(name)] = true
	}
	if t := reflect.TypeOf(options); t != nil {
		for _, field := range reflect.VisibleFields(t.Elem()) {
			name, _, _ := strings.Cut(field.Tag.Get("url"), ",")
			reserved[plainParam(name)] = true
			// The API also reads some filters under the name of a single value.
			reserved[plainParam(strings.TrimSuffix(name, "s"))] = true
			reserved[plainParam(strings.TrimSuffix(name, "ies")+"y")] = true
		}
	}
	return reserved
}

// plainParam returns one form for names that a server may treat as equal: PHP
// reads " tags", "tags[0]" and "tags\x00" as "tags", and "per.page" as
// "per_page".
func plainParam(name string) string {
	if i := strings.IndexAny(name, "[\x00"); i >= 0 {
		name = name[:i]
	}
	return strings.ToLower(strings.NewReplacer(" ", "", ".", "", "_", "").Replace(name))
}

// cursorQuery returns the parameters that lead to a neighbouring page: the
// members of its cursor.
func cursorQuery(raw json.RawMessage) url.Values {
	values := url.Values{}
	for k, v := range wire.Cursor(raw) {
		values.Set(k, v)
	}
	return values
}
