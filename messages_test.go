package cometchat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestMessageFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedChat, []testkit.Fixture{
		{Name: "messages/send", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{
				Text: "See <@uid:cat> & <b>me</b>\u2028🍜", MUID: "ann-2", Tags: cometchat.Tags{"food"}, QuotedMessageID: "2",
				Metadata: cometchat.Metadata(`{"n":1.50}`),
			})
		}, Want: &cometchat.Message{
			ID: "6", MUID: "ann-2", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
			Type: "text",
			Data: cometchat.MessageData{
				Text: "See <@uid:cat> & <b>me</b>\u2028🍜", Metadata: cometchat.Metadata(`{"n":1.50}`),
				Entities: annToBob,
				Mentions: map[string]cometchat.User{
					"cat": {UID: "cat", Name: "Cat", Role: "default", Status: "offline", ConversationID: "ann_user_cat", CreatedAt: 1764579600},
				},
			},
			SentAt: 1767258000, UpdatedAt: 1767258000, Tags: cometchat.Tags{"food"},
			QuotedMessage: &cometchat.Message{
				ID: "2", ConversationID: "ann_user_bob", Sender: "bob", ReceiverType: "user", Receiver: "ann", Category: "message", Type: "text",
				Data: cometchat.MessageData{
					Text:     "At <b>one</b> & a half 🍜",
					Entities: bobToAnn,
				},
				SentAt: 1767254400, UpdatedAt: 1767254400,
			},
		}},
		{Name: "messages/send-media", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Send(ctx, testkit.Crew, &cometchat.SendMessageRequest{Text: "The plan", Attachments: []cometchat.Attachment{
				{URL: "https://files.example/plan.png", Name: "plan.png", MimeType: "image/png", Extension: "png", Size: 2048},
			}})
		}, Want: &cometchat.Message{
			ID: "6", ConversationID: "group_crew", Sender: "ann", ReceiverType: "group", Receiver: "crew", Category: "message", Type: "image",
			Data: cometchat.MessageData{
				Text:        "The plan",
				Attachments: []cometchat.Attachment{{URL: "https://files.example/plan.png", Name: "plan.png", MimeType: "image/png", Extension: "png", Size: 2048}},
				Entities:    annToCrew,
			},
			SentAt: 1767258000, UpdatedAt: 1767258000,
		}},
		{Name: "messages/send-custom", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{Type: "place", CustomData: map[string]any{"lat": 48.2, "lng": 16.4}})
		}, Want: &cometchat.Message{
			ID: "6", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "custom", Type: "place",
			Data: cometchat.MessageData{
				CustomData: cometchat.Metadata(`{"lat":48.2,"lng":16.4}`),
				Entities:   annToBob,
			},
			SentAt: 1767258000, UpdatedAt: 1767258000,
		}},
		{Name: "messages/send-interactive", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{
				Type: cometchat.MessageTypeCard, InteractiveData: map[string]any{"text": "Pick"}, AllowSenderInteraction: true,
				InteractionGoal: &cometchat.InteractionGoal{Type: cometchat.InteractionGoalTypeAnyOf, ElementIDs: []string{"yes", "no"}},
			})
		}, Want: &cometchat.Message{
			ID: "6", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "interactive", Type: "card",
			Data: cometchat.MessageData{
				Entities:        annToBob,
				InteractionGoal: cometchat.InteractionGoal{Type: "anyOf", ElementIDs: []string{"yes", "no"}}, AllowSenderInteraction: true,
				InteractiveData: cometchat.Metadata(`{"text":"Pick"}`),
			},
			SentAt: 1767258000, UpdatedAt: 1767258000,
		}},
		{Name: "messages/send-many", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.SendMany(ctx, cometchat.Receivers{UIDs: []string{"Cat", "bob"}, GUIDs: []string{"crew"}}, &cometchat.SendMessageRequest{Text: "To all"})
		}, Want: &cometchat.Results[cometchat.Message]{
			Items: []cometchat.Result[cometchat.Message]{
				{
					ID: "Cat",
					Value: &cometchat.Message{
						ID: "6", ConversationID: "ann_user_cat", Sender: "ann", ReceiverType: "user", Receiver: "cat", Category: "message", Type: "text",
						Data: cometchat.MessageData{
							Text:     "To all",
							Entities: cometchat.Entities(`{"sender":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"receiver":{"entity":{"uid":"cat","name":"Cat","status":"offline","role":"default","createdAt":1764579600,"conversationId":"ann_user_cat"},"entityType":"user"}}`),
						},
						SentAt: 1767258000, UpdatedAt: 1767258000,
					},
				},
				{
					ID: "bob",
					Value: &cometchat.Message{
						ID: "7", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message", Type: "text",
						Data: cometchat.MessageData{
							Text:     "To all",
							Entities: annToBob,
						},
						SentAt: 1767258000, UpdatedAt: 1767258000,
					},
				},
				{
					ID: "crew",
					Value: &cometchat.Message{
						ID: "8", ConversationID: "group_crew", Sender: "ann", ReceiverType: "group", Receiver: "crew", Category: "message", Type: "text",
						Data: cometchat.MessageData{
							Text:     "To all",
							Entities: annToCrew,
						},
						SentAt: 1767258000, UpdatedAt: 1767258000,
					},
				},
			},
		}},
		{Name: "messages/send-as-bot", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.SendAsBot(ctx, "cat", testkit.Bob, &cometchat.SendMessageRequest{Text: "Beep"})
		}, Want: &cometchat.Message{
			ID: "6", ConversationID: "bob_user_cat", Sender: "cat", ReceiverType: "user", Receiver: "bob", Category: "message", Type: "text",
			Data: cometchat.MessageData{
				Text:     "Beep",
				Entities: cometchat.Entities(`{"sender":{"entity":{"uid":"cat","name":"Cat","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"receiver":{"entity":{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600,"conversationId":"bob_user_cat"},"entityType":"user"}}`),
			},
			SentAt: 1767258000, UpdatedAt: 1767258000,
		}},
		{Name: "messages/get", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) { return client.Messages.Get(ctx, "2") }, Want: &cometchat.Message{
			ID: "2", ConversationID: "ann_user_bob", Sender: "bob", ReceiverType: "user", Receiver: "ann", Category: "message", Type: "text",
			Data: cometchat.MessageData{
				Text:     "At <b>one</b> & a half 🍜",
				Entities: bobToAnn,
			},
			SentAt: 1767254400, UpdatedAt: 1767254400,
		}},
		{Name: "messages/list", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.List(&cometchat.MessageListOptions{Limit: 2, WithTags: true, Categories: []cometchat.MessageCategory{"message", "interactive"}}).Collect(ctx, 100)
		}, Want: []*cometchat.Message{
			{
				ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
				Type: "text",
				Data: cometchat.MessageData{
					Text:     "Lunch?",
					Entities: annToBob,
				},
				SentAt: 1767254400, UpdatedAt: 1767254460, ReplyCount: 1, Tags: cometchat.Tags{"food"},
			},
			{
				ID: "2", ConversationID: "ann_user_bob", Sender: "bob", ReceiverType: "user", Receiver: "ann", Category: "message", Type: "text",
				Data: cometchat.MessageData{
					Text:     "At <b>one</b> & a half 🍜",
					Entities: bobToAnn,
				},
				SentAt: 1767254400, UpdatedAt: 1767254400,
			},
			{
				ID: "3", ConversationID: "group_crew", Sender: "ann", ReceiverType: "group", Receiver: "crew", Category: "message", Type: "text",
				Data: cometchat.MessageData{
					Text:     "Hello all",
					Entities: annToCrew,
				},
				SentAt: 1767254401, UpdatedAt: 1767254401,
			},
			{
				ID: "4", ConversationID: "ann_user_bob", Sender: "bob", ReceiverType: "user", Receiver: "ann", Category: "message", Type: "text",
				Data: cometchat.MessageData{
					Text:     "Or two?",
					Entities: bobToAnn,
				},
				SentAt: 1767254460, UpdatedAt: 1767254460, ParentID: "1",
			},
			{
				ID: "5", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "interactive", Type: "card",
				Data: cometchat.MessageData{
					Entities:        annToBob,
					InteractionGoal: cometchat.InteractionGoal{Type: "anyOf", ElementIDs: []string{"yes", "no"}},
					InteractiveData: cometchat.Metadata(`{"text":"Pick"}`),
				},
				SentAt: 1767254520, UpdatedAt: 1767254520,
			},
		}},
		{Name: "messages/list-with-user", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.ListWith(cometchat.ToUser("bob"), &cometchat.ConversationMessageListOptions{HideReplies: true, Categories: []cometchat.MessageCategory{"message"}}).Collect(ctx, 100)
		}, Want: []*cometchat.Message{
			{
				ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
				Type: "text",
				Data: cometchat.MessageData{
					Text:     "Lunch?",
					Entities: annToBob,
				},
				SentAt: 1767254400, UpdatedAt: 1767254460, ReplyCount: 1,
			},
			{
				ID: "2", ConversationID: "ann_user_bob", Sender: "bob", ReceiverType: "user", Receiver: "ann", Category: "message", Type: "text",
				Data: cometchat.MessageData{
					Text:     "At <b>one</b> & a half 🍜",
					Entities: bobToAnn,
				},
				SentAt: 1767254400, UpdatedAt: 1767254400,
			},
		}},
		{Name: "messages/list-in-group", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.ListWith(cometchat.ToGroup("crew"), nil).Collect(ctx, 100)
		}, Want: []*cometchat.Message{
			{
				ID: "3", ConversationID: "group_crew", Sender: "ann", ReceiverType: "group", Receiver: "crew", Category: "message", Type: "text",
				Data: cometchat.MessageData{
					Text:     "Hello all",
					Entities: annToCrew,
				},
				SentAt: 1767254401, UpdatedAt: 1767254401,
			},
		}},
		{Name: "messages/find-by-muid", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.FindByMUID(ctx, testkit.Bob, "ann-1", 10)
		}, Want: &cometchat.Message{
			ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
			Type: "text",
			Data: cometchat.MessageData{
				Text:     "Lunch?",
				Entities: annToBob,
			},
			SentAt: 1767254400, UpdatedAt: 1767254460, ReplyCount: 1,
		}},
		{Name: "messages/unread-counts", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.UnreadCounts(ctx, nil)
		}, Want: []*cometchat.MessageCount{{EntityID: "bob", EntityType: "user", Count: 2}}},
		{Name: "messages/count", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Count(ctx, testkit.Bob, &cometchat.ConversationMessageListOptions{Unread: true})
		}, Want: 2},
		{Name: "messages/update", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Update(ctx, "1", &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("Dinner?"), Tags: cometchat.Tags{"late"}})
		}, Want: &cometchat.MessageChange{
			Message: &cometchat.Message{
				ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
				Type: "text",
				Data: cometchat.MessageData{
					Text:     "Dinner?",
					Entities: annToBob,
				},
				SentAt: 1767254400, UpdatedAt: 1767258000, EditedAt: 1767258000, EditedBy: "ann", ReplyCount: 1, Tags: cometchat.Tags{"late"},
			},
			Action: &cometchat.Message{
				ID: "6", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "action", Type: "message",
				Data: cometchat.MessageData{
					Action:   "edited",
					Entities: cometchat.Entities(`{"by":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"for":{"entity":{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"on":{"entity":{"id":"1","muid":"ann-1","conversationId":"ann_user_bob","sender":"ann","receiverType":"user","receiver":"bob","category":"message","type":"text","data":{"text":"Dinner?","entities":{"sender":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"receiver":{"entity":{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600,"conversationId":"ann_user_bob"},"entityType":"user"}}},"sentAt":1767254400,"editedAt":1767258000,"editedBy":"ann","updatedAt":1767258000,"replyCount":1,"tags":["late"]},"entityType":"message"}}`),
				},
				SentAt: 1767258000, UpdatedAt: 1767258000,
			},
		}},
		{Name: "messages/delete", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Delete(ctx, "1", nil)
		}, Want: &cometchat.MessageChange{
			Message: &cometchat.Message{
				ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
				Type: "text",
				Data: cometchat.MessageData{
					Entities: annToBob,
				},
				SentAt: 1767254400, UpdatedAt: 1767258000, DeletedAt: 1767258000, DeletedBy: "ann", ReplyCount: 1, Tags: cometchat.Tags{"food"},
			},
			Action: &cometchat.Message{
				ID: "6", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "action", Type: "message",
				Data: cometchat.MessageData{
					Action:   "deleted",
					Entities: cometchat.Entities(`{"by":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"for":{"entity":{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"on":{"entity":{"id":"1","muid":"ann-1","conversationId":"ann_user_bob","sender":"ann","receiverType":"user","receiver":"bob","category":"message","type":"text","data":{"entities":{"sender":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"receiver":{"entity":{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600,"conversationId":"ann_user_bob"},"entityType":"user"}}},"sentAt":1767254400,"deletedAt":1767258000,"deletedBy":"ann","updatedAt":1767258000,"replyCount":1,"tags":["food"]},"entityType":"message"}}`),
				},
				SentAt: 1767258000, UpdatedAt: 1767258000,
			},
		}},
		{Name: "messages/delete-permanently", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Delete(ctx, "1", &cometchat.DeleteMessageOptions{Permanent: true})
		}, Want: &cometchat.MessageChange{
			Message: &cometchat.Message{
				ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
				Type: "text",
				Data: cometchat.MessageData{
					Text:     "Lunch?",
					Entities: annToBob,
				},
				SentAt: 1767254400, UpdatedAt: 1767254460, ReplyCount: 1, Tags: cometchat.Tags{"food"},
			},
			Action: &cometchat.Message{
				ID: "6", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "action", Type: "message",
				Data: cometchat.MessageData{
					Action:   "deleted",
					Entities: cometchat.Entities(`{"by":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"for":{"entity":{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"on":{"entity":{"id":"1","muid":"ann-1","conversationId":"ann_user_bob","sender":"ann","receiverType":"user","receiver":"bob","category":"message","type":"text","data":{"text":"Lunch?","entities":{"sender":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"receiver":{"entity":{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600,"conversationId":"ann_user_bob"},"entityType":"user"}}},"sentAt":1767254400,"updatedAt":1767254460,"replyCount":1,"tags":["food"]},"entityType":"message"}}`),
				},
				SentAt: 1767258000, UpdatedAt: 1767258000,
			},
		}},
		{Name: "messages/pin", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) { return client.Messages.Pin(ctx, "1") }, Want: &cometchat.Message{
			ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
			Type: "text",
			Data: cometchat.MessageData{
				Text:     "Lunch?",
				Entities: annToBob,
			},
			SentAt: 1767254400, UpdatedAt: 1767254460, ReplyCount: 1, PinnedBy: "ann", PinnedAt: 1767258000,
		}},
		{Name: "messages/unpin", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Unpin(ctx, "1")
		}, Want: &cometchat.Message{
			ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
			Type: "text",
			Data: cometchat.MessageData{
				Text:     "Lunch?",
				Entities: annToBob,
			},
			SentAt: 1767254400, UpdatedAt: 1767254460, ReplyCount: 1,
		}},
		{Name: "messages/save", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Save(ctx, "1")
		}, Want: &cometchat.Message{
			ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
			Type: "text",
			Data: cometchat.MessageData{
				Text:     "Lunch?",
				Entities: annToBob,
			},
			SentAt: 1767254400, UpdatedAt: 1767254460, ReplyCount: 1, SavedAt: 1767258000,
		}},
		{Name: "messages/unsave", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Messages.Unsave(ctx, "1")
		}, Want: &cometchat.Message{
			ID: "1", MUID: "ann-1", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "message",
			Type: "text",
			Data: cometchat.MessageData{
				Text:     "Lunch?",
				Entities: annToBob,
			},
			SentAt: 1767254400, UpdatedAt: 1767254460, ReplyCount: 1,
		}},
		{Name: "messages/interacted", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.OnBehalfOf("bob").Messages.MarkInteracted(ctx, "5", []string{"yes"})
		}},
		{Name: "messages/flag", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Messages.Flag(ctx, "2", &cometchat.FlagMessageRequest{ReasonID: "spam", Remark: "Soup again"})
		}},
	})
}

