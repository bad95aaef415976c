package cometchattest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// categoryCall is the category of messages about calls.
const categoryCall = "call"

// The statuses of calls.
const (
	callInitiated  = "initiated"
	callOngoing    = "ongoing"
	callEnded      = "ended"
	callRejected   = "rejected"
	callUnanswered = "unanswered"
)

// maxCallTranscriptions is the number of transcriptions included in a call.
const maxCallTranscriptions = 5

// Call is a call to add to the app with [Server.AddCalls].
type Call struct {
	// SessionID is the id of the call; if empty, the server generates one.
	SessionID string
	// Initiator is the UID of the caller.
	Initiator string
	// Receiver is the UID of a user, or the GUID of a group.
	Receiver string
	// ReceiverType is "user" or "group"; if empty, it is "user".
	ReceiverType string
	// Type is "audio" or "video"; if empty, it is "audio".
	Type string
	// Mode is "call", "meet" or "presenter"; if empty, it is "call".
	Mode string
	// Status is "initiated", "ongoing", "ended", "rejected" or "unanswered"; if
	// empty, it is "ended".
	Status string
	// InitiatedAt is when the call began to ring; the zero value is the current
	// time of the server's clock.
	InitiatedAt time.Time
	// Rings is how long the call rang, and Duration how long it lasted if it was
	// answered.
	Rings, Duration time.Duration
	// HasRecording reports whether the call has a recording.
	HasRecording bool
	// Transcriptions is the number of transcriptions of the call.
	Transcriptions int
}

// appCall is a stored call.
type appCall struct {
	sessionID, mid                    string
	initiator, receiver, receiverType string
	kind, mode, status                string
	initiatedAt, startedAt, endedAt   int64
	hasRecording                      bool
	transcriptions                    []transcription // newest first
	joined                            []string        // the users who took part
}

// AddCalls adds calls to the app, each with its messages, and returns their
// session ids. A message of the category "call" added by [Server.AddMessages]
// changes the call in entities.on.entity of its data, or adds the call. AddCalls
// panics if a user or group does not exist.
func (s *Server) AddCalls(calls ...Call) []string {
	calls = slices.Clone(calls)
	ids := make([]string, len(calls))
	s.seed(func(c *call) {
		for i, in := range calls {
			ids[i] = c.seedCall(in)
		}
	})
	return slices.Clone(ids)
}

// seedCall adds the messages about a call, which add the call itself.
func (c *call) seedCall(in Call) string {
	status := cmp.Or(in.Status, callEnded)
	initiatedAt := cmp.Or(unixOrZero(in.InitiatedAt), c.unix())
	id := in.SessionID
	if id == "" {
		id = fmt.Sprintf("v1.us.emulator.%d%08d", initiatedAt, c.state.calls.count()+1)
	}
	kind := cmp.Or(in.Type, "audio")
	tell := func(status string, at int64, times map[string]int64) {
		e := map[string]any{"sessionid": id, "status": status, "type": kind, "mode": cmp.Or(in.Mode, "call"), "initiatedAt": initiatedAt}
		for name, at := range times {
			e[name] = at
		}
		_, err := c.seedMessage(Message{
			Sender: in.Initiator, Receiver: in.Receiver, ReceiverType: in.ReceiverType, Category: categoryCall, Type: kind,
			SentAt: time.Unix(at, 0), Data: encode(map[string]any{"action": status, "entities": map[string]any{
				"by":  c.userEntity(strings.ToLower(in.Initiator), false),
				"for": c.receiverEntity(cmp.Or(in.ReceiverType, typeUser), strings.ToLower(in.Receiver), true),
				"on":  entity{e, categoryCall},
			}}),
		})
		if err != nil {
			panic(fmt.Sprintf("cometchattest: call %s: %v", id, err))
		}
	}
	answered := initiatedAt + int64(in.Rings.Seconds())
	over := answered + int64(in.Duration.Seconds())
	tell(callInitiated, initiatedAt, nil)
	switch status {
	case callInitiated:
	case callOngoing, callEnded:
		tell(callOngoing, answered, map[string]int64{"startedAt": answered})
		if status == callEnded {
			tell(callEnded, over, map[string]int64{"startedAt": answered, "endedAt": over})
		}
	default:
		tell(status, answered, map[string]int64{"endedAt": answered})
	}
	found, _ := c.state.calls.get(id)
	found.hasRecording = in.HasRecording
	for n := range in.Transcriptions {
		found.transcriptions = append(found.transcriptions, found.transcribe(in.Transcriptions-n))
	}
	return id
}

