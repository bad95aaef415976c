package main

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// account makes an emulator the account of the environment; nil is none.
func account(t *testing.T, srv *cometchattest.Server) {
	t.Helper()
	env := map[string]string{"COMETCHAT_REGION": "", "COMETCHAT_API_KEY": "", "COMETCHAT_APP_ID": "", "COMETCHAT_BASE_URL": ""}
	if srv != nil {
		t.Cleanup(srv.Close)
		env["COMETCHAT_REGION"], env["COMETCHAT_API_KEY"], env["COMETCHAT_BASE_URL"] = "eu", srv.APIKey(), srv.URL()
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
}

var elapsed = regexp.MustCompile(` and [0-9.µm]+s,`)

func output(t *testing.T, args ...string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), args, &out))
	return elapsed.ReplaceAllString(out.String(), " and 1s,")
}

func TestWithoutAnAccount(t *testing.T) {
	account(t, nil)
	lines := strings.Split(output(t), "\n")
	assert.Contains(t, lines[0], "2,500 made-up users")
	assert.Regexp(t, `^UID +NAME +ROLE +STATUS +CREATED$`, lines[2])
	for i := range 10 {
		assert.Regexp(t, fmt.Sprintf(`^user-%d  \S+ \S+ +default  offline  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`, 2500-i), lines[3+i])
	}
	assert.Equal(t, []string{
		"",
		"page 1: 500 users, 500 so far",
		"page 2: 500 users, 1,000 so far",
		"page 3: 500 users, 1,500 so far",
		"page 4: 500 users, 2,000 so far",
		"page 5: 500 users, 2,500 so far",
		"",
		"2,500 users in 5 pages and 1s, every one once",
		"",
	}, lines[13:])
}

func TestWithAnAccount(t *testing.T) {
	srv := cometchattest.NewServer(cometchattest.WithAPIKey("key-of-the-account"))
	account(t, srv)
	srv.AddUsers(
		cometchattest.User{UID: "lena", Name: "Lena Brandt", Tags: []string{"north"}},
		cometchattest.User{UID: "leo", Name: "Leo Okoye", Tags: []string{"south"}},
		cometchattest.User{UID: "marek", Name: "Marek Lis", Tags: []string{"north"}},
	)
	out := output(t, "-per-page", "2")
	assert.Contains(t, out, "the account named by COMETCHAT_API_KEY")
	assert.NotContains(t, out, "key-of-the-account")
	assert.Contains(t, out, "Marek Lis")
	assert.Contains(t, out, "3 users in 2 pages and 1s, every one once")

	assert.Contains(t, output(t, "-tag", "north", "-tag", "west", "-search", "le"), "1 user in 1 page and 1s, every one once")
	requests := srv.Requests()
	assert.Equal(t, url.Values{"page": {"1"}, "perPage": {"500"}, "tags": {"north,west"}, "searchKey": {"le"}}, requests[len(requests)-1].Query)
}

func TestNoUsers(t *testing.T) {
	account(t, cometchattest.NewServer())
	assert.Contains(t, output(t), "0 users in 0 pages and 1s")
}

func TestUsersThatComeTwiceCountOnce(t *testing.T) {
	srv := cometchattest.NewServer()
	account(t, srv)
	srv.SeedUsers(10)
	var out strings.Builder
	added := 0
	client, done, err := connect(&out)
	require.NoError(t, err)
	defer done()
	tracer := cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
		return ctx, cometchat.Trace{End: func(cometchat.OperationResult) { // somebody joins after each page
			added++
			srv.SeedUsers(1)
		}}
	})
	users := client.With(tracer).Users.List(&cometchat.UserListOptions{PerPage: 5})
	require.NoError(t, list(t.Context(), users, &out))
	assert.Positive(t, added)
	assert.Regexp(t, `\n10 users in 3 pages and \S+, 2 came again\n$`, out.String())
}

func TestFailures(t *testing.T) {
	srv := cometchattest.NewServer()
	account(t, srv)
	srv.SeedUsers(30)
	var out strings.Builder

	srv.Inject(cometchattest.Fault{Skip: 1, Status: 500})
	err := run(t.Context(), []string{"-per-page", "10"}, &out)
	require.ErrorIs(t, err, cometchat.ErrServer)
	assert.Contains(t, err.Error(), "page 2")

	require.ErrorIs(t, run(t.Context(), []string{"-per-page", "1001"}, &out), cometchat.ErrInvalidRequest)
	require.Error(t, run(t.Context(), []string{"-no-such-flag"}, &out))

	t.Setenv("COMETCHAT_API_KEY", "another-key")
	require.ErrorIs(t, run(t.Context(), nil, &out), cometchat.ErrUnauthorized)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, nil, &out), context.Canceled)
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		assert.Equal(t, want, thousands(n))
	}
}
