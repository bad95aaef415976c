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

// reply is a response of the API to a request through the back door.
type reply struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *reply) Header() http.Header         { return a.header }
func (a *reply) WriteHeader(status int)      { a.status = status }
func (a *reply) Write(b []byte) (int, error) { return a.body.Write(b) }

// call sends a request to the API through the back door. The path is relative to
// /v3 and escaped.
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

// problem returns the error of a response, or nil if it is not an error.
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
	_ = json.Unmarshal(a.body.Bytes(), &doc) // without an envelope there is no message
	p := &problem{status: a.status, Code: doc.Error.Code, Message: doc.Error.Message}
	for field, messages := range doc.Error.Details {
		p.Field = field
		p.Message = strings.Join(messages, " ")
	}
	return p
}

// ask decodes the data of an API response into into.
func (c *Console) ask(ctx context.Context, into any, path string) error {
	_, err := c.askAs(ctx, into, path, "")
	return err
}

// meta is the part of a response's meta that pages need.
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
		// The control API has its own error codes.
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

// doAPI passes a form of the page, or JSON, on to the API. Each field of a form
// becomes the member of the body that its name tells. Dots in the name nest
// members. The suffix ":list" splits the value at commas, and ":json" decodes it.
// Empty fields are left out. _as is the acting user.
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
	// The page must not get the tokens that are made here.
	return json.RawMessage(v.secrets().Body(a.body.Bytes())), nil
}

// formBody returns the body that a form stands for, or nil for an empty form.
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

// fieldValue returns the value of a form field, by the kind that follows its
// name.
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

// nest sets a nested member of a document.
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
