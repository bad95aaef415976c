package cometchattest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// crew returns an app with a group of an admin, a moderator and two participants.
func crew(t *testing.T) *api {
	a := newAPI(t)
	a.srv.SeedUsers(6)
	a.srv.AddUsers(cometchattest.User{UID: "off", DeactivatedAt: start})
	a.srv.AddGroups(cometchattest.Group{
		GUID: "g", Owner: "user-0001", Moderators: []string{"user-0002"}, Participants: []string{"user-0003", "user-0004"},
		CreatedAt: start.Add(-time.Hour),
	})
	return a
}

func TestAddMembers(t *testing.T) {
	a := crew(t)
	got := a.do("POST", "/groups/G/members", `{"admins":["USER-0005"],"moderators":["user-0003"],
		"participants":["user-0005","off","ghost"],"usersToBan":["user-0004","user-0006"]}`).data()
	added := got["admins"].(map[string]any)["user-0005"].(map[string]any)
	assert.Equal(t, true, added["success"])
	action := added["data"].(map[string]any)
	assert.Equal(t, "group_g app_system group g action groupMember", fmt.Sprint(action["conversationId"], " ", action["sender"], " ",
		action["receiverType"], " ", action["receiver"], " ", action["category"], " ", action["type"]))
	data := action["data"].(map[string]any)
	assert.Equal(t, "added", data["action"])
	entities := data["entities"].(map[string]any)
	for name, want := range map[string]string{"by": "uid app_system user", "on": "uid user-0005 user", "for": "guid g group"} {
		e, field := entities[name].(map[string]any), strings.Fields(want)
		assert.Equal(t, field[1], e["entity"].(map[string]any)[field[0]])
		assert.Equal(t, field[2], e["entityType"])
	}
	assert.Equal(t, 5.0, entities["for"].(map[string]any)["entity"].(map[string]any)["membersCount"])
	assert.Equal(t, float64(start.Unix()), action["sentAt"])
	assert.IsType(t, "", action["id"])

	promoted := got["moderators"].(map[string]any)["user-0003"].(map[string]any)
	assert.Equal(t, "scopeChanged", promoted["data"].(map[string]any)["data"].(map[string]any)["action"], "a member named with another scope is given it")
	assert.Equal(t, "moderator", a.do("GET", "/groups/g", "", "onBehalfOf", "user-0003").data()["scope"])
	again := a.do("POST", "/groups/g/members", `{"moderators":["USER-0003"],"participants":["user-0001"]}`).data()
	assert.Equal(t, "ERR_SAME_SCOPE", codeOf(again["moderators"].(map[string]any)["user-0003"]))
	assert.Equal(t, "ERR_GROUP_OWNER_DEMOTE_FORBIDDEN", codeOf(again["participants"].(map[string]any)["user-0001"]))
	participants := got["participants"].(map[string]any)
	assert.Len(t, participants, 2, "user-0005 stays in the highest scope only")
	assert.Equal(t, "ERR_UID_NOT_FOUND", codeOf(participants["off"]), "deactivated")
	assert.Equal(t, "ERR_UID_NOT_FOUND", codeOf(participants["ghost"]))
	assert.Equal(t, map[string]any{"user-0004": map[string]any{"success": true}, "user-0006": map[string]any{"success": true}}, got["usersToBan"])
	assert.Equal(t, 4.0, a.do("GET", "/groups/g", "").data()["membersCount"], "banning took one out")

	got = a.do("POST", "/groups/g/members", `{"participants":["user-0006"],"usersToBan":["user-0004"]}`, "onBehalfOf", "user-0001").data()
	assert.Equal(t, "ERR_BANNED_GROUPMEMBER", codeOf(got["participants"].(map[string]any)["user-0006"]))
	assert.Equal(t, "ERR_ALREADY_BANNED", codeOf(got["usersToBan"].(map[string]any)["user-0004"]))
	a.srv.AddUsers(cometchattest.User{UID: "new"})
	got = a.do("POST", "/groups/g/members", `{"participants":["new"]}`, "onBehalfOf", "user-0001").data()
	action = got["participants"].(map[string]any)["new"].(map[string]any)["data"].(map[string]any)
	assert.Equal(t, "user-0001", action["sender"])

	a.do("POST", "/groups/n/members", `{"admins":["a"]}`).fails(404, "ERR_GUID_NOT_FOUND")
	a.do("POST", "/groups/g/members", `{"admins":[]}`).badFields("admins")
	a.do("POST", "/groups/g/members", `{}`).badFields("members")
	a.do("POST", "/groups/g/members", `{"admins":["a"],"participants":[`+strings.Repeat(`"u",`, 24)+`"u"]}`).badFields("members")
	a.do("POST", "/groups/g/members", `{"admins":[1]}`).badFields("admins.0")
	a.do("POST", "/groups/g/members", `[1]`).fails(400, "ERR_BAD_REQUEST")
	got = a.do("POST", "/groups/g/members", `{"admins":["new","user-0003"],"moderators":["user-0001"]}`, "onBehalfOf", "user-0003").data()
	assert.Equal(t, "ERR_GROUP_NO_SCOPE_CLEARANCE", codeOf(got["admins"].(map[string]any)["new"]))
	assert.Equal(t, "ERR_GROUP_NO_SELF_ACTION", codeOf(got["admins"].(map[string]any)["user-0003"]))
	assert.Equal(t, "ERR_GROUP_NO_CLEARANCE", codeOf(got["moderators"].(map[string]any)["user-0001"]))
	a.do("POST", "/groups/g/members", `{"admins":["user-0002"]}`, "onBehalfOf", "new").fails(403, "ERR_GROUP_NO_MODERATOR_SCOPE")
}

