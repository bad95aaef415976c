package cometchattest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// permissionValues are the values of permissions by key, as sent: a string or a
// list of strings.
type permissionValues map[string]json.RawMessage

// permissionKind describes the values a permission can have.
type permissionKind struct {
	dataType  string
	available []string
}

var (
	onOff           = permissionKind{"string", []string{"allow", "deny"}}
	audience        = permissionKind{"string", []string{"all", "friends"}}
	roleNames       = permissionKind{"rolesStringArray", nil}
	anyNames        = permissionKind{"customStringArray", nil}
	scopeNames      = permissionKind{"stringArray", []string{scopeAdmin, scopeModerator, scopeParticipant}}
	groupTypeNames  = permissionKind{"stringArray", []string{groupPublic, groupPassword, groupPrivate}}
	messageTypes    = permissionKind{"stringArray", []string{"text", "image", "audio", "video", "file"}}
	categoryNames   = permissionKind{"stringArray", []string{"message", "custom", "interactive"}}
	receiverNames   = permissionKind{"stringArray", []string{"user", "group"}}
	callTypes       = permissionKind{"stringArray", []string{"audio", "video"}}
	rolePermissions = map[string]permissionKind{
		"listUsers": onOff, "listUsers.mode": audience, "listUsers.allowedRoles": roleNames,
		"getUserDetails": onOff, "getUserDetails.mode": audience, "getUserDetails.allowedRoles": roleNames,
		"sendMessage": onOff, "sendMessage.mode": audience,
		"sendMessage.allowedReceiverTypes": receiverNames, "sendMessage.allowedReceiverRoles": roleNames,
		"sendMessage.allowedMessageTypes": messageTypes, "sendMessage.allowedMessageCategories": categoryNames,
		"sendMessage.allowedCustomTypes": anyNames, "sendMessage.allowedMimeTypes": anyNames,
		"editMessage": onOff, "editMessage.denyForScopes": scopeNames,
		"deleteMessage": onOff, "deleteMessage.denyForScopes": scopeNames,
		"initiateCall": onOff, "initiateCall.mode": audience, "initiateCall.allowedReceiverRoles": roleNames,
		"createGroup": onOff, "createGroup.allowedGroupTypes": groupTypeNames,
		"listGroups": onOff, "listGroups.allowedGroupTypes": groupTypeNames,
		"joinGroup": onOff, "joinGroup.allowedGroupTypes": groupTypeNames,
		"listMessages.allowedMessageCategories": categoryNames, "listMessages.allowedMessageTypes": messageTypes,
	}
	scopePermissions = map[string]permissionKind{
		"sendMessage": onOff, "sendThreadedMessage": onOff, "editMessage": onOff, "addReaction": onOff,
		"listMembers": onOff, "listMembers.allowedScopes": scopeNames,
		"listReactions": onOff, "listReactions.allowedScopes": scopeNames,
		"initiateCall": onOff, "initiateCall.allowedScopes": scopeNames, "initiateCall.allowedType": callTypes,
	}
)

func permissionsResource() resource {
	return resource{routes: []route{
		{pattern: "GET /roles/{role}/permissions", handle: with((*call).pathRole, listRolePermissions)},
		{pattern: "PUT /roles/{role}/permissions", handle: withBody((*call).pathRole, setRolePermissions)},
		{pattern: "DELETE /roles/{role}/permissions/{permission}", handle: with((*call).pathRole, unsetRolePermission)},
		{pattern: "GET /groups/{guid}/scopes/{scope}/permissions", handle: with((*call).pathScope, listScopePermissions)},
		{pattern: "PUT /groups/{guid}/scopes/{scope}/permissions", handle: withBody((*call).pathScope, setScopePermissions)},
		{pattern: "DELETE /groups/{guid}/scopes/{scope}/permissions/{permission}", handle: with((*call).pathScope, unsetScopePermission)},
	}}
}

type permissionView struct {
	ID              string   `json:"id"`
	Type            string   `json:"type"`
	Title           string   `json:"title"`
	Description     string   `json:"description"`
	DataType        string   `json:"dataType"`
	AvailableValues []string `json:"availableValues"`
	DefaultValue    any      `json:"defaultValue"`
	CreatedAt       int64    `json:"createdAt"`
	UpdatedAt       int64    `json:"updatedAt"`
}

