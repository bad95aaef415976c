package cometchattest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestCreateUser(t *testing.T) {
	a := newAPI(t)
	a.srv.AddRole("Staff")

	t.Run("least", func(t *testing.T) {
		got := a.do("POST", "/users", `{"uid":"Noor_1","name":"Noor"}`).data()
		assert.Equal(t, map[string]any{
			"uid": "noor_1", "name": "Noor", "status": "offline", "role": "default", "createdAt": float64(start.Unix()),
		}, got, "lower-cased uid, no empty members, no tags")
	})
	t.Run("everything", func(t *testing.T) {
		r := a.do("POST", "/users", `{"uid":"u2","name":"Two","avatar":"https://pics.test/a/2.png","link":"https://two.test",
			"role":"STAFF","statusMessage":"away","metadata":{"@private":{"email":"two@mail.test"}},"tags":["a","b"],"withAuthToken":true}`)
		got := r.data()
		token, _ := got["authToken"].(string)
		delete(got, "authToken")
		assert.Equal(t, map[string]any{
			"uid": "u2", "name": "Two", "avatar": "https://pics.test/a/2.png", "link": "https://two.test", "role": "staff",
			"status": "offline", "statusMessage": "away", "createdAt": float64(start.Unix()), "tags": []any{"a", "b"},
			"metadata": map[string]any{"@private": map[string]any{"email": "two@mail.test"}},
		}, got)
		assert.True(t, strings.HasPrefix(token, fmt.Sprintf("u2_%d", start.Unix())), token)
		var body struct {
			Data struct{ Avatar json.RawMessage }
		}
		require.NoError(t, json.Unmarshal([]byte(r.Body), &body))
		assert.Equal(t, `"https:\/\/pics.test\/a\/2.png"`, string(body.Data.Avatar), "slashes are escaped")
		assert.Equal(t, []string{token}, a.do("GET", "/users/u2/auth_tokens", "").column("authToken"))
	})
	t.Run("metadata", func(t *testing.T) {
		for sent, want := range map[string]string{
			`"{\"a\": 1}"`: `{"a":1}`,
			`["x","y"]`:    `["x","y"]`,
			`{}`:           `[]`,
			`{"a":"b\/c"}`: `{"a":"b\/c"}`,
		} {
			require.Less(t, a.do("DELETE", "/users/m", `{"permanent":true}`).Status, 500)
			r := a.do("POST", "/users", `{"uid":"m","name":"M","metadata":`+sent+`}`)
			require.Equal(t, 200, r.Status, r.Body)
			var body struct {
				Data struct{ Metadata json.RawMessage }
			}
			require.NoError(t, json.Unmarshal([]byte(r.Body), &body))
			assert.Equal(t, want, string(body.Data.Metadata))
		}
	})

	long := strings.Repeat("é", 101)
	tags := strings.Repeat(`"t",`, 25) + `"t"`
	for name, tt := range map[string]struct {
		body   string
		fields []string
	}{
		"nothing":          {``, []string{"uid", "name"}},
		"PHP's empty":      {`[]`, []string{"uid", "name"}},
		"empty and null":   {`{"uid":"","name":null}`, []string{"uid", "name"}},
		"too long":         {`{"uid":"` + strings.Repeat("u", 101) + `","name":"` + long + `"}`, []string{"uid", "name"}},
		"long URLs":        {`{"uid":"x","name":"X","avatar":"` + strings.Repeat("a", 3001) + `","link":"` + strings.Repeat("a", 3001) + `"}`, []string{"avatar", "link"}},
		"uid characters":   {`{"uid":"a b","name":"X"}`, []string{"uid"}},
		"wrong types":      {`{"uid":7,"name":{},"metadata":true,"tags":"a","withAuthToken":"maybe"}`, []string{"uid", "name", "metadata", "tags", "withAuthToken"}},
		"scalar metadata":  {`{"uid":"x","name":"X","metadata":5}`, []string{"metadata"}},
		"large metadata":   {`{"uid":"x","name":"X","metadata":{"k":"` + strings.Repeat("v", 5120) + `"}}`, []string{"metadata"}},
		"blank name":       {`{"uid":"x","name":"  "}`, []string{"name"}},
		"a blank tag":      {`{"uid":"x","name":"X","tags":["fine"," ",""]}`, []string{"tags.1", "tags.2"}},
		"no URLs":          {`{"uid":"x","name":"X","avatar":"Invalid:https://a.test/1.png","link":"/users/x"}`, []string{"avatar", "link"}},
		"26 tags":          {`{"uid":"x","name":"X","tags":[` + tags + `]}`, []string{"tags"}},
		"a long tag":       {`{"uid":"x","name":"X","tags":["ok","` + long + `"]}`, []string{"tags.1"}},
		"tag of one digit": {`{"uid":"x","name":"X","tags":[1,null]}`, []string{"tags.0", "tags.1"}},
		"no JSON":          {`{"uid"`, nil},
		"a list":           {`["uid"]`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			(&api{t, a.srv, a.clock}).do("POST", "/users", tt.body).badFields(tt.fields...)
		})
	}
	t.Run("limits are inclusive", func(t *testing.T) {
		a.do("POST", "/users", `{"uid":"`+strings.Repeat("u", 100)+`","name":"`+strings.Repeat("é", 100)+
			`","tags":[`+strings.Repeat(`"t",`, 24)+`"`+strings.Repeat("é", 100)+`"]}`).ok()
	})
	t.Run("refused", func(t *testing.T) {
		a.do("POST", "/users", `{"uid":"U2","name":"again"}`).fails(400, "ERR_UID_ALREADY_EXISTS")
		a.do("POST", "/users", `{"uid":"u3","name":"Three","role":"ghost"}`).badFields("role")
		a.do("POST", "/users", `uid=u3&name=Three`, "Content-Type", "application/x-www-form-urlencoded").fails(400, "ERR_BAD_REQUEST")
		a.do("GET", "/users/u3", "").fails(404, "ERR_UID_NOT_FOUND")
	})
}

