package main

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkStart measures the time from executing the program to its being ready.
// It also reports the memory that the program has then and had at most. The
// program starts empty, seeded with 20,000 users and 20,000 messages (or the
// number that EMULATOR_ROWS gives), and from a snapshot of these.
func BenchmarkStart(b *testing.B) {
	rows := os.Getenv("EMULATOR_ROWS")
	if rows == "" {
		rows = "20000"
	}
	snapshot := filepath.Join(b.TempDir(), "state.jsonl")
	seeds := []string{"--seed-users", rows, "--seed-messages", rows}
	for _, kind := range []struct {
		name string
		args []string
	}{
		{"empty", nil},
		{"seeded", seeds},
		{"restored", []string{"--snapshot", snapshot}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			if kind.name == "restored" {
				p := start(b, append(seeds, "--snapshot", snapshot)...)
				require.NoError(b, p.Process.Signal(os.Interrupt))
				require.NoError(b, p.Wait(), p.stderr.String())
			}
			var took time.Duration
			for b.Loop() {
				began := time.Now()
				p := start(b, kind.args...)
				took += time.Since(began)
				b.StopTimer()
				if runtime.GOOS == "linux" {
					b.ReportMetric(memory(b, p, "VmRSS"), "MB")
					b.ReportMetric(memory(b, p, "VmHWM"), "MB-highest")
				}
				require.NoError(b, p.Process.Kill())
				_ = p.Wait()
				b.StartTimer()
			}
			b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms-to-ready")
			b.ReportMetric(0, "ns/op") // tells nothing more
		})
	}
	info, err := os.Stat(binary)
	require.NoError(b, err)
	b.Logf("the program has %.2f MB", float64(info.Size())/1e6)
}

// memory returns a figure that the system keeps about a process, in MB.
func memory(b *testing.B, p *process, name string) float64 {
	b.Helper()
	file, err := os.Open("/proc/" + strconv.Itoa(p.Process.Pid) + "/status")
	require.NoError(b, err)
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name+":"); ok {
			kB, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			require.NoError(b, err)
			return float64(kB) * 1024 / 1e6
		}
	}
	b.Fatalf("no %s", name)
	return 0
}
