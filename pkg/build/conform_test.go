package build

import (
	"flag"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

var (
	iterations = flag.Uint64("iterations", 6_000, "iterations that are held to the conventions, spread over what is combined")
	full       = flag.Bool("full", false, "combine every vocabulary, prefix, shape and content")
	apiece     = flag.Bool("apiece", false, "spend -iterations on each combination")
)

// vocabularies are the conventions that are bundled, by their files.
var vocabularies = []string{"semconv.yaml", "semconv-genai.yaml"}

// inVocabulary returns the bundled inputs with the conventions of a file, and
// these.
func inVocabulary(t testing.TB, name string) (Inputs, *semconv.Conventions) {
	t.Helper()
	in := bundled(t)
	data, err := fs.ReadFile(config.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	in.Semconv = input.File{Name: name, Data: data}
	var p input.Problems
	c := semconv.Parse(in.Semconv, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return in, c
}

// every is a tree with every type of span that a scenario can name.
const every = `
name: every
context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}
root:
  type: a2a.orchestrate
  children:
    - type: planner
    - type: task.execute
      children:
        - type: llm.call
    - type: task.execute
      children:
        - type: context.augment
          children: [{type: rag.retrieve}]
    - type: a2a.call
    - type: tools.recommend
    - type: mcp.tool.execute
    - type: task.execute
      children:
        - type: llm.tool.response.bridge
        - type: llm.call
    - type: response.compose
`

// namesOf are the scenarios of the definitions, those too that are not part of
// the mix.
func namesOf(in Inputs) (names []string) {
	for _, f := range in.Definitions {
		names = append(names, strings.TrimSuffix(path.Base(f.Name), ".yaml"))
	}
	return names
}

// combination is what telemetry can differ in, scenarios apart.
type combination struct{ semconv, prefix, shape, content string }

// combinations are those of everything with everything, but for content: of that
// each has one, in turn, unless all are asked for.
func combinations(all bool) (rows []combination) {
	for _, file := range vocabularies {
		for _, prefix := range []string{"vendor", "acme", "gentoro"} {
			for _, shape := range []string{ShapeSeparate, ShapeUnified} {
				contents := Contents
				if !all {
					n := len(rows) % len(Contents)
					contents = Contents[n : n+1]
				}
				for _, content := range contents {
					rows = append(rows, combination{file, prefix, shape, content})
				}
			}
		}
	}
	return rows
}

// TestBundledScenariosConform holds every bundled scenario to the conventions of
// both vocabularies, sessions as a whole, under several prefixes and in both
// shapes.
func TestBundledScenariosConform(t *testing.T) {
	rows := combinations(*full)
	count := *iterations / uint64(len(rows))
	if *apiece {
		count = *iterations
	}
	for _, row := range rows {
		t.Run(fmt.Sprintf("%s %s %s %s", row.semconv, row.prefix, row.shape, row.content), func(t *testing.T) {
			in, c := inVocabulary(t, row.semconv)
			in = withDefinition(in, "every.yaml", every)
			p := compiled(t, in, Options{Vendor: row.prefix, Scenarios: namesOf(in), EachOnce: true, TraceShape: row.shape, Content: row.content})
			r := run(count)
			r.SegmentIterations, r.MetricInterval = 1024, time.Hour // sessions of agents are long
			seen := conforms(t, c, p, generator(t, p, r), count)
			for _, s := range c.Spans {
				whole := s.Bare == "cp.request" || s.Bare == "a2a.forward"
				if want := !whole || row.shape == ShapeUnified; seen[s.Bare] != want {
					t.Errorf("there are %s spans: %t", s.Bare, !want)
				}
			}
		})
	}
}

// TestConformanceNotices plants what only shows in generated telemetry when it
// is judged at all: in a span, in a trace and in a session.
func TestConformanceNotices(t *testing.T) {
	_, c := inVocabulary(t, vocabularies[0])
	for _, row := range []struct {
		rule  string
		plant func(turns []otlp.Traces)
	}{
		{"", func([]otlp.Traces) {}},
		{"attribute-missing", func(turns []otlp.Traces) { turns[1].Spans[0].Attrs.Start++ }},
		{"namespace", func(turns []otlp.Traces) {
			r := &turns[1]
			r.Attrs[r.Spans[0].Attrs.Start].Key = r.Strings.ID("vendor.span.class")
		}},
		{"time-parent", func(turns []otlp.Traces) { turns[1].Spans[1].Start = turns[1].Spans[0].Start - 1 }},
		{"link", func(turns []otlp.Traces) { turns[1].Links[0].TraceID[0]++ }},
		{"status-ok", func(turns []otlp.Traces) { turns[2].Spans[1].Status = otlp.StatusOK }},
	} {
		p := compiled(t, bundled(t), Options{Vendor: "acme", Scenarios: []string{"claim_conversation"}})
		turns := collect(generator(t, p, run(8)), 3)
		row.plant(turns)
		session := conform.NewChecker(c, "acme").Session()
		found := ""
		for i := range turns {
			session.Traces(&turns[i], func(f conform.Finding) { found += f.Rule })
		}
		if found != row.rule {
			t.Errorf("found %q, want %q", found, row.rule)
		}
	}
}

// conforms checks iterations and returns the types of the spans in them.
func conforms(t *testing.T, c *semconv.Conventions, p *Plan, g *Generator, count uint64) map[string]bool {
	t.Helper()
	checker := conform.NewChecker(c, p.Prefix())
	session := checker.Session()
	classes := map[otlp.Attr]bool{}
	var record *otlp.Traces
	var info string
	found := 0
	report := func(f conform.Finding) {
		s := &record.Spans[f.Span]
		t.Errorf("%s: %s (span %x): %s: %s", info, record.Strings.String(s.Name), s.SpanID, f.Rule, f.Text)
		found++
	}
	var strs *otlp.Strings
	var class otlp.StringID
	for i := range count {
		info = fmt.Sprintf("iteration %d", i)
		told := g.Iteration(i, func(r *otlp.Traces) {
			if record, strs = r, r.Strings; class == 0 {
				class = strs.ID(p.Prefix() + ".span.class")
			}
			session.Traces(r, report)
			for k := range r.Spans {
				for _, a := range r.Attrs[r.Spans[k].Attrs.Start:r.Spans[k].Attrs.End] {
					if a.Key == class {
						classes[a] = true
					}
				}
			}
		})
		if found > 0 {
			t.Logf("the scenario is %s", told.Scenario)
		}
		if found > 20 {
			t.FailNow()
		}
	}
	seen := map[string]bool{}
	for a := range classes { // order-free: it fills a set
		seen[strs.String(otlp.StringID(a.Word))] = true
	}
	return seen
}

// What may run at the same time as something else is seldom alone: whether a model
// call goes on with what was said follows from what is there.
func TestModelCallsBesideOthersConform(t *testing.T) {
	for name, children := range map[string]string{
		"sometimes alone":   "task.execute, children: [{type: llm.call}, {type: mcp.tool.execute, probability: 0.5}]",
		"any number":        "task.execute, children: [{type: llm.call, count: {min: 0, max: 3}, error: {rate: 0.3}}]",
		"a tool in place":   "task.execute, children: [{one_of: [{type: llm.call}, {type: mcp.tool.execute}]}, {type: mcp.tool.execute}]",
		"always alone":      "task.execute, children: [{type: llm.call, error: {rate: 0.3}, retry: {max_attempts: 2}}]",
		"with what it asks": "planner, children: [{type: task.execute, probability: 0.5, children: [{type: llm.call}, {type: mcp.tool.execute}, {type: llm.call}]}, {type: llm.call}]",
	} {
		t.Run(name, func(t *testing.T) {
			in, c := inVocabulary(t, vocabularies[0])
			in = withDefinition(in, "own.yaml", "name: own\n"+who+"root:\n  children:\n    - {type: mcp.tool.execute, error: 0.2}\n    - {type: llm.call}\n"+
				"    - {parallel: true, type: "+children+"}\n    - {type: mcp.tool.execute}\n    - {type: llm.call}\n    - {type: response.compose}\n")
			p := compiled(t, in, Options{Scenarios: []string{"own"}})
			conforms(t, c, p, generator(t, p, run(300)), 300)
		})
	}
}
