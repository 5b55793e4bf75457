package gen

import (
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
	case plan.OpAddress:
		setString(v, m.Address)
		return m.Address != 0
	case plan.OpPort:
		setInt(v, m.Port)
		return m.Port != 0
	}
	return true
}
