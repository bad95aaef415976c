package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat/internal/console"
)

// awaitReady is the command ready. It returns 0 as soon as an emulator is ready.
func awaitReady(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) int {
	flags := flag.NewFlagSet("cometchat-emulator ready", flag.ContinueOnError)
	flags.SetOutput(stderr)
	wait := flags.Duration("wait", 0, "how long to wait for it")
	base := flags.String("url", "", "where it is (default as the emulator listens by the same environment)")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return exitUsage
	}
	if *base == "" {
		var s settings
		// The emulator's variables tell where it listens. --allow-remote avoids
		// an error that does not matter here.
		if _, err := s.read([]string{"--allow-remote"}, getenv); err != nil {
			fmt.Fprintf(stderr, "cometchat-emulator: %v\n", err)
			return exitUsage
		}
		*base = "http://" + reachable(s.listen)
	}
	address := strings.TrimSuffix(strings.TrimSuffix(*base, "/"), "/v3") + console.Base + "/health"
	ctx, cancel := context.WithTimeout(ctx, max(*wait, 2*time.Second))
	defer cancel()
	for began := time.Now(); ; {
		err := healthy(ctx, address)
		if err == nil {
			return exitEnded
		}
		if time.Since(began) >= *wait || ctx.Err() != nil {
			fmt.Fprintf(stderr, "cometchat-emulator: not ready: %v\n", err)
			return exitFailed
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

func healthy(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, res.Status)
	}
	return nil
}
