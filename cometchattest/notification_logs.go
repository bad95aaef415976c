package cometchattest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// logsPerPage is the number of logs on a page.
const logsPerPage = 20

// NotificationLog is a log to add to the app with [Server.AddNotificationLogs].
type NotificationLog struct {
	// Channel is "push", "email" or "sms"; if empty, it is "push".
	Channel string
	// Provider is "fcm", "apns", "sendgrid", "twilio" or "custom"; if empty, it
	// is "fcm".
	Provider string
	// Trigger is the event the notification is about; if empty, it is
	// "after_message".
	Trigger string
	// MessageID and ReactionID are the ids of the message and the reaction.
	MessageID, ReactionID int64
	// MessageCategory and MessageType are the category and the type of the
	// message, for filters; if empty, they are "message" and "text".
	MessageCategory, MessageType string
	// Sender is the uid of the message's sender. Receiver is a uid, or a guid if
	// ReceiverType is "group"; an empty ReceiverType is "user". Member is the uid
	// of the notified member of a group.
	Sender, Receiver, ReceiverType, Member string
	// ReactionSender is the uid of the user who reacted, ReactionReceiver that of
	// the notified user.
	ReactionSender, ReactionReceiver string
	// TokenType is the platform of the device with the PushToken, which is
	// registered for the provider with the ProviderID.
	TokenType, PushToken, ProviderID string
	// Reason is why the notification was not sent; empty if it was.
	Reason string
	// Failed reports whether the provider rejected the notification.
	Failed bool
	// SentAt is when the message was sent; the zero value is the current time of
	// the server's clock.
	SentAt time.Time
}

// notificationLog is a log, as stored and as sent.
type notificationLog struct {
	ID               string          `json:"_id"`
	StartedAt        int64           `json:"processingStartedAtMS"`
	EndedAt          int64           `json:"processingEndedAtMS"`
	Took             int64           `json:"totalProcessingTimeInMS"`
	Component        string          `json:"component"`
	Channel          string          `json:"channel"`
	Provider         string          `json:"provider"`
	MessageID        int64           `json:"messageId,omitempty"`
	ReactionID       int64           `json:"reactionId,omitempty"`
	Trigger          string          `json:"trigger"`
	MessageSentAt    int64           `json:"messageSentAtMS"`
	Sender           string          `json:"sender,omitempty"`
	ReactionSender   string          `json:"reactionSender,omitempty"`
	Receiver         string          `json:"receiver,omitempty"`
	ReactionReceiver string          `json:"reactionReceiver,omitempty"`
	ReceiverType     string          `json:"receiverType,omitempty"`
	Member           string          `json:"member,omitempty"`
	TokenType        string          `json:"tokenType,omitempty"`
	PushToken        string          `json:"pushToken,omitempty"`
	ProviderID       string          `json:"providerId,omitempty"`
	Payload          json.RawMessage `json:"payload,omitempty"`
	Triggered        bool            `json:"notificationTriggered"`
	Success          *bool           `json:"success,omitempty"`
	Reason           string          `json:"reason,omitempty"`

	messageCategory, messageType string
}

// AddNotificationLogs adds notification logs to the app, oldest first, and
// returns their ids. Messages and reactions that are sent add logs by themselves,
// for users who can be notified by a device or an enabled provider.
func (s *Server) AddNotificationLogs(logs ...NotificationLog) []string {
	logs = slices.Clone(logs)
	ids := make([]string, len(logs))
	s.seed(func(c *call) {
		for i, in := range logs {
			ids[i] = c.seedLog(in)
		}
	})
	return slices.Clone(ids)
}