// Both directions over the emulator: many messages of one second, in pages that
// end within that second, while others are written.
func TestWalkEmulatedMessages(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedMessages(300, 300)
	opts := &cometchat.MessageListOptions{Limit: 100}
	ids, err := testkit.WalkIDs(client.Messages.List(opts).All(t.Context()))
	require.NoError(t, err)
	want := []string{}
	for i := range 300 {
		want = append(want, strconv.Itoa(i+1))
	}
	assert.Equal(t, want, ids)
	assert.Equal(t, 4, srv.Count("GET", "/messages"))
	ids, err = testkit.WalkIDs(client.Messages.List(opts).Backward(t.Context()))
	require.NoError(t, err)
	slices.Reverse(ids)
	assert.Equal(t, want, ids)

	ids = nil
	for page, err := range client.Messages.List(opts).Pages(t.Context()) {
		require.NoError(t, err)
		for _, m := range page.Items {
			ids = append(ids, m.ID)
		}
		if len(ids) <= 300 {
			srv.SeedMessages(20, 20)
		}
	}
	assert.Len(t, ids, 360)
	assert.Len(t, slices.Compact(slices.Clone(ids)), 360)

	// The walk ends with an error instead of a loop.
	srv.Inject(cometchattest.Fault{Path: "/messages", Skip: 1, Times: cometchattest.Always, RepeatPage: true})
	_, err = testkit.WalkIDs(client.Messages.List(opts).All(t.Context()))
	require.ErrorIs(t, err, cometchat.ErrPaginationLoop)
}

