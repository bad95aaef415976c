package cometchattest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// systemUID is the uid of the system, which acts if no user does. It is not a
// user of the app.
const systemUID = "app_system"

// The types of receivers and of conversations.
const (
	typeUser  = "user"
	typeGroup = "group"
)

// The categories of messages.
const (
	categoryMessage     = "message"
	categoryCustom      = "custom"
	categoryInteractive = "interactive"
	categoryAction      = "action"
	categoryAgentic     = "agentic"
)

// member is a member of a message's data, as it was sent.
type member struct {
	name  string
	value json.RawMessage
}

// message is a stored message.
type message struct {
	id           int64
	muid         string
	conversation *conversation
	sender       string
	receiverType string
	receiver     string
	category     string
	kind         string

	text     string          // decoded, for searches
	payload  []member        // of data, without members the service adds
	entities json.RawMessage // as of when the message was sent
	mentions []string        // uids
	tags     []string

	sentAt, updatedAt, editedAt, deletedAt int64
	editedBy, deletedBy                    string

	parent  *message // of a reply
	replies timeline `snapshot:"-"`
	quoted  *message

	pinnedAt     int64
	pinnedBy     string
	savedBy      []string
	reactions    []*reaction
	interactions map[string][]interaction // by uid
	flags        []Flag
	moderation   *moderation // nil if the message was not moderated

	removed bool // permanently; a quoting message may still refer to it
}

func (m *message) idText() string { return strconv.FormatInt(m.id, 10) }

// isNote reports whether a message is an action message about another message.
func (m *message) isNote() bool { return m.category == categoryAction && m.kind == categoryMessage }

// isOwn reports whether a message belongs to the conversation itself: it is not a
// reply, a note or blocked.
func (m *message) isOwn() bool { return m.parent == nil && !m.isNote() && !m.isBlocked() }

// isCountable reports whether a message can be unread: it is not an action, and
// not deleted.
func (m *message) isCountable() bool { return m.category != categoryAction && m.deletedAt == 0 }

// timeline holds messages sorted by id, which is the order of lists.
type timeline []*message

// search returns the position of the first message whose id is at least id.
func (t timeline) search(id int64) int {
	i, _ := slices.BinarySearchFunc(t, id, func(m *message, id int64) int { return cmp.Compare(m.id, id) })
	return i
}

// get returns the message with an id.
func (t timeline) get(id int64) (*message, bool) {
	if i := t.search(id); i < len(t) && t[i].id == id {
		return t[i], true
	}
	return nil, false
}

// after returns the number of messages after an id. The timeline may be nil.
func (t *timeline) after(id int64) int {
	if t == nil {
		return 0
	}
	return len(*t) - t.search(id+1)
}

// forget removes messages. If they are few, it searches for each of them, which
// is cheaper than visiting every message.
func (t *timeline) forget(gone []*message) {
	if len(gone) > 8 {
		*t = slices.DeleteFunc(*t, func(m *message) bool { return m.removed })
		return
	}
	for _, m := range gone {
		if i := t.search(m.id); i < len(*t) && (*t)[i] == m {
			*t = slices.Delete(*t, i, i+1)
		}
	}
}

// receipt says when all messages up to one were read or delivered.
type receipt struct{ upTo, at int64 }

// receipts are sorted by both fields.
type receipts []receipt

// at returns when a message was covered by a receipt, or 0 if it was not.
func (r receipts) at(id int64) int64 {
	i, _ := slices.BinarySearchFunc(r, id, func(r receipt, id int64) int { return cmp.Compare(r.upTo, id) })
	if i == len(r) {
		return 0
	}
	return r[i].at
}

// upTo returns the id of the newest covered message.
func (r receipts) upTo() int64 {
	if len(r) == 0 {
		return 0
	}
	return r[len(r)-1].upTo
}

// mark covers all messages up to a message.
func (r *receipts) mark(id, at int64) {
	if id > r.upTo() {
		*r = append(*r, receipt{id, at})
	}
}

// unmark uncovers all messages after a message.
func (r *receipts) unmark(id int64) {
	i, _ := slices.BinarySearchFunc(*r, id, func(r receipt, id int64) int { return cmp.Compare(r.upTo, id) })
	if i < len(*r) {
		(*r)[i].upTo = id
		*r = (*r)[:i+1]
	}
}

// participant holds the state of a conversation for a user.
type participant struct {
	read, delivered receipts
	clearedUpTo     int64 // the user cannot see messages up to this id
	keepListed      bool  // stay listed without visible messages
	tags            []string
	pinnedAt        int64
}

// conversation is created by its first message, or when a user first changes a
// setting of it.
type conversation struct {
	id        string
	kind      string    // typeUser or typeGroup
	uids      [2]string // of typeUser
	guid      string    // of typeGroup
	createdAt int64
	updatedAt int64
	timeline  timeline `snapshot:"-"`
	// own are the messages of the conversation itself, without replies and notes.
	own timeline `snapshot:"-"`
	// countable are the messages of own that can be unread for users other than
	// their sender. countableFrom holds the same messages by sender. With both,
	// unread messages are counted by position.
	countable     timeline             `snapshot:"-"`
	countableFrom map[string]*timeline `snapshot:"-"`
	// mentions are the messages of countable that mention a user other than their
	// sender, by mentioned user.
	mentions map[string]*timeline `snapshot:"-"`
	threads  map[int64]*message   `snapshot:"-"` // messages that have replies
	users    map[string]*participant
	pinned   int // messages
}

