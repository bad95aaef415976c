package cometchattest_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestLoad(t *testing.T) {
	seed, err := os.ReadFile("../docs/seed.json")
	require.NoError(t, err)
	a := newAPI(t)
	defer a.srv.Close()
	added, err := a.srv.Load(strings.NewReader(string(seed)))
	require.NoError(t, err)
	assert.Equal(t, cometchattest.Loaded{Users: 4, Groups: 1, Messages: 4}, added)
	assert.Empty(t, a.srv.Events())
	assert.Equal(t, []string{"bruno", "farah", "aiko", "nadia"}, a.do("GET", "/users", "").column("uid"))
	assert.Equal(t, []string{"farah", "aiko"}, reversed(a.do("GET", "/users/nadia/friends", "").column("uid")))
	assert.Equal(t, []string{"bruno"}, a.do("GET", "/groups/night-market/bannedusers", "").column("uid"))
	reply := a.do("GET", "/messages/2", "").data()
	assert.Equal(t, "1", reply["parentId"])
	assert.EqualValues(t, time.Date(2026, 11, 25, 13, 52, 0, 0, time.UTC).Unix(), reply["sentAt"])
	quoting := a.do("GET", "/messages/3", "").data()
	assert.Equal(t, "1", quoting["quotedMessage"].(map[string]any)["id"])
	assert.Contains(t, quoting["data"].(map[string]any)["mentions"], "aiko")
	assert.Equal(t, "My stall", a.do("GET", "/messages/4", "").data()["data"].(map[string]any)["text"])

	before := withoutHead(snapshotOf(t, a.srv))
	a.do("DELETE", "/users/nadia", `{"permanent":true}`).ok()
	a.srv.Reset()
	assert.Equal(t, before, withoutHead(snapshotOf(t, a.srv)))

	// A later seed adds to the data, but is not restored by Reset.
	added, err = a.srv.Load(strings.NewReader(`{"users":[{"uid":"New"}],"messages":[{"sender":"new","receiver":"aiko","text":"hi","parent":""}]}`))
	require.NoError(t, err)
	assert.Equal(t, cometchattest.Loaded{Users: 1, Messages: 1}, added)
	assert.Equal(t, "new", a.do("GET", "/messages/5", "").data()["sender"])
	a.srv.Reset()
	assert.Equal(t, before, withoutHead(snapshotOf(t, a.srv)))
}

func reversed(list []string) []string {
	out := []string{}
	for _, s := range list {
		out = append([]string{s}, out...)
	}
	return out
}

// TestLoadBesidesTheState checks that Reset also restores the parts of a seed
// that are not in the state.
func TestLoadBesidesTheState(t *testing.T) {
	srv := cometchattest.New(cometchattest.WithClientAPI(), cometchattest.WithAPIKey("key"))
	defer srv.Close()
	_, err := srv.Load(strings.NewReader(`{
		"roles": [{"role": "Teacher", "name": "Teachers", "metadata": {"k": 1}}],
		"users": [{"uid": "ana", "role": "teacher"}],
		"tokens": [{"uid": "ana", "authToken": "ana_token1"}],
		"webhooks": [{"id": "w", "url": "http://127.0.0.1:1/hooks", "triggers": ["message_sent"], "user": "u", "password": "p", "retryOnFailure": true, "enabled": false}],
		"faults": [{"method": "GET", "path": "/users", "status": 503, "retryAfter": "2", "times": -1, "latency": "1ms", "body": "busy"}],
		"clock": "2030-01-01T00:00:00Z"
	}`))
	require.NoError(t, err)
	looks := func() {
		t.Helper()
		assert.Equal(t, 2030, srv.Clock().Now().UTC().Year())
		require.Len(t, srv.Faults(), 1)
		assert.Equal(t, cometchattest.Fault{
			Method: "GET", Path: "/users", Status: 503, RetryAfter: "2", Times: cometchattest.Always, Latency: time.Millisecond, Body: []byte("busy"),
		}, srv.Faults()[0].Fault)
		require.Len(t, srv.Endpoints(), 1)
		assert.Equal(t, cometchattest.EndpointSettings{
			ID: "w", URL: "http://127.0.0.1:1/hooks", Triggers: []string{"message_sent"}, User: "u", HasPassword: true, Retries: true, Disabled: true,
		}, srv.Endpoints()[0].Settings())
		rec := fuzzSend(srv, "GET", "/v3/me", "", map[string][]string{"Authtoken": {"ana_token1"}})
		assert.Equal(t, 200, rec.Code, rec.Body)
		rec = fuzzSend(srv, "GET", "/v3/users", "", map[string][]string{"Apikey": {"key"}})
		assert.Equal(t, 503, rec.Code, rec.Body)
	}
	looks()
	srv.ClearFaults()
	srv.Clock().Advance(240 * 365 * 24 * time.Hour)
	srv.Reset()
	looks()
	srv.Empty()
	assert.Empty(t, srv.Faults())
}

