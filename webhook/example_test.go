package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/webhook"
)

// post delivers an event as the API does.
func post(h http.Handler, body string) int {
	r := httptest.NewRequest(http.MethodPost, "/cometchat", strings.NewReader(body))
	r.Header.Set("Content-Type", "Application/json")
	r.SetBasicAuth("rides", "correct horse")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code
}

func Example() {
	h, err := webhook.NewHandler(
		webhook.BasicAuth("rides", "correct horse"),
		webhook.Deduplicate(webhook.Memory(10_000)),
	)
	if err != nil {
		log.Fatal(err)
	}
	h.OnMessageSent(func(ctx context.Context, e *webhook.MessageSent) error {
		fmt.Println(e.Message.Sender, "says:", e.Message.Text())
		return nil
	})
	h.OnUnknown(func(ctx context.Context, e *webhook.UnknownEvent) error {
		fmt.Println("new trigger:", e.Trigger)
		return nil
	})
	http.Handle("POST /cometchat", h)

	sent := `{"trigger":"message_sent","appId":"app1","webhook":"rides","data":{"message":
		{"id":"7001","sender":"lena","receiverType":"user","receiver":"mark","data":{"text":"Hello"}}}}`
	for range 2 { // the API sends some events twice
		post(h, sent)
	}
	post(h, `{"trigger":"order_shipped","data":{}}`)
	// Output:
	// lena says: Hello
	// new trigger: order_shipped
}

// Without a server, Parse decodes an event from a queue or in a function.
func ExampleParse() {
	event, err := webhook.Parse([]byte(`{"trigger":"group_member_kicked","appId":"app1","data":{
		"group":{"guid":"depot"},"members":{"mark":{"uid":"mark","name":"Mark"}},"by":{"uid":"lena"}}}`))
	if err != nil {
		log.Fatal(err)
	}
	switch e := event.(type) {
	case *webhook.GroupMemberKicked:
		for uid := range e.Members {
			fmt.Println(e.By.UID, "removed", uid, "from", e.Group.GUID)
		}
	case *webhook.UnknownEvent:
		fmt.Println("ignored:", e.Trigger)
	}
	// Output: lena removed mark from depot
}

// Long work continues after the response; the hook gets its failures.
func ExampleAsync() {
	h, err := webhook.NewHandler(
		webhook.BasicAuth("rides", "correct horse"),
		webhook.Async(4, 1000),
		webhook.Failures(func(ctx context.Context, e webhook.Event, err error) {
			fmt.Println(e.Header().Trigger, "failed:", err)
		}),
	)
	if err != nil {
		log.Fatal(err)
	}
	h.OnRecordingGenerated(func(ctx context.Context, e *webhook.RecordingGenerated) error {
		return errors.New("no room for the recording")
	})
	fmt.Println(post(h, `{"trigger":"recording_generated","data":{"sessionId":"s1","recording_url":"https://example.com/r.mp4"}}`))

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.Close(ctx); err != nil { // after http.Server.Shutdown
		log.Fatal(err)
	}
	// Output:
	// 200
	// recording_generated failed: no room for the recording
}

// A legacy webhook decides about a message before it is sent.
func ExampleHandler_OnBeforeMessage() {
	h, err := webhook.NewHandler(webhook.BasicAuth("rides", "correct horse"))
	if err != nil {
		log.Fatal(err)
	}
	h.OnBeforeMessage(func(ctx context.Context, e *webhook.BeforeMessage) (*webhook.BeforeMessageDecision, error) {
		return &webhook.BeforeMessageDecision{Drop: strings.Contains(e.Message.Text(), "refund")}, nil
	})
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(
		`{"trigger":"before_message","webhook":"rides","data":{"sender":"lena","data":{"text":"Want a refund"}}}`))
	r.SetBasicAuth("rides", "correct horse")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Body)
	// Output: {"action":"do_not_propagate"}
}

// A custom moderation API says for each message whether it meets the condition of
// a rule.
func ExampleNewModerationHandler() {
	h, err := webhook.NewModerationHandler(func(ctx context.Context, r *webhook.ModerationRequest) (*webhook.ModerationVerdict, error) {
		if strings.Contains(r.Message.Text(), "@") {
			return &webhook.ModerationVerdict{IsMatchingCondition: true, Confidence: 0.9, Reason: "an address"}, nil
		}
		return &webhook.ModerationVerdict{}, nil
	}, webhook.BasicAuth("moderation", "battery staple"))
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("POST /moderation", h)
}

// Provider is a custom provider of push notifications.
func ExampleHandler_OnPushNotificationPayloadGenerated() {
	h, err := webhook.NewHandler(webhook.BasicAuth("rides", "correct horse"))
	if err != nil {
		log.Fatal(err)
	}
	h.OnPushNotificationPayloadGenerated(func(ctx context.Context, e *webhook.PushNotificationPayloadGenerated) error {
		fmt.Printf("to %s: %s: %s\n", e.To.UID, e.Details.Title, e.Details.Body)
		return nil
	})
	post(h, `{"trigger":"push-notification-payload-generated","webhook":"custom","data":{"to":{"uid":"mark"},
		"notificationDetails":{"title":"Lena Brandt","body":"Hello","type":"chat","sentAt":"1761000100000"}}}`)
	// Output: to mark: Lena Brandt: Hello
}

// An edit arrives as a separate message or as the edited message.
func ExampleMessageEdited_Target() {
	for _, body := range []string{
		`{"trigger":"message_edited","data":{"message":{"id":"7001","category":"message","data":{"text":"Hi"},"editedAt":1761000160}}}`,
		`{"trigger":"message_edited","data":{"message":{"id":"7002","category":"action","data":{"action":"edited","entities":{"on":
			{"entityType":"message","entity":{"id":"7001","data":{"text":"Hi"},"editedAt":1761000160}}}}}}}`,
	} {
		event, err := webhook.Parse([]byte(body))
		if err != nil {
			log.Fatal(err)
		}
		m := event.(*webhook.MessageEdited).Target()
		fmt.Println(m.ID, m.Text(), cometchat.UnixTime.String(m.EditedAt))
	}
	// Output:
	// 7001 Hi 2025-10-20T22:42:40Z
	// 7001 Hi 2025-10-20T22:42:40Z
}
