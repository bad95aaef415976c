package cometchattest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// everyAnswer returns the responses of an app with the key "key" to every GET
// operation, as the app and on behalf of two users.
func everyAnswer(t *testing.T, srv *cometchattest.Server) map[string]string {
	t.Helper()
	values := map[string][]string{
		"{uid}": {"ana", "ben", "new"}, "{guid}": {"team", "vault", "new"}, "{id}": {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "spam"},
		"{conversationId}": {"group_team", "ana_user_ben"}, "{role}": {"teacher", "default"}, "{scope}": {"participant", "admin"},
		"{reaction}": {"👍"}, "{apiKey}": {"key"}, "{authToken}": {"x"}, "{permission}": {"sendMessage"}, "{ruleId}": {"profanity-filter", "new"},
		"{keywordId}": {"profanity-list", "new"}, "{providerId}": {"new"}, "{messageId}": {"1", "2", "3"},
		"{appId}": {"emulator"}, "{webhookId}": {"hook1"}, "{sessionId}": {"s1"},
	}
	answers := map[string]string{}
	for _, operation := range cometchattest.Routes() {
		method, path, _ := strings.Cut(operation, " ")
		if method != http.MethodGet {
			continue
		}
		paths := []string{path}
		for _, name := range parameter.FindAllString(path, -1) {
			require.Contains(t, values, name, operation)
			var filled []string
			for _, p := range paths {
				for _, value := range values[name] {
					filled = append(filled, strings.ReplaceAll(p, name, value))
				}
			}
			paths = filled
		}
		for _, p := range paths {
			for _, query := range []string{"", "?withTags=1&perPage=100&limit=100&withDeactivated=1&uid=ana&unread=1", "?affix=append&limit=2&id=1&uid=ben&all=1"} {
				for _, uid := range []string{"", "ana", "ben"} {
					header := http.Header{"Apikey": {"key"}}
					if uid != "" {
						header["Onbehalfof"] = []string{uid}
					}
					base := "/v3"
					if strings.HasPrefix(p, "/apps") {
						base = "/management"
						key, secret := srv.ManagementCredentials()
						header = http.Header{"Key": {key}, "Secret": {secret}, "X-Webhook-Version": {"2"}}
					}
					rec := fuzzSend(srv, method, base+p+query, "", header)
					answers[fmt.Sprint(p, query, " for ", uid)] = fmt.Sprint(rec.Code, rec.Body)
				}
			}
		}
	}
	return answers
}

// requireIdentity requires that a restored app responds to every GET like the
// original one.
func requireIdentity(t *testing.T, srv *cometchattest.Server) {
	t.Helper()
	srv.Clock().Stop() // pages without messages include the time
	want := everyAnswer(t, srv)
	snapshot := snapshotOf(t, srv)
	other := cometchattest.New(cometchattest.WithAPIKey("key"), cometchattest.WithClientAPI())
	other.Clock().Stop()
	other.Clock().Set(srv.Clock().Now())
	for _, s := range []*cometchattest.Server{srv, other} {
		require.NoError(t, s.Restore(strings.NewReader(snapshot)))
		require.Equal(t, want, everyAnswer(t, s))
		require.Equal(t, withoutHead(snapshot), withoutHead(snapshotOf(t, s)))
	}
	require.Equal(t, srv.Flags(), other.Flags())
}

func snapshotOf(t *testing.T, srv *cometchattest.Server) string {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, srv.Snapshot(&buf))
	return buf.String()
}

// withoutHead returns a snapshot without its first line, which contains the time.
func withoutHead(snapshot string) string {
	_, rest, _ := strings.Cut(snapshot, "\n")
	return rest
}

// requireMoment requires that a snapshot shows the moment at which it begins,
// whatever happens while it is written.
func requireMoment(t *testing.T, srv *cometchattest.Server, meanwhile ...func()) {
	t.Helper()
	want := withoutHead(snapshotOf(t, srv))
	w := &busyWriter{meanwhile: meanwhile}
	require.NoError(t, srv.Snapshot(w))
	require.Equal(t, want, withoutHead(w.String()))
	require.Empty(t, w.meanwhile)
}

