package cometchat

// Client calls the CometChat REST API. It is immutable and safe for any number
// of goroutines; make one and share it. Printing or logging it shows no
// credentials.
//
// Each field is the service of one resource, or a group of services of one of
// the API's products.
type Client struct {
	Users              *UsersService
	AuthTokens         *AuthTokensService
	Friends            *FriendsService
	BlockedUsers       *BlockedUsersService
	Groups             *GroupsService
	GroupMembers       *GroupMembersService
	BannedUsers        *BannedUsersService
	Messages           *MessagesService
	Reactions          *ReactionsService
	Threads            *ThreadsService
	Conversations      *ConversationsService
	Roles              *RolesService
	Permissions        *PermissionsService
	RestrictedFeatures *RestrictedFeaturesService
	APIKeys            *APIKeysService
	Metrics            *MetricsService
	Moderation         ModerationServices

	core   core
	common service       // of all services: each field points to it
	apiKey func() string // a function, since fmt prints unexported fields past their Format
}

// ModerationServices are the services of the API's moderation product.
type ModerationServices struct {
	Reasons *ModerationReasonsService
}

// bind points every service to the client's own core.
func (c *Client) bind() {
	s := &c.common
	s.core = &c.core
	c.Users = (*UsersService)(s)
	c.AuthTokens = (*AuthTokensService)(s)
	c.Friends = (*FriendsService)(s)
	c.BlockedUsers = (*BlockedUsersService)(s)
	c.Groups = (*GroupsService)(s)
	c.GroupMembers = (*GroupMembersService)(s)
	c.BannedUsers = (*BannedUsersService)(s)
	c.Messages = (*MessagesService)(s)
	c.Reactions = (*ReactionsService)(s)
	c.Threads = (*ThreadsService)(s)
	c.Conversations = (*ConversationsService)(s)
	c.Roles = (*RolesService)(s)
	c.Permissions = (*PermissionsService)(s)
	c.RestrictedFeatures = (*RestrictedFeaturesService)(s)
	c.APIKeys = (*APIKeysService)(s)
	c.Metrics = (*MetricsService)(s)
	c.Moderation = ModerationServices{
		Reasons: (*ModerationReasonsService)(s),
	}
}
