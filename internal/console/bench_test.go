package console_test

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/console"
)

// TestTestsStaySmall keeps out of what tests import what makes their binaries large:
// html/template, with which the linker keeps every method there is, and data.
func TestTestsStaySmall(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "../../cometchattest").Output()
	require.NoError(t, err)
	deps := strings.Fields(string(out))
	assert.Contains(t, deps, "net/http")
	for _, large := range []string{
		"html/template", "text/template", "time/tzdata", "log/slog", "net/http/pprof", "flag", "testing",
		"github.com/go-cometchat/cometchat/internal/console",
	} {
		assert.NotContains(t, deps, large)
	}
}

// BenchmarkPages renders pages of an app with many users, messages and requests.
func BenchmarkPages(b *testing.B) {
	srv := cometchattest.New(cometchattest.WithRequestLog(1000, 64<<20))
	defer srv.Close()
	srv.SeedUsers(100_000)
	srv.SeedMessages(100_000, 10)
	c := console.New(srv, console.Options{})
	c.Ready()
	get := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		r.Header.Set("Accept", "text/html")
		r.Header.Set("apikey", srv.APIKey())
		rec := httptest.NewRecorder()
		c.ServeHTTP(rec, r)
		return rec
	}
	for range 1000 {
		get("/v3/users/user-0001")
	}
	for name, path := range map[string]string{
		"overview": "/", "users": "/users", "transcript": "/conversations/user-0001_user_user-0002", "requests": "/requests",
	} {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				rec := get("/_emulator" + path)
				if rec.Code != http.StatusOK {
					b.Fatal(rec.Code)
				}
				size = rec.Body.Len()
			}
			b.ReportMetric(float64(size), "B/page")
		})
	}
}
