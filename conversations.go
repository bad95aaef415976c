package cometchat

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
)

var (
	listConversations       = get("/conversations")
	getUserConversation     = get("/users/{uid}/conversation")
	getGroupConversation    = get("/groups/{guid}/conversation")
	updateUserConversation  = put("/users/{uid}/conversation")
	updateGroupConversation = put("/groups/{guid}/conversation")
	resetUserConversation   = del("/users/{uid}/conversation")
	resetGroupConversation  = del("/groups/{guid}/conversation")
	markUserDelivered       = post("/users/{uid}/conversation/delivered")
	markGroupDelivered      = post("/groups/{guid}/conversation/delivered")
	markUserRead            = post("/users/{uid}/conversation/read")
	markGroupRead           = post("/groups/{guid}/conversation/read")
	markUserUnread          = del("/users/{uid}/conversation/read")
	markGroupUnread         = del("/groups/{guid}/conversation/read")
	pinUserConversation     = post("/users/{uid}/conversation/pin")
	pinGroupConversation    = post("/groups/{guid}/conversation/pin")
	unpinUserConversation   = del("/users/{uid}/conversation/pin").documentedIdempotent()
	unpinGroupConversation  = del("/groups/{guid}/conversation/pin").documentedIdempotent()

	listPinnedConversations    = get("/conversations/pinned").withoutPages()
	replacePinnedConversations = put("/conversations/pinned").documentedIdempotent()
)

// MaxPinnedConversations is how many conversations a user can pin, and how many
// the app can pin for all users.
const MaxPinnedConversations = 5

// Conversation is a user's conversation with another user or in a group, as that
// user sees it.
type Conversation struct {
	rawItem
	ConversationID     string       `json:"conversationId" wire:"id"`
	ConversationType   ReceiverType `json:"conversationType,omitempty"`
	UnreadMessageCount int          `json:"unreadMessageCount"`
	// UID is set if the client acts for no user: it names the user whose view of
	// the conversation this is.
	UID string `json:"uid,omitempty"`
	// LastMessage is nil if there is none, and often if the client acts for no
	// user.
	LastMessage *Message `json:"lastMessage,omitempty"`
	// ConversationWith is the other user, or the group; User and Group decode it.
	ConversationWith Entity   `json:"conversationWith,omitzero"`
	Tags             Tags     `json:"tags,omitempty"`
	CreatedAt        UnixTime `json:"createdAt,omitempty"`
	UpdatedAt        UnixTime `json:"updatedAt,omitempty"`
	// PinnedBy and PinnedAt are set while the conversation is pinned; PinnedBy is
	// app_system if it is pinned for all users.
	PinnedBy string   `json:"pinnedBy,omitempty"`
	PinnedAt UnixTime `json:"pinnedAt,omitempty"`
}

// LogValue returns what identifies the conversation, without its content, for
// slog.
func (c Conversation) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("conversationId", c.ConversationID),
		slog.String("conversationType", string(c.ConversationType)),
		slog.Int("unreadMessageCount", c.UnreadMessageCount),
	)
}

// User returns the user that the conversation is with, or nil if it is with a
// group. Each call decodes the user again.
func (c *Conversation) User() *User {
	if c == nil || c.ConversationType == ReceiverTypeGroup {
		return nil
	}
	return c.ConversationWith.User()
}

// Group returns the group that the conversation is with, or nil if it is with a
// user. Each call decodes the group again.
func (c *Conversation) Group() *Group {
	if c == nil || c.ConversationType == ReceiverTypeUser {
		return nil
	}
	return c.ConversationWith.Group()
}

// Receiver returns the other side of the conversation, for the methods that take
// one. It is the zero Receiver if the response does not name it.
func (c *Conversation) Receiver() Receiver {
	if g := c.Group(); g != nil {
		return ToGroup(g.GUID)
	}
	if u := c.User(); u != nil {
		return ToUser(u.UID)
	}
	return Receiver{}
}

