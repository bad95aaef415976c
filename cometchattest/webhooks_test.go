package cometchattest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/webhook"
)

// receiver records what it receives and responds as told; the default is 200.
type receiver struct {
	mu       sync.Mutex
	texts    []string
	at       []time.Time
	header   http.Header
	statuses []int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var payload struct {
		Data struct {
			Message struct{ Data struct{ Text string } }
		}
	}
	body, _ := io.ReadAll(req.Body)
	_ = json.Unmarshal(body, &payload)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts = append(r.texts, payload.Data.Message.Data.Text)
	r.at = append(r.at, time.Now())
	r.header = req.Header
	if len(r.statuses) > 0 {
		w.WriteHeader(r.statuses[0])
		r.statuses = r.statuses[1:]
	}
	_, _ = io.WriteString(w, "seen")
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.texts...)
}

// say fires an event about a message with each text.
func say(t *testing.T, srv *cometchattest.Server, texts ...string) {
	t.Helper()
	for _, text := range texts {
		require.NoError(t, srv.Fire("message_sent", map[string]any{"message": map[string]any{"data": map[string]any{"text": text}}}))
	}
}

func settle(t *testing.T, srv *cometchattest.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, srv.AwaitDeliveries(ctx))
}

func states(srv *cometchattest.Server) []cometchattest.DeliveryState {
	var list []cometchattest.DeliveryState
	for _, d := range srv.Deliveries() {
		list = append(list, d.State)
	}
	return list
}

func TestDeliverTo(t *testing.T) {
	r := &receiver{}
	there := httptest.NewServer(r)
	defer there.Close()
	srv := cometchattest.New()
	defer srv.Close()
	hook := srv.DeliverTo(there.URL+"/hooks", cometchattest.WithBasicAuth("u", "secret"), cometchattest.WithTriggers("message_sent"))
	say(t, srv, "one", "two")
	require.NoError(t, srv.Fire("call_started", nil))
	settle(t, srv)
	assert.Equal(t, []string{"one", "two"}, r.got())
	assert.Equal(t, "Application/json", r.header.Get("Content-Type"))
	assert.Equal(t, "Basic dTpzZWNyZXQ=", r.header.Get("Authorization"))
	assert.Equal(t, "cometchat-emulator/devel", r.header.Get("User-Agent"))

	deliveries := srv.Deliveries()
	require.Len(t, deliveries, 2)
	d := deliveries[1]
	require.Len(t, d.Attempts, 1)
	assert.Equal(t, cometchattest.Attempt{At: d.Attempts[0].At, Duration: d.Attempts[0].Duration, Status: 200, ResponseBody: []byte("seen")}, d.Attempts[0])
	assert.Equal(t, cometchattest.DeliveryStateDelivered, d.State)
	assert.Equal(t, []int64{2, 2}, []int64{d.ID, d.EventID})
	assert.Equal(t, cometchattest.EndpointSettings{
		ID: "webhook1", URL: there.URL + "/hooks", Triggers: []string{"message_sent"}, User: "u", HasPassword: true,
	}, hook.Settings())

	require.NoError(t, srv.DeliverAgain(1, 2))
	settle(t, srv)
	assert.Equal(t, []string{"one", "two", "one", "one"}, r.got())
	require.EqualError(t, srv.DeliverAgain(77, 1), "cometchattest: there is no delivery 77 to an endpoint")

	require.Error(t, hook.Set(cometchattest.WithTriggers("mesage_sent")))
	require.NoError(t, hook.Set(cometchattest.WithDeliveries(false)))
	say(t, srv, "three")
	hook.Remove()
	say(t, srv, "four")
	settle(t, srv)
	assert.Len(t, r.got(), 4)
	require.Error(t, srv.DeliverAgain(1, 1))
	assert.Empty(t, srv.Endpoints())
}

func TestEndpointsThatCannotBe(t *testing.T) {
	srv := cometchattest.New()
	defer srv.Close()
	srv.DeliverToHandler(&receiver{}, cometchattest.WithWebhookID("a"))
	for want, wrong := range map[string]func(){
		`cometchattest: "ftp://x" is no URL of http or https that events can be delivered to`:           func() { srv.DeliverTo("ftp://x") },
		`cometchattest: "ftp://ada:xxxxx@x" is no URL of http or https that events can be delivered to`: func() { srv.DeliverTo("ftp://ada:hidden@x") },
		`cometchattest: "xxxxx@x:a" is no URL of http or https that events can be delivered to`:         func() { srv.DeliverTo("http://ada:hidden@x:a") },
		`cometchattest: "xxxxx@x" is no URL of http or https that events can be delivered to`:           func() { srv.DeliverTo("http//ada:hidden@x") },
		`cometchattest: there is no trigger "mesage_sent"; the nearest is "message_sent"`:               func() { srv.DeliverToHandler(&receiver{}, cometchattest.WithTriggers("mesage_sent")) },
		`cometchattest: there is an endpoint a already`:                                                 func() { srv.DeliverToHandler(&receiver{}, cometchattest.WithWebhookID("a")) },
	} {
		assert.PanicsWithValue(t, want, wrong)
	}
}

