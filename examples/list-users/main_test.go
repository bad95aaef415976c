package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
	"github.com/go-cometchat/cometchat/examples/internal/clitest"
)

var elapsed = regexp.MustCompile(` and [0-9.µm]+s`)

// listUsers returns what the command writes to standard output and to standard
// error.
func listUsers(t *testing.T, args ...string) (out, said string, err error) {
	t.Helper()
	var o, e strings.Builder
	err = cli.Try(t.Context(), command, args, cli.Std{Out: &o, Err: &e})
	return o.String(), elapsed.ReplaceAllString(e.String(), " and 1s"), err
}

func TestWithoutAnAccount(t *testing.T) {
	t.Setenv("COMETCHAT_API_KEY", "")
	out, said, err := listUsers(t)
	require.NoError(t, err)
	assert.Equal(t, "COMETCHAT_API_KEY is not set: working on an app in memory, with 250 made-up users.\n250 users in 3 pages and 1s\n", said)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	require.Len(t, lines, 251)
	assert.Regexp(t, `^UID +NAME +ROLE +STATUS +CREATED$`, lines[0])
	for i, line := range lines[1:] {
		assert.Regexp(t, fmt.Sprintf(`^user-%04d  \S+ \S+ +default  offline  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`, 250-i), line)
	}
}

func TestWithAnAccount(t *testing.T) {
	srv := clitest.Start(t, cometchattest.WithAPIKey("key-of-the-account"))
	srv.AddUsers(
		cometchattest.User{UID: "lena", Name: "Lena <&> Brandt", Tags: []string{"north"}},
		cometchattest.User{UID: "leo", Name: "Leo Okoye", Tags: []string{"south"}},
		cometchattest.User{UID: "marek", Name: "Marek Lis", Tags: []string{"north"}},
	)
	out, said, err := listUsers(t, "-per-page", "2", "-ids")
	require.NoError(t, err)
	assert.Equal(t, "marek\nleo\nlena\n", out)
	assert.Equal(t, "Working on the account named by COMETCHAT_API_KEY.\n3 users in 2 pages and 1s\n", said)

	out, said, err = listUsers(t, "-json", "-tag", "north", "-tag", "west", "-search", "le")
	require.NoError(t, err)
	var lena cometchat.User
	require.NoError(t, json.Unmarshal([]byte(out), &lena))
	assert.Equal(t, "Lena <&> Brandt", lena.Name)
	assert.Contains(t, out, "<&>")
	assert.Equal(t, "Working on the account named by COMETCHAT_API_KEY.\n1 user in 1 page and 1s\n", said)
	requests := srv.Requests()
	assert.Equal(t, url.Values{"page": {"1"}, "perPage": {"100"}, "tags": {"north,west"}, "searchKey": {"le"}}, requests[len(requests)-1].Query)
}

func TestNoUsers(t *testing.T) {
	clitest.Start(t)
	out, said, err := listUsers(t, "-ids")
	require.NoError(t, err)
	assert.Empty(t, out)
	assert.Equal(t, "Working on the account named by COMETCHAT_API_KEY.\n0 users in 0 pages and 1s\n", said)
}

func TestUsersThatComeTwiceAreListedOnce(t *testing.T) {
	srv := clitest.Start(t)
	srv.SeedUsers(10)
	client, err := cometchat.NewClientFromEnv(cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
		return ctx, cometchat.Trace{End: func(cometchat.OperationResult) { srv.SeedUsers(1) }} // a user joins after each page
	}))
	require.NoError(t, err)
	var out, said strings.Builder
	users := client.Users.List(&cometchat.UserListOptions{PerPage: 5})
	require.NoError(t, list(t.Context(), users, printIDs, cli.Std{Out: &out, Err: &said}))
	var want strings.Builder
	for i := range 10 {
		fmt.Fprintf(&want, "user-%04d\n", 10-i)
	}
	assert.Equal(t, want.String(), out.String())
	assert.Equal(t, "10 users in 3 pages and 1s, 2 of which came again\n", elapsed.ReplaceAllString(said.String(), " and 1s"))
}

func TestFailures(t *testing.T) {
	srv := clitest.Start(t)
	srv.SeedUsers(30)
	srv.Inject(cometchattest.Fault{Skip: 1, Status: 500})
	_, _, err := listUsers(t, "-per-page", "10")
	require.ErrorIs(t, err, cometchat.ErrServer)
	require.ErrorContains(t, err, "stopped after 10 users: page 2")

	_, _, err = listUsers(t, "-per-page", "1001")
	require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	_, _, err = listUsers(t, "-json", "-ids")
	require.EqualError(t, err, "-json and -ids exclude each other")

	t.Setenv("COMETCHAT_API_KEY", "another-key")
	out, _, err := listUsers(t)
	require.ErrorIs(t, err, cometchat.ErrUnauthorized)
	assert.Empty(t, out)
}

func TestMain(m *testing.M) { clitest.Main(m, command) }

func TestTerminal(t *testing.T) { clitest.Terminal(t, command, 1) }

// TestAPipeThatCloses checks that a reader of the first lines only, such as head,
// causes no error message.
func TestAPipeThatCloses(t *testing.T) {
	srv := cometchattest.Start(t)
	srv.SeedUsers(5000)
	for _, args := range [][]string{nil, {"-json"}, {"-ids"}} {
		cmd, _, said := clitest.Process(t, srv.Environ(), args...)
		cmd.Stdout = nil
		pipe, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = pipe.Read(make([]byte, 100))
		require.NoError(t, err)
		require.NoError(t, pipe.Close())
		require.Error(t, cmd.Wait())
		assert.Equal(t, clitest.Account, said.String())
	}
}

// TestANarrowWindow checks that the list does not depend on the width of the
// window, and has no colours.
func TestANarrowWindow(t *testing.T) {
	srv := cometchattest.Start(t)
	srv.SeedUsers(3)
	outputs := map[string]bool{}
	for _, environ := range [][]string{nil, {"COLUMNS=20"}, {"TERM=dumb"}, {"NO_COLOR=1"}} {
		cmd, out, _ := clitest.Process(t, append(srv.Environ(), environ...))
		require.NoError(t, cmd.Run())
		outputs[out.String()] = true
		assert.NotContains(t, out.String(), "\x1b")
	}
	assert.Len(t, outputs, 1)
}
