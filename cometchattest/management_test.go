package cometchattest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestManagementCredentials(t *testing.T) {
	a := newAPI(t, cometchattest.WithManagementCredentials("account-key", "account-secret"))
	key, secret := a.srv.ManagementCredentials()
	assert.Equal(t, [2]string{"account-key", "account-secret"}, [2]string{key, secret})
	assert.Equal(t, http.StatusOK, a.manage("GET", "/apps", "").Status)
	a.manage("GET", "/apps", "", "key", "").fails(401, "AUTH_ERR_EMPTY_AUTH_HEADER")
	a.manage("GET", "/apps", "", "secret", "other").fails(401, "AUTH_ERR_NO_ACCESS")
	// The key of an app is invalid here, and that of the account is invalid for
	// the app.
	a.manage("GET", "/apps", "", "key", "", "secret", "", "apikey", "main-key").fails(404, "ERR_API_NOT_FOUND")
	a.do("GET", "/users", "", "apikey", "", "key", key, "secret", secret).fails(401, "AUTH_ERR_EMPTY_APIKEY")
	a.do("GET", "/apps", "").fails(404, "ERR_API_NOT_FOUND")
	a.manage("GET", "/users", "").fails(404, "ERR_API_NOT_FOUND")

	log := a.srv.Requests()
	assert.Equal(t, "[redacted] [redacted]", log[0].Header.Get("key")+" "+log[0].Header.Get("secret"))
	assert.Equal(t, "/apps", log[0].Path)
	assert.Equal(t, 5, a.srv.Count("GET", "/apps"))
	assert.Empty(t, a.srv.ManagementURL(), "without a listener")
}

func TestManagementFaults(t *testing.T) {
	a := newAPI(t)
	a.srv.Inject(cometchattest.Fault{Path: "/management/apps/{appId}/settings", Status: 503})
	assert.Equal(t, 503, a.manage("GET", "/apps/emulator/settings", "").Status)
	assert.Equal(t, 200, a.manage("GET", "/apps/emulator/settings", "").Status)
}

func TestManagementApps(t *testing.T) {
	a := newAPI(t, cometchattest.WithAppID("mine"))
	assert.Equal(t, "mine", a.srv.AppID())
	made := a.manage("POST", "/apps", `{"name":"Depot chat","region":"eu","version":"3"}`).data()
	assert.Equal(t, "Depot chat", made["name"])
	assert.Len(t, made["apiKeys"], 2)
	a.manage("POST", "/apps", `{"name":"x","region":"mars"}`).fails(400, "ERR_BAD_REQUEST")

	assert.Equal(t, []string{made["id"].(string), "mine"}, a.manage("GET", "/apps", "").column("id"))
	assert.Equal(t, []string{"mine"}, a.manage("GET", "/apps?searchKey=emulated", "").column("id"))
	assert.Contains(t, a.manage("GET", "/apps?searchKey=mine", "").ok()["data"].([]any)[0].(map[string]any)["apiKeys"], "main-key")

	gone := a.manage("DELETE", "/apps/mine", "").data()
	assert.InDelta(t, start.Unix()+30*24*60*60, gone["scheduledToDeleteAt"], 0)
	assert.Equal(t, []string{"scheduledToDelete"}, a.manage("GET", "/apps?searchKey=mine", "").column("state"))
	assert.Equal(t, true, a.manage("POST", "/apps/mine/usage", `{"usePreviousBillingCycle":true}`).data()["success"])
	a.manage("DELETE", "/apps/other", "").fails(404, "ERR_APP_NOT_FOUND")
}

func TestManagementSettings(t *testing.T) {
	a := newAPI(t)
	const key = "core.conversations.updateOnReplies"
	set := a.manage("POST", "/apps/emulator/settings", `{"settings":{"`+key+`":true,"core.unknown":true}}`).data()
	assert.Equal(t, true, set[key].(map[string]any)["success"])
	assert.Equal(t, false, set["core.unknown"].(map[string]any)["success"])
	assert.Equal(t, true, a.manage("GET", "/apps/emulator/settings", "").data()[key])

	a.manage("DELETE", "/apps/emulator/settings", `{"settings":["core.threads.updateOnMessageActions"]}`).ok()
	assert.Equal(t, true, a.manage("GET", "/apps/emulator/settings", "").data()[key])
	a.manage("DELETE", "/apps/emulator/settings", "").ok()
	assert.Equal(t, false, a.manage("GET", "/apps/emulator/settings", "").data()[key])
	a.manage("POST", "/apps/emulator/settings", `{"settings":{"`+key+`":"on"}}`).fails(400, "ERR_BAD_REQUEST")
}

