package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-cometchat/cometchat/internal/backdoor"
)

// reply is a response of the API by the back door.
type reply struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *reply) Header() http.Header         { return a.header }
func (a *reply) WriteHeader(status int)      { a.status = status }
func (a *reply) Write(b []byte) (int, error) { return a.body.Write(b) }

// call asks the API by the back door; the path is relative to /v3 and escaped.
func (c *Console) call(ctx context.Context, method, path, as string, body []byte) (*reply, error) {
	r, err := http.NewRequestWithContext(backdoor.Open(ctx), method, "http://emulator/v3"+path, bytes.NewReader(body))
	if err != nil {
		return nil, notFound("there is nothing at " + path)
	}
	r.Header.Set("Content-Type", "application/json")
	if as != "" {
		r.Header.Set("onBehalfOf", as)
	}
	response := &reply{status: http.StatusOK, header: http.Header{}}
	c.srv.ServeHTTP(response, r)
	return response, nil
}

// problem is the error of a response; nil without one.
func (a *reply) problem() *problem {
	if a.status < 400 {
		return nil
	}
	var doc struct {
		Error struct {
			Code    string              `json:"code"`
			Message string              `json:"message"`
			Details map[string][]string `json:"details"`
		} `json:"error"`
	}
	_ = json.Unmarshal(a.body.Bytes(), &doc) // what is no envelope has no message
	p := &problem{status: a.status, Code: doc.Error.Code, Message: doc.Error.Message}
	for field, messages := range doc.Error.Details {
		p.Field = field
		p.Message = strings.Join(messages, " ")
	}
	return p
}

// ask reads the data of a response.
func (c *Console) ask(ctx context.Context, into any, path string) error {
	_, err := c.askAs(ctx, into, path, "")
	return err
}

// meta is the part of it that pages need.
type meta struct {
	Pagination struct {
		Total   int `json:"total"`
		Count   int `json:"count"`
		PerPage int `json:"per_page"`
		Page    int `json:"current_page"`
		Pages   int `json:"total_pages"`
	} `json:"pagination"`
}

func (c *Console) askAs(ctx context.Context, into any, path, as string) (meta, error) {
	a, err := c.call(ctx, http.MethodGet, path, as, nil)
	if err != nil {
		return meta{}, err
	}
	if p := a.problem(); p != nil {
		// What is asked for here is not the API's to name.
		p.Code = cmp.Or(codes[p.status], p.Code)
		return meta{}, p
	}
	doc := struct {
		Data any  `json:"data"`
		Meta meta `json:"meta"`
	}{Data: into}
	if err := json.Unmarshal(a.body.Bytes(), &doc); err != nil {
		return meta{}, fmt.Errorf("the response to %s: %w", path, err)
	}
	return doc.Meta, nil
}

// doAPI sends a form of the page, or JSON, on to the API. A field of a form is a
// member of the body by its name: dots nest, ":list" splits at commas, ":json" is a
// document, and what is empty is left out. _as is who acts.
func (v *visit) doAPI() (any, error) {
	path := strings.TrimPrefix(v.r.URL.EscapedPath(), Base+"/v3")
	if strings.HasPrefix(path, "/internal") {
		return nil, notFound("there is nothing at this address")
	}
	if v.r.URL.RawQuery != "" {
		path += "?" + v.r.URL.RawQuery
	}
	as := v.r.Header.Get("onBehalfOf")
	var body []byte
	if v.r.PostForm == nil {
		var doc json.RawMessage
		if err := v.bind(&doc); err != nil {
			return nil, err
		}
		body = doc
	} else {
		as = v.r.PostForm.Get("_as")
		var err error
		if body, err = formBody(v.r.PostForm); err != nil {
			return nil, err
		}
	}
	a, err := v.call(v.r.Context(), v.method, path, as, body)
	if err != nil {
		return nil, err
	}
	if p := a.problem(); p != nil {
		return nil, p
	}
	// Tokens that are made here are not for the page.
	return json.RawMessage(v.secrets().Body(a.body.Bytes())), nil
}

// formBody is the body that a form stands for; nil for an empty one.
func formBody(form url.Values) ([]byte, error) {
	doc := map[string]any{}
	for name, values := range form {
		if strings.HasPrefix(name, "_") || strings.TrimSpace(values[0]) == "" {
			continue
		}
		name, kind, _ := strings.Cut(name, ":")
		value, err := fieldValue(name, kind, values)
		if err != nil {
			return nil, err
		}
		nest(doc, strings.Split(name, "."), value)
	}
	if len(doc) == 0 {
		return nil, nil
	}
	return json.Marshal(doc)
}

// fieldValue is what a field of a form stands for, by the kind behind its name.
func fieldValue(name, kind string, values []string) (any, error) {
	switch kind {
	case "list":
		var list []string
		for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
		return list, nil
	case "json":
		if !json.Valid([]byte(values[0])) {
			return nil, badField("BAD_FIELD", name, name+" must be JSON")
		}
		return json.RawMessage(values[0]), nil
	}
	return values[0], nil
}

// nest sets a member of a member of a document.
func nest(doc map[string]any, path []string, value any) {
	for _, name := range path[:len(path)-1] {
		inner, ok := doc[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			doc[name] = inner
		}
		doc = inner
	}
	doc[path[len(path)-1]] = value
}
