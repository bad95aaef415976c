package contract

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/go-cometchat/cometchat"

// house is a package to check: its files by name, with types.
type house struct {
	fset  *token.FileSet
	files map[string]*ast.File
	info  *types.Info
	pkg   *types.Package
}

// coreFiles are the files that name no resource. doc.go and services.go belong
// neither to the core nor to a resource: it is the purpose of services.go to name
// all resources.
var coreFiles = []string{
	"client.go", "core.go", "error_answer.go", "error_categories.go", "error_codes.go", "errors.go", "form.go", "host.go", "metadata.go",
	"decode.go", "options.go",
	"cursor.go", "list.go", "pagination.go", "pagination_cursor.go", "position.go", "raw.go", "results.go", "route.go", "secret.go", "tags.go", "time.go",
	"trace.go", "util.go", "validate.go",
}

func isResource(name string) bool {
	return name != "doc.go" && name != "services.go" && !slices.Contains(coreFiles, name)
}

// rules are the rules for the root package. Each returns the breaches that it
// finds.
var rules = map[string]func(*house) []string{
	"the core names no resource":              (*house).coreNamesResources,
	"resources decode no JSON":                (*house).resourcesDecode,
	"resources make no errors":                (*house).resourcesMakeErrors,
	"constants begin with their type's name":  (*house).constants,
	"lists take options":                      (*house).lists,
	"no result is success and message alone":  (*house).acknowledgements,
	"no file is over 700 lines":               (*house).longFiles,
	"no function is over 60 lines":            (*house).longFunctions,
	"no more than six files form a circle":    (*house).circles,
	"UnmarshalJSON is one call into the wire": (*house).unmarshalers,
}

func TestHouse(t *testing.T) {
	h := load(t, filepath.Join("..", ".."))
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			if breaches := rule(h); len(breaches) > 0 {
				t.Error(strings.Join(breaches, "\n"))
			}
		})
	}
}

// TestRulesFail plants one breach of each rule.
func TestRulesFail(t *testing.T) {
	long := strings.Repeat("\n", 701)
	circle := map[string]string{}
	for i := range 7 {
		circle[fmt.Sprintf("resource%d.go", i)] = fmt.Sprintf("package p\nfunc f%d() { f%d() }", i, (i+1)%7)
	}
	for name, files := range map[string]map[string]string{
		"the core names no resource":             {"core.go": "package p\nvar _ = Limit", "users.go": "package p\nconst Limit = 1"},
		"resources decode no JSON":               {"users.go": "package p\nimport \"encoding/json\"\nfunc f() { json.Unmarshal(nil, nil) }"},
		"resources make no errors":               {"errors.go": "package p\ntype Error struct{}", "users.go": "package p\nvar _ = &Error{}"},
		"constants begin with their type's name": {"users.go": "package p\ntype Kind string\nconst Big Kind = \"big\""},
		"lists take options": {"users.go": "package p\ntype PageList[T any] struct{}\ntype UsersService struct{}\n" +
			"func (*UsersService) List(uid string) *PageList[int] { return nil }"},
		"no result is success and message alone":  {"users.go": "package p\ntype Done struct { Success bool `json:\"success\"`; Message string `json:\"message\"` }"},
		"no file is over 700 lines":               {"users.go": "package p" + long},
		"no function is over 60 lines":            {"users.go": "package p\nfunc f() {" + long[:61] + "}"},
		"no more than six files form a circle":    circle,
		"UnmarshalJSON is one call into the wire": {"users.go": "package p\ntype T struct{}\nfunc (t *T) UnmarshalJSON(b []byte) error { b = nil; return nil }"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse()
			for name, src := range files {
				h.parse(t, name, src)
			}
			h.check(t, importer.Default())
			require.Contains(t, rules, name)
			assert.NotEmpty(t, rules[name](h))
		})
	}
	assert.Len(t, rules, 10, "every rule has a breach planted above")
}

func newHouse() *house {
	return &house{fset: token.NewFileSet(), files: map[string]*ast.File{}, info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}}
}

func (h *house) parse(t *testing.T, name string, src any) {
	file, err := parser.ParseFile(h.fset, name, src, parser.ParseComments)
	require.NoError(t, err)
	h.files[filepath.Base(name)] = file
}

func (h *house) check(t *testing.T, imports types.Importer) {
	var files []*ast.File
	for _, name := range h.names() {
		files = append(files, h.files[name])
	}
	pkg, err := (&types.Config{Importer: imports}).Check("p", h.fset, files, h.info)
	require.NoError(t, err)
	h.pkg = pkg
}

// load reads a package with its types. Its imports are read from the export data
// of the compiler, which the build has made anyway.
func load(t *testing.T, dir string) *house {
	t.Helper()
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}", ".")
	cmd.Dir = dir
	out, err := cmd.Output()
	require.NoError(t, err)
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		exports[path] = file
	}
	h := newHouse()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, path := range paths {
		if !strings.HasSuffix(path, "_test.go") {
			h.parse(t, path, nil)
		}
	}
	h.check(t, importer.ForCompiler(h.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }))
	return h
}

