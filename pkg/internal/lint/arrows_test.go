package lint

import (
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// arrows are the imports within the module: package, then what its code, other
// than tests, may import. A package without a row is a mistake. What is not
// drawn here keeps build and replay apart, and corpus free of both.
var arrows = map[string]string{
	"pkg/build/rng":      "",
	"pkg/build/dist":     "pkg/build/rng",
	"pkg/build/input":    "",
	"pkg/build/vocab":    "pkg/corpus/otlp",
	"pkg/build/scenario": "pkg/build/input pkg/build/dist pkg/build/vocab pkg/corpus/otlp pkg/corpus/arrivals",
	"pkg/build/redact":   "",
	"pkg/build/semconv":  "pkg/build/input pkg/build/vocab pkg/corpus/otlp",
	"pkg/build/registry": "config pkg/build/input pkg/corpus/otlp",
	"pkg/build/plan":     "pkg/build/input pkg/build/dist pkg/build/rng pkg/build/redact pkg/build/registry pkg/build/scenario pkg/build/semconv pkg/build/vocab pkg/corpus/otlp pkg/corpus/ids pkg/corpus/arrivals",
	"pkg/build/gen":      "pkg/build/plan pkg/build/vocab pkg/build/dist pkg/build/rng pkg/corpus/otlp pkg/corpus/ids pkg/corpus/arrivals",
	"pkg/build/signals":  "pkg/build/input pkg/build/plan pkg/build/registry pkg/build/rng pkg/build/scenario pkg/build/semconv pkg/build/vocab pkg/corpus/otlp",
	"pkg/build": "pkg/build/signals pkg/build/rng pkg/build/dist pkg/build/input pkg/build/registry pkg/build/scenario pkg/build/semconv pkg/build/vocab pkg/build/plan pkg/build/gen " +
		"pkg/corpus/otlp pkg/corpus/ids pkg/corpus/arrivals",

	// The judge takes nothing of what derives the data, not even a constant. Of vocab
	// it takes which types of spans there are, and of those that it does not know by
	// itself how they are spelt, their role and the story of their logs.
	// Of registries it takes what OpenTelemetry's say of the spans of systems.
	"pkg/conform":          "pkg/build/registry pkg/build/semconv pkg/build/vocab pkg/corpus/otlp",
	"pkg/conform/coverage": "pkg/build/registry pkg/build/semconv pkg/corpus/otlp",
	"pkg/conform/trial":    "pkg/conform pkg/build pkg/build/input pkg/build/semconv pkg/corpus/otlp pkg/corpus/ids",

	// verify asks the generator what the seed says, and has it make a corpus again.
	"pkg/verify": "pkg/otelsim pkg/build pkg/build/input pkg/build/registry pkg/build/semconv pkg/conform pkg/conform/coverage pkg/show " +
		"pkg/corpus pkg/corpus/otlp pkg/corpus/ids pkg/internal/codec pkg/internal/pipeline",

	"pkg/corpus/otlp":       "",
	"pkg/corpus/ids":        "",
	"pkg/corpus/arrivals":   "",
	"pkg/corpus/wire":       "pkg/corpus/otlp",
	"pkg/corpus":            "pkg/corpus/arrivals pkg/corpus/otlp pkg/corpus/ids pkg/internal/codec pkg/internal/pipeline",
	"pkg/corpus/capture":    "pkg/corpus/otlp pkg/corpus/wire pkg/internal/codec",
	"pkg/internal/codec":    "",
	"pkg/internal/pipeline": "",
	"pkg/internal/spill":    "",
	"internal/text":         "",
	"internal/foreign":      "",
	"internal/findings":     "",
	"internal/documented":   "",                 // for tests
	"internal/shells":       "internal/cmdline", // for tests
	"internal/atomicfile":   "",
	"internal/numbers":      "",
	"internal/condition":    "",
	"internal/interrupt":    "",
	"internal/rlimit":       "",
	"internal/terminal":     "",
	"internal/cmdline":      "", // for the two programs
	"pkg/internal/lint":     "",
	"pkg/internal/browser":  "",                                                       // for tests
	"pkg/internal/damage":   "pkg/corpus/otlp pkg/internal/codec pkg/replay/response", // for tests
	"pkg/internal/captures": "pkg/corpus/otlp pkg/internal/codec",                     // for tests
	"pkg/internal/small":    "pkg/otelsim pkg/corpus pkg/corpus/otlp",                 // for tests
	"pkg/internal/bench":    "",                                                       // its benchmarks, being tests, reach everything
	"pkg/internal/chart":    "",

	"internal/randomsystem": "", // for tests
	"internal/race":         "", // for tests

	"pkg/replay":          "pkg/replay/ledger pkg/corpus pkg/corpus/capture pkg/corpus/otlp pkg/corpus/wire pkg/corpus/ids",
	"pkg/replay/ledger":   "pkg/corpus pkg/corpus/otlp pkg/internal/codec",
	"pkg/replay/endpoint": "pkg/corpus/otlp pkg/internal/codec",
	"pkg/replay/response": "pkg/corpus/otlp",
	"pkg/replay/otlpgrpc": "pkg/replay pkg/replay/endpoint pkg/replay/response pkg/corpus/otlp pkg/internal/codec",
	"pkg/replay/otlphttp": "pkg/replay pkg/replay/endpoint pkg/replay/response pkg/corpus/otlp pkg/internal/codec",
	"pkg/replay/page":     "pkg/replay pkg/corpus/otlp pkg/internal/chart",
	"pkg/replay/sink":     "pkg/replay/otlpgrpc pkg/replay/response pkg/corpus/otlp pkg/internal/codec",

	"pkg/match/rules": "pkg/build/input pkg/corpus/otlp pkg/match pkg/match/form",

	"pkg/show": "pkg/corpus/otlp pkg/corpus/ids",

	// What was received against what was sent: who has the corpus, the files and the
	// ledger hands them over.
	"pkg/match/form":   "pkg/corpus/otlp pkg/corpus/wire",
	"pkg/match":        "pkg/match/form pkg/corpus pkg/corpus/otlp pkg/corpus/ids pkg/internal/pipeline pkg/internal/spill",
	"pkg/match/judge":  "pkg/match pkg/match/form pkg/match/rules pkg/corpus/otlp",
	"pkg/match/page":   "pkg/match/judge pkg/corpus/otlp pkg/internal/chart",
	"pkg/match/source": "pkg/match pkg/corpus pkg/corpus/otlp pkg/corpus/capture",
	"pkg/match/differ": "pkg/match pkg/match/form pkg/corpus pkg/corpus/otlp pkg/corpus/ids pkg/show",

	// What data is like. Who has the inputs hands them over.
	"pkg/profile/sketch": "pkg/corpus/otlp",
	"pkg/profile/intake": "pkg/match pkg/match/form pkg/match/source pkg/corpus pkg/corpus/capture pkg/corpus/otlp pkg/corpus/wire pkg/internal/codec pkg/internal/pipeline pkg/internal/spill",
	"pkg/profile":        "pkg/profile/intake pkg/profile/sketch pkg/corpus/otlp pkg/internal/codec",

	// What a profile says, for people.
	"pkg/profile/stats":      "pkg/profile pkg/profile/intake pkg/profile/sketch pkg/corpus/otlp pkg/internal/chart",
	"pkg/profile/stats/page": "pkg/profile/stats pkg/internal/chart",

	// What learnt files may say, and who looks whether they kept to it.
	"pkg/learn/privacy": "pkg/build/registry pkg/corpus/otlp pkg/profile pkg/profile/sketch",
	"pkg/learn/leaks":   "pkg/build/input pkg/corpus pkg/corpus/otlp pkg/corpus/wire pkg/profile/intake",

	// How far two profiles are apart.
	"pkg/profile/distance":      "pkg/profile pkg/profile/sketch pkg/corpus/otlp",
	"pkg/profile/distance/page": "pkg/profile pkg/profile/distance pkg/profile/sketch pkg/internal/chart",

	"pkg/learn": "pkg/build/registry pkg/learn/privacy pkg/profile pkg/profile/sketch pkg/corpus/otlp",

	"pkg/otelsim":             "config definitions pkg/build pkg/build/input pkg/build/registry pkg/build/semconv pkg/conform/trial pkg/corpus pkg/corpus/otlp pkg/corpus/arrivals",
	"pkg/otelsim/otelsimtest": "pkg/otelsim pkg/replay pkg/replay/endpoint pkg/replay/otlpgrpc pkg/replay/otlphttp",

	"config":      "",
	"definitions": "",
	"golden":      "",
	"cmd/otelsim-gen": "pkg/otelsim pkg/build pkg/build/input pkg/build/registry pkg/build/semconv " +
		"pkg/verify pkg/match pkg/match/differ pkg/match/source pkg/corpus pkg/corpus/capture pkg/show pkg/corpus/otlp pkg/corpus/ids internal/cmdline " +
		"pkg/profile pkg/profile/intake pkg/profile/distance pkg/profile/distance/page pkg/profile/stats pkg/profile/stats/page " +
		"pkg/learn pkg/learn/leaks pkg/learn/privacy",
	"cmd/otelsim-replay": "pkg/replay pkg/replay/endpoint pkg/replay/ledger pkg/replay/otlpgrpc pkg/replay/otlphttp pkg/replay/page pkg/replay/sink " +
		"pkg/match pkg/match/form pkg/match/judge pkg/match/page pkg/match/rules pkg/match/source pkg/otelsim pkg/corpus pkg/corpus/capture pkg/corpus/otlp internal/cmdline",
}

// helpers know nothing of the product, and any package may import them.
var helpers = []string{"internal/atomicfile", "internal/condition", "internal/findings", "internal/foreign", "internal/interrupt", "internal/numbers", "internal/rlimit", "internal/terminal", "internal/text"}

// importers are the modules that the tree depends on, and the packages whose
// code may import them. None means tests only, which may import any of them.
var importers = map[string]string{
	"gopkg.in/yaml.v3":                        "pkg/build/input",
	"github.com/spf13/pflag":                  "internal/cmdline cmd/otelsim-gen cmd/otelsim-replay",
	"github.com/klauspost/compress":           "pkg/internal/codec",
	"github.com/cespare/xxhash/v2":            "pkg/internal/codec pkg/corpus pkg/corpus/wire pkg/match/form pkg/verify pkg/replay/sink pkg/profile pkg/profile/sketch pkg/profile/intake",
	"github.com/HdrHistogram/hdrhistogram-go": "pkg/replay",
	"golang.org/x/sys":                        "internal/terminal",
	"golang.org/x/sync":                       "pkg/internal/pipeline pkg/replay",
	"google.golang.org/grpc":                  "pkg/replay/otlpgrpc pkg/replay/sink",
	"google.golang.org/protobuf":              "pkg/internal/damage", // a tool for tests
	"google.golang.org/genproto":              "",
	"go.opentelemetry.io/proto/otlp":          "pkg/internal/damage",
	"github.com/rogpeppe/go-internal":         "",
}

// local returns the directory of a package of this module.
func local(importPath string) (dir string, ok bool) {
	return strings.CutPrefix(importPath, module+"/")
}

// TestArrowsAreUsed fails on rows that allow what no code does, and on rows of
// packages that are not there, so that the table stays a drawing of the tree.
func TestArrowsAreUsed(t *testing.T) {
	for _, unused := range unusedArrows(tree(t), arrows) {
		t.Error(unused)
	}
}

func unusedArrows(files []*source, table map[string]string) (unused []string) {
	used := make(map[string]map[string]bool)
	for _, s := range files {
		if s.test() {
			continue
		}
		if used[s.dir()] == nil {
			used[s.dir()] = make(map[string]bool)
		}
		for _, p := range s.imports() {
			if dir, ours := local(p); ours {
				used[s.dir()][dir] = true
			}
		}
	}
	for _, from := range slices.Sorted(maps.Keys(table)) {
		for to := range strings.FieldsSeq(table[from]) {
			if !used[from][to] {
				unused = append(unused, "nothing in "+from+" imports "+to+": take the arrow out of the table")
			}
		}
	}
	return unused
}

func TestUnusedArrowsAreFound(t *testing.T) {
	fset := token.NewFileSet()
	s, err := parse(fset, "pkg/a/a.go", []byte("package a\n\nimport _ \""+module+"/pkg/b\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := unusedArrows([]*source{s}, map[string]string{"pkg/a": "pkg/b pkg/c", "pkg/gone": "pkg/b"})
	want := []string{
		"nothing in pkg/a imports pkg/c: take the arrow out of the table",
		"nothing in pkg/gone imports pkg/b: take the arrow out of the table",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func checkArrows(s *source) {
	if s.test() {
		return
	}
	row, ok := arrows[s.dir()]
	if !ok {
		s.reportLine(1, "package %s has no row in the table of arrows", s.dir())
	}
	for i, p := range s.imports() {
		if dir, ours := local(p); ours && !slices.Contains(strings.Fields(row), dir) && !slices.Contains(helpers, dir) {
			s.report(s.ast.Imports[i].Pos(), "%s must not import %s", s.dir(), dir)
		}
	}
}

func checkImporters(s *source) {
	for i, p := range s.imports() {
		first, _, _ := strings.Cut(p, "/")
		if _, ours := local(p); ours || p == module || !strings.Contains(first, ".") {
			continue // the standard library has no dot
		}
		pos := s.ast.Imports[i].Pos()
		row, known := "", false
		for m, r := range importers {
			if p == m || strings.HasPrefix(p, m+"/") {
				row, known = r, true
			}
		}
		switch {
		case !known:
			s.report(pos, "%s is not a dependency that the table of importers knows", p)
		case !s.test() && row == "":
			s.report(pos, "%s is for tests only", p)
		case !s.test() && !slices.Contains(strings.Fields(row), s.dir()):
			s.report(pos, "%s is imported by %s only", p, strings.Join(strings.Fields(row), ", "))
		}
	}
}

// checkSealed keeps everything out of the generator that could tell two runs or
// two machines apart.
func checkSealed(s *source) {
	if !s.under("pkg/build") || s.test() {
		return
	}
	for i, p := range s.imports() {
		first, _, _ := strings.Cut(p, "/")
		outside := slices.Contains([]string{"os", "net", "runtime", "log", "flag", "syscall", "testing"}, first)
		random := p == "math/rand" || p == "crypto/rand" || p == "hash/maphash" || p == "unique"
		if p == "math/rand/v2" && s.dir() != "pkg/build/rng" {
			random = true
		}
		if outside || random {
			s.report(s.ast.Imports[i].Pos(), "generation must not depend on package %s", p)
		}
	}
}
