package jscheck

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

// parameter matches a part of a path that each side names differently.
var parameter = regexp.MustCompile(`\{+[^}]*\}+`)

// elsewhere are the endpoints of the SDK's table for what the emulator does not
// have, by the beginning of their paths.
var elsewhere = []string{
	"/ai/", "/calls", "/campaigns/", "/files/", "/me/jwt", "/notifications/",
}

// unused are endpoints that no method of the SDK requests, and one that the SDK
// requests by itself some time after the login.
var unused = []string{
	"login POST /admin/users/auth",
	"logout DELETE /admin/users/auth/{{authToken}}",
	"promotemoteGroupMember PUT /groups/{{guid}}/promote",
	"demoteGroupMember DELETE /groups/{{guid}}/demote",
	"getMessage GET /user/messages/{{muid}}",
	"userSessions POST /user_sessions",
}

// endpoints checks that every endpoint in the SDK's table was requested, except
// those in elsewhere and unused.
func (w *witnessed) endpoints(t *testing.T, asked map[string]bool) {
	var table, missing []string
	w.sdk.do(t, "endpoints", nil, &table)
	require.Greater(t, len(table), 100)
	assert.Subset(t, table, unused)
	for _, endpoint := range table {
		_, operation, _ := strings.Cut(endpoint, " ")
		_, path, _ := strings.Cut(operation, " ")
		foreign := slices.ContainsFunc(elsewhere, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
		if !foreign && !slices.Contains(unused, endpoint) && !asked[parameter.ReplaceAllString(operation, "{}")] {
			missing = append(missing, endpoint)
		}
	}
	assert.Empty(t, missing, "endpoints that no call went to")
}

// call calls a method of the SDK that takes and returns plain values.
func (w *witnessed) call(t *testing.T, method string, in ...any) (out any) {
	t.Helper()
	w.sdk.do(t, "call", args{"method": method, "args": append([]any{}, in...)}, &out)
	return out
}

func (w *witnessed) joining(t *testing.T) {
	ctx, as := t.Context(), w.app.OnBehalfOf("js-1")
	w.srv.seed(t, `{"groups":[
		{"guid":"open","name":"Open","owner":"go-0"},
		{"guid":"shut","name":"Shut","type":"password","password":"open sesame","owner":"go-0"}
	]}`)
	w.sdk.do(t, "joinGroup", args{"guid": "open", "type": "public"}, nil)
	joined := w.sdk.object(t, "joinGroup", args{"guid": "shut", "type": "password", "password": "open sesame"})
	group, err := as.Groups.Get(ctx, "shut")
	require.NoError(t, err)
	assert.True(t, group.HasJoined)
	for _, name := range []string{"guid", "name", "type", "owner", "membersCount"} {
		assert.Equal(t, viewGroup(t, group)[name], joined[name], name)
	}
	assert.Equal(t, true, joined["hasJoined"])
	assert.Equal(t, string(cometchat.CodeAlreadyJoined), w.sdk.fails(t, "joinGroup", args{"guid": "open", "type": "public"}))

	assert.Equal(t, true, w.call(t, "leaveGroup", "open"))
	group, err = as.Groups.Get(ctx, "open")
	require.NoError(t, err)
	assert.False(t, group.HasJoined)

	added := w.sdk.object(t, "addMembers", args{
		"guid": "js-team", "ban": []string{"go-3"},
		"members": []args{{"uid": "go-0", "scope": "admin"}, {"uid": "go-1", "scope": "participant"}, {"uid": "ghost", "scope": "moderator"}},
	})
	assert.Equal(t, []any{"success", "success", "success"}, []any{added["go-0"], added["go-1"], added["go-3"]})
	assert.NotEqual(t, "success", added["ghost"])
	assert.Len(t, added, 4)
	assert.Equal(t, map[string]any{"go-1": "success"},
		w.sdk.object(t, "addMembers", args{"guid": "js-team", "ban": []string{}, "members": []args{{"uid": "go-1", "scope": "moderator"}}}))

	w.call(t, "updateGroupMemberScope", "js-team", "go-1", "participant")
	banned := w.sdk.list(t, "banned", args{"guid": "js-team", "limit": 1})
	require.Len(t, banned, 1)
	assert.Equal(t, "go-3", banned[0]["uid"])
	w.call(t, "unbanGroupMember", "js-team", "go-3")
	w.call(t, "kickGroupMember", "js-team", "go-1")
	w.sdk.do(t, "addMembers", args{"guid": "js-team", "ban": []string{}, "members": []args{{"uid": "go-1", "scope": "participant"}}}, nil)
	w.call(t, "banGroupMember", "js-team", "go-1")

	w.call(t, "transferGroupOwnership", "js-team", "go-0")
	group, err = as.Groups.Get(ctx, "js-team")
	require.NoError(t, err)
	assert.Equal(t, "go-0", group.Owner)
	assert.Equal(t, "ERR_GROUP_NO_CLEARANCE", w.sdk.fails(t, "call", args{"method": "transferGroupOwnership", "args": []any{"js-team", "js-1"}}))

	sent := map[string]any{"guid": "js-short", "name": "Short", "type": "private"}
	w.sdk.do(t, "createGroupWith", args{"group": sent, "uid": "go-0"}, nil)
	assert.Equal(t, true, w.call(t, "deleteGroup", "js-short"))
	_, err = as.Groups.Get(ctx, "js-short")
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
}

func (w *witnessed) blocking(t *testing.T) {
	result := w.call(t, "blockUsers", []string{"go-1", "online"}).(map[string]any)
	assert.Equal(t, true, result["go-1"].(map[string]any)["success"])
	as := w.app.OnBehalfOf("js-1")
	for direction, want := range map[string]*cometchat.BlockedUserListOptions{
		"blockedByMe":  {Direction: cometchat.BlockDirectionOutgoing},
		"hasBlockedMe": {Direction: cometchat.BlockDirectionIncoming},
		"both":         {Direction: cometchat.BlockDirectionBoth},
	} {
		users, err := as.BlockedUsers.List("js-1", want).Collect(t.Context(), all)
		require.NoError(t, err)
		require.NotEmpty(t, users)
		assert.Equal(t, viewAll(t, users, viewUser), w.sdk.list(t, "blocked", args{"limit": 1, "direction": direction}), direction)
	}
	found := w.sdk.list(t, "blocked", args{"limit": 5, "direction": "both", "searchKey": "onl"})
	require.Len(t, found, 1)
	assert.Equal(t, "online", found[0]["uid"])
	w.call(t, "unblockUsers", []string{"go-1", "online"})
	assert.Len(t, w.sdk.list(t, "blocked", args{"limit": 5, "direction": "blockedByMe"}), 1)
}

func (w *witnessed) threads(t *testing.T) {
	walked := func(in args) (ids []any) {
		for _, thread := range w.sdk.list(t, "threads", in) {
			ids = append(ids, thread["parentId"])
		}
		return ids
	}
	threads, err := w.app.OnBehalfOf("js-1").Threads.List(nil).Collect(t.Context(), all)
	require.NoError(t, err)
	require.Len(t, threads, 4)
	byID := map[string]*cometchat.Message{}
	for _, thread := range threads {
		byID[thread.ID] = thread
	}
	for _, got := range w.sdk.list(t, "threads", args{"limit": 3}) {
		thread := byID[got["parentId"].(string)]
		require.NotNil(t, thread)
		assert.Equal(t, full(t, map[string]any{
			"parentId": thread.ID, "parent": viewMessage(t, thread), "replyCount": thread.ReplyCount,
			"lastReply": thread.LastReply.ID, "updatedAt": thread.UpdatedAt, "conversationId": thread.ConversationID,
			"receiverType": thread.ReceiverType, "receiverId": thread.Receiver,
		}), got)
		delete(byID, thread.ID)
	}
	assert.Empty(t, byID)
	inTeam, withGo := walked(args{"limit": 1, "guid": "go-team"}), walked(args{"limit": 1, "uid": "go-0"})
	assert.Len(t, inTeam, 1)
	assert.Len(t, withGo, 2)
	w.call(t, "subscribeToThread", inTeam[0])
	w.call(t, "unsubscribeFromThread", inTeam[0])
}

// newest sends a message from go-0 to the team of the Go client.
func (w *witnessed) newest(t *testing.T, text string) *cometchat.Message {
	t.Helper()
	m, err := w.app.OnBehalfOf("go-0").Messages.Send(t.Context(), cometchat.ToGroup("go-team"), &cometchat.SendMessageRequest{Text: text})
	require.NoError(t, err)
	return m
}

func (w *witnessed) flagging(t *testing.T) {
	reasons, err := w.app.Moderation.Reasons.List(nil).Collect(t.Context(), all)
	require.NoError(t, err)
	var want []any
	for _, r := range reasons {
		want = append(want, map[string]any{
			"id": r.ID, "name": r.Name, "description": r.Description,
			"createdAt": float64(r.CreatedAt), "updatedAt": float64(r.UpdatedAt), "default": r.Default,
		})
	}
	assert.NotEmpty(t, want)
	assert.Equal(t, want, w.call(t, "getFlagReasons"))
	m := w.newest(t, "buy!")
	w.call(t, "flagMessage", m.ID, args{"reasonId": "spam", "remark": "twice"})
	flagged, err := w.app.Moderation.Reviews.ListFlagged(nil).Collect(t.Context(), all)
	require.NoError(t, err)
	require.Len(t, flagged, 1)
	require.Len(t, flagged[0].FlaggedBy, 1)
	by := flagged[0].FlaggedBy[0]
	assert.Equal(t, []string{m.ID, "js-1", "spam", "twice"}, []string{flagged[0].Message.ID, by.UID, by.ReasonID, by.Remark})
}

func (w *witnessed) marking(t *testing.T) {
	for _, to := range []cometchat.Receiver{cometchat.ToGroup("go-team"), cometchat.ToUser("js-1")} {
		author, as := w.app.OnBehalfOf("go-0"), w.app.OnBehalfOf("js-1")
		var ids []string
		for _, text := range []string{"one", "two <@uid:js-1>", "three"} {
			m, err := author.Messages.Send(t.Context(), to, &cometchat.SendMessageRequest{Text: text})
			require.NoError(t, err)
			ids = append(ids, m.ID)
		}
		kind, with := "user", "go-0"
		if to == cometchat.ToGroup("go-team") {
			kind, with = "group", "go-team"
		}
		w.call(t, "markConversationAsDelivered", with, kind)
		w.call(t, "markConversationAsRead", with, kind)
		read := w.sdk.object(t, "readState", args{"with": with, "type": kind})
		assert.Equal(t, []any{0.0, ids[2], ids[2]}, []any{read["unreadMentionsCount"], read["lastReadMessageId"], read["latestMessageId"]})

		got := w.sdk.object(t, "markMessageAsUnread", args{"id": ids[0]})
		want, err := as.Conversations.Get(t.Context(), other(to))
		require.NoError(t, err)
		view := viewConversation(t, want)
		tags := got["conversation"].(map[string]any)["tags"]
		delete(got["conversation"].(map[string]any), "tags")
		assert.Equal(t, view, got["conversation"])
		if kind == "user" {
			assert.Equal(t, []any{"work"}, tags)
		}
		assert.Equal(t, []any{2.0, 1.0, ids[0], ids[2]},
			[]any{view["unreadMessageCount"], got["unreadMentionsCount"], got["lastReadMessageId"], got["latestMessageId"]})
		w.sdk.do(t, "markAsUnread", args{"id": ids[1]}, nil)
	}
}

// others calls what no other test in this package has called.
func (w *witnessed) others(t *testing.T) {
	m := w.newest(t, "see above")
	id := m.ID
	w.sdk.do(t, "react", args{"id": id, "reaction": "🎉"}, nil)
	w.sdk.do(t, "react", args{"id": id, "reaction": "👍"}, nil)
	var reactions []string
	w.sdk.do(t, "reactions", args{"id": id, "limit": 1}, &reactions)
	assert.ElementsMatch(t, []string{"🎉", "👍"}, reactions)
	w.sdk.do(t, "reactions", args{"id": id, "limit": 1, "reaction": "👍"}, &reactions)
	assert.Equal(t, []string{"👍"}, reactions)
	w.call(t, "removeReaction", id, "👍")
	for _, list := range []string{"pinned", "saved"} {
		write := map[string]string{"pinned": "pinMessage", "saved": "saveMessage"}[list]
		before := len(w.sdk.list(t, "messages", args{"guid": "go-team", "limit": 100, list: true}))
		w.call(t, write, id)
		marked := w.sdk.list(t, "messages", args{"guid": "go-team", "limit": 100, list: true})
		require.Len(t, marked, before+1, list)
		assert.Equal(t, id, marked[before]["id"])
		w.call(t, "un"+write, id)
		assert.Len(t, w.sdk.list(t, "messages", args{"guid": "go-team", "limit": 100, list: true}), before, list)
	}
	w.call(t, "getMessageReceipts", id)
	assert.Len(t, w.sdk.list(t, "members", args{"guid": "go-team", "limit": 1, "searchKey": "Go-1"}), 1)
	for _, to := range []args{{"with": "go-0", "type": "user"}, {"with": "js-team", "type": "group"}} {
		with, kind := to["with"], to["type"]
		w.call(t, "pinConversation", with, kind)
		w.call(t, "unpinConversation", with, kind)
		tagged := w.sdk.object(t, "tagConversation", args{"with": with, "type": kind, "tags": []string{"t"}})
		assert.Equal(t, []any{"t"}, tagged["tags"])
	}
	form := w.sdk.object(t, "sendInteractive", args{"to": "js-team", "toType": "group", "type": "form", "data": args{"title": "Survey", "formFields": []any{}}})
	w.call(t, "markAsInteracted", form["id"], "button-1")
	for _, method := range []string{"getUnreadMessageCountForAllUsers", "getUnreadMessageCountForAllGroups"} {
		w.call(t, method)
	}
	assert.Equal(t, map[string]any{"go-0": 2.0}, w.call(t, "getUnreadMessageCountForUser", "go-0"))
	assert.Equal(t, map[string]any{}, w.call(t, "getUnreadMessageCountForGroup", "js-team"))
	assert.NotEmpty(t, w.call(t, "getAppSettings").(map[string]any)["flagReasons"])
	w.sdk.do(t, "call", args{"method": "updateJWT", "args": []any{}}, nil)
	w.call(t, "deleteConversation", "js-team", "group")
	w.call(t, "deleteConversation", "go-1", "user")
	assert.Equal(t, string(cometchat.CodeConversationNotAccessible), w.sdk.fails(t, "conversation", args{"with": "go-1", "type": "user"}))
}