// busyWriter runs a function before each write. It runs all remaining ones before
// the write that contains users.lastChange.
type busyWriter struct {
	strings.Builder
	meanwhile []func()
}

func (w *busyWriter) Write(b []byte) (int, error) {
	n := min(1, len(w.meanwhile))
	if w.Len() > 0 && bytes.Contains(b, []byte(`"users.lastChange"`)) {
		n = len(w.meanwhile)
	}
	for _, do := range w.meanwhile[:n] {
		do()
	}
	w.meanwhile = w.meanwhile[n:]
	return w.Builder.Write(b)
}

// richRequests change data of every kind.
var richRequests = []string{
	`POST /messages/1/reactions/%F0%9F%91%8D`, `POST /messages/1/pin`, `POST /messages/1/save`, `PATCH /messages/4/interacted {"interactions":["b"]}`,
	`POST /messages/2/flagged {"id":"spam","remark":"r"}`, `PUT /messages/1 {"data":{"text":"edited","metadata":{ "k" : [1, "</x>"] }},"tags":["t"]}`,
	`POST /users/ben/conversation/read`, `PUT /users/ben/conversation {"tags":["x"]}`, `POST /groups/team/conversation/pin`, `DELETE /groups/team/conversation`,
	`PUT /conversations/pinned {"pinnedConversations":[{"uid":"ben"},{"guid":"team"}]}`, `POST /roles/default/restrictedfeatures {"featuresToRestrict":["calls"]}`,
	`PUT /roles/default/permissions {"permissions":{"sendMessage":"deny"}}`, `PUT /groups/team/scopes/admin/permissions {"permissions":{"sendMessage":"deny"}}`,
	`POST /messages {"receiver":"ben","receiverType":"user","data":{"text":"quoting"},"quotedMessageId":"1"}`, `POST /messages {"receiver":"ben","receiverType":"user","data":{"text":"gone"}}`,
	`POST /moderation/reasons {"id":"own","name":"Own"}`,
	`POST /data_import/users {"users":{"old":{"uid":"old","name":"Old","createdAt":1500000000,"lastActiveAt":1500000009}}}`,
	`POST /data_import/messages {"messages":{"m":{"muid":"m","sender":"old","receiverType":"user","receiver":"ben","sentAt":1500000001,"readAt":1500000005,"data":{"text":"then"}}}}`,
	`POST /moderation/rules {"id":"new","name":"New","enabled":true,"action":["blockMessage"],"conditions":[{"category":"word","operator":"contains","operand":"text","value":["bad"]}],"filters":[{"entity":"sender","type":"uid","operand":"uid","operator":"equals","value":"ben"}]}`,
	`PUT /moderation/rules/new {"name":"Newer"}`, `POST /messages {"receiver":"ben","receiverType":"user","data":{"text":"bad"}}`,
	`PATCH /notifications/v1/settings {"preferences":{"group":{"messagesSetting":3},"push":{"customJson":{"a":[1]}},"mute":{"schedulePreferenceSetting":{"monday":{"from":900,"to":1700,"dnd":false}}}}}`,
	`PATCH /notifications/v1/preferences?uid=ana {"group":{"messagesSetting":1},"mute":{"schedulePreferenceSetting":{"monday":{"from":900,"to":1700,"dnd":true}}}}`,
	`PUT /notifications/v1/preferences/mute?uid=ana {"conversations":[{"id":"ben","type":"oneOnOne","until":99999999999999}]}`,
}

// sendLine sends a request with a method, a path and a body, on behalf of a user
// or as the app, and returns the status.
func sendLine(srv *cometchattest.Server, uid, request string) int {
	method, rest, _ := strings.Cut(request, " ")
	path, body, _ := strings.Cut(rest, " ")
	header := http.Header{"Apikey": {"key"}}
	if uid != "" {
		header.Set("onBehalfOf", uid)
	}
	return fuzzSend(srv, method, "/v3"+path, body, header).Code
}

