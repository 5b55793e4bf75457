package conform

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// loadAt is the load of the arrivals, 1 in the mean.
func (a *Audit) loadAt(t uint64) float64 {
	if a.o.Load == nil {
		return 1
	}
	return float64(a.o.Load(t)) / 1e6
}

// once is what rounding takes away at most, with what floating-point numbers lack.
const once = 0.501

// span are the bounds of a value.
type span struct{ low, high float64 }

// worth is the value of a metric without its noise. Products are rounded before they are
// added, as everywhere: some compilers fuse them else.
func worth(m *semconv.OwnMetric, requests, waiting, load float64) float64 {
	return m.Base + float64(m.PerRequest*requests) + float64(m.PerWaiting*waiting) + float64(m.PerLoad*load)
}

// noisy are the bounds of a value that may be off by a share of it.
func noisy(v, noise float64) span {
	off := float64(math.Abs(v) * noise)
	return span{v - off, v + off}
}

// has reports whether a value is within bounds, as far as floating-point numbers can say
// it, and parts of so many a unit, of which rounding can have taken so many away.
func (b span) has(v, per, rounded float64) bool {
	most := float64(mostOf) / per
	low, high := max(min(b.low, most), -most), max(min(b.high, most), -most)
	slack := rounded/per + float64(1e-9*max(math.Abs(low), math.Abs(high)))
	return v >= low-slack && v <= high+slack
}

// owns judges the metrics of the service's own.
func (t *lifeTeller) owns() {
	for i := range t.l.told.service.Metrics {
		m := &t.l.told.service.Metrics[i]
		if len(m.From) > 0 {
			continue
		}
		attrs := make(map[string]any)
		for _, a := range m.Attributes {
			attrs[a.Name] = a.Value
		}
		series := seriesOf(m.Name, t.l.origin, attrs)
		told := t.l.told.metrics[m.Name]
		per := 1e6
		if told.whole() {
			per = 1
		}
		switch {
		case strings.HasSuffix(m.Instrument, "histogram"):
			t.histogram(m, series)
		case m.Instrument == "counter":
			t.counter(m, series, per)
		default:
			t.each(series, 0, func(p *auditPoint, _ uint64) {
				v := worth(m, float64(t.l.requests.at(p.point.Time)), float64(t.l.waiting.at(p.point.Time)), t.loadAt(p.point.Time))
				t.value(p, noisy(v, m.Noise), per, once)
			})
		}
	}
}

// value judges the value of a point.
func (t *lifeTeller) value(p *auditPoint, want span, per, rounded float64) {
	if got := valueOf(p.point.Value, p.point.Kind); !want.has(got, per, rounded) || (p.point.Kind == otlp.KindInt) != (per == 1) {
		t.wrong(p, got, fmt.Sprintf("from %v to %v", want.low, want.high))
	}
}

// counter judges one that rises with time and with every request.
func (t *lifeTeller) counter(m *semconv.OwnMetric, series string, per float64) {
	var sum span
	t.each(series, 0, func(p *auditPoint, previous uint64) {
		at := p.point.Time
		rises := worth(m, 0, float64(t.l.waiting.at(at)), t.loadAt(at))
		ended := t.l.requests.within(previous, at)
		if previous == t.begin {
			ended = t.l.requests.within(0, at)
		}
		by := noisy(float64(rises*float64(at-previous))/1e9+float64(m.PerRequest*float64(ended)), m.Noise)
		sum.low, sum.high = sum.low+by.low, sum.high+by.high
		if p.metric.Temporality == otlp.TemporalityDelta {
			t.value(p, by, per, 2*once)
		} else {
			t.value(p, sum, per, once)
		}
	})
}

// histogram judges one that takes a value whenever a request ends.
func (t *lifeTeller) histogram(m *semconv.OwnMetric, series string) {
	l := t.l
	l.requests.sort()
	if len(l.requests.ends) == 0 {
		return
	}
	first, _ := slices.BinarySearch(t.ticks, l.requests.ends[0])
	taken, from := 0, 0
	t.each(series, first, func(p *auditPoint, _ uint64) {
		if p.metric.Temporality == otlp.TemporalityDelta {
			from = taken
		}
		taken = int(upTo(l.requests.ends, p.point.Time))
		sum, all := span{}, span{math.Inf(1), math.Inf(-1)}
		for _, end := range l.requests.ends[from:taken] {
			v := worth(m, float64(l.requests.around(end)), float64(l.waiting.around(end)), t.loadAt(end))
			b := noisy(v, m.Noise)
			sum.low, sum.high = sum.low+b.low, sum.high+b.high
			all.low, all.high = min(all.low, b.low), max(all.high, b.high)
		}
		n := taken - from
		if p.point.Count != uint64(n) {
			t.wrong(p, p.point.Count, n)
			return
		}
		sum.low, sum.high = sum.low-float64(float64(n)*1e-6), sum.high+float64(float64(n)*1e-6)
		if !sum.has(p.point.Sum, 1e6, once) {
			t.wrong(p, p.point.Sum, fmt.Sprintf("from %v to %v", sum.low, sum.high))
		}
		if n > 0 && (!all.has(p.point.Min, 1e6, once) || !all.has(p.point.Max, 1e6, once)) {
			t.wrong(p, []float64{p.point.Min, p.point.Max}, fmt.Sprintf("from %v to %v", all.low, all.high))
		}
		t.counts(p)
	})
}

// counts judges the buckets of a histogram by what else it says.
func (t *lifeTeller) counts(p *auditPoint) {
	if p.metric.Kind == otlp.MetricHistogram && len(p.counts) != len(p.bounds)+1 {
		t.wrong(p, fmt.Sprintf("%d buckets", len(p.counts)), fmt.Sprintf("%d bounds", len(p.bounds)))
		return
	}
	n := p.point.ZeroCount
	for i, c := range p.counts {
		n += c
		if p.metric.Kind == otlp.MetricHistogram && c > 0 && (i < len(p.bounds) && p.point.Min > p.bounds[i] || i > 0 && p.point.Max <= p.bounds[i-1]) {
			t.wrong(p, fmt.Sprintf("%d in bucket %d", c, i), fmt.Sprintf("from %v to %v", p.point.Min, p.point.Max))
		}
	}
	x := &p.point
	mean := x.Sum / float64(max(x.Count, 1))
	if n != x.Count || x.Count > 0 && (mean < x.Min-float64(1e-9*math.Abs(x.Min)) || mean > x.Max+float64(1e-9*math.Abs(x.Max))) {
		t.wrong(p, fmt.Sprintf("%d in all buckets, %v on average", n, mean), fmt.Sprintf("%d, from %v to %v", x.Count, x.Min, x.Max))
	}
	if len(p.exemplars) > 0 {
		t.fail("audit-exemplar", "series %s at %d: it has exemplars, and is of no span", p.series.name, x.Time)
	}
}
