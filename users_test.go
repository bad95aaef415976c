package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// noura is a user with all fields set.
var noura = cometchattest.User{
	UID: "noura", Name: "Noura Haddad", Avatar: "https://cdn.example/noura.png", Link: "https://people.example/noura",
	Role: "tutor", Status: "available", StatusMessage: "Marking papers",
	Metadata: []byte(`{"subject":"chemistry"}`), Tags: []string{"evening", "senior"},
	UpdatedAt: testkit.Joined.Time().Add(time.Hour),
}

func unix(t time.Time) cometchat.UnixTime {
	if t.IsZero() {
		return 0
	}
	return cometchat.UnixTime(t.Unix())
}

func asUser(u cometchattest.User) *cometchat.User {
	return &cometchat.User{
		UID: u.UID, Name: u.Name, Avatar: u.Avatar, Link: u.Link, Role: u.Role,
		Status: cometchat.UserStatus(u.Status), StatusMessage: u.StatusMessage,
		Metadata: cometchat.Metadata(u.Metadata), Tags: u.Tags,
		CreatedAt: testkit.Joined, UpdatedAt: unix(u.UpdatedAt),
	}
}

func TestUsersCreate(t *testing.T) {
	client := testkit.Replayed(t, "users/create", testkit.Seeded())
	user, err := client.Users.Create(t.Context(), &cometchat.CreateUserRequest{
		UID: "Ines-7", Name: "Inês <7> & Co", Avatar: "https://cdn.example/ines.png?size=2&v=1", Link: "https://people.example/ines",
		Role: "tutor", StatusMessage: "Just arrived",
		Metadata:      cometchat.Metadata(`{"subject":"physics","@private":{"rate":21.50}}`),
		Tags:          cometchat.Tags{"morning", "new"},
		WithAuthToken: true,
	})
	require.NoError(t, err)
	assert.NotEmpty(t, user.AuthToken)
	assert.Equal(t, &cometchat.User{
		UID: "ines-7", Name: "Inês <7> & Co", Avatar: "https://cdn.example/ines.png?size=2&v=1", Link: "https://people.example/ines",
		Role: "tutor", Status: cometchat.UserStatusOffline, StatusMessage: "Just arrived",
		Metadata:  cometchat.Metadata(`{"subject":"physics","@private":{"rate":21.50}}`),
		Tags:      cometchat.Tags{"morning", "new"},
		CreatedAt: testkit.RecordedAt,
		AuthToken: user.AuthToken,
	}, user)
}

func TestUsersCreateTaken(t *testing.T) {
	client := testkit.Replayed(t, "users/create-taken", testkit.Seeded(noura))
	user, err := client.Users.Create(t.Context(), &cometchat.CreateUserRequest{UID: "noura", Name: "Another Noura"})
	assert.Nil(t, user)
	require.ErrorIs(t, err, cometchat.CodeUIDAlreadyExists)
	require.ErrorIs(t, err, cometchat.ErrAlreadyExists)
	require.NotErrorIs(t, err, cometchat.ErrInvalidRequest)
	var e *cometchat.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 400, e.StatusCode)
	assert.Equal(t, "POST /users", e.Method+" "+e.Path)
}

func TestUsersGet(t *testing.T) {
	client := testkit.Replayed(t, "users/get", testkit.Seeded(noura, cometchattest.User{UID: "piotr"}))
	want := asUser(noura)
	want.Tags = nil // only lists give them, and only when asked to

	user, err := client.Users.Get(t.Context(), "noura")
	require.NoError(t, err)
	assert.Equal(t, want, user)

	user, err = client.OnBehalfOf("piotr").Users.Get(t.Context(), "noura")
	require.NoError(t, err)
	want.ConversationID = "noura_user_piotr"
	assert.Equal(t, want, user)

	_, err = client.Users.Get(t.Context(), "nobody")
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
	require.ErrorIs(t, err, cometchat.ErrNotFound)
}

