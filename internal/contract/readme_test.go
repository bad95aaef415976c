package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

// unindented returns a source text without indentation, so that a snippet is
// found at any level of nesting.
func unindented(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n") + "\n"
}

// snippets returns the Go snippets of the README and of the pages in docs.
func snippets(t *testing.T) []string {
	var found []string
	files, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, file := range append(files, "README.md") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, s := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(text, -1) {
			found = append(found, string(s[1]))
		}
	}
	require.NotEmpty(t, found)
	return found
}

// TestSnippets checks that each snippet in the documents is part of an example,
// line by line.
func TestSnippets(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	var sources strings.Builder
	for _, pattern := range []string{"example*_test.go", "cometchattest/example*_test.go", "webhook/example*_test.go", "internal/readme/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			b, err := os.ReadFile(file)
			require.NoError(t, err)
			sources.WriteString(unindented(string(b)))
		}
	}
	for _, s := range snippets(t) {
		if !strings.Contains(sources.String(), unindented(s)) {
			t.Errorf("stands in no example:\n%s", s)
		}
	}
}

// TestSnippetsPasted compiles each snippet in the way that the README describes:
// pasted into a function that has a ctx and clients, or srv, or the code under
// test.
func TestSnippetsPasted(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("compiling the snippets needs the go command")
	}
	root, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	replace := map[string]string{} // for a package that exists only in this build
	for i, s := range snippets(t) {
		if strings.HasPrefix(s, "package ") {
			continue // a whole program, which internal/readme holds
		}
		name := fmt.Sprintf("snippet%02d.go", i)
		replace[filepath.Join(root, "internal", "pasted", name)] = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(pasted(s)), 0o600))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600))
	out, err := exec.CommandContext(t.Context(), goCommand, "build", "-gcflags=-e", "-overlay", filepath.Join(dir, "overlay.json"), "./internal/pasted").CombinedOutput()
	require.NoError(t, err, string(out))
}

// pasted returns a source file with the snippet in a function.
func pasted(snippet string) string {
	paths := map[string]string{
		"cometchat":     "github.com/go-cometchat/cometchat",
		"cometchattest": "github.com/go-cometchat/cometchat/cometchattest",
		"http":          "net/http",
		"slog":          "log/slog",
		"webhook":       "github.com/go-cometchat/cometchat/webhook",
	}
	body := "func _(ctx context.Context, client *cometchat.Client, management *cometchat.ManagementClient, appID string, srv *cometchattest.Server, h *webhook.Handler, handler http.Handler, send func(context.Context, *cometchat.Client)) {\n{\n" + snippet + "}\n}\n"
	imports := map[string]bool{}
	for _, m := range regexp.MustCompile(`\b(cometchat|cometchattest|context|errors|fmt|http|log|os|slog|time|webhook)\.[A-Z]`).FindAllStringSubmatch(body, -1) {
		imports[cmp.Or(paths[m[1]], m[1])] = true
	}
	source := "package pasted\n\n"
	for path := range imports {
		source += fmt.Sprintf("import %q\n", path)
	}
	return source + "\n" + body
}

// TestChangelogHasTheVersion checks that the version in the User-Agent is the
// newest in the changelog.
func TestChangelogHasTheVersion(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	changelog, err := os.ReadFile("CHANGELOG.md")
	require.NoError(t, err)
	newest := regexp.MustCompile(`(?m)^## \[(\d[^\]]*)\]`).FindSubmatch(changelog)
	require.NotNil(t, newest)
	assert.Equal(t, string(newest[1]), cometchat.Version)
}
