package cometchat_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func blockedOf(id, text string) *cometchat.ModeratedMessage {
	condition := ruleOf(nil).Conditions[0]
	condition.Messages, condition.Weight = []string{"The text contains a word of the rule."}, 1
	return &cometchat.ModeratedMessage{
		Message: messageOf(id, text, testkit.Disapproved), RuleID: "no-pills", RuleName: "No pills", RevisionID: "app_no-pills_1",
		Condition: condition, Actions: []cometchat.ModerationAction{cometchat.ModerationActionBlockMessage},
		CreatedAt: testkit.NineUnix, UpdatedAt: testkit.NineUnix, BlockedAt: testkit.NineUnix,
	}
}

func theQueue(t *testing.T, list func(*cometchat.Client) *cometchat.CursorList[cometchat.ModeratedMessage]) func(context.Context, *cometchat.Client) (any, error) {
	return func(ctx context.Context, c *cometchat.Client) (any, error) {
		items, err := list(c).Collect(ctx, 100)
		for _, item := range items {
			withoutEntities(t, &item.Message, "ann", "bob")
		}
		return items, err
	}
}

func TestModeratedMessageShapes(t *testing.T) {
	for in, want := range map[string]cometchat.ModeratedMessage{
		// Times as numbers, as texts, and with the message's id after the decimal
		// point.
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

// TestModerationWay follows messages that break rules through all lists.
func TestModerationWay(t *testing.T) {
	client, srv := testkit.Emulated(t)
	testkit.SeedModerated(t)(srv)
	ctx, m := t.Context(), client.Moderation
	visible := func(uid string) []string {
		ids, err := testkit.WalkIDs(client.OnBehalfOf(uid).Messages.ListWith(cometchat.ToUser(map[string]string{"ann": "bob", "bob": "ann"}[uid]), nil).All(ctx))
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

	// A new revision applies at once, and leaves what was blocked alone.
	req := ruleOf(nil).UpdateRequest()
	req.Conditions[0].Category, req.Conditions[0].Operator, req.Conditions[0].Values = "pattern", "equals", []string{"h.llo"}
	rule, err := m.Rules.Update(ctx, "no-pills", req)
	require.NoError(t, err)
	assert.Equal(t, "app_no-pills_2", rule.RevisionID)
	for _, text := range []string{"Hello", "Hello pills"} {
		sent, err := client.OnBehalfOf("ann").Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{Text: text})
		require.NoError(t, err)
		assert.Equal(t, testkit.Pending, sent.Data.Moderation)
	}
	assert.Equal(t, []string{"1", "5"}, visible("bob"))
	require.NoError(t, m.Rules.Delete(ctx, "no-pills"))
	assert.Equal(t, []string{"4"}, queue(m.Reviews.ListBlocked(nil)), "and the rule's messages stay")

	// Without an enabled rule, messages have no moderation.
	sent, err := client.OnBehalfOf("ann").Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{Text: "Hello"})
	require.NoError(t, err)
	assert.Zero(t, sent.Data.Moderation)
}

func TestModerationReviewFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedModerated(t), []testkit.Fixture{
		{Name: "moderation_reviews/list-blocked", Call: theQueue(t, func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModeratedMessage] {
			return c.Moderation.Reviews.ListBlocked(nil)
		}), Want: []*cometchat.ModeratedMessage{blockedOf("1", "Cheap PILLS")}},
		{Name: "moderation_reviews/list-reviewed", Call: theQueue(t, func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModeratedMessage] {
			return c.Moderation.Reviews.ListReviewed(nil)
		}), Want: []*cometchat.ModeratedMessage{blockedOf("3", "More pills")}},
		{Name: "moderation_reviews/list-flagged", Call: theQueue(t, func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModeratedMessage] {
			return c.Moderation.Reviews.ListFlagged(nil)
		}), Want: []*cometchat.ModeratedMessage{{
			Message: messageOf("2", "Hello", testkit.Approved), FlaggedCount: 1, UpdatedAt: testkit.NineUnix,
			FlaggedBy: []cometchat.ModerationFlag{{
				UID: "bob", Name: "Bob", Role: "default", ReasonID: "spam", ReasonName: "Spam",
				Description: "Advertising nobody asked for", Remark: "Again", FlaggedAt: testkit.NineUnix,
			}},
		}}},
		{Name: "moderation_reviews/review-flagged", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Moderation.Reviews.ReviewFlagged(ctx, "2", cometchat.ModerationReviewApproved)
		}},
		{Name: "moderation_reviews/review-blocked", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Moderation.Reviews.ReviewBlocked(ctx, "1", cometchat.ModerationReviewApproved)
		}},
	})
}
