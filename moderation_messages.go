package cometchat

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	createModerationMessage = post("/moderation/messages")
	listModerationMessages  = get("/moderation/messages")
	getModerationMessage    = get("/moderation/messages/{id}")
	updateModerationMessage = put("/moderation/messages/{id}")
	deleteModerationMessage = del("/moderation/messages/{id}")
)

// CreateModerationMessageRequest is a message to be checked. The client checks
// that everything that its category requires is set, as in SendMessageRequest.
type CreateModerationMessageRequest struct {
	// Text and Attachments, Type and Metadata are as in SendMessageRequest.
	Text        string
	Attachments []Attachment
	Type        MessageType
	Metadata    Metadata
	// CustomData makes a custom message, as in SendMessageRequest. The API's
	// documentation describes it, but elsewhere only names ordinary messages.
	CustomData any
	// MUID is an id of the caller's own.
	MUID string
	// SentAt is when the message was written; zero means now. It is sent in
	// seconds.
	SentAt time.Time
	Tags   Tags

	// Sender describes the sender, who is created if there is no such user yet.
	// ReceiverUser and ReceiverGroup do the same for the receiver. Leave them out
	// if the users and groups exist.
	Sender        *ModerationUser
	ReceiverUser  *ModerationUser
	ReceiverGroup *ModerationGroup
}

// ModerationUser describes a user to be created with a message. Name is required;
// the limits are those of CreateUserRequest.
type ModerationUser struct {
	// UID is the uid that the message names unless it is set.
	UID    string `json:"uid"`
	Name   string `json:"name"`
	Avatar string `json:"avatar,omitempty"`
	Link   string `json:"link,omitempty"`
	Role   string `json:"role,omitempty"`
	// CreatedAt is sent in seconds; zero means now.
	CreatedAt time.Time `json:"-"`
	Metadata  Metadata  `json:"metadata,omitempty"`
	Tags      Tags      `json:"tags,omitempty"`
}

// ModerationGroup describes a group to be created with a message. Name and Type
// are required; the limits are those of CreateGroupRequest.
type ModerationGroup struct {
	// GUID is the guid that the message names unless it is set.
	GUID string    `json:"guid"`
	Name string    `json:"name"`
	Type GroupType `json:"type"`
	// Password is for GroupTypePassword. It is never printed or logged.
	Password Secret `json:"password,omitempty"`
	Icon     string `json:"icon,omitempty"`
	Owner    string `json:"owner,omitempty"` // uid
	// CreatedAt is sent in seconds; zero means now.
	CreatedAt time.Time `json:"-"`
	Metadata  Metadata  `json:"metadata,omitempty"`
	Tags      Tags      `json:"tags,omitempty"`
}

// LogValue keeps the password out of logs.
func (g ModerationGroup) LogValue() slog.Value {
	type plain ModerationGroup
	g.Password = Secret(g.Password.String())
	return slog.AnyValue(plain(g))
}

// LogValue keeps the password, and what people write, out of logs.
func (r CreateModerationMessageRequest) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("textBytes", len(r.Text)), slog.Int("attachments", len(r.Attachments)), slog.String("muid", r.MUID))
}

// moderationMessageBody is what is sent.
type moderationMessageBody struct {
	messageBody
	Sender        string               `json:"sender"`
	SentAt        int64                `json:"sentAt,omitempty"`
	SenderUser    *moderationUserBody  `json:"senderUserDetails,omitempty"`
	ReceiverUser  *moderationUserBody  `json:"receiverUserDetails,omitempty"`
	ReceiverGroup *moderationGroupBody `json:"receiverGroupDetails,omitempty"`
}

type moderationUserBody struct {
	ModerationUser
	CreatedAt int64 `json:"createdAt,omitempty"`
}

type moderationGroupBody struct {
	ModerationGroup
	CreatedAt int64 `json:"createdAt,omitempty"`
}

// body is the request from a sender to a receiver; nil for nil.
func (r *CreateModerationMessageRequest) body(sender string, to Receiver) *moderationMessageBody {
	if r == nil {
		return nil
	}
	return &moderationMessageBody{
		messageBody: *to.body(&SendMessageRequest{
			Text: r.Text, Attachments: r.Attachments, Type: r.Type, Metadata: r.Metadata,
			CustomData: r.CustomData, MUID: r.MUID, Tags: r.Tags,
		}),
		Sender: sender, SentAt: seconds(r.SentAt),
		SenderUser:    r.Sender.body(sender),
		ReceiverUser:  r.ReceiverUser.body(to.UID),
		ReceiverGroup: r.ReceiverGroup.body(to.GUID),
	}
}

func (u *ModerationUser) body(uid string) *moderationUserBody {
	if u == nil {
		return nil
	}
	b := &moderationUserBody{*u, seconds(u.CreatedAt)}
	b.UID = cmp.Or(b.UID, uid)
	return b
}

func (g *ModerationGroup) body(guid string) *moderationGroupBody {
	if g == nil {
		return nil
	}
	b := &moderationGroupBody{*g, seconds(g.CreatedAt)}
	b.GUID = cmp.Or(b.GUID, guid)
	return b
}

