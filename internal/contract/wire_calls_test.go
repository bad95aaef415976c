package contract

import (
	"context"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

var callWire = []wireTest{
	{"get a call", `{"data":{"sessionId":"s"}}`, run(func(ctx context.Context, c *cometchat.Client) (*cometchat.Call, error) {
		return c.Calls.Get(ctx, "v1.eu/7")
	}),
		"GET", "/calls/v1.eu%2F7", "", ""},
	{"list calls", testkit.NoItems, firstPage(func(c *cometchat.Client) *cometchat.PageList[cometchat.Call] { return c.Calls.List(nil) }), "GET", "/calls", "", ""},
	{"list calls filtered", testkit.NoItems, firstPage(func(c *cometchat.Client) *cometchat.PageList[cometchat.Call] {
		return c.Calls.List(&cometchat.CallListOptions{
			Type: cometchat.CallTypeVideo, Mode: cometchat.CallModeMeet, Status: cometchat.CallStatusOngoing, ReceiverType: cometchat.ReceiverTypeGroup,
			UID: "ann", ParticipantsCount: 3, StartedAt: time.Unix(5, 0), EndedAt: time.Unix(6, 0), HasRecording: cometchat.Ptr(false), HasTranscription: cometchat.Ptr(true),
		})
	}), "GET", "/calls", "endedAt=6&hasRecording=false&hasTranscription=true&mode=meet&participantsCount=3&receiverType=group&startedAt=5&status=ongoing&type=video&uid=ann", ""},
	{"list transcriptions", testkit.NoItems, firstPage(func(c *cometchat.Client) *cometchat.PageList[cometchat.CallTranscription] {
		return c.Calls.Transcriptions("s", &cometchat.CallTranscriptionListOptions{Page: 2, PerPage: 7})
	}), "GET", "/calls/s/transcriptions", "page=2&perPage=7", ""},
}
