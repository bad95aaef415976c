// Command apidoc documents the public API. It writes docs/api.txt, so that
// changes show in a diff, and docs/methods.md, the table of methods and API
// operations.
//
//	go run ./internal/apidoc          writes both
//	go run ./internal/apidoc -check   fails if they are not up to date
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"iter"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-cometchat/cometchat"
)

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "apidoc:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	root, err := load(".", "github.com/go-cometchat/cometchat")
	if err != nil {
		return err
	}
	test, err := load("cometchattest", "github.com/go-cometchat/cometchat/cometchattest")
	if err != nil {
		return err
	}
	hook, err := load("webhook", "github.com/go-cometchat/cometchat/webhook")
	if err != nil {
		return err
	}
	generic, err := genericOperations(".")
	if err != nil {
		return err
	}
	methods, err := methodTable(root, cometchat.Routes(), generic)
	if err != nil {
		return err
	}
	for name, want := range map[string][]byte{
		"docs/api.txt":    slices.Concat(surface(root), surface(test), surface(hook)),
		"docs/methods.md": methods,
	} {
		if !check {
			if err := os.WriteFile(name, want, 0o666); err != nil {
				return err
			}
			continue
		}
		got, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("%s is not up to date: run go run ./internal/apidoc", name)
		}
	}
	return nil
}

var fset = token.NewFileSet()

func load(dir, path string) (*doc.Package, error) {
	files, err := parse(dir)
	if err != nil {
		return nil, err
	}
	return doc.NewFromFiles(fset, files, path)
}

func parse(dir string) ([]*ast.File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, dir+"/"+e.Name(), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// genericOperations lists the operations of generic services, by "Type.Method".
// The comments of their methods name none, since each instance has its own. The
// operations are found in the routes. These are literals of the type of the
// service's field routes, and name each route after its method.
func genericOperations(dir string) (map[string][]string, error) {
	files, err := parse(dir) // parse again, since go/doc removes unexported declarations
	if err != nil {
		return nil, err
	}
	services := map[string]string{} // by the type of their routes
	for spec := range nodes[*ast.TypeSpec](files) {
		if routes := routesOf(spec); routes != "" {
			services[routes] = spec.Name.Name
		}
	}
	ops := map[string][]string{}
	for lit := range nodes[*ast.CompositeLit](files) {
		if service := services[fmt.Sprint(lit.Type)]; service != "" {
			if err := addOperations(ops, service, lit); err != nil {
				return nil, err
			}
		}
	}
	return ops, nil
}

// nodes yields the nodes of type N.
func nodes[N ast.Node](files []*ast.File) iter.Seq[N] {
	return func(yield func(N) bool) {
		for _, f := range files {
			for n := range ast.Preorder(f) {
				if n, ok := n.(N); ok && !yield(n) {
					return
				}
			}
		}
	}
}

// addOperations adds the routes of one instance of a generic service.
func addOperations(ops map[string][]string, service string, lit *ast.CompositeLit) error {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return fmt.Errorf("%s: a route without a name", fset.Position(e.Pos()))
		}
		name := fmt.Sprint(kv.Key)
		op, err := declared(kv.Value)
		if err != nil {
			return err
		}
		method := service + "." + strings.ToUpper(name[:1]) + name[1:]
		ops[method] = append(ops[method], op)
	}
	return nil
}

// routesOf returns the type of a generic service's field routes, or "" for any
// other type.
func routesOf(spec *ast.TypeSpec) string {
	s, ok := spec.Type.(*ast.StructType)
	if !ok || spec.TypeParams == nil {
		return ""
	}
	for _, field := range s.Fields.List {
		if t, ok := field.Type.(*ast.StarExpr); ok && len(field.Names) == 1 && field.Names[0].Name == "routes" {
			return fmt.Sprint(t.X)
		}
	}
	return ""
}

