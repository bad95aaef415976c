package jscheck

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

const (
	awkward = `Zoë "Z" <z&z> ☃ 😀 / \ 日本`

	// all is more than the length of any list in this package.
	all = 1000
)

func metadata(t *testing.T, v any) cometchat.Metadata {
	t.Helper()
	m, err := cometchat.NewMetadata(v)
	require.NoError(t, err)
	return m
}

// witnessed is an emulator with a Go client and an SDK that is not logged in.
type witnessed struct {
	srv emulator
	app *cometchat.Client
	sdk *sdk
}

func witness(t *testing.T, srv emulator) *witnessed {
	t.Helper()
	app, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	require.NoError(t, err)
	w := &witnessed{srv: srv, app: app, sdk: startSDK(t)}
	host := strings.TrimSuffix(strings.TrimPrefix(srv.URL(), "http://"), "/v3")
	w.sdk.do(t, "init", args{"appId": "app-1", "host": host}, nil)
	return w
}

func TestSDK(t *testing.T) {
	for name, start := range emulators {
		t.Run(name, func(t *testing.T) {
			modules(t) // may skip the test, before a program is built in vain
			testSDK(t, witness(t, start(t)))
		})
	}
}

func testSDK(t *testing.T, w *witnessed) {
	t.Run("users the SDK writes", w.usersOfSDK)
	t.Run("users the Go client writes", w.usersOfClient)
	t.Run("groups", w.groups)
	t.Run("messages the Go client writes", w.messagesOfClient)
	t.Run("messages the SDK writes", w.messagesOfSDK)
	t.Run("conversations", w.conversations)
	t.Run("joining and leaving", w.joining)
	t.Run("blocking", w.blocking)
	t.Run("threads", w.threads)
	t.Run("flagging", w.flagging)
	t.Run("marking as unread", w.marking)
	t.Run("other calls", w.others)
	t.Run("profile", w.profile)
	t.Run("logging in and out", w.login)

	var strays []string
	w.sdk.do(t, "strays", nil, &strays)
	assert.Empty(t, strays, "the SDK wanted to ask another host")
	asked := map[string]bool{}
	for _, r := range w.srv.requests(t) {
		assert.NotEmpty(t, r.Route, "%s %s has no operation", r.Method, r.Path)
		assert.Less(t, r.Status, 500, "%s %s", r.Method, r.Path)
		if r.Headers.Get("sdk") != "" {
			asked[parameter.ReplaceAllString(r.Route, "{}")] = true
		}
	}
	t.Run("all of the SDK's endpoints", func(t *testing.T) { w.endpoints(t, asked) })
}

func (w *witnessed) usersOfSDK(t *testing.T) {
	_, err := w.app.Roles.Create(t.Context(), &cometchat.CreateRoleRequest{Role: "teacher", Name: "Teacher"})
	require.NoError(t, err)
	sent := map[string]any{
		"uid": "js-1", "name": awkward, "avatar": "https://img.example/a?x=1&y=2", "link": "https://example.com/js-1",
		"role": "teacher", "statusMessage": "here", "metadata": map[string]any{"@private": map[string]any{"n": 1.5}, "list": []any{"a"}},
		"tags": []any{"red", "blue & green"},
	}
	created := w.sdk.object(t, "createUser", args{"user": sent, "apiKey": w.srv.APIKey()})
	for name, value := range sent {
		assert.Equal(t, value, created[name], name)
	}
	read := w.readUser(t, "js-1")
	assert.Equal(t, viewUser(t, read), created)

	sent["name"], sent["tags"] = "Changed", []any{"red"}
	updated := w.sdk.object(t, "updateUser", args{"user": sent, "apiKey": w.srv.APIKey()})
	read = w.readUser(t, "js-1")
	assert.Equal(t, "Changed", read.Name)
	assert.Equal(t, cometchat.Tags{"red"}, read.Tags)
	assert.Equal(t, viewUser(t, read), updated)

	assert.Equal(t, string(cometchat.CodeUIDAlreadyExists), w.sdk.fails(t, "createUser", args{"user": sent, "apiKey": w.srv.APIKey()}))
	assert.Equal(t, "AUTH_ERR_APIKEY_NOT_FOUND", w.sdk.fails(t, "createUser", args{"user": sent, "apiKey": "wrong"}))
}

