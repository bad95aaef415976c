package benchmarks

import (
	"testing"

	"github.com/google/go-github/v92/github"
	"github.com/stretchr/testify/require"
	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/go-cometchat/cometchat"
)

// walk goes over a whole list in pages of this size, and calls visit with the id
// of each item.
type walk func(tb testing.TB, size int, visit func(id string))

// peer is a client and the hand-written loop over the same list. Both functions
// take the base URL of a server.
type peer struct {
	name          string
	path          string // of the list
	client, floor func(tb testing.TB, base string) walk
}

// Each client has its default settings and walks a list as its documentation
// shows. The walks do not call require.NoError for each item: it looks up its
// caller, which costs more than the clients' iterators.
var peers = []peer{
	{name: "cometchat", path: "/v3/users", client: cometchatWalk, floor: cometchatFloor},
	{name: "go-github", path: "/orgs/example/members", client: githubWalk, floor: githubFloor},
	{name: "gitlab", path: "/api/v4/users", client: gitlabWalk, floor: gitlabFloor},
}

func cometchatWalk(tb testing.TB, base string) walk {
	client, err := cometchat.NewClient(cometchat.RegionUS, token, cometchat.WithBaseURL(base+"/v3"))
	require.NoError(tb, err)
	return func(tb testing.TB, size int, visit func(string)) {
		for user, err := range client.Users.List(&cometchat.UserListOptions{PerPage: size}).All(tb.Context()) {
			if err != nil {
				tb.Fatal(err)
			}
			visit(user.UID)
		}
	}
}

func githubWalk(tb testing.TB, base string) walk {
	base += "/"
	client, err := github.NewClient(github.WithAuthToken(token), github.WithURLs(&base, nil))
	require.NoError(tb, err)
	return func(tb testing.TB, size int, visit func(string)) {
		opts := &github.ListMembersOptions{ListOptions: github.ListOptions{PerPage: size}}
		for user, err := range client.Organizations.ListMembersIter(tb.Context(), "example", opts) {
			if err != nil {
				tb.Fatal(err)
			}
			visit(user.GetLogin())
		}
	}
}

func gitlabWalk(tb testing.TB, base string) walk {
	client, err := gitlab.NewClient(token, gitlab.WithBaseURL(base))
	require.NoError(tb, err)
	return func(tb testing.TB, size int, visit func(string)) {
		opts := &gitlab.ListUsersOptions{ListOptions: gitlab.ListOptions{PerPage: int64(size)}}
		for user, err := range gitlab.Scan2(func(p gitlab.PaginationOptionFunc) ([]*gitlab.User, *gitlab.Response, error) {
			return client.Users.ListUsers(opts, p, gitlab.WithContext(tb.Context()))
		}) {
			if err != nil {
				tb.Fatal(err)
			}
			visit(user.Username)
		}
	}
}
