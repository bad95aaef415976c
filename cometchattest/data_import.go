package cometchattest

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
)

const (
	// maxImports is the number of entries a request may import.
	maxImports = 50
	// importLimit is the documented limit in requests a minute.
	importLimit = 60
)

// WithImportLimit limits an app to perMinute import requests a minute by the
// server's clock. Further requests fail with 429 and ERR_TOO_MANY_REQUESTS. The
// service documents a limit of 60. By default there is no limit.
func WithImportLimit(perMinute int) Option { return func(s *Server) { s.importLimit = perMinute } }

func dataImportResource() resource {
	return resource{routes: []route{
		{pattern: "POST /data_import/users", handle: importUsers, imports: true},
		{pattern: "POST /data_import/groups", handle: importGroups, imports: true},
		{pattern: "POST /data_import/members", handle: importMembers, imports: true},
		{pattern: "POST /data_import/messages", handle: importMessages, imports: true},
	}}
}

// importAll imports the entries of a member of the body in order. The failure of
// an entry does not affect the others.
func (c *call) importAll(name, code string, one func(f *fields, id string) (any, error)) (outcomes, error) {
	f, err := c.fields()
	if err != nil {
		return nil, err
	}
	list, ok := membersInOrder(f.members[name])
	if !ok {
		return nil, newError(400, "ERR_IMPORT_INVALID_"+code+"_FORMAT", "The field %s must be an object of what is to be imported, by id.", name)
	}
	if len(list) > maxImports {
		return nil, errBadField(name, "The field %s may have %d entries at most.", name, maxImports)
	}
	results := outcomes{}
	for _, m := range list {
		id := strings.ToLower(m.name)
		results[id] = c.importOne(m, one)
	}
	return results, nil
}

func (c *call) importOne(m member, one func(f *fields, id string) (any, error)) outcome {
	var members map[string]json.RawMessage
	if json.Unmarshal(m.value, &members) != nil {
		return failedOutcome(errBadField(m.name, "The entry %s must be an object.", m.name))
	}
	data, err := one(newFields(members), m.name)
	if err != nil {
		return failedOutcome(err)
	}
	return outcome{Success: true, Data: data}
}

// membersInOrder returns the members of an object in the order they were written.
// It reports false for any other value, except PHP's [], which is an object
// without members.
func membersInOrder(raw json.RawMessage) ([]member, bool) {
	if string(raw) == "[]" {
		return nil, true
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, false
	}
	var list []member
	for dec.More() {
		name, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return nil, false
		}
		list = append(list, member{name.(string), value})
	}
	return list, true
}

// key checks that a member repeats the key of its entry.
func (f *fields) key(name, key string) {
	f.require(name)
	if value, ok := f.text(name, 0); ok && !strings.EqualFold(value, key) {
		f.fail(name, "The field %s must be the key of its entry.", name)
	}
}

// known checks that a user named by an entry exists. If not, it adds the user
// from the description in the member details.
func (c *call) known(f *fields, uid, details string) error {
	uid = strings.ToLower(uid)
	if _, ok := c.state.users.get(uid); ok || uid == systemUID {
		return nil
	}
	described, ok := f.object(details)
	if !ok {
		return errUserNotFound(uid)
	}
	u, err := c.readImportedUser(described, uid)
	if err == nil {
		c.state.users.addAll(u)
	}
	return err
}

func (c *call) readImportedUser(f *fields, uid string) (*user, error) {
	f.key("uid", uid)
	f.require("name")
	uid, _ = f.id("uid")
	u, err := c.readUser(f, user{
		uid: uid, status: "offline", role: defaultRole, createdAt: f.seconds("createdAt"),
		lastActiveAt: f.seconds("lastActiveAt"), deactivatedAt: f.seconds("deactivatedAt"),
	})
	if err == nil && u.createdAt == 0 {
		u.createdAt = c.unix()
	}
	return u, err
}

