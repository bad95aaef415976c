package cometchattest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestFriends(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(4)
	a.srv.AddUsers(cometchattest.User{UID: "off", DeactivatedAt: start})
	accepted := a.do("POST", "/users/user-0001/friends", `{"accepted":["USER-0003","user-0002","user-0001","off"],"addToConversations":true}`).
		data()["accepted"].(map[string]any)
	assert.Equal(t, "success", codeOf(accepted["user-0003"]))
	assert.NotEmpty(t, accepted["user-0003"].(map[string]any)["message"])
	assert.Equal(t, "ERR_CANNOT_FORM_SELF_RELATION", codeOf(accepted["user-0001"]))
	assert.Equal(t, "ERR_UID_NOT_FOUND", codeOf(accepted["off"]))
	for _, uid := range []string{"user-0001", "user-0002"} {
		assert.Contains(t, a.do("GET", "/conversations", "", "onBehalfOf", uid).column("conversationId"), "user-0001_user_user-0002")
	}
	again := a.do("POST", "/users/user-0002/friends", `{"accepted":["user-0001"]}`).data()["accepted"].(map[string]any)
	assert.Equal(t, "ERR_ALREADY_FRIEND", codeOf(again["user-0001"]))

	r := a.do("GET", "/users/USER-0001/friends", "")
	assert.Equal(t, []string{"user-0003", "user-0002"}, r.column("uid"))
	assert.Equal(t, "user-0001_user_user-0003", r.ok()["data"].([]any)[0].(map[string]any)["conversationId"])
	assert.Equal(t, []string{"user-0002"}, a.do("GET", "/users/user-0001/friends?searchKey=0002", "").column("uid"))
	assert.Equal(t, page(0, 1, 1, 1, 2), a.do("GET", "/users/user-0001/friends?perPage=1", "").meta()["pagination"])

	a.do("DELETE", "/users/user-0001/friends", `{"friends":["user-0002","user-0004"]}`).fails(404, "ERR_NOT_A_FRIEND")
	assert.Len(t, a.do("GET", "/users/user-0001/friends", "").column("uid"), 2, "a refused request changes nothing")
	assert.Equal(t, true, a.do("DELETE", "/users/user-0001/friends", `{"friends":["user-0002"]}`).data()["success"])
	assert.Empty(t, a.do("GET", "/users/user-0002/friends", "").column("uid"))

	a.do("POST", "/users/user-0001/friends", `{"addToConversations":"maybe","accepted":[1]}`).badFields("addToConversations", "accepted.0")
	a.do("POST", "/users/user-0001/friends", `{}`).badFields("accepted")
	a.do("POST", "/users/user-0001/friends", `{"accepted":[`+strings.Repeat(`"u",`, 25)+`"u"]}`).badFields("accepted")
	a.do("POST", "/users/user-0001/friends", `{`).fails(400, "ERR_BAD_REQUEST")
	a.do("DELETE", "/users/user-0001/friends", `{}`).badFields("friends")
	for _, method := range []string{"GET", "POST", "DELETE"} {
		a.do(method, "/users/ghost/friends", `{}`).fails(404, "ERR_UID_NOT_FOUND")
	}
	assert.Panics(t, func() { a.srv.AddFriends("user-0001", "ghost") })
	assert.Panics(t, func() { a.srv.AddBlocks("ghost", "user-0001") })
}

func TestBlockedUsers(t *testing.T) {
	a := newAPI(t)
	a.srv.SeedUsers(8)
	got := a.do("POST", "/users/user-0001/blockedusers", `{"blockedUids":["USER-0002","user-0003","ghost","user-0001"]}`).data()
	assert.Equal(t, "success", codeOf(got["user-0002"]))
	assert.Equal(t, "ERR_UID_NOT_FOUND", codeOf(got["ghost"]))
	assert.Equal(t, "ERR_CANNOT_BLOCK_SELF", codeOf(got["user-0001"]))
	a.clock.Advance(time.Minute)
	a.srv.AddBlocks("User-0004", "USER-0001")
	a.do("POST", "/users/user-0001/blockedusers", `{"blockedUids":["user-0004","user-0002"]}`).ok()
	a.srv.AddBlocks("user-0005", "user-0001")

	at := float64(start.Unix())
	r := a.do("GET", "/users/user-0001/blockedusers?perPage=2", "")
	assert.Equal(t, []string{"user-0002", "user-0003"}, r.column("uid"), "the oldest block first")
	assert.Equal(t, page(0, 2, 2, 1, 2), r.meta()["pagination"])
	row := r.ok()["data"].([]any)[0].(map[string]any)
	assert.Equal(t, []any{true, at, at, "user-0001_user_user-0002"}, []any{row["blockedByMe"], row["blockedByMeAt"], row["blockedAt"], row["conversationId"]},
		"blocking twice keeps the first time")
	for direction, want := range map[string][]string{
		"blockedByMe": {"user-0002", "user-0003", "user-0004"}, "hasBlockedMe": {"user-0004", "user-0005"},
		"both": {"user-0002", "user-0003", "user-0004", "user-0005"},
	} {
		assert.Equal(t, want, a.do("GET", "/users/user-0001/blockedusers?direction="+direction, "").column("uid"), direction)
	}
	a.do("GET", "/users/user-0001/blockedusers?direction=up", "").badFields("direction")
	seen := a.do("GET", "/users/user-0005", "", "onBehalfOf", "user-0001").data()
	assert.Equal(t, true, seen["hasBlockedMe"])
	assert.NotContains(t, seen, "blockedByMe")
	assert.NotContains(t, a.do("GET", "/users/user-0005", "").data(), "hasBlockedMe")

	got = a.do("DELETE", "/users/user-0001/blockedusers", `{"blockedUids":["user-0002","ghost"]}`).data()
	assert.Equal(t, "success", codeOf(got["user-0002"]))
	assert.Equal(t, "ERR_UID_NOT_FOUND", codeOf(got["ghost"]))
	assert.Equal(t, []string{"user-0003", "user-0004"}, a.do("GET", "/users/user-0001/blockedusers", "").column("uid"))
	a.do("POST", "/users/user-0001/blockedusers", `{"blockedUids":[]}`).badFields("blockedUids")
	for _, method := range []string{"GET", "POST", "DELETE"} {
		a.do(method, "/users/ghost/blockedusers", `{}`).fails(404, "ERR_UID_NOT_FOUND")
	}
}
