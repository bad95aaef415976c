package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/examples/internal/archive"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

// pageSize is the number of items to request at once.
const pageSize = cometchat.MaxPageSize

// readers is the number of windows of messages to read at once.
const readers = 4

// rawMessages is the file of the messages as the API sent them. It is kept, since
// it has what an import cannot take.
const rawMessages = "messages.raw.jsonl"

// export writes the lines of all kinds, and continues where it was.
func (m *move) export(ctx context.Context) error {
	for _, stage := range []func(context.Context) error{m.exportRoles, m.exportUsers, m.exportGroups, m.exportMembers, m.exportMessages} {
		if err := stage(ctx); err != nil {
			return cli.Stopped(ctx, err, "in the export, call again to go on")
		}
	}
	m.reportLeft()
	return nil
}

// left counts what the import cannot take, until the counts are stored with the
// next lines.
type left map[string]int

func (l left) one(what string) { l[what]++ }

func (l left) store(s *state) {
	for what, n := range l {
		s.Left[what] += n
	}
	clear(l)
}

// exportPages writes the items of a page list, page by page.
func exportPages[T, Line any](ctx context.Context, m *move, kind cometchat.ImportKind, total int, list *cometchat.PageList[T], line func(*T, left) *Line) error {
	e := m.folder.state.Export[kind]
	if e.Done {
		return nil
	}
	p := m.progress("export "+string(kind)+"s", e.Lines, total)
	defer p.end()
	if !e.Position.IsZero() {
		list = list.From(e.Position)
	}
	found := left{}
	for page, err := range list.Pages(ctx) {
		if err != nil {
			return err
		}
		var out []*Line
		for _, item := range page.Items {
			if l := line(item, found); l != nil {
				out = append(out, l)
			}
		}
		if err := appendLines(m.folder, kind, out, func(e *exported) {
			e.Position, e.Done = page.Next, page.Next.IsZero()
			found.store(&m.folder.state)
		}); err != nil {
			return err
		}
		p.at(e.Lines)
	}
	return appendLines[Line](m.folder, kind, nil, func(e *exported) { e.Done = true })
}

func (m *move) exportRoles(ctx context.Context) error {
	return exportPages(ctx, m, cometchat.ImportKindRole, 0, m.source.Roles.List(nil), func(r *cometchat.Role, _ left) *cometchat.CreateRoleRequest {
		if r.Role == cometchat.DefaultRole {
			return nil
		}
		return roleOf(r)
	})
}

func (m *move) exportUsers(ctx context.Context) error {
	opts := &cometchat.UserListOptions{PerPage: pageSize, WithTags: true, WithDeactivated: true}
	total, err := m.source.Users.Count(ctx, opts)
	if err != nil {
		return err
	}
	return exportPages(ctx, m, cometchat.ImportKindUser, total, m.source.Users.List(opts), func(u *cometchat.User, l left) *cometchat.ImportUser {
		return userOf(u, l.one)
	})
}

func (m *move) exportGroups(ctx context.Context) error {
	opts := &cometchat.GroupListOptions{PerPage: pageSize, WithTags: true}
	return exportPages(ctx, m, cometchat.ImportKindGroup, 0, m.source.Groups.List(opts), func(g *cometchat.Group, l left) *cometchat.ImportGroup {
		return groupOf(g, m.password, l.one)
	})
}

// exportMembers writes the members of each group, and the users banned from it.
func (m *move) exportMembers(ctx context.Context) error {
	e := m.folder.state.Export[cometchat.ImportKindMember]
	if e.Done {
		return nil
	}
	groups := m.folder.state.Export[cometchat.ImportKindGroup].Lines
	p := m.progress("export members, by group", e.Groups, groups)
	defer p.end()
	for g, err := range lines[cometchat.ImportGroup](m.folder, cometchat.ImportKindGroup, e.Groups) {
		if err != nil {
			return err
		}
		var out []*cometchat.ImportMember
		for member, err := range membersOf(ctx, m.source, g) {
			if err != nil {
				return err
			}
			out = append(out, member)
		}
		if err := appendLines(m.folder, cometchat.ImportKindMember, out, func(e *exported) { e.Groups++ }); err != nil {
			return err
		}
		p.at(e.Groups)
	}
	return appendLines[cometchat.ImportMember](m.folder, cometchat.ImportKindMember, nil, func(e *exported) { e.Done = true })
}

