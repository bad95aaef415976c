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

// maxEvents is the minimum number of events and of deliveries the server keeps.
// It removes the oldest when there are more than twice maxEvents. It is also the
// maximum number of deliveries that can wait at an endpoint.
const maxEvents = 10_000

// Event is an event that the service reports to webhooks.
type Event struct {
	// ID is the number of the event on the server, counted from 1.
	ID int64
	// Trigger is the name of the event, such as "message_sent".
	Trigger string
	// Time is when the event happened, by the server's clock.
	Time time.Time
	// Data is the member "data" of the payload.
	Data json.RawMessage
	// RequestID is the [Request.ID] of the request that caused the event; it is 0
	// for [Server.Fire].
	RequestID int64

	kind string // the member "type"; empty if there is none
}

// Shapes selects the shape of events about which the documentation and observed
// payloads differ: message_edited, message_deleted, and changes an app makes to
// the members of a group without an acting user.
type Shapes string

const (
	// ShapesDocumented is the documented shape: an action message about the
	// message, and the system as the user who acted.
	ShapesDocumented Shapes = "documented"
	// ShapesSeen is the observed shape: the message itself.
	ShapesSeen Shapes = "seen"
	// ShapesBoth alternates between the two. In every second event about members
	// without an acting user, the member "by" is absent.
	ShapesBoth Shapes = "both"
)

// WithWebhookShapes sets the shapes of events; the default is ShapesDocumented.
func WithWebhookShapes(shapes Shapes) Option { return func(s *Server) { s.bus.shapes = shapes } }

// WithRegion sets the region of the app, which events include; the default is
// "us".
func WithRegion(region string) Option { return func(s *Server) { s.region = region } }

//go:embed event_examples.json
var eventExamplesJSON []byte

// eventExample is an example of the payload of an event.
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

// triggersWithoutExample are the triggers whose payload is not known.
var triggersWithoutExample = []string{
	"conversation_pinned", "conversation_unpinned", "group_member_removed", "message_pinned", "message_unpinned",
}

// Triggers returns the names of all events that webhooks can receive, sorted.
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

// CheckTriggers returns an error for the first name that is not a trigger. The
// error suggests the most similar trigger.
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

// distance returns the number of bytes to insert, delete or replace to turn one
// word into the other.
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

// Events returns the events that have happened since the server was created or
// [Server.Reset] was called, oldest first, whether or not a webhook subscribes to
// them. At least the newest 10,000 are kept. Only requests and [Server.Fire]
// cause events; methods that add data to the app do not.
func (s *Server) Events() []Event {
	s.bus.mu.Lock()
	defer s.bus.mu.Unlock()
	return slices.Clone(s.bus.events)
}

// Fire sends webhooks an event that the emulator does not produce itself, such as
// a started call. The data is encoded by encoding/json and must be a JSON object;
// if it is nil, Fire sends made-up example data. Fire returns an error if the
// data is not a JSON object. Without data, it also returns an error for an
// unknown trigger, or for one without an example.
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

// news holds the changes a request has made, in order. They become events if the
// request succeeds.
type news struct{ list []*change }

// change is a change that becomes an event.
type change struct {
	trigger string
	// data is the member "data", and seen its value in the other shape, or nil if
	// there is none.
	data, seen any
}

// tell records a change. Data added by methods of the server is not recorded.
func (c *call) tell(trigger string, data any) *change {
	ch := &change{trigger: trigger, data: data}
	if c.news != nil {
		c.news.list = append(c.news.list, ch)
	}
	return ch
}

// quietly calls what without recording its changes.
func (c *call) quietly(what func()) {
	told := c.news
	c.news = nil
	what()
	c.news = told
}

// publish turns the changes of a request into events. The state must be locked,
// so that events have the order of the changes.
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

// turn reports whether a change is to be sent in the other shape.
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

// tellMessage records that a message was sent, and the mentions of users in it.
func (c *call) tellMessage(m *message) {
	told := toldMessage{c.viewMessage(m, messageOptions{withTags: true})}
	c.tell("message_sent", told)
	if slices.ContainsFunc(m.mentions, func(uid string) bool { _, ok := c.state.users.get(uid); return ok }) {
		c.tell("user_mentioned", told)
	}
}

// tellNote records a change of a message by its action message.
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

// toldUsers is the data of events about what a user does to others.
type toldUsers struct {
	Users map[string]*userView `json:"users"`
	By    any                  `json:"by"`
}

// tellUser records what a user did to another. A request causes a single event
// for all users.
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

// toldBefore returns the change of the request with a trigger, or nil if there is
// none.
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

// tellGroupCreated records a new group as its owner sees it, with the owner as a
// member.
func (c *call) tellGroupCreated(g *group) {
	told := toldGroup{Group: c.groupTold(g)}
	if owner, ok := c.state.users.get(g.owner); ok {
		told.Group.groupView = c.as(owner).viewGroup(g, true)
		told.Members = map[string]toldMember{owner.uid: {userView: c.as(nil).viewUser(owner, false)}}
	}
	c.tell("group_created", told)
}

// tellOwner records that the owner of a group has changed.
func (c *call) tellOwner(g *group, old string) {
	told := toldGroup{Group: c.groupTold(g)}
	told.Group.OldOwner = old
	c.tell("group_owner_transferred", told)
}

// memberTriggers maps the actions of action messages to the triggers of the same
// change.
var memberTriggers = map[string]string{
	"added": "group_member_added", "kicked": "group_member_kicked", "banned": "group_member_banned",
	"unbanned": "group_member_unbanned", "scopeChanged": "group_member_scope_changed",
	"joined": "group_member_joined", "left": "group_member_left",
}

// tellMember records a change of a member. A request causes a single event for
// all members that it changes in the same way.
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

// receiptUser is a user in a receipt. Only the system has an avatar, which is
// empty.
type receiptUser struct {
	UID    string  `json:"uid"`
	Name   string  `json:"name"`
	Avatar *string `json:"avatar,omitempty"`
	Role   string  `json:"role,omitempty"`
	Status string  `json:"status"`
}

// tellReceipt records that a message was delivered to a user or read. of returns
// the receipts of a participant, and before is the last message that was marked
// earlier. Only the client API causes these events.
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
