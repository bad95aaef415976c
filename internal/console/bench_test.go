package console_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
	"github.com/go-cometchat/cometchat/internal/console"
)

// TestTestsStaySmall checks that package cometchattest does not import what makes
// the binaries of tests large: data, and html/template, which makes the linker
// keep every method.
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

// crowded returns a function that gets pages of a console. The app has n users, n
// messages and a thousand requests.
func crowded(t testing.TB, n int) func(path string) *httptest.ResponseRecorder {
	t.Helper()
	srv := cometchattest.New(cometchattest.WithRequestLog(1000, 64<<20))
	t.Cleanup(srv.Close)
	srv.SeedUsers(n)
	srv.SeedMessages(n, 10)
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
	return get
}

// crowdedPages are the pages that show the most.
var crowdedPages = map[string]string{
	"overview": "/", "users": "/users", "groups": "/groups", "conversations": "/conversations",
	"transcript": "/conversations/user-0001_user_user-0002", "requests": "/requests",
}

// TestPagesStaySmall checks that pages do not grow with the stored data: their
// limit is 120 KB.
func TestPagesStaySmall(t *testing.T) {
	get := crowded(t, 20_000)
	for name, path := range crowdedPages {
		rec := get("/_emulator" + path)
		require.Equal(t, http.StatusOK, rec.Code, name)
		assert.Less(t, rec.Body.Len(), 120_000, name)
	}
}

// BenchmarkPages renders pages of an app with 100,000 users and 100,000 messages,
// or with the number that EMULATOR_ROWS gives.
func BenchmarkPages(b *testing.B) {
	n := 100_000
	if rows := os.Getenv("EMULATOR_ROWS"); rows != "" {
		var err error
		n, err = strconv.Atoi(rows)
		require.NoError(b, err)
	}
	get := crowded(b, n)
	for name, path := range crowdedPages {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				rec := get("/_emulator" + path)
				require.Equal(b, http.StatusOK, rec.Code)
				size = rec.Body.Len()
			}
			b.ReportMetric(float64(size), "B/page")
		})
	}
}
