package cometchattest_test

import (
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// fuzzBodies are bodies that suit many operations; the last one contains all
// names that operations read.
var fuzzBodies = []string{
	``, `{}`, `[]`, `null`, `[1]`, `{"`,
	`{"uid":"new","guid":"new","id":"new","role":"teacher","name":"New","type":"public","scope":"moderator","tags":["a"],"metadata":{"k":"v"}}`,
	`{"receiver":"team","receiverType":"group","category":"message","type":"text","data":{"text":"hi <@uid:ben>"}}`,
	`{"multipleReceivers":{"uids":["ben"],"guids":["team","x"]},"category":"custom","type":"t","data":{"customData":{"a":1}},"quotedMessageId":"1"}`,
	`{"uid":"u","name":"N","avatar":"a","link":"l","role":"default","statusMessage":"s","metadata":"{}","tags":[1],"unset":["avatar"],
	"withAuthToken":"1","force":true,"permanent":true,"uidsToDeactivate":["ben"],"uidsToActivate":["ben"],"platform":"p","userAgent":"u","appInfo":[],
	"owner":"ben","password":"p","icon":"i","description":"d","members":{"admins":["ben"]},"admins":["ana"],"moderators":[],"participants":["ben"],
	"usersToBan":["eve"],"accepted":["ben"],"friends":["ben"],"blockedUids":["ben"],"addToConversations":1,"messageId":"1","preserveOrder":true,
	"deleteMessagesPermanently":true,"conversationWith":"x","pinnedConversations":[{"uid":"ben"},{"guid":"team"}],"interactions":["b"],
	"reasonId":"spam","remark":"r","permissions":{"sendMessage":"deny"},"settings":{"listUsers":"all"},"features":["a"],"scope":"admin"}`,
}

const fuzzQuery = "page=2&perPage=1&per_page=3&limit=2&affix=prepend&id=3&sentAt=1&updatedAt=2&searchKey=a&searchIn=uid,name&status=offline&role=x&roles[]=y" +
	"&tags[0]=a&withTags=1&onlyDeactivated=1&withDeactivated=true&createdAt[from]=1&createdAt[to]=9&sortBy=name&sortOrder=desc&type=text&types=a&guid=g" +
	"&hasJoined=1&membersCount[gt]=0&scopes=admin&direction=both&unread=1&undelivered=1&count=1&conversationId=group_team&fromTimestamp=1&toTimestamp=2" +
	"&category=message&categories=custom&attachmentTypes=image&hasLinks=1&hasMentions=1&hasReactions=1&hideReplies=1&hideDeleted=1&onlyDeleted=1" +
	"&myMentionsOnly=1&mentionedUids=ana&senders=ben&receiverType=user&participatedByMe=1&withUnreadReplyCount=1&withMentionCount=1&unique=1" +
	"&useCursoredIndex=1&fromDate=1&toDate=2&pinned=1&saved=1&scope=fullAccess"

// fuzzApp returns an app with data of every kind, and the tokens of its users.
func fuzzApp() (*cometchattest.Server, map[string]string) {
	srv := cometchattest.New(cometchattest.WithAPIKey("key"), cometchattest.WithClientAPI(),
		cometchattest.WithManagementCredentials("account", "secret"))
	srv.AddUsers(
		cometchattest.User{UID: "ana", Tags: []string{"a"}, Metadata: json.RawMessage(`{"k":1}`)},
		cometchattest.User{UID: "ben", Role: "teacher"}, cometchattest.User{UID: "eve"}, cometchattest.User{UID: "old", DeactivatedAt: start},
	)
	srv.AddGroups(
		cometchattest.Group{GUID: "team", Owner: "ana", Participants: []string{"ben"}, Banned: []string{"eve"}},
		cometchattest.Group{GUID: "vault", Type: "password", Password: "p"},
	)
	srv.AddFriends("ana", "ben")
	srv.AddBlocks("eve", "ana")
	ids := srv.AddMessages(
		cometchattest.Message{Sender: "ana", Receiver: "ben", Text: "hi <@uid:ben>"},
		cometchattest.Message{Sender: "ben", Receiver: "team", ReceiverType: "group", Text: "see https://example.com"},
		cometchattest.Message{Sender: "ben", Receiver: "team", ReceiverType: "group", Type: "image", Data: json.RawMessage(`{"url":"u"}`)},
		cometchattest.Message{Sender: "ben", Receiver: "ana", Category: "interactive", Type: "form", Data: json.RawMessage(`{"interactiveData":{}}`)},
		cometchattest.Message{Receiver: "team", ReceiverType: "group", Text: "from the app"},
	)
	srv.AddMessages(cometchattest.Message{Sender: "ana", Receiver: "team", ReceiverType: "group", Text: "reply", ParentID: ids[1]})
	tokens := map[string]string{}
	for _, uid := range []string{"ana", "ben", "eve"} {
		rec := fuzzSend(srv, "POST", "/v3/users/"+uid+"/auth_tokens", "", http.Header{"Apikey": {"key"}})
		var made struct{ Data struct{ AuthToken string } }
		if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil {
			panic(err)
		}
		tokens[uid] = made.Data.AuthToken
	}
	return srv, tokens
}

// fuzzSend sends a request without a socket. It returns nil if the URL is
// invalid.
func fuzzSend(srv http.Handler, method, address, body string, header http.Header) *httptest.ResponseRecorder {
	u, err := url.ParseRequestURI(address)
	if err != nil {
		return nil
	}
	rec := httptest.NewRecorder()
	srv.ServeHTTP(rec, &http.Request{Method: method, URL: u, Header: header, Body: io.NopCloser(strings.NewReader(body))})
	return rec
}

// FuzzRequests sends arbitrary requests as the app, as the app on behalf of a
// user, and as a user. Every response must have the form of the API.
func FuzzRequests(f *testing.F) {
	fill := strings.NewReplacer(
		"{uid}", "ben", "{guid}", "team", "{id}", "2", "{reaction}", "%F0%9F%91%8D", "{conversationId}", "group_team", "{role}", "teacher",
		"{apiKey}", "key", "{authToken}", "x", "{scope}", "participant", "{permission}", "sendMessage", "{feature}", "a",
		"{appId}", "emulator", "{webhookId}", "hook1",
	)
	for i, operation := range append(fuzzOperations(), "TRACE //") {
		method, path, _ := strings.Cut(operation, " ")
		f.Add(method, fill.Replace(path), fuzzQuery, fuzzBodies[len(fuzzBodies)-1])
		f.Add(method, fill.Replace(path), "", fuzzBodies[i%len(fuzzBodies)])
		f.Add(method, strings.ReplaceAll(path, "{id}", "1"), "page=9999999999999999999&perPage=x&limit=-1&id=-1&affix=x", "{}")
	}
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		srv, tokens := fuzzApp()
		asApp := http.Header{"Apikey": {"key"}}
		for _, header := range []http.Header{
			{"Apikey": {"key"}, "Onbehalfof": {"ana"}}, {"Authtoken": {tokens["ben"]}}, {"Authtoken": {tokens["eve"]}}, asApp,
		} {
			base := "/v3"
			if strings.HasPrefix(path, "/apps") {
				base, header = "/management", http.Header{"Key": {"account"}, "Secret": {"secret"}, "X-Webhook-Version": {"2"}}
			}
			rec := fuzzSend(srv, method, base+path+"?"+query, body, header)
			if rec == nil {
				return
			}
			requireAnswer(t, rec)
		}
		// The resulting state can be read.
		for _, list := range []string{"/users", "/groups", "/messages", "/conversations", "/threads", "/groups/team/members", "/users/ana/friends"} {
			for _, header := range []http.Header{asApp, {"Apikey": {"key"}, "Onbehalfof": {"ben"}}} {
				requireAnswer(t, fuzzSend(srv, "GET", "/v3"+list, "", header))
			}
		}
	})
}

