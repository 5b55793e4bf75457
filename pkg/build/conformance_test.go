package build

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// conformance returns what is wrong with the spans of a record, by the
// conventions: attributes that are not defined for the span type, values that
// are not allowed or of another type, required attributes that are missing.
func conformance(c *semconv.Conventions, r *otlp.Traces, prefix string) []string {
	var out []string
	dict := c.Dictionary(prefix)
	for _, s := range r.Spans {
		name := r.Strings.String(s.Name)
		bare := strings.TrimPrefix(name, prefix+".")
		if _, ok := c.Span(bare); !ok {
			out = append(out, name+": no such span type")
			continue
		}
		attrs := attrsOf(r, s.Attrs)
		for key, v := range attrs {
			def, ok := dict.OnSpan(bare, key)
			switch {
			case !ok:
				out = append(out, fmt.Sprintf("%s: %s is not defined", name, key))
			case !typed(def.Type, v):
				out = append(out, fmt.Sprintf("%s: %s is a %T", name, key, v))
			default:
				for _, text := range texts(v) {
					if !def.Allows(text) {
						out = append(out, fmt.Sprintf("%s: %s = %q, allowed are %v", name, key, text, def.Allowed))
					}
				}
			}
		}
		for _, def := range c.SpanAttributes(bare) {
			if def.Level == semconv.Required && attrs[c.Rename(def.Name, prefix)] == nil {
				out = append(out, fmt.Sprintf("%s: %s is required", name, def.Name))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func typed(t semconv.Type, v any) bool {
	ok := false
	switch t {
	case semconv.String:
		_, ok = v.(string)
	case semconv.Int:
		_, ok = v.(int64)
	case semconv.Boolean:
		_, ok = v.(bool)
	case semconv.Double:
		_, ok = v.(float64)
	case semconv.StringArray:
		_, ok = v.([]any)
	case semconv.Any:
		ok = true
	}
	return ok
}

// texts returns a value, or the elements of an array, as text.
func texts(v any) []string {
	if list, ok := v.([]any); ok {
		var out []string
		for _, e := range list {
			out = append(out, fmt.Sprint(e))
		}
		return out
	}
	return []string{fmt.Sprint(v)}
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
context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: handset}
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
		{"a name that nothing defines", "vendor.unheard.of is not defined", func(r *otlp.Traces, s *otlp.Span) {
			r.Attrs[s.Attrs.Start].Key = r.Strings.ID("vendor.unheard.of")
		}},
		{"a value outside of its set", `vendor.span.class = "other"`, func(r *otlp.Traces, s *otlp.Span) {
			r.Attrs[s.Attrs.Start].Word = uint64(r.Strings.ID("other"))
		}},
		{"a number in place of a string", "vendor.span.class is a int64", func(r *otlp.Traces, s *otlp.Span) {
			r.Attrs[s.Attrs.Start].Kind = otlp.KindInt
		}},
		{"a required attribute that is missing", "vendor.span.class is required", func(r *otlp.Traces, s *otlp.Span) {
			s.Attrs.Start++
		}},
		{"a span type that nothing defines", "vendor.unheard.of: no such span type", func(r *otlp.Traces, s *otlp.Span) {
			s.Name = r.Strings.ID("vendor.unheard.of")
		}},
	} {
		r := &sessionOf(t, bundled(t), "file_claim_handset")[0]
		row.change(r, &r.Spans[0])
		if got := strings.Join(conformance(c, r, "vendor"), "\n"); !strings.Contains(got, row.want) {
			t.Errorf("%s: found %q, want %q", row.what, got, row.want)
		}
	}
}
