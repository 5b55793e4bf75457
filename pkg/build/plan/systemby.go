package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// By says which of several stands at a place, or which words of a value an attribute is, where a
// shared value of the system is one of some words.
type By struct {
	Value   int // index into System.Values
	Words   []otlp.Attr
	Choices []*dist.Choice // by word; nil: as everywhere else
}

// Of returns the choice where the shared value is v; nil: none by it.
func (b *By) Of(v otlp.Attr) *dist.Choice {
	at := slices.IndexFunc(b.Words, func(x otlp.Attr) bool { return x.Kind == v.Kind && x.Word == v.Word })
	if at < 0 {
		return nil
	}
	return b.Choices[at]
}

// by compiles the conditions of what can stand at a place, by weight.
func (b *systemBuilder) by(conditions []*scenario.Condition, weights []float64, pos input.Pos) *By {
	at := slices.IndexFunc(conditions, func(c *scenario.Condition) bool { return c != nil })
	if at < 0 {
		return nil
	}
	out := &By{Value: conditions[at].Value}
	out.Words = b.out.System.Values[out.Value].Values
	for word := range out.Words {
		own := make([]float64, len(weights))
		sum := 0.0
		for i, w := range weights {
			if conditions[i].Holds(out.Value, word) {
				own[i] = w
				sum += w
			}
		}
		if sum == 0 {
			out.Choices = append(out.Choices, nil)
			continue
		}
		out.Choices = append(out.Choices, b.choice(own, pos))
	}
	return out
}

// isBy compiles which words an attribute is by those of another value.
func (b *systemBuilder) isBy(a scenario.Attribute) *By {
	if len(a.By) == 0 {
		return nil
	}
	var choices []*dist.Choice
	for _, x := range a.By {
		choices = append(choices, b.choice(x.Weights, a.Pos))
	}
	out := &By{Value: a.By[0].When.Value}
	out.Words = b.out.System.Values[out.Value].Values
	for word := range out.Words {
		var own *dist.Choice
		if at := slices.IndexFunc(a.By, func(x scenario.IsWhen) bool { return x.When.Holds(out.Value, word) }); at >= 0 {
			own = choices[at]
		}
		out.Choices = append(out.Choices, own)
	}
	return out
}

func (c *canon) by(b *By) {
	if b == nil {
		return
	}
	c.str("by")
	c.num(uint64(b.Value))
	for i, choice := range b.Choices {
		c.value(b.Words[i])
		c.flag(choice != nil)
		if choice != nil {
			c.b = choice.AppendCanonical(c.b)
		}
	}
}