// followCall applies a message about a call to the call.
func (c *call) followCall(m *message) {
	var told struct {
		On struct {
			Entity struct {
				SessionID   string `json:"sessionid"` // in any case
				Status      string `json:"status"`
				Mode        string `json:"mode"`
				InitiatedAt int64  `json:"initiatedAt"`
				StartedAt   int64  `json:"startedAt"`
				EndedAt     int64  `json:"endedAt"`
			} `json:"entity"`
		} `json:"on"`
	}
	if json.Unmarshal(m.entities, &told) != nil || told.On.Entity.SessionID == "" {
		return
	}
	e := told.On.Entity
	found, ok := c.state.calls.get(e.SessionID)
	if !ok {
		found = &appCall{
			sessionID: e.SessionID, mid: fmt.Sprintf("00000000-0000-4000-8000-%012d", c.state.calls.count()+1),
			initiator: m.sender, receiver: m.receiver, receiverType: m.receiverType, kind: m.kind,
			mode: "call", initiatedAt: cmp.Or(e.InitiatedAt, m.sentAt),
		}
		c.state.calls.add(e.SessionID, found.initiatedAt, found)
	}
	found.status = cmp.Or(e.Status, found.status)
	found.mode = cmp.Or(e.Mode, found.mode)
	found.startedAt = cmp.Or(e.StartedAt, found.startedAt)
	found.endedAt = cmp.Or(e.EndedAt, found.endedAt)
	if found.startedAt != 0 && len(found.joined) == 0 {
		found.joined = []string{found.initiator}
		if found.receiverType == typeUser {
			found.joined = append(found.joined, found.receiver)
		}
	}
}

// participants returns the users in a call, the initiator first.
func (c *call) participants(a *appCall) []string {
	if a.receiverType == typeUser {
		return []string{a.initiator, a.receiver}
	}
	list := []string{a.initiator}
	if g, ok := c.state.groups.get(a.receiver); ok {
		for _, e := range g.members.entries {
			if e.id != a.initiator {
				list = append(list, e.id)
			}
		}
	}
	return list
}

// transcription is a transcription of a call, as sent.
type transcription struct {
	RoomName       string `json:"roomName"`
	MID            string `json:"mid"`
	TID            string `json:"tid"`
	StartTime      int64  `json:"startTime"`
	EndTime        int64  `json:"endTime"`
	TranscriptDate string `json:"transcriptDate"`
	TranscriptURL  string `json:"transcriptUrl"`
}

func (a *appCall) transcribe(n int) transcription {
	return transcription{
		RoomName: a.sessionID + "@conference.emulator.example", MID: a.mid, TID: fmt.Sprintf("%s-%d", a.mid, n),
		StartTime: a.startedAt, EndTime: a.endedAt,
		TranscriptDate: time.Unix(a.startedAt, 0).UTC().Format("2006-01-02T15:04:05.000Z"),
		TranscriptURL:  fmt.Sprintf("https://transcripts.emulator.example/%s/%d.json", a.sessionID, n),
	}
}

// callView is a call in a response. It omits empty members, except numbers and
// booleans.
type callView struct {
	SessionID         string            `json:"sessionId"`
	TotalAudio        json.Number       `json:"totalAudioMinutes"`
	TotalVideo        json.Number       `json:"totalVideoMinutes"`
	TotalDuration     string            `json:"totalDuration"`
	HasRecording      bool              `json:"hasRecording"`
	HasTranscription  bool              `json:"hasTranscription"`
	InitiatedAt       int64             `json:"initiatedAt"`
	Initiator         string            `json:"initiator"`
	Mode              string            `json:"mode"`
	Receiver          string            `json:"receiver"`
	ReceiverType      string            `json:"receiverType"`
	Status            string            `json:"status"`
	Minutes           json.Number       `json:"totalDurationInMinutes"`
	TotalParticipants int               `json:"totalParticipants"`
	Type              string            `json:"type"`
	MID               string            `json:"mid"`
	StartedAt         int64             `json:"startedAt,omitempty"`
	EndedAt           int64             `json:"endedAt,omitempty"`
	Participants      []participantView `json:"participants"`
	Metadata          []any             `json:"metaData,omitzero"`
	Tags              []any             `json:"tags,omitzero"`
	Transcriptions    []transcription   `json:"transcriptions,omitempty"`
}

type participantView struct {
	UID           string      `json:"uid"`
	TotalAudio    json.Number `json:"totalAudioMinutes"`
	TotalVideo    json.Number `json:"totalVideoMinutes"`
	IsJoined      bool        `json:"isJoined"`
	State         string      `json:"state"`
	TotalDuration json.Number `json:"totalDuration"`
	DeviceID      string      `json:"deviceId,omitempty"`
	JoinedAt      int64       `json:"joinedAt,omitempty"`
	MID           string      `json:"mid,omitempty"`
	LeftAt        int64       `json:"leftAt,omitempty"`
}

