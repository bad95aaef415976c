package cometchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

const (
	aRule        = `{"data":{"id":"no-pills"}}`
	aKeywordList = `{"data":{"id":"drinks"}}`
	noItems      = `{"data":[],"meta":{"current":{"limit":50,"count":0}}}`
)

// noPills is a rule that blocks a word.
var noPills = cometchat.ModerationCondition{
	Operand: cometchat.ModerationOperandText, Operator: cometchat.ModerationOperatorContains,
	Category: cometchat.ModerationCategoryWord, Values: []string{"pills"},
}

// moderationWire are the calls of Moderation whose bodies are JSON.
var moderationWire = []wireTest{
	{"create a rule", aRule, run(func(x ctx, c api) (*cometchat.ModerationRule, error) {
		return c.Moderation.Rules.Create(x, &cometchat.CreateModerationRuleRequest{
			ID: "no-pills", Name: "No pills", Description: "Nothing for sale",
			Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
			Conditions: []cometchat.ModerationCondition{noPills, {
				Operand: cometchat.ModerationOperandCustom, Operator: cometchat.ModerationOperatorEquals,
				Category: cometchat.ModerationCategoryPattern, Values: []string{"shops"}, IsKeywordsReferencePresent: true,
			}},
			Filters: []cometchat.ModerationFilter{{
				Entity: cometchat.ModerationEntityUser, Type: cometchat.ModerationFilterTypeSender, Operand: cometchat.ModerationFilterOperandRole,
				Operator: cometchat.ModerationFilterOperatorNotEquals, Value: "staff",
			}},
		})
	}), "POST", "/moderation/rules", "", `{"id":"no-pills","name":"No pills","description":"Nothing for sale","enabled":false,"action":["blockMessage"],
		"conditions":[
			{"operand":"text","operator":"contains","category":"word","value":["pills"],
				"isKeywordsReferencePresent":false,"isKeywordReferencePresent":false,"isMediaPresent":false},
			{"operand":"custom","operator":"equals","category":"pattern","value":["shops"],
				"isKeywordsReferencePresent":true,"isKeywordReferencePresent":true,"isMediaPresent":false}],
		"filters":[{"entity":"user","type":"sender","operand":"role","operator":"notEquals","value":"staff"}]}`},
	{"get a rule", aRule, run(func(x ctx, c api) (*cometchat.ModerationRule, error) { return c.Moderation.Rules.Get(x, "no-pills") }),
		"GET", "/moderation/rules/no-pills", "", ""},
	{"list rules", noItems, firstPage(func(c api) *cometchat.CursorList[cometchat.ModerationRule] {
		return c.Moderation.Rules.List(&cometchat.ModerationRuleListOptions{Limit: 80})
	}), "GET", "/moderation/rules", "limit=80", ""},
	{"update a rule", aRule, run(func(x ctx, c api) (*cometchat.ModerationRule, error) {
		return c.Moderation.Rules.Update(x, "no-pills", &cometchat.UpdateModerationRuleRequest{
			Name: "No pills", Enabled: true, Filters: []cometchat.ModerationFilter{},
		})
	}), "PUT", "/moderation/rules/no-pills", "", `{"id":"no-pills","name":"No pills","description":"","enabled":true,"filters":[]}`},
	{"delete a rule", anAck, does(func(x ctx, c api) error { return c.Moderation.Rules.Delete(x, "no-pills") }),
		"DELETE", "/moderation/rules/no-pills", "", ""},
	{"list revisions", noItems, firstPage(func(c api) *cometchat.CursorList[cometchat.ModerationRule] {
		return c.Moderation.Rules.Revisions("no-pills", &cometchat.ModerationRuleListOptions{Limit: 5})
	}), "GET", "/moderation/rules/no-pills/revisions", "limit=5", ""},

	{"get keywords", aKeywordList, run(func(x ctx, c api) (*cometchat.ModerationKeywordList, error) {
		return c.Moderation.Keywords.Get(x, "drinks")
	}), "GET", "/moderation/keywords/drinks", "", ""},
	{"list keywords", noItems, firstPage(func(c api) *cometchat.CursorList[cometchat.ModerationKeywordList] {
		return c.Moderation.Keywords.List(&cometchat.ModerationKeywordListOptions{Limit: 5})
	}), "GET", "/moderation/keywords", "limit=5", ""},
	{"delete keywords", anAck, does(func(x ctx, c api) error { return c.Moderation.Keywords.Delete(x, "drinks") }),
		"DELETE", "/moderation/keywords/drinks", "", ""},

	{"list flagged", noItems, firstPage(func(c api) *cometchat.CursorList[cometchat.ModeratedMessage] {
		return c.Moderation.Reviews.ListFlagged(&cometchat.ModeratedMessageListOptions{Limit: 5})
	}), "GET", "/moderation/flagged-messages", "limit=5", ""},
	{"list blocked", noItems, firstPage(func(c api) *cometchat.CursorList[cometchat.ModeratedMessage] {
		return c.Moderation.Reviews.ListBlocked(nil)
	}), "GET", "/moderation/blocked-messages", "", ""},
	{"list reviewed", noItems, firstPage(func(c api) *cometchat.CursorList[cometchat.ModeratedMessage] {
		return c.Moderation.Reviews.ListReviewed(nil)
	}), "GET", "/moderation/reviewed-messages", "", ""},
	{"review a flagged message", aBareAck, does(func(x ctx, c api) error {
		return c.Moderation.Reviews.ReviewFlagged(x, "7", cometchat.ModerationReviewDisapproved)
	}), "PATCH", "/moderation/flagged-messages/7", "", `{"status":"disapproved"}`},
	{"review a blocked message", anAck, does(func(x ctx, c api) error {
		return c.Moderation.Reviews.ReviewBlocked(x, "7", cometchat.ModerationReviewRejected)
	}), "PATCH", "/moderation/blocked-messages/7", "", `{"status":"rejected","reviewed":true}`},

	{"send for moderation", aMessage, run(func(x ctx, c api) (msg, error) {
		return c.Moderation.Messages.Create(x, "ann", toTeam, &cometchat.CreateModerationMessageRequest{
			Text: "Hi", MUID: "m-1", Tags: cometchat.Tags{"t"}, SentAt: at(1700000000), Metadata: cometchat.Metadata(`{"a":1}`),
			Sender: &cometchat.ModerationUser{
				Name: "Ann", Avatar: "https://a.example/a.png", Link: "https://a.example", Role: "guide",
				CreatedAt: at(1600000000), Metadata: cometchat.Metadata(`{"b":2}`), Tags: cometchat.Tags{"u"},
			},
			ReceiverUser: &cometchat.ModerationUser{UID: "bob", Name: "Bob"},
			ReceiverGroup: &cometchat.ModerationGroup{
				Name: "Team", Type: cometchat.GroupTypePassword, Password: "open-sesame", Icon: "https://a.example/i.png", Owner: "ann",
				CreatedAt: at(1600000001), Metadata: cometchat.Metadata(`{"c":3}`), Tags: cometchat.Tags{"v"},
			},
		})
	}), "POST", "/moderation/messages", "", `{"sender":"ann","receiver":"team","receiverType":"group","category":"message","type":"text",
		"data":{"text":"Hi","metadata":{"a":1}},"muid":"m-1","tags":["t"],"sentAt":1700000000,
		"senderUserDetails":{"uid":"ann","name":"Ann","avatar":"https://a.example/a.png","link":"https://a.example","role":"guide",
			"createdAt":1600000000,"metadata":{"b":2},"tags":["u"]},
		"receiverUserDetails":{"uid":"bob","name":"Bob"},
		"receiverGroupDetails":{"guid":"team","name":"Team","type":"password","password":"open-sesame","icon":"https://a.example/i.png",
			"owner":"ann","createdAt":1600000001,"metadata":{"c":3},"tags":["v"]}}`},
	{"send a file for moderation", aMessage, run(func(x ctx, c api) (msg, error) {
		return c.Moderation.Messages.Create(x, "ann", toBob, &cometchat.CreateModerationMessageRequest{
			Attachments: []cometchat.Attachment{{URL: "https://a.example/a.png", MimeType: "image/png"}},
		})
	}), "POST", "/moderation/messages", "", `{"sender":"ann","receiver":"bob","receiverType":"user","category":"message","type":"image",
		"data":{"attachments":[{"url":"https://a.example/a.png","mimeType":"image/png"}]}}`},
	{"get a moderated message", aMessage, run(func(x ctx, c api) (msg, error) { return c.Moderation.Messages.Get(x, "7") }),
		"GET", "/moderation/messages/7", "", ""},
	{"list moderated messages", noMessages, firstPage(func(c api) msgs {
		return c.Moderation.Messages.List(&cometchat.ModerationMessageListOptions{
			Limit: 5, Sender: "ann", ReceiverUID: "bob", ReceiverGUID: "team", Category: cometchat.MessageCategoryMessage,
			Type: cometchat.MessageTypeText, ModerationStatus: cometchat.MessageModerationStatusDisapproved,
		})
	}), "GET", "/moderation/messages",
		"category=message&limit=5&moderationStatus=disapproved&receiverGUID=team&receiverUID=bob&sender=ann&type=text", ""},
	{"update a moderated message", aMessage, run(func(x ctx, c api) (msg, error) {
		return c.Moderation.Messages.Update(x, "7", &cometchat.UpdateModerationMessageRequest{
			Text: cometchat.Ptr(""), Attachments: []cometchat.Attachment{{URL: "https://a.example/a.png"}},
			CustomData: map[string]int{"a": 1}, Metadata: cometchat.Metadata(`{"b":2}`),
		})
	}), "PUT", "/moderation/messages/7", "",
		`{"data":{"text":"","attachments":[{"url":"https://a.example/a.png"}],"customData":{"a":1},"metadata":{"b":2}}}`},
	{"delete a moderated message", anAck, does(func(x ctx, c api) error { return c.Moderation.Messages.Delete(x, "7") }),
		"DELETE", "/moderation/messages/7", "", ""},
}

