package cometchat

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"strings"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	importUsers    = post("/data_import/users").inImport()
	importGroups   = post("/data_import/groups").inImport()
	importMembers  = post("/data_import/members").inImport()
	importMessages = post("/data_import/messages").inImport()
)

// MaxImportPerCall is how many users, groups, members or messages one request
// imports. The methods split longer lists.
const MaxImportPerCall = 50

// Imported items have a history: the times in these types have the types that
// they have in the entities, so that items of a list or a file can be imported as
// they are.

// ImportUser is a user with a history. UID and Name are required; an empty field
// is not sent.
type ImportUser struct {
	// UID names the user permanently: at most 100 characters. The API turns it
	// into lower case, and documents a-z, 0-9, "-" and "_".
	UID string `json:"uid"`
	// Name has at most 100 characters.
	Name string `json:"name"`
	// Avatar and Link are URLs of at most 3,000 characters.
	Avatar string `json:"avatar,omitempty"`
	Link   string `json:"link,omitempty"`
	// Role must exist; without one, the API uses "default".
	Role string `json:"role,omitempty"`
	// Metadata is limited by WithMetadataLimit.
	Metadata     Metadata `json:"metadata,omitempty"`
	Tags         Tags     `json:"tags,omitempty"`
	CreatedAt    UnixTime `json:"createdAt,omitempty"`
	LastActiveAt UnixTime `json:"lastActiveAt,omitempty"`
	// DeactivatedAt imports a deactivated user.
	DeactivatedAt UnixTime `json:"deactivatedAt,omitempty"`
}

func (u *ImportUser) importID() string { return u.UID }

func (u *ImportUser) validate(v *validation) {
	v.id("uid", u.UID, maxID)
	v.required("name", u.Name)
	v.length("name", u.Name, maxName)
	v.length("avatar", u.Avatar, maxURL)
	v.length("link", u.Link, maxURL)
	v.length("role", u.Role, maxID)
	u.Metadata.validate(v)
	u.Tags.validate(v)
}

// ImportGroup is a group with a history. GUID, Name and Type are required; an
// empty field is not sent.
type ImportGroup struct {
	// GUID names the group permanently: at most 100 characters. The API turns it
	// into lower case, and documents a-z, 0-9, "-" and "_".
	GUID string `json:"guid"`
	// Name has at most 100 characters.
	Name string    `json:"name"`
	Type GroupType `json:"type"`
	// Password has at most 100 characters. GroupTypePassword requires one.
	Password Secret `json:"password,omitempty"`
	// Icon is a URL of at most 3,000 characters.
	Icon string `json:"icon,omitempty"`
	// Owner is a uid.
	Owner string `json:"owner,omitempty"`
	// Metadata is limited by WithMetadataLimit.
	Metadata  Metadata `json:"metadata,omitempty"`
	Tags      Tags     `json:"tags,omitempty"`
	CreatedAt UnixTime `json:"createdAt,omitempty"`
	// GroupOwnerDetails describes the owner to the API, if the owner does not
	// exist there.
	GroupOwnerDetails *ImportUser `json:"groupOwnerDetails,omitempty"`
}

// LogValue keeps the password out of logs.
func (g ImportGroup) LogValue() slog.Value {
	type plain ImportGroup
	g.Password = Secret(g.Password.String())
	return slog.AnyValue(plain(g))
}

func (g *ImportGroup) importID() string { return g.GUID }

func (g *ImportGroup) secrets() []string { return []string{string(g.Password)} }

func (g *ImportGroup) validate(v *validation) {
	v.id("guid", g.GUID, maxID)
	v.required("name", g.Name)
	v.length("name", g.Name, maxName)
	v.required("type", string(g.Type))
	if g.Type == GroupTypePassword {
		v.required("password", string(g.Password))
	}
	v.length("password", string(g.Password), maxName)
	v.length("icon", g.Icon, maxURL)
	v.length("owner", g.Owner, maxID)
	g.Metadata.validate(v)
	g.Tags.validate(v)
	validateDetails(v, "groupOwnerDetails", g.GroupOwnerDetails)
}

// ImportMember is a member of a group, or, with IsBanned, a user banned from it.
// GUID and UID are required; an empty field is not sent.
type ImportMember struct {
	GUID  string      `json:"guid"`
	UID   string      `json:"uid"`
	Scope MemberScope `json:"scope,omitempty"`
	// IsBanned imports a ban.
	IsBanned bool `json:"isBanned,omitempty"`
	// JoinedAt must be after the creation of the group, and in the past.
	JoinedAt UnixTime `json:"joinedAt,omitempty"`
	// GroupDetails and UserDetails describe both to the API, if they do not exist
	// there.
	GroupDetails *ImportGroup `json:"groupDetails,omitempty"`
	UserDetails  *ImportUser  `json:"userDetails,omitempty"`
}