// readUser returns a user with tags, which only lists include.
func (w *witnessed) readUser(t *testing.T, uid string) *cometchat.User {
	t.Helper()
	users, err := w.app.Users.List(&cometchat.UserListOptions{SearchKey: uid, WithTags: true}).Collect(t.Context(), all)
	require.NoError(t, err)
	require.Len(t, users, 1)
	return users[0]
}

func (w *witnessed) usersOfClient(t *testing.T) {
	ctx := t.Context()
	for i := range 5 {
		_, err := w.app.Users.Create(ctx, &cometchat.CreateUserRequest{
			UID: fmt.Sprintf("go-%d", i), Name: fmt.Sprintf("%d %s", i, awkward),
			Avatar: "https://img.example/g", Link: "https://example.com/g", StatusMessage: "busy",
			Metadata: metadata(t, map[string]any{"i": i, "nested": map[string]any{"ok": true, "none": nil}}),
			Tags:     cometchat.Tags{"staff", "go"},
		})
		require.NoError(t, err)
	}
	name := "Changed by Go"
	_, err := w.app.Users.Update(ctx, "go-1", &cometchat.UpdateUserRequest{
		Name: &name, Tags: cometchat.Tags{}, Unset: []cometchat.UserField{cometchat.UserFieldAvatar, cometchat.UserFieldMetadata},
	})
	require.NoError(t, err)
	w.srv.seed(t, `{"users":[{"uid":"online","status":"available"}]}`)
	_, err = w.app.BlockedUsers.Block(ctx, "js-1", []string{"go-2"})
	require.NoError(t, err)
	_, err = w.app.BlockedUsers.Block(ctx, "go-3", []string{"js-1"})
	require.NoError(t, err)
	_, err = w.app.Users.Deactivate(ctx, []string{"go-4"})
	require.NoError(t, err)

	me := w.sdk.object(t, "login", args{"uid": "js-1", "apiKey": w.srv.APIKey()})
	assert.Equal(t, "js-1", me["uid"])
	assert.Equal(t, "Changed", me["name"])

	as := w.app.OnBehalfOf("js-1")
	users, err := as.Users.List(&cometchat.UserListOptions{WithTags: true}).Collect(ctx, all)
	require.NoError(t, err)
	want := viewAll(t, users, viewUser)
	assert.Equal(t, want, w.sdk.list(t, "users", args{"limit": 2}))
	assert.Len(t, want, 6)
	assert.ElementsMatch(t, []string{
		"uid", "name", "avatar", "link", "role", "status", "statusMessage", "metadata", "tags",
		"blockedByMe", "hasBlockedMe", "createdAt", "updatedAt", "conversationId",
	}, names(want))

	for _, filter := range []struct {
		sdk args
		api cometchat.UserListOptions
	}{
		{args{"limit": 3, "tags": []string{"staff", "none"}}, cometchat.UserListOptions{Tags: []string{"staff", "none"}}},
		{args{"limit": 3, "searchKey": "Changed"}, cometchat.UserListOptions{SearchKey: "changed"}},
	} {
		filter.api.WithTags = true
		users, err := as.Users.List(&filter.api).Collect(ctx, all)
		require.NoError(t, err)
		assert.NotEmpty(t, users)
		assert.Less(t, len(users), 6)
		assert.Equal(t, viewAll(t, users, viewUser), w.sdk.list(t, "users", filter.sdk))
	}

	user, err := as.Users.Get(ctx, "go-0")
	require.NoError(t, err)
	assert.Equal(t, viewUser(t, user), w.sdk.object(t, "user", args{"uid": "go-0"}))
	assert.Equal(t, string(cometchat.CodeUIDNotFound), w.sdk.fails(t, "user", args{"uid": "go-4"}))
}

