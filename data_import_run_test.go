package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// sourceOf yields the items, and then the error if it is not nil.
func sourceOf[T any](err error, items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// drained are the results of an import, and how it ended.
func drained(t *testing.T, results iter.Seq2[*cometchat.ImportResult, error]) (all []cometchat.ImportResult, end error) {
	t.Helper()
	for r, err := range results {
		require.NoError(t, end, "nothing comes after an error")
		if end = err; err != nil {
			assert.Nil(t, r)
			continue
		}
		all = append(all, *r)
	}
	return all, end
}

func TestDataImportSplits(t *testing.T) {
	client, srv := testkit.Emulated(t)
	users := importUsers(120)
	results, err := client.DataImport.Users(t.Context(), users)
	require.NoError(t, err)
	require.Len(t, results.Items, 120)
	for i, r := range results.Items {
		assert.Equal(t, users[i].UID, r.Value.UID)
	}
	assert.Equal(t, 3, srv.Count("POST", "/data_import/users"))

	srv.Inject(cometchattest.Fault{Path: "/data_import/users", Skip: 1, Times: 1, Status: 500})
	more := importUsers(270)[120:]
	results, err = client.DataImport.Users(t.Context(), more)
	require.Error(t, err)
	assert.ErrorIs(t, results.Items[60].Err, cometchat.ErrServer)
	assert.True(t, results.Items[49].OK())
}

func TestDataImportRefusesBeforeItSends(t *testing.T) {
	client, srv := testkit.Emulated(t)
	ctx := t.Context()
	message := cometchat.ImportMessage{
		MUID: "m", Sender: "a", ReceiverType: cometchat.ReceiverTypeUser, Receiver: "b", Type: cometchat.MessageTypeText,
		Data: cometchat.ImportMessageData{Text: "Hi"}, SentAt: 1,
	}
	changed := func(change func(*cometchat.ImportMessage)) func() error {
		m := message
		change(&m)
		return func() error {
			_, err := client.DataImport.Messages(ctx, []*cometchat.ImportMessage{&m})
			return err
		}
	}
	users := func(users ...*cometchat.ImportUser) func() error {
		return func() error { _, err := client.DataImport.Users(ctx, users); return err }
	}
	long := strings.Repeat("x", 101)
	for name, tt := range map[string]struct {
		call  func() error
		field string
	}{
		"no uid":    {users(&cometchat.ImportUser{Name: "A"}), "users[0].uid"},
		"no name":   {users(&cometchat.ImportUser{UID: "a"}), "users[0].name"},
		"long name": {users(&cometchat.ImportUser{UID: "a", Name: long}), "users[0].name"},
		"nil":       {users(&cometchat.ImportUser{UID: "a", Name: "A"}, nil), "users[1]"},
		"twice":     {users(&cometchat.ImportUser{UID: "a", Name: "A"}, &cometchat.ImportUser{UID: "A", Name: "A"}), "users[1]"},
		"tags":      {users(&cometchat.ImportUser{UID: "a", Name: "A", Tags: cometchat.Tags{long}}), "users[0].tags[0]"},
		"metadata":  {users(&cometchat.ImportUser{UID: "a", Name: "A", Metadata: cometchat.Metadata(`{`)}), "users[0].metadata"},
		"no password": {func() error {
			_, err := client.DataImport.Groups(ctx, []*cometchat.ImportGroup{{GUID: "g", Name: "G", Type: "password"}})
			return err
		}, "groups[0].password"},
		"details": {func() error {
			_, err := client.DataImport.Groups(ctx, []*cometchat.ImportGroup{{GUID: "g", Name: "G", Type: "public", GroupOwnerDetails: &cometchat.ImportUser{UID: "u"}}})
			return err
		}, "groups[0].groupOwnerDetails.name"},
		"no guid": {func() error {
			_, err := client.DataImport.Members(ctx, []*cometchat.ImportMember{{UID: "u"}})
			return err
		}, "members[0].guid"},
		"no muid":       {changed(func(m *cometchat.ImportMessage) { m.MUID = "" }), "messages[0].muid"},
		"no time":       {changed(func(m *cometchat.ImportMessage) { m.SentAt = 0 }), "messages[0].sentAt"},
		"no text":       {changed(func(m *cometchat.ImportMessage) { m.Data.Text = "" }), "messages[0].data.text"},
		"long text":     {changed(func(m *cometchat.ImportMessage) { m.Data.Text = strings.Repeat("é", cometchat.MaxTextLength+1) }), "messages[0].data.text"},
		"receiver type": {changed(func(m *cometchat.ImportMessage) { m.ReceiverType = "team" }), "messages[0].receiverType"},
		"custom type":   {changed(func(m *cometchat.ImportMessage) { m.Category, m.Type = "custom", "" }), "messages[0].type"},
		"custom content": {changed(func(m *cometchat.ImportMessage) {
			m.Category, m.Type, m.Data.CustomData = "custom", "poll", cometchat.Metadata(`[1]`)
		}), "messages[0].data.customData"},
		"attachment": {changed(func(m *cometchat.ImportMessage) {
			m.Type, m.Data.Attachments = "file", []cometchat.Attachment{{URL: "https://x", Name: "n", MimeType: "m"}}
		}), "messages[0].data.attachments[0].extension"},
		"other": {changed(func(m *cometchat.ImportMessage) { m.Data.Other = map[string]json.RawMessage{"x": json.RawMessage("{")} }), "messages[0].data.x"},
		"mentioned": {changed(func(m *cometchat.ImportMessage) {
			m.MentionedUserDetails = map[string]cometchat.ImportUser{"u": {UID: "u"}}
		}), "messages[0].mentionedUserDetails.u.name"},
	} {
		t.Run(name, func(t *testing.T) {
			var wrong *cometchat.ValidationError
			require.ErrorAs(t, tt.call(), &wrong)
			assert.Equal(t, tt.field, wrong.Field)
		})
	}
	assert.Empty(t, srv.Requests())
}

func TestDataImportStream(t *testing.T) {
	client, srv := testkit.Emulated(t)
	users := importUsers(130)
	users[3].Name = ""
	users = append(users, users[0], nil) // there already, and nothing
	broken := errors.New("the file ends in the middle")
	all, err := drained(t, client.DataImport.UsersFrom(t.Context(), sourceOf(broken, users...), &cometchat.ImportOptions{Concurrency: 1}))
	assert.Equal(t, broken, err)
	require.Len(t, all, 132)
	for i, r := range all {
		assert.Equal(t, cometchat.ImportKindUser, r.Kind)
		assert.Equal(t, i, r.Index)
		if i != 131 {
			assert.Equal(t, users[i].UID, r.ID)
		}
		assert.Equal(t, !slices.Contains([]int{3, 130, 131}, i), r.OK(), i)
	}
	var wrong *cometchat.ValidationError
	require.ErrorAs(t, all[3].Err, &wrong)
	assert.Equal(t, "name", wrong.Field)
	assert.ErrorIs(t, all[130].Err, cometchat.CodeUIDAlreadyExists)
	require.ErrorAs(t, all[131].Err, &wrong)

	all, err = drained(t, client.DataImport.UsersFrom(t.Context(), sourceOf(nil, users[4:10]...), &cometchat.ImportOptions{SkipExisting: true}))
	require.NoError(t, err)
	for i, r := range all {
		assert.Equal(t, cometchat.ImportResult{Kind: cometchat.ImportKindUser, Index: i, ID: users[4+i].UID, Existing: true}, r)
	}

	all, err = drained(t, client.DataImport.UsersFrom(t.Context(), nil, nil))
	assert.NoError(t, err)
	assert.Empty(t, all)
	srv.ResetRequests()
	_, err = drained(t, client.DataImport.UsersFrom(t.Context(), sourceOf(nil, users...), &cometchat.ImportOptions{Concurrency: 61}))
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, "concurrency", wrong.Field)
	assert.Empty(t, srv.Requests())
}

