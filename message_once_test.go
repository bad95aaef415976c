package cometchat_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

var (
	ticket  = cometchat.ToUser("user-0002")
	opening = &cometchat.SendMessageRequest{Text: "We are on it.", MUID: "ticket-4711-opened"}
)

// said counts the ticket's message in its conversation.
func said(t *testing.T, client *cometchat.Client) int {
	t.Helper()
	messages, err := client.Messages.ListWith(ticket, nil).Collect(t.Context(), 10_000)
	require.NoError(t, err)
	n := 0
	for _, m := range messages {
		if m.MUID == opening.MUID {
			n++
		}
	}
	return n
}

// TestSendOnce opens a ticket twice at once and then once more, whatever happens
// to the requests: its message is sent once.
func TestSendOnce(t *testing.T) {
	post := func(f cometchattest.Fault) cometchattest.Fault {
		f.Method, f.Path = http.MethodPost, "/messages"
		return f
	}
	for name, faults := range map[string][]cometchattest.Fault{
		"nothing happens":                          nil,
		"the response is lost":                     {post(cometchattest.Fault{DropAfter: true})},
		"the request is lost":                      {post(cometchattest.Fault{DropBefore: true})},
		"a gateway's 502 in place of the request":  {post(cometchattest.Fault{Status: 502, Body: []byte("<html>")})},
		"the response is cut short":                {post(cometchattest.Fault{Truncate: true})},
		"the response is half of the JSON":         {post(cometchattest.Fault{TruncateJSON: true})},
		"no response within the time-out":          {post(cometchattest.Fault{Latency: time.Hour})},
		"two requests and the response are lost":   {post(cometchattest.Fault{DropBefore: true, Times: 2}), post(cometchattest.Fault{DropAfter: true})},
		"the looks are lost, too":                  {post(cometchattest.Fault{DropAfter: true}), {Method: http.MethodGet, DropAfter: true, Times: 3}},
		"the sender is asked to wait before it":    {post(cometchattest.Fault{Status: 429, RetryAfter: "3"})},
		"the response is lost, and then a request": {post(cometchattest.Fault{DropAfter: true}), post(cometchattest.Fault{DropBefore: true})},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := testkit.InBubble(t, []cometchat.Option{cometchat.WithRetryWrites()})
				for _, f := range faults {
					b.Inject(f)
				}
				var wg sync.WaitGroup
				var sent atomic.Int32
				ids := make([]string, 2)
				for i := range ids {
					wg.Go(func() {
						// Clients that are derived from the same one count as
						// one.
						message, did, err := b.Client.OnBehalfOf("user-0001").Messages.SendOnce(t.Context(), ticket, opening)
						require.NoError(t, err)
						if did {
							sent.Add(1)
						}
						ids[i] = message.ID
					})
				}
				wg.Wait()
				client := b.Client.OnBehalfOf("user-0001")
				message, did, err := client.Messages.SendOnce(t.Context(), ticket, opening)
				require.NoError(t, err)
				assert.False(t, did)
				assert.Equal(t, []string{message.ID, message.ID}, ids)
				assert.EqualValues(t, 1, sent.Load())
				assert.Equal(t, 1, said(t, client))
			})
		})
	}
}

// If SendOnce cannot look, it leaves the outcome open; calling it again settles
// it.
func TestSendOnceGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testkit.InBubble(t, nil)
		client := b.Client.OnBehalfOf("user-0001")
		b.Inject(cometchattest.Fault{Method: http.MethodPost, DropAfter: true})
		b.Inject(cometchattest.Fault{Method: http.MethodGet, Skip: 1, Status: 403, Code: "ERR_PERMISSION_DENIED"})
		_, sent, err := client.Messages.SendOnce(t.Context(), ticket, opening)
		require.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
		require.ErrorIs(t, err, cometchat.ErrPermissionDenied)
		assert.False(t, sent)
		message, sent, err := client.Messages.SendOnce(t.Context(), ticket, opening)
		require.NoError(t, err)
		assert.False(t, sent)
		assert.Equal(t, opening.MUID, message.MUID)
		assert.Equal(t, 1, said(t, client))
	})
	synctest.Test(t, func(t *testing.T) {
		b := testkit.InBubble(t, nil)
		client := b.Client.OnBehalfOf("user-0001")
		b.Inject(cometchattest.Fault{Method: http.MethodPost, DropBefore: true, Times: cometchattest.Always})
		_, _, err := client.Messages.SendOnce(t.Context(), ticket, opening)
		require.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
		assert.EqualValues(t, 9, b.Seen.Load(), "a look, and four times a request and a look")

		ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond) // within the pause
		defer cancel()
		_, _, err = client.Messages.SendOnce(ctx, ticket, opening)
		require.ErrorIs(t, err, cometchat.ErrOutcomeUnknown)
	})
}

// A conversation may grow quickly while SendOnce looks.
func TestSendOnceLooksThroughAllThatCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testkit.InBubble(t, nil)
		client := b.Client.OnBehalfOf("user-0001")
		others := func(n int) {
			for i := range n {
				b.AddMessages(cometchattest.Message{Sender: "user-0002", Receiver: "user-0001", Text: fmt.Sprint(i)})
			}
		}
		others(10)
		busy := client.With(cometchat.WithHTTPClient(&http.Client{Transport: afterPost{b.Net.HTTPClient().Transport, func() { others(350) }}}))
		b.Inject(cometchattest.Fault{Method: http.MethodPost, Path: "/messages", DropAfter: true})
		_, sent, err := busy.Messages.SendOnce(t.Context(), ticket, opening)
		require.NoError(t, err)
		assert.True(t, sent)
		assert.Equal(t, 1, said(t, client))
		assert.Equal(t, 1, b.Count(http.MethodPost, "/messages"))
	})
}

// afterPost calls a function after each POST.
type afterPost struct {
	http.RoundTripper
	do func()
}

func (a afterPost) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := a.RoundTripper.RoundTrip(r)
	if r.Method == http.MethodPost {
		a.do()
	}
	return resp, err
}

func TestSendOnceRefuses(t *testing.T) {
	client, srv := testkit.Emulated(t)
	for want, req := range map[string]*cometchat.SendMessageRequest{
		"cometchat: POST /messages: muid: required":    {Text: "Hi"},
		"cometchat: POST /messages: text: required":    {MUID: "m-1"},
		"cometchat: POST /messages: request: required": nil,
	} {
		_, _, err := client.Messages.SendOnce(t.Context(), ticket, req)
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, cometchat.ErrInvalidRequest)
	}
	assert.Empty(t, srv.Requests())
}

// A call that waits for another one with the same message ends with its context.
func TestSendOnceWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := testkit.InBubble(t, nil)
		client := b.Client.OnBehalfOf("user-0001")
		b.Inject(cometchattest.Fault{Method: http.MethodPost, Latency: 10 * time.Second})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _, err := client.Messages.SendOnce(t.Context(), ticket, opening)
			assert.NoError(t, err)
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, sent, err := client.Messages.SendOnce(ctx, ticket, opening)
		assert.EqualError(t, err, "cometchat: POST /messages: context deadline exceeded")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)
		assert.False(t, sent)
		_, sent, err = client.Messages.SendOnce(t.Context(), ticket, &cometchat.SendMessageRequest{Text: "Another", MUID: "m-2"})
		assert.NoError(t, err)
		assert.True(t, sent, "another message waits for nobody")
		wg.Wait()
	})
}
