package build

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// agentSessions of each agent are held to the published numbers, of this seed.
const (
	agentSessions = 5000
	agentSeed     = 1
)

// agentSession is what the published numbers are about, of one session.
type agentSession struct {
	calls   float64   // of models, that have an answer
	byTools float64   // of them, those that follow the result of a tool
	tools   float64   // calls of tools
	perCall []float64 // calls of tools that each model call has chosen
	input   []float64 // tokens of each model call, as the next two
	read    []float64
	output  []float64
	seconds float64
	spans   int
}

// eachAgentSession makes sessions of a scenario of the bundled ones.
func eachAgentSession(t *testing.T, name string, visit func(s *agentSession)) {
	t.Helper()
	r := run(agentSessions)
	r.Seed, r.SegmentIterations = agentSeed, 1
	in := bundled(t)
	genai, err := config.FS.ReadFile("semconv-genai.yaml") // which says more of tokens
	if err != nil {
		t.Fatal(err)
	}
	in.Semconv = input.File{Name: "semconv-genai.yaml", Data: genai}
	g := generator(t, compiled(t, in, Options{Scenarios: []string{name}}), r)
	var nodes []*plan.Node
	g.gen.Watch = func(n *plan.Node) { nodes = append(nodes, n) }
	for i := range r.Count {
		var s agentSession
		var first, last uint64
		g.Iteration(i, func(tr *otlp.Traces) {
			s.add(tr, nodes)
			for _, x := range tr.Spans {
				if first == 0 {
					first = x.Start
				}
				last = max(last, x.End)
			}
			nodes = nodes[:0]
		})
		s.seconds = float64(last-first) / 1e9
		visit(&s)
	}
}

// add counts the spans of a request. Those of an agent below another stand
// together, so that tools are counted for the call that chose them.
func (s *agentSession) add(t *otlp.Traces, nodes []*plan.Node) {
	chosen := 0.0
	for i, n := range nodes {
		x := &t.Spans[i]
		s.spans++
		switch {
		case n.Tool:
			s.tools++
			chosen++
		case n.Class == vocab.Call:
			chosen = 0
		case n.LLM && x.Status != otlp.StatusError:
			s.calls++
			if chosen > 0 {
				s.byTools++
			}
			if s.calls > 1 {
				s.perCall = append(s.perCall, chosen)
			}
			chosen = 0
			s.tokens(t, x)
		}
	}
	s.perCall = append(s.perCall, 0) // the answer
}

func (s *agentSession) tokens(t *otlp.Traces, x *otlp.Span) {
	var input, read, output float64
	for _, a := range t.Attrs[x.Attrs.Start:x.Attrs.End] {
		switch t.Strings.String(a.Key) {
		case "gen_ai.usage.input_tokens":
			input = float64(a.Word)
		case "gen_ai.usage.cache_read.input_tokens":
			read = float64(a.Word)
		case "gen_ai.usage.output_tokens":
			output = float64(a.Word)
		}
	}
	s.input, s.read, s.output = append(s.input, input), append(s.read, read), append(s.output, output)
}

// published is a number and the 15 percent within which it is to be met.
type published struct {
	what string
	want float64
}

const margin = 0.15

func (p published) holdMean(t *testing.T, values []float64) {
	t.Helper()
	p.hold(t, sumOf(values)/float64(len(values)))
}

func (p published) holdQuantile(t *testing.T, q float64, values []float64) {
	t.Helper()
	p.hold(t, quantile(values, q))
}

// hold compares a number, and shows both.
func (p published) hold(t *testing.T, got float64) {
	t.Helper()
	t.Logf("%-40s published %8.4g, here %8.4g, off by %+5.1f %%", p.what, p.want, got, 100*(got/p.want-1))
	if !(math.Abs(got-p.want) <= margin*p.want) {
		t.Errorf("%s: got %.4g, want %.4g within %.0f %%", p.what, got, p.want, 100*margin)
	}
}

