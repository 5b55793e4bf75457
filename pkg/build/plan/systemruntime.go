package plan

import (
	"math"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// Tells is what the instances of a service tell of themselves, beside what follows
// from single spans.
type Tells struct {
	Runtime *scenario.Runtime // nil: nothing of how they are
	Metrics []scenario.OwnMetric
	Pos     input.Pos // of the service
}

func tells(m *scenario.Member) Tells { return Tells{m.Runtime, m.Metrics, m.Pos} }

// of says it in the words of the conventions.
func (t *Tells) of(s *semconv.System) {
	if r := t.Runtime; r != nil {
		s.Runtime = &semconv.SystemRuntime{Kind: r.Kind, Cores: r.Cores, Memory: r.Memory, Connections: r.Connections}
	}
	s.Metrics = nil
	for i := range t.Metrics {
		m := &t.Metrics[i]
		x := semconv.OwnMetric{
			Name: m.Name, Instrument: m.Instrument, Unit: m.Unit,
			Base: m.Base, PerRequest: m.PerRequest, PerWaiting: m.PerWaiting, PerLoad: m.PerLoad, Noise: m.Noise,
		}
		for _, a := range m.Attributes {
			x.Attributes = append(x.Attributes, semconv.OwnAttribute{Name: a.Key, Value: a.Value.Str})
		}
		s.Metrics = append(s.Metrics, x)
	}
}

// tells writes what a service tells where it tells anything.
func (c *canon) tells(t *Tells) {
	if r := t.Runtime; r != nil {
		c.str("runtime")
		c.str(r.Kind)
		for _, v := range []int64{r.Cores, r.Memory, r.Connections} {
			c.num(uint64(v))
		}
	}
	if len(t.Metrics) == 0 {
		return
	}
	c.str("metrics")
	c.num(uint64(len(t.Metrics)))
	for i := range t.Metrics {
		m := &t.Metrics[i]
		for _, s := range []string{m.Name, m.Instrument, m.Unit, m.Description} {
			c.str(s)
		}
		for _, v := range []float64{m.Base, m.PerRequest, m.PerWaiting, m.PerLoad, m.Noise} {
			c.num(math.Float64bits(v))
		}
		c.num(uint64(len(m.Attributes)))
		for _, a := range m.Attributes {
			c.str(a.Key)
			c.str(a.Value.Str)
		}
	}
}
