package cometchat

import (
	"context"
	"fmt"
	"time"
)

// Windows returns the options of at most n lists that together are the list of
// opts: adjoining windows of time, in order, without gap or overlap. They can be
// walked in any order, at the same time, or on different machines. They are plain
// values for a journal or a queue: encoded as JSON and decoded again, they still
// match their positions.
//
// The windows are equally long and divide the time from the first message to the
// last one, which two requests find. They hold equally many messages only if
// these are evenly spread, so ask for several times as many windows as there are
// workers. Windows returns fewer than n if the messages span fewer than n
// seconds, and one if there is at most one message; for n = 1 it makes no
// request. The first window has no beginning and the last one no end except those
// that opts names, so the last one also holds messages that are sent later. A
// FromID applies in every window.
//
// A message never changes its window, even if it is edited, deleted, or sent in
// the same second as others. opts may be nil. An n below 1 is a *ValidationError.
//
// GET /messages
func (s *MessagesService) Windows(ctx context.Context, opts *MessageListOptions, n int) ([]*MessageListOptions, error) {
	if n < 1 {
		return nil, &ValidationError{Field: "n", Size: n, Reason: fmt.Sprintf("%d, must be 1 or more", n)}
	}
	var whole MessageListOptions
	if opts != nil {
		whole = *opts
	}
	if n == 1 {
		return []*MessageListOptions{&whole}, nil
	}
	first, last, err := s.ends(ctx, whole)
	if err != nil {
		return nil, err
	}
	seconds := last - first + 1
	n = int(min(int64(n), max(int64(seconds), 1)))
	windows := make([]*MessageListOptions, n)
	for i := range windows {
		window := whole
		if i > 0 {
			window.SentFrom = time.Unix(int64(first)+portion(seconds, i, n), 0).UTC()
		}
		if i < n-1 { // the bounds of both are part of them
			window.SentTo = time.Unix(int64(first)+portion(seconds, i+1, n)-1, 0).UTC()
		}
		windows[i] = &window
	}
	return windows, nil
}

// portion is i nths of a number of seconds.
func portion(seconds UnixTime, i, n int) int64 {
	whole, rest := int64(seconds)/int64(n), int64(seconds)%int64(n)
	return whole*int64(i) + rest*int64(i)/int64(n)
}

// ends returns when the first and the last message of a list were sent. If there
// are no messages, last is before first.
func (s *MessagesService) ends(ctx context.Context, opts MessageListOptions) (first, last UnixTime, err error) {
	opts.Limit = 1
	page, err := s.List(&opts).First(ctx)
	if err != nil || len(page.Items) == 0 {
		return 0, -1, err
	}
	first = page.Items[0].SentAt
	opts.FromID = "" // going backward from there would be going before it
	for message, err := range s.List(&opts).Backward(ctx) {
		if err != nil {
			return 0, -1, err
		}
		return first, message.SentAt, nil
	}
	return first, first, nil
}
