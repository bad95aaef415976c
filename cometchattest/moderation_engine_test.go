package cometchattest_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// rule creates an enabled rule with one condition.
func (a *api) rule(id, condition, filters string, actions ...string) {
	a.t.Helper()
	a.do("POST", "/moderation/rules", fmt.Sprintf(`{"id":%q,"name":%q,"enabled":true,"action":["%s"],"conditions":[%s],"filters":[%s]}`,
		id, strings.ToUpper(id), strings.Join(actions, `","`), condition, filters)).ok()
}

// status returns the moderation status of a message.
func (a *api) status(id string) any {
	a.t.Helper()
	data := a.do("GET", "/messages/"+id, "").data()["data"].(map[string]any)
	if data["moderation"] == nil {
		return nil
	}
	return data["moderation"].(map[string]any)["status"]
}

func TestModerationConditions(t *testing.T) {
	for _, tt := range []struct {
		condition, text string
		blocked         bool
	}{
		{`{"operand":"text","category":"word","operator":"contains","value":["pill"]}`, "Cheap PILLS", true},
		{`{"operand":"text","category":"word","operator":"contains","value":"pill"}`, "Cheap pi lls", false},
		{`{"operand":"text","category":"word","operator":"equals","value":["a","pills"]}`, " Pills ", true},
		{`{"operand":"text","category":"word","operator":"equals","value":["pills"]}`, "Cheap pills", false},
		{`{"operand":"text","category":"pattern","operator":"contains","value":["p.{2}ls"]}`, "Cheap PILLS", true},
		{`{"operand":"text","category":"pattern","operator":"equals","value":["p|pills"]}`, "pills", true},
		{`{"operand":"text","category":"pattern","operator":"equals","value":["pills"]}`, "Cheap pills", false},
		{`{"operand":"text","category":"word","operator":"contains","isKeywordsReferencePresent":true,"value":["Drinks"]}`, "A rum", true},
		{`{"operand":"text","category":"word","operator":"contains","isKeywordReferencePresent":true,"value":["ghost","drinks"]}`, "A gin", true},
		{`{"operand":"text","category":"word","operator":"contains","isListReferencePresent":true,"value":["drinks"]}`, "An ale", false},
		{`{"operand":"text","category":"pattern","operator":"contains","isKeywordsReferencePresent":true,"value":["drinks"]}`, "A rum", false},
		{`{"operand":"text","category":"word","operator":"contains","value":["drinks"]}`, "A rum", false},
		{`{"operand":"image","category":"word","operator":"contains","value":["rum"]}`, "A rum", false},
		{`{"operand":"text","category":"toxicity","operator":"contains","value":["rum"]}`, "A rum", false},
	} {
		t.Run(tt.condition, func(t *testing.T) {
			a := chat(t)
			a.upload("POST", "/moderation/keywords", "", "id", "drinks", "name", "Drinks", "category", "word", "searchTerms", "rum, gin").ok()
			a.rule("r", tt.condition, "", "blockMessage")
			id := a.text("ana", "ben", tt.text)
			want := map[bool]string{true: "disapproved", false: "approved"}[tt.blocked]
			assert.Equal(t, want, a.status(id))
			if tt.blocked {
				assert.Equal(t, map[string]any{"status": "disapproved", "rule": map[string]any{"id": "r", "name": "R"}},
					at(t, a.do("GET", "/messages/"+id, "").data(), "data", "moderation"))
				a.as("ben", "GET", "/messages/"+id, "").fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
				a.as("ana", "GET", "/messages/"+id, "").ok()
			}
		})
	}
	a := chat(t)
	a.rule("r", `{"operand":"custom","category":"word","operator":"contains","value":["rum"]}`, "", "dropMessage")
	sent := a.as("ana", "POST", "/messages", `{"receiver":"ben","receiverType":"user","category":"custom","type":"order","data":{"customData":{"what":"Rum"}}}`).data()
	assert.Equal(t, "pending", at(t, sent, "data", "moderation", "status"))
	assert.Equal(t, "disapproved", a.status(sent["id"].(string)))
}

