package cometchat

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat/internal/walk"
	"github.com/go-cometchat/cometchat/internal/wire"
)

// ImportOptions controls how a source is imported.
type ImportOptions struct {
	// SkipExisting treats items that the API refuses because they exist already
	// as done, so that an import can be repeated. Requests whose outcome is
	// unknown are then sent again, as often as the client's retry policy
	// allows.
	SkipExisting bool
	// Concurrency is how many requests run at once: 16 by default, and 1 for
	// messages, which are then imported more slowly than the budget allows if a
	// response takes longer than a second.
	Concurrency int
}

// importConcurrency is how many requests run at once unless an option says
// otherwise. It uses the whole budget even if a response takes some seconds: the
// first requests of each minute are only limited by how fast responses come.
const importConcurrency = 16

// maxImportConcurrency limits ImportOptions.Concurrency.
const maxImportConcurrency = 60

func (o *ImportOptions) validate(v *validation) {
	v.between("concurrency", o.Concurrency, 0, maxImportConcurrency)
}

// concurrency returns the number of requests for a kind.
func (o *ImportOptions) concurrency(kind ImportKind) int {
	switch {
	case o.Concurrency > 0:
		return o.Concurrency
	case kind == ImportKindMessage:
		return 1
	}
	return importConcurrency
}

// ImportKind is the kind of item that an import line describes.
type ImportKind string

// The kinds, in the order in which Run imports them.
const (
	ImportKindRole    ImportKind = "role"
	ImportKindUser    ImportKind = "user"
	ImportKindGroup   ImportKind = "group"
	ImportKindMember  ImportKind = "member"
	ImportKindMessage ImportKind = "message"
)

// ImportResult is the outcome for one item of a source.
type ImportResult struct {
	Kind ImportKind
	// Index is the item's place in the source of its kind, from 0.
	Index int
	// ID is the role, uid, guid or MUID; for a member, it is guid and uid with
	// "_member_" between them.
	ID string
	// MessageID is the id that the API gave a message.
	MessageID string
	// Existing reports whether the item existed already.
	Existing bool
	// Err is the reason for the failure, as in Result; nil on success.
	Err error
}

// OK reports whether the item was imported, or existed already.
func (r *ImportResult) OK() bool { return r.Err == nil }

// importFrom imports the items of a source.
func importFrom[E importable](ctx context.Context, c *core, i importing[E], source iter.Seq2[E, error], opts *ImportOptions) iter.Seq2[*ImportResult, error] {
	if opts == nil {
		opts = &ImportOptions{}
	}
	return func(yield func(*ImportResult, error) bool) {
		v := &validation{}
		opts.validate(v)
		if err := join(c.err, v.err()); err != nil {
			yield(nil, err)
			return
		}
		if source == nil {
			return
		}
		send := func(ctx context.Context, b importBatch[E]) ([]*ImportResult, error) { return b.send(ctx, c, i, opts) }
		batches := walk.InOrder(ctx, importBatches(c, i.kind, source), opts.concurrency(i.kind), send)
		walk.Items(batches, func(results []*ImportResult) []*ImportResult { return results })(yield)
	}
}

// importBatch is what one request imports, with results for its items and for
// those that are left out because they are invalid.
type importBatch[E importable] struct {
	items   []E
	at      []int // of the items among the results
	results []*ImportResult
	seen    map[string]bool // ids, in lower case
}

// importBatches divides a source into batches. No id occurs twice in a batch.
func importBatches[E importable](c *core, kind ImportKind, source iter.Seq2[E, error]) iter.Seq2[importBatch[E], error] {
	return func(yield func(importBatch[E], error) bool) {
		b := importBatch[E]{seen: map[string]bool{}}
		count := 0
		var end error
		for item, err := range source {
			if end = err; err != nil {
				break
			}
			r := &ImportResult{Kind: kind, Index: count, Err: c.checkImport(kind, item)}
			count++
			if !isNil(item) {
				r.ID = item.importID()
			}
			if !b.hasRoom(r) {
				if !yield(b, nil) {
					return
				}
				b = importBatch[E]{seen: map[string]bool{}}
			}
			b.add(item, r)
		}
		if len(b.results) > 0 && !yield(b, nil) {
			return
		}
		if end != nil {
			yield(importBatch[E]{}, end)
		}
	}
}

func (b *importBatch[E]) hasRoom(r *ImportResult) bool {
	return len(b.results) < MaxImportPerCall && !b.seen[strings.ToLower(r.ID)]
}

func (b *importBatch[E]) add(item E, r *ImportResult) {
	if r.Err == nil {
		b.items, b.at = append(b.items, item), append(b.at, len(b.results))
	}
	b.results = append(b.results, r)
	b.seen[strings.ToLower(r.ID)] = true
}

// checkImport returns the mistakes in an item.
func (c *core) checkImport(kind ImportKind, item validatable) error {
	v := &validation{metadataLimit: c.settings.metadataLimit}
	if isNil(item) {
		v.add(ValidationError{Field: string(kind), Reason: "required"})
	} else {
		item.validate(v)
	}
	return v.err()
}

