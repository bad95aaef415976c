package cometchat

import (
	"context"
	"log/slog"
)

var (
	createAuthToken = post("/users/{uid}/auth_tokens")
	listAuthTokens  = get("/users/{uid}/auth_tokens")
	flushAuthTokens = del("/users/{uid}/auth_tokens")
	getAuthToken    = get("/users/{uid}/auth_tokens/{authToken}")
	updateAuthToken = put("/users/{uid}/auth_tokens/{authToken}")
	deleteAuthToken = del("/users/{uid}/auth_tokens/{authToken}")
)

// AuthToken is the token that a user's front end logs in with. It does not
// expire. The newest 100 tokens of a user are active.
type AuthToken struct {
	UID       string   `json:"uid"`
	AuthToken Secret   `json:"authToken" wire:"id"`
	CreatedAt UnixTime `json:"createdAt,omitempty"`
	// Platform, UserAgent and AppInfo are set by Update.
	Platform  string   `json:"platform,omitempty"`
	UserAgent string   `json:"userAgent,omitempty"`
	AppInfo   Metadata `json:"appInfo,omitempty"`
}

// LogValue keeps the token out of logs.
func (t AuthToken) LogValue() slog.Value {
	type plain AuthToken
	t.AuthToken = Secret(t.AuthToken.String())
	return slog.AnyValue(plain(t))
}

// CreateAuthTokenRequest controls how Create makes a token.
type CreateAuthTokenRequest struct {
	// Force asks for a new token in any case. Without it, the API may return an
	// existing one; with it, tokens pile up if every login makes one. Nil is not
	// sent.
	Force *bool `json:"force,omitempty"`
}

// UpdateAuthTokenRequest says where a token is used. A nil field is left alone.
type UpdateAuthTokenRequest struct {
	Platform  *string `json:"platform,omitempty"`
	UserAgent *string `json:"userAgent,omitempty"`
	// AppInfo is a JSON object.
	AppInfo Metadata `json:"appInfo,omitzero"`
}

// AuthTokenListOptions pages through tokens.
type AuthTokenListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
}

func (o *AuthTokenListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// AuthTokensService makes and revokes the tokens that users log in with.
type AuthTokensService service

// Create makes an auth token for a user. req may be nil. It fails with
// CodeUIDNotFound (ErrNotFound) if there is no such user. A response without a
// token is an *Error, never success.
//
// POST /users/{uid}/auth_tokens
func (s *AuthTokensService) Create(ctx context.Context, uid string, req *CreateAuthTokenRequest) (*AuthToken, error) {
	if req == nil {
		req = &CreateAuthTokenRequest{}
	}
	return do[AuthToken](ctx, s.core, createAuthToken.at(uid).body(req))
}

// Get returns a token with what is known about it. It fails with
// CodeAuthTokenNotFound (ErrNotFound) if the user has no such token.
//
// GET /users/{uid}/auth_tokens/{authToken}
func (s *AuthTokensService) Get(ctx context.Context, uid string, token Secret) (*AuthToken, error) {
	return do[AuthToken](ctx, s.core, getAuthToken.at(uid, string(token)))
}

// List lists a user's tokens, newest first. opts may be nil.
//
// GET /users/{uid}/auth_tokens
func (s *AuthTokensService) List(uid string, opts *AuthTokenListOptions) *PageList[AuthToken] {
	return pageList[AuthToken](s.core, listAuthTokens.at(uid).query(opts))
}

// Update records where a token is used. It fails with CodeAuthTokenNotFound
// (ErrNotFound) if the user has no such token.
//
// PUT /users/{uid}/auth_tokens/{authToken}
func (s *AuthTokensService) Update(ctx context.Context, uid string, token Secret, req *UpdateAuthTokenRequest) (*AuthToken, error) {
	return do[AuthToken](ctx, s.core, updateAuthToken.at(uid, string(token)).body(req))
}

// Delete revokes one token. It fails with CodeAuthTokenNotFound (ErrNotFound) if
// the user has no such token.
//
// DELETE /users/{uid}/auth_tokens/{authToken}
func (s *AuthTokensService) Delete(ctx context.Context, uid string, token Secret) error {
	return acknowledge(ctx, s.core, deleteAuthToken.at(uid, string(token)))
}

// Flush revokes all tokens of a user. It fails with CodeUIDNotFound (ErrNotFound)
// if there is no such user.
//
// DELETE /users/{uid}/auth_tokens
func (s *AuthTokensService) Flush(ctx context.Context, uid string) error {
	return acknowledge(ctx, s.core, flushAuthTokens.at(uid))
}