func (h *house) names() []string {
	var names []string
	for name := range h.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (h *house) at(pos token.Pos) string {
	p := h.fset.Position(pos)
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

// fileOf returns the file of the package that declares an object, or "" for an
// object from elsewhere.
func (h *house) fileOf(o types.Object) string {
	if o == nil || o.Pkg() != h.pkg || !o.Pos().IsValid() {
		return ""
	}
	return filepath.Base(h.fset.Position(o.Pos()).Filename)
}

// uses calls f for each use of a name that another file of the package declares
// at its top level, or as a field or method.
func (h *house) uses(f func(from, to string, id *ast.Ident)) {
	for id, o := range h.info.Uses {
		from := filepath.Base(h.fset.Position(id.Pos()).Filename)
		if to := h.fileOf(o); to != "" && to != from && !local(o) {
			f(from, to, id)
		}
	}
}

// local reports whether an object belongs to a function or to the parameters of a
// type.
func local(o types.Object) bool {
	if v, ok := o.(*types.Var); ok && v.IsField() {
		return false
	}
	if fn, ok := o.(*types.Func); ok && fn.Signature().Recv() != nil {
		return false
	}
	return o.Parent() != o.Pkg().Scope()
}

func (h *house) coreNamesResources() (breaches []string) {
	h.uses(func(from, to string, id *ast.Ident) {
		if slices.Contains(coreFiles, from) && isResource(to) {
			breaches = append(breaches, h.at(id.Pos())+": "+id.Name+" is declared by "+to)
		}
	})
	return breaches
}

func (h *house) resourcesDecode() (breaches []string) {
	h.inResources(func(n ast.Node) {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return
		}
		o := h.info.Uses[sel.Sel]
		if o == nil || o.Pkg() == nil || o.Pkg().Path() != "encoding/json" {
			return
		}
		if name := o.Name(); name == "Unmarshal" || name == "NewDecoder" {
			breaches = append(breaches, h.at(sel.Pos())+": json."+name)
		}
	})
	return breaches
}

func (h *house) resourcesMakeErrors() (breaches []string) {
	h.inResources(func(n ast.Node) {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return
		}
		if named, ok := h.info.Types[lit].Type.(*types.Named); ok && named.Obj().Name() == "Error" && named.Obj().Pkg() == h.pkg {
			breaches = append(breaches, h.at(lit.Pos())+": makes an Error")
		}
	})
	return breaches
}

func (h *house) inResources(f func(ast.Node)) {
	for _, name := range h.names() {
		if !isResource(name) {
			continue
		}
		ast.Inspect(h.files[name], func(n ast.Node) bool {
			if n != nil {
				f(n)
			}
			return true
		})
	}
}

func (h *house) constants() (breaches []string) {
	scope := h.pkg.Scope()
	for _, name := range scope.Names() {
		c, ok := scope.Lookup(name).(*types.Const)
		if !ok || !c.Exported() {
			continue
		}
		named, ok := c.Type().(*types.Named)
		if !ok || named.Obj().Pkg() != h.pkg {
			continue
		}
		prefix := named.Obj().Name()
		if prefix == "ErrorCode" {
			prefix = "Code"
		}
		if !strings.HasPrefix(name, prefix) {
			breaches = append(breaches, h.at(c.Pos())+": "+name+" is a "+named.Obj().Name())
		}
	}
	return breaches
}

// lists finds methods of services that return a list but take no options. Options
// are the last parameter: a pointer to a struct whose name ends in Options.
func (h *house) lists() (breaches []string) {
	scope := h.pkg.Scope()
	for _, name := range scope.Names() {
		named, ok := scope.Lookup(name).Type().(*types.Named)
		if !ok || !strings.HasSuffix(name, "Service") {
			continue
		}
		for m := range named.Methods() {
			sig := m.Signature()
			if !m.Exported() || sig.Results().Len() != 1 || !strings.Contains(sig.Results().At(0).Type().String(), "List[") {
				continue
			}
			n := sig.Params().Len()
			if n == 0 || !strings.HasSuffix(sig.Params().At(n-1).Type().String(), "Options") {
				breaches = append(breaches, h.at(m.Pos())+": "+name+"."+m.Name()+" takes no options")
			}
		}
	}
	return breaches
}

func (h *house) acknowledgements() (breaches []string) {
	scope := h.pkg.Scope()
	for _, name := range scope.Names() {
		o, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || !o.Exported() {
			continue
		}
		s, ok := o.Type().Underlying().(*types.Struct)
		if !ok || s.NumFields() == 0 {
			continue
		}
		alone := true
		for f := range s.Fields() {
			alone = alone && (f.Name() == "Success" || f.Name() == "Message" && s.NumFields() == 2)
		}
		if alone {
			breaches = append(breaches, h.at(o.Pos())+": "+name+" only acknowledges")
		}
	}
	return breaches
}

func (h *house) longFiles() (breaches []string) {
	for _, name := range h.names() {
		if n := h.fset.File(h.files[name].Pos()).LineCount(); n > 700 {
			breaches = append(breaches, fmt.Sprintf("%s: %d lines", name, n))
		}
	}
	return breaches
}

