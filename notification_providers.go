package cometchat

import (
	"context"
	"log/slog"
)

// pushProviderRoutes are the routes of a kind of provider that an app may have
// several of. Each is the one of the method with its name.
type pushProviderRoutes struct{ list, create, update, delete, setDefault *route }

var (
	fcmRoutes = pushProviderRoutes{
		list:       get("/notifications/push/v1/providers/fcm").under("pushProviders"),
		create:     post("/notifications/push/v1/providers/fcm"),
		update:     put("/notifications/push/v1/providers/fcm"),
		delete:     del("/notifications/push/v1/providers/fcm/{providerId}"),
		setDefault: put("/notifications/push/v1/providers/fcm/default/{providerId}"),
	}
	apnsRoutes = pushProviderRoutes{
		list:       get("/notifications/push/v1/providers/apns").under("pushProviders"),
		create:     post("/notifications/push/v1/providers/apns"),
		update:     put("/notifications/push/v1/providers/apns"),
		delete:     del("/notifications/push/v1/providers/apns/{providerId}"),
		setDefault: put("/notifications/push/v1/providers/apns/default/{providerId}"),
	}
)

// providerRoutes are the routes of a kind of provider that an app has one of.
type providerRoutes struct{ get, create, update, delete *route }

var (
	customPushRoutes = providerRoutes{
		get:    get("/notifications/push/v1/providers/custom").under("pushProviders"),
		create: post("/notifications/push/v1/providers/custom").under("pushProviders"),
		update: put("/notifications/push/v1/providers/custom").under("pushProviders"),
		delete: del("/notifications/push/v1/providers/custom"),
	}
	customEmailRoutes = providerRoutes{
		get:    get("/notifications/email/v1/providers/custom"),
		create: post("/notifications/email/v1/providers/custom"),
		update: put("/notifications/email/v1/providers/custom"),
		delete: del("/notifications/email/v1/providers/custom"),
	}
	customSMSRoutes = providerRoutes{
		get:    get("/notifications/sms/v1/providers/custom"),
		create: post("/notifications/sms/v1/providers/custom"),
		update: put("/notifications/sms/v1/providers/custom"),
		delete: del("/notifications/sms/v1/providers/custom"),
	}
	sendGridRoutes = providerRoutes{
		get:    get("/notifications/email/v1/providers/sendgrid"),
		create: post("/notifications/email/v1/providers/sendgrid"),
		update: put("/notifications/email/v1/providers/sendgrid"),
		delete: del("/notifications/email/v1/providers/sendgrid"),
	}
	twilioRoutes = providerRoutes{
		get:    get("/notifications/sms/v1/providers/twilio"),
		create: post("/notifications/sms/v1/providers/twilio"),
		update: put("/notifications/sms/v1/providers/twilio"),
		delete: del("/notifications/sms/v1/providers/twilio"),
	}
)

// FCMProvider is a Firebase project that an app's push notifications go through.
// ProviderID is required.
type FCMProvider struct {
	// ProviderID is the app's own name for it, which devices register with: at most
	// 100 characters.
	ProviderID             string                 `json:"providerId"`
	ServiceAccountFilename string                 `json:"serviceAccountFilename,omitempty"`
	ServiceAccountCreds    FCMServiceAccountCreds `json:"serviceAccountCreds,omitzero"`
	// NotificationInPayload says for which platforms the payload has a
	// notification that the system shows, instead of data for the app alone.
	NotificationInPayload *FCMNotificationInPayload `json:"notificationInPayload,omitempty"`
}

func (p *FCMProvider) validate(v *validation) { v.id("providerId", p.ProviderID, maxID) }

func (p *FCMProvider) secrets() []string { return []string{string(p.ServiceAccountCreds.PrivateKey)} }

// LogValue gives slog what identifies the provider.
func (p FCMProvider) LogValue() slog.Value {
	return slog.GroupValue(slog.String("providerId", p.ProviderID), slog.String("serviceAccountFilename", p.ServiceAccountFilename))
}

// FCMServiceAccountCreds are what the client needs of a service account's file.
type FCMServiceAccountCreds struct {
	ProjectID    string `json:"project_id,omitempty"`
	ClientEmail  string `json:"client_email,omitempty"`
	PrivateKey   Secret `json:"private_key,omitempty"`
	PrivateKeyID string `json:"private_key_id,omitempty"`
}

