package cometchat

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	sendMessage       = post("/messages")
	sendBotMessage    = post("/bots/{uid}/messages")
	getMessage        = get("/messages/{id}")
	listMessages      = get("/messages")
	listUserMessages  = get("/users/{uid}/messages")
	listGroupMessages = get("/groups/{guid}/messages")
	updateMessage     = put("/messages/{id}")
	deleteMessage     = del("/messages/{id}")
	pinMessage        = post("/messages/{id}/pin")
	unpinMessage      = del("/messages/{id}/pin").documentedIdempotent()
	saveMessage       = post("/messages/{id}/save")
	unsaveMessage     = del("/messages/{id}/save").documentedIdempotent()
	markInteracted    = patch("/messages/{id}/interacted")
	flagMessage       = post("/messages/{id}/flagged")
)

// MessageListOptions filters the messages of the app or, if a user acts, of that
// user's conversations. The zero value lists all of them.
type MessageListOptions struct {
	// Limit is the size of a page, at most 1,000. The API's default for First is
	// 10.
	Limit int `url:"limit,omitempty"`
	// FromID starts the list after the message with this id; Backward continues
	// before it.
	FromID         string `url:"id,omitempty"`
	ConversationID string `url:"conversationId,omitempty"`
	// SearchKey finds messages whose text contains it.
	SearchKey    string       `url:"searchKey,omitempty"`
	ReceiverType ReceiverType `url:"receiverType,omitempty"`
	// Senders are uids.
	Senders    []string          `url:"senders,comma,omitempty"`
	Categories []MessageCategory `url:"categories,comma,omitempty"`
	Types      []MessageType     `url:"types,comma,omitempty"`
	// Tags finds messages that carry these tags; WithTags includes each message's
	// tags.
	Tags     []string `url:"tags,comma,omitempty"`
	WithTags bool     `url:"withTags,omitempty"`

	HasAttachments  bool          `url:"hasAttachments,omitempty"`
	AttachmentTypes []MessageType `url:"attachmentTypes,comma,omitempty"`
	HasLinks        bool          `url:"hasLinks,omitempty"`
	HasReactions    bool          `url:"hasReactions,omitempty"`
	HasMentions     bool          `url:"hasMentions,omitempty"`
	MentionedUIDs   []string      `url:"mentionedUids,comma,omitempty"`
	// MentionsWithBlockedInfo includes whether the mentioned users and the acting
	// user block each other, and MentionsWithTagInfo the tags of the mentioned
	// users.
	MentionsWithBlockedInfo bool `url:"mentionsWithBlockedInfo,omitempty"`
	MentionsWithTagInfo     bool `url:"mentionsWithTagInfo,omitempty"`

	HideDeleted bool `url:"hideDeleted,omitempty"`
	OnlyDeleted bool `url:"onlyDeleted,omitempty"`
	HideReplies bool `url:"hideReplies,omitempty"`
	// HideQuotedMessages leaves QuotedMessage out.
	HideQuotedMessages bool `url:"hideQuotedMessages,omitempty"`
	// HideMessagesFromBlockedUsers is documented to hide such messages in groups,
	// and to include them here; which of the two applies is unclear.
	HideMessagesFromBlockedUsers bool `url:"hideMessagesFromBlockedUsers,omitempty"`
	// Unread lists what the acting user has not read; UnreadCounts counts it.
	Unread bool `url:"unread,omitempty"`

	// The limits of these times are part of the range.
	SentFrom    time.Time `url:"sentAt[from],omitempty,unix"`
	SentTo      time.Time `url:"sentAt[to],omitempty,unix"`
	UpdatedFrom time.Time `url:"updatedAt[from],omitempty,unix"`
	UpdatedTo   time.Time `url:"updatedAt[to],omitempty,unix"`
	EditedFrom  time.Time `url:"editedAt[from],omitempty,unix"`
	EditedTo    time.Time `url:"editedAt[to],omitempty,unix"`
}

func (o *MessageListOptions) validate(v *validation) {
	validateLimit(v, o.Limit)
}

// validateLimit checks the page size of a list's options.
func validateLimit(v *validation, limit int) {
	if limit != 0 {
		v.between("limit", limit, 1, MaxPageSize)
	}
}

