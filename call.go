package cometchat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/google/go-querystring/query"

	"github.com/go-cometchat/cometchat/internal/transport"
)

// Route is one operation of the API, as in Method "GET", Pattern
// "/users/{uid}".
type Route struct {
	Method  string
	Pattern string
}

// String returns method and pattern: "GET /users/{uid}".
func (r Route) String() string { return r.Method + " " + r.Pattern }

// Routes returns every operation the client can call.
func Routes() []Route {
	list := make([]Route, len(routes))
	for i, r := range routes {
		list[i] = r.Route
	}
	return list
}

// routes grows by the declarations below.
var routes []*route

// route is a Route ready for use: the operation's name, the pattern cut at its
// ids, and the names of those.
type route struct {
	Route
	operation  string
	parts      []string
	params     []string
	idempotent bool // documented by the vendor to be
	unpaged    bool // a list without page parameters
	core       bool // counts against the API's smaller rate limit
}

func newRoute(method, pattern string) *route {
	r := &route{Route: Route{method, pattern}, operation: method + " " + pattern}
	rest := pattern
	for {
		before, after, found := strings.Cut(rest, "{")
		r.parts = append(r.parts, before)
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		r.params = append(r.params, name)
		rest = tail
	}
	routes = append(routes, r)
	return r
}

func get(pattern string) *route  { return newRoute(http.MethodGet, pattern) }
func post(pattern string) *route { return newRoute(http.MethodPost, pattern) }
func put(pattern string) *route  { return newRoute(http.MethodPut, pattern) }
func del(pattern string) *route  { return newRoute(http.MethodDelete, pattern) }

func patch(pattern string) *route { return newRoute(http.MethodPatch, pattern) }

func (r *route) withoutPages() *route { r.unpaged = true; return r }

func (r *route) inCore() *route { r.core = true; return r }

func (r *route) documentedIdempotent() *route { r.idempotent = true; return r }