// nine is the time in what follows.
var nine = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// moderated is an app with a rule, a keyword list, a message that the rule has
// blocked (1), one that was flagged (2), and one that was blocked and reviewed
// (3).
func moderated(t *testing.T) func(*cometchattest.Server) {
	return func(srv *cometchattest.Server) {
		srv.SetClock(func() time.Time { return nine })
		srv.AddUsers(cometchattest.User{UID: "ann", Name: "Ann"}, cometchattest.User{UID: "bob", Name: "Bob"})
		c, ctx := clientOf(t, srv.URL(), srv.APIKey()), t.Context()
		_, err := c.Moderation.Keywords.Create(ctx, &cometchat.CreateModerationKeywordListRequest{
			ID: "drinks", Name: "Drinks", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"rum", "gin"},
		})
		require.NoError(t, err)
		_, err = c.Moderation.Rules.Create(ctx, &cometchat.CreateModerationRuleRequest{
			ID: "no-pills", Name: "No pills", Enabled: true, Conditions: []cometchat.ModerationCondition{noPills},
			Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
		})
		require.NoError(t, err)
		for _, text := range []string{"Cheap PILLS", "Hello", "More pills"} {
			_, err = c.OnBehalfOf("ann").Messages.Send(ctx, toBob, &cometchat.SendMessageRequest{Text: text})
			require.NoError(t, err)
		}
		require.NoError(t, c.OnBehalfOf("bob").Messages.Flag(ctx, "2", &cometchat.FlagMessageRequest{ReasonID: "spam", Remark: "Again"}))
		require.NoError(t, c.Moderation.Reviews.ReviewBlocked(ctx, "3", cometchat.ModerationReviewRejected))
	}
}

const nineUnix = cometchat.UnixTime(1772442000)