// importID is the API's name for a membership.
func (m *ImportMember) importID() string { return m.GUID + "_member_" + m.UID }

func (m *ImportMember) validate(v *validation) {
	v.id("guid", m.GUID, maxID)
	v.id("uid", m.UID, maxID)
	validateDetails(v, "groupDetails", m.GroupDetails)
	validateDetails(v, "userDetails", m.UserDetails)
}

// written adds the API's name for the membership.
func (m *ImportMember) written() any {
	return struct {
		MemberID string `json:"memberId"`
		*ImportMember
	}{m.importID(), m}
}

// ImportMessage is a message with a history. MUID, Sender, ReceiverType,
// Receiver and SentAt are required; an empty field is not sent.
type ImportMessage struct {
	// MUID names the message. If a message with the same MUID was imported
	// before, the API refuses it with CodeImportMUIDAlreadyExists.
	MUID string `json:"muid"`
	// Sender is a uid.
	Sender       string       `json:"sender"`
	ReceiverType ReceiverType `json:"receiverType"`
	// Receiver is a uid or a guid, depending on ReceiverType.
	Receiver string `json:"receiver"`
	// Category is MessageCategoryMessage or MessageCategoryCustom.
	Category MessageCategory `json:"category,omitempty"`
	// Type is MessageTypeText, MessageTypeImage, MessageTypeFile,
	// MessageTypeAudio or MessageTypeVideo, or any for custom messages.
	Type        MessageType       `json:"type,omitempty"`
	Data        ImportMessageData `json:"data,omitzero"`
	Tags        Tags              `json:"tags,omitempty"`
	SentAt      UnixTime          `json:"sentAt"`
	DeliveredAt UnixTime          `json:"deliveredAt,omitempty"`
	ReadAt      UnixTime          `json:"readAt,omitempty"`

	// The details describe users and groups to the API, if they do not exist
	// there; those of mentioned users are by uid.
	SenderUserDetails         *ImportUser           `json:"senderUserDetails,omitempty"`
	ReceiverUserDetails       *ImportUser           `json:"receiverUserDetails,omitempty"`
	ReceiverGroupDetails      *ImportGroup          `json:"receiverGroupDetails,omitempty"`
	ReceiverGroupOwnerDetails *ImportUser           `json:"receiverGroupOwnerDetails,omitempty"`
	MentionedUserDetails      map[string]ImportUser `json:"mentionedUserDetails,omitempty"`
}

// LogValue returns what identifies the message, without its content, for slog.
func (m ImportMessage) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("muid", m.MUID),
		slog.String("sender", m.Sender),
		slog.String("receiverType", string(m.ReceiverType)),
		slog.String("receiver", m.Receiver),
		slog.String("category", string(m.Category)),
		slog.String("type", string(m.Type)),
		slog.String("sentAt", m.SentAt.String()),
	)
}

func (m *ImportMessage) importID() string { return m.MUID }

func (m *ImportMessage) validate(v *validation) {
	v.required("muid", m.MUID)
	v.id("sender", m.Sender, maxID)
	oneOf(v, "receiverType", m.ReceiverType, ReceiverTypeUser, ReceiverTypeGroup)
	v.id("receiver", m.Receiver, maxID)
	if m.Category == MessageCategoryCustom {
		v.required("type", string(m.Type))
	}
	if m.SentAt.IsZero() {
		v.add(ValidationError{Field: "sentAt", Reason: "required"})
	}
	if m.Type == MessageTypeText && m.Category != MessageCategoryCustom {
		v.required("data.text", m.Data.Text)
	}
	v.within("data", &m.Data)
	m.Tags.validate(v)
	validateDetails(v, "senderUserDetails", m.SenderUserDetails)
	validateDetails(v, "receiverUserDetails", m.ReceiverUserDetails)
	validateDetails(v, "receiverGroupDetails", m.ReceiverGroupDetails)
	validateDetails(v, "receiverGroupOwnerDetails", m.ReceiverGroupOwnerDetails)
	for _, uid := range sortedKeys(m.MentionedUserDetails) {
		u := m.MentionedUserDetails[uid]
		v.within("mentionedUserDetails."+uid, &u)
	}
}

