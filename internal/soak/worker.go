package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/go-cometchat/cometchat"
)

// operation is an action of a backend.
type operation struct {
	name   string
	weight int
	run    func(*worker, context.Context, *turn, *cometchat.Client) error
}

var operations []operation

var totalWeight int

func init() { // not in the declaration, since the operations refer to the plan
	operations = []operation{
		{"upsert a user", 15, (*worker).upsert},
		{"upsert a user that others upsert, too", 5, (*worker).upsertShared},
		{"read a user", 5, (*worker).readUser},
		{"ensure a group", 6, (*worker).ensure},
		{"ensure a group that others ensure, too", 3, (*worker).ensureShared},
		{"add members", 6, (*worker).addMembers},
		{"kick a member", 3, (*worker).kick},
		{"send a message", 20, (*worker).send},
		{"edit a message", 8, (*worker).edit},
		{"delete a message", 4, (*worker).delete},
		{"read a message", 4, (*worker).readMessage},
		{"mint a token", 8, (*worker).mint},
		{"walk a list", 6, (*worker).walk},
		{"export messages", 3, (*worker).export},
	}
	for _, op := range operations {
		totalWeight += op.weight
	}
}

// sentMessage is a message whose id the worker knows.
type sentMessage struct {
	id, muid, from string // from is a uid; empty for the app
}

// worker is one goroutine of a backend. What it writes has ids of its own, except
// for shared objects.
type worker struct {
	*session
	number   int
	users    []string
	groups   []string
	messages []sentMessage
	serial   int
}

// sharedThings is the number of users, and of groups, that all workers write.
const sharedThings = 8

// actor returns the uid of a user of the worker that exists from the start.
func (w *worker) actor(n int) string { return fmt.Sprintf("actor%d-%d", w.number, n) }

const actors = 4

// poolUser returns the uid of a user to be added to groups.
func poolUser(n int) string { return fmt.Sprintf("pool-%02d", n) }

const poolSize = 80

func (w *worker) origin(t *turn) string {
	return fmt.Sprintf("worker %d, step %d, %s [%s]", t.worker, t.step, t.op.name, w.front.story(t.place()))
}

// step does one step of the plan.
func (w *worker) step(step int) {
	t := w.front.plan.turn(w.number, step)
	client := w.client.With(cometchat.WithUserAgent(t.place().tag()))
	ctx := context.Background()
	if t.patience > 0 {
		var cancel context.CancelFunc
		if t.rnd.IntN(2) == 0 {
			ctx, cancel = context.WithCancel(ctx)
			defer time.AfterFunc(t.patience, cancel).Stop()
		} else {
			ctx, cancel = context.WithTimeout(ctx, t.patience)
		}
		defer cancel()
	}
	err := t.op.run(w, ctx, t, client)
	w.ended(t, err)
	w.front.forget(t.place())
}

// settled makes sure that a write of unknown outcome is over, so that the
// caller's next action comes after it. A backend cannot do that. Without it, the
// possible values would be known less precisely.
func (w *worker) settled(t *turn, err error) {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		w.front.settle(t.place())
	}
}

// told records the outcome of a write.
func (w *worker) told(t *turn, key, value string, err error) {
	w.ledger.told(key, value, w.origin(t), err)
}

// wrote records the outcome of a write of one object, with everything that it
// implies.
func (w *worker) wrote(t *turn, key, value string, err error, attrs ...any) {
	w.settled(t, err)
	w.told(t, key, value, err)
	w.unexplained(t, err)
	w.log(t, err, attrs...)
}

// read records the value read back of an object that only this worker writes.
func (w *worker) read(t *turn, key, value string) {
	if was, ok := w.ledger.read(key, value, w.origin(t)); !ok {
		w.report("read back what cannot be", "%s: %q by %s; possible: %s", key, value, w.origin(t), list(was))
	}
}

