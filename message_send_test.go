package cometchat_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestSendIsRefused(t *testing.T) {
	file := []cometchat.Attachment{{URL: "https://files.example/a.pdf"}}
	mentions := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(cometchat.Mention(strings.Repeat("u", i+1)) + " ")
		}
		return b.String()
	}
	tags := func(n int) cometchat.Tags { return strings.Split(strings.Repeat("t,", n-1)+"t", ",") }
	tests := []struct {
		name  string
		to    cometchat.Receiver
		req   *cometchat.SendMessageRequest
		field string // "" for accepted
		limit int
	}{
		{"nothing at all", testkit.Bob, nil, "request", 0},
		{"no receiver", cometchat.Receiver{}, testkit.Hi, "receiver", 100},
		{"no user", cometchat.ToUser(""), testkit.Hi, "receiver", 100},
		{"two receivers", cometchat.Receiver{UID: "a", GUID: "b"}, testkit.Hi, "receiver", 0},
		{"long receiver", cometchat.ToGroup(strings.Repeat("g", 101)), testkit.Hi, "receiver", 100},
		{"no text", testkit.Bob, &cometchat.SendMessageRequest{}, "text", 0},
		{"longest text", testkit.Bob, &cometchat.SendMessageRequest{Text: strings.Repeat("é", 65536)}, "", 0},
		{"too long a text", testkit.Bob, &cometchat.SendMessageRequest{Text: strings.Repeat("é", 65537)}, "text", 65536},
		{"too long a caption", testkit.Bob, &cometchat.SendMessageRequest{Text: strings.Repeat("x", 65537), Attachments: file}, "text", 65536},
		{"ten mentions", testkit.Bob, &cometchat.SendMessageRequest{Text: mentions(10)}, "", 0},
		{"eleven mentions", testkit.Bob, &cometchat.SendMessageRequest{Text: mentions(11)}, "text", 10},
		{"one user eleven times", testkit.Bob, &cometchat.SendMessageRequest{Text: strings.Repeat("<@uid:ann><@uid:Ann>", 11)}, "", 0},
		{"unclosed mentions", testkit.Bob, &cometchat.SendMessageRequest{Text: strings.Repeat("<@uid:", 30)}, "", 0},
		{"text in another encoding", testkit.Bob, &cometchat.SendMessageRequest{Text: "na\xefve"}, "text", 0},
		{"an image without attachments", testkit.Bob, &cometchat.SendMessageRequest{Type: cometchat.MessageTypeImage, Text: "Look"}, "attachments", 0},
		{"a file without attachments", testkit.Bob, &cometchat.SendMessageRequest{Type: cometchat.MessageTypeFile}, "attachments", 0},
		{"an attachment without a URL", testkit.Bob, &cometchat.SendMessageRequest{Attachments: append(file, cometchat.Attachment{Name: "b"})}, "attachments[1].url", 0},
		{"media without a caption", testkit.Bob, &cometchat.SendMessageRequest{Attachments: file}, "", 0},
		{"custom without data", testkit.Bob, &cometchat.SendMessageRequest{Category: cometchat.MessageCategoryCustom, Type: "place"}, "customData", 0},
		{"custom with empty data", testkit.Bob, &cometchat.SendMessageRequest{Type: "place", CustomData: struct{}{}}, "customData", 0},
		{"custom with no object", testkit.Bob, &cometchat.SendMessageRequest{Type: "place", CustomData: []int{1}}, "customData", 0},
		{"custom with a nil map", testkit.Bob, &cometchat.SendMessageRequest{Type: "place", CustomData: map[string]any(nil)}, "customData", 0},
		{"custom that does not encode", testkit.Bob, &cometchat.SendMessageRequest{Type: "place", CustomData: map[string]any{"n": math.NaN()}}, "customData", 0},
		{"custom without a type", testkit.Bob, &cometchat.SendMessageRequest{CustomData: json.RawMessage(`{"a":1}`)}, "type", 0},
		{"interactive without data", testkit.Bob, &cometchat.SendMessageRequest{Category: cometchat.MessageCategoryInteractive, Type: cometchat.MessageTypeCard}, "interactiveData", 0},
		{"interactive without a type", testkit.Bob, &cometchat.SendMessageRequest{InteractiveData: json.RawMessage(`{"a":1}`)}, "type", 0},
		{"custom and interactive", testkit.Bob, &cometchat.SendMessageRequest{Type: "x", CustomData: json.RawMessage(`{"a":1}`), InteractiveData: json.RawMessage(`{"a":1}`)}, "interactiveData", 0},
		{"25 tags", testkit.Bob, &cometchat.SendMessageRequest{Text: "Hi", Tags: tags(25)}, "", 0},
		{"26 tags", testkit.Bob, &cometchat.SendMessageRequest{Text: "Hi", Tags: tags(26)}, "tags", 25},
		{"a long tag", testkit.Bob, &cometchat.SendMessageRequest{Text: "Hi", Tags: cometchat.Tags{"a", strings.Repeat("t", 101)}}, "tags[1]", 100},
		{"metadata that is no JSON", testkit.Bob, &cometchat.SendMessageRequest{Text: "Hi", Metadata: cometchat.Metadata(`{`)}, "metadata", 0},
		{"metadata beyond what users may have", testkit.Bob, &cometchat.SendMessageRequest{Text: "Hi", Metadata: cometchat.Metadata(`"` + strings.Repeat("x", 4000) + `"`)}, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			requests := 0
			client := testkit.Served(t, func(w http.ResponseWriter, _ *http.Request) {
				requests++
				_, _ = w.Write([]byte(testkit.AMessage))
			}, testkit.Once)
			_, err := client.Messages.Send(t.Context(), tt.to, tt.req)
			if tt.field == "" {
				require.NoError(t, err)
				assert.Equal(t, 1, requests)
				return
			}
			assert.Zero(t, requests)
			require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
			var invalid *cometchat.ValidationError
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, tt.field, invalid.Field)
			assert.Equal(t, tt.limit, invalid.Limit)
		})
	}
}

