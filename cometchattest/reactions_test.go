package cometchattest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestReactions(t *testing.T) {
	a := chat(t)
	id := a.text("ana", "ben", "x")
	path := "/messages/" + id + "/reactions"
	smile, slash := path+"/"+url.PathEscape("😀"), path+"/"+url.PathEscape("a/b")

	a.as("ben", "POST", smile, "").ok()
	a.as("ben", "POST", slash, "").ok()
	got := a.as("ana", "POST", smile, "").data()
	assert.Equal(t, []any{
		map[string]any{"reaction": "😀", "count": 2., "reactedByMe": true},
		map[string]any{"reaction": "a/b", "count": 1.},
	}, at(t, got, "data", "reactions"))
	assert.Equal(t, got, a.as("ana", "POST", smile, "").data(), "a user counts once")

	t.Run("list", func(t *testing.T) {
		r := a.as("ana", "GET", path, "")
		assert.Equal(t, []string{"😀", "a/b", "😀"}, r.column("reaction"))
		assert.JSONEq(t, `{"current":{"limit":100,"count":3},"next":{"affix":"append","id":"3"}}`, metaOf(t, r))
		assert.Equal(t, map[string]any{
			"id": "1", "messageId": id, "reaction": "😀", "uid": "ben", "reactedAt": float64(start.Unix()),
			"reactedBy": userEntity("ben", "Ben", "ana_user_ben")["entity"],
		}, r.ok()["data"].([]any)[0])
	})
	t.Run("list one", func(t *testing.T) {
		assert.Equal(t, []string{"1", "3"}, a.do("GET", smile, "").column("id"))
		assert.Equal(t, []string{"2"}, a.do("GET", slash, "").column("id"))
		assert.Empty(t, a.do("GET", path+"/none", "").column("id"))
	})
	t.Run("pages", func(t *testing.T) {
		assert.Equal(t, [][]string{{"1", "2"}, {"3"}}, a.walk(path, "next", url.Values{"limit": {"2"}}))
		assert.Equal(t, [][]string{{"2", "3"}, {"1"}}, a.walk(path, "previous", url.Values{"limit": {"2"}, "affix": {"prepend"}}))
		a.do("GET", path+"?limit=0", "").badFields("limit")
	})
	t.Run("remove", func(t *testing.T) {
		got := a.as("ana", "DELETE", smile, "").data()
		assert.Equal(t, 1., at(t, got, "data", "reactions").([]any)[0].(map[string]any)["count"])
		assert.Equal(t, got, a.as("ana", "DELETE", smile, "").data(), "there is nothing to remove")
		assert.Equal(t, []string{"1", "2"}, a.do("GET", path, "").column("id"))
		a.as("ana", "POST", smile, "").ok()
		assert.Equal(t, []string{"1", "2", "4"}, a.do("GET", path, "").column("id"))
	})
	t.Run("refused", func(t *testing.T) {
		a.do("POST", smile, "").badFields("onBehalfOf")
		a.do("DELETE", smile, "").badFields("onBehalfOf")
		a.as("dan", "POST", smile, "").fails(403, "ERR_MESSAGE_NO_ACCESS")
		a.as("dan", "GET", path, "").fails(403, "ERR_MESSAGE_NO_ACCESS")
		a.as("ana", "POST", path+"/"+strings.Repeat("r", 46), "").badFields("reaction")
		gone := a.text("ana", "ben", "x")
		a.do("DELETE", "/messages/"+gone, "").ok()
		a.as("ana", "POST", "/messages/"+gone+"/reactions/x", "").fails(403, "ERR_MESSAGE_ACTION_NOT_ALLOWED")
	})
	t.Run("25 different ones", func(t *testing.T) {
		path := "/messages/" + a.srv.AddMessages(cometchattest.Message{Sender: "ana", Receiver: "ben"})[0] + "/reactions/"
		for i := range 25 {
			a.as("ana", "POST", fmt.Sprint(path, i), "").ok()
		}
		a.as("ana", "POST", path+"25", "").badFields("reaction")
		a.as("ben", "POST", path+"24", "").ok()
		a.as("ana", "DELETE", path+"0", "").ok()
		a.as("ana", "POST", path+strings.Repeat("r", 45), "").ok()
	})
}
