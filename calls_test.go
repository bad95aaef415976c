package cometchat_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// called is an app with one call between two users, and one that was not
// answered.
func called(srv *cometchattest.Server) {
	testkit.Seeded(cometchattest.User{UID: "rosa", Name: "Rosa"}, cometchattest.User{UID: "sven", Name: "Sven"})(srv)
	srv.AddCalls(
		cometchattest.Call{SessionID: "v1.us.1", Initiator: "rosa", Receiver: "sven", InitiatedAt: testkit.Joined.Time(),
			Rings: 12 * time.Second, Duration: 90 * time.Second, Transcriptions: 7},
		cometchattest.Call{SessionID: "v1.us.2", Initiator: "sven", Receiver: "rosa", Type: "video", Status: "unanswered",
			InitiatedAt: testkit.Joined.Time().Add(time.Hour), Rings: 30 * time.Second, HasRecording: true},
	)
}

func TestCallsGet(t *testing.T) {
	client := testkit.Replayed(t, "calls/get", called)
	call, err := client.Calls.Get(t.Context(), "v1.us.1")
	require.NoError(t, err)
	require.Len(t, call.Transcriptions, 5, "the newest")
	assert.Equal(t, cometchat.CallTranscription{
		TID: call.MID + "-7", MID: call.MID, RoomName: "v1.us.1@conference.emulator.example", StartTime: testkit.Joined + 12, EndTime: testkit.Joined + 102,
		TranscriptDate: "2025-12-01T09:00:12.000Z", TranscriptURL: "https://transcripts.emulator.example/v1.us.1/7.json",
	}, call.Transcriptions[0])
	call.Transcriptions = nil
	spoke := func(uid string) cometchat.CallParticipant {
		return cometchat.CallParticipant{UID: uid, IsJoined: true, State: cometchat.CallStatusEnded, JoinedAt: testkit.Joined + 12, LeftAt: testkit.Joined + 102,
			TotalDuration: "1.5", TotalAudioMinutes: 1.5, DeviceID: uid + "-device@emulator.example", MID: call.MID}
	}
	assert.Equal(t, &cometchat.Call{
		SessionID: "v1.us.1", Type: cometchat.CallTypeAudio, Mode: cometchat.CallModeCall, Status: cometchat.CallStatusEnded,
		Initiator: "rosa", ReceiverType: cometchat.ReceiverTypeUser, Receiver: "sven",
		InitiatedAt: testkit.Joined, StartedAt: testkit.Joined + 12, EndedAt: testkit.Joined + 102,
		TotalDuration: "00:01:30", TotalDurationInMinutes: 1.5, TotalAudioMinutes: 1.5, TotalParticipants: 2,
		Participants: []cometchat.CallParticipant{spoke("rosa"), spoke("sven")}, HasTranscription: true, MID: call.MID,
		Metadata: cometchat.Metadata("[]"), Tags: cometchat.Tags{},
	}, call)
	assert.Equal(t, 90*time.Second, call.TotalDuration.Duration())
	assert.Equal(t, 90*time.Second, call.Participants[0].TotalDuration.Duration())

	_, err = client.Calls.Get(t.Context(), "v1.us.9")
	assert.ErrorIs(t, err, cometchat.CodeCallSessionNotFound)
	assert.ErrorIs(t, err, cometchat.ErrNotFound)
}

func TestCallsList(t *testing.T) {
	client := testkit.Replayed(t, "calls/list", called)
	calls, err := client.Calls.List(&cometchat.CallListOptions{UID: "rosa"}).Collect(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, calls, 2)
	assert.Equal(t, "v1.us.2", calls[0].SessionID)
	assert.Equal(t, []cometchat.CallParticipant{
		{UID: "sven", State: cometchat.CallStatusUnanswered, TotalDuration: "0"}, {UID: "rosa", State: cometchat.CallStatusUnanswered, TotalDuration: "0"},
	}, calls[0].Participants)
	assert.Nil(t, calls[1].Transcriptions)
	page, err := client.Calls.Transcriptions("v1.us.1", &cometchat.CallTranscriptionListOptions{Page: 2, PerPage: 4}).First(t.Context())
	require.NoError(t, err)
	assert.Len(t, page.Items, 3)
}

