package signals

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// owned is a span of a request: what it is, and which agent it is of.
type owned struct {
	class uint8 // 1 + its index; 0: none
	agent int32 // index of the nearest agent above it; -1: none
}

// agents finds out which agent each span from first on is of: the nearest one
// above it. What another agent has done counts for that one alone.
func (d *Deriver) agents(t *otlp.Traces, first int) {
	if !d.rules.counts {
		return
	}
	spans := t.Spans[first:]
	d.owned = slices.Grow(d.owned[:0], len(spans))
	d.above = d.above[:0]
	for i := range spans {
		s := &spans[i]
		for n := len(d.above); n > 0 && spans[d.above[n-1]].SpanID != s.ParentID; n-- {
			d.above = d.above[:n-1]
		}
		o := owned{agent: -1}
		if c, ok := d.rules.class(t, s); ok && !d.ofSystem(first+i) {
			o.class = uint8(c) + 1
		}
		if n := len(d.above); n > 0 {
			parent := d.above[n-1]
			o.agent = d.owned[parent].agent
			if d.isAgent(d.owned[parent].class) {
				o.agent = parent
			}
		}
		d.owned = append(d.owned, o)
		d.above = append(d.above, int32(i))
	}
}

func (d *Deriver) isAgent(class uint8) bool {
	if class == 0 {
		return false
	}
	name := d.rules.classes[class-1].name
	return name == vocab.Orchestrate || name == vocab.Call
}

// below is the number of spans of a class that the agent at an index has.
func (d *Deriver) below(class uint8, agent int) (n int64) {
	for i := range d.owned {
		if d.owned[i].class == class && d.owned[i].agent == int32(agent) {
			n++
		}
	}
	return n
}
