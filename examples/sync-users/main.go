// Command sync-users creates or updates the users in a JSON file and mints an
// auth token for each. Call it with -h for its flags and the environment
// variables that it reads.
//
//	go run ./examples/sync-users
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

// defaultUsers holds a dozen made-up people.
//
//go:embed users.json
var defaultUsers []byte

var command = cli.Command{
	Name: "sync-users",
	Help: `
Sync-users creates or updates the users of a JSON file and mints an auth token for
each. It can be called again at any time. A user it cannot sync is reported, and
the others go on; what all would meet, such as a wrong key, stops it.

  sync-users -file people.json -workers 16

The file has a list of objects with uid, name and, where they apply, avatar, link,
role, statusMessage, metadata and tags. What it leaves out stays as it is.`,
	Memory: "where Carla and Keiko are users already",
	Seed: func(srv *cometchattest.Server) {
		srv.AddUsers(cometchattest.User{UID: "carla-vidal"}, cometchattest.User{UID: "keiko-mori"})
	},
	Run: run,
}

func main() { cli.Main(command) }

func run(ctx context.Context, c *cli.Call) error {
	file := c.Flags.String("file", "", "JSON `file` with a list of users; a dozen made-up ones by default")
	workers := c.Flags.Int("workers", 8, "users to sync at the same time")
	tokens := c.Flags.Bool("tokens", true, "mint an auth token for each user")
	if err := c.Parse(); err != nil {
		return err
	}
	if *workers < 1 {
		return cli.Usage("-workers must be 1 or more")
	}
	users, err := readUsers(*file)
	if err != nil {
		return err
	}
	client, done, err := c.Connect()
	if err != nil {
		return err
	}
	defer done()

	begun := time.Now()
	outcomes := syncAll(ctx, client, users, *workers, *tokens)
	return report(ctx, c, outcomes, begun)
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
	dec.DisallowUnknownFields() // a misspelt field would be lost unnoticed
	if err := dec.Decode(&users); err != nil {
		return nil, fmt.Errorf("reading users: %w", err)
	}
	return users, nil
}

// outcome is the result for one user.
type outcome struct {
	uid     string
	created bool
	token   cometchat.Secret // for logging in to the front end; never printed
	err     error
}

// syncAll syncs users with this number of workers. The outcomes are in the order
// of the users. After an error that all other users would get, these are not
// tried.
func syncAll(ctx context.Context, client *cometchat.Client, users []*cometchat.CreateUserRequest, workers int, tokens bool) []outcome {
	outcomes := make([]outcome, len(users))
	var stop atomic.Bool
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				if stop.Load() || ctx.Err() != nil {
					outcomes[i].err = cometchat.ErrNotAttempted
					continue
				}
				outcomes[i] = syncOne(ctx, client, users[i], tokens)
				if cometchat.IsSystemic(outcomes[i].err) {
					stop.Store(true)
				}
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

// report prints the counts, and a table of the users with errors of their own.
func report(ctx context.Context, c *cli.Call, outcomes []outcome, begun time.Time) error {
	var created, updated, minted, left int
	var failed []outcome
	var stopped error
	for _, o := range outcomes {
		switch {
		case cometchat.IsSystemic(o.err):
			left++
			if stopped == nil || errors.Is(stopped, cometchat.ErrNotAttempted) {
				stopped = o.err
			}
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
	fmt.Fprintf(c.Out, "%s created, %s updated, %s failed; %s have a token; %s\n",
		cli.Number(created), cli.Number(updated), cli.Number(len(failed)), cli.Number(minted), cli.Took(begun))
	if len(failed) > 0 {
		w := tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "\nUID\tREASON")
		for _, o := range failed {
			fmt.Fprintf(w, "%q\t%s\n", o.uid, o.err)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	switch {
	case stopped != nil:
		return cli.Stopped(ctx, stopped, "with "+cli.Number(left)+" of "+cli.Count(len(outcomes), "user")+" left")
	case len(failed) > 0:
		return fmt.Errorf("%s of %s failed", cli.Number(len(failed)), cli.Count(len(outcomes), "user"))
	}
	return nil
}
