package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// worked is an operation as it is called: in one of its variants, 1 + its index, or as
// each time is drawn.
type worked struct {
	ref scenario.OperationRef
	way int
}

// weighed compiles the choice among the variants of an operation.
func (b *systemBuilder) weighed(n *Node, c callee) {
	var weights []float64
	for i := range c.Variants {
		weights = append(weights, c.Variants[i].Weight)
	}
	n.OneOf, n.By = b.choice(weights, n.Pos), b.by(c.Conditions(), weights, n.Pos)
}

// waysOf compiles the choice among some of the variants of an operation, of which those that
// are there by name only are alike where there are no others.
func (b *systemBuilder) waysOf(op *scenario.Operation, ways []int, pos input.Pos) *dist.Choice {
	weights, sum := make([]float64, len(op.Variants)), 0.0
	for _, way := range ways {
		weights[way-1] = op.Variants[way-1].Weight
		sum += weights[way-1]
	}
	for _, way := range ways {
		if sum == 0 {
			weights[way-1] = 1
		}
	}
	return b.choice(weights, pos)
}

// gets gives who consumes messages, and has been copied, the attributes that follow
// from how they were sent.
func (b *systemBuilder) gets(w *Node, ref scenario.OperationRef, sent *Act) {
	if w.Act.Role == RoleWays {
		w.Children = slices.Clone(w.Children)
		for i := range w.Children {
			b.gets(&w.Children[i], ref, sent)
		}
	} else if w.Kind == otlp.SpanKindConsumer {
		w.Attrs = b.consumed(ref, w.Attrs, sent, w.Act.Type)
	}
}

// eitherPeer compiles a call of what has no spans, and goes in one of several ways.
func (b *systemBuilder) eitherPeer(service int, c *scenario.Call, to callee) Node {
	n := Node{Class: b.nameOf(c.To[0]), Pos: c.Pos, Act: &Act{Role: RoleWays}}
	b.weighed(&n, to)
	for i := range to.Variants {
		once := *c
		once.Way, once.Retry = i+1, nil
		way := b.across(service, &once)
		way.Class, way.Pos, way.Presence = to.Variants[i].Name, c.Pos, present
		n.Children = append(n.Children, way)
	}
	b.again(&n, c, to.Operation)
	return n
}

// errorsOf is how an operation fails by itself; of one that goes in several ways, with
// what any of them does, by how often that is.
func errorsOf(op *scenario.Operation) *scenario.ErrorModel {
	if len(op.Variants) == 0 {
		return op.Error
	}
	out := &scenario.ErrorModel{}
	for i := range op.Variants {
		v := &op.Variants[i]
		m := v.Way.Error
		if m == nil || m.Rate == 0 || v.Weight == 0 {
			continue
		}
		sum := float64(len(m.Types))
		if m.Weights != nil {
			sum = 0
			for _, w := range m.Weights {
				sum += w
			}
		}
		for k, word := range m.Types {
			share := v.Weight * m.Rate / sum
			if m.Weights != nil {
				share = float64(share * m.Weights[k])
			}
			at := slices.Index(out.Types, word)
			if at < 0 {
				at = len(out.Types)
				out.Types, out.Weights = append(out.Types, word), append(out.Weights, 0)
			}
			out.Weights[at] += share
		}
	}
	if len(out.Types) == 0 {
		return op.Error
	}
	return out
}
