package cometchat

import "context"

var (
	blockUsers       = post("/users/{uid}/blockedusers")
	unblockUsers     = del("/users/{uid}/blockedusers")
	listBlockedUsers = get("/users/{uid}/blockedusers")
)

type blockUsersRequest struct {
	UIDs []string `json:"blockedUids"`
}

func (r *blockUsersRequest) validate(v *validation) { v.ids("blockedUids", r.UIDs, 0) }

// BlockDirection says who blocks whom.
type BlockDirection string

// The directions.
const (
	// BlockDirectionOutgoing: the users whom this user blocks.
	BlockDirectionOutgoing BlockDirection = "blockedByMe"
	// BlockDirectionIncoming: the users who block this user.
	BlockDirectionIncoming BlockDirection = "hasBlockedMe"
	// BlockDirectionBoth: all of them.
	BlockDirectionBoth BlockDirection = "both"
)

// BlockedUserListOptions filters the users that a user blocks or is blocked by.
type BlockedUserListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
	// Direction is sent as the vendor's front-end libraries send it; the REST
	// documentation does not mention it. User.BlockedByMe and User.HasBlockedMe
	// tell the direction of each user in any case.
	Direction BlockDirection `url:"direction,omitempty"`
}

func (o *BlockedUserListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// BlockedUsersService keeps users from writing to each other.
type BlockedUsersService service

// Block makes a user block others. It returns one result for each uid, in the
// order given. The error joins the failures, such as CodeUIDNotFound and
// CodeCannotBlockSelf; the results are returned next to it.
//
// POST /users/{uid}/blockedusers
func (s *BlockedUsersService) Block(ctx context.Context, uid string, blocked []string) (*Results[NoValue], error) {
	return bulk(ctx, s.core, blockUsers.at(uid).body(&blockUsersRequest{blocked}), blocked, noValue)
}

// List lists the users whom a user blocks. opts may be nil. The list's Total is
// 0, and its TotalPages grows while it is read.
//
// GET /users/{uid}/blockedusers
func (s *BlockedUsersService) List(uid string, opts *BlockedUserListOptions) *PageList[User] {
	return pageList[User](s.core, listBlockedUsers.at(uid).query(opts))
}

// Unblock ends blocks. It returns one result for each uid, in the order given.
// The error joins the failures; the results are returned next to it.
//
// DELETE /users/{uid}/blockedusers
func (s *BlockedUsersService) Unblock(ctx context.Context, uid string, blocked []string) (*Results[NoValue], error) {
	return bulk(ctx, s.core, unblockUsers.at(uid).body(&blockUsersRequest{blocked}), blocked, noValue)
}