// ConversationListOptions filters the conversations of the acting user, or of all
// users if the client acts for none. The zero value lists all except those with
// blocked users.
type ConversationListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page             int          `url:"page,omitempty"`
	PerPage          int          `url:"perPage,omitempty"`
	SearchKey        string       `url:"searchKey,omitempty"`
	ConversationType ReceiverType `url:"conversationType,omitempty"`
	// Unread finds conversations with unread messages.
	Unread bool `url:"unread,omitempty"`
	// Tags finds conversations that carry these tags; WithTags
	// includes each conversation's tags.
	Tags     []string `url:"tags,comma,omitempty"`
	WithTags bool     `url:"withTags,omitempty"`
	// UserTags and GroupTags find conversations with users or groups that carry
	// these tags; WithUserAndGroupTags includes those tags.
	UserTags             []string `url:"userTags,comma,omitempty"`
	GroupTags            []string `url:"groupTags,comma,omitempty"`
	WithUserAndGroupTags bool     `url:"withUserAndGroupTags,omitempty"`
	IncludeBlockedUsers  bool     `url:"includeBlockedUsers,omitempty"`
	// WithBlockedInfo includes whether the users block each other.
	WithBlockedInfo bool `url:"withBlockedInfo,omitempty"`
	HideAgentic     bool `url:"hideAgentic,omitempty"`
	OnlyAgentic     bool `url:"onlyAgentic,omitempty"`
	// UseCursoredIndex controls the API's faster way of listing, which is on by
	// default.
	UseCursoredIndex *bool `url:"useCursoredIndex,int,omitempty"`
	// Unique lists each conversation once if the client acts for no user. It
	// cannot be combined with an acting user.
	Unique bool `url:"unique,int,omitempty"`
}

