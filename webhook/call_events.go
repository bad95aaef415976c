package webhook

import (
	"context"

	"github.com/go-cometchat/cometchat"
)

// CallInitiated reports that a user calls another, or a group.
type CallInitiated struct {
	Envelope `json:"-"`
	// Call is a message of the category call; its Call method returns the call,
	// if the event includes it.
	Call cometchat.Message `json:"call"`
}

// OnCallInitiated calls f for every call_initiated.
func (h *Handler) OnCallInitiated(f func(context.Context, *CallInitiated) error) {
	on(h, TriggerCallInitiated, f)
}

func (e *CallInitiated) key() []string {
	return []string{e.Call.ID}
}

// CallBusy reports that the called user is in another call. Its data is not
// documented; it is in Envelope.Data.
type CallBusy struct {
	Envelope `json:"-"`
	// Call is a message of the category call; its Call method returns the call,
	// if the event includes it.
	Call cometchat.Message `json:"call"`
}

// OnCallBusy calls f for every call_busy.
func (h *Handler) OnCallBusy(f func(context.Context, *CallBusy) error) {
	on(h, TriggerCallBusy, f)
}

func (e *CallBusy) key() []string {
	return []string{e.Call.ID}
}

// CallCancelled reports that the caller gave up. Its data is not documented; it
// is in Envelope.Data.
type CallCancelled struct {
	Envelope `json:"-"`
	// Call is a message of the category call; its Call method returns the call,
	// if the event includes it.
	Call cometchat.Message `json:"call"`
}

// OnCallCancelled calls f for every call_cancelled.
func (h *Handler) OnCallCancelled(f func(context.Context, *CallCancelled) error) {
	on(h, TriggerCallCancelled, f)
}

func (e *CallCancelled) key() []string {
	return []string{e.Call.ID}
}

// CallRejected reports that the called user refused. Its data is not documented;
// it is in Envelope.Data.
type CallRejected struct {
	Envelope `json:"-"`
	// Call is a message of the category call; its Call method returns the call,
	// if the event includes it.
	Call cometchat.Message `json:"call"`
}

// OnCallRejected calls f for every call_rejected.
func (h *Handler) OnCallRejected(f func(context.Context, *CallRejected) error) {
	on(h, TriggerCallRejected, f)
}

func (e *CallRejected) key() []string {
	return []string{e.Call.ID}
}

// CallUnanswered reports that a call was not answered. Its data is not
// documented; it is in Envelope.Data.
type CallUnanswered struct {
	Envelope `json:"-"`
	// Call is a message of the category call; its Call method returns the call,
	// if the event includes it.
	Call cometchat.Message `json:"call"`
}

// OnCallUnanswered calls f for every call_unanswered.
func (h *Handler) OnCallUnanswered(f func(context.Context, *CallUnanswered) error) {
	on(h, TriggerCallUnanswered, f)
}

func (e *CallUnanswered) key() []string {
	return []string{e.Call.ID}
}

// Occupant is a participant of a call or meeting. The API includes no uid.
type Occupant struct {
	Name      string             `json:"name"`
	AudioCall Flag               `json:"audio_call"` // without video
	JoinedAt  cometchat.UnixTime `json:"joined_at"`
	// LeftAt is not set while the participant is in the session.
	LeftAt cometchat.UnixTime `json:"left_at,omitempty"`
}

// InitialConfig is how a participant enters a call or meeting.
type InitialConfig struct {
	AudioMuted     Flag   `json:"is_audio_muted"`
	VideoMuted     Flag   `json:"is_video_muted"`
	AudioOnly      Flag   `json:"is_audio_only"`
	StartRecording Flag   `json:"start_recording_on_call_start"`
	CallVersion    string `json:"call_version"`
	SDK            string `json:"sdk"`
	Platform       string `json:"platform"`
	Mode           string `json:"mode"` // such as "DEFAULT"
}

// Session is a call or meeting that began.
type Session struct {
	SessionID string             `json:"sessionId"`
	CreatedAt cometchat.UnixTime `json:"created_at"`
}

func (s *Session) key() []string { return []string{s.SessionID, number(s.CreatedAt)} }

// Participation reports one participant of a call or meeting.
type Participation struct {
	SessionID string   `json:"sessionId"`
	Occupant  Occupant `json:"occupant"`
	// InitialConfig is set in some events about a participant who joined.
	InitialConfig *InitialConfig `json:"initial_config,omitempty"`
}

func (p *Participation) joined() []string {
	return []string{p.SessionID, p.Occupant.Name, number(p.Occupant.JoinedAt)}
}

func (p *Participation) left() []string { return append(p.joined(), number(p.Occupant.LeftAt)) }

// EndedSession is a call or meeting that ended.
type EndedSession struct {
	SessionID   string             `json:"sessionId"`
	Occupants   []Occupant         `json:"all_occupants"`
	CreatedAt   cometchat.UnixTime `json:"created_at"`
	DestroyedAt cometchat.UnixTime `json:"destroyed_at"`
}

