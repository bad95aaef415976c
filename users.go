package cometchat

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	createUser      = post("/users").inCore()
	listUsers       = get("/users")
	reactivateUsers = put("/users")
	deactivateUsers = del("/users")
	getUser         = get("/users/{uid}")
	updateUser      = put("/users/{uid}")
	deleteUser      = del("/users/{uid}").inCore()
)

// User is a user of the app. Which fields are set depends on the call: lists
// give tags only when asked to, and the fields on relations only where there is
// another user to relate to.
type User struct {
	rawItem
	UID           string     `json:"uid" wire:"id"`
	Name          string     `json:"name,omitempty"`
	Avatar        string     `json:"avatar,omitempty"` // URL
	Link          string     `json:"link,omitempty"`   // URL
	Role          string     `json:"role,omitempty"`
	Status        UserStatus `json:"status,omitempty"`
	StatusMessage string     `json:"statusMessage,omitempty"`
	Metadata      Metadata   `json:"metadata,omitempty"`
	Tags          Tags       `json:"tags,omitempty"`
	// ConversationID is that of the conversation with the acting user.
	ConversationID string   `json:"conversationId,omitempty"`
	CreatedAt      UnixTime `json:"createdAt,omitempty"`
	UpdatedAt      UnixTime `json:"updatedAt,omitempty"`
	LastActiveAt   UnixTime `json:"lastActiveAt,omitempty"`
	DeactivatedAt  UnixTime `json:"deactivatedAt,omitempty"`
	// BlockedByMe says that the acting user blocks this one, since BlockedByMeAt.
	BlockedByMe   bool     `json:"blockedByMe,omitempty"`
	BlockedByMeAt UnixTime `json:"blockedByMeAt,omitempty"`
	HasBlockedMe  bool     `json:"hasBlockedMe,omitempty"`
	BlockedAt     UnixTime `json:"blockedAt,omitempty"`
	// AuthToken is set by Create with WithAuthToken only.
	AuthToken Secret `json:"authToken,omitempty"`
}

// SystemUID is who acts where no user does: the app itself.
const SystemUID = "app_system"

// UserStatus says whether a user is online. Any value may come; receipts and
// webhooks say "online" for "available".
type UserStatus string

// The documented statuses.
const (
	UserStatusAvailable UserStatus = "available"
	UserStatusOffline   UserStatus = "offline"
)

// LogValue keeps the auth token out of logs.
func (u User) LogValue() slog.Value {
	type plain User
	if u.AuthToken != "" {
		u.AuthToken = Secret(u.AuthToken.String())
	}
	return slog.AnyValue(plain(u))
}

// CreateUserRequest describes a new user. UID and Name are required; an empty
// field is not sent.
type CreateUserRequest struct {
	// UID names the user for good: at most 100 characters, lower-cased by the
	// API, which documents a-z, 0-9, "-" and "_".
	UID string `json:"uid"`
	// Name has at most 100 characters.
	Name string `json:"name"`
	// Avatar and Link are URLs of at most 3,000 characters.
	Avatar string `json:"avatar,omitempty"`
	Link   string `json:"link,omitempty"`
	// Role must exist; the API's default is "default".
	Role          string `json:"role,omitempty"`
	StatusMessage string `json:"statusMessage,omitempty"`
	// Metadata is bounded by WithMetadataLimit. What its member "@private" holds
	// is shown to the user and to API keys only.
	Metadata Metadata `json:"metadata,omitempty"`
	Tags     Tags     `json:"tags,omitempty"`
	// WithAuthToken includes a token to log in with in the response.
	WithAuthToken bool `json:"withAuthToken,omitempty"`
}

func (r *CreateUserRequest) validate(v *validation) {
	v.id("uid", r.UID, maxID)
	v.required("name", r.Name)
	v.length("name", r.Name, maxName)
	v.length("avatar", r.Avatar, maxURL)
	v.length("link", r.Link, maxURL)
	v.length("role", r.Role, maxID)
	r.Metadata.validate(v)
	r.Tags.validate(v)
}

// UpdateUserRequest changes a user. A nil field is left alone, an empty one is
// sent as it is, and Unset names those to clear. Limits are those of
// CreateUserRequest.
type UpdateUserRequest struct {
	Name          *string     `json:"name,omitempty"`
	Avatar        *string     `json:"avatar,omitempty"`
	Link          *string     `json:"link,omitempty"`
	Role          *string     `json:"role,omitempty"`
	StatusMessage *string     `json:"statusMessage,omitempty"`
	Metadata      Metadata    `json:"metadata,omitzero"`
	Tags          Tags        `json:"tags,omitzero"`
	Unset         []UserField `json:"unset,omitempty"`
}

