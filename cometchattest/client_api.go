package cometchattest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const authTokenHeader = "authtoken"

// WithClientAPI also serves the operations that the vendor's client SDKs request
// over plain HTTP, so that an SDK can be run against the emulator. A request with
// a user's auth token in the header authToken, and without an API key, acts as
// that user. It may read users, and read and write groups, messages, replies,
// threads, reactions and conversations as that user may. All other operations
// fail with 403 and AUTH_ERR_NO_ACCESS, and an unknown token with 401 and
// AUTH_ERR_AUTH_TOKEN_NOT_FOUND. These operations are added:
//
//   - GET /me, which returns the user with the settings of the app, including the
//     reasons for flagging messages
//   - PUT /me, which changes the user and stores the given platform and appInfo
//     in the auth token
//   - DELETE /me, which deletes the auth token
//   - GET /settings
//   - POST /user_sessions, which is acknowledged and otherwise ignored
//   - POST /groups/{guid}/members, which joins a group instead of adding members;
//     DELETE of the same path, which leaves it; and PUT, which adds members
//   - PATCH /groups/{guid}/owner, which transfers a group from its owner to
//     another member; the owner of a group cannot leave it
//   - POST, GET and DELETE /blockedusers, for the user's own blocks
//   - GET /users/{uid}/threads and /groups/{guid}/threads; lists of threads begin
//     with the most recently changed ones
//
// Lists of messages support the filters pinned and saved, and lists of members
// and blocked users support searchKey. Conversations have lastReadMessageId,
// latestMessageId and unreadMentionsCount. Marking messages as unread returns the
// conversation. Subscriptions to threads are not stored.
//
// Unknown fields are ignored, files cannot be uploaded, and WebSockets are not
// supported. [Routes] does not list these operations, because they are not part
// of the REST API.
func WithClientAPI() Option {
	return func(s *Server) {
		if s.clientAPI {
			return
		}
		s.clientAPI = true
		s.hooks = append(s.hooks, clientResource())
		s.router = newRouter(s.hooks)
	}
}

func clientResource() resource {
	return resource{routes: []route{
		{pattern: "GET /me", handle: getMe, client: true},
		{pattern: "PUT /me", handle: with((*call).fields, updateMe), client: true},
		{pattern: "DELETE /me", handle: logOut, client: true},
		{pattern: "GET /settings", handle: getSettings, client: true},
		{pattern: "POST /user_sessions", handle: reportSession, client: true},
		{pattern: "PUT /groups/{guid}/members", handle: withBody(pathGroupFor(scopeModerator), clientAddMembers), client: true},
		{pattern: "DELETE /groups/{guid}/members", handle: with(pathGroupFor(scopeParticipant), leaveGroup), client: true},
		{pattern: "PATCH /groups/{guid}/owner", handle: withBody(pathGroupFor(scopeParticipant), passOwnership), client: true},
		{pattern: "POST /blockedusers", handle: forActor(withBody((*call).pathUser, blockUsers)), client: true},
		{pattern: "GET /blockedusers", handle: forActor(with((*call).pathUser, listBlockedUsers)), client: true},
		{pattern: "DELETE /blockedusers", handle: forActor(withBody((*call).pathUser, unblockUsers)), client: true},
		{pattern: "GET /users/{uid}/threads", handle: clientThreads, client: true},
		{pattern: "GET /groups/{guid}/threads", handle: clientThreads, client: true},
	}}
}

// forActor turns an operation on the user named by the path into one on the
// acting user.
func forActor(handle func(*call) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		c.params["uid"] = c.actor.uid
		return handle(c)
	}
}

// clientHandlers are the operations that exist in both APIs under the same path,
// but behave differently in the client API.
var clientHandlers = map[string]func(*call) (any, error){
	"POST /groups/{guid}/members":             withBody((*call).pathGroup, joinGroup),
	"GET /threads":                            clientThreads,
	"DELETE /users/{uid}/conversation/read":   clientMarkUnread,
	"DELETE /groups/{guid}/conversation/read": clientMarkUnread,
}

