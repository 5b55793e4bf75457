package gen

import (
	"strconv"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// numbered counts the attempts of calls of tools, each a request to a server: a
// span is of one, or below it.
func (g *Generator) numbered(s *span) {
	if s.node.Attempt {
		g.it.requests++
		s.request = g.it.requests
	} else if s.parent >= 0 {
		s.request = g.part.spans[s.parent].request
	}
}

// before is how many requests a client has made when it calls its first tool:
// initialize, and tools/list.
const before = 2

// ofServer writes what is known of the connection to a tool server.
func (g *Generator) ofServer(a *plan.Attr, s *span, v *otlp.Attr) bool {
	t := g.req.t
	begin := len(t.Text)
	if a.Op == plan.OpRequestNumber {
		t.Text = strconv.AppendInt(t.Text, before+s.request, 10)
		setText(v, packText(begin, len(t.Text)))
		return s.request > 0
	}
	server := a.Values[selectedValue(a, g.req.selected)].Word
	if server == 0 {
		return false
	}
	stream := g.it.keys[rng.IDs].Index(hashConnection).Index(server).Stream()
	t.Text = plan.AppendDigits(t.Text, 32, &stream)
	setText(v, packText(begin, len(t.Text)))
	return true
}
