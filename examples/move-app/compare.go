package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

// shownDifferences is the number of ids to show for each difference.
const shownDifferences = 5

// compare reads the app that was imported into, and compares it with the lines:
// their number, and a hash of all fields that an import can set.
func (m *move) compare(ctx context.Context) error {
	differ := false
	for _, kind := range kinds {
		p := m.progress("compare "+string(kind)+"s", 0, 0)
		c := comparison{want: map[string]digest{}}
		err := c.lines(m.folder, kind)
		if err == nil {
			err = c.app(ctx, m.target, kind, p)
		}
		p.at(c.appCount)
		p.end()
		if err != nil {
			return cli.Stopped(ctx, err, "in the comparison")
		}
		fmt.Fprintf(m.Out, "%-9s %s in the lines (%x), %s in the app (%x)%s\n", string(kind)+"s:",
			cli.Number(c.lineCount), c.lineSum, cli.Number(c.appCount), c.appSum, c.difference())
		differ = differ || c.differs()
	}
	if differ {
		return errors.New("the app is not what the lines say")
	}
	return nil
}

// digest is the hash of one object. Digests of many objects can be added in any
// order.
type digest [16]byte

func (d *digest) add(other digest) {
	for i := 0; i < len(d); i += 8 {
		binary.BigEndian.PutUint64(d[i:], binary.BigEndian.Uint64(d[i:])+binary.BigEndian.Uint64(other[i:]))
	}
}

// comparison compares one kind of object. want holds what is in the lines and has
// not been found in the app yet.
type comparison struct {
	want                  map[string]digest
	lineCount, appCount   int
	lineSum, appSum       digest
	more, other           []string // some of the ids
	moreCount, otherCount int
}

func (c *comparison) line(id string, v any) error {
	d, err := digestOf(v)
	if err == nil {
		c.lineCount++
		c.lineSum.add(d)
		c.want[strings.ToLower(id)] = d
	}
	return err
}

func (c *comparison) met(id string, v any) error {
	d, err := digestOf(v)
	if err != nil {
		return err
	}
	c.appCount++
	c.appSum.add(d)
	want, ok := c.want[id]
	delete(c.want, id)
	switch {
	case !ok:
		c.moreCount++
		c.more = few(c.more, id)
	case want != d:
		c.otherCount++
		c.other = few(c.other, id)
	}
	return nil
}

func few(list []string, id string) []string {
	if len(list) < shownDifferences {
		list = append(list, id)
	}
	return list
}

func (c *comparison) differs() bool {
	return len(c.want)+c.moreCount+c.otherCount > 0 || c.appSum != c.lineSum
}

func (c *comparison) difference() string {
	if !c.differs() {
		return ": the same"
	}
	var missing []string
	for id := range c.want {
		missing = few(missing, id)
	}
	slices.Sort(missing)
	var text strings.Builder
	for _, part := range []struct {
		what string
		n    int
		ids  []string
	}{{"missing", len(c.want), missing}, {"more", c.moreCount, c.more}, {"different", c.otherCount, c.other}} {
		if part.n > 0 {
			fmt.Fprintf(&text, "; %s %s: %s", cli.Number(part.n), part.what, strings.Join(part.ids, " "))
		}
	}
	return text.String()
}

// lines reads the lines of a kind.
func (c *comparison) lines(f *folder, kind cometchat.ImportKind) error {
	switch kind {
	case cometchat.ImportKindRole:
		return each(lines[cometchat.CreateRoleRequest](f, kind, 0), func(r *cometchat.CreateRoleRequest) error { return c.line(r.Role, plainRole(r)) })
	case cometchat.ImportKindUser:
		return each(lines[cometchat.ImportUser](f, kind, 0), func(u *cometchat.ImportUser) error { return c.line(u.UID, plainUser(u)) })
	case cometchat.ImportKindGroup:
		return each(lines[cometchat.ImportGroup](f, kind, 0), func(g *cometchat.ImportGroup) error { return c.line(g.GUID, plainGroup(g)) })
	case cometchat.ImportKindMember:
		return each(lines[cometchat.ImportMember](f, kind, 0), func(m *cometchat.ImportMember) error { return c.line(m.GUID+" "+m.UID, plainMember(m)) })
	}
	return each(lines[cometchat.ImportMessage](f, kind, 0), func(m *cometchat.ImportMessage) error { return c.line(m.MUID, plainMessage(m)) })
}