// imported is the value of a result of a stream.
type imported struct{ messageID string }

// send makes the request. It returns an error only if that ends the import.
func (b importBatch[E]) send(ctx context.Context, c *core, i importing[E], opts *ImportOptions) ([]*ImportResult, error) {
	if len(b.items) == 0 {
		return b.results, nil
	}
	o := i.call(b.items)
	o.repeatable = opts.SkipExisting
	done, err := bulk(ctx, c, o, importIDs(b.items), func(e wire.Entry, done wire.Outcome) *imported {
		value := &imported{}
		if i.kind == ImportKindMessage {
			if m := importedMessage(e, done); m != nil {
				value.messageID = m.ID
			}
		}
		return value
	})
	for n, at := range b.at {
		r := b.results[at]
		if r.Err = err; done != nil {
			item := done.Items[n]
			if r.Err = item.Err; item.Value != nil {
				r.MessageID = item.Value.messageID
			}
		}
		if opts.SkipExisting && errors.Is(r.Err, ErrAlreadyExists) {
			r.Existing, r.Err = true, nil
		}
	}
	if done != nil || refusesContent(err) {
		err = nil
	}
	return b.results, err
}

// refusesContent reports whether the API refused what was sent, but may accept
// something else.
func refusesContent(err error) bool {
	var e *Error
	return errors.As(err, &e) && errors.Is(err, ErrInvalidRequest)
}

// ImportSource is an app to be imported. Fields that are nil are left out. Run
// and Check each range over the iterators once.
type ImportSource struct {
	Roles    iter.Seq2[*CreateRoleRequest, error]
	Users    iter.Seq2[*ImportUser, error]
	Groups   iter.Seq2[*ImportGroup, error]
	Members  iter.Seq2[*ImportMember, error]
	Messages iter.Seq2[*ImportMessage, error]
}

