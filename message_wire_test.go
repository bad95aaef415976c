package cometchat_test

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
)

// Answers of the API, in small.
const (
	aMessage      = `{"data":{"id":"7","sender":"ann","receiverType":"user","receiver":"bob","category":"message","type":"text","data":{"text":"Hi"},"sentAt":1700000000}}`
	anEdit        = `{"data":{"id":"8","category":"action","type":"message","data":{"action":"edited","entities":{"on":{"entityType":"message","entity":{"id":"7","category":"message","data":{"text":"Ho"},"editedBy":"ann"}}}}}}`
	anAck         = `{"data":{"success":true,"message":"Done."}}`
	aBareAck      = `{"success":true,"message":"Done."}`
	noMessages    = `{"data":[],"meta":{"current":{"limit":10,"count":0}}}`
	aConversation = `{"data":{"conversationId":"ann_user_bob","conversationType":"user"}}`
	aReason       = `{"data":{"id":"rude","name":"Rude"}}`
)

var (
	toBob  = cometchat.ToUser("bob")
	toTeam = cometchat.ToGroup("team")
	hi     = &cometchat.SendMessageRequest{Text: "Hi"}
)

const hiBody = `"category":"message","type":"text","data":{"text":"Hi"}`

// wireTest is a call and the one request it makes.
type wireTest struct {
	name   string
	answer string
	call   func(context.Context, *cometchat.Client) error
	method string
	path   string // escaped
	query  string
	body   string // JSON; "" for none
}

// run wraps a call whose result the wire tests leave alone.
func run[T any](call func(context.Context, *cometchat.Client) (T, error)) func(context.Context, *cometchat.Client) error {
	return func(ctx context.Context, c *cometchat.Client) error {
		_, err := call(ctx, c)
		return err
	}
}

// at is a moment by its Unix time in seconds.
func at(seconds int64) time.Time { return time.Unix(seconds, 0) }

// does makes a call that returns an error alone.
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

type (
	ctx  = context.Context
	api  = *cometchat.Client
	msgs = *cometchat.CursorList[cometchat.Message]
	msg  = *cometchat.Message
	conv = *cometchat.Conversation
)

