package cometchat

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// Limits of messages.
const (
	// MaxTextLength is the length of a message's text in characters.
	MaxTextLength = 65536
	// MaxMentions is how many users one message can mention.
	MaxMentions = 10
)

// Receiver is the user or the group on the other side of a message or a
// conversation. Make it with ToUser or ToGroup.
type Receiver struct {
	// Exactly one of the two is set.
	UID  string `json:"uid,omitempty"`
	GUID string `json:"guid,omitempty"`
}

// ToUser is the user with this uid.
func ToUser(uid string) Receiver { return Receiver{UID: uid} }

// ToGroup is the group with this guid.
func ToGroup(guid string) Receiver { return Receiver{GUID: guid} }

func (r Receiver) kind() ReceiverType {
	if r.GUID != "" {
		return ReceiverTypeGroup
	}
	return ReceiverTypeUser
}

func (r Receiver) id() string { return r.UID + r.GUID }

// problem returns what is wrong with r, under the name of field; nil if nothing
// is.
func (r Receiver) problem(field string) error {
	v := &validation{}
	switch {
	case r.UID != "" && r.GUID != "":
		v.add(ValidationError{Field: field, Reason: "must be a user or a group, not both"})
	default:
		v.id(field, r.id(), maxID)
	}
	return v.err()
}

// at makes a call of the route that is for r.
func (r Receiver) at(user, group *route) op {
	o := user.at(r.UID)
	if r.GUID != "" {
		o = group.at(r.GUID)
	}
	o.problem = r.problem("receiver")
	return o
}

// Receivers are the users and groups that get one message each.
type Receivers struct {
	UIDs  []string `json:"uids,omitempty"`
	GUIDs []string `json:"guids,omitempty"`
}

func (r *Receivers) validate(v *validation) {
	if len(r.UIDs)+len(r.GUIDs) == 0 {
		v.add(ValidationError{Field: "multipleReceivers", Reason: "required"})
	}
	for i, uid := range r.UIDs {
		v.id(fmt.Sprintf("multipleReceivers.uids[%d]", i), uid, maxID)
	}
	for i, guid := range r.GUIDs {
		v.id(fmt.Sprintf("multipleReceivers.guids[%d]", i), guid, maxID)
	}
}

// SendMessageRequest is a message to send. Its content decides its category: with
// CustomData it is a custom message, with InteractiveData an interactive one, and
// with Text or Attachments an ordinary one. The client checks that everything
// that its category requires is set before it sends the message.
type SendMessageRequest struct {
	// Text is sent as it is: at most MaxTextLength characters, which mention at
	// most MaxMentions users (see Mention). With Attachments it is their caption.
	Text string
	// Attachments make a media message. Each has a URL that the API can fetch;
	// the whole request has at most 100 MB.
	Attachments []Attachment
	// CustomData makes a custom message. It is any value that is encoded as a
	// JSON object with members. Type is required with it, and can be chosen
	// freely.
	CustomData any
	// InteractiveData makes an interactive message. It is any value that is
	// encoded as a JSON object with members. Type is required with it:
	// MessageTypeForm, MessageTypeCard, MessageTypeScheduler or
	// MessageTypeCustomInteractive.
	InteractiveData any
	// InteractionGoal says when an interactive message counts as completed, and
	// AllowSenderInteraction lets its sender use it, too.
	InteractionGoal        *InteractionGoal
	AllowSenderInteraction bool

	// Category and Type override what the content decides. If empty, the category
	// is that of the content, and the type of an ordinary message is
	// MessageTypeText, or depends on its attachments: MessageTypeImage,
	// MessageTypeVideo or MessageTypeAudio if all are of that kind by MIME type
	// or else by name, and MessageTypeFile if not.
	Category MessageCategory
	Type     MessageType

	// Metadata is a JSON object that is stored with the message.
	Metadata Metadata
	// MUID is an id of the caller's own, by which SendOnce recognizes the
	// message. The API does not promise to refuse a MUID that was used before.
	MUID string
	Tags Tags
	// QuotedMessageID is the id of the message that this one quotes.
	QuotedMessageID string
}

// Mention returns the text that mentions a user within a message's text.
func Mention(uid string) string { return mentionStart + uid + ">" }

const mentionStart = "<@uid:"

// mentioned counts the users that a text mentions.
func mentioned(text string) int {
	uids := map[string]bool{}
	for {
		_, after, found := strings.Cut(text, mentionStart)
		if !found {
			return len(uids)
		}
		if uid, _, closed := strings.Cut(after, ">"); closed {
			uids[strings.ToLower(uid)] = true
		}
		text = after
	}
}

// messageBody is what is sent.
type messageBody struct {
	Receiver          string          `json:"receiver,omitempty"`
	ReceiverType      ReceiverType    `json:"receiverType,omitempty"`
	MultipleReceivers *Receivers      `json:"multipleReceivers,omitempty"`
	Category          MessageCategory `json:"category"`
	Type              MessageType     `json:"type"`
	Data              messageBodyData `json:"data"`
	MUID              string          `json:"muid,omitempty"`
	Tags              Tags            `json:"tags,omitempty"`
	QuotedMessageID   string          `json:"quotedMessageId,omitempty"`

	to            Receiver
	categoryGiven bool
}

