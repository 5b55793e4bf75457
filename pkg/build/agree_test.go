package build

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

const who = "context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}\n"

// withTemplate adds a request template to the bundled config, and a scenario
// that meets it.
func withTemplate(t *testing.T, template string) Inputs {
	t.Helper()
	in := withDefinition(bundled(t), "own.yaml", "name: own\ncontrol_plane: {template: own}\n")
	const head = "    blocked_rate_limited:\n"
	if !strings.Contains(string(in.Config.Data), head) {
		t.Fatal("the bundled config has changed")
	}
	in.Config.Data = []byte(strings.Replace(string(in.Config.Data), head, "    own: "+template+"\n"+head, 1))
	return in
}

// A step that failed is an error however that is said, and the rest follows.
func TestFailedStepsAreErrorsHoweverItIsSaid(t *testing.T) {
	const payload = "request.validation 0 blocked invalid_payload\nvalidation.payload 2 fail invalid_arguments validation "
	const exception, finding = "[exception SimulatedError<nil>]", "[vendor.validation.error <nil>c]"
	for template, want := range map[string]string{
		"{payload: {step.outcome: fail}}":                                            payload + exception,
		"{payload: {validation.result: invalid}}":                                    payload + exception,
		"{payload: {validation_errors: [{path: p, rule: r, code: c}]}}":              payload + finding,
		"{error_rate: {payload: 1}}":                                                 payload + exception,
		"{payload: {step.outcome: fail}, error_rate: {payload: 0.06}}":               payload + exception,
		"{payload: {step.outcome: fail}, root: {block.reason: invalid_payload}}":     payload + exception,
		"{root: {request.outcome: blocked}, policy: {policy.decision: block}}":       "request.validation 0 blocked request_policy\nvalidation.payload 0 pass\nvalidation.policy 0 block",
		"{policy: {step.outcome: block}}":                                            "request.validation 0 blocked request_policy\nvalidation.payload 0 pass\nvalidation.policy 0 block",
		"{root: {request.outcome: error}, augmentation: {step.outcome: fail}}":       "request.validation 2 error unavailable runtime " + exception,
		"{root: {request.outcome: blocked}, include_policy: false}":                  "request.validation 0 blocked rate_limited",
		"{root: {request.outcome: blocked}, error_rate: {payload: 1, policy: 0.25}}": payload + exception,
	} {
		var p input.Problems
		plan := Compile(withTemplate(t, template), Options{Scenarios: []string{"own"}}, &p)
		if p.Errors() > 0 {
			t.Errorf("%s: %v", template, p.All())
			continue
		}
		r := collect(generator(t, plan, run(1)), 0)[0]
		if got := failures(&r); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", template, got, want)
		}
		severity := severityOf(plan, "vendor.validation.error")
		if strings.Contains(want, finding) && severity != otlp.SeverityError {
			t.Errorf("%s: its log has severity %d", template, severity)
		}
	}
}

// severityOf is the severity of the first log of a name in iteration 0.
func severityOf(p *Plan, name string) (out uint8) {
	g, err := NewGenerator(p, run(1))
	if err != nil {
		return 0
	}
	g.IterationLogs(0, func(_ *otlp.Traces, l *otlp.Logs) {
		for _, x := range l.Records {
			if out == 0 && l.Strings.String(x.EventName) == name {
				out = x.Severity
			}
		}
	})
	return out
}

// What contradicts itself does not load, and is told where it stands.
func TestContradictionsOfTemplatesDoNotLoad(t *testing.T) {
	for template, want := range map[string]string{
		"{payload: {step.outcome: pass, validation.result: invalid}}":                                "payload.validation.result: contradicts",
		"{payload: {step.outcome: pass, validation_errors: [{path: p, rule: r, code: c}]}}":          "payload.validation_errors: contradicts",
		"{payload: {validation.result: valid, validation_errors: [{path: p, rule: r, code: c}]}}":    "payload.validation_errors: contradicts",
		"{payload: {step.outcome: pass}, error_rate: {payload: 1}}":                                  "error_rate.payload: contradicts",
		"{policy: {step.outcome: pass, policy.decision: block}}":                                     "policy.policy.decision: contradicts",
		"{root: {request.outcome: allowed}, payload: {step.outcome: fail}}":                          "root.request.outcome: is allowed, and the step payload will fail",
		"{root: {request.outcome: blocked, block.reason: request_policy}, error_rate: {payload: 1}}": "root.block.reason: the steps of the template say otherwise",
		"{root: {request.outcome: allowed, block.reason: request_policy}}":                           "root.block.reason: is about blocked requests",
		"{root: {request.audit.flag: true}}":                                                         "root.request.audit.flag: is true",
		"{root: {request.audit.flag: false}, policy: {policy.decision: allow_with_audit}}":           "root.request.audit.flag: is false",
	} {
		var p input.Problems
		Compile(withTemplate(t, template), Options{Scenarios: []string{"own"}}, &p)
		got := ""
		for _, x := range p.All() {
			got += x.String() + "\n"
		}
		if !strings.Contains(got, want) || !strings.HasPrefix(got, "config.yaml:") || strings.Count(got, "\n") != 1 {
			t.Errorf("%s: got\n%swant one error with %s", template, got, want)
		}
	}
}