func (w *witnessed) groups(t *testing.T) {
	ctx, as := t.Context(), w.app.OnBehalfOf("js-1")
	_, err := w.app.Groups.Create(ctx, &cometchat.CreateGroupRequest{
		GUID: "go-team", Name: awkward, Type: cometchat.GroupTypePublic, Icon: "https://img.example/t",
		Description: "All of us", Owner: "go-0", Metadata: metadata(t, map[string]any{"room": 7}),
		Tags:    cometchat.Tags{"team"},
		Members: cometchat.AddMembersRequest{Moderators: []string{"js-1"}, Participants: []string{"go-1", "go-2"}},
	})
	require.NoError(t, err)
	_, err = w.app.Groups.Create(ctx, &cometchat.CreateGroupRequest{
		GUID: "go-vault", Name: "Vault", Type: cometchat.GroupTypePassword, Password: "open sesame",
	})
	require.NoError(t, err)
	description := "All of us, still"
	_, err = w.app.Groups.Update(ctx, "go-team", &cometchat.UpdateGroupRequest{Description: &description})
	require.NoError(t, err)

	sent := map[string]any{
		"guid": "js-team", "name": awkward, "type": "public", "icon": "https://img.example/j", "description": "Of the SDK",
		"metadata": map[string]any{"by": "sdk"}, "tags": []any{"team", "js"},
	}
	created := w.sdk.object(t, "createGroup", args{"group": sent})
	for name, value := range sent {
		assert.Equal(t, value, created[name], name)
	}
	assert.Equal(t, "js-1", created["owner"])
	group, err := as.Groups.Get(ctx, "js-team")
	require.NoError(t, err)
	assert.Equal(t, viewGroup(t, group), created)
	sent["name"] = "Renamed"
	updated := w.sdk.object(t, "updateGroup", args{"group": sent})
	group, err = as.Groups.Get(ctx, "js-team")
	require.NoError(t, err)
	assert.Equal(t, "Renamed", group.Name)
	assert.Equal(t, viewGroup(t, group), updated)

	groups, err := as.Groups.List(&cometchat.GroupListOptions{WithTags: true}).Collect(ctx, all)
	require.NoError(t, err)
	want := viewAll(t, groups, viewGroup)
	assert.Len(t, want, 3)
	assert.Equal(t, want, w.sdk.list(t, "groups", args{"limit": 2}))
	assert.ElementsMatch(t, []string{
		"guid", "name", "type", "icon", "description", "owner", "metadata", "tags", "membersCount",
		"scope", "hasJoined", "joinedAt", "createdAt", "updatedAt", "conversationId",
	}, names(want))
	assert.Equal(t, viewGroup(t, group), w.sdk.object(t, "group", args{"guid": "js-team"}))
	assert.Equal(t, string(cometchat.CodeGUIDNotFound), w.sdk.fails(t, "group", args{"guid": "ghost"}))

	members, err := as.GroupMembers.List("go-team", nil).Collect(ctx, all)
	require.NoError(t, err)
	assert.Len(t, members, 4)
	assert.Equal(t, viewAll(t, members, viewMember), w.sdk.list(t, "members", args{"guid": "go-team", "limit": 3}))
}

