package cometchat_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/fixture"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// The account of fixtures is also the emulator's, so that there is nothing to
// scrub.
const (
	accountKey    = "key-of-the-account"
	accountSecret = "secret-of-the-account"
)

// managed returns a client of the exchanges in testdata/management/<name>.http.
func managed(t *testing.T, name string, opts ...cometchat.Option) *cometchat.ManagementClient {
	t.Helper()
	srv := fixture.New(t, "management/"+name, fixture.OnlyUpstream(), fixture.Upstream(func() (string, string) {
		upstream := cometchattest.NewServer(cometchattest.WithAppID("depot"), cometchattest.WithAPIKey("key-of-the-depot"),
			cometchattest.WithManagementCredentials(accountKey, accountSecret), cometchattest.WithClock(testkit.RecordedAt.Time))
		t.Cleanup(upstream.Close)
		return upstream.ManagementURL(), upstream.APIKey()
	}))
	return managementOf(t, srv.URL, append(opts, testkit.Once)...)
}

func managementOf(t testing.TB, base string, opts ...cometchat.Option) *cometchat.ManagementClient {
	t.Helper()
	client, err := cometchat.NewManagementClient(accountKey, accountSecret, append([]cometchat.Option{cometchat.WithBaseURL(base)}, opts...)...)
	require.NoError(t, err)
	return client
}

// TestManagementRequests shows what is sent, and which requests have the version.
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
	return managementOf(t, srv.URL, testkit.Once)
}

// TestManagementValidates refuses arguments that would reach another operation,
// or more than was meant, before anything is sent.
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
		"username: 51 characters, at most 50 allowed":     errOf(client.Webhooks.Update(ctx, "depot", "rides", &cometchat.UpdateWebhookRequest{Username: cometchat.Ptr(strings.Repeat("x", 51))})),
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
		"callsBaseURL": func() (*cometchat.ManagementClient, error) {
			return cometchat.NewManagementClient("k", "s", cometchat.WithCallsBaseURL("https://calls.example"))
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
