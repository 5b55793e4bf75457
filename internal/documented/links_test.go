package documented

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	heading = regexp.MustCompile(`^#{1,6}\s+(.*)$`)
	inline  = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	linked  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`) // in a heading
	foreign = regexp.MustCompile(`^[a-z]+:`)              // https:, mailto:
	noWord  = regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
	named   = regexp.MustCompile(`\bdocs/[a-z-]+\.md\b`)
)

// prose is a page without its blocks of code, of which the lines are left empty.
func prose(page string) []string {
	lines, fenced := strings.Split(page, "\n"), false
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimLeft(line, " "), "```")
		if fence || fenced || strings.HasPrefix(line, "    ") {
			lines[i] = ""
		}
		fenced = fenced != fence
	}
	return lines
}

// anchors are the names that the headings of a page go by in links.
func anchors(page string) map[string]bool {
	all, again := map[string]bool{}, map[string]int{}
	for _, line := range prose(page) {
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		text := strings.ToLower(strings.TrimSpace(linked.ReplaceAllString(m[1], "$1")))
		a := strings.ReplaceAll(noWord.ReplaceAllString(text, ""), " ", "-")
		n := again[a]
		if again[a]++; n > 0 {
			a = fmt.Sprintf("%s-%d", a, n)
		}
		all[a] = true
	}
	return all
}

// broken returns what of a page's links leads nowhere, by line, and how many there
// are. Pages are by their path in the tree.
func broken(tree fs.FS, page string) (bad []string, n int, err error) {
	data, err := fs.ReadFile(tree, page)
	if err != nil {
		return nil, 0, err
	}
	for i, line := range prose(string(data)) {
		for _, m := range link.FindAllStringSubmatch(inline.ReplaceAllString(line, ""), -1) {
			if foreign.MatchString(m[1]) {
				continue
			}
			n++
			file, anchor, anchored := strings.Cut(m[1], "#")
			target := page
			if file != "" {
				target = path.Join(path.Dir(page), file)
			}
			if _, err := fs.Stat(tree, target); err != nil {
				bad = append(bad, fmt.Sprintf("%s:%d: %s: there is no such file", page, i+1, m[1]))
				continue
			}
			if !anchored {
				continue
			}
			if data, err := fs.ReadFile(tree, target); err != nil || !anchors(string(data))[anchor] {
				bad = append(bad, fmt.Sprintf("%s:%d: %s: there is no such heading", page, i+1, m[1]))
			}
		}
	}
	return bad, n, nil
}

// root is where go.mod is.
func root(t *testing.T) fs.FS {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tree := os.DirFS(dir)
	if _, err := fs.Stat(tree, "go.mod"); err != nil {
		t.Fatal(err)
	}
	return tree
}

// files are those of the tree whose names match, without what commands write there.
func files(t *testing.T, tree fs.FS, match func(name string) bool) (all []string) {
	t.Helper()
	written := []string{".git", "bin", "corpus", "demo-corpus", "dist", "papers"}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && slices.Contains(written, name) {
			return fs.SkipDir
		}
		if err == nil && d.Type().IsRegular() && match(name) {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every link between pages leads to a file, and to a heading where it names one.
func TestLinksLeadSomewhere(t *testing.T) {
	tree, links := root(t), 0
	for _, page := range files(t, tree, func(name string) bool { return path.Ext(name) == ".md" }) {
		bad, n, err := broken(tree, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range bad {
			t.Error(b)
		}
		links += n
	}
	if links < 150 {
		t.Errorf("%d links are found: want those of all pages", links)
	}
}

// The pages that comments, helps and descriptions name are there.
func TestPagesThatAreNamedAreThere(t *testing.T) {
	tree, names := root(t), 0
	kinds := []string{".go", ".md", ".yaml", ".yml", ".sh", ""}
	for _, name := range files(t, tree, func(name string) bool {
		return slices.Contains(kinds, path.Ext(name)) && !strings.Contains(name, "testdata/") && !strings.HasPrefix(name, "golden/")
	}) {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range named.FindAllString(string(data), -1) {
			names++
			if _, err := fs.Stat(tree, page); err != nil && !strings.HasSuffix(name, "links_test.go") {
				t.Errorf("%s: %s: there is no such page", name, page)
			}
		}
	}
	if names < 30 {
		t.Errorf("%d names of pages are found: want more", names)
	}
}

// What leads nowhere is found, and what leads somewhere is not.
func TestBrokenLinksAreFound(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.md": "# One `two` [three](b.md), four\n## Again\n## Again\n```sh\n# Not a heading\n[x](none.md)\n```\n    [x](none.md)\n" +
			"`[x](none.md)` [1](#one-two-three-four) [2](#again-1) [3](b.md) [4](b.md#b) [5](https://example.org/none)\n",
		"b.md": "# B\n[1](none.md), [2](a.md#again-2)\n[3](#not-a-heading)\n[4](a.md#not-a-heading)\n[5](../b.md)\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for page, want := range map[string][]string{
		"a.md": nil,
		"b.md": {
			"b.md:2: none.md: there is no such file", "b.md:2: a.md#again-2: there is no such heading",
			"b.md:3: #not-a-heading: there is no such heading", "b.md:4: a.md#not-a-heading: there is no such heading",
			"b.md:5: ../b.md: there is no such file",
		},
	} {
		got, n, err := broken(os.DirFS(dir), page)
		if err != nil || n != 5 || !slices.Equal(got, want) {
			t.Errorf("%s: got %d links, %q, %v, want %q", page, n, got, err, want)
		}
	}
}