// ConversationMessageListOptions filters the messages of one conversation. The
// zero value lists all of them.
type ConversationMessageListOptions struct {
	// Limit is the size of a page, at most 1,000. The API's default for First is
	// 10.
	Limit int `url:"limit,omitempty"`
	// FromID starts the list after the message with this id; Backward continues
	// before it.
	FromID string `url:"id,omitempty"`
	// SearchKey finds messages whose text contains it.
	SearchKey  string            `url:"searchKey,omitempty"`
	Sender     string            `url:"sender,omitempty"` // uid
	Categories []MessageCategory `url:"categories,comma,omitempty"`
	Types      []MessageType     `url:"types,comma,omitempty"`
	// Tags finds messages that carry these tags; WithTags includes each message's
	// tags.
	Tags     []string `url:"tags,comma,omitempty"`
	WithTags bool     `url:"withTags,omitempty"`

	HasAttachments  bool          `url:"hasAttachments,omitempty"`
	AttachmentTypes []MessageType `url:"attachmentTypes,comma,omitempty"`
	HasLinks        bool          `url:"hasLinks,omitempty"`
	HasReactions    bool          `url:"hasReactions,omitempty"`
	HasMentions     bool          `url:"hasMentions,omitempty"`
	MentionedUIDs   []string      `url:"mentionedUids,comma,omitempty"`
	// MyMentionsOnly finds messages that mention the acting user.
	MyMentionsOnly bool `url:"myMentionsOnly,omitempty"`
	// MentionsWithBlockedInfo includes whether the mentioned users and the acting
	// user block each other, and MentionsWithTagInfo the tags of the mentioned
	// users.
	MentionsWithBlockedInfo bool `url:"mentionsWithBlockedInfo,omitempty"`
	MentionsWithTagInfo     bool `url:"mentionsWithTagInfo,omitempty"`

	HideReplies bool `url:"hideReplies,omitempty"`
	// HideQuotedMessages leaves QuotedMessage out.
	HideQuotedMessages bool `url:"hideQuotedMessages,omitempty"`
	// HideMessagesFromBlockedUsers is for groups only.
	HideMessagesFromBlockedUsers bool `url:"hideMessagesFromBlockedUsers,omitempty"`
	// Unread and Undelivered list what the acting user has not read, or what was
	// not delivered to that user; Messages.Count counts it.
	Unread      bool `url:"unread,omitempty"`
	Undelivered bool `url:"undelivered,omitempty"`

	FromTimestamp time.Time `url:"fromTimestamp,omitempty,unix"`
	ToTimestamp   time.Time `url:"toTimestamp,omitempty,unix"`
}

func (o *ConversationMessageListOptions) validate(v *validation) {
	validateLimit(v, o.Limit)
}

// UpdateMessageRequest changes a message. A nil field is left alone, an empty one
// is sent as it is. The limits are those of SendMessageRequest.
type UpdateMessageRequest struct {
	Text     *string
	Metadata Metadata
	Tags     Tags
}

// MarshalJSON returns what is sent.
func (r *UpdateMessageRequest) MarshalJSON() ([]byte, error) {
	type data struct {
		Text     *string  `json:"text,omitempty"`
		Metadata Metadata `json:"metadata,omitzero"`
	}
	return wire.Marshal(struct {
		Data data `json:"data,omitzero"`
		Tags Tags `json:"tags,omitzero"`
	}{data{r.Text, r.Metadata}, r.Tags})
}

func (r *UpdateMessageRequest) validate(v *validation) {
	if r.Text != nil {
		v.text(*r.Text)
	}
	v.messageMetadata(r.Metadata)
	r.Tags.validate(v)
}

// DeleteMessageOptions controls how Delete removes a message.
type DeleteMessageOptions struct {
	// Permanent removes the message. Without it, the message stays in its
	// conversation, without content and with DeletedAt and DeletedBy.
	Permanent bool `json:"permanent,omitempty"`
}

// MessageChange is the response to an edit or a deletion. The API responds with
// an action message, a separate message that reports the change and holds the
// changed one.
type MessageChange struct {
	// Message is the edited or deleted message; never nil. If the response does
	// not show it, only its id is set.
	Message *Message
	// Action is the action message; nil if the API returned none.
	Action *Message
}

// LogValue returns what identifies both messages, for slog.
func (c MessageChange) LogValue() slog.Value {
	var attrs []slog.Attr
	if c.Message != nil {
		attrs = append(attrs, slog.Any("message", *c.Message))
	}
	if c.Action != nil {
		attrs = append(attrs, slog.Any("action", *c.Action))
	}
	return slog.GroupValue(attrs...)
}

// change reads the response to a change of the message with this id: a message,
// or nil if the API only acknowledged.
func change(id string, answer *Message) *MessageChange {
	switch target := answer.TargetMessage(); {
	case target != nil:
		return &MessageChange{Message: target, Action: answer}
	case answer == nil:
		return &MessageChange{Message: &Message{ID: id}}
	case answer.Category == MessageCategoryAction:
		return &MessageChange{Message: &Message{ID: id}, Action: answer}
	}
	return &MessageChange{Message: answer}
}

