package vocab_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// TestAttributesAreWhatThePlanKnows: each attribute that a program of the plan is
// chosen by, or that a type carries, is one that conventions may speak of.
func TestAttributesAreWhatThePlanKnows(t *testing.T) {
	known := make(map[string]bool)
	for _, typ := range vocab.All() {
		for _, name := range slices.Concat(typ.Carries, typ.Verdicts) {
			known[name] = true
		}
	}
	files, err := filepath.Glob("../plan/attrprograms*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("programs of the plan: %v, %v", files, err)
	}
	for _, file := range files {
		for name := range casesOf(t, file) { // order-free: it becomes a set
			known[name] = true
		}
	}
	for name := range known { // order-free: each is an error of its own
		if !slices.Contains(vocab.Attributes(), name) {
			t.Errorf("attributes.go lacks %q", name)
		}
	}
	if !slices.IsSorted(vocab.Attributes()) {
		t.Error("the attributes are not in byte order")
	}
	if len(known) < 60 {
		t.Errorf("found %d attributes only", len(known))
	}
}

// casesOf returns the dotted names in the cases of the switches of a file.
func casesOf(t *testing.T, file string) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, data, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]bool)
	ast.Inspect(parsed, func(n ast.Node) bool {
		clause, ok := n.(*ast.CaseClause)
		if !ok {
			return true
		}
		for _, e := range clause.List {
			if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if name, err := strconv.Unquote(lit.Value); err == nil && strings.Contains(name, ".") {
					out[name] = true
				}
			}
		}
		return true
	})
	return out
}
