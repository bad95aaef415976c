package cometchattest

import (
	"cmp"
	"net/http"
	"strings"
)

// managementPath is the base path of the Management API.
const managementPath = "/management"

const (
	accountKeyHeader    = "key"
	accountSecretHeader = "secret"
)

// account is the data of the Management API: the app that the server emulates,
// and other apps, of which only this data exists.
type account struct {
	apps *table[*managedApp]
	// collaborators is the number of collaborators ever added, for their ids.
	collaborators int
}

func newAccount() *account { return &account{apps: newTable[*managedApp]()} }

// accountCredentials are the credentials for the Management API.
type accountCredentials struct{ key, secret string }

// WithManagementCredentials sets the key and the secret of the Management API;
// by default they are random.
func WithManagementCredentials(key, secret string) Option {
	return func(s *Server) { s.account = accountCredentials{key, secret} }
}

// ManagementURL returns the base URL of the Management API, such as
// http://127.0.0.1:40001/management. It is empty for a server made with [New].
func (s *Server) ManagementURL() string {
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String() + managementPath
}

// ManagementCredentials returns the key and the secret of the Management API.
func (s *Server) ManagementCredentials() (key, secret string) { return s.account.key, s.account.secret }

// AppID returns the id of the app in the Management API: the id set by
// [WithAppID], or "emulator".
func (s *Server) AppID() string { return cmp.Or(s.appID, defaultAppID) }

// authenticateAccount checks the key and the secret of the account. The
// Management API has no operations for the API key of an app.
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

// pathApp returns the app named by the path.
func (c *call) pathApp() (*managedApp, error) {
	a, ok := c.state.account.apps.get(c.param("appId"))
	if !ok {
		return nil, errNotFound("ERR_APP_NOT_FOUND", "app", c.named("appId"))
	}
	return a, nil
}

// tryEach calls do for each id and returns the outcomes.
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

// orList returns outcomes as PHP encodes them: [] if there are none.
func (o outcomes) orList() any {
	if len(o) == 0 {
		return []any{}
	}
	return o
}

// isAlphanumeric reports whether a text consists of ASCII letters and digits.
func isAlphanumeric(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// wholeList returns a list without paging as a single page.
func wholeList[T any](items []T) listResponse {
	return listResponse{Data: append([]T{}, items...), Meta: pageMeta{Pagination: pagination{
		Total: len(items), Count: len(items), PerPage: max(defaultPerPage, len(items)), CurrentPage: 1, TotalPages: 1,
	}}}
}