func TestManagementExtensions(t *testing.T) {
	a := newAPI(t)
	page := a.manage("GET", "/apps/emulator/extensions", "")
	assert.Len(t, page.column("id"), 25)
	assert.InDelta(t, 2, page.meta()["pagination"].(map[string]any)["total_pages"], 0)
	assert.Len(t, a.manage("GET", "/apps/emulator/extensions?perPage=25&page=2", "").column("id"), 7)

	active := func() (ids []string) {
		for _, e := range a.manage("GET", "/apps/emulator/extensions?perPage=100", "").ok()["data"].([]any) {
			if e := e.(map[string]any); e["isActive"] == true {
				ids = append(ids, e["id"].(string))
			}
		}
		return ids
	}
	assert.JSONEq(t, `{"data":{"enabled":{"polls":{"success":true,"message":"Done: polls."}},"disabled":[]}}`,
		a.manage("POST", "/apps/emulator/extensions", `{"enabled":["polls"]}`).Body)
	assert.Equal(t, []string{"polls"}, active())
	assert.JSONEq(t, `{"data":{"disabled":{"polls":{"success":true,"message":"Done: polls."},"telepathy":{"success":false,"error":{"message":"The extension telepathy does not exist.","devMessage":"The extension telepathy does not exist.","source":"chat-api","code":"ERR_EXTENSION_NOT_FOUND"}}},"enabled":[]}}`, a.manage("POST", "/apps/emulator/extensions", `{"disabled":["polls","telepathy"]}`).Body)
	assert.Empty(t, active())
}

func TestManagementCollaborators(t *testing.T) {
	a := newAPI(t)
	assert.JSONEq(t, `{"data":{"admins":{"ops@example.org":{"success":true,"message":"Done: ops@example.org."}},
		"moderators":[],"developers":[],"collaboratorsToRemove":[]}}`,
		a.manage("POST", "/apps/emulator/collaborators", `{"admins":["ops@example.org"]}`).Body)
	assert.JSONEq(t, `{"data":{"admins":[],"collaboratorsToRemove":[],"developers":[],"moderators":{"nobody":{"success":false,"error":{"message":"An e-mail address is expected.","devMessage":"An e-mail address is expected.","source":"chat-api","code":"ERR_BAD_REQUEST"}}}}}`, a.manage("POST", "/apps/emulator/collaborators", `{"moderators":["nobody"]}`).Body)
	assert.Equal(t, []string{"ops@example.org"}, a.manage("GET", "/apps/emulator/collaborators", "").column("email"))
	a.manage("POST", "/apps/emulator/collaborators", `{"moderators":["OPS@example.org"]}`).ok()
	assert.Equal(t, []string{"moderator"}, a.manage("GET", "/apps/emulator/collaborators", "").column("role"))
	a.manage("POST", "/apps/emulator/collaborators", `{"collaboratorsToRemove":["ops@example.org"]}`).ok()
	assert.JSONEq(t, `{"data":{"admins":[],"collaboratorsToRemove":{"ops@example.org":{"success":false,"error":{"message":"This address is not that of a collaborator.","devMessage":"This address is not that of a collaborator.","source":"chat-api","code":"ERR_NOT_A_COLLABORATOR"}}},"developers":[],"moderators":[]}}`, a.manage("POST", "/apps/emulator/collaborators", `{"collaboratorsToRemove":["ops@example.org"]}`).Body)
	assert.Empty(t, a.manage("GET", "/apps/emulator/collaborators", "").column("email"))

	var many []string
	for i := range 26 {
		many = append(many, fmt.Sprintf("c%d@example.org", i))
	}
	body, err := json.Marshal(map[string]any{"admins": many})
	require.NoError(t, err)
	assert.Contains(t, a.manage("POST", "/apps/emulator/collaborators", string(body)).Body, "ERR_PLAN_QUOTA_RESTRICTION")
	assert.Len(t, a.manage("GET", "/apps/emulator/collaborators", "").column("email"), 25)
}

