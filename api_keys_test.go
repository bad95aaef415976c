package cometchat_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestAPIKeysCreate(t *testing.T) {
	client := testkit.Replayed(t, "api_keys/create", testkit.Seeded())
	for _, scope := range []cometchat.APIKeyScope{cometchat.APIKeyScopeFullAccess, cometchat.APIKeyScopeAuthOnly} {
		key, err := client.APIKeys.Create(t.Context(), &cometchat.CreateAPIKeyRequest{Name: "Nightly import", Scope: scope})
		require.NoError(t, err)
		require.NotEmpty(t, key.APIKey)
		assert.Equal(t, &cometchat.APIKey{APIKey: key.APIKey, Name: "Nightly import", Scope: scope, CreatedAt: testkit.RecordedAt}, key)
	}
}

// makeKey makes a key, which is different in each recording.
func makeKey(t testing.TB, client *cometchat.Client, name string, scope cometchat.APIKeyScope) cometchat.Secret {
	t.Helper()
	key, err := client.APIKeys.Create(t.Context(), &cometchat.CreateAPIKeyRequest{Name: name, Scope: scope})
	require.NoError(t, err)
	return key.APIKey
}

func TestAPIKeysGet(t *testing.T) {
	client := testkit.Replayed(t, "api_keys/get", testkit.Seeded())
	made := makeKey(t, client, "Nightly import", cometchat.APIKeyScopeFullAccess)
	key, err := client.APIKeys.Get(t.Context(), made)
	require.NoError(t, err)
	assert.Equal(t, &cometchat.APIKey{APIKey: made, Name: "Nightly import", Scope: cometchat.APIKeyScopeFullAccess, CreatedAt: testkit.RecordedAt}, key)

	_, err = client.APIKeys.Get(t.Context(), "no-such-key")
	require.ErrorIs(t, err, cometchat.CodeAPIKeyNotFound)
	require.ErrorIs(t, err, cometchat.ErrNotFound)
}

func TestAPIKeysList(t *testing.T) {
	client := testkit.Replayed(t, "api_keys/list", testkit.Seeded())
	login := makeKey(t, client, "Login service", cometchat.APIKeyScopeAuthOnly)
	makeKey(t, client, "Nightly login report", cometchat.APIKeyScopeFullAccess)

	page, err := client.APIKeys.List(&cometchat.APIKeyListOptions{Scope: cometchat.APIKeyScopeAuthOnly, SearchKey: "login"}).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.APIKey{
		{APIKey: login, Name: "Login service", Scope: cometchat.APIKeyScopeAuthOnly, CreatedAt: testkit.RecordedAt},
	}, page.Items)
	assert.Equal(t, 1, page.Pagination.Total)

	all, err := client.APIKeys.List(nil).Collect(t.Context(), 10)
	require.NoError(t, err)
	assert.Len(t, all, 3, "with the key of the client")
}

func TestAPIKeysUpdate(t *testing.T) {
	client := testkit.Replayed(t, "api_keys/update", testkit.Seeded())
	made := makeKey(t, client, "Nightly import", cometchat.APIKeyScopeAuthOnly)
	key, err := client.APIKeys.Update(t.Context(), made, &cometchat.UpdateAPIKeyRequest{
		Name: cometchat.Ptr("Weekly import"), Scope: cometchat.Ptr(cometchat.APIKeyScopeFullAccess),
	})
	require.NoError(t, err)
	want := &cometchat.APIKey{APIKey: made, Name: "Weekly import", Scope: cometchat.APIKeyScopeFullAccess, CreatedAt: testkit.RecordedAt}
	assert.Equal(t, want, key)

	key, err = client.APIKeys.Update(t.Context(), made, &cometchat.UpdateAPIKeyRequest{Name: cometchat.Ptr("Import")})
	require.NoError(t, err)
	want.Name = "Import"
	assert.Equal(t, want, key, "the scope stays")
}

func TestAPIKeysDelete(t *testing.T) {
	client := testkit.Replayed(t, "api_keys/delete", testkit.Seeded())
	made := makeKey(t, client, "Nightly import", cometchat.APIKeyScopeAuthOnly)
	err := client.APIKeys.Delete(t.Context(), made)
	require.NoError(t, err)

	err = client.APIKeys.Delete(t.Context(), made)
	require.ErrorIs(t, err, cometchat.CodeAPIKeyNotFound)
}

