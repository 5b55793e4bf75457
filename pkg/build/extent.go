package build

import (
	"fmt"
	"math/bits"
	"sync"
	"time"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/signals"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

const (
	// largestDefault is how many iterations a segment holds unless it would
	// pass segmentBytes.
	largestDefault = 1024
	segmentBytes   = 64_000_000

	// A segment is in memory as a whole, and a worker has one: what is likely
	// to pass these is refused.
	maxSegmentBytes = 1 << 30   // of traces or logs
	maxMetricBytes  = 512 << 20 // of metrics, while iterations start
	maxTailBytes    = 1 << 30   // and with the session that ends last, were it the longest there can be
	maxTicks        = 100_000   // points of one series
)

// extents are what is known of the size of a plan's content, worked out when
// it is first asked for: by making some iterations, always the same ones.
type extents struct {
	mean sync.Once
	size uint64 // of the spans and logs of an iteration, in protobuf, mean by weight

	ticks [2]sync.Once // by format, as the next
	some  [2]tickSize
}

// tickSize is how long a record of metrics is after so many iterations, after
// half and after a quarter of them.
type tickSize struct {
	iterations, quarter, half, all uint64
}

// SegmentIterations returns how many iterations a segment holds when nothing
// else is asked for: 1,024, or the largest power of two below it with which the
// spans and logs of a segment do not pass 64 MB by the plan's mean.
func (p *Plan) SegmentIterations() uint64 {
	n := uint64(largestDefault)
	for mean := p.meanBytes(); n > 1 && mean > segmentBytes/n; {
		n /= 2
	}
	return n
}

// Of each scenario so many iterations are made for the mean: few while segments of
// it alone would be far from too large, more where its sessions are large, since
// then some are much larger than most.
const (
	meanSample = 4
	mostSample = 64
	largeBytes = segmentBytes / 2 / largestDefault
	enoughMean = 32_000_000
)

// meanBytes is the mean size of an iteration.
func (p *Plan) meanBytes() uint64 {
	p.extents.mean.Do(func() {
		var weights, sum uint64
		z := sampler{t: otlp.Traces{Strings: p.plan.Strings}}
		for _, s := range p.plan.Scenarios {
			w := s.Weight >> 16 // sums stay far within 64 bits
			if w == 0 || p.eachOnce {
				w = 1
			}
			weights += w
		}
		for _, s := range p.plan.Scenarios {
			w := s.Weight >> 16
			if w == 0 || p.eachOnce {
				w = 1
			}
			hi, lo := bits.Mul64(z.sample(p, s), w)
			share, _ := bits.Div64(hi%weights, lo, weights)
			sum += share
		}
		p.extents.size = sum
	})
	return p.extents.size
}

// sampler is what samples of the scenarios of a plan are made with, one after the
// other.
type sampler struct {
	t           otlp.Traces
	e           otlp.Encoder
	spans, logs otlp.Block
}

// sample is the mean size of some iterations of one scenario.
func (z *sampler) sample(p *Plan, s *plan.Scenario) uint64 {
	alone := *p.plan
	alone.Scenarios, alone.Shifts = []*plan.Scenario{s}, nil
	g, err := gen.New(&alone, gen.Config{Count: mostSample, SegmentIterations: largestDefault})
	if err != nil {
		return 0 // its times do not fit, which the run is refused for
	}
	derive := signals.NewDeriver(p.rules, signals.Options{Logs: true, Interval: 1})
	derive.BeginSegment(0, 0)
	t, e, spans, logs := &z.t, &z.e, &z.spans, &z.logs
	t.Reset()
	sum, made := uint64(0), uint64(0)
	for made < meanSample || made < mostSample && sum < enoughMean && sum > made*largeBytes {
		err := g.Iteration(made, t, func() error {
			derive.Request(s, t, 0, g.Guests())
			spans.Reset()
			logs.Reset()
			if err := e.AppendRecord(spans, t); err != nil {
				return err
			}
			err := e.AppendLogs(logs, derive.Logs())
			sum += uint64(len(spans.Data) + len(logs.Data))
			t.Reset()
			derive.ResetLogs()
			return err
		})
		if err != nil {
			return 0 // told when it is generated
		}
		made++
	}
	return sum / made
}

// tickBytes is how long a record of metrics can be after n iterations: each
// time that they double it grows by what it grew by last, or by more when it
// grew by more before. Series that every iteration has for itself make it twice
// as much each time.
func (p *Plan) tickBytes(format otlp.Format, n uint64) uint64 {
	k := 0
	if format == otlp.FormatJSON {
		k = 1
	}
	p.extents.ticks[k].Do(func() { p.extents.some[k] = p.sampleTicks(format) })
	x := p.extents.some[k]
	before, grew := max(1, x.half-min(x.quarter, x.half)), x.all-min(x.half, x.all)
	out, last := x.all, grew
	for made := x.iterations; made < n && out < maxTailBytes; made *= 2 {
		last = max(last, min(last*grew/before, 2*last))
		out += last
	}
	return out + uint64(p.rules.Pulses())*pulseBytes[k]
}

// pulseBytes is what a series takes in a record, with its share of the metric and of the
// resource, by format: of those that instances of services have at every tick, whose
// number is known.
var pulseBytes = [2]uint64{256, 640}

// sampleSpans bounds the spans that are made to see how long records of
// metrics are.
const sampleSpans = 200_000

func (p *Plan) sampleTicks(format otlp.Format) tickSize {
	most := 1
	for _, s := range p.plan.Scenarios {
		most = max(most, s.MaxSpans*s.Traces())
	}
	n := uint64(min(max(4, sampleSpans/most), 128))
	return tickSize{n, p.tickAfter(format, n/4), p.tickAfter(format, n/2), p.tickAfter(format, n)}
}

// tickAfter is the length of a record of metrics with all series of n
// iterations.
func (p *Plan) tickAfter(format otlp.Format, n uint64) uint64 {
	g, err := gen.New(p.plan, gen.Config{Count: n, SegmentIterations: n, EachOnce: p.eachOnce})
	if err != nil {
		return 0
	}
	derive := signals.NewDeriver(p.rules, signals.Options{Metrics: true, Interval: 1 << 62, Temporality: otlp.TemporalityCumulative, Still: true})
	derive.BeginSegment(0, 0)
	t := otlp.Traces{Strings: p.plan.Strings}
	for i := range n {
		s := g.Scenario(i)
		_ = g.Iteration(i, &t, func() error { // the callback has no error
			derive.Request(s, &t, 0, g.Guests())
			t.Reset()
			return nil
		})
	}
	var b otlp.Block
	e := otlp.Encoder{Format: format}
	if err := derive.EndSegment(func(m *otlp.Metrics) error { return e.AppendMetrics(&b, m) }); err != nil {
		return 0
	}
	return uint64(len(b.Data))
}

// checkSize refuses a run whose segments would not fit into memory. The run's
// times have been checked.
func (r Run) checkSize(p *Plan, curve *arrivals.Curve) error {
	if p.extents == nil {
		return nil
	}
	n := min(r.Count, r.SegmentIterations)
	size := p.meanBytes()
	if r.Format == otlp.FormatJSON {
		size *= 2
	}
	if size > 0 && n > maxSegmentBytes/size && n > 1 {
		return fmt.Errorf("segment iterations %d: the spans and logs of a segment would take more than %d MiB, which is too much for memory; take at most %d",
			r.SegmentIterations, maxSegmentBytes>>20, max(1, maxSegmentBytes/size))
	}
	if !r.Has(otlp.SignalMetrics) || !p.Emits(otlp.SignalMetrics) || n == 0 {
		return nil
	}
	return r.checkTicks(p, curve, n)
}

// checkTicks refuses an interval between points that makes too many of the
// longest time that a segment of n iterations lasts in this world: its iterations,
// and the last of its sessions.
func (r Run) checkTicks(p *Plan, curve *arrivals.Curve, n uint64) error {
	session := uint64(0)
	for _, s := range p.plan.Scenarios {
		if s.EmitMetrics {
			session = max(session, s.Likely)
		}
	}
	starts := r.startsLast(curve, n)
	lasts := starts + session
	ticks := lasts/uint64(r.MetricInterval) + 1
	some, all := uint64(maxTicks), uint64(maxTicks)
	if ticks > fewTicks {
		size := max(1, p.tickBytes(r.Format, n))
		some, all = max(fewTicks, min(some, maxMetricBytes/size)), max(fewTicks, min(all, maxTailBytes/size))
	}
	if ticks <= all && starts/uint64(r.MetricInterval)+1 <= some {
		return nil
	}
	advice := "take a longer metric interval"
	if n > 1 && starts > session {
		advice += " or shorter segments"
	}
	pace := fmt.Sprintf("one every %v", r.Interval)
	if curve != nil {
		pace = fmt.Sprintf("which arrive in up to %v", rounded(starts))
	}
	return fmt.Errorf("metric interval %v: over %d points of each series in a segment of %d iterations, %s, with sessions of up to %v; %s (%v is enough)",
		r.MetricInterval, some, n, pace, rounded(session), advice, max(enough(starts, some), enough(lasts, all)))
}

// fewTicks are so few points of a series that they are always taken.
const fewTicks = 64

// enough is a metric interval, in whole units of its size, with which a time
// has at most so many ticks.
func enough(lasts, ticks uint64) time.Duration {
	d := time.Duration(lasts/ticks + 1)
	for _, unit := range []time.Duration{time.Hour, time.Minute, time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			return (d + unit - 1) / unit * unit
		}
	}
	return d
}

func rounded(nanos uint64) time.Duration {
	d := time.Duration(nanos)
	if d > time.Second {
		return d.Round(time.Second)
	}
	return d
}
