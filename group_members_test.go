package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestMemberFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedTeam, []testkit.Fixture{
		{Name: "members/add", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.GroupMembers.Add(ctx, "crew", &cometchat.AddMembersRequest{
				Admins: []string{"user-0004"}, Moderators: []string{"user-0005"}, UsersToBan: []string{"user-0006"},
			})
		}, Want: &cometchat.Results[cometchat.AddedMember]{
			Items: []cometchat.Result[cometchat.AddedMember]{
				{
					ID: "user-0004",
					Value: &cometchat.AddedMember{
						Scope: "admin",
						Action: &cometchat.Message{
							ID: "1", ConversationID: "group_crew", Sender: "app_system", ReceiverType: "group", Receiver: "crew", Category: "action",
							Type: "groupMember",
							Data: cometchat.MessageData{
								Action:   "added",
								Entities: cometchat.Entities(`{"by":{"entity":{"uid":"app_system","name":"System","role":"default","status":"offline","createdAt":1767258000},"entityType":"user"},"for":{"entity":{"guid":"crew","name":"Crew","type":"public","membersCount":3,"conversationId":"group_crew","createdAt":1767258000,"owner":"user-0001","tags":["work"]},"entityType":"group"},"on":{"entity":{"uid":"user-0004","name":"Emeka Almeida","status":"offline","role":"default","createdAt":1767257998},"entityType":"user"}}`),
							},
							SentAt: 1767258000, UpdatedAt: 1767258000,
						},
					},
				},
				{
					ID: "user-0005",
					Value: &cometchat.AddedMember{
						Scope: "moderator",
						Action: &cometchat.Message{
							ID: "2", ConversationID: "group_crew", Sender: "app_system", ReceiverType: "group", Receiver: "crew", Category: "action",
							Type: "groupMember",
							Data: cometchat.MessageData{
								Action:   "added",
								Entities: cometchat.Entities(`{"by":{"entity":{"uid":"app_system","name":"System","role":"default","status":"offline","createdAt":1767258000},"entityType":"user"},"for":{"entity":{"guid":"crew","name":"Crew","type":"public","membersCount":4,"conversationId":"group_crew","createdAt":1767258000,"owner":"user-0001","tags":["work"]},"entityType":"group"},"on":{"entity":{"uid":"user-0005","name":"Farah Almeida","status":"offline","role":"default","createdAt":1767257999},"entityType":"user"}}`),
							},
							SentAt: 1767258000, UpdatedAt: 1767258000,
						},
					},
				},
				{ID: "user-0006", Value: &cometchat.AddedMember{Banned: true}},
			},
		}},
		{Name: "members/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, client.GroupMembers.List("crew", &cometchat.GroupMemberListOptions{
				Scopes: []cometchat.MemberScope{cometchat.MemberScopeAdmin, cometchat.MemberScopeModerator}, Status: cometchat.UserStatusOffline,
			}))
		}, Want: []*cometchat.GroupMember{
			{
				User:  cometchat.User{UID: "user-0001", Name: "Bruno Almeida", Role: "default", Status: "offline", CreatedAt: 1767257995},
				Scope: "admin", JoinedAt: 1767258000,
			},
		}},
		{Name: "members/change-scope", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.OnBehalfOf("user-0001").GroupMembers.ChangeScope(ctx, "crew", "user-0002", cometchat.MemberScopeModerator)
		}, Want: &cometchat.Membership{GUID: "crew", UID: "user-0002", Scope: "moderator", JoinedAt: 1767258000}},
		{Name: "members/kick", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.GroupMembers.Kick(ctx, "crew", "user-0002")
		}},
	})
}

