package cometchattest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The possible values of preferences.
var (
	aMessageChoice = aChoice(3)
	anEventChoice  = aChoice(2)
	aClock         = aNumber(0, 2359, func(n int) bool { return n%100 < 60 })
)

var (
	messageKinds = []string{"messages", "replies", "quotedReplies", "reactions"}
	memberEvents = []string{"memberLeft", "memberAdded", "memberJoined", "memberKicked", "memberBanned", "memberUnbanned", "memberScopeChanged"}
	callEvents   = []string{"initiated", "ongoing", "cancelled", "busy", "rejected", "unanswered", "ended"}
	weekdays     = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
)

// each returns names with a suffix appended.
func each(names []string, suffix string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = name + suffix
	}
	return list
}

var aSchedule = anObject(all(aWhole(members{"from": aClock, "to": aClock, "dnd": aTruth}), weekdays...))

// settingsMembers are the settings of the app that can be changed.
var settingsMembers = func() members {
	kinds := all(aMessageChoice, each(messageKinds, "Setting")...).with(all(aTruth, each(messageKinds, "Override")...)).
		with(all(anEventChoice, "messageEditedSetting", "messageDeletedSetting"))
	contents := all(aTruth, "includeMessageObjectSetting", "includeSenderMetadataSetting", "includeReceiverMetadataSetting", "includeMessageMetadataSetting")
	digest := contents.with(all(aNumber(0, 1<<31-1, nil), "intervalInSeconds", "maxPerDay", "maxPerDayPerConversation")).with(all(aTruth, "notifyForUnreadOnly"))
	templates := members{"usePrivacyTemplate": aChoice(3)}
	text := aWhole(all(aText(0), "titleOneOnOne", "titleGroup", "body", "bodyOneOnOne", "bodyGroup",
		"body_fallback", "body_image", "body_audio", "body_video", "body_file", "subjectOneOnOne", "subjectGroup"))
	for _, kind := range templateKinds {
		templates[kind+"TemplateDefault"], templates[kind+"TemplatePrivacy"] = text, text
	}
	return members{
		"preferences": anObject(members{
			"group":    anObject(kinds.with(all(anEventChoice, each(memberEvents, "Setting")...)).with(all(aTruth, each(memberEvents, "Override")...))),
			"oneOnOne": anObject(kinds),
			"call":     anObject(all(anEventChoice, each(callEvents, "Setting")...)),
			"mute": anObject(all(aTruth, "dndPreferenceOverride", "schedulePreferenceOverride", "mutedGroupsOverride", "mutedOneOnOnesOverride").
				with(members{"schedulePreferenceSetting": aSchedule})),
			"email": anObject(digest),
			"sms":   anObject(digest),
			"push":  anObject(contents.with(members{"trimTextFieldSetting": aTruth, "customJson": aJSON})),

			"bypassPreferencesForMentions": aTruth, "bypassPreferencesForGroupMentions": aTruth,
		}),
		"sound":     anObject(all(aText(0), "chat", "call")),
		"templates": anObject(templates),
	}
}()

var templateKinds = []string{
	"textMessage", "mediaMessage", "customMessage", "pollMessage", "reminderMessage",
	"interactiveForm", "interactiveCard", "interactiveScheduler", "interactiveCustom",
	"userMention", "groupMention", "emailSubject", "smsContent",
}

