package cometchat

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
)

var (
	createWebhook         = post("/apps/{appId}/webhooks")
	getWebhook            = get("/apps/{appId}/webhooks/{webhookId}")
	listWebhooks          = get("/apps/{appId}/webhooks")
	updateWebhook         = put("/apps/{appId}/webhooks/{webhookId}")
	deleteWebhook         = del("/apps/{appId}/webhooks/{webhookId}")
	addWebhookTriggers    = post("/apps/{appId}/webhooks/{webhookId}/triggers")
	listWebhookTriggers   = get("/apps/{appId}/webhooks/{webhookId}/triggers").withoutPages()
	removeWebhookTriggers = del("/apps/{appId}/webhooks/{webhookId}/triggers")
)

// currentWebhooks is the version of all webhooks except the legacy ones. A call
// without a version is about the legacy ones.
const currentWebhooks = "2"

// WithLegacyWebhooks makes a ManagementClient's Webhooks act on the legacy
// webhooks of an app instead of the current ones.
func WithLegacyWebhooks() Option {
	return func(s *settings) error {
		if !s.management {
			return &ValidationError{Field: "legacyWebhooks", Reason: "is an option of a ManagementClient only"}
		}
		s.webhookVersion = ""
		return nil
	}
}

// Webhook is a URL to which the API posts the events of an app; package webhook
// receives them. An app has at most 25.
type Webhook struct {
	ID             string   `json:"id" wire:"id"`
	Name           string   `json:"name,omitempty"`
	WebhookURL     string   `json:"webhookURL,omitempty"`
	UseBasicAuth   bool     `json:"useBasicAuth,omitempty"`
	Username       string   `json:"username,omitempty"`
	Enabled        bool     `json:"enabled"`
	RetryOnFailure bool     `json:"retryOnFailure,omitempty"`
	CreatedAt      UnixTime `json:"createdAt,omitempty"`
	UpdatedAt      UnixTime `json:"updatedAt,omitempty"`
}

// CreateWebhookRequest describes a new webhook. ID, Name and WebhookURL are
// required.
type CreateWebhookRequest struct {
	// ID has at most 50 letters and digits.
	ID   string `json:"id"`
	Name string `json:"name"`
	// WebhookURL has at most 255 characters. It is https, or http on a loopback
	// host, which only an emulator can reach.
	WebhookURL string `json:"webhookURL"`
	// UseBasicAuth makes the API send Username, of at most 50 characters, and
	// Password, of at most 100. Neither may contain spaces.
	UseBasicAuth bool   `json:"useBasicAuth"`
	Username     string `json:"username,omitempty"`
	Password     Secret `json:"password,omitempty"`
	// Enabled makes the API start to post events.
	Enabled bool `json:"enabled"`
	// RetryOnFailure makes the API post an event again, 10 and 30 seconds after a
	// failure. Without it, the event is lost.
	RetryOnFailure bool `json:"retryOnFailure"`
}

func (r *CreateWebhookRequest) validate(v *validation) {
	v.required("id", r.ID)
	v.webhookID("id", r.ID)
	v.required("name", r.Name)
	v.length("name", r.Name, maxName)
	v.required("webhookURL", r.WebhookURL)
	v.webhookURL(&r.WebhookURL)
	if r.UseBasicAuth {
		v.required("username", r.Username)
		v.required("password", string(r.Password))
	}
	v.webhookCredentials(&r.Username, &r.Password)
}

func (r *CreateWebhookRequest) secrets() []string {
	if r == nil {
		return nil
	}
	return []string{string(r.Password)}
}

// LogValue keeps the password out of logs.
func (r CreateWebhookRequest) LogValue() slog.Value {
	type plain CreateWebhookRequest
	r.Password = Secret(r.Password.String())
	return slog.AnyValue(plain(r))
}

// UpdateWebhookRequest changes a webhook. A nil field is left alone. The limits
// are those of CreateWebhookRequest.
type UpdateWebhookRequest struct {
	Name           *string `json:"name,omitempty"`
	WebhookURL     *string `json:"webhookURL,omitempty"`
	UseBasicAuth   *bool   `json:"useBasicAuth,omitempty"`
	Username       *string `json:"username,omitempty"`
	Password       *Secret `json:"password,omitempty"`
	Enabled        *bool   `json:"enabled,omitempty"`
	RetryOnFailure *bool   `json:"retryOnFailure,omitempty"`
}

func (r *UpdateWebhookRequest) validate(v *validation) {
	v.optional("name", r.Name, maxName)
	v.webhookURL(r.WebhookURL)
	v.webhookCredentials(r.Username, r.Password)
}

func (r *UpdateWebhookRequest) secrets() []string {
	if r == nil || r.Password == nil {
		return nil
	}
	return []string{string(*r.Password)}
}

// LogValue keeps the password out of logs.
func (r UpdateWebhookRequest) LogValue() slog.Value {
	type plain UpdateWebhookRequest
	if r.Password != nil {
		hidden := Secret(r.Password.String())
		r.Password = &hidden
	}
	return slog.AnyValue(plain(r))
}

// WebhookListOptions filters the webhooks of an app.
type WebhookListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000. The API's default, 100, is more than an app can have.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
	// SearchKey is looked for in names.
	SearchKey string `url:"searchKey,omitempty"`
}

