package cometchat

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	createGroup = post("/groups").inCore()
	listGroups  = get("/groups")
	getGroup    = get("/groups/{guid}")
	updateGroup = put("/groups/{guid}")
	deleteGroup = del("/groups/{guid}").inCore()
)

// MaxGroupMembersPerCall is how many users one request can add to a group, over
// all scopes. GroupMembers.Add splits larger requests; Groups.Create refuses
// them.
const MaxGroupMembersPerCall = 25

// maxDescription is the length of a description in characters.
const maxDescription = 255

// Group is a conversation of several users. Scope, HasJoined, JoinedAt and
// ConversationID are those of the acting user, and set only if there is one.
type Group struct {
	rawItem
	GUID        string    `json:"guid" wire:"id"`
	Name        string    `json:"name,omitempty"`
	Type        GroupType `json:"type,omitempty"`
	Icon        string    `json:"icon,omitempty"` // URL
	Description string    `json:"description,omitempty"`
	// Owner is the owner's uid; app_system if none was named.
	Owner    string   `json:"owner,omitempty"`
	Metadata Metadata `json:"metadata,omitempty"`
	// Tags are included in lists only on request.
	Tags         Tags `json:"tags,omitempty"`
	MembersCount int  `json:"membersCount,omitempty"`
	// OnlineMembersCount is set in groups that are part of something else.
	OnlineMembersCount int         `json:"onlineMembersCount,omitempty"`
	Scope              MemberScope `json:"scope,omitempty"`
	HasJoined          bool        `json:"hasJoined,omitempty"`
	JoinedAt           UnixTime    `json:"joinedAt,omitempty"`
	ConversationID     string      `json:"conversationId,omitempty"`
	CreatedAt          UnixTime    `json:"createdAt,omitempty"`
	UpdatedAt          UnixTime    `json:"updatedAt,omitempty"`
	// UpdatedBy is the uid of the user who last changed the group.
	UpdatedBy string `json:"updatedBy,omitempty"`
}

// GroupType is how users become members of a group. Other values may occur.
type GroupType string

// The documented types.
const (
	// GroupTypePublic: any user may join.
	GroupTypePublic GroupType = "public"
	// GroupTypePassword: anyone who knows the password may join.
	GroupTypePassword GroupType = "password"
	// GroupTypePrivate: users are added, they cannot join.
	GroupTypePrivate GroupType = "private"
)

// CreateGroupRequest describes a new group. GUID, Name and Type are required; an
// empty field is not sent.
type CreateGroupRequest struct {
	// GUID names the group permanently: at most 100 characters. The API turns it
	// into lower case, and documents a-z, 0-9, "-" and "_".
	GUID string `json:"guid"`
	// Name has at most 100 characters.
	Name string    `json:"name"`
	Type GroupType `json:"type"`
	// Password has at most 100 characters. GroupTypePassword requires one. The
	// API never returns it, and it is never printed or logged.
	Password Secret `json:"password,omitempty"`
	// Icon is a URL of at most 3,000 characters.
	Icon string `json:"icon,omitempty"`
	// Description has at most 255 characters.
	Description string `json:"description,omitempty"`
	// Owner is the uid of the group's owner; without one it is the acting user,
	// or else app_system.
	Owner string `json:"owner,omitempty"`
	// Metadata is limited by WithMetadataLimit.
	Metadata Metadata `json:"metadata,omitempty"`
	Tags     Tags     `json:"tags,omitempty"`
	// Members are added when the group is created, at most
	// MaxGroupMembersPerCall of them; add more with GroupMembers.Add.
	Members AddMembersRequest `json:"members,omitzero"`
}

func (r *CreateGroupRequest) validate(v *validation) {
	v.id("guid", r.GUID, maxID)
	v.required("name", r.Name)
	v.length("name", r.Name, maxName)
	v.required("type", string(r.Type))
	if r.Type == GroupTypePassword {
		v.required("password", string(r.Password))
	}
	v.length("password", string(r.Password), maxName)
	v.length("icon", r.Icon, maxURL)
	v.length("description", r.Description, maxDescription)
	v.length("owner", r.Owner, maxID)
	r.Metadata.validate(v)
	r.Tags.validate(v)
	if !r.Members.IsZero() {
		r.Members.validate(v)
		v.atMost("members", len(r.Members.uids()), MaxGroupMembersPerCall, "members")
	}
}

