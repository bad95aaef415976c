package cometchattest

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// systemUID acts where a request names nobody; it is no user of the app.
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

// member is one member of a message's data, as it was sent.
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
	payload  []member        // of data, without what the service adds
	entities json.RawMessage // as they were when the message was sent
	mentions []string        // uids
	tags     []string

	sentAt, updatedAt, editedAt, deletedAt int64
	editedBy, deletedBy                    string

	parent  *message // of a reply
	replies timeline
	quoted  *message

	pinnedAt     int64
	pinnedBy     string
	reactions    []*reaction
	interactions map[string][]interaction // by uid
	flags        []Flag

	removed bool // for good; a quoting message may still point here
}

func (m *message) idText() string { return strconv.FormatInt(m.id, 10) }

// isNote tells an action message about another message from everything that was
// said or done in the conversation itself.
func (m *message) isNote() bool { return m.category == categoryAction && m.kind == categoryMessage }

// timeline holds messages in the order of their ids, which is the order of
// lists.
type timeline []*message

// search returns the position of the first message with an id of at least id.
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

// receipt says that everything up to a message was read, or delivered, at a
// time.
type receipt struct{ upTo, at int64 }

// receipts are in the order of both.
type receipts []receipt

// at is when a message was covered; 0 is never.
func (r receipts) at(id int64) int64 {
	i, _ := slices.BinarySearchFunc(r, id, func(r receipt, id int64) int { return cmp.Compare(r.upTo, id) })
	if i == len(r) {
		return 0
	}
	return r[i].at
}

// upTo is the newest message that is covered.
func (r receipts) upTo() int64 {
	if len(r) == 0 {
		return 0
	}
	return r[len(r)-1].upTo
}

// mark covers everything up to a message.
func (r *receipts) mark(id, at int64) {
	if id > r.upTo() {
		*r = append(*r, receipt{id, at})
	}
}

// unmark uncovers everything after a message.
func (r *receipts) unmark(id int64) {
	i, _ := slices.BinarySearchFunc(*r, id, func(r receipt, id int64) int { return cmp.Compare(r.upTo, id) })
	if i < len(*r) {
		(*r)[i].upTo = id
		*r = (*r)[:i+1]
	}
}

// participant is what a conversation keeps for one user.
type participant struct {
	read, delivered receipts
	clearedUpTo     int64 // messages up to this id are gone for the user
	keepListed      bool  // although there is nothing left in it for the user
	tags            []string
	pinnedAt        int64
}

// conversation begins with its first message, or the first thing a user sets on
// it.
type conversation struct {
	id        string
	kind      string    // typeUser or typeGroup
	uids      [2]string // of typeUser
	guid      string    // of typeGroup
	createdAt int64
	updatedAt int64
	timeline  timeline
	users     map[string]*participant
	pinned    int // messages
}

// nothingKept is for reading only.
var nothingKept participant

// participant is what is kept for a user, for reading.
func (cv *conversation) participant(uid string) *participant {
	if p := cv.users[uid]; p != nil {
		return p
	}
	return &nothingKept
}

// change is what is kept for a user, to be written to.
func (cv *conversation) change(uid string) *participant {
	p := cv.users[uid]
	if p == nil {
		p = &participant{}
		cv.users[uid] = p
	}
	return p
}

// isBetween tells whether it is the one-to-one conversation of a user.
func (cv *conversation) isBetween(uid string) bool {
	return cv.kind == typeUser && slices.Contains(cv.uids[:], uid)
}

// other is the user a user talks to in a one-to-one conversation.
func (cv *conversation) other(uid string) string {
	if cv.uids[0] == uid {
		return cv.uids[1]
	}
	return cv.uids[0]
}

// messageStore holds all messages, and indexes that are timelines themselves, so
// that every list is cut by binary search.
type messageStore struct {
	timeline
	seeded        int // by SeedMessages
	lastReaction  int64
	conversations map[string]*conversation
	byUser        map[string]*timeline       // messages of one-to-one conversations
	threads       map[int64]*message         // messages that have replies
	saved         map[string]map[int64]int64 // savedAt by uid and message
	pinned        []appPin                   // in the order of display

}

