package cometchat_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// ruleOf is the rule of the app as the API returns it.
func ruleOf(change func(*cometchat.ModerationRule)) *cometchat.ModerationRule {
	condition := testkit.NoPills
	condition.ID, condition.Entity = 1, cometchat.ModerationEntityMessage
	r := &cometchat.ModerationRule{
		ID: "no-pills", Name: "No pills", Enabled: true, Active: true, RevisionID: "app_no-pills_1",
		Conditions: []cometchat.ModerationCondition{condition}, Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
		CreatedAt: testkit.NineUnix, UpdatedAt: testkit.NineUnix,
	}
	if change != nil {
		change(r)
	}
	return r
}

func theDefaultRule() *cometchat.ModerationRule {
	return &cometchat.ModerationRule{
		ID: "profanity-filter", Name: "Profanity filter", Description: "Finds swearing", Active: true, RevisionID: "default_profanity-filter_1",
		Conditions: []cometchat.ModerationCondition{{
			ID: 1, Entity: cometchat.ModerationEntityMessage, Operand: cometchat.ModerationOperandText, Operator: cometchat.ModerationOperatorContains,
			Category: cometchat.ModerationCategoryWord, IsKeywordsReferencePresent: true, Values: []string{"profanity-list"},
		}},
		Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage}, Default: true, CreatedAt: 1718150400, UpdatedAt: 1718150400,
	}
}

// decoded decodes JSON as encoding/json does.
func decoded[T any](b []byte) (*T, error) {
	v := new(T)
	return v, json.Unmarshal(b, v)
}

func TestModerationConditionShapes(t *testing.T) {
	listed := cometchat.ModerationCondition{IsKeywordsReferencePresent: true, Values: []string{"a"}}
	for in, want := range map[string]cometchat.ModerationCondition{
		`{"isKeywordsReferencePresent":true,"value":["a"]}`:                                   listed,
		`{"isKeywordReferencePresent":true,"value":"a"}`:                                      listed,
		`{"isListReferencePresent":true,"value":["a"]}`:                                       listed,
		`{"value":["a","b"],"message":["c","d"]}`:                                             {Values: []string{"a", "b"}, Messages: []string{"c", "d"}},
		`{"value":"a","message":"c","weight":"2"}`:                                            {Values: []string{"a"}, Messages: []string{"c"}, Weight: 2},
		`{"operand":"smell","operator":"sniffs","category":"nose"}`:                           {Operand: "smell", Operator: "sniffs", Category: "nose"},
		`{"prompts":[{"p":1}],"basicAuthEnabled":true,"similarityValue":40,"isNew":{"a":[]}}`: {Prompts: cometchat.Metadata(`[{"p":1}]`), BasicAuthEnabled: true, SimilarityValue: 40, Extra: map[string]json.RawMessage{"isNew": json.RawMessage(`{"a":[]}`)}},
	} {
		got, err := decoded[cometchat.ModerationCondition]([]byte(in))
		require.NoError(t, err, in)
		assert.Equal(t, &want, got, in)
		again, err := decoded[cometchat.ModerationCondition]([]byte(testkit.JSON(t, got)))
		require.NoError(t, err, in)
		assert.Equal(t, got, again, "sent back as it came: %s", in)
	}

	f := cometchat.ModerationFilter{Entity: "user", Type: "sender", Operand: "uid", Operator: "in", Value: "a,b", Extra: map[string]json.RawMessage{
		"strict": json.RawMessage(`true`), "value": json.RawMessage(`"c"`), // what the type names is not overwritten
	}}
	assert.JSONEq(t, `{"entity":"user","type":"sender","operand":"uid","operator":"in","value":"a,b","strict":true}`, testkit.JSON(t, f))
	got, err := decoded[cometchat.ModerationFilter]([]byte(testkit.JSON(t, f)))
	require.NoError(t, err)
	delete(f.Extra, "value")
	assert.Equal(t, &f, got)
}

// TestModerationRuleUpdateRequest changes one field of a rule that has members
// the client does not know.
func TestModerationRuleUpdateRequest(t *testing.T) {
	rule, err := testkit.Answering(t, 200, `{"data":{"id":"r","name":"R","description":"D","enabled":true,"active":true,
		"action":"kickSender","conditions":[{"id":1,"value":"a","strength":"high"}],"revisionId":"other_r_3","createdAt":"1700000000"}}`).Moderation.Rules.Get(t.Context(), "r")
	require.NoError(t, err)
	assert.Equal(t, cometchat.UnixTime(1700000000), rule.CreatedAt)
	req := rule.UpdateRequest()
	req.Enabled = false
	assert.JSONEq(t, `{"name":"R","description":"D","enabled":false,"action":["kickSender"],"conditions":[{"id":1,"value":["a"],"strength":"high",
		"isKeywordsReferencePresent":false,"isKeywordReferencePresent":false,"isMediaPresent":false}]}`, testkit.JSON(t, req))
}

