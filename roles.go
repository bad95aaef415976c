package cometchat

import "context"

var (
	createRole = post("/roles")
	listRoles  = get("/roles")
	getRole    = get("/roles/{role}")
	updateRole = put("/roles/{role}")
	deleteRole = del("/roles/{role}")
)

// DefaultRole is the role of users without another one. It always exists and
// cannot be deleted.
const DefaultRole = "default"

// Role is a kind of user. An app has at most 25.
type Role struct {
	Role        string       `json:"role" wire:"id"`
	Name        string       `json:"name,omitempty"`
	Description string       `json:"description,omitempty"`
	Metadata    Metadata     `json:"metadata,omitempty"`
	Settings    RoleSettings `json:"settings,omitzero"`
	CreatedAt   UnixTime     `json:"createdAt,omitempty"`
	UpdatedAt   UnixTime     `json:"updatedAt,omitempty"`
}

// RoleSettings say whom users with a role can see and write to. An empty field is
// not sent.
type RoleSettings struct {
	ListUsers      RoleReach `json:"listUsers,omitempty"`
	SendMessagesTo RoleReach `json:"sendMessagesTo,omitempty"`
}

// RoleReach is a set of users. Other values may occur.
type RoleReach string

// The documented sets.
const (
	RoleReachAll         RoleReach = "all"
	RoleReachFriendsOnly RoleReach = "friendsOnly"
)

// CreateRoleRequest describes a new role. Role and Name are required; an empty
// field is not sent.
type CreateRoleRequest struct {
	// Role names the role permanently: at most 100 characters. The API turns it
	// into lower case, and documents a-z, 0-9, "-" and "_".
	Role string `json:"role"`
	// Name has at most 100 characters.
	Name string `json:"name"`
	// Description has at most 255 characters.
	Description string       `json:"description,omitempty"`
	Metadata    Metadata     `json:"metadata,omitempty"`
	Settings    RoleSettings `json:"settings,omitzero"`
}

func (r *CreateRoleRequest) validate(v *validation) {
	v.id("role", r.Role, maxID)
	v.required("name", r.Name)
	v.length("name", r.Name, maxName)
	v.length("description", r.Description, maxDescription)
	r.Metadata.validate(v)
}

// UpdateRoleRequest changes a role. A nil field is left alone, an empty one is
// sent as it is, and Unset names the fields to clear. The limits are those of
// CreateRoleRequest.
type UpdateRoleRequest struct {
	Name        *string       `json:"name,omitempty"`
	Description *string       `json:"description,omitempty"`
	Metadata    Metadata      `json:"metadata,omitzero"`
	Settings    *RoleSettings `json:"settings,omitempty"`
	Unset       []RoleField   `json:"unset,omitempty"`
}

// RoleField names a field of a role that an update can clear.
type RoleField string

// The fields that can be cleared.
const (
	RoleFieldSettings    RoleField = "settings"
	RoleFieldDescription RoleField = "description"
	RoleFieldMetadata    RoleField = "metadata"
)

func (r *UpdateRoleRequest) validate(v *validation) {
	if r.Name != nil {
		v.required("name", *r.Name)
	}
	v.optional("name", r.Name, maxName)
	v.optional("description", r.Description, maxDescription)
	r.Metadata.validate(v)
}

// RoleListOptions pages through roles.
type RoleListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
}

func (o *RoleListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// RolesService creates, lists, changes and removes roles. A role must exist
// before a user can have it.
type RolesService service

// Create creates a role. It fails with ErrAlreadyExists if a role has that id,
// and with ErrQuotaExceeded if the app has 25. The API does not document its
// codes for either.
//
// POST /roles
func (s *RolesService) Create(ctx context.Context, req *CreateRoleRequest) (*Role, error) {
	return do[Role](ctx, s.core, createRole.at().body(req))
}

// Get returns a role. It fails with CodeRoleNotFound (ErrNotFound) if there is no
// such role.
//
// GET /roles/{role}
func (s *RolesService) Get(ctx context.Context, role string) (*Role, error) {
	return do[Role](ctx, s.core, getRole.at(role))
}

// List lists the app's roles. opts may be nil.
//
// GET /roles
func (s *RolesService) List(opts *RoleListOptions) *PageList[Role] {
	return pageList[Role](s.core, listRoles.at().query(opts))
}

// Update changes a role. It fails with CodeRoleNotFound (ErrNotFound) if there is
// no such role.
//
// PUT /roles/{role}
func (s *RolesService) Update(ctx context.Context, role string, req *UpdateRoleRequest) (*Role, error) {
	return do[Role](ctx, s.core, updateRole.at(role).body(req))
}

// Delete removes a role. It fails with CodeRoleNotFound (ErrNotFound) if there is
// no such role, and with CodeRoleDeleteDenied for DefaultRole.
//
// DELETE /roles/{role}
func (s *RolesService) Delete(ctx context.Context, role string) error {
	return acknowledge(ctx, s.core, deleteRole.at(role))
}
