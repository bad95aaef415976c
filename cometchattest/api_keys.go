package cometchattest

import (
	"net/http"
	"strings"
)

// The scopes of API keys.
const (
	scopeAuthOnly   = "authOnly"
	scopeFullAccess = "fullAccess"
)

// maxAPIKeys is the number of keys an app may have.
const maxAPIKeys = 25

// apiKey is an API key, as stored and as sent.
type apiKey struct {
	Key       string `json:"apiKey"`
	Name      string `json:"name"`
	Scope     string `json:"scope"`
	CreatedAt int64  `json:"createdAt"`
}

// AddAPIKey adds a key to the app, or replaces the key of the same value. The
// scopes of the API are "fullAccess" and "authOnly". An "authOnly" key may only
// create auth tokens; a key of any other scope may do everything.
func (s *Server) AddAPIKey(key, name, scope string) {
	s.seed(func(c *call) {
		c.state.keys.add(key, c.unix(), &apiKey{Key: key, Name: name, Scope: scope, CreatedAt: c.unix()})
	})
}

func apiKeysResource() resource {
	return resource{routes: []route{
		{pattern: "POST /apikeys", handle: with((*call).fields, createAPIKey)},
		{pattern: "GET /apikeys", handle: listAPIKeys},
		{pattern: "GET /apikeys/{apiKey}", handle: getAPIKey},
		{pattern: "PUT /apikeys/{apiKey}", handle: withBody((*call).otherKey, updateAPIKey)},
		{pattern: "DELETE /apikeys/{apiKey}", handle: with((*call).otherKey, deleteAPIKey)},
	}}
}

// pathKey returns the key named by the path.
func (c *call) pathKey() (*apiKey, error) {
	key, ok := c.state.keys.get(c.param("apiKey"))
	if !ok {
		return nil, errNotFound("ERR_APIKEY_NOT_FOUND", "API key", c.named("apiKey"))
	}
	return key, nil
}

// otherKey returns the key named by the path. It fails if the request is made
// with that key.
func (c *call) otherKey() (*apiKey, error) {
	key, err := c.pathKey()
	if err == nil && key.Key == c.key.Key {
		return nil, newError(http.StatusForbidden, "ERR_APIKEY_NO_SELF_ACTION", "The API key %s may not change or delete itself.", key.Key)
	}
	return key, err
}

func createAPIKey(c *call, f *fields) (any, error) {
	f.require("name")
	key := &apiKey{Key: randomHex(20), Scope: scopeAuthOnly, CreatedAt: c.unix()}
	key.Name, _ = f.text("name", 100)
	if scope, ok := f.oneOf("scope", scopeAuthOnly, scopeFullAccess); ok {
		key.Scope = scope
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	if c.state.keys.count() >= maxAPIKeys {
		return nil, errQuota("An app may have %d API keys at most.", maxAPIKeys)
	}
	c.state.keys.add(key.Key, key.CreatedAt, key)
	return key, nil
}

func listAPIKeys(c *call) (any, error) {
	f := newFields(nil)
	scope := c.queryWord(f, "scope", scopeAuthOnly, scopeFullAccess)
	if err := f.err(); err != nil {
		return nil, err
	}
	search := strings.ToLower(c.query.Get("searchKey"))
	return pageList[*apiKey]{
		rows: c.state.keys,
		keep: func(k *apiKey) bool {
			return (scope == "" || scope == k.Scope) && strings.Contains(strings.ToLower(k.Name), search)
		},
		view: func(k *apiKey) any { return k },
	}.page(c)
}

func getAPIKey(c *call) (any, error) { return c.pathKey() }

func updateAPIKey(_ *call, key *apiKey, f *fields) (any, error) {
	name, hasName := f.text("name", 100)
	scope, hasScope := f.oneOf("scope", scopeAuthOnly, scopeFullAccess)
	if err := f.err(); err != nil {
		return nil, err
	}
	if hasName {
		key.Name = name
	}
	if hasScope {
		key.Scope = scope
	}
	return key, nil
}

func deleteAPIKey(c *call, key *apiKey) (any, error) {
	c.state.keys.delete(key.Key)
	return acknowledge("The API key %s is deleted.", key.Key)
}
