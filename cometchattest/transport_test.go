package cometchattest_test

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// inMemory returns a client that reaches a server without a socket.
func inMemory(t *testing.T, srv *cometchattest.Server, opts ...cometchat.Option) *cometchat.Client {
	t.Helper()
	opts = append([]cometchat.Option{
		cometchat.WithAppID("app"), cometchat.WithHTTPClient(&http.Client{Transport: srv.Transport()}),
	}, opts...)
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), opts...)
	require.NoError(t, err)
	return client
}

// roundTrip sends a request through the server's transport and reads the
// response.
func roundTrip(ctx context.Context, srv *cometchattest.Server, method, path, body string) (res *http.Response, got string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, "https://anywhere.example/v3"+path, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("apikey", srv.APIKey())
	if res, err = srv.Transport().RoundTrip(req); err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	return res, string(all), err
}

func TestTransport(t *testing.T) {
	srv := cometchattest.New()
	defer srv.Close()
	srv.AddUsers(cometchattest.User{UID: "ana", Name: "Ana"})

	user, err := inMemory(t, srv).Users.Get(t.Context(), "ana")
	require.NoError(t, err)
	assert.Equal(t, "Ana", user.Name)

	res, body, err := roundTrip(t.Context(), srv, "GET", "/users/ana?withTags=1", "")
	require.NoError(t, err)
	assert.Equal(t, "200 OK", res.Status)
	assert.EqualValues(t, len(body), res.ContentLength)
	assert.Equal(t, "none", res.Header.Get("Content-Encoding"))
	log := srv.Requests()
	assert.Equal(t, "/users/ana", log[1].Path)
	assert.Equal(t, "1", log[1].Query.Get("withTags"))
}

func TestTransportBreaks(t *testing.T) {
	srv := cometchattest.New()
	srv.AddUsers(cometchattest.User{UID: "ana"})
	for _, fault := range []cometchattest.Fault{{DropBefore: true}, {DropAfter: true}} {
		srv.Inject(fault)
		_, _, err := roundTrip(t.Context(), srv, "POST", "/users", `{"uid":"ben","name":"Ben"}`)
		assert.Equal(t, io.EOF, err)
		_, _, err = roundTrip(t.Context(), srv, "GET", "/users/ben", "")
		require.NoError(t, err)
	}
	assert.Equal(t, []int{0, 404, 0, 200}, statuses(srv))

	srv.Inject(cometchattest.Fault{Truncate: true})
	res, body, err := roundTrip(t.Context(), srv, "GET", "/users/ana", "")
	assert.Equal(t, io.ErrUnexpectedEOF, err)
	assert.EqualValues(t, len(body), res.ContentLength/2)

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = roundTrip(gone, srv, "GET", "/users/ana", "")
	assert.Equal(t, context.Canceled, err)

	srv.Close()
	_, _, err = roundTrip(t.Context(), srv, "GET", "/users/ana", "")
	assert.Equal(t, io.EOF, err)
}

func statuses(srv *cometchattest.Server) []int {
	var list []int
	for _, r := range srv.Requests() {
		list = append(list, r.Status)
	}
	return list
}

// TestTransportInABubble checks that a client in a bubble waits and retries
// without a socket and without using real time.
func TestTransportInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cometchattest.New()
		defer srv.Close()
		srv.AddUsers(cometchattest.User{UID: "ana"})
		srv.Inject(cometchattest.Fault{Status: 429, RetryAfter: "20"})
		srv.Inject(cometchattest.Fault{Latency: 10 * time.Second})
		began := time.Now()
		_, err := inMemory(t, srv).Users.Get(t.Context(), "ana")
		require.NoError(t, err)
		assert.Equal(t, 30*time.Second, time.Since(began).Truncate(10*time.Second))
		assert.Equal(t, 2, srv.Count("GET", "/users/{uid}"))

		srv.Inject(cometchattest.Fault{Latency: time.Hour})
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err = roundTrip(hasty, srv, "GET", "/users/ana", "")
		assert.Equal(t, context.DeadlineExceeded, err)
	})
}

type cleanups []func()

func (c *cleanups) Cleanup(f func()) { *c = append(*c, f) }

func TestStart(t *testing.T) {
	var ended cleanups
	srv := cometchattest.Start(&ended, cometchattest.WithAPIKey("key"), cometchattest.WithAppID("app1"))
	assert.Equal(t, []string{
		"COMETCHAT_REGION=us", "COMETCHAT_APP_ID=app1", "COMETCHAT_API_KEY=key", "COMETCHAT_BASE_URL=" + srv.URL(),
	}, srv.Environ())

	for _, variable := range cometchattest.Start(&ended).Environ() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	client, err := cometchat.NewClientFromEnv()
	require.NoError(t, err)
	_, err = client.Users.Create(t.Context(), &cometchat.CreateUserRequest{UID: "ana", Name: "Ana"})
	require.NoError(t, err)

	require.Len(t, ended, 2)
	ended[1]()
	_, err = client.With(cometchat.WithRetry(cometchat.RetryPolicy{})).Users.Get(t.Context(), "ana")
	require.Error(t, err)
	ended[0]()
	assert.PanicsWithValue(t, "cometchattest: Environ needs a server that listens, made by NewServer or Start",
		func() { cometchattest.New().Environ() })
}

