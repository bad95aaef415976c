package cometchattest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// The limits on moderation rules and keyword lists.
const (
	maxOwnRules   = 25
	maxOwnLists   = 25
	maxConditions = 10
	maxFilters    = 10

	defaultRevisions = 10
	defaultRules     = 50
)

// The categories and operators of conditions that the emulator implements.
const (
	categoryWord    = "word"
	categoryPattern = "pattern"

	operatorContains = "contains"
	operatorEquals   = "equals"
)

// moderationStore holds the rules and the keyword lists of the app.
type moderationStore struct {
	rules *table[*ruleHistory] // by id
	lists *table[*keywordList] // by id
}

func newModerationStore() *moderationStore {
	s := &moderationStore{rules: newTable[*ruleHistory](), lists: newTable[*keywordList]()}
	s.addDefaults()
	return s
}

// addDefaults adds the built-in rule, which is disabled, and its keyword list.
func (s *moderationStore) addDefaults() {
	const at = 1718150400 // long before the app
	s.lists.add("profanity-list", at, &keywordList{
		ID: "profanity-list", Name: "Profanity", Category: categoryWord, SearchTerms: []string{"darn", "heck"},
		CreatedAt: at, UpdatedAt: at, RevisionID: "default_profanity-list_1", Active: true, Default: true,
	})
	s.rules.add("profanity-filter", at, &ruleHistory{&rule{
		ID: "profanity-filter", Name: "Profanity filter", Description: "Finds swearing",
		Conditions: []*condition{{
			ID: 1, KeywordsReference: true, Entity: "message", Operand: "text",
			Category: categoryWord, Operator: operatorContains, Value: texts{"profanity-list"},
		}},
		Action: []string{actionBlock}, Active: true,
		CreatedAt: at, UpdatedAt: at, RevisionID: "default_profanity-filter_1", Default: true,
	}})
}

// inForce reports whether any rule is enabled.
func (s *moderationStore) inForce() bool {
	for i := range s.rules.count() {
		if s.rules.at(i).newest().Enabled {
			return true
		}
	}
	return false
}

// ruleHistory holds all revisions of a rule, newest first.
type ruleHistory []*rule

func (h *ruleHistory) newest() *rule { return (*h)[0] }

// rule is a revision of a rule, as stored and as sent. No documented response
// includes filters.
type rule struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Enabled     bool         `json:"enabled"`
	Conditions  []*condition `json:"conditions"`
	Action      []string     `json:"action"`
	Active      bool         `json:"active"`
	CreatedAt   int64        `json:"createdAt"`
	UpdatedAt   int64        `json:"updatedAt"`
	RevisionID  string       `json:"revisionId"`
	Default     bool         `json:"default,omitempty"`

	filters []filter
}

type condition struct {
	ID                int    `json:"id"`
	KeywordsReference bool   `json:"isKeywordsReferencePresent"`
	MediaPresent      bool   `json:"isMediaPresent"`
	Entity            string `json:"entity"`
	Operand           string `json:"operand"`
	Category          string `json:"category"`
	Operator          string `json:"operator"`
	Value             texts  `json:"value"`
	Message           texts  `json:"message,omitempty"`

	// Other names of KeywordsReference in requests.
	KeywordReference bool `json:"isKeywordReferencePresent,omitempty"`
	ListReference    bool `json:"isListReferencePresent,omitempty"`
}

// texts is a list of strings that may also be sent as a single string.
type texts []string

func (t *texts) UnmarshalJSON(b []byte) error {
	var list []string
	if json.Unmarshal(b, &list) != nil {
		var one string
		if err := json.Unmarshal(b, &one); err != nil {
			return err
		}
		list = []string{one}
	}
	*t = list
	return nil
}

