package cometchattest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestAuthTokens(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(2)
	const path = "/users/USER-0001/auth_tokens"

	empty := a.do("GET", path, "")
	assert.Empty(t, empty.column("authToken"))
	assert.Equal(t, page(0, 0, 100, 1, 1), empty.meta()["pagination"])

	first := a.do("POST", path, "").data()
	token := first["authToken"].(string)
	assert.Equal(t, map[string]any{"uid": "user-0001", "authToken": token, "createdAt": float64(start.Unix())}, first)
	a.clock.Advance(time.Minute)
	assert.Equal(t, first, a.do("POST", path, `{"force":false}`).data(), "without force the newest is returned")
	assert.Equal(t, first, a.do("POST", path, "").data())
	second := a.do("POST", path, `{"force":true}`).data()
	assert.NotEqual(t, token, second["authToken"])
	assert.Equal(t, second, a.do("POST", path, "").data())

	list := a.do("GET", path+"?perPage=1&page=2", "")
	assert.Equal(t, []string{token}, list.column("authToken"), "newest first")
	assert.Equal(t, map[string]any{"pagination": page(2, 1, 1, 2, 2)}, list.meta(), "no cursor")

	assert.Equal(t, first, a.do("GET", path+"/"+token, "").data())
	updated := a.do("PUT", path+"/"+token, `{"platform":"ios","userAgent":"app/1.0","appInfo":"{\"v\":2}"}`).data()
	assert.Equal(t, "ios", updated["platform"])
	assert.Equal(t, "app/1.0", updated["userAgent"])
	assert.Equal(t, map[string]any{"v": 2.0}, updated["appInfo"])
	assert.Equal(t, updated, a.do("PUT", path+"/"+token, `{}`).data())
	assert.Equal(t, updated, a.do("GET", path+"/"+token, "").data())

	a.do("PUT", path+"/"+token, `{"platform":1,"appInfo":true}`).badFields("platform", "appInfo")
	a.do("PUT", path+"/"+token, `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("POST", path, `{"force":"perhaps"}`).badFields("force")
	a.do("POST", path, `[1]`).fails(400, "ERR_BAD_REQUEST")

	for _, method := range []string{"GET", "PUT", "DELETE"} {
		a.do(method, path+"/unknown", "").fails(404, "ERR_AUTH_TOKEN_NOT_FOUND")
		a.do(method, "/users/user-0002/auth_tokens/"+token, "").fails(404, "ERR_AUTH_TOKEN_NOT_FOUND")
		a.do(method, "/users/nobody/auth_tokens/"+token, "").fails(404, "ERR_UID_NOT_FOUND")
	}
	for _, method := range []string{"POST", "GET", "DELETE"} {
		a.do(method, "/users/nobody/auth_tokens", "").fails(404, "ERR_UID_NOT_FOUND")
	}

	assert.Equal(t, true, a.do("DELETE", path+"/"+token, "").data()["success"])
	a.do("GET", path+"/"+token, "").fails(404, "ERR_AUTH_TOKEN_NOT_FOUND")
	assert.Len(t, a.do("GET", path, "").column("uid"), 1)
	assert.Equal(t, true, a.do("DELETE", path, "").data()["success"])
	assert.Empty(t, a.do("GET", path, "").column("uid"))
}

func TestTokenLimit(t *testing.T) {
	for _, tt := range []struct {
		opts []cometchattest.Option
		kept int
	}{
		{nil, 203},
		{[]cometchattest.Option{cometchattest.WithTokenLimit(100)}, 100},
		{[]cometchattest.Option{cometchattest.WithTokenLimit(1)}, 1},
	} {
		a := newAPI(t, tt.opts...)
		a.srv.SeedUsers(1)
		var made []string
		for range 203 {
			made = append(made, fmt.Sprint(a.do("POST", "/users/user-0001/auth_tokens", `{"force":1}`).data()["authToken"]))
		}
		slices.Reverse(made)
		assert.Equal(t, made[:tt.kept], a.do("GET", "/users/user-0001/auth_tokens?perPage=1000", "").column("authToken"))
	}
}