// FlagMessageRequest says what is wrong with a message.
type FlagMessageRequest struct {
	// ReasonID is the id of one of the ModerationReasons; required.
	ReasonID string
	// Remark is a text for the moderators.
	Remark string
}

// MarshalJSON returns what is sent: the reason under both names that the API
// documents.
func (r *FlagMessageRequest) MarshalJSON() ([]byte, error) {
	return wire.Marshal(struct {
		ID       string `json:"id"`
		ReasonID string `json:"reasonId"`
		Remark   string `json:"remark,omitempty"`
	}{r.ReasonID, r.ReasonID, r.Remark})
}

func (r *FlagMessageRequest) validate(v *validation) { v.id("reasonId", r.ReasonID, maxID) }

type interactedRequest struct {
	Interactions []string `json:"interactions"`
}

func (r *interactedRequest) validate(v *validation) { v.ids("interactions", r.Interactions, 0) }

// MessagesService sends, reads, changes and removes messages. The acting user
// (Client.OnBehalfOf) is the sender, and limits what can be seen; without an
// acting user the app acts, as app_system.
type MessagesService service

// Send sends a message to a user or to a group. The message is sent once: an
// error that matches ErrOutcomeUnknown leaves open whether it arrived; SendOnce
// settles that for a request with a MUID. It fails with CodeUIDNotFound or
// CodeGUIDNotFound (ErrNotFound) if there is no such receiver, and with
// ErrPermissionDenied if the acting user may not write there. The API allows
// each user 30 messages a minute.
//
// POST /messages
func (s *MessagesService) Send(ctx context.Context, to Receiver, req *SendMessageRequest) (*Message, error) {
	return do[Message](ctx, s.core, sendMessage.at().body(to.body(req)))
}

// SendMany sends a message to several users and groups at once. It returns one
// result for each receiver, the users first, in the order given. The error joins
// the failures; the failure of a receiver that the response does not mention
// matches ErrOutcomeUnknown.
//
// POST /messages
func (s *MessagesService) SendMany(ctx context.Context, to Receivers, req *SendMessageRequest) (*Results[Message], error) {
	return bulkInputs(ctx, s.core, sendMessage.at().body(to.body(req)), to.inputs(), sentMessage)
}

// SendAsBot sends a message from a bot. It fails with CodeBotNotFound
// (ErrNotFound) if no bot has this uid. Otherwise it is like Send.
//
// POST /bots/{uid}/messages
func (s *MessagesService) SendAsBot(ctx context.Context, botUID string, to Receiver, req *SendMessageRequest) (*Message, error) {
	return do[Message](ctx, s.core, sendBotMessage.at(botUID).body(to.body(req)))
}

// SendManyAsBot sends a message from a bot to several users and groups at once;
// see SendMany.
//
// POST /bots/{uid}/messages
func (s *MessagesService) SendManyAsBot(ctx context.Context, botUID string, to Receivers, req *SendMessageRequest) (*Results[Message], error) {
	return bulkInputs(ctx, s.core, sendBotMessage.at(botUID).body(to.body(req)), to.inputs(), sentMessage)
}

// Get returns a message. It fails with CodeMessageIDNotFound (ErrNotFound) if
// there is no such message.
//
// GET /messages/{id}
func (s *MessagesService) Get(ctx context.Context, id string) (*Message, error) {
	return do[Message](ctx, s.core, getMessage.at(id))
}

// List lists the messages of the app, oldest first. opts may be nil.
//
// GET /messages
func (s *MessagesService) List(opts *MessageListOptions) *CursorList[Message] {
	return cursorList[Message](s.core, listMessages.at().query(opts))
}

// ListWith lists the messages between the acting user and another one, or those
// of a group, oldest first. opts may be nil. It fails with ErrPermissionDenied if
// the acting user is not a member of the group.
//
// GET /users/{uid}/messages or GET /groups/{guid}/messages
func (s *MessagesService) ListWith(with Receiver, opts *ConversationMessageListOptions) *CursorList[Message] {
	return cursorList[Message](s.core, with.at(listUserMessages, listGroupMessages).query(opts))
}

// Update edits a message. It fails with CodeMessageIDNotFound (ErrNotFound) if
// there is no such message, with CodeMessageNotASender if a user acts who is not
// its sender, and with CodeMessageActionNotAllowed for an action message.
//
// PUT /messages/{id}
func (s *MessagesService) Update(ctx context.Context, id string, req *UpdateMessageRequest) (*MessageChange, error) {
	return s.change(ctx, id, updateMessage.at(id).body(req))
}

