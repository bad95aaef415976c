package webhook_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/webhook"
)

// events returns the files of testdata that hold an event.
func events(t testing.TB) []string {
	var names []string
	for _, pattern := range []string{"testdata/*.json", "testdata/*/*.json"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, f := range files {
			if name := strings.TrimSuffix(strings.TrimPrefix(f, "testdata/"), ".json"); !strings.Contains(name, "custom-moderation") {
				names = append(names, name)
			}
		}
	}
	require.Len(t, names, 65)
	return names
}

// leaves returns the paths and values of a JSON value, except empty ones: null,
// false, 0, "", [] and {}.
func leaves(t testing.TB, text []byte) map[string]string {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v))
	found := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, m := range v {
				walk(path+"/"+k, m)
			}
		case []any:
			for i, m := range v {
				walk(path+"/"+strconv.Itoa(i), m)
			}
		default:
			if s := fmt.Sprint(v); s != "<nil>" && s != "false" && s != "0" && s != "" {
				if f, err := strconv.ParseFloat(s, 64); err == nil && strings.Contains(s, ".") {
					s = strconv.FormatFloat(f, 'f', -1, 64) // 48.120000 is 48.12
				}
				found[path] = s
			}
		}
	}
	walk("", v)
	return found
}

// TestParseLosesNothing compares every payload with the content of its event.
func TestParseLosesNothing(t *testing.T) {
	for _, name := range events(t) {
		t.Run(name, func(t *testing.T) {
			text := []byte(payload(t, name))
			var sent struct {
				Trigger webhook.Trigger
				Data    json.RawMessage
				AppID   string
				Webhook string
				Region  cometchat.Region
				Type    string
				Origin  webhook.Origin
				Version string `json:"chatAPIVersion"`
			}
			require.NoError(t, json.Unmarshal(text, &sent))
			e, err := webhook.Parse(text)
			require.NoError(t, err)
			assert.Equal(t, &webhook.Envelope{
				Trigger: sent.Trigger, AppID: sent.AppID, Region: sent.Region, Webhook: sent.Webhook,
				CallType: sent.Type, Origin: sent.Origin, ChatAPIVersion: sent.Version, Data: webhook.Data(sent.Data),
			}, e.Header())
			_, unknown := e.(*webhook.UnknownEvent)
			assert.False(t, unknown)

			var held []byte
			switch e := e.(type) { // whose data is the message itself
			case *webhook.AfterMessage:
				held, err = json.Marshal(e.Message)
			case *webhook.BeforeMessage:
				held, err = json.Marshal(e.Message)
			default:
				held, err = json.Marshal(e)
			}
			require.NoError(t, err)
			want := leaves(t, sent.Data)
			if app, inside := want["/appId"]; inside { // campaigns repeat it
				assert.Equal(t, e.Header().AppID, app)
				delete(want, "/appId")
			}
			assert.Equal(t, want, leaves(t, held))
		})
	}
}

// TestEveryTrigger compares the constants, the types, the methods and the
// payloads with each other.
func TestEveryTrigger(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "triggers.go", nil, 0)
	require.NoError(t, err)
	handler := reflect.TypeFor[*webhook.Handler]()
	methods := map[string]bool{"OnUnknown": true, "OnLegacyMessageDeliveryReceipt": true, "OnLegacyMessageReadReceipt": true}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || spec.Type == nil || !strings.HasPrefix(spec.Names[0].Name, "Trigger") {
			return true
		}
		n++
		trigger, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		name := strings.TrimPrefix(spec.Names[0].Name, "Trigger")
		assert.Equal(t, strings.ToLower(name), regexp.MustCompile("[_-]").ReplaceAllString(trigger, ""), trigger)

		data := `{}`
		if strings.HasSuffix(trigger, "_receipt") {
			data = `{"body":{}}`
		}
		body := `{"trigger":"` + trigger + `","data":` + data + `}`
		e, err := webhook.Parse([]byte(body))
		require.NoError(t, err)
		assert.Equal(t, "*webhook."+name, reflect.TypeOf(e).String())

		m, ok := handler.MethodByName("On" + name)
		require.True(t, ok, "no method On%s", name)
		assert.Equal(t, reflect.TypeOf(e), m.Type.In(1).In(1), m.Name)
		methods[m.Name] = true
		assert.Equal(t, []string{"*webhook." + name}, handledBy(t, m, body), m.Name)
		return true
	})
	assert.Equal(t, 59, n)
	for name, file := range map[string]string{"LegacyMessageDeliveryReceipt": "message_delivery_receipt", "LegacyMessageReadReceipt": "message_read_receipt"} {
		m, _ := handler.MethodByName("On" + name)
		assert.Equal(t, []string{"*webhook." + name}, handledBy(t, m, payload(t, "legacy/"+file)))
	}
	for i := range handler.NumMethod() {
		if name := handler.Method(i).Name; strings.HasPrefix(name, "On") {
			assert.True(t, methods[name], "%s has no trigger", name)
		}
	}
}

