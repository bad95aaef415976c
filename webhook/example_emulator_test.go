package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/webhook"
)

// The emulator delivers events to a handler without a network, so a test needs
// neither a tunnel nor an account.
func Example_withoutTunnel() {
	ctx := context.Background()
	h, err := webhook.NewHandler(webhook.BasicAuth("rides", "correct horse"), webhook.Deduplicate(webhook.Memory(100)))
	if err != nil {
		log.Fatal(err)
	}
	first := true
	h.OnMessageSent(func(ctx context.Context, e *webhook.MessageSent) error {
		if first {
			first = false
			return errors.New("the database is away")
		}
		fmt.Println(e.Message.Sender, "says:", e.Message.Text())
		return nil
	})

	srv := cometchattest.NewServer()
	defer srv.Close()
	srv.AddUsers(cometchattest.User{UID: "lena"}, cometchattest.User{UID: "mark"})
	srv.DeliverToHandler(h,
		cometchattest.WithBasicAuth("rides", "correct horse"),
		cometchattest.WithTriggers("message_sent"),
		cometchattest.WithRetries(),
		cometchattest.WithDuplicates(cometchattest.DuplicatesAlways),
	)

	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.OnBehalfOf("lena").Messages.Send(ctx, cometchat.ToUser("mark"), &cometchat.SendMessageRequest{Text: "Hello"})
	if err != nil {
		log.Fatal(err)
	}
	if err := srv.AwaitDeliveries(ctx); err != nil {
		log.Fatal(err)
	}
	srv.Clock().Advance(10 * time.Second) // when the API tries again
	if err := srv.AwaitDeliveries(ctx); err != nil {
		log.Fatal(err)
	}
	for _, d := range srv.Deliveries() {
		fmt.Println(d.Trigger, d.State)
	}
	// Output:
	// lena says: Hello
	// message_sent delivered
}
