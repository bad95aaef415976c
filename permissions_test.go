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

func TestPermissionFixtures(t *testing.T) {
	values := cometchat.PermissionValues{
		"createGroup": cometchat.PermissionDeny, "createGroup.allowedGroupTypes": cometchat.PermissionList("public"),
	}
	testkit.RunFixtures(t, staffed, []testkit.Fixture{
		{Name: "permissions/list-for-role", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, client.Permissions.ListForRole("staff", nil))
		}, Want: []*cometchat.Permission{
			{
				ID: "createGroup", Type: "role", Title: "Permission createGroup", Description: "Controls createGroup.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "createGroup.allowedGroupTypes", Type: "role", Title: "Permission createGroup.allowedGroupTypes",
				Description: "Controls createGroup.allowedGroupTypes.", DataType: "stringArray",
				AvailableValues: []string{"public", "password", "private"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "deleteMessage", Type: "role", Title: "Permission deleteMessage", Description: "Controls deleteMessage.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "deleteMessage.denyForScopes", Type: "role", Title: "Permission deleteMessage.denyForScopes",
				Description: "Controls deleteMessage.denyForScopes.", DataType: "stringArray",
				AvailableValues: []string{"admin", "moderator", "participant"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "editMessage", Type: "role", Title: "Permission editMessage", Description: "Controls editMessage.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "editMessage.denyForScopes", Type: "role", Title: "Permission editMessage.denyForScopes",
				Description: "Controls editMessage.denyForScopes.", DataType: "stringArray",
				AvailableValues: []string{"admin", "moderator", "participant"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "getUserDetails", Type: "role", Title: "Permission getUserDetails", Description: "Controls getUserDetails.",
				DataType: "string", AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "getUserDetails.allowedRoles", Type: "role", Title: "Permission getUserDetails.allowedRoles",
				Description: "Controls getUserDetails.allowedRoles.", DataType: "rolesStringArray", AvailableValues: []string{},
				DefaultValue: cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "getUserDetails.mode", Type: "role", Title: "Permission getUserDetails.mode", Description: "Controls getUserDetails.mode.",
				DataType: "string", AvailableValues: []string{"all", "friends"}, DefaultValue: cometchat.PermissionValue{Text: "all"},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "initiateCall", Type: "role", Title: "Permission initiateCall", Description: "Controls initiateCall.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "initiateCall.allowedReceiverRoles", Type: "role", Title: "Permission initiateCall.allowedReceiverRoles",
				Description: "Controls initiateCall.allowedReceiverRoles.", DataType: "rolesStringArray", AvailableValues: []string{},
				DefaultValue: cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "initiateCall.mode", Type: "role", Title: "Permission initiateCall.mode", Description: "Controls initiateCall.mode.",
				DataType: "string", AvailableValues: []string{"all", "friends"}, DefaultValue: cometchat.PermissionValue{Text: "all"},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "joinGroup", Type: "role", Title: "Permission joinGroup", Description: "Controls joinGroup.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "joinGroup.allowedGroupTypes", Type: "role", Title: "Permission joinGroup.allowedGroupTypes",
				Description: "Controls joinGroup.allowedGroupTypes.", DataType: "stringArray",
				AvailableValues: []string{"public", "password", "private"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "listGroups", Type: "role", Title: "Permission listGroups", Description: "Controls listGroups.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "listGroups.allowedGroupTypes", Type: "role", Title: "Permission listGroups.allowedGroupTypes",
				Description: "Controls listGroups.allowedGroupTypes.", DataType: "stringArray",
				AvailableValues: []string{"public", "password", "private"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "listMessages.allowedMessageCategories", Type: "role", Title: "Permission listMessages.allowedMessageCategories",
				Description: "Controls listMessages.allowedMessageCategories.", DataType: "stringArray",
				AvailableValues: []string{"message", "custom", "interactive"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "listMessages.allowedMessageTypes", Type: "role", Title: "Permission listMessages.allowedMessageTypes",
				Description: "Controls listMessages.allowedMessageTypes.", DataType: "stringArray",
				AvailableValues: []string{"text", "image", "audio", "video", "file"},
				DefaultValue:    cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "listUsers", Type: "role", Title: "Permission listUsers", Description: "Controls listUsers.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "listUsers.allowedRoles", Type: "role", Title: "Permission listUsers.allowedRoles",
				Description: "Controls listUsers.allowedRoles.", DataType: "rolesStringArray", AvailableValues: []string{},
				DefaultValue: cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "listUsers.mode", Type: "role", Title: "Permission listUsers.mode", Description: "Controls listUsers.mode.",
				DataType: "string", AvailableValues: []string{"all", "friends"}, DefaultValue: cometchat.PermissionValue{Text: "all"},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "sendMessage", Type: "role", Title: "Permission sendMessage", Description: "Controls sendMessage.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "sendMessage.allowedCustomTypes", Type: "role", Title: "Permission sendMessage.allowedCustomTypes",
				Description: "Controls sendMessage.allowedCustomTypes.", DataType: "customStringArray", AvailableValues: []string{},
				DefaultValue: cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "sendMessage.allowedMessageCategories", Type: "role", Title: "Permission sendMessage.allowedMessageCategories",
				Description: "Controls sendMessage.allowedMessageCategories.", DataType: "stringArray",
				AvailableValues: []string{"message", "custom", "interactive"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "sendMessage.allowedMessageTypes", Type: "role", Title: "Permission sendMessage.allowedMessageTypes",
				Description: "Controls sendMessage.allowedMessageTypes.", DataType: "stringArray",
				AvailableValues: []string{"text", "image", "audio", "video", "file"},
				DefaultValue:    cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "sendMessage.allowedMimeTypes", Type: "role", Title: "Permission sendMessage.allowedMimeTypes",
				Description: "Controls sendMessage.allowedMimeTypes.", DataType: "customStringArray", AvailableValues: []string{},
				DefaultValue: cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "sendMessage.allowedReceiverRoles", Type: "role", Title: "Permission sendMessage.allowedReceiverRoles",
				Description: "Controls sendMessage.allowedReceiverRoles.", DataType: "rolesStringArray", AvailableValues: []string{},
				DefaultValue: cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "sendMessage.allowedReceiverTypes", Type: "role", Title: "Permission sendMessage.allowedReceiverTypes",
				Description: "Controls sendMessage.allowedReceiverTypes.", DataType: "stringArray",
				AvailableValues: []string{"user", "group"}, DefaultValue: cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "sendMessage.mode", Type: "role", Title: "Permission sendMessage.mode", Description: "Controls sendMessage.mode.",
				DataType: "string", AvailableValues: []string{"all", "friends"}, DefaultValue: cometchat.PermissionValue{Text: "all"},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
		}},
		{Name: "permissions/set-for-role", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Permissions.SetForRole(ctx, "staff", values)
		}, Want: &cometchat.SetPermissions{
			Results: &cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{
				{ID: "createGroup", Message: "The permission createGroup is set for the role staff."},
				{ID: "createGroup.allowedGroupTypes", Message: "The permission createGroup.allowedGroupTypes is set for the role staff."},
			}},
			Permissions: cometchat.PermissionValues{"createGroup": {Text: "deny"}, "createGroup.allowedGroupTypes": {List: []string{"public"}}},
		}},
		{Name: "permissions/unset-for-role", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Permissions.UnsetForRole(ctx, "staff", "createGroup.allowedGroupTypes")
		}, Want: &cometchat.UnsetPermission{Permissions: cometchat.PermissionValues{}}},
		{Name: "permissions/list-for-scope", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, client.Permissions.ListForScope("crew", cometchat.MemberScopeParticipant, nil))
		}, Want: []*cometchat.Permission{
			{
				ID: "addReaction", Type: "scope", Title: "Permission addReaction", Description: "Controls addReaction.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "editMessage", Type: "scope", Title: "Permission editMessage", Description: "Controls editMessage.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "initiateCall", Type: "scope", Title: "Permission initiateCall", Description: "Controls initiateCall.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "initiateCall.allowedScopes", Type: "scope", Title: "Permission initiateCall.allowedScopes",
				Description: "Controls initiateCall.allowedScopes.", DataType: "stringArray",
				AvailableValues: []string{"admin", "moderator", "participant"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "initiateCall.allowedType", Type: "scope", Title: "Permission initiateCall.allowedType",
				Description: "Controls initiateCall.allowedType.", DataType: "stringArray", AvailableValues: []string{"audio", "video"},
				DefaultValue: cometchat.PermissionValue{List: []string{}}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "listMembers", Type: "scope", Title: "Permission listMembers", Description: "Controls listMembers.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "listMembers.allowedScopes", Type: "scope", Title: "Permission listMembers.allowedScopes",
				Description: "Controls listMembers.allowedScopes.", DataType: "stringArray",
				AvailableValues: []string{"admin", "moderator", "participant"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "listReactions", Type: "scope", Title: "Permission listReactions", Description: "Controls listReactions.",
				DataType: "string", AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "listReactions.allowedScopes", Type: "scope", Title: "Permission listReactions.allowedScopes",
				Description: "Controls listReactions.allowedScopes.", DataType: "stringArray",
				AvailableValues: []string{"admin", "moderator", "participant"}, DefaultValue: cometchat.PermissionValue{List: []string{}},
				CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "sendMessage", Type: "scope", Title: "Permission sendMessage", Description: "Controls sendMessage.", DataType: "string",
				AvailableValues: []string{"allow", "deny"}, DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "sendThreadedMessage", Type: "scope", Title: "Permission sendThreadedMessage",
				Description: "Controls sendThreadedMessage.", DataType: "string", AvailableValues: []string{"allow", "deny"},
				DefaultValue: cometchat.PermissionValue{Text: "allow"}, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
		}},
		{Name: "permissions/set-for-scope", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Permissions.SetForScope(ctx, "crew", cometchat.MemberScopeParticipant, cometchat.PermissionValues{"addReaction": cometchat.PermissionDeny})
		}, Want: &cometchat.SetPermissions{
			Results:     &cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{{ID: "addReaction", Message: "The permission addReaction is set for a scope in the group crew."}}},
			Permissions: cometchat.PermissionValues{"addReaction": {Text: "deny"}},
		}},
		{Name: "permissions/unset-for-scope", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Permissions.UnsetForScope(ctx, "crew", cometchat.MemberScopeParticipant, "addReaction")
		}, Want: &cometchat.UnsetPermission{Permissions: cometchat.PermissionValues{}}},
	})
}

func TestSetPermissions(t *testing.T) {
	client, srv := testkit.Emulated(t)
	staffed(srv)
	ctx := t.Context()
	set, err := client.Permissions.SetForRole(ctx, "Staff", cometchat.PermissionValues{
		"sendMessage":                     cometchat.PermissionDeny,
		"sendMessage.allowedMessageTypes": cometchat.PermissionList("text", "image"),
		"noSuchThing":                     cometchat.PermissionAllow,
		"listUsers.mode":                  cometchat.PermissionText("nobody"),
	})
	require.Error(t, err)
	assert.Equal(t, `{"permissions":{"listUsers.mode":"nobody","noSuchThing":"allow","sendMessage":"deny","sendMessage.allowedMessageTypes":["text","image"]}}`,
		string(srv.Requests()[0].Body))
	require.Len(t, set.Items, 4)
	assert.Len(t, set.Failed(), 2)
	assert.Equal(t, "listUsers.mode", set.Items[0].ID, "in the order of the keys")
	assert.ErrorIs(t, set.Items[0].Err, cometchat.CodeBadRequest)
	assert.ErrorIs(t, set.Items[1].Err, cometchat.ErrNotFound)
	assert.Equal(t, cometchat.PermissionValues{
		"sendMessage": cometchat.PermissionDeny, "sendMessage.allowedMessageTypes": cometchat.PermissionList("text", "image"),
	}, set.Permissions)

	left, err := client.Permissions.UnsetForRole(ctx, "staff", "sendMessage.allowedMessageTypes")
	require.NoError(t, err)
	assert.Equal(t, cometchat.PermissionValues{"sendMessage": cometchat.PermissionDeny}, left.Permissions)
	assert.Equal(t, "/roles/staff/permissions/sendMessage.allowedMessageTypes", srv.Requests()[1].Path)

	set, err = client.Permissions.SetForRole(ctx, "staff", cometchat.PermissionValues{"sendMessage": {}})
	require.NoError(t, err, "null lifts a restriction")
	assert.Empty(t, set.Permissions)

	_, err = client.Permissions.SetForRole(ctx, "ghost", cometchat.PermissionValues{"sendMessage": cometchat.PermissionAllow})
	assert.ErrorIs(t, err, cometchat.CodeRoleNotFound)
	_, err = client.Permissions.SetForScope(ctx, "ghost", cometchat.MemberScopeAdmin, cometchat.PermissionValues{"sendMessage": cometchat.PermissionAllow})
	assert.ErrorIs(t, err, cometchat.CodeGUIDNotFound)
	srv.ResetRequests()
	_, err = client.Permissions.SetForRole(ctx, "staff", nil)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, err = client.Permissions.SetForRole(ctx, "staff", cometchat.PermissionValues{"": {}})
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, err = client.Permissions.UnsetForScope(ctx, "g", "", "p")
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	assert.Empty(t, srv.Requests())
}

func TestPermissionAnswers(t *testing.T) {
	ask := cometchat.PermissionValues{"sendMessage": cometchat.PermissionDeny, "createGroup.allowedGroupTypes": cometchat.PermissionList("public")}
	for name, tt := range map[string]struct {
		body   string
		failed int
	}{
		"entries":                {`{"sendMessage":{"success":true},"createGroup.allowedGroupTypes":{"success":true},"permissions":{"a":[]}}`, 0},
		"one entry and values":   {`{"sendMessage":{"success":true,"message":"m"},"permissions":{"createGroup.allowedGroupTypes":["public"]}}`, 0},
		"values only":            {`{"role":"r","permissions":{"sendMessage":"deny","createGroup.allowedGroupTypes":{"0":"public"}},"updatedAt":"5"}`, 0},
		"another value":          {`{"permissions":{"sendMessage":"allow","createGroup.allowedGroupTypes":["public"]}}`, 1},
		"a failure among values": {`{"sendMessage":{"success":false,"error":{"code":"ERR_BAD_REQUEST"}},"permissions":{"sendMessage":"deny","createGroup.allowedGroupTypes":["public"]}}`, 1},
		"nothing":                {`{"permissions":[]}`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := testkit.Answering(t, 200, `{"data":`+tt.body+`}`).Permissions.SetForRole(t.Context(), "r", ask)
			require.NotNil(t, set)
			assert.Equal(t, tt.failed > 0, err != nil)
			assert.Len(t, set.Failed(), tt.failed)
			assert.Empty(t, set.Unmatched)
		})
	}
	unset, err := testkit.Answering(t, 200, `{"data":{"guid":"g","scope":"admin","permission":"a.b","status":"removed","updatedAt":1640000000}}`).
		Permissions.UnsetForScope(t.Context(), "g", "admin", "a.b")
	require.NoError(t, err)
	assert.Equal(t, "removed", unset.Status)
	_, err = testkit.Answering(t, 200, `{"data":{"success":false,"message":"no such value"}}`).Permissions.UnsetForRole(t.Context(), "r", "p")
	assert.ErrorContains(t, err, "no such value")
}

