package plan

import (
	"math"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// SpansOfSystems calls f with each node of the plan's systems that makes spans, once.
func (p *Plan) SpansOfSystems(f func(s *Scenario, n *Node)) {
	for _, s := range p.All() {
		if s.System == nil {
			continue
		}
		seen := make(sharing)
		for part := range s.Parts() {
			seen.nodes(&part.Root, func(n *Node) {
				if n.Kind != otlp.SpanKindUnspecified && n.Act != nil {
					f(s, n)
				}
			})
		}
	}
}

// Different is how many values attributes may have: those that can be listed, and how many
// more there may be at most.
type Different struct {
	listed map[otlp.Attr]bool
	more   uint64
}

// Unbounded is more values than anybody counts.
const Unbounded = math.MaxUint32

// Count is how many there are, up to Unbounded.
func (d *Different) Count() uint64 { return min(uint64(len(d.listed))+d.more, Unbounded) }

// Add adds those of an attribute of a system. What follows from how a span ends is few
// values, which are taken for one.
func (d *Different) Add(s *Scenario, a *Attr) {
	switch a.Op {
	case OpUse:
		d.Add(s, &s.System.Values[a.Word].Attr)
	case OpConst:
		d.list(a.Attr)
	case OpChoice, OpByInstance:
		for _, v := range a.Values {
			d.list(v)
		}
	case OpInt, OpDouble:
		low, high := a.Table.Bounds()
		d.more = max(d.more, min(uint64(high-low)+1, Unbounded))
	case OpBool:
		d.more = max(d.more, 2)
	case OpText, OpPairText:
		d.more = max(d.more, s.texts(a.Form))
	default:
		d.more = max(d.more, 1)
	}
}

func (d *Different) list(v otlp.Attr) {
	if d.listed == nil {
		d.listed = make(map[otlp.Attr]bool)
	}
	v.Key = 0
	d.listed[v] = true
}

// texts is how many texts a form may be.
func (s *Scenario) texts(f *Form) uint64 {
	n := uint64(1)
	times := func(letters uint64, length int) {
		for range length {
			n = min(n*letters, Unbounded)
		}
	}
	for _, x := range f.Pieces {
		times(16, x.Hex)
		times(10, x.Digits)
		times(62, x.Word)
		switch {
		case x.UUID:
			n = Unbounded
		case x.Value > 0:
			var of Different
			of.Add(s, &s.System.Values[x.Value-1].Attr)
			n = min(n*of.Count(), Unbounded)
		}
	}
	if f.Pool > 0 {
		n = min(n, f.Pool)
	}
	return n
}
