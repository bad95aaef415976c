package contract

//lint:file-ignore SA1019 what is deprecated is tested as long as it is there

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

var someTime = time.Unix(1700000000, 0)

// TestGatewaysSayNothingOfResources checks that a 404 or a 409 means that a
// resource is missing, or exists, only if it comes from the API.
func TestGatewaysSayNothingOfResources(t *testing.T) {
	for status, category := range map[int]error{404: cometchat.ErrNotFound, 409: cometchat.ErrAlreadyExists} {
		for body, want := range map[string]bool{
			"<html>default backend</html>": false, "": false, `"gone"`: false, `[]`: false, "no such host": false,
			`{"message":"no"}`: true, `{}`: true, `{"error":{"code":"ERR_OF_TOMORROW"}}`: true, `{"error":{"message":"cut sh`: true,
			"\xef\xbb\xbf" + `{"error":{"code":"ERR_OF_TOMORROW"}}`: true, " \n{": true,
		} {
			err := testkit.Answering(t, status, body).Groups.Delete(t.Context(), "order-1042")
			assert.Equal(t, want, errors.Is(err, category), "%d %q: %v", status, body, err)
			assert.NotErrorIs(t, err, cometchat.ErrInvalidRequest)
		}
	}
}

// TestErrorsInsideASuccess checks that an error inside a success has a category.
// It leaves the outcome unknown only if it is a failure of the server.
func TestErrorsInsideASuccess(t *testing.T) {
	for body, tt := range map[string]struct {
		is      error
		unknown bool
	}{
		`{"error":{"code":"ERR_WS_GROUP_CREATION_FAILED"}}`:                  {cometchat.ErrServer, true},
		`{"error":{"code":"ERR_EXCEPTION"}}`:                                 {cometchat.ErrServer, true},
		`{"error":{"code":"ERR_OF_TOMORROW"}}`:                               {cometchat.ErrInvalidRequest, false},
		`{"error":"no"}`:                                                     {cometchat.ErrInvalidRequest, false},
		`{"data":{"success":false,"message":"no"}}`:                          {cometchat.ErrInvalidRequest, false},
		`{"data":{"success":false,"error":{"code":"ERR_WIDGET_NOT_FOUND"}}}`: {cometchat.ErrNotFound, false},
		`{"data":false}`:                                                     {cometchat.ErrInvalidRequest, false},
	} {
		for status := range map[int]bool{200: true, 201: true} {
			err := testkit.Answering(t, status, body).Groups.Delete(t.Context(), "g")
			assert.ErrorIs(t, err, tt.is, body)
			assert.Equal(t, tt.unknown, errors.Is(err, cometchat.ErrOutcomeUnknown), body)
		}
	}
	for _, status := range []int{400, 417} { // only the code tells a failure of the server
		client := testkit.Answering(t, status, `{"error":{"code":"ERR_OPERATION_FAILED","message":"m"}}`)
		err := client.Groups.Delete(t.Context(), "g")
		assert.ErrorIs(t, err, cometchat.ErrServer)
		assert.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
		_, err = client.Groups.Get(t.Context(), "g")
		assert.ErrorIs(t, err, cometchat.ErrServer)
		assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown, "nothing was written")
	}
	results, err := testkit.Answering(t, 200, `{"data":{"a":{"success":false,"error":{"code":"ERR_MEMBER_BAN_FAILED"}},"b":{"success":false,"error":"no"}}}`).
		BlockedUsers.Block(t.Context(), "u", []string{"a", "b"})
	require.Error(t, err)
	assert.ErrorIs(t, results.Items[0].Err, cometchat.ErrServer)
	assert.ErrorIs(t, results.Items[0].Err, cometchat.ErrOutcomeUnknown)
	assert.ErrorIs(t, results.Items[1].Err, cometchat.ErrInvalidRequest)
	assert.NotErrorIs(t, results.Items[1].Err, cometchat.ErrOutcomeUnknown)
}

