package cometchat

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-cometchat/cometchat/internal/transport"
)

// Version is the library's version, as sent in the User-Agent header.
const Version = "0.1.0"

// NewClient returns a client for the app that apiKey belongs to. It makes no
// request: a wrong key is reported by the first call, as ErrUnauthorized. The
// error is a *ValidationError that names the invalid argument or option.
func NewClient(region Region, apiKey string, opts ...Option) (*Client, error) {
	if err := dnsLabel("region", string(region)); err != nil {
		return nil, err
	}
	if err := checkCredential("apiKey", apiKey); err != nil {
		return nil, err
	}
	c := &Client{apiKey: func() string { return apiKey }, core: core{settings: defaultSettings()}}
	c.core.settings.region = Region(strings.ToLower(string(region)))
	if err := c.apply(opts); err != nil {
		return nil, err
	}
	return c, nil
}

// NewClientFromEnv returns a client for the account that the environment names:
// COMETCHAT_REGION and COMETCHAT_API_KEY and, if set, COMETCHAT_APP_ID and
// COMETCHAT_BASE_URL. With a base URL the region may be missing. The options
// given here are applied after those of the environment. The error names every
// variable that is missing.
func NewClientFromEnv(opts ...Option) (*Client, error) {
	region, base := os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_BASE_URL")
	key := os.Getenv("COMETCHAT_API_KEY")
	if region == "" && base != "" {
		region = string(RegionUS) // names no host then
	}
	var v validation
	v.environment("COMETCHAT_REGION", region)
	v.environment("COMETCHAT_API_KEY", key)
	if err := v.err(); err != nil {
		return nil, err
	}
	var env []Option
	if appID := os.Getenv("COMETCHAT_APP_ID"); appID != "" {
		env = append(env, WithAppID(appID))
	}
	if base != "" {
		env = append(env, WithBaseURL(base))
	}
	return NewClient(Region(region), key, append(env, opts...)...)
}

// With returns a client that differs from c by opts. It shares c's connections,
// and its rate-limit cooldown unless an option names another host, app or HTTP
// client. It is cheap enough to be called for a single request. Every call of the
// new client reports an option that is invalid.
func (c *Client) With(opts ...Option) *Client {
	d := *c
	if err := d.apply(opts); err != nil {
		d.core.err = join(c.core.err, err)
	}
	return &d
}

// OnBehalfOf returns a client whose requests act for the user with this uid: they
// carry it in the onBehalfOf header. It is short for With(WithOnBehalfOf(uid)).
func (c *Client) OnBehalfOf(uid string) *Client { return c.With(WithOnBehalfOf(uid)) }

// apply sets the options and wires the services to c.
func (c *Client) apply(opts []Option) error {
	err := c.core.configure(opts, c.credentials)
	c.bind()
	return err
}

func (c *Client) credentials() transport.Credentials {
	headers := map[string]string{"apikey": c.apiKey()}
	if appID := c.core.settings.appID; appID != "" {
		headers["appid"] = appID
	}
	return transport.NewCredentials(headers, c.apiKey())
}

// CloseIdleConnections closes the connections that no call is using: those of the
// http.Client given by WithHTTPClient, or else those that all clients without one
// share. It does not disturb calls in progress.
func (c *Client) CloseIdleConnections() {
	if c.core.transport != nil {
		c.core.transport.CloseIdleConnections()
	}
}

// RateLimit returns what the newest response to c, or to a client derived from
// the same one, said about the request budgets. Responses of Calls do not count,
// since Calls has a host of its own. RateLimit makes no request.
func (c *Client) RateLimit() RateLimit { return rateLimitOf(c.core.transport) }

// Format prints the region, the app id and the acting user, for every verb.
func (c Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, c.String())
}

// String returns the region, the app id and the acting user.
func (c Client) String() string {
	return fmt.Sprintf("cometchat.Client(region %q, app %q, on behalf of %q)",
		string(c.core.settings.region), c.core.settings.appID, c.core.settings.actingUser)
}

// MarshalJSON returns what String returns, so that a client in a logged struct
// shows no credentials.
func (c Client) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }
