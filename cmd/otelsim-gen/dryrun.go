package main

import (
	"context"
	"fmt"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// A dry run generates at most this many iterations to estimate the others.
const sampleIterations = 512

// sample is what the first iterations of a run came to.
type sample struct {
	iterations uint64
	of         [otlp.NumSignals]amounts
	elapsed    time.Duration
	last       uint64 // when the last of it ends, nanoseconds since 1970
}

// amounts are what there is of a signal.
type amounts struct{ items, records, bytes, compressed uint64 }

// dry checks the input, estimates what the run would write, and writes nothing.
func (a *app) dry(_ context.Context, plan *otelsim.Plan) error {
	s, err := a.takeSample(plan)
	if err != nil {
		return err
	}
	segments, iterations := a.share(plan)
	exact := plan.Count() <= sampleIterations
	more := float64(iterations) / float64(s.iterations)
	estimate := func(n uint64) uint64 {
		if exact {
			return n
		}
		return uint64(float64(n) * more)
	}
	var all amounts
	for sig := range s.of {
		x, grown := &s.of[sig], more
		if sig == int(otlp.SignalMetrics) {
			grown = a.moreTime(plan, &s, more)
		}
		if !exact {
			x.grow(grown)
		}
		all.add(x)
	}
	about, how := "", "counted"
	if !exact {
		about, how = "about ", "estimated from "+text.Counted(s.iterations, "iteration")
	}
	busy := max(1, min(uint64(a.workers), uint64(runtime.GOMAXPROCS(0)), segments))
	elapsed := time.Duration(estimate(uint64(s.elapsed)) / busy)
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "scenarios\t%d\n", len(plan.Scenarios()))
	fmt.Fprintf(w, "iterations\t%s\n", text.Grouped(iterations))
	fmt.Fprintf(w, "segments\t%s\n", text.Grouped(segments))
	fmt.Fprintf(w, "each of\t%s\n", text.Counted(plan.Header().Options.SegmentIterations, "iteration"))
	a.tellArrivals(w, plan)
	fmt.Fprintf(w, "records\t%s%s\n", about, text.Grouped(all.records))
	for _, sig := range a.signals {
		fmt.Fprintf(w, "%ss\t%s%s\n", itemsOf[sig.String()], about, text.Grouped(s.of[sig].items))
	}
	fmt.Fprintf(w, "content\t%s%s, %s\n", about, text.Size(all.bytes), a.format.String())
	fmt.Fprintf(w, "files\tabout %s, %s\n", text.Size(all.compressed), a.compression.String())
	fmt.Fprintf(w, "time\tabout %v, %s, on this machine\n", text.Rough(elapsed), text.Counted(a.workers, "worker"))
	if err := w.Flush(); err != nil {
		return err
	}
	a.notef("%s; nothing was written", how)
	return nil
}

// share returns what of a run is to be written: all of it, or the segments of
// a shard and the iterations in them.
func (a *app) share(plan *otelsim.Plan) (segments, iterations uint64) {
	segments, iterations = plan.Segments(), plan.Count()
	if a.shard.of == 0 || segments == 0 {
		return segments, iterations
	}
	last := segments - 1
	mine := (segments + a.shard.of - 1 - a.shard.index) / a.shard.of
	each := plan.Header().Options.SegmentIterations
	iterations = mine * each
	if mine > 0 && last%a.shard.of == a.shard.index { // which may not be full
		iterations -= segments*each - plan.Count()
	}
	return mine, iterations
}

// takeSample generates and compresses the first iterations in memory, as one
// segment where they are not all there are: compression does better on long
// segments than on short ones. Of a small run it makes each segment as it will
// be, or those of the shard.
func (a *app) takeSample(plan *otelsim.Plan) (sample, error) {
	s := sample{iterations: min(plan.Count(), sampleIterations)}
	of, index := uint64(1), uint64(0)
	if plan.Count() <= sampleIterations && a.shard.of > 0 {
		_, s.iterations = a.share(plan)
		of, index = a.shard.of, a.shard.index
	}
	plan = plan.WithCount(min(plan.Count(), sampleIterations))
	fill, err := plan.NewFill()
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
	for i := index; i < plan.Segments(); i += of {
		seg.Reset()
		if err := fill(i, &seg); err != nil {
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
			s.of[k].add(&amounts{b.Items, b.Records, uint64(len(b.Data)), uint64(len(compressed))})
			s.last = max(s.last, b.Last)
		}
	}
	s.elapsed = a.now().Sub(start)
	return s, nil
}
