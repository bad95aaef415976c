package browsertest

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func TestLive(t *testing.T) {
	s := newSite(t)
	s.market(t)
	tb := s.open(t)
	tb.size(t, 1440, 900, "light")
	tb.visit(t, chat)
	eval[string](t, tb, `window.same = "page"`)
	require.Equal(t, 200, s.client(t, "POST", "/messages", "aiko", `{"receiver":"night-market","receiverType":"group","category":"message","type":"text","data":{"text":"from another client"}}`))
	tb.await(t, `document.querySelector("#messages").innerText.includes("from another client")`)
	assert.Equal(t, "page", eval[string](t, tb, `window.same`), "the page was not loaded again")

	require.NoError(t, chromedp.Do(tb.ctx, chromedp.SendKeys("form.send textarea", "typed here\r")))
	tb.await(t, `[...document.querySelectorAll(".msg.own")].some((m) => m.innerText.includes("typed here"))`)
	assert.Equal(t, "page", eval[string](t, tb, `window.same`))

	// Requests: live, filtered, and paused, even while the list is loading.
	tb.visit(t, "/requests")
	s.client(t, "GET", "/users/first", "", "")
	tb.await(t, `document.querySelector("#list").innerText.includes("/users/first")`)
	eval[string](t, tb, `window.get = fetch, window.fetch = async (...what) => { await new Promise((go) => window.go = go); return get(...what); }, ""`)
	s.client(t, "GET", "/users/second", "", "")
	tb.await(t, `window.go`)
	tb.act(t, chromedp.Click("[data-pause]"))
	eval[string](t, tb, `window.fetch = get, go(), ""`)
	tb.await(t, `document.querySelector("[data-pause]").innerText === "Show new"`)
	assert.False(t, eval[bool](t, tb, `document.querySelector("#list").innerText.includes("/users/second")`))
	tb.act(t, chromedp.Click("[data-pause]"))
	tb.await(t, `document.querySelector("#list").innerText.includes("/users/second")`)
	require.NoError(t, chromedp.Do(tb.ctx, chromedp.SendKeys("[data-find]", "first")))
	tb.await(t, `[...document.querySelectorAll("#list tr")].filter((r) => r.checkVisibility()).length === 1`)

	// Keys.
	require.NoError(t, chromedp.Do(tb.ctx, chromedp.KeyEvent("\x1b")))
	tb.visit(t, "/requests")
	require.NoError(t, chromedp.Do(tb.ctx, chromedp.KeyEvent("j")))
	assert.True(t, eval[bool](t, tb, `document.activeElement.matches("[data-rows] a")`))
	require.NoError(t, chromedp.Do(tb.ctx, chromedp.KeyEvent("?")))
	assert.True(t, eval[bool](t, tb, `document.querySelector("[data-help]").open`))
	require.NoError(t, chromedp.Do(tb.ctx, chromedp.KeyEvent("\x1b"), chromedp.KeyEvent("g"), chromedp.KeyEvent("f")))
	tb.await(t, `location.pathname === "/_emulator/faults"`)
}

// TestLiveWhileReading scrolls down in lists that become longer at their top. They
// stay where they are until the pill is clicked.
func TestLiveWhileReading(t *testing.T) {
	s := newSite(t)
	s.srv.SeedUsers(60)
	for i := range 60 {
		uid := fmt.Sprintf("user-%04d", i+1)
		s.srv.AddGroups(cometchattest.Group{GUID: fmt.Sprintf("team-%02d", i), Name: fmt.Sprintf("Team %d", i), Owner: "user-0001"})
		s.srv.AddMessages(cometchattest.Message{Sender: uid, Receiver: fmt.Sprintf("team-%02d", i), ReceiverType: "group", Text: "hi"})
		s.client(t, "GET", "/users/"+uid, "", "")
	}
	s.srv.DeliverToHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for range 60 {
		require.NoError(t, s.srv.Fire("call_started", nil))
	}
	tb := s.open(t)
	tb.size(t, 1440, 900, "light")
	say := func(guid string) {
		require.Equal(t, 200, s.client(t, "POST", "/messages", "user-0001", `{"receiver":"`+guid+`","receiverType":"group","data":{"text":"news"}}`))
	}
	for _, test := range []struct {
		path, box string
		add       func(i int)
	}{
		{"/requests", "#list", func(i int) { s.client(t, "GET", fmt.Sprintf("/groups/new-%d", i), "", "") }},
		{"/webhooks", "#list", func(int) { require.NoError(t, s.srv.Fire("call_started", nil)) }},
		{"/conversations", ".cvs", func(i int) { say(fmt.Sprintf("team-%02d", i)) }},
	} {
		tb.visit(t, test.path)
		// first names the first row of all, and where says which row is at the top of
		// the visible part, and how far down.
		const first = `document.querySelector("#list [data-key]").dataset.key`
		where := fmt.Sprintf(`(() => { const box = document.querySelector(%q), edge = box.getBoundingClientRect().top;
			const row = [...box.querySelectorAll("[data-key]")].find((r) => r.getBoundingClientRect().bottom > edge);
			return row.dataset.key + " " + Math.round(row.getBoundingClientRect().top - edge); })()`, test.box)
		eval[string](t, tb, fmt.Sprintf(`document.querySelector(%q).scrollTop = 700, ""`, test.box))
		before, top := eval[string](t, tb, where), eval[string](t, tb, first)
		test.add(1)
		tb.await(t, `document.querySelector("#list .pill-new")?.innerText === "1 new"`)
		assert.Equal(t, before, eval[string](t, tb, where), "%s is shifted", test.path)
		test.add(2)
		test.add(3)
		tb.await(t, `document.querySelector("#list .pill-new")?.innerText === "3 new"`)
		assert.Equal(t, before, eval[string](t, tb, where), "%s is shifted", test.path)
		assert.Equal(t, top, eval[string](t, tb, first), "%s has no new rows yet", test.path)
		assert.True(t, eval[bool](t, tb, `document.elementFromPoint(...(({x, y, width, height}) => [x + width / 2, y + height / 2])(document.querySelector(".pill-new").getBoundingClientRect())).matches(".pill-new")`), "the pill is in sight")
		assert.Empty(t, eval[[]string](t, tb, spoilt), test.path)

		tb.act(t, chromedp.Click(".pill-new"))
		tb.await(t, fmt.Sprintf(`%s !== %q && !document.querySelector(".pill-new")`, first, top))
		assert.Equal(t, 0, eval[int](t, tb, fmt.Sprintf(`document.querySelector(%q).scrollTop`, test.box)), test.path)

		// At the top, new rows come at once.
		top = eval[string](t, tb, first)
		test.add(4)
		tb.await(t, fmt.Sprintf(`%s !== %q && !document.querySelector(".pill-new")`, first, top))
	}
}
