package cometchat

import "context"

var (
	replyInThread     = post("/messages/{id}/thread")
	listThreads       = get("/threads")
	listReplies       = get("/messages/{id}/thread").alsoPerPage()
	subscribeThread   = post("/messages/{id}/thread/subscription")
	unsubscribeThread = del("/messages/{id}/thread/subscription")
)

// ThreadListOptions filters threads. The zero value lists all that the acting
// user may see.
type ThreadListOptions struct {
	// Limit is the size of a page, at most 1,000. The API's default for First is
	// 100.
	Limit int `url:"limit,omitempty"`
	// ParticipatedByMe lists the threads in which the acting user has written.
	ParticipatedByMe bool `url:"participatedByMe,omitempty"`
	// WithUnreadReplyCount and WithMentionCount include the acting user's
	// numbers. The API does not document their names; WithResponse gives access
	// to them.
	WithUnreadReplyCount bool `url:"withUnreadReplyCount,omitempty"`
	WithMentionCount     bool `url:"withMentionCount,omitempty"`
}

func (o *ThreadListOptions) validate(v *validation) { validateLimit(v, o.Limit) }

// ReplyListOptions pages through the replies in a thread.
type ReplyListOptions struct {
	// Limit is the size of a page, at most 1,000. The API's default for First is
	// 10.
	Limit int `url:"limit,omitempty"`
	// FromID starts the list after the message with this id; Backward continues
	// before it.
	FromID string `url:"id,omitempty"`
}

func (o *ReplyListOptions) validate(v *validation) {
	validateLimit(v, o.Limit)
}

// ThreadsService writes and reads threads: the replies to a message, apart from
// its conversation.
type ThreadsService service

// Reply sends a reply to a message. to is the conversation that the message is
// in; otherwise the API refuses the reply (CodeWrongMessageThread). It fails
// with CodeMessageThreadNesting if the message is itself a reply. In all other
// respects it is like Messages.Send.
//
// POST /messages/{id}/thread
func (s *ThreadsService) Reply(ctx context.Context, messageID string, to Receiver, req *SendMessageRequest) (*Message, error) {
	return do[Message](ctx, s.core, replyInThread.at(messageID).body(to.body(req)))
}

// List lists the messages that have replies, each with its ReplyCount and
// LastReply. opts may be nil.
//
// GET /threads
func (s *ThreadsService) List(opts *ThreadListOptions) *CursorList[Message] {
	return cursorList[Message](s.core, listThreads.at().query(opts))
}

// ListReplies lists the replies to a message, oldest first. opts may be nil.
//
// GET /messages/{id}/thread
func (s *ThreadsService) ListReplies(messageID string, opts *ReplyListOptions) *CursorList[Message] {
	return cursorList[Message](s.core, listReplies.at(messageID).query(opts))
}

// Subscribe notifies the acting user of replies to a message. It fails with
// CodeMessageIDNotFound (ErrNotFound) if there is no such message.
//
// POST /messages/{id}/thread/subscription
func (s *ThreadsService) Subscribe(ctx context.Context, messageID string) error {
	return acknowledge(ctx, s.core, subscribeThread.at(messageID))
}

// Unsubscribe undoes Subscribe. It fails with CodeMessageIDNotFound (ErrNotFound)
// if there is no such message.
//
// DELETE /messages/{id}/thread/subscription
func (s *ThreadsService) Unsubscribe(ctx context.Context, messageID string) error {
	return acknowledge(ctx, s.core, unsubscribeThread.at(messageID))
}