func (s *EndedSession) key() []string { return []string{s.SessionID, number(s.DestroyedAt)} }

// CallStarted reports that a call began.
type CallStarted struct {
	Envelope `json:"-"`
	Session
}

// OnCallStarted calls f for every call_started.
func (h *Handler) OnCallStarted(f func(context.Context, *CallStarted) error) {
	on(h, TriggerCallStarted, f)
}

// CallParticipantJoined reports that a participant joined a call.
type CallParticipantJoined struct {
	Envelope `json:"-"`
	Participation
}

// OnCallParticipantJoined calls f for every call_participant_joined.
func (h *Handler) OnCallParticipantJoined(f func(context.Context, *CallParticipantJoined) error) {
	on(h, TriggerCallParticipantJoined, f)
}

func (e *CallParticipantJoined) key() []string {
	return e.joined()
}

// CallParticipantLeft reports that a participant left a call.
type CallParticipantLeft struct {
	Envelope `json:"-"`
	Participation
}

// OnCallParticipantLeft calls f for every call_participant_left.
func (h *Handler) OnCallParticipantLeft(f func(context.Context, *CallParticipantLeft) error) {
	on(h, TriggerCallParticipantLeft, f)
}

func (e *CallParticipantLeft) key() []string {
	return e.left()
}

// CallEnded reports that a call ended.
type CallEnded struct {
	Envelope `json:"-"`
	EndedSession
}

// OnCallEnded calls f for every call_ended.
func (h *Handler) OnCallEnded(f func(context.Context, *CallEnded) error) {
	on(h, TriggerCallEnded, f)
}

// MeetingStarted reports that a meeting began.
type MeetingStarted struct {
	Envelope `json:"-"`
	Session
}

// OnMeetingStarted calls f for every meeting_started.
func (h *Handler) OnMeetingStarted(f func(context.Context, *MeetingStarted) error) {
	on(h, TriggerMeetingStarted, f)
}

// MeetingParticipantJoined reports that a participant joined a meeting.
type MeetingParticipantJoined struct {
	Envelope `json:"-"`
	Participation
}

// OnMeetingParticipantJoined calls f for every meeting_participant_joined.
func (h *Handler) OnMeetingParticipantJoined(f func(context.Context, *MeetingParticipantJoined) error) {
	on(h, TriggerMeetingParticipantJoined, f)
}

func (e *MeetingParticipantJoined) key() []string {
	return e.joined()
}

// MeetingParticipantLeft reports that a participant left a meeting.
type MeetingParticipantLeft struct {
	Envelope `json:"-"`
	Participation
}

// OnMeetingParticipantLeft calls f for every meeting_participant_left.
func (h *Handler) OnMeetingParticipantLeft(f func(context.Context, *MeetingParticipantLeft) error) {
	on(h, TriggerMeetingParticipantLeft, f)
}

func (e *MeetingParticipantLeft) key() []string {
	return e.left()
}

// MeetingEnded reports that a meeting ended.
type MeetingEnded struct {
	Envelope `json:"-"`
	EndedSession
}

// OnMeetingEnded calls f for every meeting_ended.
func (h *Handler) OnMeetingEnded(f func(context.Context, *MeetingEnded) error) {
	on(h, TriggerMeetingEnded, f)
}

// RecordingGenerated reports a recording. A session can have several.
type RecordingGenerated struct {
	Envelope      `json:"-"`
	SessionID     string             `json:"sessionId"`
	RecordingDate string             `json:"recordingDate"` // as in 2025-10-20
	StartTime     cometchat.UnixTime `json:"startTime"`
	Duration      Seconds            `json:"duration"`
	RecordingURL  string             `json:"recording_url"`
}

// OnRecordingGenerated calls f for every recording_generated.
func (h *Handler) OnRecordingGenerated(f func(context.Context, *RecordingGenerated) error) {
	on(h, TriggerRecordingGenerated, f)
}

func (e *RecordingGenerated) key() []string {
	return []string{e.SessionID, e.RecordingURL}
}

// TranscriptionGenerated reports a call's transcription.
type TranscriptionGenerated struct {
	Envelope       `json:"-"`
	SessionID      string             `json:"sessionId"`
	TID            string             `json:"tid"`            // of the transcription
	TranscriptDate string             `json:"transcriptDate"` // as in 2025-10-20
	TranscriptURL  string             `json:"transcript_url"`
	StartTime      cometchat.UnixTime `json:"startTime"`
	EndTime        cometchat.UnixTime `json:"endTime"`
}

// OnTranscriptionGenerated calls f for every transcription_generated.
func (h *Handler) OnTranscriptionGenerated(f func(context.Context, *TranscriptionGenerated) error) {
	on(h, TriggerTranscriptionGenerated, f)
}

func (e *TranscriptionGenerated) key() []string {
	return []string{e.TID}
}
