package cometchattest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestFaultSelection(t *testing.T) {
	statuses := func(a *api, n int, method, path string) []int {
		var list []int
		for range n {
			list = append(list, a.do(method, path, "").Status)
		}
		return list
	}
	for name, tt := range map[string]struct {
		fault cometchattest.Fault
		want  []int
	}{
		"once":             {cometchattest.Fault{}, []int{503, 200, 200, 200, 200}},
		"twice":            {cometchattest.Fault{Times: 2}, []int{503, 503, 200, 200, 200}},
		"always":           {cometchattest.Fault{Times: cometchattest.Always}, []int{503, 503, 503, 503, 503}},
		"skip":             {cometchattest.Fault{Skip: 2, Times: 2}, []int{200, 200, 503, 503, 200}},
		"every":            {cometchattest.Fault{Every: 2, Times: cometchattest.Always}, []int{200, 503, 200, 503, 200}},
		"skip and every":   {cometchattest.Fault{Skip: 1, Every: 2}, []int{200, 200, 503, 200, 200}},
		"its method":       {cometchattest.Fault{Method: "get"}, []int{503, 200, 200, 200, 200}},
		"another method":   {cometchattest.Fault{Method: "POST"}, []int{200, 200, 200, 200, 200}},
		"its pattern":      {cometchattest.Fault{Path: "/users/{uid}"}, []int{503, 200, 200, 200, 200}},
		"its path":         {cometchattest.Fault{Path: "/users/user-0001"}, []int{503, 200, 200, 200, 200}},
		"another path":     {cometchattest.Fault{Path: "/users/user-0002"}, []int{200, 200, 200, 200, 200}},
		"another pattern":  {cometchattest.Fault{Path: "/users"}, []int{200, 200, 200, 200, 200}},
		"parameter's name": {cometchattest.Fault{Path: "/{resource}/{id}"}, []int{503, 200, 200, 200, 200}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			a.srv.SeedUsers(1)
			tt.fault.Status = 503
			a.srv.Inject(tt.fault)
			assert.Equal(t, tt.want, statuses(a, 5, "GET", "/users/user-0001"))
		})
	}
	t.Run("in order", func(t *testing.T) {
		a := newAPI(t)
		a.srv.Inject(cometchattest.Fault{Status: 429})
		a.srv.Inject(cometchattest.Fault{Status: 502, Times: 2})
		a.srv.Inject(cometchattest.Fault{Status: 504, Times: cometchattest.Always})
		assert.Equal(t, []int{429, 502, 502, 504}, statuses(a, 4, "GET", "/users"))
		a.srv.ClearFaults()
		assert.Equal(t, []int{200}, statuses(a, 1, "GET", "/users"))
	})
}

