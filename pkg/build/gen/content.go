package gen

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// content writes the exchanged messages, as they were or redacted, or which of
// the two are captured. A model that failed has said nothing.
func (g *Generator) content(a *plan.Attr, s *span, v *otlp.Attr) bool {
	var c plan.Content
	if g.req.content != nil {
		c = *g.req.content
	}
	id := otlp.StringID(0)
	switch a.Op {
	case plan.OpCaptured:
		setBool(v, c.Input|c.RedactedIn != 0)
		return true
	case plan.OpRedacted:
		setBool(v, c.RedactedIn != 0)
		return true
	case plan.OpInput:
		id = c.Input
	case plan.OpRedactedIn:
		id = c.RedactedIn
	case plan.OpOutput:
		id = c.Output
	case plan.OpRedactedOut:
		id = c.RedactedOut
	}
	answer := a.Op == plan.OpOutput || a.Op == plan.OpRedactedOut
	switch {
	case id == 0 || answer && s.failure != none:
		return false
	case answer && g.asks() && len(a.Values) > 0:
		*v = valueAt(a, 0)
	default:
		setString(v, id)
	}
	return true
}
