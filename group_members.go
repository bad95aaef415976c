package cometchat

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	addMembers        = post("/groups/{guid}/members")
	listMembers       = get("/groups/{guid}/members")
	changeMemberScope = put("/groups/{guid}/members/{uid}")
	kickMember        = del("/groups/{guid}/members/{uid}")
)

// MemberScope is what a member may do in a group. Other values may occur.
type MemberScope string

// The documented scopes, the highest first.
const (
	MemberScopeAdmin       MemberScope = "admin"
	MemberScopeModerator   MemberScope = "moderator"
	MemberScopeParticipant MemberScope = "participant"
)

// GroupMember is a user as a member of a group.
type GroupMember struct {
	User
	Scope    MemberScope `json:"scope,omitempty"`
	JoinedAt UnixTime    `json:"joinedAt,omitempty"`
}

// LogValue returns the user and the scope, for slog.
func (m GroupMember) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("user", m.User), slog.String("scope", string(m.Scope)))
}

// Membership is a user's place in a group.
type Membership struct {
	GUID     string      `json:"guid"`
	UID      string      `json:"uid"`
	Scope    MemberScope `json:"scope,omitempty"`
	JoinedAt UnixTime    `json:"joinedAt,omitempty"`
}

// AddMembersRequest names users by the scope they are to get, and users to ban.
// An empty list is not sent.
//
// A uid in several scopes is added with the highest, as the API documents it, and
// has a result for each time it is named. A uid that is both to be added and to
// be banned is refused with a *ValidationError.
type AddMembersRequest struct {
	Admins       []string `json:"admins,omitempty"`
	Moderators   []string `json:"moderators,omitempty"`
	Participants []string `json:"participants,omitempty"`
	UsersToBan   []string `json:"usersToBan,omitempty"`
}

// IsZero reports whether r names no user.
func (r AddMembersRequest) IsZero() bool {
	return len(r.Admins)+len(r.Moderators)+len(r.Participants)+len(r.UsersToBan) == 0
}

// memberLists are the lists of a request, the highest scope first.
var memberLists = []struct {
	name  string
	scope MemberScope
	of    func(*AddMembersRequest) *[]string
}{
	{"admins", MemberScopeAdmin, func(r *AddMembersRequest) *[]string { return &r.Admins }},
	{"moderators", MemberScopeModerator, func(r *AddMembersRequest) *[]string { return &r.Moderators }},
	{"participants", MemberScopeParticipant, func(r *AddMembersRequest) *[]string { return &r.Participants }},
	{usersToBan, "", func(r *AddMembersRequest) *[]string { return &r.UsersToBan }},
}

const usersToBan = "usersToBan"

func (r *AddMembersRequest) validate(v *validation) {
	if r.IsZero() {
		v.add(ValidationError{Field: "members", Reason: "required"})
	}
	added := map[string]bool{}
	for _, list := range memberLists {
		for i, uid := range *list.of(r) {
			field := fmt.Sprintf("%s[%d]", list.name, i)
			v.id(field, uid, maxID)
			if list.name != usersToBan {
				added[strings.ToLower(uid)] = true
			} else if added[strings.ToLower(uid)] {
				v.add(ValidationError{Field: field, Size: len(uid), Reason: "is to be added, too"})
			}
		}
	}
}

// memberInput is one uid of a request and the list it is in.
type memberInput struct {
	uid  string
	list int // of memberLists
}

// inputs returns every uid once, in the list of its highest scope.
func (r *AddMembersRequest) inputs() []memberInput {
	if r == nil {
		return nil
	}
	var inputs []memberInput
	seen := map[string]bool{}
	for i, list := range memberLists {
		for _, uid := range *list.of(r) {
			if key := strings.ToLower(uid); !seen[key] {
				seen[key] = true
				inputs = append(inputs, memberInput{uid, i})
			}
		}
	}
	return inputs
}

// uids returns every uid as often as it is named, in the order of the results.
func (r *AddMembersRequest) uids() []string {
	if r == nil {
		return nil
	}
	var uids []string
	for _, list := range memberLists {
		uids = append(uids, *list.of(r)...)
	}
	return uids
}

// requestOf puts inputs back into lists.
func requestOf(inputs []memberInput) *AddMembersRequest {
	r := &AddMembersRequest{}
	for _, in := range inputs {
		list := memberLists[in.list].of(r)
		*list = append(*list, in.uid)
	}
	return r
}

// AddedMember is what the response says about a user who was added or banned.
type AddedMember struct {
	// Scope is the scope the user was added with; empty for a banned user.
	Scope MemberScope `json:"scope,omitempty"`
	// Banned reports whether the user was banned, not added.
	Banned bool `json:"banned,omitempty"`
	// Already reports whether nothing was left to do, as Ensure finds: the user
	// was already in the group, or banned from it.
	Already bool `json:"already,omitempty"`
	// Action is the action message shown in the group; nil if the response holds
	// none, as for banned users.
	Action *Message `json:"action,omitempty"`
}

