package cometchat

import (
	"context"
	"log/slog"
)

var (
	createAPIKey = post("/apikeys")
	listAPIKeys  = get("/apikeys").withoutPages()
	getAPIKey    = get("/apikeys/{apiKey}")
	updateAPIKey = put("/apikeys/{apiKey}")
	deleteAPIKey = del("/apikeys/{apiKey}")
)

// APIKey is a key of the app, such as the one that NewClient takes. An app has at
// most 25.
type APIKey struct {
	APIKey    Secret      `json:"apiKey" wire:"id"`
	Name      string      `json:"name,omitempty"`
	Scope     APIKeyScope `json:"scope,omitempty"`
	CreatedAt UnixTime    `json:"createdAt,omitempty"`
	CreatedBy string      `json:"createdBy,omitempty"` // a uid
}

// LogValue keeps the key out of logs.
func (k APIKey) LogValue() slog.Value {
	type plain APIKey
	k.APIKey = Secret(k.APIKey.String())
	return slog.AnyValue(plain(k))
}

// APIKeyScope is what a key may do. Other values may occur.
type APIKeyScope string

// The documented scopes.
const (
	// APIKeyScopeFullAccess allows every call.
	APIKeyScopeFullAccess APIKeyScope = "fullAccess"
	// APIKeyScopeAuthOnly allows making auth tokens; whether it also allows
	// creating users is documented both ways.
	APIKeyScopeAuthOnly APIKeyScope = "authOnly"
)

// CreateAPIKeyRequest describes a new key; both fields are required.
type CreateAPIKeyRequest struct {
	// Name has at most 100 characters.
	Name  string      `json:"name"`
	Scope APIKeyScope `json:"scope"`
}

func (r *CreateAPIKeyRequest) validate(v *validation) {
	v.required("name", r.Name)
	v.length("name", r.Name, maxName)
	v.required("scope", string(r.Scope))
}

// UpdateAPIKeyRequest changes a key. A nil field is left alone.
type UpdateAPIKeyRequest struct {
	// Name has at most 100 characters.
	Name  *string      `json:"name,omitempty"`
	Scope *APIKeyScope `json:"scope,omitempty"`
}

func (r *UpdateAPIKeyRequest) validate(v *validation) { v.optional("name", r.Name, maxName) }

// APIKeyListOptions filters the app's keys.
type APIKeyListOptions struct {
	Scope APIKeyScope `url:"scope,omitempty"`
	// SearchKey is looked for in the names.
	SearchKey string `url:"searchKey,omitempty"`
}

// APIKeysService manages the app's API keys. A key that a call names never
// appears in an error or a log, although it is part of the request's path.
type APIKeysService service

// Create makes a new key. It fails with ErrQuotaExceeded if the app has 25
// keys; the API does not document the code of that error.
//
// POST /apikeys
func (s *APIKeysService) Create(ctx context.Context, req *CreateAPIKeyRequest) (*APIKey, error) {
	return do[APIKey](ctx, s.core, createAPIKey.at().body(req))
}

// Get returns a key. It fails with CodeAPIKeyNotFound (ErrNotFound) if the app
// has no such key.
//
// GET /apikeys/{apiKey}
func (s *APIKeysService) Get(ctx context.Context, key Secret) (*APIKey, error) {
	return do[APIKey](ctx, s.core, getAPIKey.at(string(key)))
}

// List lists the app's keys. opts may be nil. The API documents no page size
// for this list.
//
// GET /apikeys
func (s *APIKeysService) List(opts *APIKeyListOptions) *PageList[APIKey] {
	return pageList[APIKey](s.core, listAPIKeys.at().query(opts))
}

// Update changes a key. It fails with CodeAPIKeyNotFound (ErrNotFound) if the app
// has no such key, and with CodeAPIKeyNoSelfAction (ErrPermissionDenied) if the
// key is the client's own.
//
// PUT /apikeys/{apiKey}
func (s *APIKeysService) Update(ctx context.Context, key Secret, req *UpdateAPIKeyRequest) (*APIKey, error) {
	return do[APIKey](ctx, s.core, updateAPIKey.at(string(key)).body(req))
}

// Delete removes a key permanently. It fails with CodeAPIKeyNotFound
// (ErrNotFound) if the app has no such key, and with CodeAPIKeyNoSelfAction
// (ErrPermissionDenied) if the key is the client's own.
//
// DELETE /apikeys/{apiKey}
func (s *APIKeysService) Delete(ctx context.Context, key Secret) error {
	return acknowledge(ctx, s.core, deleteAPIKey.at(string(key)))
}
