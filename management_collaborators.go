package cometchat

import (
	"context"
	"log/slog"
)

var (
	listCollaborators = get("/apps/{appId}/collaborators").withoutPages()
	setCollaborators  = post("/apps/{appId}/collaborators")
)

// Collaborator is a person who works on an app. An app has at most 25.
type Collaborator struct {
	ID        string           `json:"id" wire:"id"`
	Name      string           `json:"name,omitempty"`
	Email     string           `json:"email,omitempty"`
	Role      CollaboratorRole `json:"role,omitempty"`
	CreatedAt UnixTime         `json:"createdAt,omitempty"`
}

// LogValue keeps the name and the address out of logs.
func (c Collaborator) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", c.ID), slog.String("role", string(c.Role)))
}

// CollaboratorRole is what a collaborator may do. Other values may occur.
type CollaboratorRole string

// The documented roles.
const (
	CollaboratorRoleAdmin     CollaboratorRole = "admin"
	CollaboratorRoleModerator CollaboratorRole = "moderator"
	CollaboratorRoleDeveloper CollaboratorRole = "developer"
)

// AddCollaboratorsRequest names new collaborators by e-mail address. It must name
// at least one.
type AddCollaboratorsRequest struct {
	Admins     []string `json:"admins,omitempty"`
	Moderators []string `json:"moderators,omitempty"`
}

func (r *AddCollaboratorsRequest) validate(v *validation) {
	if len(r.Moderators) == 0 || len(r.Admins) > 0 {
		v.ids("admins", r.Admins, 0)
	}
	if len(r.Moderators) > 0 {
		v.ids("moderators", r.Moderators, 0)
	}
}

// inputs returns the addresses, grouped as in the response.
func (r *AddCollaboratorsRequest) inputs() []input {
	if r == nil {
		return nil
	}
	list := make([]input, 0, len(r.Admins)+len(r.Moderators))
	for _, address := range r.Admins {
		list = append(list, input{"admins", address})
	}
	for _, address := range r.Moderators {
		list = append(list, input{"moderators", address})
	}
	return list
}

type removeCollaboratorsRequest struct {
	Remove []string `json:"collaboratorsToRemove"`
}

func (r *removeCollaboratorsRequest) validate(v *validation) {
	v.ids("collaboratorsToRemove", r.Remove, 0)
}

// CollaboratorListOptions are the options of List. The API documents none so far.
type CollaboratorListOptions struct{}

// CollaboratorsService manages the people who work on an app.
type CollaboratorsService service

// List lists the collaborators of an app. opts may be nil.
//
// GET /apps/{appId}/collaborators
func (s *CollaboratorsService) List(appID string, opts *CollaboratorListOptions) *PageList[Collaborator] {
	return pageList[Collaborator](s.core, listCollaborators.at(appID).query(opts))
}

// Add adds people as collaborators of an app. It returns one result for each
// address, admins first, in the order given. The error joins the failures, such
// as CodeAlreadyAnOwner; the results are returned next to it.
//
// POST /apps/{appId}/collaborators
func (s *CollaboratorsService) Add(ctx context.Context, appID string, req *AddCollaboratorsRequest) (*Results[NoValue], error) {
	return bulkInputs(ctx, s.core, setCollaborators.at(appID).body(req), req.inputs(), noValue)
}

// Remove removes collaborators, named by e-mail address, from an app. It returns
// one result for each, in the order given. The error joins the failures, such as
// CodeNotACollaborator; the results are returned next to it.
//
// POST /apps/{appId}/collaborators
func (s *CollaboratorsService) Remove(ctx context.Context, appID string, addresses []string) (*Results[NoValue], error) {
	return bulk(ctx, s.core, setCollaborators.at(appID).body(&removeCollaboratorsRequest{addresses}), addresses, noValue)
}
