package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
	"github.com/go-cometchat/cometchat/examples/internal/clitest"
)

// account starts an emulator, makes it the account of the environment, and
// returns a client of it.
func account(t *testing.T) (*cometchattest.Server, *cometchat.Client) {
	t.Helper()
	srv := clitest.Start(t)
	client, err := cometchat.NewClientFromEnv()
	require.NoError(t, err)
	return srv, client
}

func planFile(t *testing.T, json string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "teams.json")
	require.NoError(t, os.WriteFile(file, []byte(json), 0o600))
	return file
}

func provision(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := cli.Try(t.Context(), command, args, cli.Std{Out: &out, Err: &out})
	return out.String(), err
}

// writes returns the requests that change data.
func writes(srv *cometchattest.Server) []string {
	var list []string
	for _, r := range srv.Requests() {
		if r.Method != "GET" {
			list = append(list, r.Method+" "+r.Path)
		}
	}
	return list
}

func membersOf(t *testing.T, client *cometchat.Client, guid string) map[string]cometchat.MemberScope {
	t.Helper()
	members := map[string]cometchat.MemberScope{}
	for m, err := range client.GroupMembers.List(guid, nil).All(t.Context()) {
		require.NoError(t, err)
		members[m.UID] = m.Scope
	}
	return members
}

func TestWithoutAnAccount(t *testing.T) {
	t.Setenv("COMETCHAT_API_KEY", "")
	out, err := provision(t)
	require.NoError(t, err)
	assert.Contains(t, out, "an app in memory")
	assert.Regexp(t, `(?m)^user +bram-visser +update +done$`, out)
	assert.Regexp(t, `(?m)^member +harbour/bram-visser +make moderator +done$`, out)
	assert.Contains(t, out, "\n16 changed, 0 failed, 1 as they should be\n")
}

func TestSecondRunWritesNothing(t *testing.T) {
	srv, client := account(t)
	out, err := provision(t, "-prune")
	require.NoError(t, err)
	assert.Contains(t, out, "\n17 changed, 0 failed, 0 as they should be\n")
	assert.Regexp(t, `(?m)^THING +ID +CHANGE +RESULT$`, out)
	assert.Regexp(t, `(?m)^role +guest +create +done$`, out)
	assert.Regexp(t, `(?m)^member +lighthouse/dario-silva +add +done$`, out)
	assert.Equal(t, map[string]cometchat.MemberScope{
		"amara-okoye": "admin", "bram-visser": "moderator", "dario-silva": "participant", "elif-kaya": "participant",
	}, membersOf(t, client, "harbour"))
	assert.NotEmpty(t, writes(srv))

	srv.ResetRequests()
	out, err = provision(t, "-prune")
	require.NoError(t, err)
	assert.Empty(t, writes(srv))
	assert.NotEmpty(t, srv.Requests())
	assert.Contains(t, out, "\n0 changed, 0 failed, 17 as they should be\n")
	assert.NotContains(t, out, srv.APIKey())
}

const small = `{
	"users": [{"uid":"Ana","name":"Ana"},{"uid":"bo","name":"Bo"}],
	"teams": [{"guid":"Crew","name":"Crew","type":"private","owner":"Ana","moderators":["bo"],"participants":["BO"]}]
}`

func TestPrune(t *testing.T) {
	srv, client := account(t)
	srv.AddUsers(cometchattest.User{UID: "ana", Name: "Ana"}, cometchattest.User{UID: "bo", Name: "old"}, cometchattest.User{UID: "cy"}, cometchattest.User{UID: "di"})
	srv.AddGroups(cometchattest.Group{GUID: "crew", Name: "Old", Owner: "ana", Participants: []string{"cy", "bo", "di"}})

	file := planFile(t, small)
	_, err := provision(t, "-file", file)
	require.NoError(t, err)
	assert.Equal(t, map[string]cometchat.MemberScope{"ana": "admin", "bo": "moderator", "cy": "participant", "di": "participant"},
		membersOf(t, client, "crew"), "nobody goes unless asked for")
	group, err := client.Groups.Get(t.Context(), "crew")
	require.NoError(t, err)
	assert.Equal(t, "Crew private", fmt.Sprint(group.Name, " ", group.Type))

	srv.ResetRequests()
	out, err := provision(t, "-file", file, "-prune")
	require.NoError(t, err)
	assert.Equal(t, []string{"DELETE /groups/Crew/members/cy", "DELETE /groups/Crew/members/di"}, writes(srv))
	assert.Regexp(t, `(?m)^member +Crew/cy +remove +done$`, out)
	assert.Equal(t, map[string]cometchat.MemberScope{"ana": "admin", "bo": "moderator"}, membersOf(t, client, "crew"))

	srv.ResetRequests()
	_, err = provision(t, "-file", file, "-prune")
	require.NoError(t, err)
	assert.Empty(t, writes(srv))
}

func TestManyMembers(t *testing.T) {
	srv, client := account(t)
	srv.SeedUsers(60)
	var uids []string
	for i := range 60 {
		uids = append(uids, fmt.Sprintf("%q", fmt.Sprintf("user-%04d", i+1)))
	}
	file := planFile(t, `{"teams":[{"guid":"all","name":"All","type":"public","participants":[`+strings.Join(uids, ",")+`]}]}`)
	_, err := provision(t, "-file", file)
	require.NoError(t, err)
	assert.Equal(t, 3, srv.Count("POST", "/groups/all/members"))
	assert.Len(t, membersOf(t, client, "all"), 60)
}

