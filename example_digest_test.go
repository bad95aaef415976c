package cometchat_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// digest returns a mail with what a user has not read; it is empty if there is
// nothing.
func digest(ctx context.Context, client *cometchat.Client, uid string) (string, error) {
	var b strings.Builder
	acting := client.OnBehalfOf(uid)
	for conversation, err := range acting.Conversations.List(&cometchat.ConversationListOptions{Unread: true}).All(ctx) {
		if err != nil {
			return "", err
		}
		unread, err := acting.Messages.ListWith(conversation.Receiver(), &cometchat.ConversationMessageListOptions{Unread: true}).Collect(ctx, 3)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d unread\n", conversation.UnreadMessageCount)
		for _, message := range unread {
			fmt.Fprintf(&b, "  %s: %s\n", message.SenderName(), message.Summary())
		}
	}
	return b.String(), nil
}

// A digest of what each user has not read. If the digest of a user fails, that
// user is left out, unless all others would fail, too.
func Example_digest() {
	client, srv := demo(cometchattest.User{UID: "ida", Name: "Ida"}, cometchattest.User{UID: "tom", Name: "Tom"})
	defer srv.Close()
	srv.AddGroups(cometchattest.Group{GUID: "north", Name: "North", Owner: "ida", Participants: []string{"tom"}})
	srv.AddMessages(
		cometchattest.Message{Sender: "ida", Receiver: "tom", Text: "Are you in?"},
		cometchattest.Message{Sender: "ida", Receiver: "north", ReceiverType: "group", Text: "Lunch at noon."},
	)

	ctx := context.Background()
	for user, err := range client.Users.List(nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		text, err := digest(ctx, client, user.UID)
		switch {
		case cometchat.IsSystemic(err):
			log.Fatal(err)
		case err != nil:
			log.Print(user.UID, ": ", err)
		case text != "":
			fmt.Printf("To %s:\n%s", user.Name, text)
		}
	}
	// Output:
	// To Tom:
	// 1 unread
	//   Ida: Are you in?
	// 1 unread
	//   Ida: Lunch at noon.
}