func (o *WebhookListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// WebhookTrigger is a kind of event that a webhook receives.
type WebhookTrigger struct {
	// ID is the name of the trigger in events, such as "message_sent".
	ID          string `json:"id" wire:"id"`
	Category    string `json:"category,omitempty"`
	Description string `json:"description,omitempty"`
}

// WebhookTriggerListOptions are the options of ListTriggers. The API documents
// none so far.
type WebhookTriggerListOptions struct{}

type webhookTriggersRequest struct {
	TriggerIDs []string `json:"triggerIds"`
}

func (r *webhookTriggersRequest) validate(v *validation) { v.ids("triggerIds", r.TriggerIDs, 0) }

// WebhooksService manages the webhooks of apps, and what they receive. Its calls
// have the header X-Webhook-Version: 2, unless WithLegacyWebhooks is given.
type WebhooksService service

// at sets the ids of a route, and the kind of webhooks that it is about.
func (s *WebhooksService) at(r *route, ids ...string) op {
	return r.at(ids...).header("X-Webhook-Version", s.core.settings.webhookVersion)
}

// Create creates a webhook, without triggers. It fails with
// ErrAlreadyExists if the app has a webhook with that ID.
//
// POST /apps/{appId}/webhooks
func (s *WebhooksService) Create(ctx context.Context, appID string, req *CreateWebhookRequest) (*Webhook, error) {
	return do[Webhook](ctx, s.core, s.at(createWebhook, appID).body(req))
}

// Get returns a webhook. It fails with CodeWebhookNotFound (ErrNotFound) if the
// app has no such webhook.
//
// GET /apps/{appId}/webhooks/{webhookId}
func (s *WebhooksService) Get(ctx context.Context, appID, webhookID string) (*Webhook, error) {
	return do[Webhook](ctx, s.core, s.at(getWebhook, appID, webhookID))
}

// List lists the webhooks of an app. opts may be nil.
//
// GET /apps/{appId}/webhooks
func (s *WebhooksService) List(appID string, opts *WebhookListOptions) *PageList[Webhook] {
	return pageList[Webhook](s.core, s.at(listWebhooks, appID).query(opts))
}

// Update changes a webhook. It fails with CodeWebhookNotFound (ErrNotFound) if
// the app has no such webhook.
//
// PUT /apps/{appId}/webhooks/{webhookId}
func (s *WebhooksService) Update(ctx context.Context, appID, webhookID string, req *UpdateWebhookRequest) (*Webhook, error) {
	return do[Webhook](ctx, s.core, s.at(updateWebhook, appID, webhookID).body(req))
}

// Delete removes a webhook. It fails with CodeWebhookNotFound (ErrNotFound) if
// the app has no such webhook.
//
// DELETE /apps/{appId}/webhooks/{webhookId}
func (s *WebhooksService) Delete(ctx context.Context, appID, webhookID string) error {
	return acknowledge(ctx, s.core, s.at(deleteWebhook, appID, webhookID))
}

// AddTriggers adds kinds of events to those that a webhook receives, such as
// "message_sent". It returns one result for each, in the order given. The error
// joins the failures, such as CodeTriggerNotFound; the results are returned next
// to it.
//
// POST /apps/{appId}/webhooks/{webhookId}/triggers
func (s *WebhooksService) AddTriggers(ctx context.Context, appID, webhookID string, triggers []string) (*Results[NoValue], error) {
	return bulk(ctx, s.core, s.at(addWebhookTriggers, appID, webhookID).body(&webhookTriggersRequest{triggers}), triggers, noValue)
}

// ListTriggers lists the kinds of events that a webhook receives. opts may be
// nil.
//
// GET /apps/{appId}/webhooks/{webhookId}/triggers
func (s *WebhooksService) ListTriggers(appID, webhookID string, opts *WebhookTriggerListOptions) *PageList[WebhookTrigger] {
	return pageList[WebhookTrigger](s.core, s.at(listWebhookTriggers, appID, webhookID).query(opts))
}

// RemoveTriggers removes kinds of events from those that a webhook receives; it
// must name at least one. The API returns one outcome for all of them. It fails
// with CodeWebhookNotFound (ErrNotFound) if the app has no such webhook.
//
// DELETE /apps/{appId}/webhooks/{webhookId}/triggers
func (s *WebhooksService) RemoveTriggers(ctx context.Context, appID, webhookID string, triggers []string) error {
	return acknowledge(ctx, s.core, s.at(removeWebhookTriggers, appID, webhookID).body(&webhookTriggersRequest{triggers}))
}

// Limits of webhooks, in characters.
const (
	maxWebhookURL      = 255
	maxWebhookUsername = 50
	maxWebhookPassword = 100
)

func (v *validation) webhookID(field, id string) {
	v.length(field, id, maxWebhookID)
	if strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) {
		v.add(ValidationError{Field: field, Size: len(id), Reason: "must be letters and digits only"})
	}
}

func (v *validation) webhookURL(to *string) {
	if to == nil || *to == "" {
		return
	}
	v.length("webhookURL", *to, maxWebhookURL)
	u, err := url.Parse(*to)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		v.add(ValidationError{Field: "webhookURL", Size: len(*to), Reason: "must be an https URL"})
	}
}

func (v *validation) webhookCredentials(username *string, password *Secret) {
	v.optional("username", username, maxWebhookUsername)
	v.optional("password", (*string)(password), maxWebhookPassword)
	for field, value := range map[string]*string{"username": username, "password": (*string)(password)} {
		if value != nil && strings.ContainsAny(*value, " \t\r\n") {
			v.add(ValidationError{Field: field, Size: len(*value), Reason: "must not hold spaces"})
		}
	}
}
