package cometchattest_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// TestWordsOfMessages checks the words in error messages that clients look for.
func TestWordsOfMessages(t *testing.T) {
	a := crew(t)
	a.srv.AddRole("guide")
	for _, tt := range []struct{ method, path, body, want string }{
		{"POST", "/users", `{"uid":"USER-0001","name":"A"}`, "The UID user-0001 already exists in this app."},
		{"POST", "/groups", `{"guid":"g","name":"G","type":"public"}`, "The GUID g already exists in this app."},
		{"POST", "/roles", `{"role":"guide","name":"G"}`, "The role guide already exists in this app."},
		{"GET", "/users/nosuch", "", "The UID nosuch does not exist in this app, or its user is deactivated."},
		{"DELETE", "/users/nosuch", "", "The UID nosuch does not exist in this app, or its user is deactivated."},
		{"GET", "/groups/nosuch", "", "The GUID nosuch does not exist in this app."},
		{"GET", "/roles/nosuch", "", "The role nosuch does not exist in this app."},
		{"GET", "/messages/77", "", "The message with the id 77 does not exist in this app."},
		{"GET", "/apikeys/nosuch", "", "The API key nosuch does not exist in this app."},
		{"GET", "/users/user-0001/auth_tokens/nosuch", "", "The auth token of user-0001 nosuch does not exist in this app."},
		{"GET", "/moderation/reasons/nosuch", "", "The moderation reason nosuch does not exist in this app."},
	} {
		var got struct{ Error struct{ Message string } }
		assert.NoError(t, json.Unmarshal([]byte(a.do(tt.method, tt.path, tt.body).Body), &got))
		assert.Equal(t, tt.want, got.Error.Message, tt.path)
	}
}

// TestPathsAreNamedAsTheyCame checks that errors name what was not found as it is
// in the path.
func TestPathsAreNamedAsTheyCame(t *testing.T) {
	a := crew(t)
	for _, tt := range []struct{ path, code, want string }{
		{"/users/%20", "ERR_UID_NOT_FOUND", "The UID %20 does not exist in this app, or its user is deactivated."},
		{"/users/No%2FSuch/friends", "ERR_UID_NOT_FOUND", "The UID No%2FSuch does not exist in this app, or its user is deactivated."},
		{"/groups/%20", "ERR_GUID_NOT_FOUND", "The GUID %20 does not exist in this app."},
		{"/roles/%20/permissions", "ERR_ROLE_NOT_FOUND", "The role %20 does not exist in this app."},
		{"/messages/%20", "ERR_MESSAGE_ID_NOT_FOUND", "The message with the id %20 does not exist in this app."},
		{"/apikeys/%20", "ERR_APIKEY_NOT_FOUND", "The API key %20 does not exist in this app."},
		{"/moderation/reasons/%20", "ERR_REASON_NOT_FOUND", "The moderation reason %20 does not exist in this app."},
	} {
		assert.Equal(t, tt.want, a.do("GET", tt.path, "").fails(404, tt.code)["message"])
	}
	got := a.do("GET", "/groups/g/messages", "", "onBehalfOf", "Nobody").fails(404, "ERR_UID_NOT_FOUND")
	assert.Equal(t, "The UID nobody does not exist in this app, or its user is deactivated.", got["message"])
}

// TestListsInQueries checks that lists in queries can be written in several ways.
func TestListsInQueries(t *testing.T) {
	a := chat(t)
	a.srv.AddUsers(
		cometchattest.User{UID: "t-1", Tags: []string{"a"}, CreatedAt: start.Add(-3 * time.Hour)},
		cometchattest.User{UID: "t-2", Tags: []string{"b"}, CreatedAt: start.Add(-4 * time.Hour)},
		cometchattest.User{UID: "t-3", Tags: []string{"c"}, CreatedAt: start.Add(-5 * time.Hour)},
	)
	a.srv.AddGroups(
		cometchattest.Group{GUID: "g-1", Tags: []string{"a"}, Admins: []string{"t-1"}, Participants: []string{"t-2"}, CreatedAt: start.Add(-time.Hour)},
		cometchattest.Group{GUID: "g-2", Tags: []string{"b"}, CreatedAt: start.Add(-2 * time.Hour)},
	)
	a.srv.AddMessages(
		cometchattest.Message{Sender: "ana", Receiver: "ben", Text: "x", Tags: []string{"a"}},
		cometchattest.Message{Sender: "ben", Receiver: "ana", Text: "x", Tags: []string{"b"}},
		cometchattest.Message{Sender: "ben", Receiver: "ana", Text: "x"},
	)
	for _, tt := range []struct {
		path, name, column string
		want               []string
	}{
		{"/users", "tags", "uid", []string{"t-1", "t-2"}},
		{"/groups", "tags", "guid", []string{"g-1", "g-2"}},
		{"/messages", "tags", "id", []string{"1", "2"}},
		{"/users/ana/messages", "tags", "id", []string{"1", "2"}},
	} {
		for _, query := range []url.Values{
			{tt.name: {"a,b"}}, {tt.name: {"a", "b"}}, {tt.name + "[]": {"a", "b"}}, {tt.name + "[]": {"a,b"}},
			{tt.name + "[0]": {"a"}, tt.name + "[1]": {"b"}}, {tt.name + "[2]": {"b"}, tt.name + "[10]": {"a"}},
		} {
			assert.Equal(t, tt.want, a.do("GET", tt.path+"?"+query.Encode(), "").column(tt.column), "%s %v", tt.path, query)
		}
		r := a.do("GET", tt.path+"?"+url.Values{tt.name + "[x]": {"a"}, tt.name + "[0": {"a"}, tt.name + "[]0": {"a"}}.Encode(), "")
		assert.Greater(t, len(r.column(tt.column)), 2, "these are not lists")
	}
	assert.Equal(t, []string{"t-1", "t-2"}, a.do("GET", "/groups/g-1/members?scopes[0]=admin&scopes[1]=participant", "").column("uid"))
	assert.Equal(t, []string{"1", "2", "3"}, a.do("GET", "/messages?categories[0]=message&types[0]=text&types[1]=image", "").column("id"))
	a.do("GET", "/messages?types[0]=text&types[1]=song", "").badFields("types")
}

