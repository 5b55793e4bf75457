package match

import (
	"context"
	"encoding/binary"
	"hash/maphash"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/pipeline"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// DiffOptions says what to compare.
type DiffOptions struct {
	A, B    []Output      // the two sides, each of one or several outputs
	Signals []otlp.Signal // nil: all
	Workers int           // 0: one
	TempDir string        // "": that of the system
}

// diffPartitions is how many parts both sides fall into: so many that one of some
// hundred million items still fits into memory.
const diffPartitions = 1024

// Diff finds for every item of A the same one of B, and hands that to a judge: what
// is of A as sent, what is of B as received. Nothing is known of laps and of moved
// times: what is not at the same time, or has another id, is not the same. Units are
// traces, and data points of one metric and time; their segments are parts without
// meaning, in which they come in the order of A. Sent.Record is the message of A,
// Sent.Iteration says nothing. See Check for memory and errors.
func Diff(ctx context.Context, o DiffOptions, judge Judge) (*Summary, error) {
	d := &differ{DiffOptions: o, judge: judge, signals: signalSet(o.Signals)}
	return d.run(ctx)
}

type differ struct {
	DiffOptions
	judge   Judge
	signals [otlp.NumSignals]bool
	a, b    received
	spills  spills
	summary Summary
}

func (d *differ) run(ctx context.Context) (s *Summary, err error) {
	defer func() {
		if e := d.spills.close(); err == nil && e != nil {
			s, err = nil, e
		}
	}()
	hash := maphash.MakeSeed()
	newWorker := func() *splitter {
		w := newSplitter(nil, d.signals, hash)
		w.keep = (*splitter).scatter
		return w
	}
	for _, side := range [...]struct {
		of      *received
		outputs []Output
	}{{&d.a, d.A}, {&d.b, d.B}} {
		if side.of.spill, err = d.spills.add(d.TempDir, diffPartitions, spillBudget); err != nil {
			return nil, err
		}
		side.of.strangers = diffPartitions
		if err := side.of.receive(ctx, side.outputs, min(d.Workers, mostSplitters), newWorker); err != nil {
			return nil, err
		}
	}
	d.summary.Sent, d.summary.Received = d.a.items, d.b.items
	if err := d.join(ctx); err != nil {
		return nil, err
	}
	return &d.summary, nil
}

// scatter finds the part of an item: by its trace, or by its metric and time. What is
// of no trace goes by its time.
func (s *splitter) scatter(raw *form.Raw) (partition uint64, err error) {
	var h uint64
	switch {
	case s.envelope.signal == otlp.SignalMetrics:
		if raw.MetricID != s.named {
			s.named, s.name = raw.MetricID, textHash(form.MetricName(raw.Metric))
		}
		h = mingle(s.name, raw.Time)
	case raw.TraceID == (otlp.TraceID{}):
		h = raw.Time
	default:
		h = mingle(binary.BigEndian.Uint64(raw.TraceID[:8]), binary.BigEndian.Uint64(raw.TraceID[8:]))
	}
	return spread(h) % diffPartitions, nil
}

func (d *differ) join(ctx context.Context) error {
	return pipeline.Ordered(ctx, d.Workers, diffPartitions, func() (func(uint64) (SegmentJudge, error), error) {
		j := newJoiner(0)
		j.whole = true
		j.laps.list = []uint32{0}
		j.laps.set(0)
		return func(partition uint64) (SegmentJudge, error) {
			if d.a.spill.Bytes(partition)+d.b.spill.Bytes(partition) == 0 {
				return nil, nil
			}
			return d.partition(ctx, j, partition)
		}, nil
	}, func(partition uint64, s SegmentJudge) error {
		if s == nil {
			return nil
		}
		return d.judge.End(partition, s)
	})
}

// partition joins one part of both sides.
func (d *differ) partition(ctx context.Context, j *joiner, partition uint64) (SegmentJudge, error) {
	if err := j.sent.loadAll(d.a.spill, partition); err != nil {
		return nil, err
	}
	if err := j.got.loadAll(d.b.spill, partition); err != nil {
		return nil, err
	}
	j.sent.sortPoints()
	j.index()
	j.resolve()
	j.sequence()
	j.unit.Segment = partition
	s := d.judge.Begin(partition)
	return s, j.eachLap(ctx, s)
}
