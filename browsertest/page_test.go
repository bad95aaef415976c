package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/console"
)

// patience bounds the time of a tab. No working test needs that long, even on a
// busy machine.
const patience = 5 * time.Minute

// browsers are the names of the supported browsers.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"}

func browser(t *testing.T) string {
	t.Helper()
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium or Chrome here; install one to run this")
	return ""
}

// site is an emulator that can be stopped and started again at the same address.
type site struct {
	srv     *cometchattest.Server
	address string
	http    *http.Server
	origins []string // origins that may use the API
}

func newSite(t *testing.T, origins ...string) *site {
	t.Helper()
	s := &site{srv: cometchattest.New(
		cometchattest.WithAPIKey("the-key-of-the-app"), cometchattest.WithRequestLog(1000, 64<<20), cometchattest.WithClientAPI(),
	), address: "127.0.0.1:0", origins: origins}
	s.start(t)
	t.Cleanup(func() { _ = s.http.Close(); s.srv.Close() })
	return s
}

func (s *site) start(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", s.address)
	require.NoError(t, err)
	s.address = listener.Addr().String()
	c := console.New(s.srv, console.Options{Version: "v1.4.0", Region: "us", URL: s.url("/v3"), Seeds: []string{"seed.json"}, CORSOrigins: s.origins})
	c.Ready()
	s.http = &http.Server{Handler: c, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.http.Serve(listener) }()
}

func (s *site) url(path string) string { return "http://" + s.address + path }

// client sends a request as an API client does.
func (s *site) client(t *testing.T, method, path, as, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url("/v3"+path), strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("apikey", s.srv.APIKey())
	req.Header.Set("Content-Type", "application/json")
	if as != "" {
		req.Header.Set("onBehalfOf", as)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// market fills the app with the data of the screenshots in the documentation.
func (s *site) market(t *testing.T) {
	t.Helper()
	seed, err := os.Open(filepath.Join("..", "docs", "seed.json"))
	require.NoError(t, err)
	defer func() { _ = seed.Close() }()
	_, err = s.srv.Load(seed)
	require.NoError(t, err)
}

// odd adds data that is hard to show.
func (s *site) odd(t *testing.T) {
	t.Helper()
	long := strings.Repeat("Donaudampfschifffahrt", 20)
	s.srv.AddUsers(
		cometchattest.User{UID: "odd", Name: `<script>alert("x")</script>`, Tags: []string{"a & b", long[:60]}, Metadata: []byte(`{"<b>":"</script>"}`)},
		cometchattest.User{UID: "rtl", Name: "مستخدم تجريبي"},
		cometchattest.User{UID: long[:100], Name: long[:100]},
	)
	s.srv.AddGroups(cometchattest.Group{GUID: "odd-group", Name: long[:100], Description: long, Type: "private", Owner: "odd", Participants: []string{"rtl"}, Banned: []string{long[:100]}})
	say := func(m cometchattest.Message) {
		m.Receiver, m.ReceiverType, m.Sender = "odd-group", "group", "odd"
		s.srv.AddMessages(m)
	}
	for _, text := range []string{"<script>alert(1)</script>", "مرحبا بالعالم", "🎉👩‍👩‍👧‍👦", strings.Repeat("x", 65_536), "two\nlines"} {
		say(cometchattest.Message{Text: text})
	}
	say(cometchattest.Message{Category: "custom", Type: "location", Data: []byte(`{"customData":{"lat":38.7,"far":"` + long + `"}}`)})
	say(cometchattest.Message{Category: "strange", Type: "unknown", Data: []byte(`{"x":[1,{"y":null}]}`)})
	say(cometchattest.Message{Category: "interactive", Type: "form", Data: []byte(`{"interactiveData":{"title":"Which stall?","formFields":[{"label":"Number"},{"label":"` + long + `"}]}}`)})
	say(cometchattest.Message{Type: "image", Data: []byte(`{"attachments":[{"name":"` + long + `.png","mimeType":"image/png","size":186000,"url":"https://elsewhere.example/x.png"}]}`)})
	s.client(t, "POST", "/users", "", `{"uid":"`+long+`"}`)
	s.client(t, "GET", "/users/%3Cscript%3E", "", "")
	s.client(t, "POST", "/users/odd/auth_tokens", "", `{}`)
}

// tab is a tab of the browser. It records requests and messages that should not
// occur.
type tab struct {
	ctx  context.Context
	site *site

	scriptless bool
	elsewhere  []string // other origins that it may visit
	complains  bool     // console messages are allowed

	mu       sync.Mutex
	requests []string
	messages []string
}

var allocate = sync.OnceValues(func() (context.Context, context.CancelFunc) {
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.DisableGPU)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			options = append(options, chromedp.ExecPath(path))
			break
		}
	}
	return chromedp.NewExecAllocator(context.Background(), options...)
})