// TestDataImportStreamEnds: a request that fails as a whole ends the import,
// unless the failure is about its content.
func TestDataImportStreamEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		fault cometchattest.Fault
		ends  bool
	}{
		"refused content": {cometchattest.Fault{Status: 400, Code: "ERR_BAD_REQUEST"}, false},
		"wrong format":    {cometchattest.Fault{Status: 400, Code: "ERR_IMPORT_INVALID_USER_FORMAT"}, false},
		"unauthorized":    {cometchattest.Fault{Status: 401, Code: "AUTH_ERR_APIKEY_NOT_FOUND"}, true},
		"lost":            {cometchattest.Fault{DropAfter: true}, true},
		"failed":          {cometchattest.Fault{Status: 500}, true},
	} {
		t.Run(name, func(t *testing.T) {
			client, srv := testkit.Emulated(t)
			tt.fault.Path, tt.fault.Skip, tt.fault.Times = "/data_import/users", 1, 1
			srv.Inject(tt.fault)
			all, err := drained(t, client.DataImport.UsersFrom(t.Context(), sourceOf(nil, importUsers(500)...), &cometchat.ImportOptions{Concurrency: 1}))
			failed := 0
			for _, r := range all {
				if !r.OK() {
					failed++
				}
			}
			assert.Equal(t, 50, failed)
			if tt.ends {
				assert.Error(t, err)
				assert.Len(t, all, 100)
			} else {
				assert.NoError(t, err)
				assert.Len(t, all, 500)
			}
		})
	}
}

