// Command list-users lists the users of an app: as a table, as JSON, or only
// their uids. Call it with -h for its flags and the environment variables that it
// reads.
//
//	go run ./examples/list-users
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

const madeUpUsers = 250

var command = cli.Command{
	Name: "list-users",
	Help: `
List-users lists the users of an app, newest first, page by page.

  list-users
  list-users -tag north -search le
  list-users -json | jq -r .name
  list-users -ids | head -3`,
	Memory: fmt.Sprintf("with %d made-up users", madeUpUsers),
	Seed:   func(srv *cometchattest.Server) { srv.SeedUsers(madeUpUsers) },
	Run:    run,
}

func main() { cli.Main(command) }

func run(ctx context.Context, c *cli.Call) error {
	var opts cometchat.UserListOptions
	c.Flags.IntVar(&opts.PerPage, "per-page", 100, "users in a page, 1 to 1000")
	c.Flags.StringVar(&opts.SearchKey, "search", "", "only users whose uid or name begins with this")
	c.Flags.Func("tag", "only users with this tag (may be repeated)", func(tag string) error {
		opts.Tags = append(opts.Tags, tag)
		return nil
	})
	asJSON := c.Flags.Bool("json", false, "print a JSON object a line")
	asIDs := c.Flags.Bool("ids", false, "print a uid a line")
	if err := c.Parse(); err != nil {
		return err
	}
	print := printTable()
	switch {
	case *asJSON && *asIDs:
		return cli.Usage("-json and -ids exclude each other")
	case *asJSON:
		print = printJSON
	case *asIDs:
		print = printIDs
	}
	client, done, err := c.Connect()
	if err != nil {
		return err
	}
	defer done()
	return list(ctx, client.Users.List(&opts), print, c.Std)
}

// list walks the pages. A new user can move others to the next page during the
// walk, so that they come twice. list shows them once.
func list(ctx context.Context, users *cometchat.PageList[cometchat.User], print func(io.Writer, []*cometchat.User) error, std cli.Std) error {
	begun := time.Now()
	seen := map[string]bool{}
	rows, pages := 0, 0
	for page, err := range users.Pages(ctx) {
		if err != nil {
			return cli.Stopped(ctx, err, "after "+cli.Count(len(seen), "user"))
		}
		pages++
		rows += len(page.Items)
		var unseen []*cometchat.User
		for _, user := range page.Items {
			if !seen[user.UID] {
				seen[user.UID] = true
				unseen = append(unseen, user)
			}
		}
		if err := print(std.Out, unseen); err != nil {
			return err
		}
	}
	once := ""
	if again := rows - len(seen); again > 0 {
		once = ", " + cli.Number(again) + " of which came again"
	}
	fmt.Fprintf(std.Err, "%s in %s and %s%s\n", cli.Count(len(seen), "user"), cli.Count(pages, "page"), cli.Took(begun), once)
	return nil
}

// printTable returns a function that prints pages as a table. Each page has
// columns of the width that it needs, and the first page has a header.
func printTable() func(io.Writer, []*cometchat.User) error {
	header := "UID\tNAME\tROLE\tSTATUS\tCREATED\n"
	return func(out io.Writer, users []*cometchat.User) error {
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprint(w, header)
		header = ""
		for _, u := range users {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", u.UID, u.Name, u.Role,
				cmp.Or(u.Status, "unknown"), u.CreatedAt.Time().UTC().Format(time.DateTime))
		}
		return w.Flush()
	}
}

func printJSON(out io.Writer, users []*cometchat.User) error {
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for _, u := range users {
		if err := lines.Encode(u); err != nil {
			return err
		}
	}
	return nil
}

func printIDs(out io.Writer, users []*cometchat.User) error {
	for _, u := range users {
		if _, err := fmt.Fprintln(out, u.UID); err != nil {
			return err
		}
	}
	return nil
}
