package cometchattest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/webhook"
)

// people adds two users and a group, as in the examples of events.
func (a *api) people() {
	a.srv.AddUsers(cometchattest.User{UID: "rider-7", Name: "Rider Seven", Status: "available"}, cometchattest.User{UID: "courier-9", Name: "Courier Nine"})
	a.srv.AddGroups(cometchattest.Group{GUID: "depot-3", Name: "Depot Three", Owner: "rider-7"})
}

// triggers returns the triggers of the events that have happened.
func triggers(srv *cometchattest.Server) []string {
	list := []string{}
	for _, e := range srv.Events() {
		list = append(list, e.Trigger)
	}
	return list
}

// example returns the example payload of a trigger from the package webhook.
func example(t *testing.T, name string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("../webhook/testdata/" + name + ".json")
	require.NoError(t, err)
	var payload map[string]any
	require.NoError(t, json.Unmarshal(raw, &payload))
	return payload
}

// lacks lists the members of an example that a value lacks or has with another
// type. Members whose names are uids may have any uid.
func lacks(path string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			return []string{path}
		}
		var list []string
		for name, value := range want {
			there, ok := got[name]
			if strings.HasSuffix(path, ".members") || strings.HasSuffix(path, ".users") || strings.HasSuffix(path, ".mentions") {
				name = "*"
				for _, there = range got {
					ok = true
				}
			}
			if !ok {
				list = append(list, path+"."+name)
			} else {
				list = append(list, lacks(path+"."+name, value, there)...)
			}
		}
		return list
	case nil:
		return nil
	default:
		if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			return []string{path}
		}
	}
	return nil
}

