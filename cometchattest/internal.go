package cometchattest

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"
)

// Page sizes of the lists that only the page of the emulator requests.
const (
	internalPage       = 100
	internalTranscript = 50
	maxParties         = 200 // listed for a conversation
)

// internalResource returns the routes for the page of the emulator, which the API
// does not have.
func internalResource() resource {
	res := resource{routes: []route{
		{pattern: "GET /internal/counts", handle: countAll},
		{pattern: "GET /internal/requests", handle: findRequests},
		{pattern: "GET /internal/requests/{id}", handle: describeRequest},
		{pattern: "GET /internal/users", handle: findUsers},
		{pattern: "GET /internal/users/{uid}", handle: describeUser},
		{pattern: "GET /internal/conversations", handle: findConversations},
		{pattern: "GET /internal/conversations/{conversationId}", handle: with((*call).internalConversation, describeConversation)},
		{pattern: "GET /internal/conversations/{conversationId}/messages", handle: with((*call).internalConversation, showTranscript)},
	}}
	for i := range res.routes {
		res.routes[i].internal = true
	}
	return res
}

type internalCounts struct {
	Users            int   `json:"users"`
	DeactivatedUsers int   `json:"deactivatedUsers"`
	Groups           int   `json:"groups"`
	Conversations    int   `json:"conversations"`
	Messages         int   `json:"messages"`
	Requests         int   `json:"requests"`
	LastRequest      int64 `json:"lastRequest"`
	OpenRequests     int   `json:"openRequests"` // being processed
	// The following values change whenever the data they stand for changes.
	Changes    int64 `json:"changes"`
	Restarts   int64 `json:"restarts"`
	Faults     int64 `json:"faults"`
	Deliveries int64 `json:"deliveries"`
}

func countAll(c *call) (any, error) {
	st, log, bus, faults := c.state, &c.server.log, &c.server.bus, &c.server.faults
	counts := internalCounts{
		Users: st.users.active.count(), DeactivatedUsers: st.users.deactivated.count(),
		Groups: st.groups.count(), Conversations: len(st.messages.conversations),
		Messages: len(st.messages.timeline), Changes: c.server.changes, Restarts: c.server.restarts,
	}
	log.mu.Lock()
	counts.Requests, counts.LastRequest, counts.OpenRequests = len(log.entries), log.last, log.open
	log.mu.Unlock()
	bus.mu.Lock()
	counts.Deliveries = bus.lastEvent + bus.changes
	bus.mu.Unlock()
	faults.mu.Lock()
	defer faults.mu.Unlock()
	counts.Faults = faults.last + faults.removed
	for _, f := range faults.list {
		counts.Faults += int64(f.Hits)
	}
	return counts, nil
}

// internalUser is a user with the other values shown in its row.
type internalUser struct {
	*userView
	Groups int `json:"groups"`
	Chats  int `json:"chats"`
}

func (c *call) internalUser(u *user) internalUser {
	v := internalUser{userView: c.viewUser(u, true), Groups: len(c.state.groups.joined[u.uid])}
	v.Chats = len(c.state.messages.direct[u.uid])
	for _, g := range c.state.groups.joined[u.uid] {
		if c.state.messages.conversations[groupConversationID(g.guid)] != nil {
			v.Chats++
		}
	}
	return v
}

// findUsers returns the users whose name or uid contains the parameter q.
func findUsers(c *call) (any, error) {
	list := pageList[*user]{
		rows: &c.state.users.active,
		view: func(u *user) any { return c.internalUser(u) },
	}
	switch c.query.Get("state") {
	case "deactivated":
		list.rows = &c.state.users.deactivated
	case "all":
		list.rows = c.state.users
	}
	if q := strings.ToLower(c.query.Get("q")); q != "" {
		list.keep = func(u *user) bool {
			return strings.Contains(u.uid, q) || strings.Contains(strings.ToLower(u.name), q)
		}
	}
	return list.page(c)
}

