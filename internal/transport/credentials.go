package transport

import (
	"maps"
	"net/http"
	"slices"
)

// Credentials identify the caller to a server: headers that are sent with every
// request, and the secrets among their values. They are kept behind a function,
// so that printing them shows nothing.
type Credentials struct {
	reveal func() (headers []header, secrets []string)
}

type header struct{ name, value string }

// NewCredentials returns Credentials with the given headers. The secrets are
// values, or parts of values, that must not appear in anything that is reported.
func NewCredentials(headers map[string]string, secrets ...string) Credentials {
	list := make([]header, 0, len(headers))
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		list = append(list, header{http.CanonicalHeaderKey(name), headers[name]})
	}
	secrets = slices.Clone(secrets)
	return Credentials{func() ([]header, []string) { return list, secrets }}
}

func (c Credentials) headers() []header {
	if c.reveal == nil {
		return nil
	}
	list, _ := c.reveal()
	return list
}

func (c Credentials) secrets() []string {
	if c.reveal == nil {
		return nil
	}
	_, secrets := c.reveal()
	return secrets
}
