package cometchattest

import (
	"cmp"
	"net/http"
	"strings"
)

// managementPath is where the Management API starts, beside basePath.
const managementPath = "/management"

const (
	accountKeyHeader    = "key"
	accountSecretHeader = "secret"
)

// account is what the Management API looks after: the app that the server
// emulates, and others, of which there is nothing but this.
type account struct {
	apps *table[*managedApp]
	// collaborators is how many there have been, for their ids.
	collaborators int
}

func newAccount() *account { return &account{apps: newTable[*managedApp]()} }

// accountCredentials are those of the Management API.
type accountCredentials struct{ key, secret string }

// WithManagementCredentials sets the key and the secret of the Management API;
// by default they are random.
func WithManagementCredentials(key, secret string) Option {
	return func(s *Server) { s.account = accountCredentials{key, secret} }
}

// ManagementURL is the base of the Management API, such as
// http://127.0.0.1:40001/management; empty for a server made with [New].
func (s *Server) ManagementURL() string {
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String() + managementPath
}

// ManagementCredentials are the key and the secret of the Management API.
func (s *Server) ManagementCredentials() (key, secret string) { return s.account.key, s.account.secret }

// AppID is the id of the app, by which the Management API knows it: that of
// [WithAppID], or "emulator".
func (s *Server) AppID() string { return cmp.Or(s.appID, defaultAppID) }

// authenticateAccount compares the key and the secret of the account. The key of
// an app is unknown to the Management API as a whole.
func (c *call) authenticateAccount() error {
	h := c.request.Header
	key, secret := headerValue(h, accountKeyHeader), headerValue(h, accountSecretHeader)
	switch own := c.server.account; {
	case own == accountCredentials{key, secret}:
		return nil
	case key == "" && secret == "" && headerValue(h, apiKeyHeader) != "":
		return newError(http.StatusNotFound, "ERR_API_NOT_FOUND", "There is no operation for the key of an app.")
	case key == "" || secret == "":
		return newError(http.StatusUnauthorized, "AUTH_ERR_EMPTY_AUTH_HEADER", "The headers key and secret are missing.")
	}
	return newError(http.StatusUnauthorized, "AUTH_ERR_NO_ACCESS", "The key and the secret are not those of an account.")
}

// pathApp is the app named by the path.
func (c *call) pathApp() (*managedApp, error) {
	a, ok := c.state.account.apps.get(c.param("appId"))
	if !ok {
		return nil, errNotFound("ERR_APP_NOT_FOUND", "app", c.named("appId"))
	}
	return a, nil
}

// tryEach does something with every id, and tells what became of it.
func tryEach(ids []string, do func(id string) error) outcomes {
	all := outcomes{}
	for _, id := range ids {
		all[id] = outcome{Success: true, Message: "Done: " + id + "."}
		if err := do(id); err != nil {
			all[id] = failedOutcome(err)
		}
	}
	return all
}

// orList is how PHP writes outcomes: [] where there are none.
func (o outcomes) orList() any {
	if len(o) == 0 {
		return []any{}
	}
	return o
}

// isAlphanumeric tells whether a text is of ASCII letters and digits alone.
func isAlphanumeric(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// wholeList is a list that is not asked for by pages, and is on one.
func wholeList[T any](items []T) listResponse {
	return listResponse{Data: append([]T{}, items...), Meta: pageMeta{Pagination: pagination{
		Total: len(items), Count: len(items), PerPage: max(defaultPerPage, len(items)), CurrentPage: 1, TotalPages: 1,
	}}}
}
