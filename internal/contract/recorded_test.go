package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// exchange is one recorded exchange with the real API.
type exchange struct {
	File    string `json:"-"`
	Method  string
	Path    string
	Status  int
	Headers map[string]string
	Body    json.RawMessage
}

// recordings reads the folder that COMETCHAT_RECORDED names.
func recordings(t *testing.T) []exchange {
	files, err := filepath.Glob(filepath.Join(testkit.Shared(t, "COMETCHAT_RECORDED"), "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var list []exchange
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var e exchange
		require.NoError(t, json.Unmarshal(raw, &e), file)
		e.File = filepath.Base(file)
		list = append(list, e)
	}
	return list
}

// replay serves recorded exchanges by method, path and query.
type replay struct {
	exchanges []exchange
	mu        sync.Mutex
	requests  []string
}

func (s *replay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.String())
	s.mu.Unlock()
	for _, e := range s.exchanges {
		u, err := url.Parse(e.Path)
		if err == nil && e.Method == r.Method && u.EscapedPath() == r.URL.EscapedPath() && sameQuery(u.Query(), r.URL.Query()) {
			for k, v := range e.Headers {
				w.Header().Set(k, v)
			}
			w.WriteHeader(e.Status)
			_, _ = w.Write(e.Body)
			return
		}
	}
	http.NotFound(w, r)
}

// sameQuery compares queries without count, which was recorded as 1 and is sent
// as true.
func sameQuery(a, b url.Values) bool {
	a.Del("count")
	b.Del("count")
	return a.Encode() == b.Encode()
}

// rowsOf returns the recorded rows of the files whose names hold part, in order.
func rowsOf(t *testing.T, all []exchange, part string) (rows []json.RawMessage, pages int) {
	for _, e := range all {
		if strings.Contains(e.File, part) {
			var body struct{ Data []json.RawMessage }
			require.NoError(t, json.Unmarshal(e.Body, &body))
			rows = append(rows, body.Data...)
			pages++
		}
	}
	return rows, pages
}

func TestRecordedUsersWalk(t *testing.T) {
	all := recordings(t)
	s := &replay{exchanges: all}
	client := testkit.Served(t, s.ServeHTTP, testkit.Once)
	want, pages := rowsOf(t, all, "-users-list-")
	require.Equal(t, 5, pages)
	var got []*cometchat.User
	for user, err := range client.Users.List(&cometchat.UserListOptions{PerPage: 5}).All(t.Context()) {
		require.NoError(t, err)
		got = append(got, user)
	}
	require.Len(t, got, len(want))
	for i := range want {
		assert.JSONEq(t, string(want[i]), testkit.JSON(t, got[i]))
	}
	assert.Len(t, s.requests, 5)
	assert.Equal(t, 20000, client.RateLimit().Limit)
}

func TestRecordedBlockedUsersWalk(t *testing.T) {
	all := recordings(t)
	s := &replay{exchanges: all}
	client := testkit.Served(t, s.ServeHTTP, testkit.Once)
	want, pages := rowsOf(t, all, "-blocked-list-")
	require.Equal(t, 5, pages)
	var got []*cometchat.User
	for user, err := range client.BlockedUsers.List("user_000", &cometchat.BlockedUserListOptions{PerPage: 5}).All(t.Context()) {
		require.NoError(t, err)
		got = append(got, user)
	}
	require.Len(t, got, len(want))
	for i := range want {
		assert.JSONEq(t, string(want[i]), testkit.JSON(t, got[i]))
	}
	assert.Len(t, s.requests, 5)
}

func TestRecordedMessagesWalk(t *testing.T) {
	all := recordings(t)
	s := &replay{exchanges: all}
	client := testkit.Served(t, s.ServeHTTP, testkit.Once)
	want, pages := rowsOf(t, all, "-messages-list-")
	require.Equal(t, 2, pages)
	var got []string
	for m, err := range client.Messages.List(&cometchat.MessageListOptions{Limit: 1000}).All(t.Context()) {
		require.NoError(t, err)
		got = append(got, m.ID)
		assertHolds(t, testkit.JSON(t, m), fmt.Appendf(nil, `{"data":%s}`, want[len(got)-1]))
	}
	assert.Equal(t, []string{"1", "2", "355"}, got)
	assert.Equal(t, []string{"/v3/messages?limit=1000", "/v3/messages?affix=append&id=355&limit=1000&sentAt=1693887765"}, s.requests)
}

