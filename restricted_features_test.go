package cometchat_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestRestrictedFeatureFixtures(t *testing.T) {
	testkit.RunFixtures(t, staffed, []testkit.Fixture{
		{Name: "restricted_features/restrict", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.RestrictedFeatures.Restrict(ctx, "staff", []string{"listUsers", "u.deleteGroup"})
		}, Want: &cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{
			{ID: "listUsers", Message: "The feature u.listUsers is restricted."}, {ID: "u.deleteGroup", Message: "The feature u.deleteGroup is restricted."},
		}}},
		{Name: "restricted_features/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			if _, err := client.RestrictedFeatures.Restrict(ctx, "staff", []string{"listUsers"}); err != nil {
				return nil, err
			}
			return testkit.FirstPage(ctx, client.RestrictedFeatures.List("staff", nil))
		}, Want: []*cometchat.RestrictedFeature{
			{
				Key: "u.listUsers", Title: "listUsers", Description: "Lets a user do listUsers.", Path: "/v3/listUsers", CreatedAt: 1767258000,
			},
		}},
		{Name: "restricted_features/allow", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.RestrictedFeatures.Allow(ctx, "staff", []string{"listUsers"})
		}, Want: &cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{{ID: "listUsers", Message: "The features are allowed."}}}},
		{Name: "restricted_features/allow-all", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.RestrictedFeatures.AllowAll(ctx, "staff")
		}},
	})
}

func TestRestrictedFeatures(t *testing.T) {
	client, srv := testkit.Emulated(t)
	staffed(srv)
	ctx := t.Context()
	keys := func() []string {
		var keys []string
		for f, err := range client.RestrictedFeatures.List("staff", nil).All(ctx) {
			require.NoError(t, err)
			assert.NotEmpty(t, f.Title)
			keys = append(keys, f.Key)
		}
		return keys
	}
	results, err := client.RestrictedFeatures.Restrict(ctx, "staff", []string{"listUsers", "u.deleteGroup"})
	require.NoError(t, err, "answers carry a prefix that the input may lack")
	assert.Empty(t, results.Unmatched)
	assert.ElementsMatch(t, []string{"u.listUsers", "u.deleteGroup"}, keys())
	_, err = client.RestrictedFeatures.Allow(ctx, "staff", []string{"u.listUsers"})
	require.NoError(t, err)
	assert.Equal(t, []string{"u.deleteGroup"}, keys())
	err = client.RestrictedFeatures.AllowAll(ctx, "staff")
	require.NoError(t, err)
	assert.Empty(t, keys())
	requests := srv.Requests()
	assert.Equal(t, `{"allowAll":true}`, string(requests[len(requests)-2].Body))

	_, err = client.RestrictedFeatures.Restrict(ctx, "ghost", []string{"listUsers"})
	assert.ErrorIs(t, err, cometchat.CodeRoleNotFound)
	_, err = client.RestrictedFeatures.Restrict(ctx, "staff", nil)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, err = client.RestrictedFeatures.Allow(ctx, "staff", nil)
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)

	results, err = testkit.Answering(t, 200, `{"data":{"u.listUsers":{"success":true},"u.deleteGroup":{"success":false,"error":{"code":"ERR_BAD_REQUEST"}}}}`).
		RestrictedFeatures.Restrict(ctx, "r", []string{"listUsers", "deleteGroup"})
	require.ErrorIs(t, err, cometchat.CodeBadRequest)
	assert.True(t, results.Items[0].OK())
	assert.False(t, results.Items[1].OK())
}
