// Command list-users walks all users of an app and prints the first of them,
// its progress and the total.
//
//	go run ./examples/list-users
//
// It lists the users of the account named by COMETCHAT_REGION and
// COMETCHAT_API_KEY (and COMETCHAT_APP_ID, COMETCHAT_BASE_URL where set).
// Without COMETCHAT_API_KEY it lists 2,500 made-up users of an app in memory.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

const (
	madeUpUsers = 2500
	tableRows   = 10
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:], os.Stdout); {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "list-users:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var opts cometchat.UserListOptions
	flags := flag.NewFlagSet("list-users", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.IntVar(&opts.PerPage, "per-page", 500, "users in a page, 1 to 1000")
	flags.StringVar(&opts.SearchKey, "search", "", "only users whose uid or name begins with this")
	flags.Func("tag", "only users with this tag (may be repeated)", func(tag string) error {
		opts.Tags = append(opts.Tags, tag)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	client, done, err := connect(out)
	if err != nil {
		return err
	}
	defer done()
	return list(ctx, client.Users.List(&opts), out)
}

// connect returns a client of the account in the environment, or of an app in
// memory, and says which.
func connect(out io.Writer) (*cometchat.Client, func(), error) {
	if os.Getenv("COMETCHAT_API_KEY") != "" {
		fmt.Fprintln(out, "Listing the users of the account named by COMETCHAT_API_KEY.")
		client, err := cometchat.NewClientFromEnv()
		return client, func() {}, err
	}
	fmt.Fprintf(out, "COMETCHAT_API_KEY is not set: listing %s made-up users of an app in memory.\n", thousands(madeUpUsers))
	srv := cometchattest.NewServer()
	srv.SeedUsers(madeUpUsers)
	client, err := cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), cometchat.WithBaseURL(srv.URL()))
	return client, srv.Close, err
}

// list walks the pages. New users push others onto the next page while it does,
// which then come twice; they are counted once.
func list(ctx context.Context, users *cometchat.PageList[cometchat.User], out io.Writer) error {
	begun := time.Now()
	seen := map[string]bool{}
	rows, pages := 0, 0
	for page, err := range users.Pages(ctx) {
		if err != nil {
			return err
		}
		if pages == 0 {
			printTable(out, page.Items[:min(tableRows, len(page.Items))])
		}
		pages++
		rows += len(page.Items)
		for _, user := range page.Items {
			seen[user.UID] = true
		}
		fmt.Fprintf(out, "page %d: %s, %s so far\n",
			page.Pagination.CurrentPage, count(len(page.Items), "user"), thousands(len(seen)))
	}
	once := "every one once"
	if again := rows - len(seen); again > 0 {
		once = thousands(again) + " came again"
	}
	fmt.Fprintf(out, "\n%s in %s and %s, %s\n",
		count(len(seen), "user"), count(pages, "page"), time.Since(begun).Round(time.Millisecond), once)
	return nil
}

func printTable(out io.Writer, users []*cometchat.User) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nUID\tNAME\tROLE\tSTATUS\tCREATED")
	for _, u := range users {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", u.UID, u.Name, u.Role,
			cmp.Or(u.Status, "unknown"), u.CreatedAt.Time().UTC().Format(time.DateTime))
	}
	fmt.Fprintln(w)
	_ = w.Flush() // an output that is gone shows in nothing else either
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return thousands(n) + " " + what
}

// thousands writes 2500 as 2,500.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
