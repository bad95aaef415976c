package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// routes returns the addresses of the console.
func (c *Console) routes() map[string]methods {
	all := map[string]methods{
		"/{$}":                 {"GET": {do: (*visit).getState, show: (*visit).overview}},
		"/state":               {"GET": {do: (*visit).getState}},
		"/reset":               {"POST": {do: (*visit).reset}},
		"/seed":                {"POST": {do: (*visit).addSeed}},
		"/snapshot":            {"GET": {raw: (*visit).getSnapshot}, "PUT": {do: (*visit).putSnapshot}, "POST": {do: (*visit).saveSnapshot}},
		"/faults":              {"GET": {do: (*visit).listFaults, show: (*visit).faultsPage}, "POST": {do: (*visit).addFault, back: "/faults"}, "DELETE": {do: (*visit).clearFaults, back: "/faults"}},
		"/faults/{id}":         {"DELETE": {do: (*visit).removeFault, back: "/faults"}},
		"/clock":               {"GET": {do: (*visit).getClock, show: (*visit).clockPage}, "PUT": {do: (*visit).setClock, back: "/clock"}},
		"/clock/advance":       {"POST": {do: (*visit).advance, back: "/clock"}},
		"/requests":            {"GET": {do: (*visit).listRequests, show: (*visit).requestsPage}, "DELETE": {do: (*visit).clearRequests, back: "/requests"}},
		"/requests/wait":       {"GET": {do: (*visit).awaitRequests}},
		"/requests/{id}":       {"GET": {do: (*visit).getRequest, show: (*visit).requestsPage}},
		"/requests/{id}/again": {"POST": {do: (*visit).sendAgain, back: "/requests"}},

		"/webhooks":              {"GET": {do: (*visit).listEndpoints, show: (*visit).webhooksPage}, "POST": {do: (*visit).addEndpoint, back: "/webhooks"}},
		"/webhooks/{id}":         {"PATCH": {do: (*visit).changeEndpoint, back: "/webhooks"}, "DELETE": {do: (*visit).removeEndpoint, back: "/webhooks"}},
		"/webhooks/{id}/release": {"POST": {do: (*visit).release, back: "/webhooks"}},
		"/deliveries":            {"GET": {do: (*visit).listDeliveries, show: (*visit).webhooksPage}, "DELETE": {do: (*visit).clearDeliveries, back: "/webhooks"}},
		"/deliveries/wait":       {"GET": {do: (*visit).awaitDeliveries}},
		"/deliveries/{id}":       {"GET": {do: (*visit).getDelivery, show: (*visit).webhooksPage}},
		"/deliveries/{id}/again": {"POST": {do: (*visit).deliverAgain, back: "/webhooks"}},
		"/events":                {"GET": {raw: (*visit).events}, "POST": {do: (*visit).fire, back: "/webhooks"}},

		"/users":              {"GET": {do: (*visit).listUsers, show: (*visit).usersPage}},
		"/users/{id}":         {"GET": {do: (*visit).getUser, show: (*visit).userPage}},
		"/groups":             {"GET": {do: (*visit).listGroups, show: (*visit).groupsPage}},
		"/groups/{id}":        {"GET": {do: (*visit).getGroup, show: (*visit).groupsPage}},
		"/conversations":      {"GET": {do: (*visit).listConversations, show: (*visit).conversationsPage}},
		"/conversations/{id}": {"GET": {do: (*visit).getConversation, show: (*visit).conversationsPage}},
		"/messages/{id}":      {"GET": {do: (*visit).getMessage, show: (*visit).messagePage}},

		"/say":       {"POST": {do: (*visit).say, back: "/conversations"}},
		"/ask":       {"GET": {show: (*visit).askPage}},
		"/start":     {"POST": {do: (*visit).addSome}},
		"/style.css": {"GET": {raw: (*visit).asset}},
		"/icon.svg":  {"GET": {raw: (*visit).asset}},
		"/page.js":   {"GET": {raw: (*visit).asset}},
		"/v3/{path...}": {
			"POST": {do: (*visit).doAPI}, "PUT": {do: (*visit).doAPI},
			"PATCH": {do: (*visit).doAPI}, "DELETE": {do: (*visit).doAPI},
		},
	}
	routes := map[string]methods{}
	for path, m := range all {
		routes[Base+path] = m
	}
	return routes
}

// counts are the numbers of objects in the app and its logs, and marks that show
// changes.
type counts struct {
	Users            int `json:"users"`
	DeactivatedUsers int `json:"deactivatedUsers"`
	Groups           int `json:"groups"`
	Conversations    int `json:"conversations"`
	Messages         int `json:"messages"`
	Requests         int `json:"requests"`

	Changes      int64 `json:"changes"`
	LastRequest  int64 `json:"lastRequest"`
	OpenRequests int64 `json:"openRequests"`
	Restarts     int64 `json:"restarts"`
	Deliveries   int64 `json:"deliveries"`
	Faults       int64 `json:"faults"`
}

