package console

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

func (v *visit) overview() (*page, error) {
	state, err := v.getState()
	if err != nil {
		return nil, err
	}
	all, err := v.recent(1000)
	if err != nil {
		return nil, err
	}
	d := map[string]any{"State": state, "URL": or(v.opt.URL, "http://"+v.r.Host+"/v3"), "Clock": v.clock()}
	list, most, refused, dropped := chart(all, v.srv.Clock().Now())
	d["Bars"], d["Most"], d["Refused"], d["Dropped"] = list, most, refused, dropped
	d["Requests"] = all[:min(len(all), 6)]
	d["Events"] = cut(paging{limit: 6}, v.srv.Events(), func(e cometchattest.Event) int64 { return e.ID }, nil, v.viewEvent).Items
	faults := []faultRow{}
	for _, f := range v.srv.Faults() {
		if f.Left() != 0 {
			faults = append(faults, faultRow{f})
		}
	}
	shown := min(len(faults), 6)
	d["Faults"], d["MoreFaults"] = faults[:shown], len(faults)-shown
	d["Started"] = time.Since(v.started).Round(time.Second).String()
	return &page{Name: "overview", Title: "Overview", Nav: "overview", Data: d, Live: "request change delivery fault clock"}, nil
}

func (v *visit) recent(n int) ([]request, error) {
	var found struct {
		Requests []*logged `json:"requests"`
	}
	err := v.ask(v.r.Context(), &found, "/internal/requests?limit="+strconv.Itoa(n))
	list := []request{}
	for _, l := range found.Requests {
		list = append(list, v.hide(l).request)
	}
	return list, err
}

func (v *visit) usersPage() (*page, error) {
	list, err := v.users()
	return &page{Name: "users", Title: "Users", Nav: "users", Live: "change", Data: map[string]any{
		"List": list, "Q": v.r.URL.Query().Get("q"), "State": v.r.URL.Query().Get("state"),
	}}, err
}

func (v *visit) userPage() (*page, error) {
	d, err := v.user(v.r.PathValue("id"))
	return &page{Name: "user", Title: d.User.Name, Nav: "users", Live: "change", Data: d}, err
}

func (v *visit) groupsPage() (*page, error) {
	list, err := v.groups()
	if err != nil {
		return nil, err
	}
	d := map[string]any{"List": list, "Q": v.r.URL.Query().Get("q"), "Open": v.r.PathValue("id")}
	title := "Groups"
	if guid := v.r.PathValue("id"); guid != "" {
		details, err := v.group(guid)
		if err != nil {
			return nil, err
		}
		d["Details"], title = details, details.Group.Name
		d["Then"] = v.r.URL.RequestURI() // a form leads back to the same page of members
	}
	return &page{Name: "groups", Title: title, Nav: "groups", Live: "change", Data: d}, nil
}

// message is a message as a transcript shows it.
type message struct {
	ID             string          `json:"id"`
	ConversationID string          `json:"conversationId"`
	Sender         string          `json:"sender"`
	Receiver       string          `json:"receiver"`
	ReceiverType   string          `json:"receiverType"`
	Category       string          `json:"category"`
	Type           string          `json:"type"`
	Data           json.RawMessage `json:"data"`
	SentAt         int64           `json:"sentAt"`
	EditedAt       int64           `json:"editedAt"`
	DeletedAt      int64           `json:"deletedAt"`
	DeletedBy      string          `json:"deletedBy"`
	PinnedAt       int64           `json:"pinnedAt"`
	ReplyCount     int             `json:"replyCount"`
	Quoted         *message        `json:"quotedMessage"`
	ReadBy         int             `json:"readBy"`
	DeliveredTo    int             `json:"deliveredTo"`

	// The fields below are derived from those above, for the template.
	Day, SenderName, Act, Kind string
	Own, Continued             bool
	Text                       string // with mentions as the API has them
	Parts                      []textPart
	Files                      []attachment
	Fields                     []string
	Reactions                  []reactionPill
	JSON                       json.RawMessage
	As                         string
}

type textPart struct{ Text, At string }

type attachment struct {
	Name, Kind string
	Size       int
}

type reactionPill struct {
	Reaction string `json:"reaction"`
	Count    int    `json:"count"`
	Mine     bool   `json:"reactedByMe"`
}