// ImportMessageData is the content of a message.
type ImportMessageData struct {
	// Text has at most MaxTextLength characters, and mentions at most MaxMentions
	// users. With Attachments it is their caption.
	Text string `json:"text,omitempty"`
	// Attachments are fetched from their URLs, which must be public, and stored
	// again by the API. All their fields except Size are required.
	Attachments []Attachment `json:"attachments,omitempty"`
	// CustomData is the content of a custom message.
	CustomData Metadata `json:"customData,omitempty"`
	Metadata   Metadata `json:"metadata,omitempty"`
	// Other holds members without a field. They are sent as they are, and the API
	// keeps them.
	Other map[string]json.RawMessage `json:"-"`
}

// MarshalJSON returns the fields and the members in Other.
func (d ImportMessageData) MarshalJSON() ([]byte, error) {
	type plain ImportMessageData
	return wire.MarshalWith(plain(d), d.Other)
}

// UnmarshalJSON keeps the members without a field in Other.
func (d *ImportMessageData) UnmarshalJSON(b []byte) (err error) {
	type plain ImportMessageData
	d.Other, err = wire.DecodeWith(b, (*plain)(d))
	return err
}

func (d *ImportMessageData) validate(v *validation) {
	v.text(d.Text)
	for i, a := range d.Attachments {
		field := fmt.Sprintf("attachments[%d].", i)
		v.required(field+"url", a.URL)
		v.required(field+"name", a.Name)
		v.required(field+"mimeType", a.MimeType)
		v.required(field+"extension", a.Extension)
	}
	if len(d.CustomData) > 0 {
		v.object("customData", d.CustomData)
	}
	v.messageMetadata(d.Metadata)
	for _, name := range sortedKeys(d.Other) {
		if !json.Valid(d.Other[name]) {
			v.add(ValidationError{Field: name, Size: len(d.Other[name]), Reason: "is not valid JSON"})
		}
	}
}

// validateDetails checks a part that describes a user or a group.
func validateDetails[T any, P interface {
	*T
	validatable
}](v *validation, field string, details P) {
	if details != nil {
		v.within(field, details)
	}
}

// importable is an item that can be imported.
type importable interface {
	validatable
	importID() string
	comparable
}

// importRequest is the body of a request: an object of items by their ids.
type importRequest[E importable] struct {
	Member string
	Items  []E
}

// MarshalJSON keeps the order of the items, in which the API imports them.
func (r *importRequest[E]) MarshalJSON() ([]byte, error) {
	items := make(wire.Object, len(r.Items))
	for i, item := range r.Items {
		items[i] = wire.Member{Name: item.importID(), Value: item}
		if t, ok := any(item).(translatable); ok {
			items[i].Value = t.written()
		}
	}
	return wire.Marshal(wire.Object{{Name: r.Member, Value: items}})
}

func (r *importRequest[E]) validate(v *validation) {
	seen := map[string]bool{}
	for i, item := range r.Items {
		field := fmt.Sprintf("%s[%d]", r.Member, i)
		var none E
		if item == none {
			v.add(ValidationError{Field: field, Reason: "required"})
			continue
		}
		v.within(field, item)
		id := strings.ToLower(item.importID())
		if seen[id] {
			v.add(ValidationError{Field: field, Size: len(id), Reason: "is there twice"})
		}
		seen[id] = true
	}
}

func (r *importRequest[E]) secrets() []string {
	var s []string
	for _, item := range r.Items {
		if holder, ok := any(item).(interface{ secrets() []string }); ok {
			s = append(s, holder.secrets()...)
		}
	}
	return s
}

// importing describes how items of one kind are imported.
type importing[E importable] struct {
	kind   ImportKind
	route  *route
	member string
}

var (
	usersImport    = importing[*ImportUser]{ImportKindUser, importUsers, "users"}
	groupsImport   = importing[*ImportGroup]{ImportKindGroup, importGroups, "groups"}
	membersImport  = importing[*ImportMember]{ImportKindMember, importMembers, "members"}
	messagesImport = importing[*ImportMessage]{ImportKindMessage, importMessages, "messages"}
)

// call is the request for some items.
func (i importing[E]) call(items []E) op {
	return i.route.at().body(&importRequest[E]{i.member, items})
}

// importAll imports a list in as many requests as it needs.
func importAll[E importable, T any](ctx context.Context, c *core, i importing[E], items []E, value reader[T]) (*Results[T], error) {
	whole := i.call(items)
	if _, err := c.request(whole); err != nil { // before the ids are asked for: an item may be nil
		return nil, err
	}
	ids := importIDs(items)
	var parts []part
	for at := 0; at < len(items); at += MaxImportPerCall {
		end := min(at+MaxImportPerCall, len(items))
		parts = append(parts, part{i.call(items[at:end]), ids[at:end]})
	}
	return bulkParts(ctx, c, whole, ids, parts, value)
}

