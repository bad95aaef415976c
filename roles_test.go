package cometchat_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// staffed is an app with the role "staff" and a group.
func staffed(srv *cometchattest.Server) {
	srv.AddRole("staff")
	srv.AddGroups(cometchattest.Group{GUID: "crew"})
}

func TestRoleFixtures(t *testing.T) {
	testkit.RunFixtures(t, staffed, []testkit.Fixture{
		{Name: "roles/create", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Roles.Create(ctx, &cometchat.CreateRoleRequest{
				Role: "Guide", Name: "Guide", Description: "Shows around", Metadata: cometchat.Metadata(`{"level":2}`),
				Settings: cometchat.RoleSettings{ListUsers: cometchat.RoleReachAll, SendMessagesTo: cometchat.RoleReachFriendsOnly},
			})
		}, Want: &cometchat.Role{
			Role: "guide", Name: "Guide", Description: "Shows around", Metadata: cometchat.Metadata(`{"level":2}`),
			Settings: cometchat.RoleSettings{ListUsers: "all", SendMessagesTo: "friendsOnly"}, CreatedAt: 1767258000,
		}},
		{Name: "roles/get", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Roles.Get(ctx, "staff")
		}, Want: &cometchat.Role{Role: "staff", Name: "staff", CreatedAt: 1767258000}},
		{Name: "roles/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, client.Roles.List(&cometchat.RoleListOptions{PerPage: 10}))
		}, Want: []*cometchat.Role{{Role: "staff", Name: "staff", CreatedAt: 1767258000}, {Role: "default", Name: "default", CreatedAt: 1767258000}}},
		{Name: "roles/update", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Roles.Update(ctx, "staff", &cometchat.UpdateRoleRequest{
				Name: cometchat.Ptr("Staff"), Settings: &cometchat.RoleSettings{ListUsers: cometchat.RoleReachFriendsOnly},
				Unset: []cometchat.RoleField{cometchat.RoleFieldMetadata},
			})
		}, Want: &cometchat.Role{
			Role: "staff", Name: "Staff", Settings: cometchat.RoleSettings{ListUsers: "friendsOnly"}, CreatedAt: 1767258000,
			UpdatedAt: 1767258000,
		}},
		{Name: "roles/delete", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Roles.Delete(ctx, "staff")
		}},
	})
}

func TestRoles(t *testing.T) {
	client, srv := testkit.Emulated(t)
	ctx := t.Context()
	_, err := client.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "ana", Name: "Ana", Role: "guide"})
	require.ErrorIs(t, err, cometchat.CodeBadRequest)
	var refused *cometchat.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, map[string][]string{"role": {"The role guide does not exist in this app."}}, refused.Details,
		"a role must exist before a user can have it")
	_, err = client.Roles.Create(ctx, &cometchat.CreateRoleRequest{Role: "guide", Name: "Guide"})
	require.NoError(t, err)
	assert.Equal(t, `{"role":"guide","name":"Guide"}`, string(srv.Requests()[1].Body))
	_, err = client.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "ana", Name: "Ana", Role: "guide"})
	require.NoError(t, err)

	_, err = client.Roles.Create(ctx, &cometchat.CreateRoleRequest{Role: "GUIDE", Name: "Guide"})
	assert.ErrorIs(t, err, cometchat.ErrAlreadyExists)
	_, err = client.Roles.Get(ctx, "ghost")
	assert.ErrorIs(t, err, cometchat.CodeRoleNotFound)
	err = client.Roles.Delete(ctx, cometchat.DefaultRole)
	assert.ErrorIs(t, err, cometchat.CodeRoleDeleteDenied)
	for i := range 23 {
		_, err = client.Roles.Create(ctx, &cometchat.CreateRoleRequest{Role: fmt.Sprint("r", i), Name: "R"})
		require.NoError(t, err)
	}
	_, err = client.Roles.Create(ctx, &cometchat.CreateRoleRequest{Role: "one-more", Name: "R"})
	assert.ErrorIs(t, err, cometchat.ErrQuotaExceeded)

	long := strings.Repeat("x", 256)
	srv.ResetRequests()
	for _, req := range []*cometchat.CreateRoleRequest{
		nil, {Name: "n"}, {Role: "r"}, {Role: "r", Name: long}, {Role: "r", Name: "n", Description: long},
		{Role: "r", Name: "n", Metadata: cometchat.Metadata("{")},
	} {
		_, err = client.Roles.Create(ctx, req)
		assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
	for _, req := range []*cometchat.UpdateRoleRequest{nil, {Name: cometchat.Ptr("")}, {Description: &long}} {
		_, err = client.Roles.Update(ctx, "guide", req)
		assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
	_, err = client.Roles.List(&cometchat.RoleListOptions{PerPage: 1001}).First(ctx)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	assert.Empty(t, srv.Requests())
}

func TestRoleSettingsShapes(t *testing.T) {
	for settings, want := range map[string]cometchat.RoleSettings{
		`[]`:                      {},
		`{}`:                      {},
		`null`:                    {},
		`{"listUsers":"nobody"}`:  {ListUsers: "nobody"},
		`[{"listUsers":"all"}]`:   {ListUsers: "all"},
		`"{\"listUsers\":\"a\"}"`: {ListUsers: "a"},
	} {
		role, err := testkit.Answering(t, 200, `{"data":{"role":"r","settings":`+settings+`}}`).Roles.Get(t.Context(), "r")
		require.NoError(t, err, settings)
		assert.Equal(t, want, role.Settings, settings)
	}
	_, err := testkit.Answering(t, 200, `{"data":{"name":"r"}}`).Roles.Get(t.Context(), "r")
	assert.Error(t, err)
}
