package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// faultSpec is a fault as it is asked for.
type faultSpec struct {
	Method       string      `json:"method,omitempty"`
	Path         string      `json:"path,omitempty"`
	Skip         int         `json:"skip,omitempty"`
	Every        int         `json:"every,omitempty"`
	Times        int         `json:"times,omitempty"`
	Latency      duration    `json:"latency,omitempty"`
	DropBefore   bool        `json:"dropBefore,omitempty"`
	DropAfter    bool        `json:"dropAfter,omitempty"`
	Status       int         `json:"status,omitempty"`
	Code         string      `json:"code,omitempty"`
	Message      string      `json:"message,omitempty"`
	Body         *string     `json:"body,omitempty"`
	BodyBase64   []byte      `json:"bodyBase64,omitempty"`
	RedirectTo   string      `json:"redirectTo,omitempty"`
	RetryAfter   string      `json:"retryAfter,omitempty"`
	Header       http.Header `json:"header,omitempty"`
	Truncate     bool        `json:"truncate,omitempty"`
	TruncateJSON bool        `json:"truncateJSON,omitempty"`
	Malformed    bool        `json:"malformed,omitempty"`
	RepeatPage   bool        `json:"repeatPage,omitempty"`
}

// faultDoc is a fault with what has become of it.
type faultDoc struct {
	ID int64 `json:"id"`
	faultSpec
	Seen int `json:"seen"`
	Hits int `json:"hits"`
	Left int `json:"left"`
}

func viewFault(f cometchattest.ActiveFault) faultDoc {
	doc := faultDoc{ID: f.ID, Seen: f.Seen, Hits: f.Hits, Left: f.Left()}
	convert(f.Fault, &doc.faultSpec)
	return doc
}

// convert makes a fault of a faultSpec and the other way round, by the JSON that
// both have.
func convert(from, to any) {
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		panic(err)
	}
}

func (s faultSpec) check() error {
	bad := func(field, message string) error { return badField("BAD_FAULT", field, message) }
	switch {
	case s.Times < cometchattest.Always:
		return bad("times", "times must be -1 or more")
	case s.Skip < 0:
		return bad("skip", "skip must be 0 or more")
	case s.Every < 0:
		return bad("every", "every must be 0 or more")
	case s.Status != 0 && (s.Status < 200 || s.Status > 599):
		return bad("status", "status must be from 200 to 599")
	case s.Latency < 0 || s.Latency > duration(10*time.Minute):
		return bad("latency", "latency must be from 0s to 10m")
	case s.Path != "" && !strings.HasPrefix(s.Path, "/"):
		return bad("path", "path must begin with a slash")
	case s.Method != strings.ToUpper(s.Method) || strings.ContainsAny(s.Method, " /"):
		return bad("method", "method is one such as POST")
	case s.Body != nil && s.BodyBase64 != nil:
		return bad("bodyBase64", "there can be body or bodyBase64, not both")
	case strings.ContainsAny(s.RedirectTo+s.RetryAfter, "\r\n"):
		return bad("retryAfter", "a header has one line")
	}
	return nil
}

func (v *visit) listFaults() (any, error) {
	p, err := v.paging()
	return cut(p, v.srv.Faults(), func(f cometchattest.ActiveFault) int64 { return f.ID }, nil, viewFault), err
}

func (v *visit) addFault() (any, error) {
	var in faultSpec
	if err := v.bind(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var f cometchattest.Fault
	convert(in, &f)
	id := v.srv.Inject(f)
	faults := v.srv.Faults()
	i := slices.IndexFunc(faults, func(f cometchattest.ActiveFault) bool { return f.ID == id })
	if i < 0 {
		return nil, notFound("the fault was removed at the same time")
	}
	return viewFault(faults[i]), nil
}

func (v *visit) clearFaults() (any, error) {
	v.srv.ClearFaults()
	return nil, nil
}

func (v *visit) removeFault() (any, error) {
	id, err := v.pathID("fault")
	if err == nil && !v.srv.RemoveFault(id) {
		err = notFound("there is no fault " + v.r.PathValue("id"))
	}
	return nil, err
}
