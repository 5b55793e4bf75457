package scenario

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// Values of spans, which are drawn anew where the span above does not use them. An attribute
// may say which of the words of one it is: then it is drawn there, whatever the span above has.

// IsWhen is which words of a value of spans an attribute is where a shared value is one of
// some words.
type IsWhen struct {
	When    *Condition
	Weights []float64 // as Attribute.Weights
}

// is reads which words of a value an attribute is, as weights of all words of what that
// follows from, or such weights by the words of another value; nil: nothing is said of it.
func (r *members) is(m input.Map, v SharedValue) ([]float64, []IsWhen) {
	n := m.Get("is")
	switch {
	case n == nil:
		return nil, nil
	case v.Life != PerSpan:
		m.Fail("is", "value %s is drawn for a request or a session, and not here; want one with per: span", input.Quote(v.Key))
		return nil, nil
	case v.Choices == nil:
		m.Fail("is", "value %s is none of a list of words", input.Quote(v.Key))
		return nil, nil
	}
	if n.Kind == input.List {
		items, _ := n.List(r.p)
		if slices.ContainsFunc(items, func(x *input.Node) bool { return x.Kind == input.Mapping }) {
			return nil, r.isWhen(n, items, v)
		}
	}
	return r.isOf(n, v), nil
}

// isWhen reads which words it is by those of another value.
func (r *members) isWhen(n *input.Node, items []*input.Node, v SharedValue) (out []IsWhen) {
	before := r.p.Found()
	var conditions []*Condition
	for _, item := range items {
		m, ok := item.Map(r.p, isWhenKeys...)
		switch {
		case !ok:
		case m.Get("when") == nil:
			m.Fail("when", "missing; want the name of a value, and of which words it is one")
		case m.Get("words") == nil:
			m.Fail("words", "missing; want words of value %s", input.Quote(v.Key))
		default:
			x := IsWhen{When: r.condition(m), Weights: r.isOf(m.Get("words"), v)}
			out, conditions = append(out, x), append(conditions, x.When)
		}
	}
	if r.oneValue(n.Pos, conditions); r.p.Found() > before {
		return nil
	}
	return out
}

// isOf reads words of a value with their weights.
func (r *members) isOf(n *input.Node, v SharedValue) []float64 {
	out, sum := make([]float64, len(v.Choices)), 0.0
	word := func(name *input.Node, weight float64) {
		if x, ok := r.value(name); !ok || r.weigh(out, v, x, weight) {
			sum += weight
		} else {
			name.Fail(r.p, "%s", input.Unknown("word", x.String(), wordsOf(v.Choices)))
		}
	}
	before := r.p.Found()
	switch n.Kind {
	case input.Mapping:
		section, _ := n.Map(r.p)
		for _, e := range section.Entries() {
			if w, ok := e.Value.Within(r.p, 0, maxNumber); ok {
				word(e.Name, w)
			}
		}
	case input.List:
		items, _ := n.List(r.p)
		for _, item := range items {
			word(item, 1)
		}
	default:
		word(n, 1)
	}
	if sum == 0 && r.p.Found() == before {
		n.Fail(r.p, "no words, or all weights are zero")
	}
	if r.p.Found() > before {
		return nil
	}
	return out
}

// weigh gives a word of a value a weight: where it is the same for several words of what that
// follows from, to these as they are likely among themselves. It reports whether there is one.
func (r *members) weigh(out []float64, v SharedValue, word Value, weight float64) bool {
	sum, n := 0.0, 0.0
	for i, x := range v.Choices {
		if x.String() == word.String() {
			sum += v.Weights[i]
			n++
		}
	}
	for i, x := range v.Choices {
		switch {
		case x.String() != word.String():
		case sum > 0:
			out[i] += float64(weight * v.Weights[i] / sum)
		default:
			out[i] += weight / n
		}
	}
	return n > 0
}
