package cometchat_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestBlockedUserFixtures(t *testing.T) {
	testkit.RunFixtures(t, friends, []testkit.Fixture{
		{Name: "blocked_users/block", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.BlockedUsers.Block(ctx, "user-0001", []string{"User-0004"})
		}, Want: &cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{{ID: "User-0004", Message: "The user user-0001 blocks the user user-0004."}}}},
		{Name: "blocked_users/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, client.BlockedUsers.List("user-0001", &cometchat.BlockedUserListOptions{PerPage: 5, Direction: cometchat.BlockDirectionOutgoing}))
		}, Want: []*cometchat.User{
			{
				UID: "user-0003", Name: "Dalia Almeida", Role: "default", Status: "offline", ConversationID: "user-0001_user_user-0003",
				CreatedAt: 1767257997, BlockedByMe: true, BlockedByMeAt: 1767258000, BlockedAt: 1767258000,
			},
		}},
		{Name: "blocked_users/unblock", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.BlockedUsers.Unblock(ctx, "user-0001", []string{"user-0003"})
		}, Want: &cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{{ID: "user-0003", Message: "The user user-0001 does not block the user user-0003."}}}},
	})
}

func TestBlocking(t *testing.T) {
	client, srv := testkit.Emulated(t)
	friends(srv)
	ctx := t.Context()
	results, err := client.BlockedUsers.Block(ctx, "user-0001", []string{"user-0004", "ghost", "USER-0001"})
	require.Error(t, err)
	assert.NoError(t, results.Items[0].Err)
	assert.ErrorIs(t, results.Items[1].Err, cometchat.CodeUIDNotFound)
	assert.ErrorIs(t, results.Items[2].Err, cometchat.CodeCannotBlockSelf)
	_, err = client.BlockedUsers.Block(ctx, "user-0005", []string{"user-0001"})
	require.NoError(t, err)

	for direction, want := range map[cometchat.BlockDirection][]string{
		"":                               {"user-0003", "user-0004"},
		cometchat.BlockDirectionOutgoing: {"user-0003", "user-0004"},
		cometchat.BlockDirectionIncoming: {"user-0005"},
		cometchat.BlockDirectionBoth:     {"user-0003", "user-0004", "user-0005"},
	} {
		var got []string
		for u, err := range client.BlockedUsers.List("user-0001", &cometchat.BlockedUserListOptions{Direction: direction, PerPage: 2}).All(ctx) {
			require.NoError(t, err)
			got = append(got, u.UID)
			assert.Equal(t, u.UID == "user-0005", u.HasBlockedMe)
			assert.Equal(t, u.UID != "user-0005", u.BlockedByMe)
			assert.NotZero(t, u.BlockedAt)
		}
		assert.Equal(t, want, got)
	}
	seen, err := client.OnBehalfOf("user-0001").Users.Get(ctx, "user-0003")
	require.NoError(t, err)
	assert.True(t, seen.BlockedByMe)

	_, err = client.BlockedUsers.Unblock(ctx, "user-0001", []string{"user-0003"})
	require.NoError(t, err)
	left, err := client.BlockedUsers.List("user-0001", nil).Collect(ctx, 5)
	require.NoError(t, err)
	assert.Len(t, left, 1)

	_, err = client.BlockedUsers.Block(ctx, "user-0001", nil)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, err = client.BlockedUsers.Unblock(ctx, "", []string{"a"})
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, err = client.BlockedUsers.List("u", &cometchat.BlockedUserListOptions{Page: -1}).First(ctx)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
}
