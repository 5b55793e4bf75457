package scenario

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// Condition is when one of several is drawn from: where a shared value is one of some of
// its words. Where that is so of none of them, all are drawn from.
type Condition struct {
	Value int   // index into System.Values
	Words []int // indices into its Choices, at least one
}

// Holds reports whether it is so for a word of a value, by their indices.
func (c *Condition) Holds(value, word int) bool {
	return c == nil || c.Value == value && slices.Contains(c.Words, word)
}

// condition reads when one of several is drawn from; nil: always.
func (r *members) condition(m input.Map) *Condition {
	if m.Get("when") == nil {
		return nil
	}
	section, ok := m.Map("when")
	if !ok || len(section.Entries()) != 1 {
		if ok {
			m.Fail("when", "want the name of one value, and of which words it is one")
		}
		return nil
	}
	e := section.Entries()[0]
	v, known := r.values[e.Key]
	if !known {
		r.p.Errorf(e.Pos, "when: %s", input.Unknown("value", e.Key, slices.Sorted(maps.Keys(r.values))))
		return nil
	}
	r.used[e.Key] = true
	switch {
	case v.Choices == nil:
		r.p.Errorf(e.Pos, "when: value %s is none of a list of words", input.Quote(e.Key))
		return nil
	case v.Life == PerSpan:
		r.p.Errorf(e.Pos, "when: value %s is drawn for each span, and there is none yet; want one of a request or a session", input.Quote(e.Key))
		return nil
	}
	out := &Condition{Value: slices.IndexFunc(r.s.Values, func(x SharedValue) bool { return x.Key == e.Key })}
	items := []*input.Node{e.Value}
	if e.Value.Kind == input.List {
		items, _ = e.Value.List(r.p)
	}
	if len(items) == 0 {
		e.Value.Fail(r.p, "no words")
	}
	for _, item := range items {
		word, ok := r.value(item)
		if !ok {
			continue
		}
		before, drawn := len(out.Words), false
		for at, x := range v.Choices {
			if x.String() == word.String() {
				out.Words = append(out.Words, at) // of what follows from another value there may be several
				drawn = drawn || v.Weights[at] > 0
			}
		}
		switch {
		case len(out.Words) == before:
			item.Fail(r.p, "%s", input.Unknown("word", word.String(), wordsOf(v.Choices)))
		case !drawn:
			item.Fail(r.p, "the weight of word %s is 0: it never is that", input.Quote(word.String()))
		}
	}
	if len(out.Words) == 0 || out.Value < 0 {
		return nil
	}
	return out
}

// oneValue wants the conditions of several to be about one value.
func (r *members) oneValue(at input.Pos, conditions []*Condition) {
	value := -1
	for _, c := range conditions {
		switch {
		case c == nil:
		case value < 0:
			value = c.Value
		case value != c.Value:
			r.p.Errorf(at, "when: some are about value %s, and others about %s; want one", input.Quote(r.s.Values[value].Key), input.Quote(r.s.Values[c.Value].Key))
			return
		}
	}
}

// Conditions are those of what can stand at a place, in its order; nil: there are none.
func (c *Call) Conditions() []*Condition {
	return conditionsOf(len(c.Calls), func(i int) *Condition { return c.Calls[i].When })
}

// Conditions are those of the variants of an operation, likewise.
func (o *Operation) Conditions() []*Condition {
	return conditionsOf(len(o.Variants), func(i int) *Condition { return o.Variants[i].When })
}

func conditionsOf(n int, at func(int) *Condition) []*Condition {
	out := make([]*Condition, n)
	some := false
	for i := range out {
		out[i] = at(i)
		some = some || out[i] != nil
	}
	if !some {
		return nil
	}
	return out
}