// All other arguments that are refused before a request.
func TestMessageArgumentsAreRefused(t *testing.T) {
	client := testkit.Served(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.URL) }, testkit.Once)
	ctx := t.Context()
	tests := []struct {
		field string
		call  func() error
	}{
		{"multipleReceivers", func() error { _, err := client.Messages.SendMany(ctx, cometchat.Receivers{}, testkit.Hi); return err }},
		{"multipleReceivers.uids[1]", func() error {
			_, err := client.Messages.SendMany(ctx, cometchat.Receivers{UIDs: []string{"a", ""}}, testkit.Hi)
			return err
		}},
		{"multipleReceivers.guids[0]", func() error {
			_, err := client.Messages.SendMany(ctx, cometchat.Receivers{GUIDs: []string{".."}}, testkit.Hi)
			return err
		}},
		{"uid", func() error { _, err := client.Messages.SendAsBot(ctx, "", testkit.Bob, testkit.Hi); return err }},
		{"id", func() error { _, err := client.Messages.Get(ctx, ""); return err }},
		{"id", func() error { _, err := client.Messages.Delete(ctx, "..", nil); return err }},
		{"request", func() error { _, err := client.Messages.Update(ctx, "7", nil); return err }},
		{"text", func() error {
			_, err := client.Messages.Update(ctx, "7", &cometchat.UpdateMessageRequest{Text: cometchat.Ptr(strings.Repeat("x", 65537))})
			return err
		}},
		{"interactions", func() error { err := client.Messages.MarkInteracted(ctx, "7", nil); return err }},
		{"reasonId", func() error { err := client.Messages.Flag(ctx, "7", &cometchat.FlagMessageRequest{}); return err }},
		{"muid", func() error { _, err := client.Messages.FindByMUID(ctx, testkit.Bob, "", 0); return err }},
		{"receiver", func() error { _, err := client.Messages.FindByMUID(ctx, cometchat.Receiver{}, "m", 0); return err }},
		{"limit", func() error {
			_, err := client.Messages.List(&cometchat.MessageListOptions{Limit: 1001}).First(ctx)
			return err
		}},
		{"senders[0]", func() error {
			_, err := client.Messages.List(&cometchat.MessageListOptions{Senders: []string{"a,b"}}).First(ctx)
			return err
		}},
		{"receiver", func() error { _, err := client.Messages.ListWith(cometchat.ToGroup(""), nil).First(ctx); return err }},
		{"limit", func() error {
			_, err := client.Messages.ListWith(cometchat.ToUser("bob"), &cometchat.ConversationMessageListOptions{Limit: -1}).First(ctx)
			return err
		}},
		{"reaction", func() error { _, err := client.Reactions.Add(ctx, "7", ""); return err }},
		{"reaction", func() error { _, err := client.Reactions.Add(ctx, "7", strings.Repeat("é", 46)); return err }},
		{"receiver", func() error { _, err := client.Conversations.Get(ctx, cometchat.Receiver{}); return err }},
		{"receiver", func() error {
			_, err := client.Conversations.Pin(ctx, cometchat.Receiver{UID: "a", GUID: "b"})
			return err
		}},
		{"receiver", func() error { _, err := client.Conversations.Get(ctx, cometchat.ToUser("..")); return err }},
		{"messageId", func() error { err := client.Conversations.MarkRead(ctx, testkit.Bob, "seven"); return err }},
		{"messageId", func() error { err := client.Conversations.MarkRead(ctx, testkit.Bob, "07"); return err }},
		{"messageId", func() error { err := client.Conversations.MarkUnread(ctx, testkit.Bob, "7e3"); return err }},
		{"messageId", func() error { err := client.Conversations.MarkUnread(ctx, testkit.Bob, ""); return err }},
		{"deleteMessagesPermanently", func() error {
			err := client.Conversations.Reset(ctx, testkit.Team, &cometchat.ResetConversationOptions{DeleteMessagesPermanently: true})
			return err
		}},
		{"conversationWith", func() error {
			err := client.Conversations.Reset(ctx, testkit.Team, &cometchat.ResetConversationOptions{ConversationWith: "bob"})
			return err
		}},
		{"pinnedConversations", func() error {
			_, err := client.Conversations.ReplacePinned(ctx, make([]cometchat.Receiver, 6))
			return err
		}},
		{"pinnedConversations[1]", func() error {
			_, err := client.Conversations.ReplacePinned(ctx, []cometchat.Receiver{testkit.Bob, {}})
			return err
		}},
		{"id", func() error {
			_, err := client.Moderation.Reasons.Create(ctx, &cometchat.CreateModerationReasonRequest{Name: "Rude"})
			return err
		}},
		{"name", func() error {
			_, err := client.Moderation.Reasons.Update(ctx, "rude", &cometchat.UpdateModerationReasonRequest{})
			return err
		}},
	}
	for _, tt := range tests {
		err := tt.call()
		var invalid *cometchat.ValidationError
		if assert.ErrorAs(t, err, &invalid, tt.field) {
			assert.Equal(t, tt.field, invalid.Field)
		}
		require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
}

