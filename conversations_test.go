package cometchat_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestConversationShapes(t *testing.T) {
	const one = `{"conversationId":"ann_user_bob","conversationType":"user","unreadMessageCount":"3","createdAt":1700000000,
		"lastMessage":{"id":9,"data":{"text":"Hi"}},"conversationWith":{"uid":"bob","name":"Bob"},"tags":["vip"],"uid":"ann"}`
	for name, answer := range map[string]string{
		"an object":           `{"data":` + one + `}`,
		"a list of one":       `{"data":[` + one + `]}`,
		"a number of unread":  `{"data":` + replaceOnce(one, `"3"`, `3`) + `}`,
		"an object as a text": `{"data":` + testkit.JSON(t, one) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			c, err := testkit.Answering(t, 200, answer).Conversations.Get(t.Context(), testkit.Bob)
			require.NoError(t, err)
			assert.Equal(t, "ann_user_bob", c.ConversationID)
			assert.Equal(t, 3, c.UnreadMessageCount)
			assert.Equal(t, "9", c.LastMessage.ID)
			assert.Equal(t, "Hi", c.LastMessage.Text())
			assert.Equal(t, cometchat.Tags{"vip"}, c.Tags)
			assert.Equal(t, "ann", c.UID)
			require.NotNil(t, c.User())
			assert.Equal(t, "Bob", c.User().Name)
			assert.Nil(t, c.Group())
		})
	}

	c, err := testkit.Answering(t, 200, `{"data":{"conversationId":"group_team","conversationType":"group","unreadMessageCount":"0","lastMessage":null,
		"conversationWith":{"guid":"team","name":"Team","type":"private"},"pinnedBy":"app_system","pinnedAt":1700000000}}`).Conversations.Pin(t.Context(), testkit.Team)
	require.NoError(t, err)
	assert.Nil(t, c.LastMessage)
	assert.Empty(t, c.LastMessage.Text())
	assert.Nil(t, c.User())
	assert.Equal(t, "Team", c.Group().Name)
	assert.Equal(t, "app_system", c.PinnedBy)

	for name, none := range map[string]*cometchat.Conversation{
		"nil": nil, "zero": {}, "odd": {ConversationWith: cometchat.Entity{Raw: []byte(`[]`)}}, "empty": {ConversationWith: cometchat.Entity{Raw: []byte(`{}`)}},
	} {
		assert.Nil(t, none.User(), name)
		assert.Nil(t, none.Group(), name)
	}

	_, err = testkit.Answering(t, 200, `{"data":[]}`).Conversations.Get(t.Context(), testkit.Bob)
	var failure *cometchat.Error
	require.ErrorAs(t, err, &failure)
}

func replaceOnce(s, old, new string) string {
	i := len(s)
	for j := range s {
		if len(s)-j >= len(old) && s[j:j+len(old)] == old {
			i = j
			break
		}
	}
	return s[:i] + new + s[i+len(old):]
}

// An acknowledgement may spell its message in two ways, and may have no envelope;
// one that denies success is an error.
func TestAcknowledgementsOfConversations(t *testing.T) {
	for _, answer := range []string{
		`{"data":{"success":true,"message":"a"}}`,
		`{"data":{"success":true,"Message":"b"}}`,
		`{"success":true,"message":"c"}`,
		`{"data":{"success":true}}`,
	} {
		err := testkit.Answering(t, 200, answer).Conversations.MarkRead(t.Context(), testkit.Bob, "7")
		require.NoError(t, err, answer)
	}
	for _, answer := range []string{`{"success":false,"message":"no"}`, `{"data":{"success":false}}`, `{"error":{"code":"ERR_X"},"success":true}`, `{}`, `[]`} {
		err := testkit.Answering(t, 200, answer).Conversations.MarkRead(t.Context(), testkit.Bob, "7")
		require.Error(t, err, answer)
	}
	// A response without an envelope is not a message, even so.
	_, err := testkit.Answering(t, 200, `{"success":true,"message":"c"}`).Messages.Get(t.Context(), "7")
	require.Error(t, err)
}

func TestConversationFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedChat, []testkit.Fixture{
		{Name: "conversations/get", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Conversations.Get(ctx, testkit.Bob)
		}, Want: &cometchat.Conversation{
			ConversationID: "ann_user_bob", ConversationType: "user", UnreadMessageCount: 1,
			LastMessage: &cometchat.Message{
				ID: "5", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "interactive", Type: "card",
				Data: cometchat.MessageData{
					Entities:        annToBob,
					InteractionGoal: cometchat.InteractionGoal{Type: "anyOf", ElementIDs: []string{"yes", "no"}},
					InteractiveData: cometchat.Metadata(`{"text":"Pick"}`),
				},
				SentAt: 1767254520, UpdatedAt: 1767254520,
			},
			ConversationWith: cometchat.Entity{
				Raw: json.RawMessage(`{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600,"conversationId":"ann_user_bob"}`),
			},
			CreatedAt: 1767254400, UpdatedAt: 1767254520,
		}},
		{Name: "conversations/get-group", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Conversations.Get(ctx, testkit.Crew)
		}, Want: &cometchat.Conversation{
			ConversationID: "group_crew", ConversationType: "group",
			LastMessage: &cometchat.Message{
				ID: "3", ConversationID: "group_crew", Sender: "ann", ReceiverType: "group", Receiver: "crew", Category: "message", Type: "text",
				Data: cometchat.MessageData{
					Text:     "Hello all",
					Entities: annToCrew,
				},
				SentAt: 1767254401, UpdatedAt: 1767254401, Receipts: json.RawMessage(`{"data":[[]]}`),
			},
			ConversationWith: cometchat.Entity{
				Raw: json.RawMessage(`{"guid":"crew","name":"Crew","type":"public","scope":"admin","membersCount":2,"joinedAt":1764579600,"conversationId":"group_crew","hasJoined":true,"createdAt":1764579600,"owner":"ann"}`),
			},
			CreatedAt: 1767254401, UpdatedAt: 1767254401,
		}},
		{Name: "conversations/list", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Conversations.List(&cometchat.ConversationListOptions{UseCursoredIndex: cometchat.Ptr(true), IncludeBlockedUsers: true}).Collect(ctx, 100)
		}, Want: []*cometchat.Conversation{
			{
				ConversationID: "ann_user_bob", ConversationType: "user", UnreadMessageCount: 1,
				LastMessage: &cometchat.Message{
					ID: "5", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "interactive", Type: "card",
					Data: cometchat.MessageData{
						Entities:        annToBob,
						InteractionGoal: cometchat.InteractionGoal{Type: "anyOf", ElementIDs: []string{"yes", "no"}},
						InteractiveData: cometchat.Metadata(`{"text":"Pick"}`),
					},
					SentAt: 1767254520, UpdatedAt: 1767254520,
				},
				ConversationWith: cometchat.Entity{
					Raw: json.RawMessage(`{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600,"conversationId":"ann_user_bob"}`),
				},
				CreatedAt: 1767254400, UpdatedAt: 1767254520,
			},
			{
				ConversationID: "group_crew", ConversationType: "group",
				LastMessage: &cometchat.Message{
					ID: "3", ConversationID: "group_crew", Sender: "ann", ReceiverType: "group", Receiver: "crew", Category: "message", Type: "text",
					Data: cometchat.MessageData{
						Text:     "Hello all",
						Entities: annToCrew,
					},
					SentAt: 1767254401, UpdatedAt: 1767254401, Receipts: json.RawMessage(`{"data":[[]]}`),
				},
				ConversationWith: cometchat.Entity{
					Raw: json.RawMessage(`{"guid":"crew","name":"Crew","type":"public","scope":"admin","membersCount":2,"joinedAt":1764579600,"conversationId":"group_crew","hasJoined":true,"createdAt":1764579600,"owner":"ann"}`),
				},
				CreatedAt: 1767254401, UpdatedAt: 1767254401,
			},
		}},
		{Name: "conversations/update", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Conversations.Update(ctx, testkit.Bob, &cometchat.UpdateConversationRequest{Tags: cometchat.Tags{"vip"}})
		}, Want: &cometchat.Conversation{
			ConversationID: "ann_user_bob", ConversationType: "user", UnreadMessageCount: 1,
			LastMessage: &cometchat.Message{
				ID: "5", ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: "user", Receiver: "bob", Category: "interactive", Type: "card",
				Data: cometchat.MessageData{
					Entities:        annToBob,
					InteractionGoal: cometchat.InteractionGoal{Type: "anyOf", ElementIDs: []string{"yes", "no"}},
					InteractiveData: cometchat.Metadata(`{"text":"Pick"}`),
				},
				SentAt: 1767254520, UpdatedAt: 1767254520,
			},
			ConversationWith: cometchat.Entity{
				Raw: json.RawMessage(`{"uid":"bob","name":"Bob","status":"offline","role":"default","createdAt":1764579600,"conversationId":"ann_user_bob"}`),
			},
			Tags: cometchat.Tags{"vip"}, CreatedAt: 1767254400, UpdatedAt: 1767254520,
		}},
		{Name: "conversations/update-group", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Conversations.Update(ctx, testkit.Crew, &cometchat.UpdateConversationRequest{Tags: cometchat.Tags{"work"}})
		}, Want: &cometchat.Conversation{
			ConversationID: "group_crew", ConversationType: "group",
			LastMessage: &cometchat.Message{
				ID: "3", ConversationID: "group_crew", Sender: "ann", ReceiverType: "group", Receiver: "crew", Category: "message", Type: "text",
				Data: cometchat.MessageData{
					Text:     "Hello all",
					Entities: annToCrew,
				},
				SentAt: 1767254401, UpdatedAt: 1767254401, Receipts: json.RawMessage(`{"data":[[]]}`),
			},
			ConversationWith: cometchat.Entity{
				Raw: json.RawMessage(`{"guid":"crew","name":"Crew","type":"public","scope":"admin","membersCount":2,"joinedAt":1764579600,"conversationId":"group_crew","hasJoined":true,"createdAt":1764579600,"owner":"ann"}`),
			},
			Tags: cometchat.Tags{"work"}, CreatedAt: 1767254401, UpdatedAt: 1767254401,
		}},
		{Name: "conversations/reset", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Conversations.Reset(ctx, testkit.Bob, &cometchat.ResetConversationOptions{PreserveOrder: true})
		}},
		{Name: "conversations/reset-group", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Conversations.Reset(ctx, testkit.Crew, nil)
		}},
		{Name: "conversations/delivered", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Conversations.MarkDelivered(ctx, testkit.Bob, "2")
		}},
		{Name: "conversations/read", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Conversations.MarkRead(ctx, testkit.Bob, "2")
		}},
		{Name: "conversations/unread", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Conversations.MarkUnread(ctx, testkit.Bob, "2")
		}},
		{Name: "conversations/delivered-group", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.OnBehalfOf("bob").Conversations.MarkDelivered(ctx, testkit.Crew, "3")
		}},
		{Name: "conversations/read-group", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.OnBehalfOf("bob").Conversations.MarkRead(ctx, testkit.Crew, "3")
		}},
		{Name: "conversations/unread-group", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.OnBehalfOf("bob").Conversations.MarkUnread(ctx, testkit.Crew, "3")
		}},
		{Name: "conversations/pin", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Conversations.Pin(ctx, testkit.Bob)
		}, Want: &cometchat.Conversation{ConversationID: "ann_user_bob", ConversationType: "user", PinnedBy: "ann", PinnedAt: 1767258000}},
		{Name: "conversations/unpin", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Conversations.Unpin(ctx, testkit.Bob)
		}, Want: &cometchat.Conversation{ConversationID: "ann_user_bob", ConversationType: "user"}},
		{Name: "conversations/pin-group", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Conversations.Pin(ctx, testkit.Crew)
		}, Want: &cometchat.Conversation{ConversationID: "group_crew", ConversationType: "group", PinnedBy: "ann", PinnedAt: 1767258000}},
		{Name: "conversations/unpin-group", As: "ann", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Conversations.Unpin(ctx, testkit.Crew)
		}, Want: &cometchat.Conversation{ConversationID: "group_crew", ConversationType: "group"}},
		{Name: "conversations/pinned", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			if _, err := client.Conversations.ReplacePinned(ctx, []cometchat.Receiver{testkit.Crew, testkit.Bob}); err != nil {
				return nil, err
			}
			return client.Conversations.ListPinned(nil).Collect(ctx, 10)
		}, Want: []*cometchat.Conversation{
			{ConversationID: "group_crew", ConversationType: "group", PinnedBy: "app_system", PinnedAt: 1767258000},
			{ConversationID: "app_system_user_bob", ConversationType: "user", PinnedBy: "app_system", PinnedAt: 1767258000},
		}},
	})
}

func TestConversationReceiver(t *testing.T) {
	for with, want := range map[string]cometchat.Receiver{
		`{"uid":"bob"}`:   testkit.Bob,
		`{"guid":"crew"}`: testkit.Crew,
		`null`:            {},
	} {
		conversation, err := cometchat.Decode[cometchat.Conversation]([]byte(`{"conversationId":"c","conversationWith":` + with + `}`))
		require.NoError(t, err, with)
		assert.Equal(t, want, conversation.Receiver(), with)
	}
}