// TestCallsHost checks which host is asked, and that the key is only sent to the
// API's.
func TestCallsHost(t *testing.T) {
	for name, tt := range map[string]struct {
		opts        []cometchat.Option
		chat, calls string
	}{
		"region":        {nil, "https://api-eu.cometchat.io/v3/users/a", "https://call-eu.cometchat.io/v3/calls/s"},
		"app":           {[]cometchat.Option{cometchat.WithAppID("Shop1")}, "https://shop1.api-eu.cometchat.io/v3/users/a", "https://shop1.call-eu.cometchat.io/v3/calls/s"},
		"base URL":      {[]cometchat.Option{cometchat.WithBaseURL("https://own.example/v3")}, "https://own.example/v3/users/a", "https://own.example/v3/calls/s"},
		"calls URL":     {[]cometchat.Option{cometchat.WithCallsBaseURL("https://calls.example/x")}, "https://api-eu.cometchat.io/v3/users/a", "https://calls.example/x/calls/s"},
		"both base URL": {[]cometchat.Option{cometchat.WithBaseURL("https://own.example/v3"), cometchat.WithCallsBaseURL("https://calls.example/v3")}, "https://own.example/v3/users/a", "https://calls.example/v3/calls/s"},
	} {
		t.Run(name, func(t *testing.T) {
			rt := &testkit.RoundTripper{Respond: func(*http.Request) (*http.Response, error) {
				return testkit.Response(200, `{"data":{"uid":"a","sessionId":"s"}}`), nil
			}}
			base, err := cometchat.NewClient(cometchat.RegionEU, "test-key-0001", cometchat.WithHTTPClient(&http.Client{Transport: rt}))
			require.NoError(t, err)
			client := base.With(tt.opts...)
			_, err = client.Users.Get(t.Context(), "a")
			require.NoError(t, err)
			_, err = client.OnBehalfOf("ann").Calls.Get(t.Context(), "s")
			require.NoError(t, err)
			require.Len(t, rt.Requests, 2)
			assert.Equal(t, tt.chat, rt.Requests[0].URL.String())
			assert.Equal(t, tt.calls, rt.Requests[1].URL.String())
			assert.Equal(t, "test-key-0001", rt.Requests[1].Header.Get("apikey"))
			assert.Equal(t, "ann", rt.Requests[1].Header.Get("onBehalfOf"))
		})
	}
	for _, url := range []string{"", "http://calls.example/v3", "ftp://calls.example", "https://a:b@calls.example"} {
		_, err := cometchat.NewClient(cometchat.RegionEU, "test-key-0001", cometchat.WithCallsBaseURL(url))
		var wrong *cometchat.ValidationError
		require.ErrorAs(t, err, &wrong, url)
		assert.Equal(t, "callsBaseURL", wrong.Field)
	}
}

func TestCallDuration(t *testing.T) {
	for text, want := range map[string]struct {
		duration time.Duration
		again    string
	}{
		`"00:00:24"`: {24 * time.Second, `"00:00:24"`}, `"01:02:03"`: {time.Hour + 2*time.Minute + 3*time.Second, `"01:02:03"`},
		`"05:30"`: {5*time.Minute + 30*time.Second, `"05:30"`}, `0.4`: {24 * time.Second, `0.4`}, `"0.4"`: {24 * time.Second, `0.4`},
		`3`: {3 * time.Minute, `3`}, `null`: {0, `""`}, `""`: {0, `""`}, `"soon"`: {0, `"soon"`}, `"NaN"`: {0, `"NaN"`}, `-1`: {0, `-1`},
		`"1:2:3:4"`: {0, `"1:2:3:4"`}, `1e99`: {0, `1e99`},
	} {
		var d cometchat.CallDuration
		require.NoError(t, json.Unmarshal([]byte(text), &d), text)
		assert.Equal(t, want.duration, d.Duration(), text)
		assert.Equal(t, want.again, testkit.JSON(t, d), text)
	}
}

