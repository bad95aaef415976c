package cometchattest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// start is the initial time of the manual clock.
var start = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

type manualClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// api sends requests to a server without a listener.
type api struct {
	t     *testing.T
	srv   *cometchattest.Server
	clock *manualClock
}

func newAPI(t *testing.T, opts ...cometchattest.Option) *api {
	t.Helper()
	clock := &manualClock{now: start}
	opts = append([]cometchattest.Option{
		cometchattest.WithAPIKey("main-key"), cometchattest.WithClock(clock.Now),
	}, opts...)
	return &api{t: t, srv: cometchattest.New(opts...), clock: clock}
}

type reply struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   string
}

// do sends a request with the main key. The header pairs set headers, or remove
// them if the value is empty.
func (a *api) do(method, path, body string, header ...string) reply {
	a.t.Helper()
	return a.send(method, "/v3"+path, body, append([]string{"apikey", a.srv.APIKey()}, header...)...)
}

// manage sends a request to the Management API, for the current webhooks.
func (a *api) manage(method, path, body string, header ...string) reply {
	a.t.Helper()
	key, secret := a.srv.ManagementCredentials()
	return a.send(method, "/management"+path, body, append([]string{"key", key, "secret", secret, "X-Webhook-Version", "2"}, header...)...)
}

func (a *api) send(method, path, body string, header ...string) reply {
	a.t.Helper()
	req := httptest.NewRequestWithContext(a.t.Context(), method, "http://emulator"+path, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		if req.Header.Del(header[i]); header[i+1] != "" {
			req.Header.Set(header[i], header[i+1])
		}
	}
	rec := httptest.NewRecorder()
	a.srv.ServeHTTP(rec, req)
	res := rec.Result()
	got, err := io.ReadAll(res.Body)
	require.NoError(a.t, err)
	return reply{a.t, res.StatusCode, res.Header, string(got)}
}

// ok requires status 200 and decodes the response.
func (r reply) ok() map[string]any {
	r.t.Helper()
	require.Equal(r.t, http.StatusOK, r.Status, r.Body)
	var out map[string]any
	require.NoError(r.t, json.Unmarshal([]byte(r.Body), &out), r.Body)
	return out
}

// data returns the member "data" of a success.
func (r reply) data() map[string]any {
	r.t.Helper()
	data, isObject := r.ok()["data"].(map[string]any)
	require.True(r.t, isObject, r.Body)
	return data
}

// column returns a member of all rows of a list.
func (r reply) column(name string) []string {
	r.t.Helper()
	rows, isList := r.ok()["data"].([]any)
	require.True(r.t, isList, r.Body)
	values := []string{}
	for _, row := range rows {
		values = append(values, row.(map[string]any)[name].(string))
	}
	return values
}

func (r reply) meta() map[string]any {
	r.t.Helper()
	return r.ok()["meta"].(map[string]any)
}

// fails requires an error and returns it.
func (r reply) fails(status int, code string) map[string]any {
	r.t.Helper()
	require.Equal(r.t, status, r.Status, r.Body)
	var out struct {
		Error map[string]any `json:"error"`
	}
	require.NoError(r.t, json.Unmarshal([]byte(r.Body), &out), r.Body)
	require.Equal(r.t, code, out.Error["code"], r.Body)
	require.NotEmpty(r.t, out.Error["message"])
	require.NotEmpty(r.t, out.Error["devMessage"])
	require.Equal(r.t, "chat-api", out.Error["source"])
	return out.Error
}

// badFields requires a failed validation of exactly the given fields.
func (r reply) badFields(fields ...string) {
	r.t.Helper()
	details, _ := r.fails(400, "ERR_BAD_REQUEST")["details"].(map[string]any)
	got := []string{}
	for name, messages := range details {
		got = append(got, name)
		require.NotEmpty(r.t, messages)
	}
	require.ElementsMatch(r.t, fields, got)
}

// page returns the pagination of a list.
func page(total, count, perPage, current, pages float64) map[string]any {
	return map[string]any{
		"total": total, "count": count, "per_page": perPage, "current_page": current, "total_pages": pages,
	}
}
