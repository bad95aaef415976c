package cometchattest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestCreateGroup(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(4)
	at := float64(start.Unix())
	assert.Equal(t, map[string]any{
		"guid": "deck", "name": "Deck", "type": "public", "membersCount": 0.0, "conversationId": "group_deck",
		"createdAt": at, "owner": "app_system",
	}, a.do("POST", "/groups", `{"guid":"Deck","name":"Deck","type":"public"}`).data())

	got := a.do("POST", "/groups", `{"guid":"g2","name":"G","type":"password","password":"secret-1","icon":"https://i.test","description":"d",
		"metadata":{"k":1},"tags":["x"],"owner":"USER-0002"}`, "onBehalfOf", "user-0001").data()
	assert.Equal(t, map[string]any{
		"guid": "g2", "name": "G", "type": "password", "icon": "https://i.test", "description": "d", "metadata": map[string]any{"k": 1.0},
		"tags": []any{"x"}, "owner": "user-0002", "membersCount": 1.0, "conversationId": "group_g2", "createdAt": at,
	}, got, "the password is never given back; who creates it for somebody else does not join")

	got = a.do("POST", "/groups", `{"guid":"g3","name":"G","type":"private"}`, "onBehalfOf", "user-0001").data()
	assert.Equal(t, "user-0001 admin true", fmt.Sprint(got["owner"], " ", got["scope"], " ", got["hasJoined"]))
	assert.Equal(t, at, got["joinedAt"])

	got = a.do("POST", "/groups", `{"guid":"g4","name":"G","type":"public","owner":"user-0001","members":{
		"admins":["USER-0002"],"participants":["user-0002","ghost","user-0001"],"usersToBan":["user-0004"]}}`).data()
	assert.Equal(t, 2.0, got["membersCount"])
	members := got["members"].(map[string]any)
	assert.Equal(t, true, members["admins"].(map[string]any)["user-0002"].(map[string]any)["success"])
	participants := members["participants"].(map[string]any)
	assert.NotContains(t, participants, "user-0002", "kept in the highest scope only")
	assert.Equal(t, "ERR_UID_NOT_FOUND", codeOf(participants["ghost"]))
	assert.Equal(t, "ERR_GROUP_OWNER_DEMOTE_FORBIDDEN", codeOf(participants["user-0001"]), "the owner is an admin already")
	assert.Equal(t, map[string]any{"user-0004": map[string]any{"success": true}}, members["usersToBan"])

	for i, none := range []string{`{}`, `[]`, `null`} {
		got := a.do("POST", "/groups", fmt.Sprintf(`{"guid":"none-%d","name":"G","type":"private","members":%s}`, i, none)).data()
		assert.Equal(t, 0.0, got["membersCount"])
		assert.NotContains(t, got, "members", "nobody was to be added")
	}
	a.do("POST", "/groups", `{"guid":"n","name":"D","type":"public","members":{"admins":[]}}`).badFields("members.admins")
	a.do("POST", "/groups", `{"guid":"n","name":"D","type":"public","icon":"icon.png"}`).badFields("icon")
	a.do("POST", "/groups", `{"guid":"DECK","name":"D","type":"public"}`).fails(400, "ERR_GUID_ALREADY_EXISTS")
	a.do("POST", "/groups", `{"guid":"n","name":"D","type":"password"}`).fails(400, "ERR_EMPTY_GROUP_PASS")
	a.do("POST", "/groups", `{"guid":"n","name":"D","type":"public","owner":"ghost"}`).fails(404, "ERR_UID_NOT_FOUND")
	a.do("POST", "/groups", `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("POST", "/groups", `{"type":"open","description":"`+strings.Repeat("d", 256)+`","tags":[1]}`).
		badFields("guid", "name", "type", "description", "tags.0")
	a.do("POST", "/groups", `{"guid":"n","name":"N","type":"public","members":{"admins":[]}}`).badFields("members.admins")
	a.do("POST", "/groups", `{"guid":"n","name":"N","type":"public","members":{"admins":[`+strings.Repeat(`"u",`, 25)+`"u"]}}`).badFields("members.members")
	a.do("GET", "/groups/n", "").fails(404, "ERR_GUID_NOT_FOUND")
}

// codeOf returns the error code of a failed outcome.
func codeOf(outcome any) any {
	o := outcome.(map[string]any)
	if o["success"] != false {
		return "success"
	}
	return o["error"].(map[string]any)["code"]
}

func TestUpdateAndDeleteGroup(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(3)
	a.srv.AddGroups(cometchattest.Group{
		GUID: "g", Icon: "https://i.test", Description: "d", Metadata: []byte(`{"k":1}`), Tags: []string{"x"},
		Owner: "user-0001", Moderators: []string{"user-0002"}, CreatedAt: start.Add(-time.Hour),
	})
	got := a.do("PUT", "/groups/G", `{"name":"New","type":"password","password":"pass-1","unset":["icon","description","metadata"],"tags":[]}`).data()
	assert.Equal(t, map[string]any{
		"guid": "g", "name": "New", "type": "password", "membersCount": 2.0, "conversationId": "group_g", "owner": "user-0001",
		"createdAt": float64(start.Unix() - 3600), "updatedAt": float64(start.Unix()), "updatedBy": "app_system",
	}, got)
	assert.Equal(t, "user-0003", a.do("PUT", "/groups/g", `{"owner":"user-0003"}`).data()["owner"])
	assert.Equal(t, 3.0, a.do("GET", "/groups/g", "").data()["membersCount"], "an owner is a member")
	got = a.do("PUT", "/groups/g", `{"owner":"user-0001","name":"Mine"}`, "onBehalfOf", "user-0003").data()
	assert.Equal(t, "user-0003 user-0003", fmt.Sprint(got["owner"], " ", got["updatedBy"]), "the owner is ignored when somebody acts")

	a.do("PUT", "/groups/g", `{"name":"","unset":["name"]}`).badFields("name", "unset.0")
	a.do("PUT", "/groups/g", `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("PUT", "/groups/g", `{"owner":"ghost"}`).fails(404, "ERR_UID_NOT_FOUND")
	a.do("PUT", "/groups/n", `{}`).fails(404, "ERR_GUID_NOT_FOUND")
	a.srv.AddUsers(cometchattest.User{UID: "out"}, cometchattest.User{UID: "low"})
	a.do("POST", "/groups/g/members", `{"participants":["low"]}`).ok()
	a.do("PUT", "/groups/g", `{}`, "onBehalfOf", "out").fails(403, "ERR_GROUP_NOT_JOINED")
	a.do("PUT", "/groups/g", `{}`, "onBehalfOf", "low").fails(403, "ERR_GROUP_NO_MODERATOR_SCOPE")
	a.do("DELETE", "/groups/g", "", "onBehalfOf", "user-0002").fails(403, "ERR_GROUP_NO_ADMIN_SCOPE")
	assert.Equal(t, true, a.do("DELETE", "/groups/g", "", "onBehalfOf", "user-0003").data()["success"])
	a.do("DELETE", "/groups/g", "").fails(404, "ERR_GUID_NOT_FOUND")
}

func TestListGroups(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(3)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	a.srv.AddGroups(
		cometchattest.Group{GUID: "a1", Name: "Zed", CreatedAt: at(1), Tags: []string{"red"}, Participants: []string{"user-0001"}},
		cometchattest.Group{GUID: "b2", Name: "alma", CreatedAt: at(2), UpdatedAt: at(9), Type: "private", Admins: []string{"user-0001", "user-0002"}},
		cometchattest.Group{GUID: "c3", Name: "Mia", CreatedAt: at(3), Type: "password", Password: "p", Tags: []string{"blue", "red"}},
	)
	unix := func(minutes int) int64 { return at(minutes).Unix() }
	for query, want := range map[string][]string{
		"":                               {"c3", "b2", "a1"},
		"searchKey=A1":                   {"a1"},
		"searchKey=m":                    {"c3", "b2"},
		"searchKey=a&searchIn=guid":      {"a1"},
		"searchKey=a&searchIn=name":      {"c3", "b2"},
		"sortBy=name":                    {"b2", "c3", "a1"},
		"sortBy=name&sortOrder=desc":     {"a1", "c3", "b2"},
		"sortBy=guid":                    {"a1", "b2", "c3"},
		"sortBy=createdAt&sortOrder=asc": {"a1", "b2", "c3"},
		"sortOrder=desc":                 {"c3", "b2", "a1"},
		"tags=blue,green":                {"c3"},
		"type=private":                   {"b2"},
		"types=private,public":           {"b2", "a1"},
		"type=protected":                 {"c3"},
		"guid=B2":                        {"b2"},
		"guids=a1,c3":                    {"c3", "a1"},
		"hasJoined=true":                 {"c3", "b2", "a1"},
		"membersCount[gt]=1":             {"b2"},
		"membersCount[gte]=1":            {"b2", "a1"},
		"membersCount[lt]=1":             {"c3"},
		"membersCount[lte]=1":            {"c3", "a1"},
		"membersCount[eq]=2":             {"b2"},
		fmt.Sprintf("createdAt[from]=%d", unix(2)):               {"c3", "b2"},
		fmt.Sprintf("createdAt[to]=%d", unix(2)):                 {"b2", "a1"},
		fmt.Sprintf("updatedAt[from]=%d", unix(0)):               {"b2"},
		fmt.Sprintf("affix=append&updatedAt=%d", unix(2)):        {"c3", "b2"},
		fmt.Sprintf("affix=prepend&updatedAt=%d", unix(3)):       {"a1"},
		fmt.Sprintf("affix=append&updatedAt=%d&page=2", unix(0)): {},
	} {
		r := a.do("GET", "/groups?"+query, "")
		assert.Equal(t, want, r.column("guid"), query)
	}
	r := a.do("GET", "/groups?perPage=2&withTags=true", "")
	assert.Equal(t, page(3, 2, 2, 1, 2), r.meta()["pagination"])
	assert.Equal(t, map[string]any{"updatedAt": float64(unix(9)), "affix": "prepend"}, r.meta()["cursor"])
	rows := r.ok()["data"].([]any)
	assert.Equal(t, []any{"blue", "red"}, rows[0].(map[string]any)["tags"])
	assert.NotContains(t, a.do("GET", "/groups", "").Body, "tags")
	assert.Equal(t, []string{"b2", "a1"}, a.do("GET", "/groups?hasJoined=true", "", "onBehalfOf", "user-0001").column("guid"))

	a.do("GET", "/groups?sortBy=size&sortOrder=up&membersCount[gt]=x&createdAt[from]=y", "").
		badFields("sortBy", "sortOrder", "membersCount[gt]", "createdAt[from]")
	a.do("GET", "/groups?affix=append&updatedAt=x", "").badFields("updatedAt")
	a.do("GET", "/groups?affix=around&updatedAt=1", "").badFields("affix")
}

func TestAddGroups(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(4)
	a.srv.AddGroups(cometchattest.Group{
		GUID: "Big Crew/1", Owner: "USER-0001", Moderators: []string{"user-0002"}, Participants: []string{"user-0003"}, Banned: []string{"user-0004"},
	})
	got := a.do("GET", "/groups/Big%20Crew%2F1", "").data()
	assert.Equal(t, "Big Crew/1", got["name"])
	assert.Equal(t, 3.0, got["membersCount"])
	assert.Equal(t, []string{"user-0004"}, a.do("GET", "/groups/big%20crew%2F1/bannedusers", "").column("uid"))
	a.srv.AddGroups(cometchattest.Group{GUID: "big crew/1", Name: "new"})
	assert.Equal(t, 0.0, a.do("GET", "/groups/Big%20Crew%2F1", "").data()["membersCount"])
	for _, bad := range []cometchattest.Group{{}, {GUID: "g", Metadata: []byte("{")}, {GUID: "g", Admins: []string{"ghost"}}} {
		require.Panics(t, func() { a.srv.AddGroups(bad) })
	}
}

func TestDeletedUserLeavesEverything(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(3)
	a.srv.AddGroups(
		cometchattest.Group{GUID: "g", Owner: "user-0001", Participants: []string{"user-0002"}},
		cometchattest.Group{GUID: "h", Banned: []string{"user-0001"}},
	)
	a.srv.AddFriends("user-0001", "user-0002")
	a.srv.AddBlocks("user-0003", "user-0001")
	a.do("DELETE", "/users/user-0001", `{"permanent":true}`).ok()
	got := a.do("GET", "/groups/g", "").data()
	assert.Equal(t, "app_system 1", fmt.Sprint(got["owner"], " ", got["membersCount"]))
	assert.Empty(t, a.do("GET", "/groups/h/bannedusers", "").column("uid"))
	assert.Empty(t, a.do("GET", "/users/user-0002/friends", "").column("uid"))
	assert.Empty(t, a.do("GET", "/users/user-0003/blockedusers", "").column("uid"))
}