// The routes, by resource.
var (
	createUser      = post("/users").inCore()
	listUsers       = get("/users")
	reactivateUsers = put("/users")
	deactivateUsers = del("/users")
	getUser         = get("/users/{uid}")
	updateUser      = put("/users/{uid}")
	deleteUser      = del("/users/{uid}").inCore()

	createAuthToken = post("/users/{uid}/auth_tokens")
	listAuthTokens  = get("/users/{uid}/auth_tokens")
	flushAuthTokens = del("/users/{uid}/auth_tokens")
	getAuthToken    = get("/users/{uid}/auth_tokens/{authToken}")
	updateAuthToken = put("/users/{uid}/auth_tokens/{authToken}")
	deleteAuthToken = del("/users/{uid}/auth_tokens/{authToken}")

	createAPIKey = post("/apikeys")
	listAPIKeys  = get("/apikeys").withoutPages()
	getAPIKey    = get("/apikeys/{apiKey}")
	updateAPIKey = put("/apikeys/{apiKey}")
	deleteAPIKey = del("/apikeys/{apiKey}")

	getUsage          = get("/stats")
	getMessageMetrics = get("/stats/messages")

	createGroup = post("/groups").inCore()
	listGroups  = get("/groups")
	getGroup    = get("/groups/{guid}")
	updateGroup = put("/groups/{guid}")
	deleteGroup = del("/groups/{guid}").inCore()

	addMembers        = post("/groups/{guid}/members")
	listMembers       = get("/groups/{guid}/members")
	changeMemberScope = put("/groups/{guid}/members/{uid}")
	kickMember        = del("/groups/{guid}/members/{uid}")

	banUser         = post("/groups/{guid}/bannedusers/{uid}")
	unbanUser       = del("/groups/{guid}/bannedusers/{uid}")
	listBannedUsers = get("/groups/{guid}/bannedusers")

	addFriends    = post("/users/{uid}/friends")
	listFriends   = get("/users/{uid}/friends")
	removeFriends = del("/users/{uid}/friends")

	blockUsers       = post("/users/{uid}/blockedusers")
	unblockUsers     = del("/users/{uid}/blockedusers")
	listBlockedUsers = get("/users/{uid}/blockedusers")

	createRole = post("/roles")
	listRoles  = get("/roles")
	getRole    = get("/roles/{role}")
	updateRole = put("/roles/{role}")
	deleteRole = del("/roles/{role}")

	listRolePermissions  = get("/roles/{role}/permissions").withoutPages()
	setRolePermissions   = put("/roles/{role}/permissions")
	unsetRolePermission  = del("/roles/{role}/permissions/{permission}")
	listScopePermissions = get("/groups/{guid}/scopes/{scope}/permissions").withoutPages()
	setScopePermissions  = put("/groups/{guid}/scopes/{scope}/permissions")
	unsetScopePermission = del("/groups/{guid}/scopes/{scope}/permissions/{permission}")

	restrictFeatures       = post("/roles/{role}/restrictedfeatures")
	listRestrictedFeatures = get("/roles/{role}/restrictedfeatures").withoutPages()
	allowFeatures          = del("/roles/{role}/restrictedfeatures")

	sendMessage       = post("/messages")
	sendBotMessage    = post("/bots/{uid}/messages")
	getMessage        = get("/messages/{id}")
	listMessages      = get("/messages")
	listUserMessages  = get("/users/{uid}/messages")
	listGroupMessages = get("/groups/{guid}/messages")
	updateMessage     = put("/messages/{id}")
	deleteMessage     = del("/messages/{id}")
	pinMessage        = post("/messages/{id}/pin")
	unpinMessage      = del("/messages/{id}/pin").documentedIdempotent()
	saveMessage       = post("/messages/{id}/save")
	unsaveMessage     = del("/messages/{id}/save").documentedIdempotent()
	markInteracted    = patch("/messages/{id}/interacted")
	flagMessage       = post("/messages/{id}/flagged")

	addReaction     = post("/messages/{id}/reactions/{reaction}")
	removeReaction  = del("/messages/{id}/reactions/{reaction}")
	listReactions   = get("/messages/{id}/reactions")
	listReactionsOf = get("/messages/{id}/reactions/{reaction}")

	replyInThread     = post("/messages/{id}/thread")
	listThreads       = get("/threads")
	listReplies       = get("/messages/{id}/thread")
	subscribeThread   = post("/messages/{id}/thread/subscription")
	unsubscribeThread = del("/messages/{id}/thread/subscription")

	listConversations       = get("/conversations")
	getUserConversation     = get("/users/{uid}/conversation")
	getGroupConversation    = get("/groups/{guid}/conversation")
	updateUserConversation  = put("/users/{uid}/conversation")
	updateGroupConversation = put("/groups/{guid}/conversation")
	resetUserConversation   = del("/users/{uid}/conversation")
	resetGroupConversation  = del("/groups/{guid}/conversation")
	markUserDelivered       = post("/users/{uid}/conversation/delivered")
	markGroupDelivered      = post("/groups/{guid}/conversation/delivered")
	markUserRead            = post("/users/{uid}/conversation/read")
	markGroupRead           = post("/groups/{guid}/conversation/read")
	markUserUnread          = del("/users/{uid}/conversation/read")
	markGroupUnread         = del("/groups/{guid}/conversation/read")
	pinUserConversation     = post("/users/{uid}/conversation/pin")
	pinGroupConversation    = post("/groups/{guid}/conversation/pin")
	unpinUserConversation   = del("/users/{uid}/conversation/pin").documentedIdempotent()
	unpinGroupConversation  = del("/groups/{guid}/conversation/pin").documentedIdempotent()
	getConversation         = get("/conversations/{conversationId}")
	deleteConversation      = del("/conversations/{conversationId}")

	listPinnedConversations    = get("/conversations/pinned").withoutPages()
	replacePinnedConversations = put("/conversations/pinned").documentedIdempotent()

	createModerationReason = post("/moderation/reasons")
	listModerationReasons  = get("/moderation/reasons")
	getModerationReason    = get("/moderation/reasons/{id}")
	updateModerationReason = put("/moderation/reasons/{id}")
	deleteModerationReason = del("/moderation/reasons/{id}")
)

