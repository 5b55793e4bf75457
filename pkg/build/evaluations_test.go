package build

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

const evaluated = who + `data_plane: {workflow: new_claim, steps: {task: {error: 0.2}, new_claim: {error: 0.3, retry: {max_attempts: 2}}}}
evaluations:
  - name: helpfulness
    score: {distribution: uniform, low: 0, high: 1}
    labels: {fine: 0.4, great: 0.8}
    explanations: {fine: [Mail to sam@example.com was promised.], great: [It was 1 claim.]}
  - {name: choice, of: mcp.tool.execute, score: 0.5, labels: {ok: 0.5}, probability: 0.5}
  - {name: tries, of: mcp.tool.execute.attempt, score: {distribution: uniform, low: 0, high: 1}, explanations: It was tried.}
`

// resultOf is a result of an evaluation with the span that it judges.
type resultOf struct {
	record map[string]any
	span   map[string]any
	failed bool
	last   bool // of its trace's model calls
	body   string
}

// results returns the results of some iterations of the scenario own, and how many
// spans did what they should, by class.
func results(t *testing.T, in Inputs, text string, o Options) (out []resultOf, worked map[string]int) {
	t.Helper()
	worked = make(map[string]int)
	o.Scenarios = []string{"own"}
	g := generator(t, compiledWithWarnings(t, withDefinition(in, "own.yaml", "name: own\n"+text), o), run(120))
	for i := range uint64(120) {
		g.IterationLogs(i, func(r *otlp.Traces, l *otlp.Logs) {
			spans := make(map[otlp.SpanID]int)
			last := make(map[otlp.TraceID]otlp.SpanID)
			for k, s := range r.Spans {
				spans[s.SpanID] = k
				class := texts(attrsOf(r, s.Attrs)["vendor.span.class"])
				if s.Status != otlp.StatusError {
					worked[class]++
				}
				if class == "llm.call" {
					last[s.TraceID] = s.SpanID
				}
			}
			v := &otlp.Traces{Strings: l.Strings, Attrs: l.Attrs, Text: l.Text}
			for _, x := range l.Records {
				if l.Strings.String(x.EventName) != "gen_ai.evaluation.result" {
					continue
				}
				k, ok := spans[x.SpanID]
				if !ok || r.Spans[k].TraceID != x.TraceID || r.Spans[k].End != x.Time {
					t.Fatalf("a result of no span, or not at its end: %+v", x)
				}
				out = append(out, resultOf{
					record: attrsOf(v, x.Attrs), span: attrsOf(r, r.Spans[k].Attrs), failed: r.Spans[k].Status == otlp.StatusError,
					last: last[x.TraceID] == x.SpanID, body: texts(valueOf(v, x.Body)),
				})
			}
		})
	}
	return out, worked
}

// Results are about spans that did what they should, of the type that is evaluated,
// and say what the scenario says.
func TestResultsOfEvaluations(t *testing.T) {
	list, worked := results(t, bundled(t), evaluated, Options{})
	counts := make(map[string]int)
	for _, x := range list {
		name, label := texts(x.record["gen_ai.evaluation.name"]), ""
		if v := x.record["gen_ai.evaluation.score.label"]; v != nil {
			label = v.(string)
		}
		score := x.record["gen_ai.evaluation.score.value"].(float64)
		class := texts(x.span["vendor.span.class"])
		counts[name]++
		if x.failed {
			t.Fatalf("%s judges a span that failed", name)
		}
		want := map[string]string{"helpfulness": "llm.call", "choice": "mcp.tool.execute", "tries": "mcp.tool.execute.attempt"}[name]
		if class != want || name == "helpfulness" && !x.last {
			t.Errorf("%s judges a span of type %s", name, class)
		}
		switch {
		case name == "helpfulness" && score >= 0.8:
			want = "great It was 1 claim."
		case name == "helpfulness" && score >= 0.4:
			want = "fine Mail to sam@example.com was promised."
		case name == "choice":
			want = "ok <nil>"
		case name == "tries":
			want = " It was tried."
		default:
			want = " <nil>"
		}
		if got := fmt.Sprint(label, " ", x.record["gen_ai.evaluation.explanation"]); got != want {
			t.Errorf("%s: %v is %q, want %q", name, score, got, want)
		}
		if body := strings.TrimSuffix("evaluation "+name+": "+label, ": "); x.body != body {
			t.Errorf("got the body %q, want %q", x.body, body)
		}
		for _, key := range []string{"vendor.session.id", "vendor.request.id", "vendor.tenant.id", "gen_ai.conversation.id", "gen_ai.response.id"} {
			if x.record[key] != x.span[key] {
				t.Errorf("%s: %s is %v, of the span %v", name, key, x.record[key], x.span[key])
			}
		}
		if x.record["gen_ai.output.messages"] != nil {
			t.Error("a result repeats what was said")
		}
	}
	if counts["tries"] != worked["mcp.tool.execute.attempt"] || counts["helpfulness"] < 60 || counts["helpfulness"] > worked["a2a.orchestrate"] {
		t.Errorf("got %v for %v", counts, worked)
	}
	if half, all := float64(counts["choice"]), float64(worked["mcp.tool.execute"]); math.Abs(half-all/2) > 3*math.Sqrt(all/4) {
		t.Errorf("%v of %v calls are evaluated, want half", half, all)
	}
}

