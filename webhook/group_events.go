package webhook

import (
	"context"
	"maps"
	"slices"

	"github.com/go-cometchat/cometchat"
)

// Member is a user as a member of a group.
type Member struct {
	cometchat.User
	Scope cometchat.MemberScope `json:"scope,omitempty"`
	// OldScope is the scope before the change.
	OldScope cometchat.MemberScope `json:"oldScope,omitempty"`
	JoinedAt cometchat.UnixTime    `json:"joinedAt,omitempty"`
}

// MembersChange reports a change of a group's members.
type MembersChange struct {
	Group cometchat.Group `json:"group"`
	// Members are the members that the event is about, by uid.
	Members map[string]Member `json:"members"`
	// By is the user who made the change; nil if the members made it themselves,
	// and possibly if no user acted.
	By *cometchat.User `json:"by,omitempty"`
}

// key needs the time of the change, since the same users can join and leave
// repeatedly.
func (m *MembersChange) key() []string {
	return append([]string{m.Group.GUID, number(m.Group.UpdatedAt)}, slices.Sorted(maps.Keys(m.Members))...)
}

// GroupCreated reports a new group.
type GroupCreated struct {
	Envelope `json:"-"`
	Group    cometchat.Group `json:"group"`
	// Members holds the user who created the group, by uid.
	Members map[string]Member `json:"members"`
}

// OnGroupCreated calls f for every group_created.
func (h *Handler) OnGroupCreated(f func(context.Context, *GroupCreated) error) {
	on(h, TriggerGroupCreated, f)
}

func (e *GroupCreated) key() []string {
	return []string{e.Group.GUID, number(e.Group.CreatedAt)}
}

// GroupUpdated reports that a group changed, but not what changed.
type GroupUpdated struct {
	Envelope `json:"-"`
	// Group is the group after the change; its UpdatedBy names the user who made
	// it.
	Group cometchat.Group `json:"group"`
}

// OnGroupUpdated calls f for every group_updated.
func (h *Handler) OnGroupUpdated(f func(context.Context, *GroupUpdated) error) {
	on(h, TriggerGroupUpdated, f)
}

// key includes the content, since a group can change twice within a second.
func (e *GroupUpdated) key() []string {
	return []string{e.Group.GUID, number(e.Group.UpdatedAt), content(e.Group)}
}

// GroupDeleted reports a group's deletion.
type GroupDeleted struct {
	Envelope `json:"-"`
	Group    cometchat.Group `json:"group"`
}

// OnGroupDeleted calls f for every group_deleted.
func (h *Handler) OnGroupDeleted(f func(context.Context, *GroupDeleted) error) {
	on(h, TriggerGroupDeleted, f)
}

func (e *GroupDeleted) key() []string {
	return []string{e.Group.GUID, number(e.Group.CreatedAt)}
}

// TransferredGroup is a group whose owner changed; Owner is the new one.
type TransferredGroup struct {
	cometchat.Group
	OldOwner string `json:"oldOwner"`
}

// GroupOwnerTransferred reports a group's new owner.
type GroupOwnerTransferred struct {
	Envelope `json:"-"`
	Group    TransferredGroup `json:"group"`
}

// OnGroupOwnerTransferred calls f for every group_owner_transferred.
func (h *Handler) OnGroupOwnerTransferred(f func(context.Context, *GroupOwnerTransferred) error) {
	on(h, TriggerGroupOwnerTransferred, f)
}

func (e *GroupOwnerTransferred) key() []string {
	return []string{e.Group.GUID, number(e.Group.UpdatedAt), e.Group.Owner}
}

// GroupMemberAdded reports users who were added to a group. An event without the
// time of the group's update has no key: a second delivery of it runs the
// callback again.
type GroupMemberAdded struct {
	Envelope `json:"-"`
	MembersChange
}

// OnGroupMemberAdded calls f for every group_member_added.
func (h *Handler) OnGroupMemberAdded(f func(context.Context, *GroupMemberAdded) error) {
	on(h, TriggerGroupMemberAdded, f)
}

// GroupMemberKicked reports users who were removed from a group. An event without
// the time of the group's update has no key: a second delivery of it runs the
// callback again.
type GroupMemberKicked struct {
	Envelope `json:"-"`
	MembersChange
}

// OnGroupMemberKicked calls f for every group_member_kicked.
func (h *Handler) OnGroupMemberKicked(f func(context.Context, *GroupMemberKicked) error) {
	on(h, TriggerGroupMemberKicked, f)
}

// GroupMemberBanned reports users who were banned from a group. An event without
// the time of the group's update has no key: a second delivery of it runs the
// callback again.
type GroupMemberBanned struct {
	Envelope `json:"-"`
	MembersChange
}

// OnGroupMemberBanned calls f for every group_member_banned.
func (h *Handler) OnGroupMemberBanned(f func(context.Context, *GroupMemberBanned) error) {
	on(h, TriggerGroupMemberBanned, f)
}

// GroupMemberUnbanned reports users whose ban was lifted. An event without the
// time of the group's update has no key: a second delivery of it runs the
// callback again.
type GroupMemberUnbanned struct {
	Envelope `json:"-"`
	MembersChange
}

// OnGroupMemberUnbanned calls f for every group_member_unbanned.
func (h *Handler) OnGroupMemberUnbanned(f func(context.Context, *GroupMemberUnbanned) error) {
	on(h, TriggerGroupMemberUnbanned, f)
}

// GroupMemberJoined reports users who joined a group. An event without the time
// of the group's update has no key: a second delivery of it runs the callback
// again.
type GroupMemberJoined struct {
	Envelope `json:"-"`
	MembersChange
}

// OnGroupMemberJoined calls f for every group_member_joined.
func (h *Handler) OnGroupMemberJoined(f func(context.Context, *GroupMemberJoined) error) {
	on(h, TriggerGroupMemberJoined, f)
}

// GroupMemberLeft reports users who left a group. An event without the time of
// the group's update has no key: a second delivery of it runs the callback again.
type GroupMemberLeft struct {
	Envelope `json:"-"`
	MembersChange
}

// OnGroupMemberLeft calls f for every group_member_left.
func (h *Handler) OnGroupMemberLeft(f func(context.Context, *GroupMemberLeft) error) {
	on(h, TriggerGroupMemberLeft, f)
}

// GroupMemberScopeChanged reports members' new scopes. An event without the time
// of the group's update has no key: a second delivery of it runs the callback
// again.
type GroupMemberScopeChanged struct {
	Envelope `json:"-"`
	MembersChange
}

// OnGroupMemberScopeChanged calls f for every group_member_scope_changed.
func (h *Handler) OnGroupMemberScopeChanged(f func(context.Context, *GroupMemberScopeChanged) error) {
	on(h, TriggerGroupMemberScopeChanged, f)
}
