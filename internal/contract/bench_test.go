package contract

import (
	"bufio"
	"cmp"
	"crypto/tls"
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
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// The benchmarks compare the client with code written without one: net/http, and
// encoding/json into structs that have exactly the members of the payload.

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

type benchMessage struct {
	ID             string `json:"id"`
	MUID           string `json:"muid"`
	ConversationID string `json:"conversationId"`
	Sender         string `json:"sender"`
	ReceiverType   string `json:"receiverType"`
	Receiver       string `json:"receiver"`
	Category       string `json:"category"`
	Type           string `json:"type"`
	Data           struct {
		Text        string `json:"text"`
		Attachments []struct {
			URL       string `json:"url"`
			Name      string `json:"name"`
			MimeType  string `json:"mimeType"`
			Extension string `json:"extension"`
			Size      int64  `json:"size"`
		} `json:"attachments"`
		Metadata   json.RawMessage `json:"metadata"`
		Entities   json.RawMessage `json:"entities"`
		Moderation struct {
			Status string `json:"status"`
		} `json:"moderation"`
	} `json:"data"`
	SentAt    int64 `json:"sentAt"`
	UpdatedAt int64 `json:"updatedAt"`
}

func benchUserRow(n int) string {
	return fmt.Sprintf(`{"uid":"customer-%07d","name":"Zoé Müller %d","avatar":"https://files.example.com/avatars/%d/large.png","link":"https://shop.example.com/customers/%d","metadata":{"plan":"gold","seats":12,"country":"NL","notes":"first contact at the fair in Utrecht"},"status":"offline","role":"default","createdAt":1694667984,"updatedAt":1694668001,"lastActiveAt":1694668001,"conversationId":"customer-%07d_user_support"}`, n, n, n, n, n)
}

func benchMessageRow(n int) string {
	entity := fmt.Sprintf(`{"entity":{"uid":"ann-%d","name":"Ann","role":"default","status":"offline","createdAt":1700000000},"entityType":"user"}`, n)
	return fmt.Sprintf(`{"id":"%d","muid":"m-%d","conversationId":"ann_user_bob","sender":"ann-%d","receiverType":"user","receiver":"bob","category":"message","type":"image","data":{"text":"Voilà, die Fotos von Café n° %d: schöne Grüße aus Köln","attachments":[{"url":"https://files.example.com/2024/05/%d/photo.jpg","name":"photo.jpg","mimeType":"image/jpeg","extension":"jpg","size":482133},{"url":"https://files.example.com/2024/05/%d/plan.pdf","name":"plan.pdf","mimeType":"application/pdf","extension":"pdf","size":82133}],"metadata":{"n":%d},"entities":{"sender":%s,"receiver":%s},"moderation":{"status":"approved"}},"sentAt":%d,"updatedAt":%d}`,
		n+1, n, n, n, n, n, n, entity, entity, 1700000000+n/7, 1700000000+n/7)
}

// asPHP writes JSON as PHP does: it escapes slashes and every character outside
// ASCII.
func asPHP(text string) string {
	var b []byte
	for _, r := range text {
		switch {
		case r == '/':
			b = append(b, `\/`...)
		case r < utf8.RuneSelf:
			b = append(b, byte(r))
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				b = fmt.Appendf(b, `\u%04x`, unit)
			}
		}
	}
	return string(b)
}

// benchWriters are the ways in which a server may write the same JSON.
var benchWriters = []struct {
	name  string
	write func(string) string
}{{"plain", strings.Clone}, {"php", asPHP}}

const benchItems = 10_000