// ruleOf is the rule of the app as it comes back.
func ruleOf(change func(*cometchat.ModerationRule)) *cometchat.ModerationRule {
	condition := noPills
	condition.ID, condition.Entity = 1, cometchat.ModerationEntityMessage
	r := &cometchat.ModerationRule{
		ID: "no-pills", Name: "No pills", Enabled: true, Active: true, RevisionID: "app_no-pills_1",
		Conditions: []cometchat.ModerationCondition{condition}, Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
		CreatedAt: nineUnix, UpdatedAt: nineUnix,
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

func keywordsOf(change func(*cometchat.ModerationKeywordList)) *cometchat.ModerationKeywordList {
	l := &cometchat.ModerationKeywordList{
		ID: "drinks", Name: "Drinks", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"rum", "gin"},
		Active: true, RevisionID: "app_drinks_1", CreatedAt: nineUnix, UpdatedAt: nineUnix,
	}
	if change != nil {
		change(l)
	}
	return l
}

// messageOf is a message from ann to bob without its entities.
func messageOf(id, text string, moderation cometchat.MessageModeration) cometchat.Message {
	return cometchat.Message{
		ID: id, ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: cometchat.ReceiverTypeUser, Receiver: "bob",
		Category: cometchat.MessageCategoryMessage, Type: cometchat.MessageTypeText,
		Data: cometchat.MessageData{Text: text, Moderation: moderation}, SentAt: nineUnix, UpdatedAt: nineUnix,
	}
}

var (
	disapproved = cometchat.MessageModeration{
		Status: cometchat.MessageModerationStatusDisapproved, Rule: cometchat.MessageModerationRule{ID: "no-pills", Name: "No pills"},
	}
	approved = cometchat.MessageModeration{Status: cometchat.MessageModerationStatusApproved}
	pending  = cometchat.MessageModeration{Status: cometchat.MessageModerationStatusPending}
)

func blockedOf(id, text string) *cometchat.ModeratedMessage {
	condition := ruleOf(nil).Conditions[0]
	condition.Messages, condition.Weight = []string{"The text contains a word of the rule."}, 1
	return &cometchat.ModeratedMessage{
		Message: messageOf(id, text, disapproved), RuleID: "no-pills", RuleName: "No pills", RevisionID: "app_no-pills_1",
		Condition: condition, Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
		CreatedAt: nineUnix, UpdatedAt: nineUnix, BlockedAt: nineUnix,
	}
}

// withoutEntities checks who a message is from and for, and takes that out.
func withoutEntities(t *testing.T, m *cometchat.Message, sender, receiver string) {
	t.Helper()
	require.NotNil(t, m.SenderUser())
	assert.Equal(t, sender, m.SenderUser().UID)
	if m.ReceiverUser() != nil {
		assert.Equal(t, receiver, m.ReceiverUser().UID)
	} else {
		assert.Equal(t, receiver, m.ReceiverGroup().GUID)
	}
	m.Data.Entities = nil
}

// theMessage and theMessages wrap calls whose messages are from ann to bob.
func theMessage(t *testing.T, call func(ctx, api) (msg, error)) func(ctx, api) (any, error) {
	return func(x ctx, c api) (any, error) {
		m, err := call(x, c)
		if err == nil {
			withoutEntities(t, m, "ann", "bob")
		}
		return m, err
	}
}

func theQueue(t *testing.T, list func(api) *cometchat.CursorList[cometchat.ModeratedMessage]) func(ctx, api) (any, error) {
	return func(x ctx, c api) (any, error) {
		items, err := list(c).Collect(x, 100)
		for _, item := range items {
			withoutEntities(t, &item.Message, "ann", "bob")
		}
		return items, err
	}
}

func TestModerationFixtures(t *testing.T) {
	for _, tt := range []struct {
		name string
		call func(ctx, api) (any, error)
		want any
	}{
		{"moderation_rules/create", func(x ctx, c api) (any, error) {
			return c.Moderation.Rules.Create(x, &cometchat.CreateModerationRuleRequest{
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
		}, &cometchat.ModerationRule{
			ID: "gin", Name: "Gin", Description: "Not before noon", Enabled: true, Active: true, RevisionID: "app_gin_1",
			Actions: []cometchat.ModerationAction{"flagMessage"}, CreatedAt: nineUnix, UpdatedAt: nineUnix,
			Conditions: []cometchat.ModerationCondition{{
				ID: 1, Entity: cometchat.ModerationEntityMessage, Operand: cometchat.ModerationOperandText, Operator: cometchat.ModerationOperatorContains,
				Category: cometchat.ModerationCategoryWord, IsKeywordsReferencePresent: true, Values: []string{"drinks"}, Messages: []string{"A drink"},
			}},
		}},
		{"moderation_rules/get", func(x ctx, c api) (any, error) { return c.Moderation.Rules.Get(x, "no-pills") }, ruleOf(nil)},
		{"moderation_rules/list", func(x ctx, c api) (any, error) { return c.Moderation.Rules.List(nil).Collect(x, 100) },
			[]*cometchat.ModerationRule{ruleOf(nil), theDefaultRule()}},
		{"moderation_rules/update", func(x ctx, c api) (any, error) {
			req := ruleOf(nil).UpdateRequest()
			req.Description, req.Enabled = "Off for now", false
			return c.Moderation.Rules.Update(x, "no-pills", req)
		}, ruleOf(func(r *cometchat.ModerationRule) {
			r.Description, r.Enabled, r.RevisionID = "Off for now", false, "app_no-pills_2"
		})},
		{"moderation_rules/delete", func(x ctx, c api) (any, error) { return nil, c.Moderation.Rules.Delete(x, "no-pills") }, nil},
		{"moderation_rules/revisions", func(x ctx, c api) (any, error) {
			if _, err := c.Moderation.Rules.Update(x, "no-pills", ruleOf(nil).UpdateRequest()); err != nil {
				return nil, err
			}
			return c.Moderation.Rules.Revisions("no-pills", nil).Collect(x, 100)
		}, []*cometchat.ModerationRule{
			ruleOf(func(r *cometchat.ModerationRule) { r.RevisionID = "app_no-pills_2" }),
			ruleOf(func(r *cometchat.ModerationRule) { r.Active = false }),
		}},

		{"moderation_keywords/create", func(x ctx, c api) (any, error) {
			return c.Moderation.Keywords.Create(x, &cometchat.CreateModerationKeywordListRequest{
				ID: "Pets", Name: "Pets", Description: "Small ones", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"cat", "hamster"},
			})
		}, &cometchat.ModerationKeywordList{
			ID: "pets", Name: "Pets", Description: "Small ones", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"cat", "hamster"},
			Active: true, RevisionID: "app_pets_1", CreatedAt: nineUnix, UpdatedAt: nineUnix,
		}},
		{"moderation_keywords/create-file", func(x ctx, c api) (any, error) {
			return c.Moderation.Keywords.Create(x, &cometchat.CreateModerationKeywordListRequest{
				ID: "mails", Name: "Mails", Category: cometchat.ModerationCategoryPattern, File: strings.NewReader("\"a{1,3}@b\"\nc@d\n"),
			})
		}, &cometchat.ModerationKeywordList{
			ID: "mails", Name: "Mails", Category: cometchat.ModerationCategoryPattern, SearchTerms: []string{`"a{1,3}@b"`, "c@d"}, IsCSV: true,
			Active: true, RevisionID: "app_mails_1", CreatedAt: nineUnix, UpdatedAt: nineUnix,
		}},
		{"moderation_keywords/create-sentences", func(x ctx, c api) (any, error) {
			return c.Moderation.Keywords.Create(x, &cometchat.CreateModerationKeywordListRequest{
				ID: "lures", Name: "Lures", Category: cometchat.ModerationCategorySentenceSimilarity,
				DisallowedSentences: []string{"Come over here, now", "Call me"},
			})
		}, &cometchat.ModerationKeywordList{
			ID: "lures", Name: "Lures", Category: cometchat.ModerationCategorySentenceSimilarity,
			DisallowedSentences: []string{"Come over here, now", "Call me"},
			Active:              true, RevisionID: "app_lures_1", CreatedAt: nineUnix, UpdatedAt: nineUnix,
		}},
		{"moderation_keywords/get", func(x ctx, c api) (any, error) { return c.Moderation.Keywords.Get(x, "drinks") }, keywordsOf(nil)},
		{"moderation_keywords/list", func(x ctx, c api) (any, error) {
			lists, err := c.Moderation.Keywords.List(nil).Collect(x, 100)
			for _, l := range lists {
				assert.Regexp(t, "^[0-9a-f]{24}$", l.RecordID)
				l.RecordID = ""
			}
			return lists, err
		}, []*cometchat.ModerationKeywordList{keywordsOf(nil), {
			ID: "profanity-list", Name: "Profanity", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"darn", "heck"},
			Active: true, Default: true, AppID: "default", RevisionID: "default_profanity-list_1", CreatedAt: 1718150400, UpdatedAt: 1718150400,
		}}},
		{"moderation_keywords/update", func(x ctx, c api) (any, error) {
			return c.Moderation.Keywords.Update(x, "drinks", &cometchat.UpdateModerationKeywordListRequest{
				Name: "Drinks", Category: cometchat.ModerationCategoryWord, File: strings.NewReader("rum,gin\nale"),
			})
		}, keywordsOf(func(l *cometchat.ModerationKeywordList) {
			l.SearchTerms, l.IsCSV, l.RevisionID = []string{"rum", "gin", "ale"}, true, "app_drinks_2"
		})},
		{"moderation_keywords/delete", func(x ctx, c api) (any, error) { return nil, c.Moderation.Keywords.Delete(x, "drinks") }, nil},

		{"moderation_reviews/list-blocked", theQueue(t, func(c api) *cometchat.CursorList[cometchat.ModeratedMessage] {
			return c.Moderation.Reviews.ListBlocked(nil)
		}), []*cometchat.ModeratedMessage{blockedOf("1", "Cheap PILLS")}},
		{"moderation_reviews/list-reviewed", theQueue(t, func(c api) *cometchat.CursorList[cometchat.ModeratedMessage] {
			return c.Moderation.Reviews.ListReviewed(nil)
		}), []*cometchat.ModeratedMessage{blockedOf("3", "More pills")}},
		{"moderation_reviews/list-flagged", theQueue(t, func(c api) *cometchat.CursorList[cometchat.ModeratedMessage] {
			return c.Moderation.Reviews.ListFlagged(nil)
		}), []*cometchat.ModeratedMessage{{
			Message: messageOf("2", "Hello", approved), FlaggedCount: 1, UpdatedAt: nineUnix,
			FlaggedBy: []cometchat.ModerationFlag{{
				UID: "bob", Name: "Bob", Role: "default", ReasonID: "spam", ReasonName: "Spam",
				Description: "Advertising nobody asked for", Remark: "Again", FlaggedAt: nineUnix,
			}},
		}}},
		{"moderation_reviews/review-flagged", func(x ctx, c api) (any, error) {
			return nil, c.Moderation.Reviews.ReviewFlagged(x, "2", cometchat.ModerationReviewApproved)
		}, nil},
		{"moderation_reviews/review-blocked", func(x ctx, c api) (any, error) {
			return nil, c.Moderation.Reviews.ReviewBlocked(x, "1", cometchat.ModerationReviewApproved)
		}, nil},

		{"moderation_messages/create", func(x ctx, c api) (any, error) {
			m, err := c.Moderation.Messages.Create(x, "Cleo", cometchat.ToGroup("Deck"), &cometchat.CreateModerationMessageRequest{
				Text: "Hello", MUID: "m-1", SentAt: nine.Add(-time.Hour), Tags: cometchat.Tags{"import"},
				Sender:        &cometchat.ModerationUser{Name: "Cleo"},
				ReceiverGroup: &cometchat.ModerationGroup{Name: "Deck", Type: cometchat.GroupTypePassword, Password: "open-sesame-42", Owner: "ann"},
			})
			if err == nil {
				withoutEntities(t, m, "cleo", "deck")
			}
			return m, err
		}, &cometchat.Message{
			ID: "4", MUID: "m-1", ConversationID: "group_deck", Sender: "cleo", ReceiverType: cometchat.ReceiverTypeGroup, Receiver: "deck",
			Category: cometchat.MessageCategoryMessage, Type: cometchat.MessageTypeText, Tags: cometchat.Tags{"import"},
			Data: cometchat.MessageData{Text: "Hello", Moderation: pending}, SentAt: nineUnix - 3600, UpdatedAt: nineUnix,
		}},
		{"moderation_messages/get", theMessage(t, func(x ctx, c api) (msg, error) { return c.Moderation.Messages.Get(x, "1") }),
			ptr(messageOf("1", "Cheap PILLS", disapproved))},
		{"moderation_messages/list", func(x ctx, c api) (any, error) {
			items, err := c.Moderation.Messages.List(&cometchat.ModerationMessageListOptions{Limit: 2}).Collect(x, 100)
			for _, m := range items {
				withoutEntities(t, m, "ann", "bob")
			}
			return items, err
		}, []*cometchat.Message{
			ptr(messageOf("1", "Cheap PILLS", disapproved)), ptr(messageOf("2", "Hello", approved)), ptr(messageOf("3", "More pills", disapproved)),
		}},
		{"moderation_messages/update", theMessage(t, func(x ctx, c api) (msg, error) {
			return c.Moderation.Messages.Update(x, "1", &cometchat.UpdateModerationMessageRequest{Text: cometchat.Ptr("Cheap bread")})
		}), func() *cometchat.Message {
			m := messageOf("1", "Cheap bread", approved)
			m.EditedAt, m.EditedBy = nineUnix, "app_system"
			return &m
		}()},
		{"moderation_messages/delete", func(x ctx, c api) (any, error) { return nil, c.Moderation.Messages.Delete(x, "1") }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.call(t.Context(), replayed(t, tt.name, moderated(t)))
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func ptr[T any](v T) *T { return &v }

// TestDocumentedModeration decodes every documented example of Moderation and
// loses no leaf, but for what is named here.
func TestDocumentedModeration(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(shared(t, "COMETCHAT_SHARED"), "api", "openapi", "chat-apis.json"))
	require.NoError(t, err)
	var doc openAPI
	require.NoError(t, json.Unmarshal(raw, &doc))
	// The first is kept as isKeywordsReferencePresent; the example of a rule is a
	// keyword list; and the fraction of blockedAt is the message's id.
	explained := map[string][]string{
		"GET /moderation/rules":             {"isListReferencePresent"},
		"GET /moderation/rules/{ruleId}":    {"category", "isCSV", "searchTerms"},
		"GET /moderation/reviewed-messages": {"blockedAt"},
	}
	results := map[string]func(ctx, api) (any, error){
		"GET /moderation/rules":                    func(x ctx, c api) (any, error) { return c.Moderation.Rules.List(nil).First(x) },
		"POST /moderation/rules":                   func(x ctx, c api) (any, error) { return c.Moderation.Rules.Get(x, "a") },
		"GET /moderation/rules/{ruleId}/revisions": func(x ctx, c api) (any, error) { return c.Moderation.Rules.Revisions("a", nil).First(x) },
		"GET /moderation/keywords":                 func(x ctx, c api) (any, error) { return c.Moderation.Keywords.List(nil).First(x) },
		"GET /moderation/flagged-messages":         func(x ctx, c api) (any, error) { return c.Moderation.Reviews.ListFlagged(nil).First(x) },
		"GET /moderation/blocked-messages":         func(x ctx, c api) (any, error) { return c.Moderation.Reviews.ListBlocked(nil).First(x) },
		"GET /moderation/reviewed-messages":        func(x ctx, c api) (any, error) { return c.Moderation.Reviews.ListReviewed(nil).First(x) },
		"GET /moderation/messages":                 func(x ctx, c api) (any, error) { return c.Moderation.Messages.List(nil).First(x) },
		"GET /moderation/reasons":                  func(x ctx, c api) (any, error) { return c.Moderation.Reasons.List(nil).First(x) },
	}
	for _, same := range []string{"GET /moderation/rules/{ruleId}", "PUT /moderation/rules/{ruleId}"} {
		results[same] = results["POST /moderation/rules"]
	}
	for _, list := range []string{"POST /moderation/keywords", "GET /moderation/keywords/{keywordId}", "PUT /moderation/keywords/{keywordId}"} {
		results[list] = func(x ctx, c api) (any, error) { return c.Moderation.Keywords.Get(x, "a") }
	}
	for _, message := range []string{"POST /moderation/messages", "GET /moderation/messages/{id}", "PUT /moderation/messages/{id}"} {
		results[message] = func(x ctx, c api) (any, error) { return c.Moderation.Messages.Get(x, "1") }
	}
	for _, reason := range []string{"POST /moderation/reasons", "GET /moderation/reasons/{id}", "PUT /moderation/reasons/{id}"} {
		results[reason] = func(x ctx, c api) (any, error) { return c.Moderation.Reasons.Get(x, "a") }
	}
	for _, acknowledged := range []string{"rules/{ruleId}", "keywords/{keywordId}", "messages/{id}", "reasons/{id}"} {
		results["DELETE /moderation/"+acknowledged] = func(x ctx, c api) (any, error) { return nil, c.Moderation.Rules.Delete(x, "a") }
	}
	for _, acknowledged := range []string{"flagged-messages/{id}", "blocked-messages/{id}"} {
		results["PATCH /moderation/"+acknowledged] = func(x ctx, c api) (any, error) {
			return nil, c.Moderation.Reviews.ReviewFlagged(x, "1", "approved")
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
					got, err := results[route](t.Context(), answering(t, 200, string(example)))
					require.NoError(t, err)
					if got == nil {
						continue
					}
					have := map[string]bool{}
					var decoded, want any
					require.NoError(t, json.Unmarshal([]byte(toJSON(t, got)), &decoded))
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
	assert.Equal(t, 26, seen) // flagging is among the messages
}

// TestWebhookConditions decodes what webhooks say of conditions and filters.
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
		raw, err := os.ReadFile(filepath.Join(shared(t, "COMETCHAT_SHARED"), "api", "webhooks", name))
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
		again, err := decoded[cometchat.ModerationCondition]([]byte(toJSON(t, got)))
		require.NoError(t, err, in)
		assert.Equal(t, got, again, "sent back as it came: %s", in)
	}

	f := cometchat.ModerationFilter{Entity: "user", Type: "sender", Operand: "uid", Operator: "in", Value: "a,b", Extra: map[string]json.RawMessage{
		"strict": json.RawMessage(`true`), "value": json.RawMessage(`"c"`), // what the type names is not overwritten
	}}
	assert.JSONEq(t, `{"entity":"user","type":"sender","operand":"uid","operator":"in","value":"a,b","strict":true}`, toJSON(t, f))
	got, err := decoded[cometchat.ModerationFilter]([]byte(toJSON(t, f)))
	require.NoError(t, err)
	delete(f.Extra, "value")
	assert.Equal(t, &f, got)
}

// TestModerationRuleUpdateRequest changes one thing about a rule that has what
// the client does not know.
func TestModerationRuleUpdateRequest(t *testing.T) {
	rule, err := answering(t, 200, `{"data":{"id":"r","name":"R","description":"D","enabled":true,"active":true,
		"action":"kickSender","conditions":[{"id":1,"value":"a","strength":"high"}],"revisionId":"other_r_3","createdAt":"1700000000"}}`).Moderation.Rules.Get(t.Context(), "r")
	require.NoError(t, err)
	assert.Equal(t, cometchat.UnixTime(1700000000), rule.CreatedAt)
	req := rule.UpdateRequest()
	req.Enabled = false
	assert.JSONEq(t, `{"name":"R","description":"D","enabled":false,"action":["kickSender"],"conditions":[{"id":1,"value":["a"],"strength":"high",
		"isKeywordsReferencePresent":false,"isKeywordReferencePresent":false,"isMediaPresent":false}]}`, toJSON(t, req))
}

func TestModeratedMessageShapes(t *testing.T) {
	for in, want := range map[string]cometchat.ModeratedMessage{
		// Times as numbers, texts, and with the message's id behind the point.
		`{"message":{"id":"390079"},"createdAt":"1757955951","updatedAt":1757955952,"blockedAt":"1757955951.000000000390079","action":["blockMessage"]}`: {
			Message: cometchat.Message{ID: "390079"}, CreatedAt: 1757955951, UpdatedAt: 1757955952, BlockedAt: 1757955951,
			Actions: []cometchat.ModerationAction{"blockMessage"},
		},
		`{"message":{"id":"1","data":{"attachments":[{"url":"u","size":4761}]}},"blockedAt":1761000601}`: {
			Message:   cometchat.Message{ID: "1", Data: cometchat.MessageData{Attachments: []cometchat.Attachment{{URL: "u", Size: 4761}}}},
			BlockedAt: 1761000601,
		},
		// The flagged list has the message's members at the top, and the reviewed
		// one may have both.
		`{"appId":"app","id":"1","sender":"ann","updatedAt":5,"flaggedBy":[{"uid":"bob","reasonId":"spam","flaggedAt":"6"}],"flaggedCount":1}`: {
			Message: cometchat.Message{ID: "1", Sender: "ann", UpdatedAt: 5}, UpdatedAt: 5, AppID: "app", FlaggedCount: 1,
			FlaggedBy: []cometchat.ModerationFlag{{UID: "bob", ReasonID: "spam", FlaggedAt: 6}},
		},
		`{"message":{"id":"1"},"flaggedCount":"1"}`: {Message: cometchat.Message{ID: "1"}, FlaggedCount: 1},
		`{}`: {},
	} {
		got, err := decoded[cometchat.ModeratedMessage]([]byte(in))
		require.NoError(t, err, in)
		assert.Equal(t, &want, got, in)
	}
}

func TestModerationKeywordTerms(t *testing.T) {
	list, err := answering(t, 200, `{"data":{"id":"l","isCSV":true,"searchTerms":["\"a\"","b","\"say \"\"hi\"\"\"","\""],"createdAt":1}}`).
		Moderation.Keywords.Get(t.Context(), "l")
	require.NoError(t, err)
	assert.Equal(t, []string{`"a"`, "b", `"say ""hi"""`, `"`}, list.SearchTerms)
	assert.Equal(t, []string{"a", "b", `say "hi"`, `"`}, list.Terms())
}

// TestModerationLists walks a list that names no next page, one that does all the
// same, and looks at what tells that one was cut.
func TestModerationLists(t *testing.T) {
	var queries []string
	client := served(t, func(w http.ResponseWriter, r *http.Request) {
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

// TestModerationMessageWalk follows affix, sentAt and id, which no document names
// as parameters.
func TestModerationMessageWalk(t *testing.T) {
	client, srv := emulated(t)
	moderated(t)(srv)
	srv.ResetRequests()
	opts := &cometchat.ModerationMessageListOptions{Limit: 1, Sender: "ann", ModerationStatus: cometchat.MessageModerationStatusDisapproved}
	ids, err := walkIDs(client.Moderation.Messages.List(opts).All(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "3"}, ids)
	var queries []string
	for _, r := range srv.Requests() {
		queries = append(queries, r.Query.Encode())
	}
	assert.Equal(t, []string{
		"limit=1&moderationStatus=disapproved&sender=ann",
		"affix=append&id=1&limit=1&moderationStatus=disapproved&sender=ann&sentAt=1772442000",
		"affix=append&id=3&limit=1&moderationStatus=disapproved&sender=ann&sentAt=1772442000",
	}, queries)
}

// TestModerationMessageUpdate: the response is the message itself, not an action
// message about it.
func TestModerationMessageUpdate(t *testing.T) {
	m, err := answering(t, 200, `{"data":{"id":"1","category":"message","type":"text","data":{"text":"b","moderation":{"status":"approved"}},"editedAt":5,"editedBy":"app_system"}}`).
		Moderation.Messages.Update(t.Context(), "1", &cometchat.UpdateModerationMessageRequest{Text: cometchat.Ptr("b")})
	require.NoError(t, err)
	assert.Equal(t, &cometchat.Message{
		ID: "1", Category: cometchat.MessageCategoryMessage, Type: cometchat.MessageTypeText, EditedAt: 5, EditedBy: "app_system",
		Data: cometchat.MessageData{Text: "b", Moderation: approved},
	}, m)
}

// TestModerationSideEffects: sending for moderation makes users and groups.
func TestModerationSideEffects(t *testing.T) {
	client, srv := emulated(t)
	ctx := t.Context()
	req := &cometchat.CreateModerationMessageRequest{Text: "Hello"}
	_, err := client.Moderation.Messages.Create(ctx, "ann", toBob, req)
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
	req.Sender = &cometchat.ModerationUser{Name: "Ann", CreatedAt: nine, Tags: cometchat.Tags{"t"}}
	req.ReceiverUser = &cometchat.ModerationUser{Name: "Bob"}
	sent, err := client.Moderation.Messages.Create(ctx, "ann", toBob, req)
	require.NoError(t, err)
	assert.Equal(t, cometchat.MessageModerationStatusPending, sent.Data.Moderation.Status)
	ann, err := client.Users.Get(ctx, "ann")
	require.NoError(t, err)
	assert.Equal(t, &cometchat.User{UID: "ann", Name: "Ann", Status: "offline", Role: "default", CreatedAt: nineUnix}, ann)
	now, err := client.Moderation.Messages.Get(ctx, sent.ID)
	require.NoError(t, err)
	assert.Equal(t, approved, now.Data.Moderation)
	// Those that exist stay as they are.
	req.Sender.Name = "Somebody"
	_, err = client.Moderation.Messages.Create(ctx, "ann", toBob, req)
	require.NoError(t, err)
	again, err := client.Users.Get(ctx, "ann")
	require.NoError(t, err)
	assert.Equal(t, ann, again)

	require.NoError(t, client.Moderation.Messages.Delete(ctx, sent.ID))
	_, err = client.Moderation.Messages.Get(ctx, sent.ID)
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
	assert.NotEmpty(t, srv.Requests())
}

// TestModerationErrors: what is missing, taken, or one too many.
func TestModerationErrors(t *testing.T) {
	client, srv := emulated(t)
	ctx, m := t.Context(), client.Moderation
	for name, call := range map[cometchat.ErrorCode]func() error{
		cometchat.CodeRuleNotFound:      func() error { _, err := m.Rules.Get(ctx, "ghost"); return err },
		cometchat.CodeKeywordNotFound:   func() error { return m.Keywords.Delete(ctx, "ghost") },
		cometchat.CodeMessageIDNotFound: func() error { return m.Reviews.ReviewBlocked(ctx, "9", cometchat.ModerationReviewApproved) },
	} {
		err := call()
		assert.ErrorIs(t, err, name)
		assert.ErrorIs(t, err, cometchat.ErrNotFound)
	}
	for i := range 26 {
		id := "r" + strings.Repeat("x", i)
		_, err := m.Rules.Create(ctx, &cometchat.CreateModerationRuleRequest{ID: id, Name: "R"})
		_, listErr := m.Keywords.Create(ctx, &cometchat.CreateModerationKeywordListRequest{
			ID: id, Name: "L", Category: cometchat.ModerationCategoryWord, SearchTerms: []string{"a"},
		})
		if i < 25 {
			require.NoError(t, errors.Join(err, listErr))
		} else {
			assert.ErrorIs(t, err, cometchat.ErrQuotaExceeded)
			assert.ErrorIs(t, listErr, cometchat.ErrQuotaExceeded)
		}
	}
	page, err := m.Keywords.List(nil).First(ctx)
	require.NoError(t, err)
	assert.Len(t, page.Items, 10, "the API's default, which cuts the list")
	all, err := m.Keywords.List(nil).Collect(ctx, 100)
	require.NoError(t, err)
	assert.Len(t, all, 26)

	srv.ResetRequests()
	long, csv := strings.Repeat("x", 101), strings.NewReader("a")
	list := cometchat.CreateModerationKeywordListRequest{ID: "l", Name: "L", Category: "word", SearchTerms: []string{"a"}}
	lists := func(change func(*cometchat.CreateModerationKeywordListRequest)) func() error {
		return func() error {
			req := list
			change(&req)
			_, err := m.Keywords.Create(ctx, &req)
			return err
		}
	}
	rules := func(req *cometchat.CreateModerationRuleRequest) func() error {
		return func() error { _, err := m.Rules.Create(ctx, req); return err }
	}
	messages := func(change func(*cometchat.CreateModerationMessageRequest)) func() error {
		return func() error {
			req := &cometchat.CreateModerationMessageRequest{Text: "a"}
			change(req)
			_, err := m.Messages.Create(ctx, "ann", toBob, req)
			return err
		}
	}
	for want, call := range map[cometchat.ValidationError]func() error{
		{Field: "request"}:                            rules(nil),
		{Field: "id", Limit: 100, Size: 101}:          rules(&cometchat.CreateModerationRuleRequest{ID: long, Name: "R"}),
		{Field: "name"}:                               rules(&cometchat.CreateModerationRuleRequest{ID: "r"}),
		{Field: "name", Limit: 100, Size: 101}:        rules(&cometchat.CreateModerationRuleRequest{ID: "r", Name: long}),
		{Field: "description", Limit: 255, Size: 303}: rules(&cometchat.CreateModerationRuleRequest{ID: "r", Name: "R", Description: long + long + long}),
		{Field: "conditions", Limit: 10, Size: 11}:    rules(&cometchat.CreateModerationRuleRequest{ID: "r", Name: "R", Conditions: make([]cometchat.ModerationCondition, 11)}),
		{Field: "filters[0].value"}:                   rules(&cometchat.CreateModerationRuleRequest{ID: "r", Name: "R", Filters: []cometchat.ModerationFilter{{Entity: "user", Type: "sender", Operand: "uid", Operator: "equals"}}}),
		{Field: "limit", Limit: 1000, Size: 1001}: func() error {
			_, err := m.Rules.List(&cometchat.ModerationRuleListOptions{Limit: 1001}).First(ctx)
			return err
		},
		{Field: "category"}:                              lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.Category = "" }),
		{Field: "searchTerms"}:                           lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.SearchTerms = nil }),
		{Field: "searchTerms[0]", Size: 3}:               lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.SearchTerms = []string{"a,b"} }),
		{Field: "searchTerms[0]", Limit: 100, Size: 101}: lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.SearchTerms = []string{long} }),
		{Field: "disallowedSentences[0]"}:                lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.DisallowedSentences = []string{""} }),
		{Field: "file"}:                                  lists(func(r *cometchat.CreateModerationKeywordListRequest) { r.File = csv }),
		{Field: "file", Limit: 1 << 20}: lists(func(r *cometchat.CreateModerationKeywordListRequest) {
			r.SearchTerms, r.File = nil, strings.NewReader("")
		}),
		{Field: "status"}:                 func() error { return m.Reviews.ReviewFlagged(ctx, "1", "") },
		{Field: "text"}:                   messages(func(r *cometchat.CreateModerationMessageRequest) { r.Text = "" }),
		{Field: "senderUserDetails.name"}: messages(func(r *cometchat.CreateModerationMessageRequest) { r.Sender = &cometchat.ModerationUser{} }),
		{Field: "receiverUserDetails.tags[0]"}: messages(func(r *cometchat.CreateModerationMessageRequest) {
			r.ReceiverUser = &cometchat.ModerationUser{Name: "B", Tags: cometchat.Tags{""}}
		}),
		{Field: "receiverGroupDetails.guid", Limit: 100}: messages(func(r *cometchat.CreateModerationMessageRequest) {
			r.ReceiverGroup = &cometchat.ModerationGroup{Name: "G", Type: "public"}
		}),
		{Field: "receiverGroupDetails.password"}: messages(func(r *cometchat.CreateModerationMessageRequest) {
			r.ReceiverGroup = &cometchat.ModerationGroup{GUID: "g", Name: "G", Type: "password"}
		}),
		{Field: "sender", Limit: 100}: func() error {
			_, err := m.Messages.Create(ctx, "", toBob, &cometchat.CreateModerationMessageRequest{Text: "a"})
			return err
		},
		{Field: "receiver", Limit: 100}: func() error {
			_, err := m.Messages.Create(ctx, "ann", cometchat.Receiver{}, &cometchat.CreateModerationMessageRequest{Text: "a"})
			return err
		},
		{Field: "request", Reason: "of a message"}:       func() error { _, err := m.Messages.Create(ctx, "ann", toBob, nil); return err },
		{Field: "request", Reason: "of an update"}:       func() error { _, err := m.Rules.Update(ctx, "r", nil); return err },
		{Field: "request", Reason: "of a list"}:          func() error { _, err := m.Keywords.Create(ctx, nil); return err },
		{Field: "request", Reason: "of a list's update"}: func() error { _, err := m.Keywords.Update(ctx, "l", nil); return err },
		{Field: "customData", Size: 1}: func() error {
			_, err := m.Messages.Update(ctx, "1", &cometchat.UpdateModerationMessageRequest{CustomData: 5})
			return err
		},
		{Field: "attachments[0].url"}: func() error {
			_, err := m.Messages.Update(ctx, "1", &cometchat.UpdateModerationMessageRequest{Attachments: make([]cometchat.Attachment, 1)})
			return err
		},
	} {
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, call(), &invalid, want.Field)
		assert.Equal(t, cometchat.ValidationError{Field: want.Field, Limit: want.Limit, Size: want.Size},
			cometchat.ValidationError{Field: invalid.Field, Limit: invalid.Limit, Size: invalid.Size}, invalid.Error())
	}
	assert.Empty(t, srv.Requests())
}