// A conversation as its users see it: each call shows the effect of those before.
func TestMessagingTogether(t *testing.T) {
	client, srv := testkit.Emulated(t)
	testkit.SeedChat(srv)
	ctx := t.Context()
	ann, bob := client.OnBehalfOf("ann"), client.OnBehalfOf("bob")

	sent, err := ann.Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{Text: "Hi " + cometchat.Mention("bob")})
	require.NoError(t, err)
	assert.Equal(t, "ann", sent.SenderUser().UID)
	assert.Equal(t, "bob", sent.ReceiverUser().UID)
	assert.Contains(t, sent.Data.Mentions, "bob")

	unread, err := bob.Messages.Count(ctx, cometchat.ToUser("ann"), &cometchat.ConversationMessageListOptions{Unread: true})
	require.NoError(t, err)
	assert.Positive(t, unread)
	err = bob.Conversations.MarkRead(ctx, cometchat.ToUser("ann"), sent.ID)
	require.NoError(t, err)
	conversation, err := bob.Conversations.Get(ctx, cometchat.ToUser("ann"))
	require.NoError(t, err)
	assert.Zero(t, conversation.UnreadMessageCount)
	assert.Equal(t, "ann", conversation.User().UID)

	_, err = bob.Reactions.Add(ctx, sent.ID, "👋")
	require.NoError(t, err)
	seen, err := ann.Messages.Get(ctx, sent.ID)
	require.NoError(t, err)
	assert.Equal(t, []cometchat.ReactionCount{{Reaction: "👋", Count: 1}}, seen.ReactionCounts())

	change, err := ann.Messages.Update(ctx, sent.ID, &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("Hi all")})
	require.NoError(t, err)
	assert.Equal(t, "Hi all", change.Message.Text())
	assert.Equal(t, sent.ID, change.Message.ID)
	assert.Equal(t, cometchat.MessageCategoryAction, change.Action.Category)
	assert.NotEqual(t, sent.ID, change.Action.ID)

	_, err = bob.Messages.Update(ctx, sent.ID, &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("Not mine")})
	require.ErrorIs(t, err, cometchat.CodeMessageNotASender)
	_, err = bob.Messages.Update(ctx, change.Action.ID, &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("No")})
	require.Error(t, err)

	change, err = ann.Messages.Delete(ctx, sent.ID, nil)
	require.NoError(t, err)
	assert.True(t, change.Message.IsDeleted())
	assert.Empty(t, change.Message.Text())
	_, err = ann.Messages.Delete(ctx, sent.ID, &cometchat.DeleteMessageOptions{Permanent: true})
	require.NoError(t, err)
	_, err = ann.Messages.Get(ctx, sent.ID)
	require.ErrorIs(t, err, cometchat.ErrNotFound)

	_, err = client.OnBehalfOf("cat").Messages.Send(ctx, testkit.Crew, testkit.Hi)
	require.ErrorIs(t, err, cometchat.ErrPermissionDenied)
	_, err = ann.Messages.Send(ctx, cometchat.ToUser("nobody"), testkit.Hi)
	require.ErrorIs(t, err, cometchat.ErrNotFound)

	results, err := ann.Messages.SendMany(ctx, cometchat.Receivers{UIDs: []string{"bob", "nobody"}, GUIDs: []string{"crew"}}, testkit.Hi)
	require.ErrorIs(t, err, cometchat.ErrNotFound)
	assert.Len(t, results.Failed(), 1)
	require.NoError(t, results.Items[0].Err)
	assert.Equal(t, "nobody", results.Failed()[0].ID)
	assert.Equal(t, "crew", results.Items[2].Value.Receiver)
}