type messageBodyData struct {
	Text                   string           `json:"text,omitempty"`
	Attachments            []Attachment     `json:"attachments,omitempty"`
	CustomData             any              `json:"customData,omitempty"`
	InteractiveData        any              `json:"interactiveData,omitempty"`
	InteractionGoal        *InteractionGoal `json:"interactionGoal,omitempty"`
	AllowSenderInteraction bool             `json:"allowSenderInteraction,omitempty"`
	Metadata               Metadata         `json:"metadata,omitempty"`
}

// body is the request without its receiver; nil for nil.
func (r *SendMessageRequest) body() *messageBody {
	if r == nil {
		return nil
	}
	b := &messageBody{
		Category: r.Category, Type: r.Type,
		Data: messageBodyData{
			Text: r.Text, Attachments: r.Attachments, CustomData: r.CustomData, InteractiveData: r.InteractiveData,
			InteractionGoal: r.InteractionGoal, AllowSenderInteraction: r.AllowSenderInteraction, Metadata: r.Metadata,
		},
		MUID: r.MUID, Tags: r.Tags, QuotedMessageID: r.QuotedMessageID,
		categoryGiven: r.Category != "",
	}
	if b.Category == "" {
		b.Category = b.Data.category()
	}
	if b.Type == "" && b.Category == MessageCategoryMessage {
		b.Type = b.Data.kind()
	}
	return b
}

func (d *messageBodyData) category() MessageCategory {
	switch {
	case d.CustomData != nil:
		return MessageCategoryCustom
	case d.InteractiveData != nil:
		return MessageCategoryInteractive
	}
	return MessageCategoryMessage
}

// kind is the type of an ordinary message.
func (d *messageBodyData) kind() MessageType {
	if len(d.Attachments) == 0 {
		return MessageTypeText
	}
	kind := d.Attachments[0].kind()
	for _, a := range d.Attachments[1:] {
		if a.kind() != kind {
			return MessageTypeFile
		}
	}
	return kind
}

// body is the request to one receiver; nil for nil.
func (r Receiver) body(req *SendMessageRequest) *messageBody {
	b := req.body()
	if b != nil {
		b.to, b.Receiver, b.ReceiverType = r, r.id(), r.kind()
	}
	return b
}

// body is the request to several receivers; nil for nil.
func (r Receivers) body(req *SendMessageRequest) *messageBody {
	b := req.body()
	if b != nil {
		b.MultipleReceivers = &r
	}
	return b
}

func (b *messageBody) validate(v *validation) {
	if b.MultipleReceivers != nil {
		b.MultipleReceivers.validate(v)
	} else if err := b.to.problem("receiver"); err != nil {
		v.errs = append(v.errs, err)
	}
	d := &b.Data
	switch b.Category {
	case MessageCategoryMessage:
		switch b.Type {
		case MessageTypeText:
			v.required("text", d.Text)
		case MessageTypeImage, MessageTypeVideo, MessageTypeAudio, MessageTypeFile:
			if len(d.Attachments) == 0 {
				v.add(ValidationError{Field: "attachments", Reason: "required"})
			}
		}
	case MessageCategoryCustom:
		v.required("type", string(b.Type))
		v.object("customData", d.CustomData)
	case MessageCategoryInteractive:
		v.required("type", string(b.Type))
		v.object("interactiveData", d.InteractiveData)
	}
	if d.CustomData != nil && d.InteractiveData != nil && !b.categoryGiven {
		v.add(ValidationError{Field: "interactiveData", Reason: "must not come with customData"})
	}
	v.text(d.Text)
	for i, a := range d.Attachments {
		v.required(fmt.Sprintf("attachments[%d].url", i), a.URL)
	}
	v.messageMetadata(d.Metadata)
	b.Tags.validate(v)
}

// text checks the text of a message.
func (v *validation) text(text string) {
	v.length("text", text, MaxTextLength)
	v.atMost("text", mentioned(text), MaxMentions, "mentions")
}

// object checks that a value is encoded as a JSON object with members.
func (v *validation) object(field string, what any) {
	if what == nil {
		v.add(ValidationError{Field: field, Reason: "required"})
		return
	}
	b, err := wire.Marshal(what)
	switch {
	case err != nil:
		v.add(ValidationError{Field: field, Reason: "does not encode as JSON"})
	case wire.KindOf(b) != wire.KindObject:
		v.add(ValidationError{Field: field, Size: len(b), Reason: "must be a JSON object, not " + wire.KindOf(b).String()})
	case Metadata(b).IsEmpty():
		v.add(ValidationError{Field: field, Reason: "required"})
	}
}

// messageMetadata checks the metadata of a message, which has no limit of its
// own.
func (v *validation) messageMetadata(m Metadata) {
	if m != nil && !json.Valid(m) {
		v.add(ValidationError{Field: "metadata", Size: len(m), Reason: "is not valid JSON"})
	}
}

// inputs are the receivers, in the order of the results.
func (r Receivers) inputs() []input {
	var list []input
	for _, uid := range r.UIDs {
		list = append(list, input{"uids", uid})
	}
	for _, guid := range r.GUIDs {
		list = append(list, input{"guids", guid})
	}
	return list
}

// sentMessage is the value of a receiver.
func sentMessage(_ wire.Entry, done wire.Outcome) *Message { return wire.Value[Message](done.Data) }
