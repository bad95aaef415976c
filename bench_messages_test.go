package cometchat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

const (
	historyLength = 100_000
	historyPage   = 1000
)

// historyServer serves a history in pages made before the clock starts.
func historyServer(b *testing.B) *httptest.Server {
	pages := map[string][]byte{}
	for first := 0; first <= historyLength; first += historyPage {
		var page strings.Builder
		page.WriteString(`{"data":[`)
		for i := first + 1; i <= min(first+historyPage, historyLength); i++ {
			if i > first+1 {
				page.WriteByte(',')
			}
			fmt.Fprintf(&page, `{"id":"%d","muid":"m-%d","conversationId":"ann_user_bob","sender":"ann","receiverType":"user","receiver":"bob","category":"message","type":"text","data":{"text":"Message number %d of the history","metadata":{"n":%d},"entities":{"sender":{"entity":{"uid":"ann","name":"Ann","role":"default","status":"offline","createdAt":1700000000},"entityType":"user"},"receiver":{"entity":{"uid":"bob","name":"Bob","role":"default","status":"offline","createdAt":1700000000,"conversationId":"ann_user_bob"},"entityType":"user"}},"moderation":{"status":"approved"}},"sentAt":%d,"updatedAt":%d}`,
				i, i, i, i, 1700000000+i/7, 1700000000+i/7)
		}
		last := min(first+historyPage, historyLength)
		fmt.Fprintf(&page, `],"meta":{"current":{"limit":%d,"count":%d},"next":{"affix":"append","sentAt":%d,"id":"%d"}}}`,
			historyPage, last-first, 1700000000+last/7, last)
		from := strconv.Itoa(first)
		if first == 0 {
			from = ""
		}
		pages[from] = []byte(page.String())
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		page := pages[r.URL.Query().Get("id")]
		w.Header().Set("Content-Length", strconv.Itoa(len(page)))
		_, _ = w.Write(page)
	}))
	b.Cleanup(srv.Close)
	return srv
}

// walkByLibrary walks the history as a user of the library does.
func walkByLibrary(b *testing.B, client *cometchat.Client) {
	n := 0
	for message, err := range client.Messages.List(nil).All(b.Context()) {
		if err != nil || message.ID == "" {
			b.Fatal(err)
		}
		n++
	}
	require.Equal(b, historyLength, n)
}

// walkByHand walks it with net/http and encoding/json alone, into the same
// struct.
func walkByHand(b *testing.B, base string) {
	n := 0
	for query := (url.Values{"limit": {strconv.Itoa(historyPage)}}); ; {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, base+"/messages?"+query.Encode(), nil)
		require.NoError(b, err)
		req.Header.Set("apikey", "key")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(b, err)
		var page struct {
			Data []*cometchat.Message `json:"data"`
			Meta struct {
				Next struct {
					Affix  string `json:"affix"`
					ID     string `json:"id"`
					SentAt int64  `json:"sentAt"`
				} `json:"next"`
			} `json:"meta"`
		}
		require.NoError(b, json.NewDecoder(resp.Body).Decode(&page))
		require.NoError(b, resp.Body.Close())
		if len(page.Data) == 0 {
			break
		}
		for _, message := range page.Data {
			if message.ID == "" {
				b.Fatal("no id")
			}
			n++
		}
		query.Set("affix", page.Meta.Next.Affix)
		query.Set("id", page.Meta.Next.ID)
		query.Set("sentAt", strconv.FormatInt(page.Meta.Next.SentAt, 10))
	}
	require.Equal(b, historyLength, n)
}

// BenchmarkWalkMessages walks a history of 100,000 messages in pages of 1,000,
// with the client and by hand.
func BenchmarkWalkMessages(b *testing.B) {
	srv := historyServer(b)
	client := clientOf(b, srv.URL, "key")
	sideBySide(b, 1, historyLength, func() { walkByLibrary(b, client) }, func() { walkByHand(b, srv.URL) })
}
