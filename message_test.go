package cometchat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// All methods may be called on any message, including nil.
func TestMessageAccessors(t *testing.T) {
	nothing := map[string]*cometchat.Message{
		"nil": nil, "zero": {},
		"entities of unknown types": decodeMessage(t, `{"id":"1","data":{"entities":{"sender":{"entityType":"robot","entity":{"uid":"r"}},"on":{"entityType":"x","entity":7}}}}`),
		"entities that are a list":  decodeMessage(t, `{"id":"1","data":{"entities":[]}}`),
		"entities that are a text":  decodeMessage(t, `{"id":"1","data":{"entities":"{\"sender\":7}"}}`),
		"entities without content":  decodeMessage(t, `{"id":"1","data":{"entities":{"sender":{"entityType":"user"},"on":{"entityType":"call","entity":null},"for":{"entityType":"group","entity":[]}}}}`),
	}
	for name, m := range nothing {
		t.Run(name, func(t *testing.T) {
			assert.Empty(t, m.Text())
			assert.Nil(t, m.Attachments())
			assert.Nil(t, m.ReactionCounts())
			assert.Nil(t, m.SenderUser())
			assert.Nil(t, m.ReceiverUser())
			assert.Nil(t, m.ReceiverGroup())
			assert.Nil(t, m.TargetMessage())
			assert.Nil(t, m.TargetUser())
			assert.Nil(t, m.Call())
			assert.False(t, m.IsDeleted())
		})
	}

	m := decodeMessage(t, `{"id":"1","category":"message","type":"image","deletedAt":5,"data":{"text":"Look",
		"url":"https://files.example/old.png","attachments":[{"url":"https://files.example/a.png","size":"350.2"}],
		"reactions":[{"reaction":"👍","count":2,"reactedByMe":true}],"moderation":{"status":"disapproved","rule":{"id":"r1","name":"Rule"}},
		"mentions":{"cat":{"uid":"cat","name":"Cat"}},
		"entities":{"sender":{"entityType":"user","entity":{"uid":"ann"}},"receiver":{"entityType":"group","entity":{"guid":"team"}}}}}`)
	assert.Equal(t, "Look", m.Text())
	assert.True(t, m.IsDeleted())
	assert.Equal(t, []cometchat.Attachment{{URL: "https://files.example/a.png", Size: 350.2}}, m.Attachments())
	assert.Equal(t, []cometchat.ReactionCount{{Reaction: "👍", Count: 2, ReactedByMe: true}}, m.ReactionCounts())
	assert.Equal(t, cometchat.MessageModeration{Status: cometchat.MessageModerationStatusDisapproved, Rule: cometchat.MessageModerationRule{ID: "r1", Name: "Rule"}}, m.Data.Moderation)
	assert.Equal(t, "Cat", m.Data.Mentions["cat"].Name)
	assert.Equal(t, "ann", m.SenderUser().UID)
	assert.Equal(t, "team", m.ReceiverGroup().GUID)
	assert.Nil(t, m.ReceiverUser())

	action := decodeMessage(t, `{"id":"2","category":"action","type":"groupMember","data":{"action":"added","entities":{
		"by":{"entityType":"user","entity":{"uid":"ann"}},"on":{"entityType":"user","entity":{"uid":"cat"}},"for":{"entityType":"group","entity":{"guid":"team"}}}}}`)
	assert.Equal(t, "added", action.Data.Action)
	assert.Equal(t, "ann", action.SenderUser().UID)
	assert.Equal(t, "cat", action.TargetUser().UID)
	assert.Equal(t, "team", action.ReceiverGroup().GUID)
	assert.Nil(t, action.TargetMessage())
	assert.Nil(t, action.Call())
}

func decodeMessage(t *testing.T, data string) *cometchat.Message {
	t.Helper()
	m, err := testkit.Answering(t, 200, `{"data":`+data+`}`).Messages.Get(t.Context(), "1")
	require.NoError(t, err)
	return m
}

