package cometchattest

import (
	"net/http"
	"slices"
	"strings"
)

// The limits on push tokens.
const (
	maxPushTokens = 100 // for each user
	maxPushToken  = 4096
)

// The platforms of devices, by kind of provider.
var pushPlatforms = map[string][]string{
	"fcm": {
		"android", "ios", "web", "flutter_android", "flutter_ios",
		"react_native_android", "react_native_ios", "ionic_cordova_android", "ionic_cordova_ios",
	},
	"apns": {
		"ios_device", "flutter_device", "react_native_device", "ionic_cordova_device",
		"ios_voip", "flutter_voip", "react_native_voip", "ionic_cordova_voip",
	},
}

func pushTokensResource() resource {
	return resource{routes: []route{
		{pattern: "POST /notifications/push/v1/tokens", handle: withBody((*call).bodyLogin, registerPushToken)},
		{pattern: "GET /notifications/push/v1/tokens", handle: listPushTokens},
		{pattern: "DELETE /notifications/push/v1/tokens", handle: with((*call).bodyLogin, unregisterPushTokens)},
		{pattern: "DELETE /notifications/push/v1/tokens/{pushToken}", handle: with((*call).bodyLogin, deletePushToken)},
	}}
}

// owner returns the uid of the user of an auth token.
func (c *call) owner(authToken string) (string, error) {
	for uid, tokens := range c.state.tokens {
		if _, ok := tokens.get(authToken); ok {
			return uid, nil
		}
	}
	return "", newError(http.StatusUnauthorized, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", "There is no such auth token in this app.")
}

// login is an auth token and its user.
type login struct{ uid, authToken string }

// bodyLogin returns the auth token in the body and its user.
func (c *call) bodyLogin() (login, error) {
	f, err := c.fields()
	if err != nil {
		return login{}, err
	}
	f.require("authToken")
	authToken, _ := f.text("authToken", 0)
	if err := f.err(); err != nil {
		return login{}, err
	}
	uid, err := c.owner(authToken)
	return login{uid, authToken}, err
}

func aPlatform(f *fields, name string) (any, bool) {
	platform, _ := f.text(name, 0)
	kind, rest, _ := strings.Cut(platform, "_")
	if !slices.Contains(pushPlatforms[kind], rest) {
		f.fail(name, "There is no platform of this name.")
		return nil, false
	}
	return platform, true
}

// tokenMember returns the name of the member that holds the token of a platform.
func tokenMember(platform string) string {
	switch {
	case strings.HasSuffix(platform, "_voip"):
		return "voipToken"
	case strings.HasSuffix(platform, "_device"):
		return "deviceToken"
	}
	return "fcmToken"
}

func registerPushToken(c *call, by login, f *fields) (any, error) {
	f.require("platform")
	sent := members{"platform": aPlatform, "providerId": aText(maxProviderID), "timezone": aTimezone}.read(f)
	name := tokenMember(sent.text("platform"))
	f.require(name)
	token, _ := f.text(name, maxPushToken)
	if err := f.err(); err != nil {
		return nil, err
	}
	n := c.state.notifications
	if n.tokens.get(token) != nil {
		return nil, newError(http.StatusBadRequest, "ERR_TOKEN_ALREADY_EXISTS", "The push token is registered already.")
	}
	kind := "chat"
	if name == "voipToken" {
		kind = "call"
	}
	at := c.now.UTC().Format("2006-01-02T15:04:05.000Z")
	n.tokens.set(token, document{
		"pushToken": token, "platform": sent["platform"], "providerId": sent.text("providerId"), "pushTokenType": kind,
		"authToken": by.authToken, "uid": by.uid, "createdAt": at, "updatedAt": at,
	})
	n.devices[by.uid] = append(n.devices[by.uid], token)
	if devices := n.devices[by.uid]; len(devices) > maxPushTokens {
		n.removeTokens(by.uid, devices[:1])
	}
	if zone := sent.text("timezone"); zone != "" {
		n.timezones.set(by.uid, document{"timezone": zone})
	}
	return done()
}

// tokensOf returns the push tokens of a user: all of them, or only those
// registered with the user's auth token.
func (n *notificationState) tokensOf(owner login, all bool) []string {
	var list []string
	for _, token := range n.devices[owner.uid] {
		if all || n.tokens.get(token).text("authToken") == owner.authToken {
			list = append(list, token)
		}
	}
	return list
}

// removeTokens removes push tokens and returns them.
func (n *notificationState) removeTokens(uid string, tokens []string) document {
	removed := n.view(tokens)
	tokens = slices.Clone(tokens)
	for _, token := range tokens {
		n.tokens.delete(token)
	}
	n.devices[uid] = slices.DeleteFunc(n.devices[uid], func(t string) bool { return slices.Contains(tokens, t) })
	return removed
}

func (n *notificationState) view(tokens []string) document {
	list := []document{}
	for _, token := range tokens {
		list = append(list, n.tokens.get(token))
	}
	return document{"pushTokens": list}
}

func listPushTokens(c *call) (any, error) {
	token := c.query.Get("authToken")
	if token == "" {
		return nil, errBadField("authToken", "The parameter authToken is required.")
	}
	uid, err := c.owner(token)
	if err != nil {
		return nil, err
	}
	n := c.state.notifications
	return n.view(n.tokensOf(login{uid, token}, c.queryBool("all"))), nil
}

// unregisterPushTokens returns the removed tokens.
func unregisterPushTokens(c *call, by login) (any, error) {
	n := c.state.notifications
	return n.removeTokens(by.uid, n.tokensOf(by, c.queryBool("all"))), nil
}

func deletePushToken(c *call, by login) (any, error) {
	n, token := c.state.notifications, c.param("pushToken")
	if !slices.Contains(n.devices[by.uid], token) {
		return nil, newError(http.StatusNotFound, "ERR_TOKEN_NOT_FOUND", "The user %s has no such push token.", by.uid)
	}
	return n.removeTokens(by.uid, []string{token}), nil
}
