package cometchat

import (
	"context"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	listFlaggedMessages  = get("/moderation/flagged-messages")
	reviewFlaggedMessage = patch("/moderation/flagged-messages/{id}")
	listBlockedMessages  = get("/moderation/blocked-messages")
	reviewBlockedMessage = patch("/moderation/blocked-messages/{id}")
	listReviewedMessages = get("/moderation/reviewed-messages")
)

// ModeratedMessage is a message that a rule blocked, that was flagged, or that
// was reviewed afterwards. Only the fields about what happened are set; all
// except Message may be missing.
type ModeratedMessage struct {
	Message Message `json:"message"`

	// The rule that blocked the message, what it found, and what it did.
	RuleID     string              `json:"ruleId,omitempty"`
	RuleName   string              `json:"ruleName,omitempty"`
	RevisionID string              `json:"revisionId,omitempty"`
	Condition  ModerationCondition `json:"condition,omitzero"`
	Actions    []ModerationAction  `json:"action,omitempty"`

	// FlaggedCount is how often the message was flagged, FlaggedBy by whom.
	FlaggedCount int              `json:"flaggedCount,omitempty"`
	FlaggedBy    []ModerationFlag `json:"flaggedBy,omitempty"`

	CreatedAt UnixTime `json:"createdAt,omitempty"`
	UpdatedAt UnixTime `json:"updatedAt,omitempty"`
	BlockedAt UnixTime `json:"blockedAt,omitempty"`
	AppID     string   `json:"appId,omitempty"`
}

// UnmarshalJSON accepts the item of each list: a flagged item has the message's
// own members, while the others have a member for the message.
func (m *ModeratedMessage) UnmarshalJSON(b []byte) error {
	type plain ModeratedMessage
	var p plain
	var flat Message
	err := wire.DecodeBoth(b, &p, &flat)
	if p.Message.ID == "" {
		p.Message = flat
	}
	*m = ModeratedMessage(p)
	return err
}

// ModerationFlag is what one user reported about a message.
type ModerationFlag struct {
	UID    string `json:"uid"`
	Name   string `json:"name,omitempty"`
	Avatar string `json:"avatar,omitempty"`
	Role   string `json:"role,omitempty"`
	// ReasonID is the id of a ModerationReason, with its ReasonName and
	// Description.
	ReasonID    string   `json:"reasonId,omitempty"`
	ReasonName  string   `json:"reasonName,omitempty"`
	Description string   `json:"description,omitempty"`
	Remark      string   `json:"remark,omitempty"` // the user's own words
	FlaggedAt   UnixTime `json:"flaggedAt,omitempty"`
}

// ModerationReview is a moderator's decision about a message.
type ModerationReview string

// The documented decisions.
const (
	ModerationReviewApproved    ModerationReview = "approved"
	ModerationReviewDisapproved ModerationReview = "disapproved" // of flagged messages
	ModerationReviewRejected    ModerationReview = "rejected"    // of blocked messages
)

type flaggedReviewRequest struct {
	Status ModerationReview `json:"status"`
}

func (r *flaggedReviewRequest) validate(v *validation) { v.required("status", string(r.Status)) }

// blockedReviewRequest has both members that different versions of the API's
// documentation require.
type blockedReviewRequest struct {
	Status   ModerationReview `json:"status"`
	Reviewed bool             `json:"reviewed"`
}

func (r *blockedReviewRequest) validate(v *validation) { v.required("status", string(r.Status)) }

// ModeratedMessageListOptions limits a list of flagged, blocked or reviewed
// messages.
type ModeratedMessageListOptions struct {
	// Limit is the size of the page, at most 1,000. The API's default for First
	// is 50.
	Limit int `url:"limit,omitempty"`
}

func (o *ModeratedMessageListOptions) validate(v *validation) { validateLimit(v, o.Limit) }

// ModerationReviewsService lists the messages that wait for moderators, and sends
// the moderators' decisions.
type ModerationReviewsService service

// ListFlagged lists the messages that users or rules have flagged. They stay
// visible until they are reviewed. The API documents only a first page, so
// messages beyond the Limit cannot be reached before others are reviewed. A page
// whose Count equals its Limit may be incomplete. opts may be nil.
//
// GET /moderation/flagged-messages
func (s *ModerationReviewsService) ListFlagged(opts *ModeratedMessageListOptions) *CursorList[ModeratedMessage] {
	return cursorList[ModeratedMessage](s.core, listFlaggedMessages.at().query(opts))
}

// ListBlocked lists the messages that rules hold back. They are kept until they
// are reviewed. As in ListFlagged, the API documents only a first page. opts may
// be nil.
//
// GET /moderation/blocked-messages
func (s *ModerationReviewsService) ListBlocked(opts *ModeratedMessageListOptions) *CursorList[ModeratedMessage] {
	return cursorList[ModeratedMessage](s.core, listBlockedMessages.at().query(opts))
}

// ListReviewed lists the messages that were reviewed. What the API returns for
// messages that were flagged is not documented. It documents only a first page,
// so messages beyond the Limit cannot be reached. A page whose Count equals its
// Limit may be incomplete. opts may be nil.
//
// GET /moderation/reviewed-messages
func (s *ModerationReviewsService) ListReviewed(opts *ModeratedMessageListOptions) *CursorList[ModeratedMessage] {
	return cursorList[ModeratedMessage](s.core, listReviewedMessages.at().query(opts))
}

// ReviewFlagged decides about a flagged message: ModerationReviewApproved keeps
// it, ModerationReviewDisapproved removes it from its conversation. It fails with
// CodeMessageIDNotFound (ErrNotFound) if there is no such message.
//
// PATCH /moderation/flagged-messages/{id}
func (s *ModerationReviewsService) ReviewFlagged(ctx context.Context, messageID string, review ModerationReview) error {
	return acknowledge(ctx, s.core, reviewFlaggedMessage.at(messageID).body(&flaggedReviewRequest{review}))
}

// ReviewBlocked decides about a blocked message: ModerationReviewApproved shows
// it, ModerationReviewRejected keeps it blocked. It fails with
// CodeMessageIDNotFound (ErrNotFound) if there is no such message.
//
// PATCH /moderation/blocked-messages/{id}
func (s *ModerationReviewsService) ReviewBlocked(ctx context.Context, messageID string, review ModerationReview) error {
	return acknowledge(ctx, s.core, reviewBlockedMessage.at(messageID).body(&blockedReviewRequest{review, true}))
}
