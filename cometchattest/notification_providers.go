package cometchattest

import (
	"net/http"
	"strings"
)

// maxProviderID is the maximum length of the id of a provider in characters.
const maxProviderID = 100

func notificationProvidersResource() resource {
	webhook := all(aTruth, "isEnabled", "useBasicAuth").with(all(aText(0), "webhookURL", "basicAuthUsername", "basicAuthPassword"))
	webhookNeeds := []string{"isEnabled", "webhookURL", "useBasicAuth", "basicAuthUsername", "basicAuthPassword"}
	var routes []route
	for _, p := range []struct {
		path     string
		members  members
		required []string
		view     func(document) any
	}{
		{"/notifications/push/v1/providers/custom", webhook, webhookNeeds, viewPushProviders},
		{"/notifications/email/v1/providers/custom", webhook.with(all(aTruth, "useStoredEmailID")), append(webhookNeeds, "useStoredEmailID"), viewProvider},
		{"/notifications/sms/v1/providers/custom", webhook.with(all(aTruth, "useStoredPhNo")), append(webhookNeeds, "useStoredPhNo"), viewProvider},
		{
			"/notifications/email/v1/providers/sendgrid",
			all(aText(0), "sendGridApiKey", "sendGridTemplateID", "sendGridUnsubscribeGroupID", "senderName", "senderEmail", "senderEmailForReplies").
				with(all(aTruth, "allowEmailReplies", "isEnabled")),
			[]string{"sendGridApiKey", "sendGridTemplateID", "sendGridUnsubscribeGroupID", "senderName", "senderEmail", "allowEmailReplies"},
			viewSendGrid,
		},
		{
			"/notifications/sms/v1/providers/twilio",
			all(aText(0), "twilioAccountSID", "twilioAuthToken", "twilioSenderPhoneNumber").with(all(aTruth, "isEnabled")),
			[]string{"twilioAccountSID", "twilioAuthToken", "twilioSenderPhoneNumber"},
			func(d document) any { return viewProvider(d.without("isEnabled")) },
		},
	} {
		kind := documentKind{
			store:   func(st *state) *documents { return st.notifications.providers },
			key:     func(*call, document) (string, error) { return p.path, nil },
			members: p.members, required: p.required, missing: errProviderNotFound, taken: errProviderExists,
			view: func(_ *call, _ string, d document) any { return p.view(d) },
		}
		routes = append(routes,
			route{pattern: "GET " + p.path, handle: kind.get}, route{pattern: "POST " + p.path, handle: kind.create},
			route{pattern: "PUT " + p.path, handle: kind.change}, route{pattern: "DELETE " + p.path, handle: kind.remove})
	}
	fcm := documentKind{
		store: func(st *state) *documents { return st.notifications.fcm },
		members: all(aText(maxProviderID), "providerId").with(all(aText(0), "serviceAccountFilename")).with(members{
			"serviceAccountCreds":   anObject(all(aText(0), "project_id", "client_email", "private_key", "private_key_id")),
			"notificationInPayload": anObject(all(anObject(all(aTruth, "chat", "call")), "ios", "android", "web")),
		}),
		view: func(*call, string, document) any { return acknowledgement{Success: true} },
	}
	apns := documentKind{
		store: func(st *state) *documents { return st.notifications.apns },
		members: all(aText(maxProviderID), "providerId").with(all(aText(0), "keyId", "teamId", "bundleId", "p8KeyFilename", "p8Key")).
			with(all(aTruth, "includeContentAvailable", "includeMutableContent", "productionMode")),
		view: func(c *call, _ string, _ document) any {
			return document{"pushProviders": c.state.notifications.apns.list()}
		},
	}
	routes = append(routes, pushProviderRoutes("fcm", fcm)...)
	routes = append(routes, pushProviderRoutes("apns", apns)...)
	return resource{routes: routes}
}

func errProviderNotFound(string) *apiError {
	return newError(http.StatusNotFound, "ERR_PROVIDER_NOT_FOUND", "There is no such provider of notifications.")
}

func errProviderExists(string) *apiError {
	return newError(http.StatusBadRequest, "ERR_PROVIDER_ALREADY_EXISTS", "There is such a provider of notifications already.")
}

// pushProviderRoutes returns the operations on providers of which an app can have
// several.
func pushProviderRoutes(name string, k documentKind) []route {
	k.required, k.missing, k.taken = []string{"providerId"}, errProviderNotFound, errProviderExists
	k.key = func(c *call, sent document) (string, error) {
		id := sent.text("providerId")
		if sent == nil {
			id = c.param("providerId")
		}
		if id == "" {
			return "", errBadField("providerId", "The field providerId is required.")
		}
		return id, nil
	}
	path := "/notifications/push/v1/providers/" + name
	return []route{
		{pattern: "GET " + path, handle: func(c *call) (any, error) {
			return document{"pushProviders": k.store(c.state).list()}, nil
		}},
		{pattern: "POST " + path, handle: k.create},
		{pattern: "PUT " + path, handle: silently(k.change)},
		{pattern: "DELETE " + path + "/{providerId}", handle: k.remove},
		{pattern: "PUT " + path + "/default/{providerId}", handle: func(c *call) (any, error) {
			id := c.param("providerId")
			if k.store(c.state).get(id) == nil {
				return nil, errProviderNotFound(id)
			}
			c.state.notifications.defaults[name] = id
			return done()
		}},
	}
}

// viewProvider returns a provider as sent; without a provider, it is an empty
// object.
func viewProvider(d document) any { return document{}.merged(d) }

func viewPushProviders(d document) any {
	list := []document{}
	if d != nil {
		list = append(list, d)
	}
	return document{"pushProviders": list}
}

// viewSendGrid adds the webhook for replies, whose URL contains a token.
func viewSendGrid(d document) any {
	if d["allowEmailReplies"] == true {
		d = d.merged(document{"repliesWebhook": "https://notifications.cometchat.test/email/v1/sendgrid/replies?token=" + strings.ToLower(d.text("sendGridTemplateID")) + "-replies"})
	}
	return viewProvider(d.without("isEnabled"))
}
