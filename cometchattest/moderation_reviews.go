package cometchattest

import (
	"cmp"
	"fmt"
	"strconv"
)

const defaultReviews = 50

func moderationReviewsResource() resource {
	return resource{routes: []route{
		{pattern: "GET /moderation/flagged-messages", handle: listFlagged},
		{pattern: "PATCH /moderation/flagged-messages/{id}", handle: withBody((*call).pathFlagged, reviewFlagged)},
		{pattern: "GET /moderation/blocked-messages", handle: listBlocked},
		{pattern: "PATCH /moderation/blocked-messages/{id}", handle: withBody((*call).pathBlocked, reviewBlocked)},
		{pattern: "GET /moderation/reviewed-messages", handle: listReviewed},
	}}
}

// flaggedView is a flagged message in a response.
type flaggedView struct {
	AppID string `json:"appId,omitempty"`
	*messageView
	FlaggedBy    []flagView `json:"flaggedBy"`
	FlaggedCount int        `json:"flaggedCount"`
}

// flagView is a flag in a response.
type flagView struct {
	UID         string `json:"uid"`
	Name        string `json:"name,omitempty"`
	Avatar      string `json:"avatar,omitempty"`
	Role        string `json:"role,omitempty"`
	ReasonID    string `json:"reasonId"`
	ReasonName  string `json:"reasonName,omitempty"`
	Description string `json:"description,omitempty"`
	Remark      string `json:"remark,omitempty"`
	FlaggedAt   int64  `json:"flaggedAt"`
}

// viewFlags returns the flags of a message as sent.
func (c *call) viewFlags(flags []Flag) []flagView {
	views := make([]flagView, len(flags))
	for i, flag := range flags {
		v := flagView{UID: flag.UID, ReasonID: flag.ReasonID, Remark: flag.Remark, FlaggedAt: flag.FlaggedAt.Unix()}
		if u, ok := c.state.users.get(flag.UID); ok {
			v.Name, v.Avatar, v.Role = u.name, u.avatar, u.role
		}
		if r, ok := c.state.reasons.get(flag.ReasonID); ok {
			v.ReasonName, v.Description = r.Name, r.Description
		}
		if h, ok := c.state.moderation.rules.get(flag.ReasonID); ok && flag.UID == systemUID {
			v.ReasonName, v.Description = h.newest().Name, h.newest().Description
		}
		views[i] = v
	}
	return views
}

// blockedView is a blocked or reviewed message. The service does not document how
// it shows a message that was flagged and reviewed.
type blockedView struct {
	RuleID       string            `json:"ruleId,omitempty"`
	RuleName     string            `json:"ruleName,omitempty"`
	RevisionID   string            `json:"revisionId,omitempty"`
	Condition    *blockedCondition `json:"condition,omitempty"`
	Message      *messageView      `json:"message"`
	Action       []string          `json:"action,omitempty"`
	CreatedAt    int64             `json:"createdAt"`
	UpdatedAt    int64             `json:"updatedAt"`
	BlockedAt    string            `json:"blockedAt,omitempty"`
	AppID        string            `json:"appId,omitempty"`
	FlaggedBy    []flagView        `json:"flaggedBy,omitempty"`
	FlaggedCount int               `json:"flaggedCount,omitempty"`
}

// blockedCondition is a condition with its finding as a single text.
type blockedCondition struct {
	*condition
	Message string `json:"message"`
	Weight  int    `json:"weight"`
}

func (c *call) viewBlocked(m *message) any {
	is := m.moderation
	v := blockedView{
		Message: c.viewMessage(m, messageOptions{}), AppID: c.server.appID,
		CreatedAt: m.sentAt, UpdatedAt: cmp.Or(is.reviewedAt, m.sentAt),
		FlaggedBy: c.viewFlags(is.flags), FlaggedCount: len(is.flags),
	}
	if by := is.block; by != nil {
		v.RuleID, v.RuleName, v.RevisionID, v.Action = by.rule.ID, by.rule.Name, by.rule.RevisionID, by.rule.Action
		found := fmt.Sprintf("The %s %s a %s of the rule.", by.condition.Operand, by.condition.Operator, by.condition.Category)
		if len(by.condition.Message) > 0 {
			found = by.condition.Message[0]
		}
		v.Condition = &blockedCondition{by.condition, found, 1}
		v.CreatedAt, v.UpdatedAt = by.at, cmp.Or(is.reviewedAt, by.at)
		v.BlockedAt = strconv.FormatInt(by.at, 10) + fmt.Sprintf(".%015d", m.id)
	}
	return v
}

// newestFirst returns a page of a queue, newest first.
func (c *call) newestFirst(queue timeline, view func(*message) any) (any, error) {
	return cutList(c, defaultReviews, len(queue), func(i int) any { return view(queue[len(queue)-1-i]) })
}

func listFlagged(c *call) (any, error) {
	return c.newestFirst(c.state.messages.queues.flagged, func(m *message) any {
		return flaggedView{c.server.appID, c.viewMessage(m, messageOptions{}), c.viewFlags(m.flags), len(m.flags)}
	})
}

func listBlocked(c *call) (any, error) {
	return c.newestFirst(c.state.messages.queues.blocked, c.viewBlocked)
}

func listReviewed(c *call) (any, error) {
	return c.newestFirst(c.state.messages.queues.reviewed, c.viewBlocked)
}

// pathFlagged returns the message named by the path, which must be flagged.
func (c *call) pathFlagged() (*message, error) { return c.queued(c.state.messages.queues.flagged) }

// pathBlocked returns the message named by the path, which must be blocked.
func (c *call) pathBlocked() (*message, error) { return c.queued(c.state.messages.queues.blocked) }

func (c *call) queued(queue timeline) (*message, error) {
	m, err := c.pathMessage()
	if err != nil {
		return nil, err
	}
	if _, ok := queue.get(m.id); !ok {
		return nil, errMessageNotFound(c.named("id"))
	}
	return m, nil
}

func reviewFlagged(c *call, m *message, f *fields) (any, error) {
	f.require("status")
	status, _ := f.oneOf("status", statusApproved, statusDisapproved)
	if err := f.err(); err != nil {
		return nil, err
	}
	c.state.messages.change(m, func() {
		is := moderation{}
		if m.moderation != nil {
			is = *m.moderation
		}
		is.status, is.flags, is.reviewedAt = status, m.flags, c.unix()
		m.moderation, m.flags = &is, nil
	})
	return bareResponse{acknowledgement{true, "The message " + m.idText() + " is flagged no more."}}, nil
}

func reviewBlocked(c *call, m *message, f *fields) (any, error) {
	f.require("status", "reviewed")
	status, _ := f.oneOf("status", statusApproved, statusRejected)
	f.boolean("reviewed")
	if err := f.err(); err != nil {
		return nil, err
	}
	c.state.messages.change(m, func() {
		if m.moderation.reviewedAt = c.unix(); status == statusApproved {
			m.moderation.status = statusApproved
		}
	})
	return acknowledge("The message %d is reviewed.", m.id)
}
