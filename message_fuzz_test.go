package cometchat

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/internal/wire"
)

// FuzzMessage decodes anything as messages: no input makes it panic, no message
// is one that its methods cannot be called on, and what was decoded is the same
// when written and decoded again.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		`{"id":"1","data":{"text":"Hi"}}`, `{"id":7,"sender":{"uid":"a"},"receiver":{"guid":1},"data":"{\"text\":1}"}`,
		`{"id":"1","data":[],"tags":{"0":"a"},"reactions":{"0":{"count":"1"}},"receipts":{"data":[[]]},"sentAt":"1.5"}`,
		`{"id":"1","data":{"attachments":[{"fileUrl":"u","size":"1.5"}],"url":"u","metadata":[],"customData":1,"mentions":{"a":{"uid":1}}}}`,
		`{"id":"1","category":"call","data":{"entities":{"on":{"entityType":"call","entity":{"sessionId":1,"wsChannel":{"secret":1}}},"by":7,"for":[]}}}`,
		`{"id":"1","lastReply":{"id":2,"quotedMessage":[{"id":[]}]},"replyCount":"x"}`, `[]`, `"x"`, `null`, `{"id":{"id":{"id":1}}}`,
		`{"id":"1","data":{"entities":{"on":{"entity":{"uid":"a","guid":"b","id":"c","sessionid":"d"}}}}}`,
	} {
		f.Add([]byte(s))
	}
	client, err := NewClient(RegionUS, "test-key-0001")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, raw []byte) {
		body := append(append([]byte(`{"data":[{"id":"0"},`), raw...), `],"meta":{}}`...)
		list, problem := wire.DecodeList[Message](body)
		if problem != nil {
			assert.Empty(t, list.Items)
			return
		}
		for _, m := range list.Items {
			m.Text()
			m.Attachments()
			m.ReactionCounts()
			m.SenderUser()
			m.ReceiverUser()
			m.ReceiverGroup()
			m.TargetMessage().TargetMessage()
			m.TargetUser()
			m.Call()
			m.LogValue()
			change("1", m)

			once, err := wire.Marshal(m)
			require.NoError(t, err)
			again := new(Message)
			require.NoError(t, json.Unmarshal(once, again))
			twice, err := wire.Marshal(again)
			require.NoError(t, err)
			// Data that is there but empty is no different from none.
			assert.Equal(t, strings.ReplaceAll(string(once), `,"data":{}`, ""), strings.ReplaceAll(string(twice), `,"data":{}`, ""))
		}
		_, _ = wire.Counts(body)
		answer := wire.Bulk(wire.Members(raw))
		_, _ = readBulk(&client.core, op{route: sendMessage}, inputs([]string{"a"}), answer, sentMessage)
	})
}
