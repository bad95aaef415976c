package cometchattest

import (
	"cmp"
	"iter"
	"maps"
	"net/http"
	"slices"
	"sort"
	"strconv"
)

// defaultThreads is the default page size of threads.
const defaultThreads = 100

func threadsResource() resource {
	return resource{routes: []route{
		{pattern: "POST /messages/{id}/thread", handle: with((*call).actorMessage, sendReply)},
		{pattern: "GET /messages/{id}/thread", handle: with((*call).pathMessage, listReplies)},
		{pattern: "GET /threads", handle: listThreads},
		{pattern: "POST /messages/{id}/thread/subscription", handle: changeSubscription},
		{pattern: "DELETE /messages/{id}/thread/subscription", handle: changeSubscription},
	}}
}

func sendReply(c *call, m *message) (any, error) {
	switch {
	case m.parent != nil:
		return nil, newError(400, "ERR_MESSAGE_THREAD_NESTING", "The message %d is a reply, which has no replies.", m.id)
	case m.category == categoryAction:
		return nil, newError(400, "ERR_WRONG_MESSAGE_THREAD_CATEGORY", "A message of the category %s has no replies.", m.category)
	case m.deletedAt != 0:
		return nil, newError(http.StatusForbidden, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "The message %d is deleted.", m.id)
	}
	return c.send(m)
}

func listReplies(c *call, m *message) (any, error) {
	return c.messagePage([]timeline{m.replies}, messageList{limit: defaultLimit})
}

// changeSubscription only checks that the acting user can see the message: no
// response of the API depends on subscriptions.
func changeSubscription(c *call) (any, error) {
	if _, err := c.actorMessage(); err != nil {
		return nil, err
	}
	return acknowledgement{Success: true}, nil
}

// lastReplyView is a message in the form of the list of threads, which includes
// some empty members but not the parent.
type lastReplyView struct {
	messageView
	ParentID    string `json:"parentId,omitempty"` // always empty
	MUID        string `json:"muid"`
	EditedAt    *int64 `json:"editedAt"`
	EditedBy    string `json:"editedBy"`
	DeliveredAt *int64 `json:"deliveredAt"`
	ReadAt      *int64 `json:"readAt"`
	DeletedAt   *int64 `json:"deletedAt"`
}

func listThreads(c *call) (any, error) { return c.threadPage(c.conversations()) }

// clientThreads returns the threads of the acting user, or those with the user or
// in the group named by the path. Without a cursor, it begins with the most
// recently changed ones.
func clientThreads(c *call) (any, error) {
	if !c.query.Has("affix") {
		c.query = maps.Clone(c.query)
		c.query.Set("affix", affixPrepend)
	}
	if c.params["uid"] == "" && c.params["guid"] == "" {
		return listThreads(c)
	}
	receiverType, receiver, err := c.pathReceiver()
	if err != nil {
		return nil, err
	}
	var list []*conversation
	if cv := c.state.messages.conversations[conversationOf(c.actor.uid, receiverType, receiver)]; cv != nil {
		list = append(list, cv)
	}
	return c.threadPage(slices.Values(list))
}

// threadPage returns a page of the threads in conversations.
func (c *call) threadPage(conversations iter.Seq[*conversation]) (any, error) {
	f := newFields(nil)
	q := c.readCursor(f, defaultThreads)
	q.id, q.sent.ID = 0, ""
	var cursor int64
	if updatedAt := c.query.Get("updatedAt"); updatedAt != "" {
		var err error
		if cursor, err = strconv.ParseInt(updatedAt, 10, 64); err != nil {
			f.fail("updatedAt", "The parameter updatedAt must be a time in seconds.")
		}
		q.sent.UpdatedAt = updatedAt
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	page := cutThreads(c.threads(conversations), q, cursor)
	data := make([]*messageView, len(page))
	for i, m := range page {
		data[i] = c.viewThread(m)
	}
	step := func(i int) func() cursorStep {
		return func() cursorStep { return cursorStep{UpdatedAt: page[i].updatedAt} }
	}
	return listResponse{Data: data, Meta: q.meta(len(page), step(0), step(len(page)-1))}, nil
}

// threads returns the messages with replies in conversations that the acting user
// can see, the most recently changed last.
func (c *call) threads(conversations iter.Seq[*conversation]) []*message {
	mine := c.queryBool("participatedByMe")
	var list []*message
	for cv := range conversations {
		for _, m := range cv.threads {
			if c.actor != nil {
				uid := c.actor.uid
				if m.id <= cv.participant(uid).clearedUpTo {
					continue
				}
				wrote := func(m *message) bool { return m.sender == uid }
				if mine && !wrote(m) && !slices.ContainsFunc(m.replies, wrote) {
					continue
				}
			}
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b *message) int {
		return cmp.Or(cmp.Compare(a.updatedAt, b.updatedAt), cmp.Compare(a.id, b.id))
	})
	return list
}

// cutThreads returns a page. The cursor is a time rather than an id, so a page
// includes all threads of its last second; otherwise paging would skip or repeat
// threads.
func cutThreads(list []*message, q *cursorQuery, cursor int64) []*message {
	if !q.prepend {
		from := sort.Search(len(list), func(i int) bool { return list[i].updatedAt > cursor })
		to := min(from+q.limit, len(list))
		for to > from && to < len(list) && list[to].updatedAt == list[to-1].updatedAt {
			to++
		}
		return list[from:to]
	}
	to := len(list)
	if q.sent.UpdatedAt != nil {
		to = sort.Search(len(list), func(i int) bool { return list[i].updatedAt >= cursor })
	}
	from := max(to-q.limit, 0)
	for from < to && from > 0 && list[from-1].updatedAt == list[from].updatedAt {
		from--
	}
	return list[from:to]
}

// viewThread returns a message with its last reply and the requested counts.
func (c *call) viewThread(m *message) *messageView {
	v := c.viewMessage(m, c.messageOptions())
	last := m.replies[len(m.replies)-1]
	reply := lastReplyView{messageView: *c.viewMessage(last, c.messageOptions()), MUID: last.muid, EditedBy: last.editedBy}
	for target, at := range map[**int64]int64{
		&reply.EditedAt: last.editedAt, &reply.DeletedAt: last.deletedAt,
		&reply.DeliveredAt: reply.messageView.DeliveredAt, &reply.ReadAt: reply.messageView.ReadAt,
	} {
		if at != 0 {
			*target = &at
		}
	}
	v.LastReply = reply
	if c.actor == nil {
		return v
	}
	var replies, mentions int
	read := m.conversation.participant(c.actor.uid).read.upTo()
	for _, r := range m.replies[m.replies.search(read+1):] {
		if c.isPending(r, readReceipts) {
			replies++
			if slices.Contains(r.mentions, c.actor.uid) {
				mentions++
			}
		}
	}
	if c.queryBool("withUnreadReplyCount") {
		v.UnreadReplyCount = &replies
	}
	if c.queryBool("withMentionCount") {
		v.UnreadMentionCount = &mentions
	}
	return v
}