func sumOf(values []float64) (sum float64) {
	for _, v := range values {
		sum += v
	}
	return sum
}

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1))]
}

// What TraceLab says of coding agents, as definitions/coding_agent.yaml has it.
func TestTheCodingAgentIsLikeThoseOfTraceLab(t *testing.T) {
	var byTools, tools, perCall, input, read, output []float64
	longest := 0
	eachAgentSession(t, "coding_agent", func(s *agentSession) {
		byTools, tools = append(byTools, s.byTools), append(tools, s.tools)
		perCall, output = append(perCall, s.perCall...), append(output, s.output...)
		input, read = append(input, s.input...), append(read, s.read...)
		longest = max(longest, s.spans)
	})
	published{"model calls after tools, a session, p50", 15}.holdQuantile(t, 0.5, byTools)
	published{"model calls after tools, a session, p90", 135}.holdQuantile(t, 0.9, byTools)
	published{"tool calls, a session, p50", 25}.holdQuantile(t, 0.5, tools)
	published{"tool calls, a session, p90", 176}.holdQuantile(t, 0.9, tools)
	published{"tool calls, a model call, p50", 1}.holdQuantile(t, 0.5, perCall)
	published{"tool calls, a model call, p90", 2}.holdQuantile(t, 0.9, perCall)
	published{"share of input read from a cache", 0.96}.hold(t, sumOf(read)/sumOf(input))
	published{"output tokens, a model call, mean", 523}.holdMean(t, output)
	t.Logf("input tokens, a model call: %.0f in the mean; the longest session has %d spans", sumOf(input)/float64(len(input)), longest)
	if longest < 1000 {
		t.Errorf("the longest session has %d spans, want some of 1,000", longest)
	}
}

// What Exgentic's traces come to in the mean, as definitions/deep_research.yaml
// has it.
func TestTheResearchAgentIsLikeThoseOfExgentic(t *testing.T) {
	var calls, input, output, seconds []float64
	longest := 0
	eachAgentSession(t, "deep_research", func(s *agentSession) {
		calls, seconds = append(calls, s.calls), append(seconds, s.seconds)
		longest = max(longest, s.spans)
		input, output = append(input, s.input...), append(output, s.output...)
	})
	published{"model calls, a session, mean", 22}.holdMean(t, calls)
	published{"input tokens, a model call, mean", 49_100}.holdMean(t, input)
	published{"output tokens, a model call, mean", 659}.holdMean(t, output)
	published{"seconds, a session, mean", 406}.holdMean(t, seconds)
	if least, most := slices.Min(calls), slices.Max(calls); least != 1 || most < 150 || most > 300 {
		t.Errorf("from %v to %v model calls a session, want 1 to more than 150, and at most 300", least, most)
	}
	t.Logf("model calls, a session: from %v to %v, p50 %v, p90 %v, p99 %v; the longest has %d spans",
		slices.Min(calls), slices.Max(calls), quantile(calls, 0.5), quantile(calls, 0.9), quantile(calls, 0.99), longest)
}

// Metrics of an instance are those of one segment at a time: no session lasts until
// the segment begins that has the instance next, neither of one agent alone nor of
// both at the pace of the slower.
func TestSessionsOfAgentsEndBeforeTheirInstanceIsNeeded(t *testing.T) {
	for _, o := range []Options{{Scenarios: []string{"coding_agent"}}, {Scenarios: []string{"deep_research"}}, {Tags: []string{"agent"}}} {
		p := compiled(t, bundled(t), o)
		var interval, longest time.Duration
		for i, info := range p.Scenarios() {
			interval, longest = max(interval, info.Interval), max(longest, time.Duration(p.plan.Scenarios[i].Likely))
		}
		if until := time.Duration(p.SegmentIterations()*plan.Turns) * interval; longest > until {
			t.Errorf("%v: sessions of %v, and the instance is needed after %v", o, longest, until)
		}
		for _, format := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
			r := run(1000)
			r.Interval, r.Deviation, r.SegmentIterations, r.Format = interval, 0, p.SegmentIterations(), format
			if _, err := NewGenerator(p, r); err != nil {
				t.Errorf("%v: %v", o, err)
			}
		}
	}
}

