package cometchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrNotAttempted: this part of a bulk call was never sent, because a request
// before it failed. Nothing of it was done, so it can be repeated as it is.
var ErrNotAttempted = errors.New("cometchat: not attempted")

// Result is what became of one of the things a bulk call was asked for.
type Result[T any] struct {
	// ID is what was asked for, spelled as the caller did.
	ID string
	// Value is what the answer says of it; nil if nothing.
	Value *T
	// Err is why it failed: an *Error in most cases, to be told apart by its
	// code, as in errors.Is(r.Err, CodeAlreadyJoined); nil on success. It
	// matches ErrOutcomeUnknown when it may or may not have been done, such as
	// when the answer does not mention the id, and ErrNotAttempted when it was
	// never sent.
	Err error
}

// OK reports whether it was done.
func (r Result[T]) OK() bool { return r.Err == nil }

// MarshalJSON returns an object of id, success, value and error, the last two
// where there are any.
func (r Result[T]) MarshalJSON() ([]byte, error) {
	out := struct {
		ID      string `json:"id"`
		Success bool   `json:"success"`
		Value   *T     `json:"value,omitempty"`
		Error   string `json:"error,omitempty"`
	}{ID: r.ID, Success: r.OK(), Value: r.Value}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	return marshal(out)
}

// Results are the outcome of a bulk call.
type Results[T any] struct {
	// Items has one result for each input, in the order of the input. The API
	// lower-cases ids; inputs are matched whatever their case.
	Items []Result[T] `json:"items"`
	// Unmatched has what the answer tells of ids that nobody asked for.
	Unmatched []Result[T] `json:"unmatched,omitempty"`
}

// Failed returns the results that are failures.
func (r *Results[T]) Failed() []Result[T] {
	if r == nil {
		return nil
	}
	var failed []Result[T]
	for _, item := range r.Items {
		if item.Err != nil {
			failed = append(failed, item)
		}
	}
	return failed
}

// Err joins the failures, each as a *ResultError; nil if there are none.
func (r *Results[T]) Err() error {
	var errs []error
	for _, item := range r.Failed() {
		errs = append(errs, &ResultError{ID: item.ID, Err: item.Err})
	}
	return errors.Join(errs...)
}

// ResultError is the failure of one of the things a bulk call was asked for. It
// unwraps to the reason.
type ResultError struct {
	ID  string
	Err error
}

// Error returns the id and the reason.
func (e *ResultError) Error() string { return e.ID + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *ResultError) Unwrap() error { return e.Err }

var errNotMentioned = fmt.Errorf("%w: the answer does not mention it", ErrOutcomeUnknown)

// matchResults puts the results of an answer into the order of the input.
func matchResults[T any](inputs []string, answered []Result[T]) *Results[T] {
	return matchResultsBy(inputs, answered, strings.ToLower)
}

// matchResultsBy does so with ids that are the same when same makes them so.
func matchResultsBy[T any](inputs []string, answered []Result[T], same func(string) string) *Results[T] {
	byID := map[string]int{}
	for i, r := range answered {
		byID[same(r.ID)] = i
	}
	r := &Results[T]{Items: make([]Result[T], 0, len(inputs))}
	used := map[int]bool{}
	for _, id := range inputs {
		item := Result[T]{ID: id, Err: errNotMentioned}
		if i, ok := byID[same(id)]; ok {
			item.Value, item.Err = answered[i].Value, answered[i].Err
			used[i] = true
		}
		r.Items = append(r.Items, item)
	}
	for i, a := range answered {
		if !used[i] {
			r.Unmatched = append(r.Unmatched, a)
		}
	}
	return r
}

// bulkAnswer is the data of a bulk call: an entry for each id, by id, maybe one
// level down in groups, or one acknowledgement for all of them.
type bulkAnswer map[string]json.RawMessage

// bulkEntry is what an answer says of one id.
type bulkEntry struct {
	group string // such as the scope; "" when the entry stands on its own
	id    string
	raw   json.RawMessage
}

// entries returns the entries, sorted by group and id.
func (a bulkAnswer) entries() []bulkEntry {
	var list []bulkEntry
	for _, key := range sortedKeys(a) {
		raw := bytes.TrimSpace(a[key])
		if !present(raw) || raw[0] != '{' && ofTheWhole(key) {
			continue
		}
		var members map[string]json.RawMessage
		if raw[0] != '{' || json.Unmarshal(raw, &members) != nil || statesOutcome(members) {
			list = append(list, bulkEntry{id: key, raw: raw})
			continue
		}
		for _, id := range sortedKeys(members) {
			list = append(list, bulkEntry{group: key, id: id, raw: members[id]})
		}
	}
	return list
}

// ofTheWhole names what an answer may say of itself next to its entries.
func ofTheWhole(key string) bool {
	return key == "success" || key == "code" || strings.EqualFold(key, "message")
}

