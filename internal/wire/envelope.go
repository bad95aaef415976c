package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
)

// Accepted stands in for the body of a 204: an acknowledgement.
var Accepted = []byte(`{"success":true}`)

// envelope is a response whose parts are not decoded yet.
type envelope struct {
	Data   json.RawMessage `json:"data"`
	Meta   json.RawMessage `json:"meta"`
	Cursor json.RawMessage `json:"cursor"`
	Error  json.RawMessage `json:"error"`
	// Some acknowledgements come without an envelope.
	Success json.RawMessage `json:"success"`
}

var (
	errIsError = &Problem{Text: "the response is an error", Refused: true}
	errNoData  = &Problem{Text: "the response holds no data"}
)

// open returns the parts of a response. Data is never missing: for a response
// without an envelope it is the whole response.
func open(body []byte) (envelope, *Problem) {
	var env envelope
	if inner := listed(body); inner != nil {
		body = inner
	}
	switch err := Unmarshal(body, &env); {
	case len(bytes.TrimSpace(body)) == 0:
		return envelope{}, &Problem{Text: "the response is empty"}
	case err != nil && !mismatch(err):
		return envelope{}, &Problem{Text: "the response is not JSON, or was cut short"}
	case err != nil:
		return envelope{}, &Problem{Text: "the response has an unexpected shape: " + KindOf(body).String()}
	case Present(env.Error):
		return envelope{}, errIsError
	case env.Data == nil && env.Success != nil:
		return envelope{Data: bytes.TrimSpace(body)}, nil
	case env.Data == nil:
		return envelope{}, errNoData
	}
	env.Data = bytes.TrimSpace(env.Data)
	if inner := listed(env.Data); inner != nil {
		env.Data = bytes.TrimSpace(Members(inner)["data"])
	}
	return env, nil
}

// listed returns the one envelope in a list. The Management API's documents show
// some responses, or their data, as [{"data":{}}].
func listed(raw []byte) []byte {
	if KindOf(raw) != KindArray {
		return nil
	}
	items, _ := Items(raw)
	if len(items) != 1 || KindOf(items[0]) != KindObject {
		return nil
	}
	if members := Members(items[0]); len(members) != 1 || members["data"] == nil {
		return nil
	}
	return items[0]
}

func oddData(data json.RawMessage) *Problem {
	return &Problem{Text: "the response's data has an unexpected shape: " + KindOf(data).String()}
}

// One decodes a response that holds one value. A struct must not be empty unless
// it decodes itself, and an entity must have its id.
func One[T any](body []byte) (*T, *Problem) {
	var env struct {
		Data  *T              `json:"data"`
		Error json.RawMessage `json:"error"`
	}
	err := unmarshalFlat(body, &env)
	if err == nil && entity[T]() && env.Data != nil && !Present(env.Error) && Identified(env.Data) {
		prune(reflect.ValueOf(env.Data).Elem())
		return env.Data, nil
	}
	answer, problem := open(body)
	if problem != nil {
		return nil, problem
	}
	if problem := refusal(answer.Data); problem != nil {
		return nil, problem
	}
	return decodeData[T](answer.Data, "response", err)
}

// Bare decodes one value without an envelope, by the rules of One.
func Bare[T any](data []byte) (*T, *Problem) {
	switch {
	case KindOf(data) == KindNone:
		return nil, &Problem{Text: "there is no data"}
	case !json.Valid(data):
		return nil, &Problem{Text: "the data is not JSON, or was cut short"}
	}
	return decodeData[T](data, "data", nil)
}

// decodeData decodes data, the content of whole; whole is the name that problems
// use. failed is the reason that data is known not to decode as it is, or nil.
func decodeData[T any](data json.RawMessage, whole string, failed error) (*T, *Problem) {
	t := reflect.TypeFor[T]()
	v := new(T)
	decode := Decode[T]
	if failed != nil {
		decode = func(raw []byte, v *T) error { return reshape(raw, v, failed) }
	}
	switch {
	case KindOf(data) == KindNull:
		return nil, &Problem{Text: "the " + whole + " holds no data"}
	case decode(data, v) != nil:
		return nil, &Problem{Text: "the " + whole + "'s data has an unexpected shape: " + KindOf(data).String()}
	case t.Kind() == reflect.Struct && !Identified(v):
		return nil, &Problem{Text: "the " + whole + " holds no " + idName(t)}
	case t.Kind() == reflect.Struct && !opaque(t) && !Present(data):
		return nil, &Problem{Text: "the " + whole + " holds no data"}
	}
	return v, nil
}

// refusal returns the problem of a response that says it failed, or nil.
func refusal(data json.RawMessage) *Problem {
	var said struct {
		Success *bool
		Message string
	}
	if KindOf(data) != KindObject || Decode(data, &said) != nil || said.Success == nil || *said.Success {
		return nil
	}
	text := "the response says that it failed"
	if said.Message != "" {
		text += ": " + said.Message
	}
	return &Problem{Text: text, Refused: true}
}

// Acknowledge reads a response that holds only an acknowledgement. A response
// that does not mention success counts as one, since its status is 2xx.
func Acknowledge(body []byte) *Problem {
	_, problem := acknowledge(body)
	return problem
}

func acknowledge(body []byte) (json.RawMessage, *Problem) {
	answer, problem := open(body)
	if problem != nil {
		return nil, problem
	}
	switch string(answer.Data) {
	case "null":
		return nil, errNoData
	case "true", "[]", `""`:
		return nil, nil
	case "false":
		return nil, &Problem{Text: "the response says that it failed", Refused: true}
	}
	if KindOf(answer.Data) != KindObject {
		return nil, oddData(answer.Data)
	}
	return answer.Data, refusal(answer.Data)
}

// Maybe decodes a response that holds one value or an acknowledgement. It returns
// nil for an acknowledgement. Where an entity is expected, an acknowledgement
// must mention success.
func Maybe[T any](body []byte) (*T, *Problem) {
	v, problem := One[T](body)
	if problem == nil {
		return v, nil
	}
	data, refused := acknowledge(body)
	t := reflect.TypeFor[T]()
	entity := t.Kind() == reflect.Struct && idOf(t) != nil
	if refused != nil || entity && Members(data)["success"] == nil {
		return nil, problem
	}
	return nil, nil
}

// Optional decodes a response that holds one value or nothing. It returns an
// empty value for nothing.
func Optional[T any](body []byte) (*T, *Problem) {
	answer, problem := open(body)
	if problem == nil && !Present(answer.Data) {
		return new(T), nil
	}
	return One[T](body)
}

// Under replaces data with the member of data that has this name. A response
// without the member stays as it is. If member is "", every response does.
func Under(member string, body []byte) []byte {
	if member == "" {
		return body
	}
	answer, problem := open(body)
	inner, ok := Members(answer.Data)[member]
	if problem != nil || !ok {
		return body
	}
	return slices.Concat([]byte(`{"data":`), inner, []byte("}"))
}
