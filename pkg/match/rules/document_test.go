package rules

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/documented"
)

const page = "checking.md"

// TestKeysAreDocumented: each table of the page has the keys that are read, and no other.
func TestKeysAreDocumented(t *testing.T) {
	for mark, want := range map[string][]string{
		"the file": keys, "conditions": slices.Concat(itemKeys, traceKeys), "values": patternKeys, "attributes": attributeKeys, "mask": maskKeys,
		"fields": fieldKeys, "sample": sampleKeys, "metrics": metricsKeys,
	} {
		got := documented.Names(t, page, "keys of "+mark)
		want = slices.Clone(want)
		slices.Sort(got)
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(got, want) {
			t.Errorf("keys of %s: the page has %v, the parser reads %v", mark, got, want)
		}
	}
}

// TestKeysOfTheFileAreInThePagesOrder: the list of them says that they are.
func TestKeysOfTheFileAreInThePagesOrder(t *testing.T) {
	text := documented.Page(t, page)
	at := 0
	for _, key := range keys {
		i := strings.Index(text[at:], "\n| `"+key+"` |")
		if i < 0 {
			t.Fatalf("%s is not where it should be", key)
		}
		at += i
	}
}

// TestRecipesAreRules: what the page tells to write is read, and each recipe has both a
// side of the Collector and one of check.
func TestRecipesAreRules(t *testing.T) {
	_, recipes, _ := strings.Cut(documented.Page(t, page), "\n## Recipes\n")
	for _, recipe := range strings.Split(recipes, "\n### ")[1:] {
		name, _, _ := strings.Cut(recipe, "\n")
		blocks := yamlBlocks(recipe)
		if !slices.ContainsFunc(blocks, func(b string) bool { return strings.HasPrefix(b, "# collector.yaml\n") }) ||
			!slices.ContainsFunc(blocks, func(b string) bool { return strings.HasPrefix(b, "# rules.yaml\n") }) {
			t.Errorf("%s: want both collector.yaml and rules.yaml", name)
		}
	}
	for _, wanted := range []string{"Batch", "Filter", "Attributes", "Transform", "Redaction", "Probabilistic sampling", "Tail sampling",
		"Routing", "Resource detection", "Span metrics", "A restart with a persistent queue"} {
		if !strings.Contains(recipes, "\n### "+wanted+"\n") {
			t.Errorf("no recipe %s", wanted)
		}
	}
	for _, file := range examplesOfThePage(t) {
		load(t, file)
	}
}

// examplesOfThePage returns the files of rules that the page shows.
func examplesOfThePage(t testing.TB) (out []string) {
	for _, block := range yamlBlocks(documented.Page(t, page)) {
		if strings.HasPrefix(block, "# rules.yaml\n") {
			out = append(out, block)
		}
	}
	return out
}

func yamlBlocks(text string) (out []string) {
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}