// handledBy delivers an event to a handler with one callback, registered by a
// method, and returns the types of the events that the callback gets.
func handledBy(t *testing.T, method reflect.Method, body string) (got []string) {
	t.Helper()
	h := newHandler(t)
	callback := method.Type.In(1)
	method.Func.Call([]reflect.Value{reflect.ValueOf(h), reflect.MakeFunc(callback, func(args []reflect.Value) (results []reflect.Value) {
		got = append(got, args[1].Type().String())
		for i := range callback.NumOut() {
			results = append(results, reflect.Zero(callback.Out(i)))
		}
		return results
	})})
	assert.Equal(t, http.StatusOK, status(h, body), method.Name)
	return got
}

func TestParseUnknown(t *testing.T) {
	for body, want := range map[string]*webhook.UnknownEvent{
		`{"trigger":"message_pinned","data":{"x":[1]},"appId":"app","webhook":"w","more":1}`: {Envelope: webhook.Envelope{
			Trigger: "message_pinned", AppID: "app", Webhook: "w", Data: webhook.Data(`{"x":[1]}`)}},
		`{"trigger":"message_sent"}`:                {Envelope: webhook.Envelope{Trigger: "message_sent"}},
		`{"trigger":"message_sent","data":null}`:    {Envelope: webhook.Envelope{Trigger: "message_sent", Data: webhook.Data(`null`)}},
		`{"trigger":"message_sent","data":"later"}`: {Envelope: webhook.Envelope{Trigger: "message_sent", Data: webhook.Data(`"later"`)}},
		`{"trigger":"message_sent","data":{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}}`: {Envelope: webhook.Envelope{
			Trigger: "message_sent", Data: webhook.Data(`{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`)}},
		`{"trigger":"user_blocked","data":[{}, {}]}`: {Envelope: webhook.Envelope{Trigger: "user_blocked", Data: webhook.Data(`[{}, {}]`)}},
	} {
		e, err := webhook.Parse([]byte(body))
		require.NoError(t, err, body)
		assert.Equal(t, want, e, body)
		assert.Empty(t, webhook.Key(e))
	}
}

func TestParseNoEvent(t *testing.T) {
	for body, want := range map[string]string{
		``:                        "webhook: not an event: no JSON object of an event's shape (0 bytes)",
		`{"trigger":"message_s`:   "webhook: not an event: no JSON object of an event's shape (21 bytes)",
		`[]`:                      "webhook: not an event: no trigger (2 bytes)",
		`{"data":{}}`:             "webhook: not an event: no trigger (11 bytes)",
		`["message_sent"]`:        "webhook: not an event: no JSON object of an event's shape (16 bytes)",
		`{"trigger":"","data":1}`: "webhook: not an event: no trigger (23 bytes)",
	} {
		e, err := webhook.Parse([]byte(body))
		assert.Nil(t, e)
		assert.EqualError(t, err, want)
		assert.ErrorIs(t, err, webhook.ErrNoEvent)
	}
}

