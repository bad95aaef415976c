package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestGroupFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedTeam, []testkit.Fixture{
		{Name: "groups/create", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Groups.Create(ctx, &cometchat.CreateGroupRequest{
				GUID: "Deck", Name: "Deck", Type: cometchat.GroupTypePassword, Password: "open-sesame-42", Icon: "https://img.test/deck.png",
				Description: "On deck", Owner: "user-0001", Tags: cometchat.Tags{"ship"}, Metadata: cometchat.Metadata(`{"order":7}`),
				Members: cometchat.AddMembersRequest{Moderators: []string{"user-0002"}, UsersToBan: []string{"user-0004"}},
			})
		}, Want: &cometchat.CreatedGroup{
			Group: cometchat.Group{
				GUID: "deck", Name: "Deck", Type: "password", Icon: "https://img.test/deck.png", Description: "On deck", Owner: "user-0001",
				Metadata: cometchat.Metadata(`{"order":7}`), Tags: cometchat.Tags{"ship"}, MembersCount: 2, ConversationID: "group_deck",
				CreatedAt: 1767258000,
			},
			Members: &cometchat.Results[cometchat.AddedMember]{
				Items: []cometchat.Result[cometchat.AddedMember]{
					{
						ID: "user-0002",
						Value: &cometchat.AddedMember{
							Scope: "moderator",
							Action: &cometchat.Message{
								ID: "1", ConversationID: "group_deck", Sender: "app_system", ReceiverType: "group", Receiver: "deck", Category: "action",
								Type: "groupMember",
								Data: cometchat.MessageData{
									Action:   "added",
									Entities: cometchat.Entities(`{"by":{"entity":{"uid":"app_system","name":"System","role":"default","status":"offline","createdAt":1767258000},"entityType":"user"},"for":{"entity":{"guid":"deck","name":"Deck","description":"On deck","icon":"https://img.test/deck.png","metadata":{"order":7},"type":"password","membersCount":2,"conversationId":"group_deck","createdAt":1767258000,"owner":"user-0001","tags":["ship"]},"entityType":"group"},"on":{"entity":{"uid":"user-0002","name":"Chidi Almeida","status":"offline","role":"default","createdAt":1767257996},"entityType":"user"}}`),
								},
								SentAt: 1767258000, UpdatedAt: 1767258000,
							},
						},
					},
					{ID: "user-0004", Value: &cometchat.AddedMember{Banned: true}},
				},
			},
		}},
		{Name: "groups/get", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.OnBehalfOf("user-0002").Groups.Get(ctx, "crew")
		}, Want: &cometchat.Group{
			GUID: "crew", Name: "Crew", Type: "public", Owner: "user-0001", Tags: cometchat.Tags{"work"}, MembersCount: 2, Scope: "participant",
			HasJoined: true, JoinedAt: 1767258000, ConversationID: "group_crew", CreatedAt: 1767258000,
		}},
		{Name: "groups/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, client.Groups.List(&cometchat.GroupListOptions{WithTags: true, MembersCountGTE: cometchat.Ptr(1)}))
		}, Want: []*cometchat.Group{
			{
				GUID: "crew", Name: "Crew", Type: "public", Owner: "user-0001", Tags: cometchat.Tags{"work"}, MembersCount: 2,
				ConversationID: "group_crew", CreatedAt: 1767258000,
			},
		}},
		{Name: "groups/update", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Groups.Update(ctx, "crew", &cometchat.UpdateGroupRequest{
				Name: cometchat.Ptr("The crew"), Type: cometchat.Ptr(cometchat.GroupTypePassword), Password: cometchat.Ptr(cometchat.Secret("swordfish-77")),
				Tags: cometchat.Tags{}, Unset: []cometchat.GroupField{cometchat.GroupFieldIcon},
			})
		}, Want: &cometchat.Group{
			GUID: "crew", Name: "The crew", Type: "password", Owner: "user-0001", MembersCount: 2, ConversationID: "group_crew",
			CreatedAt: 1767258000, UpdatedAt: 1767258000, UpdatedBy: "app_system",
		}},
		{Name: "groups/delete", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Groups.Delete(ctx, "crew")
		}},
	})
}

