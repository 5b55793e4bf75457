package profile

import (
	"math/bits"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// class is a Class while it is counted.
type class struct {
	Class
	last       uint64 // trace
	attributes table
	events     *lowest[event]
	steps      *lowest[event]
	resources  *lowest[resourceValues] // by attribute
	pending    []pending
	latest     int // of pending
}

// isCut reports whether keys or events were left out.
func (c *class) isCut() bool {
	c.cut = c.cut || c.attributes.over || c.events.over || c.steps.over
	for _, l := range c.eventTables() {
		for _, e := range l.items { // order-free: whether there is one
			c.cut = c.cut || e.attributes.over
		}
	}
	return c.cut
}

// production is a Production while it is counted.
type production struct {
	Production
	class ClassID
	hash  uint64
	last  uint64 // trace
}

// runs is the weight of a production.
func (p *production) runs() int {
	n := 1
	for _, g := range p.Groups {
		n += len(g)
	}
	return n
}

func (b *Builder) newClass() *class {
	return &class{
		Class: Class{
			Scopes:   newValues(fewLimit),
			Duration: new(sketch.Numbers),
			Own:      new(sketch.Numbers),
			Minutes:  sketch.NewWindows(classWindows, classShift),
			Slow:     sketch.NewWindows(classWindows, classShift),
			Messages: newValues(fewLimit),
		},
		events:    newLowest[event](b.o.Keys, nil),
		steps:     newLowest[event](b.o.Keys, nil),
		resources: newLowest[resourceValues](b.o.Keys, nil),
	}
}

// class returns that of a span; nil: there is no room.
func (b *Builder) class(s *intake.Span, i int) *class {
	n := &b.tree.nodes[i]
	c, room := b.classes.find(uint64(n.class))
	if c != nil || !room {
		return c
	}
	c = b.newClass()
	c.Operation, c.Path, c.Above = n.op.id, n.path, n.above
	c.Service, c.Name, c.Kind = n.op.service, n.op.name, s.Kind
	c.Outcome, c.Target = n.outcome.text, b.tree.targetText(int32(i))
	if n.begins != nil {
		c.Begins = n.begins.name
	}
	return b.classes.put(uint64(n.class), c)
}

// span counts one span.
func (b *Builder) span(t *intake.Trace, i int) {
	s := &t.Spans[i]
	r := b.resource(s.Resource)
	if r.spans++; r.spans == 1 {
		r.start = s.Start
	}
	size := &b.p.Sizes[otlp.SignalTraces]
	size.Items++
	size.Bytes += uint64(len(s.Raw))
	c := b.class(s, i)
	if c != nil {
		b.counts(c, s, &b.tree.nodes[i])
		c.resource(s.Resource)
		b.events(c, s)
	}
	b.attributes(c, s)
	b.production(t, i)
}

func (b *Builder) counts(c *class, s *intake.Span, n *node) {
	c.Spans++
	if c.last != b.trace {
		c.last = b.trace
		c.Traces++
	}
	if s.Parent < 0 {
		c.Roots++
		if len(s.Links) > 0 {
			c.Linked++
		}
	}
	if n.failed && !n.failedChild {
		c.Caused++
	}
	if s.Scope != nil {
		b.word = append(b.word[:0], s.Scope.Name...)
		c.Scopes.Add(otlp.KindText, b.word, b.trace)
	}
	if len(s.Message) > 0 {
		c.Messages.Add(otlp.KindText, s.Message, b.trace)
	}
	c.Duration.Add(float64(s.End - s.Start))
	c.Own.Add(float64(n.own))
	c.With.Add(n.own/1000, n.covered/1000)
	c.Minutes.Add(s.Start, 1)
	c.Slow.Add(s.Start, (s.End-s.Start)/1000)
}

// attributes counts those of a span, by class if there is room for it, and by key.
func (b *Builder) attributes(c *class, s *intake.Span) {
	limit := levels[b.level]
	b.above.span()
	if c != nil {
		c.attributes.at = 0
	}
	for i := range s.Attributes {
		x := &s.Attributes[i]
		var slot *slot
		if c != nil {
			slot = c.attributes.slot(b, x.Key, true)
		}
		if slot != nil {
			value := slot.a.count(x, 1, b.trace, limit)
			b.ofKey(slot.key, x, value)
			b.above.tell(slot.a, slot.hash, value)
			continue
		}
		h, value := keyHash(x.Key), valueHash(x)
		k := b.keys.items[h]
		if k == nil {
			k = b.key(string(x.Key), h)
		}
		b.ofKey(k, x, value)
		b.above.tell(nil, h, value)
	}
}

// production counts what a span does.
func (b *Builder) production(t *intake.Trace, i int) {
	n, g := &b.tree.nodes[i], &b.grouper
	h := uint64(n.class)
	g.runs = g.runs[:0]
	if n.kids > 0 {
		g.group(&b.tree, t.Spans, int32(i), classOf)
	}
	for _, r := range g.runs {
		h = join(h, r.id+r.flags())
	}
	n.does = h
	x, room := b.productions.find(h)
	if x == nil && !room {
		return
	}
	if x == nil {
		x = &production{class: n.class, hash: h, Production: Production{Own: new(sketch.Numbers), Duration: new(sketch.Numbers), Covered: new(sketch.Numbers)}}
		for _, r := range g.runs {
			if r.begins {
				x.Groups = append(x.Groups, nil)
			}
			last := &x.Groups[len(x.Groups)-1]
			*last = append(*last, Run{Class: ClassID(r.id), Async: r.async, After: r.after, Counts: new(sketch.Numbers)})
			if r.after {
				(*last)[len(*last)-1].Wait = new(sketch.Numbers)
			}
		}
		b.productions.put(h, x)
	}
	x.Spans++
	if x.last != b.trace {
		x.last = b.trace
		x.Traces++
	}
	x.Own.Add(float64(n.own))
	x.Duration.Add(float64(t.Spans[i].End - t.Spans[i].Start))
	if n.kids > 0 {
		x.Covered.Add(float64(n.covered))
		if n.covered > 0 { // else it waits for none
			x.Step.Add(logarithm(n.own), logarithm(n.covered))
			x.Lead.Add(min(n.lead*1000/max(n.own, 1), 1000))
		}
	}
	k := 0
	for _, group := range x.Groups {
		for i := range group {
			group[i].Counts.Add(float64(g.runs[k].count))
			if group[i].Wait != nil {
				group[i].Wait.Add(float64(g.runs[k].wait))
			}
			if g.runs[k].count > 1 {
				group[i].several++
			}
			if g.runs[k].together {
				group[i].together++
			}
			k++
		}
	}
}

// flags are what of a run besides its class tells productions apart.
func (r *run) flags() (f uint64) {
	for i, yes := range [...]bool{r.async, r.after, r.begins} {
		if yes {
			f |= 1 << i
		}
	}
	return f
}

// logarithm returns the logarithm of a time to the base of 2, in 64 parts, about.
func logarithm(ns uint64) uint64 {
	n := uint64(bits.Len64(ns + 1))
	return n<<6 + (ns+1)<<(64-n)<<1>>58
}
