package cometchat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/fixture"
	"github.com/go-cometchat/cometchat/webhook"
)

// The account of fixtures: the emulator's, too, so that there is nothing to scrub.
const (
	accountKey    = "key-of-the-account"
	accountSecret = "secret-of-the-account"
)

// managed returns a client of the exchanges in testdata/management/<name>.http.
func managed(t *testing.T, name string, opts ...cometchat.Option) *cometchat.ManagementClient {
	t.Helper()
	srv := fixture.New(t, "management/"+name, fixture.OnlyUpstream(), fixture.Upstream(func() (string, string) {
		upstream := cometchattest.NewServer(cometchattest.WithAppID("depot"), cometchattest.WithAPIKey("key-of-the-depot"),
			cometchattest.WithManagementCredentials(accountKey, accountSecret), cometchattest.WithClock(recordedAt.Time))
		t.Cleanup(upstream.Close)
		return upstream.ManagementURL(), upstream.APIKey()
	}))
	return managementOf(t, srv.URL, append(opts, once)...)
}

func managementOf(t testing.TB, base string, opts ...cometchat.Option) *cometchat.ManagementClient {
	t.Helper()
	client, err := cometchat.NewManagementClient(accountKey, accountSecret, append([]cometchat.Option{cometchat.WithBaseURL(base)}, opts...)...)
	require.NoError(t, err)
	return client
}

func TestManagementApps(t *testing.T) {
	client := managed(t, "apps")
	made, err := client.Apps.Create(t.Context(), &cometchat.CreateAppRequest{Name: "Depot chat", Region: cometchat.RegionEU, Version: "3", SkipSampleData: true})
	require.NoError(t, err)
	require.Len(t, made.APIKeys, 2)
	for key, is := range made.APIKeys {
		assert.Equal(t, key, is.APIKey)
		assert.Equal(t, cometchat.SystemUID, is.CreatedBy)
	}
	assert.Equal(t, &cometchat.App{
		ID: made.ID, Name: "Depot chat", Region: cometchat.RegionEU, Plan: "trial", State: "active", Owner: "1",
		AppOwner:  cometchat.AppOwner{ID: "1", Name: "Owner", Email: "owner@example.com"},
		AppRegion: cometchat.AppRegion{ID: "eu", Name: "EU", Description: "Region eu"},
		CreatedAt: recordedAt, TrialEndsAt: recordedAt + 30*24*60*60, APIKeys: made.APIKeys,
	}, made)

	apps, err := client.Apps.List(&cometchat.AppListOptions{PerPage: 1}).Collect(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, apps, 2)
	assert.Equal(t, made, apps[0])
	page, err := client.Apps.List(&cometchat.AppListOptions{SearchKey: "depot chat"}).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.App{made}, page.Items)

	require.NoError(t, client.Apps.RequestUsage(t.Context(), "depot", nil))
	require.NoError(t, client.Apps.RequestUsage(t.Context(), "depot", &cometchat.AppUsageOptions{UsePreviousBillingCycle: true}))
	deletion, err := client.Apps.Delete(t.Context(), "depot")
	require.NoError(t, err)
	assert.Equal(t, &cometchat.AppDeletion{ScheduledToDeleteAt: recordedAt + 30*24*60*60}, deletion)
	_, err = client.Apps.Delete(t.Context(), "no-such-app")
	assert.ErrorIs(t, err, cometchat.CodeAppNotFound)
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
}

