package cometchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestManagementApps(t *testing.T) {
	client := managed(t, "apps")
	made, err := client.Apps.Create(t.Context(), &cometchat.CreateAppRequest{Name: "Depot chat", Region: cometchat.RegionEU, Version: "3", SkipSampleData: true})
	require.NoError(t, err)
	require.Len(t, made.APIKeys, 2)
	for key, is := range made.APIKeys {
		assert.Equal(t, key, is.APIKey)
		assert.Equal(t, cometchat.SystemUID, is.CreatedBy)
	}
	assert.Equal(t, &cometchat.App{
		ID: made.ID, Name: "Depot chat", Region: cometchat.RegionEU, Plan: "trial", State: "active", Owner: "1",
		AppOwner:  cometchat.AppOwner{ID: "1", Name: "Owner", Email: "owner@example.com"},
		AppRegion: cometchat.AppRegion{ID: "eu", Name: "EU", Description: "Region eu"},
		CreatedAt: testkit.RecordedAt, TrialEndsAt: testkit.RecordedAt + 30*24*60*60, APIKeys: made.APIKeys,
	}, made)

	apps, err := client.Apps.List(&cometchat.AppListOptions{PerPage: 1}).Collect(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, apps, 2)
	assert.Equal(t, made, apps[0])
	page, err := client.Apps.List(&cometchat.AppListOptions{SearchKey: "depot chat"}).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.App{made}, page.Items)

	require.NoError(t, client.Apps.RequestUsage(t.Context(), "depot", nil))
	require.NoError(t, client.Apps.RequestUsage(t.Context(), "depot", &cometchat.AppUsageOptions{UsePreviousBillingCycle: true}))
	deletion, err := client.Apps.Delete(t.Context(), "depot")
	require.NoError(t, err)
	assert.Equal(t, &cometchat.AppDeletion{ScheduledToDeleteAt: testkit.RecordedAt + 30*24*60*60}, deletion)
	_, err = client.Apps.Delete(t.Context(), "no-such-app")
	assert.ErrorIs(t, err, cometchat.CodeAppNotFound)
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
}
