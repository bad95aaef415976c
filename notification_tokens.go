package cometchat

import (
	"context"
	"log/slog"
	"strings"
	"time"
)

var (
	registerPushToken    = post("/notifications/push/v1/tokens")
	listPushTokens       = get("/notifications/push/v1/tokens").under("pushTokens")
	unregisterPushTokens = del("/notifications/push/v1/tokens").under("pushTokens")
	deletePushToken      = del("/notifications/push/v1/tokens/{pushToken}").under("pushTokens")
)

// PushPlatform is the platform of a device, and the way to reach it.
type PushPlatform string

// The platforms that the API documents.
const (
	PushPlatformFCMAndroid             PushPlatform = "fcm_android"
	PushPlatformFCMIOS                 PushPlatform = "fcm_ios"
	PushPlatformFCMWeb                 PushPlatform = "fcm_web"
	PushPlatformFCMFlutterAndroid      PushPlatform = "fcm_flutter_android"
	PushPlatformFCMFlutterIOS          PushPlatform = "fcm_flutter_ios"
	PushPlatformFCMReactNativeAndroid  PushPlatform = "fcm_react_native_android"
	PushPlatformFCMReactNativeIOS      PushPlatform = "fcm_react_native_ios"
	PushPlatformFCMIonicCordovaAndroid PushPlatform = "fcm_ionic_cordova_android"
	PushPlatformFCMIonicCordovaIOS     PushPlatform = "fcm_ionic_cordova_ios"
	PushPlatformAPNSIOSDevice          PushPlatform = "apns_ios_device"
	PushPlatformAPNSIOSVoIP            PushPlatform = "apns_ios_voip"
	PushPlatformAPNSFlutterDevice      PushPlatform = "apns_flutter_device"
	PushPlatformAPNSFlutterVoIP        PushPlatform = "apns_flutter_voip"
	PushPlatformAPNSReactNativeDevice  PushPlatform = "apns_react_native_device"
	PushPlatformAPNSReactNativeVoIP    PushPlatform = "apns_react_native_voip"
	PushPlatformAPNSIonicCordovaDevice PushPlatform = "apns_ionic_cordova_device"
	PushPlatformAPNSIonicCordovaVoIP   PushPlatform = "apns_ionic_cordova_voip"
)