func (c *Console) counts(ctx context.Context) (counts, error) {
	var n counts
	return n, errors.Join(c.ask(ctx, &n, "/internal/counts"))
}

type clockState struct {
	Now         time.Time `json:"now"`
	Mode        string    `json:"mode"`
	AheadOfReal duration  `json:"aheadOfReal"`
}

func (c *Console) clock() clockState {
	clock := c.srv.Clock()
	s := clockState{Now: clock.Now().UTC(), Mode: "real", AheadOfReal: duration(clock.Ahead())}
	if clock.Stopped() {
		s.Mode = "stopped"
	} else if s.AheadOfReal != 0 {
		s.Mode = "moved"
	}
	return s
}

type stateCounts struct {
	Users            int `json:"users"`
	DeactivatedUsers int `json:"deactivatedUsers"`
	Groups           int `json:"groups"`
	Conversations    int `json:"conversations"`
	Messages         int `json:"messages"`
	Requests         int `json:"requests"`
	Faults           int `json:"faults"`
	Endpoints        int `json:"endpoints"`
	Deliveries       int `json:"deliveries"`
	Failing          int `json:"failing"`
}

type stateDoc struct {
	Version   string    `json:"version"`
	StartedAt time.Time `json:"startedAt"`
	App       struct {
		ID     string `json:"id"`
		Region string `json:"region"`
	} `json:"app"`
	Counts   stateCounts `json:"counts"`
	Clock    clockState  `json:"clock"`
	Seeds    []string    `json:"seeds"`
	Snapshot string      `json:"snapshot"`
}

func (c *Console) stateCounts(ctx context.Context) (stateCounts, error) {
	n, err := c.counts(ctx)
	deliveries := c.srv.Deliveries()
	s := stateCounts{
		Users: n.Users, DeactivatedUsers: n.DeactivatedUsers, Groups: n.Groups, Conversations: n.Conversations,
		Messages: n.Messages, Requests: n.Requests, Endpoints: len(c.srv.Endpoints()), Deliveries: len(deliveries),
	}
	for _, d := range deliveries {
		if d.State == cometchattest.DeliveryStateRetrying || d.State == cometchattest.DeliveryStateFailed {
			s.Failing++
		}
	}
	for _, f := range c.srv.Faults() {
		if f.Left() != 0 {
			s.Faults++
		}
	}
	return s, err
}

func (v *visit) getState() (any, error) {
	n, err := v.stateCounts(v.r.Context())
	doc := stateDoc{
		Version: v.opt.Version, StartedAt: v.started.UTC(), Counts: n, Clock: v.clock(),
		Seeds: append([]string{}, v.opt.Seeds...), Snapshot: v.opt.Snapshot,
	}
	doc.App.ID, doc.App.Region = v.srv.AppID(), v.opt.Region
	return doc, err
}

func (v *visit) reset() (any, error) {
	in := struct {
		To   string   `json:"to"`
		Keep []string `json:"keep"`
	}{To: "seed"}
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	var keep []cometchattest.Keep
	keepEndpoints := false
	for _, what := range in.Keep {
		switch what {
		case "faults", "clock", "requests":
			keep = append(keep, cometchattest.Keep(what))
		case "endpoints":
			keepEndpoints = true
		default:
			return nil, badField("BAD_FIELD", "keep", "what can be kept is faults, clock, requests and endpoints")
		}
	}
	if in.To != "seed" && in.To != "empty" {
		return nil, badField("BAD_FIELD", "to", `a reset goes to "seed" or "empty"`)
	}
	if !keepEndpoints {
		if err := v.resetEndpoints(); err != nil {
			return nil, err
		}
	}
	if in.To == "seed" {
		v.srv.Reset(keep...)
	} else {
		v.srv.Empty(keep...)
	}
	if !slices.Contains(keep, cometchattest.KeepClock) {
		v.StartClock()
	}
	return nil, nil
}

func (v *visit) getClock() (any, error) { return v.clock(), nil }

func (v *visit) setClock() (any, error) {
	var in struct {
		Now  *time.Time `json:"now"`
		Mode string     `json:"mode"`
	}
	if at := v.r.PostForm.Get("local"); at != "" { // sent by an input field for local times
		v.r.PostForm.Del("local")
		v.r.PostForm.Set("now", at+":00Z"[max(0, len(at)-len("2006-01-02T15:04")):])
	}
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	clock := v.srv.Clock()
	switch in.Mode {
	case "", "stopped", "real", "moved":
	default:
		return nil, badField("BAD_FIELD", "mode", "the mode is real, moved or stopped")
	}
	if in.Now != nil && in.Mode == "real" {
		return nil, badField("BAD_FIELD", "now", "the real time cannot be set")
	}
	if in.Now == nil && in.Mode == "" {
		return nil, badField("BAD_FIELD", "now", "there is neither now nor mode")
	}
	if in.Now != nil && !isReachable(*in.Now) {
		return nil, badField("BAD_FIELD", "now", "now is at most 100 years from the time of this machine")
	}
	switch in.Mode {
	case "real":
		clock.Reset()
	case "stopped":
		clock.Stop()
	case "moved":
		clock.Run()
	}
	if in.Now != nil {
		clock.Set(*in.Now)
	}
	return v.clock(), nil
}

