package cometchattest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Limits of webhooks.
const (
	maxWebhooks        = 25
	maxWebhookID       = 50
	maxWebhookURL      = 255
	maxWebhookUsername = 50
	maxWebhookPassword = 100
)

// webhook is a stored webhook.
type webhook struct {
	id, name, url           string
	useBasicAuth            bool
	username                string
	password                string `snapshot:",secret"`
	enabled, retryOnFailure bool
	createdAt, updatedAt    int64
	triggers                []string // in the order they were added
}

type webhookView struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	WebhookURL     string `json:"webhookURL"`
	UseBasicAuth   bool   `json:"useBasicAuth"`
	Username       string `json:"username,omitempty"`
	Enabled        bool   `json:"enabled"`
	RetryOnFailure bool   `json:"retryOnFailure"`
	CreatedAt      int64  `json:"createdAt"`
	UpdatedAt      int64  `json:"updatedAt"`
}

func (w *webhook) view() webhookView {
	return webhookView{
		ID: w.id, Name: w.name, WebhookURL: w.url, UseBasicAuth: w.useBasicAuth, Username: w.username,
		Enabled: w.enabled, RetryOnFailure: w.retryOnFailure, CreatedAt: w.createdAt, UpdatedAt: w.updatedAt,
	}
}

type trigger struct {
	ID          string `json:"id"`
	Category    string `json:"category"`
	Description string `json:"description"`
}

// The triggers of the current and of the legacy webhooks, by id.
var (
	currentTriggers = sync.OnceValue(func() map[string]trigger { return triggersOf(Triggers()...) })
	legacyTriggers  = sync.OnceValue(func() map[string]trigger {
		return triggersOf("before_message", "after_message", "message_delivery_receipt", "message_read_receipt", "user_connection_status_change")
	})
)

func triggersOf(ids ...string) map[string]trigger {
	all := map[string]trigger{}
	for _, id := range ids {
		all[id] = trigger{ID: id, Category: categoryOf(id), Description: "Fires on " + strings.ReplaceAll(id, "_", " ")}
	}
	return all
}

func categoryOf(id string) string {
	switch kind, _, _ := strings.Cut(id, "_"); kind {
	case "user":
		return "users"
	case "group":
		return "groups"
	case "call", "meeting", "recording", "transcription":
		return "calls"
	case "moderation":
		return "moderation"
	case "after":
		if id != "after_message" {
			return "campaigns"
		}
	}
	return "messages"
}

func webhooksResource() resource {
	return resource{base: managementPath, routes: []route{
		{pattern: "POST /apps/{appId}/webhooks", handle: withBody((*call).pathApp, createWebhook)},
		{pattern: "GET /apps/{appId}/webhooks", handle: with((*call).pathApp, listWebhooks)},
		{pattern: "GET /apps/{appId}/webhooks/{webhookId}", handle: with((*call).pathWebhook, getWebhook)},
		{pattern: "PUT /apps/{appId}/webhooks/{webhookId}", handle: withBody((*call).pathWebhook, updateWebhook)},
		{pattern: "DELETE /apps/{appId}/webhooks/{webhookId}", handle: with((*call).pathApp, deleteWebhook)},
		{pattern: "POST /apps/{appId}/webhooks/{webhookId}/triggers", handle: withBody((*call).pathWebhook, addTriggers)},
		{pattern: "GET /apps/{appId}/webhooks/{webhookId}/triggers", handle: with((*call).pathWebhook, listTriggers)},
		{pattern: "DELETE /apps/{appId}/webhooks/{webhookId}/triggers", handle: withBody((*call).pathWebhook, removeTriggers)},
	}}
}

// current reports whether a request is about the current webhooks. Without the
// header for them, it is about the legacy ones.
func (c *call) current() bool { return headerValue(c.request.Header, "x-webhook-version") == "2" }

// webhooksOf returns the webhooks of an app that a request is about.
func (c *call) webhooksOf(a *managedApp) *table[*webhook] {
	if c.current() {
		return a.webhooks
	}
	return a.legacyWebhooks
}

// knownTriggers returns the triggers that those webhooks can have.
func (c *call) knownTriggers() map[string]trigger {
	if c.current() {
		return currentTriggers()
	}
	return legacyTriggers()
}

// delivers reports whether events are delivered to the webhooks a request is
// about. That is so for the current webhooks of the emulated app.
func (c *call) delivers() bool { return c.current() && c.param("appId") == c.server.AppID() }

// connect applies the state of a webhook to deliveries, if events are delivered
// to it.
func (c *call) connect(w *webhook) error {
	if !c.delivers() {
		return nil
	}
	return c.server.connect(w)
}

// connect delivers events to a webhook. A webhook without triggers gets none.
func (s *Server) connect(w *webhook) error {
	opts := []DeliveryOption{
		WithTriggers(w.triggers...), WithDeliveries(w.enabled && len(w.triggers) > 0), WithoutRetries(), WithBasicAuth("", ""),
	}
	if w.retryOnFailure {
		opts = append(opts, WithRetries())
	}
	if w.useBasicAuth {
		opts = append(opts, WithBasicAuth(w.username, w.password))
	}
	return s.setWebhook(w.id, w.url, opts...)
}

