package cometchat

import (
	"context"
	"log/slog"
)

var (
	createApp       = post("/apps")
	listApps        = get("/apps")
	deleteApp       = del("/apps/{appId}")
	requestAppUsage = post("/apps/{appId}/usage")
)

// App is an app of the account.
type App struct {
	ID     string `json:"id" wire:"id"`
	Name   string `json:"name,omitempty"`
	Region Region `json:"region,omitempty"`
	Plan   string `json:"plan,omitempty"`
	// State is "active" or another state.
	State string `json:"state,omitempty"`
	// Owner is the id of the account that owns the app, which AppOwner describes.
	Owner       string    `json:"owner,omitempty"`
	AppOwner    AppOwner  `json:"appOwner,omitzero"`
	AppRegion   AppRegion `json:"appRegion,omitzero"`
	CreatedAt   UnixTime  `json:"createdAt,omitempty"`
	TrialEndsAt UnixTime  `json:"trialEndsAt,omitempty"`
	// APIKeys holds the keys of the app, each under its own value, as in a
	// response to Create.
	APIKeys map[Secret]APIKey `json:"apiKeys,omitempty"`
	// AccessKey is set in lists.
	AccessKey Secret `json:"accessKey,omitempty"`
}

// LogValue keeps the keys, and the owner's address, out of logs.
func (a App) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", a.ID),
		slog.String("name", a.Name),
		slog.String("region", string(a.Region)),
		slog.String("state", a.State),
		slog.Int("apiKeys", len(a.APIKeys)),
	)
}

// AppOwner is the account that owns an app.
type AppOwner struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// AppRegion describes a region.
type AppRegion struct {
	ID          string `json:"id"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
}

// CreateAppRequest describes a new app. Name and Region are required.
type CreateAppRequest struct {
	// Name has at most 100 characters.
	Name   string `json:"name"`
	Region Region `json:"region"`
	// Version is the version of the app's API; "3", the default, is the only one.
	Version string `json:"version,omitempty"`
	// SkipSampleData creates the app without the API's sample users and groups.
	SkipSampleData bool `json:"skipSampleData,omitempty"`
}

func (r *CreateAppRequest) validate(v *validation) {
	v.required("name", r.Name)
	v.length("name", r.Name, maxName)
	v.required("region", string(r.Region))
}

// AppListOptions filters the account's apps.
type AppListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000. The API's default is 25.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
	// SearchKey is looked for in ids and names.
	SearchKey string `url:"searchKey,omitempty"`
}

func (o *AppListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// AppUsageOptions selects the usage to report.
type AppUsageOptions struct {
	// UsePreviousBillingCycle selects the billing cycle before the current one.
	UsePreviousBillingCycle bool `json:"usePreviousBillingCycle"`
}

// AppDeletion says when an app is deleted.
type AppDeletion struct {
	ScheduledToDeleteAt UnixTime `json:"scheduledToDeleteAt"`
}

// AppsService manages the account's apps.
type AppsService service

// Create creates an app. The response contains its first API keys. It fails with
// CodeAppCreationFailedMaxLimit (ErrQuotaExceeded) if the account has as many
// apps as it may have.
//
// POST /apps
func (s *AppsService) Create(ctx context.Context, req *CreateAppRequest) (*App, error) {
	return do[App](ctx, s.core, createApp.at().body(req))
}

// List lists the account's apps, with their keys. opts may be nil.
//
// GET /apps
func (s *AppsService) List(opts *AppListOptions) *PageList[App] {
	return pageList[App](s.core, listApps.at().query(opts))
}

// Delete schedules an app for deletion, with all of its data. It fails with
// CodeAppNotFound (ErrNotFound) if the account has no such app.
//
// DELETE /apps/{appId}
func (s *AppsService) Delete(ctx context.Context, appID string) (*AppDeletion, error) {
	return do[AppDeletion](ctx, s.core, deleteApp.at(appID))
}

// RequestUsage asks the API to send the account an e-mail with the usage of an
// app, and of the apps that share its subscription. opts may be nil. It fails
// with CodeAppNotFound (ErrNotFound) if the account has no such app.
//
// POST /apps/{appId}/usage
func (s *AppsService) RequestUsage(ctx context.Context, appID string, opts *AppUsageOptions) error {
	if opts == nil {
		opts = &AppUsageOptions{}
	}
	return acknowledge(ctx, s.core, requestAppUsage.at(appID).body(opts))
}