func (w *witnessed) messagesOfClient(t *testing.T) {
	ctx, as := t.Context(), w.app.OnBehalfOf("js-1")
	author := w.app.OnBehalfOf("go-0")
	send := func(to cometchat.Receiver, req *cometchat.SendMessageRequest) *cometchat.Message {
		t.Helper()
		m, err := author.Messages.Send(ctx, to, req)
		require.NoError(t, err)
		return m
	}
	team, me := cometchat.ToGroup("go-team"), cometchat.ToUser("js-1")

	for _, to := range []cometchat.Receiver{team, me} {
		first := send(to, &cometchat.SendMessageRequest{
			Text: awkward, MUID: "muid-1", Tags: cometchat.Tags{"pinned", "a b"},
			Metadata: metadata(t, map[string]any{"n": 1, "list": []int{1, 2}}),
		})
		send(to, &cometchat.SendMessageRequest{Text: "hello <@uid:js-1> and <@uid:go-1>", QuotedMessageID: first.ID})
		send(to, &cometchat.SendMessageRequest{
			Type: cometchat.MessageTypeImage, Text: "a caption", Metadata: metadata(t, map[string]any{"w": 3}),
			Attachments: []cometchat.Attachment{
				{URL: "https://files.example/a.png", Name: "a.png", MimeType: "image/png", Extension: "png", Size: 3502},
				{URL: "https://files.example/b.png", Name: "b.png", MimeType: "image/png", Extension: "png", Size: 12},
			},
		})
		send(to, &cometchat.SendMessageRequest{
			Type: "location", CustomData: map[string]any{"lat": 50.6192, "lon": -0.25}, Metadata: metadata(t, map[string]any{"c": true}),
		})
		send(to, &cometchat.SendMessageRequest{
			Type: cometchat.MessageTypeForm, InteractiveData: map[string]any{"title": "Survey", "formFields": []any{}},
		})
		gone := send(to, &cometchat.SendMessageRequest{Text: "to be deleted"})
		for i := range 2 {
			_, err := author.Threads.Reply(ctx, first.ID, to, &cometchat.SendMessageRequest{Text: fmt.Sprintf("reply %d", i)})
			require.NoError(t, err)
		}
		_, err := as.Reactions.Add(ctx, first.ID, "👍")
		require.NoError(t, err)
		_, err = author.Reactions.Add(ctx, first.ID, "👍")
		require.NoError(t, err)
		_, err = author.Reactions.Add(ctx, first.ID, "🎉")
		require.NoError(t, err)
		text := "edited " + awkward
		_, err = author.Messages.Update(ctx, first.ID, &cometchat.UpdateMessageRequest{Text: &text})
		require.NoError(t, err)
		_, err = author.Messages.Delete(ctx, gone.ID, nil)
		require.NoError(t, err)
		_, err = as.Messages.Pin(ctx, first.ID)
		require.NoError(t, err)
		_, err = as.Messages.Save(ctx, first.ID)
		require.NoError(t, err)
		err = as.Conversations.MarkRead(ctx, other(to), first.ID)
		require.NoError(t, err)

		t.Run(map[bool]string{true: "user", false: "group"}[to == me], func(t *testing.T) {
			list, in := as.Messages.ListWith(cometchat.ToGroup("go-team"), withTags), args{"guid": "go-team"}
			if to == me {
				list, in = as.Messages.ListWith(cometchat.ToUser("go-0"), withTags), args{"uid": "go-0"}
			}
			assert.ElementsMatch(t, []string{
				"id", "muid", "conversationId", "sender", "receiverId", "receiver", "receiverType", "category", "type",
				"text", "caption", "metadata", "customData", "interactiveData", "attachments", "tags", "action", "actionOn",
				"sentAt", "updatedAt", "deliveredAt", "readAt", "editedAt", "editedBy", "deletedAt", "deletedBy",
				"parentId", "replyCount", "quotedMessageId", "mentions", "reactions", "pinnedAt", "pinnedBy", "savedAt",
			}, names(w.sameMessages(t, list, in)))
			replies := as.Threads.ListReplies(first.ID, &cometchat.ReplyListOptions{})
			w.sameMessages(t, replies, args{"parentId": first.ID})
		})
	}

	counts, err := as.Messages.UnreadCounts(ctx, nil)
	require.NoError(t, err)
	want := map[string]any{"users": map[string]any{}, "groups": map[string]any{}}
	for _, c := range counts {
		want[string(c.EntityType)+"s"].(map[string]any)[c.EntityID] = float64(c.Count)
	}
	assert.NotEmpty(t, counts)
	assert.Equal(t, want, w.sdk.object(t, "unread", nil))
}

var withTags = &cometchat.ConversationMessageListOptions{WithTags: true}

// other returns the conversation in which js-1 sees what go-0 sends to a
// receiver.
func other(to cometchat.Receiver) cometchat.Receiver {
	if to == cometchat.ToUser("js-1") {
		return cometchat.ToUser("go-0")
	}
	return to
}

// sameMessages checks that both clients walk over the same messages.
func (w *witnessed) sameMessages(t *testing.T, list *cometchat.CursorList[cometchat.Message], in args) []map[string]any {
	t.Helper()
	messages, err := list.Collect(t.Context(), all)
	require.NoError(t, err)
	want := viewAll(t, messages, viewMessage)
	require.NotEmpty(t, want)
	in["limit"] = 3
	assert.Equal(t, want, w.sdk.list(t, "messages", in), "backwards from the newest")
	in["after"] = messages[0].ID
	assert.Equal(t, want[1:], w.sdk.list(t, "messages", in), "forwards from the first")
	return want
}