type entityName struct {
	Entity struct {
		UID  string `json:"uid"`
		GUID string `json:"guid"`
		Name string `json:"name"`
	} `json:"entity"`
}

// messageBody is the part of a message's data that the page shows.
type messageBody struct {
	Text        string                `json:"text"`
	URL         string                `json:"url"`
	Action      string                `json:"action"`
	CustomData  json.RawMessage       `json:"customData"`
	Interactive json.RawMessage       `json:"interactiveData"`
	Entities    map[string]entityName `json:"entities"`
	Mentions    map[string]struct {
		Name string `json:"name"`
	} `json:"mentions"`
	Reactions   []reactionPill `json:"reactions"`
	Attachments []struct {
		Name      string      `json:"name"`
		MimeType  string      `json:"mimeType"`
		Extension string      `json:"extension"`
		Size      json.Number `json:"size"`
	} `json:"attachments"`
}

var mention = regexp.MustCompile(`<@uid:([^>]*)>`)

// prepare derives what a message's bubble shows.
func (m *message) prepare(as string) {
	var body messageBody
	_ = json.Unmarshal(m.Data, &body) // data of another shape is shown as JSON
	m.As, m.Own = as, as != "" && m.Sender == as
	m.Day = time.Unix(m.SentAt, 0).UTC().Format("Monday 2 January")
	m.SenderName = or(body.Entities["sender"].Entity.Name, body.Entities["by"].Entity.Name, m.Sender)
	m.Reactions = body.Reactions
	m.Text = body.Text
	rest := body.Text
	for _, at := range mention.FindAllStringSubmatchIndex(body.Text, -1) {
		start := at[0] - (len(body.Text) - len(rest))
		uid := body.Text[at[2]:at[3]]
		m.Parts = append(m.Parts, textPart{Text: rest[:start]}, textPart{At: "@" + or(body.Mentions[uid].Name, uid)})
		rest = body.Text[at[1]:]
	}
	m.Parts = append(m.Parts, textPart{Text: rest})
	for _, a := range body.Attachments {
		size, _ := a.Size.Int64() // a missing size is 0
		m.Files = append(m.Files, attachment{or(a.Name, "file"), or(a.MimeType, a.Extension, m.Type), int(size)})
	}
	if len(m.Files) == 0 && body.URL != "" {
		m.Files = []attachment{{Name: body.URL[strings.LastIndex(body.URL, "/")+1:], Kind: m.Type}}
	}
	switch {
	case m.DeletedAt != 0:
	case m.Category == "action":
		m.Act = actionText(m, &body)
	case m.Category == "interactive":
		m.Kind, m.Fields, m.JSON = "interactive · "+m.Type, elements(body.Interactive), body.Interactive
		if len(m.Fields) > 0 {
			m.JSON = nil
		}
	case m.Category != "message":
		m.Kind, m.JSON = m.Category+" · "+m.Type, body.CustomData
		if m.JSON == nil {
			m.JSON = m.Data
		}
	case m.Type != "text" && len(m.Files) == 0 && body.Text == "":
		m.Kind, m.JSON = m.Category+" · "+m.Type, m.Data
	}
	if m.Quoted != nil {
		m.Quoted.prepare(as)
	}
}

// actionText returns the text of an action message.
func actionText(m *message, body *messageBody) string {
	by := or(body.Entities["by"].Entity.Name, m.SenderName)
	on := or(body.Entities["on"].Entity.Name, body.Entities["for"].Entity.Name)
	switch body.Action {
	case "added":
		return by + " added " + on
	case "joined":
		return by + " joined"
	case "left":
		return by + " left"
	case "kicked", "banned", "unbanned":
		return on + " was " + body.Action + " by " + by
	case "scopeChanged":
		return by + " changed the scope of " + on
	}
	return by + ": " + or(body.Action, m.Type)
}

// elements returns the names of the elements of an interactive message.
func elements(doc json.RawMessage) []string {
	var body struct {
		Title    string `json:"title"`
		Text     string `json:"text"`
		Elements []struct {
			Label, Placeholder, Type string
		} `json:"formFields"`
		Cards []struct{ Text, ButtonText string } `json:"cardActions"`
	}
	if json.Unmarshal(doc, &body) != nil {
		return nil
	}
	var list []string
	for _, text := range []string{body.Title, body.Text} {
		if text != "" {
			list = append(list, text)
		}
	}
	for _, e := range body.Elements {
		list = append(list, or(e.Label, e.Placeholder, e.Type))
	}
	for _, c := range body.Cards {
		list = append(list, or(c.ButtonText, c.Text))
	}
	return list
}

