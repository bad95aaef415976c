package cometchat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// Result is the outcome for one item of a bulk call.
type Result[T any] struct {
	// ID is the id of the item, spelled as the caller spelled it.
	ID string
	// Value is what the response says about the item; nil if nothing.
	Value *T
	// Message is the response's confirmation, for people; empty if it has none.
	Message string
	// Err is the reason for the failure, and nil on success: an *Error in most
	// cases, to be told apart by its code, as in errors.Is(r.Err,
	// CodeAlreadyJoined). It matches ErrOutcomeUnknown if it is not known whether
	// the item was done, for example if the response does not mention the id, and
	// ErrNotAttempted if the item was never sent.
	Err error
}

// OK reports whether the item succeeded.
func (r Result[T]) OK() bool { return r.Err == nil }

// MarshalJSON returns an object with id and success, and with value, message and
// error where they are set.
func (r Result[T]) MarshalJSON() ([]byte, error) {
	out := struct {
		ID      string `json:"id"`
		Success bool   `json:"success"`
		Value   *T     `json:"value,omitempty"`
		Message string `json:"message,omitempty"`
		Error   string `json:"error,omitempty"`
	}{ID: r.ID, Success: r.OK(), Value: r.Value, Message: r.Message}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	return wire.Marshal(out)
}

// Results is the outcome of a bulk call.
type Results[T any] struct {
	// Items has one result for each input, in the order of the input. The API
	// turns ids into lower case; inputs are matched whatever their case.
	Items []Result[T] `json:"items"`
	// Unmatched holds the results for ids that the call did not name.
	Unmatched []Result[T] `json:"unmatched,omitempty"`
}

// Failed returns the results of the items that failed.
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

// Err joins the failures, each as a *ResultError, and returns nil if there are
// none. It leaves out failures with one of the codes in except, so that a call
// can be repeated:
//
//	if err := results.Err(cometchat.CodeAlreadyFriend); err != nil {
//
// If a call returns no results at all, its own error says why.
func (r *Results[T]) Err(except ...ErrorCode) error {
	var errs []error
	for _, item := range r.Failed() {
		if !slices.ContainsFunc(except, func(code ErrorCode) bool { return errors.Is(item.Err, code) }) {
			errs = append(errs, &ResultError{ID: item.ID, Err: item.Err})
		}
	}
	return join(errs...)
}

// ResultError is the failure of one item of a bulk call. It unwraps to the
// reason.
type ResultError struct {
	ID  string
	Err error
}

// Error returns the id and the reason.
func (e *ResultError) Error() string { return e.ID + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *ResultError) Unwrap() error { return e.Err }

// LogValue returns what [LogValue] returns for e.
func (e *ResultError) LogValue() slog.Value { return LogValue(e) }

var (
	errNotMentioned = because(ErrOutcomeUnknown, "the response does not mention it")
	errNotSaid      = because(ErrOutcomeUnknown, "the response does not say")
)

// input is one item that a bulk call asks for. Groups keep ids apart that mean
// different things, such as those of users and of groups; an input without one
// matches an id in any group.
type input struct{ group, id string }

func inputs(ids []string) []input {
	list := make([]input, len(ids))
	for i, id := range ids {
		list[i] = input{id: id}
	}
	return list
}

// entry is what a response says about one input.
type entry[T any] struct {
	group string
	Result[T]
}

// match puts the entries of a response into the order of the inputs.
func match[T any](inputs []input, entries []entry[T]) *Results[T] {
	byID, byGroup := map[string]int{}, map[input]int{}
	for i, e := range entries {
		id := strings.ToLower(e.ID)
		byID[id], byGroup[input{e.group, id}] = i, i
	}
	r := &Results[T]{Items: make([]Result[T], 0, len(inputs))}
	used := map[int]bool{}
	for _, in := range inputs {
		id := strings.ToLower(in.id)
		i, ok := byGroup[input{in.group, id}]
		if !ok && in.group != "" {
			i, ok = byGroup[input{"", id}]
		} else if !ok {
			i, ok = byID[id]
		}
		item := Result[T]{ID: in.id, Err: errNotMentioned}
		if ok {
			item, used[i] = entries[i].Result, true
			item.ID = in.id
		}
		r.Items = append(r.Items, item)
	}
	for i, e := range entries {
		if !used[i] {
			r.Unmatched = append(r.Unmatched, e.Result)
		}
	}
	return r
}

// reader makes the value of an input from a response that says it was done.
type reader[T any] func(wire.Entry, wire.Outcome) *T

// NoValue is the value type of results that only say whether the item was done:
// Result.Value is always nil.
type NoValue struct{}

// noValue reads entries that only hold a message.
func noValue(wire.Entry, wire.Outcome) *NoValue { return nil }

// bulk makes a call whose response has an outcome for each input, in one of the
// shapes of wire.Bulk.
func bulk[T any](ctx context.Context, c *core, o op, ids []string, value reader[T]) (*Results[T], error) {
	return bulkInputs(ctx, c, o, inputs(ids), value)
}

