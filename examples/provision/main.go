// Command provision makes an app match a JSON file of teams: roles, users, groups
// and their members. Call it with -h for its flags and the environment variables
// that it reads.
//
//	go run ./examples/provision
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

// defaultPlan holds two made-up teams.
//
//go:embed teams.json
var defaultPlan []byte

var command = cli.Command{
	Name: "provision",
	Help: `
Provision makes an app look like a JSON file of teams: roles, users, groups and
their members. What is right already is left alone, so that a second run changes
nothing. A change that cannot be made is reported, and the others go on; what all
would meet, such as a wrong key, stops it.

  provision -file teams.json
  provision -file teams.json -prune`,
	Memory: "where Bram is in the harbour team as a participant",
	Seed: func(srv *cometchattest.Server) {
		srv.AddUsers(cometchattest.User{UID: "bram-visser", Name: "Bram Visser"})
		srv.AddGroups(cometchattest.Group{GUID: "harbour", Name: "Harbour", Type: "private", Participants: []string{"bram-visser"}})
	},
	Run: run,
}

func main() { cli.Main(command) }

// plan is the contents of the file.
type plan struct {
	Roles []cometchat.CreateRoleRequest `json:"roles"`
	Users []cometchat.CreateUserRequest `json:"users"`
	Teams []team                        `json:"teams"`
}

// team is a group and its members by scope.
type team struct {
	GUID         string              `json:"guid"`
	Name         string              `json:"name"`
	Type         cometchat.GroupType `json:"type"`
	Description  string              `json:"description"`
	Owner        string              `json:"owner"`
	Tags         cometchat.Tags      `json:"tags"`
	Admins       []string            `json:"admins"`
	Moderators   []string            `json:"moderators"`
	Participants []string            `json:"participants"`
}

func run(ctx context.Context, c *cli.Call) error {
	file := c.Flags.String("file", "", "JSON `file` with roles, users and teams; two made-up teams by default")
	prune := c.Flags.Bool("prune", false, "remove members who are not listed")
	if err := c.Parse(); err != nil {
		return err
	}
	p, err := readPlan(*file)
	if err != nil {
		return err
	}
	client, done, err := c.Connect()
	if err != nil {
		return err
	}
	defer done()

	w := &work{client: client}
	w.do(ctx, p, *prune)
	return w.report(ctx, c)
}

func readPlan(file string) (*plan, error) {
	data := defaultPlan
	if file != "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	p := &plan{}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields() // a misspelt field would be lost unnoticed
	if err := dec.Decode(p); err != nil {
		return nil, fmt.Errorf("reading teams: %w", err)
	}
	return p, nil
}

// change is a change that was made, or that could not be made.
type change struct {
	thing, id, what string
	err             error
}

// work carries out the plan and records the changes.
type work struct {
	client  *cometchat.Client
	changes []change
	same    int   // the number of objects that needed no change
	stopped error // an error that all further changes would get
}

// do carries out the whole plan, or as much of it as possible.
func (w *work) do(ctx context.Context, p *plan, prune bool) {
	w.roles(ctx, p.Roles)
	w.users(ctx, p.Users)
	for _, t := range p.Teams {
		if w.stopped == nil {
			w.team(ctx, t, prune)
		}
	}
}

// did records the result of a change, and reports whether it was made.
func (w *work) did(thing, id, what string, err error) bool {
	if cometchat.IsSystemic(err) {
		w.stopped = err
	} else {
		w.changes = append(w.changes, change{thing, id, what, err})
	}
	return err == nil
}

func (w *work) roles(ctx context.Context, roles []cometchat.CreateRoleRequest) {
	if len(roles) == 0 {
		return
	}
	known := map[string]bool{}
	for role, err := range w.client.Roles.List(nil).All(ctx) {
		if err != nil {
			w.did("roles", "", "list", err)
			return
		}
		known[role.Role] = true
	}
	for _, role := range roles {
		if w.stopped != nil {
			return
		}
		if known[strings.ToLower(role.Role)] {
			w.same++
			continue
		}
		_, err := w.client.Roles.Create(ctx, &role)
		w.did("role", role.Role, "create", err)
	}
}

func (w *work) users(ctx context.Context, users []cometchat.CreateUserRequest) {
	for _, want := range users {
		if w.stopped != nil {
			return
		}
		got, err := w.client.Users.Get(ctx, want.UID)
		switch {
		case errors.Is(err, cometchat.CodeUIDNotFound):
			_, _, err = w.client.Users.Upsert(ctx, &want)
			w.did("user", want.UID, "create", err)
		case err != nil:
			w.did("user", want.UID, "read", err)
		case got.Name != want.Name || want.Role != "" && got.Role != strings.ToLower(want.Role):
			update := &cometchat.UpdateUserRequest{Name: &want.Name}
			if want.Role != "" {
				update.Role = &want.Role
			}
			_, err = w.client.Users.Update(ctx, want.UID, update)
			w.did("user", want.UID, "update", err)
		default:
			w.same++
		}
	}
}

