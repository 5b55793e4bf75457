package lint

import (
	"go/token"
	"strings"
	"testing"
)

// plants are violations, each with the beginning of the only finding, and
// beside them code that is right and must not be found.
var plants = []struct {
	rule, name string
	path, code string
	want       string
}{
	{"arrows", "build does not know replay", "pkg/build/gen/x.go", "package gen\n\nimport _ \"" + module + "/pkg/replay\"\n", "pkg/build/gen/x.go:3: pkg/build/gen must not import pkg/replay"},
	{"arrows", "nor replay build", "pkg/replay/x.go", "package replay\n\nimport _ \"" + module + "/pkg/build\"\n", "pkg/replay/x.go:3: pkg/replay must not import pkg/build"},
	{"arrows", "corpus knows neither", "pkg/corpus/x.go", "package corpus\n\nimport _ \"" + module + "/pkg/build/plan\"\n", "pkg/corpus/x.go:3: pkg/corpus must not import pkg/build/plan"},
	{"arrows", "streams know no distributions", "pkg/build/rng/x.go", "package rng\n\nimport _ \"" + module + "/pkg/build/dist\"\n", "pkg/build/rng/x.go:3: pkg/build/rng must not"},
	{"arrows", "a new package", "pkg/util/x.go", "package util\n", "pkg/util/x.go:1: package pkg/util has no row"},
	{"arrows", "an arrow that is drawn", "pkg/build/dist/x.go", "package dist\n\nimport _ \"" + module + "/pkg/build/rng\"\n", ""},
	{"arrows", "a test goes where it must", "pkg/corpus/x_test.go", "package corpus\n\nimport _ \"" + module + "/pkg/build\"\n", ""},

	{"importers", "YAML outside input", "pkg/build/plan/x.go", "package plan\n\nimport _ \"gopkg.in/yaml.v3\"\n", "pkg/build/plan/x.go:3: gopkg.in/yaml.v3 is imported by pkg/build/input only"},
	{"importers", "grpc in the generator", "cmd/otelsim-gen/x.go", "package main\n\nimport _ \"google.golang.org/grpc/codes\"\n", "cmd/otelsim-gen/x.go:3: google.golang.org/grpc/codes is imported by pkg/replay/otlpgrpc, pkg/replay/sink only"},
	{"importers", "messages outside tests", "pkg/corpus/otlp/x.go", "package otlp\n\nimport _ \"google.golang.org/protobuf/proto\"\n", "pkg/corpus/otlp/x.go:3: google.golang.org/protobuf/proto is imported by pkg/internal/damage only"},
	{"importers", "generated messages outside tests", "pkg/corpus/otlp/x.go", "package otlp\n\nimport _ \"google.golang.org/genproto/googleapis/rpc/status\"\n", "pkg/corpus/otlp/x.go:3: google.golang.org/genproto/googleapis/rpc/status is for tests only"},
	{"importers", "a new dependency, even in a test", "pkg/corpus/x_test.go", "package corpus\n\nimport _ \"github.com/stretchr/testify/assert\"\n", "pkg/corpus/x_test.go:3: github.com/stretchr/testify/assert is not a dependency"},
	{"importers", "messages in tests", "pkg/corpus/otlp/x_test.go", "package otlp\n\nimport _ \"google.golang.org/protobuf/proto\"\n", ""},
	{"importers", "YAML in input", "pkg/build/input/x.go", "package input\n\nimport _ \"gopkg.in/yaml.v3\"\n", ""},

	{"sealed", "files in generation", "pkg/build/x.go", "package build\n\nimport _ \"os\"\n", "pkg/build/x.go:3: generation must not depend on package os"},
	{"sealed", "the number of processors", "pkg/build/gen/x.go", "package gen\n\nimport _ \"runtime\"\n", "pkg/build/gen/x.go:3: generation must not depend on package runtime"},
	{"sealed", "true randomness", "pkg/build/gen/x.go", "package gen\n\nimport _ \"crypto/rand\"\n", "pkg/build/gen/x.go:3: generation must not depend on package crypto/rand"},
	{"sealed", "randomness beside rng", "pkg/build/gen/x.go", "package gen\n\nimport _ \"math/rand/v2\"\n", "pkg/build/gen/x.go:3: generation must not depend on package math/rand/v2"},
	{"sealed", "rng itself", "pkg/build/rng/x.go", "package rng\n\nimport _ \"math/rand/v2\"\n", ""},
	{"sealed", "files elsewhere", "pkg/corpus/x.go", "package corpus\n\nimport _ \"os\"\n", ""},

	{"portable", "the clock", "pkg/build/x.go", "package build\n\nimport \"time\"\n\nvar T = time.Now()\n", "pkg/build/x.go:5: time.Now: generation has no clock"},
	{"portable", "the clock by another name", "pkg/build/x.go", "package build\n\nimport clock \"time\"\n\nvar T = clock.Since\n", "pkg/build/x.go:5: time.Since"},
	{"portable", "an exponential", "pkg/build/x.go", "package build\n\nimport \"math\"\n\nvar T = math.Exp(1)\n", "pkg/build/x.go:5: math.Exp is not the same on every machine"},
	{"portable", "a power as a value", "pkg/build/x.go", "package build\n\nimport \"math\"\n\nvar T = math.Pow\n", "pkg/build/x.go:5: math.Pow"},
	{"portable", "a function of random numbers", "pkg/build/rng/x.go", "package rng\n\nimport \"math/rand/v2\"\n\nvar T = rand.IntN(3)\n", "pkg/build/rng/x.go:5: rand.IntN"},
	{"portable", "a method of random numbers", "pkg/build/rng/x.go", "package rng\n\nfunc f(r interface{ NormFloat64() float64 }) float64 { return r.NormFloat64() }\n", "pkg/build/rng/x.go:3: NormFloat64"},
	{"portable", "a map without order", "pkg/build/x.go", "package build\n\nimport \"sync\"\n\nvar M sync.Map\n", "pkg/build/x.go:5: sync.Map"},
	{"portable", "what is exact", "pkg/build/x.go", "package build\n\nimport (\n\t\"math\"\n\t\"time\"\n)\n\nvar T = math.Sqrt(math.MaxInt64) + math.Floor(math.Ln2) + float64(time.Second)\n", ""},
	{"portable", "tests compare with math", "pkg/build/x_test.go", "package build\n\nimport \"math\"\n\nvar T = math.Exp(1)\n", ""},
	{"portable", "replay has a clock", "pkg/replay/x.go", "package replay\n\nimport \"time\"\n\nvar T = time.Now()\n", ""},

	{"goroutines", "a goroutine in generation", "pkg/build/x.go", "package build\n\nfunc f() {\n\tgo f()\n}\n", "pkg/build/x.go:4: goroutines are started in"},
	{"goroutines", "a goroutine of a group", "pkg/corpus/otlp/x.go", "package otlp\n\nfunc f(g interface{ Go(func()) }) {\n\tg.Go(func() {})\n}\n", "pkg/corpus/otlp/x.go:4: goroutines are started in"},
	{"goroutines", "the pipeline", "pkg/internal/pipeline/x.go", "package pipeline\n\nfunc f() {\n\tgo f()\n}\n", ""},
	{"goroutines", "a transport", "pkg/replay/otlpgrpc/x.go", "package otlpgrpc\n\nfunc f() {\n\tgo f()\n}\n", ""},

	{"exits", "a library that exits", "pkg/corpus/x.go", "package corpus\n\nimport \"os\"\n\nfunc f() { os.Exit(1) }\n", "pkg/corpus/x.go:5: only main.go"},
	{"exits", "a fatal log", "cmd/otelsim-gen/x.go", "package main\n\nimport \"log\"\n\nfunc f() { log.Fatalf(\"\") }\n", "cmd/otelsim-gen/x.go:5: only main.go"},
	{"exits", "main itself", "cmd/otelsim-gen/main.go", "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(1) }\n", ""},
	{"exits", "a main.go elsewhere", "pkg/corpus/main.go", "package corpus\n\nimport \"os\"\n\nfunc f() { os.Exit(1) }\n", "pkg/corpus/main.go:5: only main.go"},

	{"prints", "a print", "cmd/otelsim-gen/x.go", "package main\n\nimport \"fmt\"\n\nfunc f() { fmt.Println() }\n", "cmd/otelsim-gen/x.go:5: fmt.Println"},
	{"prints", "the standard output", "pkg/corpus/x.go", "package corpus\n\nimport \"os\"\n\nvar w = os.Stderr\n", "pkg/corpus/x.go:5: os.Stderr"},
	{"prints", "what was forgotten", "pkg/corpus/x.go", "package corpus\n\nfunc f() { println(1) }\n", "pkg/corpus/x.go:3: println is for debugging"},
	{"prints", "a writer that is given", "pkg/corpus/x.go", "package corpus\n\nimport (\n\t\"fmt\"\n\t\"io\"\n)\n\nfunc f(w io.Writer) { fmt.Fprintln(w) }\n", ""},

	{"readers", "a file of a corpus", "pkg/corpus/x.go", "package corpus\n\nimport \"os\"\n\nvar f, err = os.Open(\"x\")\n", "pkg/corpus/x.go:5: os.Open reads whatever is there"},
	{"readers", "a file of the user, whole", "cmd/otelsim-gen/x.go", "package main\n\nimport \"os\"\n\nvar b, err = os.ReadFile(\"x\")\n", "cmd/otelsim-gen/x.go:5: os.ReadFile reads"},
	{"readers", "a mark without a reason", "pkg/corpus/x.go", "package corpus\n\nimport \"os\"\n\n// opens:\nvar f, err = os.Open(\"x\")\n", "pkg/corpus/x.go:6: os.Open reads"},
	{"readers", "a reason", "pkg/corpus/x.go", "package corpus\n\nimport \"os\"\n\n// opens: a folder of ours\nvar f, err = os.Open(\"x\")\n", ""},
	{"readers", "a file of what is replayed", "pkg/replay/x.go", "package replay\n\nimport \"os\"\n\nvar f, err = os.Open(\"x\")\n", "pkg/replay/x.go:5: os.Open reads"},
	{"readers", "captures come through pipes", "pkg/corpus/capture/x.go", "package capture\n\nimport \"os\"\n\nvar f, err = os.Open(\"x\")\n", ""},

	{"init", "a registry", "pkg/corpus/x.go", "package corpus\n\nfunc init() {}\n", "pkg/corpus/x.go:3: init hides"},
	{"init", "a method of that name", "pkg/corpus/x.go", "package corpus\n\ntype t int\n\nfunc (t) init() {}\n", ""},

	{"file length", "a line too many", "pkg/corpus/x.go", "package corpus\n" + strings.Repeat("\n", maxFile), "pkg/corpus/x.go:401: file has 401 lines"},
	{"file length", "just enough", "pkg/corpus/x.go", "package corpus\n" + strings.Repeat("\n", maxFile-1), ""},
	{"file length", "tests may be long", "pkg/corpus/x_test.go", "package corpus\n" + strings.Repeat("\n", maxFile), ""},

	{"function length", "a line too many", "pkg/corpus/x.go", "package corpus\n\nfunc f() {\n" + strings.Repeat("\n", maxFunction-1) + "}\n", "pkg/corpus/x.go:3: function f has 61 lines"},
	{"function length", "just enough", "pkg/corpus/x.go", "package corpus\n\nfunc f() {\n" + strings.Repeat("\n", maxFunction-2) + "}\n", ""},

	{"file name", "a tempting word of this domain", "pkg/replay/time_windows.go", "package replay\n", "pkg/replay/time_windows.go:1: the file name ends in _windows"},
	{"file name", "a processor, before _test", "pkg/replay/x_arm64_test.go", "package replay\n", "pkg/replay/x_arm64_test.go:1: the file name ends in _arm64"},
	{"file name", "the word alone", "pkg/replay/windows.go", "package replay\n", ""},

	{"ascii", "a dash from an editor", "pkg/corpus/x.go", "package corpus\n\n/* a\nb \u2014 c */\n", "pkg/corpus/x.go:4: comment holds '\\u2014'"},
	{"ascii", "text that is data", "pkg/corpus/x.go", "package corpus\n\nconst s = \"\u00e9\"\n", ""},

	{"leftovers", "something to do", "pkg/corpus/x_test.go", "package corpus\n\n// TODO: later\n", "pkg/corpus/x_test.go:3: TODO is left over"},
	{"leftovers", "words that hold the letters", "pkg/corpus/x.go", "package corpus\n\n// MASTODON and XXXX\n", ""},

	{"format", "spaces", "pkg/corpus/x.go", "package corpus\n\nvar  a = 1\n", "pkg/corpus/x.go:3: not as gofmt"},
	{"format", "as it should be", "pkg/corpus/x.go", "package corpus\n\nvar a = 1\n", ""},
}