// TestRetries checks that retries are made 10 and 30 seconds after the last
// attempt, with the same body, and do not delay other deliveries. Without
// retries, a failed delivery is lost.
func TestRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cometchattest.New()
		defer srv.Close()
		r := &receiver{statuses: []int{500, 200, 302, 404}}
		srv.DeliverToHandler(r, cometchattest.WithRetries())
		once := &receiver{statuses: []int{500}}
		srv.DeliverToHandler(once)
		began := time.Now()
		say(t, srv, "bad", "good")
		settle(t, srv)
		assert.Equal(t, []string{"bad", "good"}, r.got())
		assert.Equal(t, []cometchattest.DeliveryState{"retrying", "failed", "delivered", "delivered"}, states(srv))
		assert.Equal(t, began.Add(10*time.Second), srv.Deliveries()[0].NextAt)
		time.Sleep(time.Hour)
		settle(t, srv)
		assert.Equal(t, []string{"bad", "good", "bad", "bad"}, r.got())
		var after []time.Duration
		for _, at := range r.at {
			after = append(after, at.Sub(began))
		}
		assert.Equal(t, []time.Duration{0, 0, 10 * time.Second, 40 * time.Second}, after)
		d := srv.Deliveries()[0]
		assert.Equal(t, cometchattest.DeliveryStateFailed, d.State)
		assert.Equal(t, time.Time{}, d.NextAt)
		var statuses []int
		for _, a := range d.Attempts {
			statuses = append(statuses, a.Status)
		}
		assert.Equal(t, []int{500, 302, 404}, statuses)
		assert.Len(t, once.got(), 2)
	})
}

// TestRetriesByTheClock checks that retries are made as soon as they are due by
// the server's clock.
func TestRetriesByTheClock(t *testing.T) {
	srv := cometchattest.New()
	defer srv.Close()
	srv.Clock().Stop()
	r := &receiver{statuses: []int{500, 500}}
	srv.DeliverToHandler(r, cometchattest.WithRetries())
	say(t, srv, "x")
	settle(t, srv)
	assert.Len(t, r.got(), 1)
	srv.Clock().Advance(9 * time.Second)
	settle(t, srv)
	assert.Len(t, r.got(), 1)
	srv.Clock().Advance(time.Second)
	settle(t, srv)
	assert.Len(t, r.got(), 2)
	srv.Clock().Advance(30 * time.Second)
	settle(t, srv)
	assert.Len(t, r.got(), 3)
	assert.Equal(t, []cometchattest.DeliveryState{"delivered"}, states(srv))
}

// A delivery that is made by hand takes the place of the retry it waited for.
func TestDeliverAgainEndsRetries(t *testing.T) {
	srv := cometchattest.New()
	defer srv.Close()
	srv.Clock().Stop()
	r := &receiver{statuses: []int{500, 500}}
	srv.DeliverToHandler(r, cometchattest.WithRetries())
	say(t, srv, "x")
	settle(t, srv)
	assert.Equal(t, []cometchattest.DeliveryState{"retrying"}, states(srv))
	require.NoError(t, srv.DeliverAgain(1, 1))
	settle(t, srv)
	assert.Equal(t, []cometchattest.DeliveryState{"failed"}, states(srv))
	srv.Clock().Advance(time.Hour)
	settle(t, srv)
	assert.Len(t, r.got(), 2)
	assert.Zero(t, srv.Deliveries()[0].NextAt)
}

// TestRetriesByAnotherClock checks that AwaitDeliveries notices when a custom
// clock has jumped.
func TestRetriesByAnotherClock(t *testing.T) {
	a := newAPI(t)
	defer a.srv.Close()
	r := &receiver{statuses: []int{500}}
	a.srv.DeliverToHandler(r, cometchattest.WithRetries())
	say(t, a.srv, "x")
	settle(t, a.srv)
	a.clock.Advance(10 * time.Second)
	settle(t, a.srv)
	assert.Len(t, r.got(), 2)
}

