package benchmarks

import (
	"testing"

	"github.com/google/go-github/v92/github"
	"github.com/stretchr/testify/require"
	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/go-cometchat/cometchat"
)

// walk goes over a whole list in pages of a size, and shows visit the name that
// identifies each item.
type walk func(tb testing.TB, size int, visit func(id string))

// peer is a client and the hand-written loop over the same list. Both are made
// for the server at a base URL.
type peer struct {
	name          string
	path          string // of the list
	client, floor func(tb testing.TB, base string) walk
}

// Each client is made with its defaults and walks a list the way its
// documentation shows. For every item, require.NoError would cost more than the
// clients' iterators do: it looks up its caller.
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
