// Command export-messages writes the messages of an app, or of one
// conversation, to a file, one JSON object a line, oldest first.
//
//	go run . -out messages.jsonl
//	go run . -out team.jsonl -group team
//	go run . -out chat.jsonl -as ann -with bob
//
// It may be stopped at any time, in any way: called again with the same
// arguments, it goes on where it was, and the file ends up with every message
// once. Called after it is done, it appends what is new. What it knows of its
// progress is in a second file, beside the first, whose name ends in .state.
//
// It exports from the account named by COMETCHAT_REGION and COMETCHAT_API_KEY
// (and COMETCHAT_APP_ID, COMETCHAT_BASE_URL where set). Without
// COMETCHAT_API_KEY it exports the made-up messages of an app in memory.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

const madeUpMessages = 25_000

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "export-messages:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var file, as, with, group string
	var limit int
	flags := flag.NewFlagSet("export-messages", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&file, "out", "messages.jsonl", "file to write to")
	flags.StringVar(&as, "as", "", "uid of the user to read as")
	flags.StringVar(&with, "with", "", "only the conversation of that user with the user of this uid")
	flags.StringVar(&group, "group", "", "only the conversation of the group of this guid")
	flags.IntVar(&limit, "limit", cometchat.MaxPageSize, "messages in a page, 1 to 1000")
	if err := flags.Parse(args); err != nil {
		return err
	}
	client, done, err := connect(out)
	if err != nil {
		return err
	}
	defer done()
	if as != "" {
		client = client.OnBehalfOf(as)
	}

	var messages *cometchat.CursorList[cometchat.Message]
	conversation := &cometchat.ConversationMessageListOptions{Limit: limit}
	switch {
	case with != "" && group != "":
		return errors.New("-with and -group exclude each other")
	case with != "":
		messages = client.Messages.ListWith(cometchat.ToUser(with), conversation)
	case group != "":
		messages = client.Messages.ListWith(cometchat.ToGroup(group), conversation)
	default:
		messages = client.Messages.List(&cometchat.MessageListOptions{Limit: limit})
	}
	return export(ctx, messages, file, out)
}

// connect returns a client of the account in the environment, or of an app in
// memory, and says which. The app in memory is the same each time, so that an
// export of it can be gone on with, too.
func connect(out io.Writer) (*cometchat.Client, func(), error) {
	if os.Getenv("COMETCHAT_API_KEY") != "" {
		client, err := cometchat.NewClientFromEnv()
		return client, func() {}, err
	}
	fmt.Fprintln(out, "COMETCHAT_API_KEY is not set: exporting the made-up messages of an app in memory.")
	srv := cometchattest.NewServer(cometchattest.WithClock(func() time.Time {
		return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	}))
	srv.SeedMessages(madeUpMessages, 5)
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	return client, srv.Close, err
}

// export goes on with the export to a file, page by page.
func export(ctx context.Context, messages *cometchat.CursorList[cometchat.Message], name string, out io.Writer) error {
	journal, err := open(name)
	if err != nil {
		return err
	}
	defer journal.Close()
	before := journal.Messages
	if before > 0 {
		fmt.Fprintf(out, "Going on after %d messages.\n", before)
	}

	begun := time.Now()
	var bar *progressbar.ProgressBar
	if !journal.Done {
		for page, err := range messages.From(journal.Position).Pages(ctx) {
			if err != nil {
				return fmt.Errorf("stopped after %d messages, call again to go on: %w", journal.Messages, err)
			}
			if len(page.Items) == 0 {
				break
			}
			if err := journal.Append(page); err != nil {
				return err
			}
			if bar == nil {
				bar = newBar(journal, begun, out)
			}
			bar.Describe(fmt.Sprintf("%d messages", journal.Messages))
			_ = bar.Set64(int64(page.Items[len(page.Items)-1].SentAt - journal.Since))
		}
	}
	if bar != nil {
		_ = bar.Finish()
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "%d messages in %s, %d of them new, in %s.\n",
		journal.Messages, name, journal.Messages-before, time.Since(begun).Round(time.Millisecond))
	return journal.Close()
}

// newBar shows how far the export has come in time, from the first message to
// now: how many messages there are in all, the API does not say.
func newBar(j *journal, now time.Time, out io.Writer) *progressbar.ProgressBar {
	return progressbar.NewOptions64(max(now.Unix()-int64(j.Since), 1),
		progressbar.OptionSetWriter(out),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(40),
		progressbar.OptionThrottle(100*time.Millisecond),
	)
}
