// Command export-messages writes the messages of an app, or of one conversation,
// to a file, oldest first. Each line is one message, the JSON object as the API
// sent it. The command may be stopped at any time, and continues when it is
// called again. Call it with -h for its flags and the environment variables that
// it reads.
//
//	go run ./examples/export-messages -parallel 8
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/archive"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

const madeUpMessages = 25_000

var command = cli.Command{
	Name: "export-messages",
	Help: `
Export-messages writes the messages of an app, or of one conversation, to a file:
one JSON object a line, byte for byte as it came from the API, oldest first.

  export-messages -out messages.jsonl
  export-messages -out messages.jsonl -parallel 8
  export-messages -out team.jsonl -group team
  export-messages -out chat.jsonl -as ann -with bob

With -parallel, the history is split into windows of time when the export begins,
four for each worker, so that a history of which one walk could fetch a page at a
time takes all of the requests that the app has.

It may be stopped at any time, in any way: called again with the same arguments,
or with another number of workers, it goes on where it was, and the file ends up
with every message once. Called after it is done, it appends what is new. What it
knows of its progress is in a second file, beside the first, whose name ends in
.state; windows whose turn has not come are in files that end in their number
until then.`,
	Memory: fmt.Sprintf("with %s made-up messages", cli.Number(madeUpMessages)),
	// The clock always shows the same time, so that an export of the app in
	// memory can be continued, too.
	Server: []cometchattest.Option{cometchattest.WithClock(func() time.Time {
		return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	})},
	Seed: func(srv *cometchattest.Server) { srv.SeedMessages(madeUpMessages, 5) },
	Run:  run,
}

func main() { cli.Main(command) }

func run(ctx context.Context, c *cli.Call) error {
	var file, as, with, group string
	var limit, workers int
	c.Flags.StringVar(&file, "out", "messages.jsonl", "file to write to")
	c.Flags.StringVar(&as, "as", "", "uid of the user to read as")
	c.Flags.StringVar(&with, "with", "", "only the conversation of that user with the user of this uid")
	c.Flags.StringVar(&group, "group", "", "only the conversation of the group of this guid")
	c.Flags.IntVar(&limit, "limit", cometchat.MaxPageSize, "messages in a page, 1 to 1000")
	c.Flags.IntVar(&workers, "parallel", 1, "workers, each of which walks parts of the history")
	if err := c.Parse(); err != nil {
		return err
	}
	switch {
	case workers < 1:
		return cli.Usage("-parallel must be 1 or more")
	case with != "" && group != "":
		return cli.Usage("-with and -group exclude each other")
	}
	client, done, err := c.Connect(cometchat.WithRawItems())
	if err != nil {
		return err
	}
	defer done()
	if as != "" {
		client = client.OnBehalfOf(as)
	}
	from := archive.App(client, limit)
	if with != "" || group != "" {
		from = archive.Conversation(client, cometchat.Receiver{UID: with, GUID: group}, limit)
	}
	return archive.Export(ctx, from, file, workers, c.Err)
}
