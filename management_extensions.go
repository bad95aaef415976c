package cometchat

import (
	"context"
	"log/slog"
)

var (
	listExtensions = get("/apps/{appId}/extensions")
	setExtensions  = post("/apps/{appId}/extensions")
)

// Extension adds a feature to an app, such as polls.
type Extension struct {
	ID              string `json:"id" wire:"id"`
	Name            string `json:"name,omitempty"`
	TagLine         string `json:"tagLine,omitempty"`
	Description     string `json:"description,omitempty"`
	Author          string `json:"author,omitempty"`
	Email           string `json:"email,omitempty"` // of the author
	WebhookURL      string `json:"webhookURL,omitempty"`
	WebsiteURL      string `json:"websiteURL,omitempty"`
	AdminURL        Secret `json:"adminURL,omitempty"` // holds a token
	AccessToAppData bool   `json:"accessToAppData"`
	IsActive        bool   `json:"isActive"`
	IsPrivate       bool   `json:"isPrivate"`
	IsInvisible     bool   `json:"isInvisible"`
	IsThirdParty    bool   `json:"isThirdParty"`
	// Hooks are the events of messages in which the extension takes part.
	Hooks      ExtensionHooks      `json:"hooks,omitzero"`
	Categories ExtensionCategories `json:"categories,omitzero"`
	CreatedAt  UnixTime            `json:"createdAt,omitempty"`
}

// LogValue keeps the token in the admin URL out of logs.
func (e Extension) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", e.ID), slog.String("name", e.Name), slog.Bool("isActive", e.IsActive))
}

// ExtensionHooks are the hooks of an extension.
type ExtensionHooks struct {
	Data []ExtensionHook `json:"data"`
}

// ExtensionHook is an event in which an extension takes part.
type ExtensionHook struct {
	Hook        string   `json:"hook"` // such as "after_message"
	Description string   `json:"description,omitempty"`
	IsActive    bool     `json:"isActive"`
	Enabled     int      `json:"enabled"` // 0 or 1
	CreatedAt   UnixTime `json:"createdAt,omitempty"`
}

// ExtensionCategories are the categories of an extension, whose shape the API
// does not document.
type ExtensionCategories struct {
	Data []Metadata `json:"data"`
}

// ExtensionListOptions pages through extensions.
type ExtensionListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000. The API's default is 25.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
}

func (o *ExtensionListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

type enableExtensionsRequest struct {
	Enabled []string `json:"enabled"`
}

func (r *enableExtensionsRequest) validate(v *validation) { v.ids("enabled", r.Enabled, 0) }

type disableExtensionsRequest struct {
	Disabled []string `json:"disabled"`
}

func (r *disableExtensionsRequest) validate(v *validation) { v.ids("disabled", r.Disabled, 0) }

// ExtensionsService enables and disables the extensions of apps. It does not
// cover the settings of single extensions.
type ExtensionsService service

// List lists the extensions that an app can use. opts may be nil.
//
// GET /apps/{appId}/extensions
func (s *ExtensionsService) List(appID string, opts *ExtensionListOptions) *PageList[Extension] {
	return pageList[Extension](s.core, listExtensions.at(appID).query(opts))
}

// Enable enables extensions. It returns one result for each, in the order given.
// The error joins the failures; the results are returned next to it.
//
// POST /apps/{appId}/extensions
func (s *ExtensionsService) Enable(ctx context.Context, appID string, ids []string) (*Results[NoValue], error) {
	return bulk(ctx, s.core, setExtensions.at(appID).body(&enableExtensionsRequest{ids}), ids, noValue)
}

// Disable disables extensions. It returns one result for each, in the order
// given. The error joins the failures; the results are returned next to it.
//
// POST /apps/{appId}/extensions
func (s *ExtensionsService) Disable(ctx context.Context, appID string, ids []string) (*Results[NoValue], error) {
	return bulk(ctx, s.core, setExtensions.at(appID).body(&disableExtensionsRequest{ids}), ids, noValue)
}
