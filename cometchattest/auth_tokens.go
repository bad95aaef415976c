package cometchattest

import (
	"encoding/json"
	"fmt"
	"slices"
)

// WithTokenLimit lets every user keep the newest n auth tokens only; the oldest
// go first. The service documents 100, but was seen to keep 200: by default all
// tokens stay.
func WithTokenLimit(n int) Option { return func(s *Server) { s.tokenLimit = n } }

// authToken is a token as it is stored and as it is answered.
type authToken struct {
	UID       string          `json:"uid"`
	Token     string          `json:"authToken"`
	Platform  string          `json:"platform,omitempty"`
	UserAgent string          `json:"userAgent,omitempty"`
	AppInfo   json.RawMessage `json:"appInfo,omitempty"`
	CreatedAt int64           `json:"createdAt"`
}

// tokenList holds the tokens of a user, newest first.
type tokenList struct {
	tokens []*authToken
}

func authTokensResource() resource {
	return resource{
		routes: []route{
			{pattern: "POST /users/{uid}/auth_tokens", handle: createAuthToken, authOnly: true},
			{pattern: "GET /users/{uid}/auth_tokens", handle: listAuthTokens},
			{pattern: "GET /users/{uid}/auth_tokens/{authToken}", handle: getAuthToken},
			{pattern: "PUT /users/{uid}/auth_tokens/{authToken}", handle: updateAuthToken},
			{pattern: "DELETE /users/{uid}/auth_tokens/{authToken}", handle: deleteAuthToken},
			{pattern: "DELETE /users/{uid}/auth_tokens", handle: flushAuthTokens},
		},
		userRemoved: func(st *state, uid string) { delete(st.tokens, uid) },
	}
}

// newAuthToken gives a user a new token.
func (c *call) newAuthToken(uid string) *authToken {
	list := c.state.tokens[uid]
	if list == nil {
		list = &tokenList{}
		c.state.tokens[uid] = list
	}
	token := &authToken{
		UID:       uid,
		Token:     fmt.Sprintf("%s_%d%s", uid, c.unix(), randomHex(15)),
		CreatedAt: c.unix(),
	}
	list.tokens = slices.Insert(list.tokens, 0, token)
	if limit := c.server.tokenLimit; limit > 0 {
		list.tokens = list.tokens[:min(len(list.tokens), limit)]
	}
	return token
}

// authTokens are the tokens of the user named by the path, newest first.
func (c *call) authTokens() ([]*authToken, *user, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, nil, err
	}
	if list := c.state.tokens[u.uid]; list != nil {
		return list.tokens, u, nil
	}
	return nil, u, nil
}

// pathToken is the token named by the path, and its position.
func (c *call) pathToken() (*authToken, int, error) {
	tokens, u, err := c.authTokens()
	if err != nil {
		return nil, 0, err
	}
	i := slices.IndexFunc(tokens, func(t *authToken) bool { return t.Token == c.param("authToken") })
	if i < 0 {
		return nil, 0, errNotFound("ERR_AUTH_TOKEN_NOT_FOUND", "auth token of "+u.uid, c.named("authToken"))
	}
	return tokens[i], i, nil
}

func createAuthToken(c *call) (any, error) {
	tokens, u, err := c.authTokens()
	if err != nil {
		return nil, err
	}
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	force, _ := f.boolean("force")
	if err := f.err(); err != nil {
		return nil, err
	}
	if len(tokens) > 0 && !force {
		return tokens[0], nil
	}
	return c.newAuthToken(u.uid), nil
}

func listAuthTokens(c *call) (any, error) {
	tokens, _, err := c.authTokens()
	if err != nil {
		return nil, err
	}
	return pageList[*authToken]{
		rows: sliceRows[*authToken](tokens),
		view: func(t *authToken) any { return t },
	}.page(c)
}

func getAuthToken(c *call) (any, error) {
	token, _, err := c.pathToken()
	return token, err
}

func updateAuthToken(c *call) (any, error) {
	token, _, err := c.pathToken()
	if err != nil {
		return nil, err
	}
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	platform, hasPlatform := f.text("platform", 0)
	userAgent, hasUserAgent := f.text("userAgent", 0)
	appInfo, hasAppInfo := f.document("appInfo", 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	if hasPlatform {
		token.Platform = platform
	}
	if hasUserAgent {
		token.UserAgent = userAgent
	}
	if hasAppInfo {
		token.AppInfo = appInfo
	}
	return token, nil
}

func deleteAuthToken(c *call) (any, error) {
	token, i, err := c.pathToken()
	if err != nil {
		return nil, err
	}
	list := c.state.tokens[token.UID]
	list.tokens = slices.Delete(list.tokens, i, i+1)
	return acknowledge("The auth token of %s is deleted.", token.UID)
}

func flushAuthTokens(c *call) (any, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	delete(c.state.tokens, u.uid)
	return acknowledge("All auth tokens of %s are deleted.", u.uid)
}
