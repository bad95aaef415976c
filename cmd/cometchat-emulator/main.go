// Command cometchat-emulator serves the CometChat API on this machine. It shows
// its contents on a page, sends webhooks, and can be controlled with curl.
//
//	go run github.com/go-cometchat/cometchat/cmd/cometchat-emulator@latest
//
// It is package cometchattest as a program. No data leaves the machine, and no
// account is needed. The flag --help lists its flags.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/console"
)

// The exit codes.
const (
	exitEnded    = 0
	exitFailed   = 1
	exitUsage    = 2
	exitBadFile  = 3
	exitPortUsed = 4
)

func main() {
	// One channel receives both signals, so that a second one that comes at once
	// counts, too.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		<-signals
		stop()
		<-signals // a second signal ends the program at once
		os.Exit(exitFailed)
	}()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the program. It returns the exit code when ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	command := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	switch command {
	case "":
		return serve(ctx, args, getenv, stdout, stderr)
	case "ready":
		return awaitReady(ctx, args, getenv, stderr)
	case "version":
		fmt.Fprintln(stdout, version())
		return exitEnded
	}
	fmt.Fprintf(stderr, "cometchat-emulator: there is no command %q; there are ready and version, and --help\n", command)
	return exitUsage
}

// version returns the version of the module.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// emulator is a running emulator.
type emulator struct {
	settings
	stdout, stderr io.Writer
	log            *slog.Logger
	began          time.Time
	srv            *cometchattest.Server
	console        *console.Console
	base           string // such as http://127.0.0.1:8789
	restored       bool   // from the snapshot

	saving sync.Mutex
}

func serve(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	e := &emulator{stdout: stdout, stderr: stderr, began: time.Now()}
	help, err := e.read(args, getenv)
	switch {
	case help:
		usage(stdout)
		return exitEnded
	case err != nil:
		return e.failed(exitUsage, err)
	}
	e.log = e.logger(stderr)
	listener, err := net.Listen("tcp", e.listen)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return e.failed(exitPortUsed, fmt.Errorf("something else listens on %s; --listen takes another address, and 127.0.0.1:0 a free port", e.listen))
		}
		return e.failed(exitFailed, err)
	}
	e.base = "http://" + reachable(listener.Addr().String())
	e.srv = cometchattest.New(e.options()...)
	defer e.srv.Close()
	e.console = console.New(e.srv, e.consoleOptions())
	return e.run(ctx, listener)
}

// run serves until the context ends.
func (e *emulator) run(ctx context.Context, listener net.Listener) int {
	server := &http.Server{
		Handler: e.console, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(e.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	defer func() { _ = server.Close() }()

	filled := make(chan error, 1)
	go func() { filled <- e.fill() }()
	select {
	case err := <-filled:
		if err != nil {
			return e.failed(exitBadFile, err)
		}
	case <-ctx.Done():
		return exitEnded // what was not read whole must not become the snapshot
	}
	e.console.Ready()
	if e.urlFile != "" {
		if err := writeFile(e.urlFile, 0o644, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, e.base+"/v3")
			return err
		}); err != nil {
			return e.failed(exitFailed, err)
		}
		defer func() { _ = os.Remove(e.urlFile) }()
	}
	e.announce()
	if err := e.wait(ctx, failed); err != nil {
		return e.failed(exitFailed, err)
	}
	return e.end(server)
}

// wait waits for the end of ctx, and saves the state meanwhile.
func (e *emulator) wait(ctx context.Context, failed <-chan error) error {
	var every <-chan time.Time
	if e.snapshotEvery > 0 {
		ticker := time.NewTicker(e.snapshotEvery)
		defer ticker.Stop()
		every = ticker.C
	}
	saved := e.console.Changes()
	look := time.NewTicker(10 * time.Second)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			e.console.LogDropped()
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-every:
			changes := e.console.Changes()
			if changes == saved {
				continue
			}
			if err := e.save(); err != nil {
				e.log.Error("the snapshot was not written", "error", err.Error())
				continue
			}
			saved = changes
		}
	}
}

// end waits for requests and deliveries to finish, and writes the snapshot.
func (e *emulator) end(server *http.Server) int {
	e.console.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), e.shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		e.log.Warn("requests were cut off", "error", err.Error())
	}
	deliveries, done := context.WithTimeout(context.Background(), 2*time.Second)
	defer done()
	_ = e.srv.AwaitDeliveries(deliveries) // slower deliveries are cut off
	if e.snapshot != "" {
		if err := e.save(); err != nil {
			return e.failed(exitFailed, fmt.Errorf("the snapshot was not written: %w", err))
		}
	}
	return exitEnded
}

