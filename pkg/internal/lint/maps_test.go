package lint

import (
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// The order of a map is another one in every run. In the generator nothing may
// go through a map in its order, unless a comment "order-free: reason" on the
// line, or on the one above, says why it does not matter.
func checkMapOrder(s *source) {
	sorted := map[ast.Node]bool{} // calls whose result is put in order at once
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if t := s.types.TypeOf(n.X); t != nil && ranges(t) && !s.orderFree(n.Pos()) {
				s.report(n.Pos(), "range over a map has no order (say // order-free: why, or sort)")
			}
		case *ast.CallExpr:
			if p, name := s.selected(n.Fun); p == "slices" && strings.HasPrefix(name, "Sorted") && len(n.Args) > 0 {
				sorted[n.Args[0]] = true
			}
			p, name := s.selected(n.Fun)
			if p == "maps" && (name == "Keys" || name == "Values" || name == "All") && !sorted[n] && !s.orderFree(n.Pos()) {
				s.report(n.Pos(), "maps.%s has no order (say // order-free: why, or slices.Sorted)", name)
			}
		}
		return true
	})
}

// ranges reports whether a range over t goes through a map.
func ranges(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Map:
		return true
	case *types.Interface: // a type parameter of which some type is a map
		for i := range u.NumEmbeddeds() {
			if ranges(u.EmbeddedType(i)) {
				return true
			}
		}
	case *types.Union:
		for i := range u.Len() {
			if ranges(u.Term(i).Type()) {
				return true
			}
		}
	}
	return false
}

// exports returns an importer that reads the compiled packages of the build
// cache, which is quicker than checking their source.
func exports(t *testing.T, fset *token.FileSet) types.Importer {
	t.Helper()
	files := map[string]string{}
	list := goCommand(t, "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", "./pkg/build/...", "maps", "slices")
	for line := range strings.Lines(list) {
		if p, file, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			files[p] = file
		}
	}
	return importer.ForCompiler(fset, "gc", func(p string) (io.ReadCloser, error) { return os.Open(files[p]) })
}

// check fills in the types of the files of one package.
func check(t *testing.T, imp types.Importer, dir string, files []*source) {
	t.Helper()
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	var parsed []*ast.File
	for _, s := range files {
		s.types = info
		parsed = append(parsed, s.ast)
	}
	if _, err := (&types.Config{Importer: imp}).Check(module+"/"+dir, files[0].fset, parsed, info); err != nil {
		t.Errorf("check the types of %s: %v", dir, err)
	}
}

func TestGenerationIgnoresMapOrder(t *testing.T) {
	packages := map[string][]*source{}
	for _, s := range tree(t) {
		if s.under("pkg/build") && !s.test() {
			packages[s.dir()] = append(packages[s.dir()], s)
		}
	}
	var dirs []string
	for dir := range packages {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	var imp types.Importer
	for _, dir := range dirs {
		files := packages[dir]
		if imp == nil {
			imp = exports(t, files[0].fset)
		}
		check(t, imp, dir, files)
		for _, s := range files {
			checkMapOrder(s)
			for _, f := range s.found {
				t.Error(f)
			}
		}
	}
}

func TestMapOrderIsCaught(t *testing.T) {
	const head = "package p\n\nimport (\n\t\"maps\"\n\t\"slices\"\n)\n\nvar m, _, _ = map[int]int{}, maps.Keys[map[int]int], slices.Max[[]int]\n\n"
	fset := token.NewFileSet()
	imp := exports(t, fset)
	for _, p := range []struct{ name, code, want string }{
		{"a range", "func f() {\n\tfor range m {\n\t}\n}\n", "pkg/build/p/p.go:11: range over a map has no order"},
		{"a range over a named map", "type t map[int]int\n\nfunc f(x t) {\n\tfor range x {\n\t}\n}\n", "pkg/build/p/p.go:13: range over a map"},
		{"a range over a generic map", "func f[M ~map[int]int](x M) {\n\tfor range x {\n\t}\n}\n", "pkg/build/p/p.go:11: range over a map"},
		{"keys", "func f() {\n\tfor range maps.Keys(m) {\n\t}\n}\n", "pkg/build/p/p.go:11: maps.Keys has no order"},
		{"collected values", "var _ = slices.Collect(maps.Values(m))\n", "pkg/build/p/p.go:10: maps.Values has no order"},
		{"a comment without a reason", "func f() {\n\tfor range m { // order-free:\n\t}\n}\n", "pkg/build/p/p.go:11: range over a map"},
		{"a comment elsewhere", "// order-free: up here\n\nfunc f() {\n\tfor range m {\n\t}\n}\n", "pkg/build/p/p.go:13: range over a map"},
		{"sorted keys are in order", "var _ = slices.Sorted(maps.Keys(m))\n", ""},
		{"a comment on the line", "func f() {\n\tfor range m { // order-free: only counts\n\t}\n}\n", ""},
		{"a comment above", "func f() {\n\t// order-free: only counts\n\tfor range m {\n\t}\n}\n", ""},
		{"a slice has an order", "func f(x []int) {\n\tfor range x {\n\t}\n}\n", ""},
	} {
		s, err := parse(fset, "pkg/build/p/p.go", []byte(head+p.code))
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		check(t, imp, s.dir(), []*source{s})
		checkMapOrder(s)
		checkFound(t, p.name, s, p.want)
	}
}

// checkFound compares what was found with the beginning of the only finding
// that is wanted, or with none.
func checkFound(t *testing.T, name string, s *source, want string) {
	t.Helper()
	switch {
	case want == "" && len(s.found) > 0:
		t.Errorf("%s: found %q, want nothing", name, s.found)
	case want != "" && (len(s.found) != 1 || !strings.HasPrefix(s.found[0], want)):
		t.Errorf("%s: found %q, want one finding %q", name, s.found, want)
	}
}