// crowd makes an app of 60 users to be added to the group "crew". Seven of them
// cannot be: three are unknown, two are members already, two are banned.
func crowd(t *testing.T) (*cometchat.Client, *cometchattest.Server, *cometchat.AddMembersRequest, map[string]cometchat.ErrorCode) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(57)
	srv.AddGroups(cometchattest.Group{
		GUID: "crew", Participants: []string{"user-0010", "user-0040"}, Banned: []string{"user-0020", "user-0055"},
	})
	var uids []string
	for i := range 57 {
		uids = append(uids, fmt.Sprintf("User-%04d", i+1)) // the answer spells them otherwise
	}
	uids = slices.Insert(uids, 5, "Ghost-1")
	uids = slices.Insert(uids, 30, "ghost-2")
	uids = append(uids, "ghost-3")
	return client, srv, &cometchat.AddMembersRequest{Admins: uids[:3], Moderators: uids[3:8], Participants: uids[8:]}, map[string]cometchat.ErrorCode{
		"Ghost-1": cometchat.CodeUIDNotFound, "ghost-2": cometchat.CodeUIDNotFound, "ghost-3": cometchat.CodeUIDNotFound,
		"User-0010": cometchat.CodeSameScope, "User-0040": cometchat.CodeSameScope,
		"User-0020": cometchat.CodeBannedGroupMember, "User-0055": cometchat.CodeBannedGroupMember,
	}
}

func allUIDs(r *cometchat.AddMembersRequest) []string {
	return slices.Concat(r.Admins, r.Moderators, r.Participants, r.UsersToBan)
}

func TestAddManyMembers(t *testing.T) {
	client, srv, req, failing := crowd(t)
	results, err := client.GroupMembers.Add(t.Context(), "crew", req)
	require.Error(t, err)
	for _, code := range failing {
		assert.ErrorIs(t, err, code)
	}
	assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)
	assert.NotErrorIs(t, err, cometchat.ErrNotAttempted)

	want := allUIDs(req)
	require.Len(t, results.Items, 60)
	failed := map[string]cometchat.ErrorCode{}
	for i, item := range results.Items {
		require.Equal(t, want[i], item.ID, "in order")
		if item.OK() {
			require.NotNil(t, item.Value)
			continue
		}
		for _, code := range []cometchat.ErrorCode{cometchat.CodeUIDNotFound, cometchat.CodeSameScope, cometchat.CodeBannedGroupMember} {
			if errors.Is(item.Err, code) {
				failed[item.ID] = code
			}
		}
	}
	assert.Equal(t, failing, failed)
	assert.Len(t, results.Failed(), 7)
	assert.Empty(t, results.Unmatched)
	assert.Equal(t, cometchat.MemberScopeAdmin, results.Items[0].Value.Scope)
	assert.Equal(t, cometchat.MemberScopeModerator, results.Items[3].Value.Scope)
	assert.Equal(t, cometchat.MemberScopeParticipant, results.Items[59-1].Value.Scope)

	require.Equal(t, 3, srv.Count("POST", "/groups/crew/members"))
	var sizes []int
	for _, r := range srv.Requests() {
		var body map[string][]string
		require.NoError(t, json.Unmarshal(r.Body, &body))
		n := 0
		for _, list := range body {
			require.NotEmpty(t, list)
			n += len(list)
		}
		sizes = append(sizes, n)
	}
	assert.Equal(t, []int{25, 25, 10}, sizes)
	group, err := client.Groups.Get(t.Context(), "crew")
	require.NoError(t, err)
	assert.Equal(t, 2+53, group.MembersCount)
}

func TestAddManyMembersOneAnswerLost(t *testing.T) {
	client, srv, req, _ := crowd(t)
	srv.Inject(cometchattest.Fault{Method: "POST", Path: "/groups/{guid}/members", Skip: 1, DropAfter: true})
	results, err := client.GroupMembers.Add(t.Context(), "crew", req)
	require.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
	require.Len(t, results.Items, 60)
	for i, item := range results.Items {
		require.Equal(t, i >= 25 && i < 50, errors.Is(item.Err, cometchat.ErrOutcomeUnknown), "%d %s: %v", i, item.ID, item.Err)
		require.NotErrorIs(t, item.Err, cometchat.ErrNotAttempted)
	}
	assert.Equal(t, 3, srv.Count("POST", "/groups/crew/members"), "sent once each, the rest after the one that was lost")
	assert.ErrorIs(t, results.Items[59].Err, cometchat.CodeUIDNotFound)
}

