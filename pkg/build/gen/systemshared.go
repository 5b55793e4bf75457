package gen

import (
	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// drawnValue is a value of the system as it was drawn last.
type drawnValue struct {
	otlp.Attr
	is bool
	of rng.Key // of one that is drawn for spans: what names the one that it was drawn for

	by *dist.Choice // likewise: of its words; a call and what answers it have one name, and may say others
}

// valueOf returns a value of the system as a span has it.
func (g *Generator) valueOf(i int, s *span) otlp.Attr {
	v := &g.it.scenario.System.Values[i]
	if !v.OfSpan {
		return g.sharedValue(i)
	}
	key, is := g.firstOf(v.From, s)
	return g.knownAs(i, key.Index(hashValue).Index(v.Path), is)
}

// sharedValue returns a value of the system, which is drawn when it is first asked
// for in a request: for a session always the same.
func (g *Generator) sharedValue(i int) otlp.Attr {
	if x := &g.sys.values[i]; x.is {
		return x.Attr
	}
	v := &g.it.scenario.System.Values[i]
	key := g.req.values
	if v.OfSession {
		key = g.it.keys[rng.Attributes]
	}
	return g.knownAs(i, key.Index(hashValue).Index(v.Path), nil)
}

// knownAs returns the value that a key draws, by a choice of its words where there is one.
func (g *Generator) knownAs(i int, key rng.Key, by *dist.Choice) otlp.Attr {
	x := &g.sys.values[i]
	if x.is && x.of == key && x.by == by {
		return x.Attr
	}
	a := &g.it.scenario.System.Values[i].Attr
	stream := key.Stream()
	x.Attr, x.is, x.of, x.by = a.Attr, true, key, by
	if by != nil {
		x.Attr = valueAt(a, by.Draw(&stream))
	} else {
		g.drawn(a, nil, &stream, &x.Attr)
	}
	return x.Attr
}

// firstOf returns what names the span that a value was drawn for which a span has, and by
// which choice: the highest one from which on each has it, or one that says what it is. What
// names the call of that one stands for it, so that attempts have one value; in a trace of its
// own a message begins anew.
func (g *Generator) firstOf(value int, s *span) (rng.Key, *dist.Choice) {
	use := s.node.Use(value)
	for s.parent >= 0 && !use.Drawn() {
		above := &g.part.spans[s.parent]
		more := above.node.Use(value)
		if more == nil {
			break
		}
		s, use = above, more
	}
	name := s.pair
	switch {
	case s.parent < 0:
		name = step(name, hashTrace)
	case use.Drawn() && g.isAnswer(s) && g.part.spans[s.parent].node.Use(value) != nil:
		name = step(name, hashAnswer) // by the other one that of the call is drawn
	}
	is := use.Is
	if use.By != nil {
		is = use.By.Of(g.sharedValue(use.By.Value))
	}
	return g.part.keys[s.node.Part][rng.Attributes].Index(name), is
}

// isAnswer reports whether a span answers the one above: the two have one name.
func (g *Generator) isAnswer(s *span) bool { return g.part.spans[s.parent].pair == s.pair }