// TestModerationLists walks a list that names no next page, one that does, and
// checks the sign of an incomplete one.
func TestModerationLists(t *testing.T) {
	var queries []string
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		answer := `{"data":[{"id":"a","revisionId":"x_a_2"},{"id":"a","revisionId":"x_a_1"}],"meta":{"current":{"limit":2,"count":2}}}`
		if strings.HasSuffix(r.URL.Path, "/rules") {
			answer = `{"data":[{"id":"b"}],"meta":{"current":{"limit":1,"count":1},"next":{"affix":"append","id":"b"}}}`
			if r.URL.Query().Get("id") == "b" {
				answer = `{"data":[{"id":"c"}],"meta":{"current":{"limit":1,"count":1}}}`
			}
		}
		_, _ = io.WriteString(w, answer)
	})
	revisions, err := client.Moderation.Rules.Revisions("a", nil).Collect(t.Context(), 100)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.ModerationRule{{ID: "a", RevisionID: "x_a_2"}, {ID: "a", RevisionID: "x_a_1"}}, revisions)
	rules, err := client.Moderation.Rules.List(&cometchat.ModerationRuleListOptions{Limit: 1}).Collect(t.Context(), 100)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.ModerationRule{{ID: "b"}, {ID: "c"}}, rules)
	page, err := client.Moderation.Rules.Revisions("a", nil).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{2, 2}, []int{page.Limit, page.Count})
	assert.True(t, page.Next.IsZero())
	assert.Equal(t, []string{"limit=100", "limit=1", "affix=append&id=b&limit=1", ""}, queries)
}

func TestModerationRuleFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedModerated(t), []testkit.Fixture{
		{Name: "moderation_rules/create", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Rules.Create(ctx, &cometchat.CreateModerationRuleRequest{
				ID: "Gin", Name: "Gin", Description: "Not before noon", Enabled: true, Actions: []cometchat.ModerationAction{"flagMessage"},
				Conditions: []cometchat.ModerationCondition{{
					Operand: cometchat.ModerationOperandText, Operator: cometchat.ModerationOperatorContains,
					Category: cometchat.ModerationCategoryWord, IsKeywordsReferencePresent: true, Values: []string{"drinks"}, Messages: []string{"A drink"},
				}},
				Filters: []cometchat.ModerationFilter{{
					Entity: cometchat.ModerationEntityUser, Type: cometchat.ModerationFilterTypeSender,
					Operand: cometchat.ModerationFilterOperandUID, Operator: cometchat.ModerationFilterOperatorEquals, Value: "ann",
				}},
			})
		}, Want: &cometchat.ModerationRule{
			ID: "gin", Name: "Gin", Description: "Not before noon", Enabled: true, Active: true, RevisionID: "app_gin_1",
			Actions: []cometchat.ModerationAction{"flagMessage"}, CreatedAt: testkit.NineUnix, UpdatedAt: testkit.NineUnix,
			Conditions: []cometchat.ModerationCondition{{
				ID: 1, Entity: cometchat.ModerationEntityMessage, Operand: cometchat.ModerationOperandText, Operator: cometchat.ModerationOperatorContains,
				Category: cometchat.ModerationCategoryWord, IsKeywordsReferencePresent: true, Values: []string{"drinks"}, Messages: []string{"A drink"},
			}},
		}},
		{Name: "moderation_rules/get", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Rules.Get(ctx, "no-pills")
		}, Want: ruleOf(nil)},
		{Name: "moderation_rules/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Rules.List(nil).Collect(ctx, 100)
		}, Want: []*cometchat.ModerationRule{ruleOf(nil), theDefaultRule()}},
		{Name: "moderation_rules/update", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			req := ruleOf(nil).UpdateRequest()
			req.Description, req.Enabled = "Off for now", false
			return client.Moderation.Rules.Update(ctx, "no-pills", req)
		}, Want: ruleOf(func(r *cometchat.ModerationRule) {
			r.Description, r.Enabled, r.RevisionID = "Off for now", false, "app_no-pills_2"
		})},
		{Name: "moderation_rules/delete", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Moderation.Rules.Delete(ctx, "no-pills")
		}},
		{Name: "moderation_rules/revisions", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			if _, err := client.Moderation.Rules.Update(ctx, "no-pills", ruleOf(nil).UpdateRequest()); err != nil {
				return nil, err
			}
			return client.Moderation.Rules.Revisions("no-pills", nil).Collect(ctx, 100)
		}, Want: []*cometchat.ModerationRule{
			ruleOf(func(r *cometchat.ModerationRule) { r.RevisionID = "app_no-pills_2" }),
			ruleOf(func(r *cometchat.ModerationRule) { r.Active = false }),
		}},
	})
}
