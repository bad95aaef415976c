package contract

//lint:file-ignore SA1019 what is deprecated is tested as long as it is there

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// TestDocumentedPeopleAnswers decodes the examples of the API's own document.
func TestDocumentedPeopleAnswers(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(testkit.Shared(t, "COMETCHAT_SHARED"), "api", "openapi", "chat-apis.json"))
	require.NoError(t, err)
	var doc openAPI
	require.NoError(t, json.Unmarshal(raw, &doc))
	group := &cometchat.CreateGroupRequest{GUID: "g", Name: "G", Type: "public"}
	values := cometchat.PermissionValues{"sendMessage": cometchat.PermissionAllow}
	for _, tt := range []struct {
		method, path string
		call         func(ctx context.Context, c *cometchat.Client) (any, error)
	}{
		{"post", "/groups", func(ctx context.Context, c *cometchat.Client) (any, error) { return c.Groups.Create(ctx, group) }},
		{"get", "/groups", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, c.Groups.List(nil))
		}},
		{"get", "/groups/{guid}", func(ctx context.Context, c *cometchat.Client) (any, error) { return c.Groups.Get(ctx, "g") }},
		{"put", "/groups/{guid}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Groups.Update(ctx, "g", &cometchat.UpdateGroupRequest{})
		}},
		{"delete", "/groups/{guid}", func(ctx context.Context, c *cometchat.Client) (any, error) { return nil, c.Groups.Delete(ctx, "g") }},
		{"post", "/groups/{guid}/members", func(ctx context.Context, c *cometchat.Client) (any, error) {
			r, err := c.GroupMembers.Add(ctx, "g", &cometchat.AddMembersRequest{
				Admins: []string{"superhero1"}, Moderators: []string{"SUPERHERO3"}, Participants: []string{"superhero5", "superhero4"}, UsersToBan: []string{"superhero6"},
			})
			if err == nil && (len(r.Unmatched) > 0 || r.Items[2].Value.Action == nil || r.Items[2].Value.Action.ID != "35") {
				err = fmt.Errorf("not matched: %s", testkit.JSON(t, r))
			}
			return r, err
		}},
		{"get", "/groups/{guid}/members", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, c.GroupMembers.List("g", nil))
		}},
		{"put", "/groups/{guid}/members/{uid}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.GroupMembers.ChangeScope(ctx, "g", "u", "participant")
		}},
		{"delete", "/groups/{guid}/members/{uid}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return nil, c.GroupMembers.Kick(ctx, "g", "u")
		}},
		{"post", "/groups/{guid}/bannedusers/{uid}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return nil, c.BannedUsers.Ban(ctx, "g", "u")
		}},
		{"delete", "/groups/{guid}/bannedusers/{uid}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return nil, c.BannedUsers.Unban(ctx, "g", "u")
		}},
		{"get", "/groups/{guid}/bannedusers", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, c.BannedUsers.List("g", nil))
		}},
		{"post", "/users/{uid}/friends", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Friends.Add(ctx, "u", &cometchat.AddFriendsRequest{UIDs: []string{"superhero3", "Superhero2"}})
		}},
		{"get", "/users/{uid}/friends", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, c.Friends.List("u", nil))
		}},
		{"delete", "/users/{uid}/friends", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Friends.Remove(ctx, "u", []string{"a"})
		}},
		{"post", "/users/{uid}/blockedusers", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.BlockedUsers.Block(ctx, "u", []string{"cometchat-uid-4"})
		}},
		{"delete", "/users/{uid}/blockedusers", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.BlockedUsers.Unblock(ctx, "u", []string{"cometchat-uid-4"})
		}},
		{"get", "/users/{uid}/blockedusers", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, c.BlockedUsers.List("u", nil))
		}},
		{"post", "/roles", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Roles.Create(ctx, &cometchat.CreateRoleRequest{Role: "r", Name: "R"})
		}},
		{"get", "/roles", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, c.Roles.List(nil))
		}},
		{"get", "/roles/{role}", func(ctx context.Context, c *cometchat.Client) (any, error) { return c.Roles.Get(ctx, "r") }},
		{"put", "/roles/{role}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Roles.Update(ctx, "r", &cometchat.UpdateRoleRequest{})
		}},
		{"delete", "/roles/{role}", func(ctx context.Context, c *cometchat.Client) (any, error) { return nil, c.Roles.Delete(ctx, "r") }},
		{"get", "/roles/{role}/permissions", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, c.Permissions.ListForRole("r", nil))
		}},
		{"put", "/roles/{role}/permissions", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Permissions.SetForRole(ctx, "r", values)
		}},
		{"delete", "/roles/{role}/permissions/{permission}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Permissions.UnsetForRole(ctx, "r", "p.q")
		}},
		{"get", "/groups/{guid}/scopes/{scope}/permissions", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, c.Permissions.ListForScope("g", "admin", nil))
		}},
		{"put", "/groups/{guid}/scopes/{scope}/permissions", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Permissions.SetForScope(ctx, "g", "admin", values)
		}},
		{"delete", "/groups/{guid}/scopes/{scope}/permissions/{permission}", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.Permissions.UnsetForScope(ctx, "g", "admin", "p.q")
		}},
		{"post", "/roles/{role}/restrictedfeatures", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.RestrictedFeatures.Restrict(ctx, "r", []string{"listUsers"})
		}},
		{"get", "/roles/{role}/restrictedfeatures", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return testkit.FirstPage(ctx, c.RestrictedFeatures.List("r", nil))
		}},
		{"delete", "/roles/{role}/restrictedfeatures", func(ctx context.Context, c *cometchat.Client) (any, error) {
			return c.RestrictedFeatures.Allow(ctx, "r", []string{"listUsers"})
		}},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			examples := responseExamples(t, doc.Paths[tt.path][tt.method])
			require.NotEmpty(t, examples)
			for _, body := range examples {
				got, err := tt.call(t.Context(), testkit.Answering(t, 200, string(body)))
				require.NoError(t, err)
				if got != nil { // calls that only acknowledge return no value
					assert.NotContains(t, []string{"null", "[]", "{}"}, testkit.JSON(t, got))
				}
			}
		})
	}
}

