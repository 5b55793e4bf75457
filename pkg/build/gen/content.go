package gen

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// content writes what is said, as it was or redacted, or which of the two is
// captured. A model that failed has said nothing, and a tool returned nothing.
func (g *Generator) content(a *plan.Attr, s *span, v *otlp.Attr) bool {
	captured, redacted := g.req.captured(), g.it.scenario.Loop.Redacted
	switch a.Op {
	case plan.OpCaptured:
		setBool(v, captured)
		return true
	case plan.OpRedacted:
		setBool(v, captured && redacted)
		return true
	case plan.OpIfCaptured:
		return captured
	case plan.OpIfRaw:
		return captured && !redacted
	case plan.OpInput, plan.OpOutput:
		captured = captured && !redacted
	case plan.OpRedactedIn, plan.OpRedactedOut:
		captured = captured && redacted
	}
	switch {
	case !captured:
		return false
	case s.node.Tool:
		return g.ofTool(a, s, v)
	case s.node.LLM:
		return g.message(a, s, v)
	}
	return false
}

// message writes the messages of a model call.
func (g *Generator) message(a *plan.Attr, s *span, v *otlp.Attr) bool {
	c := &g.part.calls[s.said]
	switch {
	case a.Op == plan.OpInput || a.Op == plan.OpRedactedIn:
		setText(v, c.input)
	case s.failure != none:
		return false
	case c.words != 0:
		setString(v, c.words)
	default:
		setText(v, c.output)
	}
	return true
}

// ofTool writes what a tool is called with and what it returns.
func (g *Generator) ofTool(a *plan.Attr, s *span, v *otlp.Attr) bool {
	sample := g.part.asked[s.said].sample
	if a.Op == plan.OpArguments {
		setString(v, sample.Arguments)
		return true
	}
	setString(v, sample.Result)
	return s.failure == none
}

// tokens writes what a model call costs.
func (g *Generator) tokens(a *plan.Attr, s *span, v *otlp.Attr) bool {
	if !s.node.LLM {
		return false
	}
	u, m := &g.part.calls[s.said].usage, g.modelOf(s)
	switch a.Op {
	case plan.OpInputTokens:
		setInt(v, u.input)
	case plan.OpOutputTokens:
		setInt(v, u.output)
	case plan.OpCacheRead:
		setInt(v, u.read)
		return s.failure == none && m.Tokens.Cache > 0
	case plan.OpCacheWrite:
		setInt(v, u.input-u.read)
		return s.failure == none && m.Tokens.Cache > 0
	case plan.OpReasoning:
		setInt(v, u.reasoning)
		return s.failure == none && m.Tokens.Reasoning != nil
	}
	return true
}