var messageWire = []wireTest{
	{"send", aMessage, run(func(x ctx, c api) (msg, error) { return c.Messages.Send(x, toBob, hi) }),
		"POST", "/messages", "", `{"receiver":"bob","receiverType":"user",` + hiBody + `}`},
	{"send to a group", aMessage, run(func(x ctx, c api) (msg, error) { return c.Messages.Send(x, toTeam, hi) }),
		"POST", "/messages", "", `{"receiver":"team","receiverType":"group",` + hiBody + `}`},
	{"send all of a text", aMessage, run(func(x ctx, c api) (msg, error) {
		return c.Messages.Send(x, toBob, &cometchat.SendMessageRequest{
			Text: "Hi", Metadata: cometchat.Metadata(`{"a":1.50}`), MUID: "m-1", Tags: cometchat.Tags{"x", "y"}, QuotedMessageID: "5",
		})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"message","type":"text",
		"data":{"text":"Hi","metadata":{"a":1.50}},"muid":"m-1","tags":["x","y"],"quotedMessageId":"5"}`},
	{"send an image", aMessage, run(func(x ctx, c api) (msg, error) {
		return c.Messages.Send(x, toBob, &cometchat.SendMessageRequest{Text: "Look", Attachments: []cometchat.Attachment{
			{URL: "https://files.example/a.png", Name: "a.png", MimeType: "image/png", Extension: "png", Size: 2048},
		}})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"message","type":"image",
		"data":{"text":"Look","attachments":[{"url":"https://files.example/a.png","name":"a.png","mimeType":"image/png","extension":"png","size":"2048"}]}}`},
	{"send custom data", aMessage, run(func(x ctx, c api) (msg, error) {
		return c.Messages.Send(x, toBob, &cometchat.SendMessageRequest{Type: "place", CustomData: map[string]any{"lat": 48.5}})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"custom","type":"place","data":{"customData":{"lat":48.5}}}`},
	{"send a form", aMessage, run(func(x ctx, c api) (msg, error) {
		return c.Messages.Send(x, toBob, &cometchat.SendMessageRequest{
			Type: cometchat.MessageTypeForm, InteractiveData: map[string]any{"title": "Trip"}, AllowSenderInteraction: true,
			InteractionGoal: &cometchat.InteractionGoal{Type: cometchat.InteractionGoalTypeAllOf, ElementIDs: []string{"e1"}},
		})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"interactive","type":"form",
		"data":{"interactiveData":{"title":"Trip"},"interactionGoal":{"type":"allOf","elementIds":["e1"]},"allowSenderInteraction":true}}`},
	{"send an unknown kind", aMessage, run(func(x ctx, c api) (msg, error) {
		return c.Messages.Send(x, toBob, &cometchat.SendMessageRequest{Category: "hologram", Type: "cube", Text: "Hi"})
	}), "POST", "/messages", "", `{"receiver":"bob","receiverType":"user","category":"hologram","type":"cube","data":{"text":"Hi"}}`},
	{"send to many", `{"data":{"bob":` + inner(aMessage) + `,"team":` + inner(aMessage) + `}}`,
		run(func(x ctx, c api) (*cometchat.Results[cometchat.Message], error) {
			return c.Messages.SendMany(x, cometchat.Receivers{UIDs: []string{"bob"}, GUIDs: []string{"team"}}, hi)
		}), "POST", "/messages", "", `{"multipleReceivers":{"uids":["bob"],"guids":["team"]},` + hiBody + `}`},
	{"send as a bot", aMessage, run(func(x ctx, c api) (msg, error) { return c.Messages.SendAsBot(x, "helper", toBob, hi) }),
		"POST", "/bots/helper/messages", "", `{"receiver":"bob","receiverType":"user",` + hiBody + `}`},
	{"send to many as a bot", `{"data":{"bob":` + inner(aMessage) + `}}`,
		run(func(x ctx, c api) (*cometchat.Results[cometchat.Message], error) {
			return c.Messages.SendManyAsBot(x, "helper", cometchat.Receivers{UIDs: []string{"bob"}}, hi)
		}), "POST", "/bots/helper/messages", "", `{"multipleReceivers":{"uids":["bob"]},` + hiBody + `}`},

	{"get", aMessage, run(func(x ctx, c api) (msg, error) { return c.Messages.Get(x, "7") }), "GET", "/messages/7", "", ""},
	{"list", noMessages, firstPage(func(c api) msgs { return c.Messages.List(nil) }), "GET", "/messages", "", ""},
	{"list filtered", noMessages, firstPage(func(c api) msgs {
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
	{"list with a user", noMessages, firstPage(func(c api) msgs {
		return c.Messages.ListWith(cometchat.ToUser("bob"), &cometchat.ConversationMessageListOptions{
			Limit: 60, Undelivered: true, Unread: true, MyMentionsOnly: true, HideMessagesFromBlockedUsers: true,
		})
	}), "GET", "/users/bob/messages",
		"hideMessagesFromBlockedUsers=true&limit=60&myMentionsOnly=true&undelivered=true&unread=true", ""},
	{"list in a group", noMessages, firstPage(func(c api) msgs {
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
		run(func(x ctx, c api) (msg, error) { return c.Messages.FindByMUID(x, toTeam, "m-1", 30) }),
		"GET", "/groups/team/messages", "affix=prepend&limit=30", ""},
	{"unread counts", `{"data":[{"entityId":"bob","entityType":"user","count":"3"}]}`,
		run(func(x ctx, c api) ([]*cometchat.MessageCount, error) { return c.Messages.UnreadCounts(x, nil) }),
		"GET", "/messages", "count=true&unread=true", ""},
	{"count", `{"data":[{"entityId":"bob","entityType":"user","count":3}]}`, run(func(x ctx, c api) (int, error) {
		return c.Messages.Count(x, toBob, &cometchat.ConversationMessageListOptions{Undelivered: true})
	}), "GET", "/users/bob/messages", "count=true&undelivered=true", ""},

	{"update", anEdit, run(func(x ctx, c api) (*cometchat.MessageChange, error) {
		return c.Messages.Update(x, "7", &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("Ho"), Metadata: cometchat.Metadata(`{}`), Tags: cometchat.Tags{}})
	}), "PUT", "/messages/7", "", `{"data":{"text":"Ho","metadata":{}},"tags":[]}`},
	{"update tags alone", anEdit, run(func(x ctx, c api) (*cometchat.MessageChange, error) {
		return c.Messages.Update(x, "7", &cometchat.UpdateMessageRequest{Tags: cometchat.Tags{"t"}})
	}), "PUT", "/messages/7", "", `{"tags":["t"]}`},
	{"delete", anEdit, run(func(x ctx, c api) (*cometchat.MessageChange, error) { return c.Messages.Delete(x, "7", nil) }),
		"DELETE", "/messages/7", "", `{}`},
	{"delete for good", anEdit, run(func(x ctx, c api) (*cometchat.MessageChange, error) {
		return c.Messages.Delete(x, "7", &cometchat.DeleteMessageOptions{Permanent: true})
	}), "DELETE", "/messages/7", "", `{"permanent":true}`},
	{"pin", aMessage, run(func(x ctx, c api) (msg, error) { return c.Messages.Pin(x, "7") }), "POST", "/messages/7/pin", "", ""},
	{"unpin", aMessage, run(func(x ctx, c api) (msg, error) { return c.Messages.Unpin(x, "7") }), "DELETE", "/messages/7/pin", "", ""},
	{"save", aMessage, run(func(x ctx, c api) (msg, error) { return c.Messages.Save(x, "7") }), "POST", "/messages/7/save", "", ""},
	{"unsave", aMessage, run(func(x ctx, c api) (msg, error) { return c.Messages.Unsave(x, "7") }), "DELETE", "/messages/7/save", "", ""},
	{"interacted", anAck, does(func(x ctx, c api) error { return c.Messages.MarkInteracted(x, "7", []string{"e1", "e2"}) }),
		"PATCH", "/messages/7/interacted", "", `{"interactions":["e1","e2"]}`},
	{"flag", aBareAck, does(func(x ctx, c api) error {
		return c.Messages.Flag(x, "7", &cometchat.FlagMessageRequest{ReasonID: "spam", Remark: "again"})
	}), "POST", "/messages/7/flagged", "", `{"id":"spam","reasonId":"spam","remark":"again"}`},

	{"react", aMessage, run(func(x ctx, c api) (msg, error) { return c.Reactions.Add(x, "7", "❤️") }),
		"POST", "/messages/7/reactions/%E2%9D%A4%EF%B8%8F", "", ""},
	{"react with text", aMessage, run(func(x ctx, c api) (msg, error) { return c.Reactions.Add(x, "7", ":a/b?") }),
		"POST", "/messages/7/reactions/:a%2Fb%3F", "", ""},
	{"take a reaction back", aMessage, run(func(x ctx, c api) (msg, error) { return c.Reactions.Remove(x, "7", "😅") }),
		"DELETE", "/messages/7/reactions/%F0%9F%98%85", "", ""},
	{"list reactions", noMessages, firstPage(func(c api) *cometchat.CursorList[cometchat.Reaction] { return c.Reactions.List("7", nil) }),
		"GET", "/messages/7/reactions", "", ""},
	{"list one reaction", noMessages, firstPage(func(c api) *cometchat.CursorList[cometchat.Reaction] { return c.Reactions.ListOf("7", "😅", nil) }),
		"GET", "/messages/7/reactions/%F0%9F%98%85", "", ""},

	{"reply", aMessage, run(func(x ctx, c api) (msg, error) { return c.Threads.Reply(x, "7", toTeam, hi) }),
		"POST", "/messages/7/thread", "", `{"receiver":"team","receiverType":"group",` + hiBody + `}`},
	{"list threads", noMessages, firstPage(func(c api) msgs {
		return c.Threads.List(&cometchat.ThreadListOptions{Limit: 5, ParticipatedByMe: true, WithUnreadReplyCount: true, WithMentionCount: true})
	}), "GET", "/threads", "limit=5&participatedByMe=true&withMentionCount=true&withUnreadReplyCount=true", ""},
	{"list replies", noMessages, firstPage(func(c api) msgs {
		return c.Threads.ListReplies("7", &cometchat.ReplyListOptions{Limit: 5, FromID: "9"})
	}), "GET", "/messages/7/thread", "id=9&limit=5&perPage=5", ""},
	{"subscribe", `{"data":{"success":true}}`, does(func(x ctx, c api) error { return c.Threads.Subscribe(x, "7") }),
		"POST", "/messages/7/thread/subscription", "", ""},
	{"unsubscribe", `{"data":{"success":true}}`, does(func(x ctx, c api) error { return c.Threads.Unsubscribe(x, "7") }),
		"DELETE", "/messages/7/thread/subscription", "", ""},

	{"get a conversation", aConversation, run(func(x ctx, c api) (conv, error) { return c.Conversations.Get(x, toBob) }),
		"GET", "/users/bob/conversation", "", ""},
	{"get a group's", aConversation, run(func(x ctx, c api) (conv, error) { return c.Conversations.Get(x, toTeam) }),
		"GET", "/groups/team/conversation", "", ""},
	{"list conversations", noMessages, firstPage(func(c api) *cometchat.PageList[cometchat.Conversation] {
		return c.Conversations.List(&cometchat.ConversationListOptions{
			Page: 2, PerPage: 5, SearchKey: "s", ConversationType: cometchat.ReceiverTypeUser, Unread: true, Tags: []string{"t", "u"}, WithTags: true,
			UserTags: []string{"v", "w"}, GroupTags: []string{"x", "y"}, WithUserAndGroupTags: true, IncludeBlockedUsers: true,
			WithBlockedInfo: true, HideAgentic: true, OnlyAgentic: true, UseCursoredIndex: cometchat.Ptr(false), Unique: true,
		})
	}), "GET", "/conversations", "conversationType=user&groupTags=x,y&hideAgentic=true&includeBlockedUsers=true&onlyAgentic=true" +
		"&page=2&perPage=5&searchKey=s&tags=t,u&unique=1&unread=true&useCursoredIndex=0&userTags=v,w&withBlockedInfo=true" +
		"&withTags=true&withUserAndGroupTags=true", ""},
	{"tag a conversation", aConversation, run(func(x ctx, c api) (conv, error) {
		return c.Conversations.Update(x, toBob, &cometchat.UpdateConversationRequest{Tags: cometchat.Tags{"vip"}})
	}), "PUT", "/users/bob/conversation", "", `{"tags":["vip"]}`},
	{"clear a group's tags", aConversation, run(func(x ctx, c api) (conv, error) {
		return c.Conversations.Update(x, toTeam, &cometchat.UpdateConversationRequest{Tags: cometchat.Tags{}})
	}), "PUT", "/groups/team/conversation", "", `{"tags":[]}`},
	{"reset", anAck, does(func(x ctx, c api) error {
		return c.Conversations.Reset(x, toBob, &cometchat.ResetConversationOptions{PreserveOrder: true, DeleteMessagesPermanently: true, ConversationWith: "bob"})
	}), "DELETE", "/users/bob/conversation", "", `{"preserveOrder":true,"deleteMessagesPermanently":true,"conversationWith":"bob"}`},
	{"reset a group's", anAck, does(func(x ctx, c api) error { return c.Conversations.Reset(x, toTeam, nil) }),
		"DELETE", "/groups/team/conversation", "", `{}`},
	{"delivered", anAck, does(func(x ctx, c api) error { return c.Conversations.MarkDelivered(x, toBob, "7") }),
		"POST", "/users/bob/conversation/delivered", "", `{"messageId":7}`},
	{"delivered in a group", anAck, does(func(x ctx, c api) error { return c.Conversations.MarkDelivered(x, toTeam, "7") }),
		"POST", "/groups/team/conversation/delivered", "", `{"messageId":7}`},
	{"read", anAck, does(func(x ctx, c api) error { return c.Conversations.MarkRead(x, toBob, "9007199254740993") }),
		"POST", "/users/bob/conversation/read", "", `{"messageId":9007199254740993}`},
	{"read all in a group", anAck, does(func(x ctx, c api) error { return c.Conversations.MarkRead(x, toTeam, "") }),
		"POST", "/groups/team/conversation/read", "", `{}`},
	{"unread", anAck, does(func(x ctx, c api) error { return c.Conversations.MarkUnread(x, toBob, "7") }),
		"DELETE", "/users/bob/conversation/read", "", `{"messageId":7}`},
	{"unread in a group", anAck, does(func(x ctx, c api) error { return c.Conversations.MarkUnread(x, toTeam, "7") }),
		"DELETE", "/groups/team/conversation/read", "", `{"messageId":7}`},
	{"pin a conversation", aConversation, run(func(x ctx, c api) (conv, error) { return c.Conversations.Pin(x, toBob) }),
		"POST", "/users/bob/conversation/pin", "", ""},
	{"pin a group's", aConversation, run(func(x ctx, c api) (conv, error) { return c.Conversations.Pin(x, toTeam) }),
		"POST", "/groups/team/conversation/pin", "", ""},
	{"unpin a conversation", aConversation, run(func(x ctx, c api) (conv, error) { return c.Conversations.Unpin(x, toBob) }),
		"DELETE", "/users/bob/conversation/pin", "", ""},
	{"unpin a group's", aConversation, run(func(x ctx, c api) (conv, error) { return c.Conversations.Unpin(x, toTeam) }),
		"DELETE", "/groups/team/conversation/pin", "", ""},
	{"list pinned", `{"data":[]}`, firstPage(func(c api) *cometchat.PageList[cometchat.Conversation] { return c.Conversations.ListPinned(nil) }),
		"GET", "/conversations/pinned", "", ""},
	{"replace pinned", `{"data":[]}`, run(func(x ctx, c api) ([]*cometchat.Conversation, error) {
		return c.Conversations.ReplacePinned(x, []cometchat.Receiver{toTeam, toBob})
	}), "PUT", "/conversations/pinned", "", `{"pinnedConversations":[{"guid":"team"},{"uid":"bob"}]}`},
	{"clear pinned", `{"data":[]}`, run(func(x ctx, c api) ([]*cometchat.Conversation, error) { return c.Conversations.ReplacePinned(x, nil) }),
		"PUT", "/conversations/pinned", "", `{"pinnedConversations":[]}`},

	{"create a reason", aReason, run(func(x ctx, c api) (*cometchat.ModerationReason, error) {
		return c.Moderation.Reasons.Create(x, &cometchat.CreateModerationReasonRequest{ID: "rude", Name: "Rude", Description: "Not nice"})
	}), "POST", "/moderation/reasons", "", `{"id":"rude","name":"Rude","description":"Not nice"}`},
	{"get a reason", aReason, run(func(x ctx, c api) (*cometchat.ModerationReason, error) { return c.Moderation.Reasons.Get(x, "rude") }),
		"GET", "/moderation/reasons/rude", "", ""},
	{"list reasons", noMessages, firstPage(func(c api) *cometchat.CursorList[cometchat.ModerationReason] { return c.Moderation.Reasons.List(nil) }),
		"GET", "/moderation/reasons", "", ""},
	{"update a reason", aReason, run(func(x ctx, c api) (*cometchat.ModerationReason, error) {
		return c.Moderation.Reasons.Update(x, "rude", &cometchat.UpdateModerationReasonRequest{Name: "Ruder"})
	}), "PUT", "/moderation/reasons/rude", "", `{"name":"Ruder"}`},
	{"delete a reason", aBareAck, does(func(x ctx, c api) error { return c.Moderation.Reasons.Delete(x, "rude") }),
		"DELETE", "/moderation/reasons/rude", "", ""},
}

// inner takes the envelope off an answer.
func inner(answer string) string {
	return strings.TrimSuffix(strings.TrimPrefix(answer, `{"data":`), "}")
}

func TestMessageRequests(t *testing.T) {
	called := map[string]bool{}
	for _, tt := range slices.Concat(messageWire, moderationWire, importWire) {
		t.Run(tt.name, func(t *testing.T) {
			requests := 0
			client := served(t, func(w http.ResponseWriter, r *http.Request) {
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
			}, once, cometchat.WithOnBehalfOf("ann"), cometchat.WithTracer(
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

// unescape is the query with commas and brackets readable, pairs apart.
func unescape(t *testing.T, query string) string {
	t.Helper()
	return strings.NewReplacer("%2C", ",", "%5B", "[", "%5D", "]").Replace(query)
}
