package cometchat

import (
	"context"
	"log/slog"
)

// pushProviderRoutes are the routes of a kind of provider that an app can have
// several of. Each is the route of the method with its name.
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

// providerRoutes are the routes of a kind of provider that an app can have one
// of.
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

// FCMProvider is a Firebase project that delivers an app's push notifications.
// ProviderID is required.
type FCMProvider struct {
	// ProviderID is the app's own name for the provider, with which devices
	// register: at most 100 characters.
	ProviderID             string                 `json:"providerId"`
	ServiceAccountFilename string                 `json:"serviceAccountFilename,omitempty"`
	ServiceAccountCreds    FCMServiceAccountCreds `json:"serviceAccountCreds,omitzero"`
	// NotificationInPayload says for which platforms the payload has a
	// notification that the system shows, instead of data for the app alone.
	NotificationInPayload *FCMNotificationInPayload `json:"notificationInPayload,omitempty"`
}

func (p *FCMProvider) validate(v *validation) { v.id("providerId", p.ProviderID, maxID) }

func (p *FCMProvider) secrets() []string { return []string{string(p.ServiceAccountCreds.PrivateKey)} }

// LogValue returns what identifies the provider, for slog.
func (p FCMProvider) LogValue() slog.Value {
	return slog.GroupValue(slog.String("providerId", p.ProviderID), slog.String("serviceAccountFilename", p.ServiceAccountFilename))
}

// FCMServiceAccountCreds are the parts of a service account's file that the API
// needs.
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

// FCMNotificationKinds says for which events payloads have a notification.
type FCMNotificationKinds struct {
	Chat bool `json:"chat"`
	Call bool `json:"call"`
}

