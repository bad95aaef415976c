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
// include tags only on request, and the fields about relations are set only if
// there is another user to relate to.
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
	// ConversationID names the conversation with the acting user.
	ConversationID string   `json:"conversationId,omitempty"`
	CreatedAt      UnixTime `json:"createdAt,omitempty"`
	UpdatedAt      UnixTime `json:"updatedAt,omitempty"`
	LastActiveAt   UnixTime `json:"lastActiveAt,omitempty"`
	DeactivatedAt  UnixTime `json:"deactivatedAt,omitempty"`
	// BlockedByMe reports whether the acting user blocks this one, since
	// BlockedByMeAt.
	BlockedByMe   bool     `json:"blockedByMe,omitempty"`
	BlockedByMeAt UnixTime `json:"blockedByMeAt,omitempty"`
	HasBlockedMe  bool     `json:"hasBlockedMe,omitempty"`
	BlockedAt     UnixTime `json:"blockedAt,omitempty"`
	// AuthToken is set only by Create with WithAuthToken.
	AuthToken Secret `json:"authToken,omitempty"`
}

// SystemUID is the uid of the app itself, which acts if no user does.
const SystemUID = "app_system"

// UserStatus says whether a user is online. Other values may occur; receipts and
// webhooks say "online" instead of "available".
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
	// UID names the user permanently: at most 100 characters. The API turns it
	// into lower case, and documents a-z, 0-9, "-" and "_".
	UID string `json:"uid"`
	// Name has at most 100 characters.
	Name string `json:"name"`
	// Avatar and Link are URLs of at most 3,000 characters.
	Avatar string `json:"avatar,omitempty"`
	Link   string `json:"link,omitempty"`
	// Role must exist; without one, the API uses "default".
	Role          string `json:"role,omitempty"`
	StatusMessage string `json:"statusMessage,omitempty"`
	// Metadata is limited by WithMetadataLimit. Its member "@private" is shown
	// only to the user and to API keys.
	Metadata Metadata `json:"metadata,omitempty"`
	Tags     Tags     `json:"tags,omitempty"`
	// WithAuthToken includes a login token in the response.
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
// sent as it is, and Unset names the fields to clear. The limits are those of
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

// UserListOptions filters the users of an app. The zero value lists all users
// except the deactivated ones.
type UserListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
	// SearchKey finds users whose uid or name begins with it; SearchIn restricts
	// the search to one of the two.
	SearchKey string            `url:"searchKey,omitempty"`
	SearchIn  []UserSearchField `url:"searchIn,comma,omitempty"`
	Status    []UserStatus      `url:"status,comma,omitempty"`
	Roles     []string          `url:"roles,comma,omitempty"`
	// Tags finds users that carry these tags; WithTags includes each user's
	// tags.
	Tags     []string `url:"tags,comma,omitempty"`
	WithTags bool     `url:"withTags,omitempty"`
	// OnlyDeactivated lists only the deactivated users, WithDeactivated lists all
	// users.
	OnlyDeactivated bool `url:"onlyDeactivated,omitempty"`
	WithDeactivated bool `url:"withDeactivated,omitempty"`
	// The limits of these times are part of the range.
	CreatedFrom time.Time `url:"createdAt[from],omitempty,unix"`
	CreatedTo   time.Time `url:"createdAt[to],omitempty,unix"`
	UpdatedFrom time.Time `url:"updatedAt[from],omitempty,unix"`
	UpdatedTo   time.Time `url:"updatedAt[to],omitempty,unix"`
}

// UserSearchField is a field that SearchKey is compared with.
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
// if the uid is taken, even by a deactivated user, and with CodeBadRequest
// (ErrInvalidRequest), whose Details name the field "role", if the role does
// not exist. With WithAuthToken, a response without a token is returned as an
// *Error together with the user.
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

// Get returns a user. It fails with CodeUIDNotFound (ErrNotFound) if there is no
// such user, or if the user is deactivated.
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

// Update changes a user. It fails with CodeUIDNotFound (ErrNotFound) if there is
// no such user, or if the user is deactivated.
//
// PUT /users/{uid}
func (s *UsersService) Update(ctx context.Context, uid string, req *UpdateUserRequest) (*User, error) {
	return do[User](ctx, s.core, updateUser.at(uid).body(req))
}

// Upsert creates a user, or updates the user that already has the uid, and
// reports which of the two it did. In an update, fields that are empty in req
// stay as they are: an Upsert never clears anything. To remove an avatar or tags,
// call Update, with Unset or with empty Tags. For a user that exists it makes two
// requests, the first from the small budget for creating users. If most of your
// users exist, list them and update those that differ, or call Update first and
// Create after CodeUIDNotFound.
//
// Several goroutines may call it for the same uid at the same time. With
// WithRetryWrites, a user that the call's own first attempt created without a
// response counts as one that existed before. WithAuthToken is refused, since an
// update creates no token; call AuthTokens.Create. A deactivated user has the
// uid, but cannot be updated: Upsert fails with CodeUIDNotFound, and Reactivate
// restores the user.
//
// POST /users, and PUT /users/{uid} only after CodeUIDAlreadyExists
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
	// Permanent removes the user with all messages and conversations. Without it
	// the user is deactivated: no call finds it, but its uid stays taken, and
	// Reactivate restores it.
	Permanent bool `json:"permanent,omitempty"`
}

// Delete deactivates a user, or removes the user permanently with Permanent. opts
// may be nil, which deactivates: nothing is erased, the user's messages stay
// where they are, and the uid stays taken. It fails with CodeUIDNotFound
// (ErrNotFound) if there is no such user, or if the user is deactivated;
// Reactivate the user before removing it.
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

// activations are the lists of both responses, under all the names that were
// seen.
var activations = []bulkList[Activation]{
	{name: "deactivatedUids", value: ActivationDeactivated},
	{name: "alreadyDeactivatedUids", value: ActivationAlreadyDeactivated},
	{name: "reactivatedUids", value: ActivationReactivated},
	{name: "nonDeactivatedUids", value: ActivationReactivated},
	{name: "notFound", value: ActivationNotFound, code: CodeUIDNotFound},
}

// Deactivate deactivates users. It returns one result for each uid, in the order
// given. The error joins the failures, such as CodeUIDNotFound; a user that is
// already deactivated is not a failure.
//
// DELETE /users
func (s *UsersService) Deactivate(ctx context.Context, uids []string) (*Results[Activation], error) {
	return bulkListed(ctx, s.core, deactivateUsers.at().body(&deactivateUsersRequest{uids}), uids, activations)
}

// Reactivate restores deactivated users. It returns one result for each uid, in
// the order given. The error joins the failures, such as CodeUIDNotFound.
//
// PUT /users
func (s *UsersService) Reactivate(ctx context.Context, uids []string) (*Results[Activation], error) {
	return bulkListed(ctx, s.core, reactivateUsers.at().body(&reactivateUsersRequest{uids}), uids, activations)
}

// Count returns how many users List would return with the same options, in one
// request. opts may be nil; its Page and PerPage are ignored.
//
// GET /users
func (s *UsersService) Count(ctx context.Context, opts *UserListOptions) (int, error) {
	return count(ctx, s.core, listUsers.at().query(opts), url.Values{"perPage": {"1"}, "page": {"1"}})
}
