package build

import (
	"fmt"
	"slices"
	"time"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/signals"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Run is what a corpus adds to its plan. All of it is content.
type Run struct {
	Seed              uint64
	Count             uint64        // iterations
	SegmentIterations uint64        // iterations of every segment but the last, over 0
	Start             time.Time     // of iteration 0, before its deviation; from FirstStart on
	Interval          time.Duration // between the starts of iterations; 0: all at once, or as the plan's Arrivals say
	Deviation         time.Duration // an iteration starts up to twice that later
	Format            otlp.Format
	BatchItems        int // merge whole requests into records of at least so many items; 0: one each

	Signals        []otlp.Signal    // what segments hold; none means all
	MetricInterval time.Duration    // between the points of a series; 0 means DefaultMetricInterval
	Temporality    otlp.Temporality // of metrics; unspecified means cumulative
}

// DefaultMetricInterval is the time between the points of a series when the
// caller says no other.
const DefaultMetricInterval = 10 * time.Second

// FirstStart is the earliest start of a run. From then on a time has as many
// digits in JSON as it has today, so that a replay can write its own over it;
// at the epoch itself it would be 0, which says that there is no time.
var FirstStart = time.Unix(1_000_000_000, 0).UTC()

// Has reports whether segments of the run hold a signal.
func (r Run) Has(s otlp.Signal) bool { return len(r.Signals) == 0 || slices.Contains(r.Signals, s) }

// maxText bounds the text of a merged record, far below what its ranges can
// address.
const maxText = 1 << 30

// Segments returns the number of segments of the run.
func (r Run) Segments() uint64 {
	n := r.Count / r.SegmentIterations
	if r.Count%r.SegmentIterations > 0 {
		n++
	}
	return n
}

// Generator writes segments and iterations of a run. It is not safe for
// concurrent use: make one for each worker.
type Generator struct {
	gen     *gen.Generator
	run     Run
	curve   *arrivals.Curve // of arrivals other than one every interval
	traces  otlp.Traces
	derive  *signals.Deriver
	logs    *signals.Deriver // of iterations, which are in no segment
	encoder otlp.Encoder
	ids     []otlp.TraceID // of the latest iteration
}

// IterationInfo describes an iteration.
type IterationInfo struct {
	Iteration uint64
	Scenario  string
	Start     time.Time      // UTC
	Turns     int            // requests, at least 1
	Traces    []otlp.TraceID // by request, in the order in which they start; valid until the next call
}

// NewGenerator returns a generator of the run, or an error when the run's
// times or counts are beyond what ids and timestamps can carry.
func NewGenerator(p *Plan, r Run) (*Generator, error) {
	if r.SegmentIterations == 0 {
		return nil, fmt.Errorf("segment iterations: must be at least 1")
	}
	if r.Start.Before(FirstStart) || r.Start.Year() > 2261 {
		return nil, fmt.Errorf("start %s: must be from %s to the year 2261", r.Start.Format(time.RFC3339), FirstStart.Format(time.RFC3339))
	}
	if r.MetricInterval == 0 {
		r.MetricInterval = DefaultMetricInterval
	}
	if r.Temporality == otlp.TemporalityUnspecified {
		r.Temporality = otlp.TemporalityCumulative
	}
	if r.MetricInterval < 0 {
		return nil, fmt.Errorf("metric interval %v: must be above 0", r.MetricInterval)
	}
	curve, err := r.curve(p)
	if err != nil {
		return nil, err
	}
	g, err := gen.New(p.plan, gen.Config{
		Seed: r.Seed, Count: r.Count, SegmentIterations: r.SegmentIterations,
		Start: r.Start.UnixNano(), Interval: int64(r.Interval), Deviation: int64(r.Deviation),
		Curve: curve, EachOnce: p.eachOnce,
	})
	if err != nil {
		return nil, err
	}
	if err := r.checkSize(p, curve); err != nil {
		return nil, err
	}
	o := signals.Options{
		Metrics: r.Has(otlp.SignalMetrics), Logs: r.Has(otlp.SignalLogs),
		Interval: uint64(r.MetricInterval), Temporality: r.Temporality,
		Streams: rng.New(r.Seed).For(rng.Runtime),
		Load:    func(at uint64) uint64 { return g.Load(int64(at)) },
	}
	return &Generator{
		gen: g, run: r, curve: curve,
		traces:  otlp.Traces{Strings: p.plan.Strings},
		derive:  signals.NewDeriver(p.rules, o),
		logs:    signals.NewDeriver(p.rules, signals.Options{Logs: o.Logs}),
		encoder: otlp.Encoder{Format: r.Format},
	}, nil
}

// sinks take the records of a segment, which they are lent.
type sinks struct {
	traces  func(*otlp.Traces) error
	metrics func(*otlp.Metrics) error
	logs    func(*otlp.Logs) error
	// partly is called when the records of a signal are made of one part in so many of a
	// segment, if it is set.
	partly func(sig otlp.Signal, parts uint64)
}

// AppendSegment appends the records of one segment to seg.
func (g *Generator) AppendSegment(seg *otlp.Segment, index uint64) error {
	return g.segment(index, sinks{
		traces: func(t *otlp.Traces) error {
			if !g.run.Has(otlp.SignalTraces) {
				return nil
			}
			return g.encoder.AppendRecord(&seg.Blocks[otlp.SignalTraces], t)
		},
		metrics: func(m *otlp.Metrics) error { return g.encoder.AppendMetrics(&seg.Blocks[otlp.SignalMetrics], m) },
		logs:    func(l *otlp.Logs) error { return g.encoder.AppendLogs(&seg.Blocks[otlp.SignalLogs], l) },
		partly:  func(sig otlp.Signal, parts uint64) { makeRoom(&seg.Blocks[sig], parts) },
	})
}

// roomAfter are the parts of a segment, one in so many, after which there is room made for
// all of it: soon, so that little is made anew, and once more when more is known.
var roomAfter = [...]uint64{64, 8}

// makeRoom makes room in a block which has one part in so many of a segment, for what all
// of it is likely to take. Blocks that grew only as they fill would leave several times
// their size as garbage, and be in memory twice when the last of them is written.
func makeRoom(b *otlp.Block, parts uint64) {
	// Some sessions may be a hundred times as large as most: more than any
	// segment should have is not believed.
	likely := int(min(parts*uint64(len(b.Data)), segmentBytes))
	if likely > cap(b.Data) {
		// A half more, so that the segments after this one find it large
		// enough too. Memory from make is not cleared before it is used, as that
		// from append is: what nothing is written to never comes to be.
		b.Data = append(make([]byte, 0, likely+likely/2), b.Data...)
	}
}

// segment makes the records of one segment: traces and logs of the same
// requests together, and the metrics last.
func (g *Generator) segment(index uint64, out sinks) error {
	first := index * g.run.SegmentIterations
	last := min(first+g.run.SegmentIterations, g.run.Count)
	g.derive.BeginSegment(g.segmentStart(first), index)
	t := &g.traces
	t.Reset()
	write := func() error {
		err := out.traces(t)
		if logs := g.derive.Logs(); err == nil && len(logs.Records) > 0 {
			err = out.logs(logs)
		}
		t.Reset()
		g.derive.ResetLogs()
		return err
	}
	requests := 0 // spans of t that are derived from
	for i := first; i < last; i++ {
		s := g.gen.Scenario(i)
		done := func() error {
			g.derive.Request(s, t, requests, g.gen.Guests())
			requests = len(t.Spans)
			if len(t.Spans) < g.run.BatchItems && len(t.Text) < maxText {
				return nil
			}
			requests = 0
			return write()
		}
		if err := g.gen.Iteration(i, t, done); err != nil {
			return fmt.Errorf("iteration %d: %w", i, err)
		}
		out.made(i+1-first, last-first, otlp.SignalTraces, otlp.SignalLogs)
	}
	if len(t.Spans) > 0 {
		if err := write(); err != nil {
			return err
		}
	}
	ticks, made := g.derive.Ticks(), uint64(0)
	return g.derive.EndSegment(func(m *otlp.Metrics) error {
		err := out.metrics(m)
		made++
		out.made(made, ticks, otlp.SignalMetrics)
		return err
	})
}

// made notes that so many of all records, or iterations, of some signals are made.
func (s *sinks) made(n, all uint64, sigs ...otlp.Signal) {
	for _, parts := range roomAfter {
		if s.partly != nil && n == all/parts {
			for _, sig := range sigs {
				s.partly(sig, parts)
			}
		}
	}
}

// IterationLogs generates iteration i, which need not be below the run's count,
// and calls record with each request of it, in order, and its logs, of which
// there are none when neither the run nor the scenario has any. Both are valid
// until record returns, and each is to be read with its own string table.
func (g *Generator) IterationLogs(i uint64, record func(*otlp.Traces, *otlp.Logs)) IterationInfo {
	s := g.gen.Scenario(i)
	out := IterationInfo{
		Iteration: i, Scenario: s.Name,
		Start: time.Unix(0, g.gen.StartOf(i)).UTC(),
	}
	t := &g.traces
	t.Reset()
	g.logs.ResetLogs()
	g.ids = g.ids[:0]
	// The error is that of the callback, which has none.
	_ = g.gen.Iteration(i, t, func() error {
		out.Turns++
		for k := range t.Spans {
			if t.Spans[k].ParentID == (otlp.SpanID{}) {
				g.ids = append(g.ids, t.Spans[k].TraceID)
			}
		}
		g.logs.Request(s, t, 0, g.gen.Guests())
		record(t, g.logs.Logs())
		t.Reset()
		g.logs.ResetLogs()
		return nil
	})
	out.Traces = g.ids
	return out
}

// Find returns where a trace id comes from, and whether this run makes it.
func (g *Generator) Find(id otlp.TraceID) (ids.Origin, bool) { return g.gen.Find(id) }