func TestMain(m *testing.M) {
	code := m.Run()
	_, cancel := allocate()
	cancel()
	os.Exit(code)
}

func (s *site) open(t *testing.T) *tab {
	t.Helper()
	browser(t)
	parent, _ := allocate()
	ctx, cancel := chromedp.NewContext(parent)
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, patience)
	t.Cleanup(stop)
	tb := &tab{ctx: ctx, site: s}
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	require.NoError(t, chromedp.Listen(ctx, func(ev any) {
		tb.mu.Lock()
		defer tb.mu.Unlock()
		if sent, ok := ev.(*network.EventRequestWillBeSent); ok {
			tb.requests = append(tb.requests, sent.Request.URL)
		}
	}))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	go func() {
		for message, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			// Messages at debug level are only advice about forms.
			if text := fmt.Sprint(message); !strings.HasPrefix(text, "debug") {
				tb.mu.Lock()
				tb.messages = append(tb.messages, text)
				tb.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() {
		tb.mu.Lock()
		defer tb.mu.Unlock()
		for _, address := range tb.requests {
			own := append([]string{s.url("/"), "about:", "data:"}, tb.elsewhere...)
			if !slices.ContainsFunc(own, func(prefix string) bool { return strings.HasPrefix(address, prefix) }) {
				t.Errorf("a request left the origin: %s", address)
			}
		}
		if !tb.complains {
			assert.Empty(t, tb.messages, "the console says nothing, of the policy neither")
		}
	})
	return tb
}

func (tb *tab) visit(t *testing.T, path string) {
	t.Helper()
	require.EqualValues(t, 200, tb.follow(t, chromedp.Navigate(tb.site.url("/_emulator"+path))), path)
}

// follow runs steps that lead to another page, and waits for that page. A browser
// that is sent elsewhere before it has loaded may give up either page.
func (tb *tab) follow(t *testing.T, steps ...chromedp.Action[chromedp.Void]) (status int64) {
	t.Helper()
	response, err := chromedp.RunResponse(tb.ctx, steps...)
	require.NoError(t, err)
	if response != nil {
		status = response.Status
	}
	return status
}

// act runs steps that lead to another page only without scripts.
func (tb *tab) act(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if tb.scriptless {
		tb.follow(t, steps...)
		return
	}
	require.NoError(t, chromedp.Do(tb.ctx, steps...))
}