func each[T any](source iter.Seq2[*T, error], f func(*T) error) error {
	for v, err := range source {
		if err == nil {
			err = f(v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// app reads the objects of a kind from an app.
func (c *comparison) app(ctx context.Context, client *cometchat.Client, kind cometchat.ImportKind, p *progress) error {
	client = client.With(cometchat.WithRawItems())
	nothing := func(string) {}
	groups := client.Groups.List(&cometchat.GroupListOptions{PerPage: pageSize, WithTags: true}).All(ctx)
	switch kind {
	case cometchat.ImportKindRole:
		return each(client.Roles.List(nil).All(ctx), func(r *cometchat.Role) error {
			if r.Role == cometchat.DefaultRole {
				return nil
			}
			return c.met(r.Role, plainRole(roleOf(r)))
		})
	case cometchat.ImportKindUser:
		opts := &cometchat.UserListOptions{PerPage: pageSize, WithTags: true, WithDeactivated: true}
		return each(client.Users.List(opts).All(ctx), func(u *cometchat.User) error {
			p.at(c.appCount)
			return c.met(u.UID, plainUser(userOf(u, nothing)))
		})
	case cometchat.ImportKindGroup:
		return each(groups, func(g *cometchat.Group) error { return c.met(g.GUID, plainGroup(groupOf(g, "", nothing))) })
	case cometchat.ImportKindMember:
		return each(groups, func(g *cometchat.Group) error {
			return each(membersOf(ctx, client, groupOf(g, "", nothing)), func(m *cometchat.ImportMember) error {
				p.at(c.appCount)
				return c.met(m.GUID+" "+m.UID, plainMember(m))
			})
		})
	}
	opts := &cometchat.MessageListOptions{Limit: pageSize, WithTags: true}
	return each(client.Messages.List(opts).All(ctx), func(m *cometchat.Message) error {
		p.at(c.appCount)
		line, err := messageOf(m, m.Raw(), nothing)
		if err != nil || line == nil {
			return err
		}
		return c.met(strings.ToLower(line.MUID), plainMessage(line))
	})
}

// The plain forms hold what an import sets, in one notation: ids in lower case,
// defaults filled in, and no passwords, which the API does not return.

func plainRole(r *cometchat.CreateRoleRequest) any {
	c := *r
	c.Role, c.Metadata = strings.ToLower(c.Role), metadata(c.Metadata)
	return c
}

func plainUser(u *cometchat.ImportUser) any {
	c := *u
	c.UID, c.Role, c.Metadata = strings.ToLower(c.UID), strings.ToLower(c.Role), metadata(c.Metadata)
	if c.Role == "" {
		c.Role = cometchat.DefaultRole
	}
	return c
}

func plainGroup(g *cometchat.ImportGroup) any {
	c := *g
	c.GUID, c.Owner, c.Metadata = strings.ToLower(c.GUID), strings.ToLower(c.Owner), metadata(c.Metadata)
	c.Password, c.GroupOwnerDetails = "", nil
	return c
}

func plainMember(m *cometchat.ImportMember) any {
	c := cometchat.ImportMember{GUID: strings.ToLower(m.GUID), UID: strings.ToLower(m.UID), Scope: m.Scope, IsBanned: m.IsBanned, JoinedAt: m.JoinedAt}
	if c.Scope == "" {
		c.Scope = cometchat.MemberScopeParticipant
	}
	return &c
}

// plainMessage leaves out the URLs of attachments, since the API stores its own
// copies.
func plainMessage(m *cometchat.ImportMessage) any {
	c := cometchat.ImportMessage{
		MUID: m.MUID, Sender: strings.ToLower(m.Sender), ReceiverType: m.ReceiverType, Receiver: strings.ToLower(m.Receiver),
		Category: m.Category, Type: m.Type, Data: m.Data, Tags: m.Tags, SentAt: m.SentAt, DeliveredAt: m.DeliveredAt, ReadAt: m.ReadAt,
	}
	if c.Category == "" {
		c.Category = cometchat.MessageCategoryMessage
	}
	if c.Type == "" {
		c.Type = cometchat.MessageTypeText
	}
	c.Data.Metadata, c.Data.CustomData = metadata(c.Data.Metadata), metadata(c.Data.CustomData)
	c.Data.Attachments = slices.Clone(c.Data.Attachments)
	for i := range c.Data.Attachments {
		c.Data.Attachments[i].URL = ""
	}
	return c
}

// digestOf hashes the JSON of v, independently of the order of members.
func digestOf(v any) (d digest, err error) {
	b, err := json.Marshal(v)
	if err != nil {
		return d, err
	}
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	var any any
	if err := dec.Decode(&any); err != nil {
		return d, err
	}
	if b, err = json.Marshal(any); err != nil {
		return d, err
	}
	sum := sha256.Sum256(b)
	copy(d[:], sum[:])
	return d, nil
}
