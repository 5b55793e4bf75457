package build

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

var (
	iterations = flag.Uint64("iterations", 100_000, "iterations that are held to the conventions, spread over what is combined")
	full       = flag.Bool("full", false, "combine every prefix, shape and content, and spend -iterations on each combination")
)

func conventions(t testing.TB) *semconv.Conventions {
	t.Helper()
	var p input.Problems
	c := semconv.Parse(bundled(t).Semconv, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return c
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
          children: [{type: mcp.tool.execute}]
        - type: llm.tool.response.bridge
    - type: task.execute
      children:
        - type: context.augment
          children: [{type: rag.retrieve}]
    - type: a2a.call
    - type: tools.recommend
    - type: mcp.tool.execute
    - type: response.compose
`

// TestBundledScenariosConform holds every bundled scenario to the bundled
// conventions, sessions as a whole, under several prefixes and in both shapes.
func TestBundledScenariosConform(t *testing.T) {
	c := conventions(t)
	in := withDefinition(bundled(t), "every.yaml", every)
	type row struct{ prefix, shape, content string }
	rows := []row{
		{"vendor", ShapeSeparate, "scenario"},
		{"vendor", ShapeUnified, "redacted"},
		{"acme", ShapeSeparate, "redacted"},
		{"acme", ShapeUnified, "raw"},
		{"gentoro", ShapeSeparate, "none"},
		{"gentoro", ShapeUnified, "scenario"},
	}
	count := *iterations / uint64(len(rows))
	if *full {
		rows, count = nil, *iterations
		for _, prefix := range []string{"vendor", "acme", "gentoro"} {
			for _, shape := range []string{ShapeSeparate, ShapeUnified} {
				for _, content := range Contents {
					rows = append(rows, row{prefix, shape, content})
				}
			}
		}
	}
	for _, row := range rows {
		t.Run(fmt.Sprintf("%s %s %s", row.prefix, row.shape, row.content), func(t *testing.T) {
			p := compiled(t, in, Options{Vendor: row.prefix, EachOnce: true, TraceShape: row.shape, Content: row.content})
			r := run(count)
			r.SegmentIterations = 1024
			seen := conforms(t, c, p, generator(t, p, r), count)
			for _, s := range c.Spans {
				if want := s.Bare != "cp.request" || row.shape == ShapeUnified; seen[s.Bare] != want {
					t.Errorf("there are %s spans: %t", s.Bare, !want)
				}
			}
		})
	}
}

// TestConformanceNotices plants what only shows in generated telemetry when it
// is judged at all: in a span, in a trace and in a session.
func TestConformanceNotices(t *testing.T) {
	c := conventions(t)
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
	names := map[otlp.StringID]bool{}
	var record *otlp.Traces
	var info string
	found := 0
	report := func(f conform.Finding) {
		s := &record.Spans[f.Span]
		t.Errorf("%s: %s (span %x): %s: %s", info, record.Strings.String(s.Name), s.SpanID, f.Rule, f.Text)
		found++
	}
	var strs *otlp.Strings
	for i := range count {
		info = fmt.Sprintf("iteration %d", i)
		told := g.Iteration(i, func(r *otlp.Traces) {
			record, strs = r, r.Strings
			session.Traces(r, report)
			for k := range r.Spans {
				names[r.Spans[k].Name] = true
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
	for id := range names { // order-free: it fills a set
		seen[strings.TrimPrefix(strs.String(id), p.Prefix()+".")] = true
	}
	return seen
}
