package cometchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat/internal/transport"
)

// Version is the library's version, as sent in the User-Agent header.
const Version = "0.1.0"

// Region is where an app lives. Any region may be given; the constants are the
// ones documented.
type Region string

// The documented regions.
const (
	RegionUS Region = "us"
	RegionEU Region = "eu"
	RegionIN Region = "in"
)

// Client calls the CometChat REST API. It is immutable and safe for any number
// of goroutines; make one and share it. Printing or logging it shows no
// credentials.
type Client struct {
	// Users creates, lists, changes and removes users.
	Users *UsersService
	// AuthTokens mints and revokes the tokens that users log in with.
	AuthTokens *AuthTokensService
	// APIKeys manages the app's API keys.
	APIKeys *APIKeysService
	// Friends makes users friends of each other.
	Friends *FriendsService
	// BlockedUsers keeps users from writing to each other.
	BlockedUsers *BlockedUsersService
	// Groups creates, lists, changes and removes groups.
	Groups *GroupsService
	// Members adds users to groups, lists and removes them, and sets what they
	// may do there.
	Members *MembersService
	// BannedUsers keeps users out of groups.
	BannedUsers *BannedUsersService
	// Roles creates, lists, changes and removes roles.
	Roles *RolesService
	// Permissions says what a role may do, and what a scope may do in a group.
	Permissions *PermissionsService
	// RestrictedFeatures takes features away from users with a role.
	//
	// Deprecated: the vendor has replaced restricted features by permissions;
	// use Permissions.
	RestrictedFeatures *RestrictedFeaturesService
	// Messages sends, reads, changes and removes messages.
	Messages *MessagesService
	// Reactions adds, removes and lists reactions to messages.
	Reactions *ReactionsService
	// Threads writes and reads the replies to messages.
	Threads *ThreadsService
	// Conversations reads and changes conversations and what has been read.
	Conversations *ConversationsService
	// ModerationReasons manages the reasons that messages are flagged for.
	ModerationReasons *ModerationReasonsService
	// Metrics tells how much the app is used.
	Metrics *MetricsService

	// One allocation serves all services: each field points to common.
	common    service
	transport *transport.Transport
	apiKey    func() string // a function, since fmt prints unexported fields past their Format
	settings  settings
	err       error // of an option given to With; every call returns it
}

// service is what every resource's service is made of.
type service struct{ client *Client }

// NewClient returns a client for the app that apiKey belongs to. It makes no
// request: a wrong key shows at the first call, as ErrUnauthorized. The error is
// a *ValidationError naming what is wrong with an argument or option.
func NewClient(region Region, apiKey string, opts ...Option) (*Client, error) {
	if err := dnsLabel("region", string(region)); err != nil {
		return nil, err
	}
	if apiKey == "" || strings.ContainsFunc(apiKey, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, &ValidationError{Field: "apiKey", Size: len(apiKey), Reason: "must be printable ASCII without spaces"}
	}
	c := &Client{apiKey: func() string { return apiKey }, settings: defaultSettings()}
	c.settings.region = Region(strings.ToLower(string(region)))
	if err := c.apply(opts); err != nil {
		return nil, err
	}
	return c, nil
}

