package console

import (
	"bytes"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// request is a request in the log.
type request struct {
	ID         int64     `json:"id"`
	Method     string    `json:"method"`
	Path       string    `json:"path"`
	Query      string    `json:"query,omitempty"`
	Route      string    `json:"route,omitempty"`
	Status     int       `json:"status"`
	Time       time.Time `json:"time"`
	DurationMS float64   `json:"durationMs"`
	ActingUser string    `json:"actingUser,omitempty"`
	Fault      int64     `json:"fault,omitempty"`
	BytesIn    int       `json:"bytesIn"`
	BytesOut   int       `json:"bytesOut"`
}

// logged is what the emulator tells about a request.
type logged struct {
	request
	Duration     int64       `json:"duration"` // in nanoseconds
	Header       http.Header `json:"header"`
	Body         []byte      `json:"body"`
	AnswerHeader http.Header `json:"answerHeader"`
	Answer       []byte      `json:"answer"`
}

// bodyCut reports whether the log has the beginning of the body only.
func (l *logged) bodyCut() bool { return l.BytesIn > len(l.Body) }

// hide removes secrets from a request and its response.
func (v *visit) hide(l *logged) *logged {
	secrets := v.secrets()
	l.DurationMS = float64(l.Duration/1000) / 1000
	l.Path = hidePath(secrets.String(l.Path))
	l.Query = secrets.String(l.Query)
	l.ActingUser = secrets.String(l.ActingUser)
	l.Body, l.Answer = secrets.Body(l.Body), secrets.Body(l.Answer)
	for _, h := range []http.Header{l.Header, l.AnswerHeader} {
		for name, values := range h {
			for i := range values {
				values[i] = secrets.String(values[i])
			}
			if strings.EqualFold(name, "Authorization") || strings.EqualFold(name, "Cookie") {
				h[name] = []string{hidden}
			}
		}
	}
	return l
}

// requestFilters are the parameters that select requests.
var requestFilters = []string{"q", "method", "route", "path", "status", "actingUser", "fault", "after", "before", "limit"}

func (v *visit) findRequests() (list []request, count int, err error) {
	query := url.Values{}
	for name, values := range v.r.URL.Query() {
		if slices.Contains(requestFilters, name) {
			query[name] = values
		}
	}
	var found struct {
		Requests []*logged `json:"requests"`
		Count    int       `json:"count"`
	}
	err = v.ask(v.r.Context(), &found, "/internal/requests?"+query.Encode())
	list = []request{}
	for _, l := range found.Requests {
		list = append(list, v.hide(l).request)
	}
	return list, found.Count, err
}

// unknownFilter refuses unknown parameters, which would otherwise select
// everything.
func (v *visit) unknownFilter(more ...string) error {
	for name := range v.r.URL.Query() {
		if !slices.Contains(requestFilters, name) && !slices.Contains(more, name) {
			return badField("BAD_FIELD", name, "there is no parameter "+name)
		}
	}
	return nil
}

func (v *visit) listRequests() (any, error) {
	if err := v.unknownFilter("count"); err != nil {
		return nil, err
	}
	list, count, err := v.findRequests()
	if err != nil {
		return nil, err
	}
	if v.r.URL.Query().Get("count") == "true" {
		return map[string]int{"count": count}, nil
	}
	page := listed[request]{Items: list}
	if count > len(list) && len(list) > 0 {
		page.Next = strconv.FormatInt(list[len(list)-1].ID, 10)
	}
	return page, nil
}

func (v *visit) awaitRequests() (any, error) {
	if err := v.unknownFilter("n", "timeout"); err != nil {
		return nil, err
	}
	return v.await(func() (int, any, error) {
		list, count, err := v.findRequests()
		return count, listed[request]{Items: list}, err
	})
}

func (v *visit) clearRequests() (any, error) {
	v.srv.ResetRequests()
	return nil, nil
}

func (v *visit) logged() (*logged, error) {
	id, err := v.pathID("request")
	if err != nil {
		return nil, err
	}
	var l logged
	if err := v.ask(v.r.Context(), &l, "/internal/requests/"+strconv.FormatInt(id, 10)); err != nil {
		return nil, notFound("there is no request " + v.r.PathValue("id") + " in the log")
	}
	return &l, nil
}

// requestDoc is a request with all that is known about it.
type requestDoc struct {
	request
	Headers       http.Header `json:"headers"`
	Body          string      `json:"body,omitempty"`
	BodyBase64    []byte      `json:"bodyBase64,omitempty"`
	AnswerHeaders http.Header `json:"answerHeaders,omitempty"`
	Answer        string      `json:"answer,omitempty"`
	AnswerBase64  []byte      `json:"answerBase64,omitempty"`
	// The log keeps the beginning of a large body.
	BodyCut   bool       `json:"bodyCut,omitempty"`
	AnswerCut bool       `json:"answerCut,omitempty"`
	Events    []eventDoc `json:"events"`
	Curl      string     `json:"curl"`
}

func (v *visit) requestDoc() (*requestDoc, error) {
	l, err := v.logged()
	if err != nil {
		return nil, err
	}
	doc := &requestDoc{BodyCut: l.bodyCut(), AnswerCut: l.BytesOut > len(l.Answer), Events: []eventDoc{}}
	v.hide(l)
	doc.request, doc.Headers, doc.AnswerHeaders = l.request, l.Header, l.AnswerHeader
	if !doc.BodyCut {
		doc.Curl = v.curl(l)
	}
	doc.Body, doc.BodyBase64 = textOrBytes(l.Body)
	doc.Answer, doc.AnswerBase64 = textOrBytes(l.Answer)
	for _, e := range v.srv.Events() {
		if e.RequestID == l.ID {
			doc.Events = append(doc.Events, v.viewEvent(e))
		}
	}
	return doc, nil
}

func (v *visit) getRequest() (any, error) { return v.requestDoc() }

func textOrBytes(b []byte) (string, []byte) {
	if utf8.Valid(b) {
		return string(b), nil
	}
	return "", b
}

// curlVariables are the shell variables that stand for credentials.
var curlVariables = map[string]string{
	"apikey": "COMETCHAT_API_KEY", "authtoken": "COMETCHAT_AUTH_TOKEN",
	"key": "COMETCHAT_MANAGEMENT_KEY", "secret": "COMETCHAT_MANAGEMENT_SECRET",
}

// curl returns the request as a command for a POSIX shell.
func (v *visit) curl(l *logged) string {
	base := strings.TrimSuffix(or(v.opt.URL, "http://"+v.r.Host+"/v3"), "/v3")
	address := base + l.Path
	if l.Query != "" {
		address += "?" + l.Query
	}
	words := []string{"curl", "-X", l.Method, quote(address)}
	for _, name := range slices.Sorted(maps.Keys(l.Header)) {
		switch variable := curlVariables[strings.ToLower(name)]; {
		case variable != "":
			words = append(words, "-H", `"`+strings.ToLower(name)+": $"+variable+`"`)
		case slices.Contains([]string{"Content-Length", "Accept-Encoding", "Connection", "User-Agent", "Authorization", "Cookie"}, http.CanonicalHeaderKey(name)):
		default:
			for _, value := range l.Header[name] {
				words = append(words, "-H", quote(name+": "+value))
			}
		}
	}
	line := strings.Join(words, " ")
	switch {
	case len(l.Body) == 0:
		return line
	case utf8.Valid(l.Body) && !bytes.Contains(l.Body, []byte{0}):
		return line + " --data-raw " + quote(string(l.Body))
	}
	return "printf %s " + base64.StdEncoding.EncodeToString(l.Body) + " | base64 -d | " + line + " --data-binary @-"
}

// quote quotes a text as one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// sendAgain sends a request of the log again, as a client would. It restores the
// keys that were hidden.
func (v *visit) sendAgain() (any, error) {
	l, err := v.logged()
	if err != nil {
		return nil, err
	}
	if l.bodyCut() {
		return nil, conflict("the log has the beginning of the body only")
	}
	address := "http://emulator" + l.Path
	if l.Query != "" {
		address += "?" + l.Query
	}
	r, err := http.NewRequestWithContext(v.r.Context(), l.Method, address, bytes.NewReader(l.Body))
	if err != nil {
		return nil, conflict("the request cannot be sent again: " + err.Error())
	}
	r.Header = l.Header.Clone()
	key, secret := v.srv.ManagementCredentials()
	for name := range r.Header {
		switch strings.ToLower(name) {
		case "apikey":
			r.Header[name] = []string{v.srv.APIKey()}
		case "key":
			r.Header[name] = []string{key}
		case "secret":
			r.Header[name] = []string{secret}
		case "authtoken":
			return nil, conflict("the request came with an auth token, which is not kept")
		}
	}
	status := v.sendAsClient(r)
	n, err := v.counts(v.r.Context())
	if v.html {
		v.r.PostForm = url.Values{"_then": {Base + "/requests/" + strconv.FormatInt(n.LastRequest, 10)}}
	}
	return map[string]any{"id": n.LastRequest, "status": status}, err
}

// sendAsClient returns the status of a response, or 0 if the connection was
// closed.
func (v *visit) sendAsClient(r *http.Request) (status int) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			panic(p)
		}
	}()
	rec := &reply{status: http.StatusOK, header: http.Header{}}
	v.srv.ServeHTTP(rec, r)
	return rec.status
}