func TestUsersList(t *testing.T) {
	gone := testkit.RecordedAt.Time().Add(-time.Hour)
	omar := cometchattest.User{UID: "omar", Name: "Omar Nouri", Role: "default", Status: "offline",
		Tags: []string{"evening"}, UpdatedAt: testkit.Joined.Time().Add(time.Minute)}
	client := testkit.Replayed(t, "users/list", testkit.Seeded(noura, omar,
		cometchattest.User{UID: "noah", Role: "default", Status: "offline", CreatedAt: testkit.Joined.Time().Add(-time.Hour)},
		cometchattest.User{UID: "norbert", Name: "Norbert", Role: "default", Status: "offline", DeactivatedAt: gone},
	))

	// All filters at once.
	page, err := client.Users.List(&cometchat.UserListOptions{
		Page: 1, PerPage: 50,
		SearchKey: "no", SearchIn: []cometchat.UserSearchField{cometchat.UserSearchFieldName, cometchat.UserSearchFieldUID},
		Status: []cometchat.UserStatus{cometchat.UserStatusAvailable, cometchat.UserStatusOffline},
		Roles:  []string{"tutor", "default"},
		Tags:   []string{"evening", "night owl"}, WithTags: true,
		CreatedFrom: testkit.Joined.Time(), CreatedTo: testkit.RecordedAt.Time(), UpdatedFrom: testkit.Joined.Time(), UpdatedTo: testkit.RecordedAt.Time(),
	}).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.User{asUser(noura)}, page.Items)
	assert.Equal(t, cometchat.Pagination{Total: 1, Count: 1, PerPage: 50, CurrentPage: 1, TotalPages: 1}, page.Pagination)
	assert.True(t, page.Next.IsZero())

	uids := func(opts *cometchat.UserListOptions) []string {
		uids, err := testkit.UIDsOf(client.Users.List(opts).All(t.Context()))
		require.NoError(t, err)
		return uids
	}
	assert.Equal(t, []string{"norbert"}, uids(&cometchat.UserListOptions{OnlyDeactivated: true}))
	assert.ElementsMatch(t, []string{"noura", "omar", "noah", "norbert"}, uids(&cometchat.UserListOptions{WithDeactivated: true}))
	assert.Equal(t, []string{"omar", "noura", "noah"}, uids(&cometchat.UserListOptions{PerPage: 2}), "two pages")
	assert.Equal(t, []string{"omar", "noura", "noah"}, uids(nil))
}

func TestUsersUpdate(t *testing.T) {
	client := testkit.Replayed(t, "users/update", testkit.Seeded(cometchattest.User{UID: "omar", Name: "Omar", Role: "default"}))
	user, err := client.Users.Update(t.Context(), "omar", &cometchat.UpdateUserRequest{
		Name: cometchat.Ptr("Omar Nouri"), Avatar: cometchat.Ptr("https://cdn.example/omar.png"), Link: cometchat.Ptr("https://people.example/omar"),
		Role: cometchat.Ptr("tutor"), StatusMessage: cometchat.Ptr("Back on Monday"),
		Metadata: cometchat.Metadata(`{"subject":"maths"}`), Tags: cometchat.Tags{"evening"},
	})
	require.NoError(t, err)
	assert.Equal(t, &cometchat.User{
		UID: "omar", Name: "Omar Nouri", Avatar: "https://cdn.example/omar.png", Link: "https://people.example/omar",
		Role: "tutor", Status: cometchat.UserStatusOffline, StatusMessage: "Back on Monday",
		Metadata: cometchat.Metadata(`{"subject":"maths"}`), Tags: cometchat.Tags{"evening"},
		CreatedAt: testkit.Joined, UpdatedAt: testkit.RecordedAt,
	}, user)

	user, err = client.Users.Update(t.Context(), "omar", &cometchat.UpdateUserRequest{
		Tags:  cometchat.Tags{},
		Unset: []cometchat.UserField{cometchat.UserFieldAvatar, cometchat.UserFieldLink, cometchat.UserFieldMetadata},
	})
	require.NoError(t, err)
	assert.Equal(t, &cometchat.User{
		UID: "omar", Name: "Omar Nouri", Role: "tutor", Status: cometchat.UserStatusOffline, StatusMessage: "Back on Monday",
		CreatedAt: testkit.Joined, UpdatedAt: testkit.RecordedAt,
	}, user)

	_, err = client.Users.Update(t.Context(), "nobody", &cometchat.UpdateUserRequest{Name: cometchat.Ptr("Nobody")})
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
}

// What an update sends decides what it leaves alone, so the bodies are compared
// byte for byte.
func TestUsersUpdateBody(t *testing.T) {
	client, srv := testkit.Emulated(t)
	srv.AddUsers(noura)
	for name, tc := range map[string]struct {
		req  *cometchat.UpdateUserRequest
		body string
	}{
		"nothing given":             {&cometchat.UpdateUserRequest{}, `{}`},
		"one field":                 {&cometchat.UpdateUserRequest{Name: cometchat.Ptr("N. Haddad")}, `{"name":"N. Haddad"}`},
		"characters stay":           {&cometchat.UpdateUserRequest{Name: cometchat.Ptr(`<Noura> & "co"`)}, `{"name":"<Noura> & \"co\""}`},
		"empty texts are sent":      {&cometchat.UpdateUserRequest{Avatar: cometchat.Ptr(""), Link: cometchat.Ptr(""), StatusMessage: cometchat.Ptr("")}, `{"avatar":"","link":"","statusMessage":""}`},
		"empty tags are sent":       {&cometchat.UpdateUserRequest{Tags: cometchat.Tags{}}, `{"tags":[]}`},
		"empty metadata is sent":    {&cometchat.UpdateUserRequest{Metadata: cometchat.Metadata(`{}`)}, `{"metadata":{}}`},
		"numbers keep their digits": {&cometchat.UpdateUserRequest{Metadata: cometchat.Metadata(`{"id":12345678901234567890}`)}, `{"metadata":{"id":12345678901234567890}}`},
		"fields to clear":           {&cometchat.UpdateUserRequest{Unset: []cometchat.UserField{cometchat.UserFieldLink, cometchat.UserFieldMetadata}}, `{"unset":["link","metadata"]}`},
		"none to clear":             {&cometchat.UpdateUserRequest{Unset: []cometchat.UserField{}}, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.Users.Update(t.Context(), "noura", tc.req)
			require.NoError(t, err)
			assert.Equal(t, []testkit.Request{{Method: "PUT", Path: "/users/noura", Body: tc.body}}, testkit.Sent(srv))
		})
	}
}

