package benchmarks

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// total is the number of items in every list, and sizes are the sizes of its
// pages.
const total = 10_000

var sizes = []int{100, 1000}

// served is a list as one of the APIs serves it.
type served struct {
	path, sizeParam string
	row             func(n int) string
	// wrap makes the body of a page from its rows.
	wrap func(rows string, page, size, pages int) string
	// head sets the API's paging headers. next is the address of the next page,
	// or "".
	head func(h http.Header, next string, page, size, pages int)
}

var lists = []served{
	{
		path: "/v3/users", sizeParam: "perPage",
		row: func(n int) string {
			return fmt.Sprintf(`{"uid":"customer-%07d","name":"Customer Number %d","avatar":"https:\/\/files.example.com\/avatars\/%d\/large.png","link":"https:\/\/shop.example.com\/customers\/%d","metadata":{"plan":"gold","seats":12,"country":"NL","notes":"first contact at the fair in Utrecht"},"status":"offline","role":"default","createdAt":1694667984,"updatedAt":1694668001,"lastActiveAt":1694668001,"conversationId":"customer-%07d_user_support"}`, n, n, n, n, n)
		},
		wrap: func(rows string, page, size, pages int) string {
			return fmt.Sprintf(`{"data":[%s],"meta":{"pagination":{"total":%d,"count":%d,"per_page":%d,"current_page":%d,"total_pages":%d}}}`, rows, total, size, size, page, pages)
		},
		head: func(http.Header, string, int, int, int) {},
	},
	{
		path: "/orgs/example/members", sizeParam: "per_page",
		row: func(n int) string {
			return fmt.Sprintf(`{"login":"customer-%07d","id":%d,"node_id":"MDQ6VXNlcj%07d","avatar_url":"https://files.example.com/avatars/%d/large.png?v=4","gravatar_id":"","url":"https://hub.example.com/api/users/customer-%07d","html_url":"https://hub.example.com/customer-%07d","repos_url":"https://hub.example.com/api/users/customer-%07d/repos","events_url":"https://hub.example.com/api/users/customer-%07d/events","type":"User","user_view_type":"public","site_admin":false}`, n, n+1, n, n, n, n, n, n)
		},
		wrap: func(rows string, _, _, _ int) string { return "[" + rows + "]" },
		head: func(h http.Header, next string, _, _, _ int) {
			if next != "" {
				h.Set("Link", fmt.Sprintf(`<%s>; rel="next"`, next))
			}
		},
	},
	{
		path: "/api/v4/users", sizeParam: "per_page",
		row: func(n int) string {
			return fmt.Sprintf(`{"id":%d,"username":"customer-%07d","name":"Customer Number %d","state":"active","locked":false,"avatar_url":"https://files.example.com/avatars/%d/large.png","web_url":"https://lab.example.com/customer-%07d","created_at":"2023-09-14T05:06:24.123Z","bio":"first contact at the fair in Utrecht","location":"Utrecht","public_email":"customer-%07d@example.com","website_url":"https://shop.example.com/customers/%d","organization":"Example","job_title":"buyer","bot":false}`, n+1, n, n, n, n, n, n)
		},
		wrap: func(rows string, _, _, _ int) string { return "[" + rows + "]" },
		head: func(h http.Header, next string, page, size, pages int) {
			h.Set("X-Page", strconv.Itoa(page))
			h.Set("X-Per-Page", strconv.Itoa(size))
			h.Set("X-Total", strconv.Itoa(total))
			h.Set("X-Total-Pages", strconv.Itoa(pages))
			if next != "" {
				h.Set("X-Next-Page", strconv.Itoa(page+1))
				h.Set("Link", fmt.Sprintf(`<%s>; rel="next"`, next))
			}
		},
	},
}

// handler serves lists in pages made in advance.
func handler() http.Handler {
	mux := http.NewServeMux()
	for _, l := range lists {
		bodies := map[string][]byte{}
		for _, size := range sizes {
			for page := 1; page <= total/size; page++ {
				rows := make([]string, size)
				for i := range rows {
					rows[i] = l.row((page-1)*size + i)
				}
				bodies[fmt.Sprintf("%d/%d", size, page)] = []byte(l.wrap(strings.Join(rows, ","), page, size, total/size))
			}
		}
		mux.HandleFunc("GET "+l.path, func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			if !q.Has("page") {
				q.Set("page", "1")
			}
			body, ok := bodies[q.Get(l.sizeParam)+"/"+q.Get("page")]
			if !ok {
				http.NotFound(w, r)
				return
			}
			page, _ := strconv.Atoi(q.Get("page"))
			size, _ := strconv.Atoi(q.Get(l.sizeParam))
			next := ""
			if page < total/size {
				q.Set("page", strconv.Itoa(page+1))
				next = "http://" + r.Host + l.path + "?" + q.Encode()
			}
			l.head(w.Header(), next, page, size, total/size)
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body)
		})
	}
	return mux
}

const serverVariable = "COMETCHAT_BENCH_SERVER"

// TestMain is also the server. It runs in its own process, so that its
// allocations are not counted.
func TestMain(m *testing.M) {
	if os.Getenv(serverVariable) != "" {
		srv := httptest.NewServer(handler())
		fmt.Println(srv.URL)
		_, _ = io.Copy(io.Discard, os.Stdin) // until the parent exits
		return
	}
	os.Exit(m.Run())
}

// startServer returns the address of a server in another process.
func startServer(tb testing.TB) string {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverVariable+"=1", "GOMAXPROCS=1")
	stdin, err := cmd.StdinPipe()
	require.NoError(tb, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(tb, err)
	require.NoError(tb, cmd.Start())
	tb.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	url, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(tb, err)
	return strings.TrimSpace(url)
}
