package cometchat_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"strings"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// desk is a support desk: a group for each ticket.
type desk struct{ client *cometchat.Client }

// open makes the ticket's group, with the customer and an agent in it, and greets
// the customer. It may be called any number of times for the same ticket, as
// webhooks are, and continues where an earlier call stopped.
func (d *desk) open(ctx context.Context, ticket, customer, agent string) error {
	if _, _, err := d.client.Groups.Ensure(ctx, &cometchat.CreateGroupRequest{
		GUID: ticket, Name: "Ticket " + ticket, Type: cometchat.GroupTypePrivate,
	}); err != nil {
		return err
	}
	if _, err := d.client.GroupMembers.Ensure(ctx, ticket, &cometchat.AddMembersRequest{
		Moderators: []string{agent}, Participants: []string{customer},
	}); err != nil {
		return err
	}
	_, _, err := d.client.OnBehalfOf(agent).Messages.SendOnce(ctx, cometchat.ToGroup(ticket), &cometchat.SendMessageRequest{
		Text: "Hello, how can I help?", MUID: ticket + "-greeting",
	})
	return err
}

// transcript returns what was said and done.
func (d *desk) transcript(ctx context.Context, ticket string) (string, error) {
	var b strings.Builder
	for message, err := range d.client.Messages.ListWith(cometchat.ToGroup(ticket), nil).All(ctx) {
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%-6s  %s\n", message.SenderName(), message.Summary())
	}
	return b.String(), nil
}

// A support desk that opens each ticket once, however often it is asked to, while
// responses get lost.
func Example_supportDesk() {
	client, srv := demo(cometchattest.User{UID: "ida", Name: "Ida"}, cometchattest.User{UID: "tom", Name: "Tom"})
	defer srv.Close()
	ctx, d := context.Background(), &desk{client}

	srv.Inject(cometchattest.Fault{Method: http.MethodPost, Path: "/groups/{guid}/members", DropAfter: true})
	srv.Inject(cometchattest.Fault{Method: http.MethodPost, Path: "/messages", DropAfter: true})
	for range 2 {
		if err := d.open(ctx, "4711", "tom", "ida"); err != nil {
			log.Fatal(err)
		}
	}
	_, err := client.OnBehalfOf("tom").Messages.Send(ctx, cometchat.ToGroup("4711"), &cometchat.SendMessageRequest{Text: "The lamp is broken."})
	if err != nil {
		log.Fatal(err)
	}
	transcript, err := d.transcript(ctx, "4711")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(transcript)
	// Output:
	// System  System added Ida
	// System  System added Tom
	// Ida     Hello, how can I help?
	// Tom     The lamp is broken.
}
