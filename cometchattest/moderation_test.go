package cometchattest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestModerationReasons(t *testing.T) {
	a := newAPI(t)
	now := float64(start.Unix())
	a.clock.Advance(time.Minute)
	made := a.do("POST", "/moderation/reasons", `{"id":"Off_Topic","name":"Off topic","description":"Wrong place"}`).data()
	assert.Equal(t, map[string]any{
		"id": "off_topic", "name": "Off topic", "description": "Wrong place", "createdAt": now + 60, "updatedAt": now + 60,
	}, made)

	t.Run("list", func(t *testing.T) {
		r := a.do("GET", "/moderation/reasons", "")
		assert.Equal(t, []string{"off_topic", "spam", "sexual", "harassment"}, r.column("id"))
		assert.JSONEq(t, `{"current":{"limit":10,"count":4}}`, metaOf(t, r))
		rows := r.ok()["data"].([]any)
		assert.Equal(t, unix(start.Add(time.Minute)), at(t, rows[0], "createdAt"), "a string in lists")
		assert.Equal(t, unix(start.Add(time.Minute)), at(t, rows[0], "updatedAt"))
		assert.NotContains(t, rows[0], "default")
		assert.Equal(t, true, at(t, rows[1], "default"))
	})
	t.Run("get and update", func(t *testing.T) {
		assert.Equal(t, made, a.do("GET", "/moderation/reasons/OFF_TOPIC", "").data())
		a.clock.Advance(time.Minute)
		got := a.do("PUT", "/moderation/reasons/off_topic", `{"name":"Elsewhere"}`).data()
		assert.Equal(t, "Elsewhere", got["name"])
		assert.Equal(t, "Wrong place", got["description"])
		assert.Equal(t, now+120, got["updatedAt"])
		assert.Equal(t, now+60, got["createdAt"])
		assert.Equal(t, "d", a.do("PUT", "/moderation/reasons/off_topic", `{"description":"d"}`).data()["description"])
	})
	t.Run("delete", func(t *testing.T) {
		got := a.do("DELETE", "/moderation/reasons/spam", "").ok()
		assert.Equal(t, true, got["success"], "there is no member data")
		assert.NotEmpty(t, got["message"])
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			a.do(method, "/moderation/reasons/spam", "").fails(404, "ERR_REASON_NOT_FOUND")
		}
	})
	t.Run("refused", func(t *testing.T) {
		a.do("POST", "/moderation/reasons", ``).badFields("id", "name")
		a.do("POST", "/moderation/reasons", `{"id":"sexual","name":"again"}`).badFields("id")
		a.do("POST", "/moderation/reasons", `{`).badFields()
		a.do("PUT", "/moderation/reasons/sexual", `{"name":5}`).badFields("name")
		a.do("PUT", "/moderation/reasons/sexual", `{`).badFields()
	})
}

func TestFlagMessage(t *testing.T) {
	a := chat(t)
	id := a.text("ana", "ben", "buy")
	post := a.post("ana", "buy")
	got := a.as("ben", "POST", "/messages/"+id+"/flagged", `{"id":"Spam","remark":"ads"}`).ok()
	assert.Equal(t, true, got["success"], "there is no member data")
	a.as("ben", "POST", "/messages/"+post+"/flagged", `{"reasonId":"sexual"}`).ok()
	a.as("cleo", "POST", "/messages/"+post+"/flagged", `{"id":"spam"}`).ok()
	a.clock.Advance(time.Second)
	a.as("ben", "POST", "/messages/"+post+"/flagged", `{"id":"harassment"}`).ok()

	flags := a.srv.Flags()
	require.Len(t, flags, 3)
	assert.Equal(t, cometchattest.Flag{MessageID: id, UID: "ben", ReasonID: "spam", Remark: "ads", FlaggedAt: start}, flags[0])
	assert.Equal(t, []string{"cleo", "ben"}, []string{flags[1].UID, flags[2].UID})
	assert.Equal(t, "harassment", flags[2].ReasonID, "in the place of the one before")
	assert.Equal(t, start.Add(time.Second), flags[2].FlaggedAt)

	a.do("POST", "/messages/"+id+"/flagged", `{"id":"spam"}`).badFields("onBehalfOf")
	a.as("ben", "POST", "/messages/"+id+"/flagged", ``).badFields("id")
	a.as("ben", "POST", "/messages/"+id+"/flagged", `{"reasonId":5}`).badFields("reasonId")
	a.as("ben", "POST", "/messages/"+id+"/flagged", `{`).badFields()
	a.as("ben", "POST", "/messages/"+id+"/flagged", `{"id":"ghost"}`).fails(404, "ERR_REASON_NOT_FOUND")
	a.as("ben", "POST", "/messages/99/flagged", `{"id":"spam"}`).fails(404, "ERR_MESSAGE_ID_NOT_FOUND")
	a.as("dan", "POST", "/messages/"+id+"/flagged", `{"id":"spam"}`).fails(403, "ERR_MESSAGE_NO_ACCESS")
	a.as("ana", "POST", "/messages/"+id+"/flagged", `{"id":"spam"}`).fails(403, "ERR_MESSAGE_ACTION_NOT_ALLOWED")
	a.do("DELETE", "/messages/"+post, `{"permanent":true}`).ok()
	assert.Len(t, a.srv.Flags(), 1)
}