// call is a route with what one request fills into it.
type call struct {
	route    *route
	ids      []string
	params   any        // a pointer to a struct with url tags, or nil
	extra    url.Values // on top of params
	payload  any        // the body, or nil
	problem  error      // with an argument
	position Position   // of a list's page
}

// at names the route's ids, in the order of its pattern.
func (r *route) at(ids ...string) call { return call{route: r, ids: ids} }

// query adds parameters; a nil pointer adds none.
func (c call) query(params any) call { c.params = params; return c }

// body adds the JSON body. A nil pointer is a missing request.
func (c call) body(payload any) call { c.payload = payload; return c }

// do makes a call whose answer is one thing.
func do[T any](ctx context.Context, c *Client, call call) (*T, error) {
	var v *T
	err := c.send(ctx, call, func(body []byte) string {
		var problem string
		v, problem = decodeOne[T](body)
		return problem
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// send makes one call and hands a successful answer's body to decode, which
// says what is wrong with it, or "". The body is only valid meanwhile.
func (c *Client) send(ctx context.Context, call call, decode func(body []byte) string) error {
	req, err := c.request(call)
	if err != nil {
		return err
	}
	return c.sendRequest(ctx, call, req, decode)
}

func (c *Client) sendRequest(ctx context.Context, call call, req *transport.Request, decode func(body []byte) string) error {
	info := CallInfo{
		Operation: call.route.operation, OnBehalfOf: c.settings.actingUser,
		Position: call.position, Page: call.position.page,
	}
	var end func(CallResult)
	if c.settings.tracer != nil {
		ctx, end = c.settings.tracer(ctx, info)
	}
	var result CallResult
	result.Err = c.exchange(ctx, call, req, decode, &result)
	if end != nil {
		end(result)
	}
	return result.Err
}

func (c *Client) exchange(ctx context.Context, call call, req *transport.Request, decode func([]byte) string, result *CallResult) error {
	resp, err := c.transport.Do(ctx, &c.settings.Settings, req)
	if err != nil {
		f := err.(*transport.Failure)
		result.Attempts, result.Waited = f.Attempts, f.Waited
		if f.Response != nil {
			result.StatusCode = f.Response.StatusCode
		}
		return c.failure(call, req, f)
	}
	defer resp.Release()
	result.StatusCode, result.Attempts, result.Waited = resp.StatusCode, resp.Attempts, resp.Waited
	if f := c.settings.onResponse; f != nil {
		f(&Response{
			StatusCode: resp.StatusCode, Header: resp.Header, Body: bytes.Clone(resp.Body),
			Operation: call.route.operation, Attempts: resp.Attempts, Waited: resp.Waited,
		})
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.answerError(call, req, resp, "")
	}
	resp.Body = plainSlashes(resp.Body)
	if problem := decode(resp.Body); problem != "" {
		e := c.answerError(call, req, resp, problem)
		// An answer that cannot be read says nothing of the write it answers.
		if call.route.Method != http.MethodGet && !saysNo(problem) {
			e.outcomeUnknown = true
		}
		return e
	}
	return nil
}

// request checks everything there is to check and puts the request together.
func (c *Client) request(call call) (*transport.Request, error) {
	if c.err != nil {
		return nil, c.err
	}
	if call.problem != nil {
		return nil, call.problem
	}
	v := &validation{metadataLimit: c.settings.metadataLimit}
	req := &transport.Request{
		Operation:  call.route.operation,
		Method:     call.route.Method,
		ActingUser: c.settings.actingUser,
		Core:       call.route.core,
		Repeatable: call.route.idempotent,
		Path:       call.route.path(v, call.ids),
		Secrets:    call.secrets(),
	}
	values := encodeQuery(v, call.params)
	for k, list := range call.extra {
		values[k] = list
	}
	req.RawQuery = values.Encode()
	if call.payload != nil {
		req.Body = encodeBody(v, call.payload)
	}
	return req, v.err()
}

// path fills the ids into the pattern, each as exactly one segment.
func (r *route) path(v *validation, ids []string) string {
	var b strings.Builder
	b.WriteString(r.parts[0])
	for i, name := range r.params {
		limit := maxID
		switch {
		case secretParam(name):
			limit = maxToken
		case name == "reaction":
			limit = MaxReactionLength
		case name == "conversationId":
			limit = maxConversationID
			if ids[i] == "pinned" { // a path of its own
				v.add(ValidationError{Field: name, Size: len(ids[i]), Reason: "is no conversation"})
			}
		}
		v.id(name, ids[i], limit)
		b.WriteString(url.PathEscape(ids[i]))
		b.WriteString(r.parts[i+1])
	}
	return b.String()
}

// secretParam says whether an id of this name is a credential.
func secretParam(name string) bool { return name == "authToken" || name == "apiKey" }

// secrets are the credentials among the ids and in the body.
func (c call) secrets() []string {
	var s []string
	if payload, ok := c.payload.(interface{ secrets() []string }); ok {
		s = payload.secrets()
	}
	for i, name := range c.route.params {
		if secretParam(name) {
			s = append(s, c.ids[i])
		}
	}
	return s
}

// publicPath is the path as errors may show it.
func (c call) publicPath(path string) string {
	if !slices.ContainsFunc(c.route.params, secretParam) {
		return path
	}
	ids := slices.Clone(c.ids)
	for i, name := range c.route.params {
		if secretParam(name) {
			ids[i] = transport.Redacted
		}
	}
	var b strings.Builder
	b.WriteString(c.route.parts[0])
	for i := range ids {
		b.WriteString(ids[i] + c.route.parts[i+1])
	}
	return b.String()
}

// encodeQuery returns the parameters of a struct with url tags. Lists are
// joined by commas, which a value can therefore not hold.
func encodeQuery(v *validation, params any) url.Values {
	rv := reflect.ValueOf(params)
	if params == nil || rv.IsNil() {
		return url.Values{}
	}
	check(v, params)
	rv = rv.Elem()
	for i := range rv.NumField() {
		f := rv.Type().Field(i)
		if f.Type.Kind() != reflect.Slice || f.Type.Elem().Kind() != reflect.String {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("url"), ",")
		for j := range rv.Field(i).Len() {
			s := rv.Field(i).Index(j).String()
			if s == "" || strings.Contains(s, ",") {
				v.add(ValidationError{Field: fmt.Sprintf("%s[%d]", name, j), Size: len(s), Reason: "must be a text without commas"})
			}
		}
	}
	values, err := query.Values(params)
	if err != nil {
		v.add(ValidationError{Field: "query", Reason: err.Error()})
	}
	return values
}

func encodeBody(v *validation, payload any) []byte {
	if rv := reflect.ValueOf(payload); rv.Kind() == reflect.Pointer && rv.IsNil() {
		v.add(ValidationError{Field: "request", Reason: "required"})
		return nil
	}
	before := len(v.errs)
	check(v, payload)
	if len(v.errs) > before {
		return nil
	}
	b, err := marshal(payload)
	if err != nil {
		v.add(ValidationError{Field: "request", Reason: err.Error()})
	}
	return b
}

func check(v *validation, what any) {
	if w, ok := what.(validatable); ok {
		w.validate(v)
	}
}

// failure makes the error of a call without an answer.
func (c *Client) failure(call call, req *transport.Request, f *transport.Failure) error {
	if f.Wait > 0 {
		wait := &WaitError{Wait: f.Wait, Err: ErrRateLimited, outcomeUnknown: f.OutcomeUnknown}
		switch {
		case f.Response != nil:
			wait.Err = c.answerError(call, req, f.Response, "")
			f.Response.Release()
		case f.Cause != nil:
			wait.Err = c.broken(call, req, f, f.Cause)
		}
		return wait
	}
	return c.broken(call, req, f, f.Err)
}

func (c *Client) broken(call call, req *transport.Request, f *transport.Failure, cause error) *TransportError {
	return &TransportError{
		Method: req.Method, Path: call.publicPath(req.Path),
		Attempts: f.Attempts, Err: cause, outcomeUnknown: f.OutcomeUnknown,
	}
}

// answerError makes the error of an answer. problem is what is wrong with an
// answer that claims success.
func (c *Client) answerError(call call, req *transport.Request, resp *transport.Response, problem string) *Error {
	clean := c.transport.Redactor().With(req.Secrets...)
	e := &Error{
		StatusCode:     resp.StatusCode,
		Method:         req.Method,
		Path:           call.publicPath(req.Path),
		Header:         http.Header{},
		outcomeUnknown: resp.OutcomeUnknown,
	}
	for k, values := range resp.Header {
		for _, v := range values {
			e.Header[k] = append(e.Header[k], clean.String(v))
		}
	}
	e.RetryAfter, _ = transport.RetryAfter(resp.Header)
	e.Body = []byte(truncate(string(clean.Body(resp.Body)), maxErrorBody))

	e.fill(findError(resp.Body), clean)
	switch {
	case e.Message != "":
	case problem != "":
		e.Message = problem
	case resp.StatusCode >= 300 && resp.StatusCode <= 399:
		e.Message = "a redirect to another place was refused"
	default:
		e.Message = describe(resp)
	}
	return e
}

// describe stands in for the message of an answer that has none.
func describe(resp *transport.Response) string {
	if len(bytes.TrimSpace(resp.Body)) == 0 {
		return strings.TrimSpace(http.StatusText(resp.StatusCode) + " (no body)")
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind = "unknown type"
	}
	return strings.TrimSpace(fmt.Sprintf("%s (%d bytes of %s)", http.StatusText(resp.StatusCode), len(resp.Body), kind))
}

// findError returns the error an answer holds, in its envelope or without one.
func findError(body []byte) errorBody {
	var env struct {
		Data  json.RawMessage `json:"data"`
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &env) == nil {
		switch {
		case present(env.Error):
			return parseErrorBody(env.Error)
		case env.Data != nil:
			return errorBody{}
		}
	}
	return parseErrorBody(body)
}

// present tells a value from its absence: null, and what PHP makes of nothing.
func present(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "false", "[]", "{}", `""`:
		return false
	}
	return true
}

// count makes a list's call for the number of its items alone. How the API
// answers that is not documented, so the number is taken from wherever it
// stands; an answer without one is an error, never a 0.
func count(ctx context.Context, c *Client, call call) (int, error) {
	call.extra = url.Values{"count": {"true"}, "perPage": {"1"}, "page": {"1"}}
	n := 0
	err := c.send(ctx, call, func(body []byte) string {
		answer, problem := openEnvelope(body)
		if problem != "" {
			return problem
		}
		var named struct{ Count, Total *int }
		var counted listMeta
		switch kind := jsonKind(answer.Data); {
		case (kind == "a number" || kind == "a string") && decodeLenient(answer.Data, &n) == nil:
		case kind == "an object" && decodeLenient(answer.Data, &named) == nil && (named.Count != nil || named.Total != nil):
			n = max(*cmp.Or(named.Count, new(int)), *cmp.Or(named.Total, new(int)))
		default:
			items, isList := listItems(answer.Data)
			if !isList || decodeLenient(answer.Meta, &counted) != nil || counted.Pagination.Total < len(items) {
				return "the answer holds no count"
			}
			n = counted.Pagination.Total
		}
		return ""
	})
	return n, err
}
