package gen

import (
	"math"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// noModel is the model of a session that calls none.
var noModel plan.Model

// modelOf returns the model that a span calls. It draws, from streams that are
// named by the span, so that it is the same whenever it is asked for.
func (g *Generator) modelOf(s *span) *plan.Model {
	asks := s.node.Asks
	if asks == nil {
		return g.it.model
	}
	stream := g.part.keys[s.node.Part][rng.Attributes].Index(step(s.path, asks.Path)).Stream()
	return &g.it.scenario.Models[asks.Draw(&stream)]
}

// length is how long a span lasts by itself.
func (g *Generator) length(s *span) int64 {
	latency := g.part.keys[s.node.Part][rng.Latency].Index(s.path).Stream()
	if s.node.Latency != nil {
		return s.node.Latency.Draw(&latency)
	}
	m := g.modelOf(s)
	if m.PerToken == nil {
		return m.Latency.Draw(&latency)
	}
	tokens, ok := g.given(s, g.plan.OutputTokens)
	if !ok { // the draw that says makes, too, so that many tokens take long
		stream := g.part.keys[s.node.Part][rng.Attributes].Index(step(s.path, hashOutput)).Stream()
		tokens = m.Tokens.Output.Draw(&stream)
	}
	return g.firstChunk(m, s) + m.PerToken.Draw(&latency)*max(tokens, 0)
}

// waited is how long a span lasts that would have lasted length and was waited for
// until a deadline: clocks are not exact, so it is a little short of it now and then.
func waited(length, deadline int64) int64 {
	return max(length, deadline-deadline>>10+min(length, deadline)>>10)
}

// firstChunk is the time until a model begins to answer.
func (g *Generator) firstChunk(m *plan.Model, s *span) int64 {
	stream := g.part.keys[s.node.Part][rng.Latency].Index(s.path).Index(hashFirstChunk).Stream()
	return m.FirstChunk.Draw(&stream)
}

// ofModel writes what is known of the model that a span calls.
func (g *Generator) ofModel(a *plan.Attr, s *span, v *otlp.Attr) bool {
	m := g.modelOf(s)
	switch a.Op {
	case plan.OpProvider:
		setString(v, m.Provider)
	case plan.OpModel:
		setString(v, m.Name)
	case plan.OpAnswering:
		setString(v, m.Response)
		return s.failure == none
	case plan.OpAddress:
		setString(v, m.Address)
		return m.Address != 0
	case plan.OpPort:
		setInt(v, m.Port)
		return m.Port != 0
	case plan.OpReply:
		return g.reply(m, a, s, v)
	case plan.OpFirstChunk:
		return g.streamed(m, s, v)
	case plan.OpParam:
		for i := range m.Params {
			if m.Params[i].Key == v.Key {
				*v = m.Params[i]
				return true
			}
		}
		return false
	}
	return true
}

// reply writes the id of an answer, in the form of its provider.
func (g *Generator) reply(m *plan.Model, a *plan.Attr, s *span, v *otlp.Attr) bool {
	if s.failure != none {
		return false // there is no answer
	}
	t := g.req.t
	stream := g.part.keys[s.node.Part][rng.IDs].Index(step(s.path, a.Path)).Stream()
	begin := len(t.Text)
	t.Text = m.Reply.Append(t.Text, &stream)
	setText(v, packText(begin, len(t.Text)))
	return true
}

// streamed writes after how many seconds the first chunk of an answer came. A
// call that is shorter than that was half over then.
func (g *Generator) streamed(m *plan.Model, s *span, v *otlp.Attr) bool {
	if !g.req.streaming || s.failure != none {
		return false
	}
	first := g.firstChunk(m, s)
	if first > s.duration {
		first = s.duration / 2
	}
	v.Kind, v.Word = otlp.KindDouble, math.Float64bits(float64(first)/1e9)
	return true
}
