package verify

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/show"
)

// metricChecker checks the series of one file: each point by itself, how it
// follows the one before, and its exemplars against the spans of the segment.
type metricChecker struct {
	f      *fileVerifier
	series map[uint64]int // index of known, by the hash of what names the series
	spelt  map[uint64]int // the same, by how it is spelt in records
	known  []seriesState
	names  seriesNames

	n     int // record
	m     *otlp.Metrics
	x     *otlp.Metric
	all   []uint64 // scratch: counts of a point
	ticks tickChecker
}

// seriesState is the last point of a series, and since when there are any.
type seriesState struct {
	seriesName
	first  uint64
	tick   int // of its last point
	point  otlp.Point
	counts []uint64 // of all its buckets
}

// window is the time that a series covers in one segment.
type window struct {
	series     uint64
	label      string
	start, end uint64
}

func (c *metricChecker) reset(f *fileVerifier) {
	if c.series == nil {
		c.series, c.spelt = make(map[uint64]int), make(map[uint64]int)
	}
	clear(c.series)
	clear(c.spelt)
	c.f, c.known = f, c.known[:0]
	c.ticks.times = c.ticks.times[:0]
}

// windows returns when the series of the file were written.
func (c *metricChecker) windows() []window {
	list := make([]window, len(c.known))
	for i := range c.known {
		s := &c.known[i]
		list[i] = window{s.key, s.label, s.first, s.point.Time}
	}
	return list
}

// record takes the metrics of one record.
func (c *metricChecker) record(n int, m *otlp.Metrics) {
	c.n, c.m = n, m
	if c.names.begin(m) {
		clear(c.spelt)
	}
	want := c.f.s.v.report.Manifest.Options.OTLPTemporality()
	for i := range m.Metrics {
		c.x = &m.Metrics[i]
		c.names.metric(c.x)
		x := c.x
		name := m.Strings.String(x.Name)
		switch {
		case name == "":
			c.f.at(ruleMetric, n, "metric %d has no name", i)
		case x.Kind == otlp.MetricNone || x.Points.Len() == 0:
			c.f.at(ruleMetric, n, "metric %s has no points", name)
		case x.Kind == otlp.MetricGauge:
		case x.Kind == otlp.MetricSum && !x.Monotonic:
			// What goes up and down has a value of its own at each time.
			if x.Temporality != otlp.TemporalityCumulative && x.Temporality != want {
				c.f.at(ruleMetric, n, "metric %s: temporality is %d, want %d or %d", name, x.Temporality, otlp.TemporalityCumulative, want)
			}
		case x.Temporality != want:
			c.f.at(ruleMetric, n, "metric %s: temporality is %d, want %d, which is %s", name, x.Temporality, want, want)
		}
		for j := x.Points.Start; j < x.Points.End; j++ {
			c.point(&m.Points[j])
		}
	}
}

// complain adds a finding about a point.
func (c *metricChecker) complain(s *seriesState, p *otlp.Point, format string, args ...any) {
	c.f.at(rulePoint, c.n, "series %s at %v: %s", s.label, corpus.Nanos(p.Time), fmt.Sprintf(format, args...))
}

// state returns the state of the series of p, and whether it had points.
func (c *metricChecker) state(p *otlp.Point) (*seriesState, bool) {
	spelt, ok := c.names.spelt(p)
	if i, had := c.spelt[spelt]; ok && had {
		return &c.known[i], true
	}
	name := c.names.of(p, spelt, ok)
	i, had := c.series[name.key]
	if !had {
		i = len(c.known)
		c.series[name.key] = i
		c.known = slices.Grow(c.known, 1)[:i+1]
		c.known[i] = seriesState{seriesName: name, counts: c.known[i].counts[:0]}
	}
	if ok {
		c.spelt[spelt] = i
	}
	return &c.known[i], had
}