// TestParseChanged finds the changed message in both shapes.
func TestParseChanged(t *testing.T) {
	edited := map[string]*cometchat.Message{}
	for _, name := range []string{"message_edited", "seen/message_edited"} {
		e, err := webhook.Parse([]byte(payload(t, name)))
		require.NoError(t, err)
		edited[name] = e.(*webhook.MessageEdited).Target()
		assert.Equal(t, "7001", edited[name].ID)
		assert.Equal(t, "Parcel is at door B", edited[name].Text())
		assert.Equal(t, cometchat.UnixTime(1761000160), edited[name].EditedAt)
	}
	for _, name := range []string{"message_deleted", "seen/message_deleted"} {
		e, err := webhook.Parse([]byte(payload(t, name)))
		require.NoError(t, err)
		target := e.(*webhook.MessageDeleted).Target()
		assert.Equal(t, "7001", target.ID)
		assert.Equal(t, "rider-7", target.DeletedBy)
		assert.True(t, target.IsDeleted())
	}
	for _, data := range []string{`{}`, `{"message":{"id":"9","category":"action"}}`} {
		e, err := webhook.Parse([]byte(`{"trigger":"message_edited","data":` + data + `}`))
		require.NoError(t, err)
		assert.Nil(t, e.(*webhook.MessageEdited).Target())
		assert.Empty(t, webhook.Key(e))
	}
}

// TestParseOddities reads values whose type is not the one they seem to have.
func TestParseOddities(t *testing.T) {
	e, err := webhook.Parse([]byte(payload(t, "recording_generated")))
	require.NoError(t, err)
	recording := e.(*webhook.RecordingGenerated)
	assert.Equal(t, 48120*time.Millisecond, recording.Duration.Duration())
	assert.Equal(t, cometchat.UnixTime(1761000512), recording.StartTime)

	e, err = webhook.Parse([]byte(payload(t, "call_participant_joined")))
	require.NoError(t, err)
	joined := e.(*webhook.CallParticipantJoined)
	assert.Equal(t, webhook.Occupant{Name: "Courier Nine", AudioCall: true, JoinedAt: 1761000511}, joined.Occupant)
	assert.Equal(t, &webhook.InitialConfig{
		AudioOnly: true, CallVersion: "2.3.0", SDK: "react", Platform: "web", Mode: "DEFAULT",
	}, joined.InitialConfig)
	assert.Equal(t, "call", joined.CallType)

	e, err = webhook.Parse([]byte(payload(t, "legacy/after_connection_status_changed")))
	require.NoError(t, err)
	assert.Equal(t, cometchat.UnixMilli(1761000400123), e.(*webhook.AfterConnectionStatusChanged).Event.At)

	e, err = webhook.Parse([]byte(payload(t, "call_initiated")))
	require.NoError(t, err)
	assert.Equal(t, "v1.eu.27c0ffee11.1761000000aa01bb02", e.(*webhook.CallInitiated).Call.Call().SessionID)

	for text, want := range map[string]webhook.Flag{`true`: true, `"true"`: true, `1`: true, `"false"`: false, `{}`: false, `null`: false} {
		flag := !want
		require.NoError(t, json.Unmarshal([]byte(text), &flag))
		assert.Equal(t, want, flag, text)
	}
	for text, want := range map[string]webhook.Seconds{`1.5`: 1.5, `"2"`: 2, `"1e300"`: 0, `"NaN"`: 0, `[]`: 0} {
		s := webhook.Seconds(7)
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		assert.Equal(t, want, s, text)
	}
}

// TestParseTolerates reads the shapes that PHP writes instead of others.
func TestParseTolerates(t *testing.T) {
	e, err := webhook.Parse([]byte(`{"trigger":"group_member_kicked","webhook":7,"data":{"group":{"guid":"depot","membersCount":"2"},"members":[],"by":[]}}`))
	require.NoError(t, err)
	assert.Equal(t, webhook.MembersChange{Group: cometchat.Group{GUID: "depot", MembersCount: 2}, Members: map[string]webhook.Member{}},
		e.(*webhook.GroupMemberKicked).MembersChange)
	assert.Equal(t, "7", e.Header().Webhook)

	e, err = webhook.Parse([]byte(`{"trigger":"message_sent","data":{"message":{"id":7001,"parentId":6999,"data":{"text":"Hi","metadata":[]},"sentAt":"1761000100"}}}`))
	require.NoError(t, err)
	assert.Equal(t, cometchat.Message{ID: "7001", ParentID: "6999", SentAt: 1761000100,
		Data: cometchat.MessageData{Text: "Hi", Metadata: cometchat.Metadata("[]")}}, e.(*webhook.MessageSent).Message)

	e, err = webhook.Parse([]byte(`{"trigger":"after_campaign_completed","data":{"totalTargets":"20","sentCount":null,"completedAt":"1761000760"}}`))
	require.NoError(t, err)
	assert.Equal(t, webhook.Campaign{TotalTargets: 20, CompletedAt: 1761000760}, e.(*webhook.AfterCampaignCompleted).Campaign)
}

