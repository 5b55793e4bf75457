package privacy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// TestWordsOfLearntFilesAreKnown: the words that learn writes by itself, which stand in its
// code, are those of the tool: a capture that has one of them was not given away by it.
func TestWordsOfLearntFilesAreKnown(t *testing.T) {
	files, err := filepath.Glob("../*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no code of learn", err)
	}
	public := Bundled()
	missing := make(map[string]bool)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if _, ok := n.(*ast.ImportSpec); ok {
				return false
			}
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, _ := strconv.Unquote(lit.Value)
			eachWord(text, func(w string) {
				if len(w) > 4 && strings.ContainsFunc(w, unicode.IsLetter) && !public.HasWord(w) {
					missing[w] = true
				}
			})
			return true
		})
	}
	for w := range missing { // order-free: told one by one
		t.Errorf("no word of the tool: %s", w)
	}
}