// LogValue keeps the private key out of logs.
func (c FCMServiceAccountCreds) LogValue() slog.Value {
	type plain FCMServiceAccountCreds
	c.PrivateKey = Secret(c.PrivateKey.String())
	return slog.AnyValue(plain(c))
}

// FCMNotificationInPayload says for which platforms FCM payloads have a
// notification. A nil platform is left alone.
type FCMNotificationInPayload struct {
	IOS     *FCMNotificationKinds `json:"ios,omitempty"`
	Android *FCMNotificationKinds `json:"android,omitempty"`
	Web     *FCMNotificationKinds `json:"web,omitempty"`
}

// FCMNotificationKinds says for what payloads have a notification.
type FCMNotificationKinds struct {
	Chat bool `json:"chat"`
	Call bool `json:"call"`
}

// APNSProvider is an Apple key that an app's push notifications are signed with.
// ProviderID is required.
type APNSProvider struct {
	// ProviderID is the app's own name for it, which devices register with: at most
	// 100 characters.
	ProviderID    string `json:"providerId"`
	KeyID         string `json:"keyId,omitempty"`
	TeamID        string `json:"teamId,omitempty"`
	BundleID      string `json:"bundleId,omitempty"`
	P8KeyFilename string `json:"p8KeyFilename,omitempty"`
	P8Key         Secret `json:"p8Key,omitempty"`
	// IncludeContentAvailable wakes the app, IncludeMutableContent lets it change
	// the notification.
	IncludeContentAvailable *bool `json:"includeContentAvailable,omitempty"`
	IncludeMutableContent   *bool `json:"includeMutableContent,omitempty"`
	// ProductionMode uses Apple's production server instead of the sandbox.
	ProductionMode *bool `json:"productionMode,omitempty"`
}

func (p *APNSProvider) validate(v *validation) { v.id("providerId", p.ProviderID, maxID) }

func (p *APNSProvider) secrets() []string { return []string{string(p.P8Key)} }

// LogValue keeps the key out of logs.
func (p APNSProvider) LogValue() slog.Value {
	type plain APNSProvider
	p.P8Key = Secret(p.P8Key.String())
	return slog.AnyValue(plain(p))
}

// CustomPushProvider is a webhook of the app's own that push notifications are handed to. A
// new one needs all members, the user name and password even without Basic
// authentication.
type CustomPushProvider struct {
	IsEnabled         *bool  `json:"isEnabled,omitempty"`
	WebhookURL        string `json:"webhookURL,omitempty"`
	UseBasicAuth      *bool  `json:"useBasicAuth,omitempty"`
	BasicAuthUsername string `json:"basicAuthUsername,omitempty"`
	BasicAuthPassword Secret `json:"basicAuthPassword,omitempty"`
}

func (p *CustomPushProvider) validateNew(v *validation) {
	newWebhook(v, p.IsEnabled, p.WebhookURL, p.UseBasicAuth, p.BasicAuthUsername, p.BasicAuthPassword)
}

func (p *CustomPushProvider) secrets() []string { return []string{string(p.BasicAuthPassword)} }

// LogValue keeps the password out of logs.
func (p CustomPushProvider) LogValue() slog.Value {
	type plain CustomPushProvider
	p.BasicAuthPassword = Secret(p.BasicAuthPassword.String())
	return slog.AnyValue(plain(p))
}

// CustomEmailProvider is a webhook of the app's own that e-mails are handed to. A
// new one needs all members, the user name and password even without Basic
// authentication.
type CustomEmailProvider struct {
	IsEnabled         *bool  `json:"isEnabled,omitempty"`
	WebhookURL        string `json:"webhookURL,omitempty"`
	UseBasicAuth      *bool  `json:"useBasicAuth,omitempty"`
	BasicAuthUsername string `json:"basicAuthUsername,omitempty"`
	BasicAuthPassword Secret `json:"basicAuthPassword,omitempty"`
	// UseStoredEmailID sends users' addresses along, from their ContactDetails.
	UseStoredEmailID *bool `json:"useStoredEmailID,omitempty"`
}

func (p *CustomEmailProvider) validateNew(v *validation) {
	newWebhook(v, p.IsEnabled, p.WebhookURL, p.UseBasicAuth, p.BasicAuthUsername, p.BasicAuthPassword)
	v.present("useStoredEmailID", p.UseStoredEmailID)
}

func (p *CustomEmailProvider) secrets() []string { return []string{string(p.BasicAuthPassword)} }