func TestTypeOfAttachments(t *testing.T) {
	tests := map[string]struct {
		files []cometchat.Attachment
		want  cometchat.MessageType
	}{
		"by MIME type":         {[]cometchat.Attachment{{MimeType: "video/mp4", Name: "a.png"}}, cometchat.MessageTypeVideo},
		"by name":              {[]cometchat.Attachment{{Name: "a.png"}, {Name: "b.jpg"}}, cometchat.MessageTypeImage},
		"of different kinds":   {[]cometchat.Attachment{{MimeType: "image/png"}, {MimeType: "audio/ogg"}}, cometchat.MessageTypeFile},
		"of no kind":           {[]cometchat.Attachment{{}}, cometchat.MessageTypeFile},
		"that are no media":    {[]cometchat.Attachment{{MimeType: "application/pdf"}}, cometchat.MessageTypeFile},
		"that look like texts": {[]cometchat.Attachment{{MimeType: "text/plain"}}, cometchat.MessageTypeFile},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var sent struct{ Type cometchat.MessageType }
			client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
				assert.NoError(t, json.NewDecoder(r.Body).Decode(&sent))
				_, _ = w.Write([]byte(testkit.AMessage))
			}, testkit.Once)
			for i := range tt.files {
				tt.files[i].URL = "https://files.example/f"
			}
			_, err := client.Messages.Send(t.Context(), testkit.Bob, &cometchat.SendMessageRequest{Attachments: tt.files})
			require.NoError(t, err)
			assert.Equal(t, tt.want, sent.Type)
		})
	}
}