// log logs what a backend would log, and more: errors printed in every way, since
// none may show a secret.
func (w *worker) log(t *turn, err error, attrs ...any) {
	attrs = append(attrs, "step", t.place().tag(), "operation", t.op.name)
	if err == nil {
		w.logger.Debug("done", attrs...)
		return
	}
	attrs = append(attrs, slog.Any("error", err), "printed", fmt.Sprintf("%v %+v %#v", err, err, err))
	var answer *cometchat.Error
	if errors.As(err, &answer) {
		attrs = append(attrs, "body", string(answer.Body), "header", answer.Header, "fields", fmt.Sprintf("%+v", *answer))
	}
	w.logger.Error("failed", attrs...)
}

// unexplained reports an error of a step in which no request was made to fail and
// the caller has not lost patience. It ignores an attempt that timed out, which
// can happen under load.
func (w *worker) unexplained(t *turn, err error) {
	if err == nil || t.patience > 0 || w.front.faults(t.place()) > 0 || errors.Is(err, context.DeadlineExceeded) {
		return
	}
	w.report("an error without a cause", "%s: %v", w.origin(t), err)
}

func pick[T any](t *turn, list []T) T { return list[t.rnd.IntN(len(list))] }

// fresh returns a new id that belongs to the worker.
func (w *worker) fresh(kind string) string {
	w.serial++
	return fmt.Sprintf("w%d-%s%d", w.number, kind, w.serial)
}

func (t *turn) value(what string) string { return fmt.Sprintf("%s %d.%d", what, t.worker, t.step) }

func (w *worker) upsert(ctx context.Context, t *turn, c *cometchat.Client) error {
	var uid string
	if len(w.users) > 0 && t.rnd.IntN(2) == 0 {
		uid = pick(t, w.users)
	} else {
		uid = w.fresh("u")
		w.users = append(w.users, uid)
	}
	twice := t.rnd.IntN(4) == 0
	if twice {
		c = c.With(cometchat.WithRetryWrites())
	}
	key, name := userKey(uid), t.value("name")
	maybeAbsent := w.ledger.maybe(key, absent)
	before, known := w.ledger.known(key)
	user, created, err := c.Users.Upsert(ctx, &cometchat.CreateUserRequest{UID: uid, Name: name, Tags: cometchat.Tags{"soak"}})
	w.wrote(t, key, name, err, "user", user)
	switch {
	case err != nil:
	case user.UID != uid || user.Name != name:
		w.report("wrong answer", "%s: user %s, %q in place of %s, %q", w.origin(t), user.UID, user.Name, uid, name)
	case created && !maybeAbsent:
		w.report("wrong answer", "%s: created %s, which was there", w.origin(t), uid)
	case !created && known && before == absent && !twice:
		w.report("wrong answer", "%s: updated %s, which was not there", w.origin(t), uid)
	}
	if err == nil && created {
		w.ledger.created(key, w.origin(t))
	}
	return err
}

func (w *worker) upsertShared(ctx context.Context, t *turn, c *cometchat.Client) error {
	uid, name := fmt.Sprintf("shared-u%d", t.rnd.IntN(sharedThings)), t.value("name")
	user, created, err := c.Users.Upsert(ctx, &cometchat.CreateUserRequest{UID: uid, Name: name})
	w.wrote(t, userKey(uid), name, err, "user", user)
	if err == nil && created {
		w.ledger.created(userKey(uid), w.origin(t))
	}
	return err
}

func (w *worker) readUser(ctx context.Context, t *turn, c *cometchat.Client) error {
	if len(w.users) == 0 {
		return w.upsert(ctx, t, c)
	}
	uid := pick(t, w.users)
	user, err := c.Users.Get(ctx, uid)
	w.log(t, err, "user", user)
	switch {
	case err == nil:
		w.read(t, userKey(uid), user.Name)
	case errors.Is(err, cometchat.CodeUIDNotFound):
		w.read(t, userKey(uid), absent)
	default:
		w.unexplained(t, err)
	}
	return err
}