// An agent that calls no model is evaluated itself.
func TestAnAgentWithoutModelsIsJudgedItself(t *testing.T) {
	list, _ := results(t, bundled(t), who+"root: {children: [{type: planner}]}\nevaluations: [{name: a, score: 1}]\n", Options{})
	if len(list) != 120 {
		t.Errorf("got %d results", len(list))
	}
	for _, x := range list {
		if x.span["vendor.span.class"] != "a2a.orchestrate" {
			t.Errorf("judges %v", x.span["vendor.span.class"])
		}
	}
}

// Explanations are content.
func TestExplanationsAreShownAsMessagesAre(t *testing.T) {
	for _, row := range []struct{ content, text, want string }{
		{"none", evaluated, ""},
		{"redacted", evaluated, "[EMAIL] promised"},
		{"", "redaction_applied: strict\n" + evaluated, "strict"},
	} {
		list, _ := results(t, bundled(t), row.text, Options{Content: row.content})
		for _, x := range list {
			said, ok := x.record["gen_ai.evaluation.explanation"].(string)
			if ok && row.want == "" || strings.Contains(said, "sam@") || row.want == "strict" && strings.Contains(said, "1 claim") {
				t.Fatalf("%s: explained: %q", row.content, said)
			}
		}
		if explained := slices.ContainsFunc(list, func(x resultOf) bool { return x.record["gen_ai.evaluation.explanation"] != nil }); explained != (row.want != "") {
			t.Errorf("%q: explained %v", row.content, explained)
		}
	}
}

// Evaluations move nothing else, and a scenario that is not logged has none.
func TestEvaluationsMoveNothingElse(t *testing.T) {
	plain, _, _ := strings.Cut(evaluated, "evaluations:")
	bytesOf := func(text string) []byte {
		in := withDefinition(bundled(t), "own.yaml", "name: own\n"+text)
		return iterationBytes(generator(t, compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}}), run(8)), 3)
	}
	if !slices.Equal(bytesOf(plain), bytesOf(evaluated)) {
		t.Error("spans differ")
	}
	if list, _ := results(t, bundled(t), "emit_logs: false\n"+evaluated, Options{}); len(list) != 0 {
		t.Errorf("%d results of a scenario without logs", len(list))
	}
}

