package cometchat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// DefaultMetadataLimit is how many characters of JSON the metadata of a user or
// group may have unless WithMetadataLimit sets another limit. Newer pages of the
// API's documentation mention 5 KB.
const DefaultMetadataLimit = 1600

// Metadata is a JSON value of the application's own, kept as it was received:
// numbers keep their digits and members their order. In an update, nil leaves it
// as it is.
//
// The API is written in PHP. It writes [] for an empty object, so an empty array
// is decoded like an empty object. It writes a slash as \/, which the client
// turns back into a plain slash, so that metadata does not grow when it is read
// and written.
type Metadata json.RawMessage

// NewMetadata returns v as Metadata. It returns an error if v cannot be encoded
// as JSON. The size is checked when the metadata is sent.
func NewMetadata(v any) (Metadata, error) {
	b, err := wire.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("cometchat: metadata: %w", err)
	}
	return Metadata(b), nil
}

// DecodeMetadata decodes m into a new T; see Metadata.Decode.
func DecodeMetadata[T any](m Metadata) (T, error) {
	var v T
	err := m.Decode(&v)
	return v, err
}

// Decode decodes the metadata into v, a pointer. An empty value and an empty
// array leave v as it is; an empty array inside, where v has an object, is an
// empty object. A string that holds JSON is decoded too, since some writers
// encode twice. The error is that of encoding/json.
func (m Metadata) Decode(v any) error {
	if m.IsEmpty() {
		return nil
	}
	err := wire.DecodeOwn(m, v)
	if err == nil {
		return nil
	}
	if text, ok := wire.Opened(m); ok {
		return Metadata(text).Decode(v)
	}
	return fmt.Errorf("cometchat: metadata: %w", err)
}

// IsEmpty reports whether m holds nothing: no value, null, {} or [].
func (m Metadata) IsEmpty() bool {
	b := bytes.TrimSpace(m)
	if len(b) > 0 && (b[0] == '{' || b[0] == '[') {
		b = append(b[:1:1], bytes.TrimSpace(b[1:])...)
	}
	switch string(b) {
	case "", "null", "{}", "[]":
		return true
	}
	return false
}

// String returns the JSON text.
func (m Metadata) String() string { return string(m) }

// MarshalJSON returns the JSON text, null for nil, {} for an empty Metadata.
func (m Metadata) MarshalJSON() ([]byte, error) {
	if m != nil && len(m) == 0 {
		return []byte("{}"), nil
	}
	return json.RawMessage(m).MarshalJSON()
}

// UnmarshalJSON keeps a copy of the JSON text; null becomes nil.
func (m *Metadata) UnmarshalJSON(b []byte) error {
	*m = nil
	if !bytes.Equal(b, []byte("null")) {
		*m = bytes.Clone(b)
	}
	return nil
}

func (m Metadata) validate(v *validation) {
	if len(m) == 0 {
		return
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, m); err != nil {
		v.add(ValidationError{Field: "metadata", Size: len(m), Reason: "is not valid JSON"})
		return
	}
	if v.metadataLimit > 0 {
		v.atMost("metadata", utf8.RuneCount(compact.Bytes()), v.metadataLimit, "characters of JSON")
	}
}
