package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// chatDemo is demo with two users and a group of both.
func chatDemo() (*cometchat.Client, *cometchattest.Server) {
	client, srv := demo(cometchattest.User{UID: "lena", Name: "Lena"}, cometchattest.User{UID: "marek", Name: "Marek"})
	srv.AddGroups(cometchattest.Group{GUID: "north", Name: "North", Owner: "lena", Participants: []string{"marek"}})
	return client, srv
}

// The content of the request decides the kind of the message.
func ExampleMessagesService_Send() {
	client, srv := chatDemo()
	defer srv.Close()

	ctx := context.Background()
	lena := client.OnBehalfOf("lena") // the sender
	for _, req := range []*cometchat.SendMessageRequest{
		{Text: "Is " + cometchat.Mention("marek") + " there?", Tags: cometchat.Tags{"roster"}},
		{Text: "The plan", Attachments: []cometchat.Attachment{{URL: "https://files.example/plan.png", Name: "plan.png"}}},
		{Type: "place", CustomData: map[string]float64{"lat": 48.2, "lng": 16.4}},
	} {
		message, err := lena.Messages.Send(ctx, cometchat.ToGroup("north"), req)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(message.ID, message.ConversationID, message.Category, message.Type)
	}

	// An invalid message is not sent.
	_, err := lena.Messages.Send(ctx, cometchat.ToUser("marek"), &cometchat.SendMessageRequest{Type: cometchat.MessageTypeImage})
	fmt.Println(err)
	// Output:
	// 1 group_north message text
	// 2 group_north message image
	// 3 group_north custom place
	// cometchat: POST /messages: attachments: required
}

func ExampleMessagesService_SendMany() {
	client, srv := chatDemo()
	defer srv.Close()

	results, err := client.Messages.SendMany(context.Background(),
		cometchat.Receivers{UIDs: []string{"lena", "nobody"}, GUIDs: []string{"north"}},
		&cometchat.SendMessageRequest{Text: "The office is closed today."})
	if results == nil {
		log.Fatal(err) // nothing was sent
	}
	for _, result := range results.Items {
		fmt.Println(result.ID, "sent:", result.OK())
	}
	fmt.Println("nobody is missing:", errors.Is(err, cometchat.ErrNotFound))
	// Output:
	// lena sent: true
	// nobody sent: false
	// north sent: true
	// nobody is missing: true
}

// The connection breaks after the message has arrived, so its outcome is unknown.
// Its MUID settles it. SendOnce does the same by itself.
func ExampleMessagesService_FindByMUID() {
	client, srv := chatDemo()
	defer srv.Close()
	srv.Inject(cometchattest.Fault{Method: "POST", Path: "/messages", DropAfter: true})

	ctx := context.Background()
	lena, to := client.OnBehalfOf("lena"), cometchat.ToUser("marek")
	req := &cometchat.SendMessageRequest{Text: "Your order is ready.", MUID: "order-1042-ready"}
	message, err := lena.Messages.Send(ctx, to, req)
	if errors.Is(err, cometchat.ErrOutcomeUnknown) {
		fmt.Println("did it arrive?")
		message, err = lena.Messages.FindByMUID(ctx, to, req.MUID, 100)
		if errors.Is(err, cometchat.ErrNotFound) { // it did not
			message, err = lena.Messages.Send(ctx, to, req)
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.ID, message.Text())
	// Output:
	// did it arrive?
	// 1 Your order is ready.
}

// A job that runs twice sends its message once, even if the first response is
// lost.
func ExampleMessagesService_SendOnce() {
	client, srv := chatDemo()
	defer srv.Close()
	srv.Inject(cometchattest.Fault{Method: "POST", Path: "/messages", DropAfter: true})

	ctx := context.Background()
	client = client.With(cometchat.WithRetry(cometchat.RetryPolicy{MinWait: time.Millisecond}))
	for range 2 {
		message, sent, err := client.OnBehalfOf("lena").Messages.SendOnce(ctx, cometchat.ToUser("marek"),
			&cometchat.SendMessageRequest{Text: "Your order is ready.", MUID: "order-1042-ready"})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(message.ID, message.Text(), "sent now:", sent)
	}
	// Output:
	// 1 Your order is ready. sent now: true
	// 1 Your order is ready. sent now: false
}

// All messages of the app, oldest first, however many there are.
func ExampleMessagesService_List() {
	client, srv := chatDemo()
	defer srv.Close()
	srv.SeedMessages(2500, 100)

	n := 0
	var newest *cometchat.Message
	for message, err := range client.Messages.List(&cometchat.MessageListOptions{
		Categories: []cometchat.MessageCategory{cometchat.MessageCategoryMessage, cometchat.MessageCategoryCustom},
	}).All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		n++
		newest = message
	}
	fmt.Println(n, "messages, the last one is:", newest.Text())
	// Output: 2500 messages, the last one is: Message 2500
}