func TestSeedsThatAreWrong(t *testing.T) {
	for seed, want := range map[string]string{
		``:                                    `1:1: the JSON ends too early`,
		`{]`:                                  `1:3: invalid character ']' looking for beginning of object key string`,
		"{\n  \"user\": []}":                  `2:11: user: a seed has no such member`,
		`{"users":{}}`:                        `1:10: users: it must not be a JSON object`,
		`{"users":[{"uid":"a","nname":"b"}]}`: `1:30: users[0].nname: there is no such member`,
		`{"users":[{"uid":"a"},{"uid":7}]}`:   `1:30: users[1].uid: it must not be a JSON number`,
		`{"users":[{"uid":"a"},{"uid":"A"}]}`: `1:30: users[1].uid: it is missing, or there twice`,
		`{"users":[{"name":"a"}]}`:            `1:11: users[0].uid: it is missing, or there twice`,
		"{\"messages\":[\n{\"receiver\":\"ana\",\n \"sender\": \"goran\"}]}": `3:12: messages[0].sender: there is no user "goran"`,
		`{"messages":[{"sender":"ana","receiver":"nobody"}]}`:                `1:41: messages[0].receiver: there is no other user nobody`,
		`{"messages":[{"sender":"ana","receiver":"ben","parent":"m1"}]}`:     `1:56: messages[0].parent: there is no message "m1" before`,
		`{"messages":[{"sender":"ana","receiver":"ben","quote":"m1"}]}`:      `1:55: messages[0].quote: there is no message "m1" before in the conversation`,
		`{"messages":[{"receiver":"ben","receiverType":"x"}]}`:               `1:47: messages[0].receiverType: it must be user or group`,
		`{"messages":[{"receiver":"ben","data":[]}]}`:                        `1:39: messages[0].data: it must be a JSON object, whose text is a string`,
		`{"groups":[{"guid":"g","admins":["ana","x"]}]}`:                     `1:40: groups[0].admins[1]: there is no user "x"`,
		`{"groups":[{"guid":"g","owner":"x"}]}`:                              `1:32: groups[0].owner: there is no user "x"`,
		`{"groups":[{"guid":"g","type":"x"}]}`:                               `1:31: groups[0].type: there is no type "x"`,
		`{"friends":{"ana":["x"]}}`:                                          `1:20: friends.ana[0]: there is no other user "x"`,
		`{"blocks":{"x":[]}}`:                                                `1:16: blocks.x: there is no user "x"`,
		`{"tokens":[{"uid":"ana","authToken":"x"}]}`:                         `1:37: tokens[0].authToken: it must be the uid, an underscore, and something without one`,
		`{"webhooks":[{"url":"x"}]}`:                                         `1:21: webhooks[0].url: "x" is no URL of http or https that events can be delivered to`,
		`{"webhooks":[{"url":"http://x","triggers":["message_send"]}]}`:      `1:43: webhooks[0].triggers: there is no trigger "message_send"; the nearest is "message_sent"`,
		`{"faults":[{"statsu":429}]}`:                                        `1:22: faults[0].statsu: there is no such member`,
		`{"faults":[{"times":-2}]}`:                                          `1:21: faults[0].times: it must be -1 or more`,
		`{"clock":"noon"}`:                                                   `1:10: clock: parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"`,
	} {
		for _, grown := range []bool{false, true} {
			a := newAPI(t)
			a.srv.AddUsers(cometchattest.User{UID: "ana"}, cometchattest.User{UID: "ben"})
			if grown {
				a.do("PUT", "/users/ana", `{"name":"Ana"}`).ok()
			}
			before := withoutHead(snapshotOf(t, a.srv))
			// Data before the error is not added either.
			if strings.HasPrefix(seed, `{"messages":[{`) {
				_, err := a.srv.Load(strings.NewReader(strings.Replace(seed, `[{`, `[{"sender":"ana","receiver":"ben"},{`, 1)))
				require.Error(t, err, seed)
			}
			_, err := a.srv.Load(strings.NewReader(seed))
			require.EqualError(t, err, want, seed)
			var where *cometchattest.SeedError
			require.True(t, errors.As(err, &where))
			assert.Equal(t, before, withoutHead(snapshotOf(t, a.srv)))
		}
	}
	_, err := cometchattest.New().Load(iotest.ErrReader(errors.New("torn")))
	require.EqualError(t, err, "torn")
}

