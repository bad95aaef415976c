// Command provision makes an app look like a JSON file of teams: roles, users,
// groups and their members. What is right already is left alone, so that a
// second run changes nothing; -prune also removes members no longer listed.
//
//	go run ./examples/provision -file teams.json -prune
//
// It works on the account named by COMETCHAT_REGION and COMETCHAT_API_KEY (and
// COMETCHAT_APP_ID, COMETCHAT_BASE_URL where set), and on an app in memory
// without COMETCHAT_API_KEY.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// Two made-up teams.
//
//go:embed teams.json
var defaultPlan []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "provision:", err)
		os.Exit(1)
	}
}

// plan is what the file says.
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

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("provision", flag.ContinueOnError)
	flags.SetOutput(out)
	file := flags.String("file", "", "JSON `file` with roles, users and teams; two made-up teams by default")
	prune := flags.Bool("prune", false, "remove members who are not listed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p, err := readPlan(*file)
	if err != nil {
		return err
	}
	client, done, err := connect(out)
	if err != nil {
		return err
	}
	defer done()

	w := &work{client: client}
	w.roles(ctx, p.Roles)
	w.users(ctx, p.Users)
	for _, t := range p.Teams {
		w.team(ctx, t, *prune)
	}
	return w.report(out)
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
	dec.DisallowUnknownFields() // a misspelt field would be lost without a word
	if err := dec.Decode(p); err != nil {
		return nil, fmt.Errorf("reading teams: %w", err)
	}
	return p, nil
}

// connect returns a client of the account in the environment, or of an app in
// memory, and says which.
func connect(out io.Writer) (*cometchat.Client, func(), error) {
	if os.Getenv("COMETCHAT_API_KEY") != "" {
		fmt.Fprintln(out, "Provisioning the account named by COMETCHAT_API_KEY.")
		client, err := cometchat.NewClientFromEnv()
		return client, func() {}, err
	}
	fmt.Fprintln(out, "COMETCHAT_API_KEY is not set: provisioning an app in memory, where Bram is in the harbour team as a participant.")
	srv := cometchattest.NewServer()
	srv.AddUsers(cometchattest.User{UID: "bram-visser", Name: "Bram Visser"})
	srv.AddGroups(cometchattest.Group{GUID: "harbour", Name: "Harbour", Type: "private", Participants: []string{"bram-visser"}})
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	return client, srv.Close, err
}

// change is something that was done, or that could not be.
type change struct {
	thing, id, what string
	err             error
}

// work does the plan and keeps account of it.
type work struct {
	client  *cometchat.Client
	changes []change
	same    int // things that were right already
}

// did notes what became of a change, and says whether it was made.
func (w *work) did(thing, id, what string, err error) bool {
	w.changes = append(w.changes, change{thing, id, what, err})
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
		default: // somebody else was faster
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

func (w *work) members(ctx context.Context, t team, prune bool) {
	have := map[string]cometchat.MemberScope{}
	for m, err := range w.client.GroupMembers.List(t.GUID, nil).All(ctx) {
		if err != nil {
			w.did("members", t.GUID, "list", err)
			return
		}
		have[m.UID] = m.Scope
	}
	// Some apps let only a member change scopes: the owner does, where there is one.
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
	if !prune {
		return
	}
	for _, uid := range slices.Sorted(maps.Keys(have)) {
		if listed[uid] {
			continue
		}
		err := w.client.GroupMembers.Kick(ctx, t.GUID, uid)
		w.did("member", t.GUID+"/"+uid, "remove", err)
	}
}

func (w *work) add(ctx context.Context, guid string, missing *cometchat.AddMembersRequest) {
	results, err := w.client.GroupMembers.Add(ctx, guid, missing)
	if results == nil {
		w.did("members", guid, "add", err)
		return
	}
	for _, r := range results.Items {
		if errors.Is(r.Err, cometchat.ErrAlreadyExists) { // since the list was read
			w.same++
			continue
		}
		w.did("member", guid+"/"+r.ID, "add", r.Err)
	}
}

func (w *work) report(out io.Writer) error {
	failed := 0
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(w.changes) > 0 {
		fmt.Fprintln(tw, "\nTHING\tID\tCHANGE\tRESULT")
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
	fmt.Fprintf(out, "\n%d changed, %d failed, %d as they should be\n", len(w.changes)-failed, failed, w.same)
	if failed > 0 {
		return fmt.Errorf("%d of %d changes failed", failed, len(w.changes))
	}
	return nil
}
