package cometchattest

import (
	"strings"
)

// deletionDelay is how long an app is kept before its deletion, in seconds.
const deletionDelay = 30 * 24 * 60 * 60

// maxAppName is the maximum length of the name of an app in characters.
const maxAppName = 100

// managedApp is an app in the Management API.
type managedApp struct {
	id, name, region string
	createdAt        int64
	deletedAt        int64           // when it is to be deleted; 0 if it is not
	keys             *table[*apiKey] `snapshot:",secret"`

	extensions    map[string]bool // enabled extensions, by id
	settings      map[string]bool // settings that differ from the defaults, by key
	collaborators *table[*collaborator]
	// webhooks holds the current webhooks, legacyWebhooks the legacy ones.
	webhooks, legacyWebhooks *table[*webhook]
}

func newManagedApp(id, name, region string, at int64, keys *table[*apiKey]) *managedApp {
	return &managedApp{
		id: id, name: name, region: region, createdAt: at, keys: keys,
		extensions: map[string]bool{}, settings: map[string]bool{}, collaborators: newTable[*collaborator](),
		webhooks: newTable[*webhook](), legacyWebhooks: newTable[*webhook](),
	}
}

type appView struct {
	ID          string                `json:"id"`
	Name        string                `json:"name"`
	Plan        string                `json:"plan"`
	TrialEndsAt int64                 `json:"trialEndsAt"`
	State       string                `json:"state"`
	Owner       int                   `json:"owner"`
	Region      string                `json:"region"`
	CreatedAt   int64                 `json:"createdAt"`
	AppOwner    appOwner              `json:"appOwner"`
	AppRegion   appRegion             `json:"appRegion"`
	APIKeys     map[string]managedKey `json:"apiKeys"`
}

type appOwner struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type appRegion struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

type managedKey struct {
	APIKey    string `json:"apiKey"`
	Name      string `json:"name"`
	Scope     string `json:"scope"`
	CreatedBy string `json:"createdBy"`
}

func (a *managedApp) view() appView {
	const trial = 30 * 24 * 60 * 60 // seconds
	v := appView{
		ID: a.id, Name: a.name, Plan: "trial", TrialEndsAt: a.createdAt + trial, State: "active",
		Owner: 1, Region: a.region, CreatedAt: a.createdAt,
		AppOwner:  appOwner{ID: "1", Name: "Owner", Email: "owner@example.com"},
		AppRegion: appRegion{ID: a.region, Name: strings.ToUpper(a.region), Description: "Region " + a.region},
		APIKeys:   map[string]managedKey{},
	}
	if a.deletedAt != 0 {
		v.State = "scheduledToDelete"
	}
	for i := range a.keys.count() {
		k := a.keys.at(i)
		v.APIKeys[k.Key] = managedKey{APIKey: k.Key, Name: k.Name, Scope: k.Scope, CreatedBy: "app_system"}
	}
	return v
}

func appsResource() resource {
	return resource{base: managementPath, routes: []route{
		{pattern: "POST /apps", handle: with((*call).fields, createApp)},
		{pattern: "GET /apps", handle: listApps},
		{pattern: "DELETE /apps/{appId}", handle: with((*call).pathApp, deleteApp)},
		{pattern: "POST /apps/{appId}/usage", handle: withBody((*call).pathApp, requestUsage)},
	}}
}

func createApp(c *call, f *fields) (any, error) {
	f.require("name", "region")
	name, _ := f.text("name", maxAppName)
	region, _ := f.oneOf("region", "us", "eu", "in")
	f.oneOf("version", "3", "v3")
	f.boolean("skipSampleData")
	if err := f.err(); err != nil {
		return nil, err
	}
	keys := newTable[*apiKey]()
	for _, k := range []apiKey{
		{Key: randomHex(20), Name: "Auth only", Scope: scopeAuthOnly, CreatedAt: c.unix()},
		{Key: randomHex(20), Name: "Rest API Key", Scope: scopeFullAccess, CreatedAt: c.unix()},
	} {
		keys.add(k.Key, k.CreatedAt, &k)
	}
	a := newManagedApp(randomHex(8), name, region, c.unix(), keys)
	c.state.account.apps.add(a.id, a.createdAt, a)
	return a.view(), nil
}

func listApps(c *call) (any, error) {
	search := strings.ToLower(c.query.Get("searchKey"))
	return pageList[*managedApp]{
		rows: c.state.account.apps,
		keep: func(a *managedApp) bool {
			return strings.Contains(strings.ToLower(a.id), search) || strings.Contains(strings.ToLower(a.name), search)
		},
		view: func(a *managedApp) any { return a.view() },
	}.page(c)
}

// deleteApp schedules the deletion of an app, but does not delete it.
func deleteApp(c *call, a *managedApp) (any, error) {
	if a.deletedAt == 0 {
		a.deletedAt = c.unix() + deletionDelay
	}
	return map[string]any{"success": true, "scheduledToDeleteAt": a.deletedAt}, nil
}

func requestUsage(_ *call, a *managedApp, f *fields) (any, error) {
	f.boolean("usePreviousBillingCycle")
	if err := f.err(); err != nil {
		return nil, err
	}
	return acknowledge("The usage of the app %s will be sent by e-mail.", a.id)
}
