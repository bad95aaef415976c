package cometchat

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/go-cometchat/cometchat/internal/transport"
)

// ManagementClient calls the Management API, which creates and configures apps:
// their extensions, settings, collaborators and webhooks. It is immutable and
// safe for any number of goroutines. Printing or logging it shows no credentials.
type ManagementClient struct {
	Apps          *AppsService
	Extensions    *ExtensionsService
	Settings      *AppSettingsService
	Collaborators *CollaboratorsService
	Webhooks      *WebhooksService

	core        core
	common      service // of all services: each field points to it
	credentials transport.Credentials
}

// NewManagementClient returns a client for the account that key and secret belong
// to. They are the account's own, not an API key of an app. It makes no request.
// The API is at https://apimgmt.cometchat.io, which WithBaseURL replaces; key and
// secret are sent nowhere else.
//
// The error is a *ValidationError that names the invalid argument or option.
// WithAppID, WithCallsBaseURL, WithOnBehalfOf, WithMetadataLimit and
// WithImportLimit are only for a Client.
func NewManagementClient(key, secret string, opts ...Option) (*ManagementClient, error) {
	for field, value := range map[string]string{"key": key, "secret": secret} {
		if err := checkCredential(field, value); err != nil {
			return nil, err
		}
	}
	c := &ManagementClient{
		core:        core{settings: defaultSettings()},
		credentials: transport.NewCredentials(map[string]string{"key": key, "secret": secret}, key, secret),
	}
	c.core.settings.management = true
	c.core.settings.webhookVersion = currentWebhooks
	if err := c.apply(opts); err != nil {
		return nil, err
	}
	return c, nil
}

// With returns a client that differs from c by opts, as Client.With does.
func (c *ManagementClient) With(opts ...Option) *ManagementClient {
	d := *c
	if err := d.apply(opts); err != nil {
		d.core.err = join(c.core.err, err)
	}
	return &d
}

// apply sets the options and points every service to the client's own core.
func (c *ManagementClient) apply(opts []Option) error {
	err := c.core.configure(opts, func() transport.Credentials { return c.credentials })
	s := &c.common
	s.core = &c.core
	c.Apps = (*AppsService)(s)
	c.Extensions = (*ExtensionsService)(s)
	c.Settings = (*AppSettingsService)(s)
	c.Collaborators = (*CollaboratorsService)(s)
	c.Webhooks = (*WebhooksService)(s)
	return err
}

// CloseIdleConnections closes the connections that no call is using, as
// Client.CloseIdleConnections does.
func (c *ManagementClient) CloseIdleConnections() {
	if c.core.transport != nil {
		c.core.transport.CloseIdleConnections()
	}
}

// Format prints the name of the type, for every verb.
func (c ManagementClient) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// String returns the name of the type.
func (c ManagementClient) String() string { return "cometchat.ManagementClient" }

// MarshalJSON returns what String returns, so that a client in a logged struct
// shows no credentials.
func (c ManagementClient) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }
