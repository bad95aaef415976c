package cometchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

var piotr = cometchattest.User{UID: "piotr", Name: "Piotr Zając"}

func TestAuthTokensCreate(t *testing.T) {
	client := testkit.Replayed(t, "auth_tokens/create", testkit.Seeded(piotr))
	create := func(req *cometchat.CreateAuthTokenRequest) cometchat.Secret {
		t.Helper()
		token, err := client.AuthTokens.Create(t.Context(), "piotr", req)
		require.NoError(t, err)
		require.NotEmpty(t, token.AuthToken)
		assert.Equal(t, &cometchat.AuthToken{UID: "piotr", AuthToken: token.AuthToken, CreatedAt: testkit.RecordedAt}, token)
		return token.AuthToken
	}
	first := create(nil)
	forced := create(&cometchat.CreateAuthTokenRequest{Force: cometchat.Ptr(true)})
	assert.NotEqual(t, first, forced)
	assert.Equal(t, forced, create(&cometchat.CreateAuthTokenRequest{Force: cometchat.Ptr(false)}), "the newest is given again")

	_, err := client.AuthTokens.Create(t.Context(), "nobody", nil)
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
	require.ErrorIs(t, err, cometchat.ErrNotFound)
}

func TestAuthTokensCreateBody(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.AddUsers(piotr)
	for _, tc := range []struct {
		req  *cometchat.CreateAuthTokenRequest
		body string
	}{
		{nil, `{}`},
		{&cometchat.CreateAuthTokenRequest{}, `{}`},
		{&cometchat.CreateAuthTokenRequest{Force: cometchat.Ptr(true)}, `{"force":true}`},
		{&cometchat.CreateAuthTokenRequest{Force: cometchat.Ptr(false)}, `{"force":false}`},
	} {
		_, err := client.AuthTokens.Create(t.Context(), "piotr", tc.req)
		require.NoError(t, err)
		assert.Equal(t, []testkit.Request{{Method: "POST", Path: "/users/piotr/auth_tokens", Body: tc.body}}, testkit.Sent(srv))
	}
}

// An empty token that is handed to a front end fails far from its cause.
func TestAuthTokensEmptyIsAnError(t *testing.T) {
	for _, body := range []string{
		`{"data":{"uid":"piotr","authToken":""}}`, `{"data":{"uid":"piotr","authToken":null}}`,
		`{"data":{"uid":"piotr"}}`, `{"data":{}}`, `{"data":[]}`, `{"data":null}`, `{}`,
	} {
		token, err := testkit.Answering(t, 200, body).AuthTokens.Create(t.Context(), "piotr", nil)
		var e *cometchat.Error
		require.ErrorAs(t, err, &e, body)
		assert.Nil(t, token, body)
		assert.Equal(t, 200, e.StatusCode, body)
	}

	client := testkit.Answering(t, 200, `{"data":{"uid":"piotr","name":"Piotr"}}`)
	req := &cometchat.CreateUserRequest{UID: "piotr", Name: "Piotr", WithAuthToken: true}
	user, err := client.Users.Create(t.Context(), req)
	var e *cometchat.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 200, e.StatusCode)
	assert.Equal(t, &cometchat.User{UID: "piotr", Name: "Piotr"}, user, "the user was created all the same")

	req.WithAuthToken = false
	_, err = client.Users.Create(t.Context(), req)
	require.NoError(t, err)
}

func TestAuthTokensGet(t *testing.T) {
	client := testkit.Replayed(t, "auth_tokens/get", testkit.Seeded(piotr))
	minted := testkit.Mint(t, client, "piotr")
	token, err := client.AuthTokens.Get(t.Context(), "piotr", minted)
	require.NoError(t, err)
	assert.Equal(t, &cometchat.AuthToken{UID: "piotr", AuthToken: minted, CreatedAt: testkit.RecordedAt}, token)

	_, err = client.AuthTokens.Get(t.Context(), "piotr", "no-such-token")
	require.ErrorIs(t, err, cometchat.CodeAuthTokenNotFound)
	require.ErrorIs(t, err, cometchat.ErrNotFound)
}

func TestAuthTokensList(t *testing.T) {
	client := testkit.Replayed(t, "auth_tokens/list", testkit.Seeded(piotr))
	var minted []cometchat.Secret
	for range 3 {
		minted = append(minted, testkit.Mint(t, client, "piotr"))
	}
	at := func(i int) *cometchat.AuthToken {
		return &cometchat.AuthToken{UID: "piotr", AuthToken: minted[i], CreatedAt: testkit.RecordedAt}
	}
	page, err := client.AuthTokens.List("piotr", &cometchat.AuthTokenListOptions{Page: 2, PerPage: 2}).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.AuthToken{at(0)}, page.Items)
	assert.Equal(t, cometchat.Pagination{Total: 3, Count: 1, PerPage: 2, CurrentPage: 2, TotalPages: 2}, page.Pagination)

	var all []*cometchat.AuthToken
	for token, err := range client.AuthTokens.List("piotr", nil).All(t.Context()) {
		require.NoError(t, err)
		all = append(all, token)
	}
	assert.Equal(t, []*cometchat.AuthToken{at(2), at(1), at(0)}, all, "newest first")
}

