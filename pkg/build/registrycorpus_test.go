package build

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// corpusOf compiles the scenario of a registry, which has to be without problems.
func corpusOf(t *testing.T, of, in *registry.Registry) *Plan {
	t.Helper()
	inputs := bundled(t)
	inputs.Bundled, inputs.Registry = false, in
	inputs.Definitions = []input.File{RegistryScenario(of)}
	var p input.Problems
	plan := Compile(inputs, Options{}, &p)
	if len(p.All()) > 0 {
		t.Fatalf("problems of the scenario: %v", p.All())
	}
	return plan
}

func TestTheCorpusOfARegistryHasAllOfIt(t *testing.T) {
	r := registry.Bundled()
	plan := corpusOf(t, r, nil)
	types, events, metrics := make(map[string]uint8), make(map[string]bool), make(map[string]string)
	for _, s := range plan.Systems() {
		for _, x := range s.Spans {
			types[x.Type] = x.Kind
			for _, l := range x.Logs {
				events[l.Event] = true
			}
		}
	}
	for _, s := range r.Spans {
		if kind, ok := types[s.Type]; ok != (s.Deprecated == nil) || ok && kind != s.Kind {
			t.Errorf("spans of type %s: there %t, of kind %d, want %d", s.Type, ok, kind, s.Kind)
		}
	}
	for _, s := range plan.Systems() {
		for _, m := range s.Metrics {
			metrics[m.Name] = m.Instrument + " " + m.Unit
		}
	}
	words := []string{"counter", "updowncounter", "gauge", "histogram"} // by Instrument
	for _, m := range r.Metrics {
		made := slices.Contains(scenario.MadeBySpans, m.Name)
		want := words[m.Instrument] + " " + m.Unit
		if made || m.Deprecated != nil {
			want = ""
		}
		if metrics[m.Name] != want {
			t.Errorf("metric %s: %q, want %q", m.Name, metrics[m.Name], want)
		}
	}
	for _, e := range r.Events {
		if events[e.Name] != (e.Deprecated == nil) {
			t.Errorf("event %s: there %t", e.Name, events[e.Name])
		}
	}
	if info := plan.Scenarios(); len(info) != 1 || info[0].Name != "registry" || info[0].Spans > 500 {
		t.Errorf("got %+v", info)
	}
}

// All of it can be written: lists in log records too.
func TestTheCorpusOfARegistryIsWritten(t *testing.T) {
	g, err := NewGenerator(corpusOf(t, registry.Bundled(), nil), Run{Count: 2, SegmentIterations: 2, Start: FirstStart, Interval: DefaultInterval})
	if err != nil {
		t.Fatal(err)
	}
	var seg otlp.Segment
	if err := g.AppendSegment(&seg, 0); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(seg.Blocks[otlp.SignalLogs].Data, []byte("gen_ai.response.finish_reasons")) {
		t.Error("no list in log records")
	}
}

// The corpus of a registry of one's own is of that alone.
func TestTheCorpusOfATeamsRegistry(t *testing.T) {
	own := ownRegistry(t, strings.Replace(teamTypes, "  - {type: team.listed.internal", "  # {", 1)+`  - {type: team.call.client, kind: client, name: {note: n}, brief: b, stability: stable, attributes: [{ref: team.size, requirement_level: opt_in}, {ref: error.type}]}
  - {type: team.call.server, kind: server, name: {note: n}, brief: b, stability: stable, attributes: [{ref: team.size}]}
  - {type: http.server, kind: server, name: {note: n}, brief: b, stability: stable, attributes: [{ref: team.size, requirement_level: required}]}
events:
  - {name: team.done, brief: b, stability: stable, attributes: [{ref: team.size, requirement_level: required}]}
entities:
  - {type: team.box, brief: b, stability: stable, identity: [{ref: team.size}]}
`)
	plan := corpusOf(t, own, registry.Layer(registry.Bundled(), own))
	var have []string
	for _, s := range plan.Systems() {
		for _, x := range s.Spans {
			if x.Type != "" {
				have = append(have, s.Service+" "+x.Type)
			}
		}
	}
	have = slices.Compact(have)
	want := []string{"http http.client", "http-server http.server", "team team.call.client", "team team.headed.client", "team team.sized.server", "team-server team.call.server"}
	if !slices.Equal(have, want) {
		t.Errorf("got %q, want %q", have, want)
	}
}

// Spans of every session: all types, failures, and every level of attributes.
func TestTheCorpusOfARegistryIsAsTheRegistrySays(t *testing.T) {
	plan := corpusOf(t, registry.Bundled(), nil)
	g, err := NewGenerator(plan, Run{Seed: 3, Count: 40, SegmentIterations: 40, Start: FirstStart, Interval: DefaultInterval, Signals: []otlp.Signal{otlp.SignalTraces}})
	if err != nil {
		t.Fatal(err)
	}
	spans, failed := 0, 0
	methods := make(map[string]int)
	have := make(map[string]int)
	kinds := make(map[string]bool) // of operating systems, which instances are on
	for i := range uint64(40) {
		g.IterationLogs(i, func(tr *otlp.Traces, _ *otlp.Logs) {
			for k := range tr.Resources {
				for _, a := range tr.Attrs[tr.Resources[k].Attrs.Start:tr.Resources[k].Attrs.End] {
					if tr.Strings.String(a.Key) == "os.type" {
						kinds[tr.Strings.String(otlp.StringID(a.Word))] = true
					}
				}
			}
			for k := range tr.Spans {
				s := &tr.Spans[k]
				if tr.Strings.String(s.Name) != "faas.server" {
					continue
				}
				spans++
				if s.Status == otlp.StatusError {
					failed++
				}
				for _, a := range tr.Attrs[s.Attrs.Start:s.Attrs.End] {
					key := tr.Strings.String(a.Key)
					have[key]++
					if key == "faas.trigger" {
						methods[tr.Strings.String(otlp.StringID(a.Word))]++
					}
				}
			}
		})
	}
	def, _ := registry.Bundled().Span("faas.server")
	for _, use := range def.Attributes {
		n, want := have[use.Attribute.Key], spans
		switch use.Level {
		case registry.OptIn:
			want = spans / 10
		case registry.Recommended:
			want = spans * 8 / 10
		case registry.ConditionallyRequired:
			want = spans * 7 / 10
		}
		// five standard deviations of a share of a half
		if tolerance := int(2.5 * math.Sqrt(float64(spans))); use.Attribute.Key != "error.type" && (n < want-tolerance || n > want+tolerance) {
			t.Errorf("%s is there %d times in %d spans, want some %d", use.Attribute.Key, n, spans, want)
		}
	}
	if spans < 40 || failed == 0 && slices.ContainsFunc(def.Attributes, func(u registry.Use) bool { return u.Attribute.Key == "error.type" }) {
		t.Errorf("%d spans, %d failed", spans, failed)
	}
	// Of eleven, each of which is there with probability 1 - (10/11)^40.
	if def, _ := registry.Bundled().Attribute("os.type"); len(kinds) < len(def.Type.Values())-3 {
		t.Errorf("members of os.type: %v", kinds)
	}
	if len(methods) < 4 {
		t.Errorf("members of faas.trigger: %v", methods)
	}
}