func (h *house) longFunctions() (breaches []string) {
	for _, name := range h.names() {
		for _, decl := range h.files[name].Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := h.fset.Position(fn.End()).Line - h.fset.Position(fn.Pos()).Line + 1; n > 60 {
				breaches = append(breaches, fmt.Sprintf("%s: %s has %d lines", h.at(fn.Pos()), fn.Name.Name, n))
			}
		}
	}
	return breaches
}

func (h *house) unmarshalers() (breaches []string) {
	for _, name := range h.names() {
		for _, decl := range h.files[name].Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && fn.Name.Name == "UnmarshalJSON" && fn.Recv != nil && isResource(name) && !callsWire(fn.Body) {
				breaches = append(breaches, h.at(fn.Pos())+": "+types.ExprString(fn.Recv.List[0].Type)+" decodes by itself")
			}
		}
	}
	return breaches
}

// callsWire reports whether a body makes exactly one call into internal/wire,
// directly or through the UnmarshalJSON of another type.
func callsWire(body *ast.BlockStmt) bool {
	calls := 0
	ast.Inspect(body, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == "wire" || sel.Sel.Name == "UnmarshalJSON" {
				calls++
			}
		}
		return true
	})
	return calls == 1
}

// circles finds files that use each other, directly or indirectly.
func (h *house) circles() []string {
	graph := map[string]map[string]bool{}
	h.uses(func(from, to string, _ *ast.Ident) {
		if from == "services.go" || to == "services.go" {
			return
		}
		if graph[from] == nil {
			graph[from] = map[string]bool{}
		}
		graph[from][to] = true
	})
	var breaches []string
	for _, circle := range components(h.names(), graph) {
		if len(circle) > 6 {
			breaches = append(breaches, fmt.Sprintf("%d files use each other: %s", len(circle), strings.Join(circle, " ")))
		}
	}
	return breaches
}

// components returns the strongly connected components of a graph (Tarjan).
func components(nodes []string, graph map[string]map[string]bool) (all [][]string) {
	index, low, on := map[string]int{}, map[string]int{}, map[string]bool{}
	var stack []string
	var visit func(string)
	visit = func(v string) {
		index[v] = len(index) + 1
		low[v] = index[v]
		stack, on[v] = append(stack, v), true
		for w := range graph[v] {
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if on[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		at := slices.Index(stack, v)
		circle := slices.Sorted(slices.Values(stack[at:]))
		for _, w := range circle {
			on[w] = false
		}
		stack = stack[:at]
		all = append(all, circle)
	}
	for _, v := range nodes {
		if index[v] == 0 {
			visit(v)
		}
	}
	return all
}

// arrows are the imports of each other that packages may have; "" is the root.
var arrows = map[string][]string{
	"":                   {"internal/wire", "internal/walk", "internal/transport", "internal/redact"},
	"webhook":            {"", "internal/wire"},
	"cometchattest":      {"internal/backdoor"},
	"internal/backdoor":  {},
	"internal/console":   {"cometchattest", "internal/backdoor", "internal/redact"},
	"internal/wire":      {"internal/fastjson"},
	"internal/fastjson":  {},
	"internal/walk":      {},
	"internal/transport": {"internal/redact"},
	"internal/redact":    {},
	"internal/fixture":   {"internal/redact"},
	"internal/testkit":   {"", "cometchattest", "internal/fixture", "internal/memnet"},
}

func TestArrows(t *testing.T) {
	cmd := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Empty(t, wrongArrows(string(out)))

	breach := module + "/internal/wire " + module + "\n" + module + "/cometchattest fmt " + module + "/internal/wire\n"
	assert.Len(t, wrongArrows(breach), 2, "two planted breaches")
}

func wrongArrows(list string) (breaches []string) {
	for line := range strings.Lines(list) {
		words := strings.Fields(line)
		from := inside(words[0])
		allowed, ruled := arrows[from]
		for _, path := range words[1:] {
			if !strings.HasPrefix(path, module) || !ruled {
				continue
			}
			if to := inside(path); !slices.Contains(allowed, to) {
				breaches = append(breaches, fmt.Sprintf("%q imports %q", from, to))
			}
		}
	}
	return breaches
}

func inside(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, module), "/") }

// TestEveryResourceHasItsTest checks that the tests of a resource are where a
// reader looks for them.
func TestEveryResourceHasItsTest(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "*.go"))
	require.NoError(t, err)
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(path)
	}
	require.Contains(t, names, "users.go")
	assert.Empty(t, withoutTest(names))

	planted := []string{"core.go", "users.go", "users_test.go", "groups.go", "example_groups_test.go"}
	assert.Equal(t, []string{"groups.go"}, withoutTest(planted))
}

// withoutTest returns the files of resources that have no test file.
func withoutTest(names []string) (missing []string) {
	for _, name := range names {
		test := strings.TrimSuffix(name, ".go") + "_test.go"
		if isResource(name) && !strings.HasSuffix(name, "_test.go") && !slices.Contains(names, test) {
			missing = append(missing, name)
		}
	}
	return missing
}