// upload answers uploads with what was sent.
type upload struct {
	statuses []int
	bodies   [][]byte
	types    []string
}

func (u *upload) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	u.bodies, u.types = append(u.bodies, body), append(u.types, r.Header.Get("Content-Type"))
	status := 200
	if len(u.statuses) > 0 {
		status, u.statuses = u.statuses[0], u.statuses[1:]
	}
	w.Header().Set("Retry-After", "0")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, aKeywordList)
}

// soon tries again at once.
var soon = cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 3, MinWait: time.Millisecond, MaxWait: time.Second})

// unseekable hides everything about a reader but Read.
func unseekable(content []byte) io.Reader { return iotest.HalfReader(bytes.NewReader(content)) }

func TestModerationKeywordsUpload(t *testing.T) {
	request := func(file io.Reader) *cometchat.CreateModerationKeywordListRequest {
		return &cometchat.CreateModerationKeywordListRequest{ID: "drinks", Name: "Drinks", Description: "“Strong”", Category: "word", File: file}
	}
	t.Run("fields", func(t *testing.T) {
		u := &upload{}
		_, err := served(t, u.ServeHTTP, once).Moderation.Keywords.Update(t.Context(), "drinks", &cometchat.UpdateModerationKeywordListRequest{
			Name: "Drinks", Category: cometchat.ModerationCategoryPattern, SearchTerms: []string{"r.m", "gin"}, DisallowedSentences: []string{"a, b", "c"},
		})
		require.NoError(t, err)
		const boundary = "cometchat-e1e684a8405e5d41906b3da7266222b3"
		assert.Equal(t, []string{"multipart/form-data; boundary=" + boundary}, u.types)
		want := ""
		for _, field := range [][2]string{
			{"id", "drinks"}, {"name", "Drinks"}, {"category", "pattern"}, {"searchTerms", "r.m,gin"},
			{"disallowedSentences", "a, b"}, {"disallowedSentences", "c"},
		} {
			want += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field[0] + "\"\r\n\r\n" + field[1] + "\r\n"
		}
		assert.Equal(t, want+"--"+boundary+"--\r\n", string(u.bodies[0]))
	})
	full := bytes.Repeat([]byte("gin\n"), cometchat.MaxModerationKeywordsFile/4)
	t.Run("a full file is sent again after a 429", func(t *testing.T) {
		u := &upload{statuses: []int{429, 429}}
		list, err := served(t, u.ServeHTTP, soon).Moderation.Keywords.Create(t.Context(), request(unseekable(full)))
		require.NoError(t, err)
		assert.Equal(t, &cometchat.ModerationKeywordList{ID: "drinks"}, list)
		require.Len(t, u.bodies, 3)
		assert.Equal(t, u.bodies[0], u.bodies[1])
		assert.Equal(t, u.bodies[0], u.bodies[2])
		assert.Contains(t, string(u.bodies[0]), "form-data; name=\"file\"; filename=\"file.csv\"\r\nContent-Type: text/csv\r\n\r\n"+string(full)+"\r\n--")
		assert.Contains(t, string(u.bodies[0]), "“Strong”")
	})
	t.Run("one byte more is not sent", func(t *testing.T) {
		u := &upload{}
		_, err := served(t, u.ServeHTTP).Moderation.Keywords.Create(t.Context(), request(unseekable(append(full, 'x'))))
		var invalid *cometchat.ValidationError
		require.ErrorAs(t, err, &invalid)
		assert.Equal(t, &cometchat.ValidationError{Operation: "POST /moderation/keywords", Field: "file", Limit: 1 << 20, Size: 1<<20 + 1, Reason: "1048577 bytes or more, at most 1048576 allowed"}, invalid)
		assert.Empty(t, u.bodies)
	})
	t.Run("a reader that fails", func(t *testing.T) {
		u := &upload{}
		_, err := served(t, u.ServeHTTP).Moderation.Keywords.Create(t.Context(), request(iotest.ErrReader(io.ErrUnexpectedEOF)))
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.EqualError(t, err, "cometchat: file: unexpected EOF")
		assert.Empty(t, u.bodies)
	})
	t.Run("by the emulator", func(t *testing.T) {
		client, srv := emulated(t)
		client = client.With(soon)
		srv.Inject(cometchattest.Fault{Status: 429, RetryAfter: "0"})
		list, err := client.Moderation.Keywords.Create(t.Context(), request(unseekable(full)))
		require.NoError(t, err)
		assert.Len(t, list.SearchTerms, len(full)/4)
		assert.True(t, list.IsCSV)
		assert.Equal(t, 2, srv.Count("POST", "/moderation/keywords"))
	})
}

