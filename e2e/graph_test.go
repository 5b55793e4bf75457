package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// The gateway and the runtime of the bundled config.yaml.
const gateway, runtime = "assist-gateway", "assist-runtime"

// graph is what spans say of services.
type graph struct {
	calls  map[[2]string]uint64 // from a service to another
	tools  map[string]bool      // services that answer a call of a tool
	errors map[string]map[string]bool
	spans  map[string]map[string]bool
}

// walk counts the pairs of spans of which the upper is of another service, and
// notes who serves tools and where spans failed.
func walk(t *testing.T, dir string) *graph {
	t.Helper()
	g := &graph{map[[2]string]uint64{}, map[string]bool{}, map[string]map[string]bool{}, map[string]map[string]bool{}}
	for _, m := range records(t, dir, "traces") {
		d, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(m)
		if err != nil {
			t.Fatal(err)
		}
		services := map[pcommon.SpanID]string{} // of a record, which holds traces whole
		eachSpan(d, func(service string, s ptrace.Span) { services[s.SpanID()] = service })
		eachSpan(d, func(service string, s ptrace.Span) {
			trace := s.TraceID().String()
			mark(g.spans, service, trace)
			if s.Status().Code() == ptrace.StatusCodeError {
				mark(g.errors, service, trace)
			}
			if above := services[s.ParentSpanID()]; above != "" && above != service {
				g.calls[[2]string{above, service}]++
			}
			if _, tool := s.Attributes().Get("gen_ai.tool.name"); tool && s.Kind() == ptrace.SpanKindServer {
				g.tools[service] = true
			}
		})
	}
	return g
}

func eachSpan(d ptrace.Traces, visit func(service string, s ptrace.Span)) {
	for _, r := range d.ResourceSpans().All() {
		name, _ := r.Resource().Attributes().Get("service.name")
		for _, ss := range r.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				visit(name.Str(), s)
			}
		}
	}
}

// TestServiceGraph replays requests of one trace each into Jaeger, and asks it
// which service calls which, how often, and where something failed.
func TestServiceGraph(t *testing.T) {
	for _, vocabulary := range []string{"vendor", "genai"} {
		t.Run(vocabulary, func(t *testing.T) {
			dir := generate(t, []string{"--seed", "42", "-n", "50"}, "--trace-shape", "unified",
				"--semconv", vocabulary, "--signals", "traces", "--compression", "none")
			g := walk(t, dir)
			g.complete(t)
			c := startJaeger(t)
			replay(t, append(link{"grpc", "gzip"}.flags(c, false), "--max", dir)...).wait(t).all(t)

			got := c.dependencies(t)
			if !maps.Equal(got, g.calls) {
				t.Errorf("graph\n got %s\nwant %s", lines(got), lines(g.calls))
			}
			for service := range g.spans {
				compareIDs(t, "errors of "+service, c.search(t, service, map[string]string{"error": "true"}), g.errors[service])
			}
			t.Logf("%s", lines(g.calls))
		})
	}
}

// complete says what a corpus lacks that the test is about.
func (g *graph) complete(t *testing.T) {
	t.Helper()
	traces := map[string]bool{}
	for _, of := range g.spans {
		maps.Copy(traces, of)
	}
	// Of more than a hundred traces Jaeger takes the last hundred.
	if len(traces) > 100 {
		t.Fatalf("%d traces", len(traces))
	}
	if g.calls[[2]string{gateway, runtime}] == 0 {
		t.Errorf("%s does not call %s", gateway, runtime)
	}
	if len(g.errors[runtime]) == 0 {
		t.Errorf("no errors of %s", runtime)
	}
	data, err := os.ReadFile("../config/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data, _, _ = bytes.Cut(data, []byte("  # What the coding agent works with")) // those of agents beside the mix
	servers := map[string]bool{}                                                 // of tools, that answer as services
	for _, m := range regexp.MustCompile(`(?m)^    service: \{name: ([^,}]+)`).FindAllSubmatch(data, -1) {
		servers[string(m[1])] = true
	}
	if len(servers) == 0 || !maps.Equal(g.tools, servers) {
		t.Errorf("tool servers %v, want %v", g.tools, servers)
	}
	failed := false
	for tool := range g.tools {
		if g.calls[[2]string{runtime, tool}] == 0 {
			t.Errorf("%s does not call %s", runtime, tool)
		}
		failed = failed || len(g.errors[tool]) > 0
	}
	if !failed {
		t.Error("no tool server failed")
	}
}

func lines(calls map[[2]string]uint64) string {
	var out []string
	for edge, n := range calls {
		out = append(out, fmt.Sprintf("%s -> %s %d", edge[0], edge[1], n))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