// TestDataImportSurvivesFaults: with SkipExisting, an import neither loses nor
// doubles anything when responses are lost and requests refused.
func TestDataImportSurvivesFaults(t *testing.T) {
	srv := cometchattest.NewServer()
	t.Cleanup(srv.Close)
	kinds := []cometchattest.Fault{{DropAfter: true}, {DropBefore: true}, {Status: 503}, {Truncate: true}}
	const each = 10
	client := testkit.Client(t, srv.URL(), srv.APIKey(), cometchat.WithImportLimit(0),
		// One request may meet all the faults.
		cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: each*len(kinds) + 1, MinWait: time.Millisecond, MaxWait: 2 * time.Millisecond}))
	for _, fault := range kinds {
		for skip := range each {
			fault.Path, fault.Skip, fault.Times = "/data_import/users", skip*3, 1
			srv.Inject(fault)
		}
	}
	users := importUsers(2000)
	all, err := drained(t, client.DataImport.UsersFrom(t.Context(), sourceOf(nil, users...), &cometchat.ImportOptions{SkipExisting: true}))
	require.NoError(t, err)
	require.Len(t, all, 2000)
	existing := 0
	for _, r := range all {
		require.NoError(t, r.Err)
		if r.Existing {
			existing++
		}
	}
	assert.Positive(t, existing)
	n, err := client.Users.Count(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, 2000, n)
}

func TestDataImportBreak(t *testing.T) {
	var under atomic.Int64
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		under.Add(1)
		defer under.Add(-1)
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.Contains(r.URL.Path, "/users") && under.Load() > 1 {
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, `{"data":{"user-0":{"success":true}}}`)
	}, testkit.Once)
	n := 0
	for range client.DataImport.UsersFrom(t.Context(), sourceOf(nil, importUsers(1000)...), nil) {
		if n++; n == 3 {
			break
		}
	}
	assert.Equal(t, 3, n)
	assert.Eventually(t, func() bool { return under.Load() == 0 }, 5*time.Second, time.Millisecond)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	all, err := drained(t, client.DataImport.UsersFrom(ctx, sourceOf(nil, importUsers(100)...), nil))
	assert.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, all)
}

