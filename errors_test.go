package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
	"github.com/go-cometchat/cometchat/internal/testkit"
)

// TestErrorCategory checks that each error matches at most one category, by its
// code or else by its status.
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

		// Responses of gateways: only these statuses are clear in themselves.
		{400, "", page, nil}, {401, "", page, cometchat.ErrUnauthorized}, {402, "", page, cometchat.ErrQuotaExceeded},
		{403, "", page, cometchat.ErrPermissionDenied}, {404, "", page, nil}, {404, "", "", nil}, {404, "", `"no"`, nil}, {404, "", `[{}]`, nil},
		{409, "", page, nil}, {413, "", page, nil}, {429, "", "", cometchat.ErrRateLimited}, {499, "", page, nil},
		{500, "", page, cometchat.ErrServer}, {520, "", page, cometchat.ErrServer}, {524, "", "", cometchat.ErrServer},
		{404, "", " \n" + `{"message":"cut sho`, cometchat.ErrNotFound}, {409, "", `{`, cometchat.ErrAlreadyExists},
		// Failures on the way do not say that the request is wrong.
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
		e := &cometchat.Error{StatusCode: tt.status, Code: tt.code, Body: []byte(tt.body), Header: http.Header{"Server": {"edge"}}}
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
		"page 7: no route":                          &cometchat.PageError{Position: testkit.MustPosition(t, "p1.0a1b2c3d.7.100"), Err: cause},
		`page after "2": no route`:                  &cometchat.PageError{Position: testkit.MustPosition(t, "c1.0a1b2c3d.100.affix=append&id=2"), Err: cause},
		`page before "2": no route`:                 &cometchat.PageError{Position: testkit.MustPosition(t, "c1.0a1b2c3d.100.affix=prepend&id=2"), Err: cause},
		`page "2": no route`:                        &cometchat.PageError{Position: testkit.MustPosition(t, "c1.0a1b2c3d.100.page=2"), Err: cause},
		"last page: no route":                       &cometchat.PageError{Position: testkit.MustPosition(t, "c1.0a1b2c3d.100.affix=prepend"), Err: cause},
	} {
		assert.EqualError(t, err, want)
	}
}

// TestErrorsInLogs checks that every type of error gives slog the same members
// with the same types, even if a program has wrapped it.
func TestErrorsInLogs(t *testing.T) {
	response := &cometchat.Error{
		Method: "GET", Path: "/x", StatusCode: 429, Code: "ERR_TOO_MANY_REQUESTS", Message: "slow down", RetryAfter: time.Second,
		Header: http.Header{"X": {"y"}}, Body: []byte("body"),
	}
	broken := &cometchat.TransportError{Method: "POST", Path: "/users", Attempts: 2, Err: io.EOF}
	invalid := &cometchat.ValidationError{Operation: "PUT /users/{uid}", Field: "name", Reason: "required"}
	const nothing = `"status":0,"code":"","method":"","path":"","wait":0,"outcome_unknown":false}`
	for want, err := range map[string]error{
		`{"kind":"rate_limited","message":"cometchat: GET /x: 429 ERR_TOO_MANY_REQUESTS: slow down","status":429,
			"code":"ERR_TOO_MANY_REQUESTS","method":"GET","path":"/x","wait":1000000000,"outcome_unknown":false}`: response,
		`{"kind":"transport","message":"cometchat: POST /users: 2 attempts: EOF",
			"status":0,"code":"","method":"POST","path":"/users","wait":0,"outcome_unknown":false}`: broken,
		`{"kind":"canceled","message":"cometchat: POST /users: context canceled","status":0,"code":"","method":"POST","path":"/users","wait":0,
			"outcome_unknown":false}`: &cometchat.TransportError{Method: "POST", Path: "/users", Err: context.Canceled},
		`{"kind":"timeout","message":"cometchat: GET /roles: not waiting 1m0s: EOF","status":0,"code":"","method":"GET","path":"/roles",
			"wait":60000000000,"outcome_unknown":false}`: &cometchat.WaitError{Method: "GET", Path: "/roles", Wait: time.Minute, Err: io.EOF},
		`{"kind":"invalid_request","message":"cometchat: PUT /users/{uid}: name: required",
			"status":0,"code":"","method":"PUT","path":"/users/{uid}","wait":0,"outcome_unknown":false}`: invalid,
		`{"kind":"rate_limited","message":"page 1: cometchat: GET /x: 429 ERR_TOO_MANY_REQUESTS: slow down","status":429,
			"code":"ERR_TOO_MANY_REQUESTS","method":"GET","path":"/x","wait":1000000000,"outcome_unknown":false}`: &cometchat.PageError{Err: response},
		`{"kind":"invalid_request","message":"ann: cometchat: PUT /users/{uid}: name: required",
			"status":0,"code":"","method":"PUT","path":"/users/{uid}","wait":0,"outcome_unknown":false}`: &cometchat.ResultError{ID: "ann", Err: invalid},
		`{"kind":"not_attempted","message":"ann: cometchat: not attempted\nbob: cometchat: outcome unknown","status":0,"code":"","method":"",
			"path":"","wait":0,"outcome_unknown":true}`: (&cometchat.Results[cometchat.NoValue]{Items: []cometchat.Result[cometchat.NoValue]{
			{ID: "ann", Err: cometchat.ErrNotAttempted}, {ID: "bob", Err: cometchat.ErrOutcomeUnknown}, {ID: "cleo"},
		}}).Err(),
		`{"kind":"outcome_unknown","message":"cometchat: outcome unknown","status":0,"code":"","method":"","path":"","wait":0,
			"outcome_unknown":true}`: cometchat.ErrOutcomeUnknown,
		`{"kind":"not_found","message":"cometchat: not found",` + nothing: cometchat.ErrNotFound,
	} {
		var log strings.Builder
		logger := slog.New(slog.NewJSONHandler(&log, nil))
		logger.Error("x", "err", err, "wrapped", cometchat.LogValue(fmt.Errorf("sync: %w", err)))
		var line struct{ Err, Wrapped json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(log.String()), &line))
		want = strings.ReplaceAll(want, `\n`, `\\n`) // one line
		assert.JSONEq(t, want, string(line.Err))
		assert.JSONEq(t, strings.Replace(want, `"message":"`, `"message":"sync: `, 1), string(line.Wrapped))
	}
	assert.Equal(t, `[kind=other message= status=0 code= method= path= wait=0s outcome_unknown=false]`, cometchat.LogValue(nil).String())
}