// NewClientFromEnv returns a client for the account the environment names:
// COMETCHAT_REGION and COMETCHAT_API_KEY, and, where set, COMETCHAT_APP_ID and
// COMETCHAT_BASE_URL. With a base URL the region may be missing. Options given
// here come after those of the environment.
func NewClientFromEnv(opts ...Option) (*Client, error) {
	region, base := os.Getenv("COMETCHAT_REGION"), os.Getenv("COMETCHAT_BASE_URL")
	key := os.Getenv("COMETCHAT_API_KEY")
	if region == "" && base != "" {
		region = string(RegionUS) // names no host then
	}
	switch {
	case region == "":
		return nil, &ValidationError{Field: "COMETCHAT_REGION", Reason: "required"}
	case key == "":
		return nil, &ValidationError{Field: "COMETCHAT_API_KEY", Reason: "required"}
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

// With returns a client that differs from c by opts. It shares c's connections
// and rate-limit cooldown (unless an option names another host or HTTP client)
// and is cheap enough to be made for a single call. An option that is wrong is
// reported by every call of the new client.
func (c *Client) With(opts ...Option) *Client {
	d := *c
	if err := d.apply(opts); err != nil {
		d.err = errors.Join(c.err, err)
	}
	return &d
}

// OnBehalfOf returns a client for which the user with this uid acts: the
// onBehalfOf header of every request. It is short for With(WithOnBehalfOf(uid)).
func (c *Client) OnBehalfOf(uid string) *Client { return c.With(WithOnBehalfOf(uid)) }

// apply sets the options and wires the services to c.
func (c *Client) apply(opts []Option) error {
	before := c.settings.connection
	var errs []error
	for _, opt := range opts {
		if opt != nil {
			errs = append(errs, opt(&c.settings))
		}
	}
	if c.transport == nil || c.settings.connection != before {
		base, err := c.settings.base()
		if err == nil {
			c.transport = transport.New(transport.Config{
				Base: base, APIKey: c.apiKey, AppID: c.settings.appID, HTTPClient: c.settings.httpClient,
			})
		}
		errs = append(errs, err)
	}
	c.common.client = c
	c.Users = (*UsersService)(&c.common)
	c.AuthTokens = (*AuthTokensService)(&c.common)
	c.APIKeys = (*APIKeysService)(&c.common)
	c.Friends = (*FriendsService)(&c.common)
	c.BlockedUsers = (*BlockedUsersService)(&c.common)
	c.Groups = (*GroupsService)(&c.common)
	c.Members = (*MembersService)(&c.common)
	c.BannedUsers = (*BannedUsersService)(&c.common)
	c.Roles = (*RolesService)(&c.common)
	c.Permissions = (*PermissionsService)(&c.common)
	c.RestrictedFeatures = (*RestrictedFeaturesService)(&c.common)
	c.Messages = (*MessagesService)(&c.common)
	c.Reactions = (*ReactionsService)(&c.common)
	c.Threads = (*ThreadsService)(&c.common)
	c.Conversations = (*ConversationsService)(&c.common)
	c.ModerationReasons = (*ModerationReasonsService)(&c.common)
	c.Metrics = (*MetricsService)(&c.common)
	return errors.Join(errs...)
}

// Format prints region, app id and acting user, for every verb.
func (c Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, c.String())
}

// String returns region, app id and acting user.
func (c Client) String() string {
	return fmt.Sprintf("cometchat.Client(region %q, app %q, on behalf of %q)",
		string(c.settings.region), c.settings.appID, c.settings.actingUser)
}

// MarshalJSON returns what String does: a client in a logged struct must not
// spill anything.
func (c Client) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// RateLimit is what the server's newest answer said of the request budgets, in
// requests a minute. A number it did not name is -1.
type RateLimit struct {
	// Limit and Remaining are for the kind of request last made: creating and
	// deleting users and groups has a budget of its own.
	Limit, Remaining int
	// AppLimit and AppRemaining are for all requests of the app.
	AppLimit, AppRemaining int
	// Reset is when the budget is full again; zero if not said.
	Reset time.Time
	// At is when the answer came; zero if none has come yet.
	At time.Time
}

// RateLimit returns what the newest answer to c, or to a client derived from
// the same one, said of the request budgets. It makes no request.
func (c *Client) RateLimit() RateLimit {
	if c.transport == nil {
		return RateLimit{Limit: -1, Remaining: -1, AppLimit: -1, AppRemaining: -1}
	}
	l := c.transport.RateLimit()
	return RateLimit{
		Limit: int(l.Limit), Remaining: int(l.Remaining),
		AppLimit: int(l.AppLimit), AppRemaining: int(l.AppRemaining),
		Reset: l.Reset, At: l.At,
	}
}

// Response is an answer as it came, for WithResponse. Printing it shows the
// status and the size only, since a body may hold a token.
type Response struct {
	StatusCode int
	Header     http.Header
	// Body is the raw JSON; it may hold secrets.
	Body []byte
	// Operation is the route, as in "GET /users/{uid}".
	Operation string
	// Attempts is how many times the request was tried, and Waited how long the
	// call waited between them.
	Attempts int
	Waited   time.Duration
}

// Format prints operation, status and size, for every verb.
func (r Response) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "%s: %d, %d bytes, %d attempts", r.Operation, r.StatusCode, len(r.Body), r.Attempts)
}

// LogValue gives slog what Format prints.
func (r Response) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(r)) }

// Tracer is called when a call starts, and the function it returns when the
// call ends; the context it returns is the one the requests are sent with. A
// list makes one call for each page. The function may be nil.
type Tracer func(ctx context.Context, call CallInfo) (context.Context, func(CallResult))

// CallInfo describes a call about to be made.
type CallInfo struct {
	// Operation is the route, fit for the name of a span: "GET /users/{uid}".
	Operation string
	// OnBehalfOf is the acting user's uid, if any.
	OnBehalfOf string
	// Position is that of the page, for the calls of a list; zero for all others
	// and for the first page of a cursor list.
	Position Position
	// Page is the page's number, from 1; 0 for calls that have none.
	Page int
}

// CallResult describes a call that ended.
type CallResult struct {
	// StatusCode is the last HTTP status; 0 when no answer came.
	StatusCode int
	// Attempts is how many times the request was tried; 0 when it was given up
	// before. A request that the library refuses as invalid is no call.
	Attempts int
	// Waited is how long the call waited before and between attempts.
	Waited time.Duration
	// Err is what the call returns.
	Err error
}
