package cometchat_test

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// chat is an app of three users who write to each other and in a group: message
// 1 is from ann to bob, 2 is bob's answer, 3 is ann's to the group, 4 is a reply
// to 1, and 5 is a card.
func chat(srv *cometchattest.Server) {
	srv.SetClock(recordedAt.Time)
	for _, u := range []string{"Ann", "Bob", "Cat"} {
		srv.AddUsers(cometchattest.User{UID: u, Name: u, CreatedAt: joined.Time()})
	}
	srv.AddGroups(cometchattest.Group{GUID: "crew", Name: "Crew", Owner: "ann", Participants: []string{"bob"}, CreatedAt: joined.Time()})
	at := recordedAt.Time().Add(-time.Hour)
	srv.AddMessages(
		cometchattest.Message{Sender: "ann", Receiver: "bob", Text: "Lunch?", MUID: "ann-1", Tags: []string{"food"}, SentAt: at},
		cometchattest.Message{Sender: "bob", Receiver: "ann", Text: "At <b>one</b> & a half 🍜", SentAt: at},
		cometchattest.Message{Sender: "ann", Receiver: "crew", ReceiverType: "group", Text: "Hello all", SentAt: at.Add(time.Second)},
		cometchattest.Message{Sender: "bob", Receiver: "ann", Text: "Or two?", ParentID: "1", SentAt: at.Add(time.Minute)},
		cometchattest.Message{Sender: "ann", Receiver: "bob", Category: "interactive", Type: "card",
			Data: []byte(`{"interactiveData":{"text":"Pick"},"interactionGoal":{"type":"anyOf","elementIds":["yes","no"]}}`), SentAt: at.Add(2 * time.Minute)},
	)
}

// asAnn has ann act.
func asAnn[T any](call func(context.Context, *cometchat.Client) (T, error)) func(context.Context, *cometchat.Client) (any, error) {
	return func(ctx context.Context, c *cometchat.Client) (any, error) { return call(ctx, c.OnBehalfOf("ann")) }
}

// ackAsAnn makes a call that returns an error alone, for ann.
func ackAsAnn(call func(context.Context, *cometchat.Client) error) func(context.Context, *cometchat.Client) (any, error) {
	return func(ctx context.Context, c *cometchat.Client) (any, error) {
		return nil, call(ctx, c.OnBehalfOf("ann"))
	}
}

// itemsOf collects a list for ann.
func itemsOf[T any, L interface {
	Collect(context.Context, int) ([]*T, error)
}](list func(*cometchat.Client) L) func(context.Context, *cometchat.Client) (any, error) {
	return func(ctx context.Context, c *cometchat.Client) (any, error) {
		return list(c.OnBehalfOf("ann")).Collect(ctx, 100)
	}
}

var withBob, inCrew = cometchat.ToUser("bob"), cometchat.ToGroup("crew")