// transcript is a conversation, or a thread of one, as the page shows it.
type transcript struct {
	Messages []*message `json:"messages"`
	Parent   *message   `json:"parent"`
	More     bool       `json:"more"`
}

func (v *visit) transcript(as string, query url.Values) (*transcript, error) {
	var t transcript
	if _, err := v.askAs(v.r.Context(), &t, v.chatPath()+"/messages?"+query.Encode(), as); err != nil {
		return nil, err
	}
	before := ""
	day := ""
	for _, m := range t.Messages {
		m.prepare(as)
		m.Continued = m.Sender == before && m.Act == "" && m.Day == day
		if before = m.Sender; m.Act != "" {
			before = ""
		}
		if m.Day == day {
			m.Day = ""
		} else {
			day = m.Day
		}
	}
	if t.Parent != nil {
		t.Parent.prepare(as)
		t.Parent.Day = ""
	}
	return &t, nil
}

func (v *visit) conversationsPage() (*page, error) {
	q := v.r.URL.Query()
	as, thread := q.Get("as"), q.Get("thread")
	list, err := v.chats("")
	if err != nil {
		return nil, err
	}
	for i := range list.Items {
		if m := list.Items[i].Last; m != nil {
			m.prepare("")
		}
	}
	d := map[string]any{"List": list, "As": as, "Thread": thread, "Q": q.Get("q"), "Open": v.r.PathValue("id"), "Reactions": []string{"👍", "❤️", "😂", "🎉", "😮", "😢"}}
	p := &page{Name: "conversations", Title: "Conversations", Nav: "conversations", Live: "change", Data: d}
	if v.r.PathValue("id") == "" {
		return p, nil
	}
	var chat chat
	if _, err := v.askAs(v.r.Context(), &chat, v.chatPath(), as); err != nil {
		return nil, err
	}
	shown, err := v.transcript(as, v.query("before"))
	if err != nil {
		return nil, err
	}
	if thread != "" {
		if d["ThreadShown"], err = v.transcript(as, url.Values{"thread": {thread}}); err != nil {
			return nil, err
		}
	}
	d["Chat"], d["Shown"] = chat, shown
	if shown.More {
		d["Older"] = v.address("before", shown.Messages[0].ID)
	}
	if q.Get("edit") != "" {
		i := slices.IndexFunc(shown.Messages, func(m *message) bool { return m.ID == q.Get("edit") })
		if i >= 0 {
			d["Edit"] = shown.Messages[i]
		}
	}
	d["Receiver"], d["ReceiverType"] = chat.GUID, "group"
	p.Title = chat.Name
	return p, nil
}

func (v *visit) messagePage() (*page, error) {
	doc, err := v.getMessage()
	return &page{Name: "message", Title: "Message " + v.r.PathValue("id"), Nav: "conversations", Data: map[string]any{
		"ID": v.r.PathValue("id"), "As": v.r.URL.Query().Get("as"), "JSON": doc,
	}}, err
}

func (v *visit) requestsPage() (*page, error) {
	list, count, err := v.findRequests()
	if err != nil {
		return nil, err
	}
	q := v.r.URL.Query()
	d := map[string]any{"List": list, "Count": count, "Q": q.Get("q"), "Status": q.Get("status"), "Fault": q.Get("fault"), "Open": v.r.PathValue("id"), "URL": or(v.opt.URL, "http://"+v.r.Host+"/v3")}
	q.Del("before")
	if d["Query"] = ""; len(q) > 0 {
		d["Query"] = "?" + q.Encode()
	}
	if count > len(list) && len(list) > 0 {
		q.Set("before", strconv.FormatInt(list[len(list)-1].ID, 10))
		d["Older"] = "?" + q.Encode()
	}
	p := &page{Name: "requests", Title: "Requests", Nav: "requests", Live: "request", Data: d}
	if v.r.PathValue("id") != "" {
		details, err := v.requestDoc()
		if err != nil {
			return nil, err
		}
		d["Details"], p.Title = details, details.Method+" "+details.Path
	}
	return p, nil
}