// benchHandler serves benchItems users and the same number of messages, in pages
// made in advance. Its paths begin with the name of a writer.
func benchHandler(delay time.Duration) http.Handler {
	mux := http.NewServeMux()
	for _, w := range benchWriters {
		answers := map[string][]byte{"": []byte(w.write(`{"data":` + benchUserRow(1) + `}`))}
		for _, size := range []int{100, 1000} {
			for first := 0; first <= benchItems; first += size {
				last := min(first+size, benchItems)
				var users, messages []string
				for n := first; n < last; n++ {
					users = append(users, benchUserRow(n))
					messages = append(messages, benchMessageRow(n))
				}
				page, pages := first/size+1, benchItems/size
				answers[fmt.Sprintf("users/%d/%d", size, page)] = fmt.Appendf(nil, `{"data":[%s],"meta":{"pagination":{"total":%d,"count":%d,"per_page":%d,"current_page":%d,"total_pages":%d}}}`,
					w.write(strings.Join(users, ",")), benchItems, size, size, page, pages)
				from := ""
				if first > 0 {
					from = strconv.Itoa(first)
				}
				answers[fmt.Sprintf("messages/%d/%s", size, from)] = fmt.Appendf(nil, `{"data":[%s],"meta":{"current":{"limit":%d,"count":%d},"next":{"affix":"append","sentAt":%d,"id":"%d"}}}`,
					w.write(strings.Join(messages, ",")), size, last-first, 1700000000+last/7, last)
			}
		}
		mux.HandleFunc("GET /"+w.name+"/v3/users", func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(delay)
			writePage(w, answers["users/"+r.FormValue("perPage")+"/"+r.FormValue("page")])
		})
		mux.HandleFunc("GET /"+w.name+"/v3/messages", func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(delay)
			writePage(w, answers["messages/"+r.FormValue("limit")+"/"+r.FormValue("id")])
		})
		mux.HandleFunc("GET /"+w.name+"/v3/users/{uid}", func(w http.ResponseWriter, _ *http.Request) { writePage(w, answers[""]) })
	}
	return mux
}

// millionHandler serves a million users. Every page has the same thousand, except
// for the first user of the page, so that the handler needs no memory for them.
func millionHandler() http.Handler {
	rows := make([]string, 1000)
	for i := range rows {
		rows[i] = benchUserRow(i)
	}
	rest := strings.Join(rows[1:], ",")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.FormValue("page"))
		writePage(w, fmt.Appendf(nil, `{"data":[%s,%s],"meta":{"pagination":{"current_page":%d,"total_pages":1000}}}`, benchUserRow(1e6+page), rest, page))
	})
}

func writePage(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// benchServers are the servers that benchmarks measure against. Each runs in its
// own process, on one processor, so that its work is not counted.
var benchServers = map[string]func() *httptest.Server{
	"fast":    func() *httptest.Server { return httptest.NewServer(benchHandler(0)) },
	"20ms":    func() *httptest.Server { return startTLS(benchHandler(20 * time.Millisecond)) },
	"50ms":    func() *httptest.Server { return startTLS(benchHandler(50 * time.Millisecond)) },
	"100ms":   func() *httptest.Server { return startTLS(benchHandler(100 * time.Millisecond)) },
	"million": func() *httptest.Server { return httptest.NewServer(millionHandler()) },
}

// startTLS serves over TLS and HTTP/2.
func startTLS(h http.Handler) *httptest.Server {
	srv := httptest.NewUnstartedServer(h)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	return srv
}

// insecureTLS accepts the certificates of such servers.
func insecureTLS() cometchat.Option {
	return cometchat.WithHTTPClient(&http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
	}})
}

const benchServerVariable = "COMETCHAT_BENCH_SERVER"

func TestMain(m *testing.M) {
	if name := os.Getenv(benchServerVariable); name != "" {
		srv := benchServers[name]()
		fmt.Println(srv.URL)
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent exits
		return
	}
	os.Exit(m.Run())
}

// benchServer starts one of benchServers and returns its base URL.
func benchServer(t testing.TB, name string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), benchServerVariable+"="+name, "GOMAXPROCS=1")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(url)
}

// loopPages is the hand-written walk that the client is measured against. next
// returns the address of the page after the given one, or "" at the end.
func loopPages[P any](b *testing.B, first string, next func(*P) string) {
	for address := first; address != ""; {
		var page P
		loopGet(b, address, &page)
		address = next(&page)
	}
}

func loopGet(b *testing.B, address string, v any) {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	require.NoError(b, err)
	req.Header.Set("apikey", "key-0001")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(b, err)
	err = json.NewDecoder(resp.Body).Decode(v)
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	require.NoError(b, err)
}