func (w *worker) ensure(ctx context.Context, t *turn, c *cometchat.Client) error {
	var guid string
	if len(w.groups) > 0 && t.rnd.IntN(3) > 0 {
		guid = pick(t, w.groups)
	} else {
		guid = w.fresh("g")
		w.groups = append(w.groups, guid)
	}
	members := []string{w.actor(0), w.actor(1)}
	key, name := groupKey(guid), t.value("group")
	maybeAbsent := w.ledger.maybe(key, absent)
	group, created, err := c.Groups.Ensure(ctx, &cometchat.CreateGroupRequest{
		GUID: guid, Name: name, Type: cometchat.GroupTypePublic, Members: cometchat.AddMembersRequest{Participants: members},
	})
	w.settled(t, err)
	w.unexplained(t, err)
	w.log(t, err, "group", group)
	if err == nil && !created {
		w.read(t, key, group.Name)
		return nil
	}
	if group != nil && err != nil {
		w.report("wrong answer", "%s: %s was created without all of its members: %v", w.origin(t), guid, err)
	}
	w.told(t, key, name, err)
	for _, uid := range members {
		w.told(t, memberKey(guid, uid), string(cometchat.MemberScopeParticipant), err)
	}
	if err == nil {
		if !maybeAbsent {
			w.report("wrong answer", "%s: created %s, which was there", w.origin(t), guid)
		}
		w.ledger.created(key, w.origin(t))
	}
	return err
}

func (w *worker) ensureShared(ctx context.Context, t *turn, c *cometchat.Client) error {
	guid, name := fmt.Sprintf("shared-g%d", t.rnd.IntN(sharedThings)), t.value("group")
	group, created, err := c.Groups.Ensure(ctx, &cometchat.CreateGroupRequest{GUID: guid, Name: name, Type: cometchat.GroupTypePublic})
	w.settled(t, err)
	w.unexplained(t, err)
	w.log(t, err, "group", group)
	if err == nil && !created {
		return nil
	}
	w.told(t, groupKey(guid), name, err)
	if err == nil {
		w.ledger.created(groupKey(guid), w.origin(t))
	}
	return err
}

// group returns a group of the worker that exists for certain.
func (w *worker) group(t *turn) (string, bool) {
	var there []string
	for _, guid := range w.groups[max(0, len(w.groups)-5):] {
		if !w.ledger.maybe(groupKey(guid), absent) {
			there = append(there, guid)
		}
	}
	if len(there) == 0 {
		return "", false
	}
	return pick(t, there), true
}

// stranger is the uid of a user who does not exist.
const stranger = "nobody-at-all"

// manyMembers returns a request for more members than fit into one call, in
// random order, including a stranger. It also returns the scope of each member.
func manyMembers(t *turn) (*cometchat.AddMembersRequest, map[string]cometchat.MemberScope) {
	req := &cometchat.AddMembersRequest{}
	for i, n := range t.rnd.Perm(poolSize)[:cometchat.MaxGroupMembersPerCall+1+t.rnd.IntN(40)] {
		switch {
		case i%9 == 4:
			req.Admins = append(req.Admins, poolUser(n))
		case i%9 == 7:
			req.Moderators = append(req.Moderators, poolUser(n))
		default:
			req.Participants = append(req.Participants, poolUser(n))
		}
	}
	req.Participants = append(req.Participants, stranger)
	scopes := map[string]cometchat.MemberScope{}
	for scope, uids := range map[cometchat.MemberScope][]string{
		cometchat.MemberScopeAdmin: req.Admins, cometchat.MemberScopeModerator: req.Moderators, cometchat.MemberScopeParticipant: req.Participants,
	} {
		for _, uid := range uids {
			scopes[uid] = scope
		}
	}
	return req, scopes
}

