package profile

import (
	"encoding/binary"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Builder makes a profile of whole traces, log records without one, and data points. It
// is not safe for concurrent use.
type Builder struct {
	o     Options
	p     *Profile // what is no table
	trace uint64   // number of the trace under way; 0: none
	level int      // of levels
	check uint64   // spans at which the room is looked at next

	classes     *lowest[class]
	shapes      *lowest[Shape]
	productions *lowest[production]
	templates   *lowest[template]
	classLogs   *lowest[classLog]
	services    *lowest[service]
	keys        *lowest[key]
	parts       *lowest[key] // by form
	metrics     *lowest[metric]
	lives       *lowest[life]
	sets        *lowest[set]
	crowded     bool

	sessions sessions
	words    words
	sample   *lowest[sampled]

	// Caches, which are emptied when they get large, and scratch.
	operations map[uint64]*operation
	named      recent[operation] // of operations
	asides     map[string]aside
	resources  map[uint64]*resource
	bodies     map[uint64]string
	formed     []formed // by hashes of texts
	room, word []byte
	tree       tree
	grouper    grouper
	touched    touched
	above      above
}

// touched is what the trace under way has of what is counted once for it.
type touched struct {
	keys      []*key
	resources []*resource
	inTrace   []*resourceKey
	session   uint64
	byName    bool // the session is of session.id
	twice     bool // some keys or attributes may be there several times, since there is no room for them
}

// maxCache is how many entries a cache has before it is emptied.
const maxCache = 1 << 15

// NewBuilder returns a Builder of an empty profile.
func NewBuilder(o Options) *Builder {
	o = o.withDefaults()
	b := &Builder{
		o:           o,
		classes:     newAsked[class](o.Classes, nil),
		shapes:      newAsked[Shape](o.Shapes, nil),
		productions: newAsked(o.Productions, (*production).runs),
		templates:   newLowest[template](o.Others, nil),
		classLogs:   newLowest[classLog](o.Others, nil),
		services:    newLowest[service](o.Others, nil),
		keys:        newLowest[key](o.Others, nil),
		parts:       newAsked[key](o.Others, nil),
		metrics:     newLowest[metric](o.Others, nil),
		lives:       newLowest[life](livesOfOthers*o.Others, nil),
		sets:        newLowest[set](setsOfOthers*o.Others, nil),
		sample:      newLowest(o.Sample, (*sampled).bytes),
		operations:  make(map[uint64]*operation),
		asides:      make(map[string]aside),
		resources:   make(map[uint64]*resource),
		bodies:      make(map[uint64]string),
		formed:      make([]formed, 1<<11),
	}
	b.sessions.init(o)
	b.words.init(o)
	b.p = &Profile{Starts: sketch.NewWindows(traceWindows, traceShift)}
	for _, n := range []**sketch.Numbers{&b.p.Traces.Spans, &b.p.Traces.Depth, &b.p.Traces.Width, &b.p.Traces.Seconds, &b.p.Traces.Roots} {
		*n = new(sketch.Numbers)
	}
	return b
}

// number returns what tables know a trace by: a hash of its id, not 0.
func number(id *otlp.TraceID) uint64 {
	h := sketch.Mix(binary.BigEndian.Uint64(id[8:]) ^ sketch.Mix(binary.BigEndian.Uint64(id[:8])+1))
	return max(h, 1)
}

// join makes one hash of two, the order of which matters.
func join(a, b uint64) uint64 { return sketch.Mix(sketch.Mix(a+0x9e3779b97f4a7c15) + b) }

// Trace counts a trace, which has to be whole. Nothing of it is kept.
func (b *Builder) Trace(t *intake.Trace) {
	b.trace = number(&t.ID)
	b.touched.session, b.touched.byName = 0, false
	b.p.Faults.Add(t.Faults)
	if len(t.Spans) > 0 {
		b.tree.build(b, t)
		b.whole(t)
		b.above.begin()
		for i := range t.Spans {
			b.span(t, i)
		}
		b.above.count(&b.tree)
	}
	for i := range t.Logs {
		b.log(t, &t.Logs[i])
	}
	b.endTrace(t)
	b.trace = 0
	if n := b.p.Sizes[otlp.SignalTraces].Items; n >= b.check {
		b.check = n + 1<<14
		b.fit()
	}
}

// Log counts a log record that names no trace.
func (b *Builder) Log(l *intake.Log) {
	b.log(nil, l)
	b.flushResources()
}

// fit lowers the level until what tables of classes keep has room.
func (b *Builder) fit() {
	if b.isCrowded(); b.crowded && b.level < crowdedLevel {
		b.lower(crowdedLevel)
	}
	for b.level < len(levels)-1 && b.takes(levels[b.level]) > b.o.Room {
		b.lower(b.level + 1)
	}
}

func (b *Builder) takes(l limit) int {
	room := 0
	b.eachValues(func(v *sketch.Values) { room += v.Room(l.most, l.precision) })
	return room
}

func (b *Builder) lower(level int) {
	b.level = level
	l := levels[level]
	b.eachValues(func(v *sketch.Values) { v.Limit(l.most, l.precision) })
}

// eachValues visits the tables whose limit is the level's.
func (b *Builder) eachValues(visit func(*sketch.Values)) {
	table := func(t *table) {
		for i := range t.slots {
			visit(t.slots[i].a.Values)
		}
	}
	for _, c := range b.classes.items { // order-free: each alone, and a sum
		table(&c.attributes)
		for _, l := range c.eventTables() {
			for _, e := range l.items { // order-free: likewise
				table(&e.attributes)
			}
		}
	}
}

// isCrowded sets crowded where tables of values have been left out.
func (b *Builder) isCrowded() {
	b.crowded = b.crowded || b.classes.over
	for _, c := range b.classes.items { // order-free: whether there is one
		b.crowded = b.crowded || c.isCut()
	}
}

// whole counts a trace as a whole.
func (b *Builder) whole(t *intake.Trace) {
	first, last, failed, depth, width, roots := t.Spans[0].Start, uint64(0), false, int32(0), int32(0), 0
	for i := range t.Spans {
		s, n := &t.Spans[i], &b.tree.nodes[i]
		first, last = min(first, s.Start), max(last, s.End)
		failed = failed || s.Status == otlp.StatusError
		depth, width = max(depth, n.depth), max(width, n.kids)
		if s.Parent < 0 {
			roots++
		}
	}
	p, w := b.p, &b.p.Traces
	if p.First == 0 || first < p.First {
		p.First = first
	}
	p.Last = max(p.Last, last)
	w.Count++
	w.Spans.Add(float64(len(t.Spans)))
	w.Depth.Add(float64(depth))
	w.Width.Add(float64(width))
	w.Roots.Add(float64(roots))
	w.Seconds.Add(float64(last - first))
	if failed {
		w.Failed++
	}
	p.Starts.Add(first, 1)
	b.shape(t, last-first)
}

// endTrace counts what is counted once for a trace.
func (b *Builder) endTrace(t *intake.Trace) {
	b.flushResources()
	if len(t.Spans) > 0 {
		b.sessions.add(b, t)
		b.words.add(b, t)
		b.take(t)
	}
	for _, k := range b.touched.keys {
		if k.spans > 1 {
			k.Traces++
			if !k.mixed {
				k.Alike++
			}
		}
	}
	for _, k := range b.touched.inTrace {
		k.Alike.Traces++
		if !k.mixed {
			k.Alike.Alike++
		}
	}
	b.touched.keys, b.touched.inTrace = b.touched.keys[:0], b.touched.inTrace[:0]
}
