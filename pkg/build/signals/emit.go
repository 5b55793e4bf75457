package signals

import (
	"cmp"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// emitter is what turning the values of a segment into points takes.
type emitter struct {
	out     otlp.Metrics
	ends    []uint32     // by tick: one past the last of its values in byTick
	byTick  []uint32     // indices of values, by tick and within it in their order
	sorted  []uint32     // indices of series
	counts  []uint64     // counters of the series
	firsts  []uint32     // for each counter: 1 + the value since the tick before
	touched []uint32     // series with values since the tick before
	used    []int32      // by resource: its index in out, or -1
	bounds  []otlp.Range // by boundsID: where out has them
}

// EndSegment ends the segment and calls emit with the record of every tick that
// has points, in order. The record is lent.
func (d *Deriver) EndSegment(emit func(*otlp.Metrics) error) error {
	if len(d.values) == 0 && len(d.pulses.lives) == 0 {
		return nil
	}
	e := &d.emitter
	ticks := d.Ticks()
	d.sortValues(ticks)
	d.sortSeries()
	d.pulses.sortChanges()
	previous, from, changed := d.start, uint32(0), 0
	for tick := range ticks {
		at := d.start + (tick+1)*d.o.Interval
		if tick == ticks-1 {
			at = d.last
		}
		d.apply(e.byTick[from:e.ends[tick]])
		from = e.ends[tick]
		changed = d.pulse(previous, at, changed)
		d.record(previous, at)
		if len(e.out.Points) > 0 {
			if err := emit(&e.out); err != nil {
				return err
			}
		}
		d.forget()
		previous = at
	}
	return nil
}

// Ticks returns the number of ticks of the segment so far, at least one.
func (d *Deriver) Ticks() uint64 {
	span := d.last - d.start
	return max(1, span/d.o.Interval+min(1, span%d.o.Interval))
}

// tickOf returns the index of the first tick that is not before a time.
func (d *Deriver) tickOf(t uint64) uint64 {
	span := t - d.start
	n := span/d.o.Interval + min(1, span%d.o.Interval)
	return n - min(n, 1)
}

// sortValues groups the values by tick, keeping their order.
func (d *Deriver) sortValues(ticks uint64) {
	e := &d.emitter
	e.ends = resize(e.ends, int(ticks))
	clear(e.ends)
	for i := range d.values {
		e.ends[d.tickOf(d.values[i].time)]++
	}
	sum := uint32(0)
	for i, n := range e.ends {
		e.ends[i] = sum
		sum += n
	}
	e.byTick = resize(e.byTick, len(d.values))
	for i := range d.values {
		tick := d.tickOf(d.values[i].time)
		e.byTick[e.ends[tick]] = uint32(i)
		e.ends[tick]++
	}
}

// sortSeries puts the series in their order and gives them counters.
func (d *Deriver) sortSeries() {
	e := &d.emitter
	e.sorted = resize(e.sorted, len(d.series))
	n := 0
	for i := range d.series {
		e.sorted[i] = uint32(i)
		d.series[i].counts = uint32(n)
		n += d.rules.metrics[d.series[i].metric].slots
	}
	slices.SortFunc(e.sorted, func(a, b uint32) int { return d.order(&d.series[a], &d.series[b]) })
	if cap(e.counts) < n {
		e.counts, e.firsts = make([]uint64, n+n/2), make([]uint32, n+n/2)
	}
	e.counts, e.firsts = e.counts[:n], e.firsts[:n]
	clear(e.counts)
	clear(e.firsts)
	e.touched = e.touched[:0]
}

// order is that of series in a record: by resource, metric and dimensions.
func (d *Deriver) order(a, b *series) int {
	if c := cmp.Or(cmp.Compare(a.resource, b.resource), cmp.Compare(a.metric, b.metric)); c != 0 {
		return c
	}
	other := d.dims[b.dims.Start:b.dims.End]
	for i, v := range d.dims[a.dims.Start:a.dims.End] {
		if c := d.compare(v, d.text, other[i], d.text); c != 0 {
			return c
		}
	}
	return 0
}

// apply adds values to their series.
func (d *Deriver) apply(values []uint32) {
	e := &d.emitter
	for _, i := range values {
		v := &d.values[i]
		s := &d.series[v.series]
		m := &d.rules.metrics[s.metric]
		at := s.counts + v.slot
		first := e.firsts[at]
		if first == 0 || m.kind == otlp.MetricGauge && v.time >= d.values[first-1].time ||
			m.kind != otlp.MetricGauge && v.time < d.values[first-1].time {
			e.firsts[at] = i + 1
			if m.kind == otlp.MetricGauge {
				s.sum = v.number
			}
		}
		d.touch(v.series)
		if m.kind != otlp.MetricGauge {
			s.takes(v.number)
			e.counts[at]++
		}
	}
}

// touch notes that a series has a value since the tick before.
func (d *Deriver) touch(i uint32) {
	s := &d.series[i]
	s.live = true
	if !s.touched {
		s.touched = true
		d.emitter.touched = append(d.emitter.touched, i)
	}
}

// takes adds a value to what a series sums up.
func (s *series) takes(v int64) {
	if s.count == 0 {
		s.min, s.max = v, v
	}
	s.count++
	s.sum = add(s.sum, v)
	s.min, s.max = min(s.min, v), max(s.max, v)
}

// add adds as far as the result can be held.
func add(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}

// forget makes the series ready for the values of the next tick.
func (d *Deriver) forget() {
	e := &d.emitter
	for _, i := range e.touched {
		s := &d.series[i]
		s.touched = false
		m := &d.rules.metrics[s.metric]
		end := int(s.counts) + m.slots
		clear(e.firsts[s.counts:end])
		if d.delta(m) {
			clear(e.counts[s.counts:end])
			s.count, s.sum = 0, 0
		}
	}
	e.touched = e.touched[:0]
}

// delta reports whether points of a metric count from the tick before.
func (d *Deriver) delta(m *metric) bool {
	return d.o.Temporality == otlp.TemporalityDelta && !m.cumulative && m.kind != otlp.MetricGauge
}

// resize returns s with length n and unspecified content.
func resize(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n+n/2)[:n]
	}
	return s[:n]
}
