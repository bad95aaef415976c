package cometchat_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestReactionFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedChat, []testkit.Fixture{
		{Name: "reactions/add", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Reactions.Add(ctx, "2", "❤️")
		}, Want: &cometchat.Message{
			ID: "2", ConversationID: "ann_user_bob", Sender: "bob", ReceiverType: "user", Receiver: "ann", Category: "message", Type: "text",
			Data: cometchat.MessageData{
				Text:      "At <b>one</b> & a half 🍜",
				Entities:  bobToAnn,
				Reactions: []cometchat.ReactionCount{{Reaction: "❤️", Count: 1, ReactedByMe: true}},
			},
			SentAt: 1767254400, UpdatedAt: 1767254400,
		}},
		{Name: "reactions/remove", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			if _, err := client.Reactions.Add(ctx, "2", "👍🏽"); err != nil {
				return nil, err
			}
			return client.Reactions.Remove(ctx, "2", "👍🏽")
		}, Want: &cometchat.Message{
			ID: "2", ConversationID: "ann_user_bob", Sender: "bob", ReceiverType: "user", Receiver: "ann", Category: "message", Type: "text",
			Data: cometchat.MessageData{
				Text:     "At <b>one</b> & a half 🍜",
				Entities: bobToAnn,
			},
			SentAt: 1767254400, UpdatedAt: 1767254400,
		}},
		{Name: "reactions/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			if _, err := client.OnBehalfOf("ann").Reactions.Add(ctx, "2", "🍜"); err != nil {
				return nil, err
			}
			all, err := client.Reactions.List("2", nil).Collect(ctx, 10)
			if err != nil {
				return nil, err
			}
			one, err := client.Reactions.ListOf("2", "🍜", nil).Collect(ctx, 10)
			return append(all, one...), err
		}, Want: []*cometchat.Reaction{
			{
				ID: "1", MessageID: "2", Reaction: "🍜", UID: "ann", ReactedAt: 1767258000,
				ReactedBy: cometchat.User{UID: "ann", Name: "Ann", Role: "default", Status: "offline", CreatedAt: 1764579600},
			},
			{
				ID: "1", MessageID: "2", Reaction: "🍜", UID: "ann", ReactedAt: 1767258000,
				ReactedBy: cometchat.User{UID: "ann", Name: "Ann", Role: "default", Status: "offline", CreatedAt: 1764579600},
			},
		}},
	})
}

func TestReactionLimit(t *testing.T) {
	client, srv := testkit.Emulated(t)
	_, err := client.Reactions.List("1", &cometchat.ReactionListOptions{Limit: 1001}).First(t.Context())
	var invalid *cometchat.ValidationError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, "limit", invalid.Field)
	assert.Equal(t, []int{1000, 1001}, []int{invalid.Limit, invalid.Size})
	assert.Empty(t, srv.Requests())
}
