package cometchat

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat/internal/wire"
)

var (
	listCalls          = get("/calls").on(callsHost).withoutPages()
	getCall            = get("/calls/{sessionId}").on(callsHost)
	listTranscriptions = get("/calls/{sessionId}/transcriptions").on(callsHost)
)

// Call is a call and its outcome. What a message says about a call in progress is
// a MessageCall.
type Call struct {
	SessionID    string       `json:"sessionId" wire:"id"`
	Type         CallType     `json:"type,omitempty"`
	Mode         CallMode     `json:"mode,omitempty"`
	Status       CallStatus   `json:"status,omitempty"`
	Initiator    string       `json:"initiator,omitempty"` // uid
	ReceiverType ReceiverType `json:"receiverType,omitempty"`
	// Receiver is a uid or a guid, depending on ReceiverType.
	Receiver    string   `json:"receiver,omitempty"`
	InitiatedAt UnixTime `json:"initiatedAt,omitempty"`
	StartedAt   UnixTime `json:"startedAt,omitempty"`
	EndedAt     UnixTime `json:"endedAt,omitempty"`

	TotalDuration CallDuration `json:"totalDuration,omitempty"`
	// The numbers of minutes are fractional.
	TotalDurationInMinutes float64           `json:"totalDurationInMinutes"`
	TotalAudioMinutes      float64           `json:"totalAudioMinutes"`
	TotalVideoMinutes      float64           `json:"totalVideoMinutes"`
	TotalParticipants      int               `json:"totalParticipants"`
	Participants           []CallParticipant `json:"participants,omitempty"`

	HasRecording     bool `json:"hasRecording"`
	HasTranscription bool `json:"hasTranscription"`
	// Transcriptions holds the newest five, and is set only by Get.
	Transcriptions []CallTranscription `json:"transcriptions,omitempty"`

	// MID names the meeting that the call took place in.
	MID string `json:"mid,omitempty"`
	// Metadata and Tags are set only by Get.
	Metadata Metadata `json:"metaData,omitempty"`
	Tags     Tags     `json:"tags,omitempty"`
}

// CallParticipant is a user who was called or who called.
type CallParticipant struct {
	UID string `json:"uid"`
	// IsJoined reports whether the user was in the call; the fields about the
	// user's time in it are set only then.
	IsJoined bool       `json:"isJoined"`
	State    CallStatus `json:"state,omitempty"`
	JoinedAt UnixTime   `json:"joinedAt,omitempty"`
	LeftAt   UnixTime   `json:"leftAt,omitempty"`

	TotalDuration     CallDuration `json:"totalDuration,omitempty"`
	TotalAudioMinutes float64      `json:"totalAudioMinutes"`
	TotalVideoMinutes float64      `json:"totalVideoMinutes"`

	DeviceID string `json:"deviceId,omitempty"`
	MID      string `json:"mid,omitempty"`
}

// CallDuration is a length of time as the API writes it: a clock, "00:01:30", or
// a number of minutes, "1.5".
type CallDuration string

// Duration returns the length of time; 0 if the text is neither a clock nor a
// number of minutes.
func (d CallDuration) Duration() time.Duration {
	unit, parts := time.Minute, strings.Split(string(d), ":")
	if len(parts) > 1 {
		unit = time.Second
	}
	var total float64
	for _, part := range parts {
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || !(n >= 0 && n < 1e6) || len(parts) > 3 {
			return 0
		}
		total = total*60 + n
	}
	return time.Duration(total * float64(unit)).Round(time.Millisecond)
}

// MarshalJSON returns a number for minutes, and a text for a clock.
func (d CallDuration) MarshalJSON() ([]byte, error) {
	if wire.KindOf([]byte(d)) == wire.KindNumber && json.Valid([]byte(d)) {
		return []byte(d), nil
	}
	return wire.Marshal(string(d))
}

// UnmarshalJSON accepts numbers and texts.
func (d *CallDuration) UnmarshalJSON(b []byte) error {
	*d = CallDuration(strings.TrimPrefix(wire.Scalar(b), "null"))
	return nil
}

