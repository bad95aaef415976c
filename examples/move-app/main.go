// Command move-app moves an app to another app, or to another region: roles,
// users, groups, members and messages with their times. It exports the app to a
// folder of JSON lines, checks the lines, imports them, and compares both apps.
//
//	go run ./examples/move-app -dir app
//	go run ./examples/move-app -dir app -only check,import
//
// The command may be stopped at any time, in any way, and continues when it is
// called again. docs/import.md describes the lines, which may also come from
// elsewhere.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/examples/internal/cli"
)

var command = cli.Command{
	Name: "move-app",
	Help: `
Move-app moves roles, users, groups, members and messages from one app to another:

  move-app -dir app
  move-app -dir app -only check,import

It exports the app into the folder as JSON lines, checks the lines before anything is
sent, imports them, and compares both apps. Called again, it goes on where it was.

The environment names the app to export as below, and the one to import into as
COMETCHAT_TARGET_REGION, COMETCHAT_TARGET_API_KEY, COMETCHAT_TARGET_APP_ID and
COMETCHAT_TARGET_BASE_URL.`,
	Memory: "with made-up users, groups and messages, and moving it to another one",
	Run:    run,
}

func main() { cli.Main(command) }

// stages are what the command does, in this order.
var stages = []string{"export", "check", "import", "compare"}

// move holds what the stages need.
type move struct {
	*cli.Call
	folder         *folder
	source, target *cometchat.Client
	password       string // for groups that have one
	clock          func() time.Time
}

func run(ctx context.Context, c *cli.Call) error {
	dir := c.Flags.String("dir", "", "`folder` of the lines; app by default, and a temporary one for the app in memory")
	only := c.Flags.String("only", strings.Join(stages, ","), "the `stages` to do")
	password := c.Flags.String("password", "", "`text` that groups with a password get, since the API does not give theirs away")
	limit := c.Flags.Int("limit", cometchat.DefaultImportLimit, "imports a minute; 0 for as many as the API takes")
	if err := c.Parse(); err != nil {
		return err
	}
	wanted := strings.Split(*only, ",")
	for _, stage := range wanted {
		if !slices.Contains(stages, stage) {
			return cli.Usage("-only names %q, which is none of %s", stage, strings.Join(stages, ", "))
		}
	}
	if *limit < 0 {
		return cli.Usage("-limit must not be negative")
	}
	source, target, done, err := connect(c, *limit)
	if err != nil {
		return err
	}
	defer done()
	if err := reach(ctx, wanted, source, target); err != nil {
		return err
	}
	switch {
	case *dir != "":
	case cli.HasAccount():
		*dir = "app"
	default: // removed together with the app
		if *dir, err = os.MkdirTemp("", "move-app"); err != nil {
			return err
		}
		defer os.RemoveAll(*dir)
	}
	files, err := openFolder(*dir)
	if err != nil {
		return err
	}
	m := &move{Call: c, folder: files, source: source, target: target, password: *password, clock: time.Now}
	for _, stage := range stages {
		if !slices.Contains(wanted, stage) {
			continue
		}
		if err := map[string]func(context.Context) error{
			"export": m.export, "check": m.check, "import": m.send, "compare": m.compare,
		}[stage](ctx); err != nil {
			return err
		}
	}
	return nil
}

// reach makes a request to each app that the stages need. So a wrong key or host
// is found at once, before a folder is made. Later requests are repeated for
// minutes.
func reach(ctx context.Context, stages []string, source, target *cometchat.Client) error {
	ask := func(name string, client *cometchat.Client) error {
		_, err := client.With(cometchat.WithRetry(cometchat.RetryPolicy{})).Roles.List(nil).First(ctx)
		if err != nil {
			return fmt.Errorf("the app to %s: %w", name, err)
		}
		return nil
	}
	if slices.Contains(stages, "export") {
		if err := ask("export", source); err != nil {
			return err
		}
	}
	if slices.Contains(stages, "import") || slices.Contains(stages, "compare") {
		return ask("import into", target)
	}
	return nil
}

// connect returns clients of the app to export and of the app to import into:
// those of the environment, or two in memory.
func connect(c *cli.Call, limit int) (source, target *cometchat.Client, done func(), err error) {
	// Lines may have more metadata than requests usually do. Requests may be
	// repeated more often than where a user waits for them.
	common := []cometchat.Option{
		cometchat.WithMetadataLimit(0), cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 10}),
	}
	source, done, err = connectSource(c, append(common, cometchat.WithRawItems()))
	if err != nil {
		return nil, nil, nil, err
	}
	common = append(common, cometchat.WithImportLimit(limit))
	base, key := os.Getenv("COMETCHAT_TARGET_BASE_URL"), os.Getenv("COMETCHAT_TARGET_API_KEY")
	if key == "" {
		if cli.HasAccount() {
			done()
			return nil, nil, nil, errors.New("COMETCHAT_TARGET_API_KEY is not set: it names the app to import into")
		}
		srv := cometchattest.NewServer()
		before := done
		done = func() { srv.Close(); before() }
		base, key = srv.URL(), srv.APIKey()
	}
	if id := os.Getenv("COMETCHAT_TARGET_APP_ID"); id != "" {
		common = append(common, cometchat.WithAppID(id))
	}
	if base != "" {
		common = append(common, cometchat.WithBaseURL(base))
	}
	region := os.Getenv("COMETCHAT_TARGET_REGION")
	if region == "" && base != "" {
		region = string(cometchat.RegionUS) // it is not part of the URL in this case
	}
	target, err = cometchat.NewClient(cometchat.Region(region), key, common...)
	if err != nil {
		done()
		return nil, nil, nil, fmt.Errorf("the app to import into: %w", err)
	}
	return source, target, done, nil
}

func connectSource(c *cli.Call, opts []cometchat.Option) (*cometchat.Client, func(), error) {
	c.Seed = func(srv *cometchattest.Server) { populate(srv, 200, 10, 2000) }
	return c.Connect(opts...)
}
