package plan

import (
	"io/fs"
	"slices"
	"sync"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
)

// bundled are the bundled inputs, read once, but for systems, which have tests of
// their own. Compiling does not change them.
var bundled = sync.OnceValues(func() (Inputs, []input.Problem) {
	var p input.Problems
	read := func(f fs.FS, name string) input.File {
		data, err := fs.ReadFile(f, name)
		if err != nil {
			panic(err) // it is embedded
		}
		return input.File{Name: name, Data: data}
	}
	in := Inputs{
		Config:      scenario.ParseConfig(read(config.FS, "config.yaml"), &p),
		Resource:    scenario.ParseResource(read(config.FS, "resource.yaml"), &p),
		Conventions: semconv.Parse(read(config.FS, "semconv.yaml"), &p),
		Prefix:      "vendor", Version: "1", Content: "scenario",
	}
	names, _ := fs.Glob(definitions.FS, "*.yaml")
	var files []input.File
	for _, n := range names {
		files = append(files, read(definitions.FS, n))
	}
	in.Definitions = scenario.Parse(files, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}, Registry: true}, &p)
	in.Definitions = slices.DeleteFunc(in.Definitions, func(d scenario.Definition) bool { return d.System != nil })
	return in, p.All()
})

// compiled returns the plan of the bundled scenarios in one of the two shapes.
func compiled(t *testing.T, unified bool) *Plan {
	t.Helper()
	in, problems := bundled()
	in.Unified = unified
	var p input.Problems
	out := Compile(in, &p)
	for _, problem := range append(problems, p.All()...) {
		t.Error(problem)
	}
	if t.Failed() {
		t.FailNow()
	}
	return out
}

// eachNode calls f with the nodes of all scenarios, in both shapes.
func eachNode(t *testing.T, f func(p *Plan, s *Scenario, n *Node)) {
	t.Helper()
	for _, unified := range []bool{false, true} {
		p := compiled(t, unified)
		for _, s := range p.Scenarios {
			for part := range s.Parts() {
				walk(&part.Root, func(n *Node) { f(p, s, n) })
			}
		}
	}
}

func walk(n *Node, f func(n *Node)) {
	f(n)
	for i := range n.Children {
		walk(&n.Children[i], f)
	}
}

func TestIndicesAreInRange(t *testing.T) {
	eachNode(t, func(_ *Plan, s *Scenario, n *Node) {
		if int(n.Group) >= len(s.Groups) {
			t.Errorf("%s: %s: group %d of %d", s.Name, n.Class, n.Group, len(s.Groups))
		}
		var kinds []uint32
		if n.Fail != nil {
			kinds = append(kinds, n.Fail.Kinds...)
		}
		if n.Retry != nil {
			kinds = append(kinds, n.Retry.Kinds...)
			if n.Retry.Max < 1 || len(n.Retry.Backoff) != int(n.Retry.Max)-1 {
				t.Errorf("%s: %s: %d waits between %d attempts", s.Name, n.Class, len(n.Retry.Backoff), n.Retry.Max)
			}
		}
		for _, k := range kinds {
			if int(k) >= len(s.Failures) {
				t.Errorf("%s: %s: failure %d of %d", s.Name, n.Class, k, len(s.Failures))
			}
		}
		most := uint64(0)
		for i := range s.Flows {
			most = max(most, s.Flows[i].Selections)
		}
		if f := n.Fail; f != nil && f.To > most {
			t.Errorf("%s: %s: fails for selections up to %d of %d", s.Name, n.Class, f.To, most)
		}
	})
}

// values is how many values the operations need that choose among several.
var values = map[Op]int{
	OpChoice: 1, OpFormat: 2, OpFinish: 3, OpPolicy: 2, OpOutcome: 3, OpSelected: 1, OpPartOutcome: 3, OpCalled: 1,
}

func TestAttributesAreWhole(t *testing.T) {
	eachNode(t, func(p *Plan, s *Scenario, n *Node) {
		lists := [][]Attr{n.Attrs}
		for _, e := range n.Events {
			lists = append(lists, e.Attrs)
		}
		for _, list := range lists {
			seen := map[string]bool{}
			for _, a := range list {
				name := p.Strings.String(a.Key)
				if name == "" || seen[name] {
					t.Errorf("%s: %s: attribute %q stands there twice, or has no name", s.Name, n.Class, name)
				}
				seen[name] = true
				if a.Op >= NumOps || len(a.Values) < values[a.Op] {
					t.Errorf("%s: %s: attribute %s: operation %d with %d values", s.Name, n.Class, name, a.Op, len(a.Values))
				}
				if drawn := a.Op == OpInt || a.Op == OpDouble || a.Op == OpBool; drawn && a.Table == nil {
					t.Errorf("%s: %s: attribute %s is drawn from nothing", s.Name, n.Class, name)
				}
			}
		}
	})
}

// The control plane is decided when it is compiled, but for what can fail by
// chance, and has no resource of the data plane.
func TestNodesAreOfTheirTypes(t *testing.T) {
	eachNode(t, func(p *Plan, s *Scenario, n *Node) {
		if n.OneOf != nil {
			if n.Class != "" || len(n.Children) == 0 {
				t.Errorf("%s: a place of class %q for %d nodes", s.Name, n.Class, len(n.Children))
			}
			return
		}
		typ, ok := vocab.Find(n.Class)
		if !ok || p.Strings.String(n.Name) != typ.Emitted(p.Prefix) {
			t.Errorf("%s: class %q is emitted as %s", s.Name, n.Class, p.Strings.String(n.Name))
		}
		if n.Role == vocab.RoleFixed && !typ.IsControl() {
			t.Errorf("%s: %s: its outcome is fixed", s.Name, n.Class)
		}
		if n.Latency == nil && n.longest == 0 {
			t.Errorf("%s: %s: it has no duration", s.Name, n.Class)
		}
	})
}

func TestTheUnifiedShapeHasTheSameParts(t *testing.T) {
	separate, unified := compiled(t, false), compiled(t, true)
	for i, s := range separate.Scenarios {
		u := unified.Scenarios[i]
		for f := range u.Flows {
			if parts := u.Flows[f].Parts; len(parts) != 1 || parts[0].ID != ids.PartUnified {
				t.Fatalf("%s: %d parts", u.Name, len(parts))
			}
		}
		for _, part := range []uint32{ids.PartRequest, ids.PartOrchestration, ids.PartResponse} {
			if s.Has(part) != u.Has(part) {
				t.Errorf("%s: part %d: separate %v, unified %v", s.Name, part, s.Has(part), u.Has(part))
			}
		}
	}
}

// The digest stands for all that a plan says, and for nothing else.
func TestTheDigestFollowsTheContent(t *testing.T) {
	in, _ := bundled()
	digestOf := func(in Inputs) string {
		var p input.Problems
		out := Compile(in, &p)
		if p.Errors() > 0 {
			t.Fatal(p.All())
		}
		return out.Digest
	}
	first := digestOf(in)
	if again := digestOf(in); again != first {
		t.Errorf("compiled again: got %s, want %s", again, first)
	}
	slower := *in.Config
	slower.Latencies = scenario.Latencies{}
	for class, ms := range in.Config.Latencies {
		slower.Latencies[class] = ms
	}
	slower.Latencies[vocab.Planner]++
	changed := in
	changed.Config = &slower
	if digestOf(changed) == first {
		t.Error("planning is slower, and the digest is the same")
	}
	fewer := in
	fewer.Definitions = slices.Clone(in.Definitions[1:])
	if digestOf(fewer) == first {
		t.Error("a scenario is missing, and the digest is the same")
	}
}
