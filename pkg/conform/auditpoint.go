package conform

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// auditRun is what the values from one to another of a series come to, in the buckets of
// its latest point. Cumulative points go on from it.
type auditRun struct {
	from, to         int
	sum, least, most int64
	zeros            uint64
	counts           []uint64
	outside          int // one more than the index of the first value that has no bucket; 0: none

	kind   otlp.MetricKind
	bounds []float64
	scale  int32
	offset int32
}

// continues reports whether the values of a point are those of before, and more.
func (r *auditRun) continues(p *auditPoint, from, to int) bool {
	return r.kind == p.metric.Kind && r.from == from && r.to <= to && len(r.counts) == len(p.counts) &&
		r.scale == p.point.Scale && r.offset == p.point.Positive.Offset && slices.Equal(r.bounds, p.bounds)
}

// take adds up the values of a point.
func (r *auditRun) take(p *auditPoint, values []auditValue, from, to int) {
	if !r.continues(p, from, to) {
		*r = auditRun{
			from: from, to: from, least: math.MaxInt64, most: math.MinInt64, counts: slices.Grow(r.counts[:0], len(p.counts))[:len(p.counts)],
			kind: p.metric.Kind, bounds: append(r.bounds[:0], p.bounds...), scale: p.point.Scale, offset: p.point.Positive.Offset,
		}
		clear(r.counts)
	}
	histogram := p.metric.Kind != otlp.MetricGauge && p.metric.Kind != otlp.MetricSum
	for ; r.to < to; r.to++ {
		v := &values[r.to]
		r.sum, r.least, r.most = r.sum+v.number, min(r.least, v.number), max(r.most, v.number)
		switch {
		case !histogram || r.outside > 0:
		case p.metric.Kind == otlp.MetricExpHistogram && v.number == 0:
			r.zeros++
		default:
			i := p.bucketOf(v)
			if i < 0 || i >= len(r.counts) {
				r.outside = r.to + 1
				continue
			}
			r.counts[i]++
		}
	}
}

// upToTime is how many values are not after a time.
func upToTime(values []auditValue, t uint64) int {
	low, high := 0, len(values)
	for low < high {
		if at := (low + high) / 2; values[at].time <= t {
			low = at + 1
		} else {
			high = at
		}
	}
	return low
}

// point compares a point with the values that it should be made of.
func (a *Audit) point(p *auditPoint, fail func(rule, format string, args ...any)) {
	values, run := p.series.values, &p.series.run
	from := 0
	if p.metric.Temporality == otlp.TemporalityDelta && p.point.Start > a.begin {
		// A value at the very start of the segment has no earlier window.
		from = upToTime(values, p.point.Start)
	}
	to := max(from, upToTime(values, p.point.Time))
	made := values[from:to]
	if len(made) == 0 && p.metric.Temporality != otlp.TemporalityDelta {
		fail("audit-point", "series %s has a point at %d, and no span that gives it a value before", p.series.name, p.point.Time)
		return
	}
	run.take(p, values, from, to)
	per := 1.0
	if len(values) > 0 {
		per = values[0].per
	}
	x := &p.point
	wrong := func(what string, got, want any) {
		fail("audit-point", "series %s at %d: %s is %v, the spans say %v", p.series.name, x.Time, what, got, want)
	}
	switch p.metric.Kind {
	case otlp.MetricGauge:
		if got, want := valueOf(x.Value, x.Kind), made[len(made)-1].float(); got != want {
			wrong("value", got, want)
		}
	case otlp.MetricSum:
		if got, want := valueOf(x.Value, x.Kind), float64(run.sum)/per; got != want {
			wrong("value", got, want)
		}
	default:
		if x.Count != uint64(len(made)) {
			wrong("count", x.Count, len(made))
		}
		if want := float64(run.sum) / per; x.Sum != want {
			wrong("sum", x.Sum, want)
		}
		if len(made) > 0 && (x.Min != float64(run.least)/per || x.Max != float64(run.most)/per) {
			wrong("minimum and maximum", []float64{x.Min, x.Max}, []float64{float64(run.least) / per, float64(run.most) / per})
		}
		a.buckets(p, wrong)
	}
	a.exemplars(p, made, fail)
}