// TestModerationWay is the way of messages that break rules, by all the lists
// they pass.
func TestModerationWay(t *testing.T) {
	client, srv := emulated(t)
	moderated(t)(srv)
	ctx, m := t.Context(), client.Moderation
	visible := func(uid string) []string {
		ids, err := walkIDs(client.OnBehalfOf(uid).Messages.ListWith(cometchat.ToUser(map[string]string{"ann": "bob", "bob": "ann"}[uid]), nil).All(ctx))
		require.NoError(t, err)
		return ids
	}
	queue := func(list *cometchat.CursorList[cometchat.ModeratedMessage]) []string {
		items, err := list.Collect(ctx, 100)
		require.NoError(t, err)
		ids := []string{}
		for _, item := range items {
			ids = append(ids, item.Message.ID)
		}
		return ids
	}
	assert.Equal(t, []string{"1", "2", "3"}, visible("ann"))
	assert.Equal(t, []string{"2"}, visible("bob"))
	_, err := client.OnBehalfOf("bob").Messages.Get(ctx, "1")
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
	talk, err := client.OnBehalfOf("bob").Conversations.Get(ctx, cometchat.ToUser("ann"))
	require.NoError(t, err)
	assert.Equal(t, "2", talk.LastMessage.ID)

	require.NoError(t, m.Reviews.ReviewBlocked(ctx, "1", cometchat.ModerationReviewApproved))
	assert.Equal(t, []string{"1", "2"}, visible("bob"))
	assert.ErrorIs(t, m.Reviews.ReviewBlocked(ctx, "1", cometchat.ModerationReviewApproved), cometchat.CodeMessageIDNotFound, "once is enough")
	require.NoError(t, m.Reviews.ReviewFlagged(ctx, "2", cometchat.ModerationReviewDisapproved))
	assert.Equal(t, []string{"1"}, visible("bob"))
	assert.Empty(t, queue(m.Reviews.ListBlocked(nil)))
	assert.Empty(t, queue(m.Reviews.ListFlagged(nil)))
	assert.Equal(t, []string{"3", "2", "1"}, queue(m.Reviews.ListReviewed(nil)))
	assert.Equal(t, []string{"3"}, queue(m.Reviews.ListReviewed(&cometchat.ModeratedMessageListOptions{Limit: 1})))

	// A new revision acts at once, and leaves alone what was blocked.
	req := ruleOf(nil).UpdateRequest()
	req.Conditions[0].Category, req.Conditions[0].Operator, req.Conditions[0].Values = "pattern", "equals", []string{"h.llo"}
	rule, err := m.Rules.Update(ctx, "no-pills", req)
	require.NoError(t, err)
	assert.Equal(t, "app_no-pills_2", rule.RevisionID)
	for _, text := range []string{"Hello", "Hello pills"} {
		sent, err := client.OnBehalfOf("ann").Messages.Send(ctx, toBob, &cometchat.SendMessageRequest{Text: text})
		require.NoError(t, err)
		assert.Equal(t, pending, sent.Data.Moderation)
	}
	assert.Equal(t, []string{"1", "5"}, visible("bob"))
	require.NoError(t, m.Rules.Delete(ctx, "no-pills"))
	assert.Equal(t, []string{"4"}, queue(m.Reviews.ListBlocked(nil)), "and the rule's messages stay")

	// Without a rule in force, messages come without moderation.
	sent, err := client.OnBehalfOf("ann").Messages.Send(ctx, toBob, &cometchat.SendMessageRequest{Text: "Hello"})
	require.NoError(t, err)
	assert.Zero(t, sent.Data.Moderation)
}

