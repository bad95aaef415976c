package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// auditor reads what the server holds. It shares no code with the client, since
// it is there to find the client's mistakes.
type auditor struct {
	base, key string
	client    *http.Client
}

func (a *auditor) get(ctx context.Context, path string, query url.Values, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("apikey", a.key)
	resp, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return &statusError{path, resp.StatusCode}
	}
	return json.Unmarshal(body, into)
}

// statusError is a response that is not a success.
type statusError struct {
	path   string
	status int
}

func (e *statusError) Error() string { return fmt.Sprintf("audit: GET %s: %d", e.path, e.status) }

// pages reads a list of numbered pages to its end.
func pages[T any](ctx context.Context, a *auditor, path string, row func(T)) error {
	for page := 1; ; page++ {
		var answer struct {
			Data []T `json:"data"`
		}
		if err := a.get(ctx, path, url.Values{"page": {strconv.Itoa(page)}, "perPage": {"1000"}}, &answer); err != nil {
			return err
		}
		if len(answer.Data) == 0 {
			return nil
		}
		for _, v := range answer.Data {
			row(v)
		}
	}
}

// The keys of the ledger.
func userKey(uid string) string         { return "user " + uid }
func groupKey(guid string) string       { return "group " + guid }
func memberKey(guid, uid string) string { return "member " + guid + "/" + uid }
func messageKey(muid string) string     { return "message " + muid }

// tokenKey names a token without showing it.
func tokenKey(uid, token string) string {
	h := fnv.New64a()
	_, _ = io.WriteString(h, token)
	return fmt.Sprintf("token %s/%016x", uid, h.Sum64())
}

// Values of objects without a text.
const (
	present = "(present)"
	deleted = "(deleted)" // of a message that has left a trace
)

// isWritten reports whether an id belongs to an object that the workers write,
// rather than to one that existed before.
func isWritten(id string) bool { return strings.HasPrefix(id, "w") || strings.HasPrefix(id, "shared-") }

// read returns what the server holds of the objects that the workers write.
// minters are the uids whose tokens to read.
func (a *auditor) read(ctx context.Context, minters []string) (*state, error) {
	s := &state{values: map[string][]string{}, tokens: map[string][]string{}}
	add := func(key, value string) { s.values[key] = append(s.values[key], value) }

	err := pages(ctx, a, "/users", func(u struct{ UID, Name string }) {
		if isWritten(u.UID) {
			add(userKey(u.UID), u.Name)
		}
	})
	if err != nil {
		return nil, err
	}
	var guids []string
	err = pages(ctx, a, "/groups", func(g struct{ GUID, Name string }) {
		if isWritten(g.GUID) {
			add(groupKey(g.GUID), g.Name)
			guids = append(guids, g.GUID)
		}
	})
	if err != nil {
		return nil, err
	}
	for _, guid := range guids {
		err := pages(ctx, a, "/groups/"+guid+"/members", func(m struct{ UID, Scope string }) { add(memberKey(guid, m.UID), m.Scope) })
		if err != nil {
			return nil, err
		}
	}
	for _, uid := range minters {
		err := pages(ctx, a, "/users/"+uid+"/auth_tokens", func(t struct{ AuthToken string }) {
			key := tokenKey(uid, t.AuthToken)
			s.tokens[uid] = append(s.tokens[uid], key)
		})
		var answer *statusError
		if errors.As(err, &answer) && answer.status == http.StatusNotFound {
			continue // the user and its tokens no longer exist
		}
		if err != nil {
			return nil, err
		}
	}
	return s, a.messages(ctx, add)
}

// messages reads all messages of the app.
func (a *auditor) messages(ctx context.Context, add func(key, value string)) error {
	for last := "0"; ; {
		var answer struct {
			Data []struct {
				ID, MUID  string
				DeletedAt int64
				Data      struct{ Text string }
			}
		}
		query := url.Values{"limit": {"1000"}, "affix": {"append"}, "id": {last}}
		if err := a.get(ctx, "/messages", query, &answer); err != nil {
			return err
		}
		if len(answer.Data) == 0 {
			return nil
		}
		for _, m := range answer.Data {
			last = m.ID
			switch {
			case !isWritten(m.MUID):
			case m.DeletedAt != 0:
				add(messageKey(m.MUID), deleted)
			default:
				add(messageKey(m.MUID), m.Data.Text)
			}
		}
	}
}