func TestManagementWebhooks(t *testing.T) {
	const hooks = "/apps/emulator/webhooks"
	a := newAPI(t)
	made := a.manage("POST", hooks, `{"id":"rides","name":"Rides","webhookURL":"https://depot.example.org/hook","useBasicAuth":true,
		"username":"hook","password":"made-up","enabled":true,"retryOnFailure":true}`)
	assert.JSONEq(t, fmt.Sprintf(`{"id":"rides","name":"Rides","webhookURL":"https://depot.example.org/hook","useBasicAuth":true,
		"username":"hook","enabled":true,"retryOnFailure":true,"createdAt":%d,"updatedAt":%[1]d}`, start.Unix()), toJSON(t, made.data()))
	a.manage("POST", hooks, `{"id":"rides","name":"Rides","webhookURL":"https://depot.example.org/hook"}`).fails(400, "ERR_WEBHOOK_ALREADY_EXISTS")
	for _, wrong := range []string{
		`{"id":"a b","name":"x","webhookURL":"https://x.example"}`, `{"id":"a","name":"x","webhookURL":"http://x.example"}`,
		`{"id":"a","name":"x"}`, `{"id":"a","name":"x","webhookURL":"https://x.example","useBasicAuth":true}`,
		`{"id":"a","name":"x","webhookURL":"https://x.example","username":"a b"}`, `{"id":"a","name":"x","webhookURL":"hook"}`,
	} {
		a.manage("POST", hooks, wrong).fails(400, "ERR_BAD_REQUEST")
	}
	assert.Equal(t, 200, a.manage("POST", hooks, `{"id":"local","name":"Local","webhookURL":"http://127.0.0.1:1/"}`).Status)

	// Without the version, the request is about the legacy webhooks.
	assert.Empty(t, a.manage("GET", hooks, "", "X-Webhook-Version", "").column("id"))
	a.manage("DELETE", hooks+"/rides", "", "X-Webhook-Version", "").fails(404, "ERR_WEBHOOK_NOT_FOUND")
	assert.Equal(t, []string{"local", "rides"}, a.manage("GET", hooks, "").column("id"))
	assert.Equal(t, []string{"rides"}, a.manage("GET", hooks+"?searchKey=ride", "").column("id"))

	assert.JSONEq(t, `{"data":{"message_sent":{"success":true,"message":"Done: message_sent."},
		"before_message":{"success":false,"error":{"code":"ERR_TRIGGER_NOT_FOUND","source":"chat-api",
			"message":"The trigger before_message does not exist.","devMessage":"The trigger before_message does not exist."}}}}`, a.manage("POST", hooks+"/rides/triggers", `{"triggerIds":["message_sent","before_message","message_sent"]}`).Body)
	a.manage("POST", hooks+"/rides/triggers", `{"triggerIds":["user_blocked"]}`).ok()
	assert.Equal(t, []string{"message_sent", "user_blocked"}, a.manage("GET", hooks+"/rides/triggers", "").column("id"))
	a.manage("DELETE", hooks+"/rides/triggers", "").fails(400, "ERR_BAD_REQUEST")
	a.manage("DELETE", hooks+"/rides/triggers", `{"triggerIds":["message_sent"]}`).ok()
	assert.Equal(t, []string{"user_blocked"}, a.manage("GET", hooks+"/rides/triggers", "").column("id"))

	a.clock.Advance(5e9)
	changed := a.manage("PUT", hooks+"/rides", `{"enabled":false,"name":"Trips"}`).data()
	assert.Equal(t, []any{"Trips", false, true}, []any{changed["name"], changed["enabled"], changed["retryOnFailure"]})
	assert.InDelta(t, start.Unix()+5, changed["updatedAt"], 0)
	a.manage("PUT", hooks+"/rides", `{"webhookURL":"ftp://x"}`).fails(400, "ERR_BAD_REQUEST")
	assert.Equal(t, "https://depot.example.org/hook", a.manage("GET", hooks+"/rides", "").data()["webhookURL"])

	a.manage("DELETE", hooks+"/rides", "").ok()
	a.manage("GET", hooks+"/rides", "").fails(404, "ERR_WEBHOOK_NOT_FOUND")
	for i := range 24 {
		a.manage("POST", hooks, fmt.Sprintf(`{"id":"h%d","name":"x","webhookURL":"https://x.example"}`, i)).ok()
	}
	a.manage("POST", hooks, `{"id":"one","name":"x","webhookURL":"https://x.example"}`).fails(402, "ERR_PLAN_QUOTA_RESTRICTION")
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}
