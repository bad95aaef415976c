package main

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const head = "goos: plan9\ngoarch: mips\npkg: example.com/benchmarks\ncpu: Abacus\n"

// bench returns the output line of a benchmark that used ten times its duration
// in processor time.
func bench(name, ns, bytes, allocs string) string {
	return "BenchmarkWalk/" + name + "-2 \t 10\t " + bytes + " B/item\t " + allocs + " allocs/item\t " + ns + "0 cpu-ns/item\t " + ns + " ns/item\n"
}

func TestRatios(t *testing.T) {
	in := head +
		bench("pages=100/one/floor", "1000", "500", "10") + bench("pages=100/one/client", "500", "250", "2.5") +
		bench("pages=100/two/floor", "100", "50", "4") + bench("pages=100/two/client", "110", "60", "5") +
		"PASS\nok  \texample.com/benchmarks\t1.0s\n" + head +
		bench("pages=100/one/floor", "4000", "500", "10") + bench("pages=100/one/client", "3200", "250", "2.5") +
		bench("pages=100/two/floor", "100", "50", "4") + bench("pages=100/two/client", "130", "60", "5") +
		bench("pages=100/one/floor", "2000", "500", "10") + bench("pages=100/one/client", "1400", "250", "2.5") +
		bench("pages=100/two/floor", "100", "50", "4") + bench("pages=100/two/client", "300", "60", "5")
	var out strings.Builder
	require.NoError(t, run(strings.NewReader(in), &out))
	assert.Equal(t, "3 rounds, "+runtime.Version()+`, plan9/mips, Abacus

| pages of | client | ns/item | floor | ratio | cpu-ns/item | floor | ratio | B/item | floor | ratio | allocs/item | floor | ratio |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| 100 | one | 1400 | 2000 | **0.70** | 14000 | 20000 | **0.70** | 250 | 500 | **0.50** | 2.5 | 10.0 | **0.25** |
| 100 | two | 130 | 100 | **1.30** | 1300 | 1000 | **1.30** | 60 | 50 | **1.20** | 5.0 | 4.0 | **1.25** |
`, out.String())
}

func TestMedian(t *testing.T) {
	assert.Equal(t, 2.0, median([]float64{9, 1, 2}))
	assert.Equal(t, 2.5, median([]float64{9, 1, 2, 3}))
}

func TestWhatCannotBeCompared(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":          head + "PASS\n",
		"failed run":       bench("pages=100/one/floor", "1", "1", "1") + bench("pages=100/one/client", "1", "1", "1") + "FAIL\n",
		"failed benchmark": "--- FAIL: BenchmarkWalk\n",
		"no floor":         bench("pages=100/one/client", "1", "1", "1"),
		"half a round":     bench("pages=100/one/floor", "1", "1", "1") + bench("pages=100/one/client", "1", "1", "1") + bench("pages=100/one/floor", "1", "1", "1"),
		"not a number":     bench("pages=100/one/floor", "x", "1", "1"),
		"another name":     bench("one/floor", "1", "1", "1"),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Error(t, run(strings.NewReader(in), &strings.Builder{}))
		})
	}
}
