package match

import (
	"context"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// eachLap hands the units of all laps to the judge.
func (j *joiner) eachLap(ctx context.Context, to SegmentJudge) error {
	seq := j.seq
	lost := 0 // of no lap: they come first
	for lost < len(seq) && j.got.items[seq[lost]].lap == 0 {
		lost++
	}
	none, seq := seq[:lost], seq[lost:]
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
	n := 0
	for n < len(seq) && j.got.items[seq[n]].lap == lap+1 {
		n++
	}
	here := seq[:n]
	if j.entries != nil {
		j.entries.begin(lap)
	}
	j.shifts = slices.Grow(j.shifts[:0], len(j.groups))[:len(j.groups)]
	clear(j.shifts)
	for s := range otlp.Signal(otlp.NumSignals) {
		k := 0
		for k < len(here) && j.got.items[here[k]].signal == s {
			k++
		}
		of := here[:k]
		here = here[k:]
		var left []uint32
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
	return seq[n:], nil
}

// madeUp hands what was never sent to a judge, what is of one trace in one unit.
func (j *joiner) madeUp(to SegmentJudge, seq []uint32) error {
	for len(seq) > 0 {
		first := &j.got.items[seq[0]]
		n := 1
		for n < len(seq) {
			x := &j.got.items[seq[n]]
			if x.signal != first.signal || x.trace != first.trace {
				break
			}
			n++
		}
		j.begin(nil, seq[:n])
		j.unit.Signal, j.unit.Lap, j.unit.TraceID, j.unit.Wire = first.signal, 0, first.trace, first.wire
		if first.lap > 0 {
			j.unit.Lap = uint64(first.lap - 1)
		}
		if err := j.finish(to); err != nil {
			return err
		}
		seq = seq[n:]
	}
	return nil
}