// TestNoContent checks that a 204 is accepted only for operations that need no
// response data.
func TestNoContent(t *testing.T) {
	client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, testkit.Once)
	ctx := t.Context()
	for name, err := range map[string]error{
		"group":   client.Groups.Delete(ctx, "g"),
		"user":    client.Users.Delete(ctx, "u", nil),
		"member":  client.GroupMembers.Kick(ctx, "g", "u"),
		"ban":     client.BannedUsers.Ban(ctx, "g", "u"),
		"token":   client.AuthTokens.Flush(ctx, "u"),
		"read":    client.Conversations.MarkRead(ctx, cometchat.ToUser("u"), ""),
		"feature": client.RestrictedFeatures.AllowAll(ctx, "r"),
	} {
		assert.NoError(t, err, name)
	}
	_, get := client.Users.Get(ctx, "u")
	_, list := client.Users.List(nil).First(ctx)
	_, count := client.Users.Count(ctx, nil)
	for _, err := range []error{get, list, count} {
		assert.Error(t, err)
		assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)
	}
	_, update := client.Users.Update(ctx, "u", &cometchat.UpdateUserRequest{})
	_, edit := client.Messages.Update(ctx, "1", &cometchat.UpdateMessageRequest{})
	for _, err := range []error{update, edit} {
		assert.ErrorIs(t, err, cometchat.ErrOutcomeUnknown, "it should have said what it did")
	}
	// An empty 200 does not count as a 204.
	assert.ErrorIs(t, testkit.Answering(t, 200, "").Groups.Delete(ctx, "g"), cometchat.ErrOutcomeUnknown)
}

// TestNothingInPlaceOfAnEntity checks that an empty value in place of an entity
// is an error, for every method that returns an entity.
func TestNothingInPlaceOfAnEntity(t *testing.T) {
	for _, data := range []string{`[]`, `{}`, `""`, `false`, `null`} {
		client := testkit.Answering(t, 200, `{"data":`+data+`}`)
		ctx := t.Context()
		for name, call := range map[string]func() (any, error){
			"user":      func() (any, error) { return client.Users.Get(ctx, "u") },
			"scope":     func() (any, error) { return client.GroupMembers.ChangeScope(ctx, "g", "u", "admin") },
			"usage":     func() (any, error) { return client.Metrics.Usage(ctx, someTime, someTime) },
			"metrics":   func() (any, error) { return client.Metrics.Messages(ctx) },
			"group":     func() (any, error) { return client.Groups.Get(ctx, "g") },
			"message":   func() (any, error) { return client.Messages.Get(ctx, "1") },
			"token":     func() (any, error) { return client.AuthTokens.Create(ctx, "u", nil) },
			"reason":    func() (any, error) { return client.Moderation.Reasons.Get(ctx, "r") },
			"edit":      func() (any, error) { return client.Messages.Delete(ctx, "1", nil) },
			"key":       func() (any, error) { return client.APIKeys.Get(ctx, "key-0001") },
			"role":      func() (any, error) { return client.Roles.Get(ctx, "r") },
			"pinned":    func() (any, error) { return client.Conversations.Pin(ctx, cometchat.ToUser("u")) },
			"reactions": func() (any, error) { return client.Reactions.Add(ctx, "1", "x") },
		} {
			v, err := call()
			var failure *cometchat.Error
			require.ErrorAs(t, err, &failure, "%s %s", name, data)
			assert.Nil(t, v, "%s %s", name, data)
		}
	}
}

// TestNothingInPlaceOfAPart checks that an empty value in place of a part leaves
// out the part.
func TestNothingInPlaceOfAPart(t *testing.T) {
	for _, none := range []string{"null", "[]", `""`, "{}", "false", `{"data":{"text":"x"}}`} {
		c, err := cometchat.Decode[cometchat.Conversation]([]byte(`{"conversationId":"c","lastMessage":` + none + `}`))
		require.NoError(t, err, none)
		assert.Equal(t, &cometchat.Conversation{ConversationID: "c"}, c, none)
		m, err := cometchat.Decode[cometchat.Message]([]byte(`{"id":"1","lastReply":` + none + `,"quotedMessage":` + none + `,"data":{"mentions":{"ann":` + none + `,"bob":{"uid":"bob"}}}}`))
		require.NoError(t, err, none)
		assert.Equal(t, &cometchat.Message{ID: "1", Data: cometchat.MessageData{Mentions: map[string]cometchat.User{"bob": {UID: "bob"}}}}, m, none)
	}
}

