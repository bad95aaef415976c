// Command soak uses one client against the emulator in the way of a busy backend,
// from many goroutines at once, while requests fail in every way that the
// emulator knows. In the end it compares what the callers were told with what the
// server holds. It exits with 1 if the two differ.
//
//	go run ./internal/soak -duration 10m -seed 7 -workers 16
//
// The seed decides what each worker does in each step, and which of its requests
// fail in which way. A finding names the worker and the step that caused it. No
// worker waits for another, so the same seed and number of workers reproduce the
// finding, unless it depends on the order in which different workers act.
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	clean, err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(2)
	case !clean:
		os.Exit(1)
	}
}

// run does the work of main. clean reports whether there were no findings.
func run(ctx context.Context, args []string, out io.Writer) (clean bool, err error) {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(out)
	duration := flags.Duration("duration", time.Minute, "how long the workers work")
	steps := flags.Int("steps", 0, "end each worker after so many `steps`; 0 for no bound but the duration")
	seed := flags.Uint64("seed", 0, "what decides the run; 0 for a new one")
	workers := flags.Int("workers", 16, "goroutines that use the client at once")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	if *duration <= 0 || *workers < 1 || *steps < 0 {
		return false, errors.New("-duration and -workers must be positive, and -steps not negative")
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	cfg := config{seed: *seed, workers: *workers, steps: *steps, duration: *duration, patience: 5 * time.Second, calmWalks: ways}
	fmt.Fprintf(out, "soak: seed %d, %d workers, %s\n", cfg.seed, cfg.workers, cfg.duration)
	report, err := soak(ctx, cfg)
	if err != nil {
		return false, err
	}
	report.print(out)
	return len(report.findings) == 0, nil
}