// minutesOf converts seconds to minutes, with a fraction.
func minutesOf(seconds int64) json.Number {
	return json.Number(strconv.FormatFloat(float64(seconds*100/60)/100, 'f', -1, 64))
}

func (c *call) viewCall(a *appCall, whole bool) *callView {
	seconds := int64(0)
	if a.startedAt != 0 && a.endedAt > a.startedAt {
		seconds = a.endedAt - a.startedAt
	}
	audio, video := minutesOf(seconds), json.Number("0")
	if a.kind == "video" {
		audio, video = video, audio
	}
	v := &callView{
		SessionID: a.sessionID, TotalAudio: audio, TotalVideo: video, Minutes: minutesOf(seconds),
		TotalDuration: fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60),
		HasRecording:  a.hasRecording, HasTranscription: len(a.transcriptions) > 0,
		InitiatedAt: a.initiatedAt, Initiator: a.initiator, Mode: a.mode, Receiver: a.receiver, ReceiverType: a.receiverType,
		Status: a.status, Type: a.kind, MID: a.mid, StartedAt: a.startedAt, EndedAt: a.endedAt,
	}
	for _, uid := range c.participants(a) {
		p := participantView{UID: uid, TotalAudio: "0", TotalVideo: "0", TotalDuration: "0", State: callUnanswered}
		if slices.Contains(a.joined, uid) {
			p = participantView{
				UID: uid, TotalAudio: audio, TotalVideo: video, IsJoined: true, State: a.status, TotalDuration: minutesOf(seconds),
				DeviceID: uid + "-device@emulator.example", JoinedAt: a.startedAt, MID: a.mid, LeftAt: a.endedAt,
			}
		}
		v.Participants = append(v.Participants, p)
	}
	v.TotalParticipants = len(v.Participants)
	if whole {
		v.Metadata, v.Tags = []any{}, []any{}
		v.Transcriptions = a.transcriptions[:min(len(a.transcriptions), maxCallTranscriptions)]
	}
	return v
}

func callsResource() resource {
	return resource{routes: []route{
		{pattern: "GET /calls", handle: listCalls},
		{pattern: "GET /calls/{sessionId}", handle: with((*call).pathCall, getCall)},
		{pattern: "GET /calls/{sessionId}/transcriptions", handle: with((*call).pathCall, listTranscriptions)},
	}}
}

func (c *call) pathCall() (*appCall, error) {
	a, ok := c.state.calls.get(c.param("sessionId"))
	if !ok || c.actor != nil && !slices.Contains(c.participants(a), c.actor.uid) {
		return nil, errNotFound("ERR_CALL_SESSION_NOT_FOUND", "call with the session", c.named("sessionId"))
	}
	return a, nil
}

func getCall(c *call, a *appCall) (any, error) {
	return c.viewCall(a, true), nil
}

func listTranscriptions(c *call, a *appCall) (any, error) {
	return pageList[transcription]{
		rows: sliceRows[transcription](a.transcriptions),
		view: func(t transcription) any { return t },
	}.page(c)
}

func listCalls(c *call) (any, error) {
	f := newFields(nil)
	keep := c.callFilter(f)
	if err := f.err(); err != nil {
		return nil, err
	}
	return pageList[*appCall]{rows: c.state.calls, keep: keep, view: func(a *appCall) any { return c.viewCall(a, false) }}.page(c)
}

// callFilter returns the test for the parameters of the list of calls.
func (c *call) callFilter(f *fields) func(*appCall) bool {
	kind, mode := c.queryWord(f, "type", "audio", "video"), c.queryWord(f, "mode", "call", "meet", "presenter")
	status := c.queryWord(f, "status", callUnanswered, callRejected, callOngoing, callEnded, callInitiated)
	receiverType := c.queryWord(f, "receiverType", typeUser, typeGroup)
	count := c.queryNumber(f, "participantsCount", 0, 0, 1<<30)
	startedAt, endedAt := c.queryTime(f, "startedAt"), c.queryTime(f, "endedAt")
	uid := strings.ToLower(c.query.Get("uid"))
	is := func(wanted, value string) bool { return wanted == "" || wanted == value }
	has := func(name string, value bool) bool { return !c.query.Has(name) || c.queryBool(name) == value }
	return func(a *appCall) bool {
		uids := c.participants(a)
		return is(kind, a.kind) && is(mode, a.mode) && is(status, a.status) && is(receiverType, a.receiverType) &&
			(count == 0 || count == len(uids)) && a.startedAt >= startedAt && (endedAt == 0 || a.endedAt != 0 && a.endedAt <= endedAt) &&
			(uid == "" || slices.Contains(uids, uid)) && (c.actor == nil || slices.Contains(uids, c.actor.uid)) &&
			has("hasRecording", a.hasRecording) && has("hasTranscription", len(a.transcriptions) > 0)
	}
}