func TestModerationFilters(t *testing.T) {
	const word = `{"operand":"text","category":"word","operator":"contains","value":["rum"]}`
	filter := func(entity, side, operand, operator, value string) string {
		return fmt.Sprintf(`{"entity":%q,"type":%q,"operand":%q,"operator":%q,"value":%q}`, entity, side, operand, operator, value)
	}
	for filters, want := range map[string]string{
		filter("user", "sender", "uid", "equals", "ANA"):                                                             "disapproved",
		filter("user", "sender", "uid", "not equals", "ana"):                                                         "approved",
		filter("user", "receiver", "uid", "in", "cleo, ben"):                                                         "disapproved",
		filter("user", "receiver", "uid", "notIn", "cleo, ben"):                                                      "approved",
		filter("user", "sender", "name", "startsWith", "A"):                                                          "disapproved",
		filter("user", "sender", "name", "endsWith", "x"):                                                            "approved",
		filter("user", "sender", "createdAt", "lessThan", "9999999999"):                                              "disapproved",
		filter("user", "sender", "createdAt", "greaterThan", "99999999"):                                             "disapproved",
		filter("user", "sender", "tags", "equals", "staff"):                                                          "approved",
		filter("user", "sender", "tags", "notEquals", "staff"):                                                       "disapproved",
		filter("user", "sender", "shoe", "equals", "42"):                                                             "approved",
		filter("user", "sender", "uid", "rhymes", "ana"):                                                             "approved",
		filter("group", "receiver", "guid", "equals", "crew"):                                                        "approved",
		filter("user", "sender", "uid", "equals", "ana") + "," + filter("user", "receiver", "uid", "equals", "cleo"): "approved",
	} {
		t.Run(filters, func(t *testing.T) {
			a := chat(t)
			a.rule("r", word, filters, "blockMessage")
			assert.Equal(t, want, a.status(a.text("ana", "ben", "A rum")))
		})
	}
	a := chat(t)
	a.rule("r", word, filter("group", "receiver", "type", "equals", "public"), "blockMessage")
	assert.Equal(t, "disapproved", a.status(a.post("ana", "A rum")))
}

// TestModerationFlags checks that rules flag messages on behalf of the app, in
// addition to flags of users.
func TestModerationFlags(t *testing.T) {
	a := chat(t)
	assert.Nil(t, a.status(a.text("ana", "ben", "A rum")), "there is no rule")
	a.rule("r", `{"operand":"text","category":"word","operator":"contains","value":["rum"]}`, "", "flagMessage")
	id := a.text("ana", "ben", "A rum")
	a.as("ben", "POST", "/messages/"+id+"/flagged", `{"id":"spam"}`).ok()
	assert.Equal(t, "approved", a.status(id))
	list := a.do("GET", "/moderation/flagged-messages", "")
	assert.Equal(t, []string{id}, list.column("id"))
	assert.JSONEq(t, `{"current":{"limit":50,"count":1}}`, metaOf(t, list))
	by := at(t, list.ok()["data"].([]any)[0], "flaggedBy").([]any)
	now := float64(start.Unix())
	assert.Equal(t, map[string]any{"uid": "app_system", "reasonId": "r", "reasonName": "R", "flaggedAt": now}, by[0])
	assert.Equal(t, "ben", at(t, by[1], "uid"))

	// An edited message is moderated again and keeps the flags of users.
	got := a.do("PUT", "/moderation/messages/"+id, `{"data":{"text":"A tea"}}`).data()
	assert.Equal(t, "A tea", at(t, got, "data", "text"))
	assert.Equal(t, now, got["editedAt"])
	assert.Equal(t, []cometchattest.Flag{{MessageID: id, UID: "ben", ReasonID: "spam", FlaggedAt: start}}, a.srv.Flags())

	reply := a.do("PATCH", "/moderation/flagged-messages/"+id, `{"status":"approved"}`).ok()
	assert.Equal(t, true, reply["success"], "there is no member data")
	assert.Empty(t, a.srv.Flags())
	a.do("PATCH", "/moderation/flagged-messages/"+id, `{"status":"approved"}`).fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
	a.as("ben", "GET", "/messages/"+id, "").ok()
	a.do("DELETE", "/moderation/messages/"+id, "").ok()
	assert.Empty(t, a.do("GET", "/moderation/reviewed-messages", "").ok()["data"])
}

