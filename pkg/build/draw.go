package build

import (
	"time"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/plan"
)

// Draw is how iterations come by their scenarios, out of names in byte order
// with weights in millionths: all of it stands in a manifest, so that nothing
// else is needed to tell which scenario an iteration has run.
type Draw struct {
	Seed     uint64
	Names    []string
	Weights  []uint64
	EachOnce bool

	Shifts              []Shift // in order of time
	Interval, Deviation time.Duration
}

// Shift is a time in which the weights are others: From and To are nanoseconds
// since the start of the run, To is not part of it.
type Shift = plan.Shift

// Pick returns the index of the scenario that an iteration runs.
func (d *Draw) Pick(iteration uint64) int {
	p := gen.NewPicker(d.Seed, d.Names, d.Weights, d.EachOnce)
	if len(d.Shifts) > 0 {
		return p.PickBy(plan.WeightsAt(d.Shifts, gen.Offset(d.Seed, iteration, int64(d.Interval), int64(d.Deviation)), d.Weights), iteration)
	}
	return p.Pick(iteration)
}

// Users returns how many different end users sessions can belong to.
func (p *Plan) Users() uint64 {
	most := uint64(0)
	for _, s := range p.plan.Scenarios {
		most = max(most, s.UserPool)
	}
	return most
}

// Instances returns the number of instances of each service.
func (p *Plan) Instances() uint64 { return uint64(p.plan.Instances) }

// Shifts are the times in which the plan's weights are others.
func (p *Plan) Shifts() []Shift { return p.plan.Shifts }