// internalUserDetails are all details of a user.
type internalUserDetails struct {
	User          internalUser   `json:"user"`
	Groups        []any          `json:"groups"`
	Friends       []any          `json:"friends"`
	Blocked       []any          `json:"blocked"`
	Conversations []internalChat `json:"conversations"`
	Tokens        int            `json:"tokens"`
	// The lists above have at most internalPage entries. These are their lengths
	// without that limit.
	FriendsCount       int `json:"friendsCount"`
	BlockedCount       int `json:"blockedCount"`
	ConversationsCount int `json:"conversationsCount"`
}

func describeUser(c *call) (any, error) {
	u, ok := c.state.users.get(c.id("uid"))
	if !ok {
		return nil, errUserNotFound(c.named("uid"))
	}
	d := internalUserDetails{User: c.internalUser(u), Groups: []any{}, Friends: []any{}, Blocked: []any{}, Conversations: []internalChat{}}
	for _, g := range c.state.groups.joined[u.uid] {
		v := c.viewGroup(g, false)
		if m, ok := g.members.get(u.uid); ok {
			v.Scope = m.scope
		}
		d.Groups = append(d.Groups, v)
	}
	related := func(list *[]any, of *table[*relation]) int {
		for i := range min(of.count(), internalPage) {
			if other, ok := c.state.users.get(of.at(i).uid); ok {
				*list = append(*list, c.viewUser(other, false))
			}
		}
		return of.count()
	}
	d.FriendsCount = related(&d.Friends, c.state.friends.from.of(u.uid))
	d.BlockedCount = related(&d.Blocked, c.state.blocks.from.of(u.uid))
	if t := c.state.tokens[u.uid]; t != nil {
		d.Tokens = t.count()
	}
	viewer := c.as(u)
	for cv := range viewer.conversations() {
		d.Conversations = append(d.Conversations, viewer.internalChat(cv))
	}
	slices.SortFunc(d.Conversations, compareChats)
	d.ConversationsCount = len(d.Conversations)
	if len(d.Conversations) > internalPage {
		d.Conversations = d.Conversations[:internalPage]
	}
	return d, nil
}

// internalChat is a conversation, whether or not the acting user is in it.
type internalChat struct {
	ID        string          `json:"conversationId"`
	Type      string          `json:"conversationType"`
	Name      string          `json:"name"`
	GUID      string          `json:"guid,omitempty"`
	Parties   []internalParty `json:"parties"`
	Members   int             `json:"members"`
	Messages  int             `json:"messages"`
	Unread    int             `json:"unread"` // by the acting user
	UpdatedAt int64           `json:"updatedAt"`
	Last      *messageView    `json:"lastMessage,omitempty"`

	last int64 // message
}

type internalParty struct {
	UID  string `json:"uid"`
	Name string `json:"name"`
}

func compareChats(a, b internalChat) int {
	return cmp.Or(cmp.Compare(b.last, a.last), cmp.Compare(b.UpdatedAt, a.UpdatedAt), strings.Compare(a.ID, b.ID))
}

func (c *call) nameOf(uid string) string {
	if u, ok := c.state.users.get(uid); ok {
		return u.name
	}
	if uid == systemUID {
		return "System"
	}
	return uid
}

// internalChat returns a conversation without its participants and last message.
func (c *call) internalChat(cv *conversation) internalChat {
	v := internalChat{
		ID: cv.id, Type: cv.kind, GUID: cv.guid, Name: cv.guid, Parties: []internalParty{},
		Messages: len(cv.timeline), UpdatedAt: cv.updatedAt,
	}
	if g, ok := c.state.groups.get(cv.guid); ok {
		v.Name, v.Members = g.name, g.members.count()
	} else if cv.kind == typeUser {
		a, b := c.nameOf(cv.uids[0]), c.nameOf(cv.uids[1])
		v.Name, v.Members = min(a, b)+" · "+max(a, b), 2
	}
	if n := len(cv.own); n > 0 {
		v.last = cv.own[n-1].id
	}
	return v
}

// complete adds the other values that a row of the list of conversations shows.
func (c *call) complete(v *internalChat, cv *conversation) {
	uids := c.parties(cv)
	for _, uid := range uids[:min(len(uids), maxParties)] {
		v.Parties = append(v.Parties, internalParty{uid, c.nameOf(uid)})
	}
	if m, ok := cv.own.get(v.last); ok {
		v.Last = c.viewMessage(m, messageOptions{})
	}
	if c.actor != nil {
		v.Unread = c.row(cv, c.actor.uid).unread()
	}
}

