package cometchattest

import (
	"net/http"
	"strconv"
	"strings"
)

// maxCollaborators is the number of collaborators an app may have.
const maxCollaborators = 25

// collaborator is a collaborator, as stored and as sent.
type collaborator struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	Role      string `json:"role"`
	CreatedAt int64  `json:"createdAt"`
}

func collaboratorsResource() resource {
	return resource{base: managementPath, routes: []route{
		{pattern: "GET /apps/{appId}/collaborators", handle: with((*call).pathApp, listCollaborators)},
		{pattern: "POST /apps/{appId}/collaborators", handle: withBody((*call).pathApp, setCollaborators)},
	}}
}

func listCollaborators(_ *call, a *managedApp) (any, error) {
	all := make([]*collaborator, 0, a.collaborators.count())
	for i := range a.collaborators.count() {
		all = append(all, a.collaborators.at(i))
	}
	return wholeList(all), nil
}

func setCollaborators(c *call, a *managedApp, f *fields) (any, error) {
	admins, _ := f.texts("admins", 0, 0)
	moderators, _ := f.texts("moderators", 0, 0)
	remove, _ := f.texts("collaboratorsToRemove", 0, 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	add := func(addresses []string, role string) any {
		return tryEach(addresses, func(address string) error {
			key := strings.ToLower(address)
			known, ok := a.collaborators.get(key)
			switch {
			case !strings.Contains(address, "@"):
				return newError(http.StatusBadRequest, "ERR_BAD_REQUEST", "An e-mail address is expected.")
			case ok:
				known.Role = role
				return nil
			case a.collaborators.count() >= maxCollaborators:
				return errQuota("An app may have %d collaborators at most.", maxCollaborators)
			}
			c.state.account.collaborators++
			name, _, _ := strings.Cut(address, "@")
			a.collaborators.add(key, c.unix(), &collaborator{
				ID: strconv.Itoa(c.state.account.collaborators), Name: name, Email: address, Role: role, CreatedAt: c.unix(),
			})
			return nil
		}).orList()
	}
	removed := tryEach(remove, func(address string) error {
		if a.collaborators.delete(strings.ToLower(address)) == nil {
			return newError(http.StatusNotFound, "ERR_NOT_A_COLLABORATOR", "This address is not that of a collaborator.")
		}
		return nil
	})
	return map[string]any{
		"collaboratorsToRemove": removed.orList(),
		"admins":                add(admins, "admin"),
		"developers":            outcomes{}.orList(),
		"moderators":            add(moderators, "moderator"),
	}, nil
}
