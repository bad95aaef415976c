// Command send-message sends one message, and makes sure that it arrives once.
// Call it with -h for its flags and the environment variables that it reads.
//
//	go run ./examples/send-message
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"path"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

var command = cli.Command{
	Name: "send-message",
	Help: `
Send-message sends one message to a user or a group, and makes sure that it
arrives once.

  send-message -as ann -to bob -text "Hello Bob"
  send-message -as ann -group team -file https://files.example/plan.pdf
  send-message -as ann -to bob -custom '{"lat":48.2,"lng":16.4}' -type place
  send-message -as ann -to bob -text "It is on its way." -muid order-1042-sent

Called again with the same -muid, it does not send the message again. Without an
account and flags, ann says hello to bob.`,
	Memory: "with the users ann and bob and the group team",
	Seed: func(srv *cometchattest.Server) {
		srv.AddUsers(cometchattest.User{UID: "ann", Name: "Ann"}, cometchattest.User{UID: "bob", Name: "Bob"})
		srv.AddGroups(cometchattest.Group{GUID: "team", Name: "Team", Owner: "ann"})
	},
	Run: run,
}

func main() { cli.Main(command) }

func run(ctx context.Context, c *cli.Call) error {
	var as, file, custom string
	var to cometchat.Receiver
	req := &cometchat.SendMessageRequest{}
	c.Flags.StringVar(&as, "as", "", "uid of the sender; the app itself if empty")
	c.Flags.StringVar(&to.UID, "to", "", "uid of the user to send to")
	c.Flags.StringVar(&to.GUID, "group", "", "guid of the group to send to")
	c.Flags.StringVar(&req.Text, "text", "", "text, or the caption of a file")
	c.Flags.StringVar(&file, "file", "", "URL of a file to attach")
	c.Flags.StringVar(&custom, "custom", "", "JSON object to send as a custom message; needs -type")
	c.Flags.StringVar((*string)(&req.Type), "type", "", "type of the message, where it does not follow from the rest")
	c.Flags.StringVar(&req.MUID, "muid", rand.Text(), "id of your own that the message is known by; a random one by default")
	c.Flags.Lookup("muid").DefValue = "" // not shown in the help
	var hello []string
	if !cli.HasAccount() {
		hello = []string{"-as", "ann", "-to", "bob", "-text", "Hello Bob"}
	}
	if err := c.Parse(hello...); err != nil {
		return err
	}
	switch {
	case to.UID == "" && to.GUID == "":
		return cli.Usage("-to or -group is required")
	case to.UID != "" && to.GUID != "":
		return cli.Usage("-to and -group exclude each other")
	}
	if file != "" {
		req.Attachments = []cometchat.Attachment{{URL: file, Name: path.Base(file)}}
	}
	if custom != "" {
		req.CustomData = json.RawMessage(custom)
	}
	client, done, err := c.Connect()
	if err != nil {
		return err
	}
	defer done()
	if as != "" {
		client = client.OnBehalfOf(as)
	}
	message, sent, err := client.Messages.SendOnce(ctx, to, req)
	if err != nil {
		return err
	}
	is := "is"
	if !sent {
		is = "was already"
	}
	fmt.Fprintf(c.Out, "Message %s %s in conversation %s, from %s at %s.\n",
		message.ID, is, message.ConversationID, message.Sender, message.SentAt)
	return nil
}
