package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

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

func usersFile(t *testing.T, json string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "users.json")
	require.NoError(t, os.WriteFile(file, []byte(json), 0o600))
	return file
}

var elapsed = regexp.MustCompile(`; [0-9.µm]+s\n`)

func syncUsers(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := cli.Try(t.Context(), command, args, cli.Std{Out: &out, Err: &out})
	return elapsed.ReplaceAllString(out.String(), "\n"), err
}

func TestWithoutAnAccount(t *testing.T) {
	t.Setenv("COMETCHAT_API_KEY", "")
	out, err := syncUsers(t)
	require.NoError(t, err)
	assert.Contains(t, out, "an app in memory")
	assert.Contains(t, out, "\n10 created, 2 updated, 0 failed; 12 have a token\n")
}

func TestSyncTwice(t *testing.T) {
	srv, client := account(t)
	out, err := syncUsers(t)
	require.NoError(t, err)
	assert.Contains(t, out, "\n12 created, 0 updated, 0 failed; 12 have a token\n")

	again, err := syncUsers(t)
	require.NoError(t, err)
	assert.Contains(t, again, "\n0 created, 12 updated, 0 failed; 12 have a token\n")

	fumiko, err := client.Users.Get(t.Context(), "fumiko-arai")
	require.NoError(t, err)
	assert.Equal(t, "Fumiko Arai", fumiko.Name)
	assert.JSONEq(t, `{"desk":31,"onCall":true}`, fumiko.Metadata.String())

	users := 0
	for user, err := range client.Users.List(nil).All(t.Context()) {
		require.NoError(t, err)
		users++
		tokens, err := client.AuthTokens.List(user.UID, nil).Collect(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, tokens, 1, "the second run gives the same token")
		assert.NotContains(t, out+again, string(tokens[0].AuthToken))
	}
	assert.Equal(t, 12, users)
	assert.NotContains(t, out+again, srv.APIKey())
}

func TestFailedUsers(t *testing.T) {
	srv, _ := account(t)
	srv.Inject(cometchattest.Fault{Path: "/users/nils/auth_tokens", Status: 500, Message: "No token today."})
	out, err := syncUsers(t, "-file", usersFile(t, `[
		{"uid": "mina", "name": "Mina Patel"},
		{"uid": "nils", "name": "Nils Berg"},
		{"uid": "otto", "name": "Otto Klein", "role": "no-such-role"},
		{"uid": "", "name": "Nobody"},
		null,
		{"uid": "paula", "name": "Paula Sanz"}
	]`))
	require.EqualError(t, err, "4 of 6 users failed")
	_, table, ok := strings.Cut(out, "\n2 created, 0 updated, 4 failed; 2 have a token\n\n")
	require.True(t, ok, out)
	lines := strings.Split(strings.TrimSpace(table), "\n")
	require.Len(t, lines, 5)
	assert.Regexp(t, `^UID +REASON$`, lines[0])
	assert.Regexp(t, `^"nils"  synced, but without a token: .*No token today\.`, lines[1])
	assert.Regexp(t, `^"otto"  .*ERR_BAD_REQUEST: .*role: `, lines[2])
	assert.Regexp(t, `^""  +.*uid: required$`, lines[3])
	assert.Regexp(t, `^""  +null is no user$`, lines[4])
}

func TestWithoutTokens(t *testing.T) {
	srv, _ := account(t)
	out, err := syncUsers(t, "-tokens=false")
	require.NoError(t, err)
	assert.Contains(t, out, "\n12 created, 0 updated, 0 failed; 0 have a token\n")
	assert.Zero(t, srv.Count("POST", "/users/{uid}/auth_tokens"))
}

func TestWorkersAreBounded(t *testing.T) {
	srv, client := account(t)
	srv.Inject(cometchattest.Fault{Latency: 5 * time.Millisecond, Times: cometchattest.Always})
	users, err := readUsers("")
	require.NoError(t, err)

	busy, most := make(chan struct{}, len(users)), make(chan int, 4*len(users))
	counted := client.With(cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
		busy <- struct{}{}
		most <- len(busy)
		return ctx, cometchat.Trace{End: func(cometchat.OperationResult) { <-busy }}
	}))
	for i, o := range syncAll(t.Context(), counted, users, 3, true) {
		require.NoError(t, o.err)
		assert.Equal(t, users[i].UID, o.uid, "in the order of the file")
	}
	close(most)
	peak := 0
	for n := range most {
		peak = max(peak, n)
	}
	assert.Equal(t, 3, peak)
}

// TestStops checks that an error that all users would get ends the command after
// each worker has got it once.
func TestStops(t *testing.T) {
	srv, _ := account(t)
	srv.Inject(cometchattest.Fault{Skip: 4, Status: 401, Code: "AUTH_ERR_APIKEY_NOT_FOUND", Times: cometchattest.Always})
	out, err := syncUsers(t, "-workers", "1")
	require.ErrorIs(t, err, cometchat.ErrUnauthorized)
	require.ErrorContains(t, err, "stopped with 10 of 12 users left: cometchat: POST /users: 401 AUTH_ERR_APIKEY_NOT_FOUND")
	assert.Contains(t, out, "\n2 created, 0 updated, 0 failed; 2 have a token\n")
	assert.NotContains(t, out, "REASON")
	assert.Len(t, srv.Requests(), 5)
}

func TestFailures(t *testing.T) {
	srv, _ := account(t)
	_, err := syncUsers(t, "-file", filepath.Join(t.TempDir(), "missing.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = syncUsers(t, "-file", usersFile(t, `[{"uid":"mina","nname":"Mina"}]`))
	require.ErrorContains(t, err, "nname")
	_, err = syncUsers(t, "-workers", "0")
	require.ErrorContains(t, err, "-workers")
	_, err = syncUsers(t, "-no-such-flag")
	require.Error(t, err)
	assert.Empty(t, srv.Requests())

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	assert.Equal(t, 130, cli.Exec(ctx, command, nil, cli.Std{Out: &out, Err: &out}))
	assert.Equal(t, "Working on the account named by COMETCHAT_API_KEY.\n0 created, 0 updated, 0 failed; 0 have a token\n"+
		"sync-users: stopped by Ctrl-C with 12 of 12 users left\n", elapsed.ReplaceAllString(out.String(), "\n"))
}

func TestMain(m *testing.M) { clitest.Main(m, command) }

func TestTerminal(t *testing.T) { clitest.Terminal(t, command, 8) }