func TestHoldAndRelease(t *testing.T) {
	srv := cometchattest.New()
	defer srv.Close()
	r := &receiver{}
	hook := srv.DeliverToHandler(r)
	release := func(orders ...cometchattest.Order) []string {
		r.mu.Lock()
		r.texts = nil
		r.mu.Unlock()
		hook.Hold()
		say(t, srv, "1", "2", "3", "4")
		settle(t, srv)
		require.Empty(t, r.got())
		n, holding := hook.Held()
		assert.Equal(t, 4, n)
		assert.True(t, holding)
		hook.Release(orders...)
		say(t, srv, "5")
		settle(t, srv)
		return r.got()
	}
	assert.Equal(t, []string{"1", "2", "3", "4", "5"}, release())
	assert.Equal(t, []string{"4", "3", "2", "1", "5"}, release(cometchattest.Reversed))
	assert.Equal(t, []string{"1", "1", "2", "2", "3", "3", "4", "4", "5"}, release(cometchattest.Twice))
	shuffled := release(cometchattest.Shuffled(1))
	assert.Equal(t, shuffled, release(cometchattest.Shuffled(1)))
	assert.NotEqual(t, []string{"1", "2", "3", "4", "5"}, shuffled)
	assert.ElementsMatch(t, []string{"1", "2", "3", "4", "5"}, shuffled)
	assert.Equal(t, []string{"2", "1", "2", "1", "5"}, release(cometchattest.Twice, cometchattest.Reversed, func(held []int) []int {
		return []int{1, 0, 1, 0}
	}))
	n, holding := hook.Held()
	assert.Equal(t, 2, n)
	assert.False(t, holding)
}

func TestDelayAndDuplicates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cometchattest.New()
		defer srv.Close()
		r := &receiver{}
		hook := srv.DeliverToHandler(r, cometchattest.WithDelay(time.Minute), cometchattest.WithDuplicates(cometchattest.DuplicatesNext))
		say(t, srv, "1", "2")
		settle(t, srv)
		assert.Empty(t, r.got())
		time.Sleep(time.Minute)
		settle(t, srv)
		assert.Equal(t, []string{"1", "1", "2"}, r.got())
		require.NoError(t, hook.Set(cometchattest.WithDelay(0), cometchattest.WithDuplicates(cometchattest.DuplicatesAlways)))
		say(t, srv, "3", "4")
		settle(t, srv)
		assert.Equal(t, []string{"1", "1", "2", "3", "3", "4", "4"}, r.got())
	})
}

// TestReceiversThatMisbehave checks that deliveries to faulty receivers fail
// without affecting the others.
func TestReceiversThatMisbehave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cometchattest.New()
		release := make(chan struct{})
		for _, h := range []http.HandlerFunc{
			func(http.ResponseWriter, *http.Request) { <-release },
			func(http.ResponseWriter, *http.Request) { panic("broken") },
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 1<<20)) },
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTemporaryRedirect) },
		} {
			srv.DeliverToHandler(h)
		}
		say(t, srv, "x")
		settle(t, srv)
		var got []cometchattest.Attempt
		for _, d := range srv.Deliveries() {
			a := d.Attempts[0]
			a.At = time.Time{}
			got = append(got, a)
		}
		assert.Equal(t, []cometchattest.Attempt{
			{Duration: 2 * time.Second, Error: "no response within 2s"},
			{Error: "the handler panicked: broken"},
			{Error: "EOF"},
			{Status: 200, ResponseBody: []byte(strings.Repeat("x", 4<<10))},
			{Status: 307, ResponseBody: []byte{}},
		}, got)
		srv.Close()
		close(release)
	})
}

// TestDeliveriesEnd checks that nothing is delivered after Close, and that Reset
// drops waiting deliveries.
func TestDeliveriesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cometchattest.New()
		r := &receiver{statuses: []int{500, 500, 500}}
		hook := srv.DeliverToHandler(r, cometchattest.WithRetries())
		say(t, srv, "1")
		settle(t, srv)
		hook.Hold()
		say(t, srv, "2")
		srv.Reset()
		assert.Empty(t, srv.Deliveries())
		assert.Empty(t, srv.Events())
		time.Sleep(time.Hour)
		say(t, srv, "3")
		settle(t, srv)
		assert.Equal(t, []string{"1", "3"}, r.got())
		assert.EqualValues(t, 1, srv.Deliveries()[0].ID)

		srv.Close()
		time.Sleep(time.Hour)
		say(t, srv, "4")
		settle(t, srv)
		assert.Equal(t, []string{"1", "3"}, r.got())
		assert.Equal(t, []cometchattest.DeliveryState{"dropped"}, states(srv))
		srv.DeliverToHandler(r)
	})
}