// The oddities of recorded and documented responses, each beside an ordinary
// message that must not be affected.
func TestMessageOddities(t *testing.T) {
	tests := map[string]struct {
		message string
		want    string // what it is, in the shape of Message
	}{
		"id as a number":       {`{"id":3939}`, `{"id":"3939"}`},
		"large id as a number": {`{"id":9007199254740993}`, `{"id":"9007199254740993"}`},
		"parent as a number":   {`{"id":"1","parentId":17}`, `{"id":"1","parentId":"17"}`},
		"sender as an object":  {`{"id":"1","sender":{"uid":"ann","name":"Ann"}}`, `{"id":"1","sender":"ann"}`},
		"receiver as a group":  {`{"id":"1","receiver":{"guid":"team","name":"Team"},"receiverType":"group","receiverId":"team"}`, `{"id":"1","receiver":"team","receiverType":"group"}`},
		"sender without uid":   {`{"id":"1","sender":{"name":"Ann"}}`, `{"id":"1"}`},
		"data as JSON text":    {`{"id":"1","data":"{\"text\":\"Hi\",\"metadata\":{\"a\":1}}"}`, `{"id":"1","data":{"text":"Hi","metadata":{"a":1}}}`},
		"data as a text":       {`{"id":"1","data":"Hi"}`, `{"id":"1"}`},
		"data as []":           {`{"id":"1","data":[]}`, `{"id":"1"}`},
		"data null":            {`{"id":"1","data":null}`, `{"id":"1"}`},
		"sentAt null":          {`{"id":"1","sentAt":null,"muid":"","editedBy":"","editedAt":null}`, `{"id":"1"}`},
		"times as texts":       {`{"id":"1","sentAt":"1700000000","updatedAt":"1700000001.75"}`, `{"id":"1","sentAt":1700000000,"updatedAt":1700000001}`},
		"a time that is none":  {`{"id":"1","sentAt":"yesterday","updatedAt":{}}`, `{"id":"1"}`},
		"receipts":             {`{"id":"1","receipts":{"data":[[]]}}`, `{"id":"1","receipts":{"data":[[]]}}`},
		"metadata []":          {`{"id":"1","data":{"metadata":[]}}`, `{"id":"1","data":{"metadata":[]}}`},
		"metadata as JSON":     {`{"id":"1","data":{"metadata":"{\"a\":1}"}}`, `{"id":"1","data":{"metadata":"{\"a\":1}"}}`},
		"metadata as texts":    {`{"id":"1","data":{"metadata":["a","b"]}}`, `{"id":"1","data":{"metadata":["a","b"]}}`},
		"rawMetadata":          {`{"id":"1","data":{"metadata":{"rawMetadata":"x","@private":{"n":1.50}}}}`, `{"id":"1","data":{"metadata":{"rawMetadata":"x","@private":{"n":1.50}}}}`},
		"reactions on top":     {`{"id":"1","reactions":[{"reaction":"👍","count":"2"}]}`, `{"id":"1","reactions":[{"reaction":"👍","count":2}]}`},
		"reactions as object":  {`{"id":"1","data":{"reactions":{"0":{"reaction":"👍","count":2}}}}`, `{"id":"1","data":{"reactions":[{"reaction":"👍","count":2}]}}`},
		"mentions []":          {`{"id":"1","data":{"text":"Hi","mentions":[]}}`, `{"id":"1","data":{"text":"Hi"}}`},
		"a mention of nobody":  {`{"id":"1","data":{"mentions":{"ann":null,"bob":{"uid":"bob"},"cat":7}}}`, `{"id":"1","data":{"mentions":{"bob":{"uid":"bob"}}}}`},
		"size as a number":     {`{"id":"1","data":{"attachments":[{"url":"u","size":350}]}}`, `{"id":"1","data":{"attachments":[{"url":"u","size":"350"}]}}`},
		"size as a fraction":   {`{"id":"1","data":{"attachments":[{"url":"u","size":"350.2"}]}}`, `{"id":"1","data":{"attachments":[{"url":"u","size":"350.2"}]}}`},
		"size of no size":      {`{"id":"1","data":{"attachments":[{"url":"u","size":"big"},{"url":"v","size":null},{"url":"w","size":""}]}}`, `{"id":"1","data":{"attachments":[{"url":"u"},{"url":"v"},{"url":"w"}]}}`},
		"an SDK's attachment": {`{"id":"1","data":{"attachments":[{"fileUrl":"u","fileName":"a.png","fileMimeType":"image/png","fileExtension":"png","fileSize":10}]}}`,
			`{"id":"1","data":{"attachments":[{"url":"u","name":"a.png","mimeType":"image/png","extension":"png","size":"10"}]}}`},
		"one attachment":         {`{"id":"1","data":{"attachments":{"url":"u"}}}`, `{"id":"1","data":{"attachments":[{"url":"u"}]}}`},
		"tags null":              {`{"id":"1","tags":null}`, `{"id":"1"}`},
		"one tag":                {`{"id":"1","tags":"vip"}`, `{"id":"1","tags":["vip"]}`},
		"reply count as a text":  {`{"id":"1","replyCount":"3"}`, `{"id":"1","replyCount":3}`},
		"no last reply":          {`{"id":"1","lastReply":[]}`, `{"id":"1"}`},
		"a quoted message":       {`{"id":"1","quotedMessageId":5,"quotedMessage":{"id":5,"data":{"text":"Hi"}}}`, `{"id":"1","quotedMessageId":"5","quotedMessage":{"id":"5","data":{"text":"Hi"}}}`},
		"moderation as a text":   {`{"id":"1","data":{"moderation":"approved","text":"Hi"}}`, `{"id":"1","data":{"text":"Hi"}}`},
		"booleans as texts":      {`{"id":"1","data":{"allowSenderInteraction":"True"}}`, `{"id":"1","data":{"allowSenderInteraction":true}}`},
		"a goal out of the list": {`{"id":"1","data":{"interactionGoal":{"type":"sometimes","elementIds":["e"]}}}`, `{"id":"1","data":{"interactionGoal":{"type":"sometimes","elementIds":["e"]}}}`},
		"unknown category":       {`{"id":"1","category":"hologram","type":"cube","receiverType":"planet"}`, `{"id":"1","category":"hologram","type":"cube","receiverType":"planet"}`},
		"unknown entity": {`{"id":"1","data":{"entities":{"on":{"entityType":"robot","entity":{"arms":[1,2.50]}}}}}`,
			`{"id":"1","data":{"entities":{"on":{"entityType":"robot","entity":{"arms":[1,2.50]}}}}}`},
		"an entity by its id": {`{"id":"1","data":{"entities":{"on":"ann"}}}`, `{"id":"1","data":{"entities":{"on":"ann"}}}`},
		"entities []":         {`{"id":"1","data":{"text":"Hi","entities":[]}}`, `{"id":"1","data":{"text":"Hi","entities":[]}}`},
		"text as a number":    {`{"id":"1","data":{"text":42}}`, `{"id":"1","data":{"text":"42"}}`},
		"text as a list":      {`{"id":"1","data":{"text":["Hi"]}}`, `{"id":"1"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body := `{"data":[{"id":"0","data":{"text":"before"}},` + tt.message + `,{"id":"9","data":{"text":"after"}}],"meta":{}}`
			page, err := testkit.Answering(t, 200, body).Messages.List(nil).First(t.Context())
			require.NoError(t, err)
			require.Len(t, page.Items, 3)
			assert.Equal(t, "before", page.Items[0].Text())
			assert.JSONEq(t, tt.want, testkit.JSON(t, page.Items[1]))
			assert.Equal(t, "after", page.Items[2].Text())
			assert.JSONEq(t, tt.want, testkit.JSON(t, decodeMessage(t, tt.message)))
		})
	}
}

// The secrets of a call, and what people write, are in no log and no print; JSON
// has them, since exports are made of it.
func TestMessagesKeepSecrets(t *testing.T) {
	m := decodeMessage(t, strings.Replace(aCall, `"action":`, `"text":"private words","action":`, 1))
	call := m.Call()
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		log := slog.New(h)
		log.Info("message", "m", m, "value", *m, "call", call, "callValue", *call, "channel", call.WSChannel)
		log.Info("data", "data", m.Data, "entities", m.Data.Entities, "on", m.Data.Entities.On())
		log.Info("holders", "conversation", cometchat.Conversation{ConversationID: "c", LastMessage: m}, "change", cometchat.MessageChange{Message: m, Action: m},
			"none", cometchat.MessageChange{})
	}
	assert.Contains(t, out.String(), "s-1")
	assert.NotContains(t, out.String(), "private words")
	assert.NotContains(t, out.String(), "panicked")
	for _, v := range []any{m, *m, m.Data, m.Data.Entities, &m.Data.Entities, m.Data.Entities.On(), call, *call, call.WSChannel, []any{*m, *call}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, secret := range []string{"secret-42", "identity-41"} {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), strings.Trim(fmt.Sprint([]byte(secret)), "[]")} {
			assert.NotContains(t, out.String(), form)
		}
	}
	for _, whole := range []any{m, call} { // JSON has it, and is decoded to the same
		again := reflect.New(reflect.TypeOf(whole).Elem()).Interface()
		require.NoError(t, json.Unmarshal([]byte(testkit.JSON(t, whole)), again))
		assert.Equal(t, testkit.JSON(t, whole), testkit.JSON(t, again))
	}
	assert.Equal(t, "secret-42", string(call.WSChannel.Secret))
}