// UserField names a field of a user that an update can clear.
type UserField string

// The fields that can be cleared.
const (
	UserFieldAvatar   UserField = "avatar"
	UserFieldLink     UserField = "link"
	UserFieldMetadata UserField = "metadata"
)

func (r *UpdateUserRequest) validate(v *validation) {
	if r.Name != nil {
		v.required("name", *r.Name)
	}
	v.optional("name", r.Name, maxName)
	v.optional("avatar", r.Avatar, maxURL)
	v.optional("link", r.Link, maxURL)
	v.optional("role", r.Role, maxID)
	r.Metadata.validate(v)
	r.Tags.validate(v)
}

// UserListOptions filters the users of an app. The zero value lists all but the
// deactivated ones.
type UserListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
	// SearchKey finds users whose uid or name begins with it; SearchIn narrows
	// that to one of both.
	SearchKey string            `url:"searchKey,omitempty"`
	SearchIn  []UserSearchField `url:"searchIn,comma,omitempty"`
	Status    []UserStatus      `url:"status,comma,omitempty"`
	Roles     []string          `url:"roles,comma,omitempty"`
	// Tags finds users that carry these tags; WithTags includes each user's
	// tags.
	Tags     []string `url:"tags,comma,omitempty"`
	WithTags bool     `url:"withTags,omitempty"`
	// OnlyDeactivated lists the deactivated users alone, WithDeactivated all.
	OnlyDeactivated bool `url:"onlyDeactivated,omitempty"`
	WithDeactivated bool `url:"withDeactivated,omitempty"`
	// The bounds of these times are part of the range.
	CreatedFrom time.Time `url:"createdAt[from],omitempty,unix"`
	CreatedTo   time.Time `url:"createdAt[to],omitempty,unix"`
	UpdatedFrom time.Time `url:"updatedAt[from],omitempty,unix"`
	UpdatedTo   time.Time `url:"updatedAt[to],omitempty,unix"`
}

// UserSearchField is a field that SearchKey is looked for in.
type UserSearchField string

// The fields that can be searched.
const (
	UserSearchFieldName UserSearchField = "name"
	UserSearchFieldUID  UserSearchField = "uid"
)