// importUsers nests its results one level deeper than the other imports.
func importUsers(c *call) (any, error) {
	results, err := c.importAll("users", "USER", func(f *fields, uid string) (any, error) {
		u, err := c.readImportedUser(f, uid)
		if err != nil {
			return nil, err
		}
		if _, ok := c.state.users.get(u.uid); ok {
			return nil, errTaken("ERR_UID_ALREADY_EXISTS", "UID", u.uid)
		}
		if quota := c.server.userQuota; quota > 0 && c.state.users.count() >= quota {
			return nil, errQuota("The plan of this app allows %d users.", quota)
		}
		c.state.users.addAll(u)
		return c.viewUser(u, true), nil
	})
	return map[string]outcomes{"data": results}, err
}

// importedGroup is a group in a response; its guid is called uid.
type importedGroup struct {
	UID  string `json:"uid"`
	GUID string `json:"guid,omitempty"` // hides the guid of the view
	*groupView
}

func importGroups(c *call) (any, error) {
	return c.importAll("groups", "GROUP", func(f *fields, guid string) (any, error) {
		g, err := c.importGroup(f, guid)
		if err != nil {
			return nil, err
		}
		return importedGroup{UID: g.guid, groupView: c.viewGroup(g, true)}, nil
	})
}

func (c *call) importGroup(f *fields, guid string) (*group, error) {
	f.key("guid", guid)
	f.require("guid", "name", "type")
	guid, _ = f.id("guid")
	owner, hasOwner := f.id("owner")
	fresh := newGroup(guid)
	if fresh.createdAt = f.seconds("createdAt"); fresh.createdAt == 0 {
		fresh.createdAt = c.unix()
	}
	rest := maps.Clone(f.members)
	delete(rest, "owner") // the owner may be deactivated
	g, err := c.readGroup(&fields{members: rest, details: f.details}, *fresh)
	if err != nil {
		return nil, err
	}
	if _, ok := c.state.groups.get(guid); ok {
		return nil, errTaken("ERR_GUID_ALREADY_EXISTS", "GUID", guid)
	}
	if hasOwner {
		if err := c.known(f, owner, "groupOwnerDetails"); err != nil {
			return nil, err
		}
		g.owner = owner
	}
	c.state.groups.add(g)
	return g, nil
}

// membership is a member of a group in a response.
type membership struct {
	GUID     string `json:"guid"`
	UID      string `json:"uid"`
	Scope    string `json:"scope"`
	JoinedAt int64  `json:"joinedAt"`
}

func importMembers(c *call) (any, error) {
	return c.importAll("members", "MEMBER", func(f *fields, key string) (any, error) { return c.importMember(f, key) })
}

func (c *call) importMember(f *fields, key string) (any, error) {
	f.key("memberId", key)
	f.require("guid", "uid")
	guid, _ := f.id("guid")
	uid, _ := f.id("uid")
	if !strings.EqualFold(key, guid+"_member_"+uid) {
		f.fail("memberId", "The field memberId must be the guid and the uid with _member_ between them.")
	}
	scope, hasScope := f.oneOf("scope", scopeParticipant, scopeModerator, scopeAdmin)
	if !hasScope {
		scope = scopeParticipant
	}
	banned, _ := f.boolean("isBanned")
	joinedAt := f.seconds("joinedAt")
	if err := f.err(); err != nil {
		return nil, err
	}
	g, ok := c.state.groups.get(guid)
	if details, described := f.object("groupDetails"); !ok && described {
		var err error
		if g, err = c.importGroup(details, guid); err != nil {
			return nil, err
		}
	} else if !ok {
		return nil, errGroupNotFound(guid)
	}
	if err := c.known(f, uid, "userDetails"); err != nil {
		return nil, err
	}
	if joinedAt != 0 && (joinedAt <= g.createdAt || joinedAt >= c.unix()) {
		return nil, newError(400, "ERR_IMPORT_INVALID_JOINEDAT", "The joinedAt of %s must be later than the createdAt of the group, and in the past.", uid)
	}
	if joinedAt == 0 {
		joinedAt = c.unix()
	}
	m := &groupMember{uid: uid, scope: scope, at: joinedAt}
	_, isMember := g.members.get(uid)
	_, isBanned := g.banned.get(uid)
	switch {
	case isBanned && banned:
		return nil, errAlreadyBanned(g, uid)
	case isBanned:
		return nil, newError(403, "ERR_BANNED_GROUPMEMBER", "The user %s is banned from the group %s.", uid, guid)
	case isMember:
		return nil, newError(400, "ERR_ALREADY_JOINED", "The user %s is a member of the group %s already.", uid, guid)
	case banned:
		g.banned.add(uid, joinedAt, m)
	default:
		g.members.add(uid, joinedAt, m)
	}
	return membership{guid, uid, scope, joinedAt}, nil
}

