package profile

import (
	"cmp"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Total is what all values of a metric come to that have the same attributes: those of
// points that are alike but for their resource and their time.
type Total struct {
	Values []TotalValue // by key
	Count  uint64       // of values of a histogram; else 0
	Sum    float64
}

// TotalValue is an attribute of a Total: its key, and the Hash of its value among those of
// Metric.Attributes.
type TotalValue struct {
	Key  string
	Hash uint64
}

// Tables of totals are larger than others: so many times.
const (
	livesOfOthers = 32 // series of a process: 131,072
	setsOfOthers  = 4  // different attributes: 16,384
)

// life is a series from one start to the next: what its latest point says or, of points
// that are differences, what all of them come to.
type life struct {
	metric, set uint64
	time        uint64
	count       uint64
	sum         float64
	parts       sketch.Sum // of differences, in millionths: a sum that has no order
}

// set is attributes that points of a metric have.
type set struct {
	metric uint64
	values []TotalValue
}

// millionths is what sums of differences are counted in.
const millionths = 1e6

// total counts a point of a metric that only grows. series is a hash of its resource and
// attributes, attributes one of these alone.
func (b *Builder) total(metric, series, attributes uint64, p *intake.Point) {
	switch {
	case p.Kind == otlp.MetricSum && p.Monotonic, p.Kind == otlp.MetricHistogram, p.Kind == otlp.MetricExpHistogram:
	default:
		return
	}
	delta := p.Temporality == otlp.TemporalityDelta
	h := join(metric, series)
	if !delta {
		h = join(h, p.Start)
	}
	l, room := b.lives.find(h)
	if l == nil && !room {
		return
	}
	if l == nil {
		l = b.lives.put(h, &life{metric: metric, set: join(metric, attributes)})
		if s, room := b.sets.find(l.set); s == nil && room {
			b.sets.put(l.set, newSet(metric, p))
		}
	}
	x := life{time: p.Time, count: p.Count, sum: p.Value}
	if p.Kind == otlp.MetricSum {
		x.count = 0
	}
	if delta {
		x.sum = 0
		x.parts.Add(uint64(min(max(math.Round(float64(p.Value*millionths)), 0), 1<<62)))
	}
	l.take(&x, delta)
}

func newSet(metric uint64, p *intake.Point) *set {
	s := &set{metric: metric}
	for i := range p.Attributes {
		s.values = append(s.values, TotalValue{string(p.Attributes[i].Key), valueHash(&p.Attributes[i])})
	}
	slices.SortFunc(s.values, func(a, b TotalValue) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Hash, b.Hash)) })
	return s
}

// take adds what another one says of the same series and start.
func (l *life) take(x *life, delta bool) {
	switch {
	case delta:
		l.count += x.count
		l.parts.Merge(x.parts)
		l.time = max(l.time, x.time)
	case cmp.Or(cmp.Compare(x.time, l.time), cmp.Compare(x.count, l.count), cmp.Compare(x.sum, l.sum)) > 0:
		l.time, l.count, l.sum = x.time, x.count, x.sum
	}
}

// absorbTotals adds those of a profile.
func (b *Builder) absorbTotals(p *Profile) {
	b.lives.join(p.kept.lives)
	b.sets.join(p.kept.sets)
	for _, h := range p.kept.sets.sorted() {
		if s, room := b.sets.find(h); s == nil && room {
			b.sets.put(h, p.kept.sets.items[h])
		}
	}
	for _, h := range p.kept.lives.sorted() {
		o := p.kept.lives.items[h]
		m := p.Metrics[o.metric]
		l, room := b.lives.find(h)
		if l == nil && (!room || m == nil) {
			continue
		}
		if l == nil {
			l = b.lives.put(h, &life{metric: o.metric, set: o.set})
		}
		if m != nil {
			l.take(o, m.Temporality == otlp.TemporalityDelta)
		}
	}
}

// totals sets those of the metrics. Where there were more series than are kept none are
// known, since nobody could say of which something is missing.
func (b *Builder) totals(metrics map[uint64]*Metric) {
	if b.lives.over || b.sets.over {
		return
	}
	of := make(map[uint64]*Total)
	for _, h := range b.lives.sorted() { // sums of fractions have an order
		l := b.lives.items[h]
		m := metrics[l.metric]
		if m == nil {
			continue
		}
		t := of[l.set]
		if t == nil {
			t = &Total{Values: b.sets.items[l.set].values}
			of[l.set] = t
		}
		t.Count += l.count
		t.Sum += l.sum + float64(l.parts.Float()/millionths)
	}
	for _, h := range b.sets.sorted() {
		if m := metrics[b.sets.items[h].metric]; m != nil && of[h] != nil {
			m.Totals = append(m.Totals, *of[h])
		}
	}
}
