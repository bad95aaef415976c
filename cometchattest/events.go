package cometchattest

import (
	_ "embed" // for the examples
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxEvents is how many events and deliveries the server remembers, and how many
// of the latter can wait at an endpoint.
const maxEvents = 10_000

// Event is something that the service tells webhooks of.
type Event struct {
	// ID counts the events of the server, from 1.
	ID int64
	// Trigger is its name, such as "message_sent".
	Trigger string
	// Time is when it happened, by the server's clock.
	Time time.Time
	// Data is the member "data" of what webhooks get.
	Data json.RawMessage
	// RequestID is the [Request.ID] of what made it happen; 0 for [Server.Fire].
	RequestID int64

	kind string // the member "type"; empty is none
}

// Shapes is how events look about whose look sources differ: message_edited and
// message_deleted, and what an app does to the members of a group without acting
// for a user.
type Shapes string

const (
	// ShapesDocumented is as the documentation has them: an action message about the
	// message, and the system as who did it.
	ShapesDocumented Shapes = "documented"
	// ShapesSeen is as they were seen: the message itself.
	ShapesSeen Shapes = "seen"
	// ShapesBoth is one and the other by turns. Every second event has no member
	// "by" for the system.
	ShapesBoth Shapes = "both"
)

// WithWebhookShapes sets the shapes of events; the default is ShapesDocumented.
func WithWebhookShapes(shapes Shapes) Option { return func(s *Server) { s.bus.shapes = shapes } }

// WithRegion sets the region of the app, which events name; the default is "us".
func WithRegion(region string) Option { return func(s *Server) { s.region = region } }

//go:embed event_examples.json
var eventExamplesJSON []byte

// eventExample is what an event of a trigger looks like.
type eventExample struct {
	Data json.RawMessage `json:"data"`
	Type string          `json:"type"`
}

var eventExamples = sync.OnceValue(func() map[string]eventExample {
	var examples map[string]eventExample
	if err := json.Unmarshal(eventExamplesJSON, &examples); err != nil {
		panic("cometchattest: the examples of events: " + err.Error())
	}
	return examples
})

// triggersWithoutExample are those of which no payload is known.
var triggersWithoutExample = []string{
	"conversation_pinned", "conversation_unpinned", "group_member_removed", "message_pinned", "message_unpinned",
}

// Triggers lists the names of all events that webhooks can be told of, sorted.
func Triggers() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for _, known := range [][]string{triggersWithoutExample, slices.Collect(maps.Keys(eventExamples()))} {
			for _, trigger := range known {
				if !yield(trigger) {
					return
				}
			}
		}
	})
}

// CheckTriggers returns an error for the first name that is no trigger; it says
// which one comes nearest.
func CheckTriggers(names ...string) error {
	known := Triggers()
	for _, name := range names {
		if !slices.Contains(known, name) {
			nearest := slices.MinFunc(known, func(a, b string) int { return distance(a, name) - distance(b, name) })
			return fmt.Errorf("cometchattest: there is no trigger %q; the nearest is %q", name, nearest)
		}
	}
	return nil
}

