package build

import (
	"time"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Draw is how iterations come by their scenarios, out of names in byte order
// with weights in millionths: all of it stands in a manifest, so that nothing
// else is needed to tell which scenario an iteration has run.
type Draw struct {
	Seed     uint64
	Names    []string
	Weights  []uint64 // by name, in millionths
	EachOnce bool     // names take turns

	Shifts              []Shift // in order of time
	Interval, Deviation time.Duration
	Curve               *arrivals.Curve // of arrivals other than one every interval; nil: none
}

// Shift is a time in which the weights are others: From and To are nanoseconds
// since the start of the run, To is not part of it.
type Shift = plan.Shift

// Pick returns the index of the scenario that an iteration runs.
func (d *Draw) Pick(iteration uint64) int { return d.Picker()(iteration) }

// Picker returns Pick, for those who ask for many iterations. Goroutines may share it;
// d must stay as it is.
func (d *Draw) Picker() func(iteration uint64) int {
	p := gen.NewPicker(d.Seed, d.Names, d.Weights, d.EachOnce)
	if len(d.Shifts) == 0 {
		return p.Pick
	}
	starts := gen.NewStarts(d.Seed, d.Curve, int64(d.Interval), int64(d.Deviation))
	return func(iteration uint64) int {
		return p.PickBy(plan.WeightsAt(d.Shifts, starts.Offset(iteration), d.Weights), iteration)
	}
}

// Seeded is what a seed and the times of a run say of its iterations, whatever
// the plan is: when each starts, and the ids of its traces. It is safe for
// concurrent use.
type Seeded struct {
	start  int64
	starts *gen.Starts
	traces gen.TraceIDs
}

// NewSeeded returns what the seed says of a run that starts at start, in
// nanoseconds since 1970. The curve is nil for iterations that start one every
// interval.
func NewSeeded(seed uint64, start int64, interval, deviation time.Duration, curve *arrivals.Curve) *Seeded {
	return &Seeded{start, gen.NewStarts(seed, curve, int64(interval), int64(deviation)), gen.NewTraceIDs(seed)}
}

// StartOf returns when an iteration starts, in nanoseconds since 1970.
func (s *Seeded) StartOf(iteration uint64) uint64 {
	return uint64(s.start + s.starts.Offset(iteration))
}

// TraceID returns the id of the trace of an origin.
func (s *Seeded) TraceID(o ids.Origin) otlp.TraceID { return s.traces.TraceID(o) }

// Users returns how many different end users sessions can belong to.
func (p *Plan) Users() uint64 {
	most := uint64(0)
	for _, s := range p.plan.Scenarios {
		most = max(most, s.UserPool)
	}
	return most
}

// Instances returns how many different instances of each service there can be:
// those at a time, each as many processes one after the other.
func (p *Plan) Instances() uint64 { return uint64(p.plan.Instances) * plan.Turns }

// Shifts are the times in which the plan's weights are others.
func (p *Plan) Shifts() []Shift { return p.plan.Shifts }