type filter struct {
	Entity   string `json:"entity"`
	Type     string `json:"type"`
	Operand  string `json:"operand"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

func moderationRulesResource() resource {
	return resource{routes: []route{
		{pattern: "POST /moderation/rules", handle: with((*call).fields, createRule)},
		{pattern: "GET /moderation/rules", handle: listRules},
		{pattern: "GET /moderation/rules/{ruleId}", handle: with((*call).pathRule, getRule)},
		{pattern: "PUT /moderation/rules/{ruleId}", handle: withBody((*call).pathRule, updateRule)},
		{pattern: "DELETE /moderation/rules/{ruleId}", handle: with((*call).pathRule, deleteRule)},
		{pattern: "GET /moderation/rules/{ruleId}/revisions", handle: with((*call).pathRule, listRevisions)},
	}}
}

// pathRule returns the rule named by the path.
func (c *call) pathRule() (*ruleHistory, error) {
	h, ok := c.state.moderation.rules.get(c.id("ruleId"))
	if !ok {
		return nil, errNotFound("ERR_RULE_NOT_FOUND", "moderation rule", c.named("ruleId"))
	}
	return h, nil
}

// revisionID returns the id of a revision in the format of the service.
func (c *call) revisionID(id string, number int) string {
	app := c.server.appID
	if app == "" {
		app = "app"
	}
	return app + "_" + id + "_" + strconv.Itoa(number)
}

// readRule returns a copy of a rule with the values that were sent.
func readRule(f *fields, r rule) *rule {
	if name, ok := f.text("name", maxName); ok {
		r.Name = name
	}
	if f.has("description") {
		r.Description, _ = f.text("description", maxDescription)
	}
	if enabled, ok := f.boolean("enabled"); ok {
		r.Enabled = enabled
	}
	if action, ok := f.texts("action", 0, 0); ok {
		r.Action = action
	}
	readConditions(f, &r)
	var filters []filter
	switch {
	case !f.has("filters"):
	case json.Unmarshal(f.members["filters"], &filters) != nil:
		f.fail("filters", "The field filters must be a list of filters.")
	case len(filters) > maxFilters:
		f.fail("filters", "A rule may have %d filters at most.", maxFilters)
	default:
		r.filters = filters
	}
	for i, filter := range filters {
		if filter.Entity == "" || filter.Type == "" || filter.Operand == "" || filter.Operator == "" || filter.Value == "" {
			name := fmt.Sprintf("filters.%d", i)
			f.fail(name, "The filter %d lacks a member.", i)
		}
	}
	return &r
}

func readConditions(f *fields, r *rule) {
	var conditions []*condition
	switch {
	case !f.has("conditions"):
		return
	case json.Unmarshal(f.members["conditions"], &conditions) != nil || slices.Contains(conditions, nil):
		f.fail("conditions", "The field conditions must be a list of conditions.")
		return
	case len(conditions) > maxConditions:
		f.fail("conditions", "A rule may have %d conditions at most.", maxConditions)
		return
	}
	for i, cond := range conditions {
		if cond.ID == 0 {
			cond.ID = i + 1
		}
		if cond.Entity == "" {
			cond.Entity = "message"
		}
		cond.KeywordsReference = cond.KeywordsReference || cond.KeywordReference || cond.ListReference
		cond.KeywordReference, cond.ListReference = false, false
		if cond.Category == categoryPattern && !cond.KeywordsReference {
			checkPatterns(f, fmt.Sprintf("conditions.%d.value", i), cond.Value)
		}
	}
	r.Conditions = conditions
}

// checkPatterns records an error for each pattern that is not a valid Go regular
// expression.
func checkPatterns(f *fields, name string, terms []string) {
	for _, term := range terms {
		if _, err := compilePattern(withoutQuotes(term)); err != nil {
			f.fail(name, "The emulator knows no such pattern: %v.", err)
		}
	}
}

func createRule(c *call, f *fields) (any, error) {
	f.require("id", "name")
	id, _ := f.id("id")
	rules := c.state.moderation.rules
	r := readRule(f, rule{
		ID: id, Active: true, Conditions: []*condition{}, Action: []string{},
		CreatedAt: c.unix(), UpdatedAt: c.unix(), RevisionID: c.revisionID(id, 1),
	})
	if _, ok := rules.get(id); ok {
		f.fail("id", "The id %s already exists in this app.", id)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	own := 0
	for i := range rules.count() {
		if !rules.at(i).newest().Default {
			own++
		}
	}
	if own >= maxOwnRules {
		return nil, errQuota("An app may have %d moderation rules of its own.", maxOwnRules)
	}
	rules.add(id, c.unix(), &ruleHistory{r})
	return r, nil
}

func listRules(c *call) (any, error) {
	rules := c.state.moderation.rules
	return cutList(c, defaultRules, rules.count(), func(i int) any { return rules.at(i).newest() })
}

// cutList returns the first rows of a list without a cursor.
func cutList(c *call, limit, count int, at func(i int) any) (any, error) {
	f := newFields(nil)
	limit = c.queryNumber(f, "limit", limit, 1, maxLimit)
	if err := f.err(); err != nil {
		return nil, err
	}
	data := []any{}
	for i := range min(limit, count) {
		data = append(data, at(i))
	}
	return listResponse{Data: data, Meta: cursorMeta{Current: cursorCurrent{Limit: limit, Count: len(data)}}}, nil
}

func getRule(_ *call, h *ruleHistory) (any, error) {
	return h.newest(), nil
}

// updateRule leaves values that are not sent unchanged. Only the field enabled of
// a built-in rule can be changed.
func updateRule(c *call, h *ruleHistory, f *fields) (any, error) {
	old := h.newest()
	r := readRule(f, *old)
	if err := f.err(); err != nil {
		return nil, err
	}
	if old.Default {
		for name := range f.members {
			if name != "id" && name != "enabled" {
				return nil, errDefault("rule", old.ID)
			}
		}
	}
	r.UpdatedAt, r.RevisionID = c.unix(), c.revisionID(r.ID, len(*h)+1)
	passed := *old
	passed.Active = false
	(*h)[0] = &passed
	*h = slices.Insert(*h, 0, r)
	return r, nil
}

func deleteRule(c *call, h *ruleHistory) (any, error) {
	r := h.newest()
	if r.Default {
		return nil, errDefault("rule", r.ID)
	}
	c.state.moderation.rules.delete(r.ID)
	return acknowledge("The rule %s is deleted.", r.ID)
}

func listRevisions(c *call, h *ruleHistory) (any, error) {
	return cutList(c, defaultRevisions, len(*h), func(i int) any { return (*h)[i] })
}