func TestCreateGroupReportsMembersThatFail(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(3)
	created, err := client.Groups.Create(t.Context(), &cometchat.CreateGroupRequest{
		GUID: "Crew", Name: "Crew", Type: cometchat.GroupTypePublic,
		Members: cometchat.AddMembersRequest{Admins: []string{"USER-0001"}, Participants: []string{"ghost", "user-0002"}},
	})
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
	require.NotNil(t, created, "the group exists all the same")
	assert.Equal(t, "crew", created.GUID)
	assert.Equal(t, 2, created.MembersCount)
	var ids []string
	for _, item := range created.Members.Items {
		ids = append(ids, item.ID)
	}
	assert.Equal(t, []string{"USER-0001", "ghost", "user-0002"}, ids)
	require.Len(t, created.Members.Failed(), 1)
	var failure *cometchat.ResultError
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, "ghost", failure.ID)
	assert.Equal(t, cometchat.MemberScopeAdmin, created.Members.Items[0].Value.Scope)
	assert.Equal(t, "added", created.Members.Items[0].Value.Action.Data.Action)

	alone, err := client.Groups.Create(t.Context(), &cometchat.CreateGroupRequest{GUID: "solo", Name: "Solo", Type: cometchat.GroupTypePublic})
	require.NoError(t, err)
	assert.Nil(t, alone.Members)
	assert.NotContains(t, string(srv.Requests()[1].Body), "members", "an empty list is not sent")

	silent := testkit.Answering(t, 200, `{"data":{"guid":"g","name":"G"}}`)
	_, err = silent.Groups.Create(t.Context(), &cometchat.CreateGroupRequest{
		GUID: "g", Name: "G", Type: "public", Members: cometchat.AddMembersRequest{Admins: []string{"a"}},
	})
	assert.ErrorIs(t, err, cometchat.ErrOutcomeUnknown, "an answer that does not mention a member is no success")
}

