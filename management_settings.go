package cometchat

import (
	"context"
	"maps"
	"slices"
)

var (
	getAppSettings   = get("/apps/{appId}/settings")
	setAppSettings   = post("/apps/{appId}/settings")
	unsetAppSettings = del("/apps/{appId}/settings")
)

// AppSettings are the settings of an app by key, such as
// core.conversations.updateOnReplies. Most are true or false, some are lists of
// texts.
type AppSettings map[string]Metadata

// Enabled reports whether a setting is true.
func (s AppSettings) Enabled(key string) bool {
	var on bool
	return s[key].Decode(&on) == nil && on
}

// List returns a setting that is a list of texts, or nil if it is not one.
func (s AppSettings) List(key string) []string {
	var list []string
	if s[key].Decode(&list) != nil {
		return nil
	}
	return list
}

type setAppSettingsRequest struct {
	Settings map[string]bool `json:"settings"`
}

func (r *setAppSettingsRequest) validate(v *validation) {
	v.ids("settings", slices.Sorted(maps.Keys(r.Settings)), 0)
}

type unsetAppSettingsRequest struct {
	Settings []string `json:"settings"`
}

func (r *unsetAppSettingsRequest) validate(v *validation) { v.ids("settings", r.Settings, 0) }

// AppSettingsService manages the settings of apps.
type AppSettingsService service

// Get returns all settings of an app. It fails with CodeAppNotFound (ErrNotFound)
// if the account has no such app.
//
// GET /apps/{appId}/settings
func (s *AppSettingsService) Get(ctx context.Context, appID string) (AppSettings, error) {
	settings, err := do[AppSettings](ctx, s.core, getAppSettings.at(appID))
	if err != nil {
		return nil, err
	}
	return *settings, nil
}

// Set enables and disables settings. It returns one result for each, in the order
// of the keys. The error joins the failures; the results are returned next to it.
//
// POST /apps/{appId}/settings
func (s *AppSettingsService) Set(ctx context.Context, appID string, values map[string]bool) (*Results[NoValue], error) {
	return bulk(ctx, s.core, setAppSettings.at(appID).body(&setAppSettingsRequest{values}), slices.Sorted(maps.Keys(values)), noValue)
}

// Unset resets settings to the API's defaults. Note that the API documents no
// body for this operation: it may ignore the keys and reset all settings of the
// app. Read the settings with Get before, and set again what was lost. It fails
// with CodeAppNotFound (ErrNotFound) if the account has no such app.
//
// DELETE /apps/{appId}/settings
func (s *AppSettingsService) Unset(ctx context.Context, appID string, keys []string) error {
	return acknowledge(ctx, s.core, unsetAppSettings.at(appID).body(&unsetAppSettingsRequest{keys}))
}