// defaultSettings are the settings of a new app.
var defaultSettings = func() document {
	set := func(value any, names ...string) document {
		d := document{}
		for _, name := range names {
			d[name] = value
		}
		return d
	}
	kinds := set(2, each(messageKinds, "Setting")...).merged(set(true, each(messageKinds, "Override")...)).
		merged(set(2, "messageEditedSetting", "messageDeletedSetting"))
	schedule := document{}
	for _, day := range weekdays {
		schedule[day] = map[string]any{"from": 0, "to": 2359, "dnd": false}
	}
	digest := document{"notifyForUnreadOnly": true, "intervalInSeconds": 7200, "maxPerDay": 20, "maxPerDayPerConversation": 2}
	const sender = "{{message.data.entities.sender.entity.name}}"
	const both = sender + " in {{message.data.entities.receiver.entity.name}}"
	templates := document{"usePrivacyTemplate": 3}
	for _, kind := range templateKinds {
		for variant, body := range map[string]string{"Default": "{{message.data.text}}", "Privacy": "Something new"} {
			text := map[string]any{"titleOneOnOne": sender, "titleGroup": both, "body": body}
			switch kind {
			case "emailSubject":
				text = map[string]any{"subjectOneOnOne": sender, "subjectGroup": both}
			case "smsContent":
				text = map[string]any{"bodyOneOnOne": sender, "bodyGroup": both}
			}
			templates[kind+"Template"+variant] = text
		}
	}
	return document{
		"preferences": document{
			"group":    kinds.merged(set(1, each(memberEvents, "Setting")...)).merged(set(true, each(memberEvents, "Override")...)),
			"oneOnOne": kinds,
			"call":     set(1, each(callEvents, "Setting")...).merged(set(false, each(callEvents, "Override")...)),
			"mute": set(true, "dndPreferenceOverride", "schedulePreferenceOverride", "mutedGroupsOverride", "mutedOneOnOnesOverride").
				merged(document{"dndPreferenceSetting": 1, "schedulePreferenceSetting": schedule}),
			"email": digest,
			"sms":   digest,
			"push": set(true, "includeSenderMetadataSetting", "includeReceiverMetadataSetting", "includeMessageMetadataSetting").
				merged(set(false, "includeMessageObjectSetting", "trimTextFieldSetting")),

			"bypassPreferencesForMentions": false,
		},
		"sound":     document{"chat": "default", "call": "default"},
		"templates": templates,
	}
}()

// notificationState holds the data of the emulated app about notifications.
type notificationState struct {
	settings    *documents // one, by ""
	preferences *documents // by uid, with the names used in settings
	mutes       *documents // by uid: the end in milliseconds by type and id
	timezones   *documents // by uid
	contacts    *documents // by uid
	providers   *documents `snapshot:",secret"` // providers of which an app has a single one, by path
	fcm, apns   *documents `snapshot:",secret"` // by providerId
	defaults    map[string]string
	tokens      *documents          `snapshot:",secret"` // by push token
	devices     map[string][]string `snapshot:",secret"` // push tokens by uid, oldest first
	logs        []*notificationLog  // oldest first
}

func newNotificationState() *notificationState {
	return &notificationState{
		settings: newDocuments(), preferences: newDocuments(), mutes: newDocuments(), timezones: newDocuments(),
		contacts: newDocuments(), providers: newDocuments(), fcm: newDocuments(), apns: newDocuments(),
		defaults: map[string]string{}, tokens: newDocuments(), devices: map[string][]string{},
	}
}

// removeUser removes all data about a user.
func (n *notificationState) removeUser(uid string) {
	for _, d := range []*documents{n.preferences, n.mutes, n.timezones, n.contacts} {
		d.delete(uid)
	}
	for _, token := range n.devices[uid] {
		n.tokens.delete(token)
	}
	delete(n.devices, uid)
}

func notificationPreferencesResource() resource {
	settings := documentKind{
		store:   func(st *state) *documents { return st.notifications.settings },
		key:     func(*call, document) (string, error) { return "", nil },
		members: settingsMembers,
		view:    func(_ *call, _ string, d document) any { return defaultSettings.merged(d) },
	}
	preferences := documentKind{
		store: func(st *state) *documents { return st.notifications.preferences }, key: uidKey,
		members: preferencesMembers, view: viewPreferences,
	}
	timezone := documentKind{
		store: func(st *state) *documents { return st.notifications.timezones }, key: uidKey,
		members: members{"timezone": aTimezone},
		view: func(_ *call, _ string, d document) any {
			return document{"timezone": cmp.Or(d.text("timezone"), "UTC")}
		},
	}
	contacts := documentKind{
		store: func(st *state) *documents { return st.notifications.contacts }, key: actingUID,
		members: members{"email": anAddress, "phno": aPhoneNumber},
		view: func(_ *call, _ string, d document) any {
			return document{}.merged(d)
		},
	}
	return resource{
		routes: []route{
			{pattern: "GET /notifications/v1/settings", handle: settings.get},
			{pattern: "PATCH /notifications/v1/settings", handle: silently(settings.change)},
			{pattern: "DELETE /notifications/v1/settings", handle: settings.remove},
			{pattern: "GET /notifications/v1/preferences", handle: preferences.get},
			{pattern: "PATCH /notifications/v1/preferences", handle: changePreferences(preferences)},
			{pattern: "DELETE /notifications/v1/preferences", handle: with((*call).queryUID, resetPreferences)},
			{pattern: "GET /notifications/v1/preferences/mute", handle: with((*call).queryUID, listMutes)},
			{pattern: "PUT /notifications/v1/preferences/mute", handle: withBody((*call).queryUID, mute)},
			{pattern: "DELETE /notifications/v1/preferences/mute", handle: withBody((*call).queryUID, unmute)},
			{pattern: "GET /notifications/v1/preferences/timezone", handle: timezone.get},
			{pattern: "PATCH /notifications/v1/preferences/timezone", handle: timezone.change},
			{pattern: "GET /notifications/v1/contact-details", handle: contacts.get},
			{pattern: "PATCH /notifications/v1/contact-details", handle: contacts.change},
			{pattern: "DELETE /notifications/v1/contact-details", handle: contacts.remove},
		},
		userRemoved: func(st *state, uid string) { st.notifications.removeUser(uid) },
	}
}