// seedings are the methods that add data to an app, with calls of every kind.
var seedings = map[string]func(srv *cometchattest.Server){
	"AddAPIKey": func(srv *cometchattest.Server) { srv.AddAPIKey("k2", "Second", "authOnly") },
	"AddBlocks": func(srv *cometchattest.Server) { srv.AddBlocks("ben", "ana") },
	"AddCalls": func(srv *cometchattest.Server) {
		srv.AddCalls(cometchattest.Call{SessionID: "s1", Initiator: "ana", Receiver: "ben", Transcriptions: 1})
	},
	"AddFriends": func(srv *cometchattest.Server) { srv.AddFriends("ana", "ben") },
	"AddGroups":  func(srv *cometchattest.Server) { srv.AddGroups(cometchattest.Group{GUID: "team", Owner: "ana"}) },
	"AddMessages": func(srv *cometchattest.Server) {
		srv.AddMessages(cometchattest.Message{Sender: "ana", Receiver: "ben"})
	},
	"AddNotificationLogs": func(srv *cometchattest.Server) {
		srv.AddNotificationLogs(cometchattest.NotificationLog{MessageID: 1})
	},
	"AddRole": func(srv *cometchattest.Server) { srv.AddRole("teacher") },
	"AddUsers": func(srv *cometchattest.Server) {
		srv.AddUsers(cometchattest.User{UID: "ana", Tags: []string{"a"}}, cometchattest.User{UID: "ben"})
	},
	"SeedMessages": func(srv *cometchattest.Server) { srv.SeedMessages(3, 1) },
	"SeedUsers":    func(srv *cometchattest.Server) { srv.SeedUsers(3) },
}

// TestSeedings checks that Reset restores all data that the methods add.
func TestSeedings(t *testing.T) {
	type server = cometchattest.Server
	for i := range reflect.TypeFor[*server]().NumMethod() {
		name := reflect.TypeFor[*server]().Method(i).Name
		if strings.HasPrefix(name, "Add") || strings.HasPrefix(name, "Seed") {
			assert.Contains(t, seedings, name, "of the methods that are tried here")
		}
	}
}

func TestReset(t *testing.T) {
	a := newAPI(t)
	seedings["AddUsers"](a.srv)
	for name, put := range seedings {
		if name != "AddUsers" {
			put(a.srv)
		}
	}
	looks := func() []string {
		var answers []string
		for _, path := range []string{
			"/users?withTags=1&perPage=100", "/groups", "/groups/team/members", "/messages?affix=append", "/roles", "/apikeys", "/users/ana/friends",
			"/users/ben/blockedusers", "/notifications/v1/logs", "/moderation/reasons",
		} {
			answers = append(answers, a.do("GET", path, "").Body)
		}
		return answers
	}
	before := looks()
	send := func() string {
		sent := a.do("POST", "/messages", `{"receiver":"team","receiverType":"group","data":{"text":"hi"}}`).data()
		return sent["id"].(string)
	}
	first := send()
	a.do("PUT", "/users/ana", `{"name":"Ana Lisa","tags":["b"]}`).ok()
	a.do("DELETE", "/users/ben", `{"permanent":true}`).ok()
	a.do("DELETE", "/groups/team", "").ok()
	a.do("POST", "/users", `{"uid":"new","name":"New"}`).ok()
	a.srv.AddUsers(cometchattest.User{UID: "late"})
	a.srv.Inject(cometchattest.Fault{Times: cometchattest.Always, DropBefore: true})
	a.clock.Advance(time.Hour)
	a.srv.Clock().Advance(time.Hour)

	a.srv.Reset()
	assert.Empty(t, a.srv.Requests())
	assert.Equal(t, start.Add(time.Hour), a.srv.Clock().Now())
	assert.Equal(t, before, looks())
	assert.Equal(t, first, send())

	a.srv.Reset(cometchattest.KeepRequests)
	assert.Equal(t, before, looks())
	assert.Equal(t, 2, a.srv.Count("GET", "/roles"))

	a.srv.Empty()
	assert.Equal(t, []string{}, a.do("GET", "/users", "").column("uid"))
	a.srv.Inject(cometchattest.Fault{Status: 503})
	a.srv.Clock().Stop()
	a.srv.Reset(cometchattest.KeepFaults, cometchattest.KeepClock)
	assert.True(t, a.srv.Clock().Stopped())
	a.do("GET", "/users", "").fails(503, "ERR_EXCEPTION")
	assert.Equal(t, before, looks())
}

func TestResetForgetsLimits(t *testing.T) {
	a := newAPI(t, cometchattest.WithRateLimit(1))
	a.do("GET", "/users", "").ok()
	a.do("GET", "/users", "").fails(429, "ERR_TOO_MANY_REQUESTS")
	a.srv.Reset()
	a.do("GET", "/users", "").ok()
}