// Run imports an app: the roles that are missing, then users, groups, members and
// messages, each as UsersFrom imports users. A failure of one line does not stop
// the others; an error ends the import. opts may be nil.
//
// To continue an import that was interrupted, call Run again with SkipExisting,
// from the beginning or from where its results ended.
//
// POST /data_import/users, POST /data_import/groups, POST /data_import/members,
// POST /data_import/messages, GET /roles, POST /roles
func (s *DataImportService) Run(ctx context.Context, source ImportSource, opts *ImportOptions) iter.Seq2[*ImportResult, error] {
	return func(yield func(*ImportResult, error) bool) {
		for _, stage := range []iter.Seq2[*ImportResult, error]{
			s.rolesFrom(ctx, source.Roles),
			s.UsersFrom(ctx, source.Users, opts),
			s.GroupsFrom(ctx, source.Groups, opts),
			s.MembersFrom(ctx, source.Members, opts),
			s.MessagesFrom(ctx, source.Messages, opts),
		} {
			for r, err := range stage {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// rolesFrom creates the roles that are missing.
func (s *DataImportService) rolesFrom(ctx context.Context, source iter.Seq2[*CreateRoleRequest, error]) iter.Seq2[*ImportResult, error] {
	return func(yield func(*ImportResult, error) bool) {
		if source == nil {
			return
		}
		there := map[string]bool{}
		for role, err := range pageList[Role](s.core, listRoles.at()).All(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			there[role.Role] = true
		}
		count := 0
		for role, err := range source {
			if err != nil {
				yield(nil, err)
				return
			}
			r := &ImportResult{Kind: ImportKindRole, Index: count}
			count++
			ends := s.ensureRole(ctx, role, there, r)
			if !yield(r, nil) {
				return
			}
			if ends {
				yield(nil, r.Err)
				return
			}
		}
	}
}

// ensureRole creates a role that is missing, and reports whether its failure ends
// the import.
func (s *DataImportService) ensureRole(ctx context.Context, role *CreateRoleRequest, there map[string]bool, r *ImportResult) (ends bool) {
	if r.Err = s.core.checkImport(r.Kind, role); r.Err != nil {
		return false
	}
	r.ID = role.Role
	id := strings.ToLower(r.ID)
	if r.Existing = there[id]; !r.Existing {
		_, r.Err = do[Role](ctx, s.core, createRole.at().body(role))
	}
	if errors.Is(r.Err, ErrAlreadyExists) {
		r.Existing, r.Err = true, nil
	}
	there[id] = r.Err == nil
	return r.Err != nil && !refusesContent(r.Err)
}

// Check yields the mistakes in a source, without a request: limits, ids that
// occur twice, and names of roles, users and groups that are not in the source.
// If the source has no items of a kind at all, their names are not checked. It
// keeps a few bytes of each line in memory. An error of the source ends it.
//
// It checks what POST /data_import/users, POST /data_import/groups,
// POST /data_import/members and POST /data_import/messages would send.
func (s *DataImportService) Check(source ImportSource) iter.Seq2[*ImportResult, error] {
	return func(yield func(*ImportResult, error) bool) {
		k := &importCheck{core: s.core, now: UnixTime(time.Now().Unix()), yield: yield}
		k.roles = known(source.Roles != nil, DefaultRole)
		k.users = known(source.Users != nil, SystemUID)
		if source.Groups != nil {
			k.groups = map[string]UnixTime{}
		}
		_ = checkAll(k, ImportKindRole, source.Roles, func(r *CreateRoleRequest) string { return r.Role }, k.role) &&
			checkAll(k, ImportKindUser, source.Users, (*ImportUser).importID, k.user) &&
			checkAll(k, ImportKindGroup, source.Groups, (*ImportGroup).importID, k.group) &&
			checkAll(k, ImportKindMember, source.Members, (*ImportMember).importID, k.member) &&
			checkAll(k, ImportKindMessage, source.Messages, (*ImportMessage).importID, k.message)
	}
}

// importCheck holds the names seen so far; a nil map stands for a kind that the
// source does not have.
type importCheck struct {
	core   *core
	now    UnixTime
	yield  func(*ImportResult, error) bool
	roles  map[string]bool
	users  map[string]bool
	groups map[string]UnixTime // when they were created
}

func known(has bool, names ...string) map[string]bool {
	if !has {
		return nil
	}
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// checkAll checks all items of a kind, and reports whether to continue.
func checkAll[E interface {
	validatable
	comparable
}](k *importCheck, kind ImportKind, source iter.Seq2[E, error], id func(E) string, more func(E, *validation)) bool {
	if source == nil {
		return true
	}
	count := 0
	seen := map[digest]struct{}{}
	for item, err := range source {
		if err != nil {
			k.yield(nil, err)
			return false
		}
		r := &ImportResult{Kind: kind, Index: count}
		count++
		var none E
		if r.Err = k.core.checkImport(kind, item); item != none {
			r.ID = id(item)
			v := &validation{}
			key := digestOf(strings.ToLower(r.ID))
			if _, twice := seen[key]; twice {
				v.add(ValidationError{Field: importField[kind], Size: len(r.ID), Reason: "is there twice"})
			}
			seen[key] = struct{}{}
			more(item, v)
			r.Err = join(r.Err, v.err())
		}
		if r.Err != nil && !k.yield(r, nil) {
			return false
		}
	}
	return true
}

// digest stands for an id, in less memory.
type digest [16]byte

func digestOf(id string) (d digest) {
	h := fnv.New128a()
	_, _ = h.Write([]byte(id)) // never fails
	h.Sum(d[:0])
	return d
}

// importField is the field that holds the id.
var importField = map[ImportKind]string{
	ImportKindRole: "role", ImportKindUser: "uid", ImportKindGroup: "guid", ImportKindMember: "memberId", ImportKindMessage: "muid",
}

func (k *importCheck) role(r *CreateRoleRequest, _ *validation) {
	if k.roles != nil {
		k.roles[strings.ToLower(r.Role)] = true
	}
}

func (k *importCheck) user(u *ImportUser, v *validation) {
	k.users[strings.ToLower(u.UID)] = true
	reference(v, "role", "role", u.Role, k.roles)
}

func (k *importCheck) group(g *ImportGroup, v *validation) {
	k.groups[strings.ToLower(g.GUID)] = g.CreatedAt
	if g.GroupOwnerDetails == nil {
		reference(v, "owner", "user", g.Owner, k.users)
	}
}

func (k *importCheck) member(m *ImportMember, v *validation) {
	if m.UserDetails == nil {
		reference(v, "uid", "user", m.UID, k.users)
	}
	if m.GroupDetails == nil {
		reference(v, "guid", "group", m.GUID, k.groups)
	}
	created := k.groups[strings.ToLower(m.GUID)]
	if m.JoinedAt.IsZero() || m.JoinedAt > created && m.JoinedAt < k.now {
		return
	}
	v.add(ValidationError{Field: "joinedAt", Size: int(m.JoinedAt), Limit: int(created),
		Reason: fmt.Sprintf("%d, must be after the group's createdAt, %d, and in the past", m.JoinedAt, created)})
}

func (k *importCheck) message(m *ImportMessage, v *validation) {
	if m.SenderUserDetails == nil {
		reference(v, "sender", "user", m.Sender, k.users)
	}
	switch {
	case m.ReceiverType == ReceiverTypeGroup && m.ReceiverGroupDetails == nil:
		reference(v, "receiver", "group", m.Receiver, k.groups)
	case m.ReceiverType == ReceiverTypeUser && m.ReceiverUserDetails == nil:
		reference(v, "receiver", "user", m.Receiver, k.users)
	}
}

// reference checks that a name was seen before.
func reference[V any](v *validation, field, what, name string, set map[string]V) {
	if _, ok := set[strings.ToLower(name)]; !ok && set != nil && name != "" {
		v.add(ValidationError{Field: field, Size: len(name), Reason: "names a " + what + " that is not in the source"})
	}
}
