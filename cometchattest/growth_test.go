package cometchattest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// The sizes of the apps to compare.
const (
	few     = 1_000
	million = 1_000_000
)

// growth is a request whose duration must not grow with the data an app stores.
type growth struct {
	name   string
	method string
	// path returns the path of the request in an app with n seeded rows.
	path  func(n int) string
	body  func(i int) string // of the ith request; nil if there is none
	actor string
	// limit is the maximum ratio of the durations in the large and the small app.
	limit float64
}

func fixed(path string) func(int) string { return func(int) string { return path } }

// lastPage returns the path of the last page of a list in pages of 100.
func lastPage(path string) func(int) string {
	return func(n int) string { return path + "?perPage=100&page=" + strconv.Itoa(n/100) }
}

// seedMembers adds n users as members of a group.
func seedMembers(srv *cometchattest.Server, n int) {
	srv.SeedUsers(n)
	uids := make([]string, n)
	for i := range uids {
		uids[i] = fmt.Sprintf("user-%04d", i+1)
	}
	srv.AddGroups(cometchattest.Group{GUID: "all", Participants: uids})
}

// seedOthers adds n messages of users other than ana, who has a few.
func seedOthers(srv *cometchattest.Server, n int) {
	srv.AddUsers(cometchattest.User{UID: "ana"}, cometchattest.User{UID: "ben"})
	srv.AddGroups(cometchattest.Group{GUID: "team", Participants: []string{"ana", "ben"}})
	own := make([]cometchattest.Message, 100)
	for i := range own {
		own[i] = cometchattest.Message{Sender: "ben", Receiver: "ana", Text: "hello"}
		if i%2 == 0 {
			own[i] = cometchattest.Message{Sender: "ben", Receiver: "team", ReceiverType: "group", Text: "hello"}
		}
	}
	srv.AddMessages(own...)
	srv.SeedMessages(n, 10)
}

// seedConversations adds n conversations, most of them without ana.
func seedConversations(srv *cometchattest.Server, n int) {
	seedOthers(srv, few)
	const users = 1500
	srv.SeedUsers(users)
	uid := func(i int) string { return fmt.Sprintf("user-%04d", i+1) }
	var messages []cometchattest.Message
	for i := 0; i < users && len(messages) < n; i++ {
		for j := 0; j < i && len(messages) < n; j++ {
			messages = append(messages, cometchattest.Message{Sender: uid(i), Receiver: uid(j), Text: "hello"})
		}
	}
	srv.AddMessages(messages...)
}

func seedGroups(srv *cometchattest.Server, n int) {
	groups := make([]cometchattest.Group, n)
	for i := range groups {
		groups[i].GUID = "group-" + strconv.Itoa(i)
	}
	srv.AddGroups(groups...)
}

var growths = []struct {
	of       string
	many     int
	seed     func(srv *cometchattest.Server, n int)
	requests []growth
}{
	{"users", million, (*cometchattest.Server).SeedUsers, []growth{
		{name: "first page", method: "GET", path: fixed("/users?perPage=100"), limit: 1.3},
		{name: "last page", method: "GET", path: lastPage("/users"), limit: 1.3},
		{name: "a new one", method: "POST", path: fixed("/users"),
			body: func(i int) string { return fmt.Sprintf(`{"uid":"new-%d","name":"New"}`, i) }, limit: 3},
	}},
	{"groups", million, seedGroups, []growth{
		{name: "first page", method: "GET", path: fixed("/groups?perPage=100"), limit: 1.3},
		{name: "last page", method: "GET", path: lastPage("/groups"), limit: 1.3},
	}},
	{"members", million, seedMembers, []growth{
		{name: "first page", method: "GET", path: fixed("/groups/all/members?perPage=100"), limit: 1.3},
		{name: "last page", method: "GET", path: lastPage("/groups/all/members"), limit: 1.3},
	}},
	{"messages", million, seedOthers, []growth{
		{name: "all", method: "GET", path: fixed("/messages?limit=100&affix=prepend"), limit: 1.3},
		{name: "of a conversation", method: "GET", path: fixed("/users/user-0002/messages?limit=100&id=500"), actor: "user-0001", limit: 1.3},
		{name: "of a user", method: "GET", path: fixed("/messages?limit=100"), actor: "ana", limit: 1.3},
		{name: "unread ones of a user", method: "GET", path: fixed("/messages?unread=1&count=1"), actor: "ana", limit: 1.3},
		{name: "the conversation", method: "GET", path: fixed("/users/user-0002/conversation"), actor: "user-0001", limit: 10},
		{name: "a new one", method: "POST", path: fixed("/messages"), actor: "user-0001",
			body: func(int) string { return `{"receiver":"user-0002","receiverType":"user","data":{"text":"hi"}}` }, limit: 3},
	}},
	// A million conversations take 2 GB.
	{"conversations", million / 10, seedConversations, []growth{
		{name: "of a user", method: "GET", path: fixed("/conversations"), actor: "ana", limit: 1.3},
	}},
}

// BenchmarkGrowth measures how many times longer a request takes in an app that
// stores a million rows than in one that stores a thousand.
func BenchmarkGrowth(b *testing.B) {
	for _, g := range growths {
		b.Run(g.of, func(b *testing.B) {
			var small, large *growthApp
			for _, r := range g.requests {
				b.Run(r.name, func(b *testing.B) {
					if small == nil {
						small, large = newGrowthApp(g.seed, few), newGrowthApp(g.seed, g.many)
						runtime.GC()
					}
					r.bench(b, small, large)
				})
			}
		})
	}
}

func (g *growth) bench(b *testing.B, small, large *growthApp) {
	for b.Loop() {
		// Other processes may disturb a measurement, but hardly three in a row.
		ratio := g.measure(b, small, large)
		for again := 0; ratio > g.limit && again < 2; again++ {
			ratio = min(ratio, g.measure(b, small, large))
		}
		b.ReportMetric(ratio, "large/small")
		if ratio > g.limit {
			b.Errorf("%.1f times the time of the small app, %.1f is the limit", ratio, g.limit)
		}
	}
	b.ReportMetric(0, "ns/op") // not meaningful
}

// growthApp is an app with n seeded rows.
type growthApp struct {
	*cometchattest.Server
	n, sent int
}

func newGrowthApp(seed func(*cometchattest.Server, int), n int) *growthApp {
	srv := cometchattest.New()
	seed(srv, n)
	return &growthApp{Server: srv, n: n}
}

// measure returns the ratio of the median durations, which are measured
// alternately.
func (g *growth) measure(b *testing.B, small, large *growthApp) float64 {
	b.Helper()
	var took [2][]time.Duration
	for range 101 {
		for i, app := range []*growthApp{small, large} {
			took[i] = append(took[i], g.send(b, app))
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	return float64(took[1][50]) / float64(took[0][50])
}

// send sends the request and returns its duration.
func (g *growth) send(b *testing.B, app *growthApp) time.Duration {
	b.Helper()
	app.sent++
	body := ""
	if g.body != nil {
		body = g.body(app.sent)
	}
	req := httptest.NewRequestWithContext(b.Context(), g.method, "http://emulator/v3"+g.path(app.n), strings.NewReader(body))
	req.Header.Set("apikey", app.APIKey())
	if g.actor != "" {
		req.Header.Set("onBehalfOf", g.actor)
	}
	rec := httptest.NewRecorder()
	start := time.Now()
	app.ServeHTTP(rec, req)
	took := time.Since(start)
	require.Equal(b, http.StatusOK, rec.Code, rec.Body)
	return took
}
