package signals

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Options say what is derived.
type Options struct {
	Metrics, Logs bool
	Interval      uint64           // nanoseconds between ticks, not 0
	Temporality   otlp.Temporality // cumulative or delta

	// Of what instances of systems tell: the streams that it is drawn from, and the load of
	// the arrivals at a time, in millionths of the mean. Without Load it is always that.
	Streams rng.Key
	Load    func(at uint64) uint64
	Still   bool // they tell nothing
}

// Deriver derives the metrics and logs of segments. It reuses its memory and
// is not safe for concurrent use; any number of them may share rules.
type Deriver struct {
	rules *Rules
	o     Options

	start, last uint64 // of the segment
	segment     uint64 // its index
	instance    uint32 // that the request under work is of
	values      []value
	series      []series
	table       []uint32 // of the hash table: 1 + the index of a series
	dims        []otlp.Attr
	text        []byte // of dims

	found []found // by slot
	stamp uint32  // of the span under work
	pick  [maxDims]otlp.Attr
	owned []owned // spans of the request under work, where some are counted
	above []int32 // spans above the one under work

	members []uint32    // by resource of the spans: 1 + the index of a service of a system, then the number of an instance; noMember, or 0: not known yet
	acts    []act       // by span of the request, where the scenario has services of systems
	base    int         // index of the first of them
	view    otlp.Traces // the spans up to the end of those under work

	origins origins
	emitter emitter
	logger  logger
	pulses  pulses
}

// maxDims is the number of dimensions beyond which those of a metric are not
// looked at. No backend takes as many.
const maxDims = 64

// value is one observation.
type value struct {
	time   uint64
	number int64 // in 1/metric.per
	series uint32
	slot   uint32 // of the series' counters
	trace  otlp.TraceID
	span   otlp.SpanID
}

// found is an attribute of the span whose stamp it has.
type found struct {
	attr  otlp.Attr
	stamp uint32
}

// NewDeriver returns a deriver that writes to nothing before BeginSegment.
func NewDeriver(r *Rules, o Options) *Deriver {
	d := &Deriver{rules: r, o: o, found: make([]found, r.slots)}
	d.emitter.out.Strings = r.strs
	d.logger.out.Strings = r.strs
	return d
}

// BeginSegment begins a segment that starts at a time, in nanoseconds since the
// Unix epoch, and forgets what there was before. index decides which process
// of an instance its resources name.
func (d *Deriver) BeginSegment(start, index uint64) {
	d.start, d.last = start, start
	d.segment = index
	d.values = d.values[:0]
	d.series = d.series[:0]
	d.origins.reset(len(d.rules.resources) * d.rules.instances)
	d.dims = d.dims[:0]
	d.text = d.text[:0]
	clear(d.table)
	d.pulses.reset(len(d.rules.resources))
	d.logger.reset()
}

// Request derives what the spans of one request of a scenario become: those of
// t from index first on. The spans of t before first are those of the requests
// since BeginSegment or ResetLogs, and what they refer to precedes what these do.
// Those of guests, in their order, are of other scenarios.
func (d *Deriver) Request(s *plan.Scenario, t *otlp.Traces, first int, guests []plan.Guest) {
	if !d.o.Metrics && !d.o.Logs {
		return // nobody asks what its spans are of
	}
	spans := t.Spans[first:]
	for i := range spans {
		d.last = max(d.last, spans[i].End)
	}
	d.acts, d.base = d.acts[:0], first
	d.view = *t
	from := first
	for _, g := range guests {
		d.piece(s, from, g.First)
		d.piece(g.Of, g.First, g.End)
		from = g.End
	}
	d.piece(s, from, len(t.Spans))
	if d.o.Metrics && s.EmitMetrics {
		d.lived(t, first)
	}
	d.logger.next(t, first)
	if d.o.Logs && s.EmitLogs {
		d.log(first)
	}
}

// piece takes the values of those spans of the request under work which are of a
// scenario, from one index to another.
func (d *Deriver) piece(s *plan.Scenario, first, end int) {
	if first == end {
		return
	}
	rules, t := d.scenario(s), &d.view
	t.Spans = t.Spans[:end]
	d.roles(rules, t, first)
	d.instance = d.instanceOf(rules, t, first)
	if !d.o.Metrics || !s.EmitMetrics {
		return
	}
	d.agents(t, first)
	for i := range t.Spans[first:] {
		if c := d.classOf(t, first+i); c != nil {
			d.observe(rules, c, t, first, i)
		}
	}
}

