package benchmarks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// BenchmarkWalk walks a whole list with each client, right after the loop that it
// is compared with. It reports the cost of an item on the client's side.
func BenchmarkWalk(b *testing.B) {
	base := startServer(b)
	for _, size := range sizes {
		for _, p := range peers {
			for _, way := range []struct {
				name string
				make func(testing.TB, string) walk
			}{{"floor", p.floor}, {"client", p.client}} {
				b.Run(fmt.Sprintf("pages=%d/%s/%s", size, p.name, way.name), func(b *testing.B) {
					measure(b, way.make(b, base), size)
				})
			}
		}
	}
}

func measure(b *testing.B, w walk, size int) {
	items := 0
	visit := func(id string) {
		if id != "" {
			items++
		}
	}
	w(b, size, visit) // opens the connection and fills caches
	items = 0
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu := cpuTime()
	for b.Loop() {
		w(b, size, visit)
	}
	cpu = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	require.Equal(b, b.N*total, items)

	n := float64(items)
	b.ReportMetric(0, "ns/op") // tells nothing more
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/item")
	b.ReportMetric(float64(cpu.Nanoseconds())/n, "cpu-ns/item")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "B/item")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/item")
}

// TestWalksAreEqual checks that the comparison is fair: each walk gets every item
// once, with one request for each page.
func TestWalksAreEqual(t *testing.T) {
	var want []string
	for n := range total {
		want = append(want, fmt.Sprintf("customer-%07d", n))
	}
	pages := handler()
	for _, p := range peers {
		for _, size := range sizes {
			for name, open := range map[string]func(testing.TB, string) walk{"floor": p.floor, "client": p.client} {
				t.Run(fmt.Sprintf("%s/%d/%s", p.name, size, name), func(t *testing.T) {
					var requests, others atomic.Int64
					srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if r.URL.Path == p.path {
							requests.Add(1)
						} else {
							others.Add(1)
						}
						pages.ServeHTTP(w, r)
					}))
					defer srv.Close()
					var got []string
					open(t, srv.URL)(t, size, func(id string) { got = append(got, id) })
					assert.Equal(t, want, got)
					assert.EqualValues(t, total/size, requests.Load())
					assert.Zero(t, others.Load())
				})
			}
		}
	}
}

// TestPayloads checks that the items are of similar size, and that the plain
// structs have all of their members.
func TestPayloads(t *testing.T) {
	for i, l := range lists {
		row := l.row(4711)
		assert.InDelta(t, 450, len(row), 45, l.path)
		assert.Equal(t, peers[i].path, l.path)

		plain := []any{&cometchatUser{}, &githubUser{}, &gitlabUser{}}[i]
		require.NoError(t, json.Unmarshal([]byte(row), plain))
		again, err := json.Marshal(plain)
		require.NoError(t, err)
		assert.JSONEq(t, row, string(again), l.path)
	}
}
