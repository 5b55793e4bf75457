package gen

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ending writes what depends on how a span, or the attempt before it, ended.
func (g *Generator) ending(a *plan.Attr, s *span, v *otlp.Attr) bool {
	switch a.Op {
	case plan.OpPartOutcome:
		return g.partOutcome(a, v)
	case plan.OpOutcome:
		*v = valueAt(a, s.outcome)
	case plan.OpFinish:
		switch {
		case s.failure != none:
			*v = valueAt(a, 2)
		case s.node.LLM && g.part.calls[s.said].chosen > 0:
			*v = valueAt(a, 1)
		default:
			*v = valueAt(a, 0)
		}
	case plan.OpUnlessFailed:
		return s.outcome != plan.Failed
	case plan.OpIfFailed:
		return s.outcome == plan.Failed
	case plan.OpErrorType, plan.OpCategory, plan.OpException, plan.OpMessage, plan.OpStack:
		return g.failed(a, s, v)
	case plan.OpStatusCode:
		return g.statusCode(a, s, v)
	case plan.OpReason:
		if s.attempt < 2 || s.before == none {
			return false
		}
		setString(v, g.it.scenario.Failures[s.before].Reason)
	}
	return true
}

// partOutcome writes how a part of a unified trace ended.
func (g *Generator) partOutcome(a *plan.Attr, v *otlp.Attr) bool {
	for i := range g.part.spans {
		if s := &g.part.spans[i]; s.parent == g.part.first && uint64(s.node.Part) == a.Word {
			*v = valueAt(a, s.outcome)
			return true
		}
	}
	return false
}

// failed writes what a span failed with.
func (g *Generator) failed(a *plan.Attr, s *span, v *otlp.Attr) bool {
	if s.failure == none {
		return false
	}
	f := &g.it.scenario.Failures[s.failure]
	id := f.Type
	switch a.Op {
	case plan.OpCategory:
		id = f.Category
	case plan.OpException:
		id = f.Exception
	case plan.OpMessage:
		id = f.Message
	case plan.OpStack:
		id = f.Stack
	}
	setString(v, id)
	return true
}

// statusCode writes the status code of an answer over HTTP, if there was one.
func (g *Generator) statusCode(a *plan.Attr, s *span, v *otlp.Attr) bool {
	code := int64(200)
	if s.failure != none {
		codes := g.it.scenario.Failures[s.failure].Codes
		if len(codes) == 0 {
			return false
		}
		stream := g.part.keys[s.node.Part][rng.Attributes].Index(step(s.path, a.Path)).Stream()
		code = codes[stream.Below(uint64(len(codes)))]
	}
	setInt(v, code)
	return true
}
