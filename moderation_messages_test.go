package cometchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// messageOf is a message from ann to bob without its entities.
func messageOf(id, text string, moderation cometchat.MessageModeration) cometchat.Message {
	return cometchat.Message{
		ID: id, ConversationID: "ann_user_bob", Sender: "ann", ReceiverType: cometchat.ReceiverTypeUser, Receiver: "bob",
		Category: cometchat.MessageCategoryMessage, Type: cometchat.MessageTypeText,
		Data: cometchat.MessageData{Text: text, Moderation: moderation}, SentAt: testkit.NineUnix, UpdatedAt: testkit.NineUnix,
	}
}

// withoutEntities checks the sender and the receiver of a message, and removes
// them.
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
func theMessage(t *testing.T, call func(context.Context, *cometchat.Client) (*cometchat.Message, error)) func(context.Context, *cometchat.Client) (any, error) {
	return func(ctx context.Context, c *cometchat.Client) (any, error) {
		m, err := call(ctx, c)
		if err == nil {
			withoutEntities(t, m, "ann", "bob")
		}
		return m, err
	}
}

// TestModerationMessageWalk follows affix, sentAt and id, which no document names
// as parameters.
func TestModerationMessageWalk(t *testing.T) {
	client, srv := testkit.Emulated(t)
	testkit.SeedModerated(t)(srv)
	srv.ResetRequests()
	opts := &cometchat.ModerationMessageListOptions{Limit: 1, Sender: "ann", ModerationStatus: cometchat.MessageModerationStatusDisapproved}
	ids, err := testkit.WalkIDs(client.Moderation.Messages.List(opts).All(t.Context()))
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
	m, err := testkit.Answering(t, 200, `{"data":{"id":"1","category":"message","type":"text","data":{"text":"b","moderation":{"status":"approved"}},"editedAt":5,"editedBy":"app_system"}}`).
		Moderation.Messages.Update(t.Context(), "1", &cometchat.UpdateModerationMessageRequest{Text: cometchat.Ptr("b")})
	require.NoError(t, err)
	assert.Equal(t, &cometchat.Message{
		ID: "1", Category: cometchat.MessageCategoryMessage, Type: cometchat.MessageTypeText, EditedAt: 5, EditedBy: "app_system",
		Data: cometchat.MessageData{Text: "b", Moderation: testkit.Approved},
	}, m)
}

// TestModerationSideEffects: sending a message for moderation creates users and
// groups.
func TestModerationSideEffects(t *testing.T) {
	client, srv := testkit.Emulated(t)
	ctx := t.Context()
	req := &cometchat.CreateModerationMessageRequest{Text: "Hello"}
	_, err := client.Moderation.Messages.Create(ctx, "ann", testkit.Bob, req)
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
	req.Sender = &cometchat.ModerationUser{Name: "Ann", CreatedAt: testkit.Nine, Tags: cometchat.Tags{"t"}}
	req.ReceiverUser = &cometchat.ModerationUser{Name: "Bob"}
	sent, err := client.Moderation.Messages.Create(ctx, "ann", testkit.Bob, req)
	require.NoError(t, err)
	assert.Equal(t, cometchat.MessageModerationStatusPending, sent.Data.Moderation.Status)
	ann, err := client.Users.Get(ctx, "ann")
	require.NoError(t, err)
	assert.Equal(t, &cometchat.User{UID: "ann", Name: "Ann", Status: "offline", Role: "default", CreatedAt: testkit.NineUnix}, ann)
	now, err := client.Moderation.Messages.Get(ctx, sent.ID)
	require.NoError(t, err)
	assert.Equal(t, testkit.Approved, now.Data.Moderation)
	// Existing users and groups stay as they are.
	req.Sender.Name = "Somebody"
	_, err = client.Moderation.Messages.Create(ctx, "ann", testkit.Bob, req)
	require.NoError(t, err)
	again, err := client.Users.Get(ctx, "ann")
	require.NoError(t, err)
	assert.Equal(t, ann, again)

	require.NoError(t, client.Moderation.Messages.Delete(ctx, sent.ID))
	_, err = client.Moderation.Messages.Get(ctx, sent.ID)
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
	assert.NotEmpty(t, srv.Requests())
}

// TestModerationSecrets keeps a group's password out of errors.
func TestModerationSecrets(t *testing.T) {
	client := testkit.Answering(t, 400, `{"error":{"code":"ERR_BAD_REQUEST","message":"bad open-sesame-42","details":{"password":["open-sesame-42"]}}}`)
	_, err := client.Moderation.Messages.Create(context.Background(), "ann", testkit.Team, &cometchat.CreateModerationMessageRequest{
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

func TestModerationMessageFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedModerated(t), []testkit.Fixture{
		{Name: "moderation_messages/create", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			m, err := client.Moderation.Messages.Create(ctx, "Cleo", cometchat.ToGroup("Deck"), &cometchat.CreateModerationMessageRequest{
				Text: "Hello", MUID: "m-1", SentAt: testkit.Nine.Add(-time.Hour), Tags: cometchat.Tags{"import"},
				Sender:        &cometchat.ModerationUser{Name: "Cleo"},
				ReceiverGroup: &cometchat.ModerationGroup{Name: "Deck", Type: cometchat.GroupTypePassword, Password: "open-sesame-42", Owner: "ann"},
			})
			if err == nil {
				withoutEntities(t, m, "cleo", "deck")
			}
			return m, err
		}, Want: &cometchat.Message{
			ID: "4", MUID: "m-1", ConversationID: "group_deck", Sender: "cleo", ReceiverType: cometchat.ReceiverTypeGroup, Receiver: "deck",
			Category: cometchat.MessageCategoryMessage, Type: cometchat.MessageTypeText, Tags: cometchat.Tags{"import"},
			Data: cometchat.MessageData{Text: "Hello", Moderation: testkit.Pending}, SentAt: testkit.NineUnix - 3600, UpdatedAt: testkit.NineUnix,
		}},
		{Name: "moderation_messages/get", Call: theMessage(t, func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.Moderation.Messages.Get(ctx, "1")
		}), Want: cometchat.Ptr(messageOf("1", "Cheap PILLS", testkit.Disapproved))},
		{Name: "moderation_messages/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			items, err := client.Moderation.Messages.List(&cometchat.ModerationMessageListOptions{Limit: 2}).Collect(ctx, 100)
			for _, m := range items {
				withoutEntities(t, m, "ann", "bob")
			}
			return items, err
		}, Want: []*cometchat.Message{
			cometchat.Ptr(messageOf("1", "Cheap PILLS", testkit.Disapproved)), cometchat.Ptr(messageOf("2", "Hello", testkit.Approved)), cometchat.Ptr(messageOf("3", "More pills", testkit.Disapproved)),
		}},
		{Name: "moderation_messages/update", Call: theMessage(t, func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.Moderation.Messages.Update(ctx, "1", &cometchat.UpdateModerationMessageRequest{Text: cometchat.Ptr("Cheap bread")})
		}), Want: func() *cometchat.Message {
			m := messageOf("1", "Cheap bread", testkit.Approved)
			m.EditedAt, m.EditedBy = testkit.NineUnix, "app_system"
			return &m
		}()},
		{Name: "moderation_messages/delete", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Moderation.Messages.Delete(ctx, "1")
		}},
	})
}