// richApp returns an app with data of every kind.
func richApp(t *testing.T) *cometchattest.Server {
	srv, tokens := fuzzApp()
	for name, put := range seedings {
		if name != "AddUsers" && name != "AddGroups" && name != "AddBlocks" {
			put(srv)
		}
	}
	for _, request := range richRequests {
		require.Equal(t, http.StatusOK, sendLine(srv, "ana", request), request)
	}
	for _, id := range []string{"1", "4"} {
		require.Equal(t, http.StatusOK, sendLine(srv, "", fmt.Sprintf(`DELETE /messages/%s {"permanent":%t}`, id, id == "4")))
	}
	key, secret := srv.ManagementCredentials()
	for path, body := range map[string]string{
		"/apps":                        `{"name":"Other","region":"eu"}`,
		"/apps/emulator/webhooks":      `{"id":"hook1","name":"Hook","webhookURL":"https://hooks.example.com/a","useBasicAuth":true,"username":"u","password":"hook-password"}`,
		"/apps/emulator/extensions":    `{"extensions":["polls"]}`,
		"/apps/emulator/collaborators": `{"admins":["a@example.com"]}`,
	} {
		fuzzSend(srv, "POST", "/management"+path, body, http.Header{"Key": {key}, "Secret": {secret}, "X-Webhook-Version": {"2"}})
	}
	rec := fuzzSend(srv, "POST", "/v3/notifications/push/v1/tokens", fmt.Sprintf(`{"authToken":%q,"platform":"fcm_web","providerId":"p","fcmToken":"push-token-of-ana","timezone":"Europe/Berlin"}`, tokens["ana"]), http.Header{"Apikey": {"key"}})
	require.Equal(t, http.StatusOK, rec.Code, rec.Body)
	return srv
}

func TestRestoreIsTheIdentity(t *testing.T) {
	srv := richApp(t)
	events := len(srv.Events())
	requireIdentity(t, srv)
	assert.Len(t, srv.Events(), events)
	// The restored app continues from the same state.
	other := cometchattest.New(cometchattest.WithAPIKey("another"), cometchattest.WithClock(srv.Clock().Now))
	require.NoError(t, other.Restore(strings.NewReader(snapshotOf(t, srv))))
	for _, s := range []*cometchattest.Server{srv, other} {
		rec := fuzzSend(s, "POST", "/v3/messages", `{"receiver":"ana","receiverType":"user","data":{"text":"and on"}}`, http.Header{"Apikey": {s.APIKey()}, "Onbehalfof": {"ben"}})
		require.Equal(t, http.StatusOK, rec.Code, rec.Body)
	}
	a, b := everyAnswer(t, srv), everyAnswer(t, other)
	for path := range a {
		if !strings.HasPrefix(path, "/ap") {
			require.Equal(t, a[path], b[path], path)
		}
	}
}

// TestRequestsWhileASnapshotIsWritten checks that requests are served while a
// snapshot is written, and that their changes are not in it.
func TestRequestsWhileASnapshotIsWritten(t *testing.T) {
	srv := richApp(t)
	changes := append(slices.Clone(richRequests),
		`PUT /users/ben {"name":"Benjamin","tags":["t"]}`, `DELETE /users {"uidsToDeactivate":["eve"]}`, `PUT /users {"uidsToActivate":["old"]}`,
		`DELETE /messages/2 {"permanent":true}`, `POST /messages/2/thread {"receiver":"team","receiverType":"group","data":{"text":"reply"}}`,
		`DELETE /messages/3`, `DELETE /messages/1/pin`, `DELETE /users/ben {"permanent":true}`, `DELETE /groups/team`,
	)
	for _, change := range changes {
		requireMoment(t, srv, func() { sendLine(srv, "ana", change); sendLine(srv, "", change) })
	}
	// The same applies in the middle of many rows.
	srv.SeedUsers(2000)
	srv.SeedMessages(2000, 1)
	changed := 0
	requireMoment(t, srv, slices.Repeat([]func(){func() {
		for _, request := range []string{`PUT /users/user-%04d {"name":"New"}`, `DELETE /users/user-%04d {"permanent":true}`, `DELETE /messages/%d {"permanent":true}`} {
			changed += 150
			assert.Equal(t, http.StatusOK, sendLine(srv, "", fmt.Sprintf(request, changed)))
		}
	}}, 4)...)
	// A state that replaces the current one is not in the snapshot either.
	requireMoment(t, srv, func() { srv.Reset() }, func() { sendLine(srv, "", `PUT /users/ben {"name":"Other"}`) })
	requireIdentity(t, srv)
}

