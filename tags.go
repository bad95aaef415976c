package cometchat

import (
	"encoding/json"
	"fmt"
)

// Limits of tags on users, groups, messages and conversations.
const (
	// MaxTags is how many tags one thing may carry.
	MaxTags = 25
	// MaxTagLength is the length of a tag in characters.
	MaxTagLength = 100
)

// Tags are short labels to filter lists by: at most MaxTags of them, each at
// most MaxTagLength characters. In an update, nil leaves the tags as they are
// and an empty non-nil Tags removes them all. Lists answer tags only when asked
// to (WithTags).
type Tags []string

// UnmarshalJSON accepts an array, null, a single string, and an object in place
// of an array.
func (t *Tags) UnmarshalJSON(b []byte) error {
	var list []string
	if err := decodeLenient(b, &list); err != nil {
		return fmt.Errorf("cometchat: tags: %w", err)
	}
	*t = list
	return nil
}

var _ json.Unmarshaler = (*Tags)(nil)

func (t Tags) validate(v *validation) {
	v.atMost("tags", len(t), MaxTags, "tags")
	for i, tag := range t {
		field := fmt.Sprintf("tags[%d]", i)
		v.required(field, tag)
		v.length(field, tag, MaxTagLength)
	}
}