func (c *call) listPermissions(kind string, known map[string]permissionKind) (any, error) {
	oldest, _ := c.state.roles.get(defaultRole) // as old as the app
	at := oldest.createdAt
	return pageList[string]{
		rows: sliceRows[string](slices.Sorted(maps.Keys(known))),
		view: func(id string) any {
			p := known[id]
			v := permissionView{
				ID: id, Type: kind, Title: "Permission " + id, Description: "Controls " + id + ".", DataType: p.dataType,
				AvailableValues: append([]string{}, p.available...), DefaultValue: []string{}, CreatedAt: at, UpdatedAt: at,
			}
			if p.dataType == "string" {
				v.DefaultValue = p.available[0]
			}
			return v
		},
	}.page(c)
}

// accepts reports whether a permission can have a value.
func (k permissionKind) accepts(raw json.RawMessage) bool {
	var value string
	values := []string{}
	if json.Unmarshal(raw, &value) == nil {
		values = append(values, value)
	} else if k.dataType == "string" || json.Unmarshal(raw, &values) != nil {
		return false
	}
	return k.available == nil || !slices.ContainsFunc(values, func(s string) bool { return !slices.Contains(k.available, s) })
}

// setPermissions sets the permissions named in the body. null and an empty list
// remove a restriction.
func setPermissions(f *fields, values permissionValues, known map[string]permissionKind, owner string) (any, error) {
	sent, ok := f.object("permissions")
	if (!ok || len(sent.members) == 0) && f.err() == nil {
		f.fail("permissions", "The field permissions is required.")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	data := map[string]any{}
	for key, raw := range sent.members {
		kind, ok := known[key]
		switch {
		case !ok:
			data[key] = failedOutcome(errNotFound("ERR_PERMISSION_NOT_FOUND", "permission", key))
			continue
		case string(raw) == "null" || string(raw) == "[]":
			delete(values, key)
		case !kind.accepts(raw):
			data[key] = failedOutcome(newError(http.StatusBadRequest, "ERR_BAD_REQUEST", "The permission %s cannot have this value.", key))
			continue
		default:
			values[key] = raw
		}
		data[key] = outcome{Success: true, Message: "The permission " + key + " is set for " + owner + "."}
	}
	data["permissions"] = viewPermissions(values)
	return data, nil
}

// viewPermissions returns values as sent. Without values, it is [], PHP's
// encoding of an empty object.
func viewPermissions(values permissionValues) any {
	if len(values) == 0 {
		return []any{}
	}
	return maps.Clone(values)
}

func (c *call) unsetPermission(values permissionValues, known map[string]permissionKind) (any, error) {
	key := c.param("permission")
	if _, ok := known[key]; !ok {
		return nil, errNotFound("ERR_PERMISSION_NOT_FOUND", "permission", c.named("permission"))
	}
	delete(values, key)
	return map[string]any{"permissions": viewPermissions(values)}, nil
}

func listRolePermissions(c *call, _ *role) (any, error) {
	return c.listPermissions("role", rolePermissions)
}

func setRolePermissions(_ *call, r *role, f *fields) (any, error) {
	return setPermissions(f, r.permissions, rolePermissions, "the role "+r.id)
}

func unsetRolePermission(c *call, r *role) (any, error) {
	return c.unsetPermission(r.permissions, rolePermissions)
}

// groupScope holds the permissions of a scope of a group.
type groupScope struct {
	group  *group
	values permissionValues
}

// pathScope returns the scope of a group named by the path.
func (c *call) pathScope() (groupScope, error) {
	g, err := c.pathGroup()
	if err != nil {
		return groupScope{}, err
	}
	scope := strings.ToLower(c.param("scope"))
	if scopeRank[scope] == 0 {
		return groupScope{}, errBadField("scope", "The scope must be one of admin, moderator, participant.")
	}
	values, ok := g.permissions[scope]
	if !ok {
		values = permissionValues{}
		if c.request.Method != http.MethodGet {
			g.permissions[scope] = values
		}
	}
	return groupScope{g, values}, nil
}

func listScopePermissions(c *call, _ groupScope) (any, error) {
	return c.listPermissions("scope", scopePermissions)
}

func setScopePermissions(_ *call, s groupScope, f *fields) (any, error) {
	return setPermissions(f, s.values, scopePermissions, "a scope in the group "+s.group.guid)
}

func unsetScopePermission(c *call, s groupScope) (any, error) {
	return c.unsetPermission(s.values, scopePermissions)
}