func addedMember(entry wire.Entry, done wire.Outcome) *AddedMember {
	m := &AddedMember{
		Scope: MemberScope(entry.Group), Banned: entry.Group == usersToBan,
		Action:  wire.Value[Message](done.Data),
		Already: done.Fault != nil,
	}
	for _, list := range memberLists {
		if list.name == entry.Group {
			m.Scope = list.scope
		}
	}
	return m
}

// GroupMemberListOptions filters the members of a group. The zero value lists all.
type GroupMemberListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int           `url:"page,omitempty"`
	PerPage int           `url:"perPage,omitempty"`
	Status  UserStatus    `url:"status,omitempty"`
	Scopes  []MemberScope `url:"scopes,comma,omitempty"`
}

func (o *GroupMemberListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

type changeScopeRequest struct {
	Scope MemberScope `json:"scope"`
}

func (r *changeScopeRequest) validate(v *validation) { v.required("scope", string(r.Scope)) }

// GroupMembersService adds users to groups, lists and removes them, and sets what
// they may do there.
type GroupMembersService service

// Add adds users to a group. It returns one result for each uid, in the order
// admins, moderators, participants, users to ban, and within each in the order
// given. The error joins the failures, such as CodeUIDNotFound, CodeSameScope or
// CodeAlreadyJoined (both ErrAlreadyExists) and CodeBannedGroupMember, which the
// API reports inside a success; the results are returned next to it. Naming a
// member again with another scope may change the member's scope.
//
// The API accepts MaxGroupMembersPerCall users in one request. Add splits larger
// lists into several requests, one after the other. If one of them fails as a
// whole, its users get that error. If it may have been carried out, they match
// ErrOutcomeUnknown and the rest is sent; if not, the rest is not sent and
// matches ErrNotAttempted. If nothing was done at all, there are no results and
// the error says why, such as CodeGUIDNotFound for a group that does not exist.
// Use Ensure for users who may be in the group already.
//
// POST /groups/{guid}/members
func (s *GroupMembersService) Add(ctx context.Context, guid string, req *AddMembersRequest) (*Results[AddedMember], error) {
	return s.add(ctx, addMembers.at(guid), req)
}

// Ensure is like Add for users who may be in the group already. That is not a
// failure, but a result whose value says Already (if the API responds with
// CodeAlreadyJoined, CodeSameScope or, for users to ban, CodeAlreadyBanned). It
// can be repeated until its error is nil, and itself repeats a request whose
// outcome is unknown, as with WithRetryWrites; a user that its own first attempt
// added then counts as one that was there before.
//
// POST /groups/{guid}/members
func (s *GroupMembersService) Ensure(ctx context.Context, guid string, req *AddMembersRequest) (*Results[AddedMember], error) {
	c := *s.core
	c.settings.Retry.Writes = true
	again := &GroupMembersService{core: &c}
	return again.add(ctx, addMembers.at(guid).accept(CodeAlreadyJoined, CodeSameScope, CodeAlreadyBanned), req)
}

// add makes the requests that are needed to add them all.
func (s *GroupMembersService) add(ctx context.Context, o op, req *AddMembersRequest) (*Results[AddedMember], error) {
	var parts []part
	for chunk := range slices.Chunk(req.inputs(), MaxGroupMembersPerCall) {
		some := requestOf(chunk)
		parts = append(parts, part{o.body(some), some.uids()})
	}
	return bulkParts(ctx, s.core, o.body(req), req.uids(), parts, addedMember)
}

// List lists the members of a group. opts may be nil.
//
// GET /groups/{guid}/members
func (s *GroupMembersService) List(guid string, opts *GroupMemberListOptions) *PageList[GroupMember] {
	return pageList[GroupMember](s.core, listMembers.at(guid).query(opts))
}

// ChangeScope sets what a member may do. It fails with CodeSameScope if the
// member already has that scope, CodeNotAMember if the user is not a member, and
// CodeGroupNoSelfAction if the acting user is the member. Some apps respond with
// 403 (ErrPermissionDenied) unless an admin acts (OnBehalfOf).
//
// PUT /groups/{guid}/members/{uid}
func (s *GroupMembersService) ChangeScope(ctx context.Context, guid, uid string, scope MemberScope) (*Membership, error) {
	return do[Membership](ctx, s.core, changeMemberScope.at(guid, uid).body(&changeScopeRequest{scope}))
}

// Kick removes a member, who may join again. It fails with CodeNotAMember
// (ErrNotFound) if the user is not a member.
//
// DELETE /groups/{guid}/members/{uid}
func (s *GroupMembersService) Kick(ctx context.Context, guid, uid string) error {
	return acknowledge(ctx, s.core, kickMember.at(guid, uid))
}