// Texts arrive as they were written, without HTML escaping.
func TestTextIsSentAsItIs(t *testing.T) {
	text := "<@uid:bob> & <b>\"quotes\"</b> \\ ' \t\n 😅 🏳️‍🌈 \u2028\u2029 \u0000 naïve 漢字"
	check := func(t *testing.T, sent []byte, err error) {
		t.Helper()
		require.NoError(t, err)
		assert.Contains(t, string(sent), "<@uid:bob> & <b>")
		var body struct{ Data struct{ Text string } }
		require.NoError(t, json.Unmarshal(sent, &body))
		assert.Equal(t, text, body.Data.Text)
	}
	var sent []byte
	client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
		sent, _ = io.ReadAll(r.Body)
		_, _ = w.Write([]byte(testkit.AMessage))
	}, testkit.Once)
	_, err := client.Messages.Send(t.Context(), testkit.Bob, &cometchat.SendMessageRequest{Text: text})
	check(t, sent, err)
	_, err = client.Messages.Update(t.Context(), "7", &cometchat.UpdateMessageRequest{Text: &text})
	check(t, sent, err)
}

// The response to a message for several receivers is not documented: all the
// shapes it may have give the same results.
func TestSendManyResults(t *testing.T) {
	to := cometchat.Receivers{UIDs: []string{"Bob", "cat", "dan"}, GUIDs: []string{"team"}}
	const (
		one    = `{"id":"1","receiver":"bob","category":"message","data":{"text":"Hi"}}`
		three  = `{"id":"3","receiver":"team","category":"message","data":{"text":"Hi"}}`
		failed = `{"success":false,"error":{"code":"ERR_UID_NOT_FOUND","message":"no cat"}}`
	)
	tests := map[string]string{
		"messages":            `{"data":{"bob":` + one + `,"cat":` + failed + `,"team":` + three + `}}`,
		"outcomes":            `{"data":{"bob":{"success":true,"data":` + one + `},"cat":` + failed + `,"team":{"success":true,"data":` + three + `}}}`,
		"messages by kind":    `{"data":{"uids":{"bob":` + one + `,"cat":` + failed + `},"guids":{"team":` + three + `}}}`,
		"outcomes by kind":    `{"data":{"uids":{"bob":{"success":true,"data":` + one + `},"cat":` + failed + `},"guids":{"team":{"success":true,"data":` + three + `}}}}`,
		"with somebody else":  `{"data":{"bob":` + one + `,"cat":` + failed + `,"eve":` + one + `,"team":` + three + `}}`,
		"an error for itself": `{"data":{"bob":` + one + `,"cat":{"error":{"code":"ERR_UID_NOT_FOUND","message":"no cat"}},"team":` + three + `}}`,
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			results, err := testkit.Answering(t, 200, answer).Messages.SendMany(t.Context(), to, testkit.Hi)
			require.NotNil(t, results)
			ids := []string{}
			for _, item := range results.Items {
				ids = append(ids, item.ID)
			}
			assert.Equal(t, []string{"Bob", "cat", "dan", "team"}, ids)
			require.NoError(t, results.Items[0].Err)
			assert.Equal(t, "1", results.Items[0].Value.ID)
			require.ErrorIs(t, results.Items[1].Err, cometchat.CodeUIDNotFound)
			assert.Nil(t, results.Items[1].Value)
			require.ErrorIs(t, results.Items[2].Err, cometchat.ErrOutcomeUnknown)
			require.NoError(t, results.Items[3].Err)
			assert.Equal(t, "3", results.Items[3].Value.ID)
			require.ErrorIs(t, err, cometchat.ErrNotFound)
			var failure *cometchat.ResultError
			require.ErrorAs(t, err, &failure)
			if name == "with somebody else" {
				require.Len(t, results.Unmatched, 1)
				assert.Equal(t, "eve", results.Unmatched[0].ID)
			} else {
				assert.Empty(t, results.Unmatched)
			}
		})
	}

	t.Run("a user and a group of one name", func(t *testing.T) {
		results, err := testkit.Answering(t, 200, `{"data":{"uids":{"x":`+one+`},"guids":{"x":`+three+`}}}`).
			Messages.SendMany(t.Context(), cometchat.Receivers{UIDs: []string{"x"}, GUIDs: []string{"x"}}, testkit.Hi)
		require.NoError(t, err)
		assert.Equal(t, "1", results.Items[0].Value.ID)
		assert.Equal(t, "3", results.Items[1].Value.ID)
	})
	t.Run("one message for one receiver", func(t *testing.T) {
		results, err := testkit.Answering(t, 200, `{"data":`+one+`}`).
			Messages.SendMany(t.Context(), cometchat.Receivers{UIDs: []string{"bob"}}, testkit.Hi)
		require.NoError(t, err)
		assert.Equal(t, "1", results.Items[0].Value.ID)
	})
	t.Run("nothing", func(t *testing.T) {
		results, err := testkit.Answering(t, 200, `{"data":[]}`).Messages.SendMany(t.Context(), to, testkit.Hi)
		require.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
		assert.Len(t, results.Failed(), 4)
	})
}

