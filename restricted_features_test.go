package cometchat_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

func TestRestrictedFeatureFixtures(t *testing.T) {
	runFixtures(t, staffed, []fixtureCase{
		{"restricted_features/restrict", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.RestrictedFeatures.Restrict(ctx, "staff", []string{"listUsers", "u.deleteGroup"})
		}, []string{`"id":"listUsers","success":true`, `"id":"u.deleteGroup","success":true`}},
		{"restricted_features/list", func(ctx context.Context, c *cometchat.Client) (any, error) {
			if _, err := c.RestrictedFeatures.Restrict(ctx, "staff", []string{"listUsers"}); err != nil {
				return nil, err
			}
			return first(ctx, c.RestrictedFeatures.List("staff", nil))
		}, []string{`"key":"u.listUsers"`, `"title":`, `"createdAt":`}},
		{"restricted_features/allow", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.RestrictedFeatures.Allow(ctx, "staff", []string{"listUsers"})
		}, []string{`"id":"listUsers","success":true`}},
		{"restricted_features/allow-all", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return nil, c.RestrictedFeatures.AllowAll(ctx, "staff")
		}, nil},
	})
}

func TestRestrictedFeatures(t *testing.T) {
	client, srv := emulated(t)
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

	results, err = answering(t, 200, `{"data":{"u.listUsers":{"success":true},"u.deleteGroup":{"success":false,"error":{"code":"ERR_BAD_REQUEST"}}}}`).
		RestrictedFeatures.Restrict(ctx, "r", []string{"listUsers", "deleteGroup"})
	require.ErrorIs(t, err, cometchat.CodeBadRequest)
	assert.True(t, results.Items[0].OK())
	assert.False(t, results.Items[1].OK())
}
