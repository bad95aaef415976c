package jscheck

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

// The views show what the Go client read in the shape in which witness.mjs shows
// what the SDK read. Members that are not set are left out.

func full(t *testing.T, members map[string]any) map[string]any {
	t.Helper()
	b, err := json.Marshal(members)
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, json.Unmarshal(b, &out))
	for name, value := range out {
		switch v := value.(type) {
		case nil:
			delete(out, name)
		case string:
			if v == "" {
				delete(out, name)
			}
		case float64:
			if v == 0 {
				delete(out, name)
			}
		case bool:
			if !v {
				delete(out, name)
			}
		case []any:
			if len(v) == 0 {
				delete(out, name)
			}
		case map[string]any:
			if len(v) == 0 {
				delete(out, name)
			}
		}
	}
	return out
}

func viewUser(t *testing.T, u *cometchat.User) map[string]any {
	t.Helper()
	status := u.Status
	if status == cometchat.UserStatusAvailable {
		status = "online" // the SDK's word for it
	}
	return full(t, map[string]any{
		"uid": u.UID, "name": u.Name, "avatar": u.Avatar, "link": u.Link, "role": u.Role,
		"status": status, "statusMessage": u.StatusMessage, "metadata": u.Metadata, "tags": u.Tags,
		"blockedByMe": u.BlockedByMe, "hasBlockedMe": u.HasBlockedMe,
		"lastActiveAt": u.LastActiveAt, "deactivatedAt": u.DeactivatedAt,
		"createdAt": u.CreatedAt, "updatedAt": u.UpdatedAt, "conversationId": u.ConversationID,
	})
}

func viewGroup(t *testing.T, g *cometchat.Group) map[string]any {
	t.Helper()
	return full(t, map[string]any{
		"guid": g.GUID, "name": g.Name, "type": g.Type, "icon": g.Icon, "description": g.Description,
		"owner": g.Owner, "metadata": g.Metadata, "tags": g.Tags, "membersCount": g.MembersCount,
		"scope": g.Scope, "hasJoined": g.HasJoined, "joinedAt": g.JoinedAt,
		"createdAt": g.CreatedAt, "updatedAt": g.UpdatedAt, "conversationId": g.ConversationID,
	})
}

func viewMember(t *testing.T, m *cometchat.GroupMember) map[string]any {
	t.Helper()
	v := viewUser(t, &m.User)
	v["scope"], v["joinedAt"] = string(m.Scope), float64(m.JoinedAt)
	return v
}

// viewParty returns a view of the user or the group that sends or gets a message.
func viewParty(t *testing.T, u *cometchat.User, g *cometchat.Group) map[string]any {
	t.Helper()
	switch {
	case g != nil:
		return viewGroup(t, g)
	case u != nil:
		v := viewUser(t, u)
		// The SDK drops these members of users in some kinds of messages.
		for _, name := range []string{"createdAt", "updatedAt", "conversationId"} {
			delete(v, name)
		}
		return v
	}
	return nil
}

func viewMessage(t *testing.T, m *cometchat.Message) map[string]any {
	t.Helper()
	var attachments []map[string]any
	for _, a := range m.Attachments() {
		attachments = append(attachments, full(t, map[string]any{
			"url": a.URL, "name": a.Name, "mimeType": a.MimeType, "extension": a.Extension,
			"size": float64(a.Size),
		}))
	}
	var mentions []string
	for uid := range m.Data.Mentions {
		mentions = append(mentions, uid)
	}
	slices.Sort(mentions)
	var reactions []map[string]any
	for _, r := range m.ReactionCounts() {
		reactions = append(reactions, full(t, map[string]any{
			"reaction": r.Reaction, "count": r.Count, "reactedByMe": r.ReactedByMe,
		}))
	}
	members := map[string]any{
		"id": m.ID, "muid": m.MUID, "conversationId": m.ConversationID,
		"sender":     viewParty(t, m.SenderUser(), nil),
		"receiverId": m.Receiver, "receiver": viewParty(t, m.ReceiverUser(), m.ReceiverGroup()),
		"receiverType": m.ReceiverType, "category": m.Category, "type": m.Type,
		"metadata": m.Data.Metadata, "customData": m.Data.CustomData, "interactiveData": m.Data.InteractiveData,
		"attachments": attachments, "tags": m.Tags, "action": m.Data.Action,
		"sentAt": m.SentAt, "updatedAt": m.UpdatedAt, "deliveredAt": m.DeliveredAt, "readAt": m.ReadAt,
		"editedAt": m.EditedAt, "editedBy": m.EditedBy, "deletedAt": m.DeletedAt, "deletedBy": m.DeletedBy,
		"parentId": m.ParentID, "replyCount": m.ReplyCount, "mentions": mentions, "reactions": reactions,
		"pinnedAt": m.PinnedAt, "pinnedBy": m.PinnedBy, "savedAt": m.SavedAt,
	}
	if m.QuotedMessage != nil {
		members["quotedMessageId"] = m.QuotedMessage.ID
	}
	if target := m.TargetMessage(); target != nil {
		members["actionOn"] = target.ID
	}
	if m.Type == cometchat.MessageTypeText {
		members["text"] = m.Text()
	} else {
		members["caption"] = m.Text()
	}
	return full(t, members)
}

func viewConversation(t *testing.T, c *cometchat.Conversation) map[string]any {
	t.Helper()
	members := map[string]any{
		"conversationId": c.ConversationID, "conversationType": c.ConversationType,
		"unreadMessageCount": c.UnreadMessageCount, "tags": c.Tags,
		"pinnedAt": c.PinnedAt, "pinnedBy": c.PinnedBy,
	}
	if c.LastMessage != nil {
		members["lastMessage"] = viewMessage(t, c.LastMessage)
	}
	if g := c.Group(); g != nil {
		members["conversationWith"] = viewGroup(t, g)
	} else if u := c.User(); u != nil {
		members["conversationWith"] = viewUser(t, u)
	}
	return full(t, members)
}

// viewAll returns the view of every row of a list.
func viewAll[T any](t *testing.T, rows []*T, view func(*testing.T, *T) map[string]any) []map[string]any {
	t.Helper()
	out := make([]map[string]any, len(rows))
	for i, row := range rows {
		out[i] = view(t, row)
	}
	return out
}

// names returns the members that any of the rows has.
func names(rows []map[string]any) []string {
	seen := map[string]bool{}
	for _, row := range rows {
		for name := range row {
			seen[name] = true
		}
	}
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	return out
}
