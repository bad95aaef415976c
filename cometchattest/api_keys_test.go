package cometchattest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestAPIKeys(t *testing.T) {
	a := newAPI(t)
	got := a.do("POST", "/apikeys", `{"name":"Login"}`).data()
	key := got["apiKey"].(string)
	assert.Regexp(t, regexp.MustCompile(`^[0-9a-f]{40}$`), key)
	assert.Equal(t, map[string]any{"apiKey": key, "name": "Login", "scope": "authOnly", "createdAt": float64(start.Unix())}, got)
	assert.Equal(t, got, a.do("GET", "/apikeys/"+key, "").data())
	a.do("GET", "/users", "", "apikey", key).fails(403, "AUTH_ERR_NO_ACCESS")

	got["name"], got["scope"] = "Jobs", "fullAccess"
	assert.Equal(t, got, a.do("PUT", "/apikeys/"+key, `{"name":"Jobs","scope":"fullAccess"}`).data())
	assert.Equal(t, got, a.do("PUT", "/apikeys/"+key, ``).data())
	a.do("GET", "/users", "", "apikey", key).ok()

	a.srv.AddAPIKey("extra", "Front end", "authOnly")
	for query, want := range map[string][]string{
		"":                                {"extra", key, "main-key"},
		"?scope=fullAccess":               {key, "main-key"},
		"?searchKey=JO":                   {key},
		"?searchKey=end":                  {"extra"},
		"?scope=fullAccess&searchKey=end": {},
	} {
		r := a.do("GET", "/apikeys"+query, "")
		assert.Equal(t, want, r.column("apiKey"), query)
		assert.EqualValues(t, len(want), r.meta()["pagination"].(map[string]any)["total"])
	}

	a.do("POST", "/apikeys", `{"scope":"root"}`).badFields("name", "scope")
	a.do("POST", "/apikeys", `{"name":"`+strings.Repeat("n", 101)+`"}`).badFields("name")
	a.do("POST", "/apikeys", `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("PUT", "/apikeys/"+key, `{"scope":"root"}`).badFields("scope")
	a.do("PUT", "/apikeys/"+key, `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("PUT", "/apikeys/main-key", `{"name":"x"}`).fails(403, "ERR_APIKEY_NO_SELF_ACTION")
	a.do("DELETE", "/apikeys/main-key", "").fails(403, "ERR_APIKEY_NO_SELF_ACTION")
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		a.do(method, "/apikeys/unknown", "").fails(404, "ERR_APIKEY_NOT_FOUND")
	}

	assert.Equal(t, true, a.do("DELETE", "/apikeys/"+key, "").data()["success"])
	a.do("GET", "/users", "", "apikey", key).fails(401, "AUTH_ERR_APIKEY_NOT_FOUND")
	for range 23 {
		a.do("POST", "/apikeys", `{"name":"more"}`).ok()
	}
	a.do("POST", "/apikeys", `{"name":"one too many"}`).fails(402, "ERR_PLAN_QUOTA_RESTRICTION")
}

func TestAuthentication(t *testing.T) {
	a := newAPI(t, cometchattest.WithAppID("app-1"))
	a.srv.AddAPIKey("auth", "Auth", "authOnly")
	a.srv.SeedUsers(1)

	for _, header := range []string{"apikey", "apiKey", "APIKEY"} {
		a.do("GET", "/users", "", "apikey", "", header, "main-key").ok()
	}
	r := a.do("GET", "/users", "", "apikey", "")
	r.fails(401, "AUTH_ERR_EMPTY_APIKEY")
	assert.NotContains(t, r.Header, "X-Ratelimit-Limit")
	for key, shown := range map[string]string{
		"wrong": "*****", "0123456789": "**********", "0123456789a": "01234*6789a", "12345678901234567890": "12345**********67890",
	} {
		assert.Equal(t, "The API key "+shown+" is not a key of this app.",
			a.do("GET", "/users", "", "apikey", key).fails(401, "AUTH_ERR_APIKEY_NOT_FOUND")["message"])
	}

	a.do("GET", "/users", "", "appId", "app-1").ok()
	a.do("GET", "/users", "", "appId", "app-2").fails(401, "AUTH_ERR_INVALID_APPID")

	a.do("POST", "/users", `{"uid":"n","name":"N"}`).ok()
	a.do("POST", "/users/n/auth_tokens", "", "apikey", "auth").ok()
	for _, request := range [][2]string{
		{"POST", "/users"}, {"GET", "/users"}, {"GET", "/users/n"}, {"PUT", "/users/n"}, {"DELETE", "/users/n"},
		{"GET", "/users/n/auth_tokens"}, {"DELETE", "/users/n/auth_tokens"}, {"POST", "/apikeys"},
	} {
		a.do(request[0], request[1], "", "apikey", "auth").fails(403, "AUTH_ERR_NO_ACCESS")
	}
}