func TestSnapshotsAreJSONLines(t *testing.T) {
	srv := cometchattest.New(cometchattest.WithAPIKey("key"), cometchattest.WithClock(func() time.Time { return start }))
	srv.AddUsers(cometchattest.User{UID: "ana", Tags: []string{"a"}, Metadata: json.RawMessage("{\n \"k\": 1}")})
	srv.AddGroups(cometchattest.Group{GUID: "vault", Type: "password", Password: "hidden", Owner: "ana"})
	srv.AddMessages(cometchattest.Message{Sender: "ana", Receiver: "vault", ReceiverType: "group", Text: "hi"})
	lines := strings.Split(strings.TrimSpace(snapshotOf(t, srv)), "\n")
	assert.JSONEq(t, `{"format":"cometchat-emulator","version":1,"at":"2024-03-01T12:00:00Z"}`, lines[0])
	assert.JSONEq(t, fmt.Sprintf(`{"end":{"lines":%d}}`, len(lines)), lines[len(lines)-1])
	at := start.Unix()
	for _, want := range []string{
		`{"users.table":["ana",%[1]d,{"uid":"ana","name":"ana","role":"default","status":"offline","metadata":{"k":1},"tags":["a"],"createdAt":%[1]d}]}`,
		`{"groups.table":["vault",%[1]d,{"guid":"vault","name":"vault","kind":"password","owner":"ana","password":"hidden","createdAt":%[1]d,"members":{"table":[["ana",%[1]d,{"uid":"ana","scope":"admin","at":%[1]d}]]},"banned":[],"permissions":{}}]}`,
		`{"messages.conversations":{"id":"group_vault","kind":"group","guid":"vault","createdAt":%[1]d,"updatedAt":%[1]d}}`,
	} {
		assert.Contains(t, lines, fmt.Sprintf(want, at))
	}
	var public bytes.Buffer
	require.NoError(t, srv.SnapshotWithoutSecrets(&public))
	require.NoError(t, cometchattest.New().Restore(bytes.NewReader(public.Bytes())))
	for _, secret := range []string{"hidden", `"key"`} {
		assert.False(t, strings.Contains(public.String(), secret), secret)
	}
}

func TestSnapshotWithoutSecrets(t *testing.T) {
	srv := richApp(t)
	var public bytes.Buffer
	require.NoError(t, srv.SnapshotWithoutSecrets(&public))
	for _, secret := range []string{"push-token-of-ana", "hook-password", `"Token"`, `"key"`} {
		assert.True(t, strings.Contains(snapshotOf(t, srv), secret), secret)
		assert.False(t, strings.Contains(public.String(), secret), secret)
	}
	require.NoError(t, cometchattest.New().Restore(&public))
}

// TestSpoiltSnapshots checks that restoring a truncated or corrupt snapshot
// changes nothing.
func TestSpoiltSnapshots(t *testing.T) {
	srv := richApp(t)
	whole := snapshotOf(t, srv)
	lines := strings.SplitAfter(whole, "\n")
	lines = lines[:len(lines)-1]
	for i := range lines {
		require.Error(t, srv.Restore(strings.NewReader(strings.Join(lines[:i], ""))))
		without := append(append([]string{}, lines[:i]...), lines[i+1:]...)
		require.Error(t, srv.Restore(strings.NewReader(strings.Join(without, ""))), lines[i])
	}
	for spoilt, want := range map[string]string{
		"":                                  "line 1 of the snapshot: the last line is missing",
		`{"format":"x","version":1}` + "\n": `line 1 of the snapshot: the format is "x", not "cometchat-emulator"`,
		`{"format":"cometchat-emulator","version":2}` + "\n": "line 1 of the snapshot: the version is 2; this is an emulator for versions up to 1",
		lines[0] + `{"nothing":1}` + "\n":                    `line 2 of the snapshot: nothing: there is no "nothing" in a snapshot`,
		whole + "x":                                          fmt.Sprintf("line %d of the snapshot: invalid character 'x' looking for beginning of value", len(lines)+1),
		whole + "{}":                                         fmt.Sprintf("line %d of the snapshot: there is something after the last line", len(lines)+1),
	} {
		require.EqualError(t, srv.Restore(strings.NewReader(spoilt)), "cometchattest: "+want)
	}
	assert.Equal(t, withoutHead(whole), withoutHead(snapshotOf(t, srv)))
}

