package cometchattest_test

import (
	"bytes"
	"os"
	"strconv"
	"testing"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// BenchmarkSnapshot writes and reads snapshots of an app with 20,000 users and as many
// messages, or as many as EMULATOR_ROWS says.
func BenchmarkSnapshot(b *testing.B) {
	n := 20_000
	if rows := os.Getenv("EMULATOR_ROWS"); rows != "" {
		var err error
		if n, err = strconv.Atoi(rows); err != nil {
			b.Fatal(err)
		}
	}
	srv := cometchattest.New()
	srv.SeedUsers(n)
	srv.SeedMessages(n, 10)
	var buf bytes.Buffer
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			buf.Reset()
			if err := srv.Snapshot(&buf); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if err := cometchattest.New().Restore(bytes.NewReader(buf.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
	})
}