// point checks a point and makes it the last of its series.
func (c *metricChecker) point(p *otlp.Point) {
	s, ok := c.state(p)
	switch gauge := c.x.Kind == otlp.MetricGauge; {
	case p.Time == 0:
		c.complain(s, p, "it has no time")
	case !gauge && p.Start == 0:
		c.complain(s, p, "it has no start")
	case p.Start > p.Time:
		c.complain(s, p, "it starts %v after its time", show.Duration(p.Time, p.Start))
	}
	c.present(s, p, ok)
	counts := c.counts(p)
	if ok {
		c.follows(s, p, counts)
	} else {
		s.first = p.Start
		if p.Start == 0 {
			s.first = p.Time
		}
	}
	switch c.x.Kind {
	case otlp.MetricHistogram:
		c.histogram(s, p, counts)
	case otlp.MetricExpHistogram:
		c.distribution(s, p, counts)
	default:
		if p.Kind != otlp.KindInt && p.Kind != otlp.KindDouble {
			c.complain(s, p, "it has no value")
		}
	}
	for k := p.Exemplars.Start; k < p.Exemplars.End; k++ {
		c.exemplar(s, p, &c.m.Exemplars[k], counts)
	}
	s.point = *p
	s.counts = append(s.counts[:0], counts...)
}

// counts returns the counts of all buckets of p.
func (c *metricChecker) counts(p *otlp.Point) []uint64 {
	switch c.x.Kind {
	case otlp.MetricHistogram:
		return c.m.Counts[p.Buckets.Start:p.Buckets.End]
	case otlp.MetricExpHistogram:
		positive := c.m.Counts[p.Positive.Counts.Start:p.Positive.Counts.End]
		negative := c.m.Counts[p.Negative.Counts.Start:p.Negative.Counts.End]
		c.all = append(append(append(c.all[:0], positive...), negative...), p.ZeroCount)
		return c.all
	}
	return nil
}

// follows checks a point against the one before it in its series.
func (c *metricChecker) follows(s *seriesState, p *otlp.Point, counts []uint64) {
	last := &s.point
	if p.Time <= last.Time {
		c.complain(s, p, "it follows a point at %v", corpus.Nanos(last.Time))
		return
	}
	switch {
	case c.x.Kind == otlp.MetricGauge:
		return
	case c.x.Temporality == otlp.TemporalityDelta, p.Start != last.Start:
		// A point of its own, or the series begins anew: the windows touch at most.
		if p.Start < last.Time {
			c.complain(s, p, "it starts %v before the end of the point before", show.Duration(p.Start, last.Time))
		}
		return
	}
	less := p.Count < last.Count
	switch c.x.Kind {
	case otlp.MetricSum:
		less = c.x.Monotonic && number(p.Kind, p.Value) < number(last.Kind, last.Value)
	case otlp.MetricHistogram:
		for i := range min(len(counts), len(s.counts)) {
			less = less || counts[i] < s.counts[i]
		}
		// A sum of what is never negative never falls either.
		less = less || last.Has&p.Has&otlp.HasSum != 0 && p.Has&otlp.HasMin != 0 && p.Min >= 0 && p.Sum < last.Sum
	}
	if less {
		c.complain(s, p, "it is less than the point before, and both count from %v", corpus.Nanos(p.Start))
	}
}

// number returns the value of a point or exemplar.
func number(kind otlp.Kind, value uint64) float64 {
	if kind == otlp.KindInt {
		return float64(int64(value))
	}
	return math.Float64frombits(value)
}

// distribution checks what both kinds of histograms have.
func (c *metricChecker) distribution(s *seriesState, p *otlp.Point, counts []uint64) {
	sum := uint64(0)
	for _, n := range counts {
		sum += n
	}
	if sum != p.Count && (len(counts) > 0 || c.x.Kind == otlp.MetricExpHistogram) {
		c.complain(s, p, "its buckets hold %d values, its count is %d", sum, p.Count)
	}
	if p.Has&otlp.HasMin != 0 && p.Has&otlp.HasMax != 0 && p.Count > 0 && !(p.Min <= p.Max) {
		c.complain(s, p, "its minimum is %v, its maximum %v", p.Min, p.Max)
	}
}

