package cometchattest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestUnreadMessagesCountedByPosition compares the count with one made message by
// message, after each kind of change that affects it.
func TestUnreadMessagesCountedByPosition(t *testing.T) {
	srv := New()
	srv.AddUsers(User{UID: "a"}, User{UID: "b"}, User{UID: "c"})
	srv.AddGroups(Group{GUID: "g", Participants: []string{"a", "b", "c"}})
	store, random := srv.state.messages, rand.New(rand.NewPCG(3, 4))
	uids := []string{"a", "b", "c"}
	group := func() *conversation { return store.conversations[groupConversationID("g")] }
	pick := func() *message { return group().timeline[random.IntN(len(group().timeline))] }
	for step := range 600 {
		uid := uids[random.IntN(3)]
		switch what := random.IntN(10); {
		case what < 5 || group() == nil || len(group().timeline) < 3:
			m := Message{Sender: uid, Receiver: "g", ReceiverType: typeGroup, Text: "hi"}
			if what == 0 {
				m.Category, m.Type = categoryAction, []string{"message", "groupMember"}[random.IntN(2)]
			} else if what == 1 && group() != nil && len(group().own) > 0 {
				m.ParentID = group().own[random.IntN(len(group().own))].idText()
			}
			srv.AddMessages(m)
		case what == 5:
			if m := pick(); m.deletedAt == 0 {
				store.markDeleted(m, uid, 1)
				store.release(m)
			}
		case what == 6:
			store.remove(pick())
		case what == 7:
			group().change(uid).read.mark(pick().id, 1)
		case what == 8:
			group().change(uid).read.unmark(pick().id)
		case step%20 == 0:
			group().clear(uid, false)
		}
		cv := group()
		for _, uid := range uids {
			r := &conversationRow{conversation: cv, participant: cv.participant(uid), uid: uid}
			unread := 0
			var last *message
			for _, m := range cv.timeline {
				if m.parent != nil || m.isNote() || m.id <= r.clearedUpTo {
					continue
				}
				last = m
				if m.countsFor(uid) && m.id > r.read.upTo() {
					unread++
				}
			}
			assert.Equal(t, unread, r.unread(), fmt.Sprintf("step %d, %s", step, uid))
			assert.Same(t, last, r.last())
		}
		if t.Failed() {
			return
		}
	}
	srv.state.messages.removeGroup("g")
	assert.Empty(t, store.timeline)
}