func loopUsers(b *testing.B, base string, size int) (items int) {
	type page struct {
		Data []benchUser `json:"data"`
		Meta struct {
			Pagination struct {
				CurrentPage int `json:"current_page"`
				TotalPages  int `json:"total_pages"`
			} `json:"pagination"`
		} `json:"meta"`
	}
	at := func(n int) string { return fmt.Sprintf("%s/users?page=%d&perPage=%d", base, n, size) }
	loopPages(b, at(1), func(p *page) string {
		for i := range p.Data {
			if p.Data[i].UID != "" {
				items++
			}
		}
		if n := p.Meta.Pagination; n.CurrentPage < n.TotalPages {
			return at(n.CurrentPage + 1)
		}
		return ""
	})
	return items
}

func loopMessages(b *testing.B, base string, size int) (items int) {
	type page struct {
		Data []benchMessage `json:"data"`
		Meta struct {
			Next struct {
				Affix  string `json:"affix"`
				ID     string `json:"id"`
				SentAt int64  `json:"sentAt"`
			} `json:"next"`
		} `json:"meta"`
	}
	first := fmt.Sprintf("%s/messages?limit=%d", base, size)
	loopPages(b, first, func(p *page) string {
		for i := range p.Data {
			if p.Data[i].ID != "" {
				items++
			}
		}
		if n := p.Meta.Next; len(p.Data) > 0 {
			return fmt.Sprintf("%s&affix=%s&id=%s&sentAt=%d", first, n.Affix, n.ID, n.SentAt)
		}
		return ""
	})
	return items
}

func walkUsers(b *testing.B, list *cometchat.PageList[cometchat.User]) (items int) {
	for user, err := range list.All(b.Context()) {
		if err != nil { // require.NoError walks the stack, which is too expensive for every item
			b.Fatal(err)
		}
		if user.UID != "" {
			items++
		}
	}
	return items
}

func walkMessages(b *testing.B, list *cometchat.CursorList[cometchat.Message]) (items int) {
	for message, err := range list.All(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		if message.ID != "" {
			items++
		}
	}
	return items
}

// usage is what some work costs this process.
type usage struct {
	took, cpu     time.Duration
	bytes, allocs uint64
}

// measure measures f, after a garbage collection.
func measure(f func()) usage {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	f()
	u := usage{took: time.Since(start), cpu: cpuTime() - cpu}
	runtime.ReadMemStats(&after)
	u.bytes, u.allocs = after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs
	return u
}

// sideBySide measures the client and the loop in turn, so that both see the same
// machine, however busy it is. It reports what an item costs each of them, and
// the cost of the client as a share of the loop's. The share is the median over
// the turns, which is not affected by a burst of work of another process.
//
// Each is called times times in a turn. In a short turn, the one that leaves more
// garbage would have an advantage.
func sideBySide(b *testing.B, times, items int, client, loop func()) {
	b.Helper()
	turn := func(f func()) func() {
		return func() {
			for range times {
				f()
			}
		}
	}
	client() // opens connections and fills caches
	loop()
	var ours, theirs []usage
	for b.Loop() {
		ours = append(ours, measure(turn(client)))
		theirs = append(theirs, measure(turn(loop)))
	}
	b.ReportMetric(0, "ns/op")
	for _, m := range []struct {
		name, unit string
		of         func(usage) float64
	}{
		{"time", "ns/item", func(u usage) float64 { return float64(u.took) }},
		{"cpu", "cpu-ns/item", func(u usage) float64 { return float64(u.cpu) }},
		{"bytes", "B/item", func(u usage) float64 { return float64(u.bytes) }},
		{"allocs", "allocs/item", func(u usage) float64 { return float64(u.allocs) }},
	} {
		var costs, shares []float64
		for i := range ours {
			costs = append(costs, m.of(ours[i])/float64(times*items))
			shares = append(shares, m.of(ours[i])/max(m.of(theirs[i]), 1))
		}
		b.ReportMetric(median(costs), m.unit)
		b.ReportMetric(median(shares), m.name+"/loop")
	}
}

func median[T cmp.Ordered](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}

