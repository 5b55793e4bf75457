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
	readers, err := read(ctx, in, workers, func() *parter {
		x := &parter{periods: periods}
		for range len(periods) + 1 {
			x.parts = append(x.parts, NewBuilder(o))
		}
		return x
	})
	if err != nil {
		return nil, err
	}
	out := make([]*Profile, len(periods)+1)
	for i := range out {
		out[i] = finishPart(readers, func(r *parter) **Builder { return &r.parts[i] })
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