func (w *witnessed) messagesOfSDK(t *testing.T) {
	ctx, as := t.Context(), w.app.OnBehalfOf("js-1")
	read := func(id any) *cometchat.Message {
		t.Helper()
		m, err := as.Messages.Get(ctx, id.(string))
		require.NoError(t, err)
		return m
	}
	// same checks that the Go client reads a message as the SDK has it. Only
	// lists, and the response to the writer, include tags.
	same := func(got map[string]any) *cometchat.Message {
		t.Helper()
		m := read(got["id"])
		want := viewMessage(t, m)
		tags := got["tags"]
		delete(got, "tags")
		assert.Equal(t, want, got)
		if tags != nil {
			got["tags"] = tags
		}
		return m
	}
	for _, to := range []args{{"to": "js-team", "toType": "group"}, {"to": "go-0", "toType": "user"}} {
		t.Run(to["toType"].(string), func(t *testing.T) {
			with := func(more args) args {
				for name, value := range to {
					more[name] = value
				}
				return more
			}
			sent := w.sdk.object(t, "sendText", with(args{
				"text": awkward, "muid": "sdk-1", "tags": []string{"a", "b c"}, "metadata": map[string]any{"k": []any{1.5, "v"}},
			}))
			m := same(sent)
			assert.Equal(t, awkward, m.Text())
			assert.Equal(t, "sdk-1", m.MUID)
			assert.Equal(t, "js-1", m.Sender)
			assert.Equal(t, to["to"], m.Receiver)
			assert.JSONEq(t, `{"k":[1.5,"v"]}`, m.Data.Metadata.String())
			assert.Equal(t, []any{"a", "b c"}, sent["tags"])
			found, err := as.Messages.FindByMUID(ctx, receiver(to), "sdk-1", all)
			require.NoError(t, err)
			require.NotNil(t, found)
			assert.Equal(t, m.ID, found.ID)

			custom := same(w.sdk.object(t, "sendCustom", with(args{
				"type": "location", "customData": map[string]any{"lat": 50.6}, "metadata": map[string]any{"c": 1},
			})))
			assert.Equal(t, cometchat.MessageCategoryCustom, custom.Category)
			assert.JSONEq(t, `{"lat":50.6}`, custom.Data.CustomData.String())

			reply := same(w.sdk.object(t, "sendText", with(args{"text": "reply", "parentId": m.ID})))
			assert.Equal(t, m.ID, reply.ParentID)
			quoting := same(w.sdk.object(t, "sendText", with(args{"text": "quoting", "quotedMessageId": m.ID})))
			require.NotNil(t, quoting.QuotedMessage)
			assert.Equal(t, m.ID, quoting.QuotedMessage.ID)

			w.sdk.do(t, "react", args{"id": m.ID, "reaction": "🎉"}, nil)
			assert.Equal(t, []cometchat.ReactionCount{{Reaction: "🎉", Count: 1, ReactedByMe: true}}, read(m.ID).ReactionCounts())

			w.sdk.do(t, "editText", with(args{"id": m.ID, "text": "edited", "metadata": map[string]any{"k": 2}, "tags": []string{"c"}}), nil)
			edited := read(m.ID)
			assert.Equal(t, "edited", edited.Text())
			assert.Equal(t, "js-1", edited.EditedBy)
			assert.JSONEq(t, `{"k":2}`, edited.Data.Metadata.String())
			assert.Equal(t, viewMessage(t, edited), w.sdk.object(t, "message", args{"id": m.ID}))

			w.sdk.do(t, "deleteMessage", args{"id": quoting.ID}, nil)
			gone := read(quoting.ID)
			assert.True(t, gone.IsDeleted())
			assert.Equal(t, "js-1", gone.DeletedBy)
			assert.Equal(t, viewMessage(t, gone), w.sdk.object(t, "message", args{"id": quoting.ID}))

			list, in := as.Messages.ListWith(cometchat.ToGroup("js-team"), withTags), args{"guid": "js-team"}
			if to["toType"] == "user" {
				list, in = as.Messages.ListWith(cometchat.ToUser("go-0"), withTags), args{"uid": "go-0"}
			}
			w.sameMessages(t, list, in)
		})
	}
	assert.Equal(t, string(cometchat.CodeMessageIDNotFound), w.sdk.fails(t, "message", args{"id": "99999"}))
	assert.Equal(t, string(cometchat.CodeBlockedSender), w.sdk.fails(t, "sendText", args{"to": "go-3", "toType": "user", "text": "hello?"}))
}