// classOf returns what the rules do with a span of the request, nil for one of no type.
func (d *Deriver) classOf(t *otlp.Traces, i int) *class {
	if d.ofSystem(i) {
		if k := d.acts[i-d.base].typ; k != nil {
			return &k.class
		}
		return nil
	}
	if c, ok := d.rules.class(t, &t.Spans[i]); ok {
		return &d.rules.classes[c]
	}
	return nil
}

// writer is who writes the series of the request under work: the resource, as
// the instance that the request is of. Services of systems have one for each.
func (d *Deriver) writer(resource uint32) uint32 {
	if d.rules.resources[resource].ofSystem {
		return resource * uint32(d.rules.instances)
	}
	return resource*uint32(d.rules.instances) + d.instance
}

// resourceFor returns the resource of a metric of a span: that of the service of a
// system, of the plane, or of the tool server whose span it is.
func (d *Deriver) resourceFor(rules *scenarioRules, m *metric, t *otlp.Traces, s *otlp.Span) uint32 {
	if at := d.memberAt(rules, s); at != noMember {
		return rules.members[at>>memberBits-1].resource + at&(1<<memberBits-1)
	}
	if m.serves {
		for _, i := range rules.services {
			r := &d.rules.resources[i]
			at := plan.Slot(d.segment, int(d.instance), d.rules.instances)
			if a, ok := lookup(t, t.Resources[s.Resource].Attrs, r.attrs[r.instance].Key); ok && otlp.StringID(a.Word) == r.instances[at] {
				return i
			}
		}
	}
	return rules.resources[m.plane]
}

// instanceOf returns which of the instances of the segment a request is of, by
// the resource of its first span of agents; 0 when it has none.
func (d *Deriver) instanceOf(rules *scenarioRules, t *otlp.Traces, first int) uint32 {
	n := d.rules.instances
	for first < len(t.Spans) && d.ofSystem(first) {
		first++
	}
	if n == 1 || first == len(t.Spans) {
		return 0
	}
	of := &t.Resources[t.Spans[first].Resource]
	for _, i := range rules.resources {
		r := &d.rules.resources[i]
		key := r.attrs[r.instance].Key
		for _, a := range t.Attrs[of.Attrs.Start:of.Attrs.End] {
			for k := range n {
				if a.Key == key && a.Kind == otlp.KindString && otlp.StringID(a.Word) == r.instances[plan.Slot(d.segment, k, n)] {
					return uint32(k)
				}
			}
		}
	}
	return 0
}

func (d *Deriver) scenario(s *plan.Scenario) *scenarioRules {
	for i := range d.rules.scenarios {
		if d.rules.scenarios[i].scenario == s {
			return &d.rules.scenarios[i]
		}
	}
	panic("signals: scenario " + s.Name + " is not of the plan that the rules are for")
}

// observe takes the values of one span.
func (d *Deriver) observe(rules *scenarioRules, c *class, t *otlp.Traces, first, at int) {
	s := &t.Spans[first+at]
	if len(c.metrics) == 0 {
		return
	}
	d.stamp++
	if d.stamp == 0 { // once in 4 billion spans: old stamps must not look new
		clear(d.found)
		d.stamp = 1
	}
	for _, a := range t.Attrs[s.Attrs.Start:s.Attrs.End] {
		if slot := d.rules.slotOf[a.Key]; slot > 0 {
			d.found[slot-1] = found{a, d.stamp}
		}
	}
	for _, i := range c.metrics {
		m := &d.rules.metrics[i]
		for k := range m.sources {
			src := &m.sources[k]
			if !src.of(s) {
				continue
			}
			number, ok := d.number(m, src, s, at)
			if !ok || !d.dimensions(m, src, t, first, s) {
				continue
			}
			v := value{time: s.End, number: number, trace: s.TraceID, span: s.SpanID}
			v.series = d.find(i, d.originOf(m, d.writer(d.resourceFor(rules, m, t, s)), t, s), d.pick[:min(len(m.dims), maxDims)], t.Text)
			if m.slots > 1 {
				v.slot = uint32(m.bucket(number))
			}
			if len(d.values) == cap(d.values) {
				d.values = slices.Grow(d.values, max(1024, len(d.values))) // append leaves more behind
			}
			d.values = append(d.values, v)
		}
	}
}

// largest is the largest value in units of a metric that is taken: sums of
// more would not fit their integers.
const largest = 1 << 53