// TestWordsInQueries checks that the words of filters may be in any case.
func TestWordsInQueries(t *testing.T) {
	a := chat(t)
	a.srv.AddGroups(
		cometchattest.Group{GUID: "ga", CreatedAt: start.Add(-2 * time.Hour)},
		cometchattest.Group{GUID: "gb", CreatedAt: start.Add(-time.Hour)},
	)
	a.srv.AddMessages(
		cometchattest.Message{Sender: "ana", Receiver: "ben", Text: "x"},
		cometchattest.Message{Sender: "ana", Receiver: "team", ReceiverType: "group", Category: "custom", Type: "Poll"},
	)
	a.srv.AddBlocks("ana", "ben")
	for path, want := range map[string][]string{
		"/groups?searchKey=g&sortBy=NAME&sortOrder=DESC": {"gb", "ga"},
		"/groups?searchKey=g&sortBy=createdat":           {"ga", "gb"},
		"/groups?searchKey=g&affix=APPEND":               {"ga", "gb"},
	} {
		assert.Equal(t, want, a.do("GET", path, "").column("guid"), path)
	}
	for path, want := range map[string][]string{
		"/messages?type=TEXT":                             {"1"},
		"/users/ana/messages?type=Image":                  {},
		"/groups/team/messages?category=Custom&type=poll": {"2"},
		"/messages?categories=MESSAGE":                    {"1"},
		"/messages?receiverType=Group":                    {"2"},
		"/messages?receiverType=other":                    {"1", "2"},
		"/messages?affix=Prepend&limit=1":                 {"2"},
	} {
		assert.Equal(t, want, a.do("GET", path, "").column("id"), path)
	}
	assert.Equal(t, []string{"ana"}, a.do("GET", "/users/ben/blockedusers?direction=HasBlockedMe", "").column("uid"))
	assert.Equal(t, []string{"group_team"}, a.as("ana", "GET", "/conversations?conversationType=GROUP", "").column("conversationId"))
	assert.Equal(t, []string{"fullAccess"}, a.do("GET", "/apikeys?scope=FULLACCESS", "").column("scope"))
	for path, field := range map[string]string{
		"/groups?sortBy=size": "sortBy", "/groups?sortOrder=down": "sortOrder", "/groups?affix=after": "affix",
		"/users/ben/blockedusers?direction=left": "direction", "/conversations?conversationType=room": "conversationType",
		"/apikeys?scope=none": "scope",
	} {
		a.do("GET", path, "").badFields(field)
	}
}

func TestMetadataThatIsNoJSON(t *testing.T) {
	a := newAPI(t)
	raw := map[string]any{"rawMetadata": "{'plan':'a/b'}"}
	for _, tt := range []struct{ create, update, fields string }{
		{"/users", "/users/x", `"uid":"x","name":"X"`},
		{"/groups", "/groups/x", `"guid":"x","name":"X","type":"public"`},
		{"/roles", "/roles/x", `"role":"x","name":"X"`},
	} {
		sent := `"metadata":"{'plan':'a/b'}"`
		assert.Equal(t, raw, a.do("POST", tt.create, `{`+tt.fields+`,`+sent+`}`).data()["metadata"], tt.create)
		assert.Equal(t, map[string]any{"k": 1.}, a.do("PUT", tt.update, `{"metadata":" {\"k\":1} "}`).data()["metadata"], "text that is JSON")
		assert.Equal(t, map[string]any{"k": 1.}, a.do("PUT", tt.update, `{"name":"Y","metadata":""}`).data()["metadata"], "an empty string is no value")
		assert.Equal(t, raw, a.do("PUT", tt.update, `{`+sent+`}`).data()["metadata"], tt.update)
		assert.Equal(t, raw, a.do("GET", tt.update, "").data()["metadata"], tt.update)
		a.do("PUT", tt.update, `{"metadata":5}`).badFields("metadata")
	}
}

// TestBlankElements checks that blank strings are invalid as elements of any
// list.
func TestBlankElements(t *testing.T) {
	a := chat(t)
	id := a.text("ana", "ben", "x")
	for _, tt := range []struct{ actor, method, path, body, field string }{
		{"", "PUT", "/users/ana", `{"tags":["fine"," "]}`, "tags.1"},
		{"", "PUT", "/groups/team", `{"tags":["\t"]}`, "tags.0"},
		{"ana", "PUT", "/messages/" + id, `{"data":{"text":"y"},"tags":[" "]}`, "tags.0"},
		{"ana", "PUT", "/users/ben/conversation", `{"tags":[""]}`, "tags.0"},
		{"", "POST", "/users/ana/blockedusers", `{"blockedUids":[" "]}`, "blockedUids.0"},
		{"", "POST", "/users/ana/friends", `{"accepted":["ben"," "]}`, "accepted.1"},
		{"", "DELETE", "/users", `{"uidsToDeactivate":[" "]}`, "uidsToDeactivate.0"},
		{"", "POST", "/groups/team/members", `{"participants":[" "]}`, "participants.0"},
		{"ana", "POST", "/messages", `{"multipleReceivers":{"uids":[" "]},"data":{"text":"x"}}`, "multipleReceivers.uids.0"},
	} {
		a.do(tt.method, tt.path, tt.body, "onBehalfOf", tt.actor).badFields(tt.field)
	}
}
