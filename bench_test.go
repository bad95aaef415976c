package cometchat_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

// benchUser is the plain struct of the hand-written loop: just the members the
// payload has.
type benchUser struct {
	UID            string          `json:"uid"`
	Name           string          `json:"name"`
	Avatar         string          `json:"avatar"`
	Link           string          `json:"link"`
	Role           string          `json:"role"`
	Status         string          `json:"status"`
	Metadata       json.RawMessage `json:"metadata"`
	CreatedAt      int64           `json:"createdAt"`
	UpdatedAt      int64           `json:"updatedAt"`
	LastActiveAt   int64           `json:"lastActiveAt"`
	ConversationID string          `json:"conversationId"`
}

type benchPage struct {
	Data []benchUser `json:"data"`
	Meta struct {
		Pagination struct {
			CurrentPage int `json:"current_page"`
			TotalPages  int `json:"total_pages"`
		} `json:"pagination"`
	} `json:"meta"`
}

func benchRow(n int) string {
	return fmt.Sprintf(`{"uid":"customer-%07d","name":"Customer Number %d","avatar":"https:\/\/files.example.com\/avatars\/%d\/large.png","link":"https:\/\/shop.example.com\/customers\/%d","metadata":{"plan":"gold","seats":12,"country":"NL","notes":"first contact at the fair in Utrecht"},"status":"offline","role":"default","createdAt":1694667984,"updatedAt":1694668001,"lastActiveAt":1694668001,"conversationId":"customer-%07d_user_support"}`, n, n, n, n, n)
}

// benchHandler serves total users in pages made beforehand.
func benchHandler(total int, delay time.Duration) http.Handler {
	pages := map[string][]byte{}
	for _, size := range []int{100, 1000} {
		for p := 1; p <= total/size; p++ {
			rows := make([]string, size)
			for i := range rows {
				rows[i] = benchRow((p-1)*size + i)
			}
			pages[fmt.Sprintf("%d/%d", size, p)] = fmt.Appendf(nil, `{"data":[%s],"meta":{"pagination":{"total":%d,"count":%d,"per_page":%d,"current_page":%d,"total_pages":%d}}}`,
				strings.Join(rows, ","), total, size, size, p, total/size)
		}
	}
	one := []byte(`{"data":` + benchRow(1) + `}`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := one
		if q := r.URL.Query(); q.Has("page") {
			time.Sleep(delay)
			body = pages[q.Get("perPage")+"/"+q.Get("page")]
		}
		writePage(w, body)
	})
}

// millionHandler serves a million users, the same thousand in every page but
// for the first, so that it needs no memory for them.
func millionHandler() http.Handler {
	rows := make([]string, 1000)
	for i := range rows {
		rows[i] = benchRow(i)
	}
	rest := strings.Join(rows[1:], ",")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		writePage(w, fmt.Appendf(nil, `{"data":[%s,%s],"meta":{"pagination":{"current_page":%d,"total_pages":1000}}}`, benchRow(1e6+page), rest, page))
	})
}

func writePage(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// benchServers are the servers that benchmarks measure against. Each runs in a
// process of its own, so that what it allocates is not counted.
var benchServers = map[string]func() http.Handler{
	"users":   func() http.Handler { return benchHandler(10_000, 0) },
	"slow":    func() http.Handler { return benchHandler(10_000, 20*time.Millisecond) },
	"million": millionHandler,
}

const benchServerVariable = "COMETCHAT_BENCH_SERVER"

func TestMain(m *testing.M) {
	if name := os.Getenv(benchServerVariable); name != "" {
		srv := httptest.NewServer(benchServers[name]())
		fmt.Println(srv.URL)
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is gone
		return
	}
	os.Exit(m.Run())
}

// benchServer starts one of benchServers and returns the base URL of its API.
func benchServer(b *testing.B, name string) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), benchServerVariable+"="+name)
	stdin, err := cmd.StdinPipe()
	require.NoError(b, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(b, err)
	return strings.TrimSpace(url) + "/v3"
}

// perItem reports what one item has cost, beside what one operation has.
func perItem(b *testing.B, items int) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.Cleanup(func() {
		runtime.ReadMemStats(&after)
		n := float64(b.N * items)
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/item")
		b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n, "B/item")
		b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/item")
	})
}

// loop is the hand-written walk that the client is measured against.
func loop(b *testing.B, base string, size int) (items int) {
	for page := 1; ; page++ {
		req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/users?page=%d&perPage=%d", base, page, size), nil)
		require.NoError(b, err)
		req.Header.Set("apikey", "key-0001")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(b, err)
		var p benchPage
		err = json.NewDecoder(resp.Body).Decode(&p)
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		require.NoError(b, err)
		for i := range p.Data {
			if p.Data[i].UID != "" {
				items++
			}
		}
		if p.Meta.Pagination.CurrentPage >= p.Meta.Pagination.TotalPages {
			return items
		}
	}
}

func walk(b *testing.B, list *cometchat.PageList[cometchat.User]) (items int) {
	for user, err := range list.All(b.Context()) {
		if err != nil { // require.NoError walks the stack, which is dear for every item
			b.Fatal(err)
		}
		if user.UID != "" {
			items++
		}
	}
	return items
}

