package cometchat_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestBannedUserFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedTeam, []testkit.Fixture{
		{Name: "banned_users/ban", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.BannedUsers.Ban(ctx, "crew", "user-0002")
		}},
		{Name: "banned_users/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, client.BannedUsers.List("crew", &cometchat.BannedUserListOptions{PerPage: 5}))
		}, Want: []*cometchat.BannedUser{
			{
				User:  cometchat.User{UID: "user-0003", Name: "Dalia Almeida", Role: "default", Status: "offline", CreatedAt: 1767257997},
				Scope: "participant", BannedAt: 1767258000,
			},
		}},
		{Name: "banned_users/unban", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.BannedUsers.Unban(ctx, "crew", "user-0003")
		}},
	})
}

func TestBanAndUnban(t *testing.T) {
	client, srv := testkit.Emulated(t)
	testkit.SeedTeam(srv)
	ctx := t.Context()
	err := client.BannedUsers.Ban(ctx, "crew", "user-0003")
	assert.ErrorIs(t, err, cometchat.CodeAlreadyBanned)
	assert.ErrorIs(t, err, cometchat.ErrAlreadyExists)
	err = client.BannedUsers.Ban(ctx, "crew", "user-0004")
	assert.ErrorIs(t, err, cometchat.CodeNotAMember)
	err = client.BannedUsers.Unban(ctx, "crew", "user-0004")
	assert.ErrorIs(t, err, cometchat.CodeNotABannedUser)
	err = client.OnBehalfOf("user-0001").BannedUsers.Ban(ctx, "crew", "user-0001")
	assert.ErrorIs(t, err, cometchat.CodeGroupNoSelfAction)

	join := func() error {
		_, err := client.GroupMembers.Add(ctx, "crew", &cometchat.AddMembersRequest{Participants: []string{"user-0003"}})
		return err
	}
	require.ErrorIs(t, join(), cometchat.CodeBannedGroupMember)
	err = client.BannedUsers.Unban(ctx, "crew", "USER-0003")
	require.NoError(t, err)
	require.NoError(t, join())

	_, err = client.BannedUsers.List("crew", &cometchat.BannedUserListOptions{Page: -1}).First(ctx)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	err = client.BannedUsers.Ban(ctx, "crew", "")
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
}

func TestBannedUserLog(t *testing.T) {
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "banned", cometchat.BannedUser{BannedAt: 1700000000})
	assert.Contains(t, log.String(), "banned.bannedAt=2023-11-14T22:13:20Z")
}
