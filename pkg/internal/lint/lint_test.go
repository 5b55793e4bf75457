package lint

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/otelsim/otelsim"

// source is a parsed file and what a rule found in it.
type source struct {
	path  string // from the root of the module, with slashes
	text  []byte
	fset  *token.FileSet
	ast   *ast.File
	types *types.Info // only for rules that ask for it
	found []string    // file:line: what is wrong
}

func parse(fset *token.FileSet, name string, text []byte) (*source, error) {
	f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	return &source{path: name, text: text, fset: fset, ast: f}, err
}

func (s *source) dir() string  { return path.Dir(s.path) }
func (s *source) test() bool   { return strings.HasSuffix(s.path, "_test.go") }
func (s *source) isMain() bool { return path.Base(s.path) == "main.go" && s.under("cmd") }

// under reports whether s lies in dir or below.
func (s *source) under(dir string) bool { return strings.HasPrefix(s.path, dir+"/") }

func (s *source) line(pos token.Pos) int { return s.fset.Position(pos).Line }

func (s *source) report(pos token.Pos, format string, args ...any) {
	s.reportLine(s.line(pos), format, args...)
}

func (s *source) reportLine(line int, format string, args ...any) {
	s.found = append(s.found, fmt.Sprintf("%s:%d: %s", s.path, line, fmt.Sprintf(format, args...)))
}

// imports returns the imported paths.
func (s *source) imports() (paths []string) {
	for _, spec := range s.ast.Imports {
		p, _ := strconv.Unquote(spec.Path.Value) // the parser has read it
		paths = append(paths, p)
	}
	return paths
}

// selected returns the import path and the name of a use such as time.Now, and
// empty strings for anything else.
func (s *source) selected(n ast.Node) (importPath, name string) {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	for i, p := range s.imports() {
		local := path.Base(p)
		if version := strings.TrimPrefix(local, "v"); version != local && strings.Trim(version, "0123456789") == "" {
			local = path.Base(path.Dir(p)) // math/rand/v2 is rand
		}
		if alias := s.ast.Imports[i].Name; alias != nil {
			local = alias.Name
		}
		if local == x.Name {
			return p, sel.Sel.Name
		}
	}
	return "", ""
}

// rule is a check of one file.
type rule struct {
	name  string
	check func(s *source)
}

// rules are all that need nothing but the file. Those that need types or the
// whole tree have tests of their own.
var rules = []rule{
	{"arrows", checkArrows},
	{"importers", checkImporters},
	{"sealed", checkSealed},
	{"portable", checkPortable},
	{"goroutines", checkGoroutines},
	{"exits", checkExits},
	{"prints", checkPrints},
	{"readers", checkReaders},
	{"init", checkInit},
	{"file length", checkFileLength},
	{"function length", checkFunctionLength},
	{"file name", checkFileName},
	{"ascii", checkASCII},
	{"leftovers", checkLeftovers},
	{"format", checkFormat},
}

// root returns the directory of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !bytes.HasPrefix(mod, []byte("module "+module+"\n")) {
		t.Fatalf("%s is not the root of %s (%v)", dir, module, err)
	}
	return dir
}

// tree parses every Go file of the module, as far as the go command sees it.
func tree(t *testing.T) []*source {
	t.Helper()
	top, fset := root(t), token.NewFileSet()
	var files []*source
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name == top {
				return nil
			}
			_, err := os.Stat(filepath.Join(name, "go.mod")) // another module, with other rules
			if err == nil || base[0] == '.' || base[0] == '_' || base == "testdata" || base == "vendor" {
				return filepath.SkipDir
			}
			return nil
		}
		if path.Ext(base) != ".go" || base[0] == '.' || base[0] == '_' {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		s, err := parse(fset, filepath.ToSlash(rel), text)
		if err != nil {
			t.Error(err) // it says where
			return nil
		}
		files = append(files, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found only %d files under %s", len(files), top)
	}
	return files
}

func TestTree(t *testing.T) {
	files := tree(t)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			for _, s := range files {
				s.found = nil
				r.check(s)
				for _, f := range s.found {
					t.Error(f)
				}
			}
		})
	}
}

// goCommand runs the go command at the root and returns its standard output.
func goCommand(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root(t)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

func TestVet(t *testing.T) {
	if testing.Short() {
		t.Skip("go vet builds the whole tree")
	}
	goCommand(t, "vet", "./...")
}

// unlinked says what must not be linked into a binary or package, by any way.
var unlinked = []struct{ target, banned string }{
	{"./cmd/otelsim-gen", "google.golang.org/grpc"},
	{"./pkg/build/...", "google.golang.org/grpc"},
	{"./pkg/corpus/...", "google.golang.org/grpc"},
	{"./cmd/otelsim-gen", "net/http"},
	{"./pkg/build/...", "net"},
	{"./pkg/build/...", module + "/pkg/conform"}, // the judge of what it makes
	{"./pkg/corpus/...", module + "/pkg/verify"},
}

func links(t *testing.T, target, banned string) (packages []string) {
	t.Helper()
	for p := range strings.FieldsSeq(goCommand(t, "list", "-deps", target)) {
		if p == banned || strings.HasPrefix(p, banned+"/") {
			packages = append(packages, p)
		}
	}
	return packages
}

func TestNothingUnwantedIsLinked(t *testing.T) {
	for _, u := range unlinked {
		if p := links(t, u.target, u.banned); p != nil {
			t.Errorf("%s links %s (go list -deps %[1]s)", u.target, strings.Join(p, ", "))
		}
	}
	if p := links(t, "./pkg/replay/otlpgrpc", "google.golang.org/grpc"); !slices.Contains(p, "google.golang.org/grpc") {
		t.Error("the transport that does link grpc is not caught, so this test shows nothing")
	}
}
