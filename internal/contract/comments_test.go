package contract

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cometchat/cometchat"
)

// categories are the categories of errors by their names.
var categories = map[string]error{
	"ErrNotFound": cometchat.ErrNotFound, "ErrAlreadyExists": cometchat.ErrAlreadyExists, "ErrUnauthorized": cometchat.ErrUnauthorized,
	"ErrPermissionDenied": cometchat.ErrPermissionDenied, "ErrRateLimited": cometchat.ErrRateLimited, "ErrInvalidRequest": cometchat.ErrInvalidRequest,
	"ErrQuotaExceeded": cometchat.ErrQuotaExceeded, "ErrServer": cometchat.ErrServer,
}

// TestCommentsNameErrors checks the codes that comments name, and the categories that
// they name them with, as in "CodeUIDNotFound (ErrNotFound)".
func TestCommentsNameErrors(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "*.go"))
	require.NoError(t, err)
	var comments []string
	codes := map[string]cometchat.ErrorCode{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, group := range file.Comments {
			comments = append(comments, filepath.Base(path)+": "+strings.Join(strings.Fields(group.Text()), " "))
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if ok && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "Code") {
				if value, ok := spec.Values[0].(*ast.BasicLit); ok {
					text, err := strconv.Unquote(value.Value)
					require.NoError(t, err)
					codes[spec.Names[0].Name] = cometchat.ErrorCode(text)
				}
			}
			return true
		})
	}
	assert.Greater(t, len(codes), 100)
	named := 0
	for _, comment := range comments {
		for _, problem := range misnamed(comment, codes) {
			t.Error(problem)
		}
		named += strings.Count(comment, " Code")
	}
	assert.Greater(t, named, 100)
}

func TestMisnamedErrorsAreFound(t *testing.T) {
	codes := map[string]cometchat.ErrorCode{"CodeUIDNotFound": cometchat.CodeUIDNotFound, "CodeConversationNotAccessible": cometchat.CodeConversationNotAccessible}
	for comment, found := range map[string]int{
		"It fails with CodeUIDNotFound (ErrNotFound).":               0,
		"It fails with CodeUIDNotFound (ErrAlreadyExists).":          1,
		"It fails with CodeUIDGone.":                                 1,
		"It fails with CodeConversationNotAccessible (ErrNotFound).": 1,
		"Code says why.": 0,
	} {
		assert.Len(t, misnamed(comment, codes), found, comment)
	}
}

var namedCode = regexp.MustCompile(`\b(Code[A-Z]\w+)(?: \((Err\w+)\))?`)

// misnamed returns what is wrong with the codes that a comment names.
func misnamed(comment string, codes map[string]cometchat.ErrorCode) (problems []string) {
	for _, match := range namedCode.FindAllStringSubmatch(comment, -1) {
		code, known := codes[match[1]]
		category, given := categories[match[2]]
		switch {
		case !known:
			problems = append(problems, "there is no "+match[1]+" in "+comment)
		case given && !errors.Is(&cometchat.Error{Code: code}, category):
			problems = append(problems, match[0]+" is another category in "+comment)
		}
	}
	return problems
}