// number returns the value of a span, and whether it has one that the metric
// can take.
func (d *Deriver) number(m *metric, src *source, s *otlp.Span, at int) (int64, bool) {
	n := int64(1)
	switch src.from {
	case fromCount:
		if f := &d.found[src.slot]; f.stamp == d.stamp && f.attr.Kind == otlp.KindInt {
			n = int64(f.attr.Word)
		}
	case fromBelow:
		n = d.below(src.class, at)
	case fromDuration:
		n = int64(s.End - s.Start)
	case fromInt, fromDouble, fromRounded:
		f := &d.found[src.slot]
		if f.stamp != d.stamp {
			return 0, false
		}
		ok := false
		if n, ok = src.numberOf(f.attr); !ok {
			return 0, false
		}
	}
	return n, n <= largest && (n >= 0 || m.negative && n >= -largest)
}

// numberOf returns the value that an attribute has, and whether it is one.
func (src *source) numberOf(a otlp.Attr) (int64, bool) {
	n := int64(a.Word)
	switch {
	case a.Kind == otlp.KindInt && src.from != fromDouble:
		return n, true
	case a.Kind == otlp.KindInt:
		return n * millionths, n < largest/millionths && n > -largest/millionths
	case a.Kind != otlp.KindDouble || src.from == fromInt:
		return 0, false
	}
	scaled := math.Float64frombits(a.Word)
	if src.from == fromDouble {
		scaled = float64(scaled * millionths)
	}
	scaled = math.Round(scaled)
	return int64(scaled), scaled < largest && scaled > -largest // which what is not a number is not
}

// dimensions fills d.pick with the dimensions of a value. It reports whether
// all are there.
func (d *Deriver) dimensions(m *metric, src *source, t *otlp.Traces, first int, s *otlp.Span) bool {
	for i := range m.dims[:min(len(m.dims), maxDims)] {
		dim := &m.dims[i]
		a, ok := otlp.Attr{}, false
		switch f := &d.found[dim.slot]; {
		case dim.constant != 0:
			a, ok = otlp.Attr{Kind: otlp.KindString, Word: uint64(dim.constant)}, true
		case dim.tokenType && src.token != 0:
			a, ok = otlp.Attr{Kind: otlp.KindString, Word: uint64(src.token)}, true
		case src.fixed != nil && src.fixed[i] != 0:
			a, ok = otlp.Attr{Kind: otlp.KindString, Word: uint64(src.fixed[i])}, true
		case dim.ofResource && f.stamp != d.stamp:
			a, ok = lookup(t, t.Resources[s.Resource].Attrs, dim.key)
		case dim.optional && src.fixed != nil && !dim.ofResource: // of other sources
		case f.stamp == d.stamp:
			a, ok = f.attr, scalar(f.attr.Kind)
		case dim.optional:
		default:
			a, ok = d.elsewhere(dim.key, t, first, s)
		}
		if !ok {
			if !dim.optional {
				return false
			}
			a = otlp.Attr{Kind: otlp.KindEmpty}
		}
		a.Key = dim.key
		d.pick[i] = a
	}
	return true
}

// scalar reports whether a value of the kind can tell series apart.
func scalar(k otlp.Kind) bool {
	switch k {
	case otlp.KindString, otlp.KindText, otlp.KindInt, otlp.KindBool, otlp.KindDouble:
		return true
	}
	return false
}

// elsewhere looks an attribute up on the resource of a span, then on the server
// spans of its request, which speak for it, in their order. Those of tool servers
// speak for a call alone.
func (d *Deriver) elsewhere(key otlp.StringID, t *otlp.Traces, first int, s *otlp.Span) (otlp.Attr, bool) {
	if a, ok := lookup(t, t.Resources[s.Resource].Attrs, key); ok {
		return a, true
	}
	for i := first; i < len(t.Spans); i++ {
		if d.ofSystem(i) || !d.speaks(t, &t.Spans[i]) {
			continue
		}
		if a, ok := lookup(t, t.Spans[i].Attrs, key); ok {
			return a, true
		}
	}
	return otlp.Attr{}, false
}

// speaks reports whether a span speaks for its request.
func (d *Deriver) speaks(t *otlp.Traces, s *otlp.Span) bool {
	if s.Kind != otlp.SpanKindServer {
		return false
	}
	c, ok := d.rules.class(t, s)
	return !ok || c != d.rules.serve
}

// lookup returns the scalar attribute of a key.
func lookup(t *otlp.Traces, r otlp.Range, key otlp.StringID) (otlp.Attr, bool) {
	for _, a := range t.Attrs[r.Start:r.End] {
		if a.Key == key && scalar(a.Kind) {
			return a, true
		}
	}
	return otlp.Attr{}, false
}