func TestMessageFixtures(t *testing.T) {
	runFixtures(t, chat, []fixtureCase{
		{"messages/send", asAnn(func(x ctx, c api) (msg, error) {
			return c.Messages.Send(x, withBob, &cometchat.SendMessageRequest{
				Text: "See <@uid:cat> & <b>me</b>\u2028🍜", MUID: "ann-2", Tags: cometchat.Tags{"food"}, QuotedMessageID: "2",
				Metadata: cometchat.Metadata(`{"n":1.50}`),
			})
		}), []string{`"id":"6"`, `"muid":"ann-2"`, `"conversationId":"ann_user_bob"`, `"metadata":{"n":1.50}`, `"mentions":{"cat":`, `"quotedMessage":{"id":"2"`}},
		{"messages/send-media", asAnn(func(x ctx, c api) (msg, error) {
			return c.Messages.Send(x, inCrew, &cometchat.SendMessageRequest{Text: "The plan", Attachments: []cometchat.Attachment{
				{URL: "https://files.example/plan.png", Name: "plan.png", MimeType: "image/png", Extension: "png", Size: 2048},
			}})
		}), []string{`"type":"image"`, `"name":"plan.png"`, `"receiverType":"group"`}},
		{"messages/send-custom", asAnn(func(x ctx, c api) (msg, error) {
			return c.Messages.Send(x, withBob, &cometchat.SendMessageRequest{Type: "place", CustomData: map[string]any{"lat": 48.2, "lng": 16.4}})
		}), []string{`"category":"custom"`, `"type":"place"`, `"customData":{"lat":48.2,"lng":16.4}`}},
		{"messages/send-interactive", asAnn(func(x ctx, c api) (msg, error) {
			return c.Messages.Send(x, withBob, &cometchat.SendMessageRequest{
				Type: cometchat.MessageTypeCard, InteractiveData: map[string]any{"text": "Pick"}, AllowSenderInteraction: true,
				InteractionGoal: &cometchat.InteractionGoal{Type: cometchat.InteractionGoalTypeAnyOf, ElementIDs: []string{"yes", "no"}},
			})
		}), []string{`"category":"interactive"`, `"interactiveData":{"text":"Pick"}`, `"elementIds":["yes","no"]`}},
		{"messages/send-many", asAnn(func(x ctx, c api) (*cometchat.Results[cometchat.Message], error) {
			return c.Messages.SendMany(x, cometchat.Receivers{UIDs: []string{"Cat", "bob"}, GUIDs: []string{"crew"}}, &cometchat.SendMessageRequest{Text: "To all"})
		}), []string{`"id":"Cat"`, `"receiver":"cat"`, `"receiver":"bob"`, `"receiver":"crew"`}},
		{"messages/send-as-bot", func(x ctx, c api) (any, error) {
			return c.Messages.SendAsBot(x, "cat", withBob, &cometchat.SendMessageRequest{Text: "Beep"})
		}, []string{`"sender":"cat"`, `"text":"Beep"`}},
		{"messages/get", asAnn(func(x ctx, c api) (msg, error) { return c.Messages.Get(x, "2") }), []string{`"id":"2"`, ` a half 🍜"`}},
		{"messages/list", itemsOf(func(c api) msgs {
			return c.Messages.List(&cometchat.MessageListOptions{Limit: 2, WithTags: true, Categories: []cometchat.MessageCategory{"message", "interactive"}})
		}), []string{`"id":"1"`, `"tags":["food"]`, `"id":"5"`}},
		{"messages/list-with-user", itemsOf(func(c api) msgs {
			return c.Messages.ListWith(cometchat.ToUser("bob"), &cometchat.ConversationMessageListOptions{HideReplies: true, Categories: []cometchat.MessageCategory{"message"}})
		}), []string{`"id":"1"`, `"id":"2"`}},
		{"messages/list-in-group", itemsOf(func(c api) msgs { return c.Messages.ListWith(cometchat.ToGroup("crew"), nil) }), []string{`"text":"Hello all"`}},
		{"messages/find-by-muid", asAnn(func(x ctx, c api) (msg, error) { return c.Messages.FindByMUID(x, withBob, "ann-1", 10) }), []string{`"id":"1"`}},
		{"messages/unread-counts", asAnn(func(x ctx, c api) ([]*cometchat.MessageCount, error) { return c.Messages.UnreadCounts(x, nil) }), []string{`"entityId":"bob"`, `"count":`}},
		{"messages/count", asAnn(func(x ctx, c api) (int, error) {
			return c.Messages.Count(x, withBob, &cometchat.ConversationMessageListOptions{Unread: true})
		}), []string{"2"}},
		{"messages/update", asAnn(func(x ctx, c api) (*cometchat.MessageChange, error) {
			return c.Messages.Update(x, "1", &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("Dinner?"), Tags: cometchat.Tags{"late"}})
		}), []string{`"Message":{"id":"1"`, `"text":"Dinner?"`, `"editedBy":"ann"`, `"Action":{"id":"6"`, `"action":"edited"`}},
		{"messages/delete", asAnn(func(x ctx, c api) (*cometchat.MessageChange, error) { return c.Messages.Delete(x, "1", nil) }),
			[]string{`"Message":{"id":"1"`, `"deletedBy":"ann"`, `"action":"deleted"`}},
		{"messages/delete-permanently", asAnn(func(x ctx, c api) (*cometchat.MessageChange, error) {
			return c.Messages.Delete(x, "1", &cometchat.DeleteMessageOptions{Permanent: true})
		}), []string{`"Message":{"id":"1"`}},
		{"messages/pin", asAnn(func(x ctx, c api) (msg, error) { return c.Messages.Pin(x, "1") }), []string{`"pinnedBy":"ann"`, `"pinnedAt":`}},
		{"messages/unpin", asAnn(func(x ctx, c api) (msg, error) { return c.Messages.Unpin(x, "1") }), []string{`"id":"1"`}},
		{"messages/save", asAnn(func(x ctx, c api) (msg, error) { return c.Messages.Save(x, "1") }), []string{`"savedAt":`}},
		{"messages/unsave", asAnn(func(x ctx, c api) (msg, error) { return c.Messages.Unsave(x, "1") }), []string{`"id":"1"`}},
		{"messages/interacted", func(x ctx, c api) (any, error) {
			return nil, c.OnBehalfOf("bob").Messages.MarkInteracted(x, "5", []string{"yes"})
		}, nil},
		{"messages/flag", ackAsAnn(func(x ctx, c api) error {
			return c.Messages.Flag(x, "2", &cometchat.FlagMessageRequest{ReasonID: "spam", Remark: "Soup again"})
		}), nil},

		{"reactions/add", asAnn(func(x ctx, c api) (msg, error) { return c.Reactions.Add(x, "2", "❤️") }), []string{`"reactions":[{"reaction":"❤️","count":1,"reactedByMe":true}]`}},
		{"reactions/remove", asAnn(func(x ctx, c api) (msg, error) {
			if _, err := c.Reactions.Add(x, "2", "👍🏽"); err != nil {
				return nil, err
			}
			return c.Reactions.Remove(x, "2", "👍🏽")
		}), []string{`"id":"2"`}},
		{"reactions/list", func(x ctx, c api) (any, error) {
			if _, err := c.OnBehalfOf("ann").Reactions.Add(x, "2", "🍜"); err != nil {
				return nil, err
			}
			all, err := c.Reactions.List("2", nil).Collect(x, 10)
			if err != nil {
				return nil, err
			}
			one, err := c.Reactions.ListOf("2", "🍜", nil).Collect(x, 10)
			return append(all, one...), err
		}, []string{`"reaction":"🍜"`, `"uid":"ann"`, `"reactedBy":{"uid":"ann"`}},

		{"threads/reply", asAnn(func(x ctx, c api) (msg, error) {
			return c.Threads.Reply(x, "1", withBob, &cometchat.SendMessageRequest{Text: "Two"})
		}), []string{`"parentId":"1"`, `"text":"Two"`}},
		{"threads/list", itemsOf(func(c api) msgs { return c.Threads.List(&cometchat.ThreadListOptions{ParticipatedByMe: true}) }),
			[]string{`"id":"1"`, `"replyCount":1`, `"lastReply":{"id":"4"`}},
		{"threads/list-replies", itemsOf(func(c api) msgs { return c.Threads.ListReplies("1", nil) }), []string{`"parentId":"1"`, `"text":"Or two?"`}},
		{"threads/subscribe", ackAsAnn(func(x ctx, c api) error { return c.Threads.Subscribe(x, "1") }), nil},
		{"threads/unsubscribe", ackAsAnn(func(x ctx, c api) error { return c.Threads.Unsubscribe(x, "1") }), nil},

		{"conversations/get", asAnn(func(x ctx, c api) (conv, error) { return c.Conversations.Get(x, withBob) }),
			[]string{`"conversationId":"ann_user_bob"`, `"lastMessage":{`, `"conversationWith":{"uid":"bob"`}},
		{"conversations/get-group", asAnn(func(x ctx, c api) (conv, error) { return c.Conversations.Get(x, inCrew) }), []string{`"conversationWith":{"guid":"crew"`}},
		{"conversations/list", itemsOf(func(c api) *cometchat.PageList[cometchat.Conversation] {
			return c.Conversations.List(&cometchat.ConversationListOptions{UseCursoredIndex: cometchat.Ptr(true), IncludeBlockedUsers: true})
		}), []string{`"conversationId":"ann_user_bob"`, `"conversationId":"group_crew"`}},
		{"conversations/update", asAnn(func(x ctx, c api) (conv, error) {
			return c.Conversations.Update(x, withBob, &cometchat.UpdateConversationRequest{Tags: cometchat.Tags{"vip"}})
		}), []string{`"conversationId":"ann_user_bob"`}},
		{"conversations/update-group", asAnn(func(x ctx, c api) (conv, error) {
			return c.Conversations.Update(x, inCrew, &cometchat.UpdateConversationRequest{Tags: cometchat.Tags{"work"}})
		}), []string{`"conversationId":"group_crew"`}},
		{"conversations/reset", ackAsAnn(func(x ctx, c api) error {
			return c.Conversations.Reset(x, withBob, &cometchat.ResetConversationOptions{PreserveOrder: true})
		}), nil},
		{"conversations/reset-group", ackAsAnn(func(x ctx, c api) error { return c.Conversations.Reset(x, inCrew, nil) }), nil},
		{"conversations/delivered", ackAsAnn(func(x ctx, c api) error { return c.Conversations.MarkDelivered(x, withBob, "2") }), nil},
		{"conversations/read", ackAsAnn(func(x ctx, c api) error { return c.Conversations.MarkRead(x, withBob, "2") }), nil},
		{"conversations/unread", ackAsAnn(func(x ctx, c api) error { return c.Conversations.MarkUnread(x, withBob, "2") }), nil},
		{"conversations/delivered-group", func(x ctx, c api) (any, error) {
			return nil, c.OnBehalfOf("bob").Conversations.MarkDelivered(x, inCrew, "3")
		}, nil},
		{"conversations/read-group", func(x ctx, c api) (any, error) {
			return nil, c.OnBehalfOf("bob").Conversations.MarkRead(x, inCrew, "3")
		}, nil},
		{"conversations/unread-group", func(x ctx, c api) (any, error) {
			return nil, c.OnBehalfOf("bob").Conversations.MarkUnread(x, inCrew, "3")
		}, nil},
		{"conversations/pin", asAnn(func(x ctx, c api) (conv, error) { return c.Conversations.Pin(x, withBob) }), []string{`"pinnedBy":"ann"`}},
		{"conversations/unpin", asAnn(func(x ctx, c api) (conv, error) { return c.Conversations.Unpin(x, withBob) }), []string{`"conversationType":"user"`}},
		{"conversations/pin-group", asAnn(func(x ctx, c api) (conv, error) { return c.Conversations.Pin(x, inCrew) }), []string{`"pinnedBy":"ann"`}},
		{"conversations/unpin-group", asAnn(func(x ctx, c api) (conv, error) { return c.Conversations.Unpin(x, inCrew) }), []string{`"conversationType":"group"`}},
		{"conversations/pinned", func(x ctx, c api) (any, error) {
			if _, err := c.Conversations.ReplacePinned(x, []cometchat.Receiver{inCrew, withBob}); err != nil {
				return nil, err
			}
			return c.Conversations.ListPinned(nil).Collect(x, 10)
		}, []string{`"pinnedBy":"app_system"`, `"conversationType":"group"`, `"conversationType":"user"`}},

		{"moderation_reasons/create", func(x ctx, c api) (any, error) {
			return c.Moderation.Reasons.Create(x, &cometchat.CreateModerationReasonRequest{ID: "rude", Name: "Rude", Description: "Not nice"})
		}, []string{`"id":"rude"`, `"description":"Not nice"`}},
		{"moderation_reasons/get", func(x ctx, c api) (any, error) { return c.Moderation.Reasons.Get(x, "spam") }, []string{`"id":"spam"`, `"default":true`}},
		{"moderation_reasons/list", func(x ctx, c api) (any, error) { return c.Moderation.Reasons.List(nil).Collect(x, 100) }, []string{`"id":"spam"`}},
		{"moderation_reasons/update", func(x ctx, c api) (any, error) {
			return c.Moderation.Reasons.Update(x, "spam", &cometchat.UpdateModerationReasonRequest{Name: "Advertising"})
		}, []string{`"name":"Advertising"`}},
		{"moderation_reasons/delete", func(x ctx, c api) (any, error) { return nil, c.Moderation.Reasons.Delete(x, "spam") }, nil},
	})
}