func (v *visit) webhooksPage() (*page, error) {
	endpoints := []endpointDoc{}
	for _, e := range v.srv.Endpoints() {
		endpoints = append(endpoints, v.viewEndpoint(e))
	}
	p, err := v.paging()
	if err != nil {
		return nil, err
	}
	keep, err := v.keepDelivery()
	if err != nil {
		return nil, err
	}
	deliveries := v.srv.Deliveries()
	d := map[string]any{
		"Endpoints": endpoints, "Count": len(deliveries), "Triggers": cometchattest.Triggers(), "Now": v.srv.Clock().Now(),
		"List":   cut(p, deliveries, deliveryID, keep, viewDelivery),
		"Events": cut(paging{limit: 30}, v.srv.Events(), func(e cometchattest.Event) int64 { return e.ID }, nil, v.viewEvent).Items,
		"Fixed":  v.opt.FixedEndpoints,
	}
	shown := &page{Name: "webhooks", Title: "Webhooks", Nav: "webhooks", Live: "delivery clock", Data: d}
	if v.r.PathValue("id") != "" && strings.HasPrefix(v.r.URL.Path, Base+"/deliveries/") {
		one, err := v.delivery()
		if err != nil {
			return nil, err
		}
		doc := viewDelivery(one)
		d["Details"], d["Left"], shown.Title = doc, 0, doc.Trigger
		if doc.NextAt != nil {
			d["Left"] = max(0, int(doc.NextAt.Sub(v.srv.Clock().Now()).Seconds()+0.5))
			d["Stopped"] = v.srv.Clock().Stopped() // then the time that is left stays
		}
	}
	return shown, nil
}

// preset is a fault that one button adds.
type preset struct {
	Name   string
	Fields map[string]string
}

// presets are the faults that docs/testing.md lists, and cut JSON.
var presets = []preset{
	{"Rate limit", map[string]string{"status": "429", "retryAfter": "2"}},
	{"Gateway in trouble", map[string]string{"status": "503", "times": "2"}},
	{"Lost, carried out", map[string]string{"method": "POST", "dropAfter": "true"}},
	{"Lost, not carried out", map[string]string{"method": "POST", "dropBefore": "true"}},
	{"Slow", map[string]string{"latency": "5s"}},
	{"Error inside a 200", map[string]string{"status": "200", "code": "ERR_UID_NOT_FOUND"}},
	{"HTML of a proxy", map[string]string{"status": "502", "body": "<html>"}},
	{"Repeated pages", map[string]string{"path": "/users", "repeatPage": "true", "times": "-1"}},
	{"Cut JSON", map[string]string{"truncateJSON": "true"}},
}

// presetsFor returns the presets, for requests with this method and path if these
// are not empty.
func presetsFor(method, path string) []preset {
	var list []preset
	for _, p := range presets {
		fields := maps.Clone(p.Fields)
		if method != "" {
			fields["method"] = method
		}
		if path != "" {
			fields["path"] = path
		}
		list = append(list, preset{p.Name, fields})
	}
	return list
}

func (v *visit) faultsPage() (*page, error) {
	list := []faultRow{}
	for _, f := range v.srv.Faults() {
		list = append(list, faultRow{f})
	}
	q := v.r.URL.Query()
	return &page{Name: "faults", Title: "Faults", Nav: "faults", Live: "fault", Data: map[string]any{
		"List": list, "Presets": presetsFor(q.Get("method"), q.Get("path")), "Method": q.Get("method"), "Path": q.Get("path"), "Routes": routePaths(),
	}}, nil
}

// faultRow is a fault in a list.
type faultRow struct{ cometchattest.ActiveFault }

// What describes what a fault does.
func (f *faultRow) What() string {
	var what []string
	add := func(yes bool, text string) {
		if yes {
			what = append(what, text)
		}
	}
	add(f.Latency > 0, f.Latency.String()+" later")
	add(f.DropBefore, "connection closed")
	add(f.DropAfter, "done, response lost")
	add(f.RedirectTo != "", "redirect")
	add(f.Status != 0, strconv.Itoa(f.Status)+" "+http.StatusText(f.Status))
	add(f.Code != "", f.Code)
	add(f.Body != nil, "another body")
	add(f.RetryAfter != "", "Retry-After "+f.RetryAfter)
	add(f.Truncate, "body cut off")
	add(f.TruncateJSON, "half of the JSON")
	add(f.Malformed, "malformed JSON")
	add(f.RepeatPage, "page repeated")
	return cmp.Or(strings.Join(what, ", "), "nothing else")
}

