// Command send-message sends one message, and makes sure that it arrives once.
//
//	go run ./examples/send-message -as ann -to bob -text "Hello Bob"
//	go run ./examples/send-message -as ann -group team -file https://files.example/plan.pdf
//	go run ./examples/send-message -as ann -to bob -custom '{"lat":48.2,"lng":16.4}' -type place
//
// It sends in the account named by COMETCHAT_REGION and COMETCHAT_API_KEY (and
// COMETCHAT_APP_ID, COMETCHAT_BASE_URL where set). Without COMETCHAT_API_KEY it
// sends in an app in memory, which has the users ann and bob and the group team;
// without flags, ann says hello there.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "send-message:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var as, user, group, file, custom string
	// The MUID is what the message is known by before it has an id.
	req := &cometchat.SendMessageRequest{MUID: rand.Text()}
	flags := flag.NewFlagSet("send-message", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&as, "as", "", "uid of the sender; the app itself if empty")
	flags.StringVar(&user, "to", "", "uid of the user to send to")
	flags.StringVar(&group, "group", "", "guid of the group to send to")
	flags.StringVar(&req.Text, "text", "", "text, or the caption of a file")
	flags.StringVar(&file, "file", "", "URL of a file to attach")
	flags.StringVar(&custom, "custom", "", "JSON object to send as a custom message; needs -type")
	flags.StringVar((*string)(&req.Type), "type", "", "type of the message, where it does not follow from the rest")
	if len(args) == 0 && !haveAccount() {
		args = []string{"-as", "ann", "-to", "bob", "-text", "Hello Bob"}
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if file != "" {
		req.Attachments = []cometchat.Attachment{{URL: file, Name: path.Base(file)}}
	}
	if custom != "" {
		req.CustomData = json.RawMessage(custom)
	}
	client, done, err := connect(out)
	if err != nil {
		return err
	}
	defer done()
	if as != "" {
		client = client.OnBehalfOf(as)
	}
	message, err := send(ctx, client, cometchat.Receiver{UID: user, GUID: group}, req)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Message %s is in conversation %s, from %s at %s.\n",
		message.ID, message.ConversationID, message.Sender, message.SentAt)
	return nil
}

func haveAccount() bool { return os.Getenv("COMETCHAT_API_KEY") != "" }

// connect returns a client of the account in the environment, or of an app in
// memory, and says which.
func connect(out io.Writer) (*cometchat.Client, func(), error) {
	if haveAccount() {
		client, err := cometchat.NewClientFromEnv()
		return client, func() {}, err
	}
	fmt.Fprintln(out, "COMETCHAT_API_KEY is not set: sending in an app in memory.")
	srv := cometchattest.NewServer()
	srv.AddUsers(cometchattest.User{UID: "ann", Name: "Ann"}, cometchattest.User{UID: "bob", Name: "Bob"})
	srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Owner: "ann"})
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	return client, srv.Close, err
}

// attempts is how often send tries.
const attempts = 3

// send sends a message. Where it is unknown whether it arrived, it looks before
// it sends again.
func send(ctx context.Context, client *cometchat.Client, to cometchat.Receiver, req *cometchat.SendMessageRequest) (*cometchat.Message, error) {
	for attempt := 1; ; attempt++ {
		message, err := client.Messages.Send(ctx, to, req)
		if !errors.Is(err, cometchat.ErrOutcomeUnknown) {
			return message, err
		}
		message, findErr := client.Messages.FindByMUID(ctx, to, req.MUID, 0)
		switch {
		case findErr == nil:
			return message, nil
		case !errors.Is(findErr, cometchat.ErrNotFound):
			return nil, errors.Join(err, findErr)
		case attempt == attempts:
			return nil, err
		}
	}
}
