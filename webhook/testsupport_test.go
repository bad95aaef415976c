package webhook_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/webhook"
)

// payload returns a file of testdata.
func payload(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	require.NoError(t, err)
	return string(b)
}

// newHandler returns a handler that requires the credentials "app" and "pass
// word".
func newHandler(t testing.TB, opts ...webhook.Option) *webhook.Handler {
	t.Helper()
	h, err := webhook.NewHandler(append(opts, webhook.BasicAuth("app", "pass word"))...)
	require.NoError(t, err)
	return h
}

// delivery is a request as the API makes it.
func delivery(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
	r.Header.Set("Content-Type", "Application/json")
	r.SetBasicAuth("app", "pass word")
	return r
}

// deliver returns the status and the body of the response.
func deliver(h http.Handler, r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func status(h http.Handler, body string) int {
	code, _ := deliver(h, delivery(body))
	return code
}

// counted counts the calls of a callback that returns err.
func counted[E any](n *int, err error) func(context.Context, *E) error {
	return func(context.Context, *E) error {
		*n++
		return err
	}
}
