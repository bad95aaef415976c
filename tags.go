package cometchat

import "fmt"

// Limits of tags on users, groups, messages and conversations.
const (
	// MaxTags is how many tags a user, group, conversation or message may have.
	MaxTags = 25
	// MaxTagLength is the length of a tag in characters.
	MaxTagLength = 100
)

// Tags are short labels that lists can be filtered by: at most MaxTags of them,
// each of at most MaxTagLength characters. In an update, nil leaves the tags as
// they are and an empty non-nil Tags removes them all. Lists include tags only on
// request (WithTags).
type Tags []string

func (t Tags) validate(v *validation) {
	v.atMost("tags", len(t), MaxTags, "tags")
	for i, tag := range t {
		field := fmt.Sprintf("tags[%d]", i)
		v.required(field, tag)
		v.length(field, tag, MaxTagLength)
	}
}
