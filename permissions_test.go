package cometchat_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

func TestPermissionFixtures(t *testing.T) {
	values := cometchat.PermissionValues{
		"createGroup": cometchat.PermissionDeny, "createGroup.allowedGroupTypes": cometchat.PermissionList("public"),
	}
	runFixtures(t, staffed, []fixtureCase{
		{"permissions/list-for-role", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return first(ctx, c.Permissions.ListForRole("staff", nil))
		}, []string{`"id":"createGroup"`, `"type":"role"`, `"availableValues":["allow","deny"]`, `"defaultValue":"allow"`, `"defaultValue":[]`}},
		{"permissions/set-for-role", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Permissions.SetForRole(ctx, "staff", values)
		}, []string{`"id":"createGroup","success":true`, `"permissions":{"createGroup":"deny","createGroup.allowedGroupTypes":["public"]}`}},
		{"permissions/unset-for-role", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Permissions.UnsetForRole(ctx, "staff", "createGroup.allowedGroupTypes")
		}, []string{`{}`}},
		{"permissions/list-for-scope", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return first(ctx, c.Permissions.ListForScope("crew", cometchat.MemberScopeParticipant, nil))
		}, []string{`"id":"sendThreadedMessage"`, `"type":"scope"`}},
		{"permissions/set-for-scope", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Permissions.SetForScope(ctx, "crew", cometchat.MemberScopeParticipant, cometchat.PermissionValues{"addReaction": cometchat.PermissionDeny})
		}, []string{`"id":"addReaction","success":true`, `"permissions":{"addReaction":"deny"}`}},
		{"permissions/unset-for-scope", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Permissions.UnsetForScope(ctx, "crew", cometchat.MemberScopeParticipant, "addReaction")
		}, []string{`{}`}},
	})
}

func TestSetPermissions(t *testing.T) {
	client, srv := emulated(t)
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
			set, err := answering(t, 200, `{"data":`+tt.body+`}`).Permissions.SetForRole(t.Context(), "r", ask)
			require.NotNil(t, set)
			assert.Equal(t, tt.failed > 0, err != nil)
			assert.Len(t, set.Failed(), tt.failed)
			assert.Empty(t, set.Unmatched)
		})
	}
	unset, err := answering(t, 200, `{"data":{"guid":"g","scope":"admin","permission":"a.b","status":"removed","updatedAt":1640000000}}`).
		Permissions.UnsetForScope(t.Context(), "g", "admin", "a.b")
	require.NoError(t, err)
	assert.Equal(t, "removed", unset.Status)
	_, err = answering(t, 200, `{"data":{"success":false,"message":"no such value"}}`).Permissions.UnsetForRole(t.Context(), "r", "p")
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
		require.NoError(t, json.Unmarshal([]byte(toJSON(t, got)), &again))
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
