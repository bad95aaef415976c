package cometchat_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

func TestConversationShapes(t *testing.T) {
	const one = `{"conversationId":"ann_user_bob","conversationType":"user","unreadMessageCount":"3","createdAt":1700000000,
		"lastMessage":{"id":9,"data":{"text":"Hi"}},"conversationWith":{"uid":"bob","name":"Bob"},"tags":["vip"],"uid":"ann"}`
	for name, answer := range map[string]string{
		"an object":           `{"data":` + one + `}`,
		"a list of one":       `{"data":[` + one + `]}`,
		"a number of unread":  `{"data":` + replaceOnce(one, `"3"`, `3`) + `}`,
		"an object as a text": `{"data":` + toJSON(t, one) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			c, err := answering(t, 200, answer).Conversations.Get(t.Context(), toBob)
			require.NoError(t, err)
			assert.Equal(t, "ann_user_bob", c.ConversationID)
			assert.Equal(t, 3, c.UnreadMessageCount)
			assert.Equal(t, "9", c.LastMessage.ID)
			assert.Equal(t, "Hi", c.LastMessage.Text())
			assert.Equal(t, cometchat.Tags{"vip"}, c.Tags)
			assert.Equal(t, "ann", c.UID)
			require.NotNil(t, c.User())
			assert.Equal(t, "Bob", c.User().Name)
			assert.Nil(t, c.Group())
		})
	}

	c, err := answering(t, 200, `{"data":{"conversationId":"group_team","conversationType":"group","unreadMessageCount":"0","lastMessage":null,
		"conversationWith":{"guid":"team","name":"Team","type":"private"},"pinnedBy":"app_system","pinnedAt":1700000000}}`).Conversations.Pin(t.Context(), toTeam)
	require.NoError(t, err)
	assert.Nil(t, c.LastMessage)
	assert.Empty(t, c.LastMessage.Text())
	assert.Nil(t, c.User())
	assert.Equal(t, "Team", c.Group().Name)
	assert.Equal(t, "app_system", c.PinnedBy)

	for name, none := range map[string]*cometchat.Conversation{
		"nil": nil, "zero": {}, "odd": {ConversationWith: cometchat.Entity{Raw: []byte(`[]`)}}, "empty": {ConversationWith: cometchat.Entity{Raw: []byte(`{}`)}},
	} {
		assert.Nil(t, none.User(), name)
		assert.Nil(t, none.Group(), name)
	}

	_, err = answering(t, 200, `{"data":[]}`).Conversations.Get(t.Context(), toBob)
	var failure *cometchat.Error
	require.ErrorAs(t, err, &failure)
}

func replaceOnce(s, old, new string) string {
	i := len(s)
	for j := range s {
		if len(s)-j >= len(old) && s[j:j+len(old)] == old {
			i = j
			break
		}
	}
	return s[:i] + new + s[i+len(old):]
}

// An acknowledgement may spell its message in two ways, and come without an
// envelope; one that denies success is an error.
func TestAcknowledgementsOfConversations(t *testing.T) {
	for _, answer := range []string{
		`{"data":{"success":true,"message":"a"}}`,
		`{"data":{"success":true,"Message":"b"}}`,
		`{"success":true,"message":"c"}`,
		`{"data":{"success":true}}`,
	} {
		err := answering(t, 200, answer).Conversations.MarkRead(t.Context(), toBob, "7")
		require.NoError(t, err, answer)
	}
	for _, answer := range []string{`{"success":false,"message":"no"}`, `{"data":{"success":false}}`, `{"error":{"code":"ERR_X"},"success":true}`, `{}`, `[]`} {
		err := answering(t, 200, answer).Conversations.MarkRead(t.Context(), toBob, "7")
		require.Error(t, err, answer)
	}
	// What has no envelope is no user, even so.
	_, err := answering(t, 200, `{"success":true,"message":"c"}`).Messages.Get(t.Context(), "7")
	require.Error(t, err)
}

// What the API documents as idempotent is repeated when a gateway fails, and
// nothing else that writes.
func TestIdempotentMessageCalls(t *testing.T) {
	repeated := map[string]bool{
		"unpin": true, "unsave": true, "unpin a conversation": true, "unpin a group's": true, "replace pinned": true, "clear pinned": true,
	}
	for _, tt := range messageWire {
		if tt.method == http.MethodGet {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			requests := 0
			client := served(t, func(w http.ResponseWriter, _ *http.Request) {
				requests++
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusServiceUnavailable)
			}, cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1}))
			require.Error(t, tt.call(t.Context(), client))
			if repeated[tt.name] {
				assert.Equal(t, 2, requests)
			} else {
				assert.Equal(t, 1, requests)
			}
		})
	}
}