// sideBySide measures the client and a hand-written loop in turn, so that both
// see the same machine, however busy it is. It reports what an item costs each
// of them, and the client's time as a share of the loop's: the median of the
// turns' shares, which a neighbour's burst of work does not move.
//
// Each is called so many times in a turn: turns begin with a heap that has been
// swept, and in a short one, who leaves more garbage would get off lightly.
func sideBySide(b *testing.B, times, items int, client, loop func()) {
	b.Helper()
	type cost struct {
		took          []time.Duration
		bytes, allocs uint64
	}
	measure := func(f func(), sum *cost) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		for range times {
			f()
		}
		sum.took = append(sum.took, time.Since(start))
		runtime.ReadMemStats(&after)
		sum.bytes += after.TotalAlloc - before.TotalAlloc
		sum.allocs += after.Mallocs - before.Mallocs
	}
	client() // opens connections and fills caches
	loop()
	var ours, theirs cost
	var shares []float64
	for turn := 0; b.Loop(); turn++ {
		measure(client, &ours)
		measure(loop, &theirs)
		shares = append(shares, float64(ours.took[turn])/float64(theirs.took[turn]))
	}
	perTurn := float64(times * items)
	n := perTurn * float64(b.N)
	b.ReportMetric(0, "ns/op")
	for name, c := range map[string]cost{"client": ours, "loop": theirs} {
		b.ReportMetric(float64(median(c.took))/perTurn, name+"-ns/item")
		b.ReportMetric(float64(c.bytes)/n, name+"-B/item")
		b.ReportMetric(float64(c.allocs)/n, name+"-allocs/item")
	}
	b.ReportMetric(median(shares), "client/loop")
}

func median[T cmp.Ordered](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}

func BenchmarkWalkUsers(b *testing.B) {
	base := benchServer(b, "users")
	client := clientOf(b, base, "key-0001")
	for _, size := range []int{100, 1000} {
		list := client.Users.List(&cometchat.UserListOptions{PerPage: size})
		b.Run(fmt.Sprintf("pages of %d", size), func(b *testing.B) {
			sideBySide(b, 4, 10_000,
				func() { require.Equal(b, 10_000, walk(b, list)) },
				func() { require.Equal(b, 10_000, loop(b, base, size)) })
		})
	}
}

func BenchmarkGetUser(b *testing.B) {
	base := benchServer(b, "users")
	client := clientOf(b, base, "key-0001")
	sideBySide(b, 100, 1, func() {
		user, err := client.Users.Get(b.Context(), "customer-0000001")
		require.NoError(b, err)
		require.NotEmpty(b, user.UID)
	}, func() {
		req, err := http.NewRequest(http.MethodGet, base+"/users/customer-0000001", nil)
		require.NoError(b, err)
		req.Header.Set("apikey", "key-0001")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(b, err)
		var answer struct {
			Data benchUser `json:"data"`
		}
		err = json.NewDecoder(resp.Body).Decode(&answer)
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		require.NoError(b, err)
		require.NotEmpty(b, answer.Data.UID)
	})
}

// BenchmarkPrefetch walks 100 pages at 20 ms of latency each.
func BenchmarkPrefetch(b *testing.B) {
	client := clientOf(b, benchServer(b, "slow"), "key-0001")
	list := client.Users.List(&cometchat.UserListOptions{PerPage: 100})
	for _, window := range []int{1, 8} {
		b.Run(fmt.Sprint(window), func(b *testing.B) {
			for b.Loop() {
				require.Equal(b, 10_000, walk(b, list.Prefetch(window)))
			}
		})
	}
}

// BenchmarkMillionUsers walks a million users and reports how much of the heap
// is alive at most, in MB.
func BenchmarkMillionUsers(b *testing.B) {
	client := clientOf(b, benchServer(b, "million"), "key-0001")
	most := uint64(0)
	for b.Loop() {
		n := 0
		for page, err := range client.Users.List(nil).Pages(b.Context()) {
			require.NoError(b, err)
			n += len(page.Items)
			if n%100_000 == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		require.Equal(b, 1_000_000, n)
	}
	b.ReportMetric(float64(most)/1e6, "MB-live")
}

// BenchmarkIterator measures what an item costs on its way through All, beyond
// a loop over the pages' slices: the pages are there already.
func BenchmarkIterator(b *testing.B) {
	items := make([]*cometchat.User, 1000)
	for i := range items {
		items[i] = &cometchat.User{UID: "a"}
	}
	b.Run("slice", func(b *testing.B) {
		perItem(b, 1000*len(items))
		for b.Loop() {
			n := 0
			for range 1000 {
				for _, user := range items {
					n += len(user.UID)
				}
			}
			require.Equal(b, 1000*len(items), n)
		}
	})
	b.Run("All", func(b *testing.B) {
		perItem(b, 1000*len(items))
		seq := cometchat.ItemsOfPages(items, 1000)
		for b.Loop() {
			n := 0
			for user, err := range seq {
				if err != nil {
					b.Fatal(err)
				}
				n += len(user.UID)
			}
			require.Equal(b, 1000*len(items), n)
		}
	})
}