func (o *ConversationListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// UpdateConversationRequest changes a conversation.
type UpdateConversationRequest struct {
	// Tags replace the present ones. Nil leaves them alone, and an empty non-nil
	// Tags removes them all.
	Tags Tags `json:"tags,omitzero"`
}

func (r *UpdateConversationRequest) validate(v *validation) { r.Tags.validate(v) }

// ResetConversationOptions controls how Reset resets a conversation.
type ResetConversationOptions struct {
	// PreserveOrder keeps the conversation's place in the acting user's list.
	PreserveOrder bool `json:"preserveOrder,omitempty"`
	// DeleteMessagesPermanently also removes the messages permanently. It is only
	// for conversations with a user.
	DeleteMessagesPermanently bool `json:"deleteMessagesPermanently,omitempty"`
	// ConversationWith is a uid. The API documents it for conversations with a
	// user, but does not say what it changes.
	ConversationWith string `json:"conversationWith,omitempty"`
}

// resetRequest is ResetConversationOptions for one kind of conversation.
type resetRequest struct {
	*ResetConversationOptions
	with Receiver
}

func (r *resetRequest) validate(v *validation) {
	if r.with.kind() != ReceiverTypeGroup {
		return
	}
	const reason = "is for conversations with a user only"
	if r.DeleteMessagesPermanently {
		v.add(ValidationError{Field: "deleteMessagesPermanently", Reason: reason})
	}
	if r.ConversationWith != "" {
		v.add(ValidationError{Field: "conversationWith", Reason: reason})
	}
}

// upToRequest names the message that a mark goes up to. It is the only request in
// which the API takes an id as a number.
type upToRequest struct {
	MessageID json.Number `json:"messageId,omitempty"`
	required  bool
}

func (r *upToRequest) validate(v *validation) {
	if r.MessageID == "" {
		if r.required {
			v.required("messageId", "")
		}
		return
	}
	if n, err := strconv.ParseInt(string(r.MessageID), 10, 64); err != nil || strconv.FormatInt(n, 10) != string(r.MessageID) {
		v.add(ValidationError{Field: "messageId", Size: len(r.MessageID), Reason: "must be a number"})
		r.MessageID = "" // would not encode
	}
}

// PinnedConversationListOptions are the options of ListPinned. The API documents
// none so far.
type PinnedConversationListOptions struct{}

type pinnedConversations struct {
	Conversations []Receiver `json:"pinnedConversations"`
}

func (r *pinnedConversations) validate(v *validation) {
	v.atMost("pinnedConversations", len(r.Conversations), MaxPinnedConversations, "conversations")
	for i, c := range r.Conversations {
		if err := c.problem("pinnedConversations[" + strconv.Itoa(i) + "]"); err != nil {
			v.errs = append(v.errs, err)
		}
	}
}

// ConversationsService reads and changes conversations and what has been read
// in them. A conversation is named by its other side: ToUser or ToGroup. All
// methods except List, ListPinned and ReplacePinned need an acting user
// (Client.OnBehalfOf). For the API, a conversation without messages does not
// exist (CodeConversationNotAccessible).
type ConversationsService service

// Get returns the acting user's conversation with a user or in a group. It fails
// with CodeConversationNotAccessible (ErrPermissionDenied) if there is no such
// conversation.
//
// GET /users/{uid}/conversation or GET /groups/{guid}/conversation
func (s *ConversationsService) Get(ctx context.Context, with Receiver) (*Conversation, error) {
	return do[Conversation](ctx, s.core, with.at(getUserConversation, getGroupConversation))
}

// List lists conversations: the acting user's, the last changed first, or those
// of all users if the client acts for none. opts may be nil.
//
// GET /conversations
func (s *ConversationsService) List(opts *ConversationListOptions) *PageList[Conversation] {
	return pageList[Conversation](s.core, listConversations.at().query(opts))
}

// Update changes the tags of a conversation. It fails with
// CodeConversationNotAccessible (ErrPermissionDenied) if there is no such
// conversation.
//
// PUT /users/{uid}/conversation or PUT /groups/{guid}/conversation
func (s *ConversationsService) Update(ctx context.Context, with Receiver, req *UpdateConversationRequest) (*Conversation, error) {
	return do[Conversation](ctx, s.core, with.at(updateUserConversation, updateGroupConversation).body(req))
}

// Reset removes a conversation for the acting user; the other side keeps it.
// opts may be nil. It fails with CodeConversationNotAccessible
// (ErrPermissionDenied) if there is no such conversation.
//
// DELETE /users/{uid}/conversation or DELETE /groups/{guid}/conversation
func (s *ConversationsService) Reset(ctx context.Context, with Receiver, opts *ResetConversationOptions) error {
	if opts == nil {
		opts = &ResetConversationOptions{}
	}
	return acknowledge(ctx, s.core, with.at(resetUserConversation, resetGroupConversation).body(&resetRequest{opts, with}))
}

// MarkDelivered marks the messages to the acting user as delivered, up to the
// message with this id; an empty id marks all of them. It fails with
// CodeConversationNotAccessible (ErrPermissionDenied) if there is no such
// conversation.
//
// POST /users/{uid}/conversation/delivered or POST /groups/{guid}/conversation/delivered
func (s *ConversationsService) MarkDelivered(ctx context.Context, with Receiver, messageID string) error {
	return acknowledge(ctx, s.core, with.at(markUserDelivered, markGroupDelivered).body(&upToRequest{MessageID: json.Number(messageID)}))
}

// MarkRead marks the messages to the acting user as read, up to the message
// with this id; an empty id marks all of them. It fails with
// CodeConversationNotAccessible (ErrPermissionDenied) if there is no such
// conversation.
//
// POST /users/{uid}/conversation/read or POST /groups/{guid}/conversation/read
func (s *ConversationsService) MarkRead(ctx context.Context, with Receiver, messageID string) error {
	return acknowledge(ctx, s.core, with.at(markUserRead, markGroupRead).body(&upToRequest{MessageID: json.Number(messageID)}))
}

// MarkUnread marks the messages after the message with this id as not read by
// the acting user. The API allows each user 5 such requests a minute. It fails
// with CodeConversationNotAccessible (ErrPermissionDenied) if there is no such
// conversation.
//
// DELETE /users/{uid}/conversation/read or DELETE /groups/{guid}/conversation/read
func (s *ConversationsService) MarkUnread(ctx context.Context, with Receiver, messageID string) error {
	return acknowledge(ctx, s.core, with.at(markUserUnread, markGroupUnread).body(&upToRequest{MessageID: json.Number(messageID), required: true}))
}

// Pin pins a conversation for the acting user. It fails with
// CodePinnedConversationsLimitExceeded if the user has pinned
// MaxPinnedConversations. A conversation that is already pinned keeps its
// PinnedAt.
//
// POST /users/{uid}/conversation/pin or POST /groups/{guid}/conversation/pin
func (s *ConversationsService) Pin(ctx context.Context, with Receiver) (*Conversation, error) {
	return do[Conversation](ctx, s.core, with.at(pinUserConversation, pinGroupConversation))
}

// Unpin undoes Pin. A conversation that is not pinned is not an error. It fails
// with CodeSystemPinnedConversation if the app has pinned the conversation for
// all users.
//
// DELETE /users/{uid}/conversation/pin or DELETE /groups/{guid}/conversation/pin
func (s *ConversationsService) Unpin(ctx context.Context, with Receiver) (*Conversation, error) {
	return do[Conversation](ctx, s.core, with.at(unpinUserConversation, unpinGroupConversation))
}

// ListPinned lists the conversations that the app has pinned for all users, in
// their order. opts may be nil.
//
// GET /conversations/pinned
func (s *ConversationsService) ListPinned(opts *PinnedConversationListOptions) *PageList[Conversation] {
	return pageList[Conversation](s.core, listPinnedConversations.at().query(opts))
}

// ReplacePinned pins these conversations for all users, in this order, and unpins
// all others: at most MaxPinnedConversations, or none to clear the list. It
// returns the new list. It fails with CodeUIDNotFound or CodeGUIDNotFound
// (ErrNotFound) if there is no such user or group.
//
// PUT /conversations/pinned
func (s *ConversationsService) ReplacePinned(ctx context.Context, with []Receiver) ([]*Conversation, error) {
	req := &pinnedConversations{append([]Receiver{}, with...)} // [], not null
	return doItems[Conversation](ctx, s.core, replacePinnedConversations.at().body(req))
}