func (w *worker) addMembers(ctx context.Context, t *turn, c *cometchat.Client) error {
	guid, ok := w.group(t)
	if !ok {
		return w.ensure(ctx, t, c)
	}
	req, scopes := manyMembers(t)
	results, err := c.GroupMembers.Add(ctx, guid, req)
	w.settled(t, err)
	w.log(t, err)
	if results == nil {
		if err == nil || errors.Is(err, cometchat.ErrOutcomeUnknown) {
			w.report("wrong answer", "%s: no results, and %v", w.origin(t), err)
		}
		w.unexplained(t, err)
		for uid, scope := range scopes {
			w.told(t, memberKey(guid, uid), string(scope), err)
		}
		return err
	}
	if len(results.Items) != len(scopes) || len(results.Unmatched) > 0 {
		w.report("wrong answer", "%s: %d results and %d without an input, for %d members", w.origin(t), len(results.Items), len(results.Unmatched), len(scopes))
	}
	for _, item := range results.Items {
		key, value := memberKey(guid, item.ID), string(scopes[item.ID])
		if errors.Is(item.Err, cometchat.CodeSameScope) {
			if was, known := w.ledger.known(key); known && was == absent {
				w.report("wrong answer", "%s: %s had joined with that scope already, it is said", w.origin(t), key)
			}
		} else if item.ID != stranger {
			w.unexplained(t, item.Err)
		}
		if item.ID == stranger && item.Err == nil {
			w.report("wrong answer", "%s: added %s", w.origin(t), stranger)
		}
		w.told(t, key, value, item.Err)
	}
	return err
}

func (w *worker) kick(ctx context.Context, t *turn, c *cometchat.Client) error {
	guid, ok := w.group(t)
	if !ok {
		return w.ensure(ctx, t, c)
	}
	for _, n := range t.rnd.Perm(poolSize) {
		key := memberKey(guid, poolUser(n))
		if w.ledger.maybe(key, absent) {
			continue
		}
		err := c.GroupMembers.Kick(ctx, guid, poolUser(n))
		w.wrote(t, key, absent, err)
		return err
	}
	return w.addMembers(ctx, t, c)
}

// send sends a message as the documentation of ErrOutcomeUnknown says: with a
// MUID, which it looks for before it sends the message again.
func (w *worker) send(ctx context.Context, t *turn, c *cometchat.Client) error {
	from, to := w.actor(t.rnd.IntN(actors)), cometchat.ToUser(w.actor(actors))
	switch guid, ok := w.group(t); {
	case !ok || t.rnd.IntN(3) > 0:
	case t.rnd.IntN(2) == 0:
		from, to = "", cometchat.ToGroup(guid)
	case !w.ledger.maybe(memberKey(guid, w.actor(0)), absent):
		from, to = w.actor(0), cometchat.ToGroup(guid)
	}
	if from != "" {
		c = c.OnBehalfOf(from)
	}
	muid, text := w.fresh("m"), t.value("text")
	key := messageKey(muid)
	var err error
	for range 4 {
		var message *cometchat.Message
		message, err = c.Messages.Send(ctx, to, &cometchat.SendMessageRequest{Text: text, MUID: muid})
		w.wrote(t, key, text, err, "message", message)
		if err != nil && errors.Is(err, cometchat.ErrOutcomeUnknown) {
			w.lookups.Add(1)
			var lookup error
			message, lookup = c.Messages.FindByMUID(context.Background(), to, muid, 0)
			w.log(t, lookup, "message", message)
			if errors.Is(lookup, cometchat.ErrNotFound) {
				w.read(t, key, absent)
				ctx = context.Background()
				continue
			}
			if lookup != nil {
				return err
			}
			w.read(t, key, message.Text())
			err = nil
		}
		if err != nil {
			return err
		}
		if message.MUID != muid || message.Text() != text {
			w.report("wrong answer", "%s: message %s, %q in place of %s, %q", w.origin(t), message.MUID, message.Text(), muid, text)
		}
		w.messages = append(w.messages[max(0, len(w.messages)-500):], sentMessage{message.ID, muid, from})
		return nil
	}
	return err
}

// sender returns the client of the sender of a message.
func sender(c *cometchat.Client, m sentMessage) *cometchat.Client {
	if m.from == "" {
		return c
	}
	return c.OnBehalfOf(m.from)
}

