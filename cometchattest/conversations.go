package cometchattest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The limits on pinned conversations.
const (
	maxPinnedConversations = 5 // for each user
	maxAppPins             = 5 // for the app
)

func conversationsResource() resource {
	res := resource{
		routes: []route{
			{pattern: "GET /conversations", handle: listConversations},
			{pattern: "GET /conversations/pinned", handle: listAppPins},
			{pattern: "PUT /conversations/pinned", handle: with((*call).fields, replaceAppPins)},
			{pattern: "GET /conversations/{conversationId}", handle: with((*call).pathConversationID, getConversationByID)},
			{pattern: "DELETE /conversations/{conversationId}", handle: with((*call).pathConversationID, deleteConversationByID)},
		},
		userRemoved: func(st *state, uid string) { st.messages.unpin(typeUser, uid) },
	}
	for _, path := range []string{"/users/{uid}/conversation", "/groups/{guid}/conversation"} {
		res.routes = append(res.routes,
			route{pattern: "GET " + path, handle: with((*call).pathRow, getConversation)},
			route{pattern: "PUT " + path, handle: withBody((*call).pathRow, updateConversation)},
			route{pattern: "DELETE " + path, handle: withBody((*call).pathRow, resetConversation)},
			route{pattern: "POST " + path + "/delivered", handle: markDelivered},
			route{pattern: "POST " + path + "/read", handle: markRead},
			route{pattern: "DELETE " + path + "/read", handle: markUnread},
			route{pattern: "POST " + path + "/pin", handle: pinConversation},
			route{pattern: "DELETE " + path + "/pin", handle: unpinConversation},
		)
	}
	return res
}

// conversationView is a conversation in a response. It omits empty members. The
// number of unread messages is a string.
type conversationView struct {
	ID                 string       `json:"conversationId"`
	Type               string       `json:"conversationType"`
	UnreadMessageCount string       `json:"unreadMessageCount"`
	CreatedAt          int64        `json:"createdAt"`
	UpdatedAt          int64        `json:"updatedAt"`
	UID                string       `json:"uid,omitempty"`
	Tags               []string     `json:"tags,omitempty"`
	PinnedBy           string       `json:"pinnedBy,omitempty"`
	PinnedAt           int64        `json:"pinnedAt,omitempty"`
	LastMessage        *messageView `json:"lastMessage,omitempty"`
	ConversationWith   any          `json:"conversationWith"`

	// Only the client API includes the following members.
	UnreadMentionsCount *int   `json:"unreadMentionsCount,omitempty"`
	LastReadMessageID   string `json:"lastReadMessageId,omitempty"`
	LatestMessageID     string `json:"latestMessageId,omitempty"`
}

// conversationRow is a conversation as one of its participants sees it.
type conversationRow struct {
	*conversation
	*participant
	uid  string
	user *user  // the other user; nil for the system and for groups
	in   *group // nil for one-to-one conversations
	// rank sorts pinned conversations first: the app's pins, each with its own
	// rank, then the user's.
	rank int
	by   string // uid of the user who pinned it
	at   int64  // when it was pinned
}

// row returns a conversation as a user sees it.
func (c *call) row(cv *conversation, uid string) *conversationRow {
	r := &conversationRow{conversation: cv, participant: cv.participant(uid), uid: uid, rank: maxAppPins + 2}
	if cv.kind == typeGroup {
		r.in, _ = c.state.groups.get(cv.guid)
	} else {
		r.user, _ = c.state.users.get(cv.other(uid))
	}
	if r.pinnedAt != 0 {
		r.rank, r.by, r.at = maxAppPins+1, uid, r.pinnedAt
	}
	for i, pin := range c.state.messages.pinned {
		if pin.kind == cv.kind && pin.id == r.with() {
			r.rank, r.by, r.at = i, systemUID, pin.at
		}
	}
	return r
}

// with returns the uid or guid of the other party.
func (r *conversationRow) with() string {
	if r.kind == typeGroup {
		return r.guid
	}
	return r.other(r.uid)
}

// name returns the name of the other party.
func (r *conversationRow) name() string {
	switch {
	case r.in != nil:
		return r.in.name
	case r.user != nil:
		return r.user.name
	}
	return "System"
}

// last returns the newest message of the conversation that the user can see,
// except replies.
func (r *conversationRow) last() *message { return r.conversation.last(r.clearedUpTo) }

// visible reports whether the conversation is listed for the user.
func (r *conversationRow) visible() bool { return r.keepListed || r.last() != nil }

