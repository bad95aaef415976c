package cometchattest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// TestImports are the requests of an import, one after the other, in an app with
// two users and a group.
func TestImports(t *testing.T) {
	srv := cometchattest.New(cometchattest.WithClock(func() time.Time { return time.Unix(2000, 0) }), cometchattest.WithUserQuota(6))
	srv.AddUsers(cometchattest.User{UID: "ann", CreatedAt: time.Unix(1000, 0)}, cometchattest.User{UID: "bob", CreatedAt: time.Unix(1000, 0)})
	srv.AddGroups(cometchattest.Group{GUID: "yard", CreatedAt: time.Unix(1000, 0), Banned: []string{"bob"}})
	message := func(muid, more string) string {
		return fmt.Sprintf(`{"messages":{%q:{"muid":%q,"sender":"ann","receiverType":"user","receiver":"bob","sentAt":"1500","data":{"text":"Hi"}%s}}}`, muid, muid, more)
	}
	for _, tt := range []struct {
		path, body, want string // want is a part of the answer that it takes
	}{
		{"users", `{"users":[1]}`, `"code":"ERR_IMPORT_INVALID_USER_FORMAT"`},
		{"groups", `{}`, `"code":"ERR_IMPORT_INVALID_GROUP_FORMAT"`},
		{"members", `{"members":"x"}`, `"code":"ERR_IMPORT_INVALID_MEMBER_FORMAT"`},
		{"messages", `{"messages":null}`, `"code":"ERR_IMPORT_INVALID_MESSAGE_FORMAT"`},
		{"users", `{"users":[]}`, `{"data":{"data":{}}}`},
		{"users", `{"users":{` + strings.Repeat(`"a":{},`, 50) + `"b":{}}}`, `"users":["The field users may have 50 entries at most."]`},
		{"users", `{"users":{"x":{"uid":"y","name":"X"}}}`, `"uid":["The field uid must be the key of its entry."]`},
		{"users", `{"users":{"x":7}}`, `"x":["The entry x must be an object."]`},
		{"users", `{"users":{"Cid":{"uid":"cid","name":"Cid","createdAt":"1200"}}}`,
			`{"data":{"data":{"cid":{"success":true,"data":{"uid":"cid","name":"Cid","status":"offline","role":"default","createdAt":1200}}}}}`},
		{"users", `{"users":{"cid":{"uid":"cid","name":"Cid","createdAt":"soon"}}}`, `"createdAt":["The field createdAt must be a time in seconds."]`},
		{"users", `{"users":{"cid":{"uid":"cid","name":"Cid"}}}`, `"code":"ERR_UID_ALREADY_EXISTS"`},
		{"groups", `{"groups":{"shed":{"guid":"shed","name":"Shed","type":"public","createdAt":1100,"owner":"dan","groupOwnerDetails":{"uid":"dan","name":"Dan"}}}}`,
			`{"data":{"shed":{"success":true,"data":{"uid":"shed","name":"Shed","type":"public","membersCount":0,"conversationId":"group_shed","createdAt":1100,"owner":"dan"}}}}`},
		{"groups", `{"groups":{"hut":{"guid":"hut","name":"Hut","type":"public","owner":"zoe"}}}`, `"code":"ERR_UID_NOT_FOUND"`},
		{"groups", `{"groups":{"shed":{"guid":"shed","name":"Shed","type":"public"}}}`, `"code":"ERR_GUID_ALREADY_EXISTS"`},
		{"members", `{"members":{"shed_member_ann":{"memberId":"shed_member_ann","guid":"shed","uid":"ann","joinedAt":1100}}}`, `"code":"ERR_IMPORT_INVALID_JOINEDAT"`},
		{"members", `{"members":{"shed_member_ann":{"memberId":"shed_member_ann","guid":"shed","uid":"ann","joinedAt":2000}}}`, `"code":"ERR_IMPORT_INVALID_JOINEDAT"`},
		{"members", `{"members":{"ann":{"memberId":"ann","guid":"shed","uid":"ann"}}}`, `"memberId":[`},
		{"members", `{"members":{"shed_member_ann":{"memberId":"shed_member_ann","guid":"shed","uid":"ann","joinedAt":1101}}}`,
			`{"data":{"shed_member_ann":{"success":true,"data":{"guid":"shed","uid":"ann","scope":"participant","joinedAt":1101}}}}`},
		{"members", `{"members":{"shed_member_ann":{"memberId":"shed_member_ann","guid":"shed","uid":"ann"}}}`, `"code":"ERR_ALREADY_JOINED"`},
		{"members", `{"members":{"yard_member_bob":{"memberId":"yard_member_bob","guid":"yard","uid":"bob","isBanned":true}}}`, `"code":"ERR_ALREADY_BANNED"`},
		{"members", `{"members":{"yard_member_bob":{"memberId":"yard_member_bob","guid":"yard","uid":"bob"}}}`, `"code":"ERR_BANNED_GROUPMEMBER"`},
		{"members", `{"members":{"hut_member_ann":{"memberId":"hut_member_ann","guid":"hut","uid":"ann"}}}`, `"code":"ERR_GUID_NOT_FOUND"`},
		{"members", `{"members":{"hut_member_eve":{"memberId":"hut_member_eve","guid":"hut","uid":"eve","groupDetails":{"guid":"hut","name":"Hut","type":"public"},"userDetails":{"uid":"eve","name":"Eve"}}}}`, `"success":true`},
		{"messages", message("m1", `,"deliveredAt":1501,"readAt":1502`), `"sentAt":1500,"deliveredAt":1501,"readAt":1502`},
		{"messages", message("m1", ""), `"code":"ERR_IMPORT_MUID_ALREADY_EXISTS"`},
		{"messages", message("m2", `,"category":"interactive","type":"form"`), `"code":"ERR_INVALID_MESSAGE_`},
		{"messages", message("m2", `,"receiver":"zoe"`), `"code":"ERR_UID_NOT_FOUND"`},
		{"messages", message("m2", `,"receiver":"ann"`), `"receiver":["A user cannot write to oneself."]`},
		{"messages", message("m2", `,"receiverType":"group","receiver":"den"`), `"code":"ERR_GUID_NOT_FOUND"`},
		{"messages", message("m2", `,"receiverType":"group","receiver":"den","receiverGroupDetails":{"guid":"den","name":"Den","type":"public","owner":"fay"},"receiverGroupOwnerDetails":{"uid":"fay","name":"Fay"}`), `"conversationId":"group_den"`},
		{"users", `{"users":{"gus":{"uid":"gus","name":"Gus"}}}`, `"code":"ERR_PLAN_QUOTA_RESTRICTION"`},
	} {
		w := fuzzSend(srv, "POST", "/v3/data_import/"+tt.path, tt.body, http.Header{"apikey": {srv.APIKey()}})
		assert.Contains(t, strings.ReplaceAll(w.Body.String(), `\/`, "/"), tt.want, tt.body)
	}
}

func TestImportLimit(t *testing.T) {
	now := time.Unix(1000, 0)
	srv := cometchattest.New(cometchattest.WithImportLimit(2), cometchattest.WithClock(func() time.Time { return now }))
	send := func() (int, string) {
		w := fuzzSend(srv, "POST", "/v3/data_import/users", `{"users":{}}`, http.Header{"apikey": {srv.APIKey()}})
		return w.Code, w.Header().Get("X-RateLimit-Remaining") + " " + w.Header().Get("Retry-After")
	}
	for _, want := range []string{"200 1 ", "200 0 ", "429 0 60"} {
		code, headers := send()
		assert.Equal(t, want, fmt.Sprint(code, " ", headers))
	}
	w := fuzzSend(srv, "GET", "/v3/users", "", http.Header{"apikey": {srv.APIKey()}})
	assert.Equal(t, 200, w.Code, "a budget of its own")
	now = now.Add(time.Minute)
	code, _ := send()
	assert.Equal(t, 200, code)
}