// The newest messages of a conversation, as an app shows them.
func ExampleMessagesService_ListWith() {
	client, srv := chatDemo()
	defer srv.Close()
	for i := range 30 {
		srv.AddMessages(cometchattest.Message{Sender: "lena", Receiver: "marek", Text: fmt.Sprint("Number ", i+1)})
	}

	ctx := context.Background()
	shown := 0
	conversation := client.OnBehalfOf("marek").Messages.ListWith(cometchat.ToUser("lena"), &cometchat.ConversationMessageListOptions{Limit: 10})
	for message, err := range conversation.Backward(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(message.SenderName(), message.Text())
		if shown++; shown == 3 {
			break
		}
	}
	// Output:
	// Lena Number 30
	// Lena Number 29
	// Lena Number 28
}

// An export page by page. The position that is stored after each page, as text,
// is enough to continue in another process.
func ExampleCursorList_From() {
	client, srv := chatDemo()
	defer srv.Close()
	srv.SeedMessages(250, 250) // all in one second

	ctx := context.Background()
	list := client.Messages.List(&cometchat.MessageListOptions{Limit: 100})
	var stored string
	for page, err := range list.Pages(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("exported", len(page.Items))
		stored = page.Next.String()
		break // the process ends here
	}

	var position cometchat.Position
	if err := position.UnmarshalText([]byte(stored)); err != nil {
		log.Fatal(err)
	}
	for page, err := range list.From(position).Pages(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("exported", len(page.Items))
	}
	// Output:
	// exported 100
	// exported 100
	// exported 50
}