// unread returns the number of messages after a message that a user has not read.
func (cv *conversation) unread(uid string, after int64) int {
	return cv.countable.after(after) - cv.countableFrom[uid].after(after)
}

// last returns the newest message of the conversation itself, or nil if there is
// none after an id.
func (cv *conversation) last(after int64) *message {
	if n := len(cv.own); n > 0 && cv.own[n-1].id > after {
		return cv.own[n-1]
	}
	return nil
}

// nothingKept must not be changed.
var nothingKept participant

// participant returns the state of the conversation for a user, which must not be
// changed.
func (cv *conversation) participant(uid string) *participant {
	if p := cv.users[uid]; p != nil {
		return p
	}
	return &nothingKept
}

// change returns the state of the conversation for a user, for changing it.
func (cv *conversation) change(uid string) *participant {
	p := cv.users[uid]
	if p == nil {
		p = &participant{}
		if cv.users == nil {
			cv.users = map[string]*participant{}
		}
		cv.users[uid] = p
	}
	return p
}

// isBetween reports whether cv is a one-to-one conversation of a user.
func (cv *conversation) isBetween(uid string) bool {
	return cv.kind == typeUser && slices.Contains(cv.uids[:], uid)
}

// other returns the other user of a one-to-one conversation.
func (cv *conversation) other(uid string) string {
	if cv.uids[0] == uid {
		return cv.uids[1]
	}
	return cv.uids[0]
}

// messageStore holds all messages. Its indexes are timelines too, so that every
// list is cut by binary search.
type messageStore struct {
	conversations map[string]*conversation
	timeline
	seeded       int // number of messages added by SeedMessages
	lastReaction int64
	direct       map[string][]*conversation `snapshot:"-"` // one-to-one, by uid
	byUser       map[string]*timeline       `snapshot:"-"` // messages of one-to-one conversations
	saved        map[string]map[int64]int64 // savedAt by uid and message
	pinned       []appPin                   // in display order
	queues       moderationQueues           `snapshot:"-"`
	imported     map[string]int64           // ids by muid
	snapshots    *snapshotRuns              `snapshot:"-"`
}

func newMessageStore(snapshots *snapshotRuns) *messageStore {
	return &messageStore{
		conversations: map[string]*conversation{},
		direct:        map[string][]*conversation{},
		byUser:        map[string]*timeline{},
		saved:         map[string]map[int64]int64{},
		snapshots:     snapshots,
	}
}

// groupConversationID returns the id of the conversation of a group.
func groupConversationID(guid string) string { return "group_" + guid }

// conversation returns the conversation between a sender and a receiver. It
// creates the conversation if necessary.
func (s *messageStore) conversation(sender, receiverType, receiver string, at int64) *conversation {
	cv := &conversation{kind: receiverType, createdAt: at, updatedAt: at}
	if receiverType == typeGroup {
		cv.id, cv.guid = groupConversationID(receiver), receiver
	} else {
		cv.id, cv.uids = conversationID(sender, receiver), [2]string{min(sender, receiver), max(sender, receiver)}
	}
	if known := s.conversations[cv.id]; known != nil {
		return known
	}
	s.conversations[cv.id] = cv
	if cv.kind == typeUser {
		for _, uid := range cv.uids {
			s.direct[uid] = append(s.direct[uid], cv)
		}
	}
	return cv
}

// addMessage assigns an id to a message and stores it.
func (st *state) addMessage(m *message) {
	st.lastMessage++
	m.id = st.lastMessage
	st.messages.add(m)
}

// add stores a message that is newer than all others.
func (s *messageStore) add(m *message) {
	cv := m.conversation
	if len(cv.timeline) == 0 {
		cv.createdAt = m.sentAt
	}
	if m.isOwn() {
		cv.updatedAt = m.sentAt
	}
	if m.parent != nil {
		s.snapshots.keepMessage(m.parent)
		m.parent.updatedAt = m.sentAt
	}
	s.enter(m)
}

// enter adds a message to the timelines and threads it belongs to.
func (s *messageStore) enter(m *message) {
	for _, t := range s.timelines(make([]*timeline, 0, 8), m) {
		*t = append(*t, m)
	}
	if m.parent != nil {
		cv := m.conversation
		if cv.threads == nil {
			cv.threads = map[int64]*message{}
		}
		cv.threads[m.parent.id] = m.parent
	}
}

// timelines appends all timelines a message belongs to.
func (s *messageStore) timelines(list []*timeline, m *message) []*timeline {
	cv := m.conversation
	list = append(list, &s.timeline, &cv.timeline)
	if cv.kind == typeUser {
		for _, uid := range cv.uids {
			list = append(list, timelineOf(&s.byUser, uid))
		}
	}
	if m.parent != nil {
		list = append(list, &m.parent.replies)
	}
	if m.isOwn() {
		list = append(list, &cv.own)
	}
	if m.moderation != nil || len(m.flags) > 0 {
		list = s.queues.of(list, m)
	}
	return m.countableTimelines(list)
}

