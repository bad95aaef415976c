package cometchat

import "context"

var (
	addFriends    = post("/users/{uid}/friends")
	listFriends   = get("/users/{uid}/friends")
	removeFriends = del("/users/{uid}/friends")
)

// MaxFriendsPerCall is how many friends one request can add.
const MaxFriendsPerCall = 25

// AddFriendsRequest names the users who become friends of a user.
type AddFriendsRequest struct {
	// UIDs are the uids of the friends, 1 to MaxFriendsPerCall.
	UIDs []string `json:"accepted"`
	// AddToConversations also starts a conversation with each of them.
	AddToConversations bool `json:"addToConversations,omitempty"`
}

func (r *AddFriendsRequest) validate(v *validation) { v.ids("accepted", r.UIDs, MaxFriendsPerCall) }

type removeFriendsRequest struct {
	UIDs []string `json:"friends"`
}

func (r *removeFriendsRequest) validate(v *validation) { v.ids("friends", r.UIDs, 0) }

// FriendListOptions filters a user's friends. The zero value lists all.
type FriendListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
	// SearchKey is looked for in uid and name.
	SearchKey string `url:"searchKey,omitempty"`
}

func (o *FriendListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// FriendsService makes users friends of each other. A user has at most 1,000.
type FriendsService service

// Add makes users friends of a user. It returns one result for each uid, in the
// order given. The error joins the failures, such as CodeUIDNotFound,
// CodeAlreadyFriend and CodeCannotFormSelfRelation; the results are returned next
// to it. It fails as a whole with CodeUIDNotFound if there is no user with uid.
//
// POST /users/{uid}/friends
func (s *FriendsService) Add(ctx context.Context, uid string, req *AddFriendsRequest) (*Results[NoValue], error) {
	o := addFriends.at(uid).body(req)
	if req == nil {
		req = &AddFriendsRequest{}
	}
	return bulk(ctx, s.core, o, req.UIDs, noValue)
}

// List lists a user's friends. opts may be nil.
//
// GET /users/{uid}/friends
func (s *FriendsService) List(uid string, opts *FriendListOptions) *PageList[User] {
	return pageList[User](s.core, listFriends.at(uid).query(opts))
}

// Remove ends friendships. It returns one result for each uid, in the order
// given. The API returns one outcome for all of them, so all results are the
// same. The error joins the failures.
//
// DELETE /users/{uid}/friends
func (s *FriendsService) Remove(ctx context.Context, uid string, friends []string) (*Results[NoValue], error) {
	return bulk(ctx, s.core, removeFriends.at(uid).body(&removeFriendsRequest{friends}), friends, noValue)
}