func eval[T any](t *testing.T, tb *tab, expression string) T {
	t.Helper()
	value, err := chromedp.Run(tb.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(t, err, expression)
	return value
}

// await waits until an expression is true.
func (tb *tab) await(t *testing.T, expression string) {
	t.Helper()
	for ; tb.ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if value, err := chromedp.Run(tb.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && value {
			return
		}
	}
	t.Fatalf("never came true: %s", expression)
}

func (tb *tab) size(t *testing.T, width, height int64, scheme string) {
	t.Helper()
	require.NoError(t, chromedp.Do(tb.ctx, chromedp.EmulateViewport(width, height)))
	_, err := chromedp.Call(tb.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	require.NoError(t, err)
}

func (tb *tab) scripts(t *testing.T, on bool) {
	t.Helper()
	_, err := chromedp.Call(tb.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	require.NoError(t, err)
	tb.scriptless = !on
}

// viewPaths are the paths of all views.
var viewPaths = []string{
	"/", "/users", "/users/aiko", "/groups", "/groups/night-market", "/conversations", "/conversations/group_night-market?as=nadia",
	"/requests", "/requests/1", "/webhooks", "/deliveries/1", "/faults", "/clock", "/ask?what=reset",
	"/conversations/group_odd-group", "/groups/odd-group", "/users/odd",
}

// spoilt is a script that returns the visual faults of a page: text without
// contrast, text that sticks out of its box or is cut off, and elements wider
// than the window.
const spoilt = `(() => {
  const wrong = [];
  const parse = (c) => { const m = c.match(/[\d.]+/g)?.map(Number) || [0, 0, 0, 0]; if (c.startsWith("color(srgb")) return [m[0] * 255, m[1] * 255, m[2] * 255, m[3] ?? 1]; return [m[0], m[1], m[2], m[3] ?? 1]; };
  const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const lum = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const back = (el) => { const layers = []; for (let e = el; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) layers.push(c); if (c[3] === 1) break; } let c = [255, 255, 255, 1]; for (const l of layers.reverse()) c = over(l, c); return c; };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode, el = text.parentElement;
    if (!text.data.trim() || !el.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || el.closest("svg")) continue;
    const bg = back(el), fg = over(parse(getComputedStyle(el).color), bg);
    const a = lum(fg), b = lum(bg), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const range = document.createRange();
    range.selectNodeContents(text);
    for (let e = el, right = range.getBoundingClientRect().right; e && !el.closest(".sr"); e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.textOverflow === "ellipsis" || /auto|scroll/.test(style.overflowX)) break;
      if ((/hidden|clip/.test(style.overflowX) || e.matches(".card, .bub, .btn, .tag")) && right > e.getBoundingClientRect().right + 1) wrong.push("sticks out: " + JSON.stringify(text.data.trim().slice(0, 40)));
    }
    if (ratio < 4.5) wrong.push("contrast " + ratio.toFixed(2) + " of " + JSON.stringify(text.data.trim().slice(0, 40)));
  }
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push("the window scrolls sideways: " + root.scrollWidth);
  for (const el of document.querySelectorAll("main, main *")) {
    const style = getComputedStyle(el);
    if (el.scrollWidth > el.clientWidth + 1 && /auto|scroll/.test(style.overflowX) && !el.matches("pre, textarea, input, select") && el.clientWidth > 0) wrong.push("scrolls sideways: " + el.tagName + "." + el.className + " " + el.scrollWidth + ">" + el.clientWidth);
  }
  return wrong;
})()`

// controls are the roles of the elements that a person operates.
var controls = []string{"button", "checkbox", "combobox", "DisclosureTriangle", "link", "listbox", "menuitem", "option", "radio", "searchbox", "slider", "spinbutton", "switch", "tab", "textbox"}

// nameless returns the controls of the accessibility tree that have no name, and
// the number of all controls.
func (tb *tab) nameless(t *testing.T) (wrong []string, all int) {
	t.Helper()
	tree, err := chromedp.Call(tb.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	require.NoError(t, err)
	text := func(v *accessibility.Value) (s string) {
		if v != nil {
			_ = json.Unmarshal([]byte(v.Value), &s) // a value that is not a text counts as no name
		}
		return strings.TrimSpace(s)
	}
	for _, node := range tree.Nodes {
		if role := text(node.Role); !node.Ignored && slices.Contains(controls, role) {
			if all++; text(node.Name) == "" {
				wrong = append(wrong, fmt.Sprintf("a %s without a name, node %d", role, node.BackendDOMNodeID))
			}
		}
	}
	return wrong, all
}

// look checks views in a window of this width and colour scheme.
func (tb *tab) look(t *testing.T, data string, width int64, scheme string, paths ...string) {
	t.Helper()
	tb.size(t, width, 900, scheme)
	for _, path := range paths {
		tb.visit(t, path)
		assert.Empty(t, eval[[]string](t, tb, spoilt), "%s %d %s %s", data, width, scheme, path)
		wrong, all := tb.nameless(t)
		assert.Empty(t, wrong, "%s %d %s %s", data, width, scheme, path)
		assert.Greater(t, all, 5)
		if dir := os.Getenv("SCREENSHOTS"); dir != "" {
			png, err := chromedp.Run(tb.ctx, chromedp.CaptureScreenshot())
			require.NoError(t, err)
			name := strings.NewReplacer("/", "_", "?", "_", "=", "_").Replace(strings.Trim(path, "/"))
			require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s-%s.png", data, width, scheme, name)), png, 0o600))
		}
	}
}

func TestLook(t *testing.T) {
	s := newSite(t)
	s.market(t)
	s.odd(t)
	s.srv.DeliverTo("http://127.0.0.1:9/hooks", cometchattest.WithRetries())
	assert.Equal(t, 200, s.client(t, "POST", "/messages", "aiko", `{"receiver":"nadia","receiverType":"user","category":"message","type":"text","data":{"text":"x"}}`))
	s.srv.Inject(cometchattest.Fault{Method: "POST", Path: "/messages", Status: 429, RetryAfter: "2", Times: 3})
	assert.Equal(t, 429, s.client(t, "POST", "/messages", "aiko", `{}`))
	s.srv.Inject(cometchattest.Fault{Method: "DELETE", Path: "/messages/{id}", DropAfter: true}) // is used up
	assert.Equal(t, 0, s.client(t, "DELETE", "/messages/2", "", ""))
	tb := s.open(t)
	for _, width := range []int64{1440, 320} {
		for _, scheme := range []string{"light", "dark"} {
			tb.look(t, "odd", width, scheme, append(slices.Clone(viewPaths), "/conversations/group_night-market?as=nadia&thread=1")...)
		}
	}
}

func TestLookOfNothing(t *testing.T) {
	tb := newSite(t).open(t)
	paths := []string{"/", "/users", "/groups", "/conversations", "/requests", "/webhooks", "/faults", "/clock"}
	tb.look(t, "nothing", 1440, "dark", paths...)
	tb.look(t, "nothing", 320, "light", paths...)
}

func TestLookOfMuch(t *testing.T) {
	s := newSite(t)
	s.srv.SeedUsers(1000)
	s.srv.SeedMessages(1000, 10)
	everybody := make([]string, 1000)
	for i := range everybody {
		everybody[i] = fmt.Sprintf("user-%04d", i+1)
	}
	for i := range 200 {
		s.srv.AddGroups(cometchattest.Group{GUID: fmt.Sprintf("group-%d", i), Name: fmt.Sprintf("Group %d", i), Owner: everybody[i], Participants: everybody})
		s.srv.AddMessages(cometchattest.Message{Sender: everybody[i+1], Receiver: "user-0001", Text: "hello"})
		s.srv.Inject(cometchattest.Fault{Path: "/nowhere", Times: i + 1})
	}
	s.srv.DeliverTo("http://127.0.0.1:9/hooks")
	for i := range 200 {
		s.client(t, "POST", "/messages", everybody[i+1], `{"receiver":"user-0001","receiverType":"user","category":"message","type":"text","data":{"text":"hello"}}`)
	}
	tb := s.open(t)
	paths := []string{
		"/", "/users", "/users/user-0001", "/groups", "/groups/group-1", "/conversations", "/conversations/user-0001_user_user-0002?as=user-0001",
		"/requests", "/requests/200", "/webhooks", "/deliveries/200", "/faults",
	}
	tb.look(t, "much", 1440, "light", paths...)
	tb.look(t, "much", 320, "dark", paths...)
}

func TestSpoiltPageIsFound(t *testing.T) {
	s := newSite(t)
	tb := s.open(t)
	tb.size(t, 1440, 900, "light")
	tb.visit(t, "/clock")
	eval[string](t, tb, `document.querySelector("h1").style.setProperty("color", "#ccc"), ""`)
	assert.NotEmpty(t, eval[[]string](t, tb, spoilt))
	eval[string](t, tb, `document.querySelector("main").append(document.createElement("button")), ""`)
	wrong, _ := tb.nameless(t)
	assert.Len(t, wrong, 1)
}

const chat = "/conversations/group_night-market?as=nadia"

// receiver returns an endpoint that fails until works is set.
func receiver(t *testing.T) (url string, works *atomic.Bool, got *atomic.Int32) {
	works, got = &atomic.Bool{}, &atomic.Int32{}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		got.Add(1)
		if !works.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(hook.Close)
	return hook.URL, works, got
}

// TestActions performs every action with and without scripts.
func TestActions(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without scripts": false} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.market(t)
			url, works, got := receiver(t)
			s.srv.DeliverTo(url)
			tb := s.open(t)
			tb.size(t, 1440, 900, "dark")
			tb.scripts(t, scripts)

			// A fault added with the form hits the next request.
			tb.visit(t, "/faults")
			tb.follow(t, chromedp.SendKeys("#add form.body input[name=path]", "/users"), chromedp.SendKeys("#add form.body input[name=status]", "503"), chromedp.Click("#add form.body button.main"))
			tb.await(t, `document.querySelector("#list").innerText.includes("503")`)
			assert.Equal(t, 503, s.client(t, "GET", "/users", "", ""))
			assert.Equal(t, 200, s.client(t, "GET", "/users", "", ""))

			// A message written on the page, and its delivery, which fails and is
			// repeated.
			tb.visit(t, chat)
			tb.act(t, chromedp.SendKeys("#write textarea", "hello"), chromedp.Click("#write button.main"))
			tb.await(t, `document.querySelector("#messages").innerText.includes("hello")`)
			require.NoError(t, s.srv.AwaitDeliveries(t.Context()))
			require.EqualValues(t, 1, got.Load())
			works.Store(true)
			tb.visit(t, "/deliveries/1")
			tb.await(t, `document.querySelector(".detail").innerText.includes("503")`)
			tb.follow(t, chromedp.Click(".detail button.main"))
			require.Eventually(t, func() bool { return got.Load() == 2 }, patience, 20*time.Millisecond)
			tb.visit(t, "/deliveries/1")
			tb.await(t, `document.querySelector(".detail .head").innerText.includes("delivered")`)

			// A reset restores the seed, including ids.
			last := func() string {
				tb.visit(t, chat)
				return eval[string](t, tb, `[...document.querySelectorAll("#messages .msg")].at(-1).id`)
			}
			sent := last()
			tb.visit(t, "/")
			tb.act(t, chromedp.Click(`a[href="/_emulator/ask?what=reset"]`))
			tb.follow(t, chromedp.Click(`form[action="/_emulator/reset"] button`))
			require.Eventually(t, func() bool { return len(s.srv.Events()) == 0 }, patience, 20*time.Millisecond)
			tb.await(t, `location.pathname === "/_emulator/" && document.querySelector("#tiles")`)
			assert.NotEqual(t, sent, last())
			tb.act(t, chromedp.SendKeys("#write textarea", "again"), chromedp.Click("#write button.main"))
			tb.await(t, `document.querySelector("#messages").innerText.includes("again")`)
			assert.Equal(t, sent, last())
		})
	}
}

func TestLostAndBack(t *testing.T) {
	s := newSite(t)
	tb := s.open(t)
	tb.complains = true // about the lost connection
	tb.size(t, 1440, 900, "light")
	tb.visit(t, "/")
	tb.await(t, `document.querySelector("[data-live-word]").innerText === "Live"`)
	require.NoError(t, s.http.Close())
	tb.await(t, `document.body.classList.contains("offline") && document.querySelector(".down").checkVisibility()`)
	s.start(t)
	tb.await(t, `!document.body.classList.contains("offline")`)
}

// TestCopyAsCurl runs the command that the page copies in a shell.
func TestCopyAsCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl here; install it to run this")
	}
	s := newSite(t)
	tb := s.open(t)
	tb.size(t, 1440, 900, "light")
	body := `{"uid":"rosa","name":"it's @home, $HOME"}`
	require.Equal(t, 200, s.client(t, "POST", "/users", "", body))
	s.srv.Empty("requests")
	tb.visit(t, "/requests/1")
	eval[string](t, tb, `navigator.clipboard.writeText = async (text) => { window.copied = text; }, ""`)
	require.NoError(t, chromedp.Do(tb.ctx, chromedp.KeyEvent("y")))
	tb.await(t, `window.copied`)
	line := eval[string](t, tb, `window.copied`)
	assert.NotContains(t, line, s.srv.APIKey())
	sh := exec.CommandContext(t.Context(), "sh", "-c", line)
	sh.Env = append(sh.Environ(), "COMETCHAT_API_KEY="+s.srv.APIKey())
	out, err := sh.CombinedOutput()
	require.NoError(t, err, "%s\n%s", line, out)
	sent := s.srv.Requests()
	require.Len(t, sent, 2)
	assert.Equal(t, []any{body, 200}, []any{string(sent[1].Body), sent[1].Status})
}