// FuzzRestore corrupts a value of a snapshot. Either all of it is restored or
// nothing, and the restored state can be read.
func FuzzRestore(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	app, _ := fuzzApp()
	var whole bytes.Buffer
	if err := app.Snapshot(&whole); err != nil {
		f.Fatal(err)
	}
	lines := strings.SplitAfter(whole.String(), "\n")
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		i := 1 + random.IntN(len(lines)-2)
		var line any
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &line))
		spoilt, err := json.Marshal(spoil(random, line))
		require.NoError(t, err)
		text := strings.Join(lines[:i], "") + string(spoilt) + "\n" + strings.Join(lines[i+1:], "")

		srv := cometchattest.New(cometchattest.WithAPIKey("key"))
		before := withoutHead(snapshotOf(t, srv))
		if srv.Restore(strings.NewReader(text)) != nil {
			require.Equal(t, before, withoutHead(snapshotOf(t, srv)))
			return
		}
		everyAnswer(t, srv)
	})
}

// spoil changes or removes a value somewhere in a document.
func spoil(random *rand.Rand, value any) any {
	if random.IntN(3) > 0 {
		switch value := value.(type) {
		case map[string]any:
			names := slices.Sorted(maps.Keys(value))
			if len(names) > 0 {
				name := names[random.IntN(len(names))]
				if value[name] = spoil(random, value[name]); random.IntN(5) == 0 {
					delete(value, name)
				}
				return value
			}
		case []any:
			if len(value) > 0 {
				i := random.IntN(len(value))
				if value[i] = spoil(random, value[i]); random.IntN(5) == 0 {
					return slices.Delete(value, i, i+1)
				}
				return value
			}
		}
	}
	return []any{nil, true, -1, 1.5, int64(1) << 60, "", "ana", "nobody", "group", []any{}, map[string]any{}, []any{nil}, map[string]any{"x": nil}}[random.IntN(13)]
}

// TestSnapshotsOfEveryVersion checks that snapshots of every version can be read,
// whatever fields have been renamed or changed since. UPDATE_GOLDEN writes the
// file of a new version.
func TestSnapshotsOfEveryVersion(t *testing.T) {
	const newest = "testdata/snapshot-1.jsonl"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		var buf bytes.Buffer
		require.NoError(t, richApp(t).SnapshotWithoutSecrets(&buf))
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(newest, buf.Bytes(), 0o600))
	}
	files, err := filepath.Glob("testdata/snapshot-*.jsonl")
	require.NoError(t, err)
	require.Contains(t, files, newest)
	want := map[string]string{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		srv := cometchattest.New(cometchattest.WithAPIKey("key"), cometchattest.WithClock(func() time.Time { return start }))
		require.NoError(t, srv.Restore(bytes.NewReader(text)), name)
		var again bytes.Buffer
		require.NoError(t, srv.SnapshotWithoutSecrets(&again))
		if name == newest {
			require.Equal(t, withoutHead(string(text)), withoutHead(again.String()), "the form of what is stored is another one: it needs a new version")
		}
		answers := everyAnswer(t, srv)
		if len(want) == 0 {
			want = answers
		}
		require.Equal(t, want, answers, "%s means what the others mean", name)
		assert.Equal(t, "200", answers["/users/ana for "][:3])
	}
}