// seconds returns a time as the API counts it; 0 for the zero time.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func (b *moderationMessageBody) validate(v *validation) {
	v.id("sender", b.Sender, maxID)
	b.messageBody.validate(v)
	if u := b.SenderUser; u != nil {
		v.within("senderUserDetails", u)
	}
	if u := b.ReceiverUser; u != nil {
		v.within("receiverUserDetails", u)
	}
	if g := b.ReceiverGroup; g != nil {
		v.within("receiverGroupDetails", g)
	}
}

func (b *moderationUserBody) validate(v *validation) {
	(&CreateUserRequest{
		UID: b.UID, Name: b.Name, Avatar: b.Avatar, Link: b.Link, Role: b.Role, Metadata: b.Metadata, Tags: b.Tags,
	}).validate(v)
}

func (b *moderationGroupBody) validate(v *validation) {
	(&CreateGroupRequest{
		GUID: b.GUID, Name: b.Name, Type: b.Type, Password: b.Password, Icon: b.Icon, Owner: b.Owner, Metadata: b.Metadata, Tags: b.Tags,
	}).validate(v)
}

func (b *moderationMessageBody) secrets() []string {
	if b == nil || b.ReceiverGroup == nil {
		return nil
	}
	return []string{string(b.ReceiverGroup.Password)}
}

// ModerationMessageListOptions filters the messages that were checked. The zero
// value lists all of them.
type ModerationMessageListOptions struct {
	// Limit is the size of a page, at most 1,000. The API does not document it;
	// its default for First is 100.
	Limit        int             `url:"limit,omitempty"`
	Sender       string          `url:"sender,omitempty"` // uid
	ReceiverUID  string          `url:"receiverUID,omitempty"`
	ReceiverGUID string          `url:"receiverGUID,omitempty"`
	Category     MessageCategory `url:"category,omitempty"`
	Type         MessageType     `url:"type,omitempty"`
	// ModerationStatus is documented for MessageModerationStatusPending and
	// MessageModerationStatusDisapproved.
	ModerationStatus MessageModerationStatus `url:"moderationStatus,omitempty"`
}

func (o *ModerationMessageListOptions) validate(v *validation) { validateLimit(v, o.Limit) }

// UpdateModerationMessageRequest changes the content of a message. A nil field is
// left alone, an empty one is sent as it is. The limits are those of
// SendMessageRequest.
type UpdateModerationMessageRequest struct {
	Text        *string
	Attachments []Attachment
	CustomData  any
	Metadata    Metadata
}

// MarshalJSON returns what is sent.
func (r *UpdateModerationMessageRequest) MarshalJSON() ([]byte, error) {
	type data struct {
		Text        *string      `json:"text,omitempty"`
		Attachments []Attachment `json:"attachments,omitzero"`
		CustomData  any          `json:"customData,omitempty"`
		Metadata    Metadata     `json:"metadata,omitzero"`
	}
	return wire.Marshal(struct {
		Data data `json:"data"`
	}{data{r.Text, r.Attachments, r.CustomData, r.Metadata}})
}

func (r *UpdateModerationMessageRequest) validate(v *validation) {
	if r.Text != nil {
		v.text(*r.Text)
	}
	for i, a := range r.Attachments {
		v.required(fmt.Sprintf("attachments[%d].url", i), a.URL)
	}
	if r.CustomData != nil {
		v.object("customData", r.CustomData)
	}
	v.messageMetadata(r.Metadata)
}

// ModerationMessagesService lets the API check messages that are not sent with
// CometChat, and manages the messages that were checked.
type ModerationMessagesService service

// Create submits a message from a user to a receiver for checking, without an
// acting user. The response is the message, whose moderation is pending; Get
// returns the outcome, and a webhook reports it. The message is sent once: an
// error that matches ErrOutcomeUnknown leaves open whether it arrived. Users and
// groups that the request describes are created if they do not exist.
//
// POST /moderation/messages
func (s *ModerationMessagesService) Create(ctx context.Context, sender string, to Receiver, req *CreateModerationMessageRequest) (*Message, error) {
	return do[Message](ctx, s.core, createModerationMessage.at().body(req.body(sender, to)))
}

// Get returns a message with the outcome of its moderation. It fails with
// CodeMessageIDNotFound (ErrNotFound) if there is no such message.
//
// GET /moderation/messages/{id}
func (s *ModerationMessagesService) Get(ctx context.Context, id string) (*Message, error) {
	return do[Message](ctx, s.core, getModerationMessage.at(id))
}

// List lists the messages that were checked. opts may be nil.
//
// GET /moderation/messages
func (s *ModerationMessagesService) List(opts *ModerationMessageListOptions) *CursorList[Message] {
	return cursorList[Message](s.core, listModerationMessages.at().query(opts))
}

// Update changes the content of a message, which is then checked again. The
// response is the message itself, unlike that of Messages.Update. It fails with
// CodeMessageIDNotFound (ErrNotFound) if there is no such message.
//
// PUT /moderation/messages/{id}
func (s *ModerationMessagesService) Update(ctx context.Context, id string, req *UpdateModerationMessageRequest) (*Message, error) {
	return do[Message](ctx, s.core, updateModerationMessage.at(id).body(req))
}

// Delete removes a message permanently, with its moderation data. It fails with
// CodeMessageIDNotFound (ErrNotFound) if there is no such message.
//
// DELETE /moderation/messages/{id}
func (s *ModerationMessagesService) Delete(ctx context.Context, id string) error {
	return acknowledge(ctx, s.core, deleteModerationMessage.at(id))
}