func TestFaultsInJSON(t *testing.T) {
	for _, f := range []cometchattest.Fault{
		{},
		{
			Method: "POST", Path: "/users", Skip: 1, Every: 2, Times: cometchattest.Always, Latency: 1500 * time.Millisecond, DropBefore: true, DropAfter: true,
			Status: 429, Code: "C", Message: "M", Body: []byte{}, RedirectTo: "/x", RetryAfter: "2", Header: map[string][]string{"A": {"b"}},
			Truncate: true, TruncateJSON: true, Malformed: true, RepeatPage: true,
		},
		{Body: []byte{0xff, 0}},
	} {
		raw, err := json.Marshal(f)
		require.NoError(t, err)
		var got cometchattest.Fault
		require.NoError(t, json.Unmarshal(raw, &got), string(raw))
		assert.Equal(t, f, got, string(raw))
	}
	for text, want := range map[string]string{
		`{"statsu":1}`: `json: unknown field "statsu"`, `{"times":-2}`: "times must be -1 or more", `{"skip":-1}`: "skip must be 0 or more",
		`{"every":-1}`: "every must be 0 or more", `{"status":99}`: "status must be from 200 to 999", `{"latency":"x"}`: "latency must be a duration such as 1.5s",
		`{"body":"","bodyBase64":"AA=="}`: "bodyBase64 must not stand beside body", `{"path":"users"}`: "path must begin with a slash",
		`{"method":"GET /"}`: "method must be one such as POST", `{"retryAfter":"1\r\nX: y"}`: "retryAfter must be one line",
		`{"redirectTo":"/\r\nX: y"}`: "redirectTo must be one line",
	} {
		require.EqualError(t, json.Unmarshal([]byte(text), &cometchattest.Fault{}), want)
	}
	var kind *json.UnmarshalTypeError
	require.ErrorAs(t, json.Unmarshal([]byte(`{"times":"x"}`), &cometchattest.Fault{}), &kind)
	assert.Equal(t, "times", kind.Field)
	raw, err := json.Marshal(cometchattest.ActiveFault{Fault: cometchattest.Fault{Path: "/users", Times: 3}, ID: 7, Seen: 2, Hits: 1})
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":7,"path":"/users","times":3,"seen":2,"hits":1,"left":2}`, string(raw))
}

func TestFaultsByID(t *testing.T) {
	a := newAPI(t)
	first := a.srv.Inject(cometchattest.Fault{Path: "/users", Status: 503, Times: 2})
	second := a.srv.Inject(cometchattest.Fault{Path: "/users", Status: 500, Times: cometchattest.Always, Skip: 1})
	a.do("GET", "/users", "").fails(503, "ERR_EXCEPTION")
	faults := a.srv.Faults()
	assert.Equal(t, []int64{first, second}, []int64{faults[0].ID, faults[1].ID})
	assert.Equal(t, []int{1, 1, 1}, []int{faults[0].Seen, faults[0].Hits, faults[0].Left()})
	assert.Equal(t, []int{0, 0, cometchattest.Always}, []int{faults[1].Seen, faults[1].Hits, faults[1].Left()})
	assert.True(t, a.srv.RemoveFault(first))
	assert.False(t, a.srv.RemoveFault(first))
	a.do("GET", "/users", "").ok()
	a.do("GET", "/users", "").fails(500, "ERR_EXCEPTION")
}
