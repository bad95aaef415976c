package cometchat_test

import (
	"context"
	"testing"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestThreadFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedChat, []testkit.Fixture{
		{Name: "threads/reply", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Threads.Reply(ctx, "1", testkit.Bob, &cometchat.SendMessageRequest{Text: "Two"})
		}, Want: &cometchat.Message{
			ID: "6", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message", Type: "text",
			Data: cometchat.MessageData{
				Text:     "Two",
				Entities: annToBob,
			},
			SentAt: 1767258000, UpdatedAt: 1767258000, ParentID: "1",
		}},
		{Name: "threads/list", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Threads.List(&cometchat.ThreadListOptions{ParticipatedByMe: true}).Collect(ctx, 100)
		}, Want: []*cometchat.Message{
			{
				ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
				Type: "text",
				Data: cometchat.MessageData{
					Text:     "Lunch?",
					Entities: annToBob,
				},
				SentAt: 1767254400, UpdatedAt: 1767254460, ReplyCount: 1,
				LastReply: &cometchat.Message{
					ID: "4", ConversationID: "ann_user_bob", Sender: "bob", ReceiverType: "user", Receiver: "ann", Category: "message", Type: "text",
					Data: cometchat.MessageData{
						Text:     "Or two?",
						Entities: bobToAnn,
					},
					SentAt: 1767254460, UpdatedAt: 1767254460,
				},
			},
		}},
		{Name: "threads/list-replies", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Threads.ListReplies("1", nil).Collect(ctx, 100)
		}, Want: []*cometchat.Message{
			{
				ID: "4", ConversationID: "ann_user_bob", Sender: "bob", ReceiverType: "user", Receiver: "ann", Category: "message", Type: "text",
				Data: cometchat.MessageData{
					Text:     "Or two?",
					Entities: bobToAnn,
				},
				SentAt: 1767254460, UpdatedAt: 1767254460, ParentID: "1",
			},
		}},
		{Name: "threads/subscribe", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Threads.Subscribe(ctx, "1")
		}},
		{Name: "threads/unsubscribe", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Threads.Unsubscribe(ctx, "1")
		}},
	})
}