func TestModerationRulesRefused(t *testing.T) {
	a := newAPI(t)
	a.do("POST", "/moderation/rules", ``).badFields("id", "name")
	a.do("POST", "/moderation/rules", `{"id":"a b","name":"n"}`).badFields("id")
	a.do("POST", "/moderation/rules", `{"id":"profanity-filter","name":"n"}`).badFields("id")
	a.do("POST", "/moderation/rules", `{"id":"r","name":"n","action":"a","conditions":{},"filters":5,"enabled":"maybe"}`).badFields("action", "conditions", "filters", "enabled")
	a.do("POST", "/moderation/rules", `{"id":"r","name":"n","conditions":[{"category":"pattern","value":["("]}],"filters":[{"entity":"user"}]}`).
		badFields("conditions.0.value", "filters.0")
	a.do("PUT", "/moderation/rules/profanity-filter", `{"name":"n"}`).fails(403, "ERR_OPERATION_FAILED")
	a.do("DELETE", "/moderation/rules/profanity-filter", ``).fails(403, "ERR_OPERATION_FAILED")
	a.do("DELETE", "/moderation/keywords/profanity-list", ``).fails(403, "ERR_OPERATION_FAILED")
	assert.Equal(t, true, a.do("PUT", "/moderation/rules/profanity-filter", `{"enabled":true}`).data()["enabled"])
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		a.do(method, "/moderation/rules/ghost", "").fails(404, "ERR_RULE_NOT_FOUND")
	}
	a.do("GET", "/moderation/rules?limit=0", "").badFields("limit")
	a.do("PUT", "/moderation/flagged-messages/1", `{"status":"approved"}`).fails(404, "ERR_API_NOT_FOUND")
}

// upload sends a form of name and value pairs, and a file unless it is "".
func (a *api) upload(method, path, file string, pairs ...string) reply {
	a.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		require.NoError(a.t, w.WriteField(pairs[i], pairs[i+1]))
	}
	if file != "" {
		part, err := w.CreateFormFile("file", "words.csv")
		require.NoError(a.t, err)
		_, err = part.Write([]byte(file))
		require.NoError(a.t, err)
	}
	require.NoError(a.t, w.Close())
	return a.do(method, path, b.String(), "Content-Type", w.FormDataContentType())
}

func TestModerationKeywordsRefused(t *testing.T) {
	a := newAPI(t)
	const path = "/moderation/keywords"
	a.do("POST", path, `{"id":"l","name":"L","category":"word","searchTerms":"a"}`).badFields() // not a form
	a.do("POST", path, "--x\r\nnothing", "Content-Type", "multipart/form-data; boundary=x").badFields()
	a.upload("POST", path, "").badFields("id", "name", "category", "searchTerms")
	a.upload("POST", path, "", "id", "profanity-list", "name", "L", "category", "word", "searchTerms", "a").badFields("id")
	a.upload("POST", path, "", "id", "l", "name", "L", "category", "smell", "searchTerms", "a").badFields("category")
	a.upload("POST", path, "", "id", "l", "name", "L", "category", "word", "searchTerms", strings.Repeat("x", 101)).badFields("searchTerms")
	a.upload("POST", path, "(", "id", "l", "name", "L", "category", "pattern").badFields("searchTerms")
	a.upload("POST", path, strings.Repeat("a\n", 1<<19)+"b", "id", "l", "name", "L", "category", "word").badFields("file")
	a.upload("PUT", path+"/ghost", "a").fails(404, "ERR_KEYWORD_NOT_FOUND")
	a.upload("PUT", path+"/profanity-list", "a").fails(403, "ERR_OPERATION_FAILED")
}