// buckets compares the buckets of a histogram with its values.
func (a *Audit) buckets(p *auditPoint, wrong func(what string, got, want any)) {
	run := &p.series.run
	switch {
	case run.outside > 0:
		wrong("bucket range", len(p.counts), p.series.values[run.outside-1].float())
	case !slices.Equal(p.counts, run.counts) || p.point.ZeroCount != run.zeros:
		wrong("buckets", append([]uint64{p.point.ZeroCount}, p.counts...), append([]uint64{run.zeros}, run.counts...))
	}
}

// bucketOf returns which of a point's buckets a value that spans gave belongs to.
func (p *auditPoint) bucketOf(v *auditValue) int {
	if p.metric.Kind != otlp.MetricExpHistogram {
		return p.bucket(v.float())
	}
	if !v.placed {
		v.finest, v.placed = finestBucket(v.float()), true
	}
	return p.ofFinest(v.finest)
}

// bucket returns which of a point's buckets a value belongs to.
func (p *auditPoint) bucket(v float64) int {
	if p.metric.Kind != otlp.MetricExpHistogram {
		i := 0
		for i < len(p.bounds) && v > p.bounds[i] {
			i++
		}
		return i
	}
	return p.ofFinest(finestBucket(v))
}

// ofFinest returns which of a point's buckets has one of the finest scale.
func (p *auditPoint) ofFinest(finest int) int {
	if p.point.Scale > finestScale {
		return -1
	}
	// The buckets of a scale are pairs of those of the next finer one.
	return finest>>(finestScale-int64(p.point.Scale)) - int(p.point.Positive.Offset)
}

// exemplars checks that each exemplar is one of the values that came in since
// the point before, and that no two are of one bucket.
func (a *Audit) exemplars(p *auditPoint, made []auditValue, fail func(rule, format string, args ...any)) {
	buckets := a.scratch.exemplars[:0]
	for i := range p.exemplars {
		x := &p.exemplars[i]
		value := valueOf(x.Value, x.Kind)
		if !isMade(made, x, value) {
			fail("audit-exemplar", "series %s at %d: the exemplar of span %x of trace %x is no value of that span", p.series.name, p.point.Time, x.SpanID, x.TraceID)
		}
		bucket := 0
		switch {
		case p.metric.Kind == otlp.MetricHistogram, p.metric.Kind == otlp.MetricExpHistogram && value != 0:
			bucket = 1 + p.bucket(value)
			if bucket < 1 || bucket > len(p.counts) || p.counts[bucket-1] == 0 {
				fail("audit-exemplar", "series %s at %d: no bucket counts the exemplar %v", p.series.name, p.point.Time, value)
			}
		}
		if slices.Contains(buckets, bucket) {
			fail("audit-exemplar", "series %s at %d: two exemplars of one bucket", p.series.name, p.point.Time)
		}
		buckets = append(buckets, bucket)
	}
	a.scratch.exemplars = buckets
}

// isMade reports whether an exemplar is one of the values, which are in the order of their
// times.
func isMade(made []auditValue, x *otlp.Exemplar, value float64) bool {
	i := 0
	if x.Time > 0 {
		i = upToTime(made, x.Time-1)
	}
	for ; i < len(made) && made[i].time == x.Time; i++ {
		if v := &made[i]; v.span == (spanKey{x.TraceID, x.SpanID}) && v.float() == value {
			return true
		}
	}
	return false
}

// valueOf returns the value of a point or exemplar.
func valueOf(word uint64, kind otlp.Kind) float64 {
	if kind == otlp.KindInt {
		return float64(int64(word))
	}
	return math.Float64frombits(word)
}
