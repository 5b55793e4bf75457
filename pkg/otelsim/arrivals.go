package otelsim

import (
	"fmt"
	"time"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

// Arrivals is how sessions arrive when it is not one every interval: the config
// says it.
type Arrivals = arrivals.Model

// Arrivals returns how sessions arrive, nil when it is one every interval.
func (p *Plan) Arrivals() *Arrivals { return p.plan.Arrivals() }

// Turnaround returns the shortest simulated time between the starts of a segment
// and of the one that comes so many after it.
func (p *Plan) Turnaround(segments uint64) time.Duration { return p.plan.Turnaround(p.run, segments) }

// CurveOf returns the rate of a corpus over its simulated time, nil when sessions
// arrive one every interval. The header is one that was written or read.
func CurveOf(h *corpus.Header) *arrivals.Curve {
	c, _ := h.Curve(build.PlaceBursts(h.Seed)) // was checked with the rest of the header
	return c
}

// checkArrivals returns why options cannot be combined with the arrivals of the
// config: what is said of the interval would have no effect.
func (o *Options) checkArrivals(m *arrivals.Model) error {
	switch {
	case m == nil:
	case m.Rated() && o.Interval != 0:
		return fmt.Errorf("interval %v: cannot be combined with the arrivals of the config, which say how many there are (%v); leave it out, or take arrivals: poisson, which go by it",
			max(o.Interval, 0), m)
	case o.Interval < 0:
		return fmt.Errorf("interval 0s: cannot be combined with the arrivals of the config (%v): it is their mean distance", m)
	case o.Deviation > 0:
		return fmt.Errorf("interval deviation %v: cannot be combined with the arrivals of the config (%v): it is about sessions that start one every interval", o.Deviation, m)
	}
	return nil
}

// arrive makes the interval of a run go with the arrivals of the config.
func (o *Options) arrive(r *build.Run, m *arrivals.Model) {
	if m == nil {
		return
	}
	r.Deviation = 0 // that of a scenario is about constant arrivals
	if m.Rated() {
		r.Interval = 0
	}
}