// TestCallsTraps are types that the API's documents and responses disagree about.
func TestCallsTraps(t *testing.T) {
	client := testkit.Answering(t, 200, `{"data":{"sessionId":7,"totalAudioMinutes":"0.4","totalVideoMinutes":1,"totalDuration":24,"totalDurationInMinutes":"","totalParticipants":"2",
		"hasRecording":"true","metaData":[],"tags":[],"participants":[{"uid":"a","deviceId":12,"totalDuration":"00:00:24","isJoined":1,"joinedAt":"5"}]}}`)
	call, err := client.Calls.Get(t.Context(), "7")
	require.NoError(t, err)
	assert.Equal(t, &cometchat.Call{
		SessionID: "7", TotalAudioMinutes: 0.4, TotalVideoMinutes: 1, TotalDuration: "24", TotalParticipants: 2, HasRecording: true,
		Metadata:     cometchat.Metadata("[]"),
		Participants: []cometchat.CallParticipant{{UID: "a", DeviceID: "12", TotalDuration: "00:00:24", IsJoined: true, JoinedAt: 5}},
	}, call)
}

// TestCallsFollowMessages: a session id of a message finds the call.
func TestCallsFollowMessages(t *testing.T) {
	client, srv := testkit.Emulated(t)
	called(srv)
	messages, err := client.Messages.List(nil).Collect(t.Context(), 10)
	require.NoError(t, err)
	var statuses []string
	for _, m := range messages {
		require.Equal(t, cometchat.MessageCategoryCall, m.Category)
		statuses = append(statuses, m.Call().SessionID+" "+m.Call().Status)
	}
	assert.ElementsMatch(t, []string{"v1.us.1 initiated", "v1.us.1 ongoing", "v1.us.1 ended", "v1.us.2 initiated", "v1.us.2 unanswered"}, statuses)
	srv.AddMessages(cometchattest.Message{Sender: "rosa", Receiver: "sven", Category: "call", Type: "video", Data: json.RawMessage(
		`{"action":"ongoing","entities":{"on":{"entityType":"call","entity":{"sessionid":"s-3","status":"ongoing","startedAt":1767258000}}}}`)})
	call, err := client.Calls.Get(t.Context(), "s-3")
	require.NoError(t, err)
	assert.Equal(t, cometchat.CallStatusOngoing, call.Status)
	assert.Equal(t, cometchat.CallTypeVideo, call.Type)
	for name, tt := range map[string]struct {
		opts cometchat.CallListOptions
		want []string
	}{
		"type":       {cometchat.CallListOptions{Type: cometchat.CallTypeVideo}, []string{"s-3", "v1.us.2"}},
		"status":     {cometchat.CallListOptions{Status: cometchat.CallStatusUnanswered}, []string{"v1.us.2"}},
		"recorded":   {cometchat.CallListOptions{HasRecording: cometchat.Ptr(true)}, []string{"v1.us.2"}},
		"unrecorded": {cometchat.CallListOptions{HasRecording: cometchat.Ptr(false)}, []string{"s-3", "v1.us.1"}},
		"written":    {cometchat.CallListOptions{HasTranscription: cometchat.Ptr(true)}, []string{"v1.us.1"}},
		"uid":        {cometchat.CallListOptions{UID: "zoe"}, nil},
		"since":      {cometchat.CallListOptions{StartedAt: testkit.RecordedAt.Time()}, []string{"s-3"}},
		"count":      {cometchat.CallListOptions{ParticipantsCount: 3}, nil},
		"group":      {cometchat.CallListOptions{ReceiverType: cometchat.ReceiverTypeGroup}, nil},
	} {
		calls, err := client.Calls.List(&tt.opts).Collect(t.Context(), 10)
		require.NoError(t, err)
		var ids []string
		for _, c := range calls {
			ids = append(ids, c.SessionID)
		}
		assert.Equal(t, tt.want, ids, name)
	}
	_, err = client.Calls.List(&cometchat.CallListOptions{Mode: "shout"}).First(t.Context())
	assert.ErrorIs(t, err, cometchat.CodeBadRequest)
}
