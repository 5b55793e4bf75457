package build

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// words are inputs with other conventions.
func words(t testing.TB, in Inputs, file string) Inputs {
	t.Helper()
	data, err := fs.ReadFile(config.FS, file)
	if err != nil {
		t.Fatal(err)
	}
	in.Semconv = input.File{Name: file, Data: data}
	return in
}

// storySpan is what a span tells in any words.
type storySpan struct {
	class          string
	parent         int // index in the story; -1: a root
	start, end     uint64
	status         uint8
	links          int
	events         string
	attributes     map[string]string // by what the product knows them by
	name           string
	operation, gen bool
}

// entry is the span type that only some words have: the way into an agent.
const entry = "a2a.serve"

// story reads the spans of a run's first segment, those of no word's own.
func story(t *testing.T, in Inputs, shape string) []storySpan {
	t.Helper()
	var p input.Problems
	conv := semconv.Parse(in.Semconv, &p)
	plan := Compile(in, Options{TraceShape: shape, EachOnce: true}, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	run := Run{Seed: 7, Count: uint64(len(plan.Scenarios())) * 4, SegmentIterations: 1024, Interval: DefaultInterval,
		Start: time.Unix(1_767_225_600, 0).UTC(), MetricInterval: DefaultMetricInterval, Temporality: otlp.TemporalityCumulative}
	g, err := NewGenerator(plan, run)
	if err != nil {
		t.Fatal(err)
	}
	var out []storySpan
	err = g.segment(0, sinks{
		traces: func(tr *otlp.Traces) error {
			out = append(out, toldBy(tr, conv, len(out))...)
			return nil
		},
		metrics: func(*otlp.Metrics) error { return nil },
		logs:    func(*otlp.Logs) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// toldBy reads the spans of a record; before is the number of those read so far.
func toldBy(tr *otlp.Traces, conv *semconv.Conventions, before int) (out []storySpan) {
	index, above := make(map[otlp.SpanID]int), make(map[otlp.SpanID]int) // links of what stands around
	for i := range tr.Spans {
		s := &tr.Spans[i]
		x := storySpan{parent: -1, start: s.Start, end: s.End, status: s.Status, links: s.Links.Len(),
			attributes: make(map[string]string), name: tr.Strings.String(s.Name)}
		for k := s.Attrs.Start; k < s.Attrs.End; k++ {
			a := &tr.Attrs[k]
			key := tr.Strings.String(a.Key)
			x.gen = x.gen || strings.HasPrefix(key, "gen_ai.")
			x.operation = x.operation || key == "gen_ai.operation.name"
			x.attributes[conv.Known(key)] = fmt.Sprint(a.Kind, a.Word)
			switch a.Kind {
			case otlp.KindString:
				x.attributes[conv.Known(key)] = tr.Strings.String(otlp.StringID(a.Word))
			case otlp.KindText:
				r := otlp.UnpackRange(a.Word)
				x.attributes[conv.Known(key)] = string(tr.Text[r.Start:r.End])
			case otlp.KindArray:
				delete(x.attributes, conv.Known(key))
			}
		}
		x.class = x.attributes["span.class"]
		if s.ParentID != (otlp.SpanID{}) {
			x.parent = index[s.ParentID]
		}
		x.links += above[s.ParentID]
		if x.class == entry {
			index[s.SpanID], above[s.SpanID] = x.parent, x.links
			continue
		}
		index[s.SpanID] = before + len(out)
		for _, e := range tr.Events[s.Events.Start:s.Events.End] {
			x.events += fmt.Sprint(tr.Strings.String(e.Name), "@", e.Time, " ")
		}
		out = append(out, x)
	}
	return out
}

// worded are the attributes of which vocabularies say different things.
var worded = []string{
	"gen_ai.agent.id",   // an agent in the same process has none
	"enduser.pseudo.id", // one name of the user is enough
	"gen_ai.output.messages", "gen_ai.output.redacted", "gen_ai.input.messages", "gen_ai.input.redacted",
}

// TestAVocabularyDecidesNamesOnly: from one seed, everything else is the same.
func TestAVocabularyDecidesNamesOnly(t *testing.T) {
	for _, shape := range []string{ShapeSeparate, ShapeUnified} {
		in := withDefinition(bundled(t), "every.yaml", every)
		a, b := story(t, words(t, in, "semconv.yaml"), shape), story(t, words(t, in, "semconv-genai.yaml"), shape)
		if len(a) != len(b) || len(a) < 1000 {
			t.Fatalf("%s: %d spans in one vocabulary, %d in the other", shape, len(a), len(b))
		}
		renamed := 0
		for i := range a {
			x, y := &a[i], &b[i]
			if x.name != y.name {
				renamed++
			}
			if x.class != y.class || x.parent != y.parent || x.start != y.start || x.end != y.end || x.status != y.status ||
				x.links != y.links || x.events != y.events {
				t.Fatalf("%s: span %d: %+v and %+v", shape, i, *x, *y)
			}
			for key, value := range x.attributes { // order-free: each is an error of its own
				if other, ok := y.attributes[key]; ok && other != value && !slices.Contains(worded, key) {
					t.Fatalf("%s: span %d, %s: %s is %q and %q", shape, i, x.class, key, value, other)
				}
			}
		}
		if renamed < len(a)/4 {
			t.Errorf("%s: %d of %d spans have another name, want more", shape, renamed, len(a))
		}
	}
}

// TestGenAIKeysStandOnOperations: in its words, no span has a key of GenAI that is
// none, but for the name of the tool that runs.
func TestGenAIKeysStandOnOperations(t *testing.T) {
	seen := make(map[string]bool)
	for i, s := range story(t, words(t, withDefinition(bundled(t), "every.yaml", every), "semconv-genai.yaml"), ShapeSeparate) {
		runs := s.class == vocab.Attempt || s.class == "mcp.tool.serve"
		if s.gen && !s.operation && !runs {
			t.Fatalf("span %d, %s, is no operation and has GenAI keys: %v", i, s.class, s.attributes)
		}
		_, conversation := s.attributes["gen_ai.conversation.id"]
		if conversation != s.operation {
			t.Fatalf("span %d, %s: has a conversation: %t, is an operation: %t", i, s.class, conversation, s.operation)
		}
		if s.attributes["session.id"] == "" || s.attributes["enduser.id"] == "" {
			t.Fatalf("span %d, %s, has no session or no user: %v", i, s.class, s.attributes)
		}
		if s.operation {
			seen[s.class+" "+s.attributes["gen_ai.operation.name"]] = true
		}
	}
	for _, want := range []string{"a2a.orchestrate invoke_agent", "a2a.call invoke_agent", "planner plan", "llm.call chat",
		"mcp.tool.execute execute_tool", "rag.retrieve retrieval"} {
		if !seen[want] {
			t.Errorf("nothing is %s", want)
		}
		delete(seen, want)
	}
	for other := range seen { // order-free: each is an error of its own
		t.Errorf("%s is no operation", other)
	}
}

// TestToolNamesStandWhereToolsRun in every vocabulary.
func TestToolNamesStandWhereToolsRun(t *testing.T) {
	for _, file := range []string{"semconv.yaml", "semconv-genai.yaml"} {
		for i, s := range story(t, words(t, withDefinition(bundled(t), "every.yaml", every), file), ShapeSeparate) {
			_, named := s.attributes["gen_ai.tool.name"]
			if runs := strings.HasPrefix(s.class, vocab.Tool) || s.class == "mcp.tool.serve"; named != runs {
				t.Fatalf("%s: span %d, %s: has the name of a tool: %t", file, i, s.class, named)
			}
		}
	}
}