func TestUsersUpdateLeavesTheRestAlone(t *testing.T) {
	client, srv := testkit.Emulated(t)
	testkit.Seeded(noura)(srv)
	user, err := client.Users.Update(t.Context(), "noura", &cometchat.UpdateUserRequest{Link: cometchat.Ptr("https://people.example/n")})
	require.NoError(t, err)
	want := asUser(noura)
	want.Link, want.UpdatedAt = "https://people.example/n", testkit.RecordedAt
	assert.Equal(t, want, user)
}

func TestUsersUpsert(t *testing.T) {
	client := testkit.Replayed(t, "users/upsert", testkit.Seeded())
	req := &cometchat.CreateUserRequest{UID: "kofi", Name: "Kofi Mensah", Tags: cometchat.Tags{"evening"}}
	want := &cometchat.User{
		UID: "kofi", Name: "Kofi Mensah", Role: "default", Status: cometchat.UserStatusOffline,
		Tags: cometchat.Tags{"evening"}, CreatedAt: testkit.RecordedAt,
	}
	user, created, err := client.Users.Upsert(t.Context(), req)
	require.NoError(t, err)
	assert.True(t, created)
	assert.Equal(t, want, user)

	req.Name, req.Tags, req.StatusMessage = "Kofi A. Mensah", nil, "Here again"
	want.Name, want.StatusMessage, want.UpdatedAt = "Kofi A. Mensah", "Here again", testkit.RecordedAt
	user, created, err = client.Users.Upsert(t.Context(), req)
	require.NoError(t, err)
	assert.False(t, created)
	assert.Equal(t, want, user, "the tags stay")
}