func TestManagementExtensions(t *testing.T) {
	client := managed(t, "extensions")
	results, err := client.Extensions.Enable(t.Context(), "depot", []string{"polls", "telepathy"})
	assert.ErrorIs(t, err, cometchat.CodeExtensionNotFound)
	assert.True(t, results.Items[0].OK())
	assert.False(t, results.Items[1].OK())
	all, err := client.Extensions.List("depot", nil).Collect(t.Context(), 100)
	require.NoError(t, err)
	require.Len(t, all, 32)
	var polls *cometchat.Extension
	for _, e := range all {
		if e.ID == "polls" {
			polls = e
		}
	}
	assert.Equal(t, &cometchat.Extension{
		ID: "polls", Name: "polls", TagLine: "Adds polls", Description: "The extension polls.", Author: "Emulator",
		Email: "extensions@example.com", WebhookURL: "https://extensions.example.com/polls",
		AdminURL: "https://extensions.example.com/polls/admin", WebsiteURL: "https://extensions.example.com",
		IsActive: true, CreatedAt: recordedAt,
		Hooks:      cometchat.ExtensionHooks{Data: []cometchat.ExtensionHook{{Hook: "after_message", Description: "Messages that were sent", IsActive: true, Enabled: 1, CreatedAt: recordedAt}}},
		Categories: cometchat.ExtensionCategories{Data: []cometchat.Metadata{}},
	}, polls)
	results, err = client.Extensions.Disable(t.Context(), "depot", []string{"polls"})
	require.NoError(t, err)
	assert.Equal(t, []cometchat.Result[cometchat.NoValue]{{ID: "polls"}}, results.Items)
}

func TestManagementSettings(t *testing.T) {
	const replies, threads = "core.conversations.updateOnReplies", "core.threads.updateOnMessageActions"
	client := managed(t, "settings")
	results, err := client.Settings.Set(t.Context(), "depot", map[string]bool{replies: true, threads: true, "core.unknown": true})
	assert.ErrorIs(t, err, cometchat.CodeBadRequest)
	require.Len(t, results.Items, 3)
	assert.Equal(t, []bool{true, true, false}, []bool{results.Items[0].OK(), results.Items[1].OK(), results.Items[2].OK()})

	settings, err := client.Settings.Get(t.Context(), "depot")
	require.NoError(t, err)
	assert.Len(t, settings, 10)
	assert.True(t, settings.Enabled(replies))
	assert.False(t, settings.Enabled("core.notifications.push.advanced.included"))
	assert.Equal(t, []string{"preferences", "templates"}, settings.List("core.notifications.push.advanced.included"))
	assert.Nil(t, settings.List(replies))

	require.NoError(t, client.Settings.Unset(t.Context(), "depot", []string{threads}))
	settings, err = client.Settings.Get(t.Context(), "depot")
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false}, []bool{settings.Enabled(replies), settings.Enabled(threads)})
}

func TestManagementCollaborators(t *testing.T) {
	client := managed(t, "collaborators")
	results, err := client.Collaborators.Add(t.Context(), "depot", &cometchat.AddCollaboratorsRequest{
		Admins: []string{"Ops@example.org"}, Moderators: []string{"mo@example.org", "nobody"},
	})
	assert.ErrorIs(t, err, cometchat.CodeBadRequest)
	require.Len(t, results.Items, 3)
	assert.Equal(t, []bool{true, true, false}, []bool{results.Items[0].OK(), results.Items[1].OK(), results.Items[2].OK()})
	all, err := client.Collaborators.List("depot", nil).Collect(t.Context(), 10)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.Collaborator{
		{ID: "2", Name: "mo", Email: "mo@example.org", Role: cometchat.CollaboratorRoleModerator, CreatedAt: recordedAt},
		{ID: "1", Name: "Ops", Email: "Ops@example.org", Role: cometchat.CollaboratorRoleAdmin, CreatedAt: recordedAt},
	}, all)
	results, err = client.Collaborators.Remove(t.Context(), "depot", []string{"ops@example.org", "nobody@example.org"})
	assert.ErrorIs(t, err, cometchat.CodeNotACollaborator)
	assert.Equal(t, []bool{true, false}, []bool{results.Items[0].OK(), results.Items[1].OK()})
}

