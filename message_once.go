package cometchat

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/go-cometchat/cometchat/internal/transport"
)

// findPage is the size of the pages that FindByMUID and SendOnce fetch.
const findPage = 100

// SendOnce sends a message unless it is already in the conversation: a message of
// the acting user with the same MUID, among the newest 100. It returns the
// message, and reports whether this call sent it. A job that runs again, or a
// webhook that is delivered twice, thus sends its message once. req.MUID is
// required; derive it from the event ("ticket-4711-opened"), so that it is the
// same each time.
//
// If the outcome of a request is unknown, SendOnce waits for RetryPolicy.MinWait,
// looks through everything that was added to the conversation since it began, and
// sends again only if the message is not there, at most RetryPolicy.MaxAttempts
// times. WithRetryWrites has no effect on it. If it cannot look, or runs out of
// attempts, the error matches ErrOutcomeUnknown, and calling it again is safe.
// Its other errors are those of Send and ListWith.
//
// The API does not refuse a MUID that was used before, so a message can still be
// sent twice in two cases: if two processes call SendOnce at the same moment
// (calls of one client, and of all clients derived from it, wait for each other),
// and if the server carries out a request after the pause although its response
// was lost.
//
// POST /messages, after GET /users/{uid}/messages or GET /groups/{guid}/messages
func (s *MessagesService) SendOnce(ctx context.Context, to Receiver, req *SendMessageRequest) (message *Message, sent bool, err error) {
	c := *s.core
	c.settings.Retry.Writes = false
	o := sendMessage.at().body(to.body(req))
	if _, err := c.request(o); err != nil {
		return nil, false, err
	}
	if req.MUID == "" {
		return nil, false, o.invalid(&ValidationError{Field: "muid", Reason: "required"})
	}
	done, err := sendings.begin(ctx, sending{c.transport, c.sender(), to, req.MUID})
	if err != nil {
		return nil, false, &TransportError{Method: o.route.Method, Path: o.publicPath(), Err: err}
	}
	defer done()

	message, newest, err := c.findMessage(ctx, to, req.MUID, findPage, atMost(findPage))
	if message != nil || err != nil {
		return message, false, err
	}
	for attempt := 1; ; attempt++ {
		message, err := do[Message](ctx, &c, o)
		if !errors.Is(err, ErrOutcomeUnknown) {
			return message, err == nil, err
		}
		unknown := err
		if err := pause(ctx, c.settings.Retry.MinWait); err != nil {
			return nil, false, unknown
		}
		message, _, err = c.findMessage(ctx, to, req.MUID, findPage, func(m *Message) bool { return !newer(m.ID, newest) })
		switch {
		case err != nil:
			return nil, false, afterUnknown(unknown, err)
		case message != nil:
			return message, true, nil
		case attempt >= c.settings.Retry.MaxAttempts:
			return nil, false, unknown
		}
	}
}

// FindByMUID looks for a message that the acting user sent with this MUID, among
// the newest limit messages of the conversation with to, newest first. It settles
// the outcome of a SendAsBot that failed with ErrOutcomeUnknown, as SendOnce does
// for Send: call it on a client that acts on the bot's behalf, and send again if
// the error is ErrNotFound. A limit of 0 means 100; each 100 messages take one
// request.
//
// GET /users/{uid}/messages or GET /groups/{guid}/messages
func (s *MessagesService) FindByMUID(ctx context.Context, to Receiver, muid string, limit int) (*Message, error) {
	if muid == "" {
		return nil, to.at(listUserMessages, listGroupMessages).invalid(&ValidationError{Field: "muid", Reason: "required"})
	}
	limit = cmp.Or(max(limit, 0), findPage)
	message, _, err := s.core.findMessage(ctx, to, muid, min(limit, findPage), atMost(limit))
	switch {
	case err != nil:
		return nil, &lookupError{err}
	case message == nil:
		return nil, because(ErrNotFound, "none of the newest messages has the muid")
	}
	return message, nil
}

// findMessage walks a conversation from its newest message, until a message has
// the MUID or last reports that the rest is too far back. It returns nil if there
// is none, and the id of the newest message. size is the size of a page.
func (c *core) findMessage(ctx context.Context, to Receiver, muid string, size int, last func(*Message) bool) (found *Message, newest string, err error) {
	sender := c.sender()
	opts := &ConversationMessageListOptions{Limit: size}
	list := cursorList[Message](c, to.at(listUserMessages, listGroupMessages).query(opts))
	for message, err := range list.Backward(ctx) {
		if err != nil {
			return nil, newest, err
		}
		newest = cmp.Or(newest, message.ID)
		if message.MUID == muid && strings.EqualFold(message.Sender, sender) {
			return message, newest, nil
		}
		if last(message) {
			break
		}
	}
	return nil, newest, nil
}

// sender is the uid of the sender of messages.
func (c *core) sender() string { return cmp.Or(c.settings.actingUser, SystemUID) }

// atMost ends a walk after n messages.
func atMost(n int) func(*Message) bool {
	return func(*Message) bool {
		n--
		return n <= 0
	}
}

// newer compares two ids of messages, which are digits; every id is newer than
// "".
func newer(id, than string) bool {
	return cmp.Or(cmp.Compare(len(id), len(than)), cmp.Compare(id, than)) > 0
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// sending names a message that SendOnce is working on.
type sending struct {
	by     *transport.Transport
	sender string
	to     Receiver
	muid   string
}

// turns lets calls for the same message run one after the other.
type turns struct {
	mu    sync.Mutex
	taken map[sending]chan struct{} // closed when the turn is over
}

var sendings = turns{taken: map[sending]chan struct{}{}}

// begin waits until no other call is sending the message, and returns a function
// that ends the turn.
func (t *turns) begin(ctx context.Context, s sending) (end func(), err error) {
	s.sender, s.to = strings.ToLower(s.sender), Receiver{UID: strings.ToLower(s.to.UID), GUID: strings.ToLower(s.to.GUID)}
	for {
		t.mu.Lock()
		over, taken := t.taken[s]
		if !taken {
			over = make(chan struct{})
			t.taken[s] = over
		}
		t.mu.Unlock()
		if !taken {
			return func() {
				t.mu.Lock()
				delete(t.taken, s)
				t.mu.Unlock()
				close(over)
			}, nil
		}
		select {
		case <-over:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// lookupError is a lookup that failed. It never matches ErrNotFound, which would
// tell the caller to send again: a gateway's 404 says nothing about messages.
type lookupError struct{ err error }

func (e *lookupError) LogValue() slog.Value { return LogValue(e) }

func (e *lookupError) tell(f *facts) { f.hear(e.err) }

func (e *lookupError) Error() string { return e.err.Error() }

func (e *lookupError) Is(target error) bool { return target != ErrNotFound && errors.Is(e.err, target) }

func (e *lookupError) As(target any) bool { return errors.As(e.err, target) }