// TestEventsOfChanges checks that each change causes an event in the documented
// shape that the package webhook can read. The emulator has no times of last
// activity, and includes avatars only if they were set.
func TestEventsOfChanges(t *testing.T) {
	as := []string{"onBehalfOf", "rider-7"}
	for _, c := range []struct {
		trigger, method, path, body string
		actor                       []string
		before                      string // a request that creates what is changed
		also                        string // an event that happens first
		without                     []string
	}{
		{trigger: "message_sent", method: "POST", path: "/messages", body: `{"receiver":"courier-9","receiverType":"user","data":{"text":"Parcel"}}`, actor: as},
		{trigger: "user_mentioned", method: "POST", path: "/messages", body: `{"receiver":"courier-9","receiverType":"user","data":{"text":"See <@uid:courier-9>"}}`, actor: as, also: "message_sent"},
		{trigger: "message_edited", method: "PUT", path: "/messages/1", body: `{"data":{"text":"Door B"}}`, actor: as, without: []string{"conversationId"}},
		{trigger: "message_deleted", method: "DELETE", path: "/messages/1", actor: as},
		{trigger: "message_deleted", method: "DELETE", path: "/messages/1", body: `{"permanent":true}`, actor: as, without: []string{"deletedAt", "deletedBy"}},
		{trigger: "message_reaction_added", method: "POST", path: "/messages/1/reactions/%F0%9F%9A%B2", actor: as},
		{trigger: "message_reaction_removed", method: "DELETE", path: "/messages/1/reactions/%F0%9F%9A%B2", actor: as, before: "POST /messages/1/reactions/%F0%9F%9A%B2"},
		{trigger: "user_blocked", method: "POST", path: "/users/rider-7/blockedusers", body: `{"blockedUids":["courier-9"]}`},
		{trigger: "user_unblocked", method: "DELETE", path: "/users/rider-7/blockedusers", body: `{"blockedUids":["courier-9"]}`, before: `POST /users/rider-7/blockedusers {"blockedUids":["courier-9"]}`},
		{trigger: "group_created", method: "POST", path: "/groups", body: `{"guid":"new","name":"New","type":"public","members":{"participants":["courier-9"]}}`, actor: as},
		{trigger: "group_updated", method: "PUT", path: "/groups/depot-3", body: `{"name":"Depot"}`, actor: as},
		{trigger: "group_deleted", method: "DELETE", path: "/groups/depot-3", actor: as, before: `PUT /groups/depot-3 {"name":"Depot"}`},
		{trigger: "group_owner_transferred", method: "PUT", path: "/groups/depot-3", body: `{"owner":"courier-9"}`},
		{trigger: "group_updated", method: "PUT", path: "/groups/depot-3", body: `{"owner":"courier-9","name":"Depot"}`, also: "group_owner_transferred"},
		{trigger: "group_member_added", method: "POST", path: "/groups/depot-3/members", body: `{"participants":["courier-9"]}`, actor: as},
		{trigger: "group_member_kicked", method: "DELETE", path: "/groups/depot-3/members/courier-9", actor: as, before: `POST /groups/depot-3/members {"participants":["courier-9"]}`},
		{trigger: "group_member_banned", method: "POST", path: "/groups/depot-3/bannedusers/courier-9", actor: as, before: `POST /groups/depot-3/members {"participants":["courier-9"]}`},
		{trigger: "group_member_unbanned", method: "DELETE", path: "/groups/depot-3/bannedusers/courier-9", actor: as, before: `POST /groups/depot-3/members {"usersToBan":["courier-9"]}`},
		{trigger: "group_member_scope_changed", method: "PUT", path: "/groups/depot-3/members/courier-9", body: `{"scope":"admin"}`, actor: as, before: `POST /groups/depot-3/members {"participants":["courier-9"]}`},
	} {
		t.Run(c.method+c.path+c.body, func(t *testing.T) {
			a := newAPI(t, cometchattest.WithAppID("app27c0ffee11"), cometchattest.WithRegion("eu"))
			a.people()
			a.srv.AddMessages(cometchattest.Message{Sender: "rider-7", Receiver: "courier-9", Text: "hi"})
			if c.before != "" {
				method, rest, _ := strings.Cut(c.before, " ")
				path, body, _ := strings.Cut(rest, " ")
				a.do(method, path, body, as...).ok()
			}
			before := len(a.srv.Events())
			hook := a.srv.DeliverToHandler(http.NotFoundHandler(), cometchattest.WithWebhookID("rides"))
			hook.Hold()
			defer a.srv.Close()
			a.do(c.method, c.path, c.body, c.actor...).ok()

			want := []string{c.trigger}
			if c.also != "" {
				want = []string{c.also, c.trigger}
			}
			assert.Equal(t, want, triggers(a.srv)[before:])
			deliveries := a.srv.Deliveries()
			require.Len(t, deliveries, len(want))
			sent := deliveries[len(want)-1]
			var payload map[string]any
			require.NoError(t, json.Unmarshal(sent.Payload, &payload))
			for _, missing := range lacks("", example(t, c.trigger), payload) {
				name := missing[strings.LastIndex(missing, ".")+1:]
				optional := append(c.without, "lastActiveAt", "avatar")
				if name == "updatedAt" || name == "updatedBy" {
					// A group that was never changed lacks these members.
					assert.Contains(t, missing, ".group.")
					continue
				}
				assert.Contains(t, optional, name, missing)
			}
			event, err := webhook.Parse(sent.Payload)
			require.NoError(t, err)
			head := *event.Header()
			head.Data = nil
			assert.Equal(t, webhook.Envelope{Trigger: webhook.Trigger(c.trigger), AppID: "app27c0ffee11", Region: "eu", Webhook: "rides"}, head)
			assert.NotEqual(t, "*webhook.UnknownEvent", fmt.Sprintf("%T", event))
		})
	}
}

func TestNoEvents(t *testing.T) {
	a := newAPI(t)
	a.people()
	a.srv.AddMessages(cometchattest.Message{Sender: "rider-7", Receiver: "courier-9", Text: "hi"})
	a.srv.AddBlocks("rider-7", "courier-9")
	a.do("POST", "/users", `{"uid":"new","name":"New"}`).ok()
	a.do("POST", "/users/rider-7/blockedusers", `{"blockedUids":["courier-9"]}`).ok()
	a.do("POST", "/users/courier-9/conversation/read", ``, "onBehalfOf", "rider-7").ok()
	a.do("POST", "/messages", `{"receiver":"nobody","receiverType":"user","data":{"text":"hi"}}`).fails(404, "ERR_UID_NOT_FOUND")
	assert.Equal(t, []string{}, triggers(a.srv))
}