// distance is how many letters have to be put in, taken out or changed to make
// one word of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(a) {
		before := row[0]
		row[0]++
		for j := range len(b) {
			changed := before
			if a[i] != b[j] {
				changed++
			}
			before = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Events returns what has happened, the oldest first, whether a webhook wanted to
// know or not: the newest 10,000 events since the server was made, or since
// [Server.Reset]. What is put into the app, rather than done by a request, is no
// event.
func (s *Server) Events() []Event {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	return slices.Clone(s.bus.events)
}

// Fire tells webhooks of an event that does not happen by itself, such as a call
// that was started. The data is what encoding/json makes of it, which must be a
// JSON object; nil is that of a made-up example. It returns an error for other
// data, and for a name that is no trigger or has no example, unless there is data.
func (s *Server) Fire(trigger string, data any) error {
	example, known := eventExamples()[trigger]
	switch raw, err := json.Marshal(data); {
	case err != nil:
		return fmt.Errorf("cometchattest: the data of %s: %w", trigger, err)
	case string(raw) != "null":
		if !strings.HasPrefix(string(raw), "{") {
			return errors.New("cometchattest: the data of " + trigger + " is no JSON object")
		}
		example.Data = raw
	case !known && slices.Contains(triggersWithoutExample, trigger):
		return errors.New("cometchattest: there is no example of " + trigger + "; it needs data")
	case !known:
		return CheckTriggers(trigger)
	}
	s.bus.publish(Event{Trigger: trigger, Time: s.now(), Data: example.Data, kind: example.Type})
	return nil
}

// news is what a request has changed, in the order of the changes. When the
// request has succeeded, it becomes events.
type news struct{ list []*change }

// change is one event in the making.
type change struct {
	trigger string
	// data is the member "data", and seen what it is in the other shape, if there
	// is one.
	data, seen any
}

// tell notes a change. What is put into the app makes no news.
func (c *call) tell(trigger string, data any) *change {
	ch := &change{trigger: trigger, data: data}
	if c.news != nil {
		c.news.list = append(c.news.list, ch)
	}
	return ch
}

// quietly does something whose changes are not told.
func (c *call) quietly(what func()) {
	told := c.news
	c.news = nil
	what()
	c.news = told
}

// publish makes events of the changes of a request. The state must be locked: the
// order of the events is that of the changes.
func (c *call) publish() {
	bus := &c.server.bus
	for _, ch := range c.news.list {
		data := ch.data
		if bus.turn(ch) {
			data = ch.seen
		}
		bus.publish(Event{Trigger: ch.trigger, Time: c.now, Data: encode(data), RequestID: c.entryID})
	}
}

// turn tells whether it is the other shape's turn.
func (b *bus) turn(ch *change) bool {
	if ch.seen == nil || b.shapes != ShapesSeen && b.shapes != ShapesBoth {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turns == nil {
		b.turns = map[string]int{}
	}
	b.turns[ch.trigger]++
	return b.shapes == ShapesSeen || b.turns[ch.trigger]%2 == 0
}

// toldMessage is the data of events about a message.
type toldMessage struct {
	Message *messageView `json:"message"`
}

// tellMessage tells that a message was sent, and whom it mentions.
func (c *call) tellMessage(m *message) {
	told := toldMessage{c.viewMessage(m, messageOptions{withTags: true})}
	c.tell("message_sent", told)
	if slices.ContainsFunc(m.mentions, func(uid string) bool { _, ok := c.state.users.get(uid); return ok }) {
		c.tell("user_mentioned", told)
	}
}

// tellNote tells what was done to a message, by the action message that says so.
func (c *call) tellNote(action string, note *messageView, m *message) {
	changed := *m
	if action == "deleted" && m.deletedAt == 0 {
		changed.deletedAt, changed.deletedBy, changed.updatedAt = c.unix(), c.actingUID(), c.unix()
	}
	c.tell("message_"+action, toldMessage{note}).seen = toldMessage{c.viewMessage(&changed, messageOptions{withTags: true})}
}

// toldReaction is the data of events about a reaction.
type toldReaction struct {
	Reaction reactionView `json:"reaction"`
}

func (c *call) tellReaction(trigger string, m *message, r *reaction) {
	c.tell(trigger, toldReaction{c.viewReaction(m, r)})
}

// toldUsers is the data of events about what one user does to others.
type toldUsers struct {
	Users map[string]*userView `json:"users"`
	By    any                  `json:"by"`
}

// tellUser tells what one user did to another; a request has one event for all.
func (c *call) tellUser(trigger string, on, by *user) {
	var told toldUsers
	if before := c.toldBefore(trigger); before != nil {
		told = before.data.(toldUsers)
	} else {
		told = toldUsers{map[string]*userView{}, c.as(nil).viewUser(by, false)}
		c.tell(trigger, told)
	}
	told.Users[on.uid] = c.as(nil).viewUser(on, false)
}

// toldBefore is the change of the request with a trigger; nil when there is none.
func (c *call) toldBefore(trigger string) *change {
	if c.news == nil {
		return nil
	}
	for _, ch := range c.news.list {
		if ch.trigger == trigger {
			return ch
		}
	}
	return nil
}

// toldGroup is the data of events about a group.
type toldGroup struct {
	Group   groupTold             `json:"group"`
	Members map[string]toldMember `json:"members,omitempty"`
	By      any                   `json:"by,omitempty"`
}

type groupTold struct {
	*groupView
	OnlineMembersCount int    `json:"onlineMembersCount"`
	OldOwner           string `json:"oldOwner,omitempty"`
}

type toldMember struct {
	*userView
	OldScope string `json:"oldScope,omitempty"`
}

func (c *call) groupTold(g *group) groupTold {
	online := 0
	for _, e := range g.members.entries {
		if u, ok := c.state.users.get(e.id); ok && u.status == "available" {
			online++
		}
	}
	return groupTold{groupView: c.as(nil).viewGroup(g, true), OnlineMembersCount: online}
}

func (c *call) tellGroup(trigger string, g *group) {
	c.tell(trigger, toldGroup{Group: c.groupTold(g)})
}

// tellGroupCreated tells of a group as its owner, who is the member, sees it.
func (c *call) tellGroupCreated(g *group) {
	told := toldGroup{Group: c.groupTold(g)}
	if owner, ok := c.state.users.get(g.owner); ok {
		told.Group.groupView = c.as(owner).viewGroup(g, true)
		told.Members = map[string]toldMember{owner.uid: {userView: c.as(nil).viewUser(owner, false)}}
	}
	c.tell("group_created", told)
}

// tellOwner tells that a group has another owner.
func (c *call) tellOwner(g *group, old string) {
	told := toldGroup{Group: c.groupTold(g)}
	told.Group.OldOwner = old
	c.tell("group_owner_transferred", told)
}

// memberTriggers are the triggers by the actions of the messages that tell a group
// the same.
var memberTriggers = map[string]string{
	"added": "group_member_added", "kicked": "group_member_kicked", "banned": "group_member_banned",
	"unbanned": "group_member_unbanned", "scopeChanged": "group_member_scope_changed",
	"joined": "group_member_joined", "left": "group_member_left",
}

// tellMember tells what was done to a member; a request has one event for all to
// whom it does the same.
func (c *call) tellMember(action string, g *group, on *userView, scope, oldScope string) {
	trigger := memberTriggers[action]
	shown := *on
	shown.Scope = scope
	told := toldGroup{Group: c.groupTold(g), Members: map[string]toldMember{}}
	ch := c.toldBefore(trigger)
	if ch != nil {
		told.Members = ch.data.(toldGroup).Members
	} else {
		ch = c.tell(trigger, nil)
	}
	told.Members[on.UID] = toldMember{&shown, oldScope}
	if action == "joined" || action == "left" {
		ch.data = told
		return
	}
	if told.By = c.userEntity(c.actingUID(), false).Entity; c.actor == nil && c.server.bus.shapes == ShapesBoth {
		ch.seen = toldGroup{Group: told.Group, Members: told.Members}
	}
	ch.data = told
}

// toldReceipt is the data of events about receipts.
type toldReceipt struct {
	Receiver      string      `json:"receiver"`
	ReceiverType  string      `json:"receiverType"`
	Type          string      `json:"type"`
	Sender        string      `json:"sender"`
	MessageSender string      `json:"messageSender"`
	Body          receiptBody `json:"body"`
}

type receiptBody struct {
	Action    string `json:"action"`
	MessageID string `json:"messageId"`
	User      any    `json:"user"`
	Timestamp int64  `json:"timestamp"`
}

// receiptUser is a user as receipts show one. The system has an avatar, an empty
// one.
type receiptUser struct {
	UID    string  `json:"uid"`
	Name   string  `json:"name"`
	Avatar *string `json:"avatar,omitempty"`
	Role   string  `json:"role,omitempty"`
	Status string  `json:"status"`
}

// tellReceipt tells that a user has got or read a message: of is those marks of a
// participant, and before how far they went. Only front ends cause these events.
func (c *call) tellReceipt(r *conversationRow, action string, id, before int64, of func(*participant) *receipts) {
	m, ok := r.timeline.get(id)
	if c.token == nil || !ok || id <= before || m.sender == c.actor.uid {
		return
	}
	trigger, toAll := "message_delivery_receipt", "message_delivered_to_all"
	allAction := "deliveredToAll"
	if action == "read" {
		trigger, toAll, allAction = "message_read_receipt", "message_read_by_all", "readByAll"
	}
	status := "offline"
	if c.actor.status == "available" {
		status = "online"
	}
	told := toldReceipt{
		Receiver: m.sender, ReceiverType: m.receiverType, Type: "receipts", Sender: c.actor.uid, MessageSender: m.sender,
		Body: receiptBody{action, m.idText(), receiptUser{UID: c.actor.uid, Name: c.actor.name, Status: status}, c.unix()},
	}
	if r.kind == typeGroup {
		told.Receiver = r.guid
	}
	c.tell(trigger, told)
	if r.kind != typeGroup || slices.ContainsFunc(c.parties(r.conversation), func(uid string) bool {
		return uid != m.sender && of(r.conversation.participant(uid)).upTo() < id
	}) {
		return
	}
	none := ""
	told.Sender = systemUID
	told.Body.Action = allAction
	told.Body.User = receiptUser{systemUID, "System", &none, defaultRole, "offline"}
	c.tell(toAll, told)
}
