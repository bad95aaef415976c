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

// TestImports makes the requests of an import in sequence, in an app with two
// users and a group.
func TestImports(t *testing.T) {
	srv := cometchattest.New(cometchattest.WithClock(func() time.Time { return time.Unix(2000, 0) }), cometchattest.WithUserQuota(6))
	srv.AddUsers(cometchattest.User{UID: "ann", CreatedAt: time.Unix(1000, 0)}, cometchattest.User{UID: "bob", CreatedAt: time.Unix(1000, 0)})
	srv.AddGroups(cometchattest.Group{GUID: "yard", CreatedAt: time.Unix(1000, 0), Banned: []string{"bob"}})
	message := func(muid, more string) string {
		return fmt.Sprintf(`{"messages":{%q:{"muid":%q,"sender":"ann","receiverType":"user","receiver":"bob","sentAt":"1500","data":{"text":"Hi"}%s}}}`, muid, muid, more)
	}
	for _, tt := range []struct {
		path, body, want string
	}{
		{"users", `{"users":[1]}`,
			`{"error":{"message":"The field users must be an object of what is to be imported, by id.","devMessage":"The field users must be an object of what is to be imported, by id.","source":"chat-api","code":"ERR_IMPORT_INVALID_USER_FORMAT"}}`},
		{"groups", `{}`,
			`{"error":{"message":"The field groups must be an object of what is to be imported, by id.","devMessage":"The field groups must be an object of what is to be imported, by id.","source":"chat-api","code":"ERR_IMPORT_INVALID_GROUP_FORMAT"}}`},
		{"members", `{"members":"x"}`,
			`{"error":{"message":"The field members must be an object of what is to be imported, by id.","devMessage":"The field members must be an object of what is to be imported, by id.","source":"chat-api","code":"ERR_IMPORT_INVALID_MEMBER_FORMAT"}}`},
		{"messages", `{"messages":null}`,
			`{"error":{"message":"The field messages must be an object of what is to be imported, by id.","devMessage":"The field messages must be an object of what is to be imported, by id.","source":"chat-api","code":"ERR_IMPORT_INVALID_MESSAGE_FORMAT"}}`},
		{"users", `{"users":[]}`,
			`{"data":{"data":{}}}`},
		{"users", `{"users":{` + strings.Repeat(`"a":{},`, 50) + `"b":{}}}`,
			`{"error":{"message":"The data of the request is not valid.","devMessage":"The data of the request is not valid.","source":"chat-api","details":{"users":["The field users may have 50 entries at most."]},"code":"ERR_BAD_REQUEST"}}`},
		{"users", `{"users":{"x":{"uid":"y","name":"X"}}}`,
			`{"data":{"data":{"x":{"success":false,"error":{"message":"The data of the request is not valid.","devMessage":"The data of the request is not valid.","source":"chat-api","details":{"uid":["The field uid must be the key of its entry."]},"code":"ERR_BAD_REQUEST"}}}}}`},
		{"users", `{"users":{"x":7}}`,
			`{"data":{"data":{"x":{"success":false,"error":{"message":"The data of the request is not valid.","devMessage":"The data of the request is not valid.","source":"chat-api","details":{"x":["The entry x must be an object."]},"code":"ERR_BAD_REQUEST"}}}}}`},
		{"users", `{"users":{"Cid":{"uid":"cid","name":"Cid","createdAt":"1200"}}}`,
			`{"data":{"data":{"cid":{"success":true,"data":{"uid":"cid","name":"Cid","status":"offline","role":"default","createdAt":1200}}}}}`},
		{"users", `{"users":{"cid":{"uid":"cid","name":"Cid","createdAt":"soon"}}}`,
			`{"data":{"data":{"cid":{"success":false,"error":{"message":"The data of the request is not valid.","devMessage":"The data of the request is not valid.","source":"chat-api","details":{"createdAt":["The field createdAt must be a time in seconds."]},"code":"ERR_BAD_REQUEST"}}}}}`},
		{"users", `{"users":{"cid":{"uid":"cid","name":"Cid"}}}`,
			`{"data":{"data":{"cid":{"success":false,"error":{"message":"The UID cid already exists in this app.","devMessage":"The UID cid already exists in this app.","source":"chat-api","code":"ERR_UID_ALREADY_EXISTS"}}}}}`},
		{"groups", `{"groups":{"shed":{"guid":"shed","name":"Shed","type":"public","createdAt":1100,"owner":"dan","groupOwnerDetails":{"uid":"dan","name":"Dan"}}}}`,
			`{"data":{"shed":{"success":true,"data":{"uid":"shed","name":"Shed","type":"public","membersCount":0,"conversationId":"group_shed","createdAt":1100,"owner":"dan"}}}}`},
		{"groups", `{"groups":{"hut":{"guid":"hut","name":"Hut","type":"public","owner":"zoe"}}}`,
			`{"data":{"hut":{"success":false,"error":{"message":"The UID zoe does not exist in this app, or its user is deactivated.","devMessage":"The UID zoe does not exist in this app, or its user is deactivated.","source":"chat-api","code":"ERR_UID_NOT_FOUND"}}}}`},
		{"groups", `{"groups":{"shed":{"guid":"shed","name":"Shed","type":"public"}}}`,
			`{"data":{"shed":{"success":false,"error":{"message":"The GUID shed already exists in this app.","devMessage":"The GUID shed already exists in this app.","source":"chat-api","code":"ERR_GUID_ALREADY_EXISTS"}}}}`},
		{"members", `{"members":{"shed_member_ann":{"memberId":"shed_member_ann","guid":"shed","uid":"ann","joinedAt":1100}}}`,
			`{"data":{"shed_member_ann":{"success":false,"error":{"message":"The joinedAt of ann must be later than the createdAt of the group, and in the past.","devMessage":"The joinedAt of ann must be later than the createdAt of the group, and in the past.","source":"chat-api","code":"ERR_IMPORT_INVALID_JOINEDAT"}}}}`},
		{"members", `{"members":{"shed_member_ann":{"memberId":"shed_member_ann","guid":"shed","uid":"ann","joinedAt":2000}}}`,
			`{"data":{"shed_member_ann":{"success":false,"error":{"message":"The joinedAt of ann must be later than the createdAt of the group, and in the past.","devMessage":"The joinedAt of ann must be later than the createdAt of the group, and in the past.","source":"chat-api","code":"ERR_IMPORT_INVALID_JOINEDAT"}}}}`},
		{"members", `{"members":{"ann":{"memberId":"ann","guid":"shed","uid":"ann"}}}`,
			`{"data":{"ann":{"success":false,"error":{"message":"The data of the request is not valid.","devMessage":"The data of the request is not valid.","source":"chat-api","details":{"memberId":["The field memberId must be the guid and the uid with _member_ between them."]},"code":"ERR_BAD_REQUEST"}}}}`},
		{"members", `{"members":{"shed_member_ann":{"memberId":"shed_member_ann","guid":"shed","uid":"ann","joinedAt":1101}}}`,
			`{"data":{"shed_member_ann":{"success":true,"data":{"guid":"shed","uid":"ann","scope":"participant","joinedAt":1101}}}}`},
		{"members", `{"members":{"shed_member_ann":{"memberId":"shed_member_ann","guid":"shed","uid":"ann"}}}`,
			`{"data":{"shed_member_ann":{"success":false,"error":{"message":"The user ann is a member of the group shed already.","devMessage":"The user ann is a member of the group shed already.","source":"chat-api","code":"ERR_ALREADY_JOINED"}}}}`},
		{"members", `{"members":{"yard_member_bob":{"memberId":"yard_member_bob","guid":"yard","uid":"bob","isBanned":true}}}`,
			`{"data":{"yard_member_bob":{"success":false,"error":{"message":"The user bob is banned from the group yard already.","devMessage":"The user bob is banned from the group yard already.","source":"chat-api","code":"ERR_ALREADY_BANNED"}}}}`},
		{"members", `{"members":{"yard_member_bob":{"memberId":"yard_member_bob","guid":"yard","uid":"bob"}}}`,
			`{"data":{"yard_member_bob":{"success":false,"error":{"message":"The user bob is banned from the group yard.","devMessage":"The user bob is banned from the group yard.","source":"chat-api","code":"ERR_BANNED_GROUPMEMBER"}}}}`},
		{"members", `{"members":{"hut_member_ann":{"memberId":"hut_member_ann","guid":"hut","uid":"ann"}}}`,
			`{"data":{"hut_member_ann":{"success":false,"error":{"message":"The GUID hut does not exist in this app.","devMessage":"The GUID hut does not exist in this app.","source":"chat-api","code":"ERR_GUID_NOT_FOUND"}}}}`},
		{"members", `{"members":{"hut_member_eve":{"memberId":"hut_member_eve","guid":"hut","uid":"eve","groupDetails":{"guid":"hut","name":"Hut","type":"public"},"userDetails":{"uid":"eve","name":"Eve"}}}}`,
			`{"data":{"hut_member_eve":{"success":true,"data":{"guid":"hut","uid":"eve","scope":"participant","joinedAt":2000}}}}`},
		{"messages", message("m1", `,"deliveredAt":1501,"readAt":1502`),
			`{"data":{"m1":{"success":true,"data":{"id":"1","muid":"m1","conversationId":"ann_user_bob","sender":"ann","receiverType":"user","receiver":"bob","category":"message","type":"text","data":{"text":"Hi","entities":{"sender":{"entity":{"uid":"ann","name":"ann","status":"offline","role":"default","createdAt":1000},"entityType":"user"},"receiver":{"entity":{"uid":"bob","name":"bob","status":"offline","role":"default","createdAt":1000},"entityType":"user"}}},"sentAt":1500,"deliveredAt":1501,"readAt":1502,"updatedAt":1500}}}}`},
		{"messages", message("m1", ""),
			`{"data":{"m1":{"success":false,"error":{"message":"The muid m1 already exists in this app.","devMessage":"The muid m1 already exists in this app.","source":"chat-api","code":"ERR_IMPORT_MUID_ALREADY_EXISTS"}}}}`},
		{"messages", message("m2", `,"category":"interactive","type":"form"`),
			`{"data":{"m2":{"success":false,"error":{"message":"An interactive message needs interactiveData, a JSON object.","devMessage":"An interactive message needs interactiveData, a JSON object.","source":"chat-api","code":"ERR_INVALID_MESSAGE_DATA"}}}}`},
		{"messages", message("m2", `,"receiver":"zoe"`),
			`{"data":{"m2":{"success":false,"error":{"message":"The UID zoe does not exist in this app, or its user is deactivated.","devMessage":"The UID zoe does not exist in this app, or its user is deactivated.","source":"chat-api","code":"ERR_UID_NOT_FOUND"}}}}`},
		{"messages", message("m2", `,"receiver":"ann"`),
			`{"data":{"m2":{"success":false,"error":{"message":"The data of the request is not valid.","devMessage":"The data of the request is not valid.","source":"chat-api","details":{"receiver":["A user cannot write to oneself."]},"code":"ERR_BAD_REQUEST"}}}}`},
		{"messages", message("m2", `,"receiverType":"group","receiver":"den"`),
			`{"data":{"m2":{"success":false,"error":{"message":"The GUID den does not exist in this app.","devMessage":"The GUID den does not exist in this app.","source":"chat-api","code":"ERR_GUID_NOT_FOUND"}}}}`},
		{"messages", message("m2", `,"receiverType":"group","receiver":"den","receiverGroupDetails":{"guid":"den","name":"Den","type":"public","owner":"fay"},"receiverGroupOwnerDetails":{"uid":"fay","name":"Fay"}`),
			`{"data":{"m2":{"success":true,"data":{"id":"2","muid":"m2","conversationId":"group_den","sender":"ann","receiverType":"group","receiver":"den","category":"message","type":"text","data":{"text":"Hi","entities":{"sender":{"entity":{"uid":"ann","name":"ann","status":"offline","role":"default","createdAt":1000},"entityType":"user"},"receiver":{"entity":{"guid":"den","name":"Den","type":"public","membersCount":0,"conversationId":"group_den","createdAt":2000,"owner":"fay"},"entityType":"group"}}},"sentAt":1500,"updatedAt":1500}}}}`},
		{"users", `{"users":{"gus":{"uid":"gus","name":"Gus"}}}`,
			`{"data":{"data":{"gus":{"success":false,"error":{"message":"The plan of this app allows 6 users.","devMessage":"The plan of this app allows 6 users.","source":"chat-api","code":"ERR_PLAN_QUOTA_RESTRICTION"}}}}}`},
	} {
		w := fuzzSend(srv, "POST", "/v3/data_import/"+tt.path, tt.body, http.Header{"apikey": {srv.APIKey()}})
		assert.JSONEq(t, tt.want, w.Body.String(), tt.body)
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
