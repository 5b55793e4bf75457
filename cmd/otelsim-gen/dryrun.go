package main

import (
	"context"
	"fmt"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// A dry run generates at most this many iterations to estimate the others.
const sampleIterations = 512

// sample is what the first iterations of a run came to.
type sample struct {
	iterations                 uint64
	items                      [otlp.NumSignals]uint64
	records, bytes, compressed uint64
	elapsed                    time.Duration
}

// dry checks the input, estimates what the run would write, and writes nothing.
func (a *app) dry(_ context.Context, plan *build.Plan, run build.Run) error {
	s, err := a.takeSample(plan, run)
	if err != nil {
		return err
	}
	exact := s.iterations == run.Count
	estimate := func(n uint64) uint64 {
		return uint64(float64(n) / float64(s.iterations) * float64(run.Count))
	}
	about := ""
	if !exact {
		about = "about "
	}
	busy := min(uint64(a.workers), uint64(runtime.GOMAXPROCS(0)), run.Segments())
	elapsed := time.Duration(estimate(uint64(s.elapsed)) / busy)
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "scenarios\t%d\n", len(plan.Scenarios()))
	fmt.Fprintf(w, "iterations\t%s\n", grouped(run.Count))
	fmt.Fprintf(w, "segments\t%s\n", grouped(run.Segments()))
	fmt.Fprintf(w, "records\t%s%s\n", about, grouped(estimate(s.records)))
	for _, sig := range a.signals {
		fmt.Fprintf(w, "%ss\t%s%s\n", itemsOf[sig.String()], about, grouped(estimate(s.items[sig])))
	}
	fmt.Fprintf(w, "content\t%s%s, %s\n", about, sized(estimate(s.bytes)), a.format.String())
	fmt.Fprintf(w, "files\tabout %s, %s\n", sized(estimate(s.compressed)), a.compression.String())
	fmt.Fprintf(w, "time\tabout %v, %s, on this machine\n", rounded(elapsed), plural(a.workers, "worker"))
	if err := w.Flush(); err != nil {
		return err
	}
	a.notef("estimated from %s; nothing was written", plural(int(s.iterations), "iteration"))
	return nil
}

// takeSample generates and compresses the first iterations in memory, as one
// segment: compression does better on long segments than on short ones.
func (a *app) takeSample(plan *build.Plan, run build.Run) (sample, error) {
	s := sample{iterations: min(run.Count, sampleIterations)}
	run.Count, run.SegmentIterations = s.iterations, min(run.SegmentIterations, s.iterations)
	g, err := build.NewGenerator(plan, run)
	if err != nil {
		return s, usageError{err}
	}
	encoder, err := corpus.NewCompressor(a.compression.value, a.level.value)
	if err != nil {
		return s, err
	}
	var seg otlp.Segment
	var compressed []byte
	start := a.now()
	for i := range run.Segments() {
		seg.Reset()
		if err := g.AppendSegment(&seg, i); err != nil {
			return s, fmt.Errorf("segment %d: %w", i, err)
		}
		for k := range seg.Blocks {
			b := &seg.Blocks[k]
			if b.Records == 0 {
				continue
			}
			if compressed, err = encoder.Append(compressed[:0], b.Data); err != nil {
				return s, fmt.Errorf("segment %d: %w", i, err)
			}
			s.records += b.Records
			s.items[k] += b.Items
			s.bytes += uint64(len(b.Data))
			s.compressed += uint64(len(compressed))
		}
	}
	s.elapsed = a.now().Sub(start)
	return s, nil
}

// header returns the identity of the corpus that plan and run make.
func (a *app) header(plan *build.Plan, run build.Run) corpus.Header {
	h := corpus.Header{
		Revision:   build.Revision,
		Seed:       run.Seed,
		PlanDigest: plan.Digest(),
		Prefix:     plan.Prefix(),
		Users:      plan.Users(),
		Instances:  plan.Instances(),
		Options: corpus.Options{
			Count:             run.Count,
			SegmentIterations: run.SegmentIterations,
			Start:             corpus.Nanos(run.Start.UnixNano()),
			Interval:          corpus.Duration(run.Interval),
			Deviation:         corpus.Duration(run.Deviation),
			EachOnce:          a.eachOnce,
			Signals:           a.signals.names(),
			Format:            run.Format.String(),
			TraceShape:        a.traceShape.value,
			Content:           a.content.value,
			BatchItems:        run.BatchItems,
		},
	}
	if run.Has(otlp.SignalMetrics) {
		h.Options.MetricInterval = corpus.Duration(run.MetricInterval)
		h.Options.Temporality = run.Temporality.String()
	}
	for _, s := range plan.Scenarios() {
		h.Scenarios = append(h.Scenarios, corpus.Scenario{
			Name: s.Name, Weight: fromMillionths(s.WeightMillionths), Digest: s.Digest,
			NoMetrics: !s.EmitMetrics, NoLogs: !s.EmitLogs,
		})
	}
	for _, s := range plan.Shifts() {
		shift := corpus.Shift{From: corpus.Duration(s.From), To: corpus.Duration(s.To)}
		for _, w := range s.Weights {
			shift.Weights = append(shift.Weights, fromMillionths(w))
		}
		h.Shifts = append(h.Shifts, shift)
	}
	return h
}