func TestPermissionValue(t *testing.T) {
	for in, want := range map[string]cometchat.PermissionValue{
		`"allow"`:       cometchat.PermissionText("allow"),
		`["a","b"]`:     cometchat.PermissionList("a", "b"),
		`[]`:            cometchat.PermissionList(),
		`{"0":"a"}`:     cometchat.PermissionList("a"),
		`[1,"a"]`:       cometchat.PermissionList("1", "a"),
		`true`:          cometchat.PermissionText("true"),
		`7`:             cometchat.PermissionText("7"),
		`null`:          {},
		`"a\u003cb\/c"`: cometchat.PermissionText("a<b/c"),
	} {
		var got cometchat.PermissionValue
		require.NoError(t, json.Unmarshal([]byte(in), &got), in)
		assert.Equal(t, want, got, in)
		assert.Equal(t, want.IsList(), got.IsList())
		var again cometchat.PermissionValue
		require.NoError(t, json.Unmarshal([]byte(testkit.JSON(t, got)), &again))
		assert.Equal(t, got, again, "it survives a round trip")
	}
	assert.Error(t, json.Unmarshal([]byte(`{"k":"v"}`), new(cometchat.PermissionValue)))
	assert.Equal(t, "allow", cometchat.PermissionAllow.String())
	assert.Equal(t, "[a b]", cometchat.PermissionList("a", "b").String())
	assert.True(t, cometchat.PermissionValue{}.IsZero())
	assert.False(t, cometchat.PermissionList().IsZero())
}

func FuzzPermissionValue(f *testing.F) {
	for _, seed := range []string{`"allow"`, `["a",1,null]`, `[]`, `{"0":"a"}`, `{"k":[]}`, `null`, `1e9`, `true`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var v cometchat.PermissionValue
		if json.Unmarshal(b, &v) != nil {
			return
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var again cometchat.PermissionValue
		if err := json.Unmarshal(text, &again); err != nil || again.String() != v.String() || again.IsList() != v.IsList() {
			t.Fatalf("%s became %s: %v", b, text, err)
		}
	})
}