func TestListMembers(t *testing.T) {
	a := crew(t)
	a.do("DELETE", "/users/user-0004", "").ok()
	r := a.do("GET", "/groups/g/members?perPage=2", "")
	assert.Equal(t, []string{"user-0001", "user-0002"}, r.column("uid"))
	assert.Equal(t, page(0, 2, 2, 1, 2), r.meta()["pagination"], "the total is not told")
	row := r.ok()["data"].([]any)[0].(map[string]any)
	assert.Equal(t, "admin", row["scope"])
	assert.EqualValues(t, start.Unix()-3600, row["joinedAt"])
	for query, want := range map[string][]string{
		"scopes=moderator,participant": {"user-0002", "user-0003"}, "scopes=admin": {"user-0001"}, "status=available": {}, "status=offline&page=2": {},
	} {
		assert.Equal(t, want, a.do("GET", "/groups/g/members?"+query, "").column("uid"), query)
	}
	a.do("GET", "/groups/n/members", "").fails(404, "ERR_GUID_NOT_FOUND")
}

func TestChangeScopeAndKick(t *testing.T) {
	a := crew(t)
	assert.Equal(t, map[string]any{"guid": "g", "uid": "user-0003", "scope": "moderator", "joinedAt": float64(start.Unix() - 3600)},
		a.do("PUT", "/groups/g/members/USER-0003", `{"scope":"moderator"}`).data())
	assert.Equal(t, "participant", a.do("PUT", "/groups/g/members/user-0003", `{}`).data()["scope"], "the default")
	a.do("PUT", "/groups/g/members/user-0003", `{"scope":"participant"}`).fails(403, "ERR_SAME_SCOPE")
	a.do("PUT", "/groups/g/members/user-0003", `{"scope":"participant"}`, "onBehalfOf", "user-0001").fails(403, "ERR_SAME_SCOPE")
	a.do("PUT", "/groups/g/members/user-0001", `{"scope":"moderator"}`).fails(403, "ERR_GROUP_OWNER_DEMOTE_FORBIDDEN")
	a.do("PUT", "/groups/g/members/user-0003", `{"scope":"owner"}`).badFields("scope")
	a.do("PUT", "/groups/g/members/user-0003", `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("PUT", "/groups/n/members/user-0003", `{}`).fails(404, "ERR_GUID_NOT_FOUND")
	a.do("PUT", "/groups/g/members/ghost", `{}`).fails(404, "ERR_UID_NOT_FOUND")
	a.do("PUT", "/groups/g/members/off", `{}`).fails(404, "ERR_UID_NOT_FOUND")
	a.do("PUT", "/groups/g/members/user-0006", `{}`).fails(404, "ERR_NOT_A_MEMBER")

	for _, tt := range []struct{ actor, method, uid, body, code string }{
		{"user-0001", "PUT", "user-0001", `{"scope":"participant"}`, "ERR_GROUP_NO_SELF_ACTION"},
		{"user-0001", "DELETE", "user-0001", "", "ERR_GROUP_NO_SELF_ACTION"},
		{"user-0002", "DELETE", "user-0001", "", "ERR_GROUP_NO_CLEARANCE"},
		{"user-0003", "DELETE", "user-0004", "", "ERR_GROUP_NO_MODERATOR_SCOPE"},
		{"user-0002", "PUT", "user-0003", `{"scope":"admin"}`, "ERR_GROUP_NO_SCOPE_CLEARANCE"},
		{"user-0006", "DELETE", "user-0003", "", "ERR_GROUP_NOT_JOINED"},
	} {
		a.do(tt.method, "/groups/g/members/"+tt.uid, tt.body, "onBehalfOf", tt.actor).fails(403, tt.code)
	}
	assert.Equal(t, "moderator", a.do("PUT", "/groups/g/members/user-0003", `{"scope":"moderator"}`, "onBehalfOf", "user-0002").data()["scope"])
	a.do("DELETE", "/groups/g/members/user-0004", "", "onBehalfOf", "user-0002").ok()
	a.do("DELETE", "/groups/g/members/user-0004", "").fails(404, "ERR_NOT_A_MEMBER")
	a.do("POST", "/groups/g/members", `{"participants":["user-0004"]}`).ok()
	assert.Equal(t, 4.0, a.do("GET", "/groups/g", "").data()["membersCount"])
}

func TestBannedUsers(t *testing.T) {
	a := crew(t)
	a.do("POST", "/groups/g/bannedusers/user-0003", "").ok()
	a.clock.Advance(time.Minute)
	a.do("POST", "/groups/g/bannedusers/USER-0002", "", "onBehalfOf", "user-0001").ok()
	r := a.do("GET", "/groups/g/bannedusers", "")
	assert.Equal(t, []string{"user-0002", "user-0003"}, r.column("uid"))
	row := r.ok()["data"].([]any)[0].(map[string]any)
	assert.Equal(t, "moderator", row["scope"], "the former one")
	assert.EqualValues(t, start.Unix()+60, row["bannedAt"])

	a.do("POST", "/groups/g/bannedusers/user-0003", "").fails(400, "ERR_ALREADY_BANNED")
	a.do("POST", "/groups/g/bannedusers/user-0006", "").fails(404, "ERR_NOT_A_MEMBER")
	a.do("POST", "/groups/g/bannedusers/ghost", "").fails(404, "ERR_UID_NOT_FOUND")
	a.do("POST", "/groups/n/bannedusers/user-0003", "").fails(404, "ERR_GUID_NOT_FOUND")
	a.do("POST", "/groups/g/bannedusers/user-0001", "", "onBehalfOf", "user-0001").fails(403, "ERR_GROUP_NO_SELF_ACTION")
	a.do("DELETE", "/groups/g/bannedusers/user-0004", "").fails(404, "ERR_NOT_A_BANNED_USER")
	a.do("DELETE", "/groups/g/bannedusers/ghost", "").fails(404, "ERR_UID_NOT_FOUND")
	a.do("DELETE", "/groups/n/bannedusers/user-0003", "").fails(404, "ERR_GUID_NOT_FOUND")
	a.do("GET", "/groups/n/bannedusers", "").fails(404, "ERR_GUID_NOT_FOUND")
	a.do("DELETE", "/groups/g/bannedusers/user-0003", "", "onBehalfOf", "user-0004").fails(403, "ERR_GROUP_NO_MODERATOR_SCOPE")
	a.do("DELETE", "/groups/g/bannedusers/user-0003", "").ok()
	assert.Equal(t, 2.0, a.do("GET", "/groups/g", "").data()["membersCount"], "unbanning adds nobody")
	got := a.do("POST", "/groups/g/members", `{"participants":["user-0003","user-0002"]}`).data()["participants"].(map[string]any)
	assert.Equal(t, "success", codeOf(got["user-0003"]))
	assert.Equal(t, "ERR_BANNED_GROUPMEMBER", codeOf(got["user-0002"]))
}

// TestMemberActions checks that changes to members are announced in the group,
// with the acting user, the member, and the group after the change.
func TestMemberActions(t *testing.T) {
	a := crew(t)
	for _, tt := range []struct{ method, path, body, actor string }{
		{"POST", "/groups/g/members", `{"participants":["user-0005"],"usersToBan":["user-0006"]}`, ""},
		{"PUT", "/groups/g/members/user-0005", `{"scope":"moderator"}`, ""},
		{"POST", "/groups/g/members", `{"admins":["user-0005"]}`, "user-0001"},
		{"DELETE", "/groups/g/members/user-0005", "", "user-0001"},
		{"POST", "/groups/g/bannedusers/user-0004", "", "user-0002"},
		{"DELETE", "/groups/g/bannedusers/user-0004", "", "user-0002"},
	} {
		a.do(tt.method, tt.path, tt.body, "onBehalfOf", tt.actor).ok()
		a.clock.Advance(time.Minute)
	}
	a.do("DELETE", "/groups/g/members/user-0006", "").fails(404, "ERR_NOT_A_MEMBER")
	want := []string{
		"added app_system user-0005 5 <nil>",
		"banned app_system user-0006 5 <nil>",
		"scopeChanged app_system user-0005 5 map[scope:map[new:moderator old:participant]]",
		"scopeChanged user-0001 user-0005 5 map[scope:map[new:admin old:moderator]]",
		"kicked user-0001 user-0005 4 <nil>",
		"banned user-0002 user-0004 3 <nil>",
		"unbanned user-0002 user-0004 3 <nil>",
	}
	for path, actor := range map[string]string{"/groups/g/messages": "user-0003", "/messages?category=action&type=groupMember": ""} {
		r := a.do("GET", path, "", "onBehalfOf", actor)
		var got []string
		for _, row := range r.ok()["data"].([]any) {
			m := row.(map[string]any)
			data := m["data"].(map[string]any)
			uid := func(name string) any { return at(t, data, "entities", name, "entity", "uid") }
			got = append(got, fmt.Sprint(data["action"], " ", uid("by"), " ", uid("on"), " ", at(t, data, "entities", "for", "entity", "membersCount"), " ", data["extras"]))
			assert.Equal(t, uid("by"), m["sender"])
			assert.Contains(t, at(t, data, "entities", "by", "entity"), "createdAt", "also of the system")
			assert.NotContains(t, at(t, data, "entities", "by", "entity"), "conversationId")
			if uid("by") != "app_system" {
				assert.Equal(t, fmt.Sprint(uid("by"), "_user_", uid("on")), at(t, data, "entities", "on", "entity", "conversationId"))
			} else {
				assert.NotContains(t, at(t, data, "entities", "on", "entity"), "conversationId")
			}
		}
		assert.Equal(t, want, got, path)
	}
	r := a.do("GET", "/conversations", "", "onBehalfOf", "user-0003")
	row := r.ok()["data"].([]any)[0].(map[string]any)
	assert.Equal(t, "unbanned", at(t, row, "lastMessage", "data", "action"))
	assert.Equal(t, "0", row["unreadMessageCount"], "nobody has to read that")
	assert.EqualValues(t, start.Add(5*time.Minute).Unix(), row["updatedAt"])
}