func TestNothingAmongResults(t *testing.T) {
	list, err := testkit.Answering(t, 200, `{"data":[null,{"conversationId":"a"},[],false,{"conversationId":"b"}]}`).
		Conversations.ReplacePinned(t.Context(), []cometchat.Receiver{cometchat.ToUser("a")})
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.Conversation{{ConversationID: "a"}, {ConversationID: "b"}}, list)

	results, err := testkit.Answering(t, 200, `{"data":{"deactivatedUids":[null,"a",""],"notFound":[null]}}`).Users.Deactivate(t.Context(), []string{"a"})
	require.NoError(t, err)
	deactivated := cometchat.ActivationDeactivated
	assert.Equal(t, &cometchat.Results[cometchat.Activation]{Items: []cometchat.Result[cometchat.Activation]{{ID: "a", Value: &deactivated}}}, results)

	results2, err := testkit.Answering(t, 200, `{"data":{"admins":{"a":{"success":true},"b":null}}}`).
		GroupMembers.Add(t.Context(), "g", &cometchat.AddMembersRequest{Admins: []string{"a"}})
	require.NoError(t, err)
	assert.Empty(t, results2.Unmatched)
}

// TestDecodeBareValues checks that Decode accepts what the client accepts.
func TestDecodeBareValues(t *testing.T) {
	c, err := cometchat.Decode[cometchat.Conversation]([]byte(`{"conversationId":"a_user_b","conversationType":"user","unreadMessageCount":"1","conversationWith":{"uid":"b","link":"https:\/\/x.example\/"}}`))
	require.NoError(t, err)
	assert.Equal(t, 1, c.UnreadMessageCount)
	assert.Equal(t, &cometchat.User{UID: "b", Link: "https://x.example/"}, c.User())

	const event = `{"message":{"id":3939,"parentId":12,"data":{"text":"hi","mentions":[]},"sentAt":"\u0031586435925"}}`
	type hook struct {
		Message cometchat.Message `json:"message"`
	}
	data := []byte("\xef\xbb\xbf" + event)
	h, err := cometchat.Decode[hook](data)
	require.NoError(t, err)
	assert.Equal(t, &hook{cometchat.Message{ID: "3939", ParentID: "12", SentAt: 1586435925, Data: cometchat.MessageData{Text: "hi", Mentions: map[string]cometchat.User{}}}}, h)
	assert.Equal(t, "\xef\xbb\xbf"+event, string(data), "what is given stays as it is")

	users, err := cometchat.Decode[[]cometchat.User]([]byte(`[{"uid":7}]`))
	require.NoError(t, err)
	assert.Equal(t, &[]cometchat.User{{UID: "7"}}, users)
	for _, bad := range []string{``, `null`, `{`, `{}`, `[]`, `7`, `<html>`, `{"name":"Ann"}`, `{"data":{"uid":"a"}}`} {
		_, err := cometchat.Decode[cometchat.User]([]byte(bad))
		assert.ErrorContains(t, err, "cometchat: decode: the", bad)
	}
}

// TestMetadataWithEmptyArraysInside checks that [] in place of {}, as PHP writes
// it, is accepted at every depth.
func TestMetadataWithEmptyArraysInside(t *testing.T) {
	type poll struct {
		Options map[string]struct {
			Count  int                          `json:"count"`
			Voters map[string]map[string]string `json:"voters"`
		} `json:"options"`
	}
	p, err := cometchat.DecodeMetadata[poll](cometchat.Metadata(`{"options":{"1":{"count":1,"voters":{"lena":{"name":"L"}}},"2":{"count":0,"voters":[]}}}`))
	require.NoError(t, err)
	assert.Equal(t, map[string]map[string]string{"lena": {"name": "L"}}, p.Options["1"].Voters)
	assert.Equal(t, map[string]map[string]string{}, p.Options["2"].Voters)
	_, err = cometchat.DecodeMetadata[poll](cometchat.Metadata(`{"options":{"1":{"count":"1"}}}`))
	assert.Error(t, err, "what is the application's own is not guessed at")
}