func TestUserQuota(t *testing.T) {
	a := newAPI(t, cometchattest.WithUserQuota(2))
	a.srv.SeedUsers(1)
	a.do("POST", "/users", `{"uid":"u1","name":"One"}`).ok()
	a.do("POST", "/users", `{"uid":"u2","name":"Two"}`).fails(402, "ERR_PLAN_QUOTA_RESTRICTION")
	a.do("POST", "/users", `{"uid":"u1","name":"One"}`).fails(400, "ERR_UID_ALREADY_EXISTS")
	a.do("DELETE", "/users/u1", `{"permanent":true}`).ok()
	a.do("POST", "/users", `{"uid":"u2","name":"Two"}`).ok()
}

func TestGetAndUpdateUser(t *testing.T) {
	a := newAPI(t)
	a.srv.AddUsers(cometchattest.User{
		UID: "Ana", Name: "Ana", Avatar: "https://a.test/1", Link: "https://a.test", Tags: []string{"x"},
		Metadata: json.RawMessage(`{"k":[1,2]}`), CreatedAt: start.Add(-time.Hour),
	})
	base := func() map[string]any {
		return map[string]any{
			"uid": "ana", "name": "Ana", "avatar": "https://a.test/1", "link": "https://a.test", "status": "offline",
			"role": "default", "metadata": map[string]any{"k": []any{1.0, 2.0}}, "createdAt": float64(start.Unix() - 3600),
		}
	}
	assert.Equal(t, base(), a.do("GET", "/users/ANA", "").data(), "no tags, no updatedAt, any case")

	want := base()
	want["name"], want["tags"], want["updatedAt"] = "Ana B.", []any{"y"}, float64(start.Unix())
	assert.Equal(t, want, a.do("PUT", "/users/ana", `{"name":"Ana B.","tags":["y"],"avatar":""}`).data(),
		"other fields stay, an empty string is no value")

	a.clock.Advance(time.Minute)
	delete(want, "avatar")
	delete(want, "link")
	delete(want, "metadata")
	want["updatedAt"] = float64(start.Unix() + 60)
	assert.Equal(t, want, a.do("PUT", "/users/ana", `{"unset":["avatar","link","metadata"]}`).data())
	delete(want, "tags")
	assert.Equal(t, want, a.do("GET", "/users/ana", "").data())

	a.do("PUT", "/users/ana", `{"name":"","unset":["avatar","role"]}`).badFields("name", "unset.1")
	a.do("PUT", "/users/ana", `{"role":"ghost","name":"changed"}`).badFields("role")
	a.do("PUT", "/users/ana", `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("PUT", "/users/nobody", `{"name":"N"}`).fails(404, "ERR_UID_NOT_FOUND")
	assert.Equal(t, want, a.do("GET", "/users/ana", "").data(), "a refused update changes nothing")

	a.srv.AddUsers(cometchattest.User{UID: "zoe"})
	assert.Equal(t, "ana_user_zoe", a.do("GET", "/users/ana", "", "onBehalfOf", "Zoe").data()["conversationId"])
	assert.NotContains(t, a.do("GET", "/users/zoe", "", "onBehalfOf", "zoe").data(), "conversationId")
	a.do("GET", "/users/ana", "", "onBehalfOf", "nobody").fails(404, "ERR_UID_NOT_FOUND")
}

func TestDeleteUser(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(3)
	deactivated := a.do("DELETE", "/users/USER-0001", "").data()
	assert.Equal(t, map[string]any{"deactivatedUids": []any{"user-0001"}}, deactivated)
	assert.Equal(t, map[string]any{"alreadyDeactivatedUids": []any{"user-0001"}},
		a.do("DELETE", "/users/user-0001", `{"permanent":false}`).data())

	for _, request := range [][3]string{
		{"GET", "/users/user-0001"}, {"PUT", "/users/user-0001", `{"name":"n"}`},
		{"POST", "/users/user-0001/auth_tokens"}, {"DELETE", "/users/user-0001/auth_tokens"},
	} {
		a.do(request[0], request[1], request[2]).fails(404, "ERR_UID_NOT_FOUND")
	}
	a.do("GET", "/users", "", "onBehalfOf", "user-0001").fails(404, "ERR_UID_NOT_FOUND")
	a.do("POST", "/users", `{"uid":"user-0001","name":"N"}`).fails(400, "ERR_UID_ALREADY_EXISTS")

	assert.Equal(t, true, a.do("DELETE", "/users/user-0001", `{"permanent":"true"}`).data()["success"])
	a.do("DELETE", "/users/user-0001", `{"permanent":true}`).fails(404, "ERR_UID_NOT_FOUND")
	a.do("DELETE", "/users/user-0002", `{"permanent":"yes"}`).badFields("permanent")
	a.do("DELETE", "/users/user-0002", `{`).fails(400, "ERR_BAD_REQUEST")

	token := a.do("POST", "/users/user-0002/auth_tokens", "").data()["authToken"]
	a.do("DELETE", "/users/user-0002", `{"permanent":1}`).ok()
	a.do("POST", "/users", `{"uid":"user-0002","name":"N"}`).ok()
	assert.NotEqual(t, token, a.do("POST", "/users/user-0002/auth_tokens", "").data()["authToken"], "tokens went with the user")
	assert.Equal(t, []string{"user-0002", "user-0003"}, a.do("GET", "/users?withDeactivated=1", "").column("uid"))
}

func TestDeactivateAndReactivateUsers(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(4)
	assert.Equal(t, map[string]any{"deactivatedUids": []any{"user-0002", "user-0003"}, "notFound": []any{"Ghost"}},
		a.do("DELETE", "/users", `{"uidsToDeactivate":["user-0002","USER-0003","user-0003","Ghost"]}`).data())
	assert.Equal(t, map[string]any{"deactivatedUids": []any{"user-0001"}, "alreadyDeactivatedUids": []any{"user-0002"}},
		a.do("DELETE", "/users", `{"uidsToDeactivate":["user-0002","user-0001"]}`).data())

	lists := map[string][]string{
		"":                      {"user-0004"},
		"?onlyDeactivated=true": {"user-0003", "user-0002", "user-0001"},
		"?withDeactivated=1":    {"user-0004", "user-0003", "user-0002", "user-0001"},
	}
	for query, want := range lists {
		assert.Equal(t, want, a.do("GET", "/users"+query, "").column("uid"), query)
	}
	rows := a.do("GET", "/users?withDeactivated=true", "").ok()["data"].([]any)
	assert.NotContains(t, rows[0], "deactivatedAt")
	assert.EqualValues(t, start.Unix(), rows[1].(map[string]any)["deactivatedAt"])

	assert.Equal(t, map[string]any{
		"reactivatedUids": []any{"user-0003"}, "nonDeactivatedUids": []any{"user-0004"}, "notFound": []any{"GHOST"},
	}, a.do("PUT", "/users", `{"uidsToActivate":["USER-0003","User-0004","GHOST","ghost"]}`).data())
	assert.Equal(t, []string{"user-0004", "user-0003"}, a.do("GET", "/users", "").column("uid"), "back in its old place")
	a.do("GET", "/users/user-0003", "").ok()

	a.do("PUT", "/users", `{"uidsToActivate":[]}`).badFields("uidsToActivate")
	a.do("PUT", "/users", ``).badFields("uidsToActivate")
	a.do("DELETE", "/users", `{"uidsToDeactivate":[3]}`).badFields("uidsToDeactivate.0")
	a.do("DELETE", "/users", `{`).fails(400, "ERR_BAD_REQUEST")
	assert.Len(t, a.do("GET", "/users", "").column("uid"), 2)
}

func TestListUsersFilters(t *testing.T) {
	a := newAPI(t)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	a.srv.AddUsers(
		cometchattest.User{UID: "alba", Name: "Zed", CreatedAt: at(1), Tags: []string{"red", "blue"}, Role: "Staff"},
		cometchattest.User{UID: "bea", Name: "Alma", CreatedAt: at(2), Tags: []string{"red"}, Status: "available"},
		cometchattest.User{UID: "cleo", Name: "cleo", CreatedAt: at(3), UpdatedAt: at(9), Role: "guest"},
		cometchattest.User{UID: "dora", Name: "Dora", CreatedAt: at(4), UpdatedAt: at(8), Status: "available"},
	)
	seconds := func(minutes int) string { return fmt.Sprint(at(minutes).Unix()) }
	for _, tt := range []struct {
		query url.Values
		want  []string
	}{
		{url.Values{}, []string{"dora", "cleo", "bea", "alba"}},
		{url.Values{"searchKey": {"AL"}}, []string{"bea", "alba"}},
		{url.Values{"searchKey": {"al"}, "searchIn": {"uid"}}, []string{"alba"}},
		{url.Values{"searchKey": {"al"}, "searchIn": {"name"}}, []string{"bea"}},
		{url.Values{"searchKey": {"al"}, "searchIn": {"name,uid"}}, []string{"bea", "alba"}},
		{url.Values{"searchKey": {"al"}, "searchIn": {"name", "uid"}}, []string{"bea", "alba"}},
		{url.Values{"searchKey": {"lba"}}, nil},
		{url.Values{"status": {"available"}}, []string{"dora", "bea"}},
		{url.Values{"status": {"available,offline"}}, []string{"dora", "cleo", "bea", "alba"}},
		{url.Values{"role": {"staff"}}, []string{"alba"}},
		{url.Values{"roles": {"Staff,guest"}}, []string{"cleo", "alba"}},
		{url.Values{"roles[]": {"staff", "guest"}}, []string{"cleo", "alba"}},
		{url.Values{"tags": {"blue,green"}}, []string{"alba"}},
		{url.Values{"tags": {"red"}}, []string{"bea", "alba"}},
		{url.Values{"tags": {"red"}, "status": {"offline"}}, []string{"alba"}},
		{url.Values{"createdAt[from]": {seconds(2)}}, []string{"dora", "cleo", "bea"}},
		{url.Values{"createdAt[to]": {seconds(2)}}, []string{"bea", "alba"}},
		{url.Values{"createdAt[from]": {seconds(2)}, "createdAt[to]": {seconds(3)}}, []string{"cleo", "bea"}},
		{url.Values{"updatedAt[from]": {seconds(0)}}, []string{"dora", "cleo"}},
		{url.Values{"updatedAt[to]": {seconds(8)}}, []string{"dora"}},
		{url.Values{"count": {"true"}}, []string{"dora", "cleo", "bea", "alba"}},
	} {
		r := a.do("GET", "/users?"+tt.query.Encode(), "")
		assert.ElementsMatch(t, tt.want, r.column("uid"), tt.query)
		assert.Equal(t, page(float64(len(tt.want)), float64(len(tt.want)), 100, 1, 1), r.meta()["pagination"], tt.query)
		assert.NotContains(t, r.Body, `"tags"`)
		if len(tt.want) == 0 {
			assert.NotContains(t, r.meta(), "cursor")
			assert.Equal(t, []any{}, r.ok()["data"])
		} else {
			assert.Equal(t, tt.want, r.column("uid"), "newest first")
			assert.Equal(t, map[string]any{"updatedAt": float64(at(9).Unix()), "affix": "prepend"}, r.meta()["cursor"])
		}
	}
	for _, yes := range []string{"true", "1", "True"} {
		rows := a.do("GET", "/users?searchKey=alba&withTags="+yes, "").ok()["data"].([]any)
		assert.Equal(t, []any{"red", "blue"}, rows[0].(map[string]any)["tags"])
	}
	assert.NotContains(t, a.do("GET", "/users?withTags=false", "").Body, `"tags"`)
	a.do("GET", "/users?createdAt%5Bfrom%5D=today&updatedAt%5Bto%5D=x", "").badFields("createdAt[from]", "updatedAt[to]")
}

func TestListUsersPages(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(25)
	seen := []string{}
	for n := 1; n <= 5; n++ {
		for _, filter := range []string{"", "&searchKey=user"} {
			r := a.do("GET", fmt.Sprintf("/users?perPage=5&page=%d%s", n, filter), "")
			assert.Equal(t, page(25, 5, 5, float64(n), 5), r.meta()["pagination"])
			if filter == "" {
				seen = append(seen, r.column("uid")...)
			} else {
				assert.Equal(t, seen[len(seen)-5:], r.column("uid"))
			}
		}
	}
	require.Len(t, seen, 25)
	for i, uid := range seen {
		assert.Equal(t, fmt.Sprintf("user-%04d", 25-i), uid)
	}
	past := a.do("GET", "/users?perPage=5&page=9", "")
	assert.Empty(t, past.column("uid"))
	assert.Equal(t, page(25, 0, 5, 9, 5), past.meta()["pagination"])
	assert.Len(t, a.do("GET", "/users?per_page=3", "").column("uid"), 3)
	assert.Equal(t, page(25, 25, 1000, 1, 1), a.do("GET", "/users?perPage=1000", "").meta()["pagination"])
	a.do("GET", "/users?perPage=1001&page=0", "").badFields("perPage", "page")
	a.do("GET", "/users?perPage=0&page=x", "").badFields("perPage", "page")
}

func TestSeedUsers(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(2500)
	a.clock.Advance(time.Minute)
	a.srv.SeedUsers(2)
	r := a.do("GET", "/users?perPage=3", "")
	assert.Equal(t, []string{"user-2502", "user-2501", "user-2500"}, r.column("uid"))
	assert.EqualValues(t, 2502, r.meta()["pagination"].(map[string]any)["total"])
	rows := r.ok()["data"].([]any)
	for i, want := range []int64{60, 59, 0} {
		assert.EqualValues(t, start.Unix()+want, rows[i].(map[string]any)["createdAt"])
	}
	first := a.do("GET", "/users/user-0001", "").data()
	assert.EqualValues(t, start.Unix()-2499, first["createdAt"])
	assert.Contains(t, first["name"], " ")
}

func TestAddUsers(t *testing.T) {
	a := newAPI(t)
	// The users are out of order; one has characters that requests cannot use,
	// and one is deactivated.
	a.srv.AddUsers(
		cometchattest.User{UID: "new", CreatedAt: start},
		cometchattest.User{UID: "old", CreatedAt: start.Add(-time.Hour)},
		cometchattest.User{UID: "A/b c?d#e%f", CreatedAt: start.Add(-time.Minute)},
		cometchattest.User{UID: "gone", DeactivatedAt: start},
	)
	assert.Equal(t, []string{"new", "a/b c?d#e%f", "old"}, a.do("GET", "/users", "").column("uid"))
	assert.Equal(t, "A/b c?d#e%f", a.do("GET", "/users/A%2Fb%20c%3Fd%23e%25f", "").data()["name"], "the name defaults to the uid")
	a.do("GET", "/users/A/b%20c", "").fails(404, "ERR_API_NOT_FOUND")

	a.srv.AddUsers(cometchattest.User{UID: "OLD", Name: "again", CreatedAt: start.Add(time.Second)},
		cometchattest.User{UID: "gone", CreatedAt: start.Add(-2 * time.Hour)})
	assert.Equal(t, []string{"old", "new", "a/b c?d#e%f", "gone"}, a.do("GET", "/users", "").column("uid"))

	// A user created through the API while the clock is set back is inserted in
	// order.
	a.clock.Advance(-30 * time.Second)
	a.do("POST", "/users", `{"uid":"between","name":"B"}`).ok()
	assert.Equal(t, []string{"old", "new", "between", "a/b c?d#e%f", "gone"}, a.do("GET", "/users", "").column("uid"))

	assert.Panics(t, func() { a.srv.AddUsers(cometchattest.User{Name: "no uid"}) })
	assert.Panics(t, func() { a.srv.AddUsers(cometchattest.User{UID: "x"}, cometchattest.User{UID: "X"}) })
	assert.Panics(t, func() { a.srv.AddUsers(cometchattest.User{UID: "x", Metadata: json.RawMessage(`{`)}) })
}
