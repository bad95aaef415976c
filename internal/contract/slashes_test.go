package contract

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

// TestSlashesOfAnswers checks that slashes are unescaped everywhere except in the
// body that WithResponse passes on.
func TestSlashesOfAnswers(t *testing.T) {
	const row = `{"uid":"a","avatar":"https:\/\/x.example\/a.png","metadata":{"n":9007199254740993,"url":"a\/b"}}`
	bodies := map[string]string{
		"/users/a": `{"data":` + row + `}`,
		"/users":   `{"data":[` + row + `],"meta":{"cursor":{"affix":"a\/b"}}}`,
		"/roles/a": `{"data":"a\/b"}`,
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(bodies[r.URL.Path]))
	}))
	defer srv.Close()
	var raw []byte
	client, err := cometchat.NewClient(cometchat.RegionUS, "key-0001", cometchat.WithBaseURL(srv.URL), cometchat.WithResponse(func(r *cometchat.Response) { raw = r.Body }))
	require.NoError(t, err)

	user, err := client.Users.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, &cometchat.User{UID: "a", Avatar: "https://x.example/a.png", Metadata: cometchat.Metadata(`{"n":9007199254740993,"url":"a/b"}`)}, user)
	assert.Equal(t, bodies["/users/a"], string(raw))

	page, err := client.Users.List(nil).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.User{user}, page.Items)
	assert.Equal(t, map[string]string{"affix": "a/b"}, page.Cursor)
	assert.Equal(t, bodies["/users"], string(raw))

	_, err = client.Roles.Get(t.Context(), "a")
	var refused *cometchat.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, `{"data":"a/b"}`, string(refused.Body))
	assert.Equal(t, bodies["/roles/a"], string(raw))
}
