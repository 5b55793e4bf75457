package build

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// called is a span with the one above it.
type called struct {
	class  string
	attrs  map[string]any
	span   otlp.Span
	of     string // service
	parent *called
}

// calledIn reads the spans of a record, in their order.
func calledIn(t *otlp.Traces) (out []*called) {
	byID := make(map[otlp.SpanID]*called)
	for i := range t.Spans {
		s := t.Spans[i]
		x := &called{attrs: attrsOf(t, s.Attrs), span: s, parent: byID[s.ParentID]}
		x.class, _ = x.attrs["vendor.span.class"].(string)
		x.of, _ = attrsOf(t, t.Resources[s.Resource].Attrs)["service.name"].(string)
		byID[s.SpanID] = x
		out = append(out, x)
	}
	return out
}

// TestToolServersAnswer: each attempt that reached a server has the server's side
// within it, with the network's time around it, and says the same.
func TestToolServersAnswer(t *testing.T) {
	g := generator(t, bundledPlan(t), run(600))
	answers, unreached := map[string]int{}, 0
	for i := range uint64(600) {
		for _, r := range collect(g, i) {
			served := map[*called]int{}
			spans := calledIn(&r)
			for _, s := range spans {
				if s.class != "mcp.tool.serve" {
					continue
				}
				c := s.parent
				served[c]++
				answers[s.of]++
				if c.class != "mcp.tool.execute.attempt" || s.of == c.of || s.span.Kind != otlp.SpanKindServer {
					t.Fatalf("iteration %d: %s of %s below %s of %s", i, s.class, s.of, c.class, c.of)
				}
				if s.span.Start <= c.span.Start || s.span.End >= c.span.End {
					t.Errorf("iteration %d: the server from %d to %d, its client from %d to %d", i, s.span.Start, s.span.End, c.span.Start, c.span.End)
				}
				if s.span.Status != c.span.Status || s.attrs["error.type"] != c.attrs["error.type"] {
					t.Errorf("iteration %d: the server ended with %v, its client with %v", i, s.attrs["error.type"], c.attrs["error.type"])
				}
				for _, key := range []string{"gen_ai.tool.name", "vendor.mcp.tool.call.id", "vendor.mcp.server.uuid", "vendor.mcp.tool.uuid"} {
					if want := c.parent.attrs[key]; s.attrs[key] != want || want == nil {
						t.Errorf("iteration %d: %s is %v, the call says %v", i, key, s.attrs[key], want)
					}
				}
				if host := c.attrs["server.address"]; host != s.of+".internal.example" {
					t.Errorf("iteration %d: %v is called, and %s answers", i, host, s.of)
				}
			}
			for _, s := range spans {
				if s.class != "mcp.tool.execute.attempt" {
					continue
				}
				want := 1
				if s.attrs["error.type"] == "unavailable" {
					want, unreached = 0, unreached+1
				}
				if served[s] != want {
					t.Errorf("iteration %d: %d answers to an attempt that ended with %v", i, served[s], s.attrs["error.type"])
				}
			}
		}
	}
	if len(answers) != 3 || unreached == 0 {
		t.Errorf("answers by service: %v; %d attempts reached nobody", answers, unreached)
	}
}

// TestARequestIsOneGraph: in one trace the gateway calls the runtime, and the
// runtime tool servers, whatever the words.
func TestARequestIsOneGraph(t *testing.T) {
	for _, file := range vocabularies {
		in, _ := inVocabulary(t, file)
		g := generator(t, compiled(t, in, Options{TraceShape: ShapeUnified}), run(60))
		edges := map[string]int{}
		for i := range uint64(60) {
			for _, r := range collect(g, i) {
				for _, s := range calledIn(&r) {
					if p := s.parent; p != nil && p.of != s.of {
						edges[p.of+" "+s.of]++
						if p.span.Kind != otlp.SpanKindClient || s.span.Kind != otlp.SpanKindServer || s.span.Flags&otlp.FlagIsRemote == 0 {
							t.Fatalf("%s: %s calls %s by spans of kinds %d and %d, flags %x", file, p.of, s.of, p.span.Kind, s.span.Kind, s.span.Flags)
						}
					}
				}
			}
		}
		for _, edge := range []string{"assist-gateway assist-runtime", "assist-runtime tools-phone",
			"assist-runtime tools-appliances", "assist-runtime tools-electronics"} {
			if edges[edge] == 0 {
				t.Errorf("%s: nothing goes from %s", file, edge)
			}
		}
		if len(edges) != 4 {
			t.Errorf("%s: %v", file, edges)
		}
	}
}

// TestConventionsWithoutServicesHaveNone: the span types are there where the
// conventions define them.
func TestConventionsWithoutServicesHaveNone(t *testing.T) {
	in := bundled(t)
	text := string(in.Semconv.Data)
	for _, name := range []string{"vendor.a2a.forward", "vendor.mcp.tool.serve"} {
		from := strings.Index(text, "\n  "+name+":\n")
		to := from + 1 + strings.Index(text[from+1:], "\n  vendor.")
		text = text[:from] + text[to:]
	}
	in.Semconv.Data = []byte(text)
	in.OwnConfig = true
	var p input.Problems
	Validate(in, "vendor", &p)
	told := 0
	for _, problem := range p.All() {
		if strings.Contains(problem.String(), "no span tells of it: the conventions do not define mcp.tool.serve") {
			told++
		}
	}
	if told < 3 {
		t.Errorf("%d services are said to have no effect, want three and more", told)
	}
	g := generator(t, compiledWithWarnings(t, in, Options{TraceShape: ShapeUnified, Scenarios: []string{"new_claim_phone"}}), run(4))
	for _, r := range collect(g, 0) {
		for _, s := range calledIn(&r) {
			if s.class == "mcp.tool.serve" || s.class == "a2a.forward" || strings.HasPrefix(s.of, "tools-") {
				t.Errorf("there is %s of %s", s.class, s.of)
			}
		}
	}
}

// TestTheRulesSeeServers: what is planted on the other side of a call is found.
func TestTheRulesSeeServers(t *testing.T) {
	in, c := inVocabulary(t, vocabularies[0])
	g := generator(t, compiled(t, in, Options{Scenarios: []string{"new_claim_phone"}}), run(4))
	for rule, plant := range map[string]func(r *otlp.Traces, serve int){ // order-free: each is planted by itself
		"":                func(*otlp.Traces, int) {},
		"server-outcome":  func(r *otlp.Traces, serve int) { r.Spans[serve].Status = otlp.StatusError },
		"server-resource": func(r *otlp.Traces, serve int) { r.Spans[serve].Resource = r.Spans[serve-1].Resource },
		"time-parent":     func(r *otlp.Traces, serve int) { r.Spans[serve].End = r.Spans[serve-1].End + 1 },
		"span-kind":       func(r *otlp.Traces, serve int) { r.Spans[serve].Kind = otlp.SpanKindInternal },
	} {
		r := collect(g, 0)[0]
		for i := range r.Spans {
			if r.Strings.String(r.Spans[i].Name) == "vendor.mcp.tool.serve" {
				plant(&r, i)
			}
		}
		found := ""
		conform.NewChecker(c, "vendor").Traces(&r, func(f conform.Finding) { found += f.Rule + " " })
		if rule == "" && found != "" || !strings.Contains(found, rule) {
			t.Errorf("%q planted: found %q", rule, found)
		}
	}
}