func TestAddManyMembersOneRequestRefused(t *testing.T) {
	client, srv, req, _ := crowd(t)
	srv.Inject(cometchattest.Fault{Method: "POST", Path: "/groups/{guid}/members", Skip: 1, Status: 404, Code: "ERR_GUID_NOT_FOUND"})
	results, err := client.GroupMembers.Add(t.Context(), "crew", req)
	require.ErrorIs(t, err, cometchat.CodeGUIDNotFound)
	require.ErrorIs(t, err, cometchat.ErrNotAttempted)
	require.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)
	require.Len(t, results.Items, 60)
	for i, item := range results.Items {
		switch {
		case i < 25:
			require.NotErrorIs(t, item.Err, cometchat.CodeGUIDNotFound)
		case i < 50:
			require.ErrorIs(t, item.Err, cometchat.CodeGUIDNotFound)
		default:
			require.ErrorIs(t, item.Err, cometchat.ErrNotAttempted)
		}
	}
	assert.Equal(t, 2, srv.Count("POST", "/groups/crew/members"))
	assert.Less(t, strings.Count(err.Error(), "\n"), 10, "the request's error is told once, not for each of its users")

	srv.ClearFaults()
	srv.Inject(cometchattest.Fault{Method: "POST", Path: "/groups/{guid}/members", DropAfter: true})
	srv.Inject(cometchattest.Fault{Method: "POST", Path: "/groups/{guid}/members", Status: 403, Code: "ERR_PERMISSION_DENIED"})
	results, err = client.GroupMembers.Add(t.Context(), "crew", req)
	require.ErrorIs(t, err, cometchat.CodePermissionDenied)
	require.NotNil(t, results, "the first request may have done something")
	assert.ErrorIs(t, results.Items[0].Err, cometchat.ErrOutcomeUnknown)
	assert.ErrorIs(t, results.Items[25].Err, cometchat.CodePermissionDenied)
	assert.ErrorIs(t, results.Items[59].Err, cometchat.ErrNotAttempted)

	srv.ResetRequests()
	results, err = client.GroupMembers.Add(t.Context(), "ghost", req)
	require.ErrorIs(t, err, cometchat.CodeGUIDNotFound)
	assert.Nil(t, results, "nothing was done")
	assert.Equal(t, 1, srv.Count("POST", "/groups/ghost/members"))
}

func TestAddMembersChecksAllOfItFirst(t *testing.T) {
	client, srv := testkit.Emulated(t)
	long := make([]string, 40)
	for i := range long {
		long[i] = fmt.Sprintf("u%d", i)
	}
	for field, req := range map[string]*cometchat.AddMembersRequest{
		"request":          nil,
		"members":          {Admins: []string{}},
		"participants[39]": {Participants: append(slices.Clone(long[:39]), "..")},
		"usersToBan[1]":    {Moderators: []string{"Ana"}, UsersToBan: []string{"bea", "ana"}},
	} {
		_, err := client.GroupMembers.Add(t.Context(), "g", req)
		var v *cometchat.ValidationError
		require.ErrorAs(t, err, &v, field)
		assert.Equal(t, field, v.Field)
	}
	_, err := client.GroupMembers.Add(t.Context(), "", &cometchat.AddMembersRequest{Admins: []string{"a"}})
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, err = client.GroupMembers.ChangeScope(t.Context(), "g", "u", "")
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, err = client.GroupMembers.List("..", nil).First(t.Context())
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	assert.Empty(t, srv.Requests())
}

func TestAddMemberInSeveralScopes(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(2)
	srv.AddGroups(cometchattest.Group{GUID: "g"})
	results, err := client.GroupMembers.Add(t.Context(), "g", &cometchat.AddMembersRequest{
		Moderators: []string{"user-0001"}, Participants: []string{"USER-0001", "user-0002", "user-0001"},
	})
	require.NoError(t, err)
	require.Len(t, results.Items, 4)
	for i, scope := range []cometchat.MemberScope{"moderator", "moderator", "participant", "moderator"} {
		assert.Equal(t, scope, results.Items[i].Value.Scope)
	}
	assert.JSONEq(t, `{"moderators":["user-0001"],"participants":["user-0002"]}`, string(srv.Requests()[0].Body))
}