// LogValue keeps the password out of logs.
func (p CustomEmailProvider) LogValue() slog.Value {
	type plain CustomEmailProvider
	p.BasicAuthPassword = Secret(p.BasicAuthPassword.String())
	return slog.AnyValue(plain(p))
}

// CustomSMSProvider is a webhook of the app's own that text messages are handed to. A
// new one needs all members, the user name and password even without Basic
// authentication.
type CustomSMSProvider struct {
	IsEnabled         *bool  `json:"isEnabled,omitempty"`
	WebhookURL        string `json:"webhookURL,omitempty"`
	UseBasicAuth      *bool  `json:"useBasicAuth,omitempty"`
	BasicAuthUsername string `json:"basicAuthUsername,omitempty"`
	BasicAuthPassword Secret `json:"basicAuthPassword,omitempty"`
	// UseStoredPhNo sends users' phone numbers along, from their ContactDetails.
	UseStoredPhNo *bool `json:"useStoredPhNo,omitempty"`
}

func (p *CustomSMSProvider) validateNew(v *validation) {
	newWebhook(v, p.IsEnabled, p.WebhookURL, p.UseBasicAuth, p.BasicAuthUsername, p.BasicAuthPassword)
	v.present("useStoredPhNo", p.UseStoredPhNo)
}

func (p *CustomSMSProvider) secrets() []string { return []string{string(p.BasicAuthPassword)} }

// LogValue keeps the password out of logs.
func (p CustomSMSProvider) LogValue() slog.Value {
	type plain CustomSMSProvider
	p.BasicAuthPassword = Secret(p.BasicAuthPassword.String())
	return slog.AnyValue(plain(p))
}

// newWebhook checks the members that every new custom provider needs.
func newWebhook(v *validation, isEnabled *bool, url string, useBasicAuth *bool, username string, password Secret) {
	v.present("isEnabled", isEnabled)
	v.required("webhookURL", url)
	v.present("useBasicAuth", useBasicAuth)
	v.required("basicAuthUsername", username)
	v.required("basicAuthPassword", string(password))
}

// SendGridProvider is a SendGrid account that an app's e-mails are sent by. A
// new one needs all members but IsEnabled and SenderEmailForReplies.
type SendGridProvider struct {
	SendGridAPIKey             Secret `json:"sendGridApiKey,omitempty"`
	SendGridTemplateID         string `json:"sendGridTemplateID,omitempty"`
	SendGridUnsubscribeGroupID string `json:"sendGridUnsubscribeGroupID,omitempty"`
	SenderName                 string `json:"senderName,omitempty"`
	SenderEmail                string `json:"senderEmail,omitempty"`
	// AllowEmailReplies turns replies to e-mails into messages;
	// SenderEmailForReplies is the address they go to.
	AllowEmailReplies     *bool  `json:"allowEmailReplies,omitempty"`
	SenderEmailForReplies string `json:"senderEmailForReplies,omitempty"`
	// IsEnabled can be set; responses lack it.
	IsEnabled *bool `json:"isEnabled,omitempty"`
	// RepliesWebhook is the URL to have SendGrid call with replies, a token in it.
	// Only responses have it; Update does not send it.
	RepliesWebhook Secret `json:"repliesWebhook,omitempty"`
}

func (p *SendGridProvider) validateNew(v *validation) {
	v.required("sendGridApiKey", string(p.SendGridAPIKey))
	v.required("sendGridTemplateID", p.SendGridTemplateID)
	v.required("sendGridUnsubscribeGroupID", p.SendGridUnsubscribeGroupID)
	v.required("senderName", p.SenderName)
	v.required("senderEmail", p.SenderEmail)
	v.present("allowEmailReplies", p.AllowEmailReplies)
}

// written leaves out the member that only responses have.
func (p *SendGridProvider) written() any {
	w := *p
	w.RepliesWebhook = ""
	return &w
}

func (p *SendGridProvider) secrets() []string {
	return []string{string(p.SendGridAPIKey), string(p.RepliesWebhook)}
}

// LogValue keeps the key and the webhook out of logs.
func (p SendGridProvider) LogValue() slog.Value {
	type plain SendGridProvider
	p.SendGridAPIKey, p.RepliesWebhook = Secret(p.SendGridAPIKey.String()), Secret(p.RepliesWebhook.String())
	return slog.AnyValue(plain(p))
}

