package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

//go:embed page
var files embed.FS

// page is the input of a template.
type page struct {
	Name  string // the name of the template
	Title string
	// Nav is the view that the page belongs to.
	Nav  string
	Data any
	// Live lists the topics of the stream that change the page.
	Live string
}

// frame is a page with the data for what surrounds every page.
type frame struct {
	page
	Counts  stateCounts
	Version string
	AppID   string
	Since   string
}

// views are the templates by the names of pages, and the assets.
type views struct {
	pages  map[string]*template.Template
	assets map[string]asset
}

type asset struct {
	kind, tag string
	content   []byte
}

const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func newViews() *views {
	v := &views{pages: map[string]*template.Template{}, assets: map[string]asset{}}
	layout := template.Must(template.New("layout.html").Funcs(functions).ParseFS(files, "page/layout.html"))
	names, _ := files.ReadDir("page") // embedded, so it cannot fail
	for _, entry := range names {
		name := entry.Name()
		switch ext := path.Ext(name); {
		case name == "layout.html":
		case ext == ".html":
			v.pages[strings.TrimSuffix(name, ext)] = template.Must(template.Must(layout.Clone()).ParseFS(files, "page/"+name))
		default:
			content, _ := files.ReadFile("page/" + name)
			sum := sha256.Sum256(content)
			kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
			v.assets[name] = asset{kinds[ext], `"` + hex.EncodeToString(sum[:8]) + `"`, content}
		}
	}
	return v
}

// render writes a page.
func (vs *views) render(v *visit, status int, p *page) error {
	ctx := v.r.Context()
	f := frame{page: *p, Version: v.opt.Version, AppID: v.srv.AppID()}
	var err error
	if f.Counts, err = v.stateCounts(ctx); err != nil {
		return err
	}
	seen, err := v.marks(ctx)
	if err != nil {
		return err
	}
	f.Since = seen.String()
	var buf bytes.Buffer
	if err := vs.pages[p.Name].ExecuteTemplate(&buf, "layout.html", f); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(buf.Bytes()) // the client may have left
	return nil
}

// asset sends the style sheet, the script or the icon.
func (v *visit) asset() error {
	a := v.views.assets[path.Base(v.r.URL.Path)]
	h := v.w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", a.tag)
	http.ServeContent(v.w, v.r, "", time.Time{}, bytes.NewReader(a.content))
	return nil
}

var functions = template.FuncMap{
	"initials": initials, "hue": hue, "thousands": Thousands, "bytes": byteCount, "pretty": pretty, "esc": url.PathEscape,
	"clock":   func(t time.Time) string { return t.UTC().Format("15:04:05") },
	"clockms": func(t time.Time) string { return t.UTC().Format("15:04:05.000") },
	"long":    func(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006, 15:04:05 UTC") },
	"unix":    unixTime, "unixlong": func(at int64) string { return time.Unix(at, 0).UTC().Format("Mon 2 Jan 2006, 15:04:05 UTC") },
	"hm": func(at int64) string { return time.Unix(at, 0).UTC().Format("15:04") },
	"st": statusClass, "statusText": http.StatusText, "ms": milliseconds, "list": func(s ...string) []string { return s },
	"sub": func(a, b int) int { return a - b }, "add": func(a, b int) int { return a + b }, "str": func(b []byte) string { return string(b) },
	"join": strings.Join, "unescape": func(s string) string {
		if u, err := url.PathUnescape(s); err == nil {
			return u
		}
		return s
	},
	"map": func(pairs ...any) map[string]any {
		m := map[string]any{}
		for i := 0; i+1 < len(pairs); i += 2 {
			m[fmt.Sprint(pairs[i])] = pairs[i+1]
		}
		return m
	},
}

// Thousands formats a number with commas.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// initials returns the first letters of the first and the last word of a name.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	first := func(word string) string {
		r, _ := utf8.DecodeRuneInString(word)
		return string(unicode.ToUpper(r))
	}
	switch len(words) {
	case 0:
		return "?"
	case 1:
		return first(words[0])
	}
	return first(words[0]) + first(words[len(words)-1])
}

// hue returns one of ten classes of colour, always the same one for an id.
func hue(id string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return "h" + strconv.Itoa(int(h.Sum32()%10))
}

func byteCount(n int) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	case n >= 1<<10:
		return strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64) + " KB"
	}
	return strconv.Itoa(n) + " B"
}