// The key is part of the path, and the API repeats it in its texts.
func TestAPIKeysAreNotPrinted(t *testing.T) {
	client, srv := testkit.Emulated(t)
	own := cometchat.Secret(srv.APIKey())
	self := client.APIKeys.Delete(t.Context(), own)
	require.ErrorIs(t, self, cometchat.CodeAPIKeyNoSelfAction)
	require.ErrorIs(t, self, cometchat.ErrPermissionDenied)
	_, selfUpdate := client.APIKeys.Update(t.Context(), own, &cometchat.UpdateAPIKeyRequest{Name: cometchat.Ptr("Me")})
	require.ErrorIs(t, selfUpdate, cometchat.CodeAPIKeyNoSelfAction)

	const other = "a-key-that-is-not-there"
	_, notFound := client.APIKeys.Get(t.Context(), other)
	require.ErrorIs(t, notFound, cometchat.CodeAPIKeyNotFound)
	srv.Inject(cometchattest.Fault{Path: "/apikeys/{apiKey}", DropAfter: true, Times: cometchattest.Always})
	_, dropped := client.With(testkit.Once).APIKeys.Get(t.Context(), other)
	require.Error(t, dropped)
	srv.ClearFaults()

	key, err := client.APIKeys.Get(t.Context(), own)
	require.NoError(t, err)
	assert.Equal(t, own, key.APIKey)
	for _, v := range []any{self, selfUpdate, notFound, dropped, key, *key, key.APIKey} {
		out := prints(t, v)
		for _, secret := range []string{string(own), other} {
			assert.NotContains(t, out, secret)
			assert.NotContains(t, out, fmt.Sprintf("%x", secret))
		}
	}
	assert.JSONEq(t, fmt.Sprintf(`{"apiKey":%q,"name":%q,"scope":%q,"createdAt":%d}`, string(own), key.Name, key.Scope, key.CreatedAt), testkit.JSON(t, key))
}

func TestAPIKeysAnswerWithoutKey(t *testing.T) {
	for _, body := range []string{`{"data":{"name":"Import"}}`, `{"data":{"apiKey":""}}`, `{"data":[]}`} {
		key, err := testkit.Answering(t, 200, body).APIKeys.Create(t.Context(), &cometchat.CreateAPIKeyRequest{Name: "Import", Scope: cometchat.APIKeyScopeAuthOnly})
		var e *cometchat.Error
		require.ErrorAs(t, err, &e, body)
		assert.Nil(t, key)
	}
}

func TestAPIKeysValidation(t *testing.T) {
	long := strings.Repeat("é", 101)
	call := func(f func(context.Context, *cometchat.APIKeysService) error) func(context.Context, *cometchat.Client) error {
		return func(ctx context.Context, c *cometchat.Client) error { return f(ctx, c.APIKeys) }
	}
	create := func(req *cometchat.CreateAPIKeyRequest) func(context.Context, *cometchat.Client) error {
		return call(func(ctx context.Context, s *cometchat.APIKeysService) error {
			_, err := s.Create(ctx, req)
			return err
		})
	}
	rejected(t, map[string]rejection{
		"create without a request": {create(nil), []problem{{Field: "request"}}},
		"create with nothing":      {create(&cometchat.CreateAPIKeyRequest{}), []problem{{Field: "name"}, {Field: "scope"}}},
		"create with a long name":  {create(&cometchat.CreateAPIKeyRequest{Name: long, Scope: "fullAccess"}), []problem{{"name", 100, 101}}},
		"get no key": {call(func(ctx context.Context, s *cometchat.APIKeysService) error {
			_, err := s.Get(ctx, "")
			return err
		}), []problem{{"apiKey", 200, 0}}},
		"update with a long name": {call(func(ctx context.Context, s *cometchat.APIKeysService) error {
			_, err := s.Update(ctx, "key", &cometchat.UpdateAPIKeyRequest{Name: &long})
			return err
		}), []problem{{"name", 100, 101}}},
		"delete a path step": {call(func(ctx context.Context, s *cometchat.APIKeysService) error {
			err := s.Delete(ctx, "..")
			return err
		}), []problem{{"apiKey", 0, 2}}},
	})
}
