// Package cli holds what the example commands have in common: flags and help, the
// account that they work on, what they print when they end, and how they format
// numbers.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/cometchattest"
)

// Exit codes of a command that fails, as shells use them.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// Std is where a command writes: Out gets its results, and Err its messages.
type Std struct{ Out, Err io.Writer }

// Command is an example's command.
type Command struct {
	Name string
	// Help describes the command and how to call it.
	Help string
	// Memory describes the contents of the app in memory, which the command works
	// on without an account. Seed adds these contents, and Server are options of
	// its server.
	Memory string
	Seed   func(*cometchattest.Server)
	Server []cometchattest.Option
	// Run runs the command.
	Run func(ctx context.Context, c *Call) error
}

// Call is a running command.
type Call struct {
	Std
	*Command
	Flags *flag.FlagSet
	args  []string
}

// Main runs a command and exits. Ctrl-C ends the command's context, and a second
// Ctrl-C ends the process.
func Main(c Command) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	os.Exit(Exec(ctx, c, os.Args[1:], Std{os.Stdout, os.Stderr}))
}

// Exec runs a command, prints why it failed, and returns its exit code.
func Exec(ctx context.Context, c Command, args []string, std Std) int {
	err := Try(ctx, c, args, std)
	var usage *usageError
	var stopped *stoppedError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(std.Err, "%s: %s\nCall %s -h for help.\n", c.Name, usage.text, c.Name)
		return exitUsage
	case errors.As(err, &stopped):
		fmt.Fprintf(std.Err, "%s: stopped by Ctrl-C %s\n", c.Name, stopped.where)
		return exitInterrupted
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintf(std.Err, "%s: stopped by Ctrl-C\n", c.Name)
		return exitInterrupted
	}
	fmt.Fprintf(std.Err, "%s: %v\n", c.Name, err)
	return exitFailed
}

// Try runs a command and returns its error.
func Try(ctx context.Context, c Command, args []string, std Std) error {
	flags := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // Exec prints the error
	err := c.Run(ctx, &Call{Std: std, Command: &c, Flags: flags, args: args})
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	return err
}

// Parse parses the flags that have been declared. If the command line has none,
// it parses noFlags. It refuses other arguments. For -h it prints the help and
// returns flag.ErrHelp.
func (c *Call) Parse(noFlags ...string) error {
	if len(c.args) == 0 {
		c.args = noFlags
	}
	switch err := c.Flags.Parse(c.args); {
	case errors.Is(err, flag.ErrHelp):
		c.help()
		return err
	case err != nil:
		return Usage("%v", err)
	case c.Flags.NArg() > 0:
		return Usage("what is %q for? It takes flags only", c.Flags.Arg(0))
	}
	return nil
}

func (c *Call) help() {
	fmt.Fprintf(c.Out, "%s\n\nFlags:\n", strings.TrimSpace(c.Help))
	c.Flags.SetOutput(c.Out)
	c.Flags.PrintDefaults()
	fmt.Fprintf(c.Out, `
Environment:
  COMETCHAT_REGION, COMETCHAT_API_KEY
        the account to work on: its region, such as us or eu, and a key
  COMETCHAT_APP_ID, COMETCHAT_BASE_URL
        the app and the API's whole base URL, where they are needed
Without COMETCHAT_API_KEY it works on an app in memory,
%s.
`, c.Memory)
}

// HasAccount reports whether the environment names an account.
func HasAccount() bool { return os.Getenv("COMETCHAT_API_KEY") != "" }

// Connect returns a client of the account in the environment, or else of an app
// in memory, and prints which.
func (c *Call) Connect(opts ...cometchat.Option) (client *cometchat.Client, done func(), err error) {
	if HasAccount() {
		fmt.Fprintln(c.Err, "Working on the account named by COMETCHAT_API_KEY.")
		client, err := cometchat.NewClientFromEnv(opts...)
		return client, func() {}, err
	}
	fmt.Fprintf(c.Err, "COMETCHAT_API_KEY is not set: working on an app in memory, %s.\n", c.Memory)
	srv := cometchattest.NewServer(c.Server...)
	c.Seed(srv)
	client, err = cometchat.NewClient(cometchat.RegionUS, srv.APIKey(), append(opts, cometchat.WithBaseURL(srv.URL()))...)
	return client, srv.Close, err
}

type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// Usage returns the error of a command that was called incorrectly.
func Usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

type stoppedError struct {
	where string
	err   error
}

func (e *stoppedError) Error() string { return "stopped " + e.where + ": " + e.err.Error() }

func (e *stoppedError) Unwrap() error { return e.err }

// Stopped returns an error that says where err stopped a command: "after 3
// pages". After Ctrl-C it does not show err, which does not help the user.
func Stopped(ctx context.Context, err error, where string) error {
	if ctx.Err() != nil {
		return &stoppedError{where, err}
	}
	return fmt.Errorf("stopped %s: %w", where, err)
}

// Number formats 2500 as "2,500".
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Count formats a count: "1 user" or "2,500 users".
func Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return Number(n) + " " + what
}

// Took returns the time since a moment, rounded for reading.
func Took(since time.Time) time.Duration { return time.Since(since).Round(time.Millisecond) }

// Status shows the progress of a command. At a terminal, the line replaces the
// previous one. It is cut at the edge of the window, since a line that wraps
// cannot be replaced. Elsewhere, it goes below the previous line.
func Status(w io.Writer, line string) {
	if IsTerminal(w) {
		const wrapOff, wrapOn, clearRest = "\x1b[?7l", "\x1b[?7h", "\x1b[K"
		fmt.Fprint(w, "\r"+wrapOff+line+clearRest+wrapOn)
		return
	}
	fmt.Fprintln(w, line)
}

// EndStatus continues below the last line that Status showed.
func EndStatus(w io.Writer) {
	if IsTerminal(w) {
		fmt.Fprintln(w)
	}
}

// IsTerminal reports whether w is a terminal on which a line can be replaced. It
// returns false for files and pipes.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
