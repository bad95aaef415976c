package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// Each test in this file stands for a mistake that was made once.

// TestRefusedWaitTellsAll gives up on a wait after attempts that failed in other
// ways. The error must keep both their cause and an unknown outcome.
func TestRefusedWaitTellsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testkit.InBubble(t, []cometchat.Option{cometchat.WithRetry(cometchat.RetryPolicy{MinWait: time.Hour, MaxWait: time.Hour})})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		b.Net.Refuse(1)
		err := testkit.CreateOne(ctx, b.Client)
		var wait *cometchat.WaitError
		require.ErrorAs(t, err, &wait)
		var broken *cometchat.TransportError
		require.ErrorAs(t, err, &broken)
		assert.NotErrorIs(t, err, cometchat.ErrRateLimited)
		assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)

		b.Inject(cometchattest.Fault{DropAfter: true})
		err = testkit.CreateOne(ctx, b.Client.With(cometchat.WithRetryWrites()))
		require.ErrorAs(t, err, &wait)
		assert.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
		assert.NotErrorIs(t, err, cometchat.ErrRateLimited)
	})
	synctest.Test(t, func(t *testing.T) {
		// The first attempt may have arrived. The 429 of another call keeps the
		// second attempt from being sent in time.
		b := testkit.InBubble(t, []cometchat.Option{cometchat.WithRetry(cometchat.RetryPolicy{MinWait: time.Nanosecond, MaxWait: time.Minute, Writes: true})})
		b.Inject(cometchattest.Fault{Method: "POST", Status: 504, Latency: time.Second})
		b.Inject(cometchattest.Fault{Method: "GET", Status: 429, RetryAfter: "30"})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		created := make(chan error, 1)
		go func() { created <- testkit.CreateOne(ctx, b.Client) }()
		synctest.Wait() // the request is on its way
		go func() { _ = testkit.GetOne(t.Context(), b.Client) }()
		err := <-created
		var wait *cometchat.WaitError
		require.ErrorAs(t, err, &wait)
		assert.ErrorIs(t, err, cometchat.ErrRateLimited)
		assert.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
		time.Sleep(time.Minute)
	})
}

func TestCancelledBeforeAnythingWasSent(t *testing.T) {
	client, srv := testkit.Emulated(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := testkit.CreateOne(ctx, client)
	require.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)

	uids := testkit.SeededUIDs(60)
	results, err := client.GroupMembers.Add(ctx, "north", &cometchat.AddMembersRequest{Participants: uids})
	require.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)
	assert.Nil(t, results)
	assert.Empty(t, results.Failed(), "also on nil")
	assert.NoError(t, results.Err())
	assert.Empty(t, srv.Requests())

	// Cancelled in the middle: the outcome of the requests under way is unknown,
	// and the rest is not sent.
	srv.SeedUsers(60)
	srv.AddGroups(cometchattest.Group{GUID: "north", Name: "North"})
	ctx, cancel = context.WithCancel(t.Context())
	srv.Inject(cometchattest.Fault{Method: "POST", Skip: 1, Latency: time.Minute})
	time.AfterFunc(100*time.Millisecond, cancel)
	results, err = client.GroupMembers.Add(ctx, "north", &cometchat.AddMembersRequest{Participants: uids})
	require.ErrorIs(t, err, context.Canceled)
	for i, r := range results.Items {
		switch {
		case i < 25:
			assert.NoError(t, r.Err)
		case i < 50:
			assert.ErrorIs(t, r.Err, cometchat.ErrOutcomeUnknown)
		default:
			assert.ErrorIs(t, r.Err, cometchat.ErrNotAttempted)
			assert.NotErrorIs(t, r.Err, cometchat.ErrOutcomeUnknown)
		}
	}
	assert.Len(t, srv.Requests(), 2)
}

