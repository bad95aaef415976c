// Command export-messages writes the messages of an app, or of one
// conversation, to a file: one JSON object a line, byte for byte as it came from
// the API, oldest first.
//
//	go run ./examples/export-messages -out messages.jsonl
//	go run ./examples/export-messages -out messages.jsonl -parallel 8
//	go run ./examples/export-messages -out team.jsonl -group team
//	go run ./examples/export-messages -out chat.jsonl -as ann -with bob
//
// With -parallel, the history is split into windows of time when the export
// begins, four for each worker, so that a history of which one walk could fetch a
// page at a time takes all of the requests that the app has.
//
// It may be stopped at any time, in any way: called again with the same
// arguments, or with another number of workers, it goes on where it was, and the
// file ends up with every message once. Called after it is done, it appends what
// is new. What it knows of its progress is in a second file, beside the first,
// whose name ends in .state; windows whose turn has not come are in files that end
// in their number until then.
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
	var limit, workers int
	flags := flag.NewFlagSet("export-messages", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&file, "out", "messages.jsonl", "file to write to")
	flags.StringVar(&as, "as", "", "uid of the user to read as")
	flags.StringVar(&with, "with", "", "only the conversation of that user with the user of this uid")
	flags.StringVar(&group, "group", "", "only the conversation of the group of this guid")
	flags.IntVar(&limit, "limit", cometchat.MaxPageSize, "messages in a page, 1 to 1000")
	flags.IntVar(&workers, "parallel", 1, "workers, each of which walks parts of the history")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if workers < 1 {
		return errors.New("-parallel must be 1 or more")
	}
	client, done, err := connect(out)
	if err != nil {
		return err
	}
	defer done()
	if as != "" {
		client = client.OnBehalfOf(as)
	}

	from := app(client, limit)
	switch {
	case with != "" && group != "":
		return errors.New("-with and -group exclude each other")
	case with != "":
		from = conversation(client, cometchat.ToUser(with), limit)
	case group != "":
		from = conversation(client, cometchat.ToGroup(group), limit)
	}
	return export(ctx, from, file, workers, out)
}

// connect returns a client of the account in the environment, or of an app in
// memory, and says which. The app in memory is the same each time, so that an
// export of it can be gone on with, too.
func connect(out io.Writer) (*cometchat.Client, func(), error) {
	if os.Getenv("COMETCHAT_API_KEY") != "" {
		client, err := cometchat.NewClientFromEnv(cometchat.WithRawItems())
		return client, func() {}, err
	}
	fmt.Fprintln(out, "COMETCHAT_API_KEY is not set: exporting the made-up messages of an app in memory.")
	srv := madeUp()
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()), cometchat.WithRawItems())
	return client, srv.Close, err
}

// madeUp returns an app in memory with messages.
func madeUp() *cometchattest.Server {
	srv := cometchattest.NewServer(cometchattest.WithClock(func() time.Time {
		return time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	}))
	srv.SeedMessages(madeUpMessages, 5)
	return srv
}
