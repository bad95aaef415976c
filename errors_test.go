package cometchat_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-cometchat/cometchat"
)

// TestErrorCategory has each error match one category at most, by its code or
// else by its status.
func TestErrorCategory(t *testing.T) {
	categories := []error{
		cometchat.ErrNotFound, cometchat.ErrAlreadyExists, cometchat.ErrUnauthorized, cometchat.ErrPermissionDenied,
		cometchat.ErrRateLimited, cometchat.ErrInvalidRequest, cometchat.ErrQuotaExceeded, cometchat.ErrServer,
	}
	const object, page = `{"message":"no"}`, "<html>no</html>"
	for _, tt := range []struct {
		status int
		code   cometchat.ErrorCode
		body   string
		want   error
	}{
		{200, "", "", nil}, {302, "", "", nil}, {399, "", object, nil},
		{400, "", object, cometchat.ErrInvalidRequest}, {401, "", object, cometchat.ErrUnauthorized}, {402, "", object, cometchat.ErrQuotaExceeded},
		{403, "", object, cometchat.ErrPermissionDenied}, {404, "", object, cometchat.ErrNotFound}, {409, "", object, cometchat.ErrAlreadyExists},
		{413, "", object, cometchat.ErrInvalidRequest}, {417, "", object, cometchat.ErrInvalidRequest}, {429, "", object, cometchat.ErrRateLimited},
		{499, "", object, cometchat.ErrInvalidRequest}, {500, "", object, cometchat.ErrServer}, {503, "", object, cometchat.ErrServer},

		// What a gateway says: only these statuses speak for themselves.
		{400, "", page, nil}, {401, "", page, cometchat.ErrUnauthorized}, {402, "", page, cometchat.ErrQuotaExceeded},
		{403, "", page, cometchat.ErrPermissionDenied}, {404, "", page, nil}, {404, "", "", nil}, {404, "", `"no"`, nil}, {404, "", `[{}]`, nil},
		{409, "", page, nil}, {413, "", page, nil}, {429, "", "", cometchat.ErrRateLimited}, {499, "", page, nil},
		{500, "", page, cometchat.ErrServer}, {520, "", page, cometchat.ErrServer}, {524, "", "", cometchat.ErrServer},
		{404, "", " \n" + `{"message":"cut sho`, cometchat.ErrNotFound}, {409, "", `{`, cometchat.ErrAlreadyExists},
		// What went wrong on the way is not the request's fault.
		{407, "", object, nil}, {408, "", object, nil}, {421, "", object, nil}, {425, "", object, nil}, {407, "", page, nil},
		{408, cometchat.CodeUIDNotFound, object, cometchat.ErrNotFound},

		{200, cometchat.CodeGUIDNotFound, "", cometchat.ErrNotFound},
		{400, cometchat.CodeUIDAlreadyExists, "", cometchat.ErrAlreadyExists},
		{409, cometchat.CodeUIDAlreadyExists, "", cometchat.ErrAlreadyExists},
		{500, cometchat.CodeUIDAlreadyExists, "", cometchat.ErrAlreadyExists},
		{417, cometchat.CodeAlreadyJoined, "", cometchat.ErrAlreadyExists},
		{402, cometchat.CodePlanQuotaRestriction, "", cometchat.ErrQuotaExceeded},
		{401, cometchat.CodeAuthAPIKeyNotFound, "", cometchat.ErrUnauthorized},
		{403, cometchat.CodeAuthNoAccess, "", cometchat.ErrPermissionDenied},
		{404, cometchat.CodeUIDNotFound, "", cometchat.ErrNotFound},
		{404, cometchat.CodeAPINotFound, "", cometchat.ErrInvalidRequest},
		{400, cometchat.CodeBadRequest, "", cometchat.ErrInvalidRequest},
		{429, cometchat.CodeTooManyRequests, "", cometchat.ErrRateLimited},

		// Codes that are not listed.
		{400, "ERR_WIDGET_NOT_FOUND", "", cometchat.ErrNotFound},
		{400, "ERR_WIDGET_ALREADY_EXISTS", "", cometchat.ErrAlreadyExists},
		{417, "ERR_ALREADY_SUBSCRIBED", "", cometchat.ErrAlreadyExists},
		{400, "ERR_WS_GROUP_CREATION_FAILED", "", cometchat.ErrServer},
		{200, "ERR_WS_GROUP_CREATION_FAILED", "", cometchat.ErrServer},
		{400, "AUTH_ERR_WIDGET_NOT_FOUND", "", cometchat.ErrUnauthorized},
		{400, "ERR_OF_TOMORROW", "", cometchat.ErrInvalidRequest},
		{200, "ERR_OF_TOMORROW", "", cometchat.ErrInvalidRequest},
		{404, "ERR_OF_TOMORROW", "", cometchat.ErrNotFound},
	} {
		e := &cometchat.Error{StatusCode: tt.status, Code: tt.code, Body: []byte(tt.body)}
		err := fmt.Errorf("wrapped: %w", e)
		for _, category := range categories {
			assert.Equal(t, category == tt.want, errors.Is(err, category), "%d %s %s %v", tt.status, tt.code, tt.body, category)
			assert.Equal(t, category == cometchat.ErrAlreadyExists,
				errors.Is(&cometchat.Error{StatusCode: tt.status, Code: cometchat.CodeUIDAlreadyExists}, category), "%d %v", tt.status, category)
		}
		assert.Equal(t, tt.code != "", errors.Is(err, tt.code))
		assert.NotErrorIs(t, err, cometchat.ErrorCode("ERR_ANOTHER"))
		assert.NotErrorIs(t, err, cometchat.ErrorCode(""), "no code is no code")
		assert.NotErrorIs(t, err, cometchat.ErrOutcomeUnknown)
		assert.False(t, e.Is(nil), "also without a category")
	}
}