// TestCancelledInTheFirstRequest checks that the results report an unknown
// outcome, since the first request may have been carried out.
func TestCancelledInTheFirstRequest(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.AddGroups(cometchattest.Group{GUID: "north", Name: "North"})
	srv.Inject(cometchattest.Fault{Method: "POST", Latency: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	results, err := client.GroupMembers.Add(ctx, "north", &cometchat.AddMembersRequest{Participants: testkit.SeededUIDs(30)})
	require.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
	require.NotNil(t, results)
	assert.ErrorIs(t, results.Items[24].Err, cometchat.ErrOutcomeUnknown)
	assert.ErrorIs(t, results.Items[25].Err, cometchat.ErrNotAttempted)
}

// TestOutcomeUnknownBeforeTheSecondCall creates an object without getting the
// response, finds the id taken when it tries again, and fails in the call that
// follows. The refusal of that call tells nothing about the first attempt.
func TestOutcomeUnknownBeforeTheSecondCall(t *testing.T) {
	quick := cometchat.WithRetry(cometchat.RetryPolicy{MinWait: time.Microsecond, MaxWait: time.Microsecond, Writes: true})
	for name, tc := range map[string]struct {
		second string // the method of the second call
		call   func(*cometchat.Client) error
	}{
		"upsert": {"PUT", func(c *cometchat.Client) error {
			user, created, err := c.Users.Upsert(t.Context(), &cometchat.CreateUserRequest{UID: "kofi", Name: "Kofi"})
			assert.Equal(t, err == nil, user != nil)
			assert.False(t, created)
			return err
		}},
		"ensure": {"GET", func(c *cometchat.Client) error {
			group, created, err := c.Groups.Ensure(t.Context(), &cometchat.CreateGroupRequest{GUID: "north", Name: "North", Type: cometchat.GroupTypePublic})
			assert.Equal(t, err == nil, group != nil)
			assert.False(t, created)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			client, srv := testkit.Emulated(t)
			client = client.With(quick)
			refused := cometchattest.Fault{Method: tc.second, Status: 402, Code: "ERR_PLAN_RESTRICTION"}
			srv.Inject(cometchattest.Fault{Method: "POST", DropAfter: true})
			srv.Inject(refused)
			err := tc.call(client)
			require.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
			assert.ErrorIs(t, err, cometchat.ErrQuotaExceeded)
			assert.NotErrorIs(t, err, cometchat.ErrAlreadyExists)
			var answer *cometchat.Error
			require.ErrorAs(t, err, &answer)
			assert.Equal(t, tc.second, answer.Method)

			srv.Inject(refused)
			err = tc.call(client)
			require.ErrorIs(t, err, cometchat.ErrQuotaExceeded)
			assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown, "nothing was left open by the call itself")
			require.NoError(t, tc.call(client))
		})
	}
}

// TestLookupThatFails checks that a failed lookup does not prove that there is no
// message.
func TestLookupThatFails(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(2)
	srv.Inject(cometchattest.Fault{Status: 404, Body: []byte("<html>")})
	_, err := client.OnBehalfOf("user-0001").Messages.FindByMUID(t.Context(), cometchat.ToUser("user-0002"), "m-1", 0)
	assert.NotErrorIs(t, err, cometchat.ErrNotFound)
	var answer *cometchat.Error
	require.ErrorAs(t, err, &answer)
	assert.Equal(t, 404, answer.StatusCode)
	_, err = client.OnBehalfOf("user-0001").Messages.FindByMUID(t.Context(), cometchat.ToUser("user-0002"), "m-1", 0)
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
}

// TestResumedAtAnotherPage gets the page before the requested one.
func TestResumedAtAnotherPage(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.SeedUsers(30)
	list := client.Users.List(&cometchat.UserListOptions{PerPage: 10})
	first, err := list.First(t.Context())
	require.NoError(t, err)
	srv.Inject(cometchattest.Fault{RepeatPage: true})
	uids, err := testkit.UIDsOf(list.From(first.Next).All(t.Context()))
	assert.Empty(t, uids)
	assert.ErrorIs(t, err, cometchat.ErrPaginationLoop)
	var at *cometchat.PageError
	require.ErrorAs(t, err, &at)
	assert.Equal(t, first.Next, at.Position)
}

func TestFailureBesideSuccessIsFound(t *testing.T) {
	body := `{"data":{"success":true,"message":"done","participants":{"a":{"success":false,"error":{"code":"ERR_UID_NOT_FOUND"}},"b":{"success":true}}}}`
	results, err := testkit.Answering(t, 200, body).GroupMembers.Add(t.Context(), "north", &cometchat.AddMembersRequest{Participants: []string{"a", "b"}})
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
	assert.Len(t, results.Failed(), 1)
	assert.Empty(t, results.Unmatched, "what the answer says of itself is nobody's result")
}

func TestPermissionsAcknowledged(t *testing.T) {
	values := cometchat.PermissionValues{"sendMessage": cometchat.PermissionText("deny")}
	set, err := testkit.Answering(t, 200, `{"data":{"success":true}}`).Permissions.SetForRole(t.Context(), "guest", values)
	require.NoError(t, err)
	assert.Len(t, set.Items, 1)
	_, err = testkit.Answering(t, 200, `{"data":{"success":false,"message":"no"}}`).Permissions.SetForRole(t.Context(), "guest", values)
	assert.ErrorContains(t, err, "no")
}

func TestRefusalIsNoUnknownOutcome(t *testing.T) {
	for _, body := range []string{`{"data":{"success":false,"message":"no"}}`, `{"error":{"message":"no"}}`} {
		err := testkit.Answering(t, 200, body).AuthTokens.Flush(t.Context(), "a")
		var answer *cometchat.Error
		require.ErrorAs(t, err, &answer)
		assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown, body)
	}
}