// APNSProvider is an Apple key that signs an app's push notifications. ProviderID
// is required.
type APNSProvider struct {
	// ProviderID is the app's own name for the provider, with which devices
	// register: at most 100 characters.
	ProviderID    string `json:"providerId"`
	KeyID         string `json:"keyId,omitempty"`
	TeamID        string `json:"teamId,omitempty"`
	BundleID      string `json:"bundleId,omitempty"`
	P8KeyFilename string `json:"p8KeyFilename,omitempty"`
	P8Key         Secret `json:"p8Key,omitempty"`
	// IncludeContentAvailable wakes the app, IncludeMutableContent allows it to
	// change the notification.
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

// CustomPushProvider is a webhook of the app's own that receives push
// notifications. A new one needs all members, even the user name and the
// password if Basic authentication is not used.
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

// CustomEmailProvider is a webhook of the app's own that receives e-mails. A new
// one needs all members, even the user name and the password if Basic
// authentication is not used.
type CustomEmailProvider struct {
	IsEnabled         *bool  `json:"isEnabled,omitempty"`
	WebhookURL        string `json:"webhookURL,omitempty"`
	UseBasicAuth      *bool  `json:"useBasicAuth,omitempty"`
	BasicAuthUsername string `json:"basicAuthUsername,omitempty"`
	BasicAuthPassword Secret `json:"basicAuthPassword,omitempty"`
	// UseStoredEmailID includes users' addresses, from their ContactDetails.
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

// CustomSMSProvider is a webhook of the app's own that receives text messages. A
// new one needs all members, even the user name and the password if Basic
// authentication is not used.
type CustomSMSProvider struct {
	IsEnabled         *bool  `json:"isEnabled,omitempty"`
	WebhookURL        string `json:"webhookURL,omitempty"`
	UseBasicAuth      *bool  `json:"useBasicAuth,omitempty"`
	BasicAuthUsername string `json:"basicAuthUsername,omitempty"`
	BasicAuthPassword Secret `json:"basicAuthPassword,omitempty"`
	// UseStoredPhNo includes users' phone numbers, from their ContactDetails.
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

// SendGridProvider is a SendGrid account that sends an app's e-mails. A new one
// needs all members except IsEnabled and SenderEmailForReplies.
type SendGridProvider struct {
	SendGridAPIKey             Secret `json:"sendGridApiKey,omitempty"`
	SendGridTemplateID         string `json:"sendGridTemplateID,omitempty"`
	SendGridUnsubscribeGroupID string `json:"sendGridUnsubscribeGroupID,omitempty"`
	SenderName                 string `json:"senderName,omitempty"`
	SenderEmail                string `json:"senderEmail,omitempty"`
	// AllowEmailReplies turns replies to e-mails into messages;
	// SenderEmailForReplies is the address they are sent to.
	AllowEmailReplies     *bool  `json:"allowEmailReplies,omitempty"`
	SenderEmailForReplies string `json:"senderEmailForReplies,omitempty"`
	// IsEnabled can be set, but responses do not include it.
	IsEnabled *bool `json:"isEnabled,omitempty"`
	// RepliesWebhook is the URL that SendGrid is to call with replies, with a
	// token in it. It is set only in responses; Update does not send it.
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

// written leaves out the member that is set only in responses.
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

// TwilioProvider is a Twilio account that sends an app's SMS. A new one needs all
// members except IsEnabled.
type TwilioProvider struct {
	TwilioAccountSID        string `json:"twilioAccountSID,omitempty"`
	TwilioAuthToken         Secret `json:"twilioAuthToken,omitempty"`
	TwilioSenderPhoneNumber string `json:"twilioSenderPhoneNumber,omitempty"`
	// IsEnabled can be set, but responses do not include it.
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

// PushProviderListOptions are the options of List. The API documents none so far.
type PushProviderListOptions struct{}

// PushProviderService manages the providers of a kind that an app can have
// several of: FCMProvider, at /notifications/push/v1/providers/fcm, and
// APNSProvider, at /notifications/push/v1/providers/apns.
type PushProviderService[P any] struct {
	core   *core
	routes *pushProviderRoutes
}

// Create adds a provider. It fails with CodeProviderAlreadyExists
// (ErrAlreadyExists) if there is a provider with its ProviderID.
//
// POST to the path of the kind
func (s *PushProviderService[P]) Create(ctx context.Context, provider *P) error {
	return acknowledge(ctx, s.core, s.routes.create.at().body(provider))
}

// List returns all providers, with their secrets in the clear; the API has no
// pages for them. opts may be nil.
//
// GET of the path of the kind
func (s *PushProviderService[P]) List(ctx context.Context, _ *PushProviderListOptions) ([]*P, error) {
	return doItems[P](ctx, s.core, s.routes.list.at())
}

// Update changes the provider with the given ProviderID, in the members that are
// not nil or zero. It fails with CodeProviderNotFound (ErrNotFound) if there is
// no such provider.
//
// PUT to the path of the kind
func (s *PushProviderService[P]) Update(ctx context.Context, provider *P) error {
	return acknowledge(ctx, s.core, s.routes.update.at().body(provider))
}

// Delete removes a provider. It fails with CodeProviderNotFound (ErrNotFound) if
// there is no such provider.
//
// DELETE of the path of the kind, followed by {providerId}
func (s *PushProviderService[P]) Delete(ctx context.Context, providerID string) error {
	return acknowledge(ctx, s.core, s.routes.delete.at(providerID))
}

// SetDefault selects the provider that is used if no other one is named. It fails
// with CodeProviderNotFound (ErrNotFound) if there is no such provider.
//
// PUT to the path of the kind, followed by default/{providerId}
func (s *PushProviderService[P]) SetDefault(ctx context.Context, providerID string) error {
	return acknowledge(ctx, s.core, s.routes.setDefault.at(providerID))
}

// ProviderService manages the provider of a kind that an app can have one of:
// CustomPushProvider, at /notifications/push/v1/providers/custom,
// CustomEmailProvider and SendGridProvider, at
// /notifications/email/v1/providers/custom and .../sendgrid, CustomSMSProvider
// and TwilioProvider, at /notifications/sms/v1/providers/custom and .../twilio.
type ProviderService[P any] struct {
	core   *core
	routes *providerRoutes
}

// Create sets the provider, and returns the provider in the response. It fails
// with CodeProviderAlreadyExists (ErrAlreadyExists) if there is one.
//
// POST to the path of the kind
func (s *ProviderService[P]) Create(ctx context.Context, provider *P) (*P, error) {
	return do[P](ctx, s.core, s.routes.create.at().newBody(provider))
}

// Get returns the provider, with its secrets in the clear, and reports whether it
// is set: a provider that is not set is empty, not an error.
//
// GET of the path of the kind
func (s *ProviderService[P]) Get(ctx context.Context) (provider *P, set bool, err error) {
	return isSet(doOptional[P](ctx, s.core, s.routes.get.at(), CodeProviderNotFound))
}

// Update changes the members of the provider that are not nil or zero, and
// returns the provider in the response. It fails with CodeProviderNotFound
// (ErrNotFound) if the provider is not set.
//
// PUT to the path of the kind
func (s *ProviderService[P]) Update(ctx context.Context, provider *P) (*P, error) {
	return do[P](ctx, s.core, s.routes.update.at().body(provider))
}

// Delete removes the provider. It fails with CodeProviderNotFound (ErrNotFound)
// if the provider is not set.
//
// DELETE of the path of the kind
func (s *ProviderService[P]) Delete(ctx context.Context) error {
	return acknowledge(ctx, s.core, s.routes.delete.at())
}