func TestMembersComeAndGo(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(4)
	srv.AddGroups(cometchattest.Group{GUID: "g", Owner: "user-0001", Participants: []string{"user-0002"}})
	ctx := t.Context()
	boss := client.OnBehalfOf("user-0001")

	_, err := boss.GroupMembers.ChangeScope(ctx, "g", "user-0001", cometchat.MemberScopeParticipant)
	assert.ErrorIs(t, err, cometchat.CodeGroupNoSelfAction)
	_, err = boss.GroupMembers.ChangeScope(ctx, "g", "user-0002", cometchat.MemberScopeParticipant)
	assert.ErrorIs(t, err, cometchat.CodeSameScope)
	_, err = client.GroupMembers.ChangeScope(ctx, "g", "user-0003", cometchat.MemberScopeAdmin)
	assert.ErrorIs(t, err, cometchat.CodeNotAMember)
	membership, err := boss.GroupMembers.ChangeScope(ctx, "G", "USER-0002", cometchat.MemberScopeModerator)
	require.NoError(t, err)
	assert.Equal(t, "g user-0002 moderator", fmt.Sprintf("%s %s %s", membership.GUID, membership.UID, membership.Scope))
	assert.NotZero(t, membership.JoinedAt)

	err = client.GroupMembers.Kick(ctx, "g", "user-0002")
	require.NoError(t, err)
	err = client.GroupMembers.Kick(ctx, "g", "user-0002")
	assert.ErrorIs(t, err, cometchat.CodeNotAMember)
	results, err := client.GroupMembers.Add(ctx, "g", &cometchat.AddMembersRequest{Participants: []string{"user-0002"}})
	require.NoError(t, err, "who was kicked may come back")
	assert.Len(t, results.Items, 1)

	members, err := client.GroupMembers.List("g", nil).Collect(ctx, 10)
	require.NoError(t, err)
	require.Len(t, members, 2)
	m := members[0]
	assert.Equal(t, "user-0002 participant", m.UID+" "+string(m.Scope))
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "member", *m)
	assert.Contains(t, log.String(), "member.scope=participant")
}

// The history of a group and its conversation say who did what to whom.
func TestMemberActions(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(5)
	srv.AddGroups(cometchattest.Group{
		GUID: "g", Owner: "user-0001", Moderators: []string{"user-0002"}, Participants: []string{"user-0003", "user-0004"},
	})
	ctx := t.Context()
	boss, moderator, reader := client.OnBehalfOf("user-0001"), client.OnBehalfOf("user-0002"), client.OnBehalfOf("user-0004")

	_, err := client.GroupMembers.Add(ctx, "g", &cometchat.AddMembersRequest{Participants: []string{"user-0005"}})
	require.NoError(t, err)
	_, err = boss.GroupMembers.ChangeScope(ctx, "g", "user-0005", cometchat.MemberScopeModerator)
	require.NoError(t, err)
	require.NoError(t, boss.GroupMembers.Kick(ctx, "g", "user-0005"))
	require.NoError(t, moderator.BannedUsers.Ban(ctx, "g", "user-0003"))
	require.NoError(t, client.BannedUsers.Unban(ctx, "g", "user-0003"))

	type action struct{ by, action, on, group string }
	told := func(m *cometchat.Message) action {
		require.Equal(t, cometchat.MessageCategoryAction, m.Category)
		require.Equal(t, cometchat.MessageTypeGroupMember, m.Type)
		require.Nil(t, m.TargetMessage())
		return action{m.SenderUser().UID, m.Data.Action, m.TargetUser().UID, m.ReceiverGroup().GUID}
	}
	messages, err := reader.Messages.ListWith(cometchat.ToGroup("g"), nil).Collect(ctx, 100)
	require.NoError(t, err)
	var got []action
	for _, m := range messages {
		got = append(got, told(m))
	}
	want := []action{
		{"app_system", "added", "user-0005", "g"},
		{"user-0001", "scopeChanged", "user-0005", "g"},
		{"user-0001", "kicked", "user-0005", "g"},
		{"user-0002", "banned", "user-0003", "g"},
		{"app_system", "unbanned", "user-0003", "g"},
	}
	assert.Equal(t, want, got)

	conversation, err := reader.Conversations.Get(ctx, cometchat.ToGroup("g"))
	require.NoError(t, err)
	assert.Equal(t, want[4], told(conversation.LastMessage))
	list, err := reader.Conversations.List(nil).Collect(ctx, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, want[4], told(list[0].LastMessage))
}