func TestUsersUpsertBody(t *testing.T) {
	client, srv := testkit.Emulated(t)
	testkit.Seeded(noura)(srv)
	for name, tc := range map[string]struct {
		req  cometchat.CreateUserRequest
		body string
	}{
		"what is empty is not sent": {
			cometchat.CreateUserRequest{UID: "noura", Name: "Noura H.", Tags: cometchat.Tags{}},
			`{"name":"Noura H."}`,
		},
		"what is given is": {
			cometchat.CreateUserRequest{
				UID: "NOURA", Name: "Noura", Avatar: "https://cdn.example/n.png", Link: "https://people.example/n", Role: "default",
				StatusMessage: "Away", Metadata: cometchat.Metadata(`{}`), Tags: cometchat.Tags{"new"},
			},
			`{"name":"Noura","avatar":"https://cdn.example/n.png","link":"https://people.example/n","role":"default",` +
				`"statusMessage":"Away","metadata":{},"tags":["new"]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, created, err := client.Users.Upsert(t.Context(), &tc.req)
			require.NoError(t, err)
			assert.False(t, created)
			requests := testkit.Sent(srv)
			require.Len(t, requests, 2)
			assert.Equal(t, "POST /users", requests[0].Method+" "+requests[0].Path)
			assert.Equal(t, testkit.Request{Method: "PUT", Path: "/users/" + tc.req.UID, Body: tc.body}, requests[1])
		})
	}
}

// Only this code says that the user exists: the caller sees every other failure,
// and nothing is updated.
func TestUsersUpsertUpdatesForOneCodeOnly(t *testing.T) {
	for name, tc := range map[string]struct {
		fault cometchattest.Fault
		want  error
	}{
		"another 400":              {cometchattest.Fault{Status: 400, Code: "ERR_BAD_REQUEST"}, cometchat.CodeBadRequest},
		"a code that looks alike":  {cometchattest.Fault{Status: 400, Code: "ERR_GUID_ALREADY_EXISTS"}, cometchat.CodeGUIDAlreadyExists},
		"a text that looks alike":  {cometchattest.Fault{Status: 400, Code: "ERR_INVALID_UID", Message: "already exists"}, cometchat.CodeInvalidUID},
		"a conflict without codes": {cometchattest.Fault{Status: 409, Body: []byte(`{}`)}, cometchat.ErrAlreadyExists},
		"a full plan":              {cometchattest.Fault{Status: 402, Code: "ERR_PLAN_QUOTA_RESTRICTION"}, cometchat.ErrQuotaExceeded},
		"an unknown outcome":       {cometchattest.Fault{DropAfter: true}, cometchat.ErrOutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			client, srv := testkit.Emulated(t)
			tc.fault.Method, tc.fault.Path = "POST", "/users"
			srv.Inject(tc.fault)
			user, created, err := client.Users.Upsert(t.Context(), &cometchat.CreateUserRequest{UID: "kofi", Name: "Kofi"})
			assert.Nil(t, user)
			assert.False(t, created)
			require.ErrorIs(t, err, tc.want)
			assert.Len(t, srv.Requests(), 1)
		})
	}

	t.Run("a deactivated user", func(t *testing.T) {
		client, srv := testkit.Emulated(t)
		srv.AddUsers(cometchattest.User{UID: "kofi", DeactivatedAt: time.Now()})
		user, created, err := client.Users.Upsert(t.Context(), &cometchat.CreateUserRequest{UID: "kofi", Name: "Kofi"})
		assert.Nil(t, user)
		assert.False(t, created)
		require.ErrorIs(t, err, cometchat.ErrNotFound)
		assert.Equal(t, 1, srv.Count("PUT", "/users/{uid}"))
	})
}

func TestUsersUpsertAtTheSameTime(t *testing.T) {
	client, srv := testkit.Emulated(t)
	const rounds = 200
	for i := range rounds {
		uid := fmt.Sprintf("kofi-%03d", i)
		var created [2]bool
		var errs [2]error
		var wg sync.WaitGroup
		start := make(chan struct{})
		for j := range 2 {
			wg.Go(func() {
				<-start
				_, created[j], errs[j] = client.Users.Upsert(t.Context(), &cometchat.CreateUserRequest{
					UID: uid, Name: "Kofi", Tags: cometchat.Tags{fmt.Sprint("writer-", j)},
				})
			})
		}
		close(start)
		wg.Wait()
		require.NoError(t, errors.Join(errs[:]...))
		require.NotEqual(t, created[0], created[1], "round %d: one creates, the other updates", i)
	}
	assert.Equal(t, 2*rounds, srv.Count("POST", "/users"))
	assert.Equal(t, rounds, srv.Count("PUT", "/users/{uid}"))
	n, err := client.Users.Count(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, rounds, n)
}

func TestUsersDelete(t *testing.T) {
	client := testkit.Replayed(t, "users/delete", testkit.Seeded(noura, cometchattest.User{UID: "piotr"}))
	err := client.Users.Delete(t.Context(), "noura", nil)
	require.NoError(t, err)

	err = client.Users.Delete(t.Context(), "piotr", &cometchat.DeleteUserOptions{Permanent: true})
	require.NoError(t, err)

	err = client.Users.Delete(t.Context(), "piotr", nil)
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
}

func TestUsersDeleteKeepsOrFreesTheUID(t *testing.T) {
	client, srv := testkit.Emulated(t)
	again := &cometchat.CreateUserRequest{UID: "piotr", Name: "Piotr"}
	for _, tc := range []struct {
		opts *cometchat.DeleteUserOptions
		body string
		free bool
	}{
		{nil, `{}`, false},
		{&cometchat.DeleteUserOptions{}, `{}`, false},
		{&cometchat.DeleteUserOptions{Permanent: true}, `{"permanent":true}`, true},
	} {
		srv.AddUsers(cometchattest.User{UID: "piotr"})
		err := client.Users.Delete(t.Context(), "piotr", tc.opts)
		require.NoError(t, err)
		assert.Equal(t, []testkit.Request{{Method: "DELETE", Path: "/users/piotr", Body: tc.body}}, testkit.Sent(srv))
		_, err = client.Users.Create(t.Context(), again)
		if tc.free {
			assert.NoError(t, err)
		} else {
			assert.ErrorIs(t, err, cometchat.CodeUIDAlreadyExists)
		}
		srv.ResetRequests()
	}
}

func TestUsersDeleteAnswers(t *testing.T) {
	for _, body := range []string{
		`{"data":{"success":true,"message":"Gone."}}`,
		`{"data":{"success":"true","Message":"Gone."}}`,
		`{"data":{"deactivatedUids":["piotr"]}}`,
		`{"data":{"deactivatedUids":{"0":"piotr"}}}`,
		`{"data":{"success":1,"deactivatedUids":[]}}`,
		`{"data":{"message":"Gone.","somethingNew":[{}]}}`,
	} {
		require.NoError(t, testkit.Answering(t, 200, body).Users.Delete(t.Context(), "piotr", nil), body)
	}

	for _, body := range []string{
		`{"data":{"success":false,"message":"Try later."}}`,
		`{"data":{"success":"false"}}`,
		`{"data":null}`,
	} {
		err := testkit.Answering(t, 200, body).Users.Delete(t.Context(), "piotr", nil)
		var e *cometchat.Error
		require.ErrorAs(t, err, &e, body)
		assert.Equal(t, 200, e.StatusCode, body)
	}
}

func TestUsersDeactivate(t *testing.T) {
	client := testkit.Replayed(t, "users/deactivate", testkit.Seeded(
		noura, cometchattest.User{UID: "piotr", DeactivatedAt: testkit.Joined.Time()}, cometchattest.User{UID: "omar"}))
	results, err := client.Users.Deactivate(t.Context(), []string{"nobody", "Omar", "noura", "piotr"})
	require.ErrorIs(t, err, cometchat.CodeUIDNotFound)
	assert.Equal(t, []activation{
		{"nobody", cometchat.ActivationNotFound, false},
		{"Omar", cometchat.ActivationDeactivated, true},
		{"noura", cometchat.ActivationDeactivated, true},
		{"piotr", cometchat.ActivationAlreadyDeactivated, true},
	}, activationsOf(results.Items))
	assert.Empty(t, results.Unmatched)

	failed := results.Failed()
	require.Len(t, failed, 1)
	require.ErrorIs(t, failed[0].Err, cometchat.ErrNotFound)
	var which *cometchat.ResultError
	require.ErrorAs(t, err, &which)
	assert.Equal(t, "nobody", which.ID)
}

func TestUsersReactivate(t *testing.T) {
	client := testkit.Replayed(t, "users/reactivate", testkit.Seeded(
		noura, cometchattest.User{UID: "piotr", DeactivatedAt: testkit.Joined.Time()}))
	results, err := client.Users.Reactivate(t.Context(), []string{"piotr", "noura"})
	require.NoError(t, err)
	assert.Equal(t, []activation{
		{"piotr", cometchat.ActivationReactivated, true},
		{"noura", cometchat.ActivationReactivated, true},
	}, activationsOf(results.Items))

	user, err := client.Users.Get(t.Context(), "piotr")
	require.NoError(t, err)
	assert.Zero(t, user.DeactivatedAt)
}

// activation is a result in a form that can be compared.
type activation struct {
	ID    string
	Value cometchat.Activation
	OK    bool
}

func activationsOf(results []cometchat.Result[cometchat.Activation]) []activation {
	var list []activation
	for _, r := range results {
		a := activation{ID: r.ID, OK: r.OK()}
		if r.Value != nil {
			a.Value = *r.Value
		}
		list = append(list, a)
	}
	return list
}

// The names differ between the documentation, its examples and recordings; both
// calls read all of them.
func TestUsersActivationAnswers(t *testing.T) {
	uids := []string{"Ada", "bo"}
	for name, tc := range map[string]struct {
		data      string
		want      []activation
		unmatched []activation
		err       error
	}{
		"deactivatedUids": {`{"deactivatedUids":["bo","ada"]}`,
			[]activation{{"Ada", cometchat.ActivationDeactivated, true}, {"bo", cometchat.ActivationDeactivated, true}}, nil, nil},
		"alreadyDeactivatedUids": {`{"deactivatedUids":["bo"],"alreadyDeactivatedUids":["ada"]}`,
			[]activation{{"Ada", cometchat.ActivationAlreadyDeactivated, true}, {"bo", cometchat.ActivationDeactivated, true}}, nil, nil},
		"reactivatedUids": {`{"reactivatedUids":["ada","bo"]}`,
			[]activation{{"Ada", cometchat.ActivationReactivated, true}, {"bo", cometchat.ActivationReactivated, true}}, nil, nil},
		"nonDeactivatedUids": {`{"nonDeactivatedUids":["ada","BO"]}`,
			[]activation{{"Ada", cometchat.ActivationReactivated, true}, {"bo", cometchat.ActivationReactivated, true}}, nil, nil},
		"notFound alone": {`{"notFound":["ada","bo"]}`,
			[]activation{{"Ada", cometchat.ActivationNotFound, false}, {"bo", cometchat.ActivationNotFound, false}}, nil, cometchat.CodeUIDNotFound},
		"a list with names for places": {`{"deactivatedUids":{"0":"ada","1":"bo"},"notFound":[]}`,
			[]activation{{"Ada", cometchat.ActivationDeactivated, true}, {"bo", cometchat.ActivationDeactivated, true}}, nil, nil},
		"a uid that is not mentioned": {`{"reactivatedUids":["ada"]}`,
			[]activation{{"Ada", cometchat.ActivationReactivated, true}, {"bo", "", false}}, nil, cometchat.ErrOutcomeUnknown},
		"nothing mentioned": {`{}`,
			[]activation{{"Ada", "", false}, {"bo", "", false}}, nil, cometchat.ErrOutcomeUnknown},
		"somebody else": {`{"deactivatedUids":["ada","bo","cy"]}`,
			[]activation{{"Ada", cometchat.ActivationDeactivated, true}, {"bo", cometchat.ActivationDeactivated, true}},
			[]activation{{"cy", cometchat.ActivationDeactivated, true}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			client := testkit.Answering(t, 200, `{"data":`+tc.data+`}`)
			for _, call := range []func(context.Context, []string) (*cometchat.Results[cometchat.Activation], error){
				client.Users.Deactivate, client.Users.Reactivate,
			} {
				results, err := call(t.Context(), uids)
				if tc.err == nil {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, tc.err)
				}
				assert.Equal(t, tc.want, activationsOf(results.Items))
				assert.Equal(t, tc.unmatched, activationsOf(results.Unmatched))
			}
		})
	}

	t.Run("a call that fails as a whole", func(t *testing.T) {
		client := testkit.Answering(t, 403, `{"error":{"code":"AUTH_ERR_NO_ACCESS","message":"No."}}`)
		results, err := client.Users.Deactivate(t.Context(), uids)
		assert.Nil(t, results)
		require.ErrorIs(t, err, cometchat.ErrPermissionDenied)
	})
}

func TestUsersCount(t *testing.T) {
	client := testkit.Replayed(t, "users/count", testkit.Seeded(noura, cometchattest.User{UID: "omar"}, cometchattest.User{UID: "piotr"}))
	n, err := client.Users.Count(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, 3, n)

	n, err = client.Users.Count(t.Context(), &cometchat.UserListOptions{Roles: []string{"tutor"}, Page: 7, PerPage: 300})
	require.NoError(t, err)
	assert.Equal(t, 1, n)
}

func TestUsersCountAnswers(t *testing.T) {
	const one = `{"data":[{"uid":"ada","name":"Ada"}],`
	for body, want := range map[string]int{
		`{"data":42}`:                                   42,
		`{"data":"42"}`:                                 42,
		`{"data":0}`:                                    0,
		`{"data":{"count":42}}`:                         42,
		`{"data":{"count":"42"}}`:                       42,
		`{"data":{"total":42}}`:                         42,
		one + `"meta":{"pagination":{"total":201}}}`:    201,
		one + `"meta":{"pagination":{"total":"201"}}}`:  201,
		`{"data":[],"meta":{"pagination":{"total":0}}}`: 0,
	} {
		n, err := testkit.Answering(t, 200, body).Users.Count(t.Context(), nil)
		require.NoError(t, err, body)
		assert.Equal(t, want, n, body)
	}

	// None of these says how many there are, so 0 would be wrong.
	for _, body := range []string{
		`{}`, `{"data":null}`, `{"data":{}}`, `{"data":{"users":[]}}`, `{"data":"many"}`, `{"data":true}`, `{"data":[]}`, one + `"meta":{}}`,
		one + `"meta":[]}`, one + `"meta":{"pagination":{}}}`, one + `"meta":{"pagination":{"total":0,"count":1}}}`,
	} {
		n, err := testkit.Answering(t, 200, body).Users.Count(t.Context(), nil)
		var e *cometchat.Error
		if assert.ErrorAs(t, err, &e, body) {
			assert.Equal(t, 200, e.StatusCode, body)
		}
		assert.Zero(t, n, body)
	}
}

// problem is a ValidationError without its text.
type problem struct {
	Field       string
	Limit, Size int
}

// problemsOf returns the mistakes that a call found, in order.
func problemsOf(err error) []problem {
	if v, ok := err.(*cometchat.ValidationError); ok {
		return []problem{{v.Field, v.Limit, v.Size}}
	}
	var list []problem
	switch wrapped := err.(type) {
	case interface{ Unwrap() []error }:
		for _, e := range wrapped.Unwrap() {
			list = append(list, problemsOf(e)...)
		}
	case interface{ Unwrap() error }:
		list = problemsOf(wrapped.Unwrap())
	}
	return list
}

func TestUsersValidation(t *testing.T) {
	long := strings.Repeat("é", 101) // in characters, not in bytes
	longURL := "https://cdn.example/" + strings.Repeat("x", 2981)
	manyTags := make(cometchat.Tags, 26)
	for i := range manyTags {
		manyTags[i] = fmt.Sprint("tag-", i)
	}
	big := cometchat.Metadata(`{"note":"` + strings.Repeat("ü", 1600) + `"}`)

	create := func(req *cometchat.CreateUserRequest) func(context.Context, *cometchat.Client) error {
		return func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.Users.Create(ctx, req)
			return err
		}
	}
	update := func(uid string, req *cometchat.UpdateUserRequest) func(context.Context, *cometchat.Client) error {
		return func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.Users.Update(ctx, uid, req)
			return err
		}
	}
	list := func(opts *cometchat.UserListOptions) func(context.Context, *cometchat.Client) error {
		return func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.Users.List(opts).First(ctx)
			return err
		}
	}
	rejected(t, map[string]rejection{
		"create without a request": {create(nil), []problem{{Field: "request"}}},
		"create with nothing":      {create(&cometchat.CreateUserRequest{}), []problem{{"uid", 100, 0}, {Field: "name"}}},
		"create with too much": {create(&cometchat.CreateUserRequest{
			UID: long, Name: long, Avatar: longURL, Link: longURL, Role: long, Metadata: big, Tags: manyTags,
		}), []problem{
			{"uid", 100, 101}, {"name", 100, 101}, {"avatar", 3000, 3001}, {"link", 3000, 3001}, {"role", 100, 101},
			{"metadata", 1600, 1611}, {"tags", 25, 26},
		}},
		"create with a path for a uid": {create(&cometchat.CreateUserRequest{UID: "..", Name: "Up"}), []problem{{"uid", 0, 2}}},
		"create with bad tags":         {create(&cometchat.CreateUserRequest{UID: "a", Name: "A", Tags: cometchat.Tags{"ok", "", long}}), []problem{{Field: "tags[1]"}, {"tags[2]", 100, 101}}},
		"update without a request":     {update("a", nil), []problem{{Field: "request"}}},
		"update without a uid":         {update("", &cometchat.UpdateUserRequest{}), []problem{{"uid", 100, 0}}},
		"update with an empty name":    {update("a", &cometchat.UpdateUserRequest{Name: cometchat.Ptr("")}), []problem{{Field: "name"}}},
		"update with too much": {update("a", &cometchat.UpdateUserRequest{
			Name: &long, Avatar: &longURL, Link: &longURL, Role: &long, Metadata: big, Tags: manyTags,
		}), []problem{
			{"name", 100, 101}, {"avatar", 3000, 3001}, {"link", 3000, 3001}, {"role", 100, 101}, {"metadata", 1600, 1611}, {"tags", 25, 26},
		}},
		"get a path step": {func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.Users.Get(ctx, ".")
			return err
		}, []problem{{"uid", 0, 1}}},
		"delete nobody": {func(ctx context.Context, c *cometchat.Client) error {
			err := c.Users.Delete(ctx, "", nil)
			return err
		}, []problem{{"uid", 100, 0}}},
		"deactivate nobody": {func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.Users.Deactivate(ctx, nil)
			return err
		}, []problem{{Field: "uidsToDeactivate"}}},
		"reactivate somebody without a uid": {func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.Users.Reactivate(ctx, []string{"a", "", long})
			return err
		}, []problem{{"uidsToActivate[1]", 100, 0}, {"uidsToActivate[2]", 100, 101}}},
		"upsert without a request": {func(ctx context.Context, c *cometchat.Client) error {
			_, _, err := c.Users.Upsert(ctx, nil)
			return err
		}, []problem{{Field: "request"}}},
		"upsert with a token": {func(ctx context.Context, c *cometchat.Client) error {
			_, _, err := c.Users.Upsert(ctx, &cometchat.CreateUserRequest{UID: "a", Name: "A", WithAuthToken: true})
			return err
		}, []problem{{Field: "withAuthToken"}}},
		"list with odd pages":       {list(&cometchat.UserListOptions{Page: -1, PerPage: 1001}), []problem{{"page", 0, -1}, {"perPage", 1000, 1001}}},
		"list with a negative size": {list(&cometchat.UserListOptions{PerPage: -1}), []problem{{"perPage", 1000, -1}}},
		"list by two tags in one":   {list(&cometchat.UserListOptions{Tags: []string{"a,b"}, Roles: []string{""}}), []problem{{"roles[0]", 0, 0}, {"tags[0]", 0, 3}}},
		"count with odd pages": {func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.Users.Count(ctx, &cometchat.UserListOptions{Page: -2})
			return err
		}, []problem{{"page", 0, -2}}},
	})
}

// rejection is a call that must be refused before anything is sent.
type rejection struct {
	call func(context.Context, *cometchat.Client) error
	want []problem
}

func rejected(t *testing.T, calls map[string]rejection) {
	t.Helper()
	client, srv := testkit.Emulated(t)
	for name, tc := range calls {
		t.Run(name, func(t *testing.T) {
			err := tc.call(t.Context(), client)
			require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
			assert.Equal(t, tc.want, problemsOf(err))
			assert.Empty(t, srv.Requests())
		})
	}
}

func TestUsersMetadataMustBeJSON(t *testing.T) {
	client, srv := testkit.Emulated(t)
	for _, metadata := range []string{` `, `{"a":`, `{"a":1}}`, `plain`} {
		_, err := client.Users.Create(t.Context(), &cometchat.CreateUserRequest{UID: "a", Name: "A", Metadata: cometchat.Metadata(metadata)})
		require.ErrorIs(t, err, cometchat.ErrInvalidRequest, "%q", metadata)
		assert.Contains(t, problemsOf(err), problem{"metadata", 0, len(metadata)})

		_, err = client.Users.Update(t.Context(), "a", &cometchat.UpdateUserRequest{Metadata: cometchat.Metadata(metadata)})
		require.ErrorIs(t, err, cometchat.ErrInvalidRequest, "%q", metadata)
		assert.Contains(t, problemsOf(err), problem{"metadata", 0, len(metadata)})
	}
	assert.Empty(t, srv.Requests())
}

func TestUsersAtTheirLimits(t *testing.T) {
	client, srv := testkit.Emulated(t)
	tags := make(cometchat.Tags, cometchat.MaxTags)
	for i := range tags {
		tags[i] = strings.Repeat("é", 98) + fmt.Sprintf("%02d", i)
	}
	name := strings.Repeat("é", 100)
	url := "https://cdn.example/" + strings.Repeat("x", 2980)
	user, err := client.Users.Create(t.Context(), &cometchat.CreateUserRequest{
		UID: strings.Repeat("u", 100), Name: name, Avatar: url, Link: url, Tags: tags,
		Metadata: cometchat.Metadata(`{ "note": "` + strings.Repeat("ü", 1589) + `" }`), // 1,600 characters without the spaces
	})
	require.NoError(t, err)
	assert.Equal(t, []any{name, url, url, tags}, []any{user.Name, user.Avatar, user.Link, user.Tags})
	assert.Len(t, srv.Requests(), 1)
}

func TestUsersWithMetadataLimit(t *testing.T) {
	client, srv := testkit.Emulated(t)
	metadata := func(size int) cometchat.Metadata { // {"a":"…"} of size characters
		return cometchat.Metadata(`{"a":"` + strings.Repeat("é", size-8) + `"}`)
	}
	for _, tc := range []struct {
		limit, size int
		refused     bool
	}{
		{cometchat.DefaultMetadataLimit, 1600, false},
		{cometchat.DefaultMetadataLimit, 1601, true},
		{20, 20, false},
		{20, 21, true},
		{2000, 2000, false},
		{0, 2500, false},
	} {
		limited := client.With(cometchat.WithMetadataLimit(tc.limit))
		_, _, err := limited.Users.Upsert(t.Context(), &cometchat.CreateUserRequest{UID: "a", Name: "A", Metadata: metadata(tc.size)})
		if tc.refused {
			assert.Equal(t, []problem{{"metadata", tc.limit, tc.size}}, problemsOf(err))
			assert.Empty(t, testkit.Sent(srv))
		} else {
			assert.NoError(t, err, "%d of %d", tc.size, tc.limit)
			assert.NotEmpty(t, testkit.Sent(srv))
		}
	}

	_, err := client.With(cometchat.WithMetadataLimit(-1)).Users.Get(t.Context(), "a")
	assert.Equal(t, []problem{{"metadataLimit", 0, -1}}, problemsOf(err))
}

// The API turns uids into lower case and takes any characters in the path as one
// id.
func TestUsersIDsInPaths(t *testing.T) {
	var path string
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		path = r.RequestURI
		_, _ = w.Write([]byte(`{"data":{"uid":"x","name":"X"}}`))
	})
	for uid, want := range map[string]string{
		"plain-id_1":   "/v3/users/plain-id_1",
		"a/b c?d#e%f":  "/v3/users/a%2Fb%20c%3Fd%23e%25f",
		"../apikeys":   "/v3/users/..%2Fapikeys",
		"café":         "/v3/users/caf%C3%A9",
		"auth_tokens/": "/v3/users/auth_tokens%2F",
	} {
		_, err := client.Users.Get(t.Context(), uid)
		require.NoError(t, err)
		assert.Equal(t, want, path)
	}
}

func TestUsersAnswerWithoutUID(t *testing.T) {
	for _, body := range []string{`{"data":{"name":"Nobody"}}`, `{"data":{}}`, `{"data":[]}`} {
		user, err := testkit.Answering(t, 200, body).Users.Get(t.Context(), "ada")
		var e *cometchat.Error
		require.ErrorAs(t, err, &e, body)
		assert.Nil(t, user)
	}
}