func TestGroupRequestsAreCheckedFirst(t *testing.T) {
	client, srv := testkit.Emulated(t)
	uids := make([]string, 26)
	for i := range uids {
		uids[i] = fmt.Sprintf("u%d", i)
	}
	valid := func(change func(*cometchat.CreateGroupRequest)) *cometchat.CreateGroupRequest {
		r := &cometchat.CreateGroupRequest{GUID: "g", Name: "G", Type: cometchat.GroupTypePublic}
		change(r)
		return r
	}
	for field, req := range map[string]*cometchat.CreateGroupRequest{
		"request":     nil,
		"guid":        valid(func(r *cometchat.CreateGroupRequest) { r.GUID = ".." }),
		"name":        valid(func(r *cometchat.CreateGroupRequest) { r.Name = "" }),
		"type":        valid(func(r *cometchat.CreateGroupRequest) { r.Type = "" }),
		"password":    valid(func(r *cometchat.CreateGroupRequest) { r.Type = cometchat.GroupTypePassword }),
		"icon":        valid(func(r *cometchat.CreateGroupRequest) { r.Icon = strings.Repeat("i", 3001) }),
		"description": valid(func(r *cometchat.CreateGroupRequest) { r.Description = strings.Repeat("é", 256) }),
		"owner":       valid(func(r *cometchat.CreateGroupRequest) { r.Owner = strings.Repeat("o", 101) }),
		"metadata":    valid(func(r *cometchat.CreateGroupRequest) { r.Metadata = cometchat.Metadata(`{`) }),
		"tags":        valid(func(r *cometchat.CreateGroupRequest) { r.Tags = make(cometchat.Tags, 26) }),
		"members":     valid(func(r *cometchat.CreateGroupRequest) { r.Members.Participants = uids }),
		"admins[0]":   valid(func(r *cometchat.CreateGroupRequest) { r.Members.Admins = []string{""} }),
		"usersToBan[0]": valid(func(r *cometchat.CreateGroupRequest) {
			r.Members = cometchat.AddMembersRequest{Admins: uids[:1], UsersToBan: []string{"U0"}}
		}),
	} {
		_, err := client.Groups.Create(t.Context(), req)
		var v *cometchat.ValidationError
		require.ErrorAs(t, err, &v, field)
		assert.Equal(t, field, v.Field)
		assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
	for field, req := range map[string]*cometchat.UpdateGroupRequest{
		"request":     nil,
		"name":        {Name: cometchat.Ptr("")},
		"password":    {Password: cometchat.Ptr(cometchat.Secret(strings.Repeat("p", 101)))},
		"description": {Description: cometchat.Ptr(strings.Repeat("d", 256))},
	} {
		_, err := client.Groups.Update(t.Context(), "g", req)
		var v *cometchat.ValidationError
		require.ErrorAs(t, err, &v, field)
		assert.Equal(t, field, v.Field)
	}
	err := client.Groups.Delete(t.Context(), "")
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, err = client.Groups.List(&cometchat.GroupListOptions{PerPage: 1001}).First(t.Context())
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	assert.Empty(t, srv.Requests(), "nothing was sent")
}

func TestGroupListQuery(t *testing.T) {
	var got string
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.RawQuery
		_, _ = w.Write([]byte(`{"data":[]}`))
	})
	for want, opts := range map[string]*cometchat.GroupListOptions{
		"page=1": nil,
		"page=2&perPage=7&searchIn=name%2Cguid&searchKey=a&sortBy=createdAt&sortOrder=desc": {
			Page: 2, PerPage: 7, SearchKey: "a", SearchIn: []cometchat.GroupSearchField{cometchat.GroupSearchFieldName, cometchat.GroupSearchFieldGUID},
			SortBy: cometchat.GroupSortFieldCreatedAt, SortOrder: cometchat.SortOrderDescending,
		},
		"affix=append&page=1&tags=x%2Cy&types=public%2Cpassword&updatedAt=9&withTags=true": {
			Affix: cometchat.AffixAppend, UpdatedAt: time.Unix(9, 0), Tags: []string{"x", "y"}, WithTags: true,
			Types: []cometchat.GroupType{cometchat.GroupTypePublic, cometchat.GroupTypePassword},
		},
		"createdAt%5Bfrom%5D=1&createdAt%5Bto%5D=2&guids=a%2Cb&hasJoined=true&page=1&updatedAt%5Bfrom%5D=3&updatedAt%5Bto%5D=4": {
			CreatedFrom: time.Unix(1, 0), CreatedTo: time.Unix(2, 0), UpdatedFrom: time.Unix(3, 0), UpdatedTo: time.Unix(4, 0), GUIDs: []string{"a", "b"}, HasJoined: true,
		},
		"membersCount%5Beq%5D=0&membersCount%5Bgt%5D=1&membersCount%5Bgte%5D=2&membersCount%5Blt%5D=3&membersCount%5Blte%5D=4&page=1": {
			MembersCountEQ: cometchat.Ptr(0), MembersCountGT: cometchat.Ptr(1), MembersCountGTE: cometchat.Ptr(2),
			MembersCountLT: cometchat.Ptr(3), MembersCountLTE: cometchat.Ptr(4),
		},
	} {
		_, err := client.Groups.List(opts).First(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestGroupListOddities(t *testing.T) {
	const row = `{"guid":"g","name":"G","type":"mystery","membersCount":"3","createdAt":"1700000000","hasJoined":1`
	for name, body := range map[string]string{
		"plain, cursor in meta":      `{"data":[` + row + `}],"meta":{"pagination":{"total":0,"count":5,"current_page":1,"total_pages":1},"cursor":{"updatedAt":9,"affix":"prepend"}}}`,
		"cursor beside meta":         `{"data":[` + row + `}],"meta":[],"cursor":{"updatedAt":9,"affix":"prepend"}}`,
		"object with key 0 and meta": `{"data":{"0":` + row + `},"meta":{"pagination":{"count":1},"cursor":{"updatedAt":9,"affix":"prepend"}}}}`,
		"metadata []":                `{"data":[` + row + `,"metadata":[],"tags":null}],"cursor":{"updatedAt":"9","affix":"prepend"}}`,
		"metadata list":              `{"data":[` + row + `,"metadata":["a","b"],"tags":"one"}],"cursor":{"updatedAt":9,"affix":"prepend"}}`,
		"metadata text":              `{"data":[` + row + `,"metadata":"{\"k\":1}","icon":null}],"cursor":{"updatedAt":9,"affix":"prepend"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			page, err := testkit.Answering(t, 200, body).Groups.List(nil).First(t.Context())
			require.NoError(t, err)
			require.Len(t, page.Items, 1)
			g := page.Items[0]
			assert.Equal(t, "g", g.GUID)
			assert.Equal(t, cometchat.GroupType("mystery"), g.Type)
			assert.Equal(t, 3, g.MembersCount)
			assert.True(t, g.HasJoined)
			assert.EqualValues(t, 1700000000, g.CreatedAt)
			assert.Equal(t, map[string]string{"updatedAt": "9", "affix": "prepend"}, page.Cursor)
		})
	}
	page, err := testkit.Answering(t, 200, `{"data":[]}`).Groups.List(nil).First(t.Context())
	require.NoError(t, err)
	assert.Empty(t, page.Items)
	assert.Nil(t, page.Cursor)
	assert.True(t, page.Next.IsZero())
}

func TestUpdateGroupBody(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.AddGroups(cometchattest.Group{GUID: "g", Description: "old", Metadata: []byte(`{"k":1}`), Tags: []string{"x"}})
	body := func(req *cometchat.UpdateGroupRequest) string {
		srv.ResetRequests()
		_, err := client.Groups.Update(t.Context(), "G", req)
		require.NoError(t, err)
		return string(srv.Requests()[0].Body)
	}
	assert.Equal(t, `{}`, body(&cometchat.UpdateGroupRequest{}))
	assert.Equal(t, `{"description":"","tags":[]}`, body(&cometchat.UpdateGroupRequest{Description: cometchat.Ptr(""), Tags: cometchat.Tags{}}))
	assert.Equal(t, `{"name":"N","owner":"o","metadata":{"z":1},"unset":["description","icon"]}`, func() string {
		srv.SeedUsers(1)
		srv.AddUsers(cometchattest.User{UID: "o"})
		return body(&cometchat.UpdateGroupRequest{
			Name: cometchat.Ptr("N"), Owner: cometchat.Ptr("o"), Metadata: cometchat.Metadata(`{"z":1}`),
			Unset: []cometchat.GroupField{cometchat.GroupFieldDescription, cometchat.GroupFieldIcon},
		})
	}())
	g, err := client.Groups.Get(t.Context(), "g")
	require.NoError(t, err)
	assert.Equal(t, "", g.Description)
	assert.Equal(t, "o", g.Owner)
	assert.JSONEq(t, `{"z":1}`, g.Metadata.String())
	assert.Empty(t, g.Tags)
}

func TestGroupPasswordIsNeverShown(t *testing.T) {
	const password = "open-sesame-42"
	req := &cometchat.CreateGroupRequest{GUID: "g", Name: "G", Type: cometchat.GroupTypePassword, Password: password}
	update := &cometchat.UpdateGroupRequest{Password: cometchat.Ptr(cometchat.Secret(password))}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assert.NotContains(t, fmt.Sprintf(verb, *req), password, verb)
		assert.NotContains(t, fmt.Sprintf(verb, *update.Password), password, verb)
	}
	echo := testkit.Answering(t, 400, `{"error":{"code":"ERR_BAD_REQUEST","message":"The password `+password+` is weak.","details":{"password":["`+password+`"]}}}`)
	_, err := echo.Groups.Create(t.Context(), req)
	require.Error(t, err)
	assert.NotContains(t, fmt.Sprintf("%v %+v", err, err.(*cometchat.Error).Body), password)
	assert.NotContains(t, string(err.(*cometchat.Error).Body), password)
	_, err = echo.Groups.Update(t.Context(), "a/b", update)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), password)
	assert.Equal(t, "/groups/a%2Fb", err.(*cometchat.Error).Path)

	inside := testkit.Answering(t, 200, `{"data":{"guid":"g","members":{"admins":{"a":{"success":false,"error":{"message":"wrong `+password+`"}}}}}}`)
	req.Members.Admins = []string{"a"}
	_, err = inside.Groups.Create(t.Context(), req)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), password)
}

func TestEnsureGroup(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(1)
	req := &cometchat.CreateGroupRequest{GUID: "g", Name: "G", Type: cometchat.GroupTypePublic}
	group, created, err := client.Groups.Ensure(t.Context(), req)
	require.NoError(t, err)
	assert.True(t, created)
	assert.Equal(t, "g", group.GUID)

	req.Name = "other"
	group, created, err = client.Groups.Ensure(t.Context(), req)
	require.NoError(t, err)
	assert.False(t, created)
	assert.Equal(t, "G", group.Name, "left as it is")
	assert.Equal(t, 2, srv.Count("POST", "/groups"))
	assert.Equal(t, 1, srv.Count("GET", "/groups/g"))

	group, created, err = client.Groups.Ensure(t.Context(), &cometchat.CreateGroupRequest{
		GUID: "h", Name: "H", Type: cometchat.GroupTypePublic, Members: cometchat.AddMembersRequest{Admins: []string{"ghost"}},
	})
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
	assert.True(t, created)
	assert.Equal(t, "h", group.GUID)

	_, _, err = client.Groups.Ensure(t.Context(), nil)
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)

	for _, code := range []string{"ERR_UID_ALREADY_EXISTS", "ERR_BAD_REQUEST", "ERR_PLAN_QUOTA_RESTRICTION"} {
		srv.ResetRequests()
		srv.Inject(cometchattest.Fault{Method: "POST", Path: "/groups", Status: 409, Code: code, Message: "the group already exists"})
		group, created, err = client.Groups.Ensure(t.Context(), req)
		require.ErrorIs(t, err, cometchat.ErrorCode(code))
		assert.Nil(t, group)
		assert.False(t, created)
		assert.Equal(t, 0, srv.Count("GET", "/groups/g"), "only the code of a taken guid leads to a get")
	}
}

func TestEnsureGroupAtOnce(t *testing.T) {
	client, _ := testkit.Emulated(t)
	for i := range 200 {
		req := &cometchat.CreateGroupRequest{GUID: fmt.Sprintf("g%d", i), Name: "G", Type: cometchat.GroupTypePublic}
		var created [2]bool
		var errs [2]error
		var wg sync.WaitGroup
		for n := range 2 {
			wg.Go(func() {
				var group *cometchat.Group
				group, created[n], errs[n] = client.Groups.Ensure(t.Context(), req)
				if errs[n] == nil && group.GUID != req.GUID {
					errs[n] = errors.New("another group: " + group.GUID)
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs[:]...))
		require.NotEqual(t, created[0], created[1], "one of them created it")
	}
}

func TestGroupErrors(t *testing.T) {
	client, _ := testkit.Emulated(t)
	_, err := client.Groups.Get(t.Context(), "ghost")
	assert.ErrorIs(t, err, cometchat.CodeGUIDNotFound)
	_, err = client.Groups.Update(t.Context(), "ghost", &cometchat.UpdateGroupRequest{})
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
	err = client.Groups.Delete(t.Context(), "ghost")
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
	_, err = testkit.Answering(t, 200, `{"data":{"name":"no guid"}}`).Groups.Get(t.Context(), "g")
	assert.ErrorContains(t, err, "no guid")
}
