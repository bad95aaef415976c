package cometchattest

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The actions of rules that the emulator implements. Other actions have no
// effect.
const (
	actionBlock = "blockMessage"
	actionDrop  = "dropMessage"
	actionFlag  = "flagMessage" // not documented by the service
)

// The moderation statuses of messages.
const (
	statusPending     = "pending"
	statusApproved    = "approved"
	statusDisapproved = "disapproved"
	statusRejected    = "rejected" // used by reviews
)

// moderation is the moderation state of a message.
type moderation struct {
	status     string
	block      *block // by a rule
	reviewedAt int64
	flags      []Flag // the reviewed flags
}

// block is the rule that blocked a message, as of when it did.
type block struct {
	rule      *rule
	condition *condition
	at        int64
}

// isBlocked reports whether a message is visible only to its sender.
func (m *message) isBlocked() bool {
	return m.moderation != nil && m.moderation.status == statusDisapproved
}

func (m *message) visibleTo(uid string) bool { return m.sender == uid || !m.isBlocked() }

// moderationQueues are the moderated messages, those waiting for review, and the
// reviewed ones.
type moderationQueues struct{ moderated, blocked, flagged, reviewed timeline }

// of appends the queues a message is in.
func (q *moderationQueues) of(list []*timeline, m *message) []*timeline {
	if len(m.flags) > 0 {
		list = append(list, &q.flagged)
	}
	if m.moderation == nil {
		return list
	}
	list = append(list, &q.moderated)
	if m.moderation.reviewedAt != 0 {
		return append(list, &q.reviewed)
	}
	if m.moderation.block != nil {
		return append(list, &q.blocked)
	}
	return list
}

// moderationView is the member "moderation" of the data of a message.
type moderationView struct {
	Status string    `json:"status"`
	Rule   *ruleName `json:"rule,omitempty"`
}

type ruleName struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// viewModeration returns the moderation state of a message. A message sent by
// this request is shown as pending.
func (c *call) viewModeration(m *message) moderationView {
	v := moderationView{Status: m.moderation.status}
	switch {
	case c.pending != 0 && m.id >= c.pending:
		v.Status = statusPending
	case m.isBlocked() && m.moderation.block != nil:
		by := m.moderation.block.rule
		v.Rule = &ruleName{by.ID, by.Name}
	}
	return v
}

// decideLater moderates a new message. The result is visible from the next
// request on.
func (c *call) decideLater(m *message) {
	if c.pending == 0 {
		c.pending = m.id
	}
	c.moderate(m)
}

// moderate applies the enabled rules to a message.
func (c *call) moderate(m *message) {
	c.state.messages.change(m, func() {
		m.moderation = &moderation{status: statusApproved}
		m.flags = slices.DeleteFunc(m.flags, func(flag Flag) bool { return flag.UID == systemUID })
		rules := c.state.moderation.rules
		for i := rules.count() - 1; i >= 0; i-- { // oldest first
			r := rules.at(i).newest()
			if !r.Enabled || !c.concerns(r, m) {
				continue
			}
			found := slices.IndexFunc(r.Conditions, func(cond *condition) bool { return c.state.moderation.meets(m, cond) })
			if found < 0 {
				continue
			}
			blocks := slices.Contains(r.Action, actionBlock) || slices.Contains(r.Action, actionDrop)
			if blocks && m.moderation.block == nil {
				m.moderation.status = statusDisapproved
				m.moderation.block = &block{r, r.Conditions[found], c.unix()}
			}
			if slices.Contains(r.Action, actionFlag) {
				m.flags = append(m.flags, Flag{m.idText(), systemUID, r.ID, "", c.now})
			}
		}
	})
}

// meets reports whether a message meets a condition. The emulator only examines
// texts: it does not check media or call models.
func (s *moderationStore) meets(m *message, cond *condition) bool {
	var text string
	switch {
	case cond.Operand == "text":
		text = m.text
	case cond.Operand == categoryCustom && m.category == categoryCustom:
		i := slices.IndexFunc(m.payload, func(part member) bool { return part.name == "customData" })
		text = string(m.payload[i].value)
	}
	if text == "" || cond.Category != categoryWord && cond.Category != categoryPattern {
		return false
	}
	terms := cond.Value
	if cond.KeywordsReference {
		terms = nil
		for _, id := range cond.Value {
			if list, ok := s.lists.get(strings.ToLower(id)); ok && list.Category == cond.Category {
				terms = append(terms, list.SearchTerms...)
			}
		}
	}
	return slices.ContainsFunc(terms, func(term string) bool {
		return matches(text, withoutQuotes(term), cond.Category, cond.Operator)
	})
}

