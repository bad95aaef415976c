package cometchattest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func testCall(srv *Server, query string, body string) *call {
	values, _ := url.ParseQuery(query)
	return &call{
		server: srv, state: srv.state, request: httptest.NewRequest("POST", "/v3/x", nil), query: values,
		body: []byte(body), now: time.Unix(1_700_000_000, 0),
	}
}

func TestGrowingTotals(t *testing.T) {
	rows := sliceRows[int]{0, 1, 2, 3, 4, 5, 6, 7, 8}
	list := pageList[int]{rows: rows, growing: true, view: func(n int) any { return n }}
	for _, keep := range []func(int) bool{nil, func(int) bool { return true }} {
		list.keep = keep
		for page, want := range map[string]pagination{
			"1": {0, 4, 4, 1, 2}, "2": {0, 4, 4, 2, 3}, "3": {0, 1, 4, 3, 3}, "4": {0, 0, 4, 4, 4},
		} {
			got, err := list.page(testCall(New(), "perPage=4&page="+page, ""))
			require.NoError(t, err)
			assert.Equal(t, want, got.(listResponse).Meta.(pageMeta).Pagination)
		}
	}
	list.keep = func(n int) bool { return n%2 == 0 }
	got, err := list.page(testCall(New(), "perPage=2&page=2", ""))
	require.NoError(t, err)
	assert.Equal(t, []any{4, 6}, got.(listResponse).Data)
	assert.Equal(t, pagination{0, 2, 2, 2, 3}, got.(listResponse).Meta.(pageMeta).Pagination)
}

func TestRouterPrefersLiterals(t *testing.T) {
	r := newRouter([]resource{{routes: []route{
		{pattern: "GET /c/{id}"}, {pattern: "GET /c/pinned"}, {pattern: "GET /{a}/x"}, {pattern: "GET /{a}/{b}"},
	}}})
	for path, want := range map[string]string{
		"/c/pinned": "GET /c/pinned", "/c/x": "GET /c/{id}", "/d/x": "GET /{a}/x", "/d/e": "GET /{a}/{b}",
	} {
		base, _, segments := splitPath("/v3" + path)
		require.Equal(t, basePath, base)
		rt, _ := r.find(base, "GET", segments, false)
		require.NotNil(t, rt)
		assert.Equal(t, want, rt.pattern)
	}
	rt, _ := r.find(basePath, "PUT", []string{"c", "x"}, false)
	assert.Nil(t, rt)
	rt, _ = r.find(managementPath, "GET", []string{"c", "x"}, false)
	assert.Nil(t, rt)
}

func TestNestedObjects(t *testing.T) {
	c := testCall(New(), "", `{"members":{"admins":["a",1],"empty":[]},"list":[1],"none":null,"text":"{\"k\":\"v\"}"}`)
	f, err := c.fields()
	require.NoError(t, err)
	members, ok := f.object("members")
	require.True(t, ok)
	members.texts("admins", 0, 0)
	members.require("owner")
	empty, ok := members.object("empty")
	assert.True(t, ok)
	assert.False(t, empty.has("anything"))
	_, ok = f.object("list")
	assert.False(t, ok)
	_, ok = f.object("none")
	assert.False(t, ok)
	text, ok := f.object("text")
	require.True(t, ok)
	value, _ := text.text("k", 0)
	assert.Equal(t, "v", value)
	var failure *apiError
	require.True(t, errors.As(f.err(), &failure))
	assert.Contains(t, failure.details, "members.admins.1")
	assert.Contains(t, failure.details, "members.owner")
	assert.Contains(t, failure.details, "list")
	assert.Len(t, failure.details, 3)
	assert.Contains(t, failure.Error(), "ERR_BAD_REQUEST")

	require.True(t, errors.As(errBadField("uid", "No %s.", "way"), &failure))
	assert.Equal(t, map[string][]string{"uid": {"No way."}}, failure.details)
}

func TestLimitForEachActor(t *testing.T) {
	srv := New()
	c := testCall(srv, "", "")
	for range 2 {
		require.NoError(t, c.limitActor("send", 2))
	}
	var failure *apiError
	require.True(t, errors.As(c.limitActor("send", 2), &failure))
	assert.Equal(t, http.StatusTooManyRequests, failure.status)
	assert.Equal(t, http.Header{"Retry-After": {"60"}, "X-Rate-Limit-Reset": {"1700000060"}}, failure.header)
	require.NoError(t, c.limitActor("read", 2))
	c.actor = &user{uid: "u"}
	require.NoError(t, c.limitActor("send", 2))
}

func TestUnforeseenErrors(t *testing.T) {
	a := responseFor(nil, errors.New("disk on fire"))
	assert.Equal(t, 500, a.status)
	assert.JSONEq(t, `{"error":{"message":"disk on fire","devMessage":"disk on fire","source":"chat-api","code":"ERR_EXCEPTION"}}`, string(a.body))
	assert.Panics(t, func() { encode(func() {}) })
}

func TestResourceHooks(t *testing.T) {
	srv := New(WithClock(func() time.Time { return time.Unix(1700000000, 0) }))
	var removed string
	srv.hooks = append(srv.hooks, resource{
		userRemoved:  func(_ *state, uid string) { removed = uid },
		decorateUser: func(c *call, u *user, v *userView) { v.Scope = c.actor.uid + " sees " + u.uid },
	})
	srv.AddUsers(User{UID: "a"}, User{UID: "b"})
	send := func(method, body string) string {
		req := httptest.NewRequest(method, "/v3/users/a", nil)
		req.Body = http.NoBody
		if body != "" {
			req = httptest.NewRequest(method, "/v3/users/a", strings.NewReader(body))
		}
		req.Header.Set("apikey", srv.APIKey())
		req.Header.Set("onBehalfOf", "B")
		rec := httptest.NewRecorder()
		srv.ServeHTTP(rec, req)
		return rec.Body.String()
	}
	assert.JSONEq(t, `{"data":{"uid":"a","name":"a","status":"offline","role":"default","scope":"b sees a","createdAt":1700000000,"conversationId":"a_user_b"}}`, send("GET", ""))
	assert.JSONEq(t, `{"data":{"success":true,"message":"The user a is deleted for good."}}`, send("DELETE", `{"permanent":true}`))
	assert.Equal(t, "a", removed)
}

func FuzzEscapeSlashes(f *testing.F) {
	f.Add(`{"a":"b/c\/d\\/\u002f"}`)
	f.Add(`"/`)
	f.Fuzz(func(t *testing.T, doc string) {
		escaped := escapeSlashes([]byte(doc))
		var want, got any
		if json.Unmarshal([]byte(doc), &want) != nil {
			return
		}
		require.NoError(t, json.Unmarshal(escaped, &got))
		require.Equal(t, want, got)
		require.NotRegexp(t, `(^|[^\\])/`, string(escaped))
	})
}

func TestPagesFarOut(t *testing.T) {
	rows := sliceRows[int]{0, 1, 2}
	for _, keep := range []func(int) bool{nil, func(int) bool { return true }} {
		list := pageList[int]{rows: rows, keep: keep, view: func(n int) any { return n }}
		// The position of the first row needs more than 32 bits.
		got, err := list.page(testCall(New(), "perPage=1000&page=1073741824", ""))
		require.NoError(t, err)
		assert.Equal(t, listResponse{Data: []any{}, Meta: pageMeta{Pagination: pagination{3, 0, 1000, 1 << 30, 1}}}, got)
	}
}