// histogram checks an explicit histogram.
func (c *metricChecker) histogram(s *seriesState, p *otlp.Point, counts []uint64) {
	bounds := c.m.Bounds[p.Bounds.Start:p.Bounds.End]
	for i := range bounds {
		if i > 0 && !(bounds[i-1] < bounds[i]) {
			c.complain(s, p, "bound %v does not follow bound %v", bounds[i], bounds[i-1])
			return
		}
	}
	if len(counts) != len(bounds)+1 && len(counts)+len(bounds) > 0 {
		c.complain(s, p, "it has %d buckets and %d bounds", len(counts), len(bounds))
		return
	}
	c.distribution(s, p, counts)
	if p.Count == 0 || len(counts) == 0 {
		return
	}
	if p.Has&otlp.HasMin != 0 && counts[bucketOf(bounds, p.Min)] == 0 {
		c.complain(s, p, "no bucket counts its minimum %v", p.Min)
	}
	if p.Has&otlp.HasMax != 0 && counts[bucketOf(bounds, p.Max)] == 0 {
		c.complain(s, p, "no bucket counts its maximum %v", p.Max)
	}
}

// bucketOf returns the bucket that counts v: a bound is in the one below it.
func bucketOf(bounds []float64, v float64) int {
	i, _ := slices.BinarySearchFunc(bounds, v, cmp.Compare[float64])
	return i
}

// exemplar checks an exemplar: which span it is of, and that the point counts
// it.
func (c *metricChecker) exemplar(s *seriesState, p *otlp.Point, e *otlp.Exemplar, counts []uint64) {
	complain := func(format string, args ...any) {
		if c.f.found.take(ruleExemplar) {
			c.f.found.keep(c.f.traceFinding(ruleExemplar, c.n, e.TraceID, e.SpanID,
				fmt.Sprintf("exemplar of series %s at %v: ", s.label, corpus.Nanos(p.Time))+fmt.Sprintf(format, args...)))
		}
	}
	if e.TraceID == (otlp.TraceID{}) || e.SpanID == (otlp.SpanID{}) {
		complain("an id is zero")
		return
	}
	if e.Kind != otlp.KindInt && e.Kind != otlp.KindDouble {
		complain("it has no value")
		return
	}
	if e.Time < p.Start || e.Time > p.Time {
		complain("its time %v is outside of the point's, which begins at %v", corpus.Nanos(e.Time), corpus.Nanos(p.Start))
	}
	if spans := c.f.s.spans(); spans != nil {
		switch span := spans.span(e.TraceID, e.SpanID); {
		case span == nil:
			complain("there is no such span in the segment")
		case e.Time < span.start || e.Time > span.end:
			complain("its time %v is outside of the span, %v to %v", corpus.Nanos(e.Time), corpus.Nanos(span.start), corpus.Nanos(span.end))
		}
	}
	c.counted(p, number(e.Kind, e.Value), counts, complain)
}

// counted checks that a histogram counts the value of an exemplar.
func (c *metricChecker) counted(p *otlp.Point, v float64, counts []uint64, complain func(format string, args ...any)) {
	if c.x.Kind != otlp.MetricHistogram && c.x.Kind != otlp.MetricExpHistogram {
		return
	}
	if p.Has&otlp.HasMin != 0 && v < p.Min || p.Has&otlp.HasMax != 0 && v > p.Max {
		complain("its value %v is not between minimum %v and maximum %v", v, p.Min, p.Max)
	}
	bounds := c.m.Bounds[p.Bounds.Start:p.Bounds.End]
	if c.x.Kind == otlp.MetricHistogram && len(counts) == len(bounds)+1 && counts[bucketOf(bounds, v)] == 0 {
		complain("no bucket counts its value %v", v)
	}
}

// life is how long a series has been written, and by which segment last.
type life struct {
	end     uint64
	segment uint64
}

// overlaps finds series that a segment begins to write before another has ended
// to: two processes of one instance. They mostly are all the series of an
// instance, so one speaks for the rest.
func (v *verifier) overlaps(segment uint64, r *segmentReport) {
	var first *window
	var other life
	count := 0
	for i := range r.windows {
		w := &r.windows[i]
		l, ok := v.lives[w.series]
		if ok && w.start < l.end {
			if count++; first == nil {
				first, other = w, l
			}
		}
		if w.end >= l.end {
			v.lives[w.series] = life{w.end, segment}
		}
	}
	if first != nil {
		v.found.file(ruleOverlap, r.windowsFile, "%d series, %s for one, begin at %v or so, when segment %d still writes them, until %v",
			count, first.label, corpus.Nanos(first.start), other.segment, corpus.Nanos(other.end))
	}
}
