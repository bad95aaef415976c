package cometchattest

import "strings"

// defaultRole is the role of users who were given none; it always exists.
const defaultRole = "default"

type role struct {
	id        string
	name      string
	createdAt int64
}

// AddRole adds a role, so that users can have it; the name is its id, in lower
// case. The role "default" is always there. Adding a role again does nothing.
func (s *Server) AddRole(name string) {
	now := s.now().Unix()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.addRole(name, now)
}

func (st *state) addRole(name string, at int64) {
	id := strings.ToLower(name)
	if _, ok := st.roles.get(id); !ok {
		st.roles.add(id, at, &role{id: id, name: name, createdAt: at})
	}
}

func errRoleNotFound(id string) *apiError {
	return errNotFound("ERR_ROLE_NOT_FOUND", "role", id)
}

// role returns the role a body names, which must exist; the fallback when it
// names none.
func (c *call) role(f *fields, name, fallback string) (string, error) {
	value, ok := f.text(name, 100)
	if !ok {
		return fallback, nil
	}
	id := strings.ToLower(value)
	if _, ok := c.state.roles.get(id); !ok {
		return "", errRoleNotFound(id)
	}
	return id, nil
}
