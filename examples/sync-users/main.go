// Command sync-users creates or updates the users of a JSON file and mints an
// auth token for each. It can be run again at any time.
//
//	go run ./examples/sync-users -file people.json -workers 16
//
// It works on the account named by COMETCHAT_REGION and COMETCHAT_API_KEY (and
// COMETCHAT_APP_ID, COMETCHAT_BASE_URL where set), and on an app in memory
// without COMETCHAT_API_KEY.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// A dozen made-up people.
//
//go:embed users.json
var defaultUsers []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "sync-users:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sync-users", flag.ContinueOnError)
	flags.SetOutput(out)
	file := flags.String("file", "", "JSON `file` with a list of users; a dozen made-up ones by default")
	workers := flags.Int("workers", 8, "users to sync at the same time")
	tokens := flags.Bool("tokens", true, "mint an auth token for each user")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *workers < 1 {
		return errors.New("-workers must be 1 or more")
	}
	users, err := readUsers(*file)
	if err != nil {
		return err
	}
	client, done, err := connect(out)
	if err != nil {
		return err
	}
	defer done()

	begun := time.Now()
	outcomes := syncAll(ctx, client, users, *workers, *tokens)
	return report(out, outcomes, time.Since(begun))
}

func readUsers(file string) ([]*cometchat.CreateUserRequest, error) {
	data := defaultUsers
	if file != "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	var users []*cometchat.CreateUserRequest
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields() // a misspelt field would be lost without a word
	if err := dec.Decode(&users); err != nil {
		return nil, fmt.Errorf("reading users: %w", err)
	}
	return users, nil
}

// connect returns a client of the account in the environment, or of an app in
// memory, and says which.
func connect(out io.Writer) (*cometchat.Client, func(), error) {
	if os.Getenv("COMETCHAT_API_KEY") != "" {
		fmt.Fprintln(out, "Syncing the users of the account named by COMETCHAT_API_KEY.")
		client, err := cometchat.NewClientFromEnv()
		return client, func() {}, err
	}
	fmt.Fprintln(out, "COMETCHAT_API_KEY is not set: syncing an app in memory, where Carla and Keiko are users already.")
	srv := cometchattest.NewServer()
	srv.AddUsers(cometchattest.User{UID: "carla-vidal"}, cometchattest.User{UID: "keiko-mori"})
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	return client, srv.Close, err
}

// outcome is what became of one user.
type outcome struct {
	uid     string
	created bool
	token   cometchat.Secret // for the login of the front end; never printed
	err     error
}

// syncAll syncs so many users at the same time; the outcomes are in the order
// of the users.
func syncAll(ctx context.Context, client *cometchat.Client, users []*cometchat.CreateUserRequest, workers int, tokens bool) []outcome {
	outcomes := make([]outcome, len(users))
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				outcomes[i] = syncOne(ctx, client, users[i], tokens)
			}
		})
	}
	for i := range users {
		next <- i
	}
	close(next)
	wg.Wait()
	return outcomes
}

func syncOne(ctx context.Context, client *cometchat.Client, user *cometchat.CreateUserRequest, tokens bool) outcome {
	if user == nil {
		return outcome{err: errors.New("null is no user")}
	}
	o := outcome{uid: user.UID}
	_, o.created, o.err = client.Users.Upsert(ctx, user)
	if o.err != nil || !tokens {
		return o
	}
	// Without Force, a user who has a token keeps it, so tokens do not pile up.
	token, err := client.AuthTokens.Create(ctx, user.UID, nil)
	if err != nil {
		o.err = fmt.Errorf("synced, but without a token: %w", err)
		return o
	}
	o.token = token.AuthToken
	return o
}

func report(out io.Writer, outcomes []outcome, took time.Duration) error {
	var created, updated, minted int
	var failed []outcome
	for _, o := range outcomes {
		switch {
		case o.err != nil:
			failed = append(failed, o)
		case o.created:
			created++
		default:
			updated++
		}
		if o.token != "" {
			minted++
		}
	}
	fmt.Fprintf(out, "%d created, %d updated, %d failed; %d have a token; %s\n",
		created, updated, len(failed), minted, took.Round(time.Millisecond))
	if len(failed) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nUID\tREASON")
	for _, o := range failed {
		fmt.Fprintf(w, "%q\t%s\n", o.uid, o.err)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return fmt.Errorf("%d of %d users failed", len(failed), len(outcomes))
}