// unread returns the number of messages the user has not read.
func (r *conversationRow) unread() int {
	return r.conversation.unread(r.uid, max(r.clearedUpTo, r.read.upTo()))
}

// conversationOptions selects the parts of conversations a response shows.
type conversationOptions struct {
	withTags, withEntityTags, withBlockedInfo bool
}

func (c *call) viewConversation(r *conversationRow, show conversationOptions) *conversationView {
	v := &conversationView{
		ID: r.id, Type: r.kind, UnreadMessageCount: strconv.Itoa(r.unread()),
		CreatedAt: r.createdAt, UpdatedAt: r.updatedAt, PinnedBy: r.by, PinnedAt: r.at,
	}
	if show.withTags {
		v.Tags = r.tags
	}
	switch {
	case r.in != nil:
		v.ConversationWith = c.viewGroup(r.in, show.withEntityTags)
	case r.user != nil:
		u := c.viewUser(r.user, show.withEntityTags)
		if !show.withBlockedInfo {
			u.BlockedByMe, u.HasBlockedMe, u.BlockedByMeAt, u.BlockedAt = false, false, 0, 0
		}
		v.ConversationWith = u
	default:
		v.ConversationWith = c.userEntity(systemUID, false).Entity
	}
	if c.actor == nil {
		v.UID = r.uid
		return v
	}
	if m := r.last(); m != nil && m.deletedAt == 0 {
		v.LastMessage = c.viewMessage(m, messageOptions{})
		if r.kind == typeGroup {
			v.LastMessage.Receipts = json.RawMessage(`{"data":[[]]}`)
		}
	}
	if c.token != nil {
		c.addReadState(v, r)
	}
	return v
}

// addReadState adds the user's read state to a conversation.
func (c *call) addReadState(v *conversationView, r *conversationRow) {
	read := r.read.upTo()
	mentions := r.conversation.mentions[r.uid].after(max(r.clearedUpTo, read))
	v.UnreadMentionsCount = &mentions
	if read > 0 {
		v.LastReadMessageID = strconv.FormatInt(read, 10)
	}
	if m := r.last(); m != nil {
		v.LatestMessageID = m.idText()
	}
}

func listConversations(c *call) (any, error) {
	f := newFields(nil)
	unique := c.queryBool("unique")
	if unique && c.actor != nil {
		f.fail("unique", "The parameter unique cannot be used together with the header onBehalfOf.")
	}
	kind := c.queryWord(f, "conversationType", typeUser, typeGroup)
	c.queryNumber(f, "useCursoredIndex", 1, 0, 1)
	if err := f.err(); err != nil {
		return nil, err
	}
	var list []*conversationRow
	for cv := range c.conversations() {
		if kind != "" && kind != cv.kind {
			continue
		}
		for _, uid := range c.viewers(cv) {
			if r := c.row(cv, uid); r.visible() && c.keepConversation(r) {
				list = append(list, r)
				if unique {
					break
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b *conversationRow) int {
		if c.actor == nil {
			return cmp.Or(strings.Compare(a.uid, b.uid), cmp.Compare(b.updatedAt, a.updatedAt), strings.Compare(a.with(), b.with()))
		}
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.at, a.at), cmp.Compare(b.updatedAt, a.updatedAt), strings.Compare(a.with(), b.with()))
	})
	show := conversationOptions{
		withTags: c.queryBool("withTags"), withEntityTags: c.queryBool("withUserAndGroupTags"),
		withBlockedInfo: c.queryBool("withBlockedInfo"),
	}
	return pageList[*conversationRow]{
		rows: sliceRows[*conversationRow](list),
		view: func(r *conversationRow) any { return c.viewConversation(r, show) },
	}.page(c)
}

// conversations returns the conversations of the acting user, or all
// conversations if there is none.
func (c *call) conversations() iter.Seq[*conversation] {
	store := c.state.messages
	if c.actor == nil {
		return maps.Values(store.conversations)
	}
	return func(yield func(*conversation) bool) {
		for _, cv := range store.direct[c.actor.uid] {
			if !yield(cv) {
				return
			}
		}
		for _, g := range c.state.groups.joined[c.actor.uid] {
			if cv := store.conversations[groupConversationID(g.guid)]; cv != nil && !yield(cv) {
				return
			}
		}
	}
}