// TestTextThatIsNotUTF8 checks that invalid UTF-8 is refused in every field,
// before a request is sent.
func TestTextThatIsNotUTF8(t *testing.T) {
	sent := 0
	client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) { sent++ }, testkit.Once)
	const bad = "caf\xe9"
	ctx := t.Context()
	first := func(_ any, err error) error { return err }
	for field, err := range map[string]error{
		"user name":      first(client.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "u", Name: bad})),
		"avatar":         first(client.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "u", Name: "U", Avatar: bad})),
		"status message": first(client.Users.Create(ctx, &cometchat.CreateUserRequest{UID: "u", Name: "U", StatusMessage: bad})),
		"changed status": first(client.Users.Update(ctx, "u", &cometchat.UpdateUserRequest{StatusMessage: cometchat.Ptr(bad)})),
		"metadata":       first(client.Users.Update(ctx, "u", &cometchat.UpdateUserRequest{Metadata: cometchat.Metadata(`{"a":"` + bad + `"}`)})),
		"tag":            first(client.Users.Update(ctx, "u", &cometchat.UpdateUserRequest{Tags: cometchat.Tags{bad}})),
		"group name":     first(client.Groups.Create(ctx, &cometchat.CreateGroupRequest{GUID: "g", Name: bad, Type: cometchat.GroupTypePublic})),
		"description":    first(client.Groups.Create(ctx, &cometchat.CreateGroupRequest{GUID: "g", Name: "G", Type: cometchat.GroupTypePublic, Description: bad})),
		"password":       first(client.Groups.Create(ctx, &cometchat.CreateGroupRequest{GUID: "g", Name: "G", Type: cometchat.GroupTypePassword, Password: bad})),
		"message text":   first(client.Messages.Send(ctx, cometchat.ToUser("u"), &cometchat.SendMessageRequest{Text: bad})),
		"muid":           first(client.Messages.Send(ctx, cometchat.ToUser("u"), &cometchat.SendMessageRequest{Text: "x", MUID: bad})),
		"quoted":         first(client.Messages.Send(ctx, cometchat.ToUser("u"), &cometchat.SendMessageRequest{Text: "x", QuotedMessageID: bad})),
		"custom data":    first(client.Messages.Send(ctx, cometchat.ToUser("u"), &cometchat.SendMessageRequest{Type: "t", CustomData: map[string]string{"a": bad}})),
		"message type":   first(client.Messages.Send(ctx, cometchat.ToUser("u"), &cometchat.SendMessageRequest{Type: bad, CustomData: map[string]string{"a": "b"}})),
		"message data":   first(client.Messages.Send(ctx, cometchat.ToUser("u"), &cometchat.SendMessageRequest{Text: "x", Metadata: cometchat.Metadata(`{"a":"` + bad + `"}`)})),
		"attachment":     first(client.Messages.Send(ctx, cometchat.ToUser("u"), &cometchat.SendMessageRequest{Attachments: []cometchat.Attachment{{URL: "https://x.example/", Name: bad}}})),
		"edited text":    first(client.Messages.Update(ctx, "1", &cometchat.UpdateMessageRequest{Text: cometchat.Ptr(bad)})),
		"role":           first(client.Roles.Create(ctx, &cometchat.CreateRoleRequest{Role: "r", Name: "R", Description: bad})),
		"remark":         client.Messages.Flag(ctx, "1", &cometchat.FlagMessageRequest{ReasonID: "r", Remark: bad}),
		"reason":         first(client.Moderation.Reasons.Create(ctx, &cometchat.CreateModerationReasonRequest{ID: "r", Name: bad})),
		"permission":     first(client.Permissions.SetForRole(ctx, "r", cometchat.PermissionValues{"p": cometchat.PermissionText(bad)})),
		"token":          first(client.AuthTokens.Update(ctx, "u", "u_0001", &cometchat.UpdateAuthTokenRequest{UserAgent: cometchat.Ptr(bad)})),
		"search key":     first(client.Users.List(&cometchat.UserListOptions{SearchKey: bad}).First(ctx)),
		"filter":         first(client.Users.List(&cometchat.UserListOptions{Tags: []string{bad}}).First(ctx)),
	} {
		assert.ErrorIs(t, err, cometchat.ErrInvalidRequest, field)
		assert.ErrorContains(t, err, "is not valid UTF-8", field)
	}
	assert.Zero(t, sent)
}

func TestUnknownRouteNamesTheVersion(t *testing.T) {
	_, err := testkit.Answering(t, 404, `{"error":{"code":"ERR_API_NOT_FOUND","message":"The API was not found."}}`).Users.Get(context.Background(), "u")
	assert.EqualError(t, err, "cometchat: GET /users/u: 404 ERR_API_NOT_FOUND: The API was not found. (does the base URL lack its version, /v3?)")
	assert.ErrorIs(t, err, cometchat.ErrInvalidRequest)
}

