package cometchattest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// defaultRole is the role of users without another role. It always exists.
const defaultRole = "default"

// maxRoles is the number of roles an app may have.
const maxRoles = 25

// role is a stored role.
type role struct {
	id, name, description string

	metadata             json.RawMessage
	settings             *roleSettings
	createdAt, updatedAt int64
	permissions          permissionValues
	restricted           *table[*restrictedFeature]
}

type roleSettings struct {
	ListUsers      string `json:"listUsers,omitempty"`
	SendMessagesTo string `json:"sendMessagesTo,omitempty"`
}

func newRole(id, name string, at int64) *role {
	return &role{
		id: id, name: name, createdAt: at,
		permissions: permissionValues{}, restricted: newTable[*restrictedFeature](),
	}
}

// AddRole adds a role for users. Its id is the name in lower case. The role
// "default" always exists. Adding an existing role has no effect.
func (s *Server) AddRole(name string) {
	s.seed(func(c *call) { c.state.addRole(name, c.unix()) })
}

func (st *state) addRole(name string, at int64) {
	id := strings.ToLower(name)
	if _, ok := st.roles.get(id); !ok {
		st.roles.add(id, at, newRole(id, name, at))
	}
}

// role returns the role named in a body, which must exist, or fallback if there
// is none.
func (c *call) role(f *fields, name, fallback string) string {
	value, ok := f.text(name, 100)
	if !ok {
		return fallback
	}
	id := strings.ToLower(value)
	if _, ok := c.state.roles.get(id); !ok {
		f.fail(name, "The role %s does not exist in this app.", value)
		return fallback
	}
	return id
}

func rolesResource() resource {
	return resource{routes: []route{
		{pattern: "POST /roles", handle: with((*call).fields, createRole)},
		{pattern: "GET /roles", handle: listRoles},
		{pattern: "GET /roles/{role}", handle: with((*call).pathRole, getRole)},
		{pattern: "PUT /roles/{role}", handle: withBody((*call).pathRole, updateRole)},
		{pattern: "DELETE /roles/{role}", handle: with((*call).pathRole, deleteRole)},
	}}
}

// roleView is a role in a response. It omits empty members.
type roleView struct {
	Role        string          `json:"role"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Settings    any             `json:"settings,omitempty"`
	CreatedAt   int64           `json:"createdAt"`
	UpdatedAt   int64           `json:"updatedAt,omitempty"`
}

func viewRole(r *role) any {
	v := roleView{
		Role: r.id, Name: r.name, Description: r.description, Metadata: r.metadata,
		CreatedAt: r.createdAt, UpdatedAt: r.updatedAt,
	}
	switch {
	case r.settings == nil:
	case *r.settings == roleSettings{}:
		v.Settings = []any{} // PHP's encoding of an empty object
	default:
		v.Settings = r.settings
	}
	return v
}

// pathRole returns the role named by the path.
func (c *call) pathRole() (*role, error) {
	r, ok := c.state.roles.get(c.id("role"))
	if !ok {
		return nil, errNotFound("ERR_ROLE_NOT_FOUND", "role", c.named("role"))
	}
	return r, nil
}

// readRole returns a copy of a role with the members that were sent.
func readRole(f *fields, r role) (*role, error) {
	if name, ok := f.text("name", maxName); ok {
		r.name = name
	}
	if description, ok := f.text("description", maxDescription); ok {
		r.description = description
	}
	if metadata, ok := f.metadata(0); ok {
		r.metadata = metadata
	}
	if sent, ok := f.object("settings"); ok {
		settings := roleSettings{}
		settings.ListUsers, _ = sent.oneOf("listUsers", "all", "friendsOnly")
		settings.SendMessagesTo, _ = sent.oneOf("sendMessagesTo", "all", "friendsOnly")
		r.settings = &settings
	}
	return &r, f.err()
}

func createRole(c *call, f *fields) (any, error) {
	f.require("role", "name")
	id, _ := f.id("role")
	r, err := readRole(f, *newRole(id, "", c.unix()))
	if err != nil {
		return nil, err
	}
	if _, ok := c.state.roles.get(id); ok {
		return nil, errTaken("ERR_ROLE_ALREADY_EXISTS", "role", id)
	}
	if c.state.roles.count() >= maxRoles {
		return nil, errQuota("An app may have %d roles at most.", maxRoles)
	}
	c.state.roles.add(id, r.createdAt, r)
	return viewRole(r), nil
}

func listRoles(c *call) (any, error) {
	return pageList[*role]{rows: c.state.roles, view: viewRole}.page(c)
}

func getRole(_ *call, r *role) (any, error) {
	return viewRole(r), nil
}

func updateRole(c *call, r *role, f *fields) (any, error) {
	if f.has("name") {
		f.require("name")
	}
	unset, _ := f.texts("unset", 0, 0)
	changed := *r
	for i, name := range unset {
		switch name {
		case "settings":
			changed.settings = nil
		case "description":
			changed.description = ""
		case "metadata":
			changed.metadata = nil
		default:
			f.fail(fmt.Sprintf("unset.%d", i), "Only settings, description and metadata can be unset.")
		}
	}
	next, err := readRole(f, changed)
	if err != nil {
		return nil, err
	}
	next.updatedAt = c.unix()
	*r = *next
	return viewRole(r), nil
}

func deleteRole(c *call, r *role) (any, error) {
	if r.id == defaultRole {
		return nil, newError(http.StatusForbidden, "ERR_ROLE_DELETE_DENIED", "The role %s cannot be deleted.", r.id)
	}
	c.state.roles.delete(r.id)
	for _, e := range c.state.users.entries {
		if e.value.role == r.id {
			e.value.role = defaultRole
		}
	}
	return acknowledge("The role %s is deleted.", r.id)
}
