package cometchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestManagementCollaborators(t *testing.T) {
	client := managed(t, "collaborators")
	results, err := client.Collaborators.Add(t.Context(), "depot", &cometchat.AddCollaboratorsRequest{
		Admins: []string{"Ops@example.org"}, Moderators: []string{"mo@example.org", "nobody"},
	})
	assert.ErrorIs(t, err, cometchat.CodeBadRequest)
	require.Len(t, results.Items, 3)
	assert.Equal(t, []bool{true, true, false}, []bool{results.Items[0].OK(), results.Items[1].OK(), results.Items[2].OK()})
	all, err := client.Collaborators.List("depot", nil).Collect(t.Context(), 10)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.Collaborator{
		{ID: "2", Name: "mo", Email: "mo@example.org", Role: cometchat.CollaboratorRoleModerator, CreatedAt: testkit.RecordedAt},
		{ID: "1", Name: "Ops", Email: "Ops@example.org", Role: cometchat.CollaboratorRoleAdmin, CreatedAt: testkit.RecordedAt},
	}, all)
	results, err = client.Collaborators.Remove(t.Context(), "depot", []string{"ops@example.org", "nobody@example.org"})
	assert.ErrorIs(t, err, cometchat.CodeNotACollaborator)
	assert.Equal(t, []bool{true, false}, []bool{results.Items[0].OK(), results.Items[1].OK()})
}