// TestPlainTextOfAGateway checks that a plain text body is used as the message.
func TestPlainTextOfAGateway(t *testing.T) {
	client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("upstream connect error\nkey test-key-0001 " + strings.Repeat("x", 5000)))
	}, testkit.Once)
	_, err := client.Users.Get(t.Context(), "u")
	assert.ErrorContains(t, err, `cometchat: GET /users/u: 502: upstream connect error\nkey [redacted] xxx`)
	assert.NotContains(t, err.Error(), "test-key")
	assert.Less(t, len(err.Error()), 300)
}

// TestSecretsInRefusals checks that secrets are also removed from the text of a
// refusal.
func TestSecretsInRefusals(t *testing.T) {
	err := testkit.Answering(t, 200, `{"data":{"success":false,"message":"the key test-key-0001 may not"}}`).Groups.Delete(t.Context(), "g")
	assert.NotContains(t, err.Error(), "test-key")
	assert.ErrorContains(t, err, "the key [redacted] may not")
}

// TestNotificationsOddResponses covers the ways in which the API says that a
// value is not set, and in which it acknowledges.
func TestNotificationsOddResponses(t *testing.T) {
	ctx := t.Context()
	for _, data := range []string{`{}`, `[]`, `null`, `""`, `{"pushProviders":[]}`, `{"pushProviders":null}`, `{"pushProviders":[null]}`} {
		client := testkit.Answering(t, 200, `{"data":`+data+`}`)
		_, set, err := client.Notifications.Providers.CustomPush.Get(ctx)
		require.NoError(t, err, data)
		assert.False(t, set, data)
		details, set, err := client.Notifications.Contacts.Get(ctx, "piotr")
		require.NoError(t, err, data)
		assert.False(t, set, data)
		assert.Equal(t, &cometchat.ContactDetails{}, details)
		zone, err := client.Notifications.Preferences.Timezone(ctx, "piotr")
		require.NoError(t, err, data)
		assert.Empty(t, zone)
	}
	_, set, err := testkit.Answering(t, 404, `{"error":{"code":"ERR_PROVIDER_NOT_FOUND"}}`).Notifications.Providers.Twilio.Get(ctx)
	require.NoError(t, err)
	assert.False(t, set)
	for _, code := range []string{"ERR_UID_NOT_FOUND", "ERR_API_NOT_FOUND"} {
		_, _, err = testkit.Answering(t, 404, `{"error":{"code":"`+code+`"}}`).Notifications.Providers.Twilio.Get(ctx)
		require.ErrorIs(t, err, cometchat.ErrorCode(code))
	}
	_, _, err = testkit.Answering(t, 200, `{"data":{"twilioAccountSID":`).Notifications.Providers.Twilio.Get(ctx)
	require.Error(t, err)

	for _, body := range []string{`{"data":{"success":true}}`, `{"success":true}`, `{"data":{"pushProviders":[{"providerId":"p"}]}}`, `{"data":{"pushProviders":[]}}`} {
		require.NoError(t, testkit.Answering(t, 200, body).Notifications.Providers.APNS.Create(ctx, testkit.APNS), body)
	}
	err = testkit.Answering(t, 200, `{"data":{"success":false,"message":"no"}}`).Notifications.Providers.FCM.Create(ctx, testkit.FCM)
	require.Error(t, err)
	require.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)

	// A list under a member, with a null among its items.
	tokens, err := testkit.Answering(t, 200, `{"data":{"pushTokens":[null,{"pushToken":"t","createdAt":"2026-01-02T03:04:05.678Z"}]}}`).Notifications.PushTokens.List(ctx, "s", nil)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.PushToken{{PushToken: "t", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)}}, tokens)

	// A text that is null, and times that are missing.
	p, set, err := testkit.Answering(t, 200, `{"data":{"senderName":"T","senderEmailForReplies":null}}`).Notifications.Providers.SendGrid.Get(ctx)
	require.NoError(t, err)
	assert.True(t, set)
	assert.Equal(t, &cometchat.SendGridProvider{SenderName: "T"}, p)
	log, err := testkit.Answering(t, 200, `{"data":[{"_id":"a","messageId":7,"payload":{"payload":{"sessionId":null}}}]}`).Notifications.Logs.List(nil).First(ctx)
	require.NoError(t, err)
	assert.Equal(t, []*cometchat.NotificationLog{{ID: "a", MessageID: "7", Payload: json.RawMessage(`{"payload":{"sessionId":null}}`)}}, log.Items)
}
