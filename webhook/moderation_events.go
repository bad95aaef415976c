package webhook

import (
	"context"

	"github.com/go-cometchat/cometchat"
)

// Judgement is a message with the decision of the moderation rules.
type Judgement struct {
	// Message has the decision in Data.Moderation, if the API includes it.
	Message cometchat.Message `json:"message"`
	// Moderation are the rules that matched; often empty.
	Moderation []RuleMatch `json:"moderation,omitempty"`
}

// key includes the content, since an edited message is judged again, possibly
// within the same second.
func (j *Judgement) key() []string {
	return []string{j.Message.ID, number(j.Message.UpdatedAt), content(j.Message)}
}

// RuleMatch is a rule with the condition or the filter that a message met.
type RuleMatch struct {
	Rule      Rule       `json:"rule"`
	Condition *Condition `json:"condition,omitempty"`
	// Filter is the filter because of which the rule was not applied.
	Filter *Filter `json:"filter,omitempty"`
}

// Rule is a moderation rule.
type Rule struct {
	ID         string             `json:"id"`
	Name       string             `json:"name"`
	RevisionID string             `json:"revisionId"`
	Action     []string           `json:"action,omitempty"` // such as "blockMessage"
	BlockedAt  cometchat.UnixTime `json:"blockedAt,omitempty"`
}

// Condition is a condition of a rule. Which fields are set depends on Category.
type Condition struct {
	ID                         int        `json:"id,omitempty"`
	InternalID                 string     `json:"_id,omitempty"`
	Entity                     string     `json:"entity"`
	Operand                    string     `json:"operand"`
	Category                   string     `json:"category,omitempty"`
	Operator                   string     `json:"operator,omitempty"`
	Value                      []string   `json:"value,omitempty"`
	Message                    string     `json:"message,omitempty"`
	ListID                     string     `json:"listId,omitempty"`
	Threshold                  *Threshold `json:"threshold,omitempty"`
	IsKeywordsReferencePresent bool       `json:"isKeywordsReferencePresent,omitempty"`
	IsMediaPresent             bool       `json:"isMediaPresent,omitempty"`
	SimilarityValue            int        `json:"similarityValue,omitempty"`
	DisallowedSentences        []string   `json:"disallowedSentences,omitempty"`
	BasicAuthEnabled           bool       `json:"basicAuthEnabled,omitempty"`
	Prompts                    []string   `json:"prompts,omitempty"`
	Weight                     int        `json:"weight,omitempty"`
}

// Threshold is how certain a check must be for a Condition.
type Threshold struct {
	Comparison string  `json:"comparison"` // such as "greaterThan"
	Percent    float64 `json:"percent"`
}

// Filter restricts the users or groups that a rule applies to.
type Filter struct {
	InternalID string `json:"_id,omitempty"`
	Entity     string `json:"entity"`
	Operand    string `json:"operand"`
	Operator   string `json:"operator"`
	Value      string `json:"value"`
	Type       string `json:"type"` // such as "sender"
}

// ModerationEngineApproved reports that the rules let a message through.
type ModerationEngineApproved struct {
	Envelope `json:"-"`
	Judgement
}

// OnModerationEngineApproved calls f for every moderation_engine_approved.
func (h *Handler) OnModerationEngineApproved(f func(context.Context, *ModerationEngineApproved) error) {
	on(h, TriggerModerationEngineApproved, f)
}

// ModerationEngineBlocked reports that a rule blocked a message.
type ModerationEngineBlocked struct {
	Envelope `json:"-"`
	Judgement
}

// OnModerationEngineBlocked calls f for every moderation_engine_blocked.
func (h *Handler) OnModerationEngineBlocked(f func(context.Context, *ModerationEngineBlocked) error) {
	on(h, TriggerModerationEngineBlocked, f)
}

// ModerationManualApproved reports that a moderator let a blocked message
// through.
type ModerationManualApproved struct {
	Envelope `json:"-"`
	Judgement
	Reviewed bool `json:"reviewed"`
}

// OnModerationManualApproved calls f for every moderation_manual_approved.
func (h *Handler) OnModerationManualApproved(f func(context.Context, *ModerationManualApproved) error) {
	on(h, TriggerModerationManualApproved, f)
}

// ModerationEngineFailed reports that checks of a message failed. The API sends
// it in addition to the event with the decision, once for each pass: a picture
// with a caption has two passes.
type ModerationEngineFailed struct {
	Envelope `json:"-"`
	// Resource is the message without its content.
	Resource    cometchat.Message  `json:"resource"`
	ContentType string             `json:"contentType"` // "text", "image", "video", "audio" or "file"
	Outcome     string             `json:"outcome"`     // "approved" or "disapproved"
	CompletedAt cometchat.UnixTime `json:"completedAt"`
	Failures    []Failure          `json:"failures"`
}

// OnModerationEngineFailed calls f for every moderation_engine_failed.
func (h *Handler) OnModerationEngineFailed(f func(context.Context, *ModerationEngineFailed) error) {
	on(h, TriggerModerationEngineFailed, f)
}

func (e *ModerationEngineFailed) key() []string {
	return []string{e.Resource.ID, e.ContentType, number(e.CompletedAt)}
}

// Failure is a check that failed.
type Failure struct {
	// Category is "http_4xx", "http_5xx", "timeout", "connection_error",
	// "invalid_response" or "not_configured".
	Category     string             `json:"category"`
	ErrorMessage string             `json:"errorMessage"`
	FailedAt     cometchat.UnixTime `json:"failedAt"`
	// HTTPStatus and ResponseBody are set if there was a response. The body has
	// at most 2 KB and may be cut off.
	HTTPStatus            int    `json:"httpStatus,omitempty"`
	ResponseBody          string `json:"responseBody,omitempty"`
	ResponseBodyTruncated bool   `json:"responseBodyTruncated"`
	TimeoutMillis         int    `json:"timeoutMs,omitempty"`
	// ValidationErrors say what is wrong with a response that is not valid.
	ValidationErrors []string       `json:"validationErrors,omitempty"`
	Context          FailureContext `json:"context"`
}

// FailureContext says which check failed.
type FailureContext struct {
	Engine    string     `json:"engine"`  // "openai" or "custom_api"
	Setting   string     `json:"setting"` // "approve-message" or "drop-message"
	Rule      Rule       `json:"rule"`
	Condition *Condition `json:"condition,omitempty"`
	// Request is the request to a custom moderation API.
	Request *FailureRequest `json:"request,omitempty"`
	// ProviderErrorCode and OpenAIRequestID are set for the engine openai.
	ProviderErrorCode string `json:"providerErrorCode,omitempty"`
	OpenAIRequestID   string `json:"openaiRequestId,omitempty"`
}

// FailureRequest is a request to a custom moderation API.
type FailureRequest struct {
	URL           string `json:"url"`
	Method        string `json:"method"`
	BodyBytes     int    `json:"bodyBytes"`
	BasicAuthSent bool   `json:"basicAuthSent"`
}