func TestAuthTokensUpdate(t *testing.T) {
	client := testkit.Replayed(t, "auth_tokens/update", testkit.Seeded(piotr))
	minted := testkit.Mint(t, client, "piotr")
	want := &cometchat.AuthToken{
		UID: "piotr", AuthToken: minted, CreatedAt: testkit.RecordedAt,
		Platform: "ios", UserAgent: "Tutoring/3.2", AppInfo: cometchat.Metadata(`{"build":981,"version":"3.2"}`),
	}
	token, err := client.AuthTokens.Update(t.Context(), "piotr", minted, &cometchat.UpdateAuthTokenRequest{
		Platform: cometchat.Ptr("ios"), UserAgent: cometchat.Ptr("Tutoring/3.2"),
		AppInfo: cometchat.Metadata(`{"build":981,"version":"3.2"}`),
	})
	require.NoError(t, err)
	assert.Equal(t, want, token)

	token, err = client.AuthTokens.Update(t.Context(), "piotr", minted, &cometchat.UpdateAuthTokenRequest{UserAgent: cometchat.Ptr("Tutoring/3.3")})
	require.NoError(t, err)
	want.UserAgent = "Tutoring/3.3"
	assert.Equal(t, want, token, "what is not given stays")
}

func TestAuthTokensDelete(t *testing.T) {
	client := testkit.Replayed(t, "auth_tokens/delete", testkit.Seeded(piotr))
	kept, minted := testkit.Mint(t, client, "piotr"), testkit.Mint(t, client, "piotr")
	err := client.AuthTokens.Delete(t.Context(), "piotr", minted)
	require.NoError(t, err)

	err = client.AuthTokens.Delete(t.Context(), "piotr", minted)
	require.ErrorIs(t, err, cometchat.CodeAuthTokenNotFound)
	_, err = client.AuthTokens.Get(t.Context(), "piotr", kept)
	require.NoError(t, err)
}

func TestAuthTokensFlush(t *testing.T) {
	client := testkit.Replayed(t, "auth_tokens/flush", testkit.Seeded(piotr))
	testkit.Mint(t, client, "piotr")
	testkit.Mint(t, client, "piotr")
	err := client.AuthTokens.Flush(t.Context(), "piotr")
	require.NoError(t, err)

	left, err := client.AuthTokens.List("piotr", nil).Collect(t.Context(), 10)
	require.NoError(t, err)
	assert.Empty(t, left)
	err = client.AuthTokens.Flush(t.Context(), "nobody")
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
}

func TestAuthTokensValidation(t *testing.T) {
	long := cometchat.Secret(strings.Repeat("t", 201))
	call := func(f func(context.Context, *cometchat.AuthTokensService) error) func(context.Context, *cometchat.Client) error {
		return func(ctx context.Context, c *cometchat.Client) error { return f(ctx, c.AuthTokens) }
	}
	rejected(t, map[string]rejection{
		"create for nobody": {call(func(ctx context.Context, s *cometchat.AuthTokensService) error {
			_, err := s.Create(ctx, "", nil)
			return err
		}), []problem{{"uid", 100, 0}}},
		"get no token": {call(func(ctx context.Context, s *cometchat.AuthTokensService) error {
			_, err := s.Get(ctx, "piotr", "")
			return err
		}), []problem{{"authToken", 200, 0}}},
		"update without a request": {call(func(ctx context.Context, s *cometchat.AuthTokensService) error {
			_, err := s.Update(ctx, "piotr", "token", nil)
			return err
		}), []problem{{Field: "request"}}},
		// Without the token it would be the call that deletes them all.
		"delete no token": {call(func(ctx context.Context, s *cometchat.AuthTokensService) error {
			err := s.Delete(ctx, "piotr", "")
			return err
		}), []problem{{"authToken", 200, 0}}},
		"delete a path step": {call(func(ctx context.Context, s *cometchat.AuthTokensService) error {
			err := s.Delete(ctx, "piotr", "..")
			return err
		}), []problem{{"authToken", 0, 2}}},
		"delete a long token of nobody": {call(func(ctx context.Context, s *cometchat.AuthTokensService) error {
			err := s.Delete(ctx, ".", long)
			return err
		}), []problem{{"uid", 0, 1}, {"authToken", 200, 201}}},
		"flush nobody": {call(func(ctx context.Context, s *cometchat.AuthTokensService) error {
			err := s.Flush(ctx, "")
			return err
		}), []problem{{"uid", 100, 0}}},
		"list with odd pages": {call(func(ctx context.Context, s *cometchat.AuthTokensService) error {
			_, err := s.List("piotr", &cometchat.AuthTokenListOptions{Page: -1, PerPage: 1001}).First(ctx)
			return err
		}), []problem{{"page", 0, -1}, {"perPage", 1000, 1001}}},
	})
}

// prints is everything that a program could print or log of a value without
// converting its secret.
func prints(t testing.TB, v any) string {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v\n%+v\n%#v\n%s\n%q\n%x\n", v, v, v, v, v, v)
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(h).Info("it", "value", v)
	}
	return b.String()
}

func TestAuthTokensAreNotPrinted(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.AddUsers(piotr)
	token, err := client.AuthTokens.Create(t.Context(), "piotr", nil)
	require.NoError(t, err)
	user, err := client.Users.Create(t.Context(), &cometchat.CreateUserRequest{UID: "ines", Name: "Inês", WithAuthToken: true})
	require.NoError(t, err)
	_, notFound := client.AuthTokens.Get(t.Context(), "ines", token.AuthToken)
	require.ErrorIs(t, notFound, cometchat.ErrNotFound)

	for _, secret := range []string{string(token.AuthToken), string(user.AuthToken)} {
		for _, v := range []any{token, *token, user, *user, token.AuthToken, user.AuthToken, notFound} {
			out := prints(t, v)
			assert.NotContains(t, out, secret)
			assert.NotContains(t, out, fmt.Sprintf("%x", secret))
		}
	}
	assert.Contains(t, prints(t, token), "[redacted]")

	var back map[string]any
	require.NoError(t, json.Unmarshal([]byte(testkit.JSON(t, token)), &back))
	assert.Equal(t, string(token.AuthToken), back["authToken"], "JSON is what front ends get")
}
