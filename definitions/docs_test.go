package definitions_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// document returns the page about scenarios.
func document(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// inputKeys returns every key that the parser takes, by the name of the list in
// its source that holds it: the parser keeps them to itself.
func inputKeys(t *testing.T) map[string][]string {
	t.Helper()
	keys := keyLists(t, "keys.go")
	if len(keys["scenarioKeys"]) < 15 || len(keys["nodeKeys"]) < 8 {
		t.Fatalf("keys of the parser: got %d lists, want those of scenarios and nodes among them", len(keys))
	}
	return keys
}

// keyLists returns the lists of words in a file of the parser, by name. Of a list
// that is made of others it has what is written there.
func keyLists(t *testing.T, name string) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../pkg/build/scenario/"+name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	keys := make(map[string][]string)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		ast.Inspect(spec.Values[0], func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					name := spec.Names[0].Name
					keys[name] = append(keys[name], s)
				}
			}
			return true
		})
		return true
	})
	return keys
}

// code matches what is written as code in a document.
var code = regexp.MustCompile("`[^`\n]+`")

func TestTheDocumentNamesEveryKey(t *testing.T) {
	var words []string
	for _, span := range code.FindAllString(document(t), -1) {
		words = append(words, strings.FieldsFunc(span, func(r rune) bool {
			return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})...)
	}
	for list, keys := range inputKeys(t) {
		for _, key := range keys {
			dotted := slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(w, "."+key) })
			if !dotted && !slices.Contains(words, key) {
				t.Errorf("docs/scenarios.md: %q of %s is not named", key, list)
			}
		}
	}
}

// The example documents every option of scenario files, not of config.yaml.
func TestTheExampleNamesEveryKey(t *testing.T) {
	data, err := fs.ReadFile(os.DirFS("."), "example_scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	keys := inputKeys(t)
	for _, list := range []string{"scenarioKeys", "contextKeys", "errorConfigKeys", "dataPlaneKeys", "settingKeys",
		"requestPlaneKeys", "conversationKeys", "turnKeys", "overrideKeys", "nodeKeys", "errorModelKeys", "propagationKeys", "retryKeys"} {
		if len(keys[list]) == 0 {
			t.Errorf("%s: no such list of keys", list)
		}
		for _, key := range keys[list] {
			// Other spellings and names for people alone would clutter it.
			if slices.Contains([]string{"display_name", "base_rate", "retryable_types", "control_plane_template"}, key) {
				continue
			}
			if !regexp.MustCompile(`[\s{,]` + key + `\b`).Match(data) {
				t.Errorf("example_scenario.yaml: %q of %s is not there", key, list)
			}
		}
	}
}

// section matches the beginning of a top-level section of YAML.
var section = regexp.MustCompile(`(?m)^[a-z_]+:`)

// sections cuts YAML into its top-level sections.
func sections(text string) map[string]string {
	out := make(map[string]string)
	at := section.FindAllStringIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		out[text[m[0]:m[1]-1]] = text[m[0]:end]
	}
	return out
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestTheExamplesOfTheDocumentAreValid reads each of them as a scenario, or, if
// it says so, as config.yaml, completed by the bundled sections, or resource.yaml.
func TestTheExamplesOfTheDocumentAreValid(t *testing.T) {
	bundled, err := config.FS.ReadFile("config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var none input.Problems
	c := scenario.ParseConfig(input.File{Name: "config.yaml", Data: bundled}, &none)
	blocks := yamlBlock.FindAllStringSubmatch(document(t), -1)
	if len(blocks) < 12 {
		t.Fatalf("got %d examples, want at least 12", len(blocks))
	}
	for _, block := range blocks {
		text := block[1]
		var p input.Problems
		switch {
		case strings.HasPrefix(text, "# config\n"):
			own := sections(text)
			for name, rest := range sections(string(bundled)) {
				if _, ok := own[name]; !ok {
					text += rest
				}
			}
			scenario.ParseConfig(input.File{Name: "config.yaml", Data: []byte(text)}, &p)
		case strings.HasPrefix(text, "# resource\n"):
			scenario.ParseResource(input.File{Name: "resource.yaml", Data: []byte(text)}, &p)
		default:
			files := []input.File{{Name: "example.yaml", Data: []byte(text)}}
			scenario.Parse(files, c, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
		}
		for _, problem := range p.All() {
			t.Errorf("%s\nof\n%s", problem, block[1])
		}
	}
}
