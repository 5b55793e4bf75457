package build

import (
	"fmt"
	"time"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Run is what a corpus adds to its plan. All of it is content.
type Run struct {
	Seed              uint64
	Count             uint64 // iterations
	SegmentIterations uint64
	Start             time.Time
	Interval          time.Duration
	Deviation         time.Duration
	Format            otlp.Format
	BatchItems        int // merge whole requests into records of at least so many items; 0: one each
}

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
	traces  otlp.Traces
	encoder otlp.Encoder
	ids     []otlp.TraceID // of the latest iteration
}

// IterationInfo describes an iteration.
type IterationInfo struct {
	Iteration uint64
	Scenario  string
	Start     time.Time
	Turns     int
	Traces    []otlp.TraceID // in the order in which they start; valid until the next call
}

// NewGenerator returns a generator of the run, or an error when the run's
// times or counts are beyond what ids and timestamps can carry.
func NewGenerator(p *Plan, r Run) (*Generator, error) {
	if r.SegmentIterations == 0 {
		return nil, fmt.Errorf("segment iterations: must be at least 1")
	}
	if r.Start.Year() < 1970 || r.Start.Year() > 2261 {
		return nil, fmt.Errorf("start %s: must be within the years 1970 to 2261", r.Start.Format(time.RFC3339))
	}
	g, err := gen.New(p.plan, gen.Config{
		Seed: r.Seed, Count: r.Count, SegmentIterations: r.SegmentIterations,
		Start: r.Start.UnixNano(), Interval: int64(r.Interval), Deviation: int64(r.Deviation),
		EachOnce: p.eachOnce,
	})
	if err != nil {
		return nil, err
	}
	return &Generator{
		gen: g, run: r,
		traces:  otlp.Traces{Strings: p.plan.Strings},
		encoder: otlp.Encoder{Format: r.Format},
	}, nil
}

// AppendSegment appends the records of one segment to seg.
func (g *Generator) AppendSegment(seg *otlp.Segment, index uint64) error {
	first := index * g.run.SegmentIterations
	last := min(first+g.run.SegmentIterations, g.run.Count)
	block := &seg.Blocks[otlp.SignalTraces]
	t := &g.traces
	t.Reset()
	write := func() error {
		err := g.encoder.AppendRecord(block, t)
		t.Reset()
		return err
	}
	done := func() error {
		if len(t.Spans) < g.run.BatchItems && len(t.Text) < maxText {
			return nil
		}
		return write()
	}
	for i := first; i < last; i++ {
		if err := g.gen.Iteration(i, t, done); err != nil {
			return fmt.Errorf("iteration %d: %w", i, err)
		}
	}
	if len(t.Spans) > 0 {
		return write()
	}
	return nil
}

// Iteration generates iteration i, which need not be below the run's count,
// and calls record with each request of it, in order. The model is valid until
// record returns.
func (g *Generator) Iteration(i uint64, record func(*otlp.Traces)) IterationInfo {
	s := g.gen.Scenario(i)
	out := IterationInfo{
		Iteration: i, Scenario: s.Name,
		Start: time.Unix(0, g.gen.StartOf(i)).UTC(),
		Turns: s.Requests(),
	}
	t := &g.traces
	t.Reset()
	g.ids = g.ids[:0]
	// The error is that of the callback, which has none.
	_ = g.gen.Iteration(i, t, func() error {
		for k := range t.Spans {
			if t.Spans[k].ParentID == (otlp.SpanID{}) {
				g.ids = append(g.ids, t.Spans[k].TraceID)
			}
		}
		record(t)
		t.Reset()
		return nil
	})
	out.Traces = g.ids
	return out
}

// Find returns where a trace id comes from, and whether this run makes it.
func (g *Generator) Find(id otlp.TraceID) (ids.Origin, bool) { return g.gen.Find(id) }

// Pick returns the index of the scenario that an iteration runs, out of names
// in byte order with weights in millionths: what a manifest holds is enough to
// tell.
func Pick(seed, iteration uint64, names []string, weights []uint64, eachOnce bool) int {
	p := gen.NewPicker(seed, names, weights, eachOnce)
	return p.Pick(iteration)
}