// matches reports whether a text matches a word or a pattern, ignoring case. An
// invalid pattern matches nothing.
func matches(text, term, category, operator string) bool {
	if term == "" {
		return false
	}
	if category == categoryWord {
		text, term = strings.ToLower(text), strings.ToLower(term)
		if operator == operatorEquals {
			return strings.TrimSpace(text) == term
		}
		return strings.Contains(text, term)
	}
	pattern, err := compilePattern(term)
	if err != nil {
		return false
	}
	if operator != operatorEquals {
		return pattern.MatchString(text)
	}
	pattern.Longest()
	at := pattern.FindStringIndex(text)
	return at != nil && at[0] == 0 && at[1] == len(text)
}

func compilePattern(term string) (*regexp.Regexp, error) { return regexp.Compile("(?i:" + term + ")") }

// withoutQuotes removes the CSV quotes from a term.
func withoutQuotes(term string) string {
	if n := len(term); n >= 2 && term[0] == '"' && term[n-1] == '"' {
		return strings.ReplaceAll(term[1:n-1], `""`, `"`)
	}
	return term
}

// concerns reports whether a message passes all filters of a rule.
func (c *call) concerns(r *rule, m *message) bool {
	return !slices.ContainsFunc(r.filters, func(f filter) bool {
		values := c.filtered(f, m)
		return values == nil || !f.passes(values)
	})
}

// filtered returns the values that a filter tests, or nil if the message has
// none.
func (c *call) filtered(f filter, m *message) []string {
	if f.Entity == typeGroup {
		g, ok := c.state.groups.get(m.receiver)
		if !ok || m.receiverType != typeGroup {
			return nil
		}
		return map[string][]string{
			"guid": {g.guid}, "name": {g.name}, "type": {g.kind}, "tags": append([]string{}, g.tags...),
			"createdAt": {strconv.FormatInt(g.createdAt, 10)},
		}[f.Operand]
	}
	uid := m.sender
	if f.Type == "receiver" {
		uid = m.receiver
	}
	u, ok := c.state.users.get(uid)
	if !ok || f.Type == "receiver" && m.receiverType != typeUser {
		return nil
	}
	return map[string][]string{
		"uid": {u.uid}, "name": {u.name}, "role": {u.role}, "tags": append([]string{}, u.tags...),
		"createdAt": {strconv.FormatInt(u.createdAt, 10)},
	}[f.Operand]
}

// passes reports whether values pass a filter. Commas in the filter's value
// separate alternatives.
func (f filter) passes(values []string) bool {
	any := func(test func(value, with string) bool) bool {
		return slices.ContainsFunc(values, func(value string) bool { return test(value, f.Value) })
	}
	switch strings.ReplaceAll(f.Operator, " ", "") {
	case "equals":
		return any(strings.EqualFold)
	case "notEquals", "notequals":
		return !any(strings.EqualFold)
	case "in":
		return any(isOneOf)
	case "notIn", "notin":
		return !any(isOneOf)
	case "startsWith":
		return any(strings.HasPrefix)
	case "endsWith":
		return any(strings.HasSuffix)
	case "lessThan":
		return any(func(value, with string) bool { return number(value) < number(with) })
	case "greaterThan":
		return any(func(value, with string) bool { return number(value) > number(with) })
	}
	return false
}

func isOneOf(value, list string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(element string) bool {
		return strings.EqualFold(value, strings.TrimSpace(element))
	})
}

// number returns the number in a text, or 0 if it is not a number.
func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// errDefault is the error for a change of a built-in rule or list.
func errDefault(what, id string) *apiError {
	return newError(http.StatusForbidden, "ERR_OPERATION_FAILED", "The %s %s comes with every app and cannot be changed.", what, id)
}