// queryUID returns the uid of the active user named by the query.
func (c *call) queryUID() (string, error) {
	uid := strings.ToLower(c.query.Get("uid"))
	if uid == "" {
		return "", errBadField("uid", "The parameter uid is required.")
	}
	_, err := c.user(uid)
	return uid, err
}

func uidKey(c *call, _ document) (string, error) { return c.queryUID() }

// actingUID returns the uid of the acting user.
func actingUID(c *call, _ document) (string, error) {
	if c.actor == nil {
		return "", errBadField("onBehalfOf", "The header onBehalfOf is required.")
	}
	return c.actor.uid, nil
}

func aTimezone(f *fields, name string) (any, bool) {
	zone, ok := f.text(name, 0)
	if _, err := time.LoadLocation(zone); !ok || err != nil {
		f.fail(name, "The field %s must be the name of a time zone.", name)
		return nil, false
	}
	return zone, true
}

func anAddress(f *fields, name string) (any, bool) {
	address, ok := f.text(name, 0)
	if ok && !strings.Contains(address, "@") {
		f.fail(name, "The field %s must be an e-mail address.", name)
		return nil, false
	}
	return address, true
}

func aPhoneNumber(f *fields, name string) (any, bool) {
	number, ok := f.text(name, 0)
	if ok && (number[0] != '+' || len(number) < 4) {
		f.fail(name, "The field %s must be a phone number with its country code.", name)
		return nil, false
	}
	return number, true
}

// Requests and responses use different names for the preferences of a user.
var (
	groupNames    = settingNames("group", append(slices.Clone(messageKinds), memberEvents...))
	oneOnOneNames = settingNames("oneOnOne", messageKinds)
	muteNames     = map[string]string{"dnd": "dndPreferenceSetting", "schedule": "schedulePreferenceSetting"}
)

// settingNames maps names such as groupMessages to messagesSetting.
func settingNames(prefix string, kinds []string) map[string]string {
	names := map[string]string{}
	for _, kind := range kinds {
		names[prefix+strings.ToUpper(kind[:1])+kind[1:]] = kind + "Setting"
	}
	return names
}

var preferencesMembers = func() members {
	pick := func(kinds []string, names map[string]string, kind memberKind) members {
		m := members{}
		for sent, setting := range names {
			if slices.Contains(each(kinds, "Setting"), setting) {
				m[sent] = kind
			}
		}
		return m
	}
	return members{
		"groupPreferences":    anObject(pick(messageKinds, groupNames, aMessageChoice).with(pick(memberEvents, groupNames, anEventChoice))),
		"oneOnOnePreferences": anObject(pick(messageKinds, oneOnOneNames, aMessageChoice)),
		"mutePreferences":     anObject(members{"dnd": anEventChoice, "schedule": aSchedule}),
		"usePrivacyTemplate":  aTruth,
	}
}()

// renamed returns d with its members renamed. It omits members without a new
// name.
func (d document) renamed(names map[string]string) document {
	out := document{}
	for from, to := range names {
		if value, ok := d[from]; ok {
			out[to] = value
		}
	}
	return out
}

func inverted(names map[string]string) map[string]string {
	out := map[string]string{}
	for from, to := range names {
		out[to] = from
	}
	return out
}

// changePreferences stores a change under the names used in responses.
func changePreferences(k documentKind) func(*call) (any, error) {
	return func(c *call) (any, error) {
		uid, err := k.key(c, nil)
		if err != nil {
			return nil, err
		}
		sent, err := k.read(c)
		if err != nil {
			return nil, err
		}
		change := document{
			"group":    sent.at("groupPreferences").renamed(groupNames),
			"oneOnOne": sent.at("oneOnOnePreferences").renamed(oneOnOneNames),
			"mute":     sent.at("mutePreferences").renamed(muteNames),
		}
		if private, ok := sent["usePrivacyTemplate"]; ok {
			change["usePrivacyTemplate"] = private
		}
		changed := k.store(c.state).get(uid).merged(change)
		k.store(c.state).set(uid, changed)
		return k.view(c, uid, changed), nil
	}
}

