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
		x.Attributes = pointAttributes(m.Attributes)
		for k := range m.From {
			from := &m.From[k]
			x.From = append(x.From, semconv.MetricSource{Span: from.Span, Kind: from.Kind, Value: from.Value, Attributes: pointAttributes(from.Attributes)})
		}
		x.Dimensions, x.Buckets = m.Dimensions, m.Buckets
		for _, kept := range m.Resource {
			x.Resource = append(x.Resource, kept.Key)
		}
		s.Metrics = append(s.Metrics, x)
	}
}

func pointAttributes(list []scenario.Attribute) (out []semconv.OwnAttribute) {
	for i := range list {
		out = append(out, semconv.OwnAttribute{Name: list[i].Key, Value: list[i].Value.Str})
	}
	return out
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
		c.pointAttributes(m.Attributes)
		if len(m.From) == 0 {
			continue
		}
		c.num(uint64(len(m.From)))
		for k := range m.From {
			from := &m.From[k]
			c.str(from.Span)
			c.num(uint64(from.Kind))
			c.str(from.Value)
			c.pointAttributes(from.Attributes)
		}
		c.num(uint64(len(m.Dimensions)))
		for _, key := range m.Dimensions {
			c.str(key)
		}
		if len(m.Resource) > 0 { // without it forms are what they were before there was the key
			c.str("resource")
			c.num(uint64(len(m.Resource)))
			for _, kept := range m.Resource {
				c.str(kept.Key)
			}
		}
		c.flag(m.Buckets != nil)
		c.num(uint64(len(m.Buckets)))
		for _, v := range m.Buckets {
			c.num(math.Float64bits(v))
		}
	}
}

func (c *canon) pointAttributes(list []scenario.Attribute) {
	c.num(uint64(len(list)))
	for i := range list {
		c.str(list[i].Key)
		c.str(list[i].Value.Str)
	}
}