// findConversations returns all conversations, each once, those with the newest
// messages first.
func findConversations(c *call) (any, error) {
	q := strings.ToLower(c.query.Get("q"))
	chats := sliceRows[internalChat]{}
	for cv := range c.conversations() {
		v := c.internalChat(cv)
		if q == "" || strings.Contains(strings.ToLower(v.Name), q) || strings.Contains(v.ID, q) {
			chats = append(chats, v)
		}
	}
	slices.SortFunc(chats, compareChats)
	return pageList[internalChat]{rows: chats, view: func(v internalChat) any {
		c.complete(&v, c.state.messages.conversations[v.ID])
		return v
	}}.page(c)
}

func (c *call) internalConversation() (*conversation, error) {
	id := c.param("conversationId")
	cv := c.state.messages.conversations[id]
	if guid, ok := strings.CutPrefix(id, groupConversationID("")); ok && cv == nil {
		if g, ok := c.state.groups.get(guid); ok {
			return &conversation{id: id, kind: typeGroup, guid: guid, updatedAt: g.createdAt}, nil // without messages yet
		}
	}
	if cv == nil {
		return nil, newError(http.StatusNotFound, "ERR_CONVERSATION_NOT_FOUND", "There is no conversation %s.", id)
	}
	return cv, nil
}

func describeConversation(c *call, cv *conversation) (any, error) {
	v := c.internalChat(cv)
	c.complete(&v, cv)
	return v, nil
}

// internalMessage is a message with the other values shown in its bubble.
type internalMessage struct {
	*messageView
	ReadBy      int `json:"readBy"`
	DeliveredTo int `json:"deliveredTo"`
}

type internalTranscriptView struct {
	Messages []internalMessage `json:"messages"` // oldest first
	Parent   *internalMessage  `json:"parent,omitempty"`
	More     bool              `json:"more"` // older messages exist
}

func (c *call) internalMessage(m *message) internalMessage {
	v := internalMessage{messageView: c.viewMessage(m, messageOptions{withTags: true})}
	for uid, p := range m.conversation.users {
		if uid == m.sender {
			continue
		}
		if p.read.at(m.id) != 0 {
			v.ReadBy++
		}
		if p.delivered.at(m.id) != 0 {
			v.DeliveredTo++
		}
	}
	return v
}

// showTranscript returns a page of a conversation, or of a thread in it, as the
// acting user sees it. Without an acting user, it returns all messages.
func showTranscript(c *call, cv *conversation) (any, error) {
	f := newFields(nil)
	before := c.queryNumber(f, "before", math.MaxInt32, 1, math.MaxInt32)
	limit := c.queryNumber(f, "limit", internalTranscript, 1, maxLimit)
	thread := c.queryNumber(f, "thread", 0, 1, math.MaxInt32)
	if err := f.err(); err != nil {
		return nil, err
	}
	v := internalTranscriptView{Messages: []internalMessage{}}
	list := cv.timeline
	if thread != 0 {
		parent, ok := cv.timeline.get(int64(thread))
		if !ok {
			return nil, errMessageNotFound(c.query.Get("thread"))
		}
		list = parent.replies
		shown := c.internalMessage(parent)
		v.Parent = &shown
	}
	for i := list.search(int64(before)) - 1; i >= 0; i-- {
		m := list[i]
		if m.isNote() || m.parent != nil && thread == 0 || c.actor != nil && !c.sees(m) {
			continue
		}
		if len(v.Messages) == limit {
			v.More = true
			break
		}
		v.Messages = append(v.Messages, c.internalMessage(m))
	}
	slices.Reverse(v.Messages)
	return v, nil
}

// sees reports whether the acting user can see a message of a conversation.
func (c *call) sees(m *message) bool {
	uid := c.actor.uid
	return m.id > m.conversation.participant(uid).clearedUpTo && m.visibleTo(uid)
}