// TestEventsForSeveral checks that a request with the same effect on several
// users causes a single event.
func TestEventsForSeveral(t *testing.T) {
	a := newAPI(t)
	a.people()
	a.srv.AddUsers(cometchattest.User{UID: "third"}, cometchattest.User{UID: "fourth"})
	a.do("POST", "/groups/depot-3/members", `{"admins":["courier-9"],"participants":["third","nobody"],"usersToBan":["fourth"]}`).ok()
	a.do("POST", "/users/rider-7/blockedusers", `{"blockedUids":["courier-9","third","nobody"]}`).ok()
	uids := func(i int, name string) (list []string) {
		var data map[string]map[string]any
		require.NoError(t, json.Unmarshal(a.srv.Events()[i].Data, &data))
		for uid := range data[name] {
			list = append(list, uid)
		}
		return list
	}
	require.Equal(t, []string{"group_member_added", "group_member_banned", "user_blocked"}, triggers(a.srv))
	assert.ElementsMatch(t, []string{"courier-9", "third"}, uids(0, "members"))
	assert.ElementsMatch(t, []string{"fourth"}, uids(1, "members"))
	assert.ElementsMatch(t, []string{"courier-9", "third"}, uids(2, "users"))
	var added struct {
		Group struct{ MembersCount, OnlineMembersCount int }
		By    struct{ UID string }
	}
	require.NoError(t, json.Unmarshal(a.srv.Events()[0].Data, &added))
	assert.Equal(t, 3, added.Group.MembersCount)
	assert.Equal(t, 1, added.Group.OnlineMembersCount)
	assert.Equal(t, "app_system", added.By.UID)
}

// TestSeenShapes checks the other shape of events about edited and deleted
// messages: the message itself.
func TestSeenShapes(t *testing.T) {
	for shapes, want := range map[cometchattest.Shapes][]string{
		cometchattest.ShapesDocumented: {"action", "action", "action"},
		cometchattest.ShapesSeen:       {"message", "message", "message"},
		cometchattest.ShapesBoth:       {"action", "message", "action"},
	} {
		a := newAPI(t, cometchattest.WithWebhookShapes(shapes))
		a.people()
		id := a.srv.AddMessages(cometchattest.Message{Sender: "rider-7", Receiver: "courier-9", Text: "hi"})[0]
		a.do("PUT", "/messages/"+id, `{"data":{"text":"one"}}`).ok()
		a.do("PUT", "/messages/"+id, `{"data":{"text":"two"}}`).ok()
		a.do("DELETE", "/messages/"+id, `{"permanent":true}`).ok()
		var got []string
		for _, e := range a.srv.Events() {
			var data struct {
				Message struct {
					ID, Category string
					DeletedAt    int64
					DeletedBy    string
					Data         struct{ Text string }
				}
			}
			require.NoError(t, json.Unmarshal(e.Data, &data))
			m := data.Message
			got = append(got, m.Category)
			if m.Category == "message" {
				assert.Equal(t, id, m.ID)
				assert.Equal(t, e.Trigger == "message_deleted", m.DeletedAt != 0 && m.DeletedBy == "app_system" && m.Data.Text == "")
			}
		}
		assert.Equal(t, want, got, shapes)
	}
	a := newAPI(t, cometchattest.WithWebhookShapes(cometchattest.ShapesBoth))
	a.people()
	for range 2 {
		a.do("POST", "/groups/depot-3/members", `{"participants":["courier-9"]}`).ok()
		a.do("DELETE", "/groups/depot-3/members/courier-9", ``).ok()
	}
	var by []bool
	for _, e := range a.srv.Events() {
		var data map[string]any
		require.NoError(t, json.Unmarshal(e.Data, &data))
		by = append(by, data["by"] != nil)
	}
	assert.Equal(t, []bool{true, true, false, false}, by)
}

