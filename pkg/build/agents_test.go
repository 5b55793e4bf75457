package build

import (
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

var (
	agentSessions = flag.Uint64("agent-sessions", 400, "sessions of each agent that are held to the published numbers")
	agentSeed     = flag.Uint64("agent-seed", 1, "their seed")
)

// agentSession is what the published numbers are about, of one session.
type agentSession struct {
	calls     float64   // of models, that have an answer
	byTools   float64   // of them, those that follow the result of a tool
	tools     float64   // calls of tools
	perCall   []float64 // calls of tools that each model call has chosen
	input     []float64 // tokens of each model call, as the next two
	read      []float64
	output    []float64
	seconds   float64
	spans     int
	failures  int
	answerers map[string]bool // models that answered
}

// eachAgentSession makes sessions of a scenario of the bundled ones.
func eachAgentSession(t *testing.T, in Inputs, name string, visit func(s *agentSession)) {
	t.Helper()
	r := run(*agentSessions)
	r.Seed, r.SegmentIterations = *agentSeed, 1
	g := generator(t, compiled(t, in, Options{Scenarios: []string{name}}), r)
	var nodes []*plan.Node
	g.gen.Watch = func(n *plan.Node) { nodes = append(nodes, n) }
	for i := range r.Count {
		s := agentSession{answerers: map[string]bool{}}
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
		if x.Status == otlp.StatusError {
			s.failures++
		}
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
		case "gen_ai.response.model":
			s.answerers[texts(valueOf(t, a))] = true
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

// holdMean compares a mean, whatever the number of values: with few of them it
// may be off by so many standard errors more.
func (p published) holdMean(t *testing.T, values []float64) {
	t.Helper()
	sum, squares := 0.0, 0.0
	for _, v := range values {
		sum += v
		squares += v * v
	}
	n := float64(len(values))
	mean := sum / n
	p.hold(t, mean, 3*math.Sqrt(max(0, squares/n-mean*mean)/n))
}

// holdQuantile compares a quantile: as many values are to be on either side of
// what it may be as three standard errors of a share allow.
func (p published) holdQuantile(t *testing.T, q float64, values []float64) {
	t.Helper()
	sorted := slices.Sorted(slices.Values(values))
	n := float64(len(sorted))
	slack := 3 * math.Sqrt(q*(1-q)/n)
	at := func(q float64) float64 { return sorted[min(int(max(q, 0)*n), len(sorted)-1)] }
	got, low, high := at(q), at(q-slack), at(q+slack)
	p.told(t, got, fmt.Sprintf("%.4g to %.4g", low, high))
	whole := *agentSessions >= 5000
	if whole && math.Abs(got-p.want) > margin*p.want || high < (1-margin)*p.want || low > (1+margin)*p.want {
		t.Errorf("%s: got %.4g, want %.4g within %.0f %%", p.what, got, p.want, 100*margin)
	}
}

func (p published) hold(t *testing.T, got, slack float64) {
	t.Helper()
	p.told(t, got, fmt.Sprintf("%.4g to %.4g", got-slack, got+slack))
	if *agentSessions >= 5000 {
		slack = 0
	}
	if !(math.Abs(got-p.want) <= margin*p.want+slack) {
		t.Errorf("%s: got %.4g, want %.4g within %.0f %%", p.what, got, p.want, 100*margin)
	}
}

func (p published) told(t *testing.T, got float64, about string) {
	t.Helper()
	t.Logf("%-45s published %8.4g, here %8.4g (%s), off by %+.1f %%", p.what, p.want, got, about, 100*(got/p.want-1))
}

// What TraceLab says of coding agents, as definitions/coding_agent.yaml has it.
func TestTheCodingAgentIsLikeThoseOfTraceLab(t *testing.T) {
	var byTools, tools, perCall []float64
	longest := 0
	eachAgentSession(t, bundled(t), "coding_agent", func(s *agentSession) {
		byTools, tools = append(byTools, s.byTools), append(tools, s.tools)
		perCall = append(perCall, s.perCall...)
		longest = max(longest, s.spans)
	})
	published{"model calls after tools, a session, p50", 15}.holdQuantile(t, 0.5, byTools)
	published{"model calls after tools, a session, p90", 135}.holdQuantile(t, 0.9, byTools)
	published{"tool calls, a session, p50", 25}.holdQuantile(t, 0.5, tools)
	published{"tool calls, a session, p90", 176}.holdQuantile(t, 0.9, tools)
	published{"tool calls, a model call, p50", 1}.holdQuantile(t, 0.5, perCall)
	published{"tool calls, a model call, p90", 2}.holdQuantile(t, 0.9, perCall)
	if longest < 1000 {
		t.Errorf("the longest session has %d spans, want some of 1,000", longest)
	}
}

// What Exgentic's traces come to in the mean, as definitions/deep_research.yaml
// has it.
func TestTheResearchAgentIsLikeThoseOfExgentic(t *testing.T) {
	var calls []float64
	eachAgentSession(t, bundled(t), "deep_research", func(s *agentSession) {
		calls = append(calls, s.calls)
	})
	published{"model calls, a session, mean", 22}.holdMean(t, calls)
	if least, most := slices.Min(calls), slices.Max(calls); least != 1 || most < 60 || most > 300 {
		t.Errorf("from %v to %v model calls a session, want 1 to more than 60, and at most 300", least, most)
	}
	t.Logf("%s", strings.TrimSpace(fmt.Sprintf("calls p50 %v p90 %v p99 %v max %v", quantile(calls, 0.5), quantile(calls, 0.9), quantile(calls, 0.99), slices.Max(calls))))
}

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1))]
}

// ofAgents are the entries of the config that only the two agents need.
var ofAgents = map[string][]string{
	"agents":               {"- id: coding-agent-01", "- id: research-lead-01", "- id: research-reader-01"},
	"mcp_servers":          {"coding:", "research:"},
	"tools":                {"list_files:", "read_file:", "search:", "edit_file:", "write_file:", "run_command:", "run_tests:", "web_search:", "fetch_page:", "read_document:", "save_note:"},
	"conversation_samples": {"coding:", "research:"},
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
	if removed != 18 {
		t.Fatalf("%d entries of the config are of the two agents, want 18", removed)
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
