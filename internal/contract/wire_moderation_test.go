package contract

import (
	"context"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// moderationWire holds the calls of Moderation whose bodies are JSON.
var moderationWire = []wireTest{
	{"create a rule", testkit.ARule, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.ModerationRule, error) {
		return c.Moderation.Rules.Create(ctx, &cometchat.CreateModerationRuleRequest{
			ID: "no-pills", Name: "No pills", Description: "Nothing for sale",
			Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
			Conditions: []cometchat.ModerationCondition{testkit.NoPills, {
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
	{"get a rule", testkit.ARule, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.ModerationRule, error) {
		return c.Moderation.Rules.Get(ctx, "no-pills")
	}),
		"GET", "/moderation/rules/no-pills", "", ""},
	{"list rules", testkit.NoItems, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModerationRule] {
		return c.Moderation.Rules.List(&cometchat.ModerationRuleListOptions{Limit: 80})
	}), "GET", "/moderation/rules", "limit=80", ""},
	{"update a rule", testkit.ARule, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.ModerationRule, error) {
		return c.Moderation.Rules.Update(ctx, "no-pills", &cometchat.UpdateModerationRuleRequest{
			Name: "No pills", Enabled: true, Filters: []cometchat.ModerationFilter{},
		})
	}), "PUT", "/moderation/rules/no-pills", "", `{"id":"no-pills","name":"No pills","description":"","enabled":true,"filters":[]}`},
	{"delete a rule", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Moderation.Rules.Delete(ctx, "no-pills")
	}),
		"DELETE", "/moderation/rules/no-pills", "", ""},
	{"list revisions", testkit.NoItems, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModerationRule] {
		return c.Moderation.Rules.Revisions("no-pills", &cometchat.ModerationRuleListOptions{Limit: 5})
	}), "GET", "/moderation/rules/no-pills/revisions", "limit=5", ""},

	{"get keywords", testkit.AKeywordList, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.ModerationKeywordList, error) {
		return c.Moderation.Keywords.Get(ctx, "drinks")
	}), "GET", "/moderation/keywords/drinks", "", ""},
	{"list keywords", testkit.NoItems, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModerationKeywordList] {
		return c.Moderation.Keywords.List(&cometchat.ModerationKeywordListOptions{Limit: 5})
	}), "GET", "/moderation/keywords", "limit=5", ""},
	{"delete keywords", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Moderation.Keywords.Delete(ctx, "drinks")
	}),
		"DELETE", "/moderation/keywords/drinks", "", ""},

	{"list flagged", testkit.NoItems, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModeratedMessage] {
		return c.Moderation.Reviews.ListFlagged(&cometchat.ModeratedMessageListOptions{Limit: 5})
	}), "GET", "/moderation/flagged-messages", "limit=5", ""},
	{"list blocked", testkit.NoItems, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModeratedMessage] {
		return c.Moderation.Reviews.ListBlocked(nil)
	}), "GET", "/moderation/blocked-messages", "", ""},
	{"list reviewed", testkit.NoItems, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModeratedMessage] {
		return c.Moderation.Reviews.ListReviewed(nil)
	}), "GET", "/moderation/reviewed-messages", "", ""},
	{"review a flagged message", testkit.ABareAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Moderation.Reviews.ReviewFlagged(ctx, "7", cometchat.ModerationReviewDisapproved)
	}), "PATCH", "/moderation/flagged-messages/7", "", `{"status":"disapproved"}`},
	{"review a blocked message", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Moderation.Reviews.ReviewBlocked(ctx, "7", cometchat.ModerationReviewRejected)
	}), "PATCH", "/moderation/blocked-messages/7", "", `{"status":"rejected","reviewed":true}`},

	{"send for moderation", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Moderation.Messages.Create(ctx, "ann", testkit.Team, &cometchat.CreateModerationMessageRequest{
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
	{"send a file for moderation", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Moderation.Messages.Create(ctx, "ann", testkit.Bob, &cometchat.CreateModerationMessageRequest{
			Attachments: []cometchat.Attachment{{URL: "https://a.example/a.png", MimeType: "image/png"}},
		})
	}), "POST", "/moderation/messages", "", `{"sender":"ann","receiver":"bob","receiverType":"user","category":"message","type":"image",
		"data":{"attachments":[{"url":"https://a.example/a.png","mimeType":"image/png"}]}}`},
	{"get a moderated message", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Moderation.Messages.Get(ctx, "7")
	}),
		"GET", "/moderation/messages/7", "", ""},
	{"list moderated messages", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.Message] {
		return c.Moderation.Messages.List(&cometchat.ModerationMessageListOptions{
			Limit: 5, Sender: "ann", ReceiverUID: "bob", ReceiverGUID: "team", Category: cometchat.MessageCategoryMessage,
			Type: cometchat.MessageTypeText, ModerationStatus: cometchat.MessageModerationStatusDisapproved,
		})
	}), "GET", "/moderation/messages",
		"category=message&limit=5&moderationStatus=disapproved&receiverGUID=team&receiverUID=bob&sender=ann&type=text", ""},
	{"update a moderated message", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Moderation.Messages.Update(ctx, "7", &cometchat.UpdateModerationMessageRequest{
			Text: cometchat.Ptr(""), Attachments: []cometchat.Attachment{{URL: "https://a.example/a.png"}},
			CustomData: map[string]int{"a": 1}, Metadata: cometchat.Metadata(`{"b":2}`),
		})
	}), "PUT", "/moderation/messages/7", "",
		`{"data":{"text":"","attachments":[{"url":"https://a.example/a.png"}],"customData":{"a":1},"metadata":{"b":2}}}`},
	{"delete a moderated message", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error { return c.Moderation.Messages.Delete(ctx, "7") }),
		"DELETE", "/moderation/messages/7", "", ""},
}