// handle runs the handler of the request's route.
func (c *call) handle() (any, error) {
	if own := clientHandlers[c.route.pattern]; own != nil && c.token != nil {
		return own(c)
	}
	return c.route.handle(c)
}

// clientRoutes are the operations of the REST API that the client API also has
// under the same path.
var clientRoutes = []string{
	"GET /users", "GET /users/{uid}",
	"GET /groups", "POST /groups", "GET /groups/{guid}", "PUT /groups/{guid}", "DELETE /groups/{guid}",
	"POST /groups/{guid}/members", "GET /groups/{guid}/members", "GET /groups/{guid}/bannedusers",
	"PUT /groups/{guid}/members/{uid}", "DELETE /groups/{guid}/members/{uid}",
	"POST /groups/{guid}/bannedusers/{uid}", "DELETE /groups/{guid}/bannedusers/{uid}",
	"GET /messages", "POST /messages",
	"GET /messages/{id}", "PUT /messages/{id}", "DELETE /messages/{id}",
	"GET /users/{uid}/messages", "GET /groups/{guid}/messages",
	"PATCH /messages/{id}/interacted",
	"POST /messages/{id}/pin", "DELETE /messages/{id}/pin",
	"POST /messages/{id}/save", "DELETE /messages/{id}/save",
	"GET /messages/{id}/reactions", "GET /messages/{id}/reactions/{reaction}",
	"POST /messages/{id}/reactions/{reaction}", "DELETE /messages/{id}/reactions/{reaction}",
	"GET /messages/{id}/thread", "POST /messages/{id}/thread",
	"POST /messages/{id}/thread/subscription", "DELETE /messages/{id}/thread/subscription",
	"POST /messages/{id}/flagged", "GET /threads",
	"GET /conversations",
	"GET /users/{uid}/conversation", "PUT /users/{uid}/conversation", "DELETE /users/{uid}/conversation",
	"POST /users/{uid}/conversation/delivered",
	"POST /users/{uid}/conversation/read", "DELETE /users/{uid}/conversation/read",
	"POST /users/{uid}/conversation/pin", "DELETE /users/{uid}/conversation/pin",
	"GET /groups/{guid}/conversation", "PUT /groups/{guid}/conversation", "DELETE /groups/{guid}/conversation",
	"POST /groups/{guid}/conversation/delivered",
	"POST /groups/{guid}/conversation/read", "DELETE /groups/{guid}/conversation/read",
	"POST /groups/{guid}/conversation/pin", "DELETE /groups/{guid}/conversation/pin",
}

// authorizeUser checks that the user of an auth token may make the request, and
// that operations of the client API are requested with an auth token.
func (c *call) authorizeUser() error {
	switch {
	case c.token == nil:
		return newError(http.StatusForbidden, "AUTH_ERR_NO_ACCESS", "This operation takes the auth token of a user.")
	case !c.route.client && !slices.Contains(clientRoutes, c.route.pattern):
		return newError(http.StatusForbidden, "AUTH_ERR_NO_ACCESS", "This operation is not open to users.")
	}
	return nil
}

// authenticateUser finds the user of a request's auth token and makes that user
// the acting one.
func (c *call) authenticateUser(value string) error {
	token := c.state.token(value)
	if token == nil {
		return newError(http.StatusUnauthorized, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "The auth token is not one of this app.")
	}
	actor, err := c.user(token.UID)
	if err != nil {
		return err
	}
	c.actor, c.token = actor, token
	// The official clients use this name for the page size.
	if size := c.query.Get("per_page"); size != "" && !c.query.Has("perPage") {
		c.query = maps.Clone(c.query)
		c.query.Set("perPage", size)
	}
	return nil
}