func TestDropsTheOldest(t *testing.T) {
	srv := cometchattest.New()
	defer srv.Close()
	hook := srv.DeliverToHandler(&receiver{})
	hook.Hold()
	for range 10_001 {
		require.NoError(t, srv.Fire("call_started", nil))
	}
	n, _ := hook.Held()
	assert.Equal(t, 10_000, n)
	assert.Equal(t, []cometchattest.DeliveryState{"dropped", "held"}, states(srv)[:2])
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	hook.Release()
	for srv.AwaitDeliveries(ctx) == nil {
		t.Fatal("10,000 deliveries take longer than that")
	}
	settle(t, srv)
}

// TestMessagesReachACallbackOnce checks that a message sent by the client reaches
// a callback once, despite duplicates and disorder. If the callback fails at
// first, the retry runs it again.
func TestMessagesReachACallbackOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := cometchattest.New()
		defer srv.Close()
		srv.AddUsers(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "tom"})
		h, err := webhook.NewHandler(webhook.BasicAuth("u", "p"), webhook.Deduplicate(webhook.Memory(1000)))
		require.NoError(t, err)
		var mu sync.Mutex
		done := map[string]int{}
		var failed atomic.Int64
		h.OnMessageSent(func(_ context.Context, e *webhook.MessageSent) error {
			mu.Lock()
			defer mu.Unlock()
			if e.Message.Text() == "Fail at first" && failed.Add(1) == 1 {
				return errors.New("not now")
			}
			done[e.Message.ID]++
			return nil
		})
		hook := srv.DeliverToHandler(h, cometchattest.WithBasicAuth("u", "p"), cometchattest.WithRetries(),
			cometchattest.WithDuplicates(cometchattest.DuplicatesAlways), cometchattest.WithTriggers("message_sent"))
		hook.Hold()
		client := inMemory(t, srv).OnBehalfOf("lena")
		want := map[string]int{}
		send := func(text string) {
			m, err := client.Messages.Send(t.Context(), cometchat.ToUser("tom"), &cometchat.SendMessageRequest{Text: text})
			require.NoError(t, err)
			want[m.ID] = 1
		}
		for range 20 {
			send("Hello")
		}
		hook.Release(cometchattest.Shuffled(7))
		settle(t, srv)
		assert.Equal(t, want, done)

		require.NoError(t, hook.Set(cometchattest.WithDuplicates(cometchattest.DuplicatesNever)))
		send("Fail at first")
		settle(t, srv)
		assert.NotEqual(t, want, done)
		srv.Clock().Advance(10 * time.Second)
		settle(t, srv)
		assert.Equal(t, want, done)
	})
}

// TestRestoredWebhooks checks that the webhooks of a snapshot get events, and
// those created since do not.
func TestRestoredWebhooks(t *testing.T) {
	srv := cometchattest.New()
	defer srv.Close()
	key, secret := srv.ManagementCredentials()
	manage := func(path, body string) {
		t.Helper()
		rec := fuzzSend(srv, "POST", "/management/apps/emulator/webhooks"+path, body, http.Header{"Key": {key}, "Secret": {secret}, "X-Webhook-Version": {"2"}})
		require.Equal(t, http.StatusOK, rec.Code, rec.Body)
	}
	r, late := &receiver{}, &receiver{}
	srv.ReceiveAt("https://hooks.example.com/a", r)
	srv.ReceiveAt("https://hooks.example.com/b", late)
	set := func(id string) {
		manage("", `{"id":"hook`+id+`","name":"Hook","webhookURL":"https://hooks.example.com/`+id+`","enabled":true}`)
		manage("/hook"+id+"/triggers", `{"triggerIds":["message_sent"]}`)
	}
	set("a")
	snapshot := snapshotOf(t, srv)
	set("b")
	say(t, srv, "1")
	settle(t, srv)
	assert.Equal(t, []string{"1"}, late.got())
	require.NoError(t, srv.Restore(strings.NewReader(snapshot)))
	say(t, srv, "2")
	settle(t, srv)
	assert.Equal(t, []string{"1", "2"}, r.got())
	assert.Equal(t, []string{"1"}, late.got())

	srv.Reset()
	assert.Empty(t, srv.Endpoints())
	srv.DeliverToHandler(late, cometchattest.WithWebhookID("hooka"))
	require.EqualError(t, srv.Restore(strings.NewReader(snapshot)), "cometchattest: there is an endpoint hooka already")

	// A webhook that is not on this machine is not called.
	other := cometchattest.New()
	defer other.Close()
	require.NoError(t, other.Restore(strings.NewReader(snapshot)))
	say(t, other, "3")
	settle(t, other)
	assert.Equal(t, "not called: the URL of a webhook of the management API that is not on this machine; see ReceiveAt", other.Deliveries()[0].Attempts[0].Error)
}