// The types keep everything that the emulator sends about a message.
func TestMessagesLoseNothing(t *testing.T) {
	client, srv := testkit.Emulated(t)
	testkit.SeedChat(srv)
	var raw json.RawMessage
	page, err := client.With(cometchat.WithResponse(func(r *cometchat.Response) { raw = r.Body })).
		Messages.List(&cometchat.MessageListOptions{Limit: 100, WithTags: true}).First(t.Context())
	require.NoError(t, err)
	var body struct{ Data json.RawMessage }
	require.NoError(t, json.Unmarshal(raw, &body))
	assert.JSONEq(t, string(body.Data), testkit.JSON(t, page.Items))
	assert.GreaterOrEqual(t, len(page.Items), 5)
}

// history responds to GET requests with pages of messages as the real API does:
// the oldest first, no previous on the first page, and a next on every page,
// including the empty one after the last. The time of a cursor is a number at
// first, and a text once it was sent back.
type history struct {
	n         int
	sentAt    func(i int) int
	stuckNext bool // the next cursor stands still, though pages differ
	samePage  bool // every page is the first

	mu       sync.Mutex
	requests []url.Values
}

// sent returns the queries of the requests so far, and forgets them.
func (h *history) sent() []url.Values {
	h.mu.Lock()
	defer h.mu.Unlock()
	requests := h.requests
	h.requests = nil
	return requests
}