// isReachable reports whether the clock can go to a time: a [time.Duration] has less
// than 300 years.
func isReachable(t time.Time) bool {
	now := time.Now()
	return t.After(now.AddDate(-100, 0, 0)) && t.Before(now.AddDate(100, 0, 0))
}

// settleTimeout bounds the wait for deliveries that have become due.
const settleTimeout = 30 * time.Second

func (v *visit) advance() (any, error) {
	var in struct {
		By duration `json:"by"`
	}
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	if in.By <= 0 {
		return nil, badField("BAD_FIELD", "by", `by is how far to go on, such as "31s"`)
	}
	if !isReachable(v.srv.Clock().Now().Add(time.Duration(in.By))) {
		return nil, badField("BAD_FIELD", "by", "the clock goes at most 100 years beyond the time of this machine")
	}
	before := v.attempts()
	v.srv.Clock().Advance(time.Duration(in.By))
	ctx, cancel := context.WithTimeout(v.r.Context(), settleTimeout)
	defer cancel()
	if err := v.srv.AwaitDeliveries(ctx); err != nil {
		return nil, &problem{http.StatusRequestTimeout, "TIMEOUT", "the deliveries that became due are not done", ""}
	}
	return map[string]any{"now": v.srv.Clock().Now().UTC(), "delivered": v.attempts() - before}, nil
}

// attempts returns the number of attempted deliveries.
func (c *Console) attempts() int {
	n := 0
	for _, d := range c.srv.Deliveries() {
		n += len(d.Attempts)
	}
	return n
}

// paging is the limit of a list of the console, and where the list continues.
type paging struct {
	limit  int
	before int64
}

func (v *visit) paging() (paging, error) {
	p := paging{limit: 100}
	if err := v.number("limit", &p.limit, 1, 1000); err != nil {
		return p, err
	}
	before := 0
	err := v.number("before", &before, 1, 1<<31-1)
	p.before = int64(before)
	return p, err
}

// number parses a parameter that is a number, if it is set.
func (v *visit) number(name string, into *int, low, high int) error {
	value := v.r.URL.Query().Get(name)
	if value == "" {
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		return badField("BAD_FIELD", name, fmt.Sprintf("%s is a number from %d to %d", name, low, high))
	}
	*into = n
	return nil
}

// listed is a page of a list, newest first.
type listed[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// cut returns a page of a list that is in the order of its ids.
func cut[S, T any](p paging, list []S, id func(S) int64, keep func(S) bool, show func(S) T) listed[T] {
	page := listed[T]{Items: []T{}}
	var last int64
	for _, e := range slices.Backward(list) {
		if p.before != 0 && id(e) >= p.before || keep != nil && !keep(e) {
			continue
		}
		if len(page.Items) == p.limit {
			page.Next = strconv.FormatInt(last, 10)
			break
		}
		last = id(e)
		page.Items = append(page.Items, show(e))
	}
	return page
}

// pathID returns the number in the path.
func (v *visit) pathID(what string) (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, notFound("there is no " + what + " " + v.r.PathValue("id"))
	}
	return id, nil
}

// await waits until there are n items, or the time is over.
func (v *visit) await(find func() (n int, value any, err error)) (any, error) {
	v.withoutDeadlines()
	n, timeout := 1, duration(5*time.Second)
	if err := v.number("n", &n, 1, 1_000_000); err != nil {
		return nil, err
	}
	if value := v.r.URL.Query().Get("timeout"); value != "" {
		if err := timeout.UnmarshalJSON([]byte(strconv.Quote(value))); err != nil || timeout < 0 || timeout > duration(time.Minute) {
			return nil, badField("BAD_FIELD", "timeout", `timeout is from "0s" to "1m"`)
		}
	}
	deadline := time.NewTimer(time.Duration(timeout))
	defer deadline.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for over := false; ; {
		found, value, err := find()
		if err != nil || found >= n {
			return value, err
		}
		if over {
			return nil, &problem{http.StatusRequestTimeout, "TIMEOUT", fmt.Sprintf("%d of %d came within %s", found, n, time.Duration(timeout)), ""}
		}
		select {
		case <-again.C:
		case <-deadline.C:
			over = true
		case <-v.r.Context().Done():
			over = true
		case <-v.streams.over():
			over = true
		}
	}
}

// or returns the first text that is not empty.
func or(texts ...string) string { return cmp.Or(texts...) }