func TestFaultAnswers(t *testing.T) {
	a := newAPI(t)
	with := func(f cometchattest.Fault) reply {
		a.t = t
		a.srv.Inject(f)
		return a.do("POST", "/users", `{"uid":"u","name":"U"}`)
	}

	r := with(cometchattest.Fault{Status: 429, RetryAfter: "soon"})
	assert.Equal(t, "Too Many Requests", r.fails(429, "ERR_TOO_MANY_REQUESTS")["message"])
	assert.Equal(t, "soon", r.Header.Get("Retry-After"))
	assert.NotContains(t, r.Header, "X-Ratelimit-Limit")

	r = with(cometchattest.Fault{Status: 503, Header: http.Header{"x-rate-limit-reset": {"17"}}})
	r.fails(503, "ERR_EXCEPTION")
	assert.Equal(t, "17", r.Header.Get("X-Rate-Limit-Reset"))
	assert.NotContains(t, r.Header, "Retry-After")

	assert.Equal(t, "own words", with(cometchattest.Fault{Code: "ERR_OWN", Message: "own words"}).fails(400, "ERR_OWN")["message"])
	assert.Equal(t, "ERR_INSIDE", with(cometchattest.Fault{Status: 200, Code: "ERR_INSIDE"}).ok()["error"].(map[string]any)["code"])

	r = with(cometchattest.Fault{Status: 502, Body: []byte("<html>Bad gateway</html>"), Header: http.Header{"Content-Type": {"text/html"}}})
	assert.Equal(t, "<html>Bad gateway</html>", r.Body)
	assert.Equal(t, 502, r.Status)
	assert.Equal(t, "text/html", r.Header.Get("Content-Type"))
	assert.NotContains(t, r.Header, "Content-Encoding")

	r = with(cometchattest.Fault{Body: []byte{}})
	assert.Equal(t, 200, r.Status)
	assert.Empty(t, r.Body)

	r = with(cometchattest.Fault{RedirectTo: "https://elsewhere.test/v3/users"})
	assert.Equal(t, 302, r.Status)
	assert.Equal(t, "https://elsewhere.test/v3/users", r.Header.Get("Location"))
	assert.Equal(t, 307, with(cometchattest.Fault{RedirectTo: "/x", Status: 307}).Status)

	a.do("GET", "/users/u", "").fails(404, "ERR_UID_NOT_FOUND")

	// With the faults below, the request is processed.
	assert.Equal(t, 201, with(cometchattest.Fault{Status: 201}).Status)
	a.do("GET", "/users/u", "").ok()
	for _, f := range []cometchattest.Fault{
		{Status: 204}, {TruncateJSON: true}, {Malformed: true}, {Header: http.Header{"X-Extra": {"1"}}},
	} {
		a.do("DELETE", "/users/u", `{"permanent":true}`).ok()
		a.srv.Inject(f)
		r = a.do("POST", "/users", `{"uid":"u","name":"U"}`)
		a.do("GET", "/users/u", "").ok()
		switch {
		case f.Status == 204:
			assert.Equal(t, 204, r.Status)
			assert.Empty(t, r.Body)
			assert.NotContains(t, r.Header, "Content-Length")
		case f.TruncateJSON, f.Malformed:
			assert.Equal(t, 200, r.Status)
			assert.False(t, json.Valid([]byte(r.Body)), r.Body)
			assert.True(t, strings.HasPrefix(r.Body, `{"data":{"uid":"u"`), r.Body)
		default:
			assert.Equal(t, "1", r.Header.Get("X-Extra"))
			assert.Equal(t, "10000", r.Header.Get("X-RateLimit-Limit"))
			r.ok()
		}
	}
}

func TestRepeatedPage(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(6)
	get := func(query string) []string {
		a.srv.Inject(cometchattest.Fault{RepeatPage: true})
		return a.do("GET", "/users?perPage=2"+query, "").column("uid")
	}
	first, second := []string{"user-0006", "user-0005"}, []string{"user-0004", "user-0003"}
	assert.Equal(t, second, get("&page=3"))
	assert.Equal(t, first, get("&page=2"))
	assert.Equal(t, first, get("&page=1"))
	assert.Equal(t, first, get("&id=4&affix=append"))
	log := a.srv.Requests()
	assert.Equal(t, "3", log[0].Query.Get("page"), "the log shows what was sent")
	assert.Equal(t, "4", log[3].Query.Get("id"))
}

func TestBrokenConnections(t *testing.T) {
	srv := cometchattest.NewServer()
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	send := func(f cometchattest.Fault, uid string) (*http.Response, []byte, error) {
		srv.Inject(f)
		req, err := http.NewRequestWithContext(t.Context(), "POST", srv.URL()+"/users", strings.NewReader(`{"uid":"`+uid+`","name":"N"}`))
		require.NoError(t, err)
		req.Header.Set("apikey", srv.APIKey())
		res, err := client.Do(req)
		if err != nil {
			return nil, nil, err
		}
		defer func() { assert.NoError(t, res.Body.Close()) }()
		body, err := io.ReadAll(res.Body)
		return res, body, err
	}
	exists := func(uid string) bool {
		res, _, err := send(cometchattest.Fault{Path: "/never"}, uid)
		require.NoError(t, err)
		return res.StatusCode == 400
	}

	_, _, err := send(cometchattest.Fault{DropBefore: true}, "before")
	assert.True(t, errors.Is(err, io.EOF), err)
	assert.False(t, exists("before"))

	_, _, err = send(cometchattest.Fault{DropAfter: true}, "after")
	assert.True(t, errors.Is(err, io.EOF), err)
	assert.True(t, exists("after"))

	res, body, err := send(cometchattest.Fault{Truncate: true}, "half")
	assert.True(t, errors.Is(err, io.ErrUnexpectedEOF), err)
	require.NotNil(t, res)
	assert.Equal(t, 200, res.StatusCode)
	assert.EqualValues(t, res.ContentLength/2, len(body))
	assert.True(t, exists("half"))

	log := srv.Requests()
	require.Len(t, log, 6)
	assert.Equal(t, []int{0, 200, 0, 400, 200, 400},
		[]int{log[0].Status, log[1].Status, log[2].Status, log[3].Status, log[4].Status, log[5].Status})
}