func TestMemberListOddities(t *testing.T) {
	page, err := testkit.Answering(t, 200, `{"data":[{"uid":"a","scope":"captain","joinedAt":"7","metadata":[],"status":"busy"},
		{"uid":"b","metadata":"x"}],"meta":{"pagination":{"total":0,"count":5,"current_page":1,"total_pages":1}},
		"cursor":{"updatedAt":1638354799,"affix":"prepend"}}`).GroupMembers.List("g", nil).First(t.Context())
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	assert.Equal(t, cometchat.MemberScope("captain"), page.Items[0].Scope)
	assert.EqualValues(t, 7, page.Items[0].JoinedAt)
	assert.Equal(t, "1638354799", page.Cursor["updatedAt"])
}

// TestAddMembersAnswers reads entries in the shapes they may come in.
func TestAddMembersAnswers(t *testing.T) {
	type want struct {
		code    cometchat.ErrorCode
		unknown bool
		text    string
	}
	for name, tt := range map[string]struct {
		body string
		want want
	}{
		"done":              {`{"participants":{"a":{"success":true,"data":{}}}}`, want{}},
		"done, flat":        {`{"a":{"success":true}}`, want{}},
		"done, as text":     {`{"participants":{"A":{"success":"true"}}}`, want{}},
		"done, just true":   {`{"participants":{"a":true}}`, want{}},
		"done, other scope": {`{"admins":{"a":{"success":true}}}`, want{}},
		"done, all at once": {`{"success":true,"message":"ok"}`, want{}},
		"failed":            {`{"participants":{"a":{"success":false,"error":{"code":"ERR_ALREADY_JOINED","message":"m"}}}}`, want{code: cometchat.CodeAlreadyJoined}},
		"failed, no flag":   {`{"participants":{"a":{"error":{"code":"ERR_ALREADY_JOINED"}}}}`, want{code: cometchat.CodeAlreadyJoined}},
		"failed, claims so": {`{"participants":{"a":{"success":true,"error":{"code":"ERR_NO_VACANCY"}}}}`, want{code: cometchat.CodeNoVacancy}},
		"failed, code only": {`{"participants":{"a":{"code":"ERR_UID_NOT_FOUND","message":"m"}}}`, want{code: cometchat.CodeUIDNotFound}},
		"failed, in a text": {`{"participants":{"a":{"success":false,"error":"no room"}}}`, want{text: "no room"}},
		"failed, silently":  {`{"participants":{"a":{"success":0}}}`, want{text: "failed"}},
		"failed, message":   {`{"participants":{"a":{"success":false,"message":"because"}}}`, want{text: "because"}},
		"odd":               {`{"participants":{"a":"hm"}}`, want{text: "unexpected shape"}},
		"says nothing":      {`{"participants":{"a":{"note":1}}}`, want{unknown: true}},
		"not mentioned":     {`{"participants":{"b":{"success":true}}}`, want{unknown: true}},
		"empty list":        {`{"participants":[]}`, want{unknown: true}},
		"nothing":           {`[]`, want{unknown: true}},
	} {
		t.Run(name, func(t *testing.T) {
			results, err := testkit.Answering(t, 200, `{"data":`+tt.body+`}`).GroupMembers.Add(t.Context(), "g", &cometchat.AddMembersRequest{Participants: []string{"a"}})
			require.NotNil(t, results)
			require.Len(t, results.Items, 1)
			item := results.Items[0]
			if tt.want == (want{}) {
				require.NoError(t, err)
				assert.True(t, item.OK())
				return
			}
			require.Error(t, err)
			require.Error(t, item.Err)
			if tt.want.code != "" {
				assert.ErrorIs(t, item.Err, tt.want.code)
				assert.Contains(t, item.Err.Error(), "POST /groups/g/members")
			}
			if tt.want.unknown {
				assert.ErrorIs(t, item.Err, cometchat.ErrOutcomeUnknown)
			}
			assert.ErrorContains(t, item.Err, tt.want.text)
		})
	}
	_, err := testkit.Answering(t, 200, `{"data":{"success":false,"message":"no"}}`).GroupMembers.Add(t.Context(), "g", &cometchat.AddMembersRequest{Participants: []string{"a"}})
	assert.ErrorContains(t, err, "no")
}