// Delete deletes a message: it removes its content, or the whole message with
// Permanent. opts may be nil. Its errors are those of Update.
//
// DELETE /messages/{id}
func (s *MessagesService) Delete(ctx context.Context, id string, opts *DeleteMessageOptions) (*MessageChange, error) {
	if opts == nil {
		opts = &DeleteMessageOptions{}
	}
	return s.change(ctx, id, deleteMessage.at(id).body(opts))
}

func (s *MessagesService) change(ctx context.Context, id string, o op) (*MessageChange, error) {
	answer, err := doMaybe[Message](ctx, s.core, o)
	if err != nil {
		return nil, err
	}
	return change(id, answer), nil
}

// Pin pins a message to its conversation, for all its participants. It fails with
// CodePinnedMessagesLimitExceeded if 100 messages are pinned there.
//
// POST /messages/{id}/pin
func (s *MessagesService) Pin(ctx context.Context, id string) (*Message, error) {
	return do[Message](ctx, s.core, pinMessage.at(id))
}

// Unpin undoes Pin. A message that is not pinned is not an error.
//
// DELETE /messages/{id}/pin
func (s *MessagesService) Unpin(ctx context.Context, id string) (*Message, error) {
	return do[Message](ctx, s.core, unpinMessage.at(id))
}

// Save adds a message to the acting user's list of saved messages. It fails with
// CodeSavedMessagesLimitExceeded if the list holds 100. A message that is saved
// already keeps its SavedAt.
//
// POST /messages/{id}/save
func (s *MessagesService) Save(ctx context.Context, id string) (*Message, error) {
	return do[Message](ctx, s.core, saveMessage.at(id))
}

// Unsave undoes Save. A message that is not saved is not an error.
//
// DELETE /messages/{id}/save
func (s *MessagesService) Unsave(ctx context.Context, id string) (*Message, error) {
	return do[Message](ctx, s.core, unsaveMessage.at(id))
}

// MarkInteracted records that the acting user has used these elements of an
// interactive message. An element that was recorded before keeps its time. It
// fails with CodeMessageIDNotFound (ErrNotFound) if there is no such message, and
// with CodeMessageActionNotAllowed if it is not interactive.
//
// PATCH /messages/{id}/interacted
func (s *MessagesService) MarkInteracted(ctx context.Context, id string, elementIDs []string) error {
	return acknowledge(ctx, s.core, markInteracted.at(id).body(&interactedRequest{elementIDs}))
}

// Flag reports a message to the moderators, for the acting user. It fails with
// CodeReasonNotFound (ErrNotFound) if there is no such reason.
//
// POST /messages/{id}/flagged
func (s *MessagesService) Flag(ctx context.Context, id string, req *FlagMessageRequest) error {
	return acknowledge(ctx, s.core, flagMessage.at(id).body(req))
}

// MessageCount is a number of messages from a user or in a group.
type MessageCount struct {
	// EntityID is a uid or a guid, depending on EntityType; both are empty if the
	// response has one number for all.
	EntityID   string       `json:"entityId"`
	EntityType ReceiverType `json:"entityType"`
	Count      int          `json:"count"`
}

// UnreadCounts returns how many messages the acting user has not read, by the
// user or group that they are from. opts may be nil. The API does not document
// the response; a response without counts is an *Error.
//
// GET /messages with unread and count
func (s *MessagesService) UnreadCounts(ctx context.Context, opts *MessageListOptions) ([]*MessageCount, error) {
	list, err := counts(ctx, s.core, listMessages.at().query(opts), url.Values{"unread": {"true"}})
	if err != nil {
		return nil, err
	}
	unread := make([]*MessageCount, len(list))
	for i, c := range list {
		unread[i] = &MessageCount{EntityID: c.ID, EntityType: ReceiverType(c.Type), Count: c.N}
	}
	return unread, nil
}

// Count returns how many messages there are in a conversation: all of them, or
// with Unread or Undelivered those that the acting user has not read, or that
// were not delivered to that user. opts may be nil. The API does not document the
// response; a response without a count is an *Error.
//
// GET /users/{uid}/messages or GET /groups/{guid}/messages, with count
func (s *MessagesService) Count(ctx context.Context, with Receiver, opts *ConversationMessageListOptions) (int, error) {
	list, err := counts(ctx, s.core, with.at(listUserMessages, listGroupMessages).query(opts), nil)
	return wire.Sum(list), err
}