func TestManagementWebhooks(t *testing.T) {
	client := managed(t, "webhooks")
	made, err := client.Webhooks.Create(t.Context(), "depot", &cometchat.CreateWebhookRequest{
		ID: "rides", Name: "Rides", WebhookURL: "https://depot.example.org/hook", UseBasicAuth: true,
		Username: "hook", Password: "correct-horse", Enabled: true, RetryOnFailure: true,
	})
	require.NoError(t, err)
	want := &cometchat.Webhook{
		ID: "rides", Name: "Rides", WebhookURL: "https://depot.example.org/hook", UseBasicAuth: true, Username: "hook",
		Enabled: true, RetryOnFailure: true, CreatedAt: recordedAt, UpdatedAt: recordedAt,
	}
	assert.Equal(t, want, made)

	results, err := client.Webhooks.AddTriggers(t.Context(), "depot", "rides", []string{"message_sent", "order_shipped", "user_blocked"})
	assert.ErrorIs(t, err, cometchat.CodeTriggerNotFound)
	require.Len(t, results.Items, 3)
	assert.Equal(t, []bool{true, false, true}, []bool{results.Items[0].OK(), results.Items[1].OK(), results.Items[2].OK()})
	require.NoError(t, client.Webhooks.RemoveTriggers(t.Context(), "depot", "rides", []string{"user_blocked"}))
	triggers, err := client.Webhooks.ListTriggers("depot", "rides", nil).Collect(t.Context(), 10)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.WebhookTrigger{{ID: "message_sent", Category: "messages", Description: "Fires on message sent"}}, triggers)

	changed, err := client.Webhooks.Update(t.Context(), "depot", "rides", &cometchat.UpdateWebhookRequest{Enabled: ptr(false), Password: ptr(cometchat.Secret("battery-staple"))})
	require.NoError(t, err)
	want.Enabled = false
	assert.Equal(t, want, changed)
	got, err := client.Webhooks.Get(t.Context(), "depot", "rides")
	require.NoError(t, err)
	assert.Equal(t, want, got)
	page, err := client.Webhooks.List("depot", &cometchat.WebhookListOptions{SearchKey: "ride", PerPage: 5}).First(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.Webhook{want}, page.Items)

	legacy := client.With(cometchat.WithLegacyWebhooks())
	_, err = legacy.Webhooks.Get(t.Context(), "depot", "rides")
	assert.ErrorIs(t, err, cometchat.CodeWebhookNotFound)
	require.NoError(t, client.Webhooks.Delete(t.Context(), "depot", "rides"))
	assert.ErrorIs(t, client.Webhooks.Delete(t.Context(), "depot", "rides"), cometchat.ErrNotFound)
}

// TestManagementRequests shows what is sent, and where the version goes.
func TestManagementRequests(t *testing.T) {
	type request struct{ method, path, version, body string }
	var got []request
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, request{r.Method, r.URL.Path, r.Header.Get("X-Webhook-Version"), string(body)})
		assert.Equal(t, []string{accountKey, accountSecret, ""}, []string{r.Header.Get("key"), r.Header.Get("secret"), r.Header.Get("apikey")})
		_, _ = io.WriteString(w, `{"data":{"success":true,"id":"rides"}}`)
	}))
	defer srv.Close()
	client := managementOf(t, srv.URL)
	ctx := t.Context()
	_, err := client.Webhooks.Create(ctx, "depot", &cometchat.CreateWebhookRequest{ID: "rides", Name: "Rides", WebhookURL: "https://x.example/", Username: "u", Password: "made-up"})
	require.NoError(t, err)
	require.NoError(t, client.Webhooks.RemoveTriggers(ctx, "depot", "rides", []string{"message_sent"}))
	require.NoError(t, client.With(cometchat.WithLegacyWebhooks()).Webhooks.Delete(ctx, "depot", "rides"))
	require.NoError(t, client.Settings.Unset(ctx, "depot", []string{"a.b"}))
	_, _ = client.Extensions.Enable(ctx, "depot", []string{"polls"})
	_, _ = client.Extensions.Disable(ctx, "depot", []string{"polls"})
	_, _ = client.Collaborators.Remove(ctx, "depot", []string{"a@b.example"})
	assert.Equal(t, []request{
		{"POST", "/apps/depot/webhooks", "2", `{"id":"rides","name":"Rides","webhookURL":"https://x.example/","useBasicAuth":false,"username":"u","password":"made-up","enabled":false,"retryOnFailure":false}`},
		{"DELETE", "/apps/depot/webhooks/rides/triggers", "2", `{"triggerIds":["message_sent"]}`},
		{"DELETE", "/apps/depot/webhooks/rides", "", ""},
		{"DELETE", "/apps/depot/settings", "", `{"settings":["a.b"]}`},
		{"POST", "/apps/depot/extensions", "", `{"enabled":["polls"]}`},
		{"POST", "/apps/depot/extensions", "", `{"disabled":["polls"]}`},
		{"POST", "/apps/depot/collaborators", "", `{"collaboratorsToRemove":["a@b.example"]}`},
	}, got)
}

