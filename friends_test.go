package cometchat_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// friends is an app of six users of whom the first two are friends, and the
// first blocks the third.
func friends(srv *cometchattest.Server) {
	srv.SeedUsers(6)
	srv.AddFriends("user-0001", "user-0002")
	srv.AddBlocks("user-0001", "user-0003")
}

func TestFriendFixtures(t *testing.T) {
	testkit.RunFixtures(t, friends, []testkit.Fixture{
		{Name: "friends/add", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Friends.Add(ctx, "user-0001", &cometchat.AddFriendsRequest{UIDs: []string{"USER-0004", "user-0005"}, AddToConversations: true})
		}, Want: &cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{
			{ID: "USER-0004", Message: "The users are friends now."}, {ID: "user-0005", Message: "The users are friends now."},
		}}},
		{Name: "friends/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, client.Friends.List("user-0001", &cometchat.FriendListOptions{SearchKey: "user", PerPage: 10}))
		}, Want: []*cometchat.User{
			{
				UID: "user-0002", Name: "Chidi Almeida", Role: "default", Status: "offline", ConversationID: "user-0001_user_user-0002",
				CreatedAt: 1767257996,
			},
		}},
		{Name: "friends/remove", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Friends.Remove(ctx, "user-0001", []string{"user-0002"})
		}, Want: &cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{{ID: "user-0002", Message: "The users are friends no more."}}}},
	})
}

func TestFriends(t *testing.T) {
	client, srv := testkit.Emulated(t)
	friends(srv)
	ctx := t.Context()
	results, err := client.Friends.Add(ctx, "user-0001", &cometchat.AddFriendsRequest{
		UIDs: []string{"user-0004", "user-0001", "ghost", "user-0002"},
	})
	require.Error(t, err)
	require.Len(t, results.Items, 4)
	assert.NoError(t, results.Items[0].Err)
	assert.ErrorIs(t, results.Items[1].Err, cometchat.CodeCannotFormSelfRelation)
	assert.ErrorIs(t, results.Items[2].Err, cometchat.CodeUIDNotFound)
	assert.ErrorIs(t, results.Items[3].Err, cometchat.CodeAlreadyFriend)
	assert.Equal(t, `{"accepted":["user-0004","user-0001","ghost","user-0002"]}`, string(srv.Requests()[0].Body))

	list, err := client.Friends.List("user-0004", nil).Collect(ctx, 10)
	require.NoError(t, err)
	require.Len(t, list, 1, "friendship goes both ways")

	_, err = client.Friends.Remove(ctx, "user-0001", []string{"user-0005"})
	assert.ErrorIs(t, err, cometchat.CodeNotAFriend)
	removed, err := client.Friends.Remove(ctx, "user-0001", []string{"user-0002", "user-0004"})
	require.NoError(t, err)
	assert.Len(t, removed.Items, 2, "one answer for all of them")

	uids := make([]string, 26)
	for i := range uids {
		uids[i] = fmt.Sprint("u", i)
	}
	srv.ResetRequests()
	for _, req := range []*cometchat.AddFriendsRequest{nil, {}, {UIDs: uids}, {UIDs: []string{""}}} {
		_, err = client.Friends.Add(ctx, "user-0001", req)
		assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
	_, err = client.Friends.Remove(ctx, "user-0001", nil)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, err = client.Friends.List("u", &cometchat.FriendListOptions{PerPage: -1}).First(ctx)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	assert.Empty(t, srv.Requests())
}

func TestFriendAnswers(t *testing.T) {
	for name, body := range map[string]string{
		"under accepted": `{"data":{"accepted":{"bea":{"success":true,"message":"m"},"accepted":{"success":false,"error":{"code":"ERR_ALREADY_FRIEND"}}}}}`,
		"under data":     `{"data":{"bea":{"success":true,"message":"m"},"accepted":{"success":false,"error":{"code":"ERR_ALREADY_FRIEND"}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			results, err := testkit.Answering(t, 200, body).Friends.Add(t.Context(), "ana", &cometchat.AddFriendsRequest{UIDs: []string{"Bea", "accepted"}})
			require.ErrorIs(t, err, cometchat.CodeAlreadyFriend)
			require.NoError(t, results.Items[0].Err)
			assert.Error(t, results.Items[1].Err, "an id may be called as the group is")
		})
	}
	// A response by uid, where one for all is documented, must not hide a
	// failure.
	results, err := testkit.Answering(t, 200, `{"data":{"bea":{"success":false,"error":{"code":"ERR_NOT_A_FRIEND"}},"cleo":{"success":true}}}`).
		Friends.Remove(t.Context(), "ana", []string{"cleo", "bea"})
	require.ErrorIs(t, err, cometchat.CodeNotAFriend)
	assert.True(t, results.Items[0].OK())
	assert.False(t, results.Items[1].OK())
}
