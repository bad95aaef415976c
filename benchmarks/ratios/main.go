// Command ratios reads the output of one or more runs of the benchmarks and
// prints a table in Markdown. The table has the medians of each client and of the
// hand-written loop beside it, and the client's ratio to the loop.
//
//	for i in 1 2 3 4 5; do go test -run '^$' -bench .; done | go run ./ratios
//
// A ratio is the median of the ratios within the rounds, since the two sides of a
// round are measured within seconds of each other. So it may differ from the
// ratio of the two medians beside it.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(1)
	}
}

// units are the columns and the formats of their numbers.
var units = []struct{ name, format string }{
	{"ns/item", "%.0f"}, {"cpu-ns/item", "%.0f"}, {"B/item", "%.0f"}, {"allocs/item", "%.1f"},
}

// sample identifies a measurement that is repeated in several rounds: pages=100,
// go-github, client, ns/item.
type sample struct{ pages, peer, way, unit string }

// line is a row of the table.
type line struct{ pages, peer string }

// results are what the benchmarks printed.
type results struct {
	samples map[sample][]float64
	machine map[string]string
	order   []line
}

func run(in io.Reader, out io.Writer) error {
	r := results{samples: map[sample][]float64{}, machine: map[string]string{}}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if err := r.read(lines.Text()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if len(r.order) == 0 {
		return errors.New("no benchmarks in the input")
	}
	return r.print(out)
}

// read reads a line of the benchmarks' output.
func (r *results) read(text string) error {
	if strings.HasPrefix(text, "FAIL") || strings.HasPrefix(text, "--- FAIL") {
		return fmt.Errorf("the benchmarks failed: %s", text)
	}
	if key, value, ok := strings.Cut(text, ": "); ok {
		r.machine[key] = value
	}
	fields := strings.Fields(text)
	if len(fields) < 2 || !strings.HasPrefix(fields[0], "BenchmarkWalk/") {
		return nil
	}
	parts := strings.Split(fields[0], "/")
	if len(parts) != 4 {
		return fmt.Errorf("not a name of these benchmarks: %s", fields[0])
	}
	way, _, _ := strings.Cut(parts[3], "-") // the number of CPUs follows
	if l := (line{parts[1], parts[2]}); !slices.Contains(r.order, l) {
		r.order = append(r.order, l)
	}
	for i := 2; i+1 < len(fields); i += 2 {
		value, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return err
		}
		s := sample{parts[1], parts[2], way, fields[i+1]}
		r.samples[s] = append(r.samples[s], value)
	}
	return nil
}

func (r *results) print(out io.Writer) error {
	rounds := 0
	var table strings.Builder
	fmt.Fprint(&table, "| pages of | client |")
	for _, u := range units {
		fmt.Fprintf(&table, " %s | floor | ratio |", u.name)
	}
	fmt.Fprintln(&table, "\n|"+strings.Repeat("---|", 2+3*len(units)))
	for _, l := range r.order {
		fmt.Fprintf(&table, "| %s | %s |", strings.TrimPrefix(l.pages, "pages="), l.peer)
		for _, u := range units {
			client := r.samples[sample{l.pages, l.peer, "client", u.name}]
			floor := r.samples[sample{l.pages, l.peer, "floor", u.name}]
			if len(client) == 0 || len(client) != len(floor) {
				return fmt.Errorf("%s %s has %d rounds of %s for the client and %d for the floor", l.pages, l.peer, len(client), u.name, len(floor))
			}
			rounds = len(client)
			ratios := make([]float64, rounds)
			for i := range ratios {
				ratios[i] = client[i] / floor[i]
			}
			fmt.Fprintf(&table, " "+u.format+" | "+u.format+" | **%.2f** |", median(client), median(floor), median(ratios))
		}
		fmt.Fprintln(&table)
	}
	_, err := fmt.Fprintf(out, "%d rounds, %s, %s/%s, %s\n\n%s", rounds,
		runtime.Version(), r.machine["goos"], r.machine["goarch"], r.machine["cpu"], table.String())
	return err
}

func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}