// TestOtherOrigins uses the API and the control API from pages of other origins.
// Only one of them may use the API, and none the control API.
func TestOtherOrigins(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<title>x</title>") })
	friend, stranger := httptest.NewServer(page), httptest.NewServer(page)
	defer friend.Close()
	defer stranger.Close()
	s := newSite(t, friend.URL)
	s.market(t)
	tb := s.open(t)
	tb.elsewhere = []string{friend.URL, stranger.URL}
	tb.complains = true // about the refusal of strangers
	for _, test := range []struct {
		origin  string
		allowed bool
	}{{friend.URL, true}, {stranger.URL, false}} {
		tb.follow(t, chromedp.Navigate(test.origin))
		try := func(path, init string) string {
			return eval[string](t, tb, fmt.Sprintf(`fetch(%q, %s).then((res) => res.status + " " + res.type, (err) => err.name)`, s.url(path), init))
		}
		want := "TypeError"
		if test.allowed {
			want = "200 cors"
		}
		assert.Equal(t, want, try("/v3/users/aiko", `{headers: {apikey: "`+s.srv.APIKey()+`"}}`))
		assert.Equal(t, want, try("/v3/users/aiko", `{method: "PUT", body: "{}", headers: {apikey: "`+s.srv.APIKey()+`", "Content-Type": "application/json"}}`))
		assert.Equal(t, "TypeError", try("/_emulator/state", `{}`))
		assert.Equal(t, "0 opaque", try("/_emulator/reset", `{method: "POST", mode: "no-cors", body: "{}"}`))
		assert.Equal(t, "TypeError", try("/_emulator/users/aiko", `{method: "DELETE"}`))
		assert.True(t, eval[bool](t, tb, fmt.Sprintf(`new Promise((done) => { const s = new EventSource(%q); s.onopen = () => done(false); s.onerror = () => done(true); })`, s.url("/_emulator/events"))))
	}
	var reached []string
	for _, r := range s.srv.Requests() {
		reached = append(reached, r.Method+" "+r.Header.Get("Origin"))
	}
	assert.Equal(t, []string{
		"GET " + friend.URL, "PUT " + friend.URL, "OPTIONS " + stranger.URL, "OPTIONS " + stranger.URL,
	}, reached, "nothing was reset either")
}

