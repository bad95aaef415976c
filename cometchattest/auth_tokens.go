package cometchattest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// WithTokenLimit makes the server keep only the newest n auth tokens of each
// user. The service documents 100, but was seen to keep 200. By default all
// tokens are kept.
func WithTokenLimit(n int) Option { return func(s *Server) { s.tokenLimit = n } }

// authToken is an auth token, as stored and as sent.
type authToken struct {
	UID       string          `json:"uid"`
	Token     string          `json:"authToken"`
	Platform  string          `json:"platform,omitempty"`
	UserAgent string          `json:"userAgent,omitempty"`
	AppInfo   json.RawMessage `json:"appInfo,omitempty"`
	CreatedAt int64           `json:"createdAt"`
}

// token returns the auth token with a value, or nil if there is none.
func (st *state) token(value string) *authToken {
	// A token starts with the uid, which may contain underscores itself.
	uid := value[:max(0, strings.LastIndex(value, "_"))]
	token, _ := st.tokensOf(uid).get(value)
	return token
}

// tokensOf returns the tokens of a user. The table must not be changed.
func (st *state) tokensOf(uid string) *table[*authToken] {
	if t := st.tokens[uid]; t != nil {
		return t
	}
	return &table[*authToken]{}
}

func authTokensResource() resource {
	return resource{
		routes: []route{
			{pattern: "POST /users/{uid}/auth_tokens", handle: withBody((*call).pathUser, createAuthToken), authOnly: true},
			{pattern: "GET /users/{uid}/auth_tokens", handle: with((*call).pathUser, listAuthTokens)},
			{pattern: "GET /users/{uid}/auth_tokens/{authToken}", handle: getAuthToken},
			{pattern: "PUT /users/{uid}/auth_tokens/{authToken}", handle: withBody((*call).pathToken, updateAuthToken)},
			{pattern: "DELETE /users/{uid}/auth_tokens/{authToken}", handle: with((*call).pathToken, deleteAuthToken)},
			{pattern: "DELETE /users/{uid}/auth_tokens", handle: with((*call).pathUser, flushAuthTokens)},
		},
		userRemoved: func(st *state, uid string) { delete(st.tokens, uid) },
	}
}

// newAuthToken creates a token for a user.
func (c *call) newAuthToken(uid string) *authToken {
	tokens := c.state.tokens[uid]
	if tokens == nil {
		tokens = newTable[*authToken]()
		c.state.tokens[uid] = tokens
	}
	token := &authToken{
		UID:       uid,
		Token:     fmt.Sprintf("%s_%d%s", uid, c.unix(), randomHex(15)),
		CreatedAt: c.unix(),
	}
	tokens.add(token.Token, token.CreatedAt, token)
	if limit := c.server.tokenLimit; limit > 0 && tokens.count() > limit {
		tokens.delete(tokens.entries[0].id)
	}
	return token
}

// pathToken returns the token named by the path.
func (c *call) pathToken() (*authToken, error) {
	u, err := c.pathUser()
	if err != nil {
		return nil, err
	}
	token, ok := c.state.tokensOf(u.uid).get(c.param("authToken"))
	if !ok {
		return nil, errNotFound("ERR_AUTH_TOKEN_NOT_FOUND", "auth token of "+u.uid, c.named("authToken"))
	}
	return token, nil
}

func createAuthToken(c *call, u *user, f *fields) (any, error) {
	force, _ := f.boolean("force")
	if err := f.err(); err != nil {
		return nil, err
	}
	if tokens := c.state.tokensOf(u.uid); tokens.count() > 0 && !force {
		return tokens.at(0), nil
	}
	return c.newAuthToken(u.uid), nil
}

func listAuthTokens(c *call, u *user) (any, error) {
	return pageList[*authToken]{
		rows: c.state.tokensOf(u.uid),
		view: func(t *authToken) any { return t },
	}.page(c)
}

func getAuthToken(c *call) (any, error) {
	return c.pathToken()
}

func updateAuthToken(_ *call, token *authToken, f *fields) (any, error) {
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

func deleteAuthToken(c *call, token *authToken) (any, error) {
	c.state.tokens[token.UID].delete(token.Token)
	return acknowledge("The auth token of %s is deleted.", token.UID)
}

func flushAuthTokens(c *call, u *user) (any, error) {
	delete(c.state.tokens, u.uid)
	return acknowledge("All auth tokens of %s are deleted.", u.uid)
}