func (w *worker) edit(ctx context.Context, t *turn, c *cometchat.Client) error {
	if len(w.messages) == 0 {
		return w.send(ctx, t, c)
	}
	m, text := pick(t, w.messages), t.value("edited")
	if t.rnd.IntN(4) == 0 {
		c = c.With(cometchat.WithRetryWrites())
	}
	change, err := sender(c, m).Messages.Update(ctx, m.id, &cometchat.UpdateMessageRequest{Text: &text})
	w.wrote(t, messageKey(m.muid), text, err, "change", change)
	if err == nil && change.Message.Text() != text {
		w.report("wrong answer", "%s: text %q in place of %q", w.origin(t), change.Message.Text(), text)
	}
	return err
}

func (w *worker) delete(ctx context.Context, t *turn, c *cometchat.Client) error {
	if len(w.messages) == 0 {
		return w.send(ctx, t, c)
	}
	i, left, opts := t.rnd.IntN(len(w.messages)), deleted, &cometchat.DeleteMessageOptions{Permanent: t.rnd.IntN(2) == 0}
	if opts.Permanent {
		left = absent
	}
	m := w.messages[i]
	change, err := sender(c, m).Messages.Delete(ctx, m.id, opts)
	w.wrote(t, messageKey(m.muid), left, err, "change", change)
	if err == nil || errors.Is(err, cometchat.ErrOutcomeUnknown) {
		w.messages = slices.Delete(w.messages, i, i+1)
	}
	return err
}

func (w *worker) readMessage(ctx context.Context, t *turn, c *cometchat.Client) error {
	if len(w.messages) == 0 {
		return w.send(ctx, t, c)
	}
	m := pick(t, w.messages)
	message, err := sender(c, m).Messages.Get(ctx, m.id)
	w.log(t, err, "message", message)
	w.unexplained(t, err)
	if err == nil {
		w.read(t, messageKey(m.muid), message.Text())
	}
	return err
}

// maxMints stays below the number of tokens that the API keeps for a user.
const maxMints = 90

func (w *worker) mint(ctx context.Context, t *turn, c *cometchat.Client) error {
	uid := w.actor(t.rnd.IntN(actors))
	if len(w.users) > 0 && t.rnd.IntN(10) > 0 {
		uid = pick(t, w.users)
		if w.ledger.maybe(userKey(uid), absent) {
			return w.upsert(ctx, t, c)
		}
	}
	if w.ledger.mintsOf(uid) >= maxMints {
		return w.upsert(ctx, t, c)
	}
	token, err := c.AuthTokens.Create(ctx, uid, &cometchat.CreateAuthTokenRequest{Force: cometchat.Ptr(true)})
	w.settled(t, err)
	w.ledger.minted(uid, err)
	w.unexplained(t, err)
	w.log(t, err, "token", token)
	if err != nil {
		return err
	}
	if !secretShape.MatchString(string(token.AuthToken)) || token.UID != uid {
		w.report("wrong answer", "%s: a token of %q, for %s, that the watch over the log would not know", w.origin(t), token.UID, uid)
	}
	key := tokenKey(uid, string(token.AuthToken))
	w.told(t, key, present, nil)
	if t.rnd.IntN(3) == 0 {
		got, err := c.AuthTokens.Get(ctx, uid, token.AuthToken)
		w.log(t, err, "token", got)
		w.unexplained(t, err)
	}
	if t.rnd.IntN(3) == 0 {
		err := c.AuthTokens.Delete(ctx, uid, token.AuthToken)
		w.wrote(t, key, absent, err)
		return err
	}
	return nil
}

func (w *worker) walk(ctx context.Context, t *turn, c *cometchat.Client) error {
	return w.through(ctx, t, c, t.rnd.IntN(ways))
}

// export walks over messages by pages, and leaves and resumes the walk.
func (w *worker) export(ctx context.Context, t *turn, c *cometchat.Client) error {
	return w.through(ctx, t, c, 32+1+2*t.rnd.IntN(8))
}

// through walks a list in one of the possible ways.
func (w *worker) through(ctx context.Context, t *turn, c *cometchat.Client, way int) error {
	k, seen, done, err := w.follow(ctx, t, c, way)
	if !done {
		w.givenUp.Add(1)
	}
	if problem := k.check(seen, done); problem != "" {
		w.report("walk", "%s; %s", problem, w.origin(t))
	}
	return err
}