// TwilioProvider is a Twilio account that an app's SMS are sent by. A new one
// needs all members but IsEnabled.
type TwilioProvider struct {
	TwilioAccountSID        string `json:"twilioAccountSID,omitempty"`
	TwilioAuthToken         Secret `json:"twilioAuthToken,omitempty"`
	TwilioSenderPhoneNumber string `json:"twilioSenderPhoneNumber,omitempty"`
	// IsEnabled can be set; responses lack it.
	IsEnabled *bool `json:"isEnabled,omitempty"`
}

func (p *TwilioProvider) validateNew(v *validation) {
	v.required("twilioAccountSID", p.TwilioAccountSID)
	v.required("twilioAuthToken", string(p.TwilioAuthToken))
	v.required("twilioSenderPhoneNumber", p.TwilioSenderPhoneNumber)
}

func (p *TwilioProvider) secrets() []string { return []string{string(p.TwilioAuthToken)} }

// LogValue keeps the token out of logs.
func (p TwilioProvider) LogValue() slog.Value {
	type plain TwilioProvider
	p.TwilioAuthToken = Secret(p.TwilioAuthToken.String())
	return slog.AnyValue(plain(p))
}

// PushProviderListOptions are those of List. The API documents none so far.
type PushProviderListOptions struct{}

// PushProviderService manages the providers of a kind that an app may have
// several of: FCMProvider and APNSProvider.
type PushProviderService[P any] struct {
	core   *core
	routes *pushProviderRoutes
}

// Create adds a provider; CodeProviderAlreadyExists (ErrAlreadyExists) if there is
// one with its ProviderID.
func (s *PushProviderService[P]) Create(ctx context.Context, provider *P) error {
	return acknowledge(ctx, s.core, s.routes.create.at().body(provider))
}

// List returns the providers, with their secrets in clear; all at once, since
// the API knows no pages of them. opts may be nil.
func (s *PushProviderService[P]) List(ctx context.Context, _ *PushProviderListOptions) ([]*P, error) {
	return doItems[P](ctx, s.core, s.routes.list.at())
}

// Update changes the provider with the ProviderID of the one given, in the
// members that are not nil or zero; CodeProviderNotFound (ErrNotFound) if there
// is none.
func (s *PushProviderService[P]) Update(ctx context.Context, provider *P) error {
	return acknowledge(ctx, s.core, s.routes.update.at().body(provider))
}

// Delete removes a provider; CodeProviderNotFound (ErrNotFound) if there is
// none.
func (s *PushProviderService[P]) Delete(ctx context.Context, providerID string) error {
	return acknowledge(ctx, s.core, s.routes.delete.at(providerID))
}

// SetDefault makes a provider the one that is used where no other is named;
// CodeProviderNotFound (ErrNotFound) if there is none.
func (s *PushProviderService[P]) SetDefault(ctx context.Context, providerID string) error {
	return acknowledge(ctx, s.core, s.routes.setDefault.at(providerID))
}

// ProviderService manages the provider of a kind that an app has one of:
// CustomPushProvider, CustomEmailProvider, CustomSMSProvider, SendGridProvider
// and TwilioProvider.
type ProviderService[P any] struct {
	core   *core
	routes *providerRoutes
}

// Create sets the provider, and returns it as the response has it;
// CodeProviderAlreadyExists (ErrAlreadyExists) if there is one.
func (s *ProviderService[P]) Create(ctx context.Context, provider *P) (*P, error) {
	return do[P](ctx, s.core, s.routes.create.at().newBody(provider))
}

// Get returns the provider, with its secrets in clear, and whether it is set: a
// provider that is not set is empty, and no error.
func (s *ProviderService[P]) Get(ctx context.Context) (provider *P, set bool, err error) {
	return isSet(doOptional[P](ctx, s.core, s.routes.get.at(), CodeProviderNotFound))
}

// Update changes the members of the provider that are not nil or zero, and
// returns it as the response has it; CodeProviderNotFound (ErrNotFound) if it is
// not set.
func (s *ProviderService[P]) Update(ctx context.Context, provider *P) (*P, error) {
	return do[P](ctx, s.core, s.routes.update.at().body(provider))
}

// Delete removes the provider; CodeProviderNotFound (ErrNotFound) if it is not
// set.
func (s *ProviderService[P]) Delete(ctx context.Context) error {
	return acknowledge(ctx, s.core, s.routes.delete.at())
}