func TestRulesCatchWhatIsPlanted(t *testing.T) {
	byName := map[string]rule{}
	for _, r := range rules {
		byName[r.name] = r
	}
	caught := map[string]bool{}
	for _, p := range plants {
		s, err := parse(token.NewFileSet(), p.path, []byte(p.code))
		if err != nil {
			t.Errorf("%s, %s: %v", p.rule, p.name, err)
			continue
		}
		r, ok := byName[p.rule]
		if !ok {
			t.Errorf("%s, %s: there is no such rule", p.rule, p.name)
			continue
		}
		r.check(s)
		checkFound(t, p.rule+", "+p.name, s, p.want)
		caught[p.rule] = caught[p.rule] || p.want != ""
	}
	for _, r := range rules {
		if !caught[r.name] {
			t.Errorf("no violation of %s is planted", r.name)
		}
	}
}

// A row for a package that is gone would allow what nobody asked for.
func TestTablesNameOnlyWhatExists(t *testing.T) {
	dirs, imported := map[string]bool{}, map[string]bool{}
	for _, s := range tree(t) {
		dirs[s.dir()] = true
		for _, p := range s.imports() {
			for m := range importers {
				if p == m || strings.HasPrefix(p, m+"/") {
					imported[m] = true
				}
			}
		}
	}
	for dir := range arrows {
		if !dirs[dir] {
			t.Errorf("the table of arrows has a row for %s, which does not exist", dir)
		}
	}
	for m, row := range importers {
		if !imported[m] {
			t.Errorf("the table of importers has a row for %s, which nothing imports", m)
		}
		for dir := range strings.FieldsSeq(row) {
			if !dirs[dir] {
				t.Errorf("the table of importers lets %s import %s, but it does not exist", dir, m)
			}
		}
	}
}
