package cometchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestContactDetails(t *testing.T) {
	ctx := t.Context()
	contacts := testkit.Replayed(t, "notifications/contacts", testkit.SeedTutoring).OnBehalfOf("lena").Notifications.Contacts
	details, set, err := contacts.Get(ctx, "piotr")
	require.NoError(t, err)
	assert.False(t, set, "not set is no error")
	assert.Equal(t, &cometchat.ContactDetails{}, details)
	_, err = contacts.Update(ctx, "piotr", &cometchat.UpdateContactDetailsRequest{Email: cometchat.Ptr("piotr@tutoring.test")})
	require.NoError(t, err)
	details, err = contacts.Update(ctx, "piotr", &cometchat.UpdateContactDetailsRequest{PhNo: cometchat.Ptr("+48221234567")})
	require.NoError(t, err)
	want := &cometchat.ContactDetails{Email: "piotr@tutoring.test", PhNo: "+48221234567"}
	assert.Equal(t, want, details)
	details, set, err = contacts.Get(ctx, "piotr")
	require.NoError(t, err)
	assert.True(t, set)
	assert.Equal(t, want, details)
	_, set, err = contacts.Get(ctx, "lena")
	require.NoError(t, err)
	assert.False(t, set, "of the user named, whoever acts")
	require.NoError(t, contacts.Delete(ctx, "piotr"))
	_, set, err = contacts.Get(ctx, "piotr")
	require.NoError(t, err)
	assert.False(t, set)
	_, _, err = contacts.Get(ctx, "nobody")
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
}