// TestEventsOfFrontEnds checks events that only the client API causes.
func TestEventsOfFrontEnds(t *testing.T) {
	a := newAPI(t, cometchattest.WithClientAPI())
	a.people()
	a.srv.AddUsers(cometchattest.User{UID: "third"})
	token := func(uid string) []string {
		made := a.do("POST", "/users/"+uid+"/auth_tokens", "").data()
		return []string{"apikey", "", "authtoken", made["authToken"].(string)}
	}
	courier, third, rider := token("courier-9"), token("third"), token("rider-7")
	a.do("POST", "/groups/depot-3/members", `{}`, courier...).ok()
	a.do("POST", "/groups/depot-3/members", `{}`, third...).ok()
	a.do("POST", "/messages", `{"receiver":"depot-3","receiverType":"group","data":{"text":"hi"}}`, rider...).ok()
	a.do("POST", "/groups/depot-3/conversation/delivered", ``, courier...).ok()
	a.do("POST", "/groups/depot-3/conversation/delivered", ``, third...).ok()
	a.do("POST", "/groups/depot-3/conversation/delivered", ``, third...).ok()
	a.do("POST", "/groups/depot-3/conversation/read", ``, rider...).ok()
	a.do("POST", "/groups/depot-3/conversation/read", ``, courier...).ok()
	a.do("POST", "/groups/depot-3/conversation/read", ``, third...).ok()
	a.do("DELETE", "/groups/depot-3/members", ``, third...).ok()
	a.do("PATCH", "/groups/depot-3/owner", `{"owner":"courier-9"}`, rider...).ok()
	want := []string{
		"group_member_joined", "group_member_joined", "message_sent",
		"message_delivery_receipt", "message_delivery_receipt", "message_delivered_to_all",
		"message_read_receipt", "message_read_receipt", "message_read_by_all",
		"group_member_left", "group_owner_transferred",
	}
	require.Equal(t, want, triggers(a.srv))
	for i, e := range a.srv.Events() {
		if i == 2 {
			continue // the example of message_sent is about a message to a user
		}
		var data any
		require.NoError(t, json.Unmarshal(e.Data, &data))
		for _, missing := range lacks("", example(t, e.Trigger)["data"], data) {
			assert.Contains(t, []string{"lastActiveAt", "avatar", "updatedAt"}, missing[strings.LastIndex(missing, ".")+1:], e.Trigger+missing)
		}
	}
}

func TestFire(t *testing.T) {
	srv := cometchattest.New()
	defer srv.Close()
	srv.DeliverToHandler(http.NotFoundHandler()).Hold()
	require.NoError(t, srv.Fire("call_started", nil))
	require.NoError(t, srv.Fire("message_sent", map[string]any{"message": map[string]any{"id": "7"}}))
	require.NoError(t, srv.Fire("message_pinned", map[string]any{}))
	require.NoError(t, srv.Fire("brand_new", map[string]any{}))
	require.EqualError(t, srv.Fire("call_startet", nil), `cometchattest: there is no trigger "call_startet"; the nearest is "call_started"`)
	require.EqualError(t, srv.Fire("message_pinned", nil), "cometchattest: there is no example of message_pinned; it needs data")
	require.EqualError(t, srv.Fire("call_started", 7), "cometchattest: the data of call_started is no JSON object")
	require.Error(t, srv.Fire("call_started", func() {}))
	assert.Equal(t, []string{"call_started", "message_sent", "message_pinned", "brand_new"}, triggers(srv))
	deliveries := srv.Deliveries()
	want := example(t, "call_started")
	want["appId"], want["region"], want["webhook"] = "emulator", "us", "webhook1"
	raw, err := json.Marshal(want)
	require.NoError(t, err)
	assert.JSONEq(t, string(raw), string(deliveries[0].Payload))
	assert.JSONEq(t, `{"trigger":"message_sent","data":{"message":{"id":"7"}},"appId":"emulator","region":"us","webhook":"webhook1"}`, string(deliveries[1].Payload))

	// Every event with an example can be fired, and has the example of the
	// package webhook.
	for _, trigger := range cometchattest.Triggers() {
		if srv.Fire(trigger, nil) != nil {
			continue
		}
		name := trigger
		if _, err := os.Stat("../webhook/testdata/" + name + ".json"); err != nil {
			name = "guess/" + trigger
		}
		raw, err := json.Marshal(example(t, name)["data"])
		require.NoError(t, err)
		events := srv.Events()
		assert.JSONEq(t, string(raw), string(events[len(events)-1].Data), trigger)
	}
	assert.Len(t, srv.Events(), 4+53)
}