func newMessageStore() *messageStore {
	return &messageStore{
		conversations: map[string]*conversation{},
		byUser:        map[string]*timeline{},
		threads:       map[int64]*message{},
		saved:         map[string]map[int64]int64{},
	}
}

// groupConversationID names the conversation of a group.
func groupConversationID(guid string) string { return "group_" + guid }

// conversation returns the conversation between a sender and a receiver, which
// it makes if need be.
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
	cv.users = map[string]*participant{}
	s.conversations[cv.id] = cv
	return cv
}

// addMessage gives a message its id and stores it.
func (st *state) addMessage(m *message) {
	st.lastMessage++
	m.id = st.lastMessage
	st.messages.add(m)
}

// add stores a message that is newer than all others.
func (s *messageStore) add(m *message) {
	s.timeline = append(s.timeline, m)
	cv := m.conversation
	if len(cv.timeline) == 0 {
		cv.createdAt = m.sentAt
	}
	if !m.isNote() && m.parent == nil {
		cv.updatedAt = m.sentAt
	}
	cv.timeline = append(cv.timeline, m)
	for _, t := range s.userTimelines(m) {
		*t = append(*t, m)
	}
	if m.parent != nil {
		m.parent.replies = append(m.parent.replies, m)
		m.parent.updatedAt = m.sentAt
		s.threads[m.parent.id] = m.parent
	}
}

// userTimelines are the timelines by user that a message belongs to.
func (s *messageStore) userTimelines(m *message) []*timeline {
	if m.conversation.kind != typeUser {
		return nil
	}
	lists := make([]*timeline, 2)
	for i, uid := range m.conversation.uids {
		if lists[i] = s.byUser[uid]; lists[i] == nil {
			lists[i] = &timeline{}
			s.byUser[uid] = lists[i]
		}
	}
	return lists
}

// remove forgets messages for good, and the replies to them.
func (s *messageStore) remove(messages ...*message) {
	touched := map[*timeline]bool{&s.timeline: true}
	for i := 0; i < len(messages); i++ {
		m := messages[i]
		m.removed = true
		messages = append(messages, m.replies...)
		touched[&m.conversation.timeline] = true
		for _, t := range s.userTimelines(m) {
			touched[t] = true
		}
		if m.parent != nil {
			touched[&m.parent.replies] = true
		}
	}
	for t := range touched {
		*t = slices.DeleteFunc(*t, func(m *message) bool { return m.removed })
	}
	for _, m := range messages {
		s.release(m)
		if m.parent != nil && len(m.parent.replies) == 0 {
			delete(s.threads, m.parent.id)
		}
	}
}

// release drops what points at a message that is deleted.
func (s *messageStore) release(m *message) {
	if m.pinnedAt != 0 {
		m.pinnedAt, m.pinnedBy = 0, ""
		m.conversation.pinned--
	}
	for _, saved := range s.saved {
		delete(saved, m.id)
	}
	delete(s.threads, m.id)
}

// removeUser forgets what a user wrote, all one-to-one conversations of the
// user, and what was kept for the user in the others.
func (s *messageStore) removeUser(uid string) {
	var gone []*message
	for _, m := range s.timeline {
		if m.sender == uid || m.conversation.isBetween(uid) {
			gone = append(gone, m)
		}
	}
	s.remove(gone...)
	for id, cv := range s.conversations {
		delete(cv.users, uid)
		if cv.isBetween(uid) {
			delete(s.conversations, id)
		}
	}
	delete(s.byUser, uid)
	delete(s.saved, uid)
}

// removeGroup forgets the conversation of a group.
func (s *messageStore) removeGroup(guid string) {
	if cv := s.conversations[groupConversationID(guid)]; cv != nil {
		s.remove(slices.Clone(cv.timeline)...) // remove empties the timeline itself
		delete(s.conversations, cv.id)
	}
}

// mentionsIn returns the uids that a text mentions as <@uid:…>, each once.
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
