package signals

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// life is an instance that has had a span in the segment: from its first tick on it
// tells how it is.
type life struct {
	program  *program
	key      rng.Key   // of its streams in the segment
	first    uint32    // of its series in pulses.series, in the order of program.pulses
	now, was reading   // as of the tick, and of the one before
	since    uint64    // the time up to which busy is summed up
	busy     [2]uint64 // nanoseconds of all requests since the tick before: 128 bits
	waiting  int64     // messages
	ended    int64     // requests since the tick before
	requests uint64    // that have ended in the segment
	sums     uint32    // first of the sums of its own metrics in pulses.sums, as first
}

// change is one more or one less of something from a time on.
type change struct {
	time  uint64
	what  uint8
	more  bool
	life  uint32
	level uint32 // one more than an index of pulses.levels; 0: of no series
}

// What changes. Ends of requests are seen twice: before they count, which is when
// histograms take a value, and after.
const (
	ofRequest uint8 = iota
	ofConnection
	ofMessage
	ofEnd
)

// level is a series that is counted from spans.
type level struct {
	series, idle uint32 // idle: one more than the series of the connections of the pool that are not used; 0: none
	keeps        int64  // connections that the pool keeps open
	count        int64
}

// pulses are what instances tell of themselves in a segment.
type pulses struct {
	lives   []life
	lifeOf  []uint32 // by resource of the rules: one more than the index of its life; 0: none yet
	changes []change
	levels  []level
	series  []uint32
	sums    []float64
	sent    map[sentKey]uint64 // when the messages of the request under work were sent
	text    []byte
	tick    uint64
}

type sentKey struct {
	trace otlp.TraceID
	span  otlp.SpanID
}

func (p *pulses) reset(resources int) {
	p.lives, p.changes, p.levels, p.series, p.sums = p.lives[:0], p.changes[:0], p.levels[:0], p.series[:0], p.sums[:0]
	p.lifeOf = resize(p.lifeOf, resources)
	clear(p.lifeOf)
	p.tick = 0
}

// sortChanges puts them in order of time: first what begins, then what histograms
// take, and last what ends. What is left to chance makes no difference.
func (p *pulses) sortChanges() {
	phase := func(c *change) int {
		switch {
		case c.more:
			return 0
		case c.what == ofEnd:
			return 1
		}
		return 2
	}
	slices.SortFunc(p.changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(phase(&a), phase(&b)), cmp.Compare(a.life, b.life),
			cmp.Compare(a.what, b.what), cmp.Compare(a.level, b.level))
	})
}

// pulse sets what instances tell at a tick, the one before which was at previous.
// from is the first change after that; it returns the first one that is still to come.
func (d *Deriver) pulse(previous, at uint64, from int) int {
	p := &d.pulses
	for from < len(p.changes) && p.changes[from].time <= at {
		d.change(&p.changes[from])
		from++
	}
	for i := range p.levels {
		l := &p.levels[i]
		d.shows(l.series, l.count)
		if l.idle > 0 {
			d.shows(l.idle-1, max(0, l.keeps-l.count))
		}
	}
	for i := range p.lives {
		d.tells(&p.lives[i], previous, at)
	}
	p.tick++
	return from
}

// shows sets the value of a series.
func (d *Deriver) shows(i uint32, value int64) {
	d.series[i].sum, d.series[i].live = value, true
}

// takes adds a value to a histogram.
func (d *Deriver) takes(i uint32, value int64) {
	d.touch(i)
	s := &d.series[i]
	s.takes(value)
	d.emitter.counts[s.counts+uint32(d.rules.metrics[s.metric].bucket(value))]++
}

// passes sums up the requests under work until a time.
func (l *life) passes(time uint64) {
	hi, lo := bits.Mul64(time-l.since, uint64(max(l.now.active, 0)))
	var carry uint64
	l.busy[1], carry = bits.Add64(l.busy[1], lo, 0)
	l.busy[0] += hi + carry
	l.since = time
}

// change applies one.
func (d *Deriver) change(c *change) {
	p := &d.pulses
	l := &p.lives[c.life]
	if c.what == ofEnd {
		d.watch(l, c.time)
		return
	}
	by := int64(-1)
	if c.more {
		by = 1
	}
	switch c.what {
	case ofRequest:
		l.passes(max(c.time, l.since))
		l.now.active += by
		if !c.more {
			l.ended++
		}
	case ofConnection:
		l.now.connections += by
	case ofMessage:
		l.waiting += by
	}
	if c.level > 0 {
		p.levels[c.level-1].count += by
	}
}

// tells sets the series of an instance at a tick.
func (d *Deriver) tells(l *life, previous, at uint64) {
	p, x := &d.pulses, l.program
	l.passes(at)
	l.was = l.now
	load := d.load(at)
	key := l.key.Index(p.tick)
	if x.runtime != nil {
		l.read(at-d.start, at-previous, load, key)
	}
	for i := range x.pulses {
		q, s := &x.pulses[i], p.series[int(l.first)+i]
		m := &d.rules.metrics[q.metric]
		switch {
		case q.own != nil:
			d.tellsOwn(l, i, at-previous, load, key)
		case m.slots > 1:
			d.takes(s, q.of(&l.now))
		case m.monotonic && d.delta(m) && p.tick > 0:
			d.shows(s, q.of(&l.now)-q.of(&l.was))
		default:
			d.shows(s, q.of(&l.now))
		}
	}
	l.busy, l.ended = [2]uint64{}, 0
}

