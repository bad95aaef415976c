package console

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat/cometchattest"
)

// ofThePage are the addresses that only the page uses.
var ofThePage = []string{"/{$}", "/ask", "/say", "/start", "/style.css", "/icon.svg", "/page.js", "/v3/{path...}"}

// TestControlIsDocumented compares the table of docs/emulator.md with the routes.
func TestControlIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/emulator.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "\n## The control API\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var documented []string
	for _, row := range regexp.MustCompile(`(?m)^\| (`+"`"+`.*?) \|`).FindAllStringSubmatch(section, -1) {
		var methods []string
		for _, call := range regexp.MustCompile("`([A-Z]+)(?: ([^`]*))?`").FindAllStringSubmatch(row[1], -1) {
			methods = append(methods, call[1])
			for _, method := range methods {
				if call[2] != "" {
					documented = append(documented, method+" "+call[2])
				}
			}
			if call[2] != "" {
				methods = nil
			}
		}
	}

	srv := cometchattest.New()
	defer srv.Close()
	served := []string{"GET " + Base + "/health"} // it is served even while the rest is not
	for path, methods := range New(srv, Options{}).routes() {
		if slices.Contains(ofThePage, strings.TrimPrefix(path, Base)) {
			continue
		}
		for method := range methods {
			served = append(served, method+" "+path)
		}
	}
	slices.Sort(documented)
	slices.Sort(served)
	assert.Equal(t, served, documented)
}
