package golden

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
)

var allCorpora = flag.Bool("all", false, "TestNamedCorpora makes the large ones too")

// namedCorpora are the corpora of docs/corpora.md, in its order.
var namedCorpora = []struct {
	name  string
	small bool // made by every run of the tests
}{{"agents-small", true}, {"agents-large", false}, {"shop-day", false}, {"incident", true}, {"cardinality", false}}

const (
	corporaPage  = "../docs/corpora.md"
	corporaBegin = "|---|---|---|---|---|---|---|---|---|\n"
	corporaEnd   = "<!-- end -->"
)

// TestNamedCorpora makes the corpora that have names by their recipes, and holds what
// docs/corpora.md says of them to that.
func TestNamedCorpora(t *testing.T) {
	words := generator(t)
	page, err := os.ReadFile(corporaPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), corporaBegin)
	rows, after, ended := strings.Cut(rest, corporaEnd)
	if !found || !ended {
		t.Fatalf("%s has no table of corpora", corporaPage)
	}
	said := strings.SplitAfter(strings.TrimSuffix(rows, "\n"), "\n")
	var made strings.Builder
	for i, c := range namedCorpora {
		if !c.small && !*allCorpora {
			continue
		}
		row := corpusRow(t, words, c.name)
		made.WriteString(row)
		if !*update && (i >= len(said) || strings.TrimSpace(said[i]) != strings.TrimSpace(row)) {
			t.Errorf("%s: %s says otherwise of\n%s", c.name, corporaPage, row)
		}
	}
	switch {
	case *update && *allCorpora:
		if err := os.WriteFile(corporaPage, []byte(before+corporaBegin+made.String()+corporaEnd+after), 0o666); err != nil {
			t.Fatal(err)
		}
	case len(said) != len(namedCorpora):
		t.Errorf("%s has %d corpora, want %d", corporaPage, len(said), len(namedCorpora))
	}
}

// corpusRow makes a corpus, and returns what the table says of it.
func corpusRow(t *testing.T, words []string, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	command := append(slices.Clone(words), "--project", "../examples/corpora/"+name+".yaml", "--quiet", "-o", dir)
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), noVariables...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := corpus.ParseManifest(data)
	if err != nil {
		t.Fatal(err)
	}
	var content, files uint64
	items := make(map[string]uint64)
	for _, s := range m.Totals {
		items[s.Signal], content = s.Items, content+s.Bytes
		paths, err := filepath.Glob(filepath.Join(dir, s.Signal, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			files += uint64(info.Size())
		}
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s | %s | %.2f | `%x` |\n", name, text.Grouped(m.Options.Count),
		text.Grouped(items["traces"]), text.Grouped(items["metrics"]), text.Grouped(items["logs"]),
		text.Size(content), text.Size(files), float64(content)/float64(files), sha256.Sum256(data))
}