// fuzzOperations returns all operations, including those of the client API.
func fuzzOperations() []string {
	return append(cometchattest.Routes(),
		"GET /me", "PUT /me", "DELETE /me", "GET /settings", "POST /user_sessions",
		"PUT /groups/{guid}/members", "DELETE /groups/{guid}/members", "PATCH /groups/{guid}/owner",
		"POST /blockedusers", "GET /blockedusers", "DELETE /blockedusers", "GET /users/{uid}/threads", "GET /groups/{guid}/threads",
	)
}

// FuzzHistories sends long sequences of requests to an app. They are random
// combinations of names and values that the API knows, so that most of them have
// an effect.
func FuzzHistories(f *testing.F) {
	operations := fuzzOperations()
	usual := map[string]any{} // by name
	for _, body := range fuzzBodies {
		_ = json.Unmarshal([]byte(body), &usual) // some are not objects
	}
	names := slices.Sorted(maps.Keys(usual))
	parameters := map[string][]string{
		"{uid}": {"ana", "ben", "eve", "old", "new"}, "{guid}": {"team", "vault", "new"}, "{id}": {"1", "2", "3", "4", "7", "8", "9", "spam"},
		"{conversationId}": {"group_team", "ana_user_ben"}, "{role}": {"teacher", "default"}, "{scope}": {"participant"},
	}
	values := []string{
		"ana", "ben", "eve", "old", "new", "Team", "vault", "1", "2", "3", "4", "5", "6", "7", "9", "group", "user", "text", "message", "custom", "interactive",
		"admin", "moderator", "participant", "spam", "p", "prepend", "append", "", " ", "default", "teacher", "group_team", "ana_user_ben", "group_vault", "public",
		"true", "key", "authOnly", "a", "👍", "name", "https://example.com/a", "sendMessage", "0", "-1", "<@uid:ben>",
	}
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		pick := func(list []string) string { return list[random.IntN(len(list))] }
		var value func(depth int) any
		object := func(depth int) map[string]any {
			members := map[string]any{}
			for range random.IntN(30) {
				name := pick(names)
				if members[name] = usual[name]; random.IntN(3) == 0 {
					members[name] = value(depth - 1)
				}
			}
			return members
		}
		value = func(depth int) any {
			switch kind := random.IntN(10); {
			case kind == 0 && depth > 0:
				return []any{pick(values), pick(values)}
			case kind == 1 && depth > 0:
				return object(depth)
			case kind == 2:
				return random.IntN(12) - 1
			case kind == 3:
				return []any{true, false, nil, 1.5}[random.IntN(4)]
			}
			return pick(values)
		}
		srv, tokens := fuzzApp()
		request := func() {
			method, path, _ := strings.Cut(pick(operations), " ")
			path = parameter.ReplaceAllStringFunc(path, func(name string) string {
				if known := parameters[name]; known != nil && random.IntN(5) > 0 {
					return pick(known)
				}
				return url.PathEscape(pick(values))
			})
			query := url.Values{}
			for parameter := range strings.SplitSeq(fuzzQuery, "&") {
				if name, fits, _ := strings.Cut(parameter, "="); random.IntN(20) == 0 {
					query.Set(name, []string{fits, pick(values)}[random.IntN(2)])
				}
			}
			body := object(2)
			if random.IntN(2) == 0 {
				// Use a value that is likely to be accepted.
				for name, likely := range map[string]any{
					"receiver": pick([]string{"ana", "ben", "team"}), "receiverType": pick([]string{"user", "group"}), "type": "text",
					"data": map[string]any{"text": "to <@uid:" + pick(values) + ">"}, "participants": []any{pick(values)}, "name": "N", "uid": pick(values),
				} {
					body[name] = likely
				}
			}
			encoded, err := json.Marshal(body)
			require.NoError(t, err)
			header := http.Header{"Apikey": {"key"}}
			switch uid := pick([]string{"ana", "ben", "eve", ""}); {
			case uid != "" && random.IntN(3) == 0:
				header = http.Header{"Authtoken": {tokens[uid]}}
			case uid != "":
				header.Set("onBehalfOf", uid)
			}
			rec := fuzzSend(srv, method, "/v3"+path+"?"+query.Encode(), string(encoded), header)
			require.NotNil(t, rec)
			requireAnswer(t, rec)
		}
		for range 40 {
			request()
		}
		requireIdentity(t, srv)
		requireMoment(t, srv, request, request, request, request, request, request)
	})
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// requireAnswer requires a response in the form of the API.
func requireAnswer(t *testing.T, rec *httptest.ResponseRecorder) {
	t.Helper()
	require.Less(t, rec.Code, 500, rec.Body)
	require.GreaterOrEqual(t, rec.Code, 200)
	var answer struct {
		Data, Meta json.RawMessage
		Success    *bool // of the few responses without data
		Message    string
		Error      *struct {
			Code, Message, DevMessage, Source string
			Details                           map[string][]string
		}
	}
	decoder := json.NewDecoder(rec.Body)
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&answer))
	_, err := decoder.Token()
	require.ErrorIs(t, err, io.EOF)
	if rec.Code >= 400 {
		require.NotNil(t, answer.Error)
		require.NotEmpty(t, answer.Error.Code)
		require.NotEmpty(t, answer.Error.Message)
		return
	}
	require.Nil(t, answer.Error)
	require.True(t, answer.Data != nil || answer.Success != nil)
}
