package cometchat_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

// unindented is a source text without indentation, so that a snippet is found
// whatever it is nested in.
func unindented(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n") + "\n"
}

// TestSnippets holds the README and the page on testing to the examples: each Go
// snippet stands in one of them, line by line, and so compiles and does what it
// says.
func TestSnippets(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	guide, err := os.ReadFile("docs/testing.md")
	require.NoError(t, err)
	readme = append(readme, guide...)
	var sources strings.Builder
	for _, pattern := range []string{"example*_test.go", "cometchattest/example*_test.go", "examples/*/*.go", "internal/readme/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			b, err := os.ReadFile(file)
			require.NoError(t, err)
			sources.WriteString(unindented(string(b)))
		}
	}
	snippets := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	require.NotEmpty(t, snippets)
	for _, s := range snippets {
		assert.Contains(t, sources.String(), unindented(s[1]))
	}
}

// TestChangelogHasTheVersion keeps the version in the User-Agent honest.
func TestChangelogHasTheVersion(t *testing.T) {
	changelog, err := os.ReadFile("CHANGELOG.md")
	require.NoError(t, err)
	newest := regexp.MustCompile(`(?m)^## \[(\d[^\]]*)\]`).FindSubmatch(changelog)
	require.NotNil(t, newest)
	assert.Equal(t, string(newest[1]), cometchat.Version)
}