func importMessages(c *call) (any, error) {
	return c.importAll("messages", "MESSAGE", func(f *fields, muid string) (any, error) {
		m, err := c.importMessage(f, muid)
		if err != nil {
			return nil, err
		}
		return c.viewMessage(m, messageOptions{withTags: true}), nil
	})
}

func (c *call) importMessage(f *fields, muid string) (*message, error) {
	f.key("muid", muid)
	f.require("muid", "sender", "receiver", "receiverType", "sentAt")
	sender, _ := f.text("sender", 100)
	receiver, _ := f.text("receiver", 100)
	receiverType, _ := f.oneOf("receiverType", typeUser, typeGroup)
	sentAt, deliveredAt, readAt := f.seconds("sentAt"), f.seconds("deliveredAt"), f.seconds("readAt")
	if err := f.err(); err != nil {
		return nil, err
	}
	d, err := c.readDraft(f)
	if err != nil {
		return nil, err
	}
	if d.category != categoryMessage && d.category != categoryCustom {
		return nil, newError(400, "ERR_INVALID_MESSAGE_CATEGORY", "Messages of the category %s cannot be imported.", d.category)
	}
	sender, receiver = strings.ToLower(sender), strings.ToLower(receiver)
	if err := c.importParties(f, sender, receiverType, receiver); err != nil {
		return nil, err
	}
	store := c.state.messages
	if _, ok := store.get(store.imported[muid]); ok {
		return nil, errTaken("ERR_IMPORT_MUID_ALREADY_EXISTS", "muid", muid)
	}
	m := &message{
		muid: muid, sender: sender, receiverType: receiverType, receiver: receiver,
		category: d.category, kind: d.kind, text: d.text, payload: d.payload, mentions: d.mentions, tags: d.tags,
		sentAt: sentAt, updatedAt: sentAt,
		entities:     c.messageEntities(sender, receiverType, receiver),
		conversation: store.conversation(sender, receiverType, receiver, sentAt),
	}
	c.state.addMessage(m)
	if store.imported == nil {
		store.imported = map[string]int64{}
	}
	store.imported[muid] = m.id
	if receiverType == typeUser {
		for receipts, at := range map[*receipts]int64{
			&m.conversation.change(receiver).delivered: deliveredAt, &m.conversation.change(receiver).read: readAt,
		} {
			if at != 0 {
				receipts.mark(m.id, at)
			}
		}
	}
	return m, nil
}

// importParties checks the sender and the receiver of a message, and adds those
// the entry describes.
func (c *call) importParties(f *fields, sender, receiverType, receiver string) error {
	if err := c.known(f, sender, "senderUserDetails"); err != nil {
		return err
	}
	if receiverType == typeUser {
		if receiver == sender {
			return errBadField("receiver", "A user cannot write to oneself.")
		}
		return c.known(f, receiver, "receiverUserDetails")
	}
	if _, ok := c.state.groups.get(receiver); ok {
		return nil
	}
	details, ok := f.object("receiverGroupDetails")
	if !ok {
		return errGroupNotFound(receiver)
	}
	if owner, _ := details.text("owner", 100); owner != "" {
		if err := c.known(f, owner, "receiverGroupOwnerDetails"); err != nil {
			return err
		}
	}
	_, err := c.importGroup(details, receiver)
	return err
}