// clientCursor is the cursor of a list of messages as the client API sends it:
// ids are numbers, and a page without messages has no cursor.
type clientCursor struct {
	Affix  string `json:"affix"`
	ID     int64  `json:"id,omitempty"`
	SentAt any    `json:"sentAt,omitempty"`
}

type clientMeta struct {
	cursorMeta
	Cursor clientCursor `json:"cursor"`
}

// clientResponse adds the cursor of the client API to a response that is a page
// of messages. It puts responses that have no "data" below "data".
func (c *call) clientResponse(value any) any {
	if bare, ok := value.(bareResponse); ok {
		return bare.value
	}
	list, _ := value.(listResponse)
	meta, ok := list.Meta.(cursorMeta)
	if !ok || meta.Current.Count == 0 {
		return value
	}
	step := meta.Next
	if c.query.Get("affix") == affixPrepend {
		step = meta.Previous
	}
	id, _ := strconv.ParseInt(step.ID, 10, 64)
	list.Meta = clientMeta{meta, clientCursor{step.Affix, id, step.SentAt}}
	return list
}

// meView is the acting user as the client API shows it.
type meView struct {
	*userView
	Settings settingsView `json:"settings"`
}

func (c *call) viewMe(withTags bool) meView {
	v := c.viewUser(c.actor, withTags)
	v.AuthToken = c.token.Token
	return meView{v, c.settings()}
}

// settingsView is the app's settings in responses to clients. They make clients
// come back to this server, and neither poll nor report.
type settingsView struct {
	Mode                  string         `json:"MODE"`
	AdminAPIHost          string         `json:"ADMIN_API_HOST"`
	ClientAPIHost         string         `json:"CLIENT_API_HOST"`
	ChatAPIVersion        string         `json:"CHAT_API_VERSION"`
	PollingEnabled        bool           `json:"POLLING_ENABLED"`
	AnalyticsPingDisabled bool           `json:"ANALYTICS_PING_DISABLED"`
	Extensions            []any          `json:"extensions"`
	FlagReasons           []listedReason `json:"flagReasons"`
	Parameters            map[string]any `json:"parameters"`
}

func (c *call) settings() settingsView {
	return settingsView{
		Mode:         "DEFAULT",
		AdminAPIHost: c.request.Host, ClientAPIHost: c.request.Host,
		ChatAPIVersion:        strings.TrimPrefix(basePath, "/"),
		AnalyticsPingDisabled: true,
		Extensions:            []any{}, FlagReasons: c.listedReasons(), Parameters: map[string]any{},
	}
}

func getSettings(c *call) (any, error) { return c.settings(), nil }

func getMe(c *call) (any, error) { return c.viewMe(c.queryBool("withTags")), nil }

func updateMe(c *call, f *fields) (any, error) {
	if f.has("name") {
		f.require("name")
	}
	delete(f.members, "role") // users cannot set their own role
	platform, hasPlatform := f.text("platform", 0)
	appInfo, hasAppInfo := f.document("appInfo", 0)
	next, err := c.readUser(f, *c.actor)
	if err != nil {
		return nil, err
	}
	if hasPlatform {
		c.token.Platform = platform
	}
	if hasAppInfo {
		c.token.AppInfo = appInfo
	}
	// Fields of the token, which clients send on login, do not change the user.
	if slices.ContainsFunc([]string{"name", "avatar", "link", "statusMessage", "metadata", "tags"}, f.has) {
		next.updatedAt = c.unix()
		c.state.users.lastChange = max(c.state.users.lastChange, next.updatedAt)
	}
	*c.actor = *next
	return c.viewMe(f.has("tags")), nil
}

func logOut(c *call) (any, error) {
	c.state.tokens[c.actor.uid].delete(c.token.Token)
	return acknowledge("The user %s is logged out.", c.actor.uid)
}

func reportSession(*call) (any, error) { return acknowledgement{Success: true}, nil }
