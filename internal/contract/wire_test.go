package contract

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

const hiBody = `"category":"message","type":"text","data":{"text":"Hi"}`

// wireTest is a call and the one request that it makes.
type wireTest struct {
	name   string
	answer string
	call   func(context.Context, *cometchat.Client) error
	method string
	path   string // escaped
	query  string
	body   string // JSON; "" for none
}

// run wraps a call whose result the wire tests ignore.
func run[T any](call func(context.Context, *cometchat.Client) (T, error)) func(context.Context, *cometchat.Client) error {
	return func(ctx context.Context, c *cometchat.Client) error {
		_, err := call(ctx, c)
		return err
	}
}

// at returns the time for a Unix time in seconds.
func at(seconds int64) time.Time { return time.Unix(seconds, 0) }

// does wraps a call that returns only an error.
func does(f func(context.Context, *cometchat.Client) error) func(context.Context, *cometchat.Client) error {
	return f
}

// firstPage fetches a page of a list.
func firstPage[P any, L interface {
	First(context.Context) (P, error)
}](list func(*cometchat.Client) L) func(context.Context, *cometchat.Client) error {
	return func(ctx context.Context, c *cometchat.Client) error {
		_, err := list(c).First(ctx)
		return err
	}
}

var messageWire = []wireTest{
	{"send", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Send(ctx, testkit.Bob, testkit.Hi)
	}),
		"POST", "/messages", "", `{"receiver":"bob","receiverType":"user",` + hiBody + `}`},
	{"send to a group", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Send(ctx, testkit.Team, testkit.Hi)
	}),
		"POST", "/messages", "", `{"receiver":"team","receiverType":"group",` + hiBody + `}`},
	{"send all of a text", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{
			Text: "Hi", Metadata: cometchat.Metadata(`{"a":1.50}`), MUID: "m-1", Tags: cometchat.Tags{"x", "y"}, QuotedMessageID: "5",
		})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"message","type":"text",
		"data":{"text":"Hi","metadata":{"a":1.50}},"muid":"m-1","tags":["x","y"],"quotedMessageId":"5"}`},
	{"send an image", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{Text: "Look", Attachments: []cometchat.Attachment{
			{URL: "https://files.example/a.png", Name: "a.png", MimeType: "image/png", Extension: "png", Size: 2048},
		}})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"message","type":"image",
		"data":{"text":"Look","attachments":[{"url":"https://files.example/a.png","name":"a.png","mimeType":"image/png","extension":"png","size":"2048"}]}}`},
	{"send custom data", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{Type: "place", CustomData: map[string]any{"lat": 48.5}})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"custom","type":"place","data":{"customData":{"lat":48.5}}}`},
	{"send a form", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{
			Type: cometchat.MessageTypeForm, InteractiveData: map[string]any{"title": "Trip"}, AllowSenderInteraction: true,
			InteractionGoal: &cometchat.InteractionGoal{Type: cometchat.InteractionGoalTypeAllOf, ElementIDs: []string{"e1"}},
		})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"interactive","type":"form",
		"data":{"interactiveData":{"title":"Trip"},"interactionGoal":{"type":"allOf","elementIds":["e1"]},"allowSenderInteraction":true}}`},
	{"send an unknown kind", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Send(ctx, testkit.Bob, &cometchat.SendMessageRequest{Category: "hologram", Type: "cube", Text: "Hi"})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"hologram","type":"cube","data":{"text":"Hi"}}`},
	{"send to many", `{"data":{"bob":` + testkit.Inner(testkit.AMessage) + `,"team":` + testkit.Inner(testkit.AMessage) + `}}`,
		run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Results[cometchat.Message], error) {
			return c.Messages.SendMany(ctx, cometchat.Receivers{UIDs: []string{"bob"}, GUIDs: []string{"team"}}, testkit.Hi)
		}), "POST", "/messages", "", `{"multipleReceivers":{"uids":["bob"],"guids":["team"]},` + hiBody + `}`},
	{"send as a bot", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.SendAsBot(ctx, "helper", testkit.Bob, testkit.Hi)
	}),
		"POST", "/bots/helper/messages", "", `{"receiver":"bob","receiverType":"user",` + hiBody + `}`},
	{"send to many as a bot", `{"data":{"bob":` + testkit.Inner(testkit.AMessage) + `}}`,
		run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Results[cometchat.Message], error) {
			return c.Messages.SendManyAsBot(ctx, "helper", cometchat.Receivers{UIDs: []string{"bob"}}, testkit.Hi)
		}), "POST", "/bots/helper/messages", "", `{"multipleReceivers":{"uids":["bob"]},` + hiBody + `}`},

	{"get", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Get(ctx, "7")
	}), "GET", "/messages/7", "", ""},
	{"list", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.Message] { return c.Messages.List(nil) }), "GET", "/messages", "", ""},
	{"list filtered", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.Message] {
		return c.Messages.List(&cometchat.MessageListOptions{
			Limit: 50, FromID: "9", ConversationID: "c", SearchKey: "s", ReceiverType: cometchat.ReceiverTypeGroup,
			Senders: []string{"a", "b"}, Categories: []cometchat.MessageCategory{"message", "custom"},
			Types: []cometchat.MessageType{"text", "image"}, Tags: []string{"t", "u"}, WithTags: true,
			HasAttachments: true, AttachmentTypes: []cometchat.MessageType{"image", "file"}, HasLinks: true, HasReactions: true,
			HasMentions: true, MentionedUIDs: []string{"a", "b"}, MentionsWithBlockedInfo: true, MentionsWithTagInfo: true,
			HideDeleted: true, OnlyDeleted: true, HideReplies: true, HideQuotedMessages: true, HideMessagesFromBlockedUsers: true,
			Unread: true, SentFrom: at(1), SentTo: at(2), UpdatedFrom: at(3), UpdatedTo: at(4), EditedFrom: at(5), EditedTo: at(6),
		})
	}), "GET", "/messages", "attachmentTypes=image,file&categories=message,custom&conversationId=c" +
		"&editedAt[from]=5&editedAt[to]=6&hasAttachments=true&hasLinks=true&hasMentions=true&hasReactions=true" +
		"&hideDeleted=true&hideMessagesFromBlockedUsers=true&hideQuotedMessages=true&hideReplies=true&id=9&limit=50" +
		"&mentionedUids=a,b&mentionsWithBlockedInfo=true&mentionsWithTagInfo=true&onlyDeleted=true&receiverType=group&searchKey=s" +
		"&senders=a,b&sentAt[from]=1&sentAt[to]=2&tags=t,u&types=text,image&unread=true" +
		"&updatedAt[from]=3&updatedAt[to]=4&withTags=true", ""},
	{"list with a user", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.Message] {
		return c.Messages.ListWith(cometchat.ToUser("bob"), &cometchat.ConversationMessageListOptions{
			Limit: 60, Undelivered: true, Unread: true, MyMentionsOnly: true, HideMessagesFromBlockedUsers: true,
		})
	}), "GET", "/users/bob/messages",
		"hideMessagesFromBlockedUsers=true&limit=60&myMentionsOnly=true&undelivered=true&unread=true", ""},
	{"list in a group", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.Message] {
		return c.Messages.ListWith(cometchat.ToGroup("team"), &cometchat.ConversationMessageListOptions{
			FromID: "9", SearchKey: "s", Sender: "a", Categories: []cometchat.MessageCategory{"message", "custom"},
			Types: []cometchat.MessageType{"text", "image"}, Tags: []string{"t", "u"}, WithTags: true,
			HasAttachments: true, AttachmentTypes: []cometchat.MessageType{"image", "file"}, HasLinks: true, HasReactions: true,
			HasMentions: true, MentionedUIDs: []string{"a", "b"}, MentionsWithBlockedInfo: true, MentionsWithTagInfo: true,
			HideReplies: true, HideQuotedMessages: true, FromTimestamp: at(7), ToTimestamp: at(8),
		})
	}), "GET", "/groups/team/messages", "attachmentTypes=image,file&categories=message,custom&fromTimestamp=7" +
		"&hasAttachments=true&hasLinks=true&hasMentions=true&hasReactions=true&hideQuotedMessages=true&hideReplies=true&id=9" +
		"&mentionedUids=a,b&mentionsWithBlockedInfo=true&mentionsWithTagInfo=true&searchKey=s&sender=a&tags=t,u&toTimestamp=8" +
		"&types=text,image&withTags=true", ""},
	{"find by muid", `{"data":[{"id":"6","muid":"x","sender":"ann"},{"id":"7","muid":"m-1","sender":"ann"}],"meta":{}}`,
		run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.Messages.FindByMUID(ctx, testkit.Team, "m-1", 30)
		}),
		"GET", "/groups/team/messages", "affix=prepend&limit=30", ""},
	{"unread counts", `{"data":[{"entityId":"bob","entityType":"user","count":"3"}]}`,
		run(func(ctx context.Context, c *cometchat.Client) ([]*cometchat.MessageCount, error) {
			return c.Messages.UnreadCounts(ctx, nil)
		}),
		"GET", "/messages", "count=true&unread=true", ""},
	{"count", `{"data":[{"entityId":"bob","entityType":"user","count":3}]}`, run(func(ctx context.Context, c *cometchat.Client) (int, error) {
		return c.Messages.Count(ctx, testkit.Bob, &cometchat.ConversationMessageListOptions{Undelivered: true})
	}), "GET", "/users/bob/messages", "count=true&undelivered=true", ""},

	{"update", testkit.AnEdit, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.MessageChange, error) {
		return c.Messages.Update(ctx, "7", &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("Ho"), Metadata: cometchat.Metadata(`{}`), Tags: cometchat.Tags{}})
	}), "PUT", "/messages/7", "", `{"data":{"text":"Ho","metadata":{}},"tags":[]}`},
	{"update tags alone", testkit.AnEdit, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.MessageChange, error) {
		return c.Messages.Update(ctx, "7", &cometchat.UpdateMessageRequest{Tags: cometchat.Tags{"t"}})
	}), "PUT", "/messages/7", "", `{"tags":["t"]}`},
	{"delete", testkit.AnEdit, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.MessageChange, error) {
		return c.Messages.Delete(ctx, "7", nil)
	}),
		"DELETE", "/messages/7", "", `{}`},
	{"delete for good", testkit.AnEdit, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.MessageChange, error) {
		return c.Messages.Delete(ctx, "7", &cometchat.DeleteMessageOptions{Permanent: true})
	}), "DELETE", "/messages/7", "", `{"permanent":true}`},
	{"pin", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Pin(ctx, "7")
	}), "POST", "/messages/7/pin", "", ""},
	{"unpin", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Unpin(ctx, "7")
	}), "DELETE", "/messages/7/pin", "", ""},
	{"save", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Save(ctx, "7")
	}), "POST", "/messages/7/save", "", ""},
	{"unsave", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Messages.Unsave(ctx, "7")
	}), "DELETE", "/messages/7/save", "", ""},
	{"interacted", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Messages.MarkInteracted(ctx, "7", []string{"e1", "e2"})
	}),
		"PATCH", "/messages/7/interacted", "", `{"interactions":["e1","e2"]}`},
	{"flag", testkit.ABareAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Messages.Flag(ctx, "7", &cometchat.FlagMessageRequest{ReasonID: "spam", Remark: "again"})
	}), "POST", "/messages/7/flagged", "", `{"id":"spam","reasonId":"spam","remark":"again"}`},

	{"react", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Reactions.Add(ctx, "7", "❤️")
	}),
		"POST", "/messages/7/reactions/%E2%9D%A4%EF%B8%8F", "", ""},
	{"react with text", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Reactions.Add(ctx, "7", ":a/b?")
	}),
		"POST", "/messages/7/reactions/:a%2Fb%3F", "", ""},
	{"take a reaction back", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Reactions.Remove(ctx, "7", "😅")
	}),
		"DELETE", "/messages/7/reactions/%F0%9F%98%85", "", ""},
	{"list reactions", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.Reaction] { return c.Reactions.List("7", nil) }),
		"GET", "/messages/7/reactions", "", ""},
	{"list one reaction", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.Reaction] {
		return c.Reactions.ListOf("7", "😅", nil)
	}),
		"GET", "/messages/7/reactions/%F0%9F%98%85", "", ""},

	{"reply", testkit.AMessage, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
		return c.Threads.Reply(ctx, "7", testkit.Team, testkit.Hi)
	}),
		"POST", "/messages/7/thread", "", `{"receiver":"team","receiverType":"group",` + hiBody + `}`},
	{"list threads", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.Message] {
		return c.Threads.List(&cometchat.ThreadListOptions{Limit: 5, ParticipatedByMe: true, WithUnreadReplyCount: true, WithMentionCount: true})
	}), "GET", "/threads", "limit=5&participatedByMe=true&withMentionCount=true&withUnreadReplyCount=true", ""},
	{"list replies", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.Message] {
		return c.Threads.ListReplies("7", &cometchat.ReplyListOptions{Limit: 5, FromID: "9"})
	}), "GET", "/messages/7/thread", "id=9&limit=5&perPage=5", ""},
	{"subscribe", `{"data":{"success":true}}`, does(func(ctx context.Context, c *cometchat.Client) error { return c.Threads.Subscribe(ctx, "7") }),
		"POST", "/messages/7/thread/subscription", "", ""},
	{"unsubscribe", `{"data":{"success":true}}`, does(func(ctx context.Context, c *cometchat.Client) error { return c.Threads.Unsubscribe(ctx, "7") }),
		"DELETE", "/messages/7/thread/subscription", "", ""},

	{"get a conversation", testkit.AConversation, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Conversation, error) {
		return c.Conversations.Get(ctx, testkit.Bob)
	}),
		"GET", "/users/bob/conversation", "", ""},
	{"get a group's", testkit.AConversation, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Conversation, error) {
		return c.Conversations.Get(ctx, testkit.Team)
	}),
		"GET", "/groups/team/conversation", "", ""},
	{"list conversations", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.PageList[cometchat.Conversation] {
		return c.Conversations.List(&cometchat.ConversationListOptions{
			Page: 2, PerPage: 5, SearchKey: "s", ConversationType: cometchat.ReceiverTypeUser, Unread: true, Tags: []string{"t", "u"}, WithTags: true,
			UserTags: []string{"v", "w"}, GroupTags: []string{"x", "y"}, WithUserAndGroupTags: true, IncludeBlockedUsers: true,
			WithBlockedInfo: true, HideAgentic: true, OnlyAgentic: true, UseCursoredIndex: cometchat.Ptr(false), Unique: true,
		})
	}), "GET", "/conversations", "conversationType=user&groupTags=x,y&hideAgentic=true&includeBlockedUsers=true&onlyAgentic=true" +
		"&page=2&perPage=5&searchKey=s&tags=t,u&unique=1&unread=true&useCursoredIndex=0&userTags=v,w&withBlockedInfo=true" +
		"&withTags=true&withUserAndGroupTags=true", ""},
	{"tag a conversation", testkit.AConversation, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Conversation, error) {
		return c.Conversations.Update(ctx, testkit.Bob, &cometchat.UpdateConversationRequest{Tags: cometchat.Tags{"vip"}})
	}), "PUT", "/users/bob/conversation", "", `{"tags":["vip"]}`},
	{"clear a group's tags", testkit.AConversation, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Conversation, error) {
		return c.Conversations.Update(ctx, testkit.Team, &cometchat.UpdateConversationRequest{Tags: cometchat.Tags{}})
	}), "PUT", "/groups/team/conversation", "", `{"tags":[]}`},
	{"reset", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Conversations.Reset(ctx, testkit.Bob, &cometchat.ResetConversationOptions{PreserveOrder: true, DeleteMessagesPermanently: true, ConversationWith: "bob"})
	}), "DELETE", "/users/bob/conversation", "", `{"preserveOrder":true,"deleteMessagesPermanently":true,"conversationWith":"bob"}`},
	{"reset a group's", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Conversations.Reset(ctx, testkit.Team, nil)
	}),
		"DELETE", "/groups/team/conversation", "", `{}`},
	{"delivered", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Conversations.MarkDelivered(ctx, testkit.Bob, "7")
	}),
		"POST", "/users/bob/conversation/delivered", "", `{"messageId":7}`},
	{"delivered in a group", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Conversations.MarkDelivered(ctx, testkit.Team, "7")
	}),
		"POST", "/groups/team/conversation/delivered", "", `{"messageId":7}`},
	{"read", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Conversations.MarkRead(ctx, testkit.Bob, "9007199254740993")
	}),
		"POST", "/users/bob/conversation/read", "", `{"messageId":9007199254740993}`},
	{"read all in a group", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Conversations.MarkRead(ctx, testkit.Team, "")
	}),
		"POST", "/groups/team/conversation/read", "", `{}`},
	{"unread", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Conversations.MarkUnread(ctx, testkit.Bob, "7")
	}),
		"DELETE", "/users/bob/conversation/read", "", `{"messageId":7}`},
	{"unread in a group", testkit.AnAck, does(func(ctx context.Context, c *cometchat.Client) error {
		return c.Conversations.MarkUnread(ctx, testkit.Team, "7")
	}),
		"DELETE", "/groups/team/conversation/read", "", `{"messageId":7}`},
	{"pin a conversation", testkit.AConversation, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Conversation, error) {
		return c.Conversations.Pin(ctx, testkit.Bob)
	}),
		"POST", "/users/bob/conversation/pin", "", ""},
	{"pin a group's", testkit.AConversation, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Conversation, error) {
		return c.Conversations.Pin(ctx, testkit.Team)
	}),
		"POST", "/groups/team/conversation/pin", "", ""},
	{"unpin a conversation", testkit.AConversation, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Conversation, error) {
		return c.Conversations.Unpin(ctx, testkit.Bob)
	}),
		"DELETE", "/users/bob/conversation/pin", "", ""},
	{"unpin a group's", testkit.AConversation, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Conversation, error) {
		return c.Conversations.Unpin(ctx, testkit.Team)
	}),
		"DELETE", "/groups/team/conversation/pin", "", ""},
	{"list pinned", `{"data":[]}`, firstPage(func(c *cometchat.Client) *cometchat.PageList[cometchat.Conversation] {
		return c.Conversations.ListPinned(nil)
	}),
		"GET", "/conversations/pinned", "", ""},
	{"replace pinned", `{"data":[]}`, run(func(ctx context.Context, c *cometchat.Client) ([]*cometchat.Conversation, error) {
		return c.Conversations.ReplacePinned(ctx, []cometchat.Receiver{testkit.Team, testkit.Bob})
	}), "PUT", "/conversations/pinned", "", `{"pinnedConversations":[{"guid":"team"},{"uid":"bob"}]}`},
	{"clear pinned", `{"data":[]}`, run(func(ctx context.Context, c *cometchat.Client) ([]*cometchat.Conversation, error) {
		return c.Conversations.ReplacePinned(ctx, nil)
	}),
		"PUT", "/conversations/pinned", "", `{"pinnedConversations":[]}`},

	{"create a reason", testkit.AReason, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.ModerationReason, error) {
		return c.Moderation.Reasons.Create(ctx, &cometchat.CreateModerationReasonRequest{ID: "rude", Name: "Rude", Description: "Not nice"})
	}), "POST", "/moderation/reasons", "", `{"id":"rude","name":"Rude","description":"Not nice"}`},
	{"get a reason", testkit.AReason, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.ModerationReason, error) {
		return c.Moderation.Reasons.Get(ctx, "rude")
	}),
		"GET", "/moderation/reasons/rude", "", ""},
	{"list reasons", testkit.NoMessages, firstPage(func(c *cometchat.Client) *cometchat.CursorList[cometchat.ModerationReason] {
		return c.Moderation.Reasons.List(nil)
	}),
		"GET", "/moderation/reasons", "", ""},
	{"update a reason", testkit.AReason, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.ModerationReason, error) {
		return c.Moderation.Reasons.Update(ctx, "rude", &cometchat.UpdateModerationReasonRequest{Name: "Ruder"})
	}), "PUT", "/moderation/reasons/rude", "", `{"name":"Ruder"}`},
	{"delete a reason", testkit.ABareAck, does(func(ctx context.Context, c *cometchat.Client) error { return c.Moderation.Reasons.Delete(ctx, "rude") }),
		"DELETE", "/moderation/reasons/rude", "", ""},
}

func TestMessageRequests(t *testing.T) {
	called := map[string]bool{}
	for _, tt := range slices.Concat(messageWire, moderationWire, importWire, callWire) {
		t.Run(tt.name, func(t *testing.T) {
			requests := 0
			client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
				requests++
				assert.Equal(t, tt.method, r.Method)
				assert.Equal(t, "/v3"+tt.path, r.URL.EscapedPath())
				assert.Equal(t, tt.query, unescape(t, r.URL.RawQuery))
				assert.Equal(t, "ann", r.Header.Get("onBehalfOf"))
				body, err := io.ReadAll(r.Body)
				assert.NoError(t, err)
				if tt.body == "" {
					assert.Empty(t, body)
				} else {
					assert.JSONEq(t, tt.body, string(body))
					assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
				}
				_, _ = w.Write([]byte(tt.answer))
			}, testkit.Once, cometchat.WithOnBehalfOf("ann"), cometchat.WithTracer(
				func(ctx context.Context, info cometchat.OperationInfo) (context.Context, cometchat.Trace) {
					called[info.Operation] = true
					return ctx, cometchat.Trace{}
				}))
			require.NoError(t, tt.call(t.Context(), client))
			assert.Equal(t, 1, requests)
		})
	}
	for _, route := range cometchat.Routes() {
		parts := strings.Split(route.Pattern, "/")
		form := strings.HasPrefix(route.Pattern, "/moderation/keywords") && (route.Method == "POST" || route.Method == "PUT")
		if parts[1] != "stats" && !form && slices.ContainsFunc(parts, func(p string) bool {
			return p == "moderation" || p == "messages" || p == "conversation" || p == "conversations" || p == "threads"
		}) {
			assert.True(t, called[route.String()], "%s is not tested", route)
		}
	}
}

// unescape makes commas and brackets in a query readable.
func unescape(t *testing.T, query string) string {
	t.Helper()
	return strings.NewReplacer("%2C", ",", "%5B", "[", "%5D", "]").Replace(query)
}

// TestIdempotentMessageCalls checks that writes are repeated after the failure of
// a gateway if the API documents them as idempotent, and no others.
func TestIdempotentMessageCalls(t *testing.T) {
	repeated := map[string]bool{
		"unpin": true, "unsave": true, "unpin a conversation": true, "unpin a group's": true, "replace pinned": true, "clear pinned": true,
	}
	for _, tt := range messageWire {
		if tt.method == http.MethodGet {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			requests := 0
			client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
				requests++
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusServiceUnavailable)
			}, cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1}))
			require.Error(t, tt.call(t.Context(), client))
			if repeated[tt.name] {
				assert.Equal(t, 2, requests)
			} else {
				assert.Equal(t, 1, requests)
			}
		})
	}
}