func (e *emulator) failed(code int, err error) int {
	fmt.Fprintf(e.stderr, "cometchat-emulator: %s\n", strings.ReplaceAll(err.Error(), "cometchattest: ", ""))
	return code
}

// fill reads seeds and snapshot. It reads the seeds even if there is a snapshot,
// since a reset returns to them.
func (e *emulator) fill() error {
	e.console.StartClock() // what the seeds add is of that time
	for _, name := range e.seeds {
		if err := e.seed(name); err != nil {
			return err
		}
	}
	if e.seedUsers > 0 {
		e.srv.SeedUsers(e.seedUsers)
	}
	if e.seedMessages > 0 {
		e.srv.SeedMessages(e.seedMessages, 1)
	}
	e.console.StartClock() // whatever the seeds say
	if err := e.restore(); err != nil {
		return err
	}
	// Return the memory that was used for reading to the system.
	debug.FreeOSMemory()
	return e.deliver()
}

func (e *emulator) seed(name string) error {
	file, shown := io.Reader(os.Stdin), "stdin"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		file, shown = f, name
	}
	_, err := e.srv.Load(file)
	var wrong *cometchattest.SeedError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s:%w", shown, wrong)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	return nil
}

func (e *emulator) restore() error {
	if e.snapshot == "" {
		return nil
	}
	f, err := os.Open(e.snapshot)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := e.srv.Restore(f); err != nil {
		return fmt.Errorf("%s: %w", e.snapshot, err)
	}
	e.restored = true
	return nil
}

// deliver adds the endpoints of the command line.
func (e *emulator) deliver() error {
	for i, address := range e.webhooks {
		opts := e.deliveryOptions()
		if e.webhookID != "" {
			id := e.webhookID
			if i > 0 {
				id = fmt.Sprintf("%s-%d", id, i+1)
			}
			opts = append(opts, cometchattest.WithWebhookID(id))
		}
		for _, other := range e.srv.Endpoints() {
			if e.webhookID != "" && other.Settings().ID == e.webhookID {
				return fmt.Errorf("--webhook-id: a seed has an endpoint %s already", e.webhookID)
			}
		}
		e.console.Fix(e.srv.DeliverTo(address, opts...))
	}
	return nil
}

// save writes the snapshot and replaces the previous one.
func (e *emulator) save() error {
	e.saving.Lock()
	defer e.saving.Unlock()
	return writeFile(e.snapshot, 0o600, e.srv.Snapshot)
}

// writeFile writes a file completely or not at all. It writes to a temporary file
// beside it, and renames that file when it is on disk.
func writeFile(name string, mode os.FileMode, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := f.Chmod(mode); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	if folder, err := os.Open(dir); err == nil {
		_ = folder.Sync() // some systems cannot
		_ = folder.Close()
	}
	return nil
}

// announce prints that the emulator is ready. The line that begins with Ready
// comes last, since scripts wait for it.
func (e *emulator) announce() {
	took := time.Since(e.began).Milliseconds()
	page := e.base + console.Base + "/"
	if e.logFormat == "json" {
		_ = json.NewEncoder(e.stdout).Encode(map[string]any{
			"ready": true, "url": e.base + "/v3", "page": page, "pid": os.Getpid(), "startedInMs": took,
		})
		return
	}
	w := e.stdout
	fmt.Fprintf(w, "CometChat emulator %s\n", version())
	fmt.Fprintf(w, "  API     %s/v3       key %s\n", e.base, e.srv.APIKey())
	if e.page {
		fmt.Fprintf(w, "  Page    %s\n", page)
	}
	fmt.Fprintf(w, "  Holds   %s\n", e.holds())
	for _, endpoint := range e.srv.Endpoints() {
		s := endpoint.Settings()
		retries := "off"
		if s.Retries {
			retries = "on"
		}
		fmt.Fprintf(w, "  Events  to %s, retries %s\n", s.RedactedURL(), retries)
	}
	if e.allowRemote && !isLoopback(e.listen) {
		fmt.Fprintf(w, "  Open    other machines can reach %s\n", e.listen)
	}
	fmt.Fprintf(w, "Ready in %d ms. Ctrl+C ends it.\n", took)
}

func (e *emulator) holds() string {
	users, groups, messages := e.console.Holds()
	holds := count(users, "user") + ", " + count(groups, "group") + ", " + count(messages, "message")
	switch {
	case e.restored && len(e.sources()) > 0:
		return holds + ", from " + e.snapshot + "; a reset goes back to " + strings.Join(e.sources(), ", ")
	case e.restored:
		return holds + ", from " + e.snapshot
	case len(e.sources()) > 0:
		return holds + ", from " + strings.Join(e.sources(), ", ")
	}
	return holds
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return console.Thousands(n) + " " + what
}

// reachable returns an address that a client on this machine can use.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