func TestMistakesInEvaluationsOfSeveralScenarios(t *testing.T) {
	in := withDefinition(bundled(t), "a.yaml", "name: a\n"+who+"data_plane: {workflow: new_claim}\nevaluations: [{name: x, score: 1, labels: {good: 0.5}}]\n")
	in = withDefinition(in, "b.yaml", "name: b\n"+who+"data_plane: {workflow: new_claim}\nevaluations: [{name: x, score: 1, labels: {good: 0.6}}, {name: y, of: a2a.call, score: 1}]\n")
	var p input.Problems
	Compile(in, Options{}, &p)
	var got []string
	for _, problem := range p.All() {
		got = append(got, problem.String())
	}
	want := []string{
		`b.yaml:4:22: evaluation "x": its labels are not those that it has at a.yaml:4:22`,
		`b.yaml:4:64: warning: evaluation "y": has no effect: the scenario has no such span`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Every result that does not fit its span or another result is found.
func TestAuditFindsResultsThatDoNotFit(t *testing.T) {
	in := withDefinition(bundled(t), "own.yaml", "name: own\n"+evaluated)
	p := compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}})
	r := run(60)
	r.SegmentIterations = 60
	for _, row := range []struct {
		name   string
		change func(l *otlp.Logs, r *otlp.LogRecord, at func(key string) *otlp.Attr)
		want   string
	}{
		{"nothing", func(*otlp.Logs, *otlp.LogRecord, func(string) *otlp.Attr) {}, ""},
		{"another span", func(_ *otlp.Logs, r *otlp.LogRecord, _ func(string) *otlp.Attr) { r.SpanID[3]++ }, "no span "},
		{"another trace", func(_ *otlp.Logs, r *otlp.LogRecord, _ func(string) *otlp.Attr) { r.TraceID[9]++ }, "no span "},
		{"a result twice", func(l *otlp.Logs, r *otlp.LogRecord, _ func(string) *otlp.Attr) { l.Records = append(l.Records, *r) }, "is there twice"},
		{"a score above 1", func(_ *otlp.Logs, _ *otlp.LogRecord, at func(string) *otlp.Attr) {
			at("gen_ai.evaluation.score.value").Word = math.Float64bits(1.5)
		}, "is not between 0 and 1"},
		{"a score of another label", func(_ *otlp.Logs, _ *otlp.LogRecord, at func(string) *otlp.Attr) {
			at("gen_ai.evaluation.score.value").Word = math.Float64bits(0.1)
		}, "no threshold is between them"},
		{"a score that is no number", func(_ *otlp.Logs, _ *otlp.LogRecord, at func(string) *otlp.Attr) {
			at("gen_ai.evaluation.score.value").Kind = otlp.KindInt
		}, "gen_ai.evaluation.score.value is not of type double"},
		{"no name", func(_ *otlp.Logs, _ *otlp.LogRecord, at func(string) *otlp.Attr) {
			at("gen_ai.evaluation.name").Key = at("gen_ai.evaluation.score.label").Key
		}, "gen_ai.evaluation.name is missing"},
		{"the id of another answer", func(_ *otlp.Logs, _ *otlp.LogRecord, at func(string) *otlp.Attr) {
			at("gen_ai.response.id").Word = at("vendor.session.id").Word
		}, "gen_ai.response.id is sess_"},
		{"another event", func(l *otlp.Logs, r *otlp.LogRecord, _ func(string) *otlp.Attr) { r.EventName = l.Records[0].EventName }, "does not follow from span"},
		{"no text of the severity", func(_ *otlp.Logs, r *otlp.LogRecord, _ func(string) *otlp.Attr) { r.SeverityText = 0 }, "severity is 9"},
	} {
		g := generator(t, p, r)
		a := newAudit(conventionsOf(t, in), r.Seed, p.Prefix(), nil)
		changed := false
		if err := g.segment(0, a.sinks(func(_ *otlp.Traces, _ *otlp.Metrics, l *otlp.Logs) {
			for i := range len(records(l)) {
				x := &l.Records[i]
				at := func(key string) *otlp.Attr {
					for k := x.Attrs.Start; k < x.Attrs.End; k++ {
						if l.Strings.String(l.Attrs[k].Key) == key {
							return &l.Attrs[k]
						}
					}
					return nil
				}
				if !changed && at("gen_ai.evaluation.score.label") != nil && at("gen_ai.response.id") != nil && i > 0 {
					changed = true
					row.change(l, x, at)
				}
			}
		})); err != nil {
			t.Fatal(err)
		}
		a.Finish(a.find)
		switch {
		case !changed:
			t.Fatalf("%s: nothing to change", row.name)
		case row.want == "" && len(a.findings) > 0:
			t.Errorf("%s: found %q", row.name, a.findings[0])
		case row.want != "" && !slices.ContainsFunc(a.findings, func(s string) bool { return strings.Contains(s, row.want) }):
			t.Errorf("%s: found %q, want %q", row.name, a.findings, row.want)
		}
	}
}

// records are those of a record of logs; none without one.
func records(l *otlp.Logs) []otlp.LogRecord {
	if l == nil {
		return nil
	}
	return l.Records
}