func TestModerationQueues(t *testing.T) {
	a := chat(t, cometchattest.WithAppID("app7"))
	a.rule("r", `{"operand":"text","category":"word","operator":"contains","value":["\"rum\""],"message":"A drink"}`, "", "blockMessage")
	id := a.text("ana", "ben", "A rum")
	a.clock.Advance(time.Minute)
	other := a.text("ana", "ben", "More rum")
	now := float64(start.Unix())
	list := a.do("GET", "/moderation/blocked-messages?limit=1", "")
	assert.JSONEq(t, `{"current":{"limit":1,"count":1}}`, metaOf(t, list))
	item := list.ok()["data"].([]any)[0].(map[string]any)
	assert.Equal(t, other, at(t, item, "message", "id"))
	delete(item, "message")
	assert.Equal(t, map[string]any{
		"ruleId": "r", "ruleName": "R", "revisionId": "app7_r_1", "action": []any{"blockMessage"}, "appId": "app7",
		"condition": map[string]any{
			"id": 1., "isKeywordsReferencePresent": false, "isMediaPresent": false, "entity": "message", "operand": "text",
			"category": "word", "operator": "contains", "value": []any{`"rum"`}, "message": "A drink", "weight": 1.,
		},
		"createdAt": now + 60, "updatedAt": now + 60, "blockedAt": fmt.Sprintf("%d.%015s", start.Unix()+60, other),
	}, item)

	a.do("PATCH", "/moderation/blocked-messages/"+id, ``).badFields("status", "reviewed")
	a.do("PATCH", "/moderation/blocked-messages/"+id, `{"status":"disapproved","reviewed":5}`).badFields("status", "reviewed")
	a.do("PATCH", "/moderation/blocked-messages/"+id, `{"status":"rejected","reviewed":true}`).data()
	a.do("PATCH", "/moderation/blocked-messages/99", `{"status":"approved","reviewed":true}`).fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
	assert.Equal(t, "disapproved", a.status(id))
	reviewed := a.do("GET", "/moderation/reviewed-messages", "").ok()["data"].([]any)
	assert.Equal(t, []any{now, now + 60}, []any{at(t, reviewed[0], "createdAt"), at(t, reviewed[0], "updatedAt")})
	a.do("GET", "/moderation/reviewed-messages?limit=x", "").badFields("limit")

	// Messages the receiver cannot see neither count as unread nor become the
	// last message.
	a.as("ben", "GET", "/users/ana/conversation", "").fails(403, "ERR_CONVERSATION_NOT_ACCESSIBLE")
	a.do("PATCH", "/moderation/blocked-messages/"+other, `{"status":"approved","reviewed":true}`).data()
	got := a.as("ben", "GET", "/users/ana/conversation", "").data()
	assert.Equal(t, []any{"1", other}, []any{got["unreadMessageCount"], at(t, got, "lastMessage", "id")})
	a.do("DELETE", "/users/ana", `{"permanent":true}`).ok()
	assert.Empty(t, a.do("GET", "/moderation/reviewed-messages", "").ok()["data"])
}

func TestModerationMessages(t *testing.T) {
	a := chat(t)
	const path = "/moderation/messages"
	message := func(more string) string {
		return `{"receiver":"Dock","receiverType":"group","category":"message","type":"text","data":{"text":"Hi"}` + more + `}`
	}
	a.do("POST", path, ``).badFields("sender", "receiver", "receiverType", "data")
	a.do("POST", path, message(`,"sender":"zoe"`)).fails(404, "ERR_UID_NOT_FOUND")
	a.do("POST", path, message(`,"sender":"ana"`)).fails(404, "ERR_GUID_NOT_FOUND")
	a.do("POST", path, message(`,"sender":"zoe","sentAt":"now","senderUserDetails":{"createdAt":"then"}`)).badFields("sentAt")
	a.do("POST", path, message(`,"sender":"zoe","senderUserDetails":{"createdAt":"then"}`)).
		badFields("senderUserDetails.uid", "senderUserDetails.name", "senderUserDetails.createdAt")
	a.do("POST", path, message(`,"sender":"ana","receiverGroupDetails":{"guid":"dock"}`)).badFields("receiverGroupDetails.name", "receiverGroupDetails.type")
	got := a.do("POST", path, message(`,"sender":"Zoe","sentAt":7,"senderUserDetails":{"uid":"Zoe","name":"Zoe","createdAt":5},
		"receiverGroupDetails":{"guid":"Dock","name":"Dock","type":"public","owner":"ana","createdAt":6}`)).data()
	assert.Equal(t, []any{"zoe", "dock", 7., "pending"}, []any{got["sender"], got["receiver"], got["sentAt"], at(t, got, "data", "moderation", "status")})
	id := got["id"].(string)
	assert.Equal(t, 5., a.do("GET", "/users/zoe", "").data()["createdAt"])
	assert.Equal(t, 6., a.do("GET", "/groups/dock", "").data()["createdAt"])
	assert.Equal(t, "approved", a.status(id))

	other := a.do("POST", path, `{"sender":"ana","receiver":"ben","receiverType":"user","data":{"text":"Ho"}}`).data()["id"].(string)
	for query, want := range map[string][]string{
		"":                                       {id, other},
		"?receiverUID=Ben":                       {other},
		"?receiverGUID=DOCK":                     {id},
		"?receiverUID=dock":                      {},
		"?moderationStatus=disapproved":          {},
		"?sender=zoe&type=text&category=message": {id},
		"?affix=append&id=" + id:                 {other},
	} {
		assert.Equal(t, want, a.do("GET", path+query, "").column("id"), query)
	}
	a.do("GET", path+"?limit=0", "").badFields("limit")
	a.do("PUT", path+"/"+id, ``).badFields("data")
	a.do("PUT", path+"/"+id, `{"data":{"text":5}}`).fails(400, "ERR_INVALID_MESSAGE_TEXT")
	a.do("DELETE", path+"/99", ``).fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
}