// The API responds to an edit with a separate message that reports it. Most
// callers want the edited message.
func ExampleMessagesService_Update() {
	client, srv := chatDemo()
	defer srv.Close()
	srv.AddMessages(cometchattest.Message{Sender: "lena", Receiver: "marek", Text: "At nine?"})

	ctx := context.Background()
	change, err := client.OnBehalfOf("lena").Messages.Update(ctx, "1",
		&cometchat.UpdateMessageRequest{Text: cometchat.Ptr("At ten?")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(change.Message.ID, change.Message.Text(), "by", change.Message.EditedBy)
	fmt.Println(change.Action.ID, change.Action.Category, change.Action.Data.Action)
	// Output:
	// 1 At ten? by lena
	// 2 action edited
}

func ExampleMessagesService_Delete() {
	client, srv := chatDemo()
	defer srv.Close()
	ids := srv.AddMessages(cometchattest.Message{Sender: "lena", Receiver: "marek", Text: "Oops"})

	ctx := context.Background()
	change, err := client.Messages.Delete(ctx, ids[0], nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("deleted: %t by %s, text: %q\n", change.Message.IsDeleted(), change.Message.DeletedBy, change.Message.Text())

	if _, err := client.Messages.Delete(ctx, ids[0], &cometchat.DeleteMessageOptions{Permanent: true}); err != nil {
		log.Fatal(err)
	}
	_, err = client.Messages.Get(ctx, ids[0])
	fmt.Println("gone:", errors.Is(err, cometchat.ErrNotFound))
	// Output:
	// deleted: true by app_system, text: ""
	// gone: true
}

func ExampleReactionsService_Add() {
	client, srv := chatDemo()
	defer srv.Close()
	ids := srv.AddMessages(cometchattest.Message{Sender: "lena", Receiver: "north", ReceiverType: "group", Text: "We won!"})

	ctx := context.Background()
	if _, err := client.OnBehalfOf("lena").Reactions.Add(ctx, ids[0], "🎉"); err != nil {
		log.Fatal(err)
	}
	message, err := client.OnBehalfOf("marek").Reactions.Add(ctx, ids[0], "🎉")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.ReactionCounts())
	for reaction, err := range client.Reactions.ListOf(ids[0], "🎉", nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(reaction.Reaction, reaction.ReactedBy.Name)
	}
	// Output:
	// [{🎉 2 true}]
	// 🎉 Lena
	// 🎉 Marek
}

func ExampleThreadsService_Reply() {
	client, srv := chatDemo()
	defer srv.Close()
	north := cometchat.ToGroup("north")
	ids := srv.AddMessages(cometchattest.Message{Sender: "lena", Receiver: "north", ReceiverType: "group", Text: "Who is in?"})

	ctx := context.Background()
	marek := client.OnBehalfOf("marek")
	if _, err := marek.Threads.Reply(ctx, ids[0], north, &cometchat.SendMessageRequest{Text: "Me"}); err != nil {
		log.Fatal(err)
	}
	for thread, err := range marek.Threads.List(nil).All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(thread.Text(), thread.ReplyCount, thread.LastReply.Text())
	}
	// Output: Who is in? 1 Me
}

func ExampleConversationsService_MarkRead() {
	client, srv := chatDemo()
	defer srv.Close()
	ids := srv.AddMessages(
		cometchattest.Message{Sender: "lena", Receiver: "marek", Text: "One"},
		cometchattest.Message{Sender: "lena", Receiver: "marek", Text: "Two"},
		cometchattest.Message{Sender: "lena", Receiver: "marek", Text: "Three"},
	)

	ctx := context.Background()
	marek, lena := client.OnBehalfOf("marek"), cometchat.ToUser("lena")
	if err := marek.Conversations.MarkRead(ctx, lena, ids[1]); err != nil {
		log.Fatal(err)
	}
	conversation, err := marek.Conversations.Get(ctx, lena)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(conversation.UnreadMessageCount, "unread from", conversation.User().Name)
	// Output: 1 unread from Lena
}

func ExampleConversationsService_List() {
	client, srv := chatDemo()
	defer srv.Close()
	at := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	srv.AddMessages(
		cometchattest.Message{Sender: "lena", Receiver: "marek", Text: "Hello", SentAt: at},
		cometchattest.Message{Sender: "marek", Receiver: "north", ReceiverType: "group", Text: "Hello all", SentAt: at.Add(time.Minute)},
	)

	for c, err := range client.OnBehalfOf("lena").Conversations.List(nil).All(context.Background()) {
		if err != nil {
			log.Fatal(err)
		}
		switch {
		case c.Group() != nil:
			fmt.Println("group", c.Group().Name, c.UnreadMessageCount, c.LastMessage.Text())
		case c.User() != nil:
			fmt.Println("user", c.User().Name, c.UnreadMessageCount, c.LastMessage.Text())
		}
	}
	// Output:
	// group North 1 Hello all
	// user Marek 0 Hello
}

func ExampleMessagesService_Windows() {
	client, srv := chatDemo()
	defer srv.Close()
	at := time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)
	for i := range 5 {
		srv.AddMessages(cometchattest.Message{Sender: "lena", Receiver: "marek", Text: "Hello", SentAt: at.Add(time.Duration(i) * time.Hour)})
	}

	ctx := context.Background()
	windows, err := client.Messages.Windows(ctx, nil, 4)
	if err != nil {
		log.Fatal(err)
	}
	for _, window := range windows { // each could be a job of its own
		for message, err := range client.Messages.List(window).All(ctx) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(message.ID)
		}
	}
	// Output:
	// 1
	// 2
	// 3
	// 4
	// 5
}