// judged generates iterations of a scenario of one's own and lists what a
// checker finds in their spans.
func judged(t *testing.T, in Inputs, o Options, n uint64) string {
	t.Helper()
	plan := compiledWithWarnings(t, in, o)
	var p input.Problems
	found := map[string]bool{}
	var out []string
	session := conform.NewChecker(semconv.Parse(in.Semconv, &p), plan.Prefix()).Session()
	g := generator(t, plan, run(n))
	for i := range n {
		g.Iteration(i, func(r *otlp.Traces) {
			session.Traces(r, func(f conform.Finding) {
				if line := fmt.Sprintf("%v", f); !found[f.Rule] {
					found[f.Rule] = true
					out = append(out, line)
				}
			})
		})
	}
	return strings.Join(out, "\n")
}

// Spans of the control plane in trees say how they ended, as roots and below
// others; only where they stand is the author's business.
func TestControlPlaneSpansOfTreesAgreeWithTheirStatus(t *testing.T) {
	for _, class := range []string{"cp.request", "request.validation", "response.validation", "validation.payload", "validation.policy", "augmentation"} {
		for _, shape := range []string{ShapeSeparate, ShapeUnified} {
			for _, root := range []string{
				"{type: " + class + ", error: 0.4}",
				"{type: a2a.orchestrate, children: [{type: planner}, {type: " + class + ", error: 0.4}, {type: response.compose}]}",
			} {
				in := withDefinition(bundled(t), "own.yaml", "name: own\n"+who+"root: "+root+"\n")
				for _, line := range strings.Split(judged(t, in, Options{Scenarios: []string{"own"}, TraceShape: shape}, 40), "\n") {
					if line != "" && !strings.Contains(line, "span-root") && !strings.Contains(line, "span-parent") {
						t.Errorf("%s %s: %s", shape, root, line)
					}
				}
			}
		}
	}
}

// What an attribute says of the end of a span of a tree is what happens.
func TestOutcomesOfTreesDecideOrFollow(t *testing.T) {
	in := withDefinition(bundled(t), "own.yaml", "name: own\n"+who+`root:
  type: a2a.orchestrate
  children:
    - {type: validation.payload, attributes: {vendor.validation.result: invalid, error.type: timeout}}
    - {type: planner, error: 0.5, attributes: {vendor.step.outcome: success, error.type: unavailable, vendor.error.category: policy}}
`)
	plan := compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}})
	failed := 0
	g := generator(t, plan, run(40))
	for i := range uint64(40) {
		g.Iteration(i, func(r *otlp.Traces) {
			for _, s := range r.Spans {
				a := attrsOf(r, s.Attrs)
				switch a["vendor.span.class"] {
				case "planner":
					bad := s.Status == otlp.StatusError
					if bad {
						failed++
					}
					if bad != (a["vendor.step.outcome"] == "fail") || bad != (a["error.type"] == "unavailable") || bad != (a["vendor.error.category"] == "policy") {
						t.Fatalf("status %d with %v", s.Status, a)
					}
				case "validation.payload":
					if _, own := a["vendor.validation.result"]; own && a["vendor.validation.result"] == "invalid" && (s.Status != otlp.StatusError || a["error.type"] != "timeout") {
						t.Fatalf("status %d with %v", s.Status, a)
					}
				}
			}
		})
	}
	if failed == 0 || failed == 40 {
		t.Errorf("%d of 40 planners failed", failed)
	}
	var p input.Problems
	Compile(withDefinition(bundled(t), "own.yaml", "name: own\n"+who+"root: {type: a2a.orchestrate, children: [{type: augmentation, error: 0.5, attributes: {vendor.step.outcome: fail}}]}\n"),
		Options{Scenarios: []string{"own"}}, &p)
	if p.Errors() != 1 {
		t.Errorf("a span that fails and has another rate: %v", p.All())
	}
}
