package cometchattest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestRoles(t *testing.T) {
	a := newAPI(t)
	at := float64(start.Unix())
	want := map[string]any{
		"role": "guide", "name": "Guide", "description": "d", "metadata": map[string]any{"k": 1.0},
		"settings": map[string]any{"listUsers": "all", "sendMessagesTo": "friendsOnly"}, "createdAt": at,
	}
	assert.Equal(t, want, a.do("POST", "/roles", `{"role":"Guide","name":"Guide","description":"d","metadata":{"k":1},
		"settings":{"listUsers":"all","sendMessagesTo":"friendsOnly"}}`).data())
	assert.Equal(t, want, a.do("GET", "/roles/GUIDE", "").data())
	assert.Equal(t, []string{"guide", "default"}, a.do("GET", "/roles", "").column("role"))
	assert.Equal(t, page(2, 1, 1, 2, 2), a.do("GET", "/roles?perPage=1&page=2", "").meta()["pagination"])

	assert.Equal(t, []any{}, a.do("PUT", "/roles/guide", `{"settings":{}}`).data()["settings"], "an empty object comes back as a list")
	assert.Equal(t, map[string]any{"role": "guide", "name": "New", "createdAt": at, "updatedAt": at},
		a.do("PUT", "/roles/guide", `{"name":"New","unset":["settings","description","metadata"]}`).data())

	a.do("POST", "/roles", `{"role":"guide","name":"G"}`).fails(400, "ERR_ROLE_ALREADY_EXISTS")
	a.do("POST", "/roles", `{"role":"a b","settings":{"listUsers":"none"},"description":"`+strings.Repeat("d", 256)+`"}`).
		badFields("role", "name", "settings.listUsers", "description")
	a.do("POST", "/roles", `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("PUT", "/roles/guide", `{"name":"","unset":["name"]}`).badFields("name", "unset.0")
	a.do("PUT", "/roles/guide", `{`).fails(400, "ERR_BAD_REQUEST")
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		a.do(method, "/roles/ghost", `{}`).fails(404, "ERR_ROLE_NOT_FOUND")
	}
	a.srv.AddUsers(cometchattest.User{UID: "u", Role: "guide"})
	a.do("DELETE", "/roles/default", "").fails(403, "ERR_ROLE_DELETE_DENIED")
	a.do("DELETE", "/roles/guide", "").ok()
	assert.Equal(t, "default", a.do("GET", "/users/u", "").data()["role"])

	for i := range 24 {
		a.do("POST", "/roles", fmt.Sprintf(`{"role":"r%d","name":"R"}`, i)).ok()
	}
	a.do("POST", "/roles", `{"role":"more","name":"R"}`).fails(402, "ERR_PLAN_QUOTA_RESTRICTION")
}

func TestPermissions(t *testing.T) {
	a := newAPI(t)
	a.srv.AddRole("guide")
	a.srv.AddGroups(cometchattest.Group{GUID: "g"})
	for _, tt := range []struct{ base, key, list, value string }{
		{"/roles/Guide/permissions", "createGroup", "createGroup.allowedGroupTypes", "public"},
		{"/groups/G/scopes/participant/permissions", "addReaction", "listMembers.allowedScopes", "admin"},
	} {
		r := a.do("GET", tt.base, "")
		assert.Contains(t, r.column("id"), tt.list)
		defaults := map[any]any{}
		for _, row := range r.ok()["data"].([]any) {
			row := row.(map[string]any)
			defaults[row["id"]] = row["defaultValue"]
		}
		assert.Equal(t, "allow", defaults[tt.key])
		assert.Equal(t, []any{}, defaults[tt.list])

		got := a.do("PUT", tt.base, fmt.Sprintf(`{"permissions":{%q:"deny",%q:[%q],"ghost":"allow"}}`, tt.key, tt.list, tt.value)).data()
		assert.Equal(t, "success", codeOf(got[tt.key]))
		assert.Equal(t, "success", codeOf(got[tt.list]))
		assert.Equal(t, "ERR_PERMISSION_NOT_FOUND", codeOf(got["ghost"]))
		assert.Equal(t, map[string]any{tt.key: "deny", tt.list: []any{tt.value}}, got["permissions"])

		got = a.do("PUT", tt.base, fmt.Sprintf(`{"permissions":{%q:["deny"],%q:["mars"]}}`, tt.key, tt.list)).data()
		assert.Equal(t, "ERR_BAD_REQUEST", codeOf(got[tt.key]), "a list where a text belongs")
		assert.Equal(t, "ERR_BAD_REQUEST", codeOf(got[tt.list]))
		got = a.do("PUT", tt.base, fmt.Sprintf(`{"permissions":{%q:7,%q:[]}}`, tt.key, tt.list)).data()
		assert.Equal(t, "ERR_BAD_REQUEST", codeOf(got[tt.key]))
		assert.Equal(t, map[string]any{tt.key: "deny"}, got["permissions"], "an empty list lifts a restriction")

		assert.Equal(t, []any{}, a.do("DELETE", tt.base+"/"+tt.key, "").data()["permissions"])
		a.do("DELETE", tt.base+"/ghost", "").fails(404, "ERR_PERMISSION_NOT_FOUND")
		a.do("PUT", tt.base, `{}`).badFields("permissions")
		a.do("PUT", tt.base, `{"permissions":7}`).badFields("permissions")
		a.do("PUT", tt.base, `{`).fails(400, "ERR_BAD_REQUEST")
	}
	for _, method := range []string{"GET", "PUT"} {
		a.do(method, "/roles/ghost/permissions", `{}`).fails(404, "ERR_ROLE_NOT_FOUND")
		a.do(method, "/groups/ghost/scopes/admin/permissions", `{}`).fails(404, "ERR_GUID_NOT_FOUND")
		a.do(method, "/groups/g/scopes/owner/permissions", `{}`).badFields("scope")
	}
	a.do("DELETE", "/roles/ghost/permissions/createGroup", "").fails(404, "ERR_ROLE_NOT_FOUND")
	a.do("DELETE", "/groups/ghost/scopes/admin/permissions/x", "").fails(404, "ERR_GUID_NOT_FOUND")
}

func TestRestrictedFeatures(t *testing.T) {
	a := newAPI(t)
	const base = "/roles/default/restrictedfeatures"
	got := a.do("POST", base, `{"featuresToRestrict":["listUsers","u.deleteGroup"]}`).data()
	assert.Equal(t, "success", codeOf(got["u.listUsers"]))
	assert.Equal(t, "success", codeOf(got["u.deleteGroup"]))
	a.do("POST", base, `{"featuresToRestrict":["listUsers"]}`).ok()
	assert.ElementsMatch(t, []string{"u.deleteGroup", "u.listUsers"}, a.do("GET", base, "").column("key"))
	a.do("DELETE", base, `{"featuresToAllow":["u.listUsers"]}`).ok()
	assert.Equal(t, []string{"u.deleteGroup"}, a.do("GET", base, "").column("key"))
	a.do("DELETE", base, `{"allowAll":true}`).ok()
	assert.Empty(t, a.do("GET", base, "").column("key"))
	a.do("POST", base, `{}`).badFields("featuresToRestrict")
	a.do("DELETE", base, `{"featuresToAllow":[]}`).badFields("featuresToAllow")
	a.do("POST", base, `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("DELETE", base, `{`).fails(400, "ERR_BAD_REQUEST")
	for _, method := range []string{"GET", "POST", "DELETE"} {
		a.do(method, "/roles/ghost/restrictedfeatures", `{}`).fails(404, "ERR_ROLE_NOT_FOUND")
	}
}