func (w *work) team(ctx context.Context, t team, prune bool) {
	group, err := w.client.Groups.Get(ctx, t.GUID)
	switch {
	case errors.Is(err, cometchat.CodeGUIDNotFound):
		_, created, err := w.client.Groups.Ensure(ctx, &cometchat.CreateGroupRequest{
			GUID: t.GUID, Name: t.Name, Type: t.Type, Description: t.Description, Owner: t.Owner, Tags: t.Tags,
		})
		switch {
		case err != nil:
			w.did("group", t.GUID, "create", err)
			return
		case created:
			w.did("group", t.GUID, "create", nil)
		default: // another process was faster
			w.same++
		}
	case err != nil:
		w.did("group", t.GUID, "read", err)
		return
	case group.Name != t.Name || group.Type != t.Type || group.Description != t.Description:
		_, err := w.client.Groups.Update(ctx, t.GUID, &cometchat.UpdateGroupRequest{
			Name: &t.Name, Type: &t.Type, Description: &t.Description,
		})
		if !w.did("group", t.GUID, "update", err) {
			return
		}
	default:
		w.same++
	}
	w.members(ctx, t, prune)
}

// scopes returns the members of a group and their scopes.
func (w *work) scopes(ctx context.Context, guid string) (map[string]cometchat.MemberScope, error) {
	have := map[string]cometchat.MemberScope{}
	for m, err := range w.client.GroupMembers.List(guid, nil).All(ctx) {
		if err != nil {
			return nil, err
		}
		have[m.UID] = m.Scope
	}
	return have, nil
}

func (w *work) members(ctx context.Context, t team, prune bool) {
	have, err := w.scopes(ctx, t.GUID)
	if err != nil {
		w.did("members", t.GUID, "list", err)
		return
	}
	// Some apps let only a member change scopes, so the owner does it, if there
	// is one.
	changer := w.client.GroupMembers
	if t.Owner != "" {
		changer = w.client.OnBehalfOf(t.Owner).GroupMembers
	}
	missing := &cometchat.AddMembersRequest{}
	listed := map[string]bool{strings.ToLower(t.Owner): true} // the owner stays
	for _, list := range []struct {
		scope   cometchat.MemberScope
		want    []string
		missing *[]string
	}{
		{cometchat.MemberScopeAdmin, t.Admins, &missing.Admins},
		{cometchat.MemberScopeModerator, t.Moderators, &missing.Moderators},
		{cometchat.MemberScopeParticipant, t.Participants, &missing.Participants},
	} {
		for _, uid := range list.want {
			if w.stopped != nil {
				return
			}
			key := strings.ToLower(uid)
			if listed[key] && key != strings.ToLower(t.Owner) {
				continue // named twice: the higher scope counts
			}
			listed[key] = true
			switch scope, ok := have[key]; {
			case !ok:
				*list.missing = append(*list.missing, uid)
			case scope != list.scope:
				_, err := changer.ChangeScope(ctx, t.GUID, uid, list.scope)
				w.did("member", t.GUID+"/"+uid, "make "+string(list.scope), err)
			default:
				w.same++
			}
		}
	}
	if !missing.IsZero() {
		w.add(ctx, t.GUID, missing)
	}
	if prune {
		w.prune(ctx, t.GUID, have, listed)
	}
}

// prune removes the members who are not listed.
func (w *work) prune(ctx context.Context, guid string, have map[string]cometchat.MemberScope, listed map[string]bool) {
	for _, uid := range slices.Sorted(maps.Keys(have)) {
		if listed[uid] || w.stopped != nil {
			continue
		}
		err := w.client.GroupMembers.Kick(ctx, guid, uid)
		w.did("member", guid+"/"+uid, "remove", err)
	}
}

func (w *work) add(ctx context.Context, guid string, missing *cometchat.AddMembersRequest) {
	results, err := w.client.GroupMembers.Ensure(ctx, guid, missing)
	if results == nil {
		w.did("members", guid, "add", err)
		return
	}
	for _, r := range results.Items {
		if r.OK() && r.Value.Already { // added since the list was read
			w.same++
			continue
		}
		w.did("member", guid+"/"+r.ID, "add", r.Err)
	}
}

func (w *work) report(ctx context.Context, c *cli.Call) error {
	failed := 0
	tw := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	if len(w.changes) > 0 {
		fmt.Fprintln(tw, "THING\tID\tCHANGE\tRESULT")
	}
	for _, c := range w.changes {
		result := "done"
		if c.err != nil {
			failed++
			result = "FAILED: " + strings.ReplaceAll(c.err.Error(), "\n", "; ")
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", c.thing, c.id, c.what, result)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	done := len(w.changes) - failed
	fmt.Fprintf(c.Out, "%s changed, %s failed, %s as they should be\n", cli.Number(done), cli.Number(failed), cli.Number(w.same))
	switch {
	case w.stopped != nil:
		return cli.Stopped(ctx, w.stopped, "after "+cli.Count(done, "change"))
	case failed > 0:
		return fmt.Errorf("%s of %s failed", cli.Number(failed), cli.Count(len(w.changes), "change"))
	}
	return nil
}