// Both directions over the emulator: many messages of one second, in pages that
// end within it, while others are written.
func TestWalkEmulatedMessages(t *testing.T) {
	client, srv := emulated(t)
	srv.SeedMessages(300, 300)
	opts := &cometchat.MessageListOptions{Limit: 100}
	ids, err := walkIDs(client.Messages.List(opts).All(t.Context()))
	require.NoError(t, err)
	want := []string{}
	for i := range 300 {
		want = append(want, strconv.Itoa(i+1))
	}
	assert.Equal(t, want, ids)
	assert.Equal(t, 4, srv.Count("GET", "/messages"))
	ids, err = walkIDs(client.Messages.List(opts).Backward(t.Context()))
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

	// A client of the fault's server is told, not left in a loop.
	srv.Inject(cometchattest.Fault{Path: "/messages", Skip: 1, Times: cometchattest.Always, RepeatPage: true})
	_, err = walkIDs(client.Messages.List(opts).All(t.Context()))
	require.ErrorIs(t, err, cometchat.ErrPaginationLoop)
}

// A conversation as its users live it: what one call does, the next ones show.
func TestMessagingTogether(t *testing.T) {
	client, srv := emulated(t)
	chat(srv)
	ctx := t.Context()
	ann, bob := client.OnBehalfOf("ann"), client.OnBehalfOf("bob")

	sent, err := ann.Messages.Send(ctx, withBob, &cometchat.SendMessageRequest{Text: "Hi " + cometchat.Mention("bob")})
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

	_, err = client.OnBehalfOf("cat").Messages.Send(ctx, inCrew, hi)
	require.ErrorIs(t, err, cometchat.ErrPermissionDenied)
	_, err = ann.Messages.Send(ctx, cometchat.ToUser("nobody"), hi)
	require.ErrorIs(t, err, cometchat.ErrNotFound)

	results, err := ann.Messages.SendMany(ctx, cometchat.Receivers{UIDs: []string{"bob", "nobody"}, GUIDs: []string{"crew"}}, hi)
	require.ErrorIs(t, err, cometchat.ErrNotFound)
	assert.Len(t, results.Failed(), 1)
	require.NoError(t, results.Items[0].Err)
	assert.Equal(t, "nobody", results.Failed()[0].ID)
	assert.Equal(t, "crew", results.Items[2].Value.Receiver)
}

// Whatever the emulator sends of a message is what the types keep.
func TestMessagesLoseNothing(t *testing.T) {
	client, srv := emulated(t)
	chat(srv)
	var raw json.RawMessage
	page, err := client.With(cometchat.WithResponse(func(r *cometchat.Response) { raw = r.Body })).
		Messages.List(&cometchat.MessageListOptions{Limit: 100, WithTags: true}).First(t.Context())
	require.NoError(t, err)
	var body struct{ Data json.RawMessage }
	require.NoError(t, json.Unmarshal(raw, &body))
	assert.JSONEq(t, string(body.Data), toJSON(t, page.Items))
	assert.GreaterOrEqual(t, len(page.Items), 5)
}
