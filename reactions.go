package cometchat

import "context"

var (
	addReaction     = post("/messages/{id}/reactions/{reaction}")
	removeReaction  = del("/messages/{id}/reactions/{reaction}")
	listReactions   = get("/messages/{id}/reactions")
	listReactionsOf = get("/messages/{id}/reactions/{reaction}")
)

// MaxReactionLength is the length of a reaction in characters.
const MaxReactionLength = maxReaction

// Reaction is one user's reaction to a message.
type Reaction struct {
	ID        string `json:"id"`
	MessageID string `json:"messageId,omitempty"`
	// Reaction is an emoji, or a name such as ":wave".
	Reaction  string   `json:"reaction"`
	UID       string   `json:"uid"`
	ReactedAt UnixTime `json:"reactedAt,omitempty"`
	// ReactedBy is the user who reacted.
	ReactedBy User `json:"reactedBy,omitzero"`
}

// ReactionListOptions pages through reactions.
type ReactionListOptions struct {
	// Limit is the size of a page, at most 1,000.
	Limit int `url:"limit,omitempty"`
}

func (o *ReactionListOptions) validate(v *validation) { validateLimit(v, o.Limit) }

// ReactionsService adds, removes and lists reactions to messages.
type ReactionsService service

// Add adds the acting user's reaction to a message: an emoji, or another text of
// at most MaxReactionLength characters. A message can have 25 different
// reactions. The response is the message with its ReactionCounts. It fails with
// CodeMessageIDNotFound (ErrNotFound) if there is no such message.
//
// POST /messages/{id}/reactions/{reaction}
func (s *ReactionsService) Add(ctx context.Context, messageID, reaction string) (*Message, error) {
	return do[Message](ctx, s.core, addReaction.at(messageID, reaction))
}

// Remove removes the acting user's reaction from a message. The response is the
// message with its remaining ReactionCounts. A reaction that is not there is not
// an error. It fails with CodeMessageIDNotFound (ErrNotFound) if there is no such
// message.
//
// DELETE /messages/{id}/reactions/{reaction}
func (s *ReactionsService) Remove(ctx context.Context, messageID, reaction string) (*Message, error) {
	return do[Message](ctx, s.core, removeReaction.at(messageID, reaction))
}

// List lists the reactions to a message, oldest first. opts may be nil.
//
// GET /messages/{id}/reactions
func (s *ReactionsService) List(messageID string, opts *ReactionListOptions) *CursorList[Reaction] {
	return cursorList[Reaction](s.core, listReactions.at(messageID).query(opts))
}

// ListOf lists the reactions to a message that equal the given one, oldest first.
// opts may be nil.
//
// GET /messages/{id}/reactions/{reaction}
func (s *ReactionsService) ListOf(messageID, reaction string, opts *ReactionListOptions) *CursorList[Reaction] {
	return cursorList[Reaction](s.core, listReactionsOf.at(messageID, reaction).query(opts))
}
