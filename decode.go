package cometchat

import (
	"bytes"
	"errors"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// Decode reads a value from a webhook, an export or a cache, such as a User or a
// Message, without an envelope. It accepts every shape that the client accepts in
// a response, such as numbers as text or [] for an object, where encoding/json
// fails. It returns an error if data is not JSON, is empty, or lacks the id of a
// T.
func Decode[T any](data []byte) (*T, error) {
	v, problem := wire.Bare[T](wire.Clean(bytes.Clone(data)))
	if problem != nil {
		return nil, errors.New("cometchat: decode: " + problem.Text)
	}
	return v, nil
}