func (c *call) seedLog(in NotificationLog) (id string) {
	sentAt := in.SentAt
	if sentAt.IsZero() {
		sentAt = c.now
	}
	l := &notificationLog{
		Channel: cmp.Or(in.Channel, "push"), Provider: cmp.Or(in.Provider, "fcm"), ProviderID: in.ProviderID,
		Trigger: cmp.Or(in.Trigger, "after_message"), MessageID: in.MessageID, ReactionID: in.ReactionID,
		MessageSentAt: sentAt.UnixMilli(), messageCategory: cmp.Or(in.MessageCategory, categoryMessage), messageType: cmp.Or(in.MessageType, "text"),
		Sender: in.Sender, Receiver: in.Receiver, ReceiverType: cmp.Or(in.ReceiverType, typeUser), Member: in.Member,
		ReactionSender: in.ReactionSender, ReactionReceiver: in.ReactionReceiver, TokenType: in.TokenType, PushToken: in.PushToken,
		Reason: in.Reason,
	}
	c.log(l)
	if in.Failed && l.Success != nil {
		*l.Success = false
	}
	return l.ID
}

// log stores a log. The notification is triggered if it has no Reason.
func (c *call) log(l *notificationLog) {
	n := c.state.notifications
	l.ID = fmt.Sprintf("%08x%016x", uint32(c.unix()), len(n.logs)+1)
	l.Component = "notifications-core"
	l.StartedAt, l.Took = c.now.UnixMilli(), 8
	l.EndedAt = l.StartedAt + l.Took
	if l.Triggered = l.Reason == ""; l.Triggered {
		success := true
		l.Success = &success
	}
	n.logs = append(n.logs, l)
}

func notificationLogsResource() resource {
	return resource{routes: []route{{pattern: "GET /notifications/v1/logs", handle: listNotificationLogs}}}
}

// logStep is the cursor of another page. The API names it by the id of a message,
// although the request takes the id of a log.
type logStep struct {
	Affix     string `json:"affix"`
	MessageID int64  `json:"messageId"`
}

type logMeta struct {
	Previous *logStep      `json:"previous,omitempty"`
	Current  cursorCurrent `json:"current"`
	Next     *logStep      `json:"next,omitempty"`
}

