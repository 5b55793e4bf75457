package gen_test

import (
	"io/fs"
	"slices"
	"sync"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// bundled are the bundled inputs, without scenarios.
var bundled = sync.OnceValue(func() plan.Inputs {
	var p input.Problems
	in := plan.Inputs{
		Config:      scenario.ParseConfig(read(config.FS, "config.yaml"), &p),
		Resource:    scenario.ParseResource(read(config.FS, "resource.yaml"), &p),
		Conventions: semconv.Parse(read(config.FS, "semconv.yaml"), &p),
		Prefix:      "vendor", Version: "1", Content: "scenario", EachOnce: true,
	}
	for _, problem := range p.All() {
		panic(problem)
	}
	return in
})

// read reads a file that is embedded.
func read(f fs.FS, name string) input.File {
	data, err := fs.ReadFile(f, name)
	if err != nil {
		panic(err)
	}
	return input.File{Name: name, Data: data}
}

// plans are those of the bundled scenarios of agents, in both shapes, compiled once.
var plans = sync.OnceValue(func() (out []*plan.Plan) {
	var p input.Problems
	in := bundled()
	names, _ := fs.Glob(definitions.FS, "*.yaml")
	var files []input.File
	for _, n := range names {
		files = append(files, read(definitions.FS, n))
	}
	in.Definitions = scenario.Parse(files, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}, Registry: true}, &p)
	in.Definitions = slices.DeleteFunc(in.Definitions, func(d scenario.Definition) bool { return d.System != nil })
	for _, in.Unified = range []bool{false, true} {
		out = append(out, plan.Compile(in, &p))
	}
	for _, problem := range p.All() {
		panic(problem)
	}
	return out
})

// planOf compiles one scenario, of which more than the head is given.
func planOf(t *testing.T, name, more string) *plan.Plan { return planAs(t, "scenario", name, more) }

// planAs is planOf with an option for what is captured of conversations.
func planAs(t *testing.T, content, name, more string) *plan.Plan {
	t.Helper()
	var p input.Problems
	in := bundled()
	in.Content = content
	file := input.File{Name: name + ".yaml", Data: []byte("name: " + name + "\ncontext: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\n" + more)}
	in.Definitions = scenario.Parse([]input.File{file}, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
	out := plan.Compile(in, &p)
	for _, problem := range p.All() {
		t.Fatal(problem)
	}
	return out
}

// made is a span that was made, with what it was made of and what is below it.
type made struct {
	*otlp.Span
	node     *plan.Node
	parent   *made
	children []*made
}

func (m *made) failed() bool { return m.Status == otlp.StatusError }

// request is what one request of an iteration has become. It is lent until the
// next one is made.
type request struct {
	iteration uint64
	scenario  *plan.Scenario
	spans     []made
	traces    *otlp.Traces
}

// rounds is how many iterations of each scenario the properties are held to.
const rounds = 12

// least is how many iterations at least are made of a plan.
const least = 256

// eachRequest makes iterations of every scenario in both shapes and calls f with
// their requests.
func eachRequest(t *testing.T, f func(g *gen.Generator, r *request)) {
	t.Helper()
	for _, p := range plans() {
		eachRequestOf(t, p, f)
	}
}

// eachRequestOf is eachRequest for one plan.
func eachRequestOf(t *testing.T, p *plan.Plan, f func(g *gen.Generator, r *request)) {
	t.Helper()
	count := uint64(max(len(p.Scenarios)*rounds, least))
	g, err := gen.New(p, gen.Config{Seed: 42, Count: count, SegmentIterations: 16, Start: 1e18, Interval: 5e8, Deviation: 1e8, EachOnce: true})
	if err != nil {
		t.Fatal(err)
	}
	var nodes []*plan.Node
	g.Watch = func(n *plan.Node) { nodes = append(nodes, n) }
	for i := range count {
		traces := &otlp.Traces{Strings: p.Strings}
		if err := g.Iteration(i, traces, func() error {
			f(g, assemble(t, i, g.Scenario(i), traces, nodes))
			traces.Reset()
			nodes = nodes[:0]
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// assemble links the spans of a request.
func assemble(t *testing.T, i uint64, s *plan.Scenario, traces *otlp.Traces, nodes []*plan.Node) *request {
	t.Helper()
	if len(nodes) != len(traces.Spans) {
		t.Fatalf("%s: %d spans of %d nodes", s.Name, len(traces.Spans), len(nodes))
	}
	type key struct {
		trace otlp.TraceID
		span  otlp.SpanID
	}
	r := &request{iteration: i, scenario: s, spans: make([]made, len(nodes)), traces: traces}
	at := map[key]*made{}
	for k := range r.spans {
		m := &r.spans[k]
		m.Span, m.node = &traces.Spans[k], nodes[k]
		id := key{m.TraceID, m.SpanID}
		if at[id] != nil {
			t.Errorf("%s: iteration %d: two spans have the id %x", s.Name, i, m.SpanID)
		}
		at[id] = m
		if m.ParentID == (otlp.SpanID{}) {
			continue
		}
		if m.parent = at[key{m.TraceID, m.ParentID}]; m.parent == nil {
			t.Fatalf("%s: iteration %d: the parent of span %d does not stand before it", s.Name, i, k)
		}
		m.parent.children = append(m.parent.children, m)
	}
	return r
}

// isPart reports whether a span is the root of a part of its request.
func (m *made) isPart() bool { return m.parent == nil || m.parent.node.Class == vocab.Unified }
