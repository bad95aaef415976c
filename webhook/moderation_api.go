package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/wire"
)

// ModerationRequest asks a custom moderation API about a message.
type ModerationRequest struct {
	// Message is the message to judge. Its Sender names the author.
	Message cometchat.Message
	// Context are earlier messages of the conversation, oldest first.
	Context []ContextMessage
}

// ContextMessage is an earlier message of a conversation.
type ContextMessage struct {
	UID  string // of the author, as the API names it
	Text string
}

// ModerationVerdict is the response to a ModerationRequest.
type ModerationVerdict struct {
	// IsMatchingCondition reports whether the message meets the condition of the
	// rule.
	IsMatchingCondition bool `json:"isMatchingCondition"`
	// Confidence is from 0 to 1.
	Confidence float64 `json:"confidence"`
	Reason     string  `json:"reason,omitempty"`
}

// ParseModerationRequest decodes the body of a request to a custom moderation
// API. The error matches ErrNoEvent.
func ParseModerationRequest(body []byte) (*ModerationRequest, error) {
	var in struct {
		ContextMessages []map[string]json.RawMessage `json:"contextMessages"`
	}
	if wire.Decode(body, &in) != nil || len(in.ContextMessages) == 0 {
		return nil, errNoRequest
	}
	req := new(ModerationRequest)
	last := len(in.ContextMessages) - 1
	for _, entry := range in.ContextMessages[:last] {
		for uid, raw := range entry {
			c := ContextMessage{UID: uid}
			if len(entry) > 1 || wire.Decode(raw, &c.Text) != nil {
				return nil, errNoRequest
			}
			req.Context = append(req.Context, c)
		}
	}
	for _, raw := range in.ContextMessages[last] {
		if len(in.ContextMessages[last]) > 1 || wire.Decode(raw, &req.Message) != nil {
			return nil, errNoRequest
		}
	}
	return req, nil
}

var errNoRequest = fmt.Errorf("%w: no request to a custom moderation API", ErrNoEvent)

// NewModerationHandler returns the handler of a custom moderation API: f judges
// each message, while the API waits for at most two seconds. If f returns an
// error or no verdict, or a confidence outside of 0 to 1, or panics, the response
// is 500, which the API treats as a failure of the check and not as a match.
// NewModerationHandler accepts the options about credentials, and Failures, whose
// hook gets an *UnknownEvent with the request as its Data. Other options are a
// *cometchat.ValidationError, as for NewHandler.
func NewModerationHandler(f func(context.Context, *ModerationRequest) (*ModerationVerdict, error), opts ...Option) (http.Handler, error) {
	s, err := newSettings(opts)
	if err == nil && (s.async || s.store != nil) {
		err = invalid("options", "Async and Deduplicate are for events, which nobody waits for")
	}
	if err == nil && f == nil {
		err = invalid("callback", "must not be nil")
	}
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := s.read(w, r)
		if !ok {
			return
		}
		req, err := ParseModerationRequest(body)
		if err != nil {
			http.Error(w, "not a request for moderation", http.StatusBadRequest)
			return
		}
		verdict, err := judge(r.Context(), f, req)
		if err != nil {
			s.failed(r.Context(), &UnknownEvent{Envelope{Data: body}}, err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(verdict)
	}), nil
}

// judge calls f and checks its verdict.
func judge(ctx context.Context, f func(context.Context, *ModerationRequest) (*ModerationVerdict, error), req *ModerationRequest) (verdict *ModerationVerdict, err error) {
	err = protected(func() (err error) {
		verdict, err = f(ctx, req)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case verdict == nil:
		return nil, errors.New("webhook: no verdict")
	case !(verdict.Confidence >= 0 && verdict.Confidence <= 1): // NaN, too
		return nil, invalid("confidence", "must be 0 to 1")
	}
	return verdict, nil
}