// LogValue keeps the password out of logs.
func (r CreateGroupRequest) LogValue() slog.Value {
	type plain CreateGroupRequest
	r.Password = Secret(r.Password.String())
	return slog.AnyValue(plain(r))
}

func (r *CreateGroupRequest) secrets() []string { return []string{string(r.Password)} }

// CreatedGroup is a new group and the outcome for each of its members.
type CreatedGroup struct {
	Group
	// Members has a result for each requested member, in the order admins,
	// moderators, participants, users to ban; nil if there were none.
	Members *Results[AddedMember] `json:"members,omitempty"`
}

// UpdateGroupRequest changes a group. A nil field is left alone, an empty one is
// sent as it is, and Unset names the fields to clear. The limits are those of
// CreateGroupRequest.
type UpdateGroupRequest struct {
	Name        *string    `json:"name,omitempty"`
	Type        *GroupType `json:"type,omitempty"`
	Password    *Secret    `json:"password,omitempty"`
	Icon        *string    `json:"icon,omitempty"`
	Description *string    `json:"description,omitempty"`
	// Owner is ignored by the API if a user acts (OnBehalfOf).
	Owner    *string      `json:"owner,omitempty"`
	Metadata Metadata     `json:"metadata,omitzero"`
	Tags     Tags         `json:"tags,omitzero"`
	Unset    []GroupField `json:"unset,omitempty"`
}

// GroupField names a field of a group that an update can clear.
type GroupField string

// The fields that can be cleared.
const (
	GroupFieldIcon        GroupField = "icon"
	GroupFieldDescription GroupField = "description"
	GroupFieldMetadata    GroupField = "metadata"
)

func (r *UpdateGroupRequest) validate(v *validation) {
	if r.Name != nil {
		v.required("name", *r.Name)
	}
	v.optional("name", r.Name, maxName)
	v.optional("password", (*string)(r.Password), maxName)
	v.optional("icon", r.Icon, maxURL)
	v.optional("description", r.Description, maxDescription)
	v.optional("owner", r.Owner, maxID)
	r.Metadata.validate(v)
	r.Tags.validate(v)
}

// LogValue keeps the password out of logs.
func (r UpdateGroupRequest) LogValue() slog.Value {
	type plain UpdateGroupRequest
	if r.Password != nil {
		r.Password = Ptr(Secret(r.Password.String()))
	}
	return slog.AnyValue(plain(r))
}

func (r *UpdateGroupRequest) secrets() []string {
	if r.Password == nil {
		return nil
	}
	return []string{string(*r.Password)}
}

// GroupListOptions filters the groups of an app. The zero value lists all.
type GroupListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
	// SearchKey is looked for in guid and name; SearchIn restricts the search to
	// one of the two.
	SearchKey string             `url:"searchKey,omitempty"`
	SearchIn  []GroupSearchField `url:"searchIn,comma,omitempty"`
	SortBy    GroupSortField     `url:"sortBy,omitempty"`
	SortOrder SortOrder          `url:"sortOrder,omitempty"`
	// Affix and UpdatedAt list the groups on one side of a moment: those
	// created or updated after it (AffixAppend) or before it (AffixPrepend).
	// Page.Cursor names the moment to go on from.
	Affix     Affix     `url:"affix,omitempty"`
	UpdatedAt time.Time `url:"updatedAt,omitempty,unix"`
	// Tags finds groups that carry these tags; WithTags includes each group's
	// tags.
	Tags     []string    `url:"tags,comma,omitempty"`
	WithTags bool        `url:"withTags,omitempty"`
	Types    []GroupType `url:"types,comma,omitempty"`
	// HasJoined lists the groups that the acting user is a member of; without an
	// acting user (OnBehalfOf) it has no effect.
	HasJoined bool     `url:"hasJoined,omitempty"`
	GUIDs     []string `url:"guids,comma,omitempty"`
	// The limits of these times are part of the range. A group that was never
	// updated is in no range of updates.
	CreatedFrom time.Time `url:"createdAt[from],omitempty,unix"`
	CreatedTo   time.Time `url:"createdAt[to],omitempty,unix"`
	UpdatedFrom time.Time `url:"updatedAt[from],omitempty,unix"`
	UpdatedTo   time.Time `url:"updatedAt[to],omitempty,unix"`
	// The number of members: greater than (GT), greater or equal (GTE), less
	// than (LT), less or equal (LTE), equal (EQ). Nil is not sent, 0 is.
	MembersCountGT  *int `url:"membersCount[gt],omitempty"`
	MembersCountGTE *int `url:"membersCount[gte],omitempty"`
	MembersCountLT  *int `url:"membersCount[lt],omitempty"`
	MembersCountLTE *int `url:"membersCount[lte],omitempty"`
	MembersCountEQ  *int `url:"membersCount[eq],omitempty"`
}

