package cometchattest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits on messages.
const (
	maxText     = 65_536 // characters
	maxMentions = 10     // distinct users in one message
)

// WithMessageLimit limits each user to perMinute messages a minute by the
// server's clock. Further messages fail with 429 and ERR_TOO_MANY_REQUESTS. The
// service documents a limit of 30. By default there is no limit.
func WithMessageLimit(perMinute int) Option { return func(s *Server) { s.messageLimit = perMinute } }

// draft is a message without a receiver.
type draft struct {
	category, kind, muid string
	tags                 []string
	payload              []member
	text                 string
	mentions             []string
	quotedID             int64
	parent               *message
}

// The types of messages by category. Custom messages may have any type.
var (
	mediaTypes       = []string{"image", "video", "audio", "file"}
	interactiveTypes = []string{"form", "card", "scheduler", "customInteractive"}
)

// readDraft reads the message that was sent, without its receivers.
func (c *call) readDraft(f *fields) (*draft, error) {
	d := &draft{}
	var err error
	if d.category, err = messageWord(f, "category", categoryMessage); err != nil {
		return nil, err
	}
	fallback := map[string]string{categoryMessage: "text", categoryInteractive: "card"}[d.category]
	if d.kind, err = messageWord(f, "type", fallback); err != nil {
		return nil, err
	}
	switch d.category {
	case categoryMessage:
		if d.kind != "text" && !slices.Contains(mediaTypes, d.kind) {
			return nil, newError(400, "ERR_INVALID_MESSAGE_TYPE", "There is no message of the type %s.", d.kind)
		}
	case categoryInteractive:
		if !slices.Contains(interactiveTypes, d.kind) {
			return nil, newError(400, "ERR_INVALID_MESSAGE_TYPE", "There is no interactive message of the type %s.", d.kind)
		}
	case categoryCustom:
		if d.kind == "" {
			return nil, newError(400, "ERR_EMPTY_MESSAGE_TYPE", "A custom message needs a type.")
		}
	default:
		return nil, newError(400, "ERR_INVALID_MESSAGE_CATEGORY", "Messages of the category %s cannot be sent.", d.category)
	}
	d.muid, _ = f.text("muid", 0)
	d.quotedID, _ = f.messageID("quotedMessageId")
	d.tags, _ = f.tags()
	if err := f.err(); err != nil {
		return nil, err
	}
	return d, c.readData(f, d, false)
}

// messageWord returns the category or the type of a message. It defaults to
// fallback.
func messageWord(f *fields, name, fallback string) (string, error) {
	if !f.has(name) {
		return fallback, nil
	}
	var value string
	code := "MESSAGE_" + strings.ToUpper(name)
	if json.Unmarshal(f.members[name], &value) != nil {
		return "", newError(400, "ERR_INVALID_"+code, "The %s of a message must be a string.", name)
	}
	if value == "" {
		return "", newError(400, "ERR_EMPTY_"+code, "The %s of a message must not be empty.", name)
	}
	return value, nil
}

// readData reads the member "data" into a draft. An edit has no required members,
// because it leaves members it does not name unchanged.
func (c *call) readData(f *fields, d *draft, edit bool) error {
	raw, ok := f.document("data", 0)
	members := map[string]json.RawMessage{}
	if !ok || string(raw) != "[]" && json.Unmarshal(raw, &members) != nil {
		return newError(400, "ERR_INVALID_MESSAGE_DATA", "The data of a message must be a JSON object.")
	}
	data := newFields(members)
	// Members that the service adds cannot be sent.
	for _, name := range []string{"entities", "mentions", "reactions", "interactions", "moderation", "action"} {
		delete(members, name)
	}
	isText := d.category == categoryMessage && d.kind == "text"
	if data.has("text") || isText && !edit {
		if err := readText(data, d, isText); err != nil {
			return err
		}
	}
	if data.has("metadata") {
		metadata, ok := data.document("metadata", 0)
		if !ok {
			return newError(400, "ERR_INVALID_METADATA", "The metadata of a message must be a JSON object.")
		}
		members["metadata"] = metadata
	}
	if d.category == categoryMessage && !isText && (data.has("attachments") || !edit) {
		if err := readAttachments(data); err != nil {
			return err
		}
	}
	if d.category == categoryCustom && (data.has("customData") || !edit) {
		custom, ok := data.document("customData", 0)
		switch {
		case !data.has("customData") || string(custom) == "[]":
			return newError(400, "ERR_EMPTY_CUSTOM_DATA", "A custom message needs customData.")
		case !ok:
			return newError(400, "ERR_INVALID_CUSTOM_DATA", "customData must be a JSON object.")
		}
		members["customData"] = custom
	}
	if d.category == categoryInteractive && (data.has("interactiveData") || !edit) {
		if _, ok := data.document("interactiveData", 0); !ok {
			return newError(400, "ERR_INVALID_MESSAGE_DATA", "An interactive message needs interactiveData, a JSON object.")
		}
	}
	d.payload = orderMembers(members)
	return nil
}