// viewers returns the users whose view of a conversation is listed: the acting
// user, or all participants if there is none.
func (c *call) viewers(cv *conversation) []string {
	if c.actor != nil {
		if c.isParty(cv, c.actor.uid) {
			return []string{c.actor.uid}
		}
		return nil
	}
	return c.parties(cv)
}

// parties returns the users in a conversation, sorted by uid.
func (c *call) parties(cv *conversation) []string {
	var uids []string
	if cv.kind == typeUser {
		for _, uid := range cv.uids {
			if uid != systemUID {
				uids = append(uids, uid)
			}
		}
	} else if g, ok := c.state.groups.get(cv.guid); ok {
		for _, e := range g.members.entries {
			uids = append(uids, e.id)
		}
		slices.Sort(uids)
	}
	return uids
}

// keepConversation applies the parameters of the list of conversations.
func (c *call) keepConversation(r *conversationRow) bool {
	shared := func(name string, tags []string) bool {
		wanted := c.queryList(name)
		return wanted == nil || slices.ContainsFunc(tags, func(tag string) bool { return slices.Contains(wanted, tag) })
	}
	var userTags, groupTags []string
	if r.user != nil {
		userTags = r.user.tags
	}
	if r.in != nil {
		groupTags = r.in.tags
	}
	if !shared("tags", r.tags) || !shared("userTags", userTags) || !shared("groupTags", groupTags) {
		return false
	}
	if !strings.Contains(strings.ToLower(r.name()), strings.ToLower(c.query.Get("searchKey"))) {
		return false
	}
	if c.actor != nil && r.kind == typeUser && !c.queryBool("includeBlockedUsers") && c.state.hasBlockedUser(r.uid, r.with()) {
		return false
	}
	if hide, only := c.queryBool("hideAgentic"), c.queryBool("onlyAgentic"); hide || only {
		agentic := slices.ContainsFunc(r.timeline, func(m *message) bool { return m.category == categoryAgentic })
		if hide && agentic || only && !agentic {
			return false
		}
	}
	return !c.queryBool("unread") || r.unread() > 0
}

func errConversationNotAccessible(id string) *apiError {
	return newError(http.StatusForbidden, "ERR_CONVERSATION_NOT_ACCESSIBLE", "The conversation %s has no messages, or is not one of the user's.", id)
}

// pathReceiver returns the user or group named by the path as a receiver of the
// acting user.
func (c *call) pathReceiver() (receiverType, receiver string, err error) {
	if err := c.requireActor(); err != nil {
		return "", "", err
	}
	if c.param("guid") != "" {
		return typeGroup, c.id("guid"), c.mayUseGroup(c.id("guid"))
	}
	u, err := c.pathUser()
	if err != nil {
		return "", "", err
	}
	return typeUser, u.uid, nil
}

// pathRow returns the acting user's conversation with the user or group named by
// the path.
func (c *call) pathRow() (*conversationRow, error) {
	receiverType, receiver, err := c.pathReceiver()
	if err != nil {
		return nil, err
	}
	id := conversationOf(c.actor.uid, receiverType, receiver)
	if cv := c.state.messages.conversations[id]; cv != nil {
		if r := c.row(cv, c.actor.uid); r.visible() {
			return r, nil
		}
	}
	return nil, errConversationNotAccessible(id)
}

func getConversation(c *call, r *conversationRow) (any, error) {
	return c.viewConversation(r, conversationOptions{withTags: c.queryBool("withTags")}), nil
}

func updateConversation(c *call, r *conversationRow, f *fields) (any, error) {
	f.require("tags")
	tags, _ := f.tags()
	if err := f.err(); err != nil {
		return nil, err
	}
	r.change(r.uid).tags = tags
	return c.viewConversation(c.row(r.conversation, r.uid), conversationOptions{withTags: true}), nil
}

