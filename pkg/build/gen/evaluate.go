package gen

import (
	"math"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// evaluate notes what the scenario's evaluations make of the spans of the trace,
// the first of which is at an index of the record. Spans that failed did nothing
// that could be judged.
func (g *Generator) evaluate(first int) {
	list := g.it.scenario.Evaluations
	for i := range list {
		e := &list[i]
		if e.Of == "" {
			if at := g.answering(); at != none {
				g.result(e, int(at), first)
			}
			continue
		}
		for k := int(g.part.first); k < g.part.ends(); k++ {
			if n := g.part.spans[k].node; n.Class == e.Of && n.Act == nil {
				g.result(e, k, first)
			}
		}
	}
}

// ends is the end of the spans under work.
func (st *part) ends() int {
	if st.end < 0 {
		return len(st.spans)
	}
	return int(st.end)
}

// answering is the span that answers the user: the last model call of the agent
// that the user talks to, or that agent when it calls none. It is none when the
// trace has no such agent, or when its last call asks for tools.
func (g *Generator) answering() int32 {
	st := &g.part
	for i := st.talk; i < len(st.talks) && i != st.talkEnd; i++ {
		if t := &st.talks[i]; t.turn && t.call != none {
			if c := &st.calls[t.call]; c.chosen == 0 {
				return c.span
			}
			return none
		}
	}
	for i := int(st.first); i < st.ends(); i++ {
		if st.spans[i].node.Class == vocab.Orchestrate && st.models == 0 {
			return int32(i)
		}
	}
	return none
}

// result notes what an evaluation says of a span of the trace.
func (g *Generator) result(e *plan.Evaluation, span, first int) {
	s, t := &g.part.spans[span], g.req.t
	stream := g.part.keys[s.node.Part][rng.Attributes].Index(step(s.path, e.Path)).Stream()
	if t.Spans[first+span].Status == otlp.StatusError || !e.Probability.Draw(&stream) {
		return
	}
	score := min(max(e.Score.Draw(&stream), 0), 1_000_000)
	label, keys := e.Label(score), &g.plan.Judgement
	begin := uint32(len(t.Attrs))
	t.Attrs = append(t.Attrs,
		otlp.Attr{Key: keys.Name, Kind: otlp.KindString, Word: uint64(e.Name)},
		otlp.Attr{Key: keys.Score, Kind: otlp.KindDouble, Word: math.Float64bits(float64(score) / 1e6)})
	if label.Name != 0 {
		t.Attrs = append(t.Attrs, otlp.Attr{Key: keys.Label, Kind: otlp.KindString, Word: uint64(label.Name)})
	}
	if n := uint64(len(label.Explanations)); n > 0 {
		t.Attrs = append(t.Attrs, otlp.Attr{Key: keys.Explanation, Kind: otlp.KindString, Word: uint64(label.Explanations[stream.Below(n)])})
	}
	t.Notes = append(t.Notes, otlp.Note{Span: uint32(first + span), Event: otlp.Event{
		Time: t.Spans[first+span].End, Name: keys.Event, Attrs: otlp.Range{Start: begin, End: uint32(len(t.Attrs))},
	}})
}
