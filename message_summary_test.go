package cometchat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

func TestMessageSummary(t *testing.T) {
	const ida, tom = `{"entityType":"user","entity":{"uid":"ida","name":"Ida"}}`, `{"entityType":"user","entity":{"uid":"tom","name":"Tom"}}`
	action := func(name, more string) string {
		return `{"id":"1","sender":"ida","category":"action","type":"groupMember","data":{"action":"` + name +
			`","entities":{"by":` + ida + `,"on":` + tom + `}` + more + `}}`
	}
	call := func(kind, status string) string {
		return `{"id":"1","sender":"ida","category":"call","type":"` + kind + `","data":{"action":"` + status + `","entities":{"by":` + ida + `}}}`
	}
	sent := func(members string) string {
		return `{"id":"1","sender":"ida","category":"message","data":{"entities":{"sender":` + ida + `}` + members + `}}`
	}
	for _, tt := range []struct{ message, want string }{
		{action("added", ""), "Ida added Tom"},
		{action("kicked", ""), "Ida kicked Tom"},
		{action("banned", ""), "Ida banned Tom"},
		{action("unbanned", ""), "Ida unbanned Tom"},
		{action("joined", ""), "Ida joined"},
		{action("left", ""), "Ida left"},
		{action("edited", ""), "Ida edited a message"},
		{action("deleted", ""), "Ida deleted a message"},
		{action("scopeChanged", `,"extras":{"scope":{"new":"moderator","old":"participant"}}`), "Ida made Tom a moderator"},
		{action("scopeChanged", `,"extras":{"scope":{"new":"admin"}}`), "Ida made Tom an admin"},
		{action("scopeChanged", ""), "Ida changed what Tom may do"},
		{action("scopeChanged", `,"extras":[]`), "Ida changed what Tom may do"},
		{action("promoted", ""), "Ida: promoted"},
		{action("", ""), "Ida did something"},
		{`{"id":"1","sender":"ida","category":"action","data":{"action":"added"}}`, "ida added a user"},
		{`{"id":"1","category":"action","data":{"action":"left"}}`, "A user left"},
		{call("audio", "initiated"), "Ida started an audio call"},
		{call("video", "initiated"), "Ida started a video call"},
		{call("video", "ongoing"), "Ida joined the video call"},
		{call("video", "rejected"), "Ida rejected the video call"},
		{call("audio", "cancelled"), "Ida cancelled the audio call"},
		{call("audio", "busy"), "Ida was busy"},
		{call("audio", "ended"), "The audio call ended"},
		{call("audio", "unanswered"), "The audio call was not answered"},
		{call("meeting", "paused"), "The call: paused"},
		{`{"id":"1","sender":"ida","category":"call","type":"audio","data":{"entities":{"on":{"entityType":"call","entity":{"sessionid":"s","status":"ended"}}}}}`,
			"The audio call ended"},
		{sent(`,"text":"Hello\nTom"`), "Hello\nTom"},
		{sent(`,"text":"The plan","attachments":[{"url":"https://files.example/plan.pdf"}]`), "The plan"},
		{sent(`,"attachments":[{"url":"https://files.example/plan.pdf"}]`), "Ida sent plan.pdf"},
		{sent(`,"attachments":[{"url":"https://files.example/1","name":"plan.pdf"}]`), "Ida sent plan.pdf"},
		{sent(`,"url":"https://files.example/plan.pdf?v=2"`), "Ida sent plan.pdf"},
		{sent(`,"attachments":[{"url":"https://files.example/1"},{"url":"https://files.example/2"}]`), "Ida sent 2 files"},
		{`{"id":"1","sender":"ida","category":"custom","type":"place","data":{"customData":{"lat":1}}}`, "ida sent a place"},
		{`{"id":"1","sender":"ida","category":"interactive","type":"form","data":{}}`, "ida sent a form"},
		{`{"id":"1","sender":"ida","category":"message","deletedAt":1700000000,"data":{}}`, "This message was deleted"},
		{`{"id":"1"}`, "A user sent a message"},
	} {
		m, err := cometchat.Decode[cometchat.Message]([]byte(tt.message))
		require.NoError(t, err)
		assert.Equal(t, tt.want, m.Summary(), tt.message)
	}
	var none *cometchat.Message
	assert.Empty(t, none.Summary())
	assert.Empty(t, none.SenderName())
}

// Every message in the history of a group has a summary.
func TestSummariesOfAHistory(t *testing.T) {
	client, srv := testkit.Emulated(t, cometchattest.WithClock(func() time.Time { return time.Unix(1772442000, 0) }))
	srv.AddUsers(cometchattest.User{UID: "ida", Name: "Ida"}, cometchattest.User{UID: "tom", Name: "Tom"})
	srv.AddGroups(cometchattest.Group{GUID: "north", Name: "North", Owner: "ida"})
	ctx, ida := t.Context(), client.OnBehalfOf("ida")
	_, err := ida.GroupMembers.Add(ctx, "north", &cometchat.AddMembersRequest{Participants: []string{"tom"}})
	require.NoError(t, err)
	_, err = ida.GroupMembers.ChangeScope(ctx, "north", "tom", cometchat.MemberScopeModerator)
	require.NoError(t, err)
	m, err := ida.Messages.Send(ctx, cometchat.ToGroup("north"), &cometchat.SendMessageRequest{Text: "Welcome"})
	require.NoError(t, err)
	_, err = ida.Messages.Update(ctx, m.ID, &cometchat.UpdateMessageRequest{Text: cometchat.Ptr("Welcome, Tom")})
	require.NoError(t, err)
	require.NoError(t, client.GroupMembers.Kick(ctx, "north", "tom"))

	var lines []string
	for m, err := range client.Messages.ListWith(cometchat.ToGroup("north"), nil).All(ctx) {
		require.NoError(t, err)
		lines = append(lines, fmt.Sprintf("%s: %s", m.SenderName(), m.Summary()))
	}
	assert.Equal(t, "Ida: Ida added Tom\nIda: Ida made Tom a moderator\nIda: Welcome, Tom\nIda: Ida edited a message\nSystem: System kicked Tom",
		strings.Join(lines, "\n"))
}
