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
	DataImport         *DataImportService
	Calls              *CallsService
	Moderation         ModerationServices
	Notifications      NotificationServices

	core      core
	common    service // of all services: each field points to it
	providers struct {
		fcm, apns                                            PushProviderService[any]
		customPush, customEmail, customSMS, sendGrid, twilio ProviderService[any]
	}
	apiKey func() string // a function, since fmt prints unexported fields past their Format
}

// ModerationServices are the services of the API's moderation product.
type ModerationServices struct {
	Rules    *ModerationRulesService
	Keywords *ModerationKeywordsService
	Reasons  *ModerationReasonsService
	Reviews  *ModerationReviewsService
	Messages *ModerationMessagesService
}

// NotificationServices are the services of the API's notifications product.
type NotificationServices struct {
	Settings    *NotificationSettingsService
	Preferences *NotificationPreferencesService
	Contacts    *ContactDetailsService
	PushTokens  *PushTokensService
	Providers   NotificationProviderServices
	Logs        *NotificationLogsService
}

// NotificationProviderServices are the services for the providers that deliver
// notifications.
type NotificationProviderServices struct {
	FCM         *PushProviderService[FCMProvider]
	APNS        *PushProviderService[APNSProvider]
	CustomPush  *ProviderService[CustomPushProvider]
	CustomEmail *ProviderService[CustomEmailProvider]
	CustomSMS   *ProviderService[CustomSMSProvider]
	SendGrid    *ProviderService[SendGridProvider]
	Twilio      *ProviderService[TwilioProvider]
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
	c.DataImport = (*DataImportService)(s)
	c.Calls = (*CallsService)(s)
	c.Moderation = ModerationServices{
		Rules:    (*ModerationRulesService)(s),
		Keywords: (*ModerationKeywordsService)(s),
		Reasons:  (*ModerationReasonsService)(s),
		Reviews:  (*ModerationReviewsService)(s),
		Messages: (*ModerationMessagesService)(s),
	}
	p := &c.providers
	p.fcm, p.apns = PushProviderService[any]{s.core, &fcmRoutes}, PushProviderService[any]{s.core, &apnsRoutes}
	p.customPush, p.customEmail, p.customSMS = ProviderService[any]{s.core, &customPushRoutes}, ProviderService[any]{s.core, &customEmailRoutes}, ProviderService[any]{s.core, &customSMSRoutes}
	p.sendGrid, p.twilio = ProviderService[any]{s.core, &sendGridRoutes}, ProviderService[any]{s.core, &twilioRoutes}
	c.Notifications = NotificationServices{
		Settings:    (*NotificationSettingsService)(s),
		Preferences: (*NotificationPreferencesService)(s),
		Contacts:    (*ContactDetailsService)(s),
		PushTokens:  (*PushTokensService)(s),
		Providers: NotificationProviderServices{
			FCM:         (*PushProviderService[FCMProvider])(&p.fcm),
			APNS:        (*PushProviderService[APNSProvider])(&p.apns),
			CustomPush:  (*ProviderService[CustomPushProvider])(&p.customPush),
			CustomEmail: (*ProviderService[CustomEmailProvider])(&p.customEmail),
			CustomSMS:   (*ProviderService[CustomSMSProvider])(&p.customSMS),
			SendGrid:    (*ProviderService[SendGridProvider])(&p.sendGrid),
			Twilio:      (*ProviderService[TwilioProvider])(&p.twilio),
		},
		Logs: (*NotificationLogsService)(s),
	}
}