// membersOf yields the members of a group, and the users banned from it.
func membersOf(ctx context.Context, client *cometchat.Client, g *cometchat.ImportGroup) func(func(*cometchat.ImportMember, error) bool) {
	return func(yield func(*cometchat.ImportMember, error) bool) {
		for member, err := range client.GroupMembers.List(g.GUID, &cometchat.GroupMemberListOptions{PerPage: pageSize}).All(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(memberOf(g, member.UID, member.Scope, member.JoinedAt, false), nil) {
				return
			}
		}
		for user, err := range client.BannedUsers.List(g.GUID, &cometchat.BannedUserListOptions{PerPage: pageSize}).All(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(memberOf(g, user.UID, user.Scope, user.BannedAt, true), nil) {
				return
			}
		}
	}
}

// exportMessages writes the messages, oldest first. It writes them to a file as
// the API sends them, in windows of time, and then makes the lines from that
// file.
func (m *move) exportMessages(ctx context.Context) error {
	e := m.folder.state.Export[cometchat.ImportKindMessage]
	if e.Done {
		return nil
	}
	raw := m.folder.path(rawMessages)
	if err := archive.Export(ctx, archive.App(m.source, pageSize), raw, readers, m.Err); err != nil {
		return err
	}
	return m.convert(ctx, raw)
}

// convert makes the lines of messages from the file of messages as they came. It
// starts anew, even if an earlier run has begun.
func (m *move) convert(ctx context.Context, raw string) error {
	names, err := m.known()
	if err != nil {
		return err
	}
	file, err := os.Open(raw)
	if errors.Is(err, fs.ErrNotExist) { // there are no messages
		return appendLines[cometchat.ImportMessage](m.folder, cometchat.ImportKindMessage, nil, func(e *exported) { e.Done = true })
	}
	if err != nil {
		return err
	}
	defer file.Close()
	found, next := left{}, exported{Done: true}
	var lines bytes.Buffer
	flush := func() (err error) {
		next.Bytes, err = archive.Write(m.folder.file(cometchat.ImportKindMessage), next.Bytes, &lines)
		lines.Reset()
		return err
	}
	for text, err := range rawLines(file) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = names.convert(text, &lines, &next, found)
		}
		if err == nil && lines.Len() > 1<<20 {
			err = flush()
		}
		if err != nil {
			return err
		}
	}
	if err := flush(); err != nil {
		return err
	}
	*m.folder.state.Export[cometchat.ImportKindMessage] = next
	found.store(&m.folder.state)
	return m.folder.save()
}

// convert adds the line of a message, if it has one.
func (k *exportedNames) convert(text []byte, lines *bytes.Buffer, e *exported, l left) error {
	message, err := cometchat.Decode[cometchat.Message](text)
	if err != nil {
		return err
	}
	line, err := k.line(message, text, l)
	if err != nil {
		return fmt.Errorf("message %s: %w", message.ID, err)
	}
	if line == nil {
		return nil
	}
	e.Lines++
	return encode(lines, line)
}

// exportedNames holds the ids that the lines have so far.
type exportedNames struct {
	users, groups map[string]bool
	muids         muids
}

func (m *move) known() (*exportedNames, error) {
	k := &exportedNames{map[string]bool{cometchat.SystemUID: true}, map[string]bool{}, muids{}}
	for u, err := range lines[cometchat.ImportUser](m.folder, cometchat.ImportKindUser, 0) {
		if err != nil {
			return nil, err
		}
		k.users[u.UID] = true
	}
	for g, err := range lines[cometchat.ImportGroup](m.folder, cometchat.ImportKindGroup, 0) {
		if err != nil {
			return nil, err
		}
		k.groups[g.GUID] = true
	}
	return k, nil
}

// line returns the line of a message, or nil if it cannot be imported.
func (k *exportedNames) line(m *cometchat.Message, raw []byte, l left) (*cometchat.ImportMessage, error) {
	line, err := messageOf(m, raw, l.one)
	if err != nil || line == nil {
		return nil, err
	}
	receivers := k.users
	if line.ReceiverType == cometchat.ReceiverTypeGroup {
		receivers = k.groups
	}
	if !k.users[line.Sender] || !receivers[line.Receiver] {
		l.one("messages from or to users and groups that are gone")
		return nil, nil
	}
	k.muids.settle(line, m.ID)
	return line, nil
}

// reportLeft prints what is not moved.
func (m *move) reportLeft() {
	fmt.Fprintln(m.Out, "Not moved, since the import cannot take it:")
	for _, what := range slices.Sorted(maps.Keys(m.folder.state.Left)) {
		fmt.Fprintf(m.Out, "  %s: %s\n", what, cli.Number(m.folder.state.Left[what]))
	}
	fmt.Fprintln(m.Out, "  and, not counted: friends, blocked users, saved messages, receipts in groups, auth tokens, keys, settings")
}