// pathWebhook returns the webhook named by the path.
func (c *call) pathWebhook() (*webhook, error) {
	a, err := c.pathApp()
	if err != nil {
		return nil, err
	}
	w, ok := c.webhooksOf(a).get(c.param("webhookId"))
	if !ok {
		return nil, errNotFound("ERR_WEBHOOK_NOT_FOUND", "webhook", c.named("webhookId"))
	}
	return w, nil
}

// readWebhook changes a webhook according to the body.
func readWebhook(f *fields, w *webhook) error {
	if name, ok := f.text("name", 0); ok {
		w.name = name
	}
	if to, ok := f.text("webhookURL", maxWebhookURL); ok {
		if w.url = to; !isWebhookURL(to) {
			f.fail("webhookURL", "The field webhookURL must be an https URL.")
		}
	}
	for name, set := range map[string]*bool{"useBasicAuth": &w.useBasicAuth, "enabled": &w.enabled, "retryOnFailure": &w.retryOnFailure} {
		if value, ok := f.boolean(name); ok {
			*set = value
		}
	}
	for name, set := range map[string]*string{"username": &w.username, "password": &w.password} {
		limit := map[string]int{"username": maxWebhookUsername, "password": maxWebhookPassword}[name]
		if value, ok := f.text(name, limit); ok {
			if *set = value; strings.Contains(value, " ") {
				f.fail(name, "The field %s must not hold spaces.", name)
			}
		}
	}
	if w.useBasicAuth && (w.username == "" || w.password == "") {
		f.fail("useBasicAuth", "The fields username and password are required with useBasicAuth.")
	}
	return f.err()
}

// isWebhookURL reports whether to is a valid URL of a webhook. The service
// requires https; the emulator also allows http for loopback hosts.
func isWebhookURL(to string) bool {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" {
		return false
	}
	host := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

func createWebhook(c *call, a *managedApp, f *fields) (any, error) {
	f.require("id", "name", "webhookURL")
	w := &webhook{createdAt: c.unix(), updatedAt: c.unix()}
	if w.id, _ = f.text("id", maxWebhookID); !isAlphanumeric(w.id) {
		f.fail("id", "The field id must be letters and digits.")
	}
	if err := readWebhook(f, w); err != nil {
		return nil, err
	}
	all := c.webhooksOf(a)
	if _, taken := all.get(w.id); taken {
		return nil, errTaken("ERR_WEBHOOK_ALREADY_EXISTS", "webhook", w.id)
	}
	if all.count() >= maxWebhooks {
		return nil, errQuota("An app may have %d webhooks at most.", maxWebhooks)
	}
	if err := c.connect(w); err != nil {
		return nil, errTaken("ERR_WEBHOOK_ALREADY_EXISTS", "endpoint", w.id)
	}
	all.add(w.id, w.createdAt, w)
	return w.view(), nil
}

func listWebhooks(c *call, a *managedApp) (any, error) {
	search := strings.ToLower(c.query.Get("searchKey"))
	return pageList[*webhook]{
		rows: c.webhooksOf(a),
		keep: func(w *webhook) bool { return strings.Contains(strings.ToLower(w.name), search) },
		view: func(w *webhook) any { return w.view() },
	}.page(c)
}

func getWebhook(_ *call, w *webhook) (any, error) { return w.view(), nil }

func updateWebhook(c *call, w *webhook, f *fields) (any, error) {
	changed := *w
	if err := readWebhook(f, &changed); err != nil {
		return nil, err
	}
	changed.updatedAt = c.unix()
	*w = changed
	return w.view(), c.connect(w)
}

func deleteWebhook(c *call, a *managedApp) (any, error) {
	id := c.param("webhookId")
	if c.webhooksOf(a).delete(id) == nil {
		return nil, errNotFound("ERR_WEBHOOK_NOT_FOUND", "webhook", c.named("webhookId"))
	}
	if c.delivers() {
		c.server.removeWebhook(id)
	}
	return acknowledge("The webhook %s is deleted.", id)
}

// triggerIDs reads the body of a request that adds or removes triggers.
func triggerIDs(f *fields) ([]string, error) {
	f.require("triggerIds")
	ids, _ := f.texts("triggerIds", 0, 0)
	return ids, f.err()
}

func addTriggers(c *call, w *webhook, f *fields) (any, error) {
	ids, err := triggerIDs(f)
	if err != nil {
		return nil, err
	}
	known := c.knownTriggers()
	return tryEach(ids, func(id string) error {
		if _, ok := known[id]; !ok {
			return newError(http.StatusNotFound, "ERR_TRIGGER_NOT_FOUND", "The trigger %s does not exist.", id)
		}
		if !slices.Contains(w.triggers, id) {
			w.triggers = append(w.triggers, id)
		}
		return nil
	}), c.connect(w)
}

func listTriggers(c *call, w *webhook) (any, error) {
	known := c.knownTriggers()
	all := make([]trigger, 0, len(w.triggers))
	for _, id := range w.triggers {
		all = append(all, known[id])
	}
	return wholeList(all), nil
}

func removeTriggers(c *call, w *webhook, f *fields) (any, error) {
	ids, err := triggerIDs(f)
	if err != nil {
		return nil, err
	}
	w.triggers = slices.DeleteFunc(w.triggers, func(id string) bool { return slices.Contains(ids, id) })
	if err := c.connect(w); err != nil {
		return nil, err
	}
	return acknowledge("The triggers of the webhook %s are removed.", w.id)
}
