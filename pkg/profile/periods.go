package profile

import (
	"context"

	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// Period is a stretch of time, in ns since the epoch: From is part of it, To is not.
type Period struct{ From, To uint64 }

// ReadPeriods returns the profiles of the traces that start in each of some periods, which
// do not overlap, and last of all that of the other traces. What belongs to no trace is in
// none of them. Its errors are those of Input.Each.
func ReadPeriods(ctx context.Context, in *intake.Input, o Options, workers int, periods []Period) ([]*Profile, error) {
	readers := make([]*parter, min(max(workers, 1), maxReaders))
	visitors := make([]intake.Visitor, len(readers))
	for i := range readers {
		readers[i] = &parter{periods: periods}
		for range len(periods) + 1 {
			readers[i].parts = append(readers[i].parts, NewBuilder(o))
		}
		visitors[i] = readers[i]
	}
	if err := in.Each(ctx, visitors...); err != nil {
		return nil, err
	}
	out := make([]*Profile, len(periods)+1)
	for i := range out {
		var parts []*Builder
		for _, r := range readers {
			parts = append(parts, r.parts[i])
			r.parts[i] = nil
		}
		out[i] = finish(parts)
	}
	return out, nil
}

// parter hands traces to the builder of the period that they start in.
type parter struct {
	periods []Period
	parts   []*Builder
}

// Trace implements intake.Visitor.
func (x *parter) Trace(t *intake.Trace) {
	if len(t.Spans) == 0 {
		return
	}
	start := t.Spans[0].Start
	for i := range t.Spans {
		start = min(start, t.Spans[i].Start)
	}
	at := len(x.periods)
	for i, p := range x.periods {
		if start >= p.From && start < p.To {
			at = i
		}
	}
	x.parts[at].Trace(t)
}

// Log implements intake.Visitor.
func (x *parter) Log(*intake.Log) {}

// Point implements intake.Visitor.
func (x *parter) Point(*intake.Point) {}