func TestRecordedTokens(t *testing.T) {
	all := recordings(t)
	s := &replay{exchanges: all}
	client := testkit.Served(t, s.ServeHTTP, testkit.Once)
	for page, part := range map[int]string{1: "-tokens-list-page-1-", 40: "-tokens-list-page-40-"} {
		want, _ := rowsOf(t, all, part)
		p, err := client.AuthTokens.List("user_000", &cometchat.AuthTokenListOptions{Page: page, PerPage: 5}).First(t.Context())
		require.NoError(t, err)
		require.Len(t, p.Items, len(want))
		for i := range want {
			assert.JSONEq(t, string(want[i]), testkit.JSON(t, p.Items[i]))
		}
		assert.Equal(t, 200, p.Pagination.Total)
		assert.Equal(t, page == 40, p.Next.IsZero())
	}
}

// TestRecordedAnswers decodes every recorded exchange through the method that
// makes the request, and checks that nothing is lost.
func TestRecordedAnswers(t *testing.T) {
	for _, e := range recordings(t) {
		t.Run(e.File, func(t *testing.T) {
			client := testkit.Answering(t, e.Status, string(e.Body))
			ctx := t.Context()
			u, err := url.Parse(e.Path)
			require.NoError(t, err)
			path := strings.TrimPrefix(u.Path, "/v3")
			var got any
			switch parts := strings.Split(strings.Trim(path, "/"), "/"); {
			case e.Status >= 400:
				_, err := client.Users.Get(ctx, "a")
				var answer *cometchat.Error
				require.ErrorAs(t, err, &answer)
				var want struct {
					Error struct{ Code, Message, DevMessage, Source string }
				}
				require.NoError(t, json.Unmarshal(e.Body, &want))
				assert.Equal(t, want.Error.Code, string(answer.Code))
				assert.Equal(t, want.Error.Message, answer.Message)
				assert.Equal(t, want.Error.DevMessage, answer.DevMessage)
				assert.Equal(t, want.Error.Source, answer.Source)
				return
			case e.Method == "POST" && path == "/users":
				got, err = client.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "a", Name: "A"})
			case e.Method == "GET" && path == "/users":
				got, err = client.Users.List(nil).First(ctx)
			case len(parts) == 2 && parts[0] == "users" && e.Method == "GET":
				got, err = client.Users.Get(ctx, "a")
			case len(parts) == 2 && parts[0] == "users" && e.Method == "DELETE":
				require.NoError(t, client.Users.Delete(ctx, "a", nil))
				return
			case strings.HasSuffix(path, "/auth_tokens") && e.Method == "POST":
				got, err = client.AuthTokens.Create(ctx, "a", nil)
			case strings.HasSuffix(path, "/auth_tokens"):
				got, err = client.AuthTokens.List("a", nil).First(ctx)
			case strings.HasSuffix(path, "/blockedusers") && e.Method == "POST":
				results, err := client.BlockedUsers.Block(ctx, "a", []string{"user_001"})
				require.NoError(t, err)
				assert.Equal(t, &cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{{ID: "user_001", Message: confirmed(t, e.Body, "user_001")}}}, results)
				return
			case strings.HasSuffix(path, "/blockedusers"):
				got, err = client.BlockedUsers.List("a", nil).First(ctx)
			case path == "/messages" && e.Method == "POST":
				got, err = client.Messages.Send(ctx, cometchat.ToUser("b"), &cometchat.SendMessageRequest{Text: "x"})
			case path == "/messages":
				got, err = client.Messages.List(nil).First(ctx)
			case parts[0] == "messages" && e.Method == "PUT":
				got, err = client.Messages.Update(ctx, "356", &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("update")})
			case strings.HasSuffix(path, "/conversation"):
				got, err = client.OnBehalfOf("b").Conversations.Get(ctx, cometchat.ToUser("a"))
			case path == "/conversations":
				got, err = client.Conversations.List(nil).First(ctx)
			default:
				t.Fatalf("no method for %s %s", e.Method, e.Path)
			}
			require.NoError(t, err)
			require.NotNil(t, got)
			assertHolds(t, testkit.JSON(t, got), e.Body)
		})
	}
}

// assertHolds checks that every leaf of a recorded response's data is in the
// decoded value, under the same name or as the same text.
func assertHolds(t *testing.T, got string, body json.RawMessage) {
	t.Helper()
	var recorded struct{ Data any }
	require.NoError(t, json.Unmarshal(body, &recorded))
	var decoded any
	require.NoError(t, json.Unmarshal([]byte(got), &decoded))
	have := map[string]bool{}
	leaves(decoded, func(name, value string) { have[strings.ToLower(name)+"="+value], have["="+value] = true, true })
	leaves(recorded.Data, func(name, value string) {
		assert.True(t, have[strings.ToLower(name)+"="+value] || have["="+value], "lost: %s = %s", name, value)
	})
}

func leaves(v any, f func(name, value string)) {
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				walk(k, e)
			}
		case []any:
			for _, e := range v {
				walk(name, e)
			}
		case nil:
		case string:
			f(name, v)
		default:
			b, _ := json.Marshal(v)
			f(name, string(b))
		}
	}
	walk("", v)
}