// TestManagementShapes reads the responses that the API's documents show in two
// ways.
func TestManagementShapes(t *testing.T) {
	ctx := t.Context()
	for _, body := range []string{
		`{"data":{"id":"rides","createdAt":1761000000}}`, `[{"data":{"id":"rides","createdAt":1761000000}}]`, `{"data":[{"data":{"id":"rides","createdAt":"1761000000"}}]}`,
	} {
		client := managementAnswering(t, body)
		made, err := client.Webhooks.Get(ctx, "depot", "rides")
		require.NoError(t, err, body)
		assert.Equal(t, &cometchat.Webhook{ID: "rides", CreatedAt: 1761000000}, made)
	}
	apps, err := managementAnswering(t, `{"data":{"id":"app27c0ffee11","owner":31,"apiKeys":{"k1":{"apiKey":"k1","scope":"authOnly"}},"accessKey":"k0"}}`).Apps.List(nil).Collect(ctx, 10)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.App{{
		ID: "app27c0ffee11", Owner: "31", AccessKey: "k0",
		APIKeys: map[cometchat.Secret]cometchat.APIKey{"k1": {APIKey: "k1", Scope: cometchat.APIKeyScopeAuthOnly}},
	}}, apps)
}

func managementAnswering(t testing.TB, body string) *cometchat.ManagementClient {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	t.Cleanup(srv.Close)
	return managementOf(t, srv.URL, once)
}