// Again returns the field of a form that adds a used-up fault again: the fault as
// JSON, since a form would change line breaks. It returns nil if the fault can still
// happen.
func (f *faultRow) Again() map[string]string {
	if f.Left() != 0 {
		return nil
	}
	text, err := json.Marshal(f.Fault)
	if err != nil {
		return nil // never for a fault
	}
	return map[string]string{"fault": string(text)}
}

// Of tells how often a fault has hit, and of how many times.
func (f *faultRow) Of() string {
	switch left := f.Left(); left {
	case cometchattest.Always:
		return strconv.Itoa(f.Hits) + " of ∞"
	case 0:
		return "used up"
	default:
		return strconv.Itoa(f.Hits) + " of " + strconv.Itoa(f.Hits+left)
	}
}

func routePaths() []string {
	var paths []string
	for _, route := range cometchattest.Routes() {
		_, path, _ := strings.Cut(route, " ")
		paths = append(paths, path)
	}
	return slices.Compact(paths)
}

func (v *visit) clockPage() (*page, error) {
	c := v.clock()
	ahead := time.Duration(c.AheadOfReal).Round(time.Second)
	how := "running, by the time of this machine"
	switch {
	case c.Mode == "stopped":
		how = "stopped, " + distance(ahead)
	case c.Mode == "moved":
		how = "running, " + distance(ahead)
	}
	return &page{Name: "clock", Title: "Clock", Nav: "clock", Live: "clock", Data: map[string]any{
		"Clock": c, "How": how, "Local": c.Now.Format("2006-01-02T15:04"),
		"Steps": []preset{{"+10 s", map[string]string{"by": "10s"}}, {"+1 min", map[string]string{"by": "1m"}}, {"+1 h", map[string]string{"by": "1h"}}, {"+1 day", map[string]string{"by": "24h"}}},
	}}, nil
}

func distance(ahead time.Duration) string {
	if ahead < 0 {
		return (-ahead).String() + " behind this machine"
	}
	return ahead.String() + " ahead of this machine"
}

// question is a question to ask before an action.
type question struct {
	Title, Text, Action, Method, Button, Then string

	Fields map[string]string
}

func (v *visit) question() (*question, error) {
	id := v.r.URL.Query().Get("id")
	at := url.PathEscape(id)
	switch what := v.r.URL.Query().Get("what"); what {
	case "reset":
		return &question{"Reset to the seed?", "Everything that has happened since the start is deleted. Ids start again where they started, and faults, the log and the clock are reset, too.", "/reset", "POST", "Reset to seed", "/", nil}, nil
	case "requests":
		return &question{"Clear the log of requests?", "The data of the app stays as it is.", "/requests", "DELETE", "Clear the log", "/requests", nil}, nil
	case "faults":
		return &question{"Remove all faults?", "Requests then get their usual responses.", "/faults", "DELETE", "Remove all", "/faults", nil}, nil
	case "deactivate":
		return &question{"Deactivate " + id + "?", "The user keeps everything and can be reactivated.", "/v3/users/" + at, "DELETE", "Deactivate", "/users/" + at, nil}, nil
	case "user":
		return &question{"Delete " + id + " permanently?", "All messages and conversations of the user are deleted, too.", "/v3/users/" + at, "DELETE", "Delete " + id, "/users", map[string]string{"permanent:json": "true"}}, nil
	case "group":
		return &question{"Delete the group " + id + "?", "Its members and messages are deleted, too.", "/v3/groups/" + at, "DELETE", "Delete " + id, "/groups", nil}, nil
	case "endpoint":
		return &question{"Remove the endpoint " + id + "?", "Events that wait for it are dropped.", "/webhooks/" + at, "DELETE", "Remove " + id, "/webhooks", nil}, nil
	}
	return nil, notFound("there is no such question")
}

func (v *visit) askPage() (*page, error) {
	q, err := v.question()
	if err != nil {
		return nil, err
	}
	return &page{Name: "ask", Title: q.Title, Data: map[string]any{"Q": q, "What": v.r.URL.Query().Get("what")}}, nil
}
