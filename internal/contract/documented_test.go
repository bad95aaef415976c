package contract

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// TestDocumentedModeration decodes every documented example of Moderation. No
// leaf may be lost, except those named in explained.
func TestDocumentedModeration(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(testkit.Shared(t, "COMETCHAT_SHARED"), "api", "openapi", "chat-apis.json"))
	require.NoError(t, err)
	var doc openAPI
	require.NoError(t, json.Unmarshal(raw, &doc))
	// The first is kept as isKeywordsReferencePresent. The example of a rule is a
	// keyword list. The fraction of blockedAt is the message's id.
	explained := map[string][]string{
		"GET /moderation/rules":             {"isListReferencePresent"},
		"GET /moderation/rules/{ruleId}":    {"category", "isCSV", "searchTerms"},
		"GET /moderation/reviewed-messages": {"blockedAt"},
	}
	results := map[string]func(context.Context, *cometchat.Client) (any, error){
		"GET /moderation/rules": func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Rules.List(nil).First(ctx)
		},
		"POST /moderation/rules": func(ctx context.Context, c *cometchat.Client) (any, error) { return c.Moderation.Rules.Get(ctx, "a") },
		"GET /moderation/rules/{ruleId}/revisions": func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Rules.Revisions("a", nil).First(ctx)
		},
		"GET /moderation/keywords": func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Keywords.List(nil).First(ctx)
		},
		"GET /moderation/flagged-messages": func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Reviews.ListFlagged(nil).First(ctx)
		},
		"GET /moderation/blocked-messages": func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Reviews.ListBlocked(nil).First(ctx)
		},
		"GET /moderation/reviewed-messages": func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Reviews.ListReviewed(nil).First(ctx)
		},
		"GET /moderation/messages": func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Messages.List(nil).First(ctx)
		},
		"GET /moderation/reasons": func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Reasons.List(nil).First(ctx)
		},
	}
	for _, same := range []string{"GET /moderation/rules/{ruleId}", "PUT /moderation/rules/{ruleId}"} {
		results[same] = results["POST /moderation/rules"]
	}
	for _, list := range []string{"POST /moderation/keywords", "GET /moderation/keywords/{keywordId}", "PUT /moderation/keywords/{keywordId}"} {
		results[list] = func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Keywords.Get(ctx, "a")
		}
	}
	for _, message := range []string{"POST /moderation/messages", "GET /moderation/messages/{id}", "PUT /moderation/messages/{id}"} {
		results[message] = func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Moderation.Messages.Get(ctx, "1")
		}
	}
	for _, reason := range []string{"POST /moderation/reasons", "GET /moderation/reasons/{id}", "PUT /moderation/reasons/{id}"} {
		results[reason] = func(ctx context.Context, c *cometchat.Client) (any, error) { return c.Moderation.Reasons.Get(ctx, "a") }
	}
	for _, acknowledged := range []string{"rules/{ruleId}", "keywords/{keywordId}", "messages/{id}", "reasons/{id}"} {
		results["DELETE /moderation/"+acknowledged] = func(ctx context.Context, c *cometchat.Client) (any, error) {
			return nil, c.Moderation.Rules.Delete(ctx, "a")
		}
	}
	for _, acknowledged := range []string{"flagged-messages/{id}", "blocked-messages/{id}"} {
		results["PATCH /moderation/"+acknowledged] = func(ctx context.Context, c *cometchat.Client) (any, error) {
			return nil, c.Moderation.Reviews.ReviewFlagged(ctx, "1", "approved")
		}
	}
	seen := 0
	for path, operations := range doc.Paths {
		if !strings.HasPrefix(path, "/moderation/") {
			continue
		}
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			route := strings.ToUpper(method) + " " + path
			t.Run(route, func(t *testing.T) {
				seen++
				require.Contains(t, results, route)
				examples := responseExamples(t, operations[method])
				require.NotEmpty(t, examples)
				for _, example := range examples {
					got, err := results[route](t.Context(), testkit.Answering(t, 200, string(example)))
					require.NoError(t, err)
					if got == nil {
						continue
					}
					have := map[string]bool{}
					var decoded, want any
					require.NoError(t, json.Unmarshal([]byte(testkit.JSON(t, got)), &decoded))
					require.NoError(t, json.Unmarshal(example, &want))
					leaves(decoded, func(name, value string) { have[strings.ToLower(name)+"="+value] = true })
					leaves(want.(map[string]any)["data"], func(name, value string) {
						if !slices.Contains(explained[route], name) {
							assert.True(t, have[strings.ToLower(name)+"="+value], "lost: %s = %s", name, value)
						}
					})
				}
			})
		}
	}
	assert.Equal(t, 26, seen) // the operation that flags belongs to the messages
}