// TestPrinting checks that slog gets no content, and fmt no raw data.
func TestPrinting(t *testing.T) {
	e, err := webhook.Parse([]byte(payload(t, "message_sent")))
	require.NoError(t, err)
	sent := e.(*webhook.MessageSent)
	assert.Equal(t, "[trigger=message_sent appId=app27c0ffee11 region=eu webhook=rides]", sent.LogValue().String())
	assert.Equal(t, fmt.Sprintf("data of %d bytes", len(sent.Data)), fmt.Sprintf("%s", sent.Data))
	assert.Equal(t, fmt.Sprintf("data of %d bytes", len(sent.Data)), sent.Data.LogValue().String())
	raw, err := json.Marshal(sent.Data)
	require.NoError(t, err)
	assert.JSONEq(t, string(sent.Data), string(raw))
}

func FuzzParse(f *testing.F) {
	for _, name := range events(f) {
		f.Add([]byte(payload(f, name)))
	}
	f.Add([]byte(`{"trigger":"message_sent","data":{"message":[]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := webhook.Parse(body)
		if err != nil {
			assert.ErrorIs(t, err, webhook.ErrNoEvent)
			assert.Nil(t, e)
			return
		}
		assert.NotEmpty(t, e.Header().Trigger)
		assert.LessOrEqual(t, len(webhook.Key(e)), len(e.Header().Trigger)+1+64)
		again, err := webhook.Parse(body)
		require.NoError(t, err)
		assert.Equal(t, e, again)
		assert.Equal(t, webhook.Key(e), webhook.Key(again))
		_, _ = webhook.ParseModerationRequest(body)
	})
}

// TestParseLinear checks that a body of eight times the size takes about eight
// times the memory, however deeply it nests.
func TestParseLinear(t *testing.T) {
	for name, body := range map[string]func(n int) string{
		"members": func(n int) string {
			var b strings.Builder
			for i := range n * 10 {
				fmt.Fprintf(&b, `,"u%d":{"uid":"u%d","lastActiveAt":"1"}`, i, i)
			}
			return `{"trigger":"group_member_added","data":{"members":{` + b.String()[1:] + `}}}`
		},
		"odd members": func(n int) string {
			return `{"trigger":"group_member_added","data":{"members":[` + strings.Repeat(`{"uid":7},`, n*10) + `{}]}}`
		},
		"slashes": func(n int) string {
			return `{"trigger":"message_edited","data":{"message":{"id":1,"data":{"entities":{"on":{"entity":{"text":"` + strings.Repeat(`\/`, n*100) + `"}}}}}}}`
		},
		"depth": func(n int) string {
			return `{"trigger":"message_sent","data":{"message":` + strings.Repeat(`{"id":1,"quotedMessage":`, n) + `{}` + strings.Repeat(`}`, n) + `}}`
		},
		"odd depth": func(n int) string {
			one := strings.Repeat(`{"id":1,"quotedMessage":`, 95) + `"[\"{{"` + strings.Repeat(`}`, 95)
			return `{"trigger":"moderation_engine_failed","data":{"failures":[` + strings.Repeat(one+",", n/10) + `{}],"resource":` + one + `}}`
		},
	} {
		t.Run(name, func(t *testing.T) {
			cost := func(n int) uint64 {
				text := []byte(body(n))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				e, err := webhook.Parse(text)
				require.NoError(t, err)
				_ = webhook.Key(e)
				runtime.ReadMemStats(&after)
				return after.TotalAlloc - before.TotalAlloc
			}
			cost(1) // makes what is made once
			small, large := cost(250), cost(2000)
			assert.Less(t, large, 24*small+1<<16, "%d bytes for 250, %d for 2000", small, large) // 64 times, were it quadratic
		})
	}
}