// change applies a change that may affect the timelines a message belongs to.
func (s *messageStore) change(m *message, change func()) {
	s.snapshots.keepMessage(m)
	for _, t := range s.timelines(nil, m) {
		t.forget([]*message{m})
	}
	change()
	for _, t := range s.timelines(nil, m) {
		*t = slices.Insert(*t, t.search(m.id), m)
	}
}

// countableTimelines appends the timelines in which a message counts as unread.
func (m *message) countableTimelines(list []*timeline) []*timeline {
	if cv := m.conversation; m.isOwn() && m.isCountable() {
		list = append(list, &cv.countable, timelineOf(&cv.countableFrom, m.sender))
	}
	return m.mentionTimelines(list)
}

// mentionTimelines appends the timelines of mentions that a message belongs to.
func (m *message) mentionTimelines(list []*timeline) []*timeline {
	for _, uid := range m.mentions {
		if uid != m.sender && m.isOwn() && m.isCountable() {
			list = append(list, timelineOf(&m.conversation.mentions, uid))
		}
	}
	return list
}

// setMentions replaces the mentions of an edited message.
func (m *message) setMentions(uids []string) {
	for _, t := range m.mentionTimelines(nil) {
		t.forget([]*message{m})
	}
	m.mentions = uids
	for _, t := range m.mentionTimelines(nil) {
		*t = slices.Insert(*t, t.search(m.id), m)
	}
}

// timelineOf returns the timeline of a user. It creates the timeline if
// necessary.
func timelineOf(timelines *map[string]*timeline, uid string) *timeline {
	t := (*timelines)[uid]
	if t == nil {
		t = &timeline{}
		if *timelines == nil {
			*timelines = map[string]*timeline{}
		}
		(*timelines)[uid] = t
	}
	return t
}

// markDeleted marks a message as deleted.
func (s *messageStore) markDeleted(m *message, by string, at int64) {
	s.snapshots.keepMessage(m)
	for _, t := range m.countableTimelines(nil) {
		t.forget([]*message{m})
	}
	m.deletedAt, m.deletedBy, m.updatedAt = at, by, at
}

// remove permanently removes messages and the replies to them.
func (s *messageStore) remove(messages ...*message) {
	touched := map[*timeline][]*message{}
	var lists []*timeline
	for i := 0; i < len(messages); i++ {
		m := messages[i]
		if m.removed {
			continue // a reply that was also named
		}
		s.snapshots.keepMessage(m)
		m.removed = true
		messages = append(messages, m.replies...)
		for _, t := range s.timelines(lists[:0], m) {
			touched[t] = append(touched[t], m)
		}
	}
	for t, gone := range touched {
		t.forget(gone)
	}
	for _, m := range messages {
		s.release(m)
		if m.parent != nil && len(m.parent.replies) == 0 {
			delete(m.conversation.threads, m.parent.id)
		}
	}
}

// release removes the references to a deleted message.
func (s *messageStore) release(m *message) {
	s.snapshots.keepMessage(m)
	if m.pinnedAt != 0 {
		m.pinnedAt, m.pinnedBy = 0, ""
		m.conversation.pinned--
	}
	for _, uid := range m.savedBy {
		delete(s.saved[uid], m.id)
	}
	m.savedBy = nil
	delete(m.conversation.threads, m.id)
}

// removeUser removes the messages a user sent, the user's one-to-one
// conversations, and the user's state in other conversations.
func (s *messageStore) removeUser(uid string) {
	var gone []*message
	for _, m := range s.timeline {
		if m.sender == uid || m.conversation.isBetween(uid) {
			gone = append(gone, m)
		}
	}
	s.remove(gone...)
	for _, cv := range s.conversations {
		delete(cv.users, uid)
	}
	for _, cv := range s.direct[uid] {
		other := cv.other(uid)
		s.direct[other] = slices.DeleteFunc(s.direct[other], func(d *conversation) bool { return d == cv })
		delete(s.conversations, cv.id)
	}
	delete(s.direct, uid)
	delete(s.byUser, uid)
	delete(s.saved, uid)
}

// removeGroup removes the conversation of a group.
func (s *messageStore) removeGroup(guid string) {
	if cv := s.conversations[groupConversationID(guid)]; cv != nil {
		s.remove(slices.Clone(cv.timeline)...) // remove empties the timeline itself
		delete(s.conversations, cv.id)
	}
}

// mentionsIn returns the uids that a text mentions as <@uid:…>, without
// duplicates.
func mentionsIn(text string) []string {
	var uids []string
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "<@uid:")
		if !ok {
			return uids
		}
		uid, tail, ok := strings.Cut(after, ">")
		if !ok {
			return uids
		}
		rest = tail
		if uid = strings.ToLower(uid); uid != "" && !slices.Contains(uids, uid) {
			uids = append(uids, uid)
		}
	}
}