// TestWebhookConditions decodes the conditions and filters in webhooks.
func TestWebhookConditions(t *testing.T) {
	type moderated struct {
		Condition *cometchat.ModerationCondition
		Filter    *cometchat.ModerationFilter
	}
	read := func(name string) (v struct {
		Data struct {
			Moderation []moderated
			Failures   []struct{ Context moderated }
		}
	}) {
		raw, err := os.ReadFile(filepath.Join(testkit.Shared(t, "COMETCHAT_SHARED"), "api", "webhooks", name))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &v))
		return v
	}
	assert.Equal(t, []moderated{{Filter: &cometchat.ModerationFilter{
		Entity: cometchat.ModerationEntityUser, Type: cometchat.ModerationFilterTypeSender, Operand: cometchat.ModerationFilterOperandUID,
		Operator: cometchat.ModerationFilterOperatorEquals, Value: "courier-9", RecordID: "0000a1",
	}}}, read("moderation_engine_approved.json").Data.Moderation)
	assert.Equal(t, []moderated{{Condition: &cometchat.ModerationCondition{
		Entity: cometchat.ModerationEntityMessage, Operand: cometchat.ModerationOperandText, Category: cometchat.ModerationCategoryPattern,
		Operator: cometchat.ModerationOperatorContains, Values: []string{"[a-z]+@[a-z]+"}, Messages: []string{"made up"},
	}}}, read("moderation_engine_blocked.json").Data.Moderation)
	assert.Equal(t, []moderated{{Condition: &cometchat.ModerationCondition{
		ID: 1, Entity: cometchat.ModerationEntityMessage, Operand: cometchat.ModerationOperandText,
		Category: cometchat.ModerationCategorySentenceSimilarity, Operator: cometchat.ModerationOperatorContains,
		IsKeywordsReferencePresent: true, IsMediaPresent: true, Values: []string{"spam-list_greaterThan_50"}, Messages: []string{"made up"},
		RecordID: "0000a2", SimilarityValue: 50, DisallowedSentences: []string{"made up"}, Prompts: cometchat.Metadata("[]"),
	}}}, read("moderation_manual_approved.json").Data.Moderation)
	assert.Equal(t, moderated{Condition: &cometchat.ModerationCondition{
		Entity: cometchat.ModerationEntityMessage, Operand: cometchat.ModerationOperandText, Category: cometchat.ModerationCategoryCustomAPI,
		Operator: cometchat.ModerationOperatorContains, Messages: []string{"made up"}, ListID: "own-check",
		Threshold: &cometchat.ModerationThreshold{Comparison: "greaterThan", Percent: 80},
	}}, read("moderation_engine_failed.json").Data.Failures[0].Context)
}

// openAPI is the part of an OpenAPI document that holds examples of responses.
type openAPI struct {
	Paths map[string]map[string]json.RawMessage
}

// TestDocumentedMessages decodes every documented example of a response with
// messages, conversations, reactions or reasons, and checks that nothing is lost.
func TestDocumentedMessages(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(testkit.Shared(t, "COMETCHAT_SHARED"), "api", "openapi", "chat-apis.json"))
	require.NoError(t, err)
	var doc openAPI
	require.NoError(t, json.Unmarshal(raw, &doc))
	calls := map[string]wireTest{}
	for _, tt := range messageWire {
		for _, route := range cometchat.Routes() {
			if route.Method == tt.method && samePath(route.Pattern, tt.path) && !strings.Contains(tt.name, "many") &&
				tt.name != "find by muid" && tt.name != "unread counts" && tt.name != "count" {
				calls[route.String()] = tt
			}
		}
	}
	examples := 0
	for route, tt := range calls {
		method, pattern, _ := strings.Cut(route, " ")
		for _, example := range responseExamples(t, doc.Paths[pattern][strings.ToLower(method)]) {
			examples++
			t.Run(route, func(t *testing.T) {
				require.NoError(t, tt.call(t.Context(), testkit.Answering(t, 200, string(example))))
				if !strings.Contains(pattern, "messages") && pattern != "/threads" || strings.Contains(pattern, "/reactions") && method == "GET" || strings.Contains(string(example), `"success"`) {
					return
				}
				var body struct{ Data json.RawMessage }
				require.NoError(t, json.Unmarshal(example, &body))
				if body.Data[0] != '[' {
					body.Data = []byte(`[` + string(body.Data) + `]`)
				}
				page, err := testkit.Answering(t, 200, `{"data":`+string(body.Data)+`}`).Messages.List(nil).First(t.Context())
				require.NoError(t, err)
				assert.JSONEq(t, string(withoutNothing(t, body.Data)), testkit.JSON(t, page.Items))
			})
		}
	}
	assert.Greater(t, examples, 30)
}