func TestErrorTexts(t *testing.T) {
	cause := errors.New("no route")
	for want, err := range map[string]error{
		"cometchat: GET /x: 404: (no body)": &cometchat.Error{Method: "GET", Path: "/x", StatusCode: 404, Message: "(no body)"},
		"cometchat: GET /x: 400 ERR_BAD_REQUEST: wrong; name: too long, too odd; uid: missing": &cometchat.Error{
			Method: "GET", Path: "/x", StatusCode: 400, Code: cometchat.CodeBadRequest, Message: "wrong",
			Details: map[string][]string{"uid": {"missing"}, "name": {"too long,", "too odd"}},
		},
		"cometchat: GET /x: 500":                    &cometchat.Error{Method: "GET", Path: "/x", StatusCode: 500},
		"cometchat: GET /x: no route":               &cometchat.TransportError{Method: "GET", Path: "/x", Attempts: 1, Err: cause},
		"cometchat: GET /x: 2 attempts: no route":   &cometchat.TransportError{Method: "GET", Path: "/x", Attempts: 2, Err: cause},
		"cometchat: not waiting 1m0.001s: no route": &cometchat.WaitError{Wait: time.Minute + 1_499_999, Err: cause},
		"page 1: no route":                          &cometchat.PageError{Err: cause},
		"page 7: no route":                          &cometchat.PageError{Position: mustPosition(t, "p1.0a1b2c3d.7.100"), Err: cause},
		`page after "2": no route`:                  &cometchat.PageError{Position: mustPosition(t, "c1.0a1b2c3d.100.affix=append&id=2"), Err: cause},
		`page before "2": no route`:                 &cometchat.PageError{Position: mustPosition(t, "c1.0a1b2c3d.100.affix=prepend&id=2"), Err: cause},
		`page "2": no route`:                        &cometchat.PageError{Position: mustPosition(t, "c1.0a1b2c3d.100.page=2"), Err: cause},
		"last page: no route":                       &cometchat.PageError{Position: mustPosition(t, "c1.0a1b2c3d.100.affix=prepend"), Err: cause},
	} {
		assert.EqualError(t, err, want)
	}
}

func TestErrorLogValue(t *testing.T) {
	e := &cometchat.Error{
		Method: "GET", Path: "/x", StatusCode: 429, Code: "ERR_TOO_MANY_REQUESTS", Message: "slow down",
		Header: http.Header{"X": {"y"}}, Body: []byte("body"),
	}
	const text = "[status=429 code=ERR_TOO_MANY_REQUESTS message=slow down method=GET path=/x]"
	assert.Equal(t, text, e.LogValue().String())
	e.RetryAfter = time.Second
	assert.Equal(t, text[:len(text)-1]+" retry_after=1s]", e.LogValue().String())
}
