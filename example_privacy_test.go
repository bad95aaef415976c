package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// exportUser writes what the API holds about a user: the profile, groups,
// friends, what the user wrote, wherever that was, and what the user can read.
func exportUser(ctx context.Context, client *cometchat.Client, uid string, out io.Writer) error {
	client = client.With(cometchat.WithRawItems())
	lines := json.NewEncoder(out)
	user, err := client.Users.Get(ctx, uid)
	if err != nil {
		return err
	}
	// Messages are listed by the app: the user no longer sees the groups it has left.
	written := client.Messages.List(&cometchat.MessageListOptions{Senders: []string{uid}})
	return errors.Join(
		lines.Encode(map[string]any{"user": user}),
		exportAll(lines, "group", client.OnBehalfOf(uid).Groups.List(&cometchat.GroupListOptions{HasJoined: true}).All(ctx)),
		exportAll(lines, "friend", client.Friends.List(uid, nil).All(ctx)),
		exportAll(lines, "blocked", client.BlockedUsers.List(uid, nil).All(ctx)),
		exportAll(lines, "written", written.All(ctx)),
		exportAll(lines, "conversation", client.OnBehalfOf(uid).Conversations.List(nil).All(ctx)),
	)
}

// exportAll writes items as they were received, with all members.
func exportAll[T interface{ Raw() json.RawMessage }](lines *json.Encoder, kind string, items func(func(T, error) bool)) error {
	for item, err := range items {
		if err != nil {
			return err
		}
		if err := lines.Encode(map[string]json.RawMessage{kind: item.Raw()}); err != nil {
			return err
		}
	}
	return nil
}

// eraseUser removes a user permanently, with all messages and conversations. A
// user who does not exist any more is not a failure, so it can be repeated until
// it is done.
func eraseUser(ctx context.Context, client *cometchat.Client, uid string) error {
	// Deactivated users are not found, so they are reactivated first.
	if _, err := client.Users.Reactivate(ctx, []string{uid}); cometchat.IsSystemic(err) {
		return err
	}
	err := client.With(cometchat.WithRetryWrites()).Users.Delete(ctx, uid, &cometchat.DeleteUserOptions{Permanent: true})
	if errors.Is(err, cometchat.CodeUIDNotFound) {
		return nil
	}
	return err
}

// Export and erase one person: docs/privacy.md says what each call covers.
func Example_privacy() {
	client, srv := demo(cometchattest.User{UID: "ida", Name: "Ida"}, cometchattest.User{UID: "tom", Name: "Tom"})
	defer srv.Close()
	srv.AddFriends("tom", "ida")
	srv.AddGroups(cometchattest.Group{GUID: "north", Name: "North", Owner: "ida", Participants: []string{"tom"}})
	srv.AddMessages(
		cometchattest.Message{Sender: "tom", Receiver: "ida", Text: "Hello"},
		cometchattest.Message{Sender: "tom", Receiver: "north", ReceiverType: "group", Text: "I am leaving."},
	)
	ctx := context.Background()
	if err := client.GroupMembers.Kick(ctx, "north", "tom"); err != nil {
		log.Fatal(err)
	}

	var archive strings.Builder
	if err := exportUser(ctx, client, "tom", &archive); err != nil {
		log.Fatal(err)
	}
	for _, kind := range []string{"user", "group", "friend", "blocked", "written", "conversation"} {
		fmt.Println(kind, strings.Count(archive.String(), `{"`+kind+`":`))
	}
	for range 2 {
		if err := eraseUser(ctx, client, "tom"); err != nil {
			log.Fatal(err)
		}
	}
	left, err := client.Messages.List(&cometchat.MessageListOptions{Senders: []string{"tom"}}).Collect(ctx, 10)
	fmt.Println("left:", len(left), err)
	// Output:
	// user 1
	// group 0
	// friend 1
	// blocked 0
	// written 2
	// conversation 1
	// left: 0 <nil>
}