func resetConversation(c *call, r *conversationRow, f *fields) (any, error) {
	preserveOrder, _ := f.boolean("preserveOrder")
	var permanent bool
	if r.kind == typeUser {
		permanent, _ = f.boolean("deleteMessagesPermanently")
		f.text("conversationWith", 0)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	r.clear(r.uid, preserveOrder)
	if permanent {
		c.state.messages.remove(slices.Clone(r.timeline)...)
	}
	return acknowledge("The conversation %s is deleted for the user %s.", r.id, r.uid)
}

// clear hides the current messages of a conversation from a user.
func (cv *conversation) clear(uid string, keepListed bool) {
	p := cv.change(uid)
	p.keepListed = keepListed
	if n := len(cv.timeline); n > 0 {
		p.clearedUpTo = cv.timeline[n-1].id
	}
}

// pathConversationID returns the conversation whose id is in the path. The acting
// user must be in it.
func (c *call) pathConversationID() (*conversation, error) {
	if err := c.requireActor(); err != nil {
		return nil, err
	}
	id := c.id("conversationId")
	cv := c.state.messages.conversations[id]
	if cv == nil {
		return nil, errNotFound("ERR_CONVERSATION_NOT_FOUND", "conversation", c.named("conversationId"))
	}
	if !c.isParty(cv, c.actor.uid) {
		return nil, errConversationNotAccessible(id)
	}
	return cv, nil
}

func getConversationByID(c *call, cv *conversation) (any, error) {
	r := c.row(cv, c.actor.uid)
	if !r.visible() {
		return nil, errConversationNotAccessible(cv.id)
	}
	// The documentation shows a list as the response of this operation.
	return []*conversationView{c.viewConversation(r, conversationOptions{})}, nil
}

func deleteConversationByID(c *call, cv *conversation) (any, error) {
	for _, uid := range c.parties(cv) {
		cv.clear(uid, false)
	}
	return acknowledge("The conversation %s is deleted for all its users.", cv.id)
}

// spelledAcknowledgement is an acknowledgement in the spelling of two operations.
type spelledAcknowledgement struct {
	Success bool   `json:"success"`
	Message string `json:"Message"`
}

// markedRow returns the conversation and the message that a request marks.
// Without a message id in the request, it is the newest message.
func (c *call) markedRow() (r *conversationRow, id int64, sent bool, err error) {
	if r, err = c.pathRow(); err != nil {
		return nil, 0, false, err
	}
	f, err := c.fields()
	if err != nil {
		return nil, 0, false, err
	}
	if id, sent = f.messageID("messageId"); !sent {
		if n := len(r.timeline); n > 0 {
			id = r.timeline[n-1].id
		}
		return r, id, false, f.err()
	}
	if _, ok := r.timeline.get(id); !ok {
		return nil, 0, false, errMessageNotFound(strconv.FormatInt(id, 10))
	}
	return r, id, true, nil
}

// acknowledgeMark returns an acknowledgement in the spelling of the user
// operation or the group operation.
func acknowledgeMark(r *conversationRow, what string) (any, error) {
	text := fmt.Sprintf("The messages in the conversation %s are marked as %s for the user %s.", r.id, what, r.uid)
	if r.kind == typeUser {
		return spelledAcknowledgement{true, text}, nil
	}
	return acknowledgement{true, text}, nil
}

func markDelivered(c *call) (any, error) {
	r, id, _, err := c.markedRow()
	if err != nil {
		return nil, err
	}
	p := r.change(r.uid)
	before := p.delivered.upTo()
	p.delivered.mark(id, c.unix())
	c.tellReceipt(r, "delivered", id, before, func(p *participant) *receipts { return &p.delivered })
	return acknowledgeMark(r, "delivered")
}

func markRead(c *call) (any, error) {
	r, id, _, err := c.markedRow()
	if err != nil {
		return nil, err
	}
	p := r.change(r.uid)
	p.delivered.mark(id, c.unix())
	before := p.read.upTo()
	p.read.mark(id, c.unix())
	c.tellReceipt(r, "read", id, before, func(p *participant) *receipts { return &p.read })
	return acknowledgeMark(r, "read")
}

func markUnread(c *call) (any, error) {
	r, id, err := c.markUnread()
	if err != nil {
		return nil, err
	}
	return acknowledge("The messages after %d in the conversation %s are marked as unread for the user %s.", id, r.id, r.uid)
}

// markUnread marks messages as unread. It returns the conversation and the id of
// the message after which it is unread.
func (c *call) markUnread() (*conversationRow, int64, error) {
	r, id, sent, err := c.markedRow()
	if err != nil {
		return nil, 0, err
	}
	if !sent {
		id = 0
	}
	r.change(r.uid).read.unmark(id)
	return c.row(r.conversation, r.uid), id, nil
}

// markedConversation is the response of the client API to marking as unread.
type markedConversation struct {
	acknowledgement
	Conversation *conversationView `json:"conversation"`
}

func clientMarkUnread(c *call) (any, error) {
	r, _, err := c.markUnread()
	if err != nil {
		return nil, err
	}
	return markedConversation{acknowledgement{Success: true}, c.viewConversation(r, conversationOptions{withTags: true})}, nil
}

// appPin is a conversation the app pins for all users: with a user or in a group.
type appPin struct {
	kind, id string
	at       int64
}

// unpin removes a pin of the app.
func (s *messageStore) unpin(kind, id string) {
	s.pinned = slices.DeleteFunc(s.pinned, func(p appPin) bool { return p.kind == kind && p.id == id })
}

// pinView is a pinned conversation, or an unpinned one if it has no time.
type pinView struct {
	ConversationID   string `json:"conversationId"`
	ConversationType string `json:"conversationType"`
	PinnedBy         string `json:"pinnedBy,omitempty"`
	PinnedAt         int64  `json:"pinnedAt,omitempty"`
}

func listAppPins(c *call) (any, error) {
	list := make([]pinView, len(c.state.messages.pinned))
	for i, pin := range c.state.messages.pinned {
		list[i] = pinView{conversationOf(systemUID, pin.kind, pin.id), pin.kind, systemUID, pin.at}
	}
	return list, nil
}

func errAppPins(format string, args ...any) *apiError {
	return newError(400, "ERR_SYSTEM_PINNED_CONVERSATIONS_LIMIT_EXCEEDED", format, args...)
}

func replaceAppPins(c *call, f *fields) (any, error) {
	var sent []struct {
		UID  string `json:"uid"`
		GUID string `json:"guid"`
	}
	if !f.has("pinnedConversations") || json.Unmarshal(f.members["pinnedConversations"], &sent) != nil {
		f.fail("pinnedConversations", "The field pinnedConversations must be a list of objects.")
		return nil, f.err()
	}
	if len(sent) > maxAppPins {
		return nil, errAppPins("An app may pin %d conversations at most.", maxAppPins)
	}
	var pins []appPin
	for i, s := range sent {
		pin := appPin{kind: typeUser, id: strings.ToLower(s.UID), at: c.unix()}
		switch {
		case (s.UID == "") == (s.GUID == ""):
			return nil, errAppPins("Entry %d names not exactly one of uid and guid.", i)
		case s.GUID != "":
			pin.kind, pin.id = typeGroup, strings.ToLower(s.GUID)
			if _, ok := c.state.groups.get(pin.id); !ok {
				return nil, errGroupNotFound(s.GUID)
			}
		default:
			if _, err := c.user(pin.id); err != nil {
				return nil, err
			}
		}
		same := func(p appPin) bool { return p.kind == pin.kind && p.id == pin.id }
		if slices.ContainsFunc(pins, same) {
			continue
		}
		if i := slices.IndexFunc(c.state.messages.pinned, same); i >= 0 {
			pin.at = c.state.messages.pinned[i].at
		}
		pins = append(pins, pin)
	}
	c.state.messages.pinned = pins
	return listAppPins(c)
}

// pinnable returns the conversation named by the path and the acting user's state
// in it. It fails if the app pins the conversation. The conversation may have no
// messages.
func (c *call) pinnable() (*conversation, *participant, error) {
	receiverType, receiver, err := c.pathReceiver()
	if err != nil {
		return nil, nil, err
	}
	if slices.ContainsFunc(c.state.messages.pinned, func(p appPin) bool { return p.kind == receiverType && p.id == receiver }) {
		return nil, nil, newError(http.StatusForbidden, "ERR_SYSTEM_PINNED_CONVERSATION", "The app pins this conversation for everybody.")
	}
	cv := c.state.messages.conversation(c.actor.uid, receiverType, receiver, c.unix())
	return cv, cv.change(c.actor.uid), nil
}

func pinConversation(c *call) (any, error) {
	cv, p, err := c.pinnable()
	if err != nil {
		return nil, err
	}
	if p.pinnedAt == 0 {
		pinned := 0
		for other := range c.conversations() {
			if other.participant(c.actor.uid).pinnedAt != 0 {
				pinned++
			}
		}
		if pinned >= maxPinnedConversations {
			return nil, newError(400, "ERR_PINNED_CONVERSATIONS_LIMIT_EXCEEDED", "The user %s may pin %d conversations at most.", c.actor.uid, maxPinnedConversations)
		}
		p.pinnedAt = c.unix()
	}
	return pinView{cv.id, cv.kind, c.actor.uid, p.pinnedAt}, nil
}

func unpinConversation(c *call) (any, error) {
	cv, p, err := c.pinnable()
	if err != nil {
		return nil, err
	}
	p.pinnedAt = 0
	return pinView{ConversationID: cv.id, ConversationType: cv.kind}, nil
}