// readText reads the text of a message, which is required, or the caption of
// another one.
func readText(data *fields, d *draft, required bool) error {
	if !data.has("text") {
		return newError(400, "ERR_EMPTY_MESSAGE_TEXT", "A text message needs a text.")
	}
	if json.Unmarshal(data.members["text"], &d.text) != nil {
		return newError(400, "ERR_INVALID_MESSAGE_TEXT", "The text of a message must be a string.")
	}
	if required && strings.TrimSpace(d.text) == "" {
		return newError(400, "ERR_EMPTY_MESSAGE_TEXT", "The text of a message must not be empty.")
	}
	if utf8.RuneCountInString(d.text) > maxText {
		return newError(400, "ERR_INVALID_MESSAGE_TEXT", "The text of a message may have %d characters at most.", maxText)
	}
	if d.mentions = mentionsIn(d.text); len(d.mentions) > maxMentions {
		return errBadField("data.text", "A message may mention %d users at most.", maxMentions)
	}
	return nil
}

// readAttachments checks the files of a media message: a list of attachments, or
// the URL of a single file.
func readAttachments(data *fields) error {
	if url, ok := data.text("url", 0); ok && url != "" && !data.has("attachments") {
		return nil
	}
	var attachments []struct {
		URL string `json:"url"`
	}
	if data.has("attachments") && json.Unmarshal(data.members["attachments"], &attachments) != nil {
		return newError(400, "ERR_INVALID_MEDIA_MESSAGE", "The attachments of a message must be a list of objects.")
	}
	if len(attachments) == 0 {
		return newError(400, "ERR_EMPTY_MESSAGE_FILE", "A media message needs an attachment.")
	}
	for _, attachment := range attachments {
		if attachment.URL == "" {
			return newError(400, "ERR_INVALID_MEDIA_MESSAGE", "An attachment needs a URL.")
		}
	}
	return nil
}

// orderMembers returns the members of data in the order of responses: the text,
// the metadata, then the others by name.
func orderMembers(members map[string]json.RawMessage) []member {
	list := make([]member, 0, len(members))
	for name, value := range members {
		if string(value) != "null" {
			list = append(list, member{name, value})
		}
	}
	rank := func(m member) int { return slices.Index([]string{"metadata", "text"}, m.name) }
	slices.SortFunc(list, func(a, b member) int {
		if x, y := rank(a), rank(b); x != y {
			return y - x
		}
		return strings.Compare(a.name, b.name)
	})
	return list
}

// deliver sends a draft from the acting user, or the system, to a receiver.
func (c *call) deliver(d *draft, receiverType, receiver string) (*message, error) {
	receiver = strings.ToLower(receiver)
	if receiverType == typeGroup {
		if err := c.mayUseGroup(receiver); err != nil {
			return nil, err
		}
	} else if err := c.mayWriteTo(receiver); err != nil {
		return nil, err
	}
	return c.place(d, c.actingUID(), receiverType, receiver)
}

// place adds a draft to the conversation of a sender and a receiver.
func (c *call) place(d *draft, sender, receiverType, receiver string) (*message, error) {
	m := &message{
		muid: d.muid, sender: sender, receiverType: receiverType, receiver: receiver,
		category: d.category, kind: d.kind, text: d.text, payload: d.payload,
		mentions: d.mentions, tags: d.tags, parent: d.parent,
		sentAt: c.unix(), updatedAt: c.unix(),
	}
	store := c.state.messages
	if d.parent != nil && d.parent.conversation != store.conversations[conversationOf(sender, receiverType, receiver)] {
		return nil, newError(400, "ERR_WRONG_MESSAGE_THREAD", "The message %d belongs to another conversation.", d.parent.id)
	}
	if d.quotedID != 0 {
		quoted, ok := store.get(d.quotedID)
		if !ok || quoted.conversation.id != conversationOf(sender, receiverType, receiver) {
			return nil, errMessageNotFound(strconv.FormatInt(d.quotedID, 10))
		}
		m.quoted = quoted
	}
	m.entities = c.messageEntities(sender, receiverType, receiver)
	m.conversation = store.conversation(sender, receiverType, receiver, c.unix())
	c.state.addMessage(m)
	if c.state.moderation.inForce() {
		c.decideLater(m)
	}
	if !m.isBlocked() {
		c.notifyOfMessage(m)
		c.tellMessage(m)
	}
	return m, nil
}

// conversationOf returns the id of the conversation of a sender and a receiver.
func conversationOf(sender, receiverType, receiver string) string {
	if receiverType == typeGroup {
		return groupConversationID(receiver)
	}
	return conversationID(sender, receiver)
}

// mayUseGroup returns an error if a group does not exist, or if the acting user
// is not a member of it.
func (c *call) mayUseGroup(guid string) error {
	g, ok := c.state.groups.get(guid)
	if !ok {
		return errGroupNotFound(guid)
	}
	if c.actor == nil || c.state.isGroupMember(guid, c.actor.uid) {
		return nil
	}
	if _, banned := g.banned.get(c.actor.uid); banned {
		return newError(http.StatusForbidden, "ERR_BANNED_GROUPMEMBER", "The user %s is banned from the group %s.", c.actor.uid, guid)
	}
	return newError(http.StatusForbidden, "ERR_GROUP_NOT_JOINED", "The user %s is no member of the group %s.", c.actor.uid, guid)
}