// A message that may have arrived is not sent again, and FindByMUID settles the
// outcome.
func TestSendIsNotRepeated(t *testing.T) {
	faults := map[string]func(http.ResponseWriter){
		"504":              func(w http.ResponseWriter) { w.WriteHeader(http.StatusGatewayTimeout) },
		"dropped":          func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"answer cut short": func(w http.ResponseWriter) { _, _ = w.Write([]byte(testkit.AMessage[:40])) },
	}
	for name, fail := range faults {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var stored []string // muids
			client := testkit.Served(t, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				if r.Method == http.MethodPost {
					var body struct{ MUID string }
					assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
					stored = append(stored, body.MUID)
					fail(w)
					return
				}
				assert.Equal(t, "ann", r.Header.Get("onBehalfOf"))
				items := []map[string]any{{"id": "6", "muid": "m-1", "sender": "bob"}, {"id": "8", "muid": "m-2", "sender": "bob"}}
				for _, muid := range stored {
					items = append(items, map[string]any{"id": "7", "muid": muid, "sender": "Ann"})
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"data": items, "meta": map[string]any{}})
			}, cometchat.WithOnBehalfOf("ann"))
			_, err := client.Messages.Send(t.Context(), testkit.Bob, &cometchat.SendMessageRequest{Text: "Hi", MUID: "m-1"})
			require.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
			mu.Lock()
			assert.Equal(t, []string{"m-1"}, stored)
			mu.Unlock()

			message, err := client.Messages.FindByMUID(t.Context(), testkit.Bob, "m-1", 0)
			require.NoError(t, err)
			assert.Equal(t, "7", message.ID)
			_, err = client.Messages.FindByMUID(t.Context(), testkit.Bob, "m-2", 0)
			require.ErrorIs(t, err, cometchat.ErrNotFound, "bob's own")
		})
	}
}

// FindByMUID looks no further back than it is told to.
func TestFindByMUIDIsBounded(t *testing.T) {
	tests := []struct{ limit, at, requests int }{
		{0, 100, 1}, {0, 101, 0}, {150, 150, 2}, {150, 151, 0}, {250, 1, 1}, {1, 2, 0}, {5, 5, 1},
	}
	for _, tt := range tests {
		h := newHistory(300, 1700000000, 7)
		client := testkit.Served(t, h.ServeHTTP, testkit.Once).OnBehalfOf("ann")
		message, err := client.Messages.FindByMUID(t.Context(), testkit.Bob, h.muid(300-tt.at), tt.limit)
		if tt.requests == 0 {
			require.ErrorIs(t, err, cometchat.ErrNotFound, "%+v", tt)
			continue
		}
		require.NoError(t, err, "%+v", tt)
		assert.Equal(t, h.muid(300-tt.at), message.MUID)
		assert.Len(t, h.sent(), tt.requests, "%+v", tt)
	}
}