func TestDataImportRun(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.AddRole("tutor")
	message := func(muid, receiverType, receiver string) *cometchat.ImportMessage {
		return &cometchat.ImportMessage{
			MUID: muid, Sender: "ann", ReceiverType: cometchat.ReceiverType(receiverType), Receiver: receiver,
			Type: cometchat.MessageTypeText, Data: cometchat.ImportMessageData{Text: "Hi"}, SentAt: testkit.Joined + 9,
		}
	}
	source := cometchat.ImportSource{
		Messages: sourceOf(nil, message("m1", "user", "bob"), message("m2", "group", "yard")),
		Members:  sourceOf(nil, &cometchat.ImportMember{GUID: "yard", UID: "ann", Scope: cometchat.MemberScopeAdmin, JoinedAt: testkit.Joined + 1}),
		Groups:   sourceOf(nil, &cometchat.ImportGroup{GUID: "yard", Name: "Yard", Type: cometchat.GroupTypePublic, Owner: "ann", CreatedAt: testkit.Joined}),
		Users:    sourceOf(nil, &cometchat.ImportUser{UID: "ann", Name: "Ann", Role: "pilot"}, &cometchat.ImportUser{UID: "bob", Name: "Bob", Role: "tutor"}),
		Roles: sourceOf(nil, &cometchat.CreateRoleRequest{Role: "tutor", Name: "Tutor"}, &cometchat.CreateRoleRequest{Role: "pilot", Name: "Pilot"},
			&cometchat.CreateRoleRequest{Role: "pilot", Name: "Pilot"}, &cometchat.CreateRoleRequest{Role: "nameless"}),
	}
	all, err := drained(t, client.DataImport.Run(t.Context(), source, nil))
	require.NoError(t, err)
	require.Len(t, all, 10)
	require.Error(t, all[3].Err)
	all[3].Err = nil
	assert.Equal(t, []cometchat.ImportResult{
		{Kind: cometchat.ImportKindRole, ID: "tutor", Existing: true},
		{Kind: cometchat.ImportKindRole, Index: 1, ID: "pilot"},
		{Kind: cometchat.ImportKindRole, Index: 2, ID: "pilot", Existing: true},
		{Kind: cometchat.ImportKindRole, Index: 3},
		{Kind: cometchat.ImportKindUser, ID: "ann"},
		{Kind: cometchat.ImportKindUser, Index: 1, ID: "bob"},
		{Kind: cometchat.ImportKindGroup, ID: "yard"},
		{Kind: cometchat.ImportKindMember, ID: "yard_member_ann"},
		{Kind: cometchat.ImportKindMessage, ID: "m1", MessageID: "1"},
		{Kind: cometchat.ImportKindMessage, Index: 1, ID: "m2", MessageID: "2"},
	}, all)

	again, err := drained(t, client.DataImport.Run(t.Context(), source, &cometchat.ImportOptions{SkipExisting: true}))
	require.NoError(t, err)
	for i, r := range again {
		assert.Equal(t, i != 3, r.OK() && r.Existing, "%d: %v", i, r)
	}

	broken := errors.New("no more")
	source.Groups = sourceOf[*cometchat.ImportGroup](broken)
	stopped, err := drained(t, client.DataImport.Run(t.Context(), source, &cometchat.ImportOptions{SkipExisting: true}))
	assert.Equal(t, broken, err)
	assert.Len(t, stopped, 6, "with what was done")

	srv.Inject(cometchattest.Fault{Path: "/roles", Method: "GET", Times: 1, Status: 401, Code: "AUTH_ERR_APIKEY_NOT_FOUND"})
	_, err = drained(t, client.DataImport.Run(t.Context(), source, nil))
	assert.ErrorIs(t, err, cometchat.ErrUnauthorized)
}

// TestDataImportCheck finds the mistakes in a source before anything is sent.
func TestDataImportCheck(t *testing.T) {
	client, srv := testkit.Emulated(t)
	user := func(uid string) *cometchat.ImportUser {
		return &cometchat.ImportUser{UID: uid, Name: uid, Role: "tutor"}
	}
	message := func(muid, sender, receiverType, receiver string) *cometchat.ImportMessage {
		return &cometchat.ImportMessage{
			MUID: muid, Sender: sender, ReceiverType: cometchat.ReceiverType(receiverType), Receiver: receiver,
			Type: cometchat.MessageTypeText, Data: cometchat.ImportMessageData{Text: "Hi"}, SentAt: testkit.Joined,
		}
	}
	good := cometchat.ImportSource{
		Roles:  sourceOf(nil, &cometchat.CreateRoleRequest{Role: "Tutor", Name: "Tutor"}),
		Users:  sourceOf(nil, user("ann"), user("bob")),
		Groups: sourceOf(nil, &cometchat.ImportGroup{GUID: "yard", Name: "Yard", Type: cometchat.GroupTypePublic, Owner: "ANN", CreatedAt: testkit.Joined}),
		Members: sourceOf(nil, &cometchat.ImportMember{GUID: "Yard", UID: "Ann", JoinedAt: testkit.Joined + 1},
			&cometchat.ImportMember{GUID: "yard", UID: "bob"}),
		Messages: sourceOf(nil, message("1", "ann", "user", "bob"), message("2", cometchat.SystemUID, "group", "yard")),
	}
	problems := func(s cometchat.ImportSource) []string {
		all, err := drained(t, client.DataImport.Check(s))
		require.NoError(t, err)
		var list []string
		for _, r := range all {
			var wrong *cometchat.ValidationError
			require.ErrorAs(t, r.Err, &wrong)
			list = append(list, fmt.Sprintf("%s %d %s: %s", r.Kind, r.Index, r.ID, wrong.Field))
		}
		return list
	}
	assert.Empty(t, problems(good))
	assert.Empty(t, problems(cometchat.ImportSource{Members: good.Members, Messages: good.Messages}), "names of what is there already")
	bad := good
	bad.Roles = sourceOf(nil, &cometchat.CreateRoleRequest{Role: "pilot", Name: "Pilot"})
	bad.Users = sourceOf(nil, user("ann"), &cometchat.ImportUser{UID: "bob", Name: strings.Repeat("b", 101)}, &cometchat.ImportUser{UID: "Bob", Name: "B"})
	bad.Groups = sourceOf(nil, &cometchat.ImportGroup{GUID: "yard", Name: "Yard", Type: cometchat.GroupTypePublic, Owner: "zoe", CreatedAt: testkit.Joined})
	bad.Members = sourceOf(nil,
		&cometchat.ImportMember{GUID: "yard", UID: "zoe"}, &cometchat.ImportMember{GUID: "depot", UID: "ann"},
		&cometchat.ImportMember{GUID: "yard", UID: "ann", JoinedAt: testkit.Joined}, &cometchat.ImportMember{GUID: "yard", UID: "bob", JoinedAt: 1 << 40})
	bad.Messages = sourceOf(nil, message("1", "zoe", "user", "bob"), message("2", "ann", "user", "yard"), message("3", "ann", "group", "bob"), message("3", "ann", "user", "bob"), nil)
	assert.Equal(t, []string{
		"user 0 ann: role", "user 1 bob: name", "user 2 Bob: uid", "group 0 yard: owner",
		"member 0 yard_member_zoe: uid", "member 1 depot_member_ann: guid", "member 2 yard_member_ann: joinedAt", "member 3 yard_member_bob: joinedAt",
		"message 0 1: sender", "message 1 2: receiver", "message 2 3: receiver", "message 3 3: muid", "message 4 : message",
	}, problems(bad))
	assert.Empty(t, srv.Requests())

	broken := errors.New("no more")
	bad.Users = sourceOf[*cometchat.ImportUser](broken)
	_, err := drained(t, client.DataImport.Check(bad))
	assert.Equal(t, broken, err)
	for range client.DataImport.Check(bad) { // may be left
		break
	}
}