// TestErrorMadeByHand is about an error that a test makes, or a double of the API
// that responds with a status alone.
func TestErrorMadeByHand(t *testing.T) {
	require.ErrorIs(t, &cometchat.Error{StatusCode: 404}, cometchat.ErrNotFound)
	require.ErrorIs(t, &cometchat.Error{StatusCode: 409}, cometchat.ErrAlreadyExists)
	require.ErrorIs(t, &cometchat.Error{StatusCode: 400}, cometchat.ErrInvalidRequest)
}

func TestIsSystemic(t *testing.T) {
	api := func(status int, code cometchat.ErrorCode) error {
		return &cometchat.Error{StatusCode: status, Code: code, Body: []byte(`{"error":{}}`)}
	}
	for _, err := range []error{
		api(401, cometchat.CodeAuthAPIKeyNotFound), api(429, cometchat.CodeTooManyRequests),
		api(402, cometchat.CodePlanQuotaRestriction), api(402, ""), api(404, cometchat.CodeAPINotFound),
		api(503, cometchat.CodeException), &cometchat.Error{StatusCode: 520, Body: []byte("<html>")}, &cometchat.Error{StatusCode: 404, Header: http.Header{"Server": {"edge"}}},
		&cometchat.TransportError{Err: io.EOF}, &cometchat.WaitError{Err: cometchat.ErrRateLimited},
		&cometchat.PageError{Err: &cometchat.TransportError{Err: io.EOF}},
		context.Canceled, context.DeadlineExceeded, cometchat.ErrNotAttempted, cometchat.ErrPaginationLoop,
	} {
		assert.True(t, cometchat.IsSystemic(err), "%v", err)
		assert.True(t, cometchat.IsSystemic(fmt.Errorf("row 7: %w", err)), "%v", err)
	}
	for _, err := range []error{
		nil, io.EOF, &cometchat.ValidationError{}, cometchat.ErrOutcomeUnknown,
		api(404, cometchat.CodeRoleNotFound), api(404, ""), api(400, cometchat.CodeUIDAlreadyExists), api(400, cometchat.CodeBadRequest),
		api(403, cometchat.CodePermissionDenied), api(500, cometchat.CodeException), api(402, cometchat.CodePinnedMessagesLimitExceeded),
		&cometchat.ResultError{ID: "ann", Err: api(404, cometchat.CodeUIDNotFound)},
	} {
		assert.False(t, cometchat.IsSystemic(err), "%v", err)
	}
}