// GroupSearchField is a field that SearchKey is looked for in.
type GroupSearchField string

// The fields that can be searched.
const (
	GroupSearchFieldName GroupSearchField = "name"
	GroupSearchFieldGUID GroupSearchField = "guid"
)

// GroupSortField is what a list of groups is sorted by.
type GroupSortField string

// The fields to sort by.
const (
	GroupSortFieldName      GroupSortField = "name"
	GroupSortFieldGUID      GroupSortField = "guid"
	GroupSortFieldCreatedAt GroupSortField = "createdAt"
)

// SortOrder is the direction of sorting.
type SortOrder string

// The directions.
const (
	SortOrderAscending  SortOrder = "asc"
	SortOrderDescending SortOrder = "desc"
)

// Affix selects items after or before a moment.
type Affix string

// The sides.
const (
	// AffixAppend selects what comes after.
	AffixAppend Affix = "append"
	// AffixPrepend selects what comes before.
	AffixPrepend Affix = "prepend"
)

func (o *GroupListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// GroupsService creates, lists, changes and removes groups.
type GroupsService service

// Create creates a group, with members if the request names any. It fails with
// CodeGUIDAlreadyExists (ErrAlreadyExists) if the guid is taken.
//
// The group is created even if some of its members cannot be added: it is then
// returned with a result for each member, next to an error that joins the
// failures. If no group is returned, none was created, unless the error matches
// ErrOutcomeUnknown.
//
// POST /groups
func (s *GroupsService) Create(ctx context.Context, req *CreateGroupRequest) (*CreatedGroup, error) {
	o := createGroup.at().body(req)
	answer, err := do[struct {
		Group
		Members wire.Bulk `json:"members"`
	}](ctx, s.core, o)
	if err != nil {
		return nil, err
	}
	created := &CreatedGroup{Group: answer.Group}
	if len(answer.Members) == 0 && req.Members.IsZero() {
		return created, nil
	}
	created.Members = match(inputs(req.Members.uids()), readEntries(s.core, o, answer.Members.Entries(), addedMember))
	return created, created.Members.Err()
}

// Get returns a group. It fails with CodeGUIDNotFound (ErrNotFound) if there is
// no such group.
//
// GET /groups/{guid}
func (s *GroupsService) Get(ctx context.Context, guid string) (*Group, error) {
	return do[Group](ctx, s.core, getGroup.at(guid))
}

// List lists the app's groups. opts may be nil.
//
// GET /groups
func (s *GroupsService) List(opts *GroupListOptions) *PageList[Group] {
	return pageList[Group](s.core, listGroups.at().query(opts))
}

// Update changes a group. It fails with CodeGUIDNotFound (ErrNotFound) if there
// is no such group.
//
// PUT /groups/{guid}
func (s *GroupsService) Update(ctx context.Context, guid string, req *UpdateGroupRequest) (*Group, error) {
	return do[Group](ctx, s.core, updateGroup.at(guid).body(req))
}

// Delete removes a group permanently. It fails with CodeGUIDNotFound
// (ErrNotFound) if there is no such group, which callers may treat as success.
//
// DELETE /groups/{guid}
func (s *GroupsService) Delete(ctx context.Context, guid string) error {
	return acknowledge(ctx, s.core, deleteGroup.at(guid))
}

// Ensure creates a group, or gets the group that already has the guid, and
// reports which of the two it did. An existing group is left as it is: neither
// its fields nor its members are compared with req. Several goroutines may call
// it for the same guid at the same time.
//
// If the group was created and a member could not be added, the group is returned
// next to an error that joins the failures, as in Create.
//
// POST /groups, and GET /groups/{guid} only after CodeGUIDAlreadyExists
func (s *GroupsService) Ensure(ctx context.Context, req *CreateGroupRequest) (group *Group, created bool, err error) {
	answer, err := s.Create(ctx, req)
	switch {
	case answer != nil:
		return &answer.Group, true, err
	case !errors.Is(err, CodeGUIDAlreadyExists):
		return nil, false, err
	}
	taken := err
	group, err = s.Get(ctx, req.GUID)
	return group, false, afterUnknown(taken, err)
}
