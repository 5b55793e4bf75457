package profile

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Merge returns the profile of all that went into two. They have the same Options, and
// no trace in common; traces of a session may be in both. Neither is changed.
func Merge(a, b *Profile) *Profile {
	m := NewBuilder(a.kept.o)
	m.absorb(a)
	m.absorb(b)
	return m.Finish()
}

// absorb adds all that is in a profile.
func (b *Builder) absorb(p *Profile) {
	if level := p.kept.level; level > b.level {
		b.lower(level)
	}
	b.crowded = b.crowded || p.kept.crowded
	for i := range p.Sizes {
		b.p.Sizes[i].Items += p.Sizes[i].Items
		b.p.Sizes[i].Bytes += p.Sizes[i].Bytes
	}
	if p.Traces.Count > 0 {
		if b.p.First == 0 || p.First < b.p.First {
			b.p.First = p.First
		}
		b.p.Last = max(b.p.Last, p.Last)
	}
	b.p.Traces.absorb(&p.Traces)
	b.p.Starts.Merge(p.Starts)
	b.p.Faults.Add(p.Faults)
	for _, h := range sortedKeys(p.Shapes) {
		b.absorbShape(h, p.Shapes[h])
	}
	for _, id := range sortedKeys(p.Classes) {
		b.absorbClass(uint64(id), p.Classes[id])
	}
	b.absorbProductions(p)
	b.absorbOthers(p)
	b.sessions.absorb(&p.kept.sessions)
	b.words.absorb(&p.kept.words)
	b.sample.join(p.kept.sample)
	for _, h := range p.kept.sample.sorted() {
		if _, room := b.sample.find(h); room {
			b.sample.put(h, p.kept.sample.items[h])
		}
	}
	l := &p.Left
	b.classes.over = b.classes.over || l.Classes
	b.keys.over = b.keys.over || p.kept.keysOver
	b.shapes.over = b.shapes.over || l.Shapes
	b.services.over = b.services.over || l.Services
	b.templates.over = b.templates.over || p.kept.logsOver
	b.metrics.over = b.metrics.over || l.Metrics
}

func (t *Traces) absorb(o *Traces) {
	t.Count += o.Count
	t.Failed += o.Failed
	t.Spans.Merge(o.Spans)
	t.Depth.Merge(o.Depth)
	t.Width.Merge(o.Width)
	t.Seconds.Merge(o.Seconds)
	t.Roots.Merge(o.Roots)
	t.Busy.Merge(o.Busy)
	t.Covered.Merge(o.Covered)
}

func (b *Builder) absorbShape(h uint64, o *Shape) {
	x, room := b.shapes.find(h)
	if x == nil && !room {
		return
	}
	if x == nil {
		x = b.shapes.put(h, &Shape{Text: o.Text, Seconds: new(sketch.Numbers)})
	}
	x.Traces += o.Traces
	x.Spans += o.Spans
	x.Seconds.Merge(o.Seconds)
}

func (b *Builder) absorbClass(h uint64, o *Class) {
	c, room := b.classes.find(h)
	if c == nil && !room {
		return
	}
	if c == nil {
		c = b.newClass()
		c.Operation, c.Path, c.Above = o.Operation, o.Path, o.Above
		c.Service, c.Name, c.Kind = o.Service, o.Name, o.Kind
		c.Outcome, c.Target, c.Begins = o.Outcome, o.Target, o.Begins
		b.classes.put(h, c)
	}
	c.cut = c.cut || o.cut
	c.Spans += o.Spans
	c.Traces += o.Traces
	c.Roots += o.Roots
	c.Linked += o.Linked
	c.Caused += o.Caused
	c.Scopes.Merge(o.Scopes)
	c.Messages.Merge(o.Messages)
	c.Duration.Merge(o.Duration)
	c.Own.Merge(o.Own)
	c.With.Merge(&o.With)
	c.Minutes.Merge(o.Minutes)
	c.Slow.Merge(o.Slow)
	limit := levels[b.level]
	c.attributes.absorb(b, o.Attributes, limit, true)
	for _, name := range sortedKeys(o.Resource) {
		if v := c.valuesOf(name); v != nil {
			v.Merge(o.Resource[name])
		}
	}
	b.absorbEvents(c.events, o.Events)
	b.absorbEvents(c.steps, o.Steps)
}

