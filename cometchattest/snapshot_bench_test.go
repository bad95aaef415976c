package cometchattest_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// benchRows returns the number of users, and of messages, in the app of a
// benchmark: 20,000, or the value of EMULATOR_ROWS.
func benchRows(b *testing.B) int {
	b.Helper()
	rows := os.Getenv("EMULATOR_ROWS")
	if rows == "" {
		return 20_000
	}
	n, err := strconv.Atoi(rows)
	require.NoError(b, err)
	return n
}

// BenchmarkSnapshot writes and reads snapshots of an app with benchRows. It also
// reports the longest time that a changing request waits while a snapshot is
// written.
func BenchmarkSnapshot(b *testing.B) {
	n := benchRows(b)
	srv := cometchattest.New()
	srv.SeedUsers(n)
	srv.SeedMessages(n, 10)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, srv.Snapshot(io.Discard))
		}
	})
	b.Run("meanwhile", func(b *testing.B) {
		longest := time.Duration(0)
		app, edit := &growthApp{Server: srv}, &growth{
			method: http.MethodPut, path: fixed("/users/user-0001"), body: func(int) string { return `{"name":"New"}` },
		}
		for b.Loop() {
			done := make(chan error)
			go func() { done <- srv.Snapshot(io.Discard) }()
			for writing := true; writing; {
				select {
				case err := <-done:
					require.NoError(b, err)
					writing = false
				case <-time.After(time.Millisecond):
					longest = max(longest, edit.send(b, app))
				}
			}
		}
		b.ReportMetric(float64(longest)/float64(time.Millisecond), "ms-longest")
		b.ReportMetric(0, "ns/op") // not meaningful
	})
	var buf bytes.Buffer
	require.NoError(b, srv.Snapshot(&buf))
	srv = nil // frees its memory before reading
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, cometchattest.New().Restore(bytes.NewReader(buf.Bytes())))
		}
	})
}
