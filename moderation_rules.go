package cometchat

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	createModerationRule        = post("/moderation/rules")
	listModerationRules         = get("/moderation/rules")
	getModerationRule           = get("/moderation/rules/{ruleId}")
	updateModerationRule        = put("/moderation/rules/{ruleId}")
	deleteModerationRule        = del("/moderation/rules/{ruleId}")
	listModerationRuleRevisions = get("/moderation/rules/{ruleId}/revisions")
)

// Limits of moderation rules.
const (
	// MaxModerationConditions is how many conditions a rule can have.
	MaxModerationConditions = 10
	// MaxModerationFilters is how many filters a rule can have.
	MaxModerationFilters = 10
)

// ModerationRule says which messages are blocked or reported, and why. An app has
// at most 25 of its own, in addition to those that every app has.
type ModerationRule struct {
	ID          string `json:"id" wire:"id"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	// Enabled reports whether the rule is applied.
	Enabled bool `json:"enabled"`
	// Active is true only on the newest revision. It cannot be set.
	Active     bool                  `json:"active"`
	Conditions []ModerationCondition `json:"conditions,omitempty"`
	Actions    []ModerationAction    `json:"action,omitempty"`
	// Filters is empty in every documented response, even for rules that have
	// filters.
	Filters []ModerationFilter `json:"filters,omitempty"`
	// RevisionID tells the revisions of a rule apart, which all have its ID. Its
	// parts have no meaning: the app id in it can be that of another app.
	RevisionID string `json:"revisionId,omitempty"`
	// Default reports whether the rule is one that every app has. Such a rule
	// cannot be changed or deleted.
	Default   bool     `json:"default,omitempty"`
	CreatedAt UnixTime `json:"createdAt,omitempty"`
	UpdatedAt UnixTime `json:"updatedAt,omitempty"`
}

// UpdateRequest returns a request that leaves the rule as it is, as a start for
// changing parts of it. Set the Filters again, since responses may not include
// them.
func (r *ModerationRule) UpdateRequest() *UpdateModerationRuleRequest {
	return &UpdateModerationRuleRequest{
		Name: r.Name, Description: r.Description, Enabled: r.Enabled,
		Actions: r.Actions, Conditions: r.Conditions, Filters: r.Filters,
	}
}

// ModerationAction is what happens to a message that breaks a rule. Other values
// may occur: the dashboard can also flag messages for review, and kick, ban or
// block their senders, under names that are not documented.
type ModerationAction string

// The documented actions.
const (
	// ModerationActionBlockMessage holds the message back until it is reviewed.
	ModerationActionBlockMessage ModerationAction = "blockMessage"
	// ModerationActionDropMessage drops the message.
	ModerationActionDropMessage ModerationAction = "dropMessage"
)

// ModerationCondition is a condition under which a message breaks a rule. Set
// Operand, Operator, Category and Values in a request, and
// IsKeywordsReferencePresent if the values are keyword lists.
type ModerationCondition struct {
	// ID numbers the conditions of a rule, from 1.
	ID int `json:"id,omitempty"`
	// Entity is ModerationEntityMessage.
	Entity   ModerationEntity   `json:"entity,omitempty"`
	Operand  ModerationOperand  `json:"operand,omitempty"`
	Operator ModerationOperator `json:"operator,omitempty"`
	Category ModerationCategory `json:"category,omitempty"`
	// IsKeywordsReferencePresent reports whether Values are ids of keyword lists.
	// Responses spell it in three ways; it is sent in the two spellings that
	// requests accept.
	IsKeywordsReferencePresent bool `json:"isKeywordsReferencePresent"`
	// IsMediaPresent reports whether the condition is about media.
	IsMediaPresent bool `json:"isMediaPresent"`
	// Values are words, patterns, ids of keyword lists or, if a model decides, a
	// formula such as "violence_greaterThan_30".
	Values []string `json:"value,omitempty"`
	// Messages describe what was found.
	Messages []string `json:"message,omitempty"`

	// The other fields are set only in responses and webhooks.
	Weight              int                  `json:"weight,omitempty"`
	SimilarityValue     int                  `json:"similarityValue,omitempty"` // in percent
	DisallowedSentences []string             `json:"disallowedSentences,omitempty"`
	Prompts             Metadata             `json:"prompts,omitempty"` // a list of undocumented items
	BasicAuthEnabled    bool                 `json:"basicAuthEnabled,omitempty"`
	ListID              string               `json:"listId,omitempty"`
	Threshold           *ModerationThreshold `json:"threshold,omitempty"`
	RecordID            string               `json:"_id,omitempty"`
	// Extra holds all other members as they were received. It is sent back with
	// the condition.
	Extra map[string]json.RawMessage `json:"-"`
}

// ModerationThreshold is how certain a model must be.
type ModerationThreshold struct {
	Comparison string `json:"comparison,omitempty"` // such as "greaterThan"
	Percent    int    `json:"percent,omitempty"`
}

// conditionJSON is a condition with the other spellings of its flag.
type conditionJSON struct {
	plainCondition
	IsKeywordReferencePresent bool `json:"isKeywordReferencePresent"`
	IsListReferencePresent    bool `json:"isListReferencePresent,omitempty"`
}

type plainCondition ModerationCondition

// MarshalJSON returns the condition with its flag in both spellings that the API
// documents for requests, and with Extra.
func (c ModerationCondition) MarshalJSON() ([]byte, error) {
	return wire.MarshalWith(conditionJSON{plainCondition(c), c.IsKeywordsReferencePresent, false}, c.Extra)
}

// UnmarshalJSON accepts the flag in all its spellings, and a single text instead
// of a list.
func (c *ModerationCondition) UnmarshalJSON(b []byte) error {
	var p conditionJSON
	unknown, err := wire.DecodeWith(b, &p)
	*c = ModerationCondition(p.plainCondition)
	c.IsKeywordsReferencePresent = p.IsKeywordsReferencePresent || p.IsKeywordReferencePresent || p.IsListReferencePresent
	c.Extra = unknown
	return err
}

// ModerationEntity is the subject of a condition or a filter. Other values may
// occur.
type ModerationEntity string

// The documented entities: messages in conditions, the others in filters.
const (
	ModerationEntityMessage ModerationEntity = "message"
	ModerationEntityUser    ModerationEntity = "user"
	ModerationEntityGroup   ModerationEntity = "group"
)

// ModerationOperand is the part of a message that a condition examines. Other
// values may occur.
type ModerationOperand string

// The documented operands.
const (
	ModerationOperandText   ModerationOperand = "text"
	ModerationOperandImage  ModerationOperand = "image"
	ModerationOperandVideo  ModerationOperand = "video"
	ModerationOperandAudio  ModerationOperand = "audio"
	ModerationOperandFile   ModerationOperand = "file"
	ModerationOperandCustom ModerationOperand = "custom"
)

// ModerationOperator is how a condition compares. Other values may occur.
type ModerationOperator string

// The documented operators.
const (
	ModerationOperatorContains ModerationOperator = "contains"
	ModerationOperatorEquals   ModerationOperator = "equals"
)

// ModerationCategory is the kind of the values of a condition, or of the entries
// of a keyword list. Other values may occur.
type ModerationCategory string

// The documented categories. Keyword lists have the first three.
const (
	ModerationCategoryWord               ModerationCategory = "word"
	ModerationCategoryPattern            ModerationCategory = "pattern"
	ModerationCategorySentenceSimilarity ModerationCategory = "sentence-similarity"
	ModerationCategoryToxicity           ModerationCategory = "toxicity"
	ModerationCategoryCustomAPI          ModerationCategory = "custom-api"
)

// ModerationFilter restricts a rule to messages of some senders or receivers. All
// fields except RecordID are required.
type ModerationFilter struct {
	// Entity is ModerationEntityUser or ModerationEntityGroup.
	Entity   ModerationEntity         `json:"entity"`
	Type     ModerationFilterType     `json:"type"`
	Operand  ModerationFilterOperand  `json:"operand"`
	Operator ModerationFilterOperator `json:"operator"`
	// Value is what the operand is compared with. How several values are written
	// for ModerationFilterOperatorIn is not documented.
	Value string `json:"value"`
	// RecordID is set in webhooks.
	RecordID string `json:"_id,omitempty"`
	// Extra holds all other members as they were received. It is sent back with
	// the filter.
	Extra map[string]json.RawMessage `json:"-"`
}

type plainFilter ModerationFilter

// MarshalJSON returns the filter with Extra.
func (f ModerationFilter) MarshalJSON() ([]byte, error) {
	return wire.MarshalWith(plainFilter(f), f.Extra)
}

// UnmarshalJSON keeps members it does not know in Extra.
func (f *ModerationFilter) UnmarshalJSON(b []byte) error {
	var p plainFilter
	unknown, err := wire.DecodeWith(b, &p)
	*f = ModerationFilter(p)
	f.Extra = unknown
	return err
}

// ModerationFilterType is the side of a message that a filter examines. Other
// values may occur.
type ModerationFilterType string

// The documented types of filters.
const (
	ModerationFilterTypeSender   ModerationFilterType = "sender"
	ModerationFilterTypeReceiver ModerationFilterType = "receiver"
)

// ModerationFilterOperand is the property that a filter examines. Other values
// may occur.
type ModerationFilterOperand string

// The documented operands of filters.
const (
	ModerationFilterOperandUID       ModerationFilterOperand = "uid"  // of users
	ModerationFilterOperandRole      ModerationFilterOperand = "role" // of users
	ModerationFilterOperandGUID      ModerationFilterOperand = "guid" // of groups
	ModerationFilterOperandType      ModerationFilterOperand = "type" // of groups
	ModerationFilterOperandName      ModerationFilterOperand = "name"
	ModerationFilterOperandTags      ModerationFilterOperand = "tags"
	ModerationFilterOperandCreatedAt ModerationFilterOperand = "createdAt"
)

// ModerationFilterOperator is how a filter compares. Other values may occur: for
// users, some of the API's documents write "not equals" and "not in".
type ModerationFilterOperator string

// The documented operators of filters.
const (
	ModerationFilterOperatorEquals      ModerationFilterOperator = "equals"
	ModerationFilterOperatorNotEquals   ModerationFilterOperator = "notEquals"
	ModerationFilterOperatorIn          ModerationFilterOperator = "in"
	ModerationFilterOperatorNotIn       ModerationFilterOperator = "notIn"
	ModerationFilterOperatorStartsWith  ModerationFilterOperator = "startsWith"
	ModerationFilterOperatorEndsWith    ModerationFilterOperator = "endsWith"
	ModerationFilterOperatorLessThan    ModerationFilterOperator = "lessThan"
	ModerationFilterOperatorGreaterThan ModerationFilterOperator = "greaterThan"
)

// CreateModerationRuleRequest describes a new rule. ID and Name are required.
type CreateModerationRuleRequest struct {
	// ID names the rule permanently: at most 100 characters, without spaces and
	// special characters.
	ID string `json:"id"`
	// Name has at most 100 characters, Description 255.
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Enabled applies the rule at once.
	Enabled bool               `json:"enabled"`
	Actions []ModerationAction `json:"action,omitempty"`
	// A rule has at most MaxModerationConditions and MaxModerationFilters.
	Conditions []ModerationCondition `json:"conditions,omitempty"`
	Filters    []ModerationFilter    `json:"filters,omitempty"`
}

func (r *CreateModerationRuleRequest) validate(v *validation) {
	v.id("id", r.ID, maxID)
	v.rule(r.Name, r.Description, r.Conditions, r.Filters)
}

// UpdateModerationRuleRequest describes a whole rule, since it is not documented
// whether the API leaves alone what a request does not name. Start with the
// UpdateRequest of a rule. The limits are those of CreateModerationRuleRequest.
type UpdateModerationRuleRequest struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Enabled     bool   `json:"enabled"`
	// A list that is nil is not sent; an empty one is.
	Actions    []ModerationAction    `json:"action,omitzero"`
	Conditions []ModerationCondition `json:"conditions,omitzero"`
	Filters    []ModerationFilter    `json:"filters,omitzero"`
}

// updateRuleBody is what is sent.
type updateRuleBody struct {
	ID string `json:"id"`
	*UpdateModerationRuleRequest
}

// body is the request for the rule with this id; nil for nil.
func (r *UpdateModerationRuleRequest) body(id string) *updateRuleBody {
	if r == nil {
		return nil
	}
	return &updateRuleBody{id, r}
}

func (b *updateRuleBody) validate(v *validation) {
	v.rule(b.Name, b.Description, b.Conditions, b.Filters)
}

// rule checks what all requests for rules contain.
func (v *validation) rule(name, description string, conditions []ModerationCondition, filters []ModerationFilter) {
	v.required("name", name)
	v.length("name", name, maxName)
	v.length("description", description, maxDescription)
	v.atMost("conditions", len(conditions), MaxModerationConditions, "conditions")
	v.atMost("filters", len(filters), MaxModerationFilters, "filters")
	for i, f := range filters {
		if len(f.Extra) > 0 { // of a kind that the API has added
			continue
		}
		for name, value := range map[string]string{
			"entity": string(f.Entity), "type": string(f.Type), "operand": string(f.Operand),
			"operator": string(f.Operator), "value": f.Value,
		} {
			v.required(fmt.Sprintf("filters[%d].%s", i, name), value)
		}
	}
}

// ModerationRuleListOptions limits a list of rules or of their revisions.
type ModerationRuleListOptions struct {
	// Limit is the size of the page, at most 1,000. The API's default for First
	// is 50 rules, or 10 revisions.
	Limit int `url:"limit,omitempty"`
}

func (o *ModerationRuleListOptions) validate(v *validation) { validateLimit(v, o.Limit) }

// ModerationRulesService manages the rules that messages are checked against.
type ModerationRulesService service

// Create creates a rule. It fails with ErrInvalidRequest if there is a rule
// with that ID; the API does not document the code of that error.
//
// POST /moderation/rules
func (s *ModerationRulesService) Create(ctx context.Context, req *CreateModerationRuleRequest) (*ModerationRule, error) {
	return do[ModerationRule](ctx, s.core, createModerationRule.at().body(req))
}

// Get returns the newest revision of a rule. It fails with CodeRuleNotFound
// (ErrNotFound) if there is no such rule.
//
// GET /moderation/rules/{ruleId}
func (s *ModerationRulesService) Get(ctx context.Context, ruleID string) (*ModerationRule, error) {
	return do[ModerationRule](ctx, s.core, getModerationRule.at(ruleID))
}

// List lists the rules, including those that every app has. The API documents
// only a first page, so rules beyond the Limit cannot be reached. A page whose
// Count equals its Limit may be incomplete. opts may be nil.
//
// GET /moderation/rules
func (s *ModerationRulesService) List(opts *ModerationRuleListOptions) *CursorList[ModerationRule] {
	return cursorList[ModerationRule](s.core, listModerationRules.at().query(opts))
}

// Update replaces a rule by a new revision, which applies at once. Messages that
// were blocked before stay blocked. It fails with CodeRuleNotFound (ErrNotFound)
// if there is no such rule.
//
// PUT /moderation/rules/{ruleId}
func (s *ModerationRulesService) Update(ctx context.Context, ruleID string, req *UpdateModerationRuleRequest) (*ModerationRule, error) {
	return do[ModerationRule](ctx, s.core, updateModerationRule.at(ruleID).body(req.body(ruleID)))
}

// Delete removes a rule permanently. The messages it blocked stay blocked. It
// fails with CodeRuleNotFound (ErrNotFound) if there is no such rule.
//
// DELETE /moderation/rules/{ruleId}
func (s *ModerationRulesService) Delete(ctx context.Context, ruleID string) error {
	return acknowledge(ctx, s.core, deleteModerationRule.at(ruleID))
}

// Revisions lists the revisions of a rule, newest first. They all have the ID of
// the rule; RevisionID tells them apart. As in List, the API documents only a
// first page. opts may be nil.
//
// GET /moderation/rules/{ruleId}/revisions
func (s *ModerationRulesService) Revisions(ruleID string, opts *ModerationRuleListOptions) *CursorList[ModerationRule] {
	return cursorList[ModerationRule](s.core, listModerationRuleRevisions.at(ruleID).query(opts))
}
