package build

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// conformance returns what is wrong with a record, by the conventions.
func conformance(c *semconv.Conventions, r *otlp.Traces, prefix string) []string {
	var out []string
	c.NewChecker(prefix).Traces(r, func(span int, text string) {
		out = append(out, r.Strings.String(r.Spans[span].Name)+": "+text)
	})
	return out
}

func conventions(t *testing.T) *semconv.Conventions {
	t.Helper()
	var p input.Problems
	c := semconv.Parse(bundled(t).Semconv, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEverySpanConforms holds the bundled scenarios, and one tree with every
// span type, to the bundled conventions.
func TestEverySpanConforms(t *testing.T) {
	c := conventions(t)
	in := withDefinition(bundled(t), "every.yaml", every)
	for _, prefix := range []string{"vendor", "acme"} {
		g := generator(t, compiled(t, in, Options{Vendor: prefix}), run(300))
		seen := map[string]bool{}
		for i := range uint64(300) {
			g.Iteration(i, func(r *otlp.Traces) {
				for _, finding := range conformance(c, r, prefix) {
					t.Errorf("prefix %s, iteration %d: %s", prefix, i, finding)
				}
				for _, s := range r.Spans {
					seen[strings.TrimPrefix(r.Strings.String(s.Name), prefix+".")] = true
				}
			})
			if t.Failed() {
				return
			}
		}
		for _, s := range c.Spans {
			if !seen[s.Bare] {
				t.Errorf("no %s span was checked", s.Bare)
			}
		}
	}
}

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
    - type: context.augment
    - type: rag.retrieve
    - type: a2a.call
    - type: tools.recommend
    - type: mcp.tool.execute
    - type: response.compose
    - type: cp.request
      attributes: {vendor.request.outcome: allowed}
`

// TestConformanceNoticesViolations plants one of each kind.
func TestConformanceNoticesViolations(t *testing.T) {
	c := conventions(t)
	for _, row := range []struct {
		what, want string
		change     func(r *otlp.Traces, s *otlp.Span)
	}{
		{"a name that nothing defines", "attribute vendor.unheard.of is not defined", func(r *otlp.Traces, s *otlp.Span) {
			r.Attrs[s.Attrs.Start].Key = r.Strings.ID("vendor.unheard.of")
		}},
		{"a value outside of its set", `attribute vendor.span.class has the value "other", allowed are request.validation`, func(r *otlp.Traces, s *otlp.Span) {
			r.Attrs[s.Attrs.Start].Word = uint64(r.Strings.ID("other"))
		}},
		{"a number in place of a string", "attribute vendor.span.class is not of type string", func(r *otlp.Traces, s *otlp.Span) {
			r.Attrs[s.Attrs.Start].Kind = otlp.KindInt
		}},
		{"a required attribute that is missing", "attribute vendor.span.class is required", func(r *otlp.Traces, s *otlp.Span) {
			s.Attrs.Start++
		}},
		{"a span type that nothing defines", "span type vendor.unheard.of is not defined", func(r *otlp.Traces, s *otlp.Span) {
			s.Name = r.Strings.ID("vendor.unheard.of")
		}},
	} {
		r := &sessionOf(t, bundled(t), "new_claim_phone")[0]
		row.change(r, &r.Spans[0])
		if got := strings.Join(conformance(c, r, "vendor"), "\n"); !strings.Contains(got, row.want) {
			t.Errorf("%s: found %q, want %q", row.what, got, row.want)
		}
	}
}