// load is that of the arrivals at a time, in millionths of the mean.
func (d *Deriver) load(at uint64) uint64 {
	if d.o.Load == nil {
		return millionths
	}
	return d.o.Load(at)
}

// The streams of a reading.
var (
	hashCPU       = rng.Hash("cpu")
	hashMemory    = rng.Hash("memory")
	hashAllocated = rng.Hash("allocated")
	hashPause     = rng.Hash("pause")
)

// near is a value that is off by at most so many millionths of it.
func near(v uint64, by uint64, key rng.Key) uint64 {
	s := key.Stream()
	return scaled(v, millionths-by+s.Below(2*by+1), millionths)
}

// read works out how an instance is. A request takes a quarter of a core while it is
// under work, and next to nothing of one that the load grows with is always taken.
// Memory is 18 % of what there is, and up to half of it more with the requests.
func (l *life) read(elapsed, length, load uint64, key rng.Key) {
	r := &l.now
	cores := uint64(r.cores)
	busy := uint64(0) // requests under work on average, in millionths
	if length > 0 {
		hi, lo := bits.Mul64(l.busy[1], millionths)
		hi += l.busy[0] * millionths
		busy, _ = bits.Div64(hi, lo, length)
	}
	r.elapsed, r.length = elapsed, length
	taken := near(scaled(load, 8_000*cores, millionths)+busy/4, 150_000, key.Index(hashCPU)) // millionths of a core
	r.took = scaled(length, min(taken, 970_000*cores), millionths)
	r.cpu += r.took
	r.spun = min(r.took, scaled(length, 970_000, millionths))
	r.loop += r.spun
	share := 180_000 + scaled(500_000, busy, busy+4*millionths*cores)
	r.used = int64(near(scaled(uint64(r.memory), share, millionths), 20_000, key.Index(hashMemory)))
	r.allocated += near(scaled(length, scaled(load, 32<<10, millionths), 1e9)+uint64(l.ended)*(96<<10), 200_000, key.Index(hashAllocated))
	r.collections++
	full := scaled(uint64(r.used), millionths, uint64(r.memory))
	r.pause = int64(near(2e6+20*full, 400_000, key.Index(hashPause)))
	r.delay = int64(near(1e6+scaled(r.spun, 9e6, max(length, 1)), 300_000, key.Index(hashPause)))
}

// off draws how far off a metric of a service's own is, from -1 up to 1.
func off(key rng.Key) float64 {
	return float64(int64(key.Uint64()>>11)-1<<52) / (1 << 52)
}

// valueOf is what a metric of a service's own shows while so many requests are under
// work.
func (l *life) valueOf(m *scenario.OwnMetric, active int64, load uint64) float64 {
	v := m.Base + float64(m.PerRequest*float64(active))
	v += float64(m.PerWaiting * float64(l.waiting))
	return v + float64(m.PerLoad*(float64(load)/millionths))
}

// noisy is a value with its noise.
func noisy(v float64, m *scenario.OwnMetric, key rng.Key) float64 {
	if m.Noise == 0 {
		return v
	}
	return v + float64(v*float64(m.Noise*off(key)))
}

// inParts is a value in parts of so many a unit.
func inParts(v float64, per uint64) int64 {
	return int64(math.Round(min(max(float64(v*float64(per)), -largest), largest)))
}

// tellsOwn sets the series of a metric of a service's own.
func (d *Deriver) tellsOwn(l *life, i int, length, load uint64, key rng.Key) {
	p, q := &d.pulses, &l.program.pulses[i]
	m, own, s := &d.rules.metrics[q.metric], q.own, p.series[int(l.first)+i]
	key = key.Index(q.name)
	switch {
	case m.slots > 1: // it takes its values when requests end
	case m.monotonic:
		rises := l.valueOf(own, 0, load)
		rises = float64(rises*(float64(length)/1e9)) + float64(own.PerRequest*float64(l.ended))
		sum := &p.sums[int(l.sums)+i]
		before := inParts(*sum, m.per)
		*sum += noisy(rises, own, key)
		now := inParts(*sum, m.per)
		if d.delta(m) {
			now -= before
		}
		d.shows(s, now)
	default:
		d.shows(s, inParts(noisy(l.valueOf(own, l.now.active, load), own, key), m.per))
	}
}

// watch gives histograms of an instance the values of a request that ends.
func (d *Deriver) watch(l *life, at uint64) {
	load := d.load(at)
	l.requests++
	for i := range l.program.pulses {
		q := &l.program.pulses[i]
		if m := &d.rules.metrics[q.metric]; q.own != nil && m.slots > 1 {
			v := noisy(l.valueOf(q.own, l.now.active, load), q.own, l.key.Index(q.name).Index(l.requests))
			d.takes(d.pulses.series[int(l.first)+i], max(0, inParts(v, m.per)))
		}
	}
}
