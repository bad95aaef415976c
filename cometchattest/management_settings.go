package cometchattest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// defaultAppSettings are the boolean settings of a new app.
var defaultAppSettings = map[string]bool{
	"core.conversations.updateOnGroupActions":   true,
	"core.conversations.updateOnReplies":        false,
	"core.conversations.updateOnCallActivity":   true,
	"core.conversations.updateOnMessageActions": true,
	"core.conversations.updateOnCustomMessage":  true,
	"core.threads.updateOnMessageActions":       false,
	"core.notifications.push.accessible":        true,
	"core.notifications.push.enabled":           false,
	"core.notifications.push.advanced.enabled":  false,
}

func appSettingsResource() resource {
	return resource{base: managementPath, routes: []route{
		{pattern: "GET /apps/{appId}/settings", handle: with((*call).pathApp, getAppSettings)},
		{pattern: "POST /apps/{appId}/settings", handle: withBody((*call).pathApp, setAppSettings)},
		{pattern: "DELETE /apps/{appId}/settings", handle: withBody((*call).pathApp, unsetAppSettings)},
	}}
}

func getAppSettings(_ *call, a *managedApp) (any, error) {
	all := map[string]any{"core.notifications.push.advanced.included": []string{"preferences", "templates"}}
	for key, value := range defaultAppSettings {
		all[key] = value
	}
	for key, value := range a.settings {
		all[key] = value
	}
	return all, nil
}

// appSetting returns an error if key is not a boolean setting.
func appSetting(key string) error {
	if _, ok := defaultAppSettings[key]; !ok {
		return newError(http.StatusBadRequest, "ERR_BAD_REQUEST", "There is no setting %s that is true or false.", key)
	}
	return nil
}

func setAppSettings(_ *call, a *managedApp, f *fields) (any, error) {
	f.require("settings")
	values, ok := map[string]bool{}, true
	if f.has("settings") {
		ok = json.Unmarshal(f.members["settings"], &values) == nil
	}
	if !ok {
		f.fail("settings", "The field settings must be an object of true and false.")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	return tryEach(slices.Collect(maps.Keys(values)), func(key string) error {
		if err := appSetting(key); err != nil {
			return err
		}
		a.settings[key] = values[key]
		return nil
	}), nil
}

// unsetAppSettings resets the settings named in the body, or all of them if the
// body names none: the documentation of the service shows no body.
func unsetAppSettings(_ *call, a *managedApp, f *fields) (any, error) {
	keys, named := f.texts("settings", 0, 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	if !named {
		clear(a.settings)
	}
	for _, key := range keys {
		delete(a.settings, key)
	}
	return acknowledge("The settings of the app %s are as they were.", a.id)
}