// bulkInputs is bulk for inputs of several groups.
func bulkInputs[T any](ctx context.Context, c *core, o op, inputs []input, value reader[T]) (*Results[T], error) {
	answer, err := do[wire.Bulk](ctx, c, o)
	if err != nil {
		return nil, err
	}
	return readBulk(c, o, inputs, *answer, value)
}

// bulkBeside is like bulk, for a response that has other members beside the
// entries. They are decoded into a new B.
func bulkBeside[B, T any](ctx context.Context, c *core, o op, ids []string, value reader[T]) (*B, *Results[T], error) {
	answer, err := do[wire.Bulk](ctx, c, o)
	if err != nil {
		return nil, nil, err
	}
	beside, entries := wire.Beside[B](*answer)
	results, err := readBulk(c, o, inputs(ids), entries, value)
	return beside, results, err
}

// bulkListed is like bulk, for a response that lists the ids by their outcome.
func bulkListed[T any](ctx context.Context, c *core, o op, ids []string, lists []bulkList[T]) (*Results[T], error) {
	answer, err := do[wire.Bulk](ctx, c, o)
	if err != nil {
		return nil, err
	}
	var entries []entry[T]
	for _, list := range lists {
		for _, id := range answer.Listed(list.name) {
			e := entry[T]{Result: Result[T]{ID: id, Value: &list.value}}
			if list.code != "" {
				e.Err = o.failed(c, nil, &wire.Fault{Code: string(list.code), Message: "listed under " + list.name})
			}
			entries = append(entries, e)
		}
	}
	results := match(inputs(ids), entries)
	return results, results.Err()
}

// bulkList is one of the lists of such a response, with the code of the failure
// that it stands for, if any.
type bulkList[T any] struct {
	name  string
	value T
	code  ErrorCode
}

// part is one of the requests of a bulk call that needs several.
type part struct {
	op  op
	ids []string
}

// bulkParts makes a bulk call in several requests, one after the other. whole is
// the call as one request. It is checked first, so that a mistake at its end does
// not show halfway. If a part fails as a whole, its ids get that error. If it may
// have been carried out, the rest is sent all the same; if not, the rest gets
// ErrNotAttempted. If nothing was done at all, there are no results.
func bulkParts[T any](ctx context.Context, c *core, whole op, ids []string, parts []part, value reader[T]) (*Results[T], error) {
	if _, err := c.request(whole); err != nil {
		return nil, err
	}
	var entries []entry[T]
	var unmatched []Result[T]
	var errs []error
	fail := func(ids []string, err error) {
		for _, id := range ids {
			entries = append(entries, entry[T]{Result: Result[T]{ID: id, Err: err}})
		}
	}
	sent, left := false, 0
	for i, p := range parts {
		results, err := bulk(ctx, c, p.op, p.ids, value)
		errs = append(errs, err)
		if results != nil {
			sent = true
			for _, item := range results.Items {
				entries = append(entries, entry[T]{Result: item})
			}
			unmatched = append(unmatched, results.Unmatched...)
			continue
		}
		fail(p.ids, err)
		unknown := errors.Is(err, ErrOutcomeUnknown)
		if sent = sent || unknown; !sent {
			return nil, join(errs...)
		}
		if unknown && ctx.Err() == nil {
			continue
		}
		for _, rest := range parts[i+1:] {
			fail(rest.ids, ErrNotAttempted)
			left += len(rest.ids)
		}
		break
	}
	if left > 0 {
		errs = append(errs, &reason{fmt.Sprintf("%d more: %v", left, ErrNotAttempted), ErrNotAttempted})
	}
	all := match(inputs(ids), entries)
	all.Unmatched = append(all.Unmatched, unmatched...)
	return all, join(errs...)
}

// readBulk puts the entries of a bulk response into the order of the inputs.
func readBulk[T any](c *core, o op, inputs []input, answer wire.Bulk, value reader[T]) (*Results[T], error) {
	raw, ok := answer.Whole()
	if !ok {
		entries := answer.Entries()
		if single, ok := answer.Single(); ok {
			entries = []wire.Entry{single}
		}
		results := match(inputs, readEntries(c, o, entries, value))
		return results, results.Err()
	}
	one := readEntries(c, o, []wire.Entry{{Raw: raw}}, value)[0]
	if one.Err != nil {
		return nil, one.Err
	}
	results := &Results[T]{}
	for _, in := range inputs {
		results.Items = append(results.Items, Result[T]{ID: in.id, Value: one.Value, Message: one.Message})
	}
	return results, nil
}

func readEntries[T any](c *core, o op, list []wire.Entry, value reader[T]) []entry[T] {
	var entries []entry[T]
	for _, is := range list {
		e := entry[T]{is.Group, Result[T]{ID: is.ID}}
		switch outcome := is.Outcome(); {
		case outcome.Fault != nil && slices.Contains(o.accepted, ErrorCode(outcome.Fault.Code)):
			e.Value = value(is, outcome)
		case outcome.Fault != nil:
			e.Err = o.failed(c, is.Raw, outcome.Fault)
		case outcome.Done:
			e.Value, e.Message = value(is, outcome), outcome.Message
		default:
			e.Err = errNotSaid
		}
		entries = append(entries, e)
	}
	return entries
}