// TestManagementValidates refuses what would reach another operation, or more
// than was meant, before anything is sent.
func TestManagementValidates(t *testing.T) {
	client := managementOf(t, "http://127.0.0.1:1")
	ctx := t.Context()
	errOf := func(_ any, err error) error { return err }
	valid := cometchat.CreateWebhookRequest{ID: "rides", Name: "Rides", WebhookURL: "https://x.example"}
	create := func(change func(*cometchat.CreateWebhookRequest)) error {
		r := valid
		change(&r)
		return errOf(client.Webhooks.Create(ctx, "depot", &r))
	}
	for want, err := range map[string]error{
		"appId: required":                                 errOf(client.Apps.Delete(ctx, "")),
		"appId: must not be a path step":                  errOf(client.Apps.Delete(ctx, "..")),
		"webhookId: required":                             client.Webhooks.Delete(ctx, "depot", ""),
		"webhookId: 51 characters, at most 50 allowed":    client.Webhooks.Delete(ctx, "depot", strings.Repeat("x", 51)),
		"triggerIds: required":                            client.Webhooks.RemoveTriggers(ctx, "depot", "rides", nil),
		"triggerIds[0]: required":                         client.Webhooks.RemoveTriggers(ctx, "depot", "rides", []string{""}),
		"settings: required":                              client.Settings.Unset(ctx, "depot", nil),
		"settings[0]: required":                           errOf(client.Settings.Set(ctx, "depot", map[string]bool{"": true})),
		"enabled: required":                               errOf(client.Extensions.Enable(ctx, "depot", nil)),
		"disabled: required":                              errOf(client.Extensions.Disable(ctx, "depot", nil)),
		"collaboratorsToRemove: required":                 errOf(client.Collaborators.Remove(ctx, "depot", nil)),
		"admins: required":                                errOf(client.Collaborators.Add(ctx, "depot", &cometchat.AddCollaboratorsRequest{})),
		"moderators[0]: required":                         errOf(client.Collaborators.Add(ctx, "depot", &cometchat.AddCollaboratorsRequest{Moderators: []string{""}})),
		"request: required":                               errOf(client.Collaborators.Add(ctx, "depot", nil)),
		"region: required":                                errOf(client.Apps.Create(ctx, &cometchat.CreateAppRequest{Name: "x"})),
		"name: 101 characters, at most 100 allowed":       errOf(client.Apps.Create(ctx, &cometchat.CreateAppRequest{Name: strings.Repeat("x", 101), Region: "eu"})),
		"id: must be letters and digits only":             create(func(r *cometchat.CreateWebhookRequest) { r.ID = "a-b" }),
		"id: required":                                    create(func(r *cometchat.CreateWebhookRequest) { r.ID = "" }),
		"webhookURL: must be an https URL":                create(func(r *cometchat.CreateWebhookRequest) { r.WebhookURL = "http://x.example" }),
		"webhookURL: required":                            create(func(r *cometchat.CreateWebhookRequest) { r.WebhookURL = "" }),
		"webhookURL: 266 characters, at most 255 allowed": create(func(r *cometchat.CreateWebhookRequest) { r.WebhookURL = "https://x.e/" + strings.Repeat("x", 254) }),
		"username: required\npassword: required":          create(func(r *cometchat.CreateWebhookRequest) { r.UseBasicAuth = true }),
		"password: must not hold spaces":                  create(func(r *cometchat.CreateWebhookRequest) { r.Password = "a b" }),
		"username: 51 characters, at most 50 allowed":     errOf(client.Webhooks.Update(ctx, "depot", "rides", &cometchat.UpdateWebhookRequest{Username: ptr(strings.Repeat("x", 51))})),
	} {
		require.Error(t, err, want)
		assert.Equal(t, want, regexp.MustCompile(`(?m)^cometchat: ([A-Z]+ /\S+: )?`).ReplaceAllString(err.Error(), ""))
		assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
}

func TestNewManagementClient(t *testing.T) {
	for field, make := range map[string]func() (*cometchat.ManagementClient, error){
		"key":    func() (*cometchat.ManagementClient, error) { return cometchat.NewManagementClient("", "s") },
		"secret": func() (*cometchat.ManagementClient, error) { return cometchat.NewManagementClient("k", "a b") },
		"appId": func() (*cometchat.ManagementClient, error) {
			return cometchat.NewManagementClient("k", "s", cometchat.WithAppID("app"))
		},
		"onBehalfOf": func() (*cometchat.ManagementClient, error) {
			return cometchat.NewManagementClient("k", "s", cometchat.WithOnBehalfOf("lena"))
		},
		"importLimit": func() (*cometchat.ManagementClient, error) {
			return cometchat.NewManagementClient("k", "s", cometchat.WithImportLimit(30))
		},
		"metadataLimit": func() (*cometchat.ManagementClient, error) {
			return cometchat.NewManagementClient("k", "s", cometchat.WithMetadataLimit(1600))
		},
		"baseURL": func() (*cometchat.ManagementClient, error) {
			return cometchat.NewManagementClient("k", "s", cometchat.WithBaseURL("http://x.example"))
		},
	} {
		client, err := make()
		assert.Nil(t, client)
		var wrong *cometchat.ValidationError
		require.ErrorAs(t, err, &wrong, field)
		assert.Equal(t, field, wrong.Field)
	}
	_, err := cometchat.NewClient(cometchat.RegionEU, "key", cometchat.WithLegacyWebhooks())
	assert.EqualError(t, err, "cometchat: legacyWebhooks: is an option of a ManagementClient only")

	client, err := cometchat.NewManagementClient("k", "s")
	require.NoError(t, err)
	_, err = client.With(cometchat.WithAppID("app")).Apps.Delete(t.Context(), "depot")
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	client.CloseIdleConnections()
}

// TestCredentialsGoToTheirHosts sends every kind of credential through redirects
// and looks at what each host was given.
func TestCredentialsGoToTheirHosts(t *testing.T) {
	seen := map[string][]string{}
	rt := &roundTripper{answer: func(r *http.Request) (*http.Response, error) {
		for _, values := range r.Header {
			for _, value := range values {
				if strings.Contains(value, "MARK") {
					seen[r.URL.Host] = append(seen[r.URL.Host], value)
				}
			}
		}
		assert.NotContains(t, r.URL.String(), "MARK")
		return &http.Response{
			StatusCode: http.StatusTemporaryRedirect, Body: http.NoBody,
			Header: http.Header{"Location": {map[bool]string{true: "https://api-eu.cometchat.io/v3/users", false: "https://apimgmt.cometchat.io/apps"}[r.URL.Host == "apimgmt.cometchat.io"]}},
		}, nil
	}}
	hc := cometchat.WithHTTPClient(&http.Client{Transport: rt})
	chat, err := cometchat.NewClient(cometchat.RegionEU, "MARK-chat", hc, once)
	require.NoError(t, err)
	management, err := cometchat.NewManagementClient("MARK-key", "MARK-secret", hc, once)
	require.NoError(t, err)
	_, err = chat.Users.Get(t.Context(), "lena")
	require.Error(t, err)
	_, err = management.Webhooks.Get(t.Context(), "depot", "rides")
	require.Error(t, err)
	assert.Equal(t, []string{"MARK-chat"}, seen["api-eu.cometchat.io"])
	assert.ElementsMatch(t, []string{"MARK-key", "MARK-secret"}, seen["apimgmt.cometchat.io"])
	assert.Len(t, seen, 2)
}

// TestManagementShowsNoSecret prints a client, entities and errors.
func TestManagementShowsNoSecret(t *testing.T) {
	echo := func(status int) *cometchat.ManagementClient {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(status)
			text, _ := json.Marshal(fmt.Sprintf("%v %s %s", r.Header, body, strings.Join(markers, " ")))
			_, _ = fmt.Fprintf(w, `{"error":{"code":"X","message":%s}}`, text)
		}))
		t.Cleanup(srv.Close)
		client, err := cometchat.NewManagementClient(markerKey, markerToken, cometchat.WithBaseURL(srv.URL), once)
		require.NoError(t, err)
		return client
	}
	assertClean(t, "the client", printed(echo(200))+printed(*echo(200)))
	for _, status := range []int{200, 400, 500} {
		client := echo(status)
		_, err := client.Apps.Delete(t.Context(), "depot")
		require.Error(t, err)
		assertClean(t, "an error", printed(err))
	}
	client, err := cometchat.NewManagementClient("account", "account-secret", cometchat.WithBaseURL(echoOf(t)), once)
	require.NoError(t, err)
	_, err = client.Webhooks.Create(t.Context(), "depot", &cometchat.CreateWebhookRequest{
		ID: "rides", Name: "Rides", WebhookURL: "https://x.example", UseBasicAuth: true, Username: "u", Password: markerKey})
	require.Error(t, err)
	assertClean(t, "an error about a webhook", printed(err))
	_, err = client.Webhooks.Update(t.Context(), "depot", "rides", &cometchat.UpdateWebhookRequest{Password: ptr(cometchat.Secret(markerKey))})
	require.Error(t, err)
	assertClean(t, "an error about a webhook", printed(err))
}