func BenchmarkWalkUsers(b *testing.B) {
	server := benchServer(b, "fast")
	for _, w := range benchWriters {
		for _, size := range []int{100, 1000} {
			base := server + "/" + w.name + "/v3"
			list := testkit.Client(b, base, "key-0001").Users.List(&cometchat.UserListOptions{PerPage: size})
			b.Run(fmt.Sprintf("%s/%d", w.name, size), func(b *testing.B) {
				sideBySide(b, 4, benchItems,
					func() { require.Equal(b, benchItems, walkUsers(b, list)) },
					func() { require.Equal(b, benchItems, loopUsers(b, base, size)) })
			})
		}
	}
}

// BenchmarkWalkMessages walks messages with two attachments each.
func BenchmarkWalkMessages(b *testing.B) {
	server := benchServer(b, "fast")
	for _, w := range benchWriters {
		for _, size := range []int{100, 1000} {
			base := server + "/" + w.name + "/v3"
			list := testkit.Client(b, base, "key-0001").Messages.List(&cometchat.MessageListOptions{Limit: size})
			b.Run(fmt.Sprintf("%s/%d", w.name, size), func(b *testing.B) {
				sideBySide(b, 2, benchItems,
					func() { require.Equal(b, benchItems, walkMessages(b, list)) },
					func() { require.Equal(b, benchItems, loopMessages(b, base, size)) })
			})
		}
	}
}

// BenchmarkRawItems walks messages that keep their original JSON.
func BenchmarkRawItems(b *testing.B) {
	base := benchServer(b, "fast") + "/php/v3"
	opts := &cometchat.MessageListOptions{Limit: 1000}
	raw := testkit.Client(b, base, "key-0001", cometchat.WithRawItems()).Messages.List(opts)
	sideBySide(b, 2, benchItems,
		func() { require.Equal(b, benchItems, walkMessages(b, raw)) },
		func() { require.Equal(b, benchItems, loopMessages(b, base, opts.Limit)) })
}

func BenchmarkGetUser(b *testing.B) {
	base := benchServer(b, "fast") + "/php/v3"
	client := testkit.Client(b, base, "key-0001")
	sideBySide(b, 200, 1, func() {
		user, err := client.Users.Get(b.Context(), "customer-0000001")
		require.NoError(b, err)
		require.NotEmpty(b, user.UID)
	}, func() {
		var answer struct {
			Data benchUser `json:"data"`
		}
		loopGet(b, base+"/users/customer-0000001", &answer)
		require.NotEmpty(b, answer.Data.UID)
	})
}

// BenchmarkPrefetch walks 100 pages over TLS and HTTP/2, with different latencies
// and windows of prefetched pages.
func BenchmarkPrefetch(b *testing.B) {
	for _, latency := range []string{"20ms", "50ms", "100ms"} {
		base := benchServer(b, latency) + "/plain/v3"
		for _, window := range []int{0, 4, 8, 16} {
			b.Run(fmt.Sprintf("%s/%d", latency, window), func(b *testing.B) {
				client := testkit.Client(b, base, "key-0001", insecureTLS())
				list := client.Users.List(&cometchat.UserListOptions{PerPage: 100}).Prefetch(window)
				for b.Loop() {
					require.Equal(b, benchItems, walkUsers(b, list))
				}
			})
		}
	}
}

// BenchmarkMillionUsers walks a million users and reports the largest live heap,
// in MB.
func BenchmarkMillionUsers(b *testing.B) {
	client := testkit.Client(b, benchServer(b, "million")+"/v3", "key-0001")
	most := uint64(0)
	for b.Loop() {
		most = max(most, liveHeap(b, client))
	}
	b.ReportMetric(float64(most)/1e6, "MB-live")
}

// liveHeap walks a million users and returns the largest number of live bytes at
// the end of a page.
func liveHeap(t testing.TB, client *cometchat.Client) (most uint64) {
	n := 0
	for page, err := range client.Users.List(nil).Pages(t.Context()) {
		require.NoError(t, err)
		n += len(page.Items)
		if n%100_000 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}
	require.Equal(t, 1_000_000, n)
	return most
}
