package fastjson_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/fastjson"
)

// userItem and messageItem return an item of a list, of about the size of a real
// one.
func userItem(i int) string {
	return fmt.Sprintf(`{"uid":"customer-%07d","name":"Zoé Müller %d","avatar":"https://files.example.com/avatars/%d/large.png","link":"https://shop.example.com/customers/%d","metadata":{"plan":"gold","seats":12,"country":"NL","notes":"first contact at the fair in Utrecht"},"tags":["vip","nl"],"status":"offline","role":"default","createdAt":1694667984,"updatedAt":1694668001,"lastActiveAt":1694668001,"conversationId":"customer-%07d_user_support"}`, i, i, i, i, i)
}

func messageItem(i int) string {
	entity := fmt.Sprintf(`{"entity":{"uid":"ann-%d","name":"Ann","role":"default","status":"offline","createdAt":1700000000},"entityType":"user"}`, i)
	return fmt.Sprintf(`{"id":"%d","muid":"m-%d","conversationId":"ann_user_bob","sender":"ann-%d","receiverType":"user","receiver":"bob","category":"message","type":"image","data":{"text":"Voilà, die Fotos von Café n° %d: schöne Grüße aus Köln","attachments":[{"url":"https://files.example.com/2024/05/%d/photo.jpg","name":"photo.jpg","mimeType":"image/jpeg","extension":"jpg","size":482133},{"url":"https://files.example.com/2024/05/%d/plan.pdf","name":"plan.pdf","mimeType":"application/pdf","extension":"pdf","size":82133}],"metadata":{"n":%d},"entities":{"sender":%s,"receiver":%s},"moderation":{"status":"approved"}},"sentAt":1700000000,"updatedAt":1700000000}`,
		i, i, i, i, i, i, i, entity, entity)
}

// BenchmarkDecode decodes pages in turn with this package and with encoding/json.
// ratio is the median time of a turn here, as a multiple of a turn of
// encoding/json.
func BenchmarkDecode(b *testing.B) {
	for _, kind := range []struct {
		name   string
		item   func(int) string
		target func() any
	}{
		{"users", userItem, func() any { return new(page[cometchat.User]) }},
		{"messages", messageItem, func() any { return new(page[cometchat.Message]) }},
	} {
		for _, size := range []int{100, 1000} {
			items := make([]string, size)
			for i := range items {
				items[i] = kind.item(i)
			}
			body := []byte(`{"data":[` + strings.Join(items, ",") + `],"meta":{"pagination":{"total":100000,"count":1000,"per_page":1000,"current_page":1,"total_pages":100}}}`)
			for writer, body := range map[string][]byte{"plain": body, "as PHP writes them": asPHP(body)} {
				b.Run(fmt.Sprintf("%d %s %s", size, kind.name, writer), func(b *testing.B) {
					b.SetBytes(int64(len(body)))
					b.ReportAllocs()
					var ours, theirs, ratios []float64
					for b.Loop() {
						start := time.Now()
						if !fastjson.Unmarshal(body, kind.target()) {
							b.Fatal("refused")
						}
						took := time.Since(start).Seconds()
						b.StopTimer()
						start = time.Now()
						if err := json.Unmarshal(body, kind.target()); err != nil {
							b.Fatal(err)
						}
						other := time.Since(start).Seconds()
						ours, theirs, ratios = append(ours, took), append(theirs, other), append(ratios, took/other)
						b.StartTimer()
					}
					b.ReportMetric(median(ours)/float64(size)*1e9, "ns/item")
					b.ReportMetric(median(theirs)/float64(size)*1e9, "json-ns/item")
					b.ReportMetric(median(ratios), "ratio")
				})
			}
		}
	}
}

func median[T cmp.Ordered](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}