// TestModerationSecrets keeps a group's password out of errors.
func TestModerationSecrets(t *testing.T) {
	client := answering(t, 400, `{"error":{"code":"ERR_BAD_REQUEST","message":"bad open-sesame-42","details":{"password":["open-sesame-42"]}}}`)
	_, err := client.Moderation.Messages.Create(context.Background(), "ann", toTeam, &cometchat.CreateModerationMessageRequest{
		Text: "a", ReceiverGroup: &cometchat.ModerationGroup{Name: "T", Type: cometchat.GroupTypePassword, Password: "open-sesame-42"},
	})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "open-sesame-42")
}

// TestModerationLogs keeps passwords and texts out of logs.
func TestModerationLogs(t *testing.T) {
	group := cometchat.ModerationGroup{GUID: "team", Name: "Team", Password: "open-sesame-42"}
	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, nil))
	log.Info("", "group", group, "request", &cometchat.CreateModerationMessageRequest{Text: "secret plan", MUID: "m-1", ReceiverGroup: &group})
	var line struct{ Group, Request map[string]any }
	require.NoError(t, json.Unmarshal(b.Bytes(), &line))
	assert.Equal(t, map[string]any{"guid": "team", "name": "Team", "type": "", "password": "[redacted]"}, line.Group)
	assert.Equal(t, map[string]any{"textBytes": 11., "attachments": 0., "muid": "m-1"}, line.Request)
}