func importIDs[E importable](items []E) []string {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.importID()
	}
	return ids
}

// importedEntity reads the entity from a response, which may use "uid" for the id
// of a group, and may leave the id out.
func importedEntity[T any](e wire.Entry, done wire.Outcome) *T {
	return wire.Imported[T](done.Data, e.ID)
}

// importedMessage reads the message, which has an id of its own.
func importedMessage(_ wire.Entry, done wire.Outcome) *Message {
	return wire.Imported[Message](done.Data, "")
}

// DataImportService imports users, groups, members and messages with their
// original times. It has a budget of its own, of 60 requests a minute unless
// [WithImportLimit] sets another, and does not exceed it.
//
// Users and groups must exist before their members and messages;
// DataImportService.Run keeps that order. The API cannot import threads,
// reactions, friends, blocked users and pins.
type DataImportService service

// Users imports users. It returns one result for each, in the order given. The
// error joins the failures, such as CodeUIDAlreadyExists. If any of them is
// invalid, or a uid occurs twice, it returns a *ValidationError and sends
// nothing.
//
// More than MaxImportPerCall users are imported in several requests, one after
// the other. If one of them fails as a whole, its users get that error, and
// those after it get ErrNotAttempted unless the error matches
// ErrOutcomeUnknown. If nothing was done at all, there are no results.
//
// POST /data_import/users
func (s *DataImportService) Users(ctx context.Context, users []*ImportUser) (*Results[User], error) {
	return importAll(ctx, s.core, usersImport, users, importedEntity[User])
}

// Groups imports groups, without members, as Users imports users. A group whose
// guid is taken fails with CodeGUIDAlreadyExists.
//
// POST /data_import/groups
func (s *DataImportService) Groups(ctx context.Context, groups []*ImportGroup) (*Results[Group], error) {
	return importAll(ctx, s.core, groupsImport, groups, importedEntity[Group])
}

// Members imports members of groups, as Users imports users. The ID of a result
// is guid and uid with "_member_" between them. A member who joined before the
// group was created, or in the future, fails with CodeImportInvalidJoinedAt.
//
// POST /data_import/members
func (s *DataImportService) Members(ctx context.Context, members []*ImportMember) (*Results[Membership], error) {
	return importAll(ctx, s.core, membersImport, members, importedEntity[Membership])
}

// Messages imports messages, as Users imports users, in the order given. The ID
// of a result is the MUID. A message whose MUID was imported before fails with
// CodeImportMUIDAlreadyExists.
//
// POST /data_import/messages
func (s *DataImportService) Messages(ctx context.Context, messages []*ImportMessage) (*Results[Message], error) {
	return importAll(ctx, s.core, messagesImport, messages, importedMessage)
}

// UsersFrom imports the users of a source of any length. It yields one result for
// each user, in the order of the source. opts may be nil.
//
// It reads ahead of the results, by as many requests as may run at once. An
// invalid user gets a *ValidationError and is not sent; a user that occurs twice
// is sent twice. An error of the source, or of a request as a whole, ends the
// walk: it is yielded once, with a nil result, after the results of everything
// that was read. Stopping early cancels the requests that are running.
//
// POST /data_import/users
func (s *DataImportService) UsersFrom(ctx context.Context, users iter.Seq2[*ImportUser, error], opts *ImportOptions) iter.Seq2[*ImportResult, error] {
	return importFrom(ctx, s.core, usersImport, users, opts)
}

// GroupsFrom imports the groups of a source, as UsersFrom imports users.
//
// POST /data_import/groups
func (s *DataImportService) GroupsFrom(ctx context.Context, groups iter.Seq2[*ImportGroup, error], opts *ImportOptions) iter.Seq2[*ImportResult, error] {
	return importFrom(ctx, s.core, groupsImport, groups, opts)
}

// MembersFrom imports the members of a source, as UsersFrom imports users.
//
// POST /data_import/members
func (s *DataImportService) MembersFrom(ctx context.Context, members iter.Seq2[*ImportMember, error], opts *ImportOptions) iter.Seq2[*ImportResult, error] {
	return importFrom(ctx, s.core, membersImport, members, opts)
}

// MessagesFrom imports the messages of a source, as UsersFrom imports users.
// Unless the options name a Concurrency, it makes one request at a time, since
// messages get their ids, and with them their place in a conversation, in the
// order in which they arrive.
//
// POST /data_import/messages
func (s *DataImportService) MessagesFrom(ctx context.Context, messages iter.Seq2[*ImportMessage, error], opts *ImportOptions) iter.Seq2[*ImportResult, error] {
	return importFrom(ctx, s.core, messagesImport, messages, opts)
}