// TestGrowingTotals walks a list whose total is 0 and whose number of pages grows
// with each page, as recorded for blocked users.
func TestGrowingTotals(t *testing.T) {
	var pages []string
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		page, err := strconv.Atoi(r.URL.Query().Get("page"))
		assert.NoError(t, err)
		pages = append(pages, r.URL.RawQuery)
		fmt.Fprintf(w, `{"data":[{"uid":"u%d-a","blockedByMe":true,"blockedByMeAt":1700000001,"blockedAt":1700000001},{"uid":"u%d-b"}],
			"meta":{"pagination":{"total":0,"count":2,"per_page":2,"current_page":%d,"total_pages":%d},"cursor":{"updatedAt":1700000009,"affix":"prepend"}}}`,
			page, page, page, min(page+1, 5))
	})
	var uids []string
	for u, err := range client.BlockedUsers.List("ana", &cometchat.BlockedUserListOptions{PerPage: 2}).All(t.Context()) {
		require.NoError(t, err)
		uids = append(uids, u.UID)
	}
	assert.Len(t, uids, 10)
	assert.Equal(t, []string{"page=1&perPage=2", "page=2&perPage=2", "page=3&perPage=2", "page=4&perPage=2", "page=5&perPage=2"}, pages)
}

// confirmed returns the text with which a bulk response confirms the outcome for
// an id.
func confirmed(t *testing.T, body []byte, id string) string {
	t.Helper()
	var response struct {
		Data map[string]struct{ Message string }
	}
	require.NoError(t, json.Unmarshal(body, &response))
	require.NotEmpty(t, response.Data[id].Message)
	return response.Data[id].Message
}

// TestRecordedBlocks decodes recorded responses of a real app.
func TestRecordedBlocks(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t, "COMETCHAT_SHARED"), "recorded", "*-blocked-*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	bodies, growing := map[string]string{}, 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var exchange struct {
			Method, Path string
			Body         json.RawMessage
		}
		require.NoError(t, json.Unmarshal(raw, &exchange))
		if exchange.Method == http.MethodPost {
			results, err := testkit.Answering(t, 200, string(exchange.Body)).BlockedUsers.Block(t.Context(), "user_000", []string{"USER_001"})
			require.NoError(t, err)
			assert.Equal(t, []cometchat.Result[cometchat.NoValue]{{ID: "USER_001", Message: confirmed(t, exchange.Body, "user_001")}}, results.Items)
			continue
		}
		bodies[exchange.Path] = string(exchange.Body)
		growing++
	}
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		_, _ = w.Write([]byte(bodies[r.URL.Path+"?perPage="+q.Get("perPage")+"&page="+q.Get("page")]))
	})
	seen := map[string]bool{}
	for u, err := range client.BlockedUsers.List("user_000", &cometchat.BlockedUserListOptions{PerPage: 5}).All(t.Context()) {
		require.NoError(t, err)
		assert.True(t, u.BlockedByMe)
		assert.NotZero(t, u.BlockedByMeAt)
		seen[u.UID] = true
	}
	assert.Equal(t, 5, growing)
	assert.Len(t, seen, 24, "every user of all five pages")
}
