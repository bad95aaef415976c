package cometchat

import (
	"cmp"
	"context"
	"fmt"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	listRolePermissions  = get("/roles/{role}/permissions").withoutPages()
	setRolePermissions   = put("/roles/{role}/permissions")
	unsetRolePermission  = del("/roles/{role}/permissions/{permission}")
	listScopePermissions = get("/groups/{guid}/scopes/{scope}/permissions").withoutPages()
	setScopePermissions  = put("/groups/{guid}/scopes/{scope}/permissions")
	unsetScopePermission = del("/groups/{guid}/scopes/{scope}/permissions/{permission}")
)

// Permission is an action that can be allowed or denied to a role, or to a scope
// in a group.
type Permission struct {
	// ID is the permission's key, such as "sendMessage.allowedMessageTypes".
	ID string `json:"id"`
	// Type is "role" or "scope".
	Type        string `json:"type,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	// DataType names the kind of value: string, stringArray, rolesStringArray,
	// customStringArray.
	DataType        string          `json:"dataType,omitempty"`
	AvailableValues []string        `json:"availableValues,omitempty"`
	DefaultValue    PermissionValue `json:"defaultValue,omitzero"`
	CreatedAt       UnixTime        `json:"createdAt,omitempty"`
	UpdatedAt       UnixTime        `json:"updatedAt,omitempty"`
}

// PermissionValue is the value of a permission: a text or a list of texts, made
// by PermissionText and PermissionList. The zero value is null, which the API
// documents as no restriction, like an empty list.
type PermissionValue struct {
	// Text is the value if it is not a list.
	Text string
	// List is the value if it is a list, and nil otherwise.
	List []string
}

// Values that many permissions have.
var (
	// PermissionAllow allows the action.
	PermissionAllow = PermissionText("allow")
	// PermissionDeny denies the action.
	PermissionDeny = PermissionText("deny")
)

// PermissionText returns a value that is a text.
func PermissionText(text string) PermissionValue { return PermissionValue{Text: text} }

// PermissionList returns a value that is a list, empty without arguments.
func PermissionList(values ...string) PermissionValue {
	return PermissionValue{List: append([]string{}, values...)}
}

// IsZero reports whether there is no value.
func (p PermissionValue) IsZero() bool { return p.Text == "" && p.List == nil }

// IsList reports whether the value is a list.
func (p PermissionValue) IsList() bool { return p.List != nil }

// String returns the text, or the list as Go prints it.
func (p PermissionValue) String() string {
	if p.IsList() {
		return fmt.Sprint(p.List)
	}
	return p.Text
}

// MarshalJSON returns a string, an array, or null.
func (p PermissionValue) MarshalJSON() ([]byte, error) {
	switch {
	case p.IsList():
		return wire.Marshal(p.List)
	case p.IsZero():
		return []byte("null"), nil
	}
	return wire.Marshal(p.Text)
}

// UnmarshalJSON accepts a string, an array, an object instead of an array, and
// null. A number or a boolean becomes its text.
func (p *PermissionValue) UnmarshalJSON(b []byte) error {
	var err error
	p.Text, p.List, err = wire.TextOrList(b)
	return err
}

// PermissionValues are values by the permission's key.
type PermissionValues map[string]PermissionValue

type setPermissionsRequest struct {
	Permissions PermissionValues `json:"permissions"`
}

func (r *setPermissionsRequest) validate(v *validation) {
	if len(r.Permissions) == 0 {
		v.add(ValidationError{Field: "permissions", Reason: "required"})
	}
	for _, key := range sortedKeys(r.Permissions) {
		v.id("permissions", key, maxID)
	}
}

// SetPermissions is the outcome for each permission, and what is set now.
type SetPermissions struct {
	// Results has one result for each permission, in the order of their keys.
	*Results[NoValue]
	// Permissions are all permissions that are set now, if the response lists
	// them.
	Permissions PermissionValues `json:"permissions,omitempty"`
	UpdatedAt   UnixTime         `json:"updatedAt,omitempty"`
}

// UnsetPermission is the response to unsetting a permission. Which fields are set
// depends on the version of the API.
type UnsetPermission struct {
	// Permissions are the permissions that are still set.
	Permissions PermissionValues `json:"permissions,omitempty"`
	Role        string           `json:"role,omitempty"`
	GUID        string           `json:"guid,omitempty"`
	Scope       MemberScope      `json:"scope,omitempty"`
	Permission  string           `json:"permission,omitempty"`
	Status      string           `json:"status,omitempty"`
	UpdatedAt   UnixTime         `json:"updatedAt,omitempty"`
}

// PermissionListOptions are the options of ListForRole and ListForScope. The API
// documents none so far.
type PermissionListOptions struct{}

// PermissionsService sets what users with a role may do, and what members with a
// scope may do in a group. Both must allow an action.
type PermissionsService service

// ListForRole lists the permissions that can be set for a role. opts may be nil.
//
// GET /roles/{role}/permissions
func (s *PermissionsService) ListForRole(role string, opts *PermissionListOptions) *PageList[Permission] {
	return pageList[Permission](s.core, listRolePermissions.at(role).query(opts))
}

// SetForRole sets permissions of a role and leaves the others as they are. It
// returns one result for each, in the order of their keys. The error joins the
// failures; the results are returned next to it. It fails as a whole with
// CodeRoleNotFound (ErrNotFound) if there is no such role.
//
// PUT /roles/{role}/permissions
func (s *PermissionsService) SetForRole(ctx context.Context, role string, values PermissionValues) (*SetPermissions, error) {
	return s.set(ctx, setRolePermissions.at(role), values)
}

// UnsetForRole removes the value of a permission from a role. It fails with
// ErrNotFound if there is no such role or permission.
//
// DELETE /roles/{role}/permissions/{permission}
func (s *PermissionsService) UnsetForRole(ctx context.Context, role, permission string) (*UnsetPermission, error) {
	return unset(ctx, s.core, unsetRolePermission.at(role, permission))
}

// ListForScope lists the permissions that can be set for a scope in a group. opts
// may be nil.
//
// GET /groups/{guid}/scopes/{scope}/permissions
func (s *PermissionsService) ListForScope(guid string, scope MemberScope, opts *PermissionListOptions) *PageList[Permission] {
	return pageList[Permission](s.core, listScopePermissions.at(guid, string(scope)).query(opts))
}

// SetForScope sets permissions of a scope in a group and leaves the others as
// they are. It returns one result for each, in the order of their keys. The error
// joins the failures; the results are returned next to it. It fails as a whole
// with CodeGUIDNotFound (ErrNotFound) if there is no such group.
//
// PUT /groups/{guid}/scopes/{scope}/permissions
func (s *PermissionsService) SetForScope(ctx context.Context, guid string, scope MemberScope, values PermissionValues) (*SetPermissions, error) {
	return s.set(ctx, setScopePermissions.at(guid, string(scope)), values)
}

// UnsetForScope removes the value of a permission from a scope in a group. It
// fails with ErrNotFound if there is no such group or permission.
//
// DELETE /groups/{guid}/scopes/{scope}/permissions/{permission}
func (s *PermissionsService) UnsetForScope(ctx context.Context, guid string, scope MemberScope, permission string) (*UnsetPermission, error) {
	return unset(ctx, s.core, unsetScopePermission.at(guid, string(scope), permission))
}

func unset(ctx context.Context, c *core, o op) (*UnsetPermission, error) {
	unset, err := doMaybe[UnsetPermission](ctx, c, o)
	if err != nil {
		return nil, err
	}
	return cmp.Or(unset, &UnsetPermission{}), nil
}

// setAnswer is what a response says in addition to the outcomes.
type setAnswer struct {
	Permissions PermissionValues `json:"permissions"`
	UpdatedAt   UnixTime         `json:"updatedAt"`
	Role        string           `json:"role"`
	GUID        string           `json:"guid"`
	Scope       MemberScope      `json:"scope"`
}

func (s *PermissionsService) set(ctx context.Context, o op, values PermissionValues) (*SetPermissions, error) {
	answer, results, err := bulkBeside[setAnswer](ctx, s.core, o.body(&setPermissionsRequest{values}), sortedKeys(values), noValue)
	if results == nil {
		return nil, err
	}
	set := &SetPermissions{Results: results, Permissions: answer.Permissions, UpdatedAt: answer.UpdatedAt}
	for i, item := range set.Items {
		// A permission without an entry of its own is set if it is among those
		// that the response lists as set.
		if got, ok := set.Permissions[item.ID]; ok && item.Err == errNotMentioned && got.String() == values[item.ID].String() {
			set.Items[i] = Result[NoValue]{ID: item.ID}
		}
	}
	return set, set.Err()
}