func TestMessageChanges(t *testing.T) {
	ctx := t.Context()
	tests := map[string]struct {
		answer          string
		message, action string
	}{
		"an action message":                   {testkit.AnEdit, "7", "8"},
		"the message itself":                  {testkit.AMessage, "7", ""},
		"an acknowledgement":                  {testkit.AnAck, "7", ""},
		"an acknowledgement, capital message": {`{"data":{"success":true,"Message":"gone"}}`, "7", ""},
		"an action without the message":       {`{"data":{"id":"8","category":"action","type":"message","data":{"action":"deleted"}}}`, "7", "8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			client := testkit.Answering(t, 200, tt.answer)
			for _, call := range []func() (*cometchat.MessageChange, error){
				func() (*cometchat.MessageChange, error) { return client.Messages.Delete(ctx, "7", nil) },
				func() (*cometchat.MessageChange, error) {
					return client.Messages.Update(ctx, "7", &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("Ho")})
				},
			} {
				change, err := call()
				require.NoError(t, err)
				require.NotNil(t, change.Message)
				assert.Equal(t, tt.message, change.Message.ID)
				if tt.action == "" {
					assert.Nil(t, change.Action)
				} else {
					assert.Equal(t, tt.action, change.Action.ID)
				}
			}
		})
	}
	change, err := testkit.Answering(t, 200, testkit.AnEdit).Messages.Update(ctx, "7", &cometchat.UpdateMessageRequest{})
	require.NoError(t, err)
	assert.Equal(t, "Ho", change.Message.Text())
	assert.Equal(t, "ann", change.Message.EditedBy)

	_, err = testkit.Answering(t, 200, `{"data":{"success":false,"message":"not yours"}}`).Messages.Delete(ctx, "7", nil)
	var failure *cometchat.Error
	require.ErrorAs(t, err, &failure)
	assert.Contains(t, failure.Message, "not yours")
	_, err = testkit.Answering(t, 200, `{"data":{}}`).Messages.Delete(ctx, "7", nil)
	require.True(t, errors.As(err, &failure))
}

func TestMessageCounts(t *testing.T) {
	tests := map[string]struct {
		data string
		want string // JSON; "" for an error
	}{
		"a list":             {`[{"entityId":"ann","entityType":"user","count":2},{"entityId":"team","entityType":"group","count":"3"}]`, `[{"entityId":"ann","entityType":"user","count":2},{"entityId":"team","entityType":"group","count":3}]`},
		"an object":          {`{"bob":4,"ann":"5"}`, `[{"entityId":"ann","entityType":"","count":5},{"entityId":"bob","entityType":"","count":4}]`},
		"a number":           {`7`, `[{"entityId":"","entityType":"","count":7}]`},
		"a text":             {`"7"`, `[{"entityId":"","entityType":"","count":7}]`},
		"a named number":     {`{"count":7}`, `[{"entityId":"","entityType":"","count":7}]`},
		"none":               {`[]`, `[]`},
		"messages":           {`[{"id":"7","data":{"text":"Hi"}}]`, ""},
		"a message":          {testkit.Inner(testkit.AMessage), ""},
		"nothing to count":   {`"many"`, ""},
		"an object of lists": {`{"a":[]}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			client := testkit.Answering(t, 200, `{"data":`+tt.data+`}`)
			counts, err := client.Messages.UnreadCounts(t.Context(), nil)
			total, err2 := client.Messages.Count(t.Context(), testkit.Team, nil)
			if tt.want == "" {
				require.Error(t, err)
				require.Error(t, err2)
				return
			}
			require.NoError(t, err)
			require.NoError(t, err2)
			assert.JSONEq(t, tt.want, testkit.JSON(t, counts))
			sum := 0
			for _, c := range counts {
				sum += c.Count
			}
			assert.Equal(t, sum, total)
		})
	}
}