// statesOutcome tells an entry from a group of entries, in which "success" may
// be somebody's id.
func statesOutcome(members map[string]json.RawMessage) bool {
	for _, name := range []string{"success", "error", "code"} {
		raw, ok := members[name]
		if !ok {
			continue
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(raw, &inner) != nil || name == "error" && inner["success"] == nil {
			return true
		}
	}
	return false
}

// acknowledgement returns the whole as one outcome, if it is one: it says so,
// and has no entries beside that.
func (a bulkAnswer) acknowledgement() (json.RawMessage, bool) {
	if !statesOutcome(a) {
		return nil, false
	}
	for name, raw := range a {
		if name != "error" && name != "data" && jsonKind(raw) == "an object" {
			return nil, false
		}
	}
	raw, err := marshal(map[string]json.RawMessage(a))
	return raw, err == nil
}

// outcome is what an entry says: done, with a message and data, or not done,
// with an error.
type outcome struct {
	message string
	data    json.RawMessage
}

// outcome reads an entry. An entry that says nothing of success leaves the
// outcome unknown, unless it brings what success would have brought.
func (c *core) outcome(o op, raw json.RawMessage) (outcome, error) {
	var entry struct {
		Success *bool           `json:"success"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
		Error   json.RawMessage `json:"error"`
		Code    ErrorCode       `json:"code"`
	}
	var plain bool
	if json.Unmarshal(raw, &plain) == nil {
		entry.Success = &plain
	} else if decodeLenient(raw, &entry) != nil {
		return outcome{}, c.partError(o, raw, errorBody{Message: "the answer's entry has an unexpected shape: " + jsonKind(raw)})
	}
	failed := entry.Success != nil && !*entry.Success
	switch {
	case present(entry.Error):
		return outcome{}, c.partError(o, raw, parseErrorBody(entry.Error))
	case entry.Code != "" || failed:
		b := parseErrorBody(raw)
		if b.Message == "" && b.Code == "" {
			b.Message = "the answer says that it failed"
		}
		return outcome{}, c.partError(o, raw, b)
	case entry.Success == nil && !present(entry.Data):
		return outcome{}, fmt.Errorf("%w: the answer does not say", ErrOutcomeUnknown)
	}
	return outcome{entry.Message, entry.Data}, nil
}

// partError is the failure of a part of a call that succeeded as a whole.
func (c *core) partError(o op, raw json.RawMessage, b errorBody) *Error {
	clean := c.transport.Redactor().With(o.secrets()...)
	e := &Error{
		StatusCode: 200,
		Method:     o.route.Method,
		Path:       o.publicPath(o.route.path(&validation{}, o.ids)),
		Body:       []byte(truncate(string(clean.Body(raw)), maxErrorBody)),
	}
	e.fill(b, clean)
	return e
}

// bulk makes a call whose answer has an entry for each input. value makes the
// result's value of an entry that is a success.
func bulk[T any](ctx context.Context, c *core, o op, inputs []string, value func(bulkEntry, outcome) *T) (*Results[T], error) {
	return bulkBy(ctx, c, o, inputs, strings.ToLower, value)
}

// bulkBy does so with ids that are the same when same makes them so.
func bulkBy[T any](ctx context.Context, c *core, o op, inputs []string, same func(string) string, value func(bulkEntry, outcome) *T) (*Results[T], error) {
	answer, err := do[bulkAnswer](ctx, c, o)
	if err != nil {
		return nil, err
	}
	if raw, ok := answer.acknowledgement(); ok {
		done, err := c.outcome(o, raw)
		if err != nil {
			return nil, err
		}
		return allDone(inputs, done, value), nil
	}
	results := matchResultsBy(inputs, readEntries(c, o, answer.entries(), value), same)
	return results, results.Err()
}

// allDone is what an acknowledgement says of each input.
func allDone[T any](inputs []string, done outcome, value func(bulkEntry, outcome) *T) *Results[T] {
	results := &Results[T]{}
	for _, id := range inputs {
		results.Items = append(results.Items, Result[T]{ID: id, Value: value(bulkEntry{id: id}, done)})
	}
	return results
}

func readEntries[T any](c *core, o op, entries []bulkEntry, value func(bulkEntry, outcome) *T) []Result[T] {
	var answered []Result[T]
	for _, entry := range entries {
		r := Result[T]{ID: entry.id}
		done, err := c.outcome(o, entry.raw)
		if err == nil {
			r.Value = value(entry, done)
		}
		r.Err = err
		answered = append(answered, r)
	}
	return answered
}

// NoValue is the value of results that tell no more than whether it was done:
// Result.Value is nil in all of them.
type NoValue struct{}

// noValue is that of entries that hold a message only.
func noValue(bulkEntry, outcome) *NoValue { return nil }