// TestEnsureMembers adds the same members twice, while responses get lost.
func TestEnsureMembers(t *testing.T) {
	uids := make([]string, 60)
	for i := range uids {
		uids[i] = fmt.Sprintf("user-%04d", i+1)
	}
	for name, fault := range map[string]cometchattest.Fault{
		"nothing happens":       {Times: 1},
		"a response is lost":    {DropAfter: true, Skip: 1},
		"every other is lost":   {DropAfter: true, Every: 2, Times: cometchattest.Always},
		"a request is lost":     {DropBefore: true, Skip: 2},
		"a response is cut":     {Truncate: true},
		"a gateway answers 502": {Status: 502, Body: []byte("<html>"), Every: 2, Times: 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := testkit.InBubble(t, nil)
				b.SeedUsers(57)
				b.AddGroups(cometchattest.Group{GUID: "north", Name: "North", Participants: []string{"user-0003"}})
				fault.Method, fault.Path = http.MethodPost, "/groups/{guid}/members"
				b.Inject(fault)
				req := &cometchat.AddMembersRequest{Admins: uids[:1], Participants: uids[1:]}
				for range 2 {
					results, err := b.Client.GroupMembers.Ensure(t.Context(), "north", req)
					require.NoError(t, err)
					assert.Empty(t, results.Failed())
					require.Len(t, results.Items, 60)
					assert.Equal(t, &cometchat.AddedMember{Scope: cometchat.MemberScopeParticipant, Already: true}, results.Items[2].Value)
				}
				members, err := b.Client.GroupMembers.List("north", nil).Collect(t.Context(), 100)
				require.NoError(t, err)
				assert.Len(t, members, 60)
			})
		})
	}
}

func TestEnsureMembersFails(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(2)
	srv.AddGroups(cometchattest.Group{GUID: "north", Name: "North", Participants: []string{"user-0001"}})
	req := &cometchat.AddMembersRequest{Participants: []string{"user-0001", "nobody"}, UsersToBan: []string{"user-0002"}}
	for _, already := range []bool{false, true} {
		results, err := client.GroupMembers.Ensure(t.Context(), "north", req)
		require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
		require.Len(t, results.Failed(), 1)
		assert.Equal(t, "nobody", results.Failed()[0].ID)
		assert.True(t, results.Items[0].Value.Already)
		assert.Equal(t, already, results.Items[2].Value.Already)
		assert.True(t, results.Items[2].Value.Banned)
	}
	results, err := client.GroupMembers.Ensure(t.Context(), "south", req)
	assert.Nil(t, results)
	require.ErrorIs(t, err, cometchat.CodeGUIDNotFound)
	_, err = client.GroupMembers.Ensure(t.Context(), "north", nil)
	require.EqualError(t, err, "cometchat: POST /groups/{guid}/members: request: required")

	results, err = client.GroupMembers.Add(t.Context(), "north", req)
	require.ErrorIs(t, err, cometchat.CodeSameScope)
	require.ErrorIs(t, results.Err(), cometchat.CodeSameScope)
	require.NotErrorIs(t, results.Err(cometchat.CodeSameScope), cometchat.CodeSameScope)
	require.NoError(t, results.Err(cometchat.CodeSameScope, cometchat.CodeUIDNotFound, cometchat.CodeAlreadyBanned))
}
