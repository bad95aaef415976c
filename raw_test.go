package cometchat_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// oddItem is an item of any type as only PHP writes it, with members that no type
// names.
func oddItem(id string) string {
	return fmt.Sprintf("{ \"uid\":\"%[1]s\",\"guid\" : \"%[1]s\",\"id\":\"%[1]s\", \"conversationId\":\"%[1]s\",\n\"avatar\":\"https:\\/\\/example.com\\/%[1]s\",\"vendorExtra\":{\"n\":1.50,\"\\u00e9\":[] } }", id)
}

// rawOf walks a list and returns what its items keep.
func rawOf[T interface{ Raw() json.RawMessage }](t *testing.T, items iter.Seq2[T, error]) (raws []string) {
	for item, err := range items {
		require.NoError(t, err)
		raws = append(raws, string(item.Raw()))
	}
	return raws
}

func TestRawItems(t *testing.T) {
	for name, body := range map[string]string{
		"a list":              "\xef\xbb\xbf{\"data\": [ " + oddItem("a") + " ,\n" + oddItem("b") + "]}",
		"with items left out": `{"data":[null,` + oddItem("a") + `,[],` + oddItem("b") + `,false]}`,
		"an object as a list": `{"data":{"1":` + oddItem("b") + `,"0":` + oddItem("a") + `,"meta":{}}}`,
		"odd elsewhere":       `{"data":[` + oddItem("a") + `,` + oddItem("b") + `],"meta":{"pagination":[]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }, cometchat.WithRawItems())
			ctx, want := t.Context(), []string{oddItem("a"), oddItem("b")}
			assert.Equal(t, want, rawOf(t, client.Users.List(nil).All(ctx)))
			assert.Equal(t, want, rawOf(t, client.Groups.List(nil).All(ctx)))
			assert.Equal(t, want, rawOf(t, client.GroupMembers.List("g", nil).All(ctx)))
			assert.Equal(t, want, rawOf(t, client.Conversations.List(nil).All(ctx)))
			assert.Equal(t, want, rawOf(t, client.Messages.List(nil).All(ctx)))
			for user, err := range client.Users.List(nil).All(ctx) {
				require.NoError(t, err)
				assert.Equal(t, "https://example.com/"+user.UID, user.Avatar, "the rest is as without")
			}
		})
	}
}

func TestRawOfOne(t *testing.T) {
	answer := `{"data": ` + oddItem("a") + ` }`
	client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }, cometchat.WithRawItems())
	user, err := client.Users.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, oddItem("a"), string(user.Raw()))
	message, err := client.Messages.Get(t.Context(), "1")
	require.NoError(t, err)
	assert.Equal(t, oddItem("a"), string(message.Raw()))

	answer = `{"data":{"conversationId":"a","lastMessage":` + oddItem("b") + `}}`
	conversation, err := client.OnBehalfOf("a").Conversations.Get(t.Context(), cometchat.ToUser("b"))
	require.NoError(t, err)
	assert.Nil(t, conversation.LastMessage.Raw(), "it is in that of the conversation")

	// An acknowledgement instead of a message.
	answer = `{"data":{"success":true}}`
	_, err = client.Messages.Delete(t.Context(), "1", nil)
	require.NoError(t, err)
}

func TestRawIsOff(t *testing.T) {
	user, err := testkit.Answering(t, 200, `{"data":`+oddItem("a")+`}`).Users.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Nil(t, user.Raw())
	for _, item := range []any{cometchat.User{}, cometchat.Group{}, cometchat.GroupMember{}, cometchat.Message{}, cometchat.Conversation{}} {
		field, ok := reflect.TypeOf(item).FieldByName("rawItem")
		require.True(t, ok)
		assert.LessOrEqual(t, field.Type.Size(), uintptr(32))
	}
}

// What an item keeps may hold secrets.
func TestRawIsNotPrinted(t *testing.T) {
	client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data":{"uid":"a","wsChannel":{"secret":"hush"}}}`))
	}, cometchat.WithRawItems())
	user, err := client.Users.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Contains(t, string(user.Raw()), "hush")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "user", user)
	for _, printed := range []string{fmt.Sprintf("%v %+v %#v", user, user, *user), log.String(), testkit.JSON(t, user)} {
		assert.NotContains(t, printed, "hush")
		assert.NotContains(t, printed, "104 117 115 104")
	}
}
