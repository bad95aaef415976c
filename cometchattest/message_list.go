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
	defaultLimitAll = 100 // for the list of all messages
	maxLimit        = 1000
)

// cursorMeta is the meta member of a list with cursors.
type cursorMeta struct {
	Previous *cursorStep   `json:"previous,omitempty"`
	Current  cursorCurrent `json:"current"`
	Next     *cursorStep   `json:"next,omitempty"`
}

type cursorCurrent struct {
	Limit int `json:"limit"`
	Count int `json:"count"`
}

// cursorStep holds the parameters of another page. A time from an element is a
// number, a time from the request a string.
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

// cursorQuery is the position in a list that a request asks for.
type cursorQuery struct {
	prepend bool
	limit   int
	id      int64 // 0 if unset
	// sent holds the values to echo if the page is empty.
	sent cursorStep
}

// echo returns a step to the position of the request.
func (q *cursorQuery) echo(affix string) *cursorStep {
	step := q.sent
	step.Affix = affix
	return &step
}

// started reports whether the request has a position in the list.
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

// cutPage returns a page: the first rows that keep accepts, walking in the
// direction of the request. The page is in the order of the list.
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

// walk iterates over the messages of timelines, from the position of the request
// and in its direction.
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

// walks is a heap of the remaining parts of timelines. The part with the next
// message is on top.
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

// start returns the position in a timeline where a page begins, or, walking back,
// ends.
func (q *cursorQuery) start(t timeline) int {
	switch {
	case q.prepend && q.sent.ID == "":
		return len(t)
	case q.prepend:
		return t.search(q.id)
	}
	return t.search(q.id + 1)
}

// meta returns the cursors of a page from its first and its last element. An
// empty page keeps the position of the request.
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

// messageOptions reads the parameters that select the parts of messages to show.
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
		// Recorded traffic shows that count alone has no effect here.
		counts: c.queryBool("count") && c.queryBool("unread"),
		// Only the documentation of this list says that toTimestamp needs
		// fromTimestamp.
		ignoreTo: c.query.Get("fromTimestamp") == "",
	})
}

// ownTimelines returns the messages of the acting user by conversation. If unread
// is set, it only returns those that may be unread.
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

// messageList holds the differences between the lists of messages.
type messageList struct {
	limit    int  // default page size
	counts   bool // the response contains counts
	ignoreTo bool // ignore the parameter toTimestamp
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
		// With an id, the position is exact.
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
		q.sent.SentAt = c.unix() // the position of an empty page
	}
	step := func(i int) func() cursorStep {
		return func() cursorStep { return cursorStep{SentAt: page[i].sentAt, ID: page[i].idText()} }
	}
	return listResponse{Data: data, Meta: q.meta(len(page), step(0), step(len(page)-1))}, nil
}

// messageCount is the number of messages from a user or in a group.
type messageCount struct {
	EntityID   string `json:"entityId"`
	EntityType string `json:"entityType"`
	Count      int    `json:"count"`
}

// countMessages counts messages by their origin, in the order of the first
// message.
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

// The categories and types by which a list can be filtered. Custom messages have
// their own types.
var (
	knownCategories = []string{categoryMessage, categoryCustom, categoryInteractive, categoryAction, categoryAgentic, categoryCall, "card"}
	knownTypes      = slices.Concat([]string{"text", "message", "groupMember", "assistant", "tool-result", "tool-arguments"}, mediaTypes, interactiveTypes)
)

// messageFilter returns the tests of the parameters of a list of messages. It
// records invalid values in f.
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
	// Recorded traffic shows that other values have no effect.
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

// kindFilter adds the tests of categories and types.
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

// timeFilter adds the tests of times.
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

// hasAttachments reports whether a message has files.
func (m *message) hasAttachments() bool {
	return m.deletedAt == 0 && m.category == categoryMessage && slices.Contains(mediaTypes, m.kind)
}

// hasLinks reports whether the text of a message contains a link.
func (m *message) hasLinks() bool {
	return m.deletedAt == 0 && slices.ContainsFunc([]string{"http://", "https://", "www."}, func(s string) bool {
		return strings.Contains(m.text, s)
	})
}

func readReceipts(p *participant) receipts     { return p.read }
func deliveryReceipts(p *participant) receipts { return p.delivered }

// isPending reports whether a message has yet to be read, or delivered: by the
// acting user, or without one by the receiver.
func (c *call) isPending(m *message, of func(*participant) receipts) bool {
	uid := m.receiver
	if c.actor != nil {
		uid = c.actor.uid
	} else if m.receiverType == typeGroup {
		return false
	}
	return m.countsFor(uid) && of(m.conversation.participant(uid)).at(m.id) == 0
}

// countsFor reports whether a message can be unread for a user: it is from
// another user, and is not an action, deleted or blocked.
func (m *message) countsFor(uid string) bool {
	return m.sender != uid && m.isCountable() && !m.isBlocked()
}