// echoOf is a server that fails with the body it got.
func echoOf(t *testing.T) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(400)
		_, _ = w.Write(body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestManagementLogsNoSecret(t *testing.T) {
	for _, v := range []any{
		cometchat.App{ID: "depot", APIKeys: map[cometchat.Secret]cometchat.APIKey{markerKey: {APIKey: markerKey}}, AccessKey: markerKey},
		cometchat.Extension{ID: "polls", AdminURL: markerKey},
		cometchat.CreateWebhookRequest{ID: "rides", Password: markerKey},
		cometchat.UpdateWebhookRequest{Password: ptr(cometchat.Secret(markerKey))},
	} {
		var b strings.Builder
		for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
			slog.New(h).Info("value", "v", v)
		}
		fmt.Fprintf(&b, "%v %+v %#v", v, v, v)
		assertClean(t, fmt.Sprintf("%T", v), b.String())
	}
}

// TestManagementWebhookDelivers sets a webhook up by one client, and causes an
// event by another.
func TestManagementWebhookDelivers(t *testing.T) {
	client, srv := emulated(t)
	key, secret := srv.ManagementCredentials()
	management, err := cometchat.NewManagementClient(key, secret, cometchat.WithBaseURL(srv.ManagementURL()))
	require.NoError(t, err)
	srv.AddUsers(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "mark"})

	var got []string
	h, err := webhook.NewHandler(webhook.BasicAuth("rides", "correct-horse"), webhook.Deduplicate(webhook.Memory(100)))
	require.NoError(t, err)
	failures := 1
	h.OnMessageSent(func(_ context.Context, e *webhook.MessageSent) error {
		if failures--; failures >= 0 {
			return io.ErrUnexpectedEOF
		}
		got = append(got, e.AppID+" "+e.Webhook+" "+e.Message.Text())
		return nil
	})
	srv.ReceiveAt("https://depot.example.org/hook", h)

	ctx := t.Context()
	send := func(text string) {
		_, err := client.OnBehalfOf("lena").Messages.Send(ctx, cometchat.ToUser("mark"), &cometchat.SendMessageRequest{Text: text})
		require.NoError(t, err)
		require.NoError(t, srv.AwaitDeliveries(ctx))
	}
	_, err = management.Webhooks.Create(ctx, srv.AppID(), &cometchat.CreateWebhookRequest{
		ID: "rides", Name: "Rides", WebhookURL: "https://depot.example.org/hook", UseBasicAuth: true,
		Username: "rides", Password: "correct-horse", Enabled: true, RetryOnFailure: true,
	})
	require.NoError(t, err)
	send("without a trigger")
	_, err = management.Webhooks.AddTriggers(ctx, srv.AppID(), "rides", []string{"message_sent"})
	require.NoError(t, err)
	send("one")
	assert.Empty(t, got)
	srv.Clock().Advance(10 * time.Second)
	require.NoError(t, srv.AwaitDeliveries(ctx))
	assert.Equal(t, []string{"emulator rides one"}, got, "by the retry")

	require.NoError(t, srv.DeliverAgain(srv.Deliveries()[0].ID, 3))
	require.NoError(t, srv.AwaitDeliveries(ctx))
	assert.Len(t, got, 1, "duplicates")

	_, err = management.Webhooks.Update(ctx, srv.AppID(), "rides", &cometchat.UpdateWebhookRequest{Password: ptr(cometchat.Secret("wrong"))})
	require.NoError(t, err)
	send("two")
	deliveries := srv.Deliveries()
	assert.Equal(t, 401, deliveries[len(deliveries)-1].Attempts[0].Status)
	require.NoError(t, management.Webhooks.Delete(ctx, srv.AppID(), "rides"))
	send("three")
	assert.Len(t, srv.Deliveries(), len(deliveries))
	assert.Len(t, got, 1)
}