// listNotificationLogs returns the page of logs after a log, or with
// affix=prepend the page before it.
func listNotificationLogs(c *call) (any, error) {
	f := newFields(nil)
	keep := c.logFilter(f)
	affix, logID := c.query.Get("affix"), c.query.Get("logId")
	if affix != "" && affix != "append" && affix != "prepend" {
		f.fail("affix", "The parameter affix must be append or prepend.")
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	var list []*notificationLog
	for _, l := range c.state.notifications.logs {
		beside := logID == "" || affix == "prepend" && l.ID < logID || affix != "prepend" && l.ID > logID
		if beside && (keep == nil || keep(l)) {
			list = append(list, l)
		}
	}
	if len(list) > logsPerPage && affix == "prepend" {
		list = list[len(list)-logsPerPage:]
	}
	list = list[:min(len(list), logsPerPage)]
	meta := logMeta{Current: cursorCurrent{Limit: logsPerPage, Count: len(list)}}
	if len(list) == 0 {
		return listResponse{Data: []*notificationLog{}, Meta: meta}, nil
	}
	meta.Previous, meta.Next = &logStep{"prepend", list[0].MessageID}, &logStep{"append", list[len(list)-1].MessageID}
	return listResponse{Data: list, Meta: meta}, nil
}

// logFilter returns the test of the filter parameters, or nil if it would keep
// all logs.
func (c *call) logFilter(f *fields) func(*notificationLog) bool {
	l := newFilters[*notificationLog](c, f)
	natural := func(n int64) bool { return n >= 0 }
	l.number("messageId", natural, func(row *notificationLog, n int64) bool { return row.MessageID == n })
	l.number("reactionId", natural, func(row *notificationLog, n int64) bool { return row.ReactionID == n })
	l.number("from", natural, func(row *notificationLog, n int64) bool { return row.MessageSentAt >= n })
	l.number("to", natural, func(row *notificationLog, n int64) bool { return row.MessageSentAt <= n })
	l.word("messageCategory", func(row *notificationLog) string { return row.messageCategory })
	l.word("messageType", func(row *notificationLog) string { return row.messageType })
	l.word("trigger", func(row *notificationLog) string { return row.Trigger })
	l.word("sender", func(row *notificationLog) string { return row.Sender })
	l.word("reactionSender", func(row *notificationLog) string { return row.ReactionSender })
	l.word("receiver", func(row *notificationLog) string { return row.Receiver })
	l.word("receiverType", func(row *notificationLog) string { return row.ReceiverType })
	l.word("reactionReceiver", func(row *notificationLog) string { return row.ReactionReceiver })
	l.word("member", func(row *notificationLog) string { return row.Member })
	l.word("channel", func(row *notificationLog) string { return row.Channel })
	l.word("provider", func(row *notificationLog) string { return row.Provider })
	l.word("reason", func(row *notificationLog) string { return row.Reason })
	l.truth("notificationTriggered", func(row *notificationLog) bool { return row.Triggered })
	l.truth("success", func(row *notificationLog) bool { return row.Success != nil && *row.Success })
	return l.keep()
}

// notice is an event that users may be notified of.
type notice struct {
	log     notificationLog // the values that all logs of it share
	message *message
	kind    string // of the preference that applies
	reason  string // used if the preference forbids it
	body    string
}

// notifyOfMessage adds logs of the notifications about a message.
func (c *call) notifyOfMessage(m *message) {
	n := notice{message: m, kind: "messages", reason: "MESSAGES_PREFERENCE", body: m.text}
	switch {
	case m.parent != nil:
		n.kind, n.reason = "replies", "REPLIES_PREFERENCE"
	case m.quoted != nil:
		n.kind, n.reason = "quotedReplies", "QUOTED_REPLIES_PREFERENCE"
	}
	n.log.Trigger = "after_message"
	c.notify(n, m.sender)
}

// notifyOfReaction adds logs of the notifications about a reaction.
func (c *call) notifyOfReaction(m *message, r *reaction) {
	n := notice{message: m, kind: "reactions", reason: "REACTIONS_PREFERENCE", body: r.value}
	n.log.Trigger, n.log.ReactionID, n.log.ReactionSender = "message_reaction_added", r.id, r.uid
	c.notify(n, r.uid)
}

// notify adds logs for the users in a conversation who can be notified, except
// the user who acted.
func (c *call) notify(n notice, by string) {
	st, m := c.state, n.message
	if len(st.notifications.devices) == 0 && len(st.notifications.providers.keys) == 0 {
		return
	}
	n.log.MessageID, n.log.MessageSentAt = m.id, m.sentAt*1000
	n.log.Sender, n.log.Receiver, n.log.ReceiverType = m.sender, m.receiver, m.receiverType
	n.log.messageCategory, n.log.messageType = m.category, m.kind
	uids := []string{m.sender, m.receiver}
	if m.receiverType == typeGroup {
		uids = nil
		if g, ok := st.groups.get(m.receiver); ok {
			for _, e := range g.members.entries {
				uids = append(uids, e.id)
			}
		}
	}
	for _, uid := range uids {
		if u, ok := st.users.get(uid); ok && uid != by && u.deactivatedAt == 0 && !st.hasBlockedUser(uid, by) {
			c.notifyUser(n, uid)
		}
	}
}

// notifyUser adds a log for each device and each enabled provider.
func (c *call) notifyUser(n notice, uid string) {
	st := c.state.notifications
	l := n.log
	if l.ReceiverType == typeGroup {
		l.Member = uid
	}
	if l.ReactionID != 0 {
		l.ReactionReceiver = uid
	}
	forbidden := c.forbids(n, uid)
	write := func(l notificationLog, reason string) {
		l.Reason = cmp.Or(forbidden, reason)
		if l.Payload = nil; l.Reason == "" {
			l.Payload = encode(map[string]any{"payload": map[string]any{
				"title": cmp.Or(l.ReactionSender, l.Sender), "body": n.body, "sender": l.Sender, "receiver": l.Receiver,
				"receiverType": l.ReceiverType, "type": "chat", "sessionId": nil, "sentAt": strconv.FormatInt(l.MessageSentAt/1000, 10),
			}})
		}
		c.log(&l)
	}
	for _, token := range st.devices[uid] {
		device, l := st.tokens.get(token), l
		if device.text("pushTokenType") == "call" {
			continue
		}
		l.Channel, l.PushToken, l.TokenType, l.ProviderID = "push", token, device.text("platform"), device.text("providerId")
		providers := st.fcm
		if l.Provider, _, _ = strings.Cut(l.TokenType, "_"); l.Provider == "apns" {
			providers = st.apns
		}
		reason := ""
		if providers.get(l.ProviderID) == nil {
			if l.ProviderID = st.defaults[l.Provider]; providers.get(l.ProviderID) == nil {
				l.ProviderID, reason = device.text("providerId"), "INVALID_PUSH_PROVIDER_ID"
			}
		}
		write(l, reason)
	}
	contact := st.contacts.get(uid)
	for _, path := range st.providers.keys {
		if st.providers.get(path)["isEnabled"] == false {
			continue
		}
		l, reason := l, ""
		parts := strings.Split(path, "/") // /notifications/push/v1/providers/custom
		if l.Channel, l.Provider = parts[2], parts[5]; l.Channel == "email" && contact.text("email") == "" {
			reason = "MISSING_EMAIL"
		}
		if l.Channel == "sms" && contact.text("phno") == "" {
			reason = "MISSING_PHNO"
		}
		write(l, reason)
	}
}

// forbids returns the reason not to notify a user, or "" if there is none.
func (c *call) forbids(n notice, uid string) string {
	st, m := c.state.notifications, n.message
	prefs := c.state.preferencesOf(uid)
	app := defaultSettings.merged(st.settings.get("")).at("preferences")
	mentioned := slices.Contains(m.mentions, uid)
	if mentioned && app["bypassPreferencesForMentions"] == true {
		return ""
	}
	section, conversation := prefs.at("oneOnOne"), mutedConversation{ID: m.conversation.other(uid), Type: "oneOnOne"}
	if m.receiverType == typeGroup {
		section, conversation = prefs.at("group"), mutedConversation{ID: m.receiver, Type: "group"}
	}
	if prefs.at("mute")["dndPreferenceSetting"] == 2 {
		return "DND_PREFERENCE"
	}
	if until, _ := st.mutes.get(uid)[conversation.key()].(int64); until > c.now.UnixMilli() {
		return "MUTE_PREFERENCE"
	}
	zone, err := time.LoadLocation(cmp.Or(st.timezones.get(uid).text("timezone"), "UTC"))
	if now := c.now.In(zone); err == nil {
		day, _ := prefs.at("mute").at("schedulePreferenceSetting")[weekdays[now.Weekday()]].(map[string]any)
		if day != nil && !delivers(day, 100*now.Hour()+now.Minute()) {
			return "SCHEDULE_PREFERENCE"
		}
	}
	switch setting := section[n.kind+"Setting"]; {
	case setting == 1,
		setting == 3 && n.kind != "reactions" && !mentioned,
		setting == 2 && n.kind == "reactions" && m.sender != uid:
		return n.reason
	}
	return ""
}

// delivers reports whether notifications are sent at a time of a day. Hours that
// end before they begin continue past midnight.
func delivers(day map[string]any, clock int) bool {
	from, _ := day["from"].(int)
	to, _ := day["to"].(int)
	switch {
	case day["dnd"] == true:
		return false
	case from <= to:
		return clock >= from && clock <= to
	}
	return clock >= from || clock <= to
}