func milliseconds(ms float64) string {
	if ms >= 100 {
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
}

func unixTime(at int64) string {
	if at == 0 {
		return ""
	}
	return time.Unix(at, 0).UTC().Format("2 Jan, 15:04")
}

// FaultPath returns the path for a fault that hits requests like r: relative to
// /v3 or /management, and not escaped. It is empty if no fault can hit them.
func (r *request) FaultPath() string {
	for _, base := range []string{"/v3", "/management"} {
		rest, ok := strings.CutPrefix(r.Path, base+"/")
		if !ok {
			continue
		}
		segments := strings.Split(rest, "/")
		for i, segment := range segments {
			plain, err := url.PathUnescape(segment)
			if err != nil || strings.Contains(plain, "/") || segment == hidden {
				plain = "{any}" // a fault cannot name this segment
			}
			segments[i] = plain
		}
		return "/" + strings.Join(segments, "/")
	}
	return ""
}

// statusClass returns the class of a status: s2, s4, or s0 without a response.
func statusClass(status int) string { return "s" + strconv.Itoa(status/100) }

// maxShown is the largest part of a body to show, in bytes.
const maxShown = 64 << 10

// pretty formats a body: JSON indented and coloured, anything else unchanged.
func pretty(body any) template.HTML {
	var b []byte
	switch body := body.(type) {
	case string:
		b = []byte(body)
	case []byte:
		b = body
	case json.RawMessage:
		b = body
	default:
		b, _ = json.Marshal(body) // a value that cannot be encoded is shown empty
	}
	cut := ""
	if len(b) > maxShown {
		cut = fmt.Sprintf("\n… cut: %s of %s shown", byteCount(maxShown), byteCount(len(b)))
	}
	var out bytes.Buffer
	if cut != "" || json.Indent(&out, b, "", "  ") != nil {
		shown := b[:min(len(b), maxShown)]
		return template.HTML(template.HTMLEscapeString(strings.ToValidUTF8(string(shown), "�") + cut)) //nolint:gosec // escaped
	}
	return template.HTML(colour(out.Bytes())) //nolint:gosec // escaped, token by token
}

// colour wraps the tokens of indented JSON in spans.
func colour(doc []byte) string {
	var out strings.Builder
	span := func(class string, token []byte) {
		fmt.Fprintf(&out, `<span class="%s">%s</span>`, class, template.HTMLEscapeString(string(token)))
	}
	for i := 0; i < len(doc); {
		switch c := doc[i]; {
		case c == '"':
			end := endOfText(doc, i)
			class := "s"
			if end < len(doc) && doc[end] == ':' {
				class = "k"
			}
			span(class, bytes.ReplaceAll(doc[i:end], []byte(`\/`), []byte("/")))
			i = end
		case strings.IndexByte("-0123456789tfn", c) >= 0:
			end := i + 1
			for end < len(doc) && strings.IndexByte(",]}\n", doc[end]) < 0 {
				end++
			}
			span("d", doc[i:end])
			i = end
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String()
}

func endOfText(doc []byte, start int) int {
	for i := start + 1; i < len(doc); i++ {
		switch doc[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(doc)
}

// bar is a bar of the overview's chart. It stands for ten seconds.
type bar struct {
	X                int
	A, B, C          int // heights
	YA, YB, YC       int
	answered, no, ko int
}

const (
	barSpan = 10 * time.Second
	bars    = 30
	barTop  = 70
)

// chart counts the requests of the last five minutes.
func chart(requests []request, now time.Time) (list []bar, most, refused, dropped int) {
	list = make([]bar, bars)
	for _, r := range requests {
		i := bars - 1 - int(now.Sub(r.Time)/barSpan)
		if i < 0 || i >= bars || now.Before(r.Time) {
			continue
		}
		switch {
		case r.Status == 0:
			list[i].ko++
			dropped++
		case r.Status >= 400:
			list[i].no++
			refused++
		default:
			list[i].answered++
		}
		most = max(most, list[i].answered+list[i].no+list[i].ko)
	}
	for i := range list {
		b := &list[i]
		b.X = 3 + 20*i
		height := func(n int) int {
			if n == 0 {
				return 0
			}
			return max(2, n*barTop/most)
		}
		b.A, b.B, b.C = height(b.answered), height(b.no), height(b.ko)
		b.YA = 73 - b.A
		b.YB = b.YA - b.B
		b.YC = b.YB - b.C
	}
	return list, most, refused, dropped
}