// TestDataImportBudget runs an import of 12 minutes in virtual time against a
// server that counts. Whatever the latency, each request is sent as soon as a
// minute has passed since the response to the 60th before it; the whole import is
// a little slower, because of its beginning and its end.
func TestDataImportBudget(t *testing.T) {
	const perMinute, minutes = 60, 12
	for _, tt := range []struct {
		latency     time.Duration
		concurrency int
		whole       float64
	}{
		{0, 0, 0.999},
		{200 * time.Millisecond, 0, 0.99},
		{time.Second, 0, 0.97},
		{1500 * time.Millisecond, 0, 0.96},
		{2 * time.Second, 0, 0.95},
		{3 * time.Second, 0, 0.92},
		{time.Second, 1, 0.9}, // as messages go
	} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var seen []time.Time
			server := cometchattest.New(cometchattest.WithImportLimit(perMinute))
			client, err := cometchat.NewClient(cometchat.RegionUS, server.APIKey(), cometchat.WithHTTPClient(&http.Client{
				Transport: &testkit.RoundTripper{Respond: func(r *http.Request) (*http.Response, error) {
					mu.Lock()
					uneven := time.Duration(len(seen) % 7)
					mu.Unlock()
					time.Sleep(tt.latency * uneven / 12)
					mu.Lock()
					seen = append(seen, time.Now())
					mu.Unlock()
					resp, err := server.Transport().RoundTrip(r)
					time.Sleep(tt.latency / 2)
					return resp, err
				}},
			}), testkit.Once)
			require.NoError(t, err)
			begun := time.Now()
			source := sourceOf(nil, importUsers(perMinute*minutes*cometchat.MaxImportPerCall)...)
			for r, err := range client.DataImport.UsersFrom(t.Context(), source, &cometchat.ImportOptions{Concurrency: tt.concurrency}) {
				require.NoError(t, err)
				require.NoError(t, r.Err)
			}
			require.Len(t, seen, perMinute*minutes)
			var apart time.Duration
			for i := range len(seen) - perMinute {
				gap := seen[i+perMinute].Sub(seen[i])
				require.GreaterOrEqual(t, gap, time.Minute, "more than %d in a minute", perMinute)
				apart += gap
			}
			assert.GreaterOrEqual(t, float64(len(seen)-perMinute)*float64(time.Minute)/float64(apart), 0.95, "once it runs, %+v", tt)
			// The first minute's requests may all go at once.
			took := time.Since(begun)
			used := float64(minutes-1) * float64(time.Minute) / float64(took)
			t.Logf("%+v: %d requests in %s, %.1f %% of the budget", tt, len(seen), took, 100*used)
			assert.GreaterOrEqual(t, used, tt.whole, "with its beginning, %+v", tt)
		})
	}
}
