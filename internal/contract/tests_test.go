package contract

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTestsCompareWholeValues finds tests that look for a piece of JSON. Such a
// test passes when a second, wrong member appears, and does not see a lost one.
func TestTestsCompareWholeValues(t *testing.T) {
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, "_test.go") {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, at := range piecesOfJSON(file) {
				t.Errorf("%s looks for a piece of JSON", fset.Position(at))
			}
		}
		return err
	}))
}

func TestPiecesOfJSONAreFound(t *testing.T) {
	for call, found := range map[string]bool{
		"assert.Contains(t, body, `\"id\":\"1\"`)":                        true,
		"require.Containsf(t, body, `{\"data\"`, \"\")":                   true,
		"assert.ErrorContains(t, err, `[\"a\",`)":                         true,
		"assert.True(t, strings.Contains(body, `\"success\":true`))":      true,
		"assert.Contains(t, body, `\"id\":\"` + id)":                      true,
		"assert.Contains(t, testkit.JSON(t, user), `ann`)":                true,
		"assert.Contains(t, body, fmt.Sprintf(`\"id\":%d`, 1))":           true,
		"assert.Regexp(t, `\"id\":\"\\d+\"`, body)":                       true,
		"assert.NotContains(t, body, `\"password\":`)":                    false, // it must not occur anywhere
		"assert.ErrorContains(t, err, `no \"uid\" in the response`)":      false,
		"assert.Equal(t, `{\"id\":\"1\"}`, body)":                         false,
		"assert.Contains(t, seen, `ann`)":                                 false,
		"assert.Contains(t, out, `Message 1 is in conversation a: b, c`)": false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() { "+call+" }", 0)
		require.NoError(t, err, call)
		assert.Equal(t, found, len(piecesOfJSON(file)) > 0, call)
	}
}

// jsonLike matches a member of an object, or the beginning of an object or of a
// list of texts.
var jsonLike = regexp.MustCompile(`"\s*:|[{\[]\s*\\?"`)

// piecesOfJSON returns the calls that look for one text in another where one of
// them is JSON.
func piecesOfJSON(file *ast.File) (found []token.Pos) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Contains", "ErrorContains", "Regexp"}, strings.TrimSuffix(sel.Sel.Name, "f")) {
			return true
		}
		id, _ := sel.X.(*ast.Ident)
		first := 1
		if id != nil && (id.Name == "strings" || id.Name == "bytes") {
			first = 0
		}
		for _, arg := range call.Args[min(first, len(call.Args)):min(first+2, len(call.Args))] {
			if isJSON(arg) {
				found = append(found, call.Pos())
				break
			}
		}
		return true
	})
	return found
}

func isJSON(e ast.Expr) (is bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && jsonLike.MatchString(text) {
				is = true
			}
		case *ast.CallExpr:
			name := fmt.Sprint(n.Fun)
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
				name = sel.Sel.Name
			}
			is = is || strings.EqualFold(name, "JSON") || strings.EqualFold(name, "toJSON")
		}
		return !is
	})
	return is
}
