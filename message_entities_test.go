package cometchat_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

const aCall = `{"id":"5","category":"call","type":"audio","data":{"action":"initiated","entities":{
	"by":{"entityType":"user","entity":{"uid":"ann"}},
	"on":{"entityType":"call","entity":{"sessionid":"s-1","status":"initiated","type":"audio","sender":"ann","receiver":"bob","receiverType":"user",
		"initiatedAt":1700000000,"joinedAt":"1700000001","startedAt":null,"conversationId":"ann_user_bob","data":{"metadata":{"a":1}},
		"wsChannel":{"identity":"identity-41","secret":"secret-42","service":"calls.example"}}},
	"for":{"entityType":"user","entity":{"uid":"bob"}}}}}`

func TestCallMessage(t *testing.T) {
	for _, data := range []string{aCall, strings.Replace(aCall, "sessionid", "sessionId", 1)} {
		m := decodeMessage(t, data)
		call := m.Call()
		require.NotNil(t, call)
		assert.Equal(t, "s-1", call.SessionID)
		assert.Equal(t, cometchat.MessageTypeAudio, call.Type)
		assert.Equal(t, cometchat.UnixTime(1700000001), call.JoinedAt)
		assert.Equal(t, "secret-42", string(call.WSChannel.Secret))
		assert.JSONEq(t, `{"a":1}`, call.Data.Metadata.String())
		assert.Equal(t, "ann", m.SenderUser().UID)
		assert.Equal(t, "bob", m.ReceiverUser().UID)
		assert.Nil(t, m.TargetUser())
	}
}