// ofAgents are the entries of the config that only the two agents need.
var ofAgents = map[string][]string{
	"agents":               {"- id: coding-agent-01", "- id: research-lead-01", "- id: research-reader-01"},
	"mcp_servers":          {"coding:", "research:"},
	"tools":                {"list_files:", "read_file:", "search:", "edit_file:", "write_file:", "run_command:", "run_tests:", "web_search:", "fetch_page:", "read_document:", "save_note:", "read_notes:"},
	"conversation_samples": {"coding:", "research:"},
	"models":               {"- name: claude-opus-4-5", "- name: gpt-5"},
}

// withoutAgents is the config without them.
func withoutAgents(t *testing.T, config string) string {
	t.Helper()
	var out []string
	section, gone, removed := "", false, 0
	for line := range strings.Lines(config) {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
			gone = false
		case indent == 0:
			section, gone = strings.TrimSuffix(text, ":"), false
		case indent == 2:
			if gone = slices.Contains(ofAgents[section], text); gone {
				removed++
			}
		}
		if !gone {
			out = append(out, line)
		}
	}
	if removed != 21 {
		t.Fatalf("%d entries of the config are of the two agents, want 21", removed)
	}
	return strings.Join(out, "")
}

// The mix is what it would be without the two agents, and without all that the
// config has for them.
func TestTheAgentsLeaveTheMixAsItIs(t *testing.T) {
	in := bundled(t)
	with, scenarios := digests(t, in)
	for _, name := range []string{"coding_agent", "deep_research"} {
		if _, ok := scenarios[name]; ok {
			t.Errorf("%s is in the mix", name)
		}
		in.Definitions = slices.DeleteFunc(slices.Clone(in.Definitions), func(f input.File) bool { return strings.HasPrefix(f.Name, name) })
	}
	in.Config.Data = []byte(withoutAgents(t, string(in.Config.Data)))
	if without, _ := digests(t, in); without != with {
		t.Errorf("the mix has digest %s, and %s without the agents", with, without)
	}
}

// Sessions of a thousand spans take nothing that those before have not taken.
func TestLongSessionsAllocateNothing(t *testing.T) {
	p := compiled(t, bundled(t), Options{Tags: []string{"agent"}})
	r := run(48)
	r.SegmentIterations, r.Interval = 4, 3*time.Minute
	g := generator(t, p, r)
	var seg otlp.Segment
	i := uint64(0)
	one := func() {
		seg.Reset()
		if err := g.AppendSegment(&seg, i%r.Segments()); err != nil {
			t.Fatal(err)
		}
		i++
	}
	for range 2 * r.Segments() { // grow the buffers
		one()
	}
	if n := testing.AllocsPerRun(int(r.Segments()), one); n != 0 {
		t.Errorf("%.1f allocations a segment, want none", n)
	}
}

// A batch judges some of their sessions, and not all.
func TestSomeSessionsOfAgentsAreJudged(t *testing.T) {
	for _, name := range []string{"coding_agent", "deep_research"} {
		p := compiled(t, bundled(t), Options{Scenarios: []string{name}})
		r := run(200)
		r.SegmentIterations = 1
		g := generator(t, p, r)
		judged := 0
		for i := range r.Count {
			is := false
			g.IterationLogs(i, func(_ *otlp.Traces, l *otlp.Logs) {
				for k := range l.Records {
					is = is || l.Strings.String(l.Records[k].EventName) == "gen_ai.evaluation.result"
				}
			})
			if is {
				judged++
			}
		}
		if judged < 60 || judged > 160 {
			t.Errorf("%s: %d of %d sessions are judged, want a third to two thirds or so", name, judged, r.Count)
		}
	}
}