// TestWithoutScripts checks every view and sends every form with scripts
// disabled.
func TestWithoutScripts(t *testing.T) {
	s := newSite(t)
	tb := s.open(t)
	tb.size(t, 1440, 900, "light")
	tb.scripts(t, false)
	fill := func() {
		s.srv.Empty()
		for _, e := range s.srv.Endpoints() {
			e.Remove()
		}
		s.market(t)
		s.srv.DeliverTo("http://127.0.0.1:9/hooks", cometchattest.WithRetries())
		require.Equal(t, 200, s.client(t, "POST", "/messages", "aiko", `{"receiver":"night-market","receiverType":"group","category":"message","type":"text","data":{"text":"x"}}`))
		require.NoError(t, s.srv.AwaitDeliveries(t.Context()))
		s.srv.Inject(cometchattest.Fault{Path: "/nowhere", Status: 500})
	}
	sent := map[string]bool{}
	for _, path := range viewPaths {
		if strings.Contains(path, "odd") {
			continue
		}
		open := func() {
			fill()
			// The ids of requests keep growing.
			tb.visit(t, strings.Replace(path, "requests/1", fmt.Sprintf("requests/%d", s.srv.Requests()[0].ID), 1))
		}
		open()
		assert.Empty(t, eval[[]string](t, tb, spoilt), path)
		assert.NotEmpty(t, eval[string](t, tb, `document.querySelector("main").innerText.trim()`), path)
		for i, name := range eval[[]string](t, tb, buttons) {
			if sent[name] {
				continue
			}
			sent[name] = true
			open()
			eval[string](t, tb, fmt.Sprintf(prepare, i))
			status := tb.follow(t, chromedp.Click("#this-one"))
			assert.EqualValues(t, 200, status, "%s: %s: %s", path, name, eval[string](t, tb, `document.querySelector("main").innerText`))
		}
	}
	assert.Greater(t, len(sent), 25, "%v", slices.Sorted(maps.Keys(sent)))
}

// submitters selects the buttons that send forms.
const submitters = `[...document.querySelectorAll("form:not([method=dialog]) button:not([type=button])")]`

// buttons describes what each of them does. Descriptions that differ only in an
// id are equal.
const buttons = submitters + `.map((b) => [b.form.method, b.getAttribute("formaction") || b.form.getAttribute("action"), b.name, b.value, b.form.elements._method?.value].join(" ").replace(/[0-9]+/g, "#"))`

// prepare shows one of them, and fills in the required fields of its form.
const prepare = `(() => {
  const button = ` + submitters + `[%d];
  button.id = "this-one";
  for (let el = button; el; el = el.parentElement) if (el.tagName === "DETAILS") el.open = true;
  for (const field of button.form.elements) {
    if (field.name === "scope") field.selectedIndex = field.selectedIndex ? 0 : 1;
    if (!field.required || field.value) continue;
    field.value = { url: "http://127.0.0.1:9/more", number: "1" }[field.type] || { trigger: "call_started", receiver: "farah" }[field.name] || "rosa";
  }
  return "";
})()`