// mayWriteTo returns an error if a receiver does not exist, or if the acting user
// has blocked the receiver or is blocked by it.
func (c *call) mayWriteTo(uid string) error {
	if _, err := c.user(uid); err != nil || c.actor == nil {
		return err
	}
	switch {
	case uid == c.actor.uid:
		return errBadField("receiver", "A user cannot write to oneself.")
	case c.state.hasBlockedUser(c.actor.uid, uid):
		return newError(http.StatusForbidden, "ERR_BLOCKED_RECEIVER", "The user %s has blocked the receiver %s.", c.actor.uid, uid)
	case c.state.hasBlockedUser(uid, c.actor.uid):
		return newError(http.StatusForbidden, "ERR_BLOCKED_SENDER", "The user %s is blocked by the receiver %s.", c.actor.uid, uid)
	}
	return nil
}

func sendMessage(c *call) (any, error) { return c.send(nil) }

func sendBotMessage(c *call) (any, error) {
	bot, err := c.pathUser()
	if err != nil {
		return nil, newError(http.StatusNotFound, "ERR_BOT_NOT_FOUND", "The bot %s does not exist in this app.", c.named("uid"))
	}
	c.actor = bot
	return c.send(nil)
}

// send reads a message and delivers it, as a reply if parent is not nil.
func (c *call) send(parent *message) (any, error) {
	if limit := c.server.messageLimit; limit > 0 {
		if err := c.limitActor("messages", limit); err != nil {
			return nil, err
		}
	}
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	f.require("data")
	if f.has("multipleReceivers") {
		return c.sendToMany(f, parent)
	}
	receiverType, receiver, err := c.readReceiver(f, parent)
	if err != nil {
		return nil, err
	}
	d, err := c.readDraft(f)
	if err != nil {
		return nil, err
	}
	d.parent = parent
	m, err := c.deliver(d, receiverType, receiver)
	if err != nil {
		return nil, err
	}
	return c.viewMessage(m, messageOptions{withTags: true}), nil
}

// readReceiver returns the receiver of a message. A reply without a receiver goes
// to the conversation of its parent.
func (c *call) readReceiver(f *fields, parent *message) (receiverType, receiver string, err error) {
	if parent != nil && !f.has("receiver") && !f.has("receiverType") {
		if cv := parent.conversation; cv.kind == typeGroup {
			return typeGroup, cv.guid, nil
		} else {
			return typeUser, cv.other(c.actingUID()), nil
		}
	}
	f.require("receiver", "receiverType")
	receiver, _ = f.text("receiver", 0)
	receiverType, _ = f.text("receiverType", 0)
	if err := f.err(); err != nil {
		return "", "", err
	}
	if receiverType != typeUser && receiverType != typeGroup {
		return "", "", newError(400, "ERR_INVALID_RECEIVER_TYPE", "The receiverType %s is neither user nor group.", receiverType)
	}
	return receiverType, receiver, nil
}

// sendToMany delivers a message to several receivers, including the one in
// receiver. The response contains the message for each receiver it was delivered
// to, and a failure for each of the others.
func (c *call) sendToMany(f *fields, parent *message) (any, error) {
	receivers, _ := f.object("multipleReceivers")
	uids, _ := receivers.texts("uids", 0, 0)
	guids, _ := receivers.texts("guids", 0, 0)
	if err := f.err(); err != nil {
		return nil, err
	}
	if f.has("receiver") {
		receiverType, receiver, err := c.readReceiver(f, parent)
		if err != nil {
			return nil, err
		}
		if receiverType == typeGroup {
			guids = append(guids, receiver)
		} else {
			uids = append(uids, receiver)
		}
	}
	if len(uids)+len(guids) == 0 {
		return nil, newError(400, "ERR_EMPTY_RECEIVER", "multipleReceivers names nobody.")
	}
	d, err := c.readDraft(f)
	if err != nil {
		return nil, err
	}
	d.parent = parent
	out := map[string]map[string]any{}
	for _, list := range []struct {
		name, receiverType string
		ids                []string
	}{{"uids", typeUser, uids}, {"guids", typeGroup, guids}} {
		for _, id := range list.ids {
			if out[list.name] == nil {
				out[list.name] = map[string]any{}
			}
			if id = strings.ToLower(id); out[list.name][id] == nil {
				out[list.name][id] = c.sendTo(d, list.receiverType, id)
			}
		}
	}
	return out, nil
}

func (c *call) sendTo(d *draft, receiverType, receiver string) any {
	m, err := c.deliver(d, receiverType, receiver)
	if err != nil {
		return failedOutcome(err)
	}
	return c.viewMessage(m, messageOptions{withTags: true})
}