// CallTranscription is the written form of what was said in a call, or in a part
// of it.
type CallTranscription struct {
	TID       string   `json:"tid,omitempty"`
	MID       string   `json:"mid,omitempty"`
	RoomName  string   `json:"roomName,omitempty"`
	StartTime UnixTime `json:"startTime,omitempty"`
	EndTime   UnixTime `json:"endTime,omitempty"`
	// TranscriptDate is an ISO 8601 time with milliseconds.
	TranscriptDate string `json:"transcriptDate,omitempty"`
	TranscriptURL  string `json:"transcriptUrl,omitempty"`
}

// CallType is the kind of media. Other values may occur.
type CallType string

// The documented types.
const (
	CallTypeAudio CallType = "audio"
	CallTypeVideo CallType = "video"
)

// CallMode is the kind of a call. Other values may occur.
type CallMode string

// The documented modes.
const (
	CallModeCall      CallMode = "call"
	CallModeMeet      CallMode = "meet"
	CallModePresenter CallMode = "presenter"
)

// CallStatus is the state of a call, for all or for one participant. Other values
// may occur.
type CallStatus string

// The documented statuses.
const (
	CallStatusUnanswered CallStatus = "unanswered"
	CallStatusRejected   CallStatus = "rejected"
	CallStatusOngoing    CallStatus = "ongoing"
	CallStatusEnded      CallStatus = "ended"
)

// CallListOptions filters the calls of an app. The zero value lists all.
type CallListOptions struct {
	Type         CallType     `url:"type,omitempty"`
	Mode         CallMode     `url:"mode,omitempty"`
	Status       CallStatus   `url:"status,omitempty"`
	ReceiverType ReceiverType `url:"receiverType,omitempty"`
	// UID finds calls with this user as a participant.
	UID string `url:"uid,omitempty"`
	// ParticipantsCount is the exact number of participants.
	ParticipantsCount int `url:"participantsCount,omitempty"`
	// It is not documented whether the API takes StartedAt and EndedAt as limits
	// or as exact times.
	StartedAt time.Time `url:"startedAt,omitempty,unix"`
	EndedAt   time.Time `url:"endedAt,omitempty,unix"`
	// A nil HasRecording or HasTranscription finds calls with and without.
	HasRecording     *bool `url:"hasRecording,omitempty"`
	HasTranscription *bool `url:"hasTranscription,omitempty"`
}

func (o *CallListOptions) validate(v *validation) { v.length("uid", o.UID, maxID) }

// CallTranscriptionListOptions pages through transcriptions.
type CallTranscriptionListOptions struct {
	// Page is where First begins, from 1; PerPage is the size of a page, at most
	// 1,000.
	Page    int `url:"page,omitempty"`
	PerPage int `url:"perPage,omitempty"`
}

func (o *CallTranscriptionListOptions) validate(v *validation) { validatePaging(v, o.Page, o.PerPage) }

// CallsService returns calls. It uses a host of its own, with the API key of the
// client; WithCallsBaseURL names another one.
type CallsService service

// Get returns a call by the session id in its messages. It fails with
// CodeCallSessionNotFound (ErrNotFound) if there is no such call.
//
// GET /calls/{sessionId}
func (s *CallsService) Get(ctx context.Context, sessionID string) (*Call, error) {
	return do[Call](ctx, s.core, getCall.at(sessionID))
}

// List lists the calls of the app. opts may be nil.
//
// GET /calls
func (s *CallsService) List(opts *CallListOptions) *PageList[Call] {
	return pageList[Call](s.core, listCalls.at().query(opts))
}

// Transcriptions lists what was said in a call, newest first. They are made after
// the call, so the list is empty at first. opts may be nil.
//
// GET /calls/{sessionId}/transcriptions
func (s *CallsService) Transcriptions(sessionID string, opts *CallTranscriptionListOptions) *PageList[CallTranscription] {
	return pageList[CallTranscription](s.core, listTranscriptions.at(sessionID).query(opts))
}