// declared returns the operation of a route's declaration, such as
// get("/users").withoutPages().
func declared(e ast.Expr) (string, error) {
	for {
		call, ok := e.(*ast.CallExpr)
		if !ok {
			return "", fmt.Errorf("%s: no declaration of a route", fset.Position(e.Pos()))
		}
		if chained, ok := call.Fun.(*ast.SelectorExpr); ok {
			e = chained.X
			continue
		}
		verb := strings.ToUpper(fmt.Sprint(call.Fun))
		if verb == "DEL" {
			verb = "DELETE"
		}
		pattern, ok := call.Args[0].(*ast.BasicLit)
		if !ok {
			return "", fmt.Errorf("%s: a route whose pattern is no literal", fset.Position(e.Pos()))
		}
		path, err := strconv.Unquote(pattern.Value)
		return verb + " " + path, err
	}
}

// surface lists what a package exports, without comments.
func surface(p *doc.Package) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "package %s // %s\n\n", p.Name, p.ImportPath)
	decl := func(n ast.Node) {
		ast.Inspect(n, uncomment)
		_ = printer.Fprint(&out, fset, n) // writing to a buffer never fails
		out.WriteString("\n")
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			decl(v.Decl)
		}
	}
	funcs := func(list []*doc.Func) {
		for _, f := range list {
			decl(f.Decl)
		}
	}
	values(p.Consts)
	values(p.Vars)
	funcs(p.Funcs)
	for _, t := range p.Types {
		out.WriteString("\n")
		decl(t.Decl)
		values(t.Consts)
		values(t.Vars)
		funcs(t.Funcs)
		funcs(t.Methods)
	}
	out.WriteString("\n")
	return out.Bytes()
}

func uncomment(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		n.Doc = nil
	case *ast.FuncDecl:
		n.Doc = nil
	case *ast.Field:
		n.Doc, n.Comment = nil, nil
	case *ast.TypeSpec:
		n.Doc, n.Comment = nil, nil
	case *ast.ValueSpec:
		n.Doc, n.Comment = nil, nil
	}
	return true
}

var operation = regexp.MustCompile(`\b(GET|POST|PUT|PATCH|DELETE) (/[^\s,.]*)`)

// methodTable lists the methods of services with the operations that their
// comments name. Generic services name operations by their routes. Every
// operation must be a route, and every route must be named.
func methodTable(p *doc.Package, routes []cometchat.Route, generic map[string][]string) ([]byte, error) {
	unnamed := map[string]bool{}
	for _, r := range routes {
		unnamed[r.String()] = true
	}
	known := func(op string) bool {
		return slices.ContainsFunc(routes, func(r cometchat.Route) bool { return r.String() == op })
	}
	var out bytes.Buffer
	out.WriteString("# Methods and API operations\n\nGenerated by `go run ./internal/apidoc`.\n\n| Method | Operation | |\n| --- | --- | --- |\n")
	for _, t := range p.Types {
		service, ok := strings.CutSuffix(t.Name, "Service")
		if !ok {
			continue
		}
		for _, m := range t.Methods {
			ops := slices.Concat(operation.FindAllString(lastParagraph(m.Doc), -1), generic[t.Name+"."+m.Name])
			if len(ops) == 0 {
				return nil, fmt.Errorf("%s.%s names no operation", t.Name, m.Name)
			}
			for _, op := range ops {
				if !known(op) {
					return nil, fmt.Errorf("%s.%s names %s, which is no route", t.Name, m.Name, op)
				}
				delete(unnamed, op)
			}
			note := ""
			if strings.Contains(m.Doc, "Deprecated:") {
				note = "deprecated"
			}
			fmt.Fprintf(&out, "| `%s.%s` | `%s` | %s |\n", service, m.Name, strings.Join(ops, "`, `"), note)
		}
	}
	for op := range unnamed {
		return nil, fmt.Errorf("no method names %s", op)
	}
	return out.Bytes(), nil
}

// lastParagraph returns the paragraph of a method's comment that names its
// operations. It ignores a note on deprecation after it.
func lastParagraph(text string) string {
	text, _, _ = strings.Cut(text, "\nDeprecated:")
	text = strings.TrimSpace(text)
	return text[strings.LastIndex(text, "\n\n")+1:]
}
