package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// told is what the spans of a node log, in the words of the conventions.
func (p *Plan) told(n *Node) (out []semconv.SystemLog) {
	for i := range n.Act.Lines {
		l := &n.Act.Lines[i]
		x := semconv.SystemLog{Severity: l.Severity, OK: l.OK, Failed: l.Failed, Start: l.Start, Event: p.Strings.String(l.Event)}
		for k := range l.Body {
			piece := l.Body[k].Literal
			if l.Body[k].Key > 0 {
				piece = p.Strings.String(l.Body[k].Key)
				if len(x.Body)%2 == 0 {
					x.Body = append(x.Body, "")
				}
			}
			x.Body = append(x.Body, piece)
		}
		for k := range l.Attrs {
			x.Attributes = append(x.Attributes, p.Strings.String(l.Attrs[k].Key))
		}
		slices.Sort(x.Attributes)
		out = append(out, x)
	}
	return out
}