func receiver(to args) cometchat.Receiver {
	if to["toType"] == "group" {
		return cometchat.ToGroup(to["to"].(string))
	}
	return cometchat.ToUser(to["to"].(string))
}

func (w *witnessed) conversations(t *testing.T) {
	ctx, as := t.Context(), w.app.OnBehalfOf("js-1")
	_, err := w.app.OnBehalfOf("go-1").Messages.Send(ctx, cometchat.ToUser("js-1"), &cometchat.SendMessageRequest{Text: "unread " + awkward})
	require.NoError(t, err)
	_, err = as.Conversations.Pin(ctx, cometchat.ToGroup("go-team"))
	require.NoError(t, err)
	_, err = as.Conversations.Update(ctx, cometchat.ToUser("go-0"), &cometchat.UpdateConversationRequest{Tags: cometchat.Tags{"work"}})
	require.NoError(t, err)

	conversations, err := as.Conversations.List(&cometchat.ConversationListOptions{WithTags: true, WithUserAndGroupTags: true}).Collect(ctx, all)
	require.NoError(t, err)
	want := viewAll(t, conversations, viewConversation)
	assert.Len(t, want, 4)
	assert.ElementsMatch(t, []string{
		"conversationId", "conversationType", "unreadMessageCount", "lastMessage", "conversationWith", "tags", "pinnedAt", "pinnedBy",
	}, names(want))
	assert.Equal(t, want, w.sdk.list(t, "conversations", args{"limit": 2}))

	for _, with := range []cometchat.Receiver{cometchat.ToUser("go-1"), cometchat.ToGroup("go-team")} {
		one, err := as.Conversations.Get(ctx, with)
		require.NoError(t, err)
		in := args{"with": "go-1", "type": "user"}
		if with == cometchat.ToGroup("go-team") {
			in = args{"with": "go-team", "type": "group"}
		}
		assert.Equal(t, viewConversation(t, one), w.sdk.object(t, "conversation", in))
	}
	assert.Equal(t, string(cometchat.CodeConversationNotAccessible), w.sdk.fails(t, "conversation", args{"with": "go-2", "type": "user"}))
}

func (w *witnessed) profile(t *testing.T) {
	sent := map[string]any{
		"uid": "js-1", "name": "Myself", "avatar": "https://img.example/new", "link": "https://example.com/new",
		"statusMessage": "gone fishing", "metadata": map[string]any{"theme": "dark"}, "tags": []any{"me"},
	}
	updated := w.sdk.object(t, "updateMe", args{"user": sent})
	got := viewUser(t, w.readUser(t, "js-1"))
	for name, value := range sent {
		assert.Equal(t, value, got[name], name)
		assert.Equal(t, value, updated[name], name)
	}
	assert.Equal(t, "teacher", got["role"])
}

func (w *witnessed) login(t *testing.T) {
	ctx := t.Context()
	tokens, err := w.app.AuthTokens.List("js-1", nil).Collect(ctx, all)
	require.NoError(t, err)
	require.Len(t, tokens, 1)
	assert.Equal(t, "WEB", tokens[0].Platform)
	assert.False(t, tokens[0].AppInfo.IsEmpty())

	w.sdk.do(t, "logout", nil, nil)
	tokens, err = w.app.AuthTokens.List("js-1", nil).Collect(ctx, all)
	require.NoError(t, err)
	assert.Empty(t, tokens)
	assert.Equal(t, "USER_NOT_LOGED_IN", w.sdk.fails(t, "user", args{"uid": "go-0"}))

	// A token of the Go client is for logging in.
	token, err := w.app.AuthTokens.Create(ctx, "go-0", nil)
	require.NoError(t, err)
	me := w.sdk.object(t, "login", args{"authToken": token.AuthToken})
	assert.Equal(t, "go-0", me["uid"])
	users := w.sdk.list(t, "users", args{"limit": 100})
	assert.NotEmpty(t, users)

	err = w.app.AuthTokens.Flush(ctx, "go-0")
	require.NoError(t, err)
	assert.Equal(t, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", w.sdk.fails(t, "user", args{"uid": "go-1"}))
}