// samePath reports whether a path is an instance of a pattern, and of no closer
// pattern.
func samePath(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(a) != len(b) || path == "/conversations/pinned" && pattern != path {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !strings.HasPrefix(a[i], "{") {
			return false
		}
	}
	return true
}

func responseExamples(t *testing.T, operation json.RawMessage) []json.RawMessage {
	t.Helper()
	var op struct {
		Responses map[string]struct {
			Content map[string]struct {
				Example  json.RawMessage
				Examples map[string]struct{ Value json.RawMessage }
			}
		}
	}
	require.NoError(t, json.Unmarshal(operation, &op))
	var list []json.RawMessage
	for _, content := range op.Responses["200"].Content {
		if content.Example != nil {
			list = append(list, content.Example)
		}
		for _, e := range content.Examples {
			list = append(list, e.Value)
		}
	}
	return list
}

// withoutNothing leaves out the members that are null or empty texts, since the
// types do not distinguish these from absent members.
func withoutNothing(t *testing.T, raw []byte) []byte {
	t.Helper()
	var clean func(v any) any
	clean = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				if e == nil || e == "" {
					delete(v, k)
					continue
				}
				v[k] = clean(e)
			}
		case []any:
			for i := range v {
				v[i] = clean(v[i])
			}
		}
		return v
	}
	var v any
	require.NoError(t, json.Unmarshal(raw, &v))
	b, err := json.Marshal(clean(v))
	require.NoError(t, err)
	return b
}

// TestDocumentedNotifications decodes each documented example and compares the
// whole result with the whole example.
func TestDocumentedNotifications(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(testkit.Shared(t, "COMETCHAT_SHARED"), "api", "openapi", "chat-apis.json"))
	require.NoError(t, err)
	var doc openAPI
	require.NoError(t, json.Unmarshal(raw, &doc))
	for _, tt := range notificationCalls {
		t.Run(tt.route, func(t *testing.T) {
			method, pattern, _ := strings.Cut(tt.route, " ")
			examples := responseExamples(t, doc.Paths[pattern][strings.ToLower(method)])
			require.NotEmpty(t, examples)
			for _, body := range examples {
				got, err := tt.call(t.Context(), testkit.Answering(t, 200, string(body)))
				require.NoError(t, err)
				if got != nil {
					assert.JSONEq(t, testkit.JSON(t, documented(t, tt.route, body)), testkit.JSON(t, got))
				}
			}
		})
	}
}

// documented returns the data of an example, in the shape of the client's types.
func documented(t *testing.T, route string, body []byte) any {
	var env struct{ Data any }
	require.NoError(t, json.Unmarshal(body, &env))
	data, _ := env.Data.(map[string]any)
	for _, member := range []string{"pushProviders", "pushTokens", "mutedConversations", "timezone"} {
		if inner, ok := data[member]; ok {
			if list, ok := inner.([]any); ok && strings.HasSuffix(route, "/push/v1/providers/custom") {
				return list[0]
			}
			if list, ok := inner.([]any); ok && len(list) == 0 {
				return nil
			}
			return inner
		}
	}
	if route == "GET /notifications/v1/logs" {
		for _, item := range env.Data.([]any) {
			item := item.(map[string]any)
			for _, id := range []string{"messageId", "reactionId"} { // ids are texts in this library
				item[id] = testkit.JSON(t, item[id])
			}
		}
		return env.Data
	}
	if !strings.HasSuffix(route, "/v1/preferences") {
		return env.Data
	}
	if inner, ok := data["preferences"].(map[string]any); ok {
		inner["sound"], inner["templates"] = data["sound"], data["templates"]
		return inner
	}
	rename := func(section string, name func(string) string) map[string]any {
		out := map[string]any{}
		for k, v := range data[section].(map[string]any) {
			out[name(k)] = v
		}
		return out
	}
	setting := func(prefix string) func(string) string {
		return func(name string) string {
			name = strings.TrimPrefix(name, prefix)
			return strings.ToLower(name[:1]) + name[1:] + "Setting"
		}
	}
	return map[string]any{
		"group":              rename("groupPreferences", setting("group")),
		"oneOnOne":           rename("oneOnOnePreferences", setting("oneOnOne")),
		"mute":               rename("mutePreferences", func(name string) string { return name + "PreferenceSetting" }),
		"usePrivacyTemplate": data["usePrivacyTemplate"],
	}
}
