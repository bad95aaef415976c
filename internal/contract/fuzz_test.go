package contract

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
	"github.com/go-cometchat/cometchat/internal/wire"
)

var fuzzSeeds = []string{
	``, `{}`, `[]`, `null`, `"x"`, `7`, `<html>`, `{"data":{"uid":"a"}}`, `{"data":[{"uid":"a"}],"meta":{"pagination":{"total":"1","current_page":1,"total_pages":2},"cursor":{"id":1}}}`,
	`{"data":{"0":{"uid":1},"meta":[]}}`, `{"data":[null]}`, `{"error":{"code":"X","details":{"a":["b"]}}}`, `{"error":"x"}`, `{"error":[]}`,
	`{"data":{"uid":"a","metadata":[],"tags":"x","createdAt":"17","blockedByMe":"True"}}`, `{"data":`, `{"meta":{"next":{"id":1,"x":[{}]}}}`,
}

func seed(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add([]byte(s))
	}
}

func FuzzMetadata(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		m := cometchat.Metadata(text)
		empty := m.IsEmpty()
		var v json.RawMessage // accepts every value, even numbers outside the range of float64
		err := m.Decode(&v)
		if empty {
			assert.NoError(t, err)
			assert.Nil(t, v)
		} else if json.Valid(text) {
			assert.NoError(t, err)
		}
		var back struct{ M cometchat.Metadata }
		if json.Valid(text) && strings.TrimSpace(string(text)) != "null" {
			require.NoError(t, json.Unmarshal([]byte(`{"M":`+string(text)+`}`), &back))
			assert.Equal(t, strings.TrimSpace(string(text)), back.M.String())
		}
	})
}

func FuzzUnixTime(f *testing.F) {
	for _, s := range []string{`1`, `"1"`, `1.5`, `""`, `null`, `1e99`, `"NaN"`, `-0`, `"Inf"`, `{}`, `999999999999999999`, `1000000000000000001`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var got, again cometchat.UnixTime
		var number int64
		err := json.Unmarshal(text, &got)
		if json.Unmarshal(text, &number) == nil { // an int64 keeps its value
			require.NoError(t, err)
			assert.Equal(t, number, int64(got))
		}
		if err != nil {
			return
		}
		b, err := json.Marshal(got)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &again))
		assert.Equal(t, got, again)
		_ = got.String()
	})
}

// FuzzCursorQuery checks that the cursor of a page is sent as valid parameters,
// whatever it holds.
func FuzzCursorQuery(f *testing.F) {
	for _, s := range []string{`{"id":1,"affix":"a&b=c"}`, `{"":1,"x":[{}],"y":null}`, `[]`, `"x"`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		requests := 0
		list := responding(t, func(r *http.Request) string {
			if requests++; requests > 1 {
				values, err := url.ParseQuery(r.URL.RawQuery)
				require.NoError(t, err)
				assert.Equal(t, r.URL.RawQuery, values.Encode())
				return `{"data":[]}`
			}
			return `{"data":[{"id":"1"}],"meta":{"next":` + string(raw) + `}}`
		}).Messages.List(nil)
		_, _ = list.Collect(t.Context(), 10)
	})
}

func FuzzPosition(f *testing.F) {
	for _, s := range []string{"", "p1.0a1b2c3d.7.100", "c1.0a1b2c3d.0.affix=append&id=5", "c1.0a1b2c3d.0.a=%41", "p1.0a1b2c3d.00007.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var p, again cometchat.Position
		if p.UnmarshalText([]byte(text)) != nil {
			assert.True(t, p.IsZero())
			return
		}
		assert.Equal(t, text, p.String())
		b, err := json.Marshal(p)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &again))
		assert.Equal(t, p, again)
	})
}

func FuzzPathIDs(f *testing.F) {
	for _, s := range []string{"a", "", ".", "..", "a/b", "%2e%2e", "😅", "?x#y", "\x7f", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, id string) {
		client := responding(t, func(r *http.Request) string {
			segments := strings.Split(r.URL.EscapedPath(), "/")
			require.Len(t, segments, 6)
			for _, i := range []int{3, 5} {
				got, err := url.PathUnescape(segments[i])
				require.NoError(t, err)
				assert.Equal(t, id, got)
			}
			return `{"data":{"authToken":"a"}}`
		})
		_, _ = client.AuthTokens.Update(t.Context(), id, cometchat.Secret(id), &cometchat.UpdateAuthTokenRequest{})
	})
}

// FuzzMessage decodes arbitrary input as messages. No input may cause a panic,
// all methods can be called on every message, and a message that is encoded and
// decoded again stays the same.
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
	f.Fuzz(func(t *testing.T, raw []byte) {
		body := append(append([]byte(`{"data":[{"id":"0"},`), raw...), `],"meta":{}}`...)
		ctx, client := t.Context(), responding(t, func(*http.Request) string { return string(body) })
		list, err := client.Messages.List(nil).First(ctx)
		if err != nil {
			assert.Nil(t, list)
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

			once, err := wire.Marshal(m)
			require.NoError(t, err)
			again := new(cometchat.Message)
			require.NoError(t, json.Unmarshal(once, again))
			twice, err := wire.Marshal(again)
			require.NoError(t, err)
			// Empty data is the same as no data.
			assert.Equal(t, strings.ReplaceAll(string(once), `,"data":{}`, ""), strings.ReplaceAll(string(twice), `,"data":{}`, ""))
		}
		_, _ = client.Messages.UnreadCounts(ctx, nil)
		one := responding(t, func(*http.Request) string { return `{"data":` + string(raw) + `}` })
		_, _ = one.Messages.Update(ctx, "1", &cometchat.UpdateMessageRequest{Tags: cometchat.Tags{}})
		_, _ = one.Messages.SendMany(ctx, cometchat.Receivers{UIDs: []string{"a"}}, testkit.Hi)
	})
}

// responding returns a client that gets its responses from a function. Fuzzing
// makes too many calls for a server.
func responding(t *testing.T, body func(*http.Request) string) *cometchat.Client {
	transport := roundTrip(func(r *http.Request) (*http.Response, error) { return testkit.Response(200, body(r)), nil })
	return testkit.Client(t, "https://chat.example.com/v3", "test-key-0001", cometchat.WithHTTPClient(&http.Client{Transport: transport}), testkit.Once)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