// preferencesOf returns the effective preferences of a user: the user's own
// preferences where the app's settings allow overrides, and the app's settings
// otherwise.
func (st *state) preferencesOf(uid string) document {
	app := defaultSettings.merged(st.notifications.settings.get("")).at("preferences")
	own := st.notifications.preferences.get(uid)
	out := document{}
	for _, part := range []string{"group", "oneOnOne", "mute"} {
		section := app.at(part).without("messageEditedSetting", "messageDeletedSetting")
		for name, value := range own.at(part) {
			if section[strings.TrimSuffix(name, "Setting")+"Override"] == true {
				section = section.merged(document{name: value})
			}
		}
		out[part] = section
	}
	return out
}

func viewPreferences(c *call, uid string, _ document) any {
	app := defaultSettings.merged(c.state.notifications.settings.get(""))
	return document{
		"preferences": c.state.preferencesOf(uid),
		"sound":       app["sound"],
		"templates": app.at("templates").without("emailSubjectTemplateDefault", "emailSubjectTemplatePrivacy",
			"smsContentTemplateDefault", "smsContentTemplatePrivacy"),
	}
}

// resetPreferences returns the members under the names used in requests.
func resetPreferences(c *call, uid string) (any, error) {
	c.state.notifications.preferences.delete(uid)
	now := c.state.preferencesOf(uid)
	templates := defaultSettings.merged(c.state.notifications.settings.get("")).at("templates")
	return document{
		"groupPreferences":    now.at("group").renamed(inverted(groupNames)),
		"oneOnOnePreferences": now.at("oneOnOne").renamed(inverted(oneOnOneNames)),
		"mutePreferences":     now.at("mute").renamed(inverted(muteNames)),
		"usePrivacyTemplate":  templates["usePrivacyTemplate"] != 1,
	}, nil
}

// mutedConversation is a muted conversation in requests and responses.
type mutedConversation struct {
	ID    string `json:"id"`
	Type  string `json:"type"`
	Until int64  `json:"until"`
}

func (m mutedConversation) key() string { return m.Type + " " + m.ID }

func listMutes(c *call, uid string) (any, error) {
	list := []mutedConversation{}
	for key, until := range c.state.notifications.mutes.get(uid) {
		kind, id, _ := strings.Cut(key, " ")
		if until := until.(int64); until > c.now.UnixMilli() {
			list = append(list, mutedConversation{id, kind, until})
		}
	}
	slices.SortFunc(list, func(a, b mutedConversation) int { return strings.Compare(a.key(), b.key()) })
	return document{"mutedConversations": list}, nil
}

// readMutes reads the list of conversations in the body.
func (c *call) readMutes(f *fields, needsTime bool) (list []mutedConversation, err error) {
	f.require("conversations")
	if err := f.err(); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(f.members["conversations"], &list); err != nil || len(list) == 0 {
		f.fail("conversations", "The field conversations must be a list of conversations.")
	}
	for i, m := range list {
		name := fmt.Sprintf("conversations.%d", i)
		if list[i].ID = strings.ToLower(m.ID); m.ID == "" {
			f.fail(name+".id", "A conversation needs an id.")
		}
		if m.Type != "oneOnOne" && m.Type != "group" {
			f.fail(name+".type", "The type of a conversation must be oneOnOne or group.")
		}
		if needsTime && m.Until <= c.now.UnixMilli() {
			f.fail(name+".until", "A conversation must be muted until a time in the future, in milliseconds.")
		}
	}
	return list, f.err()
}

func mute(c *call, uid string, f *fields) (any, error) {
	list, err := c.readMutes(f, true)
	if err != nil {
		return nil, err
	}
	muted := c.state.notifications.mutes.get(uid)
	for _, m := range list {
		muted = muted.merged(document{m.key(): m.Until})
	}
	c.state.notifications.mutes.set(uid, muted)
	return done()
}

func unmute(c *call, uid string, f *fields) (any, error) {
	list, err := c.readMutes(f, false)
	if err != nil {
		return nil, err
	}
	if muted := c.state.notifications.mutes.get(uid); muted != nil {
		for _, m := range list {
			muted = muted.without(m.key())
		}
		c.state.notifications.mutes.set(uid, muted)
	}
	return done()
}
