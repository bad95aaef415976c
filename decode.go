package cometchat

import (
	"bytes"
	"errors"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// Decode reads a value that a webhook, an export or a cache holds, such as a
// User or a Message, without an envelope. It takes every shape that the client
// takes in a response: numbers as texts, [] for an object and so on, where
// encoding/json would fail. It returns an error if data is not JSON, is empty, or
// lacks the id that T has.
func Decode[T any](data []byte) (*T, error) {
	v, problem := wire.Bare[T](wire.Clean(bytes.Clone(data)))
	if problem != nil {
		return nil, errors.New("cometchat: decode: " + problem.Text)
	}
	return v, nil
}