// PushToken is a device that receives a user's push notifications.
type PushToken struct {
	PushToken     Secret       `json:"pushToken"`
	Platform      PushPlatform `json:"platform,omitempty"`
	ProviderID    string       `json:"providerId,omitempty"`
	PushTokenType string       `json:"pushTokenType,omitempty"`
	// AuthToken is the session in which the device was registered.
	AuthToken Secret    `json:"authToken,omitempty"`
	UID       string    `json:"uid,omitempty"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
	UpdatedAt time.Time `json:"updatedAt,omitzero"`
}

// LogValue keeps the tokens out of logs.
func (t PushToken) LogValue() slog.Value {
	type plain PushToken
	t.PushToken, t.AuthToken = Secret(t.PushToken.String()), Secret(t.AuthToken.String())
	return slog.AnyValue(plain(t))
}

// RegisterPushTokenRequest registers a device for the push notifications of the
// user who is logged in on it. AuthToken, Platform and PushToken are required.
type RegisterPushTokenRequest struct {
	// AuthToken is the session of the user on the device.
	AuthToken Secret `json:"authToken"`
	// Platform is one of those whose names begin with "fcm_", or begin with
	// "apns_" and end in "_device" or "_voip".
	Platform PushPlatform `json:"platform"`
	// ProviderID names the FCM or APNS provider of the app. The API does not
	// require it, and does not document which provider is used without it.
	ProviderID string `json:"providerId,omitempty"`
	// PushToken is the token that FCM or APNS has given to the device: at most
	// 4,096 characters.
	PushToken Secret `json:"-"`
	// Timezone is the IANA name of the device's time zone.
	Timezone string `json:"timezone,omitempty"`
}

// LogValue keeps the tokens out of logs.
func (r RegisterPushTokenRequest) LogValue() slog.Value {
	type plain RegisterPushTokenRequest
	r.PushToken, r.AuthToken = Secret(r.PushToken.String()), Secret(r.AuthToken.String())
	return slog.AnyValue(plain(r))
}

func (r *RegisterPushTokenRequest) validate(v *validation) {
	v.required("authToken", string(r.AuthToken))
	v.required("platform", string(r.Platform))
	if r.Platform != "" && new(pushTokenRegistration).token(r.Platform) == nil {
		v.add(ValidationError{Field: "platform", Size: len(r.Platform), Reason: "must begin with fcm_, or with apns_ and end in _device or _voip"})
	}
	v.length("providerId", r.ProviderID, maxID)
	v.id("pushToken", string(r.PushToken), maxPushToken)
}

func (r *RegisterPushTokenRequest) secrets() []string {
	return []string{string(r.PushToken), string(r.AuthToken)}
}

// pushTokenRegistration holds the push token in the member that its platform
// requires.
type pushTokenRegistration struct {
	*RegisterPushTokenRequest
	FCMToken    Secret `json:"fcmToken,omitempty"`
	DeviceToken Secret `json:"deviceToken,omitempty"`
	VoIPToken   Secret `json:"voipToken,omitempty"`
}

func (r *RegisterPushTokenRequest) written() any {
	named := &pushTokenRegistration{RegisterPushTokenRequest: r}
	*named.token(r.Platform) = r.PushToken
	return named
}

// token returns the member for the push tokens of a platform; nil if the platform
// is unknown.
func (r *pushTokenRegistration) token(platform PushPlatform) *Secret {
	name := string(platform)
	switch apns := strings.HasPrefix(name, "apns_"); {
	case strings.HasPrefix(name, "fcm_"):
		return &r.FCMToken
	case apns && strings.HasSuffix(name, "_device"):
		return &r.DeviceToken
	case apns && strings.HasSuffix(name, "_voip"):
		return &r.VoIPToken
	}
	return nil
}

// PushTokenListOptions selects push tokens.
type PushTokenListOptions struct {
	// All lists every device of the user instead of the one that the auth token
	// belongs to.
	All bool
}

// UnregisterPushTokenOptions selects the devices to unregister.
type UnregisterPushTokenOptions struct {
	// All unregisters every device of the user instead of the one that the auth
	// token belongs to.
	All bool
}

// pushTokenQuery names an auth token in the query. go-querystring would print a
// Secret as redacted.
type pushTokenQuery struct {
	AuthToken string `url:"authToken"`
	All       bool   `url:"all,omitempty"`
}

func (q *pushTokenQuery) validate(v *validation) { v.id("authToken", q.AuthToken, maxToken) }

func (q *pushTokenQuery) secrets() []string { return []string{q.AuthToken} }

// pushTokenOwner names an auth token in the body.
type pushTokenOwner struct {
	AuthToken Secret `json:"authToken"`
}

func (o *pushTokenOwner) validate(v *validation) { v.required("authToken", string(o.AuthToken)) }

func (o *pushTokenOwner) secrets() []string { return []string{string(o.AuthToken)} }

type unregisterPushTokensQuery struct {
	All bool `url:"all,omitempty"`
}

// PushTokensService manages the devices that get push notifications. The user
// is named by an auth token, never by a uid.
type PushTokensService service

// Register registers a device. A user can have 100 devices. It fails with
// CodeTokenAlreadyExists (ErrAlreadyExists) if the token is registered already.
//
// POST /notifications/push/v1/tokens
func (s *PushTokensService) Register(ctx context.Context, req *RegisterPushTokenRequest) error {
	return acknowledge(ctx, s.core, registerPushToken.at().body(req))
}

// List returns the device that an auth token belongs to or, with All, all devices
// of its user; the API has no pages for them. opts may be nil. The API requires
// the token in the URL, which servers and proxies often log. It fails with
// ErrUnauthorized if there is no such auth token.
//
// GET /notifications/push/v1/tokens
func (s *PushTokensService) List(ctx context.Context, authToken Secret, opts *PushTokenListOptions) ([]*PushToken, error) {
	if opts == nil {
		opts = &PushTokenListOptions{}
	}
	return doItems[PushToken](ctx, s.core, listPushTokens.at().query(&pushTokenQuery{string(authToken), opts.All}))
}

// Unregister unregisters the device that an auth token belongs to or, with All,
// all devices of its user. opts may be nil. It returns the push tokens in the
// response; it is not documented whether these are the removed or the remaining
// ones. It fails with ErrUnauthorized if there is no such auth token.
//
// DELETE /notifications/push/v1/tokens
func (s *PushTokensService) Unregister(ctx context.Context, authToken Secret, opts *UnregisterPushTokenOptions) ([]*PushToken, error) {
	if opts == nil {
		opts = &UnregisterPushTokenOptions{}
	}
	return doItems[PushToken](ctx, s.core, unregisterPushTokens.at().query(&unregisterPushTokensQuery{opts.All}).body(&pushTokenOwner{authToken}))
}

// Delete unregisters one push token of the user that an auth token belongs to. It
// fails with CodeTokenNotFound (ErrNotFound) if the user has no such token. It
// returns the push tokens in the response, as Unregister does.
//
// DELETE /notifications/push/v1/tokens/{pushToken}
func (s *PushTokensService) Delete(ctx context.Context, authToken, pushToken Secret) ([]*PushToken, error) {
	return doItems[PushToken](ctx, s.core, deletePushToken.at(string(pushToken)).body(&pushTokenOwner{authToken}))
}
