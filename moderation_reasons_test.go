package cometchat_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestModerationReasonFixtures(t *testing.T) {
	testkit.RunFixtures(t, testkit.SeedChat, []testkit.Fixture{
		{Name: "moderation_reasons/create", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Reasons.Create(ctx, &cometchat.CreateModerationReasonRequest{ID: "rude", Name: "Rude", Description: "Not nice"})
		}, Want: &cometchat.ModerationReason{ID: "rude", Name: "Rude", Description: "Not nice", CreatedAt: 1767258000, UpdatedAt: 1767258000}},
		{Name: "moderation_reasons/get", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Reasons.Get(ctx, "spam")
		}, Want: &cometchat.ModerationReason{
			ID: "spam", Name: "Spam", Description: "Advertising nobody asked for", Default: true, CreatedAt: 1767258000, UpdatedAt: 1767258000,
		}},
		{Name: "moderation_reasons/list", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Reasons.List(nil).Collect(ctx, 100)
		}, Want: []*cometchat.ModerationReason{
			{
				ID: "spam", Name: "Spam", Description: "Advertising nobody asked for", Default: true, CreatedAt: 1767258000, UpdatedAt: 1767258000,
			},
			{
				ID: "sexual", Name: "Sexual content", Description: "Nudity and what goes with it", Default: true, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
			{
				ID: "harassment", Name: "Harassment", Description: "Insults, threats, bullying", Default: true, CreatedAt: 1767258000,
				UpdatedAt: 1767258000,
			},
		}},
		{Name: "moderation_reasons/update", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return client.Moderation.Reasons.Update(ctx, "spam", &cometchat.UpdateModerationReasonRequest{Name: "Advertising"})
		}, Want: &cometchat.ModerationReason{
			ID: "spam", Name: "Advertising", Description: "Advertising nobody asked for", Default: true, CreatedAt: 1767258000,
			UpdatedAt: 1767258000,
		}},
		{Name: "moderation_reasons/delete", Call: func(ctx context.Context, client *cometchat.Client) (any, error) {
			return nil, client.Moderation.Reasons.Delete(ctx, "spam")
		}},
	})
}

func TestModerationReasonLimit(t *testing.T) {
	client, srv := testkit.Emulated(t)
	_, err := client.Moderation.Reasons.List(&cometchat.ModerationReasonListOptions{Limit: 1001}).First(t.Context())
	var invalid *cometchat.ValidationError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, "limit", invalid.Field)
	assert.Equal(t, []int{1000, 1001}, []int{invalid.Limit, invalid.Size})
	assert.Empty(t, srv.Requests())
}
