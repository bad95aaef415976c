package cometchattest

import (
	"container/heap"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Page sizes of the lists of messages.
const (
	defaultLimit    = 10
	defaultLimitAll = 100 // of the list of all messages
	maxLimit        = 1000
)

// cursorMeta stands beside a list that goes on from an element.
type cursorMeta struct {
	Previous *cursorStep   `json:"previous,omitempty"`
	Current  cursorCurrent `json:"current"`
	Next     *cursorStep   `json:"next,omitempty"`
}

type cursorCurrent struct {
	Limit int `json:"limit"`
	Count int `json:"count"`
}

// cursorStep holds the parameters of another page. Times are numbers where they
// come from an element, and strings where they come from the request.
type cursorStep struct {
	Affix         string `json:"affix"`
	SentAt        any    `json:"sentAt,omitempty"`
	UpdatedAt     any    `json:"updatedAt,omitempty"`
	FromTimestamp string `json:"fromTimestamp,omitempty"`
	ID            string `json:"id,omitempty"`
}

const (
	affixAppend  = "append"
	affixPrepend = "prepend"
)

// cursorQuery is where a request wants a list to go on.
type cursorQuery struct {
	prepend bool
	limit   int
	id      int64 // 0 is not set
	// sent holds what to echo when there is nothing to go on from.
	sent cursorStep
}

// echo returns a step that stays where the request is.
func (q *cursorQuery) echo(affix string) *cursorStep {
	step := q.sent
	step.Affix = affix
	return &step
}

// started tells whether the request goes on from somewhere.
func (q *cursorQuery) started() bool {
	return q.prepend || q.sent.ID != "" || q.sent.SentAt != nil || q.sent.UpdatedAt != nil
}

// readCursor reads affix, id and limit.
func (c *call) readCursor(f *fields, limit int) *cursorQuery {
	q := &cursorQuery{}
	name := "limit"
	if !c.query.Has(name) && c.query.Has("perPage") {
		name = "perPage"
	}
	q.limit = c.queryNumber(f, name, limit, 1, maxLimit)
	q.prepend = c.queryWord(f, "affix", affixAppend, affixPrepend) == affixPrepend
	if id := c.query.Get("id"); id != "" {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n < 0 {
			f.fail("id", "The parameter id must be the id of a message.")
		}
		q.id, q.sent.ID = n, id
	}
	return q
}

// cutPage cuts a page out of a walk in the direction of the request: the first
// rows that are kept, in their order in the list.
func cutPage[T any](walk iter.Seq[T], q *cursorQuery, keep func(T) bool) []T {
	page := []T{}
	for row := range walk {
		if keep(row) {
			if page = append(page, row); len(page) == q.limit {
				break
			}
		}
	}
	if q.prepend {
		slices.Reverse(page)
	}
	return page
}

// walk goes through the messages of timelines, from where the request is in its
// direction.
func (q *cursorQuery) walk(lists []timeline) iter.Seq[*message] {
	h := &walks{back: q.prepend}
	for _, t := range lists {
		if q.prepend {
			t = t[:q.start(t)]
		} else {
			t = t[q.start(t):]
		}
		if len(t) > 0 {
			h.rest = append(h.rest, t)
		}
	}
	heap.Init(h)
	return func(yield func(*message) bool) {
		for len(h.rest) > 0 {
			t := h.rest[0]
			m := h.next(0)
			if q.prepend {
				t = t[:len(t)-1]
			} else {
				t = t[1:]
			}
			if h.rest[0] = t; len(t) == 0 {
				heap.Pop(h)
			} else if len(h.rest) > 1 {
				heap.Fix(h, 0)
			}
			if !yield(m) {
				return
			}
		}
	}
}

// walks are the rests of timelines, the one that goes on next on top of a heap.
type walks struct {
	rest []timeline
	back bool
}

func (h *walks) next(i int) *message {
	if t := h.rest[i]; h.back {
		return t[len(t)-1]
	}
	return h.rest[i][0]
}

func (h *walks) Len() int           { return len(h.rest) }
func (h *walks) Less(i, j int) bool { return h.next(i).id < h.next(j).id != h.back }
func (h *walks) Swap(i, j int)      { h.rest[i], h.rest[j] = h.rest[j], h.rest[i] }
func (h *walks) Push(x any)         { h.rest = append(h.rest, x.(timeline)) }

func (h *walks) Pop() any {
	last := len(h.rest) - 1
	t := h.rest[last]
	h.rest = h.rest[:last]
	return t
}

// start is the position in a timeline where a page begins, or, going back, ends.
func (q *cursorQuery) start(t timeline) int {
	switch {
	case q.prepend && q.sent.ID == "":
		return len(t)
	case q.prepend:
		return t.search(q.id)
	}
	return t.search(q.id + 1)
}

// meta describes a page by its first and its last element. A page without
// elements stays where the request was.
func (q *cursorQuery) meta(count int, first, last func() cursorStep) cursorMeta {
	meta := cursorMeta{Current: cursorCurrent{Limit: q.limit, Count: count}}
	if count == 0 {
		meta.Previous, meta.Next = q.echo(affixPrepend), q.echo(affixAppend)
		return meta
	}
	next := last()
	next.Affix, next.FromTimestamp = affixAppend, q.sent.FromTimestamp
	meta.Next = &next
	if q.started() {
		previous := first()
		previous.Affix, previous.FromTimestamp = affixPrepend, q.sent.FromTimestamp
		meta.Previous = &previous
	}
	return meta
}

// messageOptions reads what a list or a message is to show.
func (c *call) messageOptions() messageOptions {
	return messageOptions{
		withTags:         c.queryBool("withTags"),
		hideQuoted:       c.queryBool("hideQuotedMessages"),
		mentionsWithTags: c.queryBool("mentionsWithTagInfo"),
		mentionsBlocked:  c.queryBool("mentionsWithBlockedInfo"),
	}
}

func listMessages(c *call) (any, error) {
	store := c.state.messages
	lists := []timeline{store.timeline}
	if id := c.query.Get("conversationId"); id != "" {
		lists = nil
		if cv := store.conversations[strings.ToLower(id)]; cv != nil {
			lists = []timeline{cv.timeline}
		}
	} else if c.actor != nil {
		lists = c.ownTimelines(c.queryBool("unread"))
	}
	return c.messagePage(lists, messageList{
		limit: defaultLimitAll,
		// Recorded traffic shows that count alone changes nothing here.
		counts: c.queryBool("count") && c.queryBool("unread"),
		// Documented for this list only.
		ignoreTo: c.query.Get("fromTimestamp") == "",
	})
}

// ownTimelines are the messages of the acting user by conversation, or only those
// that the user can have unread.
func (c *call) ownTimelines(unread bool) []timeline {
	var lists []timeline
	for cv := range c.conversations() {
		p := cv.participant(c.actor.uid)
		after := p.clearedUpTo
		if unread {
			after = max(after, p.read.upTo())
		}
		lists = append(lists, cv.timeline[cv.timeline.search(after+1):])
	}
	return lists
}

func listUserMessages(c *call, u *user) (any, error) {
	var rows timeline
	if c.actor == nil {
		if t := c.state.messages.byUser[u.uid]; t != nil {
			rows = *t
		}
	} else if cv := c.state.messages.conversations[conversationID(c.actor.uid, u.uid)]; cv != nil {
		rows = cv.timeline
	}
	return c.messagePage([]timeline{rows}, messageList{limit: defaultLimit, counts: c.queryBool("count")})
}

func listGroupMessages(c *call) (any, error) {
	guid := c.id("guid")
	if err := c.mayUseGroup(guid); err != nil {
		return nil, err
	}
	var rows timeline
	if cv := c.state.messages.conversations[groupConversationID(guid)]; cv != nil {
		rows = cv.timeline
	}
	return c.messagePage([]timeline{rows}, messageList{limit: defaultLimit, counts: c.queryBool("count")})
}

// messageList says in what the lists of messages differ.
type messageList struct {
	limit    int  // of a page, unless the request says so
	counts   bool // the response is numbers
	ignoreTo bool // of the parameter toTimestamp
}

// messagePage returns a page of messages.
func (c *call) messagePage(lists []timeline, list messageList) (any, error) {
	f := newFields(nil)
	q := c.readCursor(f, list.limit)
	tests := c.messageFilter(f, list)
	q.sent.FromTimestamp = c.query.Get("fromTimestamp")
	if sentAt := c.query.Get("sentAt"); sentAt != "" {
		at, err := strconv.ParseInt(sentAt, 10, 64)
		if err != nil {
			f.fail("sentAt", "The parameter sentAt must be a time in seconds.")
		}
		q.sent.SentAt = sentAt
		// With an id the place is known to the message.
		if q.sent.ID == "" {
			tests = append(tests, func(m *message) bool { return q.prepend && m.sentAt < at || !q.prepend && m.sentAt > at })
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	keep := func(m *message) bool {
		return !slices.ContainsFunc(tests, func(test func(*message) bool) bool { return !test(m) })
	}
	if list.counts {
		return c.countMessages(lists, keep), nil
	}
	page := cutPage(q.walk(lists), q, keep)
	data, show := make([]*messageView, len(page)), c.messageOptions()
	for i, m := range page {
		data[i] = c.viewMessage(m, show)
	}
	if len(page) == 0 && q.sent.ID == "" && q.sent.SentAt == nil {
		q.sent.SentAt = c.unix() // where a page without messages stays
	}
	step := func(i int) func() cursorStep {
		return func() cursorStep { return cursorStep{SentAt: page[i].sentAt, ID: page[i].idText()} }
	}
	return listResponse{Data: data, Meta: q.meta(len(page), step(0), step(len(page)-1))}, nil
}

// messageCount is how many messages there are from a user, or in a group.
type messageCount struct {
	EntityID   string `json:"entityId"`
	EntityType string `json:"entityType"`
	Count      int    `json:"count"`
}

// countMessages counts messages by where they came from, those that came first
// in front.
func (c *call) countMessages(lists []timeline, keep func(*message) bool) []messageCount {
	counts, places := []messageCount{}, map[string]int{}
	for m := range (&cursorQuery{}).walk(lists) {
		if !keep(m) {
			continue
		}
		n := messageCount{EntityID: m.receiver, EntityType: m.receiverType}
		if m.receiverType == typeUser {
			n.EntityID = m.sender
			if c.actor != nil {
				n.EntityID = m.conversation.other(c.actor.uid)
			}
		}
		place, known := places[n.EntityType+n.EntityID]
		if !known {
			place = len(counts)
			places[n.EntityType+n.EntityID] = place
			counts = append(counts, n)
		}
		counts[place].Count++
	}
	return counts
}

// The categories and types a list can be filtered by. Custom messages have types
// of their own.
var (
	knownCategories = []string{categoryMessage, categoryCustom, categoryInteractive, categoryAction, categoryAgentic, categoryCall, "card"}
	knownTypes      = slices.Concat([]string{"text", "message", "groupMember", "assistant", "tool-result", "tool-arguments"}, mediaTypes, interactiveTypes)
)

// messageFilter makes the tests of the parameters of a list of messages, noting
// mistakes in f.
func (c *call) messageFilter(f *fields, list messageList) []func(*message) bool {
	var tests []func(*message) bool
	keep := func(test func(*message) bool) { tests = append(tests, test) }

	if c.actor != nil {
		uid := c.actor.uid
		parties := map[*conversation]bool{}
		keep(func(m *message) bool {
			is, known := parties[m.conversation]
			if !known {
				is = c.isParty(m.conversation, uid)
				parties[m.conversation] = is
			}
			return is && m.id > m.conversation.participant(uid).clearedUpTo && m.visibleTo(uid)
		})
		if c.queryBool("hideMessagesFromBlockedUsers") {
			keep(func(m *message) bool { return !c.state.hasBlockedUser(uid, m.sender) })
		}
		if c.queryBool("myMentionsOnly") {
			keep(func(m *message) bool { return slices.Contains(m.mentions, uid) })
		}
	}
	if c.token != nil {
		saved := c.state.messages.saved[c.actor.uid]
		if c.queryBool("pinned") {
			keep(func(m *message) bool { return m.pinnedAt != 0 })
		}
		if c.queryBool("saved") {
			keep(func(m *message) bool { return saved[m.id] != 0 })
		}
	}
	c.kindFilter(f, keep)
	if key := strings.ToLower(c.query.Get("searchKey")); key != "" {
		keep(func(m *message) bool { return m.deletedAt == 0 && strings.Contains(strings.ToLower(m.text), key) })
	}
	senders := append(c.queryList("senders"), c.queryList("sender")...)
	if senders != nil {
		keep(func(m *message) bool { return containsFold(senders, m.sender) })
	}
	// Recorded traffic shows that other words change nothing.
	if kind := c.queryWord(newFields(nil), "receiverType", typeUser, typeGroup); kind != "" {
		keep(func(m *message) bool { return m.receiverType == kind })
	}
	if uids := c.queryList("mentionedUids"); uids != nil {
		keep(func(m *message) bool {
			return slices.ContainsFunc(uids, func(uid string) bool { return slices.Contains(m.mentions, strings.ToLower(uid)) })
		})
	}
	if tags := c.queryList("tags"); tags != nil {
		keep(func(m *message) bool {
			return slices.ContainsFunc(m.tags, func(tag string) bool { return slices.Contains(tags, tag) })
		})
	}
	for name, test := range map[string]func(*message) bool{
		"hasAttachments": (*message).hasAttachments,
		"hasMentions":    func(m *message) bool { return len(m.mentions) > 0 },
		"hasLinks":       (*message).hasLinks,
		"hasReactions":   func(m *message) bool { return len(m.reactions) > 0 },
		"hideReplies":    func(m *message) bool { return m.parent == nil },
		"hideDeleted":    func(m *message) bool { return m.deletedAt == 0 },
		"onlyDeleted":    func(m *message) bool { return m.deletedAt != 0 },
		"unread":         func(m *message) bool { return c.isPending(m, readReceipts) },
		"undelivered":    func(m *message) bool { return c.isPending(m, deliveryReceipts) },
	} {
		if c.queryBool(name) {
			keep(test)
		}
	}
	c.timeFilter(f, list, keep)
	return tests
}

// kindFilter adds the tests for categories and types.
func (c *call) kindFilter(f *fields, keep func(func(*message) bool)) {
	var custom bool
	for _, name := range []string{"category", "categories"} {
		list := c.queryList(name)
		if list == nil {
			continue
		}
		for _, category := range list {
			if custom = custom || strings.EqualFold(category, categoryCustom); !containsFold(knownCategories, category) {
				f.fail(name, "There is no category %s.", category)
			}
		}
		keep(func(m *message) bool { return containsFold(list, m.category) })
	}
	for _, name := range []string{"type", "types"} {
		list := c.queryList(name)
		if list == nil {
			continue
		}
		for _, kind := range list {
			if !custom && !containsFold(knownTypes, kind) {
				f.fail(name, "There is no type %s.", kind)
			}
		}
		keep(func(m *message) bool { return containsFold(list, m.kind) })
	}
	if list := c.queryList("attachmentTypes"); list != nil {
		keep(func(m *message) bool { return m.hasAttachments() && containsFold(list, m.kind) })
	}
}

// timeFilter adds the tests for times.
func (c *call) timeFilter(f *fields, list messageList, keep func(func(*message) bool)) {
	for name, at := range map[string]func(*message) int64{
		"sentAt":   func(m *message) int64 { return m.sentAt },
		"editedAt": func(m *message) int64 { return m.editedAt },
		"updatedAt": func(m *message) int64 {
			// Only messages that were changed count as updated.
			if m.updatedAt == m.sentAt {
				return 0
			}
			return m.updatedAt
		},
	} {
		if in := c.querySpan(f, name); in != nil {
			keep(func(m *message) bool { return in(at(m)) })
		}
	}
	if from := c.queryTime(f, "fromTimestamp"); from > 0 {
		keep(func(m *message) bool { return m.sentAt >= from })
	}
	if to := c.queryTime(f, "toTimestamp"); to > 0 && !list.ignoreTo {
		keep(func(m *message) bool { return m.sentAt <= to })
	}
}

// hasAttachments tells whether a message carries files.
func (m *message) hasAttachments() bool {
	return m.deletedAt == 0 && m.category == categoryMessage && slices.Contains(mediaTypes, m.kind)
}

// hasLinks tells whether the text of a message has a link in it.
func (m *message) hasLinks() bool {
	return m.deletedAt == 0 && slices.ContainsFunc([]string{"http://", "https://", "www."}, func(s string) bool {
		return strings.Contains(m.text, s)
	})
}

func readReceipts(p *participant) receipts     { return p.read }
func deliveryReceipts(p *participant) receipts { return p.delivered }

// isPending tells whether a message waits to be read, or delivered: by the
// acting user, and otherwise by the receiver.
func (c *call) isPending(m *message, of func(*participant) receipts) bool {
	uid := m.receiver
	if c.actor != nil {
		uid = c.actor.uid
	} else if m.receiverType == typeGroup {
		return false
	}
	return m.countsFor(uid) && of(m.conversation.participant(uid)).at(m.id) == 0
}

// countsFor tells whether a user has a message to read at all: from another user,
// that is not an action and not deleted.
func (m *message) countsFor(uid string) bool {
	return m.sender != uid && m.isCountable() && !m.isBlocked()
}