func TestFailedChanges(t *testing.T) {
	srv, _ := account(t)
	srv.AddUsers(cometchattest.User{UID: "cy", Name: "Cy"})
	srv.AddGroups(cometchattest.Group{GUID: "crew", Name: "Crew", Type: "private", Banned: []string{"cy"}})
	srv.Inject(cometchattest.Fault{Method: "GET", Path: "/users/bo", Status: 500, Message: "Not today."})
	srv.Inject(cometchattest.Fault{Method: "GET", Path: "/groups/lost", Status: 500})
	srv.Inject(cometchattest.Fault{Method: "GET", Path: "/groups/mute/members", Status: 500})
	srv.Inject(cometchattest.Fault{Method: "POST", Path: "/groups/deaf/members", Status: 403, Code: "ERR_PERMISSION_DENIED"})
	srv.Inject(cometchattest.Fault{Method: "GET", Path: "/groups/late/members", Body: []byte(`{"data":[]}`)})
	srv.AddGroups(
		cometchattest.Group{GUID: "mute", Name: "M", Type: "public"}, cometchattest.Group{GUID: "deaf", Name: "D", Type: "public"},
		cometchattest.Group{GUID: "late", Name: "L", Type: "public", Participants: []string{"cy"}},
		cometchattest.Group{GUID: "stiff", Name: "S", Type: "public"},
	)
	srv.Inject(cometchattest.Fault{Method: "PUT", Path: "/groups/stiff", Status: 403, Code: "ERR_PERMISSION_DENIED"})
	out, err := provision(t, "-file", planFile(t, `{
		"roles": [{"role":"no name"}],
		"users": [{"uid":"ana","name":"Ana","role":"ghost"},{"uid":"bo","name":"Bo"},{"uid":"cy","name":"Cy"}],
		"teams": [
			{"guid":"crew","name":"Crew","type":"private","participants":["cy","nobody"]},
			{"guid":"open","name":"Open","type":"password"},
			{"guid":"lost","name":"L","type":"public"},
			{"guid":"mute","name":"M","type":"public"},
			{"guid":"deaf","name":"D","type":"public","admins":["cy"]},
			{"guid":"late","name":"L","type":"public","participants":["cy"]},
			{"guid":"stiff","name":"New","type":"public","participants":["cy"]}
		]}`))
	require.EqualError(t, err, "10 of 10 changes failed")
	for _, line := range []string{
		`role +no name +create +FAILED: .*name: required`,
		`user +ana +create +FAILED: .*ERR_BAD_REQUEST: .*role: `,
		`user +bo +read +FAILED: .*Not today`,
		`member +crew/cy +add +FAILED: .*ERR_BANNED_GROUPMEMBER`,
		`member +crew/nobody +add +FAILED: .*ERR_UID_NOT_FOUND`,
		`group +open +create +FAILED: .*password: required`,
		`group +lost +read +FAILED`,
		`members +mute +list +FAILED`,
		`members +deaf +add +FAILED: .*ERR_PERMISSION_DENIED`,
		`group +stiff +update +FAILED: .*ERR_PERMISSION_DENIED`,
	} {
		assert.Regexp(t, `(?m)^`+line, out)
	}
	assert.Contains(t, out, "\n0 changed, 10 failed, 6 as they should be\n", "who joined since the list was read is where they should be")
	assert.Zero(t, srv.Count("POST", "/groups/stiff/members"))
}

// TestStops checks that an error that all changes would get occurs only once.
func TestStops(t *testing.T) {
	for skip, want := range map[int]string{0: "after 0 changes", 1: "after 0 changes", 4: "after 2 changes", 20: "after 13 changes"} {
		srv, _ := account(t)
		srv.Inject(cometchattest.Fault{Skip: skip, Status: 401, Code: "AUTH_ERR_APIKEY_NOT_FOUND", Times: cometchattest.Always})
		out, err := provision(t)
		require.ErrorIs(t, err, cometchat.ErrUnauthorized)
		require.ErrorContains(t, err, "stopped "+want+": ")
		assert.NotContains(t, out, "AUTH_ERR")
		assert.Len(t, srv.Requests(), skip+1)
	}
}

func TestBadInput(t *testing.T) {
	srv, _ := account(t)
	_, err := provision(t, "-file", filepath.Join(t.TempDir(), "missing.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = provision(t, "-file", planFile(t, `{"teems":[]}`))
	require.ErrorContains(t, err, "teems")
	_, err = provision(t, "-no-such-flag")
	require.Error(t, err)
	assert.Empty(t, srv.Requests())

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	assert.Equal(t, 130, cli.Exec(ctx, command, nil, cli.Std{Out: &out, Err: &out}))
	assert.Equal(t, "Working on the account named by COMETCHAT_API_KEY.\n0 changed, 0 failed, 0 as they should be\n"+
		"provision: stopped by Ctrl-C after 0 changes\n", out.String())
	t.Setenv("COMETCHAT_REGION", "not a region")
	t.Setenv("COMETCHAT_BASE_URL", "")
	_, err = provision(t)
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
}

func TestMain(m *testing.M) { clitest.Main(m, command) }

func TestTerminal(t *testing.T) { clitest.Terminal(t, command, 1) }
