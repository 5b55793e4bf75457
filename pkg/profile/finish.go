package profile

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// kept is what a Profile has for Merge alone.
type kept struct {
	o           Options
	level       int
	crowded     bool
	keysOver    bool
	logsOver    bool
	productions *lowest[production] // those of classes that are left out too
	classLogs   *lowest[classLog]   // likewise
	sessions    sessions
	words       words
	sample      *lowest[sampled]
	lives       *lowest[life]
	sets        *lowest[set]
}

// Finish returns the profile. The builder is not used any more.
func (b *Builder) Finish() *Profile {
	p := b.unfinished()
	alike := b.sessions.alike()
	for _, keys := range []*lowest[key]{b.keys, b.parts} {
		for h, k := range keys.items { // order-free: each alone
			k.Sessions, k.SessionAlike = alike[h][0], alike[h][1]
		}
	}
	for _, s := range b.services.items { // order-free: each alone
		for h, k := range s.alike.items { // order-free: likewise
			k.Alike.Sessions, k.Alike.SessionAlike = alike[h][0], alike[h][1]
		}
	}
	p.Sessions = b.sessions.finish(b.o)
	p.Sample = compressed(b.sample)
	return p
}

// unfinished returns a profile without what is worked out of several traces, for Merge.
func (b *Builder) unfinished() *Profile {
	p := b.p
	b.trim()
	b.fit()
	b.lower(b.level)
	p.Left.Keys = b.keys.over
	p.Left.Values = levels[b.level].most
	b.exportClasses()
	b.exportShapes()
	p.Services = make(map[string]*Service, len(b.services.items))
	for _, h := range b.services.sorted() {
		s := b.services.items[h]
		s.exportAlike()
		s.Attributes = s.attributes.export(b.o.Keys)
		s.lives.trim()
		s.Lives = s.lives.items
		p.Services[s.name] = &s.Service
	}
	p.Keys = make(map[string]*Key, len(b.keys.items))
	for _, h := range b.keys.sorted() {
		k := b.keys.items[h]
		p.Keys[k.name] = &k.Key
	}
	p.Parts = make(map[string]*Key, len(b.parts.items))
	for _, h := range b.parts.sorted() {
		k := b.parts.items[h]
		p.Parts[k.name] = &k.Key
	}
	p.Metrics = make(map[uint64]*Metric, len(b.metrics.items))
	for _, h := range b.metrics.sorted() {
		m := b.metrics.items[h]
		m.Attributes, m.Resource = m.attributes.export(b.o.Keys), m.resources.export(b.o.Keys)
		p.Metrics[h] = &m.Metric
	}
	b.totals(p.Metrics)
	p.Logs = make(map[uint64]*LogTemplate, len(b.templates.items))
	for _, h := range b.templates.sorted() {
		x := b.templates.items[h]
		x.Attributes = x.attributes.export(b.o.Keys)
		p.Logs[h] = &x.LogTemplate
	}
	left := &p.Left
	left.Classes, left.Shapes, left.Productions = b.classes.over, b.shapes.over, b.productions.over
	left.Services, left.Sessions = b.services.over, b.sessions.all.over
	left.Logs, left.Metrics = b.templates.over || b.classLogs.over, b.metrics.over
	p.kept = kept{b.o, b.level, b.crowded, b.keys.over, b.templates.over, b.productions, b.classLogs, b.sessions, b.words, b.sample, b.lives, b.sets}
	return p
}

// trim makes all tables as small as they are meant to be.
func (b *Builder) trim() {
	b.classes.trim()
	b.shapes.trim()
	b.productions.trim()
	b.classLogs.trim()
	b.sessions.all.trim()
	b.sessions.values.trim()
	b.words.all.trim()
	b.sample.trim()
	b.lives.trim()
	b.sets.trim()
	for _, c := range b.classes.items { // order-free: each alone
		c.attributes.trim(b.o.Keys)
		for _, l := range c.eventTables() {
			l.trim()
			for _, e := range l.items { // order-free: likewise
				e.attributes.trim(b.o.Keys)
			}
		}
	}
}

func (b *Builder) exportClasses() {
	p := b.p
	p.Classes = make(map[ClassID]*Class, len(b.classes.items))
	spans := uint64(0)
	for _, h := range b.classes.sorted() {
		c := b.classes.items[h]
		p.Left.Keys = c.isCut() || p.Left.Keys
		c.Attributes = c.attributes.export(b.o.Keys)
		c.exportResources()
		c.Events, c.Steps = exportEvents(c.events, b.o.Keys), exportEvents(c.steps, b.o.Keys)
		c.Productions = make(map[uint64]*Production)
		c.Logs = make(map[uint64]*LogTemplate)
		spans += c.Spans
		p.Classes[ClassID(h)] = &c.Class
	}
	p.Left.Spans = p.Sizes[otlp.SignalTraces].Items - spans
	for _, h := range b.productions.sorted() {
		x := b.productions.items[h]
		for _, group := range x.Groups {
			for i := range group {
				group[i].Together = len(group) > 1 || 2*group[i].together > group[i].several
			}
		}
		if c := p.Classes[x.class]; c != nil {
			c.Productions[h] = &x.Production
		}
	}
	for _, h := range b.classLogs.sorted() {
		x := b.classLogs.items[h]
		x.Attributes = x.attributes.export(b.o.Keys)
		if c := p.Classes[x.class]; c != nil {
			c.Logs[x.of] = &x.LogTemplate
		}
	}
}

func (b *Builder) exportShapes() {
	b.p.Shapes = b.shapes.items
	traces := uint64(0)
	for _, h := range b.shapes.sorted() {
		traces += b.shapes.items[h].Traces
	}
	b.p.Left.Traces = b.p.Traces.Count - traces
}
