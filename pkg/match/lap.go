package match

import (
	"context"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// eachLap hands the units of all laps to the judge.
func (j *joiner) eachLap(ctx context.Context, to SegmentJudge) error {
	none, seq := j.leading(j.seq, func(x *item) bool { return x.lap == 0 }) // they come first
	for _, lap := range j.laps.list {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if seq, err = j.lap(to, lap, seq); err != nil {
			return err
		}
	}
	return j.madeUp(to, none)
}

// lap hands the units of one lap to a judge.
func (j *joiner) lap(to SegmentJudge, lap uint32, seq []uint32) (rest []uint32, err error) {
	here, rest := j.leading(seq, func(x *item) bool { return x.lap == lap+1 })
	if len(here) > 0 {
		j.result.laps = max(j.result.laps, lap+1)
	}
	if j.entries != nil {
		j.entries.begin(lap)
	}
	j.shifts = slices.Grow(j.shifts[:0], len(j.groups))[:len(j.groups)]
	clear(j.shifts)
	for s := range otlp.Signal(otlp.NumSignals) {
		var of, left []uint32
		of, here = j.leading(here, func(x *item) bool { return x.signal == s })
		if s == otlp.SignalMetrics {
			left, err = j.metrics(to, lap, of)
		} else {
			left, err = j.traces(to, s, lap, of)
		}
		if err == nil {
			err = j.madeUp(to, left)
		}
		if err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// leading splits a list of what arrived behind the last of those with which it begins
// that are of something.
func (j *joiner) leading(seq []uint32, of func(*item) bool) (these, rest []uint32) {
	n := 0
	for n < len(seq) && of(&j.got.items[seq[n]]) {
		n++
	}
	return seq[:n], seq[n:]
}

// madeUp hands what was never sent to a judge, what is of one trace in one unit.
func (j *joiner) madeUp(to SegmentJudge, seq []uint32) error {
	for len(seq) > 0 {
		first := &j.got.items[seq[0]]
		var these []uint32
		these, seq = j.leading(seq, func(x *item) bool { return x.signal == first.signal && x.trace == first.trace })
		j.begin(nil, these)
		j.unit.Signal, j.unit.Lap, j.unit.TraceID, j.unit.Wire = first.signal, 0, first.trace, first.wire
		if first.lap > 0 {
			j.unit.Lap = uint64(first.lap - 1)
		}
		if err := j.finish(to); err != nil {
			return err
		}
	}
	return nil
}
