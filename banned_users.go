package cometchat

import (
	"context"
	"log/slog"
)

var (
	banUser         = post("/groups/{guid}/bannedusers/{uid}")
	unbanUser       = del("/groups/{guid}/bannedusers/{uid}")
	listBannedUsers = get("/groups/{guid}/bannedusers")
)

// BannedUser is a user who is kept out of a group.
type BannedUser struct {
	User
	// Scope is the user's scope as a member. Scope and BannedAt are not always
	// set.
	Scope    MemberScope `json:"scope,omitempty"`
	BannedAt UnixTime    `json:"bannedAt,omitempty"`
}

// LogValue returns the user and the time of the ban, for slog.
func (b BannedUser) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("user", b.User), slog.String("bannedAt", b.BannedAt.String()))
}

// BannedUserListOptions pages through banned users.
type BannedUserListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
}

func (o *BannedUserListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// BannedUsersService keeps users out of groups. To ban several users at once, or
// users who are not members, use the UsersToBan of GroupMembers.Add.
type BannedUsersService service

// Ban removes a member from a group and keeps the user out until Unban. It fails
// with CodeAlreadyBanned if the user is banned already, and with CodeNotAMember
// (ErrNotFound) if the user is not a member.
//
// POST /groups/{guid}/bannedusers/{uid}
func (s *BannedUsersService) Ban(ctx context.Context, guid, uid string) error {
	return acknowledge(ctx, s.core, banUser.at(guid, uid))
}

// List lists the users banned from a group. opts may be nil.
//
// GET /groups/{guid}/bannedusers
func (s *BannedUsersService) List(guid string, opts *BannedUserListOptions) *PageList[BannedUser] {
	return pageList[BannedUser](s.core, listBannedUsers.at(guid).query(opts))
}

// Unban allows a user to join the group again, without making the user a member.
// It fails with CodeNotABannedUser (ErrNotFound) if the user is not banned.
//
// DELETE /groups/{guid}/bannedusers/{uid}
func (s *BannedUsersService) Unban(ctx context.Context, guid, uid string) error {
	return acknowledge(ctx, s.core, unbanUser.at(guid, uid))
}