func (o *UserListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// UsersService creates, lists, changes and removes users.
type UsersService service

// Create creates a user. It fails with CodeUIDAlreadyExists (ErrAlreadyExists)
// when the uid is taken, also by a deactivated user, and with CodeBadRequest
// (ErrInvalidRequest), whose details name role, when the role does not exist.
// With WithAuthToken, a response without a token is an *Error beside the user.
//
// POST /users
func (s *UsersService) Create(ctx context.Context, req *CreateUserRequest) (*User, error) {
	o := createUser.at().body(req)
	user, err := do[User](ctx, s.core, o)
	if err == nil && req.WithAuthToken && user.AuthToken == "" {
		err = o.failed(s.core, nil, &wire.Fault{Message: "the user was created, but the response holds no auth token"})
	}
	return user, err
}

// Get returns a user; ErrNotFound if there is none, or only a deactivated one.
//
// GET /users/{uid}
func (s *UsersService) Get(ctx context.Context, uid string) (*User, error) {
	return do[User](ctx, s.core, getUser.at(uid))
}

// List lists the app's users, newest first. opts may be nil.
//
// GET /users
func (s *UsersService) List(opts *UserListOptions) *PageList[User] {
	return pageList[User](s.core, listUsers.at().query(opts))
}

// Update changes a user; ErrNotFound if there is none, or only a deactivated
// one.
//
// PUT /users/{uid}
func (s *UsersService) Update(ctx context.Context, uid string, req *UpdateUserRequest) (*User, error) {
	return do[User](ctx, s.core, updateUser.at(uid).body(req))
}

// Upsert creates a user, or updates the one that has the uid already, and says
// which happened. Fields that are empty in req stay as they are in an update:
// an Upsert never clears anything. To take an avatar or tags away, call Update,
// with Unset or with empty Tags. For a user who exists it makes two requests,
// the first out of the small budget for creating users; who expects most users
// to exist lists them and updates those that differ, or calls Update first and
// Create after CodeUIDNotFound.
//
// It may be called for the same uid at the same time by several goroutines.
// With WithRetryWrites, a user that the call's own first attempt created without
// a response counts as one that existed before.
// WithAuthToken is refused: an update mints no token, so call
// AuthTokens.Create. A deactivated user has the uid, but cannot be updated: that
// is CodeUIDNotFound, and Reactivate is the way out.
//
// POST /users, and PUT /users/{uid} after CodeUIDAlreadyExists only
func (s *UsersService) Upsert(ctx context.Context, req *CreateUserRequest) (user *User, created bool, err error) {
	if req != nil && req.WithAuthToken {
		return nil, false, createUser.at().invalid(&ValidationError{Field: "withAuthToken", Reason: "is for Create only; mint the token with AuthTokens.Create"})
	}
	user, err = s.Create(ctx, req)
	if !errors.Is(err, CodeUIDAlreadyExists) {
		return user, err == nil, err
	}
	taken := err
	user, err = s.Update(ctx, req.UID, req.update())
	return user, false, afterUnknown(taken, err)
}

func (r *CreateUserRequest) update() *UpdateUserRequest {
	given := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	u := &UpdateUserRequest{
		Name: given(r.Name), Avatar: given(r.Avatar), Link: given(r.Link),
		Role: given(r.Role), StatusMessage: given(r.StatusMessage),
	}
	if len(r.Metadata) > 0 {
		u.Metadata = r.Metadata
	}
	if len(r.Tags) > 0 {
		u.Tags = r.Tags
	}
	return u
}

// DeleteUserOptions controls how Delete removes a user.
type DeleteUserOptions struct {
	// Permanent removes the user with all messages and conversations. Without
	// it the user is deactivated: hidden, not found by any call, its uid still
	// taken, to be brought back with Reactivate.
	Permanent bool `json:"permanent,omitempty"`
}

// Delete deactivates a user, or removes it for good with Permanent. opts may be
// nil, which deactivates: nothing is erased then, the user's messages stay where
// they are, and the uid stays taken. It fails with ErrNotFound if there is no such
// user, or only a deactivated one; Reactivate it to remove it.
//
// DELETE /users/{uid}
func (s *UsersService) Delete(ctx context.Context, uid string, opts *DeleteUserOptions) error {
	if opts == nil {
		opts = &DeleteUserOptions{}
	}
	return acknowledge(ctx, s.core, deleteUser.at(uid).body(opts))
}

// Activation is what Deactivate and Reactivate did to a user.
type Activation string

// Outcomes of Deactivate and Reactivate.
const (
	ActivationDeactivated        Activation = "deactivated"
	ActivationAlreadyDeactivated Activation = "alreadyDeactivated"
	ActivationReactivated        Activation = "reactivated"
	ActivationNotFound           Activation = "notFound"
)

type deactivateUsersRequest struct {
	UIDs []string `json:"uidsToDeactivate"`
}

func (r *deactivateUsersRequest) validate(v *validation) { v.ids("uidsToDeactivate", r.UIDs, 0) }

type reactivateUsersRequest struct {
	UIDs []string `json:"uidsToActivate"`
}

func (r *reactivateUsersRequest) validate(v *validation) { v.ids("uidsToActivate", r.UIDs, 0) }

// activations are the lists of both responses, by all the names they have been
// seen under.
var activations = []bulkList[Activation]{
	{name: "deactivatedUids", value: ActivationDeactivated},
	{name: "alreadyDeactivatedUids", value: ActivationAlreadyDeactivated},
	{name: "reactivatedUids", value: ActivationReactivated},
	{name: "nonDeactivatedUids", value: ActivationReactivated},
	{name: "notFound", value: ActivationNotFound, code: CodeUIDNotFound},
}

// Deactivate deactivates users: one result for each uid, in the order given.
// The error joins the failures, such as CodeUIDNotFound; a user that is
// deactivated already is not a failure.
//
// DELETE /users
func (s *UsersService) Deactivate(ctx context.Context, uids []string) (*Results[Activation], error) {
	return bulkListed(ctx, s.core, deactivateUsers.at().body(&deactivateUsersRequest{uids}), uids, activations)
}

// Reactivate brings deactivated users back: one result for each uid, in the
// order given. The error joins the failures, such as CodeUIDNotFound.
//
// PUT /users
func (s *UsersService) Reactivate(ctx context.Context, uids []string) (*Results[Activation], error) {
	return bulkListed(ctx, s.core, reactivateUsers.at().body(&reactivateUsersRequest{uids}), uids, activations)
}

// Count returns how many users List would give with the same options, in one
// request. opts may be nil; its Page and PerPage do not matter.
//
// GET /users
func (s *UsersService) Count(ctx context.Context, opts *UserListOptions) (int, error) {
	return count(ctx, s.core, listUsers.at().query(opts), url.Values{"perPage": {"1"}, "page": {"1"}})
}