func (b *Builder) absorbProductions(p *Profile) {
	b.productions.join(p.kept.productions)
	for _, h := range p.kept.productions.sorted() {
		o := p.kept.productions.items[h]
		x, room := b.productions.find(h)
		if x == nil && !room {
			continue
		}
		if x == nil {
			x = &production{class: o.class, Production: Production{Own: new(sketch.Numbers), Duration: new(sketch.Numbers), Covered: new(sketch.Numbers)}}
			for _, group := range o.Groups {
				mine := slices.Clone(group)
				for i := range mine {
					mine[i].Counts, mine[i].several, mine[i].together = new(sketch.Numbers), 0, 0
					if mine[i].Wait != nil {
						mine[i].Wait = new(sketch.Numbers)
					}
				}
				x.Groups = append(x.Groups, mine)
			}
			b.productions.put(h, x)
		}
		x.Spans += o.Spans
		x.Traces += o.Traces
		x.Own.Merge(o.Own)
		x.Duration.Merge(o.Duration)
		x.Covered.Merge(o.Covered)
		x.Step.Merge(&o.Step)
		x.Lead.Merge(o.Lead)
		for i, group := range o.Groups {
			for k := range group {
				x.Groups[i][k].Counts.Merge(group[k].Counts)
				if group[k].Wait != nil {
					x.Groups[i][k].Wait.Merge(group[k].Wait)
				}
				x.Groups[i][k].several += group[k].several
				x.Groups[i][k].together += group[k].together
			}
		}
	}
}

func (b *Builder) absorbOthers(p *Profile) {
	for _, name := range sortedKeys(p.Services) {
		s, o := b.serviceOf(name), p.Services[name]
		s.Spans += o.Spans
		s.Points += o.Points
		s.LogRecords += o.LogRecords
		s.Instances.Merge(o.Instances)
		s.attributes.absorb(b, o.Attributes, fewLimit, false)
		for _, name := range sortedKeys(o.Alike) {
			k := s.resourceKey(name)
			k.Alike.Traces += o.Alike[name].Traces
			k.Alike.Alike += o.Alike[name].Alike
			k.pairs.Merge(o.Pairs[name])
		}
		for _, h := range sortedKeys(o.Lives) {
			s.life(h).Merge(o.Lives[h])
		}
	}
	for _, name := range sortedKeys(p.Keys) {
		b.key(name, keyHash([]byte(name))).absorb(p.Keys[name])
	}
	b.absorbParts(p)
	for _, h := range sortedKeys(p.Metrics) {
		b.absorbMetric(h, p.Metrics[h])
	}
	b.absorbTotals(p)
	for _, h := range sortedKeys(p.Logs) {
		x, room := b.templates.find(h)
		if x == nil && room {
			x = b.templates.put(h, &template{LogTemplate: p.Logs[h].identity()})
		}
		if x != nil {
			x.absorb(b, p.Logs[h])
		}
	}
	b.classLogs.join(p.kept.classLogs)
	for _, h := range p.kept.classLogs.sorted() {
		o := p.kept.classLogs.items[h]
		x, room := b.classLogs.find(h)
		if x == nil && room {
			x = b.classLogs.put(h, &classLog{template: template{LogTemplate: o.identity()}, class: o.class, of: o.of})
		}
		if x != nil {
			x.absorb(b, &o.LogTemplate)
		}
	}
}

// identity returns a template that counts nothing.
func (x *LogTemplate) identity() LogTemplate {
	return LogTemplate{Service: x.Service, Severity: x.Severity, Event: x.Event, Body: x.Body}
}

func (x *template) absorb(b *Builder, o *LogTemplate) {
	x.Records += o.Records
	x.Traces += o.Traces
	x.Early += o.Early
	x.attributes.absorb(b, o.Attributes, bareLimit, false)
}

func (b *Builder) absorbMetric(h uint64, o *Metric) {
	m, room := b.metrics.find(h)
	if m == nil && !room {
		return
	}
	if m == nil {
		m = b.metrics.put(h, &metric{Metric: Metric{
			Service: o.Service, Name: o.Name, Unit: o.Unit, Kind: o.Kind, Temporality: o.Temporality, Monotonic: o.Monotonic,
			Series: newValues(seriesLimit), Values: new(sketch.Numbers), Counts: new(sketch.Numbers), Rates: new(sketch.Numbers),
		}})
	}
	m.Buckets.merge(&o.Buckets)
	m.Points += o.Points
	m.Series.Merge(o.Series)
	m.Values.Merge(o.Values)
	m.Counts.Merge(o.Counts)
	m.Rates.Merge(o.Rates)
	m.attributes.absorb(b, o.Attributes, bareLimit, false)
	m.resources.absorb(b, o.Resource, bareLimit, false)
}
