package console_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/console"
)

// requestKind is a kind of request whose speed is compared.
type requestKind struct {
	name, method, path, body string
	target                   float64 // a share of the speed of an echo handler
}

var requestKinds = []requestKind{
	{"get", "GET", "/v3/users/user-0001", "", 0.65},
	{"list", "GET", "/v3/users?perPage=100", "", 0},
	{"create", "POST", "/v3/users", "", 0},
	{"send", "POST", "/v3/messages", `{"receiver":"user-0002","receiverType":"user","category":"message","type":"text","data":{"text":"hello"}}`, 0.45},
}

var created atomic.Int64 // the number of users created

// sentTogether is the number of requests that send sends.
const sentTogether = 4000

// send sends sentTogether requests over a few connections. It returns the time
// that all of them took, and one of the responses.
func (k *requestKind) send(b *testing.B, url, key string) (time.Duration, []byte) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	defer client.CloseIdleConnections()
	one := func() []byte {
		body := k.body
		if k.name == "create" {
			body = fmtUser(created.Add(1))
		}
		req, err := http.NewRequestWithContext(b.Context(), k.method, url+k.path, strings.NewReader(body))
		require.NoError(b, err)
		req.Header.Set("apikey", key)
		req.Header.Set("onBehalfOf", "user-0001")
		if k.name == "create" {
			req.Header.Del("onBehalfOf")
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		require.NoError(b, err)
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		require.NoError(b, err)
		require.Equal(b, http.StatusOK, res.StatusCode, string(text))
		return text
	}
	text := one()
	var wg sync.WaitGroup
	start := time.Now()
	for range 4 {
		wg.Go(func() {
			for range sentTogether / 4 {
				one()
			}
		})
	}
	wg.Wait()
	return time.Since(start), text
}

func fmtUser(n int64) string {
	return `{"uid":"created-` + strconv.FormatInt(n, 10) + `","name":"New"}`
}

// listening returns an emulator with all features of the program, and its URL.
func listening(b *testing.B) (*cometchattest.Server, string) {
	srv := cometchattest.New(cometchattest.WithRequestLog(1000, 64<<20))
	b.Cleanup(srv.Close)
	srv.SeedUsers(1000)
	c := console.New(srv, console.Options{})
	c.Ready()
	server := httptest.NewServer(c)
	b.Cleanup(server.Close)
	b.Cleanup(c.Stop)
	return srv, server.URL
}

// ratio returns the median of the ratio of the two times, measured in turn.
func ratio(one, other func() time.Duration) float64 {
	var ratios []float64
	for range 5 {
		a, b := one(), other()
		ratios = append(ratios, float64(a)/float64(b))
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// BenchmarkRequests compares the emulator's speed with that of a handler that
// sends the same bytes. It also compares the emulator's speed with and without
// open pages and delivered events.
func BenchmarkRequests(b *testing.B) {
	for _, k := range requestKinds {
		b.Run(k.name+"/of an echo", func(b *testing.B) {
			srv, url := listening(b)
			_, text := k.send(b, url, srv.APIKey())
			echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = w.Write(text)
			}))
			defer echo.Close()
			k.compare(b, k.target, echo.URL, "", url, srv.APIKey())
		})
		b.Run(k.name+"/with a page", func(b *testing.B) {
			quiet, quietURL := listening(b)
			srv, url := listening(b)
			srv.DeliverToHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			watch(b, url, 1)
			k.compare(b, 0.7, quietURL, quiet.APIKey(), url, srv.APIKey())
		})
	}
}

// BenchmarkOpenPages sends as many requests as it can while 20 pages are open. It
// reports how many events each page gets in a second, and how much the memory in
// use grows once the log of requests is full.
func BenchmarkOpenPages(b *testing.B) {
	k := &requestKinds[0]
	srv, url := listening(b)
	watched := watch(b, url, 20)
	inUse := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for range 5 {
		k.send(b, url, srv.APIKey())
	}
	memory, events, start := inUse(), watched.Load(), time.Now()
	for b.Loop() {
		for range 3 {
			k.send(b, url, srv.APIKey())
		}
	}
	seconds := time.Since(start).Seconds()
	b.ReportMetric(float64(b.N*3*sentTogether)/seconds, "requests/s")
	b.ReportMetric(float64(watched.Load()-events)/20/seconds, "events/s/page")
	b.ReportMetric((inUse()-memory)/1e6, "MB-grown")
	b.ReportMetric(0, "ns/op") // tells nothing more
}

// compare reports the second server's speed as a share of the first one's, and
// the target. It does not fail, since other work of the machine can change the
// result by more than a tenth.
func (k *requestKind) compare(b *testing.B, target float64, url, key, otherURL, otherKey string) {
	b.Helper()
	took := func(url, key string) func() time.Duration {
		return func() time.Duration {
			d, _ := k.send(b, url, key)
			return d
		}
	}
	for b.Loop() {
		b.ReportMetric(ratio(took(url, key), took(otherURL, otherKey)), "share")
		if target > 0 {
			b.ReportMetric(target, "target")
		}
	}
	b.ReportMetric(0, "ns/op") // tells nothing more
}

// watch opens pages, and counts the events that they get.
func watch(b *testing.B, url string, pages int) *atomic.Int64 {
	b.Helper()
	events := &atomic.Int64{}
	for range pages {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url+"/_emulator/events", nil)
		require.NoError(b, err)
		req.Header.Set("Accept", "text/event-stream")
		res, err := http.DefaultClient.Do(req)
		require.NoError(b, err)
		require.Equal(b, http.StatusOK, res.StatusCode)
		b.Cleanup(func() { _ = res.Body.Close() })
		go func() {
			for lines := bufio.NewScanner(res.Body); lines.Scan(); {
				if bytes.HasPrefix(lines.Bytes(), []byte("event:")) {
					events.Add(1)
				}
			}
		}()
	}
	return events
}