func TestPasswordsAndPagesInLogs(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	logger.Info("x",
		"create", &cometchat.CreateGroupRequest{GUID: "g", Password: "hunter2pass"},
		"update", cometchat.UpdateGroupRequest{Password: cometchat.Ptr(cometchat.Secret("hunter2pass"))},
		"page", &cometchat.Page[cometchat.AuthToken]{Items: []*cometchat.AuthToken{{AuthToken: "hunter2pass"}}},
		"cursor page", cometchat.CursorPage[cometchat.User]{Items: []*cometchat.User{{AuthToken: "hunter2pass"}}},
		"response", &cometchat.Response{Operation: "GET /x", Body: []byte("hunter2pass")},
	)
	assert.NotContains(t, out.String(), "hunter2pass")
	assert.NotContains(t, out.String(), "aHVudGVyMnBhc3M", "in base64")
	var line struct {
		Create map[string]any
		Page   map[string]any
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	assert.Equal(t, "g", line.Create["guid"])
	assert.InDelta(t, 1, line.Page["items"], 0)
}

func TestKeyInACursor(t *testing.T) {
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"data":[{"id":"1"}],"meta":{"next":{"affix":"append","id":%q}}}`, r.Header.Get("apikey"))
	}, testkit.Once)
	n := 0
	for _, err := range client.Messages.List(nil).All(t.Context()) {
		n++
		require.ErrorContains(t, err, "API key")
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "test-key-0001")
	}
	assert.Equal(t, 1, n)
}

func TestPageSizeOfMessages(t *testing.T) {
	var queries []string
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		next := `{"affix":"append","sentAt":5}`
		if len(queries)%2 == 0 {
			next = "null"
		}
		_, _ = fmt.Fprintf(w, `{"data":[{"id":"%d"}],"meta":{"next":%s}}`, len(queries), next)
	}, testkit.Once)
	walk := func(opts *cometchat.ConversationMessageListOptions) []string {
		queries = nil
		for _, err := range client.Messages.ListWith(cometchat.ToUser("bob"), opts).All(t.Context()) {
			require.NoError(t, err)
		}
		return queries
	}
	assert.Equal(t, []string{"limit=1000", "affix=append&limit=1000&sentAt=5"}, walk(nil))
	assert.Equal(t, []string{"limit=50", "affix=append&limit=50&sentAt=5"}, walk(&cometchat.ConversationMessageListOptions{Limit: 50}))
	// The cursor replaces the place where the options begin.
	assert.Equal(t, []string{"id=77&limit=1000", "affix=append&limit=1000&sentAt=5"}, walk(&cometchat.ConversationMessageListOptions{FromID: "77"}))
}

// TestPagesWithoutItems checks that neither kind of list yields empty pages.
func TestPagesWithoutItems(t *testing.T) {
	client := testkit.Answering(t, 200, `{"data":[],"meta":{"pagination":{"current_page":1,"total_pages":1},"next":{"id":"1"}}}`)
	for range client.Users.List(nil).Pages(t.Context()) {
		t.Error("an empty page")
	}
	for range client.Messages.List(nil).Pages(t.Context()) {
		t.Error("an empty page")
	}
}

func TestWaitErrorAfterAnAnswerIsTraced(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.Inject(cometchattest.Fault{Status: 429, RetryAfter: "30"})
	var got cometchat.OperationResult
	client = client.With(cometchat.WithTracer(func(ctx context.Context, _ cometchat.OperationInfo) (context.Context, cometchat.Trace) {
		return ctx, cometchat.Trace{End: func(r cometchat.OperationResult) { got = r }}
	}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.Error(t, testkit.GetOne(ctx, client))
	assert.Equal(t, 429, got.StatusCode)
	assert.Equal(t, 1, got.Attempts)
	assert.True(t, errors.Is(got.Err, cometchat.ErrRateLimited))
	assert.True(t, strings.HasPrefix(got.Err.Error(), "cometchat: not waiting 30s"))
}