// newHistory has n messages, perSecond of them each second.
func newHistory(n, since, perSecond int) *history {
	return &history{n: n, sentAt: func(i int) int { return since + i/perSecond }}
}

func (h *history) muid(i int) string { return "m-" + strconv.Itoa(i) }

func (h *history) message(i int) map[string]any {
	return map[string]any{
		"id": strconv.Itoa(1000 + i), "muid": h.muid(i), "conversationId": "ann_user_bob", "sender": "ann", "receiverType": "user", "receiver": "bob",
		"category": "message", "type": "text", "data": map[string]any{"text": fmt.Sprint("text ", i)},
		"sentAt": h.sentAt(i), "updatedAt": h.sentAt(i),
	}
}

func (h *history) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	h.mu.Lock()
	h.requests = append(h.requests, q)
	h.mu.Unlock()
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil {
		limit = 10
	}
	// Both the messages and the cursor are in the order of (sentAt, id).
	at, cursor := 0, q.Get("id") != ""
	if cursor {
		id, _ := strconv.Atoi(q.Get("id"))
		at = id - 1000
	}
	from, to := 0, min(limit, h.n)
	switch {
	case h.samePage:
	case q.Get("affix") == "prepend" && cursor:
		from, to = max(at-limit, 0), at
	case q.Get("affix") == "prepend":
		from, to = max(h.n-limit, 0), h.n
	case cursor:
		from = min(at+1, h.n)
		to = min(from+limit, h.n)
	}
	items := []any{}
	for i := from; i < to; i++ {
		items = append(items, h.message(i))
	}
	edge := func(affix string, i int) map[string]any {
		return map[string]any{"affix": affix, "id": strconv.Itoa(1000 + i), "sentAt": h.sentAt(i)}
	}
	meta := map[string]any{"current": map[string]any{"limit": limit, "count": len(items)}}
	switch {
	case len(items) > 0:
		meta["next"] = edge("append", to-1)
		if cursor || q.Get("affix") == "prepend" {
			meta["previous"] = edge("prepend", from)
		}
	case cursor:
		echo := func(affix string) map[string]any {
			return map[string]any{"affix": affix, "id": q.Get("id"), "sentAt": q.Get("sentAt")}
		}
		meta["next"], meta["previous"] = echo("append"), echo("prepend")
	}
	if h.stuckNext && len(items) > 0 {
		meta["next"] = edge("append", limit-1)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": items, "meta": meta})
}

func idRange(from, to int) []string {
	var ids []string
	for i := from; i < to; i++ {
		ids = append(ids, strconv.Itoa(1000+i))
	}
	return ids
}

func reversed(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

func TestWalkMessages(t *testing.T) {
	tests := []struct {
		name            string
		n, limit        int
		perSecond       int
		forward, behind int // requests forward and backward
	}{
		{"none", 0, 100, 1, 1, 1},
		{"one", 1, 100, 1, 2, 2},
		{"a page but one", 99, 100, 1, 2, 2},
		{"exactly a page", 100, 100, 1, 2, 2},
		{"a page and one", 101, 100, 7, 3, 3},
		{"all of one second", 300, 100, 300, 4, 4},
		{"seconds across pages", 355, 100, 30, 5, 5},
		{"pages of one", 5, 1, 5, 6, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHistory(tt.n, 1700000000, tt.perSecond)
			client := testkit.Served(t, h.ServeHTTP, testkit.Once)
			list := client.Messages.List(&cometchat.MessageListOptions{Limit: tt.limit})
			want := idRange(0, tt.n)

			ids, err := testkit.WalkIDs(list.All(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, want, ids)
			requests := h.sent()
			assert.Len(t, requests, tt.forward)
			assert.Empty(t, requests[0]["affix"])
			for i, q := range requests[1:] { // each echoes the whole cursor
				last := min((i+1)*tt.limit, tt.n) - 1
				assert.Equal(t, url.Values{
					"affix": {"append"}, "id": {strconv.Itoa(1000 + last)}, "sentAt": {strconv.Itoa(h.sentAt(last))},
					"limit": {strconv.Itoa(tt.limit)},
				}, q)
			}

			ids, err = testkit.WalkIDs(list.Backward(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, reversed(want), ids)
			assert.Len(t, h.sent(), tt.behind)

			ids, err = testkit.WalkIDs(list.Prefetch(1).All(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, want, ids)
		})
	}
}

// A walk can be stopped at any page and continued in another process: with the
// position as text, from a new client.
func TestWalkMessagesResumes(t *testing.T) {
	h := newHistory(300, 1700000000, 300)
	opts := &cometchat.MessageListOptions{Limit: 70}
	for stop := 1; stop <= 5; stop++ {
		var ids []string
		var position []byte
		pages := 0
		for page, err := range testkit.Served(t, h.ServeHTTP, testkit.Once).Messages.List(opts).Pages(t.Context()) {
			require.NoError(t, err)
			for _, m := range page.Items {
				ids = append(ids, m.ID)
			}
			position, err = page.Next.MarshalText()
			require.NoError(t, err)
			if pages++; pages == stop {
				break
			}
		}
		var from cometchat.Position
		require.NoError(t, from.UnmarshalText(position))
		rest, err := testkit.WalkIDs(testkit.Served(t, h.ServeHTTP, testkit.Once).Messages.List(opts).From(from).All(t.Context()))
		require.NoError(t, err)
		assert.Equal(t, idRange(0, 300), append(ids, rest...), "stopped after page %d", stop)

		before, err := testkit.WalkIDs(testkit.Served(t, h.ServeHTTP, testkit.Once).Messages.List(&cometchat.MessageListOptions{
			Limit: 70, FromID: ids[len(ids)-1],
		}).Backward(t.Context()))
		require.NoError(t, err)
		assert.Equal(t, reversed(ids[:len(ids)-1]), before)
	}
}

// A list begins after a message that the options name.
func TestWalkMessagesFromID(t *testing.T) {
	h := newHistory(50, 1700000000, 3)
	client := testkit.Served(t, h.ServeHTTP, testkit.Once)
	list := client.Messages.ListWith(cometchat.ToUser("bob"), &cometchat.ConversationMessageListOptions{FromID: "1020", Limit: 7})
	ids, err := testkit.WalkIDs(list.All(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, idRange(21, 50), ids)
	ids, err = testkit.WalkIDs(list.Backward(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, reversed(idRange(0, 20)), ids)
}

// A server that makes no progress causes an error, not an endless loop and not an
// early end.
func TestWalkMessagesLoop(t *testing.T) {
	for name, h := range map[string]*history{
		"the cursor stands still": {n: 300, sentAt: func(int) int { return 1700000000 }, stuckNext: true},
		"the page comes again":    {n: 300, sentAt: func(int) int { return 1700000000 }, samePage: true},
	} {
		t.Run(name, func(t *testing.T) {
			client := testkit.Served(t, h.ServeHTTP, testkit.Once)
			ids, err := testkit.WalkIDs(client.Messages.List(&cometchat.MessageListOptions{Limit: 100}).All(t.Context()))
			require.ErrorIs(t, err, cometchat.ErrPaginationLoop)
			var at *cometchat.PageError
			require.ErrorAs(t, err, &at)
			assert.Subset(t, idRange(0, 300), ids)
			assert.LessOrEqual(t, len(h.sent()), 3)
		})
	}
}

// The messages with a user are documented with numbered pages: a server that
// responds in this way is walked to its end.
func TestWalkNumberedMessages(t *testing.T) {
	var pages []string
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		pages = append(pages, r.URL.Query().Get("page"))
		n := max(1, len(pages))
		fmt.Fprintf(w, `{"data":[{"id":"%d"},{"id":"%d"}],"meta":{"pagination":{"total":0,"count":2,"per_page":2,"current_page":%d,"total_pages":3},"cursor":{"id":1786,"affix":"prepend"}}}`,
			2*n-1, 2*n, n)
	}, testkit.Once)
	ids, err := testkit.WalkIDs(client.Messages.ListWith(cometchat.ToUser("bob"), nil).All(t.Context()))
	require.NoError(t, err)
	assert.Equal(t, []string{"1", "2", "3", "4", "5", "6"}, ids)
	assert.Equal(t, []string{"", "2", "3"}, pages)
}

// Entities of messages in the app of SeedChat, by sender and receiver.
var (
	annToBob  = cometchat.Entities(`{"sender":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"receiver":{"entity":{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600,"conversationId":"ann_user_bob"},"entityType":"user"}}`)
	bobToAnn  = cometchat.Entities(`{"sender":{"entity":{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"receiver":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600,"conversationId":"ann_user_bob"},"entityType":"user"}}`)
	annToCrew = cometchat.Entities(`{"sender":{"entity":{"uid":"ann","name":"Ann","status":"offline","role":"default","createdAt":1764579600},"entityType":"user"},"receiver":{"entity":{"guid":"crew","name":"Crew","type":"public","membersCount":2,"conversationId":"group_crew","createdAt":1764579600,"owner":"ann"},"entityType":"group"}}`)
)
